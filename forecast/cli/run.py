"""`forecast run`, `list`, `show` and `prior`: from a first round to a forecast."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

import forecast as library
from forecast.cli.about import (
    AboutBeliefs,
    AboutContest,
    Colours,
    Extras,
    ScopeGiven,
    colours_of,
    grouped,
)
from forecast.cli.app import app
from forecast.cli.arguments import (
    AsOf,
    ContestName,
    Language,
    MapFile,
    Seed,
    TimelineFile,
    day_of,
    drawing_of,
    is_bundled,
)
from forecast.cli.screen import progress_bar, say, say_each
from forecast.errors import InputError
from forecast.files.writing import check_outputs, write_json, write_whole

OWN_ROW = 0.01
"""Candidates with more than this part of the vote get a row to be filled in."""

TABLES = ("shares", "transfers", "contributions", "variants")
"""Tables of a forecast that `--tables` writes into a folder."""


@app.command("run")
@grouped
def run(
    *,
    contest: ContestName,
    about: AboutContest,
    colours: Colours = None,
    beliefs: AboutBeliefs,
    draws: Annotated[int, typer.Option(help="Number of simulated runoffs, even.")] = 200_000,
    seed: Seed = 0,
    as_of: AsOf = None,
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
    language: Language = "en",
    outlines: MapFile = None,
    extras: Extras,
    timeline_file: TimelineFile = None,
) -> None:
    """Forecast a runoff, print it and write a report."""
    day = day_of(as_of)
    found = about.read(contest, scope=beliefs.scope)
    chosen = colours_of(colours, found)
    path = report if report is not None else Path(f"{found.name}.html")
    outputs = [(path, (".html", ".md")), *extras.outputs(TABLES), (timeline_file, (".csv",))]
    check_outputs(outputs, [contest, *beliefs.files, outlines])
    drawing = drawing_of(outlines, found, language)
    found, believed = beliefs.applied(found, day)
    with progress_bar() as bar:
        task = bar.add_task(f"simulating {draws:,} runoffs", total=1.0)
        result = library.forecast_runoff(
            found,
            believed,
            polls=beliefs.polls_about(found),
            draws=draws,
            seed=seed,
            as_of=day,
            every_candidate=every_candidate,
            progress=lambda done: bar.update(task, completed=done),
        )
        course = result.timeline(draws=2000) if timeline_file is not None else None
    result = result.given(*given) if given else result
    say_each(found.notes)
    say(result)
    if beliefs.prior is None and not found.scope and not is_bundled(contest):
        say("a nationwide runoff is forecast better with --scope national, from past national ones")
    data = library.forecast_dict(result)
    page = library.write_report(
        result, path, data, language=language, colours=chosen, units=drawing, timeline=course
    )
    written = [page]
    if timeline_file is not None and course is not None:
        written.append(course.to_csv(timeline_file))
    if extras.json_file is not None:
        written.append(write_json(extras.json_file, data))
    written += extras.drawn(result, language)
    say_each(f"wrote {place}" for place in written)


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
        say(row.rstrip())


@app.command("show")
@grouped
def show(
    *,
    contest: ContestName,
    about: AboutContest,
) -> None:
    """Show a contest's first round as a ledger of people."""
    say(about.read(contest))


@app.command("prior")
@grouped
def prior_command(
    *,
    contest: ContestName,
    about: AboutContest,
    scope: ScopeGiven = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: CONTEST-prior.toml.")
    ] = None,
) -> None:
    """Print the elicited prior of a contest and write it as a file to edit."""
    from forecast.transfers.elicited.file import prior_toml

    found = about.read(contest, scope=scope)
    prior = library.elicited_prior(found)
    say_each(found.notes)
    say(prior)
    path = out or Path(f"{found.name}-prior.toml")
    check_outputs([(path, (".toml",))], [contest])
    if os.path.lexists(path):
        raise InputError(f"{path}: exists already; choose another place with --out")
    votes = found.totals
    ranked = sorted(votes, key=lambda c: -votes[c])
    share = {c: votes[c] / max(sum(votes.values()), 1) for c in ranked}
    named = {c: f"{found.label(c)}, {x:.1%} of the vote" for c, x in share.items() if x > OWN_ROW}
    say(f"wrote {write_whole(path, prior_toml(prior, named))}; use it with --prior {path}")
