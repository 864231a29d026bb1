"""Bundled facts: contests as they stood after their first round, each row with its source."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from forecast.contest import Contest
from forecast.errors import InputError, suggest
from forecast.readers import read_contest

__all__ = ["contests", "learned_from", "load_contest"]

HERE = Path(__file__).parent


def contests() -> tuple[str, ...]:
    """Return the names of the bundled contests.

    Examples
    --------
    >>> "georgia-2018" in contests()
    True
    """
    return tuple(sorted(path.stem for path in (HERE / "contests").glob("*.toml")))


def load_contest(name: str) -> Contest:
    """Return a bundled contest.

    Parameters
    ----------
    name : str
        One of `contests()`.

    Raises
    ------
    InputError
        If there is no such contest.

    Examples
    --------
    >>> georgia = load_contest("georgia-2018")
    >>> georgia.finalists, len(georgia.units)
    (('zurabishvili', 'vashadze'), 74)
    """
    if name not in contests():
        raise InputError(f"no bundled contest {name!r}; {suggest(name, contests())}")
    facts = tomllib.loads((HERE / f"contests/{name}.toml").read_text("utf-8"))
    details = {key: facts[key] for key in ("title", "first_round", "runoff", "labels")}
    return read_contest(
        HERE / f"contests/{name}.csv", name=name, finalists=facts["finalists"], **details
    )


def learned_from(name: str) -> dict[str, Any] | None:
    """Return how a bundled contest relates to a learned prior: prior, roles, traits; or None.

    Examples
    --------
    >>> learned_from("georgia-2018")["roles"]["zurabishvili"]
    'government'
    """
    path = HERE / f"contests/{name}.toml"
    if name not in contests():
        return None
    found: dict[str, Any] | None = tomllib.loads(path.read_text("utf-8")).get("learned")
    return found
