"""A learned prior at one contest as a table: what it predicts for each role."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast.arrays import FloatArray
from forecast.facts.history_rules import UNDATED
from forecast.facts.ledger import NONE, Ledger
from forecast.files.text import aligned
from forecast.randomness import stream

if TYPE_CHECKING:
    from forecast.transfers.roles.prior import LearnedPrior, LearnedTransfers

__all__ = ["learned_text", "prior_brief", "prior_text", "role_rates", "shift_lines"]

DRAWS = 4000
"""Draws behind the printed means and intervals."""


def role_rates(transfers: LearnedTransfers) -> FloatArray:
    """Return predictive draws of the roles' rates, shape (draw, role, destination).

    Destinations are the finalists in the order of the contest, then nobody.
    """
    roles = transfers.prior.roles
    finalists = tuple(transfers.given[f] for f in transfers.finalists)
    alone = replace(transfers, given={r: r for r in roles}, finalists=finalists, shifts=())
    ledger = Ledger(
        origins=roles,
        kinds=("role",) * len(roles),
        destinations=(*finalists, NONE),
        units=("one each",),
        counts=np.ones((1, len(roles)), dtype=np.int64),
    )
    rates = alone.sampler(ledger).draw(DRAWS, rng=stream(0, "learned: table")).transpose(2, 0, 1)
    return np.concatenate([rates, 1 - rates.sum(axis=2, keepdims=True)], axis=2)


def learned_text(transfers: LearnedTransfers) -> str:
    """Return mean and 90 % interval of every role's rates as aligned text, in percent."""
    rates = 100 * role_rates(transfers)
    low, high = np.quantile(rates, [0.05, 0.95], axis=0)
    mean, prior = rates.mean(axis=0), transfers.prior
    rows = [
        [role, *(f"{mean[r, k]:.0f} [{low[r, k]:.0f}, {high[r, k]:.0f}]" for k in range(3))]
        for r, role in enumerate(prior.roles)
    ]
    lines = aligned(["", *transfers.finalists, NONE], rows)
    lines.append("percent of each role's people, [90 % interval], for a new contest like this one")
    lines += shift_lines(transfers)
    return "\n".join([f"Prior {prior.name}, learned from {len(prior.contests)} runoffs", *lines])


def shift_lines(transfers: LearnedTransfers) -> list[str]:
    """Return a line for everything that moved an origin, such as an endorsement."""
    return [
        f"{s.origin} moved by {s.logits:.2f} logits (sd {s.sd:.2f}) towards {s.finalist}"
        for s in transfers.shifts
    ]


def prior_brief(prior: LearnedPrior) -> str:
    """Return what a prior was learned from, in one line."""
    count, found = len(prior.contests), prior.mobilisation
    nights = [night for night in prior.nights if not night.startswith(UNDATED)]
    text = f"{count} runoff{'s' if count > 1 else ''}"
    undated = len(prior.nights) - len(nights)
    text += f", {undated} without a date," * bool(undated and nights)
    text += " without a date" * (undated == count)
    if len(nights) > 1:
        text += f" on {len(nights)} nights, {nights[0]} to {nights[-1]}"
    elif nights:
        text += f" on {nights[0]}"
    if found:
        text += f", and turnout of {len(found.contests)} national runoffs"
        text += f" to {found.latest}" if found.latest else ""
    return text + (f"; as of {prior.as_of}" if prior.as_of else "")


def prior_text(prior: LearnedPrior) -> str:
    """Return an average contest's table and where it comes from, as aligned text in percent."""
    rows = [
        [role, *(f"{100 * rate:.0f}" for rate in row)]
        for role, row in zip(prior.roles, prior.mean_table, strict=True)
    ]
    lines = aligned(["in percent, to", *prior.roles[:2], NONE], rows)
    weight = prior.population.history_weight
    if weight is not None:
        lines.append(
            f"{prior.roles[0]} at a tie: {100 * weight:.0f}% the history's own "
            f"{len(prior.nights)} election days, {100 * (1 - weight):.0f}% the world's countries"
        )
    lines += [str(prior.mobilisation)] if prior.mobilisation else []
    if gone := prior.provenance.get("units left out"):
        lines.append(f"{gone} units left out: in one round only, or more votes than people")
    return "\n".join([prior.name, prior.brief, *lines])
