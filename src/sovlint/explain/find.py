"""From what somebody typed to what the catalogue knows; with suggestions where that is nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import partial

from sovlint.catalogue import Catalogue
from sovlint.explain.hosts import host_entry
from sovlint.explain.known import known_types, provider_by_prefix
from sovlint.explain.operators import operator_entry
from sovlint.explain.page import Entry
from sovlint.explain.places import place_entry
from sovlint.explain.rules import rule_entry
from sovlint.explain.services import service_entry
from sovlint.explain.types import type_entry
from sovlint.model.errors import UsageError
from sovlint.model.fact import Place
from sovlint.survey.places import host_of

KINDS = (
    "a rule (SOV101, region-outside-zone)",
    "a resource type (aws_dynamodb_table)",
    "a service (aws/s3)",
    "a place (aws:eu-west-2, eu-west-2)",
    "an operator (scaleway, OVHcloud)",
    "a host or URL (ghcr.io)",
)

_SHOWN = 200
"""Characters of what was asked that an answer repeats."""

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*", re.ASCII)
_ADDRESS = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?P<type>[a-z][a-z0-9-]*_\w+)\.[\w-]+(?:\[.*\])?", re.ASCII)


class UnknownNameError(UsageError):
    """Nothing is known of what was asked; the message suggests what comes near and says what may be asked."""

    lines = True


def explain(what: str, catalogue: Catalogue) -> tuple[Entry, ...]:
    """Everything the catalogue knows under a name: one entry, or one for each provider or kind that has the name.

    Raises:
        UnknownNameError: nothing.
    """
    name = what.strip()
    found = (
        tuple(_rules(name, catalogue)) or tuple(_types(name, catalogue)) or tuple(_services(name.casefold(), catalogue))
    )
    if found:
        return found
    found = (*_places(name, catalogue), *_operators(name, catalogue))
    if found:
        return found
    found = tuple(_hosts(name, catalogue))
    if found:
        return found
    raise UnknownNameError(_nothing(name, catalogue))


def _rules(name: str, catalogue: Catalogue) -> Iterator[Entry]:
    for code, rule in catalogue.rules.items():
        if name.casefold() in (code.casefold(), rule["name"]):
            yield rule_entry(code, catalogue)


def _types(name: str, catalogue: Catalogue) -> Iterator[Entry]:
    match = _ADDRESS.fullmatch(name)
    kind = match["type"] if match else name
    if "_" not in kind or len(kind) > _SHOWN:
        return
    provider = known_types(catalogue).get(kind)
    if provider is None:
        # A type that is newer than the list may still match a pattern of its provider.
        guessed = provider_by_prefix(catalogue, kind)
        if not guessed or not catalogue.type_entry(guessed, kind).classified:
            return
        provider = guessed
    yield type_entry(kind, provider, catalogue)


def _services(name: str, catalogue: Catalogue) -> Iterator[Entry]:
    provider, slash, service = name.partition("/")
    if slash and catalogue.provider(provider) is not None and catalogue.service(provider, service):
        yield service_entry(provider, service, catalogue)


def _places(name: str, catalogue: Catalogue) -> Iterator[Entry]:
    namespace, colon, region = name.partition(":")
    if colon:
        places = [catalogue.place(_namespace(namespace, catalogue), region)]
        asked = region
    else:
        places = [*catalogue.places_named(name), *_titled(name, catalogue)]
        asked = name
    for place in dict.fromkeys(places):
        if place is not None:
            yield place_entry(place, catalogue, "" if asked.casefold() == place.title.casefold() else asked)


def _namespace(text: str, catalogue: Catalogue) -> str:
    """Whose region names: a namespace, or the name of a provider that uses one."""
    name = text.casefold()
    if name in catalogue.shard("core")["namespaces"]:
        return name
    provider = catalogue.provider(name)
    return provider.namespace if provider else ""


def _titled(name: str, catalogue: Catalogue) -> Iterator[Place]:
    """Regions that people call so ("Frankfurt")."""
    wanted = name.casefold()
    for namespace in catalogue.shard("core")["namespaces"]:
        for region, entry in (catalogue.shard(f"regions-{namespace}").get("regions") or {}).items():
            if wanted and entry.get("title", "").casefold() == wanted:
                place = catalogue.place(namespace, region)
                if place is not None:
                    yield place


def _operators(name: str, catalogue: Catalogue) -> Iterator[Entry]:
    core = catalogue.shard("core")
    wanted = name.casefold()
    entry = partial(operator_entry, catalogue=catalogue)
    if wanted in core["operators"]:
        yield entry(wanted)
        return
    named = [
        key
        for key, row in core["operators"].items()
        if wanted in (row["name"].casefold(), row.get("entity", "").casefold())
    ]
    owned = [key for key, row in core["operators"].items() if wanted == row["parent"].casefold()]
    provided = core["providers"].get(wanted, {}).get("operator")
    for key in named or owned or [provided] if wanted else []:
        if key in core["operators"]:
            yield entry(key)


def _hosts(name: str, catalogue: Catalogue) -> Iterator[Entry]:
    if not name or any(c.isspace() or not c.isprintable() for c in name):
        return
    host = host_of(name)
    if not host or len(host) > 253:
        return
    namespace = name.partition(":")[0].casefold()
    if "://" not in name and namespace in catalogue.shard("core")["namespaces"]:
        return
    told = "://" in name or "." in host or ":" in host or host == "localhost"
    if told and (":" in host or _HOST.fullmatch(host)) and not name.startswith("."):
        yield host_entry(host, catalogue)


def _nothing(name: str, catalogue: Catalogue) -> str:
    """The sentence for what nobody knows. `repr` escapes what a terminal would obey."""
    shown = repr(name if len(name) <= _SHOWN else name[:_SHOWN] + "…")
    near = suggestions(name, catalogue)
    lines = [f"nothing is known of {shown}"]
    if near:
        lines.append(f"near to it: {', '.join(near)}")
    lines += ["what may be asked:", *(f"  {kind}" for kind in KINDS)]
    return "\n".join(lines)


def suggestions(name: str, catalogue: Catalogue) -> list[str]:
    """Up to five names that come near, the nearest first."""
    name = name[:_SHOWN].casefold()
    core = catalogue.shard("core")
    namespace, colon, region = name.partition(":")
    if colon and (namespace := _namespace(namespace, catalogue)):
        names = _region_names(namespace, catalogue)
        return [f"{namespace}:{near}" for near in difflib.get_close_matches(region, names, 5)]
    pool: list[str] = []
    if "_" in name:
        types = list(known_types(catalogue))
        first = name.partition("_")[0] + "_"
        # Where the provider is spelled right, only its types come near; twenty thousand take a second to compare.
        pool = [kind for kind in types if kind.startswith(first)]
        if not pool:
            short = difflib.get_close_matches(first, {kind.partition("_")[0] + "_" for kind in types}, 2)
            pool = [kind for kind in types if kind.startswith(tuple(short))] if short else []
    else:
        pool = list(catalogue.rules) + [rule["name"] for rule in catalogue.rules.values()]
        pool += core["operators"]
        pool += catalogue.shard("hosts").get("hosts", {})
        pool += [row["name"].casefold() for row in core["operators"].values()]
        pool += [near for ns in core["namespaces"] for near in _region_names(ns, catalogue)]
    lower = {entry.casefold(): entry for entry in pool}
    return [lower[near] for near in difflib.get_close_matches(name, list(lower), 5)]


def _region_names(namespace: str, catalogue: Catalogue) -> list[str]:
    shard = catalogue.shard(f"regions-{namespace}")
    return [name for table in ("regions", "multi", "global") for name in (shard.get(table) or {})]
