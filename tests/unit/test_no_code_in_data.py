"""Reading a contest, prior, posterior or frozen forecast runs nothing that a file brings."""

import ast
from pathlib import Path

import pytest

import forecast

PACKAGE = Path(forecast.__file__).parent
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
MODULES |= {"yaml", "runpy", "code", "imp"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {"read_pickle", "to_pickle", "load_module", "exec_module", "from_pickle", "unsafe_load"}


def dangers(source: str) -> list[str]:
    """Return every import, call or argument by which data could become code."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        found += [name for name in names if name.split(".")[0] in MODULES]
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in CALLS:
            found.append(called.id)
        if isinstance(called, ast.Attribute):
            name = ast.unparse(called)
            if called.attr in METHODS or name in ("os.system", "os.popen"):
                found.append(name)
            plain = any(k.arg == "allow_pickle" for k in node.keywords)  # if true it is seen below
            if name in ("np.load", "numpy.load") and not plain:
                found.append(name)
            if name in ("np.fromfile", "builtins.eval", "builtins.exec", "nx.read_gpickle"):
                found.append(name)
        for keyword in node.keywords:
            value = keyword.value
            off = isinstance(value, ast.Constant) and value.value is False
            if keyword.arg in ("allow_pickle", "shell") and not off:
                found.append(str(keyword.arg))
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_nothing_turns_data_into_code(path):
    assert dangers(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import joblib.numpy_pickle",
        "def f():\n    import yaml",
        "eval(x)",
        "exec(x)",
        "compile(x, 'y', 'exec')",
        "__import__(x)",
        "np.load(path)",
        "load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(x)",
        "os.system(x)",
        "subprocess.run(x, shell=True)",
    ],
)
def test_a_planted_danger_is_seen(source):
    assert dangers(source)


def test_honest_code_passes():
    assert dangers("import re\nre.compile(x)\njson.loads(x)\nnp.load(f, allow_pickle=False)") == []
