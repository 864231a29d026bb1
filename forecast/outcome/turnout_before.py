"""How many come to a first round, from past ones of the country and of the world."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
from scipy.special import logit

from forecast.arrays import FloatArray
from forecast.data import past_runoffs
from forecast.display import Message
from forecast.facts.words.word_lists import folded
from forecast.first_round.draws import Turnout

FEWEST = 5
"""Past first rounds, of two countries at least, from which something can be said of another."""
WIDE = Turnout(
    turnout=float(logit(0.65)),
    turnout_sd=1.0,
    invalid=float(logit(0.025)),
    invalid_sd=1.0,
    source="turnout assumed, 26 to 91%: too few earlier first rounds are known",
)
"""A judgement, wider than what all known first rounds say: their sds are 0.78 and 0.85."""
LEAST = 1e-3
"""Smallest part of the ballots that is invalid, where a logarithm is taken."""


@cache
def _past() -> tuple[tuple[str, date | None, float, float], ...]:
    """Return country, day, and logits of turnout and of invalid ballots of past first rounds."""
    out = []
    for contest, _ in past_runoffs("world"):
        if contest.registered is None:
            continue
        valid, invalid = float(contest.votes.sum()), float(contest.invalid.sum())
        turnout = (valid + invalid) / float(contest.registered.sum())
        spoilt = max(invalid / (valid + invalid), LEAST)
        country = (contest.title or contest.name).partition(",")[0]
        if 0 < turnout < 1:
            out.append(
                (folded(country), contest.first_round, float(logit(turnout)), float(logit(spoilt)))
            )
    return tuple(out)


def turnout_before(country: str, day: date | None) -> Turnout:
    """Return what past first rounds, up to a day, say of turnout and invalid ballots.

    The country is empty if it is none.

    Notes
    -----
    A country's mean is normal around the world's, elections are normal around the country's; the
    two variances are those between and within countries, by moments.

    Examples
    --------
    >>> world, france = turnout_before("", None), turnout_before("France", None)
    >>> france.turnout > world.turnout, france.turnout_sd < world.turnout_sd
    (True, True)
    """
    past = [row for row in _past() if day is None or (row[1] is not None and row[1] < day)]
    if len(past) < FEWEST or len({row[0] for row in past}) == 1:
        return WIDE
    names = np.array([row[0] for row in past])
    mine = names == folded(country)
    come = _shrunk(names, np.array([row[2] for row in past]), mine)
    # Where nobody counted invalid ballots their logit is the least: these say nothing.
    spoilt = np.array([row[3] for row in past])
    counted = spoilt > logit(2 * LEAST)
    spoil = WIDE.invalid, WIDE.invalid_sd
    if len(set(names[counted])) > 1:
        spoil = _shrunk(names[counted], spoilt[counted], mine[counted])
    source = Message("turnout of {n} national first rounds", n=len(past))
    if mine.any():
        source = Message(
            "{text}, {n} of {country}", text=source, n=int(mine.sum()), country=country
        )
    return Turnout(
        turnout=come[0],
        turnout_sd=come[1],
        invalid=spoil[0],
        invalid_sd=spoil[1],
        source=source,
    )


def _shrunk(names: FloatArray, values: FloatArray, mine: FloatArray) -> tuple[float, float]:
    """Return mean and sd of the next election of a country."""
    means = {name: values[names == name] for name in np.unique(names)}
    several = [x for x in means.values() if len(x) > 1]
    spare = sum(len(x) - 1 for x in several)
    within = sum(float(((x - x.mean()) ** 2).sum()) for x in several) / max(spare, 1)
    within = within if spare else float(values.var())
    centres = np.array([x.mean() for x in means.values()])
    size = np.mean([1 / len(x) for x in means.values()])
    between = max(float(centres.var(ddof=1)) - within * float(size), 0.1 * within)
    weight = between / (between + within / max(int(mine.sum()), 1)) if mine.any() else 0.0
    world = float(centres.mean())
    mean = world + weight * (float(values[mine].mean()) - world if mine.any() else 0.0)
    return mean, float(np.sqrt(between * (1 - weight) + within))
