"""How every page is made: one template, one style, numbers as people read them, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from forecast.display import rate
from forecast.report import words
from forecast.report.languages import code, day, days_said, moment, number, percent_sign, say, told

FILTERS: dict[str, Callable[..., Any]] = {
    "percent": lambda x, decimals=0: number(100 * x, decimals),
    "tenths": lambda x: number(100 * x, 1),
    "share": lambda x, close=False: words.percent(x, int(close)),
    "tenth": lambda x: words.percent(x, 1),
    "range": lambda ends, close=False: words.between(ends["low"], ends["high"], int(close)),
    "dash": lambda ends, close=False: _dash(ends["low"], ends["high"], int(close)),
    "sign": percent_sign,
    "brief": lambda p: percent_sign(words.whole_percent(p)),
    "credible": lambda ends: percent_sign(
        "–".join(map(words.whole_percent, (ends["low"], ends["high"])))
    ),
    "rate": rate,
    "points": words.points,
    "probability": words.probability,
    "words": words.in_words,
    "people": words.people,
    "signed": words.signed,
    "day": day,
    "moment": moment,
    "days": days_said,
    "titled": words.title,
    "told": told,
    "variant": words.variant_name,
}


def asset(name: str) -> str:
    """Return the text of a file beside the templates."""
    return files("forecast.report").joinpath(f"templates/{name}").read_text("utf-8")


def render(
    template: str,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    script: str | None = None,
    css: str = "",
    **values: Any,
) -> str:
    """Return a page; HTML escapes what it is given and lets in its own style and script alone.

    The template is a file in ``forecast/report/templates``, which names `values`; filters come on
    top of those of all pages, and the style is that of all pages if none is given.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=select_autoescape(["html.j2"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        optimized=False,  # each page is made once
    )
    environment.filters |= FILTERS | dict(filters or {})
    environment.globals["_"] = say
    page = environment.get_template(template)
    if not template.endswith(".html.j2"):
        return page.render(**values)
    css = css or asset("page.css")
    values |= {"css": Markup(css), "policy": _policy(css, script), "language": code()}
    return page.render(script=Markup(script or ""), **values)


def _dash(low: float, high: float, decimals: int) -> str:
    return percent_sign(f"{number(100 * low, decimals)}–{number(100 * high, decimals)}")


def _policy(css: str, script: str | None) -> str:
    """Return a Content-Security-Policy that lets in this style and this script, nothing else."""
    allowed = {"style-src": css} | ({"script-src": script} if script else {})
    rules = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
    for rule, text in allowed.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        rules.append(f"{rule} 'sha256-{digest}'")
    return "; ".join(rules)
