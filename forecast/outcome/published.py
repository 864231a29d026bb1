"""What was published by a day: one rule for forecasts, their evidence ladder and nowcasts.

None stands for what is bundled with the contest and was published by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from forecast.data.priors import bundled_polls, bundled_turnout, placed_prior
from forecast.errors import InputError, check_day
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.polls import Poll
from forecast.transfers.polls.polled import known_by, with_polls
from forecast.transfers.table.protocols import LearnedModel, TransferDistribution

Turnout = InterimTurnout | Literal["none"] | None
"""Interim turnout; None for what is bundled, "none" for nothing."""


def published_beliefs(
    contest: Contest,
    prior: TransferDistribution | LearnedModel | None = None,
    polls: Iterable[Poll] | None = None,
    as_of: date | None = None,
    *,
    eve: bool = False,
) -> tuple[TransferDistribution, date | None]:
    """Return what was believed of the transfers on a day, polls included, and the day.

    Parameters
    ----------
    contest : Contest
        The first round.
    prior : TransferDistribution or LearnedModel, optional
        A learned model is applied to the contest, see `placed_prior`. By default `default_prior`.
    polls : iterable of Poll, optional
        By default those bundled with the contest, unless the prior has polls or counts in it.
    as_of : datetime.date, optional
        Nothing published later is used, and then every poll needs a date.
    eve : bool
        What to do without `as_of`. By default the day is that of the first round or of the latest
        datum given, and unknown if a poll has no date or only the prior's history has one; on the
        eve of the count it is the runoff's, and polls without a date are used.

    Raises
    ------
    InputError
        If the day is impossible, a datum has none, or the prior knows more than was known then.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> published_beliefs(georgia)[0].name
    'learned from Georgian runoffs 2014-2016'
    >>> published_beliefs(georgia, eve=True)[0].name
    'learned from Georgian runoffs 2014-2016, and 2 polls'
    """
    held = placed_prior(prior, contest, as_of=as_of or (contest.runoff if eve else None))
    given = (polls,) if isinstance(polls, Poll) else tuple(polls or ())
    used = [poll for poll in given if poll.kind == "poll"]
    dated = all(poll.published for poll in used)
    if as_of is not None:
        _check_day(as_of, contest)
        held, given = held.as_of(as_of), known_by(used, as_of)
    elif eve:
        as_of = contest.runoff
        given = known_by(used, as_of) if dated and as_of is not None else given
    else:
        told = (*used, *held.evidence)
        days = [contest.first_round, *(each.published for each in told)]
        if any(days):  # what a prior was learned from says nothing of the day it is used on
            as_of = max(day for day in (*days, held.published) if day)
        _check_polls(used, contest)
        if given and as_of is not None:
            _check_day(as_of, contest)
        as_of = as_of if dated else None  # nobody can say on which day this was known
    if polls is None and as_of and held.takes_polls:
        given = known_by(bundled_polls(contest), as_of)
    day = as_of if dated else None
    return (with_polls(held, contest, given, as_of=day) if given else held), as_of


def published_turnout(
    contest: Contest, turnout: Turnout = None, as_of: date | None = None
) -> InterimTurnout | None:
    """Return what was known of turnout while people voted, if that day was not after `as_of`.

    Parameters
    ----------
    contest : Contest
        The first round.
    turnout : InterimTurnout or "none", optional
        By default what is bundled with the contest, "none" for nothing.
    as_of : datetime.date, optional
        Bundled turnout is of the runoff's day and is not used before it, nor if that is unknown.

    Raises
    ------
    InputError
        If it is another word, or belongs to another contest.
    """
    if isinstance(turnout, InterimTurnout):
        if turnout.contest is not contest and turnout.contest != contest:
            raise InputError("turnout: belongs to another contest; match it anew")
        return turnout
    if turnout not in (None, "none"):
        raise InputError(
            f"turnout: must be an InterimTurnout, None or 'none' - found {turnout!r}; make one "
            "with interim_turnout"
        )
    day = as_of or contest.runoff
    published = day is not None and contest.runoff is not None and day >= contest.runoff
    return bundled_turnout(contest) if turnout is None and published else None


def _check_polls(polls: Iterable[Poll], contest: Contest) -> None:
    for poll in polls:
        if poll.published and contest.runoff and poll.published > contest.runoff:
            raise InputError(
                f"poll {poll.name!r}: must be published by the runoff on {contest.runoff} - found "
                f"{poll.published}; leave it out, or say the day of the forecast with `as_of`"
            )


def _check_day(day: date, contest: Contest) -> None:
    check_day(day, "as_of")
    first, last = contest.first_round or date.min, contest.runoff or date.max
    if not first <= day <= last:
        raise InputError(
            f"as_of: must not be before the first round on {contest.first_round} nor after the "
            f"runoff on {contest.runoff} - found {day}; choose a day between"
        )
