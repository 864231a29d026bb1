"""The prior of a country's runoff: stated rows, as wide as earlier national runoffs surprised.

Totals of a runoff say little of single transfers, but they say how far a forecast from stated rows
was off. For every earlier runoff i the stated rows, with normal factors, give mean and sd of the
logits of the leader's share and of turnout; z_i and u_i are what came, in these sds. Most runoffs
surprise little and a few in everything: they are t errors with nu = `TAIL` degrees of freedom. With
n earlier runoffs and the stated rows worth W, the sds of preferences are multiplied by c::

    c^2 = (W + sum w_i z_i^2) / (W + n),    w_i = (nu + 1) / (nu - 2 + z_i^2 / c^2)

the mode under t errors of sd c (Lange, Little & Taylor 1989, J. Am. Stat. Assoc. 84, 881-896)
beside W runoffs that surprised as much as was stated; those of participation by the same from u_i.
A national runoff is a day of its own, so what days differ by, and what a national contest adds to
it, are in z_i. Without earlier runoffs the rows are the stated ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit, ndtri

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.returns import Returns
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.generic import TAIL, generic_prior
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.elicited.rows import Belief, ElicitedRow
from forecast.transfers.table.coordinates import match_location
from forecast.transfers.table.protocols import Dated

WORTH = 10.0
"""Runoffs that the stated rows are worth: from 5 to 20 the CRPS of 54 national runoffs, each from
earlier ones, is the same within 1%."""
DRAWS = 512
"""Draws of the stated rows behind the mean and sd of one past runoff."""
STEPS = 50
"""Rounds in which the widths settle to nine digits."""
FARTHEST = 0.999
"""Largest share or turnout that is taken as it is; in logits one can be anything."""
WIDEST = 2.5
"""Largest sd of a logit: a wider row says no more, only that it is nearly all or nothing."""
NINETY = float(ndtri(0.95))
"""Sds from the middle to the ends of a 90% interval."""


class Surprise(NamedTuple):
    """How far off the stated rows were in one past runoff, in their own sds."""

    share: float
    turnout: float


class Widths(NamedTuple):
    """How wide the rows should be, as multiples of the stated widths."""

    preference: float = 1.0
    participation: float = 1.0


@refuses_other_kinds
def national_prior(
    contest: Contest, history: Iterable[tuple[Contest, Returns]], *, as_of: date | None = None
) -> TransferPrior:
    """Return the prior of a national contest, learned from national runoffs before it.

    Parameters
    ----------
    contest : Contest
        A contest after its first round.
    history : iterable of (Contest, Returns)
        National runoffs, such as ``past_runoffs("world")``. Those held after the contest's first
        round, and the contest itself, are left out.
    as_of : datetime.date, optional
        Nothing later is used; by default the day of the first round.

    Returns
    -------
    TransferPrior
        `generic_prior` of kind "national" where there is no earlier runoff.

    Raises
    ------
    InputError
        If a past runoff has no date, so that nobody can say whether it was earlier.

    Examples
    --------
    >>> from forecast.data import load_contest, past_runoffs
    >>> prior = national_prior(load_contest("france-2017"), past_runoffs("world"))
    >>> prior.name, prior.published.isoformat()
    ('learned from 51 national runoffs', '2016-12-04')
    """
    stated = generic_prior(contest, kind="national")
    day = min((d for d in (as_of, contest.first_round) if d), default=None)
    earlier = [pair for pair in history if _before(pair[0], day) and not _same(pair[0], contest)]
    if not earlier:
        return stated
    widths = learned_widths([_surprise(c, tuple(r.totals.items())) for c, r in earlier])
    days = sorted(c.runoff for c, _ in earlier if c.runoff)
    n = len(earlier)
    runoffs = f"{n} national runoff{'s' if n > 1 else ''}"
    span = f"{days[0]} to {days[-1]}" if n > 1 else f"of {days[0]}"
    return replace(
        widened(stated, widths),
        name=Message(
            "learned from {n} national runoffs",
            n=n,
            english=f"learned from {runoffs}" if n == 1 else "",
        ),
        history=Dated(
            what=f"{runoffs}, {span}" + (", few: nearly as assumed" if n < WORTH else ""),
            published=days[-1],
            source=f"preferences {widths.preference:.2f} times as uncertain as assumed, "
            f"participation {widths.participation:.2f} times",
        ),
    )


def learned_widths(surprises: Iterable[Surprise]) -> Widths:
    """Return how wide the stated rows should be, given how far they were off.

    Examples
    --------
    >>> learned_widths([]) == Widths()
    True
    >>> wide = learned_widths([Surprise(2.0, 0.0)] * 10)
    >>> round(wide.preference, 2), wide.participation < 1
    (1.74, True)
    """
    squares = np.array([*surprises], dtype=float).reshape(-1, 2) ** 2
    wide = np.ones(2)
    for _ in range(STEPS):
        weights = (TAIL + 1) / (TAIL - 2 + squares / wide)
        wide = (WORTH + (weights * squares).sum(axis=0)) / (WORTH + len(squares))
    return Widths(*map(float, np.sqrt(wide)))


def widened(prior: TransferPrior, widths: Widths) -> TransferPrior:
    """Return a prior of elicited rows with the same means and other widths."""
    rows = [row for row in prior.rows if isinstance(row, ElicitedRow)]
    return replace(
        prior,
        rows=tuple(
            replace(
                row,
                participation=_wider(row.participation, widths.participation),
                preference=_wider(row.preference, widths.preference),
            )
            for row in rows
        ),
    )


@lru_cache(maxsize=1024)
def _surprise(contest: Contest, counted: tuple[tuple[str, int], ...]) -> Surprise:
    """Return how far the stated rows were off in a past runoff of these votes, its leader first."""
    ledger, votes = contest.ledger(), dict(counted)
    stated = replace(generic_prior(contest, kind="national"), tail=np.inf)
    sampler = stated.sampler(ledger)
    rates = sampler.draw(DRAWS, rng=stream(0, f"national: {contest.name}"))
    drawn = np.einsum("r,rfd->fd", ledger.totals, rates)
    k = int(np.argmax([ledger.totals[ledger.index(f)] for f in contest.finalists]))
    total = sum(votes.values())
    share = _logit(drawn[k] / drawn.sum(axis=0))
    turnout = _logit(drawn.sum(axis=0) / ledger.people)
    return Surprise(
        share=float((_logit(votes[contest.finalists[k]] / total) - share.mean()) / share.std()),
        turnout=float((_logit(total / ledger.people) - turnout.mean()) / turnout.std()),
    )


def _logit(fraction: np.ndarray | float) -> np.ndarray:
    return np.asarray(logit(np.clip(fraction, 1 - FARTHEST, FARTHEST)))


def _before(past: Contest, day: date | None) -> bool:
    if past.runoff is None:
        raise InputError(
            f"national_prior: the runoff of {past.name!r} has no date, so nobody can say whether "
            "it was known; give it one"
        )
    return day is None or past.runoff <= day


def _same(past: Contest, contest: Contest) -> bool:
    """Return whether two contests have the same votes: one and the same, under any name."""
    ours, theirs = (sorted(c.votes.sum(axis=0).tolist(), reverse=True)[:3] for c in (past, contest))
    return ours == theirs


def _wider(belief: Belief, times: float) -> Belief:
    """Return a belief with the same mean and so many times the sd of its logit."""
    sd = min(belief.normal[1] * times, WIDEST)
    location = match_location(belief.mean, sd)
    low, high = expit(location - NINETY * sd), expit(location + NINETY * sd)
    return Belief(mean=belief.mean, low=float(low), high=float(high))
