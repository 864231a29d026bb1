"""Draws of the transfer table, whole arrays at a time: one sampler for every kind of prior.

Coordinates of all rows are linear in normals, given a draw of the hyperparameters h::

    theta = location + sum over levels of loading @ y(z; h) + own * z
    rates = link(theta)

A level is what some rows share: factors of the day, what voters of a role or family have in common,
the contest's own shock. Draws come in pairs: draw i and draw i + n/2 share what we do not know
about the inputs (h, and of every normal the fraction `share` of its variance) and differ in
everything else. How often both of a pair elect the same finalist is what the credible interval of
a win probability is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammainc, gammaincinv, ndtr, ndtri

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.table.coordinates import simplex_factor
from forecast.transfers.table.day import Day
from forecast.transfers.table.endorsement import Move, move_rates
from forecast.transfers.table.links import Link, Voting
from forecast.transfers.table.protocols import Proposed, Sampler

CELLS, REACH, TINY = 4096, 9.0, 1e-300
"""Cells of a tabulated quantile function, its range in normal quantiles, its smallest fraction."""
FARTHEST = 300.0
"""Largest coordinate, in logits, of which an exponential is taken."""
_ONE = np.zeros(1, dtype=np.int64)
"""The one draw of hyperparameters that are known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Level:
    """Something that several rows share.

    Its m values are ``centre[h] + scale[h] * z``, or ``root[h] @ z`` in place of the latter, the
    normals z divided by the root of a weight w ~ Gamma(tail / 2, tail / 2) if the tail is finite.
    Arrays over h have a first axis of its draws, or of one.
    """

    names: tuple[str, ...]  #: names of its m normals
    loading: FloatArray  #: (R K, m): what a value moves
    title: str = "it"  #: what the level is
    share: float = 0.0  #: fraction of the normals' variance that draws of a pair share
    centre: FloatArray | None = None  #: (h, m): by default zero
    scale: FloatArray | None = None  #: (h, m): by default one
    root: FloatArray | None = None  #: (h, m, m): instead of `scale`
    #: (m,): scale of a heavy-tailed addition: the scale is ``sqrt(scale^2 + wider^2 / w)``, and the
    #: tail is the addition's alone
    wider: FloatArray | None = None
    tail: float = np.inf  #: degrees of freedom; infinity for a normal
    #: what the level is where contests share a day: ``day(n, rng, day)`` returns its normals (m,
    #: draw), from the day's generators what is shared and from `rng` the rest
    day: Callable[[int, np.random.Generator, Day], FloatArray] | None = None
    #: the same for the values themselves
    day_values: Callable[[int, np.random.Generator, Day], FloatArray] | None = None

    def weights(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return the weights w of its tail, shape (draw,)."""
        return rng.gamma(self.tail / 2, 2 / self.tail, n)

    def weights_of(self, z: FloatArray) -> FloatArray:
        """Return the weights w that normals z stand for, between those tabulated."""
        return np.interp(z, *_tail_curve(self.tail))

    def values(self, z: FloatArray, h: IntArray, w: FloatArray | None) -> FloatArray:
        """Return its values (m, draw) of normals (m, draw) and weights (draw,).

        There are as many hyperparameters h as draws, or a fraction of them, which recur in turn.
        """
        m, n = z.shape
        turns = z.reshape(m, -1, len(h))
        if self.root is not None and len(self.root) > 1:
            y = (self.root[h] @ turns.transpose(2, 0, 1)).transpose(1, 2, 0)
        elif self.root is not None:
            y = (self.root[0] @ z).reshape(turns.shape)
        elif self.wider is not None and w is not None:
            more = self.wider[:, None, None] ** 2 / w.reshape(turns.shape[1:])
            y = np.sqrt(_at(self.scale, h) ** 2 + more) * turns
        else:
            y = turns if self.scale is None else _at(self.scale, h) * turns
        if w is not None and self.wider is None:
            y = y / np.sqrt(w).reshape(turns.shape[1:])
        if self.centre is not None:
            y = y + _at(self.centre, h)
        return y.reshape(m, n)


def _at(array: FloatArray | None, h: IntArray) -> FloatArray:
    """Return what hyperparameters h have, shape (m, 1, draw) or (m, 1, 1)."""
    assert array is not None
    return (array if len(array) == 1 else array[h]).T[:, None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Own:
    """What single rows have of their own."""

    sd: FloatArray  #: (S, K): standard deviations of the coordinates of S rows
    rows: IntArray | None = None  #: (S,): which rows; by default all
    share: float = 0.0  #: fraction of the normals' variance that draws of a pair share
    #: (S,): group of each row, within which deviations cancel in the total of its people
    group: IntArray | None = None
    weights: FloatArray | None = None  #: (group, S): fraction of a group's people who are a row's


@dataclass(frozen=True, kw_only=True, eq=False)
class TableSampler(Sampler):
    """Sampler of the table of one contest."""

    origins: tuple[str, ...]  #: origins, finalists: R origins and K finalists
    finalists: tuple[str, ...]
    link: Link  #: from coordinates to rates
    location: FloatArray  #: (R, K): location of the coordinates
    levels: tuple[Level, ...] = ()  #: what rows share
    own: Own | None = None  #: what single rows have of their own
    own_names: tuple[str, ...] = ()  #: names of those normals, row by row
    hyper: int = 0  #: number of draws of the hyperparameters, each as likely; 0 if they are known
    #: (h,): one number that orders the draws of the hyperparameters, where they are an input
    order: FloatArray | None = None
    #: returns how many independent draws those of the hyperparameters are worth
    worth: Callable[[], float] | None = None
    #: (D,): which origins are Dirichlet; their location, sd and loading are 0, 1 and 0
    bent: IntArray | None = None
    #: (2, D, K, CELLS): intercept and slope of their coordinates in cells of normal quantiles from
    #: -REACH to REACH: the logits of the fractions broken off the remaining preference, finalist by
    #: finalist, then logit participation
    curves: FloatArray | None = None
    #: shifts of an origin's log-ratio towards a finalist, such as by endorsements
    moves: tuple[Move, ...] = ()
    #: digest of what was learned from and identity of what was learned: contests of one day whose
    #: priors have the one but not the other in common would be drawn apart
    history: tuple[str, int] | None = None

    def draw(self, n: int, *, rng: np.random.Generator, day: Day | None = None) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

        With `day` the draws share with those of other contests what its levels share.
        """
        return self._rates(*self._drawn(n, rng, day))

    def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return what draws of a pair share, shape (anything, draw)."""
        h = rng.integers(self.hyper, size=n)[None] if self.hyper else np.empty((0, n))
        z = rng.standard_normal((sum(b - a for a, b, share in self._shares if share), n))
        return np.concatenate([h, z]) if self.hyper else z

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given inputs; `draw` does the same with fewer random numbers."""
        return self._rates(*self._completed(inputs, rng), {})

    def proposed(self, n: int, mean: FloatArray | None, *, rng: np.random.Generator) -> Proposed:
        """Return draws of which half have normals about `mean`, shape (normal,), if it is given.

        The weight of a draw is its density among all draws over that among these, at most 2: half
        of them are as likely as always, wherever the others are (a defensive mixture; Hesterberg,
        T. (1995). Weighted average importance sampling and defensive mixture distributions.
        Technometrics 37).
        """
        inputs = self.inputs(n, rng=rng)
        h, weights, z = self._completed(inputs, rng)
        normals = np.concatenate([z, *(self._tail_normals(weights))])
        if mean is None:
            return Proposed(inputs, self._rates(h, weights, z, {}), normals, np.zeros(n))
        shift = mean[:, None] * (rng.random(n) < 0.5)
        normals += shift
        row = int(self.hyper > 0)
        for a, b, share in self._shares:
            if share:
                inputs[row : row + b - a] += np.sqrt(share) * shift[a:b]
                row += b - a
        log_weight = np.log(2) - np.logaddexp(0, mean @ normals - 0.5 * mean @ mean)
        return Proposed(inputs, self.transform(normals.copy(), h), normals, log_weight)

    def _completed(
        self, inputs: npt.NDArray[Any], rng: np.random.Generator
    ) -> tuple[IntArray, tuple[FloatArray | None, ...], FloatArray]:
        """Return hyperparameters, weights and normals (normal, draw); inputs are a part of them."""
        n = inputs.shape[1]
        h = inputs[0].astype(np.int64) if self.hyper else _ONE
        given = inputs[int(self.hyper > 0) :]
        weights = self._weights(n, rng, None)
        z = rng.standard_normal((self._size, n))
        for a, b, share in self._shares:
            if share:
                part, given = given[: b - a], given[b - a :]
                z[a:b] *= np.sqrt(1 - share)
                z[a:b] += np.sqrt(share) * part
        return h, weights, z

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""
        h, weights, z, values = self._drawn(n, rng, None)
        drawn = [np.tile(self.order[h], 2)] if self.order is not None else []
        drawn += [w for w in weights if w is not None]
        found = dict(zip(self.input_names, [*drawn, *z.copy()], strict=True))
        return found, self._rates(h, weights, z, values)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs: population, tails, and normals of levels, rows and moves."""
        tails = (f"tail of {x.title}" for x in self.levels if np.isfinite(x.tail))
        population = ["population"] * (self.order is not None)
        levels = (name for level in self.levels for name in level.names)
        moves = (f"{self.origins[r]}, shift" for r, *_ in self.moves)
        return (*population, *tails, *levels, *self.own_names, *moves)

    @property
    def effective_draws(self) -> float:
        """Independent draws that those of the hyperparameters are worth."""
        return np.inf if self.worth is None else self.worth()

    @property
    def shares_day(self) -> bool:
        """Whether contests of one day have anything in common."""
        return any(level.day or level.day_values for level in self.levels)

    @property
    def rising(self) -> npt.NDArray[np.bool_] | None:
        """Which normals raise the log-ratios of every preference or of one, and nothing else.

        Those of the tails come last; they raise nothing. None if the rates are no function of
        normals alone, or log-ratios no coordinates.
        """
        if self.hyper or self.moves or self.own is None or type(self.link) is not Voting:
            return None
        r, k = self.location.shape
        loading = self.loading.reshape(r, k, -1)
        ratios, participation = loading[:, :-1], loading[:, -1]
        shared = (ratios >= 0).all(axis=(0, 1)) & (participation == 0).all(axis=0)
        own = np.tile([True] * (k - 1) + [False], r)
        return np.concatenate([shared, own, np.zeros(len(self._tails), dtype=bool)])

    @cached_property
    def loading(self) -> FloatArray:
        """Loadings of all levels side by side, shape (R K, value); neighbours may share one."""
        parts = [np.zeros((self.location.size, 0))]
        for level in self.levels:
            if level.loading is not parts[-1]:
                parts.append(level.loading)
        return np.concatenate(parts, axis=1)

    def transform(self, normals: FloatArray, h: IntArray = _ONE) -> FloatArray:
        """Turn normals, those of the tails last, into rates at hyperparameters h.

        In their own memory: new pages cost more than arithmetic.
        """
        weights: list[FloatArray | None] = [None] * len(self.levels)
        for i, z in zip(self._tails, normals[self._size :], strict=True):
            weights[i] = self.levels[i].weights_of(z)
        return self._rates(h, tuple(weights), normals[: self._size], {})

    def _tail_normals(self, weights: Sequence[FloatArray | None]) -> list[FloatArray]:
        """Return the normals that weights of the tails stand for, each shape (1, draw)."""
        return [
            ndtri(gammainc(level.tail / 2, w * (level.tail / 2)))[None]
            for level, w in zip(self.levels, weights, strict=True)
            if w is not None
        ]

    @cached_property
    def _tails(self) -> tuple[int, ...]:
        """Which levels have heavy tails."""
        return tuple(i for i, level in enumerate(self.levels) if np.isfinite(level.tail))

    @cached_property
    def _slices(self) -> tuple[slice, ...]:
        """Where the normals of each level are, then the rows' own."""
        sizes = [len(level.names) for level in self.levels]
        sizes.append(self.own.sd.size if self.own else 0)
        ends = np.cumsum(sizes).tolist()
        return tuple(slice(b - a, b) for a, b in zip(sizes, ends, strict=True))

    @cached_property
    def _size(self) -> int:
        return int(self._slices[-1].stop) + len(self.moves)

    @cached_property
    def _shares(self) -> tuple[tuple[int, int, float], ...]:
        """Runs of normals of which a pair shares the same fraction: start, end, fraction."""
        own = self.own.share if self.own else 0.0
        each = [*(level.share for level in self.levels), own]
        runs: list[tuple[int, int, float]] = []
        for part, share in zip(self._slices, each, strict=True):
            if runs and runs[-1][2] == share:
                runs[-1] = (runs[-1][0], part.stop, share)
            elif part.stop > part.start:
                runs.append((part.start, part.stop, share))
        return tuple(runs)

    def _weights(
        self, n: int, rng: np.random.Generator, day: Day | None
    ) -> tuple[FloatArray | None, ...]:
        def one(level: Level) -> FloatArray | None:
            if not np.isfinite(level.tail):
                return None
            shared = day is not None and (level.day or level.day_values)
            return level.weights(n, day.rng(f"tail of {level.title}") if shared and day else rng)

        return tuple(one(level) for level in self.levels)

    def _drawn(
        self, n: int, rng: np.random.Generator, day: Day | None
    ) -> tuple[IntArray, tuple[FloatArray | None, ...], FloatArray, dict[int, FloatArray]]:
        """Return paired hyperparameters, weights and normals, and values that the day gives."""
        half, values = n // 2, dict[int, FloatArray]()
        h = _ONE
        if self.hyper:
            h = (day.rng("population") if day else rng).integers(self.hyper, size=half)
        weights = self._weights(n, rng, day)
        z = np.empty((self._size, n))
        last = 0
        for a, last, share in self._shares:
            _fill_pairs(z[a:last], half, share, rng)
        rng.standard_normal(out=z[last:])
        for i, level in enumerate(self.levels) if day else ():
            if level.day is not None and day is not None:
                z[self._slices[i]] = level.day(n, rng, day)
            if level.day_values is not None and day is not None:
                values[i] = level.day_values(n, rng, day)
        return h, weights, z, values

    def _rates(
        self,
        h: IntArray,
        weights: tuple[FloatArray | None, ...],
        z: FloatArray,
        values: dict[int, FloatArray],
    ) -> FloatArray:
        theta = self._theta(list(self._values(h, weights, z, values)), z)
        if self.bent is not None and len(self.bent):
            theta[self.bent] = self._bend(theta[self.bent])
        if self.hyper:  # numbers of a file may be wild: a rate of nearly zero is a rate
            np.clip(theta, -FARTHEST, FARTHEST, out=theta)
        rates = self.link.in_place(theta)
        return move_rates(rates, self.moves, z[len(z) - len(self.moves) :])

    def _values(
        self,
        h: IntArray,
        weights: tuple[FloatArray | None, ...],
        z: FloatArray,
        values: dict[int, FloatArray],
    ) -> Iterator[FloatArray]:
        """Yield what is loaded, shape (m, draw): values of levels, summed over a shared loading."""
        held: FloatArray | None = None
        for i, (level, w) in enumerate(zip(self.levels, weights, strict=True)):
            y = values[i] if i in values else level.values(z[self._slices[i]], h, w)
            held = y if held is None else held + y
            if i + 1 == len(self.levels) or self.levels[i + 1].loading is not level.loading:
                yield held
                held = None

    def _theta(self, values: list[FloatArray], z: FloatArray) -> FloatArray:
        """Return coordinates, shape (R, K, draw), in the memory of the normals where it fits."""
        (r, k), n = self.location.shape, z.shape[1]
        whole = np.append(self.loading, self.location.reshape(-1, 1), axis=1)
        flat: FloatArray = whole @ np.concatenate([*values, np.ones((1, n))])
        shared = flat.reshape(r, k, n)
        if self.own is None:
            return shared
        own: FloatArray = z[self._slices[-1]].reshape(-1, k, n)
        if self.own.rows is None:
            if k > 2 and type(self.link) is Voting:
                bent = np.empty(0, dtype=np.int64) if self.bent is None else self.bent
                straight = np.setdiff1d(np.arange(r), bent)
                own[straight, :-1] = simplex_factor(k) @ own[straight, :-1]
            own *= self.own.sd[:, :, None]
            own += shared
            return own
        own *= self.own.sd[:, :, None]
        for row, z_row in zip(self.own.rows, own, strict=True):  # no new pages
            shared[row] += z_row
        if self.own.weights is not None and self.own.group is not None:
            common = np.tensordot(self.own.weights, own, axes=1)
            for row, group in zip(self.own.rows, self.own.group, strict=True):
                shared[row] -= common[group]
        return shared

    def _bend(self, normals: FloatArray) -> FloatArray:
        """Return log-ratios and participation logits of Dirichlet rows, shape (D, K, draw)."""
        cell = normals * (CELLS / (2 * REACH))
        cell += CELLS / 2
        left = np.clip(cell, 0, CELLS - 1, out=cell).astype(np.int32)
        left += (CELLS * np.arange(normals[..., 0].size, dtype=np.int32)).reshape(
            *normals.shape[:2], 1
        )
        assert self.curves is not None
        bent = self.curves[1].ravel().take(left)
        bent *= normals
        bent += self.curves[0].ravel().take(left)
        for j in range(normals.shape[1] - 3, -1, -1):  # fractions broken off -> log-ratios
            bent[:, j] += np.log1p(np.exp(bent[:, j + 1 : -1]).sum(axis=1))
        return np.asarray(bent)


def _fill_pairs(z: FloatArray, half: int, share: float, rng: np.random.Generator) -> None:
    """Draw normals (m, draw) whose second half shares a fraction of variance with the first."""
    second = z[:, half:]
    if share == 1:
        z[:, :half] = rng.standard_normal((len(z), half))
        second[:] = z[:, :half]
        return
    rng.standard_normal(out=z)
    if share:  # share * first + sqrt(1 - share^2) * second, in place
        second *= np.sqrt(1 - share**2) / share
        second += z[:, :half]
        second *= share


@lru_cache(maxsize=64)
def _tail_curve(tail: float) -> tuple[FloatArray, FloatArray]:
    """Return normals and the weights of a tail with the same probability below them."""
    z = np.linspace(-REACH, REACH, CELLS + 1)
    return z, gammaincinv(tail / 2, ndtr(z)) * (2 / tail)


@lru_cache(maxsize=256)
def dirichlet_curves(parameters: tuple[float, ...]) -> FloatArray:
    """Return a Dirichlet row's coordinates as piecewise linear functions, shape (2, K, CELLS).

    Participation is Beta(a_1 + .. + a_K, a_none), and the fraction of the remaining preference that
    finalist j takes is Beta(a_j, a_j+1 + .. + a_K); all are independent. In each cell of the normal
    quantile z the coordinate is intercept + slope z.
    """
    alpha = np.array(parameters)
    voting = alpha[:-1]
    after = voting[::-1].cumsum()[::-1]
    a = np.append(voting[:-1], after[0])[:, None]
    b = np.append(after[1:], alpha[-1])[:, None]
    z = np.linspace(-REACH, REACH, CELLS + 1)
    low = np.log(np.maximum(betaincinv(a, b, ndtr(z)), TINY))
    high = np.log(np.maximum(betaincinv(b, a, ndtr(-z)), TINY))
    value = low - high
    slope = np.diff(value, axis=1) / np.diff(z)
    return np.array([value[:, :-1] - slope * z[:-1], slope])
