"""Every command and snippet of the README runs, and prints what the README says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

import forecast
from forecast.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PROGRAMS = {"forecast", "pip", "pytest", "python"}


class Block(NamedTuple):
    """A fenced block: its language and text."""

    language: str
    text: str


BLOCKS = [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```", README, re.M | re.S)]


def commands(block: Block) -> list[str]:
    return [c for line in block.text.splitlines() for c in line.split(" && ")]


SHELL = [(i, b) for i, b in enumerate(BLOCKS) if b.language == "sh"]
RUNS = [(i, c) for i, b in SHELL for c in commands(b) if c.startswith("forecast ")]


def printed(block: int) -> str | None:
    """Return what the README says a shell block prints: the block after it, if it is of text."""
    after = BLOCKS[block + 1] if block + 1 < len(BLOCKS) else None
    return after.text if after is not None and after.language == "text" else None


def matches(claimed: str, found: str) -> bool:
    """Return whether a text agrees with a claim in which a line ``...`` stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", claimed, flags=re.M)]
    return re.fullmatch("(?:.*\n)*".join(parts), found) is not None


def test_every_block_says_what_it_is():
    assert {b.language for b in BLOCKS} <= {"sh", "text", "python"}
    unknown = {c.split()[0] for _, b in SHELL for c in commands(b)} - PROGRAMS
    assert unknown == set()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Change to an empty folder that holds the reader's own file."""
    monkeypatch.chdir(tmp_path)
    contest = forecast.load_contest("georgia-2018")
    names = ["unit", "registered", "invalid", *contest.candidates]
    lines = [",".join(names)]
    for u, unit in enumerate(contest.units):
        counts = [contest.registered[u], contest.invalid[u], *contest.votes[u]]
        lines.append(",".join([unit, *map(str, counts)]))
    Path("first_round.csv").write_text("\n".join(lines) + "\n", "utf-8")
    counted = forecast.load_returns("georgia-2018")
    lines = [",".join(["unit", *counted.finalists])]
    for unit, votes in list(zip(counted.units, counted.votes, strict=True))[:20]:
        lines.append(",".join([unit, *map(str, votes)]))
    rows = ["unit,first_round,runoff", *(f"{unit},36.9 %,46.8 %" for unit in contest.units)]
    Path("by_17.csv").write_text("\n".join(rows) + "\n", "utf-8")
    Path("counted_so_far.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_commands_run_and_print_what_is_said(folder, monkeypatch, capsys):
    assert RUNS
    for block, command in RUNS:
        monkeypatch.setattr("sys.argv", shlex.split(command))
        with pytest.raises(SystemExit) as stopped:
            main()
        found = capsys.readouterr()
        assert stopped.value.code in (0, None), (command, found.err)
        claimed = printed(block)
        if claimed is not None:
            assert matches(claimed, found.out), (command, found.out)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "python"])
def test_snippets_run(block, folder):
    exec(compile(block.text, "README.md", "exec"), {})


def test_commands_of_scripts_exist():
    scripts = re.findall(r"python (benchmarks/\w+\.py)((?: --[\w-]+)*)", README)
    assert scripts
    for script, flags in scripts:
        source = (ROOT / script).read_text("utf-8")
        for flag in flags.split():
            assert f'"{flag}"' in source, (script, flag)


@pytest.mark.parametrize(
    ("claimed", "found", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a\n", "a\nb\n", False),
    ],
)
def test_matches(claimed, found, same):
    assert matches(claimed, found) == same
