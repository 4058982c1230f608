"""Images of what is switched off: a guess that names the switch, in every environment that has it off."""

from __future__ import annotations

from manifest_runs import run

from sovlint.model.fact import Artefact

CHART = "apiVersion: v2\nname: c\nversion: 1.0.0\n"


def ways(files: dict[str, str]) -> dict[str, list[str]]:
    """Reference of every image → notes of its way; all images are guesses."""
    found = run({f"c/{name}": text for name, text in files.items()})
    images = [fact for fact in found.facts if isinstance(fact, Artefact) and fact.kind == "image"]
    assert {fact.confidence for fact in images} <= {"heuristic"}
    return {fact.reference.partition(":")[0]: [hop.note for hop in fact.cause.via] for fact in images}


VALUES = """\
image: {repository: ghcr.io/a/main, tag: "1"}
metrics:
  enabled: false
  image: {repository: ghcr.io/a/metrics, tag: "1"}
  deep: {image: ghcr.io/a/deep}
tests:
  enabled: true
  image: {repository: ghcr.io/a/tests, tag: "1"}
odd:
  enabled: "false"
  image: {repository: ghcr.io/a/odd, tag: "1"}
"""


def test_a_switch_beside_an_image() -> None:
    off = ["metrics.enabled is false: the chart may leave this out"]
    assert ways({"Chart.yaml": CHART, "values.yaml": VALUES}) == {
        "ghcr.io/a/main": [],
        "ghcr.io/a/metrics": off,
        "ghcr.io/a/deep": off,
        "ghcr.io/a/tests": [],
        "ghcr.io/a/odd": [],
    }


def test_another_environment_switches_it_on() -> None:
    files = {"Chart.yaml": CHART, "values.yaml": VALUES, "values-prod.yaml": "metrics: {enabled: true}\n"}
    assert ways(files)["ghcr.io/a/metrics"] == []
    files["values-prod.yaml"] = "metrics: {image: {repository: ghcr.io/a/other}}\n"
    found = ways(files)
    assert found["ghcr.io/a/metrics"] and found["ghcr.io/a/other"]
    files["values-prod.yaml"] = "metrics: {enabled: true, image: {repository: ghcr.io/a/other}}\n"
    found = ways(files)
    assert not found["ghcr.io/a/metrics"] and not found["ghcr.io/a/other"]


def test_a_dependency_that_is_switched_off() -> None:
    files = {
        "Chart.yaml": CHART + "dependencies:\n  - {name: db, repository: 'file://x', condition: db.enabled}\n"
        "  - {name: web, repository: 'file://x', tags: [front]}\n  - {name: on, repository: 'file://x'}\n",
        "values.yaml": "tags: {front: false}\ndb: {enabled: false, image: ghcr.io/a/db}\nweb: {image: ghcr.io/a/web}\n"
        "on: {image: ghcr.io/a/on}\n",
    }
    assert ways(files) == {
        "ghcr.io/a/db": ["db.enabled switches db off"],
        "ghcr.io/a/web": ["tags.front switches web off"],
        "ghcr.io/a/on": [],
    }


def test_a_test_in_a_template() -> None:
    template = """\
{{- if .Values.metrics.enabled }}
image: ghcr.io/a/one
{{- else }}
image: ghcr.io/a/two
{{- end }}
{{- if and .Values.tests.enabled .Values.metrics.enabled }}
  {{- range .Values.list }}
image: ghcr.io/a/three
  {{- end }}
{{- else if .Values.metrics.enabled }}
image: ghcr.io/a/four
{{- end }}
{{- if or .Values.metrics.enabled .Values.tests.enabled }}
image: ghcr.io/a/five
{{- end }}
{{- if not .Values.metrics.enabled }}
image: ghcr.io/a/six
{{- end }}
image: ghcr.io/a/seven
"""
    found = ways({"Chart.yaml": CHART, "values.yaml": VALUES, "templates/a.yaml": template})
    off = ["metrics.enabled is false: the template leaves this out"]
    expected = {"one": off, "two": [], "three": off, "four": off, "five": [], "six": [], "seven": []}
    assert {name: found[f"ghcr.io/a/{name}"] for name in expected} == expected
