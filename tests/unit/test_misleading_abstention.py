"""Polls whose shares stand beside an abstention, and further names of their columns."""

from datetime import date

import pytest

from forecast import read_election

ABSTENTION = {
    "Abst., Blanc ou nul": "31 26 18 9 6",
    "Abs.": "30 27 18 9 6",
    "Undecided": "40 30 20 6 4",
}


@pytest.mark.parametrize("name", ABSTENTION)
@pytest.mark.parametrize("last", [False, True])
def test_those_who_named_nobody_may_stand_beside_shares_of_the_others(tmp_path, name, last):
    """Two candidates were left out as sums with the abstention were 100%, or all was scaled."""
    people = ["Perez", "Soto", "Diaz", "Rios", "Vega"]
    rows = [
        ["Pollster", "End", "n", *people],
        ["Ifop", "2027-01-05", "1000"],
        ["Bva", "2027-01-09", "900"],
    ]
    rows[1:] = [[*row, *ABSTENTION[name].split()] for row in rows[1:]]
    for row, cell in zip(rows, [name, "25", "25"], strict=True):
        row.insert(len(row) if last else 3, f'"{cell}"')
    path = tmp_path / "p.csv"
    path.write_text("\n".join(map(",".join, rows)) + "\n", "utf-8")
    found = read_election(path, election_day=date(2027, 4, 11))
    assert found.people == tuple(people)
    shares = [float(x) / 100 for x in ABSTENTION[name].split()]
    assert list(found.polls[0].shares.values()) == pytest.approx(shares)
    assert any("rows exceed 100% with it" in note for note in found.notes)


@pytest.mark.parametrize(
    "head",
    ["Poll source,Date(s) administered,Sample size[a]", "Pesquisa,Data(s),Amostra",
     "Instituto,Data da pesquisa,Amostra", "Institut,Date de fin,Échantillon"],
)  # fmt: skip
def test_further_names_of_pollsters_and_days(tmp_path, head):
    path = tmp_path / "p.csv"
    path.write_text(
        f"{head},Ada,Ben,Cid\nAcme,2027-02-03,1000,42,38,20\nBest,2027-01-03,900,41,39,20\n",
        "utf-8",
    )
    found = read_election(path, election_day=date(2027, 4, 11))
    assert [(p.pollster, p.n) for p in found.polls] == [("Acme", 1000), ("Best", 900)]


def test_a_month_is_read_with_the_other_days_of_its_column(tmp_path):
    """The listopad of Poles is November, as other rows show."""
    path = tmp_path / "p.csv"
    path.write_text("Ośrodek,Data,Próba,Ada,Ben,Cid\nA,24–26 listopada 2026,1000,42,38,20\n"
                    "B,3–4 grudnia 2026,900,41,39,20\n", "utf-8")  # fmt: skip
    found = read_election(path, election_day=date(2027, 4, 11))
    assert found.polls[0].end == date(2026, 11, 26)
