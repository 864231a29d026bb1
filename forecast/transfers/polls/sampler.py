"""Draws of a transfer table given polls, by rejection: exact, and of any prior that can be sampled.

What draws of a pair share is drawn first, then the rates; they are kept with a probability
proportional to the density of the polls, relative to the largest density of a pilot. The few that
exceed it are kept more than once in proportion, so that no draw is worth less than its density.
Where polls contradict the prior and few would be kept, half of what is tried has the prior's
normals about those of draws that agree with the polls, and counts for less by as much.
What we do not know about the polls, the scale of their errors and the bias they share, is an input
like the others: it is drawn given the first of a pair, and the second is drawn given it. Drift of
opinion is none: it is what happens between the polls and the vote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.randomness import stream
from forecast.transfers.polls.likelihood import PollLikelihood
from forecast.transfers.table.day import Day
from forecast.transfers.table.protocols import Sampler

PILOT, BATCH = 8, 2048
"""Batches of the pilot, draws in a batch."""
LEAST_ACCEPTED = 1 / 5000
"""Fraction of the prior's draws that must be kept: below it, the polls contradict the prior."""
FEW_ACCEPTED = 0.05
"""Fraction of the prior's draws below which half of what is tried is nearer to the polls."""
SEARCHES, ALIKE, FAR = 2, 0.01, 3.0
"""Pilots that look for where that is, the part of a direction that is none of its own, and errors
of a mean that are no noise."""
MOST_ROUNDS = 60
"""Batches after which a draw given inputs is resampled from all that were tried for it."""
TINY = 1e-300
"""Least probability that something is not accepted."""
MOST_COPIES = 100.0
"""How often a draw may be kept at most."""
Keep = Callable[[npt.NDArray[np.intp], npt.NDArray[np.intp]], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class PolledSampler(Sampler):
    """Sampler of rates given polls; made by `polled_sampler`."""

    base: Sampler  #: sampler of the prior
    likelihood: PollLikelihood  #: density of the polls
    most: float  #: log density at which a draw is kept once: the largest of a pilot
    most_given: tuple[float, ...]  #: the same given a node of `likelihood` and the shared bias
    accepted: float  #: fraction of the prior's draws that is kept
    #: (normal,): means of the prior's normals near which half of the first of pairs are tried
    nearer: FloatArray | None = None
    most_nearer: float = 0.0  #: as `most`, of density times weight of what is tried so

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""
        return self.base.origins

    @property
    def effective_draws(self) -> float:
        """Independent posterior draws behind the prior's inputs, of which the polls keep a part."""
        return self.accepted * self.base.effective_draws

    def draw(
        self,
        n: int,
        *,
        rng: np.random.Generator,
        day: Day | None = None,  # noqa: ARG002
    ) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even."""
        shared, first = self._first(n // 2, rng)
        return np.concatenate([first, self._given(shared, rng)], axis=2)

    def draw_at(self, counts: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return rates of which every draw has a first round of its own, `counts` (origin, draw).

        The two halves of an even number of draws share their inputs. Rates are given the polls and
        that first round: polls about a runoff that may follow teach what its table is, and nothing
        about who gets into it.
        """
        half = counts.shape[1] // 2
        shared, first = self._first_at(counts[:, :half], rng)
        second = self._given(shared, rng, counts[:, half:])
        return np.concatenate([first, second], axis=2)

    def _first_at(
        self, counts: FloatArray, rng: np.random.Generator
    ) -> tuple[npt.NDArray[Any], FloatArray]:
        """Return inputs (rows, draw) and rates (origin, finalist, draw) given polls and counts."""
        n = counts.shape[1]
        rates, about = np.empty((len(self.origins), self._extra, n)), np.empty((self._extra, n))
        own = np.empty((0, n))

        def tried(which: npt.NDArray[np.intp]) -> tuple[FloatArray, Keep]:
            nonlocal own
            inputs = self.base.inputs(len(which), rng=rng)
            drawn = self.base.rates(inputs, rng=rng)
            found = self.likelihood.splits(drawn, counts[:, which])
            terms = self.likelihood.log_terms(found)
            if len(own) < len(inputs):
                own = np.empty((len(inputs), n), dtype=inputs.dtype)

            def keep(at: npt.NDArray[np.intp], to: npt.NDArray[np.intp]) -> None:
                own[:, to], rates[..., to] = inputs[:, at], drawn[..., at]
                about[:, to] = self._about_polls(found[..., at], terms[:, at], rng)

            return logsumexp(terms, axis=0) - self.most, keep

        _until_accepted(n, tried, rng)
        return np.concatenate([own, about, rates.reshape(-1, n)]), rates

    def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return what draws of a pair share, shape (rows, draw).

        These are the prior's inputs, a node and the bias, and then rates that go with them.
        """
        return self._first(n, rng)[0]

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given inputs and polls."""
        return self._given(inputs, rng)

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return inputs and rates of the prior: given the polls inputs are not independent."""
        return self.base.draw_inputs(n, rng=rng)

    @property
    def _extra(self) -> int:
        """Rows of the inputs that are about polls."""
        return len(self.likelihood.ledger.destinations) - 1

    def _first(self, n: int, rng: np.random.Generator) -> tuple[npt.NDArray[Any], FloatArray]:
        """Return inputs (rows, draw) and rates (origin, finalist, draw) given the polls."""
        kept: list[tuple[npt.NDArray[Any], FloatArray]] = []
        most = self.most if self.nearer is None else self.most_nearer
        while sum(rates.shape[2] for _, rates in kept) < n:
            inputs, rates, log_weight = self._tried(rng)
            found = self.likelihood.splits(rates)
            terms = self.likelihood.log_terms(found)
            density = np.exp(logsumexp(terms, axis=0) + log_weight - most)
            good = _copies(density, rng)
            about = self._about_polls(found[..., good], terms[:, good], rng)
            first = rates[..., good]
            shared = [inputs[:, good], about, first.reshape(len(self.origins) * self._extra, -1)]
            kept.append((np.concatenate(shared), first))
        inputs, rates = (np.concatenate(part, axis=-1) for part in zip(*kept, strict=True))
        return inputs[:, :n], rates[..., :n]

    def _tried(
        self, rng: np.random.Generator
    ) -> tuple[npt.NDArray[Any], FloatArray, FloatArray | float]:
        """Return inputs, rates and log weights of a batch to be tried."""
        if self.nearer is None:
            inputs = self.base.inputs(BATCH, rng=rng)
            return inputs, self.base.rates(inputs, rng=rng), 0.0
        tried = self.base.proposed(BATCH, self.nearer, rng=rng)
        return tried.inputs, tried.rates, tried.log_weight

    def _about_polls(
        self, found: FloatArray, terms: FloatArray, rng: np.random.Generator
    ) -> FloatArray:
        """Draw node and shared bias given rates, shape (K, draw)."""
        n = terms.shape[1]
        out = np.empty((self._extra, n))
        out[0] = np.argmax(terms + rng.gumbel(size=terms.shape), axis=0) if n else 0.0
        for j, node in enumerate(self.likelihood.nodes):
            mine = out[0] == j
            out[1:, mine] = node.draw_bias(found[..., mine], rng)
        return out

    def _given(
        self,
        inputs: npt.NDArray[Any],
        rng: np.random.Generator,
        counts: FloatArray | None = None,
    ) -> FloatArray:
        """Return rates given inputs and polls: of each the first try that is accepted.

        Where none is in `MOST_ROUNDS`, one of all that were tried and of the rates that came with
        the inputs, in proportion to density over that of what is tried and not accepted. Since the
        latter are a draw, so is what is chosen (Tjelmeland, H. (2004). Using all Metropolis-
        Hastings proposals to estimate mean values). `counts` (origin, draw) are each draw's
        own first round; the rates that came with the inputs are of another one, so that what is
        chosen is then a draw nearly.
        """
        size = len(self.origins) * self._extra
        own, about, start = np.split(inputs, [-size - self._extra, -size])
        out = np.empty((len(self.origins), self._extra, inputs.shape[1]))

        def excess(rates: FloatArray, which: npt.NDArray[np.intp]) -> FloatArray:
            own_counts = None if counts is None else counts[:, which]
            return self._excess(rates, about[:, which], own_counts)

        def tried(which: npt.NDArray[np.intp]) -> tuple[FloatArray, Keep]:
            rates = self.base.rates(own[:, which], rng=rng)

            def keep(at: npt.NDArray[np.intp], to: npt.NDArray[np.intp]) -> None:
                out[..., to] = rates[..., at]

            return excess(rates, which), keep

        pending, best = _until_accepted(inputs.shape[1], tried, rng)
        if pending.size:
            first = start[:, pending].reshape(*out.shape[:2], -1)
            keys = _log_odds(excess(first, pending))
            kept = keys + rng.gumbel(size=keys.shape) >= best[pending]
            out[..., pending[kept]] = first[..., kept]
        return out

    def _excess(
        self, rates: FloatArray, about: FloatArray, counts: FloatArray | None
    ) -> FloatArray:
        """Return log density given node and bias, less its largest, shape (draw,)."""
        found = self.likelihood.splits(rates, counts)
        out = np.empty(rates.shape[2])
        for j, node in enumerate(self.likelihood.nodes):
            mine = about[0] == j
            seen = np.concatenate([found[node.recall][:, mine], about[1:, mine]])
            out[mine] = node.given.at(seen) - self.most_given[j]
        return out


def _until_accepted(
    n: int,
    tried: Callable[[npt.NDArray[np.intp]], tuple[FloatArray, Keep]],
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Try n draws until each is accepted; return which never were, and the largest keys of all.

    ``tried(which)`` tries some draws anew and returns their log densities, less the largest, and
    what keeps tries in places `at` as draws `to`. Until one is accepted, a draw takes one of all
    its tries in proportion to the odds that it were.
    """
    best, pending = np.full(n, -np.inf), np.arange(n)
    for attempt in range(MOST_ROUNDS):
        if not pending.size:
            break
        # Those still without a draw are the unlikely ones: try them more often each time.
        tries = max(1, min(2 ** min(attempt, 11), BATCH // pending.size))
        each, keep = tried(np.repeat(pending, tries))
        excess = each.reshape(-1, tries)
        good = np.log(rng.random(excess.shape)) < excess
        accepted = np.asarray(good.any(axis=1))
        keys = _log_odds(excess) + rng.gumbel(size=excess.shape)
        place = np.where(accepted, good.argmax(axis=1), keys.argmax(axis=1))
        mine = np.arange(len(pending))
        taken = accepted | (keys[mine, place] > best[pending])
        keep((mine * tries + place)[taken], pending[taken])
        best[pending] = np.maximum(best[pending], keys.max(axis=1))
        pending = pending[~accepted]
    return pending, best


def _log_odds(excess: FloatArray) -> FloatArray:
    """Return log odds that what has this log density, less its largest, is accepted."""
    return np.asarray(excess - np.log(np.maximum(-np.expm1(excess), TINY)))


def _copies(density: FloatArray, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return positions of draws to keep, on average as often as their relative density says."""
    often = np.minimum(density, MOST_COPIES)
    copies = np.floor(often) + (rng.random(len(often)) < often % 1)
    return np.repeat(np.arange(len(often)), copies.astype(int))


def polled_sampler(base: Sampler, likelihood: PollLikelihood) -> PolledSampler:
    """Return a sampler of `base` given polls.

    Raises
    ------
    InputError
        If the prior's draws hardly ever agree with the polls.
    """
    pilot = _pilot(base, likelihood, None, "polls: pilot")
    most, given = float(pilot.density.max()), pilot.most_given
    accepted = float(np.exp(pilot.density - most).mean())
    if not accepted >= LEAST_ACCEPTED:
        raise InputError(
            f"polls: must agree with the prior now and then - found one draw in {1 / accepted:,.0f}"
            " that does; widen the prior, check the fractions, n and design effects of the polls, "
            "or leave out rows of a cross-tab with many people"
        )
    nearer, most_nearer = None, 0.0
    if accepted < FEW_ACCEPTED and len(pilot.normals):
        for search in range(SEARCHES):
            nearer = pilot.mean_given_polls()
            pilot = _pilot(base, likelihood, nearer, f"polls: pilot nearer to them {search}")
            most, given = max(most, float(pilot.density.max())), np.maximum(given, pilot.most_given)
        most_nearer = float((pilot.density + pilot.log_weight).max())
    return PolledSampler(
        base=base,
        likelihood=likelihood,
        most=most,
        most_given=tuple(given.tolist()),
        accepted=accepted,
        nearer=nearer,
        most_nearer=most_nearer,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pilot:
    """Draws, with the log density of the polls and the largest given a node."""

    normals: FloatArray  # (normal, draw)
    splits: FloatArray  # (split, draw)
    log_weight: FloatArray  # (draw,)
    density: FloatArray  # (draw,)
    most_given: FloatArray  # (node,)

    def mean_given_polls(self) -> FloatArray:
        """Return the mean of the normals given the polls, along what moves the splits.

        In other directions the mean of few draws is noise, unless it is far from that.
        """
        weight = np.exp(self.density + self.log_weight - (self.density + self.log_weight).max())
        mean = np.average(self.normals, axis=1, weights=weight)
        moved = np.cov(self.normals, self.splits)[: len(mean), len(mean) :]
        axes, sizes, _ = np.linalg.svd(moved, full_matrices=False)
        axes = axes[:, sizes > ALIKE * sizes.max()]
        along = axes @ (axes.T @ mean)
        noise = np.sqrt((weight**2).sum()) / weight.sum()
        return np.where(np.abs(mean - along) > FAR * noise, mean, along)


def _pilot(base: Sampler, likelihood: PollLikelihood, mean: FloatArray | None, name: str) -> _Pilot:
    """Return draws of a sampler, or of one whose normals have some mean, as polls see them."""
    normals, splits, weights, densities = [], [], [], []
    given = np.full(len(likelihood.nodes), -np.inf)
    for batch in range(PILOT):
        tried = base.proposed(BATCH, mean, rng=stream(0, name, batch))
        found = likelihood.splits(tried.rates)
        normals.append(tried.normals)
        splits.append(found[0].reshape(-1, BATCH))
        weights.append(tried.log_weight)
        densities.append(logsumexp(likelihood.log_terms(found), axis=0))
        best = [node.most_given.at(found[node.recall]).max() for node in likelihood.nodes]
        given = np.maximum(given, best)
    return _Pilot(
        normals=np.concatenate(normals, axis=1),
        splits=np.concatenate(splits, axis=1),
        log_weight=np.concatenate(weights),
        density=np.concatenate(densities),
        most_given=given,
    )
