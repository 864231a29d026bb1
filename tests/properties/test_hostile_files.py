"""Whatever bytes a file has, a reader returns a valid object or raises `InputError`.

Within 2 seconds of processor time and 500 MB of memory; 1,000 files for each reader, or as many as
the environment variable FORECAST_HOSTILE_FILES says.
"""

import json
import os

import hostile
import pytest
from hypothesis import HealthCheck, given, settings

EACH = int(os.environ.get("FORECAST_HOSTILE_FILES", "1000"))


@pytest.mark.parametrize("name", hostile.READERS)
def test_seeds_are_valid(name, tmp_path):
    reader = hostile.READERS[name]
    for seed in reader.seeds:
        path = tmp_path / f"seed{reader.ending}"
        path.write_text(seed, "utf-8")
        assert hostile.answer(name, path) == "valid"


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile.READERS)
def test_every_file_is_valid_or_refused(name, tmp_path_factory):
    path = tmp_path_factory.mktemp(name) / f"hostile{hostile.READERS[name].ending}"
    answers = []

    @settings(
        max_examples=EACH,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(content=hostile.files(name))
    def one_file(content):
        path.write_bytes(content)
        found = hostile.answer(name, path)
        answers.append(found)
        assert 0 < len(found) < 3000
        found.encode()

    one_file()
    assert len(answers) >= EACH
    assert 10 < answers.count("valid") < len(answers)  # neither everything nor nothing is refused


def test_the_watch_sees_a_reader_that_hangs():
    def hang():
        while True:
            pass

    with pytest.raises(hostile.TooSlow), hostile.limited(seconds=0.05):
        hang()


def test_the_watch_sees_a_reader_that_hoards():
    with pytest.raises(MemoryError), hostile.limited(megabytes=100):
        bytearray(200_000_000)


def branch(**changed):
    """Return the learned prior's seed with other facts of its mobilisation."""
    content = json.loads(hostile.READERS["learned"].seeds[0])
    return json.dumps(content | {"mobilisation": content["mobilisation"] | changed})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("contest", hostile.WIDE.replace("300,250", "1e308,1e308")),
        ("learned", branch(weights=None)),
        ("learned", branch(weights={"n": None})),
        ("learned", branch(contests=None)),
        ("learned", branch(centre=[1.0])),
        ("roles", "[roles]\na = " + "[" * 100_000),
        ("roles", "roles = " + "9" * 5000),
        ("roles", ".".join("a" * 50_000) + " = 1"),
        ("roles", "[roles]\na = 'x'\n[traits]\nx = nan"),
        ("past", hostile.PAST.replace("ada,40", "ada,4 000 000 000 000")),
        ("past", hostile.PAST.replace("ada,40", "ada,4_0")),
        ("history", "[" * 100_000),
        ("history", hostile.HISTORY.replace("0.4,", "NaN,", 1)),
        ("history", hostile.HISTORY.replace("0.6", '"x"')),
    ],
)
def test_what_once_got_through_is_refused(tmp_path, name, content):
    path = tmp_path / f"hostile{hostile.READERS[name].ending}"
    path.write_text(content, "utf-8")
    assert hostile.answer(name, path) != "valid"


def test_spaces_between_thousands_are_read(tmp_path):
    path = tmp_path / "past.csv"
    path.write_text(hostile.PAST.replace("registered,150", "registered,1 500"), "utf-8")
    (contest, _) = hostile.READERS["past"].read(path)[0]
    assert contest.registered.tolist() == [1500]
