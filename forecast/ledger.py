"""Ledger: where every person of the electorate stood after the first round.

A runoff only moves people: `votes[j] = sum_r count[r] * T[r, j]` with rows of T summing to one.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast.columns import IntArray, frozen
from forecast.errors import InputError, suggest

__all__ = ["INVALID", "NONE", "NON_VOTERS", "Ledger"]

INVALID = "invalid"
"""Origin of those whose first-round ballot was invalid or blank."""
NON_VOTERS = "non-voters"
"""Origin of the registered who cast no first-round ballot."""
NONE = "none"
"""Destination of those who abstain in the runoff or spoil their ballot."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ledger:
    """People by origin, conserved.

    Parameters
    ----------
    origins : tuple of str
        Finalists, eliminated candidates (most votes first), `invalid`, `non-voters`.
    kinds : tuple of str
        For each origin: "finalist", "eliminated", "invalid" or "non-voters".
    destinations : tuple of str
        The finalists, then "none".
    units : tuple of str
        Names of the units (a single one for totals).
    counts : ndarray of int64, shape (unit, origin)
        People; a row sums to the unit's electorate.
    """

    origins: tuple[str, ...]
    kinds: tuple[str, ...]
    destinations: tuple[str, ...]
    units: tuple[str, ...]
    counts: IntArray

    @property
    def totals(self) -> IntArray:
        """People by origin over all units, shape (origin,)."""
        return frozen(self.counts.sum(axis=0))

    @property
    def people(self) -> int:
        """Everybody in the ledger."""
        return int(self.counts.sum())

    def index(self, origin: str) -> int:
        """Return the position of `origin`; raise `InputError` if there is none."""
        if origin not in self.origins:
            raise InputError(f"ledger: no origin {origin!r}; {suggest(origin, self.origins)}")
        return self.origins.index(origin)
