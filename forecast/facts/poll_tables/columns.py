"""A table of polls whose columns and rows have been told apart: its questions and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from statistics import median

from forecast.arrays import grouped
from forecast.errors import InputError
from forecast.facts.poll_tables.cells import (
    FEWEST,
    PERCENT,
    Share,
    add_share,
    are_errors,
    is_empty,
    is_range,
    note_of_rows,
    people_asked,
    plain_text,
    share_of,
)
from forecast.facts.poll_tables.headings import said_above, with_month
from forecast.facts.poll_tables.questions import Answer, questions_of
from forecast.facts.poll_tables.rows import DAYS, PollRows
from forecast.facts.poll_tables.sums import asked_of_two
from forecast.facts.polls import ROUNDING
from forecast.facts.words.days import days_of_cells, from_serials, is_month, notes_of_years
from forecast.facts.words.poll_words import (
    ANSWERS,
    is_lead,
    is_surname,
    partly_known,
    rank_of_population,
    role_of_answer,
)
from forecast.facts.words.word_lists import folded

LEAST_PERCENT = 2.0
"""Least sum of a question's candidates that is percent."""
MANY_ROWS = 4
"""Different leads that agree by no accident."""
MOST = 1.25
"""Most that the shares of a question may sum to, as a fraction."""
SAME = 2e-6
"""How far numbers that are the same may be apart, of the larger."""
NO_NUMBERS, MONTHS = ("pollster", "sponsor", "round", "list", "month", "kind", "base", "side"), 12
"""Columns that hold words or small numbers, and the largest of these."""
APART = ("question", "population", "base", "region")
"""What tells questions of one poll apart."""


class PollColumns(PollRows):
    """A table of polls: its questions, and what people answered to them."""

    # --- questions -------------------------------------------------------------------------------

    def _one_population(self, questions: list[list[int]]) -> list[list[int]]:
        """Return the questions of each poll to one population: likely voters before others."""
        polls: dict[object, list[list[int]]] = {}
        for rows in questions:
            asked = [self.answers(rows, which)[0].keys() for which in self.rounds]
            facts = self._question(rows[0], "pollster", "start", "end", "round", "list", "origin")
            key = (*facts, *map(frozenset, asked)) if any(facts[1:3]) else rows[0]
            polls.setdefault(key, []).append(rows)
        gone: dict[int, str] = {}
        for several in polls.values():
            said = {rows[0]: self.population(rows[0]) for rows in several}
            best = min(said.values(), key=rank_of_population)
            if all(said.values()):
                gone |= {i: best for i, text in said.items() if text != best}
        self.notes += [
            f"{self.columns.row(i)}: {self.population(i)} asked as well as {best}; left out"
            for i, best in gone.items()
        ]
        return [rows for rows in questions if rows[0] not in gone]

    def population(self, i: int) -> str:
        """Return whom a poll asked, such as "LV"; empty if nothing says so."""
        n = self.text("n", i)
        known = n if rank_of_population(n) < rank_of_population("") else ""
        return self.text("population", i) or self.text("base", i) or known

    def polls(self) -> list[list[int]]:
        """Return the rows of each question: one, or those of its candidates.

        Raises `InputError` if no column says who asked, or none is a candidate's.
        """
        if self.column("pollster") is None:
            raise InputError(
                f"{self.columns.where}: must have a column that says who asked - found "
                f"{', '.join(self.columns.names[:12])}; call it 'pollster'"
            )
        if not self.long and len(self.candidates) < FEWEST:
            raise InputError(
                f"{self.columns.where}: must have a column for each candidate, or columns "
                "'candidate' and 'share' - found neither; name them"
            )
        if not self.long:
            return self._one_population([[i] for i in self.kept])
        parts = ("poll", "pollster", "start", "end", "round", "list", "n", "origin")
        groups = grouped((self._question(i, *parts), i) for i in self.kept)
        found = [question for rows in groups.values() for question in self._questions(rows)]
        return self._one_population(found)

    def _questions(self, rows: Sequence[int]) -> list[list[int]]:
        """Return the rows of each question of a poll with a row for each answer."""
        shares = self.column("share") or ()
        told = []
        for i in rows:
            name, share = self._named(i), share_of(shares[i])
            role = self._answer_role(name)
            if share is not None and name and role != "aside":
                told.append(Answer(i, folded(name), share.number, role not in ANSWERS))
        telling = [{i: plain_text(self.columns.values[n][i]) for i in rows} for n in self._telling]
        where = {i: self.columns.row(i) for i in rows}
        found = [[a.row for a in question] for question in questions_of(told, telling, where)]
        return found if len(found) > 1 else [[*rows]]

    @cached_property
    def _telling(self) -> list[str]:
        """Columns that may tell questions of a poll apart: by their role, or unknown texts."""
        unknown = [n for n in self.of("") if not any(map(share_of, self._cells(n)))]
        return self.of(*APART) + unknown

    def _answer_role(self, name: str) -> str:
        role = "" if self.is_person(name) else role_of_answer(name) or ""
        note = f"answer {name!r}: no candidate by its name; left out"
        if role in ANSWERS:
            note = f"answer {name!r}: read as {role.replace('_', ' ')}"
        doubtful = role == "aside" or (role in ANSWERS and is_surname(name))
        self.notes += [note] * (doubtful and note not in self.notes)
        return role

    # --- columns of shares -----------------------------------------------------------------------

    def person(self, name: str) -> tuple[str, int]:
        """Return whom a column is about, and which round by its name, 0 if it says none."""
        return self._person[name]

    def _surely(self, name: str) -> bool:
        return self.is_person(self._person[name][0])

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """Columns of candidates: numbers, and no word or sum that says otherwise."""
        asked = self.column("n")
        names = [n for n in self.of("") if self.columns.values[n] is not asked]
        found = [name for name in names if self._holds_shares(name)]
        names = [name for name in found if not self._surely(name)]
        sums = {name: "the total of the others" for name in names if self._is_total(name, found)}
        found = [name for name in found if name not in sums]
        leads = {
            name: "the lead of the first over the second"
            for name in names
            if name in found and self._is_lead(name, found)
        }
        self.notes += [f"column {n!r}: is {why}; left out" for n, why in (sums | leads).items()]
        found = [name for name in found if name not in leads]
        return tuple(sorted([*found, *self._no_leads(found)], key=self.columns.names.index))

    def _no_leads(self, found: Sequence[str]) -> list[str]:
        """Return columns called leads that are nobody's; note what else is left out by its name."""
        beside = self.of("aside", "region")
        beside += [n for n in self.of(*NO_NUMBERS) if self._is_large(n)]
        numbers = [n for n in beside if (cells := self._told(n)) and all(map(share_of, cells))]
        people = [n for n in numbers if is_lead(n) and self._leads_nobody(n, found)]
        gone = [n for n in numbers if n not in people]
        self.notes += [f"no candidates by their names, left out: {', '.join(gone)}"] * bool(gone)
        self.notes += [
            f"column {n!r}: read as {role.replace('_', ' ')}"
            for role in ANSWERS
            for n in self.of(role)
            if (partly_known(base := self._person[n][0]) or is_surname(base))
            and any(map(share_of, self._told(n)))
        ]
        return people

    def _told(self, name: str) -> list[object]:
        return [cell for cell in self._cells(name) if not is_empty(cell)]

    def _is_large(self, name: str) -> bool:
        """Return whether numbers are neither of months and rounds nor those of many people."""
        shares = [*map(share_of, self._told(name))]
        return any(x and MONTHS < x.number <= PERCENT for x in shares)

    def _leads_nobody(self, name: str, names: Sequence[str]) -> bool:
        """Return whether a column is no lead and no margin of error, and may be a share, in all."""
        seen = 0
        for own, others, silent, whole in self._beside(name, names):
            apart = [b - a for k, b in enumerate(others) for a in others[:k]]
            away = min(abs(own - x) for x in apart)
            if away <= ROUNDING * whole or own + sum(others) + silent > whole * (1 + ROUNDING):
                return False
            seen += 1
        shares = map(share_of, self._cells(name))
        return seen >= FEWEST and not are_errors(shares, map(self.asked, self.kept))

    def _beside(
        self, name: str, names: Sequence[str]
    ) -> Iterator[tuple[float, list[float], float, float]]:
        """Yield a column's share in each poll, those of people beside it, the rest, and of what."""
        which = self._person[name][1]
        rest = [n for n in names if n != name and self._person[n][1] == which]
        answers = self.of(*ANSWERS)
        for i in self.kept:
            own = share_of(self.columns.values[name][i])
            others = sorted(x.number for n in rest if (x := share_of(self.columns.values[n][i])))
            told = [share_of(self.columns.values[n][i], parts=True) for n in answers]
            if own is not None and len(others) >= FEWEST:
                whole = PERCENT if sum(others) > LEAST_PERCENT else 1.0
                yield own.number, others, sum(x.number for x in told if x), whole

    def _is_total(self, name: str, names: Sequence[str]) -> bool:
        """Return whether a column is the sum of the others, or 100%, in every row."""
        seen = False
        for own, others, silent, whole in self._beside(name, names):
            named = sum(others)
            away = min(abs(own - x) for x in (named, named + silent, whole))
            if own + named + silent <= MOST * whole or away > ROUNDING * whole:
                return False
            seen = True
        return seen

    def _holds_shares(self, name: str) -> bool:
        """Return whether a column holds shares; raise `InputError` if it holds other things too."""
        given = {i: c for i in self.kept if not is_empty(c := self.columns.values[name][i])}
        odd = [i for i, cell in given.items() if share_of(cell) is None]
        if any(str(given[i]).strip().startswith(("-", "\N{MINUS SIGN}")) for i in odd):
            return False  # a difference
        if not odd or (2 * len(odd) > len(given) and not self._surely(name)):
            return not odd and (bool(given) or self._surely(name))
        raise InputError(
            f"{self.columns.row(odd[0])}, {name!r}: must be a share such as 12.5 or 12.5% - found "
            f"{str(given[odd[0]])[:40]!r}; leave it empty if the candidate was not asked about"
        )

    def _is_lead(self, name: str, names: Sequence[str]) -> bool:
        """Return whether a column is the first minus the second share in every row.

        It is if the shares exceed 100% with it and not without it, or in many different rows, of
        which one behind all others needs one less, unless they sum to 100% with it.
        """
        over, whole_with, leads = False, True, set()
        for own, others, silent, whole in self._beside(name, names):
            if abs(others[-1] - others[-2] - own) > SAME * max(others):
                return False
            total = sum(others) + silent
            over |= total <= whole * (1 + ROUNDING) < total + own
            whole_with &= abs(total + own - whole) <= ROUNDING * whole
            leads.add(own)
        last = max(names, key=self.columns.names.index) == name
        return over or len(leads) >= MANY_ROWS - (last and not whole_with)

    # --- answers ---------------------------------------------------------------------------------

    @cached_property
    def rounds(self) -> tuple[int, ...]:
        """Rounds that columns of candidates are about by their names, (0,) if none says it."""
        named = {self._person[name][1] for name in self.candidates} if not self.long else {0}
        return tuple(sorted({which or 1 for which in named})) if any(named) else (0,)

    def answers(
        self, rows: Sequence[int], which: int = 0
    ) -> tuple[dict[str, Share], dict[str, Share]]:
        """Return shares of candidates, and of everything else that was answered.

        Raises `InputError` if a cell has a number and nobody can tell which share it is.
        """
        i = rows[0]
        rest: dict[str, Share] = {}
        for role in ANSWERS:
            names = [n for n in self.of(role) if self._asks(n, which)]
            add_share(rest, role, [self._answer(name, i) for name in names])
        if not self.long:
            values = {self._person[n][0]: share_of(self.columns.values[n][i])
                      for n in self.candidates if self._asks(n, which)}  # fmt: skip
            two = (which, i) in self._of_two
            return {n: x for n, x in values.items() if x and (x.number or not two)}, rest
        given: dict[str, Share] = {}
        shares, gone = self.column("share"), self.column("withdrawn")
        assert shares is not None
        for i in rows:
            value, name = share_of(shares[i]), self._named(i)
            role = self._answer_role(name)
            if role in ANSWERS:
                add_share(rest, role, [value])
            elif value is not None and name and role != "aside":
                given[name] = value
                if gone is not None and not is_empty(gone[i]):
                    self.gave_up[name] = i
        return given, rest

    @cached_property
    def _of_two(self) -> set[tuple[int, int]]:
        """Rounds and rows of questions about two people in which the others have a 0."""
        found = set()
        for which in self.rounds:
            names = [n for n in self.candidates if self._asks(n, which)]
            shares = {n: [*map(share_of, self._cells(n))] for n in names}
            found |= {(which, self.kept[k]) for k in asked_of_two(shares)}
        said = "0 for all but two, taken for not asked about"
        self.notes += [f"{self.columns.row(i)}: {said}" for _, i in sorted(found)]
        return found

    def is_small(self, name: str, x: float) -> bool:
        """Return whether percent of other polls say that a share is nearer x than 100 x."""
        if self.long:
            cells = [(self.column("share") or ())[i] for i in self.kept if self._named(i) == name]
        else:
            columns = [n for n in self.candidates if self._person[n][0] == name]
            cells = [cell for n in columns for cell in self._cells(n)]
        told = [share.number for cell in cells if (share := share_of(cell)) and share.number >= 1]
        return bool(told) and abs(median(told) - x) < abs(median(told) - PERCENT * x)

    def _asks(self, name: str, which: int) -> bool:
        return (self._person[name][1] or min(which, 1)) == which

    def _answer(self, name: str, i: int) -> Share | None:
        cell = self.columns.values[name][i]
        share = share_of(cell, parts=True)
        if share is None and not is_empty(cell) and any(map(str.isdigit, str(cell))):
            raise InputError(
                f"{self.columns.row(i)}, {name!r}: must be a share such as 12.5 or 12.5% - found "
                f"{str(cell)[:40]!r}; write the number alone, or leave it empty"
            )
        return share

    def asked(self, i: int, role: str = "n") -> int | None:
        """Return how many people were asked, or "n decided"; None if no number says so.

        Raises `InputError` if there is a number that cannot be one of people.
        """
        cell = self.text(role, i)
        n = people_asked(cell)
        if n is None and any(map(str.isdigit, cell)):
            raise InputError(
                f"{self.columns.row(i)}, {role!r}: must be the number of people asked, from 1, "
                f"such as 1000 or 'about 1000' - found {cell[:40]!r}; write how many were asked, "
                "or an estimate if that is not known, or leave it empty"
            )
        note = f"{self.columns.row(i)}: {n} people asked of {cell[:40]!r}, the fewest it may be"
        self.notes += [note] * (is_range(cell) and note not in self.notes)
        return n

    # --- days ------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> Mapping[int, tuple[date | None, date | None, date | None]]:
        """First and last day of the field work and the day of publication, by row.

        Raises `InputError` if a cell is no day.
        """
        near = self.column("month")
        years = self._above if near is None else [str(x) for x in near]
        names = self.of("end")
        ends = [self._days_of(name, years) for name in names]
        begun = [self._days_of(name, years) for name in self.of("start")[:1]]
        stated = [self._days_of(name, self._above) for name in self.of("published")[:1]]
        if near is None and self.latest:
            rows = [i for i in self.kept if not years[i]]
            cells = [self.columns.values[name][i] for name in names for i in rows]
            told = [days[i][1] for days in ends for i in rows]
            self.notes += notes_of_years(cells, told, self.latest)
        by_month = [self.columns.row(i) for i in sorted(self._of_month)]
        self.notes += note_of_rows(by_month, "a month, no day; taken to end with the month")
        return {
            i: (
                next((d[i][0] for d in (*begun, *ends) if d[i][0]), None),
                next((d[i][1] for d in ends if d[i][1]), None),
                next((d[i][1] for d in stated if d[i][1]), None),
            )
            for i in self.kept
        }

    @cached_property
    def _above(self) -> list[str]:
        return said_above(self.columns, self.latest)

    def _days_of(self, name: str, years: Sequence[str]) -> list[tuple[date | None, date | None]]:
        polls, above = set(self.kept), enumerate(self._above)
        told = self.columns.values[name]
        cells = [with_month(told[i], said) if i in polls else "" for i, said in above]
        beside = [cell for n in self.of(*DAYS) if n != name for cell in self._cells(n)]
        return days_of_cells(
            from_serials(cells), self.columns, name, years,
            latest=self.latest, remedy=self.remedy, beside=beside,
        )  # fmt: skip

    @cached_property
    def _of_month(self) -> set[int]:
        """Rows whose field work, or publication, has a month and no day."""
        values = [self.columns.values[n] for n in self.of("end", "published")]
        return {i for cells in values for i in self.kept if is_month(cells[i])}

    def days_before(
        self, i: int, last: date | None
    ) -> tuple[date | None, date | None, date | None]:
        """Return the days of a row as in `days`, of a month only those before the last.

        What was published in that month may have been so on the last day itself.
        """
        start, end, stated = self.days[i]
        if last is None or i not in self._of_month:
            return start, end, stated
        if start and end and start < last <= end:
            end = last - timedelta(days=1)
        if stated and (stated.year, stated.month) == (last.year, last.month):
            stated = min(stated, last)
        return start, end, stated
