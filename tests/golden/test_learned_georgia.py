"""The bundled prior learned from Georgian runoffs of 2014-2016: what it says and where from.

Source: tables of the Central Election Commission by polling station (via geoelectionsdata).
"""

import hashlib
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import forecast
from forecast import learn_prior, load_returns, past_runoffs, read_learned
from forecast.report.forecast_page import render_html, render_markdown
from forecast.simulation.engine import simulate

FILE = Path(forecast.__file__).parent / "data/priors/georgia-runoffs-2014-2016.json"
ROOT = Path(__file__).parents[2]
AS_OF = date(2018, 10, 28)


@pytest.fixture(scope="module")
def prior():
    return read_learned(FILE)


@pytest.fixture(scope="module")
def read(forecast_data):
    """Return the module that reads the official tables, pointed at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECAST_DATA", str(forecast_data))
        import georgia_history

        yield georgia_history
    sys.modules.pop("georgia_history", None)


def roles(contest):
    known = dict(zip(contest.finalists, ("government", "other finalist"), strict=True))
    known |= {"invalid": "non-voters", "non-voters": "non-voters"}
    return {o: known.get(o, "eliminated") for o in contest.ledger().origins}


def rival(_):
    return {"main rival": 1.0}


def share_of(prior, georgia):
    votes = votes_of(prior, georgia)
    return np.quantile(votes[:, 0] / votes.sum(axis=1), [0.05, 0.5, 0.95])


def turnout_of(prior, georgia):
    """Return quantiles of valid votes over the list."""
    return np.quantile(votes_of(prior, georgia).sum(axis=1) / georgia.ledger().people, [0.05, 0.95])


def votes_of(prior, georgia):
    transfers = prior.at(georgia, groups=roles, traits=rival, as_of=AS_OF, nationwide=True)
    return simulate(georgia.ledger(), transfers, draws=40_000, seed=0, workers=1).votes()


def test_nothing_in_it_is_later_than_the_first_round_of_2018(prior):
    assert max(prior.days) == "2016-10-30"
    assert prior.latest == prior.mobilisation.latest == date(2017, 12, 17)
    assert not [name for name in prior.mobilisation.contests if name.startswith("georgia")]
    assert prior.as_of == AS_OF
    assert len(prior.contests) == 73
    assert dict(prior.left_out) == {
        "parl2016_41": "a finalist gave up",
        "parl2016_66": "a finalist gave up",
    }


def test_it_states_how_it_was_made_and_how_well_it_forecasts(prior):
    scores = prior.provenance["cross-validation"]["a tenth left out"]
    assert scores["rmse"] < 6.5
    assert abs(scores["bias"]) < 1
    assert 0.88 <= scores["cover 90"] <= 0.92
    assert prior.provenance["command"].startswith("python benchmarks/history.py")
    turnout = prior.provenance["cross-validation"][
        "turnout of national runoffs, one country left out"
    ]
    assert 0.85 <= turnout["cover 90"] <= 0.95
    assert turnout["crps"] < 2.7  # an unchanged turnout: 2.8


def rows_of(page):
    """Return the rows of a page's tables by their first cells."""
    lines = [line.strip() for line in page.read_text("utf-8").splitlines()]
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines if line[:1] == "|"]
    return {first: rest for first, *rest in cells}


def test_readme_and_book_repeat_the_figures_that_are_shipped(prior):
    """One run of one benchmark wrote them all, those of every variant too."""
    checked = prior.provenance["cross-validation"]
    days = checked["one day left out"]
    ours, simple, naive = (
        days[name] for name in ("learned prior", "margin-only regression", "unchanged share")
    )
    skill = f"{100 * (1 - ours['crps'] / simple['crps']):.0f}%"
    scores = [f"{row['crps']:.2f}" for row in (ours, simple, naive)]
    expected = ["73 (2)", *scores[:2], skill, scores[2], f"{ours['cover 90']:.0%}"]
    tenth = checked["a tenth left out"]
    for page in (ROOT / "README.md", ROOT / "notebooks" / "accuracy.md"):
        rows = rows_of(page)
        assert rows["the same, one election day left out"] == expected
        found = rows["Georgian runoffs 2014-2016, a tenth left out"]
        assert (found[1], found[-1]) == (f"{tenth['crps']:.2f}", f"{tenth['cover 90']:.0%}")
    variants = {name: row for name, row in days.items() if "days inside" in row}
    assert len(variants) == 11
    for name, row in variants.items():
        inside = f"{row['days inside']} of 2"
        assert rows[name] == [f"{row['crps']:.2f}", f"{row['cover 90']:.0%}", inside], name


def test_local_nights_are_pooled_with_the_world(prior):
    assert set(prior.mobilisation.weights) == {"2014-07-12", "2016-10-30"}
    assert all(0 < weight < 0.1 for weight in prior.mobilisation.weights.values())
    assert "98% 54 national runoffs" in str(prior)


def test_its_forecast_of_2018_alone(prior, georgia):
    """Without endorsements and polls; the official share of Zurabishvili was 59.5%."""
    low, median, high = share_of(prior, georgia)
    assert low < load_returns("georgia-2018").share("zurabishvili") < high
    assert median == pytest.approx(0.619, abs=0.01)
    returns = load_returns("georgia-2018")
    low, high = turnout_of(prior, georgia)
    assert low < returns.votes.sum() / georgia.registered.sum() < high


def test_the_country_is_drawn_towards_others(prior):
    """Two days weigh less than half; flat, it is as in them, and normal, nearer to the world's."""
    people = prior.population
    assert 0.3 < people.history_weight < 0.5
    lean = [
        float(np.median(people.tie.lean(p.coefficients)))
        for p in (people.with_country("normal"), people, people.with_country("flat"))
    ]
    assert lean == sorted(lean)
    assert lean[0] < 0.25
    assert lean[2] > 0.45  # the days alone: .55
    assert people.with_days(1.5).factor_sd[:, 1] == pytest.approx(1.5 * people.factor_sd[:, 1])


def test_the_weight_of_the_history_is_printed_with_a_forecast(georgia):
    """On the screen and on pages, with polls too; in each language its own percent sign."""
    result = forecast.forecast_runoff(georgia, draws=2000)
    weight = "share after a tied first round: 41% weight on these runoffs, 59% on other countries"
    assert weight in str(result)
    data = forecast.forecast_dict(result)
    assert weight in render_html(result, data)
    assert weight in render_markdown(result, data)
    assert "41\u00a0% pour ces seconds tours" in render_html(result, data, language="fr")


def test_it_names_what_else_could_be_assumed(prior, georgia):
    transfers = prior.at(georgia, groups=roles, traits=rival, as_of=AS_OF, nationwide=True)
    named = set(transfers.variants())
    assert {"as in 2014 to 2016", "as elsewhere", "days differ more"} <= named
    assert {"the rival's voters stay", "turnout as in the history"} <= named


def test_without_non_voters_the_turnout_of_nations_says_nothing(prior, georgia):
    """Among those who voted before, participation is the history's: not everybody comes back."""
    voters = replace(georgia, electorate="voters")
    assert (
        prior.at(voters, groups=roles, traits=rival, as_of=AS_OF, nationwide=True).turnout is None
    )


def test_its_inputs_are_the_official_tables(prior, read):
    sha = hashlib.sha256(b"".join(path.read_bytes() for path in read.files())).hexdigest()
    assert prior.provenance["files"]["sha256"] == sha


@pytest.mark.slow
def test_learning_again_gives_the_same_prior(prior, read, georgia):
    """The chain is not the same to the last digit on every machine; its answers are."""
    data = read.read()
    again = learn_prior(
        data.history,
        roles=read.pooled,
        as_of=AS_OF,
        withdrawn=sorted(data.gave_up),
        traits=lambda c: {"main rival": float(c.name in data.main_rival)},
        world=past_runoffs("world"),
    )
    assert again.provenance["inputs"] == prior.provenance["inputs"]
    assert again.provenance["world"] == prior.provenance["world"]
    found, bundled = again.mobilisation, prior.mobilisation
    assert dict(found.contests) == dict(bundled.contests)
    assert found.weights == pytest.approx(bundled.weights, abs=1e-4)
    means = [m.coefficients.mean(axis=0) for m in (found, bundled)]  # of 1,000 and 2,000 draws
    assert means[0] == pytest.approx(means[1], abs=0.01)
    assert dict(again.contests) == dict(prior.contests)
    assert again.mean_table == pytest.approx(prior.mean_table, abs=0.02)
    assert share_of(again, georgia) == pytest.approx(share_of(prior, georgia), abs=0.02)


def test_the_bundled_endorsement_keeps_its_stated_strength(georgia):
    """A quarter of Bakradze's voters otherwise against Vashadze follow: not 17%, as shifts did."""
    prior = forecast.learned_prior(georgia)
    (endorsement,) = prior.endorsements
    ledger = georgia.ledger()
    voters = ledger.index(endorsement.origin)
    before, after = (
        (rates[voters, 1] / rates[voters].sum(axis=0)).mean()
        for rates in (
            some.sampler(ledger).draw(8000, rng=np.random.default_rng(1))
            for some in (prior.endorsed_by(()), prior)
        )
    )
    assert (after - before) / (1 - before) == pytest.approx(endorsement.strength, abs=0.02)
