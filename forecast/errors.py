"""The errors a caller may meet: one base, and one for input that breaks a rule."""

from __future__ import annotations

__all__ = ["ForecastError", "InputError", "suggest"]


class ForecastError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(ForecastError, ValueError):
    """Input breaks a rule; the message says where, which rule, what was found and what to do."""


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

    folded = {k.casefold(): k for k in known}
    near = get_close_matches(name.casefold(), list(folded), n=1)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    return "known: " + ", ".join(known)
