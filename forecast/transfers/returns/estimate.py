"""A quantity with its draws: totals and rates of groups, and their differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, tails
from forecast.errors import InputError, suggest


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """Posterior draws of one number.

    Parameters
    ----------
    what : str
        What it is.
    draws : array (draw,)
        Draws; those of one posterior belong together, so differences may be taken.
    fraction : bool
        Whether it is a fraction, printed in percent, or a count of people.

    Examples
    --------
    >>> a = Estimate(what="a", draws=np.array([0.4, 0.6]), fraction=True)
    >>> b = Estimate(what="b", draws=np.array([0.3, 0.2]), fraction=True)
    >>> (a - b).mean
    0.25
    """

    what: str
    draws: FloatArray
    fraction: bool

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.draws.mean())

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the ends of the central credible interval."""
        low, high = np.quantile(self.draws, tails(level))
        return float(low), float(high)

    def above(self, threshold: float = 0.0) -> float:
        """Return the posterior probability of being above a threshold.

        Half a draw is added to either side: the answer is never 0 or 1.
        """
        count = float((self.draws > threshold).sum())
        return (count + 0.5) / (len(self.draws) + 1.0)

    def __sub__(self, other: Estimate) -> Estimate:
        """Return the difference of two estimates of one posterior.

        Raises
        ------
        InputError
            If the two are not of one kind.
        """
        if self.fraction != other.fraction or len(self.draws) != len(other.draws):
            raise InputError(
                f"estimates: a difference needs two of one kind - found {self.what} and "
                f"{other.what}; take two rates or two counts"
            )
        return Estimate(
            what=f"{self.what} less {other.what}",
            draws=self.draws - other.draws,
            fraction=self.fraction,
        )

    def __str__(self) -> str:
        """Return mean and 90% interval."""
        values = (self.mean, *self.interval(0.9))
        if self.fraction:
            mean, low, high = (f"{100 * value:.0f}" for value in values)
            return f"{self.what}: {mean}% [{low}, {high}]"
        mean, low, high = (f"{value:,.0f}" for value in values)
        return f"{self.what}: {mean} [{low}, {high}]"


def rate_of(
    people: FloatArray,
    origins: list[int],
    destinations: list[int],
    *,
    among: list[int] | None,
    what: str,
) -> Estimate:
    """Return the fraction of some origins' people who went to some destinations.

    Of draws of `people` (draw, origin, destination); origins and destinations are places, taken
    together, and so are those to divide by, `among`, where None means all destinations.
    """
    rows = people[:, origins]
    whole = rows if among is None else rows[..., among]
    part, total = rows[..., destinations].sum(axis=(1, 2)), whole.sum(axis=(1, 2))
    return Estimate(what=what, draws=part / np.maximum(total, 1e-9), fraction=True)


def places_of(names: Sequence[str] | str, known: tuple[str, ...], what: str) -> list[int]:
    """Return the places of one name or several.

    Raises
    ------
    InputError
        If a name is unknown or there is none.
    """
    given = (names,) if isinstance(names, str) else tuple(names)
    for name in given:
        if name not in known:
            raise InputError(f"transfers: no {what} {name!r}; {suggest(name, known)}")
    if not given:
        raise InputError(f"transfers: name one {what} at least - found none")
    return [known.index(name) for name in given]


def listed(names: Sequence[str] | str) -> str:
    """Return names joined by "and"."""
    return names if isinstance(names, str) else " and ".join(names)


def cell_rows(
    origins: Sequence[str], destinations: Sequence[str], values: Mapping[str, FloatArray]
) -> list[dict[str, Any]]:
    """Return a row per origin and destination with each of the values (origin, destination)."""
    return [
        {"origin": origin, "destination": destination}
        | {name: float(value[r, j]) for name, value in values.items()}
        for r, origin in enumerate(origins)
        for j, destination in enumerate(destinations)
    ]
