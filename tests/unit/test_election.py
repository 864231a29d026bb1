"""Before the first round: reading polls, draws of both rounds, one model with the runoff's."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import jsonschema
import numpy as np
import polars as pl
import pytest

import forecast as library
from forecast import Election, InputError, Poll, forecast_election, read_election
from forecast.cli import app
from forecast.facts.advancement import Advancement
from forecast.first_round.draws import SOMEBODY, FirstRounds
from forecast.outcome.pairings import contest_after, draw_runoffs
from forecast.outcome.pollsters import house_effects, past_pollsters
from forecast.outcome.turnout_before import turnout_before
from forecast.report.election_page import election_dict, render_election, write_election

DAY = date(2030, 5, 5)
SHARES = {"ada": 0.33, "ben": 0.27, "cid": 0.22, "dot": 0.08}


def asked(shares, end, pollster="Acme", kind="first round", n=1000):
    return Poll(
        pollster=pollster,
        n=n,
        shares=shares,
        end=end,
        published=end + timedelta(days=1),
        round=kind,
    )


@pytest.fixture(scope="module")
def election():
    polls = [asked(SHARES, date(2030, 4, k), f"p{k % 3}") for k in range(1, 13, 2)]
    polls.append(asked({k: v for k, v in SHARES.items() if k != "dot"}, date(2030, 4, 14)))
    polls.append(asked({"ada": 0.5, "ben": 0.4}, date(2030, 4, 14), kind="runoff"))
    return Election(name="demo", polls=polls, first_round=DAY, country="France")


@pytest.fixture(scope="module")
def found(election):
    return forecast_election(election, draws=8000)


# --- reading -------------------------------------------------------------------------------------

WIDE = """pollster,dates,sample,Ada Abel,Ben Bell,Cid Cole,undecided,margin of error
Acme,"28 Mar - 2 Apr 2030","1,000",40,30,20,10,3
Best,6-8 April 2030,900,38.5%,31%,19%,,3.2
Best,6-8 April 2030,900,52,48,,,3.2
Official result,5 May 2030,,45,35,20,,
"""


def test_a_wide_table_of_worded_days(tmp_path):
    path = tmp_path / "polls.csv"
    path.write_text(WIDE)
    found = read_election(path, election_day=DAY)
    assert [p.round for p in found.polls] == ["first round", "first round", "runoff"]
    assert found.polls[0].start == date(2030, 3, 28)
    assert found.polls[1].published == date(2030, 4, 9)
    assert (found.polls[0].n, found.polls[0].undecided) == (1000, 0.1)
    assert found.people == ("Ada Abel", "Ben Bell", "Cid Cole")
    assert any("a result, not a poll" in note for note in found.notes)


ENCYCLOPEDIA = """\
Pollster/client(s),Date(s) conducted,Sample size,Ada PT,Ben PSL,Cid PDT,Others,Abst. Undec.,Lead
Acme/TV One,1\u20132 Oct 2029,"3,240",21%,31%,11%,19%,18%,10%
Best,28\u201330 Sep 2029,2000,22,28,11,22,17,6
"""


def test_a_table_of_an_encyclopedia(tmp_path):
    path = tmp_path / "polls.csv"
    path.write_text(ENCYCLOPEDIA, "utf-8")
    found = read_election(path, election_day=date(2029, 10, 7))
    assert found.people == ("Ada PT", "Ben PSL", "Cid PDT")
    first = found.polls[0]
    assert (first.start, first.end, first.n) == (date(2029, 10, 1), date(2029, 10, 2), 3240)
    assert first.undecided == pytest.approx(0.18)
    assert first.shares["Ben PSL"] == pytest.approx(0.31)


def test_a_row_for_each_candidate_with_lists_and_withdrawals(tmp_path):
    path = tmp_path / "long.csv"
    rows = [
        "poll_id,hypothese,nom_institut,fin_enquete,tour,candidat,intentions,retrait_candidature"
    ]
    for name, share in (("Ada", 40), ("Ben", 35), ("Cid", 25)):
        rows.append(f"1,H1,Acme,2030-04-01,1er Tour,{name},{share},")
    for name, share in (("Ada", 45), ("Ben", 55)):
        rows.append(f"1,H2,Acme,2030-04-01,2nd Tour,{name},{share},")
    for name, share in (("Ada", 40), ("Dot", 60)):
        gone = "2030-04-20" if name == "Dot" else ""
        rows.append(f"1,H3,Acme,2030-04-01,1er Tour,{name},{share},{gone}")
    path.write_text("\n".join(rows))
    found = read_election(path, election_day=DAY)
    assert (len(found.asked), len(found.head_to_head)) == (2, 1)
    assert found.withdrawn == {"Dot": date(2030, 4, 20)}
    assert found.as_of(date(2030, 4, 10)).withdrawn == {}


def test_json_of_polls_with_answers(tmp_path):
    path = tmp_path / "polls.json"
    poll = {"institute": "Acme", "end": "2030-04-01", "round": "first", "sample": 800}
    answers = [{"candidate": c, "share": x} for c, x in (("Ada", 41), ("Ben", 39), ("Cid", None))]
    path.write_text(json.dumps([{**poll, "answers": answers}]))
    (poll,) = read_election(path).asked
    assert poll.shares == {"Ada": 0.41, "Ben": 0.39}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("end,Ada,Ben\n2030-04-01,40,30\n", "must have a column that says who asked"),
        ("pollster,Ada,Ben\nAcme,40,30\n", "must have a column with the day"),
        ("pollster,end\nAcme,2030-04-01\n", "must have a column for each candidate"),
        ("pollster,end,Ada,Ben\nAcme,1/2/2030,40,30\n", "must be a day like"),
        ("pollster,end,Ada,Ben\nAcme,2030-04-01,90,80\n", "must not exceed 100% together"),
        ("pollster,end,Ada,Ben\nA,2030-04-01,4,x1\nB,2030-04-01,4,3\n", "must be a share"),
        ("pollster,end,Ada,Ben\nAcme,2030-04-01,50,50\n", "must be about the first round"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, text, words):
    path = tmp_path / "polls.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_election(path, election_day=DAY)


def test_an_election_holds_its_days_and_names_to_each_other(election):
    with pytest.raises(InputError, match="must be after the first round"):
        replace(election, runoff=DAY)
    with pytest.raises(InputError, match="must be in a poll"):
        replace(election, candidates=("ada", "eve"))
    with pytest.raises(InputError, match="two or more"):
        replace(election, candidates=("ada",))
    with pytest.raises(InputError, match="published by 2030-03-01"):
        election.as_of(date(2030, 3, 1))


# --- laws ----------------------------------------------------------------------------------------


def test_people_are_conserved_in_every_draw(found):
    first = found.first_votes.sum(axis=1) + found.invalid + found.stayed
    np.testing.assert_allclose(first, found.people)
    assert (found.runoff_votes.sum(axis=1) <= found.people + 1e-6).all()
    assert (found.first_votes >= 0).all()
    assert (found.stayed >= 0).all()


def test_probabilities_add_up_and_none_is_0_or_1(found):
    n = found.draws
    wins = np.array([found.win_probability(c).value for c in found.candidates])
    assert ((wins > 0) & (wins < 1)).all()
    assert wins.sum() == pytest.approx(1, abs=len(wins) / n)
    for c in found.candidates:
        parts = found.elected_outright(c).value
        for pair in found.pairings(least=0.0):
            if c in pair.wins:
                parts += pair.probability.value * pair.wins[c].value
        assert parts == pytest.approx(found.win_probability(c).value, abs=20 / n)
    named = found.pairings()
    assert sum(p.probability.value for p in named) + found.outright.mean() == pytest.approx(
        1, abs=len(named) / n
    )
    for c in found.shown_candidates:
        p = found.win_probability(c)
        assert p.credible_interval.low <= p.value <= p.credible_interval.high
        assert p.monte_carlo_error > 0


def test_winners_follow_from_votes_and_the_rule(found):
    runoff = ~found.outright
    rows = np.flatnonzero(runoff)
    assert (found.in_runoff[runoff].sum(axis=1) == 2).all()
    assert (found.runoff_votes[rows].argmax(axis=1) == found.elected[rows]).all()
    top = np.sort(found.first_votes[rows], axis=1)[:, -2:-1]
    assert (found.in_runoff[rows] == (found.first_votes[rows] >= top)).all()


def test_rules_in_draws_are_the_rules_of_counts():
    rng = np.random.default_rng(0)
    for text in (
        "majority; top two",
        "top two",
        "45%, or 40% and 10 points ahead",
        "majority of ballots; 12.5% of the registered; quorum 25%",
        "majority; top three",
        "majority; threshold 20% of valid",
    ):
        rule = Advancement.from_text(text)
        votes = rng.multinomial(10_000, rng.dirichlet([6, 4, 3, 1]), size=300).astype(float)
        votes += rng.permuted(np.tile([0.1, 0.2, 0.3, 0.4], (300, 1)), axis=1)  # no ties
        invalid = rng.integers(0, 500, 300).astype(float)
        registered = float(rng.integers(11_000, 25_000))
        elected, advance = rule.in_draws(votes, invalid=invalid, registered=registered)
        for d in range(300):
            named = dict(enumerate(votes[d].tolist()))
            at = {"invalid": invalid[d], "registered": registered}
            won = rule.elected(named, **at)
            assert (-1 if won is None else won) == elected[d], text
            assert set(rule.finalists(named, **at)) == set(np.flatnonzero(advance[d])), text


def test_the_same_seed_gives_the_same_draws_whatever_the_workers(election):
    one, two = (forecast_election(election, draws=2000, workers=w, seed=3) for w in (1, 2))
    assert one.digest == two.digest
    assert one.digest != forecast_election(election, draws=2000, seed=4).digest


def test_polls_published_later_change_nothing(election):
    day = date(2030, 4, 9)
    later = tuple(
        replace(p, shares={"ada": 0.1, "ben": 0.1, "cid": 0.6}) if p.published > day else p
        for p in election.polls
        if p.round == "first round"
    )
    early = replace(election, polls=tuple(p for p in election.polls if p.published <= day))
    changed = replace(election, polls=later)
    found = [forecast_election(e, as_of=day, draws=2000).digest for e in (early, changed, election)]
    assert len(set(found)) == 1


def test_turnout_is_that_of_earlier_first_rounds_and_assumed_where_there_are_too_few():
    early, later = (turnout_before("France", date(year, 1, 1)) for year in (1960, 2020))
    assert early == turnout_before("Austria", date(1970, 1, 1))  # one country: of no other
    assert early.source.startswith("turnout assumed")
    assert "of France" in later.source
    for said in (early, later, turnout_before("Chad", date(1987, 1, 1))):
        assert 0.1 < said.turnout_sd <= early.turnout_sd
        assert 0.1 < said.invalid_sd <= early.invalid_sd


def test_the_further_away_the_wider(election):
    far = replace(election, first_round=DAY + timedelta(days=300), runoff=None)
    near = forecast_election(election, draws=4000, as_of=date(2030, 4, 16))
    wide = forecast_election(far, draws=4000, as_of=date(2030, 4, 16))
    width = [f.share("ada").interval.high - f.share("ada").interval.low for f in (near, wide)]
    assert width[1] > 1.5 * width[0]
    assert wide.advances(SOMEBODY).value > near.advances(SOMEBODY).value


def test_expected_shares_are_what_polls_say(found):
    named = sum(SHARES.values())
    stands = found.first_votes[:, found.candidates.index("dot")] > 0
    mean = found.shares()[stands].mean(axis=0)
    for c, share in SHARES.items():
        assert mean[found.candidates.index(c)] == pytest.approx(share / named, abs=0.03), c


def test_whoever_withdraws_does_not_stand_and_declared_candidates_do(election):
    gone = replace(election, withdrawn={"ben": date(2030, 4, 10)})
    found = forecast_election(gone, draws=2000)
    assert found.stands("ben") == 0
    assert found.win_probability("ben").value < 0.001
    known = forecast_election(replace(election, candidates=("ada", "ben", "cid")), draws=2000)
    assert SOMEBODY not in known.candidates
    assert known.stands("cid") == 1
    assert known.stands("dot") == 0


# --- one model with the runoff's -----------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2018, 10, 28), date(2018, 11, 27)])
def test_as_of_the_counted_first_round_it_is_the_runoffs_forecast(day):
    georgia, polls = library.load_contest("georgia-2018"), library.load_polls("georgia-2018")
    election = Election(
        name="g", polls=polls, first_round=georgia.first_round, runoff=georgia.runoff
    )
    ours = forecast_election(election, contest=georgia, as_of=day, draws=6000)
    runoff = library.forecast_runoff(georgia, polls=polls, as_of=day, draws=6000)
    for f in georgia.finalists:
        assert ours.win_probability(f).value == pytest.approx(
            runoff.win_probability(f).value,
            abs=1e-9,
        )
    kept = ours.runoff_votes[:, [ours.candidates.index(f) for f in georgia.finalists]]
    np.testing.assert_allclose(np.sort(kept[:, 0]), np.sort(runoff.draw_votes[:, 0]))


@pytest.mark.parametrize("polled", [False, True])
def test_draws_that_all_have_one_first_round_give_the_runoffs_forecast(election, polled):
    draws = 16_000
    counts = np.array([330.0, 270.0, 220.0, 80.0])
    polls = tuple(p for p in election.polls if p.round == "first round" or polled)
    known = replace(election, polls=polls, candidates=tuple(SHARES))
    rounds = FirstRounds(
        candidates=tuple(SHARES),
        votes=np.tile(counts, (draws, 1)),
        invalid=np.full(draws, 20.0),
        stayed=np.full(draws, 300.0),
        people=1220.0,
    )
    found = draw_runoffs(known, rounds, None, as_of=date(2030, 4, 16), seed=0, workers=2)
    contest = contest_after(known, tuple(SHARES), np.array([*counts, 20.0, 300.0]), 2)
    runoff = library.forecast_runoff(contest, polls=known.head_to_head, draws=draws)
    share = found.votes[:, 0] / found.votes.sum(axis=1)
    theirs = runoff.shares()[:, 0]
    assert share.mean() == pytest.approx(theirs.mean(), abs=5 * share.std() / np.sqrt(draws / 2))
    assert share.std() == pytest.approx(theirs.std(), rel=0.08)
    wins = (found.elected == 0).mean()
    assert wins == pytest.approx(runoff.win_probability("ada").value, abs=0.025)


def test_polls_about_a_runoff_move_who_wins_it_and_not_who_gets_there(election):
    without = replace(election, polls=election.asked)
    strong = asked({"ada": 0.25, "ben": 0.7}, date(2030, 4, 14), kind="runoff")
    against = replace(election, polls=(*election.asked, strong))
    a, b = (forecast_election(e, draws=8000) for e in (without, against))
    np.testing.assert_array_equal(a.first_votes, b.first_votes)

    def wins(found):
        pair = next(p for p in found.pairings() if set(p.finalists) == {"ada", "ben"})
        return pair.wins["ben"].value

    assert wins(b) > wins(a) + 0.2


# --- what is asked of it -------------------------------------------------------------------------


def test_a_timeline_is_the_forecast_of_each_day(found, election):
    course = found.timeline(draws=2000)
    assert [s.day for s in course.steps] == sorted({p.published for p in election.polls})
    step = course.steps[2]
    alone = forecast_election(election.as_of(step.day), as_of=step.day, draws=2000)
    assert step.elected["ada"] == alone.win_probability("ada")
    assert step.share["ben"] == alone.share("ben")
    with pytest.raises(InputError, match="must not be after that of the forecast"):
        found.timeline([date(2031, 1, 1)])
    with pytest.raises(InputError, match="at least one day must be asked for"):
        found.timeline([])
    assert {row["candidate"] for row in course.rows()} >= {"ada", "ben"}
    assert course.to_frame()["elected"].tolist() == [row["elected"] for row in course.rows()]


def test_a_timeline_without_the_day_of_the_runoff_ages_polls_by_each_day():
    """Else a forecast of the first day would know how long the contest goes on."""
    georgia = replace(library.load_contest("georgia-2018"), runoff=None)
    polls = library.load_polls("georgia-2018")
    days = [date(2018, 11, 15), date(2018, 11, 20)]
    found = library.forecast_runoff(georgia, polls=polls, draws=2000, as_of=date(2018, 12, 20))
    for step in found.timeline(days, draws=2000).steps:
        direct = library.forecast_runoff(georgia, polls=polls, draws=2000, as_of=step.day)
        for f in georgia.finalists:
            assert step.elected[f].value == direct.win_probability(f).value


def test_a_runoffs_timeline_reads_nothing_later():
    georgia = library.load_contest("georgia-2018")
    found = library.forecast_runoff(georgia, as_of=date(2018, 11, 27), draws=2000)
    days = [date(2018, 10, 28), date(2018, 11, 15)]
    course = found.timeline(days, draws=2000)
    for step in course.steps:
        alone = library.forecast_runoff(georgia, as_of=step.day, draws=2000)
        assert step.share["zurabishvili"] == alone.share("zurabishvili")
    with pytest.raises(InputError, match="before the first round"):
        found.timeline([date(2018, 10, 1)])


def test_who_stands_is_not_known_before_it_was_declared(election):
    """Else a forecast as of an early day would know who gave up later."""
    told = replace(election, candidates=("ada", "ben", "cid"), declared=date(2030, 4, 12))
    early, late = date(2030, 4, 11), date(2030, 4, 12)
    assert told.as_of(early).candidates == ()
    assert told.as_of(late).candidates == ("ada", "ben", "cid")
    assert date(2030, 4, 12) in told.days
    unknown = forecast_election(election, as_of=early, draws=2000)
    assert forecast_election(told, as_of=early, draws=2000).digest == unknown.digest
    assert forecast_election(told, as_of=late, draws=2000).stands("dot") == 0


def test_effects_name_the_poll_that_moved_most(election):
    odd = asked({"ada": 0.1, "ben": 0.3, "cid": 0.5}, date(2030, 4, 15), "Odd", n=3000)
    found = forecast_election(replace(election, polls=(*election.polls, odd)), draws=4000)
    effects = found.effects(most=3, draws=4000)
    assert effects[0].poll.startswith("Odd")


def test_every_probability_has_an_interval_and_a_monte_carlo_error(found):
    """On the screen, in the tables and on the page."""
    text = str(found)
    row = next(line for line in text.splitlines() if line.startswith("ada "))
    for p in (found.advances("ada"), found.win_probability("ada")):
        assert str(p.credible_interval) in row
    frame = found.to_frame().set_index("candidate")
    for c in found.candidates:
        chances = {"advances": found.advances(c), "elected": found.win_probability(c)}
        for name, p in chances.items():
            assert frame[f"{name}_monte_carlo_error"][c] == p.monte_carlo_error
            if p.credible_interval:
                assert frame[f"{name}_low"][c] == p.credible_interval.low
                assert frame[f"{name}_high"][c] == p.credible_interval.high
    pairs = found.pairings()
    one = pairs[0]
    said = next(line for line in text.splitlines() if " against " in line)
    for p in (one.probability, one.wins[one.finalists[0]]):
        assert f"({p.credible_interval})" in said
    table = found.to_frame("pairings")
    assert table["probability_monte_carlo_error"][0] == one.probability.monte_carlo_error
    assert table["wins_monte_carlo_error"][0] == one.wins[one.finalists[0]].monte_carlo_error
    shown = [
        p for c in found.shown_candidates for p in (found.advances(c), found.win_probability(c))
    ]
    most = max(p.monte_carlo_error for p in shown)
    worst = max(
        p.monte_carlo_error for pair in pairs for p in (pair.probability, *pair.wins.values())
    )
    page = render_election(found)
    for error in (most, worst):
        words = f"Largest Monte Carlo error of these probabilities: {100 * error:.1f} percentage"
        assert words in page
    assert re.search(r"elected at once with probability \d+% \((&lt;)?\d+–\d+%\)\.", page)
    assert f"Monte Carlo errors up to {100 * most:.2g} points" in text
    assert f"points, {100 * worst:.2g} for pairs" in text
    assert most < worst


def test_needed_points_make_advancing_as_likely_as_not(found):
    assert found.needed("ada") < 0 < found.needed("cid")


def test_it_can_be_kept_and_shown(found, tmp_path):
    again = type(found).load(found.save(tmp_path / "e.forecast"))
    assert again.digest == found.digest
    assert again.pairings() == found.pairings()
    frame = found.to_frame().set_index("candidate")
    assert frame["advances"]["ada"] == found.advances("ada").value
    assert len(frame) == len(found.candidates)
    assert "ada" in str(found)
    assert "<table" in found._repr_html_()
    assert len(repr(found)) < 400
    assert found.to_xarray()["share"].dims == ("draw", "candidate")
    turnout = found.to_arviz()["posterior"]["turnout"]
    assert turnout.dims == ("chain", "draw")
    assert float(turnout.median()) == pytest.approx(found.turnout().median)
    with pytest.raises(InputError, match="no figure"):
        found.plot("pie")


def test_the_page_loads_nothing_and_the_data_fits_its_schema(found, tmp_path):
    course = found.timeline([date(2030, 4, 8), date(2030, 4, 15)], draws=2000)
    data = election_dict(found, effects=found.effects(most=1, draws=2000), timeline=course)
    schema = json.loads(files("forecast.report").joinpath("election_schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(data)))
    page = render_election(found, data, course)
    assert "default-src &#39;none&#39;" in page
    assert "style=" not in page
    assert "http://www.w3.org" in page
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")
    with pytest.raises(InputError, match=r"must end in \.html"):
        write_election(found, tmp_path / "page.pdf")


def test_names_on_the_page_are_text(election):
    hostile = replace(election, labels={"ada": "<script>alert(1)</script>"})
    page = render_election(forecast_election(hostile, draws=2000))
    assert "<script>" not in page


def test_pollsters_differ_as_far_as_polls_show(election):
    odd = [
        asked({**SHARES, "ada": 0.43, "ben": 0.17}, date(2030, 4, k), "Odd", n=3000)
        for k in (2, 6, 10)
    ]
    table = house_effects(replace(election, polls=(*election.polls, *odd)))
    row = table.pollsters.index("Odd")
    own = table.effects[row][table.candidates.index("ada")]
    assert own.interval.low < own.median < own.interval.high
    assert own.median == max(r[table.candidates.index("ada")].median for r in table.effects)
    past = past_pollsters()
    assert all(x.error.interval.low < x.error.median < x.error.interval.high for x in past.rows)


@pytest.mark.parametrize("workers", [0, float("nan"), 1.5, True])
def test_workers_are_a_whole_number(election, workers):
    with pytest.raises(InputError, match="workers must be"):
        forecast_election(election, draws=2000, workers=workers)


@pytest.mark.parametrize("draws", [3, 0, 10**9, 2.0, True])
def test_draws_are_an_even_number(election, draws):
    with pytest.raises(InputError, match="even number"):
        forecast_election(election, draws=draws)


def test_it_is_asked_for_days_before_the_first_round(election):
    with pytest.raises(InputError, match="before the first round"):
        forecast_election(election, as_of=DAY, draws=2000)
    with pytest.raises(InputError, match="belongs to the Election"):
        forecast_election(election, draws=2000, election_day=DAY)
    with pytest.raises(InputError, match="title belongs to the Election"):
        forecast_election(election, draws=2000, title="May")


def test_a_table_is_read_as_read_election_reads_it(polls_file):
    told = {
        "election_day": DAY, "rule": "40% and 10 points ahead", "candidates": ["Ada", "Ben"],
        "name": "may", "title": "May 2030", "country": "France", "registered": 5000,
        "labels": {"Ada": "Ada L."}, "withdrawn": {"Cid": date(2030, 4, 9)},
    }  # fmt: skip
    held = read_election(polls_file, **told)
    assert (held.title, held.registered, held.withdrawn) == ("May 2030", 5000, told["withdrawn"])
    found = forecast_election(polls_file, draws=400, **told)
    assert found.digest == forecast_election(held, draws=400).digest
    with pytest.raises(TypeError, match="unexpected keyword argument 'headline'"):
        forecast_election(polls_file, headline="May 2030")


# --- the command line ----------------------------------------------------------------------------


@pytest.fixture
def polls_file(tmp_path):
    table = pl.DataFrame(
        {
            "pollster": ["Acme", "Best", "Acme"],
            "end": ["2030-04-01", "2030-04-08", "2030-04-10"],
            "n": [1000, 900, 1100],
            "Ada": [40, 39, 41],
            "Ben": [30, 33, 31],
            "Cid": [20, 18, 19],
        }
    )
    path = tmp_path / "polls.csv"
    table.write_csv(path)
    return path


def test_the_command_writes_page_figures_and_timeline(polls_file, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(
        app,
        [
            "before", str(polls_file), "--election-day", "2030-05-05", "--draws", "2000",
            "--rule", "45%, or 40% and 10 points ahead", "--json", "out.json",
            "--timeline", "days.csv", "--figures", "figures", "--tables", "tables",
        ],
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "polls.html").exists()
    data = json.loads((tmp_path / "out.json").read_text())
    assert data["rule"].startswith("45%")
    assert len(pl.read_csv(tmp_path / "days.csv")["day"].unique()) == 3
    figures = {path.name for path in (tmp_path / "figures").iterdir()}
    assert figures == {"shares.svg", "shares.png", "pairs.svg", "pairs.png"}
    pairs = pl.read_csv(tmp_path / "tables" / "pairings.csv")
    met = pairs.group_by("finalists").agg(pl.col("probability").first(), pl.col("wins").sum())
    assert met["probability"].sum() == pytest.approx(
        1 - data["elected_outright"]["value"], abs=0.02
    )
    assert met.filter(pl.col("wins") > 0)["wins"].to_list() == pytest.approx([1.0] * (len(met) - 1))


def test_the_command_refuses_in_words(polls_file, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    for more in (
        ["--declared", "2030-04-01"],
        ["--as-of", "2030-06-01"],
        ["--prior", "x.toml"],
        ["--report", "a.pdf"],
    ):
        ran = CliRunner().invoke(
            app, ["before", str(polls_file), "--election-day", "2030-05-05", *more]
        )
        assert isinstance(ran.exception, InputError), more
    assert not list(tmp_path.glob("*.html"))


def test_timeline_and_pollsters_as_commands(polls_file, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    base = ["timeline", str(polls_file), "--election-day", "2030-05-05", "--draws", "2000"]
    ran = CliRunner().invoke(app, [*base, "--out", "t.csv"])
    assert ran.exit_code == 0, ran.output
    assert "2030-04-11" in ran.output
    ran = CliRunner().invoke(app, ["pollsters"])
    assert "Ibope" in ran.output
    ran = CliRunner().invoke(app, ["pollsters", str(polls_file)])
    assert "Acme" in ran.output
