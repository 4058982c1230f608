"""A module instance: variables, locals, resources, child modules and providers, each evaluated when asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

from sovlint.discovery import Tree, join
from sovlint.model.resource import ProviderConfig
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Step, Unknown, Value, passed
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.context import Context, Slot
from sovlint.resolve.terraform.convert import convert
from sovlint.resolve.terraform.downloaded import Download, Target, locate, read_manifest
from sovlint.resolve.terraform.folder import Declared, FolderCache, ModuleFolder
from sovlint.resolve.terraform.instances import Budget, Instances, expand
from sovlint.resolve.terraform.objects import module_value, resource_value
from sovlint.resolve.terraform.providers import ProviderReference, find_provider
from sovlint.resolve.terraform.values import EvaluationError

if TYPE_CHECKING:
    from sovlint.resolve.terraform.functions.base import CallSite

Mode: TypeAlias = Literal["managed", "data", "ephemeral"]


class Inputs:
    """What is given to a root module from outside.

    Attributes:
        values: variable name → value, highest precedence already chosen.
        workspace: `terraform.workspace`.
        unloaded: finds tfvars files of the root module that nobody loads; asked only when a value is missing.
    """

    __slots__ = ("_hint", "unloaded", "values", "workspace")

    def __init__(
        self,
        values: dict[str, Slot | Value] | None = None,
        workspace: str = "default",
        unloaded: Callable[[], list[str]] = list,
    ) -> None:
        self.values: dict[str, Slot | Value] = {} if values is None else values
        self.workspace = workspace
        self.unloaded = unloaded
        self._hint: str | None = None

    def hint(self) -> str:
        """What to load to get missing values, if there is something."""
        if self._hint is None:
            paths = self.unloaded()
            more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
            self._hint = f" (not loaded: {', '.join(paths[:3])}{more})" if paths else ""
        return self._hint


class Module:
    """One instance of a module.

    Args:
        folder: what its files declare.
        cache: reads other folders.
        inputs: for a root module: values from outside.
        call: for a child: the calling block's contents, evaluated in the parent.
        parent: the calling module instance.
        name: name of the call.
        downloaded: whether it lies among the modules that `terraform init` fetched.
    """

    def __init__(
        self,
        folder: ModuleFolder,
        cache: FolderCache,
        inputs: Inputs,
        *,
        call: BlockAttributes | None = None,
        parent: Module | None = None,
        name: str = "",
        downloaded: bool = False,
    ) -> None:
        self.folder = folder
        self.cache = cache
        self.inputs = inputs
        self.call = call
        self.parent = parent
        self.address = call.address if call else ""
        """`module.a["x"].module.b`, empty for a root module."""
        self.prefix = self.address + "." if call else ""
        self.key: str = f"{parent.key}.{name}" if parent and parent.key else name
        """The address without `module.` and instance keys: `a.b`, as in `modules.json`."""
        self.downloaded = downloaded
        self.heuristic: bool = bool(parent and parent.heuristic) or self.address.endswith("[*]")
        self.depth: int = parent.depth + 1 if parent else 0
        self.root: Module = parent.root if parent else self
        self.root_folder: str = self.root.folder.path
        self.budget = Budget()
        self._manifest: dict[str, Download] | None = None
        self._contexts: dict[str, Context] = {}
        self._variables: dict[str, Value] = {}
        self._locals: dict[str, Slot] = {}
        self._outputs: dict[str, Slot] = {}
        self._resources: dict[tuple[str, str, Mode], Instances] = {}
        self._modules: dict[str, Instances] = {}
        self._children: dict[str, Module | Target] = {}
        self._providers: dict[tuple[str, str, object], ProviderConfig] = {}
        self._busy: set[str] = set()
        self.shared: dict[int, Value] = {}
        """Values that are the same for all instances of a block, by the identity of their expression."""

    @property
    def tree(self) -> Tree:
        """The tree all files are read through."""
        return self.cache.tree

    @property
    def call_site(self) -> Span | None:
        """For a downloaded module: the call in a file that a person edits; None for the others."""
        current: Module | None = self
        while current is not None and current.downloaded:
            if current.parent is not None and not current.parent.downloaded and current.call is not None:
                return current.call.declared.label_span
            current = current.parent
        return None

    def manifest(self) -> dict[str, Download]:
        """The downloaded modules of the root module."""
        if self.root._manifest is None:
            self.root._manifest = read_manifest(self.tree, self.root_folder)
        return self.root._manifest

    def context(self, source: SourceFile) -> Context:
        """The surroundings of what stands in one of the module's files."""
        found = self._contexts.get(source.path)
        if found is None:
            found = self._contexts[source.path] = Context(self, source)
        return found

    def missing(self, what: str, span: Span) -> Value:
        """What a reference to something undeclared gives: unknown if a file could not be read.

        Raises:
            EvaluationError: all files were read, so there is no such thing.
        """
        if self.folder.incomplete:
            return Unknown(f"{what} is not declared, but {self.folder.incomplete}", span)
        raise EvaluationError(f"{what} is not declared")

    # --- what Terragrunt's files do differently

    def locate(self, path: str) -> str | None:
        """A path as functions take it (relative to the root module) inside the tree; None if it leads out of it."""
        return join(self.root_folder, path)

    def called(self, site: CallSite, args: list[Value]) -> Value | None:
        """The value of a call of a function that only this kind of module knows; None: the usual functions apply."""
        return None

    # --- references

    def reference(self, root: str, steps: n.Steps, span: Span) -> tuple[Value, int]:
        """The value a reference starts from, and how many steps it used.

        Raises:
            EvaluationError: there is nothing of that name.
        """
        names = [step for step in steps[:3] if isinstance(step, str)]
        if root == "var" and names:
            return self.variable(names[0], span), 1
        if root == "local" and names:
            return self.local(names[0], span), 1
        if root == "module" and names:
            return self.module_value(names[0], span), 1
        if root == "data" and len(names) >= 2:
            return self.resource_value(names[0], names[1], span, "data"), 2
        if root == "ephemeral" and len(names) >= 2:
            return self.resource_value(names[0], names[1], span, "ephemeral"), 2
        if root == "resource" and len(names) >= 2:
            return self.resource_value(names[0], names[1], span, "managed"), 2
        if root in ("path", "terraform") and names:
            return self._builtin(root, names[0], span), 1
        if root in ("each", "count", "self"):
            raise EvaluationError(f"{root} is not available here")
        if names:
            return self.resource_value(root, names[0], span, "managed"), 1
        raise EvaluationError(f"there is nothing called {root}")

    def _builtin(self, root: str, name: str, span: Span) -> Value:
        if root == "terraform" and name == "workspace":
            return Known(self.inputs.workspace, span)
        if root == "terraform" and name == "applying":
            return Unknown("terraform.applying is only known when Terraform runs", span)
        if root == "path" and name == "module":
            return Known(posixpath.relpath(self.folder.path or ".", self.root_folder or "."), span)
        if root == "path" and name == "root":
            return Known(".", span)
        if root == "path" and name == "cwd":
            return Unknown("path.cwd differs between machines", span)
        raise EvaluationError(f"there is no {root}.{name}")

    # --- variables, locals, outputs

    def variable(self, name: str, span: Span) -> Value:
        """The value of an input variable; a missing one is unknown at the expression that asks for it."""
        value = self._variables.get(name)
        if value is None:
            if name in self._busy:
                return Unknown(f"var.{name} depends on itself", span)
            self._busy.add(name)
            try:
                value = self._variables[name] = self._find_variable(name, span)
            finally:
                self._busy.discard(name)
        if type(value) is Unknown and not value.via and value.inputs == (f"{self.prefix}var.{name}",):
            return Unknown(
                value.reason,
                span,
                (),
                value.refs,
                f"{self.prefix}var.{name}",
                (),
                value.inputs,
                sensitive=value.sensitive,
            )
        return value

    def _find_variable(self, name: str, span: Span) -> Value:
        declared = self.folder.variables.get(name)
        address = f"{self.prefix}var.{name}"
        if declared is None:
            return self.missing(f"variable {name!r}", span)
        context = self.context(declared.source)
        given = self._given(name)
        value = given
        default = declared.attribute("default")
        nullable = declared.attribute("nullable")
        not_null = nullable is not None and getattr(nullable[1].expression, "value", None) is False
        if value is None or (not_null and type(value) is Known and value.value is None):
            if default is None:
                hint = self.inputs.hint() if self.parent is None else ""
                return Unknown(f"{address} has no value{hint}", declared.label_span, owner=address, inputs=(address,))
            source, attribute = default
            slot = Slot(attribute.expression, Context(None, source), address, address)
            note = Step(declared.label_span, address, f"{address}: default applies, no value is given")
            value = passed(slot.value(), note, address)
        constraint = declared.attribute("type")
        if constraint is not None:
            try:
                value = convert(value, constraint[1].expression, context)
            except EvaluationError as error:
                secret = value.sensitive or declared_sensitive(declared)
                reason = f"{address}: {error}" if not secret else f"{address} does not fit its type"
                return Unknown(reason, value.span, value.via, value.refs, address, sensitive=secret, failed=True)
        if declared_sensitive(declared) and not value.sensitive:
            value = passed(value, None)
            value.sensitive = True
        return value

    def _given(self, name: str) -> Value | None:
        if self.call is not None:
            return self.call.value(name)
        given = self.inputs.values.get(name)
        return given.value() if isinstance(given, Slot) else given

    def local(self, name: str, span: Span) -> Value:
        """The value of a local."""
        slot = self._locals.get(name)
        if slot is None:
            found = self.folder.locals.get(name)
            if found is None:
                return self.missing(f"local {name!r}", span)
            source, attribute = found
            address = f"{self.prefix}local.{name}"
            slot = self._locals[name] = Slot(attribute.expression, self.context(source), address, address)
        return slot.value()

    def output(self, name: str, span: Span) -> Value:
        """The value of an output."""
        slot = self._outputs.get(name)
        if slot is None:
            declared = self.folder.outputs.get(name)
            found = declared.attribute("value") if declared else None
            if declared is None or found is None:
                reason = f"{self.address} has no output {name!r}"
                if self.folder.incomplete:
                    return Unknown(f"{reason}, but {self.folder.incomplete}", span)
                return Unknown(reason, span, failed=True)
            source, attribute = found
            address = f"{self.prefix}output.{name}"
            slot = self._outputs[name] = Slot(attribute.expression, self.context(source), address, address)
        value = slot.value()
        sensitive = declared_sensitive(self.folder.outputs[name])
        if sensitive and not value.sensitive:
            value = passed(value, None)
            value.sensitive = True
        return value

    # --- resources

    def instances(self, kind: str, name: str, mode: Mode = "managed") -> Instances | None:
        """Instances of a resource, data source or ephemeral resource; None if it is not declared."""
        key = (kind, name, mode)
        found = self._resources.get(key)
        if found is None:
            folder = self.folder
            table = folder.resources if mode == "managed" else folder.data if mode == "data" else folder.ephemeral
            declared = table.get((kind, name))
            if declared is None:
                return None
            address = f"{self.prefix}{'' if mode == 'managed' else mode + '.'}{kind}.{name}"
            found = expand(declared, self, address)
            if address not in self._busy:
                self._resources[key] = found
        return found

    def resource_value(self, kind: str, name: str, span: Span, mode: Mode) -> Value:
        """A reference to a resource: an object, or a tuple or map of objects."""
        instances = self.instances(kind, name, mode)
        if instances is None:
            return self.missing(f"resource {kind}.{name}", span)
        return instances.as_value(span, resource_value)

    # --- child modules

    def children(self, name: str) -> Instances | None:
        """Instances of a module call; None if it is not declared."""
        found = self._modules.get(name)
        if found is None:
            declared = self.folder.modules.get(name)
            if declared is None:
                return None
            address = f"{self.prefix}module.{name}"
            found = expand(declared, self, address)
            if address not in self._busy:
                self._modules[name] = found
        return found

    def module_value(self, name: str, span: Span) -> Value:
        """A reference to a module: an object of its outputs, or a tuple or map of such objects."""
        instances = self.children(name)
        if instances is None:
            return self.missing(f"module {name!r}", span)
        return instances.as_value(span, lambda attributes, place: module_value(self, name, attributes, place))

    def child(self, name: str, attributes: BlockAttributes) -> Module | Target:
        """The module instance behind one instance of a call, or why it cannot be read."""
        found = self._children.get(attributes.address)
        if found is None:
            target = found = locate(self, attributes, name)
            if target.folder is not None:
                found = Module(
                    self.cache.read(target.folder),
                    self.cache,
                    self.inputs,
                    call=attributes,
                    parent=self,
                    name=name,
                    downloaded=target.downloaded,
                )
            self._children[attributes.address] = found
        return found

    # --- providers

    def provider(self, reference: ProviderReference) -> ProviderConfig:
        """The provider configuration that a name means in this module."""
        index = reference.key.value if type(reference.key) is Known else reference.key
        key = (reference.name, reference.alias, index if isinstance(index, (str, int)) else None)
        found = self._providers.get(key)
        if found is None:
            found = self._providers[key] = find_provider(self, reference)
        return found

    def calls(self) -> Iterator[tuple[str, BlockAttributes, Module | Target]]:
        """Every instance of every module call: its name, its arguments, and what it leads to."""
        for name in self.folder.modules:
            instances = self.children(name)
            assert instances is not None
            for attributes in instances.items.values():
                yield name, attributes, self.child(name, attributes)

    def walk(self) -> Iterator[Module]:
        """This module instance and all below it, depth first, in order of the source."""
        stack = [self]
        while stack:
            module = stack.pop()
            yield module
            stack.extend(reversed([child for _, _, child in module.calls() if isinstance(child, Module)]))


def declared_sensitive(declared: Declared) -> bool:
    """Whether a variable or output is marked `sensitive = true`."""
    found = declared.attribute("sensitive")
    return found is not None and getattr(found[1].expression, "value", False) is True
