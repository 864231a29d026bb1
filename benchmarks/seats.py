"""577 simultaneous runoffs, 100,000 draws each: seats, time and memory.

Usage: ``python benchmarks/seats.py [--contests N] [--draws N] [--json FILE]``

The contests are invented, with ten origins each and eight parties; the prior is the wide one.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np

import forecast
from forecast.transfers.elicited.generic import generic_prior

PARTIES = ("left", "greens", "centre", "right", "north", "south", "farmers", "others")


def contests(number: int) -> list[forecast.Contest]:
    """Return invented contests of eight candidates, a party each."""
    rng, found = np.random.default_rng(0), []
    strength = rng.dirichlet(np.full(len(PARTIES), 2.0))
    for i in range(number):
        votes = rng.multinomial(50_000, rng.dirichlet(40 * strength) * 0.999 + 0.001 / 8)
        first, second = np.argsort(-votes)[:2]
        found.append(
            forecast.Contest(
                name=f"seat {i + 1}",
                candidates=PARTIES,
                finalists=(PARTIES[first], PARTIES[second]),
                units=("all",),
                votes=votes[None],
                invalid=[1000],
                registered=[80_000],
            )
        )
    return found


def main() -> None:
    """Print the night and what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contests", type=int, default=577)
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--json", type=Path, default=Path("seats.json"))
    arguments = parser.parse_args()
    seats = contests(arguments.contests)
    start, cpu = time.perf_counter(), time.process_time()
    night = forecast.forecast_simultaneous(
        seats,
        generic_prior,
        parties=lambda contest: {f: f for f in contest.finalists},
        draws=arguments.draws,
    )
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(night)
    size = {"contests": len(seats), "draws": arguments.draws}
    found = size | {"seconds": seconds, "processor seconds": cpu, "peak GiB": peak}
    print(", ".join(f"{name} {value:,.4g}" for name, value in found.items()))
    arguments.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
