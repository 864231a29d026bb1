"""Coordinates of a row of transfer rates: value and slopes.

Two kinds. `Contrasts` treats every destination alike, for counts whose columns have no roles.
`Voting` is the language of beliefs about a runoff: log ratios of preference among the finalists,
then the logit of participation; the last destination is `none`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.special import expit, softmax

from forecast.arrays import FloatArray

__all__ = ["Contrasts", "Link", "Voting", "contrast_basis"]


class Link(Protocol):
    """From coordinates (..., free) to rates (..., free + 1)."""

    @property
    def destinations(self) -> int:
        """Number of destinations."""

    def rates(self, coordinates: FloatArray) -> FloatArray:
        """Return rates that sum to one; array (..., destination)."""

    def slopes(self, rates: FloatArray) -> FloatArray:
        """Return d rate / d coordinate; array (..., destination, free)."""

    def coordinates(self, rates: FloatArray) -> FloatArray:
        """Return the coordinates of rates; array (..., free)."""


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

    def coordinates(self, rates: FloatArray) -> FloatArray:
        """Return the coordinates of rates; array (..., free)."""
        return np.asarray(np.log(np.maximum(rates, LEAST_RATE)) @ self.basis)


@dataclass(frozen=True)
class Voting:
    """Log ratios of preference to the last finalist, then logit participation.

    Examples
    --------
    >>> Voting(3).rates(np.array([0.0, 0.0])).tolist()
    [0.25, 0.25, 0.5]
    """

    destinations: int

    def rates(self, coordinates: FloatArray) -> FloatArray:
        """Return rates that sum to one; array (..., destination)."""
        padded = np.concatenate(
            [coordinates[..., :-1], np.zeros_like(coordinates[..., :1])], axis=-1
        )
        voting = expit(coordinates[..., -1:])
        staying = expit(-coordinates[..., -1:])
        return np.concatenate([voting * softmax(padded, axis=-1), staying], axis=-1)

    def slopes(self, rates: FloatArray) -> FloatArray:
        """Return d rate / d coordinate; array (..., destination, free)."""
        staying, taken = rates[..., -1:], rates[..., :-1]
        voting = np.maximum(taken.sum(axis=-1, keepdims=True), LEAST_RATE)
        free = taken.shape[-1]
        out = np.zeros((*rates.shape, free))
        by_preference = taken[..., None] * (np.eye(free)[:, :-1] - (taken / voting)[..., None, :-1])
        out[..., :-1, :-1] = by_preference
        out[..., :-1, -1] = taken * staying
        out[..., -1, -1] = -(staying * voting)[..., 0]
        return out

    def coordinates(self, rates: FloatArray) -> FloatArray:
        """Return the coordinates of rates; array (..., free)."""
        logs = np.log(np.maximum(rates, LEAST_RATE))
        taken = np.log(np.maximum(rates[..., :-1].sum(axis=-1), LEAST_RATE))
        preference = logs[..., :-2] - logs[..., -2:-1]
        return np.concatenate([preference, (taken - logs[..., -1])[..., None]], axis=-1)


LEAST_RATE = 1e-12
"""Rates below this have the logarithm of this."""


def contrast_basis(size: int) -> FloatArray:
    """Orthonormal basis of the vectors of length `size` that sum to zero.

    Returns
    -------
    array (size, size - 1)

    Notes
    -----
    Helmert's contrasts. Log rates in this basis have no reference destination, so a spherical
    prior treats every destination alike.
    """
    basis = np.zeros((size, size - 1))
    for j in range(size - 1):
        basis[: j + 1, j] = 1.0
        basis[j + 1, j] = -(j + 1.0)
        basis[:, j] /= np.sqrt((j + 1.0) * (j + 2.0))
    return basis
