"""Container image references: the grammar, and which part of one decides where the image comes from.

Grammar and normalisation as in https://github.com/distribution/reference (`regexp.go`, `normalize.go`): the first
component is a host if it contains `.` or `:`, is `localhost`, or has upper-case letters; without one it is Docker Hub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sovlint.catalogue import Catalogue
from sovlint.catalogue.entries import Host
from sovlint.model.fact import Artefact, Subject
from sovlint.model.lazy import pattern
from sovlint.model.source import Span
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.survey.causes import cause_of, confidence_of, covering, known_prefix, text_of

DOCKER_HUB = "docker.io"

MAX_LENGTH = 1_000
"""Characters above which nothing is a reference; names may have 255, tags 128."""

_LABEL = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
_HOST = pattern(rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::(?P<port>[0-9]+))?", re.ASCII)
_REPOSITORY = pattern(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*", re.ASCII)
_TAG = pattern(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = pattern(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}", re.ASCII)
_IDENTIFIER = pattern(r"[a-f0-9]{64}")
# Text that somebody fills in later: shell, Flux, Helm, OpenShift templates, `<registry>`.
_PLACEHOLDER = pattern(r"\$\{|\{\{|\$\(|\$[A-Za-z_]|<|%\{|__[A-Z]")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """A parsed reference.

    Attributes:
        host: registry, lower case, without port; `docker.io` where none is written.
        port: as written, empty without.
        repository: with `library/` where Docker Hub implies it.
        tag, digest: empty where not written.
        host_written: whether the reference names its registry.
        decisive: half-open range of characters that decides the registry: the host with its port, else the name.
    """

    host: str
    port: str
    repository: str
    tag: str
    digest: str
    host_written: bool
    decisive: tuple[int, int]

    @property
    def normalised(self) -> str:
        """The reference with everything implied written out, except the tag."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{_with_port(self.host, self.port)}/{self.repository}{tag}{digest}"


def parse_reference(text: str) -> ImageReference | None:
    """Reads an image reference; None where the text is none. Spaces around it are not part of it.

    Scheme prefixes (`docker://`, `oci://`) are not accepted: no container runtime does.
    """
    start = len(text) - len(text.lstrip())
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    first, slash, tail = rest.partition("/")
    host = port = ""
    written = bool(slash) and (any(mark in first for mark in ".:") or first == "localhost" or first != first.lower())
    if written:
        match = _HOST.fullmatch(first)
        if match is None:
            return None
        host, port = match["host"].lower(), match["port"] or ""
    else:
        tail = rest
    repository, colon, tag = tail.partition(":")
    if (colon and not _TAG.fullmatch(tag)) or len(repository) > 255 or not _REPOSITORY.fullmatch(repository):
        return None
    if not written:
        # Sixty-four hexadecimal digits name an image by its identifier, on no registry.
        if _IDENTIFIER.fullmatch(repository) and not (colon or at):
            return None
        host = DOCKER_HUB
    end = start + (len(first) if written else len(repository))
    if host == "index.docker.io":
        host = DOCKER_HUB
    if host == DOCKER_HUB and not port and "/" not in repository:
        repository = f"library/{repository}"
    return ImageReference(host, port, repository, tag, digest, written, (start, end))


def image_fact(
    value: Value, subject: Subject, attribute: str, catalogue: Catalogue, role: str = "image"
) -> Artefact | None:
    """The fact that a subject pulls an image.

    Args:
        value: the reference. Of an unknown value (and of text with placeholders) the certain beginning is read.
        subject: who pulls it.
        attribute: attribute path at the subject.
        catalogue: knows the hosts.
        role: role of the fact.

    Returns:
        The fact, or None where the value is no reference or its registry is not certain. The cause stands on the part
        that decides the registry if that part was written by itself, else on the whole literal.
    """
    text = text_of(value)
    reference = parse_reference(text) if text is not None else None
    if reference is not None:
        host, normalised, decisive = reference.host, reference.normalised, reference.decisive
        guessed = False
    else:
        partial = _partial(value, text)
        if partial is None:
            return None
        host, normalised, decisive, guessed = partial
    known = catalogue.host(host)
    part = covering(value, *decisive)
    steps = _whole(value, part, attribute)
    return Artefact(
        subject=subject,
        role=role,
        attribute=attribute,
        confidence=confidence_of(value, assumed=known.assumed or guessed),
        cause=cause_of(part, subject.address, attribute, *steps),
        kind="image",
        host=host,
        reference=normalised,
        operator=known.operator,
    )


def image_facts(value: Value, subject: Subject, attribute: str, catalogue: Catalogue) -> Iterator[Artefact]:
    """As `image_fact`, but a conditional with an unknown test gives a fact for every candidate."""
    candidates = value.candidates if type(value) is Unknown else ()
    for candidate in candidates or (value,):
        fact = image_fact(candidate, subject, attribute, catalogue)
        if fact is not None:
            yield fact


def host_of(fact: Artefact, catalogue: Catalogue) -> Host:
    """What the catalogue knows of the registry of a fact."""
    return catalogue.host(fact.host)


def _whole(value: Value, part: Value, attribute: str) -> tuple[Step, ...]:
    """The composing expression as a step, where the deciding part was written outside of it."""
    if part is value or any(_inside(span, value.span) for span in (part.span, *(step.span for step in part.via))):
        return ()
    if any(_is_key_of(step.span, value.span) for step in part.via):
        return ()
    return (Step(value.span, attribute),)


def _inside(inner: Span, outer: Span) -> bool:
    return inner.file is outer.file and outer.start <= inner.start and inner.end <= outer.end


def _is_key_of(key: Span, value: Span) -> bool:
    """Whether a span is the YAML key right before a value."""
    if key.file is not value.file or not 0 <= value.start - key.end <= 500:
        return False
    return key.file.text[key.end : value.start].strip() == ":"


def _partial(value: Value, text: str | None) -> tuple[str, str, tuple[int, int], bool] | None:
    """Host, reference, deciding range and whether it was guessed, from the certain beginning of a value."""
    if text is not None:
        match = _PLACEHOLDER.search(text)
        if match is None:
            return None
        prefix, rest = text[: match.start()], text[match.start() :]
    elif type(value) is Unknown:
        prefix, rest = known_prefix(value), _after_unknown(value)
    else:
        return None
    first, slash, tail = prefix.partition("/")
    if slash:
        if any(mark in first for mark in ".:") or first == "localhost" or first != first.lower():
            return _partial_host(first, f"{tail}…")
        repository, colon, _ = tail.partition(":")
        # `library/${name}`: whatever follows, the first component is no host.
        if re.fullmatch(r"[a-z0-9._-]+", first, re.ASCII) and re.fullmatch(r"[a-z0-9._/-]*", repository, re.ASCII):
            end = len(first) + 1 + len(repository) if colon else len(prefix)
            return DOCKER_HUB, f"{DOCKER_HUB}/{prefix}…", (0, end), False
        return None
    name, colon, _ = first.partition(":")
    if not colon or not name:
        return None
    if "/" in rest or "." in name or name == "localhost":
        # The unknown is a port: `registry.example.com:${port}/app`.
        return _partial_host(name, "…") if "/" in rest else None
    if not _REPOSITORY.fullmatch(name):
        return None
    # `nginx:${tag}`: only a port could make a host of it, and nobody leaves out what comes after a port.
    return DOCKER_HUB, f"{DOCKER_HUB}/library/{prefix}…", (0, len(name)), True


def _partial_host(first: str, rest: str) -> tuple[str, str, tuple[int, int], bool] | None:
    match = _HOST.fullmatch(first)
    if match is None:
        return None
    host = match["host"].lower()
    host = DOCKER_HUB if host == "index.docker.io" else host
    return host, f"{_with_port(host, match['port'] or '')}/{rest}", (0, len(first)), False


def _after_unknown(value: Value) -> str:
    """Known text after the first unknown part."""
    out = ""
    unknown = False
    for part in value.parts:
        text = text_of(part) if type(part) is Known else None
        if text is None:
            unknown = True
        elif unknown:
            out += text
    return out


def _with_port(host: str, port: str) -> str:
    return f"{host}:{port}" if port else host
