"""The table as it applies in one unit: transfers that follow the unit's own first round.

In a unit u the coordinates of origin r are

    log ratio of preference   l_rj + slope * lean_uj         (finalist j against the last one)
    logit participation       m_r  + slope * turnout_u

with `lean` and `turnout` the logits of the unit's first round, centred on the contest. Five
slopes serve all origins. Votes are the ledger of the unit times the table that results.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray, IntArray

__all__ = ["SLOPES", "LocalTable", "Swing", "local_table"]

SLOPES = (
    ("preference of the eliminated's voters by lean", 0.35, 0.4),
    ("preference of non-voters by lean", 1.05, 0.3),
    ("preference of the finalists' voters by lean", 0.3, 0.3),
    ("participation of voters by turnout", 0.2, 0.25),
    ("participation of non-voters by turnout", 0.25, 0.3),
)
"""What each slope is, and prior mean and sd: read off full counts of presidential runoffs in
Poland (2020), Romania (2009), Brazil (2018), Chile (2013, 2017, 2021) and France (2002, 2017,
2022). Those who stayed at home lean as their neighbours who voted, with a slope near one."""
REACH = 4.0
"""Farthest a unit's logits may lie from the contest's."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Swing:
    """Logits of the runoff in each unit at some coordinates, and their derivatives.

    Parameters
    ----------
    preference : array (finalist - 1, unit)
        Log ratio of each finalist's votes to the last one's.
    participation : array (unit,)
        Logit of valid votes over people.
    by_preference, by_participation : array (finalist - 1, unit, size) and (unit, size)
        Derivatives.
    """

    preference: FloatArray
    participation: FloatArray
    by_preference: FloatArray
    by_participation: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalTable:
    """First-round people and what their units are like.

    Parameters
    ----------
    people : array (unit, origin)
        Finalists first, non-voters last.
    lean : array (unit, finalist - 1)
        Log ratio of each finalist's first-round votes to the last one's, centred.
    turnout : array (unit,)
        Logit of first-round votes over people, centred.
    """

    people: FloatArray
    lean: FloatArray
    turnout: FloatArray

    @property
    def finalists(self) -> int:
        """Number of finalists."""
        return int(self.lean.shape[1]) + 1

    @property
    def size(self) -> int:
        """Number of coordinates: preferences, participations, slopes."""
        return int(self.people.shape[1]) * self.finalists + len(SLOPES)

    def select(self, chosen: IntArray) -> LocalTable:
        """Return some of the units."""
        return LocalTable(
            people=self.people[chosen], lean=self.lean[chosen], turnout=self.turnout[chosen]
        )

    def _coefficients(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log ratios (finalist - 1, unit, origin), logits (unit, origin) and masks."""
        origins, free = self.people.shape[1], self.finalists - 1
        kind = np.zeros((3, origins))  # eliminated, non-voters, finalists
        kind[2, : free + 1] = 1
        kind[1, -1] = 1
        kind[0] = 1 - kind[1] - kind[2]
        ratios = point[: origins * free].reshape(free, 1, origins)
        logits = point[origins * free : origins * (free + 1)]
        slopes = point[origins * (free + 1) :]
        return (
            ratios + self.lean.T[:, :, None] * (slopes[:3] @ kind),
            logits + self.turnout[:, None] * np.where(kind[1], slopes[4], slopes[3]),
            kind,
        )

    def swing(self, point: FloatArray) -> Swing:
        """Return the logits of every unit at `point` (size,), with derivatives."""
        ratios, logits, kind = self._coefficients(point)
        free, origins = self.finalists - 1, self.people.shape[1]
        weight = np.exp(ratios - np.maximum(ratios.max(axis=0), 0.0))
        last = np.exp(-np.maximum(ratios.max(axis=0), 0.0))
        total = weight.sum(axis=0) + last
        share, last = weight / total, last / total
        rate = expit(logits)
        voting = self.people * rate
        votes = (voting * share).sum(axis=2)
        rest = (voting * last).sum(axis=1)
        all_votes, people = voting.sum(axis=1), self.people.sum(axis=1)
        slack = np.maximum(people - all_votes, 1e-9)
        moving = self.people * rate * (1 - rate)
        by_preference = np.zeros((free, len(people), self.size))
        turn = self.turnout[:, None]
        voters = 1.0 - kind[1]
        for j in range(free):
            for k in range(free):
                own = share[j] * ((j == k) - share[k]) / votes[j][:, None]
                part = voting * (own + last * share[k] / rest[:, None])
                by_preference[j, :, k * origins : (k + 1) * origins] = part
                by_preference[j, :, -5:-2] += self.lean[:, k, None] * (part @ kind.T)
            part = moving * (share[j] / votes[j][:, None] - last / rest[:, None])
            by_preference[j, :, free * origins : (free + 1) * origins] = part
            by_preference[j, :, -2:] = turn * np.column_stack([part @ voters, part @ kind[1]])
        part = moving * (1 / all_votes + 1 / slack)[:, None]
        by_participation = np.zeros((len(people), self.size))
        by_participation[:, free * origins : (free + 1) * origins] = part
        by_participation[:, -2:] = turn * np.column_stack([part @ voters, part @ kind[1]])
        return Swing(
            preference=np.log(votes / rest),
            participation=np.log(all_votes / slack),
            by_preference=by_preference,
            by_participation=by_participation,
        )

    def table(self, points: FloatArray) -> FloatArray:
        """Return the contest's transfer tables at points (draw, size): (draw, origin, finalist+1).

        Units are added up by people, each with its own local table; the slopes average out to
        first order, so the table is that of a unit like the contest.
        """
        origins, free = self.people.shape[1], self.finalists - 1
        ratios = points[:, : origins * free].reshape(-1, free, origins)
        full = np.concatenate([np.exp(ratios), np.ones((len(points), 1, origins))], axis=1)
        share = full / full.sum(axis=1, keepdims=True)
        rate = expit(points[:, origins * free : origins * (free + 1)])[:, None]
        return np.concatenate([share * rate, 1 - rate], axis=1).transpose(0, 2, 1)


def local_table(people: FloatArray, finalists: int) -> LocalTable:
    """Return the local table of a ledger by unit, array (unit, origin), finalists first."""
    weight = people.sum(axis=1)
    weight = weight if weight.sum() else np.ones_like(weight)
    voted = weight - people[:, -1]
    lean = np.log(people[:, : finalists - 1] + 2) - np.log(people[:, [finalists - 1]] + 2)
    turnout = logit(np.clip((voted + 1) / (weight + 2), 0.02, 0.98))
    lean -= np.average(lean, weights=weight, axis=0)
    turnout = turnout - np.average(turnout, weights=weight)
    return LocalTable(
        people=np.maximum(people, 1e-3),
        lean=np.clip(lean, -REACH, REACH),
        turnout=np.clip(turnout, -REACH, REACH),
    )
