"""The bundled national contests are what the tables of totals and of units say.

Sources: the pages named in each row; Conseil constitutionnel and Ministry of the Interior of
France; National Electoral Commission of Poland. Figures below are published totals.
"""

import csv
import importlib
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from compile_facts import BUNDLED as COMPILED
from compile_national import unit_contests

import forecast
from forecast import contests, forecast_runoff, load_contest, load_polls, load_returns, past_runoffs
from forecast.data import listed, priors, unit_kinds
from forecast.data.bundle import polled_contests
from forecast.transfers.elicited.file import prior_toml
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.national import national_prior

BUNDLED = Path(forecast.__file__).parent / "data"
NATIONAL = tuple(name for name in contests() if name != "georgia-2018")
BY_UNIT = ("france-2002", "france-2012", "france-2017", "france-2022", "poland-2015", "poland-2020")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", [name for name in COMPILED if "national" in name])
def test_the_bundled_tables_are_compiled_from_the_official_ones(forecast_data, name):
    assert COMPILED[name](forecast_data) == (BUNDLED / name).read_text("utf-8")


def test_the_tables_by_unit_are_compiled_from_the_official_ones(forecast_data):
    found = unit_contests(forecast_data)
    assert tuple(sorted(found)) == BY_UNIT
    for name, texts in found.items():
        for folder, text in zip(("contests", "returns"), texts, strict=True):
            assert text == (BUNDLED / folder / f"{name}.csv").read_text("utf-8")


@pytest.mark.parametrize("folder", ["contests", "returns", "polls"])
def test_every_row_names_its_source(folder):
    assert all(row["source"] for row in rows(BUNDLED / folder / "national.csv"))


def test_known_runoffs_that_are_left_out_have_a_reason_and_the_book_names_them(run):
    """31 of the 87 transcribed: 20 of grade C or D and 12 without a list, but for Poland 2015."""
    table = rows(BUNDLED / "contests" / "left-out.csv")
    names = {row["contest"] for row in table}
    assert len(table) == len(names) == 31
    assert not names & set(contests())
    assert all(row["lacks"] and row["source"] and row["title"] for row in table)
    reason = (
        "some candidates of the first round, the ballots of both rounds, the number of registered"
    )
    for command in (("run", "peru-2016"), ("list", "peru", "2016")):
        code, _, err = run(*command)
        assert code == 2
        assert f"left out, as its source lacks {reason}" in " ".join(err.split())
    with pytest.raises(forecast.InputError, match="known: poland-2015, poland-2020"):
        load_contest("poland-1991")
    book = (Path(__file__).parents[2] / "notebooks" / "accuracy.md").read_text("utf-8")
    for row in table:
        country, year = row["title"].split(", presidential election ")
        assert re.search(rf"{country}[\d ,and]* {year}", book), row["title"]


def test_facts_anybody_can_look_up():
    """Conseil constitutionnel 2017 and 2002; PKW 2020; Ministry of the Interior of Chile 2017."""
    assert load_returns("france-2017").totals == {
        "Emmanuel Macron": 20_743_128,
        "Marine Le Pen": 10_638_475,
    }
    assert load_returns("france-2002").share("Jacques Chirac") == pytest.approx(0.8221, abs=1e-4)
    assert load_returns("poland-2020").totals["Andrzej Duda"] == 10_440_648
    assert load_contest("chile-2017").registered.sum() == 14_347_288
    assert load_contest("france-2017").runoff == date(2017, 5, 7)


def test_units_and_history_agree_with_the_totals():
    """Where a contest is known by unit, and in the history of past runoffs, the sums are one."""
    world = {c.name: (c, r) for c, r in past_runoffs("world")}
    assert set(world) < set(NATIONAL)
    assert len(NATIONAL) == 57
    for name in NATIONAL:
        contest, returns = load_contest(name), load_returns(name)
        assert contest.scope == "national"
        assert contest.first_round < contest.runoff
        assert set(contest.finalists) == set(returns.finalists)
        assert contest.units == returns.units
        if name in world:
            past, counted = world[name]
            assert dict(zip(past.candidates, past.votes.sum(axis=0), strict=True)) == dict(
                zip(contest.candidates, contest.votes.sum(axis=0), strict=True)
            )
            assert counted.totals == returns.totals
    assert {name for name in NATIONAL if unit_kinds(name) != ("country",)} == set(BY_UNIT)
    assert len(load_contest("poland-2015").units) == 380


def test_polls_are_of_the_finalists_and_out_before_the_runoff():
    """The day of publication is assumed: the day after the field work, and before the vote."""
    polled = [name for name in polled_contests() if name != "georgia-2018"]
    assert len(polled) == 9
    for name in polled:
        contest = load_contest(name)
        for poll in load_polls(name):
            assert poll.published < contest.runoff
            assert set(poll.shares) == set(contest.finalists)
    romania = {p.pollster: p for p in load_polls("romania-2014")}
    assert romania["SOCIOPOL"].shares["Klaus Iohannis"] == pytest.approx(0.45)


def test_the_list_is_searched_by_any_word():
    assert [row[0] for row in listed(["ROMANIA", "2014"])] == ["romania-2014"]
    assert {row[0] for row in listed(["departments"])} == set(BY_UNIT[:4])
    with pytest.raises(forecast.InputError, match="did you mean 'france'"):
        listed(["frnace"])


def spoilt(history, day):
    """A history in which whatever was decided after a day is turned round."""
    pairs = tuple(
        (c, r if c.runoff <= day else replace(r, votes=r.votes[:, ::-1].copy())) for c, r in history
    )
    return replace(history, pairs=pairs)


@pytest.mark.parametrize("name", ["france-2002", "romania-2014", "croatia-2000"])
def test_no_result_after_the_first_round_has_a_part_in_a_forecast(monkeypatch, name):
    """Its own result and all later ones are turned round; so, as a control, are earlier ones."""
    contest, world = load_contest(name), past_runoffs("world")

    def drawn():
        return forecast_runoff(contest, polls=(), draws=200).draw_votes.tobytes()

    plain = drawn()
    monkeypatch.setattr(priors, "past_runoffs", lambda _: spoilt(world, contest.first_round))
    assert drawn() == plain
    monkeypatch.setattr(priors, "past_runoffs", lambda _: spoilt(world, date(1, 1, 1)))
    assert drawn() != plain


def test_a_forecast_opens_no_returns(monkeypatch):
    opened = []
    shelf = importlib.import_module("forecast.data.bundle")
    shelf._history.cache_clear()
    real = shelf.bundled_file
    monkeypatch.setattr(
        shelf, "bundled_file", lambda folder, file: opened.append(folder) or real(folder, file)
    )
    monkeypatch.setattr(shelf, "national_rows", lambda folder: opened.append(folder) or {})
    forecast_runoff(load_contest("slovenia-2017"), draws=200)
    assert "histories" in opened
    assert "returns" not in opened


def test_the_prior_is_refused_before_it_was_known():
    prior = national_prior(load_contest("france-2017"), past_runoffs("world"))
    with pytest.raises(forecast.InputError, match="2016-12-04"):
        prior.as_of(date(2016, 12, 3))


def test_without_earlier_runoffs_the_prior_is_the_stated_one():
    first = load_contest("france-1965")
    assert national_prior(first, past_runoffs("world")) == generic_prior(first, kind="national")
    few = national_prior(load_contest("france-1974"), past_runoffs("world"))
    assert "few: nearly as assumed" in few.brief


def test_a_contest_without_a_day_leaves_itself_out():
    """Otherwise a user's file of a past runoff would be forecast from its own result."""
    contest = replace(load_contest("austria-2016"), first_round=None, runoff=None, name="mine")
    found = national_prior(contest, past_runoffs("world"))
    assert found.name == "learned from 53 national runoffs"


def test_surprises_widen_the_prior():
    """A history that is all upsets, whose turnout halved."""
    contest, world = load_contest("chile-2017"), past_runoffs("world")
    plain = national_prior(contest, world).row("Beatriz Sánchez")
    upset = tuple((c, replace(r, votes=_upset(c, r))) for c, r in world)
    wide = national_prior(contest, upset).row("Beatriz Sánchez")
    assert wide.preference.low < plain.preference.low - 0.05
    assert wide.participation.low < plain.participation.low - 0.05


def _upset(contest, returns):
    """Half stay at home, and of the others nine in ten are for the one who trailed."""
    total = returns.votes.sum() // 2
    votes = [int(0.1 * total), int(0.9 * total)]
    order = [contest.finalists.index(f) for f in returns.finalists]
    return np.array([[votes[k] for k in order]])


def test_a_poll_counts_from_the_day_it_was_out():
    contest = load_contest("colombia-2014")
    first = min(poll.published for poll in load_polls("colombia-2014"))
    before = forecast_runoff(contest, as_of=first - timedelta(days=1), draws=200)
    after = forecast_runoff(contest, as_of=first, draws=200)
    assert "poll" not in before.prior.name
    assert "poll" in after.prior.name


def test_a_written_prior_keeps_the_day_it_was_learned_to(tmp_path):
    prior = forecast.elicited_prior(load_contest("chile-2017"))
    path = tmp_path / "prior.toml"
    path.write_text(prior_toml(prior), "utf-8")
    assert forecast.read_prior(path) == prior
    with pytest.raises(forecast.InputError, match="2017-11-12"):
        forecast.read_prior(path).as_of(date(2017, 5, 6))
