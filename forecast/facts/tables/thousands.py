"""Tables of thousands where counts of people are needed: recognised, and refused."""

from __future__ import annotations

import re

from forecast.errors import InputError
from forecast.facts.words.column_words import role_of
from forecast.files.columns import Columns

WORD = r"(?:thousands?|tys|тыс|тис|хил|tsd|tausend|milhares|milliers|mii|migliaia|tis|tuhat)\b"
MORE = r"(?:millions?|mln|млн|millones|milhoes|milioni)\b"
SAID = re.compile(
    rf"(?<!\d)['’`]000s?\b|[(\[]\s*000s?\s*[)\]]|[(\[]\s*(?:{WORD}|{MORE})|\ben miles\b"
    rf"|\b(?:in|en|em|w|v|в|у|u|în|units?|unit of)\b[:\s]*(?:{WORD}|{MORE})|\b(?:tys|тыс|tsd)\.",
    re.IGNORECASE,
)
"""What says that numbers are thousands: "(000)", "in thousands", "w tys."; "(MLN)" is a party."""
SHORT = re.compile(r"\((?:k|mil)\)$")
"""What may also be a party, if only one column has it."""
OTHER = ("area", "percent", "turnout", "code", "margin", "year", "source", "date")
"""Roles of columns that may be in thousands, for they are of no use here."""


def refuse_thousands(columns: Columns) -> None:
    """Raise `InputError` if a table says above, below or in the names of columns that it is so.

    Columns that are said to be ignored may be in thousands.
    """
    text = next((text for text in (*columns.titles, *columns.footnotes) if SAID.search(text)), "")
    short = [name for name in columns.names if SHORT.search(name)]
    for name in columns.names:
        base = SAID.sub(lambda mark: mark[0] if mark[0].isupper() else "", name)
        marked = base != name or (name in short and len(short) > 1)
        counted = role_of(name) not in OTHER and columns.said.get(name) != "ignored"
        if marked and counted and columns.kind(name) in ("whole", "number"):
            text = name
            break
    if text:
        raise InputError(
            f"{columns.where}: counts must be of single people - found {text[:60]!r}, which says "
            "that they are in thousands; use the table of votes, or write whole numbers of people "
            "and leave these words out"
        )
