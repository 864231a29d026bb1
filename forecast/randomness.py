"""The same numbers for the same seed, whatever the block size and number of workers or threads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from zlib import crc32

import numpy as np

from forecast.errors import InputError

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Given = ParamSpec("Given")
Found = TypeVar("Found")


_inside: ContextVar[bool] = ContextVar("_inside", default=False)
"""Whether algebra runs on one thread already."""


@lru_cache(maxsize=1)
def _libraries(_modules: int) -> ThreadpoolController:
    """Return what limits the libraries of algebra, looked for anew where modules were imported."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread_of_algebra(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """Return a function whose linear algebra runs on one thread.

    Libraries of linear algebra add numbers in an order that depends on their number of threads, and
    with it the last digits. The tables here are small: more threads would gain nothing.
    """

    @wraps(function)
    def alone(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        if _inside.get():
            return function(*args, **kwargs)
        before = _inside.set(True)
        try:
            with _libraries(len(sys.modules)).limit(limits=1, user_api="blas"):
                return function(*args, **kwargs)
        finally:
            _inside.reset(before)

    return alone


def stream(seed: int, name: str, index: int = 0) -> np.random.Generator:
    """Return the generator of stream `name`, part `index`.

    Parameters
    ----------
    seed : int
        The one seed of a forecast, 0 or more.
    name : str
        What the numbers are for; streams of different names are independent.
    index : int
        Part of the stream, such as the number of a chunk of draws.

    Raises
    ------
    InputError
        If the seed is no whole number from 0.

    Notes
    -----
    Parts are children of one ``numpy.random.SeedSequence``, keyed by the CRC-32 of the name and by
    the index; the bit generator is SFC64.

    Examples
    --------
    >>> a, b = stream(1, "simulation", 0), stream(1, "simulation", 0)
    >>> a.random() == b.random()
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed must be a whole number from 0 - found {seed!r}")
    sequence = np.random.SeedSequence(int(seed), spawn_key=(crc32(name.encode()), index))
    return np.random.Generator(np.random.SFC64(sequence))


def substream(rng: np.random.Generator, name: str) -> np.random.Generator:
    """Return the generator of a named part of a stream, wherever that stream has got to.

    Parameters
    ----------
    rng : numpy.random.Generator
        A generator as `stream` makes them.
    name : str
        What the numbers are for. Whoever holds the same stream gets the same numbers by this name.

    Raises
    ------
    InputError
        If the generator was not made from a seed sequence.

    Examples
    --------
    >>> night = stream(1, "night")
    >>> first = substream(night, "mobilisation").random()
    >>> _ = night.random(10)
    >>> substream(night, "mobilisation").random() == first
    True
    """
    sequence = rng.bit_generator.seed_seq
    if not isinstance(sequence, np.random.SeedSequence):
        raise InputError("substream: needs a generator made from a seed sequence, as by stream()")
    part = np.random.SeedSequence(
        sequence.entropy, spawn_key=(*sequence.spawn_key, crc32(name.encode()))
    )
    return np.random.Generator(np.random.SFC64(part))
