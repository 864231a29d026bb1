"""Tables as commissions, ministries, encyclopedias and newsrooms print them, in many languages."""

import pandas as pd
import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.facts.words.column_words import words_of
from forecast.files.columns import Columns
from forecast.files.numbers import unmarked

STATIONS = {
    "polish": """Obwód;Gmina;Liczba wyborców uprawnionych do głosowania;Liczba kart wydanych;\
Liczba głosów nieważnych;Liczba głosów ważnych oddanych łącznie na wszystkich kandydatów;K1;K2;K3
1;Ada;1 000;700;10;690;300;250;140
2;Ada;900;650;5;645;280;260;105
1;Ben;800;500;4;496;200;200;96
Ogółem;;2700;1850;19;1831;780;710;341
""",
    "turkish": """İl,İlçe,Sandık No,Kayıtlı Seçmen Sayısı,Oy Kullanan Seçmen Sayısı,Geçerli Oy,\
Geçersiz Oy,K1,K2,K3
Ankara,Çankaya,1001,1000,700,690,10,300,250,140
Ankara,Çankaya,1002,900,650,645,5,280,260,105
Ankara,Keçiören,1001,800,500,496,4,200,200,96
Toplam,,,2700,1850,1831,19,780,710,341
""",
    "indonesian": """Kecamatan,Kelurahan,TPS,DPT,Pengguna Hak Pilih,\
Suara Sah,Suara Tidak Sah,K1,K2,K3
Gambir,Cideng,TPS 01,1000,700,690,10,300,250,140
Gambir,Cideng,TPS 02,900,650,645,5,280,260,105
Gambir,Petojo,TPS 01,800,500,496,4,200,200,96
Jumlah,,,2700,1850,1831,19,780,710,341
""",
    "serbian": """Бирачко место,Број бирача уписаних у бирачки списак,Број бирача који су гласали,\
Број неважећих гласачких листића,Број важећих гласачких листића,K1,K2,K3
БМ 1,1000,700,10,690,300,250,140
БМ 2,900,650,5,645,280,260,105
УКУПНО,2700,1850,19,1831,780,710,341
БМ 3,800,500,4,496,200,200,96
""",
    "romanian": """Judet,Sectie,Numarul total al alegatorilor prevazuti in listele electorale,\
Numarul total al alegatorilor care s-au prezentat la urne,Numarul total al voturilor valabil \
exprimate,Numarul voturilor nule,K1-voturi,K2-voturi,K3-voturi
ALBA,1,1000,700,690,10,300,250,140
ALBA,2,900,650,645,5,280,260,105
CLUJ,3,800,500,496,4,200,200,96
""",
    "ukrainian": """№ ДВК;Область;Кількість виборців, внесених до списку;Кількість виборців, які \
взяли участь у голосуванні;Кількість бюлетенів, визнаних недійсними;K1;K2;K3
000001;Київ;1000;700;10;300;250;140
000002;Київ;900;650;5;280;260;105
000003;Львів;800;500;4;200;200;96
""",
    "russian, issued and unused": """УИК,Число избирателей в списках,Число бюллетеней полученных \
комиссией,Число погашенных бюллетеней,Число недействительных бюллетеней,K1,K2,K3
1,1000,1100,400,10,300,250,140
2,900,1000,350,5,280,260,105
3,800,800,300,4,200,200,96
""",
    "chilean": """Comuna,Mesa,Electores,K1,K2,K3,Válidamente Emitidos,Votos Nulos,Votos en Blanco,\
Total Votación,% Participación
Arica,1V,1000,300,250,140,690,6,4,700,70.0
Arica,2V,900,280,260,105,645,2,3,650,72.2
Putre,1V,800,200,200,96,496,2,2,500,62.5
Total,,2700,780,710,341,1831,10,9,1850,68.5
""",
    "header of two lines": """Place,Electorate,K1,,K2,,K3,,Spoilt
,,Votes,%,Votes,%,Votes,%,
N,1000,300,43,250,36,140,20,10
S,900,280,43,260,40,105,16,5
W,800,200,40,200,40,96,19,4
""",
    "ballots issued and found": """ward,electorate,Ballots issued,Ballots in box,K1,K2,K3,Turnout
a,1000,702,700,300,250,140,70
b,900,652,650,280,260,105,72
c,800,501,500,200,200,96,63
""",
}


@pytest.mark.parametrize("kind", STATIONS)
def test_tables_of_stations(kind):
    found = Contest.from_frame(Columns.from_text(STATIONS[kind], "c.csv"), name="c")
    assert dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True)) == {
        "K1": 780,
        "K2": 710,
        "K3": 341,
    }
    assert len(found.units) == 3
    assert (int(found.registered.sum()), int(found.invalid.sum())) == (2700, 19)


CANDIDATES = {
    "english": """Candidate,Party,Votes,%
K1,Green,"1,200,000",44.4
K2,Blue,"1,000,000",37.0
K3,Red,"500,000",18.5
Total,,"2,700,000",100.00
Valid votes,,"2,700,000",97.1
Invalid/blank votes,,"81,000",2.9
Total votes,,"2,781,000",100.00
Registered voters/turnout,,"4,500,000",62
""",
    "russian": """Кандидат\tГолоса\t%
K1\t1 200 000\t44,4
K2\t1 000 000\t37,0
K3\t500 000\t18,5
Недействительные бюллетени\t81 000\t
Число проголосовавших\t2 781 000\t62
Число избирателей в списках\t4 500 000\t
""",
    "both rounds under merged headers": """Candidats;Partis;Premier tour;;Second tour;
;;Voix;%;Voix;%
K1;Vert;1 200 000;44,4;1 500 000;52
K2;Bleu;1 000 000;37,0;1 379 000;48
K3;Rouge;500 000;18,5;;
Votes valables;;2 700 000;97;2 879 000;97
Votes blancs;;80 000;2;90 000;3
Votes nuls;;1 000;0;9 000;0
Inscrits/participation;;4 500 000;62;4 500 000;66
""",
    "both rounds in named columns": """Candidate,Votes (first round),Votes (second round)
K1,"1,200,000","1,500,000"
K2,"1,000,000","1,379,000"
K3,"500,000",
Invalid/blank votes,"81,000","90,000"
Registered voters/turnout,"4,500,000","4,500,000"
""",
}


@pytest.mark.parametrize("kind", CANDIDATES)
def test_tables_of_candidates(kind):
    found = Contest.from_frame(Columns.from_text(CANDIDATES[kind], "c.csv"), name="c")
    assert dict(zip(found.candidates, found.votes[0].tolist(), strict=True)) == {
        "K1": 1_200_000,
        "K2": 1_000_000,
        "K3": 500_000,
    }
    assert (int(found.registered.sum()), int(found.invalid.sum())) == (4_500_000, 81_000)
    assert found.finalists == ("K1", "K2")


def test_blocks_of_a_ministry_whose_header_a_spreadsheet_has_padded():
    text = """Commune;Inscrits;Votants;Exprimés;Nom;Prénom;Voix;% Voix/Ins;;;;;;;;
L'Abergement;1000;700;690;UN;Ada;300;30,0;DEUX;Ben;250;25,0;TROIS;Cid;140;14,0
Ambléon;900;650;645;UN;Ada;280;31,1;DEUX;Ben;260;28,9;TROIS;Cid;105;11,7
"""
    found = Contest.from_frame(Columns.from_text(text, "c.csv"), name="c")
    assert found.votes.sum(axis=0).tolist() == [580, 510, 245]
    assert found.candidates == ("UN Ada", "DEUX Ben", "TROIS Cid")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Registered voters/turnout", "registered"),
        ("Electeurs votants", "ballots"),
        ("Votantes inscritos", "registered"),
        ("Registered voters who voted", "ballots"),
        ("Votes counted", "votes"),
        ("% of precincts reporting", "counted"),
        ("None of the above", "invalid"),
        ("Против всех", "invalid"),
        ("Не подкрепям никого", "invalid"),
        ("Number of booths", "code"),
        ("Unused ballots", "unused"),
        ("margin", "margin"),
        ("Wahlber.", "registered"),
        ("Внесено до списку", "registered"),
        ("Early", ""),
        ("Postal votes", "channel"),
        ("Maria de los Santos Blanco", ""),
        ("Michel Blanc", ""),
    ],
)
def test_words_of_official_names(name, role):
    assert next(iter(words_of(name)), "") == role


@pytest.fixture
def first():
    table = pd.DataFrame(
        {"registered": [1000, 900, 800], "A": [300, 280, 200], "B": [250, 260, 200]},
        index=["001", "002", "003"],
    )
    return Contest.from_frame(table.assign(C=[140, 105, 96]), name="c")


@pytest.mark.parametrize("name", ["% reporting", "Reporting", "pct_counted", "% escrutado"])
def test_how_much_is_counted_is_read_by_any_name(first, name):
    rows = {"unit": ["1", "2"], "A": [400, 175], "B": [300, 155], name: [100, 50]}
    assert partial_returns(first, pd.DataFrame(rows)).counted.tolist() == [1, 0.5, 0]


def test_numbers_of_stations_are_no_fraction_that_is_counted(first):
    rows = {"unit": ["1", "2"], "A": [400, 350], "B": [300, 310], "counted": [10, 9]}
    with pytest.raises(InputError, match="people can have voted"):
        partial_returns(first, pd.DataFrame(rows))


def test_the_index_of_a_pandas_frame_names_units(first):
    assert first.units == ("001", "002", "003")
    counts = pd.DataFrame({"A": [400], "B": [300]}, index=pd.Index([3], name="commune"))
    assert partial_returns(first, counts).counted.tolist() == [0, 0, 1]


def test_two_marks_in_a_number_stand_between_thousands():
    assert unmarked(["1,500,000", "81,000", ""]) == ["1500000", "81000", ""]
    assert unmarked(["1.000", "2.000"]) == ["1.000", "2.000"]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["3,00,000", "12,34,567", "9,500"], ["300000", "1234567", "9500"]),
        (["1,000", "900"], ["1000", "900"]),
        (["1.000", "0"], ["1.000", "0"]),
    ],
)
def test_what_stands_between_thousands(cells, numbers):
    assert unmarked(cells) == numbers


def test_ballots_that_nobody_calls_so_are_told_from_the_list():
    text = """Obec;Počet zapísaných voličov;Počet voličov pri urne;A;B;C
1;1000;700;300;250;140
2;900;650;280;260;105
"""
    found = Contest.from_frame(Columns.from_text(text, "c.csv"), name="c")
    assert (int(found.registered.sum()), int(found.invalid.sum())) == (1900, 15)


def test_lines_above_the_header_may_have_all_delimiters():
    text = "Results of the first round;;;;\n;;;;\nWard;Electorate;A;B;C\nn;900;300;250;99\n"
    found = Contest.from_frame(Columns.from_text(text, "c.csv"), name="c")
    assert found.votes.tolist() == [[300, 250, 99]]


def test_arabic_ballots_that_are_void_are_invalid():
    text = """الدائرة,المسجلون,المقترعون,الأوراق الملغاة,الأوراق البيضاء,قيس,نبيل,مورو
تونس 1,1000,700,5,5,300,250,140
تونس 2,900,650,2,3,280,260,105
"""
    found = Contest.from_frame(Columns.from_text(text, "c.csv"), name="c")
    assert found.candidates == ("قيس", "نبيل", "مورو")
    assert int(found.invalid.sum()) == 15


def test_a_header_of_two_lines_over_single_letters(first):
    text = "unit,A,,B,\n,votes,%,votes,%\n001,400,57,300,43\n"
    found = partial_returns(first, Columns.from_text(text, "r.csv"))
    assert found.totals == {"A": 400, "B": 300}


def test_units_joined_by_a_hyphen_are_their_merger(first):
    counts = pd.DataFrame({"unit": ["001-002", "003"], "A": [750, 250], "B": [610, 240]})
    found = partial_returns(first, counts)
    assert found.complete
    assert found.merged == ("002",)
