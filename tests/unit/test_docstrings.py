"""Public docstrings name every parameter and show how a thing is used."""

import doctest
import inspect
import re
from functools import cached_property
from importlib import import_module

import pytest

import forecast

USED_FIRST = {
    "Backtest": ("mean", "skill"),
    "Contest": ("from_frame", "from_long", "grouped", "labelled", "ledger"),
    "FamilyPrior": ("with_alliance", "with_families"),
    "Forecast": ("given", "share", "variants", "win_probability"),
    "Nowcast": ("by_region", "win_probability"),
    "TransferPosterior": ("interval", "moved", "preference", "rate"),
    "TransferPrior": ("endorse", "with_row"),
}
"""Methods that have an example of their own, by class."""


def moved(place):
    home, _, name = place.rpartition(".")
    return getattr(import_module(f"forecast.{home}"), name)


PUBLIC = {name: getattr(forecast, name) for name in forecast.__all__ if name != "__version__"}
RESULTS = {c.__name__: c for c in map(moved, forecast._MOVED.values()) if inspect.isclass(c)}
CLASSES = RESULTS | {name: found for name, found in PUBLIC.items() if inspect.isclass(found)}
OBJECTS = PUBLIC | RESULTS
ERRORS = (forecast.ForecastError, forecast.InputError)


def methods(kind):
    """Return the public methods of a class that this package defines, inherited ones too."""
    found = {}
    for name in dir(kind):
        owner = next((c for c in kind.__mro__ if name in vars(c)), object)
        raw = inspect.getattr_static(kind, name)
        shown = isinstance(raw, property | cached_property)
        if not name.startswith("_") and owner.__module__.startswith("forecast") and not shown:
            value = getattr(kind, name)
            if inspect.isroutine(value):
                found[name] = value
    return found


METHODS = {
    f"{kind}.{name}": method
    for kind, found in CLASSES.items()
    for name, method in methods(found).items()
}


CALLABLE = {name: x for name, x in (OBJECTS | METHODS).items() if x not in ERRORS}


def parameters(thing):
    """Return the names that whoever calls it can give."""
    if thing is forecast.ForecastError:
        return []  # it takes what every exception takes
    names = inspect.signature(thing).parameters
    return [name for name in names if name not in ("self", "cls", "_")]


def named(text):
    """Return the parameters that a docstring names."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}$|\Z)", text, re.M | re.S)
    heads = re.findall(r"^(\*{0,2}\w[\w, *]*?)(?: : .*)?$", section[1] if section else "", re.M)
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def misnamed(thing):
    """Return parameters that the docstring does not name, and names that are no parameters."""
    return sorted(set(parameters(thing)) ^ named(inspect.getdoc(thing) or ""))


def shows_use(text):
    """Return whether some example of a docstring prints what comes out, and no error."""
    return any(e.want and e.exc_msg is None for e in doctest.DocTestParser().get_examples(text))


@pytest.mark.parametrize("name", [*OBJECTS, *METHODS])
def test_a_docstring_names_every_parameter_and_no_other(name):
    assert misnamed((OBJECTS | METHODS)[name]) == []


@pytest.mark.parametrize("name", OBJECTS)
def test_every_function_and_class_shows_its_use(name):
    assert shows_use(inspect.getdoc(OBJECTS[name]) or "")


@pytest.mark.parametrize("name", [f"{c}.{m}" for c, found in USED_FIRST.items() for m in found])
def test_what_is_used_first_has_an_example(name):
    kind, _, method = name.partition(".")
    assert shows_use(inspect.getdoc(inspect.getattr_static(CLASSES[kind], method)) or "")


def test_planted_omissions_are_found():
    def planted(one, *, two, three=0):
        """Return nothing.

        Parameters
        ----------
        one, four : int
            Numbers.

        Examples
        --------
        >>> planted("x")
        Traceback (most recent call last):
        TypeError: no number
        """

    assert misnamed(planted) == ["four", "three", "two"]
    assert not shows_use(planted.__doc__)


@pytest.mark.parametrize("name", sorted(CALLABLE))
def test_keywords_are_named_and_returns_have_a_type(name):
    """What `**more` hides no editor completes and no type checker checks."""
    signature = inspect.signature(CALLABLE[name])
    kinds = {p.kind for p in signature.parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    assert signature.return_annotation not in ("Any", inspect.Signature.empty) or name in CLASSES


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        (forecast.Contest.from_long, forecast.Contest.from_frame),
        (forecast.forecast_election, forecast.read_election),
    ],
)
def test_what_is_handed_on_has_the_same_keywords(outer, inner):
    """A keyword or default that only one of them has would be lost on the way."""
    here, there = (inspect.signature(f).parameters for f in (outer, inner))
    handed = {k: p for k, p in there.items() if p.kind is p.KEYWORD_ONLY}
    assert {k: (here[k].default, here[k].annotation) for k in handed} == {
        k: (p.default, p.annotation) for k, p in handed.items()
    }
