"""Which provider configuration a module means by a name: `required_providers`, aliases, `providers` maps, inheritance.

Terraform identifies a provider by its registry source, not by its local name: `provider "foo"` whose source is
hashicorp/aws configures the resource types `aws_…`, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sovlint.model.resource import ProviderConfig
from sovlint.model.source import Span
from sovlint.model.value import Known, Step, Value
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.attributes import BlockAttributes
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.downloaded import AtCall, is_downloaded
from sovlint.resolve.terraform.folder import Declared, ModuleFolder

if TYPE_CHECKING:
    from sovlint.resolve.terraform.module import Module

PUBLIC_REGISTRIES = ("registry.terraform.io/", "registry.opentofu.org/")


class ProviderReference(NamedTuple):
    """`aws.us`, or `aws.by_region["eu"]` where the block has a `for_each` (OpenTofu); `key` is that index."""

    name: str
    alias: str = ""
    key: Value | None = None


def normal_source(text: str) -> str:
    """A provider's source in one form: lower case, two parts for the public registries."""
    text = text.strip().lower()
    for registry in PUBLIC_REGISTRIES:
        text = text.removeprefix(registry)
    return text if "/" in text or not text else f"hashicorp/{text}"


def source_of(folder: ModuleFolder, local_name: str) -> str:
    """Registry source of a local provider name; the implied one if nothing is written."""
    return normal_source(folder.required.get(local_name, ("", None))[0]) or f"hashicorp/{local_name}"


def reference_of(node: n.Expression, context: Context | None) -> ProviderReference | None:
    """What `provider = …` or an entry of a `providers` map names, in any of the forms Terraform accepts."""
    if type(node) is n.IndexExpression and type(node.source) is n.Traversal and context is not None:
        from sovlint.resolve.terraform.evaluate import evaluate

        base = reference_of(node.source, None)
        return base and ProviderReference(base.name, base.alias, evaluate(node.key, context))
    if type(node) is n.Traversal:
        names = [step for step in node.steps if isinstance(step, str)]
        keys = [step.key for step in node.steps if not isinstance(step, str)]
        key = Known(keys[0], context.span(node)) if keys and context is not None else None
        return ProviderReference(node.root, names[0] if names else "", key)
    if type(node) is n.ObjectKey:
        return ProviderReference(node.name)
    if type(node) is n.String:
        name, _, alias = node.value.partition(".")
        return ProviderReference(name, alias)
    if type(node) is n.Parentheses or type(node) is n.TemplateWrap:
        return reference_of(node.inner, context)
    return None


def wanted(declared: Declared, kind: str, context: Context) -> ProviderReference:
    """The provider configuration that a resource asks for; by default the one its type is named after."""
    found = declared.attribute("provider")
    reference = reference_of(found[1].expression, context) if found else None
    return reference or ProviderReference(kind.split("_", 1)[0])


def find_provider(module: Module, reference: ProviderReference) -> ProviderConfig:
    """The configuration that a reference means in a module: declared here, handed down, or inherited."""
    name, alias = reference.name, reference.alias
    folder = module.folder
    source = source_of(folder, name)
    written, required_span = folder.required.get(name, ("", None))
    local = _block_name(folder, name, alias, source)
    handed = _handed_down(module, name, alias, source)
    if local is not None:
        declared = folder.providers[local, alias]
        if handed is None or not _is_proxy(declared):
            return _declared(module, declared, local, reference, normal_source(written))
    if handed is not None:
        return handed
    if module.parent is not None and not alias:
        inherited = module.parent.provider(ProviderReference(_local_name(module.parent.folder, source, name)))
        if inherited.attributes is not None or inherited.span is not None:
            return inherited
    label = f"{name}.{alias}" if alias else name
    return _outside(
        module,
        ProviderConfig(
            source.rpartition("/")[2],
            normal_source(written),
            f"{module.prefix}provider.{label}",
            None,
            required_span,
            unread=f"provider {label} is not configured, but {folder.incomplete}" if folder.incomplete else "",
        ),
    )


def _block_name(folder: ModuleFolder, name: str, alias: str, source: str) -> str | None:
    """Local name of the block that configures a provider, under this name or another one for the same source."""
    if (name, alias) in folder.providers:
        return name
    for other, other_alias in folder.providers:
        if other_alias == alias and source_of(folder, other) == source:
            return other
    return None


def _is_proxy(declared: Declared) -> bool:
    """An empty block in a called module only announces a configuration that the caller passes."""
    return all(name in ("alias", "version") for name in declared.names())


def _declared(
    module: Module, declared: Declared, local: str, reference: ProviderReference, source: str
) -> ProviderConfig:
    address = f"{module.prefix}provider.{local}"
    if reference.alias:
        address += f".{reference.alias}"
    attributes = BlockAttributes(declared, Context(module, declared.source), address)
    if declared.attribute("for_each") is not None:
        from sovlint.resolve.terraform.instances import expand

        instances = expand(declared, module, address)
        key = reference.key.value if type(reference.key) is Known else None
        chosen = instances.items.get(key if isinstance(key, (str, int)) else "*")
        attributes = chosen or expand(declared, module, address, unsure=True).items["*"]
        address = attributes.address
    name = source_of(module.folder, local).rpartition("/")[2]
    return _outside(module, ProviderConfig(name, source, address, attributes, declared.type_span))


def _outside(module: Module, config: ProviderConfig) -> ProviderConfig:
    """A configuration inside a downloaded module stands at the call that a person can edit."""
    call = module.call_site
    if call is None or config.span is None or not is_downloaded(config.span.file.path):
        return config
    inner = Step(config.span, config.address, f"{config.address} is configured inside the downloaded module")
    attributes = AtCall(config.attributes, call, config.address) if config.attributes is not None else None
    return ProviderConfig(config.name, config.source, config.address, attributes, call, (inner, *config.via))


def _handed_down(module: Module, name: str, alias: str, source: str) -> ProviderConfig | None:
    """The caller's configuration according to the call's `providers` map."""
    if module.call is None or module.parent is None:
        return None
    found = module.call.declared.attribute("providers")
    if found is None or not isinstance(found[1].expression, n.Object):
        return None
    file = found[0]
    context = Context(module.parent, file, module.call.context.names)
    for key, value in found[1].expression.items:
        inside = reference_of(key, None)
        if inside is None or inside.alias != alias:
            continue
        if inside.name != name and source_of(module.folder, inside.name) != source:
            continue
        target = reference_of(value, context)
        if target is None:
            return None
        config = module.parent.provider(target)
        label = f"{name}.{alias}" if alias else name
        step = Step(Span(file, value.start, value.end), f"{module.address}.providers.{label}")
        return ProviderConfig(
            config.name, config.source, config.address, config.attributes, config.span, (*config.via, step)
        )
    return None


def _local_name(folder: ModuleFolder, source: str, fallback: str) -> str:
    """The local name a module uses for a provider source."""
    for name in folder.required:
        if source_of(folder, name) == source:
            return name
    return fallback
