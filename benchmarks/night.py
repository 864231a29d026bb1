"""Runoff nights replayed: how right and how sure the nowcast is while units report.

Usage: ``python benchmarks/night.py [--quick] [--contests 'NAME;...'] [--json FILE]``, with the
data's folder in FORECAST_DATA (default: ../shared/data beside the repository).

Georgia 2018 by polling station, 20 replays of three orders at 1, 2, 5, 10 and 30 % of the units:
random; small first (by ballots to count, with jitter, as small stations finish first); region by
region in random order. It is told twice: with all that was known before the count (polls, turnout
by 17:00 by district, the runoff's lists), and from the prior of the first round alone. Beside it
the share counted so far and uniform swing, which are what an observer without a model would use.
Other countries' runoffs, 5 replays each, with the runoff's lists where both rounds' are published,
show whether the model travels; its scales were read off those contests' full counts. Replays of one
contest share its outcome and, small first, nearly its order: their coverage is not that of many
nights, which `past_nights.py` has; it runs at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import past_nights
import polars as pl
from truth import data_folder

import forecast
from forecast import Contest, InterimTurnout, Returns
from forecast.facts.turnout_table import interim_turnout
from forecast.outcome.run import nowcast
from forecast.randomness import stream
from forecast.transfers.table.protocols import TransferDistribution

ORDERS = ("random", "small first", "region by region")
FRACTIONS = (0.01, 0.02, 0.05, 0.1, 0.3)
JITTER = 0.2
"""Standard deviation of a unit's time to count around its number of ballots, in logs."""
REPLAYS, OTHERS = 20, 5
Row = dict[str, Any]


class Told(NamedTuple):
    """A night, and all that was known before its count; no prior stands for the wide one."""

    contest: Contest
    returns: Returns
    prior: TransferDistribution | None = None
    turnout: InterimTurnout | Literal["none"] = "none"


def georgia(*, everything: bool) -> Told:
    """Return Georgia 2018 by polling station, with everything known before the count, or not."""
    contest = forecast.load_contest("georgia-2018", units="stations")
    returns = forecast.load_returns("georgia-2018", units="stations")
    prior = forecast.learned_prior(contest)  # as of the night of the first round
    if not everything:
        return Told(contest, returns, prior)
    polls = forecast.load_polls("georgia-2018")
    return Told(
        contest,
        returns,
        forecast.with_polls(prior, contest, polls, as_of=contest.runoff),
        forecast.load_turnout("georgia-2018", units="stations"),
    )


def from_long(rows: pl.DataFrame, name: str, region: Callable[[str], str] | None) -> Told:
    """Return a contest of `data/units` or `data/france`; without lists voters are the ledger.

    Where both rounds have a list, the runoff's is known before the count.
    """
    rows = rows.with_columns(pl.col("unit", "option", "kind").cast(pl.String))
    counts = {
        k: rows.filter((pl.col("round") == k) & (pl.col("kind") == "candidate")).pivot(
            on="option", index="unit", values="votes", aggregate_function="sum"
        )
        for k in (1, 2)
    }
    first = counts[1].join(counts[2].select("unit"), on="unit", how="semi").fill_null(0)
    first = first.sort("unit")
    lists = [
        rows.filter((pl.col("round") == k) & (pl.col("kind") == "registered"))
        .group_by("unit")
        .agg(registered=pl.col("votes").sum())
        for k in (1, 2)
    ]
    candidates = [c for c in first.columns if c != "unit"]
    listed = first.join(lists[0], on="unit", how="left")
    options: dict[str, Any] = {"electorate": "voters"}
    if not listed["registered"].has_nulls():
        votes = pl.sum_horizontal(candidates)
        first = listed.with_columns(registered=pl.max_horizontal("registered", votes))
        options = {}
    if region is not None:
        names = [region(unit) for unit in first["unit"]]
        first = first.with_columns(region=pl.Series(names))
    finalists = [c for c in counts[2].columns if c != "unit"]
    contest = Contest.from_frame(first, name=name, finalists=finalists, **options)
    after = first.select("unit").join(counts[2], on="unit", how="left").fill_null(0)
    longer: InterimTurnout | Literal["none"] = "none"
    if not options and len(lists[1]):
        longer = interim_turnout(contest, first.select("unit").join(lists[1], on="unit"))
    returns = Returns.from_frame(after, finalists=finalists)
    return Told(contest, returns, turnout=longer)


def nights(folder: Path) -> dict[str, Callable[[], Told]]:
    """Return how to read every night, by name."""

    def read(file: str, election: str, name: str, region: Any) -> Callable[[], Told]:
        def load() -> Told:
            rows = pl.read_parquet(folder / file)
            chosen = rows.filter(pl.col("election_id").cast(pl.String) == election)
            return from_long(chosen, name, region)

        return load

    chile, france = "units/cl_2013_2017_2021.parquet", "france"
    france += "/presidentielles_2002_2017_2022.parquet"
    two: Callable[[str], str] = lambda unit: unit[:2]  # noqa: E731
    county: Callable[[str], str] = lambda unit: unit.split("/")[0]  # noqa: E731
    return {
        "georgia": lambda: georgia(everything=True),
        "georgia, prior alone": lambda: georgia(everything=False),
        "poland": read("units/pl_pres_2020.parquet", "PL-PRES-2020-GMINA", "poland-2020", two),
        "romania": read(
            "units/ro_pres_2009_locality.parquet", "RO-PRES-2009-LOCALITY", "romania-2009", county
        ),
        "brazil": read(
            "units/br_pres_2018_munzona.parquet", "BR-PRES-2018-MUNZONA", "brazil-2018", two
        ),
        "france": read(france, "FR-PRES-2017-CANTON", "france-2017", two),
        "chile 2013": read(chile, "CL-PRES-2013-COMUNA", "chile-2013", None),
        "chile 2017": read(chile, "CL-PRES-2017-COMUNA", "chile-2017", None),
        "chile 2021": read(chile, "CL-PRES-2021-CIRC", "chile-2021", None),
    }


def ordered(order: str, contest: Contest, returns: Returns, replay: int) -> list[str]:
    """Return the units in the order in which they report."""
    rng = stream(replay, f"night: {order}")
    ballots = returns.votes.sum(axis=1)
    if order == "random":
        key = rng.random(len(ballots))
    elif order == "small first":
        key = np.log(ballots + 1) + JITTER * rng.standard_normal(len(ballots))
    else:
        assert contest.regions is not None
        names = sorted(set(contest.regions))
        rank = dict(zip(names, rng.permutation(len(names)), strict=True))
        member = dict(zip(contest.units, contest.regions, strict=True))
        key = np.array([rank[member[unit]] for unit in returns.units]) + rng.random(len(ballots))
    return [returns.units[u] for u in np.argsort(key, kind="stable")]


def replayed(night: Told, order: str, replays: int) -> Row:
    """Return errors in points, half widths, coverage and calls at every fraction."""
    contest, returns, prior, turnout = night
    first, final = contest.finalists[0], returns.share(contest.finalists[0])
    winner = max(returns.totals, key=lambda f: returns.totals[f])
    own = [contest.candidates.index(f) for f in contest.finalists]
    place = {unit: u for u, unit in enumerate(contest.units)}
    start = contest.votes[:, own].sum(axis=0)
    found: Row = {}
    for fraction in FRACTIONS:
        rows = []
        for replay in range(replays):
            order_of = ordered(order, contest, returns, replay)
            units = order_of[: max(1, round(fraction * len(order_of)))]
            part = returns.select(units)
            began = time.process_time()
            result = nowcast(contest, part, prior=prior, polls=(), turnout=turnout, seed=replay)
            seconds = time.process_time() - began
            q, running = result.share(first), part.share(first)
            before = contest.votes[[place[u] for u in units]][:, own].sum(axis=0)
            swing = running - before[0] / before.sum()
            rows.append(
                {
                    "error": 100 * (q.median - final),
                    "running": 100 * (running - final),
                    "swing": 100 * (start[0] / start.sum() + swing - final),
                    "half_width": 50 * (q.interval.high - q.interval.low),
                    "covered": q.interval.low <= final <= q.interval.high,
                    "called": result.called,
                    "decided": result.decided,
                    "counted": result.counted_share,
                    "seconds": seconds,
                }
            )
        called = [row["called"] for row in rows if row["called"]]
        found[str(fraction)] = {
            **{f"{k}_rmse": rms(rows, k) for k in ("error", "running", "swing")},
            "bias": float(np.mean([row["error"] for row in rows])),
            **{k: float(np.mean([r[k] for r in rows])) for k in ("half_width", "covered")},
            "counted_share": float(np.mean([row["counted"] for row in rows])),
            "replays": replays,
            "called": len(called),
            "called_right": sum(c == winner for c in called),
            "decided_wrong": sum(r["decided"] not in (None, winner) for r in rows),
            "seconds": float(np.median([row["seconds"] for row in rows])),
        }
    return found


def rms(rows: list[Row], key: str) -> float:
    return float(np.sqrt(np.mean([row[key] ** 2 for row in rows])))


def show(name: str, order: str, found: Row) -> None:
    print(f"\n{name}, {order}: RMSE of the final share in points")
    print(
        "units   votes  nowcast  so far  uniform swing  90 % +-  holds  called (right)  CPU seconds"
    )
    for fraction, row in found.items():
        print(
            f"{float(fraction):5.0%}  {row['counted_share']:6.1%}  {row['error_rmse']:7.2f}"
            f"  {row['running_rmse']:6.2f}  {row['swing_rmse']:13.2f}  {row['half_width']:7.2f}"
            f"  {row['covered']:5.0%}  {row['called']:6d} ({row['called_right']})"
            f"  {row['seconds']:13.2f}"
        )


def update_time(night: Told) -> float:
    """Return processor seconds of one update with half of the units reported, best of five."""
    contest, returns, prior, turnout = night
    part = returns.select(returns.units[::2])
    found = []
    for _ in range(5):
        began = time.process_time()
        nowcast(contest, part, prior=prior, polls=(), turnout=turnout)
        found.append(time.process_time() - began)
    return min(found)


def units_held(night: Told, order: str) -> Row:
    """Return how often 90 % intervals of single units hold with a tenth of the units reported.

    Of units that have not reported and have at least 20 votes.
    """
    contest, returns, prior, turnout = night
    units = ordered(order, contest, returns, 0)
    part = returns.select(units[: round(0.1 * len(units))])
    found = nowcast(contest, part, prior=prior, polls=(), turnout=turnout).by_unit()
    place = {unit: u for u, unit in enumerate(contest.units)}
    later = [k for k, unit in enumerate(returns.units) if unit not in set(part.units)]
    votes = returns.votes[later]
    own = np.array([place[returns.units[k]] for k in later])
    total, some = votes.sum(axis=1), votes.sum(axis=1) >= 20
    held = {}
    for name, (low, _, high), wanted in (
        ("share", found.share[:, own, 0], votes[:, 0] / np.maximum(total, 1)),
        ("votes", found.valid[:, own], total),
    ):
        held[name] = float(np.mean((low <= wanted)[some] & (wanted <= high)[some]))
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="3 replays of Georgia, 1 elsewhere")
    parser.add_argument("--contests", default="", help="names, with ; between; default: all")
    parser.add_argument("--json", type=Path, default=Path("night.json"))
    chosen = parser.parse_args()
    found: Row = {"machine": platform.platform(), "processors": os.cpu_count(), "contests": {}}
    readers = nights(data_folder())
    names = [n for n in chosen.contests.split(";") if n] or list(readers)
    for name in names:
        night = readers[name]()
        ours = name.startswith("georgia")
        replays = REPLAYS if ours else OTHERS
        if chosen.quick:
            replays = 3 if ours else 1
        found["contests"][name] = {"units": len(night.contest.units)}
        for order in ORDERS:
            if order == "region by region" and night.contest.regions is None:
                continue
            result = replayed(night, order, replays)
            found["contests"][name][order] = result
            show(f"{name} ({len(night.contest.units):,} units)", order, result)
        if ours:
            held = {order: units_held(night, order) for order in ORDERS}
            found["contests"][name]["units held"] = held
            for order, row in held.items():
                print(
                    f"{name}, {order}, 10 %: of the other units the 90 % interval of the share "
                    f"holds in {row['share']:.0%}, of the votes in {row['votes']:.0%}"
                )
        found["contests"][name]["update_seconds"] = update_time(night)
        print(
            f"\n{name}: an update takes {found['contests'][name]['update_seconds']:.2f} CPU seconds"
        )
    summary(found)
    if not chosen.contests:
        found["past nights"] = past_nights.report(1 if chosen.quick else past_nights.REPLAYS)
    chosen.json.write_text(json.dumps(found, indent=1) + "\n")
    print(f"wrote {chosen.json}")


def summary(found: Row) -> None:
    """Print coverage and calls by order, Georgia and the other contests apart."""
    print("\n90 % intervals hold, and calls, over all fractions")
    for order in ORDERS:
        for which in ("georgia", "georgia, prior alone", "others"):
            rows = [
                row
                for name, contest in found["contests"].items()
                if name == which or (which == "others" and not name.startswith("georgia"))
                for row in contest.get(order, {}).values()
            ]
            if not rows:
                continue
            n = sum(row["replays"] for row in rows)
            held = sum(row["covered"] * row["replays"] for row in rows)
            called = sum(row["called"] for row in rows)
            right = sum(row["called_right"] for row in rows)
            print(f"{order:<17} {which:<20} {held / n:5.0%} of {n:3d}; {right} of {called} right")


if __name__ == "__main__":
    main()
