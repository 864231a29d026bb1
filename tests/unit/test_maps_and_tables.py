"""Maps from outlines, tables and figures as files."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest
import small
from test_contributions import COUNTED

import forecast
from forecast import InputError
from forecast.report.forecast_page import render_html
from forecast.report.maps import nowcast_maps, read_map, residual_map
from forecast.report.nowcast_page import render_night
from forecast.report.sheets import write_tables


def square(name, x, y=0.0, **more):
    ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
    return {
        "type": "Feature",
        "properties": {"id": 7, "place": name, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def outlines(tmp_path, *features):
    path = tmp_path / "units.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), "utf-8")
    return path


@pytest.fixture(scope="module", name="result")
def result_():
    return forecast.forecast_runoff(small.contest(), small.elicited_prior(), draws=1000)


def test_units_are_found_by_whatever_property_names_them(tmp_path):
    path = outlines(tmp_path, square("Harbour", 20), square("hill", 21), square("elsewhere", 30))
    found = read_map(path, small.contest())
    assert (found.units, found.missing) == (("harbour", "hill"), ("valley",))
    assert found.height > 0


def test_a_map_is_drawn_without_loading_anything(result, tmp_path):
    path = outlines(tmp_path, square("harbour", 20), square("hill", 21), square("valley", 22))
    units = read_map(path, result.contest)
    page = render_html(result, units=units)
    drawings = [d for d in re.findall(r"<svg.*?</svg>", page, re.S) if 'id="map-' in d]
    assert len(drawings) == 3
    for drawing in drawings:
        tree = ET.fromstring(drawing)
        paths = tree.findall("{http://www.w3.org/2000/svg}path")
        assert len(paths) == 3
        assert all("%" in p[0].text or p[0].text[-1].isdigit() for p in paths)
    assert "style=" not in page.split("</style>")[1]
    assert "http" not in "".join(drawings).replace("http://www.w3.org/2000/svg", "")


def test_nights_and_residuals_have_maps(tmp_path):
    contest = small.contest()
    path = outlines(tmp_path, square("harbour", 20), square("hill", 21), square("valley", 22))
    units = read_map(path, contest)
    night = forecast.nowcast(contest, COUNTED, prior=small.elicited_prior())
    share = 100 * COUNTED.votes[0, 0] / COUNTED.votes[0].sum()
    assert f"harbour: {share:.0f}%" in str(nowcast_maps(night, units)[0][1])
    assert "On the map" in render_night(night, units=units)
    assert "harbour" in residual_map(forecast.infer_transfers(contest, COUNTED), units)


def test_the_command_draws_residuals(run, tmp_path):
    (tmp_path / "one.csv").write_text(
        "unit,registered,Ada,Ben,Cid\nharbour,1500,400,300,150\nhill,900,200,310,90\n", "utf-8"
    )
    (tmp_path / "two.csv").write_text("unit,Ada,Ben\nharbour,520,380\nhill,260,350\n", "utf-8")
    outlines(tmp_path, square("harbour", 20), square("hill", 21)).rename(tmp_path / "u.geojson")
    ask = ("transfers", "one.csv", "two.csv", "--map", "u.geojson")
    code, _, err = run(*ask, "--residual-map", "r.svg")
    assert code == 0, err
    assert "harbour: " in (tmp_path / "r.svg").read_text("utf-8")
    code, _, err = run(*ask)
    assert (code, "--residual-map" in err) == (2, True)


@pytest.mark.parametrize(
    ("features", "found"),
    [
        ([square("harbour", 20)], "at least half"),
        ([square("harbour", 500), square("hill", 21)], "WGS 84"),
        ([{**square("harbour", 1), "geometry": {"type": "Point"}}, square("hill", 2)], "Polygon"),
    ],
)
def test_no_map_is_refused(features, found, tmp_path):
    with pytest.raises(InputError, match=found):
        read_map(outlines(tmp_path, *features), small.contest())


def test_a_file_that_is_no_map_is_refused(tmp_path):
    path = tmp_path / "x.geojson"
    path.write_text("[]", "utf-8")
    with pytest.raises(InputError, match="FeatureCollection"):
        read_map(path, small.contest())


def test_tables_are_read_back(result, tmp_path):
    (book,) = write_tables(result, tmp_path / "all.xlsx")
    sheets = pd.read_excel(book, sheet_name=None, engine="calamine")
    assert {"shares", "transfers", "contributions", "variants"} == set(sheets)
    assert sheets["shares"]["share"].tolist() == pytest.approx(result.to_frame()["share"].tolist())
    files = write_tables(result, tmp_path / "csv")
    assert {f.name for f in files} == {f"{name}.csv" for name in sheets}
    found = pd.read_csv(tmp_path / "csv" / "transfers.csv")
    assert len(found) == len(result.to_frame("transfers"))
    with pytest.raises(InputError, match="xlsx"):
        write_tables(result, tmp_path / "all.ods")


def test_the_command_writes_them_all(tmp_path, monkeypatch, capsys):
    from forecast.cli import main

    monkeypatch.chdir(tmp_path)
    small_file = "unit,registered,invalid,Ada,Cid,Ben\nharbour,1500,20,400,150,300\n"
    (tmp_path / "a.csv").write_text(small_file + "hill,900,5,200,90,310\n", "utf-8")
    words = "forecast run a.csv --draws 1000 --language fr --figures f --tables t.xlsx"
    words += " --title Scrutin --labels ada=Adèle --parties ben=Verts --colours ada=#aa0000"
    monkeypatch.setattr("sys.argv", words.split())
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    assert 'lang="fr"' in page
    assert "Adèle" in page
    assert "Ben (Verts)" in page
    assert "#aa0000" in page
    assert {p.suffix for p in (tmp_path / "f").iterdir()} == {".svg", ".png"}
    assert (tmp_path / "t.xlsx").stat().st_size > 1000
    assert "Adèle" in capsys.readouterr().out
