"""Columns that tell of something beside the count: changes, earlier elections, coordinates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from forecast.facts.tables.rounds import round_of_name
from forecast.facts.words.column_words import role_of, words_of
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

CHANGE, EARLIER, BESIDE = map(word_list, ("change", "earlier", "beside people"))
CHANGE_MARK = re.compile(r"[+±]\s*/?\s*[-−–]|±|[Δδ]")
SIGNED = re.compile(r"(?:[-+−–]\s*\d[\d.,\s]*|[±]?\s*0(?:[.,]0+)?)\s*(?:%|pp)?")
YEAR = re.compile(r"(?:19|20)\d\d")
FEWEST = 2
"""Columns of people that make an election."""


def asides(names: Sequence[str], *, shares: bool = False) -> dict[str, str]:
    """Return the columns that are no counts of this election by their names, and why.

    A change or an earlier election is one beside a column of the same name without that word, and
    so is what has the same further word beside several, if it is known; of two elections that are
    told apart by their years the later counts. X and y are coordinates if they are a pair and
    others have longer names.

    Parameters
    ----------
    names : sequence of str
        All columns.
    shares : bool
        Whether they hold shares, so that beside a name "valid votes" are not counts.

    Examples
    --------
    >>> asides(["unit", "Ada", "Ada change", "Ben", "Ben +/-", "Change"])
    {'Ada change': 'a change of Ada', 'Ben +/-': 'a change of Ben'}
    >>> asides(["Ada 2018", "Ben 2018", "Ada 2013", "Cyd 2013"])
    {'Ada 2013': 'of 2013', 'Cyd 2013': 'of 2013'}
    >>> asides(["Ada", "Ada Vorwahl", "Ben", "Ben Vorwahl", "Ben Wahl"])
    {'Ada Vorwahl': 'beside Ada', 'Ben Vorwahl': 'beside Ben'}
    >>> asides(["unit", "x", "y", "Ada", "Ben"]), asides(["unit", "x", "y", "z"])
    ({'x': 'coordinate', 'y': 'coordinate'}, {})
    """
    parts = {name: _parted(name) for name in names}
    plain = {base: name for name, (base, what) in parts.items() if not what}
    found = {}
    for name, (base, what) in parts.items():
        party = YEAR.fullmatch(what) and role_of(base) == "year"  # "ANO 2011"
        if what and base in plain and not party:
            word = {"change": "a change of", "earlier": "an earlier"}.get(what, "")
            found[name] = f"{word} {plain[base]}" if word else f"of {what}"
    words = _further_words(names, shares=shares)
    known = {name: f"beside {base}" for name, (base, told) in words.items() if told}
    return known | found | _earlier_years(parts) | _coordinates(names)


def signed(columns: Columns) -> list[str]:
    """Return the columns of changes by their cells: all have a sign but zeros, some either.

    Examples
    --------
    >>> cells = {"Ada": ["5", "6"], "Ada vs 2018": ["+1", "-2"], "Loss": ["-1", "0"]}
    >>> signed(Columns(where="x", values=cells))
    ['Ada vs 2018']
    """
    signs = {name: _signs(cells) for name, cells in columns.values.items()}
    return [name for name, own in signs.items() if "+" in own and len(own) > 1]


def _signs(cells: Sequence[object]) -> set[str]:
    """Return the signs in front of numbers, none if another number than zero has none."""
    found = set[str]()
    for cell in cells:
        if is_missing(cell):
            continue
        text = str(cell).strip()
        if not SIGNED.fullmatch(text):
            return set()
        found |= {text[0]} - {"0"}
    return found


def further(names: Sequence[str], *, shares: bool = False) -> dict[str, str]:
    """Return the columns called like others with the same unknown words beside, and whose.

    They are different people, or hold something else about the same ones. Parameters are those of
    `asides`.

    Examples
    --------
    >>> further(["Bush", "Bush Jr", "Kennedy", "Kennedy Jr"])
    {'Bush Jr': 'Bush', 'Kennedy Jr': 'Kennedy'}
    >>> further(["Ada", "Ada rank", "Ben", "Ben rank", "Ben zzz"])
    {}
    """
    beside = asides(names, shares=shares)
    words = _further_words(names, shares=shares)
    return {name: base for name, (base, _) in words.items() if name not in beside}


def _parted(name: str) -> tuple[str, str]:
    """Return a name without what tells it from another: a word of change, of before, or a year."""
    words = folded(CHANGE_MARK.sub(" δ ", name)).split()
    years = [word for word in words if YEAR.fullmatch(word)]
    changes, before = CHANGE.intersection(words), EARLIER.intersection(words)
    rest = " ".join(w for w in words if w not in {*years, *changes, *before})
    what = "change" if changes else "earlier" if before else years[0] if len(years) == 1 else ""
    return (rest, what) if rest else (" ".join(words), "")


def _further_words(names: Sequence[str], *, shares: bool) -> dict[str, tuple[str, bool]]:
    """Return columns called like others with the same further words, whose, and if one is known.

    Words for a party may be part of a name.
    """
    plain = {tuple(folded(name).split()): name for name in names if not words_of(name)}
    beside: dict[tuple[str, ...], dict[str, str]] = {}
    for name in names:
        words = tuple(folded(name).split())
        for k in range(1, len(words)):
            for base, more in ((words[:k], words[k:]), (words[-k:], words[:-k])):
                roles = words_of(" ".join(more))
                counted = roles not in ((), ("party",)) and not (shares and "valid" in roles)
                said = counted or round_of_name(f"x {' '.join(more)}")[1]
                if base in plain and not said and not all(map(str.isdigit, more)):
                    beside.setdefault(more, {})[name] = plain[base]
    return {
        name: (base, not BESIDE.isdisjoint(more))
        for more, group in beside.items()
        if len(set(group.values())) >= FEWEST
        for name, base in group.items()
    }


def _earlier_years(parts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the columns of all years but the last in which several people are counted."""
    dated = {name: part for name, part in parts.items() if YEAR.fullmatch(part[1])}
    people = Counter(year for base, year in dated.values() if not words_of(base))
    elections = sorted(year for year, number in people.items() if number >= FEWEST)
    if len(elections) < FEWEST:
        return {}
    return {name: f"of {year}" for name, (_, year) in dated.items() if year < elections[-1]}


def _coordinates(names: Sequence[str]) -> dict[str, str]:
    """Return the pairs of columns called x and y, and z beside them."""
    pairs: dict[tuple[str, ...], dict[str, str]] = {}
    for name in names:
        words = folded(name).split()
        for axis in {"x", "y", "z"}.intersection(words[:1] + words[-1:]):
            rest = tuple(word for word in words if word != axis)
            pairs.setdefault(rest, {})[axis] = name
    longer = sum(len(folded(n)) > 1 and not words_of(n) for n in names)
    found = [pair for pair in pairs.values() if {"x", "y"} <= set(pair)]
    inside = {name for pair in found for name in pair.values() if len(folded(name)) > 1}
    if longer - len(inside) < FEWEST:
        return {}
    return dict.fromkeys((name for pair in found for name in pair.values()), "coordinate")
