"""The density of a contest's polls given a transfer table.

A top line sees the split implied by the ledger, ``sum_r count[r] T[r, j]``; a row of a cross-tab
sees the split of one row of the table. All splits are log-ratios, and all errors normal given their
scales and the error of memory, so biases, drift, house effects and leans are integrated exactly;
scales and the error of memory are summed over a few values. Polls say how people would vote and not
whether they come: nothing is learned of turnout from what people say about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import product

import numpy as np
import scipy
from scipy.special import logsumexp

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.ledger import Ledger
from forecast.facts.polls import Answers, Poll
from forecast.transfers.polls.errors import (
    NODES,
    Line,
    PollErrors,
    Undecided,
    alike,
    leaning,
    own_covariance,
    scale_nodes,
    shared_covariance,
)

LEAST = 1e-3
"""Smallest fraction of a finalist among the decided, where undecided people are split evenly."""
TINY = 1e-12
"""Smallest fraction or number of people of which a logarithm is taken."""
UNDATED = 7.0
"""Days taken to lie between a poll and its round where one of the two has no date: about the middle
of the two or three weeks between most rounds."""
MOST_HESITANT = 0.95
"""Largest fraction of any origin's voters that is taken to be undecided."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days that the age of a poll is counted from."""

    first_round: date | None = None  #: first_round, runoff: days of the rounds; None if not known
    runoff: date | None = None

    def days(self, poll: Poll) -> float:
        """Return the days between a poll and its round, `UNDATED` if either is not known.

        Examples
        --------
        >>> poll = Poll(pollster="Acme", shares={"ada": 0.5}, end=date(2030, 5, 4))
        >>> Calendar(runoff=date(2030, 5, 19)).days(poll), Calendar().days(poll)
        (15.0, 7.0)
        """
        to, since = self.runoff if poll.round == "runoff" else self.first_round, _ended(poll)
        return UNDATED if to is None or since is None else float(max((to - since).days, 0))

    def early(self, poll: Poll) -> bool:
        """Return whether a poll about the runoff began before the first round."""
        began, day = poll.start or _ended(poll), self.first_round
        return poll.round == "runoff" and began is not None and day is not None and began < day


def _ended(poll: Poll) -> date | None:
    return poll.end or poll.start or poll.published


def lines_of(
    polls: Sequence[Poll],
    ledger: Ledger,
    errors: PollErrors,
    undecided: Undecided,
    calendar: Calendar,
) -> tuple[Line, ...]:
    """Return what polls publish about the finalists, cross-tabs row by row.

    Raises
    ------
    InputError
        If a number needed is missing or a row is about nobody in the ledger.
    """
    out = []
    for poll in polls:
        cross = poll.by_origin if poll.round == "runoff" else {}
        rows: Sequence[tuple[str | None, Answers]] = list(cross.items())
        # What is assumed of the undecided adds to the uncertainty; a plain convention does not.
        unsure = errors.undecided if undecided == "as the ledger implies" else 0.0
        for origin, answers in rows or [(None, poll.answers)]:
            try:
                line = _line(poll, answers, ledger, unsure)
                line = replace(line, days=calendar.days(poll), early=calendar.early(poll))
                out.append(line if origin is None else _row_of(line, origin, ledger, errors))
            except InputError as error:
                raise InputError(f"poll {poll.name!r}: {error}") from None
    return tuple(out)


def _row_of(line: Line, origin: str, ledger: Ledger, errors: PollErrors) -> Line:
    noise = line.noise + errors.row**2 * alike(len(line.value) + 1)
    return replace(line, origin=ledger.index(origin), noise=noise)


def _line(poll: Poll, answers: Answers, ledger: Ledger, unsure: float) -> Line:
    finalists = ledger.destinations[:-1]
    for f in finalists:
        if f not in answers.shares:
            raise InputError(f"a share of every finalist must be known - found none for {f!r}")
    among = np.array([answers.shares[f] for f in finalists])
    if not among.sum():
        raise InputError("somebody must have named a finalist - found nobody")
    n = answers.named * among.sum() / sum(answers.shares.values()) / poll.design_effect
    k = len(finalists)
    p = (n * among / among.sum() + 0.5) / (n + 0.5 * k)  # half a person more: none is no certainty
    noise = (np.diag(1 / p[:-1]) + 1 / p[-1]) / n
    noise = noise + (unsure * answers.hesitant) ** 2 * alike(k)
    return Line(
        value=np.log(p[:-1] / p[-1]),
        noise=noise,
        round=poll.round,
        pollster=poll.pollster,
        sponsor=poll.sponsor if poll.side in finalists else "",
        side=finalists.index(poll.side) if poll.side in finalists else None,
        hesitant=answers.hesitant,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Square:
    """A normal log density as a function of few numbers x: ``size - |goal - root @ x|^2 / 2``."""

    size: float  #: its largest value
    goal: FloatArray  #: (rank,): what the root of x is compared with
    root: FloatArray  #: (rank, len(x): triangular

    @classmethod
    def of(
        cls, white: FloatArray, value: FloatArray, design: FloatArray, without: FloatArray
    ) -> Square:
        """Return the density of errors ``value - design @ x``, whose whitening matrix is `white`.

        However many the errors, their sum of squares depends on x by as many numbers as x has. The
        whitened errors' part along the columns of `without` is left out.
        """
        aside, _ = np.linalg.qr(white @ without)
        seen, target = (a - aside @ (aside.T @ a) for a in (white @ design, white @ value))
        basis, root = np.linalg.qr(seen)
        goal = basis.T @ target
        left = target - basis @ goal
        return cls(size=_log_size(white) - 0.5 * float(left @ left), goal=goal, root=root)

    def at(self, x: FloatArray) -> FloatArray:
        """Return the log density, shape (draw,), at x of shape (len(x), draw)."""
        rest = self.goal[:, None] - self.root @ x
        return np.asarray(self.size - 0.5 * (rest * rest).sum(axis=0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """One value of both scales and of the error of memory: everything normal given these."""

    weight: float  #: log prior probability
    recall: int  #: position of the error of memory
    density: Square  #: log density of the lines by the splits they see
    given: Square  #: the same by splits and the shared bias, given the latter
    most_given: Square  #: the largest of `given` over all biases
    #: bias_mean, bias_slope (K - 1,) and (K - 1, S): mean of the shared bias given the splits:
    #: ``bias_mean - bias_slope @ splits``
    bias_mean: FloatArray
    bias_slope: FloatArray
    bias_root: FloatArray  #: (K - 1, K - 1): root of its covariance

    def draw_bias(self, splits: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw the runoff's shared bias given splits (memory, S, draw), shape (K - 1, draw)."""
        mean = self.bias_mean[:, None] - self.bias_slope @ splits[self.recall]
        return np.asarray(mean + self.bias_root @ rng.standard_normal(mean.shape))


@dataclass(frozen=True, kw_only=True, eq=False)
class PollLikelihood:
    """Log density of polls given rates."""

    ledger: Ledger  #: people by origin, in total
    lines: tuple[Line, ...]  #: what was published, of either round
    errors: PollErrors  #: how polls err
    undecided: Undecided  #: how undecided people vote in the end

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every combination of the two scales and an error of memory."""
        errors, k = self.errors, len(self.ledger.destinations) - 1
        memory = errors.recall if any(x.origin is not None for x in self.lines) else (0.0,)
        shared = shared_covariance(self.lines, k, errors)
        scales = zip(*scale_nodes(errors.tails, NODES["scales"]), strict=True)
        houses = [
            (own_covariance(self.lines, k, errors, square), weight)
            for square, weight in zip(
                *scale_nodes(errors.tails, NODES["house_scales"]), strict=True
            )
        ]
        recalled = zip(
            range(len(memory)), errors.recall_weights if len(memory) > 1 else (1.0,), strict=True
        )
        return tuple(
            self._node(float(square), square * shared + own, m, float(np.log(p * q * r)))
            for (square, p), (own, q), (m, r) in product(scales, houses, recalled)
            if p * q * r > 0
        )

    def _node(self, square: float, total: FloatArray, memory: int, weight: float) -> Node:
        """Return the node with a squared scale and the covariance of all errors, (Q, Q)."""
        k = len(self.ledger.destinations) - 1
        # Only the runoff's bias is drawn; that of the first round is integrated like the rest.
        bias = square * self.errors.bias**2 * alike(k)
        design = self.about_runoff
        gain = bias @ design.T @ np.linalg.inv(total)
        value = np.concatenate([x.value for x in self.lines])
        value = value - self.errors.lean * leaning(self.lines, k).ravel()
        sees = np.asarray(
            np.kron(np.eye(len(self._splits))[self._seen], np.eye(k - 1)), dtype=float
        )
        white, white_given = (
            scipy.linalg.solve_triangular(np.linalg.cholesky(c), np.eye(len(total)), lower=True)
            for c in (total, total - design @ bias @ design.T)
        )
        nothing = np.zeros((len(total), 0))
        return Node(
            weight=weight,
            recall=memory,
            density=Square.of(white, value, sees, nothing),
            given=Square.of(white_given, value, np.hstack([sees, design]), nothing),
            most_given=Square.of(white_given, value, sees, design),
            bias_mean=gain @ value,
            bias_slope=gain @ sees,
            bias_root=np.asarray(
                np.linalg.cholesky(bias - gain @ design @ bias + 1e-12 * np.eye(k - 1)), dtype=float
            ),
        )

    @cached_property
    def _splits(self) -> tuple[tuple[str, int | None, float], ...]:
        """The different splits that lines see: round, origin, fraction undecided."""
        return tuple(dict.fromkeys(map(self._split_of, self.lines)))

    @cached_property
    def _seen(self) -> list[int]:
        """Position of each line's split."""
        return [self._splits.index(self._split_of(line)) for line in self.lines]

    def _split_of(self, line: Line) -> tuple[str, int | None, float]:
        plain = self.undecided == "as the decided" or line.round == "first round"
        return line.round, line.origin, 0.0 if plain or line.origin is not None else line.hesitant

    @cached_property
    def about_runoff(self) -> FloatArray:
        """1 for lines about the runoff, which the shared bias of a draw moves; shape (Q, K - 1)."""
        k = len(self.ledger.destinations) - 1
        now = np.array([float(x.round == "runoff") for x in self.lines])
        return np.kron(now[:, None], np.eye(k - 1))

    def splits(self, rates: FloatArray, counts: FloatArray | None = None) -> FloatArray:
        """Return the log-ratios that lines see, shape (memory, S, draw), each split once.

        Of `rates` (origin, finalist, draw) and the people of each draw's own first round, `counts`
        (origin, draw), by default the ledger's.
        """
        people = self.ledger.totals.astype(float)[:, None] if counts is None else counts
        k = rates.shape[1]
        is_finalist = np.array([kind == "finalist" for kind in self.ledger.kinds])
        voters = _votes(rates, people * is_finalist[:, None])
        others = _votes(rates, people * ~is_finalist[:, None])
        memory = 1 + max(node.recall for node in self.nodes)
        out = np.empty((memory, len(self._splits), k - 1, rates.shape[2]))
        for i, (about, origin, hesitant) in enumerate(self._splits):
            for m in range(memory):
                if about == "first round":
                    split = people[:k]
                elif origin is None:
                    split = self._decided(hesitant, voters, others)
                else:
                    split = self._row(origin, rates, voters + others, m, people)
                split = np.log(np.maximum(split, TINY))
                out[m, i] = split[:-1] - split[-1]
        return out.reshape(memory, -1, rates.shape[2])

    def _decided(self, hesitant: float, voters: FloatArray, others: FloatArray) -> FloatArray:
        """Return the split among the decided, (finalist, draw), from votes by kind of origin."""
        votes = voters + others
        if self.undecided == "as the decided" or not hesitant:
            return votes
        total = votes.sum(axis=0)
        if self.undecided == "evenly":
            share = votes / total - hesitant / len(votes)
            return np.asarray(np.maximum(share, LEAST))
        own = self.errors.hesitation
        often = hesitant * total / (own * voters.sum(axis=0) + others.sum(axis=0))
        often = np.minimum(often, MOST_HESITANT)
        return np.asarray(voters * (1 - own * often) + others * (1 - often))

    def _row(
        self, origin: int, rates: FloatArray, votes: FloatArray, memory: int, counts: FloatArray
    ) -> FloatArray:
        """Return the split, (finalist, draw), among those who remember voting so."""
        if self.ledger.kinds[origin] != "finalist":
            return np.asarray(rates[origin])
        people = counts[origin]
        everybody = counts.sum(axis=0)
        rest = (votes - people * rates[origin]) / np.maximum(everybody - people, 1.0)
        wrong = self.errors.recall[memory]
        return np.asarray((1 - wrong) * rates[origin] + wrong * rest)

    def log_terms(self, splits: FloatArray) -> FloatArray:
        """Return log of weight times density for every node, shape (node, draw)."""
        out = np.empty((len(self.nodes), splits.shape[2]))
        for recall, (places, root, goal, size) in self._stacked.items():
            rest = goal[..., None] - (root @ splits[recall]).reshape(*goal.shape, -1)
            out[places] = size[:, None] - 0.5 * np.einsum("jqn,jqn->jn", rest, rest)
        return out

    @cached_property
    def _stacked(self) -> dict[int, tuple[list[int], FloatArray, FloatArray, FloatArray]]:
        """For each error of memory: nodes, their roots stacked, goals, log constants."""
        out = {}
        for recall in {node.recall for node in self.nodes}:
            places = [j for j, node in enumerate(self.nodes) if node.recall == recall]
            mine = [self.nodes[j] for j in places]
            goals = np.array([node.density.goal for node in mine])
            size = np.array([node.weight + node.density.size for node in mine])
            out[recall] = places, np.concatenate([n.density.root for n in mine]), goals, size
        return out

    def log_density(self, rates: FloatArray) -> FloatArray:
        """Return the log density of all lines, shape (draw,)."""
        return np.asarray(logsumexp(self.log_terms(self.splits(rates)), axis=0))


def _votes(rates: FloatArray, counts: FloatArray) -> FloatArray:
    """Return votes, shape (finalist, draw), of people (origin, 1) or (origin, draw)."""
    r, k, n = rates.shape
    if counts.shape[1] == 1:
        return np.asarray((counts[:, 0] @ rates.reshape(r, k * n)).reshape(k, n))
    return np.asarray(np.einsum("rkn,rn->kn", rates, counts))


def _log_size(white: FloatArray) -> float:
    return float(np.log(np.diag(white)).sum() - 0.5 * len(white) * np.log(2 * np.pi))
