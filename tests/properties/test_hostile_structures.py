"""Files that are well formed but say the impossible: refused in words, or used without a NaN.

Values inside frozen forecasts, learned priors and prior files are replaced, removed, moved or
scaled, and whoever forges a frozen forecast seals it anew. 100 of each kind, or a tenth of
FORECAST_HOSTILE_FILES.
"""

import copy
import json
import os
import re

import hostile
import numpy as np
import pytest
import small

from forecast import InputError, Returns, elicited_prior, forecast_dict, forecast_runoff, read_prior
from forecast.report.scorecard import render_scorecard
from forecast.transfers.elicited.file import prior_toml
from forecast.transfers.roles.file import read_learned
from forecast.validation.frozen import freeze, read_frozen, score_frozen
from forecast.validation.provenance import digest_of
from forecast.validation.scorecard import entry

EACH = max(100, int(os.environ.get("FORECAST_HOSTILE_FILES", "1000")) // 10)
VALUES = (
    None, True, -1, 0, 1, 2, 1e-300, 5e-324, 1e308, 0.5, 1.8, 10**18, -(10**18), "", "x", "0.5",
    "2018-11-28", [], [0.5], {}, {"x": 1}, [None], "=1+1", "\u0141", "a" * 300,
)  # fmt: skip


NUMBERS = (
    "-1", "0", "0.0", "1", "2", "1e-300", "5e-324", "1e308", "nan", "inf", "'x'", "true", "0.5",
    "0.6", "0.85", "0.2", "[0.5]", "0.999999999999",
)  # fmt: skip


def places(content, path=()):
    """Yield the way to every value of plain data."""
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def mutated(content, rng):
    """Return plain data with one to three values replaced, removed, repeated or scaled."""
    content = copy.deepcopy(content)
    for _ in range(int(rng.integers(1, 4))):
        everywhere = list(places(content))
        top = [p for p in everywhere if len(p) <= 2]
        some = top if rng.random() < 0.6 else everywhere
        *way, last = some[int(rng.integers(len(some)))]
        inside = content
        for key in way:
            inside = inside[key]
        kind, old = rng.random(), inside[last]
        if kind < 0.1:
            del inside[last]
        elif kind < 0.2 and isinstance(inside, list):
            inside.append(old)
        elif kind < 0.5 and type(old) in (int, float):
            inside[last] = old * float(rng.choice([-1, 0, 0.5, 2, 1e6, 1e-12]))
        else:
            inside[last] = VALUES[int(rng.integers(len(VALUES)))]
        if not content:
            break
    return content


def outcomes(try_one, seed):
    """Return how many mutations were used and how many refused."""
    rng, used = np.random.default_rng(seed), 0
    for _ in range(EACH):
        try:
            try_one(rng)
            used += 1
        except InputError:
            continue
    return used, EACH - used


CONTEST = small.contest()
RETURNS = Returns(units=CONTEST.units, finalists=CONTEST.finalists, votes=CONTEST.votes[:, :2])


@pytest.mark.slow
def test_frozen_forecasts():
    whole = freeze(forecast_runoff(CONTEST, draws=400), made="2018-01-01")
    content = {key: value for key, value in whole.items() if key != "sha256"}

    def try_one(rng):
        found = mutated(content, rng)
        text = json.dumps(found | {"sha256": digest_of(found)})
        page = render_scorecard([entry("f.json", lambda: text, lambda _: RETURNS)])
        assert "nan" not in page.casefold().replace("provenance", "")
        scores = score_frozen(read_frozen(text), RETURNS)
        json.dumps(scores, allow_nan=False)

    used, refused = outcomes(try_one, 1)
    assert used > 0  # digests and notes may say what they like
    assert refused > 0.4 * EACH


@pytest.mark.slow
def test_learned_priors(tmp_path):
    content, path = json.loads(hostile.learned_seed()), tmp_path / "p.json"

    def try_one(rng):
        path.write_text(json.dumps(mutated(content, rng)), "utf-8")
        found = forecast_runoff("georgia-2018", read_learned(path), draws=64, workers=1)
        json.dumps(forecast_dict(found), allow_nan=False)

    used, refused = outcomes(try_one, 2)
    assert used > 0
    assert refused > 0.3 * EACH


@pytest.mark.slow
def test_prior_files(tmp_path):
    """Numbers of a file that people edit; TOML is written by hand, as they would."""
    text, path = prior_toml(elicited_prior(CONTEST)), tmp_path / "p.toml"
    numbers = [found.span() for found in re.finditer(r"\b0\.\d+", text)]

    def try_one(rng):
        changed = text
        for start, end in sorted(rng.choice(numbers, size=int(rng.integers(1, 4))).tolist())[::-1]:
            value = NUMBERS[int(rng.integers(len(NUMBERS)))]
            changed = f"{changed[:start]}{value}{changed[end:]}"
        path.write_text(changed, "utf-8")
        found = forecast_runoff(CONTEST, read_prior(path), draws=64, workers=1)
        json.dumps(forecast_dict(found), allow_nan=False)

    used, refused = outcomes(try_one, 3)
    assert used > 0
    assert refused > 0.3 * EACH
