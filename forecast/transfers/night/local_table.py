"""The table as it applies in one unit: transfers that follow the unit's own first round.

In a unit u the coordinates of origin r are

    preference                l_rj + slope * lean_uj
    logit participation       m_r  + slope * turnout_u

with `lean` and `turnout` the logits of the unit's first round, centred on the contest. Five
slopes serve all origins; beside them every origin has slopes of its own by features of the unit.
Votes are the ledger of the unit times the table that results.

Preference and lean are log ratios of the finalists to the last one, divided by `simplex_factor`.
In these coordinates, with variance one each, all finalists are alike: naming them in another order
turns and mirrors the coordinates, which a normal with one variance for all of them does not notice.
For two finalists they are the log ratio itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.table.coordinates import simplex_factor

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
"""Farthest a unit's logits may lie from the contest's, those of two finalists from each other."""
FARTHEST = 3.5
"""Farthest a feature may lie from its mean, in standard deviations."""
SEEN = (0.02, 0.98)
"""Quantiles of a feature among counted units beyond which nothing is learned of its slope."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Swing:
    """The runoff in each unit at some coordinates, and its derivatives."""

    #: (finalist - 1, unit): log ratios of the finalists' votes, in coordinates where finalists are
    #: alike
    preference: FloatArray
    participation: FloatArray  #: (unit,): logit of valid votes over people
    #: by_preference, by_participation (finalist - 1, unit, size) and (unit, size): derivatives
    by_preference: FloatArray
    by_participation: FloatArray
    #: (finalist, unit, rates): derivatives of all by the rates of the unit itself
    by_rate: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalTable:
    """First-round people and what their units are like."""

    people: FloatArray  #: (unit, origin): finalists first, non-voters last
    #: (unit, finalist - 1): log ratios of the finalists' first-round votes centred, in these
    #: coordinates
    lean: FloatArray
    turnout: FloatArray  #: (unit,): logit of first-round votes over people, centred
    #: (unit, feature): what the slopes of single origins follow, in standard deviations: lean, size
    #: and turnout, as far as counted units have shown it
    features: FloatArray
    #: (unit, feature): how far a unit lies outside what counted units have shown
    beyond: FloatArray

    @property
    def finalists(self) -> int:
        """Number of finalists."""
        return int(self.lean.shape[1]) + 1

    @property
    def rates(self) -> int:
        """Number of coordinates of a unit like the contest: preferences, then participations."""
        return int(self.people.shape[1]) * self.finalists

    @property
    def common(self) -> int:
        """Number of coordinates before the slopes of single origins."""
        return self.rates + len(SLOPES)

    @property
    def size(self) -> int:
        """Number of coordinates: rates, common slopes, slopes of every rate by every feature."""
        return self.common + self.rates * int(self.features.shape[1])

    def select(self, chosen: IntArray) -> LocalTable:
        """Return some of the units."""
        return LocalTable(**{name: array[chosen] for name, array in vars(self).items()})

    def seen_by(self, counted: IntArray) -> LocalTable:
        """Return the table with features split into what the counted units show and the rest."""
        if not len(counted):
            return replace(self, features=0.0 * self.features, beyond=self.features)
        low, high = np.quantile(self.features[counted], SEEN, axis=0)
        inside = np.clip(self.features, low, high)
        return replace(self, features=inside, beyond=self.features - inside)

    def _coefficients(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log ratios (finalist - 1, unit, origin), logits (unit, origin) and masks.

        The log ratios are those to the last finalist.
        """
        origins, free = self.people.shape[1], self.finalists - 1
        kind = np.zeros((3, origins))  # eliminated, non-voters, finalists
        kind[2, : free + 1] = 1
        kind[1, -1] = 1
        kind[0] = 1 - kind[1] - kind[2]
        own = point[self.common :].reshape(-1, self.rates)
        rates = point[: self.rates] + self.features @ own
        slopes = point[self.rates : self.common]
        alike = rates[:, : origins * free].reshape(-1, free, origins).transpose(1, 0, 2)
        alike = alike + self.lean.T[:, :, None] * (slopes[:3] @ kind)
        return (
            np.tensordot(simplex_factor(self.finalists), alike, axes=1),
            rates[:, origins * free :]
            + self.turnout[:, None] * np.where(kind[1], slopes[4], slopes[3]),
            kind,
        )

    def swing(self, point: FloatArray) -> Swing:
        """Return what every unit votes at `point` (size,), with derivatives."""
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
        by_rate = np.zeros((free + 1, len(people), self.rates))
        for j in range(free):
            for k in range(free):
                own = share[j] * ((j == k) - share[k]) / votes[j][:, None]
                part = voting * (own + last * share[k] / rest[:, None])
                by_rate[j, :, k * origins : (k + 1) * origins] = part
            part = moving * (share[j] / votes[j][:, None] - last / rest[:, None])
            by_rate[j, :, free * origins :] = part
        by_rate[free, :, free * origins :] = moving * (1 / all_votes + 1 / slack)[:, None]
        factor = simplex_factor(self.finalists)
        pairs = by_rate.reshape(free + 1, len(people), free + 1, origins)
        pairs[:, :, :free] = np.einsum("kujo,jl->kulo", pairs[:, :, :free], factor)
        by_rate[:free] = alike_from_ratios(by_rate[:free])
        by = self._with_slopes(by_rate, kind)
        return Swing(
            preference=alike_from_ratios(np.log(votes / rest)),
            participation=np.log(all_votes / slack),
            by_preference=by[:free],
            by_participation=by[free],
            by_rate=by_rate,
        )

    def _with_slopes(self, by_rate: FloatArray, kind: FloatArray) -> FloatArray:
        """Return derivatives by all coordinates, array (response, unit, size), from those by rate.

        A slope moves the rates of its origins by the unit's feature.
        """
        responses, units = by_rate.shape[:2]
        origins, free = self.people.shape[1], self.finalists - 1
        by = np.empty((responses, units, self.size))
        by[:, :, : self.rates] = by_rate
        pairs = by_rate.reshape(responses, units, free + 1, origins)
        leaning = np.einsum("kufo,uf,so->kus", pairs[:, :, :free], self.lean, kind, optimize=True)
        by[:, :, self.rates : self.rates + 3] = leaning
        coming = pairs[:, :, free] * self.turnout[:, None]
        by[:, :, self.common - 2] = coming @ (1.0 - kind[1])
        by[:, :, self.common - 1] = coming @ kind[1]
        for m in range(self.features.shape[1]):
            own = slice(self.common + m * self.rates, self.common + (m + 1) * self.rates)
            np.multiply(by_rate, self.features[:, m, None], out=by[:, :, own])
        return by

    def table(self, points: FloatArray) -> FloatArray:
        """Return the contest's transfer tables at points (draw, size): (draw, origin, finalist+1).

        Units are added up by people, each with its own local table; the slopes average out to
        first order, so the table is that of a unit like the contest.
        """
        origins, free = self.people.shape[1], self.finalists - 1
        alike = points[:, : origins * free].reshape(-1, free, origins)
        ratios = simplex_factor(self.finalists) @ alike
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
    turnout = np.clip(turnout, -REACH, REACH)
    own = np.clip(_centred(lean), -REACH / 2, REACH / 2)
    lean = own[:, :-1] - own[:, -1:]
    size = np.log(np.maximum(voted, 0) + 5)
    features = [standard(column, weight) for column in (*leans(lean).T, size, turnout)]
    return LocalTable(
        people=np.maximum(people, 1e-3),
        lean=alike_from_ratios(lean.T).T,
        turnout=turnout,
        features=np.stack(features, axis=1),
        beyond=np.zeros((len(people), len(features))),
    )


def log_normal_density(z: FloatArray) -> FloatArray:
    """Return the log of the standard normal density."""
    return np.asarray(-(z**2) / 2 - np.log(2 * np.pi) / 2)


def standard(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Return values in standard deviations from their mean, both by `weight`, all (unit,)."""
    mean = np.average(values, weights=weight)
    sd = np.sqrt(np.average((values - mean) ** 2, weights=weight))
    return np.asarray(np.clip((values - mean) / (sd + 1e-9), -FARTHEST, FARTHEST))


def leans(ratios: FloatArray) -> FloatArray:
    """Return each finalist's own logs against the mean of the others', of log ratios to the last.

    Arrays (..., finalist) and (..., finalist - 1). Of two finalists one is returned, as the second
    mirrors the first.

    Examples
    --------
    >>> leans(np.array([0.5])).tolist()
    [0.5]
    >>> leans(np.array([0.5, -0.5])).tolist()
    [0.75, -0.75, 0.0]
    """
    own = _centred(ratios)
    finalists = own.shape[-1]
    kept = own[..., : 1 if finalists == 2 else finalists]
    return np.asarray(kept * (finalists / (finalists - 1)))


def _centred(ratios: FloatArray) -> FloatArray:
    """Return the logs of all finalists around their mean, of log ratios to the last."""
    logs = np.concatenate([ratios, np.zeros_like(ratios[..., :1])], axis=-1)
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def alike_from_ratios(ratios: FloatArray) -> FloatArray:
    """Return log ratios to the last finalist in coordinates where the finalists are alike.

    Both are arrays (finalist - 1, ...).

    Examples
    --------
    >>> alike_from_ratios(np.array([0.5])).tolist()
    [0.5]
    >>> alike_from_ratios(np.array([0.5, 0.25])).tolist()
    [0.5, 0.0]
    """
    return np.tensordot(np.linalg.inv(simplex_factor(len(ratios) + 1)), ratios, axes=1)
