"""Things that depend on themselves: every run ends, and what does not take part is judged."""

from __future__ import annotations

from pathlib import Path

from check_runs import PROVIDER, Cases

CYCLES: dict[str, dict[str, str]] = {
    "local": {"main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + PROVIDER % "local.a"},
    "local-self": {"main.tf": "locals {\n  a = [local.a]\n}\n" + PROVIDER % "local.a[0]"},
    "local-merge": {"main.tf": "locals {\n  a = merge(local.a, { x = 1 })\n}\n" + PROVIDER % "local.a.x"},
    "local-try": {"main.tf": 'locals {\n  a = try(local.a, "us-east-1")\n}\n' + PROVIDER % "local.a"},
    "variable": {"main.tf": 'variable "a" {\n  default = var.a\n}\n' + PROVIDER % "var.a"},
    "variable-type": {"main.tf": 'variable "a" {\n  type = object({ a = optional(var.a) })\n}\n' + PROVIDER % "var.a"},
    "variable-validation": {
        "main.tf": 'variable "a" {\n  default = "x"\n  validation {\n    condition = var.a != ""\n'
        '    error_message = "x"\n  }\n}\n' + PROVIDER % "var.a"
    },
    "tfvars": {"main.tf": 'variable "a" {}\n' + PROVIDER % "var.a", "terraform.tfvars": "a = var.a\n"},
    "module-self": {"main.tf": 'module "m" {\n  source = "./"\n  r = var.r\n}\nvariable "r" {}\n' + PROVIDER % "var.r"},
    "module-dot": {"main.tf": 'module "m" { source = "." }\n' + PROVIDER % '"x"'},
    "module-two": {
        "a/main.tf": 'module "b" { source = "../b" }\n' + PROVIDER % '"x"',
        "b/main.tf": 'module "a" { source = "../a" }\n' + PROVIDER % '"x"',
    },
    "module-outputs": {
        "main.tf": 'module "a" {\n  source = "./a"\n  in = module.b.out\n}\nmodule "b" {\n  source = "./b"\n'
        "  in = module.a.out\n}\n" + PROVIDER % "module.a.out",
        "a/main.tf": 'variable "in" {}\noutput "out" { value = var.in }\n',
        "b/main.tf": 'variable "in" {}\noutput "out" { value = var.in }\n',
    },
    "module-source": {"main.tf": 'module "m" { source = module.m.out }\n' + PROVIDER % "module.m.out"},
    "providers": {
        "main.tf": 'module "m" {\n  source = "./m"\n  providers = { aws = aws.b }\n}\n' + PROVIDER % '"x"',
        "m/main.tf": 'provider "aws" {\n  alias  = "b"\n  region = module.x.r\n}\nmodule "x" {\n  source = "../m"\n'
        "  providers = { aws = aws.b }\n}\n",
    },
    "resources": {
        "main.tf": PROVIDER % '"us-east-1"' + 'resource "aws_subnet" "a" {\n  vpc_id = aws_subnet.c.vpc_id\n'
        "  availability_zone = aws_subnet.c.availability_zone\n}\n"
        'resource "aws_subnet" "c" {\n  vpc_id = aws_subnet.a.vpc_id\n'
        "  availability_zone = aws_subnet.a.availability_zone\n}\n"
    },
    "azure-parents": {
        "main.tf": PROVIDER % '"x"' + 'provider "azurerm" {\n  features {}\n}\nresource "azurerm_subnet" "a" {\n'
        "  virtual_network_name = azurerm_virtual_network.b.name\n}\n"
        'resource "azurerm_virtual_network" "b" {\n  location = azurerm_subnet.a.location\n'
        "  resource_group_name = azurerm_resource_group.c.name\n}\n"
        'resource "azurerm_resource_group" "c" {\n  location = azurerm_virtual_network.b.location\n}\n'
    },
    "count": {"main.tf": PROVIDER % '"x"' + 'resource "aws_s3_bucket" "c" {\n  count = length(aws_s3_bucket.c)\n}\n'},
    "for-each": {
        "main.tf": PROVIDER % '"x"' + 'resource "aws_s3_bucket" "c" {\n  for_each = aws_s3_bucket.d\n}\n'
        'resource "aws_s3_bucket" "d" {\n  for_each = aws_s3_bucket.c\n}\n'
    },
    "for-each-module": {
        "main.tf": 'module "m" {\n  source = "./m"\n  for_each = toset(module.m["a"].out)\n}\n' + PROVIDER % '"x"',
        "m/main.tf": 'output "out" { value = ["a"] }\nresource "aws_s3_bucket" "in" {}\n',
    },
    "provider": {"main.tf": PROVIDER % "aws_s3_bucket.b.region"},
    "self-attribute": {
        "main.tf": PROVIDER % '"x"' + 'resource "aws_s3_bucket" "c" {\n  region = aws_s3_bucket.c.region\n}\n'
    },
    "dynamic": {
        "main.tf": PROVIDER % '"x"' + 'resource "aws_dynamodb_table" "c" {\n  dynamic "replica" {\n'
        "    for_each = aws_dynamodb_table.c.replica\n    content {\n      region_name = replica.value.region_name\n"
        "    }\n  }\n}\n"
    },
    "templatefile": {"main.tf": PROVIDER % 'templatefile("t.tpl", {})', "t.tpl": '${templatefile("t.tpl", {})}'},
    "templatefile-two": {
        "main.tf": PROVIDER % 'templatefile("a.tpl", {})',
        "a.tpl": '${templatefile("b.tpl", {})}',
        "b.tpl": '${templatefile("a.tpl", {})}${templatefile("a.tpl", {})}',
    },
}


def test_cycles_end_and_the_rest_is_judged(tmp_path: Path) -> None:
    cases = Cases(tmp_path, CYCLES)
    for name in CYCLES:
        assert any(a.endswith("aws_s3_bucket.b") for a in cases.affected(name)), name


def test_a_cycle_is_an_undetermined_place_with_a_reason(tmp_path: Path) -> None:
    chosen = ("local", "local-self", "module-outputs")
    cases = Cases(tmp_path, {name: CYCLES[name] for name in chosen})
    for name in chosen:
        (finding,) = [f for f in cases.findings(name) if f["rule"] == "SOV109"]
        assert "depends on itself" in finding["message"], name
