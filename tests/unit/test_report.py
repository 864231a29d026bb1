import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import polars as pl
import pytest

import forecast
from forecast.errors import InputError
from forecast.files.writing import write_whole
from forecast.outcome.probability import in_words
from forecast.report.export import forecast_dict
from forecast.report.forecast_page import render_html, render_markdown, write_report
from forecast.report.words import apart
from forecast.transfers.elicited.generic import generic_prior


class Text(HTMLParser):
    """The words of a page, without figures, scripts and the panel that recomputes them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text, self.inside = [], [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attributes]
        if tag in ("svg", "script", "style") or ("class", "screen") in attributes:
            self.inside.append(tag)

    def handle_endtag(self, tag):
        self.text += " "
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        self.text += "" if self.inside else data


def numbers(text):
    """Return the numbers that stand in a text; a dash between two is no sign."""
    return set(re.findall(r"\d+(?:[.,]\d+)*", text.replace("\\", "")))


def printable(data):
    """Return every number of exported data as a page may print it."""
    if isinstance(data, dict):
        return set().union(*map(printable, data.values()), *map(printable, data))
    if isinstance(data, list):
        return set().union(*map(printable, data))
    if isinstance(data, str):
        return numbers(data)
    if isinstance(data, bool) or data is None:
        return set()
    few = f"{abs(float(f'{data:.3g}')):,.0f}"  # differences of votes, to three digits
    return {f"{round(data):,}", f"{100 * data:.0f}", f"{100 * data:.1f}", few}


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
    result = forecast.forecast_runoff(contest, generic_prior(contest), draws=2000)
    assert forecast_dict(result)["turnout"] is None
    assert "Turnout" not in render_markdown(result)


def test_html_is_self_contained_and_markdown_has_the_same_numbers(result, data):
    html, markdown = render_html(result, data), render_markdown(result, data)
    html = html.replace("\u00a0", " ")
    assert "default-src &#39;none&#39;" in html
    loads = re.findall(r"""(?:src|href)\s*=\s*["']([^"'#][^"']*)""", html)
    assert loads == []
    assert html.count("<script") == 2  # the model as data, and what recomputes it
    assert html.count("<h1>") == 1
    assert html.count('<svg role="img" aria-labelledby=') == 4
    for key in ("zurabishvili", "vashadze"):
        low, high = (100 * data["share"][key]["intervals"][2][end] for end in ("low", "high"))
        assert f"{low:.0f} to {high:.0f}%" in markdown
        assert f"{low:.0f}–{high:.0f}%" in html
    needed = data["break_even"][0]["needed"]
    for page in (html, markdown):
        assert f"would draw level if {100 * needed:.0f}% rather than" in page


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
    assert html.count("<script") == 2
    assert "<b>bold" not in html
    page = Text(html)
    assert page.tags.count("script") == 2
    assert [name for name in page.attributes if name.startswith("on") or name == "style"] == []
    assert evil in page.text
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


def small_three(votes):
    return forecast.Contest(
        name="three",
        candidates=("ada", "ben", "cid", "dan"),
        finalists=("ada", "ben", "cid"),
        units=("north",),
        votes=[votes],
        invalid=[10],
        registered=[1500],
    )


def test_three_finalists_who_are_level_are_all_named():
    result = forecast.forecast_runoff(small_three([301, 300, 299, 120]), draws=4000)
    for page in (render_html(result), render_markdown(result)):
        assert re.search(r"(ada|ben|cid), (ada|ben|cid) or (ada|ben|cid): too close to call", page)
        text = page.replace("\u00a0", " ")
        assert not re.search(r"level if (\S+)% rather than \1%", text)  # no change at all
        assert not re.search(r"\d{3}% of the", text)  # more than all of them
        assert "more than all who chose eliminated candidates" in text
        assert "vertical line is one half" not in text


def test_numbers_that_differ_are_printed_apart():
    assert apart(0.35, 0.09) == ("35", "9")
    assert apart(0.972, 0.968) == ("97.2", "96.8")
    assert apart(0.9712, 0.9709) == ("97.12", "97.09")
    assert apart(0.5, 0.5) == ("50", "50")


def test_the_report_says_what_a_learned_prior_assumes(result, data, schema):
    learned = data["assumptions"]["learned"]
    assert [role["role"] for role in learned["roles"]] == list(result.prior.prior.roles)
    every = [origin for role in learned["roles"] for origin in role["origins"]]
    assert sorted(every) == sorted(result.ledger.origins)
    for role in learned["roles"]:
        assert sum(role["mean"]) == pytest.approx(1)
    assert learned["shifts"] == []
    (endorsement,) = data["assumptions"]["endorsements"]
    assert (endorsement["origin"], endorsement["strength"]) == ("bakradze", 0.25)
    for page in (render_html(result, data), render_markdown(result, data)):
        text = page.replace("\u00a0", " ")
        assert "73 runoffs on 2 election days" in text
        assert "Davit Bakradze and 22 more" in text
        assert "25% of those who would have chosen somebody else are taken to follow" in text
        assert "civil.ge/archives/262170" in text


def test_pages_promise_of_more_draws_only_what_they_give(result, data):
    """The bundled prior is a sample of 2,000 parameters; stated beliefs are drawn anew each time.

    Ten times the draws leave the error of the former above sd(P | inputs) / sqrt(n).
    """
    worth = result.simulation.sampler.effective_draws
    assert data["parameter_draws"] == round(worth) < 2000
    many = forecast.forecast_runoff(result.contest, result.prior, draws=200_000)
    errors = [r.win_probability(r.leader).monte_carlo_error for r in (result, many)]
    assert errors[1] > 0.5 * errors[0]
    stated = forecast.forecast_runoff(
        result.contest, forecast.elicited_prior(result.contest), draws=2000
    )
    assert forecast_dict(stated)["parameter_draws"] is None
    bounded = f"worth {worth:,.0f} independent draws; more runoffs would not shrink that part"
    for render in (render_html, render_markdown):
        assert bounded in render(result, data)
        assert "independent draws" not in render(stated)
    assert "More draws would shrink this one" in render_html(stated)
    assert "More draws would shrink this one" not in render_html(result, data)


def test_drivers_are_named_as_people_are(result, data):
    """A shift of Bakradze's voters is listed among the drivers under his name, not his key."""
    assert "bakradze, shift" in list(data["drivers"]["share_of_variance"])[:10]
    for page in (render_html(result, data), render_markdown(result, data)):
        assert "Davit Bakradze, shift" in page
        assert "bakradze, shift" not in page


def test_polls_say_how_many_were_undecided():
    georgia = forecast.load_contest("georgia-2018")
    polls = [p for p in forecast.load_polls("georgia-2018") if p.round == "runoff"]
    result = forecast.forecast_runoff(
        georgia, forecast.with_polls(forecast.learned_prior(georgia), georgia, polls), draws=2000
    )
    for page in (render_html(result), render_markdown(result)):
        assert "of all asked, 18% were undecided" in page.replace("\u00a0", " ")
        assert "of all undecided" not in page.replace("\u00a0", " ")


def test_a_conditional_report_says_so(result, schema):
    given = result.given("turnout >= 45%")
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

    monkeypatch.setattr("forecast.files.writing.os.replace", refuse)
    with pytest.raises(InputError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.md"]


def test_page_markdown_and_json_carry_the_same_numbers(result, data):
    page, markdown = numbers(Text(render_html(result, data)).text), render_markdown(result, data)
    captions = {"5", "95", str(len(result.ledger.origins))}  # points, and how many rows a table has
    assert page - captions == numbers(markdown) - captions
    words = numbers(" ".join(in_words(k / 100) for k in range(101)))
    ratios = {f"{100 * b['shortfall'] / b['eliminated']:.0f}" for b in data["bounds"].values()}
    assert numbers(markdown) <= printable(data) | words | ratios | {"90", "99", "1"}


def test_the_comparison_of_numbers_notices_a_change(result, data):
    """Negative control: one changed number is found."""
    changed = json.loads(json.dumps(data))
    changed["first_round"]["zurabishvili"] += 1
    changed["transfers"]["rows"][0]["people"] += 1
    assert numbers(render_markdown(result, data)) != numbers(render_markdown(result, changed))
    assert not numbers(render_markdown(result, changed)) <= printable(data)


def test_probabilities_are_never_certain():
    """A forecast that all draws agree on is still no certainty, in words, figures and panel."""
    contest = forecast.Contest(
        name="walkover",
        candidates=("ada", "ben", "cid"),
        finalists=("ada", "ben"),
        units=("north",),
        votes=[[9000, 500, 100]],
        invalid=[10],
        registered=[12000],
    )
    result = forecast.forecast_runoff(contest, draws=2000)
    for page in (render_html(result), render_markdown(result), str(result), result._repr_html_()):
        text = page.replace("\u00a0", " ")
        assert "more than 99" in text
        assert not re.search(r"(wins|probability)[^.|<]{0,40}\b(100|0)%", text)


def test_evidence_is_shown_step_by_step(schema):
    georgia = forecast.load_contest("georgia-2018")
    found = forecast.evidence_ladder(georgia, draws=4000)
    result = found.pieces[-1].forecast
    data = forecast_dict(result, evidence=found)
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
    html, markdown = render_html(result, data), render_markdown(result, data)
    for page in (html, markdown):
        assert "How the evidence moved it" in page
        assert "Davit Bakradze backs Grigol Vashadze" in page
    assert data["evidence"][-1]["win_probability"] == result.win_probability(result.leader).value
    assert found.plot("Zourabichvili").figure is not None


def test_every_word_of_the_glossary_is_explained_once(result, data):
    from forecast.report.glossary import GLOSSARY

    for page in (render_html(result, data), render_markdown(result, data)):
        assert page.count("one time in ten it falls outside") == 1
    assert len({word for word, _ in GLOSSARY}) == len(GLOSSARY)


def test_the_policy_names_what_is_there(result, data):
    import base64
    import hashlib

    html = render_html(result, data)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", html, flags=re.S)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_a_forecast_of_more_than_transfers_has_no_panel(result, data):
    """Votes that the ledger and its transfers do not give cannot be recomputed in a page."""
    from forecast.report.compact import compact_forecast

    other = replace(result, draw_votes=result.draw_votes + 1000)
    assert compact_forecast(other, "vashadze") is None
    html = render_html(other, data)
    assert "what-if" not in html.split("</style>")[1]
    assert "script-src" not in html
    assert compact_forecast(result, "vashadze")["draws"] == 4096


def test_every_kind_of_result_is_written_by_one_function(georgia, tmp_path):
    night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    count = forecast.nowcast(georgia, night, draws=100)
    before = forecast.forecast_election("france-2027", draws=200)
    for name, result in (("night", count), ("before", before)):
        page = write_report(result, tmp_path / f"{name}.html").read_text("utf-8")
        assert page.startswith("<!doctype html>")
        with pytest.raises(InputError, match=r"must end in \.html - found '\.md'"):
            write_report(result, tmp_path / f"{name}.md")
    assert "soirée" in write_report(count, tmp_path / "fr.html", language="fr").read_text("utf-8")


def test_every_table_that_scrolls_can_be_reached_by_the_keyboard_and_has_a_name():
    """On a telephone a table is wider than the page: axe-core's scrollable-region-focusable."""
    templates = Path(forecast.__file__).parent / "report/templates"
    regions = {
        path.name: re.findall(r'<\w+ class="scroll"[^>]*>', path.read_text("utf-8"))
        for path in templates.glob("*.html.j2")
    }
    assert sum(map(len, regions.values())) >= 20
    for name, found in regions.items():
        for region in found:
            assert re.search(r'tabindex="0" role="group" aria-label="[^"]', region), (name, region)


@pytest.mark.parametrize(("ben", "decimals"), [(4000, 1), (3000, 0)])
def test_screen_page_and_paragraph_have_the_same_decimals(ben, decimals):
    """The screen had whole percents where the race is inside a point, the page had tenths."""
    contest = forecast.Contest(
        name="c", candidates=("ada", "ben", "cid"), finalists=("ada", "ben"), units=("n",),
        votes=np.array([[4000, ben, 2000]]), invalid=np.array([20]), registered=np.array([15000]),
    )  # fmt: skip
    found = forecast.forecast_runoff(contest, draws=2000, seed=1)
    share = found.share(found.leader)
    told, ends = share.text(decimals).rstrip("]").split("% [")
    low, high = ends.split(", ")
    for text in (str(found), found.shown().text(), found._repr_html_()):
        assert share.text(decimals) in text
    for text in (render_html(found), render_markdown(found)):
        assert f"take {told}% of" in text
        assert f"90% probability {low} to {high}%" in text
    assert f"win {told}% of the vote (90% interval: {low} to {high}%)" in render_html(found)
