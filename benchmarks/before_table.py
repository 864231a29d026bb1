"""The tables of ``benchmarks/before.py``: backtests by horizon, with intervals of what they show.

An election is one observation of a difference or of a coverage, whatever its candidates and days:
intervals are Student's t over elections. Of the probabilities of being elected, forecasts of one
candidate of one election on several days have one outcome. So the interval of a frequency is
Wilson's (1927) with the effective number of outcomes, ``(sum w)^2 / sum w^2``, where w is how many
forecasts of a bin have an outcome in common (Kish 1965, section 11.7); within a bin, candidates of
one election hardly depend on each other, as at most one of them wins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forecast.validation.skill import ClusteredMean, clustered_mean

BINS = ((0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 0.85), (0.85, 1))
"""Ranges of the probability of being elected."""
LEVEL = 0.9
RIVALS = (
    ("pair", "pair_normal"), ("pair", "pair_last"), ("crps", "crps_normal"), ("crps", "crps_last"),
)  # fmt: skip


@dataclass(frozen=True)
class Chance:
    """A probability of being elected, and whether it came true."""

    candidate: str
    said: float
    won: bool


@dataclass(frozen=True)
class Scored:
    """One forecast of one election, and how it did beside three simple rules."""

    election: str
    country: str
    days: int
    pair: float  # log score of the finalists who met: ours, averages with errors, last poll
    pair_normal: float
    pair_last: float
    crps: float  # of shares, in points, mean over candidates of 2% or more
    crps_normal: float
    crps_last: float
    covered: float  # fraction of those candidates inside their 90% intervals
    covered_normal: float
    elected: tuple[Chance, ...]  # of everybody


def summary(rows: Sequence[Scored]) -> str:
    """Return a table by horizon, differences to the rules, and the probabilities of being elected.

    Parameters
    ----------
    rows : sequence of Scored
        All backtests.
    """
    days = sorted({r.days for r in rows}, reverse=True)
    lines = [
        "days  elections  pair: log score  (normal, last)  CRPS, points (normal, last)  cover 90%"
        "  (normal)"
    ]
    for day in days:
        mine = [r for r in rows if r.days == day]
        m = {name: float(np.mean([getattr(r, name) for r in mine])) for name in
             ("pair", "pair_normal", "pair_last", "crps", "crps_normal", "crps_last", "covered",
              "covered_normal")}  # fmt: skip
        lines.append(
            f"{day:4d}  {len(mine):9d}  {m['pair']:15.2f}  ({m['pair_normal']:.2f}, "
            f"{m['pair_last']:.2f})  {m['crps']:12.2f} ({m['crps_normal']:.2f}, "
            f"{m['crps_last']:.2f})  {m['covered']:.2f}  ({m['covered_normal']:.2f})"
        )
    lines.append("differences, negative where the model is better, and coverage; 90% intervals: t "
                 "over elections")  # fmt: skip
    for day in (*days, None):
        mine = [r for r in rows if day in (r.days, None)]
        said = [f"{name} - {other.rpartition('_')[2]} {_signed(difference(mine, name, other))}"
                for name, other in RIVALS]  # fmt: skip
        held = clustered_mean([r.covered for r in mine], [r.election for r in mine])
        where = "all" if day is None else f"{day:3d}"
        lines.append(f"  {where}: {'; '.join(said)}; covered {_percent(held)}")
    lines.append(
        "P(elected): said, came true [90% interval, Wilson with the effective number of outcomes],"
        " forecasts (effective outcomes)"
    )
    for found in calibration(rows):
        low, high = found.interval
        lines.append(
            f"  {100 * found.said:5.1f}%  {100 * found.came:5.1f}% [{100 * low:.0f}, "
            f"{100 * high:.0f}]  {found.came * found.forecasts:.0f} of {found.forecasts} "
            f"({found.outcomes:.0f})"
        )
    return "\n".join(lines)


def difference(rows: Sequence[Scored], name: str, other: str) -> ClusteredMean:
    """Return how much lower a score is than another, an election one observation.

    Parameters
    ----------
    rows : sequence of Scored
        Backtests.
    name, other : str
        Names of the scores.
    """
    by: dict[str, list[float]] = {}
    for r in rows:
        by.setdefault(r.election, []).append(getattr(r, name) - getattr(r, other))
    return clustered_mean([float(np.mean(x)) for x in by.values()], list(by))


def _signed(found: ClusteredMean) -> str:
    ends = found.interval(LEVEL)
    assert ends is not None
    return f"{found.value:+.2f} [{ends[0]:+.2f}, {ends[1]:+.2f}]"


def _percent(found: ClusteredMean) -> str:
    ends = found.interval(LEVEL)
    assert ends is not None
    low, high = (100 * min(max(end, 0.0), 1.0) for end in ends)
    return f"{100 * found.value:.0f}% [{low:.0f}, {high:.0f}]"


@dataclass(frozen=True)
class Bin:
    """Probabilities of a range: what was said on average, and how often it came true."""

    said: float
    came: float
    forecasts: int
    outcomes: float
    interval: tuple[float, float]


def calibration(rows: Sequence[Scored]) -> list[Bin]:
    """Return the probabilities of being elected by their size; empty bins are left out.

    Parameters
    ----------
    rows : sequence of Scored
        Backtests of any days.
    """
    chances = [(r.election, c) for r in rows for c in r.elected]
    found = []
    for low, high in BINS:
        held = [(where, c) for where, c in chances if low <= c.said < high]
        if held:
            outcomes = effective(Counter((where, c.candidate) for where, c in held).values())
            came = float(np.mean([c.won for _, c in held]))
            found.append(
                Bin(
                    said=float(np.mean([c.said for _, c in held])),
                    came=came,
                    forecasts=len(held),
                    outcomes=outcomes,
                    interval=wilson(came, outcomes),
                )
            )
    return found


def effective(weights: Iterable[int]) -> float:
    """Return how many independent outcomes these are worth, by how often each was forecast."""
    w = np.array([*weights], dtype=float)
    return float(w.sum() ** 2 / (w**2).sum())


def wilson(rate: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's interval of a frequency.

    Parameters
    ----------
    rate : float
        The frequency observed.
    n : float
        Of how many.
    level : float
        Its level.
    """
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return max(float(centre - half), 0.0), min(float(centre + half), 1.0)
