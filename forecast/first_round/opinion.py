"""What polls say of a first round: a Gaussian process on the logarithms of shares.

A question i put to the people t days before the first round, with a list of candidates L, has
shares whose logarithms are::

    y_ic = support_c + sum over rivals r in L of rivals_cr
           + bias_c + opinion_c(t) + house_c,pollster + noise_ic - log Z_i

Support is what counts on the day. Opinion is a walk back from there, bias is common to all polls;
errors of small candidates are larger. The normaliser Z_i is free, so that lists of other candidates
cost nothing: between two of a list only ratios are learned. What a rival takes beyond a
proportional part is learned from lists with and without the rival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy

from forecast.arrays import FloatArray
from forecast.facts.polls import Poll
from forecast.first_round.errors import FirstRoundErrors, spread_of_size

SOMEBODY = "somebody else"
"""Candidate who stands for whoever no poll asked about, and for the "others" of polls."""
FLOOR = 0.003
"""Least share of a candidate whom a poll asked about: 0% is what a third of a percent rounds to."""
ROUNDED = 0.0029
"""Standard deviation of rounding to half points and whole ones."""
UNDECIDED = 0.357
"""Standard deviation of a share's logarithm for each part of the people who are undecided: that of
polls of national runoffs, `forecast.transfers.polls.errors.LEVELS`."""
USUAL_N = 900
"""People asked where a poll does not say."""
PRIOR = 2.0
"""Standard deviation of the logarithm of support before any poll."""
FREE = 5.0
"""Standard deviation of a question's normaliser."""
MOST_ROWS = 1000
"""Answers used at most, the newest: older ones say little once there are so many."""
UNDATED = 30.0
"""Days taken to lie between a poll and the first round where one of them has no date."""
HALF_LIFE = 30.0
"""Days over which a poll's weight in a candidate's size halves."""
RIVAL = 0.1
"""Size of the rival whom `FirstRoundErrors.rivals` is about."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Questions:
    """Answers to questions about a first round, one row for a question and a candidate."""

    #: everybody who was asked about; last "somebody else", if a poll says how many named others
    people: tuple[str, ...]
    lists: npt.NDArray[np.bool_]  #: (question, candidate): whom each question asked about
    days: FloatArray  #: (question,): days from the end of the field work to the first round
    pollster: npt.NDArray[np.int64]  #: (question,): who asked
    question: npt.NDArray[np.int64]  #: question, candidate (row,): what each row belongs to
    candidate: npt.NDArray[np.int64]
    #: value, variance (row,): logarithm of the share among those who named somebody, and its
    #: variance from sampling, rounding and the undecided
    value: FloatArray
    variance: FloatArray
    size: FloatArray  #: (candidate,): about how large each candidate is, a fraction
    polls: tuple[Poll, ...]  #: the question of each


def questions_of(polls: Sequence[Poll], first_round: date | None) -> Questions:
    """Return the answers of the newest polls about a first round on this day, if it is known."""
    dated = sorted(polls, key=_ended, reverse=True)
    kept: list[Poll] = []
    rows = 0
    for poll in dated:
        rows += len(_answers(poll))
        if kept and rows > MOST_ROWS:
            break
        kept.append(poll)
    people = tuple(dict.fromkeys(name for poll in kept for name in poll.shares))
    people += (SOMEBODY,) * any(poll.others for poll in kept)
    place = {name: k for k, name in enumerate(people)}
    houses = {name: k for k, name in enumerate(dict.fromkeys(p.pollster for p in kept))}
    days = np.array([_days(poll, first_round) for poll in kept])
    lists = np.zeros((len(kept), len(people)), dtype=bool)
    found: list[tuple[int, int, float, float]] = []
    for i, poll in enumerate(kept):
        answers = _answers(poll)
        named = sum(answers.values())
        silent = (poll.undecided or 0.0) + (poll.would_not_vote or 0.0)
        asked = max(1 - silent, 0.05) if poll.base == "decided" else 1.0
        n = (poll.n or USUAL_N) * min(max(named, 0.05), 1.0) * asked
        unsure = min(poll.undecided or 0.0, 0.6)
        for name, share in answers.items():
            p = max(share / named, FLOOR)
            lists[i, place[name]] = True
            noise = poll.design_effect * (1 - p) / (n * p) + (ROUNDED / p) ** 2
            found.append((i, place[name], float(np.log(p)), noise + (UNDECIDED * unsure) ** 2))
    table = np.array(found)
    question, candidate = table[:, 0].astype(int), table[:, 1].astype(int)
    weight = 0.5 ** ((days - days.min()) / HALF_LIFE)[question] + 1e-9
    total = np.bincount(candidate, weight, len(people))
    size = np.bincount(candidate, weight * np.exp(table[:, 2]), len(people)) / total
    return Questions(
        people=people,
        lists=lists,
        days=days,
        pollster=np.array([houses[p.pollster] for p in kept]),
        question=question,
        candidate=candidate,
        value=table[:, 2],
        variance=table[:, 3],
        size=np.clip(size, FLOOR, 1.0),
        polls=tuple(kept),
    )


def _answers(poll: Poll) -> Mapping[str, float]:
    """Return shares of all who were named, "others" as somebody else."""
    return {**poll.shares, SOMEBODY: poll.others} if poll.others else poll.shares


def _ended(poll: Poll) -> date:
    return poll.end or poll.start or poll.published or date.min


def _days(poll: Poll, first_round: date | None) -> float:
    ended = _ended(poll)
    if first_round is None or ended == date.min:
        return UNDATED
    return float(max((first_round - ended).days, 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Opinion:
    """What the answers say of everybody's support on the day, and how surely."""

    questions: Questions  #: the answers
    errors: FirstRoundErrors  #: how polls err

    @cached_property
    def spread(self) -> FloatArray:
        """Variance of each candidate's errors relative to one of 20%, shape (candidate,)."""
        return spread_of_size(self.questions.size, self.errors.small)

    @cached_property
    def _contested(self) -> FloatArray:
        """Weight of each candidate as a rival, 0 for those in every list, shape (candidate,).

        Somebody else is nobody's rival: a poll that does not say how many named others may have
        asked about the same list.
        """
        q = self.questions
        always = q.lists.all(axis=0) | (np.array(q.people) == SOMEBODY)
        return np.where(always, 0.0, np.minimum(q.size / RIVAL, 3.0))

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the answers, shape (row, row)."""
        q, e = self.questions, self.errors
        asked = q.lists * self._contested
        by_question = PRIOR**2 + e.rivals**2 * (asked @ q.lists.T)
        shared = e.bias**2 + e.drift**2 * np.minimum.outer(q.days, q.days) ** e.power
        shared += e.house**2 * (q.pollster[:, None] == q.pollster)
        i, c = q.question, q.candidate
        rows = np.ix_(i, i)
        out = by_question[rows] + self.spread[c][:, None] * shared[rows]
        out *= c[:, None] == c
        out += FREE**2 * (i[:, None] == i)
        out[np.diag_indices(len(out))] += q.variance + e.noise**2 * self.spread[c]
        return np.asarray(out)

    @cached_property
    def _root(self) -> FloatArray:
        return np.asarray(scipy.linalg.cholesky(self.covariance, lower=True, check_finite=False))

    @cached_property
    def _level(self) -> float:
        """Prior mean of the logarithm of support."""
        return float(self.questions.value.mean())

    @cached_property
    def _white(self) -> FloatArray:
        centred = self.questions.value - self._level
        return np.asarray(
            scipy.linalg.solve_triangular(self._root, centred, lower=True, check_finite=False)
        )

    @cached_property
    def log_density(self) -> float:
        """Log density of the answers."""
        return float(
            -0.5 * self._white @ self._white
            - np.log(np.diag(self._root)).sum()
            - 0.5 * len(self._white) * np.log(2 * np.pi)
        )

    def support(self, standing: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        """Return mean (k,) and covariance (k, k) of the log support of the k who stand."""
        q = self.questions
        who = np.flatnonzero(standing)
        common = q.lists @ (standing * self._contested)
        cross = (q.candidate == who[:, None]) * (
            PRIOR**2 + self.errors.rivals**2 * common[q.question]
        )
        own = PRIOR**2 + self.errors.rivals**2 * float(standing @ self._contested)
        white = scipy.linalg.solve_triangular(self._root, cross.T, lower=True, check_finite=False)
        mean = self._level + white.T @ self._white
        return mean, own * np.eye(len(who)) - white.T @ white

    def future(self, standing: npt.NDArray[np.bool_], days: float) -> FloatArray:
        """Return the variance of what opinion may still do in so many days, shape (k,)."""
        e = self.errors
        return np.asarray(self.spread[standing] * e.drift**2 * days**e.power)

    def house(self, pollster: int, candidate: int) -> tuple[float, float]:
        """Return mean and sd of a pollster's own error about a candidate, given all answers."""
        q = self.questions
        own = self.errors.house**2 * float(self.spread[candidate])
        mine = (q.pollster[q.question] == pollster) & (q.candidate == candidate)
        white = scipy.linalg.solve_triangular(
            self._root, own * mine.astype(float), lower=True, check_finite=False
        )
        return float(white @ self._white), float(np.sqrt(max(own - white @ white, 0.0)))
