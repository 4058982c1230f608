"""Objects that are written as types of Terraform's Kubernetes provider, as the objects they become.

Names are those of the provider's schemas (https://github.com/hashicorp/terraform-provider-kubernetes, folder
`kubernetes/`, read at 2026-11): a field in snake case, a list of objects as a block that is repeated, mostly under the
singular.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sovlint.model.resource import Resource
from sovlint.model.value import Known, Value
from sovlint.parse.yaml import Mapping, Node, Sequence
from sovlint.resolve.structured import Lines, mark, pair
from sovlint.resolve.terraform.contents import Contents, contents_of

_GROUPS = {
    "v1": (
        "pod service config_map secret namespace persistent_volume persistent_volume_claim service_account "
        "replication_controller limit_range resource_quota endpoints"
    ),
    "apps/v1": "deployment stateful_set daemon_set",
    "batch/v1": "job cron_job",
    "networking.k8s.io/v1": "ingress ingress_class network_policy",
    "storage.k8s.io/v1": "storage_class csi_driver",
    "rbac.authorization.k8s.io/v1": "role role_binding cluster_role cluster_role_binding",
    "autoscaling/v2": "horizontal_pod_autoscaler",
    "policy/v1": "pod_disruption_budget pod_security_policy",
    "admissionregistration.k8s.io/v1": "mutating_webhook_configuration validating_webhook_configuration",
    "apiregistration.k8s.io/v1": "api_service",
    "scheduling.k8s.io/v1": "priority_class",
    "certificates.k8s.io/v1": "certificate_signing_request",
    "node.k8s.io/v1": "runtime_class",
    "discovery.k8s.io/v1": "endpoint_slice",
}
_VERSIONS = {name: version for version, names in _GROUPS.items() for name in names.split()}
# What is part of another object, or called otherwise.
_SAME = {"daemonset": "daemon_set", "default_service_account": "service_account"}
_DATA = {"config_map_v1_data": "config_map", "secret_v1_data": "secret"}
_KINDS = {"csi_driver": "CSIDriver", "api_service": "APIService"}
_VERSION = re.compile(r"_v\d+(?:(?:alpha|beta)\d+)?$")

# Blocks that are repeated, with the field that is the list of them.
_LISTS = {
    "address": "addresses",
    "allowed_topologies": "allowedTopologies",
    "cluster_role_selectors": "clusterRoleSelectors",
    "container": "containers",
    "egress": "egress",
    "endpoint": "endpoints",
    "env": "env",
    "env_from": "envFrom",
    "from": "from",
    "host_aliases": "hostAliases",
    "http_header": "httpHeaders",
    "image_pull_secret": "imagePullSecrets",
    "image_pull_secrets": "imagePullSecrets",
    "ingress": "ingress",
    "init_container": "initContainers",
    "items": "items",
    "limit": "limits",
    "match_expression": "matchExpressions",
    "match_expressions": "matchExpressions",
    "match_fields": "matchFields",
    "match_label_expressions": "matchLabelExpressions",
    "metric": "metrics",
    "node_selector_term": "nodeSelectorTerms",
    "not_ready_address": "notReadyAddresses",
    "on_pod_condition": "onPodConditions",
    "option": "options",
    "path": "paths",
    "policy": "policies",
    "port": "ports",
    "ports": "ports",
    "preferred_during_scheduling_ignored_during_execution": "preferredDuringSchedulingIgnoredDuringExecution",
    "readiness_gate": "readinessGates",
    "rule": "rules",
    "sources": "sources",
    "subject": "subjects",
    "subset": "subsets",
    "sysctl": "sysctls",
    "tls": "tls",
    "to": "to",
    "token_request": "tokenRequests",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_claim_template": "volumeClaimTemplates",
    "volume_device": "volumeDevices",
    "volume_mount": "volumeMounts",
    "webhook": "webhooks",
}
# (block around it, block): what is said otherwise there; an empty name for what is one object and no list.
_WITHIN = {
    ("", "secret"): "secrets",
    ("service", "port"): "",
    ("ephemeral", "volume_claim_template"): "",
    ("pods", "metric"): "",
    ("object", "metric"): "",
    ("external", "metric"): "",
    ("pod_affinity", "required_during_scheduling_ignored_during_execution"): (
        "requiredDuringSchedulingIgnoredDuringExecution"
    ),
    ("pod_anti_affinity", "required_during_scheduling_ignored_during_execution"): (
        "requiredDuringSchedulingIgnoredDuringExecution"
    ),
}
_FLATTENED = frozenset({"persistent_volume_source"})
_NAMES = {
    "storage_provisioner": "provisioner",
    "ceph_fs": "cephfs",
    "data_disk_uri": "diskURI",
    "target_ww_ns": "targetWWNs",
    "external_ips": "externalIPs",
    "cluster_ips": "clusterIPs",
}
_CAPITALS = frozenset({"ip", "id", "pid", "ipc", "uri", "cidr", "uuid"})

_POD_SPEC = ("spec", "template", "spec")
_POD_SPECS = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", *_POD_SPEC)}


class Typed(NamedTuple):
    """Which object a type stands for.

    Attributes:
        kind: the object's kind.
        version: its API version.
        partial: the type sets only some fields of an object that exists, and names it itself.
    """

    kind: str
    version: str
    partial: str = ""


def typed_of(kind: str) -> Typed | None:
    """The object that a type of the provider stands for; None for types that stand for none."""
    name = kind.removeprefix("kubernetes_")
    if name in ("env", "annotations", "labels"):
        return Typed("", "", name)
    name = _DATA.get(name) or _VERSION.sub("", name)
    name = _SAME.get(name, name)
    version = _VERSIONS.get(name)
    if version is None:
        return None
    return Typed(_KINDS.get(name) or "".join(word.capitalize() for word in name.split("_")), version)


def typed_object(resource: Resource, lines: Lines) -> Node | None:
    """A resource of the provider's own types as the object that it becomes; None where it stands for none."""
    typed = typed_of(resource.kind)
    if typed is None:
        return None
    contents = contents_of(resource.attributes)
    if typed.partial:
        return _partial(typed.partial, contents, lines)
    body = _Writer(lines).body(contents, "", secret=typed.kind == "Secret")
    return Mapping(0, body.end, [pair("apiVersion", typed.version), pair("kind", typed.kind), *body.entries])


class _Writer:
    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def body(self, contents: Contents, around: str, *, secret: bool = False) -> Mapping:
        """One body as a mapping."""
        lines = self._lines
        start = lines.length
        entries: list[tuple[Node, Node]] = []
        for name, value in contents.arguments.items():
            # The provider encodes `data` of a secret itself: it is written in plain text.
            field = "stringData" if secret and name == "data" else field_name(name)
            entries.append((lines.scalar(field, value), lines.node(value)))
        for name, bodies in contents.blocks.items():
            if name in _FLATTENED:
                entries.extend(pair for one in bodies for pair in self.body(one, name).entries)
            elif bodies:
                entries.append(self._block(name, bodies, around))
        return Mapping(start, max(lines.length, start + 1), entries)

    def _block(self, name: str, bodies: list[Contents], around: str) -> tuple[Node, Node]:
        field = _WITHIN.get((around, name))
        if field is None:
            field = _LISTS.get(name, "")
        if not field:
            key = bodies[0].name
            at = self._lines.scalar(field_name(name), key) if key is not None else None
            node: Node = self.body(bodies[0], name)
            return at or mark(field_name(name), node), node
        start = self._lines.length
        items: list[Node] = [self.body(one, name) for one in bodies]
        node = Sequence(start, max(self._lines.length, start + 1), items)
        return mark(field, node), node


def _partial(what: str, contents: Contents, lines: Lines) -> Node | None:
    """Fields that are added to an object which something else made."""
    named = {name: _text(contents.arguments.pop(name, None)) for name in ("api_version", "kind")}
    kind, version = named["kind"], named["api_version"]
    if not kind or not version:
        return None
    writer = _Writer(lines)
    container, init = (_text(contents.arguments.pop(name, None)) for name in ("container", "init_container"))
    if what == "env":
        metadata = Contents({}, {name: contents.blocks.pop(name) for name in ("metadata",) if name in contents.blocks})
        inner = Contents({}, {"env": contents.blocks.get("env", [])})
        entries = writer.body(metadata, "").entries
        node: Node = writer.body(inner, "container")
        node.entries.insert(0, pair("name", container or init or "-"))  # type: ignore[union-attr]
        node = Sequence(node.start, node.end, [node])
        way = (*_POD_SPECS.get(kind, _POD_SPEC), "containers" if container or not init else "initContainers")
        for name in way[:0:-1]:
            node = Mapping(node.start, node.end, [(mark(name, node), node)])
        entries.append((mark(way[0], node), node))
    else:
        added = contents.arguments.pop(what, None)
        template = contents.arguments.pop(f"template_{what}", None)
        metadata = next(iter(contents.blocks.get("metadata", ())), Contents({}, {}))
        if added is not None:
            metadata.arguments[what] = added
        written = writer.body(metadata, "metadata")
        entries = [(mark("metadata", written), written)]
        if template is not None:
            key, leaf = lines.scalar(what, template), lines.node(template)
            node = Mapping(key.start, leaf.end, [(key, leaf)])
            for name in ("metadata", "template"):
                node = Mapping(node.start, node.end, [(mark(name, node), node)])
            entries.append((mark("spec", node), node))
    return Mapping(0, max(lines.length, 1), [pair("apiVersion", version), pair("kind", kind), *entries])


def _text(value: Value | None) -> str:
    plain = value.value if type(value) is Known else None
    return plain if isinstance(plain, str) else ""


def field_name(name: str) -> str:
    """A field's name in an object: `host_ip` is `hostIP`. Keys of maps are never changed."""
    found = _NAMES.get(name)
    if found is not None:
        return found
    first, *rest = name.split("_")
    return first + "".join(word.upper() if word in _CAPITALS else word.capitalize() for word in rest)
