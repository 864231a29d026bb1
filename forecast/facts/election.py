"""Election: what is known before a first round: its polls, its days, and the rule it follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from forecast.display import Displayed, Shown
from forecast.errors import InputError
from forecast.facts.advancement import Advancement
from forecast.facts.contest import Scope
from forecast.facts.polls import Poll
from forecast.facts.words.names import matched_people
from forecast.signatures import refuses_other_kinds

BETWEEN = timedelta(days=14)
"""Days between the rounds where nobody says: two weeks is the most common."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, repr=False)
class Election(Displayed):
    """An election before its first round.

    Parameters
    ----------
    name : str
        Short name, such as "france-2027".
    polls : tuple of Poll
        About the first round, one for each list of candidates that was asked about, and about the
        runoffs that may follow.
    first_round : datetime.date or None
        Day of the first round.
    runoff : datetime.date or None
        Day of the runoff; two weeks later by default.
    rule : Advancement
        Who advances, and who is elected at once.
    candidates : tuple of str
        Who stands, where that is known; by default nobody has declared, and the lists that
        pollsters asked about are taken as what may come.
    declared : datetime.date or None
        When it became public who stands; by default treated as always public.
    withdrawn : mapping of str to datetime.date
        Candidates who gave up, and when that became public.
    country : str
        Country, whose past turnout is looked for.
    registered : int or None
        People who may vote; 1,000,000 by default: fractions do not depend on it.
    labels : mapping of str to str
        Names to print instead of candidate keys.
    title : str
        Name to print instead of `name`.
    scope : {"national", "local", ""}
        Kind of contest.
    notes : tuple of str
        How the polls were read.

    Raises
    ------
    InputError
        If no poll is about the first round, or days and names contradict each other.

    Examples
    --------
    >>> polls = [Poll(pollster="Acme", n=1000, shares={"ada": 0.4, "ben": 0.3, "cid": 0.2},
    ...               end=date(2030, 4, 1), published=date(2030, 4, 2), round="first round")]
    >>> election = Election(name="demo", polls=polls, first_round=date(2030, 5, 5))
    >>> election.people, election.runoff
    (('ada', 'ben', 'cid'), datetime.date(2030, 5, 19))
    """

    name: str
    polls: tuple[Poll, ...]
    first_round: date | None = None
    runoff: date | None = None
    rule: Advancement = field(default_factory=Advancement)
    candidates: tuple[str, ...] = ()
    declared: date | None = None
    withdrawn: Mapping[str, date] = field(default_factory=dict)
    country: str = ""
    registered: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    scope: Scope = "national"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("polls", "candidates", "notes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        where = f"election {self.name!r}"
        for poll in self.polls:
            if not isinstance(poll, Poll):
                raise InputError(
                    f"{where}: polls must be of the type Poll - found {type(poll).__name__}"
                )
        if not self.asked:
            raise InputError(
                f"{where}: at least one poll must be about the first round - found none; add one, "
                "or say which round polls are about (column 'round')"
            )
        if self.registered is not None and self.registered < 1:
            raise InputError(f"{where}: registered must be 1 or more - found {self.registered}")
        day, later = self.first_round, self.runoff
        if day is not None and later is None:
            object.__setattr__(self, "runoff", day + BETWEEN)
        elif day is not None and later is not None and later <= day:
            raise InputError(
                f"{where}: the runoff must be after the first round on {day} - found {later}"
            )
        for name in (*self.candidates, *self.withdrawn):
            if name not in self.people:
                raise InputError(
                    f"{where}: whoever stands or withdraws must be in a poll - found {name!r}"
                )
        if 0 < len(self.candidates) < 2:
            raise InputError(f"{where}: two or more candidates must stand - found one")

    @property
    def asked(self) -> tuple[Poll, ...]:
        """Polls about the first round."""
        return tuple(p for p in self.polls if p.round == "first round" and p.kind == "poll")

    @property
    def head_to_head(self) -> tuple[Poll, ...]:
        """Polls about a runoff."""
        return tuple(p for p in self.polls if p.round == "runoff" and p.kind == "poll")

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whom a poll names, in the order in which they first appear."""
        named: dict[str, None] = {}
        for poll in self.polls:
            named |= dict.fromkeys(poll.shares)
        return tuple(named)

    @property
    def days(self) -> tuple[date, ...]:
        """Days on which a poll was published, or it became public who stands or withdraws."""
        found = {p.published for p in self.polls if p.published} | set(self.withdrawn.values())
        return tuple(sorted(found | ({self.declared} if self.declared else set())))

    def as_of(self, day: date) -> Election:
        """Return it without what was published after `day`.

        Parameters
        ----------
        day : datetime.date
            The last day whose publications are kept.

        Raises
        ------
        InputError
            If a poll has no date, or none about the first round was published by then.
        """
        for poll in self.polls:
            if poll.published is None:
                raise InputError(
                    f"poll {poll.name!r}: must have a day of publication where `as_of` is given - "
                    "found none; add it"
                )
        kept = tuple(p for p in self.polls if p.published is not None and p.published <= day)
        if not any(p.round == "first round" and p.kind == "poll" for p in kept):
            raise InputError(
                f"election {self.name!r}: a poll of the first round must be published by {day} - "
                f"found none; the first came on {min(d for p in self.asked if (d := p.published))}"
            )
        named = {name for poll in kept for name in poll.shares}
        known = self.declared is None or self.declared <= day
        return replace(
            self,
            polls=kept,
            candidates=tuple(c for c in self.candidates if known and c in named),
            withdrawn={c: d for c, d in self.withdrawn.items() if d <= day and c in named},
        )

    def label(self, key: str) -> str:
        """Return the name to print for a candidate.

        Parameters
        ----------
        key : str
            Key of the candidate.
        """
        return self.labels.get(key, key)

    def key(self, name: str) -> str:
        """Return the key of a candidate as people name it.

        Parameters
        ----------
        name : str
            As people write it.

        Raises
        ------
        InputError
            If nobody is named so, or several are.
        """
        known = {self.label(k): k for k in self.people} | {k: k for k in self.people}
        found = matched_people([name], known)
        if name not in found:
            raise InputError(
                f"{name!r} is nobody in the polls of {self.name!r}; named there: "
                f"{', '.join(self.label(k) for k in self.people[:20])}"
            )
        return found[name]

    def keys(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the keys of several candidates; see `key`.

        Parameters
        ----------
        names : iterable of str
            As people write them.

        Raises
        ------
        InputError
            If nobody is named so, or several are.
        """
        return tuple(self.key(name) for name in names)

    def shown(self) -> Shown:
        """Return who was asked about, how often, and where they stood last."""
        last: dict[str, Any] = {}
        for poll in sorted(self.asked, key=lambda p: p.published or date.min):
            named = sum(poll.shares.values()) + (poll.others or 0.0)
            last |= {c: (x / named if named else 0.0, poll.name) for c, x in poll.shares.items()}
        rows = [
            [self.label(c), str(sum(c in p.shares for p in self.asked)), f"{100 * x:.0f}%", name]
            for c, (x, name) in sorted(last.items(), key=lambda item: -item[1][0])
        ]
        return Shown(
            title=self.title or self.name,
            facts=[
                f"first round {self.first_round or 'on an unknown day'}; rule: {self.rule}",
                f"{len(self.asked)} questions about the first round, {len(self.head_to_head)} "
                "about runoffs",
            ],
            head=["", "polls", "last", "by"],
            rows=rows,
            notes=self.notes,
            left=(0, 3),
        )
