"""How good the forecasts are, beside baselines that get the same treatment: one table per history.

Usage: ``python benchmarks/validation.py [--only NAME ...] [--draws N] [--cache FOLDER]
[--figures FOLDER] [--json FILE]``

Georgian runoffs of 2014-2016, leaving out a tenth and leaving out a day; presidential runoffs
of the world, leaving out a country; French legislative and cantonal runoffs, learned on earlier
elections alone, and leaving out a day. Every model sees the same past and learns from it anew, all
of it, so no result of what is forecast can have a part in its forecast. Standard errors are
clustered by day, country or election. A row that beats the model has a negative skill beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import france
import georgia_history
import history as georgia_benchmark

import forecast
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.report.figures import save
from forecast.validation.baselines import BASELINES
from forecast.validation.comparison import compare
from forecast.validation.folds import Split
from forecast.validation.models import Model, TransferModel

SOURCE = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


class Case(NamedTuple):
    """A history, how it is split, and the library's model of it."""

    history: History
    model: TransferModel
    split: Split = "leave-one-election-out"
    election: Callable[[Contest], str] | None = None
    cluster: Callable[[Contest], str] | None = None
    others: Mapping[str, Model] = MappingProxyType({})


def georgia(*, whole_day: bool) -> Case:
    """Return the Georgian runoffs between the government's finalist and another."""
    data, roles = georgia_history.read(), georgia_history.pooled
    known = georgia_benchmark.traits(data.main_rival)
    used = [pair for pair in data.history if pair[0].name not in data.gave_up]
    model = TransferModel(georgia_benchmark.Learned(roles, known), "learned prior")
    day = lambda contest: str(contest.runoff)  # noqa: E731
    election = day if whole_day else georgia_benchmark.tenth
    return Case(used, model, election=election, cluster=day)


def world() -> Case:
    """Return the bundled national runoffs; a country is all before the year in a name."""
    data = forecast.past_runoffs("world")
    pairs = [pair for pair in data if pair[0].name not in data.withdrawn]
    model = TransferModel(georgia_benchmark.Learned(data.roles, nationwide=True), "learned prior")
    return Case(pairs, model, election=lambda contest: contest.name.rsplit("-", 1)[0])


def french(kind: str, split: Split) -> Case:
    """Return French runoffs of two finalists, first-round leader first."""
    folder = Path(os.environ.get("FORECAST_DATA", "../shared/data")) / "france"
    runs = france.read(folder / f"{france.FILES[kind]}.parquet")
    return Case(
        [(run.contest, run.returns) for run in runs],
        france.families(runs),
        split=split,
        others={"margin of the left": france.left_first(runs)},
    )


CASES: dict[str, Callable[[], Case]] = {
    "georgia, a tenth left out": lambda: georgia(whole_day=False),
    "georgia, one day left out": lambda: georgia(whole_day=True),
    "world, one country left out": world,
    "french legislative, forward": lambda: french("legislative", "forward"),
    "french cantonal, forward": lambda: french("cantonal", "forward"),
    "french legislative, one day left out": lambda: french("legislative", "leave-one-election-out"),
    "french cantonal, one day left out": lambda: french("cantonal", "leave-one-election-out"),
}


def run(
    title: str, case: Case, draws: int, cache: Path | None, figures: Path | None
) -> dict[str, Any]:
    """Print the table of one history; return it as plain data, by election as well."""
    models = {case.model.name: case.model, **BASELINES, **case.others}
    found = []
    start = time.perf_counter()
    for name, model in models.items():
        found.append(
            forecast.backtest(
                case.history,
                model,
                split=case.split,
                election=case.election,
                cluster=case.cluster,
                draws=draws,
                cache=cache,
                name=name,
                key=f"{title}: {name}, {SOURCE}",
            )
        )
    table = compare(found)
    print(f"\n{title} ({time.perf_counter() - start:.0f} s)\n{table}", flush=True)
    ours = found[0]
    for level, held in ours.coverage().items():
        error = held.standard_error
        about = "" if error is None else f" +- {100 * error:.1f}"
        print(f"{100 * level:.0f}% intervals cover {100 * held.value:.1f}{about}%")
    print(ours, flush=True)
    if figures is not None:
        figures.mkdir(parents=True, exist_ok=True)
        stem = title.replace(",", "").replace(" ", "-")
        for kind in ("calibration", "pit", "errors"):
            save(ours.plot(kind), figures / f"{stem}-{kind}.svg")
    rows = [dict(row) for row in table.rows]
    return {"date": date.today().isoformat(), "rows": rows, "by election": ours.by_election()}


def main() -> None:
    """Print the tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--figures", type=Path)
    parser.add_argument("--json", type=Path, default=Path("validation.json"))
    chosen = parser.parse_args()
    tables = {}
    for title in chosen.only:
        tables[title] = run(title, CASES[title](), chosen.draws, chosen.cache, chosen.figures)
        chosen.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
