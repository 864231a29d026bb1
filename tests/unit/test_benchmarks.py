"""The benchmarks run at a tiny size, and what they say changed is what changed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "run.py"


@pytest.fixture(scope="module")
def runner():
    specification = importlib.util.spec_from_file_location("benchmark_runner", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def range_of(low, median, high):
    return {"x": {"low": low, "median": median, "high": high, "runs": 3}}


def test_a_change_counts_only_beyond_ranges_and_noise(runner):
    old = range_of(1.0, 1.1, 1.2)
    assert runner.changes(old, range_of(1.15, 1.25, 1.3)) == []  # ranges overlap
    assert runner.changes(old, range_of(1.21, 1.22, 1.3)) == []  # within ten percent
    assert runner.changes(old, range_of(2.0, 2.2, 2.4)) == [("x", 1.1, 2.2)]
    assert runner.changes(old, range_of(0.2, 0.3, 0.4)) == [("x", 1.1, 0.3)]


def test_numbers_are_named_by_what_they_measure(runner):
    content = {"date": "today", "rows": [{"what": "ours", "seconds": 2.0}, {"what": "floor"}]}
    assert dict(runner.numbers(content)) == {"/rows/ours/seconds": 2.0}
    found = runner.summary([content, {"rows": [{"what": "ours", "seconds": 4.0}]}])
    assert found["/rows/ours/seconds"] == {"median": 3.0, "low": 2.0, "high": 4.0, "runs": 2}


@pytest.mark.slow
def test_tiny_benchmarks_run_and_compare(tmp_path):
    command = [sys.executable, str(SCRIPT), "--tiny", "--json"]
    for name, more in (("old.json", []), ("new.json", ["--compare", "old.json"])):
        done = subprocess.run(
            [*command, name, "--only", "crowd", "profile_run", "seats", *more],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert "beyond noise" in done.stdout
    content = json.loads((tmp_path / "new.json").read_text("utf-8"))
    assert set(content["benchmarks"]) == {"crowd", "profile_run", "seats"}
    assert content["versions"]["numpy"]
    assert content["versions"]["commit"]
