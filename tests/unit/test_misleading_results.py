"""Results in tables of polls, whatever they are called: one was once taken for a poll."""

from dataclasses import replace

import asked
import numpy as np
import pytest
from asked import ELECTION, runoff_polls, table

from forecast import read_election


@pytest.fixture(name="contest")
def _contest():
    return asked.contest()


RESULTS = (
    "Wahlergebnis", "Amtliches Endergebnis", "Nationalratswahl 2030", "Bundespräsidentenwahl",
    "Výsledek voleb", "Výsledok volieb", "Volby", "Voľby 2030", "Vaalitulos", "Vaalit 2030",
    "Izbori", "Rezultati izbora", "Izidi volitev", "Volitve 2030", "Hasil pemilu", "Pemilu 2030",
    "Rinkimai 2030", "نتائج الانتخابات", "Valgresultat", "Valtulemus 2030", "Uitslag",
    "19.05.2030", "2030-05-19", "19 May 2030", "19 maja 2030",
)  # fmt: skip
"""What tables call the result in a row of it."""


@pytest.mark.parametrize("name", RESULTS)
def test_the_result_is_no_poll_whatever_it_is_called(contest, tmp_path, name):
    text = f"Pollster,Fieldwork,Sample,Ada,Ben\nAcme,12 May 2030,1000,46,44\n{name},,,58.5,41.5\n"
    (poll,) = runoff_polls(contest, tmp_path, text)
    assert poll.pollster == "Acme"
    assert name in poll.note
    before = table(pollster=["Acme", "Best", name], n=[1000, 900, None])
    assert [p.pollster for p in read_election(before, election_day=ELECTION).polls] == [
        "Acme", "Best",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Zzz", "Matokeo ya mwisho", "Endelig", "CNE"])
@pytest.mark.parametrize(
    "cells",
    ["19 May 2030,33000000", "12 May 2030,33000000", "19 May 2030,", "18-19 May 2030,501000"],
)
def test_more_people_than_polls_ask_and_the_day_of_the_vote_are_the_result(
    contest, tmp_path, name, cells
):
    """A row of 33 million people moved the forecast from 15% to 86% as a fourth poll."""
    head = "Pollster,Fieldwork,Sample,Ada,Ben\nAcme,12 May 2030,1000,46,44\n"
    (poll,) = runoff_polls(contest, tmp_path, f"{head}{name},{cells},58.5,41.5\n")
    assert poll.pollster == "Acme"
    assert "left out" in poll.note


def test_a_poll_of_a_good_part_of_a_large_electorate_is_its_result(contest, tmp_path):
    text = "Pollster,Fieldwork,Sample,Ada,Ben\nAcme,12 May 2030,1000,46,44\nZzz,,45000,58.5,41.5\n"
    large = replace(contest, registered=np.array([45_000] * 2), runoff=None)
    assert len(runoff_polls(large, tmp_path, text)) == 1
    larger = replace(contest, registered=np.array([450_000] * 2), runoff=None)
    assert len(runoff_polls(larger, tmp_path, text)) == 2
