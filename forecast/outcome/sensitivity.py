"""What drives the outcome: the share of its variance that each input explains alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Displayed, Frames, Shown, Tabular, rate
from forecast.files.saved import Saved
from forecast.randomness import one_thread_of_algebra, stream
from forecast.simulation.engine import CHUNK, Simulation, runoff_votes


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Sensitivity(Displayed, Tabular, Saved):
    """First-order Sobol indices of one finalist's share, largest first.

    Parameters
    ----------
    finalist : str
        Whose share of the finalists' vote.
    inputs : tuple of str
        Shared factors, and each origin's own participation and preference.
    index : ndarray, shape (input,)
        ``Var(E[share | input]) / Var(share)``; the inputs are independent.
    mean : float
        Mean share.
    low, high : ndarray, shape (input,)
        Mean share when the input is in its lowest and in its highest tenth.
    """

    finalist: str
    inputs: tuple[str, ...]
    index: FloatArray
    mean: float
    low: FloatArray
    high: FloatArray

    @property
    def interactions(self) -> float:
        """What no input explains alone."""
        return max(0.0, 1.0 - float(self.index.sum()))

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per input: its share of the variance, and where it leads."""
        columns = (self.inputs, self.index.tolist(), self.low.tolist(), self.high.tolist())
        names = ("input", "of_variance", "share_if_low", "share_if_high")
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def frames(self) -> Frames:
        """Return the rows."""
        return {"inputs": self.rows}

    def shown(self) -> Shown:
        """Return the inputs that explain most."""
        return Shown(
            title=f"What drives the share of {self.finalist}",
            head=["input", "of the variance", "lowest tenth", "highest tenth"],
            rows=[
                [str(name), *(f"{rate(x)}%" for x in row)]
                for name, *row in map(dict.values, self.rows())
            ],
            notes=["mean share when the input is in its lowest and in its highest tenth"],
        )


MEMORY = 40_000_000
"""Bytes that the inputs of all draws may take."""
FEWEST_CHUNKS = 3
BINS = 32
"""Bins of equal probability of each input."""


@one_thread_of_algebra
def sensitivity(
    simulation: Simulation, *, finalist: int = 0, draws: int = 8 * CHUNK
) -> Sensitivity:
    """Return first-order Sobol indices of a finalist's share.

    Parameters
    ----------
    simulation : Simulation
        Its sampler and people.
    finalist : int
        Position of the finalist.
    draws : int
        Draws to use at most: fewer where there are so many inputs that they would not fit into
        `MEMORY`, but at least `FEWEST_CHUNKS` chunks.

    Notes
    -----
    One-way analysis of variance over bins of an input's ranks: the variance between bin means,
    less what chance alone would give (the omega-squared correction), over the total variance.
    Checked in the tests against the pick-freeze estimator of Saltelli et al. (2010).
    """
    counts, half = simulation.ledger.totals.astype(float), CHUNK // 2

    def drawn(chunk: int) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
        rng = stream(simulation.seed, "sensitivity", chunk)
        # Only the first of each pair: the second shares its inputs, so it is not independent.
        inputs, rates = simulation.sampler.draw_inputs(CHUNK, rng=rng)
        votes = runoff_votes(counts, rates[..., :half].copy())
        values = np.array([value[:half] for value in inputs.values()])
        return tuple(inputs), values, votes[finalist] / votes.sum(axis=0)

    found = [drawn(0)]
    fitting = MEMORY // (found[0][1].nbytes + 1)
    chunks = min(-(-draws // half), max(FEWEST_CHUNKS, fitting))
    with ThreadPoolExecutor(simulation.workers) as pool:
        found += pool.map(drawn, range(1, chunks))
    (names, *_), parts, shares = zip(*found, strict=True)
    share = np.concatenate(shares)
    keep = len(share) // BINS * BINS
    total, tenth = ((share - share.mean()) ** 2).sum(), keep // 10
    index, low, high = (np.empty(len(names)) for _ in range(3))
    for i in range(len(names)):  # one input at a time: there may be hundreds
        ordered = share[np.argsort(np.concatenate([part[i] for part in parts])[:keep])]
        groups = ordered.reshape(BINS, -1)
        between = ((groups.mean(axis=1) - share.mean()) ** 2).sum() * groups.shape[1]
        within = max(total - between, 0) / (keep - BINS)
        index[i] = max((between - (BINS - 1) * within) / (total + within), 0)
        low[i], high[i] = ordered[:tenth].mean(), ordered[-tenth:].mean()
    rank = np.argsort(-index, kind="stable")
    return Sensitivity(
        finalist=simulation.ledger.destinations[finalist],
        inputs=tuple(names[i] for i in rank),
        index=index[rank],
        mean=float(share.mean()),
        low=low[rank],
        high=high[rank],
    )
