"""What commands print: lines that fit a screen, and advice that can be followed there."""

import ast
import json
import re
from pathlib import Path

import past
import pytest

import forecast
from forecast import cli
from forecast.errors import for_the_shell

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


@pytest.fixture
def whole_lines():
    """Let lines be broken, since that is what is tested here."""


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


def test_what_is_told_of_a_table_is_printed_as_it_is(run, tmp_path):
    """Only advice is put into words of the command line, no column that is called like it."""
    head = "unit,registered,as_of,x=,Ada,Ben,Cid"
    (tmp_path / "own.csv").write_text(head + "\nn,900,a,b,300,250,50\ns,800,a,b,200,260,40\n")
    code, out, err = run("show", "own.csv")
    assert code == 0, err
    assert "as_of, x= (text) ignored" in " ".join(out.split())
    code, _, err = run("show", "own.csv", "--columns", "as_of=registered")
    assert (code, "--as-of" in err) == (2, False)


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


NAMES_OF_FUNCTIONS = "|".join(n for n in sorted(forecast._HOMES) if n.islower() and "_" in n)
PYTHON = re.compile(
    rf"(?<![\w-])[a-z_]+=(?!=)|\.[a-z_]+\(|\b[a-z_]+\(\)|datetime\.|\b(?:{NAMES_OF_FUNCTIONS})\b"
)
"""Arguments, methods and functions of Python."""
ONLY_IN_PYTHON = (
    "{} must be a datetime.date",  # days of the command line are read by `day_of`
    "a datetime.date",
    "timeline: ",
    "read_polls(path, contest) makes them",
    "turnout: must be an InterimTurnout",
    "prior: must be a learned model",  # before --prior refuses it in its own words
    "simultaneous: ",
    "substream: ",
    "write_report: ",
    "draws: keeping {} draws",
    "forecast transfers: must be given what is read",
    "backtest: ",
    "baseline: ",
    "executor: ",
    "model: ",
    "model {}: ",
    "crps: ",
    "posterior: the contest must have its origins",
    "raise tune and draws, or target_accept towards 0.99, in Python with nuts=",
)
"""How messages begin that no command can cause, or that send the reader to Python."""


def sentences(source):
    """Yield the texts of a module that are no docstrings, a placeholder for each value."""
    tree = ast.parse(source)
    plain = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            plain |= set(map(id, node.values))
    for node in ast.walk(tree):
        if id(node) in plain:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def only_python(source):
    """Return the sentences that advise what only Python knows, as the command line prints them."""
    found = []
    for text in sentences(source):
        said = for_the_shell(re.sub(r"=\{\} \(", "= (", text).replace("({}", "(--x"))
        words = " " in said.strip() and not {"<", "\n"} & set(said) and said[0] != " "
        if words and PYTHON.search(said) and not said.startswith(ONLY_IN_PYTHON):
            found.append(said)
    return found


def test_no_advice_has_only_the_spelling_of_python():
    """A message read on the command line names an option, a command or a file to edit."""
    package = Path(forecast.__file__).parent
    found = {
        path.name: bad
        for path in package.rglob("*.py")
        if path.parent.name != "figures" and (bad := only_python(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "InputError('x; name them with finalists=')",
        "InputError(f'x {y}; say which with .at(groups=)')",
        "advice = 'make it with learn_prior and write_learned'",
    ],
)
def test_advice_for_python_alone_is_found(planted):
    assert only_python(planted)


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("run first.csv --finalists DUDA", "name them with --finalists"),
        ("run georgia-2018 --prior families.json", "say which with --roles FILE"),
        ("night georgia-2018 --prior families.json --returns part.csv", "with --roles FILE"),
        ("before france-2027 --prior families.json", "'forecast learn'"),
        (
            "run georgia-2018 --prior learned.json --as-of 2012-01-01",
            "learn it again with 'forecast learn --as-of 2012-01-01'",
        ),
        ("run georgia-2018 --prior other.json", "make it with 'forecast learn'"),
        ("run france-2027", "see 'forecast before'"),
        (
            "learn georgia --as-of 1900-01-01 --out x.json",
            "forecast learn: needs at least one past contest",
        ),
    ],
)
def test_typical_mistakes_are_answered_in_words_of_the_command_line(raw, tmp_path, command, advice):
    from forecast.transfers.roles.file import write_learned

    if "families" in command:
        write_learned(
            forecast.learn_families(
                past.runoffs(5, 12), families=lambda c: {n: n.split("-")[0] for n in c.candidates}
            ),
            tmp_path / "families.json",
        )
    bundled = Path(forecast.__file__).parent / "data/priors/georgia-runoffs-2014-2016.json"
    (tmp_path / "learned.json").write_bytes(bundled.read_bytes())
    (tmp_path / "other.json").write_text(json.dumps({"format": "a prior"}))
    code, _, err = raw(*command.split())
    said = " ".join(err.split())
    assert code == 2
    assert advice in said
    assert not PYTHON.search(said)
