"""A real Dask cluster of two workers gives the bytes of a serial backtest."""

import warnings

import past
import pytest

from forecast.validation.backtest import backtest
from forecast.validation.baselines import margin_and_turnout


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes(tmp_path):
    history = past.runoffs(6, 10)
    serial = backtest(history, margin_and_turnout, draws=200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # distributed's own, about its sockets and event loops
        from distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            found = backtest(
                history,
                margin_and_turnout,
                draws=200,
                executor=client.get_executor(),
                cache=tmp_path,
            )
            workers = len(client.scheduler_info()["workers"])
    assert workers == 2
    assert found.share.tobytes() == serial.share.tobytes()
    assert found.turnout.tobytes() == serial.turnout.tobytes()
    assert len(list(tmp_path.glob("*.npz"))) == 6
