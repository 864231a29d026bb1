"""A prior learned from past runoffs, at a new contest.

The predictive draws the population first and the contest from it second. The eliminated of one role
share its row; each candidate deviates from it, and the deviations cancel in the role's total, whose
spread was learned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from numbers import Real
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Brief
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import UNDATED, refuse_later
from forecast.facts.ledger import Ledger
from forecast.transfers.roles.contest_summary import Roles, role_of, table_of
from forecast.transfers.roles.describe import learned_text, prior_brief, prior_text
from forecast.transfers.roles.levels import CandidateSpread, LearnedSampler
from forecast.transfers.roles.population import Population
from forecast.transfers.roles.turnout_change import Mobilisation, NationalTurnout
from forecast.transfers.table.endorsement import Shift, shifts_by_origin, shifts_known_by

__all__ = ["LearnedPrior", "LearnedTransfers", "Traits", "known_traits"]

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


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LearnedPrior(Brief):
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
    nights : tuple of str
        Runoff nights of the history, in the order of `Population.nights`; a contest without a
        date is a night of its own.
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
    """

    name: str
    roles: tuple[str, ...]
    traits: tuple[str, ...]
    trait_mean: FloatArray
    trait_sd: FloatArray
    population: Population
    nights: tuple[str, ...]
    contests: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
    candidates: CandidateSpread = field(default_factory=CandidateSpread)
    mobilisation: Mobilisation | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def latest(self) -> date | None:
        """The last night whose result was used, where known."""
        days = [date.fromisoformat(n) for n in self.nights if not n.startswith(UNDATED)]
        if self.mobilisation and self.mobilisation.latest:
            days.append(self.mobilisation.latest)
        return max(days, default=None)

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
        return prior_brief(self)

    def __str__(self) -> str:
        """Return what it says and where from, as aligned text."""
        return prior_text(self)

    def x(self, values: Mapping[str, float]) -> FloatArray:
        """Return the design row of a contest with these traits.

        Raises
        ------
        InputError
            If a trait is missing or no number.
        """
        for name in self.traits:
            if not np.isfinite(values.get(name, np.nan)):
                raise InputError(
                    f"prior {self.name!r}: the trait {name!r} must be a number - found "
                    f"{values.get(name)!r}; give it with traits="
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

    def at(
        self,
        contest: Contest,
        *,
        roles: Roles,
        traits: Traits | None = None,
        as_of: date | None = None,
        night: str | None = None,
        nationwide: bool = False,
    ) -> LearnedTransfers:
        """Return the prior of one contest.

        Parameters
        ----------
        contest : Contest
            A contest after its first round.
        roles : callable or mapping
            Role of each of its origins, as in `learn_prior`.
        traits : callable, optional
            As in `learn_prior`.
        as_of : datetime.date, optional
            Day on which the forecast is made; by default the day of the first round.
        night : str, optional
            A night of the history on which the contest took place; only for cross-validation,
            since it uses results of that night.
        nationwide : bool
            Whether the contest is a country's: its day then differs more than one of many local
            contests, and `mobilisation` says how many turn out; else, and without non-voters,
            turnout is as in the history's own contests.

        Raises
        ------
        InputError
            If the prior was learned from anything later than `as_of` or from this contest, no date
            tells, or the contest has other roles.
        """
        day = as_of or contest.first_round
        seen = set(self.contests.values())
        if self.mobilisation:
            seen |= set(self.mobilisation.contests.values())
        if contest.digest in seen:
            raise InputError(
                f"prior {self.name!r}: must not know the result - contest {contest.name!r} is part "
                "of its history; learn it again without"
            )
        if night is None and day is None and self.latest is not None:
            raise InputError(
                f"prior {self.name!r}: learned from runoffs up to {self.latest}, which must not be "
                f"later than the forecast - contest {contest.name!r} has no date; "
                "give as_of= (--as-of)"
            )
        if night is None and day is not None:
            refuse_later(self.name, self.latest, day, self.nights)
        if night is not None and night not in self.nights:
            raise InputError(
                f"prior {self.name!r}: night must be one of {', '.join(self.nights)} - "
                f"found {night!r}"
            )
        given = role_of(contest, roles)
        unknown = sorted(set(given.values()) - set(self.roles))
        if unknown:
            raise InputError(
                f"prior {self.name!r}: knows the roles {', '.join(self.roles)} - found "
                f"{unknown[0]!r} in contest {contest.name!r}; map it to one of them"
            )
        places = {f: self.roles.index(given[f]) for f in contest.finalists}
        if sorted(places.values()) != [0, 1]:
            raise InputError(
                f"contest {contest.name!r}: its finalists must have the roles {self.roles[0]!r} "
                f"and {self.roles[1]!r} - found {', '.join(given[f] for f in contest.finalists)}"
            )
        return LearnedTransfers(
            prior=self,
            finalists=contest.finalists,
            given=given,
            x=self.x(known_traits(contest, given, self.roles, traits)),
            night=None if night is None else self.nights.index(night),
            turnout=self.mobilisation.turnout(contest, given, self.roles)
            if self.mobilisation
            and nationwide
            and night is None
            and contest.electorate == "registered"
            else None,
            nationwide=nationwide and night is None,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedTransfers:
    """A `TransferDistribution`: the learned prior of one contest.

    Parameters
    ----------
    prior : LearnedPrior
        The population.
    finalists : tuple of str
        The two finalists, in the order of the contest.
    given : mapping of origin to role
        Roles of its origins.
    x : ndarray, shape (1 + trait,)
        Its design row.
    night : int or None
        Known night, see `LearnedPrior.at`.
    shifts : tuple of Shift
        What moved origins towards a finalist, such as endorsements; see `shifted`.
    turnout : NationalTurnout or None
        How many turn out, in a nationwide contest.
    nationwide : bool
        Whether the contest is a country's: its day differs more than one of many local contests.
    """

    prior: LearnedPrior
    finalists: tuple[str, ...]
    given: Mapping[str, str]
    x: FloatArray
    night: int | None = None
    shifts: tuple[Shift, ...] = ()
    turnout: NationalTurnout | None = None
    nationwide: bool = False

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return self.prior.name

    @property
    def known(self) -> date | None:
        """Day of the latest datum in it that has a date: a night of the history, or a shift."""
        days = [self.prior.latest, *(shift.known for shift in self.shifts)]
        return max((day for day in days if day), default=None)

    def variants(self) -> dict[str, LearnedTransfers]:
        """Return named changes of the model."""
        population = replace(self.prior.population, tail=np.inf)
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
        if self.shifts:
            found["endorsements ignored"] = replace(self, shifts=())
        for k, trait in enumerate(self.prior.traits, start=1):
            average = self.x.copy()
            average[k] = 0.0
            found[f"trait {trait!r} as on average"] = replace(self, x=average)
        return found

    def _countries(self) -> dict[str, Population]:
        """Return the population had the country's past weighed more or less; see `COUNTRY`."""
        people = self.prior.population
        years = [night[:4] for night in self.prior.nights if not night.startswith(UNDATED)]
        past = f"as in {years[0]} to {years[-1]}" if years else "as in its history"
        loyal = people.coefficients.copy()
        loyal[:, 0, 2] += min(-LOYAL - float(loyal[:, 0, 2].mean()), 0.0)
        return {
            past: people.with_country("flat"),
            "as elsewhere": people.with_country("normal"),
            "days differ more": people.with_days(1.5),
            "the rival's voters stay": replace(people, coefficients=loyal),
        }

    def as_of(self, day: date) -> LearnedTransfers:
        """Return it without shifts that became known after `day`.

        Raises
        ------
        InputError
            If it was learned from anything later, or a shift has no date.
        """
        refuse_later(self.name, self.prior.latest, day, self.prior.nights)
        shifts = shifts_known_by(self.shifts, day)
        return self if shifts == self.shifts else replace(self, shifts=shifts)

    def shifted(
        self,
        origin: str,
        finalist: str,
        *,
        logits: float,
        sd: float,
        known: date | None = None,
        source: str = "assumed",
    ) -> LearnedTransfers:
        """Return the prior after something moved one origin towards a finalist.

        Parameters
        ----------
        origin, finalist : str
            Whose preference moves to whom.
        logits, sd : float
            By how much, and how uncertain that is; shifts of one origin add up.
        known : datetime.date, optional
            When what moved it became known.
        source : str
            Where that was said, and where `logits` comes from.

        Raises
        ------
        InputError
            If a name is unknown or `sd` is negative.
        """
        known_names = origin in self.given and finalist in self.finalists
        if not known_names or not 0 <= sd < np.inf or not np.isfinite(logits):
            raise InputError(
                f"prior {self.name!r}: a shift needs an origin, a finalist, logits and an sd "
                f"from 0 - found {origin!r}, {finalist!r}, {logits!r}, {sd!r}"
            )
        shift = Shift(
            origin=origin, finalist=finalist, logits=logits, sd=sd, known=known, source=source
        )
        return replace(self, shifts=(*self.shifts, shift))

    def sampler(self, ledger: Ledger) -> LearnedSampler:
        """Return a sampler whose origins are the ledger's.

        Raises
        ------
        InputError
            If finalists differ or an origin has no role.
        """
        if ledger.destinations[:-1] != self.finalists:
            raise InputError(
                f"prior {self.prior.name!r}: must be about the finalists "
                f"{ledger.destinations[:-1]} - found {self.finalists}"
            )
        for origin in ledger.origins:
            if origin not in self.given:
                raise InputError(
                    f"prior {self.prior.name!r}: has no role for {origin!r}; name it in roles="
                )
        roles = np.array([self.prior.roles.index(self.given[o]) for o in ledger.origins])
        single = np.array([kind == "eliminated" for kind in ledger.kinds])
        counts = ledger.totals * single
        weights = np.zeros((len(self.prior.roles), len(roles)))
        weights[roles, np.arange(len(roles))] = counts
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1)
        return LearnedSampler(
            origins=ledger.origins,
            population=self.prior.population,
            candidates=self.prior.candidates,
            x=self.x,
            night=self.night,
            roles=roles,
            single=single,
            weights=weights,
            first=int(self.given[self.finalists[0]] != self.prior.roles[0]),
            role_names=self.prior.roles,
            shifts=shifts_by_origin(self.shifts, ledger),
            mobilisation=self._factor(),
            nationwide=self.nationwide,
        )

    def _factor(self) -> tuple[FloatArray, FloatArray] | None:
        """Return location and scale of the mobilisation factor by population draw."""
        if self.turnout is None:
            return None
        population = self.prior.population
        centre = np.tensordot(population.coefficients, self.x, axes=(1, 0))
        heavy = population.tail / (population.tail - 2) if np.isfinite(population.tail) else 1.0
        return self.turnout.factor(centre[:, 1::2], population.spread[:, 1::2, 1::2] * heavy)

    def plot(self, ax: Any = None) -> Any:
        """Draw the roles' transfer rates on Axes `ax` (new ones by default); return them."""
        from forecast.report.figures import learned_table

        return learned_table(self, ax)

    def __str__(self) -> str:
        """Return what is predicted for each role as aligned text, in percent."""
        return learned_text(self)

    def _repr_html_(self) -> str:
        from forecast.report.display import learned_html

        return learned_html(self)
