"""Two different elections by the same units: from president to parliament, say."""

from __future__ import annotations

import numpy as np

from forecast.arrays import IntArray
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.ledger import NON_VOTERS, NONE, Ledger

FEWEST_COMMON = 0.9
"""Least fraction of either election's units that must be in the other too."""


def two_elections(
    first: Contest, second: Contest
) -> tuple[Ledger, IntArray, dict[str, str], dict[str, str]]:
    """Return the ledger of one election, the people of another, units left out, and labels.

    Parameters
    ----------
    first, second : Contest
        Two elections; candidates need not share names. Finalists play no part.

    Returns
    -------
    ledger : Ledger
        People by choice in the first election, in the units of both.
    people : array (unit, destination)
        People by choice in the second: its candidates, then `none`.
    aside : dict of str to str
        Units of one election only, and which.
    labels : dict of str to str
        Names to print.

    Raises
    ------
    InputError
        If the elections share too few units, or people appear out of nowhere where non-voters
        are left out.

    Notes
    -----
    Lists change between elections. A unit has the people of its longer list; those who are missing
    in one election are non-voters there.
    """
    ledger = first.ledger(by="unit")
    place = {unit: u for u, unit in enumerate(second.units)}
    rows = [u for u, unit in enumerate(ledger.units) if unit in place]
    aside = {unit: "in the first election only" for unit in ledger.units if unit not in place}
    known = set(ledger.units)
    aside |= {unit: "in the second election only" for unit in second.units if unit not in known}
    if len(rows) < FEWEST_COMMON * max(len(ledger.units), len(second.units)):
        odd = next(iter(aside))
        raise InputError(
            f"two elections: nine in ten units must be in both - found {len(rows):,} of "
            f"{len(ledger.units):,} and {len(second.units):,}, {odd!r} {aside[odd]}; use the same "
            "names in both"
        )
    units = tuple(ledger.units[u] for u in rows)
    there = [place[unit] for unit in units]
    counts, votes = np.array(ledger.counts[rows]), second.votes[there]
    listed = second.registered[there] if second.registered is not None else 0
    people = np.maximum.reduce(
        [counts.sum(axis=1), votes.sum(axis=1), np.zeros(len(rows)) + listed]
    )
    missing = people.astype(np.int64) - counts.sum(axis=1)
    if missing.any() and NON_VOTERS not in ledger.origins:
        u = int(missing.argmax())
        raise InputError(
            f"two elections: unit {units[u]!r} has {missing[u]:,} more people in the second "
            "election; give registered, so that they can be non-voters in the first"
        )
    if missing.any():
        counts[:, ledger.origins.index(NON_VOTERS)] += missing
    grown = Ledger(
        origins=ledger.origins,
        kinds=("eliminated",) * len(ledger.origins),
        destinations=(*second.candidates, NONE),
        units=units,
        counts=counts,
    )
    after = np.column_stack([votes, counts.sum(axis=1) - votes.sum(axis=1)])
    return grown, after, aside, {**second.labels, **first.labels}
