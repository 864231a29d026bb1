"""What commands print: lines that fit a screen, and advice that can be followed there."""

import ast
from pathlib import Path

import pytest

from forecast import cli

LONGEST = 140
NAMES = [
    "Robert BIEDROŃ",
    "Krzysztof BOSAK",
    "Andrzej Sebastian DUDA",
    "Szymon Franciszek HOŁOWNIA",
    "Marek JAKUBIAK",
    "Władysław Marcin KOSINIAK-KAMYSZ",
    "Mirosław Mariusz PIOTROWSKI",
    "Paweł Jan TANAJNO",
    "Rafał Kazimierz TRZASKOWSKI",
    "Waldemar Włodzimierz WITKOWSKI",
    "Stanisław Józef ŻÓŁTEK",
]
VOTES = (220, 680, 4350, 1390, 20, 240, 10, 10, 3050, 10, 20)
HEAD = (
    "Kod TERYT;Gmina;Powiat;Województwo;Liczba wyborców uprawnionych do głosowania;"
    "Liczba wyborców, którym wydano karty do głosowania;Liczba kart ważnych;"
    "Liczba głosów nieważnych;"
    "Liczba głosów ważnych oddanych łącznie na wszystkich kandydatów;"
)


def table(names, votes, units=8):
    """Return a table as the Polish commission publishes it: many candidates, long names."""
    rows = [HEAD + ";".join(names)]
    for k in range(units):
        own = [v + 3 * k * (1 if i % 2 else -1) * (v > 100) for i, v in enumerate(votes)]
        ballots = sum(own) + 20
        people = f"16000;{ballots};{ballots};20;{sum(own)}"
        own_row = ";".join(map(str, own))
        rows.append(f"{20101 + k};gm. Gmina{k};powiat{k // 4};dolnośląskie;{people};{own_row}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def raw(run, tmp_path):
    """Both rounds, the runoff so far, polls and a frozen forecast in the folder of the command."""
    both = (NAMES[2], NAMES[8])
    (tmp_path / "first.csv").write_text(table(NAMES, VOTES), "utf-8")
    (tmp_path / "runoff.csv").write_text(table(both, (5100, 5000)), "utf-8")
    (tmp_path / "part.csv").write_text(table(both, (5100, 5000), units=5), "utf-8")
    (tmp_path / "polls.csv").write_text(f"pollster,n,{','.join(both)}\nAcme,900,0.48,0.46\n")
    return run


@pytest.mark.parametrize(
    "command",
    [
        "show first.csv",
        "bounds first.csv --returns runoff.csv",
        "transfers first.csv runoff.csv",
        "transfers first.csv runoff.csv --by-region --below 0",
        "night first.csv --returns part.csv",
        "replay first.csv runoff.csv --steps 50",
        "run first.csv --draws 2000",
        "run first.csv --draws 2000 --every-candidate --report r.md",
        "evidence first.csv --polls polls.csv --draws 2000",
        "stress first.csv --polls polls.csv --draws 2000",
        "freeze first.csv --draws 2000",
        "prior first.csv",
        "demo --no-open",
    ],
)
def test_every_line_fits_a_screen(raw, command):
    """Notes of a raw table with many candidates were lines of up to 659 characters."""
    code, out, err = raw(*command.split())
    assert code == 0, err
    assert out
    assert max(map(len, (out + err).splitlines())) <= LONGEST


def test_lines_of_a_score_and_of_an_error_fit_too(raw):
    raw("freeze", "first.csv", "--draws", 2000)
    code, out, err = raw("score", "first-frozen.json", "--returns", "runoff.csv")
    assert code == 0, err
    assert max(map(len, out.splitlines())) <= LONGEST
    code, out, err = raw("run", "first.csv", "--finalists", "Andrzej Sebastian DUDA,Ada Example")
    assert (code, out) == (2, "")
    assert max(map(len, err.splitlines())) <= LONGEST < len(err)


def test_one_place_prints():
    """A command that printed by itself would break no lines."""
    folder = Path(cli.__file__).parent
    found = {
        path.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "typer.echo"}
    }
    assert found == {"screen.py"}
