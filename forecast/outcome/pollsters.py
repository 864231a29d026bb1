"""Pollsters: how far they were off in past runoffs, and how they differ before a first round."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.special import chdtri, ndtri

from forecast.data.bundle import bundled_file
from forecast.display import Displayed, Shown
from forecast.facts.election import Election
from forecast.facts.words.word_lists import folded
from forecast.first_round.errors import FirstRoundErrors
from forecast.first_round.opinion import Opinion, questions_of
from forecast.outcome.probability import Quantity

PRIOR_RUNOFFS = 4
"""Runoffs that the usual size of an error is worth against a pollster's own."""
SHOWN = 5
"""Candidates whose house effects are shown."""
LEVEL = 0.9
REACH = float(ndtri(0.5 + LEVEL / 2))
"""Half of a normal interval of that level, in standard deviations."""


@dataclass(frozen=True, kw_only=True)
class PastPollster:
    """How a pollster did.

    Parameters
    ----------
    pollster : str
        Who.
    runoffs, polls : int
        Runoffs with polls of the last two weeks, and those polls.
    error : Quantity
        Root mean square error of the two-way share that the next runoff may be expected to have.
    house : Quantity
        By how much the first-named finalists were shown higher than by others in the same runoffs.
    """

    pollster: str
    runoffs: int
    polls: int
    error: Quantity
    house: Quantity


@dataclass(frozen=True, kw_only=True, repr=False)
class PastPollsters(Displayed):
    """Pollsters of past runoffs; made by `past_pollsters`.

    Parameters
    ----------
    rows : tuple of PastPollster
        Those with most runoffs first.
    usual : float
        Root mean square error of all.
    """

    rows: tuple[PastPollster, ...]
    usual: float

    def shown(self) -> Shown:
        """Return the table."""
        return Shown(
            title="Pollsters in past runoffs: points of the two-way share, last two weeks",
            head=["", "runoffs", "polls", "error", "90%", "against others", "90%"],
            rows=[
                [
                    x.pollster,
                    str(x.runoffs),
                    str(x.polls),
                    *_points(x.error),
                    *_points(x.house, sign=True),
                ]
                for x in self.rows
            ],
            notes=[
                f"Root mean square error of all: {100 * self.usual:.1f} points. A pollster's own "
                f"is drawn to it as by {PRIOR_RUNOFFS} more runoffs."
            ],
        )


def _points(q: Quantity, *, sign: bool = False) -> list[str]:
    form = "{:+.1f}" if sign else "{:.1f}"
    low, high = (form.format(100 * x) for x in (q.interval.low, q.interval.high))
    return [form.format(100 * q.median), f"[{low}, {high}]"]


@cache
def past_pollsters() -> PastPollsters:
    """Return how pollsters did in past runoffs.

    Source: `forecast/data/learned/pollsters.json`, made by ``benchmarks/before.py --pollsters``.

    Notes
    -----
    A pollster's mean square error is scaled inverse chi-square: the usual one, worth four runoffs,
    updated by one error per runoff. House effects are normal around nothing.

    Examples
    --------
    >>> found = past_pollsters()
    >>> found.rows[0].error.interval.low < found.rows[0].error.median
    True
    """
    with bundled_file("learned", "pollsters.json") as path:
        rows = json.loads(path.read_text("utf-8"))["rows"]
    usual = float(np.sqrt(np.mean([row["error"] ** 2 for row in rows])))
    apart = [row["against_others"] for row in rows if row["against_others"] is not None]
    spread = float(np.std(apart))
    out = []
    houses: dict[str, list[dict[str, Any]]] = {}
    for row in rows:  # spaces in a name are written or not
        houses.setdefault("".join(folded(row["pollster"]).split()), []).append(row)
    for mine in houses.values():
        name = mine[0]["pollster"]
        out.append(
            PastPollster(
                pollster=name,
                runoffs=len(mine),
                polls=sum(row["polls"] for row in mine),
                error=_error([row["error"] for row in mine], usual),
                house=_house(
                    [r["against_others"] for r in mine if r["against_others"] is not None], spread
                ),
            )
        )
    return PastPollsters(rows=tuple(sorted(out, key=lambda x: -x.runoffs)), usual=usual)


def _error(errors: Sequence[float], usual: float) -> Quantity:
    df = PRIOR_RUNOFFS + len(errors)
    total = PRIOR_RUNOFFS * usual**2 + float(np.square(errors).sum())
    low, median, high = np.sqrt(total / chdtri(df, [0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2]))
    return Quantity.between(low, median, high, level=LEVEL)


def _house(differences: Sequence[float], spread: float) -> Quantity:
    """Return a pollster's mean difference, drawn to zero; half of the spread is its own."""
    n, own = len(differences), spread**2 / 2
    weight = n / (n + 1.0)
    mean = weight * float(np.mean(differences)) if n else 0.0
    reach = REACH * float(np.sqrt(own / (n + 1.0)))
    return Quantity.between(mean - reach, mean, mean + reach, level=LEVEL)


@dataclass(frozen=True, kw_only=True, repr=False)
class HouseEffects(Displayed):
    """How pollsters differ before a first round; made by `house_effects`.

    Parameters
    ----------
    election : Election
        Whose polls.
    pollsters : tuple of str
        Those with most questions first.
    candidates : tuple of str
        The largest.
    effects : tuple of tuple of Quantity
        For each pollster and candidate, by how many of its points (fractions of the vote) it shows
        the candidate higher than the average pollster.
    """

    election: Election
    pollsters: tuple[str, ...]
    candidates: tuple[str, ...]
    effects: tuple[tuple[Quantity, ...], ...]

    def shown(self) -> Shown:
        """Return the table."""
        label = self.election.label
        asked = dict.fromkeys(self.pollsters, 0)
        for poll in self.election.asked:
            if poll.pollster in asked:
                asked[poll.pollster] += 1
        return Shown(
            title=f"{self.election.title or self.election.name}: house effects, points of the vote",
            head=["", "questions", *map(label, self.candidates)],
            rows=[
                [name, str(asked[name]), *(" ".join(_points(q, sign=True)) for q in row)]
                for name, row in zip(self.pollsters, self.effects, strict=True)
            ],
            notes=["90% intervals; who is right cannot be known before the count"],
        )


def house_effects(election: Election) -> HouseEffects:
    """Return how pollsters differ from each other in their polls of a first round.

    Notes
    -----
    The mean of ``house_c,pollster`` given all answers in the Gaussian process of
    `forecast.first_round.opinion`, times the candidate's share.
    """
    asked = questions_of(election.asked, election.first_round)
    opinion = Opinion(questions=asked, errors=FirstRoundErrors())
    q = opinion.questions
    names = list(dict.fromkeys(p.pollster for p in q.polls))
    often = {name: sum(p.pollster == name for p in q.polls) for name in names}
    ranked = sorted(names, key=lambda name: -often[name])
    largest = np.argsort(-q.size)[:SHOWN]
    effects = []
    for name in ranked:
        row = []
        for c in largest.tolist():
            mean, sd = opinion.house(names.index(name), c)
            share = float(q.size[c])
            ends = (share * (mean + z * sd) for z in (-REACH, 0.0, REACH))
            row.append(Quantity.between(*ends, level=LEVEL))
        effects.append(tuple(row))
    return HouseEffects(
        election=election,
        pollsters=tuple(ranked),
        candidates=tuple(q.people[c] for c in largest),
        effects=tuple(effects),
    )
