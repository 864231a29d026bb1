"""What the commands share: their arguments, and how these become contests, priors and days."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import forecast as library
from forecast.cli.completion import (
    complete_contest,
    complete_language,
    complete_prior,
    complete_units,
)
from forecast.errors import InputError, suggest

if TYPE_CHECKING:
    from forecast.facts.contest import Contest
    from forecast.facts.returns import Returns
    from forecast.outcome.published import Turnout
    from forecast.report.maps import UnitMap

AsOf = Annotated[
    str | None, typer.Option(metavar="DATE", help="Use nothing published after YYYY-MM-DD.")
]
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Where to write the figures as JSON.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same result.")]
ContestName = Annotated[
    str,
    typer.Argument(
        help="A bundled contest (see 'forecast list') or a CSV file.",
        autocompletion=complete_contest,
    ),
]
Language = Annotated[
    str,
    typer.Option(
        metavar="CODE",
        help="Language of the page: en, es, fr, ka, pl, pt or ro.",
        autocompletion=complete_language,
    ),
]
FiguresDir = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where to draw the figures: .svg and .png.")
]
TablesPlace = Annotated[
    Path | None,
    typer.Option(metavar="FILE|DIR", help="Where to write the tables: .xlsx, or .csv files."),
]
TimelineFile = Annotated[
    Path | None,
    typer.Option(
        "--timeline",
        help="Where to write the forecast day by day: .csv; the page then has its figure.",
    ),
]
OUTLINES = "Outlines of the units, GeoJSON"
MapFile = Annotated[
    Path | None,
    typer.Option("--map", help=f"{OUTLINES}, to draw on the page."),
]
PriorFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|learned|elicited",
        help="A prior: TOML as 'forecast prior' writes, JSON as 'forecast learn' writes, any that "
        "was saved in Python, a posterior too (.forecast), or a bundled one; default: learned from "
        "past runoffs where bundled, else elicited.",
        autocompletion=complete_prior,
    ),
]
RolesFile = Annotated[
    Path | None,
    typer.Option(
        "--roles",
        metavar="FILE",
        help="Role, or political family, of each origin in a learned prior, in TOML; default: by "
        "the counts.",
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
    return name != "-" and not Path(name.partition("#")[0]).suffix and not os.path.exists(name)


def columns_given(
    texts: list[str] | None, path: str | Path, other: str | Path | None = None
) -> dict[str, str] | None:
    """Return what columns of a file are said to be; each must be in this file or in another.

    Raises
    ------
    InputError
        If a text is not NAME=ROLE, or names a column of neither.
    """
    if not texts:
        return None
    from forecast.facts.readers import report_files
    from forecast.files.columns import Columns

    pairs = [text.rpartition("=")[::2] for text in texts]
    for text, (name, role) in zip(texts, pairs, strict=True):
        if not name or not role:
            raise InputError(f"--columns: must be NAME=ROLE - found {text!r}")
    given = {name.strip(): role.strip() for name, role in pairs}
    if str(path) == "-":
        return given
    files = [
        file for p in (path, other) if p and not is_bundled(str(p)) for file in report_files(p)
    ]
    known = {file: Columns.from_file(file).names for file in files}
    for name in given:
        everywhere = tuple(dict.fromkeys(n for names in known.values() for n in names))
        if name not in everywhere:
            raise InputError(f"--columns: no column {name!r}; {suggest(name, everywhere)}")
    here = {name for file in report_files(path) for name in known[file]}
    return {name: role for name, role in given.items() if name in here}


def units_of(name: str, named: set[str], units: str | None) -> str | None:
    """Return what the units of a bundled contest are: as said, as named, or the finest."""
    if units is not None or not is_bundled(name):
        return units
    from forecast.data.bundle import units_like

    return units_like(name, named)


def turnout_of(path: str | None, contest: Contest) -> Turnout:
    """Return the interim turnout in a file; None stands for the bundled one, "none" for nothing."""
    if path is None or path.casefold() == NOTHING:
        return None if path is None else "none"
    return library.read_turnout(path, contest)


def day_of(text: str | None, option: str = "--as-of") -> date | None:
    """Return the day an argument names."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} must be a day like 2018-11-01 - found {text!r}") from None


def check_language(language: str) -> None:
    """Raise `InputError` if pages do not speak a language, before anything is computed."""
    from forecast.report.languages import speaking

    with speaking(language):
        pass


def drawing_of(outlines: Path | None, contest: Contest, language: str) -> UnitMap | None:
    """Return the outlines of a contest's units, if a file has them; check the language, too.

    Raises
    ------
    InputError
        If the file is no map of these units, or there is no such language.
    """
    check_language(language)
    if outlines is None:
        return None
    from forecast.report.maps import read_map

    return read_map(outlines, contest)


def returns_of(
    name: str, contest: Contest, units: str | None = None, *, columns: list[str] | None = None
) -> Returns:
    """Return bundled returns, or read them from a file."""
    if is_bundled(name):
        return library.load_returns(name, units=units)
    given = columns_given(columns, name) if columns and name != "-" else None
    return library.read_returns(name, contest=contest, columns=given)


def returns_beside(contest: str, returns: str | None, columns: list[str] | None = None) -> str:
    """Return where the runoff's counts are: as named, bundled, or the second round of the file.

    Raises
    ------
    InputError
        If the file of the first round has no second.
    """
    if returns is not None or is_bundled(contest):
        return returns or contest
    from forecast.facts.readers import rounds_in

    if rounds_in(contest, columns=columns_given(columns, contest)) != (1, 2):
        raise InputError(
            f"{contest}: has one round; give the counts of the runoff as the second file"
        )
    return contest
