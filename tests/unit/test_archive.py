"""A package that is imported from an archive finds its facts, pages and sources."""

import subprocess
import sys
import zipfile
from pathlib import Path

import forecast
from forecast.validation.provenance import code_digest

EVERYTHING = """
import polars, forecast
from forecast.cli.completion import bundled
from forecast.report.nowcast_page import write_night
from forecast.validation.provenance import code_digest
contest = forecast.load_contest("georgia-2018", units="stations")
result = forecast.forecast_runoff("georgia-2018", draws=200)
forecast.write_report(result, "report.html")
night = polars.DataFrame({"unit": ["Vake"], "zurabishvili": [40407], "vashadze": [20768]})
write_night(forecast.nowcast("georgia-2018", night, draws=50), "night.html")
known = len(forecast.load_returns("georgia-2018").units) + len(forecast.past_runoffs("world"))
print(forecast.__file__, len(contest.units), known > 100, result.digest, code_digest(),
      bundled("contests", "toml"))
"""


def test_everything_is_found_in_an_archive(tmp_path):
    package, archive = Path(forecast.__file__).parent, tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                file.write(path, Path("forecast") / path.relative_to(package))
    line = [sys.executable, "-c", EVERYTHING]
    found = subprocess.run(
        line, cwd=tmp_path, env={"PYTHONPATH": str(archive), "PATH": ""}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    digest = forecast.forecast_runoff("georgia-2018", draws=200).digest
    where, units, many, drawn, code, names = found.stdout.split(maxsplit=5)
    assert where.startswith(str(archive))
    assert (units, many, drawn, code) == ("3694", "True", digest, code_digest())
    assert "georgia-2018" in names
    assert (tmp_path / "report.html").stat().st_size > 50_000
    assert (tmp_path / "night.html").stat().st_size > 10_000
