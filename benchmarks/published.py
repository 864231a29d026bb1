"""Contests whose transfers were also asked for: polls and exit polls beside the counts.

Cells of ``transfers/published_transfers.csv`` for France 2012 (577 constituencies), France 2017
(constituencies and cantons) and Poland 2015 (2,495 communes). They are no truth: sources for 2012
contradict each other by up to 17 points, and the mean of a cell's sources is taken. An exit poll
has no abstainers, so Poland's cells are preferences among those who voted.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

import forecast
from forecast.randomness import stream
from forecast.transfers.returns.posterior import TransferPosterior

__all__ = ["CellScore", "Published", "published", "score_cells"]

FloatArray = npt.NDArray[np.float64]

DRAWS = 4000
SLACK = 0.04
"""How far outside the interval a published figure may lie and still count as near: polls err."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """A contest, its returns, and the cells that were published.

    Parameters
    ----------
    name : str
        The contest.
    contest, returns : Contest, Returns
        The counts.
    cells : mapping of (origin, destination) to float
        Fractions, the mean of the sources.
    of_voters : bool
        Whether the fractions are of those who voted.
    """

    name: str
    contest: forecast.Contest
    returns: forecast.Returns
    cells: dict[tuple[str, str], float]
    of_voters: bool


@dataclass(frozen=True, kw_only=True)
class CellScore:
    """One published cell beside the posterior; all fractions."""

    contest: str
    cell: tuple[str, str]
    published: float
    mean: float
    low: float
    high: float
    crps: float

    @property
    def strict(self) -> bool:
        """Whether the 90% interval contains the published figure."""
        return self.low <= self.published <= self.high

    @property
    def near(self) -> bool:
        """Whether the interval, widened by `SLACK`, contains it."""
        return self.low - SLACK <= self.published <= self.high + SLACK


def score_cells(case: Published, posterior: TransferPosterior) -> list[CellScore]:
    """Compare every published cell with the posterior."""
    rates = posterior.draws(DRAWS, rng=stream(0, "published cells"))
    if case.of_voters:
        rates = rates[..., :-1] / rates[..., :-1].sum(axis=-1, keepdims=True)
    found = []
    for (origin, destination), value in case.cells.items():
        at = posterior.origins.index(origin), posterior.destinations.index(destination)
        draws = np.sort(rates[:, at[0], at[1]])
        ranks = (2.0 * np.arange(1, len(draws) + 1) - len(draws) - 1) / len(draws) ** 2
        low, high = np.quantile(draws, [0.05, 0.95])
        crps = float(np.abs(draws - value).mean() - ranks @ draws)
        found.append(
            CellScore(
                contest=case.name,
                cell=(origin, destination),
                published=value,
                mean=float(draws.mean()),
                low=float(low),
                high=float(high),
                crps=crps,
            )
        )
    return found


def published(folder: Path) -> list[Published]:
    """Return the contests that can be built from `folder`."""
    table = pl.read_csv(folder / "transfers" / "published_transfers.csv")
    french = folder / "france"
    return [
        _french(french / "presidentielle_2012_circo.parquet", "FR-PRES-2012", table, 2012),
        _french(
            french / "presidentielles_2002_2017_2022.parquet", "FR-PRES-2017-CIRCO", table, 2017
        ),
        _french(
            french / "presidentielles_2002_2017_2022.parquet", "FR-PRES-2017-CANTON", table, 2017
        ),
        _polish(folder / "units", table),
    ]


def _plain(text: str) -> str:
    """Return the family name in plain capitals, as the files spell it."""
    plain = unicodedata.normalize("NFKD", text.replace("ł", "l")).encode("ascii", "ignore").decode()
    return plain.replace("_", " ").replace("-", " ").upper().strip()


def _place(name: str, options: tuple[str, ...]) -> str | None:
    """Return the option that a published name means."""
    words = _plain(name).split()
    for option in options:
        family = _plain(option).split()
        if words[-1] in family and (len(words) < 2 or words[-2] in family or len(family) == 1):
            return option
    for option in options:
        if words[-1] in _plain(option).split():
            return option
    return None


def _cells(
    rows: pl.DataFrame, contest: forecast.Contest, *, of_voters: bool
) -> dict[tuple[str, str], float]:
    """Mean of the sources by cell."""
    options = contest.candidates
    sums: dict[tuple[str, str], list[float]] = {}
    columns = ("to_a", "to_b") if not of_voters else ("to_a",)
    for row in rows.iter_rows(named=True):
        origin = "non-voters" if "non-voters" in row["origin"] else _place(row["origin"], options)
        targets = [_place(row["finalist_a"], options), _place(row["finalist_b"], options)]
        if origin is None or None in targets:
            continue
        for column, target in zip(columns, targets, strict=False):
            if row[column] is not None:
                sums.setdefault((origin, str(target)), []).append(float(row[column]) / 100.0)
        if not of_voters and row["none_or_undecided"] is not None:
            sums.setdefault((origin, "none"), []).append(float(row["none_or_undecided"]) / 100.0)
    return {cell: float(np.mean(values)) for cell, values in sums.items()}


@cache
def _long(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path).with_columns(
        pl.col("election_id", "unit", "option", "kind").cast(pl.String)
    )


def _french(path: Path, election: str, table: pl.DataFrame, year: int) -> Published:
    rows = _long(path).filter(pl.col("election_id") == election)
    wide = [
        rows.filter(pl.col("round") == k).pivot(
            on="option", index="unit", values="votes", aggregate_function="sum"
        )
        for k in (1, 2)
    ]
    names = [
        rows.filter((pl.col("round") == k) & (pl.col("kind") == "candidate"))["option"]
        .unique()
        .sort()
        .to_list()
        for k in (1, 2)
    ]
    both = wide[0].join(wide[1].select("unit", *names[1]), on="unit", suffix="_2")
    both = both.fill_null(0).sort("unit")
    votes = both.select(names[0]).to_numpy().astype(np.int64)
    after = both.select([f"{c}_2" for c in names[1]]).to_numpy().astype(np.int64)
    registered = np.maximum(both["registered"].to_numpy(), after.sum(axis=1))
    ballots = np.minimum(both["ballots"].to_numpy(), registered)
    return _case(
        election,
        names,
        both["unit"].to_list(),
        votes,
        after,
        ballots,
        registered,
        table.filter((pl.col("country") == "France") & (pl.col("year") == year)),
        False,
    )


def _polish(folder: Path, table: pl.DataFrame) -> Published:
    key = ["woj", "powiat", "gmina"]
    wide, lists = [], []
    for k in (1, 2):
        long = pl.read_csv(folder / f"pl_2015_round{k}_votes.csv")
        wide.append(long.pivot(on="kandydat", index=key, values="glosy", aggregate_function="sum"))
        lists.append(pl.read_csv(folder / f"pl_2015_round{k}_units.csv"))
    names = [[c for c in w.columns if c not in key] for w in wide]
    both = wide[0].join(wide[1], on=key, suffix="_2").join(lists[0], on=key).fill_null(0).sort(key)
    votes = both.select(names[0]).to_numpy().astype(np.int64)
    after = both.select([f"{c}_2" for c in names[1]]).to_numpy().astype(np.int64)
    ballots = votes.sum(axis=1) + both["glosyniewazne"].to_numpy()
    registered = np.maximum.reduce([both["uprawnieni"].to_numpy(), ballots, after.sum(axis=1)])
    units = ["/".join(row) for row in both.select(key).iter_rows()]
    return _case(
        "PL-PRES-2015",
        names,
        units,
        votes,
        after,
        ballots,
        registered,
        table.filter((pl.col("country") == "Poland") & (pl.col("year") == 2015)),
        True,
    )


def _case(  # noqa: PLR0917 - arrays of one contest
    name: str,
    names: list[list[str]],
    units: list[str],
    votes: FloatArray,
    after: FloatArray,
    ballots: FloatArray,
    registered: FloatArray,
    rows: pl.DataFrame,
    of_voters: bool,
) -> Published:
    contest = forecast.Contest(
        name=name,
        candidates=tuple(names[0]),
        finalists=tuple(names[1]),
        units=tuple(units),
        votes=votes,
        invalid=np.maximum(ballots - votes.sum(axis=1), 0),
        registered=np.maximum(registered, votes.sum(axis=1)),
        electorate="registered",
    )
    returns = forecast.Returns(units=tuple(units), finalists=tuple(names[1]), votes=after)
    return Published(
        name=name,
        contest=contest,
        returns=returns,
        cells=_cells(rows, contest, of_voters=of_voters),
        of_voters=of_voters,
    )
