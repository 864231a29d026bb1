"""The commands of runoff night: what they print, write, refuse and survive."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import past
import pytest

from forecast import learn_prior, load_returns, nowcast, write_learned
from forecast.report.night import night_record, read_history, render_night, write_history

RETURNS = load_returns("georgia-2018")


def csv_of(units, extra=""):
    rows = [
        f"{unit},{a},{b}"
        for unit, (a, b) in zip(RETURNS.units[:units], RETURNS.votes.tolist(), strict=False)
    ]
    return "unit,zurabishvili,vashadze\n" + "\n".join(rows) + "\n" + extra


def test_one_look(run, tmp_path):
    (tmp_path / "night.csv").write_text(csv_of(12, "moon,5,7\nVake,1,2\n"))
    code, out, _ = run(
        "night", "georgia-2018", "--returns", "night.csv", "--report", "n.html",
        "--history", "h.jsonl",
    )  # fmt: skip
    assert code == 0
    assert "12 of 74 units have reported" in out
    assert "1 unit unknown in the first round" in out
    assert "reported again; the last report counts: Vake" in out
    page = (tmp_path / "n.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert "moon" in page
    assert "Kvemo Kartli" in page
    assert 'http-equiv="refresh"' not in page
    run("night", "georgia-2018", "--returns", "night.csv", "--history", "h.jsonl")
    assert [r["units"] for r in read_history(tmp_path / "h.jsonl")] == [12, 12]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must not be empty"),
        ("unit,zurabishvili,vashadze\nVake,12", "must have 3 cells"),
        ("unit,zurabishvili,vashadze\nVake,12,x\n", "night.csv line 2, 'vashadze'"),
        ("unit,zurabishvili\nVake,12\n", "'vashadze' is required"),
        ("unit,zurabishvili,vashadze\n1,1,1\n2,1,1\n3,1,1\n", "3 of 3 are unknown"),
    ],
)
def test_garbled_returns_leave_everything_as_it_was(run, tmp_path, text, message):
    (tmp_path / "night.csv").write_text(text)
    (tmp_path / "n.html").write_text("the last good page")
    code, out, err = run("night", "georgia-2018", "--returns", "night.csv", "--report", "n.html")
    assert (code, out) == (2, "")
    assert message in err
    assert (tmp_path / "n.html").read_text() == "the last good page"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["n.html", "night.csv"]


def test_a_strange_history_is_refused(run, tmp_path):
    (tmp_path / "night.csv").write_text(csv_of(3))
    (tmp_path / "h.jsonl").write_text("no json\n")
    code, _, err = run("night", "georgia-2018", "--returns", "night.csv", "--history", "h.jsonl")
    assert code == 2
    assert "must be a history" in err
    assert (tmp_path / "h.jsonl").read_text() == "no json\n"


def test_replay(run, tmp_path):
    code, out, _ = run(
        "replay", "georgia-2018", "--order", "small-first", "--steps", "10,100", "--history",
        "h.jsonl", "--report", "r.html",
    )  # fmt: skip
    assert code == 0
    assert "59.5 % [59.5, 59.5]" in out
    assert "decided" in out.splitlines()[1]
    assert [r["units"] for r in read_history(tmp_path / "h.jsonl")] == [7, 74]
    assert (tmp_path / "r.html").exists()


def test_replay_in_the_order_of_a_file(run, tmp_path):
    rows = [f"{u},{30 - k}" for k, u in enumerate(RETURNS.units[:8])]
    (tmp_path / "times.csv").write_text("unit,reported\n" + "\n".join(rows) + "\n")
    code, out, _ = run("replay", "georgia-2018", "--order", "times.csv", "--steps", "5")
    assert (code, "4 units" in out) == (0, True)


@pytest.mark.parametrize("arguments", [("--order", "sideways"), ("--steps", "few")])
def test_replay_refuses_what_it_cannot_read(run, arguments):
    code, _, err = run("replay", "georgia-2018", *arguments)
    assert code == 2
    assert arguments[1] in err


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
    from forecast.cli.night import _Lookout

    file = tmp_path / "night.csv"
    lookout = _Lookout(file, georgia)
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


def test_watching_ends_when_all_is_counted(run, tmp_path):
    (tmp_path / "night.csv").write_text(csv_of(74))
    code, out, _ = run(
        "night", "georgia-2018", "--returns", "night.csv", "--watch", "--every", "0.1"
    )
    assert code == 0
    assert "decided: Salome Zurabishvili leads by 367,021 and at most 0 votes" in out


def test_names_are_shown_as_text(georgia, tmp_path):
    from dataclasses import replace

    contest = replace(georgia, title="<b>Georgia</b>")
    result = nowcast(contest, RETURNS.select(RETURNS.units[:9]), draws=100)
    page = render_night(result, refresh=30)
    assert "<b>Georgia" not in page
    assert "unsafe" not in page
    assert "<th></th>" not in page
    assert "<h1>Not decided</h1>" in page or "<h1>Called" in page
    assert ">nobody</th>" in page
    assert "&lt;b&gt;Georgia" in page
    assert 'http-equiv="refresh" content="30"' in page
    record = night_record(result)
    assert read_history(write_history([record], tmp_path / "h.jsonl")) == [record]


def test_a_learned_prior_with_roles_serves_the_night(run, tmp_path):
    """A contest without dates and of other roles than the usual, as 'forecast run' takes it."""
    (tmp_path / "first.csv").write_text(
        "unit,registered,invalid,ada,ben,cid\n"
        + "".join(f"u{i},900,3,{300 - i},{250 + i},100\n" for i in range(12))
    )
    (tmp_path / "second.csv").write_text(
        "unit,ada,ben\n" + "".join(f"u{i},{380 - i},{300 + i}\n" for i in range(12))
    )
    history = past.runoffs(2, 4, seed=3)
    named = {
        "ada": "red",
        "ben": "blue",
        "non-voters": "at home",
        "invalid": "at home",
        "*": "rest",
    }
    roles = {c.name: {o: named.get(o, named["*"]) for o in c.ledger().origins} for c, _ in history}
    write_learned(learn_prior(history, roles=roles), tmp_path / "learned.json")
    table = "".join(f'"{origin}" = "{role}"\n' for origin, role in named.items())
    (tmp_path / "roles.toml").write_text(f"[roles]\n{table}")
    prior = ("--prior", "learned.json", "--as-of", "2018-01-01")
    for command in (("night", "first.csv", "--returns"), ("replay", "first.csv")):
        code, _, error = run(*command, "second.csv", *prior)
        assert (code, "--roles" in error) == (2, True)
        code, out, error = run(*command, "second.csv", *prior, "--roles", "roles.toml")
        assert code == 0, error
        assert "decided" in out
