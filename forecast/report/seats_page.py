"""The page of all runoffs of one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.facts.many_contests import ManyContests
from forecast.outcome.seats import SimultaneousForecast
from forecast.report.languages import say, speaking
from forecast.report.rendering import render


def render_seats(
    many: ManyContests,
    forecast: SimultaneousForecast,
    rows: Sequence[Mapping[str, Any]],
    *,
    language: str = "en",
) -> str:
    """Return seats and constituencies, rows as from `by_constituency`, as one HTML page.

    It loads nothing.

    Raises
    ------
    InputError
        If there is no such language.
    """
    with speaking(language):
        return render(
            "seats.html.j2",
            about=str(many),
            shown=forecast.shown(),
            head=[say("party"), say("seats"), say("majority")],
            notes=(*forecast.shown().notes, *many.notes),
            withdrawals=many.withdrawals,
            rows=rows,
        )
