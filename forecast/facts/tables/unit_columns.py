"""Which columns name the units of a table, and the unit of every row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, pairwise

from forecast.errors import InputError
from forecast.facts.tables.long_tables import ABOUT_UNITS
from forecast.facts.words.column_words import counts_places, is_channel, is_total, role_of, words_of
from forecast.facts.words.everyday_names import among_votes
from forecast.facts.words.names import matched_units
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

EVERYWHERE = "all"
"""The unit of a table that has none."""
FIRST_ROWS = 1000
"""Rows that show that a column differs on the rows of a candidate."""
OF_UNITS = ("region", "registered", "invalid", "ballots", "source")
"""Columns that a table of units adds to rows of candidates."""


def unit_cells(
    columns: Columns,
    about: Sequence[str],
    within: Sequence[str] | None,
    known: Collection[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the unit of every row and the columns it is made of.

    Of several ways to name them it is the one with the most known units, else the first.
    """
    if not about:
        return (EVERYWHERE,) * len(next(iter(columns.values.values()))), ()
    once = within is not None and len(set(within)) == len(within)
    places = {n for n in about if {"unit", "region", "contest"}.intersection(words_of(n))}
    part = replace(columns, values={name: columns.values[name] for name in about})
    personal = [] if within is None else [n for n in about if _of_people(columns, n, within)]
    ways: dict[tuple[str, ...], tuple[str, ...]] = {}
    choices = chain(unit_choices(part.without(personal)), unit_choices(part))
    for choice in choices if within is None else _short(part, choices, places, within):
        if ways and not {*personal}.isdisjoint(choice):
            break
        units = joined(part, choice)
        keys = units if within is None else tuple(zip(units, within, strict=True))
        told = choice == ("unit",) or "unit" in map(columns.said.get, choice)
        if within is not None and not told and _of_one_row_each(units, within):
            continue
        if not (told or places.intersection(choice)) and once and _comes_again(units):
            continue
        if choice in (("unit",), tuple(columns.said)) or len(set(keys)) == len(keys):
            ways.setdefault(units, tuple(choice))
            if told or not known:
                break
    if ways:
        return likeliest(columns.where, ways, known)
    if within is not None and len(set(within)) == len(within):
        return (EVERYWHERE,) * len(within), ()
    require_unit(part)
    raise AssertionError


def likeliest(
    where: str, ways: Mapping[tuple[str, ...], tuple[str, ...]], known: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the unit of every row and its columns, of several ways to name them.

    It is the one with the most known units, as they are written or nearly; else the first.

    Parameters
    ----------
    where : str
        What messages call the table.
    ways : mapping of tuple of str to tuple of str
        The unit of every row, and the columns it is made of.
    known : collection of str
        Units that are known.

    Raises
    ------
    InputError
        If all that two ways name are known units, and not the same.
    """
    here, hits = frozenset(known), dict[tuple[str, ...], int]()
    for units in ways if len(ways) > 1 else ():
        own = set(units)
        hits[units] = len(own & here) or len(matched_units(units, tuple(known)))
    best = max(ways, key=lambda units: hits.get(units, 0))
    either = [ways[u] for u, n in hits.items() if n == hits[best] == len(set(u)) and here >= {*u}]
    if len(either) > 1:
        named = " or ".join(" and ".join(choice) for choice in either)
        raise InputError(
            f"{where}: one column must name the units - all that {named} name are units of the "
            f"first round; say which with columns= (--columns '{either[0][0]}=unit')"
        )
    return best, ways[best]


def require_unit(columns: Columns) -> None:
    """Raise `InputError` if no column names the units: say which may."""
    names = [n for n in columns.names if columns.different(n) == len(columns)]
    texts = columns.of_kind("text", names)
    try:
        columns.require("unit")
    except InputError as error:
        likely = (*texts, *names, *columns.names)[0]
        raise InputError(
            f"{error}; or say which column names the units with columns= (--columns "
            f"'{likely}=unit')"
        ) from None


def _of_one_row_each(units: Sequence[str], people: Sequence[str]) -> bool:
    """Return whether every row has a value of its own, so that no unit has two candidates."""
    return len(set(people)) > 1 and len(people) == len(set(units))


def _of_people(columns: Columns, name: str, people: Sequence[str]) -> bool:
    """Return whether a column, of no place by its name, says something of candidates.

    It is the same for a candidate on all rows, and not for all candidates.
    """
    if name in columns.said or not {"unit", "region", "contest"}.isdisjoint(
        (name, *words_of(name))
    ):
        return False
    for some in (slice(FIRST_ROWS), slice(None)):  # some rows tell most columns apart
        here, cells = people[some], map(str, columns.values[name][some])
        if len({*zip(here, cells, strict=True)}) > len({*here}):
            return False
    return columns.different(name) > 1 and len({*people}) < len(people)


def _short(
    columns: Columns,
    choices: Iterable[tuple[str, ...]],
    places: Collection[str],
    people: Sequence[str],
) -> Iterator[tuple[str, ...]]:
    """Yield choices without what is said of candidates: one place is enough if they vary in it."""
    for choice in choices:
        one = [n for n in choice if n in places] if len(choice) > 1 else []
        rows = zip(columns.texts(one[0]), people, strict=True) if len(one) == 1 else ()
        enough = len({*rows}) == len(people)
        varied = enough and columns.different(*one) < columns.different(*choice)
        yield (*one,) if varied else choice


def _comes_again(units: Sequence[str]) -> bool:
    """Return whether names do not stand in one stretch of rows each, as parties do not."""
    stretches = 1 + sum(a != b for a, b in pairwise(units))
    return len(set(units)) < stretches or 2 * stretches > len(units)


def joined(columns: Columns, choice: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of some columns as one name per row."""
    texts = [columns.texts(name) for name in choice]
    if len(texts) == 1:
        return texts[0]
    rows = zip(*texts, strict=True)
    return tuple(row[0] if len({*row}) == 1 and is_total(row[0]) else " ".join(row) for row in rows)


def unit_choices(columns: Columns) -> Iterator[tuple[str, ...]]:
    """Yield the columns that may name the units, the likeliest first.

    One that is said or called so; else columns whose words speak of places, one or several
    together; else codes and text.
    """
    told = tuple(name for name in columns.names if columns.said.get(name) == "unit")
    if told or "unit" in columns.names:
        yield told or _in_regions(columns)
        return
    texts, whole = set(columns.of_kind("text")), set(columns.of_kind("whole"))
    free = [n for n in columns.free if not _quantity(n, text=n in texts)]
    free = [n for n in free if n not in whole or not is_channel(n)]  # votes on "election_day"
    full = [n for n in free if not any(map(is_missing, columns.values[n]))]
    number = [n for n in full if n in whole and counts_places(n)]
    full = [n for n in full if n not in number]
    places = [n for n in full if "unit" in words_of(n)]
    doubted = {n for n in full if n not in places[:1] and among_votes(n, columns.names, whole)}
    if doubted.intersection(places):
        yield from _choices(columns, [n for n in full if n not in doubted])
    yield from _choices(columns, full)
    yield from ((n,) for n in number)


def _in_regions(columns: Columns) -> tuple[str, ...]:
    """Return the column `unit`, behind that of regions if only both name every row."""
    n = len(columns)
    if columns.different("unit") < n:
        for name in columns.names:
            if role_of(name) == "region" and columns.different(name, "unit") == n:
                return name, "unit"
    return ("unit",)


def _choices(columns: Columns, full: Sequence[str]) -> Iterator[tuple[str, ...]]:
    places = [n for n in full if "unit" in words_of(n)][::-1]
    regions = [n for n in full if role_of(n) in ("region", "contest")][::-1]
    codes = [n for n in full if role_of(n) == "code" and n not in places]
    texts = columns.of_kind("text", (n for n in full if role_of(n) in ("", "area", "source")))
    named = columns.of_kind("text", (*places, *regions))
    yield from ((n,) for n in named if len(set(columns.values[n])) == len(columns) > 1)
    yield from ((n,) for n in places)
    yield from (pair[::-1] for pair in combinations(places, 2))
    names = columns.of_kind("text", (*texts, *regions)) if codes else []
    yield from ((n,) for code in codes for n in names if _names_code(columns, code, n))
    yield from ((n,) for n in codes)
    yield from ((other, n) for n in places for other in (*codes, *regions, *texts))
    yield from (three[::-1] for three in combinations([*places, *regions], 3))
    yield from (pair[::-1] for pair in combinations(regions, 2))
    yield from ((region, n) for n in (*codes, *texts) for region in regions)
    yield from ((n,) for n in (*texts, *regions))


def _names_code(columns: Columns, code: str, name: str) -> bool:
    """Return whether a column beside one of codes has one name for each of them."""
    order = columns.names
    beside = abs(order.index(code) - order.index(name)) == 1
    return beside and (
        1 < columns.different(name) == columns.different(code) == columns.different(code, name)
    )


def _quantity(name: str, *, text: bool) -> bool:
    if text and role_of(name) == "area":  # not of square kilometres
        return False
    if role_of(name) in ("votes", "party") and "unit" in words_of(name):  # "mesa de votación"
        return False
    return role_of(name) in (*ABOUT_UNITS, "votes", "coordinate", "area", "year", "party", "date")


def with_units(rows: Columns, units: Columns) -> Columns:
    """Return rows of unit, candidate, votes with what another table says of their units.

    Parameters
    ----------
    rows : Columns
        One row per unit and candidate.
    units : Columns
        One row per unit, with any of `OF_UNITS`.

    Raises
    ------
    InputError
        If a unit is in one of the tables only.

    Examples
    --------
    >>> rows = Columns(where="rows", values={"unit": ["n", "n"], "votes": [3, 2]})
    >>> units = Columns(where="units", values={"unit": ["n"], "registered": [9]})
    >>> with_units(rows, units).values["registered"]
    [9, 9]
    """
    rows.require("unit")
    place = {unit: i for i, unit in enumerate(units.keys("unit"))}
    names = rows.texts("unit")
    for unit in sorted({*names} ^ {*place}):
        raise InputError(
            f"{rows.where}: both tables must have the same units - {unit!r} is in one only"
        )
    more = {n: [units.values[n][place[u]] for u in names] for n in OF_UNITS if n in units.values}
    return rows.with_columns(more)
