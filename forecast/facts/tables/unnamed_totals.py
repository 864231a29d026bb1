"""Rows of sums whose unit is left empty: "Nord" beside nothing, above the places of the Nord."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.facts.tables.roles_said import role_in
from forecast.facts.words.column_words import role_of
from forecast.files.columns import Columns
from forecast.files.numbers import filled_down, is_missing

FEWEST = 2
"""Columns of counts, and rows of some sum, that show that sums are no accident."""
TOTAL = "Total"
COUNTED = ("", "candidate", "votes", "registered", "ballots", "valid", "invalid", "abstention")
"""Roles of columns that are summed."""


def with_named_totals(columns: Columns) -> Columns:
    """Return a table in which rows of sums with an empty cell for the unit are called totals.

    Every such row is, in all columns of counts, the sum of the rows with a unit that share what it
    has in other columns of text, or of all rows. A name that stands on the row of the sum only is
    that of the rows below it.

    Examples
    --------
    >>> table = {"region": ["N", "N", "N"], "unit": ["", "a", "b"], "Ada": [5, 2, 3]}
    >>> found = with_named_totals(Columns(where="t", values=table | {"Ben": [7, 3, 4]}))
    >>> [*found.values["unit"]]
    ['Total N', 'a', 'b']
    """
    texts = [n for n in columns.of_kind("text") if role_in(columns, n) != "candidate"]
    empty = {n: [i for i, c in enumerate(columns.values[n]) if is_missing(c)] for n in texts}
    for name in (n for n in texts if 0 < 2 * len(empty[n]) <= len(columns)):
        sums = empty[name]
        counts = _counts(columns, sums)
        others = {n: _of_rows_below(columns.values[n], sums, empty[n]) for n in texts if n != name}
        if len(counts) < FEWEST or not others:
            continue
        labels = _labels(others, sums, counts)
        if labels:
            cells = [labels.get(i, cell) for i, cell in enumerate(columns.values[name])]
            return columns.with_columns({name: cells})
    return columns


def _counts(columns: Columns, sums: Sequence[int]) -> list[Any]:
    """Return the columns of counts that have a number in every one of some rows."""
    names = [n for n in columns.of_kind("whole") if role_of(n) in COUNTED]
    try:
        found = [columns.partial_counts(n) for n in names]
    except InputError:  # a broken cell is named once the roles are settled
        return []
    return [counts for counts, given in found if given[[*sums]].all()]


def _of_rows_below(
    cells: Sequence[object], sums: Sequence[int], empty: Sequence[int]
) -> Sequence[object]:
    """Return a column in which rows of units are called as the sum above them, if that alone is."""
    if not {*range(len(cells))} - {*sums} <= {*empty}:
        return cells
    filled = filled_down(cells)
    return [None if i in sums and i in empty else cell for i, cell in enumerate(filled)]


def _labels(
    others: Mapping[str, Sequence[object]], sums: Sequence[int], counts: Sequence[Any]
) -> dict[int, str]:
    """Return the names of rows of sums, none if one of them is no sum."""
    table = np.array(counts)
    units = np.ones(table.shape[1], dtype=bool)
    units[[*sums]] = False
    texts = {n: np.array(["" if is_missing(c) else str(c) for c in x]) for n, x in others.items()}
    found, most = {}, 0
    for i in sums:
        own = [cells[i] for cells in texts.values() if cells[i]]
        parts = units.copy()
        for cells in texts.values():  # a name that no unit has is that of all of them
            own_region = units & (cells == cells[i])
            parts &= own_region if cells[i] and own_region.any() else True
        if not parts.any() or (table[:, parts].sum(axis=1) != table[:, i]).any():
            return {}
        found[i] = " ".join([TOTAL, *own])
        most = max(most, int(parts.sum()))
    return found if most >= FEWEST else {}
