"""A question has one answer, whichever door it comes through: Python or the command line."""

import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import forecast
from forecast.facts.readers import read_partial_returns
from forecast.report.export import evidence_dict, forecast_dict, posterior_dict

NIGHT = "unit,zurabishvili,vashadze\nVake,40407,20768\nGldani,41663,31764\n"
COUNTED = """
import sys
from collections import Counter
opened = Counter()
def seen(event, args):
    if event == "open" and "forecast/data/" in str(args[0]) and not str(args[0]).endswith(".pyc"):
        opened[str(args[0]).rpartition("forecast/data/")[2]] += 1
import forecast
import forecast.outcome.run
contest = forecast.load_contest("georgia-2018")
sys.addaudithook(seen)
import datetime
for _ in range(2):
    forecast.forecast_runoff(contest, as_of=datetime.date(2018, 11, 27), draws=2)
print(sorted((name, n) for name, n in opened.items() if not name.endswith(".py")))
"""


def plain(thing):
    """Return figures as they read back from JSON."""
    return json.loads(json.dumps(thing))


def written(run, *arguments):
    """Return the figures that a command writes as JSON."""
    code, _, err = run(*arguments, "--json", "out.json")
    assert code == 0, err
    return json.loads(Path("out.json").read_text("utf-8"))


@pytest.mark.parametrize("day", [None, "2018-11-27"])
def test_run(run, georgia, day):
    options = ("--as-of", day) if day else ()
    found = written(run, "run", "georgia-2018", "--draws", 4000, *options)
    asked = date.fromisoformat(day) if day else None
    result = forecast.forecast_runoff(georgia, draws=4000, as_of=asked)
    assert found == plain(forecast_dict(result))
    assert result.prior.name.endswith("polls") == (day is not None)


def test_evidence(run, georgia):
    found = written(run, "evidence", "georgia-2018", "--draws", 2000, "--as-of", "2018-11-27")
    table = forecast.evidence_ladder(georgia, draws=2000, as_of=date(2018, 11, 27))
    assert found == plain(evidence_dict(table))


def test_transfers(run, georgia):
    """Both merge small candidates as `Contest.grouped` does, with one default."""
    found = written(run, "transfers", "georgia-2018")
    grouped, counts = georgia.grouped(), forecast.load_returns("georgia-2018")
    posterior = forecast.infer_transfers(georgia, counts)
    assert found == plain(posterior_dict(posterior, forecast.flow_bounds(grouped, counts)))
    assert "others" in posterior.origins
    few = forecast.infer_transfers(georgia, counts, below=0.05)
    assert len(few.origins) < len(posterior.origins)
    for below in (1.5, "x", float("nan"), True):
        with pytest.raises(forecast.InputError, match="below must be a fraction"):
            forecast.infer_transfers(georgia, counts, below=below)


def test_a_candidate_called_others_takes_the_small_ones():
    contest = forecast.Contest(
        name="demo", candidates=("a", "b", "others", "d"), finalists=("a", "b"), units=("n",),
        votes=[[500, 400, 90, 2]], invalid=[0], registered=[1200],
    )  # fmt: skip
    assert contest.grouped().candidates == ("a", "b", "others")
    assert contest.grouped().votes.tolist() == [[500, 400, 92]]
    assert contest.grouped(below=0) is contest


@pytest.mark.parametrize("options", [{}, {"turnout": "none"}, {"as_of": date(2018, 11, 27)}])
def test_night(run, georgia, tmp_path, options):
    """From a table and from a file matched with nothing said of turnout; Vake and Gldani."""
    (tmp_path / "night.csv").write_text(NIGHT)
    more = [text for k, v in options.items() for text in (f"--{k.replace('_', '-')}", str(v))]
    code, out, err = run("night", "georgia-2018", "--returns", "night.csv", *more)
    assert code == 0, err
    table = forecast.nowcast(georgia, pl.read_csv(NIGHT.encode()), **options)
    matched = forecast.nowcast(
        georgia, read_partial_returns(tmp_path / "night.csv", georgia), **options
    )
    assert out == f"{table}\n" == f"{matched}\n"
    assert ("2 polls" in out, "interim turnout of 74 units" in out) == (True, not options)


def test_what_is_left_out_is_left_out_through_both_doors(run, georgia, tmp_path):
    (tmp_path / "night.csv").write_text(NIGHT)
    code, out, _ = run("night", "georgia-2018", "--returns", "night.csv", "--polls", "none")
    assert code == 0
    assert out == f"{forecast.nowcast(georgia, pl.read_csv(NIGHT.encode()), polls=())}\n"
    assert "poll" not in out


def test_a_replay_is_the_same_nowcast(georgia):
    returns = forecast.load_returns("georgia-2018")
    (step,) = forecast.replay_night(georgia, returns, returns.units, steps=(0.5,))
    arrival = {unit: float(k) for k, unit in enumerate(returns.units[:37])}
    again = forecast.nowcast(georgia, returns.select(returns.units[:37]), arrival=arrival)
    assert step.digest == again.digest


def test_bundled_files_are_read_once():
    """Twice the same forecast, the contest loaded before: its prior, role and polls files once."""
    command = [sys.executable, "-c", COUNTED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = [
        ("polls/georgia-2018.csv", 1),
        ("priors/georgia-2018.toml", 1),
        ("priors/georgia-runoffs-2014-2016.json", 1),
    ]
    assert done.stdout.strip() == str(expected)


def test_an_archive_is_as_good_as_a_folder(tmp_path):
    """The package runs from a zip, bundled files included."""
    package = Path(forecast.__file__).parent
    with zipfile.ZipFile(tmp_path / "forecast.zip", "w") as archive:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(package.parent))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'forecast.zip')!r}); "
        "import forecast, datetime; "
        "assert '.zip' in forecast.__file__, forecast.__file__; "
        "c = forecast.load_contest('georgia-2018'); "
        "print(forecast.forecast_runoff(c, as_of=datetime.date(2018, 11, 27), draws=2).digest); "
        "print(forecast.load_returns('georgia-2018').totals, forecast.load_turnout(c.name).units)"
    )
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "74" in done.stdout


def test_a_contest_by_name_has_the_units_that_the_returns_have():
    """It was the 74 districts, to which no station belongs."""
    returns = forecast.load_returns("georgia-2018", units="stations")
    part = returns.select(returns.units[:300])
    votes = {name: part.votes[:, k] for k, name in enumerate(part.finalists)}
    table = pl.DataFrame({"station": part.units, **votes})
    known = forecast.nowcast(
        forecast.load_contest("georgia-2018", units="stations"), part, draws=50
    )
    for counted in (part, table):
        found = forecast.nowcast("georgia-2018", counted, draws=50)
        assert (found.contest.units, found.digest) == (known.contest.units, known.digest)


def test_a_table_of_the_runoff_answers_as_its_returns_do(georgia):
    """A night, transfers and bounds take one, with the units in any order."""
    returns = forecast.load_returns("georgia-2018")
    order = np.random.default_rng(1).permutation(len(returns.units))
    table = pd.DataFrame(returns.votes, columns=list(returns.finalists))
    table.insert(0, "unit", list(returns.units))
    table = table.iloc[order]
    inferred = forecast.infer_transfers(georgia, table).table
    assert (inferred == forecast.infer_transfers(georgia, returns).table).all()
    for contest in (georgia, "georgia-2018"):
        least, most = forecast.flow_bounds(contest, table).table()
        expected = forecast.flow_bounds(georgia, returns).table()
        assert (least == expected[0]).all()
        assert (most == expected[1]).all()
    night = [forecast.nowcast(georgia, x, draws=10) for x in (table, returns)]
    assert night[0].returns.totals == night[1].returns.totals
