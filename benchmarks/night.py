"""Runoff nights replayed: how right and how sure the nowcast is while units report.

Usage: ``python benchmarks/night.py [--quick] [--contests NAME,...] [--json FILE]``, with the data's
folder in FORECAST_DATA (default: ../shared/data beside the repository).

Georgia 2018 by polling station, 20 replays of three orders at 1, 2, 5, 10 and 30 % of the units:
random; small first (by ballots to count, with jitter, as small stations finish first); region by
region in random order. Beside it the share counted so far and uniform swing, which are what an
observer without a model would use. Other countries' runoffs, 5 replays each, show whether the
model travels; its constants were read off those contests' full counts, never off Georgia 2018.
Replays of one contest share its outcome and, small first, nearly its order: their coverage is not
that of independent nights.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from truth import data_folder

import forecast
from forecast import Contest, Returns
from forecast.outcome.nowcast import nowcast
from forecast.randomness import stream
from forecast.transfers.defaults import default_prior, learned_prior
from forecast.transfers.sampler import TransferDistribution

ORDERS = ("random", "small first", "region by region")
FRACTIONS = (0.01, 0.02, 0.05, 0.1, 0.3)
JITTER = 0.2
"""Standard deviation of a unit's time to count around its number of ballots, in logs."""
REPLAYS, OTHERS = 20, 5
Row = dict[str, Any]
Night = tuple[Contest, Returns]


def georgia(folder: Path) -> Night:
    """Return Georgia 2018 by polling station; abroad, where there is no list, ballots are one."""
    first, runoff = (
        pl.read_csv(folder / "georgia" / f"2018_precincts_r{k}.csv", infer_schema_length=None)
        for k in (1, 2)
    )
    candidates = first.columns[12:]
    ballots = pl.max_horizontal("voted", pl.col("valid") + pl.col("invalid"))
    frame = first.select(
        pl.col("precinct_id").alias("unit"),
        "region",
        pl.max_horizontal("main_list", ballots).alias("registered"),
        (ballots - pl.sum_horizontal(candidates)).alias("invalid"),
        *candidates,
    )
    finalists = ("zurabishvili", "vashadze")
    contest = Contest.from_frame(frame, name="georgia-2018-stations", finalists=finalists)
    counts = runoff.select(pl.col("precinct_id").alias("unit"), *finalists)
    return contest, Returns.from_frame(counts, finalists=finalists)


def from_long(rows: pl.DataFrame, name: str, region: Callable[[str], str] | None) -> Night:
    """Return a contest of `data/units` or `data/france`; without lists voters are the ledger."""
    rows = rows.with_columns(pl.col("unit", "option", "kind").cast(pl.String))
    counts = {
        k: rows.filter((pl.col("round") == k) & (pl.col("kind") == "candidate")).pivot(
            on="option", index="unit", values="votes", aggregate_function="sum"
        )
        for k in (1, 2)
    }
    first = counts[1].join(counts[2].select("unit"), on="unit", how="semi").fill_null(0)
    first = first.sort("unit")
    about = rows.filter((pl.col("round") == 1) & (pl.col("kind") == "registered"))
    about = about.group_by("unit").agg(registered=pl.col("votes").sum())
    candidates = [c for c in first.columns if c != "unit"]
    listed = first.join(about, on="unit", how="left")
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
    return contest, Returns.from_frame(after, finalists=finalists)


def nights(folder: Path) -> dict[str, Callable[[], Night]]:
    """Return how to read every night, by name."""

    def read(file: str, election: str, name: str, region: Any) -> Callable[[], Night]:
        def load() -> Night:
            rows = pl.read_parquet(folder / file)
            chosen = rows.filter(pl.col("election_id").cast(pl.String) == election)
            return from_long(chosen, name, region)

        return load

    chile, france = "units/cl_2013_2017_2021.parquet", "france"
    france += "/presidentielles_2002_2017_2022.parquet"
    two: Callable[[str], str] = lambda unit: unit[:2]  # noqa: E731
    county: Callable[[str], str] = lambda unit: unit.split("/")[0]  # noqa: E731
    return {
        "georgia": lambda: georgia(folder),
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


def replayed(night: Night, prior: TransferDistribution | None, order: str, replays: int) -> Row:
    """Return errors in points, half widths, coverage and calls at every fraction."""
    contest, returns = night
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
            result = nowcast(contest, part, prior=prior, seed=replay)
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


def update_time(night: Night, prior: TransferDistribution | None) -> float:
    """Return processor seconds of one update with half of the units reported, best of five."""
    contest, returns = night
    part = returns.select(returns.units[::2])
    found = []
    for _ in range(5):
        began = time.process_time()
        nowcast(contest, part, prior=prior)
        found.append(time.process_time() - began)
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="3 replays of Georgia, 1 elsewhere")
    parser.add_argument("--contests", default="", help="names separated by commas; default: all")
    parser.add_argument("--prior", choices=("learned", "elicited"), default="learned")
    parser.add_argument("--json", type=Path, default=Path("night.json"))
    chosen = parser.parse_args()
    found: Row = {"machine": platform.platform(), "processors": os.cpu_count(), "contests": {}}
    readers = nights(data_folder())
    night_before = forecast.load_contest("georgia-2018")
    names = [n for n in chosen.contests.split(",") if n] or list(readers)
    for name in names:
        night = readers[name]()
        prior: TransferDistribution | None = None  # the wide one
        if name == "georgia":  # nothing in either is later than the first round
            priors = {"learned": learned_prior, "elicited": default_prior}
            prior = priors[chosen.prior](night_before)
        replays = (3 if chosen.quick else REPLAYS) if name == "georgia" else OTHERS
        replays = 1 if chosen.quick and name != "georgia" else replays
        found["contests"][name] = {"units": len(night[0].units)}
        for order in ORDERS:
            if order == "region by region" and night[0].regions is None:
                continue
            result = replayed(night, prior, order, replays)
            found["contests"][name][order] = result
            show(f"{name} ({len(night[0].units):,} units)", order, result)
        found["contests"][name]["update_seconds"] = update_time(night, prior)
        print(
            f"\n{name}: an update takes {found['contests'][name]['update_seconds']:.2f} CPU seconds"
        )
    summary(found)
    chosen.json.write_text(json.dumps(found, indent=1) + "\n")
    print(f"wrote {chosen.json}")


def summary(found: Row) -> None:
    """Print coverage and calls by order, Georgia and the other contests apart."""
    print("\n90 % intervals hold, and calls, over all fractions")
    for order in ORDERS:
        for which in ("georgia", "others"):
            rows = [
                row
                for name, contest in found["contests"].items()
                if (name == "georgia") == (which == "georgia") and order in contest
                for row in contest[order].values()
            ]
            if not rows:
                continue
            n = sum(row["replays"] for row in rows)
            held = sum(row["covered"] * row["replays"] for row in rows)
            called = sum(row["called"] for row in rows)
            right = sum(row["called_right"] for row in rows)
            print(f"{order:<17} {which:<8} {held / n:5.0%} of {n:3d}; {right} of {called} right")


if __name__ == "__main__":
    main()
