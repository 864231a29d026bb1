"""When a runoff is decided by arithmetic, and when a winner may be named before that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, frozen
from forecast.display import Message
from forecast.facts.partial_returns import PartialReturns

CALL_RULE = (
    Message(
        "Called: the win probability exceeds 99.5%, and would even if what is still to come "
        "were half as uncertain again (twice as uncertain where counted and open units hardly "
        "overlap) and late units went against the winner, with a correlation of 0.5 between "
        "unit-level random effects and the order of arrival, 0.25 where times are known. At "
        "least 5% of the expected vote and 30 units must be counted."
    ),
    Message(
        "Decided: the lead exceeds everybody who can still be counted: each open unit’s list "
        "plus 10%, or without a list four times its first-round ballots."
    ),
    Message(
        "Neither rests on units with more votes than that, unknown in the first round, or far "
        "from what their first round suggests. Corrections of other counted units are not "
        "foreseen."
    ),
)
"""When a winner is called, when decided, and what neither foresees."""


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """Everybody who can still be counted.

    Parameters
    ----------
    people : int
        At most so many votes are still to come.
    lead : int
        Votes by which the first leads the second.
    leader : str
        Who leads.
    """

    people: int
    lead: int
    leader: str

    @property
    def decided(self) -> bool:
        """Whether the leader wins whatever is still counted.

        Examples
        --------
        >>> Remaining(people=100, lead=100, leader="ada").decided
        False
        >>> Remaining(people=99, lead=100, leader="ada").decided
        True
        """
        return self.lead > self.people


def remaining_electorate(
    returns: PartialReturns, odd: npt.NDArray[np.bool_] | None = None
) -> Remaining:
    """Return how many can still be counted and who leads.

    A half-reported unit can still count everybody it has not counted yet; units that were merged
    hold the lists of all. What looks wrong decides nothing: a unit with more votes than voters, or
    far from what its first round suggests (`odd`), may be a misprint and anything instead, and
    votes of unknown units may be no votes of this contest, so both are read as it suits the leader
    least.

    Notes
    -----
    Against rival o, leader L has ``lead(o) = sure[L] - sure[o] + min(0, elsewhere[L] -
    elsewhere[o])``, and of each unit with too many votes either these or, where worse, minus all
    its voters. L is decided if every lead exceeds what is open. Of the candidates the one is
    returned who is nearest to that, with the rival who is.
    """
    units = len(returns.group)
    votes = np.stack(
        [np.bincount(returns.group, column, units) for column in returns.votes.T], axis=1
    )
    most = np.bincount(returns.group, returns.most, units)
    closed = np.ones(units, dtype=bool)
    np.logical_and.at(closed, returns.group, returns.counted >= 1)
    counted = votes.sum(axis=1)
    wrong = _wrong(returns, odd)
    open_people = int(np.where(closed | wrong, 0, most - counted).sum()) + returns.elsewhere_open
    sure, doubtful, room = votes[~wrong].sum(axis=0), votes[wrong], most[wrong]
    found = []
    for one, name in enumerate(returns.contest.finalists):
        rivals = []
        for other in range(len(sure)):
            if other == one:
                continue
            lead = sure[one] - sure[other]
            lead += min(0, returns.elsewhere[one] - returns.elsewhere[other])
            as_counted = doubtful[:, one] - doubtful[:, other]
            misread = as_counted > -room
            lead += as_counted[~misread].sum()
            people = open_people + int(room[misread].sum())
            rivals.append(Remaining(people=people, lead=int(lead), leader=name))
        found.append(min(rivals, key=lambda r: r.lead - r.people))
    return max(found, key=lambda r: r.lead - r.people)


def doubtful_votes(returns: PartialReturns, odd: npt.NDArray[np.bool_] | None = None) -> IntArray:
    """Return votes of units unknown in the first round, odd or with too many, by finalist."""
    wrong = _wrong(returns, odd)
    return frozen(returns.votes[wrong[returns.group]].sum(axis=0) + returns.elsewhere)


def _wrong(returns: PartialReturns, odd: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    """Return which groups of units have more votes than voters, or an odd unit."""
    units = len(returns.group)
    counted = np.bincount(returns.group, returns.votes.sum(axis=1), units)
    over = counted > np.bincount(returns.group, returns.most, units)
    return over if odd is None else over | (np.bincount(returns.group, odd, units) > 0)
