"""Tables whose layout misleads: each was once read wrongly without a word, or refused."""

import io

import pandas as pd
import pytest

from forecast import Contest, InputError, read_contest
from forecast.files.spreadsheets import _text
from forecast.files.tables import rows_of_text

OPTIONS = {"advancement": "top two", "electorate": "voters"}
TABLE = """unit,registered,invalid,Ana,Luis,Marta
North,1000,10,300,250,140
South,900,5,280,260,105
West,800,4,200,210,96
"""
TOTALS = {"Ana": 780, "Luis": 720, "Marta": 341}


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **OPTIONS | options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


def long(head, *columns, units="ns", people=("Ana", "Luis", "Marta")):
    """Return rows of every unit and candidate; a column is a function of the two numbers."""
    lines = [[u, p, *[f(i, k) for f in columns]] for i, u in enumerate(units)
             for k, p in enumerate(people)]  # fmt: skip
    return "\n".join([f"unit,candidate,{head}", *[",".join(map(str, line)) for line in lines]])


def count(i, k):
    return (300, 250, 140)[k] + 10 * i


def wrapped(text, where):
    head, rows = text.split("\n", 1)
    names = head.split(",")
    head = ",".join(f'"{n}\nvotes"' if k in where else n for k, n in enumerate(names))
    return f"{head}\n{rows}"


@pytest.mark.parametrize("where", [(3,), (3, 4, 5), (1, 2, 3, 4, 5)])
@pytest.mark.parametrize("title", ["", 'A table\n"with a\nsecond ""line"""\n'])
@pytest.mark.parametrize("unit", ["North", '"North\r\nEast"'])
def test_a_line_break_within_a_cell_is_a_space(tmp_path, where, title, unit):
    found = contest(title + wrapped(TABLE, where).replace("North", unit), tmp_path)
    assert sorted(votes(found).values()) == sorted(TOTALS.values())
    assert found.units == (" ".join(unit.strip('"').split()), "South", "West")
    assert found.registered.sum() == 2700


def test_a_line_break_within_a_cell_of_a_sheet_or_frame_is_a_space():
    assert _text("Ana\nTorres") == "Ana Torres"
    frame = pd.read_csv(io.StringIO(TABLE)).rename(columns={"Ana": "Ana\nTorres"})
    frame["unit"] = frame["unit"] + "\nward"
    found = Contest.from_frame(frame, name="x", **OPTIONS)
    assert (found.candidates[0], found.units[0]) == ("Ana Torres", "North ward")


def test_a_comma_before_a_closing_quote_opens_no_cell():
    rows, _ = rows_of_text('unit,Ada\n"a,",1\n"b",2\n', "x.csv", most=99)
    assert [*rows] == [["unit", "Ada"], ["a,", "1"], ["b", "2"]]


@pytest.mark.parametrize(
    "names",
    ["votes general,votes runoff", "votes generales,votes balotaje", "votes,votes runoff",
     "general votes,runoff votes", "votes runoff,votes general", "votos,votos 2a vuelta"],
)  # fmt: skip
def test_votes_beside_those_of_the_runoff_are_of_the_first_round(tmp_path, names):
    def again(i, k):
        return (330, 360, "")[k]

    columns = (again, count) if names.startswith("votes runoff") else (count, again)
    found = contest(long(names, *columns), tmp_path)
    assert votes(found) == {"Ana": 610, "Luis": 510, "Marta": 290}


def test_two_columns_of_votes_that_differ_in_a_word_are_asked_about(tmp_path):
    with pytest.raises(InputError, match="one column must be the votes.*General=votes"):
        contest(long("votes General,votes Special", count, count), tmp_path)


@pytest.mark.parametrize(("first", "more"), [("2018-10-07", True), ("7 Oct 2018", False)])
@pytest.mark.parametrize("layout", ["wide", "long"])
def test_days_years_apart_are_two_elections(tmp_path, first, more, layout):
    later = "2022-10-02" if more else "2 Oct 2022"
    text = TABLE if layout == "wide" else long("votes", count)
    head, *rows = text.strip().split("\n")
    lines = [f"date,{head}", *[f"{day},{row}" for day in (first, later) for row in rows]]
    text = "\n".join(lines)
    with pytest.raises(InputError, match=rf"must hold one election.*--contest '{later}'"):
        contest(text, tmp_path)
    found = contest(text, tmp_path, columns={"date": "contest"}, contest=later)
    assert votes(found)["Ana"] == (780 if layout == "wide" else 610)
    near = text.replace(first, "2022-02-02" if more else "2 Feb 2022")
    assert any("rounds are told apart by date" in note for note in contest(near, tmp_path).notes)
