"""Numbers that a spreadsheet rounded when it showed them."""

from __future__ import annotations

import pytest

from forecast import InputError
from forecast.facts.first_round import first_round
from forecast.files.columns import Columns

HEAD = ["unit", "registered", "invalid", "Ada", "Ben", "Cid"]
ROWS = [["a", "2060000", "245", "248000", "472000", "254000"],
        ["b", "1510000", "195", "241000", "272000", "154000"]]  # fmt: skip


def read(rows):
    cells = {name: [row[k] for row in rows] for k, name in enumerate(HEAD)}
    return first_round(Columns(where="t", values=cells), given={})


@pytest.mark.parametrize("column", [1, 3])
@pytest.mark.parametrize("cell", ["2.06E+05", "3e+05", "2.06e5"])
def test_numbers_whose_last_digits_are_lost_are_refused(column, cell):
    rows = [list(row) for row in ROWS]
    rows[0][column] = cell if column > 1 else cell.replace("5", "6")
    with pytest.raises(InputError, match=r"with all its digits - found .*as spreadsheets"):
        read(rows)


def test_numbers_with_all_their_digits_are_read():
    rows = [list(row) for row in ROWS]
    rows[0][3], rows[1][3] = "2.48123E+05", "2.41e2"
    assert read(rows).table.votes[:, 0].tolist() == [248123, 241]
