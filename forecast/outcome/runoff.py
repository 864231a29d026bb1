"""forecast_runoff: from a contest and a prior to a `Forecast`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from forecast.contest import Contest
from forecast.errors import InputError
from forecast.outcome.forecast import Forecast, simulated_forecast
from forecast.simulation.engine import simulate
from forecast.transfers.defaults import default_prior
from forecast.transfers.sampler import TransferDistribution

__all__ = ["forecast_runoff"]


def forecast_runoff(
    contest: Contest,
    prior: TransferDistribution | None = None,
    *,
    draws: int = 200_000,
    seed: int = 0,
    as_of: date | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Forecast:
    """Forecast a runoff.

    Parameters
    ----------
    contest : Contest
        What is known after the first round.
    prior : TransferDistribution, optional
        What is believed about the transfers, a prior or a posterior; by default the contest's
        bundled prior, else a wide one.
    draws : int
        Number of draws (even).
    seed : int
        The seed; the same seed gives the same forecast.
    as_of : datetime.date, optional
        Use nothing that became known later; by default everything the prior knows.
    workers : int, optional
        Threads; all available processors by default.
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
    >>> 0.4 < forecast.share("zurabishvili").median < 0.6
    True
    """
    prior = default_prior(contest) if prior is None else prior
    if as_of is None:
        as_of = max((d for d in (contest.first_round, prior.known) if d), default=None)
    else:
        _check_day(as_of, contest)
        prior = prior.as_of(as_of)
    simulation = simulate(contest.ledger(), prior, draws=draws, seed=seed, workers=workers)
    return simulated_forecast(contest, prior, simulation, as_of=as_of, progress=progress)


def _check_day(day: date, contest: Contest) -> None:
    if type(day) is not date:
        raise InputError(f"as_of: must be a datetime.date - found {day!r}")
    first, last = contest.first_round or date.min, contest.runoff or date.max
    if not first <= day <= last:
        raise InputError(
            f"as_of: must not be before the first round on {contest.first_round} nor after the "
            f"runoff on {contest.runoff} - found {day}; choose a day between"
        )
