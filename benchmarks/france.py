"""French runoffs with two finalists, each year forecast from earlier years by political family.

Usage: ``python benchmarks/france.py [--data FILE] [--kind legislative|cantonal] [--years Y ...]
[--draws N] [--json FILE]``

The table is long: `election_id` (ending in the year), `unit`, `round`, `option`, `party`, `kind`
(candidate, registered, ballots, ...) and `votes`. For every year all methods see the
same earlier years and nothing else. Shares are those of the leader of the first round. Days are not
in the table: first rounds are dated 24 and runoffs 31 December of their year.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pyarrow.parquet

import forecast
from forecast.randomness import stream
from forecast.transfers.families.prior import FamilyPrior
from forecast.transfers.table.protocols import TransferDistribution
from forecast.validation.baselines import leader_wins, margin_only, unchanged_share
from forecast.validation.calibration import central_interval, coverage
from forecast.validation.models import (
    History,
    Model,
    Prediction,
    Predictor,
    TransferModel,
    observed,
)
from forecast.validation.scores import brier_score, crps, log_density

FILES = {"legislative": "legislatives_1958_2012", "cantonal": "cantonales_1992_2011"}
YEARS = {"legislative": (1993, 1997, 2002, 2007, 2012), "cantonal": (1994, 1998, 2004, 2008, 2011)}
DRAWS = 4000

NUANCES = {
    "far left": "EXG LO LCR OCI PSU DXG",
    "communists": "COM FDG PG FI NUP UG",
    "socialists": "SOC SFIO FGDS PSMRG RADSOC MRG RDG PRG MDC MAJ UGE VRG RADICAUX-GAUCHE",
    "other left": "DVG",
    "greens": "ECO VEC GEC",
    "opposition centre": "CENTDEM CPDM CDP DIVREF REFRAD MRP RADCENT CRR SDC",
    "centre": "MODEM MODEM- MODM MDM UDFD REM ENS HOR DVC",
    "other right": "DVD DIVGAULL MOD",
    "front": "FRN FN RN EXD POUJ DLF DSV REC UXD",
    "others": "DIV REG AUT SCO DSP",
}
"""Nuances of the Interior Ministry by family; every other nuance is of the right. Federations of
one camp keep its family, and the party that in 2007 stood between the camps is a new one."""
FAMILY = {code: family for family, codes in NUANCES.items() for code in codes.split()}
BLOCKS = {
    "far left": "left",
    "communists": "left",
    "socialists": "left",
    "other left": "left",
    "greens": "left",
    "opposition centre": "right",
    "right": "right",
    "other right": "right",
    "centre": "centre",
    "front": "front",
    "others": "others",
}


UNSETTLED = {
    1967: ("socialists",),  # the Federation of the Left, founded in 1965
    2007: ("centre",),  # left the right for a party of its own that May
}
"""Families that were new or had other allies than before, known before the day."""


class Runoff(NamedTuple):
    """One contest, its families and its result."""

    year: int
    contest: forecast.Contest
    returns: forecast.Returns
    families: dict[str, str]


def family(nuance: str | None) -> str:
    """Return the family of a nuance; candidates without one are among the others."""
    return FAMILY.get(nuance.replace(" ", "-"), "right") if nuance else "others"


def read(path: Path) -> list[Runoff]:
    """Read every contest in which two candidates stood in the runoff."""
    frame = nw.from_native(pyarrow.parquet.read_table(path), eager_only=True)
    names = ("election_id", "unit", "round", "option", "party", "kind", "votes")
    lines: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for row in zip(*(frame[name].to_list() for name in names), strict=True):
        lines[row[0], row[1]].append(row[2:])
    found = (_runoff(*key, rows) for key, rows in sorted(lines.items()))
    return [runoff for runoff in found if runoff is not None]


def _runoff(election: str, unit: str, rows: list[tuple[Any, ...]]) -> Runoff | None:
    """Return the contest, or None unless two candidates of the first round stood in the runoff."""
    first = {o: (p, v) for r, o, p, kind, v in rows if r == 1 and kind == "candidate"}
    second = {o: v for r, o, _, kind, v in rows if r == 2 and kind == "candidate" and v > 0}
    listed = {kind: v for r, _, _, kind, v in rows if r == 1 and kind != "candidate"}
    if len(second) != 2 or any(first.get(o, ("", 0))[1] <= 0 for o in second):
        return None
    valid = sum(v for _, v in first.values())
    leader = sorted(second, key=lambda o: -first[o][1])
    invalid = max(listed.get("ballots", valid) - valid, 0)
    year = int(election.rsplit("-", 1)[-1])
    contest = forecast.Contest(
        name=f"{election} {unit}",
        candidates=tuple(first),
        finalists=tuple(leader),
        units=(unit,),
        votes=np.array([[v for _, v in first.values()]]),
        invalid=np.array([invalid]),
        registered=np.array([max(listed["registered"], valid + invalid)]),
        first_round=date(year, 12, 24),
        runoff=date(year, 12, 31),
        source="official results, see the README of the data",
    )
    returns = forecast.Returns(
        units=(unit,), finalists=tuple(second), votes=np.array([list(second.values())])
    )
    return Runoff(year, contest, returns, {o: family(p) for o, (p, _) in first.items()})


def families(runs: list[Runoff]) -> TransferModel:
    """Return the model of political families, which knows of `runs` only the families.

    It learns from all it is shown, later days too; days count by their distance.
    """
    given = {run.contest.name: run.families for run in runs}

    def learn(history: History) -> Callable[[forecast.Contest], TransferDistribution]:
        @cache
        def prior(day: date) -> FamilyPrior:
            found = forecast.learn_families(history, families=given, blocks=BLOCKS, reference=day)
            known = set(UNSETTLED.get(day.year, ())) & set(found.groups)
            return found.with_unsettled(known)

        # Which days of the history a contest may know is the backtest's affair.
        return lambda c: prior(c.first_round).at(c, groups=given, as_of=date.max)

    return TransferModel(learn, "families")


def left_first(runs: list[Runoff]) -> Model:
    """Return the regression on the margin of the finalist further left, not of the leader.

    Its constant is a camp's, so it knows more than a margin.
    """
    order = list(BLOCKS)
    place = {run.contest.name: {o: order.index(f) for o, f in run.families.items()} for run in runs}

    def turned(contest: forecast.Contest) -> forecast.Contest:
        ranks = place[contest.name]
        return replace(contest, finalists=tuple(sorted(contest.finalists, key=ranks.__getitem__)))

    def model(history: History) -> Predictor:
        predict = margin_only([(turned(contest), returns) for contest, returns in history])

        def forecast_leader(
            contest: forecast.Contest, *, draws: int, rng: np.random.Generator
        ) -> Prediction:
            found = predict(turned(contest), draws=draws, rng=rng)
            same = turned(contest).finalists == contest.finalists
            return found if same else Prediction(1 - found.share, found.turnout)

        return forecast_leader

    return model


def scores(share: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return scores of draws of the leader's share (draw, contest); errors in points of share."""
    error = 100 * (share.mean(axis=0) - truth)
    held = coverage(share, truth, [str(i) for i in range(len(truth))], (0.5, 0.9))
    low, high = central_interval(share, 0.9)
    found = {
        "n": len(truth),
        "crps": 100 * crps(share, truth).mean(),
        "rmse": np.sqrt((error**2).mean()),
        "log score": log_density(share, truth).mean(),
        "brier": brier_score((share > 0.5).mean(axis=0), truth > 0.5).mean(),
        "cover 90": held[0.9].value,
        "cover 50": held[0.5].value,
        "width 90": 100 * (high - low).mean(),
    }
    return {name: float(value) for name, value in found.items()}


def bias_left(runs: list[Runoff], share: np.ndarray, truth: np.ndarray) -> float:
    """Return by how many points finalists of the left were forecast too high against others."""
    error = 100 * (share.mean(axis=0) - truth)
    camps = [[BLOCKS[run.families[f]] == "left" for f in run.contest.finalists] for run in runs]
    turn = np.array([int(a) - int(b) for a, b in camps])
    return float((error * turn)[turn != 0].mean()) if (turn != 0).any() else 0.0


def year_table(runs: list[Runoff], year: int, draws: int) -> dict[str, dict[str, float]]:
    """Return scores of every method for one year, each learned on earlier years."""
    past = [(run.contest, run.returns) for run in runs if run.year < year]
    new = [run for run in runs if run.year == year]
    truth = np.array([observed(run.contest, run.returns)[0] for run in new])
    rows = {}
    for name, model in {
        "families": families(runs),
        "margin-only regression": margin_only,
        "margin and camp": left_first(runs),
        "unchanged share": unchanged_share,
        "leader wins": leader_wins,
    }.items():
        predict = model(past)
        found = [
            predict(run.contest, draws=draws, rng=stream(0, f"{name}: {run.contest.name}")).share
            for run in new
        ]
        share = np.stack(found, axis=1)
        rows[name] = scores(share, truth) | {"bias left": bias_left(new, share, truth)}
    for row in rows.values():
        row["crps ratio"] = row["crps"] / rows["margin-only regression"]["crps"]
    return rows


def print_year(title: str, rows: dict[str, dict[str, float]]) -> None:
    """Print a table of scores, a method a line."""
    print(f"\n{title}")
    columns = list(next(iter(rows.values())))
    print(" " * 24 + "".join(f"{column:>11}" for column in columns))
    for name, row in rows.items():
        cells = (f"{row[c]:>11.0f}" if c == "n" else f"{row[c]:>11.3f}" for c in columns)
        print(f"{name:<24}" + "".join(cells), flush=True)


def main() -> None:
    """Print the tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=FILES, default="legislative")
    parser.add_argument("--data", type=Path, help="a table with the same columns")
    parser.add_argument("--years", type=int, nargs="+", help="by default those of the issue")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--json", type=Path, default=Path("france.json"))
    chosen = parser.parse_args()
    folder = Path(os.environ.get("FORECAST_DATA", "../shared/data")) / "france"
    runs = read(chosen.data or folder / f"{FILES[chosen.kind]}.parquet")
    tables = {}
    for year in chosen.years or YEARS[chosen.kind]:
        start = time.perf_counter()
        tables[str(year)] = year_table(runs, year, chosen.draws)
        took = time.perf_counter() - start
        print_year(f"{year}, learned on earlier years only ({took:.0f} s)", tables[str(year)])
    ratios = [rows["families"]["crps ratio"] for rows in tables.values()]
    cover = [rows["families"]["cover 90"] for rows in tables.values()]
    print(f"\nCRPS ratio to the margin-only regression: mean {np.mean(ratios):.3f}, worst ", end="")
    print(f"{max(ratios):.3f}; 90% coverage from {min(cover):.3f} to {max(cover):.3f}")
    chosen.json.write_text(json.dumps(tables, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
