"""Of which part of an electorate polls are: an area, men and women, all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import cache

from forecast.facts.words.column_words import is_total, words_of
from forecast.facts.words.months import LANGUAGES
from forecast.facts.words.poll_words import NATIONAL
from forecast.facts.words.word_lists import folded, phrase_list, word_list

AREA = word_list("area")
"""Words of columns that say of which area a poll is."""
COUNTRY = frozenset(phrase_list("all of a country"))
"""Texts that say all of a country."""
OF_PARTS = frozenset(("district", "distrito", "capital", "region", "without", "except"))
"""Words beside these in the name of a part, such as the National Capital Region."""
FEWEST_PARTS = 2
"""Parts of an electorate that a poll is told by."""


def is_area(name: str) -> bool:
    """Return whether a column says by its name of which area a poll is.

    Examples
    --------
    >>> [is_area(name) for name in ("Region", "Województwo", "Ámbito", "Gender", "TV station")]
    [True, True, True, False, False]
    """
    return "region" in words_of(name) or not AREA.isdisjoint(folded(name).split())


def is_national(area: str) -> bool:
    """Return whether an area is the whole electorate.

    Examples
    --------
    >>> [is_national(area) for area in ("National", "Total", "Ogólnopolski", "", "North")]
    [True, True, True, True, False]
    >>> [is_national(area) for area in ("Todo el país", "País Vasco", "Distrito Nacional")]
    [True, False, False]
    """
    words = folded(area)
    if NATIONAL.intersection(words.split()):
        return OF_PARTS.isdisjoint(words.split())
    return not words or words in COUNTRY or is_total(area, whole=True)


def whole_areas(areas: Collection[str]) -> set[str]:
    """Return the areas among those of all polls that are the whole electorate, maybe none.

    The name of a country is one if most polls are of it and no word says it of others.

    Examples
    --------
    >>> whole_areas(["National", "North", ""]) == {"National", ""}
    True
    >>> whole_areas(["Polska", "Polska", "Mazowsze"]), whole_areas(["North", "South"])
    ({'Polska'}, set())
    """
    whole = {area for area in areas if is_national(area)}
    if any(whole) or not areas:
        return whole
    area, times = Counter(filter(None, areas)).most_common(1)[0] if any(areas) else ("", 0)
    return whole | ({area} if 2 * times >= len(areas) and folded(area) in _countries() else set())


@cache
def _countries() -> frozenset[str]:
    """Return the names of all countries in the languages of countries that hold runoffs."""
    from babel import Locale

    return frozenset(
        folded(name)
        for language in LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if code.isalpha()
    )


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
