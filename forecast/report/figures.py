"""Figures of a forecast: each draws on the Axes it is given and returns them.

The two colours (Okabe & Ito 2008) differ in lightness as well, so figures read in grey.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.outcome.breakeven import Frontier
from forecast.outcome.forecast import Forecast
from forecast.outcome.sensitivity import Sensitivity
from forecast.report.files import write_whole
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.posterior import TransferPosterior

__all__ = [
    "break_even_frontier",
    "drivers",
    "save",
    "share_density",
    "svg",
    "transfer_heat_map",
    "transfer_table",
]

FIRST, SECOND, INK = "#0072B2", "#E69F00", "#222222"
COLOURS, STYLES = (FIRST, SECOND, INK), ("-", "--", ":")


def _axes(ax: Any, width: float = 7.0, height: float = 3.2) -> Any:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def _verbatim(text: str) -> str:
    """Return text that Matplotlib prints as it is: a dollar sign would start mathematics."""
    return text.replace("$", r"\$")


def _label(forecast: Forecast) -> Callable[[str], str]:
    return lambda key: _verbatim(forecast.contest.label(key))


def _plain(ax: Any) -> None:
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0, colors=INK, labelsize=9)


def share_density(forecast: Forecast, ax: Any = None) -> Any:
    """Draw the density of the leader's share and the win line; with three finalists, all three."""
    ax = _axes(ax)
    label = _label(forecast)
    if len(forecast.finalists) > 2:
        for k, f in enumerate(forecast.finalists):
            x, y = _density(100 * forecast.shares()[:, k])
            ax.plot(x, y, color=COLOURS[k % 3], linestyle=STYLES[k % 3], label=label(f))
        ax.legend(frameon=False)
        ax.set(yticks=[], ylim=(0, None), xlabel="share of the finalists' vote, percent")
        _plain(ax)
        return ax
    leader = forecast.finalists.index(forecast.leader)
    names = [label(forecast.finalists[leader]), label(forecast.finalists[1 - leader])]
    x, y = _density(100 * forecast.shares()[:, leader], reach=(48, 52))
    ax.fill_between(x, y, where=x >= 50, color=FIRST, alpha=0.85, linewidth=0, interpolate=True)
    ax.fill_between(x, y, where=x <= 50, color=SECOND, alpha=0.85, linewidth=0, interpolate=True)
    ax.axvline(50, color=INK, linewidth=1.2)
    top = y.max()
    for level, width in ((0.9, 1.5), (0.5, 5)):
        q = forecast.share(forecast.leader, level)
        ends = [100 * q.interval.low, 100 * q.interval.high]
        ax.plot(ends, [-0.06 * top] * 2, color=INK, linewidth=width, solid_capstyle="butt")
    middle = 100 * forecast.share(forecast.leader).median
    ax.plot([middle], [-0.06 * top], "o", color="white", markeredgecolor=INK, markersize=6)
    ax.set(ylim=(-0.13 * top, 1.16 * top), yticks=[], xlim=(x[0], x[-1]))
    ax.text(0.995, 0.97, f"{names[0]} wins", transform=ax.transAxes, ha="right", va="top")
    ax.text(0.005, 0.97, f"{names[1]} wins", transform=ax.transAxes, ha="left", va="top")
    ax.set_xlabel(f"{names[0]}'s share of the finalists' vote, percent")
    _plain(ax)
    return ax


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


def transfer_heat_map(forecast: Forecast, ax: Any = None, *, rows: int = 12) -> Any:
    """Draw the transfer table of the largest origins, mean and 90 % interval in each cell."""
    table, ledger = forecast.transfers(), forecast.ledger
    order = set(np.argsort(-ledger.totals, kind="stable")[:rows].tolist())
    shown = [r for r in range(len(ledger.origins)) if r in order]
    names = [_label(forecast)(ledger.origins[r]) for r in shown]
    columns = [_destination(forecast, d) for d in table.destinations]
    rates = (table.mean[shown], table.low[shown], table.high[shown])
    return _cells(ax, names, columns, rates)


def transfer_table(posterior: TransferPosterior, ax: Any = None) -> Any:
    """Draw a posterior of a transfer table, mean and 90 % interval in each cell."""
    label = posterior.labels
    rows, columns = (
        [_verbatim(label.get(name, name)) for name in names]
        for names in (posterior.origins, posterior.destinations)
    )
    return _cells(ax, rows, columns, (posterior.mean, *posterior.interval(0.9)))


def _cells(
    ax: Any,
    rows: list[str],
    columns: list[str],
    rates: tuple[FloatArray, FloatArray, FloatArray],
) -> Any:
    """Draw mean, low and high rates, each of shape (row, column), as shaded cells."""
    mean, low, high = rates
    ax = _axes(ax, 7.0, 0.8 + 0.42 * len(rows))
    edges = [np.arange(n + 1) - 0.5 for n in mean.shape[::-1]]
    ax.pcolormesh(*edges, mean, cmap="Greys", vmin=0, vmax=1.25, edgecolor="white")
    ax.invert_yaxis()
    for (i, j), m in np.ndenumerate(mean):
        text = f"{100 * m:.0f} %  [{100 * low[i, j]:.0f}, {100 * high[i, j]:.0f}]"
        color = "white" if m > 0.62 else INK
        ax.text(j, i, text, ha="center", va="center", fontsize=9, color=color)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.xaxis.tick_top()
    _plain(ax)
    ax.spines["bottom"].set_visible(False)
    return ax


def _destination(forecast: Forecast, name: str) -> str:
    return "nobody" if name == "none" else _label(forecast)(name)


def drivers(
    result: Sensitivity, ax: Any = None, *, labels: Mapping[str, str] | None = None, rows: int = 10
) -> Any:
    """Draw how much of the share's variance each input explains alone, largest on top."""
    ax = _axes(ax)
    names, index = result.inputs[:rows][::-1], 100 * result.index[:rows][::-1]
    ax.barh(range(len(names)), index, color=FIRST, height=0.65)
    parts = [name.split(": ", 1) for name in names]
    words = [_verbatim(": ".join([(labels or {}).get(o, o), *rest])) for o, *rest in parts]
    ax.set_yticks(range(len(names)), words)
    for i, value in enumerate(index):
        ax.text(
            value + 0.8, i, f"{value:.0f} %" if value >= 1 else "< 1 %", va="center", fontsize=9
        )
    ax.set(xticks=[], xlim=(0, max(1.15 * index.max(), 10)))
    _plain(ax)
    ax.spines["bottom"].set_visible(False)
    return ax


def break_even_frontier(frontier: Frontier, forecast: Forecast, ax: Any = None) -> Any:
    """Draw the pairs of two preferences that level the leading two, and where we stand."""
    ax = _axes(ax)
    label = _label(forecast)
    name = label(frontier.finalist)
    x, y = 100 * frontier.first, 100 * frontier.second
    ax.plot(x, y, color=INK, linewidth=1.5)
    ax.fill_between(x, np.clip(y, 0, 100), 100, color=FIRST, alpha=0.25, linewidth=0)
    here = tuple(100 * value for value in frontier.expected)
    ax.plot(*([value] for value in here), "o", color=SECOND, markeredgecolor=INK, markersize=8)
    ax.annotate("expected", here, xytext=(-8, -4), textcoords="offset points", ha="right", va="top")
    ax.text(0.98, 0.95, f"{name} ahead", transform=ax.transAxes, ha="right", va="top")
    ax.set(xlim=(0, 100), ylim=(0, 100))
    ax.set_xlabel(f"of the votes from {label(frontier.origins[0])}, percent for {name}")
    ax.set_ylabel(f"from {label(frontier.origins[1])}")
    ax.tick_params(labelsize=9)
    return ax


def save(ax: Any, path: Path) -> None:
    """Write the figure of `ax` in the format of the path's ending, whole or not at all.

    Raises
    ------
    InputError
        If the ending is no format of Matplotlib or the file cannot be written.
    """
    buffer = io.BytesIO()
    try:
        ax.figure.savefig(buffer, format=path.suffix.lstrip(".") or "none", dpi=150)
    except ValueError as error:
        raise InputError(f"{path.name}: must end in .svg, .png or .pdf - {error}") from None
    write_whole(path, buffer.getvalue())


def svg(ax: Any, *, title: str) -> str:
    """Return the figure of `ax` as an SVG element with an accessible title."""
    import matplotlib
    from markupsafe import escape

    buffer = io.StringIO()
    options = {"svg.fonttype": "none", "svg.hashsalt": title}
    with matplotlib.rc_context(options), warnings.catch_warnings():
        # Text stays text: the reader's browser has the fonts that Matplotlib lacks.
        warnings.filterwarnings("ignore", message="Glyph")
        ax.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    body = text[text.index("<svg") :]
    head = f'<svg role="img" aria-label="{escape(title)}" '
    return head + body.removeprefix("<svg ")
