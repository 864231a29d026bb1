"""National presidential runoffs up to 2018, every country forecast from the others.

Usage: ``python benchmarks/world.py [--json FILE]``

A prior is learned from the totals of the other countries' runoffs; roles are those the counts give:
leader, runner-up, eliminated, non-voters (with invalid ballots). Totals say little about single
transfers, so the question is whether the learned prior beats a regression on the margin at all, and
the wide prior that knows nothing. Figures are those of ``validation.py``. Last is said which part
of the learned prior's variance is ignorance of the population, as `input_share` of stated priors.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from history import Forecasts, Learned, ignorance, left_out, print_table, scores

import forecast
from forecast.transfers.elicited.generic import generic_prior
from forecast.validation.baselines import BASELINES
from forecast.validation.calibration import central_interval
from forecast.validation.models import TransferModel

FARTHEST = "france-2002"
"""The runoff that no model of votes foretold, 82%: scores are given without it as well."""


def country(contest: forecast.Contest) -> str:
    """Return the country of a contest: all before the year in its name."""
    return contest.name.rpartition("-")[0]


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("world.json"))
    arguments = parser.parse_args()
    history = forecast.past_runoffs("world")
    contests = [contest for contest, _ in history]
    share = np.array([r.share(c.finalists[0]) for c, r in history])  # finalists by votes: leader's
    turnout = np.array([r.votes.sum() / c.registered.sum() for c, r in history])
    wide = TransferModel(lambda _: lambda c: generic_prior(c, kind="national"), "wide prior")
    model = Learned(history.roles, nationwide=True)
    models = {"learned prior": model, "wide prior": wide, **BASELINES}
    found = {name: left_out(history, one, country) for name, one in models.items()}
    rows = {name: scores(one, share, turnout) for name, one in found.items()}
    kept = np.array([contest.name != FARTHEST for contest in contests])
    for name, one in found.items():
        part = Forecasts(*(draws[kept] for draws in one))
        rows[f"{name}, 2002 out"] = scores(part, share[kept], turnout[kept])
    print_table(
        f"one country left out: {len(history)} runoffs of {len(set(map(country, contests)))} "
        f"countries; 2002 out: without {FARTHEST}",
        rows,
    )
    low, high = central_interval(found["learned prior"].share.T, 0.9)
    missed = [
        c.name for c, out in zip(contests, (share < low) | (share > high), strict=True) if out
    ]
    print(f"outside the 90% interval of the learned prior: {', '.join(missed)}")
    parts = {
        c.name: ignorance(c, model([p for p in history if country(p[0]) != country(c)])(c))
        for c in contests
    }
    low, middle, high = np.quantile(list(parts.values()), [0.05, 0.5, 0.95])
    print(
        "part of the variance that is ignorance of inputs: median "
        f"{middle:.2f}, nine in ten {low:.2f} to {high:.2f}"
    )
    first = [c.votes.sum(axis=0)[[c.candidates.index(f) for f in c.finalists]] for c in contests]
    moved = share - np.array([v[0] / v.sum() for v in first])
    print(
        f"\nthe leader's share moved by {100 * moved.mean():.1f} points, sd {100 * moved.std():.1f}"
    )
    tables = rows | {"ignorance of inputs": parts}
    arguments.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
