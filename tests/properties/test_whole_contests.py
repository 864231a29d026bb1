"""Whole contests from end to end: whatever a first round is like, it is refused in words or
forecast with a page, figures as JSON that meet their schema, and a count that agrees with itself.

Random contests of every size and shape, and tables of them with one to three mutations that people
make: columns and rows moved, repeated or renamed, marks between thousands, totals, blanks, other
separators. 100 of each, or as many as FORECAST_HOSTILE_FILES / 10 says; ten times as many tables
are read.
"""

import json
import os
import re
from importlib.resources import files

import jsonschema
import numpy as np
import polars as pl
import pytest

from forecast import Contest, InputError, forecast_dict, forecast_runoff, nowcast, read_contest
from forecast.report.forecast_page import render_html
from forecast.report.nowcast_page import night_record

EACH = max(60, int(os.environ.get("FORECAST_HOSTILE_FILES", "1000")) // 10)
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("forecast.report").joinpath("schema.json").read_text("utf-8"))
)
NAMES = (
    "Ada",
    "Ben",
    "Łukasz",
    "Đorđe",
    "O'Neil",
    "A, B",
    "ada",
    "Blanca",
    "შავი",
    "N'Golo",
    "=1+1",
)


def random_contest(rng):
    """Return a contest of a random size and shape; some have empty units, columns or lists."""
    units, candidates = int(rng.choice([1, 2, 3, 12])), int(rng.integers(2, 8))
    scale = float(rng.choice([1, 30, 3000]))
    votes = rng.poisson(scale * rng.dirichlet(np.ones(candidates), units) * rng.uniform(0.2, 2))
    votes[0, :2] += 3
    votes[:, int(rng.integers(candidates))] *= int(rng.random() < 0.8)
    invalid = rng.poisson(scale / 20, units)
    ballots = votes.sum(axis=1) + invalid
    registered = ballots + rng.poisson(scale * rng.choice([0, 0.1, 2]), units)
    names = [str(n) for n in rng.permutation(NAMES)[:candidates]]
    order = np.argsort(-votes.sum(axis=0))
    k = int(rng.choice([2, 2, 2, 3])) if candidates > 3 else 2
    listed = rng.random() < 0.8
    return Contest(
        name="random",
        candidates=tuple(names),
        finalists=tuple(names[i] for i in order[:k]),
        units=tuple(f"u{u}" for u in range(units)),
        regions=tuple(f"r{u % 3}" for u in range(units)) if rng.random() < 0.5 else None,
        votes=votes,
        invalid=invalid,
        registered=registered if listed else None,
        electorate="registered" if listed else "voters",
    )


def checked(contest, rng):
    """Forecast and count a contest, and check everything that is said of it."""
    found = forecast_runoff(contest, draws=64, workers=1, seed=int(rng.integers(100)))
    data = json.loads(json.dumps(forecast_dict(found), allow_nan=False))
    assert not list(SCHEMA.iter_errors(data))
    values = [found.win_probability(f).value for f in contest.finalists]
    assert all(0 < value < 1 for value in values)
    assert sum(values) == pytest.approx(1, abs=0.05)
    if contest.electorate == "registered":
        assert found.turnout(0.99).interval.high <= 1
    some = int(rng.integers(1, len(contest.units) + 1))
    rows = {"unit": list(contest.units[:some])}
    for f in contest.finalists:
        votes = contest.votes[:some, contest.candidates.index(f)]
        rows[f] = np.maximum(votes - 1, 0).tolist()  # another round than the first
    night = nowcast(contest, pl.DataFrame(rows), draws=50)
    json.dumps(night_record(night), allow_nan=False)
    for f in contest.finalists:
        assert night.votes(f, 0.99).interval.low >= sum(rows[f]) - 1e-6
    return data


@pytest.mark.slow
def test_random_contests():
    rng, done = np.random.default_rng(11), 0
    for k in range(EACH):
        try:
            data = checked(random_contest(rng), rng)
        except InputError:
            continue
        done += 1
        if k % 25 == 0:
            contest = random_contest(rng)
            try:
                page = render_html(forecast_runoff(contest, draws=64, workers=1))
            except InputError:
                continue
            assert "nan" not in re.findall(r"[a-z]+", re.sub(r"(?s)<script.*?</script>", "", page))
    assert done > 0.7 * EACH
    assert data


def table_of(contest):
    """Return a contest as the rows of a table, names first."""
    head = ["unit", "registered", "invalid", *contest.candidates]
    listed = contest.registered if contest.registered is not None else contest.votes.sum(axis=1) * 2
    parts = zip(contest.units, listed, contest.invalid, contest.votes.tolist(), strict=True)
    return [head, *([u, str(n), str(i), *map(str, v)] for u, n, i, v in parts)]


def mutated(rows, rng):  # noqa: PLR0912 - one branch per mutation
    """Return a table with one to three of the things that people do to tables."""
    rows = [list(row) for row in rows]
    for _ in range(int(rng.integers(1, 4))):
        kind, u = int(rng.integers(12)), int(rng.integers(1, len(rows)))
        c = int(rng.integers(len(rows[0])))
        if kind == 0:
            order = rng.permutation(len(rows[0]))
            rows = [[row[i] for i in order] for row in rows]
        elif kind == 1:
            rows.append(list(rows[u]))
        elif kind == 2:
            rows = [[*row, row[c]] for row in rows]
        elif kind == 3:
            total = [
                str(sum(int(r[i]) for r in rows[1:] if r[i].isdigit()))
                for i in range(1, min(4, len(rows[0])))
            ]
            rows.append(["Total", *total, *rows[u][4:]])
        elif kind == 4:
            rows[u][c] = str(rng.choice(["", "NA", "-", "x", "1e9", "-5", "3.5", "1 234", "12,5"]))
        elif kind == 5:
            rows[0][c] = str(
                rng.choice(["", "code", "null", "Blank", "%", "unit", "votes", "2018"])
            )
        elif kind == 6:
            del rows[u]
            if len(rows) == 1:
                break
        elif kind == 7:
            rows = [[f"{int(x):,}" if x.isdigit() else x for x in row] for row in rows]
        elif kind == 8:
            rows = [[*row, str(k)] for k, row in enumerate(rows)]
        elif kind == 9:
            rows = [row[:c] + row[c + 1 :] for row in rows]
        elif kind == 10:
            rows = [[str(x) for x in column] for column in zip(*rows, strict=True)]
        else:
            rows.insert(0, ["Results of the first round"] + [""] * (len(rows[0]) - 1))
        if len(rows) < 2 or not rows[0]:
            break
    return rows


@pytest.mark.slow
def test_mutated_tables(tmp_path):
    """What is read must never have more votes than the table had, however it was mangled.

    One in ten of those read is forecast, too.
    """
    rng, read, path = np.random.default_rng(12), 0, tmp_path / "c.csv"
    for _ in range(10 * EACH):
        rows = mutated(table_of(random_contest(rng)), rng)
        try:
            found = as_file(rows, path, rng)
            if read % 10 == 0:
                checked(found, rng)
        except InputError as error:
            assert str(error)  # noqa: PT017 - refusing in words is one of the two right answers
            continue
        digits = (re.sub(r"[ ,.]", "", cell) for row in rows for cell in row)
        numbers = sum(int(float(x)) for x in digits if re.fullmatch(r"\d+(e\d)?", x))
        assert found.votes.sum() <= numbers
        read += 1
    assert 0.2 * 10 * EACH < read < 10 * EACH


def as_file(rows, path, rng):
    """Write rows with some separator and return the contest that is read."""
    mark = str(rng.choice([",", ";", "\t"]))
    quoted = [[f'"{x}"' if set(x) & {",", ";", "\t", '"'} else x for x in row] for row in rows]
    path.write_text("\n".join(mark.join(row) for row in quoted) + "\n", "utf-8")
    return read_contest(path, advancement="top two")


def with_more(rows, rng):  # noqa: PLR0912 - one branch per addition
    """Return a table with one to three things that say nothing of the count."""
    rows, people = [list(row) for row in rows], rows[0][3:]
    n = len(rows) - 1

    def column(name, cells):
        for row, cell in zip(rows, [name, *cells], strict=True):
            row.append(str(cell))

    for kind in rng.permutation(10)[: int(rng.integers(1, 4))].tolist():
        some = [int(x) for x in rng.permutation(len(people))[:2]]
        if kind == 0:
            for i in some:
                column(f"{people[i]} change", rng.integers(-50, 50, n))
        elif kind == 1:
            for i in some:
                column(f"{people[i]} 2013", rng.integers(0, 900, n))
        elif kind == 2:
            column("x", rng.integers(400_000, 700_000, n))
            column("y", rng.integers(4_000_000, 5_000_000, n))
        elif kind == 3:
            column("Stations reported", rng.integers(1, 9, n))
        elif kind == 4:
            column("winner", rng.permutation([*people, *people])[: min(n, 2 * len(people))].tolist()
                   + [people[0]] * max(0, n - 2 * len(people)))  # fmt: skip
        elif kind == 5:
            for i in some:
                column(f"{people[i]} %", [f"{x:.1f}" for x in rng.uniform(0, 100, n)])
        elif kind == 6:
            column("Turnout", [f"{x:.2f}" for x in rng.uniform(20, 80, n)])
        elif kind == 7:
            column("station code", [f"0{x}" for x in rng.permutation(9 * n)[:n]])
        elif kind == 8:
            column("Total", [sum(int(x) for x in row[3 : 3 + len(people)]) for row in rows[1:]])
        else:
            column("remarks", ["late"] * n)
    if rng.random() < 0.3:
        rows.insert(1, [str(k + 1) for k in range(len(rows[0]))])
    if rng.random() < 0.3:
        rows.append([str(rng.choice(["* late units", "Source: the commission"]))])
    return rows


@pytest.mark.slow
def test_what_says_nothing_of_the_count_changes_no_vote(tmp_path):
    """A few may be refused: a year's column can look like another election's."""
    rng, path, done = np.random.default_rng(13), tmp_path / "c.csv", 0
    for _ in range(2 * EACH):
        contest = random_contest(rng)
        while len(contest.units) < 2 or contest.votes.sum() < 200:
            contest = random_contest(rng)
        plain = table_of(contest)
        try:
            before = as_file(plain, path, rng)
        except InputError:
            continue
        rows = with_more(plain, rng)
        try:
            found = as_file(rows, path, rng)
        except InputError:
            continue
        done += 1
        assert found.candidates == before.candidates, (rows[0], found.notes)
        assert found.votes.tolist() == before.votes.tolist()
        assert found.invalid.tolist() == before.invalid.tolist()
    assert done > 1.2 * EACH
