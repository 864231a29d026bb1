"""From tables of polls before a first round to an `Election`: any layout, several lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.facts.advancement import Advancement, rule_of
from forecast.facts.column_words import folded
from forecast.facts.election import Election
from forecast.facts.poll_days import days_of_cells, lacks_year
from forecast.facts.poll_table import (
    ESTIMATE,
    NO_PEOPLE,
    check_shares,
    on_one_scale,
    people_asked,
)
from forecast.facts.poll_words import (
    IGNORED,
    is_result,
    plain_name,
    role_of_answer,
    role_of_column,
)
from forecast.facts.polls import Poll
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing
from forecast.files.reading import json_of, read_text
from forecast.signatures import refuses_other_kinds

__all__ = ["read_election"]

UNKNOWN = {"nd", "n/d", "s/d", "n.d.", "x", "?", "a_inserer_manuellement"}
"""Cells that say nothing, besides those of `is_missing`."""
SECOND = re.compile(r"2|\b(ii|second|seconde|segunda|deuxieme|doi|runoff|zweite)\b")
LEAST_PERCENT = 2.0
"""Least sum of a question's candidates that is percent."""
BOTH = 2
"""Candidates of a runoff."""
PUBLISHED_AFTER = timedelta(days=1)
"""Days from the end of the field work to publication where the table does not say."""


@refuses_other_kinds
def read_election(
    path: str | PathLike[str] | Any,
    *more: str | PathLike[str] | Any,
    election_day: date | None = None,
    runoff: date | None = None,
    rule: Advancement | str | None = None,
    candidates: Iterable[str] | None = None,
    declared: date | None = None,
    name: str | None = None,
    **details: Any,
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
    **details
        `title`, `country`, `registered`, `scope`, `withdrawn`, `labels` of `Election`.

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
    election, polls of the first round that ended after it, and rows marked as not to be included
    are left out and named in the notes.

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
    notes: list[str] = []
    withdrawn: dict[str, date] = {}
    known: dict[str, str] = {}
    for table in (path, *more):
        held = _Polls(_columns(table), known, election_day)
        read += held.polls()
        notes += held.notes
        withdrawn |= held.withdrawn
    stem = Path(str(path).partition("#")[0]).stem if isinstance(path, str | PathLike) else "polls"
    election = Election(
        name=name or stem,
        polls=_each_once(read),
        first_round=election_day,
        runoff=runoff,
        rule=rule_of(rule),
        **({"withdrawn": withdrawn, "notes": tuple(notes)} | details),
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


def _columns(table: Any) -> Columns:
    if not isinstance(table, str | PathLike):
        return Columns.from_frame(table)
    if Path(str(table)).suffix.casefold() == ".json":
        return _columns_of_json(json_of(read_text(table), Path(str(table)).name), str(table))
    return Columns.from_file(table)


def _columns_of_json(content: Any, path: str) -> Columns:
    """Return a list of polls, each with a list of answers, as rows of one answer each."""
    where = Path(path).name
    content = (
        next((v for v in content.values() if isinstance(v, list)), None)
        if isinstance(content, dict)
        else content
    )
    if not isinstance(content, list) or not all(isinstance(x, dict) for x in content):
        raise InputError(f"{where}: must be a list of polls - found something else; see the guide")
    rows: list[dict[str, Any]] = []
    for k, item in enumerate(content):
        own = {key: v for key, v in item.items() if not isinstance(v, list | dict)}
        nested = next((v for v in item.values() if isinstance(v, list)), None)
        own = {"poll": k, **own} if nested is not None else own
        rows += [{**own, **answer} for answer in nested] if nested is not None else [own]
    names = list(dict.fromkeys(key for row in rows for key in row))
    text = {n: ["" if r.get(n) is None else str(r[n]) for r in rows] for n in names}
    return Columns(where=where, values=text)


@dataclass(eq=False)
class _Polls:
    """A table whose columns have been told apart."""

    columns: Columns
    known: dict[str, str]
    election_day: date | None

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self._held: dict[str, Sequence[object] | None] = {}
        self._gone: dict[str, int] = {}
        self.withdrawn: dict[str, date] = {}

    @cached_property
    def roles(self) -> dict[str, list[str]]:
        """Columns by what they are."""
        found: dict[str, list[str]] = {}
        for name in self.columns.names:
            found.setdefault(role_of_column(name) or "", []).append(name)
        return found

    def column(self, role: str) -> Sequence[object] | None:
        """Return the cells of the column with a role, if there is one."""
        if role not in self._held:
            self._held[role] = self._column(role)
        return self._held[role]

    def _column(self, role: str) -> Sequence[object] | None:
        names = self.roles.get(role, [])
        if role == "n":
            names = [n for n in names if not self._numbered(n)]
        return self.columns.values[names[0]] if names else None

    def _numbered(self, name: str) -> bool:
        """Return whether a column only numbers the rows."""
        cells = [str(x).strip() for x in self.columns.values[name]]
        return cells == [str(k + 1) for k in range(len(cells))]

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """Columns of candidates: numbers, and no word that says otherwise."""
        found = []
        ignored = set(IGNORED.split())
        for name in self.roles.get("", ()):
            if set(plain_name(name).split()) & ignored or self._numbered(name):
                continue
            cells = [c for c in self.columns.values[name] if not _empty(c)]
            numbers = [c for c in cells if _number(c) is not None]
            if not numbers:
                continue
            if len(numbers) < len(cells) and 2 * len(numbers) >= len(cells):
                row = next(k for k, c in enumerate(self.columns.values[name])
                           if not _empty(c) and _number(c) is None)  # fmt: skip
                cell = str(self.columns.values[name][row])
                raise InputError(
                    f"{self.columns.row(row)}, {name!r}: must be a share such as 12.5 - found "
                    f"{cell[:40]!r}; leave it empty if the candidate was not asked about"
                )
            if len(numbers) == len(cells):
                found.append(name)
        return tuple(found)

    def text(self, role: str, i: int) -> str:
        cells = self.column(role)
        return "" if cells is None or _empty(cells[i]) else " ".join(str(cells[i]).split())

    def polls(self) -> list[Poll]:
        """Return the polls of the table."""
        if self.column("pollster") is None:
            raise InputError(
                f"{self.columns.where}: must have a column that says who asked - found "
                f"{', '.join(self.columns.names[:12])}; call it 'pollster'"
            )
        long = self.column("candidate") is not None and self.column("share") is not None
        if not long and len(self.candidates) < BOTH:
            raise InputError(
                f"{self.columns.where}: must have a column for each candidate, or columns "
                "'candidate' and 'share' - found neither; name them"
            )
        groups: dict[object, list[int]] = {}
        for i in range(len(self.columns)):
            key: object = i
            if long:
                parts = ("poll", "pollster", "start", "end", "round", "list", "n")
                key = tuple(self.text(part, i) for part in parts)
            groups.setdefault(key, []).append(i)
        self._days()
        built = [self._poll(rows, long=long) for rows in groups.values()]
        polls = [poll for poll in built if poll is not None]
        self._withdrawals()
        if any(self.stated[i] is None for i in range(len(self.columns))):
            self.notes.append("days of publication not given: taken to be the day after field work")
        return polls

    def _withdrawals(self) -> None:
        """Read the days on which candidates withdrew, one cell of each."""
        gone = self.column("withdrawn")
        if gone is not None and self._gone:
            cells = days_of_cells([gone[i] for i in self._gone.values()], self.columns, "withdrawn",
                                  latest=self.election_day)  # fmt: skip
            days = zip(self._gone, cells, strict=True)
            self.withdrawn = {name: day for name, (_, day) in days if day is not None}

    def _days(self) -> None:
        where = self.columns
        start, end = self.column("start"), self.column("end")
        blank: Sequence[object] = [""] * len(where)
        named = [n for n in self.roles.get("end", []) if n]
        near = self.column("month")
        years = [str(x) for x in near] if near is not None else None
        last = self.election_day
        both = [days_of_cells(self.columns.values[n], where, n, years, last) for n in named]
        n = len(where)
        self.ends = [next((b[i][1] for b in both if b[i][1]), None) for i in range(n)]
        starts = days_of_cells(start if start is not None else blank, where, "start", years, last)
        early = [next((b[i][0] for b in both if b[i][0]), None) for i in range(n)]
        self.starts = [s[0] or e for s, e in zip(starts, early, strict=True)]
        given = self.column("published")
        stated = days_of_cells(
            given if given is not None else blank, where, "published", None, last
        )
        self.stated = [x[1] for x in stated]
        if years is None and last:
            self._years_taken(named, last)
        if end is None and given is None:
            raise InputError(
                f"{where.where}: must have a column with the day each poll ended - found "
                f"{', '.join(where.names[:12])}; call it 'end'"
            )

    def _years_taken(self, names: Sequence[str], last: date) -> None:
        """Note which days had no year."""
        cells = [self.columns.values[name] for name in names]
        taken = [
            end for i, end in enumerate(self.ends) if any(lacks_year(str(c[i])) for c in cells)
        ]
        if days := [day for day in taken if day]:
            self.notes.append(
                f"days without a year: taken to be the last such days to {last}, "
                f"from {min(days)} on"
            )

    def _poll(self, rows: Sequence[int], *, long: bool) -> Poll | None:
        i = rows[0]
        said = self.text("pollster", i) or "unknown"
        pollster = self.known.setdefault(f"pollster: {folded(said)}", said)
        if is_result(pollster):
            self.notes.append(f"{self.columns.row(i)}: {said!r}: a result, not a poll; left out")
            return None
        answered, rest = self._answers(rows, long=long)
        given = {k: v for k, v in answered.items() if v is not None}
        if len(given) < BOTH or sum(given.values()) <= 0:
            return None
        second = self._is_second(i, given, rest)
        if self.text("excluded", i) and not second:
            self.notes.append(f"{self.columns.row(i)}: marked as not included; left out")
            return None
        if second and len(given) != BOTH:
            return None
        start, end, stated = self.starts[i], self.ends[i], self.stated[i]
        if self._is_over(i, second, end or stated):
            return None
        start = start if start and end and start <= end else None
        published = (
            max(stated, end) if stated and end else stated or (end and end + PUBLISHED_AFTER)
        )
        return self._made(
            i, given, rest, second=second, days=(start, end, published), pollster=pollster
        )

    def _made(
        self,
        i: int,
        given: Mapping[str, float],
        rest: Mapping[str, float | None],
        *,
        second: bool,
        days: tuple[date | None, date | None, date | None],
        pollster: str,
    ) -> Poll:
        named = sum(given.values())
        check_shares(self.columns.row(i), {**given, **rest})
        scale = 100.0 if named > LEAST_PERCENT else 1.0
        extra = self._extra(i, named, rest, percent=scale > 1)
        total = (named + sum(extra.values())) / scale
        if total > 1.25:
            raise InputError(
                f"{self.columns.row(i)}: shares must not exceed 100% together - found "
                f"{100 * total:.1f}%; correct them, or leave out columns that are no candidates"
            )
        silent = min((extra["undecided"] + extra["would_not_vote"] + extra["blank"]) / scale, 0.9)
        fit = min(1.0, 1.0 / max(total, 1e-9))
        try:
            return Poll(
                pollster=pollster,
                n=self._asked(i),
                shares={self._key(k): fit * v / scale for k, v in given.items()},
                undecided=fit * silent if silent else None,
                others=None if second or not extra["others"] else fit * extra["others"] / scale,
                start=days[0],
                end=days[1],
                published=days[2],
                sponsor=self.text("sponsor", i),
                round="runoff" if second else "first round",
                kind="exit poll"
                if "exit" in self.text("kind", i).casefold() or self._late(second, days[1])
                else "poll",
                note=self.text("list", i),
            )
        except InputError as error:
            raise InputError(f"{self.columns.row(i)}: {error}") from None

    def _extra(
        self, i: int, named: float, rest: Mapping[str, float | None], *, percent: bool
    ) -> dict[str, float]:
        """Return what named no candidate, on the scale of the shares."""
        extra = {k: rest[k] or 0.0 for k in ("undecided", "would_not_vote", "blank", "others")}
        if not any(
            "%" in str(self.columns.values[n][i]) for k in extra for n in self.roles.get(k, ())
        ):
            return on_one_scale(self.columns.row(i), named, extra, percent=percent)
        return extra

    def _asked(self, i: int) -> int | None:
        """Return how many people were asked; None if no number says so."""
        cell = self.text("n", i)
        n = people_asked(cell)
        if n is None and any(map(str.isdigit, cell)):
            raise InputError(
                f"{self.columns.row(i)}, 'n': {NO_PEOPLE} - found {cell[:40]!r}; {ESTIMATE}, or "
                "leave it empty"
            )
        return n

    def _is_over(self, i: int, second: bool, end: date | None) -> bool:
        """Return whether a first round was asked about when it was counted, and note it."""
        day = self.election_day
        over = not second and day is not None and end is not None and end > day
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

    def _answers(
        self, rows: Sequence[int], *, long: bool
    ) -> tuple[dict[str, float | None], dict[str, float | None]]:
        """Return shares of candidates, and of everything else that was answered."""
        rest: dict[str, float | None] = {
            role: self._sum(role, rows[0])
            for role in ("undecided", "would_not_vote", "blank", "others")
        }
        if not long:
            values = self.columns.values
            return {c: _number(values[c][rows[0]]) for c in self.candidates}, rest
        share = self.column("share")
        assert share is not None
        given: dict[str, float | None] = {}
        gone = self.column("withdrawn")
        for i in rows:
            value, name = _number(share[i]), self.text("full name", i) or self.text("candidate", i)
            role = role_of_answer(name)
            if role in rest:
                rest[role] = (rest[role] or 0.0) + (value or 0.0)
            elif value is not None and name:
                given[name] = value
                if gone is not None and not _empty(gone[i]):
                    self._gone[self._key(name)] = i
        return given, rest

    def _sum(self, role: str, i: int) -> float | None:
        cells = [_number(self.columns.values[name][i]) for name in self.roles.get(role, ())]
        named = [x for x in cells if x is not None]
        return sum(named) if named else None

    def _is_second(
        self, i: int, given: Mapping[str, float], rest: Mapping[str, float | None]
    ) -> bool:
        said = folded(self.text("round", i))
        if said:
            return bool(SECOND.search(said))
        return len(given) == BOTH and not rest["others"]


def _empty(cell: object) -> bool:
    return is_missing(cell) or str(cell).strip().casefold() in UNKNOWN


def _number(cell: object) -> float | None:
    """Return a share as it is written, None if there is none."""
    if _empty(cell):
        return None
    text = re.sub(r"[\s%]", "", str(cell))
    less = text.startswith(("<", "\N{LESS-THAN OR EQUAL TO}"))
    text = text.lstrip("<>~\N{LESS-THAN OR EQUAL TO}")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    if not 0 <= value < 1e9:
        return None
    return value / 2 if less else value
