"""Official runoff results, kept apart: nothing that forecasts imports this module."""

from __future__ import annotations

from pathlib import Path

from forecast.errors import InputError, suggest
from forecast.readers import read_returns
from forecast.returns import Returns

__all__ = ["load_returns"]

HERE = Path(__file__).parent / "returns"


def load_returns(name: str) -> Returns:
    """Return the official runoff counts of a bundled contest.

    Parameters
    ----------
    name : str
        Name of the contest.

    Raises
    ------
    InputError
        If no result is bundled for that name.

    Examples
    --------
    >>> load_returns("georgia-2018").totals
    {'zurabishvili': 1147701, 'vashadze': 780680}
    """
    known = tuple(sorted(path.stem for path in HERE.glob("*.csv")))
    if name not in known:
        raise InputError(f"no bundled returns for {name!r}; {suggest(name, known)}")
    return read_returns(HERE / f"{name}.csv")
