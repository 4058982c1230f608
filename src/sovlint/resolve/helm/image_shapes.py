"""The shapes in which values write images: names of keys, what a text has to look like, and what was found."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sovlint.model.lazy import pattern
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.yaml_attributes import Item

_IMAGE_KEY = pattern(r"(?:.*[a-z0-9])?Images?|(?:[\w.-]*[_-])?images?", re.ASCII)
BESIDE_REPOSITORY = (
    "registry",
    "imageRegistry",
    "tag",
    "digest",
    "pullPolicy",
    "imagePullPolicy",
    "pullSecrets",
    "sha",
    "sha256",
)
DIGEST = pattern(r"[A-Za-z][\w.+-]*:[0-9A-Fa-f]{32,}", re.ASCII)
# Below these keys `repository` is a place of source code or charts.
SOURCE_KEY = pattern(r"(?i)git|source|chart|helm|module")
_NO_IMAGE = pattern(r"(?i)://|^git@|^[./~]|\.(?:git|png|jpe?g|svg|gif|ico|webp|ya?ml|json)$|\s")


@dataclass(slots=True, eq=False)
class ImageSite:
    """One image in values.

    Attributes:
        path: way to the string or to the mapping that holds the parts.
        value: the reference as far as it is written; parts keep their own places.
        split: written in parts.
        named: the key says that it is an image; otherwise only the shape does.
        identity: what decides the registry and where that is written; equal in two environments means one finding.
        key: place of the key under which it stands.
        spans: places of the parts.
    """

    path: str
    value: Value
    split: bool
    named: bool
    identity: tuple[object, ...]
    key: Span
    spans: frozenset[tuple[str, int, int]]


class Composed(SourceFile):
    """A file with one text in it that a template has put together: its pieces, each at its own place.

    Attributes:
        pieces: texts and where they are written.
        whole: where they are put together.
    """

    __slots__ = ("pieces", "whole")

    def __init__(self, source: SourceFile, pieces: tuple[tuple[str, Span], ...], whole: Span) -> None:
        super().__init__(source.path, source.text)
        self.pieces = pieces
        self.whole = whole


REGISTRIES = ("registry", "imageRegistry")
KEYS = frozenset({"repository", "repo", "name", "image", *BESIDE_REPOSITORY})


def is_image_key(name: str) -> bool:
    """Whether a key says that an image stands under it."""
    return _IMAGE_KEY.fullmatch(name) is not None


def may_be_image(text: str) -> bool:
    """Whether a string is no URL, file name or sentence; template text in it is left out of account."""
    return _NO_IMAGE.search(text.partition("{{")[0].strip()) is None


def string_in(item: Item) -> str | None:
    """The text of a string; None for numbers, booleans, null and composites."""
    value = item.value()
    return value.value if value is not None and isinstance(value.value, str) else None


def join_parts(parts: list[Value], whole: Span, owner: str) -> Value:
    """The parts as one value; unknown where one of them is."""
    texts = [part.value for part in parts if type(part) is Known]
    if len(texts) == len(parts):
        return Known("".join(map(str, texts)), whole, owner=owner, parts=tuple(parts), heuristic=True)
    reason = next(part.reason for part in parts if type(part) is Unknown)
    return Unknown(reason, whole, owner=owner, parts=tuple(parts), heuristic=True)


def whole_site(item: Item, value: Value, text: str) -> ImageSite:
    """An image that is written as one text."""
    place = item.span.key
    return ImageSite(item.path, value, False, True, (text, place), item.key or item.span, frozenset({place}))


REPOSITORY_KEYS = ("imageRepository", "image_repository", "dockerRepository")
IMAGE_LINE = pattern(r"(?m)^[ \t]*+(?:-[ \t]++)?image:[ \t]++(?P<image>\"[^\"\n]*+\"|'[^'\n]*+'|[^\s#][^\s]*+)")
MAX_LINES = 200
