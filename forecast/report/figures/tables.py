"""Figures of transfer tables: means with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import rate
from forecast.facts.ledger import NONE
from forecast.outcome.forecast import Forecast
from forecast.report.figures.canvas import FIRST, INK, SECOND, axes, plain, verbatim, wrapped
from forecast.report.words import origin_name
from forecast.transfers.table.describe import Description

if TYPE_CHECKING:
    from forecast.transfers.returns.posterior import TransferPosterior


MOST = 8
"""Origins drawn."""


def transfer_heat_map(forecast: Forecast, ax: Any = None) -> Any:
    """Draw the transfer table of the `MOST` largest origins, mean and 90% interval in each cell."""
    table, ledger, labels = forecast.transfers(), forecast.ledger, forecast.contest.labels
    order = set(np.argsort(-ledger.totals, kind="stable")[:MOST].tolist())
    shown = [r for r in range(len(ledger.origins)) if r in order]
    names = [origin_name(ledger.origins[r], labels) for r in shown]
    columns = [origin_name(d, labels) for d in table.destinations]
    return _cells(ax, names, columns, (table.mean[shown], table.low[shown], table.high[shown]))


def transfer_table(posterior: TransferPosterior, ax: Any = None) -> Any:
    """Draw a posterior of a transfer table beside what was believed and what the counts allow."""
    label = {NONE: "nobody", **posterior.labels}
    rows, columns = (
        [label.get(name, name) for name in names]
        for names in (posterior.origins, posterior.destinations)
    )
    before, (least, most) = posterior.prior_mean, posterior.bounds()
    under = [
        [f"before {rate(float(p))}, possible {rate(float(a))}-{rate(float(b))}" for p, a, b in row]
        for row in np.stack([before, least, most], axis=-1)
    ]
    return _cells(ax, rows, columns, (posterior.mean, *posterior.interval(0.9)), under)


def description_figure(said: Description, ax: Any = None) -> Any:
    """Draw what a prior says, mean and 90% interval: stated beliefs as bars, rates as cells."""
    values = np.array([row.values for row in said.rows])
    names = [said.row_name(row) for row in said.rows]
    if not said.basis:
        return _bars(ax, names, said.columns, 100 * values)
    columns = ["nobody" if c == NONE else c for c in said.columns]
    return _cells(ax, names, columns, (values[..., 0], values[..., 1], values[..., 2]))


def _cells(
    ax: Any,
    rows: Sequence[str],
    columns: Sequence[str],
    rates: tuple[FloatArray, FloatArray, FloatArray],
    under: Sequence[Sequence[str]] | None = None,
) -> Any:
    """Draw mean, low and high rates, each of shape (row, column), as shaded cells.

    `under` is a smaller line below each.
    """
    from matplotlib.patches import Rectangle

    ax = axes(ax, 0.7 + (0.44 if under is None else 0.6) * len(rows))
    between = "  " if len(columns) < 4 else "\n"
    for (i, j), mean in np.ndenumerate(rates[0]):
        low, high = (rate(float(part[i, j])) for part in rates[1:])
        # Transparent, so that the text reads on light pages and on dark ones.
        shade = Rectangle((j - 0.49, i - 0.47), 0.98, 0.94, color=FIRST, alpha=0.5 * mean, lw=0)
        ax.add_patch(shade)
        text = f"{rate(float(mean))}%{between}[{low}, {high}]"
        if under is not None:
            text += f"\n{under[i][j]}"
        size = 9.5 if under is None else 8.0
        ax.text(j, i, text, ha="center", va="center", fontsize=size, color=INK)
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    width = 14 if len(columns) < 4 else 10
    ax.set_xticks(range(len(columns)), [wrapped(name, width) for name in columns])
    ax.set_yticks(range(len(rows)), [wrapped(name, 20) for name in rows])
    ax.xaxis.tick_top()
    plain(ax, keep=())
    return ax


def _bars(ax: Any, names: Sequence[str], columns: Sequence[str], values: FloatArray) -> Any:
    """Draw mean, low and high in percent, shape (row, column, 3), as dots on bars."""
    ax = axes(ax, 1.0 + 0.42 * len(names))
    style = ((FIRST, "o"), (SECOND, "s"))
    offsets = np.linspace(-0.14, 0.14, len(columns))
    for k, (word, offset) in enumerate(zip(columns, offsets, strict=True)):
        colour, marker = style[k % len(style)]
        place = np.arange(len(values)) + offset
        ax.hlines(place, values[:, k, 1], values[:, k, 2], color=colour, linewidth=2.5)
        dots = {"color": colour, "markeredgecolor": INK, "markersize": 6, "label": verbatim(word)}
        ax.plot(values[:, k, 0], place, marker, **dots)
    ax.set_yticks(range(len(names)), [verbatim(name) for name in names])
    ax.set(xlim=(0, 100), ylim=(len(names) - 0.5, -0.5), xlabel="percent")
    ax.grid(axis="x", color=INK, alpha=0.15)
    ax.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), labelcolor=INK)
    plain(ax)
    return ax
