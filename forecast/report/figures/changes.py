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
    SECOND,
    axes,
    plain,
    verbatim,
    wrapped,
)
from forecast.report.languages import say
from forecast.report.words import input_name, origin_name

MOST = 8
"""Inputs drawn."""


def drivers(result: Sensitivity, ax: Any = None, *, labels: Mapping[str, str] | None = None) -> Any:
    """Draw a tornado: the mean share when an input is in its lowest and in its highest tenth.

    The `MOST` inputs that explain most are drawn.
    """
    ax = axes(ax, 1.6 + 0.42 * min(MOST, len(result.inputs)))
    centre, place = 100 * result.mean, np.arange(len(result.inputs[:MOST]))
    low, high = say("input in its lowest tenth"), say("in its highest tenth")
    ends = ((result.low, low, SECOND, "//"), (result.high, high, FIRST, ""))
    for values, word, colour, hatch in ends:
        reach = 100 * values[:MOST] - centre
        style = {"color": colour, "edgecolor": INK, "linewidth": 0.6, "hatch": hatch}
        ax.barh(place, reach, left=centre, height=0.62, label=word, **style)
    ax.plot([centre, centre], [-0.5, len(place) - 0.5], color=INK, linewidth=1)
    names = [_named(name, labels or {}) for name in result.inputs[:MOST]]
    ax.set_yticks(place, names)
    ax.set_ylim(len(place) - 0.5, -0.5)
    whose = verbatim((labels or {}).get(result.finalist, result.finalist))
    ax.set_xlabel(say("mean share of {name}, percent", name=whose), loc="right")
    ax.figure.legend(
        *ax.get_legend_handles_labels(), frameon=False, loc="outside upper right", labelcolor=INK
    )
    plain(ax)
    return ax


def _named(name: str, labels: Mapping[str, str]) -> str:
    """Return an input as printed: whose it is may be shortened, which coordinate it is may not."""
    label, *rest = input_name(name, labels).split(": ", 1)
    words = [wrapped(label, 20, 1) if rest else wrapped(label, 20)]
    words += [wrapped(text, 24, 1) for text in rest]
    return (": " if len(": ".join(words)) <= 20 else ":\n").join(words)


def break_even_frontier(frontier: Frontier, forecast: Forecast, ax: Any = None) -> Any:
    """Draw the pairs of two preferences that level the leading two, and where we stand."""
    ax = axes(ax, 3.4)
    labels = forecast.contest.labels
    name = wrapped(origin_name(frontier.finalist, labels), 24, 1)
    x, y = 100 * frontier.first, 100 * frontier.second
    ax.plot(x, y, color=INK, linewidth=1.5)
    ax.fill_between(x, np.clip(y, 0, 100), 100, color=FIRST, alpha=0.3, linewidth=0)
    here = tuple(100 * value for value in frontier.expected)
    ax.plot(*([value] for value in here), "o", color=SECOND, markeredgecolor=INK, markersize=8)
    style = {"textcoords": "offset points", "ha": "right", "va": "top", "color": INK}
    ax.annotate(say("expected"), here, xytext=(-8, -4), **style)
    ax.set_title(say("shaded: {name} ahead", name=name), loc="right", color=INK, size=9.5)
    ax.set(xlim=(0, 100), ylim=(0, 100))
    first, second = (wrapped(origin_name(o, labels), 24, 1) for o in frontier.origins)
    ax.set_xlabel(
        say("percent for {name}", name=name)
        + "\n"
        + say("of the votes from: {origin}", origin=first)
    )
    ax.set_ylabel(say("from: {origin}", origin=second))
    plain(ax, keep=("bottom", "left"))
    return ax
