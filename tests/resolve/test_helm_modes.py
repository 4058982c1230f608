"""Charts read statically and charts rendered: the images agree, and where they do not, it is said why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import FIXTURES, run_sovlint

CHARTS = sorted(path.parent.name for path in (FIXTURES / "helm").glob("*/Chart.yaml"))

DIFFERENCES = {
    # `metrics.enabled` is false: the exporter's image never comes out.
    "common-library": {("values.yaml", 13)},
    # The template prints repository and tag of `images` alone: a registry beside them, components, flat keys and
    # the mesh are for templates that this chart does not have.
    "component-images": {("values.yaml", 8), ("values.yaml", 11), ("values.yaml", 15), ("values.yaml", 18)},
    # The operator reads its images from the environment of other objects: no template prints them.
    "operator": {("values.yaml", 14), ("values.yaml", 18)},
}
"""Chart → values that the static reading takes for images and that no rendering prints; they drop to notes."""


def images(chart: str, engine: str) -> dict[tuple[str, int], str]:
    """File of the chart and line → severity of every image that is reported."""
    words = ["--no-config", "--no-group", "-f", "json", "--select", "SOV501", "--helm-engine", engine]
    result = run_sovlint(["check", *words, f"fixtures/helm/{chart}"])
    assert result.returncode in (0, 1, 2), result.stderr
    prefix = f"fixtures/helm/{chart}/"
    report = json.loads(result.stdout)
    return {(f["path"].removeprefix(prefix), f["line"]): f["severity"] for f in report["findings"]}


@pytest.mark.parametrize("chart", CHARTS)
def test_both_ways_report_the_same_images(chart: str) -> None:
    static, rendered = images(chart, "none"), images(chart, "sdk")
    assert set(static) == set(rendered)
    changed = {place for place in static if static[place] != rendered[place]}
    assert changed == DIFFERENCES.get(chart, set())
    assert {rendered[place] for place in changed} <= {"note"}


def test_the_differences_are_of_charts_that_exist() -> None:
    assert set(DIFFERENCES) <= set(CHARTS)
    assert all((FIXTURES / "helm" / chart / path).is_file() for chart in DIFFERENCES for path, _ in DIFFERENCES[chart])


def test_some_chart_has_images_in_both_ways() -> None:
    assert Path(FIXTURES / "helm" / "helpers-tpl").is_dir()
    assert images("helpers-tpl", "sdk")
