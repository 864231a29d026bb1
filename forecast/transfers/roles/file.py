"""Learned priors as JSON: numbers and where they come from, no code."""

from __future__ import annotations

import json
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError, suggest
from forecast.facts.history_rules import UNDATED
from forecast.files.reading import read_json, read_toml
from forecast.files.text import check_printable_names
from forecast.files.writing import write_whole
from forecast.signatures import refuses_other_kinds
from forecast.transfers.families import file as families
from forecast.transfers.families.prior import FamilyPrior
from forecast.transfers.roles.levels import FACTORS, WORDS, CandidateSpread
from forecast.transfers.roles.population import COUNTRY, Population, Tie
from forecast.transfers.roles.prior import LearnedPrior
from forecast.transfers.roles.turnout_change import Mobilisation

LARGEST = 100.0
"""No logit of an election comes near."""
FORMAT = "runoff-forecast learned prior 2"
OLDER = "runoff-forecast learned prior 1"
"""Read too: without a `tie`, so the country's effect was free."""
SIZES = {
    "coefficients": "dqp",
    "spread": "dl",
    "factor_sd": "dk",
    "nights": "dnk",
    "factors": "pk",
}
"""Dimensions of the arrays: draw, q = 1 + traits, p coordinates, k factors, days, l: triangle."""
TURNOUT = {
    "turnout_coefficients": "coefficients",
    "turnout_country": "country",
    "turnout_spread": "spread",
}
"""Arrays of the mobilisation, where there is one, and what it calls them."""
TURNOUT_SIZES = dict(zip(TURNOUT, ("dt", "d", "d"), strict=True))


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
        "nights": population.days,
        "factors": population.factors,
    }
    if prior.mobilisation:
        arrays |= {name: getattr(prior.mobilisation, part) for name, part in TURNOUT.items()}
    content = {
        "format": FORMAT,
        "name": prior.name,
        "summary": _summary(prior),
        "provenance": prior.provenance,
        "as_of": prior.as_of,
        "nights": prior.days,
        "contests": prior.contests,
        "left_out": prior.left_out,
        "roles": prior.roles,
        "traits": prior.traits,
        "trait_mean": prior.trait_mean,
        "trait_sd": prior.trait_sd,
        "candidates": vars(prior.candidates),
        "tail": population.tail,
        "tie": vars(population.tie) if population.tie else None,
        "mobilisation": _mobilisation_facts(prior.mobilisation),
    }
    head = json.dumps(families.plain(content), indent=1)
    draws = [f'  "{k}": {json.dumps(v.tolist(), separators=(",", ":"))}' for k, v in arrays.items()]
    return head[:-2] + ',\n "draws": {\n' + ",\n".join(draws) + "\n }\n}\n"


@refuses_other_kinds
def write_learned(prior: LearnedPrior | FamilyPrior, path: str | PathLike[str]) -> Path:
    """Write what was learned to a JSON file, the whole file or none of it; return where it is."""
    written = {FamilyPrior: families.families_json, LearnedPrior: learned_json}
    return write_whole(path, written[type(prior)](prior))  # type: ignore[operator]


@refuses_other_kinds
def read_learned(path: str | PathLike[str]) -> LearnedPrior | FamilyPrior:
    """Read what was learned, by role or by political family, from a JSON file.

    Parameters
    ----------
    path : path-like
        The file, as `write_learned` wrote it.

    Returns
    -------
    LearnedPrior or FamilyPrior
        What `learn_prior` or `learn_families` had learned.

    Raises
    ------
    InputError
        If the file is no learned prior or its arrays do not fit together.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from forecast.data import bundle
    >>> with TemporaryDirectory() as folder:
    ...     path = write_learned(bundle("georgia-2018").learned, Path(folder) / "learned.json")
    ...     learned = read_learned(path)
    >>> learned.name, learned.roles
    ('learned from Georgian runoffs 2014-2016',
     ('government', 'other finalist', 'eliminated', 'non-voters'))
    """
    path = Path(path)
    content = read_json(path)
    try:
        found = content.get("format") if isinstance(content, dict) else content
        if found == families.FORMAT:
            return families.family_prior(content, path.name)
        if found not in (FORMAT, OLDER):
            raise InputError(
                f'{path.name}: must be a learned prior, "format": "{FORMAT}" - found '
                f"{str(found)[:40]!r}; make it with write_learned() ('forecast learn')"
            )
        return _prior(content, path.name)
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{path.name}: must be a complete learned prior - {type(error).__name__}: {error}; "
            "write it again"
        ) from None


def _prior(content: dict[str, Any], where: str) -> LearnedPrior:
    _check_words(content, where)
    with_turnout = content.get("mobilisation") is not None
    sizes = SIZES | (TURNOUT_SIZES if with_turnout else {})
    arrays = {name: np.array(content["draws"][name], dtype=np.float64) for name in sizes}
    arrays |= {k: np.array(content[k], dtype=np.float64) for k in ("trait_mean", "trait_sd")}
    p, q = 2 * len(content["roles"]), 1 + len(content["traits"])
    known = {"p": p, "q": q, "k": 3, "n": len(content["nights"]), "l": p * (p + 1) // 2}
    known |= {"d": max(len(arrays["factor_sd"]), 1), "x": q - 1, "t": 3}
    for name, letters in (sizes | {"trait_mean": "x", "trait_sd": "x"}).items():
        shape = tuple(known[letter] for letter in letters)
        largest = LARGEST if name in sizes else 1e12
        if arrays[name].shape != shape or not (abs(arrays[name]) <= largest).all():
            raise InputError(
                f"{where}: {name} must be finite numbers of shape {shape}, none beyond {largest:g} "
                f"- found shape {arrays[name].shape}; write the file again"
            )
    spread = _full(arrays["spread"], p)
    tail = float("inf") if content["tail"] is None else float(content["tail"])
    candidates = CandidateSpread(**content["candidates"])
    deviations = np.array([candidates.preference, candidates.participation], dtype=np.float64)
    for name, good in {
        "spread must be covariances": (np.linalg.eigvalsh(spread) > 0).all(),
        "factor_sd must not be negative": (arrays["factor_sd"] >= 0).all(),
        "trait_sd must be positive": (arrays["trait_sd"] > 0).all(),
        "tail must be more than 2, or null for a normal population": tail > 2,
        "candidates must be deviations from 0": ((deviations >= 0) & (deviations < LARGEST)).all(),
    }.items():
        if not good:
            raise InputError(f"{where}: {name} - found otherwise; write the file again")
    return LearnedPrior(
        name=str(content["name"]),
        roles=tuple(content["roles"]),
        traits=tuple(content["traits"]),
        trait_mean=arrays["trait_mean"],
        trait_sd=arrays["trait_sd"],
        population=Population(
            coefficients=arrays["coefficients"],
            spread=spread,
            factor_sd=arrays["factor_sd"],
            days=arrays["nights"],
            factors=arrays["factors"],
            tail=tail,
            tie=_tie(content.get("tie"), p=p, q=q, k=known["k"], where=where),
        ),
        days=tuple(content["nights"]),
        contests=content["contests"],
        left_out=content["left_out"],
        as_of=date.fromisoformat(content["as_of"]) if content["as_of"] else None,
        candidates=candidates,
        mobilisation=_mobilisation(content["mobilisation"], arrays, where)
        if with_turnout
        else None,
        provenance=content["provenance"],
    )


def _check_words(content: dict[str, Any], where: str) -> None:
    """Raise `InputError` unless names are names and days that look like days are days."""
    for key in ("roles", "traits", "nights"):
        names = content[key]
        if not isinstance(names, list) or len({*names}) < len(names):
            raise InputError(f"{where}: {key} must be a list of different names; write it again")
        check_printable_names(names, f"{where}, {key}")
    if len(content["roles"]) < 2:
        raise InputError(f"{where}: roles must begin with the two finalists' - found fewer")
    for day in content["nights"]:
        if not day.startswith(UNDATED):
            date.fromisoformat(day)
    for key in ("contests", "left_out", "provenance"):
        if not isinstance(content[key], dict):
            raise InputError(f"{where}: {key} must be a table - found {content[key]!r:.60}")
        if key != "provenance" and not all(isinstance(v, str) for v in content[key].values()):
            raise InputError(f"{where}: {key} must be a table of texts - found other values")


def _tie(facts: Any, *, p: int, q: int, k: int, where: str) -> Tie | None:
    """Return the tie of a file, checked; None where there is none."""
    if facts is None:
        return None
    sizes = {"offset": (), "gradient": (p,), "x": (q,), "unit": (k,)}
    arrays = {name: np.array(facts[name], dtype=np.float64) for name in sizes}
    for name, shape in sizes.items():
        if arrays[name].shape != shape or not (abs(arrays[name]) <= LARGEST).all():
            raise InputError(
                f"{where}: tie, {name} must be finite numbers of shape {shape} - found shape "
                f"{arrays[name].shape}; write the file again"
            )
    if (arrays["unit"] < 0).any() or not (arrays["unit"] > 0).any():
        raise InputError(
            f"{where}: tie, unit must be sds, one above 0 - found none; write it again"
        )
    return Tie(
        offset=float(arrays["offset"]),
        gradient=arrays["gradient"],
        x=arrays["x"],
        unit=arrays["unit"],
        centre=float(facts.get("centre", COUNTRY[0])),
    )


def _mobilisation_facts(found: Mobilisation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "what": str(found),
        "weights": found.weights,
        "centre": found.centre,
        "latest": found.latest,
        "contests": found.contests,
    }


def _mobilisation(facts: Any, arrays: dict[str, FloatArray], where: str) -> Mobilisation:
    contests, weights = facts["contests"], facts["weights"]
    centre = np.array(facts["centre"], dtype=np.float64)
    for name, good in {
        "centre must be two finite numbers": centre.shape == (2,) and np.isfinite(centre).all(),
        "contests must be a table of texts": isinstance(contests, dict)
        and all(isinstance(digest, str) for digest in contests.values()),
        "weights must be fractions by day": isinstance(weights, dict)
        and all(type(w) in (int, float) and 0 <= w <= 1 for w in weights.values()),
        "turnout_spread must not be negative": (arrays["turnout_spread"] >= 0).all(),
    }.items():
        if not good:
            raise InputError(f"{where}: mobilisation, {name} - found otherwise; write it again")
    return Mobilisation(
        coefficients=arrays["turnout_coefficients"],
        country=arrays["turnout_country"],
        spread=arrays["turnout_spread"],
        centre=centre,
        contests=contests,
        latest=date.fromisoformat(facts["latest"]) if facts["latest"] else None,
        weights=weights,
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
    words = [f"{role}: {word}" for role in prior.roles for word in WORDS]
    sd = np.sqrt(np.diagonal(people.spread, axis1=1, axis2=2))
    mean = people.coefficients[:, 0]
    table = prior.mean_table.round(3).tolist()
    return {
        "mean transfer table": dict(zip(prior.roles, table, strict=True)),
        "mean coordinate": dict(zip(words, mean.mean(axis=0).round(3).tolist(), strict=True)),
        "its posterior sd": dict(zip(words, mean.std(axis=0).round(3).tolist(), strict=True)),
        "sd between contests": dict(zip(words, sd.mean(axis=0).round(3).tolist(), strict=True)),
        "sd between nights": dict(
            zip(FACTORS, people.factor_sd.mean(axis=0).round(3).tolist(), strict=True)
        ),
    }


@refuses_other_kinds
def read_roles(path: Path) -> dict[str, Any]:
    """Read how a contest relates to a learned prior from a TOML file.

    Parameters
    ----------
    path : Path
        Holds a table ``roles``, origin = role, in which ``"*"`` stands for every other origin;
        optionally a table ``traits`` of numbers, and ``nationwide = true`` for a country's contest.

    Raises
    ------
    InputError
        If the file is no TOML or holds something else.
    """
    found = read_toml(path)
    known = ("roles", "traits", "nationwide")
    for key in found:
        if key not in known:
            raise InputError(f"{path.name}: unknown entry {key!r}; {suggest(key, known)}")
    roles, traits = found.get("roles"), found.get("traits", {})
    if not isinstance(roles, dict) or not all(isinstance(r, str) for r in roles.values()):
        raise InputError(
            f'{path.name}: must have a table [roles] of texts, such as ada = "leader" - found '
            f"{str(roles)[:40]!r}; write it"
        )
    numbers = isinstance(traits, dict) and all(
        type(v) in (int, float) and np.isfinite(v) for v in traits.values()
    )
    if not numbers or not isinstance(found.get("nationwide", False), bool):
        raise InputError(
            f"{path.name}: traits must be a table of numbers, nationwide true or false - found "
            f"{traits!r}, {found.get('nationwide')!r}; correct them"
        )
    return found
