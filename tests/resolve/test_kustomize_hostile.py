"""Kustomizations that nobody would write on purpose: they end in bounded time, with a problem that says where."""

# ruff: noqa: E501 - objects of one line are easier to read than to wrap

from __future__ import annotations

import time

import pytest
from delivery_runs import run

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: nginx}]}"


@pytest.fixture(autouse=True)
def bounded():  # type: ignore[no-untyped-def]
    """Seconds; far more than any of these takes on a slow machine, far less than without bounds."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"a/kustomization.yaml": "resources: [../b, p.yaml]", "b/kustomization.yaml": "resources: [../a]"},
            ["b/kustomization.yaml:1 kustomize-cycle error"],
        ),
        ({"a/kustomization.yaml": "resources: [., p.yaml]"}, ["a/kustomization.yaml:1 kustomize-cycle error"]),
        (
            {
                "a/kustomization.yaml": "resources: [p.yaml]\ncomponents: [../b]",
                "b/kustomization.yaml": "kind: Component\ncomponents: [../b]",
            },
            ["b/kustomization.yaml:2 kustomize-cycle error"],
        ),
    ],
)
def test_cycles_are_said_and_the_rest_is_read(files: dict[str, str], said: list[str]) -> None:
    found = run({**files, "a/p.yaml": POD})
    assert found.said == said
    assert found.images == ["docker.io/library/nginx"]


def test_a_thousand_overlays_on_top_of_each_other() -> None:
    files = {
        f"o{i:04}/kustomization.yaml": f"resources: [../o{i - 1:04}]\nimages: [{{name: 'a{i - 1}', newName: 'a{i}'}}]"
        for i in range(1, 1000)
    }
    found = run(
        {
            "o0000/kustomization.yaml": "resources: [p.yaml]\nimages: [{name: nginx, newName: a0}]",
            "o0000/p.yaml": POD,
            **files,
        }
    )
    assert found.said == []
    assert found.images == ["docker.io/library/a999"]


def test_a_thousand_components_inside_each_other() -> None:
    files = {f"c{i}/kustomization.yaml": f"kind: Component\ncomponents: [../c{i + 1}]" for i in range(1000)}
    files["c1000/kustomization.yaml"] = "kind: Component\nimages: [{name: nginx, newName: x}]"
    found = run({"a/kustomization.yaml": "resources: [p.yaml]\ncomponents: [../c0]", "a/p.yaml": POD, **files})
    assert [text.partition(" ")[2] for text in found.said] == ["too-deep error"]
    assert found.images == ["docker.io/library/nginx"]


def test_a_base_that_everybody_uses_twice() -> None:
    """Two to the power of forty objects."""
    files = {f"d{i}/kustomization.yaml": f"resources: [../d{i + 1}, ../d{i + 1}]" for i in range(40)}
    found = run({**files, "d40/kustomization.yaml": "resources: [p.yaml]", "d40/p.yaml": POD})
    assert "d0/kustomization.yaml:1 too-large error" in found.said


def test_a_huge_patch() -> None:
    containers = ", ".join(f"{{name: c{i}, image: ghcr.io/x/c{i}}}" for i in range(20_000))
    patch = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{containers}]}}"
    found = run(
        {"kustomization.yaml": "resources: [p.yaml]\npatches: [{path: x.yaml}]", "p.yaml": POD, "x.yaml": patch}
    )
    assert found.said == []
    assert len(found.images) == 20_001


def test_a_json_patch_of_many_operations_on_a_long_list() -> None:
    operations = "\n".join("- {op: add, path: /spec/containers/0, value: {image: a}}" for _ in range(20_000))
    found = run(
        {
            "kustomization.yaml": "resources: [p.yaml]\npatches: [{path: x.yaml, target: {kind: Pod}}]",
            "p.yaml": POD,
            "x.yaml": operations,
        }
    )
    assert found.said == ["kustomization.yaml:1 too-large error"]


def test_aliases_that_multiply_in_patch_and_object() -> None:
    levels = "\n".join(
        f"  l{i}: &l{i} {{" + ", ".join(f"k{j}: *l{i - 1}" for j in range(9)) + "}" for i in range(1, 12)
    )
    bomb = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  l0: &l0 {{containers: [{{image: nginx}}]}}\n{levels}\n"
    found = run(
        {
            "kustomization.yaml": "resources: [p.yaml]\npatches: [{path: x.yaml}]\nimages: [{name: nginx, newName: b}]",
            "p.yaml": bomb,
            "x.yaml": bomb,
        }
    )
    assert found.said == ["kustomization.yaml:1 too-large error"]


def test_expressions_that_keep_other_engines_busy() -> None:
    name = "a" * 60
    pod = POD.replace("web", name)
    patches = "".join(f"\n- {{target: {{name: '(a*)*{i}b'}}, patch: '[]'}}" for i in range(10))
    found = run({"kustomization.yaml": f"resources: [p.yaml]\npatches:{patches}", "p.yaml": pod})
    assert found.images == ["docker.io/library/nginx"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("resources: [p.yaml, none.yaml]", "missing"),
        ("resources: [p.yaml, folder]", "missing"),
        ("resources: [p.yaml, ../../../../etc/passwd]", "outside-tree"),
        ("resources: [p.yaml, /etc/passwd]", "outside-tree"),
        ("resources: [p.yaml, component]", "missing"),
        ("resources: [p.yaml]\npatches: [{path: none.yaml}]", "missing"),
        ("resources: [p.yaml]\npatches: [{path: ../../x.yaml}]", "outside-tree"),
        ("resources: [p.yaml]\npatches: [{patch: '[]'}]", "patch"),
        ("resources: [p.yaml]\nconfigMapGenerator: [{name: a, envs: [none.env]}]", "missing"),
        ("resources: [p.yaml]\nconfigMapGenerator: [{name: a, files: [a=../../none.env]}]", "outside-tree"),
        ("resources: [p.yaml]\nhelmCharts: [{name: a, valuesFile: none.yaml}]", "missing"),
    ],
)
def test_what_is_not_there_is_said_where_it_is_named(line: str, said: str) -> None:
    found = run(
        {
            "k/kustomization.yaml": line,
            "k/p.yaml": POD,
            "k/folder/x.yaml": "a: 1",
            "k/component/kustomization.yaml": "kind: Component",
        }
    )
    row = 2 if "\n" in line else 1
    assert f"k/kustomization.yaml:{row} {said} warning" in found.said
    assert found.images == ["docker.io/library/nginx"]


@pytest.mark.parametrize(
    "text",
    ["- a", "''", "null", "resources: p.yaml", "resources: {a: b}", "resources: [[p.yaml], {a: b}, null, '', 1]",
     "images: nginx", "images: [nginx, {name: null}, {newName: x}]", "patches: [x, {path: []}, {patch: {}}, {target: x}]",
     "configMapGenerator: [x, {name: []}, {name: a, literals: x}, {name: b, literals: [x, {a: b}]}]",
     "helmCharts: [x, {valuesFile: [], additionalValuesFiles: x}]", "namespace: []\nnamePrefix: {}",
     "commonLabels: x\ncommonAnnotations: []", "components: [x, [], {}]", "configurations: [kustomization.yaml]",
     "patchesStrategicMerge: [kustomization.yaml, '', 'a: [', '- a']"],
)  # fmt: skip
def test_odd_shapes(text: str) -> None:
    run({"kustomization.yaml": text, "p.yaml": POD})


def test_a_kustomization_that_is_not_yaml_is_an_error_and_its_files_are_read_by_themselves() -> None:
    found = run({"kustomization.yaml": "resources: [p.yaml\n", "p.yaml": POD})
    assert [text.partition(" ")[2] for text in found.said] == ["syntax error"]
    assert found.images == ["docker.io/library/nginx"]


def test_two_kustomizations_in_one_folder() -> None:
    found = run(
        {"kustomization.yaml": "resources: [p.yaml]", "kustomization.yml": "resources: [p.yaml]", "p.yaml": POD}
    )
    assert found.said == ["kustomization.yml:1 kustomize warning"]
    assert found.images == ["docker.io/library/nginx"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("patches: [{path: 'https://git.example.org/p.yaml'}]", "remote"),
        ("generators: [t.yaml]", "kustomize"),
        ("transformers: [t.yaml]", "kustomize"),
        ("components: ['https://git.example.org/c.git']", "remote"),
        ("bases: ['git@git.example.org:a/b.git']", "remote"),
    ],
)
def test_what_is_not_followed_is_said(line: str, code: str) -> None:
    found = run({"kustomization.yaml": f"resources: [p.yaml]\n{line}", "p.yaml": POD, "r.yaml": "[]", "t.yaml": POD})
    assert found.said == [f"kustomization.yaml:2 {code} warning"]
    assert found.images == ["docker.io/library/nginx"]


def test_a_list_that_goes_on_for_ever() -> None:
    names = "\n".join(f"- f{i}.yaml" for i in range(30_000))
    found = run({"kustomization.yaml": f"resources:\n- p.yaml\n{names}", "p.yaml": POD})
    assert "kustomization.yaml:1 too-large error" in found.said
    assert found.images == ["docker.io/library/nginx"]
