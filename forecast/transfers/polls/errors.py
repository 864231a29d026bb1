"""How polls err: sizes with their sources, and the covariance these give a set of polls.

Everything is on the scale of log-ratios of the finalists' shares. There::

    poll = implied + s (bias + crossing + drift) + t house + sponsor's lean + undecided + sampling

Bias is shared by all polls about one round, crossing by those from before the first round, and
drift is a random walk back from the day of the vote. How hard a contest is to poll, s, and how much
its pollsters differ, t, are unknown, so that the errors have heavy tails: polls that disagree with
each other say less, and polls that agree are not thereby right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import scipy
from scipy.special import gammainccinv

from forecast.arrays import FloatArray
from forecast.errors import InputError, suggest
from forecast.transfers.table.coordinates import simplex_factor

Undecided = str
"""How undecided people vote in the end: "as the ledger implies", "as the decided" or "evenly"."""
Level = Literal["general", "national", "local"]
"""Kind of contest: national or local (many units of one kind), "general" where it is not known."""
LEARNED = ("bias", "crossing", "drift", "house", "undecided")
LEVELS: Mapping[str, Mapping[str, float]] = {
    "general": dict(zip(LEARNED, (0.113, 0.162, 0.032, 0.044, 0.291), strict=True)),
    "national": dict(zip(LEARNED, (0.112, 0.084, 0.015, 0.032, 0.357), strict=True)),
    "local": dict(zip(LEARNED, (0.113, 0.213, 0.042, 0.053, 0.204), strict=True)),
}
"""What `benchmarks/polls.py` learned, as in `data/learned/polls.json`."""
REACH = 60.0
"""Days before a round beyond which opinion does not drift further away from it."""
NODES = {"scales": 8, "house_scales": 6}
"""Values over which the two unknown scales are summed: with 24 each, means move by .0003."""
TAILS = (0.005, 0.9995)
"""Quantiles of a scale between which its values lie."""


@dataclass(frozen=True, kw_only=True)
class PollErrors:
    """Standard deviations of what polls get wrong, in logits (0.04 is a point near an even share).

    Parameters
    ----------
    bias : float
        Shared by all polls about one round.
    crossing : float
        Shared by the polls about the runoff that began before the first round.
    drift : float
        Of opinion, per square root of the days between a poll and the round it is about.
    house : float
        A pollster's own, the same in both rounds.
    tails : float
        Degrees of freedom of bias, crossing and drift together, and of house effects: their
        squared scales are InverseGamma(tails / 2, tails / 2). Infinite for normal errors.
    lean, lean_sd : float
        Mean and sd of how far sponsored polls of a contest lean to their sponsor's side.
    sponsor : float
        A sponsor's own deviation from that.
    row : float
        Of one row of a cross-tab.
    undecided : float
        Of how the undecided split, around what is assumed of them.
    hesitation : float
        How often a finalist's first-round voters are undecided, relative to everybody else's.
    recall, recall_weights : tuple of float
        Fraction, among those who remember voting for a finalist, of people who did not; and the
        probability of each value.
    source : str
        Where they come from.

    Raises
    ------
    InputError
        If a number is negative, or the weights are no probabilities.

    Examples
    --------
    >>> PollErrors().drift > PollErrors.of("national").drift
    True
    """

    bias: float = LEVELS["general"]["bias"]
    crossing: float = LEVELS["general"]["crossing"]
    drift: float = LEVELS["general"]["drift"]
    house: float = LEVELS["general"]["house"]
    tails: float = 4.0
    lean: float = 0.12
    lean_sd: float = 0.12
    sponsor: float = 0.10
    row: float = 0.10
    undecided: float = LEVELS["general"]["undecided"]
    hesitation: float = 0.5
    recall: tuple[float, ...] = (0.05, 0.15, 0.35)
    recall_weights: tuple[float, ...] = (0.3, 0.4, 0.3)
    source: str = (
        "bias, crossing, drift, house effects and the undecided: 641 polls of the pair that met in "
        "79 runoffs of five countries (data/learned/polls.json); lean: polls released by campaigns "
        "favour them by six points of margin (Silver, New York Times, 2012); the others are "
        "assumed"
    )

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name == "source":
                continue
            most = np.inf if name == "tails" else 100
            for x in value if isinstance(value, tuple) else (value,):
                number = isinstance(x, int | float) and not isinstance(x, bool)
                if not (number and 0 <= x < most) and not (name == "tails" and x == np.inf):
                    raise InputError(f"poll errors: {name} must be a number from 0 - found {x!r}")
        if self.tails < 1:
            raise InputError(
                f"poll errors: tails must be at least 1 degree of freedom - found {self.tails!r}"
            )
        if len(self.recall) != len(self.recall_weights) or (
            abs(sum(self.recall_weights) - 1) > 1e-9
        ):
            raise InputError(
                f"poll errors: recall_weights must be a probability for each of {self.recall} - "
                f"found {self.recall_weights}"
            )

    @classmethod
    def of(cls, level: Level) -> PollErrors:
        """Return the errors learned of a kind of contest.

        Raises
        ------
        InputError
            If `level` is none of "general", "national" and "local".
        """
        if level not in get_args(Level):
            raise InputError(
                f"poll errors: the kind of contest must be one of {', '.join(get_args(Level))} - "
                f"found {level!r}; {suggest(str(level), get_args(Level))}"
            )
        values: dict[str, Any] = dict(LEVELS[level])
        return cls(**values)


def scale_nodes(tails: float, number: int) -> tuple[FloatArray, FloatArray]:
    """Return values of a squared scale and their probabilities, each (number,).

    Notes
    -----
    The trapezoidal rule on the logarithm of ``s^2 ~ InverseGamma(tails / 2, tails / 2)``: a normal
    with that scale is Student's t with `tails` degrees of freedom.

    Examples
    --------
    >>> squares, weights = scale_nodes(4.0, 8)
    >>> round(float(weights @ (1 / squares)), 2)  # E[1 / s^2] = 1
    1.0
    """
    if np.isinf(tails):
        return np.ones(1), np.ones(1)
    a = tails / 2
    low, high = (a / float(gammainccinv(a, q)) for q in TAILS)
    squares = np.geomspace(low, high, number)
    weights = np.exp(-a * np.log(squares / a) - a / squares)
    return squares, np.asarray(weights / weights.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """One published split between K finalists."""

    value: FloatArray  #: (K - 1,): log-ratios to the last finalist
    noise: FloatArray  #: (K - 1, K - 1): covariance of everything that is this line's own
    round: str  #: round, pollster, sponsor: lines that agree in these share an error
    pollster: str
    sponsor: str
    side: int | None  #: position of the finalist whom the sponsor leans to
    hesitant: float  #: fraction undecided
    days: float = 0.0  #: between the end of the field work and the round it is about
    early: bool = False  #: whether it is about the runoff and from before the first round
    origin: int | None = None  #: row of a cross-tab, a position in the ledger


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


def shared_covariance(lines: Sequence[Line], finalists: int, errors: PollErrors) -> FloatArray:
    """Return the covariance at scale 1 of what polls about one round get wrong together.

    Bias, crossing and drift; shape (Q, Q) with Q = line * (K - 1). Random walks back from the day
    of the vote share the days that they have in common: ``drift^2 min(days_i, days_j)``.
    """
    days = np.minimum([x.days for x in lines], REACH)
    early = np.array([float(x.early) for x in lines])
    together = (
        errors.bias**2
        + errors.drift**2 * np.minimum.outer(days, days)
        + errors.crossing**2 * np.outer(early, early)
    )
    return np.asarray(np.kron(together * same([x.round for x in lines]), alike(finalists)))


def own_covariance(
    lines: Sequence[Line], finalists: int, errors: PollErrors, house_square: float
) -> FloatArray:
    """Return the covariance of what pollsters and sponsors get wrong, and of sampling, (Q, Q).

    `house_square` is the squared scale of house effects.
    """
    flat = leaning(lines, finalists).ravel()
    towards = np.array([float(x.side is not None) for x in lines])
    sponsored = np.outer(towards, towards) * errors.lean_sd**2
    sponsored += same([x.sponsor for x in lines]) * errors.sponsor**2
    ones = np.ones((finalists - 1, finalists - 1))
    houses = house_square * errors.house**2 * same([x.pollster for x in lines])
    return np.asarray(
        np.kron(houses, alike(finalists))
        + np.kron(sponsored, ones) * np.outer(flat, flat)
        + scipy.linalg.block_diag(*(x.noise for x in lines))
    )
