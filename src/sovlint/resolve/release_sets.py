"""The `set` blocks of Terraform's `helm_release`: name and value are one text in the language of `--set`.

As the provider puts them together
(https://github.com/hashicorp/terraform-provider-helm/blob/main/helm/resource_helm_release.go): `type = "string"` is
`--set-string`, and `"literal"` takes the value as it is.
"""

from __future__ import annotations

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Value
from sovlint.parse.yaml import Mapping, Node, Scalar, Sequence
from sovlint.resolve.helm.inputs import put
from sovlint.resolve.helm.sets import Assignment, Plain, SetError, assignments, path_of
from sovlint.resolve.structured import UNKNOWN, Lines, written
from sovlint.resolve.yaml_attributes import Item, Layer

_NOWHERE = SourceFile("", "")


class Sets:
    """Values that are set one by one, in the order in which they are applied.

    Attributes:
        lines: the text in which they stand.
        node: all of them together; None if there are none.
    """

    def __init__(self) -> None:
        self.lines = Lines()
        self.node: Node | None = None

    def add(self, name: str, value: Value, kind: str = "") -> None:
        """Lays one over those before it; a text that Helm does not take is read as it is.

        Args:
            name: keys and indexes with points between them.
            value: as configured.
            kind: `auto`, `string` or `literal`; of anything else `auto`.
        """
        for keys, leaf in self._leaves(name, value, kind):
            item = Item("", (Layer(_NOWHERE, self.node),)) if self.node is not None else None
            # The keys stand where the value does.
            node = put(item, keys, leaf, Span(_NOWHERE, leaf.start, leaf.end))
            self.node = _laid_over(self.node, node)

    def _leaves(self, name: str, value: Value, kind: str) -> list[tuple[tuple[str | int, ...], Node]]:
        known = value if type(value) is Known else written(value)
        text = known.value if isinstance(known.value, str) else None
        if text is not None and kind != "literal":
            try:
                found = assignments(f"{name}={text}", strings=kind == "string")
            except SetError:
                found = []
            if found:
                return self._parsed(found, name, text, value)
        leaf = self.lines.node(value)
        if type(leaf) is Scalar and kind not in ("literal", "string"):
            leaf.style = ""
        keys = path_of(name)
        return [(keys, leaf)] if keys else []

    def _parsed(
        self, found: list[Assignment], name: str, text: str, value: Value
    ) -> list[tuple[tuple[str | int, ...], Node]]:
        """The assignments in a text that stands on one line; each value at its own place in it."""
        line = self.lines.scalar(text, value)
        flat = " ".join(text.split("\n"))
        at = 0

        def leaf(plain: Plain) -> Scalar:
            nonlocal at
            shown = plain if isinstance(plain, str) else "null" if plain is None else str(plain).lower()
            start = flat.find(shown, at)
            if start < 0:
                # A mark with a backslash before it: the place is the whole text.
                return Scalar(line.start, line.end, shown, '"' if isinstance(plain, str) else "")
            at = start + len(shown)
            style = '"' if isinstance(plain, str) and UNKNOWN not in shown else ""
            return Scalar(line.start + start, line.start + at, shown, style)

        out: list[tuple[tuple[str | int, ...], Node]] = []
        for number, one in enumerate(found):
            if number:
                # The keys of further assignments stand before their values.
                at = max(at, flat.find("=", at) + 1)
            node: Node
            if isinstance(one.value, tuple):
                items: list[Node] = [leaf(plain) for plain in one.value]
                start, end = (items[0].start, items[-1].end) if items else (line.start, line.end)
                node = Sequence(start, max(end, start + 1), items)
            else:
                node = leaf(one.value)
            out.append((one.keys, node))
        return out


def _laid_over(below: Node | None, above: Node) -> Node:
    """Mappings merged key by key, the one above winning."""
    if type(below) is not Mapping or type(above) is not Mapping:
        return above
    entries = {key.text: (key, node) for key, node in below.entries if type(key) is Scalar}
    for key, node in above.entries:
        if type(key) is Scalar:
            old = entries.get(key.text)
            entries[key.text] = (key, _laid_over(old[1] if old is not None else None, node))
    return Mapping(above.start, above.end, list(entries.values()))
