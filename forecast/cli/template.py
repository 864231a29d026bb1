"""`forecast template`: a sample table of a first round, to be filled in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from forecast.cli.app import app
from forecast.cli.screen import say
from forecast.errors import InputError
from forecast.files.writing import check_outputs, write_whole

SAMPLE = """\
unit,region,registered,invalid,Ada Example,Ben Example,Cid Example,Dora Example
Harbour,Coast,5800,62,1490,1310,640,210
Old Town,Coast,4100,38,980,1120,515,160
Hill,Inland,3700,41,760,905,690,85
Valley,Inland,2900,25,640,550,410,120
"""
"""Invented names and numbers; any other column names are understood as well."""


@app.command("template")
def template(
    out: Annotated[Path, typer.Option(help="Where to write it: .csv.")] = Path("first_round.csv"),
) -> None:
    """Write a sample table of a first round, to be filled in."""
    check_outputs([(out, (".csv",))], [])
    if os.path.exists(out):
        raise InputError(f"{out}: exists already; choose another place with --out")
    say(f"wrote {write_whole(out, SAMPLE)}; fill it in and run 'forecast show {out}'")
