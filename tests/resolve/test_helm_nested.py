"""Charts packed inside of a packed chart: read and rendered like the others, and bounded all together."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from manifest_runs import run

from support import run_sovlint

TOP = "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - {name: outer, version: 1.0.0, repository: ''}\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: "{{ .Values.image }}"}]}
"""


def packed(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def chart(name: str, values: str = "", more: dict[str, str | bytes] | None = None, depends: str = "") -> bytes:
    files: dict[str, str | bytes] = {
        f"{name}/Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n{depends}",
        f"{name}/values.yaml": values,
        f"{name}/templates/pod.yaml": POD,
    }
    return packed({**files, **{f"{name}/{path}": data for path, data in (more or {}).items()}})


INNER = chart("inner", "image: quay.io/a/inner:1\n")
OUTER = chart("outer", "image: ghcr.io/a/outer:1\n", {"charts/inner-1.0.0.tgz": INNER})


def test_a_chart_packed_in_a_packed_chart_stands_on_the_dependency() -> None:
    found = run({"Chart.yaml": TOP, "values.yaml": "a: 1\n", "charts/outer-1.0.0.tgz": OUTER})
    assert found.problems == []
    assert {(f.reference, f.subject.address, found.line(f)) for f in found.images} == {
        ("ghcr.io/a/outer:1", "app:outer.image", ("Chart.yaml", 5)),
        ("quay.io/a/inner:1", "app:outer.inner.image", ("Chart.yaml", 5)),
    }
    notes = {hop.note for f in found.images for hop in f.cause.via}
    assert "the values of inner-1.0.0.tgz in outer-1.0.0.tgz say so" in notes


def test_what_the_charts_above_say_wins() -> None:
    outer = chart(
        "outer",
        "image: rg.nl-ams.scw.cloud/a/o:1\nother: {image: gcr.io/a/b:1}\n",
        {"charts/inner/Chart.yaml": "name: inner\n", "charts/inner/values.yaml": "image: quay.io/a/b:1\n"},
        "dependencies: [{name: inner, alias: other, version: 1.0.0}]\n",
    )
    found = run({"Chart.yaml": TOP, "values.yaml": "a: 1\n", "charts/outer.tgz": outer})
    assert [f.reference for f in found.images if f.subject.address == "app:outer.other.image"] == ["gcr.io/a/b:1"]
    values = "outer: {other: {image: rg.nl-ams.scw.cloud/a/b:1}}\n"
    found = run({"Chart.yaml": TOP, "values.yaml": values, "charts/outer.tgz": outer})
    assert [(f.reference, found.line(f)[0]) for f in found.images if f.subject.address == "app:outer.other.image"] == [
        ("rg.nl-ams.scw.cloud/a/b:1", "values.yaml")
    ]


def bomb(size: int) -> bytes:
    return chart("inner", "", {"files/big.txt": "x: 1\n" * (size // 5)})


def wrapped(data: bytes, times: int) -> bytes:
    for number in range(times):
        data = chart(f"c{number}", "", {"charts/inner.tgz": data})
    return data


HOSTILE: list[tuple[str, dict[str, str | bytes]]] = [
    ("many bombs", {f"charts/b{i}.tgz": bomb(4_500_000) for i in range(20)}),
    ("many charts", {f"charts/c{i}.tgz": INNER for i in range(1_000)}),
    ("deep", {"charts/deep.tgz": wrapped(INNER, 40)}),
    ("no archive", {"charts/x.tgz": b"nothing"}),
    ("a huge file", {"charts/x.tgz": gzip.compress(b"\0" * 60_000_000)}),
    ("leads out", {"charts/x.tgz": packed({"x/Chart.yaml": "name: x\n", "../../etc/x": "y"})}),
]


@pytest.mark.parametrize("more", [more for _, more in HOSTILE], ids=[name for name, _ in HOSTILE])
@pytest.mark.parametrize("engine", ["none", "sdk"])
def test_hostile_archives_in_archives(tmp_path: Path, engine: str, more: dict[str, str | bytes]) -> None:
    outer = chart("outer", "image: ghcr.io/a/outer:1\n", more)
    (tmp_path / "a" / "charts").mkdir(parents=True)
    (tmp_path / "a" / "Chart.yaml").write_text(TOP)
    (tmp_path / "a" / "values.yaml").write_text("a: 1\n")
    (tmp_path / "a" / "charts" / "outer-1.0.0.tgz").write_bytes(outer)
    (tmp_path / "values.yaml").write_text("image: quay.io/a/b:1\n")
    start = time.monotonic()
    done = run_sovlint(["check", ".", "--no-config", "--format", "json", "--helm-engine", engine], cwd=tmp_path)
    assert time.monotonic() - start < 50
    report: dict[str, Any] = json.loads(done.stdout)
    assert {"archive", "too-deep", "rendering"} & {problem["code"] for problem in report["problems"]}
    found = {(f["path"], f["message"].split(" ")[0]) for f in report["findings"]}
    assert {("values.yaml", "quay.io"), ("a/Chart.yaml", "ghcr.io")} <= found
