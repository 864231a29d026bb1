"""Results in files: whole, versioned, of this package alone, and the same on every write."""

import json
import zipfile

import pytest
import small
from results import all_results

from forecast import Forecast, InputError, Nowcast, TransferPrior, forecast_runoff
from forecast.files.saved import Saved, load_record, save_record


@pytest.fixture
def path(tmp_path):
    return small.elicited_prior().save(tmp_path / "prior.forecast")


def rewritten(path, change):
    """Write the file again with its JSON changed."""
    with zipfile.ZipFile(path) as archive:
        content = json.loads(archive.read("content.json"))
    change(content)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.json", json.dumps(content))
    return path


def test_equal_results_give_equal_files(path, tmp_path):
    again = small.elicited_prior().save(tmp_path / "again.forecast")
    assert path.read_bytes() == again.read_bytes()
    assert TransferPrior.load(path) == small.elicited_prior()


def test_what_is_kept_cannot_be_changed_after_loading(tmp_path):
    found = forecast_runoff(small.contest(), small.elicited_prior(), draws=200)
    loaded = Forecast.load(found.save(tmp_path / "found.forecast"))
    with pytest.raises(ValueError, match="read-only"):
        loaded.draw_votes[0] = 0


SAVED = [
    "Backtest", "Contributions", "ElectionForecast", "EvidenceLadder", "FamilyTransfers",
    "FlowBounds", "Forecast", "LearnedTransfers", "Nowcast", "PollStress", "PolledTransfers",
    "Sensitivity", "SimultaneousForecast", "Timeline", "TransferPosterior", "TransferPrior",
    "TransferTable", "UnitForecasts", "UnitResiduals", "WhatIf",
]  # fmt: skip


@pytest.mark.parametrize("name", SAVED)
def test_every_result_comes_back_as_it_was(name, tmp_path):
    """Bytes tell: whatever is lost or changed on the way gives another file."""
    found = all_results()[name]
    first = found.save(tmp_path / "first.forecast")
    again = type(found).load(first)
    assert type(again) is type(found)
    assert (repr(again), str(again)) == (repr(found), str(found))
    assert again._repr_html_() == found._repr_html_()
    assert again.save(tmp_path / "again.forecast").read_bytes() == first.read_bytes()


def test_no_result_is_forgotten():
    kept = {name for name, thing in all_results().items() if isinstance(thing, Saved)}
    assert kept == set(SAVED)


def test_another_kind_is_refused(path):
    with pytest.raises(InputError, match="must hold a Nowcast - found a TransferPrior"):
        Nowcast.load(path)


def test_another_ending_and_what_is_no_data_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"must end in .forecast"):
        small.elicited_prior().save(tmp_path / "prior.pkl")
    with pytest.raises(InputError, match="every part must be data - found a object"):
        save_record(object(), tmp_path / "x.forecast")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="runoff-forecast saved 9"), "the version that saved it"),
        (lambda c: c["records"][0].update(kind="os:system"), "records of this package"),
        (lambda c: c["records"][0].update(kind="forecast.errors:InputError"), "of this package"),
        (lambda c: c["records"][0].update(kind="forecast.files.saved:io"), "of this package"),
        (lambda c: c["records"][0]["fields"].clear(), "a whole file that save"),
        (lambda c: c.pop("records"), "a whole file that save"),
        (lambda c: c.update(root={"record": 99}), "a whole file that save"),
    ],
)
def test_a_changed_file_is_refused(path, change, message):
    with pytest.raises(InputError, match=message):
        TransferPrior.load(rewritten(path, change))


@pytest.mark.parametrize("keep", [0, 10, 200, -1])
def test_a_damaged_file_is_refused(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="must be a whole file that save"):
        load_record(path, TransferPrior)
