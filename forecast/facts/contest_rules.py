"""What must hold of a contest: names that can be told apart, counts that do not contradict."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from forecast.errors import InputError, suggest
from forecast.facts.ledger import INVALID, NON_VOTERS, NONE
from forecast.files.text import check_printable, check_printable_names

if TYPE_CHECKING:
    from forecast.facts.contest import Contest

__all__ = ["check_counts", "check_days", "check_names"]


def check_names(contest: Contest) -> None:
    """Raise `InputError` unless candidates, finalists and units can be told apart."""
    where = f"contest {contest.name!r}"
    check_printable_names(contest.regions or (), f"{where}, regions")
    labels = (*contest.labels, *contest.labels.values())
    for text in (contest.name, contest.title, contest.source, *labels):
        check_printable(text, f"{where}, name, title, source, labels")
    for word, names in (
        ("candidate", contest.candidates),
        ("finalist", contest.finalists),
        ("unit", contest.units),
    ):
        check_printable_names(names, f"{where}, {word}s")
        if len(set(names)) != len(names):
            twice = next(n for n in names if names.count(n) > 1)
            raise InputError(
                f"{where}: every {word} must occur once - found {twice!r} twice; remove one"
            )
    if len(contest.finalists) < 2:
        raise InputError(
            f"{where}: a runoff needs at least two finalists - found "
            f"{', '.join(contest.finalists) or 'none'}; name them with finalists="
        )
    for name in {INVALID, NON_VOTERS, NONE, "*"} & set(contest.candidates):
        raise InputError(f"{where}: {name!r} is no candidate's name here; rename it")
    for finalist in contest.finalists:
        if finalist not in contest.candidates:
            raise InputError(
                f"{where}: finalists must be candidates - found {finalist!r}; "
                f"{suggest(finalist, contest.candidates)}"
            )
    if contest.electorate not in ("registered", "voters"):
        raise InputError(
            f"{where}: electorate must be 'registered' or 'voters' - found {contest.electorate!r}"
        )


def check_days(contest: Contest) -> None:
    """Turn days written as text into dates; raise `InputError` if they cannot be."""
    where = f"contest {contest.name!r}"
    for name in ("first_round", "runoff"):
        day = getattr(contest, name)
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError:
                raise InputError(
                    f"{where}: {name} must be a day like 2018-10-28 - found {day[:40]!r}"
                ) from None
        elif isinstance(day, datetime):
            day = day.date()
        if day is not None and not isinstance(day, date):
            raise InputError(f"{where}: {name} must be a date - found {type(day).__name__}")
        object.__setattr__(contest, name, day)
    if contest.first_round and contest.runoff and contest.runoff <= contest.first_round:
        raise InputError(
            f"{where}: the runoff must be after the first round - found {contest.runoff} and "
            f"{contest.first_round}; exchange them"
        )


def check_counts(contest: Contest) -> None:
    """Raise `InputError` unless counts have one row per unit and none contradicts itself."""
    where, n = f"contest {contest.name!r}", len(contest.units)
    shapes = {"votes": (n, len(contest.candidates)), "invalid": (n,), "registered": (n,)}
    for name, shape in shapes.items():
        array = getattr(contest, name)
        if array is None:
            continue
        if array.shape != shape:
            raise InputError(
                f"{where}: {name} must have shape {shape} - found {array.shape}; one row per unit"
            )
        if (array < 0).any():
            raise InputError(f"{where}: {name} must not be negative - found {array.min()}")
    if contest.regions is not None and len(contest.regions) != n:
        raise InputError(f"{where}: regions must name {n} units - found {len(contest.regions)}")
    if not contest.votes.sum():
        raise InputError(f"{where}: somebody must have voted - found no votes at all")
    if contest.electorate == "voters":
        return
    if contest.registered is None:
        raise InputError(
            f"{where}: the number of registered people must be known, since non-voters are an "
            "origin - found none; give an estimate with registered= (--registered), or leave "
            'non-voters out with electorate="voters" (--voters-only)'
        )
    ballots = contest.votes.sum(axis=1) + contest.invalid
    over = np.flatnonzero(ballots > contest.registered)
    if over.size:
        u = int(over[0])
        raise InputError(
            f"{where}: a unit cannot have more ballots than registered people - unit "
            f"{contest.units[u]!r} has {ballots[u]} ballots but {contest.registered[u]} "
            'registered; correct it, or leave non-voters out with electorate="voters"'
        )
