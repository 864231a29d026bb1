"""A prior learned from past runoffs, at a new contest.

The predictive draws the population first and the contest from it second. The eliminated of one role
share its row; each candidate deviates from it, and the deviations cancel in the role's total, whose
spread was learned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from numbers import Real
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Displayed, Message, Shown
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import UNDATED, refuse_later, refuse_seen
from forecast.facts.ledger import NONE, Ledger
from forecast.facts.past_runoffs import usual_roles
from forecast.signatures import renamed
from forecast.transfers.polls.polled import Placed
from forecast.transfers.roles.contest_summary import Roles, role_of, table_of
from forecast.transfers.roles.levels import (
    WORDS,
    CandidateSpread,
    contest_level,
    day_level,
    loadings_of,
)
from forecast.transfers.roles.population import Population
from forecast.transfers.roles.turnout_change import Mobilisation, NationalTurnout
from forecast.transfers.table.describe import Description, content_digest, rate_rows
from forecast.transfers.table.endorsement import Endorsement, moves_of
from forecast.transfers.table.links import Voting
from forecast.transfers.table.protocols import Dated
from forecast.transfers.table.sampler import Own, TableSampler

FARTHEST = 50.0
"""Standard deviations from a history's mean at which a trait is taken for a mistake."""
LOYAL = 3.4
"""Logit of the fraction of a finalist's returning voters who stay with them, 97%: published polls
and exit polls of runoffs have 95 to 98."""
Traits = Callable[[Contest], Mapping[str, float]]
"""Numbers known of a contest before its runoff, by name."""


def known_traits(
    contest: Contest, given: Mapping[str, str], order: Sequence[str], traits: Traits | None
) -> dict[str, float]:
    """Return what is known of a contest before its runoff.

    ``margin`` is the log-ratio of the finalists' first-round votes; then whatever `traits` adds.
    """
    ledger = contest.ledger()
    votes = {given[f]: ledger.totals[ledger.index(f)] for f in contest.finalists}
    if set(votes) != set(order[:2]):
        raise InputError(
            f"contest {contest.name!r}: its finalists must have the roles {order[0]!r} and "
            f"{order[1]!r}, as those of other contests - found {', '.join(votes)}; name the roles "
            "of finalists in every contest or in none"
        )
    out = {"margin": float(np.log((votes[order[0]] + 0.5) / (votes[order[1]] + 0.5)))}
    found = traits(contest) if traits else {}
    if not isinstance(found, Mapping) or not all(
        isinstance(k, str) and isinstance(v, Real) for k, v in found.items()
    ):
        raise InputError(
            f"{contest.name}: traits must return a number for every name - found {found!r:.100}; "
            "return a mapping such as {'turnout of 2016': 0.52}"
        )
    return out | {k: float(v) for k, v in found.items()}


@renamed(nights="days")
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LearnedPrior(Displayed):
    """Population of contests learned by `learn_prior`; `at` makes it the prior of one contest.

    Parameters
    ----------
    name : str
        What to call it in reports.
    roles : tuple of str
        Roles in the order of the coordinates; the two finalists' come first.
    traits : tuple of str
        Names of what must be known of a contest beforehand.
    trait_mean, trait_sd : ndarray, shape (trait,)
        Their mean and sd in the history.
    population : Population
        Posterior draws.
    days : tuple of str
        Election days of the history, in the order of `Population.days`; a contest without a
        date is a day of its own.
    contests : mapping of str to str
        Name and digest of every contest that was learned from.
    left_out : mapping of str to str
        Name of every other contest of the history, and why.
    as_of : datetime.date or None
        Nothing later was used.
    candidates : CandidateSpread
        Deviation of single candidates from their role.
    mobilisation : Mobilisation or None
        How many turn out in a nationwide contest.
    provenance : mapping
        Whatever else a reader needs: command, digest of files, cross-validation.

    Examples
    --------
    >>> from forecast.data import bundle
    >>> learned = bundle("georgia-2018").learned
    >>> learned.roles
    ('government', 'other finalist', 'eliminated', 'non-voters')
    >>> learned.mean_table.shape, learned.latest.isoformat()
    ((4, 3), '2017-12-17')
    """

    name: str
    roles: tuple[str, ...]
    traits: tuple[str, ...]
    trait_mean: FloatArray
    trait_sd: FloatArray
    population: Population
    days: tuple[str, ...]
    contests: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
    candidates: CandidateSpread = field(default_factory=CandidateSpread)
    mobilisation: Mobilisation | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def latest(self) -> date | None:
        """The last day whose result was used, where known."""
        dates = [date.fromisoformat(n) for n in self.days if not n.startswith(UNDATED)]
        if self.mobilisation and self.mobilisation.latest:
            dates.append(self.mobilisation.latest)
        return max(dates, default=None)

    @property
    def hindsight(self) -> str:
        """Which choices were made with the result to be forecast in view, where that is stated."""
        return str(self.provenance.get("hindsight", ""))

    @property
    def mean_table(self) -> FloatArray:
        """Transfer table at the mean coordinates of an average contest (role, destination)."""
        return table_of(self.population.coefficients.mean(axis=0)[0], 2)

    @property
    def brief(self) -> str:
        """What it was learned from, in one line."""
        count, found = len(self.contests), self.mobilisation
        dated = [day for day in self.days if not day.startswith(UNDATED)]
        text = Message("{n} runoffs", n=count, english="1 runoff" * (count == 1))
        undated = len(self.days) - len(dated)
        if undated and dated:
            text = Message("{text}, {n} without a date,", text=text, n=undated)
        elif undated == count:
            text = Message("{text} without a date", text=text)
        ends = {"first": dated[0], "last": dated[-1]} if dated else {}
        if len(dated) > 1:
            said = "{text} on {n} election days, {first} to {last}"
            text = Message(said, text=text, n=len(dated), **ends)
        elif dated:
            text = Message("{text} on {day}", text=text, day=dated[0])
        if found and found.latest:
            said = "{text}, and turnout of {n} national runoffs to {day}"
            text = Message(said, text=text, n=len(found.contests), day=str(found.latest))
        elif found:
            said = "{text}, and turnout of {n} national runoffs"
            text = Message(said, text=text, n=len(found.contests))
        if self.as_of:
            text = Message("{text}; as of {day}", text=text, day=str(self.as_of))
        weight = self.population.history_weight
        if weight is not None:
            said = (
                "{text}; share after a tied first round: {own}% weight on these runoffs, {rest}% "
                "on other countries"
            )
            own = round(100 * weight)
            text = Message(said, text=text, own=own, rest=100 - own)
        return text

    @property
    def groups(self) -> tuple[str, ...]:
        """The roles it knows."""
        return self.roles

    def shown(self) -> Shown:
        """Return an average contest's table and where it comes from, in percent."""
        rows = [
            [role, *(f"{100 * rate:.0f}" for rate in row)]
            for role, row in zip(self.roles, self.mean_table, strict=True)
        ]
        notes = str(self.mobilisation).splitlines() if self.mobilisation else []
        if gone := self.provenance.get("units left out"):
            notes.append(f"{gone} units left out: in one round only, or more votes than people")
        return Shown(
            title=self.name,
            facts=[self.brief],
            head=["in percent, to", *self.roles[:2], NONE],
            rows=rows,
            notes=notes,
        )

    def x(self, values: Mapping[str, float]) -> FloatArray:
        """Return the design row of a contest with these traits.

        Parameters
        ----------
        values : mapping of trait to float
            Every trait of the prior.

        Returns
        -------
        ndarray, shape (1 + trait,)
            A one, then each trait in standard deviations of the history.

        Raises
        ------
        InputError
            If a trait is missing or no number.
        """
        for name in self.traits:
            if not np.isfinite(values.get(name, np.nan)):
                raise InputError(
                    f"prior {self.name!r}: the trait {name!r} must be a number - found "
                    f"{values.get(name)!r}; give it with traits= (--roles)"
                )
        found = np.array([float(values[name]) for name in self.traits])
        away = (found - self.trait_mean) / self.trait_sd
        if (np.abs(away) > FARTHEST).any():
            k = int(np.abs(away).argmax())
            raise InputError(
                f"prior {self.name!r}: the trait {self.traits[k]!r} must be like those of the "
                f"history, {self.trait_mean[k]:.3g} with an sd of {self.trait_sd[k]:.3g} - found "
                f"{found[k]:.6g}; correct it, or use another prior"
            )
        return np.concatenate([[1.0], away])

    @renamed(roles="groups", night="day")
    def at(
        self,
        contest: Contest,
        *,
        groups: Roles | None = None,
        traits: Traits | None = None,
        as_of: date | None = None,
        day: str | None = None,
        nationwide: bool = False,
    ) -> LearnedTransfers:
        """Return the prior of one contest.

        Parameters
        ----------
        contest : Contest
            A contest after its first round.
        groups : callable or mapping, optional
            Role of each of its origins, as in `learn_prior`; by default those the counts give, see
            `usual_roles`.
        traits : callable, optional
            As in `learn_prior`.
        as_of : datetime.date, optional
            Day on which the forecast is made; by default the day of the first round.
        day : str, optional
            A day of the history on which the contest took place; only for cross-validation,
            since it uses results of that day.
        nationwide : bool
            Whether the contest is a country's: its day then differs more than one of many local
            contests, and `mobilisation` says how many turn out; else, and without non-voters,
            turnout is as in the history's own contests.

        Returns
        -------
        LearnedTransfers

        Raises
        ------
        InputError
            If the prior was learned from anything later than `as_of` or from this contest, no date
            tells, or the contest has other roles.
        """
        seen = set(self.contests.values())
        if self.mobilisation:
            seen |= set(self.mobilisation.contests.values())
        refuse_seen(
            self.name,
            contest,
            seen=seen,
            latest=self.latest if day is None else None,
            as_of=as_of,
            days=self.days if day is None else (),
        )
        if day is not None and day not in self.days:
            raise InputError(
                f"prior {self.name!r}: day must be one of {', '.join(self.days)} - found {day!r}"
            )
        given = self._given(contest, groups)
        places = {f: self.roles.index(given[f]) for f in contest.finalists}
        if sorted(places.values()) != [0, 1]:
            raise InputError(
                f"contest {contest.name!r}: its finalists must have the roles {self.roles[0]!r} "
                f"and {self.roles[1]!r} - found {', '.join(given[f] for f in contest.finalists)}"
            )
        return LearnedTransfers(
            prior=self,
            finalists=contest.finalists,
            group_of=given,
            x=self.x(known_traits(contest, given, self.roles, traits)),
            day=None if day is None else self.days.index(day),
            turnout=self.mobilisation.turnout(contest, given, self.roles)
            if self.mobilisation
            and nationwide
            and day is None
            and contest.electorate == "registered"
            else None,
            nationwide=nationwide and day is None,
        )

    def placed(
        self, contest: Contest, relation: Mapping[str, Any], *, as_of: date | None = None
    ) -> LearnedTransfers:
        """Return the prior of one contest that relates to the history as a file says.

        Parameters
        ----------
        contest : Contest
            A contest after its first round.
        relation : mapping
            As `read_roles` gives it: roles by origin, "*" for every other one; traits; nationwide.
        as_of : datetime.date, optional
            As in `at`.

        Raises
        ------
        InputError
            If an origin has no role, or a role or trait that the prior does not know.
        """
        roles = relation["roles"]
        given = {o: roles.get(o, roles.get("*", "")) for o in contest.ledger().origins}
        unknown = next((o for o, role in given.items() if role not in self.roles), None)
        if unknown is not None:
            raise InputError(
                f"prior {self.name!r}: every origin of {contest.name!r} needs one of its roles, "
                f"{', '.join(self.roles)} - found {given[unknown]!r} for {unknown!r}; say in a "
                "file which origin has which (--roles)"
            )
        return self.at(
            contest,
            groups={contest.name: given},
            traits=lambda _: relation.get("traits", {}),
            nationwide=bool(relation.get("nationwide", False)),
            as_of=as_of,
        )

    def _given(self, contest: Contest, groups: Roles | None) -> dict[str, str]:
        """Return the role of every origin, all of them known."""
        given = role_of(contest, usual_roles if groups is None else groups)
        unknown = next((o for o, role in given.items() if role not in self.roles), None)
        if unknown is None:
            return given
        how = "map it to one of them" if groups is not None else "say which"
        raise InputError(
            f"prior {self.name!r}: knows the roles {', '.join(self.roles)} - found "
            f"{given[unknown]!r} for {unknown!r} in contest {contest.name!r}; {how} "
            "with .at(groups=) (--roles FILE)"
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LearnedTransfers(Placed):
    """A `TransferDistribution`: the prior of one contest, learned by role.

    Parameters
    ----------
    prior : LearnedPrior
        The population.
    finalists : tuple of str
        The two finalists, in the order of the contest.
    group_of : mapping of origin to role
        Roles of its origins.
    x : ndarray, shape (1 + trait,)
        Its design row.
    day : int or None
        Known day, see `LearnedPrior.at`.
    endorsements : tuple of Endorsement
        What moved origins towards a finalist.
    turnout : NationalTurnout or None
        How many turn out, in a nationwide contest.
    nationwide : bool
        Whether the contest is a country's: its day differs more than one of many local contests.
    """

    prior: LearnedPrior
    finalists: tuple[str, ...]
    group_of: Mapping[str, str]
    x: FloatArray
    day: int | None = None
    endorsements: tuple[Endorsement, ...] = ()
    turnout: NationalTurnout | None = None
    nationwide: bool = False

    @property
    def hindsight(self) -> str:
        """Which choices were made with the result in view, where that is stated."""
        return self.prior.hindsight

    @property
    def basis(self) -> Dated:
        """The history."""
        return Dated(
            what=f"prior: {self.name}",
            published=self.prior.latest,
            source=str(self.prior.provenance.get("command", "")),
        )

    @property
    def endorsable(self) -> tuple[str, ...]:
        """Origins that can back a finalist."""
        return tuple(self.group_of)

    def check_basis(self, day: date) -> None:
        """Raise `InputError` if it was learned from anything later than `day`."""
        refuse_later(self.name, self.prior.latest, day, self.prior.days)

    def variants(self) -> dict[str, LearnedTransfers]:
        """Return named changes of the model."""
        population = self.prior.population.but(tail=np.inf)
        steady = replace(self.prior.candidates, preference=0.0, participation=0.0)
        changed = {
            "contests without outliers": replace(self.prior, population=population),
            "eliminated candidates alike": replace(self.prior, candidates=steady),
        }
        if self.prior.population.tie is not None:
            changed |= {n: replace(self.prior, population=p) for n, p in self._countries().items()}
        found = {name: replace(self, prior=prior) for name, prior in changed.items()}
        if self.turnout is not None:
            found["turnout as in the history"] = replace(self, turnout=None)
        if self.endorsements:
            found["endorsements ignored"] = replace(self, endorsements=())
        for k, trait in enumerate(self.prior.traits, start=1):
            average = self.x.copy()
            average[k] = 0.0
            found[f"trait {trait!r} as on average"] = replace(self, x=average)
        return found

    def _countries(self) -> dict[str, Population]:
        """Return the population had the country's past weighed more or less; see `COUNTRY`."""
        people = self.prior.population
        years = [day[:4] for day in self.prior.days if not day.startswith(UNDATED)]
        past = f"as in {years[0]} to {years[-1]}" if years else "as in its history"
        loyal = people.coefficients.copy()
        loyal[:, 0, 2] += min(-LOYAL - float(loyal[:, 0, 2].mean()), 0.0)
        return {
            past: people.with_country("flat"),
            "as elsewhere": people.with_country("normal"),
            "days differ more": people.with_days(1.5),
            "the rival's voters stay": people.but(coefficients=loyal),
        }

    def describe(self) -> Description:
        """Return what past runoffs lead to expect of each role."""
        roles = self.prior.roles
        finalists = tuple(self.group_of[f] for f in self.finalists)
        alone = replace(self, group_of={r: r for r in roles}, finalists=finalists, endorsements=())
        rates = alone._group_rates(roles, ["role"] * len(roles), "learned")
        belong = {role: [o for o, r in self.group_of.items() if r == role] for role in roles}
        return Description(
            prior=self.name,
            basis=self.prior.brief,
            heading="role",
            columns=(*self.finalists, NONE),
            rows=rate_rows(roles, rates, belong),
            endorsements=self.endorsements,
            note="percent of each role's people, mean and 90% interval, for a contest like this "
            "one, before endorsements and polls",
            content=content_digest((self.prior.population, self.prior.candidates, self.turnout))
            + content_digest((self.group_of, self.x, self.day, self.nationwide)),
        )

    def sampler(self, ledger: Ledger) -> TableSampler:
        """Return a sampler whose origins are the ledger's.

        Raises
        ------
        InputError
            If finalists differ or an origin has no role.
        """
        self.check_finalists(ledger)
        for origin in ledger.origins:
            if origin not in self.group_of:
                raise InputError(
                    f"prior {self.prior.name!r}: has no role for {origin!r}; name it in groups= "
                    "(--roles)"
                )
        prior, population = self.prior, self.prior.population
        roles = np.array([prior.roles.index(self.group_of[o]) for o in ledger.origins])
        single = np.flatnonzero([kind == "eliminated" for kind in ledger.kinds])
        weights = np.zeros((len(prior.roles), len(single)))
        weights[roles[single], np.arange(len(single))] = ledger.totals[single]
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1)
        sign = 1 if self.group_of[self.finalists[0]] == prior.roles[0] else -1
        loading = loadings_of(roles.tolist(), 2 * len(prior.roles), sign)
        day = day_level(
            population,
            loading,
            day=self.day,
            mobilisation=self._factor(),
            nationwide=self.nationwide,
        )
        contest = contest_level(population, loading, self.x, prior.roles)
        deviation = [sign * prior.candidates.preference, prior.candidates.participation]
        assert contest.centre is not None
        before = TableSampler(
            origins=ledger.origins,
            finalists=self.finalists,
            link=Voting(3),
            location=np.zeros((len(roles), 2)),
            levels=(day, contest),
            own=Own(
                sd=np.tile(deviation, (len(single), 1)),
                rows=single,
                group=roles[single],
                weights=weights,
            ),
            own_names=tuple(f"{ledger.origins[r]}, own: {word}" for r in single for word in WORDS),
            hyper=population.draws,
            order=contest.centre[:, ::2].mean(axis=1),
            worth=partial(getattr, population, "effective_draws"),
        )
        return replace(before, moves=moves_of(self.endorsements, ledger, lambda _: before))

    def _factor(self) -> tuple[FloatArray, FloatArray] | None:
        """Return location and scale of the mobilisation factor by population draw."""
        if self.turnout is None:
            return None
        population = self.prior.population
        centre = np.tensordot(population.coefficients, self.x, axes=(1, 0))
        heavy = population.tail / (population.tail - 2) if np.isfinite(population.tail) else 1.0
        return self.turnout.factor(centre[:, 1::2], population.spread[:, 1::2, 1::2] * heavy)
