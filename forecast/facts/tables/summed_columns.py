"""Columns that are sums of others: who stood, and what counts them, whatever their names say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np

from forecast.arrays import IntArray
from forecast.facts.words.number_shapes import MOST_INVALID

ENOUGH = 20
"""Fewest people in every row of a sum of two or more columns that is no accident."""
MOST_ENDS = 3
"""Most columns of invalid ballots that stand beside the candidates."""
MOST = 3
"""Most columns that are looked for together."""
MOST_COLUMNS = 60
"""Most columns among which they are looked for."""
PAPERS = 2
"""Columns larger than the ballots where papers received are counted beside the list."""
FEWEST_ROWS = 3
"""Rows from which several columns together do not agree by accident."""


def sums_of_runs(
    people: Mapping[str, IntArray], wholes: Mapping[str, IntArray]
) -> dict[str, tuple[str, ...]]:
    """Return the columns that are the sum of two or more neighbours in every row, and of which.

    Where all neighbours but one are 0 nothing is said of these.

    Parameters
    ----------
    people : mapping of str to ndarray of int64, shape (row,)
        Columns that may be summed, in their order.
    wholes : mapping of str to ndarray of int64, shape (row,)
        Columns that may be sums.

    Examples
    --------
    >>> people = {"Ada": np.array([30, 20]), "Ben": np.array([20, 40]), "Cyd": np.array([10, 9])}
    >>> sums_of_runs(people, {"left": np.array([50, 60]), "Cyd": people["Cyd"]})
    {'left': ('Ada', 'Ben')}
    """
    names = list(people)
    if len(names) < 2:
        return {}
    sums = np.cumsum([0 * people[names[0]], *people.values()], axis=0)
    totals = sums.sum(axis=1).tolist()
    ends = {total: k for k, total in enumerate(totals)}
    found = {}
    for name, own in wholes.items():
        if own.min(initial=ENOUGH) < ENOUGH:
            continue
        place, whole = names.index(name) if name in people else -1, int(own.sum())
        runs = [(i, ends[total + whole]) for i, total in enumerate(totals) if total + whole in ends]
        runs = [(i, j) for i, j in runs if j - i > 1 and not i <= place < j]
        fits = [(j - i, i) for i, j in runs if (sums[j] - sums[i] == own).all()]
        same = [k for k, n in enumerate(names) if people[n].sum() == whole]  # the rest have none
        fits = [(n, i) for n, i in fits if not any(i <= k < i + n for k in same)]
        if fits:
            size, i = max(fits)
            found[name] = tuple(names[i : i + size])
    return found


def candidates_by_sums(
    people: Mapping[str, IntArray], wholes: Mapping[str, IntArray], valid: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Return the column of valid votes and the candidates that sum to it; empty if there is none.

    Of several such columns one that is called so comes first, else that of most candidates without
    the few columns at their ends that are the ballots beyond another such column.

    Parameters
    ----------
    people, wholes : mapping of str to ndarray of int64, shape (row,)
        As for `sums_of_runs`.
    valid : collection of str
        Columns that are called valid votes.
    """
    found = sums_of_runs(people, wholes)
    found = {w: run for w, run in found.items() if found.keys().isdisjoint(run)}
    called = {w: run for w, run in found.items() if w in valid}
    best = max(called or found, key=lambda w: len(found[w]), default="")
    for name, run in found.items():
        inside = set(run) < set(found[best]) and len(found[best]) - len(run) <= MOST_ENDS
        if inside and wholes[name].sum() >= (1 - MOST_INVALID) * wholes[best].sum():
            best = name
    return (best, found[best]) if best else ("", ())


def accounts(
    valid: IntArray,
    invalid: IntArray,
    people: Mapping[str, IntArray],
    named: Mapping[str, Sequence[IntArray]],
) -> tuple[dict[str, str], bool]:
    """Return what columns are beside the valid votes, and whether ballots agree in every row.

    Ballots are valid and invalid votes; the registered are no fewer in any row, and those who did
    not vote are what ballots leave of them.

    Parameters
    ----------
    valid, invalid : ndarray of int64, shape (row,)
        Valid votes; invalid ballots in columns that are called so.
    people : mapping of str to ndarray of int64, shape (row,)
        Columns of unknown meaning.
    named : mapping of str to sequence of ndarray of int64, shape (row,)
        Columns that are called registered and ballots.

    Examples
    --------
    >>> valid, none = np.array([90, 80, 70]), np.zeros(3, dtype=np.int64)
    >>> people = {"x": np.array([2, 3, 1]), "y": valid + [2, 3, 1], "z": valid + 50}
    >>> accounts(valid, none, people, {})
    ({'y': 'ballots', 'x': 'invalid', 'z': 'registered'}, True)
    """
    roles: dict[str, str] = {}
    ballots, known = valid + invalid, bool(named.get("ballots"))
    agree = any((own == ballots).all() for own in named.get("ballots", ()))
    sums = {f"\0{k}": own for k, own in enumerate(named.get("ballots", ()))}
    sums |= {} if known else dict(sorted(people.items(), key=lambda pair: int(pair[1].sum())))
    for name, own in sums.items() if not agree else ():
        parts = left_out({n: x for n, x in people.items() if n != name}, own - ballots)
        if len(parts) == 1 or (own == ballots).all():
            roles |= {name: "ballots"} if name in people else {}
            roles |= dict.fromkeys(parts[0] if parts else (), "invalid")
            ballots, agree, known = own, True, True
            break
    if not agree and named.get("ballots"):
        ballots = named["ballots"][0]
    rest = {n: own for n, own in people.items() if n not in roles}
    larger = [n for n, own in rest.items() if (own >= ballots).all() and (own > ballots).any()]
    larger = sorted(larger, key=lambda n: int(rest[n].sum()))
    near = larger and (rest[larger[0]] <= (1 + MOST_INVALID) * ballots).all()
    if near and not known and (len(larger) > 1 or named.get("registered")):
        ballots = rest[larger[0]]
        roles[larger.pop(0)] = "ballots"
    places = {name: k for k, name in enumerate(people)}
    larger = sorted(larger, key=lambda n: places[n])
    if len(larger) == PAPERS and places[larger[1]] > places[larger[0]] + 1:
        larger.pop()  # a protocol begins with the list; behind the ballots are papers received
    if len(larger) == 1 and not named.get("registered"):
        roles[larger[0]] = "registered"
    lists = [*named.get("registered", ()), *(people[n] for n in larger)]
    for name, own in rest.items():
        if name not in roles and any((own == listed - ballots).all() for listed in lists):
            roles[name] = "abstention"
    return roles, agree


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
