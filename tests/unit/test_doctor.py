"""What a new user runs first."""

from __future__ import annotations

import pytest

from forecast.cli import doctor, main
from forecast.errors import for_the_shell


def run(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["forecast", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def test_the_doctor_names_what_is_there_and_what_is_missing(monkeypatch, capsys):
    assert run(monkeypatch, "doctor") == 0
    text = capsys.readouterr().out
    assert "all that is needed is there" in text
    assert "bundled contests" in text
    monkeypatch.setattr(doctor, "NEEDED", ("numpy", "no-such-package"))
    assert run(monkeypatch, "doctor") == 1
    assert "missing: no-such-package" in capsys.readouterr().out


def test_the_demo_writes_its_report(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "demo", "--no-open") == 0
    assert (tmp_path / "georgia-2018.html").stat().st_size > 50_000
    assert "Salome Zurabishvili" in capsys.readouterr().out


def test_messages_of_the_command_name_its_options_alone(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    rows = "unit,invalid,Ada,Ben,Cid\nn,1,30,25,20\n"
    (tmp_path / "a.csv").write_text(rows, "utf-8")
    assert run(monkeypatch, "run", "a.csv") == 2
    said = capsys.readouterr().err
    assert "--registered" in said
    assert "registered=" not in said
    assert 'electorate="voters"' not in said


@pytest.mark.parametrize(
    ("both", "command"),
    [
        (
            "say so with columns= (--columns 'X=candidate'), else",
            "say so with --columns 'X=candidate', else",
        ),
        ('leave out with electorate="voters" (--voters-only)', "leave out with --voters-only"),
        ("which columns= says (--columns 'X=unit')", "which --columns 'X=unit' says"),
        ("nothing (in brackets) to do", "nothing (in brackets) to do"),
    ],
)
def test_two_doors_become_one(both, command):
    assert for_the_shell(both) == command


def test_a_line_is_broken_between_words(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = [f"Person {chr(65 + k % 26)}{chr(97 + k // 26)}xyz" for k in range(60)]
    votes = [str(200 - k) for k in range(60)]
    rows = ["unit,registered," + ",".join(names), "n,20000," + ",".join(votes)]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", "utf-8")
    assert run(monkeypatch, "run", "a.csv", "--draws", "1000") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 140


def test_a_changed_prior_is_called_edited(capsys, monkeypatch, tmp_path):
    from forecast import read_prior

    monkeypatch.chdir(tmp_path)
    rows = "unit,registered,invalid,Ada,Ben,Cid,Dot\nn,900,1,300,250,200,2\n"
    (tmp_path / "a.csv").write_text(rows, "utf-8")
    assert run(monkeypatch, "prior", "a.csv") == 0
    path = tmp_path / "a-prior.toml"
    text = path.read_text("utf-8")
    assert '# origin = "Cid"' in text
    assert '# origin = "Dot"' not in text  # under 1%
    assert not read_prior(path).name.endswith("edited")
    uncommented = text.replace("# [[row]]", "[[row]]").replace("# origin", "origin")
    uncommented = uncommented.replace("# participation =", "participation =")
    uncommented = uncommented.replace("# preference =", "preference =")
    path.write_text(uncommented.replace("# source", "source"), "utf-8")
    assert read_prior(path).row("Cid").origin == "Cid"
    path.write_text(text.replace("mean = 0.95", "mean = 0.94"), "utf-8")
    assert read_prior(path).name.endswith(", edited")
