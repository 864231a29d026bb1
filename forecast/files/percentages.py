"""Tables of percentages where counts of people are needed: recognised, and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from forecast.arrays import IntArray
from forecast.errors import InputError
from forecast.files.columns import Columns
from forecast.files.numbers import decimal, is_missing

NEAR = 0.02
"""How far sums of percentages may be off, as a fraction."""
FRACTIONS = 1.5
"""Sums from which numbers are percentages."""
FIRST = 20
"""Rows looked at first: large tables of counts need no second reading."""


def refuse_percentages(where: str, votes: IntArray, registered: IntArray | None) -> None:
    """Raise `InputError` if every unit's votes sum to about 100 and units are not that small."""
    sums = votes.sum(axis=1)
    as_percent = ((sums >= 99) & (sums <= 101)).all()
    if as_percent and (len(sums) > 1 or registered is None or (registered > 1000).any()):
        raise InputError(
            f"{where}: votes must be counts of people - every unit's votes sum to about 100, "
            "which looks like percentages; multiply them by the unit's valid votes"
        )


def refuse_fractional_shares(columns: Columns, names: Sequence[str]) -> None:
    """Raise `InputError` if columns hold percentages such as 38.64 or "38,64%", or fractions.

    Whole percentages are for `refuse_percentages`; other broken cells are
    left to `Columns.counts`, which names the cell.
    """
    if all(str(cell).isdigit() for name in names for cell in columns.values[name][:FIRST]):
        return
    cells = [[str(cell).strip() for cell in columns.values[name]] for name in names]
    signed = any(cell.endswith("%") for column in cells for cell in column)
    try:
        numbers = np.array([[_number(cell) for cell in column] for column in cells])
    except ValueError:
        return
    with np.errstate(over="ignore"):
        sums = numbers.sum(axis=0)
    broken, whole = (numbers != np.floor(numbers)).any(), bool((sums > 90).all())
    near = ((sums / (100 if whole else 1) > 0.9) & (sums / (100 if whole else 1) <= 1.01)).all()
    if not (signed or (near and broken)):
        return
    parts = " + ".join(column[0] for column in cells[:3]) + (" + ..." if len(cells) > 3 else "")
    unit, base = ("percentages", " / 100") if whole or signed else ("fractions", "")
    raise InputError(
        f"{columns.where}: votes must be counts of people - {columns.row(0)} has {parts} = "
        f"{sums[0]:.4g}, which looks like {unit}; use the table of votes, or multiply every "
        f"cell by its unit's valid votes{base} and round"
    )


def _number(cell: str) -> float:
    return decimal(cell.removesuffix("%"))


def votes_of_percentages(
    columns: Columns,
    names: Sequence[str],
    valid: IntArray,
    bases: Mapping[str, IntArray] | None = None,
) -> tuple[dict[str, list[int]], str]:
    """Return percentages (or fractions) as votes, and of which people they are, "" if of the valid.

    They are of the valid votes if they sum to 100, of the registered if they sum to the valid votes
    in percent of these, and so on; of whom they are nearest, by the worst row.

    Parameters
    ----------
    columns : Columns
        The table.
    names : sequence of str
        Columns of percentages.
    valid : ndarray of int64, shape (row,)
        Valid votes.
    bases : mapping of str to ndarray of int64, optional
        Other people that the percentages may be of, such as the registered; if there are any,
        sums within two points of none of them are refused.

    Raises
    ------
    InputError
        If a cell is no number, or a row sums to more than all or to no base.
    """
    rows = np.empty((len(names), len(columns)))
    for k, name in enumerate(names):
        for i, cell in enumerate(columns.values[name]):
            try:
                rows[k, i] = 0.0 if is_missing(cell) else _number(str(cell).strip())
            except ValueError:
                raise InputError(
                    f"{columns.row(i)}, {name!r}: must be a percentage - found {str(cell)[:40]!r}"
                ) from None
    sums = rows.sum(axis=0)
    whole = 100.0 if np.median(sums) > FRACTIONS else 1.0
    for i in np.flatnonzero(~((sums >= 0) & (sums <= 1.02 * whole)))[:1]:
        raise InputError(
            f"{columns.row(int(i))}: percentages must sum to at most {whole:.0f} - found "
            f"{sums[i]:.4g}; correct them"
        )
    people = {"": valid, **(bases or {})}
    off = {
        name: np.abs(sums / whole - valid / np.maximum(number, 1))[valid > 0]
        for name, number in people.items()
    }
    base = min(off, key=lambda name: float(off[name].max(initial=0)))
    if bases and off[base].max(initial=0) > NEAR:
        i = int(np.flatnonzero(valid > 0)[off[""].argmax()])
        raise InputError(
            f"{columns.row(i)}: percentages must sum to 100, or to the valid votes in percent of "
            f"{' or '.join(bases)} - found {100 * sums[i] / whole:.4g}; add the candidates that "
            "are missing, or use the table of votes"
        )
    votes = np.rint(rows / whole * people[base]).astype(np.int64)
    return {name: votes[k].tolist() for k, name in enumerate(names)}, base
