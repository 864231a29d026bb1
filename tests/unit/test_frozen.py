"""Frozen forecasts are scored as they were, refused when altered, and listed on a safe page."""

import json

import numpy as np
import pytest

from forecast import InputError, Returns, forecast_runoff, load_returns
from forecast.report.scorecard import render_scorecard
from forecast.validation.frozen import freeze, frozen_text, read_frozen, score_frozen
from forecast.validation.provenance import digest_of
from forecast.validation.scorecard import entry, totals
from forecast.validation.scores import crps


@pytest.fixture(scope="module")
def forecast(georgia):
    return forecast_runoff(georgia, draws=20_000)


@pytest.fixture
def frozen(forecast):
    return freeze(forecast, made="2018-11-01T12:00:00+00:00", inputs={"a.csv": "0" * 64})


def resealed(frozen, **changes):
    """Return a forecast altered by somebody who computes the hash anew."""
    content = {**frozen, **changes}
    del content["sha256"]
    return content | {"sha256": digest_of(content)}


def test_it_reads_back_and_scores_as_the_draws_do(forecast, frozen):
    back = read_frozen(frozen_text(frozen))
    assert back == frozen
    scores = score_frozen(back, load_returns("georgia-2018"))
    actual = load_returns("georgia-2018").share("zurabishvili")
    assert scores["winner"] == "zurabishvili"
    assert scores["share"]["zurabishvili"] == actual
    assert scores["crps"] == pytest.approx(
        100 * float(crps(forecast.shares()[:, 0], actual)), rel=0.01
    )
    p = forecast.win_probability("zurabishvili").value
    assert scores["brier"] == pytest.approx((1 - p) ** 2, rel=0.01)
    assert scores["valid votes over people"] == pytest.approx(1_928_381 / 3_518_877)


def test_provenance_tells_what_it_was_made_from(forecast, frozen, georgia):
    about = frozen["provenance"]
    assert about["contest_digest"] == georgia.digest
    assert about["draws_digest"] == forecast.digest
    assert about["inputs"] == {"a.csv": "0" * 64}
    other = freeze(forecast_runoff(georgia, draws=20_000, seed=1), made=frozen["made"])
    assert other["provenance"]["prior_digest"] == about["prior_digest"]
    assert other["provenance"]["draws_digest"] != about["draws_digest"]


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["win_probability"].update(zurabishvili=0.9),
        lambda f: f["share"]["vashadze"].__setitem__(7, 0.4),
        lambda f: f.update(made="2018-10-01"),
        lambda f: f["provenance"].update(code="other"),
        lambda f: f.update(note="added"),
        lambda f: f.pop("seed"),
        lambda f: f.pop("sha256"),
    ],
)
def test_every_change_is_refused(frozen, change):
    altered = json.loads(frozen_text(frozen))
    change(altered)
    with pytest.raises(InputError, match="was altered since it was frozen"):
        read_frozen(json.dumps(altered))
    with pytest.raises(InputError, match="was altered"):
        score_frozen(altered, load_returns("georgia-2018"))


def test_layout_and_key_order_are_no_alteration(frozen):
    assert read_frozen(json.dumps(dict(reversed(frozen.items())), indent=7)) == frozen


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "{}", '{"format": "other"}', "[" * 100_000, "NaN"],
)
def test_other_files_are_refused(text):
    with pytest.raises(InputError):
        read_frozen(text)


def test_a_sealed_file_without_its_parts_is_refused(frozen):
    for changes in (
        {"share": {}},
        {"finalists": ["a"]},
        {"win_probability": {"zurabishvili": 2.0, "vashadze": 0.1}},
        {"finalists": 3},
        {"labels": {"zurabishvili": 1, "vashadze": 2}},
    ):
        with pytest.raises(InputError, match="lacks parts"):
            read_frozen(json.dumps(resealed(frozen, **changes)))


def test_returns_of_another_contest_are_refused(frozen):
    other = Returns(units=("all",), finalists=("a", "b"), votes=np.array([[1, 2]]))
    with pytest.raises(InputError, match="must be of the finalists"):
        score_frozen(frozen, other)


def test_scorecard_counts_only_forecasts_made_before(frozen):
    returns = load_returns("georgia-2018")
    late = resealed(frozen, made="2018-12-01")
    entries = [
        entry("early.json", frozen_text(frozen), lambda _: returns),
        entry("late.json", frozen_text(late), lambda _: returns),
        entry("waiting.json", frozen_text(frozen), lambda _: None),
        entry("altered.json", frozen_text({**frozen, "seed": 5}), lambda _: returns),
    ]
    found = totals(entries)
    assert (found["forecasts"], found["scored"], found["counted"]) == (4, 2, 1)
    assert found["brier"] == entries[0].scores["brier"]
    page = render_scorecard(entries)
    assert "after the runoff of 2018-11-28" in page
    assert "awaited" in page
    assert "Not scored: altered.json: was altered" in page


def test_the_page_escapes_whatever_a_file_says(frozen):
    hostile = "<script>alert(1)</script>"
    labels = {"zurabishvili": hostile, "vashadze": hostile}
    bad = resealed(frozen, title=hostile, labels=labels, conditions=[hostile], made=hostile)
    page = render_scorecard([entry(f"{hostile}.json", frozen_text(bad), lambda _: None)])
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_commands(run, tmp_path):
    code, out, _ = run("freeze", "georgia-2018", "--draws", 2000)
    assert code == 0
    path = tmp_path / "georgia-2018-frozen.json"
    sha = json.loads(path.read_text("utf-8"))["sha256"]
    assert f"SHA-256 {sha}" in out
    assert run("freeze", "georgia-2018", "--draws", 2000)[0] == 2
    code, out, _ = run("score", path, "--sha256", sha, "--json", "s.json")
    assert code == 0
    assert "59.5 %" in out
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["winner"] == "zurabishvili"
    code, _, error = run("score", path, "--sha256", "0" * 64)
    assert (code, "another forecast" in error) == (2, True)
    (tmp_path / "s.json").unlink()
    code, out, _ = run("scorecard", tmp_path, "--out", "page.html")
    assert (code, "1 forecasts, 1 scored" in out) == (0, True)
    assert "Georgia, presidential election 2018" in (tmp_path / "page.html").read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace('"seed": 0', '"seed": 1'), "utf-8")
    code, _, error = run("score", path)
    assert (code, "was altered" in error) == (2, True)
    code, _, error = run("scorecard", tmp_path / "none")
    assert (code, "must be a folder" in error) == (2, True)
    code, _, error = run("score", "absent.json")
    assert (code, "absent.json" in error) == (2, True)


def test_returns_beside_a_frozen_forecast_are_used(run, tmp_path):
    (tmp_path / "first.csv").write_text(
        "unit,registered,invalid,ada,ben,cid\nn,900,3,300,250,100\ns,800,2,200,220,90\n", "utf-8"
    )
    cards = tmp_path / "cards"
    cards.mkdir()
    out = cards / "own.json"
    assert run("freeze", "first.csv", "--draws", 2000, "--out", out)[0] == 0
    inputs = json.loads(out.read_text("utf-8"))["provenance"]["inputs"]
    assert set(inputs) == {"first.csv"}
    assert "1 forecasts, 0 scored" in run("scorecard", cards)[1]
    (cards / "own.csv").write_text("unit,ada,ben\nn,400,300\ns,300,290\n", "utf-8")
    assert "1 forecasts, 1 scored" in run("scorecard", cards)[1]
