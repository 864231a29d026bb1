"""`forecast doctor` and `forecast demo`: what is installed, and a first look."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import webbrowser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

import forecast as library
from forecast.cli.app import app
from forecast.cli.screen import say
from forecast.files.text import in_short
from forecast.files.writing import check_outputs

NEEDED = (
    *("numpy", "scipy", "xarray", "narwhals", "matplotlib", "jinja2"),
    *("typer", "rich", "filelock", "threadpoolctl", "pymc", "arviz", "babel"),
)
EXTRAS = {
    "nutpie": ("nuts", "samples the reference posterior faster"),
    "python-calamine": ("spreadsheets", "reads .xlsx, .xls and .ods"),
    "XlsxWriter": ("spreadsheets", "writes tables as .xlsx"),
    "distributed": ("cluster", "backtests on several machines"),
}
"""Packages that an extra brings: the extra, and what it is for."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")
SCRIPTS = {"Georgian": "ქ", "Greek": "λ", "Cyrillic": "ж", "Polish": "ł"}


@app.command("doctor")
def doctor() -> None:
    """Say what is installed and what is missing."""
    say(f"runoff-forecast {library.__version__}, in {Path(library.__file__).parent}")
    say(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    missing = []
    for name in NEEDED:
        found = _version(name)
        missing += [] if found else [name]
        say(f"  {name:<16}{found or 'missing'}")
    for name, (extra, what) in EXTRAS.items():
        say(f"  {name:<16}{_version(name) or f'not installed (extra: {extra}); {what}'}")
    names = library.contests()
    say(f"data: {len(names)} bundled contests: {in_short(names, 8)}")
    official = os.environ.get("FORECAST_DATA")
    say(f"  large official tables (for tests alone): {official or 'FORECAST_DATA is not set'}")
    say(f"fonts for figures saved as files: {_fonts()}")
    browser = os.environ.get("FORECAST_CHROMIUM") or next(filter(shutil.which, BROWSERS), None)
    say(f"browser: {browser or 'none on the path; pages open in any browser'}")
    say(f"terminal: {sys.stdout.encoding}; names that it lacks are printed as escapes")
    if missing:
        say(f"missing: {', '.join(missing)}; install with pip install runoff-forecast")
        raise typer.Exit(1)
    say("all that is needed is there")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _fonts() -> str:
    """Return which scripts the font of figures can draw."""
    if _version("matplotlib") is None:
        return "matplotlib is missing"
    from forecast.report.figures.canvas import font_and_letters

    font, known = font_and_letters()
    lacks = [name for name, letter in SCRIPTS.items() if letter not in known]
    has = [name for name in SCRIPTS if name not in lacks]
    return f"{font} has {', '.join(has)}" + f"; lacks {', '.join(lacks)}" * bool(lacks)


@app.command("demo")
def demo(
    report: Annotated[Path, typer.Option(help="Where to write the page: .html.")] = Path(
        "georgia-2018.html"
    ),
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open it in a browser.")] = True,
) -> None:
    """Forecast Georgia's runoff of 2018 and open the report."""
    check_outputs([(report, (".html",))], [])
    result = library.forecast_runoff("georgia-2018", draws=50_000)
    say(result)
    say(f"wrote {library.write_report(result, report)}")
    if show and not webbrowser.open(report.resolve().as_uri()):
        say(f"no browser could be opened; open {report} yourself")
