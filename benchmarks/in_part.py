"""Nights on which all units are counted in part, as places report some of their stations.

Usage: ``python benchmarks/in_part.py [--every N] [--set NAME ...] [--json FILE]``, with the data in
FORECAST_DATA (default: ../shared/data beside the repository).

The units of real runoffs, polling stations, are summed to places of twenty neighbours. Of each
place some of the stations are counted, and nothing but their number is told: those that came first
are any, the smallest, the largest, or in an order whose correlation with the lean to the leader is
.7. Coverage of 90% intervals by night, with widths and root mean square errors, in points of share
and in percent of the leader's votes.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from itertools import product
from pathlib import Path

import night_sets
import numpy as np
from night_sets import Told

from forecast import Contest, Returns, nowcast
from forecast.arrays import FloatArray
from forecast.randomness import stream

STATIONS, FEWEST = 20, 60
"""Stations of a place, and the fewest of a night."""
ORDERS = ("random", "small first", "large first", "lean .7")
FRACTIONS = (0.2, 0.5, 0.8)
SETS = ("familiar", "bulgaria", "past")


def measured(night: Told, order: str, fraction: float, replay: int) -> list[float] | None:
    """Return whether share and votes are covered, the widths and the errors; None if too small."""
    contest, returns = night.contest, night.returns
    place = {unit: u for u, unit in enumerate(returns.units)}
    zero = (0,) * len(contest.finalists)
    votes = np.array([returns.votes[place[u]] if u in place else zero for u in contest.units])
    if len(votes) < FEWEST:
        return None
    member = np.arange(len(votes)) // STATIONS
    totals = votes.sum(axis=0)
    leader = int(totals.argmax())
    lean = votes[:, leader] / np.maximum(votes.sum(axis=1), 1)
    sizes, noise = contest.votes.sum(axis=1), stream(replay, order).standard_normal(len(votes))
    lean = 0.7 * (lean - lean.mean()) / lean.std() + np.sqrt(1 - 0.7**2) * noise
    keys = {"random": noise, "small first": sizes, "large first": -sizes, "lean .7": -lean}
    key = keys[order]
    done = np.argsort(np.argsort(key, kind="stable")) < fraction * len(votes)

    def summed(counts: FloatArray) -> FloatArray:
        found = np.zeros((member[-1] + 1, *counts.shape[1:]), dtype=np.int64)
        np.add.at(found, member, counts)
        return found

    names = tuple(f"place {k}" for k in range(member[-1] + 1))
    places = Contest(
        name=contest.name, candidates=contest.candidates, finalists=contest.finalists, units=names,
        votes=summed(contest.votes), invalid=summed(contest.invalid),
        registered=None if contest.registered is None else summed(contest.registered),
        electorate=contest.electorate,
    )  # fmt: skip
    part = Returns(
        units=names, finalists=contest.finalists, votes=summed(votes * done[:, None]),
        counted=summed(done) / summed(np.ones_like(done)),
    )  # fmt: skip
    now = nowcast(places, part, prior=night.prior, polls=(), turnout="none", draws=400, seed=replay)
    finalist = contest.finalists[leader]
    truth = totals[leader] / totals.sum(), totals[leader]
    row = []
    for quantity, true in zip((now.share(finalist), now.votes(finalist)), truth, strict=True):
        low, high = quantity.interval.low, quantity.interval.high
        scale = 1 if true < 1 else true
        row += [low <= true <= high, (high - low) / scale, (quantity.median - true) / scale]
    return row


def main() -> None:
    """Print a row per set, order and fraction."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--every", type=int, default=1, help="take every N-th night of a set")
    parser.add_argument("--set", nargs="*", default=list(SETS), choices=SETS, dest="sets")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    print("set, order, counted: nights; share covered, width, error; votes covered, width, error")
    table = []
    for name in options.sets:
        rows = defaultdict(list)
        for number, read in enumerate([*getattr(night_sets, name)().values()][:: options.every]):
            night = read()
            for order, fraction in product(ORDERS, FRACTIONS):
                if (row := measured(night, order, fraction, number)) is not None:
                    rows[order, fraction].append(row)
        for (order, fraction), found in rows.items():
            covers, width, error, held, wide, off = np.array(found, dtype=float).T
            line = {
                "set": name, "order": order, "counted": fraction, "nights": len(found),
                "share covered": covers.mean(), "share width": 100 * width.mean(),
                "share error": 100 * np.sqrt((error**2).mean()), "votes covered": held.mean(),
                "votes width": 100 * wide.mean(), "votes error": 100 * np.sqrt((off**2).mean()),
            }  # fmt: skip
            table.append(line)
            print(", ".join(f"{x:.2f}" if isinstance(x, float) else str(x) for x in line.values()))
    if options.json:
        options.json.write_text(json.dumps({"rows": table}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
