"""How the shared factors act on one row of a prior: the formula in `prior`."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from forecast.arrays import FloatArray
from forecast.facts.ledger import INVALID, NON_VOTERS
from forecast.transfers.elicited.pooled_rows import pooled_coordinate
from forecast.transfers.elicited.rows import DirichletRow, Row
from forecast.transfers.table.coordinates import match_preference, simplex_corners, simplex_factor


class StatedRows(Protocol):
    """What the factors need of a prior: its finalists, shares of variance and preferences."""

    @property
    def finalists(self) -> tuple[str, ...]:
        """Finalists, in the order of the table."""

    @property
    def mobilisation(self) -> float:
        """Share of the variance of participation that all rows share."""

    @property
    def swing(self) -> float:
        """Share of the variance of preference that all rows share."""

    @property
    def partisan(self) -> float:
        """Share of variance of partisan mobilisation."""

    def preference(self, origin: str) -> tuple[tuple[float, ...], float]:
        """Return preference means and logit sd of an elicited row, endorsements included."""


def factor_names(finalists: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the 2 K - 1 factors: mobilisation, swings, partisan mobilisations."""
    if len(finalists) == 2:
        return ("mobilisation", "swing", "partisan mobilisation")
    names = [f"swing to {f}" for f in finalists[:-1]]
    names += [f"partisan mobilisation of {f}" for f in finalists[:-1]]
    return ("mobilisation", *names)


def row_names(origins: tuple[str, ...], finalists: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the rows' own normals: preference, then participation by origin."""
    words = ["preference"]
    if len(finalists) > 2:
        words = [f"preference for {f}" for f in finalists[:-1]]
    return tuple(f"{o}: {word}" for o in origins for word in (*words, "participation"))


def row_coordinates(
    prior: StatedRows, origin: str, row: Row, members: float = 1.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return location (K,), own sd (K,) and loading (K, factor) of the row of `origin`.

    The K coordinates are the K - 1 log-ratios of preference, then logit participation. Of two
    finalists the row may be that of a pool of `members`, see `pooled_rows`.
    """
    k = len(prior.finalists)
    if isinstance(row, DirichletRow):
        return np.zeros(k), np.ones(k), np.zeros((k, 2 * k - 1))
    v_location, v_sd = row.participation.normal
    means, q_sd = prior.preference(origin)
    swing, partisan = slice(1, k), slice(k, 2 * k - 1)
    loading = np.zeros((k, 2 * k - 1))
    loading[-1, 0] = np.sqrt(prior.mobilisation)
    loading[:-1, swing] = np.sqrt(prior.swing) * simplex_factor(k)
    own = np.sqrt([1 - prior.swing] * (k - 1) + [1 - prior.mobilisation])
    if origin in prior.finalists:
        camp = simplex_corners(k)[prior.finalists.index(origin)]
        loading[-1, partisan] = np.sqrt(prior.partisan) * camp
        own[-1] = np.sqrt(1 - prior.mobilisation - prior.partisan)
    elif origin in (INVALID, NON_VOTERS):
        loading[:-1, partisan] = np.sqrt(prior.partisan) * simplex_factor(k)
        own[:-1] = np.sqrt(1 - prior.swing - prior.partisan)
    sd = np.array([q_sd] * (k - 1) + [v_sd])
    location = np.array([*match_preference(means, q_sd), v_location])
    own, loading = sd * own, sd[:, None] * loading
    for i in range(k if members > 1 else 0):
        shared = float(np.linalg.norm(loading[i]))
        location[i], factor, own[i] = pooled_coordinate(
            float(location[i]), shared, float(own[i]), members
        )
        loading[i] *= factor
    return location, own, loading
