"""Broken and hostile documents: each is named with its position, and what stands beside it is still read."""

from __future__ import annotations

import time

import pytest
from manifest_runs import run

GOOD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: good}\n"
    "spec: {template: {spec: {containers: [{image: nginx}]}}}\n"
)
BUCKET = (
    "apiVersion: s3.aws.upbound.io/v1\nkind: Bucket\nmetadata: {name: good}\nspec: {forProvider: {region: us-east-1}}\n"
)
HEAD = "apiVersion: voorbeeld.nl/v1\nkind: Thing\nmetadata: {name: bad}\n"

BROKEN = {
    "tab": HEAD + "spec:\n\timage: a/b:1\n",
    "unclosed": HEAD + "spec: {image: a/b:1\n",
    "quote": HEAD + "spec: {image: 'a/b:1}\n",
    "indentation": HEAD + "spec:\n    image: a/b:1\n  name: x\n",
    "two-values": HEAD + "spec: a: b\n",
    "unknown-anchor": HEAD + "spec: *nothing\n",
    "control": HEAD + "spec: {image: 'a\x07b'}\n",
    "directive": "%YAML 9\n---\n" + HEAD,
    "deep": HEAD + "spec: " + "{a: " * 5_000 + "}" * 5_000 + "\n",
    "deep-list": HEAD + "spec: " + "[" * 30_000 + "]" * 30_000 + "\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_says_where_and_the_others_are_read(name: str) -> None:
    files = {"bad.yaml": f"{GOOD}---\n{BUCKET}---\n{BROKEN[name]}", "good.yaml": GOOD}
    found = run(files)
    assert {p.location.path for p in found.problems} == {"bad.yaml"}
    assert all(p.location.line >= 9 and p.message for p in found.problems)
    assert {("bad.yaml", 4), ("good.yaml", 4)} <= {found.line(image) for image in found.images}
    assert ("bad.yaml", 9) in {found.line(place) for place in found.placements}


BYTES = {
    "latin-1": (HEAD + "spec: {image: 'a/b:1', note: café}\n").encode("latin-1"),
    "utf-16": b"\xff\xfe" + (HEAD + "spec: {image: 'a/b:1'}\n").encode("utf-16-le"),
    "nul": (HEAD + "spec: {image: 'a\x00b'}\n").encode(),
    "binary": bytes(range(256)) * 4 + b"\napiVersion: v1\nkind: Pod\n",
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_text(name: str) -> None:
    """Named, or read all the same; never the end of the run."""
    found = run({"bad.yaml": BYTES[name], "good.yaml": GOOD}, named=frozenset({"bad.yaml"}))
    assert ("good.yaml", 4) in {found.line(image) for image in found.images}
    assert any(p.location.path == "bad.yaml" for p in found.problems) or len(found.images) == 2


def laughs(leaf: str) -> str:
    """Lists of lists of aliases: ten to the ninth leaves in a few lines."""
    lines = [f"a0: &a0 {leaf}\n"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10)]
    return "".join(lines)


def merges(leaf: str) -> str:
    """Maps that merge maps that merge maps."""
    lines = [f"a0: &a0 {leaf}\n"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}], k{i}: *a{i - 1}}}\n" for i in range(1, 10)]
    return "".join(lines)


CONTAINER = "{name: a, image: ghcr.io/a/b}"
ROLLOUT = "apiVersion: argoproj.io/v1alpha1\nkind: %s\nmetadata: {name: bomb}\n"
BOMBS = {
    "unknown": HEAD + laughs(CONTAINER) + "spec: {containers: *a9}\n",
    "unknown-merges": HEAD + merges(CONTAINER) + "spec: {pod: *a9}\n",
    "known": ROLLOUT % "Workflow" + laughs("{container: {image: nginx}, sidecars: []}") + "spec: {templates: *a9}\n",
    "requirements": "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: b}\n"
    + laughs("{key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]}")
    + "spec: {template: {spec: {requirements: *a9}}}\n",
    "cloud": "apiVersion: s3.aws.upbound.io/v1\nkind: Bucket\nmetadata: {name: b}\n"
    + laughs("us-east-1")
    + "spec: {forProvider: {region: *a9, replica: *a9}}\n",
    "composition": "apiVersion: apiextensions.crossplane.io/v1\nkind: Composition\nmetadata: {name: b}\n"
    + laughs("{base: {apiVersion: s3.aws.upbound.io/v1, kind: Bucket, spec: {forProvider: {region: us-east-1}}}}")
    + "spec: {resources: *a9}\n",
    "list": "apiVersion: v1\nkind: List\n" + laughs("{apiVersion: v1, kind: Pod, spec: {}}") + "items: *a9\n",
    "nested-objects": "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: b}\nobjects: &o\n"
    "  - {apiVersion: template.openshift.io/v1, kind: Template, objects: [*o]}\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_soon_and_leave_the_rest_alone(name: str) -> None:
    start = time.perf_counter()
    found = run({"bomb.yaml": BOMBS[name], "good.yaml": GOOD})
    assert time.perf_counter() - start < 30
    assert ("good.yaml", 4) in {found.line(image) for image in found.images}
    assert len(found.facts) < 100_000


@pytest.mark.parametrize("members", ["{}", "[]", "null", "text", "1", "[[1]]", "{a: {b: []}}"])
def test_anything_may_stand_anywhere(members: str) -> None:
    """Every field that survey asks for may hold anything."""
    for head, way in (
        ("apps/v1\nkind: Deployment", "template"),
        ("argoproj.io/v1\nkind: Rollout", "template"),
        ("voorbeeld.nl/v1\nkind: Thing", "containers"),
        ("voorbeeld.nl/v1\nkind: Thing", "nodeSelector"),
        ("apiextensions.crossplane.io/v1\nkind: Composition", "resources"),
        ("apiextensions.crossplane.io/v1\nkind: Composition", "patchSets"),
        ("s3.aws.upbound.io/v1\nkind: Bucket", "forProvider"),
        ("storage.azure.com/v1\nkind: StorageAccount", "owner"),
        ("karpenter.sh/v1\nkind: NodePool", "requirements"),
    ):
        run({"a.yaml": f"apiVersion: {head}\nmetadata: {members}\nspec: {{{way}: {members}}}\n"})
        metadata = f"{{labels: {members}, annotations: {members}}}"
        run({"a.yaml": f"apiVersion: {head}\nmetadata: {metadata}\nspec: {members}\n"})
