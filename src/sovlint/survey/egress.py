"""What leaves a cluster because of a text in a manifest: regions that clients are given, and hosts of known operators.

Read are environment variables, arguments, ConfigMaps, Secrets' `stringData` (never `data`), name servers of pods,
fields of some kinds, and the same in Helm values. `policies/catalogue/kubernetes/egress/` says which names mean what,
the catalogue's hosts say whose a host is. Hosts that nobody knows are not reported: most of them are one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import Host
from sovlint.model.fact import Fact, Place, Placement, Reliance, Subject
from sovlint.model.lazy import pattern
from sovlint.model.resource import Resource, Route
from sovlint.model.value import Known, Unknown
from sovlint.resolve.helm import ValuesAttributes
from sovlint.resolve.yaml_attributes import Item, YamlAttributes
from sovlint.survey.causes import cause_of, confidence_of
from sovlint.survey.pods import Budget, Pod, Pods
from sovlint.survey.written_hosts import Found, Vocabulary, hosts_in, span_of, words_of

Data = dict[str, Any]

MAX_ITEMS = 10_000
"""Variables, arguments and keys of one object that are read; lists of aliases multiply."""

_FILLED_IN_LATER = pattern(r"\$\{|\{\{|\$\(|<[A-Za-z_-]+>")
_ARN = pattern(r"arn:aws[\w-]*:(?P<service>[\w-]*):(?P<region>[a-z0-9-]+):[^\s]*")
_VARIABLE = pattern(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{3,}")
_ACCOUNT_KEY = pattern(r'"type"\s*:\s*"service_account"')
_SCRIPTS = (".sh", ".bash", ".py")


class _Region(NamedTuple):
    """A variable that names a region; `namespace` is empty where any provider may be meant."""

    namespace: str
    role: str
    assumed: bool


class _Override(NamedTuple):
    """Names of endpoints beside which a region of the namespace says nothing: one word of each."""

    namespace: str
    of: frozenset[str]
    words: frozenset[str]


class _Attribute(NamedTuple):
    """A field that names a host; `within`: a mapping with fields of its own, whose names tell which ones do."""

    route: Route
    role: str
    within: bool


class Text(NamedTuple):
    """One text with its name.

    Attributes:
        secret: it may hold a secret.
        heuristic: it may not be used as it stands.
        script: a program or an argument of one.
        placed: whoever reads places has read this one.
    """

    name: str
    item: Item
    secret: bool = False
    heuristic: bool = False
    script: bool = False
    placed: bool = False


class _Tables:
    """What the catalogue says of texts that send something out.

    Args:
        catalogue: the tables and the hosts.
        namespace: whose region names apply where a variable does not tell.
    """

    def __init__(self, catalogue: Catalogue, namespace: str) -> None:
        shard = catalogue.shard("egress")
        self.regions = {
            name: _Region(row.get("regions", namespace), row.get("role", "client"), row.get("confidence") == "assumed")
            for name, row in shard.get("region_variables", {}).items()
        }
        self.overrides = [
            _Override(row["regions"], frozenset(row["of"]), frozenset(row["words"]))
            for row in shard.get("region_overrides", ())
        ]
        self.vocabulary = Vocabulary(
            *(frozenset(shard.get(table, {}).get("words", ())) for table in _WORD_TABLES),
        )
        reading = shard.get("reading_hosts", {})
        self.beginnings = tuple(reading.get("beginnings", ()))
        self.read = frozenset(reading.get("hosts", ()))
        self.files = tuple(reading.get("files", ()))
        self.attributes: dict[tuple[str, str], list[_Attribute]] = {}
        for row in shard.get("attributes", ()):
            ways = [_Attribute(tuple(w.split(".")), row["role"], bool(row.get("within"))) for w in row["routes"]]
            self.attributes.setdefault((row["group"], row["kind"]), []).extend(ways)
        self.placed, self.endpoints = (
            frozenset(_folded(key) for row in catalogue.shard("kubernetes")[table] for key in row["keys"])
            for table in ("place_attributes", "endpoint_attributes")
        )


class Egress:
    """Finds regions and hosts in the texts of Kubernetes objects and Helm values.

    Args:
        catalogue: the tables and the hosts.
        pods: finds pods in objects.
        budget: what may be read.
        namespace: whose region names apply where a variable does not tell.
    """

    def __init__(self, catalogue: Catalogue, pods: Pods, budget: Budget, namespace: str = "") -> None:
        self._budget = budget
        self.catalogue = catalogue
        self._pods = pods
        self._tables = catalogue.once(_Tables, namespace)

    # --- objects

    def of_object(self, resource: Resource, attributes: YamlAttributes, subject: Subject) -> Iterator[Fact]:
        """What one Kubernetes object sends out."""
        group = resource.address.partition("/")[0]
        if group == "core" and resource.kind in ("ConfigMap", "Secret"):
            yield from self._data(resource, attributes.item, subject)
            return
        for way in self._tables.attributes.get((group, resource.kind), ()):
            for item in islice(attributes.items(way.route), MAX_ITEMS):
                if not way.within:
                    yield from self._hosts(Text(_HOST_NAME, item), subject, way.role)
                    continue
                for name, leaf in item.walk(attributes.limit):
                    if not leaf.is_mapping and leaf.text():
                        yield from self._hosts(Text(name, leaf), subject, way.role)
        for pod in self._pods.of(resource, attributes):
            yield from self._pod(pod, subject)

    def _data(self, resource: Resource, item: Item, subject: Subject) -> Iterator[Fact]:
        secret = resource.kind == "Secret"
        holder = item.child("stringData" if secret else "data")
        if holder is None or not holder.is_mapping:
            return
        pairs = list(islice(holder.children(), MAX_ITEMS))
        beside = dict(pairs)
        for name, child in pairs:
            if name.lower().endswith(self._tables.files) or _sends_nothing(child):
                continue
            text = Text(name, child, secret=secret, script=name.lower().endswith(_SCRIPTS))
            yield from self._variable(text, beside, subject)

    def _pod(self, pod: Pod, subject: Subject) -> Iterator[Fact]:
        for server in pod.at(("dnsConfig", "nameservers")):
            yield from self._hosts(Text("nameservers", server), subject)
        for container in pod.containers():
            yield from self._environment(container.child("env"), subject)
            yield from self._arguments(container, subject)

    def _environment(self, holder: Item | None, subject: Subject, *, heuristic: bool = False) -> Iterator[Fact]:
        """Facts of a list of `{name, value}`."""
        beside: dict[str, Item] = {}
        for element in islice(holder.elements(), MAX_ITEMS) if holder is not None else ():
            if not self._budget.spend(element, 30):
                return
            name = element.child("name") if element.is_mapping else None
            text = name.text() if name is not None else None
            if text:
                # What is taken from elsewhere (`valueFrom`) is beside the others, but not known.
                beside[text] = element.child("value") or element
        for name_of, value in beside.items():
            if not value.is_mapping:
                yield from self._variable(Text(name_of, value, heuristic=heuristic), beside, subject)

    def _arguments(self, container: Item, subject: Subject, *, heuristic: bool = False) -> Iterator[Fact]:
        for key in ("command", "args"):
            holder = container.child(key)
            if holder is not None:
                yield from self._words(holder, subject, heuristic=heuristic)

    def _words(self, holder: Item, subject: Subject, *, heuristic: bool) -> Iterator[Fact]:
        flag = ""
        for word in islice(holder.elements(), MAX_ITEMS):
            text = word.text() or ""
            if flag and not text.startswith("-"):
                yield from self._hosts(Text(flag, word, heuristic=heuristic), subject)
            elif not (text.startswith("-") and self._tables.vocabulary.reading(text.partition("=")[0])):
                yield from self._hosts(Text("", word, heuristic=heuristic, script=True), subject)
            flag = text if text.startswith("-") and "=" not in text and " " not in text else ""

    # --- Helm values

    def of_values(
        self, holder: Item, attributes: ValuesAttributes, subject_at: Callable[[str], Subject]
    ) -> Iterator[Fact]:
        """What one mapping of Helm values sends out; only what one file decides."""
        pairs = [(name, child) for name, child in holder.children() if attributes.decides(child)]
        beside = dict(pairs)
        name, value = beside.get("name"), beside.get("value")
        written = name.text() if name is not None else None
        if written and value is not None and _VARIABLE.fullmatch(written):
            yield from self._variable(Text(written, value, heuristic=True), {}, subject_at(value.path))
            return
        # An endpoint beside a region is read as the place of both.
        region = any(_folded(key) in self._tables.placed for key, _ in pairs)
        endpoint = next((key for key, _ in pairs if _folded(key) in self._tables.endpoints), "") if region else ""
        for key, child in pairs:
            text = child.text()
            if text is None:
                if words_of(key) & _ARGUMENT_WORDS:
                    yield from self._words(child, subject_at(child.path), heuristic=True)
                continue
            lines = "\n" in text.strip()
            if key.lower().endswith(self._tables.files) or _sends_nothing(child):
                continue
            variable = _VARIABLE.fullmatch(key) is not None
            if lines or variable or self._tables.vocabulary.host(key) or self._tables.vocabulary.resolver(key):
                # Keys such as `awsRegion` are read as places already.
                if _folded(key) in self._tables.placed:
                    continue
                one = Text(key, child, heuristic=True, placed=key == endpoint)
                yield from self._variable(one, beside, subject_at(child.path))

    # --- texts

    def _variable(self, text: Text, beside: Mapping[str, Item], subject: Subject) -> Iterator[Fact]:
        """A region where the name says so, else hosts and ARNs."""
        region = self._tables.regions.get(text.name)
        if region is not None:
            yield from self._region(text, region, beside, subject)
            return
        written = text.item.text()
        # Most values are words: neither an ARN nor a host.
        if written and ("." in written or ":" in written):
            yield from self._arn(text, subject)
            yield from self._hosts(text, subject)

    def _region(self, text: Text, region: _Region, beside: Mapping[str, Item], subject: Subject) -> Iterator[Placement]:
        value = text.item.value(subject.address, heuristic=text.heuristic)
        if value is None or not isinstance(value.value, str) or not value.value.strip():
            return
        overridden = self._overridden(region.namespace, beside)
        if overridden:
            return
        assumed = region.assumed or overridden is None
        if _FILLED_IN_LATER.search(value.value):
            unknown = Unknown("filled in later", value.span, value.via, owner=value.owner, heuristic=value.heuristic)
            yield _placement(subject, region.role, text.item.path, unknown, (), assumed)
            return
        name = value.value.strip()
        if region.namespace:
            place = self.catalogue.place(region.namespace, name)
            places: tuple[Place, ...] = () if place is None else (place,)
        else:
            places = self.catalogue.places_named(name)
            assumed = True
        if places:
            yield _placement(subject, region.role, text.item.path, value, places, assumed)

    def _overridden(self, namespace: str, beside: Mapping[str, Item]) -> bool | None:
        """Whether an endpoint of somebody else stands beside a region; None where its host is not known."""
        for override in self._tables.overrides:
            if override.namespace != namespace:
                continue
            for name, item in beside.items():
                words = words_of(name)
                if words.isdisjoint(override.of) or words.isdisjoint(override.words):
                    continue
                text = item.text() or ""
                hosts = [found.host for found in hosts_in(_HOST_NAME, text, self._tables.vocabulary)]
                if not hosts:
                    return True if text and not _FILLED_IN_LATER.search(text) else None
                if not any(self.catalogue.host(host).namespace == namespace for host in hosts):
                    return not any(self.catalogue.host(host).operator == namespace for host in hosts)
        return False

    def _arn(self, text: Text, subject: Subject) -> Iterator[Placement]:
        written = (text.item.text() or "")[:2_048].strip()
        match = _ARN.fullmatch(written) if written.startswith("arn:") else None
        place = self.catalogue.place("aws", match["region"]) if match is not None else None
        value = text.item.value(subject.address, heuristic=text.heuristic)
        if match is not None and place is not None and value is not None:
            role = "inference" if match["service"] == "bedrock" else "client"
            yield _placement(subject, role, text.item.path, value, (place,), False, sensitive=text.secret)

    def _hosts(self, text: Text, subject: Subject, role: str = "client") -> Iterator[Fact]:
        written = text.item.text()
        if not written or not self._budget.spend(text.item, 50 + len(written)):
            return
        seen: set[tuple[str, int]] = set()
        for found in hosts_in(text.name, written, self._tables.vocabulary, script=text.script):
            entry = self.catalogue.host(found.host)
            if not entry.purpose or not entry.operator or entry.operator == "private" or self._is_read(found.host):
                continue
            if (found.host, found.start) in seen or (entry.purpose == "resolver") != _is_address(found.host):
                continue
            seen.add((found.host, found.start))
            yield from self._of_host(text, written, found, entry, subject, role)

    def _is_read(self, host: str) -> bool:
        return host.startswith(self._tables.beginnings) or host in self._tables.read

    def _of_host(
        self, text: Text, written: str, found: Found, entry: Host, subject: Subject, role: str
    ) -> Iterator[Fact]:
        span = span_of(text.item, written, found)
        sensitive = text.secret or found.secret
        path = text.item.path
        via = text.item.layers[0].via
        value = Known(found.host, span, via, owner=subject.address, heuristic=text.heuristic, sensitive=sensitive)
        # Of a secret no more than the host is shown, and nothing of the line it stands on.
        cause = cause_of(value, subject.address, path)._replace(value=found.host)
        sure = confidence_of(value, assumed=entry.assumed)
        yield Reliance(subject, role, path, sure, cause, entry.purpose, entry.operator, found.host)
        place = self.catalogue.place(entry.namespace, entry.region) if entry.region and entry.namespace else None
        if place is not None and role == "client" and not text.placed:
            kind = "inference" if entry.purpose == "model-api" else "client"
            yield Placement(subject, kind, path, sure, cause, (place,))


_HOST_NAME = "endpoint"
_WORD_TABLES = ("host_words", "reading_words", "resolver_words")
_ARGUMENT_WORDS = frozenset({"args", "arguments", "extraargs", "command", "flags"})


def _placement(
    subject: Subject,
    role: str,
    path: str,
    value: Known | Unknown,
    places: Iterable[Place],
    assumed: bool,
    *,
    sensitive: bool = False,
) -> Placement:
    found = tuple(places)
    sure = confidence_of(value, assumed=assumed or any(place.assumed for place in found))
    cause = cause_of(value, subject.address, path)
    if sensitive:
        cause = cause._replace(value=None, sensitive=True)
    return Placement(subject, role, path, sure, cause, found)


def _folded(key: str) -> str:
    return key.lower().replace("-", "").replace("_", "")


def _is_address(host: str) -> bool:
    """Whether a host is an IP address: those are known as resolvers only."""
    return ":" in host or host.replace(".", "").isdigit()


def _sends_nothing(item: Item) -> bool:
    """Whether a text is full of links but talks to nobody: a Grafana dashboard, the key file of a Google account."""
    text = (item.text() or "")[:500_000]
    if not text.lstrip().startswith("{"):
        return False
    return _ACCOUNT_KEY.search(text) is not None or ('"panels"' in text and '"schemaVersion"' in text)
