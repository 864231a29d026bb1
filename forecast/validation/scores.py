"""Proper scores of forecasts: the lower the better, except `log_density`.

Draws come first: ``draws`` has shape (draw, ...) and ``truth`` the shape of what follows, so one
call scores all contests. A score keeps the unit of what is forecast.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from forecast.arrays import FloatArray
from forecast.errors import InputError

LEAST_PROBABILITY = 0.001
"""Floor of `log_score`: nobody is charged more than -log(0.001) = 6.9 for one contest."""


def brier_score(probability: npt.ArrayLike, happened: npt.ArrayLike) -> FloatArray:
    """Return the Brier score ``(p - y)^2``.

    Parameters
    ----------
    probability : array_like of float
        Forecast probabilities.
    happened : array_like of bool, same shape
        Whether it came so.

    Raises
    ------
    InputError
        If a probability lies outside [0, 1], an event is neither true nor false, or shapes differ.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability.
    Monthly Weather Review 78.

    Examples
    --------
    >>> brier_score([0.8, 0.8], [True, False]).round(2).tolist()
    [0.04, 0.64]
    """
    p, y = probabilities_and_events(probability, happened)
    return np.asarray((p - y) ** 2)


def log_score(
    probability: npt.ArrayLike, happened: npt.ArrayLike, *, floor: float = LEAST_PROBABILITY
) -> FloatArray:
    """Return ``-log`` of the probability of what happened.

    Parameters
    ----------
    probability, happened : array_like
        As in `brier_score`.
    floor : float
        Probabilities of what happened below this count as this much: a share of draws that is zero
        means only that the draws were few.

    Raises
    ------
    InputError
        If a probability lies outside [0, 1], shapes differ or the floor is no fraction.

    References
    ----------
    Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society B 14.

    Examples
    --------
    >>> log_score([0.5, 0.0], [True, True]).round(3).tolist()
    [0.693, 6.908]
    """
    if not 0 < floor < 0.5:
        raise InputError(f"log_score: floor must be between 0 and 0.5 - found {floor!r}")
    p, y = probabilities_and_events(probability, happened)
    return np.asarray(-np.log(np.maximum(np.where(y, p, 1 - p), floor)))


def crps(draws: FloatArray, truth: npt.ArrayLike, *, fair: bool = True) -> FloatArray:
    """Return the continuous ranked probability score of draws.

    Parameters
    ----------
    draws : ndarray, shape (draw, ...)
        The forecast.
    truth : array_like, shape (...)
        What came.
    fair : bool
        Unbiased for the score of the distribution the draws come from, whatever their number;
        else the score of the draws themselves, which punishes few of them.

    Raises
    ------
    InputError
        If shapes differ, a number is not finite, or a fair score is asked of one draw.

    Notes
    -----
    ``mean |x_i - y| - sum_ij |x_i - x_j| / (2 m)`` with m = n (n - 1) if fair, else n^2. The double
    sum is taken from the order statistics.

    References
    ----------
    Gneiting, T. & Raftery, A. E. (2007). Strictly proper scoring rules. JASA 102.
    Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. QJRMS 140.

    Examples
    --------
    >>> float(crps(np.array([0.4, 0.6]), 0.5))
    0.0
    >>> round(float(crps(np.array([0.4, 0.6]), 0.5, fair=False)), 3)
    0.05
    """
    draws, truth = draws_and_truth(draws, truth)
    n = len(draws)
    if fair and n < 2:
        raise InputError("crps: a fair score needs at least two draws - found one; use fair=False")
    ordered = np.sort(np.moveaxis(draws, 0, -1), axis=-1)
    spread = ordered @ (2.0 * np.arange(1, n + 1) - n - 1) / (n * (n - 1) if fair else n * n)
    return np.asarray(np.abs(draws - truth).mean(axis=0) - spread)


def threshold_crps(
    draws: FloatArray,
    truth: npt.ArrayLike,
    *,
    threshold: float = 0.5,
    width: float = 0.05,
    fair: bool = True,
) -> FloatArray:
    """Return the CRPS that looks only at values near a threshold, such as who wins.

    Parameters
    ----------
    draws, truth, fair
        As in `crps`.
    threshold, width : float
        The score weighs values from threshold - width to threshold + width.

    Raises
    ------
    InputError
        As `crps`, or if the width is not positive.

    Notes
    -----
    ``integral of w(z) (F(z) - 1{y <= z})^2 dz`` with w one in the window and zero outside, which is
    the CRPS after everything was clipped to the window. As the width shrinks, it tends to the Brier
    score of exceeding the threshold, times twice the width.

    References
    ----------
    Gneiting, T. & Ranjan, R. (2011). Comparing density forecasts using threshold- and
    quantile-weighted scoring rules. Journal of Business & Economic Statistics 29.

    Examples
    --------
    >>> float(threshold_crps(np.array([0.7, 0.8]), 0.9))
    0.0
    """
    if not width > 0:
        raise InputError(f"threshold_crps: width must be positive - found {width!r}")
    low, high = threshold - width, threshold + width
    return crps(np.clip(draws, low, high), np.clip(truth, low, high), fair=fair)


def interval_score(
    low: npt.ArrayLike, high: npt.ArrayLike, truth: npt.ArrayLike, *, level: float
) -> FloatArray:
    """Return the score of a central interval: its width, and 2 / (1 - level) times every miss.

    Parameters
    ----------
    low, high, truth : array_like, same shape
        Ends of the interval, and what came.
    level : float
        Probability the interval claims.

    Raises
    ------
    InputError
        If an interval is upside down, a number is not finite, or the level is no probability.

    References
    ----------
    Winkler, R. L. (1972). A decision-theoretic approach to interval estimation. JASA 67.

    Examples
    --------
    >>> interval_score(0.4, 0.6, [0.5, 0.7], level=0.9).round(2).tolist()
    [0.2, 2.2]
    """
    if not 0 < level < 1:
        raise InputError(f"interval_score: level must be between 0 and 1 - found {level!r}")
    try:
        low, high, truth = np.broadcast_arrays(*(np.asarray(x, float) for x in (low, high, truth)))
    except ValueError:
        raise InputError("interval_score: ends and truth must have one shape") from None
    if not np.isfinite([low, high, truth]).all():
        raise InputError("interval_score: every number must be finite - found one that is not")
    if (low > high).any():
        raise InputError("interval_score: an interval's low end must not exceed its high end")
    miss = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return np.asarray(high - low + 2 / (1 - level) * miss)


def energy_score(
    draws: FloatArray, truth: FloatArray, *, fair: bool = True, shifts: int | None = None
) -> FloatArray:
    """Return the energy score of draws of vectors, such as share and turnout together.

    Parameters
    ----------
    draws : ndarray, shape (draw, ..., quantity)
        The forecast.
    truth : ndarray, shape (..., quantity)
        What came.
    fair : bool
        As in `crps`.
    shifts : int, optional
        Compare each draw with this many others only, fairly; by default with all of them, which
        takes time in proportion to the square of the draws.

    Raises
    ------
    InputError
        If shapes differ, a number is not finite, or `shifts` is below one.

    Notes
    -----
    ``mean ||x_i - y|| - sum_ij ||x_i - x_j|| / (2 m)``, m as in `crps`, of which it is the form for
    vectors.

    References
    ----------
    Gneiting, T. & Raftery, A. E. (2007). Strictly proper scoring rules. JASA 102.

    Examples
    --------
    >>> float(energy_score(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([0.0, 0.0])))
    0.0
    """
    draws, truth = draws_and_truth(draws, truth)
    n = len(draws)
    if not truth.ndim:
        raise InputError("energy_score: draws must have a last axis of quantities - use crps")
    if n < 2:
        raise InputError("energy_score: needs at least two draws - found one")
    if shifts is not None and shifts < 1:
        raise InputError(f"energy_score: shifts must be a whole number from 1 - found {shifts!r}")
    near = np.linalg.norm(draws - truth, axis=-1).mean(axis=0)
    # Shift s pairs as n - s does, so that half of the shifts meet every pair once.
    steps = range(1, min(n if shifts is None else shifts, n // 2) + 1)
    weights = np.array([1.0 if 2 * s == n else 2.0 for s in steps])
    apart = np.zeros(near.shape)
    for s, weight in zip(steps, weights, strict=True):
        apart += weight * np.linalg.norm(draws - np.roll(draws, s, axis=0), axis=-1).mean(axis=0)
    apart /= weights.sum()
    return np.asarray(near - apart / 2 * (1.0 if fair else (n - 1) / n))


def log_density(draws: FloatArray, truth: npt.ArrayLike) -> FloatArray:
    """Return the log density of shares at what came, the higher the better.

    Parameters
    ----------
    draws : ndarray, shape (draw, ...)
        Shares, strictly between 0 and 1.
    truth : array_like, shape (...)
        What came, likewise.

    Raises
    ------
    InputError
        If shapes differ or a share is not strictly between 0 and 1.

    Notes
    -----
    A Student t kernel with 4 degrees of freedom on the logit scale, of Silverman's width: an
    outlier costs much, yet not a random amount.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation. Section 3.4.2.

    Examples
    --------
    >>> shares = np.linspace(0.4, 0.6, 201)
    >>> bool(log_density(shares, 0.5) > log_density(shares, 0.7))
    True
    """
    draws, truth = draws_and_truth(draws, truth)
    if not ((draws > 0) & (draws < 1)).all() or not ((truth > 0) & (truth < 1)).all():
        raise InputError("log_density: shares must lie strictly between 0 and 1")
    z = logit(draws)
    low, high = np.quantile(z, [0.25, 0.75], axis=0)
    width = 0.9 * np.minimum(z.std(axis=0), (high - low) / 1.34) * len(z) ** -0.2
    width = np.maximum(width, 1e-6)
    kernel = 0.375 * (1 + ((logit(truth) - z) / width) ** 2 / 4) ** -2.5
    return np.asarray(np.log(kernel.mean(axis=0) / width / (truth * (1 - truth))))


def probabilities_and_events(
    probability: npt.ArrayLike, happened: npt.ArrayLike
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return both as arrays of one shape; raise `InputError` unless they are what they are called.

    Examples
    --------
    >>> probabilities_and_events([0.2], [1])
    (array([0.2]), array([ True]))
    """
    p, y = np.asarray(probability, dtype=float), np.asarray(happened, dtype=float)
    if p.shape != y.shape:
        raise InputError(f"scores: shapes must agree - found {p.shape} and {y.shape}")
    if not ((p >= 0) & (p <= 1)).all():
        raise InputError("scores: a probability must lie between 0 and 1; 0.9 means 90%")
    unclear = y[(y != 0) & (y != 1)]
    if len(unclear):
        raise InputError(f"scores: what happened must be yes or no - found {unclear[0]}")
    return p, y.astype(bool)


def draws_and_truth(draws: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both as finite arrays whose shapes agree; raise `InputError` if they do not.

    Examples
    --------
    >>> [part.shape for part in draws_and_truth([[0.4], [0.6]], [0.5])]
    [(2, 1), (1,)]
    """
    try:
        draws, truth = np.asarray(draws, dtype=float), np.asarray(truth, dtype=float)
    except (TypeError, ValueError):
        raise InputError("scores: draws and truth must be numbers - found something else") from None
    if draws.ndim == 0 or draws.shape[1:] != truth.shape:
        raise InputError(
            f"scores: draws must have shape (draw, ...) with the truth's shape {truth.shape} - "
            f"found {draws.shape}"
        )
    if not len(draws):
        raise InputError("scores: there must be draws - found none")
    if not np.isfinite(draws).all() or not np.isfinite(truth).all():
        raise InputError("scores: every number must be finite - found one that is not")
    return draws, truth
