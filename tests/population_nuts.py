"""Reference of the population model: the same posterior, sampled by PyMC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.nuts import (
    _diagnostics,
    _draws,
    _sample,
    _whitened,
    import_pymc,
)
from forecast.transfers.roles.contest_summary import Evidence
from forecast.transfers.roles.population import Assumptions, IntArray, Population


def build_population_model(
    evidence: Sequence[Evidence], x: FloatArray, day: IntArray, assumptions: Assumptions
) -> Any:
    """Return a PyMC model of `population`, written from its formulas; parameters as there.

    Notes
    -----
    Omega is ``R R'`` with ``R = C A^-T``, C the Cholesky root of the inverse Wishart's scale, and
    A lower triangular with squares of its diagonal from chi-squared and normals below it
    (Bartlett's decomposition), so its prior is exact without a Jacobian. Coordinates of contests
    are integrated out: with evidence ``exp(l't - t'Ht / 2)``, mean m and ``R_i = R / sqrt(w_i)``::

        log p = l'm - m'Hm / 2 + g'A_i^-1 g / 2 - log|A_i| / 2,
        g = R_i'(l - Hm),  A_i = I + R_i'H R_i

    which needs no inverse of H, so a contest may say nothing about some coordinates.

    References
    ----------
    Bartlett, Proceedings of the Royal Society of Edinburgh 53:260, 1934.
    """
    pm = import_pymc()
    import pytensor.tensor as pt

    prior, (n, q), (p, k) = assumptions, x.shape, assumptions.factors.shape
    scale = np.full((q, p), prior.slope_scale)
    scale[0] = prior.location_scale
    location = np.zeros((q, p))
    location[0] = prior.location
    precision = np.array([e.precision for e in evidence])
    linear = np.array([e.linear for e in evidence])
    with pm.Model() as model:
        raw = pm.Normal("raw_coefficients", shape=(q, p))
        coefficients = pm.Deterministic("coefficients", location + scale * raw)
        half = prior.factor_weight / 2
        variance = pm.InverseGamma("factor_variance", half, half * prior.factor_scale**2, shape=k)
        factor_sd = pm.Deterministic("factor_sd", pt.sqrt(variance))
        raw_days = pm.Normal("raw_days", shape=(int(day.max()) + 1, k))
        days = pm.Deterministic("days", raw_days * factor_sd)
        root = _inverse_wishart_root(
            prior.spread_weight + p + 1, prior.spread_weight * prior.spread
        )
        pm.Deterministic("spread", root @ root.T)
        weight = pt.ones(n)
        if np.isfinite(prior.tail):
            weight = pm.Gamma("weight", prior.tail / 2, prior.tail / 2, shape=n)
        mean = x @ coefficients + days[day] @ prior.factors.T
        pull = (precision * mean[:, None, :]).sum(axis=2)
        gradient = (linear - pull) @ root / pt.sqrt(weight)[:, None]
        inner = (precision.reshape(n * p, p) @ root).reshape((n, p, p)).transpose(0, 2, 1)
        inner = (inner.reshape((n * p, p)) @ root).reshape((n, p, p)) / weight[:, None, None]
        rows = [[inner[:, i, j] + float(i == j) for j in range(i + 1)] for i in range(p)]
        squares, log_root = _whitened([gradient[:, i] for i in range(p)], rows)
        at_mean = (mean * (linear - 0.5 * pull)).sum()
        pm.Potential("evidence", at_mean + (0.5 * squares - log_root).sum())
    return model


def _inverse_wishart_root(freedom: float, scale: FloatArray) -> Any:
    """Return R of a new inverse Wishart variable ``R R'`` of the model in context."""
    import pymc as pm
    import pytensor.tensor as pt

    p = len(scale)
    squares = pm.ChiSquared("bartlett_squares", freedom - np.arange(p), shape=p)
    bartlett = pt.diag(pt.sqrt(squares))
    if p > 1:
        below = pm.Normal("bartlett_below", shape=p * (p - 1) // 2)
        bartlett = pt.set_subtensor(bartlett[np.tril_indices(p, -1)], below)
    inverse = pt.linalg.solve_triangular(bartlett, np.eye(p), lower=True)
    return np.linalg.cholesky(scale) @ inverse.T


def run_population_nuts(
    evidence: Sequence[Evidence],
    x: FloatArray,
    day: IntArray,
    assumptions: Assumptions,
    *,
    rng: np.random.Generator,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 2,
    target_accept: float = 0.95,
) -> Population:
    """Sample the population with NUTS; the reference for `fit_population`.

    Parameters
    ----------
    evidence, x, day, assumptions
        As in `fit_population`.
    rng, draws, tune, chains, target_accept
        As in `run_nuts`.

    Raises
    ------
    SamplingError
        As in `run_nuts`.
    """
    model = build_population_model(evidence, x, day, assumptions)
    settings = {"draws": draws, "tune": tune, "chains": chains, "cores": 1}
    trace = _sample(model, rng, target_accept=target_accept, **settings)
    names = ["coefficients", "spread", "factor_sd", "days"]
    _diagnostics(trace, names).require()
    parts = {name: _draws(trace, name) for name in names}
    return Population(factors=assumptions.factors, tail=assumptions.tail, **parts)
