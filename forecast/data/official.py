"""Official runoff results, kept apart: nothing that forecasts imports this module."""

from __future__ import annotations

from dataclasses import replace

from forecast.data.bundle import bundle, bundled_file, contests
from forecast.errors import InputError, suggest
from forecast.facts.readers import read_returns
from forecast.facts.returns import Returns
from forecast.signatures import refuses_other_kinds

__all__ = ["load_returns"]


@refuses_other_kinds
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
    with bundled_file("returns", f"{bundle(name, units).stem}.csv") as path:
        return replace(read_returns(path), notes=())
