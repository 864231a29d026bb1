"""An election night replayed: real counts, unit by unit, in a chosen order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.partial_returns import partial_returns
from forecast.facts.polls import Poll
from forecast.facts.returns import Returns
from forecast.facts.words.names import matched_units
from forecast.facts.words.times import comparable_times
from forecast.outcome.nowcast import Nowcast
from forecast.outcome.nowcast_run import nowcast
from forecast.outcome.published import Turnout
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds
from forecast.transfers.table.protocols import TransferDistribution

ORDERS = ("random", "small-first", "region")
"""Orders in which units can report, beside an order of one's own."""
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Fractions of the units after which the forecast is renewed."""
JITTER = 0.2
"""Standard deviation of the time a unit takes around its number of ballots, in logs."""


@refuses_other_kinds
def reporting_order(
    contest: Contest,
    returns: Returns,
    order: str | Mapping[str, float | str],
    *,
    seed: int = 0,
) -> tuple[str, ...]:
    """Return the units of `returns` in the order in which they report.

    Parameters
    ----------
    contest : Contest
        The first round; its regions are used by "region".
    returns : Returns
        The counts.
    order : {"random", "small-first", "region"} or mapping of unit to time
        "small-first": by ballots to count, give or take a fifth; "region": one region after the
        other in random order; or the time at which each unit reported, units without one last:
        numbers, times such as "21:40" (from noon on, so that "0:15" is later), or days and times
        such as "2018-11-28 21:40".
    seed : int
        The seed.

    Returns
    -------
    tuple of str
        All units of `returns`.

    Raises
    ------
    InputError
        If the order is unknown, the contest has no regions, or times cannot be compared or are of
        units that are not in the returns.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> from forecast.data.official import load_returns
    >>> georgia = load_contest("georgia-2018")
    >>> reporting_order(georgia, load_returns("georgia-2018"), "small-first")[-1]
    'Gldani'
    """
    n, rng = len(returns.units), stream(seed, "replay")
    if isinstance(order, Mapping):
        written = matched_units(tuple(order), returns.units)
        order = {written.get(unit, unit): time for unit, time in order.items()}
        strange = [unit for unit in order if unit not in set(returns.units)]
        if strange:
            raise InputError(
                f"order: times must be of units in the returns - found {strange[0]!r}; "
                f"{suggest(strange[0], returns.units)}"
            )
        times = comparable_times(order)
        last = [times.get(unit, np.inf) for unit in returns.units]
        return tuple(returns.units[u] for u in sorted(range(n), key=lambda u: last[u]))
    if order == "random":
        key = rng.random(n)
    elif order == "small-first":
        key = np.log(returns.votes.sum(axis=1) + 1) + JITTER * rng.standard_normal(n)
    elif order == "region":
        if contest.regions is None:
            raise InputError(f"order: contest {contest.name!r} has no regions; use another order")
        names = sorted(set(contest.regions))
        rank = dict(zip(names, rng.permutation(len(names)).tolist(), strict=True))
        member = dict(zip(contest.units, contest.regions, strict=True))
        key = rng.random(n)
        key = key + [rank[member[unit]] if unit in member else len(names) for unit in returns.units]
    else:
        raise InputError(f"order: no order {order!r}; {suggest(order, ORDERS)}")
    return tuple(returns.units[u] for u in np.argsort(key, kind="stable"))


@refuses_other_kinds
def replay_night(
    contest: Contest,
    returns: Returns,
    order: str | Sequence[str],
    *,
    steps: Sequence[float] = STEPS,
    prior: TransferDistribution | None = None,
    polls: Iterable[Poll] | None = None,
    turnout: Turnout = None,
    as_of: date | None = None,
    seed: int = 0,
) -> Iterator[Nowcast]:
    """Yield the nowcast after each step; it never sees a unit that has not reported.

    In what order units have reported is known.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : Returns
        The full counts.
    order : sequence of str, or str
        Units in the order in which they report, or a word for `reporting_order`.
    steps : sequence of float
        Fractions of the units, each above 0 and at most 1; steps of the same units count once.
    prior, polls, turnout, as_of
        What was known before anything was counted, as `nowcast` takes it.
    seed : int
        The seed.

    Yields
    ------
    Nowcast
        One a step.

    Raises
    ------
    InputError
        If a step is out of range, or the full counts break a rule.

    Examples
    --------
    >>> from forecast import load_contest, load_returns
    >>> georgia, returns = load_contest("georgia-2018"), load_returns("georgia-2018")
    >>> for night in replay_night(georgia, returns, "small-first", steps=(0.1, 1.0)):
    ...     print(night.returns.units, night.returns.complete)
    7 False
    74 True
    """
    for step in steps:
        if not 0 < step <= 1:
            raise InputError(f"steps: must be above 0 and at most 1 - found {step}; 0.1 is 10%")
    partial_returns(contest, returns)  # refused as a whole, before a part is forecast
    if isinstance(order, str):
        order = reporting_order(contest, returns, order, seed=seed)
    for n in dict.fromkeys(max(1, round(step * len(order))) for step in steps):
        part = returns.select(order[:n])
        yield nowcast(
            contest,
            part,
            prior=prior,
            polls=polls,
            turnout=turnout,
            as_of=as_of,
            arrival={unit: float(k) for k, unit in enumerate(order[:n])},
            seed=seed,
        )
