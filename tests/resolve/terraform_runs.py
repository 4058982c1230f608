"""A root module in memory, evaluated; what tests ask of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sovlint.discovery import MemoryTree
from sovlint.model.resource import Resource
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.folder import FolderCache
from sovlint.resolve.terraform.inputs import Given
from sovlint.resolve.terraform.load import LoadedRoot, load_root


@dataclass(frozen=True)
class Answer:
    """A value as the tests look at it.

    Attributes:
        value: plain scalar; None for null and for composites.
        text: the source text of the cause, sliced out of its file.
        place: path and line of the cause.
        via: what a reader sees of the way, cause first.
        owner: address of what the cause is written in.
    """

    value: Any
    text: str
    place: tuple[str, int]
    via: tuple[str, ...]
    owner: str
    raw: Known


class World:
    """The resources of a root module.

    Args:
        files: path to text; a single text is `main.tf`.
        given: inputs from outside.
    """

    def __init__(self, files: Mapping[str, str] | str, given: Given | None = None, folder: str = "") -> None:
        self.files = {"main.tf": files} if isinstance(files, str) else dict(files)
        self.loaded: LoadedRoot = load_root(FolderCache(MemoryTree(self.files)), folder, given or Given())
        self.resources = {r.address: r for r in self.loaded.resources}

    def resource(self, address: str) -> Resource:
        """A resource instance by address."""
        assert address in self.resources, sorted(self.resources)
        return self.resources[address]

    def values(self, address: str, *route: str) -> list[tuple[str, Value]]:
        """Every value at a route of a resource instance, with its path."""
        return list(self.resource(address).attributes.select(route))

    def raw(self, address: str, *route: str) -> Value:
        """The only value at a route."""
        ((_, value),) = self.values(address, *route)
        return value

    def known(self, address: str, *route: str) -> Answer:
        """The only value at a route, which must be known."""
        return self.answer(self.raw(address, *route))

    def unknown(self, address: str, *route: str) -> Unknown:
        """The only value at a route, which must be unknown."""
        value = self.raw(address, *route)
        assert type(value) is Unknown, value
        return value

    def answer(self, value: Value) -> Answer:
        """A known value as the tests look at it; its place is checked against the file."""
        assert type(value) is Known, value
        plain = value.value
        span = value.span
        location = span.location()
        text = self.files[span.file.path][span.start : span.end]
        assert text == span.text
        # The concrete place says the same as the offsets.
        line = self.files[span.file.path].splitlines(keepends=True)[location.line - 1]
        assert line[location.column - 1 :].startswith(text.splitlines()[0])
        scalar = None if isinstance(plain, (tuple, Mapping)) else plain
        via = tuple(step.text() for step in value.via)
        return Answer(scalar, text, (location.path, location.line), via, value.owner, value)

    def provider_region(self, address: str) -> Answer:
        """The region of the provider configuration that applies to a resource instance."""
        provider = self.resource(address).provider
        assert provider is not None and provider.attributes is not None
        ((_, value),) = list(provider.attributes.select(("region",)))
        return self.answer(value)


def texts(value: Unknown) -> list[Any]:
    """The candidates of an unknown value, known ones as plain scalars."""
    return [c.value if type(c) is Known else None for c in value.candidates]


def notes(steps: Sequence[Any]) -> list[str]:
    """What a reader sees of steps."""
    return [step.text() for step in steps]


MODULES = {
    "main.tf": """variable "home" { default = "eu-west-1" }
provider "aws" {
  region = var.home
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
module "plain" {
  source = "./m"
  r      = var.home
}
module "many" {
  source    = "./m"
  for_each  = { x = "us-west-1", y = "us-west-2" }
  r         = each.value
  providers = { aws = aws.us }
}
module "counted" {
  source = "./m"
  count  = 2
}
resource "t" "user" {
  element = module.many["y"].out
  splat   = module.counted[*].out
  inner   = module.plain.bucket.region
  later   = module.plain.bucket.arn
  missing = module.plain.nope
}
resource "aws_s3_bucket" "away" { provider = aws.us }
""",
    "m/main.tf": """variable "r" { default = "own" }
resource "aws_s3_bucket" "b" { region = var.r }
module "deep" {
  source    = "../deep"
  r         = var.r
  providers = { cloud = aws }
}
output "out" { value = var.r }
output "bucket" { value = aws_s3_bucket.b }
""",
    "deep/main.tf": """variable "r" {}
terraform {
  required_providers {
    cloud = { source = "hashicorp/aws" }
  }
}
resource "aws_instance" "i" {
  provider = cloud
  zone     = "${var.r}a"
}
""",
}
"""A root module, a module called in three ways with a `providers` map, and one below it with another local name."""
