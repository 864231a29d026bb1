"""Official runoff results, kept apart: nothing that forecasts imports this module."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast.data.bundle import COUNTRY, Bundle, bundle, bundled_file, contests, national_rows
from forecast.errors import InputError, suggest
from forecast.facts.readers import read_returns
from forecast.facts.returns import Returns
from forecast.signatures import refuses_other_kinds


@refuses_other_kinds
def load_returns(name: str, *, units: str | None = None) -> Returns:
    """Return the official runoff counts of a bundled contest.

    Parameters
    ----------
    name : str
        Name of the contest.
    units : str, optional
        What its units are, as for `load_contest`.

    Returns
    -------
    returns : Returns
        By unit.

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
    found = bundle(name, units)
    if found.units == COUNTRY:
        return _in_total(found)
    with bundled_file("returns", f"{found.stem}.csv") as path:
        return replace(read_returns(path), notes=())


def _in_total(found: Bundle) -> Returns:
    """Return the runoff of a national contest known in total."""
    rows = national_rows("returns")[found.name]
    counts = {row["candidate"]: int(row["votes"]) for row in rows}
    registered = counts.get("registered")
    finalists = found.contest.finalists
    return Returns(
        units=found.contest.units,
        finalists=finalists,
        votes=np.array([[counts[f] for f in finalists]]),
        invalid=np.array([counts["invalid"]]),
        registered=None if registered is None else np.array([registered]),
        source=rows[0]["source"],
    )
