"""How the table differs between regions or kinds of places, partly pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from forecast.arrays import FloatArray, tails
from forecast.display import Displayed, Frames, Shown, Tabular, rate_range
from forecast.errors import InputError, suggest
from forecast.files.saved import Saved
from forecast.transfers.returns.counts import Mask
from forecast.transfers.returns.density import TransferDensity
from forecast.transfers.returns.estimate import Estimate, cell_rows, listed, places_of, rate_of
from forecast.transfers.returns.laplace import NormalPosterior, fit_normal
from forecast.transfers.returns.raking import rake
from forecast.transfers.returns.reading import DRAW_TOLERANCE, Reading
from forecast.transfers.table.links import LEAST_RATE
from forecast.transfers.table.normal import Normal

SCALES = np.geomspace(0.02, 1.5, 30)
"""Standard deviations between regions that are tried, in logits."""
USUAL_SCALE = 0.3
"""Of the half-Cauchy prior of that standard deviation, its median. A judgement: regions differ by
7 points of an even split; where the counts show more, the long tail lets them."""
TINY = 1e-9
"""What a sum of people that may be nobody is divided by at least."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RegionalTransfers(Displayed, Tabular, Saved):
    """Transfer tables of regions, or of kinds of places; made by `TransferPosterior.by_region`.

    Parameters
    ----------
    regions, origins, destinations, finalists : tuple of str
        Names.
    people : array (draw, region, origin, destination)
        Draws of people by cell; they meet the margins of every region.
    scale : array (draw,)
        Draws of the standard deviation between regions, in logits.
    labels : mapping of str to str
        Names to print instead.
    """

    regions: tuple[str, ...]
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    finalists: tuple[str, ...]
    people: FloatArray
    scale: FloatArray
    labels: Mapping[str, str] = field(default_factory=dict)

    def rate(
        self,
        region: str,
        origins: Sequence[str] | str,
        destinations: Sequence[str] | str,
        *,
        voters: bool = False,
    ) -> Estimate:
        """Return the fraction of some origins' people in a region who went to some destinations.

        Parameters
        ----------
        region : str
            Which.
        origins, destinations : str or sequence of str
            Names; several are taken together.
        voters : bool
            Whether to divide by those who voted for a finalist.

        Raises
        ------
        InputError
            If a name is unknown.

        Examples
        --------
        >>> import forecast
        >>> contest = forecast.load_contest("georgia-2018").grouped()
        >>> returns = forecast.load_returns("georgia-2018")
        >>> found = forecast.infer_transfers(contest, returns).by_region()
        >>> one, other = found.regions[:2]
        >>> stay = [found.rate(r, "vashadze", "none") for r in (one, other)]
        >>> (stay[0] - stay[1]).fraction
        True
        """
        if region not in self.regions:
            raise InputError(f"transfers: no region {region!r}; {suggest(region, self.regions)}")
        return rate_of(
            self.people[:, self.regions.index(region)],
            places_of(origins, self.origins, "origin"),
            places_of(destinations, self.destinations, "destination"),
            among=places_of(self.finalists, self.destinations, "destination") if voters else None,
            what=f"{region}, {listed(origins)} to {listed(destinations)}"
            + " among voters" * voters,
        )

    @property
    def mean(self) -> FloatArray:
        """Mean rates, shape (region, origin, destination); rows without people are zero."""
        return np.asarray(self._rates.mean(axis=0))

    def interval(self, level: float = 0.9) -> tuple[FloatArray, FloatArray]:
        """Return the ends of central credible intervals, (region, origin, destination) each."""
        low, high = np.quantile(self._rates, tails(level), axis=0)
        return low, high

    @property
    def _rates(self) -> FloatArray:
        return _by_origin(self.people)

    def frames(self) -> Frames:
        """Return the table of `to_frame`: transfers, a row per region, origin and destination."""
        return {"transfers": self._transfer_rows}

    def _transfer_rows(self) -> list[dict[str, Any]]:
        """Return mean and 90% interval of every rate of every region."""
        values = dict(zip(("mean", "low", "high"), (self.mean, *self.interval()), strict=True))
        return [
            {"region": region} | row
            for g, region in enumerate(self.regions)
            for row in cell_rows(
                self.origins, self.destinations, {name: x[g] for name, x in values.items()}
            )
        ]

    def shown(self) -> Shown:
        """Return the cells that differ from all regions together, in percent."""
        label = {n: self.labels.get(n, n) for n in (*self.origins, *self.destinations)}
        off = self._rates - _by_origin(self.people.sum(axis=1, keepdims=True))
        low, high = np.quantile(off, [0.05, 0.95], axis=0)
        ends = self.interval()
        rows = [
            [
                *(self.regions[g], label[self.origins[r]], label[self.destinations[d]]),
                rate_range(self.mean[g, r, d], ends[0][g, r, d], ends[1][g, r, d]),
                "{:+.0f} [{:+.0f}, {:+.0f}]".format(
                    *(100.0 * x[g, r, d] for x in (off.mean(axis=0), low, high))
                ),
            ]
            for g, r, d in np.argwhere((low > 0) | (high < 0))
        ]
        low, mean, high = np.quantile(self.scale, [0.05, 0.5, 0.95])
        return Shown(
            title="Where regions differ from all together, percent of an origin [90% interval]",
            head=["region", "origin", "to", "rate", "difference"],
            rows=rows,
            notes=[
                f"{len(rows):,} of {off[0].size:,} cells differ; the counts cannot "
                "tell the others apart",
                f"standard deviation between regions {mean:.2f} [{low:.2f}, {high:.2f}] logits: "
                "they are pooled accordingly",
            ],
            left=(0, 1, 2),
        )


class _Told(NamedTuple):
    """What a region's counts say about its rows: precision, and precision times location."""

    precision: FloatArray
    pull: FloatArray


class _Region(NamedTuple):
    """A region read by itself.

    `told` is what its counts say, tempered, and `plain` the same before it is tempered; `people`
    are as many people, by origin, as would scatter by chance alone like those of its units.
    """

    told: _Told
    plain: _Told
    people: FloatArray


def regional_transfers(
    reading: Reading,
    rates: FloatArray,
    members: Sequence[str],
    told: Mask,
    *,
    rng: np.random.Generator,
    **names: Any,
) -> RegionalTransfers:
    """Return the tables of regions, partly pooled.

    `reading` is that of all units, and `rates` (draw, origin, destination) are draws of their
    table. `members` are the regions of the units, `told` (unit,) says which units tell anything,
    and `names` are those of `RegionalTransfers`.

    Notes
    -----
    Each region is read by itself, with the same prior and settings. What its counts add to the
    prior, a normal in the rows' coordinates, is pooled: region g has the rows ``mu + u_g``, every
    coordinate of u_g normal with one standard deviation between regions, whose posterior follows
    from all regions together. Draws of u_g are added to draws of the table of all units, so that
    contexts which all regions share cancel in a contrast and stay in a level.

    That standard deviation is learned from the likelihood before it is tempered. Tempered, it
    takes part of what regions differ by for noise, and contrasts would be pooled too much; the
    deviations themselves are tempered as everything else. Draws of people add to a region's table
    the chance of who was counted there: Dirichlet with as many people as scatter alike.

    References
    ----------
    Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian
    Analysis 1.
    Rubin, D. B. (1981). Estimation in parallel randomized experiments. Journal of Educational
    Statistics 6.
    """
    regions = tuple(dict.fromkeys(members))
    member, count = np.array([regions.index(m) for m in members]), len(regions)
    density, (origins, destinations) = reading.density, reading.cells
    each = [_region(reading, member == g, told, rng) for g in range(count)]
    scale, apart = _apart(each, density.prior, len(rates), rng)
    rates = np.repeat(rates[:, None], count, axis=1)
    kept = np.ix_(np.arange(len(rates)), np.arange(count), origins, destinations)
    part = np.maximum(rates[kept], LEAST_RATE)
    level = density.prior.link.coordinates(part / part.sum(axis=-1, keepdims=True))
    rates[kept] = density.prior.link.rates(level + apart.reshape(level.shape))
    before, after = (
        np.stack([counts[:, member == g].sum(axis=1) for g in range(count)])
        for counts in (reading.counts.origins, reading.counts.destinations)
    )
    people = rake(before[..., None] * rates, before, after, tolerance=DRAW_TOLERANCE)
    chance = _by_chance(people, np.stack([region.people for region in each]), rng)
    people = rake(before[..., None] * chance, before, after, tolerance=DRAW_TOLERANCE)
    return RegionalTransfers(regions=regions, people=people, scale=scale, **names)


def _by_origin(people: FloatArray) -> FloatArray:
    """Return the fractions of people (..., origin, destination) by destination; 0 of nobody."""
    return np.asarray(people / np.maximum(people.sum(axis=-1, keepdims=True), TINY))


def _by_chance(tables: FloatArray, people: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return rates of so many people who move alone, by tables (draw, region, origin, to)."""
    rates = _by_origin(tables)
    drawn = rng.standard_gamma(people[..., None] * rates)
    total = drawn.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(total > 0, drawn / np.maximum(total, TINY), rates))


def _region(reading: Reading, units: Mask, told: Mask, rng: np.random.Generator) -> _Region:
    """Return what there is to know of a region by itself, from the units that tell anything."""
    whole = reading.density
    log_kappa = np.full(len(reading.counts.origins), whole.settings.kappa_mean)
    nothing = _Told(np.zeros((whole.cells, whole.cells)), np.zeros(whole.cells))
    one, plain, counts = nothing, nothing, reading.counts
    if (heard := units & told & (counts.people > 0)).any():
        density = replace(whole, counts=counts.select(*reading.cells, heard))
        normal = fit_normal(density, rng=rng, check=False)
        one, log_kappa[reading.cells[0]] = _told(density, normal), _log_kappa(density, normal)
        density = replace(density, settings=replace(whole.settings, dilution=1.0, saturation=0.0))
        plain = _told(density, fit_normal(density, rng=rng, check=False))
    x = counts.origins[:, units]
    scatter = (x + expit(-log_kappa)[:, None] * counts.excess[:, units]).sum(axis=1)
    return _Region(one, plain, x.sum(axis=1) ** 2 / np.maximum(scatter, TINY))


def _told(density: TransferDensity, normal: NormalPosterior) -> _Told:
    """Return what the counts say, the prior taken away again."""
    rows = normal.factor[: density.cells]
    precision = np.linalg.inv(rows @ rows.T)
    before = np.linalg.inv(density.prior.covariance)
    pull = precision @ normal.centre[: density.cells] - before @ density.prior.mean.ravel()
    values, vectors = np.linalg.eigh(precision - before)
    kept = vectors[:, values > 0]  # elsewhere the counts taught nothing
    return _Told((kept * values[values > 0]) @ kept.T, kept @ (kept.T @ pull))


def _log_kappa(density: TransferDensity, normal: NormalPosterior) -> FloatArray:
    return np.asarray(density.split(normal.mode[None]).log_kappa[0])


def _apart(
    regions: Sequence[_Region], prior: Normal, draws: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return draws of the scale, (draw,), and of the deviations, (draw, region, cells)."""
    told, plain = [region.told for region in regions], [region.plain for region in regions]
    height = np.array([_common(plain, prior, s)[2] for s in SCALES])
    height += np.log(SCALES) - np.log1p((SCALES / USUAL_SCALE) ** 2)  # the grid is even in logs
    weight = np.exp(height - height.max())
    drawn = rng.choice(len(SCALES), size=draws, p=weight / weight.sum())
    found = np.zeros((draws, len(told), prior.mean.size))
    for k in np.unique(drawn):
        own = np.flatnonzero(drawn == k)
        mean, root, _ = _common(told, prior, SCALES[k])
        mu = mean + rng.standard_normal((len(own), len(root))) @ root
        for g, (precision, pull) in enumerate(told):
            root = _root(precision + np.eye(len(pull)) / SCALES[k] ** 2)
            noise = rng.standard_normal((len(own), len(root)))
            found[own, g] = ((pull - mu @ precision) @ root.T + noise) @ root
    return SCALES[drawn], found


def _common(
    told: Sequence[_Told], prior: Normal, scale: float
) -> tuple[FloatArray, FloatArray, float]:
    """Return mean of the common rows, a root of their covariance, and the scale's log evidence.

    With H = L + I / s^2 for a region told ``exp(-x'Lx / 2 + h'x)``, integrating its deviation
    leaves ``exp(-m'(I - H^-1 / s^2) m / (2 s^2) + m'H^-1 h / s^2)`` of the common m, times
    ``|s^2 H|^-1/2 exp(h'H^-1 h / 2)``.
    """
    own, size = 1.0 / scale**2, prior.mean.size
    total: FloatArray = np.asarray(np.linalg.inv(prior.covariance))
    pull, evidence = total @ prior.mean.ravel(), 0.0
    for precision, h in told:
        root = _root(precision + own * np.eye(size))
        total = np.asarray(total + own * np.eye(size) - own**2 * root.T @ root)
        pull = pull + own * root.T @ (root @ h)
        evidence += np.log(np.diag(root)).sum() - size * np.log(scale)
        evidence += 0.5 * float((root @ h) @ (root @ h))
    root = _root(total)
    evidence += np.log(np.diag(root)).sum() + 0.5 * float((root @ pull) @ (root @ pull))
    return root.T @ (root @ pull), root, float(evidence)


def _root(precision: FloatArray) -> FloatArray:
    """Return a root with ``root.T @ root`` the inverse of `precision`."""
    return np.asarray(np.linalg.inv(np.linalg.cholesky(precision)))


def members(
    given: Sequence[str] | Mapping[str, str] | None,
    own: tuple[str, ...] | None,
    units: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the region of every unit.

    Raises
    ------
    InputError
        See `TransferPosterior.by_region`.
    """
    if given is None and own is None:
        raise InputError(
            "regions: the contest has none; add a column 'region', or give the region of every unit"
        )
    if isinstance(given, Mapping):
        missing = [unit for unit in units if unit not in given]
        if missing:
            raise InputError(f"regions: every unit needs one - unit {missing[0]!r} has none")
        given = [given[unit] for unit in units]
    member = tuple(str(name) for name in (given if given is not None else own or ()))
    if len(member) != len(units):
        raise InputError(
            f"regions: there must be one for each of {len(units):,} units - found {len(member):,}"
        )
    if len(set(member)) < 2:
        raise InputError(f"regions: there must be two at least - found {set(member) or 'none'}")
    return member
