"""Tables of votes whose columns mislead: each was once read wrongly without a word."""

import pytest

from forecast import InputError, read_contest, read_returns
from forecast.facts.readers import rounds_in


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


@pytest.mark.parametrize(
    "later",
    ["{} runoff", "Runoff {}", "{} 2e tour", "{} ballottaggio", "votes {} 2nd round",
     "{} Stichwahl", "{} balotaż"],
)  # fmt: skip
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


def test_finalists_with_equal_votes_stand_as_in_the_table(tmp_path):
    people = ("Dan", "Cyd", "Ben", "Ada")
    lines = [f"{k},n,{who},{300 + k}\n" for k in (1, 2) for who in people]
    found = contest(f"round,unit,candidate,votes\n{''.join(lines)}", tmp_path)
    assert found.finalists == people


def test_two_days_without_a_place_are_two_rounds(tmp_path):
    found = contest("day,Ada,Ben\n2020-01-01,300,200\n2020-02-01,310,280\n", tmp_path)
    assert (votes(found), found.finalists) == ({"Ada": 300, "Ben": 200}, ("Ada", "Ben"))


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


ROWS = ("n,1000,10,300,250,140", "s,900,5,280,260,105", "w,800,4,200,200,96")
VALID = (690, 645, 496)


@pytest.mark.parametrize(
    "name", ["Kod", "Kód", "Код", "GKZ", "Zzz", "Code", "კოდი", "Šifra", "α/α"]
)
@pytest.mark.parametrize("cells", [
    ("00100", "00103", "00106"), ("00301", "00100", "12004"), ("10301", "10100", "12004"),
])  # fmt: skip
def test_codes_are_no_finalist_in_a_table_of_another_language(tmp_path, name, cells):
    """A Polish word for a code in a Portuguese table made a candidate of it."""
    if name in ("Zzz", "α/α") and cells[0] == "10301":
        return  # in unknown words such numbers may be votes
    rows = ("Saloa,699,11,126,141,98", "Muteb,487,9,91,114,37", "Abtec,389,5,122,51,36")
    rows = [f"{code},{row}" for code, row in zip(cells, rows, strict=True)]
    head = f"{name},Freguesia,Inscritos,Votos nulos,Ana Gomes,André Costa,Rui Sousa"
    found = contest("\n".join([head, *rows]), tmp_path)
    assert found.candidates == ("Ana Gomes", "André Costa", "Rui Sousa")
    assert found.units == ("Saloa", "Muteb", "Abtec")


def test_a_table_of_numbers_of_so_many_digits_each_has_votes(tmp_path):
    text = "unit,registered,Ada,Ben,Cyd\nn,1000,0300,0250,0140\ns,1900,0280,0260,0105\n"
    assert votes(contest(text, tmp_path)) == {"Ada": 580, "Ben": 510, "Cyd": 245}


NOBODY = (
    "Проти всіх", "Против всех", "Вотови против", "Neplatné lístky", "Prázdné lístky", "Bílé hlasy",
    "Ninguno de los anteriores", "Niciunul", "Niciunul dintre candidați", "Nikdo z uvedených",
    "Leerstimmen", "Weiße Stimmen", "Blanke stemmer", "Kertas kosong", "Phiếu trắng",
    "Phiếu không hợp lệ", "Baltieji", "B/N", "Anull", "Визнано недійсними", "Ungültige Zettel",
    "Neplatnými zápisy", "Недействительны", "None of these candidates", "Niko od navedenih",
    "Negaliojantys lapeliai", "Żaden z kandydatów",
)  # fmt: skip
"""What tables call ballots for nobody, of which not every word is known."""


@pytest.mark.parametrize("name", NOBODY)
@pytest.mark.parametrize("layout", ["wide", "long"])
def test_ballots_for_nobody_are_no_finalist(tmp_path, name, layout):
    """One unknown word beside "invalid" made a finalist of it."""
    people = {"Ada Xi": (500, 400, 450), "Ben Yu": (300, 280, 310), "Cyd Li": (90, 80, 70)}
    people[name] = (450, 390, 420)
    rows = [
        ",".join(("unit", *people)),
        *(
            f"{u},{','.join(map(str, row))}"
            for u, row in zip("nsw", zip(*people.values(), strict=True), strict=True)
        ),
    ]
    if layout == "long":
        told = [
            f"{u},{who},{votes[k]}" for who, votes in people.items() for k, u in enumerate("nsw")
        ]
        rows = ["unit,candidate,votes", *told]
    text = "\n".join(rows)
    found = contest(text, tmp_path, electorate="voters")
    assert found.finalists == ("Ada Xi", "Ben Yu")
    assert int(found.invalid.sum()) == 1260


@pytest.mark.parametrize("name", [
    "Michel Blanc", "Nevalainen", "Pekka Nevalainen", "Ana Blanco", "Nevena Validžić", "Trang",
    "Nguyen Trang", "Партия проти корупції", "Inga Valde", "Nikto Novak", "Unger", "Nevažić",
])  # fmt: skip
def test_people_whose_names_only_resemble_such_words_stay(tmp_path, name):
    text = (f"unit,registered,Ada Xi,{name},Cyd Li\nn,3000,500,300,90\ns,3000,400,280,80\n"
            "w,3000,450,310,70\n")  # fmt: skip
    found = contest(text, tmp_path, electorate="voters")
    assert name in found.finalists
    assert not found.invalid.any()


def table(names, *cells, place=3):
    """Return a table of three units with more columns: Ada has 780, Ben 710 and Cyd 341 votes."""
    rows = [["unit", "registered", "invalid", "Ada", "Ben", "Cyd\n"]]
    rows += [f"{row}\n".split(",") for row in ROWS]
    columns = [(name, *column) for name, column in zip(names, cells, strict=True)]
    for k, row in enumerate(rows):
        row[place:place] = [str(column[k]) for column in columns]
    return "".join(map(",".join, rows))


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


VOTES = {"Ada": 780, "Ben": 710, "Cyd": 341}


@pytest.mark.parametrize("more", [[(40, 30, 50)], [(40, 30, 50), (4, 5, 6)]])
def test_who_is_beyond_the_valid_votes_is_no_candidate(tmp_path, more):
    found = contest(table(["valid", "zzz", "yyy"][: 1 + len(more)], VALID, *more), tmp_path)
    assert votes(found) == VOTES
    assert "(the others sum to valid without it) ignored" in found.notes[0]


def test_who_is_beyond_the_total_of_votes_is_no_candidate(tmp_path):
    text = table(["Total votes", "zzz", "Mean"], VALID, (400, 300, 500), (230, 215, 165))
    assert votes(contest(text, tmp_path)) == VOTES


def test_who_is_beyond_the_valid_votes_is_asked_where_two_would_do(tmp_path):
    valid = tuple(valid + 40 for valid in VALID)
    more = [(40, 40, 40), (40, 40, 40)]
    with pytest.raises(InputError, match=r"without zzz or yyy; .*--columns 'zzz=ignored'"):
        contest(table(["valid", "zzz", "yyy"], valid, *more), tmp_path)


def test_valid_votes_that_nothing_fits(tmp_path):
    with pytest.raises(InputError, match=r"'n' has 690 but 600 valid; .*'valid=ignored'"):
        contest(table(["valid"], (600, 500, 400)), tmp_path)
    text = table(["valid"], (600, 500, 400))
    assert votes(contest(text, tmp_path, columns={"valid": "ignored"})) == VOTES
    found = contest(table(["valid"], (790, 645, 496)), tmp_path)
    assert "100 of 'valid' are of no candidate of the table" in found.notes


@pytest.mark.parametrize("name", ["Buletine nefolosite", "Buletine neîntrebuințate", "Unused"])
def test_unused_ballots(tmp_path, name):
    assert votes(contest(table([name], (40, 30, 50)), tmp_path)) == VOTES


@pytest.mark.parametrize(
    "names", [["altitude"], ["lat", "lon", "Altitude"], ["lat", "lon", "northing"], ["Wysokość"]]
)
def test_heights_and_coordinates_are_no_candidates(tmp_path, names):
    cells = [(41.1, 42.1, 43.2), (20.1, 20.2, 20.3), (400, 500, 600)][-len(names) :]
    assert votes(contest(table(names, *cells), tmp_path)) == VOTES


@pytest.mark.parametrize(
    "name",
    ["of which postal", "davon Briefwahl", "dont procurations", "w tym przez pełnomocnika",
     "di cui nulle", "dintre care albe", "de los cuales exterior"],
)  # fmt: skip
def test_a_part_of_the_column_before_is_no_candidate(tmp_path, name):
    found = contest(table([name], (40, 50, 60), place=2), tmp_path)
    assert votes(found) == VOTES
    assert f"{name} (a part of registered) ignored" in found.notes[0]
    assert len(votes(contest(table(["Davon Smith"], (40, 50, 60)), tmp_path))) == 4


@pytest.mark.parametrize(
    "name", ["Overvotes", "Undervotes", "Over votes", "UnderVotes", "Votos no marcados"]
)
def test_over_and_under_votes_are_invalid(tmp_path, name):
    found = contest(table([name], (4, 5, 6)), tmp_path)
    assert (votes(found), found.invalid.tolist()) == (VOTES, [14, 10, 10])
    lines = [f"{u},{c},{v}\n" for u in "ns" for c, v in (("Ada", 30), ("Ben", 20), (name, 4))]
    found = contest("unit,candidate,votes\n" + "".join(lines), tmp_path)
    assert found.invalid.tolist() == [4, 4]


@pytest.mark.parametrize("name", ["Average", "Mean", "Durchschnitt", "Promedio", "Średnia"])
@pytest.mark.parametrize("cells", ["900,6,260,237,114", "900,6.33,260.0,236.7,113.7"])
def test_a_row_of_means_is_left_out_and_named(tmp_path, name, cells):
    found = contest(f"{table([])}{name},{cells}\n", tmp_path)
    assert found.units == ("n", "s", "w")
    assert f"1 row of means left out: {name}" in found.notes
    assert len(contest(f"{table([])}{name},900,1,300,4,5\n", tmp_path).units) == 4


def rows(name, values, people):
    """Return rows of unit, candidate, votes for two units; `people` of each value of a column."""
    lines = [
        f"{unit},{value},{person},{300 - 50 * k}\n"
        for value, names in zip(values, people, strict=True)
        for unit in "ns"
        for k, person in enumerate(names)
    ]
    return f"precinct,{name},candidate,votes\n{''.join(lines)}"


@pytest.mark.parametrize("name", ["office", "DS_CARGO", "contest", "race", "question", "Wahl"])
@pytest.mark.parametrize("people", [(("Ada", "Ben"), ("Dan", "Eve")), (("Yes", "No"),) * 2])
def test_several_contests_on_one_ballot_paper(tmp_path, name, people):
    text = rows(name, ("Mayor", "Council 2"), people)
    with pytest.raises(InputError, match=rf"2 in column '{name}': Mayor, Council 2; .*--contest"):
        contest(text, tmp_path)
    found = contest(text, tmp_path, contest="mayor")
    assert votes(found) == {people[0][0]: 600, people[0][1]: 500}
    assert ("contest as named" if name == "contest" else f"{name} contest") in found.notes[0]
    if people[1][0] == "Dan":
        assert contest(text, tmp_path, contest="Eve").candidates == ("Dan", "Eve")


def test_complaints_about_one_of_several_contests_name_the_line_of_the_file(tmp_path):
    text = rows("office", ("Mayor", "Council 2"), (("Ada", "Ben"), ("Dan", "Eve")))
    text = text.replace("n,Council 2,Dan,300", "n,Council 2,Dan,300.5")
    line = text.splitlines().index("n,Council 2,Dan,300.5") + 1
    with pytest.raises(InputError, match=rf"line {line}, 'votes': must be a whole number"):
        contest(text, tmp_path, contest="council 2")


def test_contests_of_a_county_with_districts(tmp_path):
    """As OpenElections has them: a district belongs to the office, and is no place."""
    people = [("President", "", "Ada"), ("President", "", "Ben"), ("House", 5, "Dan"),
              ("House", 5, "Eve")]  # fmt: skip
    lines = [f"{p},{o},{d},{c},{300 - k}\n" for p in "ns" for k, (o, d, c) in enumerate(people)]
    text = "precinct,office,district,candidate,votes\n" + "".join(lines)
    with pytest.raises(InputError, match="2 in column 'office': President, House"):
        contest(text, tmp_path)
    assert votes(contest(text, tmp_path, contest="House")) == {"Dan": 596, "Eve": 594}


@pytest.mark.parametrize("name", ["zzz", "position"])
def test_an_unknown_column_that_parts_the_candidates_is_asked_about(tmp_path, name):
    text = rows(name, ("x", "y"), (("Ada", "Ben"), ("Dan", "Eve")))
    with pytest.raises(InputError, match=f"2 in column '{name}': x, y; .*'{name}=ignored'"):
        contest(text, tmp_path)
    assert len(votes(contest(text, tmp_path, columns={name: "ignored"}))) == 4
    assert len(votes(contest(text.replace("y,Eve", "z,Eve"), tmp_path))) == 4  # a party


def test_returns_of_two_contests_are_those_of_this_one(tmp_path):
    text = rows("office", ("Mayor", "Council"), (("Ada", "Ben"), ("Dan", "Eve")))
    found = contest(text, tmp_path, contest="Council")
    returns = read_returns(tmp_path / "votes.csv", contest=found)
    assert returns.totals == {"Dan": 600, "Eve": 500}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("date", ("2022-10-02", "2022-10-30")),
        ("day", ("10/2/2022", "10/30/2022")),
        ("election", ("primary", "runoff")),
        ("contest", ("First round", "Second round")),
        ("Wahl", ("Hauptwahl", "Stichwahl")),
    ],
)
def test_two_days_or_words_are_the_rounds(tmp_path, name, values):
    text = rows(name, values, (("Ada", "Ben", "Cyd"), ("Ada", "Ben")))
    for said in (None, {name: "round"}):
        found = contest(text, tmp_path, advancement=None, columns=said)
        assert votes(found) == {"Ada": 600, "Ben": 500, "Cyd": 400}
        assert found.finalists == ("Ada", "Ben")
        assert f"rounds are told apart by {name}" in found.notes
    path = tmp_path / "votes.csv"
    assert rounds_in(path) == rounds_in(path, columns={name: "round"}) == (1, 2)


def test_rounds_that_nobody_can_tell_are_asked_about(tmp_path):
    text = rows("zzz", ("a", "b"), (("Ada", "Ben", "Cyd"), ("Ada", "Ben")))
    with pytest.raises(InputError, match="'zzz=round', 'zzz=contest'"):
        contest(text, tmp_path)
    with pytest.raises(InputError, match="'NAME=round' or 'NAME=contest'"):
        contest(text.replace("precinct", "unit"), tmp_path)
    with pytest.raises(InputError, match="'zzz' must be 1 or 2, words for rounds"):
        contest(text, tmp_path, columns={"zzz": "round"})
    assert contest(text, tmp_path, columns={"zzz": "contest"}, contest="b").votes.sum() == 1100


NAMES = ["Ward", "Mesa", "Kreis", "Land", "Day", "Part", "Clave", "No"]
PEOPLE = (110, 150, 130)


@pytest.mark.parametrize("first", ["Precinct", "unit"])
@pytest.mark.parametrize("name", NAMES)
def test_people_called_like_a_word_of_columns(tmp_path, name, first):
    """Between candidates, or where a sum needs them, they are candidates; beside them we ask."""
    between = table([name], PEOPLE, place=4).replace("unit", first, 1)
    expected = {"Ada": 780, "Ben": 710, "Cyd": 341, name: 390}
    assert votes(contest(between.replace("1000", "1900"), tmp_path)) == expected
    rows = [line.split(",") for line in table([]).replace("1000", "1900").splitlines()]
    for row, cell in zip(rows, [name, *map(str, PEOPLE)], strict=True):
        row.append(cell)
    last = "\n".join(map(",".join, rows)).replace("unit", first, 1) + "\n"
    with pytest.raises(InputError, match=f"'{name}' must be .*--columns '{name}=candidate'"):
        contest(last, tmp_path)
    assert votes(contest(last, tmp_path, columns={name: "candidate"})) == expected
    for whole, more in (("valid", 0), ("ballots", 1)):
        sums = [v + p + more * i for v, p, i in zip(VALID, PEOPLE, (10, 5, 4), strict=True)]
        lines = [*zip(last.splitlines(), [whole, *map(str, sums)], strict=True)]
        found = contest("".join(f"{a},{b}\n" for a, b in lines), tmp_path)
        assert votes(found) == expected


@pytest.mark.parametrize(
    ("name", "blank"), [("Bianchi", "Schede bianche"), ("Branco", "brancos"), ("Blanc", "Blancs")]
)
def test_people_called_blank_beside_blank_ballots(tmp_path, name, blank):
    text = table([blank, name], (5, 6, 7), PEOPLE, place=4)
    found = contest(text, tmp_path)
    assert votes(found)[name] == 390
    assert found.invalid.tolist() == [15, 11, 11]


BLANK = ["Blanco", "Blank", "Blanc", "Branco", "Bianchi", "Bos", "Null", "Leer"]
VOTED = {"Ada": (300, 280, 200), "Ben": (250, 260, 190), "Cyd": (140, 105, 96)}
FEW_OR_MANY = {"few": (14, 10, 9), "many": (250, 265, 195)}


def wide(people):
    """Return a table of three units with a column for each of some names."""
    rows = [["unit", *people], *map(list, zip("nsw", *people.values(), strict=True))]
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def long(people):
    """Return a table of three units with a row for each of some names."""
    rows = [f"{u},{who},{own[k]}\n" for k, u in enumerate("nsw") for who, own in people.items()]
    return "unit,candidate,votes\n" + "".join(rows)


@pytest.mark.parametrize("name", BLANK)
@pytest.mark.parametrize(
    ("place", "size", "form"),
    [(1, "few", wide), (1, "many", wide), (3, "many", wide), (0, "many", wide), (3, "many", long)],
)
def test_people_called_blank_where_nothing_else_is_invalid_are_asked_for(
    tmp_path, name, place, size, form
):
    """The second of four was read as blank ballots, without a word of doubt."""
    people = [*VOTED.items()]
    people.insert(place, (name, FEW_OR_MANY[size]))
    text, own = form(dict(people)), sum(FEW_OR_MANY[size])
    remedy = rf"'{name}=candidate'\), .* '{name}=invalid'" if form is wide else "full name"
    with pytest.raises(InputError, match=rf"'{name}' must be a candidate or not .*{remedy}"):
        contest(text, tmp_path)
    if form is long:
        assert votes(contest(text.replace(name, f"Ana {name}"), tmp_path))[f"Ana {name}"] == own
        assert contest(text.replace(name, "invalid"), tmp_path).invalid.sum() == own
        return
    assert votes(contest(text, tmp_path, columns={name: "candidate"}))[name] == own
    blank = contest(text, tmp_path, columns={name: "invalid"})
    assert (votes(blank), blank.invalid.sum()) == (VOTES | {"Ben": 700}, own)
    path = tmp_path / "runoff.csv"
    path.write_text(wide({"Ada": (320, 290, 210), name: FEW_OR_MANY[size], "Ben": (300, 295, 205)}))
    assert read_returns(path, contest=blank).totals == {"Ada": 820, "Ben": 800}


@pytest.mark.parametrize("name", BLANK)
@pytest.mark.parametrize("form", [wide, long])
def test_few_blank_ballots_behind_the_candidates_are_noted(tmp_path, name, form):
    found = contest(form(VOTED | {name: FEW_OR_MANY["few"]}), tmp_path)
    assert found.invalid.tolist() == [14, 10, 9]
    said = f"columns= (--columns '{name}=candidate')" if form is wide else "a full name in"
    assert f"{name!r} is read as invalid ballots; if it is a candidate say {said}" in str(
        found.notes
    )


@pytest.mark.parametrize("name", BLANK)
def test_blank_ballots_of_official_tables_are_not_asked_for(tmp_path, name):
    """Beside other invalid ballots a few are blank; where valid votes are told, any number is."""
    few = contest(table([name], (14, 10, 9), place=4), tmp_path)
    assert (votes(few), few.invalid.sum()) == (VOTES, 52)
    many = contest(table(["valid", name], VALID, (250, 265, 195), place=4), tmp_path)
    assert (votes(many), many.invalid.sum()) == (VOTES, 729)
    assert "read as invalid ballots" not in str(many.notes)


def test_numbers_of_places_are_no_people(tmp_path):
    for text in (
        "Precinct,Ward,registered,Ada,Ben\n1,1,900,300,200\n2,1,900,310,210\n3,2,900,200,250\n",
        "Ward,Precinct,Ada,Ben\n1,1,300,200\n1,2,310,210\n2,1,200,250\n",
        "Region,Electores,Mesa,Ada,Ben\nx,900,1,300,200\nx,950,2,310,210\ny,900,3,200,250\n",
        "Gemeinde,Code,Ada,Ben\nx,9120,300,200\ny,1501,310,210\nz,1300,200,250\n",
    ):
        assert votes(contest(text, tmp_path)) == {"Ada": 810, "Ben": 660}
    assert contest("unit,Yes,No\nn,300,200\ns,250,210\n", tmp_path).candidates == ("Yes", "No")
    text = "Zone,Precinct,registered,Ada,City,Ben\n1,1,900,300,120,200\n1,2,900,310,150,210\n"
    assert contest(text + "2,3,900,200,130,250\n", tmp_path).units == ("1", "2", "3")
    with pytest.raises(InputError, match="'Ward' must be a candidate or not"):
        contest("Precinct,Ward,Ada,Ben\n1,120,300,200\n2,150,310,210\n3,130,200,250\n", tmp_path)


PERCENT = "unit,registered,valid,Ada,Ben\nn,1000,600,{},{}\ns,900,450,{},{}\n"


@pytest.mark.parametrize(
    ("shares", "of"),
    [((50.5, 49.5, 40.2, 59.8), "valid"), ((30.3, 29.7, 20.1, 29.9), "registered")],
)
def test_percentages_are_of_the_people_that_their_sums_say(tmp_path, shares, of):
    found = contest(PERCENT.format(*shares), tmp_path)
    assert found.votes.tolist() == [[303, 297], [181, 269]]
    assert f"(percent of {of}) candidates" in found.notes[0]
    with pytest.raises(InputError, match=r"must sum to 100, or .* of registered - found 25.4"):
        contest(PERCENT.format(20.2, 20, 10.1, 15.3), tmp_path)


def test_the_first_sheet_that_is_not_hidden_is_read(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "votes.xlsx"

    def write(sheets):
        book = xlsxwriter.Workbook(str(path))
        for name, text in sheets.items():
            sheet = book.add_worksheet(name)
            for i, line in enumerate(text.splitlines()):
                for k, cell in enumerate(line.split(",")):
                    sheet.write(i, k, int(cell) if cell.isdigit() else cell)
            if name == "old":
                sheet.hide()
            elif name == "new":
                sheet.activate()
        book.close()

    write({"old": table([]).replace("300", "301"), "new": table([]), "more": "a,b\n1,2\n"})
    found = read_contest(path, advancement="top two")
    assert votes(found) == VOTES
    assert "'new' is read; other sheets: more" in found.notes
    assert votes(read_contest(f"{path}#old", advancement="top two"))["Ada"] == 781
    write({"cover": "Results,\nof,the office\n", "new": table([])})
    with pytest.raises(InputError, match=r"or read another sheet: 'votes.xlsx#new'"):
        read_contest(path, advancement="top two")


VOTERS = (1000, 900, 800)


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        (["Total Voters"], [VOTERS]),
        (["Reg. Voters"], [VOTERS]),
        (["Total Voters", "Total Votes"], [VOTERS, (700, 650, 500)]),
        (["Reg. Voters", "Total Voters"], [VOTERS, (700, 650, 500)]),
        (["Voters", "Ballots cast", "Invalid votes"], [VOTERS, (700, 650, 500), (10, 5, 4)]),
    ],
)
def test_voters_of_whom_far_fewer_voted_are_the_list(tmp_path, head, cells):
    rows = [",".join(line.split(",")[:1] + line.split(",")[3:]) for line in table([]).splitlines()]
    columns = [[name, *map(str, column)] for name, column in zip(head, cells, strict=True)]
    text = "".join(f"{row},{','.join(c[k] for c in columns)}\n" for k, row in enumerate(rows))
    found = contest(text, tmp_path, electorate="registered")
    assert (votes(found), tuple(found.registered)) == (VOTES, VOTERS)


def test_voters_who_are_about_the_votes_are_ballots(tmp_path):
    text = table(["Total Voters"], (700, 650, 500)).replace("registered", "Code")
    found = contest(text, tmp_path)
    assert (found.registered, votes(found)) == (None, VOTES)


@pytest.mark.parametrize("name", ["№ ТВО", "№ дільниці", "№ УИК", "N° xyz"])
def test_numbers_of_stations(tmp_path, name):
    text = table([name], (11, 12, 13), place=1)
    assert votes(contest(text, tmp_path)) == VOTES
    numbered = table([]).replace("Ada,Ben,Cyd", "№ 1 Ada,№ 2 Ben,№ 3 Cyd")
    assert len(votes(contest(numbered, tmp_path))) == 3


PLACES = """Sandık Sayısı, Polling stations, Number of precincts, Mesas, Mesas instaladas, Sezioni,
    Seções, Nombre de bureaux, Nombre de bureaux de vote, Liczba obwodów, Număr secții, Брой секции,
    Количество УИК, Puestos de votación, Lieux de vote, Wahlbezirke, Äänestysalueita,
    Number of booths, Polling centres"""


@pytest.mark.parametrize("count", [" ".join(name.split()) for name in PLACES.split(",")])
@pytest.mark.parametrize("named", ["Name", "Area", "Şehir", "İl Adı", "zzz", "District"])
@pytest.mark.parametrize("last", [False, True])
def test_how_many_stations_there_are_names_no_unit_and_is_no_candidate(
    tmp_path, count, named, last
):
    columns = [(named, ("Alpha", "Beta", "Gamma")), ("Registered", (900, 800, 700)),
               ("Invalid", (5, 5, 4)), ("Durand", (200, 150, 140)), ("Martin", (180, 160, 152)),
               ("Petit", (90, 80, 70))]  # fmt: skip
    columns.insert(len(columns) if last else 1, (count, (12, 9, 14)))
    rows = [",".join(name for name, _ in columns)]
    rows += [",".join(str(cells[k]) for _, cells in columns) for k in range(3)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    found = read_contest(path)
    assert found.units == ("Alpha", "Beta", "Gamma")
    assert dict(found.totals) == {"Durand": 490, "Martin": 492, "Petit": 240}


def test_a_column_called_women_alone_is_of_some_of_the_voters(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "District,Registered,Invalid,Durand,Martin,Petit,Women\n"
        "A,4000,30,900,700,600,1100\nB,4000,30,700,800,600,1080\n", "utf-8"
    )  # fmt: skip
    found = read_contest(path)
    assert found.candidates == ("Durand", "Martin", "Petit")


def test_places_of_one_name_in_two_regions_are_named_by_both(tmp_path):
    path = tmp_path / "t.csv"
    names = (
        "Region District, State County, Province Department, region unit, Region Name, Region Lieu"
    )
    for first, second in map(str.split, names.split(",")):
        path.write_text(
            f"{first},{second},Registered,Durand,Martin,Petit\nX,Centre,900,200,180,90\n"
            "X,North,800,150,160,80\nY,Centre,700,140,150,70\nY,North,600,120,110,60\n", "utf-8"
        )  # fmt: skip
        found = read_contest(path)
        assert found.units == ("X Centre", "X North", "Y Centre", "Y North")
        assert found.regions == ("X", "X", "Y", "Y")


def test_a_surname_that_means_one_sex_is_a_candidate(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("unit,registered,ballots,Mann,Alder,Cedar\na,900,610,210,190,200\n"
                    "b,800,540,150,200,180\nc,1100,700,250,230,210\n", "utf-8")  # fmt: skip
    assert read_contest(path).candidates == ("Mann", "Alder", "Cedar")
