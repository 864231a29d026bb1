"""PartialReturns: what is counted so far of a runoff, matched with the units of the first round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray, frozen
from forecast.display import Displayed, Message, Shown
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import GROWTH, UNLISTED_GROWTH, InterimTurnout, most_voters
from forecast.facts.nights.station_rows import whole_units
from forecast.facts.nights.unknown_sums import without_sums
from forecast.facts.returns import Returns, share_rows
from forecast.facts.tables.last_reports import UNSAID, LastReports, Report, about
from forecast.facts.unit_reports import HUNDREDTHS, runoff_table
from forecast.facts.words.column_words import is_total
from forecast.facts.words.names import by_plain_name, merged_from
from forecast.files.columns import MAX_CELLS, Columns
from forecast.files.text import in_short
from forecast.signatures import refuses_other_kinds

MOST_UNKNOWN = 0.1
"""Most units without a first round, as a fraction of those reported, before the file is refused."""
MOST = 2.5
"""Most votes over those that the counted part of all who can vote can cast."""
ENOUGH = 100
"""Votes below which two rounds may be equal by accident."""
MOST_COMPARED, ALIKE = 5000, 0.8
"""Missing units whose names are compared with new ones, and how alike they must be."""
UNSAID_PARTS = (0.02, 0.95)
"""Least and most of a unit that is counted, where nobody says how much, only that it is not all."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PartialReturns(Displayed):
    """Counts of an election night, in the order of the contest's units.

    Parameters
    ----------
    contest : Contest
        The first round.
    votes : ndarray of int64, shape (unit, finalist)
        Votes counted so far, finalists in the contest's order.
    counted : ndarray, shape (unit,)
        Fraction of each unit that is counted: 0 nothing, 1 all of it.
    changed : ndarray of bool, shape (unit,)
        Units that are not the same as in the first round; their votes count and teach nothing.
    doubted : ndarray of bool, shape (unit,)
        Those of them that contradict themselves: more votes than people, or set aside before.
    group : ndarray of int, shape (unit,)
        Equal for units that were merged, whose voters may have voted in any of them.
    elsewhere : ndarray of int64, shape (finalist,)
        Votes of units that are unknown in the first round.
    elsewhere_open : int
        At most so many votes are still to come from those of them that are counted in part.
    unknown, corrected, partial, merged : tuple of str
        Names of the units that were unknown, reported again, half reported, or counted in another.
    notes : tuple of str
        What a reader should know, one sentence each.
    read : tuple of str
        Those of the notes that say how the tables were read.
    turnout : InterimTurnout, optional
        What was known of turnout before anything was counted.
    rows : mapping of str to Report
        What each unit reported last.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    >>> found = partial_returns(load_contest("georgia-2018"), night)
    >>> found.units, found.complete, found.totals
    (1, False, {'zurabishvili': 40407, 'vashadze': 20768})
    """

    contest: Contest
    votes: IntArray
    counted: npt.NDArray[np.float64]
    changed: npt.NDArray[np.bool_]
    doubted: npt.NDArray[np.bool_]
    group: IntArray
    elsewhere: IntArray
    elsewhere_open: int = 0
    unknown: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    read: tuple[str, ...] = ()
    turnout: InterimTurnout | None = None
    rows: Mapping[str, Report] = field(default_factory=dict, repr=False)

    @property
    def totals(self) -> dict[str, int]:
        """Votes counted so far by finalist, those of unknown units included."""
        sums = self.votes.sum(axis=0) + self.elsewhere
        return dict(zip(self.contest.finalists, sums.tolist(), strict=True))

    def shown(self) -> Shown:
        """Return the votes counted so far, and of how many units."""
        every = f"{self.units:,} of {len(self.counted):,} units have reported"
        return Shown(
            title=f"{self.contest.title or self.contest.name}: counted so far",
            facts=[every, *[f"{len(self.partial):,} of them in part"] * bool(self.partial)],
            head=["finalist", "votes", "share"],
            rows=share_rows(self.totals, self.contest.label),
            notes=self.notes,
        )

    @cached_property
    def most(self) -> IntArray:
        """How many can vote in each unit at most, shape (unit,); see `most_voters`."""
        growth = None if self.turnout is None else self.turnout.growth
        return most_voters(self.contest, growth)

    @property
    def units(self) -> int:
        """Number of units that have reported something."""
        return int((self.counted > 0).sum())

    @property
    def ballots_per_vote(self) -> float | None:
        """Ballots, invalid ones included, per valid vote where both are told; else None."""
        told = [row for row in self.rows.values() if row.invalid >= 0 and any(row.votes)]
        votes = sum(sum(row.votes) for row in told)
        return 1 + sum(row.invalid for row in told) / votes if votes else None

    @property
    def complete(self) -> bool:
        """Whether every unit is counted in full."""
        return bool((self.counted >= 1).all()) and not self.elsewhere_open

    def with_turnout(self, turnout: InterimTurnout | None) -> PartialReturns:
        """Return the same returns with something else known of turnout: how many can vote where.

        Parameters
        ----------
        turnout : InterimTurnout or None
            What is known of it; None for nothing.

        Raises
        ------
        InputError
            If it belongs to another contest.
        """
        return _matched(self.contest, self.rows, self.corrected, turnout, self.read)


@refuses_other_kinds
def partial_returns(
    contest: Contest,
    returns: Returns | Columns | Any,
    *,
    turnout: InterimTurnout | None = None,
    columns: Mapping[str, str] | None = None,
) -> PartialReturns:
    """Match returns with a contest.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : Returns, or table of them
        Columns `unit` and one per finalist; optional `counted` (fraction of the unit that is
        counted, or percent if any cell is above 1), and `attached_to` (another unit that holds this
        one's votes, or whose voters vote here), `reported`, `version`. A unit that occurs again
        replaces itself: its highest version counts, else its latest, else its last row. A row
        without numbers says nothing, and in a table without `counted` a row of zeros is a unit that
        has not reported, unless its list is empty; every unit of `Returns` has.
    turnout : InterimTurnout, optional
        What was known of turnout before anything was counted.
    columns : mapping of str to str, optional
        What columns are where their names do not say it; see `Contest.from_frame`.

    Returns
    -------
    PartialReturns

    Raises
    ------
    InputError
        If a finalist is missing, a cell breaks a rule, votes are percentages, a row is the sum of
        all others, or more than a tenth of the units are unknown.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> night = pl.DataFrame({"unit": ["Vake", "Vake"], "zurabishvili": [40_000, 40_407],
    ...                       "vashadze": [20_768, 20_768]})
    >>> found = partial_returns(load_contest("georgia-2018"), night)
    >>> found.totals["zurabishvili"], found.corrected
    (40407, ('Vake',))
    """
    if not isinstance(returns, Returns):
        table = Columns.from_frame(returns)
        return partial_returns_of_tables(contest, [table], turnout=turnout, columns=columns)
    found = partial_returns_of_tables(contest, [_columns_of(contest, returns)], turnout=turnout)
    own = [note for note in found.notes if note not in found.read]
    return replace(found, notes=(*own, *returns.notes), read=returns.notes)


def _columns_of(contest: Contest, returns: Returns) -> Columns:
    """Return returns as a table, in which every unit says how much of it is counted."""
    if set(returns.finalists) != set(contest.finalists):
        raise InputError(
            f"returns: must be of the finalists {contest.finalists} - found {returns.finalists}"
        )
    counted = np.ones(len(returns.units)) if returns.counted is None else returns.counted
    values: dict[str, Sequence[object]] = {"unit": returns.units, "counted": counted.tolist()}
    if returns.invalid is not None:
        values["invalid"] = returns.invalid.tolist()
    elif returns.ballots is not None:
        values["invalid"] = np.maximum(returns.ballots - returns.votes.sum(axis=1), 0).tolist()
    if returns.attached_to is not None:
        values["attached_to"] = returns.attached_to
    if returns.reported is not None:
        values["reported"] = returns.reported
    if returns.registered is not None:
        values["registered"] = returns.registered.tolist()
    votes = {f: returns.votes[:, k].tolist() for k, f in enumerate(returns.finalists)}
    return Columns(where="returns", values=values | votes)


def partial_returns_of_tables(
    contest: Contest,
    tables: Iterable[Columns],
    *,
    turnout: InterimTurnout | None = None,
    columns: Mapping[str, str] | None = None,
) -> PartialReturns:
    """Match several tables, each as for `partial_returns`; a later one replaces units of earlier.

    Later is what versions or times say; where they do not compare, the next table.

    Raises
    ------
    InputError
        As `partial_returns`, or if the tables say more different things than one may hold.
    """
    if turnout is not None and turnout.contest is not contest and turnout.contest != contest:
        raise InputError("turnout: belongs to another contest; match it anew")
    last = LastReports()
    notes: dict[str, None] = {}
    for table in tables:
        found = runoff_table(table, contest=contest, given=columns)
        said = last.add(table.where, found.reports())
        if notes and last.changes * (len(contest.finalists) + 3) > MAX_CELLS:
            raise InputError(
                f"{table.where}: this file and those before must have at most {MAX_CELLS:,} "
                "cells that change - found more; keep each unit's last report only"
            )
        notes |= dict.fromkeys((*found.notes, *said))
    units, summed = whole_units(last.of, contest)
    units, sums = without_sums(units, contest)
    return _matched(contest, units, tuple(last.corrected), turnout, (*notes, *summed, *sums))


def corrected_since(now: PartialReturns, before: PartialReturns) -> PartialReturns:
    """Return `now` with a note on units that were counted in full before and have changed."""
    other = (now.votes != before.votes).any(axis=1) & (before.counted >= 1)
    names = tuple(
        name
        for name, differs in zip(now.contest.units, other, strict=True)
        if differs and name not in now.corrected
    )
    if not names:
        return now
    return replace(
        now,
        corrected=(*now.corrected, *names),
        notes=(*now.notes, *about(names, "corrected since the last look")),
    )


def _matched(
    contest: Contest,
    last: Mapping[str, Report],
    corrected: tuple[str, ...],
    turnout: InterimTurnout | None,
    read: Sequence[str],
) -> PartialReturns:
    last, offered = _merged(contest, last)
    place = {unit: u for u, unit in enumerate(contest.units)}
    most = most_voters(contest, None if turnout is None else turnout.growth)
    unknown = tuple(
        name for name, r in last.items() if name not in place and not (r.silent and is_total(name))
    )
    _refuse_strangers(unknown, last, place)
    votes, counted, silent = _by_unit(contest, place, last)
    counted[_nobody_there(contest, last) & ~votes.any(axis=1)] = 1.0
    away = [report.votes for name, report in last.items() if name not in place]
    elsewhere = np.array(away, dtype=np.int64).reshape(-1, votes.shape[1]).sum(axis=0)
    left = [last[name] for name in unknown if last[name].fraction < 1]
    still = sum(_most_to_come(report, int(most.sum())) for report in left)
    attached = {name: report.other for name, report in last.items() if report.other}
    group, lost = _joined(place, attached, last, counted, silent)
    _ask_whether_percent(contest, votes, counted, most)
    _refuse_first_round(contest, votes)
    changed = np.isin(group, group[[place[n] for n in attached if n in place]])
    aside = np.isin(contest.units, contest.set_aside)
    sums = votes.sum(axis=1)
    over = np.bincount(group, sums, len(place)) > np.bincount(group, most, len(place))
    over = over[group] & (sums > 0)
    partial = tuple(u for u in place if 0 < counted[place[u]] < 1)
    waiting = silent & (counted == 0) & (most > 0)
    empty = silent & (counted >= 1) & (most > 0)

    def named(chosen: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(u for u in place if chosen[place[u]] and u not in attached)

    told = [name for name in unknown if last[name].fraction > 0]
    untold = [name for name in unknown if not last[name].fraction]
    listed = [name for name in untold if last[name].listed > 0]
    notes = [
        *about(told, "unknown in the first round; counted, nothing is learned"),
        *about([n for n in untold if n not in listed], "unknown in the first round and not counted;"
               " its list (registered) would limit it"),
        *about(listed, "unknown in the first round and not counted; not in the forecast, though its"
               " list says how many can come"),
        *offered,
        *about(corrected, "reported again; the last report counts"),
        *about(partial, "counted in part"),
        *about(named(over), "with more votes than voters and a margin; counted, not learned"
               " - check it"),
        *about(named(waiting), "listed without votes, taken as not counted yet; where nobody voted,"
               " say counted = 1"),
        *about(named(empty), "counted in full without a single vote - check it"),
        *about(tuple(attached), "attached or merged since the first round; counted, not learned"),
        *about(tuple(lost), "attached to a unit that is nowhere to be found, taken as not counted"),
        *read,
    ]  # fmt: skip
    return PartialReturns(
        contest=contest,
        votes=frozen(votes),
        counted=counted,
        changed=changed | over | aside,
        doubted=over | aside,
        group=frozen(group),
        elsewhere=frozen(elsewhere),
        elsewhere_open=still,
        unknown=unknown,
        corrected=corrected,
        partial=partial,
        merged=tuple(n for n in attached if n in place and _home(n, attached) not in ("", n)),
        notes=tuple(notes),
        read=tuple(read),
        turnout=turnout,
        rows=last,
    )


def _nobody_there(contest: Contest, last: Mapping[str, Report]) -> npt.NDArray[np.bool_]:
    """Return which units have empty lists in both rounds, without a ballot in the first."""
    if contest.registered is None or contest.electorate != "registered":
        return np.zeros(len(contest.units), dtype=bool)
    moved = [u for u, r in last.items() if r.listed > 0 or r.other or 0 < r.fraction < 1]
    empty = (contest.registered == 0) & (contest.ballots == 0)
    return np.asarray(empty & ~np.isin(contest.units, moved))


def _nearest(new: Sequence[str], missing: Sequence[str]) -> list[str]:
    """Return names of missing units, first those that new ones may have meant."""
    near = [get_close_matches(n, missing[:MOST_COMPARED], n=1, cutoff=ALIKE) for n in new[:3]]
    return list(dict.fromkeys([*chain.from_iterable(near), *missing]))


def _by_unit(
    contest: Contest, place: Mapping[str, int], last: Mapping[str, Report]
) -> tuple[IntArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return the votes of every unit, what part of it is counted, and if its report has none."""
    votes = np.zeros((len(place), len(contest.finalists)), dtype=np.int64)
    counted, silent = np.zeros(len(place)), np.zeros(len(place), dtype=bool)
    here = {place[name]: report for name, report in last.items() if name in place}
    for u, report in here.items():
        if report.other or not report.silent:
            votes[u], counted[u], silent[u] = report.votes, report.fraction, not any(report.votes)
    unsaid = [u for u, report in here.items() if report.unsaid]
    counted[unsaid] = _likely_parts(contest, votes, counted)[unsaid]
    return votes, counted, silent


def _joined(
    place: Mapping[str, int],
    attached: Mapping[str, str],
    last: Mapping[str, Report],
    counted: FloatArray,
    silent: npt.NDArray[np.bool_],
) -> tuple[IntArray, list[str]]:
    """Return the group of every unit, and those attached to none; both are counted as one is."""
    group, lost = np.arange(len(place)), []
    for name in (name for name in attached if name in place):
        home, u = _home(name, attached), place[name]
        if home in place:
            group[group == group[u]] = group[place[home]]
        if silent[u] and home != name:
            counted[u] = last[home].fraction if home in last else 0.0
            if home not in place and home not in last:
                lost.append(f"{name} ({home})")
        elif home in place and home not in last:
            counted[place[home]] = counted[u]
    return group, lost


def _likely_parts(contest: Contest, votes: IntArray, counted: FloatArray) -> FloatArray:
    """Return what part of each unit its votes are likely to be, shape (unit,).

    Those of the first round, times how many more or fewer there are where all is counted, are all.
    """
    before, now = contest.votes.sum(axis=1), votes.sum(axis=1)
    full = (counted >= 1) & (before > 0) & (now > 0)
    change = now[full].sum() / before[full].sum() if full.any() else 1.0
    likely = now / np.maximum(change * before, 1)
    return np.where(before > 0, np.clip(likely, *UNSAID_PARTS), UNSAID)


def _most_to_come(report: Report, everybody: int) -> int:
    """Return how many votes of a unit that the first round does not know are to come at most.

    As many as its list has and a tenth more; else four times what its counted part makes likely;
    with neither nothing is known, and so as many as all units of the first round can have.
    """
    seen = sum(report.votes)
    if report.listed > 0:
        return max(int(np.ceil((1 + GROWTH) * report.listed - 1e-6)) - seen, 0)
    if report.fraction > 0:
        return int(np.ceil((1 + UNLISTED_GROWTH) * seen / report.fraction)) - seen
    return everybody


def _merged(contest: Contest, last: Mapping[str, Report]) -> tuple[dict[str, Report], list[str]]:
    """Return reports in which a new unit named after missing ones holds their votes; and notes."""
    known = set(contest.units)
    strange = [name for name, report in last.items() if name not in known and not report.other]
    missing = [unit for unit in contest.units if unit not in last]
    found, notes = dict(last), list[str]()
    free = by_plain_name(missing) if strange else {}
    for name in strange:
        parts = merged_from(name, free) if free else ()
        if not parts or not found.keys().isdisjoint(parts):
            continue
        found[parts[0]] = replace(found.pop(name), unit=parts[0])
        nothing = (0,) * len(contest.finalists)
        for part in parts[1:]:
            found[part] = Report(unit=part, votes=nothing, fraction=0.0, other=parts[0])
        said = "{name} is taken for the merger of {parts}"
        notes.append(Message(said, name=name, parts=" and ".join(parts)))
    missing = [unit for unit in missing if unit not in found]
    held = {report.other for report in found.values()}
    new = [n for n in strange if n in found and n not in held and any(last[n].votes)]
    if new and missing:
        said = (
            "new: {names}; awaited: {awaited}; if votes of these are counted there, give each "
            "a row with attached_to = {first}"
        )
        names, awaited = ", ".join(new[:3]), in_short(_nearest(new, missing))
        notes.append(Message(said, names=names, awaited=awaited, first=new[0]))
    return found, notes


def _ask_whether_percent(
    contest: Contest, votes: IntArray, counted: npt.NDArray[np.float64], most: IntArray
) -> None:
    """Raise `InputError` if what is counted in part would make a turnout that cannot be."""
    part = (counted > 0) & (counted < 1)
    room = (counted * most)[part].sum()
    if part.any() and votes[part].sum() > MOST * room:
        raise InputError(
            f"returns, 'counted': must be the fraction of each unit that is counted - read so, "
            f"{votes[part].sum():,} votes are there where {room:,.0f} people can have voted; if "
            "these are numbers of stations or ballots, leave the column out"
        )
    expected = (counted * contest.votes.sum(axis=1))[part].sum()
    seen = votes[part].sum()
    if part.any() and 0 < seen < HUNDREDTHS * expected and seen > HUNDREDTHS * expected / 100:
        raise InputError(
            f"returns, 'counted': must be the fraction of each unit that is counted - read so, "
            f"{seen:,} votes are there where the first round makes {expected:,.0f} likely; are "
            "they percentages? Write 0.9 percent as 0.9%, and 90 percent as 90% or 0.9"
        )


def _refuse_first_round(contest: Contest, votes: IntArray) -> None:
    """Raise `InputError` if all that is counted are the counts of the first round."""
    places = [contest.candidates.index(f) for f in contest.finalists]
    some = votes.any(axis=1)
    same = np.array_equal(votes[some], contest.votes[some][:, places])
    if same and some.sum() > 1 and votes.sum() >= ENOUGH:
        raise InputError(
            f"returns: must be counts of the runoff - all {int(some.sum()):,} units have exactly "
            "the votes of the first round; give the file of the runoff"
        )


def _refuse_strangers(
    unknown: Sequence[str], last: Mapping[str, Report], place: Mapping[str, int]
) -> None:
    """Raise `InputError` if too many are unknown that did not take over a known unit."""
    heirs = {report.other for report in last.values() if report.unit in place}
    strangers = [name for name in unknown if name not in heirs]
    if len(strangers) > max(1, MOST_UNKNOWN * len(last)):
        raise InputError(
            f"returns: units must be those of the first round - {len(strangers)} of {len(last)} "
            f"are unknown, such as {strangers[0]!r}; {suggest(strangers[0], tuple(place))} - do "
            "the two files belong together, by the same units? where one has codes and the other "
            "names, say of both which column names the units with columns= (--columns 'X=unit')"
        )


def _home(name: str, attached: Mapping[str, str]) -> str:
    """Return the unit in which a unit's votes are in the end, itself if that leads in a circle."""
    seen = [name]
    while attached.get(seen[-1]):
        other = attached[seen[-1]]
        if other in seen:
            return name
        seen.append(other)
    return seen[-1]
