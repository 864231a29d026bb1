"""Fixtures every test may ask for, and a hypothesis profile that never varies from run to run."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import small
from hypothesis import settings

from forecast import Contest, cli, load_contest

settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("repeatable")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def forecast_data() -> Path:
    """Folder of the official tables, or a skip that says how to provide it."""
    named = os.environ.get("FORECAST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "georgia").is_dir():
        pytest.skip(f"official tables not found in {folder}; set FORECAST_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def georgia() -> Contest:
    """The bundled contest."""
    return load_contest("georgia-2018")


@pytest.fixture
def contest() -> Contest:
    """Three units, two finalists, two eliminated candidates, invalid ballots, non-voters."""
    return small.contest()


@pytest.fixture
def rng():
    """Return a generator with a fixed seed."""
    return np.random.default_rng(20181128)


@pytest.fixture
def whole_lines(monkeypatch):
    """Break no line that a command prints: where it breaks depends on the name of the folder."""
    monkeypatch.setattr("forecast.cli.screen.broken", lambda line: [line])


@pytest.fixture
def run(monkeypatch, tmp_path, capsys, whole_lines):
    """Run the command in an empty directory; return exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["forecast", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return call
