"""forecast_runoff: from a contest and a prior to a `Forecast`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from forecast.contest import Contest
from forecast.errors import InputError
from forecast.outcome.forecast import Forecast, simulated_forecast
from forecast.polls import Poll
from forecast.simulation.engine import simulate
from forecast.transfers.defaults import default_prior
from forecast.transfers.polled import PolledTransfers, bundled_polls, known_by, with_polls
from forecast.transfers.pooling import pool_small
from forecast.transfers.posterior import TransferPosterior
from forecast.transfers.sampler import TransferDistribution

__all__ = ["forecast_runoff", "known_beliefs"]


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
        probability by more than 0.1 percentage points; see `forecast.transfers.pooling`.
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
