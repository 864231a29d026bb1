"""Georgian runoffs of 2014-2016 replayed by polling station: many nights rather than one.

Usage: ``python benchmarks/past_nights.py [--replays N]``, with the data's folder in FORECAST_DATA
(default: ../shared/data beside the repository); ``night.py`` runs it too and keeps its numbers.

Coverage can hardly be seen in the replays of one contest, which share its outcome. Here are 73
contests of other candidates, each forecast with a prior learned from the other night and from the
turnout of national runoffs, in three orders: random; small first; neighbours (by the stations'
numbers, from a random one on, as districts come together). The two nights have one shock each, so
that contests are not independent either. Then the same, small first, with turnout by 12:00 or
17:00; how far turnout moved after that hour is printed too, and gave `groundwork.LEVEL_SD`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import georgia_history
import history
import numpy as np
from scipy.special import logit

import forecast
from forecast import Contest, Returns
from forecast.facts.interim_turnout import InterimTurnout
from forecast.outcome.nowcast_run import nowcast
from forecast.randomness import stream
from forecast.transfers.roles.learn import sum_up
from forecast.transfers.table.protocols import TransferDistribution

ORDERS = ("random", "small-first", "neighbours")
FRACTIONS = (0.0, 0.05, 0.1, 0.3, 0.5)
HOURS = ("", "voted_12", "voted_17")
REPLAYS = 5
Row = dict[str, Any]
Night = tuple[Contest, Returns, TransferDistribution]


def read() -> list[Night]:
    """Return every contest with its counts and what the other night teaches.

    Stations that opened for the runoff alone are left out.
    """
    data, roles = georgia_history.read(), georgia_history.pooled
    traits = history.traits(data.main_rival)
    evidence = sum_up(
        data.history,
        roles=roles,
        traits=traits,
        as_of=history.AS_OF,
        withdrawn=sorted(data.gave_up),
        world=forecast.past_runoffs("world"),
    )
    pairs = [pair for pair in data.history if pair[0].name not in data.gave_up]
    found = []
    for day in sorted({contest.runoff for contest, _ in pairs if contest.runoff}):
        same = [pair for pair in pairs if pair[0].runoff == day]
        learned = evidence.without([contest.name for contest, _ in same]).learn()
        for contest, returns in same:
            known = set(contest.units)
            kept = returns.select(unit for unit in returns.units if unit in known)
            prior = learned.at(contest, groups=roles, traits=traits, as_of=date.max)
            found.append((contest, kept, prior))
    return found


def ordered(order: str, contest: Contest, returns: Returns, replay: int) -> Sequence[str]:
    """Return the units in the order in which they report."""
    if order != "neighbours":
        return forecast.reporting_order(contest, returns, order, seed=replay)
    units = sorted(returns.units)
    start = int(stream(replay, "past night: neighbours").integers(len(units)))
    return units[start:] + units[:start]


def came(hour: str) -> dict[str, float]:
    """Return the change of the logit of turnout by an hour, for every contest that has it."""
    counts: dict[str, dict[str, float]] = defaultdict(dict)
    for row in georgia_history.rows_of(georgia_history.files()[2]):
        if hour and row[hour] not in ("", "0"):
            counts[row["contest_id"]][row["round"]] = int(row[hour]) / int(row["main_list"])
    return {
        name: float(logit(found["2"]) - logit(found["1"]))
        for name, found in counts.items()
        if {"1", "2"} <= set(found)
    }


def moved_later(hour: str) -> dict[str, float]:
    """Return the mean change of turnout in the end minus that by an hour, logits by election."""
    election = {
        row["contest_id"]: row["election"]
        for row in georgia_history.rows_of(georgia_history.files()[2])
    }
    end, found = came("voted"), defaultdict(list)
    for name, change in came(hour).items():
        found[election[name]].append(end[name] - change)
    return {name: float(np.mean(changes)) for name, changes in found.items()}


def replayed(nights: list[Night], order: str, replays: int, hour: str = "") -> dict[str, Row]:
    """Return errors in points and coverage of share and turnout at every fraction."""
    rows = defaultdict(list)
    change = came(hour)
    for contest, returns, prior in nights:
        turnout = None
        if contest.name in change:
            one = np.ones(len(contest.units))
            turnout = InterimTurnout(
                contest=contest, change=change[contest.name] * one, noise=0 * one, growth=one
            )
        first, people = contest.finalists[0], int(contest.registered.sum())
        wanted = np.array([returns.share(first), returns.votes.sum() / people])
        for replay in range(replays):
            order_of = ordered(order, contest, returns, replay)
            for fraction in FRACTIONS:
                part = returns.select(order_of[: round(fraction * len(order_of))])
                result = nowcast(contest, part, prior=prior, turnout=turnout, seed=replay)
                draws = [result.shares()[:, 0], result.draw_votes.sum(axis=1) / people]
                low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95], axis=1)
                held = (low <= wanted) & (wanted <= high)
                rows[fraction].append([100 * (middle - wanted), 50 * (high - low), held])
    found = {}
    for fraction, values in rows.items():
        error, half, held = np.moveaxis(np.array(values, dtype=float), 1, 0)
        found[str(fraction)] = {
            name: {
                "rmse": float(np.sqrt((error[:, k] ** 2).mean())),
                "bias": float(error[:, k].mean()),
                "half_width": float(half[:, k].mean()),
                "covered": float(held[:, k].mean()),
            }
            for k, name in enumerate(("share", "turnout"))
        }
    return found


def report(replays: int = REPLAYS) -> dict[str, dict[str, Row]]:
    """Print all tables and return them."""
    nights, found = read(), {}
    print(f"\n{len(nights)} Georgian runoffs on 2 election days, {replays} replays each, in points")
    print(f"{'':<26}{'share':>24}{'turnout':>30}")
    print(f"{'order':<20}{'units':>6}" + f"{'RMSE':>8}{'bias':>7}{'90% +-':>9}{'holds':>7}" * 2)
    for order in ORDERS:
        for hour in HOURS if order == "small-first" else HOURS[:1]:
            name = f"{order}, {hour[-2:]}:00" if hour else order
            found[name] = replayed(nights, order, replays, hour)
            for fraction, row in found[name].items():
                cells = (
                    f"{q['rmse']:8.2f}{q['bias']:7.2f}{q['half_width']:9.2f}{q['covered']:7.0%}"
                    for q in row.values()
                )
                print(f"{name:<20}{float(fraction):6.0%}" + "".join(cells))
    for hour in HOURS[1:]:
        means = ", ".join(f"{name} {x:+.2f}" for name, x in moved_later(hour).items())
        print(f"change of turnout in the end minus that by {hour[-2:]}:00, logits: {means}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--replays", type=int, default=REPLAYS)
    report(parser.parse_args().replays)


if __name__ == "__main__":
    main()
