"""Both rounds by the units that can be compared: what transfers and bounds may be read from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from forecast.arrays import IntArray, summed_by
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.partial_returns import PartialReturns, partial_returns
from forecast.facts.returns import Returns
from forecast.facts.tables.last_reports import about

MOST_ODD = 0.1
"""Most units with more votes than people, as a fraction of those counted."""


def comparable(contest: Contest, returns: Any) -> tuple[Contest, Returns, tuple[str, ...]]:
    """Return both rounds by units counted in full in both, merged units as one.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : PartialReturns, Returns or table
        The runoff, as `partial_returns` takes it.

    Returns
    -------
    first : Contest
        The first round of these units.
    runoff : Returns
        The runoff of the same units in the same order.
    notes : tuple of str
        Which units were left out or merged, one sentence each.

    Raises
    ------
    InputError
        If the returns break a rule, more than a tenth of the units have more votes than people, or
        no unit can be compared.

    Notes
    -----
    Left out are units that are not counted in full, that one round does not have, and that
    contradict themselves: more votes than people and a margin, or set aside in the first round.

    Examples
    --------
    >>> demo = Contest(
    ...     name="demo", candidates=("ada", "ben", "cid"), finalists=("ada", "ben"),
    ...     units=("n", "s", "w"), votes=[[40, 35, 25], [30, 20, 10], [9, 8, 3]],
    ...     invalid=[0, 0, 0], registered=[150, 90, 30])
    >>> night = Returns(units=("n", "s"), finalists=("ada", "ben"), votes=[[80, 60], [0, 0]],
    ...                 attached_to=("", "n"))
    >>> first, runoff, notes = comparable(demo, night)
    >>> first.votes.tolist(), runoff.votes.tolist(), notes[-1]
    ([[70, 55, 35]], [[80, 60]], '1 unit not counted in full, left out: w')
    """
    found = returns if isinstance(returns, PartialReturns) else partial_returns(contest, returns)
    group, n = found.group, len(contest.units)
    whole = np.bincount(group, found.counted < 1, n) == 0
    sound = np.bincount(group, found.doubted, n) == 0
    heads = np.unique(group)
    kept = heads[whole[heads] & sound[heads]]
    odd = found.doubted & ~np.isin(contest.units, contest.set_aside)
    if odd.sum() > max(1, MOST_ODD * (found.counted > 0).sum()) or (odd.any() and not kept.size):
        raise InputError(
            f"returns: more runoff votes than people in {odd.sum():,} of {found.units:,} units, "
            f"such as {contest.units[int(odd.argmax())]!r} - do the two files belong together?"
        )
    if not kept.size:
        raise InputError(
            f"returns: some unit must be counted in full in both rounds - none of {n:,} is"
        )
    names = np.array(contest.units, dtype=object)
    notes = (
        *found.notes,
        *about(names[sound[group] & ~whole[group]].tolist(), "not counted in full, left out"),
        *about(names[~sound[group]].tolist(), "self-contradictory or without a list, left out"),
    )
    place = np.full(n, -1)
    place[kept] = np.arange(kept.size)
    member = place[group]

    def summed(counts: IntArray) -> IntArray:
        return summed_by(member, counts, kept.size)

    units = tuple(names[kept].tolist())
    runoff = Returns(units=units, finalists=contest.finalists, votes=summed(found.votes))
    if kept.size == n:
        return contest, runoff, notes
    first = replace(
        contest,
        units=units,
        votes=summed(contest.votes),
        invalid=summed(contest.invalid),
        registered=None if contest.registered is None else summed(contest.registered),
        regions=None if contest.regions is None else tuple(contest.regions[u] for u in kept),
        set_aside=(),
    )
    return first, runoff, notes
