"""Columns that are percentages of people in others, such as turnout without its sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

from forecast.arrays import IntArray
from forecast.files.numbers import is_missing

HUNDRED = 100
ROUNDED = 0.51
"""How far a rounded percentage may be off."""
FEWEST_ROWS = 3
LEAST = 5
"""Smallest percentage that is told from a few votes."""
MOST_INVALID = 0.05
"""Most invalid ballots, as a fraction of the registered."""


def all_percent(cells: Sequence[object]) -> bool:
    """Return whether every cell that is given ends in a percent sign.

    Examples
    --------
    >>> all_percent(["70%", "", "71,5 %"]), all_percent(["70%", "71"]), all_percent([""])
    (True, False, False)
    """
    given = (str(cell).strip() for cell in cells if not is_missing(cell))
    return next(given, "").endswith("%") and all(cell.endswith("%") for cell in given)


def _near(own: IntArray, part: IntArray, whole: IntArray, more: float) -> bool:
    """Return whether a column is a rounded percentage in every row, or up to some points more."""
    if (whole <= 0).any() or (part > whole).any() or (part == whole).all():
        return False
    off = own - HUNDRED * part / whole
    return bool((off >= -ROUNDED).all() and (off <= ROUNDED + HUNDRED * more).all())


def rates(
    people: Mapping[str, IntArray], lists: Sequence[IntArray], invalid: IntArray
) -> list[str]:
    """Return the columns of unknown meaning that are percentages of the others, rounded.

    In every row they are one of what is counted in percent of another, or turnout where nobody says
    how many ballots were invalid.

    Parameters
    ----------
    people : mapping of str to ndarray of int64, shape (row,)
        The columns.
    lists : sequence of ndarray of int64, shape (row,)
        Registered people and ballots.
    invalid : ndarray of int64, shape (row,)
        Invalid ballots.

    Examples
    --------
    >>> registered, ada = np.array([1000, 900, 800]), np.array([703, 652, 600])
    >>> rates({"Ada": ada, "?": np.array([70, 72, 75])}, [registered], 0 * ada)
    ['?']
    """
    small = [n for n, own in people.items() if own.max(initial=0) < HUNDRED]
    if not lists or len(people) == len(small) or len(invalid) < FEWEST_ROWS:
        return []
    found = []
    large = np.sum([own for n, own in people.items() if n not in small], axis=0)
    for name in (n for n in small if people[n].min() >= LEAST):
        own = people[name]
        sums = [np.sum([own for n, own in people.items() if n != name], axis=0), large]
        voted = [*sums, *(votes + invalid for votes in sums), invalid]
        away = [lists[0] - votes for votes in voted]
        turnout = not invalid.any() and any(_near(own, v, lists[0], MOST_INVALID) for v in sums)
        pairs = permutations([*lists, *voted, *away], 2)
        if turnout or any(_near(own, part, whole, 0.0) for part, whole in pairs):
            found.append(name)
    return found
