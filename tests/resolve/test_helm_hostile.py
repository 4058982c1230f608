"""Hostile charts, read statically and rendered: they end, and the chart beside them is linted all the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support import run_sovlint

CHART = "apiVersion: v2\nname: bad\nversion: 1.0.0\n"
VALUES = "image: ghcr.io/a/b:1\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - image: {{ .Values.image }}\n"
GOOD = {
    "good/Chart.yaml": CHART.replace("bad", "good"),
    "good/values.yaml": "image: quay.io/a/b:1\n",
    "good/templates/p.yaml": POD,
}
LISTS = "a0: &a0 [x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)
MAPS = "a0: &a0 {image: ghcr.io/a/x}\n" + "".join(
    f"a{i}: &a{i} {{" + ", ".join(f"k{j}: *a{i - 1}" for j in range(10)) + "}\n" for i in range(1, 10)
)
EMPTY = "a0: &a0 []\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
LOOP = '{{- define "a" }}{{ include "b" . }}{{ include "b" . }}{{ end }}{{- define "b" }}{{ include "a" . }}{{ end }}'

CASES: dict[str, dict[str, str | None]] = {
    "aliases in lists": {"values.yaml": VALUES + LISTS},
    "aliases in maps": {"values.yaml": VALUES + MAPS},
    "aliases to nothing": {"values.yaml": VALUES + EMPTY},
    "values above the limit": {"values.yaml": VALUES + "k: v # xxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * 400_000},
    "deep values": {"values.yaml": VALUES + "d: " + "{a: " * 150 + "1" + "}" * 150 + "\n"},
    "tpl of itself": {
        "values.yaml": VALUES + 'x: "{{ tpl .Values.x . }}"\n',
        "templates/p.yaml": POD + "      args: [{{ tpl .Values.x . }}]\n",
    },
    "include of itself": {"templates/_h.tpl": LOOP, "templates/p.yaml": POD + '      args: [{{ include "a" . }}]\n'},
    "a text without end": {"templates/p.yaml": POD + '      args: [{{ repeat 2000000000 "a" }}]\n'},
    "a range without end": {"templates/p.yaml": POD + "{{ range until 100000000 }}{{ end }}\n"},
    "patterns": {".helmignore": ("*a" * 40 + "b\n") * 50 + "[a-\n[[[[]]]\n!\n**/\n" + "?" * 500 + "*" * 2_000 + "\n"},
    "many tests": {
        "values.yaml": VALUES + "m: {enabled: false}\n",
        "templates/q.yaml": "{{ if .Values.m.enabled }}\n" * 3_000
        + "image: ghcr.io/a/c\n" * 3_000
        + "{{ end }}\n" * 3_000,
    },
    "a chart file that is a folder": {"Chart.yaml": None, "Chart.yaml/x.txt": "x"},
    "values that are a folder": {"values.yaml": None, "values.yaml/x.txt": "x"},
    "templates that are a file": {"templates/p.yaml": None, "templates": "x"},
}
PIPES = {
    "a chart file": "Chart.yaml",
    "values": "values.yaml",
    "a template": "templates/q.yaml",
    "rules": ".helmignore",
}


def good_is_linted(folder: Path, engine: str) -> None:
    (folder / ".git").mkdir()
    for name, text in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    words = ["check", "--no-config", "--format", "json", "--select", "SOV501", "--helm-engine", engine, "."]
    done = run_sovlint(words, cwd=folder)
    assert done.returncode in (0, 2), done.stderr
    report = json.loads(done.stdout)
    assert "internal" not in {problem["code"] for problem in report["problems"]}
    assert ("good/values.yaml", 1) in {(one["path"], one["line"]) for one in report["findings"]}


@pytest.mark.parametrize("engine", ["none", "sdk"])
@pytest.mark.parametrize("name", CASES)
def test_hostile_charts(tmp_path: Path, name: str, engine: str) -> None:
    files = {"Chart.yaml": CHART, "values.yaml": VALUES, "templates/p.yaml": POD, **CASES[name]}
    for path, text in files.items():
        if text is not None:
            (tmp_path / "bad" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "bad" / path).write_text(text)
    good_is_linted(tmp_path, engine)


@pytest.mark.parametrize("engine", ["none", "sdk"])
@pytest.mark.parametrize("name", PIPES)
def test_pipes_in_charts(tmp_path: Path, name: str, engine: str) -> None:
    for path, text in (("Chart.yaml", CHART), ("values.yaml", VALUES), ("templates/p.yaml", POD)):
        if path != PIPES[name]:
            (tmp_path / "bad" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "bad" / path).write_text(text)
    os.mkfifo(tmp_path / "bad" / PIPES[name])
    good_is_linted(tmp_path, engine)
