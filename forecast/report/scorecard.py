"""The public scorecard: one page of all frozen forecasts and how they fared."""

from __future__ import annotations

from collections.abc import Sequence

from forecast.outcome.probability import in_words, percent
from forecast.validation.scorecard import Entry, totals

__all__ = ["render_scorecard"]


def render_scorecard(entries: Sequence[Entry]) -> str:
    """Return the scorecard as one HTML page that loads nothing.

    Parameters
    ----------
    entries : sequence of Entry
        Frozen forecasts with their scores, as from `forecast.validation.scorecard.entry`.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=select_autoescape(["html.j2"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": lambda x: f"{100 * x:.0f}",
        "probability": percent,
        "words": in_words,
    }
    ordered = sorted(entries, key=lambda e: (e.frozen or {}).get("made", ""), reverse=True)
    page = environment.get_template("scorecard.html.j2")
    return page.render(entries=ordered, totals=totals(entries))
