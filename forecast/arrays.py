"""Arrays of numbers and of people: the only array words."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from forecast.errors import InputError

if TYPE_CHECKING:
    from arviz import InferenceData
    from xarray import Dataset, DataTree

MOST_PEOPLE = 10**12
"""Largest count that is kept: more than live on Earth several times over, and sums stay exact."""
TEXTS = 10_000
"""Rows whose text is made at a time."""
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Array = TypeVar("Array", bound=npt.NDArray[Any])
Key = TypeVar("Key")
Item = TypeVar("Item")


def frozen(values: npt.ArrayLike) -> IntArray:
    """Return a read-only int64 copy of `values`; raise `InputError` unless they are whole."""
    if np.ma.is_masked(values):
        raise InputError("counts: must not be masked - fill in what is missing")
    try:
        exact = np.asarray(values)
    except ValueError:
        raise InputError("counts: every row must have the same number of cells") from None
    if exact.dtype.kind in "iuf" and exact.size:
        most = max(float(exact.max()), -float(exact.min()))
        if most > MOST_PEOPLE:
            raise InputError(
                f"counts: must be at most {MOST_PEOPLE:,} people - found {most:.6g}; correct it"
            )
    whole = exact.dtype.kind in "iu"
    if not whole and exact.dtype.kind == "f":
        whole = bool(np.isfinite(exact).all() and (exact == np.floor(exact)).all())
    if not whole and exact.size:
        raise InputError(f"counts must be whole numbers of people - found {str(exact)[:60]}")
    array = np.array(exact, dtype=np.int64)
    array.setflags(write=False)
    return array


def summed_by(groups: npt.ArrayLike, counts: npt.ArrayLike, n: int) -> IntArray:
    """Return the sums of counts of each of `n` groups; a group of -1 is left out.

    Parameters
    ----------
    groups : array_like of int, shape (row,)
        Group of each row.
    counts : array_like of int or bool, shape (row, ...)
        What is summed.
    n : int
        Number of groups.

    Examples
    --------
    >>> summed_by([0, 1, 0, -1], [[1, 2], [3, 4], [5, 6], [7, 8]], 2).tolist()
    [[6, 8], [3, 4]]
    """
    groups, counts = np.asarray(groups), np.asarray(counts)
    sums = np.zeros((n, *counts.shape[1:]), dtype=np.int64)
    np.add.at(sums, groups[groups >= 0], counts[groups >= 0])
    return sums


def grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    """Return what belongs to each key, both in the order in which they come.

    Examples
    --------
    >>> grouped([("n", 3), ("s", 5), ("n", 2)])
    {'n': [3, 2], 's': [5]}
    """
    found: dict[Key, list[Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return found


def read_only(array: Array) -> Array:
    """Return an array that nobody can change any more."""
    array.setflags(write=False)
    return array


def check_level(level: float) -> None:
    """Raise `InputError` unless `level` is a probability strictly between 0 and 1."""
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"level must be between 0 and 1 - found {level!r}; 0.9 means 90%")


def check_below(below: float) -> None:
    """Raise `InputError` unless it is a fraction under which candidates are small."""
    number = isinstance(below, int | float) and not isinstance(below, bool)
    if not number or not 0 <= below < 1:
        raise InputError(f"below must be a fraction from 0 to 1 - found {below!r}")


def tails(level: float) -> tuple[float, float]:
    """Return the probabilities below the two ends of a central interval.

    Raises
    ------
    InputError
        If `level` is no probability strictly between 0 and 1.

    Examples
    --------
    >>> tails(0.5)
    (0.25, 0.75)
    """
    check_level(level)
    return 0.5 - level / 2, 0.5 + level / 2


def symmetric_root(covariance: FloatArray) -> FloatArray:
    """Return symmetric square roots of covariances, shape (..., k, k), singular ones included.

    Examples
    --------
    >>> symmetric_root(np.diag([4.0, 0.0])).tolist()
    [[2.0, 0.0], [0.0, 0.0]]
    """
    values, vectors = np.linalg.eigh(covariance)
    stretched = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return np.asarray(stretched @ np.swapaxes(vectors, -1, -2))


def inference_data(draws: Dataset, chains: int = 4) -> InferenceData | DataTree:
    """Return draws as a posterior of some chains, in the form that ArviZ reads.

    Parameters
    ----------
    draws : xarray.Dataset
        Variables with a dimension draw.
    chains : int
        How many chains follow one another in the draws. Independent draws can be cut anywhere, so
        that diagnostics by chain work on them; one chain if the draws are no multiple of it.

    Returns
    -------
    arviz.InferenceData or xarray.DataTree
        The first for ArviZ 0.x, the second for ArviZ 1; both with a group "posterior" whose
        variables have the dimensions chain and draw first.

    Examples
    --------
    >>> import xarray
    >>> votes = xarray.Dataset({"votes": (("draw", "finalist"), np.ones((20, 2)))})
    >>> inference_data(votes)["posterior"]["votes"].sizes["chain"]
    4
    """
    import xarray

    with warnings.catch_warnings():  # 0.x announces version 1
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    convert = getattr(arviz, "convert_to_datatree", None) or arviz.convert_to_inference_data
    size, left = divmod(draws.sizes["draw"], chains)
    chains, size = (1, draws.sizes["draw"]) if left or not size else (chains, size)
    parts = [draws.isel(draw=slice(k * size, (k + 1) * size)) for k in range(chains)]
    parts = [part.assign_coords(draw=np.arange(size)) for part in parts]
    return convert(xarray.concat(parts, "chain").assign_coords(chain=np.arange(chains)))


def texts_of(array: npt.NDArray[Any]) -> Iterator[str]:
    """Yield the text of ``array.tolist()`` in parts, since all of it may not fit twice.

    Examples
    --------
    >>> "".join(texts_of(np.arange(6).reshape(3, 2)))
    '[[0, 1], [2, 3], [4, 5]]'
    """
    yield "["
    for start in range(0, len(array), TEXTS):
        yield ", " * (start > 0) + repr(array[start : start + TEXTS].tolist())[1:-1]
    yield "]"
