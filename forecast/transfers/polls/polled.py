"""PolledTransfers: any prior of the transfer table, and what polls add to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.ledger import Ledger
from forecast.facts.polls import Poll
from forecast.transfers.polls.errors import PollErrors, Undecided
from forecast.transfers.polls.likelihood import Calendar, PollLikelihood, lines_of
from forecast.transfers.polls.sampler import PolledSampler, polled_sampler
from forecast.transfers.table.protocols import TransferDistribution

__all__ = ["TREATMENTS", "PolledTransfers", "known_by", "with_polls"]

TREATMENTS: tuple[Undecided, ...] = ("as the ledger implies", "as the decided", "evenly")
"""How undecided people may be taken to vote in the end."""
RECENT = timedelta(days=21)
"""First-round polls that ended longer before the round do not tell how well a pollster measures."""


@dataclass(frozen=True, kw_only=True)
class PolledTransfers:
    """A `TransferDistribution`: a prior, conditioned on polls; made by `with_polls`.

    Parameters
    ----------
    base : TransferDistribution
        The prior.
    polls : tuple of Poll
        About the runoff, in the order in which they became known.
    earlier : tuple of Poll
        About the first round, whose result is known: they tell how pollsters err.
    calendar : Calendar
        Days of the rounds: how old the polls are.
    errors : PollErrors
        How polls err.
    undecided : str
        How undecided people vote in the end. "as the ledger implies": they are people of the
        ledger, more often of eliminated candidates and non-voters than of finalists, and vote as
        their row of the table says, give or take. "as the decided", which for the share is the same
        as if they stayed at home. "evenly": the same number for each finalist.

    Raises
    ------
    InputError
        If `undecided` is none of these, or a poll is none that a forecast may use.
    """

    base: TransferDistribution
    polls: tuple[Poll, ...]
    earlier: tuple[Poll, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    errors: PollErrors = field(default_factory=PollErrors)
    undecided: Undecided = TREATMENTS[0]

    def __post_init__(self) -> None:
        if self.undecided not in TREATMENTS:
            raise InputError(
                f"polls: undecided must be one of {', '.join(TREATMENTS)} - found "
                f"{self.undecided!r}; {suggest(str(self.undecided), TREATMENTS)}"
            )
        if not self.polls:
            raise InputError("polls: at least one must be about the runoff - found none")
        for word, group in (("runoff", self.polls), ("first round", self.earlier)):
            for poll in group:
                if poll.kind != "poll" or poll.round != word:
                    raise InputError(
                        f"poll {poll.name!r}: must be a poll about the {word} - found "
                        f"{poll.kind!r} about the {poll.round}; leave it out"
                    )

    @property
    def name(self) -> str:
        """What to call it in reports."""
        n = len(self.polls)
        return f"{self.base.name}, and {n} poll{'s' if n > 1 else ''}"

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""
        return self.base.finalists

    @property
    def known(self) -> date | None:
        """Day of the latest datum in it that has a date."""
        days = [self.base.known, *(poll.known for poll in (*self.polls, *self.earlier))]
        return max((day for day in days if day is not None), default=None)

    def as_of(self, day: date) -> TransferDistribution:
        """Return it without what became known after `day`.

        Raises
        ------
        InputError
            If a poll has no date, or the prior was learned from anything later.
        """
        base = self.base.as_of(day)
        polls, earlier = known_by(self.polls, day), known_by(self.earlier, day)
        return replace(self, base=base, polls=polls, earlier=earlier) if polls else base

    def variants(self) -> dict[str, TransferDistribution]:
        """Return named changes of the model: those of the prior, and of the polls."""
        changed: dict[str, TransferDistribution] = {
            name: replace(self, base=base) for name, base in self.base.variants().items()
        }
        changed["polls ignored"] = self.base
        errors = self.errors
        changed["bias of polls twice as large"] = replace(
            self, errors=replace(errors, bias=2 * errors.bias)
        )
        changed["no drift of opinion"] = replace(
            self, errors=replace(errors, drift=0.0, crossing=0.0)
        )
        for treatment in TREATMENTS:
            if treatment != self.undecided and any(
                a.hesitant for p in self.polls for a in (p.answers, *p.by_origin.values())
            ):
                changed[f"undecided vote {treatment}"] = replace(self, undecided=treatment)
        if any(poll.side for poll in (*self.polls, *self.earlier)):
            changed["sponsors of polls ignored"] = replace(
                self,
                polls=tuple(replace(poll, side=None) for poll in self.polls),
                earlier=tuple(replace(poll, side=None) for poll in self.earlier),
            )
        if self.earlier:
            changed["polls not judged by the first round"] = replace(self, earlier=())
        return changed

    def likelihood(self, ledger: Ledger) -> PollLikelihood:
        """Return the density of the polls given rates of this ledger's origins."""
        polls = (*self.polls, *self.earlier)
        lines = lines_of(polls, ledger, self.errors, self.undecided, self.calendar)
        return PollLikelihood(
            ledger=ledger, lines=lines, errors=self.errors, undecided=self.undecided
        )

    def sampler(self, ledger: Ledger) -> PolledSampler:
        """Return a sampler whose origins are the ledger's.

        Raises
        ------
        InputError
            If the prior does not fit the ledger, a poll lacks a number, or the prior's draws
            hardly ever agree with the polls.
        """
        return polled_sampler(self.base.sampler(ledger), self.likelihood(ledger))


def known_by(polls: Iterable[Poll], day: date) -> tuple[Poll, ...]:
    """Return the polls known on `day`; raise `InputError` if one has no date."""
    found = []
    for poll in polls:
        if poll.known is None:
            raise InputError(
                f"as_of: poll {poll.name!r} must have the day it became known - found none; give "
                "known=, if need be the last day on which it can have"
            )
        if poll.known <= day:
            found.append(poll)
    return tuple(found)


def with_polls(
    prior: TransferDistribution,
    contest: Contest,
    polls: Iterable[Poll],
    *,
    as_of: date | None = None,
    errors: PollErrors | None = None,
    undecided: Undecided = TREATMENTS[0],
) -> TransferDistribution:
    """Return a prior conditioned on polls.

    Parameters
    ----------
    prior : TransferDistribution
        What is believed without them.
    contest : Contest
        What they are about.
    polls : iterable of Poll
        Of either round, all at once: their errors are shared. Exit polls are left out; so are
        first-round polls without `n`, without a share of every finalist, or that ended more than
        three weeks before the round.
    as_of : datetime.date, optional
        Leave out polls that became known later; then all need a date.
    errors : PollErrors, optional
        How polls err; by default as learned for the contest's `scope`.
    undecided : str
        See `PolledTransfers`.

    Returns
    -------
    TransferDistribution
        `prior` itself if no poll is about the runoff.

    Raises
    ------
    InputError
        If a poll names somebody unknown or lacks a number, has no date although `as_of` is given,
        or occurs twice, or if the prior has polls already.

    Examples
    --------
    >>> from forecast.data import load_contest, load_polls
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> georgia = load_contest("georgia-2018")
    >>> with_polls(generic_prior(georgia), georgia, load_polls("georgia-2018")).name
    'generic, wide, and 2 polls'
    """
    if isinstance(prior, PolledTransfers):
        raise InputError(
            f"polls: must be given all at once, since they share their errors - found a prior with "
            f"polls already, {prior.name!r}; condition {prior.base.name!r} on all of them"
        )
    found = [poll.of(contest) for poll in _each_once(polls) if poll.kind == "poll"]
    kept = tuple(found) if as_of is None else known_by(found, as_of)
    kept = tuple(sorted(kept, key=lambda poll: poll.known or date.max))
    now = tuple(poll for poll in kept if poll.round == "runoff")
    if not now:
        return prior
    return PolledTransfers(
        base=prior,
        polls=now,
        earlier=tuple(poll for poll in kept if _tells(poll, contest)),
        calendar=calendar_of(contest, now, as_of),
        errors=errors or PollErrors.of(contest.scope or "general"),
        undecided=undecided,
    )


def calendar_of(contest: Contest, polls: Iterable[Poll], as_of: date | None) -> Calendar:
    """Return the days that polls are aged by.

    Where the day of the runoff is not known it is taken to be `as_of`, else the latest day on which
    a poll ended or became known: the polls are then as old as the forecast at least.
    """
    days = [day for poll in polls for day in (poll.end, poll.known) if day is not None]
    last = contest.runoff or as_of or max(days, default=None)
    return Calendar(first_round=contest.first_round, runoff=last)


def _each_once(polls: Iterable[Poll]) -> tuple[Poll, ...]:
    """Return the polls; raise `InputError` if they are none, or one occurs twice."""
    found = (polls,) if isinstance(polls, Poll) else tuple(polls)
    for i, poll in enumerate(found):
        if not isinstance(poll, Poll):
            raise InputError(f"polls: each must be a Poll - found {type(poll).__name__}; make one")
        if poll in found[:i]:
            raise InputError(f"polls: each must occur once - found {poll.name!r} again; remove one")
    return found


def _tells(poll: Poll, contest: Contest) -> bool:
    """Return whether a first-round poll says how well its pollster measures the finalists."""
    day = contest.first_round
    return (
        poll.round == "first round"
        and poll.n is not None
        and all(poll.shares.get(f, 0.0) > 0 for f in contest.finalists)
        and day is not None
        and poll.end is not None
        and day - RECENT <= poll.end <= day
    )
