"""The language of a page: messages from gettext catalogues, numbers and days as Babel has them.

English needs neither. A catalogue is ``catalogues/CODE.po`` beside this module; it is compiled when
it is first asked for. Messages are marked by `say`, or as ``_`` in a template.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from forecast.display import Message
from forecast.errors import InputError, suggest

ENGLISH = "en"
LANGUAGES = {
    "en": "English",
    "es": "español",
    "fr": "français",
    "ka": "ქართული",
    "pl": "polski",
    "pt": "português",
    "ro": "română",
}
"""Languages of pages, and what they call themselves."""
OF = re.compile(r"\b([Dd])e \{(\w+)\}")
"""French « de » before a placeholder."""
ELIDED = re.compile("[aeiouàâäéèêëîïôöûü]|y[^aeiou]", re.IGNORECASE)
"""Beginnings before which it is « d’ », as of the names Emmanuel and Yves."""
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make a language that of everything said inside.

    Raises
    ------
    InputError
        If there is no catalogue of it.

    Examples
    --------
    >>> with speaking("fr"):
    ...     say("Turnout"), number(1234567)
    ('Participation', '1\u202f234\u202f567')
    """
    if language not in LANGUAGES:
        raise InputError(
            f"language: no catalogue of {language!r}; {suggest(language, (*LANGUAGES,))}"
        )
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def code() -> str:
    """Return the code of the language that is spoken."""
    return _spoken.get()


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the messages of a language, compiled from its catalogue."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    text = files("forecast.report").joinpath(f"catalogues/{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    return gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))


def say(message: str, /, **values: object) -> str:
    """Return a message in the language that is spoken, its placeholders filled in.

    Examples
    --------
    >>> with speaking("fr"):
    ...     say("Share of {name}", name="Emmanuel Macron")
    'Part d’Emmanuel Macron'
    """
    if code() != ENGLISH and message:
        message = catalogue(code()).gettext(message)
    if not values:
        return message
    if code() == "fr":
        message = OF.sub(
            lambda of: f"{of[1]}’{{{of[2]}}}" if ELIDED.match(str(values[of[2]])) else of[0],
            message,
        )
    return message.format(**values)


def told(note: str) -> str:
    """Return a note or a name of the library in the language that is spoken; other text as it is.

    Examples
    --------
    >>> from forecast.display import Message
    >>> with speaking("fr"):
    ...     told(Message("invalid ballots are ballots less votes")), told("a footnote")
    ('les bulletins nuls sont les votants moins les suffrages', 'a footnote')
    """
    if code() == ENGLISH:
        return note
    if not isinstance(note, Message):
        return say(note)
    values = {k: _filled(v) for k, v in note.values.items()}
    if "country" in values:
        values["country"] = territory(values["country"])
    return say(note.template, **values)


def _filled(value: str | float) -> str:
    """Return a value of a message as `Message` says it in English."""
    if isinstance(value, float):
        return percent_sign(number(100 * value))
    return number(value) if isinstance(value, int) else told(value)


def number(value: float, decimals: int = 0) -> str:
    """Return a number with its thousands set apart.

    Examples
    --------
    >>> number(1234567), number(0.25, 1)
    ('1,234,567', '0.2')
    """
    if code() == ENGLISH:
        return f"{value:,.{decimals}f}"
    from babel.numbers import format_decimal

    pattern = "#,##0" + "." * (decimals > 0) + "0" * decimals
    return str(format_decimal(round(value, decimals), format=pattern, locale=code()))


def percent_sign(text: str) -> str:
    """Return a number, or a range of them, with the percent sign where the language has it.

    Examples
    --------
    >>> percent_sign("61"), percent_sign("45–75")
    ('61%', '45–75%')
    """
    if code() == ENGLISH:
        return f"{text}%"
    from babel.numbers import format_percent

    return str(format_percent(0.01, locale=code())).replace("1", text)


def territory(name: str) -> str:
    """Return what a country is called, given in English; a name nobody knows as it is.

    Examples
    --------
    >>> with speaking("fr"):
    ...     territory("Georgia"), territory("Ruritania")
    ('Géorgie', 'Ruritania')
    """
    if code() == ENGLISH:
        return name
    from babel import Locale

    known = {said: key for key, said in Locale(ENGLISH).territories.items()}
    return str(Locale(code()).territories.get(known.get(name, ""), name))


def days_said(text: str) -> str:
    """Return a text with its days in words, as the name of a poll has them.

    Examples
    --------
    >>> days_said("Acme, 2018-11-01 to 2018-11-09")
    'Acme, 1 November 2018 – 9 November 2018'
    """
    spans = re.sub(r"(?<=\d) to (?=\d{4}-\d\d-\d\d)", " – ", text)
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda found: day(found[0]), spans)


def large(value: float) -> str:
    """Return a number of people in few digits: millions with two decimals, else in thousands.

    Examples
    --------
    >>> large(8_451_234), large(692_400), large(59_651)
    ('8.45 M', '692,000', '59,700')
    """
    if value >= 999_500:
        if code() == ENGLISH:
            return f"{value / 1e6:.2f} M"
        from babel.numbers import format_compact_decimal

        millions = str(format_compact_decimal(7_000_000, locale=code()))
        return millions.replace("7", number(value / 1e6, 2))
    return number(float(f"{value:.3g}"))


def moment(text: str) -> str:
    """Return a day with its time in words; what is no such time as it is.

    Examples
    --------
    >>> moment("2018-11-28 21:40:07"), moment("21:40")
    ('28 November 2018, 21:40', '21:40')
    >>> with speaking("fr"):
    ...     moment("2018-11-28 21:40:07")
    '28 novembre 2018, 21:40'
    """
    if re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d", text) is None:
        return text
    when = datetime.fromisoformat(text)
    return f"{day(when.date())}, {when:%H:%M}"


def day(value: date | str | None) -> str:
    """Return a day in words.

    Examples
    --------
    >>> day("2018-10-28")
    '28 October 2018'
    """
    if value is None:
        return ""
    when = date.fromisoformat(value) if isinstance(value, str) else value
    if code() == ENGLISH:
        return f"{when.day} {when:%B} {when.year}"
    from babel.dates import format_date

    return str(format_date(when, format="long", locale=code()))
