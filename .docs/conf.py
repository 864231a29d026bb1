"""Sphinx: the README, the notebooks and the reference from docstrings, as one site.

Build from the top folder: ``sphinx-build -W -c .docs . build/docs``.
"""

import importlib.metadata
from typing import Any

project = "runoff-forecast"
release = importlib.metadata.version("runoff-forecast")
author = "The authors of runoff-forecast"
extensions = ["sphinx.ext.apidoc", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_nb"]
root_doc = "README"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "notebooks/*.ipynb",
    "build/api/*",
]
html_theme = "furo"
html_title = "runoff-forecast"
html_show_copyright = False

nb_execution_mode = "cache"  # a notebook that fails is a warning, and warnings are errors
nb_execution_cache_path = "build/notebooks"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

apidoc_modules = [
    {
        "path": "../forecast",
        "destination": "build/api",
        "separate_modules": True,
        "module_first": True,
        "automodule_options": ["members"],
    }
]
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings give shapes and units
autodoc_default_options = {"members": True, "ignore-module-all": False}
default_role = "code"
suppress_warnings = ["ref.python"]  # words of a docstring's types that are also attributes
napoleon_google_docstring = False
napoleon_use_rtype = False

CONTENTS = """

```{toctree}
:hidden:

CHANGELOG
CONTRIBUTING
```

```{toctree}
:caption: Notebooks
:glob:
:hidden:

notebooks/*
```

```{toctree}
:caption: Reference
:hidden:

build/api/modules
```
"""


def setup(app: Any) -> None:
    """Give the README, which is the home page, the contents of the site."""

    def add_contents(_: Any, page: str, source: list[str]) -> None:
        if page == "README":
            source[0] += CONTENTS

    app.connect("source-read", add_contents)
