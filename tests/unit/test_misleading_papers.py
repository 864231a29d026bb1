"""Lists that people were added to, and papers that never came into the box."""

import pytest

from forecast import read_contest

VOTES = {"Alder": (500, 650, 250), "Birch": (400, 700, 240), "Cedar": (260, 390, 110)}
MAIN, ADDED = (2000, 3000, 1000), (180, 240, 300)
INVALID, SPOILT, UNUSED = (20, 30, 15), (2, 7, 4), (1020, 1530, 600)
VALID = tuple(map(sum, zip(*VOTES.values(), strict=True)))


def plus(*columns):
    return tuple(map(sum, zip(*columns, strict=True)))


BOX = plus(VALID, INVALID)
ISSUED = plus(BOX, SPOILT)


def read(tmp_path, columns, *, behind=()):
    """Return a contest of the columns, the candidates' votes, and further columns."""
    every = {"Unit": (1, 2, 3), **columns, **VOTES, **dict(behind)}
    rows = [tuple(every), *zip(*every.values(), strict=True)]
    path = tmp_path / "votes.csv"
    path.write_text("".join(";".join(map(str, row)) + "\n" for row in rows), "utf-8")
    return read_contest(path, advancement="top two", electorate="registered")


def is_right(found, registered, invalid=INVALID):
    assert dict(found.totals) == {name: sum(own) for name, own in VOTES.items()}
    assert tuple(found.registered) == registered
    assert tuple(found.invalid) == invalid


LISTS = [
    ("Избиратели в списъка при предаването", "Избиратели дописани в изборния ден"),
    ("Alegători în listele de bază", "Alegători în listele suplimentare"),
    ("Alegători liste permanente", "Alegători liste suplimentare"),
    ("Registered voters (main list)", "Registered voters (supplementary list)"),
    ("Main list", "Special list"),
    ("Запишани во избирачки список", "Гласачи со посебен список"),
    ("Voters on register", "Voters added on polling day"),
    ("Виборців в основному списку", "Виборців у додатковому списку"),
    ("Elettori iscritti", "Elettori in liste aggiunte"),
]


@pytest.mark.parametrize(("main", "added"), LISTS, ids=range(len(LISTS)))
def test_people_added_to_the_list_are_registered(tmp_path, main, added):
    found = read(tmp_path, {main: MAIN, added: ADDED, "Invalid": INVALID})
    is_right(found, plus(MAIN, ADDED))
    found = read(tmp_path, {added: ADDED, main: MAIN, "Invalid": INVALID})
    is_right(found, plus(MAIN, ADDED))


@pytest.mark.parametrize(("main", "added"), LISTS[:5], ids=range(5))
def test_a_column_of_everybody_holds_those_added(tmp_path, main, added):
    whole = plus(MAIN, ADDED)
    found = read(tmp_path, {main: MAIN, added: ADDED, "Total registered": whole, "Null": INVALID})
    is_right(found, whole)
    found = read(tmp_path, {"Total registered": whole, added: ADDED, "Null": INVALID})
    is_right(found, whole)


PAPERS = [
    ("Ballot papers issued", "Spoilt ballot papers", "Total votes cast", "Rejected votes"),
    ("Ballots issued to voters", "Spoilt ballots", "Ballots in box", "Rejected ballots"),
    ("Buletine date alegătorilor", "Buletine anulate", "Voturi exprimate", "Voturi nule"),
    ("Выдано бюллетеней", "Испорченные бюллетени", "Бюллетеней в ящиках",
     "Недействительные бюллетени"),
    ("Papeletas entregadas", "Papeletas dañadas", "Sufragantes", "Votos nulos"),
]  # fmt: skip


@pytest.mark.parametrize("valid", [True, False])
@pytest.mark.parametrize("names", PAPERS, ids=range(len(PAPERS)))
def test_spoilt_papers_that_were_replaced_are_not_in_the_box(tmp_path, names, valid):
    issued, spoilt, box, invalid = names
    columns = {"Registered": MAIN, issued: ISSUED, spoilt: SPOILT, box: BOX, invalid: INVALID}
    columns |= {"Valid votes": VALID} if valid else {}
    is_right(read(tmp_path, columns), MAIN)
    del columns[issued]
    is_right(read(tmp_path, columns), MAIN)


@pytest.mark.parametrize("names", [("Blancs", "Nuls"), ("Votos en blanco", "Votos nulos")])
def test_blank_papers_are_in_the_box_whatever_a_column_leaves_out(tmp_path, names):
    columns = {"Registered": MAIN, "Ballots": ISSUED, names[0]: SPOILT, names[1]: INVALID}
    is_right(read(tmp_path, columns), MAIN, plus(SPOILT, INVALID))
    columns["Papers cast"] = BOX
    is_right(read(tmp_path, columns), MAIN, plus(SPOILT, INVALID))
