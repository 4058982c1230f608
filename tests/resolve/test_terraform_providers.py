"""Which provider configuration applies to what: aliases, `providers` maps, inheritance, proxies, overrides."""

from __future__ import annotations

import pytest
from terraform_runs import MODULES, World, notes


def test_which_provider_configuration_applies() -> None:
    modules = World(MODULES)

    def of(address: str) -> tuple[str, str, str]:
        provider = modules.resource(address).provider
        assert provider is not None
        return provider.name, provider.address, modules.provider_region(address).text

    home, away = ("aws", "provider.aws", '"eu-west-1"'), ("aws", "provider.aws.us", '"us-east-1"')
    assert of("aws_s3_bucket.away") == away
    assert of("module.plain.aws_s3_bucket.b") == home
    assert of("module.counted[0].module.deep.aws_instance.i") == home
    assert of('module.many["x"].aws_s3_bucket.b') == away
    assert of('module.many["x"].module.deep.aws_instance.i') == away
    provider = modules.resource('module.many["x"].module.deep.aws_instance.i').provider
    assert provider is not None
    assert notes(provider.via) == [
        'module.many["x"].providers.aws = aws.us',
        'module.many["x"].module.deep.providers.cloud = aws',
    ]
    region = modules.provider_region("module.plain.aws_s3_bucket.b")
    assert (region.place, region.owner) == (("main.tf", 1), "var.home")
    assert region.via == ("var.home: default applies, no value is given", "provider.aws.region = var.home")


PROVIDERS: dict[str, tuple[dict[str, str], str, str, str]] = {
    # name: files, resource address, provider address, text of its region
    "local name": (
        {
            "main.tf": 'terraform {\n  required_providers {\n    cloud = { source = "hashicorp/aws" }\n  }\n}\n'
            'provider "cloud" { region = "r1" }\nresource "aws_s3_bucket" "b" {}\n'
        },
        "aws_s3_bucket.b",
        "provider.cloud",
        '"r1"',
    ),
    "inherited": (
        {
            "main.tf": 'provider "aws" { region = "r1" }\nmodule "m" { source = "./m" }\n',
            "m/main.tf": 'resource "aws_s3_bucket" "b" {}\n',
        },
        "module.m.aws_s3_bucket.b",
        "provider.aws",
        '"r1"',
    ),
    "proxy block": (
        {
            "main.tf": 'provider "aws" {\n  alias = "x"\n  region = "r1"\n}\nmodule "m" {\n  source = "./m"\n'
            "  providers = { aws.y = aws.x }\n}\n",
            "m/main.tf": 'provider "aws" {\n  alias = "y"\n}\nresource "aws_s3_bucket" "b" { provider = aws.y }\n',
        },
        "module.m.aws_s3_bucket.b",
        "provider.aws.x",
        '"r1"',
    ),
    "own block in the module": (
        {
            "main.tf": 'provider "aws" { region = "r1" }\nmodule "m" { source = "./m" }\n',
            "m/main.tf": 'provider "aws" { region = "r2" }\nresource "aws_s3_bucket" "b" {}\n',
        },
        "module.m.aws_s3_bucket.b",
        "module.m.provider.aws",
        '"r2"',
    ),
    "quoted, as old configurations have it": (
        {
            "main.tf": 'provider "aws" {\n  alias = "x"\n  region = "r1"\n}\n'
            'resource "aws_s3_bucket" "b" { provider = "aws.x" }\n'
        },
        "aws_s3_bucket.b",
        "provider.aws.x",
        '"r1"',
    ),
    "override file": (
        {
            "main.tf": 'provider "aws" { region = "r1" }\nresource "aws_s3_bucket" "b" {}\n',
            "override.tf": 'provider "aws" { region = "r2" }\n',
        },
        "aws_s3_bucket.b",
        "provider.aws",
        '"r2"',
    ),
    "for_each": (
        {
            "main.tf": 'provider "aws" {\n  alias = "by"\n  for_each = toset(["r1", "r2"])\n  region = each.value\n}\n'
            'resource "aws_s3_bucket" "b" { provider = aws.by["r2"] }\n'
        },
        "aws_s3_bucket.b",
        'provider.aws.by["r2"]',
        '"r2"',
    ),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_provider_configurations_are_found_as_terraform_finds_them(name: str) -> None:
    files, address, provider_address, region = PROVIDERS[name]
    world = World(files)
    provider = world.resource(address).provider
    assert provider is not None
    assert (provider.name, provider.address) == ("aws", provider_address)
    assert world.provider_region(address).text == region


def test_an_alias_that_nobody_passes_is_not_guessed() -> None:
    world = World(
        {
            "main.tf": 'provider "aws" { region = "r1" }\nmodule "m" { source = "./m" }\n',
            "m/main.tf": 'resource "aws_s3_bucket" "b" { provider = aws.other }\n',
        }
    )
    provider = world.resource("module.m.aws_s3_bucket.b").provider
    assert provider is not None
    assert provider.attributes is None
