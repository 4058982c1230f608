"""How time and memory grow with the size of a Terraform root module.

Usage: `python benchmarks/terraform_scale.py [--sizes 1000,10000,100000] [--stage resolve|check] [--profile]`.

Generates root modules with so many resources and 500 variables, and measures each in a process of its own: `resolve`
loads the root module and evaluates every argument of every resource, `check` is a whole run of the linter with a
compiled catalogue. Prints seconds, peak memory, and the exponent of the growth between neighbouring sizes (1 is
linear). The targets hold for 10,000 resources on a quiet machine: 3 s and 300 MB.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VARIABLES = 500
PER_FILE = 500
TARGET = (10_000, 3.0, 300.0)


def generate(folder: Path, size: int) -> None:
    """Writes a root module in the way people write them: variables, locals, tags, references, some loops."""
    lines = ['provider "aws" {\n  region = var.v0\n}\n', 'provider "aws" {\n  alias  = "dr"\n  region = var.v1\n}\n']
    lines += [
        f'variable "v{i}" {{\n  type    = string\n  default = "eu-{("central", "west", "north")[i % 3]}-1"\n}}\n'
        for i in range(VARIABLES)
    ]
    lines.append('locals {\n  tags = { owner = var.v3, environment = "prod" }\n')
    lines += [f"  l{i} = upper(var.v{i})\n" for i in range(VARIABLES)]
    lines.append("}\n")
    (folder / "main.tf").write_text("".join(lines), encoding="utf-8")
    (folder / "terraform.tfvars").write_text(
        "".join(f'v{i} = "eu-west-{1 + i % 3}"\n' for i in range(0, VARIABLES, 2)), encoding="utf-8"
    )
    blocks: list[str] = []
    made = 0
    while made < size:
        i = made
        v, kind = i % VARIABLES, i // 3 % 4
        if kind == 0:
            blocks.append(
                f'resource "aws_vpc" "r{i}" {{\n  cidr_block = "10.0.0.0/16"\n  tags       = local.tags\n}}\n'
            )
            blocks.append(
                f'resource "aws_subnet" "r{i + 1}" {{\n  vpc_id            = aws_vpc.r{i}.id\n'
                f'  availability_zone = "${{var.v{v}}}a"\n  cidr_block        = "10.0.${{{i % 250}}}.0/24"\n}}\n'
            )
            blocks.append(
                f'resource "aws_instance" "r{i + 2}" {{\n  ami           = "ami-1"\n'
                f"  subnet_id     = aws_subnet.r{i + 1}.id\n"
                f'  instance_type = "t3.micro"\n'
                f'  tags          = merge(local.tags, {{ Name = "r{i}-${{local.l{v}}}" }})\n}}\n'
            )
        elif kind == 1:
            blocks.append(
                f'resource "aws_s3_bucket" "r{i}" {{\n  for_each = toset(["a", "b", "c"])\n'
                f'  bucket   = "b-{i}-${{each.key}}-${{var.v{v}}}"\n  tags     = local.tags\n}}\n'
            )
        elif kind == 2:
            blocks.append(
                f'resource "aws_sqs_queue" "r{i}" {{\n  count  = 3\n  name   = "q-{i}-${{count.index}}"\n'
                f'  region = var.v{v} != "" ? var.v{v} : null\n}}\n'
            )
        else:
            blocks.append(
                f'resource "aws_dynamodb_table" "r{i}" {{\n  name     = "t{i}"\n  hash_key = "k"\n'
                f'  attribute {{\n    name = "k"\n    type = "S"\n  }}\n  dynamic "replica" {{\n'
                f'    for_each = ["eu-west-1", var.v{v}]\n'
                f"    content {{\n      region_name = replica.value\n    }}\n  }}\n}}\n"
            )
            blocks.append(f'resource "aws_kms_key" "r{i + 1}" {{\n  description = "for ${{var.v{v}}}"\n}}\n')
            blocks.append(
                f'resource "aws_kms_alias" "r{i + 2}" {{\n  provider      = aws.dr\n  name          = "alias/r{i}"\n'
                f"  target_key_id = aws_kms_key.r{i + 1}.key_id\n}}\n"
            )
        made += 3
    for number in range(0, len(blocks), PER_FILE):
        (folder / f"r{number:06}.tf").write_text("\n".join(blocks[number : number + PER_FILE]), encoding="utf-8")


def measure(folder: Path, stage: str) -> tuple[int, float, float]:
    """Resources, seconds and peak megabytes of one run in this process."""
    import gc

    started = time.process_time()
    if stage == "check":
        from sovlint.config import Config
        from sovlint.run import check

        count = check(Config(paths=(str(folder),), working_directory=folder)).resources
    else:
        from sovlint.discovery import WorkingTree
        from sovlint.resolve.terraform.folder import FolderCache
        from sovlint.resolve.terraform.inputs import Given
        from sovlint.resolve.terraform.load import load_root

        gc.disable()
        loaded = load_root(FolderCache(WorkingTree(folder)), "", Given())
        for item in loaded.resources:
            for name in item.attributes.names():
                for _ in item.attributes.select((name,)):
                    pass
        count = len(loaded.resources)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return count, seconds, peak


def run(size: int, stage: str, *, profile: bool) -> tuple[int, float, float]:
    """One size in a process of its own, so that memory is its own, too."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "root"
        folder.mkdir()
        generate(folder, size)
        # Compiles the catalogue if nobody has yet.
        subprocess.run([sys.executable, "-c", "from sovlint.catalogue import open_catalogue as o; o()"], check=True)
        words = [sys.executable]
        if profile:
            words += ["-m", "cProfile", "-s", "tottime"]
        words += [__file__, "--measure", str(folder), "--stage", stage]
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SystemExit(result.stderr)
        first, _, rest = result.stdout.partition("\n")
        if profile:
            print("\n".join(rest.splitlines()[:45]))
        count, seconds, peak = json.loads(first)
        return count, seconds, peak


def main() -> None:
    """Prints one line per size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--stage", choices=["resolve", "check"], default="check")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--measure", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(Path(options.measure), options.stage)))
        return
    before: tuple[int, float] | None = None
    for size in (int(text) for text in options.sizes.split(",")):
        count, seconds, peak = run(size, options.stage, profile=options.profile)
        line = f"{options.stage}: {count:>7} resources  {seconds:7.2f} s  {peak:6.0f} MB"
        if before is not None:
            line += f"  exponent {math.log(seconds / before[1]) / math.log(count / before[0]):.2f}"
        if size == TARGET[0]:
            met = "met" if seconds < TARGET[1] and peak < TARGET[2] else "missed"
            line += f"  (target {TARGET[1]:.0f} s, {TARGET[2]:.0f} MB: {met})"
        print(line, flush=True)
        before = count, seconds


if __name__ == "__main__":
    main()
