"""`forecast before`, `timeline` and `pollsters`: polls before a first round, and day by day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forecast.cli.about import AboutBeliefs, AboutContest, Day, Extras, Rule, ScopeGiven
from forecast.cli.app import app
from forecast.cli.arguments import (
    AsOf,
    FiguresDir,
    JsonFile,
    Language,
    PollsFile,
    PriorFile,
    Seed,
    TablesPlace,
    TimelineFile,
    check_language,
    day_of,
    is_bundled,
)
from forecast.cli.screen import progress_bar, say, say_each
from forecast.cli.validation import check_new, frozen_at
from forecast.errors import InputError
from forecast.files.writing import check_outputs, write_json

if TYPE_CHECKING:
    from datetime import date

    from forecast.facts.contest import Contest
    from forecast.facts.election import Election

TABLES = ("candidates", "pairings")
"""What `--tables` writes."""
PollTables = Annotated[
    list[str],
    typer.Argument(
        metavar="POLLS...",
        help="A bundled election (france-2027), or polls in CSV, a spreadsheet (polls.xlsx#sheet) "
        "or JSON; several tables of one election may be given.",
    ),
]
ElectionDay = Annotated[
    str | None, typer.Option(metavar="DATE", help="Day of the first round, YYYY-MM-DD.")
]
RunoffDay = Annotated[
    str | None, typer.Option(metavar="DATE", help="Day of the runoff; default: two weeks later.")
]
Candidates = Annotated[
    str | None,
    typer.Option(help="Who stands, separated by commas, once that is known."),
]
Declared = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="When it became public who stands; default: always known."),
]
Country = Annotated[str, typer.Option(help="Country, whose past turnout is looked for.")]
Title = Annotated[str, typer.Option(help="What to call the election.")]


def _election(
    tables: list[str],
    *,
    day: date | None,
    runoff: date | None = None,
    rule: str | None = None,
    candidates: str | None = None,
    declared: date | None = None,
    country: str = "",
    title: str = "",
    registered: int | None = None,
) -> Election:
    import forecast as library
    from forecast.data.elections import elections, load_election

    if len(tables) == 1 and tables[0] in elections() and not Path(tables[0]).exists():
        if day or runoff or rule or candidates or declared or country or registered:
            raise InputError(
                f"{tables[0]}: is bundled with its days, rule and country; leave out the options "
                "that say them"
            )
        return load_election(tables[0])
    if declared and not candidates:
        raise InputError("--declared: is the day of --candidates, which are missing; name them")
    return library.read_election(
        *tables,
        election_day=day,
        runoff=runoff,
        rule=rule,
        candidates=[c.strip() for c in candidates.split(",")] if candidates else None,
        declared=declared,
        country=country,
        title=title,
        registered=registered,
    )


@app.command("before")
def before(  # noqa: PLR0917 - one parameter per option
    polls: PollTables,
    election_day: ElectionDay = None,
    runoff: RunoffDay = None,
    rule: Rule = None,
    candidates: Candidates = None,
    declared: Declared = None,
    country: Country = "",
    registered: Annotated[int | None, typer.Option(help="People who may vote.")] = None,
    title: Title = "",
    counted: Annotated[
        str | None,
        typer.Option(
            metavar="CONTEST",
            help="The first round as counted, a bundled contest or a CSV file: used from its day "
            "on, as 'forecast run' does.",
        ),
    ] = None,
    prior: PriorFile = None,
    draws: Annotated[int, typer.Option(help="Number of simulated elections, even.")] = 100_000,
    seed: Seed = 0,
    as_of: AsOf = None,
    language: Language = "en",
    report: Annotated[Path | None, typer.Option(help="Where to write the page: .html.")] = None,
    json_file: JsonFile = None,
    timeline_file: TimelineFile = None,
    frozen_file: Annotated[
        Path | None,
        typer.Option(
            "--freeze",
            help="Where to write the forecast to be scored later ('forecast score'), with the "
            "SHA-256 of its content: .json.",
        ),
    ] = None,
    figures: FiguresDir = None,
    tables: TablesPlace = None,
) -> None:
    """Forecast an election before its first round: who advances, who meets whom, who is elected."""
    import forecast as library
    from forecast.report.election_page import election_dict, write_election

    day = day_of(as_of)
    found = _election(
        polls,
        day=day_of(election_day, "--election-day"),
        runoff=day_of(runoff, "--runoff"),
        rule=rule,
        candidates=candidates,
        declared=day_of(declared, "--declared"),
        country=country,
        title=title,
        registered=registered,
    )
    page = report if report is not None else Path(f"{found.name}.html")
    extras = Extras(figures=figures, tables=tables, json_file=json_file)
    outputs = [(page, (".html",)), (timeline_file, (".csv",)), (frozen_file, (".json",))]
    check_outputs([*outputs, *extras.outputs(TABLES)], [*polls, counted, prior])
    if frozen_file is not None:
        check_new(frozen_file, "--freeze")
    check_language(language)
    contest = None if counted is None else _counted(counted, found)
    with progress_bar() as bar:
        bar.add_task(f"simulating {draws:,} elections", total=None)
        result = library.forecast_election(
            found, _learned(prior), contest=contest, as_of=day, draws=draws, seed=seed
        )
        course = result.timeline(draws=2000) if timeline_file is not None else None
        data = election_dict(result, effects=result.effects(), timeline=course)
    frozen = None if frozen_file is None else frozen_at(result, frozen_file, *polls, prior)
    say(result)
    for effect in data["effects"][:3]:
        say(
            f"{effect['poll']}: {data['labels'][effect['candidate']]} "
            f"P(elected) {100 * effect['elected']:+.0f} points, "
            f"P(advances) {100 * effect['advances']:+.0f}"
        )
    written = [write_election(result, page, data, course, language=language)]
    if json_file is not None:
        written.append(write_json(json_file, data))
    if timeline_file is not None and course is not None:
        written.append(course.to_csv(timeline_file))
    written += extras.drawn(result, language)
    say_each(f"wrote {place}" for place in written)
    if frozen is not None:
        say(frozen)


def _counted(name: str, election: Election) -> Contest:
    """Return the counted first round; what a file does not say of it, the election does."""
    found = AboutContest().read(name)
    return replace(
        found,
        first_round=found.first_round or election.first_round,
        runoff=found.runoff or election.runoff,
        scope=found.scope or election.scope,
    )


def _learned(prior: str | None) -> Any:
    """Return a learned model from a file, None for the usual."""
    import forecast as library

    if prior is None:
        return None
    if Path(prior).suffix.casefold() != ".json":
        raise InputError(
            f"--prior: must be a learned one before the first round, JSON as 'forecast learn' "
            f"writes - found {prior!r}; nobody knows yet who the finalists are"
        )
    found = library.read_learned(prior)
    if hasattr(found, "with_families"):
        raise InputError(
            f"--prior: must be learned by role - found {found.name!r}, of political families; "
            "learn one with 'forecast learn', or leave it out"
        )
    return found


@app.command("timeline")
def timeline(  # noqa: PLR0917 - one parameter per option
    contest: Annotated[
        list[str],
        typer.Argument(
            metavar="CONTEST|POLLS...",
            help="A bundled contest or a first round in CSV; with --election-day, polls of an "
            "election before its first round.",
        ),
    ],
    election_day: ElectionDay = None,
    runoff: RunoffDay = None,
    date: Day = None,
    rule: Rule = None,
    candidates: Candidates = None,
    declared: Declared = None,
    country: Country = "",
    title: Title = "",
    scope: ScopeGiven = None,
    prior: PriorFile = None,
    polls: PollsFile = None,
    draws: Annotated[int, typer.Option(help="Simulations per day, even.")] = 10_000,
    seed: Seed = 0,
    as_of: AsOf = None,
    language: Language = "en",
    out: Annotated[
        Path | None, typer.Option(help="Where to write it: .csv, or a figure: .svg, .png, .pdf.")
    ] = None,
) -> None:
    """Print the forecast as it stood on each day on which something was published."""
    import forecast as library
    from forecast.data.elections import elections

    day = day_of(as_of)
    check_outputs([(out, (".csv", ".svg", ".png", ".pdf"))], [*contest, prior, polls])
    check_language(language)
    if election_day is not None or (len(contest) == 1 and contest[0] in elections()):
        if scope is not None:
            raise InputError("--scope: is for a contest between two rounds; leave it out")
        if date is not None:
            raise InputError("--date: is for a first round that is over; leave it out")
        found = _election(
            contest,
            day=day_of(election_day, "--election-day"),
            runoff=day_of(runoff, "--runoff"),
            rule=rule,
            candidates=candidates,
            declared=day_of(declared, "--declared"),
            country=country,
            title=title,
        )
        made: Any = library.forecast_election(
            found, _learned(prior), as_of=day, draws=draws, seed=seed
        )
    else:
        if len(contest) > 1:
            raise InputError(
                f"timeline: one contest must be named - found {len(contest)}; several tables of "
                "polls need --election-day"
            )
        about = AboutContest(rule=rule, title=title or None, date=date)
        known = about.read(contest[0], scope=scope)
        if runoff is not None:
            known = replace(known, runoff=day_of(runoff, "--runoff"))
        say_each(known.notes)
        if day is None and is_bundled(contest[0]):
            day = known.runoff
        beliefs = AboutBeliefs(prior=prior, polls=polls)
        known, believed = beliefs.applied(known, day)
        made = library.forecast_runoff(
            known,
            believed,
            polls=beliefs.polls_about(known),
            as_of=day,
            draws=draws,
            seed=seed,
        )
    course = made.timeline(draws=draws)
    say(course)
    if out is None:
        return
    if out.suffix.casefold() == ".csv":
        say(f"wrote {course.to_csv(out)}")
        return
    from forecast.report.figures import save
    from forecast.report.languages import speaking

    with speaking(language):
        save(course.plot(), out)
    say(f"wrote {out}")


@app.command("pollsters")
def pollsters(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="POLLS...",
            help="Polls before a first round; default: what past runoffs say of pollsters.",
        ),
    ] = None,
    election_day: ElectionDay = None,
    as_of: AsOf = None,
) -> None:
    """Print pollsters' house effects, and how far they were off in past runoffs."""
    from forecast.outcome.pollsters import house_effects, past_pollsters

    if not tables:
        say(past_pollsters())
        return
    found = _election(tables, day=day_of(election_day, "--election-day"))
    day = day_of(as_of)
    say(house_effects(found if day is None else found.as_of(day)))
