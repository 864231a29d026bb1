"""From coordinates of a row to its rates, their slopes, and back.

`Contrasts` treats every destination alike, for counts whose columns have no roles. Two more are
languages of beliefs about a runoff. `Voting`: log-ratios of preference among the finalists,
then logit participation, so that who votes and for whom are apart. `Utilities`: the utility of
every finalist against staying away, so that both follow from the same affinities. The last
destination is nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, softmax

from forecast.arrays import FloatArray

LEAST_RATE = 1e-12
"""Rates below this have the logarithm of this."""


@dataclass(frozen=True)
class Voting:
    """Log-ratios of preference to the last finalist, then logit participation.

    Examples
    --------
    >>> Voting(3).rates(np.array([0.0, 0.0])).tolist()
    [0.25, 0.25, 0.5]
    >>> Voting(3).coordinates(np.array([0.25, 0.25, 0.5])).tolist()
    [0.0, 0.0]
    """

    destinations: int

    def rates(self, coordinates: FloatArray) -> FloatArray:
        """Return rates that sum to one, shape (..., destination)."""
        ratios, logit = coordinates[..., :-1], coordinates[..., -1:]
        padded = np.concatenate([ratios, np.zeros_like(logit)], axis=-1)
        return np.concatenate([expit(logit) * softmax(padded, axis=-1), expit(-logit)], axis=-1)

    def slopes(self, rates: FloatArray) -> FloatArray:
        """Return d rate / d coordinate, shape (..., destination, free)."""
        staying, taken = rates[..., -1:], rates[..., :-1]
        voting = np.maximum(taken.sum(axis=-1, keepdims=True), LEAST_RATE)
        free = taken.shape[-1]
        out = np.zeros((*rates.shape, free))
        split = (taken / voting)[..., None, :-1]
        out[..., :-1, :-1] = taken[..., None] * (np.eye(free)[:, :-1] - split)
        out[..., :-1, -1] = taken * staying
        out[..., -1, -1] = -(staying * voting)[..., 0]
        return out

    def pulled_back(self, rates: FloatArray, by_rate: FloatArray) -> FloatArray:
        """Return derivatives by coordinate from those by rate, shape (..., free)."""
        staying, taken = rates[..., -1:], rates[..., :-1]
        voting = np.maximum(taken.sum(axis=-1, keepdims=True), LEAST_RATE)
        part = taken * by_rate[..., :-1]
        among = part.sum(axis=-1, keepdims=True)
        ratios = part[..., :-1] - taken[..., :-1] * (among / voting)
        return np.concatenate([ratios, staying * (among - voting * by_rate[..., -1:])], axis=-1)

    def coordinates(self, rates: FloatArray) -> FloatArray:
        """Return the coordinates of rates, shape (..., free)."""
        logs = np.log(np.maximum(rates, LEAST_RATE))
        taken = np.log(np.maximum(rates[..., :-1].sum(axis=-1), LEAST_RATE))
        ratios = logs[..., :-2] - logs[..., -2:-1]
        return np.concatenate([ratios, (taken - logs[..., -1])[..., None]], axis=-1)

    def in_place(self, theta: FloatArray) -> FloatArray:
        """Turn coordinates (origin, free, draw) into rates to the finalists in their memory."""
        # With a = logit v and l_j = log(q_j / q_K):  T_K = 1 / ((1 + e^-a)(1 + sum_j e^l_j)).
        ratios, last = theta[:, :-1], theta[:, -1]
        np.negative(last, out=last)
        np.exp(theta, out=theta)
        last += 1
        last *= (ratios[:, 0] if len(ratios[0]) == 1 else ratios.sum(axis=1)) + 1
        np.reciprocal(last, out=last)
        ratios *= last[:, None]
        return theta


@dataclass(frozen=True)
class Contrasts:
    """Orthonormal contrasts of log rates: ``rates = softmax(basis @ coordinates)``.

    Examples
    --------
    >>> Contrasts(3).rates(np.zeros(2)).round(3).tolist()
    [0.333, 0.333, 0.333]
    """

    destinations: int

    @cached_property
    def basis(self) -> FloatArray:
        """Contrasts to log rates; array (destination, destination - 1)."""
        return contrast_basis(self.destinations)

    def rates(self, coordinates: FloatArray) -> FloatArray:
        """Return rates that sum to one; array (..., destination)."""
        return np.asarray(softmax(coordinates @ self.basis.T, axis=-1))

    def slopes(self, rates: FloatArray) -> FloatArray:
        """Return d rate / d coordinate; array (..., destination, free)."""
        return np.asarray(rates[..., None] * (self.basis - (rates @ self.basis)[..., None, :]))

    def pulled_back(self, rates: FloatArray, by_rate: FloatArray) -> FloatArray:
        """Return derivatives by coordinate from those by rate; array (..., free)."""
        part = rates * by_rate
        return np.asarray((part - rates * part.sum(axis=-1, keepdims=True)) @ self.basis)

    def coordinates(self, rates: FloatArray) -> FloatArray:
        """Return the coordinates of rates; array (..., free)."""
        return np.asarray(np.log(np.maximum(rates, LEAST_RATE)) @ self.basis)

    def in_place(self, theta: FloatArray) -> FloatArray:
        """Turn coordinates (origin, free, draw) into rates to all but the last destination."""
        return np.moveaxis(self.rates(np.moveaxis(theta, 1, 2)), 2, 1)[:, :-1]


@dataclass(frozen=True)
class Utilities(Contrasts):
    """Utilities of the finalists, that of staying away being zero: a multinomial logit.

    Examples
    --------
    >>> Utilities(3).rates(np.zeros(2)).round(3).tolist()
    [0.333, 0.333, 0.333]
    >>> Utilities(3).coordinates(np.array([0.25, 0.25, 0.5])).round(3).tolist()
    [-0.693, -0.693]
    """

    @cached_property
    def basis(self) -> FloatArray:
        """Utilities to log rates, all of them less the same; array (destination, finalist)."""
        return np.eye(self.destinations)[:, :-1]

    def coordinates(self, rates: FloatArray) -> FloatArray:
        """Return the coordinates of rates, shape (..., free)."""
        logs = np.log(np.maximum(rates, LEAST_RATE))
        return np.asarray(logs[..., :-1] - logs[..., -1:])

    def in_place(self, theta: FloatArray) -> FloatArray:
        """Turn coordinates (origin, free, draw) into rates to the finalists in their memory."""
        top = np.maximum(theta.max(axis=1), 0.0)
        theta -= top[:, None]
        np.exp(theta, out=theta)
        np.negative(top, out=top)
        np.exp(top, out=top)
        top += theta.sum(axis=1)
        theta /= top[:, None]
        return theta


Link = Voting | Contrasts
"""From coordinates (..., free) to rates (..., free + 1) that sum to one, their slopes, and back."""


def contrast_basis(size: int) -> FloatArray:
    """Orthonormal basis of the vectors of length `size` that sum to zero, (size, size - 1).

    Helmert's contrasts. Log rates in this basis have no reference destination, so a spherical
    prior treats every destination alike.
    """
    basis = np.zeros((size, size - 1))
    for j in range(size - 1):
        basis[: j + 1, j] = 1.0
        basis[j + 1, j] = -(j + 1.0)
        basis[:, j] /= np.sqrt((j + 1.0) * (j + 2.0))
    return basis
