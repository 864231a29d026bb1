"""Tables whose layout misleads: each was once read wrongly without a word, or refused."""

import io

import pandas as pd
import pytest

from forecast import Contest, InputError, read_contest, read_partial_returns, read_returns
from forecast.facts.many_contests import read_contests
from forecast.files.spreadsheets import _text
from forecast.files.tables import rows_of_text

OPTIONS = {"advancement": "top two", "electorate": "voters"}
TABLE = """unit,registered,invalid,Ana,Luis,Marta
North,1000,10,300,250,140
South,900,5,280,260,105
West,800,4,200,210,96
"""
TOTALS = {"Ana": 780, "Luis": 720, "Marta": 341}


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **OPTIONS | options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


def long(head, *columns, units="ns", people=("Ana", "Luis", "Marta")):
    """Return rows of every unit and candidate; a column is a function of the two numbers."""
    lines = [[u, p, *[f(i, k) for f in columns]] for i, u in enumerate(units)
             for k, p in enumerate(people)]  # fmt: skip
    return "\n".join([f"unit,candidate,{head}", *[",".join(map(str, line)) for line in lines]])


def count(i, k):
    return (300, 250, 140)[k] + 10 * i


def wrapped(text, where):
    head, rows = text.split("\n", 1)
    names = head.split(",")
    head = ",".join(f'"{n}\nvotes"' if k in where else n for k, n in enumerate(names))
    return f"{head}\n{rows}"


@pytest.mark.parametrize("where", [(3,), (3, 4, 5), (1, 2, 3, 4, 5)])
@pytest.mark.parametrize("title", ["", 'A table\n"with a\nsecond ""line"""\n'])
@pytest.mark.parametrize("unit", ["North", '"North\r\nEast"'])
def test_a_line_break_within_a_cell_is_a_space(tmp_path, where, title, unit):
    found = contest(title + wrapped(TABLE, where).replace("North", unit), tmp_path)
    assert sorted(votes(found).values()) == sorted(TOTALS.values())
    assert found.units == (" ".join(unit.strip('"').split()), "South", "West")
    assert found.registered.sum() == 2700


def test_a_line_break_within_a_cell_of_a_sheet_or_frame_is_a_space():
    assert _text("Ana\nTorres") == "Ana Torres"
    frame = pd.read_csv(io.StringIO(TABLE)).rename(columns={"Ana": "Ana\nTorres"})
    frame["unit"] = frame["unit"] + "\nward"
    found = Contest.from_frame(frame, name="x", **OPTIONS)
    assert (found.candidates[0], found.units[0]) == ("Ana Torres", "North ward")


def test_a_comma_before_a_closing_quote_opens_no_cell():
    rows, _ = rows_of_text('unit,Ada\n"a,",1\n"b",2\n', "x.csv", most=99)
    assert [*rows] == [["unit", "Ada"], ["a,", "1"], ["b", "2"]]


@pytest.mark.parametrize(
    "names",
    ["votes general,votes runoff", "votes generales,votes balotaje", "votes,votes runoff",
     "general votes,runoff votes", "votes runoff,votes general", "votos,votos 2a vuelta"],
)  # fmt: skip
def test_votes_beside_those_of_the_runoff_are_of_the_first_round(tmp_path, names):
    def again(i, k):
        return (330, 360, "")[k]

    columns = (again, count) if names.startswith("votes runoff") else (count, again)
    found = contest(long(names, *columns), tmp_path)
    assert votes(found) == {"Ana": 610, "Luis": 510, "Marta": 290}


def test_two_columns_of_votes_that_differ_in_a_word_are_asked_about(tmp_path):
    with pytest.raises(InputError, match=r"one column must be the votes.*General=votes"):
        contest(long("votes General,votes Special", count, count), tmp_path)


@pytest.mark.parametrize(("first", "more"), [("2018-10-07", True), ("7 Oct 2018", False)])
@pytest.mark.parametrize("layout", ["wide", "long"])
def test_days_years_apart_are_two_elections(tmp_path, first, more, layout):
    later = "2022-10-02" if more else "2 Oct 2022"
    text = TABLE if layout == "wide" else long("votes", count)
    head, *rows = text.strip().split("\n")
    lines = [f"date,{head}", *[f"{day},{row}" for day in (first, later) for row in rows]]
    text = "\n".join(lines)
    with pytest.raises(InputError, match=rf"must hold one election.*--contest '{later}'"):
        contest(text, tmp_path)
    found = contest(text, tmp_path, columns={"date": "contest"}, contest=later)
    assert votes(found)["Ana"] == (780 if layout == "wide" else 610)
    near = text.replace(first, "2022-02-02" if more else "2 Feb 2022")
    assert any("rounds are told apart by date" in note for note in contest(near, tmp_path).notes)


OPEN = [
    ("% reporting", (100, 40, 0)),
    ("counted", (1, 0.4, 0)),
    ("Status", ("final", "partial", "partial")),
    ("Estado", ("Completo", "En proceso", "Pendiente")),
    ("Stav", ("zpracováno", "nezpracováno", "nezpracováno")),
    ("Precincts", ("12/12", "4/10", "0/5")),
    ("Precincts reporting", ("12 of 12", "4 of 10", "0 of 5")),
    ("Avance", ("100%", "50%", "0%")),
    ("is_final", ("true", "false", "false")),
    ("precincts_reporting,precincts_total", ("12,12", "4,10", "0,5")),
    ("Obwody,Obwody zliczone", ("12,12", "10,4", "5,0")),
]


def beside(name, cells):
    head, *rows = TABLE.strip().split("\n")
    rows = [f"{row},{cell}" for row, cell in zip(rows, cells, strict=True)]
    return "\n".join([f"{head},{name}", *rows])


@pytest.mark.parametrize(("name", "cells"), OPEN)
def test_a_first_round_that_is_still_being_counted_is_no_result(tmp_path, name, cells):
    text = beside(name, cells)
    with pytest.raises(InputError, match=r"must be counted out.*2 of 3 .*South \(.*=ignored"):
        contest(text, tmp_path)
    ignored = dict.fromkeys(name.split(","), "ignored")
    assert votes(contest(text, tmp_path, columns=ignored)) == TOTALS
    assert votes(contest(beside(name, [cells[0]] * 3), tmp_path)) == TOTALS


@pytest.mark.parametrize(
    ("name", "cells"),
    [("Ana in %", (100, 43, 20)), ("Left Party %", (100, 43, 20)), ("Turnout %", (100, 40, 3)),
     ("Status", ("Final", "Provisional", "Provisional")), ("reported", ("20:15", "21:00", "")),
     ("Precincts reporting", (100, 40, 3)), ("Ward", (100, 4, 3)), ("type", ("A", "B", "B"))],
)  # fmt: skip
def test_what_says_nothing_of_the_count_refuses_no_first_round(tmp_path, name, cells):
    assert votes(contest(beside(name, cells), tmp_path)) == TOTALS


PAIRS = [
    "reported,expected", "n_reported,n_total", "Secții raportate,Secții total", "in,of",
    "Obwody zliczone,Obwody", "Sezioni pervenute,Sezioni totali", "Obrađeno BM,Ukupno BM",
    "prec_rep,prec_tot", "VE_reported,VE_total", "anz-schnellmeldungen,max-schnellmeldungen",
]  # fmt: skip


def night(tmp_path, head, *rows):
    first = contest(TABLE, tmp_path, finalists=["Ana", "Luis"], advancement=None)
    path = tmp_path / "night.csv"
    path.write_text("\n".join([head, *rows]), "utf-8")
    return read_partial_returns(path, first)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", PAIRS)
def test_what_is_reported_of_all_there_is_says_how_much_is_counted(tmp_path, pair, turned):
    one, two = pair.split(",")[:: -1 if turned else 1]
    part = "4,2" if turned else "2,4"
    rows = ["North,340,300,4,4", f"South,170,150,{part}"]
    found = night(tmp_path, f"unit,Ana,Luis,{one},{two}", *rows)
    assert found.counted.tolist() == [1, 0.5, 0]
    assert found.totals == {"Ana": 510, "Luis": 450}


@pytest.mark.parametrize(
    "cell",
    ["pending", "Pendiente", "s/d", "brak danych", "N.D.", "nicht ausgezählt", "не поступили",
     "not counted", "oczekuje", "sin procesar", "nezpracováno"],
)  # fmt: skip
def test_votes_that_are_said_to_be_pending_are_not_counted(tmp_path, cell):
    found = night(tmp_path, "unit,Ana,Luis", "North,340,300", f"South,{cell},{cell}", "West,90,80")
    assert found.counted.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("name", "done", "undone"),
    [("Stav", "zpracováno", "nezpracováno"), ("Statut", "Dépouillé", "En attente"),
     ("Stan", "Zatwierdzony", "Oczekuje"), ("Durum", "Açıldı", "Bekleniyor"),
     ("Estado", "Procesada", "Sin procesar")],
)  # fmt: skip
def test_states_of_the_count_in_more_words(tmp_path, name, done, undone):
    rows = [f"North,340,300,{done}", f"South,0,0,{undone}", f"West,90,80,{done}"]
    assert night(tmp_path, f"unit,Ana,Luis,{name}", *rows).counted.tolist() == [1, 0, 1]


UNNAMED = [
    [("Unit", "Unnamed: 0_level_1"), ("Registered", "Unnamed: 1_level_1"),
     ("Invalid", "Unnamed: 2_level_1"), ("Votes", "Ana"), ("Votes", "Luis"), ("Votes", "Marta")],
    [("Unnamed: 0_level_0", "Unit"), ("Unnamed: 1_level_0", "Registered"),
     ("Unnamed: 2_level_0", "Invalid"), ("Votes", "Ana"), ("Votes", "Luis"), ("Votes", "Marta")],
    [(name, name) for name in ("Unit", "Registered", "Invalid", "Ana", "Luis", "Marta")],
]  # fmt: skip


@pytest.mark.parametrize("join", [None, " ".join, "_".join, str, "frame"])
@pytest.mark.parametrize("names", UNNAMED)
def test_what_pandas_calls_empty_is_no_part_of_a_name(tmp_path, names, join):
    frame = pd.read_csv(io.StringIO(TABLE))
    frame.columns = pd.MultiIndex.from_tuples(names)
    if join == "frame":
        found = Contest.from_frame(frame, name="x", **OPTIONS)
    else:
        if join:
            frame.columns = list(map(join, names))
        found = contest(frame.to_csv(index=False), tmp_path)
    assert found.registered.sum() == 2700
    assert sorted(votes(found).values()) == sorted(TOTALS.values())
    assert not any("Unnamed" in name for name in found.candidates)


CLARITY = """Governor (Vote For 1),,,,,,,,
,,Ana Torres (Dem),,,Luis Paredes (Rep),,,Total
County,Registered Voters,Election Day,Absentee,Total Votes,Election Day,Absentee,Total Votes,
Adams,1000,200,100,300,150,100,250,550
Brown,900,180,100,280,160,100,260,540
Total:,1900,380,200,580,310,200,510,1090
"""


@pytest.mark.parametrize("above", [0, 1])
def test_a_heading_over_some_columns_only_is_part_of_their_names(tmp_path, above):
    found = contest(CLARITY.split("\n", above)[-1], tmp_path)
    assert votes(found) == {"Ana Torres (Dem)": 580, "Luis Paredes (Rep)": 510}
    assert (found.units, found.registered.sum()) == (("Adams", "Brown"), 1900)


def test_a_header_that_is_repeated_between_rows_is_no_unit(tmp_path):
    head, *rows = TABLE.strip().split("\n")
    assert votes(contest("\n".join([head, *rows[:2], head, rows[2]]), tmp_path)) == TOTALS


STOOD = ("Ana", "Luis", "Marta", "Jo")


@pytest.mark.parametrize(
    ("name", "values"),
    [("DS_SIT_TOT_TURNO", ("2º TURNO", "NÃO ELEITO")), ("status", ("Runoff", "Not elected")),
     ("zzz", ("advances", "eliminated")), ("Situação", ("x", "y")), ("Geschlecht", ("w", "m")),
     ("zzz", ("K", "M")), ("zzz", ("Élu", "Battu")), ("outcome", ("in", "out"))],
)  # fmt: skip
def test_what_is_said_of_candidates_tells_no_contests_apart(tmp_path, name, values):
    text = long(f"votes,{name}", lambda _, k: 300 - 50 * k, lambda _, k: values[k // 2],
                people=STOOD)  # fmt: skip
    found = contest(text, tmp_path)
    assert votes(found) == dict(zip(STOOD, (600, 500, 400, 300), strict=True))
    assert f"{name} (of candidates) ignored" in found.notes[0]
    with pytest.raises(InputError, match=f"no contest '{values[0]}'"):
        contest(text, tmp_path, contest=values[0])


MARKS = ["(000)", "('000)", "'000", "(thousands)", "in thousands", "(tys.)", "(тыс.)", "(Tsd.)",
         "(en miles)", "(em milhares)", "w tys.", "(millions)"]  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("where", ["title", "Ana", "registered", "all", "below"])
def test_thousands_are_no_counts_of_people(tmp_path, mark, where):
    names = TABLE.split("\n", 1)[0].split(",")[1:]
    text = {"title": f"Votes {mark}\n{TABLE}", "below": f"{TABLE}Note: votes {mark}.\n"}.get(where)
    text = text or TABLE
    for name in names if where == "all" else [where]:
        text = text.replace(f",{name}", f",{name} {mark}")
    with pytest.raises(InputError, match="which says that they are in thousands"):
        contest(text, tmp_path)


@pytest.mark.parametrize("name", ["Population (000)", "Elevation ('000)"])
def test_what_is_no_vote_may_be_in_thousands(tmp_path, name):
    assert votes(contest(beside(name, (3, 4, 5)), tmp_path)) == TOTALS
    text = beside("Zzz (000)", (3, 4, 5)).replace("Ana", "Ana (MLN)").replace("Luis", "Luis (K)")
    found = contest(text, tmp_path, columns={"Zzz (000)": "ignored"})
    assert sum(votes(found).values()) == sum(TOTALS.values())


def secoes(code, name="NR_LOCAL_VOTACAO"):
    head = f"NM_MUNICIPIO;NR_ZONA;NR_SECAO;NR_VOTAVEL;NM_VOTAVEL;QT_VOTOS;{name};SQ_CANDIDATO"
    people = (("13", "LULA", 60), ("22", "BOLSONARO", 90), ("95", "VOTO BRANCO", 5))
    rows = [f"{place};{zone};{station};{k};{who};{n + 9 * zone};{1000 + station};{code}{k}"
            for place in ("RIO", "ACRE") for zone in (1, 2) for station in (1, 2)
            for k, who, n in people]  # fmt: skip
    return "\n".join([head, *rows])


@pytest.mark.parametrize("code", ["2800016001", "00", "9"])
@pytest.mark.parametrize("name", ["NR_LOCAL_VOTACAO", "x"])
def test_brazilian_sections_are_read_by_zone_and_section(tmp_path, code, name):
    found = contest(secoes(code, name), tmp_path)
    assert votes(found) == {"LULA": 588, "BOLSONARO": 828}
    assert (len(found.units), found.invalid.sum()) == (8, 148)


CZECH = """OKRES,OBEC,OKRSEK,KOLO,CHYBA,OPRAVA,VOL_SEZNAM,VYD_OBALKY,ODEVZ_OBAL,PL_HL_CELK,\
HLASY_01,HLASY_02,HLASY_03
1100,500054,1001,1,0,0,1000,701,700,690,300,250,140
1100,500054,1002,1,0,0,900,650,650,645,280,260,105
1100,500054,1001,2,0,0,1000,720,720,710,330,380,0
1100,500054,1002,2,0,0,900,660,660,650,300,350,0
"""


def test_the_codes_of_the_czech_office_are_known(tmp_path):
    found = contest(CZECH, tmp_path, advancement=None, electorate="registered")
    assert votes(found) == {"HLASY_01": 580, "HLASY_02": 510, "HLASY_03": 245}
    assert (found.registered.sum(), found.invalid.sum()) == (1900, 15)
    assert found.units == ("1001", "1002")


@pytest.mark.parametrize(
    ("old", "new"),
    [(",280,", ",280*,"), (",280,", ",280[1],"), (",280,", ",280†,"), (",280,", ",280 (43.4%),"),
     (",280,", ",280¹,"), (",280,", ',"43,4 % (280)",')],
)  # fmt: skip
def test_what_stands_beside_a_count_is_no_part_of_it(tmp_path, old, new):
    assert votes(contest(TABLE.replace(old, new), tmp_path)) == TOTALS
    other = TABLE.replace(old, new).replace(",300,", ",300 (42%),").replace(",200,", ",200 (4%),")
    assert votes(contest(other, tmp_path)) == TOTALS


@pytest.mark.parametrize("where", ["", "x,"])
def test_a_last_row_without_a_name_that_sums_up_the_others_is_a_total(tmp_path, where):
    head, *rows = TABLE.strip().split("\n")
    head = f"region,{head}" if where else head
    rows = [where + row for row in rows]
    total = "," * len(where[1:]) + ",2700,19,780,720,341"
    found = contest("\n".join([head, *rows, total]), tmp_path)
    assert (votes(found), found.units) == (TOTALS, ("North", "South", "West"))
    assert any("sum of others left out" in note for note in found.notes)
    with pytest.raises(InputError, match="must not be empty"):
        contest("\n".join([head, *rows, total.replace("780", "781")]), tmp_path)


@pytest.mark.parametrize("mark", ["|", " | ", "\t"])
def test_bars_may_stand_between_cells(tmp_path, mark):
    assert votes(contest(TABLE.replace(",", mark), tmp_path)) == TOTALS


@pytest.mark.parametrize("mark", [",", "\t"])
def test_text_that_is_called_xls_is_read(tmp_path, mark):
    assert votes(contest(TABLE.replace(",", mark), tmp_path, name="votes.xls")) == TOTALS


@pytest.mark.parametrize(
    ("text", "name", "what"),
    [("<html><table><tr><td>unit</td></tr></table></html>", "x.xls", "a web page or XML"),
     ("\ufeff<!DOCTYPE html>\n<body>", "x.csv", "a web page or XML"),
     ("<?xml version='1.0'?><Workbook/>", "x.xls", "a web page or XML"),
     ('[{"unit": "n", "Ana": 3, "Luis": 4}]', "x.json", "JSON, which is not read"),
     ('{"units": [\n{"unit": "n", "Ana": 3}]}', "x.csv", "JSON, which is not read")],
)  # fmt: skip
def test_files_that_are_no_tables_are_called_what_they_are(tmp_path, text, name, what):
    with pytest.raises(InputError, match=f"{name}: must be a table - found {what}"):
        contest(text, tmp_path, name=name)


def test_a_heading_between_rows_is_called_so(tmp_path):
    with pytest.raises(InputError, match=r"line 2.*'SOUTH' has none.*a heading.*'region'"):
        contest(TABLE.replace("North", "SOUTH,,,,,\nNorth"), tmp_path)


def test_a_round_that_is_repeated_belongs_to_the_name_on_its_left(tmp_path):
    head = "unit,Ana,1st round,Luis,1st round"
    first = contest(TABLE, tmp_path, finalists=["Ana", "Luis"], advancement=None)
    path = tmp_path / "later.csv"
    path.write_text(f"{head}\nNorth,340,300,330,250\nSouth,300,280,310,260\nWest,1,200,2,210\n")
    assert read_returns(path, contest=first).totals == {"Ana": 641, "Luis": 642}


ARGENTINA = (
    "seccion_nombre,mesa_id,mesa_electores,agrupacion_id,agrupacion_nombre,votos_tipo,"
    "votos_cantidad"
)
KINDS = (("EN BLANCO", 5), ("NULO", 3), ("RECURRIDO", 1), ("COMANDO", 0))


def test_rows_without_a_name_are_called_by_their_kind(tmp_path):
    rows = [f"S{m},{m},340,{130 + k},{p},POSITIVO,{count(m, k)}" for m in (1, 2)
            for k, p in enumerate(("ANA", "LUIS", "MARTA"))]  # fmt: skip
    rows += [f"S{m},{m},340,0,,{kind},{n}" for m in (1, 2) for kind, n in KINDS]
    found = contest("\n".join([ARGENTINA, *rows]), tmp_path)
    assert votes(found) == {"ANA": 630, "LUIS": 530, "MARTA": 310}
    assert (found.invalid.sum(), found.registered.sum(), len(found.units)) == (18, 680, 2)


def test_votes_of_candidates_may_be_called_so(tmp_path):
    head = "PARROQUIA_NOMBRE;JUNTA;JUNTA_SEXO;SUFRAGANTES;VOTOS_BLANCOS;CANDIDATO_CODIGO;"
    rows = [f"Par{u};{j};{'FM'[w]};900;5;{k};{p};{count(u, k) + j * (1 + 8 * w)}"
            for u in (1, 2) for j in (1, 2) for w in (0, 1)
            for k, p in enumerate(("ANA", "LUIS", "MARTA"))]  # fmt: skip
    found = contest("\n".join([f"{head}CANDIDATO_NOMBRE;CANDIDATO_VOTOS", *rows]), tmp_path)
    assert votes(found) == {"ANA": 2580, "LUIS": 2180, "MARTA": 1300}
    assert (len(found.units), found.invalid.sum()) == (8, 40)


@pytest.mark.parametrize("unit", ["Circuito", "CRV"])
def test_a_list_is_a_candidate_where_rows_have_blank_votes(tmp_path, unit):
    labels = (*STOOD, "EN BLANCO", "ANULADOS")
    rows = [f"VOTOS,{d},{k},{p},Lista,{300 - 50 * n}" for d in ("MO", "CA") for k in (1, 2)
            for n, p in enumerate(labels)]  # fmt: skip
    text = "\n".join([f"TipoRegistro,Departamento,{unit},Lema,Descripcion,CantidadVotos", *rows])
    said = {"Departamento": "unit", unit: "unit"} if unit == "CRV" else None
    found = contest(text, tmp_path, columns=said)
    assert votes(found) == dict(zip(STOOD, (1200, 1000, 800, 600), strict=True))
    assert (len(found.units), found.invalid.sum()) == (4, 600)


@pytest.mark.parametrize("as_column", [True, False])
def test_many_contests_in_the_words_of_ministries(tmp_path, as_column):
    people = (("ANA", "UG", 90), ("BOB", "RN", 110), ("CYD", "ENS", 70))
    head = "circonscription;candidat;nuance;voix" + ";Inscrits;Nuls" * as_column
    rows = [f"{c};{p};{f};{n}" + ";500;7" * as_column for c in ("Ain", "Var") for p, f, n in people]
    rows += [f"{c};{p};;{n}" for c in ("Ain", "Var") for p, n in (("Inscrits", 500), ("Nuls", 7))
             ][: 0 if as_column else None]  # fmt: skip
    path = tmp_path / "many.csv"
    path.write_text("\n".join([head, *rows]), "utf-8")
    found = read_contests(path, advancement="majority; 12.5% of registered").contests
    assert [c.name for c in found] == ["Ain", "Var"]
    assert [(int(c.registered[0]), int(c.invalid[0])) for c in found] == [(500, 7)] * 2
    assert found[0].candidates == ("ANA", "BOB", "CYD")
    path.write_text(path.read_text("utf-8").replace("nuance", "nuance;département", 1), "utf-8")
    with pytest.raises(InputError):
        read_contests(path)


ROUNDS = [
    ("1st round", "2nd round"), ("1º turno", "2º turno"), ("1ª vuelta", "2ª vuelta"),
    ("1.ª volta", "2.ª volta"), ("1er tour", "2e tour"), ("Первый тур", "Второй тур"),
    ("Putaran Pertama", "Putaran Kedua"), ("Birinci tur", "İkinci tur"), ("R1", "R2"), ("T1", "T2"),
    ("الدورة الأولى", "الدورة الثانية"), ("Pirmasis turas", "Antrasis turas"),
    ("Α΄ γύρος", "Β΄ γύρος"), ("Erster Wahlgang", "Stichwahl"), ("Vòng 1", "Vòng 2"),
    ("Prvi krug", "Drugi krug"), ("პირველი ტური", "მეორე ტური"), ("Kierros 1", "Kierros 2"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), [
    *ROUNDS, ("First ballot", "Second ballot"), ("General election", "Decider"), ("Zzz", "Yyy"),
    ("28.10.2018", "28.11.2018"),
])  # fmt: skip
def test_candidates_with_votes_and_percentages_of_both_rounds(tmp_path, first, second):
    """A round whose name was not all known was taken for a person's."""
    text = (f"Candidate,{first},,{second},\n,Votes,%,Votes,%\nAda Xi,6481,33.03,8269,45.34\n"
            "Ben Yu,6878,35.05,9969,54.66\nCyd Li,4642,23.66,,\nDan Po,1620,8.26,,\n")  # fmt: skip
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    found = read_contest(path, electorate="voters")
    assert found.totals == {"Ada Xi": 6481, "Ben Yu": 6878, "Cyd Li": 4642, "Dan Po": 1620}
    assert read_returns(path, contest=found).totals == {"Ada Xi": 8269, "Ben Yu": 9969}


@pytest.mark.parametrize(("first", "second"), ROUNDS)
def test_rounds_in_rows_and_in_names_of_columns(tmp_path, first, second):
    path = tmp_path / "votes.csv"
    rows = [f"{first},n,Ada Xi,50", f"{first},n,Ben Yu,40", f"{first},n,Cyd Li,30",
            f"{second},n,Ada Xi,55", f"{second},n,Ben Yu,60"]  # fmt: skip
    long = "\n".join(["round,unit,candidate,votes", *rows])
    wide = (f"unit,Ada Xi ({first}),Ben Yu ({first}),Cyd Li ({first}),Ada Xi ({second}),"
            f"Ben Yu ({second})\nn,50,40,30,55,60\n")  # fmt: skip
    for text in (long, wide):
        path.write_text(text, "utf-8")
        found = read_contest(path, electorate="voters")
        assert found.totals == {"Ada Xi": 50, "Ben Yu": 40, "Cyd Li": 30}
        assert read_returns(path, contest=found).totals == {"Ada Xi": 55, "Ben Yu": 60}


def test_people_whose_votes_are_missing_somewhere_are_no_rounds(tmp_path):
    text = "unit,Ada Xi - votes,Ben Yu - votes\nn,50,40\ns,60,\nw,30,20\n"
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="Ben Yu"):
        read_contest(path, electorate="voters")


@pytest.mark.parametrize("head", [
    "pollster,end,n,Ada,Ben,Cyd", "Institut,Datum,Befragte,Ada,Ben,Cyd",
    "Ośrodek,Data,Próba,Ada,Ben,Cyd",
    "Encuestadora,Fecha,Muestra,Ada,Ben,Cyd", "Polling firm,Fieldwork date,Sample size,Ada,Ben,Cyd",
])  # fmt: skip
def test_polls_given_for_counts_are_told(tmp_path, head):
    """The sample size was a candidate with an absolute majority, or asked to be one."""
    text = f"{head}\nAcme,2030-04-01,1000,40,30,20\nBest,2030-04-08,900,39,33,18\n"
    with pytest.raises(InputError, match=r"which tables of polls have.*--election-day"):
        contest(text, tmp_path)
