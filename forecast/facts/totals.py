"""Rows that are no units: totals of a country, subtotals of a run of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray
from forecast.errors import InputError
from forecast.facts.column_words import is_total

__all__ = ["TotalRows", "total_rows"]

NEAR = 0.05
"""How far a total may be off, as a fraction, when late corrections reached only one side."""
ENOUGH = 200
"""People below which sums agree by accident."""
TELLING = 20
"""People of a column from which an exact sum is worth counting."""
COLUMNS = 5
"""Columns that must agree exactly in a run nobody calls a total: of thousands of rows a few agree
in two or three columns by accident."""


@dataclass(frozen=True)
class TotalRows:
    """Rows that are sums of others.

    Parameters
    ----------
    rows : ndarray of int
        Their positions.
    notes : tuple of str
        A sentence that names them, if there are any.
    """

    rows: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def total_rows(
    where: str,
    names: Sequence[str],
    counts: IntArray,
    *,
    units: Collection[str] = (),
) -> TotalRows:
    """Return the rows that are the sum of all others or of a run of rows before or behind them.

    A row is taken for a total where a column or more agree exactly with the sum and the others are
    within 5%, or where it is called a total and all are within 5%; for a subtotal where it is
    called one, or five columns or more agree exactly.

    Parameters
    ----------
    where : str
        What messages call the table.
    names : sequence of str
        Name of each row.
    counts : ndarray of int64, shape (row, column)
        Everything that is counted.
    units : collection of str
        Names that are units for certain.

    Raises
    ------
    InputError
        If a row is within 5% of the sum of all others and nothing else says what it is.
    """
    sure = np.array([name in units for name in names])
    called = np.array([not known and is_total(n) for n, known in zip(names, sure, strict=True)])
    left = np.ones(len(names), dtype=bool)
    used = counts[:, counts.sum(axis=0) > 0]
    if not sure.all() and used.shape[1] > 1 and counts.sum() >= ENOUGH:
        left[_subtotals(used, sure, called)] = False
        for u in _of_all_others(used, left, sure):
            exact = ((2 * used[u] == used[left].sum(axis=0)) & (used[u] >= ENOUGH // 2)).sum()
            if called[u] or exact == used.shape[1] or (exact and used.shape[1] > 2):
                left[u] = False
                break
            if left.sum() > 3 and (used.shape[1] > 2 or units):
                raise InputError(
                    f"{where}: every row must be a unit - {names[u]!r} is within "
                    f"{100 * NEAR:.0f}% of the sum of all the others; drop it, or call it 'total'"
                )
    rows = np.flatnonzero(~left)
    if not rows.size:
        return TotalRows(rows, ())
    named = ", ".join(names[u] for u in rows[:5]) + ", ..." * (rows.size > 5)
    word = "rows that are sums" if rows.size > 1 else "row that is a sum"
    return TotalRows(rows, (f"{rows.size} {word} of others left out: {named}",))


def _of_all_others(
    counts: IntArray, left: npt.NDArray[np.bool_], sure: npt.NDArray[np.bool_]
) -> list[int]:
    """Return rows that are near the sum of all others that are left, in every column."""
    total = counts[left].sum(axis=0)
    rest = total - counts
    near = (np.abs(counts - rest) <= NEAR * rest).all(axis=1) & left & ~sure
    return np.flatnonzero(near).tolist() if left.sum() > 2 else []


def _subtotals(
    counts: IntArray, sure: npt.NDArray[np.bool_], called: npt.NDArray[np.bool_]
) -> list[int]:
    """Return rows that are the sum of two or more rows directly above or directly below them."""
    n = len(counts)
    if n < 4:
        return []
    found: set[int] = set()
    for step in (1, -1):
        ordered = counts[::step]
        below = np.vstack([np.zeros_like(ordered[:1]), np.cumsum(ordered, axis=0)])
        people, own = below.sum(axis=1), ordered.sum(axis=1)
        start = np.searchsorted(people, people[:-1] - own)
        for shift in (0, -1):
            first = np.clip(start + shift, 0, n)
            rows = np.arange(n)
            run = below[:-1] - below[first]
            many = (rows - first >= 2) & (own > 0)
            large = (ordered >= TELLING).sum(axis=1) >= COLUMNS
            exact = (run == ordered).all(axis=1) & large
            near = (np.abs(run - ordered) <= NEAR * ordered).all(axis=1)
            names = called[::step]
            hit = many & ~sure[::step] & (exact | (near & names))
            found |= {int(u) if step == 1 else n - 1 - int(u) for u in rows[hit]}
    return sorted(found)
