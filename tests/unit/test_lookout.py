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
        returns.write_bytes(b"\xff\xfe garbage \0")
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
    assert "4 units are missing" in capsys.readouterr().err
    assert lookout.look().units == 6
    file.write_text(csv_of(12).rstrip("\n"))
    assert lookout.look() is None
    assert "the last line has no end" in capsys.readouterr().err
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
    assert "1.csv: seems cut short - the last line has no end" in capsys.readouterr().err
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
    read = module.read_text

    def overtaken(path):
        text, looked[0] = read(path), looked[0] + 1
        if looked[0] == 2:
            file.write_text(csv_of(7))
        return text

    looked = [0]
    with monkeypatch.context() as patched:
        patched.setattr(module, "read_text", overtaken)
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
    assert found.notes == (f"1 unit corrected since the last look: {name}",)


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
