"""Tables of regions: whether contrasts and levels are covered where the truth is known.

Usage: ``python benchmarks/regions.py [--contests 25] [--json FILE]``, with the data's folder in
FORECAST_DATA (default: ../shared/data beside the repository).

Simulated: runoffs of six regions, 12 units each, that differ by a standard deviation in logits
and are alike otherwise, or whose units scatter by 0.15 logits besides. New Zealand: ten districts
of an election taken as the regions of one contest, twice for each of five elections; parties are
Labour, National, Green and all others, candidates those whom Labour's and National's voters chose
most and all others. A contrast is the difference of a cell's rate between two regions.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit, logit
from truth import data_folder

import forecast
from forecast.transfers.returns.places import RegionalTransfers

FloatArray = npt.NDArray[np.float64]

REGIONS, UNITS, PEOPLE = 6, 12, 3000
PARTIES = ("A", "B", "C", "D")
SUPPORT = (0.40, 0.25, 0.20, 0.15)
VOTING = (0.95, 0.95, 0.75, 0.70, 0.40, 0.12)
PREFERENCE = (0.96, 0.04, 0.30, 0.60, 0.50, 0.50)
DIFFERENCES = (0.0, 0.2, 0.4, 0.8)
SCATTER = (0.0, 0.15)
ELECTIONS = ("2002", "2005", "2008", "2011", "2014")
DISTRICTS, TIMES = 10, 2


class Score(NamedTuple):
    """Of one contest; shares covered by 90% intervals, and errors in points."""

    contrasts: float
    levels: float
    error: float
    width: float
    scale: float
    seconds: float


def score(found: RegionalTransfers, truth: FloatArray, seconds: float) -> Score:
    """Return how draws of rates agree with the true ones, (region, origin, destination)."""
    people = found.people
    rates = people / np.maximum(people.sum(axis=-1, keepdims=True), 1e-9)
    one, other = np.triu_indices(len(truth), 1)
    apart, true = rates[:, one] - rates[:, other], truth[one] - truth[other]
    low, high = np.quantile(apart, [0.05, 0.95], axis=0)
    least, most = np.quantile(rates, [0.05, 0.95], axis=0)
    return Score(
        contrasts=float(((low <= true) & (true <= high)).mean()),
        levels=float(((least <= truth) & (truth <= most)).mean()),
        error=100.0 * float(np.abs(apart.mean(axis=0) - true).mean()),
        width=100.0 * float((high - low).mean()),
        scale=float(np.median(found.scale)),
        seconds=seconds,
    )


def simulated(differences: float, scatter: float, seed: int) -> Score:
    """Return the score of a runoff whose regions differ."""
    rng = np.random.default_rng(seed)
    count, region = REGIONS * UNITS, np.repeat(np.arange(REGIONS), UNITS)
    support = np.exp(np.log(SUPPORT) + 0.45 * rng.standard_normal((count, len(SUPPORT))))
    support /= support.sum(axis=1, keepdims=True)
    turnout = expit(0.5 + 0.3 * rng.standard_normal(count))[:, None]
    before = np.hstack([0.98 * turnout * support, 0.02 * turnout, 1.0 - turnout])
    x = np.array([rng.multinomial(PEOPLE, p) for p in before])
    votes, likes = (
        expit(
            logit(centre)
            + differences * rng.standard_normal((REGIONS, len(centre)))[region]
            + scatter * rng.standard_normal((count, len(centre)))
        )
        for centre in (np.array(VOTING), np.array(PREFERENCE))
    )
    rates = np.stack([votes * likes, votes * (1.0 - likes), 1.0 - votes], axis=-1)
    people = rng.multinomial(x, rates)
    units = tuple(f"u{u}" for u in range(count))
    contest = forecast.Contest(
        name="simulated",
        candidates=PARTIES,
        finalists=PARTIES[:2],
        units=units,
        votes=x[:, :4],
        invalid=x[:, 4],
        registered=x.sum(axis=1),
        regions=tuple(f"r{g}" for g in region),
    )
    returns = forecast.Returns(units=units, finalists=PARTIES[:2], votes=people.sum(axis=1)[:, :2])
    posterior = forecast.infer_transfers(contest, returns, below=0.0)
    start = time.perf_counter()
    found = posterior.by_region()
    seconds = time.perf_counter() - start
    tables = np.stack([people[region == g].sum(axis=0) for g in range(REGIONS)])
    return score(found, tables / tables.sum(axis=-1, keepdims=True), seconds)


def districts(folder: Path, election: str) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Return parties and candidates by unit and the true table of every district."""
    name = f"ei_NZ_{election}"
    margins = pl.read_parquet(folder / "truth" / "margins.parquet").with_columns(
        pl.col("dataset", "district", "side", "option").cast(pl.String)
    )
    cross = pl.read_parquet(folder / "truth" / "cross.parquet").with_columns(
        pl.col("dataset", "district").cast(pl.String)
    )
    tables = dict(iter(cross.filter(pl.col("dataset") == name).group_by("district")))
    found = {}
    for (district,), rows in margins.filter(pl.col("dataset") == name).group_by("district"):
        table = tables[(district,)]
        truth = np.zeros((table["row_idx"].max(), table["col_idx"].max()))
        truth[table["row_idx"].to_numpy() - 1, table["col_idx"].to_numpy() - 1] = table["votes"]
        parties = _names(rows.filter(pl.col("side") == "row"))
        kept = [k for w in ("labour", "national", "green") for k, p in enumerate(parties) if w in p]
        chosen = [int(truth[k].argmax()) for k in kept[:2]]
        if len(kept) == 3 and len(set(chosen)) == 2:
            x, y = (_by_unit(rows, side) for side in ("row", "col"))
            truth = _folded(_folded(truth, chosen).T, kept).T
            found[district] = _folded(x, kept), _folded(y, chosen), truth
    return [found[district] for district in sorted(found)]


def _names(rows: pl.DataFrame) -> list[str]:
    options = rows.select("option_idx", "option").unique().sort("option_idx")
    return [option.lower() for option in options["option"]]


def _by_unit(rows: pl.DataFrame, side: str) -> FloatArray:
    places = np.unique(rows["unit_idx"].to_numpy())
    rows = rows.filter(pl.col("side") == side)
    counts = np.zeros((len(places), rows["option_idx"].max()))
    at = np.searchsorted(places, rows["unit_idx"].to_numpy()), rows["option_idx"].to_numpy() - 1
    np.add.at(counts, at, rows["votes"].to_numpy())
    return counts


def _folded(counts: FloatArray, kept: list[int]) -> FloatArray:
    """Return some columns and the sum of all others."""
    rest = np.delete(counts, kept, axis=1).sum(axis=1)
    return np.column_stack([counts[:, kept], rest])


def new_zealand(folder: Path) -> list[Score]:
    """Return scores of contests whose regions are districts."""
    scores = []
    for election in ELECTIONS:
        all_of_them = districts(folder, election)
        order = np.random.default_rng(3).permutation(len(all_of_them))
        for k in range(TIMES):
            chosen = [all_of_them[i] for i in order[k * DISTRICTS :][:DISTRICTS]]
            x, y = (np.concatenate([d[side] for d in chosen]).astype(int) for side in (0, 1))
            region = [str(g) for g, d in enumerate(chosen) for _ in d[0]]
            posterior = forecast.infer_transfers(x, y)
            start = time.perf_counter()
            found = posterior.by_region(region)
            seconds = time.perf_counter() - start
            truth = np.stack([d[2] / d[2].sum(axis=1, keepdims=True) for d in chosen])
            scores.append(score(found, truth, seconds))
    return scores


def main() -> None:
    """Print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contests", type=int, default=25)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    print(f"{'':32}" + "".join(f"{name:>11}" for name in ("+-", *Score._fields)))

    def add(what: str, scores: list[Score]) -> None:
        mean = Score(*np.mean(scores, axis=0).tolist())
        noise = float(np.std([s.contrasts for s in scores]) / max(len(scores) - 1, 1) ** 0.5)
        print(f"{what:32}" + "".join(f"{v:11.3f}" for v in (noise, *mean)), flush=True)
        rows.append({"what": what, "contests": len(scores), "noise": noise, **mean._asdict()})

    for scatter in SCATTER:
        for differences in DIFFERENCES:
            what = f"differences {differences}, scatter {scatter}"
            add(what, [simulated(differences, scatter, s) for s in range(args.contests)])
    add("New Zealand", new_zealand(data_folder()))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
