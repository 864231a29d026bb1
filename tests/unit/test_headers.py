"""Headers, rounds and labels of official tables in many languages: lines above, merged cells."""

import pytest
from test_odd_layouts import ROWS, VOTES, read, table, votes

from forecast import InputError
from forecast.facts.tables.count_table import count_table
from forecast.facts.tables.counted_cells import reading
from forecast.files.columns import Columns
from forecast.files.tables import below_titles

ROUNDS = (
    ("1º turno", "2º turno"), ("1.ª volta", "2.ª volta"), ("1ª vuelta", "2ª vuelta"),
    ("Primera vuelta", "Segunda vuelta"), ("1er tour", "2nd tour"), ("Premier tour", "Second tour"),
    ("1er tour", "2ème tour"), ("Primo turno", "Ballottaggio"), ("I тур", "II тур"),
    ("Перший тур", "Другий тур"), ("Первый тур", "Второй тур"), ("1-й тур", "2-й тур"),
    ("Първи тур", "Втори тур"), ("Прв круг", "Втор круг"), ("Први круг", "Други круг"),
    ("Prvi krug", "Drugi krug"), ("1. krog", "2. krog"), ("První kolo", "Druhé kolo"),
    ("I. kolo", "II. kolo"), ("Ensimmäinen kierros", "Toinen kierros"), ("Turul I", "Turul II"),
    ("Primul tur", "Turul doi"), ("Pierwsza tura", "Druga tura"), ("1. forduló", "2. forduló"),
    ("Putaran Pertama", "Putaran Kedua"), ("Birinci tur", "İkinci tur"), ("I turas", "II turas"),
    ("Pirmasis turas", "Antrasis turas"), ("الدورة الأولى", "الدورة الثانية"),
    ("الجولة الأولى", "الجولة الثانية"), ("I ტური", "II ტური"),
    ("პირველი ტური", "მეორე ტური"), ("Α΄ γύρος", "Β΄ γύρος"), ("1ος γύρος", "2ος γύρος"),
    ("1. Wahlgang", "2. Wahlgang"), ("Erster Wahlgang", "Stichwahl"), ("1st round", "2nd round"),
    ("First round", "Second round"), ("First ballot", "Second ballot"), ("Vòng 1", "Vòng 2"),
    ("Eerste ronde", "Tweede ronde"), ("Esimene voor", "Teine voor"), ("R1", "R2"), ("T1", "T2"),
    ("Tour 1", "Tour 2"), ("Първи тур 2021", "Втори тур 2021"), ("28.10.2018", "28.11.2018"),
)  # fmt: skip


@pytest.mark.parametrize(("first", "second"), ROUNDS)
def test_candidates_below_a_line_of_rounds(first, second):
    text = (f"Candidate;{first};;{second};\n;Votes;%;Votes;%\nAda;780;42,6;801;50,1\n"
            "Ben;710;38,8;799;49,9\nCyd;341;18,6;;\n")  # fmt: skip
    found = read(text, electorate="voters")
    assert votes(found) == VOTES
    assert found.finalists == ("Ada", "Ben")
    assert count_table(Columns.from_text(text, "t.csv"), 2).totals == {
        "Ada": 801, "Ben": 799, "Cyd": 0}  # fmt: skip


@pytest.mark.parametrize(("first", "second"), [pair for pair in ROUNDS if "2021" not in pair[0]])
def test_rows_of_rounds_and_people_of_rounds(first, second):
    counts = {1: (ROWS[0][3:], ROWS[1][3:]), 2: ((301, 260), (280, 290))}
    long = ["round;unit;candidate;votes"]
    long += [f"{word};{unit};{who};{n}" for which, word in ((1, first), (2, second))
             for unit, row in zip(("North", "South"), counts[which], strict=True)
             for who, n in zip(VOTES, row, strict=False)]  # fmt: skip
    heads = [
        *(f"{who} ({first})" for who in VOTES),
        *(f"{who} ({second})" for who in ["Ada", "Ben"]),
    ]
    wide = [";".join(("unit", *heads))]
    wide += [f"{unit};{';'.join(map(str, (*counts[1][u], *counts[2][u])))}"
             for u, unit in enumerate(("North", "South"))]  # fmt: skip
    for lines in (long, wide):
        columns = Columns.from_text("\n".join(lines), "t.csv")
        assert count_table(columns, 1).votes.tolist() == [
            [300, 250, 140],
            [280, 260, 105],
        ]
        totals = count_table(columns, 2).totals
        assert {who: n for who, n in totals.items() if n} == {"Ada": 581, "Ben": 550}


@pytest.mark.parametrize(
    "head", ["Candidato;Vice;1º turno;;2º turno;", "Candidat;Liste;1er tour;;2e tour;"]
)
def test_rows_of_ballots_below_candidates_of_both_rounds(head):
    text = (f"{head}\n;;Votes;%;Votes;%\nAda;Vi;780;42,6%;801;50,1%\nBen;Wu;710;38,8%;799;49,9%\n"
            "Cyd;Xu;341;18,6%;;\nVotos nulos;;19;;20;\n")  # fmt: skip
    found = read(text, electorate="voters")
    assert votes(found) == VOTES
    assert (found.finalists, found.invalid.tolist()) == (("Ada", "Ben"), [19])


@pytest.mark.parametrize(
    "names", [("Ann Lee I", "Bob Ray"), ("Ada II", "Ben"), ("Primo Levi", "Ada")]
)
def test_people_called_like_a_round_keep_their_votes(names):
    text = f"unit;{names[0]} votes;{names[1]} votes;Cyd votes\nn;300;250;140\ns;280;260;105\n"
    assert votes(read(text, electorate="voters")) == {names[0]: 580, names[1]: 510, "Cyd": 245}


BLOCKS = {
    "labels": "Uprawnieni{m}2 700{e}Głosów ważnych{m}1 831{e}",
    "shares": "Electors{m}2,700{m}100%{e}Voted{m}1,850{m}68.5%{e}",
    "own header": "Wahlberechtigte{m}Wähler{e}2700{m}1850{e}",
    "title": "Wahl des Präsidenten 2020{e}Wahlberechtigte{m}2700{e}Stand{m}12.07.2020{e}",
}


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize("mark", ["\t", ";"])
@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_above_the_header_is_skipped(block, mark, gap):
    above = BLOCKS[block].format(m=mark, e="\n")
    rows = ("No.", "Candidate", "Votes", "%"), ("1", "Ada", "780", "42.6"), \
        ("2", "Ben", "710", "38.8"), ("3", "Cyd", "341", "18.6")  # fmt: skip
    text = above + gap + "".join(mark.join(row) + "\n" for row in rows)
    found = read(text, electorate="voters")
    assert votes(found) == VOTES
    said = "above the header left out: " in " ".join(found.notes)
    assert said == (block in ("labels", "shares"))  # 2700 may be a year
    sheet, _ = below_titles([[*line.split(mark), *[""] * 4][:4] for line in text.splitlines()])
    assert tuple(sheet[0]) == rows[0]


def test_a_row_too_wide_is_no_header():
    with pytest.raises(InputError, match="line 5: every row must have 6 cells"):
        read(table([]) + "East,9,9,1,2,3,4,5\nEast,9,9,1,2,3,4,5\n")


MERGED = {
    "czech": "Kandidát;;strana;1. kolo;;2. kolo;\nčíslo;příjmení, jméno;;hlasy;%;hlasy;%\n",
    "polish": "Kandydat;;Partia;I tura;;II tura;\nNr;Nazwisko i imię;;głosy;%;głosy;%\n",
    "english": "Candidate;;Party;First round;;Runoff;\nNo.;Name;;Votes;%;Votes;%\n",
    "spanish": "Candidato;;Partido;1ª vuelta;;2ª vuelta;\nN°;Nombre;;Votos;%;Votos;%\n",
}


@pytest.mark.parametrize("missing", ["X", "x", "", "-"])
@pytest.mark.parametrize("language", MERGED)
def test_a_merged_cell_over_numbers_and_names_of_candidates(language, missing):
    text = (f"{MERGED[language]}1;Ada;Left;780;42,6;801;50,1\n2;Ben;Free;710;38,8;799;49,9\n"
            f"3;Cyd;Left;341;18,6;{missing};{missing}\n")  # fmt: skip
    found = read(text, electorate="voters")
    assert (votes(found), found.finalists) == (VOTES, ("Ada", "Ben"))
    assert found.units == ("all",)


@pytest.mark.parametrize("head", ["Stimmen", "Votes", "Voix", "Głosy"])
def test_a_merged_cell_ends_before_names_with_a_sign_of_their_own(head):
    text = (f"No;Place;Electors;{head};;;;;;;;\n"
            ";;;cast;valid;invalid;Dr. Ada A.;%;Ben B.;%;Cyd C.;%\n"
            "A;North;1000;700;690;10;300;43,5;250;36,2;140;20,3\n"
            "B;South;900;650;645;5;280;43,4;260;40,3;105;16,3\n")  # fmt: skip
    found = read(text)
    assert votes(found) == {"Dr. Ada A.": 580, "Ben B.": 510, "Cyd C.": 245}
    assert found.invalid.tolist() == [10, 5]


TOTALS_BESIDE = {
    "peru": ("ORGANIZACIÓN POLÍTICA,CANDIDATO,TOTAL VOTOS,% VOTOS VÁLIDOS",
             "TOTAL DE VOTOS VÁLIDOS", "VOTOS EN BLANCO", "VOTOS NULOS", "TOTAL DE VOTOS EMITIDOS"),
    "brazil": ("Partido,Candidato,Votos,%", "Votos válidos", "Brancos", "Nulos", "Comparecimento"),
    "english": ("Party,Candidate,Votes,%", "Valid votes",
                "Blank ballots", "Invalid votes", "Turnout"),
    "polish": ("Komitet,Kandydat,Głosy,%", "Głosy ważne",
               "Głosy puste", "Głosy nieważne", "Wyjęte karty"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TOTALS_BESIDE)
def test_rows_labelled_in_another_column_than_the_candidates(kind):
    head, valid, blank, null, every = TOTALS_BESIDE[kind]
    text = (f"{head}\nX LEFT,Ada,780,42.6\nY FREE,Ben,710,38.8\nX LEFT,Cyd,341,18.6\n"
            f"{valid},,1831,100\n{blank},,10,\n{null},,9,\n{every},,1850,\n")  # fmt: skip
    found = read(text, electorate="voters")
    assert (votes(found), found.invalid.tolist()) == (VOTES, [19])


@pytest.mark.parametrize(
    "head", ["Politická příslušnost", "Nominated by", "Movimiento", "Wahlvorschlag"]
)
def test_who_repeats_beside_candidates_is_no_place(head):
    text = (f"No;Candidate;{head};1st round votes;1st round %;2nd round votes\n"
            "1;Ada;none;780;42,6;801\n2;Ben;FREE;710;38,8;799\n"
            "4;Cyd;none;341;18,6;X\n5;Dan;LEFT;20;1,1;X\n6;Eve;none;18;1,0;X\n")  # fmt: skip
    found = read(text, electorate="voters")
    assert (found.units, found.finalists) == (("all",), ("Ada", "Ben"))
    for name in Columns.from_text(text, "t.csv").names:
        assert name in found.notes[0] or name in ("Candidate", "1st round votes"), name


def test_unknown_names_of_places_still_name_units():
    text = "Ort2;Candidate;Votes\nN;Ada;300\nN;Ben;250\nS;Ada;280\nS;Ben;260\nS;Cyd;140\n"
    assert read(text, electorate="voters").units == ("N", "S")


@pytest.mark.parametrize("head", ["Liczba obwodów", "Number of precincts", "Nombre de bureaux",
                                  "Anzahl Wahlbezirke", "Número de mesas"])  # fmt: skip
def test_how_many_stations_there_are_is_no_unit(head):
    found = read(table([head], [60, 62, 9]).replace("unit", "Powiat"))
    assert f"{head} unit" not in found.notes[0]
    assert f"{head} (" in found.notes[0]
    assert found.units == ("North", "South", "West")


STATES = {
    1.0: ("da", "კი", "Taip", "Jah", "نعم", "Опрацьовано", "Підраховано", "Sudah", "Procesada"),
    0.0: (
        "ne",
        "არა",
        "Ei",
        "لا",
        "Не опрацьовано",
        "Bekliyor",
        "in corso",
        "Por procesar",
        "Belum",
    ),
}


@pytest.mark.parametrize(
    ("cell", "counted"), [(c, n) for n, cells in STATES.items() for c in cells]
)
def test_states_of_a_count_in_other_languages(cell, counted):
    assert reading(cell).value == counted


@pytest.mark.parametrize("head", [";Candidate;Votes", "unit;Candidate;Votes", "unit;;Votes"])
@pytest.mark.parametrize("missing", ["-", "", "n/a"])
def test_a_first_row_without_a_number_is_no_header(head, missing):
    columns = Columns.from_text(f"{head}\nN;Ada;{missing}\nN;Ben;250\nS;Ada;280\nS;Ben;260\n", "t")
    assert len(columns) == 4


@pytest.mark.parametrize("party", ["({})", "[{}]", "- {}", "({}-New)", "({} II)"])
@pytest.mark.parametrize("votes_of", ["VOTES", "Votes", "(votes)"])
def test_a_party_in_brackets_over_votes_keeps_both_brackets(party, votes_of):
    """ "John Mills (NDC)" over "VOTES" was "John Mills (NDC"."""
    people = [f"{name} {party.format(of)}" for name, of in (("John Mills", "NDC"), ("Eva", "IND"))]
    text = f"Constituency,{people[0]},,{people[1]},\n,{votes_of},%,{votes_of},%\n"
    found = read(
        text + "x,40,57.1,30,42.9\ny,50,55.6,40,44.4\n", electorate="voters", finalists=people
    )
    assert votes(found) == {people[0]: 90, people[1]: 70}
