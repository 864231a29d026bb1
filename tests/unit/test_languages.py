"""Pages in other languages: nothing is left in English, nothing is lost on the way."""

from __future__ import annotations

import ast
import html
import re
from datetime import date
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from string import Formatter

import polars as pl
import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

import forecast
from forecast.display import Message
from forecast.outcome.nowcast import ALL, UNKNOWN
from forecast.report.election_page import render_election
from forecast.report.forecast_page import render_html
from forecast.report.glossary import GLOSSARY
from forecast.report.languages import LANGUAGES, code, day, large, number, say, speaking
from forecast.report.languages import told as said
from forecast.report.nowcast_page import render_night
from forecast.report.words import between, condition, in_words, percent, probability

REPORT = Path(str(files("forecast.report")))
OTHERS = sorted(set(LANGUAGES) - {"en"})
MARKS = ("say", "marked")


def said_in(source: str) -> list[str]:
    """Return the messages that a module marks, both of a choice between two."""
    found = []
    for node in ast.walk(ast.parse(source)):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
        if called and node.func.id in MARKS:
            first = node.args[0]
            both = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            found += [x.value for x in both if isinstance(x, ast.Constant)]
    return found


def written_in(template: str) -> list[str]:
    """Return the messages of a template."""
    tree = Environment().parse(template)
    calls = [message for _, _, message in extract_from_ast(tree, gettext_functions=("_",))]
    firsts = [c[0] if isinstance(c, tuple) and c else c for c in calls]
    return [text for text in firsts if isinstance(text, str)]


def noted_in(source):
    """Return the notes of a module of the library: what `about` is given, and `Message` or a name
    that it is given, which has places to fill in.
    """
    tree = ast.parse(source)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    said = [c.args for c in calls if c.func.id == "Message"]
    found = [
        f"{c.keywords[0].value.value if c.keywords else '{n} unit'}s {c.args[1].value}: {{names}}"
        for c in calls
        if c.func.id == "about"
    ]
    if said:
        aside = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        aside |= {
            id(x) for n in ast.walk(tree) if isinstance(n, ast.arguments) for x in n.kw_defaults
        }
        aside |= {id(c.keywords[0].value) for c in calls if c.func.id == "about" and c.keywords}
        aside |= {id(x) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for x in n.values}
        found += [args[0].value for args in said if isinstance(args[0], ast.Constant)]
        found += [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)
                  and isinstance(n.value, str) and id(n) not in aside
                  and re.search(r"\{[a-z_]+\}", n.value)]  # fmt: skip
    return found


@pytest.fixture(scope="module", name="messages")
def messages_():
    found = [UNKNOWN, ALL, *(text for pair in GLOSSARY for text in pair)]
    for path in sorted(set(REPORT.parent.rglob("*.py")) - set(REPORT.rglob("*.py"))):
        found += noted_in(path.read_text("utf-8"))
    for path in sorted(REPORT.rglob("*.py")):
        found += said_in(path.read_text("utf-8"))
    for path in sorted((REPORT / "templates").glob("*.html.j2")):
        found += written_in(path.read_text("utf-8"))
    return set(found)


def words_of(page: str) -> str:
    """Return what readers see of a page."""
    hidden = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return html.unescape(hidden)


def places(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


def test_messages_are_found(messages):
    assert len(messages) > 200
    assert said_in('say("a" if x else "b", n=1); marked("c"); other("d")') == ["a", "b", "c"]
    assert written_in('{{ _("a {n}", n=1) }}{{ _(b) }}') == ["a {n}"]
    module = 'x = "of {n}"\nMessage(x, n=1)\nMessage("b")\nabout(y, "gone")\n'
    assert noted_in(module) == ["{n} units gone: {names}", "b", "of {n}"]
    assert noted_in('about(y, "lost", head="{n} row")') == ["{n} rows lost: {names}"]


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing_and_placeholders_match(messages, language):
    raw = (REPORT / "catalogues" / f"{language}.po").read_bytes()
    catalogue = read_po(BytesIO(raw), locale=language, abort_invalid=True)
    known = {m.id: m for m in catalogue if m.id}
    assert messages - set(known) == set(), "add these to the catalogue"
    assert set(known) - messages == set(), "these are said no more"
    for text, message in known.items():
        assert message.string.strip(), text
        assert not message.fuzzy, text
        assert places(message.string) == places(text), text


def test_templates_say_nothing_in_english_alone():
    """What stands in a template outside of a message is no word."""
    for name in ("report.html.j2", "night.html.j2", "election.html.j2", "seats.html.j2"):
        text = (REPORT / "templates" / name).read_text("utf-8")
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<script.*?</script>|<style.*?</style>", "", text)
        words = re.findall(r"[^\W\d_]{3,}", re.sub(r"<[^>]*>", " ", text))
        assert words == [], (name, words)


@pytest.fixture(scope="module", name="result")
def result_(georgia):
    return forecast.forecast_runoff(georgia, draws=2000)


@pytest.fixture(scope="module", name="data")
def data_(result):
    return forecast.forecast_dict(result)


@pytest.mark.parametrize("language", OTHERS)
def test_a_page_speaks_one_language(result, data, language):
    page = render_html(result, data, language=language)
    assert f'<html lang="{language}">' in page
    with speaking(language):
        for text in ("Who decides it", "What if", "How certain is this", "Provenance"):
            assert say(text).replace("’", "&#8217;") in page.replace("’", "&#8217;")
    for english in ("Who decides", "finalists", "of the vote", "nobody", "about 9"):
        assert english not in re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S)
    assert code() == "en"


@pytest.mark.parametrize("language", OTHERS)
def test_a_night_page_speaks_one_language(georgia, language):
    night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    found = forecast.nowcast(georgia, night, draws=100)
    page = render_night(found, language=language)
    assert f'<html lang="{language}">' in page
    for english in ("Not decided", "so far", "Regions", "draws;"):
        assert english not in page
    with speaking(language):
        assert f"({say('prior')})" in page  # one unit teaches little of minor candidates


@pytest.mark.parametrize("language", OTHERS)
def test_notes_and_what_is_assumed_are_said_in_the_language_of_the_page(language):
    table = pl.DataFrame({"unit": ["n", "s"], "Ada": [400, 390], "Ben": [380, 410],
                          "Cyd": [150, 130], "valid": [940, 930]})  # fmt: skip
    own = forecast.Contest.from_frame(table, name="own", registered=3200)
    night = pl.DataFrame({"unit": ["n", "n", "x"], "Ada": [50, 500, 90], "Ben": [40, 460, 80],
                          "counted": [1.0, 0.5, 0.2]})  # fmt: skip
    told = forecast.nowcast(own, night, draws=100)
    result = forecast.forecast_runoff(own, draws=200)
    pages = {
        render_html(result, forecast.forecast_dict(result), language=language): own.notes,
        render_night(told, language=language): told.notes,
    }
    for page, notes in pages.items():
        assert len(notes) > 2
        text = words_of(page)
        with speaking(language):
            assert all(said(note) in text for note in notes)
        for note in notes:
            assert note not in text
            text = text.replace(note.values.get("roles", note), "")  # as --columns takes them
        for english in ("assumed", "counted", "units", "an estimate", "registered"):
            assert english not in text


def test_french_elides_before_names():
    with speaking("fr"):
        assert say("Share of {name}", name="Emmanuel Macron") == "Part d’Emmanuel Macron"
        assert say("Share of {name}", name="Marine Le Pen") == "Part de Marine Le Pen"
        assert say("Share of {name}", name="Yves Roy") == "Part d’Yves Roy"
        assert say("Share of {name}", name="Eva de Araújo") == "Part d’Eva de Araújo"
        assert say("Share of {name}", name="Vasco de Araújo") == "Part de Vasco de Araújo"
    assert say("Share of {name}", name="Emmanuel Macron") == "Share of Emmanuel Macron"


def test_numbers_are_those_of_the_language():
    with speaking("fr"):
        assert (number(1234.5, 1), percent(0.61)) == ("1\u202f234,5", "61\u00a0%")
        assert large(8_451_234) == "8,45\u00a0M"
        assert between(0.45, 0.75) == "45 à 75\u00a0%"
        assert probability(0.999) == "plus de 99\u00a0%"
        assert day("2018-10-28") == "28 octobre 2018"
        assert in_words(0.66) == "environ 2 fois sur 3"
    with speaking("es"):
        assert number(1_234_567) == "1.234.567"
    with speaking("ka"):
        assert day("2018-10-28") == "28 ოქტომბერი, 2018"
    assert (number(1_234_567), day("2018-10-28")) == ("1,234,567", "28 October 2018")


def test_an_unknown_language_is_refused(result, data, tmp_path):
    with pytest.raises(forecast.InputError, match="'xx'"):
        forecast.write_report(result, tmp_path / "x.html", data, language="xx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", OTHERS)
def test_a_page_before_the_first_round_speaks_one_language(language):
    polls = pl.DataFrame({
        "pollster": ["Acme", "Beta"], "end": ["2030-04-01", "2030-04-08"], "n": [1000, 900],
        "Ada": [40, 39], "Ben": [30, 31], "Cid": [20, 22], "others": [10, 8],
    })  # fmt: skip
    held = forecast.read_election(
        polls, election_day=date(2030, 5, 1), country="France", title="2030"
    )
    found = forecast.forecast_election(held, draws=2000)
    page = render_election(found, timeline=found.timeline(draws=400), language=language)
    assert f'<html lang="{language}">' in page
    text = words_of(page)
    with speaking(language):
        for said_here in (say("Who meets whom"), say("somebody else"), said(held.notes[0])):
            assert said_here in text
    english = "first round|elected|runoff(?!-forecast)|meet|polls|somebody|advances|turnout|draws"
    assert re.findall(english, text) == []
    assert "in the runoff" in words_of(render_election(found)), "English again"


@pytest.mark.parametrize("language", OTHERS)
def test_conditions_are_told_in_the_readers_language(georgia, language):
    """They were printed as they are typed: "elle vaut si turnout >= 50%"."""
    typed = ("turnout >= 30%", "participation of non-voters <= 90%", "share of vashadze >= 10%",
             "bakradze -> vashadze >= 10%")  # fmt: skip
    result = forecast.forecast_runoff(georgia, draws=2000).given(*typed)
    page = words_of(render_html(result, language=language))
    english = words_of(render_html(result))
    assert "it holds if turnout is at least 30%" in english
    for text in typed:
        assert text not in page + english
    with speaking(language):
        for text in typed:
            assert condition(text, georgia) in page


def test_notes_of_bundled_elections_can_be_told():
    from forecast.data.elections import elections, load_election
    from forecast.report.words import NOTES

    for name in elections():
        plain = {str(note) for note in load_election(name).notes if not isinstance(note, Message)}
        assert plain <= set(NOTES)
