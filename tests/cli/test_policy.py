"""Policies of one's own: what they change in a run, and `sovlint policy validate`, `test` and `list`."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from check_runs import write

from support import REPOSITORY, run_sovlint

EXAMPLES = REPOSITORY / "examples" / "policies"

BUCKET = 'provider "aws" {\n  region = "eu-central-1"\n}\n\nresource "aws_s3_bucket" "b" {}\n'
OPERATOR = """\
operators:
  it-agency: {name: Agency, seat: NL, parent: Agency, parent_country: NL}
"""
RULE = """\
code: MIN001
name: operator-without-contract
title: Operator without a contract
severity: high
fact: operator
when: {role: [operator], primary: true, operator: [aws]}
message: 'no contract with {operator}'
informs: []
why: No contract.
what_to_do: Ask.
fine_when: Never.
source: https://policy.example/contracts
as_of: '2026-11-23'
"""


def codes(folder: Path, *args: str) -> list[str]:
    result = run_sovlint(["check", "--format", "json", *args], cwd=folder)
    assert result.returncode in (0, 1), result.stderr
    return sorted(finding["rule"] for finding in json.loads(result.stdout)["findings"])


def mistakes(tmp_path: Path, files: dict[str, str]) -> str:
    """What `policy validate` says of a folder; the run itself says the same and fails."""
    write(tmp_path, {f"mine/{path}": text for path, text in files.items()})
    result = run_sovlint(["policy", "validate", "mine"], cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\n", "main.tf": BUCKET})
    run = run_sovlint(["check"], cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert result.stdout.splitlines()[0] in run.stderr
    return result.stdout


# --- the worked examples


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_examples_are_valid_and_pass_their_own_cases(name: str) -> None:
    valid = run_sovlint(["policy", "validate", EXAMPLES / name])
    assert (valid.returncode, valid.stderr) == (0, ""), valid.stdout
    tested = run_sovlint(["policy", "test", EXAMPLES / name])
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "2 passed, 0 failed" in tested.stdout


def test_a_zone_of_ones_own(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "ministry-zone", tmp_path / "zone")
    text = 'provider "scaleway" {\n  region = "fr-par"\n}\nresource "scaleway_object_bucket" "b" {}\n'
    write(tmp_path, {".sovlint.yaml": "policies: [./zone]\n", "main.tf": text})
    assert codes(tmp_path) == []
    assert codes(tmp_path, "--profile", "ministry") == ["SOV101"]
    shown = run_sovlint(["check", "--profile", "ministry"], cwd=tmp_path).stdout
    assert "ministry's core zone" in shown
    unknown = run_sovlint(["check", "--profile", "nobody"], cwd=tmp_path)
    assert (unknown.returncode, "ministry" in unknown.stderr) == (2, True)


def test_a_forbidden_operator(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "forbidden-operator", tmp_path / "rules-of-ours")
    write(tmp_path, {"main.tf": BUCKET})
    assert "MIN001" not in codes(tmp_path)
    write(tmp_path, {".sovlint.yaml": "policies: [rules-of-ours]\n"})
    assert "MIN001" in codes(tmp_path)
    assert codes(tmp_path, "--select", "MIN") == ["MIN001"]
    assert codes(tmp_path, "--select", "min001") == ["MIN001"]
    assert "MIN001" not in codes(tmp_path, "--ignore", "MIN")
    assert "MIN001" in codes(tmp_path, "--profile", "nl-gemeente")
    result = run_sovlint(["check", "--select", "MIN"], cwd=tmp_path)
    assert result.returncode == 1
    assert "main.tf:1:" in result.stdout
    assert "nothing new is ordered from AWS" in result.stdout
    assert "was not renewed" in run_sovlint(["explain", "MIN001"], cwd=tmp_path).stdout
    listed = json.loads(run_sovlint(["catalogue", "--format", "json"], cwd=tmp_path).stdout)
    assert "MIN001" in listed["rules"]


def test_an_internal_registry(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "internal-registry", tmp_path / "own")
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: %s/app:1\n"
    write(tmp_path, {"a.yaml": pod % "registry.ministry.example.eu", "b.yaml": pod % "images.agency.example.eu"})
    assert codes(tmp_path) == ["SOV205", "SOV205"]
    write(tmp_path, {".sovlint.yaml": "policies: [own]\n"})
    assert codes(tmp_path) == []


@pytest.mark.parametrize("form", ["sarif", "junit", "markdown", "gitlab", "github", "csv", "jsonl", "concise"])
def test_every_format_shows_a_rule_of_ones_own(tmp_path: Path, form: str) -> None:
    write(tmp_path, {"mine/rules/MIN001.yaml": RULE, ".sovlint.yaml": "policies: [mine]\n", "main.tf": BUCKET})
    result = run_sovlint(["check", "--select", "MIN", "--format", form], cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, "")
    assert "MIN001" in result.stdout
    assert "/rules/MIN001" not in result.stdout, "there is no such page"


# --- configuration, waivers


def test_waivers_and_configuration_name_codes_of_ones_own(tmp_path: Path) -> None:
    waiver = '# sovlint:waive MIN001 until=2099-01-01 owner=me reason="contract until then"\n'
    settings = "policies: [mine]\nselect: [MIN]\n"
    write(tmp_path, {"mine/rules/MIN001.yaml": RULE, ".sovlint.yaml": settings, "main.tf": BUCKET})
    assert codes(tmp_path) == ["MIN001"]
    write(tmp_path, {"main.tf": waiver + BUCKET})
    assert codes(tmp_path) == []
    configured = "waivers: [{rules: [MIN001], until: '2099-01-01', owner: me, reason: contract}]\n"
    write(tmp_path, {"main.tf": BUCKET, ".sovlint.yaml": settings + configured})
    assert codes(tmp_path) == []
    write(tmp_path, {".sovlint.yaml": settings + configured.replace("MIN001", "MAX001")})
    result = run_sovlint(["check"], cwd=tmp_path)
    assert (result.returncode, ".sovlint.yaml:3:" in result.stderr, "MAX001" in result.stderr) == (2, True, True)
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\nselect: [MAX]\n"})
    result = run_sovlint(["check"], cwd=tmp_path)
    assert (result.returncode, ".sovlint.yaml:2:1: MAX: no rule" in result.stderr) == (2, True)


def test_policies_of_what_is_extended_and_of_a_folder_outside_of_the_tree(tmp_path: Path) -> None:
    write(tmp_path, {"shared/sovlint.yaml": "policies: [.]\n", "shared/rules/MIN001.yaml": RULE})
    write(tmp_path, {"repo/.git/HEAD": "", "repo/.sovlint.yaml": "extends: ../shared/sovlint.yaml\n"})
    write(tmp_path, {"repo/main.tf": BUCKET, "more/rules/ABC001.yaml": RULE.replace("MIN001", "ABC001")})
    # Found, a configuration leads nowhere outside of its repository; somebody who names it vouches for it.
    refused = run_sovlint(["check"], cwd=tmp_path / "repo")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert ".sovlint.yaml:1:1: ../shared/sovlint.yaml leads out of the repository" in refused.stderr
    assert "--config" in refused.stderr
    named = ("--config", ".sovlint.yaml")
    assert "MIN001" in codes(tmp_path / "repo", *named)
    text = "extends: ../shared/sovlint.yaml\npolicies: [../more]\n"
    write(tmp_path, {"repo/.sovlint.yaml": text})
    result = run_sovlint(["check", *named], cwd=tmp_path / "repo")
    assert (result.returncode, "is already there" in result.stderr) == (2, True), "the same name twice"
    write(tmp_path, {"more/rules/ABC001.yaml": RULE.replace("MIN001", "ABC001").replace("name: operator", "name: no")})
    assert {"MIN001", "ABC001"} <= set(codes(tmp_path / "repo", *named))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {".sovlint.yaml": "profile: eu-baseline\npolicies: [nowhere]\n", "main.tf": BUCKET})
    result = run_sovlint(["check"], cwd=tmp_path)
    assert (result.returncode, ".sovlint.yaml:2:1: there is no folder nowhere" in result.stderr) == (2, True)
    assert run_sovlint(["policy", "validate", "nowhere"], cwd=tmp_path).returncode == 2
    write(tmp_path, {".sovlint.yaml": "profile: eu-baseline\n"})
    assert run_sovlint(["policy", "list"], cwd=tmp_path).returncode == 2


def test_cases_are_wrong_on_purpose_and_not_linted(tmp_path: Path) -> None:
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\n", "mine/rules/MIN001.yaml": RULE})
    write(tmp_path, {"mine/tests/a/main.tf": BUCKET})
    assert codes(tmp_path) == []


def test_an_edit_counts_at_once(tmp_path: Path) -> None:
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\n", "mine/rules/MIN001.yaml": RULE, "main.tf": BUCKET})
    assert "no contract with" in run_sovlint(["check"], cwd=tmp_path).stdout
    write(tmp_path, {"mine/rules/MIN001.yaml": RULE.replace("no contract", "no treaty!!")})
    assert "no treaty!! with" in run_sovlint(["check"], cwd=tmp_path).stdout


def test_additions_to_places_services_and_alternatives(tmp_path: Path) -> None:
    regions = "namespace: ministry\noperator: it-agency\nnormalise: lower\nregions: {hague-1: {country: NL}}\n"
    more = "namespace: aws\noperator: aws\nnormalise: lower\nregions: {xx-moon-1: {country: US}}\n"
    service = """\
provider: {name: ministry, kind: cloud, sources: [agency/ministry], operator: it-agency, regions: ministry,
  places: [{route: region}]}
services:
  disk: {title: Disk, lock_in: 3, reason: Ours., alternatives: [disk-elsewhere], primary: [ministry_disk]}
"""
    ways = "{title: Plain files, kind: self-hosted, licence: MIT, effort: S}"
    files = {
        "catalogue/operators/own.yaml": OPERATOR,
        "catalogue/regions/ministry.yaml": regions,
        "catalogue/regions/aws.yaml": more,
        "catalogue/services/ministry.yaml": service,
        "catalogue/alternatives.yaml": f"alternatives: {{disk-elsewhere: {{title: Disks, options: [{ways}]}}}}\n",
    }
    write(tmp_path, {f"mine/{path}": text for path, text in files.items()})
    valid = run_sovlint(["policy", "validate", "mine"], cwd=tmp_path)
    assert valid.returncode == 0, valid.stdout
    text = 'provider "ministry" {}\nresource "ministry_disk" "d" {\n  region = "HAGUE-1"\n}\n'
    aws = 'provider "aws" {\n  region = "xx-moon-1"\n}\nresource "aws_s3_bucket" "b" {}\n'
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\n", "a/main.tf": text, "b/main.tf": aws})
    assert codes(tmp_path, "a") == ["SOV401"]
    assert "Plain files" in run_sovlint(["check", "a"], cwd=tmp_path).stdout
    assert "SOV101" in codes(tmp_path, "b")


# --- validate


def test_schema_mistakes_name_place_and_what_is_allowed(tmp_path: Path) -> None:
    text = RULE.replace("severity: high", "severity: hihg").replace("why: ", "wy: ")
    out = mistakes(tmp_path, {"rules/a.yaml": text})
    assert "mine/rules/a.yaml:4:11: severity: 'hihg' is none of critical, high, medium, low, note" in out
    assert "mine/rules/a.yaml:9:1: unknown key 'wy'; allowed are code, name" in out
    assert "lacks why" in out
    assert "\n3 mistakes\n" in out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("MIN001", "min-1", "mine/rules/a.yaml:1:7: code is 2 to 8 capital letters and three digits"),
        ("MIN001", "SOV950", "mine/rules/a.yaml:1:7: codes that begin with SOV are sovlint's own"),
        ("[aws]", "[awz]", "mine/rules/a.yaml:6:52: operator awz is unknown; near to it: wiz, aws"),
        ("role: [operator]", "role: [opertor]", "mine/rules/a.yaml:6:15: when.role.0: 'opertor' is none of"),
        ("informs: []", "informs: ['csf:SOV-99']", "mine/rules/a.yaml:8:11: criterion csf: SOV-99 is unknown"),
        ("informs: []", "informs: ['cfs:SOV-1']", "mine/rules/a.yaml:8:11: framework cfs is unknown"),
        ("informs: []", "informs: []\nalternatives: [maill]", "mine/rules/a.yaml:9:16: alternative maill is unknown"),
        ("{operator}'", "{operater}'", "mine/rules/a.yaml:7:10: message has an unknown placeholder; there are places"),
        ("operator-without-contract", "foreign-operator", "mine/rules/a.yaml:2:7: a rule named foreign-operator"),
        ("when: {", "when: [", "mine/rules/a.yaml:6:"),
        ("title: Op", "name: twice\ntitle: Op", "mine/rules/a.yaml:3:1: the key 'name' stands twice"),
    ],
)
def test_mistakes_in_a_rule(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in RULE
    assert said in mistakes(tmp_path, {"rules/a.yaml": RULE.replace(old, new)})


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("catalogue/operators/a.yaml", OPERATOR.replace("it-agency", "aws"), "a.yaml:2:3: operator aws is already"),
        ("catalogue/operators/a.yaml", OPERATOR.replace("seat: NL", "seat: XX"), "a.yaml:2:35: country XX is unknown"),
        ("catalogue/hosts/a.yaml", "hosts: {ghcr.io: {operator: own, purpose: registry}}", ":1:9: host ghcr.io is alr"),
        ("catalogue/hosts/a.yaml", "hosts: {a.b: {operator: nobody9, purpose: registry}}", "operator nobody9 is unkn"),
        ("catalogue/hosts/a.yaml", "hosts: {'https://a.b': {operator: own, purpose: registry}}", "without scheme"),
        (
            "catalogue/hosts/a.yaml",
            "patterns: [{pattern: '([a-z]+)+x', operator: own, purpose: registry}]",
            ":1:22: pattern could take very long",
        ),
        (
            "catalogue/regions/a.yaml",
            "{namespace: aws, operator: aws, normalise: exact, regions: {eu-west-1: {country: IE}}}",
            ":1:61: place aws: eu-west-1 is already",
        ),
        (
            "catalogue/regions/a.yaml",
            "{namespace: own, operator: aws, normalise: exact, zone_pattern: '(?P<region>(a|a)*)b', regions: {}}",
            "zone_pattern could take very long",
        ),
        (
            "catalogue/services/a.yaml",
            "{provider: {name: aws, kind: cloud, sources: [hashicorp/aws]}, services: "
            "{mine: {title: M, lock_in: 1, reason: R, primary: [aws_s3_bucket]}}}",
            "type aws_s3_bucket is already defined",
        ),
        ("catalogue/countries.yaml", "zones: {eea: {title: E, countries: [NL]}}", "zone eea is already defined"),
        ("catalogue/countries.yaml", "zones: {a: {title: E, includes: [b], countries: []}}", "zone b is unknown"),
        ("catalogue/countries.yaml", "zones: {a: {title: E, includes: [a], countries: []}}", "a includes itself"),
        ("catalogue/images.yaml", "withdrawn: []", "not known here; allowed are countries.yaml, alternatives.yaml"),
        ("catalogue/kubernetes/a.yaml", "a: 1", "not known here"),
        ("rules/a.yml", RULE, "policy files end in .yaml"),
        ("notes/a.txt", "nothing", "no policies here; they lie in rules, profiles"),
        ("rules/a.yaml", "- a\n", ":1:1: expected a mapping"),
        ("rules/a.yaml", "a: &x [1]\nb: *x\n", ":1:4: anchors and aliases are not allowed"),
        ("rules/a.yaml", "a: " + "[" * 100 + "]" * 100, "nested too deeply"),
        ("rules/a.yaml", "a: " + "[" * 90_000, "nested too deeply"),
        ("rules/a.yaml", "a: !!python/object/apply:os.system ['true']\n", ":1:4: could not determine a constructor"),
        ("rules/a.yaml", "a: " + "x" * 1_000_001, "not a file of at most 1000000 bytes"),
    ],
)
def test_mistakes_in_other_files(tmp_path: Path, path: str, text: str, said: str) -> None:
    assert said in mistakes(tmp_path, {path: text})


def test_a_code_that_stands_in_two_files_names_both(tmp_path: Path) -> None:
    other = RULE.replace("name: operator", "name: an-operator")
    out = mistakes(tmp_path, {"rules/a.yaml": RULE, "rules/b.yaml": other})
    assert "mine/rules/b.yaml:1:1: rule MIN001 is already defined in mine/rules/a.yaml:1:1" in out


def test_profiles_name_zones_frameworks_and_rules_that_exist(tmp_path: Path) -> None:
    profile = """\
name: %s
title: Ours
zone: eaa
control_area: eea
cite: [gdrp]
select: [SOV, MIX]
severities: {SOV999: high}
source: https://policy.example
as_of: '2026-11-23'
"""
    out = mistakes(tmp_path, {"profiles/p.yaml": profile % "ours"})
    for said in (":3:7: zone eaa", ":5:8: framework gdrp", ":6:15: MIX: no rule", ":7:14: rule SOV999 is unknown"):
        assert said in out
    assert "profile eu-strict is already" in mistakes(tmp_path, {"profiles/p.yaml": profile % "eu-strict"})


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret/MIN001.yaml": RULE, "mine/catalogue/operators/a.yaml": OPERATOR})
    (tmp_path / "mine" / "rules").mkdir()
    (tmp_path / "mine" / "rules" / "MIN001.yaml").symlink_to(tmp_path / "secret" / "MIN001.yaml")
    assert "MIN001.yaml: leads out of the folder of policies" in mistakes(tmp_path, {})
    (tmp_path / "mine" / "rules" / "MIN001.yaml").unlink()
    (tmp_path / "mine" / "rules").rmdir()
    (tmp_path / "mine" / "rules").symlink_to(tmp_path / "secret")
    assert "rules: leads out of the folder of policies" in mistakes(tmp_path, {})


# --- test


def test_cases_that_fail_say_what_is_missing_and_what_is_too_much(tmp_path: Path) -> None:
    cases = """\
cases:
  - {name: too much, file: main.tf, input: 'resource "aws_s3_bucket" "b" {}', expect: []}
  - {name: missing, file: main.tf, input: 'resource "scaleway_object_bucket" "b" {}', expect: [{line: 1, code: MIN001}]}
  - {name: broken, file: main.tf, input: 'resource "', expect: []}
"""
    write(tmp_path, {"mine/rules/MIN001.yaml": RULE, "mine/tests/cases.yaml": cases})
    write(tmp_path, {"mine/tests/a folder/main.tf": BUCKET.replace('"aws" {', '"aws" { # expect: MIN001', 1)})
    result = run_sovlint(["policy", "test", "mine"], cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    for said in (
        "passed  a folder\n",
        "failed  too much (mine/tests/cases.yaml:2:5)\n    unexpected  main.tf:1 MIN001: no contract with AWS",
        "failed  missing (mine/tests/cases.yaml:3:5)\n    missing     main.tf:1 MIN001\n",
        "failed  broken (mine/tests/cases.yaml:4:5)\n    main.tf:1:",
        "1 passed, 3 failed\n",
    ):
        assert said in result.stdout, result.stdout


def test_formats_without_comments_and_a_configuration_of_the_case(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "mine/rules/MIN001.yaml": RULE,
            "mine/tests/json/main.tf.json": '{"resource": {"aws_s3_bucket": {"b": {}}}}',
            "mine/tests/json/expect.txt": "main.tf.json:1: MIN001\n",
            "mine/tests/own/main.tf": BUCKET.replace('"eu-central-1"', '"us-east-1" # expect: SOV101'),
            "mine/tests/own/.sovlint.yaml": "select: [SOV101]\n",
        },
    )
    result = run_sovlint(["policy", "test", "mine"], cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "passed  json\npassed  own\n2 passed, 0 failed\n"), result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases: {}\n", "c.yaml:1:1: expected `cases:` with a list"),
        ("cases: [{name: a, file: m.tf, input: x}]\n", ":1:9: a case has expect"),
        ("cases: [{name: a, file: ../m.tf, input: x, expect: []}]\n", "a path inside the case"),
        ("cases: [{name: a, file: m.tf, input: x, expects: []}]\n", ":1:41: unknown key 'expects'; allowed are name"),
        ("cases: [{name: a, file: m.tf, input: x, expect: ['3: MIN001']}]\n", "{line: 3, code: MIN001}"),
    ],
)
def test_lists_of_cases_that_are_wrong(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, {"mine/rules/MIN001.yaml": RULE, "mine/tests/c.yaml": text})
    result = run_sovlint(["policy", "test", "mine"], cwd=tmp_path)
    assert (result.returncode, said in result.stderr) == (2, True), result.stderr


def test_without_cases_nothing_passed(tmp_path: Path) -> None:
    write(tmp_path, {"mine/rules/MIN001.yaml": RULE})
    assert run_sovlint(["policy", "test", "mine"], cwd=tmp_path).returncode == 1


# --- list


def test_list(tmp_path: Path) -> None:
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\n", "mine/rules/MIN001.yaml": RULE})
    write(tmp_path, {"mine/catalogue/operators/a.yaml": OPERATOR})
    result = run_sovlint(["policy", "list"], cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "MIN001" in result.stdout
    document = json.loads(run_sovlint(["policy", "list", "--format", "json"], cwd=tmp_path).stdout)
    assert document["schema"] == "sovlint-policies/1"
    assert [rule["code"] for rule in document["rules"]] == ["MIN001"]
    at = "mine/catalogue/operators/a.yaml:2:3"
    assert document["additions"] == [{"kind": "operator", "name": "it-agency", "at": at}]


# --- time


def test_patterns_that_are_accepted_end_soon(tmp_path: Path) -> None:
    pattern = "(?P<region>[a-z]+[a-z]+[a-z]+)x9"
    text = f"patterns: [{{pattern: '{pattern}', operator: own, purpose: registry}}]\n"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - image: {'x' * 240}.eu/a:1\n"
    write(tmp_path, {".sovlint.yaml": "policies: [mine]\n", "mine/catalogue/hosts/h.yaml": text, "pod.yaml": pod})
    before = time.monotonic()
    codes(tmp_path)
    assert time.monotonic() - before < 30
