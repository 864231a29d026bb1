"""Figures of the finalists' shares: one forecast's density, and how evidence moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.outcome.forecast import Forecast
from forecast.outcome.ladder import EvidenceLadder
from forecast.outcome.probability import Quantity
from forecast.report.figures.canvas import (
    COLOURS,
    FIRST,
    INK,
    PAPER,
    SECOND,
    STYLES,
    axes,
    plain,
    verbatim,
    wrapped,
)
from forecast.report.languages import say
from forecast.report.words import probability, share


def share_density(forecast: Forecast, ax: Any = None) -> Any:
    """Draw the density of the leader's share and the win line; with three finalists, all three."""
    ax = axes(ax)
    names = [verbatim(forecast.contest.label(f)) for f in forecast.finalists]
    if len(names) > 2:
        for k, name in enumerate(names):
            x, y = _density(100 * forecast.shares()[:, k])
            ax.plot(x, y, color=COLOURS[k % 4], linestyle=STYLES[k % 4], label=name)
        ax.legend(frameon=False, labelcolor=INK)
        ax.set(yticks=[], ylim=(0, None), xlabel=say("share of the finalists’ vote, percent"))
        plain(ax)
        return ax
    leader = forecast.finalists.index(forecast.leader)
    x, y = _density(100 * forecast.shares()[:, leader], reach=(48, 52))
    ax.fill_between(x, y, where=x >= 50, color=FIRST, alpha=0.85, linewidth=0, interpolate=True)
    ax.fill_between(x, y, where=x <= 50, color=SECOND, alpha=0.85, linewidth=0, interpolate=True)
    top = y.max()
    ax.plot([50, 50], [0, 1.02 * top], color=INK, linewidth=1.2)
    for level, width in ((0.9, 1.5), (0.5, 5)):
        q = forecast.share(forecast.leader, level)
        ends = [100 * q.interval.low, 100 * q.interval.high]
        ax.plot(ends, [-0.06 * top] * 2, color=INK, linewidth=width, solid_capstyle="butt")
    middle = 100 * forecast.share(forecast.leader).median
    ax.plot([middle], [-0.06 * top], "o", color=PAPER, markeredgecolor=INK, markersize=6)
    ax.set(ylim=(-0.13 * top, 1.22 * top), yticks=[], xlim=(x[0], x[-1]))
    style = {"transform": ax.transAxes, "va": "top", "color": INK}
    first, second = (wrapped(forecast.contest.label(f), 20, 1) for f in _both(forecast))
    ax.text(0.995, 0.99, f"{first} →", ha="right", **style)
    ax.text(0.005, 0.99, f"← {second}", ha="left", **style)
    name = wrapped(forecast.contest.label(forecast.finalists[leader]), 24, 1)
    ax.set_xlabel(say("share of {name}, percent", name=name))
    plain(ax)
    return ax


def _both(forecast: Forecast) -> list[str]:
    """Return two finalists, the leader first."""
    return sorted(forecast.finalists, key=lambda f: f != forecast.leader)


def _density(
    values: FloatArray, reach: tuple[float, float] = (np.inf, -np.inf)
) -> tuple[FloatArray, FloatArray]:
    """Return a smoothed histogram, points and heights, that spans at least `reach`."""
    low, high = np.quantile(values, [0.001, 0.999])
    edges = np.linspace(min(low, reach[0]), max(high, reach[1], low + 1e-9), 201)
    height, _ = np.histogram(values, edges, density=True)
    kernel = np.exp(-0.5 * (np.arange(-12, 13) / 4) ** 2)
    smooth = np.convolve(height, kernel / kernel.sum(), mode="same")
    return (edges[1:] + edges[:-1]) / 2, smooth


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of the evidence: what was added, and one finalist's forecast after it."""

    label: str
    share: Quantity
    win_probability: float


def rungs(evidence: EvidenceLadder, finalist: str) -> tuple[Rung, ...]:
    """Return the pieces of evidence as the rows of `evidence_ladder`."""
    return tuple(
        Rung(
            label=piece.name,
            share=piece.forecast.share(finalist),
            win_probability=piece.forecast.win_probability(finalist).value,
        )
        for piece in evidence.pieces
    )


def evidence_ladder(rows: Sequence[Rung], ax: Any = None, *, name: str = "") -> Any:
    """Draw how each piece of evidence moved one finalist's share, first on top."""
    ax = axes(ax, 0.9 + 0.5 * len(rows))
    place = np.arange(len(rows))
    middle = 100 * np.array([row.share.median for row in rows])
    low, high = (
        100 * np.array([getattr(row.share.interval, end) for row in rows])
        for end in ("low", "high")
    )
    ax.plot([50, 50], [-0.6, len(rows) - 0.4], color=INK, linewidth=1.2)
    ax.plot(middle, place, color=INK, linewidth=0.8, linestyle=":")
    ax.hlines(place, low, high, color=FIRST, linewidth=3)
    ax.plot(middle, place, "o", color=PAPER, markeredgecolor=INK, markersize=7, linestyle="none")
    ax.set_yticks(place, [wrapped(row.label, 24, 3) for row in rows])
    ax.invert_yaxis()
    side = ax.secondary_yaxis("right")
    words = [
        f"{share(row.share)}\n" + say("wins: {p}", p=probability(row.win_probability))
        for row in rows
    ]
    side.set_yticks(place, words)
    side.spines["right"].set_visible(False)
    side.tick_params(length=0, colors=INK, labelsize=9)
    ax.set_xlabel(
        say("share of {name}, percent", name=wrapped(name, 20, 1)) if name else say("share")
    )
    plain(ax)
    return ax
