"""`forecast night` and `forecast replay`: a runoff while it is counted, live or replayed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.cli.about import AboutBeliefs, AboutContest, Extras, grouped
from forecast.cli.app import app
from forecast.cli.arguments import (
    AsOf,
    ContestName,
    Language,
    MapFile,
    Seed,
    TurnoutFile,
    Units,
    columns_given,
    day_of,
    drawing_of,
    is_bundled,
    returns_beside,
    returns_of,
    turnout_of,
    units_of,
)
from forecast.cli.completion import complete_order
from forecast.cli.screen import say, say_each
from forecast.errors import InputError
from forecast.files.writing import check_outputs, write_json

if TYPE_CHECKING:
    from forecast.facts.contest import Contest
    from forecast.outcome.desk import Desk
    from forecast.outcome.nowcast import Nowcast

TABLES = ("shares", "transfers", "contributions", "units")
"""Tables of a night that `--tables` writes into a folder."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where to write what is known of a night, and in which language."""

    report: Annotated[
        Path | None, typer.Option("--report", help="Where to write the page: .html.")
    ] = None
    language: Language = "en"
    outlines: MapFile = None
    history: Annotated[
        Path | None, typer.Option(help="Where to keep every forecast of the night: .jsonl.")
    ] = None
    by_unit: Annotated[
        Path | None,
        typer.Option(help="Where to write counts and forecast of every unit: .csv."),
    ] = None


LAST_TRIES = 4
"""How often writing is tried once all is counted and something could not be written."""
DeskFile = Annotated[
    Path | None,
    typer.Option(
        "--desk",
        help="Decisions by hand, TOML: set_aside, called, reason, totals by region; read anew "
        "at every look.",
    ),
]


@app.command("night")
@grouped
def night(
    *,
    contest: ContestName,
    about: AboutContest,
    returns: Annotated[
        Path, typer.Option(metavar="FILE|DIR", help="Runoff counts so far, CSV, or a folder of it.")
    ],
    units: Units = None,
    beliefs: AboutBeliefs,
    turnout: TurnoutFile = None,
    as_of: AsOf = None,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Look again whenever the returns change, until Ctrl-C or all is counted.",
        ),
    ] = False,
    every: Annotated[float, typer.Option(help="Seconds between looks.", min=0.05)] = 10.0,
    places: Places,
    by_hand: DeskFile = None,
    extras: Extras,
    draws: Annotated[int, typer.Option(help="Number of draws of the votes to come.")] = 1000,
    seed: Seed = 0,
) -> None:
    """Forecast a runoff from the returns that are in, once or all through the night."""
    from forecast.outcome.published import published_turnout

    _check(places, extras, (contest, returns, *beliefs.files, turnout, by_hand))
    named = _named(contest, returns, units, every if watch else None)
    kind, day = units_of(contest, named, units), day_of(as_of)
    found = _contest(about, contest, beliefs.scope, kind, returns=returns, waiting=watch)
    found, believed = beliefs.applied(found, day)
    said = columns_given(about.columns, returns, contest)
    say_each(found.notes)
    came = published_turnout(found, turnout_of(turnout, found), day)
    forecast = partial(
        library.nowcast,
        found,
        prior=believed,
        polls=beliefs.polls_about(found),
        turnout=came or "none",
        as_of=day,
        draws=draws,
        seed=seed,
    )
    desk = _Desk(found, places, extras)
    desk.refresh = max(5, round(every)) if watch else None
    if not watch:
        counted = library.read_partial_returns(returns, found, turnout=came, columns=said)
        desk.publish(forecast(counted, desk=_by_hand(by_hand, found, None)))
        return
    from forecast.cli.lookout import Lookout

    desk.watching = True
    decided = None
    lookout, tries = Lookout(returns, found, came, say=_say, columns=said), LAST_TRIES
    while tries:
        seen = lookout.look()
        if seen is not None:
            decided = _by_hand(by_hand, found, decided)
            desk.publish(forecast(seen, desk=decided, arrival=lookout.arrival))
        elif desk.unwritten:
            desk.close()
        if desk.last is not None and desk.last.returns.complete:
            tries = tries - 1 if desk.unwritten else 0
        if tries:
            time.sleep(every)
    if desk.unwritten:
        raise InputError(desk.unwritten)


@app.command("replay")
@grouped
def replay(
    *,
    contest: ContestName,
    about: AboutContest,
    returns: Annotated[
        str | None,
        typer.Argument(help="The runoff's full counts by the same units, CSV; or bundled ones."),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            metavar="random|small-first|region|FILE",
            help="How units report; a CSV file has columns unit and reported: a number, 21:40 "
            "(0:15 is after midnight) or 2018-11-28 21:40. Default: the column reported of the "
            "counts, else random.",
            autocompletion=complete_order,
        ),
    ] = None,
    steps: Annotated[
        str, typer.Option(help="Percent of the units after which to forecast.")
    ] = "1,2,5,10,20,30,50,70,90,100",
    units: Units = None,
    beliefs: AboutBeliefs,
    turnout: TurnoutFile = None,
    as_of: AsOf = None,
    places: Places,
    extras: Extras,
    seed: Seed = 0,
) -> None:
    """Replay an election night with the real counts, step by step."""
    from forecast.facts.readers import units_named
    from forecast.outcome.replay import ORDERS, replay_night, reporting_order

    said_nothing, order = order is None, order or "random"
    _check(places, extras, (contest, returns, order, *beliefs.files, turnout))
    named = order in ORDERS or not (Path(order).suffix or os.path.exists(order))
    names = order if returns is None or is_bundled(returns) else returns
    file = None if names == order and named else Path(names)
    kind, day = units_of(contest, units_named(file) if file else set(), units), day_of(as_of)
    counted = returns_beside(contest, returns)
    found = about.read(contest, scope=beliefs.scope, units=kind, returns=counted)
    counts = returns_of(counted, found, kind, columns=about.columns)
    found, believed = beliefs.applied(found, day)
    say_each((*found.notes, *counts.notes))
    times: Any = order if named else _times(Path(order))
    if said_nothing and counts.reported and all(counts.reported):
        times = dict(zip(counts.units, counts.reported, strict=True))
    if isinstance(times, dict) and len(times) < len(counts.units):
        late = len(counts.units) - len(times)
        say(f"note: {late:,} units have no time in {order} and come last", err=True)
    reported = reporting_order(found, counts, times, seed=seed)
    desk = _Desk(found, places, extras, brief=True)
    for result in replay_night(
        found,
        counts,
        reported,
        steps=_steps(steps),
        prior=believed,
        polls=beliefs.polls_about(found),
        turnout=turnout_of(turnout, found),
        as_of=day,
        seed=seed,
    ):
        desk.show(result)
    desk.close()


def _contest(
    about: AboutContest,
    name: str,
    scope: str | None,
    units: str | None,
    *,
    returns: Path,
    waiting: bool,
) -> Contest:
    """Return the contest; returns that cannot be read yet say nothing of its finalists."""
    try:
        return about.read(name, scope=scope, units=units, returns=returns)
    except (InputError, OSError):
        if not waiting:
            raise
        return about.read(name, scope=scope, units=units)


def _say(text: str) -> None:
    """Print a note with the time of day to the error output."""
    say(text, err=True, at=f"{datetime.now():%H:%M:%S}  ")


def _known(named: set[str], contest: str, returns: Path) -> set[str]:
    """Return the words of returns, of which one at least must name a unit of the contest."""
    from forecast.data import unit_kinds
    from forecast.facts.words.names import matched_units

    kinds = unit_kinds(contest)
    units = [library.load_contest(contest, units=kind).units for kind in kinds]
    if not any(named.intersection(of) or matched_units(tuple(named), of) for of in units):
        raise InputError(
            f"{returns}: column 'unit' is required - found no name of the {' or '.join(kinds)} of "
            f"{contest}; write them as in the first round"
        )
    return named


def _named(contest: str, returns: Path, units: str | None, every: float | None) -> set[str]:
    """Return the units that returns name; while watching, wait until they can be read."""
    from forecast.facts.readers import units_named

    said = ""
    while units is None and is_bundled(contest):
        try:
            named = units_named(returns)
            return named if every is None else _known(named, contest, returns)
        except (InputError, OSError) as error:
            if every is None:
                raise
            if str(error) != said:
                _say(f"returns not used: {error}; waiting")
            said = str(error)
        time.sleep(every)
    return set()


def _check(places: Places, extras: Extras, inputs: Sequence[str | Path | None]) -> None:
    """Raise `InputError` if a place is none, or writing there would change an input."""
    outputs = [
        (places.report, (".html",)),
        (places.history, (".jsonl",)),
        (places.by_unit, (".csv",)),
    ]
    check_outputs([*outputs, *extras.outputs(TABLES)], [*inputs, places.outlines])


@contextmanager
def _unbroken() -> Iterator[None]:
    """Finish before Ctrl-C stops the command, so that all files tell of the same look."""
    stopped: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if stopped:
            raise KeyboardInterrupt


def _by_hand(path: Path | None, contest: Contest, before: Desk | None) -> Desk | None:
    """Return what the desk has decided; while watching, a file that is wrong changes nothing."""
    from forecast.outcome.desk import read_desk

    if path is None:
        return None
    try:
        return read_desk(path).checked(contest)
    except InputError as error:
        if before is None:
            raise
        _say(f"desk not used: {error}; going on with the last")
        return before


class _Desk:
    """Where forecasts are printed, remembered and written.

    While watching, every line has the time of day, and what could not be written is kept in
    `unwritten` to be tried again; otherwise it is an error.
    """

    refresh: int | None = None
    watching = False

    def __init__(
        self, contest: Contest, places: Places, extras: Extras, *, brief: bool = False
    ) -> None:
        from forecast.report.nowcast_page import read_history

        self.contest, self.places, self.extras, self.brief = contest, places, extras, brief
        self.records: list[dict[str, Any]] = (
            []
            if places.history is None
            else read_history(places.history, contest.finalists, units=len(contest.units))
        )
        self.new: list[dict[str, Any]] = []
        self.units = drawing_of(places.outlines, contest, places.language)
        self.last: Nowcast | None = None
        self.unwritten = ""

    def publish(self, result: Nowcast) -> None:
        """Print a forecast, and write what is to be written."""
        with _unbroken():
            self.show(result)
            self.close()

    def show(self, result: Nowcast) -> None:
        """Print a forecast and remember it."""
        from forecast.report.nowcast_page import night_record

        at = "" if self.brief else datetime.now().strftime("%Y-%m-%d %H:%M:%S")
        self.new.append(night_record(result, at=at))
        self.last = result
        self._print(_line(result) if self.brief else str(result))

    def close(self) -> None:
        """Write the history, the page and all else that is wanted, each file whole."""
        if self.last is None:
            return
        failed = []
        for write in (self._history, self._table, self._page, self._json, self._more):
            try:
                written = write(self.last)
            except InputError as error:
                if not self.watching:
                    raise
                failed.append(str(error))
                continue
            for place in written:
                self._print(f"wrote {place}")
        before, self.unwritten = self.unwritten, "; ".join(failed)
        if failed and self.unwritten != before:
            _say(f"not written: {self.unwritten}; trying again")

    def _history(self, _: Nowcast) -> list[Path]:
        from forecast.report.nowcast_page import add_to_history

        place = self.places.history
        if place is None:
            self.records += self.new
        elif self.new:
            units = len(self.contest.units)
            self.records = add_to_history(
                place, self.new, finalists=self.contest.finalists, units=units
            )
        new, self.new = self.new, []
        return [place] if new and place is not None else []

    def _table(self, result: Nowcast) -> list[Path]:
        from forecast.report.nowcast_page import write_units

        place = self.places.by_unit
        return [] if place is None else [write_units(result, place)]

    def _page(self, result: Nowcast) -> list[Path]:
        from forecast.report.nowcast_page import write_night

        place = self.places.report
        if place is None:
            return []
        page = write_night(
            result,
            place,
            [*self.records, *self.new],
            refresh=self.refresh,
            language=self.places.language,
            units=self.units,
        )
        return [page]

    def _json(self, result: Nowcast) -> list[Path]:
        from forecast.report.nowcast_page import night_dict

        place, at = self.extras.json_file, self.records[-1]["at"] if self.records else ""
        return [] if place is None else [write_json(place, night_dict(result, at=at))]

    def _more(self, result: Nowcast) -> list[Path]:
        return self.extras.drawn(result, self.places.language)

    def _print(self, text: str) -> None:
        say(text, at=f"{datetime.now():%H:%M:%S}  " if self.watching else "")


def _line(result: Nowcast) -> str:
    """Return a forecast in one line."""
    from forecast.outcome.probability import decimals_of, percent

    f = result.leader
    share, decimals = result.share(f), decimals_of([*map(result.share, result.finalists)])
    word = "decided" if result.decided else "called" if result.called else "open"
    return (
        f"{result.returns.units:>6,} units, {100 * result.counted_share:5.1f}% of the vote: "
        f"{result.contest.label(f)} {share.text(decimals)}, wins "
        f"{percent(result.win_probability(f).value)}, {word}"
    )


def _steps(text: str) -> list[float]:
    """Return fractions from percentages separated by commas."""
    try:
        return [float(part.strip().removesuffix("%")) / 100 for part in text.split(",")]
    except ValueError:
        raise InputError(f"--steps: must be percentages like 1,5,10 - found {text!r}") from None


def _times(path: Path) -> dict[str, str]:
    """Return when each unit reported, from a file."""
    from forecast.files.columns import Columns

    columns = Columns.from_file(path)
    columns.require("unit", "reported")
    return dict(zip(columns.keys("unit"), columns.texts("reported"), strict=True))
