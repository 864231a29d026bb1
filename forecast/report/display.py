"""Small tables that notebooks show: every name is escaped, nothing is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast.display import Shown, rate_range

if TYPE_CHECKING:
    from forecast.arrays import FloatArray
    from forecast.transfers.returns.posterior import TransferPosterior

__all__ = [
    "posterior_html",
]


def posterior_html(posterior: TransferPosterior) -> str:
    """Return a posterior of transfers as a table, in percent."""
    label = posterior.labels
    names = [label.get(o, o) for o in posterior.origins]
    heads = ["nobody" if d == "none" else label.get(d, d) for d in posterior.destinations]
    rows = _rate_rows(names, posterior.mean, *posterior.interval(0.9))
    notes = [f"percent of each origin, mean and 90 % interval; {len(posterior.units):,} units"]
    head = ["origin", *heads]
    return Shown(title="Who moved where", head=head, rows=rows, notes=notes).html()


def _rate_rows(
    names: Sequence[str], mean: FloatArray, low: FloatArray, high: FloatArray
) -> list[list[str]]:
    return [
        [name, *(rate_range(*cell) for cell in zip(*line, strict=True))]
        for name, *line in zip(names, mean, low, high, strict=True)
    ]
