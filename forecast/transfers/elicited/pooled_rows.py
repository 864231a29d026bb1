"""The row of a pool: several candidates about whom the same is believed, drawn as one origin.

Candidates with equal beliefs share the prior's factors F and differ by chance of their own. Of
their n_r voters, ``sum_r n_r T_r`` go to a destination, which given F has mean ``N E[T | F]`` and
variance ``N^2 Var(T | F) / m`` with ``N = sum n_r`` and ``m = N^2 / sum n_r^2`` members of equal
size. The row of the pool has the same mean, and the same variance from the factors and from chance,
in each of its coordinates; a Dirichlet row, which has no factors, in every rate.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy.special import expit

from forecast.arrays import FloatArray
from forecast.transfers.elicited.rows import DirichletRow, Row
from forecast.transfers.table.coordinates import (
    find_root,
    logistic_moments,
    match_location,
    normal_grid,
)


def pooled_row(row: Row, members: float) -> Row:
    """Return a Dirichlet row of which every rate varies 1 / `members` as much, others unchanged.

    Examples
    --------
    >>> row = DirichletRow(origin="*", mean=(0.3, 0.3, 0.4), concentration=9.0, source="a guess")
    >>> pooled_row(row, 5.0).concentration
    49.0
    """
    if isinstance(row, DirichletRow) and members > 1:
        return replace(row, concentration=(row.concentration + 1) * members - 1)
    return row


@lru_cache(maxsize=4096)
def split_moments(location: float, shared: float, own: float) -> tuple[float, float, float]:
    """Return the mean of a logistic-normal, its variance due to factors, and the rest.

    `shared` and `own` are sds on the logit scale: of the factors together, and of the row's own
    chance.

    Examples
    --------
    >>> mean, between, within = split_moments(0.0, 0.6, 0.8)
    >>> round(mean, 6), round(between + within, 4)
    (0.5, 0.0434)
    """
    points, weights = normal_grid(1)
    values = expit(location + shared * points + own * points.T)
    given = values @ weights
    mean = float(weights @ given)
    between = float(weights @ (given - mean) ** 2)
    return mean, between, float(weights @ (values - given[:, None]) ** 2 @ weights)


@lru_cache(maxsize=4096)
def pooled_coordinate(
    location: float, shared: float, own: float, members: float
) -> tuple[float, float, float]:
    """Return location, factor of the loadings and own sd of a coordinate of the pool.

    Examples
    --------
    >>> location, factor, own = pooled_coordinate(0.4, 0.6, 0.8, 100.0)
    >>> wanted, found = split_moments(0.4, 0.6, 0.8), split_moments(location, factor * 0.6, own)
    >>> abs(found[0] - wanted[0]) < 1e-9, abs(sum(found[1:]) - wanted[1] - wanted[2] / 100) < 1e-9
    (True, True)
    """
    mean, between, within = split_moments(location, shared, own)
    wanted = between + within / members

    def excess(sd: float) -> float:
        return logistic_moments(match_location(mean, sd), sd)[1] - wanted

    sd = find_root(excess, 1e-9, float(np.hypot(shared, own)))
    factor = sd * float(np.sqrt(between / wanted)) / shared if shared else 1.0
    return match_location(mean, sd), factor, sd * float(np.sqrt(within / members / wanted))


def own_variances(
    row: Row, location: FloatArray, own: FloatArray, loading: FloatArray
) -> tuple[float, float]:
    """Return the mean variance, given the factors, of a row's margin and of its participation.

    Of two finalists the margin is ``T_first - T_second``. `location`, `own` (2,) and `loading`
    (2, factor) are those of preference and participation.
    """
    if isinstance(row, DirichletRow):
        a, b, c = row.mean
        scale = 1 / (row.concentration + 1)
        return (a + b - (a - b) ** 2) * scale, c * (1 - c) * scale
    shared = np.linalg.norm(loading, axis=1)
    (q, q_between, q_within), (v, v_between, v_within) = (
        split_moments(float(location[i]), float(shared[i]), float(own[i])) for i in (0, 1)
    )
    lead = (2 * q - 1) ** 2 + 4 * q_between  # E[E[2q - 1 | F]^2]
    voting = v**2 + v_between
    return (voting + v_within) * (lead + 4 * q_within) - voting * lead, v_within
