"""forecast_runoff: from a contest and a prior to a `Forecast`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.data.priors import bundled_polls, default_prior
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import Reporting, reporting_of
from forecast.facts.polls import Poll
from forecast.outcome.forecast import Forecast, simulated_forecast
from forecast.outcome.nowcast import Nowcast
from forecast.randomness import one_thread_of_algebra, stream
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.pooling import pool_small
from forecast.transfers.night.fit import TAIL, PartialPosterior, fit_partial
from forecast.transfers.night.groundwork import groundwork
from forecast.transfers.night.local_table import LocalTable
from forecast.transfers.night.outstanding import Outstanding
from forecast.transfers.polls.polled import PolledTransfers, known_by, with_polls
from forecast.transfers.returns.posterior import TransferPosterior
from forecast.transfers.table.protocols import TransferDistribution

__all__ = ["DRAWS", "forecast_runoff", "known_beliefs", "nowcast"]


@one_thread_of_algebra
def forecast_runoff(
    contest: Contest,
    prior: TransferDistribution | None = None,
    *,
    polls: Iterable[Poll] | None = None,
    draws: int = 200_000,
    seed: int = 0,
    as_of: date | None = None,
    workers: int | None = None,
    every_candidate: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Forecast:
    """Forecast a runoff.

    Parameters
    ----------
    contest : Contest
        What is known after the first round.
    prior : TransferDistribution, optional
        What is believed about the transfers, a prior or a posterior; by default the contest's
        bundled prior, else a wide one, see `default_prior`.
    polls : iterable of Poll, optional
        What people told pollsters; exit polls are not used. By default the bundled polls of a
        bundled contest, of which none about the runoff is known on the day of the first round.
    draws : int
        Number of draws (even).
    seed : int
        The seed; the same seed gives the same forecast.
    as_of : datetime.date, optional
        Use nothing that became known later, and then every poll needs a date; by default the day
        of the first round, or of the latest datum in `prior` and `polls`, and none if a poll has
        no date.
    workers : int, optional
        Threads; all available processors by default.
    every_candidate : bool
        Whether every candidate of a crowd gets a row. By default those beyond the 40 largest, about
        whom a `TransferPrior` says nothing special, are one origin, as far as that changes no
        probability by more than 0.1 percentage points; see `forecast.transfers.elicited.pooling`.
    progress : callable, optional
        Called with the fraction of the draws that are done.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If an argument is out of range, the prior does not fit the contest, or `as_of` lies before
        the first round.

    Notes
    -----
    votes[j] = sum_r count[r] T[r, j] for every draw of the transfer table T.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=20_000)
    >>> 0.6 < forecast.share("zurabishvili").median < 0.7
    True
    """
    prior, as_of = known_beliefs(contest, prior, polls, as_of)
    ledger = contest.ledger() if every_candidate else pool_small(contest.ledger(), prior)
    simulation = simulate(ledger, prior, draws=draws, seed=seed, workers=workers)
    return simulated_forecast(contest, prior, simulation, as_of=as_of, progress=progress)


def known_beliefs(
    contest: Contest,
    prior: TransferDistribution | None,
    polls: Iterable[Poll] | None,
    as_of: date | None,
) -> tuple[TransferDistribution, date | None]:
    """Return what was believed on a day, polls included, and the day; as `forecast_runoff` does.

    Raises
    ------
    InputError
        If the day is impossible, a datum has none, or the prior knows more than was known then.
    """
    prior = default_prior(contest) if prior is None else prior
    given = (polls,) if isinstance(polls, Poll) else tuple(polls or ())
    if as_of is not None:
        _check_day(as_of, contest)
        prior = prior.as_of(as_of)
        given = known_by([p for p in given if p.kind == "poll"], as_of)
    else:
        used = [p.known for p in given if p.kind == "poll"]
        days = [contest.first_round, prior.known, *used]
        as_of = max((day for day in days if day), default=None)
        if given and as_of is not None:
            _check_day(as_of, contest)
        if None in used:  # nobody can say on which day this was known
            as_of = None
    if polls is None and as_of and not isinstance(prior, PolledTransfers | TransferPosterior):
        given = known_by(bundled_polls(contest), as_of)
    return (with_polls(prior, contest, given) if given else prior), as_of


def _check_day(day: date, contest: Contest) -> None:
    if type(day) is not date:
        raise InputError(f"as_of: must be a datetime.date - found {day!r}")
    first, last = contest.first_round or date.min, contest.runoff or date.max
    if not first <= day <= last:
        raise InputError(
            f"as_of: must not be before the first round on {contest.first_round} nor after the "
            f"runoff on {contest.runoff} - found {day}; choose a day between"
        )


DRAWS = 1000
"""Draws by default."""


@one_thread_of_algebra
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
    remaining = outstanding.votes(start.member[still], len(start.regions), rng=rng)
    counted = np.array([reporting.totals[f] for f in contest.finalists])
    votes = remaining.sum(axis=0).T + counted
    votes.setflags(write=False)
    return Nowcast(
        contest=contest,
        draw_votes=votes,
        reporting=reporting,
        prior_name=prior.name,
        regions=start.regions,
        member=start.member,
        remaining=remaining,
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
