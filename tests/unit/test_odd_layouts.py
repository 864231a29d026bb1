"""Tables with more in them than a count: changes, earlier elections, stations, notes."""

import io

import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.facts.tables.asides import asides
from forecast.files.columns import Columns
from forecast.files.tables import below_titles

VOTES = {"Ada": 780, "Ben": 710, "Cyd": 341}
ROWS = (("North", 1000, 10, 300, 250, 140), ("South", 900, 5, 280, 260, 105),
        ("West", 800, 4, 200, 200, 96))  # fmt: skip


def table(head, *columns, mark=","):
    """Return a table of the votes above with more columns."""
    text = io.StringIO()
    text.write(mark.join(("unit", "registered", "invalid", "Ada", "Ben", "Cyd", *head)) + "\n")
    for row, more in zip(ROWS, zip(*columns, strict=True) if columns else ((),) * 3, strict=True):
        text.write(mark.join(map(str, (*row, *more))) + "\n")
    return text.getvalue()


def read(text, **options):
    return Contest.from_frame(Columns.from_text(text, "t.csv"), name="t", **options)


def votes(contest):
    return dict(zip(contest.candidates, contest.votes.sum(axis=0).tolist(), strict=True))


@pytest.mark.parametrize(
    ("head", "columns", "why"),
    [
        (["Ada change", "Ben change"], [[-20, 12, 5], [15, -5, 10]], "a change of Ada"),
        (["Δ Ada", "Δ Ben"], [[20, 12, 5], [15, 5, 10]], "a change of Ada"),
        (["Ada ±", "Ben +/-"], [["+1", "-3", "+5"], [1, 2, 3]], "a change of Ben"),
        (["Zmiana Ada", "Zmiana Ben"], [[2, 12, 5], [15, 5, 10]], "a change of Ada"),
        (["gained", "lost"], [["+20", "-12", "+5"], ["-1", "-3", "0"]], "every number has a sign"),
        (["Ada 2013", "Ben 2013"], [[280, 270, 210], [260, 270, 190]], "of 2013"),
        (["Ada (précédent)", "Ben précédent"], [[280, 270, 210], [260, 9, 9]], "an earlier Ben"),
        (["x", "y"], [[600123, 600456, 600789], [4500321, 4500654, 4500987]], "coordinate"),
        (["POINT_X", "POINT_Y"], [[123, 456, 789], [321, 654, 987]], "coordinate"),
        (["Utm x", "Utm y", "Utm z"], [[123, 456, 789], [321, 654, 987], [1, 2, 3]], "coordinate"),
        (["winner votes"], [[300, 280, 200]], "the largest of the others"),
        (["Stations reported"], [[12, 9, 14]], "stations"),
        (["Mesas computadas"], [[12, 9, 14]], "stations"),
    ],
)
def test_what_stands_beside_a_count_is_no_candidate(head, columns, why):
    found = read(table(head, *columns))
    assert votes(found) == VOTES
    assert why in found.notes[0]


def test_of_two_elections_told_apart_by_years_the_later_counts():
    text = table(["Ada 2013", "Dan 2013"], [280, 270, 210], [260, 270, 190])
    text = text.replace("Ada,Ben,Cyd", "Ada 2018,Ben 2018,Cyd 2018")
    assert set(votes(read(text))) == {"Ada 2018", "Ben 2018", "Cyd 2018"}
    assert asides(["Ада", "Ада предыдущий"]) == {"Ада предыдущий": "an earlier Ада"}
    assert asides(["Ada 2018", "Ben 2018", "registered 2017"]) == {}


def test_people_called_like_what_stands_beside_are_people():
    assert asides(["unit", "Change", "Ada", "x", "z"]) == {}
    text = table([]).replace("Ada,Ben,Cyd", "x,y,z")
    assert set(votes(read(text))) == {"x", "y", "z"}
    text = table([]).replace("Ada,Ben,Cyd", "Malcolm X,Generation Y,Change now")
    assert len(votes(read(text))) == 3


def test_a_single_negative_number_is_a_mistake_and_no_change():
    with pytest.raises(InputError, match="counts cannot be negative"):
        read(table(["Dan"], [20, -12, 5]))


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        (["Stations reported", "Total stations"], [[12, 9, 7], [12, 9, 14]]),
        (["Mesas escrutadas", "Total mesas"], [[12, 9, 7], [12, 9, 14]]),
        (["Bureaux dépouillés", "Nombre de bureaux"], [[12, 9, 7], [12, 9, 14]]),
        (["precincts_reporting", "precincts"], [[12, 9, 7], [12, 9, 14]]),
    ],
)
def test_stations_reported_of_all_say_how_much_is_counted(head, columns):
    """A unit of which half of the stations are in is open, not final."""
    first = read(table([]), finalists=["Ada", "Ben"])
    text = table(head, *columns).replace(",Cyd", ",ignored_1").replace("300,250", "310,245")
    found = partial_returns(
        first, Columns.from_text(text, "r.csv"), columns={"ignored_1": "ignored"}
    )
    assert found.counted.tolist() == [1.0, 1.0, 0.5]
    with pytest.raises(InputError, match=r"must be counted out.*1 of 3 .*West \(50%\).*=ignored"):
        read(table(head, *columns))
    assert votes(read(table(head, *columns), columns={head[0]: "ignored"})) == VOTES


def test_numbers_of_stations_name_no_units():
    found = read(table(["Precincts"], [12, 9, 14]).replace("unit,", "county,"))
    assert found.units == ("North", "South", "West")


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize(
    "below",
    [
        "* Provisional",
        "Source: the commission",
        "Źródło: PKW",
        "The votes of South were recounted.",
        "Source : Conseil constitutionnel",
        "Note : provisional",
        "Source INSEE",
        "Fuente - JNE",
        "Fonte : Ministero",
        "Quelle Statistisches Bundesamt",
        "Results are provisional and without overseas votes",
    ],
)
def test_notes_below_the_rows_are_left_out_and_said(below, mark):
    for padded in ("", mark * 5):
        found = read(table([], mark=mark) + f"{padded}\n{below}{padded}\n")
        assert votes(found) == VOTES
        assert any("left out as notes" in note and below[:20] in note for note in found.notes)


@pytest.mark.parametrize("end", ["Source : the ministry, the court", "Fuente: JNE, ONPE, 2021"])
def test_a_note_with_commas_is_a_note(end):
    assert votes(read(table([]) + end + "\n")) == VOTES


@pytest.mark.parametrize("end", ["Villa Rica de la Veracruz", "Fonte Nuova", "Rest of the country"])
def test_a_place_of_several_words_is_no_note(end):
    with pytest.raises(InputError, match="every row must have 6 cells"):
        read(table([]) + end)


@pytest.mark.parametrize("end", ["Nor", "North East", "(Abroad", "West,800", "East,1,2,3,4"])
def test_the_end_of_a_broken_file_is_no_note(end):
    with pytest.raises(InputError, match="every row must have 6 cells"):
        read(table([]) + end)


def test_a_note_between_rows_is_refused():
    lines = table([]).splitlines()
    with pytest.raises(InputError, match="line 3: every row must have 6 cells"):
        read("\n".join([*lines[:2], "Region: the coast", *lines[2:]]))


LONG = {
    "ukrainian": """дільниця,показник,значення
1,Кількість виборців у списку,1000
1,Недійсні бюлетені,10
1,Зеленський,300
1,Порошенко,250
2,Кількість виборців у списку,900
2,Недійсні бюлетені,5
2,Зеленський,280
2,Порошенко,260
""",
    "english": """precinct,measure,value
1,Registered voters,1000
1,Invalid,10
1,Ada,300
1,Ben,250
2,Registered voters,900
2,Invalid,5
2,Ada,280
2,Ben,260
""",
    "french": """commune;libellé;valeur
A;Inscrits;1000
A;Blancs et nuls;10
A;Alain;300
A;Bernard;250
B;Inscrits;900
B;Blancs et nuls;5
B;Alain;280
B;Bernard;260
""",
    "without units": """показатель,итого
Число избирателей в списках,1900
Недействительных бюллетеней,15
Иванов,580
Петров,510
""",
}


@pytest.mark.parametrize("kind", LONG)
def test_labels_and_numbers_whose_header_does_not_say_what_they_are(kind):
    found = read(LONG[kind], finalists=None, advancement="top two")
    assert sorted(votes(found).values()) == [510, 580]
    assert found.registered.sum() == 1900
    assert found.invalid.sum() == 15


def test_names_that_are_words_are_people_where_sums_need_them():
    """ "Blanc" and "Lead" are people here; where nothing tells, the largest is asked about."""
    text = table(["Exprimés"], [690, 645, 496]).replace("Ada", "Blanc")
    assert votes(read(text)) == {"Blanc": 780, "Ben": 710, "Cyd": 341}
    assert "Blanc (the sum of valid votes needs it)" in read(text).notes[0]
    assert votes(read(table([]).replace("Ada", "Lead")))["Lead"] == 780
    text = table([]).replace("Ada", "Blanc")
    with pytest.raises(InputError, match=r"are a candidate's.*Blanc=candidate.*Blanc=inval"):
        read(text)
    assert votes(read(text, columns={"Blanc": "candidate"}))["Blanc"] == 780
    found = read(text, columns={"Blanc": "invalid"}, finalists=["Ben", "Cyd"])
    assert found.invalid.sum() == 799


def test_a_real_margin_is_no_candidate():
    found = read(table(["Lead"], [50, 20, 0]))
    assert votes(found) == VOTES


def test_a_name_that_is_a_word_of_another_language_only():
    text = table([]).replace("unit,registered,invalid,Ada", "Powiat,Uprawnieni,Nieważne,Ala")
    assert votes(read(text)) == {"Ala": 780, "Ben": 710, "Cyd": 341}


def test_a_majority_says_how_the_columns_were_read():
    text = table(["Rank"], [1, 2, 3]).replace("300", "900").replace("1000", "2000")
    with pytest.raises(InputError, match=r"absolute majority.*Rank \(code\) ignored"):
        read(text)


def test_headers_of_two_lines_and_numbered_columns():
    lines = table([]).splitlines()
    numbered = "\n".join([lines[0], "1,2,3,4,5,6", *lines[1:]])
    assert votes(read(numbered)) == VOTES
    parties = "\n".join([lines[0], ",,,Left,Right,Green", *lines[1:]])
    assert list(votes(read(parties))) == ["Ada Left", "Ben Right", "Cyd Green"]
    signs = lines[0].replace("Ada,Ben", "Ada,%,Ben,%")
    rows = [",".join([*r.split(",")[:4], "40.5", r.split(",")[4], "30.5", r.split(",")[5]])
            for r in lines[1:]]  # fmt: skip
    assert votes(read("\n".join([signs, *rows]))) == VOTES


def test_a_peruvian_table_of_tables():
    text = """UBIGEO,DEPARTAMENTO,MESA_DE_VOTACION,N_CVAS,N_ELEC_HABIL,VOTOS_P1,VOTOS_P2,VOTOS_P3,\
VOTOS_VB,VOTOS_VN,VOTOS_VI
010101,AMAZONAS,000001,700,1000,300,250,140,4,6,0
010101,AMAZONAS,000002,650,900,280,260,105,3,2,0
010102,AMAZONAS,000003,500,800,200,200,96,2,2,0
"""
    found = read(text)
    assert sorted(votes(found).values()) == [341, 710, 780]
    assert (found.registered.sum(), found.invalid.sum()) == (2700, 19)


def test_a_file_of_blank_lines_first_is_read_or_refused():
    with pytest.raises(InputError):
        read("\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nunit;ff\n:32o\n\n\n\nu[\n")


RUNOFF = {
    "stations as text": ("Stations reported", ["12/12", "4 of 9", "0/14"], [1, 4 / 9, 0]),
    "stations in Spanish": ("Mesas escrutadas", ["12 de 12", "4 de 9", "0 de 14"], [1, 4 / 9, 0]),
    "counted": ("counted", ["12/12", "4/9", ""], [1, 4 / 9, 0]),
}


@pytest.mark.parametrize("kind", RUNOFF)
def test_a_part_of_stations_is_how_much_is_counted(kind):
    name, cells, fractions = RUNOFF[kind]
    votes = ((350, 320), (130, 120), (0, 0))
    rows = "\n".join(
        f"{row[0]},{cell},{a},{b}" for row, cell, (a, b) in zip(ROWS, cells, votes, strict=True)
    )
    found = partial_returns(
        read(table([]), finalists=["Ada", "Ben"]),
        Columns.from_text(f"unit,{name},Ada,Ben\n{rows}\n", "r.csv"),
    )
    assert found.counted.tolist() == pytest.approx(fractions)


def test_stations_of_an_unknown_number_are_said():
    first = read(table([]), finalists=["Ada", "Ben"])
    text = "unit,Stations reported,Ada,Ben\nNorth,12,350,320\nSouth,4,130,120\n"
    found = partial_returns(first, Columns.from_text(text, "r.csv"))
    assert any("not of how many" in note for note in found.notes)


def test_changes_and_the_first_round_beside_the_runoff():
    first = read(table([]), finalists=["Ada", "Ben"])
    for more in ("Ada change,Ben change", "Ada (first round),Ben (first round)"):
        text = f"unit,Ada,Ben,{more}\nNorth,350,320,300,250\nSouth,330,300,280,260\n"
        found = partial_returns(first, Columns.from_text(text, "r.csv"))
        assert found.totals == {"Ada": 680, "Ben": 620}
    text = table(["Ada (runoff)", "Ben (runoff)"], [350, 330, 240], [320, 300, 230])
    assert votes(read(text)) == VOTES


SHEETS = {
    "a title, merged headers, numbers, a total, a note": """Central Election Commission,,,,,,,
Results of 4 March,,,,,,,
,,,,,,,
No.,District,Registered voters,Ballots,,Votes for candidates,,
,,,Cast,Invalid,Ada,Ben,Cyd
1,2,3,4,5,6,7,8
1,North,1000,700,10,300,250,140
2,South,900,650,5,280,260,105
3,West,800,500,4,200,200,96
,Total,2700,1850,19,780,710,341
* preliminary,,,,,,,""",
    "a header of three lines": """District,Electorate,Invalid,Candidates,,,,,
,,,Ada,,Ben,,Cyd,
,,,Votes,%,Votes,%,Votes,%
North,1000,10,300,43.5,250,36.2,140,20.3
South,900,5,280,43.4,260,40.3,105,16.3
West,800,4,200,40.3,200,40.3,96,19.4""",
    "regions in merged cells": """Region,Unit,Registered,Invalid,Ada,Ben,Cyd
Coast,North,1000,10,300,250,140
,South,900,5,280,260,105
Hills,West,800,4,200,200,96
,East,0,0,0,0,0
,Rest,0,0,0,0,0""",
    "candidates as rows": """,North,South,West
Registered,1000,900,800
Invalid,10,5,4
Ada,300,280,200
Ben,250,260,200
Cyd,140,105,96""",
    "candidates as rows and a total": """Candidat,North,South,West,Total
Ada,300,280,200,780
Ben,250,260,200,710
Cyd,140,105,96,341
Votes nuls,10,5,4,19
Inscrits,1000,900,800,2700""",
}


@pytest.mark.parametrize("kind", SHEETS)
def test_sheets_as_offices_make_them(kind):
    """As a workbook has them: cells that are merged are empty but for the first."""
    rows, above = below_titles([line.split(",") for line in SHEETS[kind].splitlines()])
    found = Contest.from_frame(Columns._of_rows(rows, "w.xlsx", above), name="w")
    assert votes(found) == VOTES
    assert found.units[:3] == ("North", "South", "West")
    assert (found.registered.sum(), found.invalid.sum()) == (2700, 19)
    if kind == "regions in merged cells":
        assert found.regions == ("Coast", "Coast", "Hills", "Hills", "Hills")


def test_one_region_that_is_missing_is_no_merged_cell():
    text = "region,unit,registered,Ada,Ben\nc,n,99,9,8\n,s,99,9,8\nc,w,99,9,8\nh,e,99,9,8\n"
    with pytest.raises(InputError, match="'region' must not be empty"):
        read(text)


def test_names_that_begin_like_a_heading_stay():
    for names in ("Candidate Ada,Candidate Ben,Candidate Cyd", "Vote X,Vote Y,Vote Z"):
        assert len(votes(read(table([]).replace("Ada,Ben,Cyd", names)))) == 3


def test_the_same_further_word_beside_several_names_is_no_candidate():
    text = table(["Ada Vorperiode", "Ben Vorperiode"], [280, 270, 190], [240, 255, 190])
    assert votes(read(text)) == VOTES
    assert asides(["Ada", "Ada Smith", "Ben", "Ben Jones", "Ben votes"]) == {}


def test_a_column_too_many_is_asked_about_where_several_would_do():
    """Left out on a guess it might be the leader: 300 households beside 300 votes."""
    with pytest.raises(InputError, match=r"NAME=ignored.*Ada, Ben, Cyd, households candidates"):
        read(table(["households"], [400, 380, 310]))
    found = read(table(["households"], [400, 380, 310]), columns={"households": "ignored"})
    assert votes(found) == VOTES
    assert votes(read(table(["inhabitants of all"], [1900, 1880, 1810]))) == VOTES


STATIONS = {
    "Portuguese": ("Seções totais", "Seções totalizadas"),
    "Indonesian": ("Jumlah TPS", "TPS masuk"),
    "Czech": ("Okrsky celkem", "Okrsky zprac."),
    "Italian": ("Sezioni", "Sezioni scrutinate"),
    "Romanian": ("Total sectii", "Sectii numarate"),
}


@pytest.mark.parametrize("language", STATIONS)
def test_stations_in_other_languages(language):
    found = read(table(STATIONS[language], [12, 9, 14], [12, 9, 14]))
    assert votes(found) == VOTES
    assert " of " in found.notes[0]


NATIONAL = {
    "Chilean rows with lists of parties": """\
Región,Comuna,Mesa,Electores Habilitados,Candidato,Lista,Votos
RM,Ñuñoa,1,1000,ADA XI,A,300
RM,Ñuñoa,1,1000,BEN YU,B,250
RM,Ñuñoa,1,1000,VOTOS NULOS,,6
RM,Ñuñoa,1,1000,VOTOS EN BLANCO,,4
RM,Ñuñoa,1,1000,TOTAL,,560
RM,Maipú,1,900,ADA XI,A,280
RM,Maipú,1,900,BEN YU,B,260
RM,Maipú,1,900,VOTOS NULOS,,3
RM,Maipú,1,900,VOTOS EN BLANCO,,2
RM,Maipú,1,900,TOTAL,,545
""",
    "Brazilian sections": """\
CD_MUNICIPIO,NM_MUNICIPIO,NR_ZONA,NR_SECAO,NR_TURNO,QT_APTOS,\
QT_COMPARECIMENTO,QT_ABSTENCOES,NM_VOTAVEL,QT_VOTOS
1,RIO,1,1,1,1000,700,300,ADA XI,300
1,RIO,1,1,1,1000,700,300,BEN YU,250
1,RIO,1,1,1,1000,700,300,VOTO NULO,90
1,RIO,1,1,1,1000,700,300,VOTO BRANCO,60
1,RIO,1,2,1,900,650,250,ADA XI,280
1,RIO,1,2,1,900,650,250,BEN YU,260
1,RIO,1,2,1,900,650,250,VOTO NULO,60
1,RIO,1,2,1,900,650,250,VOTO BRANCO,50
""",
}


@pytest.mark.parametrize("kind", NATIONAL)
def test_national_files(kind):
    found = read(NATIONAL[kind], advancement="top two")
    assert votes(found) == {"ADA XI": 580, "BEN YU": 510}
    assert (found.registered.sum(), len(found.units)) == (1900, 2)


def test_reasons_why_ballots_are_invalid_are_no_candidates():
    reasons = ["of which because of two marks or more", "of which because of no mark at all"]
    text = table([]).replace("invalid,Ada", f"invalid,{reasons[0]},{reasons[1]},Ada")
    for row, more in zip(ROWS, ("6,4", "3,2", "2,2"), strict=True):
        text = text.replace(f"{row[2]},{row[3]}", f"{row[2]},{more},{row[3]}")
    found = read(text)
    assert votes(found) == VOTES
    assert "a part of invalid" in found.notes[0]
