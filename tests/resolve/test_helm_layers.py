"""Values in layers: of environments, of flags; every leaf knows who said it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sovlint.resolve.helm.inputs import HelmInputs
from sovlint.resolve.helm.sets import SetError, assignments
from support import run_sovlint

CHART = "apiVersion: v2\nname: app\nversion: 1.0.0\n"
VALUES = """\
# the chart's own
image:
  registry: rg.nl-ams.scw.cloud
  repository: acme/app
extra:
  - image: rg.nl-ams.scw.cloud/a
  - image: rg.nl-ams.scw.cloud/b
side:
  image: quay.io/acme/side
nodeSelector: {}
"""


def findings(folder: Path, *options: str) -> list[tuple[str, int, str, list[str], list[str]]]:
    result = run_sovlint(["check", "--format", "json", *options, "charts"], cwd=folder)
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["problems"] == []
    return [
        (f["path"], f["line"], f["value"], f["environments"], [hop["note"] for hop in f["via"]])
        for f in report["findings"]
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    chart = tmp_path / "charts" / "app"
    chart.mkdir(parents=True)
    (chart / "Chart.yaml").write_text(CHART)
    (chart / "values.yaml").write_text(VALUES)
    (chart / "values-prod.yaml").write_text("side: null\nimage:\n  registry: ghcr.io\n")
    (chart / "values-eu.yaml").write_text("image:\n  registry: rg.fr-par.scw.cloud\n")
    (tmp_path / "more.yaml").write_text("extra:\n  - image: gcr.io/acme/c\n")
    return tmp_path


SIDE = ("charts/app/values.yaml", 9, "quay.io/acme/side")


def test_without_inputs_each_file_is_an_environment(project: Path) -> None:
    assert findings(project) == [
        ("charts/app/values-prod.yaml", 3, "ghcr.io", [], []),
        (*SIDE, [], []),
    ]


def test_values_files(project: Path) -> None:
    assert findings(project, "--values", "more.yaml") == [(*SIDE, [], []), ("more.yaml", 2, "gcr.io/acme/c", [], [])]
    both = ("--values", "charts/app/values-prod.yaml", "--values", "charts/app/values-eu.yaml")
    assert findings(project, *both) == []


def test_set(project: Path) -> None:
    assert findings(project, "--set", "image.registry=ghcr.io,side=null") == [
        ("charts/app/values.yaml", 3, "ghcr.io", [], ["--set image.registry=ghcr.io"])
    ]
    # An element of a list keeps its neighbours; a key that nobody wrote stands on the nearest above.
    assert findings(project, "--set", "side=null", "--set", "extra[1].image=docker.io/acme/x") == [
        ("charts/app/values.yaml", 7, "docker.io/acme/x", [], ["--set extra[1].image=docker.io/acme/x"])
    ]
    assert [row[:3] for row in findings(project, "--set", "side=null,new.image=ghcr.io/a/b")] == [
        ("charts/app/Chart.yaml", 2, "ghcr.io/a/b")
    ]


def test_environments_of_the_configuration(project: Path) -> None:
    (project / ".sovlint.yaml").write_text(
        "environments:\n"
        "  prod: {values: {charts/app: [values.yaml, values-prod.yaml]}}\n"
        "  eu: {values: {'charts/*': [values.yaml, values-prod.yaml, values-eu.yaml]}}\n"
        "  test: {values: {charts/app: [values.yaml]}, set: ['image.repository=x']}\n"
    )
    assert findings(project) == [
        ("charts/app/values-prod.yaml", 3, "ghcr.io", ["prod"], []),
        (*SIDE, ["test"], []),
    ]
    # --values over the layers, --set over all.
    assert findings(project, "--values", "charts/app/values-eu.yaml", "--set", "side=null") == []


def test_a_layer_that_is_not_there_is_a_problem(project: Path) -> None:
    (project / ".sovlint.yaml").write_text(
        "environments: {prod: {values: {charts/app: [values-none.yaml, ../../../x]}}}\n"
    )
    result = run_sovlint(["check", "--format", "json", "charts"], cwd=project)
    assert result.returncode == 2
    report = json.loads(result.stdout)
    assert [(p["path"], p["code"]) for p in report["problems"]] == [
        ("charts/app/Chart.yaml", "outside-tree"),
        ("charts/app/values-none.yaml", "missing"),
    ]
    assert [f["line"] for f in report["findings"]] == [9]


@pytest.mark.parametrize(
    ("text", "place"), [("- a\n", (1, 1)), ("# a\nlist\n", (2, 1)), ("# nothing\n", None), ("~\n", None)]
)
def test_values_that_are_no_mapping(project: Path, text: str, place: tuple[int, int] | None) -> None:
    (project / "more.yaml").write_text(text)
    result = run_sovlint(["check", "--format", "json", "--no-config", "--values", "more.yaml", "charts"], cwd=project)
    report = json.loads(result.stdout)
    assert [(p["path"], p["line"], p["column"], p["code"], p["level"]) for p in report["problems"]] == (
        [("more.yaml", *place, "values", "error")] if place else []
    )
    assert report["findings"]


def test_inventory_takes_values(project: Path) -> None:
    result = run_sovlint(
        ["inventory", "--format", "json", "--no-config", "--set", "side.image=ghcr.io/a/b", "charts"], cwd=project
    )
    assert "ghcr.io" in result.stdout
    assert "quay.io" not in result.stdout


def test_inventory_takes_environments(project: Path) -> None:
    (project / ".sovlint.yaml").write_text(
        "environments:\n"
        "  prod: {values: {charts/app: [values-prod.yaml]}}\n"
        "  test: {values: {charts/app: [values.yaml]}, set: ['extra[0].image=gcr.io/a/b']}\n"
    )
    text = run_sovlint(["inventory", "--format", "json", "charts"], cwd=project).stdout
    assert all(host in text for host in ("ghcr.io", "gcr.io", "quay.io", "rg.nl-ams.scw.cloud"))
    # The command line wins over the environment.
    text = run_sovlint(
        ["inventory", "--format", "json", "--set", "extra[0].image=docker.io/x/y", "charts"], cwd=project
    ).stdout
    assert '"gcr.io' not in text
    assert "docker.io" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=c", [(("a", "b"), "c")]),
        ("a=1,b[2].c=x=y", [(("a",), 1), (("b", 2, "c"), "x=y")]),
        (r"a\.b/c=d\,e", [(("a.b/c",), "d,e")]),
        ("l={a,b},n=null,e=", [(("l",), ("a", "b")), (("n",), None), (("e",), "")]),
        ("=x", []),
        ("", []),
    ],
)
def test_assignments(text: str, expected: list[Any]) -> None:
    assert [(one.keys, one.value) for one in assignments(text)] == expected


@pytest.mark.parametrize("text", ["novalue", "a[99999999]=1", "a[x]=1", "a[0]b=1", "a={b", "a[0=1", "a.=b", ",a=b"])
def test_what_is_no_assignment(tmp_path: Path, text: str) -> None:
    with pytest.raises(SetError):
        assignments(text)
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: a\nversion: 1.0.0\n")
    done = run_sovlint(["check", ".", "--no-config", "--set", text], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"--set {text}: " in done.stderr


def test_globs_of_charts() -> None:
    inputs = HelmInputs(chart_values=(("charts/*", ("a",)), ("charts/app", ("b",)), (".", ("c",))))
    assert inputs.layers("charts/app") == ("a", "b")
    assert inputs.layers("charts/app/charts/sub") == ()
    assert inputs.layers("") == ("c",)
