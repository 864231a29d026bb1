"""Learn the constants of ecological inference, and write them with their provenance.

Usage: ``python benchmarks/learn_transfers.py [--every N] [--repeats N] [--only KIND]``, and
``--json FILE`` to write elsewhere.

Two kinds of counts have constants of their own (`forecast.transfers.returns.settings`).

Arrays: New Zealand's districts whose table is known, as they are and with all destinations but the
two largest merged. The objective is the mean error index plus PENALTY times how far the coverage of
90% intervals, over all districts of a shape, leaves COVERAGE, by cells and again by votes.

Runoffs: cells that polls and exit polls published for France 2012, France 2017 (constituencies,
cantons) and Poland 2015, and simulated runoffs of every kind. The objective is the mean CRPS in
points plus PENALTY times missed coverage: published cells, all together, must lie within the
interval or 4 points of it 85 times in 100, simulated ones within it as often as COVERAGE_SIMULATED.

Rules. One case (an election, a contest, a kind of simulation) after the other is left out, the
setting is chosen on the rest and scored on that one: the held-out figures. The setting that is
shipped is chosen on all. Another setting takes the place of the one already shipped only if it is
better by more than one standard error of the difference (jackknife over cases). Model and grid
were found on some of these cases, so that no figure is free of their choice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from published import Published, published, score_cells
from simulated_runoffs import KINDS, Kind, simulated_runoff
from truth import District, compare, data_folder, load_districts, merged

import forecast
from forecast.randomness import stream
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.returns.settings import ARRAYS, RUNOFFS, Settings

COVERAGE = (0.87, 0.93)
COVERAGE_SIMULATED = (0.88, 1.0)
COVERAGE_PUBLISHED = (0.85, 1.0)
KINDS_OF_COUNTS = ("arrays", "runoffs")
PENALTY = 50.0
"""Points of error that one unit of missed coverage costs: half a point per percent."""
CHANGES: tuple[dict[str, float], ...] = (
    {},
    {"own_context": 0.7},
    {"own_context": 1.4},
    {"saturation": 0.5},
    {"saturation": 2.0},
    {"context": 0.5},
    {"context": 1.5},
    {"df": 0.5},
    {"kappa_mean": 1.2},
    {"kappa_scale": 0.33},
)
"""Factors on the constants shipped; the one without changes is the setting already shipped."""
SOURCE = (
    "New Zealand 2002-2014, votes by polling place and split-vote tables of the Electoral "
    "Commission, via the R package ei.Datasets (Pavia 2021, CC BY 4.0): districts whose transfer "
    "table is known; France 2012 and 2017 and Poland 2015, official counts by constituency, canton "
    "and commune, beside published polls and an exit poll. Constants only: no row of them is part "
    "of this package."
)


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one setting did on one case.

    Parameters
    ----------
    error : float
        Error index or CRPS, in points.
    covered : tuple of float
        Fractions covered, by cells and, where it is known, by votes.
    kind : str
        Cases of one kind are covered together: a few cells alone would be covered by chance.
    wanted : tuple of float
        Range of the coverage wanted.
    weight : int
        Cells, or districts, that `covered` is a mean of.
    """

    error: float
    covered: tuple[float, ...]
    kind: str
    wanted: tuple[float, float]
    weight: int


Case = Callable[[Settings], Score]


def changed(shipped: Settings, change: dict[str, float]) -> Settings:
    """Return settings with some constants multiplied."""
    return replace(shipped, **{k: round(f * getattr(shipped, k), 6) for k, f in change.items()})


def districts_case(districts: Sequence[District], shape: str) -> Case:
    """Return a case of districts whose table is known, in one shape."""

    def score(settings: Settings) -> Score:
        found = [
            compare(d, infer_transfers(d.first_round, d.runoff, settings=settings))
            for d in districts
        ]
        error = float(np.mean([s.error for s in found]))
        by_cells = float(np.mean([s.covered_90 for s in found]))
        by_votes = float(np.mean([s.covered_90_votes for s in found]))
        return Score(
            error=error,
            covered=(by_cells, by_votes),
            kind=shape,
            wanted=COVERAGE,
            weight=len(found),
        )

    return score


def published_case(case: Published) -> Case:
    """Return a case of published cells."""

    def score(settings: Settings) -> Score:
        posterior = infer_transfers(case.contest, case.returns, below=0, settings=settings)
        cells = score_cells(case, posterior)
        near = float(np.mean([c.near for c in cells]))
        crps = 100.0 * float(np.mean([c.crps for c in cells]))
        return Score(
            error=crps,
            covered=(near,),
            kind="published",
            wanted=COVERAGE_PUBLISHED,
            weight=len(cells),
        )

    return score


def simulated_case(kind: Kind, repeats: int) -> Case:
    """Return a case of simulated runoffs of one kind."""

    def score(settings: Settings) -> Score:
        crps, covered = [], []
        for seed in range(repeats):
            made = simulated_runoff(kind, seed)
            posterior = infer_transfers(made.contest, made.returns, settings=settings)
            rows = [r for r, name in enumerate(posterior.origins) if name != "invalid"]
            draws = posterior.draws(1000, rng=stream(seed, "learn: draws"))[:, rows]
            low, high = np.quantile(draws, [0.05, 0.95], axis=0)
            covered.append(((low <= made.truth) & (made.truth <= high)).mean())
            draws = np.sort(draws, axis=0)
            ranks = (2.0 * np.arange(1, len(draws) + 1) - len(draws) - 1) / len(draws) ** 2
            spread = np.einsum("n,nrc->rc", ranks, draws)
            crps.append((np.abs(draws - made.truth).mean(axis=0) - spread).mean())
        return Score(
            error=100.0 * float(np.mean(crps)),
            covered=(float(np.mean(covered)),),
            kind="simulated",
            wanted=COVERAGE_SIMULATED,
            weight=repeats,
        )

    return score


def cases(folder: Path, kind: str, every: int, repeats: int) -> dict[str, Case]:
    """Return the cases of a kind of counts by name."""
    if kind == "runoffs":
        found = {case.name: published_case(case) for case in published(folder)}
        return found | {kind.name: simulated_case(kind, repeats) for kind in KINDS}
    districts = load_districts(folder)[::every]
    arrays: dict[str, Case] = {}
    for election in sorted({d.dataset for d in districts}):
        part = [d for d in districts if d.dataset == election]
        folded = [m for m in map(merged, part) if m is not None]
        arrays[election] = districts_case(part, "as they are")
        arrays[f"{election}, as in a runoff"] = districts_case(folded, "as in a runoff")
    return arrays


def learn(shipped: Settings, group: dict[str, Case]) -> dict[str, Any]:
    """Score the grid on a group of cases and choose."""
    scores: list[dict[str, Score]] = []
    for change in CHANGES:
        settings = changed(shipped, change)
        scores.append({name: case(settings) for name, case in group.items()})
        print(f"{change or 'shipped'!s:28}{total(scores[-1]):8.3f}", flush=True)
    held_out = {}
    for name in group:
        best = chosen([{n: s for n, s in row.items() if n != name} for row in scores])
        held_out[name] = {"chosen": CHANGES[best] or "shipped"} | shown(scores[best][name])
    best = chosen(scores)
    return {
        "settings": asdict(changed(shipped, CHANGES[best])),
        "held_out": held_out,
        "grid": [
            {"change": change, "objective": round(total(row), 4)}
            | {name: shown(score) for name, score in row.items()}
            for change, row in zip(CHANGES, scores, strict=True)
        ],
    }


def total(row: dict[str, Score]) -> float:
    """Return the objective over cases."""
    missed = 0.0
    for kind in sorted({score.kind for score in row.values()}):
        alike = [score for score in row.values() if score.kind == kind]
        covered = np.average(
            [score.covered for score in alike], axis=0, weights=[score.weight for score in alike]
        )
        low, high = alike[0].wanted
        missed += float(np.maximum(np.maximum(low - covered, covered - high), 0.0).sum())
    return float(np.mean([score.error for score in row.values()])) + PENALTY * missed


def chosen(rows: list[dict[str, Score]]) -> int:
    """Return the place in CHANGES to take: the first unless another is better beyond chance."""
    objectives = [total(row) for row in rows]
    best = int(np.argmin(objectives))
    gains = []
    for name in rows[0]:
        rest = [{n: s for n, s in row.items() if n != name} for row in (rows[0], rows[best])]
        gains.append(total(rest[0]) - total(rest[1]))
    error = float(np.sqrt((len(gains) - 1) * np.var(gains)))
    return best if objectives[0] - objectives[best] > error else 0


def shown(score: Score) -> dict[str, Any]:
    """Return a score as plain data."""
    return {"error": round(score.error, 3), "covered": [round(c, 3) for c in score.covered]}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def provenance(folder: Path, only: list[str], every: int, repeats: int) -> dict[str, Any]:
    """Return where the constants come from."""
    chosen = f" --only {' '.join(only)}" if len(only) == 1 else ""
    names = ("truth/margins.parquet", "truth/cross.parquet", "transfers/published_transfers.csv")
    return {
        "command": f"python benchmarks/learn_transfers.py --every {every} --repeats {repeats}"
        f"{chosen}",
        "date": str(date.today()),
        "rule": "the setting already shipped stays unless another is better by one standard error",
        "objective": f"mean error or CRPS of cases in points + {PENALTY:g} * (distance of pooled "
        f"coverage from {COVERAGE}, {COVERAGE_PUBLISHED} of published cells within 4 points, "
        f"{COVERAGE_SIMULATED} of simulated ones)",
        "not_learned": ["dilution", "context_scale", "row_scale", "common_scale"],
        "source": SOURCE,
        "sha256": {name: digest(folder / name) for name in names},
        "versions": {"forecast": forecast.__version__, "python": platform.python_version()}
        | {name: version(name) for name in ("numpy", "scipy", "polars")},
    }


def main() -> None:
    """Score the grids, choose, and write the learned file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="use every N-th district")
    parser.add_argument("--repeats", type=int, default=10, help="simulated contests of a kind")
    parser.add_argument("--only", nargs="+", choices=KINDS_OF_COUNTS, default=KINDS_OF_COUNTS)
    home = Path(forecast.__file__).parent / "data" / "learned" / "transfers.json"
    parser.add_argument("--json", type=Path, default=home)
    arguments = parser.parse_args()
    folder = data_folder()
    found = json.loads(home.read_text("utf-8"))  # a kind that is not learned anew stays
    for name, shipped in zip(KINDS_OF_COUNTS, (ARRAYS, RUNOFFS), strict=True):
        if name in arguments.only:
            group = cases(folder, name, arguments.every, arguments.repeats)
            found[name] = learn(shipped, group)
            print(name, found[name]["settings"])
    only, before = list(arguments.only), found["provenance"]
    found["provenance"] = provenance(folder, only, arguments.every, arguments.repeats)
    for name in set(KINDS_OF_COUNTS) - set(only):
        found["provenance"][f"command_{name}"] = before.get(f"command_{name}", before["command"])
    arguments.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json.name}")


if __name__ == "__main__":
    main()
