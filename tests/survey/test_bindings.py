"""Every entry of the tables of bindings has a bad fixture, every row a portable equivalent that is not reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expectations import expected
from sovlint.catalogue.compile import compile_policies
from support import FIXTURES, POLICIES, run_sovlint

SHARDS = compile_policies(POLICIES, validate=False)
ROWS: dict[str, Any] = SHARDS["bindings"]["bindings"]
PLACES: dict[str, Any] = SHARDS["bindings"]["places"]
FOLDER = FIXTURES / "rules" / "SOV403"


def entries(row: dict[str, Any]) -> list[str]:
    """What a row looks for, as it is written; `*` ends a beginning."""
    out = [*row.get("keys", ()), *row.get("groups", ())]
    for table in ("values", "fields"):
        out.extend(text for texts in row.get(table, {}).values() for text in texts)
    out.extend(value for argument in row.get("arguments", ()) for value in argument["values"])
    return out


def expecting_lines(folder: Path) -> list[str]:
    """The lines of bad fixtures on which a finding is expected."""
    return [
        (bad / mark.path).read_text(encoding="utf-8").splitlines()[mark.line - 1]
        for bad in sorted(folder.glob("bad-*"))
        for mark in expected(bad)
    ]


LINES = expecting_lines(FOLDER)
INSTEAD = [
    line.partition(":")[2].strip()
    for path in sorted(FOLDER.glob("good-*/*.yaml"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.startswith("# instead of:")
]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_entry_has_a_bad_fixture(name: str) -> None:
    missing = []
    for entry in entries(ROWS[name]):
        words = [word.strip("\"':") for line in LINES for word in line.replace("=", " ").replace("/v1 ", " ").split()]
        start, star, _ = entry.partition("*")
        if not any(word.startswith(start) and word != start if star else word == entry for word in words):
            missing.append(entry)
    assert not missing, f"no bad fixture expects SOV403 for {missing}"


def test_every_row_has_a_good_fixture() -> None:
    assert sorted(INSTEAD) == sorted(ROWS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_rows_refer_to_what_there_is(name: str) -> None:
    row = ROWS[name]
    assert row["operator"] in SHARDS["core"]["operators"]
    assert row["source"].startswith("https://")
    assert row["as_of"]
    assert {*row.get("values", {}), *row.get("fields", {})} <= set(PLACES)


def test_nothing_is_claimed_twice() -> None:
    found = [(kind, entry) for row in ROWS.values() for kind in ("keys", "groups") for entry in row.get(kind, ())]
    for row in ROWS.values():
        for table in ("values", "fields"):
            found.extend((f"{table} {place}", text) for place, texts in row.get(table, {}).items() for text in texts)
    assert sorted(found) == sorted(set(found))


SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    service.beta.kubernetes.io/{key}: a\n"


@pytest.mark.parametrize(
    ("key", "profile", "severity"),
    [
        ("aws-load-balancer-type", "eu-baseline", "medium"),
        ("azure-load-balancer-internal", "eu-strict", "medium"),
        # Controlled from inside the control area, with and without somebody to turn to elsewhere.
        ("scw-loadbalancer-id", "eu-baseline", "low"),
        ("ovh-loadbalancer-proxy-protocol", "eu-baseline", "low"),
        # Its ultimate parent is Mexican.
        ("exoscale-loadbalancer-name", "eu-baseline", "medium"),
    ],
)
def test_a_binding_inside_the_control_area_counts_less(tmp_path: Path, key: str, profile: str, severity: str) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE.format(key=key))
    args = ["check", "--no-config", "--format", "json", "--profile", profile, "."]
    (finding,) = json.loads(run_sovlint(args, cwd=tmp_path).stdout)["findings"]
    assert (finding["rule"], finding["severity"], finding["line"]) == ("SOV403", severity, 5)
    assert (finding["column"], finding["value"]) == (5, f"service.beta.kubernetes.io/{key}")
