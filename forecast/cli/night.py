"""`forecast night` and `forecast replay`: a runoff while it is counted, live or told again."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.cli.app import app
from forecast.cli.arguments import (
    ContestName,
    Finalists,
    PriorFile,
    Registered,
    RolesFile,
    Voters,
    contest_of,
    day_of,
    prior_of,
    returns_of,
)
from forecast.cli.completion import complete_order
from forecast.errors import InputError
from forecast.text_file import read_bytes
from forecast.whole_file import check_place

if TYPE_CHECKING:
    from forecast.contest import Contest
    from forecast.outcome.night import Nowcast
    from forecast.reporting import Reporting
    from forecast.transfers.sampler import TransferDistribution

__all__ = ["night", "replay"]

Page = Annotated[Path | None, typer.Option("--report", help="Where to write the page: .html.")]
History = Annotated[
    Path | None, typer.Option(help="Where to keep every forecast of the night: .jsonl.")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="DATE", help="Day of a contest without dates; a prior learned later is refused."
    ),
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same forecast.")]


@app.command("night")
def night(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    returns: Annotated[
        Path, typer.Option(metavar="FILE|DIR", help="Runoff counts so far, CSV, or a folder of it.")
    ],
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    prior: PriorFile = None,
    roles: RolesFile = None,
    as_of: AsOf = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again whenever the returns change, until Ctrl-C.")
    ] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks.", min=0.05)] = 10.0,
    report: Page = None,
    history: History = None,
    seed: Seed = 0,
) -> None:
    """Forecast a runoff from the returns that are in, once or all through the night."""
    found = contest_of(contest, finalists, registered, voters_only)
    believed = prior_of(prior, found, roles, day=day_of(as_of))
    desk = _Desk(found, believed, seed, report, history)
    desk.refresh = max(5, round(every)) if watch else None
    if not watch:
        desk.publish(library.read_reporting(returns, found))
        return
    lookout = _Lookout(returns, found)
    while True:
        seen = lookout.look()
        if seen is not None:
            desk.publish(seen)
            if seen.complete:
                return
        time.sleep(every)


@app.command("replay")
def replay(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    returns: Annotated[
        str | None,
        typer.Argument(help="The runoff's full counts by the same units, CSV; or bundled ones."),
    ] = None,
    order: Annotated[
        str,
        typer.Option(
            metavar="random|small-first|region|FILE",
            help="How units report; a CSV file has columns unit and reported (time or number).",
            autocompletion=complete_order,
        ),
    ] = "random",
    steps: Annotated[
        str, typer.Option(help="Percent of the units after which to forecast.")
    ] = "1,2,5,10,20,30,50,70,90,100",
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    prior: PriorFile = None,
    roles: RolesFile = None,
    as_of: AsOf = None,
    report: Page = None,
    history: History = None,
    seed: Seed = 0,
) -> None:
    """Replay a runoff night with the real counts, step by step."""
    from forecast.outcome.replay import ORDERS, replay_night, reporting_order

    found = contest_of(contest, finalists, registered, voters_only)
    if returns is None and contest not in library.contests():
        raise InputError("replay: give the counts of the runoff as the second file")
    counts = returns_of(returns or contest, found)
    times = order if order in ORDERS or not Path(order).suffix else _times(Path(order))
    units = reporting_order(found, counts, times, seed=seed)
    believed = prior_of(prior, found, roles, day=day_of(as_of))
    desk = _Desk(found, believed, seed, report, history, brief=True)
    for result in replay_night(
        found, counts, units, steps=_steps(steps), prior=desk.prior, seed=seed
    ):
        desk.show(result)
    desk.close()


class _Desk:
    """Where forecasts are printed, remembered and written."""

    refresh: int | None = None

    def __init__(
        self,
        contest: Contest,
        prior: TransferDistribution | None,
        seed: int,
        page: Path | None,
        history: Path | None,
        *,
        brief: bool = False,
    ) -> None:
        from forecast.report.night import read_history

        self.contest, self.prior, self.seed = contest, prior, seed
        self.page = None if page is None else check_place(page, (".html",))
        self.file = None if history is None else check_place(history, (".jsonl",))
        self.records: list[dict[str, Any]] = []
        if history is not None:
            self.records = read_history(history, contest.finalists)
        self.brief = brief
        self.last: Nowcast | None = None

    def publish(self, reporting: Reporting) -> None:
        """Forecast, print, and write what is to be written."""
        result = library.nowcast(self.contest, reporting, prior=self.prior, seed=self.seed)
        self.show(result)
        self.close()

    def show(self, result: Nowcast) -> None:
        """Print a forecast and remember it."""
        from forecast.report.night import night_record

        at = "" if self.brief else datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        self.records.append(night_record(result, at=at))
        self.last = result
        print(_line(result) if self.brief else result, flush=True)

    def close(self) -> None:
        """Write the history and the page, each whole."""
        from forecast.report.night import write_history, write_night

        if self.last is None:
            return
        if self.file is not None:
            print(f"wrote {write_history(self.records, self.file)}", flush=True)
        if self.page is not None:
            place = write_night(self.last, self.page, self.records, refresh=self.refresh)
            print(f"wrote {place}", flush=True)


class _Lookout:
    """Looks at returns that somebody else may be writing at this moment.

    A file that cannot be read, or that seems cut short, is reported and not used. What only seems
    so (no line break at the end, fewer units than before) is used once it has stayed the same.
    """

    def __init__(self, path: Path, contest: Contest) -> None:
        self.path, self.contest = path, contest
        self.used = self.doubted = self.refused = ""
        self.units = 0

    def look(self) -> Reporting | None:
        """Return the returns if they are new and sound."""
        try:
            digest, ended = self._seen()
            if digest in (self.used, self.refused):
                return None
            found = library.read_reporting(self.path, self.contest)
        except (InputError, OSError) as error:
            self._say(str(error), error)
            return None
        doubt = ""
        if not ended:
            doubt = "the last line has no end"
        elif found.units < self.units:
            doubt = f"{self.units - found.units} units are missing that had reported"
        if doubt and digest != self.doubted:
            self.doubted = digest
            self._say(f"{self.path}: seems cut short - {doubt}; waiting whether it stays so")
            return None
        self.used, self.units = digest, found.units
        return found

    def _seen(self) -> tuple[str, bool]:
        """Return a digest of what is there, and whether its last line has an end."""
        files = sorted(self.path.glob("*.csv")) if os.path.isdir(self.path) else [self.path]
        digest, ended = sha256(), False
        for file in files:
            content = read_bytes(file)
            digest.update(content)
            ended = content.endswith(b"\n")
        return digest.hexdigest(), ended

    def _say(self, text: str, error: Exception | None = None) -> None:
        if error is not None:
            seen = sha256(text.encode()).hexdigest()
            if seen == self.refused:
                return
            self.refused = seen
        kept = "the last good forecast stays" if self.used else "waiting"
        print(f"returns not used: {text}; {kept}", file=sys.stderr, flush=True)


def _line(result: Nowcast) -> str:
    """Return a forecast in one line."""
    from forecast.outcome.probability import percent

    f = result.leader
    share = result.share(f)
    word = "decided" if result.decided else "called" if result.called else "open"
    return (
        f"{result.reporting.units:>6,} units, {100 * result.counted_share:5.1f} % of the vote: "
        f"{result.contest.label(f)} {100 * share.median:.1f} % "
        f"[{100 * share.interval.low:.1f}, {100 * share.interval.high:.1f}], wins "
        f"{percent(result.win_probability(f).value)}, {word}"
    )


def _steps(text: str) -> list[float]:
    """Return fractions from percentages separated by commas."""
    try:
        return [float(part.strip().removesuffix("%")) / 100 for part in text.split(",")]
    except ValueError:
        raise InputError(f"--steps: must be percentages like 1,5,10 - found {text!r}") from None


def _times(path: Path) -> dict[str, float | str]:
    """Return when each unit reported, from a file."""
    from forecast.columns import Columns

    columns = Columns.from_csv(path)
    columns.require("unit", "reported")
    cells = columns.texts("reported")
    try:
        return dict(zip(columns.keys("unit"), map(float, cells), strict=True))
    except ValueError:
        return dict(zip(columns.keys("unit"), cells, strict=True))
