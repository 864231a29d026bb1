"""Outputs replace no input, in any command; whatever the screen is, a command ends cleanly."""

import os
import subprocess
import sys

import pytest

from forecast.cli.run import TABLES

FIRST = "unit,registered,Łukasz,Ada,Zed\nNorth,200,35,30,20\nSouth,200,30,36,22\n"
SECOND = "unit,Łukasz,Ada\nNorth,50,45\nSouth,48,49\n"
PRIOR_NAME = "c-prior.toml"


@pytest.fixture
def folder(run, tmp_path):
    """A contest, its runoff, a prior to edit and a frozen forecast."""
    (tmp_path / "c.csv").write_text(FIRST, "utf-8")
    (tmp_path / "r.csv").write_text(SECOND, "utf-8")
    assert run("prior", "c.csv")[0] == 0
    assert run("freeze", "c.csv", "--draws", "200", "--out", "fz.json")[0] == 0
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


REPLACING = [
    ("run", "c.csv", "--json", "c.csv"),
    ("run", "c.csv", "--json", "link.json"),
    ("run", "c.csv", "--json", "hard.json"),
    ("run", "c.csv", "--report", "link.html"),
    ("run", "c.csv", "--prior", PRIOR_NAME, "--json", PRIOR_NAME),
    ("run", "c.csv", "--prior", PRIOR_NAME, "--json", "prior.json"),
    ("run", "c.csv", "--json", "same.json", "--report", "same.json"),
    ("evidence", "c.csv", "--json", "link.json"),
    ("freeze", "c.csv", "--out", "link.json"),
    ("score", "fz.json", "--returns", "r.csv", "--json", "fz.json"),
    ("score", "fz.json", "--returns", "r.csv", "--json", "returns.json"),
    ("transfers", "c.csv", "r.csv", "--json", "link.json"),
    ("transfers", "c.csv", "r.csv", "--figure", "link.svg"),
    ("night", "c.csv", "--returns", "r.csv", "--by-unit", "r.csv"),
    ("night", "c.csv", "--returns", "r.csv", "--history", "returns.jsonl"),
    ("night", "c.csv", "--returns", ".", "--by-unit", "units.csv"),
    ("replay", "c.csv", "r.csv", "--by-unit", "c.csv"),
    ("learn", "c.csv", "--out", "link.json"),
    ("run", "shares.csv", "--tables", "."),
    ("run", "contributions.csv", "--tables", "."),
]


@pytest.mark.parametrize("arguments", REPLACING, ids=" ".join)
def test_no_output_replaces_an_input(folder, run, arguments):
    for link, target in (
        ("link.json", "c.csv"),
        ("link.html", "c.csv"),
        ("link.svg", "c.csv"),
        ("prior.json", PRIOR_NAME),
        ("returns.json", "r.csv"),
        ("returns.jsonl", "r.csv"),
    ):
        (folder / link).symlink_to(target)
    for table in ("shares.csv", "contributions.csv"):
        (folder / table).write_bytes((folder / "c.csv").read_bytes())
    os.link(folder / "c.csv", folder / "hard.json")
    before = contents(folder)
    code, out, err = run(*arguments)
    assert code == 2, out
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert contents(folder) == before


def test_every_table_that_is_written_is_looked_at_before(folder, run):
    assert run("run", "c.csv", "--draws", "200", "--tables", "t")[0] == 0
    assert {path.stem for path in (folder / "t").iterdir()} == {*TABLES}


def test_through_a_link_its_target_is_written(folder, run):
    (folder / "out.json").write_text("old")
    (folder / "latest.json").symlink_to("out.json")
    assert run("run", "c.csv", "--draws", "200", "--json", "latest.json")[0] == 0
    assert (folder / "latest.json").is_symlink()
    assert (folder / "out.json").read_text("utf-8").startswith("{")


@pytest.mark.parametrize("name", ["figures.txt", "/dev/null", "/dev/stdout", "nowhere/a.json"])
def test_other_endings_devices_and_missing_folders_are_refused(folder, run, name):
    code, _, err = run("run", "c.csv", "--draws", "200", "--json", name)
    assert code == 2
    assert err.startswith(f"error: {name}: ")


def command(folder, *arguments, encoding="utf-8", **streams):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    line = [sys.executable, "-m", "forecast.cli", *arguments]
    return subprocess.run(
        line, cwd=folder, env=environment, stderr=subprocess.PIPE, check=False, **streams
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_any_terminal_prints_any_name(folder, encoding):
    found = command(folder, "show", "c.csv", encoding=encoding, stdout=subprocess.PIPE)
    assert found.returncode == 0
    assert found.stderr == b""
    name = "Łukasz" if encoding == "utf-8" else "\\u0141ukasz"
    assert name in found.stdout.decode(encoding)
    lost = command(folder, "show", "Łukasz.csv", encoding=encoding, stdout=subprocess.PIPE)
    assert lost.returncode == 2
    assert lost.stderr.startswith(b"error: ")


def test_a_closed_pipe_ends_quietly(folder):
    line = f"{sys.executable} -m forecast.cli show c.csv | true"
    found = subprocess.run(line, shell=True, cwd=folder, capture_output=True, check=True)
    assert found.stderr == b""
    closed = f"{sys.executable} -m forecast.cli show c.csv >&-"
    assert subprocess.run(closed, shell=True, cwd=folder, capture_output=True, check=True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_full_device_is_said(folder):
    with open("/dev/full", "wb") as full:
        found = command(folder, "show", "c.csv", stdout=full)
    assert found.returncode == 2
    assert found.stderr == b"error: the output must be writable - No space left on device\n"
