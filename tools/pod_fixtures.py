"""Writes the fixtures of the tables of kinds: `fixtures/kubernetes/pods/{bad,good}/<group>.yaml`.

Every kind of `policies/catalogue/kubernetes/` gets one object in which every way of its row leads to something wrong
(with the expectation on its line), and one in which nothing is. Run it after an edit of the tables:

    python tools/pod_fixtures.py
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
TABLES = REPOSITORY / "policies" / "catalogue" / "kubernetes"
FIXTURES = REPOSITORY / "fixtures" / "kubernetes" / "pods"

LISTS = frozenset(
    [
        "additionalContainers",
        "allowedTopologies",
        "componentSpecs",
        "containers",
        "deployments",
        "ephemeralContainers",
        "extensions",
        "failureDomains",
        "finally",
        "images",
        "initContainers",
        "instances",
        "machineDeployments",
        "machinePools",
        "manifests",
        "matchLabelExpressions",
        "metrics",
        "nodePools",
        "nodeSelectorTerms",
        "nodeSets",
        "objects",
        "pipeline",
        "podTemplates",
        "pods",
        "pools",
        "predictors",
        "relatedImages",
        "replicatedJobs",
        "replsets",
        "requirements",
        "resourcetemplates",
        "sidecars",
        "steps",
        "tags",
        "taskRunSpecs",
        "tasks",
        "templates",
        "triggers",
        "volumes",
        "workerGroupSpecs",
    ]
)
"""Fields that are lists wherever they occur; the tables' ways enter lists without saying so."""

LISTS_OF_KINDS = {
    ("apiextensions.crossplane.io", "Composition"): {"resources"},
    ("hive.openshift.io", "SyncSet"): {"resources"},
    ("hive.openshift.io", "SelectorSyncSet"): {"resources"},
}
MAPS_OF_KINDS = {
    ("core", "PodTemplate"): {"templates"},
    ("operators.coreos.com", "CatalogSource"): {"images"},
    ("types.kubefed.io", "FederatedDeployment"): {"templates"},
    ("apps.kruise.io", "ImageListPullJob"): {"images"},
    ("clickhouse.altinity.com", "ClickHouseInstallation"): {"templates"},
    ("clickhouse.altinity.com", "ClickHouseInstallationTemplate"): {"templates"},
    ("mysql.oracle.com", "InnoDBCluster"): {"instances"},
}
VERSIONS = {"core": "v1"}


class Leaf:
    """A scalar with what is expected on its line."""

    def __init__(self, text: str, *codes: str) -> None:
        self.text = text
        self.codes = codes


class Writer:
    """Objects of one quality: `bad` or `good`."""

    def __init__(self, bad: bool) -> None:
        self.bad = bad
        self.count = 0

    def image(self) -> Leaf:
        """A reference; every one is another."""
        self.count += 1
        if self.bad:
            return Leaf(f"ghcr.io/gemeente/part-{self.count}:1.0", "SOV501")
        return Leaf(f"rg.fr-par.scw.cloud/gemeente/part-{self.count}:1.0")

    def region(self) -> Leaf:
        """The value of a region label."""
        return Leaf("us-east-1", "SOV108") if self.bad else Leaf("fr-par")

    def term(self) -> dict[str, Any]:
        """A requirement on a region label."""
        return {"key": Leaf("topology.kubernetes.io/region"), "operator": Leaf("In"), "values": [self.region()]}

    def object(self) -> dict[str, Any]:
        """A whole object to stand inside of another one."""
        return {
            "apiVersion": Leaf("v1"),
            "kind": Leaf("Pod"),
            "metadata": {"name": Leaf("inside")},
            "spec": {"containers": [{"name": Leaf("app"), "image": self.image()}]},
        }

    def document(self, row: dict[str, Any], kind: str) -> dict[str, Any]:
        """The object of one kind with something at the end of every way of its row."""
        key = (row["group"], kind)
        version = VERSIONS.get(row["group"], f"{row['group']}/v1")
        out: dict[str, Any] = {
            "apiVersion": Leaf(version),
            "kind": Leaf(kind),
            "metadata": {"name": Leaf(kind.lower())},
        }
        for way in row.get("pods", ()):
            self.put(out, key, f"{way}.containers.name", Leaf("app"))
            self.put(out, key, f"{way}.containers.image", self.image())
            self.put(out, key, f"{way}.nodeSelector", {"topology.kubernetes.io/region": self.region()})
        for way in row.get("images", ()):
            self.put(out, key, way, self.image())
        for way in row.get("selectors", ()):
            self.put(out, key, way, {"topology.kubernetes.io/region": self.region()})
        for way in row.get("terms", ()):
            above, _, last = way.rpartition(".")
            self.put(out, key, f"{above}.{last}" if above else last, [self.term()])
        for way in row.get("zones", ()):
            self.put(out, key, way, Leaf("us-east-1a", "SOV108") if self.bad else Leaf("fr-par-1"))
        for way in row.get("objects", ()):
            self.put(out, key, way, self.object())
        return out

    @staticmethod
    def put(out: dict[str, Any], key: tuple[str, str], way: str, value: Any) -> None:
        """Sets a value at a way; existing maps and single-element lists on it are gone through."""
        lists = (LISTS | LISTS_OF_KINDS.get(key, set())) - MAPS_OF_KINDS.get(key, set())
        *names, last = ["Any" if name == "*" else name for name in way.split(".")]
        here = out
        for name in names:
            if name in lists:
                below = here.setdefault(name, [{}])
                here = below[0]
            else:
                here = here.setdefault(name, {})
        if last in lists and not isinstance(value, list):
            if isinstance(value, dict) and here.get(last):
                here[last][0].update(value)
            else:
                here[last] = [value]
        elif isinstance(value, dict):
            here.setdefault(last, {}).update(value)
        else:
            here[last] = value


def lines(value: Any, indent: str = "") -> list[str]:
    """Block YAML with expectations as comments."""
    out: list[str] = []
    for name, child in value.items():
        if isinstance(child, Leaf):
            out.append(f"{indent}{name}: {shown(child)}")
        elif isinstance(child, dict):
            out.append(f"{indent}{name}:")
            out += lines(child, indent + "  ")
        else:
            out.append(f"{indent}{name}:")
            for element in child:
                if isinstance(element, Leaf):
                    out.append(f"{indent}  - {shown(element)}")
                else:
                    first, *rest = lines(element, indent + "    ")
                    out += [f"{indent}  - {first.lstrip()}", *rest]
    return out


def shown(leaf: Leaf) -> str:
    """A scalar with its expectation."""
    return f"{leaf.text} # expect: {', '.join(leaf.codes)}" if leaf.codes else leaf.text


def main() -> None:
    """Writes all files anew."""
    tables = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(TABLES.glob("*.yaml"))]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in (row for table in tables for row in table.get("workloads", ())):
        groups.setdefault(row["group"], []).append(row)
    for quality in ("bad", "good"):
        shutil.rmtree(FIXTURES / quality, ignore_errors=True)
        (FIXTURES / quality).mkdir(parents=True)
        for group, rows in sorted(groups.items()):
            writer = Writer(quality == "bad")
            documents = [
                "\n".join(lines(writer.document(r, k))) for r in rows for k in (r["kind"], *r.get("kinds", ()))
            ]
            path = FIXTURES / quality / f"{group}.yaml"
            path.write_text("\n---\n".join(documents) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
