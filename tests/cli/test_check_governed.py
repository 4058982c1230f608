"""What the configuration says about judging: scopes, environments, hosts, waivers, what it extends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from check_runs import BUCKET, LIMIT_SECONDS, Outcome, write

from sovlint.config.read import read_config
from sovlint.model.errors import ConfigError
from support import run_sovlint

US = 'provider "aws" {\n  region = "us-east-1"\n}\n' + BUCKET
LONDON = 'provider "aws" {\n  region = "eu-west-2"\n}\n' + BUCKET
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\nspec:\n  containers:\n    - name: c\n      image: %s\n"


# --- scopes


def test_the_declaring_file_chooses_the_profile(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "citizen/main.tf": LONDON,
            "other/main.tf": LONDON,
            ".sovlint.yaml": "profile: nl-rijk-2026\nscopes:\n  - paths: ['citizen/**']\n    profile: eu-strict\n",
        },
    )
    out = Outcome(tmp_path, config=True)
    assert {(f["path"], f["profile"]) for f in out.findings if f["rule"] == "SOV101"} == {
        ("citizen/main.tf", "eu-strict"),
        ("other/main.tf", "nl-rijk-2026"),
    }
    assert len({f["fingerprint"] for f in out.findings}) == len(out.findings)
    strict = {f["severity"] for f in out.findings if f["rule"] == "SOV201" and f["path"] == "citizen/main.tf"}
    assert strict == {"critical"}


def test_a_group_never_spans_profiles(tmp_path: Path) -> None:
    """One provider places resources of two files, each with a profile of its own."""
    write(
        tmp_path,
        {
            "providers.tf": 'provider "aws" {\n  region = "us-east-1"\n}\n',
            "a.tf": 'resource "aws_s3_bucket" "a" {}\n',
            "b.tf": 'resource "aws_s3_bucket" "b" {}\n',
            ".sovlint.yaml": "scopes:\n  - paths: [b.tf]\n    profile: eu-strict\n",
        },
    )
    out = Outcome(tmp_path, config=True)
    rows = sorted((f["profile"], f["affects"]) for f in out.findings if f["rule"] == "SOV101")
    assert rows == [("eu-baseline", ["aws_s3_bucket.a"]), ("eu-strict", ["aws_s3_bucket.b"])]


def test_classified_paths(tmp_path: Path) -> None:
    text = "scopes:\n  - paths: [secret]\n    classification: state-secret\n"
    write(tmp_path, {"secret/main.tf": LONDON, "open/main.tf": LONDON, ".sovlint.yaml": text})
    out = Outcome(tmp_path, config=True)
    found = out.one("SOV904")
    assert (found["path"], found["severity"]) == ("secret/main.tf", "critical")
    assert "state-secret" in found["message"]


def test_labels_and_tags_select_a_scope(tmp_path: Path) -> None:
    tagged = 'resource "aws_s3_bucket" "%s" {\n  tags = { data = "%s" }\n}\n'
    provider = 'provider "aws" {\n  region = "eu-central-1"\n%s}\n'
    defaults = '  default_tags {\n    tags = { data = "base" }\n  }\n'
    pod = POD.replace("  name: %s\n", "  name: %s\n  labels: {data: secret}\n")
    text = "scopes:\n  - labels: {data: [secret, base]}\n    profile: eu-strict\n    classification: state-secret\n"
    write(
        tmp_path,
        {
            "main.tf": provider % "" + tagged % ("a", "secret") + tagged % ("b", "open"),
            "default/main.tf": provider % defaults + 'resource "aws_s3_bucket" "d" {}\n',
            "secret.yaml": pod % ("s", "docker.io/a/b:1"),
            "open.yaml": POD % ("o", "docker.io/a/b:1"),
            ".sovlint.yaml": text,
        },
    )
    out = Outcome(tmp_path, config=True)
    assert sorted(a for f in out.findings if f["rule"] == "SOV904" for a in f["affects"]) == [
        "aws_s3_bucket.a",
        "aws_s3_bucket.d",
    ]
    profiles = {f["path"]: f["profile"] for f in out.findings if f["rule"] == "SOV501"}
    assert profiles == {"secret.yaml": "eu-strict", "open.yaml": "eu-baseline"}


# --- environments

ENVIRONMENTS = "environments:\n  prod: {var-files: [prod.tfvars]}\n  test: {var-files: [test.tfvars], workspace: t}\n"
BY_ENVIRONMENT = 'variable "r" {}\nprovider "aws" {\n  region = var.r\n}\n' + BUCKET


def test_a_finding_names_the_environments_in_which_it_holds(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": BY_ENVIRONMENT,
            "prod.tfvars": 'r = "eu-central-1"\n',
            "test.tfvars": 'r = "us-east-1"\n',
            ".sovlint.yaml": ENVIRONMENTS,
        },
    )
    out = Outcome(tmp_path, config=True)
    assert out.regions() == [("test.tfvars", 1, 5)]
    assert out.one("SOV101")["environments"] == ["test"]
    # What holds everywhere says nothing of environments, and is one finding.
    assert out.one("SOV201")["environments"] == []
    assert "SOV109" not in out.rules
    text = run_sovlint(["check"], cwd=tmp_path, timeout=LIMIT_SECONDS).stdout
    assert "in test" in text


def test_the_workspace_of_an_environment(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "main.tf": 'provider "aws" {\n  region = terraform.workspace == "t" ? "us-east-1" : "eu-west-1"\n}\n'
            + BUCKET,
            "prod.tfvars": "",
            "test.tfvars": "",
            ".sovlint.yaml": ENVIRONMENTS,
        },
    )
    assert Outcome(tmp_path, config=True).one("SOV101")["environments"] == ["test"]


# --- hosts


def test_own_hosts_are_not_foreign_and_not_unknown(tmp_path: Path) -> None:
    images = {
        "own": "registry.gov.example.eu/a:1",
        "below": "r.registry.gov.example.eu/a:1",
        "un": "x.example.org/a:1",
    }
    for name, image in images.items():
        write(tmp_path, {f"{name}.yaml": POD % (name, image)})
    assert {f["path"] for f in Outcome(tmp_path).findings if f["rule"] == "SOV205"} == {
        "own.yaml",
        "below.yaml",
        "un.yaml",
    }
    write(tmp_path, {".sovlint.yaml": "hosts:\n  registry.gov.example.eu: {operator: own, purpose: registry}\n"})
    out = Outcome(tmp_path, config=True)
    assert {f["path"] for f in out.findings if f["rule"] == "SOV205"} == {"un.yaml"}
    write(tmp_path, {".sovlint.yaml": "hosts:\n  x.example.org: {operator: aws}\n"})
    assert Outcome(tmp_path, config=True).one("SOV501")["path"] == "un.yaml"


# --- waivers


def test_configured_waivers_cover_rules_paths_and_addresses(tmp_path: Path) -> None:
    write(tmp_path, {"legacy/main.tf": US, "new/main.tf": US})

    def left(waiver: str) -> set[tuple[str, str]]:
        text = f"waivers:\n  - {{rules: [SOV1], until: 2099-06-30, owner: o, reason: r{waiver}}}\n"
        write(tmp_path, {".sovlint.yaml": text})
        out = Outcome(tmp_path, config=True)
        assert "SOV905" not in out.rules
        return {(f["rule"], f["path"]) for f in out.findings if f["rule"] == "SOV101"}

    both = {("SOV101", "legacy/main.tf"), ("SOV101", "new/main.tf")}
    assert left("") == set()
    assert left(", paths: ['legacy/**']") == both - {("SOV101", "legacy/main.tf")}
    assert left(", addresses: ['aws_s3_bucket.*']") == set()
    write(
        tmp_path, {".sovlint.yaml": "waivers: [{rules: [SOV1], paths: [x], until: 2099-06-30, owner: o, reason: r}]\n"}
    )
    out = Outcome(tmp_path, config=True)
    unused = out.one("SOV905")
    assert (unused["path"], unused["line"]) == (".sovlint.yaml", 1)
    assert "nothing left" in unused["message"]
    # Of a part of the tree nobody knows.
    assert "SOV905" not in Outcome(tmp_path, "new", config=True).rules
    assert "SOV905" not in Outcome(tmp_path, "--select", "SOV905,SOV2", ".", config=True).rules


def test_waivers_out_of_order_are_findings(tmp_path: Path) -> None:
    marks = ["SOV101 until=2020-01-01 owner=o reason=r", "SOV101 owner=o reason=r until=2020-13-01", "SOV101"]
    for number, mark in enumerate(marks):
        write(tmp_path, {f"m{number}/main.tf": US.replace('-1"\n', f'-1" # sovlint:waive {mark}\n')})
    out = Outcome(tmp_path, "--today", "2026-11-23", ".")
    rows = {f["path"]: f["message"] for f in out.findings if f["rule"] == "SOV905"}
    assert "expired on 2020-01-01" in rows["m0/main.tf"]
    assert "no date" in rows["m1/main.tf"]
    assert "missing" in rows["m2/main.tf"]
    assert len(out.regions()) == 3, "what is not in order waives nothing"
    assert "SOV905" not in Outcome(tmp_path, "--no-waivers", ".").rules


# --- extends


def test_a_file_builds_on_another(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "policies/ministry.yaml": "profile: eu-strict\nexclude: ['old/**']\nfail-on: low\n",
            ".sovlint.yaml": "extends: ./policies/ministry.yaml\nexclude: ['gone/**']\nfail-on: critical\n",
        },
    )
    settings = read_config(tmp_path / ".sovlint.yaml")
    assert (settings["profile"], settings["fail_on"]) == ("eu-strict", "critical")
    assert settings["exclude"] == ("old/**", "gone/**")
    assert settings["profile_origin"].endswith("ministry.yaml:1:1")


def test_a_package_is_found_and_not_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "site/ministry_rules/__init__.py": "raise SystemExit(99)\n",
            "site/ministry_rules/sovlint.yaml": "profile: eu-strict\n",
            ".sovlint.yaml": "extends: ministry_rules\n",
        },
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    assert read_config(tmp_path / ".sovlint.yaml")["profile"] == "eu-strict"
    assert "ministry_rules" not in sys.modules


ERRORS = [
    ("scopes: [{paths: [a]}]\n", [":1:", "profile or a classification"]),
    ("scopes: [{profile: x}]\n", [":1:", "paths or labels"]),
    ("scopes:\n  - paths: [a]\n    profil: x\n", [":3:5", "classification"]),
    ("scopes: {a: b}\n", [":1:1", "list"]),
    ("environments:\n  prod: {var-file: [a]}\n", [":2:10", "var-files"]),
    ("waivers:\n  - rules: [SOV1]\n    until: 2027-02-30\n    owner: o\n    reason: r\n", [":3:5", "YYYY-MM-DD"]),
    ("waivers:\n  - {rules: [SOV1], until: 2027-06-30, reason: r}\n", [":2:", "owner"]),
    ("waivers:\n  - {rules: [X], until: 2027-06-30, owner: o, reason: r}\n", [":2:", "X is none"]),
    ("hosts:\n  a.example: {purpose: x}\n", [":2:3", "operator"]),
    ("kubernetes: {providr: aws}\n", [":1:14", "provider"]),
    ("limits: {operator-share: 50}\n", [":1:10", "0 to 1"]),
    ("extends: ./nowhere.yaml\n", [":1:1", "nowhere.yaml"]),
    ("extends: no_such_package_here\n", [":1:1", "no_such_package_here"]),
    ("extends: .sovlint.yaml\n", [":1:1", "leads back"]),
]


@pytest.mark.parametrize(("text", "parts"), ERRORS)
def test_errors_name_the_place_and_what_is_allowed(tmp_path: Path, text: str, parts: list[str]) -> None:
    write(tmp_path, {".sovlint.yaml": text})
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / ".sovlint.yaml")
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("scopes:\n  - paths: [a]\n    profile: nope\n", ".sovlint.yaml:3:5: no profile 'nope'"),
        ("hosts:\n  a.example: {operator: nobody}\n", ".sovlint.yaml:2:3: no operator 'nobody'"),
    ],
)
def test_names_that_the_catalogue_does_not_have(tmp_path: Path, text: str, part: str) -> None:
    write(tmp_path, {".sovlint.yaml": text, "main.tf": US})
    result = run_sovlint(["check"], cwd=tmp_path, timeout=LIMIT_SECONDS)
    assert (result.returncode, result.stdout) == (2, "")
    assert part in result.stderr
