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
