"""A table of polls whose columns and rows have been told apart, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from forecast.errors import InputError
from forecast.facts.asides import asides, further
from forecast.facts.poll_cells import (
    ESTIMATE,
    NO_PEOPLE,
    PERCENT,
    Share,
    is_empty,
    people_asked,
    plain_text,
    share_of,
)
from forecast.facts.poll_days import days_of_cells, from_serials, lacks_year
from forecast.facts.poll_words import (
    ANSWERS,
    is_national,
    no_poll,
    role_of_answer,
    role_of_column,
)
from forecast.facts.polls import ROUNDING
from forecast.facts.rounds import round_of_name
from forecast.files.columns import Columns

__all__ = ["LEAST_PERCENT", "MOST", "PollColumns", "published_on"]

LEAST_PEOPLE = 101
"""Least number of people asked that can be no share."""
LEAST_PERCENT = 2.0
"""Least sum of a question's candidates that is percent."""
FEWEST = 2
"""Candidates of a question."""
MANY_ROWS = 4
"""Different leads that agree by no accident."""
MOST = 1.25
"""Most that the shares of a question may sum to, as a fraction."""
SAME = 2e-6
"""How far numbers that are the same may be apart, of the larger."""
NO_POLL = "no poll"
NAMES = ("pollster", "sponsor")
"""What may be called X, which elsewhere says nothing."""
ASKED = ("poll", "pollster", "start", "end", "published", "n")
"""What says who asked, when and how many."""
PUBLISHED_AFTER = timedelta(days=1)
"""Days from the end of the field work to publication where the table does not say."""


@dataclass(eq=False)
class PollColumns:
    """A table of polls: what its columns are, which rows are polls, and what people answered.

    Parameters
    ----------
    columns : Columns
        A row per question with a column per candidate, or a row per candidate.
    latest : datetime.date, optional
        Days without a year are the last such days to this one.
    remedy : str
        How to say the day that `latest` is.
    is_person : callable
        Whether the name of a column is surely a candidate's, whatever else it may mean.
    """

    columns: Columns
    latest: date | None = None
    remedy: str = ""
    is_person: Callable[[str], bool] = lambda _name: False

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.gave_up: dict[str, int] = {}
        self._held: dict[str, Sequence[object] | None] = {}
        self._person: dict[str, tuple[str, int]] = {}

    @cached_property
    def roles(self) -> dict[str, list[str]]:
        """Columns by what they are; those that nobody knows by an empty text."""
        found: dict[str, list[str]] = {}
        for name in self.columns.names:
            base, which = round_of_name(name)
            role = "" if self.is_person(base) else role_of_column(name) or ""
            about = role_of_column(base) or "" if which else role
            if which and about in ("", *ANSWERS):
                role = about
            if role in ("", *ANSWERS):
                self._person[name] = (plain_text(base), which)
            found.setdefault(role, []).append(name)
        return found

    def column(self, role: str) -> Sequence[object] | None:
        """Return the cells of the column with a role, if there is one."""
        if role not in self._held:
            names = self.roles.get(role, [])
            if role == "n":
                names = [n for n in names if not self._numbered(n)] or self._people
            self._held[role] = self.columns.values[names[0]] if names else None
        return self._held[role]

    def text(self, role: str, i: int) -> str:
        """Return a cell as text, empty if it says nothing or there is no such column."""
        cells = self.column(role)
        said = "" if cells is None else plain_text(cells[i])
        named = said.casefold() == "x" and role in NAMES
        return said if named or not is_empty(said) else ""

    @cached_property
    def long(self) -> bool:
        """Whether there is a row for each candidate."""
        return self.column("candidate") is not None and self.column("share") is not None

    def _numbered(self, name: str) -> bool:
        """Return whether a column only numbers the rows."""
        cells = [str(x).strip() for x in self.columns.values[name]]
        return cells == [str(k + 1) for k in range(len(cells))]

    # --- rows ------------------------------------------------------------------------------------

    @cached_property
    def kept(self) -> list[int]:
        """Rows that are polls; the others are named in the notes."""
        numbers, kept, found = self._with_numbers(), [], {}
        for i in range(len(self.columns)):
            why = no_poll(self.text("pollster", i)) or self._event(numbers, i)
            if not why:
                kept.append(i)
                continue
            texts = [str(cells[i]).strip() for cells in self.columns.values.values()]
            said = max(texts, key=len) if why == NO_POLL else self.text("pollster", i)
            found[i] = f"{self.columns.row(i)}: {said[:60]!r}: {why}; left out"
        self.notes += found.values()
        return self._national(kept)

    def _with_numbers(self) -> list[str]:
        """Return the columns of shares by their cells, of which some are numbers."""
        if self.long:
            return self.roles["share"][:1]
        names = [name for role in ("", *ANSWERS) for name in self.roles.get(role, ())]
        return [name for name in names if any(map(share_of, self.columns.values[name]))]

    def _event(self, numbers: Sequence[str], i: int) -> str:
        """Return why a row is no poll: words for shares, one text throughout, or by nobody."""
        cells = [self.columns.values[name][i] for name in numbers]
        worded = any(not is_empty(cell) for cell in cells)
        if worded and not any(share_of(c, parts=True) for c in cells):
            return NO_POLL
        texts = [plain_text(c[i]) for c in self.columns.values.values() if not is_empty(c[i])]
        alike = len(texts) > FEWEST and len(set(texts)) == 1
        said = [self.columns.values[n][i] for role in ASKED for n in self.roles.get(role, ())]
        by_nobody = all(map(is_empty, said))
        return NO_POLL if alike or (by_nobody and worded and not self.long) else ""

    def _national(self, rows: list[int]) -> list[int]:
        """Return the rows about all of the electorate where polls are also told by region."""
        areas = {i: self.text("region", i) for i in rows}
        if len(set(areas.values())) < FEWEST:
            return rows
        polls: dict[tuple[str, ...], set[str]] = {}
        for i, area in areas.items():
            polls.setdefault(self._question(i, "pollster", "start", "end"), set()).add(area)
        if all(len(told) == 1 for told in polls.values()):
            return rows
        national = [i for i in rows if is_national(areas[i])]
        if not national:
            raise InputError(
                f"{self.columns.where}, {self.roles['region'][0]!r}: polls must be of all of the "
                f"electorate - found {', '.join(sorted(set(areas.values()))[:5])}; keep the rows "
                "of one area, or call those of all 'national'"
            )
        gone = sorted({area for area in areas.values() if not is_national(area)})
        self.notes.append(
            f"{self.columns.where}: {len(rows) - len(national)} rows about a part of the "
            f"electorate left out: {', '.join(gone[:10])}"
        )
        return national

    def _question(self, i: int, *roles: str) -> tuple[str, ...]:
        return tuple(self.text(role, i) for role in roles)

    def polls(self) -> list[list[int]]:
        """Return the rows of each question: one, or those of its candidates.

        Raises
        ------
        InputError
            If no column says who asked, or none is a candidate's.
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
        groups: dict[object, list[int]] = {}
        parts = ("poll", "pollster", "start", "end", "round", "list", "n", "origin")
        for i in self.kept:
            groups.setdefault(self._question(i, *parts) if self.long else i, []).append(i)
        return [*groups.values()]

    # --- columns of shares -----------------------------------------------------------------------

    @cached_property
    def _people(self) -> list[str]:
        """The only unknown column of whole numbers that can be no shares: people asked."""
        names = [name for name in self._unknown if self._holds_people(name)]
        if len(names) != 1:
            return []
        self.notes.append(f"column {names[0]!r}: read as the number of people asked")
        return names

    def _holds_people(self, name: str) -> bool:
        cells = [str(c) for c in self._cells(name) if not is_empty(c)]
        plain = any(share.number > PERCENT for c in cells if (share := share_of(c)))
        sizes = [people_asked(cell) or 0 for cell in cells]
        return (plain or len(cells) > 1) and bool(cells) and min(sizes) >= LEAST_PEOPLE

    def _cells(self, name: str) -> list[object]:
        cells = self.columns.values[name]
        return [cells[i] for i in self.kept]

    @cached_property
    def _unknown(self) -> list[str]:
        """Columns that may be a candidate's by their names."""
        names = [name for name in self.roles.get("", ()) if not self._numbered(name)]
        every = {name: f"beside {base}" for name, base in further(names).items()} | asides(names)
        beside = {name: why for name, why in every.items() if not self._surely(name)}
        self.notes += [f"column {name!r}: {why}; left out" for name, why in beside.items()]
        return [name for name in names if name not in beside]

    def person(self, name: str) -> tuple[str, int]:
        """Return whom a column is about, and which round by its name, 0 if it says none."""
        return self._person[name]

    def _surely(self, name: str) -> bool:
        return self.is_person(self._person[name][0])

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """Columns of candidates: numbers, and no word or sum that says otherwise."""
        asked = self.column("n")
        names = [n for n in self._unknown if self.columns.values[n] is not asked]
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
        return tuple(name for name in found if name not in leads)

    def _beside(
        self, name: str, names: Sequence[str]
    ) -> Iterator[tuple[float, list[float], float]]:
        """Yield a column's share in each poll, those of people beside it, and all the rest."""
        which = self._person[name][1]
        rest = [n for n in names if n != name and self._person[n][1] == which]
        answers = [n for role in ANSWERS for n in self.roles.get(role, ())]
        for i in self.kept:
            own = share_of(self.columns.values[name][i])
            others = sorted(x.number for n in rest if (x := share_of(self.columns.values[n][i])))
            told = [share_of(self.columns.values[n][i], parts=True) for n in answers]
            if own is not None and len(others) >= FEWEST:
                yield own.number, others, sum(x.number for x in told if x)

    def _is_total(self, name: str, names: Sequence[str]) -> bool:
        """Return whether a column is the sum of the others, or 100%, in every row."""
        seen = False
        for own, others, silent in self._beside(name, names):
            named = sum(others)
            whole = PERCENT if named > LEAST_PERCENT else 1.0
            away = min(abs(own - x) for x in (named, named + silent, whole))
            if own + named + silent <= MOST * whole or away > ROUNDING * whole:
                return False
            seen = True
        return seen

    def _holds_shares(self, name: str) -> bool:
        """Return whether a column holds shares and nothing else.

        Raises
        ------
        InputError
            If it holds shares and something else.
        """
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

        It is if the shares exceed 100% with it and not without it, or in many different rows.
        """
        over, leads = False, set()
        for own, others, silent in self._beside(name, names):
            if abs(others[-1] - others[-2] - own) > SAME * max(others):
                return False
            total = sum(others) + silent
            whole = PERCENT if sum(others) > LEAST_PERCENT else 1.0
            over |= total <= whole * (1 + ROUNDING) < total + own
            leads.add(own)
        return over or len(leads) >= MANY_ROWS

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

        Parameters
        ----------
        rows : sequence of int
            Rows of one question.
        which : int
            The round, one of `rounds`.

        Raises
        ------
        InputError
            If a cell has a number and nobody can tell which share it is.
        """
        i = rows[0]
        rest: dict[str, Share] = {}
        for role in ANSWERS:
            names = [n for n in self.roles.get(role, ()) if self._asks(n, which)]
            _add(rest, role, [self._answer(name, i) for name in names])
        if not self.long:
            values = {self._person[n][0]: share_of(self.columns.values[n][i])
                      for n in self.candidates if self._asks(n, which)}  # fmt: skip
            return {name: share for name, share in values.items() if share}, rest
        given: dict[str, Share] = {}
        shares, gone = self.column("share"), self.column("withdrawn")
        assert shares is not None
        for i in rows:
            value, name = (
                share_of(shares[i]),
                self.text("full name", i) or self.text("candidate", i),
            )
            role = "" if self.is_person(name) else role_of_answer(name) or ""
            if role in ANSWERS:
                _add(rest, role, [value])
            elif value is not None and name and role != "aside":
                given[name] = value
                if gone is not None and not is_empty(gone[i]):
                    self.gave_up[name] = i
        return given, rest

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

    def asked(self, i: int) -> int | None:
        """Return how many people were asked; None if no number says so.

        Raises
        ------
        InputError
            If there is a number that cannot be one of people.
        """
        cell = self.text("n", i)
        n = people_asked(cell)
        if n is None and any(map(str.isdigit, cell)):
            raise InputError(
                f"{self.columns.row(i)}, 'n': {NO_PEOPLE} - found {cell[:40]!r}; {ESTIMATE}, or "
                "leave it empty"
            )
        return n

    # --- days ------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> Mapping[int, tuple[date | None, date | None, date | None]]:
        """First and last day of the field work and the day of publication, by row.

        Raises
        ------
        InputError
            If a cell is no day.
        """
        near = self.column("month")
        years = [str(x) for x in near] if near is not None else None
        names = self.roles.get("end", [])
        ends = [self._days_of(name, years) for name in names]
        begun = [self._days_of(name, years) for name in self.roles.get("start", [])[:1]]
        stated = [self._days_of(name, None) for name in self.roles.get("published", [])[:1]]
        if years is None and self.latest:
            self._note_years(names, ends)
        return {
            i: (
                next((d[i][0] for d in (*begun, *ends) if d[i][0]), None),
                next((d[i][1] for d in ends if d[i][1]), None),
                next((d[i][1] for d in stated if d[i][1]), None),
            )
            for i in self.kept
        }

    def _days_of(
        self, name: str, years: Sequence[str] | None
    ) -> list[tuple[date | None, date | None]]:
        polls = set(self.kept)
        cells = [c if i in polls else "" for i, c in enumerate(self.columns.values[name])]
        return days_of_cells(
            from_serials(cells), self.columns, name, years, latest=self.latest, remedy=self.remedy
        )

    def _note_years(
        self, names: Sequence[str], days: Sequence[list[tuple[date | None, date | None]]]
    ) -> None:
        """Note which days had no year."""
        taken = [
            told[i][1]
            for name, told in zip(names, days, strict=True)
            for i in self.kept
            if told[i][1] and lacks_year(str(self.columns.values[name][i]))
        ]
        if found := [day for day in taken if day]:
            self.notes.append(
                f"days without a year: taken to be the last such days to {self.latest}, "
                f"from {min(found)} on"
            )


def _add(rest: dict[str, Share], role: str, more: Sequence[Share | None]) -> None:
    """Add shares to those of a role."""
    told = [*([rest[role]] if role in rest else []), *(share for share in more if share)]
    if told:
        rest[role] = Share(sum(x.number for x in told), any(x.percent for x in told))


def published_on(end: date | None, stated: date | None, last: date | None = None) -> date | None:
    """Return the day of publication: as stated, else the day after the field work, at most `last`.

    Examples
    --------
    >>> str(published_on(date(2030, 5, 4), None)), published_on(None, None)
    ('2030-05-05', None)
    """
    if stated:
        return max(stated, end) if end else stated
    if end is None:
        return None
    return max(end, min(end + PUBLISHED_AFTER, last or date.max))
