"""One direction of imports, one vocabulary, small files: what reviewers need not check."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

import forecast
from forecast.transfers.table.protocols import TransferDistribution

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "forecast"
FILES = sorted(PACKAGE.rglob("*.py"))

ORDER = (
    ("errors",),
    ("arrays", "randomness", "display", "signatures"),
    ("files",),
    ("facts",),
    ("first_round",),
    ("transfers",),
    ("data", "simulation"),
    ("outcome",),
    ("validation",),
    ("report",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, group in enumerate(ORDER) for name in group}
HEAVY = {"pymc", "pytensor", "nutpie", "arviz", "xarray", "matplotlib", "pandas", "polars"}
BANNED_TEXT = """
    race races ballotage precinct precincts commune communes party parties option options top2
    target targets beta migration migrations loyalty survey surveys results sample samples sim
    sims iteration iterations trial trials odds chance chances pct confidence ci
"""
BANNED_WORDS = set(BANNED_TEXT.split())
BANNED_FILES = {"utils", "util", "helpers", "common", "core", "misc"}


def place(path: Path) -> str:
    """Return the layer a file of the package belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_typing_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def statements(tree: ast.AST, *, inside: bool = True) -> Iterator[ast.AST]:
    """Yield nodes that run: typing-only blocks never, functions only if `inside`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and is_typing_only(node):
            continue
        if isinstance(node, ast.FunctionDef) and not inside:
            continue
        yield node
        yield from statements(node, inside=inside)


def imported(source: str, *, inside: bool = True) -> list[tuple[int, str]]:
    """Return (line, dotted name) of every import, `from a import b` as a.b."""
    found = []
    for node in statements(ast.parse(source), inside=inside):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            stem = "forecast." * bool(node.level) + (node.module or "")
            found += [(node.lineno, f"{stem}.{alias.name}") for alias in node.names]
    return found


def layer(name: str) -> str | None:
    """Return the layer an import of ours reaches, lazily exported names included."""
    parts = name.split(".")
    if parts[0] != "forecast" or len(parts) == 1 or parts[1].startswith("__"):
        return None
    return forecast._HOMES.get(parts[1], parts[1]).split(".")[0] if len(parts) == 2 else parts[1]


def modules() -> dict[str, str]:
    """Return the source of every module of the package but its front door, by dotted name."""
    found = {}
    for path in FILES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = path.read_text("utf-8")
    found.pop("forecast")  # its names are lazy
    return found


def reached(source: str, names: Collection[str]) -> set[str]:
    """Return the modules that a source names: in functions and for typing as well."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in wanted:
            home = forecast._HOMES.get(name.removeprefix("forecast."))
            full = f"forecast.{home}" if home else name
            while full and full not in names:
                full = full.rpartition(".")[0]
            found |= {full} if full else set()
    return found


def cycles(sources: Mapping[str, str]) -> list[list[str]]:
    """Return groups of modules that reach each other, by repeatedly dropping what reaches none."""
    graph = {name: reached(text, sources) - {name} for name, text in sources.items()}
    while True:
        for ends in (graph, _reversed(graph)):
            loose = {name for name in graph if not ends[name]}
            graph = {n: to - loose for n, to in graph.items() if n not in loose}
            if loose:
                break
        else:
            break
    groups, left = [], set(graph)
    while left:
        start = min(left)
        group = _closure(graph, start) & _closure(_reversed(graph), start)
        groups += [sorted(group)] if len(group) > 1 else []
        left -= group | {start}
    return groups


def _reversed(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {name: {other for other, to in graph.items() if name in to} for name in graph}


def _closure(graph: Mapping[str, set[str]], start: str) -> set[str]:
    seen, todo = set(), [start]
    while todo:
        name = todo.pop()
        todo += graph[name] - seen
        seen |= graph[name]
    return seen


def test_no_module_reaches_itself_again():
    """Not even inside functions or for typing: what names each other is one thing."""
    assert cycles(modules()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "def late():\n    import forecast.outcome.run",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from forecast.outcome.run import forecast_runoff",
        "from forecast import forecast_runoff",
    ],
)
def test_a_planted_cycle_is_found(planted):
    sources = modules()
    sources["forecast.facts.returns"] += "\n" + planted
    (group,) = cycles(sources)
    assert {"forecast.facts.returns", "forecast.outcome.run"} <= set(group)


def violations(source: str, here: str) -> list[str]:
    """Return imports in `source`, a file of layer `here`, that point to the right."""
    found = []
    for line, name in imported(source):
        there = layer(name)
        if there is not None and RANK[there] > RANK[here]:
            found.append(f"line {line}: {here} imports {name}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_left(path):
    if path == PACKAGE / "__init__.py":
        return  # its names are lazy
    assert place(path) in RANK, f"{path.name} has no place in the import rule"
    assert violations(path.read_text("utf-8"), place(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from forecast.outcome.forecast import Forecast",
        "import forecast.report.forecast_page",
        "from forecast import outcome",
        "from forecast import forecast_runoff",
        "from .outcome import bounds",
        "def late():\n    from forecast.cli import main",
        "if True:\n    import forecast.simulation.engine",
    ],
)
def test_the_import_rule_catches_a_planted_violation(source):
    assert violations(source, "transfers")


@pytest.mark.parametrize(
    "source",
    [
        "from forecast.facts.contest import Contest",
        "from forecast.transfers.elicited.rows import Belief",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from forecast.cli import main",
        "import numpy",
    ],
)
def test_the_import_rule_lets_honest_imports_pass(source):
    assert violations(source, "transfers") == []


ROOMS_OF_FACTS = {
    "words": {"words"},
    "tables": {"words", "tables"},
    "nights": {"words", "tables", "nights", "contest"},
    "poll_tables": {
        "words",
        "tables",
        "poll_tables",
        "advancement",
        "contest",
        "election",
        "polls",
    },
}
"""What each room that reads tables may import of `forecast.facts`."""


def reaches(source: str) -> set[str]:
    """Return the rooms and modules of `forecast.facts` that a source imports."""
    parts = [name.split(".") for _, name in imported(source)]
    return {part[2] for part in parts if part[:2] == ["forecast", "facts"]}


@pytest.mark.parametrize("room", ROOMS_OF_FACTS)
def test_rooms_that_read_tables_know_only_what_they_stand_on(room):
    files = sorted((PACKAGE / "facts" / room).glob("*.py"))
    found = set().union(*(reaches(path.read_text("utf-8")) for path in files))
    assert len(files) > 1
    assert found <= ROOMS_OF_FACTS[room], found - ROOMS_OF_FACTS[room]
    assert reaches("def late():\n    from forecast.facts.returns import Returns") == {"returns"}


HOMES = {
    "pymc": "transfers/returns/nuts.py",
    "pytensor": "transfers/returns/nuts.py",
    "nutpie": "transfers/returns/nuts.py",
    "matplotlib": "report/figures/",
}
"""The one place that imports each of these."""


def strangers(library: str, sources: Mapping[str, str]) -> list[str]:
    """Return the files that import a library although they are not its home."""
    return [
        file
        for file, source in sources.items()
        if not file.startswith(HOMES[library])
        and any(name.split(".")[0] == library for _, name in imported(source))
    ]


@pytest.mark.parametrize("library", HOMES)
def test_heavy_libraries_have_one_home(library):
    sources = {p.relative_to(PACKAGE).as_posix(): p.read_text("utf-8") for p in FILES}
    assert strangers(library, sources) == []
    planted = sources | {"outcome/run.py": f"def late():\n    from {library} import x"}
    assert strangers(library, planted) == ["outcome/run.py"]


def kinds_of_distribution() -> set[str]:
    """Return the names of all classes that are a kind of distribution, or learn one."""
    for path in sorted((PACKAGE / "transfers").rglob("*.py")):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found, todo = {"LearnedPrior", "FamilyPrior"}, [TransferDistribution]
    while todo:
        kind = todo.pop()
        found.add(kind.__name__)
        todo += kind.__subclasses__()
    return found


def asked_kinds(source: str, kinds: Collection[str]) -> list[str]:
    """Return where a source asks which kind of distribution it holds."""
    found = []
    for node in ast.walk(ast.parse(source)):
        asks = isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass")
        asks = asks or (isinstance(node, ast.Compare) and "type(" in ast.unparse(node))
        asks = asks or isinstance(node, ast.MatchClass)
        if asks and set(re.findall(r"\w+", ast.unparse(node))) & set(kinds):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_nobody_asks_which_kind_of_distribution_it_holds():
    """Only the room that defines what all have in common may."""
    kinds = kinds_of_distribution()
    assert {"TransferPrior", "LearnedTransfers", "FamilyTransfers", "PolledTransfers"} <= kinds
    assert "TransferPosterior" in kinds
    offenders = {
        path.relative_to(PACKAGE).as_posix(): asked
        for path in FILES
        if "transfers/table" not in path.as_posix()
        and (asked := asked_kinds(path.read_text("utf-8"), kinds))
    }
    assert offenders == {}


@pytest.mark.parametrize(
    "planted",
    [
        "isinstance(prior, TransferPrior | Other)",
        "type(prior) is LearnedTransfers",
        "match prior:\n    case PolledTransfers(base=base):\n        pass",
    ],
)
def test_a_planted_question_is_found(planted):
    assert asked_kinds(planted, kinds_of_distribution())
    assert not asked_kinds("isinstance(prior, Mapping)", kinds_of_distribution())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_heavy_libraries_are_imported_where_they_are_used(path):
    names = imported(path.read_text("utf-8"), inside=False)
    assert [name for _, name in names if name.split(".")[0] in HEAVY] == []


def heavy(modules: Collection[str]) -> set[str]:
    """Return the heavy libraries among the modules that are loaded."""
    return {name.split(".")[0] for name in modules} & {*HEAVY, "scipy"}


def test_importing_the_package_is_fast_and_light():
    """The best of five, so that a busy machine does not decide."""
    code = (
        "import sys, time; start = time.perf_counter(); import forecast; "
        "print(time.perf_counter() - start, *sys.modules)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(5)
    ]
    assert min(float(run[0]) for run in runs) < 0.3
    assert heavy(runs[0]) == set()
    assert heavy([*runs[0], "scipy.special"]) == {"scipy"}


def test_nothing_that_forecasts_can_reach_the_official_result():
    offenders = [
        f"{path.relative_to(PACKAGE)} line {line}"
        for path in FILES
        if place(path) in ("transfers", "simulation", "outcome", "validation", "report")
        for line, name in imported(path.read_text("utf-8"))
        if name.startswith("forecast.data.official") or name == "forecast.load_returns"
    ]
    assert offenders == []


def test_forecasting_does_not_load_the_official_result():
    """The same at run time, which also sees what an import of an import brings."""
    code = (
        "import sys, forecast; c = forecast.load_contest('georgia-2018'); "
        "print(forecast.forecast_runoff(c, draws=2000)); "
        "sys.exit('forecast.data.official' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


def test_a_night_does_not_load_the_official_result(tmp_path):
    """Nor does the night, whose turnout by some hour of the day is known before the count."""
    (tmp_path / "night.csv").write_text("unit,zurabishvili,vashadze\nVake,40407,20768\n")
    code = (
        "import sys, runpy; sys.argv = ['forecast', 'night', 'georgia-2018', '--returns', "
        "'night.csv']\ntry:\n runpy.run_module('forecast.cli', run_name='__main__')\n"
        "except SystemExit as stop:\n assert not stop.code\n"
        "sys.exit('forecast.data.official' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "2 polls; interim turnout of 74 units" in done.stdout


def words(name: str) -> set[str]:
    """Return the lower-case words of a snake_case or CamelCase name."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return {word.lower() for word in split.split("_") if word}


def definitions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield public functions and classes of a module, and public methods of its classes."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        yield node
        for part in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name[0] != "_":
                yield part


def test_words_are_split_as_people_read_them():
    assert words("WinProbability_ofABTest") == {"win", "probability", "of", "ab", "test"}


def test_public_names_keep_to_the_vocabulary():
    named = {path.relative_to(ROOT).as_posix(): [path.stem] for path in FILES}
    named["forecast.__all__"] = list(forecast.__all__)
    for path in FILES:
        named[path.relative_to(ROOT).as_posix()] += [node.name for node in definitions(path)]
    offenders = {
        f"{where}: {name}"
        for where, names in named.items()
        for name in names
        if words(name) & BANNED_WORDS
    }
    assert offenders == set()


def test_every_public_name_can_be_imported():
    assert set(forecast._HOMES) | {"__version__"} == set(forecast.__all__)
    for name in forecast.__all__:
        assert getattr(forecast, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = forecast.nothing


def test_there_are_few_public_names_and_a_guide_tells_each():
    guide = (ROOT / "notebooks/names.md").read_text("utf-8")
    told = set(re.findall(r"`(\w+)`", guide)) - {"forecast", "plot"}
    assert set(forecast.__all__) - {"__version__"} == told
    assert len(told) <= 45


def code_of(guide: Path) -> str:
    """Return what a page of the book has between backticks, and the code of a notebook."""
    text, code = guide.read_text("utf-8"), ""
    if guide.suffix == ".ipynb":
        cells = [(c["cell_type"], "".join(c["source"])) for c in json.loads(text)["cells"]]
        code = "\n".join(source for kind, source in cells if kind == "code")
        text = "\n".join(source for kind, source in cells if kind != "code")
    return "\n".join([code, *re.findall(r"```.*?```|`[^`\n]+`", text, re.S)])


def test_every_public_name_is_told_where_a_reader_needs_it():
    """In a guide besides the list of names."""
    listed = {"names.md", "changelog.md", "contributing.md"}
    pages = (p for p in (ROOT / "notebooks").iterdir() if p.suffix in (".md", ".ipynb"))
    guides = "\n".join(code_of(page) for page in pages if page.name not in listed)
    names = [*forecast.__all__, "planted_name"]
    assert [n for n in names if not re.search(rf"\b{n}\b", guides)] == [
        "__version__",
        "planted_name",
    ]


@pytest.mark.parametrize("name", forecast._MOVED)
def test_an_old_name_works_for_one_release_and_says_where_it_is(name):
    with pytest.warns(DeprecationWarning, match=f"forecast.{name} is now forecast.") as warned:
        value = getattr(forecast, name)
    assert value is not None
    assert warned[0].filename == __file__
    place = str(warned[0].message).split(" is now ")[1].split(";")[0]
    home, _, now = place.rpartition(".")
    assert getattr(import_module(home), now) is value


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_public_definitions_say_what_they_are(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), "the module has no docstring"
    silent = [f"line {n.lineno}: {n.name}" for n in definitions(path) if not ast.get_docstring(n)]
    assert silent == []


def too_long(lines: Mapping[str, int]) -> list[str]:
    return [name for name, n in lines.items() if n > 600]


@pytest.mark.parametrize("folder", ["forecast", "tests", "benchmarks"])
def test_files_are_small_and_named_by_a_noun(folder):
    paths = sorted((ROOT / folder).rglob("*.py"))
    lines = {str(path): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert too_long(lines) == []
    assert too_long(lines | {"planted.py": 601}) == ["planted.py"]
    assert [path.name for path in paths if path.stem in BANNED_FILES] == []


def test_every_folder_with_modules_is_a_package():
    folders = {path.parent for path in FILES}
    assert [f.name for f in sorted(folders) if not (f / "__init__.py").is_file()] == []
