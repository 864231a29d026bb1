"""Every example in a docstring of the installed package runs and prints what it says."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import forecast

MODULES = ["forecast", *(m.name for m in pkgutil.walk_packages(forecast.__path__, "forecast."))]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(import_module(name), optionflags=FLAGS).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    tests = [t for name in MODULES for t in finder.find(import_module(name)) if t.examples]
    assert len(tests) > 30
