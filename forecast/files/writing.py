"""Files are written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError

FORMULA = {"=", "+", "-", "@", "\t", "\r"}
"""What a spreadsheet takes for the start of something to compute."""
Output = tuple[str | PathLike[str] | None, Sequence[str]]
"""Where to write, if anywhere, and the endings that its name may have."""


READ_FROM_FOLDERS = (".csv", ".tsv", ".txt", ".xlsx", ".ods")
"""Endings of files that commands read from a folder that is named to them."""


def check_place(path: str | PathLike[str], endings: Sequence[str] = ()) -> Path:
    """Return `path`; raise `InputError` at once if a file with such an ending cannot go there."""
    path = Path(path)
    if endings and path.suffix not in endings:
        raise InputError(
            f"{path}: must end in {' or '.join(endings)} - found {path.suffix!r}; rename it"
        )
    try:
        if not os.path.isdir(path.parent):
            raise InputError(f"{path}: No such file or directory {path.parent}; make it first")
        if stat.S_IFMT(path.stat().st_mode) != stat.S_IFREG:
            raise InputError(
                f"{path}: must be a file - found a directory, device or pipe; choose another name"
            )
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise _unwritable(path, error) from None
    return path


def made_folder(path: str | PathLike[str]) -> Path:
    """Return `path` after making it a folder; raise `InputError` if it cannot be one."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: must be a folder - {error.strerror}; choose another") from None
    return path


def check_outputs(
    outputs: Iterable[Output], inputs: Iterable[str | PathLike[str] | None] = ()
) -> None:
    """Raise `InputError` unless every output can be written and replaces nothing that is read.

    Parameters
    ----------
    outputs : iterable of (path or None, endings)
        Where a command will write, and which endings the name may have; None is no output.
    inputs : iterable of path or None
        What it reads: files, folders of files, or names that are no file. A sheet of a workbook,
        ``file.xlsx#sheet``, is the workbook.

    Raises
    ------
    InputError
        If a name has another ending, a place cannot be written to, two outputs are one file, or
        an output is an input: by name, through a link, or as a file that a folder would give.

    Examples
    --------
    >>> check_outputs([("a.html", (".html",)), (None, (".json",))], ["georgia-2018"])
    >>> check_outputs([("a.txt", (".html",))])
    Traceback (most recent call last):
    ...
    forecast.errors.InputError: a.txt: must end in .html - found '.txt'; rename it
    """
    sources = [Path(name) for given in inputs if given is not None for name in _files_of(given)]
    places: list[Path] = []
    for output, endings in outputs:
        if output is None:
            continue
        place = check_place(output, endings)
        if any(_same_file(place, other) for other in places):
            raise InputError(
                f"{place}: must be written once - found as two outputs; give each a name of its own"
            )
        for source in sources:
            if _same_file(place, source) or _would_be_read(place, source):
                raise InputError(
                    f"{place}: must not be what is read - {source} is an input; write elsewhere"
                )
        places.append(place)


def _files_of(given: str | PathLike[str]) -> set[str]:
    """Return the names an input may have as a file: with and without the name of a sheet."""
    name = os.fspath(given)
    return {name, name.rpartition("#")[0] or name}


def _same_file(first: Path, second: Path) -> bool:
    """Return whether two names are one file, there already or not."""
    try:
        return first.samefile(second)
    except (OSError, ValueError):
        return os.path.realpath(first) == os.path.realpath(second)


def _would_be_read(place: Path, source: Path) -> bool:
    """Return whether an output would become one of the files of a folder that is read."""
    return (
        place.suffix.lower() in READ_FROM_FOLDERS
        and os.path.isdir(source)
        and _same_file(Path(os.path.realpath(place)).parent, source)
    )


def _unwritable(path: Path, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InputError(
        f"{path}: must be a place where a file can be written - {reason}; choose another path or "
        "make room"
    )


def write_json(path: str | PathLike[str], content: object) -> Path:
    """Write content as JSON, as `write_whole` does."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(path, text + "\n")


def write_whole(path: str | PathLike[str], content: str | bytes) -> Path:
    """Write bytes, or text as UTF-8, so that readers see the old file or the new one, never a part.

    Through a symbolic link its target is written, and the link stays.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    InputError
        If the place cannot be written to; the old file, if any, is untouched.
    """
    path = check_place(path)
    target, temporary = Path(os.path.realpath(path)), ""
    try:
        raw = content.encode() if isinstance(content, str) else content
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".forecast-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
        temporary = ""
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
    return path


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV, in which no name can be taken for a formula.

    A text that a spreadsheet would compute, one that starts with ``=``, ``+``, ``-``, ``@`` or a
    tab, gets an apostrophe in front; numbers are left alone.

    Parameters
    ----------
    rows : sequence of mapping
        One mapping of column to cell a row, all with the columns of the first.

    Examples
    --------
    >>> print(csv_text([{"unit": "=1+1", "votes": -3}]), end="")
    unit,votes
    '=1+1,-3
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_harmless, rows[0]) if rows else ())
    writer.writerows(map(_harmless, row.values()) for row in rows)
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet computes."""
    if isinstance(cell, str) and cell.strip() and {cell[:1], cell.lstrip()[:1]} & FORMULA:
        try:
            float(cell)
        except ValueError:
            return f"'{cell}"
    return cell
