"""The report: one self-contained HTML page, and the same as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import InputError
from forecast.files.writing import write_whole
from forecast.outcome.forecast import Forecast
from forecast.outcome.probability import Quantity, decimals_of
from forecast.outcome.timeline import Timeline
from forecast.report.charts import page_charts
from forecast.report.compact import compact_forecast
from forecast.report.export import forecast_dict
from forecast.report.glossary import GLOSSARY
from forecast.report.languages import day, say, speaking
from forecast.report.maps import UnitMap, forecast_maps
from forecast.report.rendering import asset, render
from forecast.report.words import (
    apart,
    between,
    byline,
    condition,
    in_words,
    input_name,
    marked,
    origin_name,
    percent,
    points,
    probability,
    title,
)
from forecast.signatures import refuses_other_kinds

if TYPE_CHECKING:
    from forecast.outcome.election import ElectionForecast
    from forecast.outcome.nowcast import Nowcast

MAIN_ROWS = 9
DECIDING_ROWS = 8
"""Rows of the transfer table, and of the net votes, that are shown at once."""
CONTENTS = (
    ("try", marked("What if")),
    ("sure", marked("How sure")),
    ("votes", marked("Where the votes go")),
    ("decides", marked("Who decides it")),
    ("time", marked("How it changed")),
    ("change", marked("What would change our mind")),
    ("assume", marked("What we assume")),
    ("words", marked("Words")),
)
"""Places of the page its table of contents leads to."""


def render_html(
    forecast: Forecast,
    data: dict[str, Any] | None = None,
    *,
    language: str = "en",
    colours: Mapping[str, str] | None = None,
    units: UnitMap | None = None,
    timeline: Timeline | None = None,
) -> str:
    """Return the report as one HTML page that loads nothing; arguments as for `write_report`."""
    from markupsafe import Markup

    data = data or forecast_dict(forecast)
    with speaking(language):
        panel = compact_forecast(forecast, _leader(data))
        charts = page_charts(forecast, data, timeline)
        shown = {"try": panel, "time": "timeline" in charts}
        page = _render(
            "report.html.j2",
            data,
            charts=charts,
            conditions=[condition(text, forecast.contest) for text in forecast.conditions],
            contents=[part for part in CONTENTS if shown.get(part[0], True)],
            main_rows=_largest(data["transfers"]["rows"]),
            units=[] if units is None else forecast_maps(forecast, units),
            script=asset("whatif.js") if panel else None,
            css=_coloured(asset("page.css"), forecast, colours),
            panel=panel,
            panel_json=Markup(_inert(panel)),
        )
    return _coloured(page, forecast, colours)


def render_markdown(forecast: Forecast, data: dict[str, Any] | None = None) -> str:
    """Return the report as Markdown with the same numbers; `data` as by `forecast_dict`."""
    return _render("report.md.j2", data or forecast_dict(forecast))


@refuses_other_kinds
def write_report(
    forecast: Forecast | Nowcast | ElectionForecast,
    path: str | PathLike[str],
    data: dict[str, Any] | None = None,
    *,
    language: str = "en",
    colours: Mapping[str, str] | None = None,
    units: UnitMap | None = None,
    timeline: Timeline | None = None,
) -> Path:
    """Write the report, HTML or Markdown by the ending of `path`.

    Parameters
    ----------
    forecast : Forecast, Nowcast or ElectionForecast
        What to report.
    path : path-like
        Where to; .md is for a `Forecast`.
    data : dict, optional
        ``forecast_dict(forecast)`` if it is at hand, such as with evidence.
    language : str
        Code of the page's language, of `forecast.report.languages.LANGUAGES`; Markdown is English.
    colours : mapping of finalist to str, optional
        Such as ``{"ada": "#aa0000"}``, of up to two finalists of a `Forecast`.
    units : UnitMap, optional
        Outlines of the units, as by `read_map`, to draw them.
    timeline : Timeline, optional
        How the forecast came about, as by `Forecast.timeline` or `ElectionForecast.timeline`.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    InputError
        If the ending is neither .html nor .md, there is no such language, or the file cannot be
        written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from forecast import forecast_runoff, load_contest
    >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=200)
    >>> with TemporaryDirectory() as folder:
    ...     path = write_report(forecast, Path(folder) / "georgia.md")
    ...     print(path.read_text("utf-8").splitlines()[0])
    # Georgia, presidential election 2018: runoff forecast
    """
    path = Path(path)
    if not isinstance(forecast, Forecast):
        from forecast.outcome.election import ElectionForecast
        from forecast.outcome.nowcast import Nowcast
        from forecast.report.election_page import write_election
        from forecast.report.nowcast_page import write_night

        if path.suffix != ".html":
            raise InputError(f"{path.name}: this report must end in .html - found {path.suffix!r}")
        if isinstance(forecast, Nowcast):
            return write_night(forecast, path, language=language, units=units)
        if isinstance(forecast, ElectionForecast):
            return write_election(forecast, path, data, timeline, language=language)
    if path.suffix not in (".html", ".md"):
        raise InputError(
            f"{path.name}: a report must end in .html or .md - found {path.suffix!r}; rename it"
        )
    if data is not None and ("win_probability" not in data or "finalists" not in data):
        raise InputError("write_report: data must be what forecast_dict gives - found another dict")
    if path.suffix == ".html":
        page = render_html(
            forecast, data, language=language, colours=colours, units=units, timeline=timeline
        )
    else:
        page = render_markdown(forecast, data)
    return write_whole(path, page)


def _coloured(text: str, forecast: Forecast, colours: Mapping[str, str] | None) -> str:
    """Return text with the colours of figures exchanged for those of the finalists."""
    from forecast.report.figures.canvas import FIRST, SECOND

    chosen = {forecast.contest.key(name): colour for name, colour in (colours or {}).items()}
    ranked = sorted(forecast.finalists, key=lambda f: f != forecast.leader)
    for own, finalist in zip((FIRST, SECOND), ranked, strict=False):
        if finalist in chosen:
            text = re.sub(own, chosen[finalist], text, flags=re.I)
    return text


def _largest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the most people, in the order of the table."""
    kept = sorted(row["people"] for row in rows)[-MAIN_ROWS:]
    return [row for row in rows if row["people"] >= kept[0]]


def _deciding(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the most net votes for either side."""
    return sorted(rows, key=lambda row: -abs(row["net_votes"]))[:DECIDING_ROWS]


def _inert(content: object) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _leader(data: dict[str, Any]) -> str:
    values = data["win_probability"]
    return str(max(values, key=lambda k: values[k]["value"]))


def _headline(data: dict[str, Any]) -> str:
    """Return the forecast in a few words."""
    values = {k: v["value"] for k, v in data["win_probability"].items()}
    ranked = sorted(values, key=lambda k: -values[k])
    first, name = ranked[0], data["labels"][ranked[0]]
    if values[first] > 0.9:
        return say("{name} is very likely to win", name=name)
    if values[first] > 0.75:
        return say("{name} is likely to win", name=name)
    if values[first] > 0.6:
        return say("{name} is the slight favourite", name=name)
    close = [f for f in ranked if values[f] > 0.5 * values[first]]
    names = [data["labels"][f] for f in (close if len(close) > 1 else ranked[:2])]
    return say("{names} or {last}: too close to call", names=", ".join(names[:-1]), last=names[-1])


def _who(names: list[str]) -> str:
    """Return names in a few words.

    Examples
    --------
    >>> _who(["Ada", "Ben"]), _who(["Ada", "Ben", "Cid"])
    ('Ada, Ben', 'Ada and 2 more')
    """
    if len(names) < 3:
        return ", ".join(names) or "–"
    return say("{name} and {n} more", name=names[0], n=len(names) - 1)


def _decimals(data: dict[str, Any]) -> int:
    """Return how many decimals the shares of finalists have, as on the screen."""
    told = [(q["median"], q["intervals"][2]) for q in data["share"].values()]
    return decimals_of([Quantity.between(x["low"], middle, x["high"]) for middle, x in told])


def _quote(data: dict[str, Any]) -> str:
    """Return a paragraph to print elsewhere: what, when, how sure, and by whom."""
    leader = _leader(data)
    share, p = data["share"][leader], data["win_probability"][leader]["value"]
    ends, close = share["intervals"][2], _decimals(data)
    text = say(
        "{title}: {name} is expected to win {share} of the vote (90% interval: {range}); the "
        "probability of winning is {percent}, {words}.",
        title=title(data["title"]),
        name=data["labels"][leader],
        share=percent(share["median"], close),
        range=between(ends["low"], ends["high"], close),
        percent=probability(p),
        words=in_words(p),
    )
    return f"{text} {byline(day(data['as_of']))}"


def _uncertainty(data: dict[str, Any]) -> tuple[str, str]:
    """Return the three uncertainties, and that of the model, in two sentences."""
    leader = _leader(data)
    p, interval = data["win_probability"][leader], data["share"][leader]["intervals"][2]
    first = say(
        "Voters can still surprise everybody, which is why the share is a range, {range}.",
        range=between(interval["low"], interval["high"], _decimals(data)),
    )
    if p["credible_interval"]:
        low, high = (probability(p["credible_interval"][end]) for end in ("low", "high"))
        first += " " + say(
            "And we may be wrong about them, which could put the probability at {low} or at "
            "{high}.",
            low=low,
            high=high,
        )
    values = [v["win_probability"][leader]["value"] for v in data["variants"]]
    second = say(
        "Having simulated only so many runoffs adds an error of {points} percentage points, and "
        "changing the model moves the probability between {low} and {high}.",
        points=points(p["monte_carlo_error"]),
        low=probability(min(values)),
        high=probability(max(values)),
    )
    return first, second


def _render(template: str, data: dict[str, Any], **more: Any) -> str:
    filters = {
        "text": _markdown_text,
        "apart": lambda pair: apart(*pair),
        "label": lambda key: data["labels"].get(key, key),
        "origin": lambda key: origin_name(key, data["labels"]),
        "input": lambda name: input_name(name, data["labels"]),
        "who": _who,
    }
    return render(
        template,
        filters=filters,
        f=data,
        leader=_leader(data),
        decided=_deciding(data["contributions"]["rows"]),
        headline=_headline(data),
        quote=_quote(data),
        close=_decimals(data),
        two=len(data["finalists"]) == 2,
        uncertainty=_uncertainty(data),
        glossary=[(w, m) for w, m in GLOSSARY if _used(w, data)],
        **more,
    )


def _used(word: str, data: dict[str, Any]) -> bool:
    """Return whether a word of the glossary is one that this page uses."""
    needs = {"Turnout": data["turnout"], "Population": data["assumptions"]["learned"]}
    return word not in needs or bool(needs[word])


def _markdown_text(value: object) -> str:
    """Escape what Markdown would read as markup, so that names are shown as text."""
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = "".join("\\" + c if c in "\\`*_{}[]|#!~" else c for c in text)
    return " ".join(text.split())
