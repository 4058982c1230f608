"""Charts read statically and charts rendered: without conditionals they give the same images, line by line.

The charts that decide something by a conditional are compared in `tests/test_helm_fixtures.py`, where each difference
has its comment and its reason.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from expectations import refuted
from support import FIXTURES, REPOSITORY, run_sovlint

ROOT = FIXTURES / "helm"

_CONDITIONAL = re.compile(r"\{\{-?\s*(?:if|else|with)\b|\b(?:ternary|and|or|hasKey|empty|typeIs)\b")
_SWITCHED = re.compile(r"(?m)^\s*(?:-\s+)?(?:condition|tags):")


def is_conditional(folder: Path) -> bool:
    """Whether a template of a chart or of the charts in it tests anything, or a dependency is switched by values."""
    templates = [path for path in folder.rglob("*") if "templates" in path.parts and path.is_file()]
    lists = [path for name in ("Chart.yaml", "requirements.yaml") for path in folder.rglob(name)]
    return any(_CONDITIONAL.search(path.read_text(encoding="utf-8")) for path in templates) or any(
        _SWITCHED.search(path.read_text(encoding="utf-8")) for path in lists
    )


CHARTS = sorted(path.parent for path in ROOT.rglob("Chart.yaml"))
# A chart that another one holds is rendered with that one.
CHARTS = [path for path in CHARTS if not (path.parent.name == "charts" and (path.parents[1] / "Chart.yaml").exists())]
PLAIN = [path for path in CHARTS if not is_conditional(path)]


def images(chart: Path, engine: str) -> dict[tuple[str, int], tuple[str, str]]:
    """File and line → severity and value of every image that is reported, in a chart by itself."""
    words = ["--no-config", "--no-group", "-f", "json", "--select", "SOV501", "--helm-engine", engine]
    result = run_sovlint(["check", *words, chart.relative_to(REPOSITORY).as_posix()])
    assert result.returncode in (0, 1, 2), result.stderr
    report = json.loads(result.stdout)
    return {(f["path"], f["line"]): (f["severity"], f["value"]) for f in report["findings"]}


@pytest.mark.parametrize("chart", PLAIN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_both_ways_report_the_same_images(chart: Path) -> None:
    static, rendered = images(chart, "none"), images(chart, "sdk")
    assert set(static) == set(rendered)
    for place, (severity, value) in static.items():
        assert rendered[place][0] == severity, place
        assert value in rendered[place][1], place
    assert not refuted(chart)


def test_charts_of_both_kinds_are_there() -> None:
    assert len(PLAIN) >= 6
    assert len(CHARTS) - len(PLAIN) >= 5
    assert sum(bool(images(chart, "sdk")) for chart in PLAIN) >= 4
