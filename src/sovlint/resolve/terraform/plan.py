"""`terraform show -json` of a plan: exact values, mapped back to the source lines they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sovlint.discovery import TreeError
from sovlint.model.problem import Problem
from sovlint.model.resource import Attributes, ProviderConfig, Resource
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Known, Reference, Step, Unknown, Value
from sovlint.parse.decode import decode
from sovlint.parse.yaml import Node, Scalar, deref, parse_stream
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.backends import backends
from sovlint.resolve.terraform.data_files import from_yaml
from sovlint.resolve.terraform.downloaded import AtCall
from sovlint.resolve.terraform.folder import Declared, FolderCache
from sovlint.resolve.terraform.inputs import Given, collect
from sovlint.resolve.terraform.load import LoadedRoot, load_root, provider_of, way_of
from sovlint.resolve.terraform.module import Mode, Module
from sovlint.resolve.terraform.plan_configuration import (
    key_of,
    outer_module,
    read_configuration,
    split_module,
    without_keys,
)
from sovlint.resolve.terraform.plan_values import (
    PlanAttributes,
    Planned,
    elements,
    fields,
    same,
    text,
)
from sovlint.resolve.terraform.providers import ProviderReference, normal_source
from sovlint.resolve.terraform.values import EvaluationError, NotKnown, plain

GONE = ({"delete"}, {"forget"})
"""Actions after which a resource is not there any more."""

MAX_PIECES = 1_000_000
"""Elements of a plan: one is named on purpose, written in one line, and of a whole estate."""


def load_plan(cache: FolderCache, folder: str, given: Given, path: str) -> LoadedRoot:
    """The resources of a plan.

    Args:
        cache: reads the source.
        folder: folder of the root module that was planned; it may be absent from the tree or empty.
        given: inputs; the values of variables in the plan go before them.
        path: the plan in the tree, the output of `terraform show -json`.
    """
    root = Module(cache.read(folder), cache, collect(cache.tree, cache.read(folder), given).inputs)
    try:
        file, problems = decode(path, cache.tree.read(path), max_pieces=MAX_PIECES)
    except TreeError as error:
        message = error.message.removeprefix(f"{path}: ")
        return LoadedRoot(root, [Problem(whole_file(path), error.code, message)])
    # Without the plan nothing is judged: what is a warning elsewhere is not one here.
    out = LoadedRoot(root, [problem._replace(level="error") for problem in problems])
    top = fields(_document(file, out)) if file is not None else {}
    if file is None or not ("planned_values" in top or "resource_changes" in top or "values" in top):
        if not out.problems:
            message = "this is not a plan: write it with `terraform show -json PLANFILE`"
            out.problems.append(Problem(whole_file(path), "plan", message))
        return out
    return _Plan(cache, folder, given, file, top).load()


def _document(file: SourceFile, out: LoadedRoot) -> Node | None:
    stream = parse_stream(file)
    out.problems.extend(p for p in stream.problems if p.level == "error")
    return deref(stream.documents[0]) if stream.documents else None


class _Plan:
    """A plan and the source it was made from."""

    def __init__(self, cache: FolderCache, folder: str, given: Given, file: SourceFile, top: dict[str, Node]) -> None:
        self.cache, self.folder, self.given, self.file, self.top = cache, folder, given, file, top
        self.loaded = load_root(cache, folder, given, self._variables(cache, folder, given))
        self.source: Module | None = self.loaded.root if self.loaded.root.folder.sources else None
        self.modules: dict[str, Module] = {}
        if self.source is not None:
            for module in self.source.walk():
                self.modules.setdefault(module.address, module)
                # Instances whose number is not known to us stand under their address without keys.
                self.modules.setdefault(without_keys(module.address).replace("[*]", ""), module)
        self.planned = {item.address: (item, entry) for item, entry in self._entries()}
        self.configuration = read_configuration(top.get("configuration"), self.planned)
        self.providers: dict[str, ProviderConfig] = {}

    def _variables(self, cache: FolderCache, folder: str, given: Given) -> dict[str, Value]:
        """Variables whose value in the plan is another one than the files say: they stand on the declaration."""
        files = cache.read(folder)
        module = Module(files, cache, collect(cache.tree, files, given).inputs)
        out: dict[str, Value] = {}
        for name, entry in fields(self.top.get("variables")).items():
            declared = files.variables.get(name)
            node = fields(entry).get("value")
            if declared is None or node is None:
                continue
            value = from_yaml(node, self.file, declared.label_span)
            try:
                wanted: object = plain(value)
            except (NotKnown, EvaluationError):
                continue
            own = module.variable(name, declared.label_span)
            if not same(own, wanted):
                step = Step(declared.label_span, f"var.{name}", f"var.{name} is given by the plan")
                assert type(value) is Known
                out[name] = Known(value.value, declared.label_span, (step,), (), f"var.{name}")
        return out

    # --- what the plan holds

    def _entries(self) -> Iterator[tuple[Planned, dict[str, Node]]]:
        """Every instance that exists after apply."""
        seen: set[str] = set()
        for item in elements(self.top.get("resource_changes")):
            entry = fields(item)
            change = fields(entry.get("change"))
            address = text(entry.get("address"))
            if not address or address in seen or "deposed" in entry:
                continue
            actions = {text(action) for action in elements(change.get("actions"))}
            seen.add(address)
            if actions not in GONE:
                marks = change.get("after_unknown"), change.get("after_sensitive")
                yield Planned(address, change.get("after"), *marks, self._span(entry["address"])), entry
        states = (
            fields(self.top.get("planned_values")).get("root_module"),
            fields(fields(self.top.get("prior_state")).get("values")).get("root_module"),
            fields(self.top.get("values")).get("root_module"),
        )
        for number, state in enumerate(states):
            for entry in _state_resources(state):
                address = text(entry.get("address"))
                # Of the state before, only what was looked up counts: the rest is in the plan or goes.
                if not address or address in seen or (number == 1 and text(entry.get("mode")) != "data"):
                    continue
                seen.add(address)
                sensitive = entry.get("sensitive_values")
                yield Planned(address, entry.get("values"), None, sensitive, self._span(entry["address"])), entry

    def _span(self, node: Node) -> Span:
        return Span(self.file, node.start, node.end)

    # --- resources

    def load(self) -> LoadedRoot:
        """All resources, in the plan's order, and the state backend of the source."""
        loaded = self.loaded
        out = LoadedRoot(loaded.root, loaded.problems)
        out.sources.update(loaded.sources)
        out.sources[self.file.path] = self.file
        covered: set[str] = set()
        for address in self.planned:
            module = without_keys(split_module(address)[0])
            while module and module not in covered:
                covered.add(module)
                module = outer_module(module)[0]
        for planned, entry in self.planned.values():
            out.resources.append(self._resource(planned, entry))
        for resource in loaded.resources:
            if resource.mode == "module" and without_keys(resource.address) not in covered:
                out.resources.append(resource)
        found, _ = backends(loaded.root, self.folder, self.given.backend)
        out.resources.extend(found)
        # A module that is not in the tree is in the plan all the same.
        out.remote_modules = []
        return out

    def _resource(self, planned: Planned, entry: dict[str, Node]) -> Resource:
        address = planned.address
        module_address, rest = split_module(address)
        kind, name = text(entry.get("type")), text(entry.get("name"))
        mode: Literal["managed", "data"] = "data" if text(entry.get("mode")) == "data" else "managed"
        module = self._module(module_address)
        item = self._block(module, kind, name, mode, rest, address) if module is not None else None
        call = self._call(module_address) if module is None else None
        place = call.declared.label_span if call is not None else None

        def origin(attribute: str, value: Known) -> Value | None:
            return self._argument(address, attribute, value)

        def references(attribute: str) -> tuple[Reference, ...]:
            return self.configuration.references(address, attribute)

        def written(attribute: str) -> bool:
            return self.configuration.is_written(address, attribute)

        attributes = PlanAttributes(planned, self.file, item, place, origin, references, written)
        provider = self._provider(address, module, item, kind, entry)
        attributes.provider = provider
        shown: Attributes = attributes
        span = planned.span
        via: tuple[Step, ...] = ()
        if item is not None and module is not None:
            span, via = item.declared.type_span, way_of(module)
            site = module.call_site
            if site is not None:
                inner = Step(span, address, f"{address} is declared inside the downloaded module")
                span, via, shown = site, (inner, *via), AtCall(attributes, site, address)
        elif place is not None:
            inner = Step(planned.span, address, f"{address} in the plan")
            outer = self._module(outer_module(call.address)[0]) if call is not None else None
            span, via = place, (inner, *(way_of(outer) if outer is not None else ()))
        return Resource(address, kind, "terraform", mode, self.folder, shown, span, provider, via)

    def _module(self, address: str) -> Module | None:
        return self.modules.get(address) or self.modules.get(without_keys(address))

    def _call(self, address: str) -> BlockAttributes | None:
        """The call in the source that leads to a module which is not there."""
        while address:
            outer, last = outer_module(address)
            module = self._module(outer)
            if module is not None:
                instances = module.children(without_keys(last))
                if instances is None:
                    return None
                items = instances.items
                return items.get(key_of(last)) or next(iter(items.values()), None)
            address = outer
        return None

    def _block(
        self, module: Module, kind: str, name: str, mode: Mode, rest: str, address: str
    ) -> BlockAttributes | None:
        """The block in the source that declares an instance, with the instance's own `each` and `count`."""
        instances = module.instances(kind, name, mode)
        if instances is None:
            return None
        key = key_of(rest)
        found = instances.items.get(key)
        if found is not None and module.address == split_module(address)[0]:
            return found
        first = found or next(iter(instances.items.values()), None)
        declared: Declared | None = first.declared if first is not None else None
        if declared is None:
            table = module.folder.resources if mode == "managed" else module.folder.data
            declared = table.get((kind, name))
        if declared is None:
            return None
        span = declared.label_span
        names: dict[str, Value] = {}
        if isinstance(key, int):
            names["count"] = Known({"index": Known(key, span)}, span)
        elif key is not None:
            unknown = Unknown("known to the plan only", span)
            names["each"] = Known({"key": Known(key, span), "value": unknown}, span)
        return BlockAttributes(declared, module.context(declared.source).with_names(names), address)

    # --- where a value of a module that is not there comes from

    def _argument(self, address: str, attribute: str, value: Known) -> Value | None:
        """The argument of a call in the source that a planned value was passed as, if it is the same value."""
        wanted = plain(value) if not _has_unknown(value) else NotImplemented
        for module_address, argument in self.configuration.argument_of(address, attribute):
            outer, last = outer_module(module_address)
            module = self._module(outer)
            if module is None:
                continue
            instances = module.children(without_keys(last))
            item = instances.items.get(key_of(last)) if instances is not None else None
            given = item.value(argument) if item is not None else None
            if given is not None and same(given, wanted):
                return given
            return None
        return None

    # --- providers

    def _provider(
        self, address: str, module: Module | None, item: BlockAttributes | None, kind: str, entry: dict[str, Node]
    ) -> ProviderConfig:
        if item is not None and module is not None:
            return provider_of(module, item, kind)
        key = text(self.configuration.resources.get(without_keys(address), {}).get("provider_config_key"))
        key = key or kind.split("_", 1)[0]
        found = self.providers.get(key)
        if found is None:
            found = self.providers[key] = self._configured(key, normal_source(text(entry.get("provider_name"))))
        return found

    def _configured(self, key: str, source: str) -> ProviderConfig:
        """A provider configuration by its key in the plan: `aws`, `aws.us`, `module.a:aws`."""
        module_path, _, reference = key.rpartition(":")
        name, _, alias = reference.partition(".")
        module = self._module(module_path)
        if module is not None:
            config = module.provider(ProviderReference(name, alias))
            if config.attributes is not None or config.span is not None:
                return config
        table = self.configuration.providers.get(key, {})
        kind = (source or name).rpartition("/")[2]
        prefix = module_path + "." if module_path else ""
        address = f"{prefix}provider.{reference}"
        if not table or "expressions" not in table:
            return ProviderConfig(kind, source, address, None, None)
        node = table["expressions"]
        return ProviderConfig(
            kind, source, address, _Expressions(self, node, address), Span(self.file, node.start, node.end)
        )

    def expression(self, node: Node, address: str, name: str) -> Value:
        """An expression of the plan's configuration: a constant, a variable of the root module, or unknown."""
        table = fields(node)
        if "constant_value" in table:
            value = from_yaml(table["constant_value"], self.file, None)
            value.owner = address
            return value
        names = [text(item) for item in elements(table.get("references"))]
        if len(names) == 1 and names[0].startswith("var.") and names[0].count(".") == 1:
            given = fields(fields(self.top.get("variables")).get(names[0].removeprefix("var."))).get("value")
            if given is not None:
                value = from_yaml(given, self.file, None)
                value.owner = names[0]
                return value
        span = Span(self.file, node.start, node.end)
        return Unknown(f"{address}.{name} is computed from {', '.join(names) or 'an expression'}", span, owner=address)


class _Expressions:
    """A provider configuration that only the plan holds; implements `Attributes`."""

    def __init__(self, plan: _Plan, node: Node, address: str) -> None:
        self._plan, self._address = plan, address
        self._table = fields(node)

    def select(self, route: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
        """See `Attributes.select`."""
        node = self._table.get(route[0])
        path = route[0]
        for depth, name in enumerate(route[1:], 1):
            blocks = elements(node)
            if node is None or not blocks or depth > 20:
                return
            path, node = f"{path}[0].{name}", fields(blocks[0]).get(name)
        if node is not None and not elements(node):
            yield path, self._plan.expression(node, self._address, route[-1])

    def key_span(self, route: tuple[str, ...]) -> Span | None:
        """See `Attributes.key_span`."""
        node = self._table.get(route[0])
        return None if node is None else Span(self._plan.file, node.start, node.end)

    def names(self) -> list[str]:
        """See `Attributes.names`."""
        return list(self._table)

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`."""
        return iter(())


def _state_resources(module: Node | None) -> Iterator[dict[str, Node]]:
    stack = [module]
    while stack:
        content = fields(stack.pop())
        for item in elements(content.get("resources")):
            entry = fields(item)
            if isinstance(entry.get("address"), Scalar):
                yield entry
        stack.extend(reversed(elements(content.get("child_modules"))))


def _has_unknown(value: Value) -> bool:
    try:
        plain(value)
    except (NotKnown, EvaluationError):
        return True
    return False
