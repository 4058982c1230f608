"""Whether a global registry wins over an image's own: what helpers of charts say, in the ways they say it."""

# ruff: noqa: E501
# Helpers as charts write them.

from __future__ import annotations

import pytest

from sovlint.resolve.helm.registry import registry_order


@pytest.mark.parametrize(
    ("expected", "helper"),
    [
        (
            "own",
            "{{- $registry := .image.registry | default .root.Values.global.imageRegistry -}}{{- if $registry -}}{{ $registry }}/{{ .image.repository }}{{- else -}}{{ .image.repository }}{{end}}",
        ),
        ("global", "{{ default .image.registry .Values.global.imageRegistry }}"),
        (
            "global",
            '{{- $registryName := default .imageRoot.registry ((.global).imageRegistry) -}}{{- $repositoryName := .imageRoot.repository -}}{{- if $registryName }}{{- printf "%s/%s%s%s" $registryName $repositoryName $separator $termination -}}{{- else -}}{{- printf "%s%s%s"  $repositoryName $separator $termination -}}{{- end -}}',
        ),
        (
            "global",
            """{{- $registryName := .imageRoot.registry -}}
{{- if .global }}
    {{- if .global.imageRegistry }}
     {{- $registryName = .global.imageRegistry -}}
    {{- end -}}
{{- end -}}
{{- printf "%s/%s" $registryName $repo }}""",
        ),
        (
            "global",
            """{{- if .Values.global }}{{- if .Values.global.imageRegistry }}
        {{- printf "%s/%s:%s" .Values.global.imageRegistry $repositoryName $tag -}}
    {{- else -}}
        {{- printf "%s/%s:%s" $registryName $repositoryName $tag -}}
    {{- end -}}
{{- else -}}{{- printf "%s/%s:%s" .Values.image.registry $repositoryName $tag -}}{{- end -}}""",
        ),
        (
            "own",
            "{{ if .Values.image.registry }}{{ .Values.image.registry }}/{{ else if .Values.global.imageRegistry }}{{ .Values.global.imageRegistry }}/{{ end }}",
        ),
        ("own", '{{ coalesce .Values.image.registry .Values.global.imageRegistry "docker.io" }}'),
        ("global", "{{ coalesce .Values.global.image.registry .Values.image.registry | quote }}"),
        (
            "global",
            "{{ ternary .Values.global.imageRegistry .Values.image.registry (not (empty .Values.global.imageRegistry)) }}",
        ),
        ("own", "{{ ternary .Values.global.imageRegistry .Values.image.registry (empty .Values.image.registry) }}"),
        ("own", "{{ empty .Values.image.registry | ternary .Values.global.imageRegistry .Values.image.registry }}"),
        (
            "own",
            "{{ $r := .Values.global.imageRegistry }}{{ if .Values.image.registry }}{{ $r = .Values.image.registry }}{{ end }}{{ $r }}",
        ),
        ("own", "{{ or .Values.image.registry .Values.global.imageRegistry }}"),
        (
            "global",
            "{{ with .Values.global }}{{ if .imageRegistry }}{{ .imageRegistry }}/{{ else }}{{ $.Values.image.registry }}/{{ end }}{{ end }}",
        ),
        ("global", '{{ dig "global" "imageRegistry" .Values.image.registry .Values.AsMap }}'),
        ("none", "{{ .Values.image.registry }}/{{ .Values.image.repository }}"),
        ("global", "{{ .Values.global.imageRegistry }}/{{ .Values.image.repository }}"),
        ("either", '{{ include "common.images.image" (dict "imageRoot" .Values.image "global" .Values.global) }}'),
        ("global", "{{ (.Values.global | default dict).imageRegistry | default .Values.image.registry }}"),
        ("own", "{{- with (.image.registry | default .Values.global.imageRegistry) -}}{{ . }}/{{- end -}}"),
        ("own", '{{ $g := .Values.global.imageRegistry }}{{ .image.registry | default $g | default "docker.io" }}'),
    ],
)
def test_who_wins(expected: str, helper: str) -> None:
    assert registry_order(['{{ include "x" . }}', '{{ define "x" }}' + helper + "{{ end }}"]) == expected
    assert registry_order(["{{ include `x` . }}"], ['{{- define "x" -}}' + helper + "{{- end -}}"]) == expected


def test_what_nobody_includes_says_nothing() -> None:
    unused = '{{ define "other" }}{{ default .registry .Values.global.imageRegistry }}{{ end }}'
    assert registry_order(["image: {{ .Values.image.registry }}/x"], [unused]) == "none"
    assert registry_order([]) == "either"
    assert registry_order(["kind: Service"]) == "none"
    both = (
        "{{ coalesce .a.registry .Values.global.imageRegistry }}{{ coalesce .Values.global.imageRegistry .b.registry }}"
    )
    assert registry_order([both]) == "either"


@pytest.mark.parametrize(
    "text",
    ["{{" * 200_000, '{{ "' * 50_000, "{{ `" * 50_000, "{{ " + "(" * 100_000 + " }}", "{{ if .registry }}" * 50_000],
)
def test_hostile_text(text: str) -> None:
    assert registry_order([text]) in ("none", "either", "own", "global")
