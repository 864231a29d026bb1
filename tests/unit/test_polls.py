"""Polls: what they may say, how they are read, and which are bundled."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import small

from forecast import InputError, Poll, load_contest, load_polls, read_election, read_polls
from forecast.facts.poll_tables.table import polls_of_table
from forecast.facts.polls import Answers
from forecast.files.columns import Columns

DAY = date(2030, 5, 1)


def poll(**changes):
    facts = {"pollster": "Acme", "n": 1000, "shares": {"ada": 0.4, "ben": 0.35}}
    return Poll(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pollster": ""}, "say who asked"),
        ({"n": 0}, "whole number of people from 1"),
        ({"n": 10.5}, "whole number of people from 1"),
        ({"shares": {"ada": 40, "ben": 35}}, "divide percent by 100"),
        ({"shares": {"ada": -0.1, "ben": 0.4}}, "fraction from 0 to 1"),
        ({"shares": {"ada": float("nan")}}, "fraction from 0 to 1"),
        ({"shares": {}}, "found neither"),
        ({"shares": [0.5, 0.4]}, "shares must be a mapping"),
        ({"by_origin": ["cid"]}, "by_origin must be a mapping"),
        ({"undecided": 0.4}, "must not exceed 1 together - found 1.150"),
        ({"base": "decided", "shares": {"ada": 0.7, "ben": 0.4}}, "found 1.100"),
        ({"base": "decided", "undecided": 0.7, "would_not_vote": 0.5}, "found 1.200"),
        ({"base": "adults"}, "base must be one of"),
        ({"round": "second"}, "round must be one of"),
        ({"kind": "survey"}, "kind must be one of"),
        ({"design_effect": 0.5}, "design_effect must be a number from 1"),
        ({"start": DAY, "end": date(2030, 4, 1)}, "must start before it ends"),
        ({"end": DAY, "published": date(2030, 4, 1)}, "before it is published"),
        ({"published": "2030-05-01"}, "published must be a datetime.date"),
        ({"side": "ada"}, "a side needs a sponsor"),
    ],
)
def test_impossible_polls_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        poll(**changes)


def test_people_who_named_a_candidate_are_counted_by_base():
    """Of 1,000 asked 20% undecided and 10% at home: 700 are decided whatever the base."""
    of_all = Answers(n=1000, shares={"a": 0.4, "b": 0.3}, undecided=0.2, would_not_vote=0.1)
    decided = Answers(
        n=1000, shares={"a": 4 / 7, "b": 3 / 7}, base="decided", undecided=0.2, would_not_vote=0.1
    )
    assert of_all.named == pytest.approx(700)
    assert decided.named == pytest.approx(700)
    assert of_all.hesitant == decided.hesitant == pytest.approx(2 / 9)
    with pytest.raises(InputError, match="n must be known"):
        _ = replace(of_all, n=None).named


def test_candidates_are_matched_as_people_name_them(georgia):
    found = poll(
        shares={"Salome Zurabishvili": 0.5, "VASHADZE": 0.4}, sponsor="x", side="Grigol Vashadze"
    ).of(georgia)
    assert found.shares == {"zurabishvili": 0.5, "vashadze": 0.4}
    assert found.side == "vashadze"
    with pytest.raises(InputError, match="nobody is named 'vashadse'"):
        poll(shares={"vashadse": 0.4}).of(georgia)
    with pytest.raises(InputError, match="must be about the finalists"):
        poll(shares={"bakradze": 0.4, "vashadze": 0.3}).of(georgia)


def test_a_file_of_top_lines_and_a_cross_tab(contest, tmp_path):
    path = tmp_path / "polls.csv"
    path.write_text(
        "poll,pollster,published,n,base,origin,ada,ben,undecided,sponsor,side\n"
        "one,Acme,2030-05-06,1000,,,0.4,0.35,0.2,Daily,Ben\n"
        "two,Beta,2030-05-08,900,decided,,0.52,0.48,,,\n"
        "two,Beta,2030-05-08,300,decided,cid,0.7,0.3,0.1,,\n"
        "two,Beta,2030-05-08,200,decided,non-voters,0.5,0.5,,,\n"
    )
    one, two = read_polls(path, contest)
    assert (one.base, one.side, one.undecided, one.published) == (
        "everybody", "ben", 0.2, date(2030, 5, 6),
    )  # fmt: skip
    assert two.shares == {"ada": 0.52, "ben": 0.48}
    assert two.by_origin["cid"] == Answers(
        n=300, shares={"ada": 0.7, "ben": 0.3}, base="decided", undecided=0.1
    )
    assert set(two.by_origin) == {"cid", "non-voters"}


@pytest.mark.parametrize(
    "cells",
    [
        "47,43,10",
        "47%,43%,10%",
        "47%,43\u202f%,10.0%",
        "47%,43%,10",
        "0.47,0.43,0.1",
        '"0,47","0,43","0,1"',
        '"47,0","43,0%",10',
    ],
)
def test_percent_and_fractions_are_the_same_poll(contest, tmp_path, cells):
    """One scale for a file, decided by arithmetic, and said in the poll's note."""
    path = tmp_path / "polls.csv"
    path.write_text(f"pollster,n,ada,ben,undecided\nAcme,1000,{cells}\n")
    (found,) = read_polls(path, contest)
    assert found == poll(shares={"ada": 0.47, "ben": 0.43}, undecided=0.1)
    assert found.note == ("" if "0.47" in cells or "0,47" in cells else "shares read as percent")


def test_small_percentages_and_thousands_are_read(contest, tmp_path):
    """0.5 percent for somebody small is no fraction; dashes are what was not published."""
    path = tmp_path / "polls.csv"
    path.write_text(
        "Pollster;N;ada;ben;cid;undecided;round\nAcme;1.000;41,5;38;0,5;\u2013;first round\n"
    )
    (found,) = read_polls(path, contest)
    assert found == poll(shares={"ada": 0.415, "ben": 0.38, "cid": 0.005}, round="first round")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_polls_are_read_from_a_frame(contest, library):
    frames = pytest.importorskip(library)
    cells = {"pollster": ["Acme", "Beta"], "n": [1000, 900], "ada": [47.0, 50.0],
             "ben": [43.0, 40.5], "undecided": [10.0, None], "end": [DAY, None]}  # fmt: skip
    one, two = read_polls(frames.DataFrame(cells), contest)
    days = {"start": DAY, "end": DAY, "published": DAY + timedelta(days=1)}
    assert one == poll(shares={"ada": 0.47, "ben": 0.43}, undecided=0.1, **days)
    assert one.note.endswith("day of publication taken to be the day after field work")
    assert (two.shares, two.undecided, two.end) == ({"ada": 0.5, "ben": 0.405}, None, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pollster,n,ada,bem\nAcme,100,0.5,0.4\n", "column 'bem' - .* did you mean 'ben'"),
        ("pollster,n,ada,ben\nAcme,100,half,0.4\n", "line 2, 'ada': must be a share"),
        ("pollster,n,ada,ben\nAcme,100,inf,0.4\n", "line 2, 'ada': must be a share"),
        ("pollster,n,ada,ben\nAcme,100,52,0.48\n", "line 2, 'ben': .* found '0.48' beside percent"),
        (
            "pollster,n,ada,ben\nA,9,52,48\nB,9,0.5,0.4\n",
            "found 0.9 in all in .* line 3 and 100 in",
        ),
        ("pollster,n,ada,ben\nAcme,100,152,48\n", "line 2, 'ada': a share must be at most 100%"),
        ("pollster,n,ada,ben\nAcme,100,1.2,0.8\n", "line 2: poll: 'ada' must be a fraction"),
        ("pollster,n,ada,ben\nAcme,100.5,0.5,0.4\n", "line 2, 'n': must be the number of people"),
        ("pollster,n,ada,ben,known\nAcme,100,0.5,0.4,May\n", "must be a day like"),
        (
            "pollster,n,ada,ben\n,100,0.5,0.4\n",
            "pollster must be text that is not empty",
        ),
        ("poll,pollster,n,ada,ben\na,A,99,0.5,0.4\na,A,99,0.5,0.4\n", "one row without an origin"),
        ("pollster,n,origin,ada,ben\nA,99,nobody,0.5,0.4\n", "nobody is named 'nobody'"),
    ],
)
def test_files_that_break_a_rule_are_refused(contest, tmp_path, text, message):
    path = tmp_path / "polls.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_polls(path, contest)


def test_bundled_polls_know_their_place():
    found = load_polls("georgia-2018")
    runoff = [p for p in found if p.round == "runoff" and p.kind == "poll"]
    assert [p.pollster for p in runoff] == ["Edison Research", "Gallup International"]
    contest = load_contest("georgia-2018")
    for p in found:
        assert p.source
        assert p.published is not None
        if p.kind == "exit poll":
            assert p.published in (contest.first_round, contest.runoff)
        else:
            assert p.published < contest.runoff
    with pytest.raises(InputError, match="no bundled polls for 'poland-2015'"):
        load_polls("poland-2015")


def test_the_old_word_for_the_day_of_publication_is_still_read():
    """As a column without a word, as a keyword or attribute with a warning, for one release."""
    contest, text = small.contest(), "pollster,n,ada,ben,{}\nAcme,900,0.5,0.4,2030-05-06\n"
    new, old = (
        polls_of_table(Columns.from_text(text.format(word), "polls"), contest)[0]
        for word in ("published", "known")
    )
    assert new == old
    assert new.published == date(2030, 5, 6)
    with pytest.warns(DeprecationWarning, match="Poll: known is now published"):
        assert replace(new, known=DAY).published == DAY
    with pytest.warns(DeprecationWarning, match="Poll: known is now published"):
        assert new.known == new.published


UNKNOWN = ("Sondeur", "Tutkimuslaitos", "Компанія", "Соціологічна служба", "Izvajalec", "კვლევა",
           "Apklausą vykdė", "المعهد", "Qui a demandé", "Ki kérdezte")  # fmt: skip
SIZES = ("n", "Počet respondentů", "Vzorec", "Кількість опитаних", "Beboek")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", UNKNOWN)
def test_the_only_text_is_who_asked_and_the_only_large_numbers_are_how_many(tmp_path, who, size):
    text = (f"{who};Date;{size};Ana Ruiz;Ben Ode;Cy Dor\nAcme;14 Apr 2026;1 005;40;35;25\n"
            "Beta;10 Apr 2026;998;41;33;26\nAcme;1 Apr 2026;1 201;39;36;25\n")  # fmt: skip
    (tmp_path / "polls.csv").write_text(text, "utf-8")
    first = read_election(tmp_path / "polls.csv").polls[0]
    assert (first.pollster, first.n) == ("Acme", 1005)
    assert set(first.shares) == {"Ana Ruiz", "Ben Ode", "Cy Dor"}


@pytest.mark.parametrize("first", ["Foo;Bar;n", "Foo;Bar;Baz"])
def test_of_two_unknown_texts_nobody_knows_who_asked(tmp_path, first):
    text = f"{first};Date;Ana Ruiz;Ben Ode;Cy Dor\nAcme;Beta;900;14 Apr 2026;40;35;25\n"
    (tmp_path / "polls.csv").write_text(text, "utf-8")
    with pytest.raises(InputError, match="who asked"):
        read_election(tmp_path / "polls.csv")


@pytest.mark.parametrize(
    "cells",
    [
        ("2026", "2026"),
        ("2025", "2026"),
        ("99", "1001"),
        ("20260414", "20260410"),
        ("46126", "46113"),
        ("1001", "1002"),
    ],
)
def test_years_days_and_shares_are_not_how_many_were_asked(tmp_path, cells):
    text = "Pollster;Foo;Date;Ana Ruiz;Ben Ode;Cy Dor\n"
    text += "".join(f"Acme;{cell};14 Apr 2026;40;35;25\n" for cell in cells)
    (tmp_path / "polls.csv").write_text(text, "utf-8")
    assert {poll.n for poll in read_election(tmp_path / "polls.csv").polls} == {None}
