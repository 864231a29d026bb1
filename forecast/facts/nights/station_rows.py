"""Rows of polling stations where the first round is told by what they are parts of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from forecast.arrays import grouped
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.nights.ballot_kinds import NAMED, unit_cells
from forecast.facts.nights.progress import MOST_CHANGE, NEARLY, Progress
from forecast.facts.tables.counted_cells import kinds_of
from forecast.facts.tables.last_reports import UNSAID, Report, about
from forecast.facts.tables.report_order import (
    VERSIONS,
    are_times,
    bulletin_numbers,
    numbers_bulletins,
)
from forecast.facts.tables.roles_said import role_in
from forecast.facts.words.column_words import counts_places, is_total, role_of, words_of
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

PLACES, UNKNOWN = frozenset(("unit", "region")), frozenset(("", "code", "source"))
"""Roles of columns that name stations, and of those that may."""
NAMES = PLACES | {"code", "source"}
"""Roles of words of the former."""
STATES = frozenset(("state", "part", "percent"))
"""Kinds of text that says how much is counted, and names nothing."""
WHOLE, TWICE = 0.9, 1.5
"""A list over that of its unit from which it is the unit's, and those that are there twice."""
LISTED = 0.99
"""Fewest people on the lists of all stations, over those of their unit in the first round."""
FALLS = 0.1
"""Votes that a row has fewer than one before, as a fraction, that is no later report."""
NEAR = 0.02
"""How far the lists of stations may be from that of their unit in the first round."""


def station_columns(columns: Columns, contest: Contest, people: Collection[str]) -> tuple[str, ...]:
    """Return the columns that tell stations of a unit apart, empty if rows are of whole units.

    They speak of places; or it is one of other names or numbers of which no pair with a unit
    repeats. Where lists are known these decide: reports of a unit all have its list, and those of
    its stations sum up to it. `people` are the columns of votes. Raises `InputError` if rows may be
    of stations, and nothing tells for certain.
    """
    rows = _rows(columns, contest, people)
    if rows is None:
        return ()
    free = [n for n in columns.free if n not in (*NAMED, *people)]
    ordering = [n for n in free if _orders(n, columns.values[n])]
    ordered = ordering or {"reported", "version"}.intersection(
        (*columns.said.values(), *columns.names)
    )
    cells = {n: columns.values[n] for n in free if n not in (rows.name, *ordering)}
    apart = {n: c for n, c in cells.items() if rows.apart(c) and not kinds_of(c) & STATES}
    named = [n for n in apart if PLACES.intersection(words_of(n)) and NAMES.issuperset(words_of(n))]
    named = [n for n in named if (rows.several or role_of(n) == "unit") and not counts_places(n)]
    others = [n for n, own in apart.items() if role_of(n) in UNKNOWN and rows.once(own)]
    lists = rows.lists_of(_joined(columns, named))
    single = named and (lists or rows.few_are_named_by(_joined(columns, named)))
    if lists == "whole" or not (rows.several or single):
        return ()
    if named:
        return tuple(named)
    if others and lists and (rows.falls or lists == "sums"):
        return (others[0],)
    doubt = lists == "sums" or rows.falls if lists else others and rows.may_be_parts
    if ordered or not doubt:
        return ()
    unit = next(iter(rows.several))
    raise InputError(
        f"{columns.where}: the last report of a unit must be the latest, and its polling stations "
        f"must be told apart - {len(rows.several)} units have several rows, such as {unit!r}, that "
        "may be either; call the column of stations 'station', or one that says when 'reported', "
        "or give one row per unit"
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Rows of units that may be of their stations: by unit, with votes and lists."""

    name: str
    of: Mapping[str, Sequence[int]]
    votes: Any
    lists: Any
    before: Mapping[str, int]
    registered: Mapping[str, int]

    @property
    def several(self) -> dict[str, Sequence[int]]:
        """Units of several rows."""
        return {unit: rows for unit, rows in self.of.items() if len(rows) > 1}

    def apart(self, cells: Sequence[object]) -> bool:
        """Return whether every row has a cell, and those of some unit differ."""
        groups = [{str(cells[i]) for i in rows} for rows in self.several.values()]
        missing = any(is_missing(cells[i]) for rows in self.of.values() for i in rows)
        return not missing and (not groups or max(map(len, groups)) > 1)

    def once(self, cells: Sequence[object]) -> bool:
        """Return whether no pair of a unit and a cell repeats."""
        return all(len({str(cells[i]) for i in own}) == len(own) for own in self.of.values())

    def few_are_named_by(self, parts: Sequence[str]) -> bool:
        """Return whether units share stations such as "1", and have fewer votes than before."""
        votes = np.array([int(self.votes[[*rows]].sum()) for rows in self.of.values()])
        before = np.array([self.before[unit] for unit in self.of])
        full = Progress(votes=votes, before=before).looks_full
        return not full and 2 * len({*parts}) <= len(self.of)

    @property
    def may_be_parts(self) -> bool:
        """Return whether the votes of rows may be parts of those of the first round.

        Those of the last rows are clearly fewer, and those of all rows not more than can be.
        """
        known = {unit: rows for unit, rows in self.several.items() if self.before[unit] > 0}
        sums = [self.votes[[*rows]].sum() / self.before[unit] for unit, rows in known.items()]
        last = [self.votes[rows[-1]] / self.before[unit] for unit, rows in known.items()]
        return bool(known) and np.median(last) < NEARLY and np.median(sums) < 1 / MOST_CHANGE

    @property
    def falls(self) -> bool:
        """Return whether a row has clearly fewer votes than the one of its unit before it."""
        pairs = [pair for rows in self.of.values() for pair in pairwise(rows)]
        return any(self.votes[b] < (1 - FALLS) * self.votes[a] for a, b in pairs)

    def lists_of(self, parts: Sequence[str]) -> str:
        """Return what lists are of: "whole" units, "parts", those that are "sums", or nothing."""
        sums, least = list[float](), list[float]()
        for unit, rows in self.of.items():
            every = self.registered.get(unit, 0)
            if self.lists is not None and every > 0:
                own = {parts[i] if parts else i: int(self.lists[i]) for i in rows}
                sums.append(sum(own.values()) / every)
                least.append(min(own.values()) / every)
        if not sums:
            return ""
        total = float(np.median(sums))
        if float(np.median(least)) >= WHOLE or total > TWICE:
            return "whole"
        return "sums" if abs(total - 1) < NEAR else "parts"


def _rows(columns: Columns, contest: Contest, people: Collection[str]) -> _Rows | None:
    """Return the rows of each unit, None if none is known or votes are no whole numbers."""
    name, units = unit_cells(columns, contest.units)
    if not units or not columns.of_kind("whole", people):
        return None
    listed = (n for n in columns.names if role_in(columns, n) == "registered")
    lists = columns.of_kind("whole", listed)
    counts = columns.sound_counts((*people, *lists))
    if counts.keys() < {*people, *lists}:
        return None
    totals = [[is_total(str(c), whole=True) for c in columns.values[n]] for n in columns.names
              if PLACES.intersection(words_of(n))]  # fmt: skip
    summed = np.any(totals, axis=0) if totals else np.zeros(len(columns), dtype=bool)
    of = grouped((units[i], i) for i in np.flatnonzero(~summed).tolist())
    here = frozenset(contest.units)
    known = {unit: own for unit, own in of.items() if unit in here}
    registered = () if contest.registered is None else contest.registered.tolist()
    return _Rows(
        name=name,
        of=known,
        votes=np.sum([counts[n] for n in people], axis=0),
        lists=counts[lists[0]] if lists else None,
        before=dict(zip(contest.units, contest.votes.sum(axis=1).tolist(), strict=True)),
        registered=dict(zip(contest.units, registered, strict=False)),
    )


def _orders(name: str, cells: Sequence[object]) -> bool:
    """Return whether a column says which report of a unit is the later."""
    words = set(folded(name).split())
    numbers = numbers_bulletins(name) or bulletin_numbers(cells) is not None
    return numbers or not VERSIONS.isdisjoint(words) or are_times(cells, words)


def _joined(columns: Columns, names: Sequence[str]) -> list[str]:
    """Return the cells of some columns as one text per row, empty without columns."""
    rows = zip(*(columns.values[n] for n in names), strict=True)
    return [" ".join(str(cell).strip() for cell in row) for row in rows]


def stations_of(columns: Columns, names: Sequence[str]) -> tuple[str, ...]:
    """Return the station of every row; that of a row that sums up others is an empty text."""
    parts = _joined(columns, names) or [""] * len(columns)
    return tuple("" if is_total(part, whole=True) else part for part in parts)


def whole_units(
    reports: Mapping[str, Report], contest: Contest | None
) -> tuple[dict[str, Report], list[str]]:
    """Return the reports of units, those of stations summed up, and what to say of it.

    A unit is counted as far as its stations are, by their lists where these are known. Where they
    have fewer people than the unit in the first round, others are still to come; where nobody says
    so, a unit with far fewer votes is not counted in full. Raises `InputError` if a unit is
    reported as a whole, and by stations, too.
    """
    of = grouped((report.unit, report) for report in reports.values())
    parted = {unit: own for unit, own in of.items() if any(r.part for r in own)}
    if not parted:
        return dict(reports), []
    for unit, own in parted.items():
        if not all(r.part for r in own):
            raise InputError(
                f"returns: a unit must be reported as a whole, or by polling stations - {unit!r} "
                "is both; leave out the rows that sum up others, or the older file"
            )
    found = {unit: _summed(own) if unit in parted else own[0] for unit, own in of.items()}
    short = {} if contest is None else _short(found, parted, contest)
    return found | short, about(
        [*short], "of which polling stations seem to be missing, counted in part"
    )


def _summed(stations: Sequence[Report]) -> Report:
    """Return the report of a unit that its stations make."""
    lists, invalid = [r.listed for r in stations], [r.invalid for r in stations]
    weights = lists if min(lists) >= 0 and any(lists) else [1] * len(stations)
    pairs = zip(weights, stations, strict=True)
    done = sum(w * report.fraction for w, report in pairs if not report.silent)
    return replace(
        stations[0],
        part="",
        votes=tuple(map(sum, zip(*(r.votes for r in stations), strict=True))),
        fraction=done / sum(weights),
        unsaid=any(r.unsaid for r in stations),
        silent=all(r.silent for r in stations),
        listed=sum(lists) if min(lists) >= 0 else -1,
        invalid=sum(invalid) if min(invalid) >= 0 else -1,
    )


def _short(
    found: Mapping[str, Report], parted: Collection[str], contest: Contest
) -> dict[str, Report]:
    """Return the reports of units of which stations seem to be missing, counted in part."""
    place = {unit: u for u, unit in enumerate(contest.units)}
    units = [unit for unit in parted if unit in place]
    here = [place[unit] for unit in units]
    votes = np.array([sum(found[unit].votes) for unit in units])
    before = contest.votes[here].sum(axis=1)
    full = Progress(votes=votes, before=before).looks_full
    short = {}
    for unit, now, then in zip(units, votes.tolist(), before.tolist(), strict=True):
        report = found[unit]
        lists = contest.registered is not None and contest.electorate == "registered"
        every = int(contest.registered[place[unit]]) if contest.registered is not None else 0
        if lists and report.listed >= 0 and every > 0:
            if report.listed < LISTED * every:
                part = report.listed / every
                short[unit] = replace(report, fraction=part * report.fraction)
        elif not full and report.fraction >= 1 and now < NEARLY * then:
            short[unit] = replace(report, fraction=UNSAID, unsaid=True)
    return {unit: report for unit, report in short.items() if report.fraction}
