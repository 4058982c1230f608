"""Where a module call leads: a folder in the tree, a module that `terraform init` downloaded, or out of the tree.

What stands inside a downloaded module nobody edits: findings point at the call, with the inner place on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from sovlint.discovery import Tree, TreeError, join
from sovlint.model.resource import Attributes, Route
from sovlint.model.source import Span
from sovlint.model.value import Known, SetValue, Step, Unknown, Value
from sovlint.parse.hcl import nodes as n

if TYPE_CHECKING:
    from sovlint.resolve.terraform.attributes import BlockAttributes
    from sovlint.resolve.terraform.folder import Declared
    from sovlint.resolve.terraform.module import Module

MANIFEST = ".terraform/modules/modules.json"
"""What `terraform init` writes about the modules it fetched, relative to the root module."""

MAX_DEPTH = 40
"""Modules inside modules; deeper ones are a cycle or a mistake."""


class Download(NamedTuple):
    """One entry of `modules.json`.

    Attributes:
        source: where it came from, as Terraform normalised it.
        folder: where it lies in the tree.
    """

    source: str
    folder: str


class Target(NamedTuple):
    """Where a module call leads.

    Attributes:
        folder: folder in the tree; None if the module cannot be read.
        downloaded: whether `terraform init` put it there.
        code: why there is no folder: `remote`, `missing-module`, `outside-tree`, `module-cycle`, `too-many-modules`.
        reason: the same for a person.
    """

    folder: str | None
    downloaded: bool = False
    code: str = ""
    reason: str = ""


def is_downloaded(path: str) -> bool:
    """Whether a path in the tree lies among the modules that Terraform downloaded."""
    return ".terraform/modules/" in path and f"/{path}".find("/.terraform/modules/") >= 0


def read_manifest(tree: Tree, root: str) -> dict[str, Download]:
    """The downloaded modules of a root module by key (`vpc`, `vpc.subnets`); empty if there are none."""
    path = f"{root}/{MANIFEST}" if root else MANIFEST
    try:
        data = json.loads(tree.read(path))
        entries = data["Modules"]
        found = [(e["Key"], e["Source"], e["Dir"]) for e in entries if e["Key"]]
    except (TreeError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    out: dict[str, Download] = {}
    for key, source, folder in found:
        if isinstance(key, str) and isinstance(source, str) and isinstance(folder, str):
            inside = join(root, folder)
            if inside is not None:
                out[key] = Download(source, inside)
    return out


def source_text(declared: Declared) -> str | None:
    """The literal `source` of a module call."""
    found = declared.attribute("source")
    if found is None:
        return None
    expression = found[1].expression
    return expression.value if type(expression) is n.String else None


def source_value(attributes: BlockAttributes) -> str | None:
    """The `source` of a call; OpenTofu lets it depend on variables and locals."""
    text = source_text(attributes.declared)
    if text is None:
        value = attributes.value("source")
        if type(value) is Known and isinstance(value.value, str):
            text = value.value
    return text


def is_local(source: str) -> bool:
    """Whether a module source is a relative path."""
    return source.startswith(("./", "../")) or source in (".", "..")


def locate(module: Module, attributes: BlockAttributes, name: str) -> Target:
    """Where the call `module.<name>` of a module leads."""
    source = source_value(attributes)
    if source is None:
        return Target(None, code="remote", reason="its source is not known")
    tree = module.tree
    if is_local(source):
        folder, downloaded = join(module.folder.path, source), module.downloaded
        if folder is None:
            return Target(None, code="outside-tree", reason=f"{source} leads out of the tree")
    else:
        entry = module.manifest().get(f"{module.key}.{name}" if module.key else name)
        if entry is None or not _same_source(source, entry.source):
            return Target(None, code="remote", reason=f"{source} is not in the tree")
        folder, downloaded = entry.folder, True
    if folder not in module.cache and not tree.is_folder(folder):
        try:
            tree.list(folder)
        except TreeError as error:
            if error.code == "outside-tree":
                return Target(None, code="outside-tree", reason=f"{source} leads out of the tree")
        return Target(None, code="missing-module", reason=f"there is no folder {folder or '.'}")
    if module.depth >= MAX_DEPTH:
        return Target(None, code="module-cycle", reason=f"modules are nested more than {MAX_DEPTH} deep")
    if _calls_itself(module, folder):
        return Target(None, code="module-cycle", reason=f"{folder or '.'} calls itself")
    if not module.root.budget.take_module():
        return Target(None, code="too-many-modules", reason="more module instances than are looked at")
    return Target(folder, downloaded)


def _calls_itself(module: Module, path: str) -> bool:
    current: Module | None = module
    while current is not None:
        if current.folder.path == path:
            return True
        current = current.parent
    return False


def _same_source(written: str, recorded: str) -> bool:
    """Whether a record belongs to the source as written; Terraform adds a registry, a scheme, a suffix."""
    written, _, query = written.partition("?")
    recorded, _, recorded_query = recorded.partition("?")
    if query != recorded_query:
        return False
    if recorded == written or recorded.endswith("/" + written):
        return True
    if "::" not in recorded and "://" not in recorded:
        return False  # From a registry, and another one than written.
    return _repository(written) == _repository(recorded)


def _repository(source: str) -> str:
    """Last part of a repository's address with the folder in it: what every spelling of it keeps."""
    source = source.rpartition("::")[2]
    base, _, folder = source.partition("://")[2].partition("//") if "://" in source else source.partition("//")
    return f"{base.replace(':', '/').rstrip('/').rpartition('/')[2].removesuffix('.git')}//{folder}".lower()


class AtCall:
    """Contents of something inside a downloaded module, with every cause at the call that brought it.

    Args:
        inner: the contents as they are.
        call: the place of the call in a file that a person edits.
        address: what the contents belong to.
    """

    __slots__ = ("address", "call", "inner")

    def __init__(self, inner: Attributes, call: Span, address: str) -> None:
        self.inner = inner
        self.call = call
        self.address = address

    def select(self, route: Route) -> Iterator[tuple[str, Value]]:
        """See `Attributes.select`."""
        for path, value in self.inner.select(route):
            yield path, at_call(value, self.call, f"{self.address}.{path}")

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        return self.call if self.inner.key_span(route) is not None else None

    def names(self) -> Iterable[str]:
        """See `Attributes.names`."""
        return self.inner.names()

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`."""
        return self.inner.references()


def at_call(value: Value, call: Span, slot: str, depth: int = 0) -> Value:
    """A value whose cause, if it lies in a downloaded file, is the call; the inner place starts the way."""
    if depth > 20:
        return value
    span, via, owner = value.span, value.via, value.owner
    inside = is_downloaded(span.file.path)
    if inside:
        via = (Step(span, owner or slot), *via)
        span = call
    # Outputs and resources as objects (mappings other than `dict`) are lazy: who enters them comes past here again.
    parts = tuple(at_call(part, call, slot, depth + 1) for part in value.parts)
    if type(value) is Known:
        plain = value.value
        if isinstance(plain, SetValue):
            plain = SetValue(at_call(item, call, slot, depth + 1) for item in plain)
        elif isinstance(plain, tuple):
            plain = tuple(at_call(item, call, slot, depth + 1) for item in plain)
        elif type(plain) is dict:
            plain = {key: at_call(item, call, slot, depth + 1) for key, item in plain.items()}
        elif not inside and not parts:
            return value
        return Known(plain, span, via, value.refs, owner, parts, value.heuristic, value.sensitive)
    assert type(value) is Unknown
    candidates = tuple(at_call(item, call, slot, depth + 1) for item in value.candidates)
    return Unknown(
        value.reason,
        span,
        via,
        value.refs,
        owner,
        parts,
        value.inputs,
        candidates,
        value.heuristic,
        value.sensitive,
        value.failed,
    )
