"""Words as they are compared, and lists of them in many languages, which `word_lists.toml` has."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

MOST_TEXTS = 20_000
"""Texts whose folded form is remembered."""
HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
"""Between a small letter and a capital."""
NO_WORD = re.compile(r"[^\w%]+|_")
STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d"})


@lru_cache(MOST_TEXTS)
def folded(text: str) -> str:
    """Return a text without capitals, accents and punctuation, words apart by one space.

    Examples
    --------
    >>> folded("Code_Département  (N°)"), folded("Ważne – GŁOSY"), folded("registeredVoters")
    ('code departement n', 'wazne glosy', 'registered voters')
    """
    plain = HUMP.sub(" ", text).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(STROKES)).casefold()
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(NO_WORD.sub(" ", plain.replace("%", " % ")).split())


@cache
def _lists() -> dict[str, str]:
    return tomllib.loads((files(__package__) / "word_lists.toml").read_text("utf-8"))


@cache
def words_of_polls() -> Mapping[str, str]:
    """Return the names of answers and columns of polls in many languages, by role."""
    return tomllib.loads((files(__package__) / "poll_words.toml").read_text("utf-8"))


@cache
def word_list(name: str) -> frozenset[str]:
    """Return the words of a list of `word_lists.toml`, as folded.

    Examples
    --------
    >>> sorted(word_list("runoff"))[:3]
    ['ballotage', 'ballottaggio', 'balotaj']
    """
    return frozenset(folded(_lists()[name]).split())


def phrase_list(name: str) -> tuple[str, ...]:
    """Return the phrases of a list of `word_lists.toml` in their order, as folded.

    Examples
    --------
    >>> phrase_list("part of")[:3]
    ('of which', 'di cui', 'w tym')
    """
    return tuple(map(folded, _lists()[name].split(",")))
