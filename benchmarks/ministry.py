"""Writes the repository of a ministry that does not exist: Terraform, manifests, charts, pipelines. Seeded.

At scale 1: 12,000 Terraform files of 640,000 lines (2,000 root modules of four files and a tfvars file each, 500 shared
modules of four files) and 9,000 YAML files of 340,000 lines. The same seed gives the same bytes.

As in life, some of it is alike and some is not. Roots and modules belong to a cloud (half of them AWS; Azure, Google,
Scaleway, Hetzner and OVHcloud share the rest). Popular modules are called by hundreds of roots, most by a few; one in
four calls another one, some are called with `for_each` or `count`. Values come from variables, tfvars, locals, data
sources and other modules; one root in ten gets its region from nowhere in the repository, some modules and images come
from outside of it. Names are Dutch, since no list of words is as short.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import manifests
from ministry_blocks import CLOUDS, NAMES, REGIONS, SOURCES, WEIGHTS, resources

ROOTS, MODULES, YAML = 2_000, 500, 9_000
TERRAFORM_LINES, YAML_LINES = 640_000, 340_000

STAGES = ("dev", "test", "acceptance", "production")
PROVIDERS = {
    "aws": 'provider "aws" {\n  region = var.region\n\n  default_tags {\n    tags = local.tags\n  }\n}\n\n',
    "azurerm": 'provider "azurerm" {\n  features {}\n  subscription_id = var.account\n}\n\n',
    "google": 'provider "google" {\n  project = var.account\n  region  = var.region\n}\n\n',
    "scaleway": 'provider "scaleway" {\n  region = var.region\n  zone   = "${var.region}-1"\n}\n\n',
    "hcloud": 'provider "hcloud" {\n  token = var.token\n}\n\n',
    "ovh": 'provider "ovh" {\n  endpoint = "ovh-eu"\n}\n\n',
}
BACKENDS = (
    'backend "s3" {\n    bucket = "gov-state"\n    key    = "%s/terraform.tfstate"\n    region = "eu-central-1"\n'
    "    encrypt = true\n  }",
    'backend "azurerm" {\n    storage_account_name = "govstate"\n    container_name       = "state"\n'
    '    key                  = "%s"\n  }',
    'backend "gcs" {\n    bucket = "gov-state"\n    prefix = "%s"\n  }',
    'backend "http" {\n    address = "https://git.intern.example.nl/state/%s"\n  }',
)
KEYS = {
    "aws": 'resource "aws_kms_key" "main" {\n  description         = "Key of ${var.prefix}"\n'
    "  enable_key_rotation = true\n}\n\n",
    "azurerm": 'resource "azurerm_resource_group" "main" {\n  name     = "${var.prefix}-${var.stage}"\n'
    "  location = var.region\n  tags     = local.tags\n}\n\n",
    "google": 'resource "google_kms_key_ring" "main" {\n  name     = var.prefix\n  location = var.region\n}\n\n',
    "scaleway": 'resource "scaleway_vpc_private_network" "main" {\n  name = var.prefix\n}\n\n',
    "hcloud": 'resource "hcloud_network" "main" {\n  name     = var.prefix\n  ip_range = var.cidr\n}\n\n',
    "ovh": 'data "ovh_cloud_project" "main" {\n  service_name = var.account\n}\n\n',
}
MAIN = {
    "aws": "aws_kms_key.main.arn",
    "azurerm": "azurerm_resource_group.main.id",
    "google": "google_kms_key_ring.main.id",
    "scaleway": "scaleway_vpc_private_network.main.id",
    "hcloud": "hcloud_network.main.id",
    "ovh": "data.ovh_cloud_project.main.project_id",
}


def variables(names: list[tuple[str, str]]) -> str:
    """Declarations of variables with their defaults (HCL; empty for none)."""
    out = []
    for name, default in names:
        kind = "map(string)" if default == "{}" else "number" if default.isdigit() else "string"
        out.append(f'variable "{name}" {{\n  description = "The {name.replace("_", " ")} of this part"\n')
        out.append(f"  type        = {kind}\n" + (f"  default     = {default}\n" if default else "") + "}\n\n")
    return "".join(out)


def common(cloud: str, region: bool = True) -> list[tuple[str, str]]:
    """Variables that roots and modules have."""
    place = f'"{REGIONS[cloud][0]}"' if region else ""
    return [
        *(("prefix", '"gov"'), ("stage", '"dev"'), ("region", place), ("owner", '"team"'), ("account", "")),
        *(("cidr", '"10.0.0.0/16"'), ("labels", "{}"), ("size", "3")),
    ]


def shared(cloud: str) -> str:
    """What every main.tf begins with."""
    return (
        "locals {\n  tags = merge(var.labels, {\n    Stage = var.stage\n    Owner = var.owner\n  })\n"
        f"  main = {MAIN[cloud]}\n}}\n\n{KEYS[cloud]}"
    )


def versions(cloud: str) -> str:
    """Versions of Terraform and of the cloud's provider."""
    return (
        'terraform {\n  required_version = ">= 1.6"\n\n  required_providers {\n'
        f'    {cloud} = {{\n      source  = "{SOURCES[cloud]}"\n      version = "~> 5.0"\n    }}\n  }}\n}}\n\n'
    )


def clouds(count: int) -> list[str]:
    """The clouds of so many modules, spread evenly."""
    of_hundred = [cloud for cloud, weight in zip(CLOUDS, WEIGHTS, strict=True) for _ in range(weight)]
    return [of_hundred[number * 37 % 100] for number in range(count)]


def module(rng: random.Random, folder: Path, number: int, of: list[str], lines: int) -> None:
    """A shared module of four files; one in four calls an earlier one of the same cloud."""
    cloud = of[number]
    inner = NETWORK % ".." if cloud == "aws" else ""
    if number == 0:
        inner = 'resource "aws_vpc" "this" {\n  cidr_block = var.cidr\n}\n\n'
        inner += 'output "id" {\n  value = aws_vpc.this.id\n}\n\n'
    earlier = [other for other in range(1, number) if of[other] == cloud]
    if earlier and rng.random() < 0.25:
        inner += f'module "inner" {{\n  source = "../m{rng.choice(earlier)}"\n  stage  = var.stage\n'
        inner += "  region = var.region\n  account = var.account\n}\n\n"
    body = resources(rng, cloud, lines)
    if number == 0:
        body = body.replace("module.network.id", "aws_vpc.this.id")
    if "terraform_remote_state" in body:
        inner += STATE
    write(folder / "main.tf", shared(cloud) + inner + body)
    write(folder / "variables.tf", variables(common(cloud)))
    write(folder / "versions.tf", versions(cloud))
    write(folder / "outputs.tf", 'output "key" {\n  value = local.main\n}\n')


NETWORK = 'module "network" {\n  source = "%s/network"\n  cidr   = var.cidr\n}\n\n'
STATE = (
    'data "terraform_remote_state" "network" {\n  backend = "s3"\n\n  config = {\n    bucket = "gov-state"\n'
    '    key    = "network"\n    region = "eu-central-1"\n  }\n}\n\n'
)


def root(rng: random.Random, folder: Path, up: str, of: list[str], lines: int) -> None:
    """A root module of four files and a tfvars file; it calls some of the shared modules of its cloud."""
    cloud = rng.choices(CLOUDS, WEIGHTS)[0]
    modules = [number for number, other in enumerate(of) if number and other == cloud]
    placed = rng.random() > 0.1
    settings = [(f"setting_{i}", f'"{i}"') for i in range(4)] + [("token", "")]
    write(folder / "variables.tf", variables([*common(cloud, placed), *settings]))
    backend = rng.choices(BACKENDS, (6, 2, 1, 1))[0] % folder.name
    write(folder / "providers.tf", versions(cloud) + PROVIDERS[cloud] + f"terraform {{\n  {backend}\n}}\n")
    region = f'region = "{rng.choice(REGIONS[cloud])}"\n' if placed else ""
    write(
        folder / "terraform.tfvars",
        f'stage  = "{rng.choice(STAGES)}"\n{region}owner  = "{rng.choice(NAMES)}"\naccount = "{rng.randrange(10**9)}"\n'
        'labels = {\n  cost = "1"\n  unit = "a"\n}\n',
    )
    calls = []
    for index in range(rng.randint(0, 4) if modules else 0):
        # A few modules are called by everybody, most by few.
        chosen = modules[int(len(modules) * rng.random() ** 3)]
        times = rng.choices(
            ("", '  for_each = toset(["noord", "zuid"])\n', '  count = var.stage == "dev" ? 0 : 1\n'), (8, 1, 1)
        )[0]
        calls.append(
            f'module "part_{index}" {{\n  source = "{up}/modules/m{chosen}"\n{times}\n'
            f'  prefix = "{rng.choice(NAMES)}"\n'
            "  stage  = var.stage\n  region = var.region\n  owner  = var.owner\n  labels = local.tags\n"
            "  account = var.account\n}\n\n"
        )
    if rng.random() < 0.05:
        calls.append(
            'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n\n  name = var.prefix\n'
            "  cidr = var.cidr\n}\n\n"
        )
    network = NETWORK % f"{up}/modules" if cloud == "aws" else ""
    body, data = resources(rng, cloud, lines // 2), resources(rng, cloud, lines // 2, "d")
    state = STATE if "terraform_remote_state" in body + data else ""
    write(folder / "main.tf", shared(cloud) + network + "".join(calls) + state + body)
    write(folder / "data.tf", data)


def chart(rng: random.Random, folder: Path) -> int:
    """A chart of four YAML files; returns their number."""
    name = rng.choice(NAMES)
    write(folder / "Chart.yaml", f"apiVersion: v2\nname: {name}\nversion: 1.{rng.randrange(9)}.0\n")
    values = [f"replicaCount: {rng.randint(1, 5)}\nimage:\n  repository: {rng.choice(manifests.REGISTRIES)}/{name}\n"]
    values.append('  tag: "1.2"\nnodeSelector:\n  topology.kubernetes.io/region: eu-west-1\nsettings:\n')
    values += [f"  {rng.choice(NAMES)}{i}: {rng.choice(NAMES)} # as agreed\n" for i in range(30)]
    write(folder / "values.yaml", "".join(values))
    write(folder / "values-production.yaml", "replicaCount: 6\nimage:\n  tag: '1.3'\n")
    write(
        folder / "templates" / "deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  template:\n"
        "    spec:\n      containers:\n        - name: app\n"
        '          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
        "          {{- with .Values.settings }}\n          env:\n            {{- toYaml . | nindent 12 }}\n"
        "          {{- end }}\n" + "          # agreed\n" * 20,
    )
    return 4


def overlay(rng: random.Random, folder: Path, number: int) -> int:
    """A kustomization of two objects; returns the number of its files."""
    for index in (0, 1):
        write(folder / f"object-{index}.yaml", manifests.manifest(rng, number * 2 + index, 500))
    write(
        folder / "kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: team\n"
        "resources:\n  - object-0.yaml\n  - object-1.yaml\n",
    )
    return 3


def small(rng: random.Random, number: int) -> str:
    """An object of few lines."""
    name = f"{rng.choice(NAMES)}-{number}"
    kind, version, rest = rng.choice(
        (
            ("Namespace", "v1", ""),
            ("ServiceAccount", "v1", "automountServiceAccountToken: false\n"),
            (
                "NetworkPolicy",
                "networking.k8s.io/v1",
                "spec:\n  podSelector: {}\n  policyTypes:\n    - Ingress\n    - Egress\n",
            ),
        )
    )
    return f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: team-{number % 40}\n{rest}"


def workflow(rng: random.Random, path: Path) -> int:
    """A delivery pipeline; returns the number of its files."""
    steps = "".join(
        f"      - name: {rng.choice(NAMES)} {i}\n        uses: actions/checkout@v4\n"
        f"        with:\n          path: p{i}\n"
        for i in range(8)
    )
    write(path, f"name: ci\non: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
    return 1


def write(path: Path, text: str) -> None:
    """Writes a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def generate(folder: Path, scale: float, seed: int = 1) -> None:
    """Writes the repository at a scale."""
    repository(folder, max(1, round(MODULES * scale)), max(1, round(ROOTS * scale)), round(YAML * scale), seed)


def repository(folder: Path, modules: int, roots: int, yaml: int, seed: int = 1) -> None:
    """Writes a repository of so many modules, roots and YAML files. A `.git` folder makes it the root of a tree."""
    rng = random.Random(seed)
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    of = clouds(modules)
    for number in range(modules):
        module(rng, folder / "modules" / (f"m{number}" if number else "network"), number, of, 117)
    for number in range(roots):
        root(rng, folder / f"team-{number % 40}" / f"root-{number}", "../..", of, 106)
    made = number = 0
    while made < yaml:
        place = folder / "gitops" / f"team-{number % 40}"
        kind = rng.random()
        if kind < 0.06:
            made += chart(rng, place / f"chart-{number}")
        elif kind < 0.13:
            made += overlay(rng, place / f"overlay-{number}", number)
        elif kind < 0.15:
            made += workflow(rng, folder / ".github" / "workflows" / f"w{number}.yaml")
        elif kind < 0.23:
            write(place / f"{number}.yaml", small(rng, number))
            made += 1
        else:
            write(place / f"{number}.yaml", manifests.manifest(rng, number, rng.randint(100, 500)))
            made += 1
        number += 1


def counted(folder: Path) -> tuple[int, int, int, int]:
    """Terraform files, their lines, YAML files, their lines."""
    out = [0, 0, 0, 0]
    for path in folder.rglob("*"):
        at = 0 if path.suffix in (".tf", ".tfvars") else 2 if path.suffix == ".yaml" else -1
        if at >= 0:
            out[at] += 1
            out[at + 1] += path.read_bytes().count(b"\n")
    return out[0], out[1], out[2], out[3]


def main() -> None:
    """Writes it, for whoever wants to look at it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    generate(arguments.folder, arguments.scale, arguments.seed)
    print("{} Terraform files, {} lines; {} YAML files, {} lines".format(*counted(arguments.folder)))


if __name__ == "__main__":
    main()
