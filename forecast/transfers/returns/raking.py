"""Tables of people that agree with what was counted."""

from __future__ import annotations

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.counts import Counts

TOLERANCE = 1e-7
"""Largest discrepancy with a margin that ends raking, as a fraction of all people."""

AT_ONCE = 1 << 15
"""Numbers that are raked together, so that they stay in cache."""

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

    Tables (..., origin, destination) are people or rates, not negative. `origins` (..., origin) are
    row sums, broadcast against `tables` and exact in the result; `destinations` (..., destination)
    column sums with the same total, met to `tolerance` of the total or after `rounds` passes.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency
    table when the expected marginal totals are known. Annals of Mathematical Statistics 11.
    """
    lead, (origin_count, destination_count) = tables.shape[:-2], tables.shape[-2:]
    count = int(np.prod(lead))
    merged = tables.reshape(count, origin_count, destination_count)
    rows = np.broadcast_to(origins, (*lead, origin_count)).reshape(count, origin_count)
    columns = np.broadcast_to(destinations, (*lead, destination_count))
    columns = columns.reshape(count, destination_count)
    limit = tolerance * max(float(rows.sum(axis=1).max(initial=0.0)), 1.0)
    raked = np.empty(merged.shape)
    size = max(AT_ONCE // (origin_count * destination_count), 1)
    for start in range(0, count, size):
        part = slice(start, start + size)
        raked[part] = _raked(merged[part], rows[part], columns[part], rounds, limit)
    return raked.reshape(tables.shape)


def _raked(
    tables: FloatArray, origins: FloatArray, destinations: FloatArray, rounds: int, limit: float
) -> FloatArray:
    """Rake some tables (table, origin, destination); the table is last inside, for speed."""
    raked = np.ascontiguousarray(np.moveaxis(np.maximum(tables, FEWEST_PEOPLE), 0, -1))
    rows = np.ascontiguousarray(origins.T)[:, None]
    columns = np.ascontiguousarray(destinations.T)[None]
    _scale(raked, rows, raked.sum(axis=1, keepdims=True))
    for _ in range(rounds):
        sums = raked.sum(axis=0, keepdims=True)
        if np.abs(sums - columns).max(initial=0.0) <= limit:
            break
        _scale(raked, columns, sums)
        _scale(raked, rows, raked.sum(axis=1, keepdims=True))
    return np.moveaxis(raked, -1, 0)


def _scale(tables: FloatArray, target: FloatArray, sums: FloatArray) -> None:
    tables *= target / np.maximum(sums, FEWEST_PEOPLE)


def unit_tables(table: FloatArray, counts: Counts) -> FloatArray:
    """People by cell (unit, origin, destination) that start from rates and meet units' margins.

    The rates `table` (origin, destination) are the contest's.
    """
    start = counts.origins.T[:, :, None] * table
    return rake(start, counts.origins.T, counts.destinations.T, rounds=100)


def rate_bounds(origins: FloatArray, destinations: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and largest rates that counts of units allow, (origin, destination).

    Counts are people, `origins` (origin, unit) and `destinations` (destination, unit).
    """
    x, y = origins[:, None], destinations[None]
    people = x.sum(axis=2)
    least = np.maximum(x + y - y.sum(axis=1, keepdims=True), 0).sum(axis=2)
    most = np.minimum(x, y).sum(axis=2)
    empty = np.broadcast_to(people < 0.5, least.shape)
    return (
        np.where(empty, 0.0, least / np.maximum(people, 1)),
        np.where(empty, 1.0, most / np.maximum(people, 1)),
    )


def rates_of(people: FloatArray, empty: FloatArray) -> FloatArray:
    """Return rates by origin of tables of people; `empty` where an origin has nobody."""
    totals = people.sum(axis=-1, keepdims=True)
    return np.where(totals > 0.5, people / np.maximum(totals, 0.5), empty)
