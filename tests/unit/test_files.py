"""Files are written whole or not at all, whatever goes wrong and whoever else writes."""

import errno
import multiprocessing
import os
import resource
import subprocess
import sys

import numpy as np
import pytest

from forecast import InputError, learned_prior, load_contest, read_learned
from forecast.files import writing as files
from forecast.files.writing import write_whole
from forecast.transfers.roles.file import write_learned
from forecast.validation.store import Store

CONTENTS = [f"<html>{letter * 3_000_000}</html>" for letter in "abcd"]


def write_often(path, content, times):
    for _ in range(times):
        write_whole(path, content)


@pytest.mark.slow
def test_writers_at_the_same_place_leave_one_whole_file(tmp_path):
    """Readers see one of the four contents at every moment, never a part or a mixture."""
    path = tmp_path / "report.html"
    write_whole(path, CONTENTS[0])
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_often, args=(path, c, 15)) for c in CONTENTS]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(path.read_text("utf-8"))
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert seen <= set(CONTENTS)
    assert len(seen) > 1  # there was something to see
    assert path.read_text("utf-8") in CONTENTS
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.slow
def test_two_runs_of_the_command_leave_one_whole_report(tmp_path):
    command = [sys.executable, "-m", "forecast.cli", "run", "georgia-2018", "--draws", "2000"]
    command += ["--report", "r.md", "--json", "r.json", "--seed"]
    runs = [subprocess.Popen([*command, seed], cwd=tmp_path) for seed in ("1", "2")]
    assert [run.wait() for run in runs] == [0, 0]
    found = (tmp_path / "r.md").read_text("utf-8"), (tmp_path / "r.json").read_text("utf-8")
    alone = []
    for seed in ("1", "2"):
        subprocess.run([*command, seed], cwd=tmp_path, check=True, capture_output=True)
        alone.append([(tmp_path / name).read_text("utf-8") for name in ("r.md", "r.json")])
    assert found[0] in [report for report, _ in alone]
    assert found[1] in [figures for _, figures in alone]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.json", "r.md"]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The largest file allowed is smaller than the content, as on a disk that fills up."""
    path = tmp_path / "report.html"
    write_whole(path, "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(InputError, match=r"report\.html: must be a place.*make room"):
            write_whole(path, CONTENTS[0])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES])
def test_a_failure_at_any_step_leaves_the_old_file(tmp_path, monkeypatch, step, number):
    path = tmp_path / "report.html"
    write_whole(path, "old")

    def fail(*_):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, step, fail)
        with pytest.raises(InputError, match=os.strerror(number)):
            write_whole(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_an_interruption_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    write_whole(path, "old")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            write_whole(path, "new")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_takes_no_file(tmp_path):
    """The kernel's own folders refuse even the superuser; elsewhere permissions do."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    places = ["/proc/self"] if os.geteuid() == 0 else [folder]
    for place in places:
        with pytest.raises(InputError, match="must be a place where a file can be written"):
            write_whole(f"{place}/report.html", "text")
    below = tmp_path / "file"
    below.write_text("x")
    with pytest.raises(InputError, match="No such file or directory"):
        write_whole(below / "report.html", "text")


def test_text_without_an_encoding_leaves_the_old_file(tmp_path):
    path = tmp_path / "report.html"
    write_whole(path, "old")
    with pytest.raises(InputError, match="surrogates not allowed"):
        write_whole(path, "\ud800")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_a_learned_prior_is_written_whole(tmp_path, monkeypatch):
    prior = learned_prior(load_contest("georgia-2018")).prior
    path = tmp_path / "prior.json"
    path.write_text("old")

    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", fail)
        with pytest.raises(InputError, match=r"prior\.json: must be a place .* No space left"):
            write_learned(prior, path)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]
    write_learned(prior, path)
    assert read_learned(path).name == prior.name


def test_a_full_disk_leaves_no_part_of_a_fold(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", fail)
    store = Store(tmp_path)
    with pytest.raises(InputError, match="No space left"):
        store.write("fold", np.zeros(3))
    assert list(tmp_path.iterdir()) == []
    assert store.read("fold") is None


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", " =HYPERLINK(1)"])
def test_no_name_in_a_table_starts_a_formula(name):
    """Read back as a spreadsheet would, every name starts with an apostrophe; numbers do not."""
    import csv

    text = files.csv_text([{"unit": name, "votes": -3, "share": "-0.5"}])
    ((head, row)) = list(csv.reader(text.splitlines()))
    assert head == ["unit", "votes", "share"]
    assert row == [f"'{name}", "-3", "-0.5"]
