"""The report: one self-contained HTML page, and the same as Markdown."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.outcome.forecast import Forecast
from forecast.outcome.probability import in_words, percent
from forecast.outcome.sensitivity import Sensitivity
from forecast.report.export import forecast_dict
from forecast.report.files import write_whole

__all__ = ["render_html", "render_markdown", "write_report"]


def render_html(forecast: Forecast, data: dict[str, Any] | None = None) -> str:
    """Return the report as one HTML page that loads nothing; `data` as by `forecast_dict`."""
    from markupsafe import Markup

    from forecast.report import figures

    data = data or forecast_dict(forecast)
    charts = {
        "share": figures.svg(
            figures.share_density(forecast), title="Density of the share with the win line"
        ),
        "transfers": figures.svg(
            figures.transfer_heat_map(forecast), title="Transfer table with intervals"
        ),
    }
    if data["drivers"]:
        found = data["drivers"]["share_of_variance"]
        result = Sensitivity(
            finalist=data["drivers"]["finalist"],
            inputs=tuple(found),
            index=np.array(list(found.values())),
        )
        ax = figures.drivers(result, labels=forecast.contest.labels)
        charts["drivers"] = figures.svg(ax, title="What drives it")
    pair = _frontier_pair(forecast)
    if pair:
        charts["frontier"] = figures.svg(
            figures.break_even_frontier(forecast.frontier(*pair), forecast),
            title="Pairs of preferences that level the two",
        )
    marked = {k: Markup(v) for k, v in charts.items()}
    # A percent sign stays on the line of its number.
    return re.sub(r"(\d) %", "\\1\u00a0%", _render("report.html.j2", data, marked))


def render_markdown(forecast: Forecast, data: dict[str, Any] | None = None) -> str:
    """Return the report as Markdown with the same numbers; `data` as by `forecast_dict`."""
    return _render("report.md.j2", data or forecast_dict(forecast), {})


def write_report(
    forecast: Forecast, path: str | PathLike[str], data: dict[str, Any] | None = None
) -> Path:
    """Write the report, HTML or Markdown by the ending of `path`.

    Parameters
    ----------
    forecast : Forecast
        What to report.
    path : path-like
        Where to.
    data : dict, optional
        ``forecast_dict(forecast)`` if it is at hand.

    Raises
    ------
    InputError
        If the ending is neither .html nor .md, or the file cannot be written.
    """
    path = Path(path)
    renderers = {".html": render_html, ".md": render_markdown}
    if path.suffix not in renderers:
        raise InputError(
            f"{path.name}: a report must end in .html or .md - found {path.suffix!r}; rename it"
        )
    return write_whole(path, renderers[path.suffix](forecast, data))


def _frontier_pair(forecast: Forecast) -> tuple[str, str] | None:
    """Return the two largest origins that are no finalists, if both cast votes."""
    ledger = forecast.ledger
    voting = ledger.totals * (1 - forecast.mean_table[:, -1])
    rest = [o for o in ledger.origins if o not in forecast.finalists]
    rest = [o for o in rest if voting[ledger.index(o)] > 0]
    ranked = sorted(rest, key=lambda o: -voting[ledger.index(o)])
    return (ranked[0], ranked[1]) if len(ranked) > 1 else None


def _headline(data: dict[str, Any]) -> str:
    """Return the forecast in a few words."""
    values = {k: v["value"] for k, v in data["win_probability"].items()}
    first, second, *_ = sorted(values, key=lambda k: -values[k])
    names = [data["labels"][first], data["labels"][second]]
    for least, words in ((0.9, "very likely to win"), (0.75, "likely to win")):
        if values[first] > least:
            return f"{names[0]} is {words}"
    if values[first] > 0.6:
        return f"{names[0]} is the slight favourite"
    return f"{names[0]} or {names[1]}: too close to call"


def _render(template: str, data: dict[str, Any], charts: dict[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=select_autoescape(["html.j2"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "text": _markdown_text,
        "percent": lambda x: f"{100 * x:.0f}",
        "probability": percent,
        "words": in_words,
        "people": lambda n: f"{round(n):,}",
    }
    leader = max(data["win_probability"], key=lambda k: data["win_probability"][k]["value"])
    two = len(data["finalists"]) == 2
    return environment.get_template(template).render(
        f=data, charts=charts, leader=leader, headline=_headline(data), two=two
    )


def _markdown_text(value: object) -> str:
    """Escape what Markdown would read as markup, so that names are shown as text."""
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = "".join("\\" + c if c in "\\`*_{}[]|#!~" else c for c in text)
    return " ".join(text.split())
