"""What every frozen forecast keeps: distributions as quantiles, and where it came from."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.validation.provenance import code_digest

QUANTILES = 200
"""Equally likely values by which a distribution is kept: quantiles (i - 1/2) / 200."""


def quantiles_of(values: FloatArray) -> list[float]:
    """Return the values by which a distribution is kept."""
    found = np.quantile(values, (np.arange(QUANTILES) + 0.5) / QUANTILES)
    return [float(x) for x in found]


def are_fractions(values: Any) -> bool:
    """Return whether values are the quantiles of a fraction: numbers that never fall."""
    if type(values) is not list or any(type(value) not in (int, float) for value in values):
        return False
    found = np.array(values, dtype=float)
    inside = ((found >= 0) & (found <= 1 + 1e-9)).all()
    return found.shape == (QUANTILES,) and bool(inside and (np.diff(found) >= 0).all())


def are_probabilities(found: Any, names: list[str]) -> bool:
    """Return whether everybody has a probability, and none is 0 or 1."""
    return set(found) == set(names) and all(type(p) is float and 0 < p < 1 for p in found.values())


def is_sound(content: Mapping[str, Any], people: Any, days: Iterable[str]) -> bool:
    """Return whether what both formats have is there and of its kind.

    People are the finalists or candidates; days name parts that are a day or None.
    """
    for day in days:
        if content[day] is not None:
            date.fromisoformat(content[day])
    datetime.fromisoformat(content["made"])
    texts = [content["contest"], content["title"], content["made"], *content["conditions"]]
    texts += [*people, *(content["labels"][name] for name in people)]
    return (
        type(people) is list
        and len(set(people)) == len(people) >= 2
        and all(isinstance(text, str) for text in texts)
        and type(content["draws"]) is int
        and content["draws"] > 0
        and type(content["seed"]) is int
        and are_probabilities(content["win_probability"], people)
        and set(content["share"]) == set(people)
        and all(are_fractions(values) for values in content["share"].values())
    )


def check_made(made: Any) -> None:
    """Raise `InputError` unless a text is a day or a time."""
    try:
        datetime.fromisoformat(made)
    except (TypeError, ValueError):
        raise InputError(
            f"made: must be a day or time in ISO 8601, such as 2018-11-01 - found {made!r}"
        ) from None


def provenance(inputs: Mapping[str, str] | None, **digests: str) -> dict[str, Any]:
    """Return which code, versions, files and digests made a forecast."""
    versions = {name: version(name) for name in ("runoff-forecast", "numpy", "scipy")}
    return {
        **digests,
        "code": code_digest(),
        "versions": versions | {"python": platform.python_version()},
        "inputs": dict(inputs or {}),
    }
