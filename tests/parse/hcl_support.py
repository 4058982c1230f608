"""Helpers for the tests of the HCL parser: trees as plain data, spans, token soup."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sovlint.model.source import SourceFile
from sovlint.parse.hcl import HclFile, children, parse_expression, parse_file
from sovlint.parse.hcl.nodes import Body, Expression, Index, Node

EDGE_CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "hcl-edge-cases.json").read_text(encoding="utf-8"),
)
EXAMPLE = """\
# A comment.
resource "aws_s3_bucket" "logs" {
  bucket = "logs-${var.region}" // another
  tags = {
    Owner   = "ops"
    "a:b"   = upper(local.x)
    (each.key) : each.value,
  }

  lifecycle { prevent_destroy = true }
  dynamic rule {
    for_each = [for r in var.rules : r.id if r.on]
    content {
      id = rule.value
    }
  }
}

locals {
  script = <<-EOT
    hello %{ if var.x ~}
      there
    %{ endif ~}
  EOT
}
"""

TOKENS = [
    *'"{}[]().,:=<>!?%&|~\\$#-+*/ \t\n',
    *[
        "${",
        "%{",
        "~}",
        "${~",
        "$${",
        "%%{",
        "\r\n",
        "\r",
        "//",
        "/*",
        "*/",
        "...",
        "::",
        "=>",
        "==",
        "[*]",
        ".*",
        ".0",
    ],
    *["<<E\n", "<<-E\n", "\nE\n", "a = ", 'b "c" {\n', "}\n", "x", "y.z", "f(", "for k, v in ", "if ", "true", "null"],
    *[
        "%{ if x }",
        "%{ else }",
        "%{ endif }",
        "%{ for x in y }",
        "%{ endfor }",
        "1",
        "1.5e3",
        "\\u00e9",
        "é",
        "e\u0301",
    ],
    *[".0", "e\u0301", "\x00", "\ufeff", "\ud800", "²", "\u0903", "\u2028"],
]

soup = st.lists(st.sampled_from(TOKENS), max_size=60).map("".join) | st.text(max_size=80)
"""Texts that look like HCL, mostly broken ones."""


def read(text: str) -> HclFile:
    return parse_file(SourceFile("main.tf", text))


def good(text: str) -> Body:
    """The body of a text without errors."""
    result = read(text)
    assert result.problems == ()
    return result.body


def expression(text: str) -> Expression:
    """The value of `a = text`; its spans are shifted to those of `text`."""
    node = good(f"a = {text}\n").attributes["a"].expression
    alone, problems = parse_expression(SourceFile("main.tf", text + "\n"))
    assert problems == () and alone is not None
    assert shape(alone) == shape(node)
    return alone


def shape(value: Any) -> Any:
    """A tree as nested tuples without positions."""
    if isinstance(value, (Node, Index)):
        names = list(inspect.signature(type(value).__init__).parameters)[1:]
        fields = [shape(getattr(value, name)) for name in names if name not in {"start", "end", "label_spans"}]
        return (type(value).__name__, *fields)
    if isinstance(value, (list, tuple)):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return value


def nodes_of(body: Body) -> list[tuple[Node, Node]]:
    """All pairs of a node and its parent, without recursion."""
    pairs: list[tuple[Node, Node]] = []
    bodies = [body]
    while bodies:
        current = bodies.pop()
        for block in current.blocks:
            pairs += [(block, current), (block.body, block)]
            bodies.append(block.body)
        for attribute in current.attributes.values():
            pairs += [(attribute, current), (attribute.expression, attribute)]
            level: list[Expression] = [attribute.expression]
            while level:
                parent = level.pop()
                for child in children(parent):
                    pairs.append((child, parent))
                    level.append(child)
    return pairs


def assert_spans(text: str, body: Body) -> None:
    """All spans are inside the text and inside their parents; siblings do not overlap."""
    assert (body.start, body.end) == (0, len(text))
    for node, parent in nodes_of(body):
        assert 0 <= node.start <= node.end <= len(text), node
        assert parent.start <= node.start and node.end <= parent.end, (node, parent)
