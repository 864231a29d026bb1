"""`forecast run`, `list`, `show` and `prior`: from a first round to a forecast."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

import forecast as library
from forecast.cli.app import app
from forecast.cli.arguments import (
    ColumnsGiven,
    ContestName,
    Finalists,
    Part,
    PollsFile,
    PriorFile,
    Registered,
    RolesFile,
    Rule,
    ScopeGiven,
    Voters,
    contest_of,
    day_of,
    of_scope,
    polls_of,
    prior_of,
    progress_bar,
)
from forecast.errors import InputError
from forecast.files.writing import check_outputs, write_whole

__all__ = ["list_contests", "prior_command", "run", "show"]


@app.command("run")
def run(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    columns: ColumnsGiven = None,
    part: Part = None,
    rule: Rule = None,
    scope: ScopeGiven = None,
    prior: PriorFile = None,
    roles: RolesFile = None,
    polls: PollsFile = None,
    draws: Annotated[int, typer.Option(help="Number of simulated runoffs, even.")] = 200_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same forecast.")] = 0,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Use nothing known after YYYY-MM-DD.")
    ] = None,
    every_candidate: Annotated[
        bool, typer.Option("--every-candidate", help="Keep minor candidates separate.")
    ] = False,
    given: Annotated[
        list[str] | None,
        typer.Option(metavar="CONDITION", help="Such as 'turnout >= 52%'; may be repeated."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where to write the page: .html or .md.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Where to write the figures as JSON.")
    ] = None,
) -> None:
    """Forecast a runoff, print it and write a report."""
    day = day_of(as_of)
    read = contest_of(contest, finalists, registered, voters_only, how=(columns, part, rule))
    found = of_scope(read, scope)
    path = report if report is not None else Path(f"{found.name}.html")
    check_outputs(
        [(path, (".html", ".md")), (json_file, (".json",))], [contest, prior, roles, polls]
    )
    with progress_bar() as bar:
        task = bar.add_task(f"simulating {draws:,} runoffs", total=1.0)
        result = library.forecast_runoff(
            found,
            prior_of(prior, found, roles, day=day),
            polls=polls_of(polls, found),
            draws=draws,
            seed=seed,
            as_of=day,
            every_candidate=every_candidate,
            progress=lambda done: bar.update(task, completed=done),
        )
    result = result.given(*given) if given else result
    for note in found.notes:
        print(note)
    print(result)
    data = library.forecast_dict(result)
    written = [library.write_report(result, path, data)]
    if json_file is not None:
        text = json.dumps(data, indent=1, ensure_ascii=False)
        written.append(write_whole(json_file, text + "\n"))
    for place in written:
        print(f"wrote {place}")


@app.command("list")
def list_contests(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="Only contests of these words: a country, a year, 'polls', a unit."),
    ] = None,
) -> None:
    """List the bundled contests: by what units they are known, and how many polls there are."""
    from forecast.data import listed
    from forecast.display import aligned

    found = listed(words or ())
    for row in aligned(["contest", "", "first round", "units", "polls"], found):
        print(row.rstrip())


@app.command("show")
def show(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    columns: ColumnsGiven = None,
    part: Part = None,
    rule: Rule = None,
) -> None:
    """Show a contest's first round as a ledger of people."""
    print(contest_of(contest, finalists, registered, voters_only, how=(columns, part, rule)))


@app.command("prior")
def prior_command(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    columns: ColumnsGiven = None,
    part: Part = None,
    rule: Rule = None,
    scope: ScopeGiven = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: CONTEST-prior.toml.")
    ] = None,
) -> None:
    """Print the elicited prior of a contest and write it as a file to edit."""
    from forecast.transfers.elicited.file import prior_toml

    read = contest_of(contest, finalists, registered, voters_only, how=(columns, part, rule))
    found = of_scope(read, scope)
    prior = library.elicited_prior(found)
    print(prior)
    path = out or Path(f"{found.name}-prior.toml")
    check_outputs([(path, (".toml",))], [contest])
    if os.path.lexists(path):
        raise InputError(f"{path}: exists already; choose another place with --out")
    print(f"wrote {write_whole(path, prior_toml(prior))}; use it with --prior {path}")
