"""Numbers as readers of a page see them: whole percents, thousands, and words for probabilities."""

from __future__ import annotations

from collections.abc import Mapping

from forecast.display import rate, rate_range
from forecast.outcome.probability import Quantity, WinProbability, in_words, percent

__all__ = [
    "apart",
    "input_name",
    "people",
    "points",
    "rate",
    "rate_range",
    "share",
    "signed",
    "span",
    "wins",
]


def apart(one: float, other: float) -> tuple[str, str]:
    """Return two fractions in percent, with as many decimals as tell them apart, two at most.

    Examples
    --------
    >>> apart(0.35, 0.09), apart(0.972, 0.968)
    (('35', '9'), ('97.2', '96.8'))
    """
    for decimals in (0, 1, 2):
        found = (f"{100 * one:.{decimals}f}", f"{100 * other:.{decimals}f}")
        if found[0] != found[1]:
            return found
    return f"{100 * one:.0f}", f"{100 * other:.0f}"


def input_name(name: str, labels: Mapping[str, str]) -> str:
    """Return an input of the model as printed: with the name of whom it is about.

    Examples
    --------
    >>> labels = {"ada": "Ada L."}
    >>> [input_name(n, labels) for n in ("ada: preference", "ada, own: preference", "swing")]
    ['Ada L.: preference', 'Ada L., own: preference', 'swing']
    """
    origin, colon, what = name.partition(": ")
    whose, comma, kind = origin.rpartition(", ")
    if origin not in labels and whose in labels:
        return labels[whose] + comma + kind + colon + what
    return labels.get(origin, origin) + colon + what


def span(quantity: Quantity) -> str:
    """Return the interval of a fraction, such as "41 to 60%"."""
    return f"{rate(quantity.interval.low)} to {rate(quantity.interval.high)}%"


def share(quantity: Quantity) -> str:
    """Return median and interval of a fraction, such as "50% [41, 60]"."""
    low, high = rate(quantity.interval.low), rate(quantity.interval.high)
    return f"{rate(quantity.median)}% [{low}, {high}]"


def wins(p: WinProbability | float) -> str:
    """Return a win probability in words and whole percent, never 0 or 100.

    Examples
    --------
    >>> wins(0.66)
    'about 2 in 3 (66%)'
    """
    value = p.value if isinstance(p, WinProbability) else p
    return f"{in_words(value)} ({percent(value)})"


def people(count: float) -> str:
    """Return a number of people with thousands separated."""
    return f"{round(count):,}"


def signed(votes: float) -> str:
    """Return a difference of votes with its sign, to three digits.

    Examples
    --------
    >>> signed(212_345.0), signed(-9_961.0), signed(0.2)
    ('+212,000', '−9,960', '0')
    """
    rounded = float(f"{votes:.3g}")
    text = f"{abs(rounded):,.0f}"
    return text if text == "0" else ("+" if rounded > 0 else "−") + text


def points(error: float) -> str:
    """Return an error in percentage points; a small one is not none.

    Examples
    --------
    >>> points(0.0023), points(0.0001)
    ('0.2', 'less than 0.1')
    """
    return f"{100 * error:.1f}" if error >= 0.0005 else "less than 0.1"
