"""Columns of polls before a first round that are no candidates, in many languages."""

import pytest
from asked import ELECTION, SHARES, table

from forecast import read_election

LEADS = """Lead, Distacco, Divario, Перевага, Відрив, Разлика во поени, Odskok, Avantaj, Ledning,
    Försprång, Forsprang, Voorsprong, Vahe, الفارق, اختلاف, הפרש"""
ANSWERS = {
    "undecided": "N.S., N.C., NS/NC, NT/NV, Neodlučno, لم يقرر, لا أعلم, Nu s-au decis, Не знає",
    "would_not_vote": """Nie głosuje, Nie głosował(a)bym, Не братиме участі, Не піду, Не пойду,
        Nepůjde volit, Nezúčastní se, Nezúčastnil by sa, Neću glasati, Ne bi glasoval, Nema da
        glasa, Nu s-ar prezenta, Nedalyvaus, No iría, Nem megy el, Ei hääletaks""",
    "blank": "BNN, Испорчу бюллетень, Зіпсую бюлетень, არცერთი, Neplatný hlas, Nobeden, Neviens",
    "others": "Más, Joku muu, Někdo jiný, Хтось інший, Nekdo drugi, Alguien más, Jemand anderes",
}


SPONSORS = """
    Sponsor, Client, Auftraggeber, Sponsors, Sponsor(s), Client(s), Commissioned by, Comanditar,
    Fieldwork commissioned by, Tilaaja, Zadavatel, Zadávateľ, Заказчик, Замовник, Committente,
    Naročnik, Contratado por, Megrendelő, Naručitelj, Нарачател, Възложител, Užsakovas,
    Pasūtītājs, Tellija, Zamawiający, Na zlecenie, Donneur d'ordre, Uppdragsgivare, Müşteri,
    დამკვეთი, Πελάτης, Pemesan, Media, Medio, Publisher, Klient, Newspaper, Médias, СМИ"""


def read(**cells):
    return read_election(table(**cells), election_day=ELECTION)


def names_of(text):
    return [" ".join(name.split()) for name in text.split(",")]


def test_words_for_answers():
    """A poll has no field for who stays at home: its undecided hold them."""
    wrong = []
    for role, text in ANSWERS.items():
        for name in names_of(text):
            found = read(**{name: [6, 7, 5]})
            poll = found.polls[0]
            told = poll.others if role == "others" else poll.undecided
            wrong += [(name, found.people, told)] * ((found.people, told) != (tuple(SHARES), 0.06))
    assert not wrong


def test_words_for_leads():
    lead = [10, 7, 13]
    wrong = [name for name in names_of(LEADS) if read(**{name: lead}).people != tuple(SHARES)]
    assert not wrong


@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize("first", [("Zzz",), ()])
def test_an_unknown_word_for_a_lead_behind_all_others(scale, first):
    shares = {name: [x / scale for x in cells] for name, cells in SHARES.items()}
    lead = [(a - b) / scale for a, b in zip(SHARES["Ada"], SHARES["Ben"], strict=True)]
    found = read(first=first, **shares, Zzz=lead)
    assert ("Zzz" in found.people) == bool(first)
    assert bool(first) != any("the lead of the first" in note for note in found.notes)


def test_who_is_as_large_as_the_lead_where_rows_sum_to_100_with_them():
    lead = [a - b for a, b in zip(SHARES["Ada"], SHARES["Ben"], strict=True)]
    rest = [100 - sum(row) for row in zip(*SHARES.values(), lead, strict=True)]
    found = read(Others=rest, Dex=lead)
    assert "Dex" in found.people


@pytest.mark.parametrize("name", ["Ada Distacco", "Artur Mas", "Nina Partic"])
def test_names_of_people_with_such_words(name):
    assert name in read(**{name: [6, 7, 5]}).people


def test_words_for_who_paid():
    """A column of numbers with such a name, the mean of polls in some languages, is nobody."""
    wrong = []
    for name in names_of(SPONSORS):
        poll = read(first=("pollster",), **{name: ["The Post", "", "TV 1"]}).polls[0]
        wrong += [(name, poll.sponsor)] * (poll.sponsor != "The Post")
    assert not wrong
    assert read(Media=[28, 28, 29]).polls[0].sponsor == ""
    assert read(Media=[28, 28, 29]).people == tuple(SHARES)


def test_a_newspaper_asked_where_nobody_else_is_said_to():
    found = read(pollster=..., Media=["The Post", "The Sun", "The Post"])
    assert [(p.pollster, p.sponsor) for p in found.polls][:2] == [("The Post", ""), ("The Sun", "")]
