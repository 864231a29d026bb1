"""PartialReturns: what is counted so far of a runoff, matched with the units of the first round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, frozen
from forecast.display import Brief
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import UNLISTED_GROWTH, InterimTurnout, most_voters
from forecast.facts.returns import Returns
from forecast.facts.unit_reports import Report, refuse_sum, reports
from forecast.files.columns import MAX_CELLS, Columns
from forecast.signatures import refuses_other_kinds

__all__ = [
    "PartialReturns",
    "Reporting",
    "corrected_since",
    "partial_returns",
    "partial_returns_of_tables",
    "reporting_of",
    "reporting_of_tables",
]

MOST_UNKNOWN = 0.1
"""Most units without a first round, as a fraction of those reported, before the file is refused."""
NAMED = 5
"""Units named in a note."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PartialReturns(Brief):
    """Counts of a runoff night, in the order of the contest's units.

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
    turnout : InterimTurnout, optional
        What was known of turnout before anything was counted.
    rows : mapping of str to Report
        What each unit reported last.
    """

    contest: Contest
    votes: IntArray
    counted: npt.NDArray[np.float64]
    changed: npt.NDArray[np.bool_]
    group: IntArray
    elsewhere: IntArray
    elsewhere_open: int = 0
    unknown: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    turnout: InterimTurnout | None = None
    rows: Mapping[str, Report] = field(default_factory=dict, repr=False)

    @property
    def totals(self) -> dict[str, int]:
        """Votes counted so far by finalist, those of unknown units included."""
        sums = self.votes.sum(axis=0) + self.elsewhere
        return dict(zip(self.contest.finalists, sums.tolist(), strict=True))

    @cached_property
    def most(self) -> IntArray:
        """How many can vote in each unit at most, shape (unit,); see `roll.most_voters`."""
        growth = None if self.turnout is None else self.turnout.growth
        return most_voters(self.contest, growth)

    @property
    def units(self) -> int:
        """Number of units that have reported something."""
        return int((self.counted > 0).sum())

    @property
    def complete(self) -> bool:
        """Whether every unit is counted in full."""
        return bool((self.counted >= 1).all()) and not self.elsewhere_open

    def with_turnout(self, turnout: InterimTurnout | None) -> Reporting:
        """Return the same returns with something else known of turnout: how many can vote where."""
        return _matched(self.contest, self.rows, self.corrected, turnout)


@refuses_other_kinds
def partial_returns(
    contest: Contest, returns: Returns | Columns | Any, *, turnout: InterimTurnout | None = None
) -> Reporting:
    """Match returns with a contest.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : Returns, or table of them
        Columns `unit` and one per finalist; optional `counted` (fraction of the unit that is
        counted, or percent if any cell is above 1), and `attached_to` (another unit that holds this
        one's votes, or whose voters vote here). A unit that occurs again replaces itself: its last
        row counts. A row without numbers says nothing, and in a table without `counted` a row of
        zeros is a unit that has not reported; every unit of `Returns` has.
    turnout : InterimTurnout, optional
        What was known of turnout before anything was counted.

    Returns
    -------
    Reporting

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
    if isinstance(returns, Returns):
        if set(returns.finalists) != set(contest.finalists):
            raise InputError(
                f"returns: must be of the finalists {contest.finalists} - found {returns.finalists}"
            )
        columns = Columns(
            where="returns",
            values={"unit": returns.units, "counted": (1,) * len(returns.units)}
            | {f: returns.votes[:, k].tolist() for k, f in enumerate(returns.finalists)},
        )
    else:
        columns = returns if isinstance(returns, Columns) else Columns.from_frame(returns)
    return reporting_of_tables(contest, [columns], turnout=turnout)


def partial_returns_of_tables(
    contest: Contest, tables: Iterable[Columns], *, turnout: InterimTurnout | None = None
) -> Reporting:
    """Match several tables, each as for `reporting_of`; a later one replaces units of earlier.

    Raises
    ------
    InputError
        As `reporting_of`, or if the tables say more different things than one may hold.
    """
    if turnout is not None and turnout.contest is not contest and turnout.contest != contest:
        raise InputError("turnout: belongs to another contest; match it anew")
    last: dict[str, Report] = {}
    corrected: dict[str, None] = {}
    where, changes = "", 0
    for columns in tables:
        for report in reports(columns, contest.finalists):
            before = last.get(report.unit)
            if before == report:  # most files of a folder repeat what is known
                continue
            if before is not None and before.fraction > 0:
                corrected[report.unit] = None
            last[report.unit] = report
            changes += 1
        if where and changes * (len(contest.finalists) + 3) > MAX_CELLS:
            raise InputError(
                f"{columns.where}: this file and those before must have at most {MAX_CELLS:,} "
                "cells that change - found more; keep each unit's last report only"
            )
        where = "returns" if where else columns.where
    known = set(contest.units)
    refuse_sum(where, [r for r in last.values() if r.unit not in known], last)
    return _matched(contest, last, tuple(corrected), turnout)


def corrected_since(now: Reporting, before: Reporting) -> Reporting:
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
        notes=(*now.notes, *_note(names, "corrected since the last look")),
    )


def _matched(
    contest: Contest,
    last: Mapping[str, Report],
    corrected: tuple[str, ...],
    turnout: InterimTurnout | None,
) -> Reporting:
    place = {unit: u for u, unit in enumerate(contest.units)}
    votes = np.zeros((len(place), len(contest.finalists)), dtype=np.int64)
    counted, silent = np.zeros(len(place)), np.zeros(len(place), dtype=bool)
    elsewhere, still = np.zeros(len(contest.finalists), dtype=np.int64), 0.0
    unknown = tuple(name for name in last if name not in place)
    _refuse_strangers(unknown, last, place)
    for name, report in last.items():
        if name in place:
            votes[place[name]] = report.votes
            counted[place[name]] = report.fraction
            silent[place[name]] = not any(report.votes)
        else:
            elsewhere += report.votes
            if 0 < report.fraction < 1:
                total = sum(report.votes) / report.fraction
                still += np.ceil((1 + UNLISTED_GROWTH) * total) - sum(report.votes)
    attached = {name: report.other for name, report in last.items() if report.other}
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
    changed = np.isin(group, group[[place[n] for n in attached if n in place]])
    most = most_voters(contest, None if turnout is None else turnout.growth)
    sums = votes.sum(axis=1)
    over = np.bincount(group, sums, len(place)) > np.bincount(group, most, len(place))
    over = over[group] & (sums > 0)
    partial = tuple(u for u in place if 0 < counted[place[u]] < 1)
    waiting = silent & (counted == 0) & (most > 0)
    empty = silent & (counted >= 1) & (most > 0)

    def named(chosen: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(u for u in place if chosen[place[u]] and u not in attached)

    notes = [
        *_note(unknown, "unknown in the first round; their votes are counted, nothing is learned"),
        *_note(corrected, "reported again; the last report counts"),
        *_note(partial, "counted in part"),
        *_note(named(over), "with more votes than voters and a margin; counted, not learned"
               " - check it"),
        *_note(named(waiting), "listed without votes, taken as not counted yet; where nobody voted,"
               " say counted = 1"),
        *_note(named(empty), "counted in full without a single vote - check it"),
        *_note(tuple(attached), "attached or merged since the first round; counted, not learned"),
        *_note(tuple(lost), "attached to a unit that is nowhere to be found, taken as not counted"),
    ]  # fmt: skip
    return Reporting(
        contest=contest,
        votes=frozen(votes),
        counted=counted,
        changed=changed | over,
        group=frozen(group),
        elsewhere=frozen(elsewhere),
        elsewhere_open=int(still),
        unknown=unknown,
        corrected=corrected,
        partial=partial,
        merged=tuple(n for n in attached if n in place and _home(n, attached) not in ("", n)),
        notes=tuple(notes),
        turnout=turnout,
        rows=last,
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
            "the two files belong together, by the same units?"
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


def _note(units: Sequence[str], what: str) -> list[str]:
    """Return a sentence about some units, or none."""
    if not units:
        return []
    named = ", ".join(units[:NAMED]) + (", ..." if len(units) > NAMED else "")
    return [f"{len(units):,} unit{'s' * (len(units) > 1)} {what}: {named}"]


Reporting = PartialReturns
reporting_of = partial_returns
reporting_of_tables = partial_returns_of_tables
