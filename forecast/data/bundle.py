"""Bundle: everything bundled of one contest, each file read once, when it is first asked for."""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from importlib.resources import as_file, files
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.past_runoffs import PastRunoffs, read_past_runoffs
from forecast.facts.polls import Poll
from forecast.facts.readers import read_contest, read_polls, read_turnout
from forecast.files.columns import Table
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.file import read_prior
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.roles.file import read_learned
from forecast.transfers.table.protocols import LearnedModel

SHELF = files("forecast.data")
NATIONAL = "national"
"""Name of the tables that hold many contests in total: a country's presidential runoffs."""
LEFT_OUT = "left-out"
"""Name of the table of national runoffs whose facts did not pass."""
COUNTRY = "country"
"""What the units of a contest are that is known in total."""


def names_in(folder: str, ending: str) -> tuple[str, ...]:
    """Return the names of the bundled files of a folder, without their ending."""
    found = (file.name for file in (SHELF / folder).iterdir())
    return tuple(sorted(name.removesuffix(ending) for name in found if name.endswith(ending)))


@cache
def contests() -> tuple[str, ...]:
    """Return the names of the bundled contests.

    Examples
    --------
    >>> "georgia-2018" in contests()
    True
    """
    return tuple(sorted({*names_in("contests", ".toml"), *_national()}))


@contextmanager
def bundled_file(folder: str, file: str) -> Iterator[Path]:
    """Give the path of a bundled file, also where the package lies in an archive."""
    with as_file(SHELF / folder / file) as path:
        yield path


@dataclass(frozen=True)
class Bundle:
    """What is bundled of one contest by one kind of units; made by `bundle`.

    Parameters
    ----------
    name : str
        Of the contest.
    units : str
        What its units are, such as "stations".

    Notes
    -----
    The official result is not part of it: see `forecast.data.official`.

    Examples
    --------
    >>> georgia = bundle("georgia-2018")
    >>> len(georgia.contest.units), len(georgia.polls) > 0, georgia.turnout.units
    (74, True, 74)
    """

    name: str
    units: str

    @property
    def stem(self) -> str:
        """Name of its tables by these units."""
        return self.name if self.units == unit_kinds(self.name)[0] else f"{self.name}-{self.units}"

    @cached_property
    def contest(self) -> Contest:
        """The first round."""
        facts = facts_of(self.name)
        if self.units == COUNTRY:
            return _in_total(self.name)
        known = (
            "title",
            "first_round",
            "runoff",
            "labels",
            "aliases",
            "finalists",
            "scope",
            "source",
        )
        with bundled_file("contests", f"{self.stem}.csv") as path:
            said = {key: facts[key] for key in known if key in facts}
            return replace(read_contest(path, name=self.name, **said), notes=())

    @cached_property
    def polls(self) -> tuple[Poll, ...]:
        """Polls of both rounds, exit polls among them; none if none are bundled."""
        return polls_of(self.name)

    @cached_property
    def turnout(self) -> InterimTurnout | None:
        """Interim turnout, known on the day before the count; None if none is bundled."""
        return self.turnout_of(self.contest)

    def turnout_of(self, contest: Contest) -> InterimTurnout | None:
        """Return interim turnout matched with a changed copy of the contest."""
        if self.stem not in names_in("turnout", ".csv"):
            return None
        with bundled_file("turnout", f"{self.stem}.csv") as path:
            return read_turnout(path, contest)

    @property
    def relation(self) -> Mapping[str, Any] | None:
        """How the contest relates to a learned prior: its name, roles, traits; or None."""
        found = facts_of(self.name).get("learned")
        return None if found is None else MappingProxyType(found)

    @property
    def learned(self) -> LearnedModel | None:
        """The bundled prior that is meant for it, learned from past runoffs; or None."""
        return None if self.relation is None else _learned(self.relation["prior"])

    @property
    def elicited(self) -> TransferPrior | None:
        """The prior that was written down for it; or None."""
        return _elicited(self.name)

    def holds(self, contest: Contest) -> bool:
        """Return whether a contest has these counts, by whatever units and finalists."""
        mine = bundle(self.name).contest
        return (
            mine.candidates == contest.candidates
            and mine.votes.sum(axis=0).tolist() == contest.votes.sum(axis=0).tolist()
        )


AnyContest = Contest | str | PathLike[str] | Table
"""A contest, the name of a bundled one, a file, or a data frame of a first round."""


def contest_of(given: AnyContest, named: Collection[str] = ()) -> Contest:
    """Return a contest by itself, by its name, or read from a file or a data frame.

    Parameters
    ----------
    given : Contest, str, path-like or data frame
        What stands for it.
    named : collection of str
        Units that are asked for: a bundled contest has those units of which most are named.

    Raises
    ------
    InputError
        If there is no such contest, or it breaks a rule of `read_contest`.

    Examples
    --------
    >>> len(contest_of("georgia-2018").units)
    74
    """
    if isinstance(given, Contest):
        return given
    if isinstance(given, str | PathLike):
        path = Path(os.fspath(given))
        bundled = isinstance(given, str) and not path.suffix and not os.path.exists(path)
        if not bundled:
            return read_contest(path)
        return bundle(str(given), units_like(str(given), named) if named else None).contest
    if not hasattr(given, "columns"):
        raise InputError(
            f"contest: must be a Contest, the name of a bundled one, a file or a table - found "
            f"{given!r:.60}; give one"
        )
    return Contest.from_frame(given, name="contest")


def units_like(name: str, named: Collection[str]) -> str:
    """Return what the units of a bundled contest are, by names of them; the finest if none fits.

    Examples
    --------
    >>> units_like("georgia-2018", {"Gldani"})
    'districts'
    """
    known = {kind: bundle(name, kind).contest.units for kind in unit_kinds(name)[::-1]}
    return max(known, key=lambda kind: len(set(named).intersection(known[kind])))


@cache
def bundle(name: str, units: str | None = None) -> Bundle:
    """Return what is bundled of a contest.

    Parameters
    ----------
    name : str
        One of `contests()`.
    units : str, optional
        What its units are, one of `unit_kinds`; the first by default.

    Raises
    ------
    InputError
        If there is no such contest, or not by such units.
    """
    kinds = unit_kinds(name)
    if units is not None and units not in kinds:
        raise InputError(f"{name} has no units {units!r}; {suggest(units, kinds)}")
    return _bundle(name, units or kinds[0])


@cache
def _bundle(name: str, units: str) -> Bundle:
    return Bundle(name, units)


def bundle_of(contest: Contest) -> Bundle | None:
    """Return what is bundled of a contest with these counts, by the units it has; or None.

    Examples
    --------
    >>> bundle_of(bundle("georgia-2018", "stations").contest).units
    'stations'
    """
    if contest.name not in contests() or not bundle(contest.name).holds(contest):
        return None
    kinds = [bundle(contest.name, kind) for kind in unit_kinds(contest.name)]
    return next((b for b in kinds if b.contest.units == contest.units), kinds[0])


def unit_kinds(name: str) -> tuple[str, ...]:
    """Return what the units of a bundled contest can be, the usual first.

    Raises
    ------
    InputError
        If there is no such contest.

    Examples
    --------
    >>> unit_kinds("georgia-2018")
    ('districts', 'stations')
    """
    return tuple(facts_of(name)["units"])


@cache
def left_out() -> dict[str, tuple[str, str]]:
    """Return title of, and what is not known of, national runoffs that are known but not bundled.

    Examples
    --------
    >>> left_out()["peru-2011"]
    ('Peru, presidential election 2011', 'the ballots of the first round')
    """
    text = (SHELF / "contests" / f"{LEFT_OUT}.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {r["contest"]: (r["title"], r["lacks"].replace("; ", ", ")) for r in rows}


def _instead(name: str) -> str:
    """Return the remedy for a contest that is not bundled: those of its place before all others."""
    if name in left_out():
        title, lacks = left_out()[name]
        return f"{title}, is left out, as its source lacks {lacks}; give the counts in a file"
    if name in names_in("elections", ".toml"):
        return (
            "its first round is to come: see forecast_election() ('forecast before', which has "
            "--freeze)"
        )
    place = name.rpartition("-")[0] or name
    places = {known: known.rpartition("-")[0] for known in contests()}
    same = tuple(known for known in places if places[known] == place)
    if len(same) > 1:
        return f"known: {', '.join(same)}"
    return suggest(name, same) if same else suggest(place, tuple(dict.fromkeys(places.values())))


@cache
def facts_of(name: str) -> dict[str, Any]:
    """Return the facts of a bundled contest that are not counts."""
    if name not in contests():
        raise InputError(f"no bundled contest {name!r}; {_instead(name)}")
    if name in _national():
        head = _national()[name][0]
        return {
            "title": head["title"],
            "first_round": date.fromisoformat(head["first_round"]),
            "runoff": date.fromisoformat(head["runoff"]),
            "labels": {},
            "aliases": {},
            "finalists": finalists_of(_national()[name]),
            "scope": "national",
            "source": head["source"],
            "units": [head["units"]],
        }
    return tomllib.loads((SHELF / "contests" / f"{name}.toml").read_text("utf-8"))


def national_rows(folder: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a table of many contests, by contest; none if there is no such table."""
    found: dict[str, list[dict[str, str]]] = {}
    text = (SHELF / folder / f"{NATIONAL}.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["contest"], []).append(row)
    return found


@cache
def _national() -> dict[str, list[dict[str, str]]]:
    return national_rows("contests")


def finalists_of(rows: list[dict[str, str]]) -> list[str]:
    """Return who advanced, by votes."""
    found = [row for row in rows if row["finalist"]]
    return [row["candidate"] for row in sorted(found, key=lambda row: -int(row["votes"]))]


def _in_total(name: str) -> Contest:
    """Return a national contest known in total: one unit, the country."""
    rows, facts = _national()[name], facts_of(name)
    counts = {row["candidate"]: int(row["votes"]) for row in rows}
    registered, invalid = counts.pop("registered"), counts.pop("invalid")
    known = ("title", "first_round", "runoff", "finalists", "scope", "source")
    return Contest(
        name=name,
        candidates=tuple(counts),
        units=(facts["title"].split(",")[0],),
        votes=np.array([list(counts.values())]),
        invalid=np.array([invalid]),
        registered=np.array([registered]),
        **{key: facts[key] for key in known},
    )


@cache
def polls_of(name: str) -> tuple[Poll, ...]:
    """Return the bundled polls of a bundled contest; none if there are none."""
    if name in _national():
        return tuple(_national_poll(row, bundle(name).contest) for row in _polled().get(name, ()))
    if name not in names_in("polls", ".csv"):
        return ()
    with bundled_file("polls", f"{name}.csv") as path:
        return read_polls(path, bundle(name).contest)


@cache
def _polled() -> dict[str, list[dict[str, str]]]:
    return national_rows("polls")


def _national_poll(row: dict[str, str], contest: Contest) -> Poll:
    """Return one poll of a row that names the finalists by their place."""
    start, end, published = (
        date.fromisoformat(row[k]) if row[k] else None for k in ("start", "end", "published")
    )
    shares = [float(row[place]) / 100 for place in ("first", "second")]
    return Poll(
        pollster=row["pollster"],
        n=int(row["n"]),
        shares=dict(zip(contest.finalists, shares, strict=True)),
        base="decided" if row["base"] == "decided" else "everybody",
        undecided=float(row["undecided"]) / 100 if row["undecided"] else None,
        source=row["source"],
        note=row["note"],
        start=start,
        end=end,
        published=published,
    )


def polled_contests() -> tuple[str, ...]:
    """Return the names of the bundled contests with bundled polls."""
    return tuple(sorted({*names_in("polls", ".csv"), *_polled()} - {NATIONAL}))


@cache
def _learned(name: str) -> LearnedModel:
    with bundled_file("priors", f"{name}.json") as path:
        return read_learned(path)


@cache
def _elicited(name: str) -> TransferPrior | None:
    if name not in names_in("priors", ".toml"):
        return None
    with bundled_file("priors", f"{name}.toml") as path:
        return read_prior(path)


def histories() -> tuple[str, ...]:
    """Return the names of the bundled histories of past runoffs.

    Examples
    --------
    >>> histories()
    ('georgia', 'world')
    """
    return names_in("histories", ".csv")


@refuses_other_kinds
def past_runoffs(name: str) -> PastRunoffs:
    """Return a bundled history: totals of past runoffs, none of them a bundled contest.

    Their results are evidence, not answers: each has a date, which `learn_prior` and
    `PastRunoffs.as_of` compare with the day of the forecast.

    Parameters
    ----------
    name : str
        One of `histories()`: "georgia" has the runoffs of 2014-2016, "world" national presidential
        runoffs up to 2018.

    Returns
    -------
    PastRunoffs
        A sequence of (Contest, Returns).

    Raises
    ------
    InputError
        If there is no such history.

    Examples
    --------
    >>> world = past_runoffs("world")
    >>> contest, returns = world[0]
    >>> contest.title, round(returns.share(contest.finalists[0]), 3), len(world)
    ('Benin, presidential election 1996', 0.475, 54)
    """
    if name not in histories():
        raise InputError(f"no bundled history {name!r}; {suggest(name, histories())}")
    return _history(name)


@cache
def _history(name: str) -> PastRunoffs:
    with bundled_file("histories", f"{name}.csv") as path:
        return read_past_runoffs(path, name=name)
