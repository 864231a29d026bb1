import numpy as np
import polars as pl
import pytest

from forecast import Contest, InputError, Returns, read_partial_returns
from forecast.facts.partial_returns import (
    most_voters,
    partial_returns,
    partial_returns_of_tables,
)
from forecast.files.columns import Columns


def table(**columns):
    return pl.DataFrame(
        {"unit": ["hill", "harbour"], "ada": [250, 500], "ben": [300, 350]} | columns
    )


def test_rows_land_at_their_units(contest):
    found = partial_returns(contest, table())
    assert found.votes.tolist() == [[500, 350], [250, 300], [0, 0]]
    assert found.counted.tolist() == [1, 1, 0]
    assert found.totals == {"ada": 750, "ben": 650}
    assert (found.units, found.complete) == (2, False)
    assert found.notes == ("columns: ada, ben candidates; unit as named",)


def test_the_order_of_the_finalists_does_not_matter(contest):
    returns = Returns(units=("hill",), finalists=("ben", "ada"), votes=[[300, 250]])
    assert partial_returns(contest, returns).votes[1].tolist() == [250, 300]


def test_a_unit_reported_again_replaces_itself(contest):
    found = partial_returns(
        contest, pl.DataFrame({"unit": ["hill", "hill"], "ada": [1, 250], "ben": [2, 300]})
    )
    assert found.votes[1].tolist() == [250, 300]
    assert found.corrected == ("hill",)
    assert found.notes[0] == "1 unit reported again; the last report counts: hill"


@pytest.mark.parametrize("rows", [[0, 1], [1, 0]])
def test_the_highest_version_of_a_unit_counts_wherever_it_stands(contest, rows):
    night = pl.DataFrame(
        {"unit": ["hill", "hill"], "ada": [1, 250], "ben": [2, 300], "version": [1, 2]}
    )[rows]
    found = partial_returns(contest, night)
    assert found.votes[1].tolist() == [250, 300]
    assert found.corrected == ("hill",)
    assert partial_returns(contest, night[[rows.index(1)]]).corrected == ("hill",)
    tables = [Columns.from_frame(night[[k]]) for k in range(2)]
    apart = partial_returns_of_tables(contest, tables)
    assert apart.votes[1].tolist() == [250, 300]
    counted = Returns.from_frame(night, finalists=("ada", "ben"))
    assert counted.votes.tolist() == [[250, 300]]


def test_a_version_is_a_number(contest):
    night = {"unit": ["hill"], "ada": [1], "ben": [2], "version": ["final"]}
    with pytest.raises(InputError, match=r"'version': must be a whole number.*'final'"):
        partial_returns(contest, pl.DataFrame(night))


def test_a_repeated_row_is_no_correction(contest):
    twice = pl.concat([table(), table()])
    assert partial_returns(contest, twice).corrected == ()


def test_an_unknown_unit_is_counted_and_reported(contest):
    found = partial_returns(contest, table(unit=["hill", "moon"]))
    assert found.totals == {"ada": 750, "ben": 650}
    assert found.elsewhere.tolist() == [500, 350]
    assert found.unknown == ("moon",)
    assert "moon" in found.notes[0]


def test_a_file_of_another_contest_is_refused(contest):
    with pytest.raises(InputError, match=r"2 of 2 are unknown.*belong together"):
        partial_returns(contest, table(unit=["moon", "mars"]))


@pytest.mark.parametrize("cells", [("0.25", "1"), ("25%", "1"), ("25", "100")])
def test_half_counted_units(contest, cells):
    found = partial_returns(contest, table(counted=cells))
    assert found.counted.tolist() == [1, 0.25, 0]
    assert found.partial == ("hill",)
    assert "counted in part: hill" in found.notes[0]


def test_one_percent_is_not_all_of_a_unit(contest):
    """Where any number is above 1, all are percentages."""
    assert partial_returns(contest, table(counted=[1, 50])).counted.tolist() == [0.5, 0.01, 0]


def test_a_column_written_in_capitals_is_read(contest):
    assert partial_returns(contest, table(Counted=[0.5, 1.0])).counted.tolist() == [1, 0.5, 0]


@pytest.mark.parametrize("rest", [0, None])
def test_units_listed_without_votes_have_not_reported(contest, rest):
    """Feeds list every unit from the start; those are not counted, whatever stands there."""
    night = {"unit": ["harbour", "hill", "valley"], "ada": [500, rest, rest]}
    found = partial_returns(contest, pl.DataFrame(night | {"ben": [350, rest, rest]}))
    assert found.counted.tolist() == [1, 0, 0]
    assert (found.units, found.complete) == (1, False)
    assert ("2 units listed without votes" in " ".join(found.notes)) == (rest == 0)


def test_a_unit_where_nobody_voted_says_so(contest):
    found = partial_returns(contest, table(ada=[0, 500], ben=[0, 350], counted=[1, 1]))
    assert found.counted.tolist() == [1, 1, 0]
    assert "counted in full without a single vote - check it: hill" in " ".join(found.notes)


def test_a_unit_reported_again_without_votes_is_open_again(contest):
    again = pl.DataFrame({"unit": ["hill"], "ada": [0], "ben": [0]})
    found = partial_returns(contest, pl.concat([table(), again]))
    assert (found.counted.tolist(), found.corrected) == ([1, 0, 0], ("hill",))
    blank = pl.DataFrame({"unit": ["hill"], "ada": [None], "ben": [None]}, schema=table().schema)
    assert partial_returns(contest, pl.concat([table(), blank])).votes[1].tolist() == [250, 300]


def test_a_row_with_one_empty_cell_is_refused(contest):
    with pytest.raises(InputError, match="'ben': must be a whole number"):
        partial_returns(contest, table(ben=[None, 350]))


def test_a_row_of_totals_is_left_out_and_named(contest):
    night = pl.DataFrame(
        {"unit": ["hill", "harbour", "Total"], "ada": [250, 500, 750], "ben": [300, 350, 650]}
    )
    found = partial_returns(contest, night)
    assert found.totals == {"ada": 750, "ben": 650}
    assert "1 row that is a sum of others left out: Total" in found.notes


def test_percentages_are_refused(contest):
    with pytest.raises(InputError, match="looks like percentages"):
        partial_returns(contest, table(ada=[45, 59], ben=[55, 41]))


@pytest.mark.parametrize("cell", ["-1", "101", "some", "nan"])
def test_impossible_fractions(contest, cell):
    with pytest.raises(InputError, match=r"row 0, 'counted'.*fraction"):
        partial_returns(contest, table(counted=[cell, "1"]))


def test_attached_units_are_counted_and_teach_nothing(contest):
    found = partial_returns(
        contest,
        table(unit=["hill", "harbour"], ada=[0, 750], ben=[0, 650], attached_to=["harbour", ""]),
    )
    assert found.changed.tolist() == [True, True, False]
    assert found.merged == ("hill",)
    assert found.totals == {"ada": 750, "ben": 650}
    assert found.counted.tolist() == [1, 1, 0]


@pytest.mark.parametrize(("reported", "counted"), [(False, 0), (True, 0.5)])
def test_units_merged_into_a_new_one_are_counted_as_far_as_it_is(contest, reported, counted):
    """Hill and valley vote together in a unit of another name."""
    night = pl.DataFrame(
        {
            "unit": ["hill", "valley", "both"],
            "ada": [0, 0, 300],
            "ben": [0, 0, 200],
            "counted": [1.0, 1.0, 0.5],
            "attached_to": ["both", "both", ""],
        }
    )
    found = partial_returns(contest, night if reported else night[:2])
    assert found.counted.tolist() == [0, counted, counted]
    assert not found.complete
    assert ("nowhere to be found" in " ".join(found.notes)) == (not reported)
    assert found.elsewhere_open == (4 * 1000 - 500 if reported else 0)


def test_a_chain_of_attachments_ends_where_the_votes_are(contest):
    night = {"unit": ["harbour", "hill", "valley"], "ada": [0, 0, 900], "ben": [0, 0, 700]}
    order = [["hill", "valley", ""], ["hill", "harbour", ""]]
    found = [
        partial_returns(contest, pl.DataFrame(night | {"attached_to": other})) for other in order
    ]
    assert found[0].counted.tolist() == [1, 1, 1]
    assert len(set(found[0].group.tolist())) == 1
    assert found[1].counted.tolist() == [0, 0, 1]


def test_merged_units_have_the_voters_of_all(contest):
    """900 and 1,500 on the lists: 2,000 votes in one of them are no misprint."""
    night = {"unit": ["hill", "harbour"], "ada": [0, 1200], "ben": [0, 800]}
    merged = partial_returns(contest, pl.DataFrame(night | {"attached_to": ["harbour", ""]}))
    assert "check it" not in " ".join(merged.notes)
    assert "check it: harbour" in " ".join(partial_returns(contest, pl.DataFrame(night)).notes)


def test_a_unit_whose_voters_vote_elsewhere_is_not_still_to_come(contest):
    night = {"unit": ["hill"], "ada": [1000], "ben": [800], "attached_to": ["harbour"]}
    assert partial_returns(contest, pl.DataFrame(night)).counted.tolist() == [1, 1, 0]


def test_more_votes_than_voters_are_counted_and_reported(contest):
    found = partial_returns(contest, table(ada=[250_000, 500]))
    assert found.totals["ada"] == 250_500
    assert found.changed.tolist() == [False, True, False]
    assert "check it: hill" in found.notes[0]


def test_most_voters_with_and_without_a_list(contest):
    assert most_voters(contest).tolist() == [1650, 990, 1100]


def test_an_estimate_shared_out_is_no_list():
    """A unit where few voted in the first round may have more people than its part of them."""
    frame = pl.DataFrame({"unit": ["a", "b"], "ada": [450, 90], "ben": [300, 80], "cid": [250, 30]})
    estimated = Contest.from_frame(frame, name="estimated", registered=2400)
    assert estimated.registered.tolist() == [2000, 400]
    assert most_voters(estimated).tolist() == [4000, 800]
    known = Contest.from_frame(frame.with_columns(registered=pl.Series([1900, 500])), name="listed")
    assert most_voters(known).tolist() == [2090, 550]


def test_a_folder_is_read_in_the_order_of_its_names(contest, tmp_path):
    (tmp_path / "1.csv").write_text("unit,ada,ben\nhill,1,2\nvalley,240,250\n")
    (tmp_path / "2.csv").write_text("unit,ada,ben,counted\nhill,250,300,1\n")
    found = read_partial_returns(tmp_path, contest)
    assert found.votes.tolist() == [[0, 0], [250, 300], [240, 250]]
    assert found.corrected == ("hill",)


def test_the_tenth_file_is_later_than_the_ninth(contest, tmp_path):
    for k, name in [(9, "count-9.csv"), (10, "count-10.CSV")]:
        (tmp_path / name).write_text(f"unit,ada,ben\nhill,{k},2\n")
    (tmp_path / ".count-11.csv").write_text("half writ")
    assert read_partial_returns(tmp_path, contest).votes[1].tolist() == [10, 2]


def test_each_file_has_its_own_way_to_say_how_much_is_counted(contest, tmp_path):
    (tmp_path / "1.csv").write_text("unit,ada,ben,counted\nhill,250,300,0.5\n")
    (tmp_path / "2.csv").write_text("unit,ada,ben,counted\nvalley,240,250,50\n")
    (tmp_path / "3.csv").write_text("unit,ada,ben\nharbour,240,250\n")
    assert read_partial_returns(tmp_path, contest).counted.tolist() == [1, 0.5, 0.5]


def test_an_empty_folder(contest, tmp_path):
    with pytest.raises(InputError, match="must hold a file"):
        read_partial_returns(tmp_path, contest)


def test_a_bad_cell_is_found_in_its_file(contest, tmp_path):
    (tmp_path / "1.csv").write_text("unit,ada,ben\nhill,1,2\n")
    (tmp_path / "2.csv").write_text("unit,ada,ben\nhill,1,x2\n")
    with pytest.raises(InputError, match=r"2.csv line 2, 'ben'"):
        read_partial_returns(tmp_path, contest)


def test_counts_cannot_be_changed(contest):
    with pytest.raises(ValueError, match="read-only"):
        partial_returns(contest, table()).votes[0] = np.array([1, 1])


def test_a_page_shows_how_the_forecast_came_about(run, tmp_path):
    args = ["--as-of", "2018-11-27", "--draws", 2000, "--report", "page.html"]
    for language, head in (("en", "How it changed"), ("fr", "Comment")):
        more = ["--timeline", "days.csv", "--language", language]
        code, out, _ = run("run", "georgia-2018", *args, *more)
        assert (code, "wrote days.csv" in out) == (0, True)
        page = (tmp_path / "page.html").read_text("utf-8")
        assert f'<h2 id="time">{head}' in page
        assert "2018-11-15: " in page
    days = (tmp_path / "days.csv").read_text("utf-8").splitlines()
    assert [line[:10] for line in days[1::2]] == ["2018-10-28", "2018-11-15", "2018-11-23"]
    code, _, _ = run("run", "georgia-2018", *args)
    assert (code, 'id="time"' in (tmp_path / "page.html").read_text("utf-8")) == (0, False)
    code, _, error = run("run", "georgia-2018", *args, "--timeline", "days.html")
    assert (code, "must end in .csv" in error) == (2, True)
