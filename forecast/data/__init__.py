"""Bundled facts: contests as they stood after their first round, each row with its source."""

from __future__ import annotations

from collections.abc import Iterable

from forecast.data.bundle import (
    Bundle,
    bundle,
    bundle_of,
    contests,
    facts_of,
    histories,
    left_out,
    past_runoffs,
    polled_contests,
    polls_of,
    unit_kinds,
)
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.polls import Poll
from forecast.facts.words.word_lists import folded
from forecast.signatures import refuses_other_kinds

__all__ = [
    "Bundle",
    "bundle",
    "bundle_of",
    "contests",
    "histories",
    "listed",
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

    Returns
    -------
    Contest
        As it stood after its first round.

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


def listed(words: Iterable[str] = ()) -> list[list[str]]:
    """Return name, title, day of the first round, units and number of polls of bundled contests.

    Parameters
    ----------
    words : iterable of str
        Only contests in whose line every word occurs, whatever its capitals and accents.

    Raises
    ------
    InputError
        If there is no such contest.

    Examples
    --------
    >>> [row[0] for row in listed(["austria"])]
    ['austria-1986', 'austria-2016']
    """
    rows = []
    for name in contests():
        facts, kinds = facts_of(name), " or ".join(unit_kinds(name))
        polls = polls_of(name)
        about = f"{len(polls)} poll{'s' * (len(polls) > 1)}" if polls else ""
        rows.append([name, facts["title"], str(facts["first_round"]), kinds, about])
    wanted = [folded(word) for word in words]
    found = [row for row in rows if all(word in folded(" ".join(row)) for word in wanted)]
    if not found:
        unused = [
            f"{name} is left out, as its source lacks {lacks}"
            for name, (title, lacks) in left_out().items()
            if all(word in folded(f"{name} {title}") for word in wanted)
        ]
        if unused:
            raise InputError(
                f"no bundled contest is of {' and '.join(words)!r}; {'; '.join(unused)}; give the "
                "counts in a file"
            )
        places = tuple(sorted({name.rpartition("-")[0] for name in contests()}))
        near = suggest(next(iter(words)), (*places, *contests()))
        raise InputError(f"no bundled contest is of {' and '.join(words)!r}; {near}")
    return found


@refuses_other_kinds
def load_polls(name: str) -> tuple[Poll, ...]:
    """Return the bundled polls of a bundled contest, of both rounds, exit polls among them.

    Parameters
    ----------
    name : str
        Name of the contest.

    Returns
    -------
    tuple of Poll

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

    Returns
    -------
    InterimTurnout
        By unit of the contest.

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
