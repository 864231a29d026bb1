"""What the rows of a contest share that was learned by role, for the sampler of every table.

Draws of a pair share the population: what we do not know about it is ignorance about inputs, while
the new day, the new contest and its candidates are chance. Contests of one day share the population
and the day's factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.roles.population import NATIONAL_TAIL, Population
from forecast.transfers.table.day import Day
from forecast.transfers.table.sampler import Level

FACTORS = ("mobilisation", "swing", "partisan mobilisation")
WORDS = ("preference", "participation")


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


def loadings_of(roles: Sequence[int], size: int, sign: int) -> FloatArray:
    """Return how the roles' coordinates become those of the origins, shape (R 2, p).

    The `size` p coordinates are preference, then participation, by role. The `sign` is 1 if the
    contest's first finalist has the first role, else -1.
    """
    out = np.zeros((len(roles), 2, size))
    for r, role in enumerate(roles):
        out[r, 0, 2 * role] = sign
        out[r, 1, 2 * role + 1] = 1.0
    return out.reshape(-1, size)


def day_level(
    population: Population,
    loading: FloatArray,
    *,
    day: int | None,
    mobilisation: tuple[FloatArray, FloatArray] | None,
    nationwide: bool,
) -> Level:
    """Return the factors of a contest's day, a known one or a new one.

    The loading is from `loadings_of`. Where something other than the population's days tells of
    `mobilisation`, it gives location and scale of that factor by draw of the population. A
    `nationwide` contest adds `Population.national` to its day.
    """
    centre, scale = np.zeros_like(population.factor_sd), population.factor_sd
    wider = population.national if nationwide else np.zeros(scale.shape[1])
    if day is not None:
        centre, scale = population.days[:, day].copy(), np.zeros_like(scale)
        wider = np.zeros_like(wider)
    if mobilisation is not None:
        (centre[:, 0], scale), wider = (mobilisation[0], scale.copy()), wider.copy()
        scale[:, 0], wider[0] = mobilisation[1], 0.0
    return Level(
        names=FACTORS,
        title="the day",
        loading=loading @ population.factors,
        centre=centre,
        scale=scale,
        wider=wider if wider.any() else None,
        tail=NATIONAL_TAIL if wider.any() else np.inf,
        day=_factors_of_day,
    )


def _factors_of_day(n: int, rng: np.random.Generator, day: Day) -> FloatArray:  # noqa: ARG001
    """Return normals of the factors, alike for all contests of a day."""
    return day.rng("factors").standard_normal((len(FACTORS), n))


def contest_level(
    population: Population, loading: FloatArray, x: FloatArray, names: Sequence[str]
) -> Level:
    """Return what the origins of one role share in one contest with this design row `x` (q,).

    The loading is from `loadings_of`; `names` are the roles.
    """
    return Level(
        names=tuple(f"{role}: {word}" for role in names for word in WORDS),
        title="the contest",
        loading=loading,
        centre=np.tensordot(population.coefficients, x, axes=(1, 0)),
        root=population.root,
        tail=population.tail,
    )
