"""Days of polls that were read as others, or not read at all."""

from datetime import date

import asked
import pytest
from asked import ELECTION, runoff_polls, table

from forecast import InputError, read_election
from forecast.facts.words.days import days_of_cells, notes_of_years
from forecast.files.columns import Columns

LATEST = date(2025, 5, 4)


def days(cells, latest=LATEST):
    """Return the first and last days of cells, without the year 2025 and a month's zero."""
    columns = Columns(where="polls", values={"end": cells})
    found = days_of_cells(cells, columns, "end", latest=latest)
    return [tuple(str(day).removeprefix("2025-0") for day in pair) for pair in found]


@pytest.mark.parametrize("mark", "/.-")
@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["25/03/01", "25/03/05"], [("3-01", "3-01"), ("3-05", "3-05")]),
        (["25/3/1"], [("3-01", "3-01")]),
        (["25/03/01", "", "25/04/02"], [("3-01", "3-01"), ("None", "None"), ("4-02", "4-02")]),
        (["24/12/30"], [("2024-12-30", "2024-12-30")]),
        (["25/03/01 - 25/03/05"], [("3-01", "3-05")]),
    ],
)
def test_a_year_of_two_digits_in_front(cells, read, mark):
    """They were days of 2001 and later."""
    assert days([cell.replace("/", mark) for cell in cells]) == read


@pytest.mark.parametrize("cells", [["25/03/01", "25/03/05"], ["25.03.01", "25.04.05"]])
def test_days_are_near_each_other_where_no_election_day_is_known(cells):
    assert days(cells, None)[0] == ("3-01", "3-01")


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["01/03/25", "13/03/25"], [("3-01", "3-01"), ("3-13", "3-13")]),
        (["3/1/25", "3/13/25"], [("3-01", "3-01"), ("3-13", "3-13")]),
        (["24/03/25"], [("3-24", "3-24")]),
        (["24.03.25", "01.04.25"], [("3-24", "3-24"), ("4-01", "4-01")]),
    ],
)
def test_a_year_of_two_digits_at_the_end_stays_one(cells, read):
    assert days(cells) == read


def test_a_year_that_may_be_the_first_number_or_the_last_is_noted():
    said = "days such as '24/03/25': the last number taken for the year"
    assert notes_of_years(["24/03/25"], [date(2025, 3, 24)], LATEST) == [said]
    assert notes_of_years(["28/03/25"], [date(2025, 3, 28)], LATEST) == []


@pytest.mark.parametrize("latest", [LATEST, None])
def test_days_with_dashes_and_a_year_at_the_end(latest):
    assert days(["25-03-2025", "1-4-2025"], latest) == [("3-25", "3-25"), ("4-01", "4-01")]
    with pytest.raises(InputError, match="day and month cannot be told apart"):
        days(["01-03-2025"], latest)


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("10/03-13/03", ("3-10", "3-13")), ("28/03-02/04", ("3-28", "4-02")),
        ("10/03\u201313/03", ("3-10", "3-13")), ("30/12-02/01", ("2024-12-30", "1-02")),
        ("10.03-13.03", ("3-10", "3-13")), ("3/10-13/25", ("3-10", "3-13")),
    ],
)  # fmt: skip
def test_two_days_of_which_none_has_a_year(cell, read):
    """The last number was a year: 2003."""
    assert days([cell]) == [read]
    if "25" not in cell:
        with pytest.raises(InputError, match="a day must have a year"):
            days([cell], None)


HEAD = "pollster,end,n,Ada,Ben,Cid\n"
ROWS = ["Acme,1\u20133 March,1000,40,30,15", "Best,10 February,900,38,31,16",
        "Cent,28 December - 2 January,800,41,28,17"]  # fmt: skip


def ends(tmp_path, *lines, head=HEAD):
    """Return the last days of polls in a file, and the notes."""
    path = tmp_path / "polls.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), "utf-8")
    found = read_election(path, election_day=date(2025, 5, 4))
    return [str(poll.end) for poll in found.polls], found.notes


@pytest.mark.parametrize("wide", [",,,,,", ",{0},{0},{0},{0},{0}"])
@pytest.mark.parametrize(
    ("first", "second"),
    [("2025", "2024"), ("Polls in 2025", "Polls in 2024"), ("Rok 2025", "Rok 2024"),
     ("March 2025", "March 2024"), ("2025 год", "2024 год"), ("Sondages 2025", "Sondages 2024")],
)  # fmt: skip
def test_a_row_with_a_year_is_about_the_polls_below(first, second, wide, tmp_path):
    """It was ignored: all days were those of the last twelve months."""
    first, second = first + wide.format(first), second + wide.format(second)
    days, notes = ends(tmp_path, first, ROWS[0], second, *ROWS[1:])
    assert days == ["2025-03-03", "2024-02-10", "2024-01-02"]
    assert sum("the year of the polls below that have none" in note for note in notes) == 2
    assert not any("days without a year" in note for note in notes)


def test_polls_above_the_first_year_are_the_last_such_days(tmp_path):
    days, notes = ends(tmp_path, ROWS[0], "2024,,,,,", ROWS[1])
    assert days == ["2025-03-03", "2024-02-10"]
    assert any("days without a year" in note for note in notes)


def test_a_row_with_a_month_says_it_of_days_alone(tmp_path):
    rows = [row.replace("3 March", "3").replace("10 February", "10.") for row in ROWS]
    days, _ = ends(tmp_path, "March 2025,,,,,", rows[0], "Luty 2024,,,,,", rows[1])
    assert days == ["2025-03-03", "2024-02-10"]


def test_a_year_in_its_own_cell_comes_first(tmp_path):
    days, _ = ends(tmp_path, "2024,,,,,", "Acme,1 March 2025,1000,40,30,15", ROWS[1])
    assert days == ["2025-03-01", "2024-02-10"]


@pytest.mark.parametrize(
    ("title", "year"),
    [("Polls in 2024", "2024"), ("Opinion polls 2024", "2024"), ("2025 presidential election", ""),
     ("Since the 2024 election", ""), ("Polls 2023-24", ""), ("Polls in 2025", "")],
)  # fmt: skip
def test_a_title_may_say_the_year(title, year, tmp_path):
    days, notes = ends(tmp_path, *ROWS[:2], head=f"{title},,,,,\n{HEAD}")
    assert days == ([f"{year}-03-03", f"{year}-02-10"] if year else ["2025-03-03", "2025-02-10"])
    assert any("2024, the year of polls that have none" in note for note in notes) == bool(year)


def test_polls_of_another_time_are_left_out():
    end = ["2030-05-01", "2030-04-30", "2005-04-28"]
    found = read_election(table(end=end), election_day=ELECTION)
    assert [poll.pollster for poll in found.polls] == ["Acme", "Best"]
    said = "frame row 2: of 2005-04-28, more than 7 years before 2030-05-05; left out"
    assert said in found.notes
    with pytest.raises(InputError, match="more than 7 years before 2030-05-05; left out"):
        read_election(table(end="2005-04-28"), election_day=ELECTION)


def test_polls_of_a_runoff_of_another_time_are_left_out(tmp_path):
    text = "pollster,end,n,Ada Adler,Ben\nAcme,2030-05-12,900,46,44\nBest,2005-05-12,900,46,44\n"
    (poll,) = runoff_polls(asked.contest(), tmp_path, text)
    assert "polls.csv line 3: of 2005-05-12, more than 7 years before 2030-05-19" in poll.note


HEADS = (
    "Датум", "Дата опроса", "Дата опитування", "Fecha de trabajo de campo", "Datum sběru",
    "Zber dát", "Időpont", "Ajankohta", "Datum ankete", "Termin realizacji", "Feldzeit", "Dato",
    "Perioada de colectare", "Dates de terrain", "Período de campo", "Periodo di rilevazione",
    "Saha tarihi", "Περίοδος", "თარიღები", "Kuupäev", "When", "Zz",
)  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("cells", [["1 May 2030", "30 Apr 2030"], ["1.5.2030", "28-30.4.2030"]])
def test_the_days_of_polls_by_any_name(head, cells):
    """Where no name is known the only column of days is that of the field work."""
    facts = {"pollster": ["Acme", "Best"], head: cells, "n": ["1000", "900"]}
    told = {"Ada": ["40", "38"], "Ben": ["30", "31"], "Cid": ["15", "16"]}
    found = read_election(Columns(where="t", values=facts | told), election_day=ELECTION)
    assert [str(poll.end) for poll in found.polls] == ["2030-05-01", "2030-04-30"]


def test_of_two_unknown_columns_of_days_nobody_knows_which_is_meant():
    cells = {"end": ..., "Zz": "1 May 2030", "Yy": "2 May 2030"}
    with pytest.raises(InputError, match="must have a column with the day each poll ended"):
        read_election(table(**cells), election_day=ELECTION)


def test_shares_with_a_point_are_no_days():
    told = {"pollster": ["Acme", "Best"], "n": ["1000", "900"], "Ada": ["10.4", "11.5"],
            "Ben": ["12.10", "13.12"], "Cid": ["15.2", "14.3"]}  # fmt: skip
    with pytest.raises(InputError, match="must have a column with the day each poll ended"):
        read_election(Columns(where="t", values=told), election_day=ELECTION)


def years_of(cells):
    facts = {"pollster": [*"ABCDEFGH"][: len(cells)], "Date": cells, "n": ["1000"] * len(cells)}
    told = {name: [str(share + k) for k in range(len(cells))]
            for name, share in (("Ada", 40), ("Ben", 30), ("Cid", 11))}  # fmt: skip
    table = Columns(where="t", values=facts | told)
    return [poll.end.year for poll in read_election(table, election_day=ELECTION).polls]


def test_days_without_years_in_order_over_more_than_a_year_go_back_to_the_year_before():
    newest_first = ["4-7 Mar", "10-12 Dec", "4-7 Jun", "24-28 May", "20-22 Apr"]
    assert years_of(newest_first) == [2030, 2029, 2029, 2029, 2029]
    assert years_of(newest_first[::-1]) == [2029, 2029, 2029, 2029, 2030]
    longer = [*newest_first, "2 Jan", "30 Dec", "20 Nov"]
    assert years_of(longer) == [2030, 2029, 2029, 2029, 2029, 2029, 2028, 2028]
    assert (
        years_of(["20-22 Apr", "4-7 Jun", "10-12 Dec", "28 Dec-3 Jan", "4-7 Mar"])[:2] == [2029] * 2
    )


def test_days_without_years_in_no_order_are_the_last_such_days():
    assert years_of(["4 Mar", "10 Dec", "20 Apr", "4 Jun", "1 Apr"]) == [
        2030,
        2029,
        2030,
        2029,
        2030,
    ]
    assert years_of(["4 Mar", "20 Apr", "4 Jun"]) == [2030, 2030, 2029]
    assert years_of(["20 Apr", "4 Mar", "10 Feb", "3 Jan", "10 Dec"]) == [2030] * 4 + [2029]
    assert years_of(["20 Apr", "4 Mar", "12 Mar", "3 Jan", "10 Dec"]) == [2030] * 4 + [2029]
    dated = ["4 Mar 2030", "10 Dec", "4 Jun", "24 May", "20 Apr"]
    assert years_of(dated)[-1] == 2030


def test_months_of_serbian_in_the_genitive():
    cells = ["23–29. јуна 2029", "3. маја 2029", "1. јула 2029", "2. августа 2029"]
    facts = {"pollster": [*"abcd"], "Датум": cells, "n": ["1000"] * 4}
    told = {"Ada": ["40"] * 4, "Ben": ["30"] * 4, "Cid": ["15"] * 4}
    found = read_election(Columns(where="t", values=facts | told), election_day=ELECTION)
    assert [poll.end.month for poll in found.polls] == [6, 5, 7, 8]


@pytest.mark.parametrize("heads", ["From,To", "Od,Do", "Desde,Hasta", "Von,Bis", "Desde,Até"])
def test_days_from_and_to(heads):
    start, end = heads.split(",")
    facts = {"pollster": ["a", "b"], start: ["2030-04-03", "2030-03-01"],
             end: ["2030-04-05", "2030-03-02"], "n": ["1000"] * 2}  # fmt: skip
    told = {"Ada": ["40"] * 2, "Ben": ["30"] * 2, "Cid": ["15"] * 2}
    found = read_election(Columns(where="t", values=facts | told), election_day=ELECTION)
    assert [(p.start.day, p.end.day) for p in found.polls] == [(3, 5), (1, 2)]
