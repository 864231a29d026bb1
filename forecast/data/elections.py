"""Bundled elections before their first round: polls, days, rule, who withdrew."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from typing import Any

from forecast.data.bundle import bundled_file, names_in
from forecast.errors import InputError, suggest
from forecast.facts.election import Election
from forecast.facts.poll_tables.election_table import read_election
from forecast.signatures import refuses_other_kinds


@cache
def elections() -> tuple[str, ...]:
    """Return the names of the bundled elections.

    Examples
    --------
    >>> elections()
    ('france-2027',)
    """
    return names_in("elections", ".toml")


@refuses_other_kinds
def load_election(name: str) -> Election:
    """Return a bundled election that had no first round yet when its polls were collected.

    Parameters
    ----------
    name : str
        "france-2027": polls of the French presidential election of 2027, to July 2026.

    Raises
    ------
    InputError
        If there is no such election.

    Examples
    --------
    >>> france = load_election("france-2027")
    >>> len(france.asked), len(france.head_to_head), france.key("Philippe")
    (136, 36, 'Édouard Philippe')
    """
    if name not in elections():
        raise InputError(f"no bundled election {name!r}; {suggest(name, elections())}")
    return _loaded(name)


@cache
def _loaded(name: str) -> Election:
    with bundled_file("elections", f"{name}.toml") as path:
        facts: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    with bundled_file("elections", f"{name}.csv") as path:
        read = read_election(path, election_day=facts["first_round"], rule=facts.pop("rule"))
    notes = (*facts.pop("notes"), *read.notes)
    return replace(read, name=name, notes=notes, **facts)
