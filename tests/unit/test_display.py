"""What notebooks and `print` show: small, aligned, escaped."""

import copy
import json
import pickle
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest
import small
from results import all_results

import forecast
from forecast.display import Message

EVIL = '<script>alert("x")</script>'


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, _):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def shown(thing):
    tags = Tags(thing._repr_html_())
    assert tags.open == []
    assert set(tags.tags) <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    return tags.text


@pytest.fixture(scope="module")
def evil():
    contest = small.contest()
    return replace(contest, labels={"ada": EVIL, "cid": EVIL, "ben": "ბენ"}, title=EVIL)


def test_a_contest(evil, georgia):
    assert EVIL in shown(evil)
    assert "ბენ" in shown(evil)
    assert "615,572" in shown(georgia)
    assert "and 13 more rows" in shown(georgia)
    assert len(georgia._repr_html_()) < 8000
    lines = str(georgia).splitlines()
    assert lines[0] == "Georgia, presidential election 2018, 74 units"
    assert any(line.endswith("38.64%") for line in lines)


def test_every_column_has_a_head_and_a_learned_prior_its_shifts(georgia):
    prior = forecast.learned_prior(georgia)
    result = forecast.forecast_runoff(georgia, prior, draws=1000)
    for thing in (georgia, prior, result):
        assert "></th>" not in thing._repr_html_()
    assert "25% of the others follow" in shown(prior)


def test_a_prior(evil):
    prior = replace(small.elicited_prior(), name=EVIL).endorse("cid", "ada", source=EVIL)
    text = shown(prior)
    assert EVIL in text
    assert "other eliminated" in text
    assert "85 [69, 95]" in text
    assert f'<td style="text-align:left">{prior.rows[0].source}' in prior._repr_html_()


def test_a_learned_prior(georgia):
    prior = forecast.learned_prior(georgia)
    assert "government" in shown(prior)
    assert str(prior).startswith("Prior learned from Georgian runoffs")
    assert len(str(prior).splitlines()) == 8


def test_a_posterior(georgia):
    contest = georgia.grouped(below=0.05)
    posterior = forecast.infer_transfers(contest, forecast.load_returns("georgia-2018"))
    text = shown(posterior)
    assert "Salome Zurabishvili" in text
    assert "what the counts alone allow" in text
    mean = f"{100 * posterior.mean[0, 0]:.0f} ["
    assert mean in text
    assert mean in str(posterior)


def test_a_forecast(evil):
    result = forecast.forecast_runoff(evil, small.elicited_prior(), draws=4000)
    text = shown(result.given("turnout >= 30%"))
    assert EVIL in text
    assert "if turnout >= 30%" in text
    assert result.share("ada").text(1) in shown(result)


def test_a_nowcast_and_a_ladder(georgia):
    night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    result = forecast.nowcast(georgia, night, draws=100)
    assert "1 of 74 units have reported" in shown(result)
    assert result.verdict in str(result)
    ladder = forecast.evidence_ladder(georgia, draws=1000)
    assert "prior: learned from Georgian runoffs" in shown(ladder)
    moved = forecast.what_if(ladder.pieces[0].forecast, turnout=0.5)
    assert "turnout" in shown(moved)


def large_things(georgia):
    result = forecast.forecast_runoff(georgia, draws=1000)
    stations = forecast.load_contest("georgia-2018", units="stations")
    night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    count = forecast.nowcast(georgia, night, draws=100)
    return [
        georgia, stations, georgia.ledger(by="unit"), result, result.simulation,
        result.transfers(), result.bounds(), result.sensitivity(), count, count.returns,
        count.by_unit(), forecast.load_returns("georgia-2018"), forecast.past_runoffs("world"),
        forecast.load_turnout("georgia-2018"), forecast.load_polls("georgia-2018")[0],
        forecast.evidence_ladder(georgia, draws=1000), forecast.learned_prior(georgia).prior,
    ]  # fmt: skip


def test_the_repr_of_whatever_is_large_is_short_and_says_what_it_is(georgia):
    for thing in large_things(georgia):
        assert repr(thing).startswith(type(thing).__name__ + "(")
        assert len(repr(thing)) <= 250, repr(thing)
    assert "name='georgia-2018'" in repr(georgia)
    assert "int64[74, 25]" in repr(georgia)


def test_every_public_object_has_a_short_repr_and_shows_as_a_table():
    found = all_results()
    public = [getattr(forecast, name) for name in forecast.__all__]
    kinds = [x for x in public if isinstance(x, type) and not issubclass(x, Exception)]
    assert {kind.__name__ for kind in kinds} <= set(found)
    for thing in found.values():
        assert repr(thing).startswith(type(thing).__name__ + "(")
        assert len(repr(thing)) <= 250, repr(thing)
        tags = Tags(thing._repr_html_())
        assert "tr" in tags.tags
        assert len(str(thing).splitlines()) > 1, type(thing)
        assert "<" + type(thing).__name__ not in str(thing)


def test_what_was_counted_is_shown_with_its_shares():
    found = all_results()
    assert "51.9%" in shown(found["Returns"])  # 1,080 of 2,080 votes, added up by hand
    assert "hill" not in shown(found["PartialReturns"])
    assert "1 of 3 units have reported" in shown(found["PartialReturns"])
    assert "800 people asked" in shown(found["Poll"])
    assert "and 62 more units" in shown(found["InterimTurnout"])
    assert "54 runoffs" in shown(found["PastRunoffs"])
    assert "green" in shown(found["FamilyPrior"])
    assert shown(replace(found["Poll"], pollster=EVIL)).startswith(EVIL)


def test_a_message_is_its_text_everywhere_and_keeps_its_template():
    note = Message("{n} units of {names}", n=1200, names="{odd}")
    one = Message("{n} units of {names}", n=1, names="a", english="1 unit of a")
    assert (note, one) == ("1,200 units of {odd}", "1 unit of a")
    for again in (pickle.loads(pickle.dumps(note)), copy.deepcopy(note)):
        assert (again, again.template, again.values) == (note, note.template, note.values)
    assert json.loads(json.dumps([one])) == ["1 unit of a"]
