"""The electoral roll: how many can vote in each unit, and where nobody knows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecast.columns import frozen
from forecast.contest import Contest

__all__ = ["GROWTH", "UNLISTED_GROWTH", "most_voters", "unlisted_units"]

GROWTH = 0.1
"""How much a unit's list may have grown since the first round."""
UNLISTED_GROWTH = 3.0
"""The same where there is no list, as a multiple of the first round's ballots."""
LEAST_HEADROOM = 0.02
"""Where fewer non-voters than this fraction of the ballots are listed, the list is no list."""


def unlisted_units(contest: Contest) -> npt.NDArray[np.bool_]:
    """Return which units have no list of voters, such as those abroad; shape (unit,)."""
    ballots = contest.votes.sum(axis=1) + contest.invalid
    if contest.electorate == "voters" or contest.registered is None:
        return np.ones(len(ballots), dtype=bool)
    return np.asarray(contest.registered - ballots <= LEAST_HEADROOM * ballots)


def most_voters(
    contest: Contest, growth: npt.NDArray[np.float64] | None = None
) -> npt.NDArray[np.int64]:
    """Return how many can vote in each unit at most, shape (unit,).

    Its list and a tenth more, for people who join between the rounds; where there is no list, the
    first round's ballots four times over, or an estimate shared out over the units if that is more.

    Parameters
    ----------
    contest : Contest
        The first round.
    growth : ndarray, shape (unit,), optional
        The runoff's list over the first round's, where it is known; the list is then the longer.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> dict(zip(georgia.units, most_voters(georgia).tolist()))["Vake"]
    111729
    """
    ballots = contest.votes.sum(axis=1) + contest.invalid
    most = np.ceil((1 + UNLISTED_GROWTH) * ballots)
    if contest.registered is not None and contest.electorate == "registered":
        longer = contest.registered * (1.0 if growth is None else np.maximum(growth, 1.0))
        listed = np.ceil((1 + GROWTH) * longer - 1e-6)
        most = np.where(unlisted_units(contest), most, listed)
        exact = contest.registered.sum() * (ballots / max(ballots.sum(), 1))
        if len(ballots) > 1 and (np.abs(contest.registered - exact) <= 1).all():
            most = np.maximum(np.ceil((1 + UNLISTED_GROWTH) * ballots), listed)
    return frozen(most)
