"""The command `forecast`: a thin shell over the public functions."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.errors import ForecastError, InputError
from forecast.report.files import check_place, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from forecast.contest import Contest
    from forecast.outcome.bounds import FlowBounds
    from forecast.returns import Returns
    from forecast.transfers.sampler import TransferDistribution

__all__ = ["app", "main"]

app = typer.Typer(
    name="forecast",
    help="Forecast runoff elections from one table of vote transfers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ContestName = Annotated[
    str, typer.Argument(help="A bundled contest (see 'forecast list') or a CSV file.")
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
        metavar="FILE|learned",
        help="A prior in TOML, as 'forecast prior' writes; or the one learned from past runoffs.",
    ),
]


def main() -> None:
    """Run the command; a `ForecastError` becomes one message and exit code 2."""
    try:
        app()
    except ForecastError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)


def _version(wanted: bool) -> None:
    if wanted:
        print(library.__version__)
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command("run")
def run(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    prior: PriorFile = None,
    draws: Annotated[int, typer.Option(help="Number of simulated runoffs, even.")] = 200_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same forecast.")] = 0,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Use nothing known after YYYY-MM-DD.")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option(help="A condition, such as 'turnout >= 52 %'.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where to write the page: .html or .md.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Where to write the figures as JSON.")
    ] = None,
) -> None:
    """Forecast a runoff, print it and write a report."""
    day = _day(as_of)
    found = _contest(contest, finalists, registered, voters_only)
    path = report if report is not None else Path(f"{found.name}.html")
    check_place(path, (".html", ".md"))
    if json_file is not None:
        check_place(json_file)
    with _progress() as bar:
        task = bar.add_task(f"simulating {draws:,} runoffs", total=1.0)
        result = library.forecast_runoff(
            found,
            _prior(prior, found),
            draws=draws,
            seed=seed,
            as_of=day,
            progress=lambda done: bar.update(task, completed=done),
        )
    result = result.given(*given) if given else result
    print(result)
    data = library.forecast_dict(result)
    written = [library.write_report(result, path, data)]
    if json_file is not None:
        text = json.dumps(data, indent=1, ensure_ascii=False)
        written.append(write_whole(json_file, text + "\n"))
    for place in written:
        print(f"wrote {place}")


@app.command("list")
def list_contests() -> None:
    """List the bundled contests."""
    for name in library.contests():
        print(f"{name}  {library.load_contest(name).title}")


@app.command("show")
def show(
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
) -> None:
    """Show a contest's first round as a ledger of people."""
    found = _contest(contest, finalists, registered, voters_only)
    ledger = found.ledger()
    valid = int(found.votes.sum())
    print(f"{found.title or found.name}, {len(found.units)} units")
    for day, word in ((found.first_round, "first round"), (found.runoff, "runoff")):
        if day:
            print(f"{word} {day.isoformat()}")
    width = max(len(found.label(o)) for o in ledger.origins)
    for origin, kind, count in zip(ledger.origins, ledger.kinds, ledger.totals, strict=True):
        share = f"{100 * count / valid:5.2f} %" if kind in ("finalist", "eliminated") else ""
        print(f"{found.label(origin):<{width}}  {count:>12,}  {share:>8}  {kind}")
    print(f"{'everybody':<{width}}  {ledger.people:>12,}")
    if found.source:
        print(f"source: {found.source}")


@app.command("prior")
def prior_command(
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: CONTEST-prior.toml.")
    ] = None,
) -> None:
    """Print the default prior of a contest and write it as a file to edit."""
    found = _contest(contest, finalists, registered, voters_only)
    prior = library.default_prior(found)
    print(prior)
    path = out or Path(f"{found.name}-prior.toml")
    if path.exists():
        raise InputError(f"{path}: exists already; choose another place with --out")
    print(f"wrote {write_whole(path, library.prior_toml(prior))}; use it with --prior {path}")


@app.command("bounds")
def bounds(
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    returns: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Runoff counts: a bundled contest or a CSV file."),
    ] = None,
) -> None:
    """Say what the counts alone force, without any model."""
    from forecast.outcome.bounds import flow_bounds, requirements

    found = _contest(contest, finalists, registered, voters_only)
    for need in requirements(found.ledger()):
        print(
            f"{found.label(need.finalist)} needs {need.votes_to_win:,} votes to win at the first "
            f"round's turnout, has {need.own:,}, and so needs {need.shortfall:,} from others "
            f"(the eliminated had {need.eliminated:,})"
        )
    if returns is None:
        return
    counted = _returns(returns, found)
    table = flow_bounds(found, counted)
    origins, label = table.ledger.origins, found.label
    eliminated = [o for o, k in zip(origins, table.ledger.kinds, strict=True) if k == "eliminated"]
    for f in found.finalists:
        outside = [o for o in origins if o != f and o not in eliminated]
        total = table.between(outside, [f], by_unit=False)[0]
        units = table.between(outside, [f])[0]
        print(
            f"{label(f)} had {counted.totals[f]:,} votes in the runoff: at least {total:,} came "
            f"from outside the eliminated candidates by the totals, {units:,} by units"
        )
    print("\npeople moved, least to most that the counts allow")
    print("\n".join(_bounds_lines(table, label)))


@app.command("transfers")
def transfers(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    returns: Annotated[
        str | None, typer.Argument(help="Runoff counts by the same units, CSV; or bundled ones.")
    ] = None,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    below: Annotated[
        float, typer.Option(help="Merge candidates under this fraction of the vote.")
    ] = 0.01,
    method: Annotated[
        str, typer.Option(help="'laplace' (fast) or 'nuts' (reference).")
    ] = "laplace",
    seed: Annotated[int, typer.Option(help="The same seed gives the same table.")] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Where to write the figures as JSON.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Where to draw the table: .svg, .png or .pdf.")
    ] = None,
) -> None:
    """Infer who moved where from the counts of both rounds, with intervals and bounds."""
    from forecast.outcome.bounds import flow_bounds
    from forecast.report.export import posterior_dict

    if not 0 <= below < 1:
        raise InputError(f"--below must be a fraction from 0 to 1 - found {below}")
    found = _contest(contest, finalists, registered, voters_only).grouped(below=below)
    if returns is None and contest not in library.contests():
        raise InputError("transfers: give the counts of the runoff as the second file")
    if json_file is not None:
        check_place(json_file)
    if figure is not None:
        check_place(figure, (".svg", ".png", ".pdf"))
    counted = _returns(returns or contest, found)
    posterior = library.infer_transfers(found, counted, method=method, seed=seed)  # type: ignore[arg-type]
    print(posterior)
    limits = flow_bounds(found, counted)
    written = []
    if json_file is not None:
        text = json.dumps(posterior_dict(posterior, limits), indent=1, ensure_ascii=False)
        written.append(write_whole(json_file, text + "\n"))
    if figure is not None:
        from forecast.report.figures import save

        save(posterior.plot(), figure)
        written.append(figure)
    for place in written:
        print(f"wrote {place}")


def _returns(name: str, contest: Contest) -> Returns:
    """Return bundled returns, or read them from a file."""
    if not Path(name).suffix and not Path(name).exists():
        return library.load_returns(name)
    return library.read_returns(name, finalists=contest.finalists)


def _bounds_lines(limits: FlowBounds, label: Callable[[str], str]) -> list[str]:
    from forecast.text import aligned

    low, high = limits.table()
    rows = [
        [label(origin), *(f"{a:,} - {b:,}" for a, b in zip(low[r], high[r], strict=True))]
        for r, origin in enumerate(limits.ledger.origins)
    ]
    return aligned(["", *(label(d) for d in limits.ledger.destinations)], rows)


def _contest(
    name: str, finalists: str | None, registered: int | None, voters_only: bool
) -> Contest:
    """Return a bundled contest, or read one from a file."""
    chosen = [f.strip() for f in finalists.split(",")] if finalists is not None else None
    if not Path(name).suffix and not Path(name).exists():
        found = library.load_contest(name)
        if chosen is not None or registered is not None or voters_only:
            from dataclasses import replace

            changes: dict[str, Any] = {"finalists": tuple(chosen)} if chosen else {}
            changes |= {"electorate": "voters"} if voters_only else {}
            if registered is not None:
                raise InputError(f"--registered: {name} knows its registered; leave it out")
            found = replace(found, **changes)
        return found
    return library.read_contest(
        name,
        finalists=chosen,
        registered=registered,
        electorate="voters" if voters_only else "registered",
    )


def _prior(name: str | None, contest: Contest) -> TransferDistribution | None:
    if name == "learned":
        return library.learned_prior(contest)
    return None if name is None else library.read_prior(name)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--as-of must be a day like 2018-11-01 - found {text!r}") from None


def _progress() -> Progress:
    """Return a progress bar for terminals; it leaves nothing behind and is silent elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


if __name__ == "__main__":
    main()
