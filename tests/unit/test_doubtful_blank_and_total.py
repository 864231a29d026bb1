"""People called like blank ballots, and totals from which a row is missing."""

import pytest

from forecast import InputError, read_contest
from forecast.facts.words.column_words import role_of

PEOPLE = (
    "LeBlanc", "Le Blanc", "LE BLANC", "De Bianchi", "Di Bianco", "Van Blank", "Blank (D)",
    "Blanco (PP)", "Partido Blanco",
)  # fmt: skip
PAPERS = (
    "Blanc", "Blancs", "En blanco", "Votos en blanco", "Blank", "Blancs (%)",
    "de votos blancos", "Bulletins blancs", "Le nombre de blancs",
)  # fmt: skip


def contest(text, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two"} | options)


def test_a_word_for_blank_papers_behind_a_particle_or_party_is_a_name():
    assert [n for n in PEOPLE if role_of(n)] == []
    assert [n for n in PAPERS if role_of(n) not in ("invalid", "percent")] == []


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("total", ["Total votes", "Exprimés", "Votos válidos", ""])
def test_somebody_called_like_blank_papers_stands(tmp_path, name, place, total):
    names, rows = ["Landry", "Broussard", "Thibodaux", "Mouton"], []
    names.insert(place, name)
    for unit, own, rest in (
        ("a", 9000, [7000, 3000, 1200, 800]),
        ("b", 31000, [33000, 14000, 5000, 700]),
        ("c", 8100, [6200, 3900, 1000, 600]),
    ):
        votes = [*rest[:place], own, *rest[place:]]
        rows.append([unit, 100_000, 20, *votes, *[sum(votes)] * bool(total)])
    head = ["unit", "Registered", "Nuls", *names, *[total] * bool(total)]
    text = "\n".join(",".join(map(str, row)) for row in [head, *rows])
    found = contest(text, tmp_path)
    assert name in found.finalists
    assert found.invalid.tolist() == [20, 20, 20]


URUGUAY = """Departamento,Habilitados,Frente Amplio,{},Colorados,Cabildo Abierto
Montevideo,1000000,450000,{},120000,60000
Canelones,400000,150000,{},60000,30000
Salto,100000,30000,{},18000,9000
"""


@pytest.mark.parametrize("name", ["Blancos", "Blancs", "Brancos"])
def test_a_fifth_of_blank_ballots_is_asked_about(tmp_path, name):
    text = URUGUAY.format(name, 200_000, 110_000, 32_000)
    with pytest.raises(InputError, match=f"'{name}' must be a candidate or not"):
        contest(text, tmp_path)
    for role, invalid in (("candidate", 0), ("invalid", 342_000)):
        found = contest(text, tmp_path, columns={name: role})
        assert found.invalid.sum() == invalid


def test_few_blank_ballots_are_not_asked_about(tmp_path):
    found = contest(URUGUAY.format("Blancos", 20_000, 11_000, 3_000), tmp_path)
    assert found.invalid.sum() == 34_000


REST = (
    "Ain;40000;300;9000;8000;7000\nAisne;38000;280;8500;9000;6500\n"
    "Allier;25000;200;6000;5500;4000\nAube;22000;150;5000;5200;3600\n"
)
HEAD = "Département;Inscrits;Nuls;Dupont;Martin;Durand\n"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("name", ["TOTAL FRANCE", "Ensemble du pays", "Total général", "Razem"])
def test_a_total_that_misses_a_row_is_left_out(tmp_path, name, first):
    whole = f"{name};131000;980;30000;29000;22000\n"
    found = contest(HEAD + whole * first + REST + whole * (not first), tmp_path)
    assert found.units == ("Ain", "Aisne", "Allier", "Aube")
    assert any("row missing?" in note for note in found.notes)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("name", ["FRANCE", "France entière", "Sénégal"])
def test_an_unnamed_total_that_misses_a_row_is_asked_about(tmp_path, name, first):
    whole = f"{name};131000;980;30000;29000;22000\n"
    with pytest.raises(InputError, match=f"'{name}' is within 15% of the sum of all the others"):
        contest(HEAD + whole * first + REST + whole * (not first), tmp_path)


@pytest.mark.parametrize(
    "row",
    ["Paris;131000;980;40000;29000;22000", "Paris;131000;880;30000;29000;22000",
     "Paris;150000;1100;33000;32000;25000"],
)  # fmt: skip
def test_a_capital_about_as_large_as_all_the_rest_is_a_unit(tmp_path, row):
    found = contest(HEAD + REST + row + "\n", tmp_path)
    assert found.units[-1] == "Paris"
