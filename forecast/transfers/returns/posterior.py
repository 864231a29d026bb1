"""TransferPosterior: what the counts of both rounds say about who moved where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.arrays import FloatArray, inference_data
from forecast.display import Frames, Shown, Tabular, figure
from forecast.errors import InputError
from forecast.facts.ledger import NONE, Ledger
from forecast.files.text import in_short
from forecast.randomness import stream
from forecast.transfers.polls.polled import Unpolled
from forecast.transfers.returns.counts import Mask
from forecast.transfers.returns.estimate import cell_rows
from forecast.transfers.returns.places import RegionalTransfers, members, regional_transfers
from forecast.transfers.returns.posterior_draws import IDENTIFIED, MEAN_DRAWS, PosteriorDraws
from forecast.transfers.returns.reading import read_counts, worth_reversing
from forecast.transfers.returns.settings import ARRAYS, Settings
from forecast.transfers.returns.units import UnitResiduals, margin_notes, unit_residuals
from forecast.transfers.table.contributions import Contributions, contributions
from forecast.transfers.table.day import Day
from forecast.transfers.table.describe import Description, content_digest, described_rows
from forecast.transfers.table.endorsement import Endorsement, Move, move_rates, moves_of
from forecast.transfers.table.normal import Normal
from forecast.transfers.table.protocols import Dated, Sampler

if TYPE_CHECKING:
    from arviz import InferenceData
    from matplotlib.axes import Axes
    from xarray import DataTree


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TransferPosterior(PosteriorDraws, Unpolled, Tabular):
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
    counted : datetime.date or None
        Day of the runoff whose counts it holds.
    joined : int
        People who voted in the runoff beyond the first round's lists, added to the non-voters.
    roles : bool
        Whether the rows have a prior of their own, by role or given by the user.
    aside : mapping of str to str
        Units that tell nothing about the table, and why.
    notes : tuple of str
        Which units could not be compared, one sentence each.
    reported : Counts or None
        What was counted, where odd units and those set aside are taken as one expects them.
    endorsements : tuple of Endorsement
        What has moved origins since, where it serves as the prior of another runoff.
    regions : tuple of str or None
        The region of every unit, where the contest has regions.

    Examples
    --------
    >>> import forecast
    >>> before = np.array([[60, 40], [20, 80], [50, 50], [35, 65]])
    >>> after = np.array([[58, 42], [26, 74], [50, 50], [38, 62]])
    >>> found = forecast.infer_transfers(before, after)
    >>> found.origins, found.mean.sum(axis=1).round(6).tolist()
    (('origin 1', 'origin 2'), [1.0, 1.0])
    >>> found.table.sum(axis=0).round().tolist()
    [172.0, 228.0]
    """

    takes_polls = False

    labels: Mapping[str, str] = field(default_factory=dict)
    counted: date | None = None
    joined: int = 0
    roles: bool = False
    aside: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()
    regions: tuple[str, ...] | None = None

    def frames(self) -> Frames:
        """Return the tables of `to_frame`: transfers, units, contributions."""
        return {
            "transfers": self._transfer_rows,
            "units": lambda: self.residuals().rows(),
            "contributions": lambda: self.contributions().rows(),
        }

    def _transfer_rows(self) -> list[dict[str, Any]]:
        """Return a row per origin and destination: estimate, interval, before, bounds, people."""
        low, high = self.interval(0.9)
        least, most = self.bounds()
        values = {"people": self.table, "mean": self.mean, "low": low, "high": high}
        values |= {"before": self.prior_mean, "least": least, "most": most}
        return cell_rows(self.origins, self.destinations, values)

    def contributions(self, finalist: str | None = None, level: float = 0.9) -> Contributions:
        """Return what each origin adds to the margin: who decided it.

        See `forecast.transfers.table.contributions.contributions`.

        Parameters
        ----------
        finalist : str, optional
            Whose margin over the strongest other; by default of who has most votes on average.
        level : float
            Level of the intervals.

        Returns
        -------
        Contributions
            Net votes of every origin, and points of the margin.

        Raises
        ------
        InputError
            If `finalist` is no finalist or `level` no probability.
        """
        nobody = [k for k, name in enumerate(self.destinations) if name == NONE]
        found = contributions(
            self._people[..., [*self._columns(self.finalists), *nobody]],
            origins=self.origins,
            finalists=self.finalists,
            level=level,
            finalist=finalist,
            labels=self.labels,
        )
        pair = self._columns([found.finalist, found.rival])
        return replace(found, notes=margin_notes(self.units, self._reported, self.counts, pair))

    def by_region(
        self, regions: Sequence[str] | Mapping[str, str] | None = None
    ) -> RegionalTransfers:
        """Return the tables of regions or kinds of places, partly pooled.

        Parameters
        ----------
        regions : sequence or mapping of str to str, optional
            The region of every unit, in the order of `units` or by unit; or its kind, such as
            "town" and "village". By default the contest's own regions.

        Returns
        -------
        RegionalTransfers
            A table of every region.

        Raises
        ------
        InputError
            If there are no regions or only one, or they are not one for every unit.

        Notes
        -----
        Rates are those of the people counted. 90% intervals of contrasts between regions cover
        91 to 98% in simulations of regions that differ by 0 to 0.8 logits, and 91% of contrasts
        between districts of New Zealand, where those of levels cover 85%.

        Examples
        --------
        >>> rng = np.random.default_rng(1)
        >>> before = rng.integers(20, 90, (12, 2))
        >>> after = (before @ [[0.9, 0.1], [0.2, 0.8]]).round().astype(int)
        >>> after[:, 1] += before.sum(axis=1) - after.sum(axis=1)
        >>> import forecast
        >>> posterior = forecast.infer_transfers(before, after)
        >>> posterior.by_region(["town"] * 6 + ["village"] * 6).regions
        ('town', 'village')
        """
        rng = stream(self.seed, "transfers: regions")
        return regional_transfers(
            self.forward,
            self.draws(MEAN_DRAWS, rng),
            members(regions, self.regions, self.units),
            ~self._set_aside,
            rng=rng,
            origins=self.origins,
            destinations=self.destinations,
            finalists=self.finalists,
            labels=self.labels,
        )

    @property
    def _set_aside(self) -> Mask:
        """Which units tell nothing, shape (unit,)."""
        return np.array([unit in self.aside for unit in self.units], dtype=bool)

    def residuals(self) -> UnitResiduals:
        """Return how every unit fits the table, and which do not."""
        reading = self.forward
        origins, destinations = reading.cells
        part = self._reported.select(origins, destinations, np.ones(len(self.units), dtype=bool))
        expected, weight, tail, exchanged = unit_residuals(reading.density, reading.mode, part)
        kept = np.flatnonzero(destinations)
        aside = self._set_aside
        full = np.zeros((len(self.units), len(self.destinations)))
        full[:, kept] = expected
        return UnitResiduals(
            units=self.units,
            destinations=self.destinations,
            counted=self._reported.destinations.T,
            expected=full,
            weight=np.where(aside, 0.0, weight),
            tail=np.where(aside | (self.counts.people == 0), 1.0, tail),
            exchanged={u: (int(kept[a]), int(kept[b])) for u, (a, b) in exchanged.items()},
            aside=self.aside,
            labels=self.labels,
        )

    @property
    def name(self) -> str:
        """What to call it in reports."""
        return f"the runoff's own returns, {len(self.units):,} units"

    @property
    def basis(self) -> Dated:
        """The counts of the runoff."""
        return Dated(what=self.name, published=self.counted, source="")

    @property
    def endorsable(self) -> tuple[str, ...]:
        """Origins that can back a finalist."""
        return self.origins

    def check_basis(self, day: date) -> None:
        """Refuse a day on which the runoff it holds the counts of was not over.

        Parameters
        ----------
        day : datetime.date
            Day of the forecast.

        Raises
        ------
        InputError
            If the runoff was later, or its day is unknown.
        """
        if self.counted is None or self.counted > day:
            raise InputError(
                f"as_of: this posterior holds counts of a runoff on "
                f"{self.counted or 'a day unknown'} and cannot be taken as of {day}; use a prior"
            )

    def describe(self) -> Description:
        """Return its rows, mean and 90% interval."""
        values = np.stack([self.mean, *self.interval(0.9)])
        return Description(
            prior=self.name,
            basis=self.name,
            columns=self.destinations,
            rows=described_rows(self.origins, values, {o: (o,) for o in self.origins}),
            endorsements=self.endorsements,
            content=content_digest((self.mean, self.seed)),
        )

    def variants(self) -> Mapping[str, TransferPosterior]:
        """Return the same counts under other specifications, by name.

        Published tables of one contest contradict each other because each is one specification.
        """
        return self._variants

    @cached_property
    def _variants(self) -> dict[str, TransferPosterior]:
        usual = self.forward.density.settings
        prior = self.forward.prior if self.roles else None
        wide = replace(usual, own_context=2.0 * usual.own_context)
        none = replace(usual, context=0.0, context_scale=0.0, context_inferred=False)
        found = {
            "own context twice as large": self._again(wide, prior),
            "no common context": self._again(none, prior),
        }
        if self.roles:
            found["roles ignored"] = self._again(ARRAYS, None)
        return found

    def _again(self, settings: Settings, prior: Normal | None) -> TransferPosterior:
        rng = stream(self.seed, "transfers: variants")
        plan: dict[str, Any] = {"settings": settings, "method": "laplace", "rng": rng}
        plan |= {"aside": self._set_aside, "check": False}
        backward = None
        if prior is None and worth_reversing(self.counts):
            backward = read_counts(self._reported.reversed, **plan)
            backward = replace(backward, counts=self.counts.reversed)
        forward = replace(read_counts(self._reported, prior=prior, **plan), counts=self.counts)
        return replace(self, forward=forward, backward=backward, roles=prior is not None)

    def range(self) -> tuple[FloatArray, FloatArray]:
        """Return the least and largest mean over this posterior and its variants."""
        means = np.stack([self.mean, *(p.mean for p in self.variants().values())])
        return np.asarray(means.min(axis=0)), np.asarray(means.max(axis=0))

    def sampler(self, ledger: Ledger) -> PosteriorSampler:
        """Return a sampler of the transfer rates, for simulating a contest with these origins.

        Parameters
        ----------
        ledger : Ledger
            People by origin.

        Raises
        ------
        InputError
            If origins or destinations differ from the ledger's.
        """
        if (ledger.origins, ledger.destinations) != (self.origins, self.destinations):
            own, theirs = ((*x.origins, *x.destinations) for x in (self, ledger))
            raise InputError(
                "posterior: the contest must have its origins and destinations - lacks "
                f"{in_short([name for name in own if name not in theirs]) or 'none'} and has "
                f"{in_short([name for name in theirs if name not in own]) or 'none'} besides; "
                "small candidates are one origin: infer with below=0 (--below 0) or, in Python, "
                "take contest.grouped()"
            )
        plain = replace(self, endorsements=())
        moves = moves_of(self.endorsements, ledger, plain.sampler)
        return PosteriorSampler(posterior=self, moves=moves)

    def to_arviz(self, draws: int | None = None) -> InferenceData | DataTree:
        """Return draws of the transfer rates as ArviZ reads them, variable "transfers".

        Shares and turnout of both rounds are counts here, and no draws.

        Parameters
        ----------
        draws : int, optional
            How many; by default all of NUTS in their chains, else 2,000 independent ones.

        Returns
        -------
        arviz.InferenceData or xarray.DataTree
            The first with ArviZ 0.x, the second with ArviZ 1. There is no log likelihood, since it
            is tempered: comparing models by it would say too much.
        """
        import xarray

        chains = 4
        if draws is None:
            sampled = self.forward.posterior
            draws, chains = getattr(sampled, "size", (2000, chains))
        rates = self.draws(draws, rng=stream(self.seed, "transfers: arviz"))
        coords = {
            "draw": np.arange(draws),
            "origin": list(self.origins),
            "destination": list(self.destinations),
        }
        dataset = xarray.Dataset({"transfers": (tuple(coords), rates)}, coords)
        return inference_data(dataset, chains)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the table with its intervals; return the Axes.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; new ones by default.
        """
        return figure("transfer_table", self, ax)

    def shown(self) -> Shown:
        """Return the table, in percent; see the legend below it."""
        ends = [*self.interval(0.9), *self.bounds(), *self.range()]
        numbers = np.rint(100.0 * np.stack([self.mean, self.prior_mean, *ends])).astype(int)
        label = {name: self.labels.get(name, name) for name in (*self.origins, *self.destinations)}
        rows = []
        for r, origin in enumerate(self.origins):
            cells = numbers[:, r].T
            told = "not identified" if self.learnt[r] < IDENTIFIED else f"{self.learnt[r]:.0%}"
            rows.append([label[origin], *(f"{m} [{a}, {b}]" for m, _, a, b, *_ in cells), told])
            beside = [f"{p} | {a}-{b} | {c}-{d}" for _, p, _, _, a, b, c, d in cells]
            rows.append(["", *beside, ""])
        head = ["", *(label[d] for d in self.destinations), "learnt"]
        return Shown(title="", head=head, rows=rows, notes=self._legend())

    def _legend(self) -> list[str]:
        """Return what the printed table means, and what to know of it."""
        n = len(self.units)
        lines = [
            f"percent of each origin from {n:,} unit{'s' * (n > 1)}: estimate [90% interval], and "
            "below it",
            "  mean before the counts | what the counts alone allow | range of the estimate over "
            f"{', '.join(self.variants())}",
            "learnt: how much the counts narrowed the row; under "
            f"{IDENTIFIED:.0%} it mostly repeats what was believed before",
        ]
        lines += self.notes
        if self.joined:
            lines.append(f"{self.joined:,} voters beyond the first lists, added to the non-voters")
        if not self.counts.occupied:
            return [*lines, "no returns: the prior alone"]
        return [*lines, *self.residuals().lines(), str(self.diagnostics)]


@dataclass(frozen=True, kw_only=True)
class PosteriorSampler(Sampler):
    """Draws of a posterior's transfer rates; pairs share nothing but the posterior."""

    posterior: TransferPosterior  #: where the rates come from
    #: shifts of an origin's log-ratio towards a finalist, such as by endorsements
    moves: tuple[Move, ...] = ()

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""
        return self.posterior.origins

    def draw(
        self,
        n: int,
        *,
        rng: np.random.Generator,
        day: Day | None = None,  # noqa: ARG002
    ) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw)."""
        if self.posterior.backward is None:
            rates = self.posterior.forward.rates(n, rng=rng)
        else:  # only tables of the people counted combine both readings
            rates = self.posterior.draws(n, rng)
        kept = [self.posterior.destinations.index(f) for f in self.posterior.finalists]
        found = np.ascontiguousarray(rates[:, :, kept].transpose(1, 2, 0))
        return move_rates(found, self.moves, rng.standard_normal((len(self.moves), n)))

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
