"""Months in the words of many languages, and what a column of days means by them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from forecast.errors import InputError
from forecast.facts.words.word_lists import folded

LANGUAGES = (
    *("en", "es", "pt", "fr", "it", "de", "de_AT", "nl", "ro", "pl", "cs", "sk", "sl", "hr", "bs"),
    *("sr", "sr_Latn", "mk", "bg", "uk", "ru", "be", "ka", "hy", "az", "tr", "el", "sq", "hu"),
    *("fi", "et", "lv", "lt", "sv", "nb", "da", "id", "fa", "ar"),
)
"""Languages of countries that hold runoffs or publish polls of them, as Babel calls them."""
WIDTHS = ("wide", "abbreviated")
WORD = re.compile(r"[^\W\d_]{3,}")
"""A month has at least three letters."""
ENDING = 3
"""Letters by which the cases of a month differ ("ოქტომბერი", "ოქტომბერს")."""


def month_words(texts: Iterable[str], where: str) -> dict[str, int]:
    """Return the words of texts that are months, as folded, with their months.

    English is tried first. Otherwise the languages that know most of the words, and most of them
    letter by letter, have to agree: "listopad" is October in Croatian, November in Czech. A text
    without a digit is no day. Raises `InputError` if a word is one month in one language and
    another in the next, and no other word tells.

    Examples
    --------
    >>> month_words(["28 Sept - 2 Oct 2014"], "polls"), month_words(["3 Września 2020"], "polls")
    ({'sept': 9, 'oct': 10}, {'wrzesnia': 9})
    """
    words = dict.fromkeys(
        word for text in texts if any(map(str.isdigit, text)) for word in WORD.findall(folded(text))
    )
    english = _known(words, "en")
    if len(english) == len(words):
        return english
    readings = {language: _known(words, language) for language in LANGUAGES}
    fits = {
        name: (len(reading), sum(word in _names(name)[m] for word, m in reading.items()))
        for name, reading in readings.items()
    }
    best = {name: readings[name] for name, fit in fits.items() if fit == max(fits.values())}
    if "en" in best:
        return english
    for word in words:
        meant = {r[word]: name for name, r in reversed(best.items()) if word in r}
        if len(meant) > 1:
            said = " and ".join(f"{k} in the language {name!r}" for k, name in meant.items())
            raise InputError(
                f"{where}: a month must be the same in all languages - found {word!r}, which is "
                f"month {said}; write days like 2018-11-23"
            )
    return {word: month for reading in best.values() for word, month in reading.items()}


def _known(words: Iterable[str], language: str) -> dict[str, int]:
    """Return the words that are months in a language."""
    return {word: month for word in words if (month := _month(word, language))}


def _month(word: str, language: str) -> int | None:
    """Return the month that a word abbreviates or is a case of; None if there is not one."""
    alike = {
        month: max(shared)
        for month, names in _names(language).items()
        if (shared := [n for name in names if (n := _shared(word, name))])
    }
    best = [month for month, shared in alike.items() if shared == max(alike.values())]
    return best[0] if len(best) == 1 else None


def _shared(word: str, name: str) -> int:
    """Return how many letters a word shares with a name of a month, 0 if it is another word."""
    shared = next(
        (k for k, (a, b) in enumerate(zip(word, name, strict=False)) if a != b),
        min(map(len, (word, name))),
    )
    same = shared == len(word) or (
        shared >= max(4, len(name) - ENDING) and len(word) <= len(name) + ENDING
    )
    return shared if same else 0


@cache
def _names(language: str) -> dict[int, set[str]]:
    """Return the names and abbreviations of the months in a language.

    Babel has no genitive for Serbian, such as "маја" in "3. маја".
    """
    from babel import Locale

    kinds = Locale.parse(language).months
    genitive = {"sr": "а", "sr_Latn": "a"}.get(language, "")
    return {
        month: {
            folded(kinds[use][width][month] + end)
            for use in kinds
            for width in WIDTHS
            for end in {"", genitive}
        }
        for month in range(1, 13)
    }
