"""Timeline: the forecast as it would have stood on each day on which something was published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.display import Displayed, Frames, Shown, Tabular, figure
from forecast.errors import InputError
from forecast.files.saved import Saved
from forecast.files.writing import csv_text, write_whole
from forecast.outcome.probability import Quantity, WinProbability, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 3
"""Pieces of evidence of a day that are named; more are counted."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The forecast of one day.

    Parameters
    ----------
    day : datetime.date
        The day: nothing published later is in it.
    published : tuple of str
        What was published on it, and since the day before it in the timeline.
    share : mapping of str to Quantity
        Share of the vote in the round to come, by candidate.
    advances : mapping of str to float
        P(gets into the runoff), empty where the runoff is what is forecast.
    elected : mapping of str to WinProbability
        P(elected).
    """

    day: date
    published: tuple[str, ...]
    share: Mapping[str, Quantity]
    advances: Mapping[str, float]
    elected: Mapping[str, WinProbability]


@dataclass(frozen=True, kw_only=True, repr=False)
class Timeline(Displayed, Tabular, Saved):
    """Forecasts day by day; made by `Forecast.timeline` and `ElectionForecast.timeline`.

    Parameters
    ----------
    title : str
        What it is about.
    labels : mapping of str to str
        Names to print.
    candidates : tuple of str
        Whose, by their highest chance to be elected.
    steps : tuple of Step
        One a day.
    """

    title: str
    labels: Mapping[str, str]
    candidates: tuple[str, ...]
    steps: tuple[Step, ...]

    def label(self, candidate: str) -> str:
        """Return the name to print."""
        return self.labels.get(candidate, candidate)

    def shown(self) -> Shown:
        """Return P(elected) of the first few candidates day by day."""
        kept = self.candidates[:5]
        rows = []
        for step in self.steps:
            cells = [percent(step.elected[c].value) if c in step.elected else "" for c in kept]
            rows.append([step.day.isoformat(), *cells, said(step.published)])
        return Shown(
            title=f"{self.title}: who is elected, as it stood day by day",
            head=["day", *map(self.label, kept), "published"],
            rows=rows,
            left=(0, len(kept) + 1),
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each day and candidate, as in the CSV file."""
        return [
            {
                "day": step.day.isoformat(),
                "candidate": self.label(c),
                **step.share[c].columns("share"),
                "advances": step.advances.get(c),
                **step.elected[c].columns("elected"),
                "published": said(step.published),
            }
            for step in self.steps
            for c in self.candidates
            if c in step.share
        ]

    def to_csv(self, path: str | PathLike[str]) -> Path:
        """Write it as CSV, whole or not at all, and return where.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        rows = [{name: _cell(value) for name, value in row.items()} for row in self.rows()]
        return write_whole(Path(path), csv_text(rows))

    def frames(self) -> Frames:
        """Return the table of `to_frame`: days, a row for each day and candidate."""
        return {"days": self.rows}

    def plot(self, kind: str = "elected", ax: Axes | None = None) -> Axes:
        """Draw "elected" or "share" with the intervals of each day, and return the Axes.

        Raises
        ------
        InputError
            If there is no such figure.
        """
        return figure("timeline_figure", self, kind, ax)


def said(published: Sequence[str]) -> str:
    """Return what was published on a day in a few words."""
    more = len(published) - NAMED
    return "; ".join(published[:NAMED]) + (f"; and {more} more" if more > 0 else "")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def course(
    days: Iterable[date] | None,
    published: Mapping[date, Sequence[str]],
    last: date | None,
    step: Callable[[date, tuple[str, ...]], Step],
    *,
    title: str,
    labels: Mapping[str, str],
) -> Timeline:
    """Return the timeline of the days asked for, by default all on which something came out.

    `last` is the day of the forecast itself, and `step` makes the forecast of a day from what was
    published on it.

    Raises
    ------
    InputError
        If nothing has a date, or a day is later than the forecast.
    """
    wanted = sorted(published) if days is None else sorted(set(days))
    for day in wanted:
        if type(day) is not date:
            raise InputError(f"timeline: days must be of the type datetime.date - found {day!r}")
        if last is not None and day > last:
            raise InputError(
                f"timeline: days must not be after that of the forecast, {last} - found {day}; "
                "make the forecast as of a later day"
            )
    if not wanted:
        what = "poll must have a date" if days is None else "day must be asked for"
        raise InputError(f"timeline: at least one {what} - found none; add dates")
    before = [date.min, *wanted]
    steps = tuple(
        step(day, tuple(x for d in sorted(published) if since < d <= day for x in published[d]))
        for since, day in zip(before, wanted, strict=False)
    )
    most = {c: max(s.elected[c].value for s in steps if c in s.elected) for s in steps
            for c in s.elected}  # fmt: skip
    ranked = sorted(most, key=lambda c: (-most[c], c))
    return Timeline(title=title, labels=dict(labels), candidates=tuple(ranked), steps=steps)
