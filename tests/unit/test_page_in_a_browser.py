"""The report as a reader meets it, in a real headless Chromium; skipped where there is none."""

import itertools
import json
import re
import urllib.parse
from dataclasses import replace

import browser
import numpy as np
import pytest
import small

import forecast
from forecast import what_if
from forecast.data.priors import elicited_prior
from forecast.outcome.probability import in_words, percent
from forecast.report.forecast_page import render_html
from forecast.report.nowcast_page import render_night

pytestmark = pytest.mark.slow

EVIL = '</script><img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if browser.executable() is None:
        pytest.skip("no Chromium found; install it or name it in FORECAST_CHROMIUM")
    with browser.started(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Return a function that writes a page and returns its address."""
    folder, written = tmp_path_factory.mktemp("pages"), {}

    def write(result):
        if result.digest not in written:
            path = folder / f"{result.digest}.html"
            path.write_text(render_html(result), "utf-8")
            assert path.stat().st_size < 600_000
            written[result.digest] = path.as_uri()
        return written[result.digest]

    return write


@pytest.fixture(scope="module")
def georgia_result():
    georgia = forecast.load_contest("georgia-2018")
    return forecast.forecast_runoff(georgia, elicited_prior(georgia))


@pytest.fixture(scope="module")
def learned_result():
    georgia = forecast.load_contest("georgia-2018")
    return forecast.forecast_runoff(georgia, forecast.learned_prior(georgia))


@pytest.fixture(scope="module")
def three_result():
    return forecast.forecast_runoff(small.three(), draws=100_000)


RESULT = 'JSON.parse(document.getElementById("what-if").dataset.result)'


def set_to(page, values):
    """Move sliders as a reader does and return what the page then says, and its address."""
    script = (
        "const set = "
        + json.dumps(values)
        + """;
      document.querySelector('[data-part="reset"]').click();
      const model = JSON.parse(document.getElementById("what-if-data").textContent);
      model.sliders.forEach((slider, i) => {
        if (!(slider.key in set)) return;
        const input = document.getElementById(`slider-${i + 1}`);
        input.value = set[slider.key];
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
    """
    )
    page.evaluate("{" + script + "}")
    return page.evaluate(RESULT)


def stated(values, leader):
    """Return the arguments of `what_if` that say the same."""
    found = {"participation": {}, "preference": {}}
    for key, value in values.items():
        kind, _, origin = key.partition(".")
        if kind == "turnout":
            found["turnout"] = value / 100
        else:
            found[kind][origin] = value / 100 if kind == "participation" else {leader: value / 100}
    return found


def differences(page, result, values):
    """Return how far page and Python are apart, in percentage points."""
    here = set_to(page, values)
    there = what_if(result, **stated(values, result.leader))
    share = there.share[result.leader]
    pairs = [
        (here["share"][2], share.median),
        (here["share"][0], share.interval.low),
        (here["share"][4], share.interval.high),
    ]
    if there.turnout:
        pairs.append((here["turnout"][2], there.turnout.median))
    pairs += [
        (here["wins"][k], there.win_probability[f].value) for k, f in enumerate(result.finalists)
    ]
    return [100 * abs(a - b) for a, b in pairs]


GRID = (
    {},
    {"turnout": 30},
    {"turnout": 55},
    {"turnout": 65},
    {"preference.bakradze": 10},
    {"preference.bakradze": 70},
    {"preference.natelashvili": 85},
    {"participation.non-voters": 3},
    {"participation.non-voters": 25},
    {"preference.non-voters": 30},
    {"preference.non-voters": 80},
    {"turnout": 57, "preference.bakradze": 15},
    {"turnout": 60, "preference.bakradze": 55, "preference.non-voters": 75},
    {"turnout": 36, "participation.non-voters": 15, "preference.usupashvili": 20},
)


@pytest.mark.parametrize("prior", ["georgia_result", "learned_result"])
def test_the_panel_agrees_with_python_within_half_a_point(page, address, request, prior):
    result = request.getfixturevalue(prior)
    page.open(address(result))
    grid = GRID if prior == "georgia_result" else GRID[::3]
    found = {json.dumps(values): differences(page, result, values) for values in grid}
    print(json.dumps({key: np.round(values, 2).tolist() for key, values in found.items()}))
    assert {k: np.round(v, 2).tolist() for k, v in found.items() if max(v) > 0.5} == {}
    assert page.messages == []


def test_the_comparison_would_notice_a_point(page, address, georgia_result):
    """The same comparison against a slider one step further must fail."""
    page.open(address(georgia_result))
    here = set_to(page, {"preference.bakradze": 60})
    there = what_if(georgia_result, preference={"bakradze": {georgia_result.leader: 0.65}})
    gap = abs(here["wins"][0] - there.win_probability[georgia_result.leader].value)
    assert 100 * gap > 0.5


def test_three_finalists_agree_as_well(page, address, three_result):
    page.open(address(three_result))
    for values in ({}, {"turnout": 70}, {"preference.dot": 70}, {"participation.non-voters": 20}):
        assert max(differences(page, three_result, values)) < 0.5
    assert page.messages == []


def test_an_address_sets_the_sliders_and_sliders_set_the_address(page, address, georgia_result):
    where = address(georgia_result)
    page.open(f"{where}#turnout=55&preference.bakradze=60")
    opened = page.evaluate(RESULT)
    assert opened == set_to(page, {"turnout": 55, "preference.bakradze": 60})
    hash_ = urllib.parse.unquote(page.evaluate("location.hash"))
    assert hash_ == "#turnout=55&preference.bakradze=60"
    page.evaluate("""document.querySelector('[data-part="reset"]').click()""")
    assert page.evaluate(RESULT)["wins"][0] == pytest.approx(
        georgia_result.win_probability("zurabishvili").value, abs=1e-4
    )
    page.open(f"{where}#turnout=lots&nobody=3&preference.bakradze=1e9")
    assert page.evaluate("document.getElementById('slider-2').value") == "99"
    assert page.messages == []


def test_the_page_says_what_the_library_says(page, address, georgia_result):
    page.open(address(georgia_result))
    text = page.evaluate("document.getElementById('what-if').textContent").replace("\u00a0", " ")
    p = georgia_result.win_probability("zurabishvili").value
    assert in_words(p) in text
    shown = re.search(r"\((\d+)%\)", text)
    assert abs(int(shown[1]) - 100 * p) <= 1
    low = georgia_result.share("zurabishvili").interval.low
    assert f"{100 * low:.0f}–" in text


def test_the_panel_words_a_probability_as_the_library_does(page, address, georgia_result):
    """Over nearly all probabilities there are, from the sliders' one end to the other."""
    page.open(address(georgia_result))
    said, seen = "document.querySelector('[data-part={}]').textContent", set()
    for value in range(1, 99, 3):
        values = {"preference.bakradze": value, "preference.non-voters": (2 * value) % 97 + 1}
        p = set_to(page, values)["wins"][0]
        seen.add(in_words(p))
        assert page.evaluate(said.format("words")) == in_words(p)
        assert page.evaluate(said.format("wins")).replace("\u00a0", " ") == percent(p)
    assert len(seen) > 8


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1100])
def test_the_page_fits_and_can_be_read(page, address, georgia_result, width, dark):
    """No sideways scrolling; every text has a contrast of 4.5 with what is behind it."""
    page.open(address(georgia_result))
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    page.call("Emulation.setEmulatedMedia", features=scheme)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.call("Emulation.setDeviceMetricsOverride", **size)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRASTS) == []
    assert page.messages == []


CONTRASTS = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, below) => below.map((c, i) => i < 3 ? c + (top[i] - c) * top[3] / 255 : 255);
  const light = (c) => {
    const linear = (x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = c.map((x) => linear(x / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (element.closest("button:disabled")) continue;
    let behind = [255, 255, 255, 255];
    const chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(e);
    for (const e of chain) behind = over(rgba(getComputedStyle(e).backgroundColor), behind);
    const inside = element.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(over(rgba(inside), behind)), light(behind)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push([walker.currentNode.data.trim().slice(0, 40), contrast]);
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Addresses of the night's page and of a scorecard."""
    from forecast.report.scorecard import render_scorecard
    from forecast.validation.frozen import freeze, frozen_text
    from forecast.validation.scorecard import entry

    folder, georgia = tmp_path_factory.mktemp("others"), forecast.load_contest("georgia-2018")
    returns = forecast.load_returns("georgia-2018")
    night = forecast.nowcast(georgia, returns.select(returns.units[:20]), draws=200)
    (folder / "night.html").write_text(render_night(night), "utf-8")
    frozen = freeze(forecast.forecast_runoff(georgia, draws=2000), made="2018-11-01", inputs={})
    cards = [
        entry("one.json", lambda: frozen_text(frozen), lambda _: returns),
        entry("two.json", lambda: frozen_text(frozen), lambda _: None),
        entry("three.json", lambda: frozen_text({**frozen, "seed": 5}), lambda _: returns),
    ]
    (folder / "scorecard.html").write_text(render_scorecard(cards), "utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in ("night", "scorecard")}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1100])
@pytest.mark.parametrize("name", ["night", "scorecard"])
def test_the_other_pages_fit_and_can_be_read(page, others, name, width, dark):
    page.open(others[name])
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    page.call("Emulation.setEmulatedMedia", features=scheme)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    page.call("Emulation.setDeviceMetricsOverride", **size)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(253, 252, 249)") != dark  # the page follows the reader's choice
    assert page.evaluate(CONTRASTS) == []
    assert page.evaluate("document.querySelectorAll('main h1').length") == 1
    heads = "[...document.querySelectorAll('th')].filter((t) => !t.scope || !t.innerText.trim())"
    assert page.evaluate(f"{heads}.length") == 0
    tables = "[...document.querySelectorAll('table')]"
    assert page.evaluate(f"{tables}.filter((t) => !t.caption).length") == 0
    assert page.messages == []


def test_the_page_is_accessible(page, address, georgia_result):
    page.open(address(georgia_result))
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert page.evaluate("[...document.querySelectorAll('[id]')].length") == page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size"
    )
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    for role in ("image", "slider"):
        nodes = [n for n in tree if n.get("role", {}).get("value") == role]
        assert len(nodes) >= 5
        assert all(n.get("name", {}).get("value") for n in nodes)
    forms = [n["name"]["value"] for n in tree if n.get("role", {}).get("value") == "form"]
    assert forms == ["What if"]
    loud = "[...document.querySelectorAll('output')].filter((o) => o.ariaLive !== 'off').length"
    assert page.evaluate(loud) == 0  # the slider says its value itself
    texts = page.evaluate("[...document.querySelectorAll('svg desc')].map((d) => d.textContent)")
    assert any(re.search(r"level from \S+ and \S+?% to \S+ and \S+?%", t) for t in texts)
    assert page.evaluate("document.documentElement.lang") == "en"
    links = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))")
    for link in links:  # every link stays in the page and leads somewhere
        assert page.evaluate(f"document.getElementById({json.dumps(link[1:])}) !== null")


def test_names_with_markup_do_nothing(page, address):
    contest = replace(
        small.contest(), labels={k: f"{EVIL}{k}" for k in ("ada", "ben", "cid")}, title=EVIL
    )
    result = forecast.forecast_runoff(contest, small.elicited_prior(), draws=4000)
    page.open(address(result))
    assert page.messages == []
    assert page.evaluate("document.title") == f"{EVIL}: runoff forecast"
    assert page.evaluate("document.images.length") == 0
    assert EVIL in page.evaluate("document.querySelector('label[for=slider-2]').textContent")
    assert page.evaluate(RESULT)["wins"]


def test_the_policy_stops_what_is_not_ours(page, address, georgia_result):
    """Negative control: a script of somebody else's does not run, and is reported."""
    page.open(address(georgia_result))
    page.evaluate("""{
      const script = document.createElement("script");
      script.textContent = "document.title = 'broken into'";
      document.body.append(script);
    }""")
    assert page.evaluate("document.title") != "broken into"
    assert any("Content Security Policy" in message for message in page.messages)


@pytest.mark.parametrize("name", ["report", "night", "scorecard"])
def test_paper_cuts_no_table(page, address, others, georgia_result, name):
    page.open({"report": address(georgia_result), **others}[name])
    page.call("Emulation.setEmulatedMedia", media="print")
    size = {"width": 690, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    page.call("Emulation.setDeviceMetricsOverride", **size)  # A4 within its margins
    wide = "[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{wide}.length") == 0
    page.call("Emulation.setEmulatedMedia", media="")


def test_it_prints_on_paper(page, address, georgia_result):
    page.open(address(georgia_result))
    page.call("Emulation.setEmulatedMedia", media="print")
    hidden = "getComputedStyle(document.querySelector('.screen')).display"
    assert page.evaluate(hidden) == "none"
    seen = "[...document.querySelectorAll('{}')].filter((e) => e.checkVisibility()).length"
    for useless in ("summary", "button", "input", "a", "nav"):
        assert page.evaluate(seen.format(useless)) == 0
    rows = "details tr"  # paper cannot be opened: what is folded away is there
    assert page.evaluate(seen.format(rows)) > len(georgia_result.ledger.origins)
    assert page.call("Page.printToPDF", printBackground=False)["data"].startswith("JVBERi0")
    page.call("Emulation.setEmulatedMedia", media="")
