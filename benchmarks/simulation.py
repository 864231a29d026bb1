"""Full-ledger draws per second, beside peers and the physical floor, in one run.

Usage: ``python benchmarks/simulation.py [--draws N] [--huge] [--json FILE]``

The work is one draw of a transfer table of 26 origins x 3 destinations, and the votes it gives.
The floor draws the same number of standard normals and does nothing with them. Times are the best
of several repetitions; PyMC's excludes compilation (difference of two run lengths).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import forecast
from forecast.facts.ledger import Ledger
from forecast.simulation.engine import CHUNK, available_workers, runoff_votes, simulate

REPEATS = 5


def best(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the shortest wall time of `work` in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def full_ledger() -> tuple[Ledger, forecast.TransferPrior]:
    """Return the Georgian ledger without the invalid ballots: 26 origins."""
    georgia = forecast.load_contest("georgia-2018")
    georgia = replace(georgia, invalid=np.zeros(len(georgia.units), dtype=np.int64))
    return georgia.ledger(), forecast.elicited_prior(forecast.load_contest("georgia-2018"))


def numpy_dirichlet(counts: np.ndarray, alpha: np.ndarray, draws: int) -> None:
    """Draw with one vectorised call per origin, the way a good notebook would."""
    rng = np.random.default_rng(0)
    votes = np.zeros((draws, 3))
    for r, row in enumerate(alpha):
        votes += counts[r] * rng.dirichlet(row, size=draws)


def plain_loop(counts: np.ndarray, alpha: np.ndarray, draws: int) -> None:
    """Draw one table at a time."""
    rng = np.random.default_rng(0)
    for _ in range(draws):
        table = np.array([rng.dirichlet(row) for row in alpha])
        counts @ table


def pymc_seconds_per_draw(counts: np.ndarray, alpha: np.ndarray, draws: int) -> float:
    """Return the time of one draw of `pymc.sample_prior_predictive`, without compilation."""
    import logging

    import pymc as pm

    logging.getLogger("pymc").setLevel(logging.ERROR)
    with pm.Model():
        table = pm.Dirichlet("table", a=alpha)
        pm.Deterministic("votes", (counts[:, None] * table).sum(axis=0))
        times = {
            n: best(lambda n=n: pm.sample_prior_predictive(draws=n, random_seed=1), 3)
            for n in (draws // 10, draws)
        }
    return (times[draws] - times[draws // 10]) / (draws - draws // 10)


def floor(numbers: int, draws: int, threads: int = 1) -> None:
    """Draw the random numbers alone, in cache-sized pieces."""

    def work(chunks: int) -> None:
        rng = np.random.Generator(np.random.SFC64(0))
        for _ in range(chunks):
            rng.standard_normal((numbers, CHUNK))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [-(-draws // CHUNK // threads)] * threads))


def measure(draws: int) -> list[dict[str, Any]]:
    """Return one row per way of doing the work."""
    ledger, prior = full_ledger()
    counts = ledger.totals.astype(float)
    dirichlet = prior.as_dirichlet()
    alpha = np.array([dirichlet.row(origin).alpha for origin in ledger.origins])
    normals = 2 * len(ledger.origins) + 3
    workers = available_workers()

    def ours(chosen: forecast.TransferPrior, threads: int) -> Callable[[], Any]:
        return lambda: simulate(ledger, chosen, draws=draws, workers=threads).votes()

    few = max(draws // 100, 200)
    seconds = {
        f"this library, shared factors, {workers} threads": best(ours(prior, workers)) / draws,
        "this library, shared factors, 1 thread": best(ours(prior, 1)) / draws,
        f"this library, Dirichlet rows, {workers} threads": best(ours(dirichlet, workers)) / draws,
        "this library, Dirichlet rows, 1 thread": best(ours(dirichlet, 1)) / draws,
        f"floor: its normals alone, {workers} threads": best(lambda: floor(normals, draws, workers))
        / draws,
        "floor: its normals alone, 1 thread": best(lambda: floor(normals, draws)) / draws,
        "NumPy Generator.dirichlet, vectorised, 1 thread": best(
            lambda: numpy_dirichlet(counts, alpha, draws)
        )
        / draws,
        "plain loop over draws": best(lambda: plain_loop(counts, alpha, few), 2) / few,
        "PyMC sample_prior_predictive": pymc_seconds_per_draw(counts, alpha, max(few, 1000)),
    }
    base = next(iter(seconds.values()))
    return [
        {"what": what, "draws_per_second": 1 / s, "time_ratio": s / base}
        for what, s in seconds.items()
    ]


def peak_memory(draws: int) -> float:
    """Return the peak of traced memory, in MiB, of a streamed run that keeps no draw."""
    ledger, prior = full_ledger()
    simulation = simulate(ledger, prior, draws=draws)
    tracemalloc.start()
    wins = sum(simulation.map(lambda _, rates: int(rates.shape[2])))
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    assert wins == draws
    return peak


def huge_runs(sizes: tuple[int, ...] = (10**6, 10**7, 10**8)) -> list[dict[str, float]]:
    """Stream ever more draws through `simulate(...).map`; time and the process's peak memory."""
    ledger, prior = full_ledger()
    counts = ledger.totals.astype(float)

    def wins(_: int, rates: np.ndarray) -> int:
        votes = runoff_votes(counts, rates)
        return int(np.count_nonzero(votes[0] > votes[1]))

    rows = []
    for draws in sizes:
        start = time.perf_counter()
        won = sum(simulate(ledger, prior, draws=draws).map(wins))
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append({"draws": draws, "seconds": seconds, "wins": won / draws, "peak_mib": peak})
        print(
            f"streamed {draws:>11,} draws: {seconds:8.2f} s, {draws / seconds:>10,.0f} draws/s, "
            f"wins {won / draws:.5f}, peak memory of the process {peak:.0f} MiB",
            flush=True,
        )
    return rows


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=400_000)
    parser.add_argument("--json", type=Path, default=Path("simulation.json"))
    parser.add_argument("--huge", action="store_true", help="only stream up to 10^8 draws")
    arguments = parser.parse_args()
    if arguments.huge:
        rows = huge_runs()
        arguments.json.write_text(json.dumps({"huge": rows}, indent=1) + "\n", "utf-8")
        print(f"wrote {arguments.json}")
        return
    rows = measure(arguments.draws)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"{arguments.draws:,} draws of 26 origins x 3 destinations; {machine}; {date.today()}")
    for row in rows:
        print(
            f"{row['what']:<48} {row['draws_per_second']:>12,.0f} draws/s "
            f"{row['time_ratio']:>8.2f} x our time"
        )
    memory = {n: peak_memory(n) for n in (arguments.draws, 4 * arguments.draws)}
    for n, peak in memory.items():
        print(f"streamed, {n:>10,} draws: peak {peak:.1f} MiB")
    content = {"date": str(date.today()), "machine": machine, "numpy": np.__version__, "rows": rows}
    content |= {"draws": arguments.draws, "peak_mib": {str(k): v for k, v in memory.items()}}
    arguments.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json}")


if __name__ == "__main__":
    main()
