"""Figures of an election before its first round: shares, who may meet whom, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecast.errors import InputError, suggest
from forecast.outcome.election import ElectionForecast
from forecast.outcome.probability import percent
from forecast.outcome.timeline import Timeline
from forecast.report.figures.canvas import (
    COLOURS,
    FIRST,
    INK,
    PAPER,
    STYLES,
    axes,
    plain,
    verbatim,
)

__all__ = ["election_figure", "first_round_shares", "pair_map", "timeline_figure"]

MOST = 12
"""Candidates drawn in a figure of shares."""
MOST_PAIRED = 8
"""Candidates drawn in a map of pairs."""
MOST_LINES = len(COLOURS)
"""Candidates drawn in a timeline."""


def election_figure(found: ElectionForecast, kind: str = "shares", ax: Any = None) -> Any:
    """Draw one of an election's figures, see `ElectionForecast.plot`.

    Raises
    ------
    InputError
        If there is no such figure.
    """
    kinds = {"shares": first_round_shares, "pairs": pair_map}
    if kind not in kinds:
        raise InputError(f"plot: no figure {kind!r}; {suggest(str(kind), tuple(kinds))}")
    return kinds[kind](found, ax)


def first_round_shares(found: ElectionForecast, ax: Any = None) -> Any:
    """Draw each candidate's share of the first round with its 50% and 90% intervals."""
    shown = sorted(found.shown_candidates[:MOST], key=lambda c: -found.share(c).median)
    ax = axes(ax, 0.8 + 0.32 * len(shown))
    place = np.arange(len(shown))
    for level, width in ((0.9, 2.0), (0.5, 5.0)):
        ends = [found.share(c, level).interval for c in shown]
        ax.hlines(
            place, [100 * x.low for x in ends], [100 * x.high for x in ends],
            color=FIRST, linewidth=width,
        )  # fmt: skip
    middle = [100 * found.share(c).median for c in shown]
    ax.plot(middle, place, "o", color=PAPER, markeredgecolor=INK, markersize=6, linestyle="none")
    ax.set_yticks(place, [verbatim(found.label(c), 24) for c in shown])
    ax.invert_yaxis()
    side = ax.secondary_yaxis("right")
    side.set_yticks(place, [f"advances {percent(found.advances(c).value)}" for c in shown])
    side.spines["right"].set_visible(False)
    side.tick_params(length=0, colors=INK, labelsize=9)
    ax.set_xlim(left=0)
    ax.set_xlabel("first round, percent of the valid vote")
    plain(ax)
    return ax


def pair_map(found: ElectionForecast, ax: Any = None) -> Any:
    """Draw how likely each two candidates are to meet, and how often the upper one then wins.

    Darker is likelier; a cell says the percentage of all draws, and of those in which the row's
    candidate wins.
    """
    shown = [c for c in found.shown_candidates if found.advances(c).value > 0.005][:MOST_PAIRED]
    positions = [found.candidates.index(c) for c in shown]
    k = len(shown)
    table, wins = np.full((k, k), np.nan), np.full((k, k), np.nan)
    for i in range(k):
        for j in range(i + 1, k):
            both = found.in_runoff[:, positions[i]] & found.in_runoff[:, positions[j]]
            table[i, j] = both.mean()
            wins[i, j] = found.probability(found.elected == positions[i], given=both).value
    ax = axes(ax, 1.2 + 0.42 * max(k, 2))
    from matplotlib.patches import Rectangle

    largest = max(float(np.nanmax(table)), 1e-9) if k > 1 else 1.0
    for i in range(k):
        for j in range(i + 1, k):
            depth = 0.06 + 0.5 * float(np.sqrt(table[i, j] / largest))
            place = (j - 0.48, i - 0.48)
            ax.add_patch(Rectangle(place, 0.96, 0.96, facecolor=FIRST, alpha=depth, linewidth=0))
            if table[i, j] >= 0.001:
                text = f"{percent(table[i, j])}\nwins {percent(wins[i, j])}"
                text = text.replace("less than ", "<").replace("more than ", ">")
                ax.text(j, i, text, ha="center", va="center", color=INK, size=7.5)
    names = [verbatim(found.label(c), 18) for c in shown]
    ax.set_yticks(range(k), names)
    ax.set_xticks(range(k), names, rotation=35, ha="right")
    ax.set_xlim(0.5, max(k - 0.5, 1.5))
    ax.set_ylim(max(k - 1.5, 0.5), -0.5)
    plain(ax, keep=())
    return ax


def timeline_figure(found: Timeline, kind: str = "elected", ax: Any = None) -> Any:
    """Draw P(elected) or shares day by day with the intervals of each day.

    Raises
    ------
    InputError
        If there is no such figure.
    """
    if kind not in ("elected", "share"):
        raise InputError(f"plot: no figure {kind!r}; {suggest(str(kind), ('elected', 'share'))}")
    ax = axes(ax, 3.4)
    for c, colour, style in zip(found.candidates[:MOST_LINES], COLOURS, STYLES, strict=False):
        steps = [s for s in found.steps if c in s.elected]
        days = [s.day for s in steps]
        if kind == "elected":
            ends = [s.elected[c].credible_interval for s in steps]
            middle = [100 * s.elected[c].value for s in steps]
        else:
            ends = [s.share[c].interval for s in steps]
            middle = [100 * s.share[c].median for s in steps]
        if all(e is not None for e in ends):
            low = [100 * e.low for e in ends if e is not None]
            high = [100 * e.high for e in ends if e is not None]
            ax.fill_between(days, low, high, color=colour, alpha=0.15, linewidth=0, step="post")
        ax.step(days, middle, where="post", color=colour, linestyle=style, linewidth=1.6)
        ax.plot(days, middle, "o", color=colour, markersize=2.5)
        ax.annotate(
            verbatim(found.label(c), 20), (days[-1], middle[-1]), xytext=(4, 0),
            textcoords="offset points", color=INK, size=8.5, va="center",
        )  # fmt: skip
    what = "elected, percent" if kind == "elected" else "share in the next round, percent"
    ax.set_ylabel(what)
    ax.set_ylim(bottom=0)
    ax.figure.autofmt_xdate(rotation=30)
    plain(ax, keep=("bottom", "left"))
    return ax
