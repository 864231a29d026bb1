"""From tables of polls before a first round to an `Election`: any layout, several lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.advancement import Advancement, rule_of
from forecast.facts.contest import Scope
from forecast.facts.election import Election
from forecast.facts.poll_tables.cells import PERCENT, Share, check_shares, on_one_scale
from forecast.facts.poll_tables.columns import LEAST_PERCENT, MOST, PollColumns
from forecast.facts.poll_tables.files import table_of_polls
from forecast.facts.poll_tables.repeats import once_each
from forecast.facts.poll_tables.sizes import people_of
from forecast.facts.polls import ROUNDING, Poll
from forecast.facts.tables.rounds import round_of_cell
from forecast.facts.words.days import days_of_cells, long_before, published_on
from forecast.facts.words.poll_words import ANSWERS, is_exit_poll, is_likely
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns, Table
from forecast.files.text import in_short
from forecast.signatures import refuses_other_kinds

BY_DAY = ", or say when the first round is with election_day= (--election-day)"
BOTH = 2
"""Candidates of a runoff."""
MANY = 3
"""Questions that do not all exceed 100% by rounding."""
MUCH = 1.05
"""What no question exceeds by rounding, as a fraction."""


@refuses_other_kinds
def read_election(
    path: str | PathLike[str] | Table,
    *more: str | PathLike[str] | Table,
    election_day: date | None = None,
    runoff: date | None = None,
    rule: Advancement | str | None = None,
    candidates: Iterable[str] | None = None,
    declared: date | None = None,
    name: str | None = None,
    title: str = "",
    country: str = "",
    registered: int | None = None,
    scope: Scope = "national",
    withdrawn: Mapping[str, date] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Election:
    """Read polls from before a first round.

    Parameters
    ----------
    path : path-like or data frame
        A CSV file (UTF-8), a spreadsheet (``polls.xlsx#sheet``), JSON (a list of polls), or a
        pandas, polars or pyarrow table: a row per question with a column per candidate, or a row
        per candidate. Columns are recognised by their names: pollster, start, end, published, n,
        round, list (which candidates were asked about), undecided, blank, others, withdrawn. An
        empty cell means that the candidate was not asked about. A question about two people alone
        is about a runoff between them.
    *more : path-like or data frame
        Further tables of the same election, such as a sheet about runoffs.
    election_day : datetime.date, optional
        Day of the first round.
    runoff : datetime.date, optional
        Day of the runoff; two weeks later by default.
    rule : Advancement or str, optional
        Who advances: "majority; top two" by default.
    candidates : iterable of str, optional
        Who stands, once that is known.
    declared : datetime.date, optional
        When it became public who stands; forecasts as of an earlier day do not know it.
    name : str, optional
        Short name; the file's stem by default.
    title, country, registered, scope, labels
        As in `Election`.
    withdrawn : mapping of str to datetime.date, optional
        As in `Election`; by default what the tables say.

    Returns
    -------
    Election

    Raises
    ------
    InputError
        If a table cannot be read or breaks a rule.

    Notes
    -----
    Where the day of publication is not given it is taken to be the day after the field work, and
    where a day has no year, the last such day to `election_day`. Rows that hold the result of an
    election, an average of polls, words in place of shares or a part of the electorate beside all
    of it, polls of the first round that ended after it, and rows marked as not to be included are
    left out and named in the notes; so is a column that is the lead of the first over the second.
    Of several populations that one poll asked the same, likely voters come before registered ones
    and these before all adults. Where a row is one answer, a candidate who comes again begins the
    next question. Whoever is in `candidates` is a person, whatever else the name means; so is one
    whose column has shares of which rows lack so much to 100%, and a column on top of rows that sum
    to 100% is left out. The notes name both.

    Examples
    --------
    >>> import polars as pl
    >>> table = pl.DataFrame({"pollster": ["Acme", "Best"], "end": ["2030-04-01", "2030-04-08"],
    ...                       "n": [1000, 900], "Ada": [40, 39], "Ben": [30, 33], "Cid": [20, 18],
    ...                       "undecided": [10, 10]})
    >>> election = read_election(table, election_day=date(2030, 5, 5), name="demo")
    >>> election.people, election.polls[0].undecided
    (('Ada', 'Ben', 'Cid'), 0.1)
    """
    read: list[Poll] = []
    late = 0
    notes: list[str] = []
    gone: dict[str, date] = {}
    known: dict[str, str] = {}
    candidates = None if candidates is None else tuple(candidates)
    stand = frozenset(folded(who) for who in candidates or () if isinstance(who, str))
    for table in (path, *more):
        held = _Polls(table_of_polls(table), known, election_day, stand)
        read += held.polls()
        late += held.late
        notes += held.notes
        gone |= held.withdrawn
    if late and not any(p.round == "first round" for p in read):
        raise InputError(
            f"{held.columns.where}: a poll must end by the first round on {election_day} - found "
            f"{late} polls that ended after it, and no other; correct election_day= "
            "(--election-day)"
        )
    left = "; ".join([note for note in notes if note.endswith("left out")][:MANY])
    if left and not any(p.round == "first round" for p in read):
        raise InputError(
            f"{held.columns.where}: at least one poll must be about the first round - found none; "
            f"{left}"
        )
    polls, again = once_each(_each_once(read))
    notes += again
    stem = Path(str(path).partition("#")[0]).stem if isinstance(path, str | PathLike) else "polls"
    election = Election(
        name=name or stem,
        polls=tuple(polls),
        first_round=election_day,
        runoff=runoff,
        rule=rule_of(rule),
        withdrawn=gone if withdrawn is None else withdrawn,
        notes=tuple(notes),
        title=title,
        country=country,
        registered=registered,
        scope=scope,
        labels=labels or {},
    )
    if candidates is None:
        return election
    return replace(election, candidates=election.keys(candidates), declared=declared)


def _each_once(polls: Sequence[Poll]) -> tuple[Poll, ...]:
    """Return the polls, repeated rows once."""
    seen: dict[tuple[Any, ...], Poll] = {}
    for p in polls:
        key = (p.pollster, p.start, p.end, p.round, p.n, tuple(sorted(p.shares.items())))
        seen.setdefault(key, p)
    return tuple(seen.values())


@dataclass(eq=False)
class _Polls:
    """The polls of a table before a first round.

    `known` holds names of earlier tables, `stand` those of candidates, folded.
    """

    columns: Columns
    known: dict[str, str]
    election_day: date | None
    stand: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.table = PollColumns(
            columns=self.columns,
            latest=self.election_day,
            remedy=BY_DAY,
            is_person=lambda name: folded(name) in self.stand,
        )
        self.notes = self.table.notes
        self.withdrawn: dict[str, date] = {}
        self.scaled: list[str] = []
        self.late = 0

    def polls(self) -> list[Poll]:
        """Return the polls of the table."""
        table, where = self.table, self.columns.where
        groups = table.polls()
        if not table.of("end", "published"):
            raise InputError(
                f"{where}: must have a column with the day each poll ended - found "
                f"{', '.join(self.columns.names[:12])}; call it 'end'"
            )
        self._check_sums(groups)
        built = [self._poll(rows, which) for rows in groups for which in table.rounds]
        self._withdrawals()
        if self.scaled:
            said = "answers of more than 100% together, scaled to 100%: {names}"
            self.notes.append(Message(said, names=in_short(self.scaled)))
        if any(table.days[rows[0]][2] is None for rows in groups):
            self.notes.append(
                Message("days of publication not given: taken to be the day after field work")
            )
        return [poll for poll in built if poll is not None]

    def _check_sums(self, groups: Sequence[Sequence[int]]) -> None:
        """Raise `InputError` if candidates have more than 100% in every question of many.

        Some exceed it by rounding; all do only with a column that is no candidate's.
        """
        for which in self.table.rounds:
            asked = [self.table.answers(rows, which)[0] for rows in groups]
            sums = [sum(x.number for x in given.values()) for given in asked]
            parts = [x / (PERCENT if x > LEAST_PERCENT else 1.0) for x in sums if x]
            if self.table.long or not parts or not 1 + ROUNDING < min(parts) <= max(parts) <= MOST:
                continue
            if len(parts) >= MANY or min(parts) > MUCH:
                names = ", ".join(dict.fromkeys(name for given in asked for name in given))
                raise InputError(
                    f"{self.columns.where}: shares must not exceed 100% together - found "
                    f"{PERCENT * min(parts):.1f}% or more in every question; leave out the column "
                    f"that is no candidate's of {names}"
                )

    def _withdrawals(self) -> None:
        """Read the days on which candidates withdrew, one cell of each."""
        gone, said = self.table.column("withdrawn"), self.table.gave_up
        if gone is not None and said:
            cells = days_of_cells([gone[i] for i in said.values()], self.columns, "withdrawn",
                                  latest=self.election_day)  # fmt: skip
            days = zip(said, cells, strict=True)
            self.withdrawn = {self._key(name): day for name, (_, day) in days if day is not None}

    def _poll(self, rows: Sequence[int], which: int) -> Poll | None:
        """Return a question about one round, None if it is none or left out."""
        i = rows[0]
        given, rest = self.table.answers(rows, which)
        if len(given) < BOTH or sum(x.number for x in given.values()) <= 0:
            return None
        second = which >= BOTH or (not which and self._is_second(i, given, rest))
        if self.table.text("excluded", i) and not second:
            self.notes.append(f"{self.columns.row(i)}: marked as not included; left out")
            return None
        if second and len(given) != BOTH:
            return None
        start, end, stated = self.table.days_before(i, None if second else self.election_day)
        if self._is_over(i, second, end or stated):
            return None
        if early := long_before(end or stated, self.election_day):
            self.notes.append(f"{self.columns.row(i)}: {early}; left out")
            return None
        start = start if start and end and start <= end else None
        days = (start, end, published_on(end, stated))
        return self._made(i, given, rest, second=second, days=days)

    def _made(
        self,
        i: int,
        given: Mapping[str, Share],
        rest: Mapping[str, Share],
        *,
        second: bool,
        days: tuple[date | None, date | None, date | None],
    ) -> Poll:
        where = self.columns.row(i)
        check_shares(where, {**given, **rest})
        shares, extra, whole = self._on_one_scale(i, given, rest)
        total = (sum(shares.values()) + sum(extra.values())) / whole
        if total > MOST:
            raise InputError(
                f"{where}: shares must not exceed 100% together - found {100 * total:.1f}%; "
                "correct them, or leave out columns that are no candidates"
            )
        if total > 1 + ROUNDING:
            self.scaled.append(where)
        silent = min((extra["undecided"] + extra["would_not_vote"] + extra["blank"]) / whole, 0.9)
        fit = min(1.0, 1.0 / max(total, 1e-9))
        said = self.table.text("pollster", i) or "unknown"
        exit_poll = is_exit_poll(self.table.text("kind", i), said)
        n, of_them = (self.table.asked(i, role) for role in ("n", "n decided"))
        try:
            return Poll(
                pollster=self.known.setdefault(f"pollster: {folded(said)}", said),
                n=people_of(n, of_them, named=total - silent, silent=silent, of_decided=False),
                shares={self._key(k): fit * x / whole for k, x in shares.items()},
                undecided=fit * silent if silent else None,
                others=None if second or not extra["others"] else fit * extra["others"] / whole,
                start=days[0],
                end=days[1],
                published=days[2],
                base="likely voters" if is_likely(self.table.population(i)) else "everybody",
                sponsor=self.table.text("sponsor", i),
                round="runoff" if second else "first round",
                kind="exit poll" if exit_poll or self._late(second, days[1]) else "poll",
                note=self.table.text("list", i),
            )
        except InputError as error:
            raise InputError(f"{where}: {error}") from None

    def _on_one_scale(
        self, i: int, given: Mapping[str, Share], rest: Mapping[str, Share]
    ) -> tuple[dict[str, float], dict[str, float], float]:
        """Return shares of candidates, and all else that was answered, and what they are parts of.

        A cell with a percent sign is percent. The others are percent if they exceed two together,
        or one with those; or if all candidates have the sign.
        """
        plain = {k: x.number for k, x in given.items() if not x.percent}
        signed = sum(x.number for x in given.values() if x.percent) / PERCENT
        together = sum(plain.values())
        over = together > LEAST_PERCENT or (signed > 0 and signed + together > 1 + ROUNDING)
        whole = PERCENT if over or not plain else 1.0
        shares = {k: x.number * (whole / PERCENT if x.percent else 1) for k, x in given.items()}
        extra = dict.fromkeys(ANSWERS, 0.0)
        extra |= {k: x.number * whole / PERCENT for k, x in rest.items() if x.percent}
        held = {k: x.number for k, x in rest.items() if not x.percent}
        named = sum(shares.values())
        extra |= on_one_scale(self.columns.row(i), named, held, percent=whole == PERCENT)
        if whole == PERCENT:
            self._check_scale(i, plain, (named + sum(extra.values())) / whole)
        return shares, extra, whole

    def _check_scale(self, i: int, plain: Mapping[str, float], total: float) -> None:
        """Raise `InputError` if a number below one beside percent seems to be a fraction.

        It does if the row comes nearer to 100% with it, unless other polls say as little.
        """
        for name, x in plain.items():
            with_it = total + x - x / PERCENT
            nearer = abs(with_it - 1) < abs(total - 1) and with_it <= 1 + ROUNDING
            if 0 < x < 1 and nearer and not self.table.is_small(name, x):
                raise InputError(
                    f"{self.columns.row(i)}, {name!r}: shares must be all percent or all "
                    f"fractions - found '{x:g}' beside percent; write {PERCENT * x:g}, or {x:g}%"
                )

    def _is_over(self, i: int, second: bool, end: date | None) -> bool:
        """Return whether a first round was asked about when it was counted, and note it."""
        day = self.election_day
        over = not second and day is not None and end is not None and end > day
        self.late += over
        if over:
            self.notes.append(
                f"{self.columns.row(i)}: ended on {end}, after the first round on {day}; left out"
            )
        return over

    def _late(self, second: bool, end: date | None) -> bool:
        """Return whether a first round was asked about when it was over."""
        day = self.election_day
        return not second and day is not None and end is not None and end >= day

    def _key(self, name: str) -> str:
        """Return one writing for all of a candidate's."""
        if name not in self.known:
            same = self.known.get(folded(name))
            self.known[name] = same or " ".join(name.replace("_", " ").split())
            self.known.setdefault(folded(name), self.known[name])
        return self.known[name]

    def _is_second(self, i: int, given: Mapping[str, Share], rest: Mapping[str, Share]) -> bool:
        """Return whether a question is about a runoff: as it says, or two people without others."""
        if said := self.table.text("round", i):
            return round_of_cell(said) == BOTH
        return len(given) == BOTH and not ("others" in rest and rest["others"].number)
