"""What the numbers of a column look like: sums, differences, changes, years, codes of places."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray
from forecast.files.numbers import LOOKED_AT, given_texts

MOST_INVALID = 0.2
"""Most that ballots exceed the votes, as a fraction of these."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
FEWEST = 2
"""Columns of votes beside codes."""
FEWEST_ROWS = 3
"""Rows from which numbers are in order."""
FEWEST_CODES = 5
"""Rows in which codes are in order by no accident."""
LARGER = 10
"""How many times as large the votes of everybody are as numbers that count the rows."""
FILLED_UP = re.compile(r"^\s*0\d+\s*$", re.M)
"""A line with a number that has zeros in front."""


def is_sum(own: IntArray, rest: npt.NDArray[np.int64]) -> bool:
    """Return whether a column is the sum of the rest, a few faulty rows aside.

    It is near in all rows and exact in most of at least eight, or exact in all.
    """
    exact = own == rest
    near = np.abs(own - rest) <= 0.05 * rest
    return bool(exact.all() or (len(own) >= 8 and near.all() and 2 * exact.sum() >= len(own)))


def is_total_of(own: IntArray, votes: IntArray, invalid: IntArray) -> bool:
    """Return whether a column counts everybody: the sum in most rows, or a little more in all."""
    exact = np.maximum((own == votes).mean(), (own == votes + invalid).mean())
    more = (own >= votes) & (own <= (1 + MOST_INVALID) * votes)
    return bool(2 * exact >= 1 or more.all())


def is_difference(own: IntArray, people: Any) -> bool:
    """Return whether a column is the lead of a unit's first over its second, or of one over one.

    In some rows only, too: there are faulty ones.
    """
    if len(people) < 2:
        return True
    first, second = -np.partition(-people, 1, axis=0)[:2]
    leads = [first - second, *(abs(people[0] - other) for other in people[1:])]
    return any(10 * (np.abs(own) == lead).sum() >= len(own) for lead in leads)


def are_changes(cells: Sequence[object]) -> bool:
    """Return whether every number of a column has a sign, or a good part of them is negative."""
    texts = [text.replace("−", "-") for text in given_texts(cells[:LOOKED_AT])]
    texts = [text for text in texts if text.strip("0") and text != "±0"]
    negative = sum(text.startswith("-") for text in texts)
    signed = negative + sum(text.startswith("+") for text in texts)
    return negative > 0 and (
        signed == len(texts) > 1 or (negative > 1 and 5 * negative >= len(texts))
    )


def are_padded(cells: Sequence[object]) -> bool:
    """Return whether numbers are filled up with zeros in front, as codes are and no counts.

    Examples
    --------
    >>> are_padded(["00100", "00103", "12006"]), are_padded(["100", "0", "7"])
    (True, False)
    """
    if not FILLED_UP.search("\n".join(map(str, cells))):
        return False
    texts = given_texts(cells)
    return len({len(text) for text in texts}) == 1 and len(texts) > 1


def are_years(own: IntArray) -> bool:
    """Return whether all numbers are years, or one and the same number, zeros for none aside."""
    given = own[own > 0]
    return bool(((given >= FIRST_YEAR) & (given <= LAST_YEAR)).all() or (given == given[0]).all())


def codes(
    names: Sequence[str],
    people: Mapping[str, IntArray],
    lists: Collection[str],
    front: Collection[str],
    known: Mapping[str, IntArray] | None = None,
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
    known : mapping of str to ndarray of int64, shape (row,), optional
        Columns of votes for certain.

    Examples
    --------
    >>> people = {"Lfd": np.array([7, 2]), "Ada": np.array([300, 200]), "Ben": np.array([90, 80])}
    >>> codes(["Lfd", "unit", "Ada", "Ben"], people, [], ["Lfd"])
    {'Lfd': 'in front of the names of units'}
    """
    place = {name: k for k, name in enumerate(names)}
    found: dict[str, str] = {}
    votes = {**people, **(known or {})}
    for name, own in people.items():
        others = [n for n in votes if n not in front and n != name and n not in found]
        if len(others) < FEWEST:
            continue
        first = min(place[n] for n in others)
        if name in front and first > max(place[n] for n in front if n in place):
            found[name] = "in front of the names of units"
        elif place[name] < first and len(own) >= FEWEST_ROWS and own.any():
            between = any(place[name] < place[n] < first for n in lists)
            least = min(int(votes[n].sum()) for n in others)
            if (between and _is_regular(own)) or (counts_on(own) and LARGER * own.sum() < least):
                found[name] = "numbers in order"
    return found


def counts_on(own: IntArray) -> bool:
    """Return whether numbers count the rows from 0 or 1."""
    return own[0] in (0, 1) and bool((np.diff(own) == 1).all())


def rise(own: IntArray) -> bool:
    """Return whether every number is larger than the one before, in rows enough for codes.

    Examples
    --------
    >>> rise(np.array([3, 17, 42, 58, 101])), rise(np.array([3, 17]))
    (True, False)
    """
    return len(own) >= FEWEST_CODES and bool((np.diff(own) > 0).all())


def _is_regular(own: IntArray) -> bool:
    """Return whether numbers are all the same, or each is more than the last by the same."""
    steps = np.unique(np.diff(own))
    return len(steps) == 1 and bool(steps[0] >= 0)
