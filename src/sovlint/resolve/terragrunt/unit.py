"""From a `terragrunt.hcl` to resources: the module it leads to, with inputs, generated files and remote state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sovlint.discovery import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource, Route
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.attributes import walk
from sovlint.resolve.terraform.context import Slot
from sovlint.resolve.terraform.folder import (
    FolderCache,
    ModuleFolder,
    declare,
    is_override,
    read_file,
    terraform_files,
)
from sovlint.resolve.terraform.inputs import Collected, Given
from sovlint.resolve.terraform.load import NO_LITERAL, LoadedRoot, load_module
from sovlint.resolve.terraform.module import Module
from sovlint.resolve.terraform.values import to_text
from sovlint.resolve.terragrunt.config import Arguments, Config, Table, table_of, texts_of, value_of
from sovlint.resolve.terragrunt.generated import VALUE, Generated, generated_file
from sovlint.resolve.terragrunt.inputs import UnitInputs
from sovlint.resolve.terragrunt.paths import folder_of, resolve
from sovlint.resolve.terragrunt.scope import UNIT_FILE, FileCache, Scope, Session

_TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json")
_VALUES = (".tfvars", ".tfvars.json")


@dataclass(slots=True)
class LoadedUnit:
    """A unit, or a `terragrunt.hcl` that is none.

    Attributes:
        root: what it declares; None if there is nothing to evaluate (a file that others include, a unit to be skipped).
        used: folders of Terraform files that are evaluated as part of it, and so are no root modules.
        comments: places of comments in generated files.
        problems: what could not be read.
        sources: Terragrunt files read, by path.
    """

    root: LoadedRoot | None = None
    used: set[str] = field(default_factory=set)
    comments: list[Span] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, SourceFile] = field(default_factory=dict)


def unit_folders(tree: Tree, paths: Iterable[str]) -> list[str]:
    """Folders of the `terragrunt.hcl` among the paths, sorted.

    Another `.hcl` that was named stands for the units below its folder: it is context of theirs.
    """
    out: set[str] = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name == UNIT_FILE:
            out.add(folder)
        elif name.endswith(".hcl"):
            out.update(_units_below(tree, folder))
    return sorted(out)


def _units_below(tree: Tree, top: str) -> Iterator[str]:
    stack = [top]
    while stack:
        folder = stack.pop()
        try:
            entries = tree.list(folder)
        except TreeError:
            continue
        for entry in entries:
            if entry.folder and not entry.link and not entry.name.startswith("."):
                stack.append(f"{folder}/{entry.name}" if folder else entry.name)
            elif entry.name == UNIT_FILE:
                yield folder


class UnitModule(Module):
    """The root module of a unit; its generated files refer to values from outside."""

    given: Mapping[str, Value]

    def reference(self, root: str, steps: n.Steps, span: Span) -> tuple[Value, int]:
        """See `Module.reference`."""
        if root.startswith(VALUE) and root in self.given:
            return self.given[root], 0
        return super().reference(root, steps, span)


class EntryAttributes:
    """Inputs or backend arguments as the contents of a resource; implements `Attributes`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def select(self, route: Route) -> Iterator[tuple[str, Value]]:
        """See `Attributes.select`."""
        entry = self._table.entries.get(route[0])
        if entry is not None:
            yield from walk(value_of(entry), route, 1, route[0])
        elif self._table.rest is not None:
            yield ".".join(route), self._table.rest

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        return self._table.keys.get(route[0])

    def names(self) -> list[str]:
        """See `Attributes.names`."""
        return list(self._table.entries)

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`."""
        for name, entry in self._table.entries.items():
            for address, path in value_of(entry).refs:
                yield name, address, path


class Units:
    """Loads units; remembers the files that they share."""

    def __init__(self, cache: FolderCache) -> None:
        self.cache = cache
        self._files = FileCache(cache.tree)

    def load(self, folder: str, given: Given) -> LoadedUnit:
        """What the `terragrunt.hcl` in a folder makes.

        Args:
            folder: its folder in the tree.
            given: what the caller gives to every root module.
        """
        session = Session(self._files, self.cache, folder)
        path = f"{folder}/{UNIT_FILE}" if folder else UNIT_FILE
        out = LoadedUnit()
        scope = session.scope(path, path)
        if isinstance(scope, str):
            out.problems.append(Problem(whole_file(path), "unreadable", scope, "warning"))
            return out
        try:
            _Loader(session, scope, given, out).run()
        except RecursionError:
            out.root = None
            out.problems.append(Problem(whole_file(path), "too-deep", "expressions or files nest too deeply"))
        out.problems[:0] = session.problems
        out.sources.update(session.sources)
        return out


class _Loader:
    """Loads one unit."""

    def __init__(self, session: Session, scope: Scope, given: Given, out: LoadedUnit) -> None:
        self.session = session
        self.tree = session.cache.tree
        self.scope = scope
        self.unit = session.folder
        self.given = given
        self.out = out
        self.values: dict[str, Value] = {}

    def run(self) -> None:
        """Loads it."""
        config = self.scope.config()
        source = config.source_value()
        own_files = self._own_files()
        if source is None and not own_files:
            return
        folder, called = self._target(source)
        self.out.used.update({self.unit} if folder is None else {self.unit, folder})
        if self._skipped():
            return
        generated = self._generated(config, folder if folder is not None else self.unit)
        files = self._module_folder(folder, own_files, generated, config.unread)
        collected = UnitInputs(self.tree, self.unit, self.given).collect(config, files)
        for item in generated.values():
            self.values.update(item.values)
            self.out.comments.extend(item.comments)
            self.out.problems.extend(item.problems)
        root = UnitModule(files, self.session.cache, collected.inputs)
        root.given = self.values
        self._generated_values(generated, root, collected)
        loaded = load_module(root, collected, self.unit, self.given.backend)
        if called is not None and config.source is not None:
            self._remote(loaded, config, called)
        self._backend(loaded, config)
        self.out.root = loaded

    # --- which module

    def _own_files(self) -> list[str]:
        try:
            return terraform_files(self.tree, self.unit)
        except TreeError:
            return []

    def _target(self, source: Value | None) -> tuple[str | None, str | None]:
        """The module's folder in the tree, and its source if it is not there."""
        if source is None:
            return self.unit, None
        if type(source) is not Known or not isinstance(source.value, str):
            start = _start(source)
            return None, _module_source(start) if "::" in start or "://" in start else NO_LITERAL
        text = source.value
        if not ("::" in text or "://" in text):
            local = resolve(text.partition("?")[0].replace("//", "/"), self.unit)
            if local is not None and self.tree.is_folder(local):
                return local, None
        return None, _module_source(text)

    def _skipped(self) -> bool:
        """Whether Terragrunt leaves the unit alone: `skip`, or `exclude` of everything."""
        attribute = self.scope.body.attributes.get("skip")
        if attribute is not None and _is_true(self.scope.evaluated(attribute)):
            return True
        for block in self.scope.blocks("exclude"):
            attributes = block.body.attributes
            if "if" in attributes and "actions" in attributes and _is_true(self.scope.evaluated(attributes["if"])):
                actions = texts_of(self.scope.evaluated(attributes["actions"])) or []
                if any(to_text(action) in ("all", "apply") for action in actions):
                    return True
        return False

    # --- files

    def _generated(self, config: Config, folder: str) -> dict[str, Generated]:
        """Generated files by name."""
        out: dict[str, Generated] = {}
        for number, (label, block) in enumerate(config.generate.items()):
            argument = Arguments(block)
            name = argument.text("path")
            contents = argument.value("contents")
            if contents is None or _is_true(argument.value("disable")):
                continue
            if name is None:
                name = f"{label}.tf"
            elif (path := resolve(name, folder)) is None or folder_of(path) != folder:
                continue
            else:
                name = path.rpartition("/")[2]
            if not name.endswith((*_TERRAFORM, *_VALUES)):
                continue
            exists = self.tree.exists(f"{folder}/{name}" if folder else name)
            if exists and argument.text("if_exists") == "skip":
                continue
            span = block.scope.span_of(block.body.attributes["contents"].expression)
            disable = argument.value("disable")
            if type(disable) is Unknown:
                out[name] = Generated(incomplete=f"{name} may be generated or not: {disable.reason}")
            else:
                out[name] = generated_file(contents, span, name, number)
        return out

    def _module_folder(
        self, folder: str | None, own_files: Sequence[str], generated: Mapping[str, Generated], unread: Unknown | None
    ) -> ModuleFolder:
        """The module's files with the unit's own and the generated ones on top, as Terragrunt puts them together."""
        names: dict[str, str | None] = {}
        base: ModuleFolder | None = None
        if folder is not None:
            try:
                names = dict.fromkeys(terraform_files(self.tree, folder), folder)
            except TreeError:
                names = {}
            base = self.session.cache.read(folder)
        before = set(names)
        if folder != self.unit:
            names.update(dict.fromkeys(own_files, self.unit))
        names.update(dict.fromkeys([name for name in generated if name.endswith(_TERRAFORM)], None))
        added = [name for name in names if name not in before or names[name] != folder]
        if base is not None and not any(is_override(name) for name in names) and not before.intersection(added):
            out = _copy(base)
        else:
            out = ModuleFolder(folder if folder is not None else self.unit)
            added = list(names)
            if base is not None:
                out.problems.extend(p for p in base.problems if p.location.path == base.path)
        for name in sorted(added, key=lambda x: (is_override(x), x)):
            place = names[name]
            if place is not None:
                read_file(out, self.tree, f"{place}/{name}" if place else name)
                continue
            item = generated[name]
            for source, body in item.bodies:
                declare(out, source, body, name)
            out.incomplete = out.incomplete or item.incomplete
        if unread is not None:
            out.incomplete = out.incomplete or unread.reason
        return out

    def _generated_values(self, generated: Mapping[str, Generated], root: Module, collected: Collected) -> None:
        """Generated tfvars that Terraform loads by itself."""
        for name, item in generated.items():
            if not (name.endswith(".auto.tfvars") or name == "terraform.tfvars"):
                continue
            for source, body in item.bodies:
                for key, attribute in body.attributes.items():
                    address = f"var.{key}"
                    collected.inputs.values[key] = Slot(attribute.expression, root.context(source), address, address)

    # --- what stands in the Terragrunt file itself

    def _remote(self, loaded: LoadedRoot, config: Config, source: str) -> None:
        """A module that is not in the tree: what it is given is linted all the same."""
        assert config.source is not None
        scope, attribute, owner = config.source
        span = scope.span_of(attribute.expression)
        table = config.inputs or Table()
        loaded.remote_modules.append(source)
        loaded.resources.append(
            Resource(f"{owner}.source", source, "terraform", "module", self.unit, EntryAttributes(table), span)
        )

    def _backend(self, loaded: LoadedRoot, config: Config) -> None:
        """`remote_state` completes or takes the place of a `backend` block in the module."""
        block = config.remote_state
        if block is None:
            return
        argument = Arguments(block)
        kind = argument.text("backend")
        if kind is None:
            return
        table = Table()
        written = block.body.attributes.get("config")
        if written is not None:
            table = table_of(block.scope, written.expression, f"{block.owner}.config")
        else:
            inner = next((b for b in block.body.blocks if b.type == "config"), None)
            table.rest = None if inner is None else Unknown("config is written as a block", block.scope.span_of(inner))
        span = block.scope.span_of(block.body.attributes["backend"].expression)
        loaded.resources[:] = [r for r in loaded.resources if r.mode != "backend"]
        address = f"terraform.backend.{kind}"
        attributes = EntryAttributes(table)
        loaded.resources.append(Resource(address, kind, "terraform", "backend", self.unit, attributes, span))


def _is_true(value: Value | None) -> bool:
    return type(value) is Known and value.value in (True, "true")


def _start(value: Value) -> str:
    """The text that is certain at the start of a template."""
    out = ""
    for part in value.parts:
        if type(part) is not Known or not isinstance(part.value, str):
            break
        out += part.value
    return out


def _module_source(text: str) -> str:
    """A source as a module call would write it: Terragrunt's `tfr://host/namespace/name/provider?version=…` is one."""
    if not text.startswith("tfr://"):
        return text
    host, _, path = text.removeprefix("tfr://").partition("?")[0].partition("/")
    return f"{host}/{path}" if host else path


def _copy(folder: ModuleFolder) -> ModuleFolder:
    """A folder that may be added to; declarations themselves are shared."""
    tables = ("variables", "locals", "outputs", "providers", "resources", "data", "ephemeral", "modules", "required")
    out = ModuleFolder(folder.path)
    out.incomplete = folder.incomplete
    for name in tables:
        setattr(out, name, dict(getattr(folder, name)))
    out.settings, out.sources, out.problems = list(folder.settings), list(folder.sources), list(folder.problems)
    return out
