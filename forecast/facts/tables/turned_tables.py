"""Tables whose rows are candidates and whose columns are units, turned the other way round."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from forecast.errors import InputError
from forecast.facts.tables.long_tables import ABOUT_UNITS, NAMES
from forecast.facts.tables.roles_said import role_in
from forecast.facts.tables.rounds import round_of_cell, round_of_name
from forecast.facts.words.column_words import is_channel, is_total, role_of, words_of
from forecast.facts.words.names import matched_people, matched_units
from forecast.facts.words.number_shapes import counts_on
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing
from forecast.files.text import in_short

MOST_PEOPLE = 1000
"""Most rows of a table whose rows are candidates."""
BESIDE = ("code", "party", "percent", "area", "source", "date", "coordinate")
"""Roles of columns about candidates that are no unit."""
COUNTED = (*ABOUT_UNITS, "votes", "code", "round")
"""Roles of columns that are no unit."""
PERSONAL = word_list("parts of names")
"""Words of columns of names that no place has."""


def upright(columns: Columns) -> Columns:
    """Return a table whose rows are candidates the other way round.

    Rows have labels of lists, ballots or invalid votes, or their column is called candidate, and
    no column has a name that says what is counted. Codes, numbers and parties of candidates are
    left out, and percentages beside votes. The user may speak of rows that become columns.
    """
    if not 2 <= len(columns) <= MOST_PEOPLE:
        return columns
    table = _without_shares(columns)
    label, people, whole = _parts(table)
    if len(whole) < 2 or not label:
        return columns
    empty = any(is_missing(cell) for n in people for cell in table.values[n])
    if empty or table.of_kind("whole", whole) != [*whole]:
        return columns
    names = _labels(table, people)
    about = sum(role_of(name) in ("registered", "ballots", "invalid", "valid") for name in names)
    called = len(people) > 1 or role_in(table, label) == "candidate"
    called = called and not any(map(_says_a_round, whole)) and not all(map(is_channel, whole))
    if len(set(names)) < len(names) or len(names) - about < 2 or not (about or called):
        return columns
    return _turned(table, people, whole)


def _labels(columns: Columns, people: Sequence[str]) -> tuple[str, ...]:
    """Return what every row is called by some columns together."""
    return tuple(map(" ".join, zip(*(columns.texts(n) for n in people), strict=True)))


def _turned(columns: Columns, people: Sequence[str], whole: Sequence[str]) -> Columns:
    """Return a table with a row for each of some columns."""
    names = _labels(columns, people)
    rows = {name: [columns.values[n][i] for n in whole] for i, name in enumerate(names)}
    values: dict[str, Sequence[object]] = {"unit": whole, **rows}
    rest = {name: role for name, role in columns.said.items() if name not in columns.names}
    return Columns(where=columns.where, values=values, footnotes=columns.footnotes, said=rest)


def _without_shares(columns: Columns) -> Columns:
    """Return a table without "Alfa %" beside "Alfa votes", which then is called "Alfa"."""
    short, shares, names = dict[str, str](), list[str](), columns.names
    for k, name in enumerate(names):
        for other in (*names[max(k - 1, 0) : k], *names[k + 1 : k + 2]):
            parts = [" ".join(name.split()[:n]) for n in range(name.count(" ") + 1, 0, -1)]
            base = next((part for part in parts if f"{other} ".startswith(f"{part} ")), "")
            if base and role_of(name.removeprefix(base)) == "percent" != role_of(other):
                short[other] = base
                shares.append(name)
                break
    short = {n: base for n, base in short.items() if n != base}
    taken = {*names, *short.values()}
    unique = len(taken) == len(names) + len(short)
    if len(shares) < 2 or not unique or {*shares, *short} & {*columns.said}:
        return columns
    return columns.without(shares).renamed(short)


def upright_returns(columns: Columns, known: Mapping[str, str], units: Collection[str]) -> Columns:
    """Return a table whose rows name people and whose columns name units the other way round."""
    if not units or len(columns) > MOST_PEOPLE or {*columns.said}.intersection(columns.names):
        return columns
    table = _without_shares(columns)
    for label in table.of_kind("text", table.names[:1]):
        rest = [n for n in table.names if n != label and (role_of(n) not in BESIDE or n in units)]
        places = [n for n in rest if not is_total(n)]
        here = len({*places}.intersection(units)) or len(matched_units(places, tuple(units)))
        names = table.texts(label) if here and 2 * here >= len(places) else ()
        people = {*matched_people(names, known).values()}
        if len(people) > 1 and len({*names}) == len(names) and not matched_people(rest, known):
            return _turned(table, [label], rest)
    return columns


def _parts(columns: Columns) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the first column that names people, all that do, and those that may be units."""
    said = {n: role for n, role in columns.said.items() if n in columns.names}
    kept = [n for n in columns.names if n not in said or said[n] == "candidate"]
    kinds = {n: columns.kind(n) for n in kept}
    texts = [n for n in kept if kinds[n] == "text"]
    named = [n for n in texts if n in said or role_of(n) == "candidate"]
    parts = [n for n in texts if NAMES.intersection(folded(n).split()) and not _is_other(n)]
    personal = any(PERSONAL.intersection(folded(n).split()) for n in parts)
    named = named or (parts if personal and len(parts) > 1 else [])
    if len(texts) > 1:
        texts = named or [n for n in texts if role_of(n) not in BESIDE]
    if not texts or (len(texts) > 1 and texts != parts):
        return "", (), ()
    label = texts[0]
    front = columns.names[: columns.names.index(label)]
    whole = [n for n in kept if n not in texts and kinds[n] != "text" and not is_total(n)]
    if {*said.values()} - {"candidate", "ignored", "source"} or any(n in said for n in whole):
        return "", (), ()
    near = (*front, *columns.names[len(front) + len(texts) :][:1])
    beside = [n for n in whole if n in near and not _is_unit(columns, n)]
    beside += [n for n in whole if role_of(n) in BESIDE and label in named]
    whole = [n for n in whole if n not in beside]
    counted = any(role_of(round_of_name(n)[0]) in COUNTED for n in whole)
    sure = label in named or sum(not is_total(n) for n in kept) == len(whole) + 1
    if counted or not sure or any(n in whole for n in front):
        return "", (), ()
    return label, tuple(texts), tuple(whole)


def _is_other(name: str) -> bool:
    """Return whether a column names something else than people, such as "Precinct name"."""
    return bool({"unit", "region", "contest", "party", "code"}.intersection(words_of(name)))


def _is_unit(columns: Columns, name: str) -> bool:
    """Return whether a column next to names may be a unit: it neither counts nor is a code."""
    if role_of(name) in BESIDE:
        return False
    try:
        counts, given = columns.partial_counts(name)
    except InputError:  # a broken cell is named once the roles are settled
        return True
    return not (given.all() and len(counts) > 1 and counts_on(counts))


def _says_a_round(name: str) -> bool:
    return bool(round_of_name(name)[1] or round_of_cell(name) or re.fullmatch(r"(19|20)\d\d", name))


def refuse_turned(columns: Columns) -> None:
    """Raise `InputError` if rows are called candidates and columns would become candidates."""
    names = columns.free
    texts = columns.of_kind("text", names)
    people = [n for n in texts if role_of(n) == "candidate"]
    places = [n for n in columns.names if {"unit", "region", "contest"}.intersection(words_of(n))]
    places += [n for n in texts if not words_of(n)]
    whole = columns.of_kind("whole", (n for n in names if not words_of(n)))
    if not people or len(whole) < 2 or places or "unit" in columns.said.values():
        return
    raise InputError(
        f"{columns.where}: rows must be units or candidates - found names in {people[0]!r}, and "
        f"numbers in {in_short(whole)}, none of which is called "
        "votes; leave columns out that are no unit with columns= (--columns 'NAME=ignored'), or "
        f"if rows are units say so (--columns '{people[0]}=unit')"
    )
