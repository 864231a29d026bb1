"""Bundled facts: contests as they stood after their first round, each row with its source."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.past_runoffs import PastRunoffs, read_past_runoffs
from forecast.facts.polls import Poll
from forecast.facts.readers import read_contest, read_polls, read_turnout

__all__ = [
    "bundled_file",
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

HERE = Path(__file__).parent


def contests() -> tuple[str, ...]:
    """Return the names of the bundled contests.

    Examples
    --------
    >>> "georgia-2018" in contests()
    True
    """
    return tuple(sorted(path.stem for path in (HERE / "contests").glob("*.toml")))


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
    file = bundled_file(HERE / "contests", name, units)
    facts = _facts(name)
    keys = ("title", "first_round", "runoff", "labels", "aliases", "scope")
    details = {key: facts[key] for key in keys}
    return read_contest(file, name=name, finalists=facts["finalists"], **details)


def _facts(name: str) -> dict[str, Any]:
    if name not in contests():
        raise InputError(f"no bundled contest {name!r}; {suggest(name, contests())}")
    return tomllib.loads((HERE / f"contests/{name}.toml").read_text("utf-8"))


def is_bundled(contest: Contest) -> bool:
    """Return whether a contest is the bundled one of its name, by whatever units.

    That is, every candidate has the same votes in all, and the finalists are the same.

    Examples
    --------
    >>> is_bundled(load_contest("georgia-2018", units="stations"))
    True
    """
    if contest.name not in contests():
        return False
    facts = load_contest(contest.name)
    return (
        facts.candidates == contest.candidates
        and facts.votes.sum(axis=0).tolist() == contest.votes.sum(axis=0).tolist()
        and set(facts.finalists) == set(contest.finalists)
    )


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
    return tuple(_facts(name)["units"])


def bundled_file(folder: Path, name: str, units: str | None) -> Path:
    """Return the file of a bundled contest by certain units in a folder of bundled facts.

    Raises
    ------
    InputError
        If there is no such contest, or not by such units.
    """
    kinds = unit_kinds(name)
    if units is not None and units not in kinds:
        raise InputError(f"{name} has no units {units!r}; {suggest(units, kinds)}")
    plain = units in (None, kinds[0])
    return folder / f"{name if plain else f'{name}-{units}'}.csv"


def learned_from(name: str) -> dict[str, Any] | None:
    """Return how a bundled contest relates to a learned prior: prior, roles, traits; or None.

    Examples
    --------
    >>> learned_from("georgia-2018")["roles"]["zurabishvili"]
    'government'
    """
    path = HERE / f"contests/{name}.toml"
    if name not in contests():
        return None
    found: dict[str, Any] | None = tomllib.loads(path.read_text("utf-8")).get("learned")
    return found


def polled_contests() -> tuple[str, ...]:
    """Return the names of the bundled contests with bundled polls."""
    return tuple(sorted(path.stem for path in (HERE / "polls").glob("*.csv")))


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
    return read_polls(HERE / f"polls/{name}.csv", load_contest(name))


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
        If there is no such contest, or not by such units.

    Examples
    --------
    >>> load_turnout("georgia-2018", units="stations").units
    3694
    """
    file = bundled_file(HERE / "turnout", name, units)
    return read_turnout(file, contest or load_contest(name, units=units))


def histories() -> tuple[str, ...]:
    """Return the names of the bundled histories of past runoffs.

    Examples
    --------
    >>> histories()
    ('georgia', 'world')
    """
    return tuple(sorted(path.stem for path in (HERE / "histories").glob("*.csv")))


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
    ('Benin, presidential election 1996', 0.475, 53)
    """
    if name not in histories():
        raise InputError(f"no bundled history {name!r}; {suggest(name, histories())}")
    return read_past_runoffs(HERE / f"histories/{name}.csv", name=name)
