"""What public functions take, said in words when they were given something of another kind."""

from __future__ import annotations

import inspect
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from os import PathLike
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from forecast.errors import ForecastError, InputError

Target = TypeVar("Target")
WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    date: "a datetime.date",
    type(None): "None",
}
"""How kinds are called in messages."""
MOST_LOOKED_AT = 1000
"""Items of a sequence whose kind is looked at."""


def refuses_other_kinds(target: Target) -> Target:
    """Return a function or class that raises `InputError` where an argument's kind is to blame.

    Nothing is checked as long as all goes well. When something fails, the arguments are held
    against the signature: if one is not of the kind it states, the message says which, what it must
    be and what was found; otherwise the error passes as it is.

    Parameters
    ----------
    target : function or class
        A public one, whose parameters are annotated; of a class its public methods as well.

    Examples
    --------
    >>> @refuses_other_kinds
    ... def half(x: float) -> float:
    ...     return x / 2
    >>> half("one")
    Traceback (most recent call last):
    ...
    forecast.errors.InputError: half: x must be a number - found text 'one'; give one
    """
    name = getattr(target, "__name__", "function")
    if not isinstance(target, type):
        return cast(Target, _explained(cast("Callable[..., Any]", target), name))
    target.__init__ = _explained(target.__init__, name)  # type: ignore[misc]
    for key in dir(target):  # inherited ones, too
        member = inspect.getattr_static(target, key)
        method = getattr(member, "__func__", member)
        ours = inspect.isfunction(method) and method.__module__.startswith(__package__)
        if ours and not key.startswith("_"):
            told = _explained(method, f"{name}.{key}")
            kind = type(member) if isinstance(member, classmethod | staticmethod) else None
            setattr(target, key, kind(told) if kind else told)
    return target


def _explained(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a function that says which argument was of another kind when something fails."""

    @contextmanager
    def explained(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Iterator[None]:
        try:
            yield
        except ForecastError:
            raise
        except Exception as error:
            found = _misfit(function, args, kwargs)
            if found is None:
                raise
            raise InputError(f"{name}: {found}") from error

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with explained(args, kwargs):
            return function(*args, **kwargs)

    @wraps(function)
    def checked_steps(*args: Any, **kwargs: Any) -> Any:
        with explained(args, kwargs):
            yield from function(*args, **kwargs)

    return checked_steps if inspect.isgeneratorfunction(function) else checked


def renamed(**names: str) -> Callable[[Target], Target]:
    """Let a function or class take keywords by the names they had, with a warning.

    Parameters
    ----------
    **names : str
        The new name by the old one. Of a class the old attribute can be read as well.

    Examples
    --------
    >>> @renamed(known="published")
    ... def told(*, published: int) -> int:
    ...     return published
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     told(known=3), str(caught[0].message)
    (3, 'told: known is now published; the old name goes with the next release')
    """

    def apply(target: Target) -> Target:
        function: Callable[..., Any] = target.__init__ if isinstance(target, type) else target  # type: ignore[misc,assignment]
        what = getattr(target, "__name__", "function")

        @wraps(function)
        def taking(*args: Any, **kwargs: Any) -> Any:
            for old in names.keys() & kwargs.keys():
                _warn(what, old, names[old])
                kwargs[names[old]] = kwargs.pop(old)
            return function(*args, **kwargs)

        if not isinstance(target, type):
            return taking  # type: ignore[return-value]
        target.__init__ = taking  # type: ignore[misc]
        for old, new in names.items():
            setattr(target, old, property(_reader(what, old, new)))
        return target

    return apply


def _reader(what: str, old: str, new: str) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        _warn(what, old, new)
        return getattr(self, new)

    return read


def _warn(what: str, old: str, new: str) -> None:
    text = f"{what}: {old} is now {new}; the old name goes with the next release"
    warnings.warn(text, DeprecationWarning, stacklevel=3)


def _misfit(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str | None:
    """Return what is wrong with the first argument that is not of its kind; None if all are."""
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return None
    for name, value in bound.arguments.items():
        parameter = signature.parameters[name]
        hint = _resolved(parameter.annotation, inspect.unwrap(function))
        given = (value,)
        if parameter.kind is parameter.VAR_POSITIONAL:
            given = value
        elif parameter.kind is parameter.VAR_KEYWORD:
            given = tuple(value.values())
        for one in given:
            if name not in {"self", "cls"} and not _fits(one, hint):
                words = _words(hint)
                remedy = "read_polls(path, contest) makes them" if "Polls" in words else "give one"
                return f"{name} must be {words} - found {_short(one)}; {remedy}"
    return None


def _resolved(annotation: Any, function: Callable[..., Any]) -> Any:
    """Return what an annotation stands for; `Any` for what only a type checker knows."""
    if not isinstance(annotation, str):
        return Any if annotation is inspect.Parameter.empty else annotation
    import forecast

    names = {name: getattr(forecast, name) for name in forecast.__all__ if name[0].isupper()}
    known = {**vars(typing), **names, **function.__globals__}

    def alone() -> None: ...

    alone.__annotations__ = {"found": annotation}
    try:
        return typing.get_type_hints(alone, known)["found"]
    except (NameError, TypeError, AttributeError):
        return Any


def _fits(value: Any, hint: Any) -> bool:  # noqa: PLR0911 - one return per kind of hint
    """Return whether a value is of a kind, as people mean it: a list serves where a tuple does."""
    if hint is Any or isinstance(hint, TypeVar):
        return True
    if hint is npt.ArrayLike:
        return value is not None and _is_numeric(value)
    hint = _followed(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, part) for part in inner)
    if origin is typing.Literal:
        return isinstance(value, str) and value in inner
    if hint is None or hint is type(None):
        return value is None
    if origin is np.ndarray or hint is np.ndarray:
        return _is_numeric(value)
    if origin is not None and not isinstance(origin, type):
        return True  # an alias only a type checker can follow
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(k, inner[0]) and _fits(v, inner[1]) for k, v in value.items()
        )
    if origin is tuple and Ellipsis not in inner:
        several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
        return several and len(value) == len(inner) and all(map(_fits, value, inner))
    if origin is not None and issubclass(origin, Iterable):
        return _is_sequence(value, tuple(part for part in inner if part is not Ellipsis))
    if origin is not None and issubclass(origin, Callable):  # type: ignore[arg-type]
        return callable(value)
    return _is_one(value, origin or hint)


def _followed(hint: Any) -> Any:
    """Return what a `type` statement's name stands for; NumPy names its arrays so from 2.5 on."""
    return getattr(typing.get_origin(hint) or hint, "__value__", hint)


def _is_numeric(value: Any) -> bool:
    """Return whether a value is an array of numbers, or makes one."""
    if isinstance(value, str | bytes | Mapping):
        return False
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:  # rows of different lengths
        return False


def _is_sequence(value: Any, inner: tuple[Any, ...]) -> bool:
    """Return whether a value is a sequence, but no text, whose items are of a kind."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return False
    items = value.tolist() if isinstance(value, np.ndarray) else value
    if not inner or not isinstance(items, Sequence):
        return type(value).__module__.split(".")[0] in ("builtins", "forecast")
    return all(_fits(item, inner[0]) for item in items[:MOST_LOOKED_AT])


def _is_one(value: Any, kind: Any) -> bool:
    """Return whether a value is one thing of a kind."""
    if kind is float:
        return isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int | np.integer) and not isinstance(value, bool)
    if kind is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    if getattr(kind, "_is_protocol", False):
        wanted = [n for n in vars(kind) if not n.startswith("_") or n == "__call__"]
        return all(hasattr(value, name) for name in wanted)
    return not isinstance(kind, type) or isinstance(value, kind)


def _words(hint: Any) -> str:  # noqa: PLR0911 - one return per kind of hint
    """Return what a kind is called."""
    hint = hint if hint is npt.ArrayLike else _followed(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(part) for part in inner))
    if origin is typing.Literal:
        return " or ".join(map(repr, inner))
    if origin is np.ndarray or hint is npt.ArrayLike:
        return "an array of numbers"
    if origin is not None and not isinstance(origin, type):
        return "something else"
    if origin is not None and issubclass(origin, Mapping):
        return f"a mapping of {_words(inner[0])} to {_words(inner[1])}"
    if origin is PathLike or hint is PathLike:
        return "a path"
    if origin is tuple and Ellipsis not in inner:
        return " with ".join(map(_words, inner))
    if origin is not None and issubclass(origin, Iterable):
        return f"a sequence of {_several(_words(inner[0]))}" if inner else "a sequence"
    if origin is not None:
        return "a function"
    if getattr(hint, "_is_protocol", False) and "__call__" in vars(hint):
        return "a function"
    name = getattr(hint, "__name__", "value")
    return WORDS.get(hint) or f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _several(kind: str) -> str:
    """Return the plural of what a kind is called.

    Examples
    --------
    >>> _several("a Poll"), _several("a whole number"), _several("text")
    ('Polls', 'whole numbers', 'text')
    """
    article, _, name = kind.partition(" ")
    return f"{name}s" if article in ("a", "an") and " or " not in name else kind


def _short(value: Any) -> str:
    """Return a value and its kind in few characters."""
    kind = {str: "text", type(None): ""}.get(type(value), type(value).__name__)
    if isinstance(value, list | tuple) and value:
        kind += f" of {type(value[0]).__name__}"
    plain = isinstance(value, str | int | float | bool | date | bytes | type(None))
    return f"{kind} {value!r:.60}".strip() if plain else kind
