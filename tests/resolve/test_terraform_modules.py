"""Blocks that become several, modules, and which provider configuration applies to what."""

from __future__ import annotations

import pytest
from terraform_runs import MODULES, World, notes, texts

# --- count and for_each

INSTANCES = """variable "unknown" {}
variable "off" { default = false }
variable "regions" { default = { p = "us-east-1", q = "us-east-2" } }
resource "t" "counted" {
  count = 2
  x     = "n${count.index}"
}
resource "t" "off" { count = var.off ? 1 : 0 }
resource "t" "set" {
  for_each = toset(["b", "a", "a"])
  x        = each.key
  y        = each.value
}
resource "t" "map" {
  for_each = var.regions
  x        = each.value
  key      = each.key
}
resource "t" "objects" {
  for_each = { for k, r in var.regions : upper(k) => { region = r, zone = "${r}a" } }
  x        = each.value.region
  y        = each.value.zone
}
resource "t" "maybe" {
  count = var.unknown ? 1 : 0
  x     = "kept"
}
resource "t" "some" {
  for_each = var.unknown
  x        = each.value
  y        = "lit"
}
"""


def test_instances_and_their_addresses() -> None:
    world = World(INSTANCES)
    assert list(world.resources) == [
        "t.counted[0]",
        "t.counted[1]",
        't.set["a"]',
        't.set["b"]',
        't.map["p"]',
        't.map["q"]',
        't.objects["P"]',
        't.objects["Q"]',
        "t.maybe[*]",
        "t.some[*]",
    ]
    assert world.known("t.counted[1]", "x").value == "n1"
    assert {r.span.text for r in world.resources.values()} == {'"t"'}
    assert [r.heuristic for r in world.resources.values()] == [False] * 8 + [True, True]
    assert world.loaded.problems == []


def test_each_instance_knows_its_own_literal() -> None:
    world = World(INSTANCES)
    assert world.known('t.set["a"]', "x").text == '"a"'
    assert world.known('t.set["b"]', "y").text == '"b"'
    q = world.known('t.map["q"]', "x")
    assert (q.text, q.place, q.owner) == ('"us-east-2"', ("main.tf", 3), "var.regions")
    assert q.via == (
        "var.regions: default applies, no value is given",
        "t.map.for_each = var.regions",
        't.map["q"].x = each.value',
    )
    assert world.known('t.map["q"]', "key").value == "q"
    assert world.known('t.objects["P"]', "x").text == '"us-east-1"'
    assert world.known('t.objects["P"]', "y").value == "us-east-1a"


def test_an_unknown_number_gives_one_placeholder() -> None:
    world = World(INSTANCES)
    assert world.known("t.maybe[*]", "x").text == '"kept"'
    assert world.known("t.some[*]", "y").text == '"lit"'
    assert world.unknown("t.some[*]", "x").inputs == ("var.unknown",)


# --- dynamic blocks

DYNAMIC = """variable "unknown" {}
variable "regions" { default = ["r1", "r2"] }
resource "t" "a" {
  dynamic "replica" {
    for_each = var.regions
    content {
      region_name = replica.value
      index       = replica.key
      dynamic "inner" {
        for_each = ["i1"]
        content {
          name = "${replica.value}-${inner.value}"
        }
      }
    }
  }
  replica { region_name = "static" }
}
resource "t" "named" {
  dynamic "replica" {
    for_each = { k = "v" }
    iterator = it
    content {
      region_name = "${it.key}-${it.value}"
    }
  }
}
resource "t" "unknown" {
  dynamic "replica" {
    for_each = var.unknown
    content {
      region_name = "lit"
      other       = replica.value
    }
  }
}
resource "t" "switch" {
  dynamic "replica" {
    for_each = var.unknown == "x" ? [1] : []
    content {
      region_name = "lit"
    }
  }
}
resource "t" "empty" {
  dynamic "replica" {
    for_each = []
    content {
      region_name = "never"
    }
  }
}
resource "t" "user" {
  of = t.named.replica[0].region_name
}
"""


def test_dynamic_blocks_stand_for_the_blocks_they_make() -> None:
    world = World(DYNAMIC)
    found = world.values("t.a", "replica", "region_name")
    assert [path for path, _ in found] == [f"replica[{i}].region_name" for i in range(3)]
    answers = [world.answer(value) for _, value in found]
    assert [(a.text, a.place) for a in answers] == [
        ('"r1"', ("main.tf", 2)),
        ('"r2"', ("main.tf", 2)),
        ('"static"', ("main.tf", 17)),
    ]
    assert answers[1].via == (
        "var.regions: default applies, no value is given",
        "t.a.replica.for_each = var.regions",
        "t.a.replica[1].region_name = replica.value",
    )
    inner = world.values("t.a", "replica", "inner", "name")
    assert [(path, world.answer(value).value) for path, value in inner] == [
        ("replica[0].inner[0].name", "r1-i1"),
        ("replica[1].inner[0].name", "r2-i1"),
    ]
    assert world.known("t.named", "replica", "region_name").value == "k-v"
    assert world.known("t.user", "of").value == "k-v"
    assert world.values("t.empty", "replica", "region_name") == []


def test_a_dynamic_block_of_unknown_number_shows_its_content_once() -> None:
    world = World(DYNAMIC)
    assert world.known("t.unknown", "replica", "region_name").text == '"lit"'
    assert world.unknown("t.unknown", "replica", "other").inputs == ("var.unknown",)
    assert world.known("t.switch", "replica", "region_name").text == '"lit"'


def test_keys_have_places() -> None:
    attributes = World(DYNAMIC).resource("t.a").attributes
    for route, text, line in ((("replica", "region_name"), "region_name", 7), (("replica", "index"), "index", 8)):
        span = attributes.key_span(route)
        assert span is not None
        assert (span.text, span.location().line) == (text, line)
    assert attributes.key_span(("nope",)) is None
    assert list(attributes.names()) == ["replica"]


# --- modules


@pytest.fixture(scope="module")
def modules() -> World:
    return World(MODULES)


def test_every_instance_of_a_module_has_its_own_resources(modules: World) -> None:
    calls = ("module.plain", 'module.many["x"]', 'module.many["y"]', "module.counted[0]", "module.counted[1]")
    expected = {"t.user", "aws_s3_bucket.away"}
    expected |= {f"{c}.aws_s3_bucket.b" for c in calls} | {f"{c}.module.deep.aws_instance.i" for c in calls}
    assert set(modules.resources) == expected
    assert modules.loaded.problems == []
    assert sorted(modules.loaded.sources) == ["deep/main.tf", "m/main.tf", "main.tf"]
    deep = modules.resource('module.many["y"].module.deep.aws_instance.i')
    assert notes(deep.via) == ['called as module.many["y"].module.deep', 'called as module.many["y"]']
    assert (deep.span.file.path, deep.span.text, deep.unit) == ("deep/main.tf", '"aws_instance"', "")


def test_the_way_of_an_argument_into_a_module(modules: World) -> None:
    value = modules.known('module.many["y"].aws_s3_bucket.b', "region")
    assert (value.text, value.place, value.owner) == ('"us-west-2"', ("main.tf", 15), 'module.many["y"]')
    assert value.via == ('module.many["y"].r = each.value', 'module.many["y"].aws_s3_bucket.b.region = var.r')
    plain = modules.known("module.plain.aws_s3_bucket.b", "region")
    assert (plain.place, plain.owner) == (("main.tf", 1), "var.home")
    assert plain.via[1:] == ("module.plain.r = var.home", "module.plain.aws_s3_bucket.b.region = var.r")
    own = modules.known("module.counted[1].aws_s3_bucket.b", "region")
    assert (own.place, own.owner) == (("m/main.tf", 1), "module.counted[1].var.r")
    deep = modules.known("module.plain.module.deep.aws_instance.i", "zone")
    assert deep.value == "eu-west-1a"
    part = deep.raw.parts[0]
    assert modules.answer(part).place == ("main.tf", 1)
    assert notes(part.via)[1:] == ["module.plain.r = var.home", "module.plain.module.deep.r = var.r"]


def test_outputs_lead_back_to_what_was_given(modules: World) -> None:
    element = modules.known("t.user", "element")
    assert (element.text, element.place) == ('"us-west-2"', ("main.tf", 15))
    assert element.via == (
        'module.many["y"].r = each.value',
        'module.many["y"].output.out = var.r',
        't.user.element = module.many["y"].out',
    )
    assert [modules.answer(v).value for _, v in modules.values("t.user", "splat")] == ["own", "own"]
    inner = modules.known("t.user", "inner")
    assert inner.text == '"eu-west-1"'
    assert ("module.plain.aws_s3_bucket.b", "region") in inner.raw.refs
    assert modules.unknown("t.user", "later").refs == (("module.plain.aws_s3_bucket.b", "arn"),)
    assert "nope" in modules.unknown("t.user", "missing").reason


def test_a_missing_argument_is_named_with_its_module() -> None:
    world = World({"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": 'variable "r" {}\n' + BUCKET})
    value = world.unknown("module.m.aws_s3_bucket.b", "region")
    assert value.inputs == ("module.m.var.r",)
    assert value.span.file.path == "m/main.tf"


BUCKET = 'resource "aws_s3_bucket" "b" { region = var.r }\n'


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('"./nowhere"', "missing-module"),
        ('"../out"', "outside-tree"),
        ('"hashicorp/consul/aws"', None),
        ('"git::https://example.com/x.git"', None),
        ("var.where", None),
    ],
)
def test_a_module_that_cannot_be_read_stays_as_a_call(source: str, code: str | None) -> None:
    world = World(f'variable "where" {{}}\nmodule "m" {{\n  source = {source}\n  region = "us-east-1"\n}}\n')
    call = world.resource("module.m")
    assert call.mode == "module"
    assert world.known("module.m", "region").text == '"us-east-1"'
    codes = [(p.code, p.level, p.location.line) for p in world.loaded.problems]
    if code is not None:
        assert codes == [(code, "warning", 2)]
    assert all(level == "warning" for _, level, _ in codes)


def test_a_conditional_call_is_a_placeholder() -> None:
    world = World(
        {
            "main.tf": 'variable "on" {}\nmodule "m" {\n  source = "./m"\n  count = var.on ? 1 : 0\n  r = "x"\n}\n'
            'resource "t" "user" { r = one(module.m[*].out) }\n',
            "m/main.tf": 'variable "r" {}\n' + BUCKET + 'output "out" { value = var.r }\n',
        }
    )
    bucket = world.resource("module.m[*].aws_s3_bucket.b")
    assert bucket.heuristic
    assert world.known("module.m[*].aws_s3_bucket.b", "region").text == '"x"'
    assert world.unknown("t.user", "r").inputs == ("var.on",)


def test_conditions_in_modules_keep_their_candidates() -> None:
    world = World(
        {
            "main.tf": 'variable "p" {}\nmodule "m" {\n  source = "./m"\n'
            '  r = var.p == "x" ? "eu-west-1" : "us-east-1"\n}\n',
            "m/main.tf": 'variable "r" { type = string }\n' + BUCKET,
        }
    )
    value = world.unknown("module.m.aws_s3_bucket.b", "region")
    assert texts(value) == ["eu-west-1", "us-east-1"]
    assert (value.span.file.path, value.inputs) == ("main.tf", ("var.p",))
