"""A file of many contests: the first round's choice holds for the runoff's file as well."""

import pytest

from forecast import InputError, read_contest, read_returns

PERSON = "N°Panneau;Nom;Voix;"
HEAD = "Code de la circonscription;Libellé de la commune;Inscrits;Votants;Blancs;Nuls;Exprimés;"


def blocks(rows, people):
    """Return a file with a block of columns for each who stands in a row's contest."""
    lines = [HEAD + PERSON * people]
    for place, listed, votes in rows:
        valid = sum(votes.values())
        cells = ["01", place, listed, valid + 3, 2, 1, valid]
        for k, (name, count) in enumerate(votes.items(), start=1):
            cells += [k, name, count]
        lines.append(";".join(map(str, cells)) + ";" + ";" * 3 * (people - len(votes)))
    return "\n".join(lines) + "\n"


FIRST = blocks(
    [
        ("Aulne", 900, {"ARDI": 201, "BERT": 190, "CADO": 77}),
        ("Bresle", 700, {"ARDI": 120, "BERT": 140, "CADO": 61}),
        ("Cher", 800, {"DORN": 210, "EBLE": 170, "FAYE": 30}),
        ("Dives", 950, {"DORN": 199, "EBLE": 251, "FAYE": 44}),
    ],
    3,
)
RUNOFF = blocks(
    [
        ("Cher", 800, {"EBLE": 203, "DORN": 231}),
        ("Aulne", 900, {"BERT": 244, "ARDI": 240}),
        ("Bresle", 700, {"BERT": 171, "ARDI": 153}),
        ("Dives", 950, {"EBLE": 290, "DORN": 221}),
    ],
    2,
)


@pytest.fixture
def files(tmp_path):
    first, runoff = tmp_path / "first.csv", tmp_path / "runoff.csv"
    first.write_text(FIRST, "utf-8")
    runoff.write_text(RUNOFF, "utf-8")
    return first, runoff


@pytest.mark.parametrize(
    ("chosen", "totals"),
    [("CADO", {"ARDI": 393, "BERT": 415}), ("DORN", {"DORN": 452, "EBLE": 493})],
)
def test_the_runoffs_of_others_are_left_out(files, chosen, totals):
    first, runoff = files
    contest = read_contest(first, contest=chosen, advancement="top two")
    returns = read_returns(runoff, contest=contest)
    assert returns.totals == totals
    assert [str(note) for note in returns.notes if "other contests" in note] == [
        "2 units of other contests left out"
    ]


def test_somebody_else_in_the_same_places_is_asked_about(files):
    """Whose votes stand beside the finalists' own is no other contest."""
    first, runoff = files
    contest = read_contest(first, contest="CADO", advancement="top two")
    runoff.write_text(RUNOFF.replace("EBLE", "BERT"), "utf-8")
    with pytest.raises(InputError, match="'DORN'"):
        read_returns(runoff, contest=contest)
