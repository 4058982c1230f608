"""Evaluation with provenance: every value knows the literal it was written as, and the way it came."""

from __future__ import annotations

import pytest
from terraform_runs import World, notes, texts

from sovlint.model.value import Known, Unknown
from sovlint.resolve.terraform.inputs import Given
from sovlint.survey.causes import cause_of, covering, known_prefix, text_of

# --- variables and locals

VARIABLES = """variable "default" {
  default = "eu-west-1"
}
variable "given" { default = "unused" }
variable "missing" {}
locals {
  direct = var.default
  twice  = local.direct
}
resource "t" "a" {
  literal = "lit"
  default = var.default
  local   = local.twice
  given   = var.given
  missing = var.missing
  number  = 5
  parens  = (("in"))
  heredoc = <<-E
    text
  E
}
"""


def test_a_value_stands_where_it_is_written() -> None:
    world = World(VARIABLES)
    literal = world.known("t.a", "literal")
    assert (literal.value, literal.text, literal.place, literal.via) == ("lit", '"lit"', ("main.tf", 11), ())
    assert literal.owner == "t.a"
    assert world.known("t.a", "number").text == "5"
    assert world.known("t.a", "parens").text == '"in"'
    assert world.known("t.a", "heredoc").value == "text\n"
    assert world.known("t.a", "heredoc").text.startswith("<<-E")


def test_the_way_through_variables_and_locals() -> None:
    world = World(VARIABLES)
    default = world.known("t.a", "default")
    assert (default.value, default.text, default.place) == ("eu-west-1", '"eu-west-1"', ("main.tf", 2))
    assert default.owner == "var.default"
    assert default.via == ("var.default: default applies, no value is given", "t.a.default = var.default")
    through = world.known("t.a", "local")
    assert (through.text, through.place, through.owner) == (default.text, default.place, default.owner)
    assert through.via == (
        "var.default: default applies, no value is given",
        "local.direct = var.default",
        "local.twice = local.direct",
        "t.a.local = local.twice",
    )
    # Each step has its own place.
    assert [step.span.text for step in through.raw.via] == ['"default"', "var.default", "local.direct", "local.twice"]
    assert [step.span.location().line for step in through.raw.via] == [1, 7, 8, 13]


def test_a_missing_value_is_unknown_where_it_is_asked_for() -> None:
    value = World(VARIABLES).unknown("t.a", "missing")
    assert value.reason == "var.missing has no value"
    assert value.inputs == ("var.missing",)
    assert value.span.text == "var.missing"
    assert value.span.location().line == 15
    assert not value.failed


@pytest.mark.parametrize(
    ("files", "given", "place", "text", "note"),
    [
        ({"terraform.tfvars": 'given = "x"\n'}, Given(), ("terraform.tfvars", 1), '"x"', None),
        ({"a.auto.tfvars.json": '{\n"given": "x"}\n'}, Given(), ("a.auto.tfvars.json", 2), '"x"', None),
        ({"v/p.tfvars": '\ngiven = "x"\n'}, Given({}, [("var-file", "v/p.tfvars")]), ("v/p.tfvars", 2), '"x"', None),
        ({}, Given({}, [("var", "given=x")]), ("main.tf", 4), '"given"', "var.given is given by --var given"),
        ({}, Given({"given": "x"}), ("main.tf", 4), '"given"', "var.given is given by TF_VAR_given"),
    ],
    ids=["tfvars", "json", "var-file", "var", "environment"],
)
def test_where_given_values_stand(
    files: dict[str, str], given: Given, place: tuple[str, int], text: str, note: str | None
) -> None:
    value = World({"main.tf": VARIABLES, **files}, given).known("t.a", "given")
    assert (value.value, value.place, value.text, value.owner) == ("x", place, text, "var.given")
    assert value.via == (*([note] if note else []), "t.a.given = var.given")


def test_elements_keep_the_literal_they_were_written_as() -> None:
    world = World(
        'variable "list" { default = [{ name = "n1" }, { name = "n2" }] }\n'
        'variable "map" {\n  type = map(object({ r = string, n = optional(number, 3) }))\n'
        '  default = { a = { r = "ra" }, b = { r = "rb", n = 4 } }\n}\n'
        'resource "t" "a" {\n  index = var.list[1].name\n  splat = var.list[*].name\n  legacy = var.list.*.name\n'
        '  deep = var.map["b"].r\n  optional = var.map["a"].n\n  made = [for k, v in var.map : v.r]\n'
        '  object = { x = { y = var.list[0].name } }.x.y\n  cond = true ? var.list[0].name : "other"\n'
        '  pick = element(var.list, 3).name\n  look = lookup({ a = "la" }, "a", "lb")\n'
        '  merged = merge({ a = "ma" }, { a = "mb" }).a\n  first = coalesce(null, "", "c1", "c2")\n'
        '  tried = try(var.list[7], "fallback")\n  values = values(var.map)[1].r\n}\n'
    )
    expected = {
        "index": '"n2"',
        "deep": '"rb"',
        "optional": "3",
        "object": '"n1"',
        "cond": '"n1"',
        "pick": '"n2"',
        "look": '"la"',
        "merged": '"mb"',
        "first": '"c1"',
        "tried": '"fallback"',
        "values": '"rb"',
    }
    assert {name: world.known("t.a", name).text for name in expected} == expected
    for name, found in (("splat", ['"n1"', '"n2"']), ("legacy", ['"n1"', '"n2"']), ("made", ['"ra"', '"rb"'])):
        values = world.values("t.a", name)
        assert [path for path, _ in values] == [f"{name}[0]", f"{name}[1]"]
        assert [world.answer(value).text for _, value in values] == found
    assert world.known("t.a", "index").via[-1] == "t.a.index = var.list[1].name"


def test_a_new_value_stands_at_its_expression_and_a_copied_one_at_its_literal() -> None:
    world = World(
        'variable "r" { default = "Eu-West-1" }\nresource "t" "a" {\n  lower = lower(var.r)\n  sum = 1 + 2\n'
        '  join = join("-", ["eu", "west", "1"])\n  parse = jsondecode("{\\"r\\": \\"x\\"}").r\n'
        '  for = { for k in ["a"] : k => upper(k) }["a"]\n}\n'
    )
    assert world.known("t.a", "lower").value == "eu-west-1"
    assert world.known("t.a", "lower").text == '"Eu-West-1"'
    assert world.known("t.a", "sum").text == "1 + 2"
    assert world.known("t.a", "join").text == 'join("-", ["eu", "west", "1"])'
    assert world.known("t.a", "for").value == "A"
    assert world.known("t.a", "parse").value == "x"


# --- unknown tests, and what is known all the same

CONDITIONS = """variable "unknown" {}
variable "r" { default = "eu-west-1" }
locals {
  of = { a = "ra", b = "rb" }
}
resource "t" "a" {
  both   = var.unknown == "x" ? "left" : var.r
  nested = var.unknown ? "one" : (var.unknown ? "two" : "three")
  half   = var.unknown ? "left" : var.unknown
  known  = var.r == "eu-west-1" ? "yes" : var.unknown
  step   = (var.unknown ? { r = "x" } : { r = "y" }).r
  index  = local.of[var.unknown]
  and    = false && var.unknown
  text   = "a-${var.unknown}-${var.r}"
  length = length([var.unknown, "b"])
  for    = [for x in ["p", var.unknown] : x]
}
"""


def test_a_conditional_with_an_unknown_test_keeps_both_candidates() -> None:
    world = World(CONDITIONS)
    both = world.unknown("t.a", "both")
    assert texts(both) == ["left", "eu-west-1"]
    assert both.span.text == 'var.unknown == "x" ? "left" : var.r'
    assert both.inputs == ("var.unknown",)
    # A candidate has its own cause and way.
    assert [c.span.location().line for c in both.candidates] == [7, 2]
    assert notes(both.candidates[1].via) == ["var.r: default applies, no value is given"]
    assert texts(world.unknown("t.a", "step")) == ["x", "y"]
    assert texts(world.unknown("t.a", "index")) == ["ra", "rb"]
    assert texts(world.unknown("t.a", "half")) == ["left", None]
    nested = world.unknown("t.a", "nested")
    assert texts(nested)[0] == "one"
    assert world.known("t.a", "known").text == '"yes"'


def test_what_does_not_depend_on_the_unknown_is_known() -> None:
    world = World(CONDITIONS)
    assert world.known("t.a", "and").value is False
    assert world.known("t.a", "length").value == 2
    (first, second) = (value for _, value in world.values("t.a", "for"))
    assert world.answer(first).text == '"p"'
    assert type(second) is Unknown
    assert second.inputs == ("var.unknown",)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("local.nope", "local 'nope' is not declared"),
        ('{ a = 1 }["b"]', "there is no element 'b'"),
        ("[1][3]", "there is no element 3"),
        ("nope(1)", "nope"),
        ('"a" + 1', "number"),
        ("timestamp()", "timestamp"),
    ],
)
def test_what_cannot_be_known_says_why(expression: str, reason: str) -> None:
    value = World(f'resource "t" "a" {{\n  x = {expression}\n}}\n').unknown("t.a", "x")
    assert reason in value.reason
    assert value.span.text == expression


# --- parts of templates

TEMPLATE = """variable "host" { default = "registry.example" }
variable "tag" {}
locals {
  path = "team/app"
  image = "${var.host}/${local.path}:v${1 + 1}"
}
resource "t" "a" {
  image  = local.image
  open   = "${var.host}/x:${var.tag}"
  early  = "${var.tag}/x"
  joined = join("/", [var.host, "x"])
  format = format("%s/%s", var.host, local.path)
  loop   = "%{ for p in ["a", "b"] }${p}/%{ endfor }${var.host}"
}
"""


def part_at(world: World, attribute: str, text: str) -> str:
    """Source text of the part that alone covers a piece of a value."""
    value = world.raw("t.a", attribute)
    whole = known_prefix(value)
    start = whole.index(text)
    return covering(value, start, start + len(text)).span.text


def test_the_part_of_a_template_that_decides() -> None:
    world = World(TEMPLATE)
    assert world.known("t.a", "image").value == "registry.example/team/app:v2"
    assert part_at(world, "image", "registry.example") == '"registry.example"'
    assert part_at(world, "image", "example") == '"registry.example"'
    assert part_at(world, "image", "team") == '"team/app"'
    assert part_at(world, "image", "2") == "1 + 1"
    assert part_at(world, "image", ":v") == ":v"
    # What several parts bring belongs to the whole.
    assert part_at(world, "image", "example/team") == '"${var.host}/${local.path}:v${1 + 1}"'
    assert part_at(world, "loop", "registry") == '"registry.example"'


def test_the_part_keeps_the_way_of_the_whole() -> None:
    world = World(TEMPLATE)
    value = covering(world.raw("t.a", "image"), 0, len("registry.example"))
    assert value.owner == "var.host"
    assert notes(value.via) == ["var.host: default applies, no value is given", "t.a.image = local.image"]


@pytest.mark.parametrize("attribute", ["joined", "format"])
def test_functions_that_compose_keep_their_parts(attribute: str) -> None:
    world = World(TEMPLATE)
    assert world.known("t.a", attribute).value == {"joined": "registry.example/x"}.get(
        attribute, "registry.example/team/app"
    )
    assert part_at(world, attribute, "registry.example") == '"registry.example"'


def test_the_known_start_of_an_unknown_template() -> None:
    world = World(TEMPLATE)
    value = world.unknown("t.a", "open")
    assert known_prefix(value) == "registry.example/x:"
    assert value.inputs == ("var.tag",)
    assert part_at(world, "open", "registry.example") == '"registry.example"'
    assert [type(part) for part in value.parts] == [Known, Known, Unknown]
    assert known_prefix(world.raw("t.a", "early")) == ""


def test_causes_are_concrete() -> None:
    world = World(TEMPLATE)
    known = cause_of(world.raw("t.a", "image"), "t.a", "image")
    assert (known.location.line, known.value, known.known) == (5, "registry.example/team/app:v2", True)
    assert "var.host: default applies, no value is given" in [hop.note for hop in known.via]
    unknown = cause_of(world.raw("t.a", "open"), "t.a", "open")
    assert (unknown.known, unknown.value, unknown.inputs) == (False, None, ("var.tag",))
    assert text_of(world.raw("t.a", "open")) is None


# --- references to resources

REFERENCES = """data "d" "e" { x = "from data" }
resource "t" "one" { region = "r1" }
resource "t" "many" {
  for_each = toset(["b", "a"])
  region   = each.key
}
resource "t" "none" { count = 0 }
resource "t" "user" {
  region   = t.one.region
  id       = t.one.id
  deep     = t.one.block[0].id
  element  = t.many["a"].region
  elements = values(t.many)[*].region
  ids      = [for m in t.many : m.id]
  data     = data.d.e.x
  arn      = "${data.d.e.arn}/x"
  gone     = one(t.none[*].region)
  lost     = t.none[0].region
  missing  = t.nope.id
}
"""


def test_references_lead_to_the_value_that_is_written_there() -> None:
    world = World(REFERENCES)
    region = world.known("t.user", "region")
    assert (region.text, region.place, region.owner) == ('"r1"', ("main.tf", 2), "t.one")
    assert region.via == ("t.user.region = t.one.region",)
    assert region.raw.refs == (("t.one", "region"),)
    assert world.known("t.user", "element").text == '"a"'
    assert world.known("t.user", "element").raw.refs == (('t.many["a"]', "region"),)
    assert world.known("t.user", "data").raw.refs == (("data.d.e", "x"),)
    elements = [world.answer(value) for _, value in world.values("t.user", "elements")]
    assert [(e.value, e.text) for e in elements] == [("a", '"a"'), ("b", '"b"')]
    assert world.known("t.user", "gone").value is None


def test_attributes_known_after_apply_keep_the_reference() -> None:
    world = World(REFERENCES)
    assert world.unknown("t.user", "id").refs == (("t.one", "id"),)
    assert world.unknown("t.user", "id").inputs == ()
    assert world.unknown("t.user", "arn").refs == (("data.d.e", "arn"),)
    assert world.unknown("t.user", "deep").refs[0][0] == "t.one"
    ids = [value.refs for _, value in world.values("t.user", "ids")]
    assert ids == [(('t.many["a"]', "id"),), (('t.many["b"]', "id"),)]
    assert not world.unknown("t.user", "id").failed
    assert "no element" in world.unknown("t.user", "lost").reason
    assert "not declared" in world.unknown("t.user", "missing").reason
    found = [(name, address) for name, address, _ in world.resource("t.user").attributes.references()]
    assert ("region", "t.one") in found
    assert ("arn", "data.d.e") in found
