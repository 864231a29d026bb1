"""How the table differs between regions or kinds of places, partly pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from forecast.arrays import FloatArray, tails
from forecast.display import Displayed, Frames, Shown, Tabular, rate_range
from forecast.errors import InputError, suggest
from forecast.files.saved import Saved
from forecast.transfers.returns.counts import Mask
from forecast.transfers.returns.estimate import Estimate, cell_rows, listed, places_of, rate_of
from forecast.transfers.returns.laplace import fit_normal
from forecast.transfers.returns.raking import rake
from forecast.transfers.returns.reading import DRAW_TOLERANCE, Reading
from forecast.transfers.table.links import LEAST_RATE
from forecast.transfers.table.normal import Normal

SCALES = np.geomspace(0.02, 1.5, 30)
"""Standard deviations between regions that are tried, in logits."""
USUAL_SCALE = 0.3
"""Of the half-normal prior of that standard deviation. A judgement: regions that differ by half a
logit, 12 points of an even split, are rare."""


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
        return np.asarray(self.people / np.maximum(self.people.sum(axis=-1, keepdims=True), 1e-9))

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
        whole = self.people.sum(axis=1, keepdims=True)
        off = self._rates - whole / np.maximum(whole.sum(axis=-1, keepdims=True), 1e-9)
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

    Parameters
    ----------
    reading : Reading
        Of all units.
    rates : array (draw, origin, destination)
        Draws of the table of all units.
    members : sequence of str
        The region of every unit.
    told : array of bool (unit,)
        Which units tell anything.
    rng : numpy.random.Generator
        Source of all randomness.
    **names : tuple or mapping
        Names of `RegionalTransfers`.

    Notes
    -----
    Each region is read by itself, with the same prior and settings. What its counts add to the
    prior, a normal in the rows' coordinates, is pooled: region g has the rows ``mu + u_g``, every
    coordinate of u_g normal with one standard deviation between regions, whose posterior follows
    from all regions together. Draws of u_g are added to draws of the table of all units, so that
    contexts which all regions share cancel in a contrast and stay in a level.

    References
    ----------
    Rubin, D. B. (1981). Estimation in parallel randomized experiments. Journal of Educational
    Statistics 6.
    """
    regions = tuple(dict.fromkeys(members))
    member, count = np.array([regions.index(m) for m in members]), len(regions)
    density, (origins, destinations) = reading.density, reading.cells
    each = [_told(reading, told & (member == g), rng) for g in range(count)]
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
    return RegionalTransfers(regions=regions, people=people, scale=scale, **names)


def _told(reading: Reading, units: Mask, rng: np.random.Generator) -> _Told:
    """Return what the counts of some units say, their prior taken away again."""
    whole = reading.density
    units = units & (reading.counts.people > 0)
    if not units.any():
        return _Told(np.zeros((whole.cells, whole.cells)), np.zeros(whole.cells))
    density = replace(whole, counts=reading.counts.select(*reading.cells, units))
    normal = fit_normal(density, rng=rng, check=False)
    rows = normal.factor[: whole.cells]
    precision = np.linalg.inv(rows @ rows.T)
    before = np.linalg.inv(whole.prior.covariance)
    pull = precision @ normal.centre[: whole.cells] - before @ whole.prior.mean.ravel()
    values, vectors = np.linalg.eigh(precision - before)
    kept = vectors[:, values > 0]  # elsewhere the counts taught nothing
    return _Told((kept * values[values > 0]) @ kept.T, kept @ (kept.T @ pull))


def _apart(
    told: Sequence[_Told], prior: Normal, draws: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return draws of the scale, (draw,), and of the deviations, (draw, region, cells)."""
    height = np.array([_common(told, prior, s)[2] for s in SCALES])
    height += np.log(SCALES) - 0.5 * (SCALES / USUAL_SCALE) ** 2  # the grid is even in logs
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
