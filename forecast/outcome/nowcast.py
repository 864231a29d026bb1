"""nowcast: from a contest, a prior and partial returns to a `Nowcast`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from forecast.columns import IntArray
from forecast.contest import Contest
from forecast.errors import InputError
from forecast.interim import InterimTurnout
from forecast.outcome.groundwork import groundwork
from forecast.outcome.night import Nowcast
from forecast.polls import Poll
from forecast.randomness import stream
from forecast.reporting import Reporting, reporting_of
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.defaults import default_prior
from forecast.transfers.expected import Outstanding
from forecast.transfers.local import LocalTable
from forecast.transfers.partial import TAIL, PartialPosterior, fit_partial
from forecast.transfers.polled import with_polls
from forecast.transfers.sampler import TransferDistribution

__all__ = ["nowcast"]

DRAWS = 1000
"""Draws by default."""


def nowcast(
    contest: Contest,
    returns: Any,
    *,
    prior: TransferDistribution | None = None,
    polls: Iterable[Poll] = (),
    turnout: InterimTurnout | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Nowcast:
    """Forecast a runoff while it is being counted.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : Reporting, Returns or table
        What is counted so far, as `reporting_of` takes it; units may be missing, unknown, merged,
        repeated or half counted.
    prior : TransferDistribution, optional
        What was believed before the runoff; by default the contest's own.
    polls : iterable of Poll
        Polls of the runoff that were known before it.
    turnout : InterimTurnout, optional
        Turnout by some hour of both rounds and the runoff's lists, as `interim_turnout` makes it; a
        `Reporting` brings its own.
    draws : int
        Number of draws.
    seed : int
        The seed.

    Returns
    -------
    Nowcast

    Raises
    ------
    InputError
        If the returns break a rule, belong to another contest, or the prior does not fit.

    Notes
    -----
    Counted votes are counted. In every other unit the votes are its ledger times a table that
    follows the unit's first round (`transfers.local`), moved by deviations of regions, size and
    kind of place (`transfers.deviations`), all learned from the units that have reported; only
    these units of the runoff are read.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> night = pl.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40_407, 41_663],
    ...                       "vashadze": [20_768, 31_764]})
    >>> found = nowcast(load_contest("georgia-2018"), night)
    >>> found.reporting.units, 0.4 < found.share("zurabishvili").median < 0.8
    (2, True)
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2:
        raise InputError(f"draws must be a whole number from 2 - found {draws!r}")
    if not isinstance(returns, Reporting):
        reporting = reporting_of(contest, returns, turnout=turnout)
    elif turnout is None or turnout is returns.turnout:
        reporting = returns
    else:
        raise InputError("nowcast: a reporting brings its own turnout; give it to reporting_of")
    if reporting.contest is not contest and reporting.contest != contest:
        raise InputError("nowcast: the reporting belongs to another contest; match it anew")
    prior = default_prior(contest) if prior is None else prior
    known = tuple(polls)
    prior = with_polls(prior, contest, known) if known else prior
    start = groundwork(contest, prior, reporting.turnout, rng=stream(seed, "night: prior"))
    done = reporting.counted
    learned = np.flatnonzero((done > 0) & ~reporting.changed & (contest.votes.sum(axis=1) > 0))
    seen = start.table.select(learned)
    part = LocalTable(
        people=seen.people * done[learned, None], lean=seen.lean, turnout=seen.turnout
    )
    posterior = fit_partial(
        part,
        reporting.votes[learned].astype(float),
        start.deviations.select(learned),
        centre=start.centre,
        covariance=start.covariance,
    )
    rng = stream(seed, "night: draws")
    moves = posterior.draw(draws, rng=rng)
    still = np.flatnonzero(done < 1)
    shift, extra = _own_parts(posterior, learned, still, done, len(contest.units))
    outstanding = Outstanding(
        posterior=posterior,
        moves=moves,
        table=start.table.select(still),
        deviations=start.deviations.select(still),
        share=1 - done[still],
        shift=shift,
        extra=extra,
    )
    points = posterior.centre + moves
    return Nowcast(
        reporting=reporting,
        prior_name=prior.name,
        regions=start.regions,
        member=start.member,
        remaining=outstanding.votes(start.member[still], len(start.regions), rng=rng),
        outstanding=outstanding,
        still=still,
        origins=start.origins,
        tables=start.table.table(points[:, : posterior.coordinates]),
        seed=seed,
    )


def _own_parts(
    posterior: PartialPosterior, learned: IntArray, still: IntArray, done: FloatArray, units: int
) -> tuple[FloatArray, FloatArray]:
    """Return what half-counted units say about their own rest, and its variance.

    The rest of a unit differs from the counted part as much as a unit from its like: with s the
    unit variance, that of a t distribution, and e the noise of the part, the rest has mean
    ``s / (2 s + e)`` times the part's residual and variance ``2 s - s^2 / (2 s + e)``.
    """
    own = posterior.unit_variance[:, None] * TAIL / (TAIL - 2)
    shift = np.zeros((len(own), units))
    extra = np.tile(own, (1, units))
    half = done[learned] < 1
    trust = own / (2 * own + posterior.noise[:, half])
    where = learned[half]
    shift[:, where] = trust * posterior.residual[:, half]
    extra[:, where] = 2 * own - trust * own
    return shift[:, still], extra[:, still]
