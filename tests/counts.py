"""Small contests drawn from the model, with the table that made them."""

from dataclasses import dataclass

import numpy as np

import forecast
from forecast.arrays import FloatArray
from forecast.transfers.returns.counts import Counts, counts_from_units
from forecast.transfers.returns.density import TransferDensity
from forecast.transfers.returns.rows import margin_prior, role_prior
from forecast.transfers.returns.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A contest and what made it."""

    first_round: FloatArray
    runoff: FloatArray
    table: FloatArray
    people: FloatArray


def simulated(
    *,
    units: int,
    origins: int,
    destinations: int,
    rng: np.random.Generator,
    table: FloatArray | None = None,
    kappa: float = 60.0,
) -> Simulated:
    """Dirichlet-multinomial transfers in units of very different composition."""
    if table is None:
        table = rng.dirichlet(np.full(destinations, 1.0), size=origins)
    shares = rng.dirichlet(np.full(origins, 1.5), size=units)
    first_round = np.array([rng.multinomial(rng.integers(100, 900), s) for s in shares])
    people = np.zeros((units, origins, destinations))
    for u in range(units):
        for r in range(origins):
            rates = rng.dirichlet(kappa * table[r] + 1e-9)
            people[u, r] = rng.multinomial(first_round[u, r], rates)
    return Simulated(
        first_round=first_round.astype(float),
        runoff=people.sum(axis=1),
        table=table,
        people=people.sum(axis=0),
    )


def density_of(first_round: FloatArray, runoff: FloatArray, settings: Settings) -> TransferDensity:
    """Return the density that `infer_transfers` would use for two arrays."""
    counts: Counts = counts_from_units(first_round, runoff)
    prior = margin_prior(counts, settings)
    return TransferDensity(counts=counts, prior=prior, settings=settings)


def runoff_density(
    first_round: FloatArray, runoff: FloatArray, settings: Settings
) -> TransferDensity:
    """Return the density of a runoff: finalists first, then the eliminated, then non-voters."""
    counts: Counts = counts_from_units(first_round, runoff)
    finalists = len(counts.destinations) - 1
    eliminated = len(counts.origins) - finalists - 1
    kinds = ("finalist",) * finalists + ("eliminated",) * eliminated + ("non-voters",)
    return TransferDensity(counts=counts, prior=role_prior(kinds, finalists), settings=settings)


def runoff_of(made):
    """Return a contest of three candidates and non-voters, and its returns."""
    units = tuple(f"u{u}" for u in range(len(made.first_round)))
    first = forecast.Contest(
        name="made",
        candidates=("a", "b", "c"),
        finalists=("a", "b"),
        units=units,
        votes=made.first_round[:, :3].astype(int),
        invalid=np.zeros(len(units), dtype=int),
        registered=made.first_round.sum(axis=1).astype(int),
        electorate="registered",
    )
    votes = made.runoff[:, :2].astype(int)
    return first, forecast.Returns(units=units, finalists=("a", "b"), votes=votes)


LOYAL = np.array([[0.95, 0.02, 0.03], [0.02, 0.95, 0.03], [0.5, 0.3, 0.2], [0.04, 0.04, 0.92]])
