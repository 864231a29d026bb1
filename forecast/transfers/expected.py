"""What the units that have not reported will count, draw by draw and region by region."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from forecast.columns import IntArray
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.deviations import Deviations
from forecast.transfers.local import LocalTable
from forecast.transfers.partial import PartialPosterior

__all__ = ["remaining_votes"]

BLOCK = 512
"""Units worked on at a time, so that arrays stay in the processor's cache."""


def remaining_votes(
    posterior: PartialPosterior,
    table: LocalTable,
    deviations: Deviations,
    *,
    share: FloatArray,
    shift: FloatArray,
    extra: FloatArray,
    region: IntArray,
    regions: int,
    moves: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Return draws of the votes still to be counted, array (region, finalist, draw).

    Parameters
    ----------
    posterior : PartialPosterior
        Fit of the reported units.
    table : LocalTable
        First round of the units with votes still to come.
    deviations : Deviations
        Design of the same units.
    share : array (unit,)
        Fraction of each unit that is still to come.
    shift : array (response, unit)
        What a unit's own counted part says about the rest, in logits.
    extra : array (response, unit)
        Variance of the rest around that, in logits squared.
    region : array of int (unit,)
        Region of each unit, from 0.
    regions : int
        Number of regions.
    moves : array (draw, size)
        Draws of coordinates and deviations around the centre, as by `PartialPosterior.draw`.
    rng : numpy.random.Generator
        Source of what is a unit's own.

    Notes
    -----
    Coordinates and deviations move all units together and are drawn; what is a unit's own is
    independent between units, so only the sum's variance is needed. Single precision holds seven
    digits of a unit's votes; sums over units are taken in double precision.
    """
    move, draws = moves.T.astype(np.float32), len(moves)
    size, width = posterior.coordinates, deviations.design.shape[1]
    swing = table.swing(posterior.centre[:size])
    free = table.finalists - 1
    votes = np.zeros((regions, free + 1, draws))
    variance = np.zeros((regions, free + 1, free + 1))
    own = table.people.sum(axis=1) * share
    centre = np.vstack([swing.preference, swing.participation]) + shift
    slopes = [*swing.by_preference, swing.by_participation]
    parts = []
    for k, slope in enumerate(slopes):
        where = slice(size + k * width, size + (k + 1) * width)
        centre[k] += deviations.design @ posterior.centre[where]
        rows = np.hstack([slope, deviations.design]).astype(np.float32)
        parts.append((rows, np.vstack([move[:size], move[where]])))
    middle = centre.astype(np.float32)
    for start in range(0, len(own), BLOCK):
        chosen = slice(start, start + BLOCK)
        logits = [
            np.clip(rows[chosen] @ moved + at[chosen, None], -30, 30)
            for at, (rows, moved) in zip(middle, parts, strict=True)
        ]
        valid = expit(logits[free]) * own[chosen, None].astype(np.float32)
        ratios = [np.exp(part) for part in logits[:free]]
        whole = valid / (1.0 + np.sum(ratios, axis=0))
        cells = np.stack([*(ratio * whole for ratio in ratios), whole])
        member = region[chosen]
        for r in np.unique(member):
            votes[r] += cells[:, member == r].sum(axis=1, dtype=np.float64)
        spread = _own_variance(cells.mean(axis=2, dtype=np.float64), own[chosen], extra[:, chosen])
        np.add.at(variance, member, spread)
    for r in range(regions):
        values, vectors = np.linalg.eigh(variance[r])
        scale = vectors * np.sqrt(np.maximum(values, 0.0))
        votes[r] += scale @ rng.standard_normal((free + 1, draws))
    return np.maximum(votes, 0.0)


def _own_variance(cells: FloatArray, people: FloatArray, extra: FloatArray) -> FloatArray:
    """Return covariance of each unit's votes around their mean, (unit, finalist, finalist).

    Chance of the single vote and the unit's own deviation in the logits, to first order.
    """
    finalists, free = len(cells), len(cells) - 1
    valid = np.maximum(cells.sum(axis=0), 1e-9)
    share, rate = cells / valid, np.clip(valid / np.maximum(people, 1e-9), 1e-9, 1 - 1e-9)
    found = -np.einsum("iu,ju->uij", cells, cells) / np.maximum(people, 1e-9)[:, None, None]
    found[:, range(finalists), range(finalists)] += cells.T
    for k in range(free):
        slope = valid * share * ((np.arange(finalists) == k)[:, None] - share[k])
        found += np.einsum("iu,ju->uij", slope, slope) * extra[k][:, None, None]
    slope = cells * (1 - rate)
    found += np.einsum("iu,ju->uij", slope, slope) * extra[free][:, None, None]
    return np.asarray(found)
