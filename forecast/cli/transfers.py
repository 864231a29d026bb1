"""`forecast bounds` and `forecast transfers`: what the counts of both rounds say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import forecast as library
from forecast.cli.about import AboutContest, dressed, grouped
from forecast.cli.app import app
from forecast.cli.arguments import (
    OUTLINES,
    ContestName,
    JsonFile,
    Seed,
    columns_given,
    drawing_of,
    is_bundled,
    returns_beside,
    returns_of,
)
from forecast.cli.completion import complete_contest
from forecast.cli.screen import say, say_each
from forecast.errors import InputError
from forecast.files.writing import check_outputs, csv_text, write_json, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecast.facts.contest import Contest
    from forecast.outcome.bounds import FlowBounds


@app.command("bounds")
@grouped
def bounds(
    *,
    contest: ContestName,
    about: AboutContest,
    returns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Runoff counts: a bundled contest or a CSV file.",
            autocompletion=complete_contest,
        ),
    ] = None,
) -> None:
    """Say what the counts alone force, without any model."""
    from forecast.facts.comparable import comparable
    from forecast.outcome.bounds import flow_bounds, requirements

    found = about.read(contest, returns=returns)
    say_each(found.notes)
    for need in requirements(found.ledger()):
        say(
            f"{found.label(need.finalist)} needs {need.votes_to_win:,} votes to win at the first "
            f"round's turnout, has {need.own:,}, and so needs {need.shortfall:,} from others "
            f"(the eliminated had {need.eliminated:,})"
        )
    if returns is None:
        return
    told = found.notes
    found, counted, notes = comparable(found, returns_of(returns, found, columns=about.columns))
    for note in (*found.notes, *notes):
        if note not in told:
            say(note)
    table = flow_bounds(found, counted)
    origins, label = table.ledger.origins, found.label
    eliminated = [o for o, k in zip(origins, table.ledger.kinds, strict=True) if k == "eliminated"]
    for f in found.finalists:
        outside = [o for o in origins if o != f and o not in eliminated]
        total = table.between(outside, [f], by_unit=False)[0]
        units = table.between(outside, [f])[0]
        say(
            f"{label(f)} had {counted.totals[f]:,} votes in the runoff: at least {total:,} came "
            f"from outside the eliminated candidates by the totals, {units:,} by units"
        )
    say("\npeople moved, least to most that the counts allow")
    say("\n".join(_bounds_lines(table, label)))


@app.command("transfers")
@grouped
def transfers(
    *,
    contest: ContestName,
    about: AboutContest,
    returns: Annotated[
        str | None, typer.Argument(help="Runoff counts by the same units, CSV; or bundled ones.")
    ] = None,
    below: Annotated[
        float, typer.Option(help="Merge candidates under this fraction of the vote.")
    ] = 0.01,
    method: Annotated[
        str, typer.Option(help="'laplace' (fast) or 'nuts' (reference).")
    ] = "laplace",
    seed: Seed = 0,
    json_file: JsonFile = None,
    figure: Annotated[
        Path | None, typer.Option(help="Where to draw the table: .svg, .png or .pdf.")
    ] = None,
    units_out: Annotated[
        Path | None,
        typer.Option(help="Where to write how every unit fits the table, as CSV."),
    ] = None,
    outlines: Annotated[
        Path | None, typer.Option("--map", help=f"{OUTLINES}; needs --residual-map.")
    ] = None,
    residual_map: Annotated[
        Path | None,
        typer.Option(
            help="Where to draw what the table does not explain, on the outlines of --map: .svg."
        ),
    ] = None,
    by_region: Annotated[
        bool,
        typer.Option("--by-region", help="Say where regions differ; they are partly pooled."),
    ] = False,
    elections: Annotated[
        bool,
        typer.Option(
            "--elections",
            help="The files are two elections by the same units, such as president and parliament, "
            "and not the rounds of one; then nothing about finalists or rounds may be said.",
        ),
    ] = False,
) -> None:
    """Infer who moved where from the counts of both rounds, with intervals and bounds."""
    from forecast.facts.comparable import comparable
    from forecast.outcome.bounds import flow_bounds
    from forecast.report.export import posterior_dict

    outputs = [
        (json_file, (".json",)),
        (figure, (".svg", ".png", ".pdf")),
        (units_out, (".csv",)),
        (residual_map, (".svg",)),
    ]
    check_outputs(outputs, [contest, returns, outlines])
    if (outlines is None) != (residual_map is None):
        raise InputError("--map and --residual-map: one needs the other; give both")
    limits = None
    if elections:
        if returns is None:
            raise InputError("--elections: give the counts of the second election as second file")
        pair = _elections((contest, returns), about)
        found = pair[0]
        say_each(dict.fromkeys(note for election in pair for note in election.notes))
        drawing = drawing_of(outlines, found, "en")
        posterior = library.infer_transfers(*pair, below=below, method=method, seed=seed)  # type: ignore[arg-type]
    else:
        counts = returns_beside(contest, returns, about.columns)
        whole = about.read(contest, returns=counts)
        found = whole.grouped(below=below)
        found, counted, notes = comparable(found, returns_of(counts, whole, columns=about.columns))
        say_each((*found.notes, *notes))
        drawing = drawing_of(outlines, found, "en")
        posterior = library.infer_transfers(found, counted, below=0, method=method, seed=seed)  # type: ignore[arg-type]
        limits = flow_bounds(found, counted)
    say(posterior)
    if by_region:
        say(f"\n{posterior.by_region()}")
    written = []
    if units_out is not None:
        written.append(write_whole(units_out, csv_text(posterior.residuals().rows())))
    if json_file is not None:
        written.append(write_json(json_file, posterior_dict(posterior, limits)))
    if figure is not None:
        from forecast.report.figures import save

        save(posterior.plot(), figure)
        written.append(figure)
    if residual_map is not None and drawing is not None:
        from forecast.report.maps import residual_map as mapped

        written.append(write_whole(residual_map, mapped(posterior, drawing)))
    say_each(f"wrote {place}" for place in written)


def _elections(names: tuple[str, str], about: AboutContest) -> list[Contest]:
    """Return two elections for their own sake: whoever was first, nobody has to advance.

    Raises
    ------
    InputError
        If something is said that only the rounds of one contest have, or that neither file has.
    """
    for option in ("finalists", "rule", "registered", "part", "title", "date"):
        if getattr(about, option) is not None:
            raise InputError(
                f"--{option.replace('part', 'contest')}: is for the rounds of one contest; leave "
                "it out with --elections, which has no rounds"
            )
    if about.columns and all(map(is_bundled, names)):
        raise InputError("--columns: are for files; leave them out of bundled elections")
    pair = [_election(*both, about) for both in (names, names[::-1])]
    labels = [_of_each(pair, texts) for texts in (about.labels, about.parties)]
    return [
        dressed(found, None, None, own, parties)
        for found, own, parties in zip(pair, *labels, strict=True)
    ]


def _election(name: str, other: str, about: AboutContest) -> Contest:
    if is_bundled(name):
        return AboutContest(voters_only=about.voters_only).read(name)
    from forecast.facts.advancement import Advancement

    return library.read_contest(
        name,
        advancement=Advancement(majority=None),
        electorate="voters" if about.voters_only else "registered",
        columns=columns_given(about.columns, name, other),
    )


def _of_each(pair: list[Contest], texts: list[str] | None) -> list[list[str]]:
    """Return what is said of candidates of each of two elections; of nobody's, for the first."""
    known = [[text for text in texts or [] if _names(found, text)] for found in pair]
    lost = [text for text in texts or [] if text not in known[0] + known[1]]
    return [known[0] + lost, known[1]]


def _names(found: Contest, text: str) -> bool:
    try:
        found.key(text.partition("=")[0].strip())
    except InputError:
        return False
    return True


def _bounds_lines(limits: FlowBounds, label: Callable[[str], str]) -> list[str]:
    from forecast.display import aligned

    low, high = limits.table()
    rows = [
        [label(origin), *(f"{a:,} - {b:,}" for a, b in zip(low[r], high[r], strict=True))]
        for r, origin in enumerate(limits.ledger.origins)
    ]
    return aligned(["", *(label(d) for d in limits.ledger.destinations)], rows)
