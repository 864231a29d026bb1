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
from forecast.files.columns import MAX_COUNT, Columns

__all__ = [
    "ESTIMATE",
    "NO_PEOPLE",
    "check_shares",
    "on_one_scale",
    "people_asked",
    "polls_of_table",
]

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
PEOPLE = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,' \N{RIGHT SINGLE QUOTATION MARK}]\d{3})+(?!\d)"
                    r"|\d+(?:[.,]\d+)?")  # fmt: skip
"""Numbers of people, with marks between the thousands or without."""
FOOTNOTE = re.compile(r"\[\w{1,3}\]")
NO_PEOPLE = "must be the number of people asked, from 1, such as 1000 or 'about 1000'"
ESTIMATE = "write how many were asked, or an estimate if that is not known"
THOUSAND = re.compile(r"\s*k\b", re.I)
PERCENT = 100.0
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


def people_asked(cell: str) -> int | None:
    """Return the one number of people that a cell has, None if there is no such number.

    Examples
    --------
    >>> [people_asked(cell) for cell in ("about 1000", "ca. 1,000", "1.5k", "1\u202f004 LV[a]")]
    [1000, 1000, 1500, 1004]
    >>> [people_asked(cell) for cell in ("1000-1200", "-5", "48%", "0.5", "many")]
    [None, None, None, None, None]
    """
    text = SPACES.sub(" ", FOOTNOTE.sub("", cell)).strip()
    found = list(PEOPLE.finditer(text))
    if len(found) != 1 or "%" in text or text.startswith("-"):
        return None
    number, after = found[0][0], text[found[0].end() :]
    if THOUSAND.match(after):
        size = 1000 * float(number.replace(",", "."))
    elif re.fullmatch(r"\d+[.,]\d+", number) and not re.fullmatch(r"\d{1,3}[.,]\d{3}", number):
        size = float(number.replace(",", "."))
    else:
        size = float(re.sub(r"\D", "", number))
    return int(size) if 1 <= size < MAX_COUNT and size == int(size) else None


def check_shares(where: str, shares: Mapping[str, float | None]) -> None:
    """Raise `InputError` if a share, as written, is more than 100."""
    for name, value in shares.items():
        if value is not None and value > PERCENT:
            raise InputError(
                f"{where}, {name!r}: a share must be at most 100% - found {value:g}; if these are "
                "numbers of people divide them by n"
            )


def on_one_scale(
    where: str, named: float, rest: Mapping[str, float], *, percent: bool, decided: bool = False
) -> dict[str, float]:
    """Return the undecided and others on the scale of the candidates' shares.

    Parameters
    ----------
    where : str
        The row, for messages.
    named : float
        Sum of the candidates' shares, as written.
    rest : mapping of str to float
        Other answers, as written.
    percent : bool
        Whether the shares are percent.
    decided : bool
        Whether they are shares of the decided, so that no sum says anything.

    Raises
    ------
    InputError
        If some seem to be of another scale, and the sum does not say so.

    Examples
    --------
    >>> on_one_scale("row 2", 90, {"undecided": 0.1}, percent=True)
    {'undecided': 10.0}
    """
    odd = {k: x for k, x in rest.items() if (0 < x < 1 if percent else x > 1)}
    if not odd:
        return dict(rest)
    whole, factor = (PERCENT, PERCENT) if percent else (1.0, 1 / PERCENT)
    alike = (named + sum(rest.values())) / whole
    mixed = alike + sum(odd.values()) * (factor - 1) / whole
    if not decided and abs(mixed - 1) <= ROUNDING < abs(alike - 1):
        return {**rest, **{k: x * factor for k, x in odd.items()}}
    if not decided and percent and (abs(alike - 1) <= ROUNDING or mixed > 1 + ROUNDING):
        return dict(rest)
    name, value = next(iter(odd.items()))
    raise InputError(
        f"{where}, {name!r}: must be {'percent' if percent else 'a fraction'}, as the shares of "
        f"candidates are - found {value:g} beside {named:g} in all for them; write "
        f"{f'{PERCENT * value:g} or {value:g}%' if percent else f'{value / PERCENT:g}'}"
    )


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
        decided = facts.get("base") == "decided"
        design = self.number("design_effect", head)
        facts |= {} if design is None else {"design_effect": design}
        facts["note"] = "shares read as percent" if self._reads_percent(rows) else ""
        if heads:
            facts |= self.answers(head, decided=decided)
        try:
            rest = {
                self.text("origin", i): Answers(
                    base=facts.get("base", "everybody"), **self.answers(i, decided=decided)
                )
                for i in rows
                if i not in heads
            }
            return Poll(by_origin=rest, **{"pollster": ""} | facts).of(contest)
        except InputError as error:
            raise InputError(f"{self._row(head)}: {error}") from None

    def _reads_percent(self, rows: Sequence[int]) -> bool:
        return self.percent or any("%" in self.text(c, i) for c in self.candidates for i in rows)

    def answers(self, i: int, *, decided: bool) -> dict[str, Any]:
        """Return the fields of `Answers` but for the base."""
        check_shares(self._row(i), {c: self.number(c, i) for c in (*self.candidates, *FRACTIONS)})
        shares = {name: self.fraction(name, i) for name in self.candidates}
        found = self._rest(i, shares, decided=decided)
        found["n"] = self.people(i)
        found["shares"] = {name: x for name, x in shares.items() if x is not None}
        return found

    def _rest(self, i: int, shares: Mapping[str, float | None], *, decided: bool) -> dict[str, Any]:
        """Return who named nobody, as fractions."""
        found: dict[str, Any] = {name: self.fraction(name, i) for name in FRACTIONS}
        plain = {
            name: number
            for name in FRACTIONS
            if (number := self.number(name, i)) is not None and "%" not in self.text(name, i)
        }
        whole = PERCENT if self.percent else 1.0
        named = whole * sum(x or 0.0 for x in (*shares.values(), self.fraction("other", i)))
        held = on_one_scale(self._row(i), named, plain, percent=self.percent, decided=decided)
        return found | {name: round(x / whole, 12) for name, x in held.items()}

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

    def people(self, i: int) -> int | None:
        """Return the number of people asked."""
        cell = self.text("n", i)
        n = people_asked(cell)
        if cell and n is None:
            raise InputError(f"{self._row(i)}, 'n': {NO_PEOPLE} - found {cell[:40]!r}; {ESTIMATE}")
        return n

    def day(self, name: str, i: int) -> date | None:
        """Return a cell as a day."""
        cell = self.text(name, i).removesuffix(" 00:00:00")
        try:
            return date.fromisoformat(cell) if cell else None
        except ValueError:
            raise InputError(
                f"{self._row(i)}, {name!r}: must be a day like 2018-11-23 - found {cell[:40]!r}"
            ) from None
