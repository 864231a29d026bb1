"""Figures of how good forecasts were: reliability of probabilities, PIT values, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from forecast.errors import InputError, suggest
from forecast.report.figures.canvas import FIRST, INK, axes, plain

if TYPE_CHECKING:
    from forecast.validation.calibration import Reliability
    from forecast.validation.outcomes import Backtest


def calibration(bins: Reliability, ax: Any = None) -> Any:
    """Draw how often things came that were given a probability; the bars are what chance allows."""
    ax = axes(ax, 4.0)
    p = 100 * bins.probability
    ax.plot([0, 100], [0, 100], color=INK, linewidth=1, linestyle="--")
    ax.vlines(p, 100 * bins.low, 100 * bins.high, color=INK, alpha=0.35, linewidth=6)
    ax.plot(p, 100 * bins.frequency, "o", color=FIRST, markeredgecolor=INK, markersize=7)
    for x, y, n in zip(p, 100 * bins.frequency, bins.n, strict=True):
        style = {"textcoords": "offset points", "fontsize": 8.5, "color": INK}
        ax.annotate(f"{n:,}", (x, y), xytext=(7, -4), **style)
    ax.set(xlim=(-2, 102), ylim=(-2, 102), ylabel="came so, percent of the forecasts")
    ax.set_xlabel(
        "forecast probability, percent; numbers count the forecasts\n"
        f"bars: {bins.false_alarm:.0%} false alarms; they notice\n"
        f"intervals a fifth too narrow in {bins.power:.0%}"
    )
    plain(ax, keep=("bottom", "left"))
    return ax


def pit_histogram(values: npt.ArrayLike, ax: Any = None, *, bins: int = 10) -> Any:
    """Draw where results fell in their forecasts: flat if calibrated, a U if intervals are narrow.

    Values are probability integral transforms, from 0 to 1, shape (contest,). The band holds all
    bars with probability 90% at least if forecasts are calibrated and contests independent:
    quantiles of the binomial distribution, by Bonferroni's inequality.

    Raises
    ------
    InputError
        If there is no value or one is outside [0, 1].
    """
    from scipy.stats import binom

    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or not len(x) or not ((x >= 0) & (x <= 1)).all():
        raise InputError("pit_histogram: needs values from 0 to 1, one per contest")
    ax = axes(ax, 3.0)
    low, high = binom.ppf([0.05 / bins, 1 - 0.05 / bins], len(x), 1 / bins)
    count, edges = np.histogram(x, np.linspace(0, 1, bins + 1))
    ax.axhspan(low, high, color=INK, alpha=0.15, linewidth=0)
    ax.bar(edges[:-1], count, 1 / bins, align="edge", color=FIRST, edgecolor=INK, linewidth=0.6)
    ax.plot([0, 1], [len(x) / bins] * 2, color=INK, linewidth=1, linestyle="--")
    ax.set(xlim=(-0.03, 1.03), ylabel="contests")
    ax.set_xlabel("forecast probability of less than what came; band: chance, 90%")
    ax.yaxis.get_major_locator().set_params(integer=True)
    plain(ax, keep=("bottom", "left"))
    return ax


def share_error(backtest: Backtest, ax: Any = None) -> Any:
    """Draw actual minus forecast share, with 90% intervals, against the first-round share."""
    ax = axes(ax, 4.0)
    mean = backtest.share.mean(axis=0)
    low, high = np.quantile(backtest.share, [0.05, 0.95], axis=0)
    x = 100 * backtest.first_share
    ax.vlines(x, 100 * (low - mean), 100 * (high - mean), color=INK, alpha=0.2, linewidth=1)
    ax.axhline(0, color=INK, linewidth=1, linestyle="--")
    ax.plot(x, 100 * (backtest.actual_share - mean), ".", color=FIRST, markersize=4)
    ax.set_xlabel("share of the finalists' vote in the first round, percent")
    ax.set_ylabel("actual minus forecast, points")
    plain(ax, keep=("bottom", "left"))
    return ax


def backtest_figure(backtest: Backtest, kind: str, ax: Any = None) -> Any:
    """Draw one figure of a backtest: "calibration", "pit" or "errors"; its title is the model."""
    if kind == "calibration":
        ax = calibration(backtest.reliability(), ax)
    elif kind == "pit":
        ax = pit_histogram(backtest.pit(), ax)
    elif kind == "errors":
        ax = share_error(backtest, ax)
    else:
        kinds = ("calibration", "pit", "errors")
        raise InputError(f"plot: no figure {kind!r} of a backtest; {suggest(kind, kinds)}")
    ax.set_title(backtest.model, fontsize=9, color=INK)
    return ax
