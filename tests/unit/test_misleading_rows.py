"""Tables of votes whose columns or rows tell of the same people twice, or of no people."""

import pytest

from forecast import InputError, read_contest, read_partial_returns, read_returns


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


def table(names, *columns, sep=","):
    """Return a table of columns of numbers or words."""
    rows = [names, *zip(*columns, strict=True)]
    return "".join(sep.join(map(str, row)) + "\n" for row in rows)


UNITS = ("n", "s", "w")
REGISTERED, INVALID = (4000, 3600, 3200), (10, 12, 9)
ADA, BEN, CYD = (300, 150, 210), (200, 160, 170), (90, 88, 60)
TOTALS = {"Ada": 660, "Ben": 530, "Cyd": 238}
LATER = {"Ada": 860, "Ben": 665}


def parts_of(people, ways):
    """Return the votes of everybody in parts: of every 10 so many in each way, the rest last."""
    return [
        [
            n * of // 10 if k < len(ways) - 1 else n - sum(n * w // 10 for w in ways[:-1])
            for n in own
        ]
        for own in people
        for k, of in enumerate(ways)
    ]


WAYS = [
    ["{} Election Day", "{} Advance", "{} Provisional"],
    ["{} (Election Day)", "{} (Absentee by Mail)", "{} (Advance Voting)"],
    ["{}_early", "{}_mail", "{}_in_person"],
    ["Early {}", "Postal {}", "Polling day {}"],
    ["{} - Briefwahl", "{} - Urnenwahl"],
    ["{} Ordinary", "{} Provisional", "{} Pre-poll", "{} Postal"],
    ["{} ennakkoäänet", "{} vaalipäivä"],
]


@pytest.mark.parametrize("ways", WAYS)
@pytest.mark.parametrize("total", ["", "{} Total", "{} total votes"])
@pytest.mark.parametrize(
    "people", [("Ada", "Ben", "Cyd"), ("Ann Lee (I) (Dem)", "Bo Lee (Rep)", "C")]
)
def test_parts_of_a_vote_are_summed_or_their_total_is_taken(tmp_path, ways, total, people):
    numbers = [6, 3, 1, 0][: len(ways)]
    names = [way.format(person) for person in people for way in ways]
    columns = parts_of((ADA, BEN, CYD), numbers)
    if total:
        total = "Total {}" if ways[0].endswith("{}") else total
        names += [total.format(person) for person in people]
        columns += [ADA, BEN, CYD]
    text = table(["unit", "registered", *names], UNITS, REGISTERED, *columns)
    found = contest(text, tmp_path)
    assert votes(found) == dict(zip(people, TOTALS.values(), strict=True))
    assert any(note.startswith("votes are ") for note in found.notes)


def test_parts_of_a_vote_on_a_night(tmp_path):
    found = contest(table(["unit", "Ada", "Ben", "Cyd"], UNITS, ADA, BEN, CYD), tmp_path)
    names = ["unit", "Ada Election Day", "Ada Mail", "Ben Election Day", "Ben Mail"]
    (tmp_path / "night.csv").write_text(table(names, ["n"], [250], [100], [100], [140]))
    night = read_partial_returns(tmp_path / "night.csv", found)
    assert dict(night.totals) == {"Ada": 350, "Ben": 240}


def test_a_total_of_parts_that_no_word_names(tmp_path):
    names = [f"{person} {part}" for person in ("Ada", "Ben") for part in ("green", "blue", "zzz")]
    halves = parts_of((ADA, BEN), (6, 4))
    text = table(["unit", *names], UNITS, *halves[:2], ADA, *halves[2:], BEN)
    assert votes(contest(text, tmp_path)) == {"Ada": 660, "Ben": 530}


ROUNDS = [
    ("_1", "_2"), (".1", ".2"), (" (1)", " (2)"), (" #1", " #2"), (" 1T", " 2T"), (" 1v", " 2v"),
    (" WG1", " WG2"), (" mz1", " mz2"), (" phase 1", " phase 2"), (" Ballot 1", " Ballot 2"),
    (" E1", " E2"), (" election 1", " election 2"), (" first", " runoff"), (" General", " Runoff"),
    (" Primary", " Runoff"), (" Primary", " General"), (" 2023-05-14", " 2023-05-28"),
    (" 14.05.2023", " 28.05.2023"), (" 14 May", " 28 May"), (" October", " November"),
    (" Oct 2022", " Nov 2022"), (" Nov 8", " Dec 6"), (" 14 mai", " 28 mai"), ("", ".1"),
    ("_x", "_y"), (" I", " II"), (" premier", " second"), (" 8 września", " 22 września"),
    ("1", "2"),
]  # fmt: skip


@pytest.mark.parametrize("marks", ROUNDS)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("later_first", [False, True])
def test_two_rounds_of_the_same_people(tmp_path, marks, both, later_first):
    """The first has everybody, the second two of them."""
    if later_first and marks in (("_x", "_y"), ("", ".1")):
        pytest.skip("marks of programs stand in their order")
    one, two = marks
    first = {f"Ada{one}": ADA, f"Ben{one}": BEN, f"Cyd{'' if one == '_x' else one}": CYD}
    second = {f"Ada{two}": (350, 240, 270), f"Ben{two}": (240, 200, 225)}
    if both:
        first = {f"invalid{one}": INVALID} | first
        second = {f"invalid{two}": (8, 9, 7)} | second
    else:
        first = {"invalid": INVALID} | first
    people = second | first if later_first else first | second
    text = table(["unit", "registered", *people], UNITS, REGISTERED, *people.values())
    found = contest(text, tmp_path, electorate="registered", advancement=None)
    assert (votes(found), found.finalists) == (TOTALS, ("Ada", "Ben"))
    assert found.invalid.tolist() == list(INVALID)
    assert read_returns(tmp_path / "votes.csv", contest=found).totals == LATER


@pytest.mark.parametrize(
    "marks", [(" 1st", " 2nd"), (": red", ": blue"), ("_1", "_2"), (" A", " B")]
)
@pytest.mark.parametrize("less", [1, 8])
def test_columns_of_the_same_people_that_nobody_can_tell(tmp_path, marks, less):
    """Second preferences are few; of others nobody knows what they are."""
    one, two = marks
    people = {f"{name}{mark}": [n // part for n in own] for mark, part in ((one, 1), (two, less))
              for name, own in (("Ada", ADA), ("Ben", BEN))}  # fmt: skip
    text = table(["unit", *people], UNITS, *people.values())
    with pytest.raises(
        InputError, match=rf"'Ada{two}' are of 'Ada', and 'Ben' .*'Ada{two}=ignored'"
    ):
        contest(text, tmp_path)
    said = {f"{name}{two}": "ignored" for name in ("Ada", "Ben")}
    assert list(votes(contest(text, tmp_path, columns=said)).values()) == [660, 530]
    said = dict.fromkeys(people, "candidate")
    assert len(votes(contest(text, tmp_path, columns=said))) == 4


@pytest.mark.parametrize(
    "names",
    [
        ["Slate 1", "Slate 2", "Slate 3", "Slate 4"],
        ["Candidate 1", "Candidate 2", "Candidate 3"],
        ["Ana Silva", "Rui Silva", "Ana Souza", "Eva Costa"],
        ["Ada (PSOE)", "Ben (PSOE)", "Cyd (PP)", "Dan (PP)"],
        ["Kim Min", "Lee Min", "Kim Jun", "Lee Jun", "Park"],
        ["Ada Smith Jr", "Ben Smith Jr", "Cyd Smith"],
        ["Option A", "Option B", "Choice A"],
    ],
)
def test_people_with_a_word_in_common_are_different(tmp_path, names):
    columns = [[30 + 7 * k, 40 + 9 * k, 52 + 3 * k] for k in range(len(names))]
    found = contest(table(["unit", *names], UNITS, *columns), tmp_path)
    assert list(found.candidates) == names


def test_ranks_beside_votes_are_no_candidates(tmp_path):
    names = ["Ada votes", "Ada rank", "Ben votes", "Ben rank", "Cyd votes", "Cyd rank"]
    columns = (ADA, (1, 2, 1), BEN, (2, 1, 2), CYD, (3, 3, 3))
    assert votes(contest(table(["unit", *names], UNITS, *columns), tmp_path)) == TOTALS


NUMBERS = ["Nro. en Voto", "Vote no", "Vote order", "N° Voto", "Numero voto", "Ballot number",
           "No. on ballot", "Número en la papeleta", "Votenr", "zzz", "Votos", "Lista"]  # fmt: skip


def long_table(names, rows):
    return "".join(",".join(map(str, row)) + "\n" for row in (names, *rows))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "last", ["Votos TRICEL", "Votos preliminar", "Votes (final)", "Count", "Result",
             "Votes received", "Votos 2da", "votes", "Votes 2021"],
)  # fmt: skip
@pytest.mark.parametrize("by_candidate", [False, True])
def test_a_number_that_is_the_same_for_a_candidate_everywhere_is_no_vote(
    tmp_path, number, last, by_candidate
):
    people = zip(("Ada", "Ben", "Cyd"), (ADA, BEN, CYD), (4, 7, 2), strict=True)
    lines = [(k, code, name, own[k]) for name, own, code in people for k in range(3)]
    lines = lines if by_candidate else sorted(lines, key=lambda line: line[0])
    text = long_table(["Mesa", number, "Candidato", last], lines)
    found = contest(text, tmp_path)
    assert (votes(found), len(found.units)) == (TOTALS, 3)


@pytest.mark.parametrize("name", ["zone", "Circ. Senatorial", "level", "zzz", "Cargo no", "ward"])
@pytest.mark.parametrize("cells", [(101, 102, 103), (2, 2, 2), (1, 1, 2), (5000, 4000, 6000)])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_number_of_places_beside_rows_of_candidates(tmp_path, name, cells, place):
    lines = []
    for k, unit in enumerate(UNITS):
        for person, own in zip(("Ada", "Ben", "Cyd"), (ADA, BEN, CYD), strict=True):
            line = [unit, person, own[k]]
            lines.append([*line[:place], cells[k], *line[place:]])
    head = ["unit", "candidate", "votes"]
    found = contest(long_table([*head[:place], name, *head[place:]], lines), tmp_path)
    assert votes(found) == TOTALS


def test_valid_votes_of_every_candidate_are_the_votes(tmp_path):
    """As Brazil has them, beside numbers of eleven digits."""
    people = (("Ada", ADA), ("Ben", BEN), ("Cyd", CYD))
    lines = [
        (7000, f"M{unit}", 280001607829 + k, person, own[u], own[u])
        for u, unit in enumerate(UNITS)
        for k, (person, own) in enumerate(people)
    ]
    head = ["CD_LOCAL", "NM_MUNICIPIO", "SQ_CANDIDATO", "NM_CANDIDATO", "QT_VOTOS_NOMINAIS",
            "QT_VOTOS_NOMINAIS_VALIDOS"]  # fmt: skip
    assert votes(contest(long_table(head, lines), tmp_path)) == TOTALS


TREES = [(3, 3), (2, 2), (2, 2, 2, 2), (3, 1, 2), (1, 1, 1), (1, 2), (5, 4, 1, 3)]


def tree(sizes, *, above, whole, seed=0):
    """Return rows of regions and their units, and the votes of all."""
    rows, total, k = [], [0] * 5, 7 * seed
    for region, size in enumerate(sizes):
        units, k = [], k + 1
        for unit in range(size):
            k += 1
            own = [1000 + 37 * k, 10 + k % 7, 300 + 11 * k, 250 + k * k % 97, 100 + 5 * k]
            units.append([f"u{region}{unit}", *own])
        sums = [sum(unit[j] for unit in units) for j in range(1, 6)]
        total = [a + b for a, b in zip(total, sums, strict=True)]
        own = [f"Region {region}", *sums]
        rows += [own, *units] if above else [*units, own]
    ends = {"top": [["Land", *total], *rows], "bottom": [*rows, ["Land", *total]], "": rows}
    return ends[whole], dict(zip(("Ada", "Ben", "Cyd"), total[2:], strict=True))


@pytest.mark.parametrize("sizes", TREES)
@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("whole", ["top", "bottom", ""])
@pytest.mark.parametrize("named", ["Land", "Total"])
def test_rows_of_regions_are_no_units(tmp_path, sizes, above, whole, named):
    rows, expected = tree(sizes, above=above, whole=whole)
    text = long_table(["Place", "Registered", "Invalid", "Ada", "Ben", "Cyd"], rows)
    found = contest(text.replace("Land", named), tmp_path, electorate="registered")
    assert (votes(found), len(found.units)) == (expected, sum(sizes))
    assert any("rows that are sums of others left out" in note for note in found.notes)


def test_rows_of_regions_of_regions(tmp_path):
    parts = [tree((2, 3), above=True, whole="top", seed=k) for k in (1, 2)]
    text = ""
    for name, (rows, _) in zip(("North", "South"), parts, strict=True):
        text += long_table(rows[0], rows[1:]).replace("Land", name).replace("u", f"u{name}")
    text = text.replace("Region", "Kreis").splitlines()
    lines = [line.replace("Kreis", "Part" if k > 5 else "Kreis") for k, line in enumerate(text)]
    found = contest("Place,Registered,Invalid,Ada,Ben,Cyd\n" + "\n".join(lines) + "\n", tmp_path)
    assert votes(found) == {n: parts[0][1][n] + parts[1][1][n] for n in ("Ada", "Ben", "Cyd")}
    assert len(found.units) == 10


@pytest.mark.parametrize("equal", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("total", [False, True])
def test_units_that_are_equal_or_sums_by_accident_are_kept(tmp_path, equal, total):
    rows = [[f"u{k}", 100, 80] for k in range(equal)] + [["v", 160, 90], ["w", 260, 170]]
    rows += [["Total", *(sum(row[j] for row in rows) for j in (1, 2))]] * total
    assert len(contest(long_table(["unit", "Ada", "Ben"], rows), tmp_path).units) == equal + 2
    rows = [[f"u{k}", 100, 80] for k in range(equal)]
    assert len(contest(long_table(["unit", "Ada", "Ben"], rows), tmp_path).units) == equal


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("loose", [1, 2, 5])
@pytest.mark.parametrize("night", [False, True])
def test_sums_beside_units_that_are_in_no_sum(tmp_path, above, loose, night):
    rows, inside = tree((3, 2), above=above, whole="")
    outside = [[f"city {k}", 5000, 30, 900 + k, 800 - 3 * k, 411] for k in range(loose)]
    head = ["Place", "Registered", "Invalid", "Ada", "Ben", "Cyd"]
    found = contest(long_table(head, [*rows, *outside]), tmp_path, electorate="registered")
    assert (found.sums, len(found.units)) == (("Region 0", "Region 1"), 5 + loose)
    assert votes(found) == {
        name: inside[name] + sum(row[k] for row in outside)
        for k, name in enumerate(("Ada", "Ben", "Cyd"), 3)
    }
    counted = [["Place", "Ada", "Ben"], *([row[0], 420, 400] for row in [*rows, *outside])]
    path = tmp_path / "night.csv"
    path.write_text(long_table(counted[0], counted[1 : 5 if night else None]), "utf-8")
    partial = read_partial_returns(path, found)
    assert (partial.units, partial.unknown) == (3 if night else 5 + loose, ())
    assert any("sum" in note and "Region 0" in note for note in partial.notes)
    totals = {"Ada": 420 * partial.units, "Ben": 400 * partial.units}
    assert partial.totals == read_returns(path, contest=found).totals == totals


@pytest.mark.parametrize("step", [50, 100])
def test_round_numbers_sum_by_accident(tmp_path, step):
    rows = [[f"u{k}", *(step * (k + j) for j in (1, 2, 4))] for k in range(8)]
    rows.append(["v", *(step * (7 + 8 + 2 * j) for j in (1, 2, 4))])
    assert len(contest(long_table(["unit", "Ada", "Ben", "Cyd"], rows), tmp_path).units) == 9


CODES = ["#", "Rbr.", "R.br.", "Lp.", "Poř. č.", "Nr. crt.", "Lfd. Nr.", "Α/Α", "Sr. No.", "Item",
         "Seq", "Zone", "Dist", "VE", "ОВО", "OKW", "Izborna jedinica", "Congressional District",
         "zzz"]  # fmt: skip
CELLS = [(1, 2, 3), (11, 11, 12), (1101, 1102, 1203), (5, 5, 5), (77001, 4002, 500)]


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("unit", ["unit", "Gemeinde", "Ort, Teil"])
def test_numbers_in_front_of_the_names_of_units_are_no_votes(tmp_path, name, cells, unit):
    head = [name, unit, "Ada", "Ben", "Cyd"]
    for n in (3, 2, 1):
        columns = [column[:n] for column in (cells, UNITS, ADA, BEN, CYD)]
        found = contest(table(head, *columns, sep=";"), tmp_path)
        assert found.candidates == ("Ada", "Ben", "Cyd")
    if "zz" in name:
        assert f"{name} (in front of the names of units) ignored" in found.notes[0]


@pytest.mark.parametrize("cells", [(1, 2, 3), (1101, 1102, 1103), (7, 7, 7), (0, 1, 2)])
@pytest.mark.parametrize("lists", [("registered",), ("Electores", "Nulos"), ()])
def test_numbers_in_order_before_all_votes_are_no_votes(tmp_path, cells, lists):
    head = ["Comuna", "zzz", *lists, "Ada", "Ben", "Cyd"]
    text = table(head, UNITS, cells, *(REGISTERED, INVALID)[: len(lists)], ADA, BEN, CYD)
    if lists or max(cells) < 5:
        assert votes(contest(text, tmp_path)) == TOTALS
        assert "zzz (numbers in order) ignored" in contest(text, tmp_path).notes[0]
    small = table(["unit", "Ada", "Ben", "Cyd"], UNITS, (1, 2, 3), (4, 5, 7), (2, 9, 4))
    assert len(votes(contest(small, tmp_path))) == 3


TURNOUT = ["Taux de participation", "Taux", "Turnout rate", "Избирателна активност", "Излезност",
           "Aktivnost", "Afluência", "Affluence", "Tingkat Partisipasi", "Valdeltagande", "Кворум",
           "VTR", "zzz"]  # fmt: skip


@pytest.mark.parametrize("name", TURNOUT)
@pytest.mark.parametrize("cells", ["{:.0f}", "{:.2f}%", '"{:.1f} %"', "{:.2f}"])
@pytest.mark.parametrize("lists", [("registered",), ("registered", "invalid"), ()])
def test_turnout_is_no_candidate(tmp_path, name, cells, lists):
    counts = {"registered": (1000, 900, 800), "invalid": (10, 12, 9)}
    rows = zip(ADA, BEN, CYD, counts["registered"], counts["invalid"], strict=True)
    of = [100 * (a + b + c + i) / n for a, b, c, n, i in rows]
    if not lists and cells == "{:.0f}" and name in ("VTR", "zzz"):
        pytest.skip("nobody can tell")
    columns = [*(counts[n] for n in lists), [cells.format(x) for x in of]]
    head = ["Department", *lists, name, "Ada", "Ben", "Cyd"]
    assert votes(contest(table(head, UNITS, *columns, ADA, BEN, CYD), tmp_path)) == TOTALS


def test_candidates_of_few_votes_are_no_percentages(tmp_path):
    small = table(["unit", "registered", "Ada", "Ben", "Cyd"], UNITS, (400, 400, 400),
                  (90, 80, 70), (50, 60, 55), (40, 40, 40))  # fmt: skip
    assert len(votes(contest(small, tmp_path))) == 3
    text = "unit;registered;invalid;Ada;Ben;Cyd\nn;1000;5;300;200;100\ns;1000;5;300;200;100\n"
    assert len(votes(contest(text, tmp_path))) == 3


@pytest.mark.parametrize("more", [1, 2, 3, 6])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_empty_columns_behind_the_last_say_nothing(tmp_path, more, sep):
    head = ["unit", "registered", "Ada", "Ben", "Cyd"]
    text = table(head, UNITS, REGISTERED, ADA, BEN, CYD, sep=sep)
    padded = text.replace("\n", sep * more + "\n")
    assert votes(contest(padded, tmp_path)) == TOTALS
    padded = padded.replace(sep * more + "\n", "\n", 1)
    assert votes(contest(padded, tmp_path)) == TOTALS


@pytest.mark.parametrize(
    "names",
    [["Rejected - uncertain", "Rejected - too many", "Rejected - no first choice"],
     ["Rejected ballots", "Disputed ballots"], ["Rejected (unmarked)", "Rejected (marks for two)"],
     ["Nuls: déchirés", "Nuls: sans signature"]],
)  # fmt: skip
def test_kinds_of_invalid_ballots(tmp_path, names):
    columns = [[k + 1, 2, 3] for k in range(len(names))]
    text = table(["unit", *names, "Ada", "Ben", "Cyd"], UNITS, *columns, ADA, BEN, CYD)
    found = contest(text, tmp_path)
    assert votes(found) == TOTALS
    assert found.invalid.tolist() == [sum(row) for row in zip(*columns, strict=True)]
    named = table(["unit", "Ada", "Blanc - Michel", "Cyd"], UNITS, ADA, BEN, CYD)
    assert len(votes(contest(named, tmp_path))) == 3


@pytest.mark.parametrize(
    "name",
    ["Median age", "Unemployment", "Unemployment rate", "Distance (km)", "Observers", "Complaints"],
)
def test_what_is_told_of_places_is_no_candidate(tmp_path, name):
    text = table(["unit", "Ada", "Ben", "Cyd", name], UNITS, ADA, BEN, CYD, (44, 38, 51))
    assert votes(contest(text, tmp_path)) == TOTALS


@pytest.mark.parametrize(
    "name",
    ["JRV", "Casilla", "Circuito", "Acta", "СИК", "Volební okrsek", "Sprengel", "Wahllokal", "VTD",
     "Stembureau", "Valdistrikt", "Code du b.vote", "Избирачко место"],
)  # fmt: skip
def test_polling_stations_of_many_countries(tmp_path, name):
    text = table([name, "registered", "Ada", "Ben", "Cyd"], (1, 2, 3), REGISTERED, ADA, BEN, CYD)
    found = contest(text, tmp_path)
    assert (votes(found), found.units) == (TOTALS, ("1", "2", "3"))


CODED = ("00101,Baden,5200,51,2860,1420,910,530", "00103,Melk,6100,64,3180,1190,1580,410",
         "00106,Tulln,4300,39,2540,980,870,690")  # fmt: skip


@pytest.mark.parametrize("code", ["Nr", "Code", "ID", "Kodas", "№", "Kod", "Cód.", "Šifra"])
@pytest.mark.parametrize("label", ["Gesamt", "Total", "Iš viso", "CELKEM", "Усього", "ჯამი"])
@pytest.mark.parametrize("first", [True, False])
def test_a_total_without_a_code_beside_valid_votes_is_left_out(tmp_path, code, label, first):
    """The label went into the column of codes, which the sum of the valid votes then needed."""
    total = f",{label},15600,154,8580,3590,3360,1630"
    rows = [total, *CODED] if first else [*CODED, total]
    head = f"{code},Gemeinde,Wahlberechtigte,Ungültige,Gültige,Huber,Gruber,Bauer"
    path = tmp_path / "votes.csv"
    path.write_text("\n".join([head, *rows]), "utf-8")
    found = read_contest(path, advancement="top two")
    assert found.units == ("Baden", "Melk", "Tulln")
    assert found.totals == {"Huber": 3590, "Gruber": 3360, "Bauer": 1630}
    head = f"{code},Gemeinde,Ungültige,Gültige,Huber,Gruber"
    rows = ["101,Baden,60,2900,1700,1200", "103,Melk,70,3300,1500,1800"]
    night = "\n".join([head, *rows, f",{label},130,6200,3200,3000"])
    path = tmp_path / "night.csv"
    path.write_text(night, "utf-8")
    part = read_partial_returns(path, found)
    assert part.totals == {"Huber": 3200, "Gruber": 3000}


@pytest.mark.parametrize("below", [1, 4])
@pytest.mark.parametrize(
    "name",
    ["of which postal", "davon Briefwahl", "w tym: za granicą", "z toho: zahraničí", "di cui: X",
     "de los cuales exterior", "в т.ч. на дому", "dont: procurations", "Including abroad",
     "u tome: inozemstvo", "მათ შორის: უცხოეთში"],
)  # fmt: skip
def test_a_row_of_a_part_of_the_one_above_is_no_unit(tmp_path, name, below):
    rows = [
        ("Ashton", 500, 400),
        ("Burford", 650, 700),
        ("Corley", 250, 240),
        ("Total", 1400, 1340),
    ]
    rows.insert(below, (name, 130, 70))
    text = table(["unit", "Ada", "Ben"], *zip(*rows, strict=True))
    found = contest(text, tmp_path)
    assert found.units == ("Ashton", "Burford", "Corley")
    assert votes(found) == {"Ada": 1400, "Ben": 1340}
    assert any("of a part of the one above left out" in note for note in found.notes)


def test_a_part_is_not_more_than_its_whole_and_davon_may_be_a_place(tmp_path):
    rows = [("Ashton", 500, 400), ("of which postal", 130, 700), ("Corley", 250, 240)]
    with pytest.raises(InputError, match="'of which postal' must be a part of the row above"):
        contest(table(["unit", "Ada", "Ben"], *zip(*rows, strict=True)), tmp_path)
    rows[1] = ("Davon Mills", 130, 70)
    assert contest(table(["unit", "Ada", "Ben"], *zip(*rows, strict=True)), tmp_path).units[1] == (
        "Davon Mills"
    )


GAPS = ("Ashton,20000,65,300,5000,4000", "Burford,30000,60,400,6500,7000",
        "Corley,10000,63,150,2500,2400")  # fmt: skip


@pytest.mark.parametrize("name", ["Total", "Razem", "Gesamt", "ИТОГО", "სულ"])
@pytest.mark.parametrize("cells", [",,,14000,13400", "60000,,,14000,13400", ",62,850,14000,13400"])
@pytest.mark.parametrize("first", [True, False])
def test_a_total_of_some_columns_alone_is_left_out(tmp_path, name, cells, first):
    rows = [f"{name},{cells}", *GAPS] if first else [*GAPS, f"{name},{cells}"]
    text = "\n".join(["Municipality,Registered,Turnout,Invalid,Alder,Birch", *rows]) + "\n"
    found = contest(text, tmp_path, electorate="registered")
    assert found.units == ("Ashton", "Burford", "Corley")
    assert (votes(found), found.registered.sum()) == ({"Alder": 14000, "Birch": 13400}, 60000)
    assert f"1 row that is a sum of others left out: {name}" in found.notes


def test_a_total_with_gaps_that_is_far_from_the_sum_is_asked_about(tmp_path):
    rows = [*GAPS, "Total,,,,10000,13400"]
    text = "\n".join(["Municipality,Registered,Turnout,Invalid,Alder,Birch", *rows]) + "\n"
    with pytest.raises(InputError, match="line 5"):
        contest(text, tmp_path, electorate="registered")
