"""Columns and layouts of official tables: what each column is taken for, in any language."""

import io
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pytest

from forecast import Contest, InputError, read_contest
from forecast.facts.advancement import Advancement
from forecast.facts.readers import rounds_in
from forecast.facts.words.column_words import role_of, word_table
from forecast.facts.words.names import matched_people
from forecast.files.columns import Columns
from forecast.files.numbers import unmarked


def contest(text, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two"} | options)


@pytest.mark.parametrize(
    ("unit", "listed", "cast", "valid", "blank", "null", "away", "code"),
    [
        ("Commune", "Inscrits", "Votants", "Exprimés", "Blancs", "Nuls", "Abstentions", "Code"),
        ("Municipio", "Electores inscritos", "Votos emitidos", "Votos válidos", "Votos en blanco",
         "Votos nulos", "Abstención", "Código"),
        ("Seção", "Eleitores aptos", "Comparecimento", "Votos válidos", "Votos brancos",
         "Votos nulos", "Abstenções", "Código IBGE"),
        ("Gmina", "Uprawnieni", "Karty wydane", "Głosy ważne", "Puste", "Głosy nieważne",
         "Nieobecni", "Kod TERYT"),
        ("Localitate", "Alegători înscriși", "Votanți", "Voturi valabil exprimate", "Voturi albe",
         "Voturi nule", "Absenți", "Cod SIRUTA"),
        ("Община", "Избиратели по списък", "Гласували", "Действителни гласове", "Празни",
         "Недействителни гласове", "Негласували", "Код ЕКАТТЕ"),
        ("უბანი", "ამომრჩეველთა რაოდენობა", "მონაწილეთა რაოდენობა", "ნამდვილი", "გაბათილებული",
         "ბათილი", "absent", "კოდი"),
        ("УИК", "Зарегистрированных избирателей", "Проголосовавших", "Действительных бюллетеней",
         "Испорченные", "Недействительных бюллетеней", "Неголосовавшие", "Код ОКТМО"),
        ("Дільниця", "Виборців у списку", "Проголосували", "Дійсних", "Зіпсовані", "Недійсних",
         "Неголосували", "Код КАТОТТГ"),
        ("Sandık", "Kayıtlı seçmen", "Kullanılan oy", "Geçerli oy", "Boş", "Geçersiz oy",
         "Katılmayan", "Kod"),
        ("Okrsek", "Zapsaní voliči", "Vydané obálky", "Platné hlasy", "Prázdné", "Neplatné hlasy",
         "absent", "Kód"),
        ("Obec", "Zapísaní voliči", "Odovzdané obálky", "Platné hlasy", "Prázdne",
         "Neplatné hlasy", "absent", "Číslo"),
        ("Općina", "Upisani birači", "Glasalo", "Važeći listići", "Prazni", "Nevažeći listići",
         "Apstinenti", "Šifra"),
        ("Општина", "Уписаних бирача", "Изашло", "Важећих", "nulls", "Неважећих", "absent",
         "Шифра"),
        ("Občina", "Volilni upravičenci", "Glasovali", "Veljavne", "Prazne", "Neveljavne", "absent",
         "Šifra"),
        ("Apylinkė", "Rinkėjų sąraše", "Dalyvavo", "Galiojantys", "Sugadinti", "Negaliojantys",
         "absent", "Kodas"),
        ("Kunta", "Äänioikeutetut", "Äänestäneet", "Hyväksytyt", "Tyhjät", "Hylätyt", "absent",
         "Tunnus"),
        ("Gemeinde", "Wahlberechtigte", "Wähler", "Gültige Stimmen", "Leere", "Ungültige Stimmen",
         "Nichtwähler", "Gemeindekennziffer".replace("Gemeinde", "")),
        ("Comune", "Elettori", "Votanti", "Voti validi", "Schede bianche", "Schede nulle",
         "Astenuti", "Codice ISTAT"),
        ("TPS", "Pemilih terdaftar", "Pengguna", "Suara sah", "Rusak", "Suara tidak sah", "Golput",
         "Kode"),
        ("شعبه", "واجدین شرایط", "تعرفه", "آرای صحیح", "سفید", "آرای باطله", "غایب", "کد"),
        ("المركز", "الناخبين المسجلين", "المقترعين", "الأصوات الصحيحة", "البيضاء", "الملغاة",
         "الممتنعين", "رمز"),
        ("Δήμος", "Εγγεγραμμένοι", "Ψήφισαν", "Έγκυρα", "Λευκά", "Άκυρα", "Αποχή", "Κωδικός"),
        ("Jaoskond", "Nimekirjas", "Hääletanuid", "Kehtivaid hääli", "rikutuid",
         "Kehtetuid sedeleid", "absent", "kood"),
        ("Unit", "Á kjörskrá", "Greidd atkvæði", "Gild atkvæði", "Auðir seðlar", "Ógildir seðlar",
         "absent", "Code"),
        ("Stembureau", "Kiesgerechtigden", "Uitgebrachte stemmen", "Geldige stemmen", "Blanco",
         "Ongeldige stemmen", "absent", "Code"),
        ("Iecirknis", "Balsstiesīgie", "Nobalsojuši", "Derīgas zīmes", "blanks", "Nederīgas zīmes",
         "absent", "Code"),
        ("Valdistrikt", "Röstberättigade", "Röstande", "Giltiga röster", "Blanka röster",
         "Ogiltiga röster", "absent", "Code"),
        ("Polling station", "Registered voters", "Ballots cast", "Valid votes", "Blank votes",
         "Spoilt ballots", "Non-voters", "FIPS code"),
    ],
    ids=lambda x: x[:6] if isinstance(x, str) else None,
)  # fmt: skip
def test_columns_are_recognised_in_the_languages_of_runoffs(  # noqa: PLR0917
    tmp_path, unit, listed, cast, valid, blank, null, away, code
):
    """Whole tables: nobody is a candidate but Ada, Ben and Cid, wherever the columns stand."""
    names = [code, unit, listed, "Ada", cast, blank, "Ben", away, valid, null, "Cid"]
    rows = [
        [29011, "n", 1000, 300, 620, 20, 200, 380, 590, 10, 90],
        [29015, "s", 800, 150, 415, 12, 160, 385, 398, 5, 88],
        [29017, "w", 500, 110, 240, 7, 90, 260, 230, 3, 30],
    ]
    lines = [";".join(names), *(";".join(map(str, row)) for row in rows)]
    found = contest("\n".join(lines) + "\n", tmp_path)
    assert found.candidates == ("Ada", "Ben", "Cid")
    assert found.units == ("n", "s", "w")
    assert found.invalid.tolist() == [30, 17, 10]
    assert found.registered.tolist() == [1000, 800, 500]
    assert found.notes[0].startswith("columns: Ada, Ben, Cid candidates; ")
    assert f"{code} (code) ignored" in found.notes[0]


def test_every_word_means_one_thing_and_names_of_people_none():
    for role, languages in word_table().items():
        assert languages, role
    people = "Michel Blanc,Ada,Jo Ward Smith,Zurabishvili,Le Pen,Nulens,Trzaskowski,Blankenship"
    assert [role_of(name) for name in people.split(",")] == [""] * 8


def test_an_unknown_word_for_a_sum_or_a_code_is_found_by_arithmetic(tmp_path):
    text = "unit,Ada,Ben,Cid,Allesfeld,registered\nn,300,200,90,590,1000\ns,150,160,88,398,900\n"
    found = contest(text, tmp_path)
    assert found.candidates == ("Ada", "Ben", "Cid")
    assert "Allesfeld (the sum of the others) ignored" in found.notes[0]
    text = "unit,zzz,Ada,Ben,registered\nn,29019,300,200,1000\ns,29020,150,160,900\n"
    found = contest(text, tmp_path)
    assert found.candidates == ("Ada", "Ben")
    assert "zzz (larger than registered leaves room for) ignored" in found.notes[0]


@pytest.mark.parametrize("code", ["INSEE", "zip", "id", "Code", "zzz"])
def test_one_unit_with_a_code(tmp_path, code):
    found = contest(f"unit,{code},registered,Ada,Ben,Cid\nn,29019,1000,300,200,90\n", tmp_path)
    assert found.candidates == ("Ada", "Ben", "Cid")


def test_columns_says_what_no_name_says(tmp_path):
    text = "place,qqq,Ada,Ben,Blanc\nn,1000,300,200,90\ns,900,150,160,88\n"
    found = contest(text, tmp_path, columns={"qqq": "registered", "Blanc": "candidate"})
    assert found.candidates == ("Ada", "Ben", "Blanc")
    assert found.registered.tolist() == [1000, 900]
    with pytest.raises(InputError, match="columns names 'qq' - did you mean 'qqq'"):
        contest(text, tmp_path, columns={"qq": "registered"})
    with pytest.raises(InputError, match="it must be one of candidate, unit"):
        contest(text, tmp_path, columns={"qqq": "roll"})


@pytest.mark.parametrize(
    "text",
    [
        "candidate,votes\nAda,300\nBen,200\nCid,90\nBlank,20\nNull,10\nRegistered voters,1000\n",
        "Candidat;Voix;%\nAda;300;50,8\nBen;200;33,9\nCid;90;15,3\nExprimés;590;\nBlancs;20;\n"
        "Nuls;10;\nInscrits;1 000;\n",
        "Kandydat\tGłosy\nAda\t300\nBen\t200\nCid\t90\nGłosy nieważne\t30\nUprawnieni\t1000\n"
        "Razem\t590\n",
        "Party,Candidate,First round votes,First round %\nX,Ada,300,50.8\nY,Ben,200,33.9\n"
        "Z,Cid,90,15.3\n"
        ",Invalid/blank votes,30,\n,Total,620,100\n,Registered voters,1000,62\n",
    ],
    ids=["plain", "French", "Polish", "encyclopedia"],
)  # fmt: skip
def test_a_table_of_candidates(tmp_path, text):
    found = contest(text, tmp_path)
    assert found.candidates == ("Ada", "Ben", "Cid")
    assert found.votes.tolist() == [[300, 200, 90]]
    assert (found.invalid.tolist(), found.registered.tolist()) == ([30], [1000])


def test_blocks_of_columns_of_a_ministry_and_one_of_its_contests(tmp_path):
    head = "Code commune;Libellé commune;Code BV;Inscrits;Blancs;Nuls;% Votants"
    block = "Nuance candidat {k};Nom candidat {k};Prénom candidat {k};Voix {k};% Voix/inscrits {k}"
    text = "\n".join(
        [
            ";".join([head, *(block.format(k=k) for k in (1, 2, 3))]),
            "1;Brest;1;1000;20;10;62,0;X;LOVELACE;Ada;300;30,0;Y;BEN;Big;200;20,0;Z;CID;El;90;9,0",
            "1;Brest;2;800;12;5;51,9;X;LOVELACE;Ada;150;18,8;Y;BEN;Big;160;20,0;Z;CID;El;88;11,0",
            "2;Auch;1;500;7;3;48,0;X;DIRAC;Paul;110;22,0;Y;EULER;Léo;90;18,0;;;;;",
        ]
    )
    with pytest.raises(InputError, match=r"found 2 of people who never met.*--contest"):
        contest(text, tmp_path)
    found = contest(text, tmp_path, contest="lovelace")
    assert found.units == ("Brest 1", "Brest 2")
    assert found.candidates == ("LOVELACE Ada", "BEN Big", "CID El")
    assert found.votes.tolist() == [[300, 200, 90], [150, 160, 88]]
    with pytest.raises(InputError, match="no contest 'Zoe'"):
        contest(text, tmp_path, contest="Zoe")


def test_a_ministry_that_names_the_first_block_only(tmp_path):
    head = "commune;Inscrits;Votants;Nuls;Sexe;Nom;Prénom;Voix;% Voix/Ins"
    rows = [
        "n;1000;600;10;F;LOVELACE;Ada;300;30,0;M;BEN;Big;200;20,0;M;CID;El;90;9,0",
        "s;800;403;5;F;LOVELACE;Ada;150;18,8;M;BEN;Big;160;20,0;M;CID;El;88;11,0",
    ]
    found = contest("\n".join([head, *rows]) + "\n", tmp_path)
    assert found.candidates == ("LOVELACE Ada", "BEN Big", "CID El")
    assert found.votes.tolist() == [[300, 200, 90], [150, 160, 88]]


@pytest.mark.parametrize("mark", [" ", "\u00a0", "\u202f", "\u2009", "'", "’", ",", "."])
def test_marks_between_thousands(tmp_path, mark):
    text = f"unit;registered;Ada;Ben;Cid\nn;90{mark}120;12{mark}345;10{mark}001;987\n"
    found = contest(text, tmp_path)
    assert found.votes.tolist() == [[12345, 10001, 987]]
    assert found.registered.tolist() == [90120]


@pytest.mark.parametrize(("large", "small"), [("10001,00", "987,00"), ("10.001,0", "987,0"),
    ("10,001.00", "987.00"), ("10 001,00", "987,00"), ("10001.0", "987.0")])  # fmt: skip
def test_decimals_of_whole_numbers(tmp_path, large, small):
    text = f"unit;registered;Ada;Ben;Cid\nn;90120;12345;{large};{small}\ns;900;{small};{small};5\n"
    found = contest(text.replace("s;900", "s;9000"), tmp_path)
    assert found.votes.tolist() == [[12345, 10001, 987], [987, 987, 5]]


def test_points_that_may_be_decimal_are_left_alone():
    assert unmarked(["3.000", "2.000"]) == ["3.000", "2.000"]
    assert unmarked(["1,234", "12,5"]) == ["1,234", "12,5"]


def test_percentages_with_valid_votes_are_votes(tmp_path):
    text = (
        "unit;registered;valid;Ada;Ben;Cid\nn;1000;590;50,85;33,9;15,25\ns;900;398;37,7;40,2;22,1\n"
    )
    found = contest(text, tmp_path)
    assert found.votes.tolist() == [[300, 200, 90], [150, 160, 88]]
    assert "percent of valid" in found.notes[0]


def test_a_column_that_is_said_to_tell_rounds_is_no_column_of_either(tmp_path):
    text = "unit,X,Ada,Ben,Cid\nn,1,300,250,50\ns,1,200,220,70\nn,2,350,300,0\ns,2,260,230,0\n"
    found = contest(text, tmp_path, electorate="voters", columns={"X": "round"})
    assert found.votes.tolist() == [[300, 250, 50], [200, 220, 70]]
    assert found.finalists == ("Ada", "Ben")
    assert "rounds are told apart by X" in found.notes


def test_what_is_said_of_a_usual_name_in_capitals_is_understood_by_every_reader(tmp_path):
    (tmp_path / "c.csv").write_text("unit,Registered,Ada,Ben\nn,900,300,200\ns,800,150,160\n")
    assert rounds_in(tmp_path / "c.csv", columns={"Registered": "ignored"}) == (0,)


def test_titles_above_the_header_and_unnamed_indices(tmp_path):
    rows = "0,n,300,200\n1,s,150,160\n2,w,90,80\n3,e,70,60\n4,c,8,9\n"
    text = f"Results of the first round\n\n,unit,Ada,Ben\n{rows}"
    found = contest(text, tmp_path, electorate="voters", finalists=["Ada", "Ben"])
    assert found.candidates == ("Ada", "Ben")
    with pytest.raises(InputError, match="column 4 has none; name or drop it"):
        contest("unit,Ada,Ben,\nn,300,200,40\ns,150,160,7\n", tmp_path, electorate="voters")


def workbook(rows, sheet="Round 1"):
    """Return the bytes of the smallest workbook with these rows."""

    def cell(x):
        text = f"<c t='inlineStr'><is><t>{x}</t></is></c>"
        return text if isinstance(x, str) else f"<c><v>{x}</v></c>"

    cells = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            f"<Types xmlns='{package}/content-types'><Default Extension='xml' "
            "ContentType='application/xml'/></Types>",
        )
        file.writestr(
            "_rels/.rels",
            f"<Relationships xmlns='{package}/relationships'><Relationship Id='r1' "
            f"Type='{relation}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        )
        file.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{main}' xmlns:r='{relation}'><sheets><sheet name='{sheet}' "
            "sheetId='1' r:id='r1'/></sheets></workbook>",
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f"<Relationships xmlns='{package}/relationships'><Relationship Id='r1' "
            f"Type='{relation}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        )
        file.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet xmlns='{main}'><sheetData>{cells}</sheetData></worksheet>",
        )
    return out.getvalue()


def test_a_spreadsheet_is_read_and_a_damaged_one_is_called_so(tmp_path, monkeypatch):
    rows = [["unit", "registered", "Ada", "Ben"], ["n", 900, 300, 250], ["s", 800, 210, 260]]
    path = tmp_path / "votes.xlsx"
    path.write_bytes(workbook([["First round"], *rows]))
    found = read_contest(path, advancement="top two")
    assert (found.name, found.votes.tolist()) == ("votes", [[300, 250], [210, 260]])
    assert read_contest(f"{path}#Round 1", advancement="top two") == found
    with pytest.raises(InputError, match="no sheet 'Round 2'; did you mean 'Round 1'"):
        read_contest(f"{path}#Round 2")
    path.write_bytes(workbook(rows)[:-40])
    with pytest.raises(InputError, match=r"votes\.xlsx: .*damaged"):
        read_contest(path)
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(InputError, match=r"pip install 'runoff-forecast\[spreadsheets\]'"):
        read_contest(path)


def open_document(rows, sheet="Round 1"):
    """Return the bytes of the smallest .ods file with these rows."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f"<table:table-cell office:value-type='float' office:value='{c}'/>"
            if isinstance(c, int)
            else f"<table:table-cell office:value-type='string'><text:p>{c}</text:p>"
            "</table:table-cell>"
            for c in row
        )
        + "</table:table-row>"
        for row in rows
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        file.writestr("mimetype", kind)
        file.writestr(
            "META-INF/manifest.xml",
            f"<manifest:manifest xmlns:manifest='{office}:manifest:1.0'><manifest:file-entry "
            f"manifest:full-path='/' manifest:media-type='{kind}'/></manifest:manifest>",
        )
        file.writestr(
            "content.xml",
            f"<office:document-content xmlns:office='{office}:office:1.0' xmlns:table='{office}:"
            f"table:1.0' xmlns:text='{office}:text:1.0'><office:body><office:spreadsheet>"
            f"<table:table table:name='{sheet}'>{cells}</table:table></office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return out.getvalue()


def test_an_open_document_is_read_and_a_damaged_one_is_called_so(tmp_path):
    rows = [["unit", "registered", "Ada", "Ben"], ["n", 900, 300, 250], ["s", 800, 210, 260]]
    path = tmp_path / "votes.ods"
    path.write_bytes(open_document(rows))
    found = read_contest(path, advancement="top two")
    assert found.votes.tolist() == [[300, 250], [210, 260]]
    assert read_contest(f"{path}#Round 1", advancement="top two") == found
    path.write_bytes(open_document(rows)[:-40])
    with pytest.raises(InputError, match=r"votes\.ods: .*damaged"):
        read_contest(path)


def test_the_template_is_read_and_replaces_nothing(run, tmp_path):
    assert run("template")[0] == 0
    code, out, _ = run("show", "first_round.csv")
    assert code == 0
    assert "Ada Example" in out
    assert run("template")[0] == 2
    code, _, error = run("template", "--out", "x.txt")
    assert (code, "must end in .csv" in error) == (2, True)


@pytest.mark.parametrize("kind", ["Int64", "int64[pyarrow]", "float64", "category", "object"])
def test_pandas_columns_of_every_kind(kind):
    rows = {"unit": ["n", "s"], "Ada": [30, 20], "Ben": [25, 22], "Cid": [5, 15]}
    frame = pd.DataFrame(rows).astype({"Ada": kind, "Ben": kind, "unit": "category"})
    found = Contest.from_frame(frame, name="x", electorate="voters")
    assert found.votes.tolist() == [[30, 25, 5], [20, 22, 15]]


def test_columns_named_by_numbers_and_tuples():
    frame = pd.DataFrame({"unit": ["n", "s"], 1: [30, 20], 2: [25, 22]})
    assert Contest.from_frame(frame, name="x", electorate="voters", finalists=("1", "2"))
    frame.columns = pd.MultiIndex.from_tuples([("unit", ""), ("Ada", "X"), ("Ben", "Y")])
    found = Contest.from_frame(frame, name="x", electorate="voters", finalists=("Ada X", "Ben"))
    assert found.finalists == ("Ada X", "Ben Y")


@pytest.mark.parametrize("missing", [None, pd.NA, float("nan"), "NA", "<NA>", " "])
@pytest.mark.parametrize("column", ["unit", "region"])
def test_a_missing_name_is_refused(missing, column):
    rows = {"unit": ["n", "s"], "region": ["x", "y"], "Ada": [30, 20], "Ben": [25, 30]}
    rows[column][1] = missing
    with pytest.raises(InputError, match=f"row 1: '{column}' must not be empty"):
        Contest.from_frame(pd.DataFrame(rows), name="x", electorate="voters")


def test_two_people_who_differ_by_capitals_stay_two():
    frame = pl.DataFrame({"unit": ["n"], "ada": [30], "ADA": [28], "Ben": [20]})
    found = Contest.from_frame(frame, name="x", electorate="voters")
    assert found.votes.tolist() == [[30, 28, 20]]
    assert (found.key("ADA"), found.key("ada"), found.key("ben")) == ("ADA", "ada", "Ben")
    with pytest.raises(InputError, match="nobody is named 'Ada'"):
        found.key("Ada")


def test_a_unique_part_of_a_name_is_enough():
    known = {"Andrzej Duda": "Andrzej Duda", "Jan Duda": "Jan Duda", "Rafał Nowak": "Rafał Nowak"}
    assert matched_people(["nowak", "Jan", "Duda"], known) == {
        "nowak": "Rafał Nowak", "Jan": "Jan Duda",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "votes", "elected"),
    [
        ("majority", {"a": 51, "b": 30, "c": 19}, "a"),
        ("majority", {"a": 50, "b": 30, "c": 20}, None),
        ("top two", {"a": 51, "b": 30, "c": 19}, None),
        ("40% and ten points ahead", {"a": 45, "b": 32, "c": 23}, "a"),
        ("40% and 10 points ahead", {"a": 41, "b": 32, "c": 27}, None),
        ("45%, or 40% and 10 points ahead", {"a": 46, "b": 45, "c": 9}, "a"),
        ("55% of valid", {"a": 54, "b": 30, "c": 16}, None),
        ("majority of all ballots", {"a": 51, "b": 30, "c": 19}, None),
        ("majority of the registered", {"a": 51, "b": 30, "c": 19}, None),
        ("majority; quorum 25%", {"a": 51, "b": 30, "c": 19}, None),
    ],
)
def test_rules_in_words(text, votes, elected):
    rule = Advancement.from_text(text)
    assert rule.elected(votes, invalid=10, registered=300) == elected
    assert Advancement.from_text(str(rule)) == rule


def test_thresholds_in_words():
    rule = Advancement.from_text("12.5% of the registered")
    assert rule.finalists({"a": 40, "b": 32, "c": 28}, registered=160) == ("a", "b", "c")
    assert rule.finalists({"a": 40, "b": 32, "c": 28}, registered=260) == ("a", "b")
    with pytest.raises(InputError, match="separate them by semicolons"):
        Advancement.from_text("whoever shouts loudest")


def test_a_rule_elects_and_part_of_a_country_says_how_to_name_the_finalists(tmp_path):
    text = "unit,registered,A,B,C\nn,1000000,45000,32000,23000\n"
    with pytest.raises(InputError, match="'A' has won in the first round"):
        contest(text, tmp_path, advancement="40% and 10 points ahead")
    part = "unit,A,B,C\nn,5200,3000,900\ns,4800,3100,1000\n"
    with pytest.raises(InputError, match=r"only part of the contest.*--finalists 'A,B'"):
        contest(part, tmp_path, electorate="voters", advancement="majority")
    assert contest(part, tmp_path, electorate="voters", finalists=["A", "B"]).finalists == (
        "A",
        "B",
    )


def test_days_are_dates_in_order():
    rows = {"name": "x", "candidates": ("a", "b"), "finalists": ("a", "b"), "units": ("n",)}
    rows |= {"votes": [[3, 2]], "invalid": [0], "registered": [9]}
    found = Contest(**rows, first_round="2018-10-28", runoff="2018-11-28")
    assert found.runoff.isoformat() == "2018-11-28"
    with pytest.raises(InputError, match="runoff must be a day like 2018-10-28"):
        Contest(**rows, runoff="28.11.2018")
    with pytest.raises(InputError, match="the runoff must be after the first round"):
        Contest(**rows, first_round="2018-11-28", runoff="2018-10-28")


def test_standard_input_is_read(monkeypatch):
    raw = b"unit,registered,Ada,Ben\nn,900,300,250\ns,800,200,260\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert Columns.from_file("-").names == ("unit", "registered", "Ada", "Ben")


def test_reading_many_rows_takes_arrays_not_loops(tmp_path):
    rng = np.random.default_rng(0)
    votes = rng.integers(1, 400, (3000, 8))
    lines = ["unit,registered," + ",".join(f"c{k}" for k in range(8))]
    lines += [f"u{i},5000," + ",".join(map(str, row)) for i, row in enumerate(votes.tolist())]
    found = contest("\n".join(lines) + "\n", tmp_path)
    assert found.votes.tolist() == votes.tolist()


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_header_whose_names_are_all_quoted_is_a_header(tmp_path, mark):
    """As R's write.csv and others write it."""
    rows = ['"unit"|"Ada"|"Ben"|"Cid, Jr"', '"n"|30|25|5', '"s"|20|22|15']
    path = tmp_path / "c.csv"
    path.write_text("\n".join(rows).replace("|", mark) + "\n", "utf-8")
    found = read_contest(path, electorate="voters")
    assert found.candidates == ("Ada", "Ben", "Cid, Jr")
    assert found.votes.tolist() == [[30, 25, 5], [20, 22, 15]]
