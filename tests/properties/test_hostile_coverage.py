"""The same law under a fuzzer that is led by the branches it reaches (atheris, if installed)."""

import os
import subprocess
import sys
from pathlib import Path

import hostile
import pytest

RUNS = int(os.environ.get("FORECAST_HOSTILE_FILES", "1000"))
SCRIPT = """
import sys, tempfile
from pathlib import Path
import atheris
with atheris.instrument_imports(include=["forecast", "tomllib", "json"]):
    import hostile
name = sys.argv.pop(1)
path = Path(tempfile.mkdtemp()) / ("hostile" + hostile.READERS[name].ending)

def one_file(content):
    path.write_bytes(content)
    reader = hostile.READERS[name]
    try:
        found = reader.read(path)
    except hostile.InputError as error:
        str(error).encode()
    else:
        reader.use(found)

atheris.Setup(sys.argv, one_file)
atheris.Fuzz()
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile.READERS)
def test_no_branch_of_a_reader_lets_a_file_through(name, tmp_path):
    pytest.importorskip("atheris", reason="atheris is not installed: pip install '.[fuzz]'")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for k, seed in enumerate(hostile.READERS[name].seeds):
        (seeds / str(k)).write_text(seed, "utf-8")
    tests = Path(hostile.__file__).parent
    code = f"import sys; sys.path.insert(0, {str(tests)!r})\n{SCRIPT}"
    command = [sys.executable, "-c", code, name, f"-runs={RUNS}", "-seed=1", "-max_len=20000"]
    command += ["-timeout=10", "-rss_limit_mb=1500", f"-artifact_prefix={tmp_path}/", str(seeds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert f"Done {RUNS}" in done.stderr
