"""Images that templates put together from values, literals and definitions: found without rendering, and by it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import run_sovlint

VALUES = "registry: quay.io\npath: gemeente/app\nversion: '1'\nempty: ''\n"

HELPERS = """\
{{- define "plain" -}}
{{ .Values.registry }}/gemeente/plain:1
{{- end -}}
{{- define "given" }}
{{- $registry := .host | default "rg.nl-ams.scw.cloud" -}}
{{- printf "%s/%s" $registry (.name | trim) -}}
{{- end }}
{{- define "nested" -}}
{{ include "given" (dict "host" .root.Values.registry "name" .name) }}
{{- end -}}
{{- define "tested" -}}
{{- if .Values.empty }}docker.io{{ else }}{{ .Values.registry }}{{ end }}/gemeente/tested:1
{{- end -}}
{{- define "lines" -}}
{{ .Values.registry }}/a
b: c
{{- end -}}
{{- define "literal" -}}
gcr.io/gemeente/literal:{{ .Values.version }}
{{- end -}}
{{- define "endless" -}}
{{ include "endless" . }}
{{- end -}}
"""

ON_VALUE = ("values.yaml", 1, 11)

SHAPES = {
    '"{{ .Values.registry }}/gemeente/app:{{ .Values.version }}"': ON_VALUE,
    '"{{ .Values.registry }}/gemeente/app:{{ .Values.version }}" # with a comment': ON_VALUE,
    "{{ .Values.registry }}/gemeente/app:{{ .Chart.AppVersion }}": ON_VALUE,
    '{{ printf "%s/%s:%s" .Values.registry .Values.path .Values.version }}': ON_VALUE,
    '{{ printf "%s/%s:%v" .Values.registry .Values.path 1.5 | quote }}': ON_VALUE,
    '"{{ printf "%s/gemeente" .Values.registry }}/app:{{ .Values.version }}"': ON_VALUE,
    '{{ printf "docker.io/%s:1" .Values.path }}': ("templates/pod.yaml", 6, 25),
    '{{ include "plain" . }}': ON_VALUE,
    '{{- include "plain" . | nindent 8 }}': ON_VALUE,
    '{{ include "given" (dict "host" .Values.registry "name" "a/b:1") }}': ON_VALUE,
    '{{ include "given" (dict "host" .Values.empty "name" "a/b:1") }}': None,
    '{{ include "nested" (dict "root" $ "name" .Values.path) }}': ON_VALUE,
    '{{ include "literal" . }}': ("templates/_helpers.tpl", 19, 1),
}
"""What stands behind `image:` → where the finding stands; None for images from the area."""


def write(folder: Path, image: str, **more: str) -> None:
    files: Mapping[str, str] = {
        "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\nappVersion: '1'\n",
        "values.yaml": VALUES,
        "templates/_helpers.tpl": HELPERS,
        "templates/pod.yaml": (
            f"kind: Pod\napiVersion: v1\nmetadata: {{name: p}}\nspec:\n  containers:\n    - image: {image}\n"
        ),
        **more,
    }
    (folder / "templates").mkdir()
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")


def found(folder: Path, engine: str = "none") -> set[tuple[str, int, int]]:
    words: list[str | Path] = [
        "check",
        folder,
        "--format",
        "json",
        "--no-config",
        "--select",
        "SOV501",
        "--helm-engine",
        engine,
    ]
    done = run_sovlint([*words, "--helm-engine", engine], cwd=folder)
    report = json.loads(done.stdout)
    assert report["problems"] == [], report["problems"]
    return {(f["path"], f["line"], f["column"]) for f in report["findings"]}


@pytest.mark.parametrize("image", SHAPES)
@pytest.mark.parametrize("engine", ["none", "sdk"])
def test_images_that_are_put_together(tmp_path: Path, image: str, engine: str) -> None:
    write(tmp_path, image)
    where = SHAPES[image]
    places = found(tmp_path, engine)
    if where is not None and where[0] == "templates/pod.yaml" and engine == "sdk":
        # Of a line of its own rendering knows the line.
        assert {place[:2] for place in places} == {where[:2]}
    else:
        assert places == ({where} if where is not None else set())


@pytest.mark.parametrize(
    "image",
    [
        '{{ include "tested" . }}',  # whose test nobody evaluates
        '{{ include "lines" . }}',
        '{{ include "endless" . }}',
        '{{ include "nowhere" . }}',
        '{{ printf "%s/%s" .Values.registry }}',
        '{{ printf "%5s/a" .Values.registry }}',
        '{{ printf "%s/%s" .Values.nothing .Values.path }}',
        "{{ printf .Values.path }}",
    ],
)
def test_what_cannot_be_told_is_not_guessed(tmp_path: Path, image: str) -> None:
    write(tmp_path, image)
    assert found(tmp_path) == set()


def test_each_environment_has_its_own(tmp_path: Path) -> None:
    write(tmp_path, '{{ include "plain" . }}', **{"values-prod.yaml": "version: '2'\nregistry: ghcr.io\n"})
    assert found(tmp_path) == {ON_VALUE, ("values-prod.yaml", 2, 11)}


def test_definitions_of_definitions_end(tmp_path: Path) -> None:
    deep = "".join(
        f'{{{{ define "d{n}" }}}}{f"""{{{{ include "d{n + 1}" . }}}}""" * 40}{{{{ end }}}}\n' for n in range(40)
    )
    write(tmp_path, '{{ include "d0" . }}', **{"templates/_helpers.tpl": deep})
    start = time.monotonic()
    assert found(tmp_path) == set()
    assert time.monotonic() - start < 10
