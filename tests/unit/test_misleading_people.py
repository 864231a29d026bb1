"""First rounds whose candidates are called like rounds, parts, totals, years or parties."""

import pytest

from forecast import InputError, infer_transfers, read_contest, read_returns

UNITS = ("n", "s", "w", "e")


def contest(rows, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


def people(names, *, listed=1.6, lists=True, rows=4):
    """Return a table of candidates, whose votes neither rise nor sum, and their votes."""
    own = {name: [307 + 41 * k - 83 * (u % 2) + u * (7 * k + 2) for u in range(rows)]
           for k, name in enumerate(names)}  # fmt: skip
    total = [sum(column[u] for column in own.values()) for u in range(rows)]
    head = ["unit", *["registered"] * lists, *names]
    table = [
        [UNITS[u], *[int(listed * total[u])] * lists, *(column[u] for column in own.values())]
        for u in range(rows)
    ]
    return [head, *table], {name: sum(column) for name, column in own.items()}


@pytest.mark.parametrize(
    "marks", [(" 1", " 2"), (" I", " II"), (" X", " Y"), (" April", " May"), (".x", ".y"),
              ("_1", "_2"), (" October", " November")],
)  # fmt: skip
def test_names_in_pairs_are_no_rounds_where_the_leaders_have_no_second(tmp_path, marks):
    """The one without a pair has most votes of all."""
    names = [f"{name}{mark}" for name in ("Kim", "Lee") for mark in marks]
    rows, _ = people([*names, f"Park{marks[0]}"])
    with pytest.raises(InputError, match=rf"'Kim{marks[0]}', 'Kim{marks[1]}' are of 'Kim'"):
        contest(rows, tmp_path)
    expected = people([*names, f"Park{marks[0]}"])[1]
    said = dict.fromkeys(names, "candidate")
    assert votes(contest(rows, tmp_path, columns=said)) == expected


@pytest.mark.parametrize("last", [["Alt Right"], ["Alt Left"], []])
@pytest.mark.parametrize("first", [True, False])
def test_left_and_right_are_words_of_names(tmp_path, first, last):
    pairs = ["Centre Left", "Centre Right", "Far Left", "Far Right"]
    rows, expected = people([*pairs, *last] if first else [*last, *pairs])
    assert votes(contest(rows, tmp_path)) == expected


@pytest.mark.parametrize("marks", [("_1", "_2"), (" (1)", " (2)"), (" 8 May", " 22 May")])
def test_zeros_of_those_who_left_are_no_votes_of_a_runoff(tmp_path, marks):
    rows = [["unit", *(f"{name}{mark}" for mark in marks for name in ("Ada", "Ben", "Cyd"))]]
    rows += [[u, 300 + k, 200 + k * k, 100, 350 - k, 250 + k, 0] for k, u in enumerate(UNITS)]
    found = contest(rows, tmp_path, advancement=None)
    assert (list(votes(found)), found.finalists) == (["Ada", "Ben", "Cyd"], ("Ada", "Ben"))
    later = read_returns(tmp_path / "votes.csv", contest=found).totals
    assert later == {"Ada": 1394, "Ben": 1006}


@pytest.mark.parametrize(
    "names",
    ["Ali Hassan,Ali Karim,Omar Hassan,Omar Karim", "de Silva,de Souza,da Silva,da Souza",
     "Lech Kaczyński,Lech Wałęsa,Jarosław Kaczyński,Jarosław Wałęsa",
     "Divers gauche,Divers droite,Union gauche,Union droite,Extrême gauche,Extrême droite",
     "Van der Berg,Van der Meer,De Berg,De Meer", "Ada & Ben,Ada & Cyd,Dan & Ben,Dan & Cyd",
     "Centro Izquierda,Centro Derecha,Nueva Izquierda,Nueva Derecha"],
)  # fmt: skip
def test_two_first_names_with_two_family_names_are_four_people(tmp_path, names):
    rows, expected = people(names.split(","))
    assert votes(contest(rows, tmp_path)) == expected


@pytest.mark.parametrize("marks", [(" (DEM)", " (WFP)"), (" - red", " - blue")])
def test_what_stands_behind_a_bracket_or_a_dash_is_no_family_name(tmp_path, marks):
    rows, _ = people([f"{name}{mark}" for name in ("Ada", "Ben") for mark in marks])
    with pytest.raises(InputError, match="everybody must have one column of votes"):
        contest(rows, tmp_path)


SEXES = [("M", "F"), ("men", "women"), ("hombres", "mujeres"), ("hommes", "femmes"),
         ("homens", "mulheres"), ("Männer", "Frauen"), ("kobiety", "mężczyźni"),
         ("male", "female"), ("K", "M")]  # fmt: skip


@pytest.mark.parametrize("sexes", SEXES)
@pytest.mark.parametrize("form", ["{} {}", "{} ({})", "{}_{}"])
@pytest.mark.parametrize("total", [False, True])
def test_votes_of_men_and_women_are_summed(tmp_path, sexes, form, total):
    names = [form.format(name, sex) for name in ("Ada", "Ben") for sex in sexes]
    rows, own = people(names)
    a, b, c, d = own.values()
    if total:
        sums = [[row[2] + row[3], row[4] + row[5]] for row in rows[1:]]
        head = [form.format(name, "total") for name in ("Ada", "Ben")]
        rows = [[*row, *more] for row, more in zip(rows, [head, *sums], strict=True)]
    assert votes(contest(rows, tmp_path)) == {"Ada": a + b, "Ben": c + d}
    with pytest.raises(InputError, match=r"for everybody or nobody .*'Ben"):
        contest(rows, tmp_path, columns={names[1]: "ignored"})


def test_all_columns_of_a_part_are_named(tmp_path):
    rows, own = people([f"{name} {mark}" for name in ("Ada", "Ben", "Cyd") for mark in "AB"])
    listed = " ".join(f"--columns '{name} B=ignored'" for name in ("Ada", "Ben", "Cyd"))
    with pytest.raises(InputError, match=listed):
        contest(rows, tmp_path)
    said = dict.fromkeys(("Ada B", "Ben B"), "ignored")
    with pytest.raises(InputError, match=r"of all .*\(--columns 'Cyd B=ignored'\)"):
        contest(rows, tmp_path, columns=said)
    found = contest(rows, tmp_path, columns={**said, "Cyd B": "ignored"})
    assert list(votes(found).values()) == [own[name] for name in ("Ada A", "Ben A", "Cyd A")]


@pytest.mark.parametrize("way", ["Urne", "Wahltag", "Urnenwahl", "mail"])
def test_ways_to_vote_in_two_columns_and_their_total(tmp_path, way):
    rows = [["unit", *(f"{p} {k}" for p in ("Ada", "Ben") for k in (way, "Briefwahl", "Gesamt"))]]
    rows += [[u, 200 + k, 100, 300 + k, 150 - k, 90, 240 - k] for k, u in enumerate(UNITS)]
    assert votes(contest(rows, tmp_path)) == {"Ada": 1206, "Ben": 954}


@pytest.mark.parametrize(
    "names",
    ["ANO,ANO 2011,ODS,SPD", "ODS,KDU,TOP,ANO", "ANO,ODS,SPD", "Die PARTEI,SPD,CDU,FDP",
     "People's Party,Labour,ACT", "Party A,Party B,Party C", "SPD,CDU,Die PARTEI",
     "La Alianza,Partido Verde,Liga", "Tahun Baru,Ada,Ben"],
)  # fmt: skip
def test_parties_called_like_a_year_or_a_party(tmp_path, names):
    rows, expected = people(names.split(","))
    assert votes(contest(rows, tmp_path)) == expected


@pytest.mark.parametrize("name", ["Year", "ANO", "Jahr", "Party A", "Party of mayor"])
@pytest.mark.parametrize("cells", [(2018, 2018, 2018, 2018), (18, 18, 18, 18)])
def test_years_and_codes_of_parties_are_no_votes(tmp_path, name, cells):
    rows, expected = people(["Ada", "Ben", "Cyd"])
    more = [name, *cells]
    rows = [[row[0], k, *row[1:]] for row, k in zip(rows, more, strict=True)]
    assert votes(contest(rows, tmp_path)) == expected


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
@pytest.mark.parametrize("whole", ["valid", "ballots"])
@pytest.mark.parametrize("own", [(1, 2, 3, 4), (7, 9, 11, 13), (5, 5, 5, 5)])
def test_a_candidate_of_few_votes_that_the_valid_votes_need(tmp_path, rows, whole, own):
    table = [["unit", "registered", whole, "Ada", "Ben", "Cyd"]]
    for k in range(rows):
        ben, cyd = 250 + k * k, 200 + 5 * k
        table.append([UNITS[k], 900, own[k] + ben + cyd, own[k], ben, cyd])
    found = contest(table, tmp_path)
    assert (votes(found)["Ada"], found.invalid.sum()) == (sum(own[:rows]), 0)


@pytest.mark.parametrize("own", [(7, 9), (0, 1), (1, 2), (5, 5), (45, 48)])
def test_two_numbers_are_in_no_order_and_no_percentages(tmp_path, own):
    rows = [["unit", "Ada", "registered", "Ben", "Cyd"]]
    rows += [["a", own[0], 1000, 250, 200], ["b", own[1], 1000, 260, 220]]
    assert votes(contest(rows, tmp_path))["Ada"] == sum(own)


@pytest.mark.parametrize("rows", [2, 3, 4])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_two_candidates_of_equal_votes_are_two(tmp_path, rows, at):
    table = [["unit", "Ada", "Ben", "Cyd"]]
    table += [[UNITS[k], 300 + k * k, 200 - k, 150 + 3 * k] for k in range(rows)]
    table = [[*row[:at], row[1] if k else "Dan", *row[at:]] for k, row in enumerate(table)]
    found = votes(contest(table, tmp_path))
    assert found["Dan"] == found["Ada"] > 0


@pytest.mark.parametrize("rows", [1, 2])
def test_a_candidate_with_the_votes_of_all_others_in_a_row_or_two(tmp_path, rows):
    table = [["unit", "Ada", "Ben", "Cyd", "Dan"], ["a", 100, 200, 300, 600]]
    table = [*table, ["b", 110, 190, 310, 610]][: rows + 1]
    assert len(votes(contest(table, tmp_path))) == 4


ALIKE = [
    "Green,Green Party,Labour,Labour Party", "Left,New Left,Right,New Right",
    "Bush,Bush Jr,Kennedy,Kennedy Jr,Gore", "PSD,PSD Iasi,PNL,PNL Iasi",
    "Reform,Reform UK,Unity,Unity UK", "Liga,Liga Nord,Alleanza,Alleanza Nord,PD",
    "PAN,PRI,PRD,PAN_PRI,PAN_PRD,PRI_PRD,PAN_PRI_PRD,MORENA",
]  # fmt: skip


@pytest.mark.parametrize("names", ALIKE)
def test_people_called_like_others_with_a_further_word(tmp_path, names):
    """They are candidates where the list has room, and asked for where there is none."""
    rows, expected = people(names.split(","))
    assert votes(contest(rows, tmp_path)) == expected
    rows, _ = people(names.split(","), lists=False)
    with pytest.raises(InputError, match=r"is called like .* different people") as refused:
        contest(rows, tmp_path)
    advised = str(refused.value).split("columns= (")[1].split(")")[0]
    said = dict(part.split("'")[1].rsplit("=", 1) for part in advised.split("--columns")[1:])
    assert votes(contest(rows, tmp_path, columns=said)) == expected
    said = dict.fromkeys(said, "ignored")
    assert len(contest(rows, tmp_path, columns=said).candidates) == len(expected) - len(said)


@pytest.mark.parametrize("word", ["zzz", "Party", "UK"])
def test_columns_beside_people_for_whom_the_list_has_no_room(tmp_path, word):
    rows, expected = people(["Ada", f"Ada {word}", "Ben", f"Ben {word}"], listed=0.7)
    found = contest(rows, tmp_path, electorate="registered")
    assert votes(found) == {name: expected[name] for name in ("Ada", "Ben")}


@pytest.mark.parametrize("word", ["forecast", "poll", "rank", "Vorwahl", "change", "%", "seats"])
@pytest.mark.parametrize("lists", [True, False])
def test_known_words_beside_people_are_of_no_candidates(tmp_path, word, lists):
    rows, expected = people(["Ada", f"Ada {word}", "Ben", f"Ben {word}"], lists=lists)
    assert votes(contest(rows, tmp_path)) == {name: expected[name] for name in ("Ada", "Ben")}


TOTALS = ["National", "Ensemble", "Razem", "SPOLU", "Skupaj", "Suma"]


@pytest.mark.parametrize("name", TOTALS)
@pytest.mark.parametrize("at", [0, 1, 3])
@pytest.mark.parametrize("times", [1, 6])
@pytest.mark.parametrize("lists", [True, False])
def test_parties_called_like_a_total(tmp_path, name, at, times, lists):
    """In a landslide, too, with more votes than all others."""
    names = ["Ada", "Ben", "Cyd"]
    rows, _ = people([*names[:at], name, *names[at:]], lists=lists)
    k = rows[0].index(name)
    rows = [[*row[:k], row[k] * times if u else name, *row[k + 1 :]] for u, row in enumerate(rows)]
    rows = [[row[0], *([row[1] * times if u else row[1]] if lists else []), *row[1 + lists :]]
            for u, row in enumerate(rows)]  # fmt: skip
    expected = {n: sum(row[rows[0].index(n)] for row in rows[1:]) for n in rows[0][1 + lists :]}
    assert votes(contest(rows, tmp_path)) == expected


@pytest.mark.parametrize("name", [*TOTALS, "Total", "Ogółem", "SPOLU total"])
@pytest.mark.parametrize("more", [0, 9])
@pytest.mark.parametrize("lists", [True, False])
def test_totals_called_like_a_party(tmp_path, name, more, lists):
    rows, expected = people(["Ada", "Ben", "Cyd"], lists=lists)
    sums = [name, *(sum(row[1 + lists :]) + more for row in rows[1:])]
    rows = [[*row, own] for row, own in zip(rows, sums, strict=True)]
    found = contest(rows, tmp_path)
    assert (votes(found), found.invalid.sum()) == (expected, 4 * more)


@pytest.mark.parametrize("name", ["SPOLU", "Razem", "Ensemble", "SPOLU total"])
def test_a_total_of_some_candidates_is_no_candidate(tmp_path, name):
    rows, expected = people(["ODS", "KDU", "TOP", "ANO"])
    rows = [[*row[:5], sum(row[2:5]) if k else name, row[5]] for k, row in enumerate(rows)]
    assert votes(contest(rows, tmp_path)) == expected


def test_a_party_or_total_in_one_row_is_asked_for(tmp_path):
    rows = [["unit", "Labour", "Green", "National"], ["a", 300, 200, 540]]
    with pytest.raises(InputError, match="'National' must be a candidate or the total"):
        contest(rows, tmp_path)
    assert len(votes(contest(rows, tmp_path, columns={"National": "candidate"}))) == 3
    assert contest(rows, tmp_path, columns={"National": "ballots"}).invalid.sum() == 40


HEADS = ["Registered {}", "Inscritos {}", "Inscrits {}", "Eleitores {}", "{}"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("sexes", SEXES)
@pytest.mark.parametrize("total", [False, True])
def test_people_registered_by_sex_are_summed(tmp_path, head, sexes, total):
    if len(sexes[0]) == 1 and head == "{}":
        pytest.skip("single letters are names")
    rows, expected = people(["Ada", "Ben", "Cyd"])
    head = [head.format(sex) for sex in sexes]
    more = [head, *([row[1] // 2 + 5, row[1] - row[1] // 2 - 5] for row in rows[1:])]
    kept = [[row[0], *two, *row[2 - total :]] for row, two in zip(rows, more, strict=True)]
    found = contest(kept, tmp_path, electorate="registered")
    assert votes(found) == expected
    assert found.registered.tolist() == [row[1] for row in rows[1:]]
    if not total:
        said = dict.fromkeys(head, "registered")
        found = contest(kept, tmp_path, electorate="registered", columns=said)
        assert found.registered.sum() == sum(row[1] for row in rows[1:])


@pytest.mark.parametrize("head", ["Voters {}", "Votantes {}", "Ballots {}"])
def test_ballots_by_sex_are_summed(tmp_path, head):
    rows, expected = people(["Ada", "Ben", "Cyd"], lists=False)
    more = [[head.format("men"), head.format("women")], *([sum(r[1:]), 9] for r in rows[1:])]
    rows = [[row[0], *two, *row[1:]] for row, two in zip(rows, more, strict=True)]
    found = contest(rows, tmp_path)
    assert (votes(found), found.invalid.sum()) == (expected, 36)


@pytest.mark.parametrize("ways", [("mail", "booth"), ("Briefwahl", "Wahltag")])
@pytest.mark.parametrize("total", [False, True])
@pytest.mark.parametrize("lists", [False, True])
def test_invalid_ballots_by_way_to_vote_are_summed(tmp_path, ways, total, lists):
    head = ["unit", *(f"registered {w}" for w in ways if lists), *(f"invalid {w}" for w in ways)]
    rows = [[*head, *(f"{p} {w}" for p in ("Ada", "Ben") for w in ways), *["invalid"] * total]]
    rows += [
        [u, *[900, 800] * lists, 5 + k, 6, 200 + k, 100, 150 - k, 90, *[11 + k] * total]
        for k, u in enumerate(UNITS)
    ]
    found = contest(rows, tmp_path, electorate="registered" if lists else "voters")
    assert (votes(found), found.invalid.tolist()) == ({"Ada": 1206, "Ben": 954}, [11, 12, 13, 14])
    assert not lists or found.registered.sum() == 6800


@pytest.mark.parametrize("blank", ["", "-", "n/a"])
@pytest.mark.parametrize("many", [False, True])
def test_few_units_without_a_list_have_the_turnout_of_the_others(tmp_path, blank, many):
    rows = [[f"u{k}", 1000, 300 + k, 250 - k, 50] for k in range(40)]
    for row in rows[3 : 9 if many else 4]:
        row[1] = blank
    head = ["unit", "registered", "Ada", "Ben", "Cyd"]
    if many:
        with pytest.raises(InputError, match=r"line 5, 'registered': must be a whole number"):
            contest([head, *rows], tmp_path)
        return
    found = contest([head, *rows], tmp_path, electorate="registered")
    assert (found.registered[3], found.set_aside) == (1000, ("u3",))
    assert any("1 unit without a list" in note for note in found.notes)
    path = tmp_path / "runoff.csv"
    path.write_text("unit,Ada,Ben\n" + "".join(f"u{k},320,260\n" for k in range(40)), "utf-8")
    fitted = infer_transfers(found, read_returns(path, contest=found))
    assert any("without a list, left out: u3" in note for note in fitted.notes)
