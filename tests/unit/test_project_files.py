"""Files that hosting sites and tools read say the same as pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]


def test_the_citation_is_of_this_version():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in citation
    assert f"\nlicense: {PROJECT['license']}\n" in citation
    assert all(author["name"] in citation for author in PROJECT["authors"])


def test_every_python_promised_is_tested():
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    workflow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    (matrix,) = re.findall(r"python: \[(.*?)\]", workflow)
    assert re.findall(r"3\.\d+", matrix) == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"


def test_commits_are_checked_by_the_gates_linters():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    pinned = dict(
        re.findall(
            r'"(ruff|typos)==([\d.]+)\*"',
            " ".join(map('"{}"'.format, PROJECT["optional-dependencies"]["dev"])),
        )
    )
    for tool, release in pinned.items():
        (rev,) = re.findall(rf"/{tool}(?:-pre-commit)?\n    rev: v([\d.]+)", hooks)
        assert rev.startswith(release), tool
    assert set(pinned) == {"ruff", "typos"}


def test_the_gate_and_the_hosting_site_run_the_same_linters():
    gate = (ROOT / ".ci/run").read_text("utf-8")
    workflow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    for linter in ("ruff check .", "ruff format --check .", "typos", "mypy"):
        assert f"\n{linter}\n" in gate
        assert f"- run: {linter}\n" in workflow


def test_what_tests_are_promised_they_import():
    """Of the extra `test`; plug-ins and what reads spreadsheets are called by name."""
    named = (re.split(r"[\[>=;]", text)[0] for text in PROJECT["optional-dependencies"]["test"])
    called = {"runoff-forecast", "pytest-xdist"}
    imported = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    imported += "\n".join(path.read_text("utf-8") for path in (ROOT / "forecast").rglob("*.py"))
    for name in set(named) - called:
        module = name.replace("-", "_")
        assert re.search(rf"(import|from|find_spec\(.|importorskip\(.) ?{module}", imported), name
