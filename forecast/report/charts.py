"""The figures of a page as SVG elements, each with a text for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from forecast.display import rate
from forecast.outcome.breakeven import Frontier
from forecast.outcome.forecast import Forecast
from forecast.outcome.probability import Quantity
from forecast.outcome.timeline import Timeline
from forecast.report.figures.shares import Rung
from forecast.report.languages import percent_sign, say
from forecast.report.words import between, input_name, origin_name, probability


def timeline_chart(timeline: Timeline | None) -> dict[str, str]:
    """Return the figure of a forecast day by day, none of a single day."""
    from forecast.report import figures

    if timeline is None or len(timeline.steps) < 2:
        return {}
    first = timeline.label(timeline.candidates[0])
    rows = [row for row in timeline.rows() if row["candidate"] == first]
    return {
        "timeline": figures.svg(
            timeline.plot("elected"),
            title=say("Who is elected, as it stood day by day"),
            text="; ".join(f"{row['day']}: {first} {probability(row['elected'])}" for row in rows),
        )
    }


def page_charts(
    forecast: Forecast, data: dict[str, Any], timeline: Timeline | None = None
) -> dict[str, str]:
    """Return the figures of a report by name; `data` is its `forecast_dict`."""
    from forecast.report import figures

    labels = forecast.contest.labels

    def label(key: str) -> str:
        return origin_name(key, labels)

    charts = {
        "share": figures.svg(
            figures.share_density(forecast),
            title=say("Density of the share with the win line"),
            text="; ".join(
                say("{name} wins with probability {p}", name=label(f), p=probability(p["value"]))
                for f, p in data["win_probability"].items()
            ),
        ),
        "flow": figures.svg(
            figures.flow_diagram(forecast),
            title=say("Flow of people from the first round to the runoff"),
            text=say("The numbers are in the transfer table below."),
        ),
    }
    if data["drivers"]:
        found = forecast.sensitivity()
        charts["drivers"] = figures.svg(
            figures.drivers(found, labels=forecast.contest.labels),
            title=say("What drives the outcome"),
            text="; ".join(
                f"{input_name(name, labels)}: {between(float(low), float(high))}"
                for name, low, high in zip(found.inputs[:8], found.low, found.high, strict=False)
            ),
        )
    pair = figures.frontier_pair(forecast)
    if pair:
        frontier = forecast.frontier(*pair)
        charts["frontier"] = figures.svg(
            figures.break_even_frontier(frontier, forecast),
            title=say("Pairs of preferences that level the two"),
            text=_frontier_text(frontier, label),
        )
    if data["evidence"]:
        name = label(data["evidence"][0]["finalist"])
        charts["evidence"] = figures.svg(
            figures.evidence_ladder([_rung(row) for row in data["evidence"]], name=name),
            title=say("How the evidence moved the forecast"),
            text=say("The numbers are in the table below."),
        )
    return charts | timeline_chart(timeline)


def _frontier_text(frontier: Frontier, label: Callable[[str], str]) -> str:
    """Return where we stand and where the line ends."""
    one, other = map(label, frontier.origins)
    here, there = map(rate, frontier.expected)
    text = say(
        "Now {name} is expected to take {here} of the votes from {one} and {there} of those from "
        "{other}.",
        name=label(frontier.finalist),
        here=percent_sign(here),
        one=one,
        there=percent_sign(there),
        other=other,
    )
    inside = np.flatnonzero((frontier.second >= 0) & (frontier.second <= 1))
    if not len(inside):
        return text + " " + say("No pair of such preferences levels the two.")
    ends = [
        tuple(percent_sign(rate(float(line[k]))) for line in (frontier.first, frontier.second))
        for k in (inside[0], inside[-1])
    ]
    return f"{text} " + say(
        "The two are level from {a} and {b} to {c} and {d}.",
        a=ends[0][0],
        b=ends[0][1],
        c=ends[1][0],
        d=ends[1][1],
    )


def _rung(row: dict[str, Any]) -> Rung:
    middle, ends = row["share"]["median"], row["share"]["intervals"][0]
    share = Quantity.between(ends["low"], middle, ends["high"], level=ends["level"])
    return Rung(label=row["label"], share=share, win_probability=row["win_probability"])
