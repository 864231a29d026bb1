"""Draws of a contest's transfer table from a learned population.

Draws of a pair share the population: what we do not know about it is ignorance about inputs, while
the new night, the new contest and its candidates are chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.transfers.roles.population import NATIONAL_TAIL, Population
from forecast.transfers.table.day import Day
from forecast.transfers.table.endorsement import Move
from forecast.transfers.table.protocols import PlainSampler

__all__ = ["CandidateSpread", "LearnedSampler"]


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

    preference: float = 0.4
    participation: float = 0.3
    source: str = (
        "72 Georgian runoffs of 2014-2016, the largest eliminated candidate against the others: "
        "most likely 0.1 and 0.3, both plausible up to 0.5; the preference is rounded up"
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedSampler(PlainSampler):
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
    first : int
        Position, in the contest, of the finalist whose role comes first.
    role_names : tuple of str
        Names of the roles.
    moves : tuple of Move
        Shifts of an origin's log-ratio, towards the contest's first finalist.
    mobilisation : (ndarray, ndarray) or None
        Location and scale of the mobilisation factor by draw of the population, where something
        other than its nights tells.
    nationwide : bool
        Whether the contest is a country's, which adds `Population.national` to its day.
    """

    origins: tuple[str, ...]
    population: Population
    candidates: CandidateSpread
    x: FloatArray
    night: int | None
    roles: npt.NDArray[np.int64]
    single: npt.NDArray[np.bool_]
    weights: FloatArray
    first: int
    role_names: tuple[str, ...]
    moves: tuple[Move, ...] = ()
    mobilisation: tuple[FloatArray, FloatArray] | None = None
    nationwide: bool = False

    @property
    def shares_day(self) -> bool:
        """Contests of a day share the population and the factors of its night."""
        return True

    @property
    def effective_draws(self) -> float:
        """Independent posterior draws that those of the population are worth."""
        return self.population.effective_draws

    def draw(self, n: int, *, rng: np.random.Generator, day: Day | None = None) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

        Contests of one `day` share the population and the factors of its night.
        """
        (index,) = np.tile(self.inputs(n // 2, rng=day.rng("population") if day else rng), 2)
        tail, normals = self._normals(n, rng)
        if day is not None:
            factors = self.population.factors.shape[1]
            normals[:factors] = day.rng("factors").standard_normal((factors, n))
        return self._rates(index, tail, normals)

    def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return which draw of the population each pair shares, shape (1, draw)."""
        return rng.integers(self.population.draws, size=(1, n))

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given draws of the population."""
        return self._rates(inputs[0].astype(np.int64), *self._normals(inputs.shape[1], rng))

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""
        (index,) = np.tile(self.inputs(n // 2, rng=rng), 2)
        tail, normals = self._normals(n, rng)
        values = [self._centre_preference[index], *tail[: 1 + self.nationwide], *normals]
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
            *(["tail of the day"] * self.nationwide),
            *factors,
            *(f"{role}: {word}" for role in self.role_names for word in words),
            *(f"{origin}, own: {word}" for origin in own for word in words),
            *(f"{self.origins[r]}, shift" for r, *_ in self.moves),
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

    def _normals(self, n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return tail weights of contest and day (2, draw) and standard normals (input, draw)."""
        p, k = self.population.factors.shape
        size = k + p + 2 * int(self.single.sum()) + len(self.moves)
        nu = self.population.tail
        tail = np.ones((2, n))
        if np.isfinite(nu):
            tail[0] = rng.gamma(nu / 2, 2 / nu, n)
        if self.nationwide:
            tail[1] = rng.gamma(NATIONAL_TAIL / 2, 2 / NATIONAL_TAIL, n)
        return tail, rng.standard_normal((size, n))

    def _rates(
        self, index: npt.NDArray[np.int64], tail: FloatArray, normals: FloatArray
    ) -> FloatArray:
        people, (p, k) = self.population, self.population.factors.shape
        if self.night is None:
            variance = people.factor_sd[index] ** 2
            if self.nationwide:
                variance += people.national**2 / tail[1][:, None]
            factors = np.sqrt(variance) * normals[:k].T
        else:
            factors = people.nights[index, self.night]
        if self.mobilisation is not None:
            location, scale = self.mobilisation
            factors[:, 0] = location[index] + scale[index] * normals[0]
        own = (self._root[index] @ normals[k : k + p].T[..., None])[..., 0]
        theta = self._centre[index] + factors @ people.factors.T + own / np.sqrt(tail[0])[:, None]
        end = len(normals) - len(self.moves)
        deviations = normals[k + p : end].reshape(-1, 2, len(index))
        rows = self._rows(np.ascontiguousarray(theta.T).reshape(-1, 2, len(index)), deviations)
        for (r, _, size, sd), z in zip(self.moves, normals[end:], strict=True):
            rows[r, 0] += (size + sd * z) * (1 - 2 * self.first)
        for row in rows:  # one after another: a row stays in the processor's cache
            np.negative(row, out=row)
            with np.errstate(over="ignore"):  # a rate of zero is a rate
                np.exp(row, out=row)
            np.add(row, 1, out=row)
            np.reciprocal(row, out=row)  # preference for the first role's finalist, participation
            first, voting = row
            first *= voting
            voting -= first
        return np.ascontiguousarray(rows[:, ::-1]) if self.first else rows

    def _rows(self, by_role: FloatArray, deviations: FloatArray) -> FloatArray:
        """Return coordinates by origin, shape (R, 2, draw), from roles' and candidates' normals."""
        scale = np.array([[self.candidates.preference], [self.candidates.participation]])
        common = np.tensordot(self.weights[:, self.single], deviations, axes=1)
        middle = by_role - common * scale  # a role's candidates deviate around it
        rows = np.empty((len(self.roles), *by_role.shape[1:]))
        own = iter(deviations)
        for row, role, single in zip(rows, self.roles, self.single, strict=True):
            if single:
                np.multiply(next(own), scale, out=row)
                np.add(row, middle[role], out=row)
            else:
                row[:] = by_role[role]
        return rows
