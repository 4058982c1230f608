"""`.helmignore`: which files of a chart's folder are no part of the chart.

A rule is a glob: with `/` inside over the path, else over the name; `/` at the end means folders, `!` takes back;
`**` is not supported (https://helm.sh/docs/chart_template_guide/helm_ignore_file/).
"""

from __future__ import annotations

import re
from fnmatch import translate
from typing import NamedTuple

MAX_RULES = 500


class _Rule(NamedTuple):
    expression: re.Pattern[str]
    negated: bool
    folder: bool
    whole: bool


class HelmIgnore:
    """The rules of one file; without text nothing is ignored."""

    def __init__(self, text: str = "") -> None:
        self._rules: list[_Rule] = []
        for line in text.splitlines():
            rule = line.strip()
            if not rule or rule.startswith("#") or "**" in rule or len(self._rules) >= MAX_RULES or len(rule) > 500:
                continue
            negated = rule.startswith("!")
            rule = rule.removeprefix("!")
            folder = rule.endswith("/")
            rule = rule.rstrip("/")
            whole = "/" in rule
            self._rules.append(_Rule(re.compile(translate(rule.lstrip("/"))), negated, folder, whole))

    def ignores(self, path: str) -> bool:
        """Whether a path relative to the chart, or a folder above it, is ignored."""
        if not self._rules:
            return False
        parts = path.split("/")
        return any(self._says("/".join(parts[: n + 1]), folder=n + 1 < len(parts)) for n in range(len(parts)))

    def _says(self, path: str, *, folder: bool) -> bool:
        ignored = False
        for rule in self._rules:
            if rule.folder and not folder:
                continue
            if rule.expression.match(path if rule.whole else path.rpartition("/")[2]):
                ignored = not rule.negated
        return ignored
