"""How much of each row of a runoff's table is counted, as it says or shows it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.count_table import CountTable
from forecast.facts.last_reports import about
from forecast.files.numbers import is_missing, part_of_whole
from forecast.files.text import in_short

UNSAID = 0.5
"""Counted fraction of a unit of which nobody says how much of it is counted."""
SHORT = 0.7
"""A unit whose votes are a smaller part of its ballots, over the usual part, is not counted out."""
FEWEST = 3
"""Rows that show what part of the ballots votes usually are."""


def counted_parts(
    table: CountTable, people: Sequence[str]
) -> tuple[list[float] | None, Sequence[str]]:
    """Return the counted fraction of every row, None if nothing tells, and what to say of it.

    Parameters
    ----------
    table : CountTable
        The table.
    people : sequence of str
        The columns of the finalists.

    Raises
    ------
    InputError
        If a cell of the column `counted` is neither a fraction, a percentage nor a part.
    """
    cells = table.said("counted")
    if cells is not None:
        told = _numbers(table, cells)
        found, _ = _by_ballots(table, people)
        pairs = enumerate(zip(told, found or told, strict=True))
        short = [table.units[u] for u, (said, part) in pairs if said == 1 and part < SHORT]
        return told, about(short, "with far fewer votes than ballots, though counted in full")
    return _by_ballots(table, people)


def _numbers(table: CountTable, cells: Sequence[object]) -> list[float]:
    """Return fractions; if any number is above 1 all are percentages, so that 1 is not all."""
    parts = [part_of_whole(cell) for cell in cells]
    if any(parts) and all(p or is_missing(c) for p, c in zip(parts, cells, strict=True)):
        return [a / b for a, b in (part or (0, 1) for part in parts)]
    texts = ["0" if is_missing(c) else str(c).strip().removeprefix("%").strip() for c in cells]
    marked = [
        str(c).strip().startswith("%") or t.endswith("%") for c, t in zip(cells, texts, strict=True)
    ]
    name, numbers = table.roles.of("counted")[0], []
    for i, text in enumerate(texts):
        try:
            number = float(text.removesuffix("%").strip().replace(",", "."))
        except ValueError:
            number = math.nan
        if not 0 <= number <= 100 or str(cells[i]).strip() == "nan":
            raise InputError(
                f"{table.columns.row(i)}, {name!r}: must be a fraction from 0 to 1 or a "
                f"percentage - found {text!r}; correct it"
            )
        numbers.append(number)
    percent = any(n > 1 and not m for n, m in zip(numbers, marked, strict=True))
    return [n / 100 if percent or m else n for n, m in zip(numbers, marked, strict=True)]


def _by_ballots(
    table: CountTable, people: Sequence[str]
) -> tuple[list[float] | None, tuple[str, ...]]:
    """Return what part of the usual part of their ballots units have, where it is far less."""
    if table.ballots is None:
        return None, ()
    counted = table.counted(people)
    known = (table.ballots > 0) & (counted > 0)
    if known.sum() < FEWEST:
        return None, ()
    part = np.where(known, counted / np.maximum(table.ballots, 1), 1.0)
    part /= np.median(part[known])
    short = np.flatnonzero(known & (part < SHORT))
    if not short.size:
        return None, ()
    found = np.where(known, np.where(part < SHORT, part, 1.0), 0.0)
    named = in_short([table.units[u] for u in short])
    said = "far fewer votes than ballots, taken as counted in part: {names}"
    return found.tolist(), (Message(said, names=named),)
