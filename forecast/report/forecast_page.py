"""The report: one self-contained HTML page, and the same as Markdown."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.files.writing import write_whole
from forecast.outcome.forecast import Forecast
from forecast.outcome.probability import percent
from forecast.report.charts import page_charts
from forecast.report.compact import compact_forecast
from forecast.report.export import forecast_dict
from forecast.report.glossary import GLOSSARY
from forecast.report.rendering import asset, render
from forecast.report.words import apart, input_name, points, rate
from forecast.signatures import refuses_other_kinds

__all__ = ["render_html", "render_markdown", "write_report"]

MAIN_ROWS = 9
DECIDING_ROWS = 8
"""Rows of the transfer table, and of the net votes, that are shown at once."""
CONTENTS = (
    ("try", "What if"),
    ("sure", "How sure"),
    ("votes", "Where the votes go"),
    ("decides", "Who decides it"),
    ("change", "What would change our mind"),
    ("assume", "What we assume"),
    ("words", "Words"),
)
"""Places of the page its table of contents leads to."""


def render_html(forecast: Forecast, data: dict[str, Any] | None = None) -> str:
    """Return the report as one HTML page that loads nothing; `data` as by `forecast_dict`."""
    from markupsafe import Markup

    data = data or forecast_dict(forecast)
    panel = compact_forecast(forecast, _leader(data))
    return _render(
        "report.html.j2",
        data,
        charts={name: Markup(chart) for name, chart in page_charts(forecast, data).items()},
        contents=CONTENTS if panel else CONTENTS[1:],
        main_rows=_largest(data["transfers"]["rows"]),
        script=asset("whatif.js") if panel else None,
        panel=panel,
        panel_json=Markup(_inert(panel)),
    )


def render_markdown(forecast: Forecast, data: dict[str, Any] | None = None) -> str:
    """Return the report as Markdown with the same numbers; `data` as by `forecast_dict`."""
    return _render("report.md.j2", data or forecast_dict(forecast))


@refuses_other_kinds
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
        ``forecast_dict(forecast)`` if it is at hand, such as with evidence.

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
    if data is not None and ("win_probability" not in data or "finalists" not in data):
        raise InputError("write_report: data must be what forecast_dict gives - found another dict")
    return write_whole(path, renderers[path.suffix](forecast, data))


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
    for least, words in ((0.9, "very likely to win"), (0.75, "likely to win")):
        if values[first] > least:
            return f"{name} is {words}"
    if values[first] > 0.6:
        return f"{name} is the slight favourite"
    close = [f for f in ranked if values[f] > 0.5 * values[first]]
    names = [data["labels"][f] for f in (close if len(close) > 1 else ranked[:2])]
    return f"{', '.join(names[:-1])} or {names[-1]}: too close to call"


def _who(names: list[str]) -> str:
    """Return names in a few words.

    Examples
    --------
    >>> _who(["Ada", "Ben"]), _who(["Ada", "Ben", "Cid"])
    ('Ada, Ben', 'Ada and 2 more')
    """
    return ", ".join(names) or "–" if len(names) < 3 else f"{names[0]} and {len(names) - 1} more"


def _uncertainty(data: dict[str, Any]) -> tuple[str, str]:
    """Return the three uncertainties, and that of the model, in two sentences."""
    leader = _leader(data)
    p, interval = data["win_probability"][leader], data["share"][leader]["intervals"][2]
    ends = f"{rate(interval['low'])} to {rate(interval['high'])}%"
    first = f"Voters can still surprise everybody, which is why the share is a range, {ends}"
    if p["credible_interval"]:
        low, high = (percent(p["credible_interval"][end]) for end in ("low", "high"))
        first += f"; and we may be wrong about them, which could put the probability at {low}"
        first += f" or at {high}"
    values = [v["win_probability"][leader]["value"] for v in data["variants"]]
    second = (
        "Having simulated only so many runoffs adds an error of "
        f"{points(p['monte_carlo_error'])} percentage points, and changing the model moves the "
        f"probability between {percent(min(values))} and {percent(max(values))}."
    )
    return first + ".", second


def _render(template: str, data: dict[str, Any], **more: Any) -> str:
    filters = {
        "text": _markdown_text,
        "apart": lambda pair: apart(*pair),
        "label": lambda key: data["labels"].get(key, key),
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
