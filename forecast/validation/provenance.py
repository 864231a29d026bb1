"""Which code and which model made a number, as digests."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from forecast.errors import InputError


@cache
def code_digest() -> str:
    """Return the SHA-256 of this package's source files, as 16 hexadecimal digits.

    Examples
    --------
    >>> len(code_digest())
    16
    """
    sha = hashlib.sha256()
    for place, content in sorted(_sources(files("forecast"))):
        sha.update(f"{place}\n".encode() + content)
    return sha.hexdigest()[:16]


def _sources(folder: Traversable, place: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield place and content of every source file, also of a package that lies in an archive."""
    for file in folder.iterdir():
        if file.is_dir():
            yield from _sources(file, f"{place}{file.name}/")
        elif file.name.endswith(".py"):
            yield f"{place}{file.name}", file.read_bytes()


def canonical_json(content: Any) -> str:
    r"""Return plain data as the one JSON text that stands for it: sorted keys, no spaces, ASCII.

    Raises
    ------
    InputError
        If a value has no JSON form, such as nan.

    Examples
    --------
    >>> canonical_json({"b": 1.5, "a": ["é"]})
    '{"a":["\\u00e9"],"b":1.5}'
    """
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"JSON: every value must be plain and finite - {error}") from None


def digest_of(content: Any) -> str:
    """Return the SHA-256 of plain data, by its `canonical_json`."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def model_key(model: Any) -> str:
    """Return a text that stands for a model's own code and constants.

    Parameters
    ----------
    model : callable
        A function without free variables, or a dataclass instance of plain values and such
        functions.

    Raises
    ------
    InputError
        If values would escape the digest: those a function closes over, or that are not plain; or
        if a lambda shares its line with another. What a function reads from its module escapes it
        all the same.

    Examples
    --------
    >>> from forecast.validation.baselines import leader_wins
    >>> model_key(leader_wins).splitlines()[0]
    'forecast.validation.baselines.leader_wins'
    """
    if inspect.isfunction(model):
        if model.__closure__:
            raise InputError(
                f"model {model.__qualname__!r}: uses values from outside that a digest cannot see; "
                "make it a dataclass or give key="
            )
        source, defaults = _source(model), [model.__defaults__, model.__kwdefaults__]
        if model.__name__ == "<lambda>" and source.count("lambda") > 1:
            raise InputError(
                f"model {model.__qualname__!r}: there is more than one lambda on its line, and a "
                "digest cannot tell which; write functions or give key="
            )
        return f"{model.__module__}.{model.__qualname__}\n{canonical_json(defaults)}\n{source}"
    if is_dataclass(model) and not isinstance(model, type):
        kind = type(model)
        values = {field.name: getattr(model, field.name) for field in fields(model)}
        parts = [
            f"{name}={model_key(value) if callable(value) else canonical_json(value)}"
            for name, value in sorted(values.items())
        ]
        code = [_source(base) for base in kind.__mro__ if base is not object]
        return "\n".join([f"{kind.__module__}.{kind.__qualname__}", *code, *parts])
    raise InputError(
        f"model: must be a function or a dataclass to be told apart by content - found "
        f"{type(model).__name__}; give key="
    )


def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        raise InputError(f"model {thing!r}: its source cannot be read; give key=") from None
