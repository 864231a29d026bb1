"""The course of an election night as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from forecast.report.figures.canvas import FIRST, INK, SECOND, WIDTH, plain, verbatim
from forecast.report.languages import say

__all__ = ["night_course"]


def night_course(history: Sequence[Mapping[str, Any]], finalist: str, name: str) -> Any:
    """Draw share and win probability of a finalist against the counted share.

    Parameters
    ----------
    history : sequence of mapping
        Records as by `night_record`, in their order.
    finalist : str
        Whose.
    name : str
        What to call the finalist.

    Returns
    -------
    matplotlib.axes.Axes
        Of the upper panel; the figure holds both.
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
        say("{name} in the end; dashed: so far", name=verbatim(name, 24)), loc="left", color=INK
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
