"""The application that the commands register with."""

from __future__ import annotations

from typing import Annotated

import typer

import forecast as library
from forecast.cli.screen import say

app = typer.Typer(
    name="forecast",
    help="Forecast runoff elections from one table of vote transfers.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        say(library.__version__)
        raise typer.Exit


INTRODUCTION = """\
forecast: where the votes go in a runoff, who wins, and how sure anybody can be.

  forecast run georgia-2018        forecast a bundled contest and write its report
  forecast show first_round.csv    read your own table: unit, registered, one column per candidate
  forecast prior first_round.csv   write the beliefs behind it, for you to edit
  forecast run first_round.csv --prior first_round-prior.toml
  forecast list                    the bundled contests
  forecast demo                    forecast Georgia 2018 and open the report
  forecast doctor                  what is installed, and what is missing

forecast --help lists every command; forecast COMMAND --help explains one;
forecast --install-completion completes them when you press Tab."""


@app.callback()
def _options(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        say(INTRODUCTION)
