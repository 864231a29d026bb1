"""TransferPosterior: what the counts of both rounds say about who moved where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, inference_data
from forecast.errors import InputError
from forecast.facts.ledger import NONE, Ledger
from forecast.files.text import aligned
from forecast.randomness import stream
from forecast.transfers.returns.likelihood import Counts
from forecast.transfers.returns.raking import unit_tables
from forecast.transfers.returns.reading import Reading, diagnostics_text, worse

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
    labels : mapping of str to str
        Names to print instead of those of the contest's candidates.
    known : datetime.date or None
        Day of the runoff whose counts it holds.
    joined : int
        People who voted in the runoff beyond the first round's lists, added to the non-voters.
    """

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    units: tuple[str, ...]
    forward: Reading
    backward: Reading | None
    seed: int
    labels: Mapping[str, str] = field(default_factory=dict)
    known: date | None = None
    joined: int = 0

    @property
    def counts(self) -> Counts:
        """The counts of both rounds."""
        return self.forward.density.counts

    @property
    def diagnostics(self) -> object:
        """How far to trust it, by the worse reading: convergence, Pareto shape, effective size."""
        forward = self.forward.posterior.diagnostics
        if self.backward is None:
            return forward
        return worse(forward, self.backward.posterior.diagnostics)

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
        found = (_rates(table, rates), by_unit, table)
        for array in found:
            array.setflags(write=False)
        return found

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

    def people(self, n: int, rng: np.random.Generator) -> FloatArray:
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
        # Exact in the origins, as the forward reading is.
        back *= (self.counts.origins.sum(axis=1) / np.maximum(back.sum(axis=2), 1e-9))[..., None]
        own = self.forward.density.settings.own_share
        leaning_forward = rng.permutation(n)[:, None, None] < n / 2
        share = np.where(leaning_forward, own, 1.0 - own)
        return np.asarray(share * forward + (1.0 - share) * back)

    def draws(self, n: int, rng: np.random.Generator) -> FloatArray:
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
        if not isinstance(level, int | float) or not 0 < level < 1:
            raise InputError(f"level must be between 0 and 1 - found {level!r}; 0.9 means 90 %")
        rates = self.draws(INTERVAL_DRAWS, rng=stream(self.seed, "transfers: interval"))
        low, high = np.quantile(rates, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        least, most = self.bounds()
        return np.clip(low, least, most), np.clip(high, least, most)

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Return the least and largest rates that the counts of the units allow.

        Each of shape (origin, destination); after Duncan & Davis (1953), as in `FlowBounds`.
        """
        x, y = self.counts.origins[:, None], self.counts.destinations[None]
        people = x.sum(axis=2)
        least = np.maximum(x + y - y.sum(axis=1, keepdims=True), 0).sum(axis=2)
        most = np.minimum(x, y).sum(axis=2)
        empty = np.broadcast_to(people < 0.5, least.shape)
        return (
            np.where(empty, 0.0, least / np.maximum(people, 1)),
            np.where(empty, 1.0, most / np.maximum(people, 1)),
        )

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""
        return tuple(d for d in self.destinations if d != NONE)

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return f"the runoff's own returns, {len(self.units):,} units"

    def as_of(self, day: date) -> TransferPosterior:
        """Return itself if the runoff it holds the counts of was over on `day`.

        Raises
        ------
        InputError
            If the runoff was later or its day is unknown.
        """
        if self.known is None or self.known > day:
            raise InputError(
                f"as_of: this posterior holds counts of a runoff on {self.known or 'a day unknown'}"
                f" and cannot be taken as of {day}; use a prior"
            )
        return self

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
        """Return draws of the transfer rates as ArviZ reads them, variable "transfers".

        An `arviz.InferenceData` with ArviZ 0.x, an `xarray.DataTree` with ArviZ 1; one chain.
        """
        import xarray

        rates = self.draws(draws, rng=stream(self.seed, "transfers: arviz"))
        coords = {
            "draw": np.arange(draws),
            "origin": list(self.origins),
            "destination": list(self.destinations),
        }
        return inference_data(xarray.Dataset({"transfers": (tuple(coords), rates)}, coords))

    def plot(self, ax: Any = None) -> Any:
        """Draw the table with its intervals on Axes `ax` (new ones by default); return them."""
        from forecast.report.figures import transfer_table

        return transfer_table(self, ax)

    def __str__(self) -> str:
        """Return mean, 90 % interval and bounds of every rate as aligned text, in percent."""
        columns = (self.mean, *self.interval(0.9), *self.bounds())
        cells = [
            [
                f"{100 * m:.0f} [{100 * a:.0f}, {100 * b:.0f}] ({100 * c:.0f}-{100 * d:.0f})"
                for m, a, b, c, d in zip(*row, strict=True)
            ]
            for row in zip(*columns, strict=True)
        ]
        label = {name: self.labels.get(name, name) for name in (*self.origins, *self.destinations)}
        rows = [[label[origin], *line] for origin, line in zip(self.origins, cells, strict=True)]
        lines = aligned(["", *(label[d] for d in self.destinations)], rows)
        units = len(self.units)
        lines.append(
            "percent of each origin, [90 % interval], (what the counts alone allow); "
            f"{units:,} units"
        )
        if self.joined:
            lines.append(f"{self.joined:,} voters beyond the first lists, added to the non-voters")
        most = self.forward.density.settings.most_units
        if self.counts.occupied > most:
            lines.append(
                f"more units than the constants were learned from ({most}): the counts weigh less"
            )
        lines.append(
            diagnostics_text(self.diagnostics)
            if self.counts.occupied
            else "no returns: the prior alone"
        )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from forecast.report.display import posterior_html

        return posterior_html(self)


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
        if self.posterior.backward is None:
            rates = self.posterior.forward.rates(n, rng=rng)
        else:  # only tables of the people counted combine both readings
            rates = self.posterior.draws(n, rng)
        kept = [self.posterior.destinations.index(f) for f in self.posterior.finalists]
        return np.ascontiguousarray(rates[:, :, kept].transpose(1, 2, 0))

    def inputs(self, n: int, *, rng: np.random.Generator) -> FloatArray:  # noqa: ARG002
        """Return nothing: draws of a pair are independent."""
        return np.empty((0, n))

    def rates(self, inputs: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return as many draws as there are inputs."""
        return self.draw(inputs.shape[1], rng=rng)

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
