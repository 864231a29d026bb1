"""Rows that are no units: totals of a country, subtotals of a run of rows, and rates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray
from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.column_words import is_average, is_total, role_of
from forecast.facts.last_reports import about
from forecast.facts.names import matched_units
from forecast.facts.rates import all_percent
from forecast.facts.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import decimal, given_texts, is_missing, unmarked
from forecast.files.text import in_short

NEAR = 0.05
"""How far a total may be off, as a fraction, when late corrections reached only one side."""
ENOUGH = 200
"""People below which sums agree by accident."""
TELLING = 20
"""People of a column from which an exact sum is worth counting."""
RANKS = frozenset(("rank", "ranks", "ranking", "rang", "position", "puesto", "posicion", "posicao"))
"""Names of rows that say who is first."""
PERCENT = 100
MOST_ROWS, FEWEST_ROWS = 20_000, 4
"""Most and fewest rows of a tree: official tables with subtotals are smaller."""
FEWEST_TELLING = 2
"""Columns of so many people in which a row of a tree must be a sum."""
ACCIDENT = 1e-3
"""Most runs that may agree exactly by accident in a whole table where nobody calls them totals."""


MORE = "{name} is called a total and has {part} more than the other rows; left out - row missing?"
LESS = "{name} is called a total and has {part} less than the other rows; left out - row missing?"


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
    counts: Sequence[IntArray],
    *,
    units: Collection[str] = (),
    known: Collection[str] = (),
) -> TotalRows:
    """Return the rows that are the sum of all others or of a run of rows before or behind them.

    A row is taken for a total where a column or more agree exactly with the sum and the others are
    within 5%, or where it is called a total and all are within 5%; for a subtotal where it is
    called one, or all columns agree exactly and are large enough that this is no accident, or all
    rows of the table agree that it is.
    One that is called nothing but a total and misses the sum by more is left out as well, and a
    note says by how much.

    Parameters
    ----------
    where : str
        What messages call the table.
    names : sequence of str
        Name of each row.
    counts : sequence of ndarray of int64, shape (row,)
        Everything that is counted.
    units : collection of str
        Names that are units for certain.
    known : collection of str
        Names that are sums for certain, where they are no units.

    Raises
    ------
    InputError
        If a row is within 5% of the sum of all others and nothing else says what it is.
    """
    sure = np.array([name in units for name in names], dtype=bool)
    if known and (free := _no_sums(names, units, known)) != [*range(len(names))]:
        rest = total_rows(where, [names[u] for u in free], [c[free] for c in counts], units=units)
        sums = np.setdiff1d(np.arange(len(names)), free)
        rows = np.union1d(sums, np.array(free, dtype=np.int64)[rest.rows])
        return TotalRows(rows, (*_left_out(sums, names), *rest.notes))
    left = np.ones(len(names), dtype=bool)
    used = [column for column in counts if column.any()]
    if not sure.all() and len(used) > 1 and sum(int(c.sum()) for c in used) >= ENOUGH:
        called = np.array([is_total(name, whole=True) for name in names], dtype=bool)
        tree = rows_of_tree(used, sure, called)
        left[tree or _subtotals(used, sure, names)] = False
        for u in _of_all_others(used, left, sure):
            exact = sum(2 * c[u] == c[left].sum() and c[u] >= ENOUGH // 2 for c in used)
            if is_total(names[u]) or exact == len(used) or (exact and len(used) > 2):
                left[u] = False
                break
            if left.sum() > 3 and (len(used) > 2 or units):
                raise InputError(
                    f"{where}: every row must be a unit - {names[u]!r} is within "
                    f"{100 * NEAR:.0f}% of the sum of all the others; drop it, or call it 'total'"
                )
    sums, off = np.flatnonzero(~left), _called_total(used, left, sure, names)
    notes = [
        Message(MORE if part > 0 else LESS, name=names[u], part=f"{abs(part):.1%}")
        for u, part in off.items()
    ]
    rows = np.array(sorted({*sums.tolist(), *off}), dtype=np.int64)
    return TotalRows(rows, (*_left_out(sums, names), *notes))


def _no_sums(names: Sequence[str], units: Collection[str], known: Collection[str]) -> list[int]:
    """Return the rows that have no name of a known sum, or that of a unit."""
    sums = {*known, *matched_units(names, tuple(known))} - {*units}
    return [u for u, name in enumerate(names) if name not in sums]


def _left_out(rows: npt.NDArray[np.int64], names: Sequence[str]) -> tuple[Message, ...]:
    """Return a note of rows that are sums."""
    if not rows.size:
        return ()
    named = in_short([names[u] for u in rows.tolist()])
    one = f"1 row that is a sum of others left out: {named}" if rows.size == 1 else ""
    said = "{n} rows that are sums of others left out: {names}"
    return (Message(said, n=int(rows.size), names=named, english=one),)


def _called_total(
    counts: Sequence[IntArray],
    left: npt.NDArray[np.bool_],
    sure: npt.NDArray[np.bool_],
    names: Sequence[str],
) -> dict[int, float]:
    """Return rows that nothing but a total is called, and by what part they miss the sum.

    They have at least half of what all others have together: a village may be called Suma.
    """
    people = sum((column for column in counts), np.zeros(len(names), dtype=np.int64))
    rest = int(people[left].sum()) - people
    large = left & ~sure & (2 * people >= rest) & (rest > 0)
    found = {
        u: float(people[u] / rest[u] - 1)
        for u in np.flatnonzero(large).tolist()
        if left.sum() > 2 and is_total(names[u], whole=True)
    }
    return found if len(found) == 1 else {}


def _of_all_others(
    counts: Sequence[IntArray], left: npt.NDArray[np.bool_], sure: npt.NDArray[np.bool_]
) -> list[int]:
    """Return rows that are near the sum of all others that are left, in every column."""
    near = left & ~sure
    for column in counts:
        rest = column[left].sum() - column
        near &= np.abs(column - rest) <= NEAR * rest
    return np.flatnonzero(near).tolist() if left.sum() > 2 else []


def _subtotals(
    counts: Sequence[IntArray], sure: npt.NDArray[np.bool_], names: Sequence[str]
) -> list[int]:
    """Return rows that are the sum of two or more rows directly above or directly below them."""
    n = len(names)
    if n < 4:
        return []
    found: set[int] = set()
    rows = np.arange(n)
    for step in (1, -1):
        own = sum((c[::step] for c in counts), np.zeros(n, dtype=np.int64))
        people = np.concatenate([[0], np.cumsum(own)])
        start = np.searchsorted(people, people[:-1] - own)
        for shift in (0, -1):
            first = np.clip(start + shift, 0, n)
            near = (rows - first >= 2) & (own > 0) & ~sure[::step]
            exact, accident = near.copy(), np.full(n, float(n))
            for column in counts:
                ordered = column[::step]
                below = np.concatenate([[0], np.cumsum(ordered)])
                off = np.abs(below[:-1] - below[first] - ordered)
                exact &= off == 0
                near &= off <= NEAR * ordered
                steps = ordered / np.gcd.reduce(ordered)
                accident /= np.where(steps >= TELLING, np.sqrt(2 * np.pi * steps), 1)
            exact &= accident <= ACCIDENT
            for row in np.flatnonzero(exact | near).tolist():
                u = row if step == 1 else n - 1 - row
                if exact[row] or is_total(names[u]):
                    found.add(u)
    return sorted(found)


def rate_rows(columns: Columns, names: Sequence[str], *, units: Collection[str] = ()) -> TotalRows:
    """Return the rows that hold means, percentages or ranks.

    A row of means is called so and is, within one, that of the others; the others are told by their
    name, or as every cell ends in %.

    Parameters
    ----------
    columns : Columns
        The table.
    names : sequence of str
        Name of each row.
    units : collection of str
        Names that are units for certain.
    """
    means, free = _means(columns, names, units), [u for u, n in enumerate(names) if n not in units]
    counts = [c for n, c in columns.values.items() if columns.kind(n) in ("whole", "number")]
    rates = [u for u in free if _are_rates(names[u], counts, u)]
    rates = [] if 2 * len(rates) > len(names) else rates
    notes = (
        *about([names[u] for u in means], "of means left out", head="{n} row"),
        *about([names[u] for u in rates], "of percentages or ranks left out", head="{n} row"),
    )
    return TotalRows(np.array(sorted({*means, *rates}), dtype=np.int64), notes)


def _means(columns: Columns, names: Sequence[str], units: Collection[str]) -> list[int]:
    """Return the rows that are called a mean and are, within one, that of the others."""
    rows = [u for u, name in enumerate(names) if name not in units and is_average(name)]
    others = [u for u, name in enumerate(names) if u not in rows and not is_total(name)]
    if not rows or len(others) < 2:
        return []
    table = np.array([_numbers(cells) for cells in columns.values.values()])
    table = table[~np.isnan(table[:, others]).any(axis=1)]
    near = np.abs(table[:, rows] - table[:, others].mean(axis=1, keepdims=True)) <= 1
    near |= np.isnan(table[:, rows])
    return [u for k, u in enumerate(rows) if near[:, k].all()]


def _are_rates(name: str, counts: Sequence[Sequence[object]], row: int) -> bool:
    """Return whether a row's cells all end in %, or are small and it is called percent or rank."""
    cells = [column[row] for column in counts]
    if all_percent(cells) or any(map(str.isdigit, name)):
        return all_percent(cells)
    most = PERCENT if role_of(name) == "percent" else len(counts) if folded(name) in RANKS else 0
    return bool(most) and _at_most(given_texts(cells), most)


def _at_most(cells: Sequence[str], most: int) -> bool:
    """Return whether all cells are numbers of some size, percentages included."""
    numbers = _numbers([cell.removesuffix("%") for cell in cells])
    return bool(numbers) and all(number <= most for number in numbers)


def _numbers(cells: Sequence[object]) -> list[float]:
    """Return the numbers of a column, not a number where there is none."""
    numbers = []
    for cell in unmarked(cells):
        try:
            numbers.append(np.nan if is_missing(cell) else decimal(str(cell)))
        except ValueError:
            numbers.append(np.nan)
    return numbers


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
