"""How many lines of Terraform text per second our HCL parser reads, next to python-hcl2 in the same run.

Without argument it measures generated text (seeded, so every run reads the same); with a folder it measures the `.tf`
files in it. Usage: `python benchmarks/hcl_parser.py [folder]`.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections.abc import Callable
from pathlib import Path

import hcl2

from sovlint.model.source import SourceFile
from sovlint.parse.hcl import parse_file

SEED = 20261101
FILES = 400
BLOCKS_PER_FILE = 25
ROUNDS = 5
SLOW_SHARE = 20
"""python-hcl2 reads one file in so many."""

REGIONS = ["eu-central-1", "eu-west-3", "fr-par", "europe-west4", "westeurope", "us-east-1"]
KINDS = [
    "aws_s3_bucket",
    "aws_db_instance",
    "google_storage_bucket",
    "azurerm_storage_account",
    "scaleway_object_bucket",
]


def resource(rng: random.Random, number: int) -> str:
    """A resource with plain arguments, a template, a map and nested blocks."""
    return f'''
# Storage of team {number}.
resource "{rng.choice(KINDS)}" "store_{number}" {{
  count  = var.enabled ? {rng.randint(1, 3)} : 0
  name   = "${{var.prefix}}-store-{number}"
  region = "{rng.choice(REGIONS)}"
  size   = {rng.randint(1, 500)}

  encrypted  = true
  kms_key_id = aws_kms_key.main[0].arn
  subnet_ids = [for s in module.network.subnets : s.id if s.private]

  tags = merge(local.tags, {{
    Name  = "store-{number}"
    Owner = var.owner
    Stage = lookup(var.stages, "{rng.choice("abc")}", "test")
  }})

  lifecycle_rule {{
    enabled = true
    expiration {{
      days = {rng.randint(1, 365)}
    }}
  }}

  depends_on = [module.network]
}}
'''


def variable(rng: random.Random, number: int) -> str:
    """An input variable with type, default and validation."""
    return f"""
variable "region_{number}" {{
  description = "Region in which part {number} runs."
  type        = {rng.choice(["string", "list(string)", "map(object({ name = string, zone = optional(string) }))"])}
  default     = {rng.choice(['"eu-central-1"', "null", "[]", "{}"])}

  validation {{
    condition     = length(var.region_{number}) > 0 && can(regex("^eu-", var.region_{number}))
    error_message = "Only regions of the European Union."
  }}
}}
"""


def module(rng: random.Random, number: int) -> str:
    """A module call with a provider map and a condition."""
    return f"""
module "part_{number}" {{
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> {rng.randint(1, 5)}.{rng.randint(0, 20)}"

  providers = {{
    aws = aws.replica
  }}

  name               = local.name
  cidr               = "10.{rng.randint(0, 255)}.0.0/16"
  azs                = slice(data.aws_availability_zones.available.names, 0, 3)
  enable_nat_gateway = var.environment == "production" || var.force
  tags               = local.tags
}}
"""


def locals_and_output(rng: random.Random, number: int) -> str:
    """Locals with a heredoc and nested values, and an output."""
    return f"""
locals {{
  policy_{number} = <<-EOT
    {{
      "Version": "2012-10-17",
      "Resource": "${{aws_s3_bucket.main.arn}}/{number}"
    }}
  EOT
  zones_{number} = {{
    first  = {{ name = "a", weight = {rng.randint(1, 9)} }}
    second = {{ name = "b", weight = {rng.randint(1, 9)} }}
  }}
}}

output "endpoint_{number}" {{
  description = "Where part {number} answers."
  value       = try(module.part_{number}.endpoint, aws_lb.main[*].dns_name, null)
  sensitive   = false
}}
"""


def generated() -> list[str]:
    """The texts of the generated files."""
    rng = random.Random(SEED)
    makers: list[Callable[[random.Random, int], str]] = [resource, resource, variable, module, locals_and_output]
    return ["".join(rng.choice(makers)(rng, index) for index in range(BLOCKS_PER_FILE)) for _ in range(FILES)]


def corpus(folder: Path) -> list[str]:
    """The texts of the `.tf` files below `folder`."""
    paths = [path for path in sorted(folder.rglob("*.tf")) if path.is_file()]
    return [path.read_bytes().decode("utf-8", "replace") for path in paths]


def lines_per_second(texts: list[str], read: Callable[[str], object], rounds: int) -> float:
    """The best of several rounds; the collector is off, as it is when sovlint reads a tree."""
    lines = sum(text.count("\n") for text in texts)
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        for text in texts:
            read(text)
        best = min(best, time.perf_counter() - start)
        gc.enable()
    return lines / best


def read_ours(text: str) -> object:
    """Read one file with our parser."""
    return parse_file(SourceFile("main.tf", text))


def read_hcl2(text: str) -> object:
    """Read one file with python-hcl2; files it rejects cost it time too."""
    try:
        return hcl2.loads(text)
    except Exception:  # whatever the other library raises on a file is its answer to it
        return None


def main() -> None:
    """Print lines per second of both and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path, help="a folder with .tf files, instead of generated text")
    folder = arguments.parse_args().folder
    texts = corpus(folder) if folder else generated()
    if not texts:
        print("no .tf files found")
        return
    problems = sum(bool(parse_file(SourceFile("main.tf", text)).problems) for text in texts)
    lines = sum(text.count("\n") for text in texts)
    print(f"{len(texts)} files, {lines} lines, {problems} files with problems")
    ours = lines_per_second(texts, read_ours, ROUNDS)
    print(f"sovlint      {ours:12,.0f} lines/s")
    theirs = lines_per_second(texts[::SLOW_SHARE], read_hcl2, 1)
    print(f"python-hcl2  {theirs:12,.0f} lines/s")
    print(f"ratio        {ours / theirs:12.1f}")


if __name__ == "__main__":
    main()
