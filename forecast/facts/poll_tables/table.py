"""From a table of polls about a contest to polls: percent or fractions, cross-tabs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.poll_tables.cells import PERCENT, Share, check_shares, on_one_scale, share_of
from forecast.facts.poll_tables.columns import PollColumns
from forecast.facts.poll_tables.repeats import once_each
from forecast.facts.poll_tables.rows import DAYS
from forecast.facts.poll_tables.sizes import people_of
from forecast.facts.poll_tables.sums import EXACT
from forecast.facts.polls import ROUNDING, Answers, Poll
from forecast.facts.tables.rounds import round_of_cell
from forecast.facts.words.days import long_before, published_on
from forecast.facts.words.names import people_by_surname
from forecast.facts.words.poll_words import is_exit_poll, is_likely
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns

WORDS = ("sponsor", "side", "kind", "base", "source")
MANY = 3
"""Candidates that no runoff between two has."""
ROUNDS = ("", "first round", "runoff")
LEAST_PERCENT = 5.0
"""Least sum of a poll's candidates that can be percent."""
LONGEST = timedelta(days=90)
"""From a first round to a runoff, at most."""
BY_DAY = ", or say when the first round was with first_round= (--date)"
"""How days of a table may have no year."""
BESIDE = re.compile(r"\b\w\.|\(.*?\)|\b[A-Z]{2,}\b")
"""Initials and parties in the name of a column."""


def polls_of_table(columns: Columns, contest: Contest) -> tuple[Poll, ...]:
    """Return the polls of a table, see `forecast.read_polls`.

    Raises `InputError` if a column or a cell breaks a rule.

    Examples
    --------
    >>> contest = Contest(
    ...     name="demo", candidates=("ada", "ben", "cid"), finalists=("ada", "ben"),
    ...     units=("north",), votes=[[40, 35, 25]], invalid=[2], registered=[150])
    >>> cells = {"pollster": ["Acme"], "n": ["1,000"], "ada": ["47%"], "ben": ["43,5%"]}
    >>> poll, = polls_of_table(Columns(where="polls", values=cells), contest)
    >>> poll.n, poll.shares, poll.note
    (1000, {'ada': 0.47, 'ben': 0.435}, 'shares read as percent')
    """
    return _Polls(columns, contest).polls()


class _Polls:
    """The polls of a table about a contest."""

    def __init__(self, columns: Columns, contest: Contest) -> None:
        own = {folded(name) for key in contest.candidates for name in (key, contest.label(key))}
        self.columns, self.contest = columns, contest
        listed = contest.ballots if contest.registered is None else contest.registered
        day = contest.first_round  # all polls are from before a day that no runoff is after
        self.table = PollColumns(
            columns=columns,
            latest=contest.runoff or (day and day + LONGEST),
            remedy=BY_DAY,
            people=int(listed.sum()),
            is_person=lambda name: folded(name) in own,
        )
        self.percent = False
        self.in_time = True
        self.beside: dict[str, str] = {}

    def polls(self) -> tuple[Poll, ...]:
        """Return them; the note of the first says what was left out of the table."""
        questions = self.table.polls()
        self._check_people()
        self.percent = self._is_percent(questions)
        told = not self.table.long or self.table.column("origin") is not None  # by origin
        self.in_time = not all(self._late(rows[0]) for rows in questions)
        groups: dict[object, list[list[int]]] = {}
        for rows in questions:
            i = rows[0]
            key = ((told and self.table.text("poll", i)) or i, self.table.text("round", i))
            groups.setdefault(key, []).append(rows)
        found = [
            self._poll(group, which) for group in groups.values() for which in self.table.rounds
        ]
        polls, again = once_each(poll for poll in found if poll is not None)
        self.table.notes += again
        if not polls:
            raise InputError(
                f"{self.columns.where}: must have a poll - found none"
                + "".join(f"; {note}" for note in self.table.notes)
            )
        said = "\n".join(filter(None, (polls[0].note, *self.table.notes)))
        return replace(polls[0], note=said), *polls[1:]

    def _check_people(self) -> None:
        """Raise `InputError` if a column is nobody's, or two are one person's."""
        seen: dict[tuple[str, int], str] = {}
        columns = () if self.table.long else self.table.candidates
        self.beside = self._with_parties({self.table.person(name)[0] for name in columns})
        for name in columns:
            person, which = self.table.person(name)
            try:
                other = seen.setdefault((self._key(person), which), name)
            except InputError as error:
                raise InputError(f"{self.columns.where}: column {name!r} - {error}") from None
            if other != name:
                raise InputError(
                    f"{self.columns.where}: a candidate must have one column - found {other!r} and "
                    f"{name!r}; leave one out"
                )

    def _key(self, name: str) -> str:
        """Return whom a name means, with initials or a party beside it or without."""
        if name in self.beside:
            return self.beside[name]
        try:
            return self.contest.key(name)
        except InputError:
            bare = BESIDE.sub("", name).strip()
            if not bare or bare == name:
                raise
            return self.contest.key(bare)

    def _with_parties(self, names: Collection[str]) -> dict[str, str]:
        """Return whom names mean that nobody has without the party beside them."""
        unknown = []
        for name in sorted(names):
            try:
                self._key(name)
            except InputError:
                unknown.append(name)
        return people_by_surname(unknown, self.contest.writings)

    def _is_percent(self, questions: Sequence[Sequence[int]]) -> bool:
        """Return whether plain numbers are percent: one scale for the whole table.

        Fractions of one poll do not exceed one together, percent exceed five: whatever lies
        between, or a table with both, is refused.
        """
        plain = {}
        for rows in questions:
            for which in self.table.rounds:
                shares = self.table.answers(rows, which)[0]
                told = {name: x.number for name, x in shares.items() if not x.percent}
                if any(told.values()):
                    plain[rows[0], which] = told
        sums = {place: sum(told.values()) for place, told in plain.items()}
        small = [place for place, x in sums.items() if x <= 1 + ROUNDING]
        large = [place for place, x in sums.items() if x >= LEAST_PERCENT]
        if small and large:
            raise InputError(
                f"{self.columns.where}: shares must be all percent or all fractions - found "
                f"{sums[small[0]]:.4g} in all in {self.columns.row(small[0][0])} and "
                f"{sums[large[0]]:.4g} in {self.columns.row(large[0][0])}; write them alike"
            )
        for place in large:
            for name, x in plain[place].items():
                if 0 < x < 1 and self._key(name) in self.contest.finalists:
                    raise InputError(
                        f"{self.columns.row(place[0])}, {name!r}: shares must be all percent or "
                        f"all fractions - found '{x:g}' beside percent; write them alike"
                    )
        return bool(large) or not sums

    def _poll(self, questions: Sequence[Sequence[int]], which: int) -> Poll | None:
        """Return the poll of rows that belong together, None if they have no share."""
        text = self.table.text
        heads = [rows for rows in questions if not text("origin", rows[0])]
        if len(heads) > 1:
            raise InputError(
                f"{self.columns.row(heads[1][0])}: a poll must have one row without an origin - "
                "found another of the same poll; give it a name of its own"
            )
        head = heads[0] if heads else questions[0]
        i = head[0]
        facts: dict[str, Any] = {word: said for word in WORDS if (said := text(word, i))}
        if "base" not in facts and is_likely(self.table.population(i)):
            facts["base"] = "likely voters"
        if is_exit_poll(text("kind", i), text("pollster", i)):
            facts["kind"] = "exit poll"
        facts |= self._days(i) | self._design(i)
        base = facts.get("base", "everybody")
        decided = base == "decided"
        try:
            if why := self._left_out(head, questions, which):
                self.table.notes.append(f"{self.columns.row(i)}: {why}; left out")
                return None
            if heads:
                facts |= self._answers(head, which, decided=decided)
            rest = {
                text("origin", rows[0]): Answers(
                    **{"base": base, **self._answers(rows, which, decided=decided)}
                )
                for rows in questions
                if rows not in heads
            }
            named = [name for answers in rest.values() for name in answers.shares]
            facts["round"] = self._round(i, which, [*facts.get("shares", {}), *named])
            facts["note"] = self._note(questions, which, assumed=facts.pop("assumed"))
            poll = Poll(by_origin=rest, pollster=text("pollster", i), **facts).of(self.contest)
        except InputError as error:
            if str(error).startswith(self.columns.where):
                raise
            raise InputError(f"{self.columns.row(i)}: {error}") from None
        if poll.round == "first round" and heads:
            share = self.table.answers(head, which)[1].get("others")
            poll = replace(poll, others=None if share is None else self._fraction(share))
        return poll

    def _told(self, i: int) -> tuple[date | None, date | None, date | None]:
        return self.table.days_before(i, self.contest.runoff)

    def _late(self, i: int) -> date | None:
        """Return the first day of a row that is after the runoff, or on it if it has no earlier.

        Who was asked on the day itself had voted: that is an exit poll, or the result.
        """
        last, days = self.contest.runoff, [day for day in self._told(i) if day]
        if last is None or is_exit_poll(self.table.text("kind", i), self.table.text("pollster", i)):
            return next((day for day in days if last and day > last), None)
        return next((day for day in days if day > last or min(days) == last), None)

    def _left_out(self, head: Sequence[int], questions: Sequence[Sequence[int]], which: int) -> str:
        """Return why a poll is left out: no shares, too late, or a runoff of who is out."""
        named, last = self.table.answers(head, which)[0], self.table.latest
        if not named and not any(self.table.answers(rows, which)[0] for rows in questions):
            return "no share of a candidate"
        if self.in_time and (late := self._late(head[0])):
            when = "on the day of" if late == self.contest.runoff else "after"
            return f"of {late}, {when} the runoff on {self.contest.runoff}"
        if early := long_before(max(filter(None, self._told(head[0])), default=None), last):
            return early
        keys = [self._key(name) for name in named]
        out = [self.contest.label(key) for key in keys if key not in self.contest.finalists]
        of_all = out and not self.table.text("origin", head[0])
        if of_all and self._round(head[0], which, keys) == ROUNDS[2]:
            return f"about a runoff with {', '.join(out)}, who is out"
        return ""

    def _round(self, i: int, which: int, named: Sequence[str]) -> str:
        """Return the round: as the columns or the row say, else by how many people are named."""
        said = self.table.text("round", i)
        which = which or round_of_cell(said)
        if which or said:
            return ROUNDS[min(which, 2)] or said
        keys = {*named}
        return ROUNDS[2 if keys <= {*self.contest.finalists} or len(keys) < MANY else 1]

    def _note(self, questions: Sequence[Sequence[int]], which: int, *, assumed: bool) -> str:
        shares = [x for rows in questions for x in self.table.answers(rows, which)[0].values()]
        percent = self.percent or any(x.percent for x in shares)
        return "\n".join(
            ["shares read as percent"] * percent
            + ["day of publication taken to be the day after field work"] * assumed
        )

    def _days(self, i: int) -> dict[str, Any]:
        """Return start, end and day of publication, and whether the last is assumed."""
        found = dict(zip(DAYS, self._told(i), strict=True))
        for name, day in found.items():
            if day is None and (said := self.table.text(name, i)):
                raise InputError(
                    f"{self.columns.row(i)}, {name!r}: must be a day like 2018-11-23 - found "
                    f"{said[:40]!r}"
                )
        published = published_on(found["end"], found["published"], self.contest.runoff)
        return {**found, "published": published, "assumed": published != found["published"]}

    def _design(self, i: int) -> dict[str, float]:
        """Return the design effect, if the table has one."""
        said = self.table.text("design_effect", i)
        found = share_of(said)
        if said and found is None:
            raise InputError(
                f"{self.columns.row(i)}, 'design_effect': must be a number from 1 - found "
                f"{said[:40]!r}"
            )
        return {"design_effect": found.number} if found else {}

    def _answers(self, rows: Sequence[int], which: int, *, decided: bool) -> dict[str, Any]:
        """Return the fields of `Answers`, the base only if sums say that it is the decided."""
        given, rest = self.table.answers(rows, which)
        where = self.columns.row(rows[0])
        check_shares(where, {**given, **rest})
        shares = {self._key(name): self._fraction(share) for name, share in given.items()}
        others = self._fraction(rest.pop("others", Share(0.0, False)))
        found = {role: self._fraction(share) for role, share in rest.items() if share.percent}
        plain = {role: share.number for role, share in rest.items() if not share.percent}
        whole = PERCENT if self.percent else 1.0
        named = whole * (sum(shares.values()) + others)
        held = on_one_scale(where, named, plain, percent=self.percent, decided=decided)
        found |= {role: round(x / whole, 12) for role, x in held.items()}
        silent = [found[role] for role in ("would_not_vote", "blank") if role in found]
        n, of_them = (self.table.asked(rows[0], role) for role in ("n", "n decided"))
        total = named / whole + sum(found.values())
        summed = abs(named / whole - 1) <= EXACT and total > 1 + ROUNDING and not decided
        if summed:
            self.table.notes.append(f"{where}: candidates have 100% together, so of the decided")
        decided = decided or summed
        return ({"base": "decided"} if summed else {}) | {
            "n": people_of(
                n, of_them, named=named / whole, silent=sum(found.values()), of_decided=decided
            ),
            "shares": shares,
            "undecided": found.get("undecided"),
            "would_not_vote": round(sum(silent), 12) if silent else None,
        }

    def _fraction(self, share: Share) -> float:
        return round(share.number / PERCENT, 12) if self.percent or share.percent else share.number
