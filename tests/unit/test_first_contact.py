"""What a newcomer meets first: the bare command, typing errors, percentages, other spellings."""

import os
import subprocess
import sys

import pytest

import forecast
from forecast import InputError, read_contest, read_returns


def test_the_bare_command_explains_itself_in_a_dozen_lines(run):
    code, out, _ = run()
    assert code == 0
    lines = out.strip().splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 100
    assert "forecast run georgia-2018" in out
    commands = {line.split()[1] for line in lines if line.startswith("  forecast ")}
    for command in commands:  # every command it names exists
        assert run(command, "--help")[0] == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(run, shell):
    code, out, _ = run("--show-completion", shell)
    assert code == 0
    assert "_FORECAST_COMPLETE" in out


TAB = """
import sys
from forecast.cli import main
sys.argv = ["forecast"]
try:
    main()
finally:
    print("numpy" in sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("run ge", {"georgia-2018"}),
        ("bounds fi", {"first.csv"}),
        ("show sub/", {"sub/votes.csv"}),
        ("show su", {"sub/"}),
        ("run x --prior ", {"learned", "elicited", "mine.toml", "sub/"}),
        ("learn w", {"world"}),
        ("replay georgia-2018 --order s", {"small-first", "sub/"}),
        ("night georgia-2018 --units s", {"stations", "sub/"}),
    ],
)
def test_tab_completes_names_and_files_without_loading_anything(tmp_path, line, offered):
    for name in ("first.csv", "mine.toml", "notes.txt", "sub/votes.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    words = f"forecast {line}"
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    found = subprocess.run(
        [sys.executable, "-c", TAB],
        env={**os.environ, **asked, "_FORECAST_COMPLETE": "complete_bash"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(found.stdout.split()) == offered, found.stderr
    assert found.stderr.split()[-1] == "False"


def test_what_tab_offers_is_what_there_is():
    from forecast.cli import completion
    from forecast.data import unit_kinds
    from forecast.outcome.replay import ORDERS

    assert completion.bundled_contests() == list(forecast.contests())
    kinds = {kind for name in forecast.contests() for kind in unit_kinds(name)}
    assert set(completion.complete_units("")) >= kinds
    for name in completion.bundled("histories"):
        assert len(forecast.past_runoffs(name))
    assert tuple(completion.complete_order("")[: len(ORDERS)]) == ORDERS


def test_a_typing_error_in_a_contest_suggests_the_nearest(run):
    code, _, err = run("run", "georgia-2081")
    assert code == 2
    assert "did you mean 'georgia-2018'?" in err


@pytest.mark.parametrize("name", ["zurabisvili", "Zourabishvili", "Salome Zurabishvilli"])
def test_a_typing_error_in_a_candidate_suggests_the_nearest(run, name):
    code, _, err = run("show", "georgia-2018", "--finalists", f"{name},vashadze")
    assert code == 2
    assert "did you mean" in err
    assert "ura" in err.split("did you mean")[1]


@pytest.mark.parametrize(
    "name",
    ["zurabishvili", "Zurabishvili", "Zourabichvili", "Salome Zourabichvili", "სალომე ზურაბიშვილი"],
)
def test_every_spelling_of_a_name_is_understood(georgia, name):
    assert georgia.key(name) == "zurabishvili"
    result = forecast.forecast_runoff(georgia, draws=2000)
    assert result.share(name) == result.share("zurabishvili")
    assert result.given(f"bakradze -> {name} >= 20%").draws < 2000


def test_other_spellings_are_no_facts_of_a_contest(georgia):
    from dataclasses import replace

    assert replace(georgia, aliases={}).digest == georgia.digest


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ("n,900,38.64,37.74,23.62\ns,800,40.0,35.5,24.5", "percentages"),
        ('n,900,"38,64","37,74","23,62"\ns,800,"40,0","35,5","24,5"', "percentages"),
        ("n,900,38.64%,37.74%,23.62%\ns,800,40%,35%,25%", "percentages"),
        ("n,900,0.3864,0.3774,0.2362\ns,800,0.4,0.35,0.25", "fractions"),
        ("n,900,39,38,23\ns,800,40,35,25", "percentages"),
    ],
)
def test_a_table_of_percentages_is_recognised(tmp_path, rows, word):
    path = tmp_path / "votes.csv"
    path.write_text(f"unit,registered,ada,ben,cid\n{rows}\n")
    with pytest.raises(InputError, match=f"votes.csv: votes must be counts.*{word}.*multiply"):
        read_contest(path)
    path.write_text(f"unit,registered,ada,ben,cid\n{rows}\n".replace("registered", "invalid"))
    with pytest.raises(InputError, match=f"votes must be counts.*{word}"):
        read_returns(path, finalists=("ada", "ben", "cid"))


@pytest.mark.parametrize("cell", ["12.5", "-0.5", "1e-3"])
def test_a_single_broken_cell_is_no_table_of_percentages(tmp_path, cell):
    path = tmp_path / "votes.csv"
    path.write_text(f"unit,registered,ada,ben,cid\nn,900,{cell},250,60\ns,800,200,260,70\n")
    with pytest.raises(InputError, match=r"line 2, 'ada'"):
        read_contest(path)
