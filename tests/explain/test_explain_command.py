"""`sovlint explain` as a user runs it: every kind of thing, what is not known, hostile arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support import run_sovlint


def entries(what: str) -> list[dict[str, Any]]:
    """The entries of the JSON form."""
    done = run_sovlint(["explain", "--format", "json", "--", what])
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["schema"] == "sovlint-explain/1"
    assert document["what"] == what
    found: list[dict[str, Any]] = document["entries"]
    return found


def text(what: str) -> str:
    done = run_sovlint(["explain", "--", what])
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("what", ["SOV101", "sov101", "region-outside-zone"])
def test_rule(what: str) -> None:
    (entry,) = entries(what)
    assert (entry["kind"], entry["code"], entry["name"]) == ("rule", "SOV101", "region-outside-zone")
    assert entry["why"] and entry["what_to_do"] and entry["fine_when"]
    assert entry["severity_by_profile"]["eu-baseline"] == {"default": "critical"}
    criterion = next(row for row in entry["informs"] if row["id"] == "csf:SOV-3")
    assert criterion["label"] == "CSF"
    assert criterion["title"] == "Data and AI sovereignty"
    assert criterion["source"].startswith("https://")


def test_rule_text_says_why_and_what_to_do() -> None:
    shown = text("SOV401")
    for title in ("Why", "What to do", "When it is fine", "Severity by profile", "Informs", "Source"):
        assert f"\n\n{title}\n  " in shown
    assert "eu-baseline low at lock-in 3, medium at lock-in 4" in " ".join(shown.split())
    assert "CSF SOV-4" in shown


@pytest.mark.parametrize(
    "what", ["aws_dynamodb_table", "aws_dynamodb_table.sessions", 'module.a.aws_dynamodb_table.t["x"]']
)
def test_type_with_all_ways_out(what: str) -> None:
    (entry,) = entries(what)
    assert (entry["kind"], entry["id"]) == ("type", "aws_dynamodb_table")
    assert (entry["provider"], entry["service"], entry["role"]) == ("aws", "aws/dynamodb", "primary")
    assert entry["lock_in"] == 4
    assert entry["lock_in_reason"]
    assert entry["operator"]["parent_country"] == "US"
    assert {"attribute": "replica.region_name", "role": "copy", "carries": "region", "namespace": "aws"} in entry[
        "places"
    ]
    options = [option for way in entry["alternatives"] for option in way["options"]]
    assert len(options) >= 4
    assert {option["kind"] for option in options} == {"managed", "self-hosted"}
    for option in options:
        assert option["effort"] in ("S", "M", "L", "XL")
        assert option["source"] and option["as_of"]


def test_a_type_of_the_list_of_known_types() -> None:
    (entry,) = entries("huaweicloud_obs_bucket")
    assert (entry["kind"], entry["provider"]) == ("type", "huaweicloud")


def test_place() -> None:
    (entry,) = entries("aws:eu-west-2")
    assert (entry["namespace"], entry["region"], entry["country"]) == ("aws", "eu-west-2", "GB")
    assert entry["zones"] == ["adequate"]
    assert entry["verdict_by_profile"]["eu-baseline"] == "outside"
    assert entry["operator"]["id"] == "aws"
    assert "eu-central-1" in entry["instead"]
    assert entry["source"].startswith("https://")
    assert entry["as_of"] and entry["assumed"] is False


def test_bare_region_name_gives_every_provider_that_knows_it() -> None:
    found = {(entry["namespace"], entry["country"]) for entry in entries("eu-west-2")}
    assert {("aws", "GB"), ("outscale", "FR")} <= found


@pytest.mark.parametrize(
    ("what", "region"),
    [("aws:eu-west-2a", "eu-west-2"), ("azure:West Europe", "westeurope"), ("azurerm:westeurope", "westeurope")],
)
def test_zones_display_names_and_provider_names_lead_to_the_place(what: str, region: str) -> None:
    (entry,) = entries(what)
    assert entry["region"] == region


def test_global_place_promises_nothing() -> None:
    entry = next(entry for entry in entries("global") if entry["namespace"] == "aws")
    assert (entry["country"], entry["zones"]) == (None, [])
    assert entry["verdict_by_profile"]["eu-baseline"] == "global"


@pytest.mark.parametrize("what", ["scaleway", "Scaleway", "SCALEWAY"])
def test_operator(what: str) -> None:
    (entry,) = entries(what)
    assert (entry["kind"], entry["id"], entry["parent_country"]) == ("operator", "scaleway", "FR")
    assert entry["control_by_profile"]["eu-baseline"] == "inside"
    assert entry["providers"] == ["scaleway"]
    assert set(entry["regions"]) >= {"FR", "NL", "PL"}


def test_operator_text_shows_the_control_chain() -> None:
    assert "Amazon Web Services EMEA SARL (LU) → Amazon Web Services, Inc. (US) →" in text("aws")


@pytest.mark.parametrize(
    "what", ["ghcr.io", "GHCR.io:443", "https://user:secret@ghcr.io/v2/?q=1", "ghcr.io/org/app:1.2"]
)
def test_host(what: str) -> None:
    (entry,) = entries(what)
    assert (entry["kind"], entry["host"], entry["purpose"]) == ("host", "ghcr.io", "registry")
    assert entry["operator"]["chain"] == ["GitHub, Inc. (US)", "Microsoft Corporation (US)"]
    assert entry["known"] is True


def test_host_that_carries_a_region() -> None:
    (entry,) = entries("eu.gcr.io")
    assert entry["place"]["region"] == "eu"
    assert "eea" in entry["place"]["zones"]


def test_unknown_and_private_hosts_are_told_apart() -> None:
    (unknown,) = entries("registry.example.com")
    (private,) = entries("localhost:5000")
    (address,) = entries("http://10.1.2.3/")
    assert (unknown["known"], unknown["private"], unknown["operator"]) == (False, False, None)
    assert (private["private"], address["private"]) == (True, True)
    assert "does not know this host" in text("registry.example.com")


@pytest.mark.parametrize(
    ("what", "near"),
    [
        ("aws_dynamo_table", "aws_dynamodb_table"),
        ("region-outside-zonne", "region-outside-zone"),
        ("aws:eu-west-9", "aws:eu-west-1"),
        ("scalewya", "scaleway"),
        ("SOV1O1", "SOV101"),
    ],
)
def test_unknown_things_exit_2_with_suggestions(what: str, near: str) -> None:
    done = run_sovlint(["explain", "--", what])
    assert (done.returncode, done.stdout) == (2, "")
    first, second, *rest = done.stderr.splitlines()
    assert first == f"sovlint: nothing is known of '{what}'"
    assert near in second
    assert rest[0] == "what may be asked:"


@pytest.mark.parametrize("what", ["", " ", "-", ".", "a b", "::", "aws:", ":x", "http://", "[", "é" * 500, "x" * 9_000])
def test_nonsense_exits_2_without_a_trace(what: str) -> None:
    done = run_sovlint(["explain", "--", what])
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing is known of" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 2_000


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "what", ["a\x1b[31mb", "aws_\u202ex", "x\x07.example.com", "aws:\x1b]0;t\x07", "a\nb.example.com"]
)
def test_control_characters_of_the_argument_never_reach_the_terminal(what: str, form: str) -> None:
    done = run_sovlint(["explain", "--format", form, "--", what])
    assert done.returncode == 2
    for mark in ("\x1b", "\x07", "\u202e"):
        assert mark not in done.stdout + done.stderr


@pytest.mark.parametrize("what", ["SOV201", "aws_s3_bucket", "eu-west-2", "aws", "ghcr.io", "google_storage_bucket"])
def test_text_is_wrapped_and_plain(what: str) -> None:
    shown = text(what)
    assert "\x1b" not in shown
    for line in shown.splitlines():
        # A web address is never broken: it has to be copied in one piece.
        assert len(line) <= 100 or line.split()[-1].startswith("https://"), line
    lowered = shown.lower()
    assert not any(word in lowered for word in ("illegal", "is compliant", "certified"))


def test_colour_on_demand() -> None:
    done = run_sovlint(["explain", "--color", "always", "SOV101"])
    assert "\x1b[1mSOV101 region-outside-zone\x1b[0m" in done.stdout


def test_every_rule_can_be_explained() -> None:
    catalogue = json.loads(run_sovlint(["catalogue", "--format", "json"]).stdout)
    for code in catalogue["rules"]:
        (entry,) = entries(code)
        assert all(row["title"] for row in entry["informs"]), code


def test_zones_and_countries_have_their_article() -> None:
    place = run_sovlint(["explain", "aws:eu-west-2"]).stdout
    assert "outside the EU (profiles " in place
    assert "outside the EEA or Switzerland (profiles " in place
    assert "within the EEA (profiles " in run_sovlint(["explain", "scaleway"]).stdout
