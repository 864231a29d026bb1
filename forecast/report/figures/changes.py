"""Figures of what moves the outcome: the tornado of drivers and the break-even frontier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.outcome.breakeven import Frontier
from forecast.outcome.forecast import Forecast
from forecast.outcome.sensitivity import Sensitivity
from forecast.report.figures.canvas import (
    FIRST,
    INK,
    LONGEST,
    SECOND,
    axes,
    plain,
    verbatim,
    wrapped,
)
from forecast.report.words import input_name

__all__ = ["break_even_frontier", "drivers"]


def drivers(
    result: Sensitivity, ax: Any = None, *, labels: Mapping[str, str] | None = None, rows: int = 8
) -> Any:
    """Draw a tornado: the mean share when an input is in its lowest and in its highest tenth.

    Parameters
    ----------
    result : Sensitivity
        What drives a finalist's share.
    ax : matplotlib Axes, optional
        Where to draw.
    labels : mapping of str to str, optional
        Names to print.
    rows : int
        How many inputs, those that explain most.
    """
    ax = axes(ax, 1.1 + 0.34 * min(rows, len(result.inputs)))
    centre, place = 100 * result.mean, np.arange(len(result.inputs[:rows]))
    ends = ((result.low, "lowest tenth", SECOND, "//"), (result.high, "highest tenth", FIRST, ""))
    for values, word, colour, hatch in ends:
        reach = 100 * values[:rows] - centre
        style = {"color": colour, "edgecolor": INK, "linewidth": 0.6, "hatch": hatch}
        ax.barh(place, reach, left=centre, height=0.62, label=f"input in its {word}", **style)
    ax.plot([centre, centre], [-0.5, len(place) - 0.5], color=INK, linewidth=1)
    names = [_named(name, labels or {}) for name in result.inputs[:rows]]
    ax.set_yticks(place, names)
    ax.set_ylim(len(place) - 0.5, -0.5)
    whose = verbatim((labels or {}).get(result.finalist, result.finalist))
    ax.set_xlabel(f"{whose}'s mean share, percent", loc="right")
    ax.legend(
        frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), fontsize=9, labelcolor=INK
    )
    plain(ax)
    return ax


def _named(name: str, labels: Mapping[str, str]) -> str:
    """Return an input as printed: whose it is may be shortened, which coordinate it is may not."""
    label, *rest = input_name(name, labels).split(": ", 1)
    words = [wrapped(label, 20, 1) if rest else wrapped(label, 30)]
    words += [wrapped(text, 30, 1) for text in rest]
    return (": " if len(": ".join(words)) <= LONGEST else ":\n").join(words)


def break_even_frontier(frontier: Frontier, forecast: Forecast, ax: Any = None) -> Any:
    """Draw the pairs of two preferences that level the leading two, and where we stand."""
    ax = axes(ax, 3.4)
    label = forecast.contest.label
    name = verbatim(label(frontier.finalist))
    x, y = 100 * frontier.first, 100 * frontier.second
    ax.plot(x, y, color=INK, linewidth=1.5)
    ax.fill_between(x, np.clip(y, 0, 100), 100, color=FIRST, alpha=0.3, linewidth=0)
    here = tuple(100 * value for value in frontier.expected)
    ax.plot(*([value] for value in here), "o", color=SECOND, markeredgecolor=INK, markersize=8)
    style = {"textcoords": "offset points", "ha": "right", "va": "top", "color": INK}
    ax.annotate("expected", here, xytext=(-8, -4), **style)
    ax.set_title(f"shaded: {name} ahead", loc="right", color=INK, size=9.5)
    ax.set(xlim=(0, 100), ylim=(0, 100))
    first, second = (verbatim(label(origin)) for origin in frontier.origins)
    between = " " if len(name) + len(first) < 36 else "\n"
    ax.set_xlabel(f"percent for {name}{between}of the votes from: {first}")
    ax.set_ylabel(f"from: {second}")
    plain(ax, keep=("bottom", "left"))
    return ax
