"""Tables and names that are odd and clear: read, or matched, rather than refused."""

import pytest

from forecast import InputError, read_contest, read_partial_returns


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def returns(first, runoff, tmp_path):
    """Return the candidates in the order of the file of the runoff, and what it says."""
    before = contest(first, tmp_path, "first.csv", electorate="registered")
    path = tmp_path / "runoff.csv"
    path.write_text(runoff, "utf-8")
    found = read_partial_returns(path, before)
    order = sorted(before.finalists, key=lambda who: -found.votes[0][before.finalists.index(who)])
    return tuple(order), found


FIRST = "unit;registered;invalid;{};{};{}\n{};3000;60;800;700;340\n{};2900;50;600;750;300\n"
RUNOFF = "unit;{};{}\n{};1050;1010\n{};820;1060\n"
PEOPLE = [
    (("DUPONT Jean", "MARTIN Marie", "DURAND Paul"), ("M. DUPONT", "Mme MARTIN")),
    (("Jean Dupont", "Marie Martin", "Paul Durand"), ("Dupont (PS)", "Martin (RN)")),
    (("Jean Dupont", "Marie Martin", "Paul Durand"), ("Dr. Jean Dupont", "Frau Marie Martin")),
    (("Dupont (PS)", "Martin (RN)", "Durand (X)"), ("Jean Dupont", "Marie Martin")),
    (("4. Dan Dogwood", "2. Bob Birch", "3. Cat"), ("1. Dan Dogwood", "2. Bob Birch")),
    (("1 Dan Dogwood", "2 Bob Birch", "3 Cat"), ("2 Dan Dogwood", "1 Bob Birch")),
]  # fmt: skip


@pytest.mark.parametrize(("first", "runoff"), PEOPLE)
def test_people_behind_numbers_and_titles_and_before_parties_are_the_same(tmp_path, first, runoff):
    units = ("a", "b")
    order, _ = returns(FIRST.format(*first, *units), RUNOFF.format(*runoff, *units), tmp_path)
    assert order == first[:2]


@pytest.mark.parametrize("runoff", [("Dupont (PS)", "Dupont (RN)"), ("Dupont", "M. Durand")])
def test_two_people_of_one_name_are_not_told_apart(tmp_path, runoff):
    first = FIRST.format("Jean Dupont", "Marie Dupont", "Paul Durand", "a", "b")
    with pytest.raises(InputError):
        returns(first, RUNOFF.format(*runoff, "a", "b"), tmp_path)


def test_other_columns_of_a_person_are_not_the_votes(tmp_path):
    people, units = ("Jean Dupont", "Marie Martin", "Paul Durand"), ("a", "b")
    head, rest = RUNOFF.format("Dupont", "Martin", *units).split("\n", 1)
    lines = [f"{line};{k + 2}" for k, line in enumerate(rest.splitlines())]
    for more in ("Dupont (change)", "Dupont (lead)", "Dupont (%)"):
        text = "\n".join([f"{head};{more}", *lines])
        order, _ = returns(FIRST.format(*people, *units), text, tmp_path)
        assert order == people[:2], more


CODED = [
    (("01 Ain", "02 Aisne"), ("Ain", "Aisne")), (("Ain", "Aisne"), ("01 Ain", "02 Aisne")),
    (("01 Ain", "02 Aisne"), ("1", "2")), (("1", "02"), ("01 Ain", "2 Aisne")),
    (("Ain (001)", "Réunion (974)"), ("Ain", "Réunion")),
    (("3 de Febrero", "9 de Julio"), ("3 de febrero", "9 de julio")),
]  # fmt: skip


@pytest.mark.parametrize(("first", "runoff"), CODED)
def test_units_with_codes_in_one_file_are_the_same(tmp_path, first, runoff):
    people = ("Ada", "Ben")
    text = RUNOFF.format(*people, *runoff)
    order, found = returns(FIRST.format(*people, "Cyd", *first), text, tmp_path)
    assert (order, found.unknown) == (people, ())
    assert found.votes.sum(axis=1).tolist() == [2060, 1880]


VOTES = [[1010, 1050, 300], [1060, 820, 250]]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize(
    "names", [("D, J", "M, M", "P, P"), ("D, J", "M", "P"), ("D, J, a", "M, b", "P, c")]
)
def test_names_with_commas_are_no_columns(tmp_path, mark, names):
    rows = [["unit", *names], ["a", *VOTES[0]], ["b", *VOTES[1]]]
    found = contest("\n".join(mark.join(map(str, row)) for row in rows), tmp_path)
    assert found.votes.tolist() == VOTES


def test_commas_part_columns_where_rows_have_as_many(tmp_path):
    found = contest("unit,Ada;x,Ben;y,Cyd;z\na,5,6,7\nb,9,8,6\n", tmp_path)
    assert found.votes.tolist() == [[5, 6, 7], [9, 8, 6]]


@pytest.mark.parametrize("name", ["pct", "perc.", "Share", "Anteil", "درصد", "Rank", "Zzz"])
def test_a_repeated_name_behind_votes_is_that_of_percentages(tmp_path, name):
    text = (
        f"unit,registered,Ada,{name},Ben,{name},Cyd,{name}\n"
        "a,3000,900,43,800,38,400,19\nb,2900,700,38,850,46,300,16\n"
    )
    assert contest(text, tmp_path).votes.tolist() == [[900, 800, 400], [700, 850, 300]]


@pytest.mark.parametrize("counts", ["900,43,800", "90,43,80"])
def test_two_columns_of_one_name_are_refused(tmp_path, counts):
    with pytest.raises(InputError, match="must be unique"):
        contest(f"unit,registered,Smith,Bob,Smith\na,3000,{counts}\nb,2900,{counts}\n", tmp_path)


def test_lines_that_number_pages_are_left_out(tmp_path):
    for page in ("Page 1 of 2", "Seite 1", "Strona 1 z 2", "Página 1 / 2", "Стр. 1"):
        text = (
            f"unit,registered,Ada,Ben\na,3000,900,800\n{page}\nunit,registered,Ada,Ben\n"
            f"b,2900,700,850\n{page.replace('1', '2', 1)}\n"
        )
        assert contest(text, tmp_path).units == ("a", "b"), page


def test_a_place_called_like_a_page_that_has_votes_is_a_unit(tmp_path):
    found = contest("unit,registered,Ada,Ben\nPage 1,3000,900,800\nb,2900,700,850\n", tmp_path)
    assert found.units == ("Page 1", "b")


@pytest.mark.parametrize("invalid", ["VOTOS NULOS", "Invalid votes"])
def test_invalid_ballots_without_a_row_are_none(tmp_path, invalid):
    text = (
        f"Mesa,Candidato,Votos\n1,Ann,500\n1,Bob,400\n1,{invalid},3\n2,Ann,450\n2,Bob,470\n"
        f"3,Ann,400\n3,Bob,410\n3,{invalid},2\n"
    )
    assert contest(text, tmp_path).invalid.tolist() == [3, 0, 2]


def test_postal_votes_of_austria_have_no_list(tmp_path):
    text = (
        "Gebietsname;Wahlber.;Ungült.;Griss;Hofer;Bellen\nRust;2000;20;200;450;350\n"
        "Wahlkarten - Burgenland;0;15;400;500;600\n"
    )
    found = contest(text, tmp_path, electorate="registered")
    assert found.registered.tolist() == [2000, 1515]


def test_kinds_of_ballots_that_are_all_of_them_are_not_invalid(tmp_path):
    text = (
        "unit,Mesas,Habilitados,Emitidos,No Observados,Observados,Ada,Ben,En Blanco,Anulados\n"
        "a,50,26648,23479,22696,783,12000,11000,300,179\nb,40,16971,15200,14700,500,8000,7000,150,50\n"
    )
    assert contest(text, tmp_path).invalid.tolist() == [479, 200]


def test_a_running_number_called_by_a_sign_is_no_candidate(tmp_path):
    text = "unit,#,registered,Ada,Ben,invalid\na,1,900,90,80,2\nb,2,800,70,60,1\nc,3,700,60,50,2\n"
    assert contest(text, tmp_path).candidates == ("Ada", "Ben")
