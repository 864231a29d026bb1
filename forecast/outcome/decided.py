"""When a runoff is decided by arithmetic, and when a winner may be named before that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.reporting import Reporting, most_voters
from forecast.transfers.coordinates import FloatArray

__all__ = ["CALL_RULE", "Remaining", "remaining_electorate"]

CALL_RULE = (
    "A winner is named when the win probability exceeds 99.5 % with at least 5 % of the expected "
    "vote and 30 units counted, or when the runoff is decided: the lead exceeds everybody who can "
    "still be counted, which is each open unit's list plus 10 % (without a list, its first-round "
    "ballots four times over)."
)


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


def remaining_electorate(reporting: Reporting) -> Remaining:
    """Return how many can still be counted and who leads.

    A half-reported unit can still count everybody it has not counted yet. A unit that is not the
    one of the first round, for two were merged, may hold the lists of all that were.
    """
    most = most_voters(reporting.contest)
    counted: FloatArray = reporting.votes.sum(axis=1).astype(float)
    still = np.where(reporting.counted >= 1, 0, np.maximum(most - counted, 0))
    ranked = sorted(reporting.totals.items(), key=lambda item: -item[1])
    return Remaining(people=int(still.sum()), lead=ranked[0][1] - ranked[1][1], leader=ranked[0][0])
