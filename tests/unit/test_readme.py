"""Every command and snippet of the README and the book runs, and prints what they say."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

import forecast
from forecast.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "notebooks").glob("*.md"))]
PROGRAMS = {"forecast", "pip", "pytest", "python", "sphinx-build"}


class Block(NamedTuple):
    """A fenced block: its language, its text, and what the page says it prints."""

    language: str
    text: str
    printed: str | None


def blocks(page: Path) -> list[Block]:
    fences = re.findall(r"^```([^\n]*)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    following = [*fences, ("", "")][1:]
    return [
        Block(language, text, after if kind == "text" else None)
        for (language, text), (kind, after) in zip(fences, following, strict=True)
        if not language.startswith("{")  # a directive
    ]


def commands(block: Block) -> list[str]:
    return [c for line in block.text.splitlines() for c in line.split(" && ")]


def shell(page: Path) -> list[tuple[str, str | None]]:
    """Return the commands of a page and what its block prints, if the page says so."""
    return [(c, b.printed) for b in blocks(page) if b.language == "sh" for c in commands(b)]


def matches(claimed: str, found: str) -> bool:
    """Return whether a text agrees with a claim in which a line ``...`` stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", claimed, flags=re.M)]
    return re.fullmatch("(?:.*\n)*".join(parts), found) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_block_says_what_it_is(page):
    assert {b.language for b in blocks(page)} <= {"sh", "text", "toml", "python"}
    assert {command.split()[0] for command, _ in shell(page)} <= PROGRAMS


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
    rows = ["unit,first_round,runoff", *(f"{unit},36.9%,46.8%" for unit in contest.units)]
    Path("by_17.csv").write_text("\n".join(rows) + "\n", "utf-8")
    polls = "pollster,n,known,vashadze,zurabishvili,undecided\nAcme,900,2018-11-10,0.48,0.41,0.11\n"
    Path("polls.csv").write_text(polls, "utf-8")
    asked = re.search(r"^pollster,start,end,published.*?(?=^```)",
                      (ROOT / "notebooks/before-the-first-round.md").read_text("utf-8"),
                      re.M | re.S)  # fmt: skip
    Path("asked.csv").write_text(asked[0], "utf-8")
    rounds = {
        "first": {"Alder": 310, "Birch": 290, "Cedar": 200},
        "second": {"Alder": 41, "Birch": 39},
    }
    for name, votes in rounds.items():
        text = "candidate,votes\n" + "".join(f"{c},{1000 * n}\n" for c, n in votes.items())
        Path(f"{name}.csv").write_text(text, "utf-8")
    Path("counted_so_far.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


RUNS = [page for page in PAGES if any(c.startswith("forecast ") for c, _ in shell(page))]
SNIPPETS = [(p, b.text) for p in PAGES for b in blocks(p) if b.language == "python"]


@pytest.mark.parametrize("page", RUNS, ids=lambda p: p.stem)
def test_commands_run_and_print_what_is_said(page, folder, monkeypatch, capsys):
    for command, claimed in shell(page):
        if not command.startswith("forecast "):
            continue
        monkeypatch.setattr("sys.argv", shlex.split(command))
        with pytest.raises(SystemExit) as stopped:
            main()
        found = capsys.readouterr()
        assert stopped.value.code in (0, None), (command, found.err)
        if claimed is not None:
            assert matches(claimed, found.out), (command, found.out)


@pytest.mark.parametrize(("page", "snippet"), SNIPPETS, ids=[p.stem for p, _ in SNIPPETS])
def test_snippets_run(page, snippet, folder):
    exec(compile(snippet, page.name, "exec"), {})


def test_commands_of_scripts_exist():
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    scripts = re.findall(r"python (benchmarks/\w+\.py)((?: --[\w-]+)*)", text)
    assert scripts
    for script, flags in scripts:
        source = (ROOT / script).read_text("utf-8")
        for flag in flags.split():
            assert f'"{flag}"' in source, (script, flag)


def test_names_in_prose_are_public():
    """Old names would warn, and warnings are errors here."""
    for page in PAGES:
        for name in re.findall(r"`forecast\.([a-z]\w+)[`(.]", page.read_text("utf-8")):
            assert name in forecast.__all__ or find_spec(f"forecast.{name}"), (page.name, name)


def test_links_between_pages_lead_somewhere():
    """Sphinx checks those of the book; the README is read on its own."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert link.startswith("http") or (ROOT / link).exists(), (page.name, link)


def test_a_history_has_the_same_figures_in_readme_and_book():
    tables = []
    for page in (ROOT / "README.md", ROOT / "notebooks" / "accuracy.md"):
        lines = [line for line in page.read_text("utf-8").splitlines() if line[:2] == "| "]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        tables.append({first: rest for first, *rest in cells if len(rest) == 6})
    both = (set(tables[0]) & set(tables[1])) - {"history"}
    assert len(both) >= 5
    for history in both:
        assert tables[0][history] == tables[1][history], history


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
