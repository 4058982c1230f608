"""The same objects in every style of YAML and JSON give the same facts, each at its own words."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from manifest_runs import run

from sovlint.model.fact import Fact, Placement

ZONES = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-west-2b"]}
POD = {
    "nodeSelector": {"topology.kubernetes.io/region": "us-east-1"},
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [ZONES]}]}
        }
    },
    "initContainers": [{"name": "wait", "image": "docker.io/library/busybox:1.36"}],
    "containers": [{"name": "app", "image": "ghcr.io/gemeente/frontend:2.1"}, {"name": "proxy", "image": "nginx"}],
}


def thing(version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x", "namespace": "web"}, "spec": spec}


BUCKET = thing("s3.aws.upbound.io/v1beta2", "Bucket", {"forProvider": {"region": "us-east-1"}})
OBJECTS = {
    "deployment": thing("apps/v1", "Deployment", {"template": {"spec": POD}}),
    "cron-job": thing("batch/v1", "CronJob", {"jobTemplate": {"spec": {"template": {"spec": POD}}}}),
    "rollout": thing("argoproj.io/v1alpha1", "Rollout", {"template": {"spec": POD}}),
    "postgres": thing("postgresql.cnpg.io/v1", "Cluster", {"imageName": "ghcr.io/cloudnative-pg/postgresql:17"}),
    "unknown": thing("voorbeeld.nl/v1", "Portaal", {"deel": [{"pod": POD}], "image": "quay.io/a/b:1"}),
    "pool": thing("karpenter.sh/v1", "NodePool", {"template": {"spec": {"requirements": [ZONES]}}}),
    "bucket": BUCKET,
    "table": thing(
        "dynamodb.aws.upbound.io/v1beta2",
        "Table",
        {"forProvider": {"region": "us-east-1", "replica": [{"regionName": "us-west-2"}, {"regionName": "eu-west-1"}]}},
    ),
    "instance": thing("sql.cnrm.cloud.google.com/v1beta1", "SQLInstance", {"region": "us-central1"}),
    "account": thing("storage.azure.com/v1api20230101", "StorageAccount", {"location": "eastus"}),
    "cluster": thing("infrastructure.cluster.x-k8s.io/v1beta2", "AWSCluster", {"region": "us-east-1"}),
    "composition": thing(
        "apiextensions.crossplane.io/v1",
        "Composition",
        {"resources": [{"name": "b", "base": BUCKET}]},
    ),
}


def block(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False)


def anchored(value: Any) -> str:
    """Every text below `spec` is written once, at the top, and used through an alias."""
    texts: dict[str, str] = {}

    def aliases(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {key: aliases(child) for key, child in inner.items()}
        if isinstance(inner, list):
            return [aliases(child) for child in inner]
        return f"ALIAS{texts.setdefault(inner, str(len(texts)))}SAILA"

    body = block({key: aliases(child) if key == "spec" else child for key, child in value.items()})
    for number in texts.values():
        body = body.replace(f"ALIAS{number}SAILA", f"*t{number}")
    return "x-texts:\n" + "".join(f"  - &t{number} {json.dumps(text)}\n" for text, number in texts.items()) + body


def listed(value: Any) -> str:
    return block({"apiVersion": "v1", "kind": "List", "items": [thing("v1", "ConfigMap", {}), value]})


def merged(value: Any) -> str:
    """The whole spec comes through a merge key."""
    shared = "".join(f"  {line}\n" for line in block(value["spec"]).splitlines())
    return f"x: &spec\n{shared}" + block({**value, "spec": 0}).replace("spec: 0", "spec: {<<: *spec}")


STYLES: dict[str, Callable[[Any], str]] = {
    "json": lambda value: json.dumps(value, indent=2),
    "json-line": json.dumps,
    "json-list": lambda value: json.dumps({"apiVersion": "v1", "kind": "List", "items": [value]}, indent=1),
    "flow": lambda value: yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=60),
    "quoted": lambda value: yaml.safe_dump(value, default_style='"', sort_keys=False),
    "anchors": anchored,
    "list": listed,
    "documents": lambda value: f"# first\n---\n{block(thing('v1', 'ConfigMap', {}))}---\n{block(value)}...\n---\n",
    "crlf": lambda value: block(value).replace("\n", "\r\n"),
    "bom": lambda value: "\ufeff" + block(value),
    "merge": merged,
}


def said(path: str, text: str) -> list[tuple[object, ...]]:
    """What is said, of whom, and the words it stands on, in any order; words without their quotes."""
    found = run({path: text})
    assert not [p for p in found.problems if p.level == "error"]
    out = []
    for fact in found.facts:
        words = found.at(fact).strip("\"'")
        value = fact.cause.value
        # The place is right: the text there is the value.
        assert words == value or words in _own(fact), (words, value)
        names = tuple(p.name for p in fact.places) if isinstance(fact, Placement) else ()
        # Where a whole map stands elsewhere in the object, its shape is met there first.
        attribute = re.sub(r"^x\.", "spec.", fact.attribute)
        out.append((type(fact).__name__, fact.role, fact.subject.address, attribute, words, names))
    return sorted(out)


def _own(fact: Fact) -> tuple[str, ...]:
    return (fact.subject.kind, fact.subject.provider)


@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.parametrize("name", list(OBJECTS))
def test_the_same_object_says_the_same(name: str, style: str) -> None:
    value = copy.deepcopy(OBJECTS[name])
    expected = said("a.yaml", block(value))
    assert expected
    path = "a.json" if style.startswith("json") else "a.yaml"
    assert said(path, STYLES[style](value)) == expected


def test_all_at_once() -> None:
    """Objects do not disturb each other: together they say what each says alone."""
    one_by_one = [row for value in OBJECTS.values() for row in said("a.yaml", block(value)) if row[0] != "OperatorUse"]
    together = said("a.yaml", "---\n".join(block(value) for value in OBJECTS.values()))
    assert sorted(row for row in together if row[0] != "OperatorUse") == sorted(one_by_one)
