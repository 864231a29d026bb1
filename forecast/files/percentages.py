"""Tables of percentages where counts of people are needed: recognised, and explained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast.errors import InputError
from forecast.files.columns import Columns

__all__ = ["refuse_fractional_shares"]


FIRST = 20
"""Rows looked at first: large tables of counts need no second reading."""


def refuse_fractional_shares(columns: Columns, names: Sequence[str]) -> None:
    """Raise `InputError` if columns hold percentages such as 38.64 or "38,64%", or fractions.

    Whole percentages are for `forecast.files.columns.refuse_percentages`; other broken cells are
    left to `Columns.counts`, which names the cell.

    Parameters
    ----------
    columns : Columns
        The table.
    names : sequence of str
        Columns of votes.
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
    text = cell.removesuffix("%").replace("\u00a0", "").strip()
    return float(text.replace(",", ".") if text.count(",") == 1 else text)
