"""The course of an election night as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.report.figures.canvas import FIRST, INK, SECOND, WIDTH, axes, plain, verbatim
from forecast.report.languages import say

if TYPE_CHECKING:
    from forecast.outcome.nowcast import Nowcast

MOST_REGIONS = 16
"""Regions drawn, those with most votes; a nowcast lists all."""


def night_course(history: Sequence[Mapping[str, Any]], finalist: str, name: str) -> Any:
    """Draw share and win probability of a finalist, called `name`, against the counted share.

    The history is of records as by `night_record`. The Axes are those of the upper panel; the
    figure holds both.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    x = np.array([100 * record["counted_share"] for record in history])
    shares = [record["share"][finalist] for record in history]
    median, low, high = (
        100 * np.array([share[key] for share in shares]) for key in ("median", "low", "high")
    )
    upper.fill_between(x, low, high, color=FIRST, alpha=0.2, linewidth=0)
    upper.vlines(x[-1:], low[-1:], high[-1:], color=FIRST, linewidth=2)  # now
    upper.plot(x, median, color=FIRST, marker="o", markersize=4)
    if len(history[-1]["share"]) == 2:  # among more, fewer votes may be enough
        upper.axhline(50, color=INK, linewidth=0.8)
    so_far = [record["so_far"][finalist] for record in history]
    known = [k for k, value in enumerate(so_far) if value is not None]
    counted = [100 * so_far[k] for k in known]
    upper.plot(x[known], counted, color=SECOND, linestyle="--", marker="x", markersize=4)
    upper.set_title(
        say("{name} in the end; dashed: so far", name=verbatim(name, 18)), loc="left", color=INK
    )
    upper.set_ylabel(say("% of the vote"))
    wins = [100 * record["win_probability"][finalist] for record in history]
    lower.plot(x, wins, color=FIRST, marker="o", markersize=3)
    lower.set(xlim=(0, 100), ylim=(-3, 103))
    lower.set_ylabel(say("wins, %"))
    lower.set_xlabel(say("% of the expected vote counted"))
    for ax in (upper, lower):
        plain(ax, keep=("bottom", "left"))
    return upper


def night_regions(nowcast: Nowcast, finalist: str | None = None, ax: Any = None) -> Any:
    """Draw a finalist's share so far and in the end, together and by region; return the Axes."""
    contest = nowcast.contest
    who = contest.key(finalist) if finalist else nowcast.leader
    everything, regions = nowcast.overall(), nowcast.by_region()
    size = {r.region: sum(r.counted.values()) + sum(r.remaining.values()) for r in regions}
    ranked = sorted(regions, key=lambda r: -size[r.region])[: MOST_REGIONS if len(size) > 1 else 0]
    lines = [r for r in (everything, *ranked) if r.share is not None]
    ax = axes(ax, 1.1 + 0.26 * len(lines))
    for y, line in enumerate(lines):
        share = line.share[who] if line.share else None
        if share is not None:
            low, high = 100 * share.interval.low, 100 * share.interval.high
            ax.plot([low, high], [y, y], color=FIRST, linewidth=4 if y == 0 else 2)
            ax.plot(100 * share.median, y, color=FIRST, marker="o", markersize=5)
        counted = sum(line.counted.values())
        if counted:
            so_far = 100 * line.counted[who] / counted
            ax.plot(so_far, y, color=SECOND, marker="x", markersize=6)
    if len(nowcast.finalists) == 2:  # among more, fewer votes may be enough
        ax.axvline(50, color=INK, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(lines)), [verbatim(say(line.region), 24) for line in lines])
    ax.invert_yaxis()
    ax.set_xlabel(say("{name} in the end, %; x: so far", name=verbatim(contest.label(who), 24)))
    plain(ax)
    return ax
