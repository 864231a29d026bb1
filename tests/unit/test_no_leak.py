"""No result of what a benchmark forecasts has a part in its forecast."""

from dataclasses import replace

import validation

import forecast
from forecast.randomness import stream

HELD_OUT, LEARNED = 5, 0


def test_a_result_turned_round_changes_others_forecasts_and_not_its_own(monkeypatch):
    """Twelve runoffs of the world; the negative control turns one that is learned from."""
    data = forecast.past_runoffs("world")

    def drawn(turned=None):
        pairs = list(data.pairs[:12])
        if turned is not None:
            contest, returns = pairs[turned]
            pairs[turned] = contest, replace(returns, votes=returns.votes[:, ::-1].copy())
        shown = replace(data, pairs=tuple(pairs))
        monkeypatch.setattr(forecast, "past_runoffs", lambda _: shown)
        case = validation.world()
        past = [pair for i, pair in enumerate(case.history) if i != HELD_OUT]
        contest = case.history[HELD_OUT][0]
        return case.model(past)(contest, draws=10, rng=stream(0, "test")).share.tobytes()

    plain = drawn()
    assert drawn(HELD_OUT) == plain
    assert drawn(LEARNED) != plain
