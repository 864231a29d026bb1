"""forecast_runoff: from a contest and a prior to a `Forecast`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from forecast.data.bundle import AnyContest, contest_of
from forecast.facts.polls import Poll
from forecast.outcome.forecast import Forecast, simulated_forecast
from forecast.outcome.published import published_beliefs
from forecast.randomness import one_thread_of_algebra
from forecast.signatures import refuses_other_kinds
from forecast.simulation.engine import simulate
from forecast.transfers.table.protocols import LearnedModel, TransferDistribution


@refuses_other_kinds
@one_thread_of_algebra
def forecast_runoff(
    contest: AnyContest,
    prior: TransferDistribution | LearnedModel | None = None,
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
    contest : Contest, str, path-like or data frame
        What is known after the first round; or the name of a bundled contest, a file or a table of
        it, as `read_contest` and `Contest.from_frame` take them.
    prior : TransferDistribution or LearnedModel, optional
        What is believed about the transfers: a prior, a posterior, or what `learn_prior` learned,
        applied to this contest with its usual roles; by default the contest's bundled prior, else a
        wide one, see `default_prior`.
    polls : iterable of Poll, optional
        What people told pollsters; exit polls are not used. By default the bundled polls of a
        bundled contest, of which none about the runoff is published by the day of the first round.
    draws : int
        Number of draws (even).
    seed : int
        The seed; the same seed gives the same forecast.
    as_of : datetime.date, optional
        Use nothing that was published later, and then every poll needs a date; by default the day
        of the first round, or of the latest datum in `prior` and `polls`, and none if a poll has
        no date. How far polls err is known from 79 runoffs to 2020, on earlier days too.
    workers : int, optional
        Threads; all available processors by default.
    every_candidate : bool
        Whether minor candidates are kept separate. By default those beyond the 24 largest, about
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
    contest = contest_of(contest)
    held, as_of = published_beliefs(contest, prior, polls, as_of)
    ledger = contest.ledger() if every_candidate else held.pooled(contest.ledger())
    simulation = simulate(ledger, held, draws=draws, seed=seed, workers=workers)
    return simulated_forecast(contest, held, simulation, as_of=as_of, progress=progress)
