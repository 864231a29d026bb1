"""Rows of regions above or below those of their units: a tree in which every row is a sum."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray

__all__ = ["rows_of_tree"]

MOST_ROWS = 20_000
"""Most rows that are looked at; official tables with subtotals are smaller."""
FEWEST_ROWS = 4
TELLING = 20
"""People of a column from which an exact sum is worth counting."""
FEWEST_TELLING = 2
"""Columns of so many people in which a row must be a sum."""


def rows_of_tree(
    counts: Sequence[IntArray], sure: npt.NDArray[np.bool_], totals: npt.NDArray[np.bool_]
) -> list[int]:
    """Return the rows that are sums of the rows directly above, or below, if all rows agree.

    Every row is a unit or is in each column the sum of what stands between it and the sum before
    it. It is certain where a first or last row is the sum of everything else, and where every unit
    is part of a sum. Regions of a single unit, equal rows, are looked for last.

    Parameters
    ----------
    counts : sequence of ndarray of int64, shape (row,)
        Everything that is counted.
    sure : ndarray of bool, shape (row,)
        Rows that are units for certain.
    totals : ndarray of bool, shape (row,)
        Rows that are called totals.

    Examples
    --------
    >>> rows = np.array([[50, 500], [20, 200], [30, 300], [90, 700], [40, 300], [50, 400]])
    >>> rows_of_tree([*rows.T], np.zeros(6, dtype=bool), np.zeros(6, dtype=bool))
    [0, 3]
    """
    n = len(sure)
    if not FEWEST_ROWS <= n <= MOST_ROWS:
        return []
    table = np.stack(counts, axis=1)
    for fewest in (2, 1):
        for whole in (None, 0, n - 1):
            for step in (1, -1):
                rows = np.array([u for u in range(n)[::step] if u != whole])
                found = _sums(table[rows], sure[rows], fewest)
                if _agrees(table, rows, found, whole, totals):
                    also = [whole] if whole is not None and not totals[whole] else []
                    return sorted([*also, *(int(rows[k]) for k in found[0])])
    return []


def _sums(
    table: npt.NDArray[np.int64], sure: npt.NDArray[np.bool_], fewest: int
) -> tuple[dict[int, int], list[int]]:
    """Return the rows that are sums of so many before them, and those that are in no such sum.

    A row is never the sum of one that is a sum itself.
    """
    people, telling = table.sum(axis=1).tolist(), (table >= TELLING).sum(axis=1).tolist()
    stack: list[int] = []
    below = [0]
    found: dict[int, int] = {}
    for k, own in enumerate(people):
        first = bisect_left(below, below[-1] - own)
        while 0 <= below[-1] - own == below[first] and len(stack) - first >= fewest:
            certain = own and telling[k] >= FEWEST_TELLING and not sure[k]
            if certain and (table[stack[first:]].sum(axis=0) == table[k]).all():
                if len(stack) - first > 1 or stack[first] not in found:
                    found[k] = len(stack) - first
                    del stack[first:], below[first + 1 :]
                break
            first += 1
        stack.append(k)
        below.append(below[-1] + own)
    return found, stack


def _agrees(
    table: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    found: tuple[dict[int, int], list[int]],
    whole: int | None,
    totals: npt.NDArray[np.bool_],
) -> bool:
    """Return whether sums are confirmed by the row of the whole, or hold every unit."""
    sums, top = found
    if not sums:
        return False
    covered = all(k in sums for k in top if table[rows[k]].any())
    several = covered and len(sums) > 1
    own = table[rows[list(sums)]]
    if min(sums.values()) < 2:  # equal rows, as units may be, too
        if (own >= TELLING).sum(axis=1).min() <= FEWEST_TELLING:
            return False
        several = several and len(np.unique(own, axis=0)) == len(own)
    if whole is None:
        return several
    same = bool((table[rows[top]].sum(axis=0) == table[whole]).all())
    return same or bool(several and totals[whole])
