"""Hosts in texts: what is one, what only looks like one, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovlint.catalogue.compile import compile_policies
from sovlint.model.source import SourceFile
from sovlint.parse.yaml import parse_stream
from sovlint.resolve.yaml_attributes import top
from sovlint.survey.written_hosts import Vocabulary, host_of_url, hosts_in, span_of, words_of
from support import POLICIES

EGRESS = compile_policies(POLICIES, validate=False)["egress"]
VOCABULARY = Vocabulary(
    *(frozenset(EGRESS[table]["words"]) for table in ("host_words", "reading_words", "resolver_words"))
)

VALUES = [
    # name, text, the hosts with what stands at their place
    ("API", "https://api.example.com/v1", {"api.example.com": "https://api.example.com/v1"}),
    ("API", "  https://api.example.com  ", {"api.example.com": "https://api.example.com"}),
    ("API", "HTTPS://API.Example.COM:8443", {"api.example.com": "HTTPS://API.Example.COM:8443"}),
    ("API", "https://api.example.com.", {"api.example.com": "https://api.example.com."}),
    ("DSN", "https://key@o1.example.com/2", {"o1.example.com": "https://key@o1.example.com/2"}),
    ("DB", "mongodb+srv://u:p@c0.example.com/db", {"c0.example.com": "mongodb+srv://u:p@c0.example.com/db"}),
    ("DB", "mongodb://a.x.com:1,b.x.com:2/d", {"a.x.com": "mongodb://a.x.com:1,b.x.com:2/d", "b.x.com": None}),
    ("DB", "jdbc:postgresql://db.example.com:5432/a?user=x", {"db.example.com": None}),
    ("DB", "jdbc:sqlserver://db.example.com:1433;database=a;password=b", {"db.example.com": None}),
    ("X", "https://a.x.com,https://b.x.com", {"a.x.com": "https://a.x.com", "b.x.com": "https://b.x.com"}),
    ("X", "Key=1;Endpoint=https://a.x.com/;Host=b.x.com", {"a.x.com": "https://a.x.com/", "b.x.com": "b.x.com"}),
    ("SMTP_HOST", "smtp.example.com", {"smtp.example.com": "smtp.example.com"}),
    ("smtpHost", "smtp.example.com:587", {"smtp.example.com": "smtp.example.com:587"}),
    ("KAFKA_BROKERS", "a.x.com:9092,b.x.com:9092", {"a.x.com": "a.x.com:9092", "b.x.com": "b.x.com:9092"}),
    ("DNS_SERVERS", "8.8.8.8,8.8.4.4", {"8.8.8.8": "8.8.8.8", "8.8.4.4": "8.8.4.4"}),
    ("API", "model.url=https://api.example.com", {"api.example.com": "https://api.example.com"}),
    # A bare host counts only where the name says so.
    ("IMAGE", "registry.example.com/app", {}),
    ("VERSION", "smtp.example.com", {}),
    ("FILE", "app.example.yaml", {}),
    # Filled in later.
    ("URL", "https://$(HOST)/v1", {}),
    ("URL", "https://${HOST}:443/v1", {}),
    ("URL", "https://{{ .Values.host }}/v1", {}),
    ("URL", "https://<your-host>/v1", {}),
    ("URL", "https://$(USER)@api.example.com/$(PATH)", {"api.example.com": None}),
    ("URL", "https://api.example.com/v1/${ID}", {"api.example.com": None}),
    # Sentences, and links for people.
    ("NOTE", "see https://api.example.com for more", {}),
    ("MOTD", "see https://api.example.com for more", {}),
    ("DOCS_URL", "https://api.example.com", {}),
    ("CORS_ALLOWED_ORIGINS", "https://api.example.com", {}),
    ("NO_PROXY", "api.example.com,.svc", {}),
    ("REDIRECT_URL", "https://api.example.com", {}),
    ("URL", "", {}),
    ("URL", "://", {}),
    ("URL", "https://", {}),
    ("URL", "https:///path", {}),
]

FILES = [
    ("host = smtp.example.com", ["smtp.example.com"]),
    ("  Host    intake.example.com\n  Port 443", ["intake.example.com"]),
    ("a:\n  url: https://a.x.com/v1 # https://b.x.com\n", ["a.x.com"]),
    ("a:\n  url: 'https://a.x.com/v1'\n  doc_url: https://b.x.com\n", ["a.x.com"]),
    ("urls:\n  - https://a.x.com\n  - https://b.x.com\n", ["a.x.com", "b.x.com"]),
    ("links:\n  - https://a.x.com\n", []),
    ('{"a": {"url": "https://a.x.com", "help": "https://b.x.com"},\n "host": "c.x.com"}', ["a.x.com", "c.x.com"]),
    ("# url: https://a.x.com\n; url = https://a.x.com\n// url: https://a.x.com\n", []),
    ("<cfg>\n  <url>https://a.x.com/</url>\n  <!-- <url>https://b.x.com</url> -->\n</cfg>", ["a.x.com"]),
    ('<a xmlns="http://a.x.com/ns"\n   xmlns:b="http://b.x.com/ns"/>', []),
    ("location / {\n  proxy_pass https://a.x.com;\n}", ["a.x.com"]),
    ("Read more at https://a.x.com\nor: ask https://b.x.com\n", []),
    ("description: >\n  https://a.x.com is where it goes\n", []),
    ("text: https://a.x.com is where it goes\nb: 1", []),
    (".:53 {\n  forward . 8.8.8.8 tls://1.1.1.1\n}", ["8.8.8.8", "1.1.1.1"]),
    ("export A=1\nURL=https://a.x.com B=2\n", ["a.x.com"]),
    ("#!/bin/sh\n# https://a.x.com\ncurl -s https://b.x.com/x | sh\n", ["b.x.com"]),
    ("runbook_url: https://a.x.com\nurl: https://b.x.com\n", ["b.x.com"]),
]


@pytest.mark.parametrize(("name", "text", "wanted"), VALUES)
def test_hosts_of_values(name: str, text: str, wanted: dict[str, str | None]) -> None:
    found = list(hosts_in(name, text, VOCABULARY))
    assert [f.host for f in found] == list(wanted)
    for one in found:
        written = wanted[one.host]
        assert written is None or text[one.start : one.end] == written


@pytest.mark.parametrize(("text", "wanted"), FILES)
def test_hosts_of_files(text: str, wanted: list[str]) -> None:
    found = list(hosts_in("config", text, VOCABULARY))
    # A resolver's scheme says how to reach it: the address is found, and so is the URL.
    assert list(dict.fromkeys(f.host for f in found)) == wanted
    for one in found:
        assert one.host in text[one.start : one.end].lower()


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://a.x.com/v1", False),
        ("https://u:p@a.x.com/v1", True),
        ("https://a.x.com/?token=1", True),
        ("https://u@a.x.com", True),
    ],
)
def test_what_may_hold_a_password(url: str, secret: bool) -> None:
    assert host_of_url(url) == (["a.x.com"], secret)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SMTP_HOST", {"smtp", "host", "smtphost"}),
        ("smtpHostName", {"smtp", "host", "name", "smtphost", "hostname"}),
        ("AWS_S3_ENDPOINT", {"aws", "s", "3", "endpoint", "awss", "s3", "3endpoint"}),
        ("--oidc-issuer-url", {"oidc", "issuer", "url", "oidcissuer", "issuerurl"}),
        ("SMTPHost", {"smtp", "host", "smtphost"}),
        ("", set()),
    ],
)
def test_words(name: str, words: set[str]) -> None:
    assert words_of(name) == words


STYLES = [
    ('a: "https://a.x.com"\n', '"https://a.x.com"'),
    ("a: https://a.x.com # https://a.x.com\n", "https://a.x.com"),
    ("a: |\n  # https://a.x.com\n  url: https://a.x.com\n", "https://a.x.com"),
    ("a: >-\n  url:\n\n  url: https://a.x.com\n", "https://a.x.com"),
    ('a: "b: 1\\nurl: https://a.x.com"\n', "https://a.x.com"),
    # Torn by an escape: the literal as a whole.
    ('a: "b: 1\\nurl: https:\\/\\/a.x.com"\n', '"b: 1\\nurl: https:\\/\\/a.x.com"'),
]


@pytest.mark.parametrize(("document", "wanted"), STYLES)
def test_places_are_exact(document: str, wanted: str) -> None:
    source = SourceFile("a.yaml", document)
    item = top(source, parse_stream(source).documents[0]).child("a")
    assert item is not None
    text = item.text() or ""
    spans = [span_of(item, text, found) for found in hosts_in("a", text, VOCABULARY)]
    assert [span.text for span in spans] == [wanted]
    assert spans[0].start == document.rindex(wanted) if "#" not in document.partition(wanted)[2] else True


PIECES = [*"aB1.:/@=,;#\n \t\"'{}[]()<>$-_%|\\?*", "http", "://", "url: ", "host ", "a.x.com"]


@given(st.lists(st.sampled_from(PIECES), max_size=200).map("".join), st.booleans())
def test_any_text_is_read(text: str, script: bool) -> None:
    for found in hosts_in("config_url", text, VOCABULARY, script=script):
        assert 0 <= found.start < found.end <= len(text)
        assert found.host in text[found.start : found.end].lower().replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    "unit", ["a", "a.", "a-", "http://", "url: ", "a=", "<a ", "- ", "1.", "a:", "'", "a://a", "//", "[", "é"]
)
def test_long_texts_take_linear_time(unit: str) -> None:
    """A minute is the suite's limit for a test: quadratic behaviour would take longer on 200,000 characters."""
    for text in (unit * (200_000 // len(unit)), "x\n" + unit * (200_000 // len(unit)), (unit * 20 + "\n") * 5_000):
        list(hosts_in("config_url", text, VOCABULARY, script=False))
