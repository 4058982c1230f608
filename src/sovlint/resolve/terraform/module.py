"""A module instance: variables, locals, resources, child modules and providers, each evaluated when asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sovlint.discovery import Tree, join
from sovlint.model.resource import ProviderConfig
from sovlint.model.source import Span
from sovlint.model.value import Known, Step, Unknown, Value, passed
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.context import Context, Slot
from sovlint.resolve.terraform.convert import convert
from sovlint.resolve.terraform.folder import Declared, FolderCache, ModuleFolder
from sovlint.resolve.terraform.instances import Instances, expand
from sovlint.resolve.terraform.values import EvaluationError, LazyObject

MAX_DEPTH = 40
"""Modules inside modules; deeper ones are a cycle or a mistake."""


@dataclass(slots=True, eq=False)
class Inputs:
    """What is given to a root module from outside.

    Attributes:
        values: variable name → value, highest precedence already chosen.
        workspace: `terraform.workspace`.
        unloaded: finds tfvars files of the root module that nobody loads; asked only when a value is missing.
    """

    values: dict[str, Slot | Value] = field(default_factory=dict)
    workspace: str = "default"
    unloaded: Callable[[], list[str]] = list
    _hint: str | None = None

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
        address: `module.a["x"].module.b`, empty for a root module.
    """

    def __init__(
        self,
        folder: ModuleFolder,
        cache: FolderCache,
        inputs: Inputs,
        *,
        call: BlockAttributes | None = None,
        parent: Module | None = None,
        address: str = "",
        heuristic: bool = False,
    ) -> None:
        self.folder = folder
        self.cache = cache
        self.inputs = inputs
        self.call = call
        self.parent = parent
        self.address = address
        self.prefix = address + "." if address else ""
        self.heuristic = heuristic
        self.depth: int = parent.depth + 1 if parent else 0
        self.root_folder: str = parent.root_folder if parent else folder.path
        self._variables: dict[str, Value] = {}
        self._locals: dict[str, Slot] = {}
        self._outputs: dict[str, Slot] = {}
        self._resources: dict[tuple[str, str, bool], Instances] = {}
        self._modules: dict[str, Instances] = {}
        self._children: dict[str, Module | None] = {}
        self._providers: dict[str, ProviderConfig] = {}
        self._busy: set[str] = set()

    @property
    def tree(self) -> Tree:
        """The tree all files are read through."""
        return self.cache.tree

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
            return self.local(names[0]), 1
        if root == "module" and names:
            return self.module_value(names[0], span), 1
        if root == "data" and len(names) >= 2:
            return self.resource_value(names[0], names[1], span, data=True), 2
        if root == "ephemeral" and len(names) >= 2:
            return self.resource_value(names[0], names[1], span, data=True), 2
        if root in ("path", "terraform") and names:
            return self._builtin(root, names[0], span), 1
        if root in ("each", "count", "self"):
            raise EvaluationError(f"{root} is not available here")
        if names:
            return self.resource_value(root, names[0], span, data=False), 1
        raise EvaluationError(f"there is nothing called {root}")

    def _builtin(self, root: str, name: str, span: Span) -> Value:
        if root == "terraform":
            if name == "workspace":
                return Known(self.inputs.workspace, span)
            return Unknown(f"terraform.{name} is only known when Terraform runs", span)
        if name == "module":
            return Known(posixpath.relpath(self.folder.path or ".", self.root_folder or "."), span)
        if name == "root":
            return Known(".", span)
        return Unknown(f"path.{name} differs between machines", span)

    # --- variables, locals, outputs

    def variable(self, name: str, span: Span) -> Value:
        """The value of an input variable; a missing one is unknown at the expression that asks for it."""
        value = self._variables.get(name)
        if value is None:
            if name in self._busy:
                return Unknown(f"var.{name} depends on itself", span)
            self._busy.add(name)
            try:
                value = self._variables[name] = self._find_variable(name)
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

    def _find_variable(self, name: str) -> Value:
        declared = self.folder.variables.get(name)
        address = f"{self.prefix}var.{name}"
        if declared is None:
            raise EvaluationError(f"variable {name!r} is not declared")
        context = Context(self, declared.source)
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
                return Unknown(f"{address}: {error}", value.span, value.via, value.refs, address, failed=True)
        sensitive = declared.attribute("sensitive")
        if sensitive is not None and getattr(sensitive[1].expression, "value", False) is True and not value.sensitive:
            value = passed(value, None)
            value.sensitive = True
        return value

    def _given(self, name: str) -> Value | None:
        if self.call is not None:
            return self.call.value(name)
        given = self.inputs.values.get(name)
        return given.value() if isinstance(given, Slot) else given

    def local(self, name: str) -> Value:
        """The value of a local."""
        slot = self._locals.get(name)
        if slot is None:
            found = self.folder.locals.get(name)
            if found is None:
                raise EvaluationError(f"local {name!r} is not declared")
            source, attribute = found
            address = f"{self.prefix}local.{name}"
            slot = self._locals[name] = Slot(attribute.expression, Context(self, source), address, address)
        return slot.value()

    def output(self, name: str, span: Span) -> Value:
        """The value of an output."""
        slot = self._outputs.get(name)
        if slot is None:
            declared = self.folder.outputs.get(name)
            found = declared.attribute("value") if declared else None
            if found is None:
                return Unknown(f"{self.address} has no output {name!r}", span, failed=True)
            source, attribute = found
            address = f"{self.prefix}output.{name}"
            slot = self._outputs[name] = Slot(attribute.expression, Context(self, source), address, address)
        return slot.value()

    # --- resources

    def instances(self, kind: str, name: str, *, data: bool = False) -> Instances | None:
        """Instances of a resource or data source; None if it is not declared."""
        key = (kind, name, data)
        found = self._resources.get(key)
        if found is None:
            declared = (self.folder.data if data else self.folder.resources).get((kind, name))
            if declared is None:
                return None
            address = f"{self.prefix}{'data.' if data else ''}{kind}.{name}"
            found = self._resources[key] = expand(declared, self, address)
        return found

    def resource_value(self, kind: str, name: str, span: Span, *, data: bool) -> Value:
        """A reference to a resource: an object, or a tuple or map of objects."""
        instances = self.instances(kind, name, data=data)
        if instances is None:
            raise EvaluationError(f"resource {kind}.{name} is not declared")
        return instances.as_value(span, ResourceObject)

    # --- child modules

    def children(self, name: str) -> Instances | None:
        """Instances of a module call; None if it is not declared."""
        found = self._modules.get(name)
        if found is None:
            declared = self.folder.modules.get(name)
            if declared is None:
                return None
            found = self._modules[name] = expand(declared, self, f"{self.prefix}module.{name}")
        return found

    def module_value(self, name: str, span: Span) -> Value:
        """A reference to a module: an object of its outputs, or a tuple or map of such objects."""
        instances = self.children(name)
        if instances is None:
            raise EvaluationError(f"module {name!r} is not declared")
        return instances.as_value(span, lambda attributes: ModuleObject(self, attributes))

    def child(self, attributes: BlockAttributes) -> Module | None:
        """The module instance behind one instance of a call; None if its source is not in the tree."""
        instance = self._children.get(attributes.address)
        if instance is None and attributes.address not in self._children:
            path = local_source(attributes.declared, self.folder.path)
            if (
                path is not None
                and self.depth < MAX_DEPTH
                and self.tree.is_folder(path)
                and not self._calls_itself(path)
            ):
                instance = Module(
                    self.cache.read(path),
                    self.cache,
                    self.inputs,
                    call=attributes,
                    parent=self,
                    address=attributes.address,
                    heuristic=self.heuristic or attributes.address.endswith("[*]"),
                )
            self._children[attributes.address] = instance
        return instance

    def _calls_itself(self, path: str) -> bool:
        module: Module | None = self
        while module is not None:
            if module.folder.path == path:
                return True
            module = module.parent
        return False

    # --- providers

    def provider(self, local_name: str, alias: str) -> ProviderConfig:
        """The provider configuration that a name means in this module."""
        key = f"{local_name}.{alias}"
        found = self._providers.get(key)
        if found is None:
            found = self._providers[key] = self._find_provider(local_name, alias)
        return found

    def _find_provider(self, local_name: str, alias: str) -> ProviderConfig:
        declared = self.folder.providers.get((local_name, alias))
        reference = f"{local_name}.{alias}" if alias else local_name
        source, required_span = self.folder.required.get(local_name, ("", None))
        if declared is not None:
            address = f"{self.prefix}provider.{reference}"
            attributes = BlockAttributes(declared, Context(self, declared.source), address)
            return ProviderConfig(local_name, source, address, attributes, declared.type_span)
        handed = self._handed_down(reference)
        if handed is not None:
            return handed
        if self.parent is not None and not alias:
            parent_name = self.parent.local_name_of(self.source_of(local_name), local_name)
            inherited = self.parent.provider(parent_name, "")
            if inherited.attributes is not None or inherited.span is not None:
                return inherited
        return ProviderConfig(local_name, source, f"{self.prefix}provider.{reference}", None, required_span)

    def _handed_down(self, reference: str) -> ProviderConfig | None:
        """The parent's configuration according to the call's `providers` map."""
        if self.call is None or self.parent is None:
            return None
        found = self.call.declared.attribute("providers")
        if found is None or not isinstance(found[1].expression, n.Object):
            return None
        source = found[0]
        for key, value in found[1].expression.items:
            if _provider_reference(key) != reference:
                continue
            target = _provider_reference(value)
            if target is None:
                return None
            name, _, alias = target.partition(".")
            config = self.parent.provider(name, alias)
            step = Step(Span(source, value.start, value.end), f"{self.address}.providers.{reference}")
            return ProviderConfig(
                config.name, config.source, config.address, config.attributes, config.span, (*config.via, step)
            )
        return None

    def source_of(self, local_name: str) -> str:
        """Registry source of a local provider name; the implied one if nothing is written."""
        source = self.folder.required.get(local_name, ("", None))[0]
        return source or f"hashicorp/{local_name}"

    def local_name_of(self, source: str, fallback: str) -> str:
        """The local name this module uses for a provider source."""
        for name, (other, _) in self.folder.required.items():
            if other == source:
                return name
        return fallback

    def walk(self) -> Iterator[Module]:
        """This module instance and all below it, depth first, in order of the source."""
        yield self
        for name in self.folder.modules:
            instances = self.children(name)
            assert instances is not None
            for attributes in instances.attributes():
                child = self.child(attributes)
                if child is not None:
                    yield from child.walk()


class ResourceObject(LazyObject):
    """A resource instance as other expressions see it: what is written, the rest is known after apply."""

    def __init__(self, attributes: BlockAttributes) -> None:
        self._attributes = attributes

    def attribute(self, name: str, span: Span) -> Value:
        """See `LazyObject.attribute`."""
        attributes = self._attributes
        value = attributes.value(name)
        if value is None:
            value = attributes.composite(name)
        reference = (attributes.address, name)
        if value is None:
            return Unknown(f"{attributes.address}.{name} is known after apply", span, refs=(reference,))
        value = passed(value, None)
        value.refs = (*value.refs, reference)
        return value

    def __getitem__(self, key: str) -> Value:
        declared = self._attributes.declared
        return self.attribute(key, declared.label_span)

    def __iter__(self) -> Iterator[str]:
        return iter(self._attributes.names())

    def __len__(self) -> int:
        return len(self._attributes.names())


class ModuleObject(LazyObject):
    """A module instance as its caller sees it: its outputs."""

    def __init__(self, caller: Module, attributes: BlockAttributes) -> None:
        self._caller = caller
        self._attributes = attributes

    def attribute(self, name: str, span: Span) -> Value:
        """See `LazyObject.attribute`."""
        child = self._caller.child(self._attributes)
        if child is None:
            return Unknown(f"{self._attributes.address} is not in the tree: its outputs are not known", span)
        return child.output(name, span)

    def _names(self) -> list[str]:
        child = self._caller.child(self._attributes)
        return list(child.folder.outputs) if child else []

    def __getitem__(self, key: str) -> Value:
        return self.attribute(key, self._attributes.declared.label_span)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


def local_source(declared: Declared, folder: str) -> str | None:
    """The folder a module call means if its source is a local path inside the tree; None otherwise."""
    text = source_text(declared)
    if text is None or not (text.startswith("./") or text.startswith("../") or text in (".", "..")):
        return None
    return join(folder, text)


def source_text(declared: Declared) -> str | None:
    """The literal `source` of a module call."""
    found = declared.attribute("source")
    if found is None:
        return None
    expression = found[1].expression
    return expression.value if type(expression) is n.String else None


def _provider_reference(node: n.Expression) -> str | None:
    """`aws.us` from the forms a providers map may have."""
    if type(node) is n.Traversal:
        return ".".join([node.root, *[s for s in node.steps if isinstance(s, str)]])
    if type(node) is n.ObjectKey:
        return node.name
    if type(node) is n.String:
        return node.value
    return None


def provider_of(declared: Declared, implied: str) -> tuple[str, str]:
    """Local provider name and alias a resource block asks for."""
    found = declared.attribute("provider")
    reference = _provider_reference(found[1].expression) if found else None
    if reference is None:
        return implied, ""
    name, _, alias = reference.partition(".")
    return name, alias
