"""Files of polls: a table, a spreadsheet, JSON, or a data frame."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.files.columns import Columns
from forecast.files.reading import json_of, read_text

__all__ = ["table_of_polls"]


def table_of_polls(table: str | PathLike[str] | Any) -> Columns:
    """Return the columns of a file or a data frame; of JSON, a row for each answer.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if not isinstance(table, str | PathLike):
        return Columns.from_frame(table)
    if Path(str(table)).suffix.casefold() == ".json":
        return _columns_of_json(json_of(read_text(table), Path(str(table)).name), str(table))
    return Columns.from_file(table)


def _columns_of_json(content: Any, path: str) -> Columns:
    """Return a list of polls, each with a list of answers, as rows of one answer each."""
    where = Path(path).name
    content = (
        next((v for v in content.values() if isinstance(v, list)), None)
        if isinstance(content, dict)
        else content
    )
    if not isinstance(content, list) or not all(isinstance(x, dict) for x in content):
        raise InputError(f"{where}: must be a list of polls - found something else; see the guide")
    rows: list[dict[str, Any]] = []
    for k, item in enumerate(content):
        own = {key: v for key, v in item.items() if not isinstance(v, list | dict)}
        nested = next((v for v in item.values() if isinstance(v, list)), None)
        own = {"poll": k, **own} if nested is not None else own
        rows += [{**own, **answer} for answer in nested] if nested is not None else [own]
    names = list(dict.fromkeys(key for row in rows for key in row))
    text = {n: ["" if r.get(n) is None else str(r[n]) for r in rows] for n in names}
    return Columns(where=where, values=text)
