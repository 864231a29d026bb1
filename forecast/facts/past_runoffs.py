"""Past runoffs with both rounds: a history to learn from, and the CSV file it is kept in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import overload

import numpy as np

from forecast.display import Displayed, Shown
from forecast.errors import InputError, check_day
from forecast.facts.contest import Contest
from forecast.facts.ledger import INVALID, NON_VOTERS
from forecast.facts.returns import Returns
from forecast.facts.tables.contest_rows import answers, contest_rows, sums_of_contests
from forecast.facts.tables.rounds import round_of_cell
from forecast.facts.words.column_words import role_of
from forecast.facts.words.days import ISO
from forecast.signatures import refuses_other_kinds

Pair = tuple[Contest, Returns]
Row = Mapping[str, str]

REGISTERED = "registered"
UNUSED = ("ballots", "valid", "abstention", "turnout", "total", "percent")
"""Roles of rows that other rows say already."""
DAYS = ("first_round", "runoff")
"""Columns of the days of both rounds, where the rows have no date of their own."""
FINALIST_ROLES = ("leader", "runner-up")
ELIMINATED = "eliminated"


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PastRunoffs(Displayed, Sequence[Pair]):
    """A sequence of (Contest, Returns) with the role of every origin.

    Parameters
    ----------
    name : str
        What to call it.
    pairs : tuple of (Contest, Returns)
        Both rounds of every contest.
    roles : mapping of contest to mapping of origin to role
        As `learn_prior` takes them.
    withdrawn : tuple of str
        Names of contests in which a finalist gave up.
    notes : tuple of str
        What a reader should know of how a table was read.
    families : mapping of contest to mapping of candidate to family
        Political families, as `learn_families` takes them, where the table says them.

    Examples
    --------
    >>> from forecast import past_runoffs
    >>> georgia = past_runoffs("georgia")
    >>> contest, returns = georgia[0]
    >>> len(georgia), contest.runoff.isoformat(), returns.finalists == contest.finalists
    (81, '2016-10-30', True)
    """

    name: str
    pairs: tuple[Pair, ...]
    roles: Mapping[str, Mapping[str, str]]
    withdrawn: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    families: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Pair, ...]: ...
    def __getitem__(self, index: int | slice) -> Pair | tuple[Pair, ...]:
        return self.pairs[index]

    def shown(self) -> Shown:
        """Return every runoff: its day, units, and who won by how much of the vote."""
        rows = []
        for contest, returns in self.pairs:
            day = contest.runoff.isoformat() if contest.runoff else ""
            votes, counted = returns.totals, sum(returns.totals.values())
            first = max(votes, key=lambda f: votes[f])
            share = f"{100 * votes[first] / counted:.1f}%" if counted else ""
            units = f"{len(contest.units):,}"
            rows.append([contest.title or contest.name, day, units, contest.label(first), share])
        return Shown(
            title=f"{self.name}: {len(self)} runoffs",
            head=["contest", "runoff", "units", "first", "share"],
            rows=rows,
            notes=self.notes,
            left=(0, 1, 3),
        )

    def as_of(self, day: date) -> PastRunoffs:
        """Return the runoffs held by a day.

        Parameters
        ----------
        day : datetime.date
            The last day whose runoffs are kept.

        Raises
        ------
        InputError
            If a runoff has no date, so that nobody can say, or `day` is no date.
        """
        check_day(day, "as_of")
        for contest, _ in self.pairs:
            if contest.runoff is None:
                raise InputError(
                    f"{self.name}: the runoff of {contest.name!r} has no date, so nobody can say "
                    f"whether it was held by {day}; give it one"
                )
        kept = tuple(p for p in self.pairs if p[0].runoff is not None and p[0].runoff <= day)
        names = {contest.name for contest, _ in kept}
        return replace(
            self,
            pairs=kept,
            roles={name: said for name, said in self.roles.items() if name in names},
            withdrawn=tuple(name for name in self.withdrawn if name in names),
            families={name: said for name, said in self.families.items() if name in names},
        )


@refuses_other_kinds
def read_past_runoffs(path: str | PathLike[str], *, name: str | None = None) -> PastRunoffs:
    """Read past runoffs from a CSV file with one row per count.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8). Columns ``contest``, ``round`` (1, 2 or words for them), ``candidate``
        and ``votes``, or usual words for them such as ``commune;tour;candidat;voix``; optional
        ``unit`` (one per contest without), ``date`` of the round (or ``first_round`` and ``runoff``
        of the contest), ``role``, ``family``, ``title``, ``withdrawn`` (yes, or a day: a finalist
        gave up) and ``source``. Contests that are sums of the others are left out.
    name : str, optional
        What to call the history; the file's stem by default.

    Returns
    -------
    PastRunoffs

    Raises
    ------
    InputError
        If a row breaks a rule or a contest lacks a round.

    Notes
    -----
    Besides candidates, ``candidate`` may be ``registered`` or ``invalid``, or a word for them in
    another language, whose count stands under ``votes``; rows of ballots and totals are left out.
    Registered people are needed in one round at least. Whoever has votes in round 2 is a finalist.
    Without a role finalists are "leader" and "runner-up" by their first-round votes, all
    others "eliminated"; invalid ballots count as non-voters.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> rows = ["contest,round,candidate,votes", "x,1,ada,40", "x,1,ben,30", "x,1,cid,20",
    ...         "x,1,registered,150", "x,2,ada,44", "x,2,ben,45"]
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "history.csv"
    ...     _ = path.write_text(chr(10).join(rows))
    ...     history = read_past_runoffs(path)
    >>> history[0][1].share("ben") > 0.5, history.roles["x"]["cid"]
    (True, 'eliminated')
    """
    columns = contest_rows(path, "round", "candidate", "votes")
    columns.texts("contest")
    columns.texts("candidate")
    votes, gone = columns.counts("votes").tolist(), answers(columns, "withdrawn")
    rounds = [round_of_cell(cell) for cell in columns.values["round"]]
    by_contest: dict[str, list[Row]] = {}
    for i, which in enumerate(rounds):
        row = {key: str(cells[i]) for key, cells in columns.values.items()}
        row |= {"row": columns.row(i), "votes": str(votes[i])}
        if not which:
            raise InputError(
                f"{row['row']}: round must be 1 or 2, or words for these - found {row['round']!r}"
            )
        own = row.get(DAYS[which - 1], "")
        if not row.get("date") and ISO.fullmatch(own):
            row["date"] = own
        by_contest.setdefault(row["contest"], []).append(row | {"round": str(which)})
    counts = {name: _summed(rows) for name, rows in by_contest.items()}
    sums, notes = sums_of_contests(columns.where, counts)
    pairs, roles, families = [], {}, {}
    for contest, rows in by_contest.items():
        if contest not in sums:
            first, returns = _rounds(contest, rows, columns.where)
            pairs.append((first, returns))
            roles[contest] = usual_roles(first) | _said(rows, "role")
            if family := {r["candidate"]: r["family"] for r in rows[::-1] if r.get("family")}:
                families[contest] = family  # as the first round calls it
    gave_up = (
        str(name) for name, left in zip(columns.values["contest"], gone, strict=True) if left
    )
    withdrawn = tuple(name for name in dict.fromkeys(gave_up) if name not in sums)
    stem = name or Path(path).stem
    return PastRunoffs(
        name=stem, pairs=tuple(pairs), roles=roles, withdrawn=withdrawn, notes=notes,
        families=families,
    )  # fmt: skip


def _summed(rows: Sequence[Row]) -> dict[str, int]:
    """Return the votes of a contest's rounds, and what else was counted."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[f"{role_of(row['candidate'])} {row['round']}"] += int(row["votes"])
    return counts


def usual_roles(contest: Contest) -> dict[str, str]:
    """Return the roles that the counts alone give to the origins of a contest.

    Examples
    --------
    >>> from forecast import load_contest
    >>> roles = usual_roles(load_contest("georgia-2018"))
    >>> roles["zurabishvili"], roles["vashadze"], roles["bakradze"], roles["invalid"]
    ('leader', 'runner-up', 'eliminated', 'non-voters')
    """
    ledger = contest.ledger()
    order = sorted(contest.finalists, key=lambda f: -int(ledger.totals[ledger.index(f)]))
    usual = dict(zip(order, FINALIST_ROLES, strict=False))
    usual |= {INVALID: NON_VOTERS, NON_VOTERS: NON_VOTERS}
    return {origin: usual.get(origin, ELIMINATED) for origin in ledger.origins}


Counted = dict[str, dict[str, int]]


def _rounds(name: str, rows: Sequence[Row], where: str) -> Pair:
    """Return one contest and its returns."""
    first, runoff = _counted(rows, "1"), _counted(rows, "2")
    if not first or not runoff:
        raise InputError(
            f"{where}: contest {name!r} must have both rounds - found one; complete it"
        )
    candidates, finalists = (_people(counted) for counted in (first, runoff))
    for finalist in finalists:
        if finalist not in candidates:
            raise InputError(
                f"{where}: finalists of {name!r} must have votes in round 1 - found none for "
                f"{finalist!r}; use the same name in both rounds"
            )
    votes = np.array([[first[u].get(c, 0) for c in candidates] for u in first])
    finalists = sorted(finalists, key=lambda f: -int(votes[:, candidates.index(f)].sum()))
    listed = {u: first[u].get(REGISTERED, runoff.get(u, {}).get(REGISTERED)) for u in first}
    missing = [u for u, count in listed.items() if count is None]
    if missing:
        raise InputError(
            f"{where}: registered people of {name!r} must be known, since non-voters are an origin "
            f"- found none for unit {missing[0]!r}; add a row with candidate 'registered'"
        )
    contest = Contest(
        name=name,
        candidates=tuple(candidates),
        finalists=tuple(finalists),
        units=tuple(first),
        votes=votes,
        invalid=np.array([first[u].get(INVALID, 0) for u in first]),
        registered=np.array([listed[u] for u in first]),
        first_round=_day(rows, "1"),
        runoff=_day(rows, "2"),
        title=rows[0].get("title", ""),
        source="; ".join(dict.fromkeys(r["source"] for r in rows if r.get("source"))),
    )
    returns = Returns(
        units=tuple(runoff),
        finalists=tuple(finalists),
        votes=np.array([[runoff[u].get(f, 0) for f in finalists] for u in runoff]),
        invalid=_whole(runoff, INVALID),
        registered=_whole(runoff, REGISTERED),
    )
    return contest, returns


def _counted(rows: Sequence[Row], which: str) -> Counted:
    """Return the counts of one round by unit; blank, null and spoilt ballots are invalid."""
    found: Counted = {}
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if row["round"] != which:
            continue
        place, name = row.get("unit") or "all", row["candidate"]
        if (place, name) in seen:
            raise InputError(
                f"{row['row']}: every candidate must occur once per contest, round and unit - "
                f"found {name!r} again; remove one"
            )
        seen.add((place, name))
        unit, role = found.setdefault(place, {}), role_of(name)
        if role in (INVALID, REGISTERED):
            unit[role] = unit.get(role, 0) * (role == INVALID) + int(row["votes"])
        elif role not in UNUSED:
            unit[name] = int(row["votes"])
    return found


def _people(counted: Counted) -> list[str]:
    names = dict.fromkeys(name for unit in counted.values() for name in unit)
    return [name for name in names if name not in (REGISTERED, INVALID)]


def _whole(counted: Counted, name: str) -> np.ndarray | None:
    """Return the counts of one reserved name by unit, None unless every unit has it."""
    found = [unit[name] for unit in counted.values() if name in unit]
    return np.array(found) if len(found) == len(counted) else None


def _day(rows: Sequence[Row], which: str) -> date | None:
    found = {r["date"]: r["row"] for r in rows if r["round"] == which and r.get("date")}
    if len(found) > 1:
        raise InputError(
            f"{list(found.values())[1]}: a round has one date - found {' and '.join(found)}"
        )
    for text, where in found.items():
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InputError(f"{where}: date must look like 2018-10-28 - found {text!r}") from None
    return None


def _said(rows: Sequence[Row], column: str) -> dict[str, str]:
    """Return what a column says of every origin, one word each."""
    given: dict[str, str] = {}
    for row in rows:
        said, name = row.get(column), row["candidate"]
        if said and given.setdefault(name, said) != said:
            raise InputError(
                f"{row['row']}: a candidate has one {column} in a contest - found {said!r} and "
                f"{given[name]!r} for {name!r}"
            )
    return {origin: said for origin, said in given.items() if origin != REGISTERED}
