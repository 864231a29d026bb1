"""Learned priors as JSON: numbers and where they come from, no code."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from forecast.columns import read_text
from forecast.errors import InputError
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.learned import LearnedPrior
from forecast.transfers.learned_sampler import CandidateSpread
from forecast.transfers.population import Population

__all__ = ["learned_json", "read_learned", "write_learned"]

FORMAT = "runoff-forecast learned prior 1"
SIZES = {
    "coefficients": "dqp",
    "spread": "dl",
    "factor_sd": "dk",
    "nights": "dnk",
    "factors": "pk",
}
"""Dimensions of the arrays: draw, q = 1 + traits, p coordinates, k factors, nights, l: triangle."""


def learned_json(prior: LearnedPrior) -> str:
    """Return the JSON text of a learned prior; `read_learned` gives back the same numbers.

    Omega is stored as the lower triangles of its draws; summaries for readers come first and are
    not read back.
    """
    population = prior.population
    rows, columns = np.tril_indices(len(population.factors))
    arrays = {
        "coefficients": population.coefficients,
        "spread": population.spread[:, rows, columns],
        "factor_sd": population.factor_sd,
        "nights": population.nights,
        "factors": population.factors,
    }
    content = {
        "format": FORMAT,
        "name": prior.name,
        "summary": _summary(prior),
        "provenance": dict(prior.provenance),
        "as_of": str(prior.as_of) if prior.as_of else None,
        "nights": list(prior.nights),
        "contests": dict(prior.contests),
        "left_out": dict(prior.left_out),
        "roles": list(prior.roles),
        "traits": list(prior.traits),
        "trait_mean": prior.trait_mean.tolist(),
        "trait_sd": prior.trait_sd.tolist(),
        "candidates": vars(prior.candidates),
        "tail": population.tail if np.isfinite(population.tail) else None,
        "draws": {name: array.tolist() for name, array in arrays.items()},
    }
    head = json.dumps({k: v for k, v in content.items() if k != "draws"}, indent=1)
    draws = [
        f'  "{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in content["draws"].items()
    ]
    return head[:-2] + ',\n "draws": {\n' + ",\n".join(draws) + "\n }\n}\n"


def write_learned(prior: LearnedPrior, path: Path) -> None:
    """Write a learned prior to a JSON file."""
    path.write_text(learned_json(prior), "utf-8")


def read_learned(path: Path) -> LearnedPrior:
    """Read a learned prior from a JSON file.

    Raises
    ------
    InputError
        If the file is no learned prior or its arrays do not fit together.
    """
    text = read_text(path)
    try:
        content = json.loads(text)
        found = content.get("format") if isinstance(content, dict) else content
        if found != FORMAT:
            raise InputError(
                f'{path.name}: must be a learned prior, "format": "{FORMAT}" - found '
                f"{str(found)[:40]!r}; make it with learn_prior and write_learned"
            )
        return _prior(content, path.name)
    except InputError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name}: must be a complete learned prior - {type(error).__name__}: {error}; "
            "write it again"
        ) from None


def _prior(content: dict[str, Any], where: str) -> LearnedPrior:
    arrays = {name: np.array(content["draws"][name], dtype=np.float64) for name in SIZES}
    p, q = 2 * len(content["roles"]), 1 + len(content["traits"])
    known = {"p": p, "q": q, "k": 3, "n": len(content["nights"]), "l": p * (p + 1) // 2}
    known["d"] = len(arrays["factor_sd"])
    for name, sizes in SIZES.items():
        shape = tuple(known[size] for size in sizes)
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise InputError(
                f"{where}: {name} must be finite numbers of shape {shape} - found "
                f"{arrays[name].shape}; write the file again"
            )
    return LearnedPrior(
        name=str(content["name"]),
        roles=tuple(content["roles"]),
        traits=tuple(content["traits"]),
        trait_mean=np.array(content["trait_mean"], dtype=np.float64),
        trait_sd=np.array(content["trait_sd"], dtype=np.float64),
        population=Population(
            coefficients=arrays["coefficients"],
            spread=_full(arrays["spread"], p),
            factor_sd=arrays["factor_sd"],
            nights=arrays["nights"],
            factors=arrays["factors"],
            tail=float("inf") if content["tail"] is None else float(content["tail"]),
        ),
        nights=tuple(content["nights"]),
        contests=content["contests"],
        left_out=content["left_out"],
        as_of=date.fromisoformat(content["as_of"]) if content["as_of"] else None,
        candidates=CandidateSpread(**content["candidates"]),
        provenance=content["provenance"],
    )


def _full(triangles: FloatArray, p: int) -> FloatArray:
    rows, columns = np.tril_indices(p)
    out = np.empty((len(triangles), p, p))
    out[:, rows, columns] = triangles
    out[:, columns, rows] = triangles
    return out


def _summary(prior: LearnedPrior) -> dict[str, Any]:
    """Return what a reader of the file wants to see: means, spreads, the average table."""
    people = prior.population
    words = [f"{role}: {word}" for role in prior.roles for word in ("preference", "participation")]
    sd = np.sqrt(np.diagonal(people.spread, axis1=1, axis2=2))
    mean = people.coefficients[:, 0]
    factors = ("mobilisation", "swing", "partisan mobilisation")
    table = prior.mean_table.round(3).tolist()
    return {
        "mean transfer table": dict(zip(prior.roles, table, strict=True)),
        "mean coordinate": dict(zip(words, mean.mean(axis=0).round(3).tolist(), strict=True)),
        "its posterior sd": dict(zip(words, mean.std(axis=0).round(3).tolist(), strict=True)),
        "sd between contests": dict(zip(words, sd.mean(axis=0).round(3).tolist(), strict=True)),
        "sd between nights": dict(
            zip(factors, people.factor_sd.mean(axis=0).round(3).tolist(), strict=True)
        ),
    }
