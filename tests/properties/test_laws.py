"""Laws that hold for every contest and every prior."""

import csv
from dataclasses import replace

import numpy as np
import small
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from forecast import Contest, TransferPrior, read_contest
from forecast.errors import InputError
from forecast.facts.ledger import Ledger
from forecast.facts.words.column_words import role_of
from forecast.outcome.bounds import FlowBounds
from forecast.randomness import stream
from forecast.simulation.engine import simulate
from forecast.simulation.exact import exact_win_probability
from forecast.transfers.elicited.rows import DirichletRow, ElicitedRow

NAMES = ("ada", "ben", "cid", "dot")
QUICK = settings(max_examples=15)

counts = st.integers(0, 5000)
seeds = st.integers(0, 2**32)
beliefs = st.builds(small.belief, st.floats(-2.5, 2.5), st.floats(0.1, 1.5))


@st.composite
def contests(draw, finalists=2):
    """Return a contest of one to three units; half of them without non-voters."""
    n, size = draw(st.integers(1, 3)), draw(st.integers(finalists, 4))
    votes = np.array(draw(st.lists(counts, min_size=n * size, max_size=n * size)))
    votes = votes.reshape(n, size) + 1
    invalid = np.array(draw(st.lists(counts, min_size=n, max_size=n)))
    stayed = np.array(draw(st.lists(counts, min_size=n, max_size=n)))
    whole = draw(st.booleans())
    return Contest(
        name="any",
        candidates=NAMES[:size],
        finalists=NAMES[:finalists],
        units=tuple(f"u{i}" for i in range(n)),
        votes=votes,
        invalid=invalid,
        registered=votes.sum(axis=1) + invalid + stayed if whole else None,
        electorate="registered" if whole else "voters",
    )


@st.composite
def priors(draw, factors=True):
    """Return a prior about Ada and Ben with elicited and Dirichlet rows."""
    rows = []
    for origin in ("ada", "ben", "*", "invalid", "non-voters"):
        if draw(st.booleans()):
            row = small.row(origin, draw(beliefs), draw(beliefs))
        else:
            parts = np.array(draw(st.tuples(*[st.floats(0.05, 1)] * 3)))
            row = DirichletRow(
                origin=origin,
                mean=tuple(parts / parts.sum()),
                concentration=draw(st.floats(2, 200)),
                source="any",
            )
        rows.append(row)
    shares = dict.fromkeys(("mobilisation", "swing", "partisan"), 0.0)
    if factors:
        shares = {name: draw(st.just(0.0) | st.floats(1e-9, 0.5)) for name in shares}
    return TransferPrior(name="any", finalists=small.FINALISTS, rows=tuple(rows), **shares)


def swapped(thing):
    """Return a contest or prior with the finalists in the other order."""
    if isinstance(thing, Contest):
        return replace(thing, finalists=thing.finalists[::-1])
    rows = tuple(
        replace(row, finalists=row.finalists[::-1])
        if isinstance(row, ElicitedRow)
        else replace(row, mean=(row.mean[1], row.mean[0], row.mean[2]))
        for row in thing.rows
    )
    return replace(thing, finalists=thing.finalists[::-1], rows=rows)


@given(contests(), priors(), seeds)
def test_people_are_conserved_in_every_draw(contest, prior, seed):
    simulation = simulate(contest, prior, draws=100, seed=seed, workers=1)
    rates = simulation.rates(0)
    assert (rates >= 0).all()
    assert (rates.sum(axis=1) <= 1 + 1e-12).all()
    by_unit = np.concatenate(list(simulation.unit_votes()))
    people = simulation.ledger.counts.sum(axis=1)
    assert (by_unit >= 0).all()
    assert (by_unit.sum(axis=2) <= people * (1 + 1e-12)).all()
    assert np.allclose(by_unit.sum(axis=1), simulation.votes())


@given(contests())
def test_the_ledger_has_everybody_once(contest):
    ledger = contest.ledger(by="unit")
    everybody = contest.votes.sum() + contest.invalid.sum()
    if contest.registered is not None:
        everybody = contest.registered.sum()
    assert ledger.people == everybody == contest.ledger().people
    assert (ledger.counts >= 0).all()


def exact(*arguments, **options):
    """Return the exact answer; cases that the oracle refuses are not tried."""
    try:
        return exact_win_probability(*arguments, **options)
    except InputError:
        reject()


@QUICK
@given(contests(), priors(factors=False))
def test_relabelling_the_finalists_relabels_the_exact_answer(contest, prior):
    straight = exact(contest.ledger(), prior, nodes=24)
    other = exact(swapped(contest).ledger(), swapped(prior), nodes=24)
    assert abs(straight + other - 1) < 1e-6


@QUICK
@given(contests(), priors(), seeds)
def test_relabelling_the_finalists_relabels_the_simulation(contest, prior, seed):
    """20,000 draws each: a difference of 4.5 errors of at most 0.0055 has chance 7e-6."""
    won = []
    for c, p in ((contest, prior), (swapped(contest), swapped(prior))):
        simulation = simulate(c, p, draws=20_000, seed=seed, workers=1)
        won.append((np.diff(simulation.votes(), axis=1) < 0).mean())
    assert abs(won[0] + won[1] - 1) < 4.5 * 0.0055


@given(contests(), priors(), seeds)
def test_new_names_change_no_byte(contest, prior, seed):
    new = {"ada": "zoe", "ben": "yan"}

    def rename(names):
        return tuple(new.get(n, n) for n in names)

    other = replace(
        contest, candidates=rename(contest.candidates), finalists=rename(contest.finalists)
    )
    rows = []
    for row in prior.rows:
        renamed = replace(row, origin=new.get(row.origin, row.origin))
        if isinstance(row, ElicitedRow):
            renamed = replace(renamed, finalist="zoe", finalists=("zoe", "yan"))
        rows.append(renamed)
    believed = replace(prior, finalists=("zoe", "yan"), rows=tuple(rows))
    one = simulate(contest, prior, draws=100, seed=seed, workers=1).votes()
    two = simulate(other, believed, draws=100, seed=seed, workers=1).votes()
    assert one.tobytes() == two.tobytes()


def raised(row, by):
    """Return the row with preference for Ada raised, everything else alike."""
    if isinstance(row, DirichletRow):
        a, b, c = row.mean
        return replace(row, mean=(a + b * by, b * (1 - by), c))
    location, sd = row.preference.normal
    return replace(row, preference=small.belief(location + 2 * by, sd))


@given(contests(), priors(), st.sampled_from(range(5)), st.floats(0.01, 0.8), seeds)
def test_raising_a_preference_never_lowers_a_draw(contest, prior, which, by, seed):
    """Draw by draw, since elicited rows use the same normals; Dirichlet rows are left alone."""
    row = prior.rows[which]
    if isinstance(row, DirichletRow):
        row = small.row(row.origin, small.belief(0.0, 0.5), small.belief(0.0, 0.5))
        prior = prior.replace_row(row)
    votes = [
        simulate(contest, p, draws=100, seed=seed, workers=1).votes()
        for p in (prior, prior.replace_row(raised(row, by)))
    ]
    assert (votes[1][:, 0] >= votes[0][:, 0] - 1e-6).all()
    assert (votes[1][:, 1] <= votes[0][:, 1] + 1e-6).all()


@QUICK
@given(priors(factors=False), st.sampled_from(range(5)), st.floats(0.05, 0.8))
def test_raising_a_preference_never_lowers_the_exact(prior, which, by):
    """The tolerance is the oracle's own with these nodes."""
    ledger = small.contest().ledger()
    before = exact(ledger, prior, nodes=32)
    after = exact(ledger, prior.replace_row(raised(prior.rows[which], by)), nodes=32)
    assert after >= before - 5e-3


@given(beliefs)
def test_elicited_means_are_quadrature_means(belief):
    location, sd = belief.normal
    found = quad(lambda z: expit(location + sd * z) * norm.pdf(z), -12, 12, limit=200)[0]
    assert abs(found - belief.mean) < 1e-6


@given(contests(), priors(), seeds)
def test_bounds_contain_every_simulated_table(contest, prior, seed):
    """Whole people move at random as a draw of the table says; the bounds see the margins only."""
    ledger, rng = contest.ledger(by="unit"), stream(seed, "test")
    rates = prior.sampler(ledger).draw(2, rng=rng)[..., 0]
    table = np.column_stack([rates, np.maximum(1 - rates.sum(axis=1), 0)])
    table /= table.sum(axis=1, keepdims=True)
    flows = np.array([[rng.multinomial(n, t) for n, t in zip(unit, table, strict=True)]
                      for unit in ledger.counts])  # fmt: skip
    bounds = FlowBounds(ledger=ledger, runoff=flows.sum(axis=1))
    for by_unit in (True, False):
        low, high = bounds.table(by_unit=by_unit)
        assert (low <= flows.sum(axis=0)).all()
        assert (flows.sum(axis=0) <= high).all()


@given(contests(), priors())
def test_dirichlet_rows_have_the_same_means(contest, prior):
    ledger = contest.ledger()
    assert np.allclose(prior.as_dirichlet().mean(ledger), prior.mean(ledger))


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
).map(str.strip)
keys = texts.filter(lambda t: any(map(str.isalpha, t)) and not role_of(t))


@given(contests(), st.lists(keys, min_size=7, max_size=7, unique=True), st.sampled_from(",;\t"))
def test_a_contest_survives_a_csv_file(tmp_path_factory, contest, names, delimiter):
    candidates = tuple(names[: len(contest.candidates)])
    units = tuple(names[4 : 4 + len(contest.units)])
    contest = replace(contest, candidates=candidates, finalists=candidates[:2], units=units)
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC)
        people = [] if contest.registered is None else ["registered"]
        writer.writerow(["unit", *candidates, "invalid", *people])
        for u, unit in enumerate(units):
            listed = [] if contest.registered is None else [int(contest.registered[u])]
            writer.writerow([unit, *contest.votes[u].tolist(), int(contest.invalid[u]), *listed])
    read = read_contest(path, finalists=candidates[:2], electorate=contest.electorate)
    assert read.digest == contest.digest
    assert isinstance(read.ledger(), Ledger)
