"""Words for papers, parts that others hold, protocols turned round, and parties over names."""

import pytest

from forecast import InputError, read_contest
from forecast.facts.words.column_words import role_of


def contest(text, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two"} | options)


ROLES = {
    "Liczba kart nieważnych": "invalid",
    "Liczba głosów ważnych": "valid", "გაფუჭებული ბიულეტენი": "invalid", "Voided": "invalid",
    "Blanko": "invalid", "numărul de alegători care au participat la votare": "ballots",
    "e) diferența dintre c și d": "margin", "Difference between issued and found": "margin",
    "Różnica między wydanymi i wyjętymi": "margin", "Between": "", "Intre": "",
}  # fmt: skip


def test_words_for_papers():
    assert {name: role_of(name) for name in ROLES} == ROLES


def wide(head, extra, tmp_path, **options):
    """Read two units with 3000 people and 1800 and 1700 votes, and what `extra` adds to each."""
    lines = [f"a,3000,900,600,300,{extra[0]}", f"b,3000,800,700,200,{extra[1]}"]
    return contest("\n".join([f"unit,registered,Ada,Ben,Cyd,{head}", *lines]), tmp_path, **options)


@pytest.mark.parametrize("name", ["Votos recibidos", "Votes received", "Votos recebidos"])
def test_votes_received_are_the_ballots_if_nothing_else_is(tmp_path, name):
    assert wide(name, ("1850", "1790"), tmp_path).invalid.tolist() == [50, 90]
    assert wide(f"{name},Votos emitidos", ("3100,1820", "3100,1710"), tmp_path).invalid.sum() == 30
    assert wide(name, ("3100", "3100"), tmp_path).invalid.sum() == 0  # papers to hand out


def test_valid_cards_that_hold_the_votes_are_the_ballots(tmp_path):
    rows = [("a", 1767, (739, 600, 400)), ("b", 1527, (600, 500, 400))]
    lines = [f"{u};3459;{n};{who};{own}" for u, n, votes in rows
             for who, own in zip(("Ada", "Ben", "Cyd"), votes, strict=True)]  # fmt: skip
    for name, invalid in (("Karty ważne", [28, 27]), ("Głosy ważne", [0, 0])):
        head = f"Gmina;Uprawnieni;{name};Kandydat;Liczba głosów"
        assert contest("\n".join([head, *lines]), tmp_path).invalid.tolist() == invalid


@pytest.mark.parametrize(
    ("whole", "part"),
    [("Schede non valide (bianche incl.)", "Schede bianche"),
     ("Invalid votes including blank", "Blank votes"), ("Nuls (blancs compris)", "Blancs"),
     ("Votos nulos (incluidos blancos)", "Votos blancos")],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_invalid_ballots_that_another_column_includes_are_not_added(tmp_path, whole, part, turned):
    names, counts = (whole, part), (("60", "25"), ("50", "20"))
    names = names[::-1] if turned else names
    extra = [",".join(own[::-1] if turned else own) for own in counts]
    assert wide(",".join(names), extra, tmp_path).invalid.tolist() == [60, 50]


def test_invalid_ballots_of_several_kinds_are_added(tmp_path):
    assert wide("Nuls,Blancs", ("60,25", "50,20"), tmp_path).invalid.tolist() == [85, 70]
    found = wide("Ungültige,davon leere", ("60,25", "50,20"), tmp_path)
    assert found.invalid.tolist() == [60, 50]


@pytest.mark.parametrize(
    "name", ["davon ungültig", "of which invalid", "dont nuls", "di cui nulle"]
)
def test_a_part_of_nobody_else_is_read(tmp_path, name):
    assert wide(name, ("60", "50"), tmp_path).invalid.tolist() == [60, 50]


def test_those_who_took_a_paper_are_not_those_who_voted(tmp_path):
    names = [
        "c) numărul de alegători care au primit buletine de vot",
        "d) numărul de alegători care au participat la votare", "e) diferența dintre c și d",
        "f) numărul de buletine de vot declarate nevalabile",
        "g) numărul total de voturi valabil exprimate",
    ]  # fmt: skip
    found = wide(",".join(names), ("1842,1840,2,40,1800", "1732,1731,1,31,1700"), tmp_path)
    assert found.invalid.tolist() == [40, 31]


PROTOCOL = """№;Наименование;Сумма;УИК №101;УИК №102
1;Число избирателей, включенных в список избирателей;2369;1126;1243
2;Число избирательных бюллетеней, полученных комиссией;2469;1176;1293
3;Число недействительных избирательных бюллетеней;18;10;8
4;Число действительных избирательных бюллетеней;1592;755;837
5;Бабурин Сергей Николаевич;190;90;100
6;Грудинин Павел Николаевич;637;300;337
7;Жириновский Владимир Вольфович;765;365;400
"""


@pytest.mark.parametrize("gone", [(), (2,), (0, 2)])
def test_a_protocol_of_items_is_turned(tmp_path, gone):
    lines = [line.split(";") for line in PROTOCOL.splitlines()]
    text = "\n".join(";".join(c for k, c in enumerate(row) if k not in gone) for row in lines)
    found = contest(text, tmp_path)
    assert found.units == ("УИК №101", "УИК №102")
    assert found.votes.tolist() == [[90, 300, 365], [100, 337, 400]]
    assert (found.registered.tolist(), found.invalid.tolist()) == ([1126, 1243], [10, 8])


def test_items_of_a_protocol_are_no_units(tmp_path):
    text = PROTOCOL.replace("№;Наименование", "№;Текст;Наименование", 1).replace("\n1;", "\n1;z;")
    for k in range(2, 8):
        text = text.replace(f"\n{k};", f"\n{k};{'zy'[k % 2]};")
    with pytest.raises(InputError, match="turn the table round"):
        contest(text, tmp_path, electorate="voters")


BELOW = (
    "Település;Választók;Szavazott;Ann;Bob;Cyd;{}\n"
    "X;9000;6000;2300;2200;1300;200\nY;8000;5200;2000;1900;1160;140\nZ;5000;3300;1200;1300;700;100"
)


@pytest.mark.parametrize("above", ["", "Results\n"])
@pytest.mark.parametrize("name", ["Érvénytelen", "Invalid", "Άκυρα", "Nuls"])
def test_parties_stand_over_the_names_below_them_alone(tmp_path, above, name):
    found = contest(f"{above};;;ΑΝ;ΑΚ;ΔΗ;\n{BELOW.format(name)}", tmp_path)
    assert found.candidates == ("ΑΝ Ann", "ΑΚ Bob", "ΔΗ Cyd")
    assert found.invalid.tolist() == [200, 140, 100]


def test_parties_over_names_behind_the_first_column(tmp_path):
    text = (
        ",,,NPP,NDC,CPP\nConstituency,Registered voters,Rejected ballots,Nana,John,Kwesi\n"
        "Alpha,3000,20,900,800,100\nBravo,2900,18,700,850,120\n"
    )
    assert contest(text, tmp_path).candidates == ("NPP Nana", "NDC John", "CPP Kwesi")


def test_a_header_without_a_name_for_the_units_is_one_line(tmp_path):
    found = contest(",registered,Ada,Ben,Cyd\nn,90,9,8,7\ns,80,7,8,4\n", tmp_path)
    assert (found.units, found.candidates) == (("n", "s"), ("Ada", "Ben", "Cyd"))
