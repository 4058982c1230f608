"""Kustomizations: what comes of objects, and where the values that decide are written.

Expected results are those that https://kubectl.docs.kubernetes.io/references/kustomize/ and the tests beside Kustomize's
own transformers describe.
"""

# ruff: noqa: E501 - objects of one line are easier to read than to wrap

from __future__ import annotations

import pytest
from delivery_runs import run

from sovlint.model.resource import Resource
from sovlint.model.value import Known
from sovlint.resolve.yaml_attributes import Item, YamlAttributes

OWN = "harbor.gemeente.internal"


def pod(*images: str, name: str = "web", kind: str = "apiVersion: v1\nkind: Pod", extra: str = "") -> str:
    """A pod with containers `c0`, `c1`, …"""
    containers = "".join(f"\n    - name: c{i}\n      image: {image}" for i, image in enumerate(images))
    return f"{kind}\nmetadata:\n  name: {name}\nspec:{extra}\n  containers:{containers}\n"


def texts(resource: Resource, *route: str) -> list[object]:
    """Scalars at a route."""
    return [value.value for _, value in resource.attributes.select(route) if isinstance(value, Known)]


def patched(kustomization: str, *images: str, **files: str) -> list[str]:
    """Images of a pod after a kustomization."""
    given = {"kustomization.yaml": f"resources: [pod.yaml]\n{kustomization}", "pod.yaml": pod(*images)}
    found = run({**given, **{name.replace("_", "."): text for name, text in files.items()}})
    assert found.said == []
    return found.images


# --- images


@pytest.mark.parametrize(
    ("image", "result"),
    [
        ("nginx", f"{OWN}/n"),
        ("nginx:1.27", f"{OWN}/n:1.27"),
        ("nginx@sha256:" + "a" * 64, f"{OWN}/n@sha256:" + "a" * 64),
        ("nginx:1.27@sha256:" + "a" * 64, f"{OWN}/n:1.27@sha256:" + "a" * 64),
        ("nginx-exporter:1", "docker.io/library/nginx-exporter:1"),
        ("library/nginx:1", "docker.io/library/nginx:1"),
        ("docker.io/nginx:1", "docker.io/library/nginx:1"),
        ("quay.io/nginx", "quay.io/nginx"),
        ("localhost:5000/nginx", "localhost:5000/nginx"),
    ],
)
def test_a_name_matches_the_whole_name_without_tag_and_digest(image: str, result: str) -> None:
    assert patched(f"images: [{{name: nginx, newName: {OWN}/n}}]\n", image) == [result]


def test_a_name_with_port_is_matched() -> None:
    entry = f"images: [{{name: 'localhost:5000/app', newName: {OWN}/app}}]\n"
    assert patched(entry, "localhost:5000/app:2") == [f"{OWN}/app:2"]


@pytest.mark.parametrize(
    ("entry", "result"),
    [
        ("newTag: '2'", "a:2"),
        ("newTag: 1.10", "a:1.10"),
        ("digest: sha256:" + "b" * 64, "a@sha256:" + "b" * 64),
        ("newTag: '2', digest: sha256:" + "b" * 64, "a:2@sha256:" + "b" * 64),
    ],
)
def test_a_new_tag_or_digest_replaces_both(entry: str, result: str) -> None:
    before = f"{OWN}/a:1@sha256:" + "a" * 64
    assert patched(f"images: [{{name: {OWN}/a, {entry}}}]\n", before) == [f"{OWN}/{result}"]


def test_entries_apply_one_after_the_other() -> None:
    entries = "images: [{name: a, newName: quay.io/b}, {name: quay.io/b, newName: ghcr.io/c, newTag: '3'}]\n"
    assert patched(entries, "a:1") == ["ghcr.io/c:3"]


def test_containers_of_any_kind_are_replaced_but_no_other_images() -> None:
    rollout = """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata: {name: web}
        spec: {template: {spec: {initContainers: [{name: i, image: a}], containers: [{name: c, image: a}]}}}
        """
    crd = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: x}
        spec: {containers: [{image: a}]}
        """
    found = run(
        {
            "kustomization.yaml": "resources: [r.yaml, d.yaml]\nimages: [{name: a, newName: b}]",
            "r.yaml": rollout,
            "d.yaml": crd,
        }
    )
    by_kind = {r.kind: r for r in found.resources}
    route = ("spec", "template", "spec")
    assert texts(by_kind["Rollout"], *route, "containers", "image") == ["b"]
    assert texts(by_kind["Rollout"], *route, "initContainers", "image") == ["b"]
    assert texts(by_kind["CustomResourceDefinition"], "spec", "containers", "image") == ["a"]


def test_configurations_name_images_of_other_kinds() -> None:
    found = run(
        {
            "kustomization.yaml": "resources: [db.yaml]\nconfigurations: [c.yaml]\nimages: [{name: pg, newName: own/pg}]",
            "c.yaml": "images:\n- {path: spec/imageName, kind: Cluster}\n- {path: spec/other, kind: Other}",
            "db.yaml": "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: db}\nspec: {imageName: 'pg:17', other: pg}",
        }
    )
    cluster = next(r for r in found.resources if r.kind == "Cluster")
    assert texts(cluster, "spec", "imageName") == ["own/pg:17"]
    assert texts(cluster, "spec", "other") == ["pg"]


# --- where findings stand


def test_the_new_name_decides_or_the_literal_of_the_base() -> None:
    found = run(
        {
            "base/kustomization.yaml": "resources: [pod.yaml]",
            "base/pod.yaml": pod("nginx:1", "quay.io/a/b:1"),
            "prod/kustomization.yaml": "resources: [../base]\nimages:\n- name: nginx\n  newName: ghcr.io/x/nginx\n- name: quay.io/a/b\n  newTag: '2'\n",
        }
    )
    assert found.image("ghcr.io/x/nginx:1") == "prod/kustomization.yaml:4 ghcr.io/x/nginx"
    assert found.image("quay.io/a/b:2") == "base/pod.yaml:10 quay.io/a/b:1"
    fact = next(f for f in found.facts if found.at(f).startswith("prod/"))
    assert [(hop.location.path, hop.location.line) for hop in fact.cause.via] == [
        ("base/pod.yaml", 8),
        ("base/kustomization.yaml", 1),
        ("prod/kustomization.yaml", 1),
    ]


def test_patches_stand_where_they_are_written() -> None:
    found = run(
        {
            "kustomization.yaml": """
            resources: [pod.yaml]
            patches:
              - path: patch.yaml
              - patch: |-
                  # in the file itself
                  apiVersion: v1
                  kind: Pod
                  metadata: {name: web}
                  spec:
                    containers:
                      - name: c1
                        image: ghcr.io/x/c1
              - patch: '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "c2", "image": "ghcr.io/x/c2"}]}}'
              - patch: >-
                  [{"op": "replace", "path": "/spec/containers/3/image", "value": "ghcr.io/x/c3"}]
                target: {kind: Pod}
            """,
            "patch.yaml": pod("ghcr.io/x/c0"),
            "pod.yaml": pod("a", "b", "c", "d"),
        }
    )
    assert found.said == []
    assert found.image("ghcr.io/x/c0") == "patch.yaml:8 ghcr.io/x/c0"
    assert found.image("ghcr.io/x/c1") == "kustomization.yaml:12 ghcr.io/x/c1"
    assert found.image("ghcr.io/x/c2").startswith("kustomization.yaml:13 '{")
    assert found.image("ghcr.io/x/c3").startswith("kustomization.yaml:14 >-")
    assert len(found.images) == 4


def test_overlays_that_share_a_base_are_all_judged() -> None:
    base = {"base/kustomization.yaml": "resources: [pod.yaml]", "base/pod.yaml": pod("nginx", "quay.io/a/b")}
    overlays = {f"o{i}/kustomization.yaml": f"resources: [../base]\nnamespace: n{i}" for i in range(3)}
    found = run(base | overlays)
    assert [a for a in found.addresses if "Pod" in a] == [f"core/Pod/n{i}/web" for i in range(3)]
    assert len([f for f in found.facts if found.at(f) == "base/pod.yaml:10 quay.io/a/b"]) == 3


# --- which files


def test_what_a_kustomization_uses_is_not_judged_raw_and_everything_else_is() -> None:
    found = run(
        {
            "base/kustomization.yaml": "resources: [pod.yaml]\npatches: [{path: p.yaml}]\nimages: [{name: a, newName: own/a}]",
            "base/pod.yaml": pod("a"),
            "base/p.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {restartPolicy: Never}",
            "base/beside.yaml": pod("b", name="beside"),
        }
    )
    assert found.images == ["docker.io/library/b", "docker.io/own/a"]
    assert found.addresses == ["core/Pod/-/beside", "core/Pod/-/web", "kustomize.config.k8s.io/Kustomization/-/-"]


def test_a_file_that_is_named_alone_is_read_with_the_kustomization_that_uses_it() -> None:
    files = {
        "k/kustomization.yaml": "resources: [deep/pod.yaml]\nimages: [{name: a, newName: own/a}]",
        "k/deep/pod.yaml": pod("a"),
        "k/deep/other.yaml": pod("a", name="other"),
    }
    assert run(files, ["k/deep/pod.yaml"], frozenset(["k/deep/pod.yaml"])).images == ["docker.io/own/a"]
    assert run(files, ["k/deep/other.yaml"]).images == ["docker.io/library/a"]


def test_an_overlay_reads_a_base_outside_of_what_was_named() -> None:
    files = {
        "base/kustomization.yaml": "resources: [pod.yaml]",
        "base/pod.yaml": pod("a"),
        "prod/kustomization.yaml": "resources: [../base]\nimages: [{name: a, newName: own/a}]",
    }
    assert run(files, ["prod/kustomization.yaml"]).images == ["docker.io/own/a"]


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_the_names_of_kustomizations(name: str) -> None:
    assert run({f"k/{name}": "resources: [p.yaml]\nimages: [{name: a, newName: b}]", "k/p.yaml": pod("a")}).images == [
        "docker.io/library/b"
    ]


def test_an_object_of_flux_in_a_file_of_that_name_is_an_object() -> None:
    found = run(
        {
            "kustomization.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./x, images: [{name: a, newName: quay.io/a/a}]}",
            "pod.yaml": pod("b"),
        }
    )
    assert found.images == ["docker.io/library/b", "quay.io/a/a"]
    assert found.said == []


def test_a_component_applies_to_what_was_gathered_before() -> None:
    found = run(
        {
            "prod/kustomization.yaml": "resources: [pod.yaml]\ncomponents: [../c]\nimages: [{name: sidecar, newName: own/sidecar}]",
            "prod/pod.yaml": pod("a"),
            "c/kustomization.yaml": """
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            resources: [more.yaml]
            patches:
              - target: {kind: Pod, name: web}
                patch: "[{op: add, path: /spec/containers/-, value: {name: s, image: sidecar}}]"
            images: [{name: a, newName: own/a}]
            """,
            "c/more.yaml": pod("sidecar", name="more"),
        }
    )
    assert found.said == []
    assert found.images == ["docker.io/own/a", "docker.io/own/sidecar"]
    assert "core/Pod/-/more" in found.addresses


# --- patches


def merge(patch: str, base: str = "", kind: str = "apiVersion: apps/v1\nkind: Deployment") -> object:
    """`spec` of an object after a strategic merge patch."""
    found = run(
        {
            "kustomization.yaml": "resources: [o.yaml]\npatches: [{path: p.yaml}]",
            "o.yaml": f"{kind}\nmetadata: {{name: x}}\nspec: {base}",
            "p.yaml": f"{kind}\nmetadata: {{name: x}}\nspec: {patch}",
        }
    )
    assert found.said == []
    return spec_of(next(r for r in found.resources if r.kind == kind.rpartition(" ")[2]))


def spec_of(resource: Resource) -> object:
    assert isinstance(resource.attributes, YamlAttributes)
    spec = resource.attributes.item.child("spec")
    assert spec is not None
    return plain(spec)


def plain(item: Item) -> object:
    if item.is_mapping:
        return {name: plain(child) for name, child in item.children()}
    value = item.value()
    return [plain(element) for element in item.elements()] if value is None else value.value


ROLLOUT = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout"


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ("{a: 1, b: 2}", "{b: 3, c: 4}", {"a": 1, "b": 3, "c": 4}),
        ("{a: {b: 1, c: 2}}", "{a: {b: null}}", {"a": {"c": 2}}),
        ("{a: {b: 1}}", "{a: {$patch: replace, c: 2}}", {"a": {"c": 2}}),
        ("{a: {b: 1}, d: 1}", "{a: {$patch: delete}}", {"d": 1}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        (
            "{containers: [{name: a, image: x}, {name: b, image: y}]}",
            "{containers: [{name: b, image: z}]}",
            {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "z"}]},
        ),
        (
            "{containers: [{name: a, env: [{name: A, value: '1'}, {name: B, value: '2'}]}]}",
            "{containers: [{name: a, env: [{name: B, value: '3'}, {name: C, value: '4'}]}]}",
            {
                "containers": [
                    {
                        "name": "a",
                        "env": [
                            {"name": "C", "value": "4"},
                            {"name": "A", "value": "1"},
                            {"name": "B", "value": "3"},
                        ],
                    }
                ]
            },
        ),
        (
            "{containers: [{name: a}, {name: b}]}",
            "{containers: [{name: a, $patch: delete}]}",
            {"containers": [{"name": "b"}]},
        ),
        (
            "{containers: [{name: a}, {name: b}]}",
            "{containers: [{$patch: replace}, {name: c}]}",
            {"containers": [{"name": "c"}]},
        ),
        (
            "{volumeMounts: [{mountPath: /a, name: x}]}",
            "{volumeMounts: [{mountPath: /a, name: z}]}",
            {"volumeMounts": [{"mountPath": "/a", "name": "z"}]},
        ),
        ("{tolerations: [{key: a}]}", "{tolerations: [{key: b}]}", {"tolerations": [{"key": "b"}]}),
    ],
)
def test_strategic_merge(base: str, patch: str, result: object) -> None:
    assert merge(patch, base) == result


def test_lists_of_kinds_without_schema_are_replaced() -> None:
    base, patch = "{containers: [{name: a}, {name: b}]}", "{containers: [{name: b, image: z}]}"
    assert merge(patch, base, ROLLOUT) == {"containers": [{"name": "b", "image": "z"}]}


def json_patch(operations: str, base: str) -> tuple[object, list[str]]:
    found = run(
        {
            "kustomization.yaml": "resources: [o.yaml]\npatchesJson6902: [{target: {kind: A, name: x, group: g.io, version: v1}, path: p.yaml}]",
            "o.yaml": f"apiVersion: g.io/v1\nkind: A\nmetadata: {{name: x}}\nspec: {base}",
            "p.yaml": operations,
        }
    )
    return spec_of(next(r for r in found.resources if r.kind == "A")), found.said


@pytest.mark.parametrize(
    ("operations", "base", "result"),
    [
        ("[{op: add, path: /spec/a, value: 1}]", "{}", {"a": 1}),
        ("[{op: add, path: /spec/a/-, value: 3}]", "{a: [1, 2]}", {"a": [1, 2, 3]}),
        ("[{op: add, path: /spec/a/0, value: 3}]", "{a: [1, 2]}", {"a": [3, 1, 2]}),
        ("[{op: replace, path: /spec/a/1, value: 3}]", "{a: [1, 2]}", {"a": [1, 3]}),
        ("[{op: replace, path: /spec/none, value: 1}]", "{}", {"none": 1}),
        ("[{op: remove, path: /spec/a/0}]", "{a: [1, 2]}", {"a": [2]}),
        ("[{op: replace, path: /spec/b~1c~0d, value: 2}]", "{b/c~d: 1}", {"b/c~d": 2}),
        ("[{op: move, from: /spec/a, path: /spec/b}]", "{a: {x: 1}}", {"b": {"x": 1}}),
        ("[{op: copy, from: /spec/a/x, path: /spec/b}]", "{a: {x: 1}}", {"a": {"x": 1}, "b": 1}),
        ("[{op: test, path: /spec/a, value: 1}, {op: add, path: /spec/b, value: 2}]", "{a: 1}", {"a": 1, "b": 2}),
        ('[{"op": "add", "path": "/spec/a/b/0/c", "value": "x"}]', "{a: {b: [{}]}}", {"a": {"b": [{"c": "x"}]}}),
    ],
)
def test_json_patch(operations: str, base: str, result: object) -> None:
    assert json_patch(operations, base) == (result, [])


@pytest.mark.parametrize(
    "operation",
    [
        "{op: replace, path: /spec/list/7, value: 1}",
        "{op: remove, path: /spec/none}",
        "{op: add, path: /spec/none/below, value: 1}",
        "{op: add, path: /spec/list/9, value: 1}",
        "{op: add, path: /spec/list/x, value: 1}",
        "{op: add, path: /spec/a/b, value: 1}",
        "{op: add, path: spec, value: 1}",
        "{op: add, path: /spec/b}",
        "{op: remove, path: ''}",
        "{op: copy, from: /spec/none, path: /spec/b}",
        "{op: explode, path: /spec/a}",
    ],
)
def test_a_json_patch_that_does_not_fit_is_said_and_changes_nothing(operation: str) -> None:
    result, said = json_patch(f"[{{op: add, path: /spec/first, value: 1}}, {operation}]", "{a: 1, list: [1]}")
    assert result == {"a": 1, "list": [1]}
    assert said == ["p.yaml:1 patch warning"]


@pytest.mark.parametrize(
    ("target", "chosen"),
    [
        ("{kind: Pod}", "abc"),
        ("{name: a}", "a"),
        ("{name: a|b}", "ab"),
        ("{name: '[bc]'}", "bc"),
        ("{name: '.*'}", "abc"),
        ("{name: '('}", ""),
        ("{kind: Po}", ""),
        ("{group: apps}", ""),
        ("{version: v1, kind: Pod}", "abc"),
        ("{labelSelector: tier=web}", "a"),
        ("{labelSelector: 'tier in (web)'}", ""),
        ("{labelSelector: tier!=web}", "bc"),
        ("{labelSelector: tier}", "ab"),
        ("{labelSelector: '!tier'}", "c"),
        ("{labelSelector: 'tier,tier!=db'}", "a"),
        ("{annotationSelector: x=y}", "c"),
        ("{namespace: n}", "c"),
    ],
)
def test_targets(target: str, chosen: str) -> None:
    metadata = {"a": "{name: a, labels: {tier: web}}", "b": "{name: b, labels: {tier: db}}"}
    metadata["c"] = "{name: c, namespace: n, annotations: {x: y}}"
    objects = [
        f"apiVersion: v1\nkind: Pod\nmetadata: {m}\nspec: {{containers: [{{image: old}}]}}" for m in metadata.values()
    ]
    found = run(
        {
            "kustomization.yaml": f"resources: [o.yaml]\npatches: [{{target: {target}, patch: '[{{op: replace, path: /spec/containers/0/image, value: new}}]'}}]",
            "o.yaml": "\n---\n".join(objects),
        }
    )
    new = {
        r.address[-1]
        for r in found.resources
        for _, v in r.attributes.select(("spec", "containers", "image"))
        if isinstance(v, Known) and v.value == "new"
    }
    assert "".join(sorted(new)) == chosen


def test_patches_come_before_images_and_see_names_of_every_level() -> None:
    found = run(
        {
            "base/kustomization.yaml": "resources: [pod.yaml]\nnamePrefix: p-\nnamespace: n",
            "base/pod.yaml": pod("a", "b", "c"),
            "top/kustomization.yaml": """
            resources: [../base]
            patches:
              - patch: "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c0, image: d}]}}"
              - patch: "{apiVersion: v1, kind: Pod, metadata: {name: p-web, namespace: n}, spec: {containers: [{name: c1, image: d}]}}"
            images: [{name: d, newName: own/d}]
            nameSuffix: -s
            """,
        }
    )
    assert found.said == []
    assert found.images == ["docker.io/library/c", "docker.io/own/d"]
    assert "core/Pod/n/p-web-s" in found.addresses


def test_a_patch_for_nothing_is_said_and_one_that_deletes_deletes() -> None:
    found = run(
        {
            "kustomization.yaml": """
            resources: [a.yaml, b.yaml]
            patches:
              - patch: "{apiVersion: v1, kind: Pod, metadata: {name: a}, $patch: delete}"
              - patch: "{apiVersion: v1, kind: Pod, metadata: {name: nobody}}"
            """,
            "a.yaml": pod("a", name="a"),
            "b.yaml": pod("b", name="b"),
        }
    )
    assert found.images == ["docker.io/library/b"]
    assert found.said == ["kustomization.yaml:4 patch warning"]


def test_namespaces_are_not_given_to_what_has_none() -> None:
    kinds = "apiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n---\n"
    kinds += "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}"
    found = run({"kustomization.yaml": "resources: [o.yaml]\nnamespace: n\nnamePrefix: p-", "o.yaml": kinds})
    assert found.addresses[:2] == ["core/Namespace/-/n", "core/Service/n/p-s"]
    assert found.addresses[3] == "rbac.authorization.k8s.io/ClusterRole/-/p-r"


def test_objects_for_kustomize_alone_are_left_out() -> None:
    local = "\n  annotations: {config.kubernetes.io/local-config: 'true'}"
    text = pod("a").replace("  name: web", f"  name: web{local}")
    assert run({"kustomization.yaml": "resources: [p.yaml]", "p.yaml": text}).images == []


# --- generators


def test_generators_make_objects_whose_data_stands_where_it_is_written() -> None:
    found = run(
        {
            "kustomization.yaml": """
            configMapGenerator:
              - name: settings
                literals:
                  - REGION=us-east-1
                  - "QUOTED='a b'"
                envs: [app.env]
                files: [notes.txt, other=notes.txt]
            secretGenerator:
              - name: keys
                literals: [TOKEN=x]
            """,
            "app.env": "# comment\nHOST=api.openai.com\n\nEMPTY=\n",
            "notes.txt": "hello",
        }
    )
    assert found.said == []
    objects = {r.address: r for r in found.resources}
    values = objects["core/ConfigMap/-/settings"].attributes.select(("data", "*"))
    data = {p: (v.value, v.span.location()) for p, v in values if isinstance(v, Known)}
    assert {p: v for p, (v, _) in data.items()} == {
        "data.REGION": "us-east-1",
        "data.QUOTED": "a b",
        "data.HOST": "api.openai.com",
        "data.EMPTY": "",
        'data["notes.txt"]': "hello",
        "data.other": "hello",
    }
    assert data["data.REGION"][1][:4] == ("kustomization.yaml", 4, 16, 4)
    assert data["data.HOST"][1] == ("app.env", 2, 6, 2, 20)
    assert texts(objects["core/Secret/-/keys"], "stringData", "TOKEN") == ["x"]


def test_a_generator_merges_into_what_the_base_generates() -> None:
    found = run(
        {
            "base/kustomization.yaml": "configMapGenerator: [{name: s, literals: [A=1, B=2]}]",
            "o/kustomization.yaml": "resources: [../base]\nconfigMapGenerator: [{name: s, behavior: merge, literals: [B=3]}]",
            "p/kustomization.yaml": "resources: [../base]\nconfigMapGenerator: [{name: s, behavior: replace, literals: [B=3]}]",
        }
    )
    got = {
        r.unit: {p: v.value for p, v in r.attributes.select(("data", "*")) if isinstance(v, Known)}
        for r in found.resources
        if r.kind == "ConfigMap"
    }
    assert got == {"o": {"data.A": "1", "data.B": "3"}, "p": {"data.B": "3"}}


# --- replacements


@pytest.mark.parametrize(
    ("options", "value", "result", "place"),
    [
        ("", "ghcr.io/x/y:2", "ghcr.io/x/y:2", "o.yaml:5 ghcr.io/x/y:2"),
        ("options: {delimiter: '/', index: 0}", "ghcr.io", "ghcr.io/b:1", "o.yaml:5 ghcr.io"),
        ("options: {delimiter: ':', index: 1}", "2", "quay.io/b:2", "o.yaml:14 quay.io/b:1"),
    ],
)
def test_replacements(options: str, value: str, result: str, place: str) -> None:
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  a.b: {value}\n---\n"
    found = run(
        {
            "kustomization.yaml": f"""
            resources: [o.yaml]
            replacements:
              - source: {{kind: ConfigMap, name: c, fieldPath: 'data.[a.b]'}}
                targets:
                  - select: {{kind: Pod}}
                    fieldPaths: ['spec.containers.[name=c0].image']
                    {options}
            """,
            "o.yaml": config + pod("quay.io/b:1"),
        }
    )
    assert found.said == []
    assert found.images == [result]
    assert found.image(result) == place


def test_a_replacement_from_nothing_is_said() -> None:
    text = "resources: [o.yaml]\nreplacements:\n- path: r.yaml\n"
    rows = "- source: {kind: None}\n  targets: [{select: {kind: Pod}}]\n- {sourceValue: x, targets: [{select: {kind: Pod, name: web}, reject: [{name: web}], fieldPaths: [spec.x]}]}"
    found = run({"kustomization.yaml": text, "r.yaml": rows, "o.yaml": pod("quay.io/b:1")})
    assert found.said == ["r.yaml:1 kustomize warning"]
    assert found.images == ["quay.io/b:1"]


def test_a_replacement_may_create_a_field() -> None:
    found = run(
        {
            "kustomization.yaml": "resources: [o.yaml]\nreplacements:\n- {sourceValue: x, targets: [{select: {kind: Pod}, fieldPaths: [spec.a], options: {create: true}}, {select: {kind: Pod}, fieldPaths: [spec.b]}]}",
            "o.yaml": pod("quay.io/b:1"),
        }
    )
    spec = spec_of(next(r for r in found.resources if r.kind == "Pod"))
    assert spec == {"containers": [{"name": "c0", "image": "quay.io/b:1"}], "a": "x"}


def test_a_replacement_copies_names_as_they_are_after_other_transformers() -> None:
    found = run(
        {
            "kustomization.yaml": "resources: [o.yaml]\nnamespace: n\nnamePrefix: p-\nreplacements:\n- {source: {kind: Pod, fieldPath: metadata.namespace}, targets: [{select: {kind: Pod}, fieldPaths: [spec.containers.0.image], options: {delimiter: /, index: 1}}]}",
            "o.yaml": pod("quay.io/b/c:1"),
        }
    )
    assert found.said == []
    assert found.images == ["quay.io/n/c:1"]


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ("{}", "apps/Deployment/-/web"),
        ("{allowNameChange: true}", "apps/Deployment/-/new"),
        ("{allowKindChange: true}", "apps/StatefulSet/-/web"),
    ],
)
def test_a_patch_with_a_target_changes_names_and_kinds_only_if_it_may(options: str, address: str) -> None:
    patch = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: new}, spec: {a: 1}}"
    found = run(
        {
            "kustomization.yaml": f"resources: [o.yaml]\npatches: [{{target: {{name: web}}, options: {options}, patch: '{patch}'}}]",
            "o.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {b: 2}",
        }
    )
    assert found.said == []
    assert address in found.addresses


def test_a_json_patch_may_change_names_and_kinds() -> None:
    operations = "[{op: replace, path: /kind, value: StatefulSet}, {op: replace, path: /metadata/name, value: new}]"
    found = run(
        {
            "kustomization.yaml": f"resources: [o.yaml]\nnamePrefix: p-\npatches: [{{target: {{name: web}}, patch: '{operations}'}}]",
            "o.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}",
        }
    )
    assert "apps/StatefulSet/-/p-new" in found.addresses


def test_common_annotations_reach_pod_templates() -> None:
    found = run(
        {
            "kustomization.yaml": "resources: [o.yaml]\ncommonAnnotations: {a/b: c}",
            "o.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {x: z}}\nspec: {template: {spec: {}}}\n---\n"
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web}\nspec: {jobTemplate: {spec: {template: {metadata: {labels: {x: y}}}}}}",
        }
    )
    by_kind = {r.kind: r for r in found.resources}
    assert texts(by_kind["Deployment"], "metadata", "annotations", "*") == ["z", "c"]
    assert texts(by_kind["Deployment"], "spec", "template", "metadata", "annotations", "a/b") == ["c"]
    assert texts(by_kind["CronJob"], "spec", "jobTemplate", "spec", "template", "metadata", "annotations", "a/b") == [
        "c"
    ]
