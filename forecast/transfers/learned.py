"""A prior learned from past runoffs, at a new contest.

The predictive draws the population first and the contest from it second. Draws of a pair share the
population: what we do not know about the population is ignorance about inputs, while the new night
and the new contest are chance. The eliminated of one role share its row; each candidate deviates
from it, and the deviations cancel in the role's total, whose spread was learned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.contest import Contest
from forecast.errors import InputError
from forecast.ledger import Ledger
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.evidence import Roles, role_of, table_of
from forecast.transfers.population import Population

__all__ = [
    "CandidateSpread",
    "LearnedPrior",
    "LearnedSampler",
    "LearnedTransfers",
    "Traits",
    "known_traits",
]

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
class CandidateSpread:
    """How far the voters of one candidate deviate from the row of their role, in logits.

    Parameters
    ----------
    preference, participation : float
        Standard deviations.
    source : str
        Where they come from.
    """

    preference: float = 0.6
    participation: float = 0.4
    source: str = "assumed"


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
            If the prior was learned from anything later than `as_of` or from this contest, or the
            contest has other roles.
        """
        day = as_of or contest.first_round
        if contest.digest in self.contests.values():
            raise InputError(
                f"prior {self.name!r}: must not know the result - contest {contest.name!r} is part "
                "of its history; learn it again without"
            )
        if night is None and day is not None and self.latest is not None and self.latest > day:
            raise InputError(
                f"prior {self.name!r}: must not use anything later than {day} - it was learned "
                f"from the runoff of {self.latest}; learn it again with as_of={day}"
            )
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
    """

    prior: LearnedPrior
    finalists: tuple[str, ...]
    given: Mapping[str, str]
    x: FloatArray
    night: int | None = None

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
            turned=self.given[self.finalists[0]] != self.prior.roles[0],
            role_names=self.prior.roles,
        )


@dataclass(frozen=True, kw_only=True)
class LearnedSampler:
    """Sampler of a contest from a learned population.

    Parameters
    ----------
    origins : tuple of str
        R origins.
    population : Population
        Posterior draws.
    candidates : CandidateSpread
        Deviation of single candidates.
    x : ndarray, shape (q,)
        Design row of the contest.
    night : int or None
        A known night, or a new one.
    roles : ndarray of int, shape (R,)
        Role of each origin.
    single : ndarray of bool, shape (R,)
        Which origins are single eliminated candidates.
    weights : ndarray, shape (role, R)
        Fraction of a role's people who are a candidate's.
    turned : bool
        Whether the contest names its finalists in the other order than the roles.
    role_names : tuple of str
        Names of the roles.
    """

    origins: tuple[str, ...]
    population: Population
    candidates: CandidateSpread
    x: FloatArray
    night: int | None
    roles: npt.NDArray[np.int64]
    single: npt.NDArray[np.bool_]
    weights: FloatArray
    turned: bool
    role_names: tuple[str, ...]

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even."""
        return self._rates(*self._normals(n, rng))

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""
        index, tail, normals = self._normals(n, rng)
        values = [self._centre_preference[index], tail, *normals]
        inputs = dict(zip(self.input_names, values, strict=True))
        return inputs, self._rates(index, tail, normals)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs: population, tail, factors, roles' and candidates' own."""
        words = ("preference", "participation")
        own = [o for o, single in zip(self.origins, self.single, strict=True) if single]
        factors = ("mobilisation", "swing", "partisan mobilisation")
        return (
            "population",
            "tail",
            *factors,
            *(f"{role}: {word}" for role in self.role_names for word in words),
            *(f"{origin}, own: {word}" for origin in own for word in words),
        )

    @cached_property
    def _root(self) -> FloatArray:
        """Symmetric square roots of Omega, shape (draw, p, p): each normal is its own row's."""
        values, vectors = np.linalg.eigh(self.population.spread)
        return np.asarray((vectors * np.sqrt(values)[:, None, :]) @ vectors.transpose(0, 2, 1))

    @cached_property
    def _centre(self) -> FloatArray:
        """Mean coordinates of this contest by population draw, shape (draw, p)."""
        return np.tensordot(self.population.coefficients, self.x, axes=(1, 0))

    @cached_property
    def _centre_preference(self) -> FloatArray:
        """One number that orders the population draws: mean log-ratio over the roles."""
        return np.asarray(self._centre[:, ::2].mean(axis=1))

    def _normals(
        self, n: int, rng: np.random.Generator
    ) -> tuple[npt.NDArray[np.int64], FloatArray, FloatArray]:
        """Return paired population indices, tail weights and standard normals."""
        half, (p, k) = n // 2, self.population.factors.shape
        index = np.tile(rng.integers(self.population.draws, size=half), 2)
        nu = self.population.tail
        tail = rng.gamma(nu / 2, 2 / nu, n) if np.isfinite(nu) else np.ones(n)
        return index, tail, rng.standard_normal((k + p + 2 * int(self.single.sum()), n))

    def _rates(
        self, index: npt.NDArray[np.int64], tail: FloatArray, normals: FloatArray
    ) -> FloatArray:
        people, (p, k) = self.population, self.population.factors.shape
        if self.night is None:
            factors = people.factor_sd[index] * normals[:k].T
        else:
            factors = people.nights[index, self.night]
        own = np.einsum("nij,jn->ni", self._root[index], normals[k : k + p])
        theta = self._centre[index] + factors @ people.factors.T + own / np.sqrt(tail)[:, None]
        rows = theta.reshape(len(index), -1, 2)[:, self.roles]
        deviation = np.zeros_like(rows)
        scale = np.array([self.candidates.preference, self.candidates.participation])
        deviation[:, self.single] = normals[k + p :].T.reshape(len(index), -1, 2) * scale
        common = np.einsum("ro,noc->nrc", self.weights, deviation)
        deviation[:, self.single] -= common[:, self.roles[self.single]]
        table = table_of((rows + deviation).reshape(len(index), -1), 2)[..., :2]
        if self.turned:
            table = table[..., ::-1]
        return np.ascontiguousarray(table.transpose(1, 2, 0))
