"""Ledger: where every person of the electorate stood after the first round.

A runoff only moves people: `votes[j] = sum_r count[r] * T[r, j]` with rows of T summing to one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from forecast.arrays import IntArray, frozen
from forecast.display import Brief
from forecast.errors import InputError, suggest

INVALID = "invalid"
"""Origin of those whose first-round ballot was invalid or blank."""
NON_VOTERS = "non-voters"
"""Origin of the registered who cast no first-round ballot."""
NONE = "none"
"""Destination of those who abstain in the runoff or spoil their ballot."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Ledger(Brief):
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
    pools : mapping of str to float
        Origins that are several candidates, and how many of equal size vary as much as they.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> ledger = load_contest("georgia-2018").ledger()
    >>> ledger.origins[:3], ledger.destinations
    (('zurabishvili', 'vashadze', 'bakradze'), ('zurabishvili', 'vashadze', 'none'))
    >>> ledger.people, ledger.totals.shape
    (3518877, (27,))
    """

    origins: tuple[str, ...]
    kinds: tuple[str, ...]
    destinations: tuple[str, ...]
    units: tuple[str, ...]
    counts: IntArray
    pools: Mapping[str, float] = field(default_factory=dict)

    @property
    def totals(self) -> IntArray:
        """People by origin over all units, shape (origin,)."""
        return frozen(self.counts.sum(axis=0))

    @property
    def people(self) -> int:
        """Everybody in the ledger."""
        return int(self.counts.sum())

    def index(self, origin: str) -> int:
        """Return the position of `origin`.

        Parameters
        ----------
        origin : str
            Its key.

        Raises
        ------
        InputError
            If there is no such origin.
        """
        if origin not in self.origins:
            remedy = suggest(origin, self.origins)
            for pool in self.pools:
                remedy += f"; it may be one of the {pool}: ask for every candidate"
            raise InputError(f"ledger: no origin {origin!r}; {remedy}")
        return self.origins.index(origin)

    def pooled(self, small: Sequence[int]) -> Ledger:
        """Return the ledger with some eliminated candidates as one origin behind the others.

        Parameters
        ----------
        small : sequence of int
            Their positions.
        """
        name = f"{len(small)} others eliminated"
        kept = [r for r in range(len(self.origins)) if r not in set(small)]
        place = sum(self.kinds[r] in ("finalist", "eliminated") for r in kept)
        names, kinds = ([words[r] for r in kept] for words in (self.origins, self.kinds))
        names.insert(place, name)
        kinds.insert(place, "eliminated")
        counts = self.counts[:, small].sum(axis=1)
        sizes = self.totals[small].astype(float)
        members = sizes.sum() ** 2 / (sizes**2).sum() if sizes.any() else 1.0
        return replace(
            self,
            origins=tuple(names),
            kinds=tuple(kinds),
            counts=frozen(np.insert(self.counts[:, kept], place, counts, axis=1)),
            pools={**self.pools, name: float(members)},
        )
