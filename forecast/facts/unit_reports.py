"""Reports: what a table says of each unit on election night, row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast.errors import InputError
from forecast.files.columns import Columns, refuse_percentages

__all__ = ["Report", "refuse_sum", "reports"]

NOTHING = ("0", "0.0")
"""How a table says that nothing of a unit is counted."""
UNSAID = 0.5
"""Counted fraction of a unit that has votes and is said to have none counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one row says.

    Parameters
    ----------
    unit : str
        Its name.
    votes : tuple of int
        By finalist.
    fraction : float
        How much of it is counted.
    other : str
        The unit it is attached to, or an empty text.
    """

    unit: str
    votes: tuple[int, ...]
    fraction: float
    other: str


def reports(columns: Columns, finalists: Sequence[str]) -> Iterator[Report]:
    """Yield the report of every row that has numbers or is attached to another unit.

    Raises
    ------
    InputError
        If a column is missing, a cell breaks a rule, or all votes look like percentages.
    """
    columns.require("unit", *finalists)
    if not len(columns):
        return
    names, others = columns.texts("unit"), _attached(columns)
    cells = [columns.values[f] for f in finalists]
    said = columns.values.get("counted", [None] * len(columns))
    blank = [
        all(map(_missing, row)) and (_missing(fraction) or str(fraction).strip(" %") in NOTHING)
        for row, fraction in zip(zip(*cells, strict=True), said, strict=True)
    ]
    filled = {
        f: [0 if empty else x for x, empty in zip(column, blank, strict=True)]
        if any(blank)
        else column
        for f, column in zip(finalists, cells, strict=True)
    }
    whole = replace(columns, values={**columns.values, **filled})
    votes = np.stack([whole.counts(f) for f in finalists], axis=1)
    counted = _counted(columns, blank)
    some = np.asarray(votes.any(axis=1))
    if some.sum() > 1:  # a single unit may well have 100 votes
        refuse_percentages(columns.where, votes[some], None)
    for i, (unit, row, other) in enumerate(zip(names, votes.tolist(), others, strict=True)):
        if blank[i] and not other:
            continue
        fraction = float(some[i]) if counted is None else counted[i]
        yield Report(
            unit=unit, votes=tuple(row), fraction=fraction or UNSAID * bool(some[i]), other=other
        )


def _missing(cell: object) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def _counted(columns: Columns, blank: Sequence[bool]) -> list[float] | None:
    """Return the counted fraction of every row, or None if the table does not say.

    If any number is above 1 all are percentages, so that 1 is not all of a unit.
    """
    if "counted" not in columns.values:
        return None
    texts = [
        "0" if empty and _missing(cell) else str(cell).strip()
        for cell, empty in zip(columns.values["counted"], blank, strict=True)
    ]
    numbers = []
    for i, text in enumerate(texts):
        try:
            number = float(text.removesuffix("%").strip())
        except ValueError:
            number = math.nan
        if not 0 <= number <= 100:
            raise InputError(
                f"{columns.row(i)}, 'counted': must be a fraction from 0 to 1 or a percentage - "
                f"found {text!r}; correct it"
            )
        numbers.append(number)
    percent = any(n > 1 and not t.endswith("%") for n, t in zip(numbers, texts, strict=True))
    return [
        n / 100 if percent or t.endswith("%") else n for n, t in zip(numbers, texts, strict=True)
    ]


def _attached(columns: Columns) -> list[str]:
    """Return the unit every row is attached to, or an empty text."""
    cells = columns.values.get("attached_to", [""] * len(columns))
    return ["" if _missing(cell) else str(cell).strip() for cell in cells]


def refuse_sum(where: str, unknown: Sequence[Report], last: Mapping[str, Report]) -> None:
    """Raise `InputError` if an unknown unit is the sum of all the others."""
    if len(last) < 3 or not unknown:
        return
    total = np.sum([report.votes for report in last.values()], axis=0)
    if total.sum() < 200:  # sums of few agree by accident
        return
    for report in unknown:
        if any(report.votes) and (2 * np.array(report.votes) == total).all():
            raise InputError(
                f"{where}: every row must be a unit - {report.unit!r} is the sum of all the "
                "others; drop it"
            )
