"""Text of files that anybody may have written: what is no text, or too large, is refused."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.files.text import check_printable

STANDARD_INPUT = "-"
"""The path that stands for what is piped in."""
MAX_BYTES = 32_000_000
"""Largest table read, in bytes: polling stations of the largest countries fit."""
MAX_TREE_BYTES = 4_000_000
"""Largest JSON file read; in memory it takes about 25 times as much at worst."""
MAX_TOML_BYTES = 1_000_000
"""Largest TOML file read; people write it by hand."""
MAX_INTEGER = 2**53
"""Largest whole number a float holds exactly."""
MAX_DEPTH = 20
MARKUP = re.compile(r"<(?:!doctype|html|head|body|table|meta|\?xml|!--)\b", re.IGNORECASE)
JSON = re.compile(r"\[\s*[\[{]|\{\s*(?:\"|\}|$)")
CHAIN = re.compile(r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){16}")
"""A key of so many dotted parts that the parser would take quadratic time and memory."""


def read_text(path: str | PathLike[str], *, limit: int = MAX_BYTES) -> str:
    """Return the text of a file in UTF-8, or UTF-16 with a byte order mark, with plain newlines.

    Parameters
    ----------
    path : path-like
        A regular file, or a link to one; never a device, a pipe or a directory.
    limit : int
        Most bytes that are read.

    Raises
    ------
    InputError
        If there is no such file, it is larger than `limit`, is empty, or is no text in UTF-8.
    """
    return decoded(read_bytes(path, limit=limit), Path(path).name)


def decoded(raw: bytes, where: str) -> str:
    """Return bytes as `read_text` does; `where` is what messages call them."""
    if not raw.strip():
        raise InputError(f"{where}: must not be empty - found no content; export it again")
    if raw.startswith((b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")):
        raise InputError(f"{where}: must be text - found a compressed file; unpack it first")
    marked = raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{where}: must be encoded as UTF-8 - byte {error.start} is not; save it again as "
            "'CSV UTF-8', or convert it (iconv -f WINDOWS-1252 -t UTF-8, where a computer in "
            "western Europe or America wrote it)"
        ) from None
    if "\0" in text:
        raise InputError(f"{where}: must be text - found a NUL byte; export it as CSV UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_text(raw: bytes) -> bool:
    """Return whether the content of a file is text in some encoding, by its first bytes."""
    head = raw[:1000]
    return head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or not re.search(rb"[\x00-\x08]", head)


def refuse_other_texts(text: str, where: str) -> None:
    """Raise `InputError` if the text of a table is a web page, a sheet in XML, or JSON."""
    start = text[:1000].lstrip()
    if MARKUP.match(start):
        raise InputError(
            f"{where}: must be a table - found a web page or XML, whatever its name ends in; open "
            "it in a spreadsheet program and save it as .xlsx or 'CSV UTF-8'"
        )
    if JSON.match(start):
        raise InputError(
            f"{where}: must be a table - found JSON, which is not read; write one row per unit "
            "and a column per candidate as CSV"
        )


def read_bytes(path: str | PathLike[str], *, limit: int = MAX_BYTES) -> bytes:
    """Return the content of a regular file, or of standard input for the path ``-``.

    Raises
    ------
    InputError
        As `read_text`.
    """
    if str(path) == STANDARD_INPUT:
        return _within(sys.stdin.buffer.read(limit + 1), limit, "standard input")
    path = Path(path)
    try:
        # A pipe without a writer must not block; O_NONBLOCK means nothing for regular files.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError(
                    f"{path}: must be a readable file - found a directory, device or pipe; "
                    "save it as a file"
                )
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: must be a readable file - {reason}; check the path") from None
    return _within(raw, limit, path.name)


def _within(raw: bytes, limit: int, where: str) -> bytes:
    if len(raw) > limit:
        raise InputError(
            f"{where}: must have at most {limit // 1_000_000} MB - found more; leave out what "
            "is not needed, or merge units"
        )
    return raw


def read_json(path: str | PathLike[str]) -> Any:
    """Return the content of a JSON file, whose numbers are finite and whose nesting is shallow.

    Raises
    ------
    InputError
        If the file cannot be read, is no JSON, or breaks a rule of `check_tree`.
    """
    path = Path(path)
    return json_of(read_text(path, limit=MAX_TREE_BYTES), path.name)


def json_of(text: str, where: str) -> Any:
    """Return the content of JSON text under the same rules; `where` is what messages call it."""

    def parse(text: str) -> Any:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)

    return _parsed(parse, text, where, "JSON")


def _parsed(parse: Callable[[str], Any], text: str, where: str, language: str) -> Any:
    """Return what a text says; raise `InputError` if it is not well formed or too deep."""
    try:
        content = parse(text)
    except RecursionError:
        raise InputError(f"{where}: must be flat {language} - found deep nesting") from None
    except ValueError as error:
        raise InputError(f"{where}: must be {language} - {error}; write it again") from None
    check_tree(content, where)
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the key {twice[:40]!r} occurs twice")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"numbers must be finite, found {word}")


def read_toml(path: str | PathLike[str]) -> dict[str, Any]:
    """Return the content of a TOML file, whose nesting is shallow.

    Raises
    ------
    InputError
        If the file cannot be read, is no TOML, or breaks a rule of `check_tree`.
    """
    import tomllib

    path = Path(path)
    text = read_text(path, limit=MAX_TOML_BYTES)
    if CHAIN.search(text):
        raise InputError(f"{path.name}: must be flat TOML - found a key of too many parts")
    content: dict[str, Any] = _parsed(tomllib.loads, text, path.name, "TOML")
    return content


def check_tree(content: Any, where: str) -> None:
    """Raise `InputError` unless content of JSON or TOML is shallow and can be printed.

    Whole numbers are at most 2^53, texts without characters that have no encoding or steer a
    terminal, lists and tables at most 20 levels deep.
    """
    level = [content]
    for _ in range(MAX_DEPTH):
        if not level:
            return
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += [] if set(map(type, item)) == {float} else item
            else:
                _check_leaf(item, where)
        level = below
    if level:
        raise InputError(
            f"{where}: must be at most {MAX_DEPTH} levels deep - found more; flatten it"
        )


def _check_leaf(item: object, where: str) -> None:
    if isinstance(item, int) and abs(item) > MAX_INTEGER:
        raise InputError(f"{where}: whole numbers must be at most 2^53 - found more; correct it")
    if isinstance(item, str) and not item.isprintable():
        check_printable(item, where)
