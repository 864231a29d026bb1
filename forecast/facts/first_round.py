"""The first round as a table tells it: one contest, its invalid ballots, and units set aside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, frozen
from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.tables.count_table import CountTable, count_table
from forecast.facts.tables.counted_cells import not_counted_out
from forecast.facts.tables.last_reports import about
from forecast.facts.tables.offices import of_one_office
from forecast.facts.tables.partial_lines import partial_rows
from forecast.facts.tables.roles_said import with_said
from forecast.facts.words.column_words import has_word, is_channel
from forecast.facts.words.everyday_names import position
from forecast.facts.words.names import matched_people
from forecast.facts.words.number_shapes import MOST_INVALID
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.percentages import refuse_percentages
from forecast.files.text import in_short

ESTIMATED = "the number of registered people is an estimate"
"""How a note begins that says so."""

ABROAD = re.compile(r"abroad|overseas|foreign|ausland|etrang|exterior|extranj|estero|strain|zagran|"
                    r"inostran|diaspor|konsul|consul|чужб|закорд|заруб")  # fmt: skip
"""Words for voters who are on no list of another unit."""
SURNAMES = word_list("surnames")
"""Words for blank ballots, among others, that are names of people, too."""
FEW = 0.05
"""Most units that may contradict themselves, and most ballots in them, as a fraction of all."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FirstRound:
    """Counts of the first round of one contest.

    Parameters
    ----------
    table : CountTable
        The rows that are its units.
    invalid : ndarray of int64, shape (unit,)
        Invalid ballots.
    registered : ndarray of int64, shape (unit,), or None
        Registered people; in units set aside at least the ballots.
    set_aside : tuple of str
        Units whose counts contradict each other.
    advanced : tuple of str
        Who has votes in the runoff, if the table holds it.
    notes : tuple of str
        What a reader should know.
    """

    table: CountTable
    invalid: IntArray
    registered: IntArray | None
    set_aside: tuple[str, ...]
    advanced: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def over_the_list(self) -> bool:
        """Whether most units have more ballots than registered people."""
        if self.registered is None:
            return False
        over = self.table.votes.sum(axis=1) + self.invalid > self.registered
        return bool(2 * over.sum() > len(over))


def first_round(
    columns: Columns,
    *,
    given: Mapping[str, str],
    contest: str | None = None,
    registered: int | None = None,
) -> FirstRound:
    """Return the first round that a table tells.

    The contest of several is named by one of its candidates, or by its name in a column;
    `registered` estimates all of them, if the table has no such column.

    Raises
    ------
    InputError
        If there are several contests, counts are percentages or missing, or many units contradict
        themselves.
    """
    columns, chosen = of_one_office(with_said(columns, given), contest)
    table = count_table(columns, 1)
    if len(table.candidates) < 2:
        raise InputError(
            f"{columns.where}: needs one column of votes per candidate, at least two - found "
            f"{', '.join(table.candidates) or 'none'} ({table.roles}); say what a column is with "
            "columns= (--columns 'NAME=candidate')"
        )
    table = _one_contest(table, None if chosen else contest)
    _refuse_uncounted(columns, table)
    doubts = _doubt_invalid(columns, table)
    _refuse_gaps(table)
    if "unit" in table.columns.values:
        table.columns.keys("unit")
    refuse_percentages(columns.where, table.votes, table.registered)
    notes = [*table.notes, *doubts, *chosen]
    _beside_valid(table, notes)
    invalid, set_aside = _invalid(table, notes)
    table, own = _with_lists_of_ways(table, invalid)
    notes += own
    listed = _listed(table, invalid, registered)
    if listed is not None:
        listed, over = _within_list(table, invalid, listed)
        set_aside = tuple(dict.fromkeys((*set_aside, *over)))
    if registered is not None and listed is not None:
        said = (
            "the number of registered people is an estimate: {registered}, shared out over the "
            "units by their ballots"
        )
        notes.append(Message(said, registered=registered))
    if set_aside:
        named = in_short(set_aside)
        said = (
            "{n} units are self-contradictory (more counted than ballots or list), part of the "
            "totals, otherwise set aside: {names}"
        )
        one = said.replace("units are", "unit is").format(n=1, names=named)
        n = len(set_aside)
        notes.append(Message(said, n=n, names=named, english=one if n == 1 else ""))
    lists = () if table.registered is None else table.registered.tolist()
    unlisted = [unit for unit, people in zip(table.units, lists, strict=False) if people < 0]
    notes += about(unlisted, "without a list, taken to have the turnout of the others; set aside")
    return FirstRound(
        table=table,
        invalid=invalid,
        registered=listed,
        set_aside=tuple(dict.fromkeys((*set_aside, *unlisted))),
        advanced=_advanced(columns, table),
        notes=tuple(notes),
    )


def _refuse_gaps(table: CountTable) -> None:
    """Raise `InputError` where a candidate of a wide table has no number."""
    if table.rows_name_candidates:
        return
    empty = np.flatnonzero(~table.given.any(axis=1)).tolist()
    if empty and len(table.units) > 2 * len(empty):
        u = empty[0]
        raise InputError(
            f"{table.columns.row(u)}: every unit must have votes - {table.units[u]!r} has none in "
            "any column; if it is a heading over other units, write it into a column 'region' "
            "beside them and delete the row; else write 0 if nobody voted"
        )
    for k in np.flatnonzero(~table.given.all(axis=0)):
        table.columns.counts(table.candidates[k])


def _refuse_uncounted(columns: Columns, table: CountTable) -> None:
    """Raise `InputError` if a table says that some of its units are not counted out.

    A line above or below it may, if no column says how much is counted.
    """
    names = (n for n in table.columns.names if n not in (*table.candidates, "unit"))
    for name in names if set(table.rounds) != {1, 2} else ():
        cells = table.columns.values[name]
        free = columns.said.get(name, "counted") == "counted"
        sure = name in table.roles.of("counted")
        rows = not_counted_out(name, cells, sure=sure) if free else []
        if rows:
            column = name if name in columns.names else name.partition(" of ")[0]
            units = in_short([f"{table.units[u]} ({_as_told(cells[u])})" for u in rows])
            raise InputError(
                f"{columns.where}: a first round must be counted out - by {name!r} "
                f"{len(rows)} of {len(table.units)} units are not: {units}; wait for the full "
                "count, or if the column says something else leave it out with columns= "
                f"(--columns '{column}=ignored')"
            )
    line, _ = partial_rows(columns)
    if line and not table.roles.of("counted") and set(table.rounds) != {1, 2}:
        raise InputError(
            f"{columns.where}: a first round must be counted out - found the line {line[:80]!r}; "
            "wait for the full count, or if all is counted take the line out"
        )


def _as_told(cell: object) -> str:
    return f"{cell:.0%}" if isinstance(cell, float) and cell < 1 else str(cell)[:20]


def _doubt_invalid(columns: Columns, table: CountTable) -> list[str]:
    """Return notes of blank ballots that may be somebody's votes, as "Blanco" is a surname, too.

    Nothing is in doubt where the valid votes are those of the others. Raises `InputError` where one
    word means ballots that are more than the largest candidate's votes; if it is a surname or means
    blank ones, more than a fifth of all votes are enough, and where nothing else is invalid, of a
    surname, more than the second has, or to stand between candidates.
    """
    notes, votes = list[str](), np.sort(table.votes.sum(axis=0))
    settled = table.valid is not None and bool((table.votes.sum(axis=1) == table.valid).all())
    names = [n for n in table.roles.of("invalid") if n not in (*columns.said, "invalid")]
    for name in names if not settled else ():
        own, surname = table.columns.partial_counts(name)[0].sum(), folded(name) in SURNAMES
        many = has_word(name, "blank") and own > MOST_INVALID * votes.sum()
        if " " in folded(name) or not (surname or many or own > votes[-1]):
            continue
        among = position(name, table.roles.roles) == "between" and not table.rows_name_candidates
        alone = surname and len(table.roles.of("invalid")) == 1 and (among or own > votes[-2])
        said = f"columns= (--columns '{name}=candidate')"
        other = f"with --columns '{name}=invalid'"
        if table.rows_name_candidates:
            said, other = "a full name in these rows", "with 'invalid' in them"
        if alone or own > min(votes[-1], MOST_INVALID * votes.sum()):
            raise InputError(
                f"{table.columns.where}: {name!r} must be a candidate or not - it is called like "
                f"invalid ballots, but its {own:,} votes or its place are a candidate's; if it is "
                f"one say so with {said}, else {other}"
            )
        told = "{column} is read as invalid ballots; if it is a candidate say {remedy}"
        notes.append(Message(told, column=repr(name), remedy=said))
    return notes


def _one_contest(table: CountTable, chosen: str | None) -> CountTable:
    """Return the rows and candidates of one contest; raise `InputError` if there are several."""
    member = _meetings(table.votes)
    names = tuple(
        tuple(c for c, m in zip(table.candidates, member, strict=True) if m == k)
        for k in range(max(member) + 1)
    )
    several = [group for group in names if len(group) > 1]
    if chosen is None:
        if len(several) < 2:
            return table
        groups = "; ".join(in_short(group, 3) for group in several[:5])
        raise InputError(
            f"{table.columns.where}: must hold one contest - found {len(several)} of people who "
            f"never met in a unit: {groups}; choose one by a candidate's name with contest= "
            f"(--contest {several[0][0]!r})"
        )
    rows, people = _chosen(table, chosen, member)
    said = "contest {contest}: {some} of {all} units"
    note = Message(said, contest=chosen, some=int(rows.sum()), all=len(rows))
    stood = [name for name in table.candidates if name in people]
    return table.select(np.flatnonzero(rows)).of(stood, note)


def _chosen(
    table: CountTable, chosen: str, member: Sequence[int]
) -> tuple[npt.NDArray[np.bool_], set[str]]:
    """Return the rows and the candidates of the contest that a name means."""
    person = matched_people([chosen], {c: c for c in table.candidates})
    if person:
        group = member[table.candidates.index(person[chosen])]
        people = {c for c, m in zip(table.candidates, member, strict=True) if m == group}
        inside = np.array([m == group for m in member])
        return table.votes[:, inside].sum(axis=1) > 0, people
    for name in (*table.roles.of("contest"), *table.roles.of("region"), *table.columns.names):
        if name in table.candidates or name not in table.columns.values:
            continue
        cells = [str(cell).strip() for cell in table.columns.values[name]]
        rows = np.array([cell.casefold() == chosen.strip().casefold() for cell in cells])
        if rows.any():
            stood = table.votes[rows].sum(axis=0) > 0
            return rows, {c for c, s in zip(table.candidates, stood, strict=True) if s}
    raise InputError(
        f"{table.columns.where}: no contest {chosen!r}; name one of its candidates, such as "
        f"{table.candidates[0]!r}"
    )


def _meetings(votes: IntArray) -> list[int]:
    """Return a number for each candidate, equal for those linked by units where both have votes."""
    if (votes > 0).all(axis=1).any():
        return [0] * votes.shape[1]
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n, k = votes.shape
    units, people = np.nonzero(votes)
    links = csr_array((np.ones(len(units)), (people, k + units)), shape=(k + n, k + n))
    labels = connected_components(links, directed=False)[1][:k]
    order = list(dict.fromkeys(labels.tolist()))
    return [order.index(label) for label in labels.tolist()]


def _beside_valid(table: CountTable, notes: list[str]) -> None:
    """Note where candidates do not sum to the valid votes; refuse more in many units."""
    percent = any(table.roles.why.get(c, "").startswith("percent of") for c in table.candidates)
    if table.valid is None or percent:
        return
    name, valid = table.roles.of("valid")[0], np.asarray(table.valid)
    votes = np.where(valid < 0, -1, table.votes.sum(axis=1))
    _few(
        table,
        votes > valid,
        lambda u: (
            f"candidates cannot have more votes than {name!r} - unit {table.units[u]!r} has "
            f"{votes[u]} but {valid[u]} valid; say which column is no candidate with columns= "
            f"(--columns 'NAME=ignored'), or leave the valid votes out with --columns "
            f"'{name}=ignored'"
        ),
    )
    missing, more = (int(np.maximum(x, 0).sum()) for x in (valid - votes, votes - valid))
    if missing:
        said = "{votes} of {column} are of no candidate of the table"
        notes.append(Message(said, votes=missing, column=repr(name)))
    if more:
        said = "candidates have {votes} votes more than {column} in a few units"
        notes.append(Message(said, votes=more, column=repr(name)))


def _invalid(table: CountTable, notes: list[str]) -> tuple[IntArray, tuple[str, ...]]:
    """Return invalid ballots, by their columns or as ballots less votes, and odd units."""
    votes = table.votes.sum(axis=1)
    if table.invalid is not None:
        for name in table.roles.of("invalid"):
            table.columns.counts(name)
        invalid = np.asarray(table.invalid)
    elif table.ballots is not None:
        invalid = np.maximum(table.ballots - votes, 0)
        notes.append(Message("invalid ballots are ballots less votes"))
    else:
        invalid = np.zeros_like(votes)
    if table.ballots is None:
        return frozen(invalid), ()
    table.columns.counts(table.roles.of("ballots")[0])
    counted, ballots = votes + invalid, table.ballots
    return frozen(invalid), _few(
        table,
        counted > ballots,
        lambda u: (
            f"votes and invalid ballots cannot exceed ballots - unit {table.units[u]!r} has "
            f"{counted[u]} counted but {ballots[u]} ballots; fix the row, drop the ballots column, "
            "or say which column is no candidate with columns= (--columns 'NAME=ignored'): read "
            f"with {table.roles}"
        ),
    )


def _with_lists_of_ways(table: CountTable, invalid: IntArray) -> tuple[CountTable, Sequence[str]]:
    """Return a table in which postal votes without a list are one of their own, and a note.

    Those who vote so are on the lists of the other units, which have as many fewer, in proportion
    to those who did not vote there; but for those abroad, and if there are that many.
    """
    if table.registered is None:
        return table, ()
    ballots = table.votes.sum(axis=1) + invalid
    bare = (table.registered <= 0) & (ballots > 0)
    units = [table.units[u] for u in np.flatnonzero(bare)]
    ways = all(any(map(is_channel, unit.split())) for unit in units)  # "Briefwahl 1"
    if bare.all() or not units or not ways:
        return table, ()
    at_home = np.where(bare, 0, np.maximum(table.registered - ballots, 0))
    away = sum(int(ballots[u]) for u in np.flatnonzero(bare)
               if not ABROAD.search(folded(table.units[u])))  # fmt: skip
    lists = np.where(bare, ballots, table.registered)
    said = about(units, "without a list of their own, taken to have as many people as ballots")
    if 0 < away <= at_home.sum():
        fewer = np.diff(np.round(np.cumsum(at_home * (away / at_home.sum()))), prepend=0)
        lists = lists - np.minimum(fewer.astype(np.int64), at_home)
        said = about(units, "without a list of their own, taken to have as many people as ballots; "
                     "the lists of the other units are reduced by as many")  # fmt: skip
    own = table.roles.of("registered")
    values = dict.fromkeys(own[:1], lists.tolist()) if len(own) == 1 else {}
    columns = table.columns.with_columns(values)
    return replace(table, registered=frozen(lists), columns=columns), said


def _listed(table: CountTable, invalid: IntArray, estimate: int | None) -> IntArray | None:
    """Return the registered: as listed, as ballots and abstentions, or an estimate shared out."""
    ballots = table.votes.sum(axis=1) + invalid
    if table.registered is not None:
        if estimate is not None:
            raise InputError(
                f"{table.columns.where}: has a column {table.roles.of('registered')[0]!r} already; "
                "leave the estimate out"
            )
        missing = table.registered < 0
        if not missing.any() or missing.all() or _are_many(missing, ballots):
            for name in table.roles.of("registered"):
                table.columns.counts(name)
            return table.registered
        came = ballots[~missing].sum() / max(int(table.registered[~missing].sum()), 1)
        likely = np.ceil(ballots / max(came, 1e-9)).astype(np.int64)
        return frozen(np.where(missing, np.maximum(likely, ballots), table.registered))
    if estimate is not None:
        return _shared_out(estimate, ballots, table.columns.where)
    if table.abstention is not None:
        table.columns.counts(table.roles.of("abstention")[0])
        most = ballots if table.ballots is None else np.maximum(ballots, table.ballots)
        return frozen(most + table.abstention)
    return None


def _shared_out(total: int, ballots: IntArray, where: str) -> IntArray:
    """Share an estimated electorate out over units in proportion to ballots, whole people."""
    total = int(Columns(where=where, values={"registered": [total]}).counts("registered")[0])
    if total < ballots.sum():
        raise InputError(
            f"{where}: registered must be at least the ballots cast ({ballots.sum():,}) - found "
            f"{total:,}; correct the estimate"
        )
    if not ballots.sum():
        raise InputError(f"{where}: somebody must have voted - found no votes at all")
    exact = total * (ballots / ballots.sum())
    shared = np.floor(exact).astype(np.int64)
    order = np.argsort(shared - exact, kind="stable")
    shared[order[: total - int(shared.sum())]] += 1
    return frozen(shared)


def _within_list(
    table: CountTable, invalid: IntArray, listed: IntArray
) -> tuple[IntArray, tuple[str, ...]]:
    """Return lists at least as long as the ballots, and the few units in which they were not."""
    ballots = table.votes.sum(axis=1) + invalid
    over = ballots > listed
    if _are_many(over, ballots):
        return listed, ()  # a contest of them says so, unless non-voters are left out
    return frozen(np.maximum(listed, ballots)), tuple(table.units[u] for u in np.flatnonzero(over))


def _are_many(bad: npt.NDArray[np.bool_], ballots: IntArray) -> bool:
    return bool(bad.sum() > FEW * len(bad) or ballots[bad].sum() > FEW * ballots.sum())


def _few(
    table: CountTable, bad: npt.NDArray[np.bool_], complaint: Callable[[int], str]
) -> tuple[str, ...]:
    """Return the units that are impossible; raise `InputError` if they are many."""
    if _are_many(bad, table.votes.sum(axis=1)):
        u = int(np.flatnonzero(bad)[0])
        raise InputError(f"{table.columns.row(u)}: {complaint(u)}")
    return tuple(table.units[u] for u in np.flatnonzero(bad))


def _advanced(columns: Columns, table: CountTable) -> tuple[str, ...]:
    """Return the candidates with votes in the runoff, if the table holds it, most votes first."""
    if set(table.rounds) != {1, 2}:
        return ()
    voted = [c for c, votes in count_table(columns, 2).totals.items() if votes]
    first = table.totals
    again = matched_people(voted, {c: c for c in first})
    return tuple(sorted(dict.fromkeys(again.values()), key=lambda c: -first[c]))
