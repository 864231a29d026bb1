"""Draws of the transfer table, whole arrays at a time.

Draws come in pairs: draw i and draw i + n/2 share what we do not know about the inputs (elicited
means, population parameters) and differ in everything else. How often both of a pair elect the
same finalist is what the credible interval of a win probability is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from forecast.ledger import Ledger
from forecast.transfers.coordinates import FloatArray, simplex_factor

__all__ = ["RowSampler", "Sampler", "TransferDistribution"]


class Sampler(Protocol):
    """What the simulation needs: named origins and draws of their rates."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even."""

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""


class TransferDistribution(Protocol):
    """Anything that can be simulated: a prior, or a posterior used as one."""

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""

    def sampler(self, ledger: Ledger) -> Sampler:
        """Return a sampler whose origins are the ledger's."""


@dataclass(frozen=True, kw_only=True)
class RowSampler:
    """Sampler of logistic-normal rows with shared factors, and independent Dirichlet rows.

    Parameters
    ----------
    origins, finalists : tuple of str
        R origins and K finalists.
    normal : ndarray of int, shape (N,)
        Which origins are logistic-normal.
    location : ndarray, shape (N, K)
        Location of logit participation, then of the K - 1 log-ratios of preference.
    own : ndarray, shape (N, K)
        Standard deviation that is the row's own.
    loading : ndarray, shape (N, K, factor)
        Effect of each shared factor.
    factors : tuple of str
        Names of the factors.
    dirichlet : ndarray of int, shape (D,)
        Which origins are Dirichlet.
    alpha : ndarray, shape (D, K + 1)
        Their parameters.
    input_share : float
        Fraction of every variance that is ignorance about the inputs.
    """

    origins: tuple[str, ...]
    finalists: tuple[str, ...]
    normal: FloatArray
    location: FloatArray
    own: FloatArray
    loading: FloatArray
    factors: tuple[str, ...]
    dirichlet: FloatArray
    alpha: FloatArray
    input_share: float

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even."""
        return self._rates(*self._raw(n, rng))

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""
        normals, gammas = self._raw(n, rng)
        inputs = dict(zip(self.factors, normals[: len(self.factors)].copy(), strict=True))
        own = normals[len(self.factors) :].reshape(len(self.normal), -1, n).copy()
        for r, row in zip(self.normal, own, strict=True):
            inputs[f"{self.origins[r]}: participation"] = row[0]
            for finalist, preference in zip(self.finalists, row[1:], strict=False):
                suffix = "" if len(row) == 2 else f" for {finalist}"
                inputs[f"{self.origins[r]}: preference{suffix}"] = preference
        rates = self._rates(normals, gammas)
        for r in self.dirichlet:
            voting = rates[r].sum(axis=0)
            inputs[f"{self.origins[r]}: participation"] = voting
            for finalist, rate in zip(self.finalists[:-1], rates[r], strict=False):
                suffix = "" if len(self.finalists) == 2 else f" for {finalist}"
                inputs[f"{self.origins[r]}: preference{suffix}"] = rate / voting
        return inputs, rates

    def _raw(self, n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return standard normals (factor + N K, draw) and gammas (D, K + 1, draw), paired."""
        half, share = n // 2, self.input_share
        normals = rng.standard_normal((len(self.factors) + self.location.size, n))
        if share:
            normals[:, half:] *= np.sqrt(1 - share**2)
            normals[:, half:] += share * normals[:, :half]
        alpha = self.alpha[:, :, None]
        gammas = np.full((*self.alpha.shape, n), np.finfo(float).tiny)
        if self.alpha.size:
            gammas += rng.standard_gamma(alpha * (1 - share), (*self.alpha.shape, n))
        if self.alpha.size and share:
            common = rng.standard_gamma(alpha * share, (*self.alpha.shape, half))
            gammas[..., :half] += common
            gammas[..., half:] += common
        return normals, gammas

    def _rates(self, normals: FloatArray, gammas: FloatArray) -> FloatArray:
        """Turn raw draws into rates; overwrites `normals`."""
        k, n = len(self.finalists), normals.shape[1]
        rates = np.empty((len(self.origins), k, n))
        if len(self.normal):
            everything = len(self.normal) == len(self.origins)
            out = rates if everything else np.empty((len(self.normal), k, n))
            self._normal_rates(normals, out)
            if not everything:
                rates[self.normal] = out
        if len(self.dirichlet):
            gammas /= gammas.sum(axis=1, keepdims=True)
            rates[self.dirichlet] = gammas[:, :k]
        return rates

    def _normal_rates(self, normals: FloatArray, out: FloatArray) -> None:
        f, k, n = len(self.factors), len(self.finalists), normals.shape[1]
        own = normals[f:].reshape(len(self.normal), k, n)
        if k > 2:
            own[:, 1:] = simplex_factor(k) @ own[:, 1:]
        shared = np.append(self.loading, self.location[:, :, None], axis=2).reshape(-1, f + 1)
        coordinates = shared @ np.append(normals[:f], np.ones((1, n)), axis=0)
        coordinates = coordinates.reshape(own.shape)
        own *= self.own[:, :, None]
        coordinates += own
        # With a = logit v and l_j = log(q_j / q_K):  T_K = 1 / ((1 + e^-a)(1 + sum_j e^l_j)).
        np.negative(coordinates[:, 0], out=coordinates[:, 0])
        np.exp(coordinates, out=coordinates)
        last = out[:, -1]
        np.add.reduce(coordinates[:, 1:], axis=1, out=last)
        last += 1
        coordinates[:, 0] += 1
        last *= coordinates[:, 0]
        np.reciprocal(last, out=last)
        np.multiply(coordinates[:, 1:], last[:, None], out=out[:, :-1])
