"""Units counted in part: what fraction of their people a fraction of their stations is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.arrays import FloatArray
from forecast.transfers.night.deviations import GROUPS, Group
from forecast.transfers.night.local_table import LocalTable, log_normal_density

OWN = 0.25
"""How far the order of one unit's stations by size may be its own, see `InPart`."""
GUESSES = np.linspace(-1.5, 1.5, 61)
"""Values of `d` of which the first guess is one, or between two."""
LIKELY_TURNOUT = (0.05, 0.95)
"""Bounds of turnout, so that logits stay finite."""


@dataclass(frozen=True, kw_only=True, eq=False)
class InPart:
    """How much of units is counted, if the stations that came first may be unlike the others.

    Notes
    -----
    If sizes of stations are lognormal with standard deviation s, and their logs have correlation r
    with when they report, a fraction f of the stations holds the fraction ``Phi(z + d)`` of the
    people, with z the normal quantile of f and ``d = r s`` (the Lorenz curve of that distribution).
    A d that all units share is learned with everything else, around a first guess that gives the
    counted part the turnout of the first round; each unit's own has the standard deviation `OWN`.
    If stations differ by lean with standard deviation s, the mean of the first is off by ``r s
    phi(z) / f`` and that of the rest by ``-r s phi(z) / (1 - f)``.
    """

    some: bool  #: whether any unit is counted in part
    #: (unit,): fraction of each unit's people that is counted, at a first guess of `d`
    fraction: FloatArray
    counted: FloatArray  #: (unit,): its normal quantile
    #: columns, of_rest (unit, 2): what the order of stations by size and by lean does to the
    #: counted part, and to the rest
    columns: FloatArray
    of_rest: FloatArray
    groups: tuple[Group, Group]  #: what is believed of these two
    #: doubt, doubt_of_rest (unit,): variance of the participation of each, in logits, by a unit's
    #: own order
    doubt: FloatArray
    doubt_of_rest: FloatArray

    @classmethod
    def of(cls, table: LocalTable, done: FloatArray, votes: FloatArray) -> InPart:
        """Return it for units of whose stations some fractions are counted, with these votes."""
        part, people = (done > 0) & (done < 1), table.people.sum(axis=1)
        turnout = np.clip(1 - table.people[:, -1] / np.maximum(people, 1), *LIKELY_TURNOUT)
        counted = np.asarray(ndtri(done))
        expected = ndtr(counted[part, None] + GUESSES).T @ (people * turnout)[part]
        guess = float(np.interp(votes[part].sum(), expected, GUESSES)) if part.any() else 0.0
        fraction = np.where(part, ndtr(counted + guess), done)
        some = np.where(part, fraction, 0.5)
        density = np.exp(log_normal_density(ndtri(some))) * part
        by_size = density / some / (1 - turnout)
        size, lean = GROUPS["stations by size"], GROUPS["stations by lean"]
        return cls(
            some=bool(part.any()),
            fraction=fraction,
            counted=counted + guess,
            columns=np.column_stack([density / some, by_size]),
            of_rest=np.column_stack([-density / (1 - some), np.zeros(len(done))]),
            groups=(lean, replace(size, mean=-guess)),
            doubt=(OWN * by_size) ** 2,
            doubt_of_rest=(OWN * density / (1 - some) / (1 - turnout)) ** 2,
        )


def fraction_left(counted: FloatArray, d: FloatArray) -> FloatArray:
    """Return the fraction of people still to come, array (unit, draw), for draws of d.

    See `InPart`; `counted` (unit,) is the normal quantile of the fraction that is counted at d = 0.

    Examples
    --------
    >>> fraction_left(np.array([0.0]), np.array([-0.5, 0.0])).round(2)
    array([[0.69, 0.5 ]])
    """
    return np.asarray(ndtr(-(counted[:, None] + d)))
