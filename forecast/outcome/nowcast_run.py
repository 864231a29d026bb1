"""nowcast: from a contest, its first returns and a prior to a `Nowcast`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from os import PathLike

import numpy as np

from forecast.arrays import FloatArray, read_only
from forecast.data.bundle import AnyContest, contest_of
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import PartialReturns, partial_returns
from forecast.facts.polls import Poll
from forecast.facts.readers import read_partial_returns, units_named
from forecast.facts.returns import Returns
from forecast.facts.words.names import matched_units
from forecast.facts.words.times import comparable_times
from forecast.files.columns import Table
from forecast.outcome.desk import Desk
from forecast.outcome.nowcast import Nowcast
from forecast.outcome.published import Turnout, published_beliefs, published_turnout
from forecast.randomness import one_thread_of_algebra, stream
from forecast.signatures import refuses_other_kinds
from forecast.transfers.night.groundwork import Groundwork, groundwork
from forecast.transfers.night.remaining import votes_to_come
from forecast.transfers.table.protocols import LearnedModel, TransferDistribution

DRAWS = 1000
"""Draws by default."""
MOST_DRAWS = 1_000_000


@refuses_other_kinds
@one_thread_of_algebra
def nowcast(
    contest: AnyContest,
    returns: Returns | PartialReturns | str | PathLike[str] | Table,
    *,
    prior: TransferDistribution | LearnedModel | None = None,
    polls: Iterable[Poll] | None = None,
    turnout: Turnout = None,
    as_of: date | None = None,
    arrival: Mapping[str, float | str] | None = None,
    desk: Desk | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Nowcast:
    """Forecast a runoff while it is being counted.

    Parameters
    ----------
    contest : Contest, str, path-like or data frame
        The first round, as for `forecast_runoff`.
    returns : PartialReturns, Returns, path-like or table
        What is counted so far, as `partial_returns` takes it, or a file or folder of
        `read_partial_returns`; units may be missing, unknown, merged, repeated or half counted.
    prior : TransferDistribution or LearnedModel, optional
        What was believed before the runoff; by default the contest's own.
    polls : iterable of Poll, optional
        Polls of the runoff; by default those bundled with the contest.
    turnout : InterimTurnout or "none", optional
        Turnout by some hour of both rounds and the runoff's lists, as by `interim_turnout`; by
        default what is bundled with the contest. A `PartialReturns` may bring its own.
    as_of : datetime.date, optional
        Use no poll or prior published later; by default the day of the runoff.
    arrival : mapping of unit to time, optional
        When units reported: numbers, times like "21:40", or days and times, all alike; by default
        what the returns say in their column `reported`.
    desk : Desk, optional
        What people decide: units set aside, a call or none, totals that came without units.
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
    Votes already counted are fixed. In every other unit the votes are its ledger times a table that
    follows the unit's first round (`forecast.transfers.night.local_table`), moved by deviations of
    regions, size and kind of place (`forecast.transfers.night.deviations`), all learned from the
    units that have reported; only these units of the runoff are read.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> night = pl.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40_407, 41_663],
    ...                       "vashadze": [20_768, 31_764]})
    >>> found = nowcast(load_contest("georgia-2018"), night)
    >>> found.returns.units, 0.4 < found.share("zurabishvili").median < 0.8
    (2, True)
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or not 2 <= draws <= MOST_DRAWS:
        raise InputError(f"draws must be a whole number from 2 to {MOST_DRAWS:,} - found {draws!r}")
    contest = contest_of(contest, units_named(returns) if isinstance(contest, str) else ())
    desk = (desk or Desk()).checked(contest)
    counts = desk.aside(_partial(contest, returns, turnout, as_of))
    asked = (polls,) if isinstance(polls, Poll) else polls if polls is None else tuple(polls)
    eve = _eve(contest, prior, asked, as_of, turnout=counts.turnout, seed=seed)
    found = votes_to_come(
        counts,
        eve.start,
        arrival=_arrival(counts, arrival),
        draws=draws,
        rng=stream(seed, "night: draws"),
    )
    start, counted = eve.start, np.array([counts.totals[f] for f in contest.finalists])
    by_region = np.stack(
        [np.bincount(start.member, v, len(start.regions)) for v in counts.votes.T], axis=1
    ).astype(float)
    remaining = desk.fitted(
        found.votes,
        counted=by_region,
        elsewhere=counts.elsewhere.astype(float),
        regions=start.regions,
        names=contest.finalists,
    )
    votes = remaining.sum(axis=0).T + counted
    return Nowcast(
        contest=contest,
        draw_votes=read_only(votes),
        returns=counts,
        prior_name=eve.prior.name,
        regions=start.regions,
        member=start.member,
        remaining=remaining,
        outstanding=found.outstanding,
        still=found.still,
        origins=start.origins,
        tables=found.tables,
        resemblance=found.resemblance,
        desk=desk,
        scale=_moved(remaining, found.votes) if desk.totals else None,
        seed=seed,
    )


def _moved(remaining: FloatArray, before: FloatArray) -> FloatArray:
    """Return how many times as many votes as before are to come; 1 where none were."""
    return np.divide(remaining, before, out=np.ones_like(before), where=before > 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Eve:
    """What is known before the first return, and what it was made of."""

    made_of: tuple[object, ...]
    prior: TransferDistribution
    start: Groundwork


_eves: list[_Eve] = []
"""The last eve: all updates of a night share it."""


def _eve(
    contest: Contest,
    prior: TransferDistribution | LearnedModel | None,
    polls: tuple[Poll, ...] | None,
    as_of: date | None,
    *,
    turnout: InterimTurnout | None,
    seed: int,
) -> _Eve:
    """Return what is known before the first return, at once if it is that of the last call."""
    made_of = (contest, prior, turnout, (polls, as_of, seed))
    for eve in _eves:
        same = [one is other for one, other in zip(eve.made_of[:3], made_of[:3], strict=True)]
        if all(same) and eve.made_of[3] == made_of[3]:
            return eve
    held, _ = published_beliefs(contest, prior, polls, as_of, eve=True)
    start = groundwork(contest, held, turnout, rng=stream(seed, "night: prior"))
    made = _Eve(made_of=made_of, prior=held, start=start)
    _eves[:] = [made]
    return made


def _arrival(
    returns: PartialReturns, arrival: Mapping[str, float | str] | None
) -> FloatArray | None:
    """Return when each unit reported as a number, NaN if unknown; None if nobody knows.

    Times that the returns bring and that cannot be compared are not used.
    """
    contest, rows = returns.contest, returns.rows
    if arrival is None:
        said = {unit: row.reported for unit, row in rows.items() if row.reported}
        try:
            times = comparable_times(said)
        except InputError:
            return None
    else:
        written = matched_units(tuple(arrival), contest.units)
        arrival = {written.get(unit, unit): time for unit, time in arrival.items()}
        if arrival and not set(arrival) & set(contest.units):
            strange = next(iter(arrival))
            raise InputError(
                f"arrival: times must be of units of the contest - found {strange!r}; "
                f"{suggest(strange, contest.units)}"
            )
        times = comparable_times(arrival)
    return np.array([times.get(unit, np.nan) for unit in contest.units]) if times else None


def _partial(
    contest: Contest,
    returns: Returns | PartialReturns | str | PathLike[str] | Table,
    turnout: Turnout,
    as_of: date | None,
) -> PartialReturns:
    """Return the returns matched with the contest, and with what was known of turnout."""
    if not isinstance(returns, PartialReturns):
        came = published_turnout(contest, turnout, as_of)
        if isinstance(returns, str | PathLike):
            return read_partial_returns(returns, contest, turnout=came)
        return partial_returns(contest, returns, turnout=came)
    if returns.contest is not contest and returns.contest != contest:
        raise InputError(
            "nowcast: these partial returns belong to another contest; match them with this one by "
            "partial_returns"
        )
    if returns.turnout is None:
        came = published_turnout(contest, turnout, as_of)
        return returns if came is None else returns.with_turnout(came)
    if turnout is None or turnout is returns.turnout:
        return returns
    raise InputError(
        "nowcast: these partial returns bring their own turnout; give another to partial_returns"
    )
