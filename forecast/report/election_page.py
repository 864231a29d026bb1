"""The report on an election before its first round: plain data, and one HTML page of them."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.files.writing import write_whole
from forecast.first_round.opinion import SOMEBODY
from forecast.outcome.election import ElectionForecast
from forecast.outcome.poll_effects import PollEffect
from forecast.outcome.timeline import Timeline
from forecast.report.charts import timeline_chart
from forecast.report.export import LEVELS, probability_dict, quantity_dict, versions
from forecast.report.languages import say, speaking
from forecast.report.rendering import render
from forecast.report.words import in_words, origin_name, rule_name
from forecast.signatures import refuses_other_kinds


@refuses_other_kinds
def election_dict(
    found: ElectionForecast,
    *,
    level: float = 0.9,
    effects: tuple[PollEffect, ...] = (),
    timeline: Timeline | None = None,
) -> dict[str, Any]:
    """Return a forecast of an election as plain data, as in ``report/election_schema.json``.

    Effects and timeline are those of the `ElectionForecast`, where they are wanted.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast import forecast_election
    >>> table = pl.DataFrame({"pollster": ["Acme"], "end": ["2030-04-01"], "n": [1000],
    ...                       "Ada": [40], "Ben": [30], "Cid": [20]})
    >>> data = election_dict(forecast_election(table, draws=2000))
    >>> [row["label"] for row in data["candidates"]][:1]
    ['Ada']
    """
    election = found.election
    return {
        "election": election.name,
        "title": election.title or election.name,
        "as_of": _day(found.as_of),
        "first_round": _day(election.first_round),
        "runoff": _day(election.runoff),
        "rule": str(election.rule),
        "counted": found.counted,
        "draws": found.draws,
        "seed": found.seed,
        "candidates": [_candidate(found, c, level) for c in found.shown_candidates],
        "turnout": quantity_dict([found.turnout(x) for x in LEVELS]),
        "elected_outright": probability_dict(found.probability(found.outright, level)),
        "pairs": [
            {
                "finalists": list(pair.finalists),
                "probability": probability_dict(pair.probability),
                "wins": {c: probability_dict(p) for c, p in pair.wins.items()},
                "polls": pair.polls,
            }
            for pair in found.pairings(level=level)
        ],
        "effects": [vars(e) | {"published": _day(e.published)} for e in effects],
        "timeline": timeline.rows() if timeline else [],
        "labels": {c: found.label(c) for c in found.candidates},
        "notes": list(election.notes),
        "provenance": {
            "versions": versions(),
            "seed": found.seed,
            "draws_digest": found.digest,
            "basis": found.basis,
            "errors": dict(vars(found.errors)),
            "questions": len(election.asked),
            "head_to_head": len(election.head_to_head),
        },
    }


def _candidate(found: ElectionForecast, c: str, level: float) -> dict[str, Any]:
    return {
        "key": c,
        "label": found.label(c),
        "stands": found.stands(c),
        "share": quantity_dict([found.share(c, x) for x in LEVELS]),
        "advances": probability_dict(found.advances(c, level)),
        "elected_outright": probability_dict(found.elected_outright(c, level)),
        "elected": probability_dict(found.win_probability(c, level)),
        "needed": None if c == SOMEBODY or found.counted else found.needed(c),
    }


def render_election(
    found: ElectionForecast,
    data: dict[str, Any] | None = None,
    timeline: Timeline | None = None,
    *,
    language: str = "en",
) -> str:
    """Return the report as one HTML page that loads nothing; parameters as of `write_election`.

    Raises
    ------
    InputError
        If there is no such language.
    """
    with speaking(language):
        return _page(found, data or election_dict(found, timeline=timeline), timeline)


def _page(found: ElectionForecast, data: dict[str, Any], timeline: Timeline | None) -> str:
    from forecast.report import figures

    table = say("The numbers are in the table below.")
    charts = {
        "shares": figures.svg(
            found.plot("shares"),
            title=say("Shares of the first round"),
            text=table,
        ),
        "pairs": figures.svg(
            found.plot("pairs"),
            title=say("Who may meet whom in the runoff"),
            text=table,
        ),
    }
    charts |= timeline_chart(timeline)
    return render(
        "election.html.j2",
        filters={
            "moved": lambda x: f"{100 * x:+.0f}" if abs(x) >= 0.005 else "0",
        },
        f=data,
        headline=_headline(data),
        name=lambda key: origin_name(key, data["labels"]),
        rule=rule_name(found.election.rule),
        errors=found.largest_errors(),
        charts=charts,
    )


@refuses_other_kinds
def write_election(
    found: ElectionForecast,
    path: str | PathLike[str],
    data: dict[str, Any] | None = None,
    timeline: Timeline | None = None,
    *,
    language: str = "en",
) -> Path:
    """Write the report as an HTML page; `data` is its `election_dict`, and a timeline is drawn.

    Raises
    ------
    InputError
        If the ending is not .html, there is no such language, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".html":
        raise InputError(
            f"{path.name}: a report must end in .html - found {path.suffix!r}; rename it"
        )
    return write_whole(path, render_election(found, data, timeline, language=language))


def _headline(data: dict[str, Any]) -> str:
    """Return the forecast in a few words."""
    rows = sorted(data["candidates"], key=lambda row: -row["elected"]["value"])
    (one, two), (p, q) = zip(
        *((origin_name(r["key"], data["labels"]), r["elected"]["value"]) for r in rows[:2]),
        strict=True,
    )
    if p > 0.9:
        return say("{name} is very likely to be elected", name=one)
    if p > 0.75:
        return say("{name} is likely to be elected", name=one)
    if p > 0.5:
        return say("{name} is the favourite, with a chance of {p}", name=one, p=in_words(p))
    return say(
        "Open: {one} has a chance of {p}, {two} of {q}",
        one=one, p=in_words(p), two=two, q=in_words(q),
    )  # fmt: skip


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
