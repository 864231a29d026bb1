import json
import subprocess
import sys

import pytest

CSV = "unit,registered,invalid,ada,ben,cid\nnorth,900,10,300,200,150\nsouth,800,5,150,240,120\n"


def test_run_prints_and_writes(run, tmp_path):
    code, out, _ = run("run", "georgia-2018", "--draws", "4000", "--json", "x.json")
    assert code == 0
    assert "Salome Zurabishvili" in out
    assert "wrote georgia-2018.html" in out
    assert (tmp_path / "georgia-2018.html").read_text("utf-8").startswith("<!doctype html>")
    assert json.loads((tmp_path / "x.json").read_text("utf-8"))["draws"] == 4000


def test_run_on_a_file_with_an_edited_prior(run, tmp_path):
    (tmp_path / "town.csv").write_text(CSV)
    assert run("prior", "town.csv")[0] == 0
    prior = tmp_path / "town-prior.toml"
    prior.write_text(prior.read_text().replace("mean = 0.94", "mean = 0.95"))
    code, out, _ = run(
        "run", "town.csv", "--prior", "town-prior.toml", "--draws", "2000", "--report", "r.md",
        "--given", "turnout >= 60%",
    )  # fmt: skip
    assert code == 0
    assert "if turnout >= 60%" in out
    assert (tmp_path / "r.md").read_text().startswith("# town")


def test_the_learned_prior_gives_a_report_of_its_own(run, tmp_path):
    code, out, _ = run(
        "run", "georgia-2018", "--prior", "learned", "--draws", "8000", "--report", "r.md",
        "--json", "r.json",
    )  # fmt: skip
    assert code == 0
    assert "prior: learned from Georgian runoffs 2014-2016" in out
    assert "eliminated candidates alike" in (tmp_path / "r.md").read_text("utf-8")
    data = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert data["provenance"]["prior"] == "learned from Georgian runoffs 2014-2016"
    assert data["share"]["zurabishvili"]["intervals"][2]["low"] > 0.44


def test_evidence_of_ones_own_polls(run, tmp_path):
    (tmp_path / "town.csv").write_text(CSV)
    (tmp_path / "polls.csv").write_text("pollster,n,ada,ben\nAcme,900,0.4,0.5\n")
    code, out, _ = run(
        "evidence", "town.csv", "--polls", "polls.csv", "--draws", "2000", "--json", "e.json"
    )
    assert code == 0
    rungs = [line.split("  ")[0] for line in out.splitlines()]
    assert rungs.index("poll: Acme") == rungs.index("prior: generic, wide") + 1
    rows = json.loads((tmp_path / "e.json").read_text("utf-8"))["rows"]
    assert rows[1]["share"]["ada"]["median"] < rows[0]["share"]["ada"]["median"]
    code, out, _ = run(
        "run", "town.csv", "--polls", "polls.csv", "--draws", "2000", "--report", "r.md"
    )
    assert code == 0
    assert "prior: generic, wide, and 1 poll" in out


def test_a_run_as_of_a_later_day_uses_the_polls_known_then(run):
    options = ("--draws", "2000", "--report", "r.md")
    assert "and 1 poll" in run("run", "georgia-2018", "--as-of", "2018-11-20", *options)[1]
    assert "and 2 polls" in run("run", "georgia-2018", "--as-of", "2018-11-27", *options)[1]
    assert "poll" not in run("run", "georgia-2018", *options)[1]


def test_as_of_before_the_endorsement_day_is_refused(run):
    code, _, err = run("run", "georgia-2018", "--as-of", "2018-10-27", "--draws", "2000")
    assert code == 2
    assert "first round on 2018-10-28" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "georgia-2081"], "did you mean 'georgia-2018'"),
        (["run", "missing.csv"], "No such file"),
        (["run", "town.csv", "--finalists", "ada,bem"], "did you mean 'ben'"),
        (["run", "town.csv", "--finalists", "ada,ada"], "'ada' twice"),
        (["run", "town.csv", "--finalists", "ada"], "at least two finalists"),
        (["run", "town.csv", "--draws", "3"], "even"),
        (["run", "town.csv", "--draws", "0"], "draws must be"),
        (["run", "town.csv", "--seed", "-1"], "seed must be"),
        (["run", "town.csv", "--as-of", "yesterday"], "a day like"),
        (["run", "town.csv", "--polls", "town.csv"], "column that says who asked"),
        (["evidence", "town.csv", "--polls", "none.csv"], "No such file"),
        (["evidence", "town.csv", "--json", "nowhere/e.json"], "No such file or directory"),
        (["run", "town.csv", "--report", "r.pdf"], ".html or .md"),
        (["run", "town.csv", "--report", "nowhere/r.md"], "No such file or directory"),
        (["run", "town.csv", "--given", "turnout is high"], "must look like"),
        (["run", "town.csv", "--given", "turnout >= 99%", "--draws", "2000"], "draws meet"),
        (["run", "town.csv", "--prior", "town.csv"], "must be TOML"),
        (["run", "town.csv", "--prior", "learned"], "no learned prior is bundled for 'town'"),
        (["bounds", "georgia-2018", "--returns", "georgia-2013"], "no bundled returns"),
        (["transfers", "town.csv"], "give the counts of the runoff"),
        (["transfers", "georgia-2018", "--figure", "t.xyz"], ".svg or .png or .pdf"),
        (["transfers", "georgia-2018", "--json", "nowhere/t.json"], "No such file or directory"),
        (["transfers", "georgia-2018", "--below", "2"], "fraction from 0 to 1"),
        (["transfers", "georgia-2018", "--method", "advi"], "'laplace' or 'nuts'"),
        (["run", "town.csv", "--json", "."], "must end in .json"),
        (["prior", "town.csv", "--out", "town.csv"], "must end in .toml"),
    ],
)
def test_mistakes_give_one_message_and_no_file(run, tmp_path, arguments, message):
    (tmp_path / "town.csv").write_text(CSV)
    code, out, err = run(*arguments)
    assert code == 2
    assert message in err
    assert err.startswith("error: ")
    assert "Traceback" not in err + out
    assert [p.name for p in tmp_path.iterdir()] == ["town.csv"]


def test_list_show_and_version(run):
    row = next(line for line in run("list")[1].splitlines() if "georgia-2018" in line)
    assert "Georgia, presidential election 2018   2018-10-28  districts or stations" in row
    assert "38.64%" in run("show", "georgia-2018")[1]
    assert run("--version")[1].strip().count(".") == 2


def test_bounds_with_the_official_returns(run):
    out = run("bounds", "georgia-2018", "--returns", "georgia-2018")[1]
    assert "at least 155,755 came from outside the eliminated candidates" in out


def test_transfers_prints_and_writes(run, tmp_path):
    code, out, _ = run("transfers", "georgia-2018", "--json", "t.json", "--figure", "t.png")
    assert code == 0
    assert "Davit Bakradze" in out
    data = json.loads((tmp_path / "t.json").read_text("utf-8"))
    for row in data["rows"]:
        for people, low, high in zip(
            row["people"], row["bounds"]["low"], row["bounds"]["high"], strict=True
        ):
            assert low - 1 <= people <= high + 1
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_transfers_say_how_every_unit_fits(run, tmp_path):
    code, out, _ = run("transfers", "georgia-2018", "--units-out", "u.csv")
    assert code == 0
    assert "unexplained: Abroad" in out
    lines = (tmp_path / "u.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("unit,")
    assert len(lines) == 75
    assert next(line for line in lines if line.endswith(",odd")).startswith("Abroad,")


def test_transfers_between_two_elections(run, tmp_path):
    first = [
        "unit,registered,ada,ben,cid",
        "a,900,300,100,50",
        "b,800,90,310,60",
        "c,700,99,90,200",
    ]
    second = ["unit,registered,reds,blues", "a,905,280,120", "b,800,120,300", "c,700,180,120"]
    (tmp_path / "president.csv").write_text("\n".join(first) + "\n")
    (tmp_path / "parliament.csv").write_text("\n".join(second) + "\n")
    code, out, _ = run("transfers", "president.csv", "parliament.csv", "--elections")
    assert code == 0
    assert "reds" in out
    assert "3 units" in out
    code, _, err = run("transfers", "president.csv", "--elections")
    assert code == 2
    assert "second election" in err


@pytest.fixture
def elections(run, tmp_path):
    (tmp_path / "one.csv").write_text(
        "unit,registered,ada,ben,cid,zzz\na,900,300,100,50,7\nb,800,90,310,60,9\nc,700,99,90,200,5\n"
    )
    (tmp_path / "two.csv").write_text(
        "unit,registered,reds,blues,Ward\na,905,280,120,30\nb,800,120,300,28\nc,700,180,120,31\n"
    )
    return lambda *more: run("transfers", "one.csv", "two.csv", "--elections", *more)


def test_columns_and_names_of_two_elections(elections):
    """They were ignored without a word."""
    said = ("--columns", "zzz=ignored", "--columns", "Ward=candidate", "--labels", "ada=Ada Adler",
            "--parties", "reds=RED")  # fmt: skip
    code, out, _ = elections(*said)
    assert (code, "zzz ignored; unit, registered as named" in out) == (0, True)
    assert "zzz  " not in out
    assert all(name in out for name in ("Ada Adler", "reds (RED)", "Ward"))
    code, _, err = elections("--columns", "Ward=candidate", "--labels", "dan=Dan")
    assert (code, "nobody is named 'dan'" in err) == (2, True)
    code, _, err = elections("--columns", "Warp=candidate")
    assert (code, "no column 'Warp'" in err) == (2, True)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--rule", "majority"), ("--title", "T"), ("--finalists", "ada,ben"), ("--contest", "ada"),
     ("--registered", "3000"), ("--date", "2020-01-01")],
)  # fmt: skip
def test_what_two_elections_have_not_is_refused(elections, option, value):
    code, out, err = elections("--columns", "Ward=candidate", option, value)
    assert (code, out) == (2, "")
    assert f"{option}: is for the rounds of one contest; leave it out with --elections" in err
    assert "Traceback" not in err


def test_transfers_of_ones_own_files(run, tmp_path):
    (tmp_path / "town.csv").write_text(CSV)
    (tmp_path / "runoff.csv").write_text("unit,ada,ben\nsouth,200,300\nnorth,380,270\n")
    code, out, _ = run("transfers", "town.csv", "runoff.csv")
    assert code == 0
    assert "2 units" in out


def test_the_installed_command_has_no_traceback(tmp_path):
    command = [sys.executable, "-m", "forecast.cli", "run", "nothing"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "no bundled contest" in done.stderr


def test_evidence_in_a_report(run, tmp_path):
    code, out, _ = run(
        "evidence", "georgia-2018", "--draws", "4000", "--report", "r.md"
    )  # fmt: skip
    assert code == 0
    assert "wrote r.md" in out
    page = (tmp_path / "r.md").read_text("utf-8")
    assert "## How the evidence moved it" in page
    assert "backs Grigol Vashadze" in page
    assert run("evidence", "georgia-2018", "--report", "r.txt")[0] == 2
