"""Means of scores and skill against a baseline, with standard errors clustered by election.

Contests of one election share its surprises, so an election is one observation of them however many
seats it fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from forecast.errors import InputError

FEWEST_CLUSTERS = 3
"""With two clusters the standard error has one degree of freedom: nothing is known of it."""


@dataclass(frozen=True, kw_only=True)
class ClusteredMean:
    """A mean over contests.

    Parameters
    ----------
    value : float
        The mean.
    standard_error : float or None
        Clustered; None with fewer than `FEWEST_CLUSTERS`, which hardly show how clusters differ.
    n, clusters : int
        Contests and clusters.
    """

    value: float
    standard_error: float | None
    n: int
    clusters: int

    def interval(self, level: float = 0.9) -> tuple[float, float] | None:
        """Return the confidence interval, Student's t with one degree less than clusters."""
        return _t_interval(self.value, self.standard_error, self.clusters, level)


@dataclass(frozen=True, kw_only=True)
class Skill:
    """Skill of a model over a baseline, contest by contest.

    Parameters
    ----------
    value : float
        ``1 - mean score / mean score of the baseline``: 1 is perfect, 0 no better, negative worse.
    standard_error : float or None
        Of `value`, clustered.
    difference : ClusteredMean
        Score minus the baseline's, negative where the model is better.
    """

    value: float
    standard_error: float | None
    difference: ClusteredMean

    def interval(self, level: float = 0.9) -> tuple[float, float] | None:
        """Return the confidence interval, Student's t with one degree less than clusters."""
        return _t_interval(self.value, self.standard_error, self.difference.clusters, level)


def _t_interval(
    value: float, error: float | None, clusters: int, level: float
) -> tuple[float, float] | None:
    if error is None:
        return None
    half = float(stdtrit(clusters - 1, 0.5 + level / 2)) * error
    return value - half, value + half


def clustered_mean(values: npt.ArrayLike, clusters: Sequence[str]) -> ClusteredMean:
    """Return a mean whose standard error treats a cluster as one observation.

    Parameters
    ----------
    values : array_like, shape (contest,)
        One number per contest.
    clusters : sequence of str
        Election of each contest.

    Raises
    ------
    InputError
        If there are no values, one is not finite, or there is not one cluster for each.

    Notes
    -----
    ``G / (G - 1) sum_g (sum_{i in g} (v_i - mean))^2 / n^2`` over G clusters. With few clusters it
    is itself uncertain, which `ClusteredMean.interval` allows for; two say nothing.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models.
    Biometrika 73.

    Examples
    --------
    >>> found = clustered_mean([1.0, 2.0, 3.0], ["a", "b", "c"])
    >>> round(found.standard_error, 2), [round(end, 1) for end in found.interval()]
    (0.58, [0.3, 3.7])
    """
    v = np.asarray(values, dtype=float)
    if v.ndim != 1 or len(v) != len(clusters) or not len(v):
        raise InputError(
            f"clusters: there must be one for every contest - found {len(clusters)} for {v.shape}"
        )
    if not np.isfinite(v).all():
        raise InputError("clusters: every number must be finite - found one that is not")
    names, member = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.bincount(member, weights=v - v.mean())
    g, error = len(names), None
    if g >= FEWEST_CLUSTERS:
        error = float(np.sqrt(g / (g - 1) * (sums**2).sum()) / len(v))
    return ClusteredMean(value=float(v.mean()), standard_error=error, n=len(v), clusters=g)


def skill(scores: npt.ArrayLike, baseline: npt.ArrayLike, clusters: Sequence[str]) -> Skill:
    """Return the skill of paired scores over a baseline's.

    Parameters
    ----------
    scores, baseline : array_like, shape (contest,)
        Scores of the same contests, the lower the better.
    clusters : sequence of str
        Election of each contest.

    Raises
    ------
    InputError
        If lengths differ or the baseline's mean score is not positive.

    Notes
    -----
    The standard error is that of the ratio of the means, by the delta method.

    Examples
    --------
    >>> round(skill([1.0, 2.0], [2.0, 4.0], ["a", "b"]).value, 2)
    0.5
    """
    ours, theirs = np.asarray(scores, dtype=float), np.asarray(baseline, dtype=float)
    if ours.shape != theirs.shape:
        raise InputError(f"skill: scores must be paired - found {ours.shape} and {theirs.shape}")
    difference = clustered_mean(ours - theirs, clusters)
    if not theirs.mean() > 0:
        raise InputError("skill: the baseline's mean score must be positive; compare differences")
    ratio = ours.mean() / theirs.mean()
    error = clustered_mean((ours - ratio * theirs) / theirs.mean(), clusters).standard_error
    return Skill(value=float(1 - ratio), standard_error=error, difference=difference)
