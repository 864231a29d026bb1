"""Tables of more than one election, or of candidates and their lists, side by side."""

import pytest

from forecast import InputError, read_contest

VOTES = ((5000, 4000, 2600), (6500, 7000, 3900), (2500, 2400, 1100))
OTHERS = ((7400, 3100), (6900, 8100), (2900, 2700))


def read(tmp_path, people, others, *, above=(), votes=VOTES, **options):
    """Return a contest of the first people in a table that has others beside them."""
    lines = [list(above)] if above else []
    lines.append(["Municipality", "Registered", "Invalid", *people, *others])
    for k, (own, more) in enumerate(zip(votes, OTHERS, strict=True)):
        lines.append(["nsw"[k], 90_000, 300, *own, *more[: len(others)]])
    path = tmp_path / "t.csv"
    path.write_text("".join(",".join(map(str, line)) + "\n" for line in lines), "utf-8")
    return read_contest(path, advancement="top two", **options)


PEOPLE, FURTHER = ("Alder", "Birch", "Cedar"), ("Xu", "Yan")
OFFICES = [("President", "Senate"), ("Presidente", "Congreso"), ("Mayor", "Council"),
           ("Президент", "Парламент"), ("Bürgermeister", "Rat"), ("Sindaco", "Consiglio"),
           ("Burmistrz", "Rada"), ("Primar", "Consiliu")]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), OFFICES, ids=[one for one, _ in OFFICES])
@pytest.mark.parametrize("way", ["{}: {}", "{}_{}", "{1} ({0})", "header", "second only"])
def test_two_offices_side_by_side_are_no_contest(tmp_path, one, two, way):
    people, others, above = PEOPLE, FURTHER, ()
    if way == "header":
        above = ("", "", "", one, "", "", two, "")
    elif way == "second only":
        others = [f"{name} ({two})" for name in FURTHER]
    else:
        people = [way.format(one, name) for name in PEOPLE]
        others = [way.format(two, name) for name in FURTHER]
    with pytest.raises(InputError, match="must hold one election"):
        read(tmp_path, people, others, above=above)
    if not above:
        said = dict.fromkeys(others, "ignored")
        assert read(tmp_path, people, others, columns=said).candidates == tuple(people)


@pytest.mark.parametrize("way", ["{1} {0}", "{1} ({0})", "{0}: {1}"])
def test_people_of_an_earlier_year_are_asked_about(tmp_path, way):
    with pytest.raises(InputError, match=r"must hold one election - by its name .*2019"):
        read(tmp_path, PEOPLE, [way.format(2019, name) for name in FURTHER])
    earlier = [way.format(2019, "Alder")]
    assert read(tmp_path, PEOPLE, earlier).candidates == PEOPLE
    with pytest.raises(InputError, match="another than 'Alder Ann'"):
        read(tmp_path, ("Alder Ann", "Birch Bob", "Cedar Cyd"), earlier)


def test_years_above_people_tell_the_elections_apart(tmp_path):
    """The line of years was taken for a title, and everybody for a candidate of one contest."""
    found = read(tmp_path, PEOPLE, FURTHER, above=("", "", "", 2024, "", "", 2019, ""))
    assert dict(found.totals) == {"2024 Alder": 14000, "2024 Birch": 13400, "2024 Cedar": 7600}


def test_a_question_beside_people_is_another_election(tmp_path):
    with pytest.raises(InputError, match="by its name 'Yes'"):
        read(tmp_path, PEOPLE, ("Yes", "No"))


@pytest.mark.parametrize("names", [
    ("Ana Mayor", "Juan Prefect", "Bulgaria 2030"), ("Alder", "Rat", "Maire"),
    ("Agenda 2000", "New Way", "Green List"), ("Vali Noor", "Rada Bo", "Yes Party"),
])  # fmt: skip
def test_single_names_with_such_words_are_people(tmp_path, names):
    assert read(tmp_path, names, ()).candidates == names


def test_candidates_with_their_lists_behind_them_are_asked_about(tmp_path):
    """The lists were the candidates, and the mayors left out as sums of some."""
    people = ("Rossi", "Democratici", "Lista Uno", "Verdi", "Forza", "Lega")
    votes = [(a, a - a // 3, a // 3, b, b // 4, b - b // 4) for a, b, _ in VOTES]
    with pytest.raises(InputError, match="'Rossi' is the sum of 'Democratici' and 'Lista Uno'"):
        read(tmp_path, people, (), votes=votes)
    lists = dict.fromkeys(("Democratici", "Lista Uno", "Forza", "Lega"), "ignored")
    found = read(tmp_path, people, (), votes=votes, columns=lists)
    assert dict(found.totals) == {"Rossi": 14000, "Verdi": 13400}
    groups = dict.fromkeys(("Rossi", "Verdi"), "ignored")
    found = read(tmp_path, people, (), votes=votes, columns=groups)
    assert found.candidates == ("Democratici", "Lista Uno", "Forza", "Lega")
