"""Time and memory of a run on the monorepo of a ministry: very many root modules, charts and manifests.

Usage: `python benchmarks/monorepo.py [--scale 0.1] [--seed 1] [--jobs 1,2] [--keep FOLDER] [--profile]`.

At `--scale 1` the generator writes 12,000 Terraform files of 640,000 lines (2,000 root modules with variables,
providers and a tfvars file each; 500 shared modules, the popular ones called from hundreds of roots, some calling
others) and 9,000 YAML files of 340,000 lines (manifests, charts, kustomizations, workflows). The same seed gives the
same bytes. Then the linter runs on it in processes of its own, with a compiled catalogue, once per number of jobs.
Prints seconds, seconds of all processors, the memory of the largest process, and what that is at full scale. The target
holds at full scale on two cores of a quiet machine: 15 s cold, 5 s for an unchanged second run, 1.2 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import manifests

ROOTS, MODULES, YAML = 2_000, 500, 9_000
TERRAFORM_LINES, YAML_LINES = 640_000, 340_000
TARGET = (15.0, 5.0, 1_200.0)

REGIONS = ("eu-central-1", "eu-west-1", "eu-west-3", "us-east-1")
STAGES = ("dev", "test", "acceptance", "production")
NAMES = manifests.WORDS


def variables(names: list[tuple[str, str]]) -> str:
    """Declarations of variables with their defaults (HCL; empty for none)."""
    out = []
    for name, default in names:
        kind = "map(string)" if default == "{}" else "number" if default.isdigit() else "string"
        out.append(f'variable "{name}" {{\n  description = "The {name.replace("_", " ")} of this part"\n')
        out.append(f"  type        = {kind}\n" + (f"  default     = {default}\n" if default else "") + "}\n\n")
    return "".join(out)


def block(rng: random.Random, number: int) -> str:
    """A resource or two, as people write them."""
    name = f"{rng.choice(NAMES)}_{number}"
    kind = rng.randrange(9)
    if kind == 0:
        return (
            f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "${{var.prefix}}-${{var.stage}}-{name}"\n\n'
            f"  tags = local.tags\n}}\n\n"
            f'resource "aws_s3_bucket_versioning" "{name}" {{\n  bucket = aws_s3_bucket.{name}.id\n\n'
            f'  versioning_configuration {{\n    status = "Enabled"\n  }}\n}}\n\n'
        )
    if kind == 1:
        return (
            f'resource "aws_db_instance" "{name}" {{\n  identifier        = "{name}"\n'
            '  engine            = "postgres"\n'
            f'  instance_class    = "db.t3.medium"\n  allocated_storage = {rng.randint(20, 500)}\n'
            f'  availability_zone = "${{var.region}}{rng.choice("abc")}"\n'
            f'  username          = "app"\n  storage_encrypted = true\n'
            f"  kms_key_id        = aws_kms_key.main.arn\n\n"
            f'  tags = merge(local.tags, {{\n    Name = "{name}"\n    Owner = var.owner\n  }})\n}}\n\n'
        )
    if kind == 2:
        return (
            f'resource "aws_security_group" "{name}" {{\n  name   = "{name}"\n  vpc_id = module.network.id\n\n'
            f'  dynamic "ingress" {{\n    for_each = toset(["443", "80"])\n    content {{\n'
            f"      from_port   = tonumber(ingress.value)\n      to_port     = tonumber(ingress.value)\n"
            f'      protocol    = "tcp"\n      cidr_blocks = [var.cidr]\n    }}\n  }}\n\n  tags = local.tags\n}}\n\n'
        )
    if kind == 3:
        return (
            f'resource "aws_iam_policy" "{name}" {{\n  name = "{name}"\n\n  policy = jsonencode({{\n'
            f'    Version = "2012-10-17"\n    Statement = [{{\n      Effect   = "Allow"\n'
            f'      Action   = ["s3:GetObject", "s3:PutObject"]\n'
            f'      Resource = "arn:aws:s3:::${{var.prefix}}-{name}/*"\n    }}]\n  }})\n}}\n\n'
        )
    if kind == 4:
        return (
            f'resource "aws_sqs_queue" "{name}" {{\n  for_each = {{ a = 1, b = 2 }}\n'
            f'  name     = "{name}-${{each.key}}"\n\n'
            f"  message_retention_seconds = 86400 * each.value\n  tags                      = local.tags\n}}\n\n"
        )
    if kind == 5:
        return (
            f'resource "aws_lambda_function" "{name}" {{\n  function_name = "{name}"\n  role          = "role"\n'
            f'  runtime       = "python3.12"\n  handler       = "main.handler"\n  memory_size   = 256\n\n'
            f"  environment {{\n    variables = {{\n      STAGE  = var.stage\n      REGION = var.region\n"
            f'      TARGET = "https://{name}.example.nl/api"\n    }}\n  }}\n}}\n\n'
        )
    if kind == 6:
        return (
            f'resource "azurerm_storage_account" "{name}" {{\n  name                     = "{name.replace("_", "")}"\n'
            f'  resource_group_name      = "rg"\n  location                 = var.location\n'
            f'  account_tier             = "Standard"\n  account_replication_type = "{rng.choice(("LRS", "GRS"))}"\n'
            f"  tags                     = local.tags\n}}\n\n"
        )
    if kind == 7:
        return (
            f"# What {name} remembers between two requests.\n"
            f'resource "aws_dynamodb_table" "{name}" {{\n  count        = var.stage == "production" ? 1 : 0\n'
            f'  name         = "{name}"\n  billing_mode = "PAY_PER_REQUEST"\n  hash_key     = "id"\n\n'
            f'  attribute {{\n    name = "id"\n    type = "S"\n  }}\n\n'
            f'  replica {{\n    region_name = "{rng.choice(REGIONS)}"\n  }}\n}}\n\n'
        )
    return (
        f'output "{name}" {{\n  description = "Where {name} is found"\n'
        "  value       = try(aws_kms_key.main.arn, null)\n}\n\n"
    )


def resources(rng: random.Random, lines: int) -> str:
    """Resources of about so many lines."""
    out, length, number = [], 0, 0
    while length < lines:
        out.append(block(rng, number))
        length += out[-1].count("\n")
        number += 1
    return "".join(out)


COMMON = [("prefix", '"gov"'), ("stage", '"dev"'), ("region", '"eu-central-1"'), ("owner", '"team"')]
COMMON += [("location", '"westeurope"'), ("cidr", '"10.0.0.0/16"'), ("labels", "{}"), ("size", "3")]
LOCALS = (
    "locals {\n  tags = merge(var.labels, {\n    Stage = var.stage\n    Owner = var.owner\n  })\n}\n\n"
    'resource "aws_kms_key" "main" {\n  description         = "Key of ${var.prefix}"\n'
    "  enable_key_rotation = true\n}\n\n"
)
VERSIONS = (
    'terraform {\n  required_version = ">= 1.6"\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n'
    '      version = "~> 5.0"\n    }\n    azurerm = {\n      source  = "hashicorp/azurerm"\n'
    '      version = "~> 4.0"\n    }\n  }\n}\n\n'
)


def module(rng: random.Random, folder: Path, number: int, lines: int) -> None:
    """A shared module of four files; one in four calls an earlier one."""
    inner = 'module "network" {\n  source = "../network"\n  cidr   = var.cidr\n}\n\n'
    if number == 0:
        inner = 'resource "aws_vpc" "this" {\n  cidr_block = var.cidr\n}\n\n'
        inner += 'output "id" {\n  value = aws_vpc.this.id\n}\n\n'
    elif number > 4 and rng.random() < 0.25:
        inner += f'module "inner" {{\n  source = "../m{rng.randrange(1, number)}"\n  stage  = var.stage\n}}\n\n'
    text = (
        LOCALS
        + inner
        + (resources(rng, lines).replace("module.network.id", '"vpc"') if number == 0 else resources(rng, lines))
    )
    write(folder / "main.tf", text)
    write(folder / "variables.tf", variables(COMMON))
    write(folder / "versions.tf", VERSIONS)
    write(folder / "outputs.tf", 'output "key" {\n  value = aws_kms_key.main.arn\n}\n')


def root(rng: random.Random, folder: Path, up: str, modules: int, lines: int) -> None:
    """A root module of four files and a tfvars file; it calls some of the shared modules."""
    write(folder / "variables.tf", variables([*COMMON, *((f"setting_{i}", f'"{i}"') for i in range(4))]))
    write(
        folder / "providers.tf",
        VERSIONS + 'provider "aws" {\n  region = var.region\n\n  default_tags {\n    tags = local.tags\n  }\n}\n\n'
        'provider "azurerm" {\n  features {}\n}\n\n'
        'terraform {\n  backend "s3" {\n    bucket = "state"\n    key    = "x"\n    region = "eu-central-1"\n  }\n}\n',
    )
    write(
        folder / "terraform.tfvars",
        f'stage  = "{rng.choice(STAGES)}"\nregion = "{rng.choice(REGIONS)}"\nowner  = "{rng.choice(NAMES)}"\n'
        'labels = {\n  cost = "1"\n  unit = "a"\n}\n',
    )
    calls = []
    for index in range(rng.randint(0, 4)):
        # As in life: a few modules are called by everybody, most by few.
        chosen = max(1, min(modules - 1, int(modules * rng.random() ** 3))) if modules > 1 else 0
        source = f"m{chosen}" if chosen else "network"
        calls.append(
            f'module "part_{index}" {{\n  source = "{up}/modules/{source}"\n\n  prefix = "{rng.choice(NAMES)}"\n'
            "  stage  = var.stage\n  region = var.region\n  owner  = var.owner\n  labels = local.tags\n}\n\n"
        )
    network = f'module "network" {{\n  source = "{up}/modules/network"\n  cidr   = var.cidr\n}}\n\n'
    write(folder / "main.tf", LOCALS + network + "".join(calls) + resources(rng, lines // 2))
    write(folder / "data.tf", renamed(rng, lines // 2))


def renamed(rng: random.Random, lines: int) -> str:
    """Resources whose names differ from those of another file of the folder."""
    out = resources(rng, lines)
    for name in NAMES:
        out = out.replace(f"{name}_", f"{name}_d")
    return out


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
        write(folder / f"object-{index}.yaml", manifests.manifest(rng, number * 2 + index, 1_200))
    write(
        folder / "kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: team\n"
        "resources:\n  - object-0.yaml\n  - object-1.yaml\n",
    )
    return 3


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


def generate(folder: Path, scale: float, seed: int) -> None:
    """Writes the repository."""
    rng = random.Random(seed)
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    modules = max(1, round(MODULES * scale))
    for number in range(modules):
        module(rng, folder / "modules" / (f"m{number}" if number else "network"), number, 118)
    for number in range(max(1, round(ROOTS * scale))):
        root(rng, folder / f"team-{number % 40}" / f"root-{number}", "../..", modules, 108)
    wanted, made = round(YAML * scale), 0
    number = 0
    while made < wanted:
        place = folder / "gitops" / f"team-{number % 40}"
        kind = rng.random()
        if kind < 0.06:
            made += chart(rng, place / f"chart-{number}")
        elif kind < 0.13:
            made += overlay(rng, place / f"overlay-{number}", number)
        elif kind < 0.15:
            made += workflow(rng, folder / ".github" / "workflows" / f"w{number}.yaml")
        else:
            write(place / f"{number}.yaml", manifests.manifest(rng, number, rng.randint(200, 1_200)))
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


def measure(folder: Path, options: list[str], cache: Path) -> tuple[float, float, float, str]:
    """Seconds, seconds of all processors, megabytes of the largest process, last line."""
    command = [sys.executable, "-m", "sovlint", "check", "--no-config", "--format", "concise", *options, str(folder)]
    script = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "last = ((done.stdout or done.stderr).decode('utf-8', 'replace').splitlines() or [''])[-1]\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss, last]))\n"
    )
    environment = {**os.environ, "SOVLINT_CACHE_DIR": str(cache)}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, check=True, env=environment)
    seconds = time.perf_counter() - start
    cpu, peak, last = json.loads(done.stdout)
    return seconds, cpu, peak / (1024 if sys.platform != "darwin" else 1024 * 1024), last


def profiled(folder: Path, cache: Path) -> str:
    """Where the time of a run goes: functions by own time. In one process; the installed command ends too abruptly."""
    script = (
        "import cProfile, pstats, sys\n"
        "from sovlint import Config, check\n"
        "profile = cProfile.Profile()\n"
        "profile.runcall(check, sys.argv[1], Config(cache=True))\n"
        "pstats.Stats(profile).sort_stats('tottime').print_stats(40)\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    environment = {**os.environ, "SOVLINT_CACHE_DIR": str(cache)}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def main() -> None:
    """Generates, runs, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", default="1,2", help="numbers of worker processes to measure")
    parser.add_argument(
        "--keep", type=Path, help="folder to generate into, kept; what is there already is not written anew"
    )
    parser.add_argument("--profile", action="store_true", help="where the time goes (cProfile, by own time)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch) / "monorepo"
        cache = Path(scratch) / "cache"
        if not folder.is_dir():
            generate(folder, arguments.scale, arguments.seed)
        files, lines, yaml_files, yaml_lines = counted(folder)
        print(f"{files} Terraform files, {lines} lines; {yaml_files} YAML files, {yaml_lines} lines", flush=True)
        share = (lines + yaml_lines) / (TERRAFORM_LINES + YAML_LINES)
        empty = Path(scratch) / "empty"
        empty.mkdir()
        measure(empty, [], cache)  # compiles the catalogue, which is not measured
        if arguments.profile:
            print(profiled(folder, cache))
            return
        runs = [(f"--jobs {jobs}", ["--jobs", jobs]) for jobs in arguments.jobs.split(",")]
        first = 0.0
        for name, options in runs:
            seconds, cpu, peak, last = measure(folder, options, cache)
            first = first or seconds
            print(
                f"{name:18} {seconds:6.1f} s  {cpu:6.1f} s of processors  {peak:5.0f} MB  "
                f"ratio {seconds / first:4.2f}  "
                f"at full scale {seconds / share:5.0f} s, {cpu / share:5.0f} s of processors",
                flush=True,
            )
        print(last)
        print(f"targets at full scale: {TARGET[0]:.0f} s cold, {TARGET[1]:.0f} s again, {TARGET[2]:.0f} MB")


if __name__ == "__main__":
    main()
