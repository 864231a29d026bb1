"""Plain text: what may be printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from forecast.errors import InputError

LONGEST_NAME = 200
"""Most characters in the name of a unit, candidate, column or contest."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that steer a terminal, turn the direction of text around them, or have no encoding.

Marks within Arabic, Hebrew, Persian or Indic words (such as U+200C to U+200F) are allowed.
"""

UNNAMED = re.compile(r"Unnamed: (\d+)_level_\d+")
"""How pandas calls a cell of a header that is empty."""
QUOTED = re.compile(r"'([^']*)'")


def check_printable(text: str, where: str) -> None:
    r"""Raise `InputError` if a text has characters that must not be printed.

    Examples
    --------
    >>> check_printable("ada\u202eneb", "line 2")
    Traceback (most recent call last):
    ...
    forecast.errors.InputError: line 2: text must be printable - found U+202E in 'ada\u202eneb'; ...
    """
    found = UNPRINTABLE.search(text)
    if found:
        near = text[max(found.start() - 20, 0) : found.start() + 20]
        raise InputError(
            f"{where}: text must be printable - found U+{ord(found[0]):04X} in {near!r}; remove it"
        )


def check_printable_names(names: Iterable[str], where: str) -> None:
    """Raise `InputError` if a name is no text, cannot be printed in one line, or is very long."""
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{where}: names must be text - found {name!r:.60}; convert it")
        if len(name) > LONGEST_NAME:
            raise InputError(
                f"{where}: names must have at most {LONGEST_NAME} characters - found {len(name)} "
                f"in {name[:40]!r}...; shorten it (was a quote never closed?)"
            )
        if "\n" in name:
            raise InputError(f"{where}: names must be one line - found {name[:40]!r}; join them")
        if not name.isprintable():
            check_printable(name, where)


def in_one_line(text: str) -> str:
    r"""Return a text without line breaks, as people wrap it in a cell.

    Examples
    --------
    >>> in_one_line("registered\r\nvoters"), in_one_line("two  spaces")
    ('registered voters', 'two  spaces')
    """
    return " ".join(text.split()) if "\n" in text or "\r" in text else text


def named(parts: Sequence[object]) -> str:
    """Return the name of a column of a header of several lines, each of which is said once.

    Examples
    --------
    >>> named(["Registered", "Unnamed: 1_level_1"]), named(["Unnamed: 0_level_0_unit"])
    ('Registered', 'unit')
    >>> named(["Votes", "Ada", "Ada"]), named(["Unnamed: 3_level_0", "Unnamed: 3_level_1"])
    ('Votes Ada', 'Unnamed: 3')
    """
    texts = [str(part) for part in parts]
    if len(texts) == 1 and texts[0].startswith("('"):  # a tuple that was saved as text
        texts = QUOTED.findall(texts[0])
    kept = [UNNAMED.sub("", text).strip(" _.,|/") if "Unnamed" in text else text for text in texts]
    found = UNNAMED.search(" ".join(texts))
    name = " ".join(dict.fromkeys(text for text in kept if text))
    return name.strip() or (f"Unnamed: {found[1]}" if found else "")


def in_short(names: Sequence[str], most: int = 5) -> str:
    """Return the first of several names in one line, with dots where there are more.

    Examples
    --------
    >>> in_short(["ada", "ben", "cid"], 2), in_short(["ada", "ben"])
    ('ada, ben, ...', 'ada, ben')
    """
    return ", ".join([*names[:most], *["..."] * (len(names) > most)])
