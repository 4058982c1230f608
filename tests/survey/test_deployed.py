"""What Terraform deploys to a cluster: values of Helm releases, objects, pods; at their places in the configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support import run_sovlint

VARIABLES = 'variable "registry" {\n  default = "quay.io"\n}\nvariable "other" {}\n'

RELEASE = """\
resource "helm_release" "app" {
  name  = "app"
  chart = "app"
  values = [
    <<-EOT
      # comment
      image:
        registry: ghcr.io
        repository: a/b
      side:
        image: ${var.registry}/a/c
      third:
        image: ${var.other}/a/d
      nodeSelector:
        topology.kubernetes.io/region: us-east-1
    EOT
    ,
    yamlencode({
      encoded = { image = "docker.io/acme/e:1" }
      persistence = { storageClassName = "gp3" }
    }),
    file("${path.module}/values.yaml"),
  ]
  set {
    name  = "set.image"
    value = "gcr.io/a/f"
  }
}
"""

OBJECTS = """\
resource "kubernetes_deployment_v1" "d" {
  metadata { name = "d" }
  spec {
    template {
      spec {
        node_selector = {
          "topology.kubernetes.io/region" = "us-west-2"
        }
        init_container {
          name  = "i"
          image = "ghcr.io/a/i"
        }
        container {
          name  = "c"
          image = "${var.registry}/a/c"
        }
      }
    }
  }
}
resource "kubernetes_manifest" "m" {
  manifest = {
    apiVersion = "apps/v1"
    kind       = "Deployment"
    metadata   = { name = "m" }
    spec = { template = { spec = { containers = [
      { name = "c", image = "gcr.io/a/m" },
    ] } } }
  }
}
resource "kubectl_manifest" "k" {
  yaml_body = <<YAML
apiVersion: v1
kind: Pod
metadata: {name: k}
spec:
  containers:
    - name: c
      image: public.ecr.aws/a/k
YAML
}
"""


def findings(folder: Path, files: dict[str, str], *options: str) -> list[tuple[str, int, str, str, list[str]]]:
    (folder / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    result = run_sovlint(
        ["check", "--format", "json", "--no-config", *(options or ("--select", "SOV1,SOV4,SOV5")), "."], cwd=folder
    )
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["problems"] == [], result.stderr
    return [(f["path"], f["line"], f["rule"], f["value"], f["affects"]) for f in report["findings"]]


def test_a_release(tmp_path: Path) -> None:
    files = {"variables.tf": VARIABLES, "main.tf": RELEASE, "values.yaml": "f: {image: ghcr.io/a/g}\n"}
    found = findings(tmp_path, files)
    app = ["helm_release.app"]
    assert sorted(found) == [
        ("main.tf", 8, "SOV501", "ghcr.io", app),
        ("main.tf", 15, "SOV108", "us-east-1", app),
        ("main.tf", 19, "SOV501", "docker.io/acme/e:1", app),
        ("main.tf", 20, "SOV403", "gp3", app),
        ("main.tf", 26, "SOV501", "gcr.io/a/f", app),
        ("values.yaml", 1, "SOV501", "ghcr.io/a/g", [*app, "values:f.image"]),
        ("variables.tf", 2, "SOV501", "quay.io", app),
    ]


def test_later_values_win_and_null_deletes(tmp_path: Path) -> None:
    text = (
        'resource "helm_release" "a" {\n  chart = "x"\n'
        '  values = ["image: {registry: ghcr.io, repository: a}\\nside: {image: quay.io/a/b}",\n'
        '    "image: {registry: gcr.io}"]\n'
        '  set = [{ name = "side", value = null }, { name = "image.registry", value = "public.ecr.aws" }]\n}\n'
    )
    assert [row[1:4] for row in findings(tmp_path, {"main.tf": text})][:1] == [(5, "SOV501", "public.ecr.aws")]


def test_a_chart_in_the_tree(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "helm_release" "a" {\n  chart = "./chart"\n  values = ["image:\\n  repository: acme/x"]\n'
        '  set {\n    name  = "global.imageRegistry"\n    value = "ghcr.io"\n  }\n}\n',
        "chart/Chart.yaml": "apiVersion: v2\nname: c\n",
        "chart/values.yaml": "image:\n  registry: rg.nl-ams.scw.cloud\n  repository: a/b\n",
        "chart/templates/a.yaml": "image: {{ .Values.image.registry | default .Values.global.imageRegistry }}/x\n",
    }
    assert findings(tmp_path, files) == []
    files["chart/templates/a.yaml"] = "image: {{ default .Values.image.registry .Values.global.imageRegistry }}/x\n"
    assert findings(tmp_path, files) == [("main.tf", 6, "SOV501", "ghcr.io", ["helm_release.a"])]


def test_objects(tmp_path: Path) -> None:
    assert sorted(findings(tmp_path, {"variables.tf": VARIABLES, "main.tf": OBJECTS})) == [
        ("main.tf", 7, "SOV108", "us-west-2", ["kubernetes_deployment_v1.d"]),
        ("main.tf", 11, "SOV501", "ghcr.io/a/i", ["kubernetes_deployment_v1.d"]),
        ("main.tf", 27, "SOV501", "gcr.io/a/m", ["kubernetes_manifest.m"]),
        ("main.tf", 39, "SOV501", "public.ecr.aws/a/k", ["kubectl_manifest.k"]),
        ("variables.tf", 2, "SOV501", "quay.io", ["kubernetes_deployment_v1.d"]),
    ]


def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    text = (
        'variable "v" {}\nresource "helm_release" "a" {\n  chart = var.v\n  values = var.v\n}\n'
        'resource "helm_release" "b" {\n  values = ["a: [", var.v, "- list", null]\n'
        "  set {\n    name = var.v\n    value = 1\n  }\n}\n"
        'resource "kubernetes_manifest" "m" {\n  manifest = var.v\n}\n'
        'resource "kubernetes_manifest" "n" {\n  manifest = {}\n}\n'
        'resource "kubectl_manifest" "k" {\n  yaml_body = "a: ["\n}\nresource "kubernetes_pod" "p" {}\n'
    )
    result_of = findings(tmp_path, {"main.tf": text})
    assert [row for row in result_of if row[2] != "SOV101"] == []


def test_what_is_encoded_stands_where_it_is_written(tmp_path: Path) -> None:
    """`yamlencode` of locals and variables; an unknown part does not hide the rest."""
    files = {
        "variables.tf": 'variable "zone" {\n  default = "us-west-2a"\n}\nvariable "later" {}\n',
        "locals.tf": 'locals {\n  image = "ghcr.io/a/b"\n  values = {\n    side = { image = "quay.io/a/c" }\n  }\n}\n',
        "main.tf": 'resource "helm_release" "a" {\n  chart  = "x"\n  values = [yamlencode(merge(local.values, {\n'
        "    image        = local.image\n"
        '    nodeSelector = { "topology.kubernetes.io/zone" = var.zone }\n'
        "    password     = var.later\n"
        "  })), jsonencode({\n"
        '    third = { image = "gcr.io/a/d", tag = terraform_data.x.output }\n'
        '  })]\n}\nresource "terraform_data" "x" {}\n'
        'resource "kubectl_manifest" "k" {\n  yaml_body = yamlencode({\n    apiVersion = "v1"\n    kind = "Pod"\n'
        "    metadata = { name = var.later }\n    spec = { containers = [{ image = local.image }] }\n  })\n}\n",
    }
    found = [row for row in findings(tmp_path, files) if row[2] != "SOV109"]
    assert sorted(found) == [
        ("locals.tf", 2, "SOV501", "ghcr.io/a/b", ["helm_release.a", "kubectl_manifest.k"]),
        ("locals.tf", 4, "SOV501", "quay.io/a/c", ["helm_release.a"]),
        ("main.tf", 8, "SOV501", "gcr.io/a/d", ["helm_release.a"]),
        ("variables.tf", 2, "SOV108", "us-west-2a", ["helm_release.a"]),
    ]


def test_every_way_to_set_a_value(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "helm_release" "blocks" {\n  chart = "x"\n'
        '  set {\n    name  = "a.image"\n    value = "ghcr.io/a/a"\n  }\n'
        '  set_list {\n    name  = "zones"\n    value = ["us-east-1a"]\n  }\n'
        '  set_sensitive {\n    name  = "b.image"\n    value = "ghcr.io/a/b"\n  }\n'
        '  dynamic "set" {\n    for_each = { "c.image" = "quay.io/a/c" }\n'
        "    content {\n      name  = set.key\n      value = set.value\n    }\n  }\n}\n"
        'resource "helm_release" "lists" {\n  chart = "x"\n'
        '  set = [\n    { name = "a.image", value = "gcr.io/a/a" },\n'
        '    { name = "nodeSelector.topology\\\\.kubernetes\\\\.io/region", value = "us-west-1" },\n  ]\n'
        '  set_list = [{ name = "zones", value = ["us-east-2a"] }]\n'
        '  set_sensitive = [{ name = "b.image", value = "gcr.io/a/b" }]\n}\n',
    }
    assert sorted(findings(tmp_path, files), key=lambda row: row[1]) == [
        ("main.tf", 5, "SOV501", "ghcr.io/a/a", ["helm_release.blocks"]),
        ("main.tf", 9, "SOV107", "us-east-1a", ["helm_release.blocks"]),
        ("main.tf", 13, "SOV501", None, ["helm_release.blocks"]),
        ("main.tf", 16, "SOV501", "quay.io/a/c", ["helm_release.blocks"]),
        ("main.tf", 26, "SOV501", "gcr.io/a/a", ["helm_release.lists"]),
        ("main.tf", 27, "SOV108", "us-west-1", ["helm_release.lists"]),
        ("main.tf", 29, "SOV107", "us-east-2a", ["helm_release.lists"]),
        ("main.tf", 30, "SOV501", None, ["helm_release.lists"]),
    ]


def test_values_are_in_the_language_of_set(tmp_path: Path) -> None:
    """Lists, several at once, backslashes, types and indexes; each at its own place."""
    sets = [
        ("zones", "{us-east-1a,eu-west-1a}", ""),
        ("a.image", "quay.io/a/a,b.image=ghcr.io/a/b", ""),
        ("c[0].image", "gcr.io/a/c", ""),
        ("c[1].image", "public.ecr.aws/a/d", ""),
        ("e.image", "docker.io/a/e\\\\,f.image=docker.io/a/f", ""),  # one text that is no image
        ("g.image", "registry.k8s.io/a/g", "literal"),
        ("h.enabled", "false", ""),
        ("h.image", "mcr.microsoft.com/a/h:1", "string"),
        ("broken", "{us-west-1a", ""),
        ("a.image", "null", ""),  # taken away again
    ]
    blocks = ""
    for name, value, kind in sets:
        typed = f'    type  = "{kind}"\n' if kind else ""
        blocks += f'  set {{\n    name  = "{name}"\n    value = "{value}"\n{typed}  }}\n'
    files = {"main.tf": f'resource "helm_release" "a" {{\n  chart = "x"\n{blocks}}}\n'}
    found = {(row[2], row[3]): row[1] for row in findings(tmp_path, files) if row[2] != "SOV109"}
    assert found == {
        ("SOV107", "us-east-1a"): 5,
        ("SOV501", "ghcr.io/a/b"): 9,
        ("SOV501", "gcr.io/a/c"): 13,
        ("SOV501", "public.ecr.aws/a/d"): 17,
        ("SOV501", "registry.k8s.io/a/g"): 25,
        ("SOV501", "mcr.microsoft.com/a/h:1"): 34,
    }


def test_texts_from_files(tmp_path: Path) -> None:
    """Templates and files: the finding stands in them, or at the variable that fills them in."""
    files = {
        "main.tf": 'variable "registry" {\n  default = "ghcr.io"\n}\nvariable "later" {}\n'
        'resource "helm_release" "a" {\n  chart = "x"\n  values = [\n'
        '    templatefile("${path.module}/values.yaml.tftpl", { registry = var.registry, later = var.later }),\n'
        '    file("more.yaml"),\n  ]\n}\n'
        'resource "kubernetes_manifest" "m" {\n'
        '  for_each = fileset("${path.module}/objects", "*.yaml")\n'
        '  manifest = yamldecode(file("${path.module}/objects/${each.value}"))\n}\n'
        'resource "kubectl_manifest" "k" {\n'
        '  for_each  = toset([for f in fileset(path.module, "objects/*.yaml") : f])\n'
        "  yaml_body = file(each.key)\n}\n",
        "values.yaml.tftpl": "image: ${registry}/a/b\nside:\n  image: quay.io/a/c\n  password: ${later}\n",
        "more.yaml": "third:\n  image: gcr.io/a/d\n",
        "objects/one.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
        "    - image: docker.io/a/e\n",
    }
    pods = ['kubectl_manifest.k["objects/one.yaml"]', 'kubernetes_manifest.m["one.yaml"]']
    assert sorted(findings(tmp_path, files)) == [
        ("main.tf", 2, "SOV501", "ghcr.io", ["helm_release.a"]),
        ("more.yaml", 2, "SOV501", "gcr.io/a/d", ["helm_release.a"]),
        ("objects/one.yaml", 6, "SOV501", "docker.io/a/e", ["core/Pod/-/p", *pods]),
        ("values.yaml.tftpl", 3, "SOV501", "quay.io/a/c", ["helm_release.a"]),
    ]


CLOUD = """\
resource "kubernetes_manifest" "bucket" {
  manifest = {
    apiVersion = "s3.aws.upbound.io/v1beta1"
    kind       = "Bucket"
    metadata   = { name = "b" }
    spec = { forProvider = { region = var.region } }
  }
}
resource "kubectl_manifest" "table" {
  yaml_body = <<-EOT
    apiVersion: dynamodb.services.k8s.aws/v1alpha1
    kind: Table
    metadata:
      name: t
      annotations: {services.k8s.aws/region: us-west-2}
    spec: {tableName: t}
  EOT
}
resource "helm_release" "extra" {
  chart  = "x"
  values = [<<-EOT
    extraObjects:
      - apiVersion: s3.aws.upbound.io/v1beta1
        kind: Bucket
        metadata: {name: c}
        spec: {forProvider: {region: us-east-2}}
  EOT
  ]
}
variable "region" {
  default = "us-east-1"
}
"""


def test_a_cloud_s_resources(tmp_path: Path) -> None:
    found = findings(tmp_path, {"main.tf": CLOUD}, "--select", "SOV101,SOV107,SOV201,SOV401")
    rows = {(row[1], row[2], row[3]): row[4] for row in found}
    assert rows[31, "SOV101", "us-east-1"] == ["kubernetes_manifest.bucket"]
    assert rows[15, "SOV101", "us-west-2"] == ["kubectl_manifest.table"]
    assert rows[26, "SOV101", "us-east-2"] == ["helm_release.extra"]
    assert {key[1] for key in rows} == {"SOV101", "SOV201", "SOV401"}


def test_objects_in_the_values_of_a_chart(tmp_path: Path) -> None:
    """What a chart is given to render as it is, is read as what it is: once, as a guess."""
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "chart/values.yaml": "extraObjects:\n  - apiVersion: s3.aws.upbound.io/v1beta1\n    kind: Bucket\n"
        "    metadata: {name: c}\n    spec: {forProvider: {region: us-east-2}}\n",
        "chart/templates/extra.yaml": "{{- range .Values.extraObjects }}\n---\n{{ toYaml . }}\n{{- end }}\n",
    }
    rows = [row[1:4] for row in findings(tmp_path, files, "--select", "SOV1,SOV201")]
    assert rows == [(2, "SOV201", "s3.aws.upbound.io/v1beta1"), (5, "SOV101", "us-east-2")]


def test_fields_of_objects_that_others_made(tmp_path: Path) -> None:
    text = (
        'resource "kubernetes_env" "e" {\n  container = "c"\n  metadata {\n    name = "d"\n  }\n'
        '  api_version = "apps/v1"\n  kind = "Deployment"\n  env {\n    name = "AWS_REGION"\n    value = "us-east-1"\n'
        "  }\n}\n"
        'resource "kubernetes_annotations" "a" {\n  api_version = "v1"\n  kind = "ServiceAccount"\n  metadata {\n'
        '    name = "s"\n  }\n  annotations = {\n    "eks.amazonaws.com/role-arn" = "arn:aws:iam::1:role/a"\n  }\n}\n'
        'resource "kubernetes_labels" "l" {\n  api_version = "v1"\n  kind = "Node"\n  metadata {\n    name = "n"\n  }\n'
        '  labels = {\n    "topology.kubernetes.io/region" = "us-west-2"\n  }\n}\n'
        'resource "kubernetes_config_map_v1_data" "d" {\n  metadata {\n    name = "m"\n  }\n'
        '  data = {\n    AWS_REGION = "us-east-2"\n  }\n}\nresource "kubernetes_node_taint" "t" {}\n'
        'resource "kubernetes_something_new" "n" {}\n'
    )
    assert [row[1:4] for row in findings(tmp_path, {"main.tf": text})] == [
        (10, "SOV107", "us-east-1"),
        (20, "SOV403", "eks.amazonaws.com/role-arn"),
        (30, "SOV108", "us-west-2"),
        (38, "SOV107", "us-east-2"),
    ]


def test_blocks_whose_number_is_not_known(tmp_path: Path) -> None:
    text = (
        'variable "sidecars" {}\nresource "kubernetes_deployment" "d" {\n  metadata {\n    name = "d"\n  }\n  spec {\n'
        "    template {\n      spec {\n        node_selector = null\n"
        '        dynamic "container" {\n          for_each = var.sidecars\n          content {\n'
        '            name  = container.value.name\n            image = "ghcr.io/a/${container.value.name}"\n'
        "          }\n        }\n"
        '        dynamic "init_container" {\n          for_each = ["quay.io/a/b", "rg.nl-ams.scw.cloud/a/c"]\n'
        "          content {\n            image = init_container.value\n          }\n        }\n"
        "      }\n    }\n  }\n}\n"
    )
    rows = [row[1:4] for row in findings(tmp_path, {"main.tf": text})]
    assert rows == [(14, "SOV501", "ghcr.io/a/"), (18, "SOV501", "quay.io/a/b")]


def test_many_large_objects_are_all_read(tmp_path: Path) -> None:
    """What may be read of one text is no limit for all of them together."""
    large = "\n".join(f"      key{number} = value.number.{number}" for number in range(1_500))
    text = "".join(
        f'resource "kubernetes_config_map" "m{number}" {{\n  metadata {{\n    name = "m{number}"\n  }}\n'
        f"  data = {{\n    text = <<-EOT\n{large}\n    EOT\n"
        f'    SENTRY_DSN = "https://a@o{number}.ingest.sentry.io/1"\n  }}\n}}\n'
        for number in range(12)
    )
    assert len(findings(tmp_path, {"main.tf": text}, "--select", "SOV604")) == 12


def test_a_chart_beside_a_module(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./modules/m"\n  registry = "ghcr.io"\n}\n',
        "modules/m/main.tf": 'variable "registry" {}\nresource "helm_release" "a" {\n  chart = "${path.module}/chart"\n'
        '  set {\n    name  = "image.registry"\n    value = var.registry\n  }\n}\n',
        "modules/m/chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "modules/m/chart/values.yaml": "image:\n  registry: rg.nl-ams.scw.cloud\n  repository: a/b\n",
        "modules/m/chart/templates/a.yaml": "image: {{ .Values.image.registry }}/{{ .Values.image.repository }}\n",
    }
    assert findings(tmp_path, files) == [("main.tf", 3, "SOV501", "ghcr.io", ["module.m.helm_release.a"])]


def test_a_repository_in_a_registry(tmp_path: Path) -> None:
    text = (
        'resource "helm_release" "a" {\n  chart      = "app"\n  repository = "oci://ghcr.io/acme/charts"\n}\n'
        'resource "helm_release" "b" {\n  chart = "oci://public.ecr.aws/acme/charts/app"\n}\n'
        'resource "helm_release" "c" {\n  chart = "https://github.com/acme/charts/releases/app-1.tgz"\n}\n'
        'resource "helm_release" "d" {\n  chart = "oci://rg.nl-ams.scw.cloud/acme/app"\n}\n'
    )
    assert [row[1:3] for row in findings(tmp_path, {"main.tf": text})] == [
        (3, "SOV503"),
        (6, "SOV503"),
        (9, "SOV503"),
    ]


def test_what_is_not_known_names_its_inputs(tmp_path: Path) -> None:
    text = (
        'variable "zone" {}\nresource "kubernetes_pod" "p" {\n  metadata {\n    name = "p"\n  }\n  spec {\n'
        '    node_selector = { "topology.kubernetes.io/zone" = var.zone }\n  }\n}\n'
        'resource "kubectl_manifest" "k" {\n  yaml_body = <<-EOT\n    apiVersion: v1\n    kind: Pod\n'
        "    metadata: {name: k}\n    spec:\n      nodeSelector:\n"
        "        topology.kubernetes.io/region: eu-${var.zone}\n  EOT\n}\n"
    )
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(text)
    result = run_sovlint(["check", "--format", "json", "--no-config", "."], cwd=tmp_path)
    found = json.loads(result.stdout)["findings"]
    assert [(f["line"], f["message"], f["affects"]) for f in found if f["rule"] == "SOV109"] == [
        (7, "place not determined: var.zone has no value", ["kubectl_manifest.k", "kubernetes_pod.p"])
    ]
