"""Bombs, tricks with paths, and tables too large: refused in seconds, with little memory."""

import bz2
import gzip
import os
import zipfile

import hostile
import pytest

from forecast import InputError, read_contest, read_partial_returns
from forecast.cli.lookout import Lookout
from forecast.facts import partial_returns
from forecast.files.columns import MAX_CELLS, MAX_COLUMNS
from forecast.files.reading import MAX_BYTES, read_json, read_text, read_toml
from forecast.files.writing import check_place, write_whole
from forecast.report.nowcast_page import read_history

TABLE = b"unit,registered,ada,ben\n" + b"n,900,300,250\n" * 200_000


@pytest.mark.parametrize("name", hostile.READERS)
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress], ids=["gzip", "bzip2"])
def test_a_compressed_file_is_refused_unopened(tmp_path, name, pack):
    path = tmp_path / "bomb.csv"
    path.write_bytes(pack(TABLE))
    assert "compressed file; unpack it first" in hostile.answer(name, path, seconds=0.5)


@pytest.mark.parametrize("name", hostile.READERS)
def test_an_archive_is_refused_unopened(tmp_path, name):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first.csv", TABLE)
    assert "compressed file; unpack it first" in hostile.answer(name, path, seconds=0.5)


@pytest.mark.parametrize("name", hostile.READERS)
def test_what_is_no_regular_file_is_refused(tmp_path, name):
    loop, pipe = tmp_path / "loop.csv", tmp_path / "pipe.csv"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    to_zero = tmp_path / "zero.csv"
    to_zero.symlink_to("/dev/zero")
    below_a_file = tmp_path / "file.csv"
    below_a_file.write_text("x")
    paths = [loop, pipe, to_zero]
    if name not in ("history", "folder"):  # without a file there is none yet, or no folder
        paths += [
            below_a_file / "x.csv", tmp_path / "no\0name.csv", tmp_path / ("x" * 5000),
            tmp_path / "absent.csv", tmp_path / "\udcff.csv",
        ]  # fmt: skip
    if name != "reporting":  # may come as a directory of files
        paths.append(tmp_path)
    for path in paths:
        assert "must be a readable file" in hostile.answer(name, path, seconds=0.5)


@pytest.mark.parametrize("name", hostile.READERS)
def test_a_file_beyond_the_limit_is_not_read_to_its_end(tmp_path, name):
    path = tmp_path / "hole.csv"
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole of a terabyte
    assert "MB - found more" in hostile.answer(name, path)


def test_the_limit_itself_is_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"x" * 100)
    assert len(read_text(path, limit=100)) == 100
    with pytest.raises(InputError, match="found more"):
        read_text(path, limit=99)


@pytest.mark.parametrize("name", ["contest", "returns"])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"unit," + b"x," * 1_000_000 + b"\n", f"at most {MAX_COLUMNS:,} columns"),
        (b"unit" + b",ada" * (MAX_COLUMNS - 1) + b"\n", "'ada' twice"),
        (b"\n" * (MAX_BYTES // 2) + b"x", f"at most {MAX_CELLS:,} cells"),
        (b"unit,ada,ben\nn," + b"9" * 100_000 + b",2\n" + b"m,1,2\n" * 20_000, "must"),
        (b'unit,ada,ben\n"n,1,2\n' + b"m,1,2\n" * 100_000, "CSV"),
        (b"unit," + b"n" * 50_000 + b"\nx,1\n", "at most 200 characters"),
        (b"unit,a" + "é,".encode() * 2000, "unique"),
    ],
    ids=["wide", "same", "blank", "long cell", "quote", "long name", "accents"],
)
def test_hostile_tables(tmp_path, name, content, complaint):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert complaint in hostile.answer(name, path)


@pytest.mark.slow
def test_the_largest_table_allowed_needs_little_memory(tmp_path):
    """It may take longer than 2 s: it is large, not hostile; each character takes four bytes."""
    rows = MAX_CELLS // 4 - 2
    lines = [f"u{i:06d},{1000 + i},{2000 + i},{1100 + i}" for i in range(rows)]
    path = tmp_path / "large.csv"
    path.write_text("unit,ada,ben,cid🗳\n" + "\n".join(lines) + "\n", "utf-8")
    assert hostile.answer("contest", path, seconds=60) == "valid"


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 100_000,
        ".".join("a" * 50_000) + " = 1",
        ".".join(["'a'"] * 50_000) + " = 1",
        " . ".join(["a"] * 50_000) + " = 1",
        "[" + ".".join("a" * 50_000) + "]",
        "a = " + "9" * 100_000,
        "a = 0x" + "f" * 100_000,
        "a = " + "[" * 30 + "]" * 30,
        "a = 1\na = 2",
        'a = "\\u0007"',
        'a = "\u202e"',
        "x" * 500_000,
        '"' * 100_001,
    ],
    ids=str.__len__,
)
def test_hostile_toml(tmp_path, text):
    path = tmp_path / "prior.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"prior\.toml"), hostile.limited():
        read_toml(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '{"a":' * 500_000,
        "[" * 30 + "]" * 30,
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": ' + "9" * 100_000 + "}",
        '{"a": 9007199254740993}',
        '{"a": "\\ud800"}',
        '{"a": "\\u001b[2J"}',
        "[" + "[]," * 1_300_000 + "[],",
    ],
    ids=str.__len__,
)
def test_hostile_json(tmp_path, text):
    path = tmp_path / "prior.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"prior\.json"), hostile.limited():
        read_json(path)


def test_messages_are_safe_to_print(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("unit,registered,ada,ben\nn,9,\x1b[2J,\u202e7\ns,9,3,4\n", "utf-8")
    with pytest.raises(InputError, match="'ada'") as caught:
        read_contest(path)
    assert "\x1b" not in str(caught.value)
    assert str(InputError("\ud800\u202e\x07")) == "\\ud800\\u202e\\x07"
    assert len(str(InputError("x" * 10_000))) < 2100


def test_names_that_steer_a_terminal_are_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("unit,registered,ada,b\u202een\nn,900,300,250\n", "utf-8")
    with pytest.raises(InputError, match=r"U\+202E"):
        read_contest(path)


@pytest.mark.parametrize(
    "name",
    ["../../nowhere/x.html", "no\0name.html", "x" * 5000 + ".html"],
    ids=["absent", "NUL", "long"],
)
def test_a_report_goes_nowhere_strange(tmp_path, name):
    with pytest.raises(InputError):
        write_whole(check_place(tmp_path / name, (".html",)), "text")
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_or_device_is_not_replaced_by_a_report(tmp_path):
    pipe = tmp_path / "pipe.html"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="must be a file"):
        check_place(pipe)
    with pytest.raises(InputError, match="must be a file"):
        write_whole(pipe, "text")
    with pytest.raises(InputError, match="must be a file"):
        check_place("/dev/null")
    assert [p.name for p in tmp_path.iterdir()] == ["pipe.html"]


@pytest.mark.parametrize(
    "path", [".", "pipe", "/dev/zero", "hole"], ids=["folder", "pipe", "device", "hole"]
)
def test_the_watch_of_returns_survives_what_is_no_file(tmp_path, monkeypatch, capsys, path):
    """A folder of returns in which somebody put something else ending in .csv."""
    monkeypatch.chdir(tmp_path)
    night = tmp_path / "night"
    night.mkdir()
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(2**40)
    (night / "1.csv").symlink_to(tmp_path / path)
    with hostile.limited():
        assert Lookout(night, hostile.CONTEST).look() is None
    assert "1.csv" in capsys.readouterr().err


def large_folder(folder, files, *, rows):
    """Write files of returns, each alternating with the next in what it says."""
    for k, votes in enumerate((1, 2)):
        text = "".join(f"u{i},{votes},{3 - votes},1,\n" for i in range(rows))
        (folder / f"{k}").write_text(f"unit,ada,ben,counted,attached_to\n{text}", "utf-8")
    for k in range(files):
        (folder / f"{k:03d}.csv").symlink_to(folder / str(k % 2))


def test_a_folder_of_many_large_files_is_not_read_to_its_end(tmp_path, monkeypatch):
    """Each is within the limit, all together are not; a quarter of all limits saves time."""
    large_folder(tmp_path, 100, rows=25_000)
    monkeypatch.setattr(partial_returns, "MAX_CELLS", MAX_CELLS // 4)
    limits = hostile.limited(seconds=15, megabytes=hostile.MEGABYTES // 4)
    with pytest.raises(InputError, match="1,000,000 cells that change"), limits:
        read_partial_returns(tmp_path, hostile.CONTEST)


def test_a_folder_of_files_that_repeat_themselves_is_read(tmp_path, monkeypatch):
    """A night of a file a minute: 50 files, 1,125,000 cells, of which few change."""
    monkeypatch.setattr(partial_returns, "MAX_CELLS", MAX_CELLS // 4)
    units = hostile.CONTEST.units
    text = "".join(f"{u},10,7\n" for u in units) * 1500
    (tmp_path / "report").write_text(f"unit,ada,ben\n{text}", "utf-8")
    for k in range(50):
        (tmp_path / f"{k:03d}.csv").symlink_to(tmp_path / "report")
    with hostile.limited(seconds=30):
        found = read_partial_returns(tmp_path, hostile.CONTEST)
    assert found.totals == {"ada": 30, "ben": 21}
    assert found.corrected == ()


def test_a_history_of_another_contest_is_refused(tmp_path):
    path = tmp_path / "h.jsonl"
    path.write_text(hostile.HISTORY, "utf-8")
    assert len(read_history(path, hostile.CONTEST.finalists)) == 1
    with pytest.raises(InputError, match=r"h\.jsonl line 1: must be a history .* this contest"):
        read_history(path, ["zurabishvili", "vashadze"])
