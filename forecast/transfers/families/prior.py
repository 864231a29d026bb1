"""What political families think of each other, applied to one contest or to a whole day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, symmetric_root
from forecast.display import Displayed, Message, Shown
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.history_rules import refuse_seen
from forecast.facts.ledger import INVALID, NON_VOTERS, NONE, Ledger
from forecast.signatures import renamed
from forecast.transfers.families.coordinates import GROUPS, FamilyCoordinates, as_member
from forecast.transfers.families.levels import day_shocks, family_levels
from forecast.transfers.polls.polled import Placed
from forecast.transfers.table.day import Day
from forecast.transfers.table.describe import Description, content_digest, rate_rows
from forecast.transfers.table.endorsement import Endorsement, moves_of
from forecast.transfers.table.links import Utilities
from forecast.transfers.table.protocols import Dated
from forecast.transfers.table.sampler import TableSampler

Families = Callable[[Contest], Mapping[str, str]] | Mapping[str, Mapping[str, str]]
"""Family of every candidate: ``families(contest)`` or ``families[contest.name]``."""
UNSETTLED_WIDER = 2.5
"""By how much a day's shock is wider for families that are new or have other allies than before."""
DAY_TAIL, DAY_WIDER = 3.0, 1.3
"""Degrees of freedom of a coming day's shock, and by how much it is wider than past days: they tell
how much days of a stable party system differ, not how it breaks, as in France in 1958 and later."""


@renamed(night="day", nights="days", night_variance="day_variance")
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FamilyPrior(Displayed):
    """How voters of each political family divide among the others, learned by `learn_families`.

    `at` applies it to a contest.

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
    day : mapping of group to float
        Variance of a coming day's shock of each coordinate of a group, `DAY_WIDER` included.
    contest : ndarray, shape (term,)
        Squared scales of what moves one contest alone.
    scale : float
        By how much forecasts of past days from earlier ones made `covariance` and `day` wider
        or narrower, in standard deviations.
    tail, day_tail : float
        Degrees of freedom of a contest's own shock and of the day's.
    unsettled : tuple of str
        Families that are new or have other allies than before, see `with_unsettled`.
    half_life : float
        Years after which a day counts as having half the information.
    reference : datetime.date
        The day to which the evidence was weighted.
    latest : datetime.date
        The last day that was used.
    contests : mapping of str to str
        Name and digest of every contest that was learned from.
    left_out : mapping of str to str
        Name of every other contest of the history, and why.
    inputs : str
        Digest of contests and returns.

    Examples
    --------
    >>> from forecast import learn_families, past_runoffs
    >>> georgia = past_runoffs("georgia")
    >>> prior = learn_families(georgia[:6], families=georgia.roles)
    >>> prior.groups, len(prior.contests)
    (('eliminated', 'government', 'other finalist'), 6)
    """

    name: str
    coordinates: FamilyCoordinates
    blocks: Mapping[str, str]
    mean: FloatArray
    covariance: FloatArray
    day: Mapping[str, float]
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
    unsettled: tuple[str, ...] = ()

    def with_families(self, families: Collection[str]) -> FamilyPrior:
        """Return the prior with families it has never seen; known ones change nothing.

        A new family's own coordinates are what is assumed of any family, which is wide; what its
        block thinks, if it has one, is known.

        Parameters
        ----------
        families : collection of str
            Their names.

        Examples
        --------
        >>> from forecast import learn_families, past_runoffs
        >>> georgia = past_runoffs("georgia")
        >>> prior = learn_families(georgia[:6], families=georgia.roles)
        >>> prior.with_families(["green"]).groups
        ('eliminated', 'government', 'other finalist', 'green')
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
        return replace(
            self,
            coordinates=coordinates,
            mean=mean,
            covariance=covariance,
            unsettled=tuple(sorted({*self.unsettled, *new})),
        )

    def with_alliance(self, name: str, members: Mapping[str, float]) -> FamilyPrior:
        """Return the prior with a family that is a merger of families it knows.

        Parameters
        ----------
        name : str
            What candidates of the alliance are called.
        members : mapping of family to float
            Weight of each member, such as its part of the alliance's candidates or votes.

        Returns
        -------
        FamilyPrior
            In which the alliance is unsettled, see `with_unsettled`.

        Raises
        ------
        InputError
            If the prior knows a family of that name, does not know a member, or a weight is not
            positive.

        Notes
        -----
        The alliance is one of its members, nobody knows which: all coordinates theta are the
        mixture of what they are with each in its place, over weights w that sum to one, as a normal
        with the mixture's moments. With means mu_m and covariances S_m of the coordinates so read::

            E theta = sum w_m mu_m,   cov theta = sum w_m (S_m + (mu_m - E theta)(mu_m - E theta)')

        Examples
        --------
        >>> from forecast import learn_families, past_runoffs
        >>> georgia = past_runoffs("georgia")
        >>> prior = learn_families(georgia[:6], families=georgia.roles)
        >>> prior.with_alliance("common list", {"other finalist": 0.6, "eliminated": 0.4}).unsettled
        ('common list',)
        """
        old = self.coordinates
        if name in old.families:
            raise InputError(
                f"prior {self.name!r}: an alliance needs a name of its own - found {name!r}, which "
                "is a family it knows; choose another"
            )
        if not members:
            raise InputError(f"alliance {name!r}: must have members - found none; name them")
        for family, weight in members.items():
            if family not in old.families:
                raise InputError(
                    f"alliance {name!r}: every member must be a family the prior knows - found "
                    f"{family!r}; {suggest(family, old.families)}"
                )
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
                raise InputError(
                    f"alliance {name!r}: weights must be positive numbers - found {weight!r} for "
                    f"{family!r}"
                )
        blocks = {**self.blocks, name: f"alliance {name}"}
        everyone = (*old.families, name)
        coordinates = FamilyCoordinates(families=everyone, blocks=block_of(everyone, blocks))
        read = [as_member(coordinates, old, name, family) for family in members]
        weights = np.array(list(members.values()), dtype=float) / sum(members.values())
        mean = sum(w * self.mean[m] for w, m in zip(weights, read, strict=True))
        covariance = sum(
            w * (self.covariance[np.ix_(m, m)] + np.outer(self.mean[m] - mean, self.mean[m] - mean))
            for w, m in zip(weights, read, strict=True)
        )
        return replace(
            self,
            coordinates=coordinates,
            blocks=blocks,
            mean=mean,
            covariance=covariance,
            unsettled=tuple(sorted({*self.unsettled, name})),
        )

    def with_unsettled(self, families: Collection[str]) -> FamilyPrior:
        """Return the prior on a day before which these families formed or changed allies.

        What the day does to their coordinates is `UNSETTLED_WIDER` times as wide. Families that
        the history does not know are unsettled anyway.

        Parameters
        ----------
        families : collection of str
            Their names.

        Raises
        ------
        InputError
            If the prior does not know a family.
        """
        for family in families:
            if family not in self.coordinates.families:
                raise InputError(
                    f"prior {self.name!r}: an unsettled family must be one it knows - found "
                    f"{family!r}; {suggest(family, self.coordinates.families)}"
                )
        return replace(self, unsettled=tuple(sorted({*self.unsettled, *families})))

    @property
    def groups(self) -> tuple[str, ...]:
        """The families it knows."""
        return self.coordinates.families

    @property
    def brief(self) -> str:
        """What it was learned from, in one line."""
        count = len(self.contests)
        day, one = str(self.latest), f"1 runoff between families, to {self.latest}"
        said = "{n} runoffs between families, to {day}"
        return Message(said, n=count, day=day, english=one if count == 1 else "")

    def shown(self) -> Shown:
        """Return the families it knows and where it comes from."""
        rows = [
            [family, self.blocks.get(family, ""), "no" if family in self.unsettled else "yes"]
            for family in self.groups
        ]
        gone = len(self.left_out)
        return Shown(
            title=self.name,
            facts=[self.brief],
            head=["family", "block", "settled"],
            rows=rows,
            notes=[f"runoffs left out: {gone}"] * bool(gone),
            left=(0, 1, 2),
        )

    @property
    def day_variance(self) -> FloatArray:
        """Variance of a day's shock, shape (coordinate,)."""
        variance = np.array([self.day[group] for group in self.coordinates.names.values()])
        wider = self.coordinates.about(self.unsettled)
        return np.asarray(variance * np.where(wider, UNSETTLED_WIDER**2, 1.0))

    def days(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return draws of a day's coordinates, for all its contests, shape (coordinate, draw).

        Parameters
        ----------
        n : int
            Number of draws (even); draws of a pair share what all days have in common.
        rng : numpy.random.Generator
            A generator of the day's own, which no contest may use.

        Notes
        -----
        Contests share a day only if they come from one prior that knows all their families, see
        `with_families`.
        """
        common = symmetric_root(self.covariance) @ rng.standard_normal((len(self.mean), n // 2))
        shock = day_shocks((len(self.mean), n), self.day_tail, rng=rng)
        scale = np.sqrt(self.day_variance)[:, None]
        return np.asarray(self.mean[:, None] + np.tile(common, 2) + scale * shock)

    def day_deviations(self, n: int, rng: np.random.Generator, day: Day) -> FloatArray:  # noqa: ARG002
        """Return what a day's contests share of all coordinates, less their mean.

        Parameters
        ----------
        n : int
            Number of draws (even).
        rng : numpy.random.Generator
            Not used: the day has a generator of its own.
        day : Day
            The day; contests of one day get the same draws.

        Returns
        -------
        ndarray, shape (coordinate, draw)
        """

        def drawn() -> FloatArray:
            return self.days(n, rng=day.rng("families")) - self.mean[:, None]

        return day.once((self.inputs, id(self)), drawn)

    @renamed(families="groups")
    def at(
        self,
        contest: Contest,
        *,
        groups: Families | None = None,
        as_of: date | None = None,
    ) -> FamilyTransfers:
        """Return the prior of one contest.

        Parameters
        ----------
        contest : Contest
            A contest after its first round; with more than two finalists a voter's choice among
            them follows the same utilities as between two.
        groups : callable or mapping
            Families of its candidates, as in `learn_families`; unknown ones are allowed.
        as_of : datetime.date, optional
            Day on which the forecast is made; by default the day of the first round.

        Returns
        -------
        FamilyTransfers

        Raises
        ------
        InputError
            If the prior was learned from anything later than `as_of` or from this contest, or no
            date tells.
        """
        if groups is None:
            raise InputError(
                f"prior {self.name!r}: needs the family of every candidate of {contest.name!r}, "
                "which the counts cannot tell - found none; say which with .at(groups=) "
                "(--roles FILE)"
            )
        refuse_seen(
            self.name,
            contest,
            seen=self.contests.values(),
            latest=self.latest,
            as_of=as_of,
        )
        given = family_of(contest, groups)
        return FamilyTransfers(
            prior=self.with_families(set(given.values())),
            finalists=contest.finalists,
            group_of=given,
        )

    def placed(
        self, contest: Contest, relation: Mapping[str, Any], *, as_of: date | None = None
    ) -> FamilyTransfers:
        """Return the prior of one contest that relates to the history as a file says.

        Parameters
        ----------
        contest : Contest
            A contest after its first round.
        relation : mapping
            As `read_roles` gives it: families by candidate, "*" for every other one.
        as_of : datetime.date, optional
            As in `at`.
        """
        named = relation["roles"]
        given = {c: named.get(c, named.get("*", "")) for c in contest.candidates}
        return self.at(contest, groups={contest.name: given}, as_of=as_of)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FamilyTransfers(Placed):
    """A `TransferDistribution`: the prior of one contest between families.

    Parameters
    ----------
    prior : FamilyPrior
        How voters of each family divide among the others.
    finalists : tuple of str
        The finalists, in the order of the contest.
    group_of : mapping of candidate to str
        Families.
    endorsements : tuple of Endorsement
        What moved origins towards a finalist.
    """

    prior: FamilyPrior
    finalists: tuple[str, ...]
    group_of: Mapping[str, str]
    endorsements: tuple[Endorsement, ...] = ()

    @property
    def basis(self) -> Dated:
        """The history."""
        what = f"prior: {self.name}"
        return Dated(what=what, published=self.prior.latest, source=self.brief)

    @property
    def endorsable(self) -> tuple[str, ...]:
        """Origins that can back a finalist."""
        return (*self.group_of, INVALID, NON_VOTERS)

    def variants(self) -> dict[str, FamilyTransfers]:
        """Return named changes of the model."""
        calm = replace(self.prior, day=dict.fromkeys(GROUPS, 0.0))
        steady = replace(self.prior, tail=np.inf)
        found = {
            "a day like all others": replace(self, prior=calm),
            "contests without outliers": replace(self, prior=steady),
        }
        if self.endorsements:
            found["endorsements ignored"] = replace(self, endorsements=())
        return found

    def describe(self) -> Description:
        """Return what past runoffs lead to expect of each family's voters."""
        others = sorted({f for c, f in self.group_of.items() if c not in self.finalists})
        names = (*self.finalists, *(f"family {f}" for f in others), NON_VOTERS)
        given = {c: self.group_of[c] for c in self.finalists}
        given |= {f"family {f}": f for f in others}
        kinds = ["finalist"] * len(self.finalists) + ["eliminated"] * len(others) + [NON_VOTERS]
        alone = replace(self, group_of=given, endorsements=())
        rates = alone._group_rates(names, kinds, "families")
        belong = {f: [f] for f in self.finalists} | {NON_VOTERS: [NON_VOTERS, INVALID]}
        for candidate, family in self.group_of.items():
            if candidate not in self.finalists:
                belong.setdefault(f"family {family}", []).append(candidate)
        return Description(
            prior=self.name,
            basis=self.prior.brief,
            heading="voters of",
            columns=(*self.finalists, NONE),
            rows=rate_rows(names, rates, belong),
            endorsements=self.endorsements,
            note="percent of each family's voters, mean and 90% interval, before endorsements and "
            "polls",
            content=content_digest(self),
        )

    def sampler(self, ledger: Ledger) -> TableSampler:
        """Return a sampler whose origins are the ledger's.

        Raises
        ------
        InputError
            If finalists differ or a candidate has no family.
        """
        self.check_finalists(ledger)
        origins = []
        for origin, kind in zip(ledger.origins, ledger.kinds, strict=True):
            if kind in ("finalist", "eliminated") and origin not in self.group_of:
                raise InputError(
                    f"prior {self.name!r}: has no family for {origin!r}; name it in groups= "
                    "(--roles)"
                )
            origins.append(self.group_of.get(origin, NON_VOTERS))
        prior = self.prior
        design = prior.coordinates.design(ledger.kinds, origins)
        return TableSampler(
            origins=ledger.origins,
            finalists=self.finalists,
            link=Utilities(len(self.finalists) + 1),
            location=design @ prior.mean,
            levels=family_levels(
                prior.coordinates,
                design,
                [self.group_of[f] for f in self.finalists],
                covariance=prior.covariance,
                day_variance=prior.day_variance,
                contest=prior.contest,
                tail=prior.tail,
                day_tail=prior.day_tail,
                deviations=prior.day_deviations,
            ),
            moves=moves_of(self.endorsements, ledger, replace(self, endorsements=()).sampler),
            history=(prior.inputs, id(prior)),
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
