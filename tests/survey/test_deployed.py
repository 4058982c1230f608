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
        ["check", "--format", "json", "--no-config", "--select", "SOV1,SOV4,SOV5", *options, "."], cwd=folder
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
