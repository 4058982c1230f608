"""Kubernetes objects: every way of writing the same thing gives the same facts, each at its own place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifest_runs import Run, run

from sovlint.model.source import SourceFile
from sovlint.resolve.kubernetes import load

BLOCK = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
  namespace: web
spec:
  template:
    spec:
      nodeSelector:
        topology.kubernetes.io/region: us-east-1
      initContainers:
        - {name: wait, image: "docker.io/library/busybox:1.36"}
      containers:
        - name: app
          image: ghcr.io/gemeente/frontend:2.1
        - name: proxy
          image: nginx
"""

POD = {
    "nodeSelector": {"topology.kubernetes.io/region": "us-east-1"},
    "initContainers": [{"name": "wait", "image": "docker.io/library/busybox:1.36"}],
    "containers": [{"name": "app", "image": "ghcr.io/gemeente/frontend:2.1"}, {"name": "proxy", "image": "nginx"}],
}
OBJECT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "frontend", "namespace": "web"},
    "spec": {"template": {"spec": POD}},
}

LIST = {"apiVersion": "v1", "kind": "List"}
BARE = {key: OBJECT[key] for key in ("metadata", "spec")}

ANCHORS = """\
x-shared:
  - &busybox docker.io/library/busybox:1.36
  - &app {name: app, image: ghcr.io/gemeente/frontend:2.1}
  - &selector
    topology.kubernetes.io/region: us-east-1
apiVersion: apps/v1
kind: Deployment
metadata: {name: frontend, namespace: web}
spec:
  template:
    spec:
      nodeSelector: {<<: *selector}
      initContainers: [{name: wait, image: *busybox}]
      containers: [*app, {<<: *app, name: proxy, image: nginx}]
"""


def told(found: Run) -> set[tuple[str, ...]]:
    """What is said, without where."""
    images = {(f.subject.address, f.attribute, f.reference, f.operator) for f in found.images}
    places = {
        (f.subject.address, f.attribute, *sorted({c for p in f.places for c in p.countries})) for f in found.placements
    }
    return images | places


EXPECTED = told(run({"a.yaml": BLOCK}))


def test_block_style() -> None:
    found = run({"k8s/a.yaml": BLOCK})
    assert [r.address for r in found.resources] == ["apps/Deployment/web/frontend"]
    resource = found.resources[0]
    assert (resource.kind, resource.format, resource.mode, resource.unit) == (
        "Deployment",
        "kubernetes",
        "object",
        "k8s/a.yaml",
    )
    assert (resource.span.text, resource.span.location().line) == ("Deployment", 2)
    assert [(f.attribute, f.host, f.operator, found.at(f), f.cause.location.line) for f in found.images] == [
        ("spec.template.spec.containers[0].image", "ghcr.io", "github", "ghcr.io/gemeente/frontend:2.1", 15),
        ("spec.template.spec.containers[1].image", "docker.io", "docker", "nginx", 17),
        ("spec.template.spec.initContainers[0].image", "docker.io", "docker", '"docker.io/library/busybox:1.36"', 12),
    ]
    (place,) = found.placements
    assert (place.role, found.at(place), place.confidence) == ("scheduling", "us-east-1", "heuristic")
    assert {p.countries for p in place.places} == {("US",)}
    assert place.subject.declared_at.line == 2
    assert not found.problems


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(OBJECT)),
        ("a.json", json.dumps(OBJECT, indent="\t")),
        ("a.yaml", json.dumps(OBJECT, indent=2)),
        ("a.yaml", "# a comment first\n--- # and here\n" + json.dumps(OBJECT)),
        ("a.yaml", "\ufeff" + BLOCK.replace("\n", "\r\n")),
        ("a.yaml", "%YAML 1.1\n---\n" + BLOCK + "...\n"),
        ("a.yaml", "".join(f"  {line}\n" for line in BLOCK.splitlines())),
        ("a.yaml", BLOCK.replace("kind:", '"kind":').replace("apiVersion:", "'apiVersion':")),
        ("a.yaml", "---\n---\nhello: world\n---\n" + BLOCK + "---\n# nothing\n"),
        ("a.yaml", "apiVersion: v1\nkind: List\nitems:\n- " + BLOCK.replace("\n", "\n  ").rstrip(" ")),
        ("a.json", json.dumps({**LIST, "items": [{**LIST, "items": [OBJECT]}]})),
        ("a.yaml", json.dumps({**LIST, "kind": "DeploymentList", "apiVersion": "apps/v1", "items": [BARE]})),
        ("a.json", json.dumps([OBJECT])),
        ("a.yaml", ANCHORS),
    ],
)
def test_however_it_is_written(name: str, text: str) -> None:
    found = run({name: text})
    assert told(found) == EXPECTED
    assert not [p for p in found.problems if p.level == "error"]
    for fact in found.facts:
        assert found.at(fact).strip("\"'") == fact.cause.value


def test_anchors_and_merge_keys_lead_back_to_the_literal() -> None:
    found = run({"a.yaml": ANCHORS})
    by_path = {f.attribute: f for f in found.facts}
    wait = by_path["spec.template.spec.initContainers[0].image"]
    assert found.line(wait) == ("a.yaml", 2)
    assert [(h.location.line, h.note) for h in wait.cause.via] == [(13, f"{wait.attribute} = *busybox")]
    app = by_path["spec.template.spec.containers[0].image"]
    assert (found.line(app), found.at(app)) == (("a.yaml", 3), "ghcr.io/gemeente/frontend:2.1")
    assert [h.location.line for h in app.cause.via] == [14]
    proxy = by_path["spec.template.spec.containers[1].image"]
    assert (found.line(proxy), found.at(proxy), proxy.cause.via) == (("a.yaml", 14), "nginx", ())
    (place,) = found.placements
    assert (found.line(place), [h.location.line for h in place.cause.via]) == (("a.yaml", 5), [12])
    assert place.cause.owner == "apps/Deployment/web/frontend"


@pytest.mark.parametrize(
    ("version", "kind", "way", "group"),
    [
        ("v1", "Pod", "spec", "core"),
        ("v1", "PodTemplate", "template.spec", "core"),
        ("v1", "ReplicationController", "spec.template.spec", "core"),
        ("apps/v1", "Deployment", "spec.template.spec", "apps"),
        ("apps/v1beta2", "ReplicaSet", "spec.template.spec", "apps"),
        ("apps/v1", "StatefulSet", "spec.template.spec", "apps"),
        ("apps/v1", "DaemonSet", "spec.template.spec", "apps"),
        ("extensions/v1beta1", "Deployment", "spec.template.spec", "extensions"),
        ("batch/v1", "Job", "spec.template.spec", "batch"),
        ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec", "batch"),
    ],
)
def test_every_workload_kind_and_every_image_in_it(version: str, kind: str, way: str, group: str) -> None:
    pod: dict[str, Any] = {
        "containers": [{"image": "quay.io/a/one"}],
        "initContainers": [{"image": "quay.io/a/two"}],
        "ephemeralContainers": [{"image": "quay.io/a/three"}],
        "volumes": [{"name": "x", "image": {"reference": "quay.io/a/four"}}, {"name": "y", "emptyDir": {}}],
    }
    body: Any = pod
    for key in reversed(way.split(".")):
        body = {key: body}
    found = run(
        {"a.json": json.dumps({"apiVersion": version, "kind": kind, "metadata": {"generateName": "x-"}, **body})}
    )
    assert {f.reference for f in found.images} == {f"quay.io/a/{n}" for n in ("one", "two", "three", "four")}
    assert {f.subject.address for f in found.images} == {f"{group}/{kind}/-/x-*"}
    # The same names in another group are not the built-in kind: what has its shape is recognised, as a guess.
    other = run({"a.json": json.dumps({"apiVersion": f"{group}.example.nl/v1", "kind": kind, **body})})
    assert len(other.resources) == 1
    assert {f.confidence for f in other.facts} == {"heuristic"}
    # And a built-in group has the kinds of the table only.
    other = run({"a.json": json.dumps({"apiVersion": version, "kind": f"{kind}Status", **body})})
    assert (len(other.resources), other.facts) == (1, [])


AFFINITY = """\
apiVersion: v1
kind: Pod
metadata: {name: p, annotations: {%s: x}}
spec:
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
          - matchExpressions:
              - {key: topology.kubernetes.io/zone, operator: In, values: [eu-west-1a, us-east-1b]}
              - {key: topology.kubernetes.io/zone, operator: NotIn, values: [ap-south-1a]}
              - {key: topology.kubernetes.io/region, operator: Exists}
              - {key: kubernetes.io/os, operator: In, values: [linux]}
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 1
          preference:
            matchExpressions:
              - {key: failure-domain.beta.kubernetes.io/region, operator: In, values: [eu-west-2]}
"""


def test_affinity_and_whose_names_they_are() -> None:
    found = run({"a.yaml": AFFINITY % "eks.amazonaws.com/role-arn"})
    assert [(found.at(f), [p.name for p in f.places], f.confidence) for f in found.placements] == [
        ("eu-west-1a", ["eu-west-1"], "literal"),
        ("us-east-1b", ["us-east-1"], "literal"),
        ("eu-west-2", ["eu-west-2"], "literal"),
    ]
    # Nobody tells whose names they are: every provider votes (London at AWS, France at Outscale).
    found = run({"a.yaml": AFFINITY % "example.nl/x"})
    assert {"GB", "FR"} <= {c for p in found.placements[2].places for c in p.countries}
    assert {f.confidence for f in found.placements} == {"heuristic"}
    # The configuration tells.
    found = run({"a.yaml": AFFINITY % "example.nl/x"}, namespace="outscale")
    assert [p.countries for p in found.placements[2].places] == [("FR",)]


STORAGE = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
allowedTopologies:
  - matchLabelExpressions:
      - key: topology.ebs.csi.aws.com/zone
        values:
          - eu-central-2a
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv, labels: {topology.kubernetes.io/region: westeurope}}
spec:
  csi: {driver: disk.csi.azure.com}
  nodeAffinity:
    required:
      nodeSelectorTerms:
        - matchExpressions: [{key: topology.disk.csi.azure.com/zone, operator: In, values: [eastus-1]}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: old, labels: {failure-domain.beta.kubernetes.io/zone: us-central1-a}}
spec: {gcePersistentDisk: {pdName: x}}
---
apiVersion: v1
kind: Node
metadata: {name: n, labels: {topology.kubernetes.io/region: dc-utrecht, topology.kubernetes.io/zone: "${ZONE}"}}
"""


def test_storage_nodes_and_names_that_nobody_knows() -> None:
    found = run({"a.yaml": STORAGE})
    rows = [(f.subject.address, found.at(f), [(p.namespace, p.name) for p in f.places]) for f in found.placements]
    assert rows == [
        ("storage.k8s.io/StorageClass/-/fast", "eu-central-2a", [("aws", "eu-central-2")]),
        ("core/PersistentVolume/-/pv", "westeurope", [("azure", "westeurope")]),
        ("core/PersistentVolume/-/pv", "eastus-1", [("azure", "eastus")]),
        ("core/PersistentVolume/-/old", "us-central1-a", [("google", "us-central1")]),
        ("core/Node/-/n", "dc-utrecht", []),
        ("core/Node/-/n", '"${ZONE}"', []),
    ]
    assert [f.cause.known for f in found.placements[-2:]] == [True, False]


def test_what_is_no_object_is_left_alone() -> None:
    found = run(
        {
            "compose.yaml": "services: {web: {image: nginx}}\n",
            "openapi.yaml": "openapi: 3.0.0\ninfo: {kind: x}\n",
            "broken.yaml": "a: [\n",
            "binary.yaml": b"\x00\x01\xff",
            "empty.yaml": "",
            "comment.yaml": "# apiVersion: v1\n# kind: Pod\n",
            "kind.yaml": "apiVersion: v1\nkind: [Pod]\n",
            "null.yaml": "apiVersion: v1\nkind: Pod\nmetadata: null\nspec:\n",
            "types.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: {image: 5}, nodeSelector: [a], volumes: x}\n",
            "template.yaml": "apiVersion: v1\nkind: Pod\n"
            "spec: {containers: [{image: '{{ x }}'}, {image: ''}, {image: null}]}\n",
            "a.tf": "",
        }
    )
    assert {r.address for r in found.resources} == {"core/Pod/-/-"}
    # `image: 5` is read as a name, as kubectl would say it is no string: nothing that pulls.
    assert found.images == [] or all(f.attribute == "spec.containers.image" for f in found.images)
    assert found.problems == []


def test_broken_files() -> None:
    broken = "apiVersion: v1\nkind: Pod\n  a: [\n"
    found = run(
        {"a.yaml": broken + "---\n" + BLOCK, "kustomization.yaml": "a: [", "x.yaml": "b: [", "named.yaml": "c: ["},
        frozenset({"named.yaml"}),
    )
    assert [(p.location.path, p.code, p.level) for p in found.problems] == [
        ("a.yaml", "syntax", "error"),
        ("kustomization.yaml", "syntax", "error"),
        ("named.yaml", "syntax", "error"),
    ]
    assert told(found) == EXPECTED, "the other documents of a broken file are read"
    found = run({"a.yaml": b"apiVersion: v1\nkind: Pod\n\xff"})
    assert [p.code for p in found.problems] == ["encoding"]
    text = "apiVersion: v1\nkind: Pod\nspec:\n  {{- toYaml .x }}\n  containers:\n  - image: nginx:1\n"
    found = run({"t.yaml": text})
    assert [(p.code, p.level) for p in found.problems] == [("template", "warning")]
    assert [(found.at(f), f.confidence) for f in found.images] == [("nginx:1", "heuristic")]


def test_waiver_sources() -> None:
    found = run(
        {"a.yaml": BLOCK, "b.yaml": BLOCK + "# sovlint:waive SOV501\n", "c.yaml": "x: 1 # sovlint:waive SOV501\n"}
    )
    assert found.waivers == ["b.yaml"]


def test_attributes_protocol() -> None:
    (resource,), problems = load(SourceFile("a.yaml", BLOCK), "a.yaml")
    attributes = resource.attributes
    assert not problems
    assert list(attributes.names()) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(attributes.references()) == []
    span = attributes.key_span(("spec", "template", "spec", "containers", "image"))
    assert span is not None
    assert (span.text, span.location().line) == ("image", 15)
    assert attributes.key_span(("spec", "nothing")) is None
    assert attributes.key_span(()) is None
    values = [v.value for _, v in attributes.select(("metadata", "*")) if hasattr(v, "value")]
    assert values == ["frontend", "web"]


def test_alias_bombs_end() -> None:
    many = 400
    text = "apiVersion: v1\nkind: Pod\nx:\n- &v [" + ", ".join(["us-east-1"] * many) + "]\n"
    text += "- &e {key: topology.kubernetes.io/zone, operator: In, values: *v}\n"
    text += "- &t {matchExpressions: [" + ", ".join(["*e"] * many) + "]}\n"
    text += "spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ["
    text += ", ".join(["*t"] * many) + "]}}}}\n"
    lists = "x: &l0 [{kind: Pod, apiVersion: v1}]\n"
    for level in range(1, 40):
        lists += (
            f"l{level}: &l{level} [" + ", ".join([f"{{kind: List, apiVersion: v1, items: *l{level - 1}}}"] * 9) + "]\n"
        )
    lists += "apiVersion: v1\nkind: List\nitems: *l39\n"
    started = time.monotonic()
    found = run({"a.yaml": text, "b.yaml": lists})
    assert time.monotonic() - started < 30
    assert len(found.placements) < 200 * many
    assert any(p.code == "too-deep" for p in found.problems)


KEYS = st.sampled_from(
    [
        "apiVersion",
        "kind",
        "items",
        "metadata",
        "spec",
        "template",
        "containers",
        "image",
        "nodeSelector",
        "values",
        "key",
        "name",
        "a",
    ]
)
SCALARS = st.sampled_from(
    ["v1", "apps/v1", "Pod", "List", "PodList", "Deployment", "nginx", "us-east-1", "topology.kubernetes.io/zone", ""]
)
NESTED = st.recursive(
    SCALARS | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(NESTED, st.sampled_from(["a.yaml", "a.json", "values.yaml", "Chart.yaml", "templates/a.yaml"]))
def test_random_data_never_raises(data: object, name: str) -> None:
    wrapped = {"apiVersion": "v1", "kind": "Pod", **data} if isinstance(data, dict) else data
    files: dict[str, str | bytes] = {
        name: json.dumps(wrapped),
        "Chart.yaml" if name != "Chart.yaml" else "values.yaml": json.dumps(data),
    }
    found = run(files, frozenset({name}))
    for fact in found.facts:
        assert fact.subject.address
        assert fact.cause.location.line >= 1
