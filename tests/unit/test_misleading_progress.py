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
