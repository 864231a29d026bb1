"""The exact win probability of a runoff of two, without simulation: the oracle for every simulator.

Given the shared factors the rows are independent, so the margin is a sum of independent bounded
terms ``n_r v_r (2 q_r - 1)``. Its characteristic function is a product of small quadratures over
(v, q), and the win probability follows from the Fourier series of a square wave of period 2L with
the whole margin inside (-L, L)::

    P(M > 0) = 1/2 + (2 / pi) sum_{k odd} Im phi(k pi / L) / k

The factors, if any, are integrated out by an outer Gauss-Hermite grid, and the weight of their
tail by Gauss-Legendre nodes of its probability.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, gammaincinv, roots_jacobi, roots_legendre

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.ledger import Ledger
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.pooled_rows import pooled_row
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.elicited.rows import DirichletRow
from forecast.transfers.table.coordinates import normal_grid

DOMINATED = 0.95
"""Share of the variance above which one origin's quadrature nodes act as atoms at the win line."""


TAIL_NODES = 16
"""Quadrature nodes of the weight of a heavy tail."""
MOST = {"nodes": 512, "factor_nodes": 64, "terms": 100_000}
"""Largest number of quadrature nodes and terms that finish."""


@refuses_other_kinds
def exact_win_probability(
    ledger: Ledger,
    prior: TransferPrior,
    *,
    nodes: int = 64,
    factor_nodes: int = 12,
    terms: int = 400,
) -> float:
    """Return the probability that the first finalist beats the second.

    Parameters
    ----------
    ledger : Ledger
        People by origin; two finalists.
    prior : TransferPrior
        Logistic-normal rows, Dirichlet rows, or both.
    nodes : int
        Quadrature nodes in each of v and q.
    factor_nodes : int
        Nodes for each of the three shared factors that has any effect; with heavy tails 12 are
        right to .001 and 64 to .0001.
    terms : int
        Largest number of terms of the Fourier series; fewer are used once they vanish.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If there are more than two finalists, one origin makes up nearly all of the variance, or a
        number of nodes or terms is out of range.

    Notes
    -----
    Dirichlet(a, b, c) is v ~ Beta(a+b, c) independent of q ~ Beta(a, b): Gauss-Jacobi nodes.
    Cost grows with ``factor_nodes ** 3``; for many origins use a prior without shared factors.

    References
    ----------
    Gil-Pelaez, J. (1951). Note on the inversion theorem. Biometrika 38, 481-482.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from forecast.data import load_contest
    >>> from forecast.data.priors import elicited_prior
    >>> georgia = load_contest("georgia-2018")
    >>> prior = replace(elicited_prior(georgia), mobilisation=0, swing=0, partisan=0)
    >>> 0 < exact_win_probability(georgia.ledger(), prior) < 1
    True
    """
    for name, value in (("nodes", nodes), ("factor_nodes", factor_nodes), ("terms", terms)):
        if type(value) is not int or not 2 <= value <= MOST[name]:
            raise InputError(
                f"{name} must be a whole number from 2 to {MOST[name]:,} - found {value!r}"
            )
    if len(prior.finalists) != 2:
        raise InputError(f"the exact oracle needs two finalists - found {len(prior.finalists)}")
    sampler, counts = prior.sampler(ledger), ledger.totals.astype(float)
    assert sampler.own is not None
    loading = sampler.loading.reshape(*sampler.location.shape, -1)
    used = np.flatnonzero(np.any(loading, axis=(0, 1)))
    if used.size:
        points, weights = normal_grid(used.size, factor_nodes)
    else:
        points, weights = np.zeros((1, 0)), np.ones(1)
    rows = [pooled_row(prior.moved_row(o), ledger.pools.get(o, 1.0)) for o in ledger.origins]
    fixed = {
        r: _dirichlet_nodes(row.alpha, nodes)
        for r, row in enumerate(rows)
        if isinstance(row, DirichletRow)
    }
    if np.isfinite(prior.tail) and used.size:
        u, parts = roots_legendre(TAIL_NODES)
        root = np.sqrt(gammaincinv(prior.tail / 2, (1 + u) / 2) * 2 / prior.tail)
        points = (points / root[:, None, None]).reshape(-1, used.size)
        weights = np.outer(parts / 2, weights).ravel()
    total = 0.0
    for point, weight in zip(points, weights, strict=True):
        shifts = sampler.location + loading[:, :, used] @ point
        values = [
            fixed[r] if r in fixed else _normal_nodes(location, sd, nodes)
            for r, (location, sd) in enumerate(zip(shifts, sampler.own.sd, strict=True))
        ]
        total += weight * _win_probability(counts, values, terms)
    return float(np.clip(total, 0, 1))


def _normal_nodes(location: FloatArray, sd: FloatArray, nodes: int) -> tuple[FloatArray, ...]:
    """Return values of v (2q - 1) and their weights for a logistic-normal row."""
    points, weights = normal_grid(1, nodes)
    q, v = (expit(m + s * points[:, 0]) for m, s in zip(location, sd, strict=True))
    return np.outer(v, 2 * q - 1).ravel(), np.outer(weights, weights).ravel()


def _dirichlet_nodes(alpha: FloatArray, nodes: int) -> tuple[FloatArray, ...]:
    """Return values of v (2q - 1) and their weights for a Dirichlet row."""
    a, b, c = alpha
    (v, v_weight), (q, q_weight) = _beta_nodes(a + b, c, nodes), _beta_nodes(a, b, nodes)
    return np.outer(v, 2 * q - 1).ravel(), np.outer(v_weight, q_weight).ravel()


def _beta_nodes(a: float, b: float, nodes: int) -> tuple[FloatArray, FloatArray]:
    x, weights = roots_jacobi(nodes, b - 1, a - 1)
    return (1 + x) / 2, weights / weights.sum()


def _win_probability(counts: FloatArray, rows: list[tuple[FloatArray, ...]], terms: int) -> float:
    means = np.array([w @ d for d, w in rows])
    variances = np.array([w @ (d - m) ** 2 for (d, w), m in zip(rows, means, strict=True)])
    centre, spread = counts @ means, np.sqrt(counts**2 @ variances)
    if not spread:
        return float(np.heaviside(centre, 0.5))
    if (counts**2 * variances).max() > DOMINATED * spread**2:
        raise InputError(
            "the exact oracle needs a margin that several origins make up - here one makes up "
            f"more than {DOMINATED:.0%} of its variance; simulate instead"
        )
    half_period = min(counts.sum(), abs(centre) + 12 * spread) * (1 + 1e-9)
    k = np.arange(1, 2 * terms, 2)
    total = 0.0
    for part in np.array_split(k, max(terms // 20, 1)):  # stop once the terms vanish
        t = part * np.pi / half_period
        phi = np.ones(len(part), dtype=complex)
        for count, (d, w) in zip(counts, rows, strict=True):
            if count:
                phi *= (np.exp(1j * count * np.outer(t, d)) * w).sum(axis=1)
        total += float(np.sum(phi.imag / part))
        if np.abs(phi).max() < 1e-13:
            break
    return 0.5 + 2 / np.pi * total
