"""Two national contests unit by unit, as arrays: Georgia 2018 and Poland 2020."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Rounds", "georgia", "poland"]

FloatArray = npt.NDArray[np.float64]

GEORGIAN_ORIGINS = (
    "zurabishvili",
    "vashadze",
    "bakradze",
    "natelashvili",
    "usupashvili",
    "japaridze",
)
FEWEST_POLISH_VOTES = 0.01
"""Candidates with a smaller part of the votes are one origin together."""


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """Both rounds of one contest by unit.

    Parameters
    ----------
    rule : str
        Which units are in it.
    origins, destinations : tuple of str
        What the columns count.
    first_round, runoff : array (unit, origin) and (unit, destination)
        People; each unit has as many in both.
    """

    rule: str
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    first_round: FloatArray
    runoff: FloatArray


def georgia(folder: Path) -> Rounds:
    """Return Georgia 2018 by polling station: six candidates, the rest, and non-voters.

    People of a unit are its first-round list or, if more, those who voted in either round: abroad
    the list is zero. Ballots are valid plus invalid where that is more than `voted`.
    """
    first, runoff = (
        pl.read_csv(folder / "georgia" / f"2018_precincts_r{k}.csv", infer_schema_length=None)
        for k in (1, 2)
    )
    runoff = runoff.filter(pl.col("attached_to").is_null())
    both = first.join(runoff, on="precinct_id", suffix="_2").sort("precinct_id")
    named = both.select(GEORGIAN_ORIGINS).to_numpy().astype(np.float64)
    votes = both.select("zurabishvili_2", "vashadze_2").to_numpy().astype(np.float64)
    ballots = np.maximum(both["voted"].to_numpy(), (both["valid"] + both["invalid"]).to_numpy())
    people = np.maximum.reduce([both["main_list"].to_numpy(), ballots, votes.sum(axis=1)])
    return Rounds(
        rule="same id in both rounds, not attached to another station in the runoff",
        origins=(*GEORGIAN_ORIGINS, "others, invalid", "non-voters"),
        destinations=("zurabishvili", "vashadze", "none"),
        first_round=np.column_stack([named, ballots - named.sum(axis=1), people - ballots]),
        runoff=np.column_stack([votes, people - votes.sum(axis=1)]),
    )


def poland(folder: Path) -> Rounds:
    """Return Poland 2020 by polling district: candidates, small ones merged, and non-voters.

    People of a unit are its first-round list or, if more, those who voted in either round.
    """
    rows = pl.read_parquet(folder / "units" / "pl_pres_2020.parquet").with_columns(
        pl.col("election_id", "unit", "option", "kind").cast(pl.String)
    )
    rows = rows.filter(
        (pl.col("election_id") == "PL-PRES-2020-OBWOD")
        & pl.col("kind").is_in(["candidate", "registered"])
    )
    first, runoff = (
        rows.filter(pl.col("round") == k).pivot(
            on="option", index="unit", values="votes", aggregate_function="sum"
        )
        for k in (1, 2)
    )
    other = ("unit", "registered", "ballots", "rest")
    names = [c for c in first.columns if c not in other]
    finalists = [c for c in runoff.columns if c not in other]
    both = first.join(runoff, on="unit", suffix="_2").fill_null(0).sort("unit")
    votes = both.select(names).to_numpy().astype(np.float64)
    after = both.select([f"{c}_2" for c in finalists]).to_numpy().astype(np.float64)
    people = np.maximum.reduce(
        [both["registered"].to_numpy().astype(np.float64), votes.sum(axis=1), after.sum(axis=1)]
    )
    few = votes.sum(axis=0) < FEWEST_POLISH_VOTES * votes.sum()
    before = [votes[:, ~few], votes[:, few].sum(axis=1), people - votes.sum(axis=1)]
    kept = [name for name, small in zip(names, few, strict=True) if not small]
    return Rounds(
        rule="same id in both rounds",
        origins=(*kept, "others", "non-voters"),
        destinations=(*finalists, "none"),
        first_round=np.column_stack(before),
        runoff=np.column_stack([after, people - after.sum(axis=1)]),
    )
