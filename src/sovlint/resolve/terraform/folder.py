"""A module's folder as Terraform reads it: files merged, overrides applied. Syntax only; shared by all callers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from sovlint.discovery import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.parse.decode import decode
from sovlint.parse.hcl import nodes as n
from sovlint.parse.hcl import parse_file
from sovlint.parse.hcl.nodes import Attribute, Block, Body

CACHED_TEXT = 4_000_000
"""Characters of the parsed folders kept at a time, each of which takes some 20 bytes. Shared modules are called from
many roots, but a million lines must not stay in memory."""


class Declared:
    """A block with the file it stands in, and the blocks of override files that change it.

    Attributes:
        overrides: later ones win; each replaces single arguments, and nested blocks by type.
        override: whether the block itself stands in an override file.
    """

    __slots__ = ("_blocks", "_merged", "_names", "block", "override", "overrides", "source")

    def __init__(
        self,
        source: SourceFile,
        block: Block,
        overrides: list[Declared] | None = None,
        override: bool = False,
    ) -> None:
        self.source = source
        self.block = block
        self.overrides: list[Declared] = [] if overrides is None else overrides
        self.override = override
        # What is asked of every instance of a block is found out once: nested blocks by type, and all names.
        self._blocks: dict[str, list[tuple[SourceFile, Block]]] = {}
        self._names: list[str] = []
        self._merged = -1

    @property
    def label_span(self) -> Span:
        """The last label's place (a resource's name, a variable's name), else the block type's."""
        if self.block.label_spans:
            return Span(self.source, *self.block.label_spans[-1])
        return self.keyword_span

    @property
    def type_span(self) -> Span:
        """The first label's place (a resource's type, a provider's name), else the block type's."""
        if self.block.label_spans:
            return Span(self.source, *self.block.label_spans[0])
        return self.keyword_span

    @property
    def keyword_span(self) -> Span:
        """The block type's place."""
        return Span(self.source, self.block.start, self.block.start + len(self.block.type))

    def attribute(self, name: str) -> tuple[SourceFile, Attribute] | None:
        """An attribute of the block's body with the file it stands in."""
        for override in reversed(self.overrides) if self.overrides else ():
            found = override.block.body.attributes.get(name)
            if found is not None:
                return override.source, found
        found = self.block.body.attributes.get(name)
        return None if found is None else (self.source, found)

    def blocks(self, kind: str) -> Sequence[tuple[SourceFile, Block]]:
        """Nested blocks of a type, `dynamic` ones included, with the file they stand in."""
        if self._merged != len(self.overrides):
            self._look()
        return self._blocks.get(kind, ())

    def names(self) -> Sequence[str]:
        """Names of all arguments and nested block types."""
        if self._merged != len(self.overrides):
            self._look()
        return self._names

    def has(self, name: str) -> bool:
        """Whether an argument or nested block of that name is written."""
        if name in self.block.body.attributes:
            return True
        if self._merged != len(self.overrides):
            self._look()
        return name in self._blocks or (bool(self.overrides) and self.attribute(name) is not None)

    def _look(self) -> None:
        self._merged = len(self.overrides)
        names: dict[str, None] = {}
        for item in (self, *self.overrides):
            names.update(dict.fromkeys(item.block.body.attributes))
            for block in item.block.body.blocks:
                names[block.labels[0] if block.type == "dynamic" and block.labels else block.type] = None
        self._names = list(names)
        self._blocks = {}
        for item in (*reversed(self.overrides), self):
            own: dict[str, list[tuple[SourceFile, Block]]] = {}
            for block in item.block.body.blocks:
                own.setdefault(block.type, []).append((item.source, block))
                if block.type == "dynamic" and block.labels[:1] not in ([], ["dynamic"]):
                    own.setdefault(block.labels[0], []).append((item.source, block))
            for kind, found in own.items():
                self._blocks.setdefault(kind, found)


class ModuleFolder:
    """What the `.tf` files of one folder declare. Addresses are keys; later files of the same name override.

    Attributes:
        resources: managed resources by (type, name); `data` and `ephemeral` likewise.
        providers: provider blocks by (local name, alias).
        settings: `terraform` blocks; those of override files come last.
        required: local provider name → (source, the place of the entry).
        sources: every file read, for waivers.
        incomplete: why some of its declarations may be missing; empty if all files could be read.
    """

    __slots__ = (
        "data",
        "ephemeral",
        "incomplete",
        "locals",
        "modules",
        "outputs",
        "path",
        "problems",
        "providers",
        "required",
        "resources",
        "settings",
        "sources",
        "variables",
    )

    def __init__(self, path: str) -> None:
        self.path = path
        self.variables: dict[str, Declared] = {}
        self.locals: dict[str, tuple[SourceFile, Attribute]] = {}
        self.outputs: dict[str, Declared] = {}
        self.providers: dict[tuple[str, str], Declared] = {}
        self.resources: dict[tuple[str, str], Declared] = {}
        self.data: dict[tuple[str, str], Declared] = {}
        self.ephemeral: dict[tuple[str, str], Declared] = {}
        self.modules: dict[str, Declared] = {}
        self.settings: list[Declared] = []
        self.required: dict[str, tuple[str, Span]] = {}
        self.sources: list[SourceFile] = []
        self.problems: list[Problem] = []
        self.incomplete = ""


class FolderCache:
    """Reads module folders and remembers the most recently used ones."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._folders: OrderedDict[str, ModuleFolder] = OrderedDict()
        self._text = 0

    def __contains__(self, path: str) -> bool:
        return path in self._folders

    def read(self, path: str, *, keep: bool = True) -> ModuleFolder:
        """The folder's declarations; a folder that cannot be read has none and a problem.

        Args:
            path: the folder.
            keep: whether it is likely to be read again: a root module is called by nobody.
        """
        found = self._folders.get(path)
        if found is not None:
            self._folders.move_to_end(path)
            return found
        found = read_folder(self.tree, path)
        if keep:
            self._folders[path] = found
            self._text += _length(found)
            while self._text > CACHED_TEXT and len(self._folders) > 1:
                self._text -= _length(self._folders.popitem(last=False)[1])
        return found


def _length(folder: ModuleFolder) -> int:
    return sum(len(source.text) for source in folder.sources)


def terraform_files(tree: Tree, folder: str) -> list[str]:
    """Names of the configuration files of a folder in the order Terraform merges them: overrides last."""
    names = [e.name for e in tree.list(folder) if not e.folder and not e.name.startswith(".")]
    names = [x for x in names if x.endswith((".tf", ".tofu", ".tf.json", ".tofu.json"))]
    # OpenTofu: `main.tofu` takes the place of `main.tf`, in either syntax.
    present = set(names)
    names = [x for x in names if _tofu_name(x) not in present]
    return sorted(names, key=lambda x: (is_override(x), x))


def _tofu_name(name: str) -> str:
    for old, new in ((".tf.json", ".tofu.json"), (".tf", ".tofu")):
        if name.endswith(old):
            return name.removesuffix(old) + new
    return ""


def is_override(name: str) -> bool:
    """Whether a file of this name overrides what the others declare."""
    stem = name.removesuffix(".json").rpartition(".")[0]
    return stem == "override" or stem.endswith("_override")


def read_folder(tree: Tree, path: str) -> ModuleFolder:
    """Reads and merges the files of a folder."""
    out = ModuleFolder(path)
    try:
        names = terraform_files(tree, path)
    except TreeError as error:
        out.problems.append(Problem(whole_file(path or "."), error.code, error.message))
        out.incomplete = f"the folder cannot be read ({error.code})"
        return out
    for name in names:
        read_file(out, tree, f"{path}/{name}" if path else name)
    return out


def read_file(out: ModuleFolder, tree: Tree, file_path: str) -> None:
    """Reads one file into a folder; overrides must come last."""
    try:
        data = tree.read(file_path)
    except TreeError as error:
        level = "warning" if error.code in ("too-large", "outside-tree") else "error"
        out.problems.append(
            Problem(whole_file(file_path), error.code, error.message.removeprefix(f"{file_path}: "), level)  # type: ignore[arg-type]
        )
        out.incomplete = f"{file_path} cannot be read ({error.code})"
        return
    source, problems = decode(file_path, data)
    out.problems.extend(problems)
    if source is None:
        out.incomplete = f"{file_path} is not text"
        return
    if file_path.endswith(".json"):
        from sovlint.parse.tfjson import parse_tfjson

        parsed = parse_tfjson(source)
    else:
        parsed = parse_file(source)
    out.problems.extend(parsed.problems)
    if parsed.problems:
        out.incomplete = f"{file_path} has a syntax error"
    out.sources.append(source)
    declare(out, source, parsed.body, file_path.rpartition("/")[2])


def declare(out: ModuleFolder, source: SourceFile, body: Body, name: str) -> None:
    """Adds what a file of this name declares; overrides must come last."""
    _declare(out, source, body, override=is_override(name))


def _declare(out: ModuleFolder, source: SourceFile, body: Body, *, override: bool) -> None:
    tables: dict[str, dict[Any, Declared]] = {
        "resource": out.resources,
        "data": out.data,
        "ephemeral": out.ephemeral,
        "variable": out.variables,
        "output": out.outputs,
        "module": out.modules,
    }
    for block in body.blocks:
        labels = block.labels
        item = Declared(source, block, override=override)
        kind = block.type
        table = tables.get(kind)
        if table is not None:
            if kind in ("resource", "data", "ephemeral"):
                if len(labels) >= 2:
                    _add(table, (labels[0], labels[1]), item, override)
            elif labels:
                _add(table, labels[0], item, override)
        elif kind == "provider" and labels:
            alias = block.body.attributes.get("alias")
            name = getattr(alias.expression, "value", "") if alias else ""
            _add(out.providers, (labels[0], name if isinstance(name, str) else ""), item, override)
        elif kind == "locals":
            for name, attribute in block.body.attributes.items():
                if override or name not in out.locals:
                    out.locals[name] = (source, attribute)
        elif kind == "terraform":
            out.settings.append(item)
            _required(out, item, override)
        elif kind == "check":
            # A data source that only an assertion uses is read all the same.
            for inner in block.body.blocks:
                if inner.type == "data" and len(inner.labels) >= 2:
                    _add(out.data, (inner.labels[0], inner.labels[1]), Declared(source, inner), override)


def _add(table: dict[Any, Declared], key: Any, item: Declared, override: bool) -> None:
    old = table.get(key)
    if old is None:
        table[key] = item
    elif override and old.source is not item.source:
        old.overrides.append(item)


def _required(out: ModuleFolder, item: Declared, override: bool) -> None:
    """Entries of `required_providers`; those of override files replace whole entries of the same name."""
    for block in item.block.body.blocks:
        if block.type != "required_providers":
            continue
        for name, attribute in block.body.attributes.items():
            source = ""
            expression = attribute.expression
            if type(expression) is n.Object:
                for key, value in expression.items:
                    if getattr(key, "name", getattr(key, "value", "")) == "source" and type(value) is n.String:
                        source = value.value
            entry = (source, Span(item.source, attribute.start, attribute.start + len(name)))
            if override:
                out.required[name] = entry
            else:
                out.required.setdefault(name, entry)
