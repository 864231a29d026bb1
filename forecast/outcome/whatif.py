"""What if: the forecast when turnout, or what some voters do, is moved to a stated value.

Nothing is drawn anew. Every draw keeps its differences from the others: what is moved is moved on
the logit scale, by the same amount in all draws, such that its mean is the value stated::

    logit v'_r = logit v_r + a_r           participation of origin r
    log(q'_rj / q'_rk) = log(q_rj / q_rk) + b_rj - b_rk           preference

Stated participation comes first; turnout moves that of everybody else, and preferences are those of
the people who then vote, so that all that is stated together is reached. Unlike `Forecast.given`,
which asks how the forecast would read if this became known, this changes the world: other inputs do
not follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Displayed, Shown
from forecast.errors import InputError, suggest
from forecast.files.saved import Saved
from forecast.outcome.probability import (
    Quantity,
    WinProbability,
    estimate_win_probability,
    percent,
    quantity,
    turnout_fraction,
    win_margins,
    win_probability_given_inputs,
)
from forecast.randomness import one_thread_of_algebra
from forecast.signatures import refuses_other_kinds
from forecast.simulation.engine import runoff_votes

if TYPE_CHECKING:
    from forecast.outcome.forecast import Forecast

REACH = 30.0
"""Largest shift in logits that is tried."""


@dataclass(frozen=True, kw_only=True, repr=False)
class WhatIf(Displayed, Saved):
    """A forecast after something was moved.

    Parameters
    ----------
    share : mapping of str to Quantity
        Each finalist's fraction of the finalists' vote.
    win_probability : mapping of str to WinProbability
        Each finalist's.
    turnout : Quantity or None
        Ballots over registered; None if the contest leaves non-voters out.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=1000)
    >>> moved_down = what_if(forecast, turnout=0.4)
    >>> round(moved_down.turnout.median, 1), sorted(moved_down.share)
    (0.4, ['vashadze', 'zurabishvili'])
    """

    share: Mapping[str, Quantity]
    win_probability: Mapping[str, WinProbability]
    turnout: Quantity | None

    def shown(self) -> Shown:
        """Return share interval and probability as a table."""
        rows = [
            [f, f"{100 * q.median:.0f}%", str(q.interval), percent(self.win_probability[f].value)]
            for f, q in self.share.items()
        ]
        if self.turnout is not None:
            q = self.turnout
            rows.append(["turnout", f"{100 * q.median:.0f}%", str(q.interval), ""])
        level = next(iter(self.share.values())).interval.level
        head = ["what if", "share", f"{100 * level:.0f}% interval", "wins"]
        return Shown(title="", head=head, rows=rows)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shifts:
    """Amounts by which coordinates move, in logits.

    Parameters
    ----------
    participation : ndarray, shape (origin,)
        The ``a_r``.
    preference : ndarray, shape (origin, finalist)
        The ``b_rj``.
    """

    participation: FloatArray
    preference: FloatArray

    def applied(self, rates: FloatArray) -> FloatArray:
        """Return rates after the shifts; both of shape (origin, finalist, draw)."""
        voting = rates.sum(axis=1)
        weights = rates * np.exp(self.preference)[:, :, None]
        after = moved(voting, self.participation[:, None])
        weights *= (after / np.maximum(weights.sum(axis=1), 1e-300))[:, None]
        return np.asarray(weights)


def moved(fraction: FloatArray, shift: FloatArray | float) -> FloatArray:
    """Return fractions after their logits move.

    Examples
    --------
    >>> moved(np.array([0.5, 0.0]), np.log(3.0)).tolist()
    [0.75, 0.0]
    """
    return np.asarray(fraction / (fraction + (1 - fraction) * np.exp(-shift)))


@refuses_other_kinds
@one_thread_of_algebra
def what_if(
    forecast: Forecast,
    *,
    turnout: float | None = None,
    participation: Mapping[str, float] | None = None,
    preference: Mapping[str, Mapping[str, float]] | None = None,
    level: float = 0.9,
) -> WhatIf:
    """Return the forecast when some inputs are moved to stated means.

    Parameters
    ----------
    forecast : Forecast
        Where we stand.
    turnout : float, optional
        Mean turnout, ballots over registered.
    participation : mapping of origin to float, optional
        Mean fraction of the origin's people who cast a valid vote.
    preference : mapping of origin to mapping of finalist to float, optional
        Fraction of the origin's valid votes that go to one finalist.
    level : float
        Level of the intervals.

    Returns
    -------
    WhatIf

    Raises
    ------
    InputError
        If a name is unknown, a value is not between 0 and 1 or cannot be reached.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> result = forecast_runoff(load_contest("georgia-2018"), draws=2000)
    >>> moved_up = what_if(result, preference={"bakradze": {"zurabishvili": 0.9}})
    >>> moved_up.share["zurabishvili"].median > result.share("zurabishvili").median
    True
    """
    shifts = _solved(forecast, turnout, participation or {}, preference or {})
    counts = forecast.ledger.totals.astype(float)
    parts = forecast.simulation.map(
        lambda c, rates: runoff_votes(counts, shifts.applied(forecast.selected(c, rates)[0])).T
    )
    votes = np.concatenate(list(parts))
    shares, margins = votes / votes.sum(axis=1, keepdims=True), win_margins(votes)
    known = forecast.contest.electorate == "registered"
    ballots = turnout_fraction(votes.sum(axis=1), forecast.ballots_per_vote, forecast.ledger.people)
    given = win_probability_given_inputs(forecast.simulation, shifts.applied)
    return WhatIf(
        share={f: quantity(shares[:, k], level) for k, f in enumerate(forecast.finalists)},
        win_probability={
            f: estimate_win_probability(
                margins[:, k],
                forecast.pairs,
                level,
                given_inputs=None if forecast.conditions else given[:, k],
                effective_draws=forecast.simulation.sampler.effective_draws,
            )
            for k, f in enumerate(forecast.finalists)
        },
        turnout=quantity(ballots, level) if known else None,
    )


def _solved(
    forecast: Forecast,
    turnout: float | None,
    participation: Mapping[str, float],
    preference: Mapping[str, Mapping[str, float]],
) -> Shifts:
    """Return the shifts that bring about what is stated."""
    ledger, key = forecast.ledger, forecast.key
    counts = ledger.totals.astype(float)
    rates = np.moveaxis(forecast.tables, 0, 2)[:, :-1]
    voting = rates.sum(axis=1)
    a, b = np.zeros(len(counts)), np.zeros((len(counts), len(forecast.finalists)))
    free = np.ones(len(counts))
    for name, value in participation.items():
        r = ledger.index(key(name))

        def voters(shift: float, r: int = r) -> float:
            return float(moved(voting[r], shift).mean())

        a[r], free[r] = _root(voters, value, f"participation of {name!r}"), 0.0
    if turnout is not None:
        if forecast.contest.electorate == "voters":
            raise InputError("what if: turnout is unknown, since this contest has no non-voters")

        def ballots(shift: float) -> float:
            valid = counts @ moved(voting, (a + shift * free)[:, None]).mean(axis=1)
            return float(turnout_fraction(valid, forecast.ballots_per_vote, ledger.people))

        a += free * _root(ballots, turnout, "turnout")
    for name, choice in preference.items():
        r = ledger.index(key(name))
        if len(choice) != 1 or key(next(iter(choice))) not in forecast.finalists:
            raise InputError(
                f"what if: preference of {name!r} must be for one finalist - found {dict(choice)}; "
                f"{suggest(next(iter(choice), ''), forecast.finalists)}"
            )
        ((finalist, value),) = choice.items()
        k = forecast.finalists.index(key(finalist))
        inside = rates[r, k] / np.maximum(voting[r], 1e-300)
        weight = moved(voting[r], a[r])

        def votes(shift: float, w: FloatArray = weight, inside: FloatArray = inside) -> float:
            return float(w @ moved(inside, shift) / max(w.sum(), 1e-300))

        b[r, k] += _root(votes, value, f"preference of {name!r}")
    return Shifts(participation=a, preference=b)


def _root(mean: Callable[[float], float], value: float, what: str) -> float:
    """Return the shift at which an increasing mean takes the value."""
    from scipy.optimize import brentq

    if not isinstance(value, int | float) or not 0 < value < 1:
        raise InputError(f"what if: {what} must be a fraction between 0 and 1 - found {value!r}")
    if not mean(-REACH) < value < mean(REACH):
        raise InputError(
            f"what if: {what} cannot become {value:g}; it can lie between {mean(-REACH):.3g} and "
            f"{mean(REACH):.3g}"
        )
    return float(brentq(lambda shift: mean(shift) - value, -REACH, REACH, xtol=1e-6))
