"""Whom a row of a table of polls is about: all of the electorate, a part, or likely voters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from forecast.facts.poll_words import is_national
from forecast.facts.word_lists import folded

__all__ = ["FEWEST_PARTS", "is_likely", "parts_of_polls", "rank_of_population"]

FEWEST_PARTS = 2
"""Parts of an electorate that a poll is told by."""
POPULATIONS = ("lv likely probable probables", "rv registered inscrits", "a adults adult everybody")
"""Words for whom a poll asked, those whose answers are nearest to the vote first."""
RANKS = tuple(frozenset(words.split()) for words in POPULATIONS)


def rank_of_population(text: str) -> int:
    """Return 0 for likely voters, 1 for registered ones, 2 for adults, 3 for anybody else.

    Examples
    --------
    >>> [rank_of_population(text) for text in ("800 LV", "Registered voters", "All adults", "")]
    [0, 1, 2, 3]
    """
    words = {*folded(text).split()}
    return next((rank for rank, said in enumerate(RANKS) if words & said), len(RANKS))


def is_likely(text: str) -> bool:
    """Return whether a text says that a poll asked likely voters."""
    return rank_of_population(text) == 0


def parts_of_polls(
    said: Mapping[int, str], polls: Mapping[int, Hashable], *, known: bool
) -> Sequence[int] | None:
    """Return the rows about a part of the electorate, where one poll is told by several parts.

    Parameters
    ----------
    said : mapping of int to str
        By row what a column says.
    polls : mapping of int to hashable
        By row what is equal in all rows of a poll.
    known : bool
        Whether the column is about parts by its name; otherwise a row of the same poll must have a
        word for all of them, and only its other rows are parts.

    Returns
    -------
    sequence of int or None
        None where no row is about all of the electorate, though there are parts.

    Examples
    --------
    >>> said = {0: "Total", 1: "Men", 2: "Women", 3: "x"}
    >>> parts_of_polls(said, {0: "Acme", 1: "Acme", 2: "Acme", 3: "Best"}, known=False)
    [1, 2]
    """
    told: dict[Hashable, set[str]] = {}
    for row, text in said.items():
        told.setdefault(polls[row], set()).add(text)
    several = {poll for poll, texts in told.items() if len(texts) >= FEWEST_PARTS}
    if known:
        parts = [row for row, text in said.items() if not is_national(text)] if several else []
        return None if several and len(parts) == len(said) else parts
    whole = {poll for poll in several if any(text and is_national(text) for text in told[poll])}
    return [row for row, text in said.items() if polls[row] in whole and not is_national(text)]
