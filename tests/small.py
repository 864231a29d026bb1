"""Small contests and priors whose every number can be followed by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecast import Contest, TransferPrior
from forecast.transfers.elicited.rows import Belief, DirichletRow, ElicitedRow
from forecast.transfers.table.coordinates import interval, logistic_moments

FINALISTS = ("ada", "ben")


def contest() -> Contest:
    """Return three units in two regions; Ada leads Ben by 40 votes."""
    return Contest(
        name="small",
        candidates=("ada", "cid", "ben", "dot"),
        finalists=FINALISTS,
        units=("harbour", "hill", "valley"),
        votes=[[400, 150, 300, 60], [200, 90, 310, 30], [240, 110, 190, 40]],
        invalid=[20, 5, 15],
        registered=[1500, 900, 1000],
        regions=("coast", "inland", "inland"),
    )


def pool(first: int, second: int, eliminated: int) -> Contest:
    """Return a contest of two finalists and one eliminated candidate without non-voters."""
    return Contest(
        name="pool",
        candidates=("ada", "ben", "cid"),
        finalists=FINALISTS,
        units=("all",),
        votes=[[first, second, eliminated]],
        invalid=[0],
        registered=None,
        electorate="voters",
    )


def three() -> Contest:
    """Return a contest from which three candidates advance."""
    return Contest(
        name="three",
        candidates=("ada", "ben", "cid", "dot"),
        finalists=("ada", "ben", "cid"),
        units=("north", "south"),
        votes=[[400, 350, 300, 120], [300, 310, 310, 90]],
        invalid=[10, 20],
        registered=[1800, 1700],
    )


def crowd(first: float, second: float, others: Sequence[float], *, at_home: float = 1) -> Contest:
    """Return a contest of two finalists and many others, c0, c1, ..., in order of their votes."""
    votes = np.array([first, second, *others], dtype=np.int64)
    names = tuple(f"c{k}" for k in range(len(votes)))
    return Contest(
        name="crowd",
        candidates=names,
        finalists=names[:2],
        units=("all",),
        votes=votes[None],
        invalid=[int(votes.sum()) // 50],
        registered=[int(votes.sum() * (1.05 + at_home))],
    )


def belief(location: float, sd: float, level: float = 0.9) -> Belief:
    """Return the belief of a logistic-normal with this location and spread."""
    low, high = interval(location, sd, level)
    return Belief(mean=logistic_moments(location, sd)[0], low=low, high=high, level=level)


def row(
    origin: str, participation: Belief, preference: Belief, finalist: str = "ada"
) -> ElicitedRow:
    """Return an elicited row about the two finalists."""
    return ElicitedRow(
        origin=origin,
        participation=participation,
        preference=preference,
        finalist=finalist,
        finalists=FINALISTS,
        source="invented for a test",
    )


def elicited_prior(shift: float = 0.0, **shares: float) -> TransferPrior:
    """Return logistic-normal rows for `contest`; `shift` moves the two large preferences."""
    rows = (
        row("ada", Belief.of((0.85, 0.7, 0.95)), Belief.of((0.93 + shift, 0.85, 0.98))),
        row("ben", Belief.of((0.85, 0.7, 0.95)), Belief.of((0.08 + shift, 0.02, 0.16))),
        row("*", Belief.of((0.6, 0.35, 0.83)), Belief.of((0.47 + shift, 0.25, 0.7))),
        row("invalid", Belief.of((0.4, 0.1, 0.75)), Belief.of((0.5, 0.25, 0.75))),
        row("non-voters", Belief.of((0.1, 0.03, 0.2)), Belief.of((0.45, 0.2, 0.72))),
    )
    return TransferPrior(name="small, elicited", finalists=FINALISTS, rows=rows, **shares)


def dirichlet_prior(shift: float = 0.0, **shares: float) -> TransferPrior:
    """Return Dirichlet rows for `contest`; `shift` moves means from Ben to Ada."""
    means = {
        "ada": (0.80, 0.06, 0.14),
        "ben": (0.07, 0.78, 0.15),
        "cid": (0.30, 0.32, 0.38),
        "dot": (0.25, 0.35, 0.40),
        "invalid": (0.20, 0.20, 0.60),
        "non-voters": (0.045, 0.055, 0.90),
    }
    rows = tuple(
        DirichletRow(
            origin=origin,
            mean=(a + shift, b - shift, c),
            concentration=concentration,
            source="invented for a test",
        )
        for (origin, (a, b, c)), concentration in zip(
            means.items(), (40, 35, 8, 6, 5, 60), strict=True
        )
    )
    return TransferPrior(name="small, Dirichlet", finalists=FINALISTS, rows=rows, **shares)
