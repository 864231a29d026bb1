"""The page of all runoffs of one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.facts.many_contests import ManyContests
from forecast.outcome.seats import SimultaneousForecast
from forecast.report.rendering import render

__all__ = ["render_seats"]


def render_seats(
    many: ManyContests, forecast: SimultaneousForecast, rows: Sequence[Mapping[str, Any]]
) -> str:
    """Return seats and constituencies as one HTML page that loads nothing.

    Parameters
    ----------
    many : ManyContests
        The first rounds.
    forecast : SimultaneousForecast
        The seats.
    rows : sequence of mapping
        As from `by_constituency`.
    """
    return render(
        "seats.html.j2",
        about=str(many),
        shown=forecast.shown(),
        withdrawals=many.withdrawals,
        rows=rows,
    )
