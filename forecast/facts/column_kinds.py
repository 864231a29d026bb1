"""What the cells of a column hold: whole numbers, other numbers, text, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from forecast.files.columns import Columns
from forecast.files.numbers import is_missing, spoken_for

__all__ = ["column_kind", "of_kind"]

LOOKED_AT = 200
"""Cells that tell numbers from text."""


def column_kind(cells: Sequence[object]) -> str:
    """Return what a column holds by most of its first cells: whole, number, text or empty."""
    kinds = {"whole": 0, "number": 0, "text": 0}
    given = 0
    for cell in cells:
        if is_missing(cell):
            continue
        given += 1
        kinds[_kind_of(cell)] += 1
        if given >= LOOKED_AT:
            break
    if not given:
        return "empty"
    if kinds["text"] * 2 > given:
        return "text"
    return "whole" if kinds["whole"] >= kinds["number"] else "number"


def of_kind(kind: str, columns: Columns, names: Iterable[str] | None = None) -> list[str]:
    """Return the columns that hold whole numbers, other numbers, text or nothing, of some or all.

    Examples
    --------
    >>> of_kind("whole", Columns(where="x", values={"unit": ["a"], "votes": [5], "share": [0.5]}))
    ['votes']
    """
    names = columns.names if names is None else names
    return [name for name in names if column_kind(columns.values[name]) == kind]


def _kind_of(cell: object) -> str:
    """Return what one cell is."""
    if isinstance(cell, bool):
        return "text"
    if isinstance(cell, int | float):
        return "whole" if cell == np.floor(cell) else "number"
    text = spoken_for(str(cell))
    if text.isdigit():
        return "whole"
    plain = text.removesuffix("%").replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        parts = plain.removeprefix("-").removeprefix("+").split(".")
        return "whole" if all(p.isdigit() for p in parts) and len(parts) > 2 else "text"
    fraction = len(plain.partition(".")[2])
    grouped = fraction == 3 and not plain.startswith("0")
    return "whole" if text != plain + "%" and (number == np.floor(number) or grouped) else "number"
