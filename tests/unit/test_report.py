import json
import re
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

import forecast
from forecast.errors import InputError
from forecast.report.export import forecast_dict
from forecast.report.files import write_whole
from forecast.report.page import render_html, render_markdown, write_report


@pytest.fixture(scope="module")
def result():
    return forecast.forecast_runoff(forecast.load_contest("georgia-2018"), draws=20_000)


@pytest.fixture(scope="module")
def data(result):
    return forecast_dict(result)


@pytest.fixture(scope="module")
def schema():
    return json.loads(files("forecast.report").joinpath("schema.json").read_text("utf-8"))


def test_export_follows_its_schema(data, schema):
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(json.loads(json.dumps(data)))
    broken = {**data, "win_probability": {"zurabishvili": {"value": 1.0}}}
    assert not validator.is_valid(broken)


def test_export_says_what_the_forecast_says(result, data):
    p = result.win_probability("vashadze")
    assert data["win_probability"]["vashadze"]["value"] == p.value
    assert data["win_probability"]["vashadze"]["monte_carlo_error"] == p.monte_carlo_error
    interval = result.share("vashadze", 0.9).interval
    assert {"level": 0.9, "low": interval.low, "high": interval.high} in (
        data["share"]["vashadze"]["intervals"]
    )
    assert data["first_round"]["zurabishvili"] == 615_572
    assert data["bounds"]["vashadze"]["shortfall"] == 195_362


def test_voters_only_has_no_turnout():
    contest = replace(forecast.load_contest("georgia-2018"), electorate="voters")
    result = forecast.forecast_runoff(contest, forecast.generic_prior(contest), draws=2000)
    assert forecast_dict(result)["turnout"] is None
    assert "Turnout" not in render_markdown(result)


def test_html_is_self_contained_and_markdown_has_the_same_numbers(result, data):
    html, markdown = render_html(result, data), render_markdown(result, data)
    html = html.replace("\u00a0", " ")
    assert "default-src 'none'" in html
    loads = re.findall(r"""(?:src|href)\s*=\s*["']([^"'#][^"']*)""", html)
    assert loads == []
    assert "<script" not in html
    assert html.count("<h1>") == 1
    assert html.count('<svg role="img" aria-label=') == 4
    for key in ("zurabishvili", "vashadze"):
        low, high = (100 * data["share"][key]["intervals"][2][end] for end in ("low", "high"))
        assert f"{low:.0f} to {high:.0f} %" in markdown
        assert f"{low:.0f}–{high:.0f} %" in html
    needed = data["break_even"][0]["needed"]
    for page in (html, markdown):
        assert f"would draw level if {100 * needed:.0f} % rather than" in page


def test_names_with_markup_are_shown_as_text():
    evil = '<script>alert("x")</script>'
    contest = forecast.Contest(
        name="evil",
        title="<b>bold</b> [link](http://example.org)",
        candidates=(evil, "ben", "c$i^d$ & co"),
        finalists=(evil, "ben"),
        units=("north",),
        votes=[[400, 350, 250]],
        invalid=[10],
        registered=[1500],
    )
    result = forecast.forecast_runoff(contest, draws=2000)
    html, markdown = render_html(result), render_markdown(result)
    assert "<script" not in html
    assert "<b>bold" not in html
    assert "&lt;script&gt;" in html
    assert "<script" not in markdown
    assert "[link](" not in markdown


def test_three_finalists_get_a_report(schema):
    contest = forecast.Contest(
        name="three",
        candidates=("ada", "ben", "cid", "dan"),
        finalists=("ada", "ben", "cid"),
        units=("north",),
        votes=[[400, 350, 250, 120]],
        invalid=[10],
        registered=[1500],
    )
    result = forecast.forecast_runoff(contest, draws=4000)
    total = sum(result.win_probability(f).value for f in contest.finalists)
    assert total == pytest.approx(1, abs=1e-3)
    data = forecast_dict(result)
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
    for page in (render_html(result, data), render_markdown(result, data)):
        assert "and not the other leader" in page
        assert f"share of {result.leader}" in page
        assert "to be sure of winning" in page


def test_a_conditional_report_says_so(result, schema):
    given = result.given("turnout >= 45 %")
    data = forecast_dict(given)
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
    assert data["drivers"] is None
    for page in (render_html(given, data), render_markdown(given, data)):
        assert "This is a conditional forecast" in page
        assert "What drives it" not in page


def test_report_needs_a_known_ending(result, tmp_path):
    with pytest.raises(InputError, match=r"\.html or \.md"):
        write_report(result, tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_whole(tmp_path / "page.md", "old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("forecast.report.files.os.replace", refuse)
    with pytest.raises(InputError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.md"]
