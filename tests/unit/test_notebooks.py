"""Notebooks hold no outputs and use public names only; CI executes them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import forecast

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def code(path: Path) -> list[dict]:
    content = json.loads(path.read_text("utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def source(cell: dict) -> str:
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_outputs_are_stripped(path):
    for cell in code(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_figures_end_their_cells_and_so_are_shown(path):
    """A semicolon would hide them: only the value of the last line is displayed."""
    for cell in code(path):
        lines = source(cell).rstrip().splitlines()
        assert not any(".plot(" in line for line in lines[:-1])
        assert not lines[-1].endswith(";")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_cells_are_short_and_use_public_names(path):
    for cell in code(path):
        text = source(cell)
        assert len(text.splitlines()) <= 25, text
        for node in ast.walk(ast.parse(text.rstrip(";"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                module = getattr(node, "module", None) or node.names[0].name
                assert not module.startswith("forecast.") or "validation" in module, text
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), text
                if isinstance(node.value, ast.Name) and node.value.id == "forecast":
                    assert node.attr in forecast.__all__, text
