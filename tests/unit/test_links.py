"""Links: rates sum to one, go there and back, and slopes are derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import small

from forecast.transfers.table.links import Contrasts, Utilities, Voting
from forecast.transfers.table.normal import normal_form


@pytest.mark.parametrize("link", [Voting(3), Voting(4), Utilities(3), Utilities(4), Contrasts(4)])
def test_there_back_and_slopes(link, rng):
    theta = rng.normal(0, 1.5, (7, link.destinations - 1))
    rates = link.rates(theta)
    assert rates.sum(axis=-1) == pytest.approx(1)
    assert link.coordinates(rates) == pytest.approx(theta)
    slopes, step = link.slopes(rates), 1e-6
    for j in range(theta.shape[1]):
        ahead = link.rates(theta + step * np.eye(theta.shape[1])[j])
        assert slopes[..., j] == pytest.approx((ahead - rates) / step, abs=1e-5)
    by_rate = rng.normal(size=rates.shape)
    pulled = (slopes * by_rate[..., None]).sum(axis=-2)
    assert link.pulled_back(rates, by_rate) == pytest.approx(pulled)
    draws = np.ascontiguousarray(theta[:, :, None])
    assert link.in_place(draws)[..., 0] == pytest.approx(rates[:, :-1])


@pytest.mark.parametrize("make", [small.elicited_prior, small.dirichlet_prior])
@pytest.mark.parametrize("link", [Voting(3), Utilities(3)])
def test_the_normal_form_keeps_mean_and_spread(make, link, rng):
    prior, ledger = make(), small.contest().ledger()
    found = normal_form(prior, ledger, link, rng=rng)
    tables = found.draw(20_000, rng=rng)
    straight = prior.sampler(ledger).draw(20_000, rng=rng).transpose(2, 0, 1)
    assert tables[..., :2].mean(axis=0) == pytest.approx(straight.mean(axis=0), abs=0.02)
    assert tables[..., :2].std(axis=0) == pytest.approx(straight.std(axis=0), abs=0.03)
