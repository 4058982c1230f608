"""Labels and annotations that classify an object, for the keys that are asked for."""

from __future__ import annotations

import pytest

from sovlint.catalogue import open_catalogue
from sovlint.model.source import SourceFile
from sovlint.resolve.kubernetes import load
from sovlint.survey.manifests import ManifestSurvey
from sovlint.survey.metadata import classification, marked

KEY = "example.nl/classification"
POD = f"""apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {{app: web, {KEY}: secret}}
  annotations: {{{KEY}: base-register, example.nl/other: "2"}}
spec: {{containers: [{{name: web, image: quay.io/a/web:1}}]}}
"""


def test_labels_come_before_annotations() -> None:
    (resource,), problems = load(SourceFile("a.yaml", POD), "a.yaml")
    assert problems == []
    assert classification(resource, (KEY,)) == ((KEY, "secret"), (KEY, "base-register"))
    assert classification(resource, ("example.nl/other", "app")) == (("app", "web"), ("example.nl/other", "2"))


@pytest.mark.parametrize("text", ["metadata: {labels: []}", "metadata: []", "metadata: {labels: {a: }}", "spec: {}"])
def test_objects_without(text: str) -> None:
    (resource,), _ = load(SourceFile("a.yaml", f"apiVersion: v1\nkind: Pod\n{text}\n"), "a.yaml")
    assert classification(resource, (KEY,)) == ()


def test_facts_carry_what_was_asked_for() -> None:
    catalogue = open_catalogue(cache=False)
    (resource,), _ = load(SourceFile("a.yaml", POD), "a.yaml")
    survey = ManifestSurvey(catalogue)
    found = list(marked(survey.facts(resource), resource, (KEY,)))
    assert found
    assert {fact.subject.classification for fact in found} == {((KEY, "secret"), (KEY, "base-register"))}
    assert {fact.subject.classification for fact in marked(survey.facts(resource), resource, ())} == {()}
