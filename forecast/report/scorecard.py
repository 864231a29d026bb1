"""The public scorecard: one page of all frozen forecasts and how they fared."""

from __future__ import annotations

from collections.abc import Sequence

from forecast.report.rendering import render
from forecast.validation.scorecard import Entry, totals

__all__ = ["render_scorecard"]


def render_scorecard(entries: Sequence[Entry]) -> str:
    """Return the scorecard as one HTML page that loads nothing.

    Parameters
    ----------
    entries : sequence of Entry
        Frozen forecasts with their scores, as from `forecast.validation.scorecard.entry`.
    """
    ordered = sorted(entries, key=lambda e: (e.frozen or {}).get("made", ""), reverse=True)
    return render("scorecard.html.j2", entries=ordered, totals=totals(entries))
