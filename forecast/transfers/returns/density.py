"""The posterior of a transfer table as one unnormalised log density with gradient.

Coordinates are one flat vector: those of the rows T (origin x free, through the prior's link),
the slopes S (origin x free), log kappa by origin, and context where it is inferred; free is the
number of destinations less one. The fast posterior and the reference sampler use this density.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.counts import Counts
from forecast.transfers.returns.likelihood import (
    Evaluation,
    UnitFit,
    unit_fit,
    units_information,
    units_log_density,
)
from forecast.transfers.returns.settings import Settings
from forecast.transfers.table.normal import Normal

D = TypeVar("D", bound="TransferDensity")

WIDEST_CONTEXT = 3.0
"""Largest sd of an origin's own context: beyond it, slopes say nothing about rates anyway."""


class Coordinates(NamedTuple):
    """Points of a density, taken apart; each with P points in front."""

    rows: FloatArray  # (P, origin, free)
    slopes: FloatArray  # (P, origin, free)
    log_kappa: FloatArray  # (P, origin)
    context: FloatArray  # (P,)


@dataclass(frozen=True, kw_only=True, eq=False)
class TransferDensity:
    """Log posterior of one transfer table.

    Notes
    -----
    ``S_r = T_r + c (T_r - t) + e_r``, where the own context e_r of an origin is normal with the
    covariance ``(k / s_r)^2 4 (diag m - m m')``: m is the runoff's margin and s_r the sd of the
    origin's share between units (`Counts.spread`). No number of units reduces it: who lives where
    is confused with who voted what, the more the less an origin varies.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias.
    JRSS B 82.
    """

    counts: Counts  #: both rounds by unit; origins and destinations have people
    prior: Normal  #: what is believed about the rows beforehand
    settings: Settings  #: learned constants

    @property
    def shape(self) -> tuple[int, int]:
        """Origins and destinations."""
        return len(self.counts.origins), len(self.counts.destinations)

    @property
    def cells(self) -> int:
        """Number of coordinates of the rows, and of the slopes."""
        origins, destinations = self.shape
        return origins * (destinations - 1)

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return 2 * self.cells + self.shape[0] + int(self.settings.context_inferred)

    @property
    def power(self) -> float:
        """Power of the likelihood, less where units scatter less than people who move alone."""
        units = self.settings.dilution + self.settings.saturation * self.counts.occupied
        return min(self.counts.scatter, 1.0) / units

    @cached_property
    def start(self) -> FloatArray:
        """Where the prior has its mode; array (size,)."""
        s = self.settings
        table = self.prior.link.rates(self.prior.mean)
        slopes = self._expected_slopes(table[None], np.array([s.context]))[0]
        kappa = np.full(self.shape[0], s.kappa_mean + self._less_scatter)
        context = [s.context] if s.context_inferred else []
        return np.concatenate([self.prior.mean.ravel(), slopes.ravel(), kappa, context])

    @property
    def _less_scatter(self) -> float:
        """By how much units tell of a larger log kappa than is usual; that much is uncertain."""
        return max(self.counts.least_log_kappa - self.settings.kappa_mean, 0.0)

    def split(self, points: FloatArray) -> Coordinates:
        """Take points (P, size) apart."""
        origins, destinations = self.shape
        cells, lead = self.cells, len(points)
        by_row = (lead, origins, destinations - 1)
        context = np.full(lead, self.settings.context)
        if self.settings.context_inferred:
            context = points[:, -1]
        return Coordinates(
            rows=points[:, :cells].reshape(by_row),
            slopes=points[:, cells : 2 * cells].reshape(by_row),
            log_kappa=points[:, 2 * cells : 2 * cells + origins],
            context=context,
        )

    def tables(self, points: FloatArray) -> FloatArray:
        """Return transfer tables (P, origin, destination) of points (P, size)."""
        return self._placed(points)[1]

    def _placed(self, points: FloatArray) -> tuple[Coordinates, FloatArray]:
        """Return points (P, size) taken apart, and their tables."""
        at = self.split(points)
        return at, self.prior.link.rates(at.rows)

    def __call__(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Log density at a point (size,), up to a constant, and its gradient."""
        values, gradients = self.at(point[None])
        return float(values[0]), gradients[0]

    def at(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log densities at points (P, size), up to a constant, and gradients (P, size)."""
        found, table = self._placed(points)
        fit = self.likelihood(table, found)
        value, by_table, by_slopes, by_context = self._own_context(table, found)
        power = self.power
        value = value + power * fit.value
        by_table[..., :-1] += power * fit.by_table[..., :-1]
        by_slopes = by_slopes + power * fit.by_slopes
        by_rows = self.prior.link.pulled_back(table, by_table)
        lead = len(points)
        parts = [
            by_rows.reshape(lead, -1),
            by_slopes.reshape(lead, -1),
            power * fit.by_log_kappa,
        ]
        if self.settings.context_inferred:
            parts.append(by_context[:, None])
        rows, rest = self._plain_precision
        away = points - self.start
        pull = away * rest
        pull[:, : self.cells] = away[:, : self.cells] @ rows
        value = value - 0.5 * (away * pull).sum(axis=1)
        return value, np.concatenate(parts, axis=1) - pull

    def likelihood(self, table: FloatArray, at: Coordinates) -> Evaluation:
        """Return what the counts say at P points, before it is raised to `power`."""
        return units_log_density(table, at.slopes, at.log_kappa, self.settings.df, self.counts)

    def _own_context(
        self, table: FloatArray, at: Coordinates
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Log density of the slopes given rows and context, with derivatives by all three."""
        share = self.counts.composition
        own = at.slopes - self._expected_slopes(table, at.context)
        pull = np.einsum("rij,prj->pri", self.own_precision, own)
        value = -0.5 * (own * pull).sum(axis=(1, 2))
        c = at.context[:, None, None]
        by_table = np.zeros_like(table)
        by_table[..., :-1] = (1.0 + c) * pull - c * share[:, None] * pull.sum(axis=1)[:, None]
        away = table[..., :-1] - (share @ table[..., :-1])[:, None]
        return value, by_table, -pull, (away * pull).sum(axis=(1, 2))

    def _expected_slopes(self, table: FloatArray, context: FloatArray) -> FloatArray:
        """Slopes without own context: ``T_r + c (T_r - t)``; array (P, origin, free)."""
        free = table[..., :-1]
        overall = (self.counts.composition @ free)[:, None]
        return np.asarray(free + context[:, None, None] * (free - overall))

    @cached_property
    def own_precision(self) -> FloatArray:
        """Inverse covariance of every origin's own context; array (origin, free, free)."""
        margin = self.counts.destinations.sum(axis=1) + 0.5
        m = (margin / margin.sum())[:-1]
        scale = self.settings.own_context / np.maximum(
            self.counts.spread, self.settings.own_context / WIDEST_CONTEXT
        )
        spread = 4.0 * (np.diag(m) - np.outer(m, m))
        return np.asarray(np.linalg.inv(spread) / scale[:, None, None] ** 2)

    @cached_property
    def _plain_precision(self) -> tuple[FloatArray, FloatArray]:
        """Prior precision of what is normal by itself: of the rows, (cells, cells), and of all.

        The second, (size,), is that of log kappa and of context, and zero elsewhere.
        """
        cells, s = self.cells, self.settings
        rest = np.zeros(self.size)
        scale = max(s.kappa_scale, self._less_scatter)
        rest[2 * cells : 2 * cells + self.shape[0]] = 1.0 / scale**2
        if s.context_inferred:
            rest[-1] = 1.0 / s.context_scale**2
        return np.asarray(np.linalg.inv(self.prior.covariance)), rest

    def by_context(self, point: FloatArray) -> FloatArray:
        """Return the change of the gradient at a point (size,) per unit of context."""
        at, table = self._placed(point[None])
        ends = []
        for c in (at.context - 0.5, at.context + 0.5):  # the density is quadratic in context
            _, by_table, by_slopes, _ = self._own_context(table, at._replace(context=c))
            by_rows = self.prior.link.pulled_back(table, by_table)
            ends.append(np.concatenate([by_rows.ravel(), by_slopes.ravel()]))
        change = np.zeros(self.size)
        change[: 2 * self.cells] = ends[1] - ends[0]
        return change

    def information(self, point: FloatArray) -> FloatArray:
        """Return expected information plus prior precision at a point; array (size, size).

        Positive definite always; it shapes steps and is no substitute for the curvature.
        """
        at, table = self._placed(point[None])
        by_mean, by_kappa = units_information(
            table[0], at.slopes[0], at.log_kappa[0], self.settings.df, self.counts
        )
        cells, origins, c = self.cells, self.shape[0], float(at.context[0])
        rows, rest = self._plain_precision
        total = np.diag(rest)
        self._put_cells(total, self._of_means(self.power * by_mean, c), table[0])
        total[:cells, :cells] += rows
        kappas = slice(2 * cells, 2 * cells + origins)
        total[kappas, kappas] += self.power * by_kappa
        if self.settings.context_inferred:
            edge, corner = self._of_context(table[0], c)
            total[-1, : 2 * cells], total[: 2 * cells, -1] = edge, edge
            total[-1, -1] += corner
        return total

    def _of_means(self, by_mean: FloatArray, c: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Information of free rates, of slopes with them, and of slopes, by cell and cell.

        From that of ``B_r = S_r + xbar'(T - S)``, and ``e_r = S_r - T_r - c (T_r - xbar'T)``.
        """
        share, own = self.counts.composition, self.own_precision
        origins, free = own.shape[:2]
        blocks = by_mean.reshape(origins, free, origins, free)
        told = np.einsum("rij,s->risj", blocks.sum(axis=2), share)
        corner = blocks.sum(axis=(0, 2))
        every = np.arange(origins)
        alone = np.zeros_like(blocks)
        alone[every, :, every] = own
        own_share = np.einsum("rij,s->risj", own, share)
        overall = np.einsum("r,s,ij->risj", share, share, corner)
        rows = np.einsum("r,s,ij->risj", share, share, corner + c**2 * own.sum(axis=0))
        rows += (1.0 + c) ** 2 * alone
        rows -= c * (1.0 + c) * (own_share + own_share.transpose(2, 3, 0, 1))
        mixed = told - overall + c * own_share - (1.0 + c) * alone
        slopes = blocks - told - told.transpose(2, 3, 0, 1) + overall + alone
        return rows, mixed, slopes

    def _of_context(self, table: FloatArray, c: float) -> tuple[FloatArray, float]:
        """Information of context with rows and slopes, (2 cells,), and of context."""
        share = self.counts.composition
        away = table[:, :-1] - share @ table[:, :-1]
        pull = np.einsum("rij,rj->ri", self.own_precision, away)
        by_table = np.zeros_like(table)
        by_table[:, :-1] = (1.0 + c) * pull - c * np.outer(share, pull.sum(axis=0))
        by_rows = self.prior.link.pulled_back(table, by_table)
        return np.concatenate([by_rows.ravel(), -pull.ravel()]), float((away * pull).sum())

    def _put_cells(
        self, total: FloatArray, cells: tuple[FloatArray, FloatArray, FloatArray], table: FloatArray
    ) -> None:
        """Put what `_of_means` returns into `total`, with coordinates in place of free rates."""
        rows, mixed, slopes = cells
        link, size = self.prior.link.slopes(table)[:, :-1], self.cells
        origins, free = link.shape[:2]
        mixed = np.matmul(mixed.reshape(size, origins, 1, free), link).reshape(size, size)
        right = np.matmul(rows.reshape(size, origins, 1, free), link).reshape(origins, free, size)
        total[:size, :size] = np.matmul(link.transpose(0, 2, 1), right).reshape(size, size)
        total[size : 2 * size, :size], total[:size, size : 2 * size] = mixed, mixed.T
        total[size : 2 * size, size : 2 * size] = slopes.reshape(size, size)

    def thinned(self, most: int, *, at: FloatArray | None = None) -> ThinnedDensity:
        """Return this density with each of `most` units standing for several like it.

        At the point `at` (size,), if it is given, the gradient is that of all units.
        """
        found = self._shared(
            ThinnedDensity(counts=self.counts, prior=self.prior, settings=self.settings, most=most)
        )
        if at is None:
            return found
        place, table = self._placed(at[None])
        off = self.likelihood(table, place).plus(found.likelihood(table, place).times(-1.0))
        return self._shared(replace(found, tangent=(table, place, off)))

    def around(self, point: FloatArray) -> LocalDensity:
        """Return this density with the likelihood summed up around a point (size,)."""
        at, table = self._placed(point[None])
        by_mean, by_kappa = units_information(
            table[0], at.slopes[0], at.log_kappa[0], self.settings.df, self.counts, observed=True
        )
        found = LocalDensity(
            counts=self.counts,
            prior=self.prior,
            settings=self.settings,
            table=table[0],
            at_point=at,
            fit=self.likelihood(table, at),
            by_mean=by_mean,
            by_kappa=by_kappa,
        )
        return self._shared(found)

    def _shared(self, other: D) -> D:
        """Give a density of the same prior and counts the matrices that are the same."""
        vars(other).update(own_precision=self.own_precision, _plain_precision=self._plain_precision)
        return other

    def units(self, point: FloatArray, counts: Counts) -> UnitFit:
        """Return how units with these origins and destinations fit a point (size,)."""
        at, table = self._placed(point[None])
        return unit_fit(table[0], at.slopes[0], at.log_kappa[0], self.settings.df, counts)


@dataclass(frozen=True, kw_only=True, eq=False)
class ThinnedDensity(TransferDensity):
    """A `TransferDensity` that asks `most` units, each standing for several of its size.

    The likelihood's power falls as units grow in number, so that all of them weigh no more than
    some fifty or a hundred: a few hundred units give its curvature well, and nearly its mode.
    """

    most: int  #: how many units are asked
    #: (1, origin, destination): rates and coordinates of a point, and what all units say there
    #: beyond those asked; it is added as a straight line, so that both have their mode in the same
    #: place
    tangent: tuple[FloatArray, Coordinates, Evaluation] | None = None

    @cached_property
    def part(self) -> Counts:
        """The units that are asked."""
        return self.counts.thinned(self.most)

    def likelihood(self, table: FloatArray, at: Coordinates) -> Evaluation:
        """Return what the units asked say at P points, times how many stand behind each."""
        fit = units_log_density(table, at.slopes, at.log_kappa, self.settings.df, self.part)
        fit = fit.times(self.counts.occupied / max(self.most, 1))
        if self.tangent is None:
            return fit
        there, place, line = self.tangent
        value = ((table - there) * line.by_table).sum(axis=(1, 2))
        value += ((at.slopes - place.slopes) * line.by_slopes).sum(axis=(1, 2))
        value += ((at.log_kappa - place.log_kappa) * line.by_log_kappa).sum(axis=1)
        return fit.plus(line._replace(value=value))

    def information(self, point: FloatArray) -> FloatArray:
        """Return the information as if the units asked were all; it shapes steps only."""
        asked = TransferDensity(counts=self.part, prior=self.prior, settings=self.settings)
        return self._shared(asked).information(point)


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalDensity(TransferDensity):
    """A `TransferDensity` whose likelihood is quadratic in means and in log kappa.

    The likelihood hardly leaves its quadratic within its own spread; what is far from normal are
    rates near zero, and the link and the prior are kept as they are. No unit is looked at again.
    """

    table: FloatArray  #: (origin, destination): rates at the point
    at_point: Coordinates  #: the point, one of them
    fit: Evaluation  #: value and gradient there
    #: by_mean, by_kappa (origin * free, same), (origin, origin): information, as from
    #: `units_information`
    by_mean: FloatArray
    by_kappa: FloatArray

    def likelihood(self, table: FloatArray, at: Coordinates) -> Evaluation:
        """Return the quadratic at P points."""
        share, (lead, origins, free) = self.counts.composition, at.slopes.shape
        moved, slopes = table - self.table, at.slopes - self.at_point.slopes
        kappa = at.log_kappa - self.at_point.log_kappa
        means = slopes + (share @ (moved[..., :-1] - slopes))[:, None]
        pull = (means.reshape(lead, -1) @ self.by_mean).reshape(lead, origins, free)
        pull_kappa = kappa @ self.by_kappa
        value = self.fit.value + (moved * self.fit.by_table).sum(axis=(1, 2))
        value = value + (slopes * self.fit.by_slopes).sum(axis=(1, 2))
        value = value + (kappa * self.fit.by_log_kappa).sum(axis=1)
        value = value - 0.5 * ((means * pull).sum(axis=(1, 2)) + (kappa * pull_kappa).sum(axis=1))
        overall = share[:, None] * pull.sum(axis=1, keepdims=True)
        by_table = np.broadcast_to(self.fit.by_table, table.shape).copy()
        by_table[..., :-1] -= overall
        return Evaluation(
            value=value,
            by_table=by_table,
            by_slopes=self.fit.by_slopes - pull + overall,
            by_log_kappa=self.fit.by_log_kappa - pull_kappa,
        )
