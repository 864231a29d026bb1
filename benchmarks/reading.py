"""Processor seconds and peak memory to read a large first round and the returns of its night.

Beside them stand readers of the same file that check nothing.

Run it with `python benchmarks/reading.py`; every reader has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

UNITS, CANDIDATES = 100_000, 30
READERS = {
    "pandas.read_csv": "import pandas; pandas.read_csv(path)",
    "polars.read_csv": "import polars; polars.read_csv(path)",
    "forecast.read_contest": "import forecast; forecast.read_contest(path, advancement='top two')",
}
COUNTED = """\
import forecast, polars
from forecast.facts.partial_returns import partial_returns
contest = forecast.read_contest(path, advancement='top two')
table = polars.read_csv(path).select('unit', *contest.finalists)
table = table.with_columns(polars.col(*contest.finalists) + 1)
{turned}
start = time.process_time()
partial_returns(contest, table)"""
TURNED = "table = table.unpivot(index='unit', variable_name='candidate', value_name='votes')"
READERS |= {
    "returns of its night": COUNTED.format(turned=""),
    "the same, in rows": COUNTED.format(turned=TURNED),
}
MEASURE = """\
import resource, sys, time
path = sys.argv[1]
start = time.process_time()
{code}
seconds = time.process_time() - start
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write_table(path: Path, units: int, candidates: int) -> None:
    """Write a first round of random counts."""
    rng = np.random.default_rng(0)
    votes = rng.poisson(rng.gamma(1.0, 12.0, candidates), (units, candidates))
    registered = votes.sum(axis=1) + rng.integers(50, 900, units)
    names = ",".join(f"candidate {k}" for k in range(candidates))
    with path.open("w", encoding="utf-8") as file:
        file.write(f"unit,registered,{names}\n")
        for u, (row, people) in enumerate(zip(votes.tolist(), registered.tolist(), strict=True)):
            file.write(f"u{u},{people},{','.join(map(str, row))}\n")


def measured(code: str, path: Path) -> tuple[float, float]:
    """Return the seconds and the peak megabytes of a process that runs some code."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.format(code=code), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first_round.csv"
        write_table(path, options.units, options.candidates)
        found = {name: measured(code, path) for name, code in READERS.items()}
    print(f"{options.units:,} units, {options.candidates} candidates")
    for name, (seconds, megabytes) in found.items():
        print(f"{name:24} {seconds:6.1f} s {megabytes:7,.0f} MB")
    if options.json:
        rows = {name: {"seconds": s, "megabytes": m} for name, (s, m) in found.items()}
        options.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
