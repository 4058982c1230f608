"""Charts below a chart: their values under its keys, packed and unpacked, switched off, and hostile ones."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import time
from pathlib import Path

import pytest
from manifest_runs import Run, run

from support import run_sovlint

REDIS = "apiVersion: v2\nname: redis\nversion: 1.0.0\n"
REDIS_VALUES = "image:\n  registry: docker.io\n  repository: acme/redis\n  tag: 7\n"
USES = "image: {{ .Values.image.registry }}/{{ .Values.image.repository }}\n"
APP = "apiVersion: v2\nname: app\ndependencies:\n- name: redis\n  condition: redis.enabled\n  repository: https://charts.example.nl\n"


def packed(files: dict[str, str], *members: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
        for member in members:
            tar.addfile(member)
    return out.getvalue()


REDIS_TGZ = packed(
    {"redis/Chart.yaml": REDIS, "redis/values.yaml": REDIS_VALUES, "redis/templates/x.yaml": USES},
)


def rows(found: Run) -> list[tuple[str, str, tuple[str, int]]]:
    return [(f.subject.address, f.reference, found.line(f)) for f in found.images if f.kind == "image"]


def test_what_an_umbrella_changes_of_a_chart_below_it() -> None:
    files: dict[str, str | bytes] = {
        "Chart.yaml": APP,
        "values.yaml": "redis:\n  image:\n    repository: acme/other\n",
        "charts/redis/Chart.yaml": REDIS,
        "charts/redis/values.yaml": REDIS_VALUES,
        "charts/redis/templates/x.yaml": USES,
    }
    found = run(files)
    assert rows(found) == [
        ("app:redis.image", "docker.io/acme/other:7", ("charts/redis/values.yaml", 2)),
        ("redis:image", "docker.io/acme/redis:7", ("charts/redis/values.yaml", 2)),
    ]
    # The chart below does not look at the registry that is handed down.
    files["values.yaml"] = "global: {imageRegistry: ghcr.io}\nredis: {image: {tag: 8}}\n"
    assert rows(run(files)) == [("redis:image", "docker.io/acme/redis:7", ("charts/redis/values.yaml", 2))]
    files["charts/redis/templates/x.yaml"] = (
        "image: {{ .Values.global.imageRegistry | default .Values.image.registry }}"
    )
    assert rows(run(files)) == [
        ("app:redis.image", "ghcr.io/acme/redis:8", ("values.yaml", 1)),
        ("redis:image", "docker.io/acme/redis:7", ("charts/redis/values.yaml", 2)),
    ]


def test_a_packed_chart_stands_on_the_dependency() -> None:
    files: dict[str, str | bytes] = {"Chart.yaml": APP, "values.yaml": "a: 1\n", "charts/redis-1.0.0.tgz": REDIS_TGZ}
    found = run(files)
    assert rows(found) == [("app:redis.image", "docker.io/acme/redis:7", ("Chart.yaml", 4))]
    assert "the values of redis-1.0.0.tgz say so" in [hop.note for hop in found.images[0].cause.via]
    files["values.yaml"] = "redis: {image: {registry: quay.io}}\n"
    assert rows(run(files)) == [("app:redis.image", "quay.io/acme/redis:7", ("values.yaml", 1))]
    files["values.yaml"] = "redis: {enabled: false}\n"
    assert rows(run(files)) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (packed({"redis/Chart.yaml": REDIS, "redis/../../x": "x"}), "leads out of the chart"),
        (packed({"/etc/x": "x"}), "leads out of the chart"),
        (gzip.compress(bytes(200_000_000), 9), "when unpacked"),
        (packed({f"redis/{n}": "" for n in range(6_000)}), "more than 5000 files"),
        (b"no archive", "no gzip archive"),
        (gzip.compress(b"no tar" * 1000), "no readable tar archive"),
        (packed({"redis/values.yaml": "a: 1"}), "there is no Chart.yaml"),
        (REDIS_TGZ[:60], "no readable tar archive"),
    ],
    ids=["parent", "absolute", "bomb", "many", "no-gzip", "no-tar", "no-chart", "cut"],
)
def test_hostile_archives(data: bytes, reason: str) -> None:
    started = time.monotonic()
    found = run({"Chart.yaml": APP, "values.yaml": "image: ghcr.io/a/b\n", "charts/redis-1.0.0.tgz": data})
    assert [(p.location.path, p.code) for p in found.problems] == [("charts/redis-1.0.0.tgz", "archive")]
    assert reason in found.problems[0].message
    assert rows(found) == [("app:image", "ghcr.io/a/b", ("values.yaml", 1))]
    assert time.monotonic() - started < 10


def test_links_in_archives() -> None:
    link = tarfile.TarInfo("redis/values.yaml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    found = run({"Chart.yaml": APP, "charts/redis.tgz": packed({"redis/Chart.yaml": REDIS}, link)})
    assert ["is a link" in p.message for p in found.problems] == [True]


def test_linked_charts_and_huge_values(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    outside = tmp_path / "elders"
    outside.mkdir()
    (outside / "Chart.yaml").write_text("name: elders\n")
    (outside / "values.yaml").write_text("image: quay.io/a/b\n")
    chart = tmp_path / "app"
    (chart / "charts").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: app\n")
    (chart / "values.yaml").write_text("image: ghcr.io/a/b\n")
    (chart / "charts" / "loop").symlink_to(chart)
    (chart / "charts" / "out").symlink_to("/etc")
    with (chart / "values-big.yaml").open("wb") as file:
        file.truncate(100_000_000)
    started = time.monotonic()
    result = run_sovlint(["check", "--format", "json", "--no-config", "app"], cwd=tmp_path)
    assert time.monotonic() - started < 20
    report = json.loads(result.stdout)
    assert [(f["path"], f["rule"]) for f in report["findings"]] == [("app/values.yaml", "SOV501")]
    assert {(p["path"], p["code"]) for p in report["problems"]} >= {("app/values-big.yaml", "too-large")}
    assert "Traceback" not in result.stderr


def test_dependencies() -> None:
    chart = (
        "apiVersion: v2\nname: app\ndependencies:\n"
        "- {name: a, repository: 'https://charts.bitnami.com/bitnami'}\n"
        "- {name: b, repository: 'oci://ghcr.io/x', condition: b.enabled}\n"
        "- {name: c, repository: 'file://../c'}\n- {name: d, repository: '@alias'}\n- {name: e}\n- x\n"
        "- {name: f, repository: 'oci://quay.io/x', tags: [front]}\n"
    )
    lock = "dependencies:\n- {name: a, repository: 'https://charts.bitnami.com/bitnami'}\n- {name: d, repository: 'https://gcr.io/x'}\n"
    from manifest_runs import catalogue

    from sovlint.discovery import MemoryTree
    from sovlint.resolve.manifests import load_unit, units_of
    from sovlint.survey.gitops import GitOpsSurvey

    files = {"Chart.yaml": chart, "Chart.lock": lock, "values.yaml": "b: {enabled: false}\ntags: {front: false}\n"}
    tree = MemoryTree(files)
    (unit,) = units_of(tree, files)
    survey = GitOpsSurvey(catalogue())
    facts = [fact for resource in load_unit(tree, unit).resources for fact in survey.facts(resource)]
    assert [(f.host, f.confidence, f.cause.location.path, f.cause.location.line) for f in facts] == [  # type: ignore[attr-defined]
        ("charts.bitnami.com", "literal", "Chart.yaml", 4),
        ("gcr.io", "literal", "Chart.lock", 3),
        ("ghcr.io", "heuristic", "Chart.yaml", 5),
        ("quay.io", "heuristic", "Chart.yaml", 10),
    ]


def test_an_empty_chart_file_is_told() -> None:
    found = run({"c/Chart.yaml": "# nothing yet\n", "c/values.yaml": "image: ghcr.io/a/b\n"})
    assert [(p.location.path, p.code, p.level) for p in found.problems] == [("c/Chart.yaml", "chart", "warning")]
    assert len(found.images) == 1
