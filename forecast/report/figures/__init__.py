"""Figures: each takes a result and an optional Axes, draws, and returns the Axes.

Nothing here touches pyplot or any other state shared with the caller.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import InputError, suggest
from forecast.files.writing import made_folder
from forecast.outcome.forecast import Forecast
from forecast.outcome.ladder import EvidenceLadder
from forecast.report.figures.canvas import save, svg
from forecast.report.figures.changes import break_even_frontier, drivers
from forecast.report.figures.checks import backtest_figure, calibration, pit_histogram, share_error
from forecast.report.figures.election import election_figure, timeline_figure
from forecast.report.figures.flows import flow_diagram
from forecast.report.figures.nowcast import night_regions
from forecast.report.figures.shares import Rung, evidence_ladder, rungs, share_density
from forecast.report.figures.tables import (
    description_figure,
    transfer_heat_map,
    transfer_table,
)

if TYPE_CHECKING:
    from forecast.outcome.election import ElectionForecast
    from forecast.outcome.nowcast import Nowcast

__all__ = [
    "Rung",
    "backtest_figure",
    "break_even_frontier",
    "calibration",
    "description_figure",
    "drivers",
    "election_figure",
    "evidence_ladder",
    "flow_diagram",
    "forecast_figure",
    "frontier_pair",
    "ladder_figure",
    "night_regions",
    "pit_histogram",
    "rungs",
    "save",
    "save_all",
    "share_density",
    "share_error",
    "svg",
    "timeline_figure",
    "transfer_heat_map",
    "transfer_table",
]


def forecast_figure(forecast: Forecast, kind: str, ax: Any = None) -> Any:
    """Draw one of a forecast's figures, see `Forecast.plot`."""
    if kind == "drivers":
        return drivers(forecast.sensitivity(), ax, labels=forecast.contest.labels)
    if kind == "frontier":
        pair = frontier_pair(forecast)
        if pair is None:
            raise InputError("plot: a frontier needs two origins with votes besides the finalists")
        return break_even_frontier(forecast.frontier(*pair), forecast, ax)
    kinds = {"share": share_density, "transfers": transfer_heat_map, "flow": flow_diagram}
    if kind not in kinds:
        known = (*kinds, "drivers", "frontier")
        raise InputError(f"plot: no figure {kind!r}; {suggest(kind, known)}")
    return kinds[kind](forecast, ax)


def save_all(
    forecast: Forecast | ElectionForecast | Nowcast,
    folder: str | PathLike[str],
    *,
    language: str = "en",
) -> list[Path]:
    """Save every figure of a forecast in a folder, which is made if need be, as .svg and as .png.

    Raises
    ------
    InputError
        If there is no such language, or a file cannot be written.
    """
    from forecast.outcome.election import ElectionForecast
    from forecast.outcome.nowcast import Nowcast
    from forecast.report.languages import speaking

    folder = made_folder(folder)
    kinds = ["shares", "pairs"] if isinstance(forecast, ElectionForecast) else ["regions"]
    if isinstance(forecast, Forecast):
        kinds = ["share", "transfers", "flow"]
        kinds += [] if forecast.conditions else ["drivers"]
        kinds += ["frontier"] if frontier_pair(forecast) else []
    written = []
    with speaking(language):
        for kind in kinds:
            ax = forecast.plot() if isinstance(forecast, Nowcast) else forecast.plot(kind)
            for ending in (".svg", ".png"):
                save(ax, folder / f"{kind}{ending}")
                written.append(folder / f"{kind}{ending}")
    return written


def ladder_figure(evidence: EvidenceLadder, finalist: str | None = None, ax: Any = None) -> Any:
    """Draw what each piece of evidence did to a finalist's share, see `EvidenceLadder.plot`."""
    contest = evidence.pieces[0].forecast.contest
    whose = contest.key(finalist) if finalist else contest.finalists[0]
    return evidence_ladder(rungs(evidence, whose), ax, name=contest.label(whose))


def frontier_pair(forecast: Forecast) -> tuple[str, str] | None:
    """Return the two largest voting origins that are no finalists; None if there are not two."""
    ledger = forecast.ledger
    voting = ledger.totals * (1 - forecast.mean_table[:, -1])
    rest = [o for o in ledger.origins if o not in forecast.finalists]
    rest = [o for o in rest if voting[ledger.index(o)] > 0]
    ranked = sorted(rest, key=lambda o: -voting[ledger.index(o)])
    return (ranked[0], ranked[1]) if len(ranked) > 1 else None
