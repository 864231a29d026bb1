"""Tables of people that agree with what was counted."""

from __future__ import annotations

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.likelihood import Counts

__all__ = ["rake", "unit_tables"]

TOLERANCE = 1e-7
"""Largest discrepancy with a margin that ends raking, as a fraction of all people."""

FEWEST_PEOPLE = 1e-200
"""Cells are kept above this, so that a rate that underflowed can still be raked."""


def rake(
    tables: FloatArray,
    origins: FloatArray,
    destinations: FloatArray,
    *,
    rounds: int = 500,
    tolerance: float = TOLERANCE,
) -> FloatArray:
    """Tables nearest to `tables` (in relative entropy) with the margins given.

    Parameters
    ----------
    tables : array (..., origin, destination)
        People or rates, not negative.
    origins : array (..., origin)
        Row sums; broadcast against `tables`. Exact in the result.
    destinations : array (..., destination)
        Column sums with the same total; in the result to `tolerance` of the total.
    rounds : int
        Most passes over both margins.
    tolerance : float
        Largest discrepancy with a margin that ends raking, as a fraction of all people.

    Returns
    -------
    array (..., origin, destination)

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency
    table when the expected marginal totals are known. Annals of Mathematical Statistics 11.
    """
    lead = tables.shape[:-2]
    rows = _last(np.broadcast_to(origins, lead + origins.shape[-1:]), 1)[:, None]
    columns = _last(np.broadcast_to(destinations, lead + destinations.shape[-1:]), 1)[None]
    raked = _scaled(np.maximum(_last(tables, 2), FEWEST_PEOPLE), rows, 1)
    limit = tolerance * max(float(rows.sum(axis=0).max(initial=0.0)), 1.0)
    for _ in range(rounds):
        if np.abs(raked.sum(axis=0, keepdims=True) - columns).max(initial=0.0) <= limit:
            break
        raked = _scaled(_scaled(raked, columns, 0), rows, 1)
    return np.ascontiguousarray(np.moveaxis(raked, -1, 0)).reshape(tables.shape)


def _last(arrays: FloatArray, inner: int) -> FloatArray:
    """All leading axes merged into one last axis, so that sums over small axes run fast."""
    merged = arrays.reshape(-1, *arrays.shape[arrays.ndim - inner :])
    return np.ascontiguousarray(np.moveaxis(merged, 0, -1))


def _scaled(tables: FloatArray, target: FloatArray, axis: int) -> FloatArray:
    sums = np.maximum(tables.sum(axis=axis, keepdims=True), FEWEST_PEOPLE)
    return np.asarray(tables * (target / sums))


def unit_tables(table: FloatArray, counts: Counts) -> FloatArray:
    """Tables of every unit that start from `table` and meet the unit's margins.

    Parameters
    ----------
    table : array (origin, destination)
        Transfer rates of the contest.
    counts : Counts
        Both rounds by unit.

    Returns
    -------
    array (unit, origin, destination)
        People.
    """
    start = counts.origins.T[:, :, None] * table
    return rake(start, counts.origins.T, counts.destinations.T, rounds=100)
