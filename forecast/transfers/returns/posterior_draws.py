"""PosteriorDraws: draws of a posterior of the transfer table, and what can be read off them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forecast.arrays import FloatArray, tails
from forecast.errors import InputError
from forecast.facts.ledger import NONE
from forecast.randomness import stream
from forecast.transfers.returns.check import Diagnostics
from forecast.transfers.returns.counts import Counts
from forecast.transfers.returns.estimate import Estimate, listed, places_of, rate_of
from forecast.transfers.returns.nuts import SamplingDiagnostics
from forecast.transfers.returns.raking import rate_bounds, rates_of, unit_tables
from forecast.transfers.returns.reading import Reading, worse

MEAN_DRAWS = 1000
"""Draws behind the point estimate."""
IDENTIFIED = 0.3
"""Rows of which the counts taught less are called not identified."""
INTERVAL_DRAWS = 2000
"""Draws behind intervals."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PosteriorDraws:
    """Draws of the transfer table given the counts of both rounds: base of `TransferPosterior`."""

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    units: tuple[str, ...]
    forward: Reading
    backward: Reading | None
    seed: int
    reported: Counts | None = None

    @property
    def counts(self) -> Counts:
        """The counts of both rounds that the table meets."""
        return self.forward.counts

    @property
    def _reported(self) -> Counts:
        return self.counts if self.reported is None else self.reported

    @property
    def diagnostics(self) -> Diagnostics | SamplingDiagnostics:
        """How far to trust it, by the worse reading: did the search converge, did chains drift."""
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
        by_unit = unit_tables(rates_of(people, rates), self.counts)
        table = by_unit.sum(axis=0)
        found = (rates_of(table, rates), by_unit, table)
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

        Parameters
        ----------
        n : int
            Number of draws.
        rng : numpy.random.Generator
            The generator.

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
        """Return `n` draws of the rates of the people counted, (draw, origin, destination).

        Parameters
        ----------
        n : int
            Number of draws.
        rng : numpy.random.Generator
            The generator.

        Raises
        ------
        InputError
            If `n` is not positive.
        """
        if n < 1:
            raise InputError(f"draws: must be 1 or more - found {n}")
        rates = self.forward.rates(n, rng=rng)
        return rates_of(self.people(n, rng=rng), rates)

    def interval(self, level: float = 0.9) -> tuple[FloatArray, FloatArray]:
        """Return the ends of central credible intervals, each of shape (origin, destination).

        Parameters
        ----------
        level : float
            Level of the credible intervals.

        Returns
        -------
        low, high : ndarray, shape (origin, destination)
            Fractions of each origin's people.

        Raises
        ------
        InputError
            If `level` is no probability.

        Examples
        --------
        >>> import forecast
        >>> before = np.array([[60, 40], [20, 80], [50, 50], [35, 65]])
        >>> after = np.array([[58, 42], [26, 74], [50, 50], [38, 62]])
        >>> found = forecast.infer_transfers(before, after)
        >>> low, high = found.interval(0.8)
        >>> low.shape, bool((low <= found.mean).all() and (found.mean <= high).all())
        ((2, 2), True)
        """
        low, high = np.quantile(self._rates, tails(level), axis=0)
        least, most = self.bounds()
        return np.clip(low, least, most), np.clip(high, least, most)

    @cached_property
    def _people(self) -> FloatArray:
        """Draws of people by cell behind all intervals; array (draw, origin, destination)."""
        return self.people(INTERVAL_DRAWS, rng=stream(self.seed, "transfers: interval"))

    @cached_property
    def _rates(self) -> FloatArray:
        """The same as rates of the people counted."""
        rates = self.forward.rates(INTERVAL_DRAWS, rng=stream(self.seed, "transfers: empty rows"))
        return rates_of(self._people, rates)

    @cached_property
    def _believed(self) -> FloatArray:
        """Draws of the rates before the counts; array (draw, origin, destination)."""
        return self.forward.prior.draw(MEAN_DRAWS, rng=stream(self.seed, "transfers: before"))

    @property
    def prior_mean(self) -> FloatArray:
        """Mean of the rates before the counts, shape (origin, destination)."""
        return np.asarray(self._believed.mean(axis=0))

    @cached_property
    def learnt(self) -> FloatArray:
        """How much the counts taught about every row, from 0 to 1, shape (origin,).

        ``1 - (posterior sd / prior sd)^2``, variances summed over the row. Rows under
        `IDENTIFIED` are called not identified: they repeat what was believed beforehand.
        """
        before = np.maximum(self._believed.var(axis=0).sum(axis=1), 1e-12)
        told = 1.0 - self._rates.var(axis=0).sum(axis=1) / before
        occupied = self.counts.origins.sum(axis=1) > 0
        return np.where(occupied, np.clip(told, 0.0, 1.0), 0.0)

    @property
    def preference(self) -> FloatArray:
        """Preference among those who vote for a finalist, shape (origin, finalist).

        Examples
        --------
        >>> import forecast
        >>> before = np.array([[60, 40], [20, 80], [50, 50], [35, 65]])
        >>> after = np.array([[58, 42], [26, 74], [50, 50], [38, 62]])
        >>> found = forecast.infer_transfers(before, after)
        >>> found.preference.shape, found.preference.sum(axis=1).round(6).tolist()
        ((2, 2), [1.0, 1.0])
        """
        columns = self._columns(self.finalists)
        taken = self.mean[:, columns]
        return np.asarray(taken / np.maximum(taken.sum(axis=1, keepdims=True), 1e-12))

    def rate(
        self,
        origins: Sequence[str] | str,
        destinations: Sequence[str] | str,
        *,
        voters: bool = False,
    ) -> Estimate:
        """Return the fraction of some origins' people who went to some destinations.

        Parameters
        ----------
        origins, destinations : str or sequence of str
            Names; several are taken together.
        voters : bool
            Whether to divide by those who voted for a finalist: preference in place of rate.

        Returns
        -------
        Estimate
            Draws of a fraction.

        Raises
        ------
        InputError
            If a name is unknown.

        Examples
        --------
        >>> import forecast
        >>> before = np.array([[60, 40], [20, 80], [50, 50], [35, 65]])
        >>> after = np.array([[58, 42], [26, 74], [50, 50], [38, 62]])
        >>> found = forecast.infer_transfers(before, after)
        >>> stay = found.rate("origin 1", "destination 1") - found.rate("origin 2", "destination 2")
        >>> stay.fraction
        True
        """
        return rate_of(
            self._people,
            self._rows(origins),
            self._columns(destinations),
            among=self._columns(self.finalists) if voters else None,
            what=f"{listed(origins)} to {listed(destinations)}" + " among voters" * voters,
        )

    def moved(self, origins: Sequence[str] | str, destinations: Sequence[str] | str) -> Estimate:
        """Return how many of some origins' people went to some destinations; see `rate`.

        Parameters
        ----------
        origins, destinations : str or sequence of str
            Names; several are taken together.

        Returns
        -------
        Estimate
            Draws of a number of people.

        Raises
        ------
        InputError
            If a name is unknown.

        Examples
        --------
        >>> import forecast
        >>> before = np.array([[60, 40], [20, 80], [50, 50], [35, 65]])
        >>> after = np.array([[58, 42], [26, 74], [50, 50], [38, 62]])
        >>> found = forecast.infer_transfers(before, after)
        >>> crossed = found.moved("origin 1", "destination 2")
        >>> crossed.fraction, 0 < crossed.mean < 165
        (False, True)
        """
        rows, columns = self._rows(origins), self._columns(destinations)
        return Estimate(
            what=f"{listed(origins)} to {listed(destinations)}",
            draws=self._people[:, rows][..., columns].sum(axis=(1, 2)),
            fraction=False,
        )

    def _rows(self, names: Sequence[str] | str) -> list[int]:
        return places_of(names, self.origins, "origin")

    def _columns(self, names: Sequence[str] | str) -> list[int]:
        return places_of(names, self.destinations, "destination")

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Return the least and largest rates that the counts of the units allow.

        Each of shape (origin, destination); after Duncan & Davis (1953), as in `FlowBounds`.
        """
        return rate_bounds(self._reported.origins, self._reported.destinations)

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""
        return tuple(d for d in self.destinations if d != NONE)
