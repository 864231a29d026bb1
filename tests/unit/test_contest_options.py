"""Options of a contest mean the same in every command that takes one."""

import json
from pathlib import Path

import pytest

import forecast
from forecast.report.export import evidence_dict

FIRST = """unit,invalid,ada,ben,cid
north,10,300,200,150
south,5,150,240,120
east,5,250,140,20
west,4,150,140,90
"""
RUNOFF = """unit,invalid,ada,ben
north,10,400,250
south,5,200,340
east,5,270,160
west,4,200,190
"""
PEOPLE = ("--registered", 3000)
COMMANDS = (
    "show first.csv",
    "prior first.csv --out p.toml",
    "run first.csv --draws 2000",
    "evidence first.csv --draws 2000",
    "freeze first.csv --draws 2000 --out f.json",
    "stress first.csv --polls polls.csv --draws 2000",
    "bounds first.csv --returns runoff.csv",
    "transfers first.csv runoff.csv",
    "night first.csv --returns part.csv",
    "replay first.csv runoff.csv --steps 50",
)
"""Every command that reads a contest of two rounds and takes the options of one."""


@pytest.fixture
def town(run, tmp_path):
    """A first round without a list of voters, its runoff and a poll, beside the command."""
    (tmp_path / "first.csv").write_text(FIRST)
    (tmp_path / "runoff.csv").write_text(RUNOFF)
    (tmp_path / "part.csv").write_text("".join(RUNOFF.splitlines(keepends=True)[:3]))
    (tmp_path / "polls.csv").write_text("pollster,n,ada,ben\nAcme,900,0.48,0.46\n")
    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_a_title_and_names_and_calls_an_estimate_so(town, command):
    """`--title` and `--labels` were known to run alone; evidence did not say of what it was."""
    named = ("--title", "Our town 2030", "--labels", "ada=Ada Example", "--parties", "ben=Greens")
    code, out, err = town(*command.split(), *PEOPLE, *named)
    assert code == 0, err
    assert "number of registered people is an estimate: 3,000" in " ".join(out.split())
    if not command.startswith("prior"):
        assert "Ada Example" in out
    if command.startswith(("show", "run", "freeze", "night", "evidence")):
        assert "Our town 2030" in out
    if not command.startswith(("stress", "evidence", "replay", "prior")):
        assert "ben (Greens)" in out


def test_pages_and_files_bear_the_title(town):
    named = (*PEOPLE, "--title", "Our town 2030", "--labels", "ada=Ada Example")
    for command in ("night first.csv --returns part.csv", "evidence first.csv --draws 2000"):
        assert town(*command.split(), *named, "--report", "page.html")[0] == 0
        page = Path("page.html").read_text("utf-8")
        assert "Our town 2030" in page
        assert "<h1>first" not in page
        assert "Ada Example" in page
    assert town("freeze", "first.csv", *named, "--draws", 2000, "--out", "f.json")[0] == 0
    assert json.loads(Path("f.json").read_text("utf-8"))["title"] == "Our town 2030"


def test_a_frozen_file_and_its_score_say_that_people_are_an_estimate(town):
    options = ("--draws", 2000, "--out")
    assert town("freeze", "first.csv", *PEOPLE, *options, "f.json")[0] == 0
    assert json.loads(Path("f.json").read_text("utf-8"))["people_estimated"] is True
    said = town("score", "f.json", "--returns", "runoff.csv")[1]
    assert "the number of registered people, 3,000, was an estimate" in said
    assert town("freeze", "first.csv", "--voters-only", *options, "g.json")[0] == 0
    assert "people_estimated" not in json.loads(Path("g.json").read_text("utf-8"))
    assert town("evidence", "first.csv", *PEOPLE, "--draws", 2000, "--json", "e.json")[0] == 0
    assert json.loads(Path("e.json").read_text("utf-8"))["estimated"] is True


def test_a_renamed_candidate_is_still_read_by_the_name_in_the_files(town):
    named = ("--labels", "ada=Ben Other", "--voters-only", "--draws", 2000)
    code, _, err = town("evidence", "first.csv", "--polls", "polls.csv", *named)
    assert code == 0, err
    georgia = forecast.load_contest("georgia-2018").labelled({"vashadze": "V."})
    assert georgia.key("Grigol Vashadze") == "vashadze"


def test_a_scope_means_the_same_through_both_doors(town):
    """It chooses the prior: learned from national runoffs, or wide."""
    from dataclasses import replace

    contest = replace(forecast.read_contest("first.csv", registered=3000), scope="national")
    options = (*PEOPLE, "--scope", "national")

    assert town("evidence", "first.csv", *options, "--draws", 2000, "--json", "e.json")[0] == 0
    ladder = evidence_dict(forecast.evidence_ladder(contest, draws=2000))
    assert json.loads(Path("e.json").read_text("utf-8")) == json.loads(json.dumps(ladder))

    table = forecast.nowcast(contest, forecast.read_partial_returns("part.csv", contest))
    code, out, _ = town("night", "first.csv", "--returns", "part.csv", *options)
    assert code == 0
    assert str(table) in out
    wide = replace(contest, scope="")
    assert str(forecast.nowcast(wide, "part.csv")) not in out

    assert "national runoffs" in table.basis
    assert town("timeline", "first.csv", "--scope", "moon")[0] == 2


def test_a_replay_takes_a_scope(town):
    order = ("--order", "small-first", "--steps", 50, *PEOPLE)
    _, plain, _ = town("replay", "first.csv", "runoff.csv", *order)
    code, out, _ = town("replay", "first.csv", "runoff.csv", *order, "--scope", "national")
    assert code == 0
    assert out != plain


@pytest.mark.parametrize("kind", ["posterior", "polled"])
def test_a_saved_prior_means_the_same_through_both_doors(town, tmp_path, georgia, kind):
    """A posterior has its small candidates as one origin, and so has the contest then."""
    if kind == "posterior":
        contest = georgia.grouped()
        prior = forecast.infer_transfers(georgia, forecast.load_returns("georgia-2018"))
    else:
        contest, polls = georgia, forecast.load_polls("georgia-2018")
        prior = forecast.with_polls(forecast.elicited_prior(georgia), georgia, polls)
    prior.save(tmp_path / "saved.forecast")
    (tmp_path / "night.csv").write_text("unit,zurabishvili,vashadze\nVake,40407,20768\n")
    believed = ("--prior", "saved.forecast", "--polls", "none")
    json_file = ("--draws", 2000, "--json", "out.json")

    assert town("run", "georgia-2018", *believed, *json_file)[0] == 0
    found = json.loads(Path("out.json").read_text("utf-8"))
    result = forecast.forecast_runoff(contest, prior, polls=(), draws=2000)
    assert found == json.loads(json.dumps(forecast.forecast_dict(result)))

    assert town("evidence", "georgia-2018", *believed, *json_file)[0] == 0
    found = json.loads(Path("out.json").read_text("utf-8"))
    ladder = forecast.evidence_ladder(contest, prior, polls=(), draws=2000)
    assert found == json.loads(json.dumps(evidence_dict(ladder)))

    code, out, _ = town("night", "georgia-2018", "--returns", "night.csv", *believed)
    assert code == 0
    assert str(forecast.nowcast(contest, "night.csv", prior=prior, polls=())) in out


def test_what_was_saved_and_is_no_prior_of_the_contest_is_refused(town, tmp_path, georgia):
    result = forecast.forecast_runoff(georgia, draws=200)
    result.save(tmp_path / "whole.forecast")
    code, _, err = town("run", "georgia-2018", "--prior", "whole.forecast")
    assert (code, "must hold a prior or a posterior - found a Forecast" in err) == (2, True)
    posterior = forecast.infer_transfers(georgia, forecast.load_returns("georgia-2018"))
    posterior.save(tmp_path / "other.forecast")
    code, _, err = town("run", "first.csv", *PEOPLE, "--prior", "other.forecast")
    assert (code, "infer with --below 0" in " ".join(err.split())) == (2, True)
    code, _, err = town("run", "first.csv", *PEOPLE, "--prior", "none.forecast")
    assert (code, "No such file" in err) == (2, True)


def test_a_night_is_written_as_figures_tables_and_json(town, tmp_path):
    """As `run` and `before` write theirs; numbers are those of Python."""
    from forecast.report.nowcast_page import night_dict

    night = ("night", "first.csv", "--returns", "part.csv", *PEOPLE)
    places = ("--json", "n.json", "--tables", "tables", "--figures", "figures")
    code, out, err = town(*night, *places)
    assert code == 0, err
    contest = forecast.read_contest("first.csv", registered=3000)
    found = json.loads(Path("n.json").read_text("utf-8"))
    wanted = json.loads(json.dumps(night_dict(forecast.nowcast(contest, "part.csv"))))
    assert found | {"at": ""} == wanted
    assert {path.name for path in Path("figures").iterdir()} == {"regions.png", "regions.svg"}
    tables = {"shares.csv", "transfers.csv", "contributions.csv", "units.csv"}
    assert {path.name for path in Path("tables").iterdir()} == tables
    assert out.count("wrote ") == 7
    before = (tmp_path / "part.csv").read_bytes()
    for output in (("--json", "part.csv"), ("--tables", "part.csv"), ("--json", "x.txt")):
        assert town(*night, *output)[0] == 2
    assert (tmp_path / "part.csv").read_bytes() == before
    code, _, _ = town("replay", "first.csv", "runoff.csv", *PEOPLE, *places)
    assert code == 0
    assert json.loads(Path("n.json").read_text("utf-8"))["decided"] == "ada"


def test_a_night_and_a_ladder_are_told_in_the_readers_language(town):
    options = (*PEOPLE, "--language", "fr", "--report", "page.html", "--title", "Notre ville")
    assert town("night", "first.csv", "--returns", "part.csv", *options)[0] == 0
    page = Path("page.html").read_text("utf-8")
    quote = page.partition('<blockquote id="quote"><p>')[2].partition("</p>")[0]
    assert quote.startswith("Notre ville\u00a0: avec environ ")
    assert "devrait obtenir" in quote
    assert "Prévision\u00a0: runoff-forecast" in quote
    assert town("evidence", "first.csv", "--draws", 2000, *options)[0] == 0
    assert '<html lang="fr"' in Path("page.html").read_text("utf-8")
    assert town("evidence", "first.csv", *PEOPLE, "--language", "xx")[0] == 2


@pytest.mark.parametrize("given", [("--date", "2030-05-05"), ("--runoff", "2030-05-19")])
def test_a_timeline_takes_a_day_by_which_polls_know_their_year(town, given):
    Path("polls.csv").write_text("pollster,end,n,ada,ben\nAcme,29 Apr - 8 May,900,48,46\n")
    Path("listed.csv").write_text(
        "unit,registered,ada,ben,cid\nn,900,300,200,150\ns,900,250,300,90\n"
    )
    told = ("timeline", "listed.csv", "--polls", "polls.csv", "--draws", "200")
    code, out, _ = town(*told, *given)
    assert code == 0
    assert "poll: Acme, 2030-04-29 to 2030-05-08" in out
    code, _, error = town(*told)
    assert code == 2
    assert "--date" in error
    assert town("timeline", "polls.csv", "--election-day", "2030-05-05", "--date", "2030-05-05")[0]
