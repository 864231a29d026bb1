"""The commands of election night: what they print, write, refuse and survive."""

import csv
import html
import re
import signal

import past
import pytest
from nights import RETURNS, csv_of

from forecast import learn_prior, load_contest, load_returns, nowcast
from forecast.outcome.probability import in_words, percent
from forecast.report.nowcast_page import night_record, read_history, render_night, write_history
from forecast.transfers.roles.file import write_learned


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
        "h.jsonl", "--report", "r.html", "--by-unit", "u.csv",
    )  # fmt: skip
    assert code == 0
    with (tmp_path / "u.csv").open(newline="") as file:
        units = list(csv.DictReader(file))
    assert sum(int(row["zurabishvili"]) for row in units) == 1_147_701
    assert (len(units), units[0]["unit"], units[0]["counted"]) == (3694, "01-001", "1")
    assert "59.5% [59.5, 59.5]" in out
    assert "decided" in out.splitlines()[1]
    found = read_history(tmp_path / "h.jsonl")
    assert [r["units"] for r in found] == [369, 3694]
    assert found[0]["basis"] == (
        "learned from Georgian runoffs 2014-2016, and 2 polls; interim turnout of 3,694 units"
    )
    assert (tmp_path / "r.html").exists()


def test_units_are_those_that_the_returns_name(run, tmp_path):
    """By district or by station without being told; and as said, where it is."""
    stations = load_returns("georgia-2018", units="stations").select(("01-001", "01-002"))
    rows = [
        f"{u},{a},{b}" for u, (a, b) in zip(stations.units, stations.votes.tolist(), strict=True)
    ]
    (tmp_path / "s.csv").write_text("unit,zurabishvili,vashadze\n" + "\n".join(rows) + "\n")
    code, out, _ = run("night", "georgia-2018", "--returns", "s.csv")
    assert (code, "2 of 3,694 units" in out) == (0, True)
    assert "2 polls; interim turnout of 3,694 units" in out
    (tmp_path / "d.csv").write_text(csv_of(3))
    code, out, _ = run("night", "georgia-2018", "--returns", "d.csv")
    assert (code, "3 of 74 units" in out) == (0, True)
    assert "2 polls; interim turnout of 74 units" in out
    code, _, err = run("night", "georgia-2018", "--returns", "d.csv", "--units", "stations")
    assert (code, "3 of 3 are unknown" in err) == (2, True)
    code, _, err = run("night", "georgia-2018", "--returns", "d.csv", "--units", "streets")
    assert (code, "no units 'streets'" in err) == (2, True)


def test_what_was_known_before_the_count_is_the_users_to_say(run, tmp_path):
    (tmp_path / "night.csv").write_text(csv_of(3))
    (tmp_path / "polls.csv").write_text(
        "pollster,n,zurabishvili,vashadze,round,known\nAcme,1500,0.3,0.7,runoff,2018-11-20\n"
    )
    (tmp_path / "turnout.csv").write_text(
        "region,first_round,runoff\nTbilisi,36%,30%\nImereti,38%,30%\n"
    )
    start = ("night", "georgia-2018", "--returns", "night.csv")

    def figures(*more):
        code, out, err = run(*start, *more)
        assert code == 0, err
        share = float(re.search(r"(\d+(?:\.\d)?)% \[", out)[1])
        return out, share

    bare, plain = figures("--polls", "none", "--turnout", "none")
    assert "polls" not in bare
    assert "turnout" not in bare
    out, share = figures("--polls", "polls.csv", "--turnout", "none")
    assert ", and 1 poll" in out
    assert share < plain
    out, _ = figures("--polls", "polls.csv", "--as-of", "2018-11-19", "--turnout", "none")
    assert "poll" not in out
    late = (tmp_path / "polls.csv").read_text().replace("2018-11-20", "2018-12-20")
    (tmp_path / "late.csv").write_text(late)
    out, _ = figures("--polls", "late.csv", "--turnout", "none")  # after the runoff
    assert "poll" not in out
    out, _ = figures("--turnout", "turnout.csv")
    assert "interim turnout of 22 units" in out


def test_other_finalists_have_no_bundled_polls(run, tmp_path):
    rows = "unit,zurabishvili,bakradze\nVake,30000,9000\n"
    (tmp_path / "night.csv").write_text(rows)
    code, out, _ = run(
        "night", "georgia-2018", "--returns", "night.csv", "--finalists", "zurabishvili,bakradze"
    )
    assert (code, "poll" in out, "turnout of 74 units" in out) == (0, False, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unit,runoff\nVake,5\n", "must have columns 'first_round' and 'runoff'"),
        ("unit,first_round,runoff\nVake,40,50\n", "write percentages as '46%'"),
        ("unit,first_round,runoff\nVake,60000,41543\n", "line 2, 'first_round': must be at most"),
        ("unit,first_round,runoff\nMoon,0.4,0.5\n", "such as 'Moon'"),
        ("", "must not be empty"),
    ],
)
def test_broken_turnout_is_refused_and_nothing_written(run, tmp_path, text, message):
    (tmp_path / "night.csv").write_text(csv_of(3))
    (tmp_path / "turnout.csv").write_text(text)
    code, out, err = run(
        "night", "georgia-2018", "--returns", "night.csv", "--turnout", "turnout.csv",
        "--report", "n.html",
    )  # fmt: skip
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert not (tmp_path / "n.html").exists()


@pytest.mark.parametrize(
    "place", ["night/units.csv", "first.csv", "turnout.csv", "night/1.csv", "polls.csv"]
)
def test_what_is_read_is_not_written_over(run, tmp_path, place):
    """Nor may a table of units lie among the returns, where it would be read as one of them."""
    (tmp_path / "night").mkdir()
    (tmp_path / "night/1.csv").write_text(csv_of(3))
    georgia = load_contest("georgia-2018")
    lines = [",".join(["unit", "registered", *georgia.candidates])]
    for unit, listed, votes in zip(georgia.units, georgia.registered, georgia.votes, strict=True):
        lines.append(",".join(map(str, [unit, listed, *votes])))
    (tmp_path / "first.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "turnout.csv").write_text("unit,first_round,runoff\nVake,30%,40%\n")
    (tmp_path / "polls.csv").write_text("pollster,n,zurabishvili,vashadze\nA,900,0.5,0.5\n")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*.csv")}
    code, out, err = run(
        "night", "first.csv", "--returns", "night", "--turnout", "turnout.csv", "--polls",
        "polls.csv", "--by-unit", place,
    )  # fmt: skip
    assert (code, out, "must not be what is read" in err) == (2, "", True)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.csv")} == before


def test_files_tell_of_the_same_look_when_interrupted(run, tmp_path, monkeypatch):
    """Ctrl-C while the history is written: the units and the page are written as well."""
    from forecast.report import nowcast_page as writing

    (tmp_path / "night.csv").write_text(csv_of(3))
    write = writing.write_history

    def interrupted(records, path):
        signal.raise_signal(signal.SIGINT)
        return write(records, path)

    monkeypatch.setattr(writing, "write_history", interrupted)
    code, out, err = run(
        "night", "georgia-2018", "--returns", "night.csv", "--history", "h.jsonl", "--by-unit",
        "u.csv", "--report", "n.html",
    )  # fmt: skip
    assert (code, "Traceback" in err) == (130, False)
    assert [line for line in out.splitlines() if line.startswith("wrote")] == [
        "wrote h.jsonl", "wrote u.csv", "wrote n.html",
    ]  # fmt: skip


def test_a_history_by_other_units_is_refused(run, tmp_path):
    (tmp_path / "d.csv").write_text(csv_of(3))
    assert run("night", "georgia-2018", "--returns", "d.csv", "--history", "h.jsonl")[0] == 0
    code, _, err = run(
        "replay", "georgia-2018", "--steps", "1", "--history", "h.jsonl"
    )  # by stations
    assert (code, "a history that this command wrote for this contest" in err) == (2, True)


def test_a_file_of_ones_own_has_nothing_bundled(run, tmp_path):
    """Not even if it is called like a bundled contest."""
    georgia = load_contest("georgia-2018")
    lines = [",".join(["unit", "registered", *georgia.candidates])]
    for unit, listed, votes in zip(georgia.units, georgia.registered, georgia.votes, strict=True):
        lines.append(",".join(map(str, [unit, listed, *votes])))
    (tmp_path / "georgia-2018.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "night.csv").write_text(csv_of(3))
    code, out, _ = run("night", "georgia-2018.csv", "--returns", "night.csv", "--prior", "elicited")
    assert code == 0
    assert "poll" not in out
    assert "turnout of" not in out
    code, _, err = run("night", "georgia-2018.csv", "--returns", "night.csv", "--units", "stations")
    assert (code, "--units: is for bundled contests" in err) == (2, True)


def test_replay_in_the_order_of_a_file(run, tmp_path):
    rows = [f"{u},{30 - k}" for k, u in enumerate(RETURNS.units[:8])]
    (tmp_path / "times.csv").write_text("unit,reported\n" + "\n".join(rows) + "\n")
    code, out, err = run("replay", "georgia-2018", "--order", "times.csv", "--steps", "5")
    assert (code, "4 units" in out) == (0, True)
    assert err == "note: 66 units have no time in times.csv and come last\n"


def test_closing_times_run_past_midnight(run, tmp_path):
    rows = [f"{u},{('21:30', '0:10', '9:45')[k]}" for k, u in enumerate(RETURNS.units[:3])]
    (tmp_path / "closing").write_text("unit,reported\n" + "\n".join(rows) + "\n")
    code, out, _ = run(
        "replay", "georgia-2018", "--order", "closing", "--steps", "2,3", "--history", "h.jsonl"
    )
    assert (code, "2 units" in out) == (0, True)
    votes = RETURNS.votes[:2].sum(axis=0).tolist()
    counted = read_history(tmp_path / "h.jsonl")[1]["counted"]
    assert [counted[f] for f in RETURNS.finalists] == votes


@pytest.mark.parametrize("arguments", [("--order", "sideways"), ("--steps", "few")])
def test_replay_refuses_what_it_cannot_read(run, arguments):
    code, _, err = run("replay", "georgia-2018", *arguments)
    assert code == 2
    assert arguments[1] in err


def test_a_night_goes_on_when_its_page_cannot_be_written(run, tmp_path, monkeypatch):
    """The first forecast is made or refused; a later one may fail to be written and no more."""
    from forecast.cli import night

    def one_more_unit(_):
        units.append(units[-1] + 30)
        (tmp_path / "night.csv").write_text(csv_of(min(units[-1], 74)))
        page = tmp_path / "n.html"
        if len(units) == 2:
            page.unlink()
            page.mkdir()
        elif page.is_dir():
            page.rmdir()

    units = [5]
    (tmp_path / "night.csv").write_text(csv_of(5))
    monkeypatch.setattr(night.time, "sleep", one_more_unit)
    code, _, err = run(
        "night", "georgia-2018", "--returns", "night.csv", "--watch", "--report", "n.html"
    )
    assert code == 0
    assert "not written: n.html: must be a file" in err
    assert (tmp_path / "n.html").is_file()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("zurabishvili", "bakradze", "wrote for this contest"),
     ("so_far", "so", "must be a history that this command wrote")],
)  # fmt: skip
def test_a_history_of_something_else_is_refused(run, tmp_path, old, new, message):
    (tmp_path / "night.csv").write_text(csv_of(3))
    arguments = ("night", "georgia-2018", "--returns", "night.csv", "--history", "h.jsonl")
    run(*arguments)
    other = (tmp_path / "h.jsonl").read_text().replace(old, new)
    (tmp_path / "h.jsonl").write_text(other)
    code, out, err = run(*arguments, "--report", "n.html")
    assert (code, out) == (2, "")
    assert message in err
    assert (tmp_path / "h.jsonl").read_text() == other


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


def test_page_record_and_text_say_the_same(georgia):
    import re

    result = nowcast(georgia, RETURNS.select(RETURNS.units[:9]), draws=200)
    record, text, page = night_record(result), str(result), render_night(result)
    page = page.replace("\u00a0", " ")
    cells = [re.sub(r"<[^>]*>", "|", row) for row in re.findall(r"<tr>.*?</tr>", page)]
    for f in result.finalists:
        share, p = record["share"][f], result.win_probability(f).value
        both = [
            georgia.label(f), f"{record['counted'][f]:,}", f"{100 * record['so_far'][f]:.1f}%",
            percent(p), in_words(p),
        ]  # fmt: skip
        shown = [100 * share[key] for key in ("median", "low", "high")]
        wanted = both + [f"{value:.0f}" for value in shown]  # no race inside a point
        line = next(part for part in text.splitlines() if part.startswith(wanted[0]))
        row = next(part for part in cells if f"|{wanted[0]}|" in part)
        for number in wanted:
            assert number in line
            assert number in row
    counted = f"about {100 * record['counted_share']:.1f}% of the expected vote"
    assert counted in text
    assert counted in page
    assert f"At most {record['most_to_come']:,} votes" in page
    total = next(part for part in cells if "all together" in part)
    for f in result.finalists:
        assert f"|{record['counted'][f]:,}|" in total
    assert f"{100 * record['share'][result.leader]['median']:.0f}%" in total


def test_the_desk_is_obeyed_on_screen_and_page(run, tmp_path):
    """Set aside, a total without units, a call by hand: what was decided is printed with why."""
    (tmp_path / "night.csv").write_text(csv_of(12))
    (tmp_path / "desk.toml").write_text(
        'set_aside = ["Vake"]\ncalled = "vashadze"\nreason = "the other has conceded"\n'
        "[totals.Kakheti]\nzurabishvili = 90000\nvashadze = 70000\n"
    )
    code, out, _ = run(
        "night", "georgia-2018", "--returns", "night.csv", "--desk", "desk.toml",
        "--report", "n.html",
    )  # fmt: skip
    assert code == 0
    page = html.unescape((tmp_path / "n.html").read_text("utf-8"))
    for text in (out, page):
        assert "for Grigol Vashadze by hand: the other has conceded" in text
        assert "set aside by hand; counted, not learned: Vake" in text
        assert "totals given without units: Kakheti" in text
    (tmp_path / "desk.toml").write_text('called = "vashadze"\n')
    code, _, err = run("night", "georgia-2018", "--returns", "night.csv", "--desk", "desk.toml")
    assert code == 2
    assert "a call by hand needs a reason" in err


def test_a_corrected_version_replaces_what_was_counted(run, tmp_path):
    rows = "unit,zurabishvili,vashadze,version\nVake,40407,20768,2\nVake,4040,20768,1\n"
    (tmp_path / "night.csv").write_text(rows)
    code, out, _ = run("night", "georgia-2018", "--returns", "night.csv")
    assert code == 0
    assert "40,407" in out
    assert "reported again; the last report counts: Vake" in out
