"""Tables with one row per unit and candidate, turned into one row per unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forecast.errors import InputError
from forecast.files.columns import Columns

__all__ = ["widened"]


def _by_unit(columns: Columns, name: str) -> list[object]:
    """Return a column of a long table that says the same on every row of a unit."""
    first: dict[object, object] = {}
    rows = zip(columns.values["unit"], columns.values[name], strict=True)
    for i, (unit, cell) in enumerate(rows):
        if first.setdefault(unit, cell) != cell:
            raise InputError(
                f"{columns.row(i)}: {name!r} must be the same on every row of a unit - found "
                f"{cell!r} and {first[unit]!r} in {unit!r}; correct it"
            )
    return list(first.values())


def widened(columns: Columns, units: Any, about_units: Sequence[str]) -> Columns:
    """Return rows of `unit, candidate, votes` as one row per unit, one column per candidate.

    Parameters
    ----------
    columns : Columns
        The long table; a missing pair counts as no votes.
    units : table or None
        One row per unit with further columns.
    about_units : sequence of str
        Names of columns that belong in `units` and are no candidates.

    Raises
    ------
    InputError
        If a pair occurs twice, or the two tables have different units.
    """
    columns.require("unit", "candidate", "votes")
    rows = zip(
        columns.texts("unit"), columns.texts("candidate"), columns.counts("votes"), strict=True
    )
    wide: dict[str, dict[str, int]] = {}
    for i, (unit, candidate, count) in enumerate(rows):
        votes = wide.setdefault(unit, {})
        if candidate in votes:
            raise InputError(
                f"{columns.row(i)}: a candidate must occur once per unit - found {candidate!r} "
                f"again in {unit!r}; merge the rows"
            )
        if candidate in about_units:
            raise InputError(f"{columns.row(i)}: {candidate!r} is no candidate; give it in units=")
        votes[candidate] = int(count)
    values: dict[str, Sequence[object]] = {"unit": tuple(wide)}
    for candidate in dict.fromkeys(columns.texts("candidate")):
        values[candidate] = [votes.get(candidate, 0) for votes in wide.values()]
    for name in set(columns.names) & set(about_units) - {"unit"}:
        values[name] = _by_unit(columns, name)
    if units is not None:
        table = Columns.from_frame(units, where="units")
        position = {unit: i for i, unit in enumerate(table.keys("unit"))}
        for unit in sorted(set(wide) ^ set(position)):
            raise InputError(
                f"{columns.where}: both tables must have the same units - {unit!r} is in one only"
            )
        for name in table.names:
            if name in about_units and name != "unit":
                values[name] = [table.values[name][position[unit]] for unit in wide]
    return Columns(where=columns.where, values=values)
