"""From transfer tables to votes: chunks of draws, in threads, in bounded memory.

Chunk i of the draws always comes from part i of the stream, so neither the number of workers nor
the number of chunks handed over at a time can change a result.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.display import Brief
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.ledger import Ledger
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds
from forecast.transfers.table.protocols import Sampler, TransferDistribution

CHUNK = 4096
"""Draws per chunk: small enough for the working arrays to stay in the processor's cache."""

T = TypeVar("T")


def available_workers() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Simulation(Brief):
    """Draws of a runoff, made when they are asked for.

    Parameters
    ----------
    ledger : Ledger
        People by origin; its units are those of `unit_votes`.
    sampler : Sampler
        Draws of the transfer table.
    draws : int
        Number of draws, even: they come in pairs that share the inputs.
    seed : int
        The seed.
    block : int
        Draws a worker takes at a time; rounded up to whole chunks.
    workers : int
        Threads.

    Raises
    ------
    InputError
        If a number is out of range, or `draws` is odd.

    Examples
    --------
    >>> from forecast import elicited_prior, load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> simulation = simulate(georgia, elicited_prior(georgia), draws=1000)
    >>> simulation.chunks, simulation.rates(0).shape
    (1, (27, 2, 1000))
    """

    ledger: Ledger
    sampler: Sampler
    draws: int
    seed: int
    block: int = 4 * CHUNK
    workers: int = 1

    def __post_init__(self) -> None:
        for name, least in (("draws", 2), ("block", 1), ("workers", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise InputError(f"{name} must be a whole number from {least} - found {value!r}")
        if self.draws % 2:
            raise InputError(
                f"draws must be even, since they come in pairs - found {self.draws}; "
                f"use {self.draws + 1}"
            )

    @property
    def chunks(self) -> int:
        """Number of chunks; all but the last have `CHUNK` draws."""
        return -(-self.draws // CHUNK)

    def size(self, chunk: int) -> int:
        """Return the number of draws in a chunk.

        Parameters
        ----------
        chunk : int
            Its number, from 0.
        """
        return min(CHUNK, self.draws - chunk * CHUNK)

    def rates(self, chunk: int) -> FloatArray:
        """Return the chunk's rates to the finalists, shape (origin, finalist, draw).

        Parameters
        ----------
        chunk : int
            Its number, from 0.
        """
        return self.sampler.draw(self.size(chunk), rng=stream(self.seed, "simulation", chunk))

    def map(
        self, function: Callable[[int, FloatArray], T], chunks: int | None = None
    ) -> Iterator[T]:
        """Yield ``function(chunk, rates)`` for every chunk (or the first `chunks`), in order.

        At most `workers` + 1 blocks are in flight, so memory does not depend on `draws`.

        Parameters
        ----------
        function : callable
            Called in a thread with the chunk's number and `rates`.
        chunks : int, optional
            How many of the first; all by default.
        """
        last = self.chunks if chunks is None else min(chunks, self.chunks)
        step = -(-self.block // CHUNK)

        def work(first: int) -> list[T]:
            return [function(c, self.rates(c)) for c in range(first, min(first + step, last))]

        starts = range(0, last, step)
        # A single worker gets a thread too: memory freed there is kept for the next chunk.
        with ThreadPoolExecutor(self.workers) as pool:
            waiting: deque[Future[list[T]]] = deque()
            for first in starts:
                waiting.append(pool.submit(work, first))
                if len(waiting) > self.workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

    def votes(self, progress: Callable[[float], None] | None = None) -> FloatArray:
        """Return every draw's runoff votes, shape (draw, finalist); keeps all draws.

        Parameters
        ----------
        progress : callable, optional
            Called with the fraction done.

        Raises
        ------
        InputError
            If they would take more than 1 GiB.
        """
        counts = self.ledger.totals.astype(float)
        k = len(self.ledger.destinations) - 1
        size = 8 * self.draws * k
        if size > 2**30:
            raise InputError(
                f"draws: keeping {self.draws:,} draws takes {size / 2**30:.1f} GiB, more than 1; "
                "use fewer, or go through simulation.engine.simulate(...).map, which keeps nothing"
            )
        out = np.empty((self.draws, k))

        def fill(chunk: int, rates: FloatArray) -> None:
            start = chunk * CHUNK
            out[start : start + rates.shape[2]] = runoff_votes(counts, rates).T

        for done, _ in enumerate(self.map(fill), start=1):
            if progress is not None:
                progress(done / self.chunks)
        return out

    def unit_votes(self) -> Iterator[FloatArray]:
        """Yield runoff votes by unit, shape (draw, unit, finalist), a chunk at a time."""
        counts = self.ledger.counts.astype(float)

        def by_unit(_: int, rates: FloatArray) -> FloatArray:
            return np.ascontiguousarray(np.tensordot(counts, rates, axes=1).transpose(2, 0, 1))

        yield from self.map(by_unit)

    def pairs(self) -> npt.NDArray[np.int64]:
        """Return the two draws of each pair, shape (pair, 2)."""
        index = np.arange(self.draws)
        halves = [
            index[c * CHUNK : c * CHUNK + self.size(c)].reshape(2, -1).T for c in range(self.chunks)
        ]
        return np.concatenate(halves)


def runoff_votes(counts: FloatArray, rates: FloatArray) -> FloatArray:
    """Return votes, shape (finalist, draw), of `counts` (origin,) people under `rates`."""
    r, k, n = rates.shape
    return np.asarray((counts @ rates.reshape(r, k * n)).reshape(k, n))


@refuses_other_kinds
def simulate(
    contest: Contest | Ledger,
    transfers: TransferDistribution,
    *,
    draws: int = 200_000,
    seed: int = 0,
    block: int = 4 * CHUNK,
    workers: int | None = None,
) -> Simulation:
    """Simulate a runoff.

    Parameters
    ----------
    contest : Contest or Ledger
        Who stood where after the first round; a contest is taken by unit.
    transfers : TransferDistribution
        A prior, or a posterior used as one.
    draws : int
        Number of draws (even).
    seed : int
        The seed; the same seed gives the same bytes for any `block` and `workers`.
    block : int
        Draws a worker takes at a time.
    workers : int, optional
        Threads; all available processors by default.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        If a number is out of range or `transfers` lacks an origin of the contest.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> georgia = load_contest("georgia-2018")
    >>> simulate(georgia, generic_prior(georgia), draws=1000).votes().shape
    (1000, 2)
    """
    ledger = contest.ledger(by="unit") if isinstance(contest, Contest) else contest
    return Simulation(
        ledger=ledger,
        sampler=transfers.sampler(ledger),
        draws=draws,
        seed=seed,
        block=block,
        workers=available_workers() if workers is None else workers,
    )
