"""Counts of both rounds by unit, and what describes all units together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from forecast.arrays import FloatArray
from forecast.errors import InputError

Mask = npt.NDArray[np.bool_]

MOST_LOG_KAPPA = 15.0
"""From here on nobody can tell a Dirichlet-multinomial from a multinomial."""
CHANCES = (0.01, 0.99)
"""Least and greatest rate by which people are taken to move."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Counts of both rounds in the layout of the likelihood."""

    origins: FloatArray  #: (origin, unit): people by origin
    #: (destination, unit): people by destination; each unit holds the same people as in `origins`
    destinations: FloatArray

    @cached_property
    def people(self) -> FloatArray:
        """People by unit; array (unit,)."""
        return np.asarray(self.origins.sum(axis=0))

    @cached_property
    def composition(self) -> FloatArray:
        """Share of every origin over all units; array (origin,)."""
        totals = self.origins.sum(axis=1)
        return np.asarray(totals / max(float(totals.sum()), 1.0))

    @cached_property
    def stacked(self) -> FloatArray:
        """Origins, then ``x (x - 1)+``, which overdispersion adds; array (2 origin, unit)."""
        excess = self.origins * np.maximum(self.origins - 1.0, 0.0)
        return np.concatenate([self.origins, excess])

    @property
    def excess(self) -> FloatArray:
        """``x (x - 1)+``, the part of the variance overdispersion adds; array (origin, unit)."""
        return self.stacked[len(self.origins) :]

    @cached_property
    def lean(self) -> FloatArray:
        """People above or below the contest's composition; array (origin, unit).

        ``x_ur - n_u * x_r / n``: positive where the origin is stronger than overall.
        """
        return np.asarray(self.origins - np.outer(self.composition, self.people))

    @cached_property
    def spread(self) -> FloatArray:
        """Standard deviation of every origin's share between units; array (origin,).

        ``sqrt(sum_u d_ur^2 / n_u / N)``, d the `lean`: every person counts alike.
        """
        parts = self.lean**2 / np.maximum(self.people, 1.0)
        return np.asarray(np.sqrt(parts.sum(axis=1) / max(float(self.people.sum()), 1.0)))

    @cached_property
    def scatter(self) -> float:
        """How much units scatter beyond their composition, compared with independent people.

        Results are regressed on composition. It is Pearson's chi-square of what is left, over what
        people who move one by one by the rates found would leave, and over the lower end of its
        90% interval. All else that moves units adds to it. Infinite where there are too few units.
        """
        there, kept = self.people > 0, self.destinations.sum(axis=1) > 0
        root = np.sqrt(self.people[there])
        given, found = self.origins[:, there] / root, self.destinations[kept][:, there] / root
        rates, _, rank, _ = np.linalg.lstsq(given @ given.T, given @ found.T, rcond=1e-9)
        degrees = (len(root) - int(rank)) * (len(found) - 1)
        if degrees < 1:
            return np.inf
        margin = (found @ root) / (root @ root)
        square = float((((found - rates.T @ given) ** 2).sum(axis=1) / margin).sum())
        chance = np.clip(rates, *CHANCES)
        alone = (given / root).mean(axis=1) @ (chance * (1 - chance)) / margin
        return square * (len(found) - 1) / float(alone.sum() * chdtri(degrees, 0.95))

    @cached_property
    def least_log_kappa(self) -> float:
        """The log kappa that would explain all of `scatter`, which has other reasons besides.

        It is ``1 + A / (kappa + 1)``, A the mean of ``sum_r x_ur (x_ur - 1) / n_u``.
        """
        there = self.people > 0
        added = float((self.excess[:, there].sum(axis=0) / self.people[there]).sum())
        added /= max(self.occupied, 1)
        if not added or np.isinf(self.scatter):
            return -np.inf
        over = max(self.scatter - 1.0, added * np.exp(-MOST_LOG_KAPPA))
        return float(np.log(added / over))

    @cached_property
    def occupied(self) -> int:
        """Number of units with people."""
        return int(np.count_nonzero(self.people))

    @property
    def reversed(self) -> Counts:
        """The same people read from the runoff back to the first round."""
        return Counts(origins=self.destinations, destinations=self.origins)

    def select(self, origins: Mask, destinations: Mask, units: Mask) -> Counts:
        """Return the counts of some origins, destinations and units, given as masks."""
        return Counts(
            origins=np.ascontiguousarray(self.origins[origins][:, units]),
            destinations=np.ascontiguousarray(self.destinations[destinations][:, units]),
        )

    def thinned(self, most: int) -> Counts:
        """Return the counts of `most` units at most, evenly drawn from small to large.

        What describes all units together, such as `composition`, stays as it is.
        """
        order = np.argsort(self.people, kind="stable")
        chosen = np.sort(order[np.linspace(0, len(order) - 1, most).round().astype(int)])
        part = Counts(
            origins=np.ascontiguousarray(self.origins[:, chosen]),
            destinations=np.ascontiguousarray(self.destinations[:, chosen]),
        )
        vars(part).update(
            composition=self.composition,
            spread=self.spread,
            scatter=self.scatter,
            least_log_kappa=self.least_log_kappa,
        )
        return part


def counts_from_units(first_round: npt.ArrayLike, runoff: npt.ArrayLike) -> Counts:
    """Return `Counts` of two arrays (unit, origin) and (unit, destination).

    Raises
    ------
    InputError
        When shapes or people differ between the rounds, a count is negative or not finite, or
        there are fewer than one origin or two destinations.
    """
    _require_ledger(np.asarray(first_round), np.asarray(runoff))
    return Counts(
        origins=np.ascontiguousarray(np.asarray(first_round, dtype=np.float64).T),
        destinations=np.ascontiguousarray(np.asarray(runoff, dtype=np.float64).T),
    )


def _require_ledger(first_round: FloatArray, runoff: FloatArray) -> None:
    """Raise unless both arrays count the same people of the same units."""
    if first_round.ndim != 2 or runoff.ndim != 2 or len(first_round) != len(runoff):
        raise InputError(
            "counts: both rounds must have one row per unit - found shapes "
            f"{first_round.shape} and {runoff.shape}"
        )
    if first_round.shape[1] < 1 or runoff.shape[1] < 2:
        raise InputError(
            "counts: there must be an origin and two destinations at least - found "
            f"{first_round.shape[1]} and {runoff.shape[1]}"
        )
    for name, counts in (("first round", first_round), ("runoff", runoff)):
        bad = ~(np.isfinite(counts) & (counts >= 0)).all(axis=1)
        if bad.any():
            u = int(bad.argmax())
            raise InputError(
                f"{name}: counts must be finite and not negative - unit {u} has {counts[u]}"
            )
    before, after = first_round.sum(axis=1), runoff.sum(axis=1)
    off = np.abs(before - after) > 1e-6 * np.maximum(before, 1.0)
    if off.any():
        u = int(off.argmax())
        raise InputError(
            f"counts: both rounds of a unit must hold the same people - unit {u} has "
            f"{before[u]:g} and {after[u]:g}; add those who did not vote to both rounds, or "
            "give a Contest and its Returns, which do so"
        )
