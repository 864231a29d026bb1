"""How wide the prior of an unknown contest should be, by kind of contest.

Usage: ``python benchmarks/wide.py [--draws N] [--json FILE]``

National runoffs of the world, mayors of Brazil (2012, 2016) and of Bulgaria (2011), each forecast
with several spreads of the preferences of voters about whom nothing is known. National runoffs are
then forecast country by country with the spread whose 90% intervals cover nearest to 90% elsewhere.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import mayors
import numpy as np

import forecast
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.generic import wide_prior
from forecast.validation.calibration import central_interval
from forecast.validation.scores import crps

SPREADS = (0.4, 0.5, 0.6, 0.7, 0.8)


class Scores(NamedTuple):
    """CRPS and width in points, and whether 90% and 50% intervals held, each (contest,)."""

    crps: np.ndarray
    width: np.ndarray
    held: np.ndarray
    half: np.ndarray

    def line(self) -> str:
        """Return their means as text."""
        return (
            f"CRPS {self.crps.mean():.2f}, 90% intervals cover {self.held.mean():.3f}, "
            f"50% {self.half.mean():.3f}, width {self.width.mean():.1f}"
        )


def scores(pairs: list[mayors.Pair], spread: float, draws: int) -> Scores:
    """Return scores of the share of the first round's leader."""
    shares, truth = [], []
    for contest, returns in pairs:
        ledger, prior = contest.ledger(), wide_prior(contest, spread)
        votes = simulate(ledger, prior, draws=draws, seed=1, workers=1).votes()
        leader = max(contest.finalists, key=lambda f, c=ledger: c.totals[c.index(f)])
        shares.append(votes[:, contest.finalists.index(leader)] / votes.sum(axis=1))
        truth.append(returns.share(leader))
    found, seen = np.array(shares).T, np.array(truth)
    (low, high), (lower, upper) = (central_interval(found, level) for level in (0.9, 0.5))
    return Scores(
        crps=100 * crps(found, seen),
        width=100 * (high - low),
        held=(low <= seen) & (seen <= high),
        half=(lower <= seen) & (seen <= upper),
    )


def country_left_out(every: dict[float, Scores], country: np.ndarray) -> tuple[Scores, list[float]]:
    """Return scores of each country with the spread chosen on others, and those spreads."""
    parts, chosen = [], []
    for name in np.unique(country):
        here = country == name
        off = {s: abs(found.held[~here].mean() - 0.9) for s, found in every.items()}
        best = min(off, key=off.__getitem__)
        chosen.append(best)
        parts.append([column[here] for column in every[best]])
    return Scores(*(np.concatenate(column) for column in zip(*parts, strict=True))), chosen


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--json", type=Path, default=Path("wide.json"))
    chosen = parser.parse_args()
    world = list(forecast.past_runoffs("world"))
    sets = {"world": world, "Brazil": mayors.brazil(), "Bulgaria": mayors.bulgaria()}
    out = {}
    for name, pairs in sets.items():
        every = {spread: scores(pairs, spread, chosen.draws) for spread in SPREADS}
        for spread, found in every.items():
            print(f"{name}, {len(pairs)} runoffs, spread {spread}: {found.line()}", flush=True)
        out[name] = {str(s): [float(c.mean()) for c in found] for s, found in every.items()}
        if name == "world":
            country = np.array([c.name.rpartition("-")[0] for c, _ in pairs])
            found, spreads = country_left_out(every, country)
            print(f"  one country left out, spreads {sorted(set(spreads))}: {found.line()}")
    chosen.json.write_text(json.dumps(out, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
