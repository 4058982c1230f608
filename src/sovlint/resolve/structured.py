"""Structures of Terraform written down as the YAML they mean, so that every scalar leads back to its value."""

from __future__ import annotations

from collections.abc import Mapping as Mapped

from sovlint.model.source import SourceFile
from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence

MAX_SCALARS = 20_000
MAX_DEPTH = 60
UNKNOWN = "${unknown}"


class Lines:
    """A structure written down, one scalar a line.

    Attributes:
        values: the values of the lines.
        length: of the text so far, as if another line followed.
    """

    def __init__(self) -> None:
        self._text: list[str] = []
        self.values: list[Value] = []
        self.length = 0

    def scalar(self, text: str, value: Value, style: str = '"') -> Scalar:
        """Writes a scalar that stands for a value."""
        line = " ".join(text.split("\n"))
        node = Scalar(self.length, self.length + len(line), text, style)
        self._text.append(line)
        self.values.append(value)
        self.length += len(line) + 1
        return node

    def node(self, value: Value, depth: int = 0) -> Node:
        """A value as a node; what is not known is a placeholder."""
        if len(self.values) > MAX_SCALARS or depth > MAX_DEPTH:
            return self.scalar("null", value, "")
        plain = value.value if type(value) is Known else None
        start = self.length
        if isinstance(plain, tuple):
            items = [self.node(picked(one, value), depth + 1) for one in plain]
            return Sequence(start, max(self.length, start + 1), items)
        if isinstance(plain, Mapped):
            entries: list[tuple[Node, Node]] = []
            for key, one in plain.items():
                inner = picked(one, value)
                entries.append((self.scalar(key, inner), self.node(inner, depth + 1)))
            return Mapping(start, max(self.length, start + 1), entries)
        if isinstance(plain, str):
            return self.scalar(plain, value)
        if type(value) is Unknown:
            return self.scalar(str(written(value).value), value)
        text = "null" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)
        return self.scalar(text, value, "")

    def source(self, path: str) -> SourceFile:
        """The text under a path."""
        return SourceFile(path, "\n".join(self._text))


def written(value: Value) -> Known:
    """A text that is known in part, with placeholders for the rest."""
    parts: list[Value] = []
    for part in value.parts:
        plain = part.value if type(part) is Known else None
        if isinstance(plain, str):
            parts.append(part)
        else:
            parts.append(Known(UNKNOWN, part.span, part.via, owner=part.owner, heuristic=True))
    text = "".join(str(part.value) for part in parts if type(part) is Known) or UNKNOWN
    return Known(text, value.span, value.via, owner=value.owner, parts=tuple(parts), heuristic=True)


def mark(name: str, node: Node) -> Scalar:
    """A key that nobody wrote, where its value begins."""
    return Scalar(node.start, node.start, name)


def pair(name: str, text: str) -> tuple[Node, Node]:
    """A key with a text, neither of which is written anywhere."""
    return Scalar(0, 0, name), Scalar(0, 0, text)
