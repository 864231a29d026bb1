"""Districts whose transfer table is known, and how far an inference is from it.

The tables are New Zealand's of 2002-2014: each voter marks a party and a candidate on one ballot,
polling places publish both counts, and the electoral commission publishes who combined what.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import lsq_linear

from forecast.randomness import stream
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.returns.posterior import TransferPosterior
from forecast.transfers.returns.settings import Settings

__all__ = [
    "District",
    "Score",
    "compare",
    "data_folder",
    "error_index",
    "least_squares",
    "load_districts",
    "means",
    "merged",
    "score",
    "seed_one",
]

FloatArray = npt.NDArray[np.float64]

LEVELS = (0.5, 0.9)
SMALL = 0.02
MIDDLE = (0.4, 0.6)
COVERAGE_DRAWS = 1000
"""Draws behind the intervals that are compared with the truth."""


@dataclass(frozen=True, kw_only=True)
class District:
    """One district with a known table.

    Parameters
    ----------
    dataset, name : str
        The election, and the district within it.
    first_round, runoff : array (unit, origin) and (unit, destination)
        People by unit.
    truth : array (origin, destination)
        People by cell, all units together.
    """

    dataset: str
    name: str
    first_round: FloatArray
    runoff: FloatArray
    truth: FloatArray


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one district came out; coverage is of cells, equally or by their true votes.

    `covered_small` is of destinations with less than `SMALL` of the votes, `covered_middle` of
    cells whose rate is estimated between `MIDDLE`; NaN where there is none. `least_squares` is the
    error index of bounded least squares, rows scaled to one.
    """

    dataset: str
    name: str
    units: int
    error: float
    covered_50: float
    covered_50_votes: float
    covered_90: float
    covered_90_votes: float
    covered_small: float
    covered_middle: float
    least_squares: float
    seconds: float


def data_folder() -> Path:
    """Return the folder of the official tables: $FORECAST_DATA, or ../shared/data.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    named = os.environ.get("FORECAST_DATA")
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(named) if named else beside
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; set FORECAST_DATA to the data's folder")
    return folder


def load_districts(folder: Path) -> list[District]:
    """Return the districts of truth/margins.parquet and cross.parquet below `folder`.

    They are sorted by data set and district.
    """
    margins = pl.read_parquet(folder / "truth" / "margins.parquet").with_columns(
        pl.col("dataset", "district", "side").cast(pl.String)
    )
    cross = pl.read_parquet(folder / "truth" / "cross.parquet")
    tables = dict(iter(cross.group_by("dataset", "district")))
    found = []
    for (dataset, name), rows in margins.group_by("dataset", "district"):
        places = np.unique(rows["unit_idx"].to_numpy())
        first_round, runoff = (_counts(rows, places, side) for side in ("row", "col"))
        table = tables[dataset, name]
        truth = np.zeros((first_round.shape[1], runoff.shape[1]))
        at = table["row_idx"].to_numpy() - 1, table["col_idx"].to_numpy() - 1
        truth[at] = table["votes"].to_numpy()
        found.append(
            District(
                dataset=str(dataset),
                name=str(name),
                first_round=first_round,
                runoff=runoff,
                truth=truth,
            )
        )
    return sorted(found, key=lambda d: (d.dataset, d.name))


def _counts(rows: pl.DataFrame, places: FloatArray, side: str) -> FloatArray:
    """Return counts by unit of one vote; array (unit, column)."""
    rows = rows.filter(pl.col("side") == side)
    columns = rows["option_idx"].to_numpy().astype(int) - 1
    counts = np.zeros((len(places), int(columns.max()) + 1))
    units = np.searchsorted(places, rows["unit_idx"].to_numpy())
    np.add.at(counts, (units, columns), rows["votes"].to_numpy())
    return counts


def seed_one(districts: list[District], size: int = 40) -> list[int]:
    """Return the places of `size` districts drawn with seed 1 from the sorted list."""
    picked = np.random.default_rng(1).choice(len(districts), size=size, replace=False)
    return [int(i) for i in picked]


def merged(district: District) -> District | None:
    """Return the shape of a runoff: the two largest destinations, all others merged into one.

    None where there are three destinations already, or fewer.
    """
    if district.truth.shape[1] <= 3:
        return None
    order = np.argsort(-district.runoff.sum(axis=0), kind="stable")

    def folded(counts: FloatArray) -> FloatArray:
        return np.column_stack([counts[:, order[:2]], counts[:, order[2:]].sum(axis=1)])

    return replace(district, runoff=folded(district.runoff), truth=folded(district.truth))


def error_index(table: FloatArray, truth: FloatArray) -> float:
    """Return ``100 * 0.5 * sum |true - estimated| / total``, the percent of people misplaced."""
    return float(50.0 * np.abs(table - truth).sum() / truth.sum())


def least_squares(first_round: FloatArray, runoff: FloatArray) -> FloatArray:
    """Return rates by least squares within 0 and 1, column by column, rows scaled to one.

    The peer that anybody can write in one line; array (origin, destination).
    """
    columns = [lsq_linear(first_round, y, bounds=(0.0, 1.0)).x for y in runoff.T.astype(float)]
    rates = np.column_stack(columns)
    return np.asarray(rates / np.maximum(rates.sum(axis=1, keepdims=True), 1e-9))


def score(district: District, settings: Settings | None = None) -> Score:
    """Infer one district and compare; seconds include importance check, table and intervals."""
    start = time.perf_counter()
    posterior = infer_transfers(district.first_round, district.runoff, settings=settings)
    _ = posterior.table, posterior.interval(0.9)
    return compare(district, posterior, seconds=time.perf_counter() - start)


def compare(
    district: District, posterior: TransferPosterior, *, seconds: float = float("nan")
) -> Score:
    """Compare a posterior with the true table."""
    truth = district.truth
    tails = [0.5 + sign * level / 2 for level in LEVELS for sign in (-1, 1)]
    people = posterior.people(COVERAGE_DRAWS, rng=stream(0, "truth: coverage"))
    ends = np.quantile(people, tails, axis=0).reshape(len(LEVELS), 2, *truth.shape)
    half, most = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    small = np.broadcast_to(truth.sum(axis=0) < SMALL * truth.sum(), truth.shape)
    middle = (posterior.mean >= MIDDLE[0]) & (posterior.mean <= MIDDLE[1])
    return Score(
        dataset=district.dataset,
        name=district.name,
        units=len(district.first_round),
        error=error_index(posterior.table, truth),
        covered_50=float(half.mean()),
        covered_50_votes=float(np.average(half, weights=truth)),
        covered_90=float(most.mean()),
        covered_90_votes=float(np.average(most, weights=truth)),
        covered_small=float(most[small].mean()) if small.any() else float("nan"),
        covered_middle=float(most[middle].mean()) if middle.any() else float("nan"),
        least_squares=error_index(
            least_squares(district.first_round, district.runoff)
            * district.first_round.sum(axis=0)[:, None],
            truth,
        ),
        seconds=seconds,
    )


def means(scores: list[Score]) -> dict[str, float]:
    """Return means over districts, the median of the seconds, and the number of districts."""
    names = [f.name for f in fields(Score) if f.name not in ("dataset", "name", "units", "seconds")]
    found = {}
    for name in names:
        values = np.array([getattr(s, name) for s in scores])
        values = values[~np.isnan(values)]
        found[name] = round(float(values.mean()), 4) if values.size else float("nan")
    found["seconds"] = round(float(np.median([s.seconds for s in scores])), 4)
    return found | {"districts": len(scores)}
