"""Beliefs about one origin: elicited (logistic-normal) and Dirichlet rows of the transfer table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import polygamma

from forecast.arrays import FloatArray, tails
from forecast.errors import InputError, suggest
from forecast.signatures import refuses_other_kinds
from forecast.transfers.table.coordinates import (
    find_root,
    interval,
    location_from_interval,
    logistic_moments,
    match_location,
)
from forecast.transfers.table.endorsement import Endorsement, endorsed


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class Belief:
    """A fraction as people state it: "about 60%, 90% sure it is between 40 and 80".

    Parameters
    ----------
    mean : float
        The best guess; the simulated mean equals it.
    low, high : float
        Ends of the interval.
    level : float
        Probability that the fraction lies between `low` and `high`.

    Raises
    ------
    InputError
        Unless 0 < low < mean < high < 1 and 0 < level < 1.

    Examples
    --------
    >>> Belief.of((0.6, 0.4, 0.8))
    Belief(mean=0.6, low=0.4, high=0.8, level=0.9)
    """

    mean: float
    low: float
    high: float
    level: float = 0.9

    def __post_init__(self) -> None:
        found = (self.low, self.mean, self.high)
        if not all(isinstance(x, (int, float)) for x in (*found, self.level)):
            raise InputError(f"belief: low, mean, high must be numbers - found {found}")
        if not 0 < self.low < self.mean < self.high < 1:
            hint = "divide percentages by 100" if max(found) > 1 else "widen or reorder them"
            raise InputError(
                f"belief: must have 0 < low < mean < high < 1 - found low {self.low:g}, mean "
                f"{self.mean:g}, high {self.high:g}; {hint}"
            )
        if not 0 < self.level < 1:
            raise InputError(f"belief: level must be between 0 and 1 - found {self.level:g}")

    @classmethod
    def of(cls, value: Belief | Sequence[float] | Mapping[str, float]) -> Belief:
        """Return a belief from itself, (mean, low, high[, level]) or a mapping of those names.

        Parameters
        ----------
        value : Belief, sequence or mapping
            Fractions: ``(0.6, 0.4, 0.8)``, or ``{"mean": 0.6, "low": 0.4, "high": 0.8}``.

        Raises
        ------
        InputError
            If `value` is none of these.
        """
        if isinstance(value, Belief):
            return value
        try:
            if isinstance(value, Mapping):
                return cls(**value)
            mean, low, high, *level = value
            return cls(mean=mean, low=low, high=high, **({"level": level[0]} if level else {}))
        except (TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"belief: must be (mean, low, high) - found {value!r}; for example (0.6, 0.4, 0.8)"
            ) from None

    @cached_property
    def normal(self) -> tuple[float, float]:
        """Location and sd on the logit scale."""
        return location_from_interval(self.mean, self.low, self.high, self.level)


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class ElicitedRow:
    """A logistic-normal row: independent beliefs about participation and preference.

    Parameters
    ----------
    origin : str
        Whose voters; "*" stands for every eliminated candidate without a row of their own.
    participation : Belief
        P(casts a valid runoff vote).
    preference : Belief
        P(votes for `finalist` | valid vote).
    finalist : str
        Whom `preference` is about.
    finalists : tuple of str
        All finalists, in the order of the table.
    rest : tuple of float
        How the remaining preference is shared among the other finalists, in their order.
    source : str
        Why we believe this.

    Raises
    ------
    InputError
        If `finalist` is none of the finalists, or `rest` are no fractions that sum to one.

    Examples
    --------
    >>> row = ElicitedRow(
    ...     origin="cid", participation=Belief.of((0.8, 0.6, 0.95)),
    ...     preference=Belief.of((0.7, 0.5, 0.85)), finalist="ben", finalists=("ada", "ben"),
    ...     source="a guess")
    >>> row.mean.round(2).tolist()
    [0.24, 0.56, 0.2]
    """

    origin: str
    participation: Belief
    preference: Belief
    finalist: str
    finalists: tuple[str, ...]
    rest: tuple[float, ...] = ()
    source: str

    def __post_init__(self) -> None:
        if self.finalist not in self.finalists:
            raise InputError(
                f"row {self.origin!r}: preference must be about a finalist - found "
                f"{self.finalist!r}; {suggest(self.finalist, self.finalists)}"
            )
        others = len(self.finalists) - 1
        rest = self.rest or (1 / others,) * others
        if len(rest) != others or not (min(rest) > 0 and abs(sum(rest) - 1) <= 1e-9):
            raise InputError(
                f"row {self.origin!r}: rest must be {others} positive fractions that sum to 1 - "
                f"found {rest}"
            )
        object.__setattr__(self, "rest", tuple(float(x) for x in rest))

    @property
    def preference_mean(self) -> tuple[float, ...]:
        """Mean preference for each finalist."""
        rest = iter(self.rest)
        mean = self.preference.mean
        return tuple(
            mean if f == self.finalist else (1 - mean) * next(rest) for f in self.finalists
        )

    @property
    def mean(self) -> FloatArray:
        """Mean transfer rates, shape (destination,)."""
        v = self.participation.mean
        return np.array([v * q for q in self.preference_mean] + [1 - v])

    def describe(self, level: float = 0.9) -> tuple[tuple[float, float, float], ...]:
        """Return (mean, low, high) of participation and of preference for the first finalist.

        Parameters
        ----------
        level : float
            Level of the intervals.
        """
        location, sd = self.participation.normal
        v = (self.participation.mean, *interval(location, sd, level))
        first, q_sd = self.preference_mean[0], self.preference.normal[1]
        return v, (first, *interval(match_location(first, q_sd), q_sd, level))


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class DirichletRow:
    """A Dirichlet row, independent of all others.

    Dirichlet(a, b, c) is participation ~ Beta(a+b, c), independent of preference ~ Beta(a, b).

    Parameters
    ----------
    origin : str
        Whose voters; "*" stands for every eliminated candidate without a row of their own.
    mean : tuple of float, length destination
        Mean transfer rates: the finalists in the order of the table, then none.
    concentration : float
        Sum of the Dirichlet parameters; larger is surer.
    source : str
        Why we believe this.

    Raises
    ------
    InputError
        If the means are not positive fractions that sum to one or concentration is not positive.

    Examples
    --------
    >>> row = DirichletRow(origin="cid", mean=(0.3, 0.3, 0.4), concentration=20.0, source="a guess")
    >>> row.alpha.tolist()
    [6.0, 6.0, 8.0]
    """

    origin: str
    mean: tuple[float, ...]
    concentration: float
    source: str

    def __post_init__(self) -> None:
        mean = tuple(float(x) for x in self.mean)
        if not (mean and min(mean) > 0 and abs(sum(mean) - 1) <= 1e-6):
            raise InputError(
                f"row {self.origin!r}: mean must be positive fractions that sum to 1 - found "
                f"{mean}; end it with the fraction that abstains"
            )
        if not 0 < self.concentration < np.inf:
            raise InputError(
                f"row {self.origin!r}: concentration must be positive - found {self.concentration}"
            )
        object.__setattr__(self, "mean", mean)

    @property
    def alpha(self) -> FloatArray:
        """Dirichlet parameters, shape (destination,)."""
        return np.array(self.mean) * self.concentration

    def describe(self, level: float = 0.9) -> tuple[tuple[float, float, float], ...]:
        """Return (mean, low, high) of participation and of preference for the first finalist.

        Parameters
        ----------
        level : float
            Level of the intervals.
        """
        from scipy.special import betaincinv

        *finalists, c = self.alpha.tolist()
        a, voting = finalists[0], sum(finalists)
        ends = tails(level)
        v = tuple(float(betaincinv(voting, c, p)) for p in ends)
        q = tuple(float(betaincinv(a, voting - a, p)) for p in ends)
        return (1 - self.mean[-1], v[0], v[1]), (a / voting, q[0], q[1])

    def endorsed(self, finalist: int, endorsement: Endorsement) -> DirichletRow:
        """Return the row after an endorsement of the finalist in this place.

        Preference for a finalist is Beta(a, b), whose logit has variance psi'(a) + psi'(b). The
        concentration falls until that has grown by the variance of the shift; a Dirichlet row has
        one concentration, so its participation becomes less certain too.

        Parameters
        ----------
        finalist : int
            Place of the finalist in the table.
        endorsement : Endorsement
            How strong it is.

        Examples
        --------
        >>> row = DirichletRow(origin="cid", mean=(0.3, 0.3, 0.4), concentration=20.0, source="")
        >>> moved = row.endorsed(0, Endorsement(origin="cid", finalist="ada", strength=0.5))
        >>> [round(m, 2) for m in moved.mean], moved.concentration < 20
        ([0.45, 0.15, 0.4], True)
        """
        *rates, away = self.mean
        voting = sum(rates)
        q = rates[finalist] / voting
        before = _logit_variance(
            q * voting * self.concentration, (1 - q) * voting * self.concentration
        )
        means, sd = endorsed([x / voting for x in rates], before**0.5, finalist, endorsement)
        after = means[finalist]

        def excess(log_total: float) -> float:
            total = voting * float(np.exp(log_total))
            return _logit_variance(after * total, (1 - after) * total) - sd**2

        total = float(np.exp(find_root(excess, -7.0, float(np.log(self.concentration)) + 7.0)))
        return replace(self, mean=(*(voting * m for m in means), away), concentration=total)


def _logit_variance(a: float, b: float) -> float:
    return float(polygamma(1, a) + polygamma(1, b))


Row = ElicitedRow | DirichletRow


def margin_variance(row: ElicitedRow, means: Sequence[float], sd: float) -> float:
    """Return the variance of T_first - T_second when preference has these means and logit sd."""
    v_mean, v_variance = logistic_moments(*row.participation.normal)
    _, q_variance = logistic_moments(match_location(means[0], sd), sd)
    lead, lead_variance = means[0] - means[1], 4 * q_variance
    return v_variance * (lead_variance + lead**2) + v_mean**2 * lead_variance
