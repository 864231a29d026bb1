"""Every figure draws on the Axes it is given, reads without colour, and shows any script."""

import itertools
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import small
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

import forecast
from forecast import InputError
from forecast.outcome.probability import CredibleInterval, Quantity
from forecast.report import figures
from forecast.report.figures import canvas
from forecast.report.languages import speaking

KINDS = ("share", "transfers", "flow", "drivers", "frontier")


@pytest.fixture(scope="module")
def result():
    contest = small.contest()
    return forecast.forecast_runoff(contest, small.elicited_prior(), draws=8000)


def step(label, median):
    interval = CredibleInterval(level=0.9, low=median - 0.1, high=median + 0.1)
    share = Quantity(median=median, interval=interval)
    return figures.Rung(label=label, share=share, win_probability=0.6)


BINS = SimpleNamespace(
    probability=np.array([0.1, 0.5, 0.9]),
    frequency=np.array([0.2, 0.5, 0.8]),
    n=np.array([10, 20, 10]),
    low=np.array([0.0, 0.3, 0.7]),
    high=np.array([0.3, 0.7, 1.0]),
    false_alarm=0.06,
    power=0.4,
)


def drawings(result):
    """Return a function of an Axes for every figure there is."""
    georgia = forecast.load_contest("georgia-2018")
    found = {kind: lambda ax, kind=kind: result.plot(kind, ax) for kind in KINDS}
    steps = [step("prior", 0.48), step("poll", 0.52)]
    return found | {
        "evidence": lambda ax: figures.evidence_ladder(steps, ax, name="Ada"),
        "calibration": lambda ax: figures.calibration(BINS, ax),
        "pit": lambda ax: figures.pit_histogram([0.1, 0.4, 0.9], ax),
        "prior": small.elicited_prior().plot,
        "dirichlet prior": small.dirichlet_prior().plot,
        "learned": forecast.learned_prior(georgia).plot,
    }


NAMES = (
    *KINDS,
    "evidence",
    "calibration",
    "pit",
    "prior",
    "dirichlet prior",
    "learned",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_returns_the_axes_it_is_given(result, name):
    draw = drawings(result)[name]
    ax, others = Figure().add_subplot(), "matplotlib.pyplot" in sys.modules
    assert draw(ax) is ax
    assert ax.get_children()
    alone = draw(None)
    assert alone.figure is not ax.figure
    assert ("matplotlib.pyplot" in sys.modules) == others  # nothing shared with the caller
    text = figures.svg(alone, title=name, text="what there is to see")
    assert " style=" not in text
    assert "<style" not in text
    assert "<title id=" in text
    assert "what there is to see" in text


def test_a_notebook_shows_a_figure_that_ends_a_cell(result):
    """pyplot knows nothing of these figures, so a notebook has nothing but their own display."""
    shown = result.plot("share")._repr_png_()
    assert shown.startswith(b"\x89PNG")
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(result.plot("share"))
    assert "image/png" in data


def test_the_figures_named_above_are_all_there_are(result):
    assert set(drawings(result)) == set(NAMES)


def lightness(colour):
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_the_two_main_colours_differ_in_grey_as_well():
    """Contrast of at least 2 between the two, and of at least 2 to white (the larger areas)."""

    def contrast(one, two):
        dark, light = sorted([lightness(one), lightness(two)])
        return (light + 0.05) / (dark + 0.05)

    assert contrast(canvas.FIRST, canvas.SECOND) > 2
    assert min(contrast(c, "white") for c in (canvas.FIRST, canvas.SECOND)) > 2
    assert contrast(canvas.INK, "white") > 7


def test_georgian_names_have_their_glyphs(tmp_path):
    """Warnings are errors here: a missing glyph would fail."""
    names = {"ada": "სალომე ზურაბიშვილი", "ben": "გრიგოლ ვაშაძე", "cid": "დავით ბაქრაძე"}
    contest = replace(small.contest(), labels=names)
    result = forecast.forecast_runoff(contest, small.elicited_prior(), draws=2000)
    for kind in ("share", "transfers", "flow"):
        figures.save(result.plot(kind), tmp_path / f"{kind}.png")
    assert "სალომე" in figures.svg(result.plot("flow"), title="flow")
    lines = str(contest).splitlines()
    ends = {len(line) for line in lines if "finalist" in line or "eliminated" in line}
    assert len(ends) == 1  # every letter is one column wide


LONG = (
    "Maria Antonieta de la Concepción Rodríguez-Villanueva y Fernández de Córdoba",
    "Wolfeschlegelsteinhausenbergerdorff Hubert Blaine",
    "მიხეილ სააკაშვილი-ყაუხჩიშვილი და მეგობრები",
)


def overlapping(ax):
    """Return texts of a figure that lie over each other or leave the figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    FigureCanvasAgg(ax.figure).draw()
    unseen = set()  # ticks beyond the ends of an axis exist but are not drawn
    for axis in (axis for one in ax.figure.axes for axis in (one.xaxis, one.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = axis.get_major_ticks()
        beyond = [tick for tick in ticks if not low <= tick.get_loc() <= high]
        unseen |= {label for tick in beyond for label in (tick.label1, tick.label2)}
    found = [t for t in ax.figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    found = [t for t in found if t not in unseen]
    boxes = [(t.get_text(), t.get_window_extent().padded(-1)) for t in found]
    ends = ax.figure.bbox.padded(2)
    out = [
        text
        for text, box in boxes
        if not ends.contains(box.x0, box.y0) * ends.contains(box.x1, box.y1)
    ]
    pairs = itertools.combinations(boxes, 2)
    return out + [(a, b) for (a, one), (b, other) in pairs if one.overlaps(other)]


@pytest.mark.parametrize("finalists", [2, 3])
@pytest.mark.parametrize("kind", [*KINDS, "evidence"])
def test_long_names_lie_over_nothing(kind, finalists):
    contest = small.contest() if finalists == 2 else small.three()
    names = itertools.cycle(LONG)
    contest = replace(contest, labels={c: next(names) for c in contest.candidates})
    result = forecast.forecast_runoff(contest, draws=2000)
    if kind == "evidence":
        steps = [step(f"poll: {name}, 2018-11-01 to 2018-11-09", 0.5) for name in LONG]
        ax = figures.evidence_ladder(steps, name=LONG[0])
    else:
        ax = result.plot(kind)
    assert overlapping(ax) == []


@pytest.mark.parametrize("name", [*NAMES, "errors"])
def test_no_text_is_cut_off(result, name):
    draw = drawings(result) | {"errors": figures.share_error}
    errors = SimpleNamespace(
        share=np.full((9, 4), 0.5), actual_share=np.full(4, 0.52), first_share=np.full(4, 0.48)
    )
    assert overlapping(draw[name](errors) if name == "errors" else draw[name](None)) == []


def test_the_night_fits():
    from forecast.report.figures.nowcast import night_course

    share = {"median": 0.5, "low": 0.4, "high": 0.6}
    record = {"counted_share": 0.2, "share": {"a": share}, "so_far": {"a": 0.6}}
    record |= {"win_probability": {"a": 0.5}}
    assert overlapping(night_course([record, {**record, "counted_share": 0.6}], "a", LONG[0])) == []


def test_figures_speak_the_language_of_the_page(result):
    contest = small.contest()
    counted = {"unit": contest.units[:1]} | {f: [40] for f in contest.finalists}
    night = forecast.nowcast(contest, pl.DataFrame(counted), draws=100)
    with speaking("fr"):
        drawn = [figures.transfer_heat_map(result), figures.night_regions(night)]
    texts = [{" ".join(t.get_text().split()) for t in ax.figure.findobj(Text)} for ax in drawn]
    assert {"personne", "abstentionnistes", "blancs et nuls"} <= texts[0]
    assert "ensemble" in texts[1]
    assert any(text.endswith("au final, % ; x : à ce stade") for text in texts[1])


def test_texts_over_each_other_are_noticed():
    ax = canvas.axes(None)
    ax.text(0.5, 0.5, "one")
    ax.text(0.5, 0.5, "two")
    assert ("one", "two") in overlapping(ax)


def test_the_evidence_ladder_leaves_room_for_the_evidence():
    """The axis takes a third of the figure at least, beside the longest labels we bundle."""
    label = "poll: Gallup International, 2018-11-16 to 2018-11-18"
    ax = figures.evidence_ladder([step(label, 0.6), step(label, 0.58)], name="Salome Zurabishvili")
    assert overlapping(ax) == []
    assert ax.get_window_extent().width > ax.figure.bbox.width / 3


def test_a_driver_says_which_coordinate_it_is():
    contest = replace(small.contest(), labels={"ada": LONG[0]})
    ax = forecast.forecast_runoff(contest, small.elicited_prior(), draws=2000).plot("drivers")
    words = [tick.get_text() for tick in ax.get_yticklabels()]
    assert any(w.startswith("Maria") and w.endswith("whom they choose") for w in words)


def test_the_flow_diagram_conserves_people(result):
    from forecast.outcome.flows import grouped_flows

    flows = grouped_flows(result)
    assert flows.people.sum() == result.ledger.people
    np.testing.assert_allclose(flows.mean.sum(axis=1), flows.people, rtol=1e-12)
    assert (flows.low <= flows.mean).all()
    assert (flows.mean <= flows.high).all()


def test_small_candidates_are_one_group(georgia):
    from forecast.outcome.flows import OTHERS, grouped_origins

    groups = grouped_origins(georgia.ledger())
    names = [name for name, _, _ in groups]
    assert names[-3:] == [OTHERS, "invalid", "non-voters"]
    assert sorted(r for _, _, at in groups for r in at) == list(
        range(len(georgia.ledger().origins))
    )


def test_drivers_agree_with_conditional_means(result):
    """The tornado's ends against draws selected by hand."""
    found = result.sensitivity("ada")
    assert found.mean == pytest.approx(result.shares()[:, 0].mean(), abs=0.005)
    k = found.inputs.index("ada: preference")
    assert found.low[k] < found.mean < found.high[k]
    k = found.inputs.index("ben: participation")
    assert found.high[k] < found.mean < found.low[k]


def test_an_unknown_figure_suggests_the_nearest(result):
    with pytest.raises(InputError, match="did you mean 'transfers'"):
        result.plot("transfer")


@pytest.mark.parametrize("values", [[], [1.2], [[0.5]]])
def test_pit_values_must_be_fractions(values):
    with pytest.raises(InputError, match="from 0 to 1"):
        figures.pit_histogram(values)


def test_three_finalists_have_figures():
    contest = small.three()
    result = forecast.forecast_runoff(contest, draws=4000)
    for kind in KINDS:
        assert result.plot(kind).figure is not None


def test_lines_of_a_label_are_texts_of_their_own_and_the_figure_is_as_before():
    """The lines of one text begin where Matplotlib's font would have them, not the reader's."""
    ax = canvas.axes(None)
    ax.set_yticks([0, 1], ["two\nlines", "one"])
    page = canvas.svg(ax, title="labels")
    assert re.findall(r'text-anchor="end"[^>]*>(two|lines|one)<', page) == ["one", "two", "lines"]
    assert [t.get_text() for t in ax.get_yticklabels() if t.get_visible()] == ["two\nlines", "one"]
    assert ax.figure.texts == []
