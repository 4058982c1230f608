"""How time and memory grow with the number of resources, for every shape that input has.

Usage: `python benchmarks/growth.py [--sizes 1000,3000,10000,30000,100000] [--shapes SHAPE;…] [--json FILE]`.

Each size is a whole run of the linter in a process of its own, with a compiled catalogue, one job, no cache of facts
and files of up to 256 MB with any number of lines. Prints seconds of the processor and the peak of memory, and per
shape the exponent of the growth: the slope of a straight line through the points, logarithm against logarithm (least
squares). What a run on an empty folder takes is subtracted before: it is the same for all sizes and would flatter the
exponent. 1 is linear; the aim is at most 1.1. Sizes count what is written; `count` and `for_each` make more of it.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import manifests
import terraform_scale
from measuring import Usage, machine, measure, table

AIM = 1.1
WORDS = manifests.WORDS
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")


def one_file(folder: Path, size: int) -> None:
    """The root module of `terraform_scale.py`, all of its resources in one file."""
    terraform_scale.generate(folder, size)
    parts = sorted(folder.glob("r*.tf"))
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    for part in parts:
        part.unlink()
    (folder / "resources.tf").write_text(text, encoding="utf-8")


def tfvars(folder: Path, size: int) -> None:
    """Maps of a thousand objects each in a tfvars file, and a resource for each of them."""
    blocks, lines = [], []
    for part in range(size // 1_000):
        blocks.append(
            f'variable "stores_{part}" {{\n  type = map(object({{ region = string, owner = string }}))\n}}\n\n'
            f'resource "aws_s3_bucket" "store_{part}" {{\n  for_each = var.stores_{part}\n  bucket   = each.key\n'
            "  region   = each.value.region\n  tags     = { owner = each.value.owner }\n}\n\n"
        )
        lines.append(f"stores_{part} = {{\n")
        lines += [f'  store-{i} = {{ region = "{REGIONS[i % 3]}", owner = "{WORDS[i % 12]}" }}\n' for i in range(1_000)]
        lines.append("}\n")
    (folder / "main.tf").write_text("".join(blocks), encoding="utf-8")
    (folder / "terraform.tfvars").write_text("".join(lines), encoding="utf-8")


def variables(folder: Path, size: int) -> None:
    """So many variables, each with a value in a tfvars file and a resource that is placed by it."""
    (folder / "variables.tf").write_text(
        "".join(f'variable "region_{i}" {{\n  type = string\n}}\n\n' for i in range(size)), encoding="utf-8"
    )
    (folder / "main.tf").write_text(
        "".join(
            f'resource "aws_dynamodb_table" "t{i}" {{\n  name   = "t{i}"\n  region = var.region_{i}\n}}\n\n'
            for i in range(size)
        ),
        encoding="utf-8",
    )
    (folder / "terraform.tfvars").write_text(
        "".join(f'region_{i} = "{REGIONS[i % 3]}"\n' for i in range(size)), encoding="utf-8"
    )


def calls(folder: Path, size: int) -> None:
    """One module of ten resources, called a tenth as often."""
    (folder / "part").mkdir()
    (folder / "part" / "main.tf").write_text(
        'variable "region" {\n  type = string\n}\n\nvariable "name" {\n  type = string\n}\n\n'
        + "".join(
            f'resource "aws_sqs_queue" "q{i}" {{\n  name   = "${{var.name}}-{i}"\n  region = var.region\n}}\n\n'
            for i in range(10)
        ),
        encoding="utf-8",
    )
    (folder / "main.tf").write_text(
        "".join(
            f'module "p{i}" {{\n  source = "./part"\n  name   = "p{i}"\n  region = "{REGIONS[i % 3]}"\n}}\n\n'
            for i in range(size // 10)
        ),
        encoding="utf-8",
    )


def roots(folder: Path, size: int) -> None:
    """Root modules of ten resources."""
    for number in range(size // 10):
        place = folder / f"team-{number % 40}" / f"root-{number}"
        place.mkdir(parents=True)
        text = f'provider "aws" {{\n  region = "{REGIONS[number % 3]}"\n}}\n\n'
        text += "".join(f'resource "aws_sqs_queue" "q{i}" {{\n  name = "q{number}-{i}"\n}}\n\n' for i in range(10))
        (place / "main.tf").write_text(text, encoding="utf-8")


def chain(folder: Path, size: int) -> None:
    """Locals that each refer to the one before, a hundred to a chain, and a resource at each."""
    lines = ['variable "region" {\n  default = "eu-west-1"\n}\n\nlocals {\n']
    lines += [f"  l{i} = {f'local.l{i - 1}' if i % 100 else 'var.region'}\n" for i in range(size)]
    lines.append("}\n\n")
    lines += [
        f'resource "aws_sqs_queue" "q{i}" {{\n  name   = "q{i}"\n  region = local.l{i}\n}}\n\n' for i in range(size)
    ]
    (folder / "main.tf").write_text("".join(lines), encoding="utf-8")


def manifest_files(folder: Path, size: int) -> None:
    """Manifests, one object to a file."""
    manifests.generate(folder, size, 600, 1)


def manifest_file(folder: Path, size: int) -> None:
    """Manifests, all in one file; small ones, since a YAML file of more than 20 MB is not read."""
    with (folder / "all.yaml").open("w", encoding="utf-8") as file:
        for number in range(size):
            word = WORDS[number % 12]
            file.write(
                f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {word}-{number}}}\nspec:\n  template:\n"
                f"    spec: {{containers: [{{name: a, image: {manifests.REGISTRIES[number % 5]}/{word}:1}}]}}\n---\n"
            )


def values(folder: Path, size: int) -> None:
    """A chart with a values file of so many images."""
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: portaal\nversion: 1.0.0\n", encoding="utf-8")
    lines = [
        f"part{i}:\n  image:\n    repository: {manifests.REGISTRIES[i % 5]}/{WORDS[i % 12]}\n    tag: '1.{i}'\n"
        f"  replicas: {i % 4}\n"
        for i in range(size)
    ]
    (folder / "values.yaml").write_text("".join(lines), encoding="utf-8")


SHAPES: dict[str, Callable[[Path, int], None]] = {
    "Terraform, files of 500": terraform_scale.generate,
    "Terraform, one file": one_file,
    "Terraform, root modules of ten": roots,
    "Terraform, calls of a module of ten": calls,
    "Terraform, chains of locals": chain,
    "tfvars, maps": tfvars,
    "tfvars, variables": variables,
    "manifests, one to a file": manifest_files,
    "manifests, one file": manifest_file,
    "Helm values, one file": values,
}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The exponent of the power that fits best, by least squares of logarithms."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(max(y, 1e-3)) for _, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


RUN = (
    "import gc, sys; gc.disable()\n"
    "from sovlint import Config, check\n"
    "from sovlint.parse.decode import decode\n"
    "decode.__kwdefaults__['max_pieces'] = 1 << 30\n"
    "report = check(sys.argv[1], Config(cache=True, size_limit=1 << 28))\n"
    "from sovlint.output import FORMATS, Style\n"
    "print(len(FORMATS['concise'](report, Style())), report.resources, len(report.problems))\n"
    "sys.stdout.flush(); import os; os._exit(0)\n"
)


def run(folder: Path, cache: Path) -> Usage:
    """A whole run, with one job."""
    with tempfile.TemporaryDirectory() as fresh:
        shutil.copytree(cache, fresh, dirs_exist_ok=True)
        used = measure([sys.executable, "-c", RUN, str(folder)], SOVLINT_CACHE_DIR=fresh)
    if used.code or used.last.split()[2] != "0":
        raise SystemExit(f"exit {used.code}: {used.last}\n{used.error}")
    return used


def main() -> None:
    """Prints one row per shape."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", default="1000,3000,10000,30000,100000")
    parser.add_argument("--shapes", default=";".join(SHAPES), help="separated by semicolons; a beginning is enough")
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    sizes = [int(text) for text in arguments.sizes.split(",")]
    wanted = tuple(arguments.shapes.split(";"))
    where = machine()
    lines: list[tuple[str, ...]] = []
    figures: dict[str, object] = {"machine": where}
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        empty, cache = scratch / "empty", scratch / "cache"
        empty.mkdir()
        cache.mkdir()
        measure([sys.executable, "-m", "sovlint", "check", "--no-config", str(empty)], SOVLINT_CACHE_DIR=str(cache))
        base = min(run(empty, cache).cpu for _ in range(3))
        for shape in (name for name in SHAPES if name.startswith(wanted)):
            used: list[Usage] = []
            for size in sizes:
                folder = scratch / "repository"
                folder.mkdir()
                (folder / ".git").mkdir()
                SHAPES[shape](folder, size)
                used.append(run(folder, cache))
                shutil.rmtree(folder)
                print(f"{shape}: {size}: {used[-1].cpu:.2f} s, {used[-1].peak:.0f} MB", file=sys.stderr, flush=True)
            exponent = slope([(size, one.cpu - base) for size, one in zip(sizes, used, strict=True)])
            lines.append(
                (
                    shape,
                    *(f"{one.cpu:.2f} s, {one.peak:.0f} MB" for one in used),
                    f"{exponent:.2f}" + ("" if exponent <= AIM else f" (**over {AIM}**)"),
                )
            )
            figures[shape] = {"cpu": [u.cpu for u in used], "peak": [u.peak for u in used], "exponent": exponent}
    print(f"{where}. Seconds of the processor; an empty folder takes {base:.2f} s.\n")
    print(table(("Shape", *(f"{size:,}" for size in sizes), "Exponent"), lines))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
