"""Images in Helm values, found by the shapes that charts use; values of an environment laid over the chart's own.

Charts write an image as one string (`image: docker.io/nginx:1.27`) or in parts (`registry`, `repository`, `tag`).
Whether a registry under `global` overrides that of an image in parts, or only stands in where none is written, is up to
the chart's templates (see `registry`); where they do not show it, both are possible, and both are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.parse.yaml import Scalar
from sovlint.resolve.helm.image_shapes import (
    BESIDE_REPOSITORY,
    DIGEST,
    IMAGE_LINE,
    KEYS,
    MAX_LINES,
    REGISTRIES,
    REPOSITORY_KEYS,
    SOURCE_KEY,
    Composed,
    ImageSite,
    is_image_key,
    join_parts,
    may_be_image,
    string_in,
    whole_site,
)
from sovlint.resolve.helm.registry import Order
from sovlint.resolve.yaml_attributes import Item, YamlAttributes

GLOBAL_REGISTRIES = (("global", "imageRegistry"), ("global", "image", "registry"))


class Scope(NamedTuple):
    """The values of one chart among those of a chart and the charts below it.

    Attributes:
        prefix: path of the key that holds them; empty for the chart itself.
        order: which registry wins in its templates; asked for when it matters.
        disabled: the value that switches it off, None if nothing does.
    """

    prefix: str
    order: Callable[[], Order]
    disabled: Step | None = None


class ValuesAttributes(YamlAttributes):
    """Attributes of one values file, by itself or over the chart's values; or of all layers of an environment.

    Args:
        item: the merged data.
        chart: name of the chart; addresses are `chart:key.path`.
        base: the values below this file; what they alone decide is not reported again.
        source: the file that is looked at.
        sources: all files that are looked at, where there are several.
        scopes: the chart and the charts below it; without them nobody knows which registry wins.

    `environments` are the values of all environments for which these hold, too, where others are laid over them.
    """

    __slots__ = (
        "_deciding",
        "_globals",
        "_prefixes",
        "_sites",
        "_spans",
        "_top",
        "_walked",
        "base",
        "chart",
        "environments",
        "scopes",
        "source",
    )

    def __init__(
        self,
        item: Item,
        chart: str,
        source: SourceFile,
        base: ValuesAttributes | None = None,
        sources: tuple[SourceFile, ...] = (),
        scopes: tuple[Scope, ...] = (),
    ) -> None:
        super().__init__(item, chart, heuristic=True)
        self.chart = chart
        self.base = base
        self.source = source
        self.scopes = scopes
        self.environments: tuple[ValuesAttributes, ...] = ()
        self._deciding = frozenset(id(one) for one in (source, *sources))
        self._sites: dict[tuple[str, int], ImageSite] | None = None
        self._spans: frozenset[tuple[str, int, int]] | None = None
        self._top: dict[str, Item] | None = None
        self._globals: dict[str, Item | None] = {}
        self._prefixes: dict[str, Scope] | None = None
        self._walked: list[tuple[str, Item]] | None = None

    def address(self, path: str) -> str:
        """Address of a place in the values."""
        return f"{self.chart}:{path}"

    def decides(self, item: Item) -> bool:
        """Whether this file says what stands at a place, and not the values below it."""
        return id(item.layers[0].source) in self._deciding

    def looks_at(self, source: SourceFile) -> bool:
        """Whether a file is among those that are looked at."""
        return id(source) in self._deciding

    def mappings(self) -> Iterator[Item]:
        """Mappings in which this file says something, merged with the values below it."""
        return (item for _, item in self.walk() if item.is_mapping and self.decides(item))

    def walk(self) -> list[tuple[str, Item]]:
        """All values with their keys, see `Item.walk`. They are kept until `forget`: every survey wants them."""
        if self._walked is None:
            self._walked = list(self.item.walk(self.limit, keep=True))
        return self._walked

    def forget(self) -> None:
        """Lets go of what `walk` keeps: large values of many environments need not be in memory at once."""
        self._walked = self._top = self.item.kept = None

    def images(self) -> list[ImageSite]:
        """Images that this file decides, alone or together with the values below it; in source order."""
        below: dict[str, list[ImageSite]] = {}
        for site in self.base.sites() if self.base is not None else ():
            below.setdefault(site.path, []).append(site)
        return [s for s in self.sites() if all(other.identity != s.identity for other in below.get(s.path, ()))]

    def sites(self) -> list[ImageSite]:
        """All images of the merged values; two for a path where nobody knows which registry wins."""
        if self._sites is None:
            self._sites = {}
            for site in self._find():
                number = int((site.path, 0) in self._sites)
                self._sites[site.path, number] = site
        return list(self._sites.values())

    def image_spans(self) -> frozenset[tuple[str, int, int]]:
        """Places of the parts of all images."""
        if self._spans is None:
            before = self._walked
            self._spans = frozenset(span for site in self.sites() for span in site.spans)
            if before is None:
                self.forget()
        return self._spans

    def at_top(self, key: str) -> Item | None:
        """What stands under a key at the top; templates ask for thousands of them."""
        if self._top is None:
            self._top = dict(self.item.children())
        return self._top.get(key)

    def _find(self) -> Iterator[ImageSite]:
        split = False
        done: set[int] = set()
        for name, item in self.walk():
            if item.is_mapping:
                yield from self._other_shapes(name, item, done)
                for site in self._split_sites(name, item, done):
                    split = True
                    yield site
            elif is_image_key(name) and id(item.node) not in done:
                whole = self._whole_site(name, item)
                if whole is not None:
                    yield whole
            elif type(item.node) is Scalar and item.node.style == "|" and "image:" in item.node.text:
                yield from self._within(item)
        registry = self._global_registry(self.scope_at(""))
        if registry is not None and not split:
            # An umbrella chart: the registry is handed to the charts it depends on.
            yield self._composed(registry, registry, None, {}, named=True)

    def scope_at(self, path: str) -> Scope:
        """The chart whose values stand at a path."""
        if self._prefixes is None:
            self._prefixes = {scope.prefix: scope for scope in self.scopes}
        found = self._prefixes.get("", _ANYBODY)
        if len(self._prefixes) > 1:
            for end in (*_separators(path), len(path)):
                found = self._prefixes.get(path[:end], found)
        return found

    def _global_registry(self, scope: Scope) -> Item | None:
        """The registry under `global`, which a chart hands to those below it; theirs counts where it has none."""
        # Asked for every image; the top of large values has thousands of keys.
        if scope.prefix not in self._globals:
            self._globals[scope.prefix] = self._find_global(scope)
        return self._globals[scope.prefix]

    def _find_global(self, scope: Scope) -> Item | None:
        tops = [self.item]
        if scope.prefix:
            tops += [item for name, item in self.item.children() if item.path == scope.prefix]
        for top in tops:
            for way in GLOBAL_REGISTRIES:
                item: Item | None = top
                for key in way:
                    item = item.child(key) if item is not None else None
                if item is not None and item.text():
                    return item
        return None

    def _whole_site(self, name: str, item: Item) -> ImageSite | None:
        text = string_in(item)
        if text is None or not may_be_image(text):
            return None
        # `backgroundImage: header` is no container; a bare word counts only where the key is `image` itself.
        if name != "image" and not any(mark in text for mark in "/:@"):
            return None
        value = self._leaf(item, text, self.address(item.path), item.span)
        return ImageSite(
            item.path, value, False, True, (text, item.span.key), item.key or item.span, frozenset({item.span.key})
        )

    def _other_shapes(self, name: str, item: Item, done: set[int]) -> Iterator[ImageSite]:
        """Images by name below `images`, `imageRepository` beside `imageTag`, `hub` beside `tag` (Istio's)."""
        if name == "images":
            for _, child in item.children():
                text = string_in(child)
                if text is not None and "/" in text and id(child.node) not in done and may_be_image(text):
                    done.add(id(child.node))
                    value = self._leaf(child, text, self.address(child.path), child.span)
                    yield whole_site(child, value, text)
        hub, tag = item.child("hub"), item.child("tag")
        text = string_in(hub) if hub is not None else None
        if hub is not None and tag is not None and text and "." in text.partition("/")[0] and may_be_image(text):
            unknown = Unknown("the name is not written in these values", hub.span, heuristic=True)
            host = self._leaf(hub, text, self.address(hub.path), hub.span)
            parts = [host, Known("/", hub.span, heuristic=True), unknown]
            place = hub.span.key
            value = join_parts(parts, hub.span, self.address(hub.path))
            yield ImageSite(hub.path, value, True, True, (text, place), hub.key or hub.span, frozenset({place}))
        for key in REPOSITORY_KEYS:
            flat = item.child(key)
            text = string_in(flat) if flat is not None else None
            if flat is not None and text and may_be_image(text) and item.child("imageRegistry") is None:
                yield whole_site(flat, self._leaf(flat, text, self.address(flat.path), flat.span), text)

    def _within(self, item: Item) -> Iterator[ImageSite]:
        """Images in a text that the chart renders (`extraContainers: |`), line by line."""
        source = item.span.file
        # A text of an alias stands somewhere else, and so does that of a flag.
        for number, match in enumerate(IMAGE_LINE.finditer(source.text, item.span.start, item.span.end)):
            if number >= MAX_LINES:
                break
            text = match["image"].strip("\"'")
            if not may_be_image(text) or text.startswith("{{"):
                continue
            span = Span(source, *match.span("image"))
            owner = self.address(item.path)
            at = text.find("{{")
            value: Value = Known(text, span, item.layers[0].via, owner=owner, heuristic=True)
            if at > 0:
                known = Known(text[:at], span, item.layers[0].via, owner=owner, heuristic=True)
                rest = Unknown("the chart renders this text", span, heuristic=True)
                value = Unknown(rest.reason, span, owner=owner, parts=(known, rest), heuristic=True)
            path = f"{item.path}[{number}].image"
            yield ImageSite(path, value, False, True, (text, span.key), item.key or span, frozenset({span.key}))

    def _split_sites(self, name: str, item: Item, done: set[int]) -> Iterator[ImageSite]:
        image_key = is_image_key(name)
        found = {key: child for key, child in item.children() if key in KEYS}
        own = next((found[key] for key in REGISTRIES if key in found), None)
        if own is not None and not string_in(own):
            own = None
        if not image_key and SOURCE_KEY.search(name):
            return
        repository = self._repository(found, image_key=image_key)
        if repository is not None:
            done.add(id(repository.node))
        elif not image_key or own is None or item.path.startswith("global."):
            return
        for registry in self._registries(item, own):
            yield self._composed(item, registry, repository, found, named=image_key, rival=own)

    def _registries(self, item: Item, own: Item | None) -> list[Item | None]:
        """The registry of an image in parts; two where nobody knows which one wins."""
        scope = self.scope_at(item.path)
        top = self._global_registry(scope)
        if top is None:
            return [own]
        order = scope.order()
        if order == "none":
            return [own]
        if own is None or order == "global":
            return [top]
        return [own] if order == "own" else [top, own]

    def _repository(self, found: dict[str, Item], *, image_key: bool) -> Item | None:
        """The part that names the repository, if the mapping is an image at all."""
        beside = any(key in found for key in BESIDE_REPOSITORY)
        for key, applies in (
            ("repository", image_key or beside),
            ("repo", image_key),
            ("name", image_key and beside),
            ("image", "registry" in found or "imageRegistry" in found),
        ):
            item = found.get(key)
            if applies and item is not None and (text := string_in(item)) and may_be_image(text.lstrip("/ ")):
                return item
        return None

    def _composed(
        self,
        item: Item,
        registry: Item | None,
        repository: Item | None,
        found: dict[str, Item],
        *,
        named: bool,
        rival: Item | None = None,
    ) -> ImageSite:
        owner, whole = self.address(item.path), item.span
        parts: list[Value] = []
        host = (string_in(registry) or "").strip().rstrip("/") if registry is not None else ""
        if registry is not None and host:
            handed = registry is not item and all(registry is not child for child in found.values())
            via = self._decision(item, registry, rival, handed=handed)
            parts.append(self._leaf(registry, host, self.address(registry.path) if handed else owner, whole, via))
            parts.append(Known("/", whole, heuristic=True))
        name = ""
        if repository is not None:
            name = (string_in(repository) or "").strip().lstrip("/")
            parts.append(self._leaf(repository, name, owner, whole))
            parts.extend(self._version(found, whole, owner, name))
        else:
            parts.append(Unknown("the repository is not written in these values", whole, heuristic=True))
        written = [part.span.key for part in (registry, repository) if part is not None]
        spans = frozenset(child.span.key for child in (*found.values(), *filter(None, (registry,))))
        return ImageSite(
            item.path, join_parts(parts, whole, owner), True, named, (host, name, *written), item.key or whole, spans
        )

    def _decision(self, item: Item, registry: Item, rival: Item | None, *, handed: bool) -> tuple[Step, ...]:
        """Why this registry applies, at the key of the image; empty where there is no other."""
        place = item.key or item.span
        if handed:
            text = f"{item.path} takes its registry from {registry.path}"
            if rival is not None and self.scope_at(item.path).order() == "either":
                text += f", unless the chart prefers its own ({rival.text()})"
            return (Step(place, item.path, text),)
        top = self._global_registry(self.scope_at(item.path)) if registry is not item else None
        if top is not None and self.scope_at(item.path).order() == "either":
            text = f"{item.path} keeps its own registry, unless the chart prefers {top.path} ({top.text()})"
            return (Step(place, item.path, text),)
        return ()

    def _version(self, found: dict[str, Item], whole: Span, owner: str, name: str) -> Iterator[Value]:
        digest, tag = found.get("digest"), found.get("tag")
        if "@" in name or ":" in name.rpartition("/")[2]:
            return
        if digest is not None and (text := digest.text()) and DIGEST.fullmatch(text):
            yield Known("@", whole, heuristic=True)
            yield self._leaf(digest, text, owner, whole)
        elif tag is not None and (text := tag.text()):
            yield Known(":", whole, heuristic=True)
            yield self._leaf(tag, text, owner, whole)

    def _leaf(self, item: Item, text: str, owner: str, whole: Span, via: tuple[Step, ...] = ()) -> Value:
        """A part as it is written; text with `{{ }}` is rendered by the chart and known only up to there."""
        if not via and not self.looks_at(item.span.file) and item.span.file is not whole.file:
            name = whole.file.path.rpartition("/")[2]
            via = (Step(whole, owner, f"{item.path} also holds for {name}, which changes other parts of the image"),)
        via = (*item.layers[0].via, *via)
        at = text.find("{{")
        if type(item.span.file) is Composed and at < 0:
            file = item.span.file
            pieces = tuple(Known(piece, span, via, owner=owner, heuristic=True) for piece, span in file.pieces)
            return Known(text, file.whole, owner=owner, parts=pieces, heuristic=True)
        if at < 0:
            return Known(text, item.span, via, owner=owner, heuristic=True)
        unknown = Unknown("the chart renders this text", item.span, via, owner=owner, heuristic=True)
        if at == 0:
            return unknown
        parts = (Known(text[:at], item.span, via, owner=owner, heuristic=True), unknown)
        return Unknown(unknown.reason, item.span, via, owner=owner, parts=parts, heuristic=True)


def _separators(path: str) -> list[int]:
    return [at for at, character in enumerate(path) if character in ".["]


def _nobody_knows() -> Order:
    return "either"


_ANYBODY = Scope("", _nobody_knows)
