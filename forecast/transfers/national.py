"""Shared factors of an elicited prior, split into the night's own and the contest's.

On a night of many runoffs the country swings together: towards a party, not towards whoever
happens to be listed first. Each factor of a contest is::

    factor = sqrt(w) national + sqrt(1 - w) own

Mobilisation has one national normal. Swing and partisan mobilisation have one for every party, and
a contest between X and Y sees ``(u_X - u_Y) / sqrt(2)``, which is standard normal again: contests
of the same two parties share it, those with one party in common have correlation one half, and
naming the finalists the other way round changes its sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.randomness import substream
from forecast.transfers.coordinates import FloatArray, simplex_factor
from forecast.transfers.sampler import RowSampler

__all__ = ["NationalSampler"]


@dataclass(frozen=True, kw_only=True, eq=False)
class NationalSampler:
    """Sampler of an elicited prior on a night it shares with other contests.

    Parameters
    ----------
    rows : RowSampler
        The contest's own sampler.
    parties : tuple of str
        Party of each finalist.
    share : float
        Fraction w of every factor's variance that is national.
    """

    rows: RowSampler
    parties: tuple[str, ...]
    share: float

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""
        return self.rows.origins

    def draw(
        self, n: int, *, rng: np.random.Generator, shared: np.random.Generator | None = None
    ) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

        From `shared`, the same for all contests of the night, come the national factors.
        """
        if shared is None:
            return self.rows.draw(n, rng=rng)
        factors = rng.standard_normal((len(self.rows.factors), n))
        factors *= np.sqrt(1 - self.share)
        factors += np.sqrt(self.share) * self._national(n, rng, shared)
        return self.rows.draw(n, rng=rng, factors=factors)

    def _national(
        self, n: int, rng: np.random.Generator, shared: np.random.Generator
    ) -> FloatArray:
        """Return the national part of the factors, standard normals of shape (factor, draw)."""
        mobilisation = substream(shared, "mobilisation").standard_normal(n)
        parts = [self._by_party(n, word, rng, shared) for word in ("swing", "partisan")]
        return np.concatenate([mobilisation[None], *parts])

    def _by_party(
        self, n: int, word: str, rng: np.random.Generator, shared: np.random.Generator
    ) -> FloatArray:
        """Return normals of shape (finalist - 1, draw) from what happens to each party.

        A second finalist of the same party gets a normal of their own.
        """
        utility = np.array(
            [
                (
                    rng if party in self.parties[:i] else substream(shared, f"{word}: {party}")
                ).standard_normal(n)
                for i, party in enumerate(self.parties)
            ]
        )
        ratios = (utility[:-1] - utility[-1]) / np.sqrt(2)
        return np.asarray(np.linalg.solve(simplex_factor(len(self.parties)), ratios))
