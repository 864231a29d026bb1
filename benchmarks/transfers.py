"""Transfers inferred from returns: how right, how sure and how fast, in one run.

Usage: ``python benchmarks/transfers.py [--quick] [--nuts] [--json FILE]``, with the data's folder
in FORECAST_DATA (default: ../shared/data beside the repository).

Truth: districts whose table is known, 40 drawn with seed 1 and all others, beside bounded least
squares, the floor of knowing nothing (every origin transfers like the runoff's result), PyEI on a
few districts where it is installed, and published tools' figures.
Runoffs: cells that polls and exit polls published, and simulated runoffs of every kind, beside
bounded least squares.
Georgia 2018 and Poland 2020: seconds from arrays to table and 90% intervals, chains from the
normal approximation included; beside them one evaluation of the log density with its gradient, the
work no method avoids. ``--nuts`` samples Georgia's log density without approximation and compares.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from national import Rounds, georgia, poland
from published import published, score_cells
from simulated_runoffs import KINDS, STRESSES, Kind, simulated_runoff
from simulation import best
from truth import (
    District,
    data_folder,
    error_index,
    least_squares,
    load_districts,
    means,
    merged,
    score,
    seed_one,
)

import forecast
from forecast.randomness import stream
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.returns.posterior import TransferPosterior

FloatArray = npt.NDArray[np.float64]
Row = dict[str, Any]

PUBLISHED_AT = "published, Scotland and New Zealand, another draw of 40"
PUBLISHED: tuple[Row, ...] = (
    {"what": "lphom", "error": 13.5},
    {"what": "tslphom", "error": 11.9},
    {"what": "nslphom", "error": 9.9},
    {"what": "fastei mult", "error": 8.4},
    {"what": "ecolRxC", "error": 7.4},
    {"what": "fastei mvn_cdf", "error": 7.0},
    {"what": "fastei mvn_pdf", "error": 6.9},
    {"what": "fastei mvn_pdf, best variant", "error": 6.8},
    {"what": "mean of mvn_pdf and ecolRxC", "error": 6.6},
    {"what": "PyEI", "error": 7.0, "covered_90": 0.70, "seconds": 94},
    {"what": "eiPack", "error": [11, 18], "covered_90": [0.49, 0.54]},
    {"what": "fastei bootstrap", "covered_90": [0.52, 0.66]},
)
UNIT_COUNTS = (500, 1000, 2000, 4000, 8000, 16_000)
FITTED_FROM = 2000
"""Units from which the exponent is fitted; below, fixed costs hide the growth."""
COMPARED_DRAWS = 20_000
NUTS = {"draws": 2000, "tune": 1000, "chains": 2, "cores": 1}


def table_and_intervals(first_round: FloatArray, runoff: FloatArray) -> TransferPosterior:
    """Do all that is timed."""
    posterior = infer_transfers(first_round, runoff)
    _ = posterior.table, posterior.interval(0.9)
    return posterior


def nothing_known(district: District) -> float:
    """Return the error index when every origin transfers like the runoff's result."""
    origins, destinations = district.truth.sum(axis=1), district.truth.sum(axis=0)
    return error_index(np.outer(origins, destinations) / origins.sum(), district.truth)


def truth(folder: Path, *, quick: bool) -> list[Row]:
    """Score districts with a known table, as they are and with the shape of a runoff."""
    districts = load_districts(folder)
    first = seed_one(districts)
    rest = [i for i in range(len(districts)) if i not in first]
    groups = {"40 of seed 1": first, "all others": rest}
    if quick:
        groups = {name: places[:4] for name, places in groups.items()}
    rows = []
    for name, places in groups.items():
        chosen = [districts[i] for i in places]
        folded = [m for m in map(merged, chosen) if m is not None]
        for label, group in ((name, chosen), (f"{name}, as in a runoff", folded)):
            floor = round(float(np.mean([nothing_known(d) for d in group])), 2)
            row = means([score(d) for d in group])
            rows.append({"what": label, **row, "error_nothing_known": floor})
    return rows


def polled(folder: Path) -> list[Row]:
    """Compare with cells that polls published."""
    rows = []
    for case in published(folder):
        start = time.perf_counter()
        posterior = infer_transfers(case.contest, case.returns, below=0)
        cells = score_cells(case, posterior)
        seconds = time.perf_counter() - start
        peer = least_squares(posterior.counts.origins.T, posterior.counts.destinations.T)
        if case.of_voters:
            peer = peer[:, :-1] / np.maximum(peer[:, :-1].sum(axis=1, keepdims=True), 1e-9)
        at = [(posterior.origins.index(o), posterior.destinations.index(d)) for o, d in case.cells]
        off = [abs(float(peer[k]) - c.published) for k, c in zip(at, cells, strict=True)]
        rows.append(
            {
                "what": case.name,
                "cells": len(cells),
                "strict": sum(c.strict for c in cells),
                "near": sum(c.near for c in cells),
                "crps": 100.0 * float(np.mean([c.crps for c in cells])),
                "error": 100.0 * float(np.mean([abs(c.mean - c.published) for c in cells])),
                "least_squares": 100.0 * float(np.mean(off)),
                "seconds": seconds,
            }
        )
    return rows


def simulated(kind: Kind, repeats: int) -> Row:
    """Score simulated runoffs of a kind."""
    covered, errors, loyal, peers, seconds = [], [], [], [], []
    for seed in range(repeats):
        made = simulated_runoff(kind, seed)
        start = time.perf_counter()
        posterior = infer_transfers(made.contest, made.returns)
        low, high = posterior.interval(0.9)
        seconds.append(time.perf_counter() - start)
        rows = [r for r, name in enumerate(posterior.origins) if name != "invalid"]
        mean, peer = posterior.mean[rows], least_squares(*_given(made))
        covered.append((low[rows] <= made.truth) & (made.truth <= high[rows]))
        errors.append(np.abs(mean - made.truth).mean())
        loyal.append(np.diag((mean - made.truth)[:2, :2]).mean())
        peers.append(np.abs(peer - made.truth).mean())
    return {
        "what": kind.name,
        "contests": repeats,
        "covered_90": float(np.mean(covered)),
        "covered_loyal": float(np.mean([np.diag(c[:2, :2]) for c in covered])),
        "covered_finalists": float(np.mean([c[:2] for c in covered])),
        "covered_non_voters": float(np.mean([c[-1] for c in covered])),
        "error": 100.0 * float(np.mean(errors)),
        "loyal_bias": 100.0 * float(np.mean(loyal)),
        "least_squares": 100.0 * float(np.mean(peers)),
        "seconds": float(np.median(seconds)),
    }


def _given(made: Any) -> tuple[FloatArray, FloatArray]:
    """Return both rounds of a simulated runoff as arrays, people added where a list is short."""
    votes, after = made.contest.votes, made.returns.votes
    people = np.maximum.reduce([made.contest.registered, votes.sum(axis=1), after.sum(axis=1)])
    first = np.column_stack([votes, people - votes.sum(axis=1)])
    return first, np.column_stack([after, people - after.sum(axis=1)])


def pyei_peer(folder: Path, count: int) -> Row | None:
    """Return PyEI's error and coverage on a few districts, None where it is not installed."""
    if find_spec("pyei") is None:
        return None
    from pyei.r_by_c import RowByColumnEI

    districts = load_districts(folder)
    errors, covered, start = [], [], time.perf_counter()
    for district in [districts[i] for i in seed_one(districts)[:count]]:
        people = district.first_round.sum(axis=1)
        kept = people > 0
        model = RowByColumnEI(model_name="multinomial-dirichlet")
        model.fit(
            (district.first_round[kept] / people[kept, None]).T,
            (district.runoff[kept] / people[kept, None]).T,
            people[kept].astype(int),
            progressbar=False,
        )
        draws = np.asarray(model.sampled_voting_prefs)  # (draw, origin, destination)
        tables = draws * district.truth.sum(axis=1)[:, None]
        low, high = np.quantile(tables, [0.05, 0.95], axis=0)
        errors.append(error_index(tables.mean(axis=0), district.truth))
        covered.append(((low <= district.truth) & (district.truth <= high)).mean())
    return {
        "what": "PyEI, in this run",
        "districts": count,
        "error": float(np.mean(errors)),
        "covered_90": float(np.mean(covered)),
        "seconds": (time.perf_counter() - start) / count,
    }


def georgian(rounds: Rounds) -> tuple[Row, TransferPosterior]:
    """Time Georgia and return its figures and posterior."""
    posterior = table_and_intervals(rounds.first_round, rounds.runoff)
    forward = posterior.forward
    point = forward.posterior.points(1, rng=stream(0, "benchmark: point"))[0]
    low, high = posterior.interval(0.9)
    row = shape(rounds) | {
        "seconds": best(lambda: table_and_intervals(rounds.first_round, rounds.runoff), 5),
        "seconds_of_one_gradient": best(lambda: forward.density(point), 20),
        "both_directions": posterior.backward is not None,
        "diagnostics": str(posterior.diagnostics),
        "origins": rounds.origins,
        "destinations": rounds.destinations,
        "mean": posterior.mean.round(4).tolist(),
        "low": low.round(4).tolist(),
        "high": high.round(4).tolist(),
    }
    return row, posterior


def shape(rounds: Rounds) -> Row:
    """Return how large a contest is, and by which rule its units were matched."""
    units, origins = rounds.first_round.shape
    return {
        "units": units,
        "rule": rounds.rule,
        "people": int(rounds.first_round.sum()),
        "origin_count": origins,
        "destination_count": rounds.runoff.shape[1],
    }


def against_nuts(posterior: TransferPosterior, *, quick: bool) -> Row:
    """Compare means and intervals with those of NUTS on the same log density."""
    from forecast.transfers.returns.nuts import run_nuts

    forward = posterior.forward
    start = time.perf_counter()
    plan = NUTS | ({"draws": 500, "tune": 300} if quick else {})
    sampled = run_nuts(forward.density, rng=stream(0, "benchmark: nuts"), **plan)
    seconds = time.perf_counter() - start
    exact = forward.density.tables(sampled.sampled)
    fast = forward.density.tables(
        forward.posterior.points(COMPARED_DRAWS, rng=stream(0, "benchmark: points"))
    )
    reference = replace(posterior, forward=replace(forward, posterior=sampled))
    both = [
        p.draws(COMPARED_DRAWS, rng=stream(0, f"benchmark: {name}"))
        for name, p in (("exact", reference), ("fast", posterior))
    ]
    return plan | {
        "seconds": seconds,
        "r_hat": sampled.diagnostics.r_hat,
        "effective_size": sampled.diagnostics.effective_size,
        "divergences": sampled.diagnostics.divergences,
        "error_of_nuts_itself_at_most": sampled.diagnostics.effective_size**-0.5,
        "same_density": distance(exact, fast),
        "as_published": distance(*both),
    }


def distance(exact: FloatArray, fast: FloatArray) -> Row:
    """Return differences of means in posterior sd, and ratios of sd."""
    spread = exact.std(axis=0)
    off = (fast.mean(axis=0) - exact.mean(axis=0)) / spread
    ratio = fast.std(axis=0) / spread
    return {
        "largest": float(np.abs(off).max()),
        "rms": float(np.sqrt((off**2).mean())),
        "sd_ratio": [float(ratio.min()), float(ratio.max())],
    }


def polish(rounds: Rounds, *, quick: bool) -> Row:
    """Time growing random parts of Poland and fit the exponent."""
    total = len(rounds.first_round)
    counts = [500, 1000] if quick else [*UNIT_COUNTS, total]
    order = stream(0, "benchmark: order of units").permutation(total)
    growth = {}
    for units in counts:
        part = np.sort(order[:units])
        x, y = rounds.first_round[part], rounds.runoff[part]
        growth[units] = best(lambda x=x, y=y: table_and_intervals(x, y))  # type: ignore[misc]
    fitted = {n: s for n, s in growth.items() if n >= FITTED_FROM} or growth
    exponent = np.polyfit(np.log(list(fitted)), np.log(list(fitted.values())), 1)[0]
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return shape(rounds) | {
        "seconds": {str(n): round(s, 4) for n, s in growth.items()},
        "exponent": float(exponent),
        "fitted_from": min(fitted),
        "peak_megabytes_of_the_process": peak,
    }


def machine() -> Row:
    """Return where and with what the figures were made."""
    names = ("numpy", "scipy", "pymc", "nutpie")
    return {
        "date": str(date.today()),
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "forecast": forecast.__version__,
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS"),
    } | {name: version(name) if find_spec(name) else None for name in names}


def show_truth(rows: list[Row], peer: Row | None) -> None:
    """Print the districts' table, peers and published figures beside."""
    columns = {
        "error": "error",
        "covered_50": "50%",
        "covered_90": "90%",
        "covered_90_votes": "by votes",
        "covered_small": "small",
        "covered_middle": "40-60%",
        "seconds": "median s",
        "least_squares": "squares",
        "error_nothing_known": "no model",
    }
    print(
        f"{'districts with a known table':34}{'n':>5}"
        + "".join(f"{c:>9}" for c in columns.values())
    )
    for row in rows:
        print(f"{row['what']:34}{row['districts']:5}" + "".join(f"{row[c]:9.3f}" for c in columns))
    if peer is not None:
        print(
            f"  {peer['what']}, {peer['districts']} districts: error {peer['error']:.2f}, 90% "
            f"covered {peer['covered_90']:.2f}, {peer['seconds']:.0f} s a district"
        )
    print(f"{PUBLISHED_AT}:")
    for row in PUBLISHED:
        error, covered, seconds = (
            "-".join(map(str, value)) if isinstance(value, list) else str(value)
            for value in (row.get(k, "") for k in ("error", "covered_90", "seconds"))
        )
        print(f"  {row['what']:37}{error:>9}{'':9}{covered:>9}{'':27}{seconds:>9}")


def show_runoffs(polls: list[Row], simulations: list[Row]) -> None:
    """Print published cells and simulated runoffs, bounded least squares beside.

    Intervals of 90% cover so many cells; own ones are of finalists' voters who come back, finals of
    all that finalists' voters do, home of non-voters; bias is of the own ones.
    """
    head = ("cells", "within", "+4", "CRPS", "error", "squares")
    print(f"{'cells of polls':28}" + "".join(f"{name:>8}" for name in head))
    for row in polls:
        print(
            f"{row['what']:28}{row['cells']:8}{row['strict']:8}{row['near']:8}{row['crps']:8.1f}"
            f"{row['error']:8.1f}{row['least_squares']:8.1f}"
        )
    head = ("n", "90%", "own", "finals", "home", "bias", "error", "squares", "s")
    print(f"{'simulated runoffs':28}" + "".join(f"{name:>8}" for name in head))
    for row in simulations:
        print(
            f"{row['what']:28}{row['contests']:8}{row['covered_90']:8.2f}"
            f"{row['covered_loyal']:8.2f}{row['covered_finalists']:8.2f}"
            f"{row['covered_non_voters']:8.2f}{row['loyal_bias']:+8.1f}{row['error']:8.1f}{row['least_squares']:8.1f}{row['seconds']:8.2f}"
        )


def show_georgia(row: Row) -> None:
    """Print Georgia's table and times."""
    print(
        f"Georgia 2018: {row['units']:,} units ({row['rule']}) x {row['origin_count']} origins x "
        f"{row['destination_count']} destinations\n  {row['seconds']:.3f} s with check and "
        f"intervals; one gradient {1000 * row['seconds_of_one_gradient']:.2f} ms"
    )
    print(" " * 18 + "".join(f"{name:>22}" for name in row["destinations"]))
    for name, *rates in zip(row["origins"], row["mean"], row["low"], row["high"], strict=True):
        cells = [f"{m:.3f} [{a:.3f}, {b:.3f}]" for m, a, b in zip(*rates, strict=True)]
        print(f"  {name:16}" + "".join(f"{cell:>22}" for cell in cells))
    if "nuts" in row:
        nuts = row["nuts"]
        print(
            f"  NUTS {nuts['seconds']:.0f} s ({nuts['chains']} chains of {nuts['tune']} + "
            f"{nuts['draws']} draws on {nuts['cores']} core), R-hat {nuts['r_hat']:.4f}, effective "
            f"size {nuts['effective_size']:.0f}, {nuts['divergences']} divergences; "
            f"its own error up to {nuts['error_of_nuts_itself_at_most']:.3f} sd"
        )
        for what in ("same_density", "as_published"):
            found = nuts[what]
            low, high = found["sd_ratio"]
            print(
                f"  means, {what.replace('_', ' ')}: largest difference {found['largest']:.3f} sd, "
                f"rms {found['rms']:.3f} sd; sd ratio {low:.2f}-{high:.2f}"
            )


def show_poland(row: Row) -> None:
    """Print Poland's times."""
    print(f"Poland 2020: {row['units']:,} units x {row['origin_count']} origins; seconds by units")
    print("  " + "  ".join(f"{int(n):,}: {s:.3f}" for n, s in row["seconds"].items()))
    print(
        f"  exponent {row['exponent']:.2f} from {row['fitted_from']:,} units up; peak memory "
        f"{row['peak_megabytes_of_the_process']:.0f} MB, reading of the data included"
    )


def main() -> None:
    """Print the tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("transfers.json"))
    parser.add_argument("--nuts", action="store_true", help="compare with NUTS; minutes")
    parser.add_argument("--quick", action="store_true", help="a few districts and units only")
    arguments = parser.parse_args()
    folder, quick = data_folder(), arguments.quick
    content: Row = {"machine": machine(), "quick": quick, "published": [PUBLISHED_AT, *PUBLISHED]}
    print(content["machine"], flush=True)
    repeats = 2 if quick else 20
    content["polls"] = polled(folder)
    content["simulated"] = [simulated(kind, repeats) for kind in (*KINDS, *STRESSES)]
    show_runoffs(content["polls"], content["simulated"])
    content["truth"] = truth(folder, quick=quick)
    content["pyei"] = pyei_peer(folder, 1 if quick else 4)
    show_truth(content["truth"], content["pyei"])
    content["poland"] = polish(poland(folder), quick=quick)
    show_poland(content["poland"])
    content["georgia"], posterior = georgian(georgia(folder))
    if arguments.nuts:
        content["georgia"]["nuts"] = against_nuts(posterior, quick=quick)
    show_georgia(content["georgia"])
    arguments.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json}")


if __name__ == "__main__":
    main()
