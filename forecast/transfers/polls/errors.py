"""How polls err: sizes with their sources, and the covariance these give a set of polls.

Everything is on the scale of log-ratios of the finalists' shares. There, with scale ``c``::

    poll = implied + c (shared bias + house effect + sponsor's lean) + undecided + sampling

The scale is the same for every error of a contest and is itself unknown, so the errors together
have heavy tails, and polls that disagree with each other, or with the first round, say less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.transfers.table.coordinates import simplex_factor

__all__ = ["Line", "PollErrors", "Undecided", "alike", "leaning", "same"]

Undecided = str
"""How undecided people vote in the end: "as the ledger implies", "as the decided" or "evenly"."""


@dataclass(frozen=True, kw_only=True)
class PollErrors:
    """Standard deviations of what polls get wrong, in logits (0.04 is a point near an even share).

    Parameters
    ----------
    bias : float
        Shared by all polls about one round.
    house : float
        A pollster's own, the same in both rounds.
    lean, lean_sd : float
        Mean and sd of how far sponsored polls of a contest lean to their sponsor's side.
    sponsor : float
        A sponsor's own deviation from that.
    row : float
        Of one row of a cross-tab; not scaled.
    undecided : float
        Of how the undecided split, around what is assumed of them; not scaled.
    hesitation : float
        How often a finalist's first-round voters are undecided, relative to everybody else's.
    scales, scale_weights : tuple of float
        What all the scaled errors are multiplied by, and the probability of each value.
    recall, recall_weights : tuple of float
        Fraction, among those who remember voting for a finalist, of people who did not; and the
        probability of each value.
    source : str
        Where they come from.
    """

    bias: float = 0.10
    house: float = 0.075
    lean: float = 0.12
    lean_sd: float = 0.12
    sponsor: float = 0.10
    row: float = 0.10
    undecided: float = 0.5
    hesitation: float = 0.5
    scales: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    scale_weights: tuple[float, ...] = (0.2, 0.35, 0.28, 0.13, 0.04)
    recall: tuple[float, ...] = (0.05, 0.15, 0.35)
    recall_weights: tuple[float, ...] = (0.3, 0.4, 0.3)
    source: str = (
        "bias and house effect at scale 1: 4,221 polls of American states, average absolute bias "
        "of an election 2 points, total error 3.5 points, twice the stated margin (Shirani-Mehr, "
        "Rothschild, Goel & Gelman 2018, JASA 113, 607-614); lean: polls released by campaigns "
        "favour them by six points of margin (Silver, New York Times, 2012); the others, and how "
        "far polls elsewhere are better or worse, are assumed"
    )

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name == "source":
                continue
            for x in value if isinstance(value, tuple) else (value,):
                if not (isinstance(x, int | float) and 0 <= x < 100):
                    raise InputError(f"poll errors: {name} must be a number from 0 - found {x!r}")
        for name in ("scale", "recall"):
            values, weights = (
                getattr(self, f"{name}s" if name == "scale" else name),
                getattr(self, f"{name}_weights"),
            )
            if len(values) != len(weights) or abs(sum(weights) - 1) > 1e-9:
                raise InputError(
                    f"poll errors: {name}_weights must be a probability for each of {values} - "
                    f"found {weights}"
                )


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """One published split between K finalists.

    Parameters
    ----------
    value : ndarray, shape (K - 1,)
        Log-ratios to the last finalist.
    noise : ndarray, shape (K - 1, K - 1)
        Covariance of everything that is this line's own.
    round, pollster, sponsor : str
        Lines that agree in these share an error.
    side : int or None
        Position of the finalist whom the sponsor leans to.
    hesitant : float
        Fraction undecided.
    origin : int or None
        Row of a cross-tab, a position in the ledger.
    """

    value: FloatArray
    noise: FloatArray
    round: str
    pollster: str
    sponsor: str
    side: int | None
    hesitant: float
    origin: int | None = None


def alike(finalists: int) -> FloatArray:
    """Return the covariance of K - 1 log-ratios with unit pairwise sd, all finalists alike."""
    factor = simplex_factor(finalists)
    return np.asarray(factor @ factor.T)


def leaning(lines: Sequence[Line], finalists: int) -> FloatArray:
    """Return the unit lean of each line's sponsor, shape (line, K - 1)."""
    out = np.zeros((len(lines), finalists - 1))
    for i, line in enumerate(lines):
        if line.side is not None:
            out[i] = -1.0 if line.side == finalists - 1 else np.eye(finalists - 1)[line.side]
    return out


def same(names: Sequence[str]) -> FloatArray:
    """Return 1 where two lines share a name, shape (line, line); an empty name is nobody's."""
    found = np.array(names)
    return np.asarray((found[:, None] == found) & (found != ""), dtype=float)
