"""Small tables that notebooks show: every name is escaped, nothing is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forecast.display import Shown, rate_range
from forecast.transfers.roles.describe import role_rates, shift_lines

if TYPE_CHECKING:
    from forecast.arrays import FloatArray
    from forecast.transfers.elicited.prior import TransferPrior
    from forecast.transfers.returns.posterior import TransferPosterior
    from forecast.transfers.roles.prior import LearnedTransfers

__all__ = [
    "learned_html",
    "posterior_html",
    "prior_html",
]


def prior_html(prior: TransferPrior) -> str:
    """Return the rows of a prior as a table, in percent."""
    rows = []
    for row in prior.rows:
        participation, preference = (rate_range(*triple) for triple in row.describe())
        name = "other eliminated" if row.origin == "*" else row.origin
        rows.append([name, participation, preference, row.source])
    head = ["origin", "take part", f"for {prior.finalists[0]}", "source"]
    notes = [
        f"{e.origin} backs {e.finalist}: {e.strength:.0%} of the others follow ({e.source})"
        for e in prior.endorsements
    ]
    notes.append("percent, mean and 90 % interval before endorsements")
    title = f"Prior {prior.name}"
    return Shown(title=title, head=head, rows=rows, left=(0, 3), notes=notes).html()


def learned_html(transfers: LearnedTransfers) -> str:
    """Return what a learned prior predicts for each role as a table, in percent."""
    rates = role_rates(transfers)
    prior = transfers.prior
    rows = _rate_rows(prior.roles, rates.mean(axis=0), *_ends(rates))
    caption = f"Prior {prior.name}, learned from {len(prior.contests)} runoffs"
    notes = ["percent of each role's people, mean and 90 % interval, for a contest like this one"]
    notes += shift_lines(transfers)
    head = ["role", *transfers.finalists, "nobody"]
    return Shown(title=caption, head=head, rows=rows, notes=notes).html()


def posterior_html(posterior: TransferPosterior) -> str:
    """Return a posterior of transfers as a table, in percent."""
    label = posterior.labels
    names = [label.get(o, o) for o in posterior.origins]
    heads = ["nobody" if d == "none" else label.get(d, d) for d in posterior.destinations]
    rows = _rate_rows(names, posterior.mean, *posterior.interval(0.9))
    notes = [f"percent of each origin, mean and 90 % interval; {len(posterior.units):,} units"]
    head = ["origin", *heads]
    return Shown(title="Who moved where", head=head, rows=rows, notes=notes).html()


def _ends(rates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the 5 % and 95 % points of draws, shape (draw, row, column)."""
    import numpy as np

    low, high = np.quantile(rates, [0.05, 0.95], axis=0)
    return low, high


def _rate_rows(
    names: Sequence[str], mean: FloatArray, low: FloatArray, high: FloatArray
) -> list[list[str]]:
    return [
        [name, *(rate_range(*cell) for cell in zip(*line, strict=True))]
        for name, *line in zip(names, mean, low, high, strict=True)
    ]
