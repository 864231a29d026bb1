"""Lines above and below a table that say that its counts are partial."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from forecast.facts.tables.counted_cells import PROGRESS, Said, is_plain_state, reading
from forecast.facts.tables.worded_parts import PAIR, RATE
from forecast.facts.words.column_words import is_filler, role_of
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import decimal

PARTIAL, SO_FAR, RESULTS = map(
    word_list, ("partial results", "results so far", "results in titles")
)
"""Words for partial, both in one word, and words for results that stand beside the former."""
WEAK = word_list("provisional") | word_list("provisional results")
"""Words for counts that may be complete and are not official yet."""
MARK = re.compile(r"([*†‡§¹²³]+|\[\w{1,3}\]|\(\w{1,3}\))\s*(?:[:=–-]\s*)?(\D.*)", re.DOTALL)
"""A note with its mark in front."""
BESIDE = PARTIAL | SO_FAR | RESULTS | WEAK
"""What may stand beside a percentage that says no more than they do."""
CLAUSE = re.compile(r"[,;.](?:\s+|$)|:(?!\s*[\d%])|[()|–—\n]| - ")
"""What parts a line, but not a number."""
OTHER = frozenset(("turnout", "registered", "margin", "abstention", "valid", "invalid"))
"""Roles of words of percentages of something else."""
FULL = 100


def partial_rows(columns: Columns) -> tuple[str, frozenset[int]]:
    """Return a line that says that counts are partial, and the rows that its mark stands in.

    The line is empty if there is none. Without rows it speaks of the whole table.

    Examples
    --------
    >>> votes = {"unit": ["n*", "s"], "ada": ["50", "70"]}
    >>> partial_rows(Columns(where="x", values=votes, footnotes=("* partial count",)))
    ('* partial count', frozenset({0}))
    >>> partial_rows(Columns(where="x", values=votes, titles=("Results, 48% of stations counted",)))
    ('Results, 48% of stations counted', frozenset())
    """
    for line in (" ".join(text.split()) for text in columns.footnotes):
        marked = MARK.fullmatch(line)
        text = marked[2] if marked else ""
        undone = is_plain_state(text) and reading(text.strip(" .")) == Said("state", 0.0)
        undone = undone and WEAK.isdisjoint(folded(text).split())
        if marked and (undone or _is_partial(text)):
            rows = [i for cells in columns.values.values() for i, cell in enumerate(cells)
                    if str(cell).strip().endswith(marked[1])]  # fmt: skip
            return line, frozenset(rows)
    lines = (" ".join(text.split()).strip(' ,;"') for text in (*columns.titles, *columns.footnotes))
    return next((line for line in lines if _is_partial(line)), ""), frozenset()


def _is_partial(line: str) -> bool:
    """Return whether a line says that not all is counted.

    Examples
    --------
    >>> lines = "Partial results", "Preliminary results: 61.2%", "312 of 640 stations counted"
    >>> [_is_partial(line) for line in lines]
    [True, True, True]
    >>> lines = "Preliminary results", "Turnout 48%", "By-election, 100% counted"
    >>> [_is_partial(line) for line in lines]
    [False, False, False]
    """
    words = folded(line).split()
    sure = not SO_FAR.isdisjoint(words) or _beside(words, PARTIAL)
    named = sure or _beside(words, WEAK)
    parts = [part for clause in CLAUSE.split(line) if (part := _part(clause, named)) is not None]
    return min(parts) < 1 if parts else sure


def _beside(words: Sequence[str], found: Collection[str]) -> bool:
    """Return whether one of some words stands beside one for results."""
    pairs = pairwise(words)
    return any((a in found and b in RESULTS) or (b in found and a in RESULTS) for a, b in pairs)


def _part(clause: str, named: bool) -> float | None:
    """Return what part a clause says is counted, None if it says nothing of that."""
    words = folded(RATE.sub(" ", clause)).split()
    roles = {role_of(word) for word in words}
    counted = "counted" in roles or any(w in PROGRESS and not is_filler(w) for w in words)
    bare = named and all(word in BESIDE or not word.isalpha() or is_filler(word) for word in words)
    rates = RATE.findall(clause)
    if roles & OTHER:
        return None
    if len(rates) == 1 and (counted or bare or "unit" in roles):
        return decimal(rates[0].strip("% ")) / FULL
    pair = PAIR.fullmatch(clause)
    if not pair or not counted:
        return None
    part, whole = (int(re.sub(r"\D", "", pair[k])) for k in (2, 4))
    return part / whole if part <= whole and whole else None
