"""Poll: what people told a pollster, who asked, for whom, and when it was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, get_args

from forecast.display import Displayed, Shown
from forecast.errors import InputError, check_day, suggest
from forecast.facts.contest import Contest
from forecast.signatures import refuses_other_kinds, renamed

Base = Literal["everybody", "likely voters", "decided"]
Kind = Literal["poll", "exit poll"]
Round = Literal["first round", "runoff"]

ROUNDING = 0.021
"""How far published fractions may exceed one together: they are rounded."""
LEAST_PART = 0.001
"""Least part that a candidate is lowered to."""
LEAST_DESIGN = 1.0
"""Smallest design effect: no poll knows more than a simple random one of its size."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class Answers:
    """What one group of people answered.

    Parameters
    ----------
    n : int or None
        People asked; with base "likely voters" only those; None if not published.
    shares : mapping of candidate to float
        Fractions of the base that named them; others may be missing.
    base : {"everybody", "likely voters", "decided"}
        Of whom `shares` are fractions: of all `n`, or of those among them who named a candidate.
    undecided, would_not_vote : float or None
        Fractions of all `n`, whatever the base; None if not published.

    Raises
    ------
    InputError
        If a number is out of range or the fractions exceed one together.

    Examples
    --------
    >>> Answers(n=1000, shares={"ada": 0.4, "ben": 0.35}, undecided=0.15).named
    750.0
    """

    n: int | None
    shares: Mapping[str, float]
    base: Base = "everybody"
    undecided: float | None = None
    would_not_vote: float | None = None

    def __post_init__(self) -> None:
        if self.base not in get_args(Base):
            raise InputError(
                f"poll: base must be one of {', '.join(get_args(Base))} - found {self.base!r}; "
                f"{suggest(str(self.base), get_args(Base))}"
            )
        whole = isinstance(self.n, int) and not isinstance(self.n, bool) and self.n > 0
        if self.n is not None and not whole:
            raise InputError(f"poll: n must be a whole number of people from 1 - found {self.n!r}")
        _check_table("shares", self.shares)
        rest = {"undecided": self.undecided, "would_not_vote": self.would_not_vote}
        named = {**self.shares, **{k: v for k, v in rest.items() if v is not None}}
        for name, value in named.items():
            if not isinstance(value, int | float) or not 0 <= value <= 1:
                raise InputError(
                    f"poll: {name!r} must be a fraction from 0 to 1 - found {value!r}; divide "
                    "percent by 100"
                )
        asked = [self.undecided or 0.0, self.would_not_vote or 0.0]
        together = (
            (sum(self.shares.values()), sum(asked))
            if self.base == "decided"
            else (sum(self.shares.values()) + sum(asked),)
        )
        if max(together) > 1 + ROUNDING:
            raise InputError(
                f"poll: fractions of {self.base} must not exceed 1 together - found "
                f"{max(together):.3f}; check the base"
            )
        object.__setattr__(self, "shares", dict(self.shares))

    @property
    def named(self) -> float:
        """People who named one of the candidates in `shares`.

        Raises
        ------
        InputError
            If `n` is unknown.
        """
        if self.n is None:
            raise InputError("poll: n must be known to weigh it - found none; give an estimate")
        named = sum(self.shares.values())
        if self.base == "decided":
            named *= max(1 - (self.undecided or 0.0) - (self.would_not_vote or 0.0), 0.0)
        return self.n * named

    @property
    def hesitant(self) -> float:
        """Fraction of undecided among those who do not say that they stay at home."""
        open_minded = max(1 - (self.would_not_vote or 0.0), 1e-9)
        return min((self.undecided or 0.0) / open_minded, 1.0)


@renamed(known="published")
@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, repr=False)
class Poll(Displayed):
    """A poll about one round of a contest: a top line, or a cross-tab by first-round vote.

    Parameters
    ----------
    pollster : str
        Who asked.
    n : int or None
        People asked; None if not published.
    shares : mapping of candidate to float
        Top line, see `Answers`.
    base : {"everybody", "likely voters", "decided"}
        Of whom `shares` are fractions.
    undecided, would_not_vote : float or None
        Fractions of all asked.
    others : float or None
        Fraction of the base that named people who are not in `shares`; None if not published.
    by_origin : mapping of origin to Answers
        Cross-tab: answers by remembered first-round vote. It is used instead of the top line.
    sponsor : str
        Who paid, if published.
    side : str or None
        Candidate whom the sponsor leans to.
    design_effect : float
        Variance relative to a simple random poll of `n` people.
    start, end : datetime.date or None
        First and last day of the field work.
    published : datetime.date or None
        Day it became public; if nobody knows, the latest day possible (`read_polls` fills it in).
    round : {"runoff", "first round"}
        What was asked about.
    kind : {"poll", "exit poll"}
        An exit poll asks people who have voted; no forecast uses it.
    source : str
        Where the figures were published.
    note : str
        What a reader took the figures for; no part of what makes two polls the same.

    Raises
    ------
    InputError
        If a field breaks its rule.

    Examples
    --------
    >>> poll = Poll(pollster="Acme", n=1000, shares={"ada": 0.42, "ben": 0.38}, undecided=0.2,
    ...             start=date(2030, 5, 1), end=date(2030, 5, 4), published=date(2030, 5, 6))
    >>> poll.name
    'Acme, 2030-05-01 to 2030-05-04'
    """

    pollster: str
    n: int | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    base: Base = "everybody"
    undecided: float | None = None
    would_not_vote: float | None = None
    others: float | None = None
    by_origin: Mapping[str, Answers] = field(default_factory=dict)
    sponsor: str = ""
    side: str | None = None
    design_effect: float = 1.2
    start: date | None = None
    end: date | None = None
    published: date | None = None
    round: Round = "runoff"
    kind: Kind = "poll"
    source: str = ""
    note: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        where = f"poll by {self.pollster!r}"
        if not isinstance(self.pollster, str) or not self.pollster:
            raise InputError(
                f"poll: pollster must be text that is not empty - found {self.pollster!r:.40}; say "
                "who asked"
            )
        for name, closed in (("round", get_args(Round)), ("kind", get_args(Kind))):
            if getattr(self, name) not in closed:
                raise InputError(
                    f"{where}: {name} must be one of {', '.join(closed)} - found "
                    f"{getattr(self, name)!r}; {suggest(str(getattr(self, name)), closed)}"
                )
        if not isinstance(self.design_effect, int | float) or not (
            LEAST_DESIGN <= self.design_effect < 1000
        ):
            raise InputError(
                f"{where}: design_effect must be a number from 1 - found {self.design_effect!r}"
            )
        for name in ("start", "end", "published"):
            day = getattr(self, name)
            if day is not None:
                check_day(day, f"{where}: {name}")
        days = [d for d in (self.start, self.end, self.published) if d is not None]
        if days != sorted(days):
            raise InputError(
                f"{where}: must start before it ends and end before it is published - found "
                f"{', '.join(map(str, days))}; correct the days"
            )
        if self.side is not None and not self.sponsor:
            raise InputError(f"{where}: a side needs a sponsor who leans to it; name the sponsor")
        for name in ("shares", "by_origin"):
            _check_table(name, getattr(self, name))
            object.__setattr__(self, name, dict(getattr(self, name)))
        if not self.shares and not self.by_origin:
            raise InputError(f"{where}: must have shares or a cross-tab - found neither")
        _ = self.answers
        if self.others is not None:
            _ = replace(self.answers, shares={**self.shares, "others": self.others})

    @property
    def answers(self) -> Answers:
        """The top line."""
        return Answers(
            n=self.n,
            shares=self.shares,
            base=self.base,
            undecided=self.undecided,
            would_not_vote=self.would_not_vote,
        )

    @property
    def name(self) -> str:
        """What to call it: pollster and days."""
        days = [str(d) for d in dict.fromkeys((self.start, self.end)) if d is not None]
        return ", ".join([self.pollster, " to ".join(days)] if days else [self.pollster])

    def shown(self) -> Shown:
        """Return what people answered, in percent of those asked."""
        asked = self.base if self.n is None else f"{self.n:,} people asked: {self.base}"
        rest = (
            ("others", self.others),
            ("undecided", self.undecided),
            ("would not vote", self.would_not_vote),
        )
        told = [*self.shares.items(), *((word, x) for word, x in rest if x is not None)]
        rows = [[name, f"{100 * x:.1f}%"] for name, x in told]
        by = ", ".join(self.by_origin)
        return Shown(
            title=self.name,
            facts=[asked, *[f"published {self.published}"] * bool(self.published)],
            head=["answer", "share"],
            rows=rows,
            notes=[
                *[f"also by first-round vote: {by}"] * bool(by),
                *[f"sponsor: {self.sponsor}"] * bool(self.sponsor),
                *[f"source: {self.source}"] * bool(self.source),
                *[self.note] * bool(self.note),
            ],
        )

    def lowered(self, finalist: str, by: float) -> Poll:
        """Return the poll with a candidate's part of all who named one lowered, others raised.

        Parameters
        ----------
        finalist : str
            Whose.
        by : float
            Fraction of those who named a candidate; negative to raise it.

        Raises
        ------
        InputError
            If the fractions that result are none of a poll.

        Examples
        --------
        >>> poll = Poll(pollster="Acme", n=1000, shares={"ada": 0.44, "ben": 0.36})
        >>> {name: round(x, 3) for name, x in poll.lowered("ada", 0.05).shares.items()}
        {'ada': 0.4, 'ben': 0.4}
        """
        return replace(
            self,
            shares=_lowered(self.shares, finalist, by),
            by_origin={
                origin: replace(a, shares=_lowered(a.shares, finalist, by))
                for origin, a in self.by_origin.items()
            },
        )

    def of(self, contest: Contest) -> Poll:
        """Return the poll with the contest's own keys for candidates and origins.

        Parameters
        ----------
        contest : Contest
            Whose keys to use.

        Raises
        ------
        InputError
            If a name is nobody's in the contest, or a runoff poll names somebody who is out.
        """
        key = contest.key
        found = replace(
            self,
            shares={key(name): value for name, value in self.shares.items()},
            side=None if self.side is None else key(self.side),
            by_origin={
                key(origin): replace(a, shares={key(k): v for k, v in a.shares.items()})
                for origin, a in self.by_origin.items()
            },
        )
        if self.round == "runoff":
            for answers in (found.answers, *found.by_origin.values()):
                for name in set(answers.shares) - set(contest.finalists):
                    raise InputError(
                        f"poll {self.name!r}: a poll about the runoff must be about the finalists "
                        f"{', '.join(contest.finalists)} - found {name!r}; leave it out"
                    )
        return found


def _lowered(shares: Mapping[str, float], finalist: str, by: float) -> Mapping[str, float]:
    named = sum(shares.values())
    rest = named - shares.get(finalist, 0.0)
    if not named or not rest or finalist not in shares:
        return shares
    part = shares[finalist] / named
    new = min(max(part - by, min(part, LEAST_PART)), max(part, 1 - LEAST_PART))
    factor = named * (1 - new) / rest
    return {k: named * new if k == finalist else x * factor for k, x in shares.items()}


def _check_table(name: str, given: object) -> None:
    """Raise `InputError` unless `given` is a mapping."""
    if not isinstance(given, Mapping):
        raise InputError(
            f"poll: {name} must be a mapping from names, such as {{'ada': 0.42}} - found "
            f"{str(given)[:40]!r}"
        )
