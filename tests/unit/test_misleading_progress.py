"""How much is counted, in words that nobody knows: such counts were once called decided."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

import forecast
from forecast import Contest, InputError, Returns
from forecast.facts.partial_returns import partial_returns

FIRST = """unit,registered,invalid,Ada,Ben,Cyd
u1,1000,5,200,180,120
u2,1500,5,300,310,150
u3,1200,5,250,240,160
u4,900,5,150,160,110
"""


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema_length=None)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(frame(FIRST), name="four", finalists=["Ada", "Ben"])


def counted(contest, text, **options):
    return partial_returns(contest, frame(text), **options)


def night_of(header, values, rows):
    lines = [f"u{i + 1},{v},{n}" for i, (v, n) in enumerate(zip(values, rows, strict=True))]
    return "\n".join([f"unit,{header},Ada,Ben", *lines])


UNKNOWN_PAIRS = [
    ("PV reçus", "PV attendus"),
    ("Actas C.", "Actas T."),
    ("Gezählte Sprengel", "Sprengel"),
    ("Prebrojana mjesta", "Ukupno mjesta"),
    ("Feldolgozott szavazókörök", "Szavazókörök száma"),
    ("Ενσωματωμένα τμήματα", "Σύνολο τμημάτων"),
    ("المكاتب المفروزة", "مجموع المكاتب"),
    ("დათვლილი უბნები", "უბნების რაოდენობა"),
    ("Lugotud jaoskonnad", "Jaoskondi kokku"),
    ("BV reçus", "BV total"),
    ("Vituo vilivyoripoti", "Jumla ya vituo"),
    ("Zzz", "Yyy"),
]
"""Names of polling stations counted, and of all, that no table of words has."""


@pytest.mark.parametrize(("part", "whole"), UNKNOWN_PAIRS)
@pytest.mark.parametrize("layout", ["front", "end", "turned", "long"])
def test_so_many_of_so_many_goes_with_the_votes_whatever_it_is_called(contest, part, whole, layout):
    """Stations in unknown words were candidates, and half of the count was decided."""
    places = [(4, 8), (5, 11), (4, 9), (3, 7)]
    votes = [(110, 95), (160, 170), (115, 130), (70, 75)]
    lines = []
    for u, ((some, every), (ada, ben)) in enumerate(zip(places, votes, strict=True), start=1):
        if layout == "long":
            lines += [f"u{u},{some},{every},{n},{v}" for n, v in (("Ada", ada), ("Ben", ben))]
        else:
            cells = {"front": (some, every, ada, ben), "end": (ada, ben, some, every),
                     "turned": (every, some, ada, ben)}[layout]  # fmt: skip
            lines.append(",".join(map(str, (f"u{u}", *cells))))
    heads = {"long": (part, whole, "candidate", "votes"), "front": (part, whole, "Ada", "Ben"),
             "end": ("Ada", "Ben", part, whole), "turned": (whole, part, "Ada", "Ben")}  # fmt: skip
    found = counted(contest, "\n".join([",".join(("unit", *heads[layout])), *lines]))
    assert found.counted.tolist() == pytest.approx([a / b for a, b in places])
    assert found.totals == {"Ada": 455, "Ben": 470}
    assert any(part in note and whole in note for note in found.notes)


@pytest.mark.parametrize("header", ["PV reçus", "Zzz", "Станции"])
def test_a_number_of_nobody_is_asked_about_where_units_may_be_counted_in_part(contest, header):
    some = night_of(header, (4, 5, 4, 3), ("110,95", "160,170", "115,130", "70,75"))
    with pytest.raises(InputError, match=f"--columns '{header}=ignored'"):
        counted(contest, some)
    with pytest.raises(InputError, match=f"--columns '{header}=ignored'"):
        Returns.from_frame(frame(some), finalists=("Ada", "Ben"))
    every = night_of(header, (4, 5, 4, 3), ("240,230", "380,370", "325,320", "200,210"))
    assert counted(contest, every).complete
    assert counted(contest, every).totals == {"Ada": 1145, "Ben": 1130}
    silent = night_of("region", "nnss", ("110,95", "160,170", "115,130", "70,75"))
    assert any("40% of those in the first round" in n for n in counted(contest, silent).notes)


def test_invalid_ballots_in_unknown_words_are_no_stations(contest):
    text = "unit,Xx,Yy,Ada,Ben\nu1,4,6,240,230\nu2,3,7,380,370\nu3,4,5,325,320\nu4,2,4,200,210"
    assert counted(contest, text).complete


def test_the_user_may_say_that_two_columns_are_so_many_of_so_many(contest):
    text = "unit,Xx,Yy,Ada,Ben\nu1,40,60,240,230\nu2,60,60,380,370\nu3,4,5,325,320\nu4,2,4,200,210"
    found = counted(contest, text, columns={"Yy": "counted", "Xx": "counted"})
    assert found.counted.tolist() == pytest.approx([2 / 3, 1, 0.8, 0.5])


UNKNOWN_RATES = ["Taux de remontee des PV", "Kiểm phiếu %", "نسبة الفرز", "Сітка (%)", "Zzz",
                 "Dépouillement", "Fortschritt", "Postęp", "Kemajuan", "Avance", "Progres (%)",
                 "Sčítáno %", "Готово %", "Cobertura %", "PV (%)", "Hesablanıb"]  # fmt: skip


@pytest.mark.parametrize("header", UNKNOWN_RATES)
@pytest.mark.parametrize("scale", [100, 1])
def test_a_share_of_nothing_in_the_row_is_how_much_is_counted_or_is_asked_about(
    contest, header, scale
):
    """Where no unit was at 100, such a column was ignored, and half of the count decided."""
    parts = (0.507, 0.486, 0.444, 0.466)
    rows = ("110,95", "160,170", "115,130", "70,75")
    text = night_of(header, [f"{scale * part:.3f}" for part in parts], rows)
    try:
        found = counted(contest, text)
    except InputError as refused:
        assert f"--columns '{header}=ignored'" in str(refused)  # noqa: PT017
        found = counted(contest, text, columns={header: "counted"})
    assert found.counted.tolist() == pytest.approx(parts)


@pytest.mark.parametrize("header", ["Zzz", "Zzz %", "Ada %"])
def test_percentages_beside_votes_of_everybody_say_nothing_of_the_count(contest, header):
    rows = ("240,230", "380,370", "325,320", "200,210")
    found = counted(contest, night_of(header, ("31.5", "28.2", "41.7", "39.9"), rows))
    assert found.complete


@pytest.mark.parametrize(
    "cell", ["đang kiểm", "inaendelea", "ólokið", "sayım sürüyor", "hesablanır", "5"]
)
def test_a_state_in_unknown_words_that_all_units_have_is_asked_about(contest, cell):
    """Beside half of the votes; a column of which nobody knows what it says is no reason to."""
    half = ("110,95", "160,170", "115,130", "70,75")
    with pytest.raises(InputError, match="--columns 'status=ignored'"):
        counted(contest, night_of("status", [cell] * 4, half))
    unsaid = counted(contest, night_of("Zzz", [cell] * 4, half))
    assert any("taken as counted in full" in note for note in unsaid.notes)
    every = night_of("Zzz", [cell] * 4, ("240,230", "380,370", "325,320", "200,210"))
    assert counted(contest, every).complete


@pytest.mark.parametrize("nothing", ["0", "0.0", "0,0", "0,0 %", "0%", "0 of 9", ""])
def test_a_unit_of_which_nothing_is_counted_needs_no_votes(contest, nothing):
    rows = (",", "380,370", "325,320", "200,210")
    whole = "9 of 9" if "of" in nothing else "100,0 %" if "%" in nothing else "100,0"
    found = counted(
        contest, night_of("counted", [f'"{cell}"' for cell in (nothing, whole, whole, whole)], rows)
    )
    assert found.counted.tolist() == [0.0, 1.0, 1.0, 1.0]


HARMLESS = {
    "operator": ["JS"] * 12, "Women %": [51.2, 49.8, 50.3] * 4, "Unemployment %": [4, 9, 7, 12] * 3,
    "Rural share": [7, 28, 55, 12, 40, 33] * 2, "zone": [1, 2, 3, 4] * 3, "#": [*range(1, 13)],
    "Staff": [3, 4, 8] * 4, "Polls close": ["20:00"] * 12, "weather": ["rain"] * 12,
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_a_runoff_of_half_the_votes_is_read_beside_whatever_column(name):
    """And whether all of it is counted nobody knows, so that it is not decided until said."""
    sizes = np.array([2100, 3400, 8800, 5200, 2900, 7100, 4400, 3900, 6100, 2500, 5600, 4700])
    units = [f"u{u}" for u in range(12)]
    first = {"unit": units, "registered": sizes, "Ada": sizes * 3 // 10, "Ben": sizes // 4,
             "Cyd": sizes // 10}  # fmt: skip
    low = forecast.Contest.from_frame(pl.DataFrame(first), name="low")
    votes = {"unit": units, "Ada": sizes * 16 // 100, "Ben": sizes * 12 // 100}
    found = forecast.nowcast(low, pl.DataFrame({**votes, name: HARMLESS[name]}), draws=40)
    assert found.returns.complete
    assert (found.assumed_full, found.decided, found.called) == (True, None, None)
    assert "do not say that all is counted" in found.verdict
    said = forecast.nowcast(low, pl.DataFrame({**votes, "counted": [1.0] * 12}), draws=40)
    assert said.decided == "Ada"


BUREAUX = """Code B.Vote,Yann,Claire,Omar
0023,300,290,200
0024,200,180,100
"""


def test_codes_and_numbers_of_panels_are_no_stations(tmp_path):
    """And "Code B.Vote" has no votes in it."""
    (tmp_path / "first.csv").write_text(BUREAUX)
    (tmp_path / "runoff.csv").write_text(
        "Code du département;Code B.Vote;N°Panneau;Prénom;Voix;N°Panneau;Prénom;Voix\n"
        "29;0023;1;Yann;270;2;Claire;359\n29;0024;1;Yann;220;2;Claire;247\n"
    )
    first = forecast.read_contest(tmp_path / "first.csv", electorate="voters")
    found = forecast.read_partial_returns(tmp_path / "runoff.csv", first)
    assert found.complete
    assert found.totals == {"Yann": 490, "Claire": 606}


LARGE = """unit,Ada,Ben,Cyd
u1,2000,1800,1200
u2,3000,3100,1500
u3,2500,2400,1600
u4,1500,1600,1100
"""
FULL = ("2400,2300", "3800,3700", "3250,3200", "2000,2100")
SOME = ("1400,1300", "2200,2100", "1650,1700", "950,900")


@pytest.fixture(scope="module")
def large():
    return Contest.from_frame(
        frame(LARGE), name="large", finalists=["Ada", "Ben"], electorate="voters"
    )


@pytest.mark.parametrize("rows", [FULL, SOME])
@pytest.mark.parametrize(
    ("names", "parts", "wholes"),
    [
        ("Code de la commune,Code du département", (19, 19, 19, 19), (29, 29, 29, 29)),
        ("W tym z powodu postawienia znaku „X” obok dwóch nazwisk,W tym z powodu innym",
         (9, 14, 11, 5), (11, 16, 13, 6)),
        ("of which late,of which torn", (9, 14, 11, 5), (11, 16, 13, 6)),
        ("Zzz,Yyy", (1, 1, 1, 1), (2, 2, 2, 2)),
        ("Zzz,Yyy", (6, 12, 9, 3), (8, 16, 12, 4)),
        ("Zzz,Yyy", (2, 2, 2, 2), (3, 4, 3, 3)),
        ("Canton,Arrondissement", (2, 3, 2, 1), (3, 4, 3, 2)),
        ("Postal,Proxies", (9, 14, 11, 5), (15, 23, 18, 10)),
    ],
)  # fmt: skip
def test_two_numbers_that_say_something_else_or_do_not_vary_are_no_stations(
    large, rows, names, parts, wholes
):
    cells = [f"{a},{b}" for a, b in zip(parts, wholes, strict=True)]
    try:
        assert counted(large, night_of(names, cells, rows)).complete
    except InputError as refused:
        assert rows is SOME, refused  # noqa: PT017
        assert "may say how much of each unit is counted" in str(refused)  # noqa: PT017


def test_a_ratio_that_a_full_count_does_not_need_is_no_part_of_it(large):
    """Turnout fell a little, as the ratio of two numbers of nobody would have it."""
    rows = ("2200,2150", "3300,3312", "2800,2855", "1850,1804")
    text = night_of("Xx,Yy", ("9,11", "14,16", "11,13", "5,6"), rows)
    assert counted(large, text).complete


def test_the_code_of_a_station_is_not_how_many_there_are(large):
    lines = ("u1,23,20,2400,2300", "u2,80,80,3800,3700", "u3,94,90,3250,3200", "u4,99,99,2000,2100")
    head = "unit,Code du bureau de vote,Bureaux dépouillés,Ada,Ben"
    found = counted(large, "\n".join([head, *lines]))
    assert not any("Code du bureau de vote is how" in note for note in found.notes)
    assert found.complete


NIGHT = """unit,Petro,Hernández,Fico
A,2000,1400,800
B,2000,1600,1000
C,1700,1300,900
"""
STATIONS = [
    ("Mesas informadas", "Mesas"),
    ("Mesas informadas", "Mesas instaladas"),
    ("Mesas instaladas", "Mesas informadas"),
    ("Boxes counted", "Boxes"),
    ("Ballot boxes counted", "Ballot boxes"),
    ("Stations informed", "Stations"),
    ("Sprengel informiert", "Sprengel"),
    ("Secții informate", "Secții"),
    ("Mesas informadas", "Mesas por informar"),
    ("Stations counted", "Stations remaining"),
    ("Stations counted", "Stations outstanding"),
    ("Actas procesadas", "Actas por procesar"),
    ("Actas por procesar", "Actas procesadas"),
    ("Bureaux dépouillés", "Bureaux restants"),
    ("Sezioni scrutinate", "Sezioni mancanti"),
]
"""Names of stations that are counted, and of all or of those that remain."""
LEFT = ("por", "remaining", "outstanding", "restants", "mancanti")


@pytest.fixture(scope="module")
def three():
    return Contest.from_frame(
        frame(NIGHT), name="three", finalists=["Petro", "Hernández"], electorate="voters"
    )


@pytest.mark.parametrize("names", STATIONS)
def test_stations_counted_stand_beside_all_or_beside_those_that_remain(three, names):
    def cell(name, some, every):
        left = any(word in LEFT for word in name.split())
        whole = name in {n for pair in STATIONS for n in pair[1:]} and "inform" not in name
        whole = whole and "procesadas" not in name
        return every - some if left else every if whole or "instaladas" in name else some

    rows = [("A", 20, "600,450"), ("B", 80, "2200,2300"), ("C", 40, "900,1000")]
    lines = [f"{u},{','.join(str(cell(n, some, 80)) for n in names)},{v}" for u, some, v in rows]
    found = counted(three, "\n".join([f"unit,{','.join(names)},Petro,Hernández", *lines]))
    assert found.counted.tolist() == [0.25, 1.0, 0.5]
    assert any(names[0] in note and names[1] in note for note in found.notes)


@pytest.mark.parametrize("name", ["Mesas informadas", "Stations informed", "Secții informate"])
def test_stations_that_reported_are_no_invalid_ballots(name):
    first = f"unit,{name},Ada,Ben,Cyd\nA,80,200,140,80\nB,70,200,160,100"
    found = Contest.from_frame(frame(first), name="x", electorate="voters")
    assert found.invalid is None or not found.invalid.any()
    assert found.candidates == ("Ada", "Ben", "Cyd")


@pytest.mark.parametrize("listed", [",registered", ""])
def test_a_unit_where_nobody_lives_is_complete(listed):
    first = "unit,registered,Ada,Ben,Cyd\nu1,5000,2000,1400,80\nu2,5000,2000,1600,100\nu3,0,0,0,0"
    empty = Contest.from_frame(frame(first), name="empty", finalists=["Ada", "Ben"])
    people = ("5000,", "5000,", "0,") if listed else ("", "", "")
    rows = zip(("u1", "u2", "u3"), people, ("2200,1900", "2300,2200", "0,0"), strict=True)
    lines = [f"unit{listed},Ada,Ben", *(f"{u},{n}{v}" for u, n, v in rows)]
    night = forecast.nowcast(empty, frame("\n".join(lines)), draws=40)
    assert night.returns.counted.tolist() == [1.0, 1.0, 1.0]
    assert night.returns.units == 3
    assert "unlike any counted" not in str(night)
    some = counted(empty, "\n".join([lines[0], lines[1], lines[3]]))
    assert some.counted.tolist() == [1.0, 0.0, 1.0]
    if listed:
        moved = counted(empty, "\n".join(lines).replace("u3,0", "u3,12"))
        assert not moved.complete


@pytest.mark.parametrize("name", ["Total actas", "Total mesas", "Actas"])
def test_all_stations_beside_those_that_remain(tmp_path, name):
    (tmp_path / "f.csv").write_text("unit,registered,Ada,Ben,Cid\nn,90000,12000,11000,5000\n"
                                    "s,80000,10000,12000,5000\n")  # fmt: skip
    contest = forecast.read_contest(tmp_path / "f.csv", advancement="top two")
    text = f"unit,{name},remaining,Ada,Ben\nn,40,40,0,0\ns,50,20,8000,11000\n"
    (tmp_path / "s.csv").write_text(text)
    found = forecast.read_partial_returns(tmp_path / "s.csv", contest)
    assert found.counted == pytest.approx([0, 0.6])


STAGED = {
    "Total actas,Actas procesadas,Actas contabilizadas": (40, 40, 30),
    "Actas procesadas %,Actas contabilizadas %": (100, 75),
    "Total actas,Actas recibidas,Actas divulgadas": (40, 40, 30),
    "Jumlah TPS,TPS masuk,TPS terverifikasi": (40, 40, 30),
    "Polling stations,Forms received,Forms verified": (40, 40, 30),
    "Secții de votare,PV primite,PV validate": (40, 40, 30),
    "Liczba obwodów,Otrzymane protokoły,Wprowadzone protokoły": (40, 40, 30),
    "Precincts,Precincts partially reported,Precincts fully reported": (40, 7, 30),
    "Precincts reporting,Total precincts,% expected vote in": (40, 40, 75),
    "precincts_pct,eevp": (100, 75),
    "Eleitorado,Eleitorado apurado": (40_000, 30_000),
    "Inscrits,Inscrits dépouillés": (40_000, 30_000),
}
"""Columns that seem to say that all is counted, beside one that says how much is."""


@pytest.mark.parametrize("names", STAGED)
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_stages_the_last_one_is_counted(tmp_path, names, turned):
    """Where all was received, though not counted, a contest was called decided."""
    (tmp_path / "f.csv").write_text("unit,registered,Ada,Ben,Cid\nn,40000,12000,11000,5000\n"
                                    "s,40000,10000,12000,5000\n")  # fmt: skip
    contest = forecast.read_contest(tmp_path / "f.csv", advancement="top two")
    pairs = list(zip(names.split(","), STAGED[names], strict=True))[:: -1 if turned else 1]
    if names.startswith("Precincts,Precincts partially"):
        pairs = [(n, x) for n, x in pairs if "partially" not in n]
    heads, cells = ",".join(n for n, _ in pairs), ",".join(str(x) for _, x in pairs)
    (tmp_path / "s.csv").write_text(
        f"unit,{heads},Ada,Ben\nn,{cells},11000,9000\ns,{cells},9000,10000\n"
    )
    found = forecast.read_partial_returns(tmp_path / "s.csv", contest)
    assert found.counted == pytest.approx([0.75, 0.75])
    assert not found.complete
    listed = any(word in names for word in ("Inscrits", "Eleitorado"))
    more = ("Cid", 5000) if listed else ("Cid,registered", "5000,40000")
    head, *rows = (tmp_path / "s.csv").read_text().splitlines()
    lines = [f"{head},{more[0]}", *(f"{row},{more[1]}" for row in rows)]
    (tmp_path / "f.csv").write_text("\n".join(lines))
    why = "'PV primite' must be a candidate or not" if "PV" in names else "must be counted out"
    with pytest.raises(forecast.InputError, match=why):
        forecast.read_contest(tmp_path / "f.csv", advancement="top two")


def test_ballots_outstanding_count_more_than_stations_that_are_all_in(tmp_path):
    (tmp_path / "f.csv").write_text("unit,registered,Ada,Ben,Cid\nn,40000,12000,11000,5000\n"
                                    "s,40000,10000,12000,5000\n")  # fmt: skip
    contest = forecast.read_contest(tmp_path / "f.csv", advancement="top two")
    for name in ("Ballots outstanding", "Absentee ballots left to count"):
        text = f"unit,Precincts reporting,Total precincts,{name},Ada,Ben\n"
        (tmp_path / "s.csv").write_text(f"{text}n,9,9,5000,11000,9000\ns,8,8,0,9000,10000\n")
        found = forecast.read_partial_returns(tmp_path / "s.csv", contest)
        assert found.counted == pytest.approx([0.8, 1.0])


def test_one_percent_is_not_all(tmp_path):
    """All was counted, and the contest decided, with a hundredth of the votes."""
    (tmp_path / "f.csv").write_text("unit,registered,Ada,Ben,Cid\nn,40000,12000,11000,5000\n"
                                    "s,40000,10000,12000,5000\n")  # fmt: skip
    contest = forecast.read_contest(tmp_path / "f.csv", advancement="top two")
    for name in ("Reporting %", "% escrutado", "counted"):
        (tmp_path / "s.csv").write_text(f"unit,{name},Ada,Ben\nn,1,110,90\ns,1,90,100\n")
        with pytest.raises(forecast.InputError, match="390 votes are all there are where 55,000"):
            forecast.read_partial_returns(tmp_path / "s.csv", contest)


def test_people_of_what_is_counted_need_all_people_beside_them(tmp_path):
    (tmp_path / "f.csv").write_text("unit,registered,Ada,Ben,Cid\nn,40000,12000,11000,5000\n"
                                    "s,40000,10000,12000,5000\n")  # fmt: skip
    contest = forecast.read_contest(tmp_path / "f.csv", advancement="top two")
    text = "unit,Registered in counted stations,Ada,Ben\nn,20000,6000,5000\ns,0,0,0\n"
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(forecast.InputError, match="must stand beside one of all registered"):
        forecast.read_partial_returns(tmp_path / "s.csv", contest)


@pytest.mark.parametrize(
    "head",
    ["Offene Wahlbezirke", "Fehlende Wahlbezirke", "Nezpracované okrsky", "Brakujące komisje",
     "Остава", "Необработени секции", "Preostala biračka mjesta", "Laskematta"],
)  # fmt: skip
def test_stations_that_remain_in_further_languages(contest, head):
    """They were ignored, and everybody counted in full."""
    rows = ["u1,20,0,220,190", "u2,30,15,160,170", "u3,10,5,115,130", "u4,8,2,110,115"]
    found = counted(contest, "\n".join([f"unit,Stations,{head},Ada,Ben", *rows]))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0.75]


@pytest.mark.parametrize("heads", ["Counted,Of", "Of,Counted"])
def test_numbers_counted_and_of_how_many_stand_in_either_order(contest, heads):
    pairs = ((20, 20), (15, 30), (5, 10), (6, 8))
    votes = ("1000,220,190", "1500,160,170", "1200,115,130", "900,110,115")
    rows = [
        f"u{k},{pair[heads == 'Of,Counted']},{pair[heads != 'Of,Counted']},{own}"
        for k, (pair, own) in enumerate(zip(pairs, votes, strict=True), start=1)
    ]
    found = counted(contest, "\n".join([f"unit,{heads},registered,Ada,Ben", *rows]))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0.75]
