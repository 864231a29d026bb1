"""Every kind of distribution of the table goes through every door: the architecture's promise."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date
from functools import cache
from html import unescape
from importlib.resources import files

import jsonschema
import numpy as np
import polars as pl
import pytest
import small
from test_families import NIGHTS, made

from forecast import (
    Contest,
    Forecast,
    InputError,
    Nowcast,
    Poll,
    Returns,
    evidence_ladder,
    forecast_dict,
    forecast_runoff,
    infer_transfers,
    learn_families,
    load_contest,
    nowcast,
    read_learned,
)
from forecast.data.bundle import bundle
from forecast.data.priors import placed_prior
from forecast.report.forecast_page import render_html, render_markdown
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.roles.file import write_learned
from forecast.transfers.table.endorsement import Endorsement
from forecast.validation.frozen import freeze, score_frozen

ROUND, EVE, RUNOFF = date(2020, 3, 1), date(2020, 3, 14), date(2020, 3, 15)
DRAWS = 2048
SCHEMA = json.loads(files("forecast.report").joinpath("schema.json").read_text("utf-8"))
BACKED = Endorsement(origin="cid", finalist="ben", strength=0.3, published=date(2020, 3, 5))
POLL = Poll(
    pollster="Acme",
    n=900,
    shares={"ada": 0.45, "ben": 0.55},
    base="decided",
    published=date(2020, 3, 9),
)
THREE = replace(POLL, shares={"ada": 0.4, "ben": 0.35, "cid": 0.25})
TOLD = date(2020, 3, 5)


def dated(contest: Contest) -> Contest:
    return replace(contest, first_round=ROUND, runoff=RUNOFF)


def two() -> Contest:
    return dated(small.contest())


def counted(contest: Contest) -> Returns:
    """Return a plausible count of a contest: its finalists and a third of all others' votes."""
    own = contest.votes[:, [contest.candidates.index(f) for f in contest.finalists]]
    rest = contest.votes.sum(axis=1) - own.sum(axis=1)
    votes = (0.9 * own + rest[:, None] / (2 * own.shape[1])).astype(int)
    return Returns(units=contest.units, finalists=contest.finalists, votes=votes)


@cache
def families():
    history = made(contests=4, nights=NIGHTS[:3])
    return learn_families(history, families=lambda c: {n: n.split("-")[0] for n in c.candidates})


def family_of(contest):
    known = {"ada": "left", "ben": "right", "cid": "green", "dot": "front"}
    return {c: known[c] for c in contest.candidates}


def elicited():
    return two(), small.elicited_prior()


def dirichlet():
    return two(), small.dirichlet_prior()


def by_role():
    contest = two()
    return contest, usual().at(contest)


@cache
def usual():
    """Return the bundled learned prior under the names of the usual roles."""
    prior = bundle("georgia-2018").learned
    names = dict(zip(prior.roles, ("leader", "runner-up", "eliminated", "non-voters"), strict=True))
    return replace(prior, roles=tuple(names.values()), traits=(), **plain(prior))


def plain(prior):
    first = prior.population.coefficients[:, :1]
    return {
        "trait_mean": np.zeros(0),
        "trait_sd": np.zeros(0),
        "population": replace(
            prior.population,
            coefficients=first,
            tie=replace(prior.population.tie, x=prior.population.tie.x[:1]),
        ),
    }


def by_family():
    contest = two()
    return contest, families().at(contest, groups=family_of)


def posterior():
    contest = two()
    return contest, infer_transfers(contest, counted(contest))


def three_elicited():
    contest = dated(small.three())
    return contest, generic_prior(contest)


def three_families():
    contest = dated(small.three())
    return contest, families().at(contest, groups=family_of)


def three_posterior():
    contest = dated(small.three())
    return contest, infer_transfers(contest, counted(contest))


KINDS = {
    "elicited": elicited,
    "Dirichlet": dirichlet,
    "roles": by_role,
    "families": by_family,
    "posterior": posterior,
    "elicited of three": three_elicited,
    "families of three": three_families,
    "posterior of three": three_posterior,
}


@pytest.fixture(params=[*KINDS, *(f"{kind}, polled" for kind in KINDS)])
def kind(request):
    """Return a contest and a distribution of its table with an endorsement, polled or not."""
    contest, prior = KINDS[request.param.removesuffix(", polled")]()
    three = len(contest.finalists) == 3
    prior = prior.given(replace(BACKED, origin="dot") if three else BACKED)
    polled = THREE if three else POLL
    return contest, prior.given(polled) if request.param.endswith("polled") else prior


def backer(prior):
    return "dot" if len(prior.finalists) == 3 else "cid"


def test_report_export_and_score(kind):
    contest, prior = kind
    found = forecast_runoff(contest, prior, draws=DRAWS, workers=1)
    data = forecast_dict(found)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(data)))
    said = data["assumptions"]
    assert said["rows"] or said["learned"]["roles"]
    assert any(e["origin"] == backer(prior) for e in said["endorsements"])
    page, text = render_html(found, data), render_markdown(found, data)
    for words in ("What we assume", prior.name.split(",", 1)[0]):
        assert words in unescape(page)
        assert words in text
    frozen = freeze(found, made="2020-03-14")
    assert frozen["provenance"]["prior_digest"] == data["provenance"]["prior_digest"]
    assert prior.describe().digest == data["provenance"]["prior_digest"]
    assert 0 < score_frozen(frozen, counted(contest))["crps"] < 40


def test_the_digest_tells_what_changed(kind):
    _, prior = kind
    digests = {prior.describe().digest, prior.endorse(backer(prior), "ada").describe().digest}
    digests |= {v.describe().digest for v in prior.variants().values()}
    assert len(digests) == 2 + len(prior.variants())


def test_the_ladder_adds_one_piece_after_another(kind):
    contest, prior = kind
    ladder = evidence_ladder(contest, prior, draws=DRAWS, workers=1)
    names = [piece.name for piece in ladder.pieces]
    polled = prior.name.endswith("and 1 poll")
    assert names[1:] == [f"endorsement: {backer(prior)} backs ben"] + ["poll: Acme"] * polled
    share = [piece.forecast.share("ben").median for piece in ladder.pieces]
    assert share[1] > share[0]
    whole = forecast_runoff(contest, prior, draws=DRAWS, workers=1)
    assert ladder.pieces[-1].forecast.digest == whole.digest


def test_nothing_later_is_used(kind):
    _, prior = kind
    if prior.unpolled.name.startswith("the runoff's own returns"):
        with pytest.raises(InputError, match="cannot be taken as of"):
            prior.as_of(EVE)
        return
    assert prior.as_of(ROUND).evidence == ()
    assert [e.published for e in prior.as_of(TOLD).evidence] == [BACKED.published]
    held = prior.as_of(EVE)
    assert held.evidence == prior.evidence
    assert held.as_of(EVE) == held
    undated = prior.given(replace(BACKED, origin="dot", published=None))
    with pytest.raises(InputError, match=r"endorsement by 'dot'.*has no date"):
        undated.as_of(EVE)


def test_conditions_and_figures(kind):
    contest, prior = kind
    found = forecast_runoff(contest, prior, draws=DRAWS, workers=1)
    middle = 100 * found.turnout().median
    held = found.given(f"turnout >= {middle:.1f}%")
    assert 0 < held.draws < found.draws
    for which in ("share", "transfers", "flow", "drivers"):
        found.plot(which)
    prior.plot()
    assert backer(prior) in str(prior)


def test_nowcast(kind):
    contest, prior = kind
    seen = counted(contest)
    night = pl.DataFrame(
        {"unit": seen.units[:1], **{f: seen.votes[:1, k] for k, f in enumerate(seen.finalists)}}
    )
    found = nowcast(contest, night, prior=prior, draws=200)
    assert 0 < found.share("ada").median < 1


def test_saved_and_loaded(kind, tmp_path):
    """A prior, a forecast that still simulates, and a nowcast come back as they were."""
    contest, prior = kind
    again = type(prior).load(prior.save(tmp_path / "prior.forecast"))
    assert again.describe().digest == prior.describe().digest
    found = forecast_runoff(contest, prior, draws=DRAWS, workers=1)
    loaded = Forecast.load(found.save(tmp_path / "found.forecast"))
    assert (str(loaded), loaded.digest) == (str(found), found.digest)
    level = f"turnout >= {100 * found.turnout().median:.1f}%"
    assert loaded.given(level).digest == found.given(level).digest
    seen = counted(contest)
    night = pl.DataFrame(
        {"unit": seen.units[:1], **{f: seen.votes[:1, k] for k, f in enumerate(seen.finalists)}}
    )
    count = nowcast(contest, night, prior=prior, draws=100)
    for result in (prior, found, count):
        assert type(pickle.loads(pickle.dumps(result))) is type(result)
    assert pickle.loads(pickle.dumps(found)).given(level).digest == found.given(level).digest
    same = Nowcast.load(count.save(tmp_path / "count.forecast"))
    assert (str(same), same.by_unit().rows()) == (str(count), count.by_unit().rows())


def test_a_learned_model_is_applied_to_the_contest():
    contest = two()
    straight = forecast_runoff(contest, usual().at(contest), draws=DRAWS, workers=1)
    assert forecast_runoff(contest, usual(), draws=DRAWS, workers=1).digest == straight.digest
    assert (
        evidence_ladder(contest, usual(), draws=DRAWS).pieces[-1].forecast.digest == straight.digest
    )
    with pytest.raises(InputError, match=r"\.at\(groups=\)"):
        forecast_runoff(contest, families(), draws=DRAWS)
    georgia = load_contest("georgia-2018")
    learned = bundle("georgia-2018").learned
    with pytest.raises(InputError, match=r"\.at\(groups=\)"):
        learned.at(georgia)
    assert forecast_runoff(georgia, learned, draws=DRAWS).prior.name == learned.name


@pytest.mark.parametrize("name", KINDS)
def test_a_stated_strength_holds_on_average(name):
    """A quarter of those who would choose somebody else follow, whatever the kind of prior."""
    contest, prior = KINDS[name]()
    ledger = contest.ledger()
    origin = backer(prior)
    before, after = (
        p.sampler(ledger).draw(40_000, rng=np.random.default_rng(3))[ledger.index(origin)]
        for p in (prior, prior.endorse(origin, "ben", strength=0.25))
    )
    q, moved = ((rates[1] / rates.sum(axis=0)).mean() for rates in (before, after))
    assert moved == pytest.approx(q + 0.25 * (1 - q), abs=0.01)
    assert after.sum(axis=0).mean() == pytest.approx(before.sum(axis=0).mean(), abs=0.01)


def test_what_is_no_evidence_is_refused():
    with pytest.raises(InputError, match="must be an Endorsement or a Poll - found str"):
        small.elicited_prior().given("cid backs ben")


def test_what_was_learned_of_families_is_written_and_read_back(tmp_path):
    prior, contest = families(), two()
    path = write_learned(prior, tmp_path / "families.json")
    again = read_learned(path)
    first, second = (
        p.at(contest, groups=family_of).sampler(contest.ledger()).draw(100, rng=rng(4))
        for p in (prior, again)
    )
    assert (first == second).all()
    assert again.contests == prior.contests
    relation = {"roles": family_of(contest)}
    assert placed_prior(again, contest, relation).group_of == family_of(contest)
    text = path.read_text("utf-8")
    wrong = (("scale", "stale"), ('tail": 6.0', 'tail": -1'), ('latest": "', 'latest": "x'))
    for old, new in wrong:
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(InputError, match=r"families\.json"):
            read_learned(path)


def rng(seed):
    return np.random.default_rng(seed)
