"""How units deviate from the one table: by region, size and kind of place, each partly pooled.

Every group of deviations has one scale, learned on the night from a prior worth two deviations. How
far units differ by size or composition is a random walk: what is seen among small units says little
about large ones, and the farther a unit lies from those that have reported, the wider its forecast.
The direction in which open units differ most from counted ones has a walk of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.night.local_table import FARTHEST, LocalTable, log_normal_density, standard


@dataclass(frozen=True, kw_only=True)
class Group:
    """Deviations with a common scale."""

    #: preference, participation: prior scales, in logits; that of preference is of the log ratio of
    #: any two finalists
    preference: float
    participation: float
    weight: float = 2.0  #: how many deviations the prior of the scale is worth
    mean: float = 0.0  #: prior mean of the deviations in participation; it is 0 in preference
    #: whether the scales are in units of a unit's own deviation, rather than in logits
    relative: bool = False

    @property
    def scales(self) -> FloatArray:
        """The scales of preference and participation."""
        return np.array([self.preference, self.participation])

    def means(self, responses: int) -> FloatArray:
        """Return the prior mean of each response: of preference, then participation."""
        return np.append(np.zeros(responses - 1), self.mean)


GROUPS = {
    "common": Group(preference=0.02, participation=0.02, weight=1e6),
    "unlisted": Group(preference=0.4, participation=0.4, weight=1e6),
    "interim turnout": Group(preference=0.1, participation=0.2, weight=1e6, mean=1.0),
    "region": Group(preference=0.045, participation=0.048),
    "place": Group(preference=0.034, participation=0.030),
    "region by kind": Group(preference=0.017, participation=0.021),
    "size": Group(preference=0.024, participation=0.054),
    "kind": Group(preference=0.037, participation=0.040),
    "drift": Group(preference=0.06, participation=0.05),
    "arrival": Group(preference=0.25, participation=0.25, relative=True),
    "stations by size": Group(preference=0.001, participation=0.4, weight=6.0),
    "stations by lean": Group(preference=0.14, participation=0.001, weight=1e6),
    "slope by lean": Group(preference=0.18, participation=0.07),
    "slope by size": Group(preference=0.11, participation=0.08),
    "slope by turnout": Group(preference=0.10, participation=0.07),
}
"""Geometric means of the scales found in full counts of 22 contests (Poland, Romania, Brazil,
Chile, France, Georgia). Between contests the sd of a log scale is 0.37 to 0.76, which is about what
a weight of two deviations says. "slope by" are slopes of a single origin's preference or
participation, in logits per standard deviation of the feature. "drift" is a judgement; so is
"arrival", the correlation of a unit's own deviation with the normal quantile of when it reported,
whether that is known or not: most orders have nothing to do with results, some have much. So is the
order of stations within units, by size and lean: their logs of size have an sd of 0.3 to 0.6, their
logits of one of 0.4 (20 neighbours in Bulgarian and Georgian cities), times a correlation like that
of "arrival", as wide as its tails. Interim turnout: participation follows that by 17:00 with a
slope of 1.0 and 1.1 (districts of Georgia 2014 and 2016). Slopes of preference on it were -0.6 to
0.5 (by turnout in the end, Poland 2020, France, Georgia 2014 and 2016), but what small units teach
of them misleads about large ones: with 0.1 Poland and France are forecast best."""
UNIT_SCALE = Group(preference=0.15, participation=0.15, weight=6.0)
"""A unit's own deviation; its scale is learned from the units, 0.03 to 0.12 in those contests."""
MOST_SLOPES = 100
"""With more regions than this, regions differ in level alone, so that an update stays quick."""
UNITS_OF_A_PLACE, MOST_PLACES = 8, 40
"""How many units a place has, and how many places a contest, if it has no regions."""
STEPS = np.arange(-FARTHEST, FARTHEST)
"""Where the steps of the random walks begin, in standard deviations; each is one long."""
RIDGE = 0.1
"""Ridge of the discriminant, in squared standard deviations of a trait."""
FEWEST_ARRIVALS = 10
"""With fewer different times of arrival nothing is learned from them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Deviations:
    """Design of the deviations."""

    design: FloatArray  #: (unit, deviation): what each deviation does to a unit
    group: IntArray  #: (deviation,): index of the group each belongs to
    groups: tuple[Group, ...]  #: the groups
    member: IntArray  #: (unit,): region or place of each unit, from 0
    regions: int  #: number of regions or places
    #: (unit, local): what each deviation of its region does to a unit: 1 for the region's level,
    #: then its kinds
    local: FloatArray
    local_groups: tuple[Group, ...]  #: group of every column of `local`; those of kinds share one
    #: (unit, trait): what units are like, in standard deviations, for `drifting`
    traits: FloatArray
    people: FloatArray  #: (unit,): weight of each unit

    def select(self, units: IntArray) -> Deviations:
        """Return the design of some units."""
        return replace(
            self,
            design=self.design[units],
            member=self.member[units],
            local=self.local[units],
            traits=self.traits[units],
            people=self.people[units],
        )

    def means(self, responses: int) -> FloatArray:
        """Return prior means, array (response, deviation)."""
        return np.stack([group.means(responses) for group in self.groups], axis=1)[:, self.group]

    def score(self, counted: FloatArray) -> FloatArray | None:
        """Return how like the open ones each unit is (unit,), None without two kinds of them.

        Fisher's linear discriminant with a ridge: ``w = (S + ridge I)^-1 (open - counted)``, with
        the traits' means by people and S their covariance over all units.
        """
        people, traits = self.people, self.traits
        seen, still = people * counted, people * (1 - counted)
        if not seen.sum() or not still.sum():
            return None
        around = traits - np.average(traits, weights=people, axis=0)
        spread = (around * people[:, None]).T @ around / people.sum()
        between = (still / still.sum() - seen / seen.sum()) @ traits
        direction = np.linalg.solve(spread + RIDGE * np.eye(len(spread)), between)
        return np.asarray(around @ direction)

    def drifting(self, counted: FloatArray) -> Deviations:
        """Return the design with a walk in the direction in which open units differ from counted.

        `counted` (unit,) is the fraction of each unit that is counted, here and elsewhere.
        """
        score = self.score(counted)
        if score is None:
            return self
        return self.further(_walk(standard(score, self.people)), GROUPS["drift"])

    def further(self, columns: FloatArray, *groups: Group) -> Deviations:
        """Return the design with columns (unit, deviation), all of one group or each of its own."""
        which = np.broadcast_to(np.arange(len(groups)), columns.shape[1])
        return replace(
            self,
            design=np.hstack([self.design, columns]),
            group=np.append(self.group, len(self.groups) + which),
            groups=(*self.groups, *groups),
        )

    def arriving(self, when: FloatArray, counted: FloatArray) -> Deviations:
        """Return the design with a slope by when a unit reports, beyond what it is like.

        Times `when` (unit,), NaN where unknown or still to come, become normal quantiles z of the
        people who had reported by then; a unit still to come has the mean of what lies beyond,
        ``phi(z) / (1 - q)``. A regression on the traits is taken off, since that late units are
        large, say, is known from their size.
        """
        known = np.flatnonzero(np.isfinite(when) & (counted > 0))
        weight, still = self.people / self.people.sum(), counted <= 0
        if not still.any():
            return self
        times, place = np.unique(when[known], return_inverse=True)
        if len(times) < FEWEST_ARRIVALS:
            return self
        mass = np.bincount(place, weight[known])
        passed = np.cumsum(mass)
        z = ndtri(np.clip(passed - mass / 2, 1e-6, 1 - 1e-6))[place]
        q = float(np.clip(passed[-1], 1e-6, 1 - 1e-6))
        rows = np.column_stack([np.ones(len(weight)), self.traits])
        weighted = rows[known] * weight[known, None]
        ridge = RIDGE * q * np.diag([0.0, *np.ones(self.traits.shape[1])])
        fit = np.linalg.solve(weighted.T @ rows[known] + ridge, weighted.T @ z)
        column = np.zeros(len(weight))
        column[known] = z - rows[known] @ fit
        late = float(np.exp(log_normal_density(ndtri(q)))) / (1 - q)
        most = late - float(np.average(z, weights=weight[known]))
        column[still] = np.clip(late - rows[still] @ fit, 0.0, 2 * most)
        return self.further(column[:, None], GROUPS["arrival"])


def unit_deviations(
    table: LocalTable,
    *,
    region: IntArray | None,
    unlisted: npt.NDArray[np.bool_],
    interim: FloatArray | None = None,
) -> Deviations:
    """Return the design of a contest with this first round.

    Without regions (unit,), units that stand together in the contest are taken to lie together, as
    stations of a district with consecutive numbers do. Units without a list of voters, such as
    those abroad, are `unlisted` (unit,); `interim` (unit,) is the change of interim turnout around
    the contest's, in logits.
    """
    people = table.people.sum(axis=1)
    *lean, size, turnout = table.features.T
    own = table.people[:, : table.finalists].sum(axis=1)
    voted = people - table.people[:, -1]
    elsewhere = standard(np.log((np.maximum(voted - own, 0) + 2) / (own + 2)), people)
    parts: dict[str, FloatArray] = {"common": np.ones((len(people), 1))}
    if unlisted.any() and not unlisted.all():
        parts["unlisted"] = unlisted[:, None].astype(float)
    if interim is not None:
        parts["interim turnout"] = interim[:, None]
    kinds = [*lean, turnout, size]
    kinds += [] if interim is None else [standard(interim, people)]
    member, local, local_groups = _local(region, kinds, len(people))
    parts["size"] = _walk(size)
    parts["kind"] = np.hstack([_walk(f) for f in (*lean, turnout, elsewhere)])
    eliminated = table.people[:, table.finalists : -1]
    shares = np.log((eliminated + 2) / (voted + 2)[:, None])
    traits = [*lean, size, turnout, elsewhere, *(standard(share, people) for share in shares.T)]
    widths = [part.shape[1] for part in parts.values()]
    return Deviations(
        design=np.hstack(list(parts.values())),
        group=np.repeat(np.arange(len(parts)), widths),
        groups=tuple(GROUPS[name] for name in parts),
        member=member,
        regions=int(member.max(initial=0)) + 1,
        local=local,
        local_groups=local_groups,
        traits=np.stack(traits, axis=1),
        people=people,
    )


def _local(
    region: IntArray | None, kinds: list[FloatArray], units: int
) -> tuple[IntArray, FloatArray, tuple[Group, ...]]:
    """Return region of each unit, design of its deviations, and their groups."""
    one = np.ones((units, 1))
    if region is not None and region.max(initial=0) > 0:
        if region.max() >= MOST_SLOPES:
            return region, one, (GROUPS["region"],)
        by_kind = (GROUPS["region by kind"],) * len(kinds)
        return region, np.column_stack([one, *kinds]), (GROUPS["region"], *by_kind)
    if units >= 2 * UNITS_OF_A_PLACE:
        places = min(MOST_PLACES, units // UNITS_OF_A_PLACE)
        return np.arange(units) * places // units, one, (GROUPS["place"],)
    return np.zeros(units, dtype=np.int64), one[:, :0], ()


def _walk(values: FloatArray) -> FloatArray:
    """Return the steps of a random walk that starts at the mean; array (unit, step)."""
    ramp = np.clip(values[:, None] - STEPS, 0.0, 1.0)
    return np.asarray(ramp - np.clip(-STEPS, 0.0, 1.0))
