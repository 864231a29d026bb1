"""People called like a word of columns, "Ward" or "Bianchi": where their columns stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from forecast.arrays import IntArray
from forecast.facts.words.column_words import is_measure, role_of, words_of
from forecast.facts.words.word_lists import folded

COUNTS = ("registered", "ballots", "valid", "invalid", "abstention", "candidate")
"""Roles of columns that count people."""
STEM = 4
"""First letters in which words of one meaning agree."""
ANSWERS = frozenset(("yes", "si"))
"""What the answer "No" stands beside."""
MOST_WORDS = 4
SMALL = 100
"""Numbers of places and percentages that are not taken for votes."""


def one_word(name: str) -> bool:
    """Return whether a name is a single word of letters."""
    return folded(name).isalpha()


def few_words(name: str) -> bool:
    """Return whether a name may be a person's or party's: up to four words."""
    words = folded(name).split()
    return 0 < len(words) <= MOST_WORDS and "".join(words).isalnum() and not is_measure(name)


def position(name: str, roles: Mapping[str, str]) -> str:
    """Return where a column stands: "between" candidates, "beside" one, or elsewhere, "".

    In front of the first candidate a number of a code is usual, and that of a place is behind
    another one.

    Examples
    --------
    >>> roles = {"unit": "unit", "Ada": "candidate", "Ward": "unit", "Ben": "candidate"}
    >>> position("Ward", roles), position("Day", roles | {"Day": "ignored"})
    ('between', 'beside')
    """
    names = list(roles)
    if name == "No" and ANSWERS.intersection(map(folded, names)):
        return "between"
    k = names.index(name)
    before, behind = ([roles[n] for n in part] for part in (names[:k], names[k + 1 :]))
    if "candidate" not in (*before[-1:], *behind[:1]):
        return ""
    if "candidate" in before and "candidate" in behind:
        return "between"
    place = "unit" in before and role_of(name) in ("unit", "region", "contest", "date")
    return "beside" if place or set(COUNTS).intersection(before) else ""


def among_votes(name: str, names: Sequence[str], whole: Collection[str]) -> bool:
    """Return whether a column of one word and whole numbers stands among or before votes.

    That is behind a column of counts, or between another place and the first candidate.
    """
    if name not in whole or not one_word(name):
        return False
    k = names.index(name)
    if any(n in whole and role_of(n) in ("", *COUNTS) for n in names[:k]):
        return True
    place = any("unit" in words_of(n) for n in names[:k])
    return place and any(n in whole and not role_of(n) for n in names[k + 1 : k + 2])


def like_codes(own: IntArray, *, small: bool = True) -> bool:
    """Return whether numbers may name places or be percentages: in order, few, or if small."""
    few = len(np.unique(own)) <= max(1, len(own) // 2)
    tiny = small and own.max(initial=0) <= SMALL
    return bool(tiny or few or (len(own) > 2 and (np.diff(own) >= 0).all()))


def twin(name: str, names: Sequence[str]) -> str:
    """Return another name that has a word of the same stem, such as "Schede bianche" for "Bianchi".

    Examples
    --------
    >>> twin("Bianchi", ["Schede bianche", "nulle"]), twin("Nuls", ["Blancs"])
    ('Schede bianche', '')
    """
    stem = folded(name)[:STEM]
    others = (n for n in names if n != name)
    return next((n for n in others if any(w.startswith(stem) for w in folded(n).split())), "")
