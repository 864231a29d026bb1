"""Pages of how forecasts fared: those frozen in a folder, and those of the gallery."""

from __future__ import annotations

from collections.abc import Sequence

from forecast.report.rendering import render
from forecast.validation.gallery import Gallery
from forecast.validation.scorecard import Entry, totals


def render_scorecard(entries: Sequence[Entry]) -> str:
    """Return the scorecard of frozen forecasts as one HTML page that loads nothing."""
    ordered = sorted(entries, key=lambda e: (e.frozen or {}).get("made", ""), reverse=True)
    return render("scorecard.html.j2", entries=ordered, totals=totals(entries))


def render_gallery(gallery: Gallery) -> str:
    """Return the gallery as one HTML page that loads nothing: table, calibration, every contest."""
    from forecast.report.figures import svg

    chart = svg(
        gallery.plot("calibration"),
        title="How often what was given a probability came so",
        text="The table of contests has every win probability and result.",
    )
    shown = gallery.shown()
    return render("gallery.html.j2", shown=shown, chart=chart, contests=gallery.contests())
