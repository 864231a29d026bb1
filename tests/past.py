"""Invented past runoffs, whose law is known."""

from __future__ import annotations

from datetime import date

import numpy as np
from scipy.special import expit, logit

from forecast import Contest, Returns

PEOPLE = 40_000


def runoffs(
    elections: int,
    contests: int,
    *,
    seed: int = 0,
    slope: float = 0.9,
    spread: float = 0.2,
    electorate: str = "registered",
) -> list[tuple[Contest, Returns]]:
    """Return runoffs whose log-ratio is `slope` times the first round's plus normal noise;
    turnout moves by normal noise."""
    rng = np.random.default_rng(seed)
    history = []
    for e in range(elections):
        for i in range(contests):
            name, lead = f"e{e}-{i}", rng.normal(0, 0.5)
            ours = int(10_000 * expit(lead))
            first = np.array([[ours, 10_000 - ours, int(rng.integers(1000, 6000))]])
            share = expit(slope * lead + spread * rng.normal())
            before = logit(first.sum() / PEOPLE)
            valid = int(PEOPLE * expit(before + 0.15 * rng.normal()))
            contest = Contest(
                name=name,
                candidates=("ada", "ben", "cid"),
                finalists=("ada", "ben"),
                units=("all",),
                votes=first,
                invalid=[0],
                registered=[PEOPLE] if electorate == "registered" else None,
                electorate=electorate,
                first_round=date(1990 + e, 3, 1),
                runoff=date(1990 + e, 3, 15),
            )
            votes = [[round(valid * share), valid - round(valid * share)]]
            returns = Returns(units=("all",), finalists=("ada", "ben"), votes=votes)
            history.append((contest, returns))
    return history
