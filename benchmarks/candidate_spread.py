"""How far one eliminated candidate's voters deviate from the other eliminated candidates'.

Usage: ``python benchmarks/candidate_spread.py``

In every Georgian runoff of 2014-2016 the eliminated candidate with most votes gets a row of their
own beside the others. The deviations are Normal(0, s^2) for a candidate and smaller for the others
together, as far as they average out; s is found by marginal likelihood, with everything else as the
population has it. Prints the log likelihood relative to its maximum over a grid.
"""

from __future__ import annotations

from datetime import date

import georgia_history
import numpy as np
from history import traits

import forecast
from forecast.transfers.roles.contest_summary import Evidence, contest_evidence, role_counts
from forecast.transfers.roles.learn import sum_up

ROLES = ("government", "other finalist", "first", "rest", "non-voters")
FROM = [0, 1, 2, 2, 3]
"""Row of the population that each role starts from."""
GRID = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
Case = tuple[Evidence, np.ndarray, float]


def split(contest: forecast.Contest) -> tuple[dict[str, str], float]:
    """Return roles with the largest eliminated apart, and how far the rest average out."""
    votes = dict(zip(contest.candidates, contest.votes.sum(axis=0).tolist(), strict=True))
    out = sorted(set(votes) - set(contest.finalists), key=votes.__getitem__, reverse=True)
    given = {
        origin: ("first" if origin == out[0] else "rest" if role == "eliminated" else role)
        for origin, role in georgia_history.pooled(contest).items()
    }
    rest = np.array([votes[c] for c in out[1:]], dtype=float)
    return given, float((rest**2).sum() / max(rest.sum(), 1.0) ** 2)


def own(preference: float, participation: float, averaging: float) -> np.ndarray:
    """Return the covariance that first and rest have apart from their common row."""
    variance = np.zeros(10)
    variance[4:6] = preference**2, participation**2
    variance[6:8] = averaging * variance[4:6]
    return np.diag(variance + 1e-6)


def log_likelihood(
    cases: list[Case], spread: np.ndarray, preference: float, participation: float
) -> float:
    """Return the log marginal likelihood of the deviations' standard deviations."""
    total = 0.0
    for evidence, mean, averaging in cases:
        covariance = spread + own(preference, participation, averaging)
        given = np.eye(10) + covariance @ evidence.precision
        pull = evidence.linear - evidence.precision @ mean
        total += 0.5 * pull @ np.linalg.solve(given, covariance @ pull)
        total -= 0.5 * np.linalg.slogdet(given)[1]
    return float(total)


def main() -> None:
    """Print the profile likelihood."""
    data = georgia_history.read()
    known, left_out = traits(data.main_rival), sorted(data.gave_up)
    found = sum_up(
        data.history, roles=georgia_history.pooled, traits=known, as_of=date(2018, 10, 28),
        withdrawn=left_out,
    )  # fmt: skip
    population = found.learn().population
    centre = found.x @ population.coefficients.mean(axis=0)
    centre += population.days.mean(axis=0)[found.day] @ population.factors.T
    lift = np.kron(np.eye(4)[FROM], np.eye(2))
    spread = 1.2 * lift @ population.spread.mean(axis=0) @ lift.T
    cases = []
    used = [pair for pair in data.history if pair[0].name not in left_out]
    for (contest, returns), mean in zip(used, centre, strict=True):
        given, averaging = split(contest)
        if "rest" not in given.values():
            continue
        counts = role_counts(contest, returns, given, ROLES)
        around = spread + own(0.7, 0.5, 1.0)
        cases.append((contest_evidence(counts, lift @ mean, around), lift @ mean, averaging))
    table = np.array([[log_likelihood(cases, spread, a, b) for b in GRID] for a in GRID])
    table -= table.max()
    print(f"{len(cases)} contests; log likelihood below its maximum, the other sd at its best")
    print(f"{'sd':>5} {'preference':>11} {'participation':>14}")
    for sd, a, b in zip(GRID, table.max(axis=1), table.max(axis=0), strict=True):
        print(f"{sd:5.2f} {a:11.1f} {b:14.1f}")


if __name__ == "__main__":
    main()
