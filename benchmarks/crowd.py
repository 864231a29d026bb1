"""A contest of 500 candidates, small ones pooled and a row for each: time, memory, what changes.

Usage: ``python benchmarks/crowd.py [--candidates N] [--draws N] [--json FILE]``

Two crowds: votes with a long tail, and all eliminated candidates alike, where pooling is hardest.
Each way runs in a process of its own, from the contest to the page; its seconds include imports.
Changes are in percentage points of the win probability, the share's and the turnout's 90% ends.
Those of draws have a Monte Carlo error, which is stated.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import forecast

CROWDS = ("long tail", "all alike")


def crowd(kind: str, number: int) -> forecast.Contest:
    """Return an invented contest."""
    rank = np.arange(1, number - 1)
    others = 300_000 / rank**1.1 if kind == "long tail" else 20_000 + 0 * rank
    votes = np.append([900_000, 860_000], np.maximum(others, 25)).astype(np.int64)
    names = tuple(f"candidate {k + 1}" for k in range(number))
    return forecast.Contest(
        name="crowd",
        candidates=names,
        finalists=names[:2],
        units=("all",),
        votes=votes[None],
        invalid=[50_000],
        registered=[2 * int(votes.sum())],
    )


def once(kind: str, number: int, draws: int, every: bool) -> dict[str, Any]:
    """Forecast and write the page in this process."""
    contest = crowd(kind, number)
    result = forecast.forecast_runoff(contest, draws=draws, every_candidate=every)
    data = forecast.forecast_dict(result)
    with tempfile.TemporaryDirectory() as folder:
        forecast.write_report(result, f"{folder}/page.html", data)
    leader = contest.finalists[0]
    share, turnout, win = result.share(leader), result.turnout(), result.win_probability(leader)
    ends = (share.interval.low, share.interval.high, turnout.interval.low, turnout.interval.high)
    return {
        "what": f"{kind}, {'a row each' if every else 'small ones pooled'}",
        "origins": len(result.ledger.origins),
        "seconds": time.process_time(),
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "win probability": win.value,
        "its error": win.monte_carlo_error,
        "ends": list(ends),
    }


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--draws", type=int, default=200_000)
    parser.add_argument("--json", type=Path, default=Path("crowd.json"))
    parser.add_argument("--once", nargs=2, metavar=("CROWD", "WAY"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.once:
        kind, way = arguments.once
        print(json.dumps(once(kind, arguments.candidates, arguments.draws, way == "every")))
        return
    rows = []
    size = ["--candidates", str(arguments.candidates), "--draws", str(arguments.draws)]
    for kind in CROWDS:
        pair = []
        for way in ("every", "pooled"):
            command = [sys.executable, __file__, *size, "--once", kind, way]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            pair.append(json.loads(done.stdout))
            row = pair[-1]
            print(
                f"{row['what']:<28} {row['origins']:>4} origins  {row['seconds']:6.1f} s of "
                f"processor time  {row['peak MiB']:6.0f} MiB  wins {row['win probability']:.4f}"
            )
        one, two = pair
        change = 100 * (two["win probability"] - one["win probability"])
        ends = 100 * np.abs(np.subtract(two["ends"], one["ends"])).max()
        noise = 100 * float(np.hypot(one["its error"], two["its error"]))
        print(f"  wins change by {change:+.3f} points (error {noise:.3f}), ends by {ends:.3f}")
        rows += pair
    arguments.json.write_text(json.dumps({"rows": rows}, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json}")


if __name__ == "__main__":
    main()
