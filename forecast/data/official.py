"""What became known on the day of a runoff, kept apart: nothing that forecasts imports it."""

from __future__ import annotations

from pathlib import Path

from forecast.contest import Contest
from forecast.data import bundled_file, contests, load_contest
from forecast.errors import InputError, suggest
from forecast.interim import InterimTurnout
from forecast.readers import read_returns, read_turnout
from forecast.returns import Returns

__all__ = ["load_returns", "load_turnout"]

HERE = Path(__file__).parent


def load_returns(name: str, *, units: str | None = None) -> Returns:
    """Return the official runoff counts of a bundled contest.

    Parameters
    ----------
    name : str
        Name of the contest.
    units : str, optional
        What its units are, as for `load_contest`.

    Raises
    ------
    InputError
        If no result is bundled for that name, or not by such units.

    Examples
    --------
    >>> load_returns("georgia-2018").totals
    {'zurabishvili': 1147701, 'vashadze': 780680}
    >>> load_returns("georgia-2018", units="stations").totals
    {'zurabishvili': 1147701, 'vashadze': 780680}
    """
    if name not in contests():
        raise InputError(f"no bundled returns for {name!r}; {suggest(name, contests())}")
    return read_returns(bundled_file(HERE / "returns", name, units))


def load_turnout(
    name: str, *, units: str | None = None, contest: Contest | None = None
) -> InterimTurnout:
    """Return the bundled interim turnout of a contest.

    Parameters
    ----------
    name : str
        Name of the contest.
    units : str, optional
        What its units are, as for `load_contest`.
    contest : Contest, optional
        A changed copy of the contest to match it with, such as one with other finalists.

    Raises
    ------
    InputError
        If there is no such contest, or not by such units.

    Examples
    --------
    >>> load_turnout("georgia-2018", units="stations").units
    3694
    """
    file = bundled_file(HERE / "turnout", name, units)
    return read_turnout(file, contest or load_contest(name, units=units))
