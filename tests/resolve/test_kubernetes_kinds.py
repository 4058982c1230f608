"""Kinds that run pods: the tables lead to everything; what they do not know is recognised by its shape."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifest_runs import Run, catalogue, run

from sovlint.resolve.yaml_attributes import YamlAttributes
from sovlint.survey.kinds import kinds_of
from support import FIXTURES

FILES = sorted((FIXTURES / "kubernetes" / "pods" / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_image_is_at_the_end_of_a_way_of_the_table(path: Path) -> None:
    """Shapes would find most of them, too, but as a guess."""
    kinds = kinds_of(catalogue().shard("kubernetes"))
    for resource in run({"a.yaml": path.read_text(encoding="utf-8")}).resources:
        attributes = resource.attributes
        assert isinstance(attributes, YamlAttributes)
        kind = kinds[resource.address.partition("/")[0], resource.kind]
        if kind.objects:
            continue
        layer = attributes.item.layers[0]
        written = layer.source.text[layer.node.start : layer.node.end].count("ghcr.io/")
        spans = {value.span.key for route in kind.images for _, value in attributes.select(route)}
        assert len(spans) == written, resource.kind


def of(text: str) -> Run:
    return run({"a.yaml": f"apiVersion: example.nl/v1\nkind: Thing\nmetadata: {{name: x}}\n{text}"})


def references(text: str) -> list[str]:
    return sorted(image.reference for image in of(text).images)


def test_containers_of_the_right_shape_are_found_anywhere() -> None:
    assert references("spec: {deep: [{er: {containers: [{name: a, image: nginx}]}}]}\n") == ["docker.io/library/nginx"]
    assert references("spec: {initContainers: [{name: a, image: nginx}]}\n") == ["docker.io/library/nginx"]


@pytest.mark.parametrize(
    "text",
    [
        # Containers without a name, or of another shape, are something else: boxes on ships, storage, windows.
        "spec: {containers: [{image: nginx}]}\n",
        "spec: {containers: {name: a, image: nginx}}\n",
        "spec: {containers: [a, b]}\n",
        # An image of a machine, of a page, a placeholder, a picture in words.
        "spec: {image: ubuntu-24.04}\n",
        "spec: {image: ubuntu}\n",
        "spec: {image: 'https://example.nl/logo.png'}\n",
        "spec: {image: projects/debian-cloud/global/images/debian-12}\n",
        "spec: {image: ''}\n",
        "spec: {image: [a]}\n",
        "description: 'image: ghcr.io/a/b:1'\n# image: ghcr.io/a/b:1\n",
    ],
)
def test_other_shapes_are_left_alone(text: str) -> None:
    assert of(text).facts == []


@pytest.mark.parametrize("image", ["ghcr.io/a/b", "a/b:1.0", f"b@sha256:{'0' * 64}"])
def test_an_image_by_itself_has_to_say_that_it_is_one(image: str) -> None:
    (fact,) = of(f"spec: {{image: '{image}'}}\n").images
    assert fact.confidence == "heuristic"


def test_labels_of_regions_in_unknown_resources() -> None:
    found = of(
        "spec:\n"
        "  nodeSelector: {topology.kubernetes.io/region: us-east-1}\n"
        "  requirements:\n"
        "    - {key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]}\n"
        "    - {key: topology.kubernetes.io/zone, operator: NotIn, values: [us-west-2a]}\n"
        "  topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone}]\n"
        "  labels: {topology.kubernetes.io/region: us-west-2}\n"
    )
    assert sorted((f.attribute, f.cause.value) for f in found.placements) == [
        ('spec.nodeSelector["topology.kubernetes.io/region"]', "us-east-1"),
        ("spec.requirements[0].values[0]", "us-east-1a"),
    ]


def test_policies_about_images_are_no_images() -> None:
    text = (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {containers: [{name: a, image: a/b:1}], image: a/b:1}\n"
    )
    assert run({"a.yaml": text}).facts == []


@pytest.mark.parametrize(
    "pool",
    [
        "kind: NodePool\nspec: {template: {spec: {nodeClassRef: {group: karpenter.k8s.aws}, requirements: [%s]}}}",
        "kind: Provisioner\nspec: {requirements: [{key: karpenter.k8s.aws/instance-cpu, operator: Exists}, %s]}",
    ],
)
def test_karpenter_says_whose_zones_it_means(pool: str) -> None:
    zones = "{key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a, eu-west-1b]}"
    found = run({"a.yaml": "apiVersion: karpenter.sh/v1\n" + pool % zones}).placements
    assert [(f.places[0].namespace, f.places[0].name) for f in found] == [("aws", "us-east-1"), ("aws", "eu-west-1")]


def test_values_of_charts_are_no_pods() -> None:
    """What a chart makes of values nobody knows here; whoever reads values does so as Helm's."""
    values = "{source: {helm: {valuesObject: {containers: [{name: a, image: nginx}], image: ghcr.io/a/b:1}}}}"
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: x}}\nspec: {values}\n"
    assert not run({"a.yaml": text}).images
    assert len(run({"a.yaml": text.replace("Application", "Voorbeeld")}).images) == 2


def test_zones_in_one_text_are_told_apart() -> None:
    found = run(
        {
            "a.yaml": "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: x}\n"
            "provisioner: kubernetes.io/gce-pd\nparameters:\n  zones: europe-west4-a, us-central1-b\n"
        }
    )
    assert [(found.at(f), f.places[0].name) for f in found.placements] == [
        ("europe-west4-a", "europe-west4"),
        ("us-central1-b", "us-central1"),
    ]


def test_a_failure_domain_may_be_any_word() -> None:
    text = (
        "apiVersion: cluster.x-k8s.io/v1beta1\nkind: MachineDeployment\nspec: {template: {spec: {failureDomain: %s}}}\n"
    )
    assert run({"a.yaml": text % "nova"}).facts == []
    assert run({"a.yaml": text % "'1'"}).facts == []
    (found,) = run({"a.yaml": text % "us-east-1a"}).placements
    assert found.places[0].name == "us-east-1"
