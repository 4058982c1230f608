"""How the work of reading a chart statically grows: counted, since machines differ."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from manifest_runs import catalogue

from sovlint.discovery.tree import WorkingTree
from sovlint.resolve.helm import load_chart
from sovlint.survey.manifests import ManifestSurvey


def chart(count: int) -> dict[str, str]:
    """A chart of so many components, with an environment and templates that take values from all of them."""
    numbers = range(count)
    return {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "c/values.yaml": "global: {imageRegistry: ''}\n"
        + "".join(
            f"part{n}:\n  image: {{registry: ghcr.io, repository: a/b{n}}}\n"
            f"  nodeSelector: {{topology.kubernetes.io/region: us-east-1}}\n"
            for n in numbers
        ),
        "c/values-prod.yaml": "".join(f"part{n}: {{image: {{registry: quay.io}}}}\n" for n in numbers),
        "c/templates/all.yaml": "".join(
            f"image: {{{{ .Values.part{n}.image.registry }}}}/{{{{ .Values.part{n}.image.repository }}}}\n"
            f"storageClassName: {{{{ .Values.part{n}.class | quote }}}}\n"
            for n in numbers
        ),
    }


def umbrella(count: int) -> dict[str, str]:
    """A chart with so many charts below it."""
    files = {"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "c/values.yaml": "global: {a: b}\n"}
    for n in range(count):
        files[f"c/charts/s{n}/Chart.yaml"] = f"apiVersion: v2\nname: s{n}\nversion: 1.0.0\n"
        files[f"c/charts/s{n}/values.yaml"] = "image: {registry: ghcr.io, repository: a/b}\n"
        files[f"c/charts/s{n}/templates/a.yaml"] = "image: {{ .Values.image.registry }}/x\n"
        files["c/values.yaml"] += f"s{n}: {{image: {{registry: quay.io}}}}\n"
    return files


def lines_run(folder: Path, files: dict[str, str]) -> int:
    """Lines of Python that reading a chart and surveying it runs."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    tree = WorkingTree(str(folder))
    survey = ManifestSurvey(catalogue())
    count = 0

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        own = sorted(path for path in files if not path.startswith("c/charts/"))  # these are charts of their own
        resources, _ = load_chart(tree, "c", own)
        facts = [fact for resource in resources for fact in survey.facts(resource)]
    finally:
        sys.settrace(before)
    assert facts
    return count


@pytest.mark.parametrize("make", [chart, umbrella])
def test_twice_the_chart_is_twice_the_work(make: Any, tmp_path: Path) -> None:
    lines_run(tmp_path / "first", make(2))  # what is read and compiled once
    small, large = (lines_run(tmp_path / str(count), make(count)) for count in (80, 160))
    assert large < 2.2 * small
