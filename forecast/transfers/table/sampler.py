"""Draws of the transfer table, whole arrays at a time.

Draws come in pairs: draw i and draw i + n/2 share what we do not know about the inputs (elicited
means, population parameters) and differ in everything else. How often both of a pair elect the
same finalist is what the credible interval of a win probability is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, ndtr

from forecast.arrays import FloatArray
from forecast.randomness import substream
from forecast.transfers.table.coordinates import simplex_factor

__all__ = [
    "NationalSampler",
    "RowSampler",
    "dirichlet_curves",
]

CELLS, REACH, TINY = 4096, 9.0, 1e-300
"""Cells of a tabulated quantile function, its range in normal quantiles, its smallest fraction."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSampler:
    """Sampler of logistic-normal rows with shared factors, and independent Dirichlet rows.

    Every coordinate starts as a standard normal. A logistic-normal row scales and shifts it and
    adds the shared factors; a Dirichlet row bends it through the quantile function of its Beta
    distribution, tabulated on the logit scale.

    Parameters
    ----------
    origins, finalists : tuple of str
        R origins and K finalists.
    location : ndarray, shape (R, K)
        Location of the K - 1 log-ratios of preference, then of logit participation.
    own : ndarray, shape (R, K)
        Standard deviation that is the row's own.
    loading : ndarray, shape (R, K, factor)
        Effect of each shared factor.
    factors : tuple of str
        Names of the factors.
    bent : ndarray of int, shape (D,)
        Which origins are Dirichlet; their location, own and loading are 0, 1 and 0.
    curves : ndarray, shape (2, D, K, CELLS)
        Intercept and slope of their coordinates in cells of normal quantiles from -REACH to REACH:
        the logits of the fractions broken off the remaining preference, finalist by finalist, then
        logit participation.
    input_share : float
        Fraction of every variance that is ignorance about the inputs.
    """

    origins: tuple[str, ...]
    finalists: tuple[str, ...]
    location: FloatArray
    own: FloatArray
    loading: FloatArray
    factors: tuple[str, ...]
    bent: npt.NDArray[np.int64]
    curves: FloatArray
    input_share: float

    def draw(
        self, n: int, *, rng: np.random.Generator, factors: FloatArray | None = None
    ) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

        `factors`, standard normals of shape (factor, draw), stand in for the shared factors.
        """
        return self.transform(self._normals(n, rng, factors))

    def inputs(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return what draws of a pair share, shape (anything, draw)."""
        size = len(self.factors) + self.location.size
        return rng.standard_normal((size if self.input_share else 0, n))

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given inputs; `draw` does the same with fewer random numbers."""
        size = len(self.factors) + self.location.size
        normals = rng.standard_normal((size, inputs.shape[1]))
        if self.input_share:
            normals *= np.sqrt(1 - self.input_share)
            normals += np.sqrt(self.input_share) * inputs
        return self.transform(normals)

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""
        normals = self._normals(n, rng)
        return dict(zip(self.input_names, normals.copy(), strict=True)), self.transform(normals)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs: the factors, then preference and participation by origin."""
        if len(self.finalists) == 2:
            words = ["preference", "participation"]
        else:
            words = [*(f"preference for {f}" for f in self.finalists[:-1]), "participation"]
        return (*self.factors, *(f"{o}: {w}" for o in self.origins for w in words))

    def _normals(
        self, n: int, rng: np.random.Generator, factors: FloatArray | None = None
    ) -> FloatArray:
        """Return paired standard normals, shape (factor + R K, draw)."""
        half, share = n // 2, self.input_share
        normals = rng.standard_normal((len(self.factors) + self.location.size, n))
        if factors is not None:
            normals[: len(factors)] = factors
        if share:
            second = normals[:, half:]  # share * first + sqrt(1 - share^2) * second, in place
            second *= np.sqrt(1 - share**2) / share
            second += normals[:, :half]
            second *= share
        return normals

    @property
    def rising(self) -> npt.NDArray[np.bool_]:
        """Which normals raise the log-ratios of every preference or of one, and nothing else."""
        ratios, participation = self.loading[:, :-1], self.loading[:, -1]
        shared = (ratios >= 0).all(axis=(0, 1)) & (participation == 0).all(axis=0)
        own = np.tile([True] * (len(self.finalists) - 1) + [False], len(self.origins))
        return np.append(shared, own)

    def transform(self, normals: FloatArray) -> FloatArray:
        """Turn normals into rates, in their own memory: new pages cost more than arithmetic."""
        f, k, n = len(self.factors), len(self.finalists), normals.shape[1]
        rates = normals[f:].reshape(-1, k, n)
        if k > 2:
            straight = np.setdiff1d(np.arange(len(rates)), self.bent)
            rates[straight, :-1] = simplex_factor(k) @ rates[straight, :-1]
        rates *= self.own[:, :, None]
        shared = np.append(self.loading, self.location[:, :, None], axis=2).reshape(-1, f + 1)
        rates += (shared @ np.append(normals[:f], np.ones((1, n)), axis=0)).reshape(rates.shape)
        if len(self.bent):
            rates[self.bent] = self._bend(rates[self.bent])
        # With a = logit v and l_j = log(q_j / q_K):  T_K = 1 / ((1 + e^-a)(1 + sum_j e^l_j)).
        ratios, last = rates[:, :-1], rates[:, -1]
        np.negative(last, out=last)
        np.exp(rates, out=rates)
        last += 1
        last *= ratios.sum(axis=1) + 1
        np.reciprocal(last, out=last)
        ratios *= last[:, None]
        return rates

    def _bend(self, normals: FloatArray) -> FloatArray:
        """Return log-ratios and participation logits of Dirichlet rows, shape (D, K, draw)."""
        cell = normals * (CELLS / (2 * REACH))
        cell += CELLS / 2
        left = np.clip(cell, 0, CELLS - 1, out=cell).astype(np.int32)
        left += (CELLS * np.arange(normals[..., 0].size, dtype=np.int32)).reshape(
            *normals.shape[:2], 1
        )
        bent = self.curves[1].ravel().take(left)
        bent *= normals
        bent += self.curves[0].ravel().take(left)
        for j in range(normals.shape[1] - 3, -1, -1):  # fractions broken off -> log-ratios
            bent[:, j] += np.log1p(np.exp(bent[:, j + 1 : -1]).sum(axis=1))
        return np.asarray(bent)


@lru_cache(maxsize=256)
def dirichlet_curves(parameters: tuple[float, ...]) -> FloatArray:
    """Return a Dirichlet row's coordinates as piecewise linear functions, shape (2, K, CELLS).

    Participation is Beta(a_1 + .. + a_K, a_none), and the fraction of the remaining preference that
    finalist j takes is Beta(a_j, a_j+1 + .. + a_K); all are independent. In each cell of the normal
    quantile z the coordinate is intercept + slope z.
    """
    alpha = np.array(parameters)
    voting = alpha[:-1]
    after = voting[::-1].cumsum()[::-1]
    a = np.append(voting[:-1], after[0])[:, None]
    b = np.append(after[1:], alpha[-1])[:, None]
    z = np.linspace(-REACH, REACH, CELLS + 1)
    low = np.log(np.maximum(betaincinv(a, b, ndtr(z)), TINY))
    high = np.log(np.maximum(betaincinv(b, a, ndtr(-z)), TINY))
    value = low - high
    slope = np.diff(value, axis=1) / np.diff(z)
    return np.array([value[:, :-1] - slope * z[:-1], slope])


@dataclass(frozen=True, kw_only=True, eq=False)
class NationalSampler:
    """Sampler of an elicited prior on a night it shares with other contests.

    Parameters
    ----------
    rows : RowSampler
        The contest's own sampler.
    parties : tuple of str
        Party of each finalist.
    share : float
        Fraction w of every factor's variance that is national.
    """

    rows: RowSampler
    parties: tuple[str, ...]
    share: float

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""
        return self.rows.origins

    def draw(
        self, n: int, *, rng: np.random.Generator, shared: np.random.Generator | None = None
    ) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

        From `shared`, the same for all contests of the night, come the national factors.
        """
        if shared is None:
            return self.rows.draw(n, rng=rng)
        factors = rng.standard_normal((len(self.rows.factors), n))
        factors *= np.sqrt(1 - self.share)
        factors += np.sqrt(self.share) * self._national(n, rng, shared)
        return self.rows.draw(n, rng=rng, factors=factors)

    def _national(
        self, n: int, rng: np.random.Generator, shared: np.random.Generator
    ) -> FloatArray:
        """Return the national part of the factors, standard normals of shape (factor, draw)."""
        mobilisation = substream(shared, "mobilisation").standard_normal(n)
        parts = [self._by_party(n, word, rng, shared) for word in ("swing", "partisan")]
        return np.concatenate([mobilisation[None], *parts])

    def _by_party(
        self, n: int, word: str, rng: np.random.Generator, shared: np.random.Generator
    ) -> FloatArray:
        """Return normals of shape (finalist - 1, draw) from what happens to each party.

        A second finalist of the same party gets a normal of their own.
        """
        utility = np.array(
            [
                (
                    rng if party in self.parties[:i] else substream(shared, f"{word}: {party}")
                ).standard_normal(n)
                for i, party in enumerate(self.parties)
            ]
        )
        ratios = (utility[:-1] - utility[-1]) / np.sqrt(2)
        return np.asarray(np.linalg.solve(simplex_factor(len(self.parties)), ratios))
