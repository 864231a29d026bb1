"""Tables of votes whose columns mislead: each was once read wrongly without a word."""

import pytest

from forecast import read_contest


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


@pytest.mark.parametrize(
    "later",
    ["{} runoff", "Runoff {}", "{} 2e tour", "{} ballottaggio", "{} Stichwahl", "{} balotaż"],
)
def test_a_name_without_a_round_is_of_the_first_where_others_are_of_the_runoff(tmp_path, later):
    header = f"unit,registered,invalid,Ada,Ben,Cyd,{later.format('Ada')},{later.format('Ben')}\n"
    text = header + "n,1000,10,300,200,90,350,240\ns,900,12,150,160,88,180,200\n"
    found = contest(text, tmp_path, advancement=None, electorate="registered")
    assert (found.candidates, found.finalists) == (("Ada", "Ben", "Cyd"), ("Ada", "Ben"))
    assert found.votes.sum(axis=0).tolist() == [450, 360, 178]


@pytest.mark.parametrize(
    "name", ["NR_TURNO", "NUM_TURNO", "ROUND_NR", "TOUR_NO", "n° tour", "Round no."]
)
def test_a_number_of_a_round_is_the_round(tmp_path, name):
    votes = "1,n,Ada,300\n1,n,Ben,200\n1,n,Cyd,90\n2,n,Ada,310\n2,n,Ben,280\n"
    more = votes.replace(",n,", ",s,")
    found = contest(f"{name},unit,candidate,votes\n{votes}{more}", tmp_path, advancement=None)
    assert found.finalists == ("Ada", "Ben")
    assert found.votes.tolist() == [[300, 200, 90]] * 2


def test_columns_of_official_databases(tmp_path):
    head = "ANO_ELEICAO,SG_UF,CD_MUNICIPIO,NM_MUNICIPIO,CD_CARGO,DS_CARGO,NR_VOTAVEL,NM_VOTAVEL"
    lines = [
        f"2022,AC,{place},{place}{place},1,Presidente,{k},{name},{votes}\n"
        for place in (11, 12)
        for k, name, votes in ((13, "Ada", 300), (22, "Ben", 200), (15, "Cyd", 90))
    ]
    found = contest(f"{head},QT_VOTOS\n{''.join(lines)}", tmp_path)
    assert found.candidates == ("Ada", "Ben", "Cyd")
    assert found.votes.tolist() == [[300, 200, 90]] * 2


@pytest.mark.parametrize("year", ["year", "Jahr", "Rok", "ano", "année", "ANO_ELEICAO"])
@pytest.mark.parametrize("code", ["COD_DDE", "CD_X", "NR_X", "SG_X", "ID_X"])
def test_years_and_codes_are_no_candidates(tmp_path, year, code):
    text = f"MUNICIPIO,{year},{code},Ada,Ben,Cyd\nn,2020,5,300,200,90\ns,2020,7,150,160,88\n"
    assert contest(text, tmp_path).candidates == ("Ada", "Ben", "Cyd")


def test_a_code_beside_rows_of_candidates(tmp_path):
    text = "COD_DDE,MUNICIPIO,Candidato,Votos\n"
    text += "05,A,Ada,300\n05,A,Ben,200\n08,B,Ada,310\n08,B,Ben,200\n"
    assert contest(text, tmp_path).units == ("A", "B")
