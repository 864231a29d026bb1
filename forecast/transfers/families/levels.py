"""What the rows of a contest between families share, for the sampler of every table.

Draws of a pair share the coordinates that all days have in common: not knowing them is ignorance
about inputs, while the day's shock and the contest's own are chance. Contests of one day share
the day as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from scipy.special import ndtri, stdtrit

from forecast.arrays import FloatArray, IntArray, symmetric_root
from forecast.transfers.families.coordinates import FamilyCoordinates
from forecast.transfers.families.fit import CONTEST_TERMS
from forecast.transfers.table.day import Day
from forecast.transfers.table.links import contrast_basis
from forecast.transfers.table.sampler import Level

OfDay = Callable[[int, np.random.Generator, Day], FloatArray]
"""Something that contests of a day share, given the number of draws and a contest's generator."""


def day_scale(tail: float) -> float:
    """Return the scale at which nine in ten draws of a t are where nine in ten normals are.

    What past days showed stays so; only beyond it the tails are heavier.
    """
    return float(ndtri(0.95) / stdtrit(tail, 0.95)) if np.isfinite(tail) else 1.0


def day_shocks(shape: tuple[int, ...], tail: float, *, rng: np.random.Generator) -> FloatArray:
    """Return shocks of days (coordinate, draw), one weight a draw: a day may break with all."""
    normals = day_scale(tail) * rng.standard_normal(shape)
    if np.isfinite(tail):
        normals /= np.sqrt(rng.gamma(tail / 2, 2 / tail, shape[1]))
    return normals


def contest_terms(families: Sequence[str]) -> tuple[FloatArray, IntArray]:
    """Return what moves one contest of K finalists alone, (K, K), and the term of each, (K,).

    The first are effects of K normals on the finalists' utilities: K - 1 contrasts, between
    families and within them, which give every difference of two of a kind the variance of its term,
    then mobilisation. The second are positions in `CONTEST_TERMS`.

    Examples
    --------
    >>> contest_terms(["left", "right"])[0].round(2).tolist()
    [[0.5, 1.0], [-0.5, 1.0]]
    """
    distinct = list(dict.fromkeys(families))
    member = np.array([[f == one for one in distinct] for f in families], dtype=float)
    columns = [member @ contrast_basis(len(distinct)) / np.sqrt(2)]
    terms = [0] * (len(distinct) - 1)
    for column in member.T:
        size = int(column.sum())
        within = np.zeros((len(families), size - 1))
        within[column > 0] = contrast_basis(size) / np.sqrt(2)
        columns.append(within)
        terms += [1] * (size - 1)
    columns.append(np.ones((len(families), 1)))
    return np.concatenate(columns, axis=1), np.array([*terms, 2], dtype=np.int64)


def family_levels(
    coordinates: FamilyCoordinates,
    design: FloatArray,
    families: Sequence[str],
    *,
    covariance: FloatArray,
    day_variance: FloatArray,
    contest: FloatArray,
    tail: float,
    day_tail: float,
    deviations: OfDay | None = None,
) -> tuple[Level, ...]:
    """Return the levels of a contest: coordinates, their day's shock, the contest's own.

    Utilities add up from coordinates by `design` (R, K, coordinate); `families` are those of the K
    finalists. `covariance` is what is known of the coordinates, `day_variance` (coordinate,) that
    of the day's shock and `contest` (term,) the squared scales of `CONTEST_TERMS`; `tail` and
    `day_tail` are degrees of freedom of the contest's own shock and of the day's. On a day that
    contests share, ``deviations(n, rng, day)`` returns those of all coordinates from what is known
    of them, (coordinate, draw).
    """
    rows, k, _ = design.shape
    here = np.flatnonzero(np.abs(design).sum(axis=(0, 1)))
    names = list(coordinates.names)
    loading = design[:, :, here].reshape(rows * k, -1)
    directions, terms = contest_terms(families)
    return (
        Level(
            names=tuple(names[i] for i in here),
            loading=loading,
            share=1.0,
            root=symmetric_root(covariance[np.ix_(here, here)])[None],
            day_values=None if deviations is None else partial(_chosen, deviations, here),
        ),
        Level(
            names=tuple(f"{names[i]}, this day" for i in here),
            title="the day",
            loading=loading,
            scale=day_scale(day_tail) * np.sqrt(day_variance[here])[None],
            tail=day_tail,
            day_values=None if deviations is None else partial(_nothing, len(here)),
        ),
        Level(
            names=_numbered(f"{CONTEST_TERMS[t]}, this contest" for t in terms),
            title="the contest",
            loading=np.tile(directions * np.sqrt(contest[terms]), (rows, 1)),
            tail=tail,
        ),
    )


def _chosen(
    deviations: OfDay, here: IntArray, n: int, rng: np.random.Generator, day: Day
) -> FloatArray:
    return deviations(n, rng, day)[here]


def _nothing(size: int, n: int, *_: object) -> FloatArray:
    return np.zeros((size, n))


def _numbered(names: Iterable[str]) -> tuple[str, ...]:
    """Return names, those that occur again with a number."""
    seen = list[str]()
    for name in names:
        again = sum(name == old.rpartition(" ")[0] or name == old for old in seen)
        seen.append(f"{name} {again + 1}" if again else name)
    return tuple(seen)
