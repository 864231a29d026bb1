"""Draws of whole first rounds: every candidate's votes, invalid ballots, and who stays at home.

Draw d and draw d + n / 2 are a pair: they share what is not known today, how wrong polls are and
where opinion stands, and differ in what may still happen. How well a probability is known follows
from how often the two of a pair agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, symmetric_root
from forecast.first_round.opinion import SOMEBODY, Opinion, Questions

OTHERS = "the others"
"""All who are somebody else but the largest of them."""
MOST_OF_OTHERS = 0.5
"""Largest part of the "others" of polls for one of them: they are several."""
MOST_UNASKED = 0.5
"""Largest part of the vote for somebody whom no poll asked about."""
USUAL_NAMES = 12
"""How many people polls ask about, where `FirstRoundErrors.unasked` is as it says."""
AGE = 0.25
"""Age at which a list counts less by e, as a part of the days still to go."""
LEAST_AGE = 14.0
"""Days below which that age never falls."""


@dataclass(frozen=True, kw_only=True)
class Turnout:
    """What is believed of turnout and invalid ballots: means and sds of logits."""

    turnout: float  #: turnout, turnout_sd: of ballots over registered people
    turnout_sd: float
    invalid: float  #: invalid, invalid_sd: of invalid ballots over ballots
    invalid_sd: float
    source: str  #: where it comes from


@dataclass(frozen=True, kw_only=True, eq=False)
class Lists:
    """Who may stand together, and how likely each list is."""

    standing: npt.NDArray[np.bool_]  #: (list, candidate): who stands
    weight: FloatArray  #: (list,): probabilities


def likely_lists(
    opinion: Opinion,
    *,
    candidates: tuple[str, ...] = (),
    withdrawn: Mapping[str, date] | None = None,
    days: float,
) -> Lists:
    """Return the lists that pollsters asked about, recent ones more likely; one if it is known.

    `candidates` are who stands, if that is known; lists with somebody `withdrawn` are left out;
    `days` are those to the first round.

    Notes
    -----
    A poll has one vote, which its questions share; it counts less by e for every quarter of the
    time to go that it is old, and never faster than in two weeks. Others stand beside a list if
    people named others in a poll that asked about all of it.
    """
    q = opinion.questions
    gone = np.array([p in (withdrawn or {}) for p in q.people])
    if candidates:
        standing = np.array([p in candidates for p in q.people]) & ~gone
        return Lists(standing=_with_others(standing[None], q), weight=np.ones(1))
    polls = [(p.pollster, p.end) for p in q.polls]
    times = np.array([polls.count(key) for key in polls], dtype=float)
    age = q.days - q.days.min()
    weight = np.exp(-age / max(LEAST_AGE, AGE * days)) / times
    fits = ~(q.lists & gone).any(axis=1)
    lists = q.lists[fits] if fits.any() else q.lists & ~gone
    lists = _with_others(lists, q)
    weight = weight[fits] if fits.any() else weight
    found, place = np.unique(lists, axis=0, return_inverse=True)
    total = np.bincount(place.ravel(), weight, len(found))
    kept = found.sum(axis=1) > 1
    return Lists(standing=found[kept], weight=total[kept] / total[kept].sum())


def _with_others(lists: npt.NDArray[np.bool_], q: Questions) -> npt.NDArray[np.bool_]:
    """Return lists (list, candidate) with somebody else on those beside whom others stand."""
    if q.people[-1] != SOMEBODY:
        return lists
    asked = q.lists[q.lists[:, -1], :-1]
    unasked = np.any(lists[:, None, :-1] & ~asked, axis=2)
    beside = ~np.all(unasked, axis=1)
    return np.column_stack([lists[:, :-1], lists[:, -1] | beside])


@dataclass(frozen=True, kw_only=True, eq=False)
class FirstRounds:
    """Draws of first rounds; people are conserved: votes, invalid and stayed sum to `people`."""

    candidates: tuple[str, ...]  #: who may stand; somebody else last
    votes: FloatArray  #: (draw, candidate): votes; 0 for whoever does not stand
    invalid: FloatArray  #: invalid, stayed (draw,): invalid ballots, and people who stayed at home
    stayed: FloatArray
    people: float  #: the registered
    #: (draw,): what of the last candidate's votes is not the largest single person's
    scattered: FloatArray | None = None

    def apart(self) -> FirstRounds:
        """Return them with the scattered votes as those of a last candidate, "the others"."""
        if self.scattered is None:
            return self
        rest = self.scattered[:, None]
        largest = self.votes[:, -1:] - rest
        return replace(
            self,
            candidates=(*self.candidates, OTHERS),
            votes=np.hstack([self.votes[:, :-1], largest, rest]),
            scattered=None,
        )


def draw_first_rounds(
    opinion: Opinion,
    lists: Lists,
    turnout: Turnout,
    *,
    days: float,
    people: float,
    draws: int,
    somebody: bool,
    rng: Callable[[str], np.random.Generator],
) -> FirstRounds:
    """Return draws of first rounds, an even number, so many `days` from today.

    `people` are the registered; `somebody` says whether people whom no poll asked about may stand.
    `rng` leads from a name to the generator of its stream.

    Notes
    -----
    ``log share_c = mean_c - s^2 variance_c / 2 + s (root z + sd_c(days) e_c) - log Z``: z, what is
    not known of opinion today and of the bias of polls, and s, the common scale of errors, are a
    pair's; e is what may still happen. s^2 is InverseGamma(tails / 2, tails / 2), so that the
    errors are Student's t. Half of the variance is taken off so that expected shares are what polls
    say, for small candidates too.

    The "others" of polls are somebody else's, who is several people: the largest of them has a part
    of their votes that is uniform from 0 to a half, or to what makes this one as large as the
    smallest candidate on the list, whichever is less. Pollsters name the large ones. Nobody else
    among the others is elected or advances.
    """
    errors, q, n = opinion.errors, opinion.questions, len(opinion.questions.people)
    others = q.people[-1] == SOMEBODY
    named = n - others
    half = draws // 2
    tails = errors.tails
    scale = np.sqrt(tails / rng("scale of errors").chisquare(tails, half))
    today = rng("opinion today").standard_normal((half, n))
    change = rng("opinion to come").standard_normal((draws, n))
    which = rng("lists").choice(len(lists.weight), size=draws, p=lists.weight)
    votes = np.zeros((draws, named + (others or somebody)))
    largest = rng("the largest of the others").random(draws) if others else np.zeros(draws)
    for k, standing in enumerate(lists.standing):
        mine = np.flatnonzero(which == k)
        if not len(mine):
            continue
        pair, who = mine % half, np.flatnonzero(standing)
        mean, root, future = _split(opinion, standing, days)
        spread = (root * root).sum(axis=1) + future
        logs = today[np.ix_(pair, who)] @ root.T
        logs += change[np.ix_(mine, who)] * np.sqrt(future)
        logs *= scale[pair, None]
        logs += mean - 0.5 * scale[pair, None] ** 2 * spread
        logs -= logs.max(axis=1, keepdims=True)
        np.exp(logs, out=logs)
        logs /= logs.sum(axis=1, keepdims=True)
        votes[np.ix_(mine, who)] = logs
        if others:
            least = q.size[who[who < named]].min() / q.size[-1]
            largest[mine] *= votes[mine, -1] * min(MOST_OF_OTHERS, least)
    if somebody:
        part = rng("somebody else").standard_normal(draws) * errors.unasked_sd
        part = errors.unasked * np.exp(part + errors.unasked_growth * np.sqrt(days))
        part *= USUAL_NAMES / named
        part = np.minimum(part, MOST_UNASKED)
        votes *= (1 - part)[:, None]
        votes[:, -1] += part
        largest = np.maximum(largest * (1 - part), part)
    scattered = votes[:, -1] - largest
    come, spoil = rng("turnout").standard_normal((2, draws))
    ballots = people / (1 + np.exp(-(turnout.turnout + turnout.turnout_sd * come)))
    invalid = ballots / (1 + np.exp(-(turnout.invalid + turnout.invalid_sd * spoil)))
    votes *= (ballots - invalid)[:, None]
    return FirstRounds(
        candidates=(*q.people[:named], *[SOMEBODY] * (others or somebody)),
        votes=votes,
        invalid=invalid,
        stayed=people - votes.sum(axis=1) - invalid,
        people=people,
        scattered=scattered * (ballots - invalid) if others else None,
    )


def _split(
    opinion: Opinion, standing: npt.NDArray[np.bool_], days: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean, root of what is not known today (k, k), and variance of what may come (k,)."""
    mean, covariance = opinion.support(standing)
    future = opinion.future(standing, days)
    # A common addend cancels in shares: without it the rest is small and well conditioned.
    k = len(mean)
    centre = np.eye(k) - 1 / k
    root = symmetric_root(centre @ (covariance - np.diag(future)) @ centre)
    return mean, root, future
