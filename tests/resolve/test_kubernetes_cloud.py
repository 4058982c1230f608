"""Cloud resources in manifests: what is said of a Terraform type is said of the kinds that correspond to it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from manifest_runs import Run, catalogue, run
from terraform_runs import World

from sovlint.model.fact import Fact, KeyCustody, OperatorUse, Placement, Reliance, ServiceUse
from sovlint.survey.terraform import TerraformSurvey

FAMILIES: list[dict[str, Any]] = catalogue().shard("cloud")["families"]
REGIONS = {"azurerm": "eastus", "google": "us-central1", "hcloud": "ash", "digitalocean": "nyc1", "linode": "us-ord"}
"""A place outside of Europe, by provider; AWS's and those that call theirs alike by default."""


def kinds_of(family: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(group, kind, Terraform type) of all kinds of a family's table."""
    found: list[tuple[str, str, str]] = []
    for short, kinds in catalogue().shard(f"cloud-{family['id']}")["kinds"].items():
        for kind, name in kinds.items():
            groups = family["groups"] if short in ("*", "-") else [f"{short}.{g}" for g in family["groups"]]
            found.extend((group, kind, name) for group in groups if name is not None)
    return found


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def put(out: dict[str, Any], route: list[str], value: Any) -> None:
    for name in route[:-1]:
        out = out.setdefault(name, {})
    out[route[-1]] = value


def way(family: dict[str, Any], kind: str, attribute: str) -> list[str]:
    """Where an object of the family says an attribute of Terraform's."""
    for row in family["attributes"]:
        if row["name"] == attribute and kind in row.get("kinds", [kind]) and not row.get("refers"):
            return row["route"] if isinstance(row["route"], list) else row["route"].split(".")
    return [*family["inside"][0].split("."), *map(camel, attribute.split("."))]


def said(facts: list[Fact]) -> set[tuple[object, ...]]:
    """What facts say, without where; what is left to somebody else is not part of it."""
    out: set[tuple[object, ...]] = set()
    for fact in facts:
        if isinstance(fact, Placement):
            if fact.places:
                out.add(("place", fact.role, *((p.namespace, p.name, p.countries) for p in fact.places)))
        elif isinstance(fact, OperatorUse):
            out.add(("operator", fact.role, fact.operator, fact.subject.primary))
        elif isinstance(fact, ServiceUse):
            out.add(("service", fact.service, fact.lock_in, fact.operator))
        elif isinstance(fact, KeyCustody):
            out.add(("key", fact.operator, fact.external))
        elif isinstance(fact, Reliance):
            out.add(("reliance", fact.purpose, fact.operator))
    return out


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family["id"]))
def test_every_kind_says_what_its_terraform_type_says(family: dict[str, Any]) -> None:
    """One object and one Terraform resource of every kind of the table, with the same place outside of Europe."""
    blocks, objects = [], []
    rows = kinds_of(family)
    for number, (group, kind, name) in enumerate(rows):
        provider = family.get("provider") or catalogue().provider_of_type(name)
        entry, known = catalogue().type_entry(provider, name), catalogue().provider(provider)
        assert known is not None, provider
        place = next((s for s in entry.places if s.role == "primary" and s.carries == "region"), None)
        out: dict[str, Any] = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": f"n{number}"}}
        written = ""
        if place is not None and entry.place_mode == "own":
            value = REGIONS.get(provider, "us-east-1")
            *above, last = place.route
            put(out, way(family, kind, ".".join(place.route)), value)
            written = f'{last} = "{value}"'
            for block in reversed(above):
                written = f"{block} {{\n{written}\n}}"
        blocks.append(f'resource "{name}" "n{number}" {{\n{written}\n}}\n')
        objects.append(out)
    world = World("".join(blocks))
    terraform: dict[str, list[Fact]] = {}
    for fact in TerraformSurvey(catalogue()).facts(world.loaded.resources):
        terraform.setdefault(fact.subject.address.rpartition(".")[2], []).append(fact)
    manifests: dict[str, list[Fact]] = {}
    for fact in run({"a.json": json.dumps(objects)}).facts:
        manifests.setdefault(fact.subject.address.rpartition("/")[2], []).append(fact)
    assert manifests
    for number, row in enumerate(rows):
        expected = said(terraform.get(f"n{number}", []))
        got = said(manifests.get(f"n{number}", []))
        if not family.get("exact"):
            got = {one for one in got if one[0] != "reliance"}
            expected = {one for one in expected if one[0] != "reliance"}
        assert got == expected, row


def test_every_family_has_kinds() -> None:
    assert len(FAMILIES) >= 10
    assert all(kinds_of(family) for family in FAMILIES)


# --- what only manifests have


def objects(text: str, *others: str) -> Run:
    return run({"a/one.yaml": text, **{f"a/more-{i}.yaml": other for i, other in enumerate(others)}})


def places(found: Run) -> list[tuple[str, str, str]]:
    """(kind, what the cause covers, place) of everything that is placed."""
    return sorted((f.subject.kind, found.at(f), f.places[0].name) for f in found.placements if f.places)


BUCKET = """\
apiVersion: s3.aws.upbound.io/v1beta2
kind: Bucket
metadata: {name: data}
spec:
  forProvider: {region: us-east-1}
"""


def test_who_where_and_what_stand_on_their_own_words() -> None:
    found = objects(BUCKET)
    by_type = {type(fact): fact for fact in found.facts}
    assert found.at(by_type[Placement]) == "us-east-1"
    assert found.at(by_type[OperatorUse]) == "s3.aws.upbound.io/v1beta2"
    assert found.at(by_type[ServiceUse]) == "Bucket"
    subject = by_type[ServiceUse].subject
    assert (subject.kind, subject.format, subject.service) == ("Bucket", "kubernetes", "aws/s3")
    assert subject.address == "s3.aws.upbound.io/Bucket/-/data"


def test_a_provider_is_named_once_per_file() -> None:
    found = objects(f"{BUCKET}---\n{BUCKET.replace('data', 'more')}")
    assert {f.cause.location.line for f in found.facts if isinstance(f, OperatorUse)} == {1}


def test_init_provider_counts_where_nothing_else_is_said() -> None:
    assert places(objects(BUCKET.replace("forProvider", "initProvider"))) == [("Bucket", "us-east-1", "us-east-1")]


def test_configuration_of_a_provider_is_no_resource() -> None:
    for kind in ("ProviderConfig", "ClusterProviderConfig", "ProviderConfigUsage", "BucketList"):
        text = f"apiVersion: aws.upbound.io/v1beta1\nkind: {kind}\nmetadata: {{name: default}}\n"
        assert objects(text).facts == []


KEY = """\
apiVersion: kms.cnrm.cloud.google.com/v1beta1
kind: KMSCryptoKey
metadata: {name: key}
spec: {keyRingRef: {%s}}
"""
RING = """\
apiVersion: kms.cnrm.cloud.google.com/v1beta1
kind: KMSKeyRing
metadata: {name: ring}
spec: {location: us-central1}
"""


def test_references_lead_to_objects_of_other_files() -> None:
    expected = [("KMSCryptoKey", "us-central1", "us-central1"), ("KMSKeyRing", "us-central1", "us-central1")]
    assert places(objects(KEY % "name: ring", RING)) == expected
    assert places(objects(KEY % "name: ring" + "---\n" + RING)) == expected


def test_an_object_that_is_not_there_is_not_guessed() -> None:
    found = objects(KEY % "name: other", RING)
    assert places(found) == [("KMSKeyRing", "us-central1", "us-central1")]
    (unknown,) = [f for f in found.placements if not f.places]
    assert unknown.subject.kind == "KMSCryptoKey"


def test_the_nearest_object_of_a_name_is_meant() -> None:
    eu = RING.replace("us-central1", "europe-west4")
    found = run(
        {"eu/ring.yaml": eu, "us/ring.yaml": RING, "eu/key.yaml": KEY % "name: ring", "b/k.yaml": KEY % "name: ring"}
    )
    keys = {f.subject.unit: [p.name for p in f.places] for f in found.placements if f.subject.kind == "KMSCryptoKey"}
    # Two rings of that name, none of them near: which one the third key means is not known.
    assert keys == {"eu/key.yaml": ["europe-west4"], "b/k.yaml": []}


SUBNET = """\
apiVersion: network.azure.upbound.io/v1beta1
kind: Subnet
metadata: {name: subnet}
spec: {forProvider: {virtualNetworkNameSelector: {matchLabels: {team: %s}}}}
"""
NET = """\
apiVersion: network.azure.upbound.io/v1beta1
kind: VirtualNetwork
metadata: {name: net, labels: {team: %s}}
spec: {forProvider: {location: %s}}
"""


def test_selectors_choose_by_labels_and_kind() -> None:
    group = NET.replace("VirtualNetwork", "ResourceGroup").replace("network.azure", "azure")
    others = (NET % ("b", "westeurope"), group % ("a", "northeurope"), NET % ("a", "eastus"))
    (subnet,) = [f for f in objects(SUBNET % "a", *others).placements if f.subject.kind == "Subnet"]
    assert [p.name for p in subnet.places] == ["eastus"]
    (subnet,) = [f for f in objects(SUBNET % "c", *others).placements if f.subject.kind == "Subnet"]
    assert (subnet.places, subnet.cause.known) == ((), False)


def test_many_objects_that_choose_by_labels_take_linear_time() -> None:
    one = SUBNET.replace("subnet}", "subnet, labels: {team: a}}") % "a" + "---\n"
    start = time.perf_counter()
    assert len(objects(one * 2000 + NET % ("a", "eastus")).placements) == 2001
    assert time.perf_counter() - start < 10


def test_siblings_of_a_composition() -> None:
    ring = (
        "{name: r, base: {apiVersion: kms.gcp.upbound.io/v1beta1, kind: KeyRing, "
        "spec: {forProvider: {location: us-central1}}}}"
    )
    key = (
        "{name: k, base: {apiVersion: kms.gcp.upbound.io/v1beta1, kind: CryptoKey, "
        "spec: {forProvider: {keyRingSelector: {matchControllerRef: true}}}}}"
    )
    found = objects(COMPOSITION % f"resources: [{ring}, {key}]", COMPOSITION % f"resources: [{key}]")
    keys = {f.subject.unit: [p.name for p in f.places] for f in found.placements if f.subject.kind == "CryptoKey"}
    assert keys == {"a/one.yaml": ["us-central1"], "a/more-0.yaml": []}


def test_references_in_a_circle_end() -> None:
    text = KEY.replace("KMSCryptoKey", "KMSKeyRing")
    assert places(objects(text % "name: key")) == []


ACK = """\
apiVersion: dynamodb.services.k8s.aws/v1alpha1
kind: Table
metadata: {name: users, namespace: production%s}
spec: {tableName: users}
"""
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata:
  name: production
  annotations: {services.k8s.aws/default-region: us-west-2}
"""


def test_annotations_place_what_ack_makes() -> None:
    own = ACK % ", annotations: {services.k8s.aws/region: us-east-1}"
    assert places(objects(own, NAMESPACE)) == [("Table", "us-east-1", "us-east-1")]
    assert places(objects(ACK % "", NAMESPACE)) == [("Table", "us-west-2", "us-west-2")]
    (unknown,) = objects(ACK % "").placements
    assert (unknown.places, unknown.cause.known) == ((), False)
    assert "services.k8s.aws/region" in unknown.cause.reason


def test_owners_of_azure_service_operator() -> None:
    text = """\
apiVersion: resources.azure.com/v1api20200601
kind: ResourceGroup
metadata: {name: group}
spec: {location: eastus}
---
apiVersion: network.azure.com/v1api20201101
kind: VirtualNetworksSubnet
metadata: {name: subnet}
spec: {owner: {name: net}}
---
apiVersion: network.azure.com/v1api20201101
kind: VirtualNetwork
metadata: {name: net}
spec: {location: westus2, owner: {name: group}}
"""
    expected = [("ResourceGroup", "eastus", "eastus"), ("VirtualNetwork", "westus2", "westus2")]
    assert places(objects(text)) == [*expected, ("VirtualNetworksSubnet", "westus2", "westus2")]


def test_other_groups_below_a_cloud_are_not_its_operators() -> None:
    text = "apiVersion: acn.azure.com/v1\nkind: NodeNetworkConfig\nmetadata: {name: x}\n"
    assert objects(text).facts == []
    text = "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: x}\n"
    assert objects(text).facts == []


def test_placeholders_are_undetermined() -> None:
    for region in ("'${REGION}'", "'{{ .Values.region }}'", "<REGION>"):
        (found,) = objects(BUCKET.replace("us-east-1", region)).placements
        assert (found.places, found.cause.known) == ((), False), region


COMPOSITION = """\
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: bucket}
spec:
  patchSets:
    - name: place
      patches:
        - {fromFieldPath: spec.region, toFieldPath: spec.forProvider.region}
  %s
"""
BASE = "{name: bucket, base: {apiVersion: s3.aws.upbound.io/v1beta1, kind: Bucket, spec: {forProvider: {%s}}}%s}"


@pytest.mark.parametrize("shape", ["resources: [%s]", "pipeline: [{input: {resources: [%s]}}]"])
def test_bases_of_compositions_are_resources(shape: str) -> None:
    found = objects(COMPOSITION % shape % (BASE % ("region: us-east-1", "")))
    assert places(found) == [("Bucket", "us-east-1", "us-east-1")]
    (place,) = found.placements
    assert place.subject.address.startswith("apiextensions.crossplane.io/Composition/-/bucket/spec.")


MAP = "[{type: map, map: {EU: eu-west-1, US: us-east-1}}]"


@pytest.mark.parametrize(
    ("region", "patches", "names"),
    [
        # The composite decides: nothing is known, whatever the base says.
        ("region: us-east-1", ", patches: [{fromFieldPath: spec.region, toFieldPath: spec.forProvider.region}]", []),
        ("", ", patches: [{type: PatchSet, patchSetName: place}]", []),
        # A map names all that it may be.
        (
            "",
            f", patches: [{{fromFieldPath: spec.x, toFieldPath: spec.forProvider.region, transforms: {MAP}}}]",
            ["eu-west-1", "us-east-1"],
        ),
        # Other fields, and the way back, leave the region alone.
        ("region: us-east-1", ", patches: [{fromFieldPath: spec.name, toFieldPath: metadata.name}]", ["us-east-1"]),
        (
            "region: us-east-1",
            ", patches: [{type: ToCompositeFieldPath, fromFieldPath: x, toFieldPath: spec.forProvider.region}]",
            ["us-east-1"],
        ),
    ],
)
def test_patches_fill_in_later(region: str, patches: str, names: list[str]) -> None:
    (place,) = objects(COMPOSITION % f"resources: [{BASE % (region, patches)}]").placements
    assert [p.name for p in place.places] == names
    assert place.cause.known == (names == ["us-east-1"])


def test_hostile_objects_end() -> None:
    """Aliases to aliases in the attributes, in patches and in references."""
    bomb = "x: &a0 {region: us-east-1}\n" + "".join(
        f"x{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 50)}]\n" for i in range(1, 8)
    )
    text = "apiVersion: s3.aws.upbound.io/v1\nkind: Bucket\nmetadata: {name: b}\n" + bomb
    assert len(objects(text + "spec: {forProvider: *a7}\n").facts) < 20
    assert len(objects(text + "spec: {forProvider: {region: *a7, kmsKeyIdRef: *a7}}\n").facts) < 100_000
    text = text.replace("s3.aws.upbound.io/v1", "apiextensions.crossplane.io/v1").replace("Bucket", "Composition")
    assert len(objects(text + "spec: {resources: *a7, patchSets: *a7}\n").facts) < 20
