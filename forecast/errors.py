"""The errors a caller may meet: one base, and one for input that breaks a rule."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime

LONGEST_MESSAGE = 2000
LONGEST_NAME = 100
ALIKE = 0.65
"""Least likeness of a name that is suggested."""
MOST_NAMES = 20


class ForecastError(Exception):
    """Base of every error this package raises on purpose.

    Examples
    --------
    >>> from forecast import load_contest
    >>> try:
    ...     load_contest("georgia-2081")
    ... except ForecastError as error:
    ...     print(type(error).__name__)
    InputError
    """


class InputError(ForecastError, ValueError):
    r"""Input breaks a rule; the message says where, which rule, what was found and what to do.

    Whatever the message quotes is safe to print: characters that steer a terminal, turn the
    direction of text or have no encoding are escaped, and a long message is cut.

    Parameters
    ----------
    message : str
        What to say.

    Examples
    --------
    >>> print(InputError("found \x1b[2J"))
    found \x1b[2J
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        if len(message) > LONGEST_MESSAGE:
            message = f"{message[: LONGEST_MESSAGE // 2]} ... {message[-LONGEST_MESSAGE // 2 :]}"
        self.args = ("".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in message),)


def _escaped(character: str) -> str:
    if character in "\u00a0\u202f\u2009":  # spaces of numbers
        return " "
    return character.encode("unicode_escape").decode()


BOTH_DOORS = re.compile(
    r"(?:\b[a-z_]+= and )?(?:\b[a-z_]+=(?:\"[^\"]*\"|[\d-]+)?|\.?\b[a-z_]+\([a-z_=]*\))( \w+)? "
    r"\((--[^)]*|'forecast [^)]*)\)|\b[a-z_]+=: (?=--)"
)
"""An argument or function of Python followed by the command line's in brackets, such as "with
columns= (--columns X)", "make it with write_learned() ('forecast learn')"."""
PLACES = {
    "forecast_election": "forecast before",
    "forecast_runoff": "forecast run",
    "infer_transfers": "forecast transfers",
    "learn_families": "forecast learn --families",
    "learn_prior": "forecast learn",
    "read_election": "forecast before",
}
"""Functions that messages begin with, and the commands that call them."""


def advice_for_the_shell(text: str) -> str:
    """Return text whose advice names both doors with the command line's alone.

    Nothing else changes, so that what is told of somebody's table stays as it is.

    Examples
    --------
    >>> advice_for_the_shell('columns: as_of ignored; method="nuts" (--method nuts) refines it')
    'columns: as_of ignored; --method nuts refines it'
    """
    return BOTH_DOORS.sub(lambda found: (found[2] or "") + (found[1] or ""), text)


def for_the_shell(message: str) -> str:
    """Return a message of an error in words of the command line.

    Examples
    --------
    >>> for_the_shell("give an estimate with registered= (--registered), or leave it")
    'give an estimate with --registered, or leave it'
    >>> for_the_shell("learn_prior: as_of must be a day")
    'forecast learn: --as-of must be a day'
    """
    where, colon, rest = message.partition(":")
    message = advice_for_the_shell(f"{PLACES.get(where, where)}{colon}{rest}")
    return re.sub(r"(?<!['\"])\bas_of\b(?![\w./='\"])", "--as-of", message)


def check_day(day: object, what: str) -> None:
    """Raise `InputError` unless it is a `datetime.date` without a time.

    Examples
    --------
    >>> check_day("2018-11-28", "as_of")
    Traceback (most recent call last):
    ...
    forecast.errors.InputError: as_of must be a datetime.date - found '2018-11-28'; write \
datetime.date(2018, 11, 28)
    """
    if type(day) is date:
        return
    meant = day.date() if isinstance(day, datetime) else None
    if isinstance(day, str):
        with suppress(ValueError):
            meant = date.fromisoformat(day)
    remedy = f"; write {meant!r}" if meant else ""
    raise InputError(f"{what} must be a datetime.date - found {day!r}{remedy}")


def day_or_none(day: object, what: str) -> date | None:
    """Return a day that is given as a date, as text or not at all; else raise `InputError`.

    Examples
    --------
    >>> day_or_none("2018-11-28", "runoff")
    datetime.date(2018, 11, 28)
    """
    if isinstance(day, str):
        try:
            return date.fromisoformat(day)
        except ValueError:
            raise InputError(f"{what} must be a day like 2018-10-28 - found {day[:40]!r}") from None
    if isinstance(day, datetime):
        return day.date()
    if day is not None and not isinstance(day, date):
        raise InputError(f"{what} must be a date - found {type(day).__name__}")
    return day


def suggest(name: str, known: tuple[str, ...]) -> str:
    """Return the remedy for an unknown name: the nearest known one, or all of them.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : tuple of str
        What would have been understood.

    Returns
    -------
    str
        A sentence fragment for the end of an error message.

    Examples
    --------
    >>> suggest("Bakradse", ("bakradze", "vashadze"))
    "did you mean 'bakradze'?"
    """
    from difflib import get_close_matches

    folded = {k.casefold(): k for k in known[:1000] if len(k) <= LONGEST_NAME}
    if len(name) <= LONGEST_NAME:  # comparing takes the product of the lengths
        near = get_close_matches(name.casefold(), list(folded), n=1, cutoff=ALIKE)
        if near:
            return f"did you mean {folded[near[0]]!r}?"
    more = f", ... ({len(known)} in all)" if len(known) > MOST_NAMES else ""
    return "known: " + ", ".join(known[:MOST_NAMES]) + more
