"""Syntax tree of HCL native syntax. Every node has `start` and `end`, half-open code point offsets into the text.

Treat nodes as frozen; they are plain slotted classes because hundreds of thousands are created per second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """Base of all nodes."""

    start: int
    end: int


@dataclass(slots=True, eq=False, repr=False)
class Literal(Node):
    """Number, boolean or null. Integers are `int`, other numbers `Decimal`."""

    value: bool | int | Decimal | None


@dataclass(slots=True, eq=False, repr=False)
class String(Node):
    """A string without interpolation (quoted or heredoc), or a literal part of a template; escapes are resolved."""

    value: str


@dataclass(slots=True, eq=False, repr=False)
class Template(Node):
    """A string composed of several parts; parts are `String`, expressions, `TemplateIf` and `TemplateFor`."""

    parts: list[Expression]


@dataclass(slots=True, eq=False, repr=False)
class TemplateWrap(Node):
    """A quoted template that is nothing but one interpolation: `"${x}"`; it keeps the type of `x`."""

    inner: Expression


@dataclass(slots=True, eq=False, repr=False)
class TemplateIf(Node):
    """`%{ if test }yes%{ else }no%{ endif }`."""

    test: Expression
    yes: list[Expression]
    no: list[Expression]


@dataclass(slots=True, eq=False, repr=False)
class TemplateFor(Node):
    """`%{ for key, value in collection }body%{ endfor }`."""

    key_name: str | None
    value_name: str
    collection: Expression
    body: list[Expression]


@dataclass(slots=True, eq=False, repr=False)
class Index:
    """A literal index step: `[0]`, `["a"]`, or the legacy `.0`."""

    key: bool | int | Decimal | str | None


Steps: TypeAlias = "list[str | Index]"
"""Steps of a traversal: attribute names are `str`, literal indices are `Index`."""


@dataclass(slots=True, eq=False, repr=False)
class Traversal(Node):
    """A reference: `var.region`, `aws_s3_bucket.a["x"].arn`; `root` is the first name."""

    root: str
    steps: Steps


@dataclass(slots=True, eq=False, repr=False)
class RelativeTraversal(Node):
    """Steps applied to the value of an expression that is not a plain reference: `f(x).a[0]`."""

    source: Expression
    steps: Steps


@dataclass(slots=True, eq=False, repr=False)
class IndexExpression(Node):
    """`source[key]` where the key is not a literal."""

    source: Expression
    key: Expression


@dataclass(slots=True, eq=False, repr=False)
class SplatItem(Node):
    """The anonymous element inside a splat's `each`."""


@dataclass(slots=True, eq=False, repr=False)
class Splat(Node):
    """`source[*]…` (full) or `source.*…` (attribute only); `each` is evaluated per element, rooted at `SplatItem`."""

    source: Expression
    each: Expression
    full: bool


@dataclass(slots=True, eq=False, repr=False)
class Call(Node):
    """A function call; `name` includes namespaces (`provider::aws::arn_parse`); `expand` is the final `...`."""

    name: str
    args: list[Expression]
    expand: bool


@dataclass(slots=True, eq=False, repr=False)
class Unary(Node):
    """`-x` or `!x`."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False, repr=False)
class Binary(Node):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False, repr=False)
class Conditional(Node):
    """`test ? yes : no`."""

    test: Expression
    yes: Expression
    no: Expression


@dataclass(slots=True, eq=False, repr=False)
class Tuple(Node):
    """`[a, b]`."""

    items: list[Expression]


@dataclass(slots=True, eq=False, repr=False)
class ObjectKey(Node):
    """A bare identifier as object key; it means its own name, not a reference."""

    name: str


@dataclass(slots=True, eq=False, repr=False)
class Object(Node):
    """`{ key = value }`; keys are `ObjectKey` or any expression."""

    items: list[tuple[Expression, Expression]]


@dataclass(slots=True, eq=False, repr=False)
class For(Node):
    """`[for k, v in c : value if condition]` or `{for k, v in c : key => value... if condition}`."""

    key_name: str | None
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    group: bool

    @property
    def is_object(self) -> bool:
        """Whether it builds an object."""
        return self.key is not None


@dataclass(slots=True, eq=False, repr=False)
class Parentheses(Node):
    """`(inner)`; kept because a parenthesised object key is an expression, not a name."""

    inner: Expression


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


@dataclass(slots=True, eq=False, repr=False)
class Attribute(Node):
    """`name = expression`; `start` is the name's start, the name's span is `start … start + len(name)`."""

    name: str
    expression: Expression


@dataclass(slots=True, eq=False, repr=False)
class Block(Node):
    """`type "label" … { body }`.

    Attributes:
        type: the block type; its span is `start … start + len(type)`.
        labels: label values.
        label_spans: spans of the labels, quotes included.
        body: contents; `Block.end` is after the closing brace.
    """

    type: str
    labels: list[str]
    label_spans: list[tuple[int, int]]
    body: Body


@dataclass(slots=True, eq=False, repr=False)
class Body(Node):
    """Contents of a block or file; attributes by name (the first of duplicates), blocks in order."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
