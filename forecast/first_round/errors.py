"""How polls of a first round err, and how the error grows with the days to go."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Message
from forecast.errors import InputError

REFERENCE = 0.2
"""Size of the candidate whose errors the numbers are about, a fraction of the vote."""


@dataclass(frozen=True, kw_only=True)
class FirstRoundErrors:
    """Standard deviations of the logarithm of a candidate's share, for one of 20% of the vote.

    Parameters
    ----------
    bias : float
        Shared by all polls of an election.
    drift : float
        Of opinion over one day; over t days ``drift * t ** (power / 2)``.
    power : float
        How fast its variance grows with the days to go; 1 is a random walk.
    small : float
        How much more small candidates' shares err: variances are multiplied by
        ``(1 + small / p) / (1 + small / 0.2)`` for a candidate of size p.
    house : float
        A pollster's own.
    rivals : float
        Of what one more rival of 10% takes from a candidate beyond a proportional part.
    noise : float
        Of one answer of one poll, beyond sampling.
    tails : float
        Degrees of freedom of all errors together: their common scale is unknown.
    unasked, unasked_growth, unasked_sd : float
        Of the largest candidate whom no poll asked about, where twelve were: median part of the
        vote on the eve, growth of its logarithm per square root of a day, and its sd.
    source : str
        Where they come from.

    Raises
    ------
    InputError
        If a number is negative, or not finite.

    Examples
    --------
    >>> round(float(FirstRoundErrors().of_days(120.0) / FirstRoundErrors().of_days(3.0)), 1) > 1.5
    True
    """

    bias: float = 0.1067
    drift: float = 0.0461
    power: float = 0.895
    small: float = 0.0492
    house: float = 0.1022
    rivals: float = 0.1484
    noise: float = 0.0285
    tails: float = 5.0
    unasked: float = 0.0009
    unasked_growth: float = 0.2164
    unasked_sd: float = 1.083
    source: str = Message("learned from polls of past first rounds (data/learned/first_round.json)")

    def __post_init__(self) -> None:
        for item in fields(self):
            value: Any = getattr(self, item.name)
            if item.name == "source":
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and 0 <= value < 1000) or (item.name == "tails" and value < 2):
                raise InputError(
                    f"first-round errors: {item.name} must be a number from "
                    f"{2 if item.name == 'tails' else 0} - found {value!r}"
                )

    def of_days(self, days: FloatArray | float) -> FloatArray:
        """Return the sd of bias and drift together, so many days before the first round."""
        t = np.asarray(days, dtype=float)
        return np.asarray(np.sqrt(self.bias**2 + self.drift**2 * t**self.power))


def spread_of_size(size: FloatArray, small: float) -> FloatArray:
    """Return by how much variances of logarithms exceed those of a candidate of `REFERENCE`."""
    return np.asarray((1 + small / size) / (1 + small / REFERENCE))
