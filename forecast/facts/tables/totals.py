"""Rows that are no units: totals of a country, subtotals of a run of rows, and rates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray
from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.tables.exact_sums import CERTAIN, LIKELY, Sums, exact_sums
from forecast.facts.tables.last_reports import about
from forecast.facts.tables.rates import all_percent
from forecast.facts.words.column_words import is_average, is_part, is_total, role_of
from forecast.facts.words.names import matched_units
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import decimal, given_texts, is_missing, unmarked
from forecast.files.text import in_short

NEAR = 0.05
"""How far a total may be off, as a fraction, when late corrections reached only one side."""
MISSED = 0.15
"""How much more it has than the other rows where one of them is missing."""
MOST_CELLS = 40_000
"""Cells of a table up to which sums are looked for that one column contradicts."""
OF_EXACT = range(3, 41)
"""How many columns such a table may have: in all but one the sums are exact."""
FEW_PEOPLE = 10
"""By how many such a column may be off in small places."""
ENOUGH = 200
"""People below which sums agree by accident."""
RANKS = frozenset(("rank", "ranks", "ranking", "rang", "position", "puesto", "posicion", "posicao"))
"""Names of rows that say who is first."""
PERCENT = 100
OF_RATES = ("percent", "turnout", "code", "counted", "year")
"""Roles of columns that have no sum."""
MORE = "{name} is called a total and has {part} more than the other rows; left out - row missing?"
LESS = "{name} is called a total and has {part} less than the other rows; left out - row missing?"


DOUBTFUL = "perhaps sums of other rows, as all counts agree; read as units: {names}"


class TotalRows(NamedTuple):
    """Positions of rows that are sums of others, and sentences that name them."""

    rows: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def total_rows(
    where: str,
    names: Sequence[str],
    counts: Sequence[IntArray],
    *,
    units: Collection[str] = (),
    known: Collection[str] = (),
    regions: Sequence[str] | None = None,
    codes: Sequence[Sequence[str]] = (),
) -> TotalRows:
    """Return the rows that are the sum of all others or of a run of rows before or behind them.

    A row is taken for a total where a column or more agree exactly with the sum and the others are
    within 5%, or where it is called a total and all are within 5%; for a subtotal where it is
    called one, or all columns agree exactly and are large enough that this is no accident, or all
    rows of the table agree that it is.
    One that is called a total and misses the sum by up to 15%, or by more if it is called nothing
    else, is left out as well, and a note says by how much.

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
    regions : sequence of str, optional
        Region of each row.
    codes : sequence of sequence of str
        Codes of each row, of which those of parts may begin with that of their sum.

    Raises
    ------
    InputError
        If a row is within 5% of the sum of all others, or at an end up to 15% more in every column,
        and nothing else says what it is.
    """
    sure = np.array([name in units for name in names], dtype=bool)
    listed, parts = _known_sums(names, units, known), _parts_of_rows(where, names, counts, units)
    if aside := {*listed, *parts}:
        free = [u for u in range(len(names)) if u not in aside]
        rest = total_rows(
            where,
            [names[u] for u in free],
            [c[free] for c in counts],
            units=units,
            regions=None if regions is None else [regions[u] for u in free],
            codes=[[own[u] for u in free] for own in codes],
        )
        rows = np.union1d([*aside], np.array(free, dtype=np.int64)[rest.rows]).astype(np.int64)
        named = [names[u] for u in parts]
        told = about(named, "of a part of the one above left out", head="{n} row")
        return TotalRows(rows, (*left_out([names[u] for u in listed]), *told, *rest.notes))
    left = np.ones(len(names), dtype=bool)
    used = [column for column in counts if column.any()]
    doubtful: tuple[int, ...] = ()
    if not sure.all() and len(used) > 1 and sum(int(c.sum()) for c in used) >= ENOUGH:
        table = np.stack(used, axis=1)
        called = np.array([is_total(name) for name in names], dtype=bool) & ~sure
        hardly_units = called | (~sure & (2 * sure.sum() >= len(names)))
        orders = _orders((names, *codes), table, regions)
        found = _likeliest(table, sure, hardly_units, orders)
        if found.odds > CERTAIN:
            left[list(found.rows)] = False
            left[~sure & ~table.any(axis=1) & bool(units)] = False  # sums of nothing yet counted
            _refuse_hidden(where, names, table, left)
        elif found.odds > LIKELY:
            doubtful = found.rows
        left[_called_near(table, called)] = False
        for u in _of_all_others(used, left, sure, called | bool(units)):
            exact = sum(2 * c[u] == c[left].sum() and c[u] >= ENOUGH // 2 for c in used)
            if is_total(names[u]) or exact == len(used) or (exact and len(used) > 2):
                left[u] = False
                break
            if left.sum() > 3 and (len(used) > 2 or units):
                part = NEAR if _is_near(used, left, u, NEAR) else MISSED
                raise InputError(
                    f"{where}: every row must be a unit - {names[u]!r} is within "
                    f"{100 * part:.0f}% of the sum of all the others; drop it, or call it 'total'"
                )
    sums, off = np.flatnonzero(~left), _called_total(used, left, sure, names)
    notes = [
        Message(MORE if part > 0 else LESS, name=names[u], part=f"{abs(part):.1%}")
        for u, part in off.items()
    ]
    if doubtful and left[[*doubtful]].all():
        notes.append(Message(DOUBTFUL, names=in_short([names[u] for u in doubtful])))
    rows = np.array(sorted({*sums.tolist(), *off}), dtype=np.int64)
    return TotalRows(rows, (*left_out([names[u] for u in sums.tolist()]), *notes))


def _orders(
    names: Sequence[Sequence[str]], counts: npt.NDArray[np.int64], regions: Sequence[str] | None
) -> list[npt.NDArray[np.intp]]:
    """Return orders in which sums stand above their parts: by names, codes, and regions."""
    by_name = [np.argsort(np.char.lower(np.array(own, dtype=str)), kind="stable") for own in names]
    if regions is None:
        return by_name
    return [*by_name, np.lexsort((-counts.sum(axis=1), np.array(regions, dtype=str)))]


def _likeliest(
    counts: npt.NDArray[np.int64],
    sure: npt.NDArray[np.bool_],
    called: npt.NDArray[np.bool_],
    orders: Sequence[npt.NDArray[np.intp]],
) -> Sums:
    """Return the rows that are exact sums, or are but for one column in which they are nearly."""
    best = exact_sums(counts, sure, called, orders)
    if counts.size > MOST_CELLS or counts.shape[1] not in OF_EXACT:
        return best
    for k, column in enumerate(counts.T):
        found = exact_sums(np.delete(counts, k, axis=1), sure, called, orders)
        odds = found.odds - float(np.log(counts.shape[1]))
        if odds <= max(CERTAIN, best.odds):
            continue
        parts = zip(found.rows, found.parts, strict=True)
        off = [(int(column[u]), abs(int(column[u] - column[[*own]].sum()))) for u, own in parts]
        if all(gap <= max(NEAR * own, FEW_PEOPLE) for own, gap in off):
            best = replace(found, odds=odds)
    return best


def _refuse_hidden(
    where: str,
    names: Sequence[str],
    counts: npt.NDArray[np.int64],
    left: npt.NDArray[np.bool_],
) -> None:
    """Raise `InputError` if all rows say of a sum that there are more sums than were found.

    It is then a part of all, as one third is of units, their sums and that of all, but not what is
    left.
    """
    whole, rest = counts.sum(axis=0), counts[left].sum(axis=0)
    times = whole.sum() // np.maximum(counts.sum(axis=1), 1)
    hidden = ~left & (times > 2) & (times[:, None] * counts == whole).all(axis=1)
    hidden &= (counts != rest).any(axis=1)
    for u in np.flatnonzero(hidden).tolist():
        raise InputError(
            f"{where}: every row must be a unit - together they are {times[u]} times {names[u]!r}, "
            "so that some are sums of others; drop these, or put each below its parts"
        )


def _known_sums(names: Sequence[str], units: Collection[str], known: Collection[str]) -> list[int]:
    """Return the rows that have the name of a known sum, and not that of a unit."""
    sums = {*known, *(matched_units(names, tuple(known)) if known else ())} - {*units}
    return [u for u, name in enumerate(names) if name in sums]


def _parts_of_rows(
    where: str, names: Sequence[str], counts: Sequence[IntArray], units: Collection[str]
) -> list[int]:
    """Return the rows that are called a part of the row above: "of which postal"."""
    rows = {u: None for u, name in enumerate(names) if is_part(name) and name not in units}
    above = -1
    for u in range(len(names)):
        if u not in rows:
            above = u
        elif above < 0 or any(column[u] > column[above] for column in counts):
            raise InputError(
                f"{where}: {names[u]!r} must be a part of the row above, as its name says - found "
                "more; name it as a unit, or drop it"
            )
    return list(rows)


def left_out(names: Sequence[str]) -> tuple[Message, ...]:
    """Return a note of rows that are sums."""
    if not names:
        return ()
    named = in_short(names)
    one = f"1 row that is a sum of others left out: {named}" if len(names) == 1 else ""
    said = "{n} rows that are sums of others left out: {names}"
    return (Message(said, n=len(names), names=named, english=one),)


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
        if left.sum() > 2
        and (is_total(names[u], whole=True) or (is_total(names[u]) and _is_near(counts, left, u)))
    }
    return found if len(found) == 1 else {}


def _is_near(
    counts: Sequence[IntArray], left: npt.NDArray[np.bool_], row: int, part: float = MISSED
) -> bool:
    """Return whether a row is not far from the sum of all others that are left, in any column."""
    rests = [(column[row], column[left].sum() - column[row]) for column in counts]
    return all(abs(own - rest) <= part * rest for own, rest in rests)


def _of_all_others(
    counts: Sequence[IntArray],
    left: npt.NDArray[np.bool_],
    sure: npt.NDArray[np.bool_],
    called: npt.NDArray[np.bool_],
) -> list[int]:
    """Return rows that are near the sum of all others that are left, in every column.

    One that is not `called` a total is, at an end, where it is a little more in all of them: so it
    is where a row is missing in a first round, but beside known units a new one may be large.
    """
    near = left & ~sure
    over, ends = near.copy(), np.flatnonzero(left)[[0, -1]]
    for column in counts:
        rest = column[left].sum() - column
        near &= np.abs(column - rest) <= NEAR * rest
        over &= (column >= rest) & (column <= (1 + MISSED) * rest)
    near[ends] |= over[ends] & ~called[ends]
    return np.flatnonzero(near).tolist() if left.sum() > 2 else []


def _called_near(
    counts: npt.NDArray[np.int64], called: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Return rows called totals that are nearly the sum of two or more directly above or below."""
    n, found = len(counts), set[int]()
    for step in (1, -1):
        below = np.concatenate([np.zeros((1, counts.shape[1]), int), counts[::step].cumsum(axis=0)])
        people = below.sum(axis=1)
        for row in np.flatnonzero(called[::step]).tolist():
            own = below[row + 1] - below[row]
            start = bisect_left(people, people[row] - own.sum())
            for first in (start, start - 1):
                off = np.abs(below[row] - below[max(first, 0)] - own)
                if row - first >= 2 and own.any() and (off <= NEAR * own).all():
                    found.add(row if step == 1 else n - 1 - row)
    return np.array(sorted(found), dtype=np.intp)


def rate_rows(columns: Columns, names: Sequence[str], *, units: Collection[str] = ()) -> TotalRows:
    """Return the rows that hold means, percentages or ranks, and totals of some columns alone.

    A row of means is called so and is, within one, that of the others; the others are told by their
    name, or as every cell ends in %. A total that lacks cells is near the sum in all others.
    """
    means, free = _means(columns, names, units), [u for u, n in enumerate(names) if n not in units]
    counts = [c for n, c in columns.values.items() if columns.kind(n) in ("whole", "number")]
    rates = [u for u in free if _are_rates(names[u], counts, u)]
    rates = [] if 2 * len(rates) > len(names) else rates
    people = [
        columns.values[n]
        for n in columns.of_kind("whole", columns.names)
        if role_of(n) not in OF_RATES
    ]
    gaps = _totals_with_gaps(names, people, free)
    notes = (
        *left_out([names[u] for u in gaps]),
        *about([names[u] for u in means], "of means left out", head="{n} row"),
        *about([names[u] for u in rates], "of percentages or ranks left out", head="{n} row"),
    )
    return TotalRows(np.array(sorted({*means, *rates, *gaps}), dtype=np.int64), notes)


def _totals_with_gaps(
    names: Sequence[str], counts: Sequence[Sequence[object]], free: Sequence[int]
) -> list[int]:
    """Return the rows called totals that lack some cells, and in all others are near the sum."""
    gapped = {
        u
        for u in free
        if is_total(names[u], whole=True) and any(is_missing(column[u]) for column in counts)
    }
    if not gapped:
        return []
    table = np.array([_numbers(cells) for cells in counts]).reshape(len(counts), -1)
    others = [u for u, name in enumerate(names) if not is_total(name)]
    rest, found = np.nansum(table[:, others], axis=1), list[int]()
    for u in sorted(gapped):
        given = ~np.isnan(table[:, u])
        near = np.abs(table[given, u] - rest[given]) <= NEAR * rest[given]
        if len(others) > 1 and given.sum() > 1 and near.all():
            found.append(u)
    return found


def _means(columns: Columns, names: Sequence[str], units: Collection[str]) -> list[int]:
    """Return the rows that are called a mean and are, within one, that of the others."""
    rows = [u for u, name in enumerate(names) if name not in units and is_average(name)]
    if not rows:
        return []
    others = [u for u, name in enumerate(names) if u not in rows and not is_total(name)]
    if len(others) < 2:
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
    numbers = _numbers([cell.removesuffix("%") for cell in given_texts(cells)] if most else [])
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
