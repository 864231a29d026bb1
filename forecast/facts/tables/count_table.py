"""Counts by unit as a table of any layout tells them: the one way to read them for either round."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, frozen
from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.tables.asides import asides, further, signed
from forecast.facts.tables.column_roles import NO_COUNTS, column_roles
from forecast.facts.tables.counted_cells import (
    ballots_counted,
    counted_pair,
    is_within,
    may_be_stations,
    parts_counted,
    people_counted,
)
from forecast.facts.tables.layouts import Layout, laid_out, round_column
from forecast.facts.tables.long_tables import of_ranks
from forecast.facts.tables.offices import refuse_two_elections
from forecast.facts.tables.rates import all_percent
from forecast.facts.tables.roles_said import ColumnRoles
from forecast.facts.tables.totals import rate_rows, total_rows
from forecast.facts.tables.unit_columns import (
    EVERYWHERE,
    joined,
    likeliest,
    require_unit,
    unit_choices,
)
from forecast.facts.tables.worded_parts import with_plain_parts
from forecast.facts.words.column_words import role_of, words_of
from forecast.facts.words.names import matched_people, matched_units
from forecast.facts.words.poll_words import role_of_column
from forecast.files.columns import Columns
from forecast.files.numbers import given_texts, is_missing, part_of_whole
from forecast.files.percentages import refuse_fractional_shares, votes_of_percentages
from forecast.files.text import in_short

COUNT = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[\s.,]\d{3})+|\d{5,})(?!\d)")
"""A large number in a line above a table, such as its sums, but no day and no year."""
OF_POLLS, FEWEST_OF_POLLS = ("pollster", "start", "end", "n"), 2
"""What columns of polls say, and how many of them tell that a table is one of polls."""
OF_COUNTS = ("unit", "region", "contest", "registered", "ballots", "valid", "invalid", "votes")
"""What columns of counts say."""
FEW, SLIGHTLY = 0.05, 0.002
"""Units that may have more votes than ballots, and how many votes more those of many have."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CountTable:
    """Counts of one round.

    Parameters
    ----------
    columns : Columns
        The rows, for messages; column `unit` names them.
    units : tuple of str
        Name of each row.
    roles : ColumnRoles
        What the columns were taken for.
    candidates : tuple of str
        Columns of votes.
    votes : ndarray of int64, shape (row, candidate)
        Votes, 0 where there is no number.
    given : ndarray of bool, shape (row, candidate)
        Where there is a number.
    registered, ballots, valid, invalid, abstention : ndarray of int64, shape (row,), or None
        Other counts, where there is a column of them; `invalid` is the sum of its columns.
    regions : tuple of str or None
        Region of each row.
    rounds : tuple of int
        Rounds that the file has.
    rows_name_candidates : bool
        Whether a missing number means that nobody could vote for a candidate here.
    notes : tuple of str
        What a reader should know, one sentence each.
    sums : tuple of str
        Names of the rows that were left out as sums of others.
    """

    columns: Columns
    units: tuple[str, ...]
    roles: ColumnRoles
    candidates: tuple[str, ...]
    votes: IntArray
    given: npt.NDArray[np.bool_]
    registered: IntArray | None = None
    ballots: IntArray | None = None
    valid: IntArray | None = None
    invalid: IntArray | None = None
    abstention: IntArray | None = None
    regions: tuple[str, ...] | None = None
    rounds: tuple[int, ...] = ()
    rows_name_candidates: bool = False
    notes: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()

    @property
    def totals(self) -> dict[str, int]:
        """Votes of each candidate over all units."""
        return dict(zip(self.candidates, self.votes.sum(axis=0).tolist(), strict=True))

    @property
    def source(self) -> str:
        """What its column `source` says, empty if there is none."""
        told = "source" in self.columns.values
        return "; ".join(dict.fromkeys(self.columns.texts("source"))) if told else ""

    def places(self, people: Iterable[str]) -> list[int]:
        """Return the positions of some candidates."""
        return [self.candidates.index(name) for name in people]

    def counted(self, people: Iterable[str]) -> IntArray:
        """Return the votes of some candidates and the invalid ballots of each row."""
        votes: IntArray = self.votes[:, self.places(people)].sum(axis=1)
        return votes if self.invalid is None else votes + np.maximum(self.invalid, 0)

    def said(self, role: str) -> Sequence[object] | None:
        """Return the cells of the first column of a role, None where there is none."""
        names = self.roles.of(role)
        return self.columns.values[names[0]] if names else None

    def select(self, rows: npt.NDArray[Any]) -> CountTable:
        """Return some rows only."""
        kept = rows.tolist()
        arrays = ("votes", "given", "registered", "ballots", "valid", "invalid", "abstention")
        part: dict[str, Any] = {
            n: None if getattr(self, n) is None else getattr(self, n)[kept] for n in arrays
        }
        return replace(
            self,
            columns=self.columns.select(kept),
            units=tuple(self.units[i] for i in kept),
            regions=None if self.regions is None else tuple(self.regions[i] for i in kept),
            **part,
        )

    def of(self, people: Iterable[str], note: str) -> CountTable:
        """Return some candidates only, with one more note."""
        kept = self.places(people)
        return replace(
            self,
            candidates=tuple(self.candidates[k] for k in kept),
            votes=frozen(self.votes[:, kept]),
            given=self.given[:, kept],
            notes=(*self.notes, note),
        )


def count_table(
    columns: Columns,
    which: int,
    *,
    known: Mapping[str, str] | None = None,
    units: Collection[str] = (),
    known_sums: Collection[str] = (),
) -> CountTable:
    """Return the counts of one round that a table tells.

    Parameters
    ----------
    columns : Columns
        A table of any layout of `forecast.facts.tables.layouts`.
    which : {1, 2}
        The round, where the table has both.
    known : mapping of str to str, optional
        Every writing of a candidate's name, and whom it means.
    units : collection of str
        Units that are known.
    known_sums : collection of str
        Rows of the first round's table that were sums of units.

    Raises
    ------
    InputError
        If the table has no units or candidates, holds percentages, or a cell breaks a rule.
    """
    _refuse_polls(columns)
    changes = [name for name in signed(columns) if name not in columns.said and not role_of(name)]
    columns = of_ranks(columns.without(changes))
    layouts = laid_out(columns, units)
    by_column = round_column(columns) if len(layouts) > 1 else ""
    layout = layouts.get(which) or layouts.get(0) or next(iter(layouts.values()))
    listed = layout.columns.names
    layout, named = _with_units(layout, units)
    layout = _with_stations(_without_rates(layout, units))
    beside = {**asides(layout.columns.names), **further(layout.columns.names)}
    people = people_among([n for n in layout.columns.names if n not in beside], known or {})
    roles = column_roles(
        layout.columns,
        candidates=people,
        rows=layout.candidates,
        front=listed[: max((listed.index(n) for n in named if n in listed), default=0)],
    )
    if not (known or layout.candidates):
        named_people = [n for n in roles.of("candidate") if n not in columns.said]
        refuse_two_elections(columns.where, named_people)
    roles, layout = _percentages(layout, roles)
    table = replace(
        _counts(layout, roles, tuple(sorted(layouts))),
        notes=(
            *_told(roles, layout, named, columns, by_column),
            *layout.columns.notes,
            *[Message("changes left out: {names}", names=in_short(changes))] * bool(changes),
        ),
    )
    more = (table.registered, table.ballots, table.invalid)
    everything = [*table.votes.T, *(np.maximum(x, 0) for x in more if x is not None)]
    sure = {*units, *matched_units(table.units, tuple(units))} if units else ()
    codes = [n for n in table.columns.names if role_of(n) == "code"]
    sums = total_rows(
        columns.where,
        table.units,
        everything,
        units=sure,
        known=known_sums,
        regions=table.regions,
        codes=[[str(cell) for cell in table.columns.values[n]] for n in codes],
    )
    kept = np.setdiff1d(np.arange(len(table.units)), sums.rows)
    if sums.rows.size and not kept.size:
        raise InputError(
            f"{columns.where}: needs rows of units - all are sums of units in the first round, "
            f"such as {table.units[0]!r}; give the rows they are made of"
        )
    names = tuple(table.units[u] for u in sums.rows.tolist())
    table = table.select(kept) if sums.rows.size else table
    return _without_issued(replace(table, sums=names, notes=(*table.notes, *sums.notes)))


def _without_issued(table: CountTable) -> CountTable:
    """Return a table without ballots that are a little fewer than those counted, in many units.

    These were handed out, and some were found in another box than theirs or not written down.
    """
    if table.ballots is None or table.invalid is None:
        return table
    counted = table.counted(table.candidates)
    over = np.where(table.ballots < 0, 0, np.maximum(counted - table.ballots, 0))
    few = np.count_nonzero(over) <= FEW * len(over)
    if few or over.sum() > SLIGHTLY * counted.sum() or 2 * np.count_nonzero(over) > len(over):
        return table
    said = (
        "{column} is not used: in {n} of {units} units it is less than what was counted, by "
        "{over} ballots in all"
    )
    n, column = int(np.count_nonzero(over)), table.roles.of("ballots")[0]
    note = Message(said, column=column, n=n, units=len(over), over=int(over.sum()))
    return replace(table, ballots=None, notes=(*table.notes, note))


def _refuse_polls(columns: Columns) -> None:
    """Raise `InputError` if a table says who asked and when, and nothing of places or ballots."""
    names = columns.free
    asked = {role: name for name in names if (role := role_of_column(name)) in OF_POLLS}
    if columns.said or len(asked) < FEWEST_OF_POLLS or "pollster" not in asked:
        return
    if not any(role_of(name) in OF_COUNTS for name in names if name not in asked.values()):
        raise InputError(
            f"{columns.where}: must be counts of votes - found "
            f"{', '.join(map(repr, asked.values()))}, which tables of polls have; give polls about "
            "a runoff with polls= (--polls) beside the first round; polls before a first round go "
            "to read_election() ('forecast before', or 'forecast timeline' with --election-day)"
        )


def people_among(found: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of people; beside those of their votes none of percentages or leads."""
    plain = [n for n in found if not {"percent", "margin"} & {*map(role_of, n.split()), role_of(n)}]
    meant = matched_people(plain, known)
    return meant if len(set(meant.values())) > 1 else matched_people(found, known)


def _told(
    roles: ColumnRoles, layout: Layout, named: Sequence[str], columns: Columns, rounds: str
) -> tuple[str, ...]:
    about = layout.of_people
    whole = {**roles.roles, **dict.fromkeys(about, "ignored")}
    notes = [ColumnRoles(roles=whole, why={**roles.why, **about}).said()]
    if columns.other_sheets:
        others = ", ".join(columns.other_sheets)
        said = "{sheet} is read; other sheets: {others}"
        notes.append(Message(said, sheet=repr(columns.sheet), others=others))
    above = [" ".join(line.split()) for line in columns.titles if COUNT.search(line)]
    if above:
        n, text = len(above), above[0][:80] + ", ..." * (len(above) > 1)
        one = f"1 line with a number above the header left out: {text}" if n == 1 else ""
        said = "{n} lines with numbers above the header left out: {text}"
        notes.append(Message(said, n=n, text=text, english=one))
    if columns.footnotes:
        n = len(columns.footnotes)
        text = columns.footnotes[0][:80] + ", ..." * (n > 1)
        one = f"1 line below the rows left out as notes: {text}" if n == 1 else ""
        said = "{n} lines below the rows left out as notes: {text}"
        notes.append(Message(said, n=n, text=text, english=one))
    if named and tuple(named) != ("unit",):
        notes.append(Message("units are named by {columns}", columns=" and ".join(named)))
    if rounds:
        notes.append(Message("rounds are told apart by {column}", column=rounds))
    return tuple(notes)


def _with_units(layout: Layout, units: Collection[str]) -> tuple[Layout, tuple[str, ...]]:
    """Return the layout with a column `unit`, and the columns that it was made of."""
    columns = layout.columns
    choices = unit_choices(columns)
    one = len(columns) == 1 and "unit" not in columns.names and not layout.candidates
    if one and not units:
        first = next(choices, ())
        cells = joined(columns, first) if first else (EVERYWHERE,)
        return _named_by(layout, first, cells), first
    ways: dict[tuple[str, ...], tuple[str, ...]] = {}
    for choice in choices:
        names = joined(columns, choice)
        if choice == ("unit",) or (not units and len(set(names)) == len(names)):
            return _named_by(layout, choice, names), layout.named_by or choice
        ways.setdefault(names, choice)
    if not ways and one:
        return _named_by(layout, (), (EVERYWHERE,)), ()
    if not ways:
        require_unit(columns)
    names, choice = likeliest(columns.where, ways, units)
    return _named_by(layout, choice, names), choice


def _without_rates(layout: Layout, units: Collection[str]) -> Layout:
    """Return the layout without rows of means, percentages and ranks."""
    columns = layout.columns
    found = rate_rows(columns, [*map(str, columns.values["unit"])], units=frozenset(units))
    if not found.rows.size:
        return layout
    kept = np.setdiff1d(np.arange(len(columns)), found.rows).tolist()
    return replace(layout, columns=columns.select(kept).noting(*found.notes))


def _named_by(layout: Layout, choice: Sequence[str], names: Sequence[str]) -> Layout:
    if tuple(choice) == ("unit",):
        return layout
    kept = {n for n in choice if role_of(n) == "region"} if len(choice) > 1 else set()
    rest = {n: c for n, c in layout.columns.values.items() if n not in choice or n in kept}
    said = {n: role for n, role in layout.columns.said.items() if n not in choice}
    columns = replace(layout.columns, values={"unit": tuple(names), **rest}, said=said)
    return replace(layout, columns=columns)


def _with_stations(layout: Layout) -> Layout:
    """Return the layout with the counted fraction, if a table says of how many stations it is."""
    columns, free = layout.columns, layout.columns.free
    if "counted" in (*columns.names, *columns.said.values()):
        return layout
    columns = with_plain_parts(columns, (n for n in free if n != "unit"), sure=False)
    layout = replace(layout, columns=columns)
    for name in free:
        if _are_parts(columns.values[name], role_of(name)):
            return replace(layout, columns=columns.saying({name: "counted"}))
    people = people_counted(columns, free) or ("", "")
    pair = people if all(people) else ballots_counted(columns, free) or counted_pair(columns, free)
    if pair:
        return _with_counted(layout, *pair)
    if "counted" in map(role_of, free):
        return layout
    whole = columns.of_kind("whole", free)
    done = [n for n in whole if role_of(n) == "stations"]
    every = [n for n in whole if n != "unit" and "unit" in words_of(n) and may_be_stations(n)]
    every.sort(key=lambda n: words_of(n) == ("unit",))
    pairs = ((part, whole) for part in done for whole in every if is_within(columns, part, whole))
    pair = next(pairs, None)
    return _with_counted(layout, *pair) if pair else layout


def _with_counted(layout: Layout, part: str, whole: str) -> Layout:
    """Return the layout with the fraction that one column of counts is of another."""
    columns, name = layout.columns, f"{part} of {whole}"
    counted = parts_counted(columns, part, whole)
    said = {name: "counted", whole: "ignored", part: "ignored"}
    if role_of(whole) == "registered":
        said[whole] = "registered"
    elif "ballots" in words_of(part):
        said[part] = "ballots"
    return replace(layout, columns=columns.with_columns({name: counted}).saying(said))


def _are_parts(cells: Sequence[object], role: str) -> bool:
    """Return whether a column says how much is counted: "5 of 10", or of stations 5/10 or 50%."""
    first = next((str(cell).strip() for cell in cells if not is_missing(cell)), "")
    if not part_of_whole(first) and "%" not in first:
        return False
    texts = given_texts(cells)
    parts = all(map(part_of_whole, texts))
    if role not in ("stations", "counted"):
        return parts and role != "date" and not any("/" in text for text in texts)
    return parts or all(t.startswith("%") or t.endswith("%") for t in texts)


def _percentages(layout: Layout, roles: ColumnRoles) -> tuple[ColumnRoles, Layout]:
    """Return a table of percentages as votes where valid votes are known; refuse others."""
    columns, whole = layout.columns, roles.of("candidate")
    names = (*whole, *(n for n, why in roles.why.items() if why == NO_COUNTS))
    valid = roles.of("valid")
    if len(names) < 2:
        return roles, layout
    if len(whole) > 1 or not valid:
        counts = [n for n in names if not all_percent(columns.values[n])]
        refuse_fractional_shares(columns, counts if len(counts) > 1 else names)
        return roles, layout
    others = [*roles.of("registered"), *roles.of("ballots")]
    known = {name: columns.partial_counts(name) for name in others}
    bases = {name: people for name, (people, given) in known.items() if given.all()}
    votes, base = votes_of_percentages(columns, names, columns.counts(valid[0]), bases)
    layout = replace(layout, columns=columns.with_columns(votes))
    why = {**roles.why, **dict.fromkeys(names, f"percent of {base or valid[0]}")}
    said = {**roles.roles, **dict.fromkeys(names, "candidate")}
    return ColumnRoles(roles=said, why=why), layout


def _counts(layout: Layout, roles: ColumnRoles, rounds: tuple[int, ...]) -> CountTable:
    columns, candidates = layout.columns, roles.of("candidate")
    pairs = [columns.partial_counts(name) for name in candidates]
    n = len(columns)
    empty = np.zeros((n, 0), dtype=np.int64)
    extra: dict[str, Any] = {}
    for role in ("registered", "ballots", "valid", "abstention", "invalid"):
        names = roles.of(role)
        if names:
            extra[role] = _sum_of(columns, names)
    return CountTable(
        columns=columns,
        units=columns.texts("unit"),
        roles=roles,
        candidates=candidates,
        votes=frozen(np.stack([p[0] for p in pairs], axis=1) if pairs else empty),
        given=np.stack([p[1] for p in pairs], axis=1) if pairs else empty.astype(bool),
        regions=_regions(columns, roles),
        rounds=rounds,
        rows_name_candidates=bool(layout.candidates),
        **extra,
    )


def _sum_of(columns: Columns, names: Sequence[str]) -> IntArray:
    """Return the sum of columns of counts; -1 where one has no number."""
    parts = [columns.partial_counts(name) for name in names]
    known = np.all([given for _, given in parts], axis=0)
    return frozen(np.where(known, np.sum([counts for counts, _ in parts], axis=0), -1))


def _regions(columns: Columns, roles: ColumnRoles) -> tuple[str, ...] | None:
    """Return the region of each row: as named, else the first column that groups the units.

    A column of other places does so where none is of regions: "Distrito" beside "Concelho".
    """
    names = roles.of("region")
    if "region" in names:
        return columns.texts("region")
    places = [n for n in columns.of_kind("text", roles.of("unit")) if n != "unit"]
    for name in (*names, *places):
        full = all(str(cell or "").strip() for cell in columns.values[name])
        if full and 1 < columns.different(name) < len(columns):
            return columns.texts(name)
    return None
