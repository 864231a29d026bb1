"""What is believed about the rows of a table before the runoff is counted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecast.arrays import FloatArray
from forecast.randomness import stream
from forecast.transfers.returns.likelihood import Counts, Mask
from forecast.transfers.returns.links import Contrasts, Link, Voting
from forecast.transfers.returns.settings import Settings

__all__ = ["RowPrior", "margin_prior", "normal_rows", "role_prior"]

PARTICIPATION = {
    "finalist": (3.1, 1.0),
    "eliminated": (1.1, 0.8),
    "invalid": (-0.4, 1.1),
    "non-voters": (-1.6, 0.8),
}
"""Logit of who comes to vote for a finalist, mean and sd: 96% [81, 99], 75% [45, 92], 40% [10, 80],
17% [5, 43]. Published polls and exit polls of French, Polish and Brazilian runoffs, widened."""
PREFERENCE = {"finalist": 1.0, "eliminated": 1.7, "invalid": 1.2, "non-voters": 0.8}
"""Sd of the log ratio of any two finalists among those who vote."""
LOYALTY = 3.4
"""Log ratio of the own finalist to all others together: 97% [85, 99]."""
MOMENT_DRAWS = 8192
"""Draws from which the moments of a prior are taken."""
LEAST_VARIANCE = 1e-6
"""Added to variances, so that rates a prior is certain of leave a proper normal."""
TOGETHER = 0.2
"""Correlation of the rows of those who were not for a finalist."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RowPrior:
    """Normal prior of the coordinates of the rows.

    Parameters
    ----------
    mean : array (origin, destination - 1)
        Coordinates in the middle of what is believed.
    covariance : array (origin * (destination - 1), same)
        Covariance of the coordinates, row by row.
    link : Link
        From coordinates to rates.
    """

    mean: FloatArray
    covariance: FloatArray
    link: Link

    def select(self, origins: Mask, destinations: Mask) -> RowPrior:
        """Return the prior of some origins and destinations, given as masks.

        Other origins are integrated out. Other destinations are conditioned on being empty; the
        log ratios of the rest are then summed up by their moments.
        """
        if not destinations.all():
            rates = self.draw(MOMENT_DRAWS, rng=stream(0, "transfers: moments"))
            return normal_rows(rates[..., destinations]).select(
                origins, np.ones(int(destinations.sum()), dtype=bool)
            )
        kept = np.repeat(origins, self.mean.shape[1])
        return replace(
            self, mean=self.mean[origins], covariance=self.covariance[np.ix_(kept, kept)]
        )

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates of `n` draws; array (draw, origin, destination)."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise = rng.standard_normal((n, len(root))) @ root.T
        return self.link.rates(self.mean + noise.reshape(n, *self.mean.shape))


def normal_rows(rates: FloatArray, link: Link | None = None) -> RowPrior:
    """Return the normal whose coordinates have the first two moments of those of draws.

    Parameters
    ----------
    rates : array (draw, origin, destination)
        Draws of the rows, up to a factor by row.
    link : Link, optional
        Coordinates in which to match; by default `Contrasts`.
    """
    link = link or Contrasts(rates.shape[-1])
    coordinates = link.coordinates(rates)
    flat = coordinates.reshape(len(rates), -1)
    covariance = np.atleast_2d(np.cov(flat, rowvar=False))
    return RowPrior(
        mean=coordinates.mean(axis=0),
        covariance=covariance + LEAST_VARIANCE * np.eye(len(covariance)),
        link=link,
    )


def margin_prior(counts: Counts, settings: Settings) -> RowPrior:
    """Prior that shrinks every row towards the destination margin.

    Parameters
    ----------
    counts : Counts
        Both rounds.
    settings : Settings
        `row_scale` and `common_scale` are used.

    Notes
    -----
    Contrasts of row r are ``row_scale * (e_r + sqrt(common_scale) * m)`` with e_r and m standard
    normal and m common to all rows. Half a person is added to every destination, so a contest
    without returns is centred on equal rates.
    """
    origins, destinations = len(counts.origins), len(counts.destinations)
    margin = counts.destinations.sum(axis=1) + 0.5
    link = Contrasts(destinations)
    among = settings.row_scale**2 * (np.eye(origins) + settings.common_scale)
    return RowPrior(
        mean=np.tile(link.coordinates(margin / margin.sum()), (origins, 1)),
        covariance=np.asarray(np.kron(among, np.eye(destinations - 1)), dtype=np.float64),
        link=link,
    )


def role_prior(kinds: tuple[str, ...], finalists: int) -> RowPrior:
    """Prior of the rows of a runoff by what their origins are.

    Parameters
    ----------
    kinds : tuple of str
        "finalist", "eliminated", "invalid" or "non-voters" by origin, the finalists first and in
        the order of the destinations.
    finalists : int
        K finalists, two or more; the last destination is `none`.

    Notes
    -----
    Log ratios of two finalists have the sd of `PREFERENCE`, whichever two; a finalist's own voters
    prefer the finalist to all others together by `LOYALTY`.

    Examples
    --------
    >>> prior = role_prior(("finalist", "finalist", "eliminated"), 2)
    >>> prior.link.rates(prior.mean).round(2).tolist()
    [[0.93, 0.03, 0.04], [0.03, 0.93, 0.04], [0.38, 0.38, 0.25]]
    """
    origins = len(kinds)
    mean = np.zeros((origins, finalists))
    for r, kind in enumerate(kinds):
        mean[r, -1] = PARTICIPATION[kind][0]
        if kind == "finalist":
            own = np.zeros(finalists)
            own[r] = LOYALTY + np.log(finalists - 1.0)
            mean[r, :-1] = own[:-1] - own[-1]
    among = np.eye(origins)
    others = np.array([kind != "finalist" for kind in kinds])
    among[np.ix_(others, others)] = TOGETHER + (1.0 - TOGETHER) * np.eye(int(others.sum()))
    return RowPrior(
        mean=mean, covariance=_by_row(kinds, finalists, among), link=Voting(finalists + 1)
    )


def _by_row(kinds: tuple[str, ...], finalists: int, among: FloatArray) -> FloatArray:
    """Covariance (origin * finalist, same) from correlations among rows and scales by kind."""
    origins = len(kinds)
    scale = np.zeros((origins, finalists, finalists))
    half = 0.5 * (np.eye(finalists - 1) + 1.0)  # any two of K have a log ratio of variance one
    root = np.linalg.cholesky(half)
    for r, kind in enumerate(kinds):
        scale[r, :-1, :-1] = PREFERENCE[kind] * root
        scale[r, -1, -1] = PARTICIPATION[kind][1]
    found = np.einsum("rs,rij,skj->risk", among, scale, scale)
    return np.asarray(found.reshape(origins * finalists, -1))
