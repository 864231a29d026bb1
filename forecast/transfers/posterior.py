"""TransferPosterior: what the counts of both rounds say about who moved where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.ledger import NONE, Ledger
from forecast.randomness import stream
from forecast.text import aligned
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.likelihood import Counts
from forecast.transfers.raking import unit_tables
from forecast.transfers.reading import Reading, diagnostics_text

__all__ = ["PosteriorSampler", "TransferPosterior"]

MEAN_DRAWS = 1000
"""Draws behind the point estimate."""
INTERVAL_DRAWS = 2000
"""Draws behind intervals."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TransferPosterior:
    """Posterior of a transfer table; made by `infer_transfers`.

    Parameters
    ----------
    origins, destinations, units : tuple of str
        Names of the rows, the columns and the units.
    forward : Reading
        Runoff counts given first-round counts.
    backward : Reading or None
        First-round counts given runoff counts, where that sharpens the estimate.
    seed : int
        Seed of the intervals.
    """

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    units: tuple[str, ...]
    forward: Reading
    backward: Reading | None
    seed: int

    @property
    def counts(self) -> Counts:
        """The counts of both rounds."""
        return self.forward.density.counts

    @property
    def diagnostics(self) -> object:
        """How far to trust the forward reading: convergence, Pareto shape, effective size."""
        return self.forward.posterior.diagnostics

    @cached_property
    def _estimate(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return mean (origin, destination), people by unit, and people in total."""
        rng = stream(self.seed, "transfers: mean")
        rates = self.forward.rates(MEAN_DRAWS, rng=rng).mean(axis=0)
        people = self.forward.people(MEAN_DRAWS, rng=rng).mean(axis=0)
        if self.backward is not None:
            people = 0.5 * (people + self.backward.people(MEAN_DRAWS, rng=rng).mean(axis=0).T)
        by_unit = unit_tables(_rates(people, rates), self.counts)
        table = by_unit.sum(axis=0)
        return _rates(table, rates), by_unit, table

    @property
    def mean(self) -> FloatArray:
        """Estimated transfer rates of the people counted, shape (origin, destination)."""
        return self._estimate[0]

    @property
    def table(self) -> FloatArray:
        """Estimated people by cell, shape (origin, destination); it meets both margins."""
        return self._estimate[2]

    def unit_tables(self) -> FloatArray:
        """Return estimated people by unit, shape (unit, origin, destination).

        They meet both margins of every unit and add up to `table`.
        """
        return self._estimate[1]

    def people(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` draws of the people by cell, shape (draw, origin, destination).

        Notes
        -----
        Where the counts were read in both directions, half of the draws lean on each: which one
        is nearer the truth differs between contests and cannot be known beforehand. A draw is
        `Settings.own_share` of one direction's table and the rest of the other's.
        """
        forward = self.forward.people(n, rng=rng)
        if self.backward is None:
            return forward
        back = np.swapaxes(self.backward.people(n, rng=rng), 1, 2)
        own = self.forward.density.settings.own_share
        leaning_forward = rng.permutation(n)[:, None, None] < n / 2
        share = np.where(leaning_forward, own, 1.0 - own)
        return np.asarray(share * forward + (1.0 - share) * back)

    def draws(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` draws of the rates of the people counted, (draw, origin, destination)."""
        rates = self.forward.rates(n, rng=rng)
        return _rates(self.people(n, rng=rng), rates)

    def interval(self, level: float = 0.9) -> tuple[FloatArray, FloatArray]:
        """Return the ends of central credible intervals, each of shape (origin, destination).

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        if not 0 < level < 1:
            raise InputError(f"level must be between 0 and 1 - found {level!r}; 0.9 means 90 %")
        rates = self.draws(INTERVAL_DRAWS, rng=stream(self.seed, "transfers: interval"))
        low, high = np.quantile(rates, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        return low, high

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""
        return tuple(d for d in self.destinations if d != NONE)

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return f"posterior of the returns of {len(self.units):,} units"

    @property
    def known(self) -> date | None:
        """No date: counts of a runoff carry none here."""
        return None

    def as_of(self, day: date) -> TransferPosterior:
        """Refuse: a posterior holds counts of a runoff, whose day it does not know.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            f"as_of: a posterior of returns cannot be taken as of {day}; infer it from what was "
            "counted by then"
        )

    def variants(self) -> Mapping[str, TransferPosterior]:
        """Return no variants."""
        return {}

    def sampler(self, ledger: Ledger) -> PosteriorSampler:
        """Return a sampler of the transfer rates, for simulating a contest with these origins.

        Raises
        ------
        InputError
            If origins or destinations differ from the ledger's.
        """
        if (ledger.origins, ledger.destinations) != (self.origins, self.destinations):
            raise InputError(
                f"posterior: the contest must have the origins {self.origins} and destinations "
                f"{self.destinations} - found {ledger.origins} and {ledger.destinations}"
            )
        return PosteriorSampler(posterior=self)

    def to_arviz(self, draws: int = 2000) -> Any:
        """Return draws of the transfer rates as ArviZ inference data, variable "transfers"."""
        from forecast.transfers.nuts import inference_data

        rates = self.draws(draws, rng=stream(self.seed, "transfers: arviz"))
        return inference_data(rates, self.origins, self.destinations)

    def plot(self, ax: Any = None) -> Any:
        """Draw the table with its intervals on Axes `ax` (new ones by default); return them."""
        from forecast.report.figures import transfer_table

        return transfer_table(self, ax)

    def __str__(self) -> str:
        """Return mean and 90 % interval of every rate as aligned text, in percent."""
        low, high = self.interval(0.9)
        cells = [
            [f"{100 * m:.0f} [{100 * a:.0f}, {100 * b:.0f}]" for m, a, b in zip(*row, strict=True)]
            for row in zip(self.mean, low, high, strict=True)
        ]
        rows = [[origin, *line] for origin, line in zip(self.origins, cells, strict=True)]
        lines = aligned(["", *self.destinations], rows)
        units = len(self.units)
        lines.append(f"percent of each origin, 90 % intervals; {units:,} units")
        lines.append(diagnostics_text(self.diagnostics))
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class PosteriorSampler:
    """Draws of a posterior's transfer rates; pairs share nothing but the posterior.

    Parameters
    ----------
    posterior : TransferPosterior
        Where the rates come from.
    """

    posterior: TransferPosterior

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""
        return self.posterior.origins

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw)."""
        rates = self.posterior.forward.rates(n, rng=rng)
        kept = [self.posterior.destinations.index(f) for f in self.posterior.finalists]
        return np.ascontiguousarray(rates[:, :, kept].transpose(1, 2, 0))

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return participation and preference by origin, which here are correlated, and rates."""
        rates = self.draw(n, rng=rng)
        voting = rates.sum(axis=1)
        inputs = {f"{o}: participation": v for o, v in zip(self.origins, voting, strict=True)}
        for k, finalist in enumerate(self.posterior.finalists[:-1]):
            for r, origin in enumerate(self.origins):
                inputs[f"{origin}: preference for {finalist}"] = rates[r, k] / voting[r]
        return inputs, rates


def _rates(people: FloatArray, empty: FloatArray) -> FloatArray:
    """Return rates by origin of tables of people; `empty` where an origin has nobody."""
    totals = people.sum(axis=-1, keepdims=True)
    return np.where(totals > 0.5, people / np.maximum(totals, 0.5), empty)
