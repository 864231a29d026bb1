"""Figures of an election before its first round: shares, who may meet whom, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import InputError, suggest
from forecast.outcome.timeline import Timeline
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
)
from forecast.report.languages import percent_sign, say
from forecast.report.words import origin_name, whole_percent

if TYPE_CHECKING:
    from forecast.outcome.election import ElectionForecast

MOST = 12
"""Candidates drawn in a figure of shares."""
MOST_PAIRED = 8
"""Candidates drawn in a map of pairs."""
SELDOM = 0.001
"""Pairs that meet less often are left out of the map."""
LONG = 120
"""Days of a timeline below which months are written rather than days."""
MOST_LINES = len(COLOURS)
"""Candidates drawn in a timeline."""


def election_figure(found: ElectionForecast, kind: str = "shares", ax: Any = None) -> Any:
    """Draw one of an election's figures, see `ElectionForecast.plot`."""
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
    ax.set_yticks(place, [verbatim(_name(found, c), 20) for c in shown])
    ax.invert_yaxis()
    side = ax.secondary_yaxis("right")
    side.set_yticks(place, [percent_sign(whole_percent(found.advances(c).value)) for c in shown])
    side.spines["right"].set_visible(False)
    side.tick_params(length=0, colors=INK, labelsize=9)
    ax.set_xlim(left=0)
    ax.set_xlabel(say("first round, percent of the valid vote"))
    plain(ax)
    ax.set_title(say("in the runoff"), loc="right", color=INK, size=9)
    return ax


def pair_map(found: ElectionForecast, ax: Any = None) -> Any:
    """Draw how likely each two candidates are to meet, and who then wins, both in percent.

    Above the diagonal stands how many of all draws are a runoff of the two; below it, in how many
    of these the row's candidate beats the column's. Darker is more.
    """
    shown = [c for c in found.shown_candidates if found.advances(c).value > 0.005][:MOST_PAIRED]
    positions = [found.candidates.index(c) for c in shown]
    k = len(shown)
    ax = axes(ax, 1.2 + 0.36 * max(k, 2))
    from matplotlib.patches import Rectangle

    def cell(row: int, column: int, p: float, depth: float, colour: str) -> None:
        place = (column - 0.48, row - 0.48)
        ax.add_patch(
            Rectangle(place, 0.96, 0.96, facecolor=colour, alpha=0.06 + 0.5 * depth, linewidth=0)
        )
        ax.text(column, row, whole_percent(p), ha="center", va="center", color=INK, size=9)

    both = {
        (i, j): found.in_runoff[:, positions[i]] & found.in_runoff[:, positions[j]]
        for i in range(k)
        for j in range(i + 1, k)
    }
    largest = max((together.mean() for together in both.values()), default=1.0)
    for (i, j), together in both.items():
        meet = float(together.mean())
        if meet < SELDOM:
            continue
        wins = found.probability(found.elected == positions[j], given=together).value
        cell(i, j, meet, (meet / largest) ** 0.5, FIRST)
        cell(j, i, wins, wins, SECOND)
    names = [verbatim(_name(found, c), 18) for c in shown]
    ax.set_yticks(range(k), names)
    ax.set_xticks(range(k), names, rotation=35, ha="right")
    ax.set_xlim(-0.5, max(k - 0.5, 1.5))
    ax.set_ylim(max(k - 0.5, 1.5), -0.5)
    plain(ax, keep=())
    return ax


def timeline_figure(found: Timeline, kind: str = "elected", ax: Any = None) -> Any:
    """Draw P(elected) or shares day by day with the intervals of each day."""
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
            verbatim(_name(found, c), 20), (days[-1], middle[-1]), xytext=(4, 0),
            textcoords="offset points", color=INK, size=8.5, va="center",
        )  # fmt: skip
    what = say("elected, percent" if kind == "elected" else "share in the next round, percent")
    ax.set_ylabel(what)
    ax.set_ylim(bottom=0)
    first, last = found.steps[0].day, found.steps[-1].day
    shown = dict.fromkeys((first, first + (last - first) / 2, last))
    form = "%Y-%m" if (last - first).days > LONG else "%m-%d"
    ax.set_xticks(list(shown), [format(day, form) for day in shown])
    plain(ax, keep=("bottom", "left"))
    return ax


def _name(found: ElectionForecast | Timeline, candidate: str) -> str:
    return origin_name(candidate, {candidate: found.label(candidate)})
