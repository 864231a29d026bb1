"""Sheets of spreadsheet files as rows of cells; the reader of them is an extra."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from forecast.errors import InputError, suggest
from forecast.files.text import in_one_line

SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""Endings of spreadsheets."""
MAX_UNPACKED = 400_000_000
"""Most bytes that a workbook may unpack to."""


def sheet_rows(
    raw: bytes, where: str, sheet: str | None = None
) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the cells of one sheet as text, row by row, and the names of it and of others.

    Parameters
    ----------
    raw : bytes
        Content of an .xlsx, .xlsm, .xlsb, .xls or .ods file.
    where : str
        What messages call it.
    sheet : str, optional
        Name of the sheet; by default the first that is not hidden.

    Returns
    -------
    rows : list of list of str
    names : tuple of str
        The sheet that was read, then, if none was named, the others that are not hidden.

    Raises
    ------
    InputError
        If the reader is not installed, the file is damaged or too large, or has no such sheet.
    """
    try:
        from python_calamine import CalamineWorkbook, SheetVisibleEnum
    except ImportError:
        raise InputError(
            f"{where}: spreadsheets need an extra - found none installed; run pip install "
            "'runoff-forecast[spreadsheets]', or save the sheet as 'CSV UTF-8'"
        ) from None
    _check_unpacked(raw, where)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        names = tuple(book.sheet_names)
        shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
    except Exception as error:
        raise _damaged(where, error) from None
    if not names or (sheet is not None and sheet not in names):
        raise InputError(f"{where}: has no sheet {sheet!r}; {suggest(sheet or '', names)}")
    read = (sheet,) if sheet is not None else tuple(shown or names[:1])
    try:
        cells = book.get_sheet_by_name(read[0]).to_python(skip_empty_area=True)
    except Exception as error:
        raise _damaged(where, error) from None
    return [[_text(cell) for cell in row] for row in cells], read


def _damaged(where: str, error: Exception) -> InputError:
    return InputError(
        f"{where}: must be a whole spreadsheet - this one is damaged ({str(error)[:80]}); save it "
        "again, or as 'CSV UTF-8'"
    )


def _check_unpacked(raw: bytes, where: str) -> None:
    """Raise `InputError` if a packed workbook is damaged or unpacks to too much."""
    if not raw.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged(where, error) from None
    if size > MAX_UNPACKED:
        raise InputError(
            f"{where}: must unpack to at most {MAX_UNPACKED // 1_000_000} MB - found {size:,} "
            "bytes; save the sheet as CSV"
        )


def _text(cell: object) -> str:
    """Return a cell as a CSV file would have it: whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        cell = cell.date()
    return "" if cell is None else in_one_line(str(cell))
