"""From a root module to its resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sovlint.model.problem import Problem
from sovlint.model.resource import Attributes, ProviderConfig, Resource
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Step, Value
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.backends import backends
from sovlint.resolve.terraform.downloaded import AtCall, Target, source_value
from sovlint.resolve.terraform.folder import Declared, FolderCache
from sovlint.resolve.terraform.inputs import Collected, Given, collect
from sovlint.resolve.terraform.module import Mode, Module
from sovlint.resolve.terraform.providers import wanted

NO_LITERAL = "(not a literal)"
"""Kind of a module call whose source cannot be determined."""


class LoadedRoot:
    """What a root module declares, evaluated as far as anybody asks.

    Attributes:
        resources: instances of resources, data sources, state backends, and of module calls that cannot be read.
        sources: files read as part of the configuration, by path; their text may hold waivers.
        remote_modules: sources of module calls that are not in the tree, one per call.
        root: the root module itself.
    """

    __slots__ = ("problems", "remote_modules", "resources", "root", "sources")

    def __init__(self, root: Module, problems: Iterable[Problem] = ()) -> None:
        self.root = root
        self.resources: list[Resource] = []
        self.problems = list(problems)
        self.sources: dict[str, SourceFile] = {}
        self.remote_modules: list[str] = []


def load_root(
    cache: FolderCache, folder: str, given: Given, variables: Mapping[str, Value] | None = None
) -> LoadedRoot:
    """All resource instances, data sources and state backends of a root module and of the modules it calls.

    Args:
        cache: reads the folders.
        folder: the root module's folder in the tree.
        given: inputs from outside.
        variables: values that go before all others: those of a plan.
    """
    files = cache.read(folder, keep=False)
    collected = collect(cache.tree, files, given)
    collected.inputs.values.update(variables or {})
    return load_module(Module(files, cache, collected.inputs), collected, folder, given.backend)


def load_module(root: Module, collected: Collected, unit: str, backend: Sequence[str] = ()) -> LoadedRoot:
    """The same for a root module that is there already.

    Args:
        root: the root module.
        collected: where its inputs came from.
        unit: the folder that its resources belong to.
        backend: `-backend-config` values.
    """
    out = LoadedRoot(root)
    out.problems.extend(collected.problems)
    for source in collected.sources:
        out.sources[source.path] = source
    seen: set[str] = set()
    for module in root.walk():
        if module.folder.path not in seen:
            seen.add(module.folder.path)
            if module.downloaded:
                # What is broken inside a download nobody here can mend, and its waivers are not ours.
                out.problems.extend(p._replace(level="warning") for p in module.folder.problems)
            else:
                out.problems.extend(module.folder.problems)
                for source in module.folder.sources:
                    out.sources[source.path] = source
        out.resources.extend(module_resources(module, unit))
        _unread(out, module, unit)
    found, problems = backends(root, unit, backend)
    out.resources.extend(found)
    out.problems.extend(problems)
    return out


def module_resources(module: Module, unit: str) -> Iterator[Resource]:
    """The resource instances that one module instance declares itself."""
    way = way_of(module)
    call = module.call_site
    folder = module.folder
    tables: tuple[tuple[Mode, dict[tuple[str, str], Declared]], ...] = (
        ("managed", folder.resources),
        ("data", folder.data),
        ("ephemeral", folder.ephemeral),
    )
    for mode, table in tables:
        for (kind, name), declared in table.items():
            instances = module.instances(kind, name, mode)
            if instances is None or not instances.items:
                continue
            unsure = module.heuristic or instances.mode == "unknown"
            shared: ProviderConfig | None = None
            if not _indexed(declared):
                shared = module.provider(wanted(declared, kind, module.context(declared.source)))
            for item in instances.items.values():
                provider = shared or module.provider(wanted(declared, kind, item.context))
                span: Span = declared.type_span
                via = way
                attributes: Attributes = item
                if call is not None:
                    inner = Step(span, item.address, f"{item.address} is declared inside the downloaded module")
                    span, via = call, (inner, *way)
                    attributes = AtCall(item, call, item.address)
                yield Resource(
                    item.address,
                    kind,
                    "terraform",
                    "managed" if mode == "managed" else "data",
                    unit,
                    attributes,
                    span,
                    provider,
                    via,
                    unsure,
                )


def _indexed(declared: Declared) -> bool:
    """Whether each instance may have a provider configuration of its own: `provider = aws.by_region[each.key]`."""
    found = declared.attribute("provider")
    return found is not None and "[" in found[0].text[found[1].start : found[1].end]


def way_of(module: Module) -> tuple[Step, ...]:
    """The module calls around a declaration, innermost first."""
    steps: list[Step] = []
    current: Module | None = module
    while current is not None and current.call is not None:
        declared = current.call.declared
        steps.append(Step(declared.label_span, current.address, f"called as {current.address}"))
        current = current.parent
    return tuple(steps)


def _unread(out: LoadedRoot, module: Module, unit: str) -> None:
    """Module calls that lead nowhere we can read: their arguments are linted all the same."""
    reported: set[str] = set()
    way = way_of(module)
    call_site = module.call_site
    for name, item, target in module.calls():
        if not isinstance(target, Target):
            continue
        declared = item.declared
        source = source_value(item) or NO_LITERAL
        if name not in reported:
            reported.add(name)
            if target.code == "remote":
                out.remote_modules.append(source)
            else:
                message = f"module.{name} is not read: {target.reason}"
                out.problems.append(Problem(declared.label_span.location(), target.code, message, "warning"))
        attributes: Attributes = item
        span, via = declared.label_span, way
        if call_site is not None:
            inner = Step(span, item.address, f"{item.address} is called inside the downloaded module")
            attributes, span, via = AtCall(item, call_site, item.address), call_site, (inner, *way)
        unsure = module.heuristic or item.address.endswith("[*]")
        out.resources.append(
            Resource(item.address, source, "terraform", "module", unit, attributes, span, None, via, unsure)
        )


def provider_of(module: Module, item: BlockAttributes, kind: str) -> ProviderConfig:
    """The provider configuration that applies to a resource instance."""
    return module.provider(wanted(item.declared, kind, item.context))
