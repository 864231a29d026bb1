"""Rows of a table of polls that are further questions of the poll above, in merged cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forecast.facts.poll_tables.cells import FEWEST, is_empty, note_of_rows, share_of
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns

FACTS = ("start", "end", "published", "n")
"""Roles of columns that say when a poll asked how many."""


def with_merged(columns: Columns, roles: Mapping[str, Sequence[str]]) -> tuple[Columns, list[str]]:
    """Return a table whose questions of one poll all say who asked, when and how many, and notes.

    A row is one of the poll above if it says neither, names nobody else as who asked, and has
    shares of some of the candidates there and not of all, as a question about a runoff has.

    Examples
    --------
    >>> cells = {"pollster": ["Acme", ""], "n": ["900", ""], "Ada": [40, 54], "Ben": [30, 46]}
    >>> table = Columns(where="polls", values=cells | {"Cid": [20, "-"]})
    >>> roles = {"pollster": ["pollster"], "n": ["n"], "": ["Ada", "Ben", "Cid"]}
    >>> with_merged(table, roles)[0].values["n"]
    ['900', '900']
    """
    facts = [name for role in FACTS for name in roles.get(role, ())]
    who = list(roles.get("pollster", ()))[:1]
    if {"candidate", "share"} <= {*roles} or not who or not facts:
        return columns, []
    filled = {name: [*columns.values[name]] for name in (*who, *facts)}
    head, asked, rows = -1, set[str](), []
    for i in range(len(columns)):
        shares = {n: share_of(columns.values[n][i]) for n in roles.get("", ())}
        named = {n for n, share in shares.items() if share and share.number}
        told = any(not is_empty(columns.values[n][i]) for n in facts)
        asker = columns.values[who[0]][i]
        same = is_empty(asker) or (
            head >= 0 and folded(str(asker)) == folded(str(filled[who[0]][head]))
        )
        if told and not is_empty(asker):
            head, asked = i, named
        elif head >= 0 and not told and same and len(named) >= FEWEST and named < asked:
            rows.append(columns.row(i))
            for cells in filled.values():
                cells[i] = cells[head]
        else:
            head = -1
    note = "without who asked and when, taken for further questions of the poll above"
    return (columns.with_columns(filled) if rows else columns), note_of_rows(rows, note)
