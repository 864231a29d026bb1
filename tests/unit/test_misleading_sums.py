"""Tables of votes whose sums say more than the names of their columns, or other things."""

import pytest

from forecast import InputError, read_contest

ADA, BEN, CYD, DAN = (300, 280, 200), (250, 260, 200), (140, 105, 96), (90, 110, 70)
REGISTERED, BALLOTS, VALID, INVALID = (1000, 900, 800), (700, 650, 500), (690, 645, 496), (10, 5, 4)
VOTES = {"Ada": 780, "Ben": 710, "Cyd": 341}
PEOPLE = {"Ada": ADA, "Ben": BEN, "Cyd": CYD}


def table(columns, first="unit"):
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(map(str, (unit, *row))) for unit, row in zip("nsw", rows, strict=False)]
    return "\n".join([",".join((first, *columns)), *lines, ""])


def contest(text, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def read(table_of, tmp_path, **options):
    return contest(table(table_of), tmp_path, **options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


PARTIES = [
    "National Party", "National Alliance", "Country Party", "Grand Alliance", "Parti National",
    "People's National Party", "Key National Party", "Lista 1", "Liste", "Spolu 2025", "Somme",
    "Summe", "Totale", "Roll", "Die Liste",
]  # fmt: skip
WORDS = ["Number One", "District First", "Village People", "Reporting", "The Difference", "Land"]


@pytest.mark.parametrize("name", PARTIES + WORDS)
def test_a_party_called_like_a_total_or_a_list_is_one_if_it_is_no_sum(tmp_path, name):
    lists = {"registered": REGISTERED, "invalid": INVALID}
    people = {"Ada": ADA, name: (150, 190, 110), "Cyd": CYD, "Dan": DAN}
    expected = {"Ada": 780, name: 450, "Cyd": 341, "Dan": 270}
    assert votes(read({**lists, **people}, tmp_path)) == expected
    sums = tuple(map(sum, zip(*people.values(), strict=True)))
    ballots = tuple(map(sum, zip(sums, INVALID, strict=True)))
    for more in ({"valid": sums}, {"ballots": ballots}, {"ballots": ballots, "valid": sums}):
        assert votes(read({**lists, **more, **people}, tmp_path)) == expected


@pytest.mark.parametrize("name", ["Wähler", "Valid Choice", "Box", "Valid"])
def test_valid_votes_say_that_a_word_for_them_is_a_candidate(tmp_path, name):
    counts = {"registered": REGISTERED, "ballots": BALLOTS, "valid": VALID, "invalid": INVALID}
    assert votes(read({**counts, "Ada": ADA, name: BEN, "Cyd": CYD}, tmp_path))[name] == 710


@pytest.mark.parametrize("name", [n for n in PARTIES if n not in ("Liste", "Roll")])
def test_the_same_in_rows_of_candidates(tmp_path, name):
    people = {"Ada": ADA, name: BEN, "Cyd": CYD, "Invalid": INVALID, "Registered": REGISTERED}
    found = contest(rows(people), tmp_path)
    assert votes(found) == {"Ada": 780, name: 710, "Cyd": 341}


def rows(people):
    lines = [f"{u},{p},{n}\n" for p, ns in people.items() for u, n in zip("nsw", ns, strict=True)]
    return "unit,candidate,votes\n" + "".join(lines)


def test_sums_say_what_rows_are_in_a_language_without_words(tmp_path):
    found = contest(rows({**PEOPLE, **HEADS}), tmp_path, electorate="registered")
    assert (votes(found), tuple(found.invalid)) == (VOTES, INVALID)
    found = contest(rows({**PEOPLE, "zzz": REGISTERED}), tmp_path)
    assert "zzz (or registered? larger than all others" in found.notes[0]


HEADS = {
    "Rejistradu": REGISTERED,
    "Votante": BALLOTS,
    "Votu Nulu": INVALID,
    "Votu Validu": VALID,
    "Abstensaun": (300, 250, 300),
}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (0, 1, 3, 2), (0, 2, 3), (0, 3),
                                   (0, 4, 1, 2, 3), (1, 2, 3), (3,), (0, 1, 3)])  # fmt: skip
@pytest.mark.parametrize("last", [False, True])
def test_sums_say_what_columns_are_in_a_language_without_words(tmp_path, order, last):
    counts = {name: HEADS[name] for name in [list(HEADS)[k] for k in order]}
    columns = {**PEOPLE, **counts} if last else {**counts, **PEOPLE}
    found = read(columns, tmp_path)
    assert votes(found) == VOTES
    if 0 in order and (len(order) > 2 or last):
        found = read(columns, tmp_path, electorate="registered")
        assert tuple(found.registered) == REGISTERED
        if 1 in order:
            assert tuple(found.invalid) == INVALID


def test_columns_larger_than_all_others_are_no_candidates(tmp_path):
    names = ("unit", "Rejistradu", "Votante", *PEOPLE)
    rows = [(f"u{k}", 900 + k, 512 + k, 300 - k, 150 + k, 50 + k) for k in range(9)]
    text = "\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n"
    found = contest(text, tmp_path, electorate="registered")
    assert (found.candidates, found.registered.sum()) == (("Ada", "Ben", "Cyd"), 8136)
    with pytest.raises(InputError, match="'Rejistradu' must be a candidate or not"):
        contest(text[: text.index("u5")], tmp_path)
    for columns in ({"zzz": REGISTERED, **PEOPLE}, {**PEOPLE, "zzz": REGISTERED}):
        with pytest.raises(InputError, match=r"'zzz' must be .* 'zzz=registered'"):
            read(columns, tmp_path)
        assert votes(read(columns, tmp_path, columns={"zzz": "registered"})) == VOTES
        assert votes(read(columns, tmp_path, columns={"zzz": "candidate"}))["zzz"] == 2700


def test_few_votes_that_may_be_invalid_ballots_are_named(tmp_path):
    """A minor candidate looks the same, so they stay a candidate's."""
    lists = {"registered": REGISTERED, "ballots": BALLOTS}
    for columns in ({**lists, "zzz": INVALID, **PEOPLE}, {**lists, **PEOPLE, "zzz": INVALID}):
        found = read(columns, tmp_path)
        assert votes(found) == {**VOTES, "zzz": 19}
        assert "zzz (or invalid? ballots has no others)" in found.notes[0]
    between = read({**lists, "Ada": ADA, "zzz": INVALID, "Ben": BEN, "Cyd": CYD}, tmp_path)
    assert "or invalid?" not in between.notes[0]


ASIDE = {
    "Altitude (m)": (211, 340, 95),
    "Density (per km2)": (211, 340, 95),
    "Tally sheets": (3, 4, 3),
    "First-time voters": (21, 22, 30),
    "Precinct split": (1, 1, 1),
    "Assisted voters": (8, 9, 11),
    "Diaspora": (2, 4, 6),
    "Polling staff": (7, 6, 9),
    "Temperature": (21, 19, 24),
    "Turnout 12h": (233, 216, 166),
    "Votanti ore 12": (233, 216, 166),
    "Voters added on the day": (4, 5, 9),
    "of which postal": (7, 9, 8),
    "Dont procurations": (7, 9, 8),
    "Ballots left": (300, 250, 300),
    "Unreturned": (300, 250, 300),
    "Independents total": (390, 365, 296),
    "Runner-up votes": (250, 260, 200),
}


@pytest.mark.parametrize("name", ASIDE)
@pytest.mark.parametrize("place", [1, 2, 6])
def test_numbers_beside_the_count_are_no_candidates(tmp_path, name, place):
    pairs = [("registered", REGISTERED), ("invalid", INVALID), *PEOPLE.items(), ("Dan", DAN)]
    pairs.insert(place, (name, ASIDE[name]))
    if name == "Runner-up votes":
        pairs = [pair for pair in pairs if pair[0] != "Dan"]
    found = read(dict(pairs), tmp_path)
    assert votes(found) == {**VOTES, "Dan": 270} if name != "Runner-up votes" else VOTES
    assert f"{name} (" in found.notes[0]


@pytest.mark.parametrize("place", [1, 2, 6])
def test_a_name_that_speaks_of_people_is_asked_about_at_the_end_of_few_votes(tmp_path, place):
    pairs = [("registered", REGISTERED), ("invalid", INVALID), *PEOPLE.items(), ("Dan", DAN)]
    pairs.insert(place, ("Voters With Disabilities", (5, 4, 3)))
    with pytest.raises(InputError, match="of few people, as its name says"):
        read(dict(pairs), tmp_path)


def test_surnames_that_are_words_for_places_where_these_are_known(tmp_path):
    lists = {"region": ("x", "x", "y"), "registered": REGISTERED, "invalid": INVALID}
    found = read({**lists, **PEOPLE, "Ward": (160, 150, 170)}, tmp_path)
    assert votes(found) == {**VOTES, "Ward": 480}


def test_what_the_registered_have_left_is_no_candidate(tmp_path):
    lists = {"registered": REGISTERED, "invalid": INVALID}
    with pytest.raises(InputError, match=r"'zzz' must be .* others leave of 'registered'"):
        read({**lists, "zzz": (300, 250, 300), **PEOPLE}, tmp_path)


OFFICIAL = {
    "Избирачко место,Запишани гласачи,Гласале,Неважечки ливчиња,Важечки ливчиња": "RBIV",
    "place,Registered,Voted,xxx,yyy": "RBIV",
    "Gmina,Liczba wyborców uprawnionych,Nie wykorzystano kart do głosowania,Liczba kart ważnych,"
    "Liczba głosów ważnych": "RABV",
    "Sandık,Kayıtlı Seçmen,Kullanılan Toplam Oy,İtirazsız Geçerli Oy,İtirazlı Geçerli Oy,"
    "Geçerli Oy Toplamı": "RBPQV",
    "УИК,Число избирателей,Число бюллетеней в переносных ящиках,Число бюллетеней в стационарных "
    "ящиках,Число недействительных бюллетеней": "RSTI",
    "Sezione,Elettori Maschi,Elettori Femmine,Votanti Maschi,Votanti Femmine,Schede bianche":
        "MFmfI",
    "xxx,Ընտրողների ընդհանուր թիվը,yyy,Անվավեր zzz": "RBI",
    "TPS,DPT,Jumlah Suara Sah dan Tidak Sah,Suara Sah": "RBV",
}  # fmt: skip
COUNTS = {
    "R": REGISTERED, "B": BALLOTS, "I": INVALID, "V": VALID, "A": (300, 250, 300),
    "P": (687, 640, 490), "Q": (3, 5, 6), "S": (20, 30, 40), "T": (680, 620, 460),
    "M": (480, 430, 390), "F": (520, 470, 410), "m": (340, 310, 240), "f": (360, 340, 260),
}  # fmt: skip


@pytest.mark.parametrize("head", OFFICIAL)
@pytest.mark.parametrize("rows", [2, 3])
def test_official_tables_by_their_sums(tmp_path, head, rows):
    first, *names = head.split(",")
    columns = {n: COUNTS[k][:rows] for n, k in zip(names, OFFICIAL[head], strict=True)}
    columns |= {name: own[:rows] for name, own in PEOPLE.items()}
    found = contest(table(columns, first), tmp_path, electorate="registered")
    assert votes(found) == {name: sum(own[:rows]) for name, own in PEOPLE.items()}
    assert tuple(found.registered) == REGISTERED[:rows]
    assert tuple(found.invalid) == INVALID[:rows]


@pytest.mark.parametrize("name", ["Times Cast", "Cards Cast", "Times Over Voted",
                                  "Times Under Voted", "Number of precincts"])  # fmt: skip
def test_rows_of_exports_that_are_no_candidates(tmp_path, name):
    numbers = BALLOTS if name.endswith("Cast") else INVALID
    text = rows({**PEOPLE, name: numbers}).replace("unit", "precinct", 1)
    assert votes(contest(text, tmp_path)) == VOTES


NAMES = {
    "registered": """Population électorale, Corps électoral, Ciudadanos habilitados, Enregistrés,
        Habilitados para votar, Eleitorado apto, Cu drept de vot, Списочный состав,
        Oprávnení voliči, Εγγεγραμμένοι ψηφοφόροι, Választásra jogosultak, Waliojiandikisha,
        Névjegyzékben szereplők, Balsstiesīgie, Hääleõiguslikud, Röstberättigade,
        Stemmeberettigede, Kiesgerechtigden, Daftar Pemilih Tetap, عدد المقيدين, Ընտրողների թիվը,
        Seçicilərin sayı, Сонгогчдын тоо, Шайлаушылар саны, Избирачки список, No. of voters,
        Voting population""",
    "ballots": """Ont voté, Votaron, Asistencia, Karty wyjęte z urny, Prezenți la vot,
        Бюлетини в кутията, Проголосовало, Приняло участие, Hlasovalo, Zúčastnilo sa,
        Izašlo na izbore, Излегоа, Oddanih glasovnic, Wähler/innen, Szavazott, Megjelentek,
        Avgivna röster, Afgivne stemmer, Uitgebrachte stemmen, Suara masuk, المصوتون,
        Waliopiga kura, Kanë votuar, Total poll""",
    "invalid": """Tarjetas no marcadas, Votos observados, Impugnaciones, Recurrido, Recurridos,
        Comando, em branco, nulos técnicos, Anulados, Voix annulées, Suffrages annulés, Rejetés,
        Bulletins litigieux, Voturi nevalabile, Nevalabile, Невалидни, Испорчено,
        Άκυρα και λευκά, Negalioja, Nederīgās, Rikutud, Kehtetud, Ogiltiga, Blanka, Ugyldige,
        Ongeldig, Mitättömiä, İptal, Suara batal, Kura zilizoharibika, Të pavlefshme,
        Неважечки ливчиња, Etibarsız, Անվավեր, Хүчингүй, أوراق مرفوضة, Voids, Disqualified,
        Bad votes, Doubtful, Cancelled, Tendered ballots""",
}


@pytest.mark.parametrize(
    ("role", "name"),
    [(role, " ".join(n.split())) for role, names in NAMES.items() for n in names.split(",")],
)
def test_words_of_many_countries(tmp_path, role, name):
    counts = {"registered": REGISTERED, "ballots": BALLOTS, "invalid": INVALID}
    columns = {name if r == role else r: own for r, own in counts.items()}
    columns = {n: own for n, own in columns.items() if role != "invalid" or n != "ballots"}
    found = read({**columns, **PEOPLE}, tmp_path, electorate="registered")
    assert (votes(found), tuple(found.invalid)) == (VOTES, INVALID)
    assert tuple(found.registered) == REGISTERED


@pytest.mark.parametrize(
    "names", [("a", "b", "c", "d", "e", "f"), ("q1", "q2", "q3", "q4", "q5", "q6")]
)
def test_papers_received_and_left_over_are_not_the_list_and_who_stayed_at_home(tmp_path, names):
    """Papers left over were taken for abstention, and too few people for registered."""
    received = (850, 760, 690)
    unused = tuple(r - b for r, b in zip(received, BALLOTS, strict=True))
    columns = dict(zip(names, (REGISTERED, BALLOTS, VALID, INVALID, received, unused), strict=True))
    found = read({**columns, **PEOPLE}, tmp_path, electorate="registered")
    assert votes(found) == VOTES
    assert found.registered.tolist() == [*REGISTERED]


def test_a_population_in_front_of_the_list_is_not_the_list(tmp_path):
    away = tuple(r - b for r, b in zip(REGISTERED, BALLOTS, strict=True))
    columns = {"q1": (1300, 1200, 1100), "q2": REGISTERED, "q3": away, "q4": BALLOTS, "q5": VALID,
               "q6": INVALID}  # fmt: skip
    found = read({**columns, **PEOPLE}, tmp_path, electorate="registered")
    assert found.registered.tolist() == [*REGISTERED]
