"""Tables of votes whose columns mislead: each was once read wrongly without a word."""

import pytest

from forecast import read_contest


def contest(text, tmp_path, name="votes.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


@pytest.mark.parametrize(
    "later",
    ["{} runoff", "Runoff {}", "{} 2e tour", "{} ballottaggio", "{} Stichwahl", "{} balotaż"],
)
def test_a_name_without_a_round_is_of_the_first_where_others_are_of_the_runoff(tmp_path, later):
    header = f"unit,registered,invalid,Ada,Ben,Cyd,{later.format('Ada')},{later.format('Ben')}\n"
    text = header + "n,1000,10,300,200,90,350,240\ns,900,12,150,160,88,180,200\n"
    found = contest(text, tmp_path, advancement=None, electorate="registered")
    assert (found.candidates, found.finalists) == (("Ada", "Ben", "Cyd"), ("Ada", "Ben"))
    assert found.votes.sum(axis=0).tolist() == [450, 360, 178]
