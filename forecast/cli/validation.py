"""`forecast freeze`, `score` and `scorecard`: say it before, count it after."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.cli.about import AboutBeliefs, AboutContest, ColumnsGiven, grouped
from forecast.cli.app import app
from forecast.cli.arguments import AsOf, ContestName, Seed, columns_given, day_of, units_of
from forecast.cli.screen import progress_bar, say, say_each
from forecast.errors import InputError
from forecast.files.reading import MAX_TREE_BYTES, read_text
from forecast.files.writing import check_outputs, write_json, write_whole

if TYPE_CHECKING:
    from forecast.facts.contest import Contest
    from forecast.facts.returns import Returns
    from forecast.outcome.election import ElectionForecast
    from forecast.outcome.forecast import Forecast


@app.command("freeze")
@grouped
def freeze_command(
    *,
    contest: ContestName,
    about: AboutContest,
    beliefs: AboutBeliefs,
    draws: Annotated[int, typer.Option(help="Number of simulated runoffs, even.")] = 200_000,
    seed: Seed = 0,
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: CONTEST-frozen.json.")
    ] = None,
) -> None:
    """Write a forecast to be scored later, with the SHA-256 of its content."""
    found = about.read(contest, scope=beliefs.scope)
    path = out or Path(f"{found.name}-frozen.json")
    check_outputs([(path, (".json",))], [contest, *beliefs.files])
    check_new(path, "--out")
    found, believed = beliefs.applied(found, day_of(as_of))
    result = library.forecast_runoff(
        found,
        believed,
        polls=beliefs.polls_about(found),
        draws=draws,
        seed=seed,
        as_of=day_of(as_of),
    )
    said = frozen_at(result, path, contest, *beliefs.files)
    say_each(found.notes)
    say(result)
    say(said)


@app.command("score")
def score_command(  # noqa: PLR0917 - one parameter per option
    frozen: Annotated[
        Path,
        typer.Argument(help="A file that 'forecast freeze' or 'forecast before --freeze' wrote."),
    ],
    returns: Annotated[
        str,
        typer.Option(metavar="FILE|bundled", help="Official counts of the runoff, CSV."),
    ] = "bundled",
    first_round: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Official counts of the first round, CSV, for a forecast made before it.",
        ),
    ] = None,
    columns: ColumnsGiven = None,
    sha256: Annotated[
        str | None,
        typer.Option(
            help="The hash published when the forecast was frozen: refuse any other forecast, also "
            "one whose own hash was computed anew."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Where to write the scores as JSON.")
    ] = None,
) -> None:
    """Score a frozen forecast; refuse one that does not fit its hash, or the one published."""
    from forecast.display import aligned
    from forecast.validation.frozen import read_frozen, score_frozen

    check_outputs([(json_file, (".json",))], [frozen, returns, first_round])
    found = read_frozen(read_text(frozen, limit=MAX_TREE_BYTES), where=str(frozen))
    if sha256 is not None and sha256.strip().lower() != found["sha256"]:
        raise InputError(
            f"{frozen}: must have the published SHA-256 {sha256} - found {found['sha256']}; "
            "this is another forecast"
        )
    before = _first_round(found, first_round)
    counted = _runoff_of(found, returns, before, columns)
    scores = score_frozen(found, counted, first_round=before)
    say(f"{found['title']}, made {found['made']}, SHA-256 {found['sha256']}")
    shares = [[found["labels"][f], f"{100 * s:.1f}%"] for f, s in scores["share"].items()]
    say_each(_said_of_counts(found, scores, before, counted))
    plain = [[k, f"{v:.3f}"] for k, v in scores.items() if isinstance(v, float)]
    held = [[k, "yes" if v else "no"] for k, v in scores.items() if isinstance(v, bool)]
    say("\n".join(aligned(["", ""], [*shares, *plain, *held])[1:]))
    if json_file is not None:
        say(f"wrote {write_json(json_file, scores)}")


def _runoff_of(
    frozen: dict[str, Any], returns: str, before: Contest | None, columns: list[str] | None
) -> Returns | None:
    """Return the counts of the runoff, None while a forecast of both rounds has none."""
    if returns != "bundled":
        said = columns_given(columns, returns)
        people = frozen["finalists"] if before is None else None
        return library.read_returns(returns, finalists=people, contest=before, columns=said)
    if columns:
        raise InputError("--columns: is for a file of returns; give one with --returns")
    if before is not None:
        return None
    units = units_of(frozen["contest"], set(frozen.get("unit_names", ())), None)
    return library.load_returns(frozen["contest"], units=units)


def _said_of_counts(
    frozen: dict[str, Any], scores: dict[str, Any], before: Contest | None, counted: Returns | None
) -> list[str]:
    """Return how counts were read, who advanced and was elected, and whether some are missing."""
    from forecast.facts.tables.unit_columns import EVERYWHERE

    lines = [note for counts in (before, counted) if counts is not None for note in counts.notes]
    if before is not None:
        if unknown := scores["not in the forecast"]:
            lines.append(f"not in the forecast: {', '.join(unknown)}")
        lines += [f"in the runoff: {frozen['labels'][name]}" for name in scores["advanced"]]
        if "winner" in scores:
            lines.append(f"elected: {frozen['labels'][scores['winner']]}")
        return lines
    if frozen.get("people_estimated"):
        lines.append(f"the number of registered people, {frozen['people']:,}, was an estimate")
    few, units = scores["units counted"], scores["units of the first round"]
    if counted is not None and counted.units == (EVERYWHERE,) and few:
        lines.append("the count is one total, not by unit")
    elif few < units:
        lines.append(f"counted in {few:,} of {units:,} units: is the count complete?")
    return lines


def _first_round(frozen: dict[str, Any], given: str | None) -> Contest | None:
    """Return the counts of the first round that a forecast of both rounds is scored by."""
    from forecast.validation.frozen_elections import FORMAT as ELECTION

    if frozen["format"] != ELECTION:
        if given is not None:
            raise InputError("--first-round: is for a forecast made before it; leave it out")
        return None
    if given is None:
        raise InputError(
            f"{frozen['title']}: was forecast before its first round; give the counts of that "
            "with --first-round"
        )
    return library.read_contest(given, advancement="top two", electorate="voters")


@app.command("scorecard")
def scorecard_command(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of frozen forecasts; NAME.csv holds returns of NAME.json"),
    ] = None,
    of_gallery: Annotated[
        bool,
        typer.Option("--gallery", help="Forecast and score all bundled runoffs instead."),
    ] = False,
    draws: Annotated[int, typer.Option(help="Draws of each contest of the gallery, even.")] = 2000,
    report: Annotated[
        Path | None,
        typer.Option(help="Where to write the page; default: scorecard.html or gallery.html."),
    ] = None,
) -> None:
    """Write a page of all frozen forecasts in a folder, or of the gallery, and how they fared."""
    if of_gallery == (folder is not None):
        raise InputError("scorecard: give a folder of frozen forecasts, or --gallery, not both")
    if folder is None:
        _gallery_page(report or Path("gallery.html"), draws)
    else:
        _frozen_page(folder, report or Path("scorecard.html"))


def _gallery_page(out: Path, draws: int) -> None:
    """Forecast every bundled contest and write how that fared."""
    from forecast.report.scorecard import render_gallery
    from forecast.validation.gallery import gallery

    check_outputs([(out, (".html",))])
    pairs = [(library.load_contest(n), library.load_returns(n)) for n in library.contests()]
    with progress_bar() as bar:
        task = bar.add_task(f"forecasting {len(pairs)} runoffs", total=1.0)
        found = gallery(pairs, draws=draws, progress=lambda done: bar.update(task, completed=done))
    say(found)
    say(f"wrote {write_whole(out, render_gallery(found))}")


def _frozen_page(folder: Path, out: Path) -> None:
    """Write how the frozen forecasts of a folder fared."""
    from forecast.report.scorecard import render_scorecard
    from forecast.validation.scorecard import entry

    check_outputs([(out, (".html",))])
    if not os.path.isdir(folder):
        raise InputError(f"{folder}: must be a folder of frozen forecasts - found none; make it")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError(f"{folder}: holds no frozen forecasts; 'forecast freeze' writes them")

    def result_beside(file: Path, frozen: dict[str, Any]) -> Returns | None:
        beside = file.with_suffix(".csv")
        if os.path.isfile(beside):
            return library.read_returns(str(beside), finalists=frozen["finalists"])
        if frozen["contest"] not in library.contests():
            return None
        contest = library.load_contest(frozen["contest"])
        bundled = contest.digest == frozen["provenance"]["contest_digest"]
        return library.load_returns(frozen["contest"]) if bundled else None

    entries = [
        entry(f.name, partial(read_text, f, limit=MAX_TREE_BYTES), partial(result_beside, f))
        for f in files
    ]
    say(f"{len(entries)} files, {sum(e.scores is not None for e in entries)} scored")
    for each in entries:
        if each.problem:
            say(f"not scored: {each.problem}")
    say(f"wrote {write_whole(out, render_scorecard(entries))}")


def check_new(path: Path, option: str) -> None:
    """Raise `InputError` if a frozen forecast would replace something."""
    if os.path.lexists(path):
        raise InputError(f"{path}: exists already; choose another place with {option}")


def frozen_at(result: Forecast | ElectionForecast, path: Path, *read: str | Path | None) -> str:
    """Write a forecast to be scored later and return where it is, and its hash."""
    from forecast.validation.frozen import freeze, frozen_text

    made = datetime.now(UTC).isoformat(timespec="seconds")
    frozen = freeze(result, made=made, inputs=_digests(*read))
    write_whole(path, frozen_text(frozen))
    return f"wrote {path}\nSHA-256 {frozen['sha256']}; publish it with the forecast"


def _digests(*names: str | Path | None) -> dict[str, str]:
    """Return the SHA-256 of every file among the arguments, by as much of its path as it needs."""
    files = [Path(name) for name in names if name is not None and os.path.isfile(name)]
    short = [file.name for file in files]
    return {
        file.name if short.count(file.name) == 1 else str(file): hashlib.sha256(
            file.read_bytes()
        ).hexdigest()
        for file in files
    }
