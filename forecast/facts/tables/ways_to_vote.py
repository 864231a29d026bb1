"""Rows of candidates or units told by way of voting: by mail, early, on election day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from forecast.arrays import grouped
from forecast.display import Message
from forecast.facts.tables.roles_said import role_in
from forecast.facts.words.column_words import is_channel, is_total, role_of, words_of
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

VOTES, FEWEST = "votes", 2
NO_KEY = ("", "percent", "turnout", "total", "average", "area", "source", "date", "votes")
"""Roles of columns that may differ between the ways in which one unit voted for one candidate."""
ADDED = ("", "candidate", "votes", "registered", "ballots", "valid", "invalid", "abstention",
         "unused", "total")  # fmt: skip
"""Roles of columns whose numbers are summed where rows of units are ways to vote."""


def are_ways(cells: Sequence[object]) -> bool:
    """Return whether all cells of a column are ways to vote, or their total.

    Examples
    --------
    >>> are_ways(["mail", "Election Day", "Total"]), are_ways(["mail", "North"])
    (True, False)
    """
    kinds = set(map(str, cells))
    known = all(is_channel(kind) or is_total(kind, whole=True) for kind in kinds)
    return known and any(map(is_channel, kinds))


def columns_of_ways(columns: Columns, person: str) -> tuple[Columns, str]:
    """Return the table and the column of all votes, where columns are ways to vote.

    That is the total, which is also taken beside columns of other meaning, or the sum where there
    is none. The name is empty where nothing says so.
    """
    free = columns.of_kind("whole", (n for n in columns.free if n != person))
    ways = [n for n in free if is_channel(n)]
    votes = [n for n in free if role_of(n) in (VOTES, "round") and n not in ways]
    totals = [n for n in free if role_of(n) == "total" and {*words_of(n)} <= {"total", VOTES}]
    totals = [n for n in totals if not _of_units(columns, person, n)]
    if len(totals) > 1:
        totals = [n for n in totals if VOTES in words_of(n)] or totals
    if VOTES in (*columns.said.values(), *columns.names):
        return columns, ""
    if len(totals) == 1 and (ways or not votes):
        parts = _parts(columns, ways, free, totals[0])
        whole, named = repr(totals[0]), " and ".join(parts)
        note = Message("votes are {column}, the total of {parts}", column=whole, parts=named)
        return columns.without(parts).noting(*[note] * bool(parts)), totals[0]
    if votes or totals or len(ways) < FEWEST:
        return columns, ""
    note = Message("votes are the sum of {parts}", parts=" and ".join(ways))
    table = columns.without(ways).with_columns({VOTES: columns.summed(ways)})
    return table.noting(note), VOTES


def rows_of_ways(columns: Columns, person: str, votes: Collection[str]) -> Columns:
    """Return the table with one row per unit and candidate where rows are ways to vote.

    Rows of a total are taken alone, others are summed.
    """
    texts = [n for n in columns.free if n not in (person, *votes)]
    ways = [n for n in texts if are_ways(columns.values[n])]
    if len(ways) != 1:
        return columns
    cells = list(map(str, columns.values[ways[0]]))
    keys = [n for n in columns.names if n not in (person, ways[0], *votes)]
    known = [n for n in keys if n in columns.said or _tells_rows_apart(columns, n)]
    named = columns.rows_of([person, *known])
    if len({*zip(named, cells, strict=True)}) < len(cells):  # a way twice: more tells them apart
        named = columns.rows_of([person, *known, *columns.of_kind("text", {*keys} - {*known})])
    whole = [i for i, cell in enumerate(cells) if is_total(cell, whole=True)]
    alone = bool(whole) and {named[i] for i in whole} == set(named)
    rows = whole if alone else [i for i in range(len(cells)) if i not in set(whole)]
    groups = grouped((named[i], i) for i in rows)
    table = columns.without(ways).select(group[0] for group in groups.values())
    sums: dict[str, Sequence[object]] = {}
    for name in votes:
        counts, given = columns.partial_counts(name)
        sums[name] = [int(counts[g].sum()) if given[g].any() else None for g in groups.values()]
    return table.with_columns(sums).noting(_told(ways[0], (cells[i] for i in rows), alone=alone))


def _told(name: str, kinds: Iterable[str], *, alone: bool) -> Message:
    """Return a note of a column of ways to vote: whether totals alone are read, or sums."""
    said = "{column} tells ways to vote: {kinds} are summed"
    if alone:
        said = "{column} tells ways to vote: rows called {kinds} are taken, not their parts"
    return Message(said, column=repr(name), kinds=", ".join(dict.fromkeys(kinds)))


def units_of_ways(columns: Columns) -> Columns:
    """Return a table with a column per candidate and one row per unit.

    Of a unit whose rows are ways to vote their total is taken, or they are summed where there is
    none; registered people who are as many on all rows of every unit are counted once. Unknown
    words are ways to vote, too, where every unit has a row of their exact total.
    """
    texts = columns.of_kind("text", columns.free)
    known = [n for n in texts if are_ways([c for c in columns.values[n] if not is_missing(c)])]
    few = [n for n in texts if not known and 2 * columns.different(n) <= len(columns)]
    ways = known or [n for n in few if any(map(_is_sum, {*map(str, columns.values[n])}))]
    whole = columns.of_kind("whole")
    counts = [n for n in whole if role_in(columns, n) in ADDED and n != "unit"]
    keys = [n for n in columns.names if n not in (*ways, *counts)]
    keys = [n for n in keys if columns.said.get(n, n) == "unit" or _tells_rows_apart(columns, n)]
    if len(ways) != 1 or len(counts) < FEWEST or not keys:
        return columns
    cells = ["" if is_missing(c) else str(c) for c in columns.values[ways[0]]]
    groups = grouped((key, i) for i, key in enumerate(columns.rows_of(keys)))
    once = all(len({cells[i] for i in rows}) == len(rows) for rows in groups.values())
    if len(groups) == len(columns) or not once:
        return columns
    totals = [[i for i in rows if _is_sum(cells[i])] for rows in groups.values()]
    parts = [total or rows for total, rows in zip(totals, groups.values(), strict=True)]
    if not known and not _are_exact(columns, counts, totals, [*groups.values()]):
        return columns
    sums = {name: _added(columns, name, parts) for name in counts}
    apart = [n for n in columns.free if n not in (*keys, *counts)]
    table = columns.without(apart).select(rows[0] for rows in parts)
    read = (cells[i] for rows in parts for i in rows if all(totals) or is_channel(cells[i]))
    return table.with_columns(sums).noting(_told(ways[0], read, alone=all(totals)))


def _is_sum(cell: object) -> bool:
    return is_total(str(cell), whole=True)


def _are_exact(
    columns: Columns,
    counts: Sequence[str],
    totals: Sequence[Sequence[int]],
    groups: Sequence[Sequence[int]],
) -> bool:
    """Return whether each group has one row of a total, exactly that of its others in all votes."""
    votes = [columns.partial_counts(n)[0] for n in counts if role_of(n) in ("", "candidate")]
    if len(groups) < FEWEST or len(votes) < FEWEST or any(len(total) != 1 for total in totals):
        return False
    return all(
        len(rows) > FEWEST and all(2 * own[total[0]] == own[[*rows]].sum() for own in votes)
        for total, rows in zip(totals, groups, strict=True)
    )


def _added(columns: Columns, name: str, groups: Sequence[Sequence[int]]) -> list[int | None]:
    """Return the sums of a column over groups of rows, or what is said again on each of them."""
    counts, given = columns.partial_counts(name)
    again = role_of(name) == "registered" and all(len({*counts[g]}) == 1 for g in groups)
    sums = [int(counts[g[0]] if again else counts[g].sum()) for g in map(list, groups)]
    return [n if given[[*g]].any() else None for n, g in zip(sums, groups, strict=True)]


def _tells_rows_apart(columns: Columns, name: str) -> bool:
    text, role = columns.kind(name) == "text", role_of(name)
    known = "unit" in words_of(name) or role not in NO_KEY or (role == "area" and text)  # no size
    return known or (not words_of(name) and text)


def _of_units(columns: Columns, person: str, name: str) -> bool:
    """Return whether a column is the same for all candidates of a unit, as its total is."""
    people, cells = (map(str, columns.values[n]) for n in (person, name))
    found = grouped(zip(people, cells, strict=True))
    alike = len({tuple(sorted(group)) for group in found.values()}) == 1
    return alike or any(
        columns.different(n, name) == columns.different(n) < len(columns)
        for n in columns.names
        if n not in (person, name) and _tells_rows_apart(columns, n)
    )


def _parts(
    columns: Columns, ways: Sequence[str], free: Sequence[str], total: str
) -> tuple[str, ...]:
    """Return the ways to vote, and the column that is what they leave of the total."""
    counted = [columns.partial_counts(n)[0] for n in ways]
    rest = columns.partial_counts(total)[0] - np.sum(counted, axis=0, dtype=np.int64)
    others = [n for n in free if n not in (*ways, total)]
    last = [n for n in others if ways and (columns.partial_counts(n)[0] == rest).all()]
    return tuple(n for n in columns.names if n in (*ways, *last))
