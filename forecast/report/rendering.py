"""How every page is made: one template, one style, numbers as people read them, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from forecast.outcome.probability import in_words, percent
from forecast.report.words import people, points, rate, signed

__all__ = ["asset", "render"]

FILTERS: dict[str, Callable[..., Any]] = {
    "percent": lambda x: f"{100 * x:.0f}",
    "tenths": lambda x: f"{100 * x:.1f}",
    "rate": rate,
    "points": points,
    "probability": percent,
    "words": in_words,
    "people": people,
    "signed": signed,
}


def asset(name: str) -> str:
    """Return the text of a file beside the templates."""
    return files("forecast.report").joinpath(f"templates/{name}").read_text("utf-8")


def render(
    template: str,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    script: str | None = None,
    **values: Any,
) -> str:
    """Return a page; HTML escapes what it is given and lets in its own style and script alone.

    Parameters
    ----------
    template : str
        Name of a file in ``forecast/report/templates``; those for HTML print `css` and `policy`.
    filters : mapping of str to callable, optional
        Beside those of all pages.
    script : str, optional
        The page's own script.
    **values
        What the template names.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("forecast.report"),
        autoescape=select_autoescape(["html.j2"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS | dict(filters or {})
    page = environment.get_template(template)
    if not template.endswith(".html.j2"):
        return page.render(**values)
    css = asset("page.css")
    values |= {"css": Markup(css), "policy": _policy(css, script)}
    return page.render(script=Markup(script or ""), **values)


def _policy(css: str, script: str | None) -> str:
    """Return a Content-Security-Policy that lets in this style and this script, nothing else."""
    allowed = {"style-src": css} | ({"script-src": script} if script else {})
    rules = ["default-src 'none'", "base-uri 'none'", "form-action 'none'"]
    for rule, text in allowed.items():
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        rules.append(f"{rule} 'sha256-{digest}'")
    return "; ".join(rules)
