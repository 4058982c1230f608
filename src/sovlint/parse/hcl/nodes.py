"""Syntax tree of HCL native syntax. Every node has `start` and `end`, half-open code point offsets into the text.

Treat nodes as frozen; they are plain slotted classes because hundreds of thousands are created per second.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias


class Node:
    """Base of all nodes."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Literal(Node):
    """Number, boolean or null. Integers are `int`, other numbers `Decimal`."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: bool | int | Decimal | None) -> None:
        self.start = start
        self.end = end
        self.value = value


class String(Node):
    """A string without interpolation (quoted or heredoc), or a literal part of a template; escapes are resolved."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: str) -> None:
        self.start = start
        self.end = end
        self.value = value


class Template(Node):
    """A string composed of several parts; parts are `String`, expressions, `TemplateIf` and `TemplateFor`."""

    __slots__ = ("parts",)

    def __init__(self, start: int, end: int, parts: list[Expression]) -> None:
        self.start = start
        self.end = end
        self.parts = parts


class TemplateWrap(Node):
    """A quoted template that is nothing but one interpolation: `"${x}"`; it keeps the type of `x`."""

    __slots__ = ("inner",)

    def __init__(self, start: int, end: int, inner: Expression) -> None:
        self.start = start
        self.end = end
        self.inner = inner


class TemplateIf(Node):
    """`%{ if test }yes%{ else }no%{ endif }`."""

    __slots__ = ("no", "test", "yes")

    def __init__(self, start: int, end: int, test: Expression, yes: list[Expression], no: list[Expression]) -> None:
        self.start = start
        self.end = end
        self.test = test
        self.yes = yes
        self.no = no


class TemplateFor(Node):
    """`%{ for key, value in collection }body%{ endfor }`."""

    __slots__ = ("body", "collection", "key_name", "value_name")

    def __init__(
        self,
        start: int,
        end: int,
        key_name: str | None,
        value_name: str,
        collection: Expression,
        body: list[Expression],
    ) -> None:
        self.start = start
        self.end = end
        self.key_name = key_name
        self.value_name = value_name
        self.collection = collection
        self.body = body


class Index:
    """A literal index step: `[0]`, `["a"]`, or the legacy `.0`."""

    __slots__ = ("key",)

    def __init__(self, key: bool | int | Decimal | str | None) -> None:
        self.key = key


Steps: TypeAlias = "list[str | Index]"
"""Steps of a traversal: attribute names are `str`, literal indices are `Index`."""


class Traversal(Node):
    """A reference: `var.region`, `aws_s3_bucket.a["x"].arn`; `root` is the first name."""

    __slots__ = ("root", "steps")

    def __init__(self, start: int, end: int, root: str, steps: Steps) -> None:
        self.start = start
        self.end = end
        self.root = root
        self.steps = steps


class RelativeTraversal(Node):
    """Steps applied to the value of an expression that is not a plain reference: `f(x).a[0]`."""

    __slots__ = ("source", "steps")

    def __init__(self, start: int, end: int, source: Expression, steps: Steps) -> None:
        self.start = start
        self.end = end
        self.source = source
        self.steps = steps


class IndexExpression(Node):
    """`source[key]` where the key is not a literal."""

    __slots__ = ("key", "source")

    def __init__(self, start: int, end: int, source: Expression, key: Expression) -> None:
        self.start = start
        self.end = end
        self.source = source
        self.key = key


class SplatItem(Node):
    """The anonymous element inside a splat's `each`."""

    __slots__ = ()


class Splat(Node):
    """`source[*]…` (full) or `source.*…` (attribute only); `each` is evaluated per element, rooted at `SplatItem`."""

    __slots__ = ("each", "full", "source")

    def __init__(self, start: int, end: int, source: Expression, each: Expression, full: bool) -> None:
        self.start = start
        self.end = end
        self.source = source
        self.each = each
        self.full = full


class Call(Node):
    """A function call; `name` includes namespaces (`provider::aws::arn_parse`); `expand` is the final `...`."""

    __slots__ = ("args", "expand", "name")

    def __init__(self, start: int, end: int, name: str, args: list[Expression], expand: bool) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.args = args
        self.expand = expand


class Unary(Node):
    """`-x` or `!x`."""

    __slots__ = ("operand", "operator")

    def __init__(self, start: int, end: int, operator: str, operand: Expression) -> None:
        self.start = start
        self.end = end
        self.operator = operator
        self.operand = operand


class Binary(Node):
    """`left operator right`."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, start: int, end: int, operator: str, left: Expression, right: Expression) -> None:
        self.start = start
        self.end = end
        self.operator = operator
        self.left = left
        self.right = right


class Conditional(Node):
    """`test ? yes : no`."""

    __slots__ = ("no", "test", "yes")

    def __init__(self, start: int, end: int, test: Expression, yes: Expression, no: Expression) -> None:
        self.start = start
        self.end = end
        self.test = test
        self.yes = yes
        self.no = no


class Tuple(Node):
    """`[a, b]`."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: list[Expression]) -> None:
        self.start = start
        self.end = end
        self.items = items


class ObjectKey(Node):
    """A bare identifier as object key; it means its own name, not a reference."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        self.start = start
        self.end = end
        self.name = name


class Object(Node):
    """`{ key = value }`; keys are `ObjectKey` or any expression."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: list[tuple[Expression, Expression]]) -> None:
        self.start = start
        self.end = end
        self.items = items


class For(Node):
    """`[for k, v in c : value if condition]` or `{for k, v in c : key => value... if condition}`."""

    __slots__ = ("collection", "condition", "group", "key", "key_name", "value", "value_name")

    def __init__(
        self,
        start: int,
        end: int,
        key_name: str | None,
        value_name: str,
        collection: Expression,
        key: Expression | None,
        value: Expression,
        condition: Expression | None,
        group: bool,
    ) -> None:
        self.start = start
        self.end = end
        self.key_name = key_name
        self.value_name = value_name
        self.collection = collection
        self.key = key
        self.value = value
        self.condition = condition
        self.group = group

    @property
    def is_object(self) -> bool:
        """Whether it builds an object."""
        return self.key is not None


class Parentheses(Node):
    """`(inner)`; kept because a parenthesised object key is an expression, not a name."""

    __slots__ = ("inner",)

    def __init__(self, start: int, end: int, inner: Expression) -> None:
        self.start = start
        self.end = end
        self.inner = inner


Expression: TypeAlias = (
    Literal
    | String
    | Template
    | TemplateWrap
    | TemplateIf
    | TemplateFor
    | Traversal
    | RelativeTraversal
    | IndexExpression
    | SplatItem
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | Tuple
    | ObjectKey
    | Object
    | For
    | Parentheses
)


class Attribute(Node):
    """`name = expression`; `start` is the name's start, the name's span is `start … start + len(name)`."""

    __slots__ = ("expression", "name")

    def __init__(self, start: int, end: int, name: str, expression: Expression) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.expression = expression


class Block(Node):
    """`type "label" … { body }`.

    Attributes:
        type: the block type; its span is `start … start + len(type)`.
        labels: label values.
        label_spans: spans of the labels, quotes included.
        body: contents; `Block.end` is after the closing brace.
    """

    __slots__ = ("body", "label_spans", "labels", "type")

    def __init__(
        self,
        start: int,
        end: int,
        type: str,
        labels: list[str],
        label_spans: list[tuple[int, int]],
        body: Body,
    ) -> None:
        self.start = start
        self.end = end
        self.type = type
        self.labels = labels
        self.label_spans = label_spans
        self.body = body


class Body(Node):
    """Contents of a block or file; attributes by name (the first of duplicates), blocks in order."""

    __slots__ = ("attributes", "blocks")

    def __init__(
        self,
        start: int,
        end: int,
        attributes: dict[str, Attribute] | None = None,
        blocks: list[Block] | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.attributes: dict[str, Attribute] = {} if attributes is None else attributes
        self.blocks: list[Block] = [] if blocks is None else blocks
