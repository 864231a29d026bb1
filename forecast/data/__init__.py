"""Bundled facts: contests as they stood after their first round, each row with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecast.data.bundle import (
    Bundle,
    bundle,
    bundle_of,
    bundled_file,
    contests,
    names_in,
    unit_kinds,
)
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.past_runoffs import PastRunoffs, read_past_runoffs
from forecast.facts.polls import Poll
from forecast.signatures import refuses_other_kinds

__all__ = [
    "Bundle",
    "bundle",
    "bundle_of",
    "contests",
    "histories",
    "is_bundled",
    "learned_from",
    "load_contest",
    "load_polls",
    "load_turnout",
    "past_runoffs",
    "polled_contests",
    "unit_kinds",
]


@refuses_other_kinds
def load_contest(name: str, *, units: str | None = None) -> Contest:
    """Return a bundled contest.

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

    Examples
    --------
    >>> georgia = load_contest("georgia-2018")
    >>> georgia.finalists, len(georgia.units)
    (('zurabishvili', 'vashadze'), 74)
    >>> len(load_contest("georgia-2018", units="stations").units)
    3694
    """
    return bundle(name, units).contest


def is_bundled(contest: Contest) -> bool:
    """Return whether a contest is the bundled one of its name, by whatever units.

    That is, every candidate has the same votes in all, and the finalists are the same.

    Examples
    --------
    >>> is_bundled(load_contest("georgia-2018", units="stations"))
    True
    """
    found = bundle_of(contest)
    return found is not None and set(found.contest.finalists) == set(contest.finalists)


def learned_from(name: str) -> Mapping[str, Any] | None:
    """Return how a bundled contest relates to a learned prior: prior, roles, traits; or None.

    Examples
    --------
    >>> learned_from("georgia-2018")["roles"]["zurabishvili"]
    'government'
    """
    return bundle(name).relation if name in contests() else None


def polled_contests() -> tuple[str, ...]:
    """Return the names of the bundled contests with bundled polls."""
    return names_in("polls", ".csv")


@refuses_other_kinds
def load_polls(name: str) -> tuple[Poll, ...]:
    """Return the bundled polls of a bundled contest, of both rounds, exit polls among them.

    Parameters
    ----------
    name : str
        Name of the contest.

    Raises
    ------
    InputError
        If no polls are bundled for that name.

    Examples
    --------
    >>> [poll.name for poll in load_polls("georgia-2018") if poll.round == "runoff"][0]
    'Edison Research, 2018-11-01 to 2018-11-09'
    """
    if name not in polled_contests():
        raise InputError(f"no bundled polls for {name!r}; {suggest(name, polled_contests())}")
    return bundle(name).polls


@refuses_other_kinds
def load_turnout(
    name: str, *, units: str | None = None, contest: Contest | None = None
) -> InterimTurnout:
    """Return the bundled interim turnout of a contest: known on the day, before the count.

    Parameters
    ----------
    name : str
        Name of the contest.
    units : str, optional
        What its units are, as for `load_contest`.
    contest : Contest, optional
        A changed copy of the contest to match it with, such as one with other finalists.

    Raises
    ------
    InputError
        If there is no such contest, not by such units, or without bundled turnout.

    Examples
    --------
    >>> load_turnout("georgia-2018", units="stations").units
    3694
    """
    shelf = bundle(name, units)
    same = contest is None or contest == shelf.contest
    found = shelf.turnout if contest is None or same else shelf.turnout_of(contest)
    if found is None:
        raise InputError(f"no bundled turnout for {name!r}; read it from a file")
    return found


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
    with bundled_file("histories", f"{name}.csv") as path:
        return read_past_runoffs(path, name=name)
