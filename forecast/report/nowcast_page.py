"""Election night on paper: records of the forecast, and the page that is renewed all night."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.files.reading import MAX_BYTES, json_of, read_text
from forecast.files.writing import csv_text, write_whole
from forecast.outcome.decided import CALL_RULE
from forecast.outcome.nowcast import Nowcast
from forecast.outcome.probability import Quantity, decimals_of
from forecast.report.export import versions
from forecast.report.languages import moment, say, speaking, told
from forecast.report.maps import UnitMap, nowcast_maps
from forecast.report.rendering import render
from forecast.report.words import (
    between,
    byline,
    in_words,
    origin_name,
    percent,
    probability,
    title,
)
from forecast.transfers.night.resemblance import LITTLE_OVERLAP, MUCH_OUTSIDE

LEVEL = 0.9
"""Level of the intervals of records."""
MOST_NAMED = 5
"""Odd units that the page names."""
LONGEST_WAIT = 10.0
"""Seconds to wait for another command that writes the same history."""


def night_record(nowcast: Nowcast, *, at: str = "") -> dict[str, Any]:
    """Return what to remember of a nowcast, ready for JSON; `at` is when it was made, in words.

    Examples
    --------
    >>> from forecast import load_contest, nowcast
    >>> import polars as pl
    >>> night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    >>> record = night_record(nowcast(load_contest("georgia-2018"), night), at="21:40")
    >>> record["units"], record["counted"]["vashadze"]
    (1, 20768)
    """
    totals, valid = nowcast.returns.totals, sum(nowcast.returns.totals.values())
    return {
        "at": at,
        "units": nowcast.returns.units,
        "of_units": len(nowcast.contest.units),
        "counted_share": nowcast.counted_share,
        "counted": totals,
        "so_far": {f: v / valid if valid else None for f, v in totals.items()},
        "level": LEVEL,
        "share": {f: nowcast.share(f, LEVEL).to_dict() for f in nowcast.finalists},
        "win_probability": {f: nowcast.win_probability(f).value for f in nowcast.finalists},
        "contributions": nowcast.contributions(level=LEVEL).to_dict(),
        "decided": nowcast.decided,
        "called": nowcast.called,
        "most_to_come": nowcast.electorate.people,
        "basis": nowcast.basis,
        "warnings": [*nowcast.resemblance.warnings(), *nowcast.doubtful],
        "notes": list(nowcast.notes),
    }


def night_dict(nowcast: Nowcast, *, at: str = "") -> dict[str, Any]:
    """Return a nowcast as plain data: what it is of, `night_record`, transfers, and its making.

    Examples
    --------
    >>> from forecast import load_contest, nowcast
    >>> import polars as pl
    >>> night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    >>> data = night_dict(nowcast(load_contest("georgia-2018"), night))
    >>> data["title"], data["transfers"][0]["origin"]
    ('Georgia, presidential election 2018', 'zurabishvili')
    """
    contest = nowcast.contest
    about = {
        "contest": contest.name,
        "title": contest.title or contest.name,
        "finalists": list(contest.finalists),
        "labels": {key: contest.label(key) for key in (*contest.candidates, *contest.finalists)},
        "estimated": contest.estimated,
    }
    return {
        **about,
        **night_record(nowcast, at=at),
        "verdict": nowcast.verdict,
        "transfers": nowcast.transfers(LEVEL).rows(),
        "draws": nowcast.draws,
        "draws_digest": nowcast.digest,
        "versions": versions(),
    }


def read_history(
    path: str | PathLike[str], finalists: Sequence[str] = (), *, units: int | None = None
) -> list[dict[str, Any]]:
    """Return the records of a file that `write_history` wrote, none if there is no file.

    Every record must be about these finalists, and of a contest with so many units.

    Raises
    ------
    InputError
        If the file is something else.
    """
    path = Path(path)
    if not os.path.lexists(path):
        return []
    records = []
    for number, line in enumerate(read_text(path, limit=MAX_BYTES).split("\n"), start=1):
        if line.strip():
            where = f"{path.name} line {number}"
            record = json_of(line, f"{where}, which must be a history that this command wrote")
            other = units is not None and record.get("of_units", units) != units
            if not _is_record(record, finalists) or other:
                raise InputError(
                    f"{where}: must be a history that this command wrote for this contest - found "
                    "something else; choose another --history"
                )
            records.append(record)
    return records


def _is_record(record: Any, finalists: Sequence[str]) -> bool:
    """Return whether the page and the figure can be drawn from a record."""
    try:
        numbers = [record["counted_share"]]
        for f in finalists:
            numbers += [record["share"][f][key] for key in ("median", "low", "high")]
            numbers += [record["win_probability"][f], record["so_far"][f] or 0]
    except (TypeError, KeyError, IndexError):
        return False
    return all(type(x) in (int, float) and 0 <= x <= 1 for x in numbers)


def add_to_history(
    path: str | PathLike[str],
    records: Sequence[dict[str, Any]],
    *,
    finalists: Sequence[str] = (),
    units: int | None = None,
) -> list[dict[str, Any]]:
    """Add records to a history, which others may be adding to as well, and return all it has.

    Raises
    ------
    InputError
        If the file is something else, cannot be written, or stays locked for `LONGEST_WAIT`.
    """
    from filelock import FileLock, Timeout

    name = sha256(os.path.realpath(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    lock = FileLock(os.path.join(tempfile.gettempdir(), f"forecast-history-{name}.lock"))
    try:
        with lock.acquire(timeout=LONGEST_WAIT):
            found = [*read_history(path, finalists, units=units), *records]
            write_history(found, path)
    except (Timeout, OSError) as error:
        raise InputError(
            f"{path}: must be free to be written - {type(error).__name__}; is another command "
            "writing it?"
        ) from None
    return found


def write_history(history: Sequence[Mapping[str, Any]], path: str | PathLike[str]) -> Path:
    """Write records as JSON lines, the whole file or none of it."""
    lines = [json.dumps(record, ensure_ascii=False) for record in history]
    return write_whole(path, "\n".join(lines) + "\n")


def write_units(nowcast: Nowcast, path: str | PathLike[str]) -> Path:
    """Write counts and forecast of every unit as CSV, whole or not at all; shares are fractions."""
    rows = nowcast.by_unit().rows()
    text = csv_text([{name: _rounded(cell) for name, cell in row.items()} for row in rows])
    return write_whole(path, text)


def _rounded(cell: Any) -> Any:
    """Return votes with one digit and shares with five, and no number as an empty cell."""
    if not isinstance(cell, float):
        return cell
    return "" if math.isnan(cell) else f"{cell:.1f}" if cell > 1 else f"{cell:.5g}"


def render_night(
    nowcast: Nowcast,
    history: Sequence[Mapping[str, Any]] = (),
    *,
    refresh: int | None = None,
    language: str = "en",
    units: UnitMap | None = None,
) -> str:
    """Return the page of the night as HTML that loads nothing.

    The history is of records of the night so far, by default the latest alone. A browser reads the
    page again after `refresh` seconds.

    Raises
    ------
    InputError
        If there is no such language.
    """
    with speaking(language):
        return _night_page(nowcast, history, refresh, units)


def _night_page(
    nowcast: Nowcast,
    history: Sequence[Mapping[str, Any]],
    refresh: int | None,
    units: UnitMap | None,
) -> str:
    from forecast.report.figures import svg
    from forecast.report.figures.nowcast import night_course

    records = list(history) or [night_record(nowcast)]
    labels, leader = nowcast.contest.labels, nowcast.leader

    def label(key: str) -> str:
        return origin_name(key, labels)

    now = records[-1]["share"]
    decimals = decimals_of(
        [Quantity.between(q["low"], q["median"], q["high"]) for q in now.values()]
    )
    figure = svg(
        night_course(records, leader, label(leader)),
        title=say("Share and win probability through the night"),
        text=say(
            "{name} is expected to have {share} of the vote, {range}.",
            name=label(leader),
            share=percent(now[leader]["median"], decimals),
            range=between(now[leader]["low"], now[leader]["high"], decimals),
        ),
    )
    return render(
        "night.html.j2",
        n=nowcast,
        label=label,
        last=records[-1],
        close=decimals,
        fine=lambda region: decimals_of([*region.share.values()]),
        verdict=told(nowcast.ruling),
        quote=_quote(nowcast, records[-1], label, decimals),
        warnings=[*_warnings(nowcast), *map(told, nowcast.doubtful)],
        notes=[note for note in nowcast.notes if note not in nowcast.doubtful],
        regions=[*nowcast.by_region(), nowcast.overall()],
        table=nowcast.transfers(),
        decided=nowcast.contributions(),
        units=[] if units is None else nowcast_maps(nowcast, units),
        records=records,
        figure=figure,
        refresh=refresh,
        rule=CALL_RULE,
    )


def _quote(
    nowcast: Nowcast, last: Mapping[str, Any], label: Callable[[str], str], decimals: int
) -> str:
    """Return a paragraph to print elsewhere: what, when, how sure, and by whom."""
    leader = nowcast.leader
    share, p = last["share"][leader], last["win_probability"][leader]
    named = title(nowcast.contest.title or nowcast.contest.name)
    text = say(
        "{title}: with about {part} of the expected vote counted, {name} is expected to win "
        "{share} of the vote (90% interval: {range}); the probability of winning is {percent}, "
        "{words}.",
        title=named,
        part=percent(last["counted_share"], 1),
        name=label(leader),
        share=percent(share["median"], decimals),
        range=between(share["low"], share["high"], decimals),
        percent=probability(p),
        words=in_words(p),
    )
    if nowcast.decided:
        text = say("{title}: {verdict}.", title=named, verdict=told(nowcast.ruling))
    return f"{text} {byline(moment(last['at']))}"


def _warnings(nowcast: Nowcast) -> list[str]:
    """Return what to know before reading a number: `Resemblance.warnings` in words of the page."""
    found = nowcast.resemblance
    if not found.warnings():
        return []
    if not found.learned:
        return [say("Nothing can be learned from what is counted; the rest is what was believed.")]
    said = []
    if found.overlap is not None and found.overlap < LITTLE_OVERLAP:
        part = percent(found.overlap)
        said.append(
            say(
                "What is counted says little about what is open: they overlap by {part}.", part=part
            )
        )
    if found.outside > MUCH_OUTSIDE:
        part = percent(found.outside)
        said.append(
            say("{part} of the open people live in units unlike any counted so far.", part=part)
        )
    if found.prior_rows:
        names = ", ".join(origin_name(name, {}) for name in found.prior_rows)
        said.append(say("Still as believed before the count: {names}.", names=names))
    if found.odd:
        units = ", ".join(odd.unit for odd in found.odd[:MOST_NAMED])
        if more := max(len(found.odd) - MOST_NAMED, 0):
            units = say("{name} and {n} more", name=units, n=more)
        said.append(say("Odd units: {units}.", units=units))
    return said


def write_night(
    nowcast: Nowcast,
    path: str | PathLike[str],
    history: Sequence[Mapping[str, Any]] = (),
    *,
    refresh: int | None = None,
    language: str = "en",
    units: UnitMap | None = None,
) -> Path:
    """Write the page of the night, whole or not at all; arguments as for `render_night`."""
    page = render_night(nowcast, history, refresh=refresh, language=language, units=units)
    return write_whole(path, page)
