"""National presidential runoffs up to 2018, every country forecast from the others.

Usage: ``python benchmarks/world.py [--json FILE]``

A prior is learned from the totals of the other countries' runoffs; roles are those the counts give:
leader, runner-up, eliminated, non-voters (with invalid ballots). Totals say little about single
transfers, so the question is whether the learned prior beats a regression on the margin at all.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from history import Forecasts, baselines, print_table, scores

import forecast
from forecast.facts.past_runoffs import PastRunoffs
from forecast.simulation.engine import simulate
from forecast.transfers.roles.learn import sum_up
from forecast.transfers.roles.prior import LearnedPrior

DRAWS = 4_000


def predict(
    prior: LearnedPrior, contest: forecast.Contest, roles: dict[str, str], *, nationwide: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of the leader's share and of valid votes over the list."""
    transfers = prior.at(
        contest, roles={contest.name: roles}, as_of=date.max, nationwide=nationwide
    )
    ledger = contest.ledger()
    votes = simulate(ledger, transfers, draws=DRAWS, seed=1, workers=1).votes()
    leader = contest.finalists.index(next(f for f in contest.finalists if roles[f] == "leader"))
    return votes[:, leader] / votes.sum(axis=1), votes.sum(axis=1) / ledger.people


def leave_countries_out(
    history: PastRunoffs,
    priors: dict[str, LearnedPrior],
    *,
    nationwide: bool,
) -> Forecasts:
    """Return forecasts of every contest from other countries; keep what is learned in `priors`."""
    found = []
    for contest, _ in history:
        country = contest.name.rpartition("-")[0]
        if country not in priors:
            others = [pair for pair in history if pair[0].name.rpartition("-")[0] != country]
            evidence = sum_up(others, roles=history.roles)
            evidence = replace(evidence, world=tuple(others), turnouts=())
            priors[country] = evidence.learn(draws=200, thin=2)
        roles = dict(history.roles[contest.name])
        found.append(predict(priors[country], contest, roles, nationwide=nationwide))
    return Forecasts(*(np.array(part) for part in zip(*found, strict=True)))


def main() -> None:
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("world.json"))
    arguments = parser.parse_args()
    history = forecast.past_runoffs("world")
    contests = [contest for contest, _ in history]
    share = np.array([r.share(c.finalists[0]) for c, r in history])  # finalists by votes: leader's
    turnout = np.array([r.votes.sum() / c.registered.sum() for c, r in history])
    rows: dict[str, dict[str, float]] = {}
    priors: dict[str, LearnedPrior] = {}
    for name, nationwide in (
        ("learned, world's turnout", True),
        ("learned, its nights' turnout", False),
    ):
        found = leave_countries_out(history, priors, nationwide=nationwide)
        rows[name] = scores(found, share, turnout)
    countries = [contest.name.rpartition("-")[0] for contest in contests]
    for name, baseline in baselines(contests, share, countries).items():
        rows[name] = scores(baseline, share, turnout)
    print_table(
        f"leave one country out: {len(history)} runoffs of {len(set(countries))} countries", rows
    )
    first = [c.votes.sum(axis=0)[[c.candidates.index(f) for f in c.finalists]] for c in contests]
    moved = share - np.array([v[0] / v.sum() for v in first])
    print(
        f"\nthe leader's share moved by {100 * moved.mean():.1f} points, sd {100 * moved.std():.1f}"
    )
    arguments.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
