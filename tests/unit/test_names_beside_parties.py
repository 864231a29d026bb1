"""Surnames with a party beside them in the headers of tables of a known contest."""

from datetime import date

import polars as pl
import pytest

from forecast import Contest, InputError, read_polls
from forecast.facts.partial_returns import partial_returns

PAIRS = (
    ("Adler (SDP)", "Birk (CDU)"), ("Adler SDP", "Birk CDU"), ("Adler PiS", "Birk KO"),
    ("Adler\nKO", "Birk\nPiS"), ("Adler – SDP", "Birk – PiS"), ("Adler Ind.", "Birk FPÖ"),
    ("Adler Green", "Birk Fidesz"), ("Adler Smer–SD", "Birk Hlas"), ("SDP Adler", "PiS Birk"),
    ("Adler Civic Coalition", "Birk Law and Justice"), ("Ada Adler PiS", "Birk Fidesz"),
    ("Adler Слуга народу", "Birk Голос"), ("Adler", "Birk Fidesz"), ("BIRK PiS", "ADLER Green"),
)  # fmt: skip
OTHERS = (
    ("Adler Green", "Birk Green"), ("Adler approval", "Birk trust"), ("Ben Adler", "Cid Birk"),
    ("Adler Green", "Adler Left"), ("Adler Rejected", "Birk Registered"),
    ("Adler Birk", "Birk Fidesz"), ("Green Adler", "Left Birk"), ("Adler 2", "Birk 3"),
)  # fmt: skip
CONTEST = Contest(
    name="demo", candidates=("Ada Adler", "Ben Birk", "Cid Cole"),
    finalists=("Ada Adler", "Ben Birk"), units=("north",), votes=[[400, 350, 250]], invalid=[20],
    registered=[1500], first_round=date(2030, 5, 5), runoff=date(2030, 5, 19),
)  # fmt: skip


def asked(tmp_path, names):
    path = tmp_path / "polls.csv"
    head = ",".join(f'"{name}"' for name in names)
    path.write_text(f"Pollster,Date,Sample,{head},Undecided\nAcme,6 May 2030,1000,46,42,12\n")
    return read_polls(path, CONTEST)[0].shares


def counted(names):
    votes = {name.replace("\n", " "): [n] for name, n in zip(names, (480, 420), strict=True)}
    return partial_returns(CONTEST, pl.DataFrame({"unit": ["north"], **votes})).totals


def test_a_party_beside_a_surname(tmp_path):
    wrong = []
    for names in PAIRS:
        turned = names[0].startswith("BIRK")
        for read, shares in ((lambda n: asked(tmp_path, n), (0.46, 0.42)), (counted, (480, 420))):
            expected = dict(zip(CONTEST.finalists, shares[:: -1 if turned else 1], strict=True))
            try:
                found = read(names)
            except InputError as error:
                found = str(error)
            wrong += [(names, found)] * (found != expected)
    assert not wrong


@pytest.mark.parametrize("names", OTHERS)
def test_what_may_be_something_else_or_somebody_else(names, tmp_path):
    for read in (lambda n: asked(tmp_path, n), counted):
        with pytest.raises(InputError):
            read(names)
