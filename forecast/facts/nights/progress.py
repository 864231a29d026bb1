"""Progress: what units' votes, beside those of the first round, say of how much is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from forecast.arrays import FloatArray, IntArray

MOST_CHANGE = 0.6
"""Votes of a runoff over those of the first round, or the reverse, that turnout may explain."""
NEARLY, SHORT = 0.85, 0.7
"""Votes of all units, and of one, over the first round's, from which all is likely counted."""
FEW = 0.05
"""Units that may be short although all is counted, as a fraction of all."""
FEWEST, CLEARLY = 4, 0.5
"""Units from which numbers show that they go with the votes, and what they leave unexplained."""
TINY = 1e-9
"""Spread of units that do not differ."""
VOTERS = 20
"""Fewest voters of a polling place on average."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Progress:
    """Votes of units in the runoff, and in the first round.

    Parameters
    ----------
    votes, before : ndarray, shape (unit,)
        Votes in the runoff so far, and in the first round; units that it does not know have 0.

    Examples
    --------
    >>> half = Progress(votes=np.array([50, 0, 30]), before=np.array([100, 90, 60]))
    >>> half.looks_full, half.explains(np.array([0.5, 0.0, 0.5]))
    (False, True)
    """

    votes: FloatArray | IntArray
    before: FloatArray | IntArray

    @property
    def looks_full(self) -> bool:
        """Return whether units with votes have about as many as in the first round."""
        here = (self.before > 0) & (self.votes > 0)
        part = self.votes[here] / self.before[here]
        whole = self.votes[here].sum() >= NEARLY * self.before[here].sum()
        return bool(here.any() and whole and (part < SHORT).mean() <= FEW)

    def explains(self, counted: FloatArray) -> bool:
        """Return whether these parts of the first round's votes are about the votes so far.

        They are nearer than what is left of the parts, and than all of units with votes, unless
        half of the units are said to be complete.
        """
        known = self.before > 0
        votes, before, part = self.votes[known], self.before[known], counted[known]
        expected = float((part * before).sum())
        if not MOST_CHANGE * expected <= votes.sum() <= expected / MOST_CHANGE or not expected:
            return False
        said, left, full = (
            float(abs(votes - x * before).sum()) for x in (part, 1 - part, votes > 0)
        )
        return said <= left and (said <= full or bool((part == 1).mean() >= 1 / 2))

    def goes_with(self, counted: FloatArray) -> bool:
        """Return whether these parts say why some units have fewer votes than others."""
        return self.explains(counted) and self._unexplained(counted) < CLEARLY

    def needs(self, counted: FloatArray) -> bool:
        """Return whether votes are clearly nearer these parts than a full count of any turnout.

        Complete units say what turnout is. Where none is, votes are fewer than it may explain, or
        differ as these parts do.
        """
        here = (self.before > 0) & (self.votes > 0)
        full, part = here & (counted == 1), here & (counted < 1)
        if self.refutes(counted):
            return False
        if not full.any():
            fewer = self.votes[here].sum() < MOST_CHANGE * self.before[here].sum()
            if self.looks_full or not (fewer or self._unexplained(counted) < CLEARLY):
                return False
        turnout = self.votes[full].sum() / self.before[full].sum() if full.any() else 1.0
        all_of = turnout * self.before[part]
        said, whole = (abs(self.votes[part] - x * all_of).sum() for x in (counted[part], 1.0))
        return bool(said <= whole * (1.0 if 2 * full.sum() >= here.sum() else CLEARLY))

    def refutes(self, counted: FloatArray) -> bool:
        """Return whether the votes are not those that these parts would leave."""
        return not self.explains(counted) or self._unexplained(counted) > 1

    def varies_with(self, number: FloatArray | IntArray) -> bool:
        """Return whether units have votes as they have of this number, beside the first round."""
        return self._unexplained(number / np.maximum(self.before, 1)) < CLEARLY

    def _unexplained(self, parts: FloatArray) -> float:
        """Return how much votes beside the first round differ over these parts, beside how much.

        It is 0 where parts say all that differs, above 1 where they say less than nothing, and 1
        where units are too few to tell.
        """
        known = (self.before > 0) & (self.votes > 0) & (parts > 0)
        if known.sum() < FEWEST:
            return 1.0
        change = np.log(self.votes[known] / self.before[known])
        rest = float(np.std(change - np.log(parts[known])))
        return rest / max(float(np.std(change)), TINY)

    def pair_among(self, numbers: Mapping[str, IntArray]) -> tuple[str, str] | None:
        """Return the columns of places counted, and of all there are, None if there are none.

        The first never exceeds the second, which are few beside the voters, neither it nor the
        part that it is of them is the same everywhere, and the votes need that part.

        Parameters
        ----------
        numbers : mapping of str to ndarray of int64, shape (unit,)
            Columns that are nobody's votes, nor said to be anything else.
        """
        for part, whole in permutations(numbers, 2):
            some, every = numbers[part], numbers[whole]
            within = (some <= every).all() and (some < every).any()
            few = VOTERS * every.sum() <= self.before.sum()
            parts = some / np.maximum(every, 1)
            if within and few and np.ptp(some) and np.ptp(parts) and self.needs(parts):
                return part, whole
        return None
