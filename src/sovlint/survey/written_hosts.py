"""Hosts in texts that people write into manifests: URLs, `host:port` and bare hosts, and where they stand.

A text is read as what it is: a value by itself (a URL, a connection string, a list), or a file line by line
(properties, YAML, JSON, INI, XML, configuration with blanks). What stands in a comment or in a sentence is no host, and
neither is what a name marks as a link for people. Every host is found whole: nothing is compared by substrings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from sovlint.model.lazy import pattern
from sovlint.model.source import Span
from sovlint.parse.yaml import Scalar
from sovlint.resolve.yaml_attributes import Item

MAX_TEXT = 200_000
"""Characters of one text that are read."""

MAX_FOUND = 200
"""Hosts of one text."""

_URL = pattern(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s\"'`<>|\\^]++")
_LABELS = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*+)(?:\.[A-Za-z0-9_-]++)*+(?<=[A-Za-z])"
_BARE = pattern(rf"(?P<host>{_LABELS})(?P<port>:[0-9]{{1,5}})?\.?", re.ASCII)
_LIST = pattern(r"[,;\s]+")
_PAIR = pattern(r"(?P<key>[A-Za-z][\w. -]*+)=(?P<value>[^;]*+)")
_KEY_BEFORE = pattern(r"([\w./-]++)[\"'`]?\s*(?:=>|:=|[:=])\s*[\[{(]?\s*[\"'`]?$")
_WORD_BEFORE = pattern(r"^\s*([\w.-]++)\s++[\"']?$")
_TAG_BEFORE = pattern(r"<([\w.:-]++)[^<>]*>\s*$")
_ITEM_BEFORE = pattern(r"^\s*(?:-\s*|\[\s*)?[\"'`]?$")
_ENDS = pattern(r"[\"'`]?\s*(?:[,;)}\]<\\].*|\s[\w.-]+=.*)?$", re.DOTALL)
_KEY_OF_LINE = pattern(r"^\s*(?:-\s+)?[\"']?([\w.-]++)[\"']?\s*(?:[:=]\s*[\[|>]?|\[)\s*$")
_KEY_AND_HOST = pattern(
    r"(?<![\w.-])(?P<key>[\w.-]++)[\"']?(?P<between>\s*(?:=>|:=|[:=])\s*|[ \t]++)[\"']?"
    rf"(?P<host>{_LABELS})(?P<port>:[0-9]{{1,5}})?(?=[\"']?\s*(?:[,;)}}\]]|$))",
    re.ASCII,
)
_COMMENT = pattern(r"(?:^|\s)(?:#|//|--\s|;).*|^\s*(?:rem\s|<!--).*|^\s*\*\s.*", re.IGNORECASE)
_ADDRESS = pattern(
    r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:[0-9a-fA-F]{1,4}:){1,7}(?::?[0-9a-fA-F]{1,4})++)(?![\w.])"
)
_FILLED_IN = frozenset("$(){}<>%*")
_WORDS = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]++|[0-9]++[a-z]*+")
_PREFIX = pattern(r"(?:[a-z]{2,12}:)?(?=[a-z][a-z0-9+.-]*+://)")


class Found(NamedTuple):
    """A host in a text.

    Attributes:
        start, end: half-open range of the URL, or of the host with its port.
        host: lower case, without port.
        secret: something beside it may be one: a password in a URL, a connection string.
    """

    start: int
    end: int
    host: str
    secret: bool


class Vocabulary:
    """Which words of a name say what its text is.

    Args:
        host: it is a host.
        reading: it is for people, or nothing is sent there.
        resolver: its addresses are resolvers.
    """

    def __init__(self, host: frozenset[str], reading: frozenset[str], resolver: frozenset[str]) -> None:
        self._sets = (host, reading, resolver)
        self._names: dict[str, tuple[bool, bool, bool]] = {}

    def _told(self, name: str) -> tuple[bool, bool, bool]:
        told = self._names.get(name)
        if told is None:
            words = words_of(name)
            host, reading, resolver = (not words.isdisjoint(known) for known in self._sets)
            told = self._names[name] = (host, reading, resolver)
        return told

    def host(self, name: str) -> bool:
        """Whether the name says that its text is a host."""
        host, reading, _ = self._told(name)
        return host and not reading

    def reading(self, name: str) -> bool:
        """Whether the name says that nothing is sent to what it names."""
        return self._told(name)[1]

    def resolver(self, name: str) -> bool:
        """Whether the name says that its addresses are resolvers."""
        return self._told(name)[2]


def words_of(name: str) -> frozenset[str]:
    """The words of a name in lower case, split at what is no letter and at capitals; two joined ones, too."""
    words = [match[0].lower() for match in _WORDS.finditer(name[:200])]
    return frozenset((*words, *(one + other for one, other in pairwise(words))))


def hosts_in(name: str, text: str, vocabulary: Vocabulary, *, script: bool = False) -> Iterator[Found]:
    """The hosts in a text, in order, each place once.

    Args:
        name: what the text is the value of: a variable, a key, a flag.
        text: the value.
        vocabulary: what names say.
        script: the text is a program or its arguments: a URL counts wherever it stands outside of comments.
    """
    text = text[:MAX_TEXT]
    stripped = text.strip()
    if "." not in stripped and ":" not in stripped:
        return
    if not script and "\n" not in stripped and not stripped.startswith(("{", "[")):
        found = list(_of_value(name, text, vocabulary))
        if found or vocabulary.reading(name):
            yield from found
            return
    yield from islice(_of_lines(text, vocabulary, script=script or text.startswith("#!")), MAX_FOUND)


def host_of_url(url: str) -> tuple[list[str], bool]:
    """Host names in the authority of a URL (several in connection strings), and whether a password may stand in it.

    A host that is filled in later (`$(HOST)`, `{{ host }}`) is none.
    """
    rest = url.partition("://")[2]
    authority = re.split(r"[/?#;]", rest, maxsplit=1)[0]
    user, at, hosts = authority.rpartition("@")
    names = []
    for one in hosts.rstrip(",;.)]}").split(",") if not hosts.startswith("[") else [hosts]:
        if not one or not _FILLED_IN.isdisjoint(one):
            continue
        name = one[1:].partition("]")[0] if one.startswith("[") else one.partition(":")[0]
        if name:
            names.append(name.lower().rstrip("."))
    return names, bool(at and user) or "?" in rest or ";" in rest


def _of_value(name: str, text: str, vocabulary: Vocabulary) -> Iterator[Found]:
    """Hosts of one value on one line: a URL, a list of URLs or hosts, a connection string, addresses of resolvers."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if vocabulary.resolver(name):
        yield from _addresses(text, 0)
    if vocabulary.reading(name):
        return
    prefix = _PREFIX.match(text, start)
    if prefix is not None and text.count("://") == 1 and not any(c.isspace() for c in text[start:end]):
        yield from _one_url(text, prefix.end(), end)
        return
    pairs = list(_PAIR.finditer(text, start, end)) if ";" in text and "=" in text else []
    if pairs:
        for pair in pairs:
            key = pair["key"].strip()
            for found in _of_list(key, text, pair.start("value"), pair.end("value"), vocabulary):
                yield found._replace(secret=True)
        return
    yield from _of_list(name, text, start, end, vocabulary)


def _of_list(name: str, text: str, start: int, end: int, vocabulary: Vocabulary) -> Iterator[Found]:
    """One or several URLs or bare hosts, and nothing else."""
    if vocabulary.reading(name):
        return
    found: list[Found] = []
    at = start
    for separator in (*_LIST.finditer(text, start, end), None):
        stop = separator.start() if separator is not None else end
        if stop > at:
            url, bare = _URL.match(text, at), _BARE.fullmatch(text, at, stop)
            if url is not None and url.end() >= stop:
                found.extend(_one_url(text, at, stop))
            elif bare is not None and vocabulary.host(name):
                if "." in bare["host"]:
                    found.append(Found(at, stop, bare["host"].lower(), False))
            else:
                # Something else stands there, too: a sentence.
                return
        at = separator.end() if separator is not None else end
    yield from found[:MAX_FOUND]


def _one_url(text: str, start: int, end: int) -> Iterator[Found]:
    names, secret = host_of_url(text[start:end])
    return (Found(start, end, host, secret) for host in names)


def _of_lines(text: str, vocabulary: Vocabulary, *, script: bool) -> Iterator[Found]:
    """Hosts of a file: values of keys, elements of lists; in scripts URLs anywhere."""
    offset = 0
    above = ""
    for whole in text.splitlines(keepends=True):
        line = _COMMENT.sub("", whole.rstrip("\r\n"), count=1) if _may_comment(whole) else whole.rstrip("\r\n")
        if line.strip():
            key = _KEY_OF_LINE.match(line)
            above = key[1] if key is not None else above if _ITEM_BEFORE.match(line[: _first(line)]) else ""
            yield from (
                found._replace(start=offset + found.start, end=offset + found.end)
                for found in _of_line(line, above, vocabulary, script=script)
            )
        offset += len(whole)


def _first(line: str) -> int:
    """Where the text of a list element begins."""
    return len(line) - len(line.lstrip().lstrip("-").lstrip().lstrip("\"'`"))


def _may_comment(line: str) -> bool:
    return any(mark in line for mark in ("#", "//", ";", "--", "*")) or line.lstrip()[:4].lower() in ("rem ", "<!--")


def _of_line(line: str, above: str, vocabulary: Vocabulary, *, script: bool) -> Iterator[Found]:
    taken: list[Found] = []
    for url in _URL.finditer(line):
        text = url[0].rstrip(",;.)]}")
        before, after = line[: url.start()], line[url.start() + len(text) :]
        key = _key_before(before, above, vocabulary)
        if (key is None or not _ENDS.match(after)) and not script:
            continue
        if key is not None and vocabulary.reading(key):
            continue
        names, secret = host_of_url(text)
        taken.extend(Found(url.start(), url.start() + len(text), host, secret) for host in names)
    for pair in _KEY_AND_HOST.finditer(line) if "." in line else ():
        blank = not pair["between"].strip()
        if (blank and line[: pair.start()].strip(" \t-")) or "." not in pair["host"]:
            continue
        if vocabulary.host(pair["key"]):
            end = pair.end("port") if pair["port"] else pair.end("host")
            taken.append(Found(pair.start("host"), end, pair["host"].lower(), False))
    first = re.match(r"\s*[-\"']*([\w.-]+)", line)
    if first is not None and vocabulary.resolver(first[1]):
        taken.extend(_addresses(line, first.end()))
    yield from sorted(taken)


def _key_before(before: str, above: str, vocabulary: Vocabulary) -> str | None:
    """The key whose value begins where `before` ends; None in a sentence."""
    before = before[-300:]
    for expression in (_KEY_BEFORE, _TAG_BEFORE):
        match = expression.search(before)
        if match is not None:
            return match[1]
    blank = _WORD_BEFORE.match(before)
    if blank is not None and vocabulary.host(blank[1]):
        return blank[1]
    # `slack_api_url` above, `- https://…` below.
    return above if above and _ITEM_BEFORE.match(before) else None


def _addresses(text: str, start: int) -> Iterator[Found]:
    for match in _ADDRESS.finditer(text, start):
        yield Found(match.start(), match.end(), match[0].lower(), False)


def span_of(item: Item, text: str, found: Found) -> Span:
    """Where a host stands in the file: the literal if it is all of it, else the exact characters.

    Escapes and folded lines may tear it apart; then the literal as a whole.
    """
    node = item.node
    whole = item.span
    token = text[found.start : found.end]
    if type(node) is not Scalar or token == text.strip():
        return whole
    raw = whole.file.text[node.start : node.end]
    # As many of the same before it (in comments, say) as in the text; broken by escapes, the counts differ.
    if raw.count(token) != text.count(token):
        return whole
    at = -1
    for _ in range(text.count(token, 0, found.start) + 1):
        at = raw.find(token, at + 1 if at < 0 else at + len(token))
    return Span(whole.file, node.start + at, node.start + at + len(token)) if at >= 0 else whole
