"""The tables of a result as files: a workbook, or a folder of CSV files."""

from __future__ import annotations

import io
import math
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.display import Tabular
from forecast.errors import InputError
from forecast.files.writing import csv_text, made_folder, write_whole
from forecast.signatures import refuses_other_kinds

LEFT_OUT = ("draws", "pairs")
"""Tables that are too long to be read."""


@refuses_other_kinds
def write_tables(result: Tabular, path: str | PathLike[str]) -> list[Path]:
    """Write the tables of a result that people read, shares and rates as fractions.

    Parameters
    ----------
    result : Forecast, Nowcast, TransferPosterior or another result with `to_frame`
        Whose tables.
    path : path-like
        A workbook ending in ".xlsx", with a sheet for each; or a folder, which is made if it is not
        there, for a CSV file each.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        If a place cannot be written to, or a workbook is wanted without the extra "spreadsheets".
    """
    path = Path(path)
    rows = {n: list(make()) for n, make in result.frames().items() if n not in LEFT_OUT}
    if path.suffix == ".xlsx":
        return [write_whole(path, _workbook(rows))]
    if path.suffix:
        raise InputError(f"{path.name}: must end in .xlsx, or be a folder for .csv files")
    folder = made_folder(path)
    return [write_whole(folder / f"{name}.csv", csv_text(table)) for name, table in rows.items()]


def _workbook(rows: dict[str, list[Any]]) -> bytes:
    """Return a workbook with a sheet for each table."""
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise InputError(
            "tables as .xlsx: need XlsxWriter - found none; pip install 'runoff-forecast"
            "[spreadsheets]', or name a folder for .csv files"
        ) from None
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        for name, table in rows.items():
            sheet = book.add_worksheet(name)
            head = list(table[0]) if table else []
            sheet.write_row(0, 0, head, bold)
            for k, row in enumerate(table, start=1):
                for j, cell in enumerate(row.values()):
                    blank = cell is None or (isinstance(cell, float) and math.isnan(cell))
                    sheet.write(k, j, "" if blank else cell)
            sheet.freeze_panes(1, 1)
            sheet.autofit()
    return buffer.getvalue()
