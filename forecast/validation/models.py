"""What a backtest asks of a model: learn from past runoffs, then draw a runoff it has not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from forecast.arrays import FloatArray
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.facts.returns import Returns
from forecast.simulation.engine import simulate
from forecast.transfers.table.protocols import TransferDistribution


class Prediction(NamedTuple):
    """Draws of a runoff between two finalists, each (draw,).

    `share` is the first finalist's fraction of the finalists' vote; `turnout` is valid votes over
    everybody in the ledger, or None where the contest leaves non-voters out.
    """

    share: FloatArray
    turnout: FloatArray | None


class Predictor(Protocol):
    """A model that has learned."""

    def __call__(self, contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
        """Return draws of a contest's runoff, knowing its first round alone."""


class Model(Protocol):
    """A function that learns: it sees past contests with returns and gives a `Predictor`."""

    def __call__(self, history: History) -> Predictor:
        """Learn from past contests."""


@dataclass(frozen=True)
class TransferModel:
    """A model of the transfer table as a `Model`.

    Parameters
    ----------
    learn : callable
        ``learn(history)`` gives a function from a contest to its `TransferDistribution`. A model
        that learns nothing ignores the history.
    name : str
        What to call it in tables.

    Examples
    --------
    >>> from forecast import load_contest
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> model = TransferModel(lambda history: generic_prior, "wide prior")
    >>> found = model([])(load_contest("georgia-2018"), draws=100, rng=np.random.default_rng(0))
    >>> found.share.shape
    (100,)
    """

    learn: Callable[[History], Callable[[Contest], TransferDistribution]]
    name: str

    def __call__(self, history: History) -> Predictor:
        """Learn from past contests."""
        at = self.learn(history)

        def predict(contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
            ledger, seed = contest.ledger(), int(rng.integers(2**63))
            votes = simulate(ledger, at(contest), draws=draws, seed=seed, workers=1).votes()
            valid = votes.sum(axis=1)
            known = contest.electorate == "registered"
            return Prediction(votes[:, 0] / valid, valid / ledger.people if known else None)

        return predict


def observed(contest: Contest, returns: Returns) -> tuple[float, float]:
    """Return the first finalist's share and valid votes over everybody (or nan), as counted.

    Examples
    --------
    >>> from forecast import load_contest, load_returns
    >>> share, turnout = observed(load_contest("georgia-2018"), load_returns("georgia-2018"))
    >>> round(share, 3), round(turnout, 3)
    (0.595, 0.548)
    """
    total = float(returns.votes.sum())
    known = contest.electorate == "registered" and contest.registered is not None
    people = float(contest.registered.sum()) if known else np.nan  # type: ignore[union-attr]
    return returns.share(contest.finalists[0]), total / people
