"""Election nights replayed: how right and how sure the nowcast is while units report.

Usage: ``python benchmarks/night.py [--quick] [--set 'NAME;...'] [--order 'NAME;...'] [--most N]
[--largest UNITS] [--at 'FRACTION;...'] [--replays N] [--json FILE]``, with the data's folder in
FORECAST_DATA (default: ../shared/data beside the repository). ``--most`` takes so many contests of
a set, evenly spread, ``--largest`` those with at most so many units; ``--quick`` is one replay of
at most 6 contests a set at three fractions. One process; an update of a small contest takes about
a tenth of a second, so a set and an order chosen by name take seconds. ``--updates 300`` times so
many updates of one night instead.

The sets are in `night_sets`: contests on which scales were read off, contests kept apart, real and
planted boycotts, first rounds with another year's runoff, planted gradients by size and lean, and
runoffs moved to a lead of 0.3 points. Orders: random; small or large first (by ballots to count,
with jitter); region by region; neighbours (by the units' names, from a random one on); most
favourable first (to the first finalist, by the first round, with jitter); and orders whose
correlation with what a unit has beyond its first round is .3 or .7; "timed" is with known times of
arrival. Beside the nowcast the share so far and uniform swing, which an observer without a model
would use. Replays of one contest share its outcome, so that coverage is by contest, not by row;
errors, CRPS and widths of the final share are in points.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from night_sets import SETS, Told, georgia, residuals

from forecast.arrays import FloatArray
from forecast.outcome.nowcast_run import nowcast
from forecast.randomness import stream
from forecast.validation.scores import crps

ORDERS = (
    "random",
    "small first",
    "large first",
    "region",
    "neighbours",
    "favourable first",
    "residual .3",
    "residual .7",
    "small first, timed",
    "residual .3, timed",
    "residual .7, timed",
)
FRACTIONS = (0.02, 0.05, 0.1, 0.3, 0.7)
QUICK = (0.05, 0.1, 0.3)
JITTER = 0.2
"""Standard deviation of a unit's time to count around its number of ballots, in logs."""
LEVEL, TIMED = 0.9, ", timed"
Row = dict[str, Any]


def ordered(order: str, night: Told, replay: int) -> list[str] | None:
    """Return the units in the order in which they report, or None if there is no such order."""
    contest, returns, order = (
        night.contest,
        night.returns,
        order.removesuffix(TIMED),
    )
    rng, n = stream(replay, f"night: {order}"), len(returns.units)
    place = {unit: u for u, unit in enumerate(contest.units)}
    rows = np.array([place[unit] for unit in returns.units])
    size = np.log(returns.votes.sum(axis=1) + 1)
    if order == "random":
        key = rng.random(n)
    elif order in ("small first", "large first"):
        key = (1 if order[0] == "s" else -1) * size + JITTER * rng.standard_normal(n)
    elif order == "region":
        if contest.regions is None or len(set(contest.regions)) < 2:
            return None
        names = sorted(set(contest.regions))
        rank = dict(zip(names, rng.permutation(len(names)), strict=True))
        key = np.array([rank[contest.regions[u]] for u in rows]) + rng.random(n)
    elif order == "neighbours":
        by_name = np.argsort(returns.units)
        key = np.empty(n)
        key[by_name] = (np.arange(n) - rng.integers(n)) % n
    elif order == "favourable first":
        own = contest.votes[rows][:, [contest.candidates.index(f) for f in contest.finalists]]
        key = -np.log((own[:, 0] + 2) / (own[:, 1:].sum(axis=1) + 2))
        key = key + JITTER * rng.standard_normal(n)
    else:
        r = float(order.split()[1])
        key = -r * residuals(night) + (1 - r**2) ** 0.5 * rng.standard_normal(n)
    return [returns.units[u] for u in np.argsort(key, kind="stable")]


def replayed(night: Told, order: str, replay: int, fractions: Sequence[float]) -> list[Row]:
    """Return a row per fraction: errors in points, width, coverage, calls."""
    contest, returns, prior, turnout = night
    order_of = ordered(order, night, replay)
    if order_of is None or len(order_of) < 5:
        return []
    winner = max(returns.totals, key=lambda f: returns.totals[f])
    final, votes = returns.share(contest.finalists[0]), returns.votes.sum()
    found: list[Row] = []
    for n in dict.fromkeys(max(1, round(f * len(order_of))) for f in fractions):
        part = returns.select(order_of[:n])
        began = time.process_time()
        arrival = {unit: float(k) for k, unit in enumerate(order_of[:n])}
        result = nowcast(
            contest,
            part,
            prior=prior,
            polls=(),
            turnout=turnout,
            arrival=arrival if order.endswith(TIMED) else None,
            seed=replay,
        )
        seconds = time.process_time() - began
        share, valid = result.shares()[:, 0], result.draw_votes.sum(axis=1)
        low, middle, high = np.quantile(share, [0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2])
        fewest, most = np.quantile(valid, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
        before = found[-1]["called"] if found else None
        found.append(
            {
                "fraction": n / len(order_of),
                "counted": result.counted_share,
                "error": 100 * (middle - final),
                **{k: 100 * (x - final) for k, x in peers(night, part.units, part.votes).items()},
                "crps": 100 * float(crps(share, final)),
                "width": 100 * (high - low),
                "covered": bool(low <= final <= high),
                "votes covered": bool(fewest <= votes <= most),
                "votes error": 100 * (np.median(valid) - votes) / votes,
                "votes width": 100 * (most - fewest) / votes,
                "called": result.called,
                "wrong": result.called not in (None, winner),
                "taken back": before is not None and result.called != before,
                "seconds": seconds,
            }
        )
    return found


def peers(night: Told, units: Sequence[str], votes: FloatArray) -> dict[str, float]:
    """Return what an observer without a model would say: the share so far, and uniform swing."""
    contest = night.contest
    place = {unit: u for u, unit in enumerate(contest.units)}
    own = [contest.candidates.index(f) for f in contest.finalists]
    start = contest.votes[:, own]
    before = start[[place[u] for u in units]].sum(axis=0)
    running = votes[:, 0].sum() / max(votes.sum(), 1)
    swing = running - before[0] / max(before.sum(), 1)
    return {"so far": running, "swing": start[:, 0].sum() / start.sum() + swing}


def rms(rows: Sequence[Row], key: str) -> float:
    return float(np.sqrt(np.mean([row[key] ** 2 for row in rows])))


def summed(rows: Sequence[Row]) -> Row:
    """Return a line of the table."""
    return {
        "rows": len(rows),
        **{
            key: float(np.mean([row[key] for row in rows]))
            for key in ("covered", "crps", "width", "votes covered", "votes width")
        },
        **{f"{key} rmse": rms(rows, key) for key in ("error", "so far", "swing")},
        "calls": sum(row["called"] is not None for row in rows),
        "wrong": sum(row["wrong"] for row in rows),
        "taken back": sum(row["taken back"] for row in rows),
        "seconds": float(np.mean([row["seconds"] for row in rows])),
    }


def show(name: str, order: str, line: Row) -> None:
    print(
        f"{name:<22} {order:<17}{line['rows']:5d}{line['covered']:7.2f}{line['crps']:7.2f}"
        f"{line['error rmse']:7.2f}{line['so far rmse']:8.2f}{line['swing rmse']:7.2f}"
        f"{line['width']:7.2f}{line['votes covered']:8.2f}{line['votes width']:8.1f}"
        f"{line['calls']:6d}{line['wrong']:6d}{line['taken back']:6d}{line['seconds']:7.2f}",
        flush=True,
    )


HEAD = (
    f"{'set':<22} {'order':<17}{'rows':>5}{'cover':>7}{'CRPS':>7}{'RMSE':>7}{'so far':>8}"
    f"{'swing':>7}{'width':>7}{'votes':>8}{'width %':>8}{'calls':>6}{'wrong':>6}{'back':>6}"
    f"{'sec':>7}"
)


def update_time() -> Row:
    """Return processor seconds of an update of Georgia's 3,694 stations, by fraction counted."""
    contest, returns, prior, turnout = georgia(everything=True)
    found = {}
    for fraction in (0.01, 0.1, 0.5, 0.97):
        part = returns.select(returns.units[: round(fraction * len(returns.units))])
        began = time.process_time()
        nowcast(contest, part, prior=prior, polls=(), turnout=turnout)
        found[str(fraction)] = time.process_time() - began
    return found


def many_updates(updates: int) -> Row:
    """Return processor seconds and memory of so many updates of Georgia's stations in a row."""
    contest, returns, prior, turnout = georgia(everything=True)
    order_of, seconds, memory = ordered("random", Told(contest, returns), 0), [], []
    for k in range(updates):
        part = returns.select(order_of[: len(order_of) * (k + 1) // (updates + 1)])
        began = time.process_time()
        nowcast(contest, part, prior=prior, polls=(), turnout=turnout)
        seconds.append(time.process_time() - began)
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    tenth = max(updates // 10, 1)
    return {
        "updates": updates,
        "seconds, first and last tenth": [
            float(np.median(seconds[:tenth])),
            float(np.median(seconds[-tenth:])),
        ],
        "slowest": max(seconds[1:]),
        "peak MiB, after a tenth and at the end": [memory[tenth - 1], memory[-1]],
    }


def named(text: str, known: Sequence[str]) -> list[str]:
    """Return the chosen names, all by default."""
    chosen = [name.strip() for name in text.split(";") if name.strip()] or list(known)
    strange = [name for name in chosen if name not in known]
    if strange:
        raise SystemExit(f"no {strange[0]!r}; there are: {'; '.join(known)}")
    return chosen


def some(nights: list[tuple[str, Any]], most: int | None) -> list[tuple[str, Any]]:
    """Return so many of the nights, evenly spread."""
    return nights[:: -(-len(nights) // most)] if most else nights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="6 contests a set, 1 replay")
    parser.add_argument("--set", default="", help="names, with ; between; default: all")
    parser.add_argument("--order", default="", help="names, with ; between; default: all")
    parser.add_argument("--most", type=int, help="contests of a set, evenly spread; default: all")
    parser.add_argument("--largest", type=int, help="leave out contests of more units")
    parser.add_argument("--at", default="", help="fractions of the units, with ; between")
    parser.add_argument("--replays", type=int, default=1)
    parser.add_argument("--updates", type=int, help="only time so many updates of one night")
    parser.add_argument("--json", type=Path, default=Path("night.json"))
    chosen = parser.parse_args()
    if chosen.updates:
        print(json.dumps(many_updates(chosen.updates), indent=1))
        return
    most = 6 if chosen.quick and chosen.most is None else chosen.most
    found: Row = {"machine": platform.platform(), "processors": os.cpu_count(), "rows": []}
    print(HEAD)
    fractions = tuple(map(float, chosen.at.split(";"))) if chosen.at else QUICK
    fractions = fractions if chosen.quick or chosen.at else FRACTIONS
    orders = named(chosen.order, ORDERS)
    for name in named(chosen.set, tuple(SETS)):
        told = {contest: read() for contest, read in some(list(SETS[name]().items()), most)}
        rows = [
            {"set": name, "contest": contest, "order": order, "replay": replay, **row}
            for contest, night in told.items()
            if len(night.contest.units) <= (chosen.largest or np.inf)
            for replay in range(chosen.replays)
            for order in orders
            for row in replayed(night, order, replay, fractions)
        ]
        for order in orders:
            own = [row for row in rows if row["order"] == order]
            if own:
                show(name, order, summed(own))
        found["rows"] += rows
    if not (chosen.set or chosen.order or chosen.largest):
        found["update_seconds"] = update_time()
        print("an update of 3,694 stations, CPU s by fraction counted:", found["update_seconds"])
    chosen.json.write_text(json.dumps(found, indent=1) + "\n")
    print(f"wrote {chosen.json}")


if __name__ == "__main__":
    main()
