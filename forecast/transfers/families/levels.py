"""Draws of a contest's transfer table from what families think of families.

Draws of a pair share the coordinates that all nights have in common: not knowing them is ignorance
about inputs, while the night's shock and the contest's own are chance. Contests of one night can be
given the same nights, see `FamilySampler.rates_on`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from forecast.arrays import FloatArray
from forecast.transfers.families.coordinates import rates_of
from forecast.transfers.families.fit import CONTEST_TERMS, contest_direction
from forecast.transfers.table.endorsement import Move, move_rates

__all__ = ["FamilySampler", "day_shocks"]


def day_shocks(shape: tuple[int, ...], tail: float, *, rng: np.random.Generator) -> FloatArray:
    """Return multivariate t draws (coordinate, draw), one weight a draw: a day may break with all.

    They are scaled so that nine in ten are where nine in ten standard normals are: what past days
    showed stays, beyond it the tails are heavier.
    """
    normals = rng.standard_normal(shape)
    if not np.isfinite(tail):
        return normals
    scale = ndtri(0.95) / stdtrit(tail, 0.95)
    return np.asarray(scale * normals / np.sqrt(rng.gamma(tail / 2, 2 / tail, shape[1])))


@dataclass(frozen=True, kw_only=True, eq=False)
class FamilySampler:
    """Sampler of one contest.

    Parameters
    ----------
    origins : tuple of str
        R origins.
    names : tuple of str
        Names of all coordinates.
    design : ndarray, shape (R, finalist, coordinate)
        How utilities add up from coordinates.
    mean, covariance : ndarray, shape (coordinate,) and (coordinate, coordinate)
        What is known of the coordinates.
    night : ndarray, shape (coordinate,)
        Variance of the night's shock.
    contest : ndarray, shape (term,)
        Squared scales of `CONTEST_TERMS`.
    within : bool
        Whether both finalists are of one family.
    tail, day_tail : float
        Degrees of freedom of the contest's own shock and of the day's.
    moves : tuple of Move
        Shifts of an origin's log-ratio towards a finalist, such as by endorsements.
    """

    origins: tuple[str, ...]
    names: tuple[str, ...]
    design: FloatArray
    mean: FloatArray
    covariance: FloatArray
    night: FloatArray
    contest: FloatArray
    within: bool
    tail: float
    day_tail: float
    moves: tuple[Move, ...] = ()

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even."""
        return self.rates(np.tile(self.inputs(n // 2, rng=rng), 2), rng=rng)

    def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return what draws of a pair share: standard normals, shape (coordinate here, draw)."""
        return rng.standard_normal((len(self._active), n))

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given what the draws of a pair share; `rng` draws night and contest."""
        shock = day_shocks(inputs.shape, self.day_tail, rng=rng)
        return self._rates(inputs, shock, *self._own(inputs.shape[1], rng))

    def rates_on(self, nights: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return rates on given nights; `rng` draws only what is this contest's own.

        Parameters
        ----------
        nights : ndarray, shape (coordinate, draw)
            Coordinates of each draw's night, as from `FamilyPrior.nights`.
        rng : numpy.random.Generator
            A generator of the contest's own.
        """
        return self._table(nights[self._active], *self._own(nights.shape[1], rng))

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""
        known = np.tile(self.inputs(n // 2, rng=rng), 2)
        shock = day_shocks(known.shape, self.day_tail, rng=rng)
        tail, own = self._own(n, rng)
        here = [self.names[i] for i in self._active]
        inputs = dict(zip(here, known, strict=True))
        inputs |= {f"{name}, this night": z for name, z in zip(here, shock, strict=True)}
        inputs["tail"] = tail
        names = [*(f"{term}, this contest" for term in CONTEST_TERMS)]
        names += [f"{self.origins[r]}, shift" for r, *_ in self.moves]
        inputs |= dict(zip(names, own, strict=True))
        return inputs, self._rates(known, shock, tail, own)

    @cached_property
    def _active(self) -> npt.NDArray[np.int64]:
        """Positions of the coordinates that this contest has."""
        return np.flatnonzero(np.abs(self.design).sum(axis=(0, 1)))

    @cached_property
    def _root(self) -> FloatArray:
        """Symmetric square root of their covariance: each normal is its own coordinate's."""
        values, vectors = np.linalg.eigh(self.covariance[np.ix_(self._active, self._active)])
        return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)

    def _own(self, n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return tail weights (draw,) and normals (term + move, draw) of the contest's own."""
        nu = self.tail
        tail = rng.gamma(nu / 2, 2 / nu, n) if np.isfinite(nu) else np.ones(n)
        return tail, rng.standard_normal((len(CONTEST_TERMS) + len(self.moves), n))

    def _rates(
        self, known: FloatArray, shock: FloatArray, tail: FloatArray, own: FloatArray
    ) -> FloatArray:
        night = np.sqrt(self.night[self._active])[:, None] * shock
        here = self.mean[self._active][:, None] + self._root @ known + night
        return self._table(here, tail, own)

    def _table(self, here: FloatArray, tail: FloatArray, own: FloatArray) -> FloatArray:
        r, k, _ = self.design.shape
        utilities = (self.design[:, :, self._active].reshape(r * k, -1) @ here).reshape(r, k, -1)
        scale = np.sqrt(self.contest)[:, None] / np.sqrt(tail)
        terms = len(CONTEST_TERMS)
        rates = rates_of(utilities + contest_direction(self.within) @ (scale * own[:terms]))
        return move_rates(rates, self.moves, own[terms:])
