"""Sphinx: the pages and notebooks of this folder and the reference from docstrings, as one site.

Build from the top folder: ``sphinx-build -W notebooks build/docs``.
"""

import importlib.metadata

project = "runoff-forecast"
release = importlib.metadata.version("runoff-forecast")
author = "The runoff-forecast developers"
extensions = ["sphinx.ext.apidoc", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_nb"]
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
        "destination": "api",
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
