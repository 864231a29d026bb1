"""Rows, samples and days of tables of polls: averages, results, ranges, days without a year."""

from dataclasses import replace
from datetime import date

import asked
import pytest
from asked import ELECTION, runoff_polls, table

from forecast import InputError, read_election
from forecast.files.columns import Columns


@pytest.fixture(name="contest")
def _contest():
    return asked.contest()


def pollsters(found):
    return [poll.pollster for poll in found]


AVERAGES = (
    "Μέσος όρος", "Media aritmética", "Media mobile", "Media móvil", "Srednja vrijednost",
    "Agregat", "Moyenne mobile", "Agregado", "Média ponderada", "7-day average",
)  # fmt: skip
RESULTS = (
    "Ballottaggio 2019", "1ª vuelta", "2ª volta 2018", "Balotaje 2019", "Stichwahl 2018",
    "Runoff 2018", "Second round", "Resultados 1ª vuelta 2021", "Primer tour 2021",
)  # fmt: skip


@pytest.mark.parametrize("name", [*AVERAGES, *RESULTS])
@pytest.mark.parametrize(("day", "n"), [("", ""), ("2030-05-02", ""), ("2030-05-02", "1000")])
def test_averages_and_results_are_no_polls(contest, tmp_path, name, day, n):
    why = "an average of polls" if name in AVERAGES else "a result, not a poll"
    cells = {"pollster": ["Acme", name, "Cent"], "end": ["2030-05-01", day, "2030-04-28"],
             "n": ["1000", n, "800"]}  # fmt: skip
    found = read_election(table(**cells), election_day=ELECTION)
    assert pollsters(found.polls) == ["Acme", "Cent"]
    assert any(f"{name!r}: {why}; left out" in note for note in found.notes)
    text = f"pollster,n,end,ada,ben\n{name},{n},{day},48,45\nAcme,1000,2030-05-12,46,44\n"
    (one,) = runoff_polls(contest, tmp_path, text)
    assert (one.pollster, f"{why}; left out" in one.note) == ("Acme", True)


@pytest.mark.parametrize(
    "name",
    ["N-Media", "Rezultat Research", "Aggregate IQ", "Official Polls", "Actual Research",
     "Resultados FM", "Pulse Media"],
)  # fmt: skip
def test_a_row_with_a_day_and_a_sample_is_a_poll_unless_its_name_is_nothing_else(
    contest, tmp_path, name
):
    found = read_election(table(pollster=["Acme", name, "Cent"]), election_day=ELECTION)
    assert pollsters(found.polls) == ["Acme", name, "Cent"]
    doubted = any(f"{name!r} has a day and a sample" in note for note in found.notes)
    assert doubted == (name != "Pulse Media")
    text = f"pollster,n,end,ada,ben\n{name},900,2030-05-11,48,45\nAcme,1000,2030-05-12,46,44\n"
    assert pollsters(runoff_polls(contest, tmp_path, text)) == [name, "Acme"]


@pytest.mark.parametrize("name", ["Pulse Media", "Elecciones PASO", "Ballottaggio Ada - Ben"])
def test_one_word_is_enough_where_a_row_has_neither_a_day_nor_a_sample(name):
    cells = {"pollster": ["Acme", name, "Cent"], "end": ["2030-05-01", "", "2030-04-28"]}
    found = read_election(table(**cells, n=["1000", "", "800"]), election_day=ELECTION)
    assert pollsters(found.polls) == ["Acme", "Cent"]


def test_a_sample_unlike_the_others_is_no_witness():
    cells = {"pollster": ["Acme", "Resultado CNE", "Cent"], "n": [1000, 400_000, 800]}
    found = read_election(table(**cells), election_day=ELECTION)
    assert pollsters(found.polls) == ["Acme", "Cent"]


@pytest.mark.parametrize(
    "n", ["1000–1200", "1000-1200", "1,000 - 1,200", "1 000–1 200", "1000/1200", "ca. 1000-1200"]
)
def test_of_a_range_of_people_the_fewest_are_asked(contest, tmp_path, n):
    """A poll is never taken to be more certain than it may be."""
    text = f'pollster,n,end,ada,ben\nAcme,"{n}",2030-05-12,46,44\nBest,900,2030-05-13,47,45\n'
    first, other = runoff_polls(contest, tmp_path, text)
    assert (first.n, other.n) == (1000, 900)
    assert f"1000 people asked of {n!r}, the fewest it may be" in first.note
    found = read_election(table(n=[n, "900", "800"]), election_day=ELECTION)
    assert found.polls[0].n == 1000
    assert sum("the fewest it may be" in note for note in found.notes) == 1


@pytest.mark.parametrize("n", ["1200-1000", "18-34", "100-5000"])
def test_two_numbers_that_are_no_range_are_asked_about(contest, tmp_path, n):
    text = f"pollster,n,end,ada,ben\nAcme,{n},2030-05-12,46,44\nBest,900,2030-05-13,47,45\n"
    with pytest.raises(InputError, match="must be the number of people asked"):
        runoff_polls(contest, tmp_path, text)


def test_days_without_a_year_are_near_a_first_round_that_is_known(contest, tmp_path):
    text = "pollster,date,n,ada,ben\nAcme,29 avr. - 1 mai,1000,58,42\nBest,8 mai,900,57,43\n"
    text += "Cent,20 déc.,900,57,43\n"
    before = replace(contest, runoff=None, first_round=ELECTION)
    polls = runoff_polls(before, tmp_path, text)
    assert [poll.end for poll in polls] == [date(2030, 5, 1), date(2030, 5, 8), date(2029, 12, 20)]
    assert polls[0].start == date(2030, 4, 29)
    assert "days without a year" in polls[0].note
    with pytest.raises(InputError, match=r"must have a year .* with first_round= \(--date\)"):
        runoff_polls(replace(contest, runoff=None), tmp_path, text)


MODELS = ("Trend", "Model", "Forecast", "538", "Projection", "Our estimate", "Prognoza", "Ada wins",
          "Race to the WH", "Прогноз", "Modelo")  # fmt: skip


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("size", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_a_row_with_neither_a_day_nor_a_sample_is_no_poll(name, size, place):
    """It counted as a poll without a day; a table without samples has days."""
    rows = [["Acme", "1 May 2030", "1000"], ["Best", "3 May 2030", "900"]]
    rows.insert(place, [name, "", ""])
    facts = dict(zip(("pollster", "end", "n"), zip(*rows, strict=True), strict=True))
    cells = {"Ada": ["40"] * 3, "Ben": ["30"] * 3, "Cid": ["15"] * 3}
    facts = facts if size else {k: facts[k] for k in ("pollster", "end")}
    columns = Columns(where="t", values=facts | cells)
    found = read_election(columns, election_day=date(2030, 5, 5))
    assert [poll.pollster for poll in found.polls] == ["Acme", "Best"]
    (note,) = [note for note in found.notes if "left out" in note]
    assert note.startswith(f"t row {place}: {name!r}: ")


@pytest.mark.parametrize("name", ["Forecast", "Model", "538"])
def test_a_forecast_with_a_day_alone_is_no_poll(name):
    cells = {"pollster": ["Acme", name], "end": ["2030-05-01"] * 2, "n": ["900", ""],
             "Ada": ["40"] * 2, "Ben": ["30"] * 2, "Cid": ["15"] * 2}  # fmt: skip
    found = read_election(Columns(where="t", values=cells), election_day=date(2030, 5, 5))
    assert [poll.pollster for poll in found.polls] == ["Acme"]


@pytest.mark.parametrize("name", ["Trend", "Trend Research", "Forecasting Ltd", "Estimate"])
def test_a_pollster_may_be_called_like_a_forecast(name):
    cells = {"pollster": ["Acme", name], "end": ["2030-05-01"] * 2, "n": ["900", "1000"],
             "Ada": ["40"] * 2, "Ben": ["30"] * 2, "Cid": ["15"] * 2}  # fmt: skip
    found = read_election(Columns(where="t", values=cells), election_day=date(2030, 5, 5))
    assert [poll.pollster for poll in found.polls] == ["Acme", name]


def test_a_poll_whose_size_or_day_alone_is_unknown_stays():
    cells = {"pollster": ["Acme", "Best", "Cent"], "end": ["2030-05-01", "", "2030-05-02"],
             "n": ["900", "800", ""], "Ada": ["40"] * 3, "Ben": ["30"] * 3,
             "Cid": ["15"] * 3}  # fmt: skip
    found = read_election(Columns(where="t", values=cells), election_day=date(2030, 5, 5))
    assert len(found.polls) == 3
