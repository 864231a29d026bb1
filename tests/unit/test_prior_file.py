"""Prior files people edit: what is written is read back, what is broken is explained."""

import re
from datetime import date

import pytest
import small

from forecast import InputError, elicited_prior, read_prior
from forecast.transfers.elicited.file import prior_toml
from forecast.transfers.elicited.generic import generic_prior

GOOD = """name = "mine"
finalists = ["ada", "ben"]
swing = 0.3

[[row]]
origin = "ada"
participation = { mean = 0.8, low = 0.6, high = 0.95 }
preference = { finalist = "ada", mean = 0.9, low = 0.8, high = 0.97, level = 0.8 }
source = "a guess"

[[row]]
origin = "ben"
mean = [0.1, 0.7, 0.2]
concentration = 12
source = "a guess"

[[endorsement]]
origin = "ada"
finalist = "ben"
strength = 0.2
known = 2020-01-02
source = "imagined"
"""


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "prior.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_prior(path)

    return read


def test_the_good_file(read):
    prior = read(GOOD)
    assert (prior.name, prior.finalists, prior.swing) == ("mine", ("ada", "ben"), 0.3)
    assert prior.row("ada").preference.level == 0.8
    assert prior.row("ben").mean == (0.1, 0.7, 0.2)
    assert prior.endorsements[0].published == date(2020, 1, 2)


ODD = 'quote " backslash \\ tab \t newline \n 🗳 é #=[]'


def odd_prior():
    prior = small.elicited_prior(input_share=0.123456789).endorse("cid", "ben", source=ODD)
    return prior.with_row(
        ODD, participation=(0.8, 0.6, 0.95), preference={"ben": (1 / 3, 0.1, 0.7)}, source=ODD
    )


def every_kind(georgia):
    return {
        "bundled": elicited_prior(georgia),
        "generic": generic_prior(georgia),
        "Dirichlet": elicited_prior(georgia).as_dirichlet(),
        "three": generic_prior(small.three()),
        "endorsed": small.elicited_prior().endorse("cid", "ben", published=date(2020, 5, 17)),
        "odd names": odd_prior(),
    }


@pytest.mark.parametrize(
    "which", ["bundled", "generic", "Dirichlet", "three", "endorsed", "odd names"]
)
def test_what_is_written_is_read_back(read, georgia, which):
    prior = every_kind(georgia)[which]
    assert read(prior_toml(prior)) == prior


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (GOOD, "", "empty"),
        (GOOD, "name = ", "TOML"),
        (GOOD, "x = " + "[" * 5000, "TOML|nesting"),
        ('name = "mine"\n', "", "'name' is required"),
        ('name = "mine"', "name = 3", "name must be a text"),
        ('finalists = ["ada", "ben"]\n', "", "'finalists' is required"),
        ('["ada", "ben"]', '"ada"', "finalists must be a list"),
        ('["ada", "ben"]', '["ada"]', "two or more"),
        ('["ada", "ben"]', '["ada", "ada"]', "two or more different"),
        ('["ada", "ben"]', '["ben", "eve"]', "row 'ada'.*finalist"),
        ("swing", "swnig", "unknown key 'swnig'; did you mean 'swing'"),
        ("swing = 0.3", "swing = 30", "swing must be 0 or a fraction"),
        ("swing = 0.3", 'swing = "0.3"', "swing must be 0 or a fraction"),
        ("swing = 0.3", "swing = nan", "swing must be 0 or a fraction"),
        ('[[row]]\norigin = "ada"', '[row]\norigin = "ada"', "TOML|row"),
        ('origin = "ada"\npart', "part", "'origin' is required"),
        ('origin = "ada"\npart', "origin = 3\npart", "origin must be a text"),
        ('origin = "ada"\npart', 'origin = "ben"\npart', "every origin must have one row"),
        ("participation = {", "turnout = {", "'participation' is required"),
        ("{ mean = 0.8, low = 0.6, high = 0.95 }", "0.8", "must be tables"),
        ("{ mean = 0.8, low", "{ low", "belief"),
        ("mean = 0.8,", "mean = 0.8, sd = 1,", "belief"),
        ("mean = 0.8,", "mean = 80,", "row 'ada'.*percentages"),
        ("mean = 0.8,", 'mean = "0.8",', "row 'ada'.*numbers"),
        ("mean = 0.8,", "mean = nan,", "row 'ada'.*low < mean < high"),
        ("low = 0.6", "low = 0.99", "row 'ada'.*low < mean < high"),
        ('finalist = "ada", mean', "mean", "'finalist' is required"),
        ('finalist = "ada", mean', 'finalist = "eve", mean', "must be about a finalist"),
        ("level = 0.8", "level = 80", "level must be between 0 and 1"),
        ("level = 0.8", "rest = [0.5]", "rest must be 1 positive"),
        ("level = 0.8", "rest = 1", "rest must be a list"),
        ('source = "a guess"\n\n[[row]]', "[[row]]", "'source' is required"),
        ("[0.1, 0.7, 0.2]", "[0.1, 0.7, 0.3]", "sum to 1"),
        ("[0.1, 0.7, 0.2]", "[0.3, 0.7]", "must have 3 means"),
        ("[0.1, 0.7, 0.2]", "[]", "row 'ben'"),
        ("[0.1, 0.7, 0.2]", "[0.1, nan, 0.2]", "row 'ben'.*sum to 1"),
        ("level = 0.8", "rest = [nan]", "rest must be 1 positive"),
        ("[0.1, 0.7, 0.2]", "0.1", "mean must be a list"),
        ("concentration = 12", "concentration = -1", "concentration must be positive"),
        ("concentration = 12", "concentration = true", "concentration a number"),
        ("strength = 0.2", "strength = 20", "strength must be between"),
        ("strength = 0.2", 'strength = "much"', "strength must be a number"),
        ("2020-01-02", '"soon"', "published must be a date"),
        ("2020-01-02", "2020-01-02T10:00:00", "published must be a date"),
        ('finalist = "ben"\nstr', 'finalist = "eve"\nstr', "only a finalist can be endorsed"),
        ('origin = "ada"\nfin', 'origin = "non-voters"\nfin', "no row for 'non-voters'"),
    ],
)
def test_one_broken_line(read, old, new, expected):
    assert old in GOOD
    with pytest.raises(InputError, match=expected) as caught:
        read(GOOD.replace(old, new, 1))
    assert "prior.toml" in str(caught.value)


def test_wrong_encoding(read):
    with pytest.raises(InputError, match=r"prior\.toml.*UTF-8"):
        read(GOOD.replace("a guess", "Schätzung").encode("latin-1"))


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="readable file"):
        read_prior(tmp_path / "nowhere.toml")


def test_numbers_of_a_prior_are_written_as_people_write_them(contest):
    """A fraction was written as 0.15000000000000002."""
    text = prior_toml(generic_prior(contest))
    assert "low = 0.15, high = 0.85" in text
    assert re.search(r"\d\.\d{13}", text) is None


def test_a_map_of_transfers_says_what_it_is_drawn_on():
    from typer.testing import CliRunner

    from forecast.cli import app

    said = " ".join(CliRunner().invoke(app, ["transfers", "--help"]).output.split())
    assert "needs --residual-map" in said
    assert "draw on the page" not in said
