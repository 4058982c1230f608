"""Terraform's types: of values, of what is unknown or null, and the one type that several values are converted to.

Source of the rules: github.com/zclconf/go-cty, `cty/convert/unify.go` and `compare_types.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sovlint.model.source import Span
from sovlint.model.value import Known, SetValue, Unknown, Value


class Type:
    """A primitive type, `ANY` (the type of an untyped null, and of whatever a constraint calls `any`), or `UNSURE`."""

    __slots__ = ("_hash", "name")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._hash: int | None = None

    def _inner(self) -> object:
        """What it is made of, beside its name: together they are its identity."""
        return None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        return self.name == other.name and self._inner() == other._inner()

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.name, self._inner()))
        return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self._inner()!r})"

    def __str__(self) -> str:
        return self.name


STRING, NUMBER, BOOL = Type("string"), Type("number"), Type("bool")
ANY = Type("dynamic")
UNSURE = Type("unsure")
"""The type of something unknown of which not even the type is known, and of everything converted along with it."""

PRIMITIVES = frozenset({STRING, NUMBER, BOOL})


class Collection(Type):
    """`list`, `set` or `map` (in `name`) of elements of one type."""

    __slots__ = ("element",)

    def __init__(self, name: str, element: Type = ANY) -> None:
        super().__init__(name)
        self.element = element

    def _inner(self) -> object:
        return self.element

    @property
    def size(self) -> int:
        """How many types it is made of."""
        return size_of(self.element) + 1


class TupleType(Type):
    """A tuple: a type per element."""

    __slots__ = ("items", "size")

    def __init__(self, name: str, items: tuple[Type, ...] = (), size: int = 1) -> None:
        super().__init__(name)
        self.items = items
        self.size = size

    def _inner(self) -> object:
        return self.items


class ObjectType(Type):
    """An object: a type per attribute, sorted by name.

    Attributes:
        optional: in a type constraint: attributes that may be missing.
        defaults: in a type constraint: values for missing attributes.
    """

    __slots__ = ("attributes", "defaults", "optional", "size")

    def __init__(
        self,
        name: str,
        attributes: tuple[tuple[str, Type], ...] = (),
        optional: frozenset[str] = frozenset(),
        defaults: Mapping[str, Value] | None = None,
        size: int = 1,
    ) -> None:
        super().__init__(name)
        self.attributes = attributes
        self.optional = optional
        self.defaults: Mapping[str, Value] = {} if defaults is None else defaults
        self.size = size

    def _inner(self) -> object:
        return self.attributes


def list_of(element: Type) -> Collection:
    """`list(element)`."""
    return Collection("list", element)


def set_of(element: Type) -> Collection:
    """`set(element)`."""
    return Collection("set", element)


def map_of(element: Type) -> Collection:
    """`map(element)`."""
    return Collection("map", element)


MAX_SIZE = 20_000
"""Types inside one type; larger ones, which only doubling makes, are `UNSURE`."""


def size_of(kind: Type) -> int:
    """How many types a type is made of."""
    return kind.size if isinstance(kind, (Collection, TupleType, ObjectType)) else 1


def object_of(attributes: Mapping[str, Type]) -> ObjectType:
    """An object type."""
    return ObjectType("object", tuple(sorted(attributes.items())), size=1 + sum(map(size_of, attributes.values())))


def tuple_of(items: Iterable[Type]) -> TupleType:
    """A tuple type."""
    kinds = tuple(items)
    return TupleType("tuple", kinds, 1 + sum(map(size_of, kinds)))


class ListValue(tuple[Value, ...]):
    """A list; a plain tuple in `Known.value` is Terraform's tuple."""

    element: Type
    whole: bool | None = None
    fails: bool | None = None


class TypedSet(SetValue):
    """A set with its element type."""

    element: Type
    whole: bool | None = None
    fails: bool | None = None


class MapValue(dict[str, Value]):
    """A map; any other mapping in `Known.value` is an object."""

    element: Type
    whole: bool | None = None
    fails: bool | None = None


class TupleValue(tuple[Value, ...]):
    """A tuple that remembers its type once somebody asked for it."""

    kind: Type | None = None
    whole: bool | None = None
    fails: bool | None = None


class ObjectValue(dict[str, Value]):
    """An object that remembers its type once somebody asked for it."""

    kind: Type | None = None
    whole: bool | None = None
    fails: bool | None = None


COMPOSITES = (ListValue, TypedSet, MapValue, TupleValue, ObjectValue)
"""Composites that remember what was found out about them. They are never changed once they are a value."""


class Typed(tuple[Value, ...]):
    """`parts` of a null or unknown value whose type is known all the same."""

    kind: Type


class Encoded(Typed):
    """Empty `parts` of a text into which a function wrote data: for who reads the text as data again, or cannot."""

    data: Value


def encoded_parts(data: Value) -> Encoded:
    """Parts that carry the data behind a text."""
    out = Encoded()
    out.kind, out.data = STRING, data
    return out


def typed_parts(kind: Type, parts: Iterable[Value] = ()) -> Typed:
    """Parts that carry a type."""
    out = Typed(parts)
    out.kind = kind
    return out


class LazyObject(Mapping[str, Value]):
    """An object whose attributes are evaluated when asked for: a resource instance or a module's outputs.

    Iterating shows only what is written, so functions that need every key must treat it as unknown.
    """

    def attribute(self, name: str, span: Span) -> Value:
        """The attribute, `Unknown` where the provider computes it. `span` is the asking expression."""
        raise NotImplementedError


def make_list(items: Iterable[Value], element: Type) -> ListValue:
    """A list of elements of that type."""
    out = ListValue(items)
    out.element = element
    return out


def make_map(items: Mapping[str, Value], element: Type) -> MapValue:
    """A map of elements of that type."""
    out = MapValue(items)
    out.element = element
    return out


def type_of(value: Value) -> Type:
    """The type of a value; `UNSURE` where it cannot be told."""
    if type(value) is Unknown:
        parts = value.parts
        return parts.kind if isinstance(parts, Typed) else STRING if parts else UNSURE
    assert type(value) is Known
    inner = value.value
    if isinstance(inner, str):
        return STRING
    if isinstance(inner, bool):
        return BOOL
    if isinstance(inner, (int, Decimal)):
        return NUMBER
    if inner is None:
        return value.parts.kind if type(value.parts) is Typed else ANY
    return _composite(inner)


def _composite(inner: Sequence[Value] | Mapping[str, Value]) -> Type:
    if isinstance(inner, (ListValue, TypedSet, MapValue)):
        if inner.element is UNSURE:
            return UNSURE
        name = "list" if isinstance(inner, ListValue) else "set" if isinstance(inner, TypedSet) else "map"
        return Collection(name, inner.element)
    if isinstance(inner, LazyObject):
        return UNSURE
    if isinstance(inner, (TupleValue, ObjectValue)) and inner.kind is not None:
        return inner.kind
    kind: Type
    if isinstance(inner, Mapping):
        kind = object_of({key: type_of(item) for key, item in inner.items()})
    elif isinstance(inner, SetValue):
        kind = set_of(unify([type_of(item) for item in inner]) or UNSURE)
    else:
        kind = tuple_of(type_of(item) for item in inner)
    if size_of(kind) > MAX_SIZE:
        kind = UNSURE
    if isinstance(inner, (TupleValue, ObjectValue)):
        inner.kind = kind
    return kind


def has_any(kind: Type, wanted: Type = ANY) -> bool:
    """Whether a type is, or has inside, `ANY` (or `UNSURE`)."""
    if isinstance(kind, Collection):
        return has_any(kind.element, wanted)
    if isinstance(kind, TupleType):
        return any(has_any(item, wanted) for item in kind.items)
    if isinstance(kind, ObjectType):
        return any(has_any(item, wanted) for _, item in kind.attributes)
    return kind == wanted


def describe(kind: Type, indent: int = 0) -> str:
    """A type as `type()` prints it."""
    pad = "    " * (indent + 1)
    if isinstance(kind, Collection):
        inner = describe(kind.element, indent + 1)
        if "\n" in inner:
            return f"{kind.name}(\n{pad}{inner},\n{'    ' * indent})"
        return f"{kind.name}({inner})"
    if isinstance(kind, TupleType):
        if not kind.items:
            return "tuple([])"
        inside = "".join(f"{pad}{describe(item, indent + 1)},\n" for item in kind.items)
        return f"tuple([\n{inside}{'    ' * indent}])"
    if isinstance(kind, ObjectType):
        if not kind.attributes:
            return "object({})"
        inside = "".join(f"{pad}{name}: {describe(item, indent + 1)},\n" for name, item in kind.attributes)
        return f"object({{\n{inside}{'    ' * indent}}})"
    return kind.name


def convertible(have: Type, want: Type) -> bool:
    """Whether a value of one type may be converted to the other; whether it can be is up to the value."""
    if have == want or want in (ANY, UNSURE) or have in (ANY, UNSURE):
        return True
    if isinstance(want, Collection):
        if want.name == "map":
            if isinstance(have, ObjectType):
                return _all_fit([item for _, item in have.attributes], want.element)
            return isinstance(have, Collection) and have.name == "map" and convertible(have.element, want.element)
        if isinstance(have, TupleType):
            return _all_fit(have.items, want.element)
        return isinstance(have, Collection) and have.name != "map" and convertible(have.element, want.element)
    if isinstance(want, TupleType):
        return (
            isinstance(have, TupleType)
            and len(have.items) == len(want.items)
            and all(convertible(a, b) for a, b in zip(have.items, want.items, strict=True))
        )
    if isinstance(want, ObjectType):
        if isinstance(have, Collection) and have.name == "map":
            return all(convertible(have.element, item) for _, item in want.attributes)
        if not isinstance(have, ObjectType):
            return False
        mine = dict(have.attributes)
        return all(
            convertible(mine[name], item) if name in mine else name in want.optional for name, item in want.attributes
        )
    return want in PRIMITIVES and have in PRIMITIVES and STRING in (want, have)


def _all_fit(items: Sequence[Type], element: Type) -> bool:
    if element == ANY:
        return unify(items) is not None
    return all(convertible(item, element) for item in items)


def unify(types: Sequence[Type]) -> Type | None:
    """The one type that all can be converted to: of the branches of a conditional, of the elements of a list.

    Returns:
        `UNSURE` where one of them is; None where there is no such type.
    """
    kinds = list(dict.fromkeys(types))
    if len(kinds) == 1:
        return kinds[0]
    if not kinds:
        return ANY
    if UNSURE in kinds:
        # A string stays a string, whatever it is unified with.
        return UNSURE
    # An untyped null becomes whatever the others are.
    kinds = [kind for kind in kinds if kind != ANY] or [ANY]
    if len(kinds) == 1:
        return kinds[0]
    names = {kind.name for kind in kinds}
    if names <= {"map", "object"}:
        return _unify_mappings(kinds, names)
    if names in ({"list"}, {"set"}):
        element = unify([kind.element for kind in kinds if isinstance(kind, Collection)])
        return None if element is None else Collection(names.pop(), element)
    if names <= {"list", "tuple"}:
        return _unify_lists(kinds, names)
    if "object" in names and "tuple" in names:
        return None
    return _preferred(kinds)


def _unify_mappings(kinds: Sequence[Type], names: set[str]) -> Type | None:
    objects = [kind for kind in kinds if isinstance(kind, ObjectType)]
    if names == {"object"}:
        first = [name for name, _ in objects[0].attributes]
        if all([name for name, _ in other.attributes] == first for other in objects):
            out: dict[str, Type] = {}
            for i, name in enumerate(first):
                kind = unify([other.attributes[i][1] for other in objects])
                if kind is None:
                    return None
                out[name] = kind
            return object_of(out)
    inner = [item for other in objects for _, item in other.attributes]
    inner += [kind.element for kind in kinds if isinstance(kind, Collection)]
    element = unify(inner)
    return None if element is None else map_of(element)


def _unify_lists(kinds: Sequence[Type], names: set[str]) -> Type | None:
    tuples = [kind for kind in kinds if isinstance(kind, TupleType)]
    if names == {"tuple"} and len({len(kind.items) for kind in tuples}) == 1:
        out: list[Type] = []
        for i in range(len(tuples[0].items)):
            kind = unify([other.items[i] for other in tuples])
            if kind is None:
                return None
            out.append(kind)
        return tuple_of(out)
    inner = [item for other in tuples for item in other.items]
    inner += [kind.element for kind in kinds if isinstance(kind, Collection)]
    element = unify(inner)
    return None if element is None else list_of(element)


def _preferred(kinds: Sequence[Type]) -> Type | None:
    """The first of the types, in order of preference, that all others convert to."""
    order = {"set": 2, "list": 1, "map": 1, "tuple": 3, "object": 3}
    ranked = sorted(kinds, key=lambda kind: 0 if kind == STRING else order.get(kind.name, 1))
    for wanted in ranked:
        if all(convertible(kind, wanted) for kind in kinds):
            return wanted
    return None
