"""Rows of one unit for kinds of ballots, such as postal and election day, which are added up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forecast.arrays import grouped, summed_by
from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.tables.count_table import CountTable
from forecast.facts.tables.counted_cells import reading
from forecast.facts.tables.report_order import TIMES, VERSIONS, bulletin_numbers
from forecast.facts.tables.roles_said import ColumnRoles
from forecast.facts.tables.rounds import rounds_of_values
from forecast.facts.words.column_words import is_channel, is_total, role_of
from forecast.facts.words.names import matched_units
from forecast.facts.words.times import comparable_times
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import LOOKED_AT, is_missing

MOST_KINDS = 12
"""Different kinds of ballots."""
NEARLY_ALL = 0.9
"""Units that have a row of every kind, as a fraction of those that have several rows."""
MOST = 0.5
"""Units of several rows, or with votes of a kind, as a fraction, that make this the rule."""
FEWEST = 2
"""Units with several rows that show what a column tells apart."""
OTHER = ("round", "contest", "candidate", "unit", "region", "code", "date", "year", "party")
"""Roles of columns that tell apart something else."""
NAMED = ("unit", "region", "counted", "attached_to", "reported", "version")
"""Names that always mean themselves."""


def kind_column(columns: Columns, units: Collection[str]) -> str:
    """Return the column that tells apart the rows of a unit, empty if there is none.

    It is text that nobody has spoken for, and nearly every unit of several rows has a row of each
    of its values, or all of these are ways to vote. Raises `InputError` if the values are neither
    ways to vote nor anything else that is known.
    """
    names = unit_cells(columns, units)[1]
    rows = grouped((unit, i) for i, unit in enumerate(names))
    every, rows = len(rows), {unit: places for unit, places in rows.items() if len(places) > 1}
    for name in columns.of_kind("text", (n for n in columns.free if n not in NAMED)):
        texts = ["" if is_missing(cell) else str(cell).strip() for cell in columns.values[name]]
        several = any(len({texts[i] for i in places}) > 1 for places in rows.values())
        if several and all(map(is_channel, texts)):
            return name
        if len(rows) < FEWEST:
            continue
        kinds = {texts[i] for places in rows.values() for i in places}
        if not 1 < len(kinds) <= MOST_KINDS or "" in kinds or kinds & set(units):
            continue
        full = [{texts[i] for i in places} == kinds for places in rows.values()]
        if sum(full) < NEARLY_ALL * len(full):
            continue
        ways = {kind for kind in kinds if not is_total(kind, whole=True)}
        if all(map(is_channel, ways)):
            return name
        few = len(rows) < MOST * every  # corrections of some units
        if not few and role_of(name) not in OTHER and not _are_reports(name, kinds):
            _refuse(columns, name, [texts[i] for i in next(iter(rows.values()))])
    return ""


def _are_reports(name: str, kinds: Collection[str]) -> bool:
    """Return whether a column tells reports or rounds apart: by times, states, or numbers."""
    if any(map(reading, kinds)) or rounds_of_values([*kinds]) or bulletin_numbers([*kinds]):
        return True
    try:
        comparable_times({kind: kind for kind in kinds})
    except InputError:
        return not (TIMES | VERSIONS).isdisjoint(folded(name).split())
    return True


def unit_cells(columns: Columns, units: Collection[str]) -> tuple[str, list[str]]:
    """Return the column that names the units, and the unit of every row as the first round does.

    Both are empty if there is none. Of several it is the one that names most of the units: numbers
    of stations within their towns name a few of those that have a number in all the country.
    """
    values, said, here = columns.values, columns.said, frozenset(units)
    named = [n for n in values if said.get(n, "unit" if n == "unit" else role_of(n)) == "unit"]
    told = "unit" in (*named, *said.values())
    names = [*named, *(n for n in values if n not in named and n not in said)]
    for k, name in enumerate(names):
        texts = [str(cell).strip() for cell in values[name]]
        written = matched_units(texts, tuple(units))
        texts = [written.get(text, text) for text in texts]
        if 2 * len(here.intersection(texts)) >= len(set(texts)):
            best = (name, texts)
            several = not told and len(set(texts)) < len(texts)
            for other in names[k + 1 :] if several else ():
                if here.isdisjoint(str(cell).strip() for cell in values[other][:LOOKED_AT]):
                    continue
                cells = [str(cell).strip() for cell in values[other]]
                if len(here.intersection(cells)) > len(here.intersection(best[1])):
                    best = (other, cells)
            return best
    return "", []


def _refuse(columns: Columns, name: str, kinds: Sequence[str]) -> None:
    named = ", ".join(repr(kind[:30]) for kind in kinds[:3])
    raise InputError(
        f"{columns.where}: column {name!r} has {named} for every unit - must be known to be parts "
        "of one count, or reports of which the last counts; if they are parts, add them up to one "
        f"row per unit; if the last row counts, say so with columns= (--columns '{name}=ignored')"
    )


def sums_of_kinds(table: CountTable, name: str) -> CountTable:
    """Return a table with one row per unit: the sum of its kinds, or their total where it is told.

    A unit is counted out only where every kind is, so one without votes of a kind that most others
    have is counted in part.
    """
    texts = [str(cell).strip() for cell in table.columns.values[name]]
    last = {pair: i for i, pair in enumerate(zip(table.units, texts, strict=True))}
    if len(last) < len(texts):
        return sums_of_kinds(table.select(np.array(sorted(last.values()))), name)
    totals = [kind for kind in dict.fromkeys(texts) if is_total(kind, whole=True)]
    kinds = [kind for kind in dict.fromkeys(texts) if kind not in totals]
    parts = np.array([i for i, text in enumerate(texts) if text not in totals])
    told_whole = {u for u, text in zip(table.units, texts, strict=True) if text in totals}
    if totals and told_whole < {table.units[i] for i in parts} == {*table.units}:
        return sums_of_kinds(table.select(parts), name)  # totals are not yet told everywhere
    if totals:
        kept = np.array([i for i, text in enumerate(texts) if text == totals[0]])
        return _told(
            table.select(kept),
            Message("of {column} the rows {total} are read", column=name, total=totals[0]),
        )
    first: dict[str, int] = {}
    groups = np.array([first.setdefault(unit, len(first)) for unit in table.units])
    starts = np.unique(groups, return_index=True)[1]
    told = _whole(table, groups, np.array([kinds.index(text) for text in texts]))
    found = table.select(starts)
    n = len(first)
    sums: dict[str, Any] = {"votes": summed_by(groups, table.votes, n)}
    sums["given"] = summed_by(groups, table.given, n) > 0
    for other in ("registered", "ballots", "valid", "invalid", "abstention"):
        counts = getattr(table, other)
        if counts is not None:
            once = (counts == counts[starts][groups]).all()
            sums[other] = counts[starts] if once else summed_by(groups, np.maximum(counts, 0), n)
    values = dict(found.columns.values)
    roles = dict(table.roles.roles)
    if told is not None:
        column = (*table.roles.of("counted"), "counted")[0]
        values[column], roles[column] = told, "counted"
    found = replace(
        found,
        columns=replace(found.columns, values=values),
        roles=ColumnRoles(roles=roles, why=table.roles.why),
        **sums,
    )
    said = "rows of {column} are added up for each unit: {kinds}"
    return _told(found, Message(said, column=name, kinds=", ".join(kinds)))


def _told(table: CountTable, note: str) -> CountTable:
    return replace(table, notes=(*table.notes, note))


def _whole(table: CountTable, groups: Any, kinds: Any) -> list[object] | None:
    """Return what the cells of `counted` say of each unit, None if every row is all there.

    Cells that differ within a unit say that it is counted in part, and not how much of it.
    """
    said = table.said("counted")
    if said is not None:
        cells = grouped(zip(groups.tolist(), map(str, said), strict=True))
        return [own[0] if len({*own}) == 1 else "0" for own in cells.values()]
    some: Any = table.votes.any(axis=1)
    given: Any = table.given.any(axis=1)
    usual = np.array([some[kinds == k].mean() for k in range(kinds.max() + 1)]) > MOST
    there: Any = np.zeros((groups.max() + 1, kinds.max() + 1), dtype=bool)
    there[groups, kinds] = some | (given & usual[kinds])
    return None if there.all() else there.all(axis=1).astype(float).tolist()
