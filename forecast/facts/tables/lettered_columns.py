"""Columns that forms of election offices letter: A, B, C, D with parts D1, D2, told by sums."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from forecast.arrays import IntArray
from forecast.facts.words.column_words import has_votes
from forecast.files.columns import Columns

LETTERED = re.compile(r"([A-Za-z])(\d{0,2})")
"""The name of a line of a form, or of a part of it."""
FEWEST = 3
"""Lines that tell: valid, invalid, and all ballots."""
ENOUGH = 100
"""People below which sums agree by accident."""


def lettered(columns: Columns) -> dict[str, str]:
    """Return what lettered columns are, if sums say so in every row; else nothing.

    One is the sum of the candidates, or of its own parts, and with another it is a third: valid,
    invalid and all ballots. The first that is no less than the ballots has the registered.

    Examples
    --------
    >>> rows = {"A": [90, 80, 70], "A1": [80, 60, 70], "A2": [10, 20, 0], "B": [61, 53, 47],
    ...         "C": [2, 1, 3], "D": [59, 52, 44], "D1": [30, 40, 20], "D2": [29, 12, 24]}
    >>> found = lettered(Columns(where="votes", values=rows))
    >>> {role: [n for n in found if found[n] == role] for role in dict.fromkeys(found.values())}
    {'registered': ['A'], 'ignored': ['A1', 'A2'], 'ballots': ['B'], 'invalid': ['C'], \
'valid': ['D'], 'candidate': ['D1', 'D2']}
    """
    letters = {n: m for n in columns.names if (m := LETTERED.fullmatch(n))}
    whole = columns.of_kind("whole")
    wholes = [n for n in whole if n in letters and not letters[n][2]]
    wanted = [n for n in whole if n in letters or has_votes(n)] if len(wholes) >= FEWEST else []
    counts = columns.sound_counts(wanted)
    if not counts or len(counts) < len(wanted):
        return {}
    named = [n for n in counts if n not in letters]
    groups = {n: [p for p in letters if p in counts and letters[p][2]
                  and letters[p][1] == letters[n][1]] for n in wholes}  # fmt: skip
    for valid in wholes:
        people = named or groups[valid]
        if len(people) < 2 or (np.sum([counts[n] for n in people], axis=0) != counts[valid]).any():
            continue
        roles = _beside(valid, {n: counts[n] for n in wholes})
        if roles:
            parts = {n: "ignored" for n in letters if n not in roles}
            found = parts | roles | dict.fromkeys(people, "candidate")
            return {n: found[n] for n in columns.names if n in found}
    return {}


def _beside(valid: str, counts: Mapping[str, IntArray]) -> dict[str, str]:
    """Return which columns are invalid, ballots and registered if one is the valid votes."""
    own = counts[valid]
    for ballots, all_of in counts.items():
        for invalid, rest in counts.items():
            if len({valid, ballots, invalid}) < FEWEST or own.sum() < ENOUGH:
                continue
            if (own + rest == all_of).all() and 0 < rest.sum() < own.sum():
                lists = [n for n, x in counts.items() if n != ballots and (x >= all_of).all()]
                listed = {lists[0]: "registered"} if lists else {}
                return {**listed, ballots: "ballots", invalid: "invalid", valid: "valid"}
    return {}
