"""Rows that are exactly the sum of rows beside them, weighed against the odds of an accident.

The odds of a row are those of a sum, `OFTEN` and where it starts, times the inverse of the
probability that independent Poisson counts agree with its own in every column. A sum starts where
the last one ended, or with less odds elsewhere. All rows of one table are judged together. How
often there are sums, and where, are judgements.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import numpy.typing as npt

OFTEN = 0.15
"""How often a row of a table with sums is one."""
ELSEWHERE = 0.5
"""How often a sum starts elsewhere than the last one ended."""
IN_BLOCKS, MOST_BLOCKS = 0.02, 4
"""How often all sums stand together, and in how many blocks they and their parts are at most."""
MOST_BRANCHES = 30
"""Most parts of a sum of which some are looked at as sums of rows elsewhere."""
REORDERED = 0.02
"""How often sums stand beside what they are made of in another order of the rows only."""
CERTAIN, LIKELY = float(np.log(1000)), 3.0
"""Logarithmic odds of all sums from which they are left out, and from which they are named."""
ENOUGH_ROWS = 10_000
"""Rows, evenly spread, of which it is seen how columns hang together."""
MOST_EQUAL = 3
"""Most equal rows of which one may be the sum of another: a unit, its region and that of both."""
DEPENDENT = 1e-9
"""Least part of a column that must not follow from those before it."""
FEWEST_ROWS = 4
"""Fewest rows of a table in which sums are told by their numbers alone."""


@dataclass(frozen=True)
class Sums:
    """Rows that are sums of others.

    Parameters
    ----------
    odds : float
        Logarithmic odds that they are, and no accident.
    rows : tuple of int
        Their positions.
    parts : tuple of tuple of int
        Positions of what each is the sum of: none of these can be the sum of others of them, or it
        would count them twice.
    equal : bool
        Whether each is a row that only equals another, as units may, too.
    """

    odds: float = 0.0
    rows: tuple[int, ...] = ()
    parts: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    equal: bool = False


@dataclass(frozen=True)
class _Table:
    """Counts in one order of the rows, with what it would take to agree by accident."""

    counts: npt.NDArray[np.int64]
    surprise: npt.NDArray[np.float64]
    may: npt.NDArray[np.bool_]
    called: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.intp] = field(repr=False)
    within: npt.NDArray[np.intp] = field(repr=False)  # the last sum that each is a part of, or -1

    def ordered(self, order: npt.NDArray[np.intp] | slice) -> _Table:
        """Return some rows in some order; those of a slice are no copies."""
        return _Table(*(getattr(self, part.name)[order] for part in fields(self)))

    def are_sums(self, rows: Sequence[int], parts: Sequence[int]) -> bool:
        """Return whether rows may be sums of others, not being parts of one sum with them."""
        within = self.within[list(rows)]
        known = within[within >= 0]
        may = bool(self.may[list(rows)].all())
        return may and not (known.size and np.isin(known, self.within[list(parts)]).any())


def exact_sums(
    counts: npt.NDArray[np.int64],
    sure: npt.NDArray[np.bool_],
    called: npt.NDArray[np.bool_],
    orders: Sequence[npt.NDArray[np.intp]] = (),
) -> Sums:
    """Return the rows that are exactly sums of the rows above or below them, level by level.

    Parameters
    ----------
    counts : ndarray of int64, shape (row, column)
        Everything that is counted.
    sure : ndarray of bool, shape (row,)
        Rows that are units for certain.
    called : ndarray of bool, shape (row,)
        Rows that are called totals, or may hardly be units.
    orders : sequence of ndarray of int, shape (row,)
        Other orders of the rows in which sums may stand beside what they are made of.

    Examples
    --------
    >>> rows = np.array([[500, 540], [210, 241], [290, 299], [919, 702], [430, 311], [489, 391]])
    >>> exact_sums(rows, np.zeros(6, dtype=bool), np.zeros(6, dtype=bool)).rows
    (0, 3)
    """
    n = len(counts)
    if n < FEWEST_ROWS:
        return Sums()
    surprise = _surprise(counts) + CERTAIN * called
    may = ~sure & (counts.sum(axis=1) > 0)
    table = _Table(counts, surprise, may, called, np.arange(n), np.full(n, -1))
    found = [_levels(table)]
    for order in (o for o in orders if (o != np.arange(n)).any()):
        other = _levels(table.ordered(order))
        found.append(replace(other, odds=other.odds + float(np.log(REORDERED))))
    return max(found, key=lambda s: s.odds)


def _surprise(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the negative logarithm of how likely each row agrees with a sum by accident.

    All together, and all columns but the largest beside it, in steps of whatever divides them.
    """
    some = counts[:: -(-len(counts) // ENOUGH_ROWS)]
    told = np.flatnonzero(_independent(some))
    scatter, largest = _scatter(some[:, told]), some[:, told].sum(axis=0).argmax()
    people = counts[:, told].sum(axis=1)
    out: npt.NDArray[np.float64] = np.log1p(2 * np.pi / max(np.gcd.reduce(people), 1) * people)
    for column in counts.T[np.delete(told, largest)]:
        out += np.log1p(2 * np.pi * scatter / max(np.gcd.reduce(column), 1) * column)
    return 0.5 * out


def _independent(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return the columns that do not follow from those before them, as ballots from votes."""
    n, m = counts.shape
    if n <= m:
        return np.ones(m, dtype=bool)
    size = np.sqrt((counts.astype(float) ** 2).sum(axis=0))
    left = np.abs(np.diag(np.linalg.qr(counts / np.maximum(size, 1), mode="r")))
    return np.asarray((left > DEPENDENT) & (size > 0))


def _scatter(counts: npt.NDArray[np.int64]) -> float:
    """Return how much shares differ from row to row, of what they do where all choose alike."""
    counts = counts[counts.sum(axis=1) > 0][:, counts.any(axis=0)]
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    freedom = max((len(counts) - 1) * (counts.shape[1] - 1), 1)
    return min(1.0, float(((counts - expected) ** 2 / expected).sum() / freedom))


def _levels(table: _Table) -> Sums:
    """Return the sums of a table: those of units, then those of sums, in either direction."""
    odds, equal, whole = 0.0, True, table
    found, made_of = list[int](), list[tuple[int, ...]]()
    while len(table.counts) >= FEWEST_ROWS - 1:
        every = np.arange(len(table.counts))
        up = _beside(table.ordered(slice(None, None, -1)))
        rows, *parts = (tuple(len(every) - 1 - k for k in each) for each in (up.rows, *up.parts))
        up = Sums(up.odds, rows, tuple(parts), up.equal)
        others = (_beside(table), up, _block(table), _branch(table), _third(table))
        best = max(others, key=lambda s: s.odds)
        if best.odds <= 0:
            break
        odds, equal = odds + best.odds, equal and best.equal
        found += table.rows[list(best.rows)].tolist()
        within = table.within.copy()
        for row, own in zip(best.rows, best.parts, strict=True):
            within[list(own)] = table.rows[row]
            made_of.append(tuple(table.rows[list(own)].tolist()))
        table = replace(table, within=within).ordered(np.setdiff1d(every, best.rows))
    if equal and not _all_in_pairs(whole, found):
        return Sums()
    order = sorted(range(len(found)), key=found.__getitem__)
    return Sums(odds, tuple(found[k] for k in order), tuple(made_of[k] for k in order))


def _beside(table: _Table) -> Sums:
    """Return the likeliest rows that are sums of rows directly above them, none twice."""
    runs = _runs(table)
    after = float(np.log(OFTEN * (1 - ELSEWHERE)))
    elsewhere = float(np.log(OFTEN * ELSEWHERE / len(table.counts)))
    odds, before = [0.0], [0]  # of the likeliest chain that ends with each run; 0 is none
    at, ends, best = {-1: 0}, [-1], [0]  # chains by last row, and the likeliest up to there
    for k, (start, row, _) in enumerate(runs, 1):
        ways = [(odds[at[start - 1]] + after, at[start - 1])] if start - 1 in at else []
        chain = best[bisect_left(ends, start) - 1]
        most, chain = max([*ways, (odds[chain] + elsewhere, chain)])
        odds.append(most + float(table.surprise[row]))
        before.append(chain)
        at[row] = k
        ends.append(row)
        best.append(k if odds[k] > odds[best[-1]] else best[-1])
    chosen, last = [], best[-1]
    while last:
        chosen.append(last)
        last = before[last]
    rows = tuple(runs[k - 1][1] for k in chosen)
    equal = all(runs[k - 1][2] and not table.called[runs[k - 1][1]] for k in chosen)
    parts = tuple(tuple(range(*runs[k - 1][:2])) for k in chosen)
    return Sums(odds[best[-1]], rows, parts, equal)


def _all_in_pairs(table: _Table, rows: Sequence[int]) -> bool:
    """Return whether every row stands beside an equal one, and more than one differ."""
    own = table.counts[np.isin(table.rows, rows)]
    return len(rows) > 1 and 2 * len(rows) == len(table.counts) and len(np.unique(own, axis=0)) > 1


def _runs(table: _Table) -> list[tuple[int, int, bool]]:
    """Return first row, row of the sum, and whether it is of one row, of all exact sums."""
    own = table.counts.sum(axis=1)
    people, some = np.append(0, own.cumsum()), np.append(0, np.cumsum(own > 0))
    start = np.searchsorted(people, people[:-1] - own)
    rows = np.arange(len(own))
    may = table.may & (start < rows)
    may &= people[np.minimum(start, rows)] == people[:-1] - own
    rows = np.flatnonzero(may)
    for column in table.counts.T if rows.size else ():
        below = np.append(0, column.cumsum())
        rows = rows[below[rows] - below[start[rows]] == column[rows]]
    alone = some[rows] - some[start[rows]] < 2
    once = ~alone
    if not once.all():
        kinds, times = np.unique(table.counts, axis=0, return_inverse=True, return_counts=True)[1:]
        few = times[kinds.reshape(-1)[rows]] <= MOST_EQUAL
        once |= few & ~np.isin(start[rows], rows[once])  # of a sum of this level in the next one
    found = zip(start[rows[once]].tolist(), rows[once].tolist(), alone[once].tolist(), strict=True)
    return [run for run in found if table.are_sums([run[1]], range(*run[:2]))]


def _block(table: _Table) -> Sums:
    """Return the rows of blocks, first or last, each of which are sums of the longest block."""
    n, counts, best = len(table.counts), table.counts, Sums()
    for blocks in range(2, MOST_BLOCKS + 1):
        ends = [
            np.array([(blocks * c.cumsum() == k * c.sum()) for c in counts.T]).all(axis=0)
            for k in range(1, blocks)
        ]
        if not all(end.any() for end in ends):
            continue
        cuts = [0, *(int(end.argmax()) + 1 for end in ends), n]
        parts, *others = sorted(map(range, cuts[:-1], cuts[1:]), key=len, reverse=True)
        rows = [k for block in others for k in block]
        at_an_end = parts.start == 0 or parts.stop == n
        shorter = len(others[-1]) > 1 and len(others[0]) < len(parts)
        may = at_an_end and shorter and table.are_sums(rows, parts)
        if may and all(len(_cut_into(counts[parts], counts[b])) == len(b) for b in others):
            told = [np.sort(table.surprise[block])[1:].sum() for block in others]
            odds = float(sum(told) + np.log(IN_BLOCKS / n))
            whole = (tuple(parts),) * len(rows)
            best = max(best, Sums(odds, tuple(rows), whole), key=lambda s: s.odds)
    return best


def _cut_into(parts: npt.NDArray[np.int64], sums: npt.NDArray[np.int64]) -> list[int]:
    """Return which of these sums runs of rows have, from the first row on."""
    ends = {tuple(end) for end in parts.cumsum(axis=0).tolist()}
    so_far, left, found = np.zeros_like(parts[0]), [*range(len(sums))], list[int]()
    while next_ones := [k for k in left if tuple((so_far + sums[k]).tolist()) in ends]:
        found.append(next_ones[0])
        left.remove(next_ones[0])
        so_far = so_far + sums[next_ones[0]]
    return found


def _branch(table: _Table) -> Sums:
    """Return the parts of a sum that are sums of all rows outside of it, others being units."""
    best, n = Sums(), len(table.counts)
    inside = table.within >= 0
    of_parts = np.zeros((int(table.within.max(initial=-1)) + 1, table.counts.shape[1]), np.int64)
    np.add.at(of_parts, table.within[inside], table.counts[inside])
    for own in np.flatnonzero((2 * of_parts >= table.counts.sum(axis=0)).all(axis=1)):
        parts, others = np.flatnonzero(table.within == own), np.flatnonzero(table.within != own)
        if len(others) < 2 or len(parts) > MOST_BRANCHES:
            continue
        rows = parts[_cut_into(table.counts[others], table.counts[parts])]
        whole = (table.counts[rows].sum(axis=0) == table.counts[others].sum(axis=0)).all()
        if whole and 0 < len(rows) < len(parts) and table.may[rows].all():
            odds = float(table.surprise[rows].sum() + len(rows) * np.log(OFTEN / n))
            each = (tuple(others.tolist()),) * len(rows)
            best = max(best, Sums(odds, tuple(rows.tolist()), each), key=lambda s: s.odds)
    return best


def _third(table: _Table) -> Sums:
    """Return the row that is a third of everything: with units and their sums, that of all."""
    whole = table.may & (table.within < 0)
    for column in table.counts.T:
        whole &= 3 * column == column.sum()
    rows = np.flatnonzero(whole)
    if len(rows) != 1:
        return Sums()
    odds = float(table.surprise[rows[0]] + np.log(OFTEN / len(whole)))
    return Sums(odds, (int(rows[0]),), ((),))
