"""Times at which units reported, as numbers that can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from forecast.errors import InputError

CLOCK = re.compile(
    r"([01]?\d|2[0-3])[:.h]([0-5]\d)(?:[:.]([0-5]\d))?\s*(?:([ap])\.?m?\.?)?"
    r"(?:\s*(?:uhr|hrs?|h|ч\.?|godz\.?|[a-z]{1,2}e?s?t|utc|gmt))?",
    re.IGNORECASE,
)
"""An hour and minutes, with the word for the clock or the name of a time zone behind."""
MOST_TIMES = 20_000
"""Pairs of times whose order is remembered."""
DATED = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
"""How people write days beside 2018-11-28."""


def comparable_times(order: Mapping[str, float | str]) -> dict[str, float]:
    """Return times as numbers.

    Parameters
    ----------
    order : mapping of unit to time
        Numbers, times such as "21:40" or "9:40 pm" (from noon on, so that "0:15" is later), or days
        and times such as "2018-11-28 21:40" or "28.11.2018 21:40".

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
    for kind in (_clock, _number, _moment, *map(_written, DATED)):
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
    return datetime.fromisoformat(str(time).strip()).replace(tzinfo=UTC).timestamp()


def _written(day: str) -> Callable[[float | str], float]:
    """Return a reader of days written in one way, with a time or without."""

    def moment(time: float | str) -> float:
        written, _, clock = str(time).strip().partition(" ")
        minutes = (_clock(clock) + 720) % 1440 if clock else 0.0
        start = datetime.strptime(written, day).replace(tzinfo=UTC)
        return start.timestamp() + 60 * minutes

    return moment
