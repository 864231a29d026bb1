"""Counts read in one direction: from the first round to the runoff, or back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.check import Diagnostics
from forecast.transfers.returns.counts import Counts, Mask
from forecast.transfers.returns.density import TransferDensity
from forecast.transfers.returns.laplace import NormalPosterior, fit_normal
from forecast.transfers.returns.nuts import SampledPosterior, SamplingDiagnostics, run_nuts
from forecast.transfers.returns.raking import rake
from forecast.transfers.returns.rows import margin_prior
from forecast.transfers.returns.settings import Settings
from forecast.transfers.table.normal import Normal

DRAW_TOLERANCE = 1e-5
"""How nearly a draw meets the margins, as a fraction of all people; estimates meet them exactly."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """The posterior of one direction and the density it belongs to."""

    counts: Counts  #: both rounds, as they were given
    prior: Normal  #: of all origins and destinations
    #: of the origins and destinations that have people, if anybody was counted
    density: TransferDensity
    cells: tuple[Mask, Mask]  #: (origin,), (destination,): which these are
    posterior: NormalPosterior | SampledPosterior  #: its draws
    mode: FloatArray  #: (size,): where the density is highest
    #: (size,): change of the coordinates per unit of context; zero where context is inferred
    context_slope: FloatArray

    def rates(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return transfer tables of `n` draws; array (draw, origin, destination).

        Notes
        -----
        Where context is not inferred it is drawn from its prior, never from the counts, which
        would only seem to know it. An origin without people has the rates of the prior, a
        destination without people the rate zero.
        """
        points = self.posterior.points(n, rng=rng)
        context = self.density.settings.context_scale * rng.standard_normal(n)
        found = self.density.tables(points + np.outer(context, self.context_slope))
        origins, destinations = self.cells
        if origins.all() and destinations.all():
            return found
        rates = self.prior.draw(n, rng=rng)
        rates[..., ~destinations] = 0.0
        rates /= np.maximum(rates.sum(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
        rates[:, np.ix_(origins, destinations)[0], np.flatnonzero(destinations)] = found
        return rates

    def people(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return tables of people that meet both margins; array (draw, origin, destination)."""
        totals, target = self.counts.origins.sum(axis=1), self.counts.destinations.sum(axis=1)
        people = totals[:, None] * self.rates(n, rng=rng)
        return rake(people, totals, target, tolerance=DRAW_TOLERANCE)


def occupied_cells(counts: Counts, units: Mask) -> tuple[Mask, Mask]:
    """Return which origins and destinations to infer from some of the units, given as a mask.

    Those with people, two destinations at least; all of them where nobody was counted.
    """
    origins = counts.origins[:, units].sum(axis=1) > 0
    totals = counts.destinations[:, units].sum(axis=1)
    if not origins.any():
        return np.ones_like(origins), np.ones(len(totals), dtype=bool)
    destinations = totals > 0
    if destinations.sum() < 2:
        destinations[np.argsort(-totals, kind="stable")[:2]] = True
    return origins, destinations


def read_counts(
    counts: Counts,
    *,
    settings: Settings,
    method: str,
    rng: np.random.Generator,
    prior: Normal | None = None,
    aside: Mask | None = None,
    check: bool = True,
    nuts: Mapping[str, Any] | None = None,
) -> Reading:
    """Return the posterior of the table that leads from `counts.origins` to the destinations.

    The method is "laplace", the fast posterior, or "nuts", the reference, which gets the keywords
    `nuts`. A `prior` takes the place of shrinkage towards the destination margin; units `aside`
    (unit,) belong to the contest and tell nothing about the table. `check` says whether to check
    the normal approximation.
    """
    told = counts.people > 0 if aside is None else (counts.people > 0) & ~aside
    origins, destinations = occupied_cells(counts, told)
    kept = counts.select(origins, destinations, told)
    density = TransferDensity(
        counts=kept,
        prior=prior.select(origins, destinations) if prior else margin_prior(kept, settings),
        settings=settings,
    )
    normal = fit_normal(density, rng=rng, check=check and method == "laplace")
    posterior: NormalPosterior | SampledPosterior = normal
    if method == "nuts":
        posterior = run_nuts(density, rng=rng, **(nuts or {}))
    slope = np.zeros(density.size)
    if not settings.context_inferred:
        # The change of the mode per unit of context, by the implicit function theorem.
        slope = normal.factor @ normal.factor.T @ density.by_context(normal.mode)
    return Reading(
        counts=counts,
        prior=prior or margin_prior(counts, settings),
        density=density,
        cells=(origins, destinations),
        posterior=posterior,
        mode=normal.mode,
        context_slope=slope,
    )


def worth_reversing(counts: Counts) -> bool:
    """Return whether there is anything to learn from reading the counts backwards as well."""
    return min(len(counts.origins), len(counts.destinations), counts.occupied) > 1


def worse(
    one: Diagnostics | SamplingDiagnostics, other: Diagnostics | SamplingDiagnostics
) -> Diagnostics | SamplingDiagnostics:
    """Return the worse of two diagnostics of the same kind."""

    def badness(found: Diagnostics | SamplingDiagnostics) -> tuple[bool, float]:
        if isinstance(found, Diagnostics):
            return not found.reliable, found.drift.shift if found.drift else np.inf
        return False, found.r_hat

    return max(one, other, key=badness)
