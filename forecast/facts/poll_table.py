"""From a table of polls to polls: percent or fractions, cross-tabs, days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.polls import ROUNDING, Answers, Poll
from forecast.files.columns import Columns

__all__ = ["polls_of_table"]

WORDS = ("pollster", "sponsor", "side", "round", "kind", "base", "source")
DAYS = ("start", "end", "published")
OLD_WORDS = {"known": "published"}
"""Columns by the names they had in version 0.1.0, which are still read."""
FRACTIONS = ("undecided", "would_not_vote")
NO_CANDIDATES = ("poll", "origin", "n", "design_effect", "other", "note")
NOT_PUBLISHED = frozenset(
    ("", "-", "\N{EN DASH}", "\N{EM DASH}", "nan", "none", "nat", "<na>", "na", "n/a")
)
"""How tables leave a cell empty, in small letters."""
SPACES = re.compile(r"[\s\u00a0\u202f\u2009]")
PEOPLE = re.compile(r"^\d{1,3}([.,'\N{RIGHT SINGLE QUOTATION MARK}]\d{3})+$")
"""Numbers of people with marks between the thousands."""
LEAST_PERCENT = 5.0
"""Least sum of a poll's candidates that can be percent."""


def polls_of_table(columns: Columns, contest: Contest) -> tuple[Poll, ...]:
    """Return the polls of a table, see `forecast.read_polls`.

    Raises
    ------
    InputError
        If a column or a cell breaks a rule.

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
    table = _Table.of(columns, contest)
    groups: dict[object, list[int]] = {}
    for i in range(len(columns)):
        groups.setdefault(table.text("poll", i) or i, []).append(i)
    return tuple(table.poll(rows, contest) for rows in groups.values())


@dataclass(frozen=True, kw_only=True)
class _Table:
    """The columns of a table of polls, what `shares` must be divided by, and the candidates."""

    columns: Columns
    candidates: tuple[str, ...]
    percent: bool

    @classmethod
    def of(cls, columns: Columns, contest: Contest) -> _Table:
        """Return it; raise `InputError` if a column is nobody's."""
        known = (*WORDS, *DAYS, *FRACTIONS, *NO_CANDIDATES)
        values: dict[str, Sequence[object]] = {}
        for name in columns.names:
            word = name.strip().casefold()
            word = OLD_WORDS.get(word, word)
            values[word if word in known and word not in columns.names else name] = columns.values[
                name
            ]
        columns = Columns(where=columns.where, values=values, first_line=columns.first_line)
        columns.require("pollster", "n")
        candidates = tuple(name for name in columns.names if name not in known)
        keys = {}
        for name in candidates:
            try:
                keys[name] = contest.key(name)
            except InputError as error:
                raise InputError(f"{columns.where}: column {name!r} - {error}") from None
        table = cls(columns=columns, candidates=candidates, percent=False)
        finalists = [name for name in candidates if keys[name] in contest.finalists]
        return cls(columns=columns, candidates=candidates, percent=table._is_percent(finalists))

    def _is_percent(self, finalists: Sequence[str]) -> bool:
        """Return whether plain numbers are percent: one scale for the whole table.

        Fractions of one poll do not exceed one together, percent exceed five: whatever lies
        between, or a table with both, is refused.
        """
        sums = {}
        for i in range(len(self.columns)):
            plain = [self.number(c, i) for c in self.candidates if "%" not in self.text(c, i)]
            named = [x for x in plain if x is not None]
            if any(named):
                sums[i] = sum(named)
        small = [i for i, x in sums.items() if x <= 1 + ROUNDING]
        large = [i for i, x in sums.items() if x >= LEAST_PERCENT]
        if small and large:
            raise InputError(
                f"{self.columns.where}: shares must be all percent or all fractions - found "
                f"{sums[small[0]]:.4g} in all in {self._row(small[0])} and {sums[large[0]]:.4g} in "
                f"{self._row(large[0])}; write them alike"
            )
        for i in large:
            for name in finalists:
                if 0 < (self.number(name, i) or 0.0) < 1 and "%" not in self.text(name, i):
                    raise InputError(
                        f"{self._row(i)}, {name!r}: shares must be all percent or all fractions - "
                        f"found {self.text(name, i)!r} beside percent; write them alike"
                    )
        return bool(large) or not sums

    def _row(self, i: int) -> str:
        return self.columns.row(i)

    def poll(self, rows: Sequence[int], contest: Contest) -> Poll:
        """Return the poll of rows that belong together."""
        heads = [i for i in rows if not self.text("origin", i)]
        if len(heads) > 1:
            raise InputError(
                f"{self._row(heads[1])}: a poll must have one row without an origin - found "
                "another of the same poll; give it a name of its own"
            )
        head = heads[0] if heads else rows[0]
        facts: dict[str, Any] = {w: self.text(w, head) for w in WORDS if self.text(w, head)}
        facts |= {name: self.day(name, head) for name in DAYS}
        design = self.number("design_effect", head)
        facts |= {} if design is None else {"design_effect": design}
        facts["note"] = "shares read as percent" if self._reads_percent(rows) else ""
        if heads:
            facts |= self.answers(head)
        try:
            rest = {
                self.text("origin", i): Answers(
                    base=facts.get("base", "everybody"), **self.answers(i)
                )
                for i in rows
                if i not in heads
            }
            return Poll(by_origin=rest, **{"pollster": ""} | facts).of(contest)
        except InputError as error:
            raise InputError(f"{self._row(head)}: {error}") from None

    def _reads_percent(self, rows: Sequence[int]) -> bool:
        return self.percent or any("%" in self.text(c, i) for c in self.candidates for i in rows)

    def answers(self, i: int) -> dict[str, Any]:
        """Return the fields of `Answers` but for the base."""
        shares = {name: self.fraction(name, i) for name in self.candidates}
        found: dict[str, Any] = {name: self.fraction(name, i) for name in FRACTIONS}
        found["n"] = self.people(i)
        found["shares"] = {name: x for name, x in shares.items() if x is not None}
        return found

    def text(self, name: str, i: int) -> str:
        """Return a cell as text, empty if it was not published or there is no such column."""
        values: Mapping[str, Sequence[object]] = self.columns.values
        cell = str(values[name][i]).strip() if name in values else ""
        return "" if cell.casefold() in NOT_PUBLISHED else cell

    def number(self, name: str, i: int) -> float | None:
        """Return a cell as a number, without its percent sign; a comma may stand for the point."""
        cell = self.text(name, i)
        plain = SPACES.sub("", cell).removesuffix("%")
        if plain.count(",") == 1 and "." not in plain:
            plain = plain.replace(",", ".")
        try:
            value = float(plain) if cell else None
        except ValueError:
            value = float("nan")
        if value is not None and not abs(value) < float("inf"):
            raise InputError(
                f"{self._row(i)}, {name!r}: must be a number such as 0.42 or 42% - found "
                f"{cell[:40]!r}; leave it empty if it was not published"
            )
        return value

    def fraction(self, name: str, i: int) -> float | None:
        """Return a cell as a fraction."""
        value = self.number(name, i)
        if value is not None and (self.percent or self.text(name, i).endswith("%")):
            value = round(value / 100, 12)
        return value

    def people(self, i: int) -> float | int | None:
        """Return the number of people asked."""
        cell = SPACES.sub("", self.text("n", i))
        if PEOPLE.match(cell):
            return int(re.sub(r"\D", "", cell))
        n = self.number("n", i)
        return int(n) if n is not None and n == int(n) else n

    def day(self, name: str, i: int) -> date | None:
        """Return a cell as a day."""
        cell = self.text(name, i).removesuffix(" 00:00:00")
        try:
            return date.fromisoformat(cell) if cell else None
        except ValueError:
            raise InputError(
                f"{self._row(i)}, {name!r}: must be a day like 2018-11-23 - found {cell[:40]!r}"
            ) from None
