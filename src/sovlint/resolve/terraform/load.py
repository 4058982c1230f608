"""From a root module to its resources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sovlint.model.problem import Problem
from sovlint.model.resource import ProviderConfig, Resource
from sovlint.model.source import SourceFile
from sovlint.model.value import Step
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.folder import Declared, FolderCache
from sovlint.resolve.terraform.inputs import Given, collect
from sovlint.resolve.terraform.module import Module, provider_of, source_text

if TYPE_CHECKING:
    from sovlint.resolve.terraform.instances import Instances


@dataclass(slots=True)
class LoadedRoot:
    """What a root module declares, evaluated as far as anybody asks.

    Attributes:
        files: paths of all files read as part of the configuration.
        sources: those whose text may hold waivers.
        remote_modules: sources of module calls that are not in the tree.
    """

    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, SourceFile] = field(default_factory=dict)
    remote_modules: list[str] = field(default_factory=list)


def load_root(cache: FolderCache, folder: str, given: Given) -> LoadedRoot:
    """All resource instances, data sources and state backends of a root module and of the local modules it calls."""
    out = LoadedRoot()
    files = cache.read(folder)
    collected = collect(cache.tree, files, given)
    out.problems.extend(collected.problems)
    for source in collected.sources:
        out.sources[source.path] = source
    root = Module(files, cache, collected.inputs)
    seen: set[str] = set()
    for module in root.walk():
        if module.folder.path not in seen:
            seen.add(module.folder.path)
            out.problems.extend(module.folder.problems)
            for source in module.folder.sources:
                out.sources[source.path] = source
        _resources(out, module, folder)
        _remote(out, module)
    _backends(out, root, folder)
    return out


def _resources(out: LoadedRoot, module: Module, unit: str) -> None:
    way = _way(module)
    for data, table in ((False, module.folder.resources), (True, module.folder.data)):
        for (kind, name), declared in table.items():
            instances = module.instances(kind, name, data=data)
            if instances is None or not instances.items:
                continue
            provider = _provider(module, declared, kind)
            unsure = module.heuristic or instances.mode == "unknown"
            for attributes in instances.items.values():
                out.resources.append(
                    Resource(
                        address=attributes.address,
                        kind=kind,
                        format="terraform",
                        mode="data" if data else "managed",
                        unit=unit,
                        attributes=attributes,
                        span=declared.type_span,
                        provider=provider,
                        via=way,
                        heuristic=unsure,
                    )
                )


def _provider(module: Module, declared: Declared, kind: str) -> ProviderConfig:
    local_name, alias = provider_of(declared, kind.split("_", 1)[0])
    return module.provider(local_name, alias)


def _way(module: Module) -> tuple[Step, ...]:
    """The module calls around a declaration, innermost first."""
    steps: list[Step] = []
    current: Module | None = module
    while current is not None and current.call is not None:
        declared = current.call.declared
        steps.append(Step(declared.label_span, current.address, f"called as {current.address}"))
        current = current.parent
    return tuple(steps)


def _remote(out: LoadedRoot, module: Module) -> None:
    for name, declared in module.folder.modules.items():
        instances: Instances | None = module.children(name)
        if instances is None or not instances.items:
            continue
        if any(module.child(attributes) is None for attributes in instances.attributes()):
            out.remote_modules.append(source_text(declared) or "(not a literal)")


def _backends(out: LoadedRoot, root: Module, unit: str) -> None:
    for declared in root.folder.settings:
        for block in declared.block.body.blocks:
            if block.type not in ("backend", "cloud"):
                continue
            kind = block.labels[0] if block.type == "backend" and block.labels else "cloud"
            item = Declared(declared.source, block)
            address = f"terraform.backend.{kind}" if block.type == "backend" else "terraform.cloud"
            attributes = BlockAttributes(item, Context(root, declared.source), address)
            out.resources.append(Resource(address, kind, "terraform", "backend", unit, attributes, item.type_span))
