"""`forecast evidence`: what each piece of evidence did to a forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import forecast as library
from forecast.cli.about import AboutBeliefs, AboutContest, Colours, colours_of, grouped
from forecast.cli.app import app
from forecast.cli.arguments import (
    AsOf,
    ContestName,
    JsonFile,
    Language,
    Seed,
    check_language,
    day_of,
)
from forecast.cli.screen import say, say_each
from forecast.files.writing import check_outputs, write_json


@app.command("evidence")
@grouped
def evidence(
    *,
    contest: ContestName,
    about: AboutContest,
    colours: Colours = None,
    beliefs: AboutBeliefs,
    draws: Annotated[int, typer.Option(help="Simulated runoffs per row, even.")] = 100_000,
    seed: Seed = 0,
    as_of: AsOf = None,
    language: Language = "en",
    json_file: JsonFile = None,
    report: Annotated[
        Path | None, typer.Option(help="Where to write a report that shows it: .html or .md.")
    ] = None,
) -> None:
    """Add prior, endorsements and polls one after another, and print what each did."""
    from forecast.report.export import evidence_dict

    day = day_of(as_of)
    check_outputs([(report, (".html", ".md")), (json_file, (".json",))], [contest, *beliefs.files])
    found = about.read(contest, scope=beliefs.scope)
    chosen = colours_of(colours, found)
    check_language(language)
    found, believed = beliefs.applied(found, day)
    table = library.evidence_ladder(
        found,
        believed,
        polls=beliefs.polls_about(found),
        as_of=day,
        draws=draws,
        seed=seed,
    )
    say_each(found.notes)
    say(table)
    if json_file is not None:
        say(f"wrote {write_json(json_file, evidence_dict(table))}")
    if report is not None:
        last = table.pieces[-1].forecast
        data = library.forecast_dict(last, evidence=table)
        say(f"wrote {library.write_report(last, report, data, language=language, colours=chosen)}")
