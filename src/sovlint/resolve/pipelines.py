"""Delivery pipelines: workflows of GitHub, Gitea and Forgejo, and GitLab's pipelines, as one resource per job.

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
- https://docs.gitlab.com/ci/yaml/

What a job says is not evaluated, with two exceptions: variables that the file itself sets (`${{ env.REGISTRY }}`,
`$REGISTRY`) and values of a job's matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sovlint.discovery.tree import Tree, TreeError, join
from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.model.resource import Resource, Route
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.parse.decode import decode
from sovlint.parse.yaml import parse_stream
from sovlint.resolve.yaml_attributes import Item, YamlAttributes, top

Platform: TypeAlias = Literal["github", "gitea", "forgejo", "gitlab"]

_WORKFLOW = pattern(r"(?:.*/)?\.(?P<platform>github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_ACTION = pattern(r"(?:.*/)?\.(?P<platform>github|gitea|forgejo)/actions/(?:.*/)?action\.ya?ml")
_GITLAB = pattern(r"(?:.*/)?[^/]*\.gitlab-ci\.ya?ml")

_EXPRESSION = pattern(r"\$\{\{\s*(?P<context>[a-z]+)\.(?P<name>[\w-]+)\s*\}\}")
_VARIABLE = pattern(r"\$\{(?P<braced>\w+)\}|\$(?P<name>\w+)")

# Top-level keys of a GitLab pipeline that are no jobs: https://docs.gitlab.com/ci/yaml/#keywords.
_NO_JOBS = frozenset({
    "default", "include", "stages", "variables", "workflow", "spec", "image", "services", "cache", "before_script",
    "after_script", "types",
})  # fmt: skip

MAX_INCLUDED = 500
"""Files that one pipeline includes."""

MAX_NESTED = 5
"""Variables inside variables."""

MAX_VARIABLES = 200
"""Variables that are filled in for one value."""


class PipelineAttributes:
    """`Attributes` of one job, or of what holds for all jobs of a file.

    Args:
        job: the job's mapping.
        whole: the file's.
        platform: whose syntax it is.
        owner: address of the job.
        name: the job's name; empty for the file itself.
        action: it is an action of its own, not a workflow.
    """

    __slots__ = ("_inner", "action", "item", "name", "owner", "platform", "whole")

    def __init__(self, job: Item, whole: Item, platform: Platform, owner: str, name: str, *, action: bool) -> None:
        self.item = job
        self.whole = whole
        self.platform = platform
        self.owner = owner
        self.name = name
        self.action = action
        self._inner = YamlAttributes(job, owner)

    def select(self, route: Route) -> Iterable[tuple[str, Known]]:
        """See `Attributes.select`."""
        return self._inner.select(route)

    def items(self, route: Route) -> Iterator[Item]:
        """Every place at the route, composites included."""
        return self._inner.items(route)

    def key_span(self, route: Route) -> Span | None:
        """See `Attributes.key_span`."""
        return self._inner.key_span(route)

    def names(self) -> Iterable[str]:
        """See `Attributes.names`."""
        return self._inner.names()

    def references(self) -> Iterator[tuple[str, str, str]]:
        """See `Attributes.references`: jobs name no resources."""
        return iter(())

    def value(self, item: Item, *closer: Item | None) -> Value | None:
        """A text with the variables that the file sets filled in; each part keeps its place.

        Args:
            item: the text.
            closer: mappings of variables that go before those of job and file, the closest first.
        """
        known = item.value(self.owner)
        if known is None or not isinstance(known.value, str):
            return known
        if "$" not in known.value:
            return known
        scopes = [scope for scope in (*closer, *self._scopes()) if scope is not None and scope.is_mapping]
        return self._filled(known, scopes, MAX_NESTED, [MAX_VARIABLES])

    def matrix(self, item: Item) -> list[Item]:
        """The values of the job's matrix that a text stands for; the item itself where it is none."""
        text = item.text() or ""
        match = _EXPRESSION.fullmatch(text.strip())
        if match is None or match["context"] != "matrix":
            return [item]
        strategy = self.item.child("strategy")
        matrix = strategy.child("matrix") if strategy is not None else None
        if matrix is None or not matrix.is_mapping:
            return []
        axis, more = matrix.child(match["name"]), matrix.child("include")
        found = list(axis.elements()) if axis is not None else []
        found += [value for row in (more.elements() if more else ()) if (value := row.child(match["name"])) is not None]
        return found

    def _scopes(self) -> tuple[Item | None, ...]:
        key = "variables" if self.platform == "gitlab" else "env"
        return self.item.child(key), self.whole.child(key)

    def _filled(self, known: Known, scopes: list[Item], left: int, budget: list[int]) -> Value:
        text = str(known.value)
        expression = _VARIABLE if self.platform == "gitlab" else _EXPRESSION
        parts: list[Value] = []
        at = 0
        for match in expression.finditer(text):
            budget[0] -= 1
            if match.start() > at:
                parts.append(Known(text[at : match.start()], known.span, known.via, owner=self.owner))
            parts.append(self._variable(match, known, scopes, left, budget))
            at = match.end()
        if at < len(text):
            parts.append(Known(text[at:], known.span, known.via, owner=self.owner))
        if not any(type(part) is Known and part.span.key != known.span.key for part in parts):
            # Nothing was filled in: the text as it is written says the same.
            return known
        unknown = next((part for part in parts if type(part) is Unknown), None)
        if unknown is not None:
            return Unknown(unknown.reason, known.span, known.via, owner=self.owner, parts=tuple(parts))
        whole = "".join(str(part.value) for part in parts if type(part) is Known)
        return Known(whole, known.span, known.via, owner=self.owner, parts=tuple(parts))

    def _variable(self, match: re.Match[str], known: Known, scopes: list[Item], left: int, budget: list[int]) -> Value:
        groups = match.groupdict()
        name = groups.get("braced") or groups["name"]
        unknown = Unknown(f"{match[0]} is set elsewhere", known.span, known.via, owner=self.owner)
        if groups.get("context", "env") != "env" or left <= 0 or budget[0] < 0:
            return unknown
        for scope in scopes:
            item = scope.child(name)
            # GitLab: `NAME: {value: …, description: …}`.
            item = item.child("value") if item is not None and item.is_mapping else item
            value = item.value(self.owner) if item is not None else None
            if value is None or not isinstance(value.value, str):
                continue
            value = Known(value.value, value.span, (*value.via, Step(known.span, name)), owner=self.owner)
            return self._filled(value, scopes, left - 1, budget) if "$" in str(value.value) else value
        return unknown


@dataclass(slots=True)
class Pipelines:
    """What the pipeline files of a run hold.

    Attributes:
        rest: candidates that are no pipelines, in order.
        texts: everything that was read.
    """

    rest: list[str]
    resources: list[Resource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    texts: list[SourceFile] = field(default_factory=list)


def platform_of(path: str) -> Platform | None:
    """Whose pipeline a file is by its name; None for all other files."""
    match = _WORKFLOW.fullmatch(path) or _ACTION.fullmatch(path)
    if match is not None:
        platform: Platform = "github" if match["platform"] == "github" else "gitea"
        return "forgejo" if match["platform"] == "forgejo" else platform
    return "gitlab" if _GITLAB.fullmatch(path) else None


def load_pipelines(tree: Tree, files: Iterable[str]) -> Pipelines:
    """The pipelines among some files, with the files in the tree that they include.

    Args:
        tree: where to read.
        files: candidates.
    """
    files = list(files)
    found = [(path, platform) for path in files if (platform := platform_of(path)) is not None]
    out = Pipelines(files)
    if not found:
        return out
    read: set[str] = set()
    for path, platform in found:
        todo = [path]
        limit = MAX_INCLUDED
        while todo and limit > 0:
            limit -= 1
            one = todo.pop()
            if one not in read:
                read.add(one)
                todo.extend(_load(tree, one, platform, out))
        if todo:
            text = f"this pipeline includes more than {MAX_INCLUDED} files; the rest was not read"
            out.problems.append(Problem(whole_file(path), "too-deep", text, "warning"))
    out.rest = [path for path in files if path not in read]
    return out


def _load(tree: Tree, path: str, platform: Platform, out: Pipelines) -> list[str]:
    """Adds the jobs of one file; returns the files in the tree that it includes."""
    try:
        data = tree.read(path)
    except TreeError as error:
        message = error.message.removeprefix(f"{path}: ")
        out.problems.append(Problem(whole_file(path), error.code, message, "warning"))
        return []
    source, problems = decode(path, data)
    out.problems.extend(problems)
    if source is None:
        return []
    out.texts.append(source)
    stream = parse_stream(source)
    out.problems.extend(stream.problems)
    included: list[str] = []
    for document in stream.documents:
        whole = top(source, document)
        if not whole.is_mapping:
            continue
        jobs = _gitlab_jobs(whole) if platform == "gitlab" else _workflow_jobs(whole)
        for name, job in jobs:
            out.resources.append(_resource(source, name, job, whole, platform))
        if platform == "gitlab":
            included += _included(tree, whole, out)
    return included


def _workflow_jobs(whole: Item) -> Iterator[tuple[str, Item]]:
    """The jobs of a workflow; an action (`runs`) counts as one."""
    jobs = whole.child("jobs")
    for name, job in jobs.children() if jobs is not None else ():
        if job.is_mapping:
            yield name, job
    runs = whole.child("runs")
    if jobs is None and runs is not None and runs.is_mapping:
        yield "", runs


def _gitlab_jobs(whole: Item) -> Iterator[tuple[str, Item]]:
    """What holds for all jobs, then the jobs; templates (`.name`) are read as those that extend them."""
    yield "", whole
    for name, job in whole.children():
        if name == "default" or (name not in _NO_JOBS and job.is_mapping):
            yield name, job


def _included(tree: Tree, whole: Item, out: Pipelines) -> list[str]:
    """Files in the tree that a pipeline includes; globs are left out."""
    include = whole.child("include")
    if include is None:
        return []
    rows = [include] if include.is_mapping or include.text() else list(include.elements())
    found: list[str] = []
    for row in rows:
        # A project's own files are meant only where no other project is named.
        item = row.child("local") if row.is_mapping else row
        text = item.text() if item is not None else None
        if item is None or not text or "://" in text or "*" in text or "$" in text:
            continue
        path = join("", text.lstrip("/"))
        if path is not None and tree.exists(path):
            found.append(path)
        else:
            reason = "leads out of the tree" if path is None else "does not exist"
            text = f"{text[:200]} {reason}: not read"
            out.problems.append(Problem(item.span.location(), "missing", text, "warning"))
    return found


def _resource(source: SourceFile, name: str, job: Item, whole: Item, platform: Platform) -> Resource:
    file = source.path.rpartition("/")[2]
    address = f"{file}:{name}" if name else file
    action = _ACTION.fullmatch(source.path) is not None
    attributes = PipelineAttributes(job, whole, platform, address, name, action=action)
    kind = "gitlab-ci" if platform == "gitlab" else f"{platform}-workflow"
    return Resource(address, kind, "pipeline", "object", source.path, attributes, job.key or Span(source, 0, 0))
