"""Long tables with columns about the candidates: names in parts, numbers, posts, totals of all."""

import pytest

from forecast import InputError, read_contest

VOTES = {"a": (500, 400, 300), "b": (450, 470, 310)}
"""Votes of three people in two units."""


def contest(text, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def table(head, people, *, units="ab", sep=","):
    """Return a table of `head`, of which "U" is the unit and "V" the votes, and cells of people."""
    names = head.split(sep)
    place, count = names.index("U"), names.index("V")
    lines = []
    for unit in units:
        for cells, votes in zip(people, VOTES[unit], strict=True):
            row = list(cells)
            for k, cell in sorted([(place, unit), (count, str(votes))]):
                row.insert(k, cell)
            lines.append(sep.join(row))
    return "\n".join([head, *lines]) + "\n"


def read(head, people, tmp_path, unit="Commune", votes="Votes", **options):
    first, rest = table(head, people).split("\n", 1)
    cells = [{"U": unit, "V": votes}.get(cell, cell) for cell in first.split(",")]
    return contest("\n".join([",".join(cells), rest]), tmp_path, **options)


def is_right(found, people=None):
    counts = [[*VOTES[u]] for u in "ab"]
    return (
        found.units == ("a", "b")
        and found.votes.tolist() == counts
        and (people is None or found.candidates == people)
    )


APART = [["Jean", "Dupont"], ["Jean", "Martin"], ["Marie", "Petit"]]
NAMED = ("Jean Dupont", "Jean Martin", "Marie Petit")
HEADS = [
    ("Prénom", "Nom", "Voix"), ("Given name", "Surname", "Votes"),
    ("Vorname", "Nachname", "Stimmen"), ("Nombres", "Primer apellido", "Votos"),
    ("Nome", "Cognome", "Voti"), ("Имя", "Фамилия", "Голоса"), ("Jméno", "Příjmení", "Hlasy"),
    ("Meno", "Priezvisko", "Hlasy"), ("Imię", "Nazwisko", "Głosy"), ("Adı", "Soyadı", "Oylar"),
    ("Ime", "Prezime", "Glasovi"), ("Prenume", "Nume", "Voturi"),
    ("First name", "Last name", "Votes"), ("Etunimi", "Sukunimi", "Ääniä"),
]  # fmt: skip


def test_names_in_two_columns_are_one_name(tmp_path):
    wrong = []
    for given, surname, votes in HEADS:
        for unit in ("Commune", "Constituency"):
            found = read(f"U,{given},{surname},V", APART, tmp_path, unit, votes)
            wrong += [] if is_right(found, NAMED) else [(unit, given, found.candidates)]
        turned = [row[::-1] for row in APART]
        found = read(f"U,{surname},{given},V", turned, tmp_path, "Commune", votes)
        wrong += [] if is_right(found, ("Dupont", "Martin", "Petit")) else [(given, "second")]
    assert not wrong


@pytest.mark.parametrize("place", ["Name", "Nom", "Nombre", "Название"])
def test_a_name_of_places_beside_those_of_people_is_no_part_of_these(tmp_path, place):
    found = read("U,Vorname,Nachname,V", APART, tmp_path, place, "Stimmen")
    assert is_right(found, NAMED)


def test_surnames_are_names_by_themselves_unless_two_people_have_one(tmp_path):
    people = [["Dupont", "Jean"], ["Dupont", "Marc"], ["Petit", "Marie"]]
    found = read("U,Nom,Prénom,V", people, tmp_path)
    assert is_right(found, ("Dupont Jean", "Dupont Marc", "Petit Marie"))


@pytest.mark.parametrize("votes", ["Gültige Stimmen", "Platné hlasy", "Votes polled", "Ergebnis"])
@pytest.mark.parametrize("number", ["Listenplatz", "Poradové číslo", "N° en voto", "#"])
@pytest.mark.parametrize("names", ["Nachname,Vorname", "Surname", "Kandidat"])
def test_numbers_on_the_ballot_are_no_votes(tmp_path, names, number, votes):
    people = [[str(k + 1), *row[::-1]][: 2 + names.count(",")] for k, row in enumerate(APART)]
    assert is_right(read(f"U,{number},{names},V", people, tmp_path, votes=votes))


ABOUT = [
    ("Occupation", "teacher", "lawyer", "teacher"), ("Rank", "1", "2", "3"),
    ("Running mate", "Xavier Roe", "Yann Doe", "Zoe Poe"), ("Стать", "ч", "ч", "ж"),
    ("Посада", "депутат", "міністр", "міністр"), ("Party", "AAA", "BBB", "CCC"),
    ("Elected", "yes", "no", "no"), ("Age", "61", "55", "48"),
]  # fmt: skip


@pytest.mark.parametrize("unit", ["Constituency", "County", "District", "Округ", "State"])
def test_what_is_said_of_candidates_is_no_part_of_the_unit(tmp_path, unit):
    wrong = []
    for name, *cells in ABOUT:
        people = [["3000", who, cell] for who, cell in zip(("X", "Y", "Z"), cells, strict=True)]
        head = f"U,Registered voters,Candidate,{name},V"
        found = read(head, people, tmp_path, unit, electorate="registered")
        right = is_right(found, ("X", "Y", "Z")) and found.registered.tolist() == [3000, 3000]
        wrong += [] if right else [(name, found.units, found.candidates)]
    assert not wrong


@pytest.mark.parametrize("name", ["Rank", "Result", "Swing of all"])
def test_what_is_said_of_candidates_by_unit_is_no_part_of_it(tmp_path, name):
    text = (
        f"State,Candidate,{name},Votes\na,Ann,no,500\na,Bob,yes,400\na,Cat,no,300\n"
        "b,Ann,yes,450\nb,Bob,no,470\nb,Cat,no,310\n"
    )
    assert is_right(contest(text, tmp_path), ("Ann", "Bob", "Cat"))


@pytest.mark.parametrize("order", [False, True])
def test_votes_beside_those_of_all_candidates_are_those_that_differ(tmp_path, order):
    names = ["totalvotes", "candidatevotes"] if order else ["candidatevotes", "totalvotes"]
    lines = [
        ",".join([u, name, *((str(sum(own)), str(n)) if order else (str(n), str(sum(own))))])
        for u, own in VOTES.items()
        for name, n in zip("XYZ", own, strict=True)
    ]
    text = "\n".join([",".join(["county_name,candidate", *names]), *lines])
    assert is_right(contest(text, tmp_path), ("X", "Y", "Z"))


@pytest.mark.parametrize(
    "names",
    ["Number of advance votes,Number of votes on election day,Total number of votes",
     "Votes,Postal votes,Total", "Balsų apylinkėse,Balsų paštu,Iš viso balsų", "x,y,z"],
)  # fmt: skip
def test_the_sum_of_the_other_votes_is_the_vote(tmp_path, names):
    lines = [
        f"{u},{name},{n * (5 + k) // 10},{n - n * (5 + k) // 10},{n}"
        for u, own in VOTES.items()
        for k, (name, n) in enumerate(zip("XYZ", own, strict=True))
    ]
    found = contest("\n".join([f"Municipality,Candidate,{names}", *lines]), tmp_path)
    assert is_right(found, ("X", "Y", "Z"))
    assert any("the total of" in note for note in found.notes)


def test_places_of_two_columns_stay_two(tmp_path):
    rows = [("X", "1", 5), ("X", "2", 6), ("Y", "1", 7)]
    for head in ("Zone,Bureau", "Názov obce,Číslo okrsku", "County,Station"):
        lines = [f"{a},{b},{who},{n}{n}" for a, b, n in rows for who in ("Ann", "Bob")]
        found = contest("\n".join([f"{head},Candidate,Votes", *lines]), tmp_path)
        assert found.units == ("X 1", "X 2", "Y 1"), head


def test_a_region_with_one_place_called_like_another_stays(tmp_path):
    lines = [f"{a},A,{who},55" for a in "XY" for who in ("Ann", "Bob")]
    found = contest("\n".join(["Region,Gemeinde,Kandidat,Stimmen", *lines]), tmp_path,
                    finalists=("Ann", "Bob"), advancement=None)  # fmt: skip
    assert found.units == ("X A", "Y A")


def test_a_time_of_the_last_update_is_nobody_s_name(tmp_path):
    lines = [f"12:{u}0,{u},{who},55" for u in "12" for who in ("Ann", "Bob")]
    found = contest("\n".join(["Last update,Unit,Candidate,Votes", *lines]), tmp_path,
                    finalists=("Ann", "Bob"), advancement=None)  # fmt: skip
    assert found.candidates == ("Ann", "Bob")


ROME = """PROVINCIA;COMUNE;ELETTORI;COGNOME;NOME;VOTI_CANDIDATO;LISTA;VOTI_LISTA
X;a;5000;ADA;R;1000;PD;700
X;a;5000;ADA;R;1000;FUTURA;250
X;a;5000;BEN;E;900;FDI;600
X;a;5000;BEN;E;900;LEGA;250
X;a;5000;CYD;C;600;CALENDA;550
X;b;3000;ADA;R;600;PD;400
X;b;3000;BEN;E;500;FDI;350
X;b;3000;BEN;E;500;LEGA;120
"""


def test_votes_of_a_candidate_on_rows_of_lists_count_once(tmp_path):
    found = contest(ROME, tmp_path, electorate="registered")
    assert (found.units, found.candidates) == (("a", "b"), ("ADA", "BEN", "CYD"))
    assert found.votes.tolist() == [[1000, 900, 600], [600, 500, 0]]
    assert found.registered.tolist() == [5000, 3000]


def test_other_votes_of_a_candidate_on_rows_of_lists_are_refused(tmp_path):
    with pytest.raises(InputError):
        contest(ROME.replace(";900;LEGA", ";901;LEGA"), tmp_path)
