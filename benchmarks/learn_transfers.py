"""Learn the constants of transfers from returns, and write them with their provenance.

Usage: ``python benchmarks/learn_transfers.py [--every N] [--json FILE]`` (some 20 minutes).

Every setting of GRID is scored on districts whose transfer table is known, in two shapes: the
tables as they are, and with all destinations but the two largest merged, as in a runoff. The
objective is the mean over both shapes of ``error + PENALTY * miss``, where miss is how far the
coverage of 90% intervals leaves COVERAGE, counted by cells and again by votes.

Rules. One data set (election) after the other is left out, the setting is chosen on the rest, and
the districts left out give the held-out figures. The setting that is shipped is chosen on all of
them. Ties within TIE go to the setting already shipped, the defaults of `Settings`: the objective
is that noisy. The defaults were themselves found on these districts, so only the figures "without
the tie rule" are free of their influence, and none are free of the choice of model and grid.

Not learned: `most_units`, because no district here has more units than that, and `kappa_scale`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from truth import District, Score, compare, data_folder, load_districts, means, merged

import forecast
from forecast.transfers.returns.density import Settings
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.returns.posterior import TransferPosterior
from forecast.transfers.returns.reading import Reading

COVERAGE = (0.88, 0.93)
PENALTY = 50.0
"""Points of error index that one unit of missed coverage costs: half a point per percent."""
TIE = 0.05
SHAPES = ("as they are", "as in a runoff")
GRID: tuple[dict[str, float], ...] = (
    {},
    {"tempering": 0.3},
    {"tempering": 0.5},
    {"tempering": 1.0},
    {"row_scale": 1.0},
    {"row_scale": 1.3},
    {"tempering": 0.5, "row_scale": 1.0},
    {"tempering": 0.3, "row_scale": 1.3},
    {"context": 0.0},
    {"context": 0.1},
    {"context": 0.2},
    {"kappa_mean": 4.0},
    {"kappa_mean": 6.0},
    {"common_scale": 0.1},
    {"context_scale": 0.05},
    {"context_scale": 0.15},
    {"own_share": 0.88},
    {"own_share": 0.94},
)
"""Changes of the defaults; one without changes is the setting already shipped."""
DRAWS_ONLY = ("context_scale", "own_share")
"""Settings that change draws and leave the fit alone."""
SOURCE = (
    "New Zealand general elections 2002-2014: party and candidate votes by polling place and the "
    "split-vote tables of the Electoral Commission (electionresults.org.nz), as published in the "
    "R package ei.Datasets 0.0.1-1, Jose M. Pavia 2021, data under CC BY 4.0; here without 2017, "
    "2020 and Scotland, options under 3% merged. No row of it is part of this package."
)


def settings_of(change: dict[str, float]) -> Settings:
    """Return the defaults with a change."""
    return replace(Settings(), **change)  # type: ignore[arg-type]


def grid_by_fit() -> dict[Settings, list[int]]:
    """Return the places in GRID by the settings that their fit depends on."""
    shared: dict[Settings, list[int]] = {}
    for k, change in enumerate(GRID):
        kept = {name: value for name, value in change.items() if name not in DRAWS_ONLY}
        shared.setdefault(settings_of(kept), []).append(k)
    return shared


def with_settings(posterior: TransferPosterior, settings: Settings) -> TransferPosterior:
    """Return a posterior that draws with other settings of DRAWS_ONLY."""

    def changed(reading: Reading | None) -> Reading | None:
        if reading is None:
            return None
        return replace(reading, density=replace(reading.density, settings=settings))

    forward = changed(posterior.forward)
    assert forward is not None
    return replace(posterior, forward=forward, backward=changed(posterior.backward))


def score_grid(district: District) -> Iterator[tuple[int, Score]]:
    """Yield every place in GRID with its score on one district."""
    for fitted, places in grid_by_fit().items():
        posterior = infer_transfers(district.first_round, district.runoff, settings=fitted)
        for k in places:
            settings = settings_of(GRID[k])
            same = settings == fitted
            yield k, compare(district, posterior if same else with_settings(posterior, settings))


def score_all(districts: list[District]) -> dict[str, list[list[Score]]]:
    """Return scores by shape, place in GRID and district."""
    shapes: tuple[list[District], list[District]] = (
        districts,
        [m for m in map(merged, districts) if m is not None],
    )
    scores: dict[str, list[list[Score]]] = {}
    for name, group in zip(SHAPES, shapes, strict=True):
        scores[name] = [[] for _ in GRID]
        for i, district in enumerate(group):
            for k, score in score_grid(district):
                scores[name][k].append(score)
            if i % 25 == 24:
                print(f"{name}: {i + 1} of {len(group)} districts", flush=True)
    return scores


def objective(found: dict[str, list[Score]]) -> float:
    """Return the mean over shapes of error and penalty."""
    total = 0.0
    for scores in found.values():
        mean = means(scores)
        low, high = COVERAGE
        covered = (mean["covered_90"], mean["covered_90_votes"])
        missed = sum(max(low - c, c - high, 0.0) for c in covered)
        total += mean["error"] + PENALTY * missed
    return total / len(found)


def chosen(objectives: list[float], *, ties_to_shipped: bool) -> int:
    """Return the place in GRID with the lowest objective, ties to the first if so wished."""
    best = int(np.argmin(objectives))
    return 0 if ties_to_shipped and objectives[0] - objectives[best] < TIE else best


def pick(
    scores: dict[str, list[list[Score]]], k: int, dataset: str | None = None, *, inside: bool = True
) -> dict[str, list[Score]]:
    """Return the scores of one setting by shape, in or out of one data set."""
    return {
        name: [s for s in rows[k] if dataset is None or (s.dataset == dataset) == inside]
        for name, rows in scores.items()
    }


def held_out(scores: dict[str, list[list[Score]]], *, ties_to_shipped: bool) -> dict[str, Any]:
    """Choose on all data sets but one, score on that one, and so for each of them."""
    datasets = sorted({s.dataset for s in scores[SHAPES[0]][0]})
    kept: dict[str, list[Score]] = {name: [] for name in SHAPES}
    choices = {}
    for dataset in datasets:
        train = [objective(pick(scores, k, dataset, inside=False)) for k in range(len(GRID))]
        best = chosen(train, ties_to_shipped=ties_to_shipped)
        choices[dataset] = GRID[best] or "the setting already shipped"
        for name, part in pick(scores, best, dataset).items():
            kept[name] += part
    return {name: summary(part) for name, part in kept.items()} | {"choices": choices}


def summary(scores: list[Score]) -> dict[str, float]:
    """Return means without the seconds, which are not measured here."""
    return {name: value for name, value in means(scores).items() if name != "seconds"}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def content(scores: dict[str, list[list[Score]]], every: int, folder: Path) -> dict[str, Any]:
    """Return what the learned file says."""
    objectives = [objective(pick(scores, k)) for k in range(len(GRID))]
    best = chosen(objectives, ties_to_shipped=True)
    lowest = chosen(objectives, ties_to_shipped=False)
    rows = [
        {"change": GRID[k], "objective": round(objectives[k], 4)}
        | {name: summary(part) for name, part in pick(scores, k).items()}
        for k in range(len(GRID))
    ]
    packages = {name: version(name) for name in ("numpy", "scipy", "polars")}
    return {
        "settings": asdict(settings_of(GRID[best])),
        "held_out": {
            "without the tie rule": held_out(scores, ties_to_shipped=False),
            "with the tie rule": held_out(scores, ties_to_shipped=True),
        },
        "chosen_on_all": {"lowest": GRID[lowest], "lowest_objective": round(min(objectives), 4)}
        | {"chosen": GRID[best], "objective": round(objectives[best], 4)},
        "provenance": {
            "command": "python benchmarks/learn_transfers.py" + f" --every {every}" * (every > 1),
            "date": str(date.today()),
            "rule": f"ties within {TIE} of the objective go to the setting already shipped",
            "objective": f"mean over both shapes of error + {PENALTY:g} * (distance of 90% "
            f"coverage from {COVERAGE[0]}-{COVERAGE[1]}, by cells plus by votes)",
            "not_learned": ["most_units", "kappa_scale"],
            "districts": {name: len(rows[0]) for name, rows in scores.items()},
            "every": every,
            "source": SOURCE,
            "sha256": {
                name: digest(folder / "truth" / name)
                for name in ("margins.parquet", "cross.parquet")
            },
            "versions": {"forecast": forecast.__version__, "python": platform.python_version()}
            | packages,
        },
        "grid": rows,
    }


def show(found: dict[str, Any]) -> None:
    """Print the grid and the held-out figures."""
    names = ("error", "covered_90", "covered_90_votes")
    print(f"{'':40} {'objective':>9}" + "".join(f"{shape:>24}" for shape in SHAPES))
    for row in found["grid"]:
        cells = "".join(
            "{:10.2f}{:7.3f}{:7.3f}".format(*(row[s][n] for n in names)) for s in SHAPES
        )
        print(f"{row['change'] or 'shipped'!s:40} {row['objective']:9.3f}{cells}")
    for rule, held in found["held_out"].items():
        cells = "".join(
            "{:10.2f}{:7.3f}{:7.3f}".format(*(held[s][n] for n in names)) for s in SHAPES
        )
        print(f"{'held out, ' + rule:50}{cells}")
        print(f"    {held['choices']}")
    print("settings:", found["settings"])


def main() -> None:
    """Score the grid, choose, and write the learned file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="use every N-th district")
    home = Path(forecast.__file__).parent / "data" / "learned" / "transfers.json"
    parser.add_argument("--json", type=Path, default=home)
    arguments = parser.parse_args()
    folder = data_folder()
    scores = score_all(load_districts(folder)[:: arguments.every])
    found = content(scores, arguments.every, folder)
    show(found)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json.name}")


if __name__ == "__main__":
    main()
