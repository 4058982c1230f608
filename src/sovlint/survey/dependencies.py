"""What a resource depends on besides its place: services with a purpose, hosts it names, keys, accounts it trusts.

The knowledge stands in `policies/catalogue/dependencies.yaml`; this module finds it in resources. What is asked of a
type is collected once per type, so that most resources cost one look-up.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import TypeEntry
from sovlint.model.fact import Cause, Confidence, Fact, KeyCustody, Reliance, Subject
from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource, Route
from sovlint.model.value import Known, Unknown, Value, picked
from sovlint.survey.causes import cause_of, confidence_of, covering, hops, text_of
from sovlint.survey.places import host_of, is_null

Data = dict[str, Any]

_HOST = pattern(r"(?<![\w.-])[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_ACCOUNT = pattern(r"(?:arn:aws[\w-]*:iam::|\"AWS\"\s*:\s*\[?\s*\")(?P<number>[0-9]{12})|^(?P<alone>[0-9]{12})$")
_READING = ("docs.", "www.")
"""Hosts that are read by people, not talked to by programs."""

MAX_TEXT = 100_000
"""Characters of one value that are searched."""


class Condition(NamedTuple):
    """Something said of an attribute: it is written, or it is one of some texts (lower case; `*` ends a beginning)."""

    route: Route
    equals: tuple[str, ...]

    def holds(self, resource: Resource) -> bool | None:
        """Whether it does; None where the value is not known."""
        values = [v for _, v in resource.attributes.select(self.route) if not is_null(v)]
        if not self.equals:
            return bool(values) or (resource.attributes.key_span(self.route) is not None and not self._nulls(resource))
        texts = [text_of(value) for value in values]
        if any(text is not None and self._matches(text.lower()) for text in texts):
            return True
        return None if any(text is None for text in texts) else False

    def _nulls(self, resource: Resource) -> bool:
        return any(is_null(value) for _, value in resource.attributes.select(self.route))

    def _matches(self, text: str) -> bool:
        return any(text.startswith(e[:-1]) if e.endswith("*") else text == e for e in self.equals)


class ServiceRow(NamedTuple):
    """A type that is a service with a purpose, under conditions.

    `own_cause`: what a person would change is the resource, also where the service as such stands on its provider.
    """

    purpose: str
    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    own_cause: bool


class AttributeRow(NamedTuple):
    """Attributes of a type, or of its provider's `configuration`, that name hosts or accounts."""

    routes: tuple[Route, ...]
    role: str
    carries: str
    purpose: str
    purposes: frozenset[str]
    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    configuration: bool


class TypeDependencies(NamedTuple):
    """What there is to ask of the resources of one type; `key_copy`: its own place is that of a key's copy."""

    services: tuple[ServiceRow, ...]
    attributes: tuple[AttributeRow, ...]
    keys: tuple[tuple[Condition, ...], ...]
    key_copy: bool


class Dependencies:
    """Finds dependencies of Terraform resources."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._types: dict[tuple[str, str], TypeDependencies | None] = {}

    def of_type(self, entry: TypeEntry) -> TypeDependencies | None:
        """What to ask of a type; None, for most of them, if there is nothing."""
        key = (entry.provider, entry.kind)
        if key not in self._types:
            self._types[key] = self._find(entry)
        return self._types[key]

    def _find(self, entry: TypeEntry) -> TypeDependencies | None:
        shard = self.catalogue.shard("dependencies")

        def rows(table: str) -> Iterator[Data]:
            for row in shard.get(table, {}).get(entry.provider, ()):
                named = any(_is_type(entry.kind, name) for name in row.get("types", ()))
                if named or (entry.primary and entry.service is not None and entry.service in row.get("services", ())):
                    yield row

        found = TypeDependencies(
            tuple(
                ServiceRow(r["purpose"], _conditions(r, "when"), _conditions(r, "unless"), r.get("cause") == "resource")
                for r in rows("services")
            ),
            tuple(
                AttributeRow(
                    tuple(tuple(route.split(".")) for route in row["routes"]),
                    row["role"],
                    row.get("carries", "host"),
                    row.get("purpose", ""),
                    frozenset(row.get("purposes", ())),
                    _conditions(row, "when"),
                    _conditions(row, "unless"),
                    bool(row.get("configuration")),
                )
                for row in rows("attributes")
            ),
            tuple(_conditions(row, "external") for row in rows("keys") if not row.get("copy")),
            any(row.get("copy") for row in rows("keys")),
        )
        return found if any(found) else None

    # --- facts

    def facts(
        self,
        resource: Resource,
        subject: Subject,
        asked: TypeDependencies,
        operator: str,
        label: Cause,
        index: Mapping[str, Resource],
    ) -> Iterator[Fact]:
        """The facts of one resource.

        Args:
            resource: whose attributes are read.
            subject: the same, for facts.
            asked: what there is to ask of its type.
            operator: who runs it.
            label: where a finding about the service as such stands.
            index: all resources of the unit by address.
        """
        sure: Confidence = "heuristic" if resource.heuristic else "literal"
        named = asked.services or asked.keys
        own = Cause(subject.declared_at, resource.address, resource.kind, hops(resource.via)) if named else label
        for service in asked.services:
            if _applies(service, resource):
                cause, name = own if service.own_cause else label, subject.service or ""
                yield Reliance(subject, "service", "type", sure, cause, service.purpose, operator, "", name)
        for external in asked.keys:
            answers = [condition.holds(resource) for condition in external]
            if None not in answers:
                yield KeyCustody(subject, "key", "type", sure, own, operator, any(answers))
        for row in asked.attributes:
            if _applies(row, resource):
                seen: set[str] = set()
                config = resource.provider if row.configuration else None
                attributes = config.attributes if config is not None else resource.attributes
                for route in row.routes:
                    for path, value in attributes.select(route) if attributes is not None else ():
                        for fact in self._named(resource, subject, row, path, value, index, seen):
                            # What an operator accepts from itself adds nobody.
                            if row.role != "trust" or fact.operator != operator:
                                yield fact

    def _named(
        self,
        resource: Resource,
        subject: Subject,
        row: AttributeRow,
        path: str,
        value: Value,
        index: Mapping[str, Resource],
        seen: set[str],
    ) -> Iterator[Reliance]:
        """Hosts or accounts in one value; each is named once per attribute."""
        for one in _scalars(value, path):
            where, leaf = one
            if row.carries == "policy":
                found: Iterable[tuple[Value, str, str, str, bool]] = self._accounts(leaf, index)
            elif row.carries == "environment":
                found = self._hosts_within(leaf, row.purposes)
            else:
                found = self._host(leaf, row)
            for part, purpose, host, operator, assumed in found:
                if (where, host) != (where, "") and f"{where} {host}" not in seen:
                    seen.add(f"{where} {host}")
                    sure = confidence_of(part, assumed=assumed or resource.heuristic)
                    owner = resource.provider if row.configuration else resource
                    cause = cause_of(part, owner.address, where, *owner.via) if owner else cause_of(part, "", where)
                    # A connection string may hold a secret: the host says enough.
                    cause = cause._replace(value=host if cause.value is not None else None)
                    yield Reliance(subject, row.role, where, sure, cause, purpose, operator, host)

    def _host(self, value: Value, row: AttributeRow) -> Iterator[tuple[Value, str, str, str, bool]]:
        """The host of a URL, host name or address."""
        text = text_of(value)
        if row.carries == "url" and "://" not in (text or ""):
            return
        name = host_of(text) if text else ""
        if not name:
            return
        entry = self.catalogue.host(name)
        purpose = row.purpose or entry.purpose
        if not row.purposes or entry.purpose in row.purposes:
            yield value, purpose, name, entry.operator, entry.assumed

    def _hosts_within(self, value: Value, purposes: frozenset[str]) -> Iterator[tuple[Value, str, str, str, bool]]:
        """Hosts of certain purposes anywhere in a text, as in environment variables and container definitions."""
        text = text_of(value)
        if not text or "." not in text or len(text) > MAX_TEXT:
            return
        for match in _HOST.finditer(text):
            name = match[0].lower()
            entry = self.catalogue.host(name)
            if entry.purpose not in purposes or name.startswith(_READING) or _is_address(text, match.start()):
                continue
            yield covering(value, match.start(), match.end()), entry.purpose, name, entry.operator, entry.assumed

    def _accounts(self, value: Value, index: Mapping[str, Resource]) -> Iterator[tuple[Value, str, str, str, bool]]:
        """Known vendors' account numbers in an IAM policy, or in the policy document it refers to."""
        text = text_of(value)
        if text is None:
            for address, _ in value.refs:
                target = index.get(address)
                if target is not None and target.kind == "aws_iam_policy_document":
                    for path, inner in target.attributes.select(("statement", "principals", "identifiers")):
                        for _, leaf in _scalars(inner, path):
                            if text_of(leaf) is not None:
                                yield from self._accounts(leaf, index)
            return
        accounts = self.catalogue.shard("dependencies").get("accounts", {})
        for match in _ACCOUNT.finditer(text[:MAX_TEXT]):
            number = match["number"] or match["alone"]
            row = accounts.get(number)
            if row is not None:
                start = match.start("number") if match["number"] else match.start("alone")
                yield covering(value, start, start + 12), "account", number, row["operator"], False


def _is_type(kind: str, name: str) -> bool:
    return kind.startswith(name[:-1]) if name.endswith("*") else kind == name


def _conditions(row: Data, key: str) -> tuple[Condition, ...]:
    return tuple(
        Condition(tuple(c["route"].split(".")), tuple(str(e).lower() for e in c.get("equals", ())))
        for c in row.get(key, ())
    )


def _applies(row: ServiceRow | AttributeRow, resource: Resource) -> bool:
    """All conditions certainly hold and no exception may: what is not known gives no finding."""
    if not all(condition.holds(resource) for condition in row.when):
        return False
    return all(condition.holds(resource) is False for condition in row.unless)


def _scalars(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """The value itself, the elements of a list or map, or the candidates of a conditional."""
    if type(value) is Unknown and value.candidates:
        for candidate in value.candidates:
            yield from _scalars(candidate, path)
    elif type(value) is Known and isinstance(value.value, tuple):
        for i, element in enumerate(value.value):
            yield from _scalars(picked(element, value), f"{path}[{i}]")
    elif type(value) is Known and isinstance(value.value, Mapping):
        for key, element in value.value.items():
            yield from _scalars(picked(element, value), f"{path}.{key}")
    else:
        yield path, value


def _is_address(text: str, start: int) -> bool:
    """Whether the host at `start` is the domain of a mail address, not the host of a URL with a user in it."""
    if start == 0 or text[start - 1] != "@":
        return False
    token = re.split(r"[\s\"',;<>]", text[:start])[-1]
    return "://" not in token
