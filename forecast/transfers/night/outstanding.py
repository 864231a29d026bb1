"""What the units that have not reported will count, draw by draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.night.deviations import Deviations
from forecast.transfers.night.fit import PartialPosterior
from forecast.transfers.night.local_table import LocalTable

__all__ = ["Outstanding"]

Singles = npt.NDArray[np.float32]
BLOCK = 512
"""Units worked on at a time, so that arrays stay in the processor's cache."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outstanding:
    """The votes that are still to be counted.

    Parameters
    ----------
    posterior : PartialPosterior
        Fit of the reported units.
    moves : array (draw, size)
        Draws of coordinates and deviations around the centre, as by `PartialPosterior.draw`.
    table : LocalTable
        First round of the units with votes still to come.
    deviations : Deviations
        Design of the same units.
    share : array (unit,)
        Fraction of each unit that is still to come.
    shift : array (response, unit)
        What a unit's own counted part says about the rest, in logits.
    extra : array (response, unit)
        Variance of the rest around that, in logits squared.
    """

    posterior: PartialPosterior
    moves: FloatArray
    table: LocalTable
    deviations: Deviations
    share: FloatArray
    shift: FloatArray
    extra: FloatArray

    def select(self, units: IntArray) -> Outstanding:
        """Return some of the units."""
        return Outstanding(
            posterior=self.posterior,
            moves=self.moves,
            table=self.table.select(units),
            deviations=self.deviations.select(units),
            share=self.share[units],
            shift=self.shift[:, units],
            extra=self.extra[:, units],
        )

    def votes(self, group: IntArray, groups: int, *, rng: np.random.Generator) -> FloatArray:
        """Return draws of the votes of groups of units, array (group, finalist, draw).

        Parameters
        ----------
        group : array of int (unit,)
            Group of each unit, such as its region, from 0.
        groups : int
            Number of groups.
        rng : numpy.random.Generator
            Source of the unit-level random effects.

        Notes
        -----
        Coordinates and deviations move all units together and are drawn; unit-level random effects
        are independent between units, so only a group's variance is needed. Single precision holds
        seven digits of a unit's votes; sums over units are taken in double precision.
        """
        draws, free = len(self.moves), self.table.finalists - 1
        votes = np.zeros((groups, free + 1, draws))
        variance = np.zeros((groups, free + 1, free + 1))
        own = self.table.people.sum(axis=1) * self.share
        parts, centre = self._parts()
        middle = centre.astype(np.float32)
        for start in range(0, len(own), BLOCK):
            chosen = slice(start, start + BLOCK)
            logits = [
                np.clip(rows[chosen] @ moved + at[chosen, None], -30, 30)
                for at, (rows, moved) in zip(middle, parts, strict=True)
            ]
            valid = expit(logits[free]) * own[chosen, None].astype(np.float32)
            ratios = [np.exp(part) for part in logits[:free]]
            whole = valid / (1.0 + np.sum(ratios, axis=0))
            cells = np.stack([*(ratio * whole for ratio in ratios), whole])
            member = group[chosen]
            for r in np.unique(member):
                votes[r] += cells[:, member == r].sum(axis=1, dtype=np.float64)
            means = cells.mean(axis=2, dtype=np.float64)
            np.add.at(variance, member, _own_variance(means, own[chosen], self.extra[:, chosen]))
        values, vectors = np.linalg.eigh(variance)
        scale = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
        votes += scale @ rng.standard_normal(votes.shape)
        return np.maximum(votes, 0.0)

    def _parts(self) -> tuple[list[tuple[Singles, Singles]], FloatArray]:
        """Return design and moves of every response, and its centre (response, unit)."""
        move = self.moves.T.astype(np.float32)
        size, width = self.posterior.coordinates, self.deviations.design.shape[1]
        swing = self.table.swing(self.posterior.centre[:size])
        centre = np.vstack([swing.preference, swing.participation]) + self.shift
        parts = []
        for k, slope in enumerate([*swing.by_preference, swing.by_participation]):
            where = slice(size + k * width, size + (k + 1) * width)
            centre[k] += self.deviations.design @ self.posterior.centre[where]
            rows = np.hstack([slope, self.deviations.design]).astype(np.float32)
            parts.append((rows, np.vstack([move[:size], move[where]])))
        return parts, centre


def _own_variance(cells: FloatArray, people: FloatArray, extra: FloatArray) -> FloatArray:
    """Return covariance of each unit's votes around their mean, (unit, finalist, finalist).

    Chance of the single vote and the unit's own deviation in the logits, to first order.
    """
    finalists, free = len(cells), len(cells) - 1
    valid = np.maximum(cells.sum(axis=0), 1e-9)
    share, rate = cells / valid, np.clip(valid / np.maximum(people, 1e-9), 1e-9, 1 - 1e-9)
    found = -np.einsum("iu,ju->uij", cells, cells) / np.maximum(people, 1e-9)[:, None, None]
    found[:, range(finalists), range(finalists)] += cells.T
    for k in range(free):
        slope = valid * share * ((np.arange(finalists) == k)[:, None] - share[k])
        found += np.einsum("iu,ju->uij", slope, slope) * extra[k][:, None, None]
    slope = cells * (1 - rate)
    found += np.einsum("iu,ju->uij", slope, slope) * extra[free][:, None, None]
    return np.asarray(found)
