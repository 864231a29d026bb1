"""The same posterior sampled with PyMC: the reference."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import ForecastError
from forecast.transfers.returns.density import TransferDensity
from forecast.transfers.returns.laplace import NormalPosterior, fit_normal
from forecast.transfers.returns.likelihood import rounding_covariance
from forecast.transfers.table.links import Contrasts, Link

WORST_R_HAT = 1.01
LEAST_EFFECTIVE_SIZE = 400.0


class SamplingError(ForecastError):
    """The sampler's own checks say that its draws do not represent the posterior."""


@dataclass(frozen=True, kw_only=True)
class SamplingDiagnostics:
    """What the sampler says of itself.

    Parameters
    ----------
    r_hat : float
        Largest split R-hat over coordinates.
    effective_size : float
        Smallest effective number of draws over coordinates.
    divergences : int
        Divergent transitions after tuning.
    """

    r_hat: float
    effective_size: float
    divergences: int

    def require(self) -> None:
        """Do nothing when the draws are usable.

        Raises
        ------
        SamplingError
            If R-hat, effective size or the number of divergences is outside its limit.
        """
        faults = []
        if not self.r_hat <= WORST_R_HAT:
            faults.append(f"R-hat is {self.r_hat:.3f}, the limit {WORST_R_HAT}")
        if not self.effective_size >= LEAST_EFFECTIVE_SIZE:
            least = f"{LEAST_EFFECTIVE_SIZE:.0f} are needed"
            faults.append(f"effective size is {self.effective_size:.0f}, {least}")
        if self.divergences:
            faults.append(f"{self.divergences} divergent transitions")
        if faults:
            advice = "raise tune and draws, or target_accept towards 0.99, in Python with nuts="
            raise SamplingError(f"NUTS: {'; '.join(faults)}; {advice}")

    def __str__(self) -> str:
        """Return the figures in one line."""
        return (
            f"sampled by NUTS: R-hat {self.r_hat:.3f}, effective size {self.effective_size:.0f}, "
            f"{self.divergences} divergences"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledPosterior:
    """Draws of a `TransferDensity` by NUTS."""

    sampled: FloatArray  #: (draw, size): all chains, one after the other
    chains: int  #: how many
    diagnostics: SamplingDiagnostics  #: what the sampler says of itself

    @property
    def size(self) -> tuple[int, int]:
        """How many draws in how many chains."""
        return len(self.sampled), self.chains

    def points(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` draws of the coordinates, array (draw, size).

        As many as there are come chain by chain, others with replacement.
        """
        if n == len(self.sampled):
            return self.sampled
        return np.asarray(self.sampled[rng.integers(len(self.sampled), size=n)])


def build_model(density: TransferDensity, around: NormalPosterior | None = None) -> Any:
    """Return a PyMC model with `density` of one vector ``point`` as its potential.

    The vector is flat, or, in the units of the normal it lies `around`, a linear function of one
    that is: the same posterior, which NUTS walks in fewer steps.
    """
    pm = import_pymc()
    with pm.Model() as model:
        if around is None:
            point = pm.Flat("point", shape=density.size, initval=density.start)
        else:
            steps = pm.Flat("steps", shape=density.size, initval=np.zeros(density.size))
            point = pm.Deterministic("point", around.centre + around.factor @ steps)
        pm.Potential("log_density", _symbolic(density, point))
    return model


def run_nuts(
    density: TransferDensity,
    *,
    rng: np.random.Generator,
    draws: int = 2000,
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    target_accept: float = 0.9,
) -> SampledPosterior:
    """Sample `density` with NUTS: nutpie where installed, PyMC's own sampler otherwise.

    Every chain keeps `draws` and discards `tune`; all chains run at once unless `cores` says how
    many. The step size is tuned to the acceptance `target_accept`.

    Raises
    ------
    SamplingError
        If R-hat, effective size or the number of divergences is outside its limit.
    """
    settings = {"draws": draws, "tune": tune, "chains": chains, "cores": cores or chains}
    model = build_model(density, fit_normal(density, rng=rng, check=False))
    trace = _sample(model, rng, target_accept=target_accept, **settings)
    found = SampledPosterior(
        sampled=_draws(trace, "point"),
        chains=chains,
        diagnostics=_diagnostics(trace, ["point"]),
    )
    found.diagnostics.require()
    return found


def _sample(model: Any, rng: np.random.Generator, *, target_accept: float, **settings: int) -> Any:
    pm = import_pymc()
    with model, without_announcements():
        return pm.sample(
            random_seed=int(rng.integers(2**31)),
            nuts_sampler="nutpie" if find_spec("nutpie") else "pymc",
            target_accept=target_accept,
            progressbar=False,
            compute_convergence_checks=False,
            **settings,
        )


def _draws(trace: Any, name: str) -> FloatArray:
    """Return the draws of all chains, one after the other."""
    values = trace.posterior[name].to_numpy()
    return np.ascontiguousarray(values.reshape(-1, *values.shape[2:]))


def _diagnostics(trace: Any, names: list[str]) -> SamplingDiagnostics:
    import arviz
    import xarray

    by_chain = xarray.Dataset({name: trace.posterior[name] for name in names})
    r_hat, size = arviz.rhat(by_chain), arviz.ess(by_chain)
    return SamplingDiagnostics(
        r_hat=max(float(r_hat[name].max()) for name in names),
        effective_size=min(float(size[name].min()) for name in names),
        divergences=int(trace.sample_stats["diverging"].sum()),
    )


def import_pymc() -> Any:
    """Import PyMC without the announcements of what it imports."""
    logging.getLogger("pytensor").setLevel(logging.ERROR)  # it warns of the BLAS it found
    with without_announcements():
        import pymc
    return pymc


@contextmanager
def without_announcements() -> Iterator[None]:
    """Silence what PyMC announces and nobody can act on; what it warns of its draws stays.

    How the draws are, divergences too, is in `SamplingDiagnostics` and not in what it prints.
    """
    logger = logging.getLogger("pymc")
    level = logger.level
    logger.setLevel(logging.WARNING)  # above: which sampler starts, and how long it took
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PyTensor could not link to a BLAS", UserWarning)
            warnings.simplefilter("ignore", FutureWarning)  # to developers of what it imports
            yield
    finally:
        logger.setLevel(level)


def _symbolic(density: TransferDensity, point: Any) -> Any:
    """`density` as a PyTensor expression, from the formula and not from the NumPy code."""
    import pytensor.tensor as pt

    (origins, destinations), settings, counts = density.shape, density.settings, density.counts
    cells, free = density.cells, destinations - 1
    rows = point[:cells].reshape((origins, free))
    slopes = point[cells : 2 * cells].reshape((origins, free))
    log_kappa = point[2 * cells : 2 * cells + origins]
    context = point[-1] if settings.context_inferred else settings.context
    table = _symbolic_rates(density.prior.link, rows)
    overall = counts.composition @ table[:, :-1]

    weight = counts.origins + counts.excess / (1.0 + pt.exp(log_kappa))[:, None]
    mean = [overall[j] * counts.people + slopes[:, j] @ counts.lean for j in range(free)]
    residual = [counts.destinations[j] - mean[j] for j in range(free)]
    rounding = rounding_covariance(free)
    scale = [
        [_covariance_entry(table, weight, rounding[i, j], i, j) for j in range(i + 1)]
        for i in range(free)
    ]
    squares, log_root = _whitened(residual, scale)
    units = (settings.df + free) * pt.log1p(squares / settings.df) + 2.0 * log_root

    own = slopes - table[:, :-1] - context * (table[:, :-1] - overall)
    value = -0.5 * (density.power * units.sum())
    for r in range(origins):
        value -= 0.5 * own[r] @ density.own_precision[r] @ own[r]
    away = point[:cells] - density.prior.mean.ravel()
    value -= 0.5 * away @ np.linalg.inv(density.prior.covariance) @ away
    value -= 0.5 * (((log_kappa - settings.kappa_mean) / settings.kappa_scale) ** 2).sum()
    if settings.context_inferred:
        value -= 0.5 * ((context - settings.context) / settings.context_scale) ** 2
    return value


def _symbolic_rates(link: Link, rows: Any) -> Any:
    import pytensor.tensor as pt

    if isinstance(link, Contrasts):
        return pt.special.softmax(rows @ link.basis.T, axis=1)
    preference = pt.concatenate([rows[:, :-1], pt.zeros_like(rows[:, :1])], axis=1)
    voting = pt.sigmoid(rows[:, -1:])
    return pt.concatenate([voting * pt.special.softmax(preference, axis=1), 1.0 - voting], axis=1)


def _covariance_entry(table: Any, weight: Any, rounding: float, i: int, j: int) -> Any:
    shape = table[:, i] * (float(i == j) - table[:, j])
    return shape @ weight + rounding


def _whitened(vector: list[Any], matrix: list[list[Any]]) -> tuple[Any, Any]:
    """Return ``v'M^-1 v`` and ``log|M| / 2`` of many v and M by Cholesky's recursion.

    `vector` holds its entries and `matrix` the rows of its lower triangle, each entry an array
    with one number for every v and M.
    """
    import pytensor.tensor as pt

    lower: list[list[Any]] = []
    solved: list[Any] = []
    squares, log_root = 0.0, 0.0
    for i, row in enumerate(matrix):
        lower.append([])
        for j in range(i):
            inner = sum((lower[i][k] * lower[j][k] for k in range(j)), start=row[j] * 0.0)
            lower[i].append((row[j] - inner) / lower[j][j])
        lower[i].append(pt.sqrt(row[i] - sum(entry**2 for entry in lower[i])))
        known = sum((lower[i][k] * solved[k] for k in range(i)), start=vector[i] * 0.0)
        solved.append((vector[i] - known) / lower[i][i])
        squares, log_root = squares + solved[i] ** 2, log_root + pt.log(lower[i][i])
    return squares, log_root
