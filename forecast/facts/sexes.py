"""Columns that count people of one sex, or one way to vote, by the words for men and women."""

from __future__ import annotations

from collections.abc import Iterable

from forecast.facts.column_words import role_of, words_of
from forecast.facts.word_lists import folded, word_list

__all__ = ["are_sexes", "counted_in_parts", "without_sex"]

WORDS = word_list("men") | word_list("women")
LISTS = ("registered", "ballots", "valid", "invalid", "abstention")
"""What tables count of everybody, sometimes in parts."""
LETTERS = tuple(frozenset(pair) for pair in ("mf", "hf", "hm", "km", "mw", "mz", "nm", "ek"))
"""How languages shorten the two."""


def without_sex(name: str) -> str:
    """Return the folded name of a column without men or women, empty if it speaks of neither.

    A single letter counts behind other words. What is left of "Men" is a space.

    Examples
    --------
    >>> [without_sex(n) for n in ("Registered women", "Inscrits - Hommes", "Registered F", "Men")]
    ['registered', 'inscrits', 'registered', ' ']
    >>> without_sex("Ada"), without_sex("F")
    ('', '')
    """
    words = folded(name).split()
    rest = [word for word in words if word not in WORDS]
    if len(rest) == len(words) and len(words) > 1 and words[-1] in set().union(*LETTERS):
        rest = words[:-1]
    return "" if len(rest) == len(words) else " ".join(rest) or " "


def are_sexes(parts: Iterable[str]) -> bool:
    """Return whether texts are words for men and women, or the two letters for them.

    Examples
    --------
    >>> are_sexes(["men", "women"]), are_sexes(["M", "F"]), are_sexes(["A", "B"])
    (True, True, False)
    """
    found = {folded(part) for part in parts}
    return len(found) == 2 and (found <= WORDS or found in LETTERS)


def counted_in_parts(name: str) -> str:
    """Return what a column counts of one sex or one way to vote, empty if of neither.

    Of "Men" alone that is a space.

    Examples
    --------
    >>> names = ("Registered women", "invalid, mail", "Men", "Registered", "Ada M", "Postal votes")
    >>> [counted_in_parts(name) for name in names]
    ['registered', 'invalid', ' ', '', '', '']
    """
    rest, roles = without_sex(name), words_of(name)
    if rest:
        role = role_of(rest)
        return " " if rest == " " else role if role in LISTS else ""
    return next((role for role in roles if role in LISTS), "") if "channel" in roles else ""
