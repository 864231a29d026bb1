"""Returns: what was counted in the runoff, by unit, complete or partial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.arrays import IntArray, frozen
from forecast.display import Brief
from forecast.errors import InputError, suggest
from forecast.files.columns import Columns, check_ballots, refuse_percentages
from forecast.files.percentages import refuse_fractional_shares
from forecast.files.text import check_printable, check_printable_names
from forecast.signatures import refuses_other_kinds

__all__ = ["Returns"]

NOT_FINALISTS = ("unit", "region", "registered", "invalid", "ballots", "source", "name")


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Returns(Brief):
    """Official runoff counts.

    Parameters
    ----------
    units : tuple of str
        Units that have reported.
    finalists : tuple of str
        Who stood in the runoff.
    votes : ndarray of int64, shape (unit, finalist)
        Runoff votes.
    invalid, ballots, registered : ndarray of int64, shape (unit,), or None
        Invalid ballots, ballots cast, registered people, where published.
    source : str
        Where the counts come from.

    Raises
    ------
    InputError
        If shapes or names contradict each other.

    Examples
    --------
    >>> import polars as pl
    >>> returns = Returns.from_frame(pl.DataFrame({"unit": ["n"], "ada": [700], "ben": [300]}),
    ...                              finalists=("ada", "ben"))
    >>> returns.share("ada")
    0.7
    """

    units: tuple[str, ...]
    finalists: tuple[str, ...]
    votes: IntArray
    invalid: IntArray | None = None
    ballots: IntArray | None = None
    registered: IntArray | None = None
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", tuple(self.units))
        object.__setattr__(self, "finalists", tuple(self.finalists))
        check_printable_names((*self.units, *self.finalists), "returns")
        check_printable(self.source, "returns, source")
        shapes: dict[str, tuple[int, ...]] = {"votes": (len(self.units), len(self.finalists))}
        shapes |= {name: (len(self.units),) for name in ("invalid", "ballots", "registered")}
        for name, shape in shapes.items():
            if getattr(self, name) is None:
                continue
            array = frozen(getattr(self, name))
            object.__setattr__(self, name, array)
            if array.shape != shape:
                raise InputError(f"returns: {name} must have shape {shape} - found {array.shape}")
            if (array < 0).any():
                raise InputError(f"returns: {name} must not be negative - found {array.min()}")
        if len(set(self.finalists)) != len(self.finalists) or len(self.finalists) < 2:
            raise InputError(
                f"returns: needs at least two different finalists - found {self.finalists}"
            )
        if len(set(self.units)) != len(self.units):
            raise InputError("returns: every unit must occur once; merge repeated units")

    @classmethod
    def from_frame(
        cls, frame: Any, *, finalists: Sequence[str] | None = None, **details: Any
    ) -> Returns:
        """Build returns from a frame with one row per unit.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or Columns
            Columns `unit`, one per finalist, optional `invalid`, `ballots`, `registered`, `source`.
        finalists : sequence of str, optional
            Which columns are finalists; by default all that are not named above.
        **details
            `source` of `Returns`.

        Raises
        ------
        InputError
            If a column is missing or a cell breaks a rule.
        """
        columns = frame if isinstance(frame, Columns) else Columns.from_frame(frame)
        units = columns.keys("unit")
        if finalists is None:
            finalists = tuple(c for c in columns.names if c not in NOT_FINALISTS)
        if len(finalists) < 2:
            raise InputError(
                f"{columns.where}: needs one column of votes per finalist, at least two - found "
                f"{', '.join(finalists) or 'none'}; name them as in the contest"
            )
        columns.require(*finalists)
        refuse_fractional_shares(columns, finalists)
        votes = np.stack([columns.counts(f) for f in finalists], axis=1)
        extra: dict[str, Any] = {
            name: columns.counts(name)
            for name in ("invalid", "ballots", "registered")
            if name in columns.values
        }
        if len(units) > 1:  # a single unit may well have 100 votes
            refuse_percentages(columns.where, votes, extra.get("registered"))
        if "ballots" in extra:
            check_ballots(columns, units, votes.sum(axis=1))
        if "source" in columns.values:
            details.setdefault("source", "; ".join(dict.fromkeys(columns.texts("source"))))
        return cls(units=units, finalists=tuple(finalists), votes=frozen(votes), **extra, **details)

    def select(self, units: Iterable[str]) -> Returns:
        """Return the returns of some units only, in the order given.

        Raises
        ------
        InputError
            If a unit has not reported or is named twice.
        """
        chosen = tuple(units)
        place = {unit: u for u, unit in enumerate(self.units)}
        for unit in chosen:
            if unit not in place:
                raise InputError(f"returns: no unit {unit!r}; {suggest(unit, self.units)}")
        rows = [place[unit] for unit in chosen]
        arrays = ("votes", "invalid", "ballots", "registered")
        parts: dict[str, Any] = {
            n: None if getattr(self, n) is None else getattr(self, n)[rows] for n in arrays
        }
        return replace(self, units=chosen, **parts)

    @property
    def totals(self) -> dict[str, int]:
        """Runoff votes of each finalist over the reported units."""
        return dict(zip(self.finalists, self.votes.sum(axis=0).tolist(), strict=True))

    def share(self, finalist: str) -> float:
        """Return a finalist's fraction of the finalists' valid vote in the reported units.

        Raises
        ------
        InputError
            If `finalist` did not stand or nothing was counted.
        """
        if finalist not in self.finalists:
            raise InputError(
                f"returns: no finalist {finalist!r}; {suggest(finalist, self.finalists)}"
            )
        total = sum(self.totals.values())
        if not total:
            raise InputError("returns: nothing was counted yet, so there is no share")
        return self.totals[finalist] / total
