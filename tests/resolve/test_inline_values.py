"""Helm values inside objects of GitOps controllers: read like a values file, at their exact places."""

# ruff: noqa: E501 - objects of one line are easier to read than to wrap

from __future__ import annotations

import pytest
from delivery_runs import run

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  source:
    chart: web
    repoURL: https://charts.gemeente.internal
    helm:
"""


def application(helm: str) -> str:
    return APPLICATION + "".join(f"      {line}\n" for line in helm.splitlines())


def images(helm: str) -> list[str]:
    """`line text` of the causes of all images in values."""
    found = run({"a.yaml": application(helm)})
    assert found.said == []
    return [found.at(f).partition(":")[2] for f in found.facts if f.role == "image"]


def test_a_block_of_text_keeps_its_places() -> None:
    assert images("values: |\n  image:\n    repository: ghcr.io/x/y\n    tag: '1'\nreleaseName: web") == [
        "11 ghcr.io/x/y"
    ]
    assert images("values: |-\n\n  # first\n  ---\n  a: {image: 'ghcr.io/x/y:1'}") == ["13 'ghcr.io/x/y:1'"]
    assert images("values: |2+\n  image: ghcr.io/x/y:1\n\n") == ["10 ghcr.io/x/y:1"]
    assert images("values: |\n  ä: ö # ü\n  list:\n  - image: ghcr.io/é/y\n  - image: ghcr.io/x/y") == [
        "13 ghcr.io/x/y"
    ]
    assert images('values: |\n  {"image": "ghcr.io/x/y:1"}') == ['10 "ghcr.io/x/y:1"']


@pytest.mark.parametrize("style", ['"image: ghcr.io/x/y:1"', "'image: ghcr.io/x/y:1'", ">\n  image: ghcr.io/x/y:1"])
def test_other_texts_stand_on_the_whole(style: str) -> None:
    assert images(f"values: {style}") == [f"9 {style.splitlines()[0]}"]


def test_windows_line_ends() -> None:
    text = application("values: |\n  image: ghcr.io/x/y:1").replace("\n", "\r\n")
    found = run({"a.yaml": text})
    assert [found.at(f) for f in found.facts if f.role == "image"] == ["a.yaml:10 ghcr.io/x/y:1"]


def test_precedence_is_that_of_argo_cd() -> None:
    helm = "values: |\n  image: {registry: ghcr.io, repository: x}\n"
    assert images(helm) == ["10 ghcr.io"]
    assert images(helm + "valuesObject:\n  image: {registry: quay.io, repository: x}") == ["12 quay.io"]
    assert images(helm + "parameters:\n- name: image.registry\n  value: gcr.io") == ["13 gcr.io"]
    assert images("parameters:\n- name: image.repository\n  value: gcr.io/x\n- {name: image.tag, value: '1'}") == [
        "11 gcr.io/x"
    ]
    assert images("parameters:\n- {name: 'list[0].image', value: gcr.io/x}\n- {name: '', value: x}\n- x") == []


def test_values_of_flux_and_kustomize() -> None:
    found = run(
        {
            "release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  values:\n    image: ghcr.io/x/y\n",
            "kustomization.yaml": "helmCharts:\n- name: a\n  valuesInline:\n    image: quay.io/x/y\n",
        }
    )
    assert sorted(found.at(f) for f in found.facts if f.role == "image") == [
        "kustomization.yaml:4 quay.io/x/y",
        "release.yaml:6 ghcr.io/x/y",
    ]


def test_one_object_stays_one_resource() -> None:
    found = run({"a.yaml": application("values: |\n  image: ghcr.io/x/y")})
    assert found.addresses == ["argoproj.io/Application/argocd/web"]
    assert [f.subject.address for f in found.facts if f.role == "image"] == ["argoproj.io/Application/argocd/web:image"]


def test_text_that_is_no_yaml_is_a_problem_where_it_stands() -> None:
    assert run({"a.yaml": application("values: |\n  image: [\n  b: c")}).said == ["a.yaml:11 syntax error"]
    templated = application("values: |\n  image: {{ .image }}:1\n").replace("kind: Application", "kind: ApplicationSet")
    templated = templated.replace("spec:\n", "spec:\n template:\n  spec:\n", 1).replace("\n  source", "\n   source")
    templated = templated.replace("\n    ", "\n     ")
    assert [text.partition(" ")[2] for text in run({"a.yaml": templated}).said] == ["template warning"]


def test_a_text_that_many_objects_share_is_read_once() -> None:
    values = "\n".join(f"        key{i}: {{image: ghcr.io/x/y{i}}}" for i in range(400))
    first = APPLICATION + f"      values: &v |\n{values}\n"
    items = "".join(
        f"- {{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: a{i}}}, spec: {{source: {{helm: {{values: *v}}}}}}}}\n"
        for i in range(20)
    )
    text = "apiVersion: v1\nkind: List\nitems:\n- " + first.replace("\n", "\n  ").rstrip() + "\n" + items
    found = run({"a.yaml": text})
    assert found.said == []
    assert len({f.subject.address.partition(":")[0] for f in found.facts if f.role == "image"}) == 21


def test_values_that_a_patch_brings_are_read_where_they_are_written() -> None:
    release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  values:\n"
    found = run(
        {
            "kustomization.yaml": "resources: [o.yaml]\npatches: [{path: p.yaml}]",
            "o.yaml": release + "    image: {registry: quay.io, repository: x}\n    aws: {awsRegion: eu-central-1}\n",
            "p.yaml": release + "    image:\n      registry: ghcr.io\n    aws:\n      awsRegion: us-east-1\n",
        }
    )
    assert found.said == []
    assert [found.at(f) for f in found.facts if f.role == "image"] == ["p.yaml:7 ghcr.io"]
    assert [found.at(f) for f in found.facts if f.role == "client"] == ["p.yaml:9 us-east-1"]
    assert {f.attribute for f in found.facts if f.role == "client"} == {"awsRegion"}
