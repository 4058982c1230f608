"""The files a repository starts with: configuration, commit hook, pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["pre-commit", "github", "gitlab"]

PLACES: tuple[Place, ...] = ("pre-commit", "github", "gitlab")

CONFIGURATION = ".sovlint.yaml"
BASELINE = "sovlint-baseline.json"

_PATHS: dict[Place, str] = {
    "pre-commit": ".pre-commit-config.yaml",
    "github": ".github/workflows/sovlint.yml",
    "gitlab": ".gitlab-ci.yml",
}

_HOOK = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: sovlint
"""

_GITHUB = """\
name: sovlint
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
  security-events: write
jobs:
  sovlint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          fetch-depth: 0
      - uses: actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0
        with:
          python-version: "3.12"
      - run: pip install "sovlint @ git+{repository}@{revision}"
      - run: sovlint check -f sarif -o sovlint.sarif -f github
      - uses: github/codeql-action/upload-sarif@9e907b5e64f6b83e7804b09294d44122997950d6 # v4.32.3
        if: always()
        with:
          sarif_file: sovlint.sarif
"""

_GITLAB = """\
sovlint:
  image: docker.io/library/python:3.12
  before_script:
    - pip install "sovlint @ git+{repository}@{revision}"
  script:
    - sovlint check -f gitlab -o gl-code-quality-report.json -f text
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""

_TEXTS: dict[Place, str] = {"pre-commit": _HOOK, "github": _GITHUB, "gitlab": _GITLAB}


def files(
    profile: str,
    places: Sequence[Place],
    repository: str,
    revision: str,
    *,
    fail_on: str = "high",
    baseline: bool = False,
) -> dict[str, str]:
    """Path → content of what a repository starts with.

    Args:
        profile: name of a profile.
        places: where sovlint is to run.
        repository: address that sovlint is cloned from; `revision` the tag or commit of it.
        revision: see there.
        fail_on: lowest severity that fails.
        baseline: whether findings are compared with a baseline.
    """
    lines = [f"profile: {profile}", f"fail-on: {fail_on}"]
    if baseline:
        lines.append(f"baseline: {BASELINE}")
    out = {CONFIGURATION: "\n".join(lines) + "\n"}
    for place in places:
        out[_PATHS[place]] = _TEXTS[place].format(repository=repository, revision=revision)
    return out
