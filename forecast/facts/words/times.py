"""Times at which units reported, as numbers that can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache

import numpy as np

from forecast.errors import InputError
from forecast.facts.words.months import month_words
from forecast.facts.words.word_lists import folded

CLOCK = re.compile(
    r"(?:(?:klo|kl|um|ore|godz|ob|at)\b\.?\s*)?"
    r"([01]?\d|2[0-3])[:.h]([0-5]\d)(?:[:.]([0-5]\d))?\s*(?:([ap])\.?\s?m?\.?)?"
    r"(?:\s*(?:uhr|hrs?|h|ч\.?|godz\.?|(?!pct)[a-z]{1,2}e?s?t|utc|gmt|wib|wita|msk|мск))?",
    re.IGNORECASE,
)
"""An hour and minutes, beside the word for the clock or the name of a time zone."""
ZONE = re.compile(r"\s+(?:[a-z]{1,2}e?s?t|utc|gmt|msk|uhr)$", re.IGNORECASE)
"""The name of a time zone, alike in all rows, behind a day and a time."""
DAY = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?:(?P<day>\d{1,2})(?:\.|[a-z]{2})?[\s-]*(?:de |d')?"
    r"(?P<month>[^\W\d_]{3,})\.?|(?P<month_first>[^\W\d_]{3,})\.?\s+(?P<day_next>\d{1,2})"
    r"(?:[a-z]{2})?)(?:,?[\s-]+(?:de |del )?(?P<year>(?:19|20)\d\d)(?:\s*(?:г|р)\.?)?)?"
    r"(?:,?\s+(?P<clock>\S.*))?",
    re.IGNORECASE,
)
"""A day whose month is a word: "19 May 2024", "May 19, 2024 21:40", "19. Mai, 21.40 Uhr"."""
MOST_TIMES = 20_000
"""Pairs of times whose order is remembered."""
DATED = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d/%m/%y", "%d-%m-%Y")
"""How people write days beside 2018-11-28."""
LEAP = 2000
"""A year that has all days, for those of which nobody says it."""
NIGHT = ("%d.%m.", "%d.%m", "%d/%m", "%m/%d")
"""How they write them before a time, without the year."""


def comparable_times(order: Mapping[str, float | str]) -> dict[str, float]:
    """Return times as numbers.

    Parameters
    ----------
    order : mapping of unit to time
        Numbers, times such as "21:40" or "9:40 pm" (from noon on, so that "0:15" is later), or days
        and times such as "2018-11-28 21:40", "28.11.2018 21:40" or "28 November 2018".

    Raises
    ------
    InputError
        If they cannot be compared.

    Examples
    --------
    >>> comparable_times({"a": "23:50", "b": "0:15"})
    {'a': 710.0, 'b': 735.0}
    """
    found = {}
    for kind in (_clock, _number, _moment, *map(_written, (*DATED, *NIGHT)), _worded(order)):
        try:
            found = {unit: kind(time) for unit, time in order.items()}
        except (TypeError, ValueError):
            continue
        return found
    given = [str(time) for time in order.values()]
    raise InputError(
        "order: times must be all numbers, all like 21:40 or all like 2018-11-28 21:40 - found "
        f"{', '.join(given[:3])}; write them alike"
    )


@lru_cache(MOST_TIMES)
def is_after(one: str, other: str) -> bool | None:
    """Return whether a time is after another, None if they are equal or cannot be compared.

    Examples
    --------
    >>> is_after("0:15", "23:50"), is_after("21:10", "2018-11-28 21:40")
    (True, None)
    """
    if not one or not other:
        return None
    try:
        found = comparable_times({"one": one, "other": other})
    except InputError:
        return None
    return None if found["one"] == found["other"] else found["one"] > found["other"]


def has_day(time: str) -> bool:
    """Return whether a time says more than the hour."""
    return CLOCK.fullmatch(time.strip()) is None


def _number(time: float | str) -> float:
    number = float(time)
    if not np.isfinite(number):
        raise ValueError
    return number


def _clock(time: float | str) -> float:
    """Return minutes since noon."""
    if not isinstance(time, str):
        raise TypeError
    clock = CLOCK.fullmatch(str(time).strip())
    if clock is None:
        raise ValueError
    hours, minutes, seconds = (int(part or 0) for part in clock.groups()[:3])
    half = (clock[4] or "").casefold()
    if half:
        hours = hours % 12 + 12 * (half == "p")
    return 60 * ((hours - 12) % 24) + minutes + seconds / 60


def _moment(time: float | str) -> float:
    if isinstance(time, float | int):
        raise TypeError
    moment = datetime.fromisoformat(ZONE.sub("", str(time).strip()))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _written(day: str) -> Callable[[float | str], float]:
    """Return a reader of days written in one way, with a time or without."""

    def moment(time: float | str) -> float:
        written, _, clock = str(time).strip().partition(" ")
        if day in NIGHT:
            if not clock:
                raise ValueError
            written, pattern = f"{written} {LEAP}", f"{day} %Y"
        else:
            pattern = day
        start = datetime.strptime(written.rstrip(","), pattern).replace(tzinfo=UTC)
        return start.timestamp() + _since_midnight(clock)

    return moment


def _since_midnight(clock: str) -> float:
    """Return the seconds from midnight to a time, 0 for an empty text."""
    return 60 * ((_clock(clock) + 720) % 1440) if clock else 0.0


def _worded(order: Mapping[str, float | str]) -> Callable[[float | str], float]:
    """Return a reader of days whose months are words, with a year or a time or both."""

    @cache
    def months() -> dict[str, int]:
        found = [DAY.fullmatch(str(time).strip()) for time in order.values()]
        named = {f"1 {m['month'] or m['month_first']}" for m in found if m}
        return month_words(sorted(named), "times")

    def moment(time: float | str) -> float:
        found = DAY.fullmatch(str(time).strip())
        if found is None or not (found["year"] or found["clock"]):
            raise ValueError
        minutes = _since_midnight(found["clock"] or "")  # before the months are loaded
        month = months().get(folded(found["month"] or found["month_first"]), 0)
        day, year = int(found["day"] or found["day_next"]), int(found["year"] or LEAP)
        return datetime(year, month, day, tzinfo=UTC).timestamp() + minutes

    return moment
