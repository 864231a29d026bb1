"""What is believed about the rows of a table before the runoff is counted."""

from __future__ import annotations

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.counts import Counts
from forecast.transfers.returns.settings import Settings
from forecast.transfers.table.links import Contrasts, Voting
from forecast.transfers.table.normal import Normal

PARTICIPATION = {
    "finalist": (3.4, 1.2),
    "eliminated": (1.1, 0.8),
    "invalid": (-0.4, 1.1),
    "non-voters": (-1.6, 0.8),
}
"""Logit of who comes to vote for a finalist, mean and sd: 97% [81, 100], 75% [45, 92],
40% [10, 80], 17% [5, 43]. Published polls and exit polls of French, Polish and Brazilian runoffs,
widened; finalists' own voters may well be 98% loyal."""
PREFERENCE = {"finalist": 1.5, "eliminated": 1.7, "invalid": 1.2, "non-voters": 0.8}
"""Sd of the log ratio of any two finalists among those who vote."""
LOYALTY = 3.7
"""Log ratio of the own finalist to all others together: 98% [77, 100]. With more, finalists' rows
come out too loyal where all groups follow the lean of their place; with less, not enough."""
TOGETHER = 0.2
"""Correlation of the rows of those who were not for a finalist."""


def margin_prior(counts: Counts, settings: Settings) -> Normal:
    """Prior that shrinks every row towards the destination margin.

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
    return Normal(
        mean=np.tile(link.coordinates(margin / margin.sum()), (origins, 1)),
        covariance=np.asarray(np.kron(among, np.eye(destinations - 1)), dtype=np.float64),
        link=link,
    )


def role_prior(kinds: tuple[str, ...], finalists: int) -> Normal:
    """Prior of the rows of a runoff by what their origins are, see `PARTICIPATION`.

    The finalists come first, in the order of the destinations, of which the last is `none`.

    Notes
    -----
    Log ratios of two finalists have the sd of `PREFERENCE`, whichever two; a finalist's own voters
    prefer the finalist to all others together by `LOYALTY`.

    Examples
    --------
    >>> prior = role_prior(("finalist", "finalist", "eliminated"), 2)
    >>> prior.link.rates(prior.mean).round(2).tolist()
    [[0.94, 0.02, 0.03], [0.02, 0.94, 0.03], [0.38, 0.38, 0.25]]
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
    return Normal(
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
