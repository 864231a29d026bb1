"""Which round of an election a column or a cell speaks of, in many languages."""

from __future__ import annotations

import re
from functools import cache

from forecast.facts.column_words import folded, word_table

__all__ = ["round_of_cell", "round_of_name"]

FIRST = """1 1st i one first premier premiere 1er 1re 1ere primera primer primeiro primo prima 1a 1o
    pierwsza prvi prvo prva prve erster erste ensimmainen първи первый перший პირველი birinci pirmas
    elso pertama kesatu πρωτος الأول اول prv први"""
"""How languages count the first round."""
SECOND = """2 2nd ii two second seconde deuxieme 2e 2eme 2nde segunda segundo secondo doua 2a 2o
    druga drugi drugo druge druhe zweiter zweite toinen втори второй другий მეორე ikinci antras
    masodik kedua δευτερος الثاني دوم други"""
"""How they count the second."""
RUNOFF = "runoff ballottaggio stichwahl balotaj balotaje balotaz ballotage dogrywka"
"""What they call it."""
MARK = "(?:r|t|v|tour|round|turno|vuelta|tura)[\\s_.]?([12])"
LAST = re.compile(rf"^(.*?)(?:^|[\s_.\-(\[]+){MARK}[)\]]?$", re.IGNORECASE)
AHEAD = re.compile(rf"^[(\[]?{MARK}[)\]]?[\s_.\-:]+(.*)$", re.IGNORECASE)
BETWEEN = r"[\s_.,:;()\[\]\-–]+"


@cache
def _ordinals() -> dict[str, int]:
    first, second = (
        dict.fromkeys(map(folded, words.split())) for words in (FIRST, f"{SECOND} {RUNOFF}")
    )
    return dict.fromkeys(first, 1) | dict.fromkeys(second, 2)


@cache
def _round_words() -> frozenset[str]:
    named = " ".join(word_table()["round"].values())
    return frozenset(map(folded, f"{named} {RUNOFF}".split()))


def round_of_cell(cell: object) -> int:
    """Return 1 or 2 if a cell names that round, else 0.

    Examples
    --------
    >>> [round_of_cell(x) for x in (1, "2", "II", "first", "1er tour", "Runoff", "T2", "3")]
    [1, 2, 2, 1, 1, 2, 2, 0]
    """
    text = str(cell).strip().removesuffix(".0")
    short = LAST.match(text)
    if short and not short[1]:
        return int(short[2])
    found = {_ordinals()[word] for word in folded(text).split() if word in _ordinals()}
    return found.pop() if len(found) == 1 else 0


def round_of_name(name: str) -> tuple[str, int]:
    """Return the name of a column without its round, and the round, 0 if it names none.

    Examples
    --------
    >>> round_of_name("Ada_r1"), round_of_name("Ada (second round)"), round_of_name("R2 Ada")
    (('Ada', 1), ('Ada', 2), ('Ada', 2))
    >>> round_of_name("Ada Lovelace"), round_of_name("First round votes"), round_of_name("Votes 1")
    (('Ada Lovelace', 0), ('votes', 1), ('Votes 1', 0))
    """
    name = name.strip()
    for pattern, base, which in ((LAST, 1, 2), (AHEAD, 2, 1)):
        short = pattern.match(name)
        if short and short[base].strip():
            return short[base].strip(" _.-:("), int(short[which])
    words = re.split(f"({BETWEEN})", name)
    plain = [folded(word) for word in words]
    for k in (k for k, word in enumerate(plain) if word in _round_words()):
        near = {j for j in range(max(0, k - 3), min(len(words), k + 4)) if plain[j] in _ordinals()}
        which_round = {_ordinals()[plain[j]] for j in near}
        rest = "".join(word for j, word in enumerate(words) if j not in {*near, k})
        rest = re.sub(f"^{BETWEEN}|{BETWEEN}$", "", re.sub(r"[\s_]{2,}", " ", rest))
        if len(which_round) == 1 and rest:
            return rest, which_round.pop()
    return name, 0
