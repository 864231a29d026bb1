"""One seed, named streams: the same draws whatever the block size and number of workers."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from forecast.errors import InputError

__all__ = ["stream"]


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
