"""The flow diagram: people from where they stood to where they go, as ribbons with soft edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.facts.ledger import NONE
from forecast.outcome.flows import Flows, grouped_flows
from forecast.outcome.forecast import Forecast
from forecast.report.figures.canvas import COLOURS, INK, axes, wrapped
from forecast.report.languages import large
from forecast.report.words import origin_name

LONGEST = 16
"""Letters in a line of a name, which stands beside the ribbons on both sides."""
GAP, SLOT, LEFT, RIGHT, NODE = 0.02, 0.155, 0.0, 1.0, 0.03
"""A block takes at least a slot, so that its label has room."""
SHADES = (("high", 0.14), ("mean", 0.26), ("low", 0.45))
"""Ribbons of the 95%, the mean and the 5% flow lie on each other: what is sure is darkest."""


def flow_diagram(forecast: Forecast, ax: Any = None) -> Any:
    """Draw the people of each origin flowing to the finalists and to nobody.

    A ribbon is as wide as its mean flow. Its dark core is the 5% point of that flow and its faint
    margin the 95% point.
    """
    from matplotlib.patches import Rectangle

    ax = axes(ax, 6.4)
    flows = _ordered(grouped_flows(forecast))
    total = flows.people.sum()
    mean = flows.mean / total
    left, bottom = _stacked(flows.people / total)
    right, _ = _stacked(mean.sum(axis=0))
    begin = left[:, None] + np.cumsum(mean, axis=1) - mean / 2
    end = right[None] + np.cumsum(mean, axis=0) - mean / 2
    destinations = flows.destinations
    colours = [INK if d == NONE else COLOURS[k % 4] for k, d in enumerate(destinations)]
    for what, alpha in SHADES:
        for (r, d), width in np.ndenumerate(getattr(flows, what) / total):
            if width > 5e-4:
                ribbon = _ribbon(float(begin[r, d]), float(end[r, d]), float(width))
                faint = 0.5 if destinations[d] == NONE else 1.0
                ribbon.set(facecolor=colours[d], alpha=alpha * faint, linewidth=0)
                ax.add_artist(ribbon)
    style = {"va": "center", "color": INK}
    labels = forecast.contest.labels
    for r, (name, people) in enumerate(zip(flows.names, flows.people, strict=True)):
        height = people / total
        ax.add_artist(Rectangle((LEFT - NODE, left[r]), NODE, height, color=INK, lw=0))
        words = f"{wrapped(origin_name(name, labels), LONGEST, 2)}\n{large(float(people))}"
        ax.text(LEFT - 0.06, left[r] + height / 2, words, ha="right", linespacing=1.0, **style)
    for d, name in enumerate(destinations):
        votes, height = flows.mean[:, d].sum(), mean[:, d].sum()
        ax.add_artist(Rectangle((RIGHT, right[d]), NODE, height, color=colours[d], lw=0))
        low, high = flows.low_total[d], flows.high_total[d]
        words = wrapped(origin_name(name, labels), LONGEST, 2)
        words += f"\n{large(float(votes))}\n[{large(float(low))},\n{large(float(high))}]"
        ax.text(RIGHT + 0.06, right[d] + height / 2, words, ha="left", linespacing=1.0, **style)
    ax.set(xlim=(LEFT - NODE, RIGHT + NODE), ylim=(bottom + 0.02, -0.02))
    ax.set_axis_off()
    return ax


def _ordered(flows: Flows) -> Flows:
    """Put the eliminated between the finalists, by preference, so that ribbons cross less."""
    lean = flows.mean[:, 0] - flows.mean[:, 1]
    inner = [r for r, kind in enumerate(flows.kinds) if kind == "eliminated"]
    inner.sort(key=lambda r: -float(lean[r]) / max(float(flows.people[r]), 1.0))
    finalists = [r for r, kind in enumerate(flows.kinds) if kind == "finalist"]
    rest = [r for r in range(len(flows.names)) if r not in (*inner, *finalists)]
    return flows.taken([finalists[0], *inner, *finalists[1:], *rest])


def _stacked(heights: FloatArray) -> tuple[FloatArray, float]:
    """Return the tops of blocks, each in the middle of its slot, and where the last slot ends."""
    slots = np.maximum(heights + GAP, SLOT)
    ends = np.cumsum(slots)
    return ends - slots / 2 - heights / 2, float(ends[-1])


def _ribbon(begin: float, end: float, width: float) -> Any:
    """Return a band between two heights whose edges are cubic Bezier curves."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle, half = (LEFT + RIGHT) / 2, width / 2

    def edge(side: float) -> list[tuple[float, float]]:
        ends = (begin + side, end + side)
        return [(LEFT, ends[0]), (middle, ends[0]), (middle, ends[1]), (RIGHT, ends[1])]

    points = [*edge(-half), *edge(half)[::-1], (LEFT, begin - half)]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    return PathPatch(Path(points, codes))
