"""Rows of averages and results beside polls, by two witnesses: their name, and a day and sample."""

import asked
import pytest
from asked import ELECTION, runoff_polls, table

from forecast import read_election


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
