"""Where the time of `forecast run georgia-2018` goes, part by part, beside each part's budget.

Usage: ``python benchmarks/profile_run.py [--tiny] [--json FILE]``

Every part is measured in fresh processes, since imports happen once; printed are the median of the
repetitions and their range. On a busy machine processor time says more. The budget is what the part
may take of the goal of 2 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

REPEATS = 5
BUDGETS = {
    "start of Python and imports": 0.35,
    "contest and prior": 0.10,
    "simulation": 0.25,
    "outcome (figures of the page)": 0.55,
    "import of matplotlib": 0.25,
    "page and charts": 0.50,
}
"""Seconds on two cores; together 2."""

CODE = """
import sys, time, json
start = float(sys.argv[1])
marks = {}
last = start, 0.0
def mark(part):
    global last
    now = time.time(), time.process_time()
    marks[part] = now[0] - last[0], now[1] - last[1]
    last = now
import forecast.cli
import numpy, scipy.special, scipy.optimize
mark("start of Python and imports")
import forecast
contest = forecast.load_contest("georgia-2018")
prior = forecast.default_prior(contest)
mark("contest and prior")
result = forecast.forecast_runoff(contest, prior, draws=int(sys.argv[2]))
mark("simulation")
str(result)
data = forecast.forecast_dict(result)
mark("outcome (figures of the page)")
import matplotlib.figure
import matplotlib.backends.backend_svg
mark("import of matplotlib")
forecast.write_report(result, sys.argv[3], data)
mark("page and charts")
print(json.dumps(marks))
"""


def once(draws: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Return wall and processor seconds by part of one run, and of the command itself."""
    import time

    command = [sys.executable, "-c", CODE, str(time.time()), str(draws), str(folder / "page.html")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    parts: dict[str, tuple[float, float]] = json.loads(done.stdout)
    start, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "forecast.cli", "run", "georgia-2018", "--draws", str(draws)]
    subprocess.run([*command, "--report", str(folder / "r.html")], capture_output=True, check=True)
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])  # of children
    return parts | {"the command itself": (time.perf_counter() - start, used)}


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="one repetition of few draws")
    parser.add_argument("--json", type=Path, default=Path("profile_run.json"))
    arguments = parser.parse_args()
    draws = 2000 if arguments.tiny else 200_000
    with tempfile.TemporaryDirectory() as folder:
        runs = [once(draws, Path(folder)) for _ in range(1 if arguments.tiny else REPEATS)]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"forecast run georgia-2018, {draws:,} draws; {machine}; {date.today()}")
    rows = []
    budgets = BUDGETS | {"the command itself": sum(BUDGETS.values())}
    for part, budget in budgets.items():
        times = [run[part][0] for run in runs]
        row = {"what": part, "seconds": statistics.median(times), "times": times, "budget": budget}
        row["processor_seconds"] = statistics.median(run[part][1] for run in runs)
        rows.append(row)
        word = "over" if row["seconds"] > budget else ""
        spread = f"{min(times):.2f}-{max(times):.2f}"
        print(
            f"{part:<32} {row['seconds']:6.2f} s  {spread:>11}  budget {budget:.2f}  {word:<4}  "
            f"processor {row['processor_seconds']:.2f} s"
        )
    content = {"date": str(date.today()), "machine": machine, "draws": draws, "rows": rows}
    arguments.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json}")


if __name__ == "__main__":
    main()
