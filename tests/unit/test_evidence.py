"""The table of evidence: a row per piece, each on top of those before it."""

import json
from datetime import date
from importlib.resources import files

import jsonschema
import pytest
import small

from forecast import Poll, evidence_ladder, forecast_runoff, learned_prior, write_report
from forecast.report.export import evidence_dict, forecast_dict
from forecast.transfers.elicited.generic import generic_prior

LATE = date(2018, 11, 27)


def test_the_last_row_is_the_published_forecast(georgia):
    table = evidence_ladder(georgia, as_of=LATE, draws=4000, seed=5)
    published = forecast_runoff(georgia, as_of=LATE, draws=4000, seed=5)
    assert table.pieces[-1].forecast.digest == published.digest
    assert [piece.name.split(":")[0] for piece in table.pieces] == [
        "prior", "endorsement", "poll", "poll",
    ]  # fmt: skip
    assert [piece.published for piece in table.pieces[1:]] == [
        date(2018, 10, 28), date(2018, 11, 15), date(2018, 11, 23),
    ]  # fmt: skip
    assert all(piece.source for piece in table.pieces)


def test_the_learned_prior_has_its_endorsement_apart(georgia):
    table = evidence_ladder(georgia, learned_prior(georgia), draws=4000)
    assert [piece.name for piece in table.pieces] == [
        "prior: learned from Georgian runoffs 2014-2016",
        "endorsement: Davit Bakradze backs Grigol Vashadze",
    ]
    first, second = (piece.forecast.share("zurabishvili").median for piece in table.pieces)
    assert second < first


def test_text_and_plain_data_say_the_same(georgia):
    table = evidence_ladder(georgia, as_of=LATE, draws=4000)
    data = evidence_dict(table)
    lines = str(table).splitlines()
    assert lines[0] == "Georgia, presidential election 2018: Salome Zurabishvili, as of 2018-11-27"
    for line, row in zip(lines[2:], data["rows"], strict=True):
        assert line.startswith(row["evidence"])
        share = row["share"]["zurabishvili"]
        assert f"{100 * share['median']:.0f}%" in line
        low, high = share["intervals"][0]["low"], share["intervals"][0]["high"]
        assert f"[{100 * low:.0f}, {100 * high:.0f}]" in line
    assert data["as_of"] == "2018-11-27"


def test_a_contest_without_non_voters_has_no_turnout():
    contest = small.pool(400, 350, 250)
    found = Poll(pollster="Acme", n=800, shares={"ada": 0.5, "ben": 0.5}, base="decided")
    table = evidence_ladder(contest, generic_prior(contest), polls=[found], draws=2000)
    assert "turnout" not in str(table)
    assert evidence_dict(table)["rows"][-1]["turnout"] is None


def test_the_report_names_every_poll_and_its_source(georgia, tmp_path):
    found = forecast_runoff(georgia, as_of=LATE, draws=4000)
    data = forecast_dict(found)
    schema = files("forecast.report") / "schema.json"
    jsonschema.validate(data, json.loads(schema.read_text("utf-8")))
    polls = data["assumptions"]["polls"]
    assert [p["round"] for p in polls] == ["runoff", "runoff", "first round", "first round"]
    for name in ("r.md", "r.html"):
        text = write_report(found, tmp_path / name, data).read_text("utf-8")
        assert text.count("Poll about the runoff") == 2
        assert "report.az" in text
        assert "before the polls" in text


@pytest.mark.parametrize("draws", [3, 0])
def test_impossible_numbers_of_draws_are_refused(georgia, draws):
    with pytest.raises(ValueError, match="draws must be"):
        evidence_ladder(georgia, draws=draws)
