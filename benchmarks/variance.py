"""Error of the win probability at equal time: counting draws, even points, integrating, both.

Usage: ``python benchmarks/variance.py [--draws N] [--repeats N] [--json FILE]``

Each way runs `repeats` times with other seeds on one thread. Error is the root mean square distance
from the reference: the exact oracle where there is at most one shared factor, else the
mean of all runs of the last way, whose own error is that way's error by the root of the repeats.
Time is processor time. "Times better" compares the errors that counting the draws and this way
would have after equal times: ``sqrt(error_0^2 time_0 / (error^2 time))``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import forecast
from forecast.facts.ledger import Ledger
from forecast.randomness import stream
from forecast.simulation import smoothing
from forecast.simulation.engine import runoff_votes, simulate
from forecast.simulation.exact import exact_win_probability
from forecast.transfers.elicited.generic import generic_prior

Setting = tuple[Ledger, forecast.TransferPrior, float | None]
INDEPENDENT = {"mobilisation": 0.0, "swing": 0.0, "partisan": 0.0}
NORMALS = smoothing.sobol_normals


def small_contest() -> tuple[Ledger, forecast.TransferPrior]:
    """Return a contest of two finalists and two eliminated candidates, and its generic prior."""
    contest = forecast.Contest(
        name="small",
        candidates=("ada", "ben", "cid", "dot"),
        finalists=("ada", "ben"),
        units=("all",),
        votes=[[840, 800, 350, 130]],
        invalid=[40],
        registered=[3400],
    )
    return contest.ledger(), generic_prior(contest)


def settings() -> dict[str, Setting]:
    """Return ledger, prior and, where it can be had, the exact win probability."""
    contest = forecast.load_contest("georgia-2018")
    georgia, prior = contest.ledger(), forecast.elicited_prior(contest)
    alone, dirichlet = replace(prior, **INDEPENDENT), prior.as_dirichlet()
    swing = replace(prior, **{**INDEPENDENT, "swing": prior.swing})
    ledger, generic = small_contest()
    exact = exact_win_probability
    return {
        "Georgia, elicited": (georgia, prior, None),
        "Georgia, generic": (georgia, generic_prior(contest), None),
        "Georgia, elicited, no factors": (georgia, alone, exact(georgia, alone, nodes=32)),
        "Georgia, elicited, one factor": (georgia, swing, exact(georgia, swing, nodes=32)),
        "Georgia, Dirichlet rows": (georgia, dirichlet, exact(georgia, dirichlet, nodes=32)),
        "small, three factors": (ledger, generic, None),
    }


def independent_points(
    dimensions: int, n: int, *, seed: int, scramble: int
) -> Iterator[np.ndarray]:
    """Yield independent normals in the parts of `sobol_normals`."""
    rng = stream(seed, "win probability", scramble)
    for _ in range(0, n, smoothing.PART):
        yield rng.standard_normal((dimensions, min(n, smoothing.PART)))


def counted(simulation: Any) -> float:
    """Return the fraction of the draws that win."""
    votes = simulation.votes()
    return float(np.mean(votes[:, 0] > votes[:, 1]))


def even(simulation: Any) -> float:
    """Return the fraction of even points that win, nothing integrated."""
    counts = simulation.ledger.totals.astype(float)
    size, n = len(simulation.sampler.rising), simulation.draws // smoothing.DRAWS_PER_POINT

    def wins(scramble: int) -> float:
        found = []
        for normals in NORMALS(size, n, seed=simulation.seed, scramble=scramble):
            votes = runoff_votes(counts, simulation.sampler.transform(normals))
            found.append(np.mean(votes[0] > votes[1]))
        return float(np.mean(found))

    with ThreadPoolExecutor(1) as pool:
        return float(np.mean(list(pool.map(wins, range(smoothing.SCRAMBLES)))))


def integrated(points: Callable[..., Iterator[np.ndarray]]) -> Callable[[Any], float]:
    """Return the library's way with other points."""

    def estimate(simulation: Any) -> float:
        smoothing.sobol_normals = points
        try:
            found = smoothing.smooth_win_probability(simulation)
        finally:
            smoothing.sobol_normals = NORMALS
        assert found is not None
        return found[0]

    return estimate


WAYS: dict[str, Callable[[Any], float]] = {
    "counting draws": counted,
    "even points": even,
    "integrating": integrated(independent_points),
    "both (this library)": integrated(NORMALS),
}


def measure(setting: Setting, draws: int, repeats: int) -> list[dict[str, Any]]:
    """Return error and time of each way."""
    ledger, prior, exact = setting
    values, seconds = {}, {}
    for name, way in WAYS.items():
        found, times = [], []
        for seed in range(repeats):
            simulation = simulate(ledger, prior, draws=draws, seed=seed, workers=1)
            start = time.process_time()
            found.append(way(simulation))
            times.append(time.process_time() - start)
        values[name], seconds[name] = np.array(found), float(np.median(times))
    reference = values["both (this library)"].mean() if exact is None else exact
    error = {k: float(np.sqrt(np.mean((v - reference) ** 2))) for k, v in values.items()}
    cost = {k: error[k] ** 2 * seconds[k] for k in WAYS}
    return [
        {
            "way": k,
            "reference": reference,
            "exact": exact is not None,
            "error": error[k],
            "seconds": seconds[k],
            "times_better": float(np.sqrt(cost["counting draws"] / cost[k])),
        }
        for k in WAYS
    ]


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2**18)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", type=Path, default=Path("variance.json"))
    arguments = parser.parse_args()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"{arguments.draws:,} draws, {arguments.repeats} repeats; {machine}; {date.today()}")
    rows = []
    for name, setting in settings().items():
        for row in measure(setting, arguments.draws, arguments.repeats):
            rows.append({"setting": name, **row})
            print(
                f"{name:<30} {row['way']:<20} error {row['error']:.1e}  {row['seconds']:.3f} s  "
                f"{row['times_better']:6.1f} times better at equal time",
                flush=True,
            )
    content = {
        "date": str(date.today()),
        "machine": machine,
        "draws": arguments.draws,
        "rows": rows,
    }
    arguments.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json}")


if __name__ == "__main__":
    main()
