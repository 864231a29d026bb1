"""The benchmarks run at a tiny size, and what they say changed is what changed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

import forecast

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "run.py"


def loaded(path):
    specification = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runner():
    return loaded(SCRIPT)


def range_of(low, median, high, runs=3):
    return {"x": {"low": low, "median": median, "high": high, "runs": runs}}


def test_a_change_counts_only_beyond_ranges_and_noise(runner):
    old = range_of(1.0, 1.1, 1.2)
    assert runner.changes(old, range_of(1.15, 1.25, 1.3)) == []  # ranges overlap
    assert runner.changes(old, range_of(1.21, 1.22, 1.3)) == []  # within ten percent
    assert runner.changes(old, range_of(2.0, 2.2, 2.4)) == [("x", 1.1, 2.2)]
    assert runner.changes(old, range_of(0.2, 0.3, 0.4)) == [("x", 1.1, 0.3)]


def test_what_never_varies_has_changed_if_it_is_another(runner):
    """A coverage of 0.90 that becomes 0.85 is within ten percent, and no noise."""
    old, new = range_of(0.9, 0.9, 0.9), range_of(0.85, 0.85, 0.85)
    assert runner.changes(old, new) == [("x", 0.9, 0.85)]
    assert runner.changes(old, range_of(*[0.9 + 1e-9] * 3)) == []
    assert runner.changes(range_of(0.9, 0.9, 0.9, runs=1), range_of(0.85, 0.85, 0.85)) == []
    assert runner.changes(range_of(0.0, 0.0, 0.0), range_of(0.1, 0.1, 0.1)) == [("x", 0.0, 0.1)]


def shown(runner, capsys, old, new):
    files = ({"versions": {}, "benchmarks": {name: x} if x else {}} for name, x in (old, new))
    runner.show_changes(*files)
    return capsys.readouterr().out


def test_one_repetition_is_not_judged(runner, capsys):
    once, often = (range_of(1.0, 1.0, 1.0, runs) for runs in (1, 3))
    twice = range_of(2.0, 2.0, 2.0)
    assert "not judged: too few repeats" in shown(runner, capsys, ("a", once), ("a", twice))
    assert "1 changes beyond noise" in shown(runner, capsys, ("a", often), ("a", twice))


def test_what_is_in_one_file_only_is_said(runner, capsys):
    out = shown(runner, capsys, ("a", range_of(1, 1, 1)), ("b", range_of(1, 1, 1)))
    assert "a: 1 numbers in the old file only" in out
    assert "b: 1 numbers in the new file only" in out


def test_files_of_other_sizes_are_not_compared(runner, tmp_path):
    path = tmp_path / "old.json"
    path.write_text('{"tiny": true}')
    assert runner.earlier(path, tiny=True) == {"tiny": True}
    with pytest.raises(SystemExit, match="without --tiny"):
        runner.earlier(path, tiny=False)


def test_every_benchmark_is_run(runner):
    """Whatever has a `--json` of its own, but for those that learn constants."""
    folder = SCRIPT.parent
    found = {p.stem for p in folder.glob("*.py") if '"--json"' in p.read_text("utf-8")}
    assert found - {"run", "learn_transfers"} == set(runner.FULL)


def test_numbers_are_named_by_what_they_measure(runner):
    content = {"date": "today", "rows": [{"what": "ours", "seconds": 2.0}, {"what": "floor"}]}
    assert dict(runner.numbers(content)) == {"/rows/ours/seconds": 2.0}
    found = runner.summary([content, {"rows": [{"what": "ours", "seconds": 4.0}]}])
    pair = {"rows": [{"setting": "a", "way": "b", "error": 1.0}, {"error": 2.0}]}
    assert dict(runner.numbers(pair)) == {"/rows/a, b/error": 1.0, "/rows/1/error": 2.0}
    assert found["/rows/ours/seconds"] == {"median": 3.0, "low": 2.0, "high": 4.0, "runs": 2}


@pytest.mark.parametrize("word", ["groups", "families"])
def test_kinds_are_timed_in_older_libraries_too(word, monkeypatch):
    """Families were said in a keyword of another name up to the version compared with."""
    found = {}

    class Older:
        def at(self, contest, *, families):
            found["said"] = families(contest)

    class Newer:
        def at(self, contest, *, groups):
            found["said"] = groups(contest)

    library = {"families": Older, "groups": Newer}[word]()
    monkeypatch.setattr(forecast, "learn_families", Mock(return_value=library))
    loaded(SCRIPT.with_name("kinds.py")).family_contest()
    assert found["said"]["left"] == "left"


@pytest.mark.slow
def test_every_kind_of_prior_is_timed(rng):
    samplers = loaded(SCRIPT.with_name("kinds.py")).kinds()
    assert set(samplers) == {"elicited", "Dirichlet", "roles", "families", "polled", "posterior"}
    for sampler in samplers.values():
        assert sampler.draw(64, rng=rng).shape[-1] == 64


@pytest.mark.slow
def test_tiny_benchmarks_run_and_compare(tmp_path):
    command = [sys.executable, str(SCRIPT), "--tiny", "--json"]
    some, rest = ("profile_run", "seats"), ("crowd", "reading")
    for options in (("old.json", "--only", *some),
                    ("new.json", "--compare", "old.json", "--only", *some, *rest)):  # fmt: skip
        done = subprocess.run(
            [*command, *options], cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert "not judged: too few repeats" in done.stdout
    content = json.loads((tmp_path / "new.json").read_text("utf-8"))
    assert set(content["benchmarks"]) == {"crowd", "profile_run", "reading", "seats"}
    assert content["versions"]["numpy"]
    assert content["versions"]["commit"]
