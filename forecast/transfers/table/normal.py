"""Any belief about the table as a normal: for counts, full or partial, that correct it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray
from forecast.facts.ledger import Ledger
from forecast.transfers.table.coordinates import table_draws
from forecast.transfers.table.links import Link
from forecast.transfers.table.protocols import TransferDistribution

__all__ = ["LEAST_VARIANCE", "Normal", "normal_form", "normal_of"]

DRAWS = 8192
"""Draws from which the moments are taken."""
LEAST_VARIANCE = 1e-6
"""Added to variances, so that rates a prior is certain of leave a proper normal."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Normal:
    """A normal belief about the rows of a table, in the coordinates of a link.

    Parameters
    ----------
    mean : ndarray, shape (origin, free)
        Mean coordinates.
    covariance : ndarray, shape (origin * free, origin * free)
        Covariance of the coordinates, row by row.
    link : Link
        From coordinates to rates.
    """

    mean: FloatArray
    covariance: FloatArray
    link: Link

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` draws of the table, shape (draw, origin, destination)."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = rng.standard_normal((n, len(root))) @ root.T
        return self.link.rates(self.mean + noise.reshape(n, *self.mean.shape))


def normal_of(tables: FloatArray, link: Link) -> Normal:
    """Return the normal with the first two moments of draws of a table.

    Parameters
    ----------
    tables : ndarray, shape (draw, origin, destination)
        The draws.
    link : Link
        In whose coordinates to match.
    """
    coordinates = link.coordinates(tables)
    covariance = np.atleast_2d(np.cov(coordinates.reshape(len(tables), -1), rowvar=False))
    return Normal(
        mean=coordinates.mean(axis=0),
        covariance=covariance + LEAST_VARIANCE * np.eye(len(covariance)),
        link=link,
    )


def normal_form(
    prior: TransferDistribution,
    ledger: Ledger,
    link: Link,
    *,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Normal:
    """Return any distribution of the table as a normal with its first two moments.

    Parameters
    ----------
    prior : TransferDistribution
        What is believed.
    ledger : Ledger
        The contest's origins.
    link : Link
        In whose coordinates to match.
    rng : numpy.random.Generator
        Source of the draws behind the moments.
    draws : int
        How many.

    Examples
    --------
    >>> from forecast import elicited_prior, load_contest
    >>> from forecast.transfers.table.links import Voting
    >>> georgia = load_contest("georgia-2018")
    >>> prior, ledger = elicited_prior(georgia), georgia.ledger()
    >>> found = normal_form(prior, ledger, Voting(3), rng=np.random.default_rng(0))
    >>> table = found.draw(4000, rng=np.random.default_rng(1)).mean(axis=0)
    >>> bool(abs(table - prior.mean(ledger)).max() < 0.02)
    True
    """
    return normal_of(table_draws(prior.sampler(ledger).draw(draws, rng=rng)), link)
