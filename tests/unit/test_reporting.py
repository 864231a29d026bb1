import numpy as np
import polars as pl
import pytest

from forecast import InputError, Returns, read_reporting, reporting_of
from forecast.reporting import most_voters


def table(**columns):
    return pl.DataFrame(
        {"unit": ["hill", "harbour"], "ada": [250, 500], "ben": [300, 350]} | columns
    )


def test_rows_land_at_their_units(contest):
    found = reporting_of(contest, table())
    assert found.votes.tolist() == [[500, 350], [250, 300], [0, 0]]
    assert found.counted.tolist() == [1, 1, 0]
    assert found.totals == {"ada": 750, "ben": 650}
    assert (found.units, found.complete, found.notes) == (2, False, ())


def test_the_order_of_the_finalists_does_not_matter(contest):
    returns = Returns(units=("hill",), finalists=("ben", "ada"), votes=[[300, 250]])
    assert reporting_of(contest, returns).votes[1].tolist() == [250, 300]


def test_a_unit_reported_again_replaces_itself(contest):
    found = reporting_of(
        contest, pl.DataFrame({"unit": ["hill", "hill"], "ada": [1, 250], "ben": [2, 300]})
    )
    assert found.votes[1].tolist() == [250, 300]
    assert found.corrected == ("hill",)
    assert found.notes == ("1 unit reported again; the last report counts: hill",)


def test_a_repeated_row_is_no_correction(contest):
    twice = pl.concat([table(), table()])
    assert reporting_of(contest, twice).corrected == ()


def test_an_unknown_unit_is_counted_and_reported(contest):
    found = reporting_of(contest, table(unit=["hill", "moon"]))
    assert found.totals == {"ada": 750, "ben": 650}
    assert found.elsewhere.tolist() == [500, 350]
    assert found.unknown == ("moon",)
    assert "moon" in found.notes[0]


def test_a_file_of_another_contest_is_refused(contest):
    with pytest.raises(InputError, match=r"2 of 2 are unknown.*belong together"):
        reporting_of(contest, table(unit=["moon", "mars"]))


@pytest.mark.parametrize("cell", ["0.25", "25 %", "25"])
def test_half_counted_units(contest, cell):
    found = reporting_of(contest, table(counted=[cell, "1"]))
    assert found.counted.tolist() == [1, 0.25, 0]
    assert found.partial == ("hill",)
    assert "counted in part: hill" in found.notes[0]


@pytest.mark.parametrize("cell", ["-1", "101", "some", "nan"])
def test_impossible_fractions(contest, cell):
    with pytest.raises(InputError, match=r"row 0, 'counted'.*fraction"):
        reporting_of(contest, table(counted=[cell, "1"]))


def test_attached_units_are_counted_and_teach_nothing(contest):
    found = reporting_of(
        contest,
        table(unit=["hill", "harbour"], ada=[0, 750], ben=[0, 650], attached_to=["harbour", ""]),
    )
    assert found.changed.tolist() == [True, True, False]
    assert found.merged == ("hill",)
    assert found.totals == {"ada": 750, "ben": 650}
    assert found.counted.tolist() == [1, 1, 0]


def test_more_votes_than_voters_are_counted_and_reported(contest):
    found = reporting_of(contest, table(ada=[250_000, 500]))
    assert found.totals["ada"] == 250_500
    assert found.changed.tolist() == [False, True, False]
    assert "check it: hill" in found.notes[0]


def test_most_voters_with_and_without_a_list(contest):
    assert most_voters(contest).tolist() == [1650, 990, 1100]


def test_a_folder_is_read_in_the_order_of_its_names(contest, tmp_path):
    (tmp_path / "1.csv").write_text("unit,ada,ben\nhill,1,2\nvalley,240,250\n")
    (tmp_path / "2.csv").write_text("unit,ada,ben,counted\nhill,250,300,1\n")
    found = read_reporting(tmp_path, contest)
    assert found.votes.tolist() == [[0, 0], [250, 300], [240, 250]]
    assert found.corrected == ("hill",)


def test_an_empty_folder(contest, tmp_path):
    with pytest.raises(InputError, match="must hold a file"):
        read_reporting(tmp_path, contest)


def test_a_bad_cell_is_found_in_its_file(contest, tmp_path):
    (tmp_path / "1.csv").write_text("unit,ada,ben\nhill,1,2\n")
    (tmp_path / "2.csv").write_text("unit,ada,ben\nhill,1,x2\n")
    with pytest.raises(InputError, match=r"2.csv line 2, 'ben'"):
        read_reporting(tmp_path, contest)


def test_counts_cannot_be_changed(contest):
    with pytest.raises(ValueError, match="read-only"):
        reporting_of(contest, table()).votes[0] = np.array([1, 1])
