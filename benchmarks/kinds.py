"""Draws per second of every kind of prior, against another version of the library in one run.

Usage: ``python benchmarks/kinds.py [--against TREE] [--rounds N] [--json FILE]``

TREE is a checkout of another version, such as ``git worktree add ../before b07c7f5``. Each version
draws in a process of its own, the two by turns, and a kind's ratio is that of the best times. Kinds
that the other version lacks have none.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent.parent
CHUNK, CHUNKS = 4096, 40
"""Draws at a time, as in a simulation, and how many times in a row."""


def kinds() -> dict[str, Any]:
    """Return a sampler of every kind, on the Georgian ledger or a made-up contest of families."""
    import forecast as f

    georgia = f.load_contest("georgia-2018")
    ledger = georgia.ledger()
    elicited = f.elicited_prior(georgia)
    contest, families = family_contest()
    polled = f.with_polls(elicited, georgia, f.load_polls("georgia-2018"))
    few = georgia.grouped()  # as estimates of transfers have small candidates by now
    posterior = f.infer_transfers(few, f.load_returns("georgia-2018"))
    return {
        "elicited": elicited.sampler(ledger),
        "Dirichlet": elicited.as_dirichlet().sampler(ledger),
        "roles": f.learned_prior(georgia).sampler(ledger),
        "families": families.sampler(contest.ledger()),
        "polled": polled.sampler(ledger),
        "posterior": posterior.sampler(few.ledger()),
    }


def family_contest() -> tuple[Any, Any]:
    """Return a contest between six families and what forty made-up runoffs say of it."""
    import forecast as f

    rng, names = np.random.default_rng(0), ("left", "right", "green", "front", "centre", "red")

    def one(name: str, day: date) -> Any:
        votes = rng.integers(2_000, 12_000, 6)
        votes[:2] += 12_000
        return f.Contest(
            name=name,
            candidates=names,
            finalists=names[:2],
            units=("all",),
            votes=[votes],
            invalid=[300],
            registered=[int(votes.sum() * 1.6)],
            first_round=day.replace(day=13),
            runoff=day,
        )

    history = []
    for year in (1990, 1995, 2000, 2005):
        for i in range(10):
            contest = one(f"{year}/{i}", date(year, 6, 20))
            won = contest.votes[0, :2] + rng.integers(500, 9_000, 2)
            returns = f.Returns(units=("all",), finalists=names[:2], votes=[won])
            history.append((contest, returns))

    def family(contest: Any) -> dict[str, str]:
        return {name: name for name in contest.candidates}

    contest = one("new", date(2010, 6, 20))
    at = f.learn_families(history, families=family).at
    word = "groups" if "groups" in inspect.signature(at).parameters else "families"  # up to b07c7f5
    return contest, at(contest, **{word: family})


def seconds() -> dict[str, float]:
    """Return the fewest processor seconds of `CHUNK` draws by kind."""

    def drawn(sampler: Any) -> float:
        times = []
        for chunk in range(CHUNKS):
            start = time.process_time()
            sampler.draw(CHUNK, rng=np.random.default_rng(chunk))
            times.append(time.process_time() - start)
        return min(times)

    np.ones(3 * 2**20)  # once freed, it keeps glibc from handing memory back after every draw
    with ThreadPoolExecutor(1) as pool:  # as a simulation does
        return {name: pool.submit(drawn, s).result() for name, s in kinds().items()}


def timed(tree: Path) -> dict[str, float]:
    """Return `seconds` of the library in a tree, in a process of its own on one thread."""
    env = os.environ | {
        "PYTHONPATH": str(tree),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    run = [sys.executable, __file__, "--child"]
    return dict(json.loads(subprocess.run(run, env=env, check=True, capture_output=True).stdout))


def main() -> None:
    """Print draws per second by kind, and the ratio to the other tree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", action="store_true")
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(seconds()))
        return
    trees = [HERE, *([chosen.against.resolve()] if chosen.against else [])]
    times: list[list[dict[str, float]]] = [[] for _ in trees]
    for _ in range(chosen.rounds):
        for k, tree in enumerate(trees):
            times[k].append(timed(tree))
    best = [{name: min(t[name] for t in each) for name in each[0]} for each in times]
    rows = []
    for name in best[0]:
        row = {"kind": name, "draws per second": round(CHUNK / best[0][name])}
        if chosen.against and name in best[1]:
            row["ratio"] = round(best[1][name] / best[0][name], 2)
        rows.append(row)
        print("  ".join(f"{k} {v:,}" if isinstance(v, int) else f"{k} {v}" for k, v in row.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps({"rounds": chosen.rounds, "kinds": rows}, indent=1))


if __name__ == "__main__":
    main()
