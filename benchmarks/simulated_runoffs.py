"""Simulated runoffs whose transfers are known: the kinds that ecological inference meets.

Four candidates and non-voters, whose shares vary between units; two of the candidates are the
finalists. A kind says by which table people move and how units deviate from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import forecast
from forecast.randomness import stream

__all__ = ["KINDS", "STRESSES", "Kind", "Simulated", "simulated_runoff"]

FloatArray = npt.NDArray[np.float64]

ONE_TABLE = (
    (0.95, 0.01, 0.04),
    (0.01, 0.95, 0.04),
    (0.50, 0.35, 0.15),
    (0.40, 0.30, 0.30),
    (0.05, 0.04, 0.91),
)
BOYCOTT = ((0.50, 0.01, 0.49), *ONE_TABLE[1:])
SWITCHING = ((0.93, 0.03, 0.04), (0.03, 0.93, 0.04), *ONE_TABLE[2:])
DISLOYAL = ((0.75, 0.20, 0.05), (0.20, 0.75, 0.05), *ONE_TABLE[2:])


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How people of a simulated contest move.

    Parameters
    ----------
    name : str
        What to call it.
    units : int
        How many.
    table : tuple of rows
        Rates that units scatter about.
    concentration : float
        Of the Dirichlet by which every row of every unit scatters; infinite means not at all.
    spatial : float
        Standard deviation, in logits, by which all rows of a unit deviate together.
    lean : tuple of float
        By row, how the log ratio of the finalists follows that of their votes in the unit.
    odd : bool
        Whether one unit has a list of zero and 120 votes in the runoff.
    """

    name: str
    units: int = 300
    table: tuple[tuple[float, ...], ...] = ONE_TABLE
    concentration: float = np.inf
    spatial: float = 0.0
    lean: tuple[float, ...] = (0.0,) * len(ONE_TABLE)
    odd: bool = False


KINDS = (
    Kind(name="one table, 60 units", units=60),
    Kind(name="one table, 300 units"),
    Kind(name="rows scatter by unit, 60", units=60, concentration=30.0),
    Kind(name="rows scatter by unit, 300", concentration=30.0),
    Kind(name="spatial .15 logit", spatial=0.15),
    Kind(name="spatial .3 logit", spatial=0.3),
    Kind(name="boycott, half at home", table=BOYCOTT),
    Kind(name="disloyal, 75%", table=DISLOYAL),
    Kind(name="an odd station", odd=True, units=60),
)


def _loyal(part: float) -> tuple[tuple[float, ...], ...]:
    """Return a table by which this part of the finalists' voters come back."""
    other = (1 - part) / 4
    return ((part, other, 3 * other), (other, part, 3 * other), *ONE_TABLE[2:])


STRESSES = (
    *(
        Kind(name=f"{part:.0%} loyal, {units}", units=units, table=_loyal(part), concentration=200)
        for part in (0.97, 0.98, 0.99)
        for units in (60, 400)
    ),
    *(
        Kind(name=f"all follow the lean, {units}", units=units, concentration=200,
             table=SWITCHING, lean=(0.3, 0.3, 0.35, 0.35, 1.05))
        for units in (60, 1500)
    ),
)  # fmt: skip
"""Kinds from which no constant is learned: slopes are those of `forecast.transfers.night`."""


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A contest, its returns, and the rates by which its people moved, (origin, destination)."""

    contest: forecast.Contest
    returns: forecast.Returns
    truth: FloatArray


def simulated_runoff(kind: Kind, seed: int) -> Simulated:
    """Return the contest of a kind that belongs to a seed."""
    rng = stream(seed, f"simulated runoff: {kind.name}")
    units = kind.units
    registered = rng.integers(800, 1500, units)
    ballots = (registered * rng.uniform(0.5, 0.7, units)).astype(int)
    votes = rng.multinomial(ballots, rng.dirichlet((6, 5, 4, 2), units))
    origins = np.column_stack([votes, registered - ballots])
    logits = np.log(np.array(kind.table))[None] + kind.spatial * rng.normal(size=(units, 1, 3))
    lean = np.log((votes[:, 0] + 2) / (votes[:, 1] + 2))
    tilt = np.outer(lean - lean.mean(), kind.lean) / 2
    logits = logits + np.stack([tilt, -tilt, np.zeros_like(tilt)], axis=2)
    rates = np.exp(logits)
    rates /= rates.sum(axis=2, keepdims=True)
    if np.isfinite(kind.concentration):
        rates = rng.standard_gamma(kind.concentration * rates)
        rates /= rates.sum(axis=2, keepdims=True)
    people = rng.multinomial(origins, rates)
    truth = people.sum(axis=0).astype(float)
    truth /= truth.sum(axis=1, keepdims=True)
    runoff = people.sum(axis=1)[:, :2]
    if kind.odd:
        registered[-1], votes[-1], runoff[-1] = 0, 0, (70, 50)
    names = tuple(f"u{u}" for u in range(units))
    contest = forecast.Contest(
        name=kind.name,
        candidates=("a", "b", "c", "d"),
        finalists=("a", "b"),
        units=names,
        votes=votes,
        invalid=np.zeros(units, dtype=int),
        registered=registered,
        electorate="registered",
    )
    returns = forecast.Returns(units=names, finalists=("a", "b"), votes=runoff)
    return Simulated(contest=contest, returns=returns, truth=truth)
