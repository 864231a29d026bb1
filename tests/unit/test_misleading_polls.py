"""Tables of polls, rules, turnout and desk files: kinds that were once answered wrongly."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import forecast as library
from forecast import InputError, Poll, forecast_election, read_election, read_polls
from forecast.cli import app
from forecast.facts.advancement import Advancement
from forecast.facts.returns import Returns
from forecast.facts.turnout_table import interim_turnout
from forecast.facts.words.days import days_of_cells
from forecast.facts.words.months import month_words
from forecast.files.columns import Columns
from forecast.first_round.draws import SOMEBODY
from forecast.first_round.opinion import questions_of
from forecast.outcome.desk import Desk
from forecast.outcome.replay import reporting_order

DAY = date(2030, 5, 5)


def table(**cells):
    """Return three polls of the last days that say the same; cells may say otherwise."""
    facts = {"pollster": ["Acme", "Best", "Cent"], "n": [1000] * 3,
             "end": ["2030-05-01", "2030-05-02", "2030-05-02"]}  # fmt: skip
    facts |= {k: v if isinstance(v, list) else [v] * 3 for k, v in cells.items()}
    return pl.DataFrame(facts, strict=False)


# --- others --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shares", [{"Ada": 40, "Ben": 20}, {"Ada": 26, "Ben": 25, "Cid": 9}], ids=["two", "three"]
)
@pytest.mark.parametrize("declared", [False, True])
def test_others_keep_their_part_of_the_vote(shares, declared):
    """To 2 points; it was 66% for Ada and an election in the first round."""
    known = {"candidates": list(shares)} if declared else {}
    polls = table(**shares, Others=100 - sum(shares.values()))
    found = forecast_election(polls, election_day=DAY, draws=8000, **known)
    mean = dict(zip(found.candidates, found.shares().mean(axis=0), strict=True))
    for name, share in shares.items():
        assert mean[name] == pytest.approx(share / 100, abs=0.02)
    assert mean[SOMEBODY] > 0.37
    assert found.outright.mean() < 0.1
    assert 0 < found.win_probability(SOMEBODY).value < 0.05
    assert found.advances("Ben").value > 0.8
    people = found.first_votes.sum(axis=1) + found.invalid + found.stayed
    np.testing.assert_allclose(people, found.people)
    assert found.needed("Ben") < 0


def test_others_beside_one_list_do_not_stand_beside_a_longer_one_without_them():
    short = {"Ada": [40, 40, 40], "Ben": [30, 30, 30], "Cid": [20, None, None]}
    polls = table(**short, Dan=[10, None, None], Others=[None, 30, 30])
    found = forecast_election(polls, election_day=DAY, draws=2000)
    shares = dict(zip(found.candidates, found.shares().T, strict=True))
    assert shares[SOMEBODY][shares["Dan"] > 0].max() < 0.2
    assert shares[SOMEBODY][shares["Dan"] == 0].mean() == pytest.approx(0.3, abs=0.03)


def test_others_of_one_poll_stand_beside_the_same_list_of_another():
    polls = table(Ada=40, Ben=20, Cid=10, Others=[30, None, None])
    found = forecast_election(polls, election_day=DAY, draws=2000)
    assert found.share("Ada").median == pytest.approx(0.4, abs=0.03)


def test_others_are_a_fraction_of_the_poll():
    assert read_election(table(Ada=40, Ben=20, Others=40)).polls[0].others == 0.4
    assert read_election(table(Ada=40, Ben=20, Cid=40)).polls[0].others is None
    with pytest.raises(InputError, match="exceed 1 together"):
        Poll(pollster="Acme", shares={"ada": 0.6, "ben": 0.3}, others=0.2)


# --- rules in words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("majority and 25% of registered", {"quorum": 0.25}),
        ("majority of valid and a quarter of the registered", {"quorum": 0.25}),
        ("majority and top three", {"seats": 3}),
        ("30% wins", {"majority": 0.3}),
        ("30% to win", {"majority": 0.3}),
        ("35% of ballots wins", {"majority": 0.35, "majority_of": "ballots"}),
        ("30% advance", {"threshold": 0.3}),
        ("12,5% of registered", {"threshold": 0.125}),
        ("majority; threshold 20% of the vote", {"threshold": 0.2, "threshold_of": "valid"}),
        ("30% and 10 points ahead", {"plurality": 0.3, "lead": 0.1}),
        ("2/3 majority", {"majority": 2 / 3}),
        ("two thirds", {"majority": 2 / 3}),
        ("50% + 1 vote", {}),
        ("top two; no majority", {"majority": None}),
        ("no majority; 12.5% of registered", {"majority": None, "threshold": 0.125}),
    ],
)
def test_what_a_rule_says_is_what_is_read(text, said):
    rule = Advancement.from_text(text)
    assert rule == Advancement(**said)
    assert Advancement.from_text(str(rule)) == rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("50% and turnout of 50%", "turnout is not supported"),
        ("turnout 50%", "turnout is not supported"),
        ("30%", "write '30% wins' or '30% advance'"),
        ("top two; 30%", "write '30% wins' or '30% advance'"),
        ("majority unless it rains", "found 'unless' in"),
        ("majority in both houses", "found 'both' in"),
        ("12.5% of voters", "found 'voters' in"),
        ("45% and 50%", "found '45% and 50%'"),
        ("30% wins; majority", "parts must agree"),
        ("majority of ballots; 40% of valid and 10 points ahead", "parts must agree"),
        ("quorum 25% of valid", "found 'quorum 25% of valid'"),
    ],
)
def test_no_word_of_a_rule_is_ignored(text, message):
    with pytest.raises(InputError, match=message):
        Advancement.from_text(text)


def test_a_forecast_prints_the_rule_it_was_given(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = "unit,registered,invalid,Ada,Ben,Cid\nnorth,1000,5,300,250,150\nsouth,900,5,200,250,50\n"
    Path("first.csv").write_text(text, "utf-8")
    command = ["run", "first.csv", "--draws", "200"]
    for more, printed in ((["--rule", "top two"], True), ([], False)):
        app([*command, *more], standalone_mode=False)
        assert ("finalists by the rule: top two" in capsys.readouterr().out) is printed


# --- words, days and rows of tables of polls -----------------------------------------------------

UNDECIDED = (
    "Nehotărâți", "Niezdecydowani", "Indecisos", "Indécis", "Unentschlossen", "Kararsız",
    "Не визначились", "გადაუწყვეტელი", "Nerozhodnutí", "Αναποφάσιστοι", "Nehotărâți / Nu știu",
)  # fmt: skip
OTHERS = ("Others", "Inni", "Sonstige", "Altri", "Інші", "სხვები", "Diğer", "Alții", "Outros")


@pytest.mark.parametrize("word", UNDECIDED)
def test_the_undecided_are_no_candidate_in_any_language(word):
    found = read_election(table(Ada=50, Ben=30, Cid=10, **{word: 10}))
    assert found.people == ("Ada", "Ben", "Cid")
    assert found.polls[0].undecided == pytest.approx(0.1)


@pytest.mark.parametrize("word", OTHERS)
def test_others_are_no_candidate_in_any_language(word):
    found = read_election(table(Ada=50, Ben=30, Cid=10, **{word: 10}))
    assert found.people == ("Ada", "Ben", "Cid")
    assert found.polls[0].others == pytest.approx(0.1)


def test_days_without_a_year_are_the_last_such_days_to_the_first_round():
    said = ["1-4 April", "28 December - 2 January", "30 April"]
    polls = table(Ada=50, Ben=30, Cid=20, end=said)
    found = read_election(polls, election_day=DAY)
    assert [p.end for p in found.polls] == [date(2030, 4, 4), date(2030, 1, 2), date(2030, 4, 30)]
    assert found.polls[1].start == date(2029, 12, 28)
    assert any("last such days to 2030-05-05, from 2030-01-02 on" in n for n in found.notes)
    with pytest.raises(InputError, match="a day must have a year - found '1-4 April'"):
        read_election(polls)


@pytest.mark.parametrize("mark", ["-", "/", "\u2013", " & ", " y ", "./"])
def test_two_days_of_a_month_without_a_year(mark):
    said = [f"8{mark}9 Apr", "30 Mar/1 Apr", f"11{mark}12 Apr"]
    found = read_election(table(Ada=50, Ben=30, Cid=20, end=said), election_day=DAY)
    assert [p.end for p in found.polls] == [date(2030, 4, 9), date(2030, 4, 1), date(2030, 4, 12)]
    assert [p.start for p in found.polls] == [
        date(2030, 4, 8), date(2030, 3, 30), date(2030, 4, 11)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["2021 election", "General election", "Election result", "Wynik wyborów", "Ergebnis",
     "Élection présidentielle de 2022", "Вибори 2019", "Rezultate alegeri"],
)  # fmt: skip
def test_results_are_no_polls(name):
    found = read_election(table(Ada=50, Ben=30, Cid=20, pollster=["Acme", name, "Best"]))
    assert [p.pollster for p in found.polls] == ["Acme", "Best"]
    assert any(name in note and "left out" in note for note in found.notes)


def test_a_poll_that_ended_after_the_first_round_is_left_out_and_named():
    ends = ["2030-05-01", "2030-05-02", "2030-05-06"]
    found = read_election(table(Ada=50, Ben=30, Cid=20, end=ends), election_day=DAY)
    assert len(found.polls) == 2
    assert any("ended on 2030-05-06, after the first round" in note for note in found.notes)


# --- units and totals on the night ---------------------------------------------------------------


@pytest.fixture
def contest():
    return library.Contest(
        name="c", candidates=("ada", "ben", "cid"), finalists=("ada", "ben"), units=("U01", "U02"),
        votes=np.array([[300, 200, 100], [200, 300, 100]]), invalid=np.array([5, 5]),
        registered=np.array([1000, 900]), regions=("North", "South"),
    )  # fmt: skip


def test_the_desk_may_write_units_and_regions_differently(contest):
    given = Desk(set_aside=("u1",), totals={"north": {"ada": 300, "ben": 400}})
    found = given.checked(contest)
    assert found.set_aside == ("U01",)
    assert list(found.totals) == ["North"]


@pytest.mark.parametrize(("name", "most"), [("North", "1,100"), ("*", "2,090")])
def test_a_total_of_more_people_than_can_vote_is_refused(contest, name, most):
    """A zero too many is found; a list may grow by a tenth between the rounds, as in returns."""
    with pytest.raises(InputError, match=rf"not be more than {most}, .* found 7,000 together"):
        Desk(totals={name: {"ada": 3000, "ben": 4000}}).checked(contest)
    Desk(totals={name: {"ada": 500, "ben": 450}}).checked(contest)


@pytest.mark.parametrize("cells", [["30,1", "30,5"], ["30,1%", "30,125%"], ["0,301", "0,3"]])
def test_turnout_may_have_decimal_commas_and_units_written_differently(contest, cells):
    rows = pl.DataFrame({"unit": ["u1", "U2"], "first_round": cells, "runoff": cells})
    found = interim_turnout(contest, rows)
    np.testing.assert_allclose(found.change, 0, atol=1e-12)
    assert found.notes == (
        "turnout: 2 rows matched though written differently: u1 is U01, U2 is U02",
    )


def test_an_order_may_write_units_differently(contest):
    returns = Returns(units=contest.units, finalists=("ada", "ben"), votes=np.full((2, 2), 9))
    assert reporting_order(contest, returns, {"u1": "22:00", "u2": "21:00"}) == ("U02", "U01")
    with pytest.raises(InputError, match="found 'u7'"):
        reporting_order(contest, returns, {"u7": "22:00"})


# --- scales and numbers of people ----------------------------------------------------------------


def of_a_runoff(contest, tmp_path, **cells):
    """Return the poll of a file of one row."""
    facts = {"pollster": "Acme", "n": "1000", "ada": "48", "ben": "42"} | cells
    path = tmp_path / "polls.csv"
    row = ",".join(f'"{cell}"' for cell in facts.values())
    path.write_text(f"{','.join(facts)}\n{row}\n", "utf-8")
    return read_polls(path, contest)[0]


@pytest.mark.parametrize(
    ("shares", "undecided"),
    [((48, 42), "0.10"), ((48, 42), "10"), ((0.48, 0.42), "10"), ((48, 42), "0.1")],
)
def test_a_sum_says_of_which_scale_an_answer_is(contest, tmp_path, shares, undecided):
    one = of_a_runoff(contest, tmp_path, ada=shares[0], ben=shares[1], undecided=undecided)
    assert one.undecided == pytest.approx(0.1)
    cells = {"Ada": shares[0], "Ben": shares[1], "Cid": 0, "undecided": float(undecided)}
    assert read_election(table(**cells)).polls[0].undecided == pytest.approx(0.1)


@pytest.mark.parametrize("undecided", ["0.05", "0.3"])
def test_mixed_scales_are_refused_where_no_sum_says(contest, tmp_path, undecided):
    cells = {"ada": 40, "ben": 20, "undecided": undecided}
    with pytest.raises(InputError, match="'undecided': must be percent, as the shares"):
        of_a_runoff(contest, tmp_path, **cells)
    with pytest.raises(InputError, match="'undecided': must be percent, as the shares"):
        read_election(table(Ada=40, Ben=10, Cid=10, undecided=float(undecided)))
    found = of_a_runoff(contest, tmp_path, **(cells | {"undecided": f"{undecided}%"}))
    assert found.undecided == pytest.approx(float(undecided) / 100)
    small = read_election(table(Ada=60, Ben=25, Cid=10, undecided=0.5)).polls[0]
    assert small.undecided == pytest.approx(0.005)


@pytest.mark.parametrize(
    "n", ["about 1000", "ca. 1,000", "1k", "1 000", "1.000", "~1000", "1\u202f000", "1,000[a]"]
)
def test_numbers_of_people_as_people_write_them(contest, tmp_path, n):
    assert of_a_runoff(contest, tmp_path, n=n).n == 1000
    assert read_election(table(Ada=50, Ben=30, Cid=20, n=n)).polls[0].n == 1000


@pytest.mark.parametrize("n", ["0", "-1000", "1000 of 2000", "48%", "1000.5"])
def test_an_impossible_number_of_people_is_said_to_be_one(contest, tmp_path, n):
    with pytest.raises(InputError, match="'n': must be the number of people asked"):
        of_a_runoff(contest, tmp_path, n=n)
    with pytest.raises(InputError, match="'n': must be the number of people asked"):
        read_election(table(Ada=50, Ben=30, Cid=20, n=n))


def test_people_in_place_of_percent_are_said_to_be_such(contest, tmp_path):
    with pytest.raises(InputError, match="'ada': a share must be at most 100% - found 480; if"):
        of_a_runoff(contest, tmp_path, ada=480, ben=420)
    with pytest.raises(InputError, match="'Ada': a share must be at most 100% - found 480; if"):
        read_election(table(Ada=480, Ben=420, Cid=90))


# --- months --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        (["28 Sept - 2 Oct 2014", "Week of 3 May 2014"], [9, 10, 5]),
        (["12 lipnja 2020", "4 srpnja 2020"], [6, 7]),
        (["12 lipca 2020", "4 sierpnia 2020"], [7, 8]),
        (["3 listopada 2019", "4 grudnia 2019"], [11, 12]),
        (["3. listopada 2019", "4. prosinca 2019"], [10, 12]),
        (["3 ოქტომბერს 2018", "4 ნოემბრის 2018"], [10, 11]),
        (["11-14 февраля 2020", "1 мая 2020"], [2, 5]),
        (["5. März 2017", "3. Jänner 2017"], [3, 1]),
        (["12 Ekim 2014", "3 Ağustos 2014"], [10, 8]),
        (["3 marraskuuta 2011"], [11]),
    ],
)
def test_months_in_the_language_of_the_table(cells, months):
    """Lipanj was July, as Polish lipiec, and months in other scripts were no days."""
    assert [*month_words(cells, "polls").values()] == months
    days = days_of_cells(cells, Columns(where="polls", values={"end": cells}), "end")
    read = [m for first, last in days for m in dict.fromkeys((first.month, last.month))]
    assert read == months


def test_a_month_that_is_another_in_the_next_language():
    with pytest.raises(InputError, match=r"'listopada', which is month 10 .* and 11 "):
        month_words(["3 listopada 2019"], "polls")


# --- bases ---------------------------------------------------------------------------------------


def test_a_poll_says_the_same_of_everybody_and_of_the_decided():
    """The undecided made a poll of the decided no less sure."""
    of_all = Poll(pollster="Acme", n=500, shares={"Ada": 0.2, "Ben": 0.18, "Cid": 0.12},
                  undecided=0.5, end=date(2030, 4, 1), round="first round")  # fmt: skip
    shares = {name: 2 * share for name, share in of_all.shares.items()}
    decided = replace(of_all, shares=shares, base="decided")
    one, other = (questions_of([poll], DAY) for poll in (of_all, decided))
    np.testing.assert_allclose(one.value, other.value)
    np.testing.assert_allclose(one.variance, other.variance)
