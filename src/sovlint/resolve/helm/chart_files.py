"""Which files make a chart, and what is said of those that cannot be taken."""

from __future__ import annotations

from collections.abc import Sequence

from sovlint.discovery.classify import kind_by_name
from sovlint.discovery.tree import TreeError
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.parse.yaml import Mapping, Node, Scalar, deref, is_null

CHART_NAMES = ("Chart.yaml", "Chart.yml")
CHART_FILES = (*CHART_NAMES, "Chart.lock", "requirements.yaml", "requirements.lock")
BASE_NAMES = ("values.yaml", "values.yml")


def static_note(count: int) -> str:
    """The sentence for a run that read charts statically; empty without charts."""
    if not count:
        return ""
    charts = "1 Helm chart was" if count == 1 else f"{count} Helm charts were"
    how = "`--helm-engine auto` renders with a helm on PATH or with `pip install 'sovlint[helm]'`"
    return f"{charts} read statically (values and template text), not rendered; {how}"


def unreadable(path: str, error: TreeError) -> Problem:
    """The problem of a file that could not be read; one over the size limit is a warning."""
    message = error.message.removeprefix(f"{path}: ")
    return Problem(whole_file(path), error.code, message, "warning" if error.code == "too-large" else "error")


def no_mapping(source: SourceFile, documents: Sequence[Node]) -> list[Problem]:
    """The problem of values that are a list or a text; none for an empty file."""
    node = deref(documents[0]) if documents else None
    if node is None or type(node) is Mapping or (type(node) is Scalar and is_null(node)):
        return []
    line = Span(source, node.start, min(node.end, node.start + 1)).location()
    return [Problem(line, "values", "these values are no mapping (KEY: VALUE): Helm does not take them")]


def is_template(relative: str) -> bool:
    """Whether a path relative to a chart's folder is a template whose text may declare something."""
    return relative.startswith("templates/") and relative.endswith((".yaml", ".yml", ".tpl", ".json"))


def is_values_file(relative: str) -> bool:
    """Whether a path relative to a chart's folder is a values file: by its name, or in a folder `values/`."""
    folder, _, name = relative.rpartition("/")
    if folder.split("/", 1)[0] in ("templates", "crds"):
        return False
    if kind_by_name(name) == "values":
        return True
    return "values" in folder.split("/") and name.endswith((".yaml", ".yml"))
