"""Watching returns that somebody is writing: what is whole is used, the rest is said."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nights import RETURNS, csv_of

from forecast import load_returns
from forecast.report.nowcast_page import read_history


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def records(path: Path):
    return len(path.read_text("utf-8").splitlines()) if path.exists() else 0


@pytest.mark.slow
def test_watching_survives_garbage_and_stops_with_whole_files(tmp_path):
    """Watch, grow, garble, mend, interrupt: the page is always whole and the last good one."""
    returns, page, history = (tmp_path / n for n in ("night.csv", "n.html", "h.jsonl"))
    errors = tmp_path / "errors.txt"
    returns.write_text(csv_of(5))
    command = [
        sys.executable, "-m", "forecast.cli", "night", "georgia-2018", "--returns", returns,
        "--watch", "--every", "0.1", "--report", page, "--history", history,
    ]  # fmt: skip
    with errors.open("w") as sink:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sink)
    try:
        wait_for(lambda: records(history) == 1 and page.exists())
        good = page.read_bytes()
        returns.write_bytes(b"\xff garbage \0")
        wait_for(lambda: "UTF-8" in errors.read_text())
        assert records(history) == 1
        assert page.read_bytes() == good
        returns.write_text(csv_of(40))
        wait_for(lambda: records(history) > 1)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    finally:
        process.kill()
    said = errors.read_text()
    assert process.returncode == 130
    assert "returns not used: night.csv" in said
    assert "the last good forecast stays" in said
    assert "Traceback" not in said
    assert page.read_text("utf-8").rstrip().endswith("</html>")
    assert read_history(history)[-1]["units"] == 40
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_a_file_that_seems_cut_short_is_used_once_it_stays_so(georgia, tmp_path, capsys):
    from forecast.cli.lookout import Lookout

    file = tmp_path / "night.csv"
    lookout = Lookout(file, georgia)
    assert lookout.look() is None  # not there yet
    file.write_text(csv_of(10))
    assert lookout.look().units == 10
    assert lookout.look() is None  # nothing new
    file.write_text(csv_of(6))
    assert lookout.look() is None
    assert "4 units are missing" in " ".join(capsys.readouterr().err.split())
    assert lookout.look().units == 6
    file.write_text(csv_of(12).rstrip("\n"))
    assert lookout.look() is None
    assert "the last line has no end" in " ".join(capsys.readouterr().err.split())
    assert lookout.look().units == 12


def test_a_file_that_never_ends_in_a_line_break_is_used_all_the_same(georgia, tmp_path):
    """Some programs never write one, and the file may differ at every look."""
    import os

    from forecast.cli.lookout import SETTLED, Lookout

    file, lookout = tmp_path / "night.csv", Lookout(tmp_path / "night.csv", georgia)
    for units in (3, 5):
        file.write_text(csv_of(units).rstrip("\n"))
        then = time.time() - SETTLED - 1
        os.utime(file, (then, then))
        assert lookout.look().units == units


def test_every_file_of_a_folder_may_be_cut_short(georgia, tmp_path, capsys):
    from forecast.cli.lookout import Lookout

    (tmp_path / "1.csv").write_text(csv_of(5).rstrip("\n")[:-1])
    (tmp_path / "2.csv").write_text("unit,zurabishvili,vashadze\nVake,1,2\n")
    lookout = Lookout(tmp_path, georgia)
    assert lookout.look() is None
    said = " ".join(capsys.readouterr().err.split())
    assert "1.csv: seems cut short - the last line has no end" in said
    (tmp_path / "1.csv").write_text(csv_of(5))
    assert lookout.look() is not None
    (tmp_path / "2.csv").rename(tmp_path / "0.csv")  # now 1.csv is the later one
    assert lookout.look().totals["zurabishvili"] > 1


def test_a_file_that_changes_while_it_is_read_is_used_as_it_was_read(
    georgia, tmp_path, monkeypatch
):
    from forecast.cli import lookout as module

    file, lookout = tmp_path / "night.csv", module.Lookout(tmp_path / "night.csv", georgia)
    file.write_text(csv_of(5))
    read = module.read_bytes

    def overtaken(path):
        text, looked[0] = read(path), looked[0] + 1
        if looked[0] == 2:
            file.write_text(csv_of(7))
        return text

    looked = [0]
    with monkeypatch.context() as patched:
        patched.setattr(module, "read_bytes", overtaken)
        assert lookout.look().units == 5
    assert lookout.look().units == 7


def test_the_same_fault_is_reported_each_time_it_comes_back(georgia, tmp_path, capsys):
    from forecast.cli.lookout import Lookout

    file, lookout = tmp_path / "night.csv", Lookout(tmp_path / "night.csv", georgia)
    for units in (3, 4):
        file.write_text("")
        assert lookout.look() is None
        assert lookout.look() is None
        assert capsys.readouterr().err.count("must not be empty") == 1
        file.write_text(csv_of(units))
        assert lookout.look().units == units


def test_a_correction_between_two_looks_is_reported(georgia, tmp_path):
    from forecast.cli.lookout import Lookout

    file, lookout = tmp_path / "night.csv", Lookout(tmp_path / "night.csv", georgia)
    file.write_text(csv_of(5))
    assert lookout.look().corrected == ()
    name, first = RETURNS.units[0], RETURNS.votes[0].tolist()
    file.write_text(csv_of(6).replace(f"{name},{first[0]},", f"{name},{first[0] - 9},"))
    found = lookout.look()
    assert found.corrected == (name,)
    assert f"1 unit corrected since the last look: {name}" in found.notes


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/null"])
def test_a_device_is_not_watched(georgia, place, capsys):
    from forecast.cli.lookout import Lookout

    assert Lookout(Path(place), georgia).look() is None
    assert "must be a readable file" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("units", "of_units"), [("districts", 74), ("stations", 3694)])
def test_watching_waits_until_returns_name_units(tmp_path, units, of_units):
    """Nothing, then garbage, then a feed: districts or stations, whichever it names."""
    returns, history = tmp_path / "night.csv", tmp_path / "h.jsonl"
    errors = tmp_path / "errors.txt"
    command = [
        sys.executable, "-m", "forecast.cli", "night", "georgia-2018", "--returns", returns,
        "--watch", "--every", "0.1", "--history", history,
    ]  # fmt: skip
    with errors.open("w") as sink:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sink)
    try:
        wait_for(lambda: "waiting" in errors.read_text())
        returns.write_text("who,knows\n1,2\n")
        wait_for(lambda: "'unit' is required" in errors.read_text())
        counted = load_returns("georgia-2018", units=units)
        rows = [
            f"{u},{a},{b}"
            for u, (a, b) in zip(counted.units[:3], counted.votes.tolist(), strict=False)
        ]
        returns.write_text("unit,zurabishvili,vashadze\n" + "\n".join(rows) + "\n")
        wait_for(lambda: records(history) == 1)
        found = read_history(history)[0]
        assert (found["units"], found["of_units"]) == (
            3,
            {"districts": 74, "stations": 3694}[units],
        )
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    assert "Traceback" not in errors.read_text()


def watching(folder, *arguments):
    """Start `forecast night --watch` on night.csv of a folder; what it says goes to errors.txt."""
    command = [
        sys.executable, "-m", "forecast.cli", "night", "georgia-2018", "--returns", "night.csv",
        "--units", "districts", "--watch", "--every", "0.1", *arguments,
    ]  # fmt: skip
    with (folder / "errors.txt").open("w") as sink:
        return subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=sink, encoding="utf-8"
        )


@pytest.mark.slow
def test_what_could_not_be_written_is_tried_again_and_is_no_success(tmp_path):
    """The page's folder goes away, comes back, and goes away for good."""
    import shutil

    folder, errors = tmp_path / "site", tmp_path / "errors.txt"
    folder.mkdir()
    returns, page = tmp_path / "night.csv", folder / "n.html"
    returns.write_text(csv_of(5))
    process = watching(tmp_path, "--report", "site/n.html", "--history", "h.jsonl")
    try:
        wait_for(page.exists)
        shutil.rmtree(folder)
        returns.write_text(csv_of(6))
        wait_for(lambda: "not written: site/n.html" in errors.read_text())
        folder.mkdir()
        wait_for(page.exists)
        returns.unlink()
        wait_for(lambda: "night.csv" in errors.read_text().splitlines()[-1])
        returns.symlink_to("gone.csv")
        time.sleep(0.3)
        assert process.poll() is None
        shutil.rmtree(folder)
        returns.unlink()
        returns.write_text(csv_of(74))
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    said = errors.read_text()
    assert process.returncode == 2
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("error: site/n.html: ")
    assert records(tmp_path / "h.jsonl") == 3
    for line in (*out.splitlines(), *said.splitlines()[:-1]):
        assert time.strptime(line[:8], "%H:%M:%S")


@pytest.mark.slow
def test_two_watchers_of_one_history_lose_nothing(tmp_path):
    returns, history = tmp_path / "night.csv", tmp_path / "h.jsonl"
    returns.write_text(csv_of(5))
    both = [watching(tmp_path, "--history", "h.jsonl", "--seed", str(seed)) for seed in (1, 2)]
    try:
        for looks, units in enumerate((5, 9, 20, 74), start=1):
            returns.write_text(csv_of(units))
            wait_for(lambda looks=looks: records(history) >= 2 * looks)
        for process in both:
            process.communicate(timeout=60)
    finally:
        for process in both:
            process.kill()
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(r["units"] for r in read_history(history)) == [5, 5, 9, 9, 20, 20, 74, 74]


def test_a_folder_of_many_files_costs_little_while_nothing_changes(georgia, tmp_path, monkeypatch):
    """Two thousand files take a fifth of what ten thousand may; none is opened again."""
    import os

    from forecast.cli import lookout as module

    then = time.time() - 60
    names = georgia.units
    for k in range(2_000):
        file = tmp_path / f"{k}.csv"
        file.write_text(f"unit,zurabishvili,vashadze\n{names[k % 74]},{k % 74},5\n")
        os.utime(file, (then, then))
    lookout = module.Lookout(tmp_path, georgia)
    assert lookout.look().units == 74
    monkeypatch.setattr(module, "read_bytes", lambda file: pytest.fail(f"{file} was opened"))
    start = time.process_time()
    assert [lookout.look() for _ in range(5)] == [None] * 5
    assert (time.process_time() - start) / 5 < 0.05 * 10 / 5  # of the ten seconds between looks


def test_watching_remembers_at_which_look_a_unit_came(georgia, tmp_path):
    from forecast.cli.lookout import Lookout

    file = tmp_path / "night.csv"
    file.write_text(csv_of(5))
    lookout = Lookout(file, georgia, say=print)
    assert lookout.look().units == 5
    file.write_text(csv_of(8))
    assert lookout.look().units == 8
    assert lookout.arrival == dict(zip(RETURNS.units[:8], [0.0] * 5 + [1.0] * 3, strict=True))
    lines = csv_of(9).splitlines()
    timed = [f"{line},{'reported' if k == 0 else '21:40'}" for k, line in enumerate(lines)]
    file.write_text("\n".join(timed) + "\n")
    assert lookout.look().units == 9
    assert lookout.arrival is None
