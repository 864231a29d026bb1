"""The posterior of coordinates and deviations, and draws of it.

Responses are those of preference, in the coordinates of the local table where finalists are alike,
then participation. Counts bind the preferences of a unit together, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import Array, FloatArray, IntArray

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Moves:
    """Draws around the centre of a posterior."""

    dense: Singles  #: (size, draw): of coordinates and deviations
    local: Singles  #: (response, region, local, draw): of the deviations of regions
    beyond: Singles  #: (features * rates, draw): of the slopes outside what counted units show


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialPosterior:
    """Normal of coordinates and deviations, with heavier tails where little has been learned."""

    centre: FloatArray  #: (size,): coordinates of the table, then the deviations of each response
    factor: FloatArray  #: (size, size): ``factor.T @ factor`` is the covariance
    degrees: FloatArray  #: (size,): degrees of freedom of each coordinate and deviation
    coordinates: int  #: how many coordinates the table has
    #: deviations of regions given all others, in preference and in participation
    local: tuple[Local, Local]
    #: beyond, beyond_degrees (features * rates,): standard deviations and degrees of freedom of
    #: slopes outside what counted units show
    beyond: FloatArray
    beyond_degrees: FloatArray
    unit_variance: FloatArray  #: (response,): variance of a unit's own deviation
    fitted: FloatArray  #: (response, unit): logits expected of every reported unit
    #: (unit, response, direction): orthonormal directions in which the noise of a unit's counts is
    #: independent
    turn: FloatArray
    residual: FloatArray  #: (direction, unit): its working residual, in logits
    noise: FloatArray  #: (direction, unit): its variance beyond the unit's own deviation
    rounds: int  #: rounds until it converged

    @property
    def local_centre(self) -> FloatArray:
        """Deviations of regions at the centre of all, array (response, region, local)."""
        return by_response([part.centre for part in self.local], len(self.unit_variance))

    def own(self, *chosen: int) -> IntArray:
        """Return the places in `centre` that matter for some of the responses."""
        return own_places(self.coordinates, len(self.centre), len(self.unit_variance), chosen)

    def draw(self, n: int, regions: IntArray, *, rng: np.random.Generator) -> Moves:
        """Return `n` draws of moves from the centre, for some of the regions."""
        dense = self.factor.T @ rng.standard_normal((len(self.centre), n))
        dense *= _tails(self.degrees, n, rng)
        responses, drawn = len(self.unit_variance), []
        for local, chosen in zip(self.local, bound_responses(responses), strict=True):
            noise = rng.standard_normal((len(regions), local.centre.shape[1], n))
            noise = local.factor[regions] @ noise * _tails(local.degrees, n, rng)
            noise -= local.pull[regions] @ dense[self.own(*chosen)]
            drawn.append(noise.astype(np.float32))
        beyond = rng.standard_normal((len(self.beyond), n)) * self.beyond[:, None]
        beyond *= _tails(self.beyond_degrees, n, rng)
        return Moves(
            dense=dense.astype(np.float32),
            local=by_response(drawn, responses),
            beyond=beyond.astype(np.float32),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Local:
    """Deviations of regions as normals given the coordinates and the other deviations.

    Those of all responses that counts bind together, one response after the other.
    """

    centre: FloatArray  #: (region, local): at the centre of the rest
    #: (region, local, own): minus their derivative by what else matters for the responses
    pull: FloatArray
    factor: FloatArray  #: (region, local, local): root of their covariance given the rest
    degrees: FloatArray  #: (local,): degrees of freedom

    def variance(self, factor: FloatArray) -> FloatArray:
        """Return marginal variances (region, local); `factor` is that of what else matters."""
        spread = (self.pull @ factor.T) ** 2
        return np.asarray(spread.sum(axis=2) + (self.factor**2).sum(axis=2))


def bound_responses(responses: int) -> tuple[range, range]:
    """Return the responses that counts bind together: those of preference, and participation."""
    return range(responses - 1), range(responses - 1, responses)


def by_response(parts: Sequence[Array], responses: int) -> Array:
    """Return deviations of regions (response, region, local, ...) from those bound together.

    Each of `parts` is an array (region, response * local, ...).
    """
    found = []
    for part, chosen in zip(parts, bound_responses(responses), strict=True):
        regions, width, *draws = part.shape
        each = part.reshape(regions, len(chosen), width // len(chosen), *draws)
        found.append(each.swapaxes(0, 1))
    return np.concatenate(found)  # type: ignore[return-value]


def own_places(coordinates: int, size: int, responses: int, chosen: Collection[int]) -> IntArray:
    """Return the places of all coordinates and of the deviations of some responses."""
    width = (size - coordinates) // responses
    cuts = [coordinates + k * width for k in chosen]
    return np.concatenate([np.arange(coordinates), *(np.arange(c, c + width) for c in cuts)])


def t_draws(degrees: float, shape: tuple[int, ...], *, rng: np.random.Generator) -> FloatArray:
    """Return t distributed draws (response, ...): preferences as one, participation by itself.

    Preferences have the spherical t distribution, which prefers no direction and so no finalist:
    given k of its coordinates with sum of squares s, the next is t with ``degrees + k`` degrees of
    freedom times the root of ``(degrees + s) / (degrees + k)``.
    """
    found, squares = np.empty(shape), np.zeros(shape[1:])
    for k in range(shape[0] - 1):
        wider = np.sqrt((degrees + squares) / (degrees + k))
        found[k] = wider * rng.standard_t(degrees + k, shape[1:])
        squares += found[k] ** 2
    found[-1] = rng.standard_t(degrees, shape[1:])
    return found


def _tails(degrees: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    """Return factors (size, draw) that make normals t distributed; equal degrees share theirs."""
    found = np.ones((len(degrees), n))
    for value in np.unique(degrees[np.isfinite(degrees)]):
        found[degrees == value] = np.sqrt(value / rng.chisquare(value, n))
    return found
