"""Which columns say which of several reports of a unit is the later: times, or numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.errors import InputError
from forecast.facts.words.column_words import is_filler, role_of, words_of
from forecast.facts.words.times import comparable_times
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.numbers import given_texts, is_missing

TIMES, VERSIONS, BULLETINS = map(word_list, ("time", "version", "bulletin"))
"""Words of columns that say when a row was reported, or number its versions, or bulletins."""
AT = word_list("before a time")
"""Words that stand before a time: "Counted at"."""
UNSURE = frozenset(("reported", "stand", "ora", "cas", "tid", "jam"))
"""Words that need not mean a time."""
DOTTED = re.compile(r"([01]?\d|2[0-3])\.[0-5]\d")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
PART = re.compile(r"(\d{1,2}):(\d\d)")
"""Times that may be numbers, and parts of stations."""
MOST_FALLING = 0.1
"""Reports with fewer votes than one before, as a fraction of all."""
MOST, FEWEST_PAIRS = 999, 6
"""Most bulletins of a night, and fewest pairs of reports that show their order."""


def numbers_bulletins(name: str) -> bool:
    """Return whether a name says that a column numbers bulletins.

    Examples
    --------
    >>> [numbers_bulletins(name) for name in ("Boletín n", "Report no.", "Bulletins", "No.")]
    [True, True, False, False]
    """
    words = folded(name).split()
    others = [word for word in words if word not in BULLETINS]
    return len(others) < len(words) and all(is_filler(w) or role_of(w) == "code" for w in others)


def are_times(cells: Sequence[object], words: Collection[str]) -> bool:
    """Return whether cells can be compared as times, and the name of the column says they are."""
    named = not TIMES.isdisjoint(words) or {"as", "of"} <= {*words} or not AT.isdisjoint(words)
    if not (named or VERSIONS.intersection(words)):
        return False
    known = given_texts(cells)
    plain = all(text.replace(".", "").isdigit() for text in known)
    if plain and (not are_times_by(words) or "percent" in words_of(" ".join(words))):
        return are_clocks(known) and not AT.isdisjoint(words)
    return bool(known) and _compare(known)


def are_times_by(words: Collection[str]) -> bool:
    """Return whether the words of a name can mean nothing but times."""
    return bool(TIMES.intersection(words) - UNSURE)


def are_at(words: Collection[str]) -> bool:
    """Return whether words are of a time of something, and it has to be said of what: "at"."""
    return TIMES.isdisjoint(words) and not AT.isdisjoint(words) and "as" not in words


def are_clocks(cells: Sequence[object]) -> bool:
    """Return whether all cells are hours and minutes such as 20.10, which are numbers, too.

    Examples
    --------
    >>> are_clocks(["20.10", "0.05"]), are_clocks(["20.10", "20.75"]), are_clocks(["20.1"])
    (True, False, False)
    """
    known = given_texts(cells)
    return bool(known) and all(DOTTED.fullmatch(text) for text in known)


def are_only_times(cells: Sequence[object]) -> bool:
    """Return whether cells are times and can be nothing else, no numbers and no 12:15 stations.

    Examples
    --------
    >>> are_only_times(["20:45", "20:10"]), are_only_times(["19 May 2024", "20 May 2024"])
    (True, True)
    >>> are_only_times(["10:15", "10:20"]), are_only_times(["20.10"]), are_only_times(["20.10 Uhr"])
    (False, False, True)
    """
    first = next((str(cell).strip() for cell in cells if not is_missing(cell)), "")
    if NUMBER.fullmatch(first) or not _compare([first]):
        return False
    known = list(dict.fromkeys(given_texts(cells)))
    if any(map(NUMBER.fullmatch, known)):
        return False
    parts = [PART.fullmatch(text) for text in known]
    if all(p and int(p[1]) <= int(p[2]) for p in parts) and (len(known) > 1 or len(cells) < 2):
        return False
    return _compare(known)


def _compare(texts: Sequence[str]) -> bool:
    """Return whether texts are times."""
    try:
        comparable_times({text: text for text in texts})
    except InputError:
        return False
    return True


def times_of(cells: Sequence[object]) -> FloatArray:
    """Return times as numbers, those that are missing as the first of all."""
    known = comparable_times({text: text for text in given_texts(cells)})
    return np.array([known.get(str(cell).strip(), -1.0) for cell in cells])


def times_order_reports(
    cells: Sequence[object], units: Sequence[str], votes: FloatArray | IntArray
) -> int:
    """Return how many reports of units a column of times puts behind others, 0 if it may not.

    They differ within units, and with time votes become more, and hardly ever fewer.

    Parameters
    ----------
    cells : sequence
        Times in a column of any name.
    units : sequence of str
        Unit of each row, with its candidate where rows are of candidates.
    votes : ndarray, shape (row,)
        Votes of each row.

    Examples
    --------
    >>> votes = np.array([3, 9, 1, 5])
    >>> times_order_reports(["21:00", "22:00", "20:30", "23:00"], [*"aabb"], votes)
    2
    >>> times_order_reports(["21:00", "22:00", "23:30", "23:00"], [*"aabb"], votes)
    0
    """
    if len(units) != len(votes) or len({*units}) == len(units):
        return 0
    when = times_of(cells)
    _, place = np.unique(units, return_inverse=True)
    order = np.lexsort((when, place))
    later = (np.diff(place[order]) == 0) & (np.diff(when[order]) > 0)
    change = np.diff(votes[order])[later]
    grows = (change > 0).any() and (change < 0).mean() <= MOST_FALLING
    return len(change) if grows else 0


def bulletin_numbers(cells: Sequence[object]) -> list[int] | None:
    """Return the numbers of cells that name bulletins, None if any does not.

    Examples
    --------
    >>> bulletin_numbers(["Boletín 2", "Boletín n. 12"]), bulletin_numbers(["Boletín 2", "final"])
    ([2, 12], None)
    """
    found: dict[str, int] = {}
    for text in dict.fromkeys(map(str, cells)):
        digits = re.findall(r"\d+", text)
        if len(digits) != 1 or not numbers_bulletins(re.sub(r"\d+", "", text)):
            return None
        found[text] = int(digits[0])
    return [found[str(cell)] for cell in cells]


def last_rows(
    numbers: FloatArray | IntArray, units: Sequence[str], people: Sequence[Sequence[str]]
) -> list[int] | None:
    """Return the rows of the highest bulletin of each unit, None if they are no bulletins.

    Numbers that tell the people of a unit apart are those of candidates, not of bulletins.

    Parameters
    ----------
    numbers : ndarray, shape (row,)
        A column that may number bulletins, or times.
    units : sequence of str
        Unit of each row.
    people : sequence of sequence of str
        Columns that name the candidate of each row.

    Examples
    --------
    >>> last_rows(np.array([1, 1, 2, 2]), [*"aaaa"], [["Ada", "Ben"] * 2])
    [2, 3]
    >>> last_rows(np.array([1, 2]), [*"aa"], [["Ada", "Ben"]]) is None
    True
    """
    if len(units) != len(numbers):  # no single column names the units
        return None
    names, place = np.unique(units, return_inverse=True)
    once = len({*zip(units, *people, strict=True)}) == len(units)
    if once and len({*zip(units, numbers.tolist(), strict=True)}) > len(names):
        return None
    highest = np.zeros(len(names)) - 1
    np.maximum.at(highest, place, numbers)
    found: list[int] = np.flatnonzero(numbers == highest[place]).tolist()
    return found


def order_reports(numbers: IntArray, units: Sequence[str], votes: FloatArray | IntArray) -> bool:
    """Return whether numbers put the reports of units in order, and the rows do not.

    Of no unit does a report with a higher number have fewer votes.

    Parameters
    ----------
    numbers : ndarray of int64, shape (row,)
        A column of unknown name.
    units : sequence of str
        Unit of each row.
    votes : ndarray, shape (row,)
        Votes of each row.

    Examples
    --------
    >>> units, votes = [*"aaabbb"] + [*"ccc"], np.array([3, 9, 1, 5, 4, 2, 7, 8, 6])
    >>> order_reports(np.array([2, 3, 1, 3, 2, 1, 2, 3, 1]), units, votes)
    True
    """
    if not 0 <= numbers.min() <= numbers.max() <= MOST or len(units) != len(votes):
        return False
    _, place = np.unique(units, return_inverse=True)

    def grown(order: IntArray) -> tuple[int, int]:
        same = np.diff(place[order]) == 0
        more = (np.diff(numbers[order]) > 0) & (np.diff(votes[order]) >= 0)
        return int((same & more).sum()), int(same.sum())

    found, pairs = grown(np.lexsort((numbers, place)))
    return pairs >= FEWEST_PAIRS and found == pairs > grown(np.argsort(place, kind="stable"))[0]
