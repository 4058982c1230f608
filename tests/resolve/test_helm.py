"""Helm charts read statically: images and regions in values, values of environments over them, template text."""

from __future__ import annotations

import pytest
from manifest_runs import run

from sovlint.resolve.helm import static_note

CHART = "apiVersion: v2\nname: zaaksysteem\nversion: 1.0.0\n"

VALUES = """\
global:
  imageRegistry: ""
frontend:
  replicas: 2
  image:
    registry: docker.io
    repository: gemeente/frontend
    tag: 1.10
    pullPolicy: IfNotPresent
worker:
  image: {repository: quay.io/gemeente/worker, tag: "2"}
sidecarImage: ghcr.io/gemeente/sidecar:3
logo: {backgroundImage: header, image: logo.png}
source: {repository: "https://github.com/gemeente/code.git", tag: v1}
git: {repository: github.com/gemeente/code, tag: v1}
"""


def test_images_whole_and_split() -> None:
    found = run({"chart/Chart.yaml": CHART, "chart/values.yaml": VALUES})
    assert [(u.kind, u.path) for u in found.units] == [("chart", "chart")]
    assert [(f.subject.address, f.reference, found.at(f), f.cause.location.line) for f in found.images] == [
        ("zaaksysteem:frontend.image", "docker.io/gemeente/frontend:1.10", "docker.io", 6),
        ("zaaksysteem:worker.image", "quay.io/gemeente/worker:2", "quay.io/gemeente/worker", 11),
        ("zaaksysteem:sidecarImage", "ghcr.io/gemeente/sidecar:3", "ghcr.io/gemeente/sidecar:3", 12),
    ]
    fact = found.images[0]
    assert (fact.subject.kind, fact.subject.format, fact.subject.unit, fact.subject.primary) == (
        "values",
        "helm",
        "chart",
        True,
    )
    assert (fact.confidence, fact.operator, fact.cause.via, fact.subject.declared_at.line) == (
        "heuristic",
        "docker",
        (),
        5,
    )
    assert not found.problems


def environment(text: str, name: str = "values-prod.yaml") -> list[tuple[str, str, str, str]]:
    """Address, reference, file and text of the cause of what an environment adds."""
    found = run({"c/Chart.yaml": CHART, "c/values.yaml": VALUES, f"c/{name}": text})
    base = run({"c/Chart.yaml": CHART, "c/values.yaml": VALUES})
    assert not found.problems
    rows = [(f.subject.address, f.reference, f.cause.location.path, found.at(f)) for f in found.images]
    for f in base.images:
        # What values.yaml decides is reported there, and once.
        rows.remove((f.subject.address, f.reference, f.cause.location.path, base.at(f)))
    return rows


def test_environments_lie_over_the_values() -> None:
    assert environment('frontend: {image: {tag: "9"}}\n') == []
    assert environment("frontend: {image: {repository: gemeente/test}}\n", "values.test.yaml") == [
        ("zaaksysteem:frontend.image", "docker.io/gemeente/test:1.10", "c/values.yaml", "docker.io")
    ]
    # Null deletes: without a registry the repository decides.
    assert environment("frontend: {image: {registry: null}}\n") == [
        ("zaaksysteem:frontend.image", "docker.io/gemeente/frontend:1.10", "c/values.yaml", "gemeente/frontend")
    ]
    assert environment("worker: {image: null}\n") == []
    assert environment("global:\n  imageRegistry: harbor.example.nl\n") == [
        (
            "zaaksysteem:frontend.image",
            "harbor.example.nl/gemeente/frontend:1.10",
            "c/values-prod.yaml",
            "harbor.example.nl",
        ),
        (
            "zaaksysteem:worker.image",
            "harbor.example.nl/quay.io/gemeente/worker:2",
            "c/values-prod.yaml",
            "harbor.example.nl",
        ),
    ]
    assert environment("sidecarImage: sidecar:4\n") == [
        ("zaaksysteem:sidecarImage", "docker.io/library/sidecar:4", "c/values-prod.yaml", "sidecar:4")
    ]


def test_an_environment_that_deletes_the_registry() -> None:
    found = run(
        {
            "c/Chart.yaml": CHART,
            "c/values.yaml": "image: {registry: harbor.example.nl, repository: app}\n",
            "c/values-x.yaml": "image: {registry: null}\n",
        }
    )
    assert sorted((f.reference, found.at(f), f.cause.location.path) for f in found.images) == [
        ("docker.io/library/app", "app", "c/values.yaml"),
        ("harbor.example.nl/app", "harbor.example.nl", "c/values.yaml"),
    ]


GLOBAL_WINS = '{{ define "z.image" }}{{ default .image.registry .root.Values.global.imageRegistry }}{{ end }}'
OWN_WINS = '{{ define "z.image" }}{{ .image.registry | default .root.Values.global.imageRegistry }}{{ end }}'
USES = 'image: {{ include "z.image" (dict "image" .Values.a.image "root" .) }}\n'


def test_the_global_registry_is_one_cause() -> None:
    values = (
        "global: {imageRegistry: docker.io}\na: {image: {registry: quay.io, repository: x/a}}\n"
        "b: {image: {repository: x/b, tag: 1}}\nc: {image: quay.io/x/c}\n"
    )
    files = {"Chart.yaml": CHART, "values.yaml": values, "templates/a.yaml": USES, "templates/_h.tpl": GLOBAL_WINS}
    found = run(files)
    assert [(f.subject.address, f.reference, found.at(f), f.cause.owner) for f in found.images] == [
        ("zaaksysteem:a.image", "docker.io/x/a", "docker.io", "zaaksysteem:global.imageRegistry"),
        ("zaaksysteem:b.image", "docker.io/x/b:1", "docker.io", "zaaksysteem:global.imageRegistry"),
        ("zaaksysteem:c.image", "quay.io/x/c", "quay.io/x/c", "zaaksysteem:c.image"),
    ]
    assert found.images[0].cause.via[0].note == "a.image takes its registry from global.imageRegistry"
    where = found.images[0].cause.via[0].location
    assert (where.path, where.line, where.column, where.end_column) == ("values.yaml", 2, 5, 10)
    assert found.images[0].cause.location == found.images[1].cause.location
    own = run({**files, "templates/_h.tpl": OWN_WINS})
    assert [(f.subject.address, f.reference) for f in own.images] == [
        ("zaaksysteem:a.image", "quay.io/x/a"),
        ("zaaksysteem:b.image", "docker.io/x/b:1"),
        ("zaaksysteem:c.image", "quay.io/x/c"),
    ]
    neither = run({**files, "templates/_h.tpl": '{{ define "z.image" }}{{ .image.registry }}{{ end }}'})
    assert {f.reference for f in neither.images} == {"quay.io/x/a", "docker.io/x/b:1", "quay.io/x/c"}
    assert all(f.cause.owner != "zaaksysteem:global.imageRegistry" for f in neither.images)


def test_both_registries_are_looked_at_where_the_chart_does_not_say() -> None:
    values = "global: {imageRegistry: harbor.example.nl}\na: {image: {registry: ghcr.io, repository: x/a}}\n"
    found = run({"Chart.yaml": CHART, "values.yaml": values})
    assert [(f.reference, found.at(f), [hop.note for hop in f.cause.via]) for f in found.images] == [
        (
            "harbor.example.nl/x/a",
            "harbor.example.nl",
            ["a.image takes its registry from global.imageRegistry, unless the chart prefers its own (ghcr.io)"],
        ),
        (
            "ghcr.io/x/a",
            "ghcr.io",
            ["a.image keeps its own registry, unless the chart prefers global.imageRegistry (harbor.example.nl)"],
        ),
    ]


def test_an_umbrella_hands_its_registry_down() -> None:
    umbrella = run({"Chart.yaml": CHART, "values.yaml": "global: {imageRegistry: docker.io}\nredis: {enabled: true}\n"})
    assert [(f.subject.address, f.host) for f in umbrella.images] == [("zaaksysteem:global.imageRegistry", "docker.io")]
    other = run(
        {"Chart.yaml": CHART, "values.yaml": "global: {image: {registry: docker.io}}\na: {image: {repository: x/a}}\n"}
    )
    assert [(f.subject.address, f.host) for f in other.images] == [("zaaksysteem:a.image", "docker.io")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("image: nginx", {"docker.io/library/nginx"}),
        ("image: {name: quay.io/a/b, tag: 1}", {"quay.io/a/b:1"}),
        ("image: {registry: quay.io, image: a/b, tag: 1}", {"quay.io/a/b:1"}),
        ("redis: {image: {registry: docker.io}}", {"docker.io/…"}),
        ("x: {repository: quay.io/a/b, tag: v1}", {"quay.io/a/b:v1"}),
        ("x: {repository: quay.io/a/b}", set()),
        ("images: [quay.io/a/b:1, {image: quay.io/a/c}]", {"quay.io/a/b:1", "quay.io/a/c"}),
        ("proxy_image: quay.io/a/b:1", {"quay.io/a/b:1"}),
        ("image: 'docker.io/a/{{ .Chart.Name }}:1'", {"docker.io/a/…"}),
        ("image: {registry: '{{ .Values.r }}', repository: a}", set()),
        ("image: {repository: a/b, digest: 'sha256:" + "ab" * 32 + "'}", {"docker.io/a/b@sha256:" + "ab" * 32}),
        ("image: {repository: 'a/b:1', tag: 2}", {"docker.io/a/b:1"}),
        ("image: {registry: docker.io/, repository: /a/b}", {"docker.io/a/b"}),
        ("image: {registry: docker.io/team, repository: b}", {"docker.io/team/b"}),
        ("chart: {name: x, repository: 'https://charts.example.nl', version: 1}", set()),
        ("image: [1, true, null]\nuseImage: true\nmyImage: 5", set()),
        ("pullImage: Always\nimagePullPolicy: Always\nimagePullSecrets: [a/b]", set()),
    ],
)
def test_shapes(values: str, expected: set[str]) -> None:
    found = run({"Chart.yaml": CHART, "values.yaml": values})
    assert {f.reference for f in found.images} == expected


def test_regions_in_values() -> None:
    values = (
        "s3: {region: us-east-1, zone: example.nl}\naws_region: eu-west-2\nregions: [westeurope, nowhere]\nregion: 5\n"
        "nodeSelector:\n  topology.kubernetes.io/region: dc-1\naffinity:\n"
        "  - {key: topology.kubernetes.io/zone, operator: In, values: [us-east-1a]}\n"
    )
    found = run({"Chart.yaml": CHART, "values.yaml": values, "values-prod.yaml": "s3: {region: eu-west-1}\n"})
    rows = {(f.subject.address, f.role, found.at(f), f.cause.location.path) for f in found.placements}
    assert rows == {
        ("zaaksysteem:s3.region", "client", "us-east-1", "values.yaml"),
        ("zaaksysteem:s3.region", "client", "eu-west-1", "values-prod.yaml"),
        ("zaaksysteem:aws_region", "client", "eu-west-2", "values.yaml"),
        ("zaaksysteem:regions[0]", "client", "westeurope", "values.yaml"),
        ('zaaksysteem:nodeSelector["topology.kubernetes.io/region"]', "scheduling", "dc-1", "values.yaml"),
        ("zaaksysteem:affinity[0].values[0]", "scheduling", "us-east-1a", "values.yaml"),
    }
    assert {f.confidence for f in found.placements} == {"heuristic"}
    (own,) = [f for f in found.placements if f.subject.address == "zaaksysteem:aws_region"]
    assert [p.namespace for p in own.places] == ["aws"]


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://s3.nl-ams.scw.cloud", ("https://s3.nl-ams.scw.cloud", "nl-ams")),
        ("minio.example.nl:9000", None),
        ("http://minio.storage.svc:9000", None),
        ("https://s3.eu-west-1.amazonaws.com", ("https://s3.eu-west-1.amazonaws.com", "eu-west-1")),
        ("s3.amazonaws.com", ("us-east-1", "us-east-1")),
        ("", ("us-east-1", "us-east-1")),
        ("{{ .Values.x }}", None),
    ],
)
def test_beside_an_endpoint_the_endpoint_decides(endpoint: str, expected: tuple[str, str] | None) -> None:
    values = f"s3:\n  region: us-east-1\n  endpoint: '{endpoint}'\n"
    found = run({"Chart.yaml": CHART, "values.yaml": values})
    rows = [(found.at(f).strip("'"), sorted({p.name for p in f.places})) for f in found.placements]
    if expected is None:
        assert rows == []
    else:
        assert [text for text, _ in rows] == [expected[0]]
        assert expected[1] in rows[0][1]


TEMPLATE = """\
{{/* image: docker.io/in/comment:1 */}}
{{- /*
   image: docker.io/in/long-comment:1
*/ -}}
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector: {{ toYaml . | nindent 8 }}
      {{- end }}
      nodeSelector:
        topology.kubernetes.io/region: us-east-1
      containers:
        # image: docker.io/in/yaml-comment:1
        - image: nginx:1.27 # why
        - name: a
          image: "docker.io/gemeente/{{ .Values.name }}:{{ default "x" .Values.tag }}"
        - image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        - image: {{ include "x.image" . }}
        - image: 'quay.io/a/b'
        - image:
            x: y
        - image: "nginx:{{ .Values.tag }}"
"""


def test_template_text() -> None:
    found = run(
        {"c/Chart.yaml": CHART, "c/templates/deploy.yaml": TEMPLATE, "c/templates/NOTES.txt": "image: docker.io/x"}
    )
    assert [(found.at(f), f.host, f.cause.location.line, f.confidence) for f in found.images] == [
        ("nginx:1.27", "docker.io", 17, "heuristic"),
        ("docker.io/gemeente/", "docker.io", 19, "heuristic"),
        ("'quay.io/a/b'", "quay.io", 22, "heuristic"),
        ("nginx:", "docker.io", 25, "heuristic"),
    ]
    assert {f.subject.address for f in found.images} == {"zaaksysteem:templates/deploy.yaml"}
    assert [(found.at(f), f.role, f.cause.location.line) for f in found.placements] == [("us-east-1", "scheduling", 14)]
    assert not found.problems


def test_units() -> None:
    files: dict[str, str | bytes] = {
        "c/Chart.yaml": CHART,
        "c/values.yaml": "image: quay.io/a/parent",
        "c/environments/values-prod.yaml": "image: quay.io/a/prod",
        "c/values/acc.yaml": "image: quay.io/a/acc",
        "c/crds/crd.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: quay.io/a/crd}]}",
        "c/files/config.yaml": "image: quay.io/a/no-values",
        "c/charts/sub/Chart.yaml": "name: sub",
        "c/charts/sub/values.yaml": "image: quay.io/a/sub",
        "deploy/app-values.yaml": "image: quay.io/a/alone",
        "deploy/values.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: quay.io/a/pod}]}",
        "main.tf": "",
        "terraform.tfvars.json": "{}",
    }
    found = run(files)
    assert [(u.kind, u.path) for u in found.units] == [
        ("chart", "c"),
        ("chart", "c/charts/sub"),
        ("values", "deploy/app-values.yaml"),
        ("values", "deploy/values.yaml"),
    ]
    assert {(f.subject.unit, f.subject.address, f.reference.rpartition("/")[2]) for f in found.images} == {
        ("c", "zaaksysteem:image", "parent"),
        ("c", "zaaksysteem:image", "prod"),
        ("c", "zaaksysteem:image", "acc"),
        ("c", "core/Pod/-/-", "crd"),
        ("c/charts/sub", "sub:image", "sub"),
        ("deploy/app-values.yaml", "app-values:image", "alone"),
        ("deploy/values.yaml", "core/Pod/-/-", "pod"),
    }


def test_what_is_not_linted_is_still_read() -> None:
    from sovlint.discovery import MemoryTree
    from sovlint.resolve.helm import load_chart
    from sovlint.resolve.manifests import load_unit, units_of

    tree = MemoryTree(
        {"c/Chart.yaml": CHART, "c/values.yaml": VALUES, "c/values-x.yaml": "frontend: {image: {repository: a/b}}\n"}
    )
    (unit,) = units_of(tree, ["c/values-x.yaml"], {"c/values-x.yaml"})
    assert (unit.kind, unit.path, unit.files, unit.named) == (
        "chart",
        "c",
        ("c/values-x.yaml",),
        frozenset({"c/values-x.yaml"}),
    )
    loaded = load_unit(tree, unit)
    assert [r.address for r in loaded.resources] == ["zaaksysteem:values-x.yaml"]
    assert [r.address for r in load_chart(tree, "c", ["c/values.yaml"])[0]] == ["zaaksysteem:values.yaml"]


def test_broken_charts() -> None:
    found = run(
        {
            "c/Chart.yaml": "name: [",
            "c/values.yaml": "a: [",
            "c/values-x.yaml": "image: quay.io/a/b",
            "c/templates/x.yaml": b"image: \xff",
        }
    )
    assert [(p.location.path, p.code) for p in found.problems] == [
        ("c/Chart.yaml", "syntax"),
        ("c/values.yaml", "syntax"),
        ("c/templates/x.yaml", "encoding"),
    ]
    assert [f.subject.address for f in found.images] == ["c:image"]
    assert not run({"c/Chart.yaml": CHART, "c/values.yaml": "", "c/values-x.yaml": "# only a comment"}).problems


def test_aliases_in_values() -> None:
    text = "x: &i\n  registry: docker.io\n  repository: a/b\nfrontend: {image: *i}\n"
    text += "worker: {image: {<<: *i, repository: a/c}}\n"
    found = run({"Chart.yaml": CHART, "values.yaml": text})
    rows = [
        (f.subject.address, f.reference, found.line(f)[1], [h.location.line for h in f.cause.via]) for f in found.images
    ]
    assert rows == [
        ("zaaksysteem:x", "docker.io/a/b", 2, []),
        ("zaaksysteem:frontend.image", "docker.io/a/b", 2, [4]),
        ("zaaksysteem:worker.image", "docker.io/a/c", 2, [5]),
    ]
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    bomb += "m0: &m0 {image: nginx}\n" + "".join(f"m{n}: &m{n} {{a: *m{n - 1}, b: *m{n - 1}}}\n" for n in range(1, 60))
    chain = "c0: &c0 [x]\n" + "".join(f"c{n}: &c{n} [*c{n - 1}]\n" for n in range(1, 3000))
    for text in (bomb, chain):
        assert not run({"Chart.yaml": CHART, "values.yaml": text, "values-x.yaml": text}).problems


def test_note() -> None:
    assert static_note(3) == (
        "3 Helm charts were read statically (values and template text), not rendered; "
        "`--helm-engine auto` renders with a helm on PATH or with `pip install 'sovlint[helm]'`"
    )
    assert static_note(1).startswith("1 Helm chart was read")
