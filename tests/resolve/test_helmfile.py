"""What a helmfile gives to charts, as helmfile's documentation says; what is not static is said and nothing is lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sovlint.discovery import MemoryTree
from sovlint.parse.yaml import Scalar, resolve_scalar
from sovlint.resolve.helmfile import Helmfiles
from sovlint.resolve.helmfile.files import Files
from sovlint.resolve.helmfile.releases import releases_of
from sovlint.resolve.helmfile.state import State, environment_names
from sovlint.resolve.yaml_attributes import Item
from support import run_sovlint


def plain(item: Item) -> Any:
    if item.is_mapping:
        return {key: plain(child) for key, child in item.children()}
    if type(item.node) is Scalar:
        return resolve_scalar(item.node)
    return [plain(element) for element in item.elements()]


class Read:
    """The releases of a helmfile in one environment."""

    def __init__(self, files: dict[str, str], environment: str = "default", path: str = "helmfile.yaml.gotmpl") -> None:
        self.files = Files(MemoryTree(files))
        self.state = State(self.files, path, environment)
        self.releases = {release.name: release for release in releases_of(self.state, self.files)}
        self.texts = files

    def values(self, name: str) -> Any:
        layers = self.releases[name].layers
        return plain(Item("", tuple(layers))) if layers else {}

    def at(self, name: str, *way: str) -> tuple[str, str]:
        """The file and the text at which a leaf of the values stands."""
        item: Item | None = Item("", tuple(self.releases[name].layers))
        for key in way:
            assert item is not None
            item = item.child(key)
        assert item is not None
        return item.span.file.path, item.span.text

    @property
    def state_values(self) -> Any:
        return plain(self.state.context.values) if self.state.context.values is not None else {}

    @property
    def problems(self) -> set[tuple[str, int, str, str]]:
        return {(p.location.path, p.location.line, p.code, p.level) for p in self.files.problems}


ENVIRONMENTS = """\
values:
  - registry: docker.io
    deep: {a: 1, b: 2}
environments:
  default:
  prod:
    defaults:
      - registry: one.example
        only: default
    values:
      - env/prod.yaml
      - deep: {b: 3}
---
"""


def test_state_values_lie_over_each_other() -> None:
    files = {"helmfile.yaml.gotmpl": ENVIRONMENTS, "env/prod.yaml": "registry: rg.example\nlist: [1]\n"}
    assert Read(files).state_values == {"registry": "docker.io", "deep": {"a": 1, "b": 2}}
    read = Read(files, "prod")
    assert read.state_values == {
        "registry": "rg.example",
        "only": "default",
        "deep": {"a": 1, "b": 3},
        "list": [1],
    }
    assert read.problems == set()


def test_fallback_lets_the_first_file_win() -> None:
    text = "environments:\n  p:\n    mergeStrategy: fallback\n    values:\n      - {a: 1}\n      - {a: 2, b: 2}\n"
    assert Read({"helmfile.yaml.gotmpl": text}, "p").state_values == {"a": 1, "b": 2}


def test_what_is_read_through_stands_where_it_is_decided() -> None:
    text = (
        ENVIRONMENTS
        + """\
releases:
  - name: a
    chart: x/a
    values:
      - image: {{ .Values.registry | quote }}
        whole: {{ .Environment.Values.registry }}/a:1
        old: {{ .StateValues.registry }}
        name: {{ .Environment.Name }}
        missing: {{ .Values | get "not.there" "fallback" }}
        unknown: {{ requiredEnv "X" }}/a
        part: a-{{ .Values.registry }}
        deep: {{ toYaml .Values.deep | nindent 10 }}
"""
    )
    read = Read({"helmfile.yaml.gotmpl": text, "env/prod.yaml": "registry: rg.example\n"}, "prod")
    assert read.values("a") == {
        "image": "rg.example",
        "whole": "rg.example/a:1",
        "old": "rg.example",
        "name": "prod",
        "missing": "fallback",
        "unknown": '{{ requiredEnv "X" }}/a',
        "part": "a-rg.example",
        "deep": {"a": 1, "b": 3},
    }
    assert read.at("a", "image") == ("env/prod.yaml", "rg.example")
    assert read.at("a", "whole") == ("env/prod.yaml", "rg.example")
    assert read.at("a", "part") == ("helmfile.yaml.gotmpl", "a-{{ .Values.registry }}")
    assert read.at("a", "deep", "b") == ("helmfile.yaml.gotmpl", "3")


@pytest.mark.parametrize(
    ("test", "environment", "installed"),
    [
        ('installed: {{ eq .Environment.Name "prod" }}', "prod", True),
        ('installed: {{ eq .Environment.Name "prod" }}', "test", False),
        ('installed: {{ ne .Environment.Name "prod" | toYaml }}', "prod", False),
        ("installed: {{ .Values.on }}", "prod", True),
        ("installed: {{ .Values.on }}", "test", False),
        ("installed: {{ not .Values.on }}", "prod", False),
        ("condition: db.enabled", "prod", True),
        ("condition: db.enabled", "test", False),
        ("condition: false", "prod", False),
        ("installedTemplate: '{{`{{ eq .Release.Namespace \"nergens\" }}`}}'", "prod", False),
        ('installed: {{ env "ON" }}', "prod", True),
        ("installed: false", "prod", False),
        ('installed: {{ and .Values.on (eq .Environment.Name "prod") }}', "prod", True),
        ('installed: {{ has .Environment.Name (list "prod") }}', "test", True),
    ],
)
def test_whether_a_release_is_installed(test: str, environment: str, installed: bool) -> None:
    text = (
        "environments:\n  prod:\n    values: [{on: true, db: {enabled: true}}]\n"
        f"  test:\n    values: [{{on: false, db: {{enabled: false}}}}]\n---\n"
        f"releases:\n  - name: a\n    namespace: b\n    chart: x/a\n    {test}\n"
    )
    assert ("a" in Read({"helmfile.yaml.gotmpl": text}, environment).releases) is installed


def test_branches_that_are_decided_and_one_that_is_not() -> None:
    text = """\
environments:
  prod:
    values:
      - big: true
---
releases:
{{- if .Values.big }}
  - {name: a, chart: x/a}
{{- else }}
  - {name: b, chart: x/a}
{{- end }}
{{ if eq .Environment.Name "test" }}
  - {name: c, chart: x/a}
{{ else if eq .Environment.Name "prod" }}
  - {name: d, chart: x/a}
{{ end }}
{{- if env "X" }}
  - {name: e, chart: x/a}
{{- end }}
{{ range .Values.list }}
  - {name: f, chart: x/a}
{{ end }}
"""
    read = Read({"helmfile.yaml.gotmpl": text}, "prod")
    assert list(read.releases) == ["a", "d", "e"]
    assert read.problems == {("helmfile.yaml.gotmpl", 17, "not-static", "warning")}


def test_one_part_that_uses_what_it_declares_as_before_version_1() -> None:
    text = """\
environments:
  prod:
    values:
      - registry: rg.example
releases:
  - name: a
    chart: x/a
    values:
      - image: {{ .Values.registry }}/a
"""
    read = Read({"helmfile.yaml": text}, "prod", "helmfile.yaml")
    assert read.values("a") == {"image": "rg.example/a"}
    assert read.problems == set()


def test_later_parts_and_bases() -> None:
    files = {
        "helmfile.yaml.gotmpl": """\
bases: [one.yaml, two.yaml.gotmpl]
---
releases:
  - {name: first, chart: x/a}
---
releases:
  - {name: last, chart: x/{{ .Values.c }}, values: [{a: "{{ .Values.b }}"}]}
""",
        "one.yaml": "environments: {default: {values: [{b: 1, c: d}]}}\nvalues: [{e: f}]\n",
        "two.yaml.gotmpl": "values:\n  - g: {{ .Values.b }}\n    b: 2\n",
    }
    read = Read(files)
    # Lists are never merged: the last one counts.
    assert list(read.releases) == ["last"]
    assert read.values("last") == {"a": "1"}
    assert read.state_values == {"b": 1, "c": "d", "e": "f", "g": 1}


def test_layers_of_a_release() -> None:
    files = {
        "helmfile.yaml.gotmpl": """\
releases:
  - name: a
    chart: x/a
    labels: {tag: v1}
    values:
      - one.yaml
      - {b: inline, c: inline, list: [{x: 1}, {x: 2}]}
    valuesTemplate:
      - c: '{{`{{ .Release.Labels.tag }}`}}'
      - '{{`{{ .Release.Name }}`}}.yaml'
    set:
      - {name: "list[1].x", value: 3}
      - {name: d\\.e, value: "true"}
      - {name: many, values: [1, 2]}
    setString:
      - {name: text, value: 5}
""",
        "one.yaml": "a: file\nb: file\n",
        "a.yaml": "z: 1\n",
    }
    read = Read(files)
    assert read.values("a") == {
        "a": "file",
        "b": "inline",
        "c": "v1",
        "z": 1,
        "list": [{"x": 1}, {"x": 3}],
        "d.e": "true",
        "many": [1, 2],
        "text": "5",
    }


def test_templates_of_releases() -> None:
    text = """\
templates:
  one: {chart: x/one, values: [{a: one}], set: [{name: s, value: one}]}
  two: {chart: x/two, namespace: two}
defaultInherit: two
releases:
  - {name: a, inherit: [{template: one, except: [set]}]}
  - {name: b, inherit: [{template: one}], values: [{b: own}]}
"""
    read = Read({"helmfile.yaml": text}, path="helmfile.yaml")
    assert read.values("a") == {"a": "one"}
    # Values are never layered over those of a template.
    assert read.values("b") == {"b": "own", "s": "one"}


def test_values_files_that_are_templates() -> None:
    files = {
        "helmfile.yaml.gotmpl": "values: [{r: rg.example, all: {x: 1, y: {z: 2}}, on: false}]\n---\n"
        "releases:\n  - {name: a, chart: x/a, namespace: ns, values: [a.yaml.gotmpl, b.yaml, c.yaml.gotmpl]}\n",
        "a.yaml.gotmpl": """\
image: {{ .Values.r }}/a
{{- if .Values.on }}
never: 1
{{- else }}
always: {{ .Release.Namespace }}
{{- end }}
below:
{{ toYaml .Values.all | indent 2 }}
inside:
  k: 1
{{ .Values.all | toYaml | indent 2 }}
text: |
  {{ .Values.r }}
  {{ include "nowhere" . }}
{{ readFile "common.yaml" }}
""",
        "b.yaml": "verbatim: '{{ .Values.r }}'\n",
        "c.yaml.gotmpl": "{{ .Values.all | toYaml }}\n",
    }
    read = Read(files)
    values = read.values("a")
    text = values.pop("text")
    assert text == 'rg.example\n{{ include "nowhere" . }}\n'
    assert values == {
        "image": "rg.example/a",
        "always": "ns",
        "below": {"x": 1, "y": {"z": 2}},
        "inside": {"k": 1, "x": 1, "y": {"z": 2}},
        "verbatim": "{{ .Values.r }}",
        "x": 1,
        "y": {"z": 2},
    }
    assert read.problems == {("a.yaml.gotmpl", 15, "not-static", "warning")}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("nowhere.yaml", ("missing", "error")),
        ("../../outside.yaml", ("outside-tree", "warning")),
        ("/etc/passwd", ("outside-tree", "warning")),
        ("git::https://git.example/v.git@a.yaml?ref=1", ("not-static", "warning")),
        ("https://files.example/a.yaml", ("not-static", "warning")),
        ('{{ env "X" }}.yaml', ("not-static", "warning")),
        ("state.hcl", ("not-static", "warning")),
        ("broken.yaml", ("syntax", "error")),
    ],
)
def test_values_that_are_not_there_are_said_and_the_rest_is_read(entry: str, problem: tuple[str, str]) -> None:
    text = f"releases:\n  - name: a\n    chart: x/a\n    values:\n      - {entry}\n      - {{b: 1}}\n"
    read = Read({"helmfile.yaml.gotmpl": text, "broken.yaml": "a: [\n", "state.hcl": "values {}"})
    assert {(code, level) for _, _, code, level in read.problems} == {problem}
    assert read.values("a") == {"b": 1}


def test_missing_files_that_may_be_missing() -> None:
    text = """\
environments:
  default: {missingFileHandler: Debug, values: [nowhere.yaml, "env/*.yaml"]}
---
releases:
  - {name: a, chart: x/a, missingFileHandler: Warn, values: [nowhere.yaml]}
"""
    assert Read({"helmfile.yaml.gotmpl": text, "env/a.yaml": "x: 1\n"}).problems == set()


def test_secrets_hide_what_they_may_say() -> None:
    text = """\
environments:
  default: {values: [{a: 1}], secrets: [secret.yaml]}
---
releases:
  - {name: a, chart: x/a, secrets: [s.yaml], values: [{b: {{ .Values.c | default "x" }}, d: {{ .Values.a }}}]}
"""
    read = Read({"helmfile.yaml.gotmpl": text})
    assert {(line, code) for _, line, code, _ in read.problems} == {(2, "not-static"), (5, "not-static")}
    # Whether `c` is there only the secrets say.
    assert read.values("a") == {"b": '{{ .Values.c | default "x" }}', "d": 1}


@pytest.mark.parametrize("chart", ["./charts/nowhere", "../charts/a"])
def test_a_chart_that_is_not_there(chart: str) -> None:
    read = Read({"helmfile.yaml": f"releases:\n  - name: a\n    chart: {chart}\n"}, path="helmfile.yaml")
    ((path, line, code, _),) = read.problems
    assert (path, line, code) in {("helmfile.yaml", 3, "missing"), ("helmfile.yaml", 3, "outside-tree")}


def test_environments_of_bases_and_of_helmfiles_below() -> None:
    files = {
        "helmfile.yaml": "bases: [b.yaml]\nhelmfiles: [sub/*.yaml]\nenvironments: {one: {}}\n",
        "b.yaml": "environments:\n  two:\n",
        "sub/a.yaml": "environments: {one: {}, three: {}}\n---\nreleases: []\n",
    }
    assert environment_names(Files(MemoryTree(files)), "helmfile.yaml") == ["two", "one", "three"] or environment_names(
        Files(MemoryTree(files)), "helmfile.yaml"
    ) == ["one", "two", "three"]


def test_a_helmfile_that_another_uses_is_read_with_it() -> None:
    files = {
        "helmfile.yaml": "helmfiles:\n  - path: sub/helmfile.yaml\n    values: [{r: ghcr.io}]\n",
        "sub/helmfile.yaml": "values: [{r: quay.io}]\n---\nreleases:\n"
        "  - {name: a, chart: x/a, values: [{image: '{{ .Values.r }}/a'}, v.yaml]}\n",
        "sub/v.yaml": "b: 1\n",
        "other.yaml": "",
    }
    helmfiles = Helmfiles(MemoryTree(files), sorted(files))
    (root,) = helmfiles.load()
    assert (root.path, root.problems) == ("helmfile.yaml", [])
    assert helmfiles.rest == ["other.yaml"]
    (values,) = (resource for resource, _ in root.resources if resource.kind == "values")
    (image,) = values.attributes.images()  # type: ignore[attr-defined]
    assert image.value.parts[0].span.location().path == "helmfile.yaml"


@pytest.mark.parametrize(
    "files",
    [
        {"helmfile.yaml": "helmfiles: [helmfile.yaml]\nbases: [helmfile.yaml]\n"},
        {
            "a/helmfile.yaml": "helmfiles: [../b/helmfile.yaml]\n",
            "b/helmfile.yaml": "helmfiles: [../a/helmfile.yaml]\n",
        },
        {
            "helmfile.yaml": "bases: [a.yaml]\n",
            "a.yaml": "bases: [b.yaml, b.yaml]\n",
            "b.yaml": "bases: [a.yaml, a.yaml]\n",
        },
        {"helmfile.yaml.gotmpl": "{{" * 200_000},
        {"helmfile.yaml.gotmpl": "{{ if x }}" * 50_000},
        {"helmfile.yaml.gotmpl": "{{ " + "(" * 50_000 + " }}"},
        {"helmfile.yaml.gotmpl": "a: " + "{{ .Values.a }}" * 20_000},
        {"helmfile.yaml.gotmpl": "releases:\n" + "  - {name: {{ .Values.a }}, chart: x}\n" * 10_000},
        {"helmfile.yaml.gotmpl": "{{ end }}{{ else }}{{ end }}\na: 1\n"},
        {"helmfile.yaml": "environments: {" + ", ".join(f"e{i}: {{}}" for i in range(500)) + "}\n"},
        {"helmfile.yaml": "releases: &a\n  - *a\nenvironments: *a\nhelmfiles: 3\nbases: {a: b}\nvalues: [[1]]\n"},
        {"helmfile.yaml": "- a\n"},
        {"helmfile.yaml.gotmpl": "{{/* */ x }}" * 80_000},
        {"helmfile.yaml.gotmpl": "a: {{ a" + " " * 500_000 + "b }}\n"},
        {"helmfile.yaml.gotmpl": "  {{ env }}\n" * 20_000},
        {"helmfile.yaml.gotmpl": "a:\n" * 20_000 + "  {{ env }}\n" * 20_000},
        {
            "helmfile.yaml": "a: b\n---\nbases: [nowhere.yaml\n---\n"
            "releases: [{name: a, chart: 3, values: x, set: {a: b}}]\n"
        },
        {"helmfile.yaml": b"\xff\xfe\x00".decode("latin-1")},
    ],
    ids=range(18),
)
def test_hostile_helmfiles_end(files: dict[str, str]) -> None:
    start = time.monotonic()
    for root in Helmfiles(MemoryTree(files), sorted(files)).load():
        assert root.path in files
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("releases:\n  - {name: a, chart: x/a, values: {b: 1}}\n", {("helmfile", 2)}),
        ("releases:\n  - just text\n", {("helmfile", 2)}),
        ("releases:\n  - {name: a, set: [{name: 'b[', value: 1}]}\n", {("helmfile", 2)}),
        ("a: b\nc: {{ .Values.x\n", {("not-static", 3), ("syntax", 2)}),
        ("a: b\n{{ end }}\n", {("syntax", 2)}),
        ("releases: []\nhelmDefaults: {args: ['--wait', '--set a=b']}\n", {("not-static", 2)}),
        ("a: b\n{{ if true }}\n", {("syntax", 2)}),
    ],
)
def test_what_is_wrong_in_a_helmfile_is_said(text: str, wrong: set[tuple[str, int]]) -> None:
    assert {(code, line) for _, line, code, _ in Read({"helmfile.yaml.gotmpl": text}).problems} == wrong


def test_values_that_are_too_many_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sovlint.resolve.helmfile.units.MAX_SIZE", 1_000)
    text = "environments: {a: {}, b: {}}\n---\nreleases:\n"
    text += "".join(f"  - {{name: r{i}, chart: ./charts/a, values: [{{b: {i}}}]}}\n" for i in range(100))
    files = {"helmfile.yaml": text, **CHART}
    helmfiles = Helmfiles(MemoryTree(files), sorted(files))
    (root,) = helmfiles.load()
    assert {problem.code for problem in root.problems} == {"too-large"}
    assert 2 < len(root.resources) < 100
    # What was not read may leave everything as it is.
    assert helmfiles.overridden == set()


# --- the command


def lint(folder: Path, files: dict[str, str], *options: str) -> dict[str, Any]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = run_sovlint(["check", ".", "--format", "json", "--no-config", *options], cwd=folder)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


TWO = """\
environments:
  prod: {values: [{mirror: rg.nl-ams.scw.cloud/g}]}
  test: {values: [{mirror: quay.io/g}]}
---
releases:
  - name: a
    chart: ./charts/a
    values:
      - image: {{ .Values.mirror }}/a:1
      - sidecar: {image: ghcr.io/g/s:1}
      - region: {{ if eq .Environment.Name "test" }}us-east-1{{ else }}fr-par{{ end }}
"""


def test_a_finding_that_holds_in_one_environment_says_which(tmp_path: Path) -> None:
    files = {
        "helmfile.yaml.gotmpl": TWO,
        "charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
        "charts/a/values.yaml": "region: fr-par\n",
        "charts/a/templates/a.yaml": "nodeSelector:\n  topology.kubernetes.io/region: {{ .Values.region }}\n",
    }
    report = lint(tmp_path, files)
    found = {(f["path"], f["line"], f["rule"]): f["environments"] for f in report["findings"]}
    assert found == {
        ("helmfile.yaml.gotmpl", 3, "SOV501"): ["test"],
        ("helmfile.yaml.gotmpl", 10, "SOV501"): [],
        ("helmfile.yaml.gotmpl", 11, "SOV107"): ["test"],
        ("helmfile.yaml.gotmpl", 11, "SOV108"): ["test"],
    }
    (placed,) = (f for f in report["findings"] if f["rule"] == "SOV108")
    assert [hop["path"] for hop in placed["via"]] == ["charts/a/templates/a.yaml"]
    assert report["problems"] == []


def test_values_of_a_helmfile_are_not_read_alone(tmp_path: Path) -> None:
    files = {
        "helmfile.yaml": "environments: {p: {values: [env/p/values.yaml]}, q: {}}\n---\n"
        "releases: [{name: a, chart: x/a, values: [values-a.yaml]}]\n",
        "env/p/values.yaml": "image: quay.io/a/b:1\n",
        "values-a.yaml": "image: ghcr.io/a/b:1\n",
    }
    report = lint(tmp_path, files)
    # State values are nothing that is deployed.
    assert [(f["path"], f["environments"]) for f in report["findings"]] == [("values-a.yaml", [])]


def test_a_helmfile_with_a_syntax_error(tmp_path: Path) -> None:
    report = lint(tmp_path, {"helmfile.yaml": "releases:\n  - name: [a\n", "values.yaml": "image: quay.io/a/b:1\n"})
    ((path, line, code),) = ((p["path"], p["line"], p["code"]) for p in report["problems"])
    assert (path, code) == ("helmfile.yaml", "syntax") and line >= 2
    assert [f["path"] for f in report["findings"]] == ["values.yaml"]


CHART = {
    "charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n",
    "charts/a/values.yaml": "region: fr-par\nimage: rg.nl-ams.scw.cloud/g/own:1\n",
    "charts/a/templates/a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
    "  nodeSelector: {topology.kubernetes.io/region: {{ .Values.region }}}\n"
    "  containers: [{name: c, image: {{ .Values.image }}}]\n",
}


def test_a_chart_is_rendered_with_the_values_of_each_environment(tmp_path: Path) -> None:
    report = lint(tmp_path, {"helmfile.yaml.gotmpl": TWO, **CHART}, "--helm-engine", "sdk")
    assert report["problems"] == []
    found = {(f["path"], f["line"], f["rule"]): (f["environments"], f["affects"]) for f in report["findings"]}
    pod = "a:core/Pod/-/p"
    assert found == {
        ("helmfile.yaml.gotmpl", 3, "SOV501"): (["test"], [pod]),
        ("helmfile.yaml.gotmpl", 10, "SOV501"): ([], ["a:sidecar.image"]),
        ("helmfile.yaml.gotmpl", 11, "SOV108"): (["test"], [pod]),
    }


def test_a_rendered_template_that_is_given_nonsense_is_said(tmp_path: Path) -> None:
    chart = {**CHART, "charts/a/templates/b.yaml": '{{ required "no" .Values.b.c }}\n'}
    report = lint(tmp_path, {"helmfile.yaml.gotmpl": TWO, **chart}, "--helm-engine", "sdk")
    assert [(p["path"], p["code"]) for p in report["problems"]] == [("charts/a/templates/b.yaml", "rendering")]
    assert ("helmfile.yaml.gotmpl", 3) in {(f["path"], f["line"]) for f in report["findings"]}


def test_what_a_helmfile_above_hands_down(tmp_path: Path) -> None:
    files = {
        "helmfile.yaml": "values: [{r: quay.io, own: ghcr.io}]\n"
        "helmfiles:\n  - {path: a.yaml, inherits: [environments]}\n  - {path: b.yaml}\n",
        "a.yaml": "values: [{own: gcr.io}]\n---\nreleases:\n"
        "  - {name: a, chart: x/a, values: [{image: '{{ .Values.r }}/a'}, {x: {image: '{{ .Values.own }}/x'}}]}\n",
        "b.yaml": "releases:\n  - {name: b, chart: x/b, values: [{image: '{{ .Values.r }}/b'}]}\n",
    }
    report = lint(tmp_path, files)
    found = {(f["path"], f["line"], tuple(f["affects"])) for f in report["findings"]}
    # The defaults of the helmfile below lie under what is handed down.
    assert found == {("helmfile.yaml", 1, ("a:image",)), ("helmfile.yaml", 1, ("a:x.image",))}


def test_what_is_literal_in_a_template_that_is_no_yaml(tmp_path: Path) -> None:
    text = 'releases:\n{{ include "x" . }}: [\n  - name: a\n    values:\n      - image: quay.io/a/b:1\n'
    report = lint(tmp_path, {"helmfile.yaml.gotmpl": text})
    assert [p["code"] for p in report["problems"]] == ["not-static"]
    assert [(f["path"], f["line"], f["environments"]) for f in report["findings"]] == [("helmfile.yaml.gotmpl", 5, [])]


@pytest.mark.parametrize("engine", ["none", "sdk"])
def test_what_every_release_overrides_is_a_note(tmp_path: Path, engine: str) -> None:
    chart = {
        **CHART,
        "charts/a/values.yaml": "region: us-east-1\nimage: quay.io/g/own:1\n",
        "values.yaml": "image: quay.io/g/other:1\n",
    }
    text = TWO.replace("us-east-1", "fr-par").replace("quay.io", "rg.nl-ams.scw.cloud")
    report = lint(tmp_path, {"helmfile.yaml.gotmpl": text, **chart}, "--helm-engine", engine)
    found = {(f["path"], f["line"]): f["severity"] for f in report["findings"] if "charts/a" in f["path"]}
    assert found == {("charts/a/values.yaml", 1): "note", ("charts/a/values.yaml", 2): "note"}
    assert ("values.yaml", 1, "medium") in {(f["path"], f["line"], f["severity"]) for f in report["findings"]}
    # A release that leaves it as it is deploys it.
    more = text + "  - {name: b, chart: ./charts/a}\n"
    report = lint(tmp_path, {"helmfile.yaml.gotmpl": more, **chart}, "--helm-engine", engine)
    assert "note" not in {f["severity"] for f in report["findings"]}


def test_the_report_names_the_environments_that_findings_hold_in(tmp_path: Path) -> None:
    files = {
        "helmfile.yaml": "environments:\n  test: {}\n  acceptatie: {}\n  productie: {}\n---\nreleases:\n"
        "  - name: a\n    chart: x/a\n    values:\n      - {{ .Environment.Name }}.yaml\n",
        "test.yaml": "image: gcr.io/a/b:1\n",
        "acceptatie.yaml": "image: rg.nl-ams.scw.cloud/a/b:1\n",
        "productie.yaml": "image: rg.nl-ams.scw.cloud/a/b:1\n",
    }
    for path, text in files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    report = json.loads(run_sovlint(["check", ".", "-f", "json", "--no-config"], cwd=tmp_path).stdout)
    assert [finding["environments"] for finding in report["findings"] if finding["rule"] == "SOV501"] == [["test"]]
    assert report["environments"] == ["test", "acceptatie", "productie"]
    assert "environments test, acceptatie, productie" in run_sovlint(["check", ".", "--no-config"], cwd=tmp_path).stdout
    # Where everything holds everywhere, nobody has to know of them.
    for name in ("acceptatie", "productie"):
        (tmp_path / f"{name}.yaml").write_text("image: gcr.io/a/b:1\n", encoding="utf-8")
    (tmp_path / "test.yaml").unlink()
    (tmp_path / "helmfile.yaml").write_text(files["helmfile.yaml"].replace("  test: {}\n", ""), encoding="utf-8")
    (tmp_path / "acceptatie.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "productie.yaml").write_text("a: 1\n", encoding="utf-8")
    report = json.loads(run_sovlint(["check", ".", "-f", "json", "--no-config"], cwd=tmp_path).stdout)
    assert report["environments"] == []
