"""Reports: what a table of the runoff says of each unit, row by row, counted in full or not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np

from forecast.arrays import IntArray
from forecast.display import Message
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.finalists import is_several
from forecast.facts.nights.ballot_kinds import kind_column, sums_of_kinds
from forecast.facts.nights.columns import night_table
from forecast.facts.nights.progress import MOST_CHANGE, Progress
from forecast.facts.nights.station_rows import station_columns, stations_of
from forecast.facts.tables.count_table import CountTable, count_table, people_among
from forecast.facts.tables.counted_cells import reading, speaks
from forecast.facts.tables.last_reports import UNSAID, Report, about
from forecast.facts.tables.layouts import decoded, of_round
from forecast.facts.tables.long_tables import of_ranks
from forecast.facts.tables.offices import of_people
from forecast.facts.tables.roles_said import with_said
from forecast.facts.tables.rounds import round_of_name
from forecast.facts.tables.turned_tables import upright_returns
from forecast.facts.words.column_words import is_channel
from forecast.facts.words.names import matched_people, matched_units, people_by_surname
from forecast.facts.words.times import comparable_times
from forecast.files.columns import Columns
from forecast.files.numbers import decimal, is_missing, part_of_whole
from forecast.files.percentages import refuse_percentages
from forecast.files.text import in_short

FEW = 0.05
"""Most rows that may contradict themselves, as a fraction of all."""
HUNDREDTHS = 0.04
"""Least votes over those that the counted part of the units had in the first round: percentages
read as fractions leave a hundredth, small places that come first a twentieth or more."""
MOST_DIGITS = 15
"""Digits of a version, in which a date with its time still fits."""
MORE_THAN_NOTHING = 0.01
"""Votes of nobody in the runoff that are too many to be ignored, as a fraction of all."""
SHORT = 0.7
"""A unit whose votes are a smaller part of its ballots, over the usual part, is not counted out."""
FEWEST = 3
"""Rows that show what part of the ballots votes usually are."""
ASSUMED_FULL = (
    "units with votes have {percent}% of those in the first round and are taken as counted in "
    "full; if they are not, a column counted would tell"
)
"""Said where nothing else says how much is counted; nobody is named the winner then."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RunoffTable:
    """A table of the runoff as it was read.

    Parameters
    ----------
    table : CountTable
        Its rows.
    finalists : tuple of str
        Whose votes the reports have.
    columns : tuple of str
        The columns of the finalists.
    units : tuple of str
        Unit of each row as the first round calls it.
    notes : tuple of str
        What a reader should know.
    parts : tuple of str
        Polling station of each row, empty texts for whole units; see `station_columns`.
    """

    table: CountTable
    finalists: tuple[str, ...]
    columns: tuple[str, ...]
    units: tuple[str, ...]
    notes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    def reports(self) -> Iterator[Report]:
        """Yield the report of every row, in the order in which they were made.

        Raises
        ------
        InputError
            If a cell breaks a rule.
        """
        votes, given = self._votes()
        others, (counted, _) = self._attached(), _counted_parts(self.table, self.columns)
        listed, times = self.table.registered, self.reported or ("",) * len(self.units)
        invalid = _invalid(self.table, votes)
        versions = self._versions()
        parts = self.parts or ("",) * len(self.units)
        stations = {unit for unit, part in zip(self.units, parts, strict=True) if part}
        some = votes.any(axis=1)
        if listed is not None:
            postal = [any(map(is_channel, unit.split())) for unit in self.units]
            some |= (listed == 0) & given & ~np.array(postal)  # nobody lives there
        rows = zip(self.units, votes.tolist(), given.tolist(), others, strict=True)
        found = dict[int, Report]()
        for i, (unit, row, known, other) in enumerate(rows):
            if unit in stations and not parts[i]:  # the sum of the others
                continue
            fraction = float(some[i]) if counted is None else counted[i]
            found[i] = Report(
                unit=unit,
                part=parts[i],
                votes=tuple(row),
                fraction=fraction or UNSAID * bool(some[i]),
                unsaid=bool(some[i]) and not fraction,
                other=other,
                silent=not known and not fraction,
                listed=-1 if listed is None else int(listed[i]),
                invalid=invalid[i],
                reported=times[i],
                version=versions[i],
            )
        yield from sorted((found[i] for i in self._order() if i in found), key=lambda r: r.version)

    def _votes(self) -> tuple[Any, Any]:
        """Return votes by row and finalist, and which rows have any number."""
        picked = self.table.places(self.columns)
        votes, given = self.table.votes[:, picked], self.table.given[:, picked]
        said = self.table.said("counted") or [""] * len(votes)
        for i in np.flatnonzero(~given.all(axis=1) & ~self._rows_without(given, said)):
            k = int(np.flatnonzero(~given[i])[0])
            raise InputError(
                f"{self.table.columns.row(int(i))}, {self.columns[k]!r}: must be a whole number of "
                "people where another finalist has one - found none; write 0 if nobody, or leave "
                "all empty if nothing is counted"
            )
        some = votes.any(axis=1)
        if some.sum() > 1:  # a single unit may well have 100 votes
            refuse_percentages(self.table.columns.where, votes[some], None)
        return votes, given.any(axis=1)

    def _rows_without(self, given: Any, said: Sequence[object]) -> Any:
        """Return which rows may have no numbers: all are missing and nothing is counted."""
        if self.table.rows_name_candidates:
            return np.ones(len(given), dtype=bool)
        parts = [None if is_missing(cell) else reading(cell) for cell in said]
        nothing = [
            is_missing(cell) or (part is not None and part.kind != "state" and part.value == 0)
            for cell, part in zip(said, parts, strict=True)
        ]
        return ~given.any(axis=1) & np.array(nothing, dtype=bool)

    def _attached(self) -> list[str]:
        """Return the unit every row is attached to, or an empty text."""
        cells = self.table.said("attached_to") or [""] * len(self.units)
        return ["" if is_missing(cell) else str(cell).strip() for cell in cells]

    def _versions(self) -> list[int]:
        """Return the version of every row, 0 where the table does not say."""
        columns, found = self.table.columns, []
        for i, cell in enumerate(self.table.said("version") or [""] * len(self.units)):
            text = "" if is_missing(cell) else str(cell).strip().removesuffix(".0")
            if text and not (text.isascii() and text.isdigit() and len(text) < MOST_DIGITS):
                raise InputError(
                    f"{columns.row(i)}, 'version': must be a whole number, higher in a correction "
                    f"- found {text!r}; number the versions 1, 2, 3"
                )
            found.append(int(text or 0))
        return found

    @property
    def reported(self) -> tuple[str, ...] | None:
        """When each row was reported, None unless the table says."""
        cells = self.table.said("reported")
        return None if cells is None else tuple("" if is_missing(c) else str(c) for c in cells)

    def _order(self) -> list[int]:
        """Return the rows in the order of their times where these compare, else as they are."""
        rows, when = list(range(len(self.units))), self._times
        return rows if when is None else sorted(rows, key=lambda i: when[str(i)])

    @cached_property
    def _times(self) -> dict[str, float] | None:
        """The time of every row, None where units occur once or times do not compare."""
        names = self.parts or self.units
        if self.reported is None or len({*zip(self.units, names, strict=True)}) == len(names):
            return None
        try:
            return comparable_times({str(i): time for i, time in enumerate(self.reported)})
        except InputError:
            return None


def _of_how_many(table: CountTable) -> list[str]:
    """Return a sentence about stations that are counted, of nobody knows how many."""
    names = [n for n in table.roles.of("ignored") if table.roles.why.get(n) == "stations"]
    said = (
        "{column} says how many stations are counted, not of how many: every unit with votes is "
        "taken as counted in full; a column of all stations, or counted, would tell"
    )
    told = names[:1] if not table.roles.of("counted") else []
    return [Message(said, column=name) for name in told]


def _without_a_row(table: CountTable, picked: Sequence[int]) -> list[str]:
    """Return a sentence about units of a long table that name some finalists only."""
    if not table.rows_name_candidates:
        return []
    voted, given = table.votes[:, picked].any(axis=1), table.given[:, picked].all(axis=1)
    some = np.flatnonzero(voted & ~given)
    return about(
        [table.units[u] for u in some], "without a row of every finalist, taken as 0 votes"
    )


def runoff_table(
    columns: Columns,
    *,
    contest: Contest | None = None,
    finalists: Sequence[str] | None = None,
    given: Mapping[str, str] | None = None,
) -> RunoffTable:
    """Return what a table of the runoff says; the one way to read such a table.

    Parameters
    ----------
    columns : Columns
        Columns `unit`, one per finalist, optional `counted` (fraction of the unit that is counted,
        or percent if any cell is above 1, or "5 of 10", or final and partial; a column of another
        name that says it is found by `night_table`), `attached_to` (another unit that holds this
        one's votes, or whose voters vote here), `reported` (when), `version` (of a correction),
        `registered`, `invalid`, `ballots`; or any other layout of `forecast.facts.tables.layouts`.
        Of a table of both rounds the second is read.
    contest : Contest, optional
        The first round, whose names of people and units are looked for.
    finalists : sequence of str, optional
        Who stood; by default the contest's finalists, or everybody.
    given : mapping of str to str, optional
        What the user says of columns.

    Raises
    ------
    InputError
        If a finalist is missing, somebody else has votes, a cell breaks a rule, a column may say
        how much is counted and is not understood, or reports of a unit are in no known order.
    """
    names = tuple(finalists) if finalists is not None else None
    known = {} if contest is None else contest.writings
    known |= {} if names is None else {name: name for name in names}
    table, said, stations = _counts(with_said(columns, given or {}), contest, known)
    wanted = names if contest is None else contest.finalists
    wanted = table.candidates if wanted is None else wanted
    column_of = _columns_of(table, people_among(table.candidates, known), wanted)
    own = tuple(column_of.values())
    if contest is not None:
        table = _of_this_contest(table, contest, own)
    units = table.units
    notes = [*table.notes, *said, *_others(table, wanted, column_of, contest)]
    notes += [*_over_ballots(table, own), *_counted_parts(table, own)[1]]
    notes += [*_of_how_many(table), *_without_a_row(table, table.places(own))]
    if contest is not None:
        if not stations:
            notes += _far_fewer(table, contest, own)
            _refuse_hundredths(table, contest, own)
        written = matched_units(table.units, contest.units)
        units = tuple(written.get(unit, unit) for unit in table.units)
        pairs = [f"{theirs} is {ours}" for theirs, ours in written.items()]
        notes += about(pairs, "matched though written differently")
    parts = stations_of(table.columns, stations)
    if stations:
        told = "{columns} tells polling stations apart, which are added up to their units"
        notes.append(Message(told, columns=" and ".join(stations)))
    return RunoffTable(
        table=table,
        finalists=tuple(wanted),
        columns=tuple(column_of[name] for name in wanted),
        units=units,
        notes=tuple(notes),
        parts=parts,
    )


def people_in(columns: Columns, contest: Contest, given: Mapping[str, str]) -> dict[str, int]:
    """Return the candidates of the first round that a table of the runoff names, and their votes.

    Raises
    ------
    InputError
        If the table breaks a rule of `runoff_table`.
    """
    known = contest.writings
    table = _counts(with_said(columns, given), contest, known)[0]
    meant = matched_people(table.candidates, known)
    return {meant[name]: votes for name, votes in table.totals.items() if name in meant}


def _counts(
    columns: Columns, contest: Contest | None, known: Mapping[str, str]
) -> tuple[CountTable, tuple[str, ...], tuple[str, ...]]:
    """Return the counts of a table of the runoff, one row per unit and report, and notes.

    Last are the columns that tell apart the polling stations of a unit, if rows are of these.
    """
    units, sums = ((), ()) if contest is None else (contest.units, contest.sums)
    columns = upright_returns(decoded(of_ranks(columns)), known, units)
    meant = people_among(columns.names, known)
    if contest is not None and len({*meant.values()}) < 2:
        plain = people_by_surname([n for n in columns.free if n not in meant], known)
        names = {n: contest.label(key) for n, key in plain.items() if key not in meant.values()}
        columns = columns.renamed(names)
    columns = of_people(columns, tuple(known))
    people = people_among(columns.names, known)
    kinds, stations = "", tuple[str, ...]()
    if contest is not None and len({*people.values()}) > 1:
        rows = of_round(columns, 2)
        kinds = kind_column(rows, units)
        stations = () if kinds else station_columns(rows, contest, people)
    columns = columns.saying(dict.fromkeys((*stations, *[kinds] * bool(kinds)), "ignored"))
    columns, notes = night_table(columns, people=people, first=_votes_of(contest))
    table = count_table(columns, 2, known=known, units=units, known_sums=sums)
    return sums_of_kinds(table, kinds) if kinds else table, notes, stations


def _progress(table: CountTable, contest: Contest, people: Sequence[str]) -> Progress:
    """Return the votes of units in the runoff and in the first round."""
    written, first = matched_units(table.units, contest.units), _votes_of(contest)
    before = np.array([first.get(written.get(unit, unit), 0) for unit in table.units])
    return Progress(votes=table.votes[:, table.places(people)].sum(axis=1), before=before)


def _votes_of(contest: Contest | None) -> dict[str, int]:
    """Return the votes of every unit in the first round."""
    if contest is None:
        return {}
    return dict(zip(contest.units, contest.votes.sum(axis=1).tolist(), strict=True))


def _columns_of(
    table: CountTable, meant: Mapping[str, str], finalists: Sequence[str]
) -> dict[str, str]:
    """Return the column of every finalist; raise `InputError` if one has none or two."""
    found: dict[str, str] = {}
    for column in table.candidates:
        person = meant.get(column, column)
        if person in found and person in finalists:
            if column == person:
                found[person] = column
                continue
            if found[person] == person:
                continue
            raise InputError(
                f"{table.columns.where}: {person!r} must have one column - found "
                f"{found[person]!r} and {column!r}; say what they are with columns= "
                f"(--columns '{column}=ROLE')"
            )
        found[person] = column
    for name in finalists:
        if name not in found:
            raise InputError(
                f"{table.columns.where}: column {name!r} is required - found "
                f"{', '.join(table.columns.names[:20])}; add it "
                f"({suggest(name, table.columns.names)})"
            )
    return {name: found[name] for name in finalists}


def _others(
    table: CountTable,
    finalists: Sequence[str],
    column_of: Mapping[str, str],
    contest: Contest | None,
) -> list[str]:
    """Return notes on columns of nobody; raise `InputError` if somebody else may have votes.

    A candidate may have none. A column of nobody may say how much is counted unless something else
    does, or all units have about as many votes as in the first round.
    """
    sums, notes = table.totals, list[str]()
    people = sum(sums[column] for column in column_of.values())
    meant = matched_people(table.candidates, {} if contest is None else contest.writings)
    for column, total in sums.items():
        person = meant.get(column, column)
        if column in column_of.values() or not total or person in finalists:
            continue
        first = contest is not None and _of_first_round(column, contest)
        if contest is not None and person in contest.candidates and not first:
            all_of_them = ",".join((*finalists, person))
            raise InputError(
                f"{table.columns.where}: everybody with votes in the runoff must be a finalist - "
                f"{person!r} has {total:,}, but the finalists are {', '.join(finalists)}; name "
                f"them with finalists= (--finalists '{all_of_them}')"
            )
        beside = first or _is_majority(table, column, [*column_of.values()])
        if total >= MORE_THAN_NOTHING * people and not beside:
            raise InputError(
                f"{table.columns.where}: column {column!r} must be somebody in the runoff or said "
                f"to be something else - it has {total:,} votes of nobody in "
                f"{', '.join(finalists)}; leave it out, or say with columns= (--columns "
                f"'{column}=ignored')"
            )
        if not beside and _may_tell(table, column, contest, [*column_of.values()]):
            raise InputError(
                f"{table.columns.where}: column {column!r} may say how much of each unit is "
                f"counted - it has {total:,} of nobody in {', '.join(finalists)}; say with "
                f"columns=: --columns '{column}=ignored' if it says something else, "
                f"'{column}=counted' if it has percentages; of two columns, so many stations "
                "counted of so many, call both counted"
            )
        notes.append(Message("{column} is nobody in the runoff, left out", column=column))
    return notes


def _is_majority(table: CountTable, column: str, people: Sequence[str]) -> bool:
    """Return whether a column is more than half of the votes, by one at most, in rows that tell."""
    votes, own = (table.votes[:, table.places(names)].sum(axis=1) for names in (people, [column]))
    told = votes > 0
    near = np.abs(own - (votes // 2 + 1)) <= 1
    return bool(near[told].all() and len({*own[told].tolist()}) >= FEWEST)


def _of_first_round(column: str, contest: Contest) -> bool:
    """Return whether a column is called by a candidate and the first round."""
    name, which = round_of_name(column)
    return which == 1 and bool(matched_people([name], contest.writings))


def _far_fewer(table: CountTable, contest: Contest, people: Sequence[str]) -> list[str]:
    """Return a sentence about far fewer votes than before of which nobody says they are a part."""
    seen = _progress(table, contest, people)
    here = (seen.before > 0) & (seen.votes > 0)
    part = seen.votes[here].sum() / max(seen.before[here].sum(), 1)
    if table.said("counted") is not None or not here.any() or part >= MOST_CHANGE:
        return []
    return [Message(ASSUMED_FULL, percent=round(100 * part))]


def _may_tell(
    table: CountTable, column: str, contest: Contest | None, people: Sequence[str]
) -> bool:
    """Return whether a column of small numbers may say how much is counted, as none else does."""
    numbers = table.votes[:, table.places([column])].sum(axis=1)
    if numbers.max() <= 1 or is_several(column) or table.said("counted") is not None:
        return False
    if contest is None:
        return True
    seen = _progress(table, contest, people)
    return not seen.looks_full and (speaks(column) or seen.varies_with(numbers))


def _invalid(table: CountTable, votes: IntArray) -> list[int]:
    """Return invalid ballots by row, as counted or as ballots less votes; -1 if nobody says."""
    if table.invalid is not None:
        return [int(n) for n in table.invalid]
    if table.ballots is None:
        return [-1] * len(votes)
    rest = np.where(table.ballots < 0, -1, table.ballots - votes.sum(axis=1))
    return [int(n) for n in np.maximum(rest, -1)]


def _over_ballots(table: CountTable, columns: Sequence[str]) -> list[str]:
    """Return a sentence about rows with more counted than ballots; refuse a table of many."""
    if table.ballots is None:
        return []
    counted = table.counted(columns)
    over = np.flatnonzero((table.ballots >= 0) & (counted > table.ballots))
    if over.size > FEW * len(counted):
        u = int(over[0])
        raise InputError(
            f"{table.columns.row(u)}: votes and invalid ballots cannot exceed ballots - unit "
            f"{table.units[u]!r} has {counted[u]} counted but {table.ballots[u]} ballots; fix the "
            "row or drop the ballots column"
        )
    return about([table.units[u] for u in over], "with more votes than ballots - check it")


def _of_this_contest(table: CountTable, contest: Contest, columns: Sequence[str]) -> CountTable:
    """Return the rows and people of a table of many contests that are about this one."""
    if not table.rows_name_candidates:
        return table
    here: Any = table.given[:, table.places(columns)].any(axis=1)
    rows = np.flatnonzero(here | np.isin(table.units, contest.units))
    if len(rows) == len(table.units):
        return table
    note = Message("{n} units of other contests left out", n=len(here) - len(rows))
    stood: Any = table.given[rows].any(axis=0)
    return table.select(rows).of(compress(table.candidates, stood), note)


def _counted_parts(
    table: CountTable, people: Sequence[str]
) -> tuple[list[float] | None, Sequence[str]]:
    """Return the counted fraction of every row, None if nothing tells, and what to say of it.

    Raises `InputError` if a cell of `counted` is neither a fraction, a percentage nor a part.
    """
    cells = table.said("counted")
    if cells is not None:
        told = _fractions(table, cells)
        found, _ = _by_ballots(table, people)
        pairs = enumerate(zip(told, found or told, strict=True))
        short = [table.units[u] for u, (said, part) in pairs if said == 1 and part < SHORT]
        return told, about(short, "with far fewer votes than ballots, though counted in full")
    return _by_ballots(table, people)


def _refuse_hundredths(table: CountTable, contest: Contest, people: Sequence[str]) -> None:
    """Raise `InputError` if a column calls units complete whose votes are far too few for that."""
    cells = table.said("counted")
    if cells is None or all(isinstance(cell, float) for cell in cells):
        return  # fractions that were computed
    full = np.array(_fractions(table, cells)) == 1
    seen = _progress(table, contest, people)
    votes, before = seen.votes[full].sum(), seen.before[full].sum()
    if 0 < votes < HUNDREDTHS * before:
        raise InputError(
            f"{table.columns.where}, {table.roles.of('counted')[0]!r}: must be the fraction of "
            f"each unit that is counted - read so, {votes:,.0f} votes are all there are where "
            f"{before:,.0f} were in the first round; write 1 percent as 1% or 0.01"
        )


def _fractions(table: CountTable, cells: Sequence[object]) -> list[float]:
    """Return fractions; if any number is above 1 all are percentages, so that 1 is not all."""
    parts = [part_of_whole(cell) for cell in cells]
    if any(parts) and all(p or is_missing(c) for p, c in zip(parts, cells, strict=True)):
        return [a / b for a, b in (part or (0, 1) for part in parts)]
    name, numbers, marked = table.roles.of("counted")[0], [], []
    for i, cell in enumerate(cells):
        text = "0" if is_missing(cell) else str(cell).strip()
        marked.append("%" in (text[0], text[-1]))
        try:
            number = decimal(text.strip("% "))
        except ValueError:
            number = math.nan
        if not 0 <= number <= 100 or str(cell).strip() == "nan":
            raise InputError(
                f"{table.columns.row(i)}, {name!r}: must be a fraction from 0 to 1 or a "
                f"percentage - found {text!r}; correct it"
            )
        numbers.append(number)
    percent = any(n > 1 and not m for n, m in zip(numbers, marked, strict=True))
    return [n / 100 if percent or m else n for n, m in zip(numbers, marked, strict=True)]


def _by_ballots(
    table: CountTable, people: Sequence[str]
) -> tuple[list[float] | None, tuple[str, ...]]:
    """Return what part of the usual part of their ballots units have, where it is far less."""
    if table.ballots is None:
        return None, ()
    counted = table.counted(people)
    known = (table.ballots > 0) & (counted > 0)
    if known.sum() < FEWEST:
        return None, ()
    part = np.where(known, counted / np.maximum(table.ballots, 1), 1.0)
    part /= np.median(part[known])
    short = np.flatnonzero(known & (part < SHORT))
    if not short.size:
        return None, ()
    found = np.where(known, np.where(part < SHORT, part, 1.0), 0.0)
    named = in_short([table.units[u] for u in short])
    said = "far fewer votes than ballots, taken as counted in part: {names}"
    return found.tolist(), (Message(said, names=named),)
