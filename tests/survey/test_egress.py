"""What leaves a cluster: secrets stay secret, tables agree with the catalogue, places are exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sovlint.catalogue.compile import compile_policies
from support import POLICIES, run_sovlint

SHARDS = compile_policies(POLICIES, validate=False)
EGRESS: dict[str, Any] = SHARDS["egress"]

SECRETS = """
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData:
  dsn: postgres://user:hunter2@db.neon.tech/app
  SENTRY_DSN: https://hunter2@o1.ingest.sentry.io/1
  config.yaml: |
    url: https://user:hunter2@api.openai.com/v1
    token: hunter2
  queue: arn:aws:sqs:us-east-1:1:hunter2
data:
  url: aHR0cHM6Ly9hcGkub3BlbmFpLmNvbS92MQ==
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      image: registry.example.nl/c:1
      env:
        - {name: OPENAI_URL, value: "https://user:hunter2@api.openai.com/v1"}
        - {name: SLACK, value: "https://hooks.slack.com/x?token=hunter2"}
        - {name: AI, value: "Key=hunter2;Endpoint=https://eastus-5.in.applicationinsights.azure.com/"}
"""


@pytest.mark.parametrize("output", ["text", "concise", "json", "sarif"])
def test_nothing_of_a_secret_is_shown_but_the_host(tmp_path: Path, output: str) -> None:
    (tmp_path / "secret.yaml").write_text(SECRETS)
    result = run_sovlint(["check", "--no-config", "--format", output, "."], cwd=tmp_path)
    for host in ("o1.ingest.sentry.io", "api.openai.com", "hooks.slack.com", "eastus-5.in.applicationinsights"):
        assert host in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


def test_encoded_data_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(SECRETS)
    result = run_sovlint(["check", "--no-config", "--format", "json", "."], cwd=tmp_path)
    lines = {finding["line"] for finding in json.loads(result.stdout)["findings"]}
    assert lines
    assert 13 not in lines


def test_a_place_in_a_file_inside_a_manifest_is_exact(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.conf: |\n"
        "    # https://api.openai.com/v1\n    b: 1\n    url = https://api.openai.com/v1\n"
    )
    result = run_sovlint(["check", "--no-config", "--format", "json", "."], cwd=tmp_path)
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["rule"], finding["line"], finding["column"]) == ("SOV803", 8, 11)
    assert finding["end_column"] - finding["column"] == len("https://api.openai.com/v1")


def test_variables_name_namespaces_and_places_that_exist() -> None:
    for name, row in EGRESS["region_variables"].items():
        assert row.get("regions", "aws") in SHARDS["core"]["namespaces"], name
        assert row["source"].startswith("https://")
    for row in EGRESS["region_overrides"]:
        assert row["regions"] in SHARDS["core"]["namespaces"]


def test_words_are_single_ones_in_lower_case() -> None:
    for table in ("host_words", "reading_words", "resolver_words"):
        for word in EGRESS[table]["words"]:
            assert word == word.lower()
            assert word.isalnum()
    assert not set(EGRESS["host_words"]["words"]) & set(EGRESS["reading_words"]["words"])


LIST = "apiVersion: v1\nkind: List\nitems:\n  - &o\n    apiVersion: v1\n    kind: {kind}\n"
BOMBS = {
    "a text under many keys": "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: &a |\n{text}\n{keys}",
    "an object many times": LIST.format(kind="ConfigMap") + "    data:\n      a: |\n{text}\n{items}",
    "variables many times": LIST.format(kind="Pod") + "    spec: {{containers: [{{env: [{env}]}}]}}\n{items}",
    "annotations many times": LIST.format(kind="Pod") + "    metadata: {{annotations: {{{annotations}}}}}\n{items}",
}
PIECES = {
    "text": "        url: https://api.openai.com/v1\n" * 3_000,
    "keys": "".join(f"  k{i}: *a\n" for i in range(8_000)),
    "items": "  - *o\n" * 15_000,
    "env": ", ".join(f"{{name: U{i}, value: 'https://api.openai.com/v1'}}" for i in range(1_500)),
    "annotations": ", ".join(f"service.beta.kubernetes.io/a{i}: b" for i in range(2_000)),
}


@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_aliases_end_somewhere(tmp_path: Path, kind: str) -> None:
    """A minute is the limit of a command here."""
    (tmp_path / "a.yaml").write_text(BOMBS[kind].format(**PIECES))
    result = run_sovlint(["check", "--no-config", "--format", "json", "."], cwd=tmp_path)
    assert result.returncode in (0, 1, 2)
    assert "Traceback" not in result.stderr
    assert json.loads(result.stdout)["summary"]["files"] == 1
