"""What the contests of one election day share, a chunk of draws at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from forecast.arrays import FloatArray
from forecast.randomness import stream, substream
from forecast.transfers.table.coordinates import simplex_factor


@dataclass(frozen=True, kw_only=True, eq=False)
class Day:
    """A day of draws: named streams of randomness that are the same for all its contests."""

    seed: int  #: seed, chunk: the seed, and which chunk of the draws
    chunk: int
    parties: tuple[str, ...] = ()  #: parties of the finalists of the contest that is asked about
    #: fraction of the variance of stated factors that the whole country shares
    national: float = 0.0
    kept: dict[Hashable, FloatArray] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def rng(self, name: str) -> np.random.Generator:
        """Return the generator of a name, alike whoever asks."""
        return substream(stream(self.seed, "election day", self.chunk), name)

    def once(self, key: Hashable, make: Callable[[], FloatArray]) -> FloatArray:
        """Return an array that is made by whichever contest asks first."""
        with self.lock:
            if key not in self.kept:
                self.kept[key] = make()
        return self.kept[key]


def national_factors(n: int, rng: np.random.Generator, day: Day) -> FloatArray:
    """Return normals of the factors of stated rows, partly the whole country's (factor, draw).

    Mobilisation is everybody's; swing and partisan mobilisation follow what happens to each party.
    The generator is the contest's own.
    """
    mobilisation = day.rng("mobilisation").standard_normal(n)
    parts = [_by_party(n, word, rng, day) for word in ("swing", "partisan")]
    national = np.concatenate([mobilisation[None], *parts])
    own = rng.standard_normal(national.shape)
    return np.asarray(np.sqrt(1 - day.national) * own + np.sqrt(day.national) * national)


def _by_party(n: int, word: str, rng: np.random.Generator, day: Day) -> FloatArray:
    """Return normals (finalist - 1, draw); a second finalist of one party gets one of their own."""
    utility = np.array(
        [
            (rng if party in day.parties[:i] else day.rng(f"{word}: {party}")).standard_normal(n)
            for i, party in enumerate(day.parties)
        ]
    )
    ratios = (utility[:-1] - utility[-1]) / np.sqrt(2)
    return np.asarray(np.linalg.solve(simplex_factor(len(day.parties)), ratios))
