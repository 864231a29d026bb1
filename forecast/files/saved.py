"""Results kept in a file: a zip of JSON and arrays, with a version; nothing in it is executed.

A record is its fields. ``content.json`` holds the records of this package in the order in which
they refer to each other, each once; ``0.npy``, ``1.npy``, ... hold the arrays, none of objects.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from forecast.errors import ForecastError, InputError
from forecast.files.reading import read_bytes
from forecast.files.writing import check_place, write_whole

FORMAT = "runoff-forecast saved 1"
ENDING = ".forecast"
"""Ending of the names of such files."""
MAX_SAVED_BYTES = 512_000_000
"""Largest file, and largest content of one."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of every member, so that equal results give equal files."""

Record = TypeVar("Record")


def save_record(record: Any, path: str | PathLike[str]) -> Path:
    """Write a record whole and return where it is.

    Parameters
    ----------
    record : dataclass of this package
        Made of such records, arrays, numbers, text, days, tuples and mappings.
    path : path-like
        Where, ending in ".forecast".

    Raises
    ------
    InputError
        If the place cannot be written to, or a part is something else.
    """
    place, packer = check_place(path, (ENDING,)), _Packer()
    root = packer.packed(record)
    content = {"format": FORMAT, "records": packer.records, "root": root}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        archive.writestr(zipfile.ZipInfo("content.json", EPOCH), text, zipfile.ZIP_DEFLATED)
        for k, array in enumerate(packer.arrays):
            raw = io.BytesIO()
            np.lib.format.write_array(raw, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{k}.npy", EPOCH)
            archive.writestr(info, raw.getvalue(), zipfile.ZIP_DEFLATED)
    return write_whole(place, held.getvalue())


def load_record(path: str | PathLike[str], kind: type[Record]) -> Record:
    """Read a record that `save_record` wrote.

    Parameters
    ----------
    path : path-like
        The file.
    kind : type
        What it must be.

    Raises
    ------
    InputError
        If it cannot be read, is no such file, is damaged, or holds something else.
    """
    where, raw = Path(path).name, read_bytes(path, limit=MAX_SAVED_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_SAVED_BYTES:
                raise InputError(f"{where}: must unpack to at most 512 MB - found more")
            content = json.loads(archive.read("content.json"))
            if content["format"] != FORMAT:
                raise InputError(
                    f"{where}: must be of the format {FORMAT!r} - found {content['format']!r}; "
                    "load it with the version that saved it"
                )
            unpacker = _Unpacker(content["records"], archive)
            found = unpacker.unpacked(content["root"])
    except ForecastError:
        raise
    except Exception as error:
        raise InputError(
            f"{where}: must be a whole file that save wrote - {type(error).__name__} while "
            "reading it; save it again"
        ) from None
    if not isinstance(found, kind):
        called = vars(kind).get("_called", f"a {kind.__name__}")
        raise InputError(
            f"{where}: must hold {called} - found a {type(found).__name__}; choose another file"
        )
    return found


class Saved:
    """Base of results that can be kept in a file and read again, on any machine."""

    def save(self, path: str | PathLike[str]) -> Path:
        """Write it whole to a file ending in ".forecast", with all it was made from.

        Parameters
        ----------
        path : path-like
            Where, ending in ".forecast".

        Returns
        -------
        Path
            Where it is.

        Raises
        ------
        InputError
            If the place cannot be written to.
        """
        return save_record(self.kept(), path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Return what `save` wrote; nothing in the file is executed.

        Parameters
        ----------
        path : path-like
            The file.

        Raises
        ------
        InputError
            If it cannot be read, is damaged, or holds something else.
        """
        return load_record(path, cls).whole()

    def kept(self) -> Self:
        """Return what goes into the file: all of it, but for what `whole` can make anew."""
        return self

    def whole(self) -> Self:
        """Return what a file holds with everything that `kept` left out."""
        return self


class _Packer:
    """Turns records into plain data; each record and array once."""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.arrays: list[np.ndarray[Any, Any]] = []
        self.seen: dict[int, tuple[Any, dict[str, int]]] = {}

    def packed(self, value: Any) -> Any:
        """Return a value as JSON has it."""
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | int | str):
            found: Any = value
        elif isinstance(value, float):
            found = value if math.isfinite(value) else {"float": repr(value)}
        elif type(value) is date:
            found = {"date": value.isoformat()}
        elif isinstance(value, tuple | list):
            found = [self.packed(v) for v in value]
            if hasattr(value, "_fields"):
                found = {"named": _path(type(value)), "items": found}
            elif isinstance(value, tuple):
                found = {"tuple": found}
        elif isinstance(value, Mapping):
            found = {"map": [[self.packed(k), self.packed(v)] for k, v in value.items()]}
        else:
            found = self._once(value)
        return found

    def _once(self, value: Any) -> dict[str, int]:
        if id(value) not in self.seen:
            if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
                self.arrays.append(value)
                found = {"array": len(self.arrays) - 1}
            elif is_dataclass(value) and type(value).__module__.startswith("forecast."):
                parts = {
                    f.name: self.packed(getattr(value, f.name)) for f in fields(value) if f.init
                }
                self.records.append({"kind": _path(type(value)), "fields": parts})
                found = {"record": len(self.records) - 1}
            else:
                raise InputError(
                    f"save: every part must be data - found a {type(value).__name__}; it cannot be "
                    "kept in a file"
                )
            self.seen[id(value)] = (value, found)  # held, so that no other takes its id
        return self.seen[id(value)][1]


class _Unpacker:
    """Turns plain data into records again, in the order in which they were packed."""

    def __init__(self, records: list[Any], archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.arrays: dict[int, np.ndarray[Any, Any]] = {}
        self.records: list[Any] = []
        for record in records:
            parts = {name: self.unpacked(part) for name, part in record["fields"].items()}
            self.records.append(_class(record["kind"], is_dataclass)(**parts))

    def unpacked(self, value: Any) -> Any:
        """Return a value from JSON."""
        if isinstance(value, list):
            return [self.unpacked(v) for v in value]
        if not isinstance(value, dict):
            return value
        if "named" in value:
            kind = _class(value["named"], lambda found: issubclass(found, tuple))
            return kind(*(self.unpacked(v) for v in value["items"]))
        ((how, what),) = value.items()
        if how == "map":
            return {self.unpacked(k): self.unpacked(v) for k, v in what}
        if how == "array":
            return self._array(what)
        readers: dict[str, Callable[[Any], Any]] = {
            "float": float,
            "date": date.fromisoformat,
            "tuple": lambda items: tuple(self.unpacked(v) for v in items),
            "record": lambda k: self.records[k],
        }
        return readers[how](what)

    def _array(self, number: int) -> np.ndarray[Any, Any]:
        if number not in self.arrays:
            raw = io.BytesIO(self.archive.read(f"{number}.npy"))
            found = np.lib.format.read_array(raw, allow_pickle=False)
            found.setflags(write=False)
            self.arrays[number] = found
        return self.arrays[number]


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(path: str, fits: Callable[[Any], bool]) -> Any:
    """Return a record class of this package by its name; nothing else can be named."""
    module, _, name = path.partition(":")
    if not module.startswith("forecast.") or not name.isidentifier():
        raise InputError(f"saved: must hold records of this package - found {path[:60]!r}")
    found = getattr(import_module(module), name)
    if not isinstance(found, type) or found.__module__ != module or not fits(found):
        raise InputError(f"saved: must hold records of this package - found {path[:60]!r}")
    return found
