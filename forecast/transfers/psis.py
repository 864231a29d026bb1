"""Pareto-smoothed importance weights: how far a proposal is from its target."""

from __future__ import annotations

import numpy as np

from forecast.transfers.coordinates import FloatArray

__all__ = ["RELIABLE_SHAPE", "effective_draws", "fit_generalised_pareto", "pareto_smooth"]

RELIABLE_SHAPE = 0.7
"""Pareto shapes above this mean that no feasible number of draws repairs the proposal."""


def pareto_smooth(log_ratios: FloatArray) -> tuple[FloatArray, float]:
    """Normalised log weights with a smoothed upper tail, and the tail's Pareto shape.

    Parameters
    ----------
    log_ratios : array (draw,)
        Log target density minus log proposal density.

    Returns
    -------
    log_weights : array (draw,)
        Their exponentials sum to one.
    shape : float
        Infinite when the tail has fewer than five draws to fit, zero when all weigh the same.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry (2024). Pareto smoothed importance sampling.
    Journal of Machine Learning Research 25(72).
    """
    weights = log_ratios - log_ratios.max()
    size = weights.size
    tail = int(np.ceil(min(0.2 * size, 3.0 * np.sqrt(size))))
    shape = np.inf if np.ptp(weights) > 1e-9 else 0.0
    if tail >= 5:
        order = np.argsort(weights, kind="stable")
        cutoff = max(weights[order[-tail - 1]], np.log(np.finfo(np.float64).tiny))
        upper = order[weights[order] > cutoff]
        if upper.size >= 5 and weights[order[-1]] - cutoff > 1e-9:  # else all weigh the same
            exceedances = np.exp(weights[upper]) - np.exp(cutoff)
            shape, scale = fit_generalised_pareto(exceedances)
            levels = (np.arange(upper.size) + 0.5) / upper.size
            smoothed = _pareto_quantiles(levels, shape, scale) + np.exp(cutoff)
            weights[upper] = np.minimum(np.log(smoothed), 0.0)
    peak = weights.max()
    return weights - peak - np.log(np.exp(weights - peak).sum()), float(shape)


def effective_draws(log_weights: FloatArray) -> float:
    """Kish's number of equally weighted draws that say as much."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights**2).sum())


def fit_generalised_pareto(exceedances: FloatArray) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution of sorted exceedances.

    Parameters
    ----------
    exceedances : array (draw,)
        Positive and ascending.

    Notes
    -----
    The empirical Bayes estimate of Zhang & Stephens with the weakly informative prior on the
    shape (centre 0.5, worth ten draws) of Vehtari et al.

    References
    ----------
    Zhang, J. & Stephens, M. A. (2009). A new and efficient estimation method for the generalized
    Pareto distribution. Technometrics 51(3).
    """
    size = exceedances.size
    points = 30 + int(np.sqrt(size))
    grid = 1.0 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))
    grid /= 3.0 * exceedances[int(size / 4.0 + 0.5) - 1]
    grid += 1.0 / exceedances[-1]
    shapes = np.log1p(-grid[:, None] * exceedances).mean(axis=1)
    likelihoods = size * (np.log(-grid / shapes) - shapes - 1.0)
    weights = np.exp(likelihoods - likelihoods.max())
    rate = float((weights * grid).sum() / weights.sum())
    shape = float(np.log1p(-rate * exceedances).mean())
    scale = -shape / rate
    return (size * shape + 5.0) / (size + 10.0), scale


def _pareto_quantiles(levels: FloatArray, shape: float, scale: float) -> FloatArray:
    if abs(shape) < np.finfo(np.float64).eps:
        return np.asarray(-scale * np.log1p(-levels))
    return np.asarray(scale * np.expm1(-shape * np.log1p(-levels)) / shape)
