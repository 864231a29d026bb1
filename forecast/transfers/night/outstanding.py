"""What the units that have not reported will count, draw by draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.night.deviations import Deviations
from forecast.transfers.night.fit import TAIL
from forecast.transfers.night.in_part import fraction_left
from forecast.transfers.night.local_table import LocalTable
from forecast.transfers.night.posterior import Moves, PartialPosterior, Singles, t_draws
from forecast.transfers.table.coordinates import simplex_factor

BLOCK = 512
"""Units worked on at a time, so that arrays stay in the processor's cache."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outstanding:
    """The votes that are still to be counted."""

    posterior: PartialPosterior  #: fit of the reported units
    moves: Moves  #: draws around the centre, as by `PartialPosterior.draw`
    table: LocalTable  #: first round of the units with votes still to come
    deviations: Deviations  #: design of the same units
    place: IntArray  #: (unit,): where the moves of each unit's region are in `moves.local`
    #: (unit,): normal quantile of the fraction of each unit's stations that is counted
    counted: FloatArray
    #: (draw,): whether small or large stations came first, see
    #: `forecast.transfers.night.in_part.InPart`
    order: FloatArray
    late: FloatArray  #: (response, draw): how open units differ because they are late, in logits
    #: how far open units lie from counted ones in the order of arrival, in standard deviations
    reach: float
    #: (response, unit): what a unit's own counted part says about the rest, in logits
    shift: FloatArray
    #: (unit, response, direction): directions in which a unit's rest is independent
    turn: FloatArray
    extra: FloatArray  #: (direction, unit): variance of the rest around that, in logits squared

    @property
    def in_time(self) -> bool:
        """Whether times of arrival were known, so that nothing is assumed of late units."""
        return not self.late.any()

    def if_late(self, correlation: float) -> float:
        """Return how much preference differs in open units if it goes with arrival, in logits.

        The correlation is that of a unit's own deviation with the order of arrival.
        """
        return correlation * self.reach * float(np.sqrt(self.posterior.unit_variance[0]))

    def votes(self, group: IntArray, groups: int, *, rng: np.random.Generator) -> FloatArray:
        """Return draws of the votes of groups of units, array (group, finalist, draw).

        `group` (unit,) is the group of each unit, such as its region, from 0 to one below `groups`.

        Notes
        -----
        Coordinates and deviations move all units together and are drawn; unit-level random effects
        are independent between units, so only a group's variance is needed. Single precision holds
        seven digits of a unit's votes; sums over units are taken in double precision.
        """
        free = self.table.finalists - 1
        votes = np.zeros((groups, free + 1, self.moves.dense.shape[1]))
        variance = np.zeros((groups, free + 1, free + 1))
        for start in range(0, len(self.counted), BLOCK):
            chosen = np.arange(start, min(start + BLOCK, len(self.counted)))
            logits, own = self._logits(chosen), self._people(chosen)
            valid = expit(logits[free]) * own.astype(np.float32)
            ratios = [np.exp(part) for part in logits[:free]]
            whole = valid / (1.0 + np.sum(ratios, axis=0))
            cells = np.stack([*(ratio * whole for ratio in ratios), whole])
            member = group[chosen]
            for r in np.unique(member):
                votes[r] += cells[:, member == r].sum(axis=1, dtype=np.float64)
            means = cells.mean(axis=2, dtype=np.float64)
            own_variance = _own_variance(
                means, own.mean(axis=1), self._to_ratios(chosen), self.extra[:, chosen]
            )
            np.add.at(variance, member, own_variance)
        values, vectors = np.linalg.eigh(variance)
        scale = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
        votes += scale @ rng.standard_normal(votes.shape)
        return np.maximum(votes, 0.0)

    def of_units(self, chosen: IntArray, *, rng: np.random.Generator) -> FloatArray:
        """Return draws of the votes of single units in these places, array (unit, finalist, draw).

        Unit-level random effects are t distributed in logits; single votes are drawn too.
        """
        logits: list[FloatArray] = [part.astype(float) for part in self._logits(chosen)]
        scale = np.sqrt(self.extra[:, chosen] * (TAIL - 2) / TAIL)
        noise = scale[:, :, None] * t_draws(TAIL, (*scale.shape, logits[0].shape[1]), rng=rng)
        noise = np.einsum("urk,kud->rud", self._to_ratios(chosen), noise)
        logits = [part + own for part, own in zip(logits, noise, strict=True)]
        people = np.rint(self._people(chosen)).astype(np.int64)
        left = rng.binomial(people, expit(logits[-1]))
        ratios = np.exp(np.stack([*logits[:-1], np.zeros_like(logits[0])]))
        found = []
        for k, ratio in enumerate(ratios[:-1]):
            votes = rng.binomial(left, ratio / ratios[k:].sum(axis=0))
            found.append(votes)
            left = left - votes
        return np.stack([*found, left], axis=1).astype(float)

    def _people(self, chosen: IntArray) -> FloatArray:
        """Return draws of the people of units of whom nobody is counted, (unit, draw) or (unit, 1).

        With one column all draws are alike.
        """
        whole: FloatArray = self.table.people[chosen].sum(axis=1)[:, None]
        part = np.isfinite(self.counted[chosen])
        if not part.any():
            return whole
        left = np.ones((len(chosen), len(self.order)))
        left[part] = fraction_left(self.counted[chosen][part], self.order)
        return whole * left

    def _to_ratios(self, chosen: IntArray) -> FloatArray:
        """Return what directions of some units do to log ratios to the last, and participation.

        Array (unit, response, direction).
        """
        free = self.table.finalists - 1
        factor = np.eye(free + 1)
        factor[:free, :free] = simplex_factor(free + 1)
        return factor @ self.turn[chosen]

    def _logits(self, chosen: IntArray) -> list[Singles]:
        """Return draws of log ratios to the last finalist and of participation, (unit, draw)."""
        table, local = self.table.select(chosen), self.deviations.local[chosen]
        design, member = self.deviations.design[chosen], self.deviations.member[chosen]
        place, posterior, moves = self.place[chosen], self.posterior, self.moves
        swing = table.swing(posterior.centre[: table.size])
        centre = np.vstack([swing.preference, swing.participation]) + self.shift[:, chosen]
        outside, centres = table.beyond.any(), posterior.local_centre
        found: list[Singles] = []
        for k, slope in enumerate([*swing.by_preference, swing.by_participation]):
            own = posterior.own(k)
            rows = np.hstack([slope, design]).astype(np.float32)
            at = centre[k] + design @ posterior.centre[own[table.size :]]
            at += (local * centres[k, member]).sum(axis=1)
            logits = rows @ moves.dense[own] + at[:, None].astype(np.float32)
            logits += self.late[k].astype(np.float32)
            for q, column in enumerate(local.T.astype(np.float32)):
                logits += column[:, None] * moves.local[k, place, q]
            if outside:
                far = table.beyond[:, :, None] * swing.by_rate[k][:, None, :]
                logits += far.reshape(len(far), -1).astype(np.float32) @ moves.beyond
            found.append(logits)
        *alike, participation = found
        ratios = []
        for k, row in enumerate(simplex_factor(table.finalists).astype(np.float32)):
            ratio = row[k] * alike[k]
            for weight, part in zip(row[:k], alike, strict=False):
                ratio += weight * part
            ratios.append(ratio)
        return [np.clip(part, -30, 30) for part in (*ratios, participation)]


def _own_variance(
    cells: FloatArray, people: FloatArray, to_ratios: FloatArray, extra: FloatArray
) -> FloatArray:
    """Return covariance of each unit's votes around their mean, (unit, finalist, finalist).

    Chance of the single vote and the unit's own deviation in the logits, to first order.
    """
    finalists, free = len(cells), len(cells) - 1
    valid = np.maximum(cells.sum(axis=0), 1e-9)
    share, rate = cells / valid, np.clip(valid / np.maximum(people, 1e-9), 1e-9, 1 - 1e-9)
    found = -np.einsum("iu,ju->uij", cells, cells) / np.maximum(people, 1e-9)[:, None, None]
    found[:, range(finalists), range(finalists)] += cells.T
    slopes = [
        valid * share * ((np.arange(finalists) == k)[:, None] - share[k]) for k in range(free)
    ]
    slopes.append(cells * (1 - rate))
    for slope, own in zip(np.einsum("urk,riu->kiu", to_ratios, slopes), extra, strict=True):
        found += np.einsum("iu,ju->uij", slope, slope) * own[:, None, None]
    return np.asarray(found)
