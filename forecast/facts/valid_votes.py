"""Valid votes beside the columns of candidates: who must be left out so that the sums agree."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from forecast.arrays import IntArray

__all__ = ["left_out"]

MOST = 3
"""Most columns that are looked for together."""
MOST_COLUMNS = 60
"""Most columns among which they are looked for."""
FEWEST_ROWS = 3
"""Rows from which several columns together do not agree by accident."""


def left_out(people: Mapping[str, IntArray], excess: IntArray) -> list[tuple[str, ...]]:
    """Return the fewest columns that are the votes beyond the valid ones in every row.

    Parameters
    ----------
    people : mapping of str to ndarray of int64, shape (row,)
        Columns that may be no candidates.
    excess : ndarray of int64, shape (row,)
        Sum of all candidates less the valid votes.

    Returns
    -------
    list of tuple of str
        Sets of one to three columns, all of one size; several where nobody can tell which.

    Examples
    --------
    >>> import numpy as np
    >>> people = {"Ada": np.array([9, 7, 8]), "unused": np.array([2, 3, 2])}
    >>> left_out(people, np.array([2, 3, 2]))
    [('unused',)]
    """
    if (excess < 0).any() or not excess.any():
        return []
    fits = [name for name, own in people.items() if own.any() and (own <= excess).all()]
    total = {name: int(people[name].sum()) for name in fits}
    whole = int(excess.sum())
    for size in range(1, (MOST if len(excess) >= FEWEST_ROWS else 1) + 1):
        found = [
            names
            for names in combinations(fits[:MOST_COLUMNS], size)
            if sum(total[name] for name in names) == whole
            and (np.sum([people[name] for name in names], axis=0) == excess).all()
        ]
        if found:
            return found
    return []
