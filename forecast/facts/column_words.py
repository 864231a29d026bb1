"""What the columns of official tables are called, in the languages of countries with runoffs.

The words are in `column_words.toml`. A name is understood if every word of it is known, so that
"Votes blancs" are blank ballots and "Michel Blanc" is a candidate.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

__all__ = ["folded", "is_total", "role_of", "word_table", "words_of"]

INVERSE = {"valid": "invalid", "ballots": "abstention", "votes": "abstention"}
"""What a role becomes beside a negation, such as "not valid"."""
QUANTITIES = {"invalid", "abstention", "turnout", "registered", "valid", "ballots", "votes"}
"""Roles in whose names "number" is no code."""
STROKES = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})


@cache
def word_table() -> dict[str, dict[str, str]]:
    """Return the words of every role by language, roles in their order of precedence."""
    return tomllib.loads((files(__package__) / "column_words.toml").read_text("utf-8"))


@cache
def _roles() -> dict[str, str]:
    """Return the role of every word."""
    found: dict[str, str] = {}
    for role, languages in word_table().items():
        for word in " ".join(languages.values()).split():
            found.setdefault(folded(word), role)
    return found


def folded(text: str) -> str:
    """Return a text without capitals, accents and punctuation, words apart by one space.

    Examples
    --------
    >>> folded("Code_Département  (N°)"), folded("Ważne – GŁOSY"), folded("registeredVoters")
    ('code departement n', 'wazne glosy', 'registered voters')
    """
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", text).casefold().translate(STROKES)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w%]+|_", " ", plain.replace("%", " % ")).split())


def words_of(name: str) -> tuple[str, ...]:
    """Return the roles that the words of a column's name have, in order of precedence.

    It is empty unless every word is known and one of them says what the column is.

    Examples
    --------
    >>> words_of("Liczba głosów nieważnych"), words_of("Michel Blanc"), words_of("Code commune")
    (('invalid', 'votes'), (), ('code', 'unit'))
    """
    words, known = folded(name).split(), _roles()
    roles = {known.get(word, "digits" if word.isdigit() else "") for word in words}
    if "percent" in roles:  # beside any name: "Ada, percent"
        return ("percent",)
    if "" in roles:
        return ()
    if "negation" in roles:
        roles = {INVERSE.get(role, role) for role in roles}
    if roles & QUANTITIES:
        roles -= {"code"}
    return tuple(role for role in word_table() if role in roles - {"filler", "negation"})


def role_of(name: str) -> str:
    """Return what the name of a column says it is, or an empty text.

    Examples
    --------
    >>> [role_of(name) for name in ("Inscrits", "% Exprimés", "non valides", "Ada", "NUL VOTES")]
    ['registered', 'percent', 'invalid', '', 'invalid']
    >>> role_of("Number of registered voters"), role_of("Votes cast"), role_of("Código")
    ('registered', 'ballots', 'code')
    """
    roles = words_of(name)
    return roles[0] if roles else ""


def is_total(name: str) -> bool:
    """Return whether the name of a row has a word for totals.

    Examples
    --------
    >>> is_total("TOTAL North"), is_total("Ogółem"), is_total("Totaled")
    (True, True, False)
    """
    return any(_roles().get(word) == "total" for word in folded(name).split())
