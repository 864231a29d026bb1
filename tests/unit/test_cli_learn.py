"""`forecast learn`, and a run with what it learned."""

import json
import re
from dataclasses import replace

import numpy as np
import past
import pytest

from forecast import learn_prior, past_runoffs, read_learned
from forecast.facts.past_runoffs import usual_roles

TOWN = "unit,registered,invalid,ada,ben,cid\nnorth,900,10,300,200,150\nsouth,800,5,150,240,120\n"


def history_file(path, contests=6):
    """Write totals of a few bundled runoffs in the documented form, by the roles of the counts."""
    lines = ["contest,round,date,candidate,votes"]
    for contest, returns in past_runoffs("world")[:contests]:
        head = f"{contest.name},1,{contest.first_round}"
        lines += [
            f"{head},{candidate.replace(',', ' ')},{votes}"
            for candidate, votes in zip(contest.candidates, contest.votes[0], strict=True)
        ]
        lines += [
            f"{head},invalid,{contest.invalid[0]}",
            f"{head},registered,{contest.registered[0]}",
        ]
        lines += [
            f"{contest.name},2,{contest.runoff},{finalist.replace(',', ' ')},{votes}"
            for finalist, votes in returns.totals.items()
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.slow
def test_learn_from_a_file_and_forecast_with_it(run, tmp_path):
    history_file(tmp_path / "past.csv")
    (tmp_path / "town.csv").write_text(TOWN)
    code, out, err = run("learn", "past.csv", "--out", "prior.json", "--turnout", "world")
    assert code == 0, err
    assert "learned from past" in out
    assert "mobilisation: " in out
    prior = read_learned(tmp_path / "prior.json")
    assert prior.provenance["command"] == (
        "forecast learn past.csv --out prior.json --turnout world"
    )
    assert len(prior.contests) == 6
    assert set(prior.provenance) == {"seed", "contests", "inputs", "world", "command"}
    options = ("--prior", "prior.json", "--draws", "2000", "--report", "r.md")
    code, _, err = run("run", "town.csv", *options)
    assert code == 2
    assert "--as-of" in err
    code, out, err = run("run", "town.csv", *options, "--as-of", "2018-01-01")
    assert code == 0, err
    assert "prior: learned from past" in out


@pytest.mark.slow
def test_roles_are_read_from_a_file(run, tmp_path):
    (tmp_path / "town.csv").write_text(TOWN)
    code, _, err = run("learn", "georgia", "--out", "p.json", "--as-of", "2014-12-31")
    assert code == 0, err
    data = json.loads((tmp_path / "p.json").read_text("utf-8"))
    assert data["as_of"] == "2014-12-31"
    assert data["nights"] == ["2014-07-12"]
    command = ("run", "town.csv", "--prior", "p.json", "--draws", "2000", "--as-of", "2015-01-01")
    code, _, err = run(*command)
    assert code == 2
    assert "--roles" in err
    (tmp_path / "roles.toml").write_text(
        '[roles]\nada = "government"\nben = "other finalist"\ninvalid = "non-voters"\n'
        'non-voters = "non-voters"\n"*" = "eliminated"\n'
    )
    code, out, err = run(*command, "--roles", "roles.toml", "--report", "r.md")
    assert code == 0, err
    assert "learned from 21 runoffs on 2014-07-12" in out
    options = ("--as-of", "2015-01-01", "--draws", "2000", "--roles", "roles.toml")
    code, out, err = run("evidence", "town.csv", "--prior", "p.json", *options)
    assert code == 0, err
    assert "prior: learned from georgia" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roles = 3", r"must have a table \[roles\]"),
        ("[roles]\nada = 1", r"must have a table \[roles\]"),
        ('[role]\nada = "x"', "did you mean 'roles'"),
        ('[roles]\nada = "x"\n[traits]\nb = "c"', "traits must be a table of numbers"),
        ("[roles", "must be TOML"),
    ],
)
def test_a_roles_file_that_breaks_a_rule_is_refused(run, tmp_path, text, message):
    (tmp_path / "roles.toml").write_text(text)
    (tmp_path / "p.json").write_text("{}")
    code, _, err = run("run", "georgia-2018", "--prior", "p.json", "--roles", "roles.toml")
    assert code == 2
    assert re.search(message, err)


def test_roles_without_a_learned_prior_are_refused(run, tmp_path):
    (tmp_path / "roles.toml").write_text("")
    code, _, err = run("run", "georgia-2018", "--roles", "roles.toml")
    assert code == 2
    assert "needs a learned prior" in err


@pytest.mark.parametrize(
    ("name", "message"), [("lerned", "did you mean 'learned'"), ("nothing.toml", "No such file")]
)
def test_a_prior_that_is_nowhere_is_named(run, name, message):
    code, _, err = run("run", "georgia-2018", "--prior", name)
    assert code == 2
    assert message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["georgai", "--out", "p.json"], "did you mean 'georgia'"),
        (["nothing.csv", "--out", "p.json"], "No such file"),
        (["georgia", "--out", "p.txt"], "must end in .json"),
        (["georgia", "--out", "p.json", "--as-of", "2010-01-01"], "found none whose runoff"),
    ],
)
def test_what_cannot_be_learned_is_refused(run, tmp_path, arguments, message):
    code, _, err = run("learn", *arguments)
    assert code == 2
    assert message in err
    assert not list(tmp_path.glob("p.*"))


def test_a_bundled_history_can_be_learned_from_directly():
    """As many as fit a quick test; the same seed gives the same numbers."""
    world = past_runoffs("world")
    one, two = (learn_prior(world[:4], roles=world.roles) for _ in range(2))
    assert one.roles == ("leader", "runner-up", "eliminated", "non-voters")
    assert (one.population.coefficients == two.population.coefficients).all()


@pytest.mark.parametrize("named", [("ada", "ben"), ("ada",)])
def test_roles_of_finalists_are_named_in_every_contest_or_in_none(run, tmp_path, named):
    rows = ["contest,round,candidate,votes,date,role"]
    for k in range(3):
        for votes, name in ((500, "ada"), (400, "ben"), (300, "cid"), (3000, "registered")):
            role = f"role of {name}" if k == 0 and name in named else ""
            rows.append(f"c{k},1,{name},{votes + 7 * k},2010-0{k + 1}-01,{role}")
        rows += [f"c{k},2,{name},{600 + k},2010-0{k + 1}-15," for name in ("ada", "ben")]
    (tmp_path / "h.csv").write_text("\n".join(rows) + "\n")
    code, _, err = run("learn", "h.csv", "--out", "h.json")
    assert code == 2
    assert "name the roles of finalists in every contest or in none" in err
    assert not (tmp_path / "h.json").exists()


def test_the_order_of_a_history_and_of_its_columns_decides_nothing():
    """P(win) was .63 or .67 by which of two finalists came first in the first contest."""
    history = past.runoffs(2, 8, seed=1)

    def swapped(pair):
        contest, returns = pair
        names = ("ben", "ada")
        other = {"candidates": (*names, "cid"), "finalists": names}
        return (
            replace(contest, **other, votes=contest.votes[:, [1, 0, 2]]),
            replace(returns, finalists=names, votes=returns.votes[:, ::-1]),
        )

    found = learn_prior(history, roles=usual_roles)
    assert found.roles[:2] == ("leader", "runner-up")
    assert found.population.tie.centre == 0  # that of the government's finalist is not known
    for same in (history[::-1], [*map(swapped, history)]):
        other = learn_prior(same, roles=usual_roles).population
        np.testing.assert_allclose(other.coefficients, found.population.coefficients)
