"""Image references: the grammar, the part that decides, and what is certain of unknown values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovlint.catalogue import Catalogue
from sovlint.model.fact import Artefact, Subject
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Known, Unknown, Value
from sovlint.survey.images import image_fact, image_facts, parse_reference

SHA = "sha256:" + "0123456789abcdef" * 4

GOOD = [
    # text, host, port, repository, tag, digest, what decides
    ("nginx", "docker.io", "", "library/nginx", "", "", "nginx"),
    ("nginx:1.27", "docker.io", "", "library/nginx", "1.27", "", "nginx"),
    ("nginx:1.27@" + SHA, "docker.io", "", "library/nginx", "1.27", SHA, "nginx"),
    ("bitnami/redis", "docker.io", "", "bitnami/redis", "", "", "bitnami/redis"),
    ("docker.io/nginx", "docker.io", "", "library/nginx", "", "", "docker.io"),
    ("docker.io/library/nginx:1", "docker.io", "", "library/nginx", "1", "", "docker.io"),
    ("index.docker.io/nginx", "docker.io", "", "library/nginx", "", "", "index.docker.io"),
    ("ghcr.io/a/b/c@" + SHA, "ghcr.io", "", "a/b/c", "", SHA, "ghcr.io"),
    ("GHCR.io/a/b", "ghcr.io", "", "a/b", "", "", "GHCR.io"),
    ("FOO/bar", "foo", "", "bar", "", "", "FOO"),
    ("localhost/app", "localhost", "", "app", "", "", "localhost"),
    ("localhost", "docker.io", "", "library/localhost", "", "", "localhost"),
    ("localhost:5000/app:2", "localhost", "5000", "app", "2", "", "localhost:5000"),
    ("localhost:5000", "docker.io", "", "library/localhost", "5000", "", "localhost"),
    ("myregistry:5000/app", "myregistry", "5000", "app", "", "", "myregistry:5000"),
    ("myregistry/app", "docker.io", "", "myregistry/app", "", "", "myregistry/app"),
    ("registry.example.nl:443/a/b:v1", "registry.example.nl", "443", "a/b", "v1", "", "registry.example.nl:443"),
    ("10.0.0.1:5000/a", "10.0.0.1", "5000", "a", "", "", "10.0.0.1:5000"),
    ("[2001:db8::1]:5000/a/b:1", "[2001:db8::1]", "5000", "a/b", "1", "", "[2001:db8::1]:5000"),
    ("[::1]/a", "[::1]", "", "a", "", "", "[::1]"),
    (
        "1.dkr.ecr.eu-west-1.amazonaws.com/a:1",
        "1.dkr.ecr.eu-west-1.amazonaws.com",
        "",
        "a",
        "1",
        "",
        "1.dkr.ecr.eu-west-1.amazonaws.com",
    ),
    ("registry.k8s.io/a__b/c.d/e---f", "registry.k8s.io", "", "a__b/c.d/e---f", "", "", "registry.k8s.io"),
    ("x:TAG_with.dots-1", "docker.io", "", "library/x", "TAG_with.dots-1", "", "x"),
    ("xn--n3h.com/app", "xn--n3h.com", "", "app", "", "", "xn--n3h.com"),
    # Without a slash it is an image of that name on Docker Hub, odd as it looks.
    ("ghcr.io", "docker.io", "", "library/ghcr.io", "", "", "ghcr.io"),
    ("  nginx:1 \n", "docker.io", "", "library/nginx", "1", "", "nginx"),
    ("a" * 63, "docker.io", "", "library/" + "a" * 63, "", "", "a" * 63),
]

BAD = [
    "",
    " ",
    ":",
    "/",
    "@",
    "nginx:",
    "nginx@",
    "nginx@sha256:",
    "nginx@" + SHA[:20],
    ":tag",
    "/nginx",
    "nginx/",
    "a//b",
    "Nginx",
    "a/B",
    "docker.io/Nginx",
    "ghcr.io/",
    "-a",
    "a-",
    "a..b",
    "a___b",
    "a.-b",
    "https://docker.io/nginx",
    "docker://nginx",
    "oci://ghcr.io/a",
    "nginx:1:2",
    "nginx:-1",
    "nginx:" + "t" * 129,
    "a/" * 200 + "b",
    "x" * 300,
    "nginx tag",
    "nginx:{{ .Values.tag }}",
    "${REGISTRY}/app",
    "$(params.image)",
    "<registry>/app",
    "host:port/app",
    "host.:5000/a",
    "-host.io/a",
    "[::1/a",
    "[zz]/a",
    "::1/a",
    "é/a",
    "nginx:é",
    "ngínx",
    "docker.io:/a",
    "a\0b",
    "0123456789abcdef" * 4,
    "nginx:1.27@" + SHA + "@" + SHA,
    "١/a",
    "nginx:١",
]


@pytest.mark.parametrize(("text", "host", "port", "repository", "tag", "digest", "decides"), GOOD)
def test_references(text: str, host: str, port: str, repository: str, tag: str, digest: str, decides: str) -> None:
    found = parse_reference(text)
    assert found is not None
    assert (found.host, found.port, found.repository, found.tag, found.digest) == (host, port, repository, tag, digest)
    assert text[slice(*found.decisive)] == decides
    assert found.host_written == text.strip().startswith(f"{decides}/")
    if "." in host or port:
        again = parse_reference(found.normalised)
        assert again is not None
        assert (again.host, again.repository) == (host, repository)


@pytest.mark.parametrize("text", BAD)
def test_no_references(text: str) -> None:
    assert parse_reference(text) is None


@given(st.text(max_size=60) | st.from_regex(r"[a-z0-9.:/@_\[\]-]{0,40}"))
def test_never_raises(text: str) -> None:
    found = parse_reference(text)
    if found is not None:
        start, end = found.decisive
        assert 0 <= start < end <= len(text)
        assert found.host
        assert found.host == found.host.lower()


def test_hostile_length_is_no_work() -> None:
    for text in ("a-" * 100_000, "a." * 400 + "/", "[" + ":" * 900, "_" * 999, "a/" * 499 + "!", "a:" * 499):
        assert parse_reference(text) is None


SHARDS: dict[str, dict[str, Any]] = {
    "core": {"namespaces": [], "operators": {}},
    "hosts": {
        "hosts": {
            "docker.io": {"operator": "docker", "purpose": "registry"},
            "quay.io": {"operator": "red-hat", "purpose": "registry"},
        },
        "private": ["internal"],
    },
}
CATALOGUE = Catalogue(lambda name: SHARDS.get(name, {}))
SUBJECT = Subject("m", "r.x", "r", "terraform", "managed", "", None, True, whole_file("m/a.tf"))


def known(source: SourceFile, part: str) -> Known:
    start = source.text.index(part)
    return Known(part, Span(source, start, start + len(part)), owner=f"local.{len(part)}")


def fact(value: Value) -> Artefact | None:
    return image_fact(value, SUBJECT, "image", CATALOGUE)


def whole(source: SourceFile, *parts: Value) -> Value:
    span = Span(source, 0, len(source.text))
    if all(type(part) is Known for part in parts):
        return Known("".join(str(p.value) for p in parts if type(p) is Known), span, parts=parts)
    return Unknown("var.tag has no value", span, parts=parts, inputs=("tag",))


def test_the_deciding_part_is_the_cause() -> None:
    host = known(SourceFile("m/locals.tf", 'registry = "docker.io"'), "docker.io")
    path = known(SourceFile("m/vars.tf", '"team/app"'), "team/app")
    main = SourceFile("m/a.tf", '"${local.registry}/${var.path}:1"')
    found = fact(whole(main, host, known(main, "/"), path, Known(":1", Span(main, 30, 32))))
    assert found is not None
    assert (found.host, found.reference, found.operator) == ("docker.io", "docker.io/team/app:1", "docker")
    assert (found.cause.location.path, found.cause.location.column, found.cause.value) == (
        "m/locals.tf",
        13,
        "docker.io",
    )
    assert [hop.location.path for hop in found.cause.via] == ["m/a.tf"]
    assert found.confidence == "resolved"

    found = fact(whole(main, path, Known(":1", Span(main, 30, 32))))
    assert found is not None
    assert found.cause.location.path == "m/vars.tf"

    literal = SourceFile("m/b.tf", "quay.io/a/b:1")
    found = fact(known(literal, "quay.io/a/b:1"))
    assert found is not None
    assert (found.cause.value, found.cause.via, found.confidence) == ("quay.io/a/b:1", (), "literal")


@pytest.mark.parametrize(
    ("before", "after", "host", "decides"),
    [
        ("docker.io/app:", "", "docker.io", "docker.io/app:"),
        ("docker.io/", "/app", "docker.io", "docker.io/"),
        ("quay.io/team/", ":1", "quay.io", "quay.io/team/"),
        ("team/", "", "docker.io", "team/"),
        ("team/app:", "", "docker.io", "team/app:"),
        ("nginx:", "", "docker.io", "nginx:"),
        ("nginx:1.", "-alpine", "docker.io", "nginx:1."),
        ("harbor.example.nl:", "/app", "harbor.example.nl", "harbor.example.nl:"),
        ("builder:", "/app", "builder", "builder:"),
    ],
)
def test_the_certain_beginning_of_an_unknown_value(before: str, after: str, host: str, decides: str) -> None:
    source = SourceFile("m/a.tf", f"{before}${{var.x}}{after}")
    hole = Unknown("var.x has no value", Span(source, len(before), len(before) + 8))
    rest = [Known(after, Span(source, len(source.text) - len(after), len(source.text)))] if after else []
    found = fact(whole(source, known(source, before), hole, *rest))
    assert found is not None
    assert (found.host, found.cause.value, found.cause.known) == (host, decides, True)
    # The same as plain text with a placeholder, as in manifests that something fills in before they are applied.
    plain = fact(Known(source.text, Span(source, 0, len(source.text))))
    assert plain is not None
    assert plain.host == host


@pytest.mark.parametrize("before", ["", "quay", "quay.", "/", ":", "a b/", "é/"])
def test_an_uncertain_registry_is_no_fact(before: str) -> None:
    source = SourceFile("m/a.tf", f"{before}${{var.x}}/app")
    hole = Unknown("var.x has no value", Span(source, len(before), len(before) + 8))
    assert fact(whole(source, known(source, before), hole)) is None
    assert fact(Known(source.text, Span(source, 0, len(source.text)))) is None


def test_candidates_and_others() -> None:
    source = SourceFile("m/a.tf", '"quay.io/a" "nginx"')
    value = Unknown("var.x", Span(source, 0, 5), candidates=(known(source, "quay.io/a"), known(source, "nginx")))
    assert [f.host for f in image_facts(value, SUBJECT, "image", CATALOGUE)] == ["quay.io", "docker.io"]
    assert fact(Known(None, Span(source, 0, 1))) is None
    assert fact(Known(5, Span(source, 0, 1))) is not None  # an image called "5": odd, but a reference
    private = fact(Known("registry.internal/a", Span(source, 0, 1)))
    assert private is not None
    assert private.operator == "private"
