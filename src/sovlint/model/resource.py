"""Resources: what Terraform, Kubernetes and Helm declare, in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Protocol, TypeAlias

from sovlint.model.source import Span
from sovlint.model.value import Step, Value

Route: TypeAlias = tuple[str, ...]
"""A symbolic way into a resource: keys and block names; lists are entered without an index, `*` matches every key.

`("replica", "region_name")` finds the attribute in every `replica` block (static or dynamic);
`("spec", "containers", "image")` finds the image of every container.
"""

Format: TypeAlias = Literal["terraform", "kubernetes", "helm", "pipeline", "project"]
"""`project` is what is said of the run as a whole and of no resource."""


class Attributes(Protocol):
    """Lazy access to what a resource says of itself; nothing is evaluated that nobody asks for."""

    def select(self, route: Route) -> Iterable[tuple[str, Value]]:
        """Every value at the route with its concrete path (`replica[0].region_name`); nothing if not written."""
        ...

    def key_span(self, route: Route) -> Span | None:
        """The place of the key at the route, for findings where the key binds; the first one, None if absent."""
        ...

    def names(self) -> Iterable[str]:
        """Top-level attribute and block names (keys), in order of the source."""
        ...

    def references(self) -> Iterator[tuple[str, str, str]]:
        """Direct references of top-level attributes: (attribute, address, attribute of the target)."""
        ...


class ProviderConfig:
    """A provider configuration as one module instance sees it.

    Attributes:
        name: provider type (`aws`), after local names were resolved through `required_providers`.
        source: registry source (`hashicorp/aws`), empty when nothing was written.
        address: `provider.aws` or `provider.aws.us`; with the module path in front inside modules.
        attributes: the provider block's contents; None when no block exists.
        span: where an operator finding stands: the block's labels, else the `required_providers` entry, else None.
        via: module calls through which the configuration was handed down, from the block outward.
        unread: why a block may exist nevertheless, if none was found: a file that could not be read.
    """

    __slots__ = ("address", "attributes", "name", "source", "span", "unread", "via")

    def __init__(
        self,
        name: str,
        source: str,
        address: str,
        attributes: Attributes | None,
        span: Span | None,
        via: tuple[Step, ...] = (),
        unread: str = "",
    ) -> None:
        self.name = name
        self.unread = unread
        self.source = source
        self.address = address
        self.attributes = attributes
        self.span = span
        self.via = via


class Resource:
    """One resource instance. Treat as frozen.

    Attributes:
        address: Terraform's own instance address; `group/Kind/namespace/name`; `chart:key.path` for values.
        kind: resource type: `aws_s3_bucket`, `Deployment`.
        format: the language it was declared in.
        mode: what it is in that language: a managed resource, data source, state backend, object or values file.
        unit: folder of the root module, chart folder, or path of the stand-alone file.
        attributes: lazy contents.
        span: the declaration: the type label in Terraform, the `kind` value in Kubernetes, the file's start for values.
        provider: for Terraform, the configuration that applies.
        via: module calls around the declaration, innermost first.
        heuristic: the instance may not exist (unknown count, disabled branch).
    """

    __slots__ = ("address", "attributes", "format", "heuristic", "kind", "mode", "provider", "span", "unit", "via")

    def __init__(
        self,
        address: str,
        kind: str,
        format: Format,
        mode: Literal["managed", "data", "backend", "module", "object", "values", "chart"],
        unit: str,
        attributes: Attributes,
        span: Span,
        provider: ProviderConfig | None = None,
        via: tuple[Step, ...] = (),
        heuristic: bool = False,
    ) -> None:
        self.address = address
        self.kind = kind
        self.format = format
        self.mode = mode
        self.unit = unit
        self.attributes = attributes
        self.span = span
        self.provider = provider
        self.via = via
        self.heuristic = heuristic
