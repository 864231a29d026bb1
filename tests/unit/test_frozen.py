"""Frozen forecasts are scored as they were, refused when altered, and listed on a safe page."""

import json
from datetime import date

import numpy as np
import past
import pytest

import forecast as library
from forecast import InputError, Returns, forecast_runoff, load_returns
from forecast.facts.past_runoffs import usual_roles
from forecast.files.columns import Columns
from forecast.report.scorecard import render_scorecard
from forecast.transfers.roles.file import write_learned
from forecast.validation.frozen import freeze, frozen_text, read_frozen, score_frozen
from forecast.validation.provenance import digest_of
from forecast.validation.scorecard import entry, totals
from forecast.validation.scores import crps


@pytest.fixture(scope="module")
def forecast(georgia):
    return forecast_runoff(georgia, draws=20_000)


@pytest.fixture
def frozen(forecast):
    return freeze(forecast, made="2018-11-01T12:00:00+00:00", inputs={"a.csv": "0" * 64})


@pytest.mark.parametrize("made", [None, "yesterday", "", date(2018, 11, 1)])
def test_a_forecast_is_frozen_with_the_day_it_was_made(forecast, made):
    with pytest.raises(InputError, match="made: must be a day or time in ISO 8601"):
        freeze(forecast, made=made)


def resealed(frozen, **changes):
    """Return a forecast altered by somebody who computes the hash anew."""
    content = {**frozen, **changes}
    del content["sha256"]
    return content | {"sha256": digest_of(content)}


def test_it_reads_back_and_scores_as_the_draws_do(forecast, frozen):
    back = read_frozen(frozen_text(frozen))
    assert back == frozen
    scores = score_frozen(back, load_returns("georgia-2018"))
    actual = load_returns("georgia-2018").share("zurabishvili")
    assert scores["winner"] == "zurabishvili"
    assert scores["share"]["zurabishvili"] == actual
    assert scores["crps"] == pytest.approx(
        100 * float(crps(forecast.shares()[:, 0], actual)), rel=0.01
    )
    p = forecast.win_probability("zurabishvili").value
    assert scores["brier"] == pytest.approx((1 - p) ** 2, rel=0.01)
    assert scores["valid votes over people"] == pytest.approx(1_928_381 / 3_518_877)


def test_provenance_tells_what_it_was_made_from(forecast, frozen, georgia):
    about = frozen["provenance"]
    assert about["contest_digest"] == georgia.digest
    assert about["draws_digest"] == forecast.digest
    assert about["inputs"] == {"a.csv": "0" * 64}
    other = freeze(forecast_runoff(georgia, draws=20_000, seed=1), made=frozen["made"])
    assert other["provenance"]["prior_digest"] == about["prior_digest"]
    assert other["provenance"]["draws_digest"] != about["draws_digest"]


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["win_probability"].update(zurabishvili=0.9),
        lambda f: f["share"]["vashadze"].__setitem__(7, 0.4),
        lambda f: f.update(made="2018-10-01"),
        lambda f: f["provenance"].update(code="other"),
        lambda f: f.update(note="added"),
        lambda f: f.pop("seed"),
        lambda f: f.pop("sha256"),
    ],
)
def test_every_change_is_refused(frozen, change):
    altered = json.loads(frozen_text(frozen))
    change(altered)
    with pytest.raises(InputError, match="was altered since it was frozen"):
        read_frozen(json.dumps(altered))
    with pytest.raises(InputError, match="was altered"):
        score_frozen(altered, load_returns("georgia-2018"))


def test_layout_and_key_order_are_no_alteration(frozen):
    assert read_frozen(json.dumps(dict(reversed(frozen.items())), indent=7)) == frozen


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "{}", '{"format": "other"}', "[" * 100_000, "NaN"],
)
def test_other_files_are_refused(text):
    with pytest.raises(InputError):
        read_frozen(text)


def test_a_sealed_file_without_its_parts_is_refused(frozen):
    for changes in (
        {"share": {}},
        {"finalists": ["a"]},
        {"win_probability": {"zurabishvili": 2.0, "vashadze": 0.1}},
        {"finalists": 3},
        {"labels": {"zurabishvili": 1, "vashadze": 2}},
    ):
        with pytest.raises(InputError, match="lacks parts"):
            read_frozen(json.dumps(resealed(frozen, **changes)))


PARTS = [
    {"runoff": 3},
    {"as_of": 4},
    {"conditions": 3},
    {"conditions": [3]},
    {"people": "many"},
    {"people": 0},
    {"people": None},
    {"valid_votes_over_people": [1.0, 2.0]},
    {"valid_votes_over_people": None},
    {"provenance": 3},
    {"provenance": {}},
    {"draws": "x"},
    {"seed": None},
    {"units": 0},
    {"finalists": ["zurabishvili", "zurabishvili"]},
    {"share": {"zurabishvili": [5.0] * 200, "vashadze": [0.5] * 200}},
    {"share": {"zurabishvili": ["0.5"] * 200, "vashadze": ["0.5"] * 200}},
    {"share": {"zurabishvili": [0.9] * 200, "vashadze": [0.9] * 200}},
    {"share": {"zurabishvili": [0.2] * 200, "vashadze": [0.8] * 200}},
    {"share": {f: [0.6, 0.4] * 100 for f in ("zurabishvili", "vashadze")}},
    {"win_probability": {"zurabishvili": 0.9, "vashadze": 0.9}},
    {"win_probability": {"zurabishvili": 0.5, "vashadze": 0.5}},
    {"win_probability": {"zurabishvili": "0.9", "vashadze": "0.1"}},
    {"win_probability": {"zurabishvili": True, "vashadze": 0.1}},
    {"finalists": "ab"},
    {"made": "yesterday"},
    {"unit_names": "Vake"},
    {"unit_names": ["Vake"]},
    {"title": ["Georgia"]},
]


@pytest.mark.parametrize("changes", PARTS, ids=lambda changes: str(changes)[:40])
def test_every_part_is_checked(frozen, changes):
    """Whoever seals a file anew must still write a frozen forecast, or every reader may break."""
    with pytest.raises(InputError, match="lacks parts"):
        read_frozen(json.dumps(resealed(frozen, **changes)))


def test_every_part_must_be_there(frozen):
    for part in set(frozen) - {"sha256", "format"}:
        rest = {key: value for key, value in frozen.items() if key != part}
        with pytest.raises(InputError, match="lacks parts"):
            read_frozen(json.dumps(resealed(rest)))


def test_counts_that_cannot_be_are_refused_and_partial_ones_shown(frozen):
    """More votes than people are of another contest; a count of few units may be a partial one."""
    names = ("zurabishvili", "vashadze")
    many = Returns(units=("all",), finalists=names, votes=np.array([[3_000_000, 3_000_000]]))
    with pytest.raises(InputError, match="more votes than the contest has people"):
        score_frozen(frozen, many)
    few = Returns(units=("1",), finalists=names, votes=np.array([[300, 200]]))
    scores = score_frozen(frozen, few)
    assert (scores["units counted"], scores["units of the first round"]) == (1, 74)


@pytest.mark.parametrize("parts", [(0.47, 0.47), (0.99, 0.01), (0.5, 0.0)])
def test_a_count_that_says_it_is_complete_nowhere_is_not_scored(frozen, parts):
    """Half of the count in every unit was scored like a result."""
    names = ("zurabishvili", "vashadze")
    votes = np.array([[300, 200], [250, 280]])
    units, counted = load_returns("georgia-2018").units[:2], np.array(parts)
    returns = Returns(units=units, finalists=names, votes=votes, counted=counted)
    with pytest.raises(InputError, match="some unit must be counted in full"):
        score_frozen(frozen, returns)


def test_returns_by_other_units_are_refused(frozen):
    """Those of the frozen contest, few of them new, or its total in one row."""
    whole = load_returns("georgia-2018")
    for units in (
        tuple(f"elsewhere {u}" for u in whole.units),
        (*whole.units[:60], *(f"elsewhere {u}" for u in whole.units[60:])),
    ):
        other = Returns(units=units, finalists=whole.finalists, votes=whole.votes)
        with pytest.raises(InputError, match=r"by the units of .* that are none of them"):
            score_frozen(frozen, other)
    marked = tuple(f"{u.upper()}*" for u in whole.units)
    same = Returns(units=marked, finalists=whole.finalists, votes=whole.votes)
    assert score_frozen(frozen, same)["crps"] == score_frozen(frozen, whole)["crps"]
    new = (*whole.units[:70], *(f"elsewhere {u}" for u in whole.units[70:]))
    few = Returns(units=new, finalists=whole.finalists, votes=whole.votes)
    assert score_frozen(frozen, few)["crps"] == score_frozen(frozen, whole)["crps"]


def test_the_first_format_is_still_read(frozen):
    content = {k: v for k, v in frozen.items() if k != "unit_names"}
    old = resealed(content, format="runoff-forecast frozen 1")
    assert score_frozen(old, load_returns("georgia-2018"))["winner"] == "zurabishvili"
    with pytest.raises(InputError, match="frozen by this package"):
        read_frozen(json.dumps(resealed(content, format="runoff-forecast frozen 9")))


def test_a_forecast_by_stations_is_scored_by_stations(run, tmp_path):
    stations = library.load_contest("georgia-2018", units="stations")
    found = freeze(forecast_runoff(stations, draws=2000), made="2018-11-01")
    (tmp_path / "f.json").write_text(frozen_text(found), "utf-8")
    code, out, error = run("score", "f.json")
    assert (code, error) == (0, "")
    assert "59.5" in out


def test_returns_of_another_contest_are_refused(frozen):
    other = Returns(units=("all",), finalists=("a", "b"), votes=np.array([[1, 2]]))
    with pytest.raises(InputError, match="must be of the finalists"):
        score_frozen(frozen, other)


def test_scorecard_counts_only_forecasts_made_before(frozen):
    returns = load_returns("georgia-2018")
    late = resealed(frozen, made="2018-12-01")
    entries = [
        entry("early.json", lambda: frozen_text(frozen), lambda _: returns),
        entry("late.json", lambda: frozen_text(late), lambda _: returns),
        entry("waiting.json", lambda: frozen_text(frozen), lambda _: None),
        entry("altered.json", lambda: frozen_text({**frozen, "seed": 5}), lambda _: returns),
    ]
    found = totals(entries)
    assert (found["forecasts"], found["scored"], found["counted"]) == (4, 2, 1)
    assert found["brier"] == entries[0].scores["brier"]
    page = render_scorecard(entries)
    assert "after the runoff of 2018-11-28" in page
    assert "awaited" in page
    assert "unsafe" not in page
    assert "Not scored: altered.json: was altered" in page


def test_the_page_escapes_whatever_a_file_says(frozen):
    hostile = "<script>alert(1)</script>"
    labels = {"zurabishvili": hostile, "vashadze": hostile}
    bad = resealed(frozen, title=hostile, labels=labels, conditions=[hostile])
    page = render_scorecard([entry(f"{hostile}.json", lambda: frozen_text(bad), lambda _: None)])
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_commands(run, tmp_path):
    code, out, _ = run("freeze", "georgia-2018", "--draws", 2000)
    assert code == 0
    path = tmp_path / "georgia-2018-frozen.json"
    sha = json.loads(path.read_text("utf-8"))["sha256"]
    assert f"SHA-256 {sha}" in out
    assert run("freeze", "georgia-2018", "--draws", 2000)[0] == 2
    code, out, _ = run("score", path, "--sha256", sha, "--json", "s.json")
    assert code == 0
    assert "59.5%" in out
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["winner"] == "zurabishvili"
    code, _, error = run("score", path, "--sha256", "0" * 64)
    assert (code, "another forecast" in error) == (2, True)
    (tmp_path / "s.json").unlink()
    code, out, _ = run("scorecard", tmp_path, "--report", "page.html")
    assert (code, "1 files, 1 scored" in out) == (0, True)
    assert "Georgia, presidential election 2018" in (tmp_path / "page.html").read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace('"seed": 0', '"seed": 1'), "utf-8")
    code, _, error = run("score", path)
    assert (code, "was altered" in error) == (2, True)
    code, _, error = run("scorecard", tmp_path / "none")
    assert (code, "must be a folder" in error) == (2, True)
    code, _, error = run("score", "absent.json")
    assert (code, "absent.json" in error) == (2, True)


def test_one_bad_file_does_not_stop_the_scorecard(run, tmp_path):
    """No text, nothing, a folder, broken returns: each is a line of the page."""
    cards = tmp_path / "cards"
    cards.mkdir()
    for name in ("good", "garbled"):
        assert (
            run("freeze", "georgia-2018", "--draws", 2000, "--out", cards / f"{name}.json")[0] == 0
        )
    (cards / "binary.json").write_bytes(b"\xfe{}")
    (cards / "empty.json").write_bytes(b"")
    (cards / "folder.json").mkdir()
    (cards / "garbled.csv").write_text("unit,zurabishvili,vashadze\nn,abc,300\n", "utf-8")
    code, out, _ = run("scorecard", cards, "--report", "page.html")
    assert (code, "5 files, 1 scored" in out) == (0, True)
    page = (tmp_path / "page.html").read_text("utf-8")
    for problem in (
        "is not; save it",
        "must not be empty",
        "folder.json: must be a readable file",
        "found &#39;abc",
    ):
        assert problem in page


def test_freeze_takes_roles_and_polls_as_run_does(run, tmp_path):
    (tmp_path / "first.csv").write_text(
        "unit,registered,invalid,ada,ben,cid\nn,900,3,300,250,100\ns,800,2,200,220,90\n", "utf-8"
    )
    (tmp_path / "polls.csv").write_text(
        "pollster,n,known,ada,ben\nAcme,800,2017-12-01,0.6,0.4\n", "utf-8"
    )
    prior = library.learn_prior(past.runoffs(2, 4, seed=3), roles=usual_roles)
    write_learned(prior, tmp_path / "learned.json")
    roles = {"ada": "runner-up", "ben": "leader", "non-voters": "non-voters", "*": "eliminated"}
    table = "".join(f'"{origin}" = "{role}"\n' for origin, role in roles.items())
    (tmp_path / "roles.toml").write_text(f"[roles]\n{table}", "utf-8")
    command = ("freeze", "first.csv", "--prior", "learned.json", "--as-of", "2018-01-01")
    digests = set()
    for name, more in {
        "plain": (),
        "roles": ("--roles", "roles.toml"),
        "polls": ("--polls", "polls.csv"),
    }.items():
        code, _, error = run(*command, *more, "--draws", 2000, "--out", f"{name}.json")
        assert code == 0, error
        about = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))["provenance"]
        assert set(about["inputs"]) == {"first.csv", "learned.json", *more[1:]}
        digests.add(about["prior_digest"])
    assert len(digests) == 3


def test_inputs_of_one_name_are_all_kept(run, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "same.csv").write_text("unit,registered,ada,ben,cid\nn,900,300,250,100\n", "utf-8")
    (tmp_path / "a" / "same.csv").write_text("pollster,n,ada,ben\nAcme,800,0.6,0.4\n", "utf-8")
    command = ("freeze", "same.csv", "--polls", "a/same.csv", "--draws", 2000, "--out", "f.json")
    assert run(*command)[0] == 0
    inputs = json.loads((tmp_path / "f.json").read_text("utf-8"))["provenance"]["inputs"]
    assert len(set(inputs.values())) == 2


def test_returns_beside_a_frozen_forecast_are_used(run, tmp_path):
    (tmp_path / "first.csv").write_text(
        "unit,registered,invalid,ada,ben,cid\nn,900,3,300,250,100\ns,800,2,200,220,90\n", "utf-8"
    )
    cards = tmp_path / "cards"
    cards.mkdir()
    out = cards / "own.json"
    assert run("freeze", "first.csv", "--draws", 2000, "--out", out)[0] == 0
    inputs = json.loads(out.read_text("utf-8"))["provenance"]["inputs"]
    assert set(inputs) == {"first.csv"}
    assert "1 files, 0 scored" in run("scorecard", cards)[1]
    (cards / "own.csv").write_text("unit,ada,ben\nn,400,300\ns,300,290\n", "utf-8")
    assert "1 files, 1 scored" in run("scorecard", cards)[1]


SCORED = {
    "plain": "unit,Ada Xi,Ben Yu,invalid\n" + "".join(f"U{k},{50 + k},{40},3\n" for k in range(9)),
    "short names, other marks": "unit;XI;yu;nieważne\n"
    + "".join(f"u{k};{50 + k};{40};3\n" for k in range(9)),
    "labels and numbers": "unit,who,value\n"
    + "".join(f"U{k},Ada Xi,{50 + k}\nU{k},Ben Yu,{40}\nU{k},Invalid,3\n" for k in range(9)),
    "a total": "unit,Ada Xi,Ben Yu,invalid\n"
    + "".join(f"U{k},{50 + k},{40},3\n" for k in range(9))
    + "TOTAL,486,360,27\n",
    "candidates": "Candidate,Votes\nAda Xi,486\nBen Yu,360\nInvalid votes,27\n",
    "a column to explain": "unit,Ada Xi,Ben Yu,protested\n"
    + "".join(f"U{k},{50 + k},{40},30\n" for k in range(9)),
}


@pytest.fixture(scope="module")
def own_frozen():
    rows = "".join(f"U{k},200,{40 + k},38,20\n" for k in range(9))
    contest = library.Contest.from_frame(
        Columns.from_text("unit,registered,Ada Xi,Ben Yu,Cyd Zo\n" + rows, "c.csv"),
        name="own",
    )
    return frozen_text(freeze(forecast_runoff(contest, draws=400), made="2018-11-01"))


@pytest.mark.parametrize("kind", SCORED)
def test_returns_in_any_layout_are_scored(run, tmp_path, own_frozen, kind):
    (tmp_path / "f.json").write_text(own_frozen, "utf-8")
    (tmp_path / "r.csv").write_text(SCORED[kind], "utf-8")
    more = ("--columns", "protested=invalid") if kind == "a column to explain" else ()
    code, out, error = run("score", "f.json", "--returns", "r.csv", *more, "--json", "s.json")
    assert (code, error) == (0, "")
    scores = json.loads((tmp_path / "s.json").read_text("utf-8"))
    assert scores["share"]["Ada Xi"] == pytest.approx(486 / 846)
    assert "is the count complete" not in out
    assert ("one total" in out) == (kind == "candidates")


def test_a_count_in_part_is_said_and_columns_need_a_file(run, tmp_path, own_frozen):
    (tmp_path / "f.json").write_text(own_frozen, "utf-8")
    text = "unit,counted,Ada Xi,Ben Yu\nU0,1,50,40\nU1,0.5,26,20\nU2,0,0,0\n"
    (tmp_path / "r.csv").write_text(text, "utf-8")
    assert "counted in 1 of 9 units" in run("score", "f.json", "--returns", "r.csv")[1]
    code, _, error = run("score", "f.json", "--columns", "x=invalid")
    assert (code, "give one with --returns" in error) == (2, True)
