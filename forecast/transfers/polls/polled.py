"""PolledTransfers: any prior of the transfer table, and what polls add to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Message
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.ledger import NONE, Ledger
from forecast.facts.polls import Poll
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds
from forecast.transfers.polls.errors import PollErrors, Undecided
from forecast.transfers.polls.likelihood import Calendar, PollLikelihood, lines_of
from forecast.transfers.polls.sampler import PolledSampler, polled_sampler
from forecast.transfers.table.coordinates import table_draws
from forecast.transfers.table.describe import Description, content_digest
from forecast.transfers.table.endorsement import Endorsement
from forecast.transfers.table.protocols import (
    Dated,
    Evidence,
    TransferDistribution,
    published_by,
)

TREATMENTS: tuple[Undecided, ...] = ("as the ledger implies", "as the decided", "evenly")
"""How undecided people may be taken to vote in the end."""
DRAWS = 4000
"""Draws behind printed means and intervals of what was learned."""
RECENT = timedelta(days=21)
"""First-round polls that ended longer before the round do not tell how well a pollster measures."""


class Unpolled(TransferDistribution):
    """Base of distributions without polls: given polls they become `PolledTransfers`."""

    errors: PollErrors | None = None
    """How its polls err: it has none."""

    if TYPE_CHECKING:  # a field of every kind

        @property
        def endorsements(self) -> tuple[Endorsement, ...]:
            """What moved origins towards a finalist."""

    @property
    def unpolled(self) -> Self:
        """Itself."""
        return self

    @property
    def evidence(self) -> tuple[Endorsement, ...]:
        """The endorsements."""
        return self.endorsements

    @property
    def endorsable(self) -> tuple[str, ...]:
        """Origins that can back a finalist."""
        return ()

    def endorsed_by(self, endorsements: Sequence[Endorsement]) -> Self:
        """Return it with these endorsements instead of those it has.

        Parameters
        ----------
        endorsements : sequence of Endorsement
            In the order in which they apply.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        for e in endorsements:
            self.check_finalist(e.finalist)
            if e.origin not in self.endorsable:
                raise InputError(
                    f"prior {self.name!r}: an endorsement needs an origin of the contest - found "
                    f"{e.origin!r}; {suggest(e.origin, self.endorsable)}"
                )
        return replace(self, endorsements=tuple(endorsements))  # type: ignore[type-var]

    def with_evidence(self, evidence: Sequence[Evidence]) -> TransferDistribution:
        """Return it with this evidence instead of what it has.

        Parameters
        ----------
        evidence : sequence of Endorsement or Poll
            In the keys of the contest; with polls it becomes `PolledTransfers`.
        """
        base, polls, earlier = _sorted(self, evidence)
        if not polls:
            return base  # type: ignore[no-any-return]
        calendar = Calendar(runoff=_latest(polls))
        return PolledTransfers(
            base=base, polls=polls, earlier=earlier, calendar=calendar, supposed=True
        )

    def as_of(self, day: date) -> Self:
        """Return it without what was published after `day`.

        Parameters
        ----------
        day : datetime.date
            The last day whose publications are kept.

        Raises
        ------
        InputError
            If its basis was published later, or a piece of evidence has no date.
        """
        self.check_basis(day)
        kept = [e for e in self.evidence if published_by(e, day)]
        return self if len(kept) == len(self.evidence) else self.endorsed_by(kept)


class Placed(Unpolled):
    """Base of what a learned model, its `prior`, says of one contest."""

    if TYPE_CHECKING:  # a field of every kind

        @property
        def prior(self) -> Any:
            """What was learned of many contests."""

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return str(self.prior.name)

    @property
    def brief(self) -> str:
        """What it was learned from, in one line."""
        return f"learned from {self.prior.brief}"

    def _group_rates(self, names: Sequence[str], kinds: Sequence[str], what: str) -> FloatArray:
        """Return predictive draws of the rates of groups, shape (draw, group, destination)."""
        ledger = Ledger(
            origins=tuple(names),
            kinds=tuple(kinds),
            destinations=(*self.finalists, NONE),
            units=("one each",),
            counts=np.ones((1, len(names)), dtype=np.int64),
        )
        return table_draws(self.sampler(ledger).draw(DRAWS, rng=stream(0, f"{what}: table")))


def _sorted(
    base: Any, evidence: Sequence[Evidence]
) -> tuple[Any, tuple[Poll, ...], tuple[Poll, ...]]:
    """Return a prior with the endorsements, the polls by day, and those about the first round."""
    endorsements = [e for e in evidence if isinstance(e, Endorsement)]
    polls = list(_each_once(e for e in evidence if isinstance(e, Poll)))
    polls.sort(key=lambda poll: poll.published or date.max)
    now = tuple(poll for poll in polls if poll.round == "runoff")
    earlier = tuple(poll for poll in polls if poll.round != "runoff")
    if tuple(endorsements) != tuple(e for e in base.evidence if isinstance(e, Endorsement)):
        base = base.endorsed_by(endorsements)
    return base, now, earlier


@dataclass(frozen=True, kw_only=True, repr=False)
class PolledTransfers(TransferDistribution):
    """A `TransferDistribution`: a prior, conditioned on polls; made by `with_polls`.

    Parameters
    ----------
    base : Unpolled
        The prior, of any kind.
    polls : tuple of Poll
        About the runoff, in the order in which they were published.
    earlier : tuple of Poll
        About the first round, whose result is known: they tell how pollsters err.
    calendar : Calendar
        Days of the rounds: how old the polls are.
    supposed : bool
        Whether the day of the runoff is not known and the calendar has that of the forecast.
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

    takes_polls = False

    base: Unpolled
    polls: tuple[Poll, ...]
    earlier: tuple[Poll, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    supposed: bool = False
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
        n, prior = len(self.polls), self.base.name
        one = f"{prior}, and 1 poll" if n == 1 else ""
        return Message("{prior}, and {n} polls", prior=prior, n=n, english=one)

    @property
    def brief(self) -> str:
        """What the prior was learned from, in one line; empty if it was not."""
        return self.base.brief

    @property
    def hindsight(self) -> str:
        """What about the prior was decided when the result was known; empty if nothing."""
        return self.base.hindsight

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""
        return self.base.finalists

    @property
    def basis(self) -> Dated:
        """What the prior stands on."""
        return self.base.basis

    @property
    def unpolled(self) -> Unpolled:
        """The prior."""
        return self.base

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Endorsements, then polls about the runoff, then those about the first round."""
        return (*self.base.evidence, *self.polls, *self.earlier)

    def endorsed_by(self, endorsements: Sequence[Endorsement]) -> PolledTransfers:
        """Return it with these endorsements instead of those it has."""
        return replace(self, base=self.base.endorsed_by(endorsements))

    def with_evidence(self, evidence: Sequence[Evidence]) -> TransferDistribution:
        """Return it with this evidence instead of what it has; without polls, the prior."""
        base, polls, earlier = _sorted(self.base, evidence)
        return replace(self, base=base, polls=polls, earlier=earlier) if polls else base

    def as_of(self, day: date) -> TransferDistribution:
        """Return it without what was published after `day`, and the polls as old as on that day."""
        calendar = replace(self.calendar, runoff=day) if self.supposed else self.calendar
        return TransferDistribution.as_of(replace(self, calendar=calendar), day)

    def check_basis(self, day: date) -> None:
        """Raise `InputError` if the prior's basis was not public on `day`."""
        self.base.check_basis(day)

    def describe(self) -> Description:
        """Return what the prior says and where from, and the polls."""
        found = self.base.describe()
        how = content_digest((self.errors, self.undecided, self.calendar))
        return replace(
            found,
            polls=(*self.polls, *self.earlier),
            content=found.content + how,
        )

    def variants(self) -> dict[str, TransferDistribution]:
        """Return named changes of the model: those of the prior, and of the polls."""
        changed: dict[str, TransferDistribution] = {
            name: replace(self, base=base.unpolled) for name, base in self.base.variants().items()
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
    return tuple(poll for poll in polls if published_by(poll, day))


@refuses_other_kinds
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
        Of either round, besides those the prior has: their errors are shared. Exit polls are left
        out; so are first-round polls without `n`, without a share of every finalist, or that ended
        more than three weeks before the round.
    as_of : datetime.date, optional
        Leave out polls that were published later; then all need a date.
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
        or occurs twice.

    Examples
    --------
    >>> from forecast.data import load_contest, load_polls
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> georgia = load_contest("georgia-2018")
    >>> with_polls(generic_prior(georgia), georgia, load_polls("georgia-2018")).name
    'generic, wide, and 2 polls'
    """
    found = [poll.of(contest) for poll in _each_once(polls) if poll.kind == "poll"]
    kept = tuple(found) if as_of is None else known_by(found, as_of)
    used = [poll for poll in kept if poll.round == "runoff" or _tells(poll, contest)]
    held: Any = prior
    base, now, earlier = _sorted(held.unpolled, (*held.evidence, *used))
    if not used or not now:
        return prior
    return PolledTransfers(
        base=base,
        polls=now,
        earlier=earlier,
        calendar=calendar_of(contest, now, as_of),
        supposed=contest.runoff is None,
        errors=errors or held.errors or PollErrors.of(contest.scope or "general"),
        undecided=undecided,
    )


def calendar_of(contest: Contest, polls: Iterable[Poll], as_of: date | None) -> Calendar:
    """Return the days that polls are aged by.

    Where the day of the runoff is not known it is taken to be `as_of`, else the latest day on which
    a poll ended or was published: the polls are then as old as the forecast at least.
    """
    last = contest.runoff or as_of or _latest(polls)
    return Calendar(first_round=contest.first_round, runoff=last)


def _latest(polls: Iterable[Poll]) -> date | None:
    """Return the latest day on which a poll ended or was published."""
    days = [day for poll in polls for day in (poll.end, poll.published) if day is not None]
    return max(days, default=None)


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
