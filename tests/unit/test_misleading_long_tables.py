"""Rows of candidates that mislead: each was once read wrongly without a word, or refused."""

import pytest

from forecast import InputError, read_contest, read_partial_returns
from forecast.facts.tables.turned_tables import upright
from forecast.files.columns import Columns

ADA, BEN, CYD = (133, 330), (240, 211), (151, 155)
"""Votes in two units: of Ada 463, of Ben 451, of Cyd 306."""
TOTALS = {"Ada": 463, "Ben": 451, "Cyd": 306}


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


def rows(names, parts, *, last=True, head="Precinct,Candidate", order="unit"):
    """Return a table whose votes have parts; `parts` says how many of each hundred a part has."""
    people = [("Ada", ADA), ("Ben", BEN), ("Cyd", CYD)]
    lines = []
    for u, unit in enumerate("ab"):
        for k, (person, count) in enumerate(people):
            cells = [count[u] * (part + 7 * k) // 100 for part in parts]
            cells.append(count[u] - sum(cells))
            lines.append((u, k, [unit, person, *cells, *[count[u]] * last]))
    if order == "candidate":
        lines.sort(key=lambda line: line[1])
    table = [",".join(map(str, line)) for *_, line in lines]
    return "\n".join([",".join([head, *names]), *table]) + "\n"


@pytest.mark.parametrize("order", ["unit", "candidate"])
@pytest.mark.parametrize("total", ["Total", "Sum", "Total Votes", "TOTAL", "Overall", "Razem"])
@pytest.mark.parametrize(
    "ways",
    ["Mail,Booth", "Early,Election Day", "Absentee,In person", "Men,Women", "Local,Overseas",
     "Weight,Other", "Postal,X"],
)  # fmt: skip
def test_the_total_of_the_ways_to_vote_is_the_vote(tmp_path, ways, total, order):
    found = contest(rows([ways, total], [30], order=order), tmp_path)
    assert votes(found) == TOTALS
    assert found.units == ("a", "b")


@pytest.mark.parametrize("name", ["Mail", "Early", "Absentee", "Men", "Weight", "Age", "Rank"])
def test_a_total_beside_one_other_column_is_the_vote(tmp_path, name):
    text = f"Precinct,Candidate,{name},Total\n"
    text += "a,Ada,33,133\na,Ben,40,240\na,Cyd,51,151\nb,Ada,30,330\nb,Ben,11,211\nb,Cyd,55,155\n"
    assert votes(contest(text, tmp_path)) == TOTALS


@pytest.mark.parametrize("name", ["Percent", "%", "Share", "Rank", "Age", "Party"])
def test_a_total_before_what_is_no_vote_is_the_vote(tmp_path, name):
    text = f"Precinct,Candidate,Total,{name}\n"
    text += "a,Ada,133,25\na,Ben,240,46\na,Cyd,151,29\nb,Ada,330,47\nb,Ben,211,30\nb,Cyd,155,22\n"
    assert votes(contest(text, tmp_path)) == TOTALS


@pytest.mark.parametrize("ways", ["Mail,Election Day", "Early,Absentee", "By mail,In person",
                                  "Mail votes,Election Day votes"])  # fmt: skip
def test_ways_to_vote_without_a_total_are_summed(tmp_path, ways):
    found = contest(rows([ways], [40], last=False), tmp_path)
    assert votes(found) == TOTALS
    assert any(note.startswith("votes are the sum of") for note in found.notes)


@pytest.mark.parametrize("last", [True, False])
def test_ways_to_vote_of_several_words(tmp_path, last):
    names = ["Election Day Votes", "Advanced Voting Votes", "Absentee by Mail Votes",
             "Provisional Votes", *["Total Votes"] * last]  # fmt: skip
    assert votes(contest(rows(names, [30, 20, 5], last=last), tmp_path)) == TOTALS


@pytest.mark.parametrize("order", [0, 1])
def test_the_total_of_a_unit_is_nobodys_vote(tmp_path, order):
    lines = [f"{unit},{name},{n},{total}"
             for unit, u, total in (("a", 0, 524), ("b", 1, 696))
             for name, n in (("Ada", ADA[u]), ("Ben", BEN[u]), ("Cyd", CYD[u]))]  # fmt: skip
    lines.sort(key=lambda line: line.split(",")[order])
    lines += ["c,Ada,9,18", "c,Ben,9,18"]
    for name in ("Votes", "Count", "Votes received"):
        text = "\n".join([f"Precinct,Candidate,{name},Total", *lines]) + "\n"
        assert votes(contest(text, tmp_path)) == {"Ada": 472, "Ben": 460, "Cyd": 306}


def test_votes_that_a_user_names_are_taken(tmp_path):
    found = contest(rows(["Mail,Booth", "Total"], [30]), tmp_path, columns={"Mail": "votes"})
    assert votes(found)["Ada"] == 39 + 99


@pytest.mark.parametrize("names", ["Blue,Red", "Men,Women", "First choice,Second choice"])
def test_several_numbers_of_unknown_kind_are_refused(tmp_path, names):
    with pytest.raises(InputError, match=r"columns= \(--columns '.*=votes'\)"):
        contest(rows([names], [40], last=False), tmp_path)


@pytest.mark.parametrize("head", ["Candidate", "candidate"])
@pytest.mark.parametrize("total", ["", ",Total"])
def test_ways_to_vote_of_candidates_without_units(tmp_path, head, total):
    text = f"{head},Early,Mail,Election Day{total}\n"
    for name, parts in (
        ("Ada", (200, 133, 130)),
        ("Ben", (201, 120, 130)),
        ("Cyd", (99, 102, 105)),
    ):
        text += ",".join(map(str, [name, *parts, *[sum(parts)] * bool(total)])) + "\n"
    assert votes(contest(text, tmp_path)) == TOTALS


@pytest.mark.parametrize("mode", ["mode", "way", "method", "Type", "vote type", "election type"])
@pytest.mark.parametrize("ways", ["mail,booth", "Election Day,Early", "postal,in person,total"])
def test_rows_by_way_to_vote_are_summed(tmp_path, mode, ways):
    text = f"unit,candidate,{mode},votes\n"
    for u, unit in enumerate("ab"):
        for name, count in (("Ada", ADA), ("Ben", BEN), ("Cyd", CYD)):
            part = count[u] // 3
            for way, n in zip(ways.split(","), (part, count[u] - part, count[u]), strict=False):
                text += f"{unit},{name},{way},{n}\n"
    found = contest(text, tmp_path)
    assert votes(found) == TOTALS
    assert found.units == ("a", "b")
    assert any("ways to vote" in note for note in found.notes)


GROUPS = ("Others", "Write-ins", "Scattering", "Other candidates", "Autres", "Otros", "Pozostali",
          "Sonstige", "Altri", "Outros", "Ostali", "Rest", "OTHER", "write-in", "Інші", "Diğer",
          "Autres candidats", "Minor candidates")  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("count", [1170, 1400])
def test_a_name_of_several_people_is_no_finalist(tmp_path, name, count):
    long = f"candidate,votes\nAda,1350\n{name},{count}\nCyd,1060\nDan,90\n"
    wide = f"unit,Ada,{name},Cyd,Dan\nx,1000,{count},60,40\ny,350,0,1000,50\n"
    for text in (long, wide):
        found = contest(text, tmp_path)
        assert found.finalists == ("Ada", "Cyd")
        assert votes(found)[name] == count
        assert f"{name}: several people, so no finalist" in found.notes
        with pytest.raises(InputError, match=f"found '{name}', which means several"):
            contest(text, tmp_path, finalists=["Ada", name])


def test_several_people_count_for_the_majority_and_do_not_win(tmp_path):
    text = "candidate,votes\nAda,300\nOthers,600\nCyd,200\n"
    assert contest(text, tmp_path, advancement=None).finalists == ("Ada", "Cyd")
    with pytest.raises(InputError, match="found Ada and Others, which means several"):
        contest("candidate,votes\nAda,300\nOthers,600\n", tmp_path)


@pytest.mark.parametrize("name", ["Anna Rest", "Otherside", "Andre", "Rest Ada", "Drago"])
def test_a_person_who_is_called_nearly_so_is_a_finalist(tmp_path, name):
    text = f"candidate,votes\nAda,1350\n{name},1170\nCyd,1060\n"
    assert contest(text, tmp_path).finalists == ("Ada", name)


def test_a_user_may_say_that_others_is_a_person(tmp_path):
    text = "unit,Ada,Rest,Cyd\nx,1000,1170,60\ny,350,0,1000\n"
    assert contest(text, tmp_path, columns={"Rest": "candidate"}).finalists == ("Ada", "Rest")


@pytest.mark.parametrize("said", ["(withdrawn)", "[withdrew]", "- withdrawn", "(désisté)"])
def test_somebody_who_withdrew_is_asked_about(tmp_path, said):
    text = f"candidate,votes\nAda,1350\nBen {said},1170\nCyd,1060\n"
    with pytest.raises(InputError, match="--finalists 'Ada,Cyd'"):
        contest(text, tmp_path)
    assert contest(text, tmp_path, finalists=["Ada", "Cyd"]).finalists == ("Ada", "Cyd")
    later = f"candidate,votes\nAda,1350\nBen {said},170\nCyd,1060\n"
    assert contest(later, tmp_path).finalists == ("Ada", "Cyd")


SPELLINGS = [("Ada Lee", "Ada  Lee", "Ada\u00a0Lee"), ("Jos\u00e9", "Jose\u0301", "Jose"),
             ("O'Brien", "O\u2019Brien", "O'BRIEN"), ("McDonald", "Mc Donald", "MCDONALD"),
             ("Ada Lee", "ADA LEE", "Ada-Lee"), ("Ziółko", "Ziolko", "ziółko")]  # fmt: skip


@pytest.mark.parametrize("spellings", SPELLINGS)
@pytest.mark.parametrize("head", ["unit,candidate,votes", "Gmina,Kandydat,Głosy"])
def test_one_candidate_in_several_spellings_is_one(tmp_path, spellings, head):
    text = f"{head}\n"
    for k, unit in enumerate("abcd"):
        text += f"{unit},{spellings[k % 3]},100\n{unit},Ben,150\n{unit},Cyd,90\n"
    found = contest(text, tmp_path)
    assert votes(found) == {spellings[0]: 400, "Ben": 600, "Cyd": 360}
    assert found.finalists == ("Ben", spellings[0])
    assert any("taken for one candidate" in note for note in found.notes) or " " in spellings[0]


@pytest.mark.parametrize("two", [("Ada", "ADA"), ("José", "Jose"), ("Ann-Lee", "Ann Lee")])
def test_two_spellings_in_one_unit_are_two_people(tmp_path, two):
    text = "unit,candidate,votes\n"
    for unit in "ab":
        text += f"{unit},{two[0]},100\n{unit},{two[1]},150\n{unit},Cyd,90\n"
    text += f"c,{two[0]},100\nc,Cyd,10\n"
    assert votes(contest(text, tmp_path)) == {two[0]: 300, two[1]: 300, "Cyd": 190}


PIVOT = {"Ada": (100, 140, 130), "Ben": (130, 150, 190), "Cyd": (90, 95, 60)}


def pivot(head, *, before="", behind=""):
    """Return a table with a row per candidate and three columns of units."""
    text = f"{head}\n"
    for k, (name, counts) in enumerate(PIVOT.items(), 1):
        first = before.format(k=k, c="RGB"[k - 1], z=9 - k)
        text += f"{first}{name}{behind.format(k=k, c='RGB'[k - 1])},{','.join(map(str, counts))}\n"
    return text


def turned(found, names=("Ada", "Ben", "Cyd")):
    assert found.units == ("North", "South", "East")
    assert votes(found) == dict(zip(names, map(sum, PIVOT.values()), strict=True))


@pytest.mark.parametrize("name", ["No", "Rank", "Number", "ID", "Code", "#", "Lp.", "Nr", "N°"])
@pytest.mark.parametrize("people", ["Candidate", "Kandydat", "Candidat"])
def test_a_number_in_front_of_candidates_is_no_unit(tmp_path, name, people):
    head = f"{name},{people},North,South,East"
    turned(contest(pivot(head, before="{k},"), tmp_path))
    head = f"{people},{name},North,South,East"
    turned(contest(pivot(head, behind=",{k}"), tmp_path))


@pytest.mark.parametrize("head", ["Party,Candidate", "ID,Party,Candidate"])
def test_a_party_beside_candidates_is_no_unit(tmp_path, head):
    before = "{k}," * head.startswith("ID") + "{c},"
    turned(contest(pivot(f"{head},North,South,East", before=before), tmp_path))
    turned(contest(pivot("Candidate,Party,North,South,East", behind=",{c}"), tmp_path))


@pytest.mark.parametrize("head", ["First name,Last name", "Prénom,Nom", "Imię,Nazwisko"])
def test_names_of_two_columns_are_candidates(tmp_path, head):
    text = pivot(f"{head},North,South,East", behind=",{c}Z")
    turned(contest(text, tmp_path), ("Ada RZ", "Ben GZ", "Cyd BZ"))


@pytest.mark.parametrize("role", ["ignored", "source"])
def test_what_a_user_says_of_a_column_does_not_keep_a_table_from_being_turned(tmp_path, role):
    text = pivot("Candidate,X,North,South,East", behind=",{k}7")
    turned(contest(text, tmp_path, columns={"X": role}))


def test_what_a_user_says_of_a_row_that_becomes_a_column(tmp_path):
    text = "Candidate,North,South\nAda,100,140\nBlanc,130,150\nCyd,90,95\n"
    found = contest(text, tmp_path, columns={"Blanc": "candidate"})
    assert votes(found) == {"Ada": 240, "Blanc": 280, "Cyd": 185}


def test_columns_beside_names_of_candidates_do_not_become_candidates(tmp_path):
    text = pivot("Candidate,No,North,South,East", behind=",{k}").replace("Cyd", "Ben")
    with pytest.raises(InputError, match="rows must be units or candidates"):
        contest(text, tmp_path)


@pytest.mark.parametrize("head", ["Name,Name (en)", "Nom,Nom court", "Precinct name,Ward name"])
def test_names_of_places_in_two_columns_stay_units(head):
    first, second = head.split(",")
    counts = {"Ada": [100, 140], "Ben": [130, 150]}
    names = {first: ["North", "South"], second: ["N", "S"]}
    columns = Columns(where="frame", values={**names, **counts})
    assert upright(columns) is columns


def test_a_total_beside_places_does_not_keep_a_table_from_being_turned(tmp_path):
    text = "Option,North,South,East,Total\nRegistered,900,900,900,2700\n"
    text += "Ada,100,140,130,370\nBen,130,150,190,470\nCyd,90,95,60,245\n"
    turned(contest(text, tmp_path))


@pytest.mark.parametrize(
    "row", ["%,27,41,32", "Share,27,41,32", "Percent,27.4,40.6,32.0", "x,27.4%,40.6%,32.0%",
            "%,27.4%,40.6%,32.0%", "Rank,3,1,2", "Rang,3,1,2", "Prozent,27,41,32"]
)  # fmt: skip
@pytest.mark.parametrize("place", ["unit", "Precinct", "Gmina"])
def test_rows_of_percentages_and_ranks_are_no_units(tmp_path, row, place):
    lines = ["North,100,150,120", "South,140,190,110", "East,130,210,170"]
    for rows in ([*lines, row], [*lines, "Total,370,550,400", row], [row, *lines]):
        found = contest("\n".join([f"{place},Ada,Ben,Cyd", *rows]) + "\n", tmp_path)
        assert found.units == ("North", "South", "East")
        assert votes(found) == {"Ada": 370, "Ben": 550, "Cyd": 400}
        assert any(row.split(",")[0] in note and "left out" in note for note in found.notes)


@pytest.mark.parametrize("name", ["Share", "Rank", "Rang", "Quote"])
def test_a_unit_that_is_called_so_stays_one(tmp_path, name):
    text = f"unit,Ada,Ben,Cyd\nNorth,100,150,120\n{name},140,190,110\nEast,130,210,170\n"
    assert contest(text, tmp_path).units == ("North", name, "East")
    with_list = f"unit,registered,Ada,Ben\nNorth,500,100,150\n{name},340,40,90\n"
    assert contest(with_list, tmp_path).units == ("North", name)


@pytest.mark.parametrize("name", ["Name", "Lp.", "#", "Title"])
def test_which_column_names_the_units_can_be_said(tmp_path, name):
    text = f"{name},Ada,Ben\n1x,100,150\n2x,140,190\n3x,130,110\n"
    if name in ("Lp.", "#"):
        text = text.replace("x", "")
    found = contest(text, tmp_path, columns={name: "unit"})
    assert votes(found) == {"Ada": 370, "Ben": 450}
    if name in ("Name", "Title"):
        assert contest(text, tmp_path).units == ("1x", "2x", "3x")


@pytest.mark.parametrize("name", ["Ballot no", "List", "Rank", "No", "Ballot number"])
def test_a_number_beside_candidates_without_units(tmp_path, name):
    for numbers in ((1, 2, 3), (4, 1, 7)):
        text = f"Candidate,{name},Votes\n"
        for (person, count), number in zip(TOTALS.items(), numbers, strict=True):
            text += f"{person},{number},{count}\n"
        found = contest(text, tmp_path)
        assert votes(found) == TOTALS
        assert len(found.units) == 1


@pytest.mark.parametrize(
    "names",
    ["List A,List B,List C", "List 1,List 2,List 3", "Lista 11,Lista 12,Lista 13"],
)
@pytest.mark.parametrize("register", ["", "registered", "Registered voters"])
def test_lists_with_numbers_are_candidates(tmp_path, names, register):
    more = bool(register)
    text = f"unit,{f'{register},' * more}{names}\n"
    for unit, counts in (("a", "133,240,151"), ("b", "330,211,155")):
        text += f"{unit},{'2000,' * more}{counts}\n"
    found = contest(text, tmp_path, electorate="registered" if more else "voters")
    assert votes(found) == dict(zip(names.split(","), TOTALS.values(), strict=True))
    assert (found.registered is None) == (not more)


def test_one_list_is_the_register(tmp_path):
    text = "unit,List,Ada,Ben\na,900,133,240\nb,950,330,211\n"
    found = contest(text, tmp_path, electorate="registered")
    assert found.registered.tolist() == [900, 950]


@pytest.mark.parametrize("head", ["option", "candidate", "Kandidat", "candidato", "name"])
def test_people_and_not_their_parties_are_candidates_beside_a_column_of_kinds(tmp_path, head):
    """Where parties were empty beside counts of ballots, they were the candidates."""
    rows = [f"unit,{head},party,kind,finalist,votes"]
    for k, unit in enumerate(("n", "s", "w")):
        for person, party, votes in (("Ada Ash", "Red", 200), ("Ben Bay", "Blue", 180 - k),
                                     ("Cid Cox", "Red", 90 + k)):  # fmt: skip
            rows.append(f"{unit},{person},{party},candidate,{person != 'Cid Cox'},{votes}")
        rows += [f"{unit},registered,,registered,False,900", f"{unit},blank,,blank,False,{9 + k}"]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows) + "\n")
    found = read_contest(path, advancement="top two")
    assert dict(found.totals) == {"Ada Ash": 600, "Ben Bay": 537, "Cid Cox": 273}
    assert (found.registered.sum(), found.invalid.sum()) == (2700, 30)


@pytest.mark.parametrize(
    "cells", [("True", "False"), ("yes", "no"), ("1", "0"), ("X", ""), ("da", "nu")]
)
@pytest.mark.parametrize("name", ["finalist", "Elected", "zzz"])
def test_yes_and_no_tell_no_contests_apart(tmp_path, cells, name):
    """The finalists were one contest, and the eliminated another."""
    rows = [f"unit,candidate,{name},votes"]
    for k, unit in enumerate(("n", "s", "w")):
        for person, which, votes in (("Ada", 0, 200), ("Ben", 0, 180 - k), ("Cid", 1, 90 + k),
                                     ("Dee", 1, 70)):  # fmt: skip
            rows.append(f"{unit},{person},{cells[which]},{votes}")
    path = tmp_path / "t.csv"
    path.write_text("\n".join(rows) + "\n")
    found = read_contest(path, advancement="top two", electorate="voters")
    assert dict(found.totals) == {"Ada": 600, "Ben": 537, "Cid": 273, "Dee": 210}


FEEDS = (
    "reportingUnitName,precinctsReporting,precinctsTotal,candidate,votes",
    "reportingUnitName,precinctsReporting,precinctsTotal,last,votes",
    "reportingunitname,precinctsreporting,precinctstotal,last,votecount",
    "reporting_unit_name,precincts_reporting,precincts_total,candidate,vote_count",
    "county,precinctsReporting,precinctsTotal,lastname,votes",
)


@pytest.mark.parametrize("head", FEEDS)
def test_names_of_feeds_are_written_together(tmp_path, head):
    path = tmp_path / "t.csv"
    path.write_text("unit,registered,Ada,Ben,Cid\nn,900,200,180,90\ns,800,150,160,80\n")
    first = read_contest(path, advancement="top two")
    rows = ["n,20,40,Ada,90\nn,20,40,Ben,80\ns,30,30,Ada,180\ns,30,30,Ben,170\n"]
    path.write_text("\n".join([head, *rows]))
    found = read_partial_returns(path, first)
    assert found.votes.tolist() == [[90, 80], [180, 170]]
    assert found.counted == pytest.approx([0.5, 1.0])
