"""Arrays of numbers and of people: the only array words."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.errors import InputError

__all__ = ["FloatArray", "IntArray", "frozen", "inference_data"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def frozen(values: npt.ArrayLike) -> IntArray:
    """Return a read-only int64 copy of `values`; raise `InputError` unless they are whole."""
    if np.ma.is_masked(values):
        raise InputError("counts: must not be masked - fill in what is missing")
    try:
        exact = np.asarray(values)
    except ValueError:
        raise InputError("counts: every row must have the same number of cells") from None
    whole = exact.dtype.kind in "iu"
    if not whole and exact.dtype.kind == "f":
        whole = bool(np.isfinite(exact).all() and (exact == np.floor(exact)).all())
    if not whole and exact.size:
        raise InputError(f"counts must be whole numbers of people - found {str(exact)[:60]}")
    array = np.array(exact, dtype=np.int64)
    array.setflags(write=False)
    return array


def inference_data(draws: Any) -> Any:
    """Return draws as ArviZ data of one chain, their group "posterior".

    Parameters
    ----------
    draws : xarray.Dataset
        Variables with the dimension draw first.

    Returns
    -------
    arviz.InferenceData or xarray.DataTree
        The first on ArviZ 0.x, the second on ArviZ 1.x.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # ArviZ 0.x announces version 1
        import arviz
    posterior = draws.expand_dims(chain=[0])
    if hasattr(arviz, "InferenceData"):
        return arviz.InferenceData(posterior=posterior)
    import xarray

    return xarray.DataTree.from_dict({"posterior": posterior})
