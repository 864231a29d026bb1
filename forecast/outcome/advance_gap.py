"""How much more support a candidate would need to get into the runoff as likely as not."""

from __future__ import annotations

import numpy as np
from scipy.optimize import bisect

from forecast.arrays import FloatArray
from forecast.facts.advancement import Advancement

MOST = 0.4
"""Largest change of share that is tried."""


def advance_gap(
    rule: Advancement,
    votes: FloatArray,
    candidate: int,
    *,
    invalid: FloatArray,
    people: float,
    scattered: FloatArray | None = None,
) -> float | None:
    """Return how many more points of share would make advancing as likely as not.

    The candidate's support is raised, everybody else's lowered in proportion, where the candidate
    stands. Votes of the first round have shape (draw, candidate), 0 for whoever does not stand;
    invalid ballots and what is scattered (of the last candidate's votes, what is several people's,
    too small to advance) have shape (draw,).

    Returns
    -------
    float or None
        A fraction of the valid vote, negative for whoever advances anyway; None if no change up to
        40 points suffices.

    Examples
    --------
    >>> votes = np.array([[45.0, 31.0, 24.0], [45.0, 30.0, 25.0], [45.0, 32.0, 23.0]])
    >>> gap = advance_gap(Advancement(), votes, 2, invalid=np.zeros(3), people=200.0)
    >>> 0.03 < gap < 0.07
    True
    """
    stands = votes[:, candidate] > 0
    if not stands.any():
        return None
    valid = votes[stands].sum(axis=1)
    shares = votes[stands] / valid[:, None]
    mine = shares[:, candidate]
    several = np.zeros(len(shares)) if scattered is None else scattered[stands] / valid

    def likely(change: float) -> float:
        new = np.clip(mine + change, 1e-6, 1 - 1e-6)
        factor = (1 - new) / np.maximum(1 - mine, 1e-9)
        rest = shares * factor[:, None]
        rest[:, -1] -= several * factor
        rest[:, candidate] = new
        elected, advance = rule.in_draws(
            rest * valid[:, None],
            invalid=invalid[stands],
            registered=people,
            scattered=several * factor * valid,
        )
        return float((advance[:, candidate] | (elected == candidate)).mean())

    if likely(MOST) < 0.5 or likely(-MOST) > 0.5:
        return None
    return float(bisect(lambda change: likely(change) - 0.5, -MOST, MOST, xtol=1e-4))
