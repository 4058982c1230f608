"""Reading nodes: look-ups that follow aliases and merge keys on demand, and conversion to plain data with a budget.

Keys are compared by their text as written (`on:` is the key `on`); complex keys (`? [a]`) are never found.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from sovlint.parse.yaml.composer import MERGE_BUDGET, is_merge_key
from sovlint.parse.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence
from sovlint.parse.yaml.scalars import is_null, resolve_scalar

Data: TypeAlias = "bool | int | Decimal | float | str | list[Data] | dict[str, Data] | None"


LARGE = 32
"""Entries from which on a mapping gets an index when somebody looks for a key."""


class BudgetExceededError(ValueError):
    """`to_plain` would build more nodes than its budget allows (an alias bomb, or a very large document)."""


def deref(node: Node) -> Node:
    """The node itself, or the target of an alias; never an `Alias`."""
    while type(node) is Alias:
        node = node.target
    return node


def get(mapping: Node, key: str) -> Node | None:
    """The value of a key, aliases followed; None when there is no such key or `mapping` is no mapping.

    The last one of duplicate keys wins; own keys win over merged ones.
    """
    found = entry(mapping, key)
    return None if found is None else deref(found[1])


def entry(mapping: Node, key: str) -> tuple[Node, Node] | None:
    """The (key, value) nodes of a key as written (either may be an `Alias`); otherwise as `get`."""
    if type(mapping) is Alias:
        mapping = deref(mapping)
    if type(mapping) is not Mapping:
        return None
    found, has_merge = _own(mapping, key)
    if found is not None or not has_merge:
        return found
    for source in _with_merged(mapping):
        found, _ = _own(source, key)
        if found is not None:
            return found
    return None


def items(mapping: Node) -> Iterator[tuple[str, Node, Node]]:
    """Each key once: (name, key node, value node as written), own keys before merged ones; nothing for other nodes.

    A duplicate key comes at the place of its first occurrence with the nodes of its last.
    """
    for name, (key, value) in _members(mapping)[0].items():
        yield name, key, value


def elements(node: Node) -> Iterator[Node]:
    """The items of a sequence as written (aliases not followed); nothing for other nodes."""
    node = deref(node)
    if type(node) is Sequence:
        yield from node.items


def text(node: Node | None) -> str | None:
    """The text of a scalar as written without quotes (`"1.10"` for `1.10`, `"NO"` for `NO`), aliases followed.

    None for null scalars, for collections and for None, so that `text(get(m, "k"))` needs no test in between.
    """
    if type(node) is Alias:
        node = deref(node)
    if type(node) is not Scalar or is_null(node):
        return None
    return node.text


def to_plain(node: Node, budget: int = 100_000) -> Data:
    """Plain Python data: dict, list, and what `resolve_scalar` gives. Not recursive.

    Args:
        node: where to start.
        budget: how many nodes may be built; an alias counts each time it is used, a merge key as what it merges.

    Raises:
        BudgetExceededError: the data would be larger than the budget.
    """
    result: list[Data] = [None]
    todo: list[tuple[Node, list[Data] | dict[str, Data], int | str]] = [(node, result, 0)]
    while todo:
        budget -= 1
        if budget < 0:
            raise BudgetExceededError("the YAML data is larger than the budget of nodes")
        current, owner, slot = todo.pop()
        current = deref(current)
        value: Data
        if type(current) is Scalar:
            value = resolve_scalar(current)
        elif type(current) is Sequence:
            values: list[Data] = [None] * len(current.items)
            todo.extend((item, values, index) for index, item in enumerate(current.items))
            value = values
        else:
            members: dict[str, Data] = {}
            found, cost = _members(current)
            budget -= cost
            for name, (_, item) in found.items():
                members[name] = None  # keeps the order; the value follows
                todo.append((item, members, name))
            value = members
        owner[slot] = value  # type: ignore[index]  # lists come with int slots, dicts with str
        if len(todo) > budget + 1:
            raise BudgetExceededError("the YAML data is larger than the budget of nodes")
    return result[0]


def _members(mapping: Node) -> tuple[dict[str, tuple[Node, Node]], int]:
    """What `items` gives, and the number of merged entries that were looked at for it."""
    found: dict[str, tuple[Node, Node]] = {}
    cost = 0
    for number, source in enumerate(_with_merged(mapping)):
        own: dict[str, tuple[Node, Node]] = {}
        for pair in source.entries:
            name = pair[0]
            if type(name) is Alias:
                name = name.target
            if type(name) is Scalar and not is_merge_key(name):
                own[name.text] = pair
        if number:
            cost += len(source.entries)
            for text_, pair in own.items():
                found.setdefault(text_, pair)
        else:
            found = own
    return found, cost


def _own(mapping: Mapping, key: str) -> tuple[tuple[Node, Node] | None, bool]:
    """The last entry with the key among the mapping's own, and whether a merge key was met on the way."""
    if len(mapping.entries) >= LARGE:
        return _indexed(mapping, key)
    has_merge = False
    for pair in reversed(mapping.entries):
        name = pair[0]
        if type(name) is Alias:
            name = name.target
        if type(name) is Scalar:
            if name.text == "<<" and is_merge_key(name):
                has_merge = True
            elif name.text == key:
                return pair, has_merge
    return None, has_merge


def _indexed(mapping: Mapping, key: str) -> tuple[tuple[Node, Node] | None, bool]:
    """The same for a large mapping, of which thousands of keys may be asked for."""
    size = len(mapping.entries)
    if mapping.index is None or mapping.index[0] != size:
        found: dict[str, tuple[Node, Node]] = {}
        has_merge = False
        for pair in mapping.entries:
            name = pair[0]
            if type(name) is Alias:
                name = name.target
            if type(name) is Scalar:
                if is_merge_key(name):
                    has_merge = True
                else:
                    found[name.text] = pair
        mapping.index = size, found, has_merge
    return mapping.index[1].get(key), mapping.index[2]


def _with_merged(node: Node) -> Iterator[Mapping]:
    """The mapping, then the mappings it merges in order of precedence; each one once, at most `MERGE_BUDGET`."""
    node = deref(node)
    if type(node) is not Mapping:
        return
    yield node
    todo = _merged(node)
    if not todo:
        return
    todo.reverse()
    seen = {id(node)}
    while todo and len(seen) <= MERGE_BUDGET:
        source = todo.pop()
        # A mapping met before adds nothing: all its keys have been offered with higher precedence.
        if id(source) in seen:
            continue
        seen.add(id(source))
        yield source
        todo.extend(reversed(_merged(source)))


def _merged(mapping: Mapping) -> list[Mapping]:
    """Mappings named by the merge keys of a mapping; a later `<<` wins over an earlier one, as in go-yaml."""
    sources: list[Mapping] = []
    for key, value in reversed(mapping.entries):
        if type(key) is Scalar and key.text == "<<" and is_merge_key(key):
            target = deref(value)
            for item in target.items if type(target) is Sequence else [target]:
                source = deref(item)
                if type(source) is Mapping:
                    sources.append(source)
    return sources
