"""The same law under a fuzzer that is led by the branches it reaches (atheris, if installed)."""

import os
import subprocess
import sys
from pathlib import Path

import hostile
import pytest

RUNS = int(os.environ.get("FORECAST_HOSTILE_FILES", "1000"))
SCRIPT = """
import os, sys, tempfile
from pathlib import Path
import atheris
with atheris.instrument_imports(include=["forecast", "tomllib", "json"]):
    import hostile

def fuzz(name, arguments):
    reader = hostile.READERS[name]
    path = Path(tempfile.mkdtemp(dir=".")).resolve() / ("hostile" + reader.ending)

    def one_file(content):
        path.write_bytes(content)
        try:
            found = reader.read(path)
        except hostile.InputError as error:
            str(error).encode()
        else:
            reader.use(found)

    atheris.Setup([sys.argv[0], *arguments, name], one_file)
    atheris.Fuzz()  # ends the process

for name in hostile.READERS:  # a child each: what is instrumented is imported once
    child = os.fork()
    if child == 0:
        said = os.open(name + ".txt", os.O_CREAT | os.O_WRONLY)
        os.dup2(said, 1)
        os.dup2(said, 2)
        fuzz(name, sys.argv[1:])
    os.waitpid(child, 0)
"""


@pytest.mark.slow
def test_no_branch_of_a_reader_lets_a_file_through(tmp_path):
    pytest.importorskip("atheris", reason="atheris is not installed: pip install '.[fuzz]'")
    for name, reader in hostile.READERS.items():
        (tmp_path / name).mkdir()
        for k, seed in enumerate(reader.seeds):
            (tmp_path / name / str(k)).write_text(seed, "utf-8")
    tests = Path(hostile.__file__).parent
    code = f"import sys; sys.path.insert(0, {str(tests)!r})\n{SCRIPT}"
    options = [f"-runs={RUNS}", "-seed=1", "-max_len=20000", "-timeout=10", "-rss_limit_mb=1500"]
    subprocess.run([sys.executable, "-c", code, *options], check=True, cwd=tmp_path)
    said = {name: (tmp_path / f"{name}.txt").read_text("utf-8") for name in hostile.READERS}
    assert {n: text[-3000:] for n, text in said.items() if f"Done {RUNS}" not in text} == {}
    assert list(tmp_path.glob("crash-*")) == []
