"""Any belief about the table as a normal: for counts, full or partial, that correct it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.facts.ledger import Ledger
from forecast.randomness import stream
from forecast.transfers.table.coordinates import table_draws
from forecast.transfers.table.links import Contrasts, Link
from forecast.transfers.table.protocols import TransferDistribution

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

    def select(self, origins: npt.NDArray[np.bool_], destinations: npt.NDArray[np.bool_]) -> Normal:
        """Return the prior of some origins and destinations, given as masks.

        Other origins are integrated out. Other destinations are conditioned on being empty; the
        log ratios of the rest are then summed up by their moments.
        """
        if not destinations.all():
            rates = self.draw(DRAWS, rng=stream(0, "transfers: moments"))
            return normal_of(rates[..., destinations], Contrasts(int(destinations.sum()))).select(
                origins, np.ones(int(destinations.sum()), dtype=bool)
            )
        kept = np.repeat(origins, self.mean.shape[1])
        return replace(
            self, mean=self.mean[origins], covariance=self.covariance[np.ix_(kept, kept)]
        )

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` draws of the table, shape (draw, origin, destination)."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = rng.standard_normal((n, len(root))) @ root.T
        return self.link.rates(self.mean + noise.reshape(n, *self.mean.shape))


def normal_of(tables: FloatArray, link: Link) -> Normal:
    """Return the normal with the first two moments of draws (draw, origin, destination).

    They are matched in the coordinates of the link.
    """
    coordinates = link.coordinates(tables)
    covariance = np.atleast_2d(np.cov(coordinates.reshape(len(tables), -1), rowvar=False))
    return Normal(
        mean=coordinates.mean(axis=0),
        covariance=covariance + LEAST_VARIANCE * np.eye(len(covariance)),
        link=link,
    )


def normal_form(
    prior: TransferDistribution | Normal,
    ledger: Ledger,
    link: Link,
    *,
    rng: np.random.Generator,
) -> Normal:
    """Return any distribution of the table as a normal with its first two moments.

    They are matched in the coordinates of the link; a normal is returned as it is.

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
    if isinstance(prior, Normal):
        return prior
    return normal_of(table_draws(prior.sampler(ledger).draw(DRAWS, rng=rng)), link)
