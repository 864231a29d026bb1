"""The posterior of a transfer table as one unnormalised log density with gradient.

Coordinates are one flat vector: row contrasts (origin x (destination - 1)), then log
kappa by origin. The fast posterior and the reference sampler use this same function.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.transfers.returns.likelihood import (
    Counts,
    returns_information,
    returns_log_density,
    returns_log_value,
)

__all__ = [
    "RowPrior",
    "Settings",
    "TransferDensity",
    "contrast_basis",
    "margin_prior",
    "softmax",
]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Learned constants of the inference.

    Parameters
    ----------
    tempering : float
        Power of the likelihood: 1 is Bayes' rule, less is more careful.
    row_scale : float
        Prior standard deviation of a row's contrasts around the destination margin.
    common_scale : float
        Share of `row_scale` squared that a deviation common to all rows has as its variance.
    context, context_scale : float
        Value and uncertainty of context (see `likelihood.returns_log_density`).
    most_units : int
        Units whose information counts in full; beyond, tempering falls so that more units do not
        narrow the posterior further than calibration has been shown for.
    kappa_mean, kappa_scale : float
        Prior of log kappa.
    own_share : float
        Part of a draw that comes from the direction it leans on, where counts are read both ways.
    """

    tempering: float = 0.4
    row_scale: float = 1.15
    common_scale: float = 0.3
    context: float = 0.15
    context_scale: float = 0.1
    most_units: int = 700
    kappa_mean: float = 5.0
    kappa_scale: float = 1.0
    own_share: float = 0.91

    def __post_init__(self) -> None:
        if not self.tempering > 0:
            raise InputError(f"settings: tempering must be positive - found {self.tempering}")


@dataclass(frozen=True, kw_only=True, eq=False)
class RowPrior:
    """Normal prior of the row contrasts.

    Parameters
    ----------
    centre : array (origin, destination)
        Log rates at zero contrasts, up to a constant per row.
    precision : array (origin * (destination - 1), same)
        Inverse covariance of the contrasts, row by row.
    """

    centre: FloatArray
    precision: FloatArray


@dataclass(frozen=True, kw_only=True)
class TransferDensity:
    """Tempered log posterior of one transfer table.

    Parameters
    ----------
    counts : Counts
        Both rounds by unit.
    prior : RowPrior
        What is believed about the rows beforehand.
    settings : Settings
        Learned constants.
    """

    counts: Counts
    prior: RowPrior
    settings: Settings = field(default_factory=Settings)

    @property
    def shape(self) -> tuple[int, int]:
        """Origins and destinations."""
        return len(self.counts.origins), len(self.counts.destinations)

    @property
    def size(self) -> int:
        """Number of coordinates."""
        origins, destinations = self.shape
        return origins * destinations

    @cached_property
    def basis(self) -> FloatArray:
        """Contrasts to log rates; array (destination, destination - 1)."""
        return contrast_basis(self.shape[1])

    @property
    def power(self) -> float:
        """Power of the likelihood: the tempering, less where units are very many."""
        units = max(self.counts.occupied, 1)
        return float(self.settings.tempering * min(1.0, self.settings.most_units / units))

    @cached_property
    def start(self) -> FloatArray:
        """Where the prior has its mode; array (size,)."""
        point = np.zeros(self.size)
        point[-self.shape[0] :] = self.settings.kappa_mean
        return point

    def split(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return contrasts (..., origin, destination - 1) and log kappa (..., origin)."""
        origins, destinations = self.shape
        cut = origins * (destinations - 1)
        lead = points.shape[:-1]
        contrasts = points[..., :cut].reshape(*lead, origins, destinations - 1)
        return contrasts, points[..., cut:]

    def tables(self, points: FloatArray) -> FloatArray:
        """Return transfer tables (..., origin, destination) of points (..., size)."""
        return softmax(self.prior.centre + self.split(points)[0] @ self.basis.T)

    def __call__(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Log density at a point (size,), up to a constant, and its gradient."""
        contrasts, log_kappa = self.split(point)
        table = softmax(self.prior.centre + contrasts @ self.basis.T)
        fit = returns_log_density(table, log_kappa, self.settings.context, self.counts)
        centred = fit.by_rate - (fit.by_rate * table).sum(axis=1, keepdims=True)
        by_contrast = ((table * centred) @ self.basis).ravel()
        gradient = np.concatenate([by_contrast, fit.by_log_kappa])
        log_prior, by_prior = self.log_prior(point)
        power = self.power
        return power * fit.value + log_prior, power * gradient + by_prior

    def value(self, point: FloatArray) -> float:
        """Log density at a point (size,), up to a constant."""
        contrasts, log_kappa = self.split(point)
        table = softmax(self.prior.centre + contrasts @ self.basis.T)
        fit = returns_log_value(table, log_kappa, self.settings.context, self.counts)
        return self.power * fit + self.log_prior(point)[0]

    def log_prior(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Log prior density at a point (size,), up to a constant, and its gradient."""
        deviation = point - self.start
        pull = self.prior_precision @ deviation
        return -0.5 * float(deviation @ pull), -pull

    @cached_property
    def prior_precision(self) -> FloatArray:
        """Inverse prior covariance of all coordinates; array (size, size)."""
        origins, s = self.shape[0], self.settings
        precision = np.zeros((self.size, self.size))
        cut = self.size - origins
        precision[:cut, :cut] = self.prior.precision
        precision[cut:, cut:] = np.eye(origins) / s.kappa_scale**2
        return precision

    def information(self, point: FloatArray) -> FloatArray:
        """Return expected information plus prior precision at a point; array (size, size).

        Positive definite always; it shapes steps and is no substitute for the curvature.
        """
        contrasts, log_kappa = self.split(point)
        table = softmax(self.prior.centre + contrasts @ self.basis.T)
        mean_part, kappa_part = returns_information(
            table, log_kappa, self.settings.context, self.counts
        )
        jacobian = np.zeros((len(mean_part), self.size))
        origins, free = self.shape[0], self.shape[1] - 1
        slope = table[:, :, None] * (self.basis[None] - (table @ self.basis)[:, None, :])
        for r in range(origins):
            rows = slice(r * free, (r + 1) * free)
            jacobian[rows, rows] = slope[r, :-1]
        total = jacobian.T @ mean_part @ jacobian
        total[-origins:, -origins:] += kappa_part
        return np.asarray(self.power * total + self.prior_precision)


def margin_prior(counts: Counts, settings: Settings) -> RowPrior:
    """Prior that shrinks every row towards the destination margin.

    Parameters
    ----------
    counts : Counts
        Both rounds.
    settings : Settings
        `row_scale` and `common_scale` are used.

    Notes
    -----
    Contrasts of row r are ``row_scale * (e_r + sqrt(common_scale) * m)`` with e_r and m standard
    normal and m common to all rows. Half a person is added to every destination, so a contest
    without returns is centred on equal rates.
    """
    origins, destinations = len(counts.origins), len(counts.destinations)
    margin = counts.destinations.sum(axis=1) + 0.5
    centre = np.tile(np.log(margin / margin.sum()), (origins, 1))
    among = np.eye(origins) - settings.common_scale / (1.0 + origins * settings.common_scale)
    precision = np.asarray(
        np.kron(among / settings.row_scale**2, np.eye(destinations - 1)), dtype=np.float64
    )
    return RowPrior(centre=centre, precision=precision)


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


def softmax(log_rates: FloatArray) -> FloatArray:
    """Rates that sum to one along the last axis."""
    rates = np.exp(log_rates - log_rates.max(axis=-1, keepdims=True))
    return np.asarray(rates / rates.sum(axis=-1, keepdims=True))
