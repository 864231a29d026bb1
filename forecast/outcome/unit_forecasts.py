"""Every unit on the night: counted, expected, and how sure anybody can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, IntArray, tails
from forecast.display import Displayed, Frames, Shown, Tabular, rate_range
from forecast.facts.partial_returns import PartialReturns
from forecast.files.saved import Saved
from forecast.randomness import stream
from forecast.transfers.night.outstanding import Outstanding

BLOCK = 256
"""Units whose draws are held at a time."""
LEAST_EXPECTED = 0.5
"""Fewer votes than this are nobody's."""
MOST_SHOWN = 40
"""Units that a printout has."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UnitForecasts(Displayed, Tabular, Saved):
    """Counts and forecasts of every unit of the first round, in the contest's order.

    Parameters
    ----------
    returns : PartialReturns
        What is counted.
    level : float
        Level of the intervals.
    expected : ndarray, shape (unit, finalist)
        Votes in the end: counted, and the mean of those to come.
    valid : ndarray, shape (3, unit)
        Votes of all finalists in the end: lower end of the interval, median, upper end.
    share : ndarray, shape (3, unit, finalist)
        Final fraction of the finalists' valid vote, likewise; NaN where nobody is expected to vote.
    """

    returns: PartialReturns
    level: float
    expected: FloatArray
    valid: FloatArray
    share: FloatArray

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per unit, ready for a data frame or a CSV file.

        Examples
        --------
        >>> import polars as pl
        >>> from forecast import load_contest, nowcast
        >>> night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
        >>> row = nowcast(load_contest("georgia-2018"), night).by_unit().rows()[0]
        >>> row["unit"], row["counted"], row["zurabishvili"], row["zurabishvili_expected"] > 15_000
        ('Mtatsminda', 0.0, 0, True)
        """
        contest, done = self.returns.contest, self.returns
        found = []
        for u, unit in enumerate(contest.units):
            row: dict[str, Any] = {"unit": unit}
            if contest.regions is not None:
                row["region"] = contest.regions[u]
            row["counted"] = float(done.counted[u])
            for k, f in enumerate(contest.finalists):
                low, middle, high = self.share[:, u, k].tolist()
                row |= {
                    f: int(done.votes[u, k]),
                    f"{f}_expected": float(self.expected[u, k]),
                    f"{f}_share": middle,
                    f"{f}_share_low": low,
                    f"{f}_share_high": high,
                }
            low, middle, high = self.valid[:, u].tolist()
            row |= {"valid_votes": middle, "valid_votes_low": low, "valid_votes_high": high}
            found.append(row)
        return found

    def shown(self) -> Shown:
        """Return how much is counted and the final shares in percent, of some units if many."""
        contest = self.returns.contest
        rows = []
        for u, unit in enumerate(contest.units[:MOST_SHOWN]):
            low, middle, high = self.share[:, u].tolist()
            shares = [
                "–" if np.isnan(m) else rate_range(m, a, b)
                for m, a, b in zip(middle, low, high, strict=True)
            ]
            told = [f"{self.returns.counted[u]:.0%}", f"{self.valid[1, u]:,.0f}"]
            rows.append([unit, told[0], *shares, told[1]])
        more = len(contest.units) - len(rows)
        return Shown(
            title=contest.title or contest.name,
            head=["unit", "counted", *map(contest.label, contest.finalists), "valid votes"],
            rows=rows,
            notes=[
                *[f"and {more:,} more units"] * bool(more),
                f"shares in percent, with {self.level:.0%} intervals",
            ],
        )

    def frames(self) -> Frames:
        """Return the rows."""
        return {"units": self.rows}


def unit_forecasts(
    returns: PartialReturns,
    outstanding: Outstanding,
    units: IntArray,
    *,
    moved: tuple[FloatArray, IntArray] | None = None,
    level: float,
    seed: int,
) -> UnitForecasts:
    """Return the forecast of every unit.

    `units` are the places in the contest of those with votes outstanding. `moved` is what votes to
    come are multiplied by, shape (region, finalist, draw), and each unit's region. The seed is that
    of the unit-level random effects.
    """
    below, above = tails(level)
    levels = [below, 0.5, above]
    counted = returns.votes.astype(float)
    expected, sums = counted.copy(), counted.sum(axis=1)
    valid = np.tile(sums, (3, 1))
    with np.errstate(invalid="ignore"):
        share = np.tile(counted / sums[:, None], (3, 1, 1))
    rng = stream(seed, "night: units")
    for start in range(0, len(units), BLOCK):
        chosen = np.arange(start, min(start + BLOCK, len(units)))
        own = units[chosen]
        votes = outstanding.of_units(chosen, rng=rng)
        if moved is not None:
            votes = votes * moved[0][moved[1][own]]
        votes += counted[own][:, :, None]
        total = votes.sum(axis=1)
        expected[own] = votes.mean(axis=2)
        people = np.maximum(outstanding.table.people[chosen].sum(axis=1), sums[own])
        valid[:, own] = np.minimum(np.quantile(total, levels, axis=1), people)
        shares = votes / np.maximum(total, 1e-9)[:, None]
        found = np.quantile(shares, levels, axis=2)
        some = expected[own].sum(axis=1) >= LEAST_EXPECTED
        share[:, own] = np.where(some[:, None], found, np.nan)
    return UnitForecasts(returns=returns, level=level, expected=expected, valid=valid, share=share)
