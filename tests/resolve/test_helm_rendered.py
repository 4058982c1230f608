"""Charts rendered by the real engine: exact lines in values and templates, what is refuted, and hostile charts."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support import run_sovlint

HELPERS = """\
{{- define "web.image" -}}
{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end }}
{{- define "web.labels" -}}
app: {{ .Chart.Name }}
release: {{ .Release.Name }}
{{- end }}
"""

VALUES = """\
image:
  registry: docker.io
  repository: gemeente/web
  tag: "1.10"
oldImage: quay.io/gemeente/old:1
nodeSelector:
  topology.kubernetes.io/region: us-east-1
storageZone: us-east-1a
sidecars:
  - registry.example.nl/a:1
  - quay.io/gemeente/logs:2
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels:
    {{- include "web.labels" . | nindent 4 }}
spec:
  template:
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: web
          image: {{ include "web.image" . | quote }}
        - name: side
          image: docker.io/library/busybox:1
        {{- range .Values.sidecars }}
        - image: {{ . }}
        {{- end }}
        {{- if .Values.extra }}
        - image: docker.io/library/extra:1
        {{- end }}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
allowedTopologies:
  - matchLabelExpressions:
      - key: topology.ebs.csi.aws.com/zone
        values: [{{ .Values.storageZone }}]
"""

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - image: {{ .Values.image }}\n"


def chart(name: str, extra: str = "") -> str:
    return f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n{extra}"


ALONE = {
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "c/values.yaml": "image: quay.io/a/b:1\n",
    "c/templates/pod.yaml": POD,
}


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def lint(folder: Path, *options: str, engine: str = "sdk", codes: tuple[int, ...] = (0, 1)) -> dict[str, Any]:
    done = run_sovlint(
        ["check", folder, "--helm-engine", engine, "--format", "json", "--no-config", *options], cwd=folder
    )
    assert done.returncode in codes, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def rows(report: dict[str, Any], rule: str = "SOV501") -> set[tuple[str, int, int, str, str]]:
    """Path, line, column, severity and confidence of the findings of a rule."""
    return {
        (
            f["path"],
            f["line"],
            f["column"],
            f["severity"],
            f["confidence"],
        )
        for f in report["findings"]
        if f["rule"] == rule
    }


def web(folder: Path, **more: str) -> None:
    write(
        folder,
        {
            "web/Chart.yaml": chart("web"),
            "web/values.yaml": VALUES,
            "web/templates/_helpers.tpl": HELPERS,
            "web/templates/deployment.yaml": DEPLOYMENT,
            **more,
        },
    )


def test_exact_lines(tmp_path: Path) -> None:
    web(tmp_path)
    report = lint(tmp_path)
    assert report["problems"] == []
    images = {row[:4] for row in rows(report)}
    assert images == {
        ("web/values.yaml", 2, 13, "medium"),
        ("web/values.yaml", 5, 11, "note"),
        ("web/values.yaml", 11, 5, "medium"),
        ("web/templates/deployment.yaml", 18, 18, "medium"),
        ("web/templates/deployment.yaml", 23, 18, "note"),
    }
    places = {row[:3] for rule in ("SOV101", "SOV102", "SOV108") for row in rows(report, rule)}
    assert ("web/values.yaml", 7, 34) in places
    assert ("web/values.yaml", 8, 14) in places


def test_the_way_leads_over_the_template(tmp_path: Path) -> None:
    web(tmp_path)
    (found,) = (f for f in lint(tmp_path)["findings"] if f["path"] == "web/values.yaml" and f["line"] == 2)
    assert found["affects"] == ["web:apps/Deployment/-/release-name-web"]
    assert found["confidence"] == "resolved"
    assert ("web/templates/deployment.yaml", 16) in {(h["path"], h["line"]) for h in found["via"]}


def test_refuted_is_a_note_with_a_sentence(tmp_path: Path) -> None:
    web(tmp_path)
    (found,) = (f for f in lint(tmp_path)["findings"] if f["line"] == 5)
    assert found["severity"] == "note"
    assert "the chart was rendered, and this came out with none of its values" in found["message"]
    (static,) = (f for f in lint(tmp_path, engine="none")["findings"] if f["line"] == 5)
    assert static["severity"] == "medium"


def test_every_values_file_is_rendered(tmp_path: Path) -> None:
    web(
        tmp_path,
        **{
            "web/values-prod.yaml": "image: {registry: ghcr.io}\nextra: true\nnodeSelector: null\n",
            "web/values-acc.yaml": "image:\n  registry: quay.io\n",
        },
    )
    report = lint(tmp_path)
    assert report["problems"] == []
    found = {row[:4] for row in rows(report)}
    assert ("web/values-prod.yaml", 1, 19, "medium") in found
    assert ("web/values-acc.yaml", 2, 13, "medium") in found
    # One environment renders it: no note.
    assert ("web/templates/deployment.yaml", 23, 18, "medium") in found


def test_environments_of_the_configuration(tmp_path: Path) -> None:
    web(tmp_path, **{"web/values-prod.yaml": "extra: true\n"})
    (tmp_path / ".sovlint.yaml").write_text(
        "helm: {engine: sdk}\nenvironments:\n  acc: {set: [image.registry=harbor.example.nl]}\n"
        "  prod: {values: {web: [values-prod.yaml]}}\n"
    )
    done = run_sovlint(["check", ".", "--format", "json"], cwd=tmp_path)
    found = {
        (f["path"], f["line"]): (f["severity"], f.get("environments"))
        for f in json.loads(done.stdout)["findings"]
        if f["rule"] == "SOV501"
    }
    assert found["web/templates/deployment.yaml", 23] == ("medium", ["prod"])
    assert found["web/templates/deployment.yaml", 18][0] == "medium"


def packed(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


def test_vendored_subcharts(tmp_path: Path) -> None:
    cache = {
        "cache/Chart.yaml": chart("cache"),
        "cache/values.yaml": "image: docker.io/library/redis:7\n",
        "cache/templates/pod.yaml": POD,
    }
    needs = "dependencies:\n  - name: cache\n    alias: store\n    version: 1.0.0\n    repository: https://charts.example.nl\n"
    write(
        tmp_path,
        {
            "packed/Chart.yaml": chart("packed", needs),
            "packed/charts/cache-1.0.0.tgz": packed(cache),
            "over/Chart.yaml": chart("over", needs),
            "over/charts/cache-1.0.0.tgz": packed(cache),
            "over/values.yaml": "store:\n  image: ghcr.io/a/b:1\n",
            "loose/Chart.yaml": chart("loose"),
            "loose/values.yaml": "cache:\n  image: quay.io/a/b:1\n",
            **{f"loose/charts/{path}": text for path, text in cache.items()},
            "beside/Chart.yaml": chart(
                "beside",
                "dependencies:\n  - {name: cache, version: 1.0.0, repository: 'file://../loose/charts/cache'}\n",
            ),
        },
    )
    report = lint(tmp_path)
    assert report["problems"] == []
    assert {row[:4] for row in rows(report)} == {
        ("packed/Chart.yaml", 5, 11, "medium"),
        ("over/values.yaml", 2, 10, "medium"),
        ("loose/values.yaml", 2, 10, "medium"),
        ("loose/charts/cache/values.yaml", 1, 8, "medium"),  # the chart `beside` renders it
    }


def test_missing_dependency(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/Chart.yaml": chart(
                "a", "dependencies:\n  - {name: db, version: 1.0.0, repository: 'https://c.example'}\n"
            ),
            "a/values.yaml": "image: quay.io/a/b:1\ndb:\n  image: ghcr.io/a/db:1\n",
            "a/templates/pod.yaml": POD,
        },
    )
    report = lint(tmp_path)
    # What is said to the missing chart is not refuted by a rendering without it.
    assert {row[:4] for row in rows(report)} == {("a/values.yaml", 1, 8, "medium"), ("a/values.yaml", 3, 10, "medium")}
    (problem,) = report["problems"]
    assert problem["level"] == "warning"
    assert (problem["path"], problem["line"]) == ("a/Chart.yaml", 5)
    assert "helm dependency build a" in problem["message"]


def test_errors_of_templates_have_positions(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/Chart.yaml": chart("a"),
            "a/values.yaml": "image: quay.io/a/b:1\n",
            "a/templates/pod.yaml": POD + '# {{ required "an owner is needed" .Values.owner }}\n',
        },
    )
    report = lint(tmp_path)
    assert {row[:4] for row in rows(report)} == {("a/values.yaml", 1, 8, "medium")}
    (problem,) = report["problems"]
    assert (problem["code"], problem["level"]) == ("rendering", "warning")
    assert (problem["path"], problem["line"]) == ("a/templates/pod.yaml", 7)
    assert "an owner is needed" in problem["message"]


HOSTILE = {
    "endless": "{{ range until 9999 }}{{ range until 9999 }}{{ range until 9999 }}{{ end }}{{ end }}{{ end }}",
    "large": '{{ repeat 100000000 "a" }}',
    "larger": '{{ range until 30 }}{{ repeat 1000000 "a" }}{{ end }}',
    "memory": "{{ range until 1000000000 }}a{{ end }}",
    "recursive": '{{- define "l" }}{{ include "l" . }}{{ end }}{{ include "l" . }}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_templates(tmp_path: Path, name: str) -> None:
    write(
        tmp_path,
        {
            "bad/Chart.yaml": chart("bad"),
            "bad/values.yaml": "image: ghcr.io/a/b:1\n",
            "bad/templates/x.yaml": f"x: {HOSTILE[name]}\n",
            "good/Chart.yaml": chart("good"),
            "good/values.yaml": "image: quay.io/a/b:1\n",
            "good/templates/pod.yaml": POD,
        },
    )
    start = time.monotonic()
    report = lint(tmp_path)
    assert time.monotonic() - start < 120
    assert {(p["code"], p["level"]) for p in report["problems"]} == {("rendering", "warning")}
    found = {(row[0], row[3]): row[4] for row in rows(report)}
    assert ("bad/values.yaml", "medium") in found
    (confirmed,) = (f for f in report["findings"] if f["path"] == "good/values.yaml")
    assert confirmed["affects"] == ["good:core/Pod/-/p"]


def tar_with(*members: tuple[str, bytes, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, kind, data in members:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.size = len(data)
            entry.linkname = "/etc/passwd" if kind == tarfile.SYMTYPE else ""
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (tar_with(("../../evil", tarfile.REGTYPE, b"x")), "leads out"),
        (tar_with(("/etc/evil", tarfile.REGTYPE, b"x")), "leads out"),
        (tar_with(("c/link", tarfile.SYMTYPE, b"")), "is a link"),
        (tar_with(("c/bomb", tarfile.REGTYPE, b"\0" * 120_000_000)), "when unpacked"),
        (b"no archive", "no gzip archive"),
    ],
)
def test_hostile_archives(tmp_path: Path, archive: bytes, said: str) -> None:
    write(
        tmp_path,
        {
            "c/Chart.yaml": chart("c"),
            "c/values.yaml": "image: quay.io/a/b:1\n",
            "c/templates/pod.yaml": POD,
            "c/charts/x-1.0.0.tgz": archive,
        },
    )
    report = lint(tmp_path, codes=(2,))
    (problem,) = report["problems"]
    assert (problem["code"], problem["level"], problem["path"]) == ("archive", "error", "c/charts/x-1.0.0.tgz")
    assert said in problem["message"]
    assert {row[:4] for row in rows(report)} == {("c/values.yaml", 1, 8, "medium")}


def test_links_out_of_the_tree_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(
        outside,
        {"sub/Chart.yaml": chart("sub"), "sub/templates/pod.yaml": POD.replace("{{ .Values.image }}", "quay.io/x/y:1")},
    )
    tree = tmp_path / "tree"
    write(
        tree,
        {
            ".git/HEAD": "ref: x\n",
            "c/Chart.yaml": chart("c"),
            "c/values.yaml": "image: quay.io/a/b:1\n",
            "c/templates/pod.yaml": POD,
        },
    )
    (tree / "c/charts").symlink_to(outside)
    (tree / "c/templates/secret.yaml").symlink_to("/etc/hostname")
    report = lint(tree)
    assert {row[0] for row in rows(report)} == {"c/values.yaml"}
    assert {p["path"] for p in report["problems"]} >= {"c/charts"}
    assert "outside" in {p["code"].partition("-")[0] for p in report["problems"]}


def test_a_chart_that_links_to_itself_ends(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "x",
            "c/Chart.yaml": chart("c"),
            "c/values.yaml": "image: quay.io/a/b:1\n",
            "c/templates/pod.yaml": POD,
        },
    )
    (tmp_path / "c/charts").mkdir()
    (tmp_path / "c/charts/again").symlink_to("..")
    start = time.monotonic()
    report = lint(tmp_path)
    assert time.monotonic() - start < 30
    assert "too-deep" in {p["code"] for p in report["problems"]}


AGREEING = {
    "split": (
        "image: {registry: quay.io, repository: a/b, tag: '1'}\n",
        '"{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
    ),
    "whole": ("image: quay.io/a/b:1\n", "{{ .Values.image }}"),
    "repository": (
        "image: {repository: gemeente/b, tag: v1}\n",
        '"{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
    ),
    "global": (
        "global: {imageRegistry: ghcr.io}\nimage: {registry: quay.io, repository: a/b, tag: v1}\n",
        "{{ .Values.global.imageRegistry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}",
    ),
    "digest": (
        "image: {repository: quay.io/a/b, digest: 'sha256:" + "ab" * 32 + "'}\n",
        "{{ .Values.image.repository }}@{{ .Values.image.digest }}",
    ),
    "literal": ("{}\n", "quay.io/a/b:1"),
    "tpl": ("name: b\nimage: 'quay.io/a/{{ .Values.name }}:1'\n", "{{ tpl .Values.image . }}"),
    "default": (
        "image: {repository: quay.io/a/b}\n",
        '{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.Version) }}',
    ),
}


def test_static_and_rendered_agree_without_conditionals(tmp_path: Path) -> None:
    for name, (values, image) in AGREEING.items():
        write(
            tmp_path,
            {
                f"{name}/Chart.yaml": chart(name),
                f"{name}/values.yaml": values,
                f"{name}/templates/pod.yaml": POD.replace("{{ .Values.image }}", image),
            },
        )
    rendered = lint(tmp_path)
    static = lint(tmp_path, engine="none")
    assert rendered["problems"] == static["problems"] == []
    assert {row[:4] for row in rows(rendered)} == {row[:4] for row in rows(static)}
    assert len(rows(rendered)) == len(AGREEING)


def test_the_engine_that_was_asked_for_is_not_there(tmp_path: Path) -> None:
    web(tmp_path)
    done = run_sovlint(["check", ".", "--helm-engine", "helm"], cwd=tmp_path, env={"PATH": "/nowhere"})
    assert done.returncode == 2
    assert "there is no helm on PATH" in done.stderr


@pytest.mark.parametrize("first", ["one", "cache"])
def test_one_chart_under_two_names(tmp_path: Path, first: str) -> None:
    write(
        tmp_path,
        {
            "a/Chart.yaml": chart(
                "a",
                f"dependencies:\n  - {{name: cache, alias: {first}, version: 1.0.0}}\n".replace("alias: cache, ", "")
                + "  - {name: cache, alias: two, version: 1.0.0}\n",
            ),
            "a/values.yaml": "two:\n  image: ghcr.io/a/one:1\n",
            "a/charts/cache/Chart.yaml": chart("cache"),
            "a/charts/cache/values.yaml": "image: quay.io/a/b:1\n",
            "a/charts/cache/templates/pod.yaml": POD.replace("name: p", "name: {{ .Chart.Name }}"),
        },
    )
    found = {(f["path"], f["line"]): f["affects"] for f in lint(tmp_path)["findings"] if f["rule"] == "SOV501"}
    assert found == {
        ("a/values.yaml", 2): ["a:core/Pod/-/two"],
        ("a/charts/cache/values.yaml", 1): [f"a:core/Pod/-/{first}"],
    }


HELM = """\
#!{python}
# The interface of `helm template`, with Helm as a library behind it.
import json, os, sys
sys.path.insert(0, {library!r})
import helm_python as helm
assert sys.argv[1] == "template" and not set(os.environ) & {{"USER", "SECRET", "AWS_PROFILE"}}
name, folder, rest = sys.argv[2], sys.argv[3], sys.argv[4:]
options = list(zip(rest[::2], rest[1::2]))
values = {{}}
for key, file in options:
    if key == "--values":
        values.update(json.load(open(file)))
try:
    files = helm.Chart.load(folder).render(values, name=name, namespace=dict(options)["--namespace"])
except helm.HelmError as error:
    sys.exit("Error: " + str(error))
for path, text in sorted(files.items()):
    for document in text.split("\\n---\\n"):
        print("---\\n# Source: " + path + "\\n" + document)
"""


def test_a_helm_on_path(tmp_path: Path) -> None:
    import sys

    import helm_python

    command = tmp_path / "bin" / "helm"
    library = str(Path(helm_python.__file__).parent.parent)
    write(tmp_path, {"bin/helm": HELM.format(python=sys.executable, library=library)})
    command.chmod(0o755)
    tree = tmp_path / "tree"
    tree.mkdir()
    web(tree, **{"web/values-prod.yaml": "image: {registry: ghcr.io}\n"})
    env = {"PATH": f"{command.parent}:/usr/bin:/bin", "SECRET": "x"}
    reports = []
    for engine in ("helm", "auto", "sdk"):
        args = ["check", ".", "--helm-engine", engine, "--format", "json", "--no-config"]
        reports.append(json.loads(run_sovlint(args, cwd=tree, env=env).stdout))
    assert reports[0]["problems"] == []
    assert rows(reports[0]) == rows(reports[1]) == rows(reports[2])


def test_engine_in_the_configuration(tmp_path: Path) -> None:
    web(tmp_path)
    (tmp_path / ".sovlint.yaml").write_text("helm:\n  engine: tiller\n")
    done = run_sovlint(["check", "."], cwd=tmp_path)
    assert done.returncode == 2
    assert ".sovlint.yaml:2:3: engine is one of none, auto, helm, sdk" in done.stderr


def test_what_is_rendered_and_no_yaml_refutes_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/Chart.yaml": chart("a"),
            "a/values.yaml": "image: quay.io/a/b:1\nold: {image: ghcr.io/a/b:1}\n",
            "a/templates/pod.yaml": POD + "  x: [\n",
        },
    )
    report = lint(tmp_path)
    assert {row[:4] for row in rows(report)} == {("a/values.yaml", 1, 8, "medium"), ("a/values.yaml", 2, 14, "medium")}
    (problem,) = report["problems"]
    assert (problem["path"], problem["level"]) == ("a/templates/pod.yaml", "warning")
    assert "renders here is not YAML" in problem["message"]


def test_waivers_in_values_templates_and_annotations(tmp_path: Path) -> None:
    waiver = 'until=2027-01-01 owner=me reason="moves to a mirror, ICT-1"'
    write(
        tmp_path,
        {
            "a/Chart.yaml": chart("a"),
            "a/values.yaml": f"image: quay.io/a/b:1  # sovlint:waive SOV501 {waiver}\n",
            "a/templates/pod.yaml": POD + f"    - image: ghcr.io/a/b:1  # sovlint:waive SOV501 {waiver}\n",
            "b/Chart.yaml": chart("b"),
            "b/values.yaml": "image: quay.io/a/b:1\n",
            "b/templates/pod.yaml": POD.replace(
                "{name: p}", f"{{name: p, annotations: {{sovlint.io/waive: 'SOV501 {waiver}'}}}}"
            ),
        },
    )
    report = lint(tmp_path, "--today", "2026-12-01")
    assert rows(report) == set()
    assert report["summary"]["waived"] == 3


def test_what_a_flag_sets_stands_on_the_key_of_the_chart(tmp_path: Path) -> None:
    web(tmp_path)
    report = lint(tmp_path, "--set", "image.registry=gcr.io")
    # `docker.io`, which stands there, comes out elsewhere, but not from here.
    (found,) = (f for f in report["findings"] if f["path"] == "web/values.yaml" and f["line"] == 2)
    assert (found["column"], found["severity"]) == (13, "medium")
    assert found["message"].startswith("gcr.io")
    assert found["via"][0]["note"] == "--set image.registry"
    assert any(hop["path"] == "web/templates/deployment.yaml" for hop in found["via"])


def test_a_chart_that_refuses_other_images(tmp_path: Path) -> None:
    """Rendering with another image fails: what it prints tells which images it uses."""
    write(
        tmp_path,
        {
            "c/Chart.yaml": chart("c"),
            "c/values.yaml": "image: {registry: docker.io, repository: a/main, tag: '1'}\n"
            "metrics:\n  enabled: false\n  image: {registry: docker.io, repository: a/exporter, tag: '1'}\n"
            "worker: {image: {registry: docker.io, repository: a/worker, tag: '1'}}\n",
            "c/templates/pod.yaml": "{{- range list .Values.image .Values.metrics.image .Values.worker.image }}\n"
            '{{- if not (hasPrefix "docker.io/a/" (printf "%s/%s" .registry .repository)) }}\n'
            '{{- fail "an image that nobody has checked" }}\n{{- end }}\n{{- end }}\n'
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
            '    - image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
            '      args: ["--worker=docker.io/{{ .Values.worker.image.repository }}:1"]\n'
            "    {{- if .Values.metrics.enabled }}\n"
            '    - image: "{{ .Values.metrics.image.registry }}/{{ .Values.metrics.image.repository }}:1"\n'
            "    {{- end }}\n",
        },
    )
    report = lint(tmp_path, "--no-group", "--select", "SOV501")
    found = {(f["line"], f["severity"]) for f in report["findings"]}
    assert found == {(1, "medium"), (4, "note"), (5, "medium")}
