"""What was learned of political families as JSON: numbers and where they come from, no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.files.text import check_printable_names
from forecast.transfers.families.coordinates import GROUPS, FamilyCoordinates
from forecast.transfers.families.prior import FamilyPrior, block_of

FORMAT = "runoff-forecast family prior 1"
LARGEST = 1e3
"""No coordinate, in logits, or variance comes near."""


def families_json(prior: FamilyPrior) -> str:
    """Return the JSON text of what was learned; `family_prior` gives back the same numbers.

    The covariance is stored as its lower triangle.
    """
    lower = np.tril_indices(len(prior.mean))
    content: dict[str, Any] = {"format": FORMAT}
    for item in fields(prior):
        value = getattr(prior, item.name)
        if item.name == "coordinates":
            content["families"] = list(value.families)
        elif item.name == "covariance":
            content["covariance"] = value[lower].tolist()
        else:
            content[item.name] = plain(value)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays as lists, days as texts, infinity as null."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, tuple | list):
        return [plain(held) for held in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


def family_prior(content: Mapping[str, Any], where: str) -> FamilyPrior:
    """Return what was learned from the content of its file.

    Parameters
    ----------
    content : mapping
        JSON as from `families_json`.
    where : str
        What to call the file in messages.

    Raises
    ------
    InputError
        If a part is missing, of another shape or impossible.
    """
    families, blocks = content["families"], content["blocks"]
    if not isinstance(families, list) or len({*families}) < len(families) or not families:
        raise InputError(f"{where}: families must be a list of different names; write it again")
    check_printable_names(families, f"{where}, families")
    if not isinstance(blocks, dict) or not all(isinstance(b, str) for b in blocks.values()):
        raise InputError(f"{where}: blocks must be a table of texts - found {blocks!r:.60}")
    coordinates = FamilyCoordinates(families=tuple(families), blocks=block_of(families, blocks))
    size = len(coordinates.names)
    covariance = np.zeros((size, size))
    lower = np.tril_indices(size)
    covariance[lower] = _numbers(content["covariance"], "covariance", len(lower[0]), where)
    covariance += np.tril(covariance, -1).T
    known = {"format", "families", "coordinates", "covariance", "mean", "contest", "day"}
    rest = {f.name: content[f.name] for f in fields(FamilyPrior) if f.name in content}
    rest = {name: value for name, value in rest.items() if name not in known}
    for name in ("reference", "latest"):
        rest[name] = date.fromisoformat(rest[name])
    for name in ("contests", "left_out"):
        if not isinstance(rest[name], dict):
            raise InputError(f"{where}: {name} must be a table - found {rest[name]!r:.60}")
    for name in [name for name in rest if name.endswith(("tail", "scale", "half_life"))]:
        rest[name] = _positive(rest[name], name, where)
    variances = [content["day"][group] for group in GROUPS]
    spread = _numbers(variances, "day", len(GROUPS), where)
    prior = FamilyPrior(
        coordinates=coordinates,
        mean=_numbers(content["mean"], "mean", size, where),
        covariance=covariance,
        contest=_numbers(content["contest"], "contest", None, where),
        day=dict(zip(GROUPS, spread.tolist(), strict=True)),
        **rest,
    )
    for what, good in {
        "covariance must be that of some coordinates": np.linalg.eigvalsh(covariance).min() > -1e-8,
        "day must have variances": (spread >= 0).all(),
        "contest must have variances": (prior.contest >= 0).all(),
        "name must be a text": isinstance(prior.name, str) and prior.name != "",
    }.items():
        if not good:
            raise InputError(f"{where}: {what} - found otherwise; write the file again")
    return prior


def _numbers(values: Any, name: str, size: int | None, where: str) -> FloatArray:
    found = np.array(values, dtype=np.float64)
    if found.ndim != 1 or size not in (None, len(found)) or not (abs(found) <= LARGEST).all():
        raise InputError(
            f"{where}: {name} must be {size or 'some'} finite numbers, none beyond {LARGEST:g} - "
            f"found shape {found.shape}; write the file again"
        )
    return found


def _positive(value: Any, name: str, where: str) -> float:
    if value is None:
        return float("inf")
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise InputError(f"{where}: {name} must be above 0, or null - found {value!r}; correct it")
    return float(value)
