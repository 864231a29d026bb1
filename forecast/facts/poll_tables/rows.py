"""Which rows of a table are polls about all of the electorate, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median

from forecast.errors import InputError
from forecast.facts.poll_tables.areas import is_area, parts_of_polls, whole_areas
from forecast.facts.poll_tables.cells import (
    FEWEST,
    PERCENT,
    is_empty,
    note_of_rows,
    people_asked,
    plain_text,
    share_of,
    too_many,
)
from forecast.facts.poll_tables.headings import headings_of, title_year
from forecast.facts.poll_tables.roles import counts_rows, roles_of_columns
from forecast.facts.words.poll_words import ANSWERS, no_poll
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

DAYS = ("start", "end", "published")
"""Roles of columns of days."""
MANY_TIMES = 20
"""Times the usual sample that no poll asks."""
LEAST_PEOPLE = 101
"""Least number of people asked that can be no share."""
NEITHER = "neither a day nor a number of people asked, so no poll"
NO_POLL, NAMES = "no poll", ("pollster", "sponsor")
"""What a row is that is none; what may be called X, which elsewhere says nothing."""
ASKED = ("poll", "pollster", *DAYS, "n")
"""What says who asked, when and how many."""


def rows_asked(columns: Columns, roles: Mapping[str, Sequence[str]]) -> list[bool | None]:
    """Return of each row whether it has a day and a sample like the others.

    It is false if a row has neither and most others have both or a day, None if nothing tells.

    Examples
    --------
    >>> cells = {"end": ["4 May", "6 May", "", "5 May"], "n": ["900", "", "", "1000"]}
    >>> rows_asked(Columns(where="polls", values=cells), {"end": ["end"], "n": ["n"]})
    [True, None, False, True]
    """
    told = [
        [
            [c for n in names if not is_empty(c := columns.values[n][i])]
            for names in ([n for role in DAYS for n in roles.get(role, ())], roles.get("n", ()))
        ]
        for i in range(len(columns))
    ]
    dated = [any(map(str.isdigit, "".join(map(str, days)))) for days, _ in told]
    sizes = [next(filter(None, map(people_asked, map(str, n))), 0) for _, n in told]
    usual = median(filter(None, sizes)) if any(sizes) else 0
    both = [day and 0 < n <= MANY_TIMES * usual for day, n in zip(dated, sizes, strict=True)]
    most = 2 * sum(both) >= len(columns) or 2 * sum(dated) > len(columns)
    return [
        True if full else False if most and not (day or n) else None
        for full, day, (_, n) in zip(both, dated, told, strict=True)
    ]


@dataclass(eq=False)
class PollRows:
    """A table of polls: what its columns are, and which of its rows are polls.

    Parameters
    ----------
    columns : Columns
        A row per question with a column per candidate, or a row per candidate.
    latest : datetime.date, optional
        Days without a year are the last such days to this one.
    remedy : str
        How to say the day that `latest` is.
    people : int
        How many people can vote, 0 if that is not known.
    is_person : callable
        Whether the name of a column is surely a candidate's, whatever else it may mean.
    """

    columns: Columns
    latest: date | None = None
    remedy: str = ""
    people: int = 0
    is_person: Callable[[str], bool] = lambda _name: False

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.gave_up: dict[str, int] = {}
        self._held: dict[str, Sequence[object] | None] = {}
        self.roles, self._person, told = roles_of_columns(self.columns, self.is_person)
        self.notes += told
        self._fill_merged_cells()

    def of(self, *roles: str) -> list[str]:
        """Return the columns of some roles; those that nobody knows have an empty text."""
        return [name for role in roles for name in self.roles.get(role, ())]

    def _fill_merged_cells(self) -> None:
        """Say of further questions of the poll above, too, who asked when how many.

        A row is one if it says neither, names nobody else as who asked, and has shares of some of
        the candidates there and not of all, as a question about a runoff has.
        """
        values, facts, who = self.columns.values, self.of(*DAYS, "n"), self.of("pollster")[:1]
        if {"candidate", "share"} <= {*self.roles} or not who or not facts:
            return
        filled = {name: [*values[name]] for name in (*who, *facts)}
        askers, head, asked, rows = [folded(str(x)) for x in values[who[0]]], -1, set[str](), []
        for i in range(len(self.columns)):
            shares = {n: share_of(values[n][i]) for n in self.of("")}
            named = {n for n, share in shares.items() if share and share.number}
            told = any(not is_empty(values[n][i]) for n in facts)
            nobody = is_empty(values[who[0]][i])
            same = head >= 0 and (nobody or askers[i] == askers[head])
            if told and not nobody:
                head, asked = i, named
            elif not told and same and len(named) >= FEWEST and named < asked:
                rows.append(self.columns.row(i))
                for cells in filled.values():
                    cells[i] = cells[head]
            else:
                head = -1
        if rows:
            self.columns = self.columns.with_columns(filled)
        note = "without who asked and when, taken for further questions of the poll above"
        self.notes += note_of_rows(rows, note)

    def column(self, role: str) -> Sequence[object] | None:
        """Return the cells of the column with a role, if there is one."""
        if role not in self._held:
            names = self.of(role)
            if role == "n":
                names = [
                    n for n in names if not counts_rows(self.columns.values[n])
                ] or self._people
            cells = self.columns.values[names[0]] if names else None
            self._held[role] = self._filled(cells) if cells and role == "pollster" else cells
        return self._held[role]

    def _filled(self, cells: Sequence[object]) -> Sequence[object]:
        """Return who asked: a merged cell, empty in a poll with a day or its size, as above it."""
        shares = [] if self.long else self._with_numbers()
        filled, last, rows, asked = [*cells], "", [], self._asked
        for i, cell in enumerate(cells):
            held = any(share_of(self.columns.values[n][i]) for n in shares)
            if not is_missing(cell):
                last = "" if no_poll(plain_text(cell), asked=asked[i]) or not held else str(cell)
            elif last and held and self._given(i, *DAYS, "n"):
                filled[i] = last
                rows.append(self.columns.row(i))
        self.notes += note_of_rows(rows, "nobody said to have asked, taken to be as above")
        return filled

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

    # --- rows ------------------------------------------------------------------------------------

    @cached_property
    def kept(self) -> list[int]:
        """Rows that are polls; the others are named in the notes."""
        numbers, kept = self._with_numbers(), []
        headings = headings_of(self.columns)
        if year := title_year(self.columns.titles, self.latest):
            self.notes.append(f"{self.columns.where}: {year}, the year of polls that have none")
        self.notes += [
            f"{self.columns.row(i)}: {said!r}, the year of the polls below that have none"
            for i, said in headings.items()
        ]
        for i in (i for i in range(len(self.columns)) if i not in headings):
            who, n = self.text("pollster", i), map(plain_text, self._given(i, "n"))
            why = no_poll(who, asked=self._asked[i])
            why = why or too_many(n, self.people, f"{self.text('kind', i)} {who}")
            why = why or self._event(numbers, i)
            alone = self._asked[i] is False and not self._given(i, "poll", "origin")
            if not (why := why or NEITHER * alone):
                told = f"{self.columns.row(i)}: {who!r} has a day and a sample, read as a poll"
                self.notes += [told] * bool(no_poll(who))
                kept.append(i)
                continue
            texts = [str(c[i]).strip() for c in self.columns.values.values() if why == NO_POLL]
            said = max(texts, key=len, default=who)[:60]
            self.notes.append(f"{self.columns.row(i)}: {said!r}: {why}; left out")
        return self._national(kept)

    @cached_property
    def _asked(self) -> list[bool | None]:
        return rows_asked(self.columns, self.roles)

    def _with_numbers(self) -> list[str]:
        """Return the columns of shares by their cells, of which some are numbers."""
        if self.long:
            return self.roles["share"][:1]
        return [n for n in self.of("", *ANSWERS) if any(map(share_of, self.columns.values[n]))]

    def _event(self, numbers: Sequence[str], i: int) -> str:
        """Return why a row is no poll: words for shares, one text throughout, or by nobody."""
        cells = [self.columns.values[name][i] for name in numbers]
        worded = any(not is_empty(cell) for cell in cells)
        if worded and not any(share_of(c, parts=True) for c in cells):
            return NO_POLL
        days = [str(x) for x in self._given(i, *DAYS)]
        if days and not (worded or self.long or any(c.isdigit() for c in "".join(days))):
            return NO_POLL
        texts = [plain_text(c[i]) for c in self.columns.values.values() if not is_empty(c[i])]
        alike = len(texts) > FEWEST and len(set(texts)) == 1
        by_nobody = not self._given(i, *ASKED)
        return NO_POLL if alike or (by_nobody and worded and not self.long) else ""

    def _given(self, i: int, *roles: str) -> list[object]:
        cells = (self.columns.values[name][i] for name in self.of(*roles))
        return [cell for cell in cells if not is_empty(cell)]

    def _national(self, rows: list[int]) -> list[int]:
        """Return the rows about all of the electorate where polls are also told by its parts."""
        for name in self.of("region"):
            rows = self._whole(name, rows, ("pollster", "start", "end"), known=True)
        for name in self.of("region", ""):
            if is_area(name) and not self._has_shares(name, rows):
                rows = self._of_one_area(name, rows)
        for name in self.of("", "question"):
            if not self._has_shares(name, rows):
                parts = ("poll", "pollster", "start", "end", "round", "list")
                rows = self._whole(name, rows, parts, known=False)
        return rows

    def _whole(self, name: str, rows: list[int], parts: Sequence[str], *, known: bool) -> list[int]:
        """Return the rows that a column says are about all of the electorate."""
        texts = self._texts(name, rows)
        polls = {i: (*self._question(i, *parts), self._named(i) * self.long) for i in rows}
        gone = parts_of_polls(texts, polls, known=known)
        if gone is None:
            raise InputError(
                f"{self.columns.where}, {name!r}: polls must be of all of the electorate - found "
                f"{', '.join(sorted(set(texts.values()))[:5])}; keep the rows of one area, or "
                "call those of all 'national'"
            )
        return self._without(gone, texts, rows)

    def _of_one_area(self, name: str, rows: list[int]) -> list[int]:
        """Return the rows of the whole electorate where polls are of different areas.

        All stay, with a note, where no area is the whole.
        """
        texts = self._texts(name, rows)
        areas = [*texts.values()]
        if len({*map(folded, areas)}) < 2:
            return rows
        whole = whole_areas(areas)
        if whole:
            return self._without([i for i in rows if texts[i] not in whole], texts, rows)
        self.notes.append(
            f"{self.columns.where}, {name!r}: polls are of different areas - found "
            f"{', '.join(sorted({*areas})[:5])}; all are read; leave out those that do not "
            "belong, or call the area of those that do 'national'"
        )
        return rows

    def _without(self, gone: Sequence[int], texts: Mapping[int, str], rows: list[int]) -> list[int]:
        """Return rows without those about a part of the electorate, and note these."""
        if gone:
            said = ", ".join(sorted({texts[i] for i in gone})[:10])
            what = "rows about a part of the electorate left out"
            self.notes.append(f"{self.columns.where}: {len(gone)} {what}: {said}")
        left_out = set(gone)
        return [i for i in rows if i not in left_out]

    def _texts(self, name: str, rows: Sequence[int]) -> dict[int, str]:
        cells = self.columns.values[name]
        return {i: "" if is_empty(cells[i]) else plain_text(cells[i]) for i in rows}

    def _has_shares(self, name: str, rows: Sequence[int]) -> bool:
        return any(share_of(self.columns.values[name][i]) for i in rows)

    def _question(self, i: int, *roles: str) -> tuple[str, ...]:
        return tuple(self.text(role, i) for role in roles)

    def _named(self, i: int) -> str:
        return self.text("full name", i) or self.text("candidate", i)

    @cached_property
    def _people(self) -> list[str]:
        """The only unknown column of whole numbers that can be no shares: people asked."""
        names = [name for name in self.of("") if self._holds_people(name)]
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
