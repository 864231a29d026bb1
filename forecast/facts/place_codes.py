"""Columns of numbers that name places or count the rows, and are no votes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from forecast.arrays import IntArray

__all__ = ["codes", "counts_on"]

FEWEST = 2
"""Columns of votes beside them."""
FEWEST_ROWS = 3
"""Rows from which numbers are in order."""
LARGER = 10
"""How many times as large the votes of everybody are as numbers that count the rows."""


def codes(
    names: Sequence[str],
    people: Mapping[str, IntArray],
    lists: Collection[str],
    front: Collection[str],
) -> dict[str, str]:
    """Return the columns that are codes by where they stand and what they hold, and why.

    So are numbers in front of the names of units, those before lists that are all the same or rise
    by the same, and those before all votes that count the rows and are much smaller.

    Parameters
    ----------
    names : sequence of str
        All columns in their order.
    people : mapping of str to ndarray of int64, shape (row,)
        Columns of unknown meaning.
    lists : collection of str
        Columns of registered people or ballots.
    front : collection of str
        Columns in front of the names of units.

    Examples
    --------
    >>> import numpy as np
    >>> people = {"Lfd": np.array([7, 2]), "Ada": np.array([300, 200]), "Ben": np.array([90, 80])}
    >>> codes(["Lfd", "unit", "Ada", "Ben"], people, [], ["Lfd"])
    {'Lfd': 'in front of the names of units'}
    """
    place = {name: k for k, name in enumerate(names)}
    found: dict[str, str] = {}
    for name, own in people.items():
        others = [n for n in people if n not in front and n != name and n not in found]
        if len(others) < FEWEST:
            continue
        first = min(place[n] for n in others)
        if name in front and first > max(place[n] for n in front if n in place):
            found[name] = "in front of the names of units"
        elif place[name] < first and len(own) >= FEWEST_ROWS and own.any():
            between = any(place[name] < place[n] < first for n in lists)
            least = min(int(people[n].sum()) for n in others)
            if (between and _is_regular(own)) or (counts_on(own) and LARGER * own.sum() < least):
                found[name] = "numbers in order"
    return found


def counts_on(own: IntArray) -> bool:
    """Return whether numbers count the rows from 0 or 1."""
    return own[0] in (0, 1) and bool((np.diff(own) == 1).all())


def _is_regular(own: IntArray) -> bool:
    """Return whether numbers are all the same, or each is more than the last by the same."""
    steps = np.unique(np.diff(own))
    return len(steps) == 1 and bool(steps[0] >= 0)
