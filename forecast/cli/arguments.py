"""What the commands share: their arguments, and how these become contests, priors and days."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.cli.completion import complete_contest, complete_prior, complete_units
from forecast.errors import InputError, suggest

if TYPE_CHECKING:
    from rich.progress import Progress

    from forecast.facts.contest import Contest
    from forecast.facts.polls import Poll
    from forecast.facts.returns import Returns
    from forecast.outcome.published import Turnout
    from forecast.transfers.table.protocols import TransferDistribution

__all__ = [
    "ContestName",
    "Finalists",
    "PollsFile",
    "PriorFile",
    "Registered",
    "RolesFile",
    "TurnoutFile",
    "Units",
    "Voters",
    "contest_of",
    "day_of",
    "is_bundled",
    "polls_of",
    "prior_of",
    "progress_bar",
    "returns_of",
    "turnout_of",
    "units_named",
    "units_of",
]

ContestName = Annotated[
    str,
    typer.Argument(
        help="A bundled contest (see 'forecast list') or a CSV file.",
        autocompletion=complete_contest,
    ),
]
Finalists = Annotated[
    str | None, typer.Option(help="Who advances, separated by commas; default: the top two.")
]
Registered = Annotated[
    int | None, typer.Option(help="Estimate of the registered, if the file has none.")
]
Voters = Annotated[bool, typer.Option("--voters-only", help="Leave non-voters out of the ledger.")]
PriorFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|learned|elicited",
        help="A prior: TOML as 'forecast prior' writes, JSON as 'forecast learn' writes, or a "
        "bundled one; default: learned from past runoffs where bundled, else elicited.",
        autocompletion=complete_prior,
    ),
]
RolesFile = Annotated[
    Path | None,
    typer.Option(
        "--roles",
        metavar="FILE",
        help="Role of each origin in a learned prior, in TOML; default: by the counts.",
    ),
]

NOTHING = "none"
"""How to leave out what is bundled."""
PollsFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|none",
        help="Polls, one row each, in CSV; default: bundled ones published by --as-of.",
    ),
]
TurnoutFile = Annotated[
    str | None,
    typer.Option(
        "--turnout",
        metavar="FILE|none",
        help="Turnout by the same hour of both rounds, CSV with columns unit or region, "
        "first_round, runoff and registered (the runoff's list); default: bundled, if any.",
    ),
]
Units = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="Units of a bundled contest, such as stations; default: those of the returns, or the "
        "finest.",
        autocompletion=complete_units,
    ),
]


def is_bundled(name: str) -> bool:
    """Return whether an argument names a bundled contest rather than a file."""
    return not Path(name).suffix and not os.path.exists(name)


def contest_of(
    name: str,
    finalists: str | None,
    registered: int | None,
    voters_only: bool,
    units: str | None = None,
) -> Contest:
    """Return a bundled contest, or read one from a file."""
    chosen = [f.strip() for f in finalists.split(",")] if finalists is not None else None
    if is_bundled(name):
        found = library.load_contest(name, units=units)
        if chosen is not None or registered is not None or voters_only:
            from dataclasses import replace

            changes: dict[str, Any] = {"finalists": tuple(map(found.key, chosen))} if chosen else {}
            changes |= {"electorate": "voters"} if voters_only else {}
            if registered is not None:
                raise InputError(f"--registered: {name} knows its registered; leave it out")
            found = replace(found, **changes)
        return found
    if units is not None:
        raise InputError(f"--units: is for bundled contests; {name} has the units it has")
    return library.read_contest(
        name,
        finalists=chosen,
        registered=registered,
        electorate="voters" if voters_only else "registered",
    )


def prior_of(
    name: str | None, contest: Contest, roles: Path | None = None, *, day: date | None = None
) -> TransferDistribution | None:
    """Return the prior an argument names; None stands for the default."""
    from forecast.data.priors import placed_prior
    from forecast.transfers.roles.file import read_roles

    if name is not None and Path(name).suffix == ".json":
        relation = None if roles is None else read_roles(roles)
        learned = library.read_learned(Path(name))
        return placed_prior(learned, contest, relation, as_of=day)
    if roles is not None:
        raise InputError("--roles: needs a learned prior in JSON; give one with --prior")
    if name in ("learned", "elicited"):
        bundled = library.learned_prior if name == "learned" else library.elicited_prior
        return bundled(contest)
    if name is not None and not Path(name).suffix and not os.path.exists(name):
        raise InputError(
            f"--prior: must be a file or a bundled prior - found {name!r}; "
            f"{suggest(name, ('learned', 'elicited'))}"
        )
    return None if name is None else library.read_prior(name)


def polls_of(path: str | None, contest: Contest) -> tuple[Poll, ...] | None:
    """Return the polls in a file; None stands for the bundled ones, () for none."""
    if path is None or path.casefold() == NOTHING:
        return None if path is None else ()
    found = library.read_polls(path, contest)
    for note in dict.fromkeys(poll.note for poll in found if poll.note):
        typer.echo(f"{path}: {note}", err=True)
    return found


def units_named(path: Path) -> set[str]:
    """Return the units that a file of returns, or a folder of them, names.

    Raises
    ------
    InputError, OSError
        If it cannot be read.
    """
    from forecast.facts.readers import report_files
    from forecast.files.columns import Columns

    return {unit for file in report_files(path) for unit in Columns.from_csv(file).texts("unit")}


def units_of(name: str, named: set[str], units: str | None) -> str | None:
    """Return what the units of a bundled contest are: as said, as named, or the finest."""
    if units is not None or not is_bundled(name):
        return units
    from forecast.data import unit_kinds

    known = {kind: library.load_contest(name, units=kind).units for kind in unit_kinds(name)[::-1]}
    return max(known, key=lambda kind: len(named.intersection(known[kind])))


def turnout_of(path: str | None, contest: Contest) -> Turnout:
    """Return the interim turnout in a file; None stands for the bundled one, "none" for nothing."""
    if path is None or path.casefold() == NOTHING:
        return None if path is None else "none"
    return library.read_turnout(path, contest)


def day_of(text: str | None) -> date | None:
    """Return the day an argument names."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of must be a day like 2018-11-01 - found {text!r}") from None


def progress_bar() -> Progress:
    """Return a progress bar for terminals; it leaves nothing behind and is silent elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def returns_of(name: str, contest: Contest, units: str | None = None) -> Returns:
    """Return bundled returns, or read them from a file."""
    if is_bundled(name):
        return library.load_returns(name, units=units)
    return library.read_returns(name, finalists=contest.finalists)
