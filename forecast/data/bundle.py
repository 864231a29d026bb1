"""Bundle: everything bundled of one contest, each file read once, when it is first asked for."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import as_file, files
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.polls import Poll
from forecast.facts.readers import read_contest, read_polls, read_turnout
from forecast.transfers.elicited.file import read_prior
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.roles.file import read_learned
from forecast.transfers.table.protocols import LearnedModel

__all__ = [
    "AnyContest",
    "Bundle",
    "Table",
    "bundle",
    "bundle_of",
    "bundled_file",
    "contest_of",
    "contests",
    "names_in",
]

SHELF = files("forecast.data")


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
    return names_in("contests", ".toml")


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
        facts = _facts(self.name)
        known = ("title", "first_round", "runoff", "labels", "aliases", "finalists", "scope")
        with bundled_file("contests", f"{self.stem}.csv") as path:
            found = read_contest(path, name=self.name, **{key: facts[key] for key in known})
        return replace(found, notes=())

    @cached_property
    def polls(self) -> tuple[Poll, ...]:
        """Polls of both rounds, exit polls among them; none if none are bundled."""
        return _polls(self.name)

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
        found = _facts(self.name).get("learned")
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
        mine = _whole(self.name)
        return (
            mine.candidates == contest.candidates
            and mine.votes.sum(axis=0).tolist() == contest.votes.sum(axis=0).tolist()
        )


class Table(Protocol):
    """A table of pandas, polars or pyarrow."""

    @property
    def columns(self) -> Any:
        """Its columns."""


AnyContest = Contest | str | PathLike[str] | Table
"""A contest, the name of a bundled one, a file, or a data frame of a first round."""


def contest_of(given: AnyContest) -> Contest:
    """Return a contest by itself, by its name, or read from a file or a data frame.

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
        named = isinstance(given, str) and not path.suffix and not os.path.exists(path)
        return bundle(str(given)).contest if named else read_contest(path)
    if not hasattr(given, "columns"):
        raise InputError(
            f"contest: must be a Contest, the name of a bundled one, a file or a table - found "
            f"{given!r:.60}; give one"
        )
    return Contest.from_frame(given, name="contest")


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
    return tuple(_facts(name)["units"])


@cache
def _facts(name: str) -> dict[str, Any]:
    if name not in contests():
        raise InputError(f"no bundled contest {name!r}; {suggest(name, contests())}")
    return tomllib.loads((SHELF / "contests" / f"{name}.toml").read_text("utf-8"))


def _whole(name: str) -> Contest:
    """Return a bundled contest by its usual units."""
    return bundle(name).contest


@cache
def _polls(name: str) -> tuple[Poll, ...]:
    if name not in names_in("polls", ".csv"):
        return ()
    with bundled_file("polls", f"{name}.csv") as path:
        return read_polls(path, _whole(name))


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
