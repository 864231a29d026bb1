"""What political families think of each other, applied to one contest or to a whole night."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Brief
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import refuse_later
from forecast.facts.ledger import NON_VOTERS, Ledger
from forecast.transfers.families.coordinates import GROUPS, FamilyCoordinates
from forecast.transfers.families.levels import FamilySampler, day_shocks

__all__ = ["Families", "FamilyPrior", "FamilyTransfers", "block_of", "family_of"]

Families = Callable[[Contest], Mapping[str, str]] | Mapping[str, Mapping[str, str]]
"""Family of every candidate: ``families(contest)`` or ``families[contest.name]``."""
DAY_TAIL, DAY_WIDER = 3.0, 1.3
"""Degrees of freedom of a coming day's shock, and by how much it is wider than past days: they tell
how much days of a stable party system differ, not how it breaks, as in France in 1958 and later."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FamilyPrior(Brief):
    """What families think of families, learned by `learn_families`; `at` applies it to a contest.

    Parameters
    ----------
    name : str
        What to call it in reports.
    coordinates : FamilyCoordinates
        The families it knows.
    blocks : mapping of family to block
        As given; a family without a block is in the block "".
    mean, covariance : ndarray, shape (coordinate,) and (coordinate, coordinate)
        What is known of the coordinates.
    night : mapping of group to float
        Variance of a coming night's shock of each coordinate of a group, `DAY_WIDER` included.
    contest : ndarray, shape (term,)
        Squared scales of what moves one contest alone.
    scale : float
        By how much forecasts of past nights from earlier ones made `covariance` and `night` wider
        or narrower, in standard deviations.
    tail, day_tail : float
        Degrees of freedom of a contest's own shock and of the day's.
    half_life : float
        Years after which a night counts as having half the information.
    reference : datetime.date
        The day to which the evidence was weighted.
    latest : datetime.date
        The last night that was used.
    contests : mapping of str to str
        Name and digest of every contest that was learned from.
    left_out : mapping of str to str
        Name of every other contest of the history, and why.
    inputs : str
        Digest of contests and returns.
    """

    name: str
    coordinates: FamilyCoordinates
    blocks: Mapping[str, str]
    mean: FloatArray
    covariance: FloatArray
    night: Mapping[str, float]
    contest: FloatArray
    scale: float
    tail: float
    half_life: float
    reference: date
    latest: date
    contests: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    inputs: str = ""
    day_tail: float = DAY_TAIL

    def with_families(self, families: Collection[str]) -> FamilyPrior:
        """Return the prior with families it has never seen; known ones change nothing.

        A new family's own coordinates are what is assumed of any family, which is wide; what its
        block thinks, if it has one, is known.

        Examples
        --------
        See `FamilyPrior.at`, which adds the families of its contest.
        """
        new = sorted(set(families) - set(self.coordinates.families))
        if not new:
            return self
        everyone = (*self.coordinates.families, *new)
        coordinates = FamilyCoordinates(families=everyone, blocks=block_of(everyone, self.blocks))
        here = np.array([coordinates.place[name] for name in self.coordinates.names])
        mean, covariance = coordinates.mean, np.diag(coordinates.sd**2)
        mean[here] = self.mean
        covariance[np.ix_(here, here)] = self.covariance
        return replace(self, coordinates=coordinates, mean=mean, covariance=covariance)

    @property
    def night_variance(self) -> FloatArray:
        """Variance of a night's shock, shape (coordinate,)."""
        return np.array([self.night[group] for group in self.coordinates.names.values()])

    def nights(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return draws of a night's coordinates, for all its contests, shape (coordinate, draw).

        Parameters
        ----------
        n : int
            Number of draws (even); draws of a pair share what all nights have in common.
        rng : numpy.random.Generator
            A generator of the night's own, which no contest may use.

        Notes
        -----
        Contests share a night only if they come from one prior that knows all their families, see
        `with_families`; `FamilySampler.rates_on` takes the draws.
        """
        values, vectors = np.linalg.eigh(self.covariance)
        root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
        common = root @ rng.standard_normal((len(self.mean), n // 2))
        shock = day_shocks((len(self.mean), n), self.day_tail, rng=rng)
        scale = np.sqrt(self.night_variance)[:, None]
        return np.asarray(self.mean[:, None] + np.tile(common, 2) + scale * shock)

    def at(
        self, contest: Contest, *, families: Families, as_of: date | None = None
    ) -> FamilyTransfers:
        """Return the prior of one contest.

        Parameters
        ----------
        contest : Contest
            A contest after its first round, with two finalists.
        families : callable or mapping
            Families of its candidates, as in `learn_families`; unknown ones are allowed.
        as_of : datetime.date, optional
            Day on which the forecast is made; by default the day of the first round.

        Raises
        ------
        InputError
            If the prior was learned from anything later than `as_of` or from this contest, no date
            tells, or the contest has other than two finalists.
        """
        day = as_of or contest.first_round
        if contest.digest in self.contests.values():
            raise InputError(
                f"prior {self.name!r}: must not know the result - contest {contest.name!r} is part "
                "of its history; learn it again without"
            )
        if day is None:
            raise InputError(
                f"prior {self.name!r}: learned from runoffs up to {self.latest}, which must not be "
                f"later than the forecast - contest {contest.name!r} has no date; give as_of="
            )
        refuse_later(self.name, self.latest, day)
        if len(contest.finalists) != 2:
            raise InputError(
                f"prior {self.name!r}: needs a contest with two finalists - {contest.name!r} has "
                f"{len(contest.finalists)}"
            )
        given = family_of(contest, families)
        return FamilyTransfers(
            prior=self.with_families(set(given.values())),
            finalists=contest.finalists,
            given=given,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class FamilyTransfers:
    """A `TransferDistribution`: the prior of one contest between families.

    Parameters
    ----------
    prior : FamilyPrior
        What families think of families.
    finalists : tuple of str
        The two finalists, in the order of the contest.
    given : mapping of candidate to str
        Families.
    """

    prior: FamilyPrior
    finalists: tuple[str, ...]
    given: Mapping[str, str]

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return self.prior.name

    @property
    def known(self) -> date | None:
        """The last night whose result was used."""
        return self.prior.latest

    def as_of(self, day: date) -> FamilyTransfers:
        """Return itself; raise `InputError` if it was learned from anything later than `day`."""
        refuse_later(self.name, self.known, day)
        return self

    def variants(self) -> dict[str, FamilyTransfers]:
        """Return named changes of the model."""
        calm = replace(self.prior, night=dict.fromkeys(GROUPS, 0.0))
        steady = replace(self.prior, tail=np.inf)
        return {
            "a night like all others": replace(self, prior=calm),
            "contests without outliers": replace(self, prior=steady),
        }

    def sampler(self, ledger: Ledger) -> FamilySampler:
        """Return a sampler whose origins are the ledger's.

        Raises
        ------
        InputError
            If finalists differ or a candidate has no family.
        """
        if ledger.destinations[:-1] != self.finalists:
            raise InputError(
                f"prior {self.name!r}: must be about the finalists {ledger.destinations[:-1]} - "
                f"found {self.finalists}"
            )
        origins = []
        for origin, kind in zip(ledger.origins, ledger.kinds, strict=True):
            if kind in ("finalist", "eliminated") and origin not in self.given:
                raise InputError(
                    f"prior {self.name!r}: has no family for {origin!r}; name it in families="
                )
            origins.append(self.given.get(origin, NON_VOTERS))
        coordinates = self.prior.coordinates
        return FamilySampler(
            origins=ledger.origins,
            names=tuple(coordinates.names),
            design=coordinates.design(ledger.kinds, origins),
            mean=self.prior.mean,
            covariance=self.prior.covariance,
            night=self.prior.night_variance,
            contest=self.prior.contest,
            within=self.given[self.finalists[0]] == self.given[self.finalists[1]],
            tail=self.prior.tail,
            day_tail=self.prior.day_tail,
        )


def family_of(contest: Contest, families: Families) -> dict[str, str]:
    """Return the family of every candidate."""
    if not callable(families) and not isinstance(families, Mapping):
        raise InputError(
            "families: must be a function of the contest or a mapping by its name - found "
            f"{str(families)[:40]!r}; give one"
        )
    given = families(contest) if callable(families) else families.get(contest.name, {})
    for candidate in contest.candidates:
        family = given.get(candidate)
        if not isinstance(family, str) or not family:
            raise InputError(
                f"families: every candidate of contest {contest.name!r} needs a family - found "
                f"{family!r} for {candidate!r}; name it in a text"
            )
    return {candidate: given[candidate] for candidate in contest.candidates}


def block_of(families: Collection[str], blocks: Mapping[str, str] | None) -> dict[str, str]:
    """Return the block of every family; "" without one."""
    return {family: (blocks or {}).get(family, "") for family in families}
