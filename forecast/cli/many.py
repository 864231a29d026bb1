"""`forecast many`: all runoffs of one day, seats and every constituency."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

import forecast as library
from forecast.cli.about import Rule
from forecast.cli.app import app
from forecast.cli.arguments import AsOf, Language, Seed, check_language, day_of
from forecast.cli.screen import progress_bar, say, say_each
from forecast.errors import InputError
from forecast.files.writing import check_outputs, csv_text, write_whole

if TYPE_CHECKING:
    from forecast.transfers.families.prior import FamilyPrior


@app.command("many")
def many_command(  # noqa: PLR0917 - one parameter per option
    contests: Annotated[
        Path,
        typer.Argument(
            help="CSV with a row per count: contest, candidate (or 'registered', 'invalid'), "
            "family, votes; optional finalist, withdrawn."
        ),
    ],
    prior: Annotated[
        Path, typer.Option(metavar="FILE", help="What was learned of the families, JSON.")
    ],
    changes: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML: unsettled and third_withdraws, lists of families; [alliances.NAME], "
            "weights of its members.",
        ),
    ] = None,
    rule: Rule = None,
    first_round: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day of the first round, YYYY-MM-DD.")
    ] = None,
    as_of: AsOf = None,
    draws: Annotated[int, typer.Option(help="Number of simulated days, even.")] = 20_000,
    seed: Seed = 0,
    language: Language = "en",
    report: Annotated[Path, typer.Option(help="Where to write the page.")] = Path("seats.html"),
    by_contest: Annotated[
        Path, typer.Option("--by-contest", help="Where to write every constituency, CSV.")
    ] = Path("seats.csv"),
) -> None:
    """Forecast all runoffs of one day: seats by family, and every constituency."""
    from forecast.facts.many_contests import read_contests
    from forecast.outcome.many import by_constituency, forecast_many
    from forecast.report.seats_page import render_seats
    from forecast.transfers.families.changes import FamilyChanges, read_changes

    check_outputs([(report, (".html",)), (by_contest, (".csv",))], [contests, prior, changes])
    check_language(language)
    said = FamilyChanges() if changes is None else read_changes(changes)
    found = read_contests(
        contests,
        advancement=rule,
        first_round=day_of(first_round, "--first-round"),
        third_withdraws=said.third_withdraws,
    )
    learned = library.read_learned(prior)
    if not hasattr(learned, "with_families"):
        raise InputError(
            f"--prior: must be of political families - found {learned.name!r}, learned by role; "
            "learn one with 'forecast learn --families'"
        )
    with progress_bar() as bar:
        task = bar.add_task(f"simulating {len(found.contests):,} runoffs", total=1.0)
        result = forecast_many(
            found,
            cast("FamilyPrior", learned),
            changes=said,
            as_of=day_of(as_of),
            draws=draws,
            seed=seed,
            progress=lambda done: bar.update(task, completed=done),
        )
    rows = by_constituency(found, result)
    say_each(found.notes)
    say(found)
    say(result)
    for place in (
        write_whole(report, render_seats(found, result, rows, language=language)),
        write_whole(by_contest, csv_text(rows)),
    ):
        say(f"wrote {place}")
