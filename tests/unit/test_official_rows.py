"""Tables that were refused although they say one thing only: cells, merged units, long tables."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.files.columns import Columns
from forecast.files.numbers import bare_counts, unmarked

PEOPLE = ("Anna Berg", "Ivan Cole", "Mara Dorn")
UNITS = ("Alfa", "Bravo", "Cedar", "Delta")
VOTES = [[4292, 3150, 2077], [11017, 10112, 5480], [18205, 12011, 9840], [7011, 9120, 4020]]
INVALID = [310, 820, 1200, 510]
LISTED = [16761, 49820, 78300, 39950]


def columns(rows):
    lines = [",".join(f'"{c}"' if {",", "\n"} & {*str(c)} else str(c) for c in row) for row in rows]
    return Columns.from_text("\n".join(lines) + "\n", "t.csv")


def contest(rows, **options):
    return Contest.from_frame(columns(rows), name="c", finalists=PEOPLE[:2], **options)


def wide(votes=VOTES, listed=LISTED, write=str, head="Registered"):
    return [["Unit", head, "Invalid", *PEOPLE],
            *([u, write(r), i, *map(write, v)]
              for u, r, i, v in zip(UNITS, listed, INVALID, votes, strict=True))]  # fmt: skip


def long(head, votes=VOTES, *, blank=False):
    rows = [[*head]]
    for unit, row in zip(UNITS, votes, strict=True):
        pairs = zip(PEOPLE, row, strict=False)
        rows += [["" if blank and k else unit, n, x] for k, (n, x) in enumerate(pairs)]
    return rows


@pytest.mark.parametrize("mark", ["", ",", "\u066c", "."])
@pytest.mark.parametrize("digits", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯"])
def test_digits_of_other_scripts_with_any_mark_between_thousands(digits, mark):
    write = lambda x: f"{x:,}".replace(",", mark).translate(str.maketrans("0123456789", digits))  # noqa: E731
    found = contest(wide(write=write))
    assert found.votes.tolist() == VOTES
    assert found.registered.tolist() == LISTED


@pytest.mark.parametrize("mark", [".", ",", " ", "'"])
def test_four_digits_without_a_mark_beside_longer_numbers_with_one(mark):
    write = lambda x: f"{x:,}".replace(",", mark) if x > 9999 else str(x)  # noqa: E731
    assert contest(wide(write=write)).votes.tolist() == VOTES


def test_points_that_may_be_decimal_stay():
    for cells in (["1.234", "2345"], ["11.234", "2345", "1.111"], ["11.234", "2345", "7.5"],
                  ["11.234", "23456"], ["11,234", "2345", "12.345"]):  # fmt: skip
        assert list(unmarked(cells)) == cells


@pytest.mark.parametrize("form", ["{v:,} ({p:.1f}%)", "{v:,}\n{p:.1f}%", "{v:,} / {p:.1f}%",
                                  "{v:,} – {p:.1f} %", "{p:.1f}%\n{v:,}", "{v:,} | {p:.1f}%",
                                  "{p:.1f}% / {v:,}", "{v}\n{p:.0f}%",
                                  "{v} - {p:.2f}%"])  # fmt: skip
def test_votes_and_percent_in_one_cell(form):
    rows = wide(votes=[[form.format(v=x, p=100 * x / sum(v)) for x in v] for v in VOTES])
    assert contest(rows).votes.tolist() == VOTES


def test_cells_that_are_no_votes_with_a_percentage_stay():
    for cells in (["4 292 45.1%"], ["12/15"], ["Ward 5 10%"], ["45.1% 30.2%"], ["5-10"]):
        assert list(bare_counts(cells)) == cells


@pytest.mark.parametrize("cell", ["0", "", "-", "–", "x", "entfällt", "k. A."])
@pytest.mark.parametrize("unit", ["Briefwahl 1", "Postal votes", "Votes from abroad"])
def test_postal_votes_without_a_list_are_kept(cell, unit):
    rows = wide()
    rows[-1][:2] = [unit, cell]
    found = contest(rows)
    assert found.votes.tolist() == VOTES
    own = sum(VOTES[3]) + INVALID[3]
    told = found.registered.tolist()
    if "abroad" in unit:
        assert told == [*LISTED[:3], own]
    else:  # they are on the lists of the others
        assert (told[3], sum(told)) == (own, sum(LISTED[:3]))
        voted = [sum(v) + bad for v, bad in zip(VOTES, INVALID, strict=True)][:3]
        parts = [(a - b) / (a - v) for a, b, v in zip(LISTED[:3], told[:3], voted, strict=True)]
        assert parts == pytest.approx([own / (sum(LISTED[:3]) - sum(voted))] * 3, abs=0.02)
    assert any(unit in note and "without a list of their own" in note for note in found.notes)


def test_other_units_without_a_list_are_refused_where_they_are_many():
    rows = wide()
    rows[-1][1] = "0"
    with pytest.raises(InputError, match="more ballots than registered"):
        contest(rows)


def test_merged_cells_of_units_are_filled():
    found = contest(long(("Unit", "Candidate", "Votes"), blank=True), electorate="voters")
    assert (found.units, found.votes.tolist()) == (UNITS, VOTES)
    more = [[v[0] + 99, v[1] + 77] for v in VOTES]
    night = partial_returns(found, columns(long(("Unit", "Candidate", "Votes"), more, blank=True)))
    assert night.votes.tolist() == more


def test_merged_cells_of_units_in_two_rounds():
    rows = [["Unit", "Round", "Registered", "Invalid", *PEOPLE]]
    for unit, listed, invalid, row in zip(UNITS, LISTED, INVALID, VOTES, strict=True):
        rows += [[unit, 1, listed, invalid, *row], ["", 2, listed, invalid, *row[:2], ""]]
    assert contest(rows).votes.tolist() == VOTES


def test_units_over_their_candidates():
    rows = [["Candidate", "Votes", "%"]]
    for unit, row in zip(UNITS, VOTES, strict=True):
        rows += [[unit, "", ""], *([n, x, "33.1"] for n, x in zip(PEOPLE, row, strict=True))]
    found = contest(rows, electorate="voters")
    assert (found.units, found.votes.tolist()) == (UNITS, VOTES)


LONG = """
District,Candidate,Votes; County,Contestant,Vote count; Departamento,Organización política,Votos;
Provincia,Fórmula,Cantidad de votos; Departamento,Candidatura,Votos obtenidos;
Município,Nome na urna,Votos nominais; Comune,Candidato sindaco,Voti validi;
Județ,Competitor,Număr voturi; Okres,Meno kandidáta,Počet platných hlasov;
Okres,Příjmení jméno,Hlasy celkem; Регион,ФИО кандидата,Число голосов;
Область,ПІБ кандидата,Кількість голосів; Kunta,Ehdokkaan nimi,Äänet yhteensä;
Provinsi,Pasangan calon,Suara; Maakond,Kandidaat,Hääli; الولاية,المترشح,الأصوات; Xxx,Yyy,Zzz"""


def test_long_tables_of_three_columns_need_no_words():
    for head in LONG.split(";"):
        found = contest(long(head.strip().split(",")), electorate="voters")
        assert (found.units, found.votes.tolist()) == (UNITS, VOTES), head


def test_stations_are_numbered_by_official_names():
    towns = ("Brno", "Brno", "Praha", "Praha")
    for head in (("Gmina", "Numer komisji"), ("Район", "Номер УИК"), ("الدائرة", "مكتب الاقتراع"),
                 ("Δήμος", "Εκλογικό Τμήμα"), ("Town", "Station")):  # fmt: skip
        rows = wide()
        rows[0][:1] = head
        for k, row in enumerate(rows[1:]):
            row[:1] = [towns[k], k % 2 + 1]
        assert contest(rows).units == ("Brno 1", "Brno 2", "Praha 1", "Praha 2"), head


def test_words_for_the_electorate():
    for head in ("Potencial de sufragantes", "Potencial electoral", "Voter population",
                 "Röstberättigade invånare", "Valijaid nimekirjas", "Внесено до списків",
                 "Зарегистрировано избирателей", "Нийт сонгогч"):  # fmt: skip
        assert contest(wide(head=head)).registered.tolist() == LISTED, head


@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize("titles", ["First round,Second round", "1. kolo,2. kolo",
                                    "Premier tour,Second tour", "I tura,II tura"])  # fmt: skip
def test_rounds_below_each_other_in_one_sheet(pad, titles):
    first, second = titles.split(",")
    more = [[v[0] + 99, v[1] + 77] for v in VOTES]
    rows = [[first], *wide(), [""], [second], *(row[:-1] for row in wide())]
    for row, votes in zip(rows[-4:], more, strict=True):
        row[3:] = votes
    table = [[*row, *[""] * (6 - len(row))] for row in rows] if pad else rows
    found = contest(table)
    assert found.votes.tolist() == VOTES
    assert partial_returns(found, columns(table)).votes.tolist() == more


def test_a_header_repeated_on_every_page_is_no_further_table():
    rows = wide()
    found = contest([["Result"], *rows[:3], rows[0], *rows[3:]])
    assert found.votes.tolist() == VOTES
