"""How units deviate from the one table: by region, size and kind of place, each partly pooled.

Every group of deviations has one scale. How far units differ by size or composition is a random
walk: what is seen among small units says little about large ones, and the farther a unit lies
from those that have reported, the wider its forecast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.night.local_table import LocalTable

__all__ = ["GROUPS", "UNIT_SCALE", "Deviations", "Group", "unit_deviations"]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Deviations with a common scale.

    Parameters
    ----------
    preference, participation : float
        Prior scales, in logits.
    weight : float
        How many deviations the prior of the scale is worth.
    mean : float
        Prior mean of the deviations in participation; it is 0 in preference.
    """

    preference: float
    participation: float
    weight: float
    mean: float = 0.0

    def scales(self, responses: int) -> FloatArray:
        """Return the scale of each response: log ratios of preference, then participation."""
        return np.append(np.full(responses - 1, self.preference), self.participation)

    def means(self, responses: int) -> FloatArray:
        """Return the prior mean of each response."""
        return np.append(np.zeros(responses - 1), self.mean)


GROUPS = {
    "common": Group(preference=0.02, participation=0.02, weight=1e6),
    "unlisted": Group(preference=0.4, participation=0.4, weight=1e6),
    "interim turnout": Group(preference=0.1, participation=0.2, weight=1e6, mean=1.0),
    "region": Group(preference=0.055, participation=0.045, weight=3.0),
    "place": Group(preference=0.05, participation=0.05, weight=10.0),
    "region by kind": Group(preference=0.025, participation=0.03, weight=10.0),
    "size": Group(preference=0.025, participation=0.065, weight=10.0),
    "kind": Group(preference=0.035, participation=0.04, weight=10.0),
}
"""Root mean square of the scales found in full counts of the contests named in `local.SLOPES`:
regions 0.02 to 0.08, slopes of regions 0.01 to 0.045, steps by size 0.015 to 0.04 in preference and
0.02 to 0.11 in participation, by kind of place 0.01 to 0.06. Interim turnout: participation follows
that by 17:00 with a slope of 1.0 and 1.1 (districts of Georgia 2014 and 2016). Slopes of preference
were -0.6 to 0.5 (by turnout in the end, Poland 2020, France, Georgia 2014 and 2016), but what small
units teach of them misleads about large ones: with 0.1 Poland and France are forecast best. Places,
the first two rows and the weights are judgement: a night may teach its own scales, few levels not
much."""
UNIT_SCALE = Group(preference=0.15, participation=0.15, weight=10.0)
"""A unit's own deviation; its scale is learned from the units, 0.03 to 0.12 in those contests."""
MOST_SLOPES = 30
"""With more regions than this, regions differ in level alone, so that an update stays quick."""
UNITS_OF_A_PLACE, MOST_PLACES = 8, 40
"""How many units a place has, and how many places a contest, if it has no regions."""
STEPS = np.arange(-3.5, 3.5)
"""Where the steps of the random walks begin, in standard deviations; each is one long."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Deviations:
    """Design of the deviations.

    Parameters
    ----------
    design : array (unit, deviation)
        What each deviation does to a unit.
    group : array (deviation,)
        Index of the group each belongs to.
    groups : tuple of Group
        The groups.
    """

    design: FloatArray
    group: IntArray
    groups: tuple[Group, ...]

    def select(self, units: IntArray) -> Deviations:
        """Return the design of some units."""
        return Deviations(design=self.design[units], group=self.group, groups=self.groups)

    def scales(self, responses: int) -> FloatArray:
        """Return prior scales, array (response, group)."""
        return np.stack([group.scales(responses) for group in self.groups], axis=1)

    def means(self, responses: int) -> FloatArray:
        """Return prior means, array (response, deviation)."""
        return np.stack([group.means(responses) for group in self.groups], axis=1)[:, self.group]


def unit_deviations(
    table: LocalTable,
    *,
    region: IntArray | None,
    unlisted: npt.NDArray[np.bool_],
    interim: FloatArray | None = None,
) -> Deviations:
    """Return the design of a contest.

    Parameters
    ----------
    table : LocalTable
        The first round.
    region : array of int (unit,) or None
        Region of each unit. Without any, units that stand together in the contest are taken to lie
        together, as stations of a district with consecutive numbers do.
    unlisted : array of bool (unit,)
        Units without a list of voters, such as those abroad.
    interim : array (unit,), optional
        Change of interim turnout around the contest's, in logits.
    """
    people = table.people.sum(axis=1)
    voted = people - table.people[:, -1]
    own = table.people[:, : table.finalists].sum(axis=1)
    size = _standard(np.log(voted + 5), people)
    turnout = _standard(table.turnout, people)
    lean = [_standard(column, people) for column in table.lean.T]
    elsewhere = _standard(np.log((np.maximum(voted - own, 0) + 2) / (own + 2)), people)
    parts: dict[str, FloatArray] = {"common": np.ones((len(people), 1))}
    if unlisted.any() and not unlisted.all():
        parts["unlisted"] = unlisted[:, None].astype(float)
    if interim is not None:
        parts["interim turnout"] = interim[:, None]
    if region is not None and region.max(initial=0) > 0:
        member = np.eye(int(region.max()) + 1)[region]
        parts["region"] = member
        if member.shape[1] <= MOST_SLOPES:
            kinds = [*lean, turnout, size]
            kinds += [] if interim is None else [_standard(interim, people)]
            parts["region by kind"] = np.hstack([member * f[:, None] for f in kinds])
    elif len(people) >= 2 * UNITS_OF_A_PLACE:
        places = min(MOST_PLACES, len(people) // UNITS_OF_A_PLACE)
        parts["place"] = np.eye(places)[np.arange(len(people)) * places // len(people)]
    parts["size"] = _walk(size)
    parts["kind"] = np.hstack([_walk(f) for f in (*lean, turnout, elsewhere)])
    sizes = [part.shape[1] for part in parts.values()]
    return Deviations(
        design=np.hstack(list(parts.values())),
        group=np.repeat(np.arange(len(parts)), sizes),
        groups=tuple(GROUPS[name] for name in parts),
    )


def _standard(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Return values in standard deviations from their mean, both by people."""
    mean = np.average(values, weights=weight)
    sd = np.sqrt(np.average((values - mean) ** 2, weights=weight))
    return np.asarray(np.clip((values - mean) / (sd + 1e-9), -3.5, 3.5))


def _walk(values: FloatArray) -> FloatArray:
    """Return the steps of a random walk that starts at the mean; array (unit, step)."""
    ramp = np.clip(values[:, None] - STEPS, 0.0, 1.0)
    return np.asarray(ramp - np.clip(-STEPS, 0.0, 1.0))
