"""A prior learned from past runoffs, at a new contest.

The predictive draws the population first and the contest from it second. The eliminated of one role
share its row; each candidate deviates from it, and the deviations cancel in the role's total, whose
spread was learned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from forecast.contest import Contest
from forecast.errors import InputError
from forecast.ledger import Ledger
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.evidence import Roles, role_of, table_of
from forecast.transfers.learned_sampler import CandidateSpread, LearnedSampler
from forecast.transfers.population import Population

__all__ = ["LearnedPrior", "LearnedTransfers", "Traits", "known_traits"]

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
    out = {"margin": float(np.log((votes[order[0]] + 0.5) / (votes[order[1]] + 0.5)))}
    return out | {k: float(v) for k, v in (traits(contest) if traits else {}).items()}


@dataclass(frozen=True, kw_only=True)
class LearnedPrior:
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
        Runoff nights of the history, in the order of `Population.nights`.
    contests : mapping of str to str
        Name and digest of every contest that was learned from.
    left_out : mapping of str to str
        Name of every other contest of the history, and why.
    as_of : datetime.date or None
        Nothing later was used.
    candidates : CandidateSpread
        Deviation of single candidates from their role.
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
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def latest(self) -> date | None:
        """The last night whose result was used, where known."""
        days = [night for night in self.nights if night[:1].isdigit()]
        return date.fromisoformat(max(days)) if days else None

    @property
    def mean_table(self) -> FloatArray:
        """Transfer table at the mean coordinates of an average contest (role, destination)."""
        return table_of(self.population.coefficients.mean(axis=0)[0], 2)

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
        return np.concatenate([[1.0], (found - self.trait_mean) / self.trait_sd])

    def at(
        self,
        contest: Contest,
        *,
        roles: Roles,
        traits: Traits | None = None,
        as_of: date | None = None,
        night: str | None = None,
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

        Raises
        ------
        InputError
            If the prior was learned from anything later than `as_of` or from this contest, no date
            tells, or the contest has other roles.
        """
        day = as_of or contest.first_round
        if contest.digest in self.contests.values():
            raise InputError(
                f"prior {self.name!r}: must not know the result - contest {contest.name!r} is part "
                "of its history; learn it again without"
            )
        if night is None and day is None and self.latest is not None:
            raise InputError(
                f"prior {self.name!r}: learned from runoffs up to {self.latest}, which must not be "
                f"later than the forecast - contest {contest.name!r} has no date; give as_of="
            )
        if night is None and day is not None:
            _refuse_later(self, day)
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
        )


def _refuse_later(prior: LearnedPrior, day: date) -> None:
    if prior.latest is not None and prior.latest > day:
        raise InputError(
            f"prior {prior.name!r}: must not use anything later than {day} - it was learned "
            f"from the runoff of {prior.latest}; learn it again with as_of={day}"
        )


@dataclass(frozen=True, kw_only=True)
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
    shifts : mapping of origin to (float, float)
        Mean and sd by which an origin's log-ratio for the first of `finalists` is moved, such as
        by an endorsement; see `shifted`.
    """

    prior: LearnedPrior
    finalists: tuple[str, ...]
    given: Mapping[str, str]
    x: FloatArray
    night: int | None = None
    shifts: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return self.prior.name

    @property
    def known(self) -> date | None:
        """The last night whose result was used, where known."""
        return self.prior.latest

    def variants(self) -> dict[str, LearnedTransfers]:
        """Return named changes of the model."""
        population = replace(self.prior.population, tail=np.inf)
        steady = replace(self.prior.candidates, preference=0.0, participation=0.0)
        changed = {
            "contests without outliers": replace(self.prior, population=population),
            "eliminated candidates alike": replace(self.prior, candidates=steady),
        }
        found = {name: replace(self, prior=prior) for name, prior in changed.items()}
        if self.shifts:
            found["endorsements ignored"] = replace(self, shifts={})
        for k, trait in enumerate(self.prior.traits, start=1):
            average = self.x.copy()
            average[k] = 0.0
            found[f"trait {trait!r} as on average"] = replace(self, x=average)
        return found

    def as_of(self, day: date) -> LearnedTransfers:
        """Return itself; raise `InputError` if it was learned from anything later than `day`."""
        _refuse_later(self.prior, day)
        return self

    def shifted(self, origin: str, finalist: str, *, logits: float, sd: float) -> LearnedTransfers:
        """Return the prior after something moved one origin towards a finalist.

        Parameters
        ----------
        origin, finalist : str
            Whose preference moves to whom.
        logits, sd : float
            By how much, and how uncertain that is; shifts of one origin add up.

        Raises
        ------
        InputError
            If a name is unknown or `sd` is negative.
        """
        if origin not in self.given or finalist not in self.finalists or not sd >= 0:
            raise InputError(
                f"prior {self.name!r}: a shift needs an origin, a finalist and an sd from 0 - "
                f"found {origin!r}, {finalist!r}, {sd!r}"
            )
        mean, old = self.shifts.get(origin, (0.0, 0.0))
        mean += logits if finalist == self.finalists[0] else -logits
        return replace(self, shifts={**self.shifts, origin: (mean, float(np.hypot(old, sd)))})

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
            shifts={ledger.index(o): shift for o, shift in self.shifts.items()},
        )
