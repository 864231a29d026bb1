"""Numbers as readers of a page see them: whole percents, thousands, and words for probabilities."""

from __future__ import annotations

from forecast.outcome.probability import Quantity, WinProbability, in_words, percent

__all__ = ["people", "points", "rate", "rate_range", "share", "span", "wins"]


def rate(x: float) -> str:
    """Return a fraction of people in whole percent; very few are not none.

    Examples
    --------
    >>> rate(0.384), rate(0.002), rate(0.999), rate(0.0)
    ('38', '<1', '>99', '0')
    """
    if 0 < x < 0.005:
        return "<1"
    if 0.995 < x < 1:
        return ">99"
    return f"{100 * x:.0f}"


def rate_range(mean: float, low: float, high: float) -> str:
    """Return mean and interval of a fraction, such as "38 [20, 61]"."""
    return f"{rate(mean)} [{rate(low)}, {rate(high)}]"


def span(quantity: Quantity) -> str:
    """Return the interval of a fraction, such as "41 to 60 %"."""
    return f"{rate(quantity.interval.low)} to {rate(quantity.interval.high)} %"


def share(quantity: Quantity) -> str:
    """Return median and interval of a fraction, such as "50 % [41, 60]"."""
    low, high = rate(quantity.interval.low), rate(quantity.interval.high)
    return f"{rate(quantity.median)} % [{low}, {high}]"


def wins(p: WinProbability | float) -> str:
    """Return a win probability in words and whole percent, never 0 or 100.

    Examples
    --------
    >>> wins(0.66)
    'about 2 in 3 (66 %)'
    """
    value = p.value if isinstance(p, WinProbability) else p
    return f"{in_words(value)} ({percent(value)})"


def people(count: float) -> str:
    """Return a number of people with thousands separated."""
    return f"{round(count):,}"


def points(error: float) -> str:
    """Return an error in percentage points; a small one is not none.

    Examples
    --------
    >>> points(0.0023), points(0.0001)
    ('0.2', 'less than 0.1')
    """
    return f"{100 * error:.1f}" if error >= 0.0005 else "less than 0.1"
