"""The population that past contests were drawn from, by Gibbs sampling.

Coordinates of contest i on day n are::

    theta_i = B' x_i + F f_n + e_i,   f_n ~ Normal(0, diag tau^2),   e_i ~ Normal(0, Omega / w_i)

with what is known of a contest beforehand in x (the first entry is one), factors of the day that
move all roles together in F, and w ~ Gamma(nu/2, nu/2), which makes the population a Student t: one
strange contest must not widen all others. Each contest enters with its own precision (`Evidence`),
so a contest that says little counts for little.

A country has few election days, so two of them could be alike by chance. What the first finalist
gets at a tie is therefore also drawn towards what countries show, by a heavy-tailed parent, and how
much days differ is learned from many days of several countries (`Tie`, `DAY`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from forecast.arrays import FloatArray, IntArray, symmetric_root
from forecast.transfers.roles.contest_summary import Evidence

COUNTRY = (-0.03, 0.10)
"""Centre and scale of a country's effect on the logit share of its government's finalist at a tie,
t with `COUNTRY_TAIL` degrees of freedom: in 61 national runoffs of 28 countries the benchmark
``days`` finds -.03 and .08, a scale that so few runoffs a country hardly tell from 0 or .2. With
the sides of French and Brazilian series it is .08, with Georgia's .09; a day of those is forecast
from one other better with it (rms error .20, not .25, in French legislative pairs) than without."""
COUNTRY_TAIL = 3.0
DAY = (float(np.log(0.13)), 0.45)
"""Mean and sd of the logarithm of the sd between election days, in logits of the share at a tie:
those of parliamentary days. Of 38 series of the benchmark ``days`` French legislative ones have
.14, cantonal ones and Brazilian mayors .07, two Georgian days .17, and all kinds alike .10, the
logarithm with an sd of .47. No kind should be covered too little: with .10, intervals for one
legislative day from another cover 81%, with this 89%, and those of calmer kinds 97% or more."""
NATIONAL, NATIONAL_TAIL = 0.16, 5.0
"""Scale and degrees of freedom of what a national contest adds to its day, in the same logits:
the benchmark ``days`` finds .16 to .19."""
SCALES = np.linspace(np.log(0.005), np.log(2.0), 241)
"""Values of the logarithm of the sd between days that it is drawn from."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tie:
    """How the share at a tie depends on the coordinates, to first order.

    The logit share of the first finalist in a contest of usual composition, in which both finalists
    had as many first-round votes, is ``offset + gradient' B' x``.
    """

    offset: float  #: its constant
    gradient: FloatArray  #: (p,): its slopes by coordinate
    x: FloatArray  #: (q,): design row of such a contest
    #: (k,): sd of each factor that together move this logit by an sd of one; zero for factors that
    #: are about turnout, which keep an sd of their own
    unit: FloatArray
    #: where countries lean: that of `COUNTRY` if the first finalist is the government's, else 0
    centre: float = COUNTRY[0]

    def lean(self, coefficients: FloatArray) -> FloatArray:
        """Return the logit share at a tie of draws of B (draw, q, p), shape (draw,)."""
        return np.asarray(self.offset + self.x @ coefficients @ self.gradient)


@dataclass(frozen=True, kw_only=True, eq=False)
class Assumptions:
    """Weakly informative priors of the population; p coordinates, q entries of x, k factors.

    Parameters
    ----------
    location : ndarray, shape (p,)
        Prior mean of the first row of B.
    location_scale, slope_scale : float
        Prior sd of the first row of B and of the others, in logits.
    spread : ndarray, shape (p, p)
        Prior mean of Omega.
    spread_weight : float
        Contests that this prior mean is worth.
    factors : ndarray, shape (p, k)
        F.
    factor_scale : ndarray, shape (k,)
        Prior guess of tau.
    factor_weight : float
        Days that this guess is worth.
    tail : float
        Degrees of freedom nu of the population; infinity for a normal one.
    tie : Tie, optional
        With it the country's effect has the prior `COUNTRY`, and the factors of its `unit` the sd
        of `DAY` in place of `factor_scale`.
    """

    location: FloatArray
    location_scale: float = 1.5
    slope_scale: float = 0.2
    spread: FloatArray
    spread_weight: float = 4.0
    factors: FloatArray
    factor_scale: FloatArray
    factor_weight: float = 4.0
    tail: float = 5.0
    tie: Tie | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """Posterior draws of the population."""

    coefficients: FloatArray  #: (draw, q, p): B
    spread: FloatArray  #: (draw, p, p): Omega
    factor_sd: FloatArray  #: (draw, k): tau
    days: FloatArray  #: (draw, day, k): f of the days in the history
    factors: FloatArray  #: (p, k): F
    tail: float  #: nu
    tie: Tie | None = None  #: as in `Assumptions`

    @property
    def draws(self) -> int:
        """Number of posterior draws."""
        return len(self.spread)

    @cached_property
    def root(self) -> FloatArray:
        """Symmetric square root of each Omega: its normals are the rows' own."""
        return symmetric_root(self.spread)

    def but(self, **fields: Any) -> Population:
        """Return the population with other fields, keeping the root of a `spread` that stays."""
        other = replace(self, **fields)
        if other.spread is self.spread:
            other.__dict__["root"] = self.root
        return other

    @cached_property
    def effective_draws(self) -> float:
        """Independent draws that these, taken along a chain, are worth.

        Notes
        -----
        ``n / (1 + 2 sum rho)``, the autocorrelations rho being summed up to the first below 0.05;
        the smallest over the coordinates' means and the factors' log sds.
        """
        means = self.coefficients.reshape(self.draws, -1)
        chains = np.concatenate([means, np.log(np.maximum(self.factor_sd, 1e-9))], axis=1)
        off = chains - chains.mean(axis=0)
        off /= np.maximum(off.std(axis=0), 1e-12)
        size = 2 * self.draws  # padded: no chain is correlated with its own beginning
        power = np.abs(np.fft.rfft(off, size, axis=0)) ** 2
        rho = np.fft.irfft(power, size, axis=0)[: self.draws] / self.draws
        sums = np.where(np.minimum.accumulate(rho[1:] > 0.05, axis=0), rho[1:], 0.0).sum(axis=0)
        return float(self.draws / (1 + 2 * sums.max()))

    @property
    def national(self) -> FloatArray:
        """Scale by factor of what a national contest adds to its day, shape (k,)."""
        return np.zeros(self.factors.shape[1]) if self.tie is None else NATIONAL * self.tie.unit

    @property
    def history_weight(self) -> float | None:
        """Weight of the history's own days in the effect of its country; None without a `tie`.

        ``n omega^2 / (n omega^2 + tau^2)`` with n days, omega the scale of `COUNTRY` and tau the
        median sd between days.
        """
        if self.tie is None:
            return None
        moved = np.argmax(self.tie.unit)
        tau2 = float(np.median(self.factor_sd[:, moved] / self.tie.unit[moved])) ** 2
        own = self.days.shape[1] * COUNTRY[1] ** 2
        return float(own / (own + tau2))

    def with_country(self, parent: Literal["flat", "normal"]) -> Population:
        """Return the population had the country's effect another prior; needs a `tie`.

        "flat" takes countries to say nothing, "normal" to have no outliers. Draws are weighted by
        the ratio of the two priors and systematically resampled.
        """
        assert self.tie is not None
        lean = self.tie.lean(self.coefficients)
        away = (lean - self.tie.centre) / COUNTRY[1]
        was = -(COUNTRY_TAIL + 1) / 2 * np.log1p(away**2 / COUNTRY_TAIL)
        log_weight = (-(away**2) / 2 if parent == "normal" else np.zeros_like(away)) - was
        weight = np.exp(log_weight - log_weight.max())
        places = (np.arange(self.draws) + 0.5) / self.draws
        kept = np.searchsorted(weight.cumsum() / weight.sum(), places)
        other = replace(
            self,
            coefficients=self.coefficients[kept],
            spread=self.spread[kept],
            factor_sd=self.factor_sd[kept],
            days=self.days[kept],
        )
        other.__dict__["root"] = self.root[kept]
        return other

    def with_days(self, times: float) -> Population:
        """Return the population had days differed so many times as much in whom they favour."""
        assert self.tie is not None
        return self.but(factor_sd=self.factor_sd * np.where(self.tie.unit > 0, times, 1.0))

    def contest(
        self, x: FloatArray, index: IntArray, *, rng: np.random.Generator, day: int | None = None
    ) -> FloatArray:
        """Return coordinates of a new contest by draws `index` of the population, (index, p).

        What is known of it beforehand is `x` (q,); its day is one of the history, by default a day
        not seen before.
        """
        n, (p, k) = len(index), self.factors.shape
        if day is None:
            f = self.factor_sd[index] * rng.standard_normal((n, k))
        else:
            f = self.days[index, day]
        noise = np.einsum(
            "nij,nj->ni", np.linalg.cholesky(self.spread)[index], rng.standard_normal((n, p))
        )
        if np.isfinite(self.tail):
            noise /= np.sqrt(rng.gamma(self.tail / 2, 2 / self.tail, n))[:, None]
        mean = np.tensordot(self.coefficients, x, axes=(1, 0))[index]
        return np.asarray(mean + f @ self.factors.T + noise)


def fit_population(
    evidence: Sequence[Evidence],
    x: FloatArray,
    day: IntArray,
    assumptions: Assumptions,
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    thin: int = 3,
    warmup: int = 300,
) -> Population:
    """Draw from the posterior of the population, given the evidence of every contest.

    What was known of each beforehand is `x` (contest, q), of which the first column is one; `day`
    (contest,) is its day, numbered from 0. Of the chain `draws` are kept, one out of `thin`, after
    `warmup`.

    Notes
    -----
    B and f are drawn with every theta integrated out, theta given them, then Omega (inverse
    Wishart), w and tau; the collapsed step keeps the chain short although single contests say
    little about single coordinates.
    """
    chain = _Chain(evidence, x, day, assumptions, rng)
    kept = []
    for step in range(warmup + draws * thin):
        chain.step()
        if step >= warmup and (step - warmup) % thin == 0:
            kept.append((chain.coefficients, chain.spread, chain.factor_sd, chain.days))
    parts = [np.array(part) for part in zip(*kept, strict=True)]
    return Population(
        coefficients=parts[0],
        spread=parts[1],
        factor_sd=parts[2],
        days=parts[3],
        factors=assumptions.factors,
        tail=assumptions.tail,
        tie=assumptions.tie,
    )


class _Chain:
    """State of the Gibbs sampler."""

    def __init__(
        self,
        evidence: Sequence[Evidence],
        x: FloatArray,
        day: IntArray,
        assumptions: Assumptions,
        rng: np.random.Generator,
    ) -> None:
        self.precision = np.array([e.precision for e in evidence])
        self.linear = np.array([e.linear for e in evidence])
        self.prior, self.rng = assumptions, rng
        n, self.q = x.shape
        self.count = int(day.max()) + 1
        self.design = np.concatenate([x, np.eye(self.count)[day]], axis=1)
        p, k = assumptions.factors.shape
        self.p, self.k = p, k
        self.x, self.by_day = x, np.eye(self.count)[day]
        # Coefficients of x are free, those of days confined to the factors.
        self.products = (x[:, :, None] * self.design[:, None, :]).reshape(n, -1)
        self.spread, self.weight = assumptions.spread, np.ones(n)
        self.factor_sd = assumptions.factor_scale
        self.trust = 1.0  # weight that makes the country's normal prior a t

    def step(self) -> None:
        """Move every part of the state once."""
        inverse = np.asarray(np.linalg.inv(self.spread))
        population = self.weight[:, None, None] * inverse
        given = self.precision + population
        covariance = np.asarray(np.linalg.inv(given))
        self.coefficients, self.days = self._draw_means(population, covariance)
        mean = self.x @ self.coefficients + self.by_day @ self.days @ self.prior.factors.T
        pull = self.linear + np.einsum("nij,nj->ni", population, mean)
        centre = np.einsum("nij,nj->ni", covariance, pull)
        noise = self.rng.standard_normal((len(mean), self.p, 1))
        root = np.linalg.cholesky(given).transpose(0, 2, 1)
        theta = centre + np.linalg.solve(root, noise)[..., 0]
        self._draw_spread(theta - mean, inverse)
        self._draw_factor_sd()

    def _draw_means(
        self, population: FloatArray, covariance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Draw B (q, p) with the days integrated out, then the days (day, k) given B.

        Days are independent given B, so their precision is a block a day: the work grows with
        their number and not with its cube.
        """
        seen = np.asarray(population @ covariance)  # of the evidence, what reaches the means
        marginal = seen @ self.precision
        marginal = (marginal + marginal.transpose(0, 2, 1)) / 2
        p, q, k, count, factors = self.p, self.q, self.k, self.count, self.prior.factors
        flat = marginal.reshape(len(marginal), -1)
        blocks = (self.products.T @ flat).reshape(q, q + count, p, p).transpose(0, 2, 1, 3)
        precision = np.array(blocks[:, :, :q].reshape(p * q, p * q))
        cross = (blocks[:, :, q:] @ factors).transpose(2, 0, 1, 3).reshape(count, p * q, k)
        daily = factors.T @ (self.by_day.T @ flat).reshape(count, p, p) @ factors
        daily += np.diag(self.factor_sd**-2.0)
        found = np.einsum("nij,nj->ni", seen, self.linear)
        linear, pull = (self.x.T @ found).ravel(), self.by_day.T @ found @ factors
        scale = np.full((q, p), self.prior.slope_scale)
        scale[0] = self.prior.location_scale
        precision += np.diag(scale.ravel() ** -2.0)
        linear[:p] += self.prior.location / self.prior.location_scale**2
        if self.prior.tie is not None:
            self._add_country(precision, linear)
        both = np.linalg.solve(
            daily, np.concatenate([cross.transpose(0, 2, 1), pull[..., None]], 2)
        )
        known = cross.transpose(1, 0, 2).reshape(p * q, count * k)
        reduced = known @ both.reshape(count * k, -1)
        beta = self._normal(precision - reduced[:, :-1], linear - reduced[:, -1])
        days = self._normal(daily, pull - beta @ cross)
        return beta.reshape(q, p), days

    def _normal(self, precision: FloatArray, linear: FloatArray) -> FloatArray:
        """Draw normals (..., d) with these precisions (..., d, d) and linear terms."""
        root = np.linalg.cholesky(precision)
        half = np.linalg.solve(root, linear[..., None])
        half += self.rng.standard_normal(half.shape)
        return np.asarray(np.linalg.solve(np.swapaxes(root, -1, -2), half)[..., 0])

    def _add_country(self, precision: FloatArray, linear: FloatArray) -> None:
        """Add what is known of countries to the precision and linear term of B."""
        tie = self.prior.tie
        assert tie is not None
        slopes = np.outer(tie.x, tie.gradient).ravel()
        weight = self.trust / COUNTRY[1] ** 2
        precision += weight * np.outer(slopes, slopes)
        linear += weight * (tie.centre - tie.offset) * slopes

    def _draw_spread(self, residual: FloatArray, inverse: FloatArray) -> None:
        nu, n = self.prior.tail, len(residual)
        if np.isfinite(nu):
            distance = np.einsum("ni,ij,nj->n", residual, inverse, residual)
            self.weight = self.rng.gamma((nu + self.p) / 2, 2 / (nu + distance))
        scatter = (residual * self.weight[:, None]).T @ residual
        scatter += self.prior.spread_weight * self.prior.spread
        self.spread = _inverse_wishart(self.prior.spread_weight + self.p + 1 + n, scatter, self.rng)

    def _draw_factor_sd(self) -> None:
        """Draw tau, and with a `tie` the weight of the country's prior."""
        weight = self.prior.factor_weight
        total = weight * self.prior.factor_scale**2 + (self.days**2).sum(axis=0)
        self.factor_sd = np.sqrt(total / self.rng.chisquare(weight + self.count, self.k))
        tie = self.prior.tie
        if tie is None:
            return
        # The factors of `unit` share one sd s: log s is normal, f / unit is normal with sd s.
        moved = tie.unit > 0
        squares = float(((self.days[:, moved] / tie.unit[moved]) ** 2).sum())
        log_density = -self.days[:, moved].size * SCALES - squares / 2 * np.exp(-2 * SCALES)
        log_density -= ((SCALES - DAY[0]) / DAY[1]) ** 2 / 2
        share = np.exp(log_density - log_density.max()).cumsum()
        scale = np.interp(self.rng.random() * share[-1], share, SCALES)
        self.factor_sd = np.where(moved, np.exp(scale) * tie.unit, self.factor_sd)
        away = (tie.lean(self.coefficients[None])[0] - tie.centre) / COUNTRY[1]
        shape, rate = (COUNTRY_TAIL + 1) / 2, (COUNTRY_TAIL + away**2) / 2
        self.trust = self.rng.gamma(shape, 1 / rate)


def _inverse_wishart(freedom: float, scatter: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw from the inverse Wishart by Bartlett's decomposition."""
    p = len(scatter)
    root = np.zeros((p, p))
    root[np.tril_indices(p, -1)] = rng.standard_normal(p * (p - 1) // 2)
    root[np.diag_indices(p)] = np.sqrt(rng.chisquare(freedom - np.arange(p)))
    factor = np.linalg.solve(root, np.linalg.cholesky(scatter).T)  # Wishart = (L'^-1 A)(..)'
    return np.asarray(factor.T @ factor)
