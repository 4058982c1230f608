"""One Terragrunt file as a place where expressions are evaluated: its locals, includes, dependencies, functions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sovlint.discovery import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.decode import decode
from sovlint.parse.hcl import nodes as n
from sovlint.parse.hcl import parse_file
from sovlint.resolve.terraform.evaluate import evaluate
from sovlint.resolve.terraform.folder import FolderCache, ModuleFolder
from sovlint.resolve.terraform.module import Inputs, Module
from sovlint.resolve.terraform.types import LazyObject, ObjectValue
from sovlint.resolve.terraform.values import EvaluationError
from sovlint.resolve.terragrunt.paths import folder_of, resolve

if TYPE_CHECKING:
    from sovlint.resolve.terraform.functions.base import CallSite
    from sovlint.resolve.terragrunt.config import Config

UNIT_FILE = "terragrunt.hcl"

CACHED_FILES = 256
"""Parsed Terragrunt files kept at a time: the root's is included by every unit."""

MAX_SCOPES = 1_000
"""Files that one unit may read; more is a mistake, or meant to keep us busy."""


@dataclass(slots=True, eq=False)
class Parsed:
    """A Terragrunt file."""

    source: SourceFile
    body: n.Body
    problems: tuple[Problem, ...]


class FileCache:
    """Reads Terragrunt files and remembers the most recently used ones."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._files: OrderedDict[str, Parsed | Problem] = OrderedDict()

    def read(self, path: str) -> Parsed | Problem:
        """A parsed file, or why it cannot be read."""
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = self._read(path)
            if len(self._files) > CACHED_FILES:
                self._files.popitem(last=False)
        else:
            self._files.move_to_end(path)
        return found

    def _read(self, path: str) -> Parsed | Problem:
        try:
            data = self.tree.read(path)
        except TreeError as error:
            return Problem(whole_file(path), error.code, error.message.removeprefix(f"{path}: "), "warning")
        source, problems = decode(path, data)
        if source is None:
            return problems[0] if problems else Problem(whole_file(path), "encoding", "not text")
        parsed = parse_file(source)
        return Parsed(source, parsed.body, (*problems, *parsed.problems))


@dataclass(slots=True)
class Session:
    """What one unit reads.

    Attributes:
        folder: the unit's folder.
        sources: files read, by path.
        problems: what could not be read.
    """

    files: FileCache
    cache: FolderCache
    folder: str
    sources: dict[str, SourceFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _parsed: dict[str, Parsed] = field(default_factory=dict)
    _scopes: dict[tuple[str, str], Scope] = field(default_factory=dict)

    def scope(self, path: str, config_path: str) -> Scope | str:
        """The scope of a file, or why there is none.

        Args:
            path: the file.
            config_path: the file that includes it; itself, if it is read on its own.
        """
        key = path, config_path
        found = self._scopes.get(key)
        if found is None:
            # One text per path within a unit: places in it must compare equal, whoever read it.
            parsed = self._parsed.get(path) or self.files.read(path)
            if isinstance(parsed, Problem):
                return f"{path} cannot be read ({parsed.code})"
            if len(self._scopes) >= MAX_SCOPES:
                return f"more than {MAX_SCOPES} files are not read"
            if path not in self._parsed:
                self._parsed[path] = parsed
                self.sources[path] = parsed.source
                self.problems.extend(parsed.problems)
            found = self._scopes[key] = Scope(self, parsed, path, config_path)
        return found


@dataclass(slots=True, eq=False)
class Include:
    """An `include` block.

    Attributes:
        name: its label, empty for a bare one.
        path: the included file in the tree; None if it cannot be read.
        target: its scope, or why there is none.
        strategy: `shallow`, `deep`, `deep_map_only` or `no_merge`; empty if not known.
        expose: whether expressions may refer to it.
    """

    name: str
    path: str | None
    target: Scope | Unknown
    strategy: str
    expose: bool


class Scope(Module):
    """A Terragrunt file.

    Args:
        session: the unit on whose behalf it is read.
        parsed: the file.
        path: the file's path.
        config_path: path of the file that includes it: functions that look for files look from there.
    """

    def __init__(self, session: Session, parsed: Parsed, path: str, config_path: str) -> None:
        folder = ModuleFolder(folder_of(path))
        if parsed.problems:
            folder.incomplete = f"{path} has a syntax error"
        super().__init__(folder, session.cache, Inputs())
        self.session = session
        self.source = parsed.source
        self.body = parsed.body
        self.path = path
        self.config_path = config_path
        self.home = folder_of(config_path)
        self.included = path != config_path
        self._includes: list[Include] | None = None
        self._config: Config | None = None
        for block in self.blocks("locals"):
            for name, attribute in block.body.attributes.items():
                folder.locals.setdefault(name, (parsed.source, attribute))

    def blocks(self, kind: str) -> Iterator[n.Block]:
        """Top-level blocks of a type."""
        return (block for block in self.body.blocks if block.type == kind)

    def evaluated(self, attribute: n.Attribute) -> Value:
        """The value of an attribute somewhere in the file."""
        return evaluate(attribute.expression, self.context(self.source))

    def span_of(self, node: n.Node) -> Span:
        """A node's place."""
        return Span(self.source, node.start, node.end)

    # --- what expressions may refer to

    def reference(self, root: str, steps: n.Steps, span: Span) -> tuple[Value, int]:
        """See `Module.reference`."""
        names = [step for step in steps[:3] if isinstance(step, str)]
        if root == "local" and names:
            return self.local(names[0], span), 1
        if root == "include":
            return self._included(steps, span)
        if root == "dependency" and names:
            return Unknown(f"the outputs of dependency.{names[0]} are known only after it was applied", span), 1
        if root == "feature" and names:
            return self._feature(names, span)
        if root == "values":
            return Unknown("values are given by a stack file, and stack files are not read", span), 0
        raise EvaluationError(f"there is nothing called {root}")

    def _included(self, steps: n.Steps, span: Span) -> tuple[Value, int]:
        name, used = "", 0
        includes = self.includes()
        if not any(include.name == "" for include in includes):
            name, used = (steps[0] if steps and isinstance(steps[0], str) else ""), 1
        for include in includes:
            if include.name == name:
                if isinstance(include.target, Unknown):
                    return Unknown(include.target.reason, span), len(steps)
                if not include.expose:
                    raise EvaluationError(f'include "{name}" is not exposed (expose = true)')
                return Known(ConfigObject(include.target), span), used
        return self.missing(f"include {name!r}", span), len(steps)

    def _feature(self, names: list[str], span: Span) -> tuple[Value, int]:
        """A feature flag: its default applies unless the command line says otherwise."""
        value = Unknown(f"feature.{names[0]} may be set on Terragrunt's command line", span)
        for block in self.blocks("feature"):
            default = block.body.attributes.get("default")
            if block.labels[:1] == names[:1] and default is not None:
                value.candidates = (self.evaluated(default),)
        return value, 2 if names[1:2] == ["value"] else 1

    def includes(self) -> list[Include]:
        """The file's includes. Included files have none of their own: Terragrunt knows one level."""
        if self._includes is None:
            self._includes = []
            if not self.included:
                self._includes = [self._include(block) for block in self.blocks("include")]
        return self._includes

    def _include(self, block: n.Block) -> Include:
        attributes = block.body.attributes
        strategy, expose = "shallow", False
        if "merge_strategy" in attributes:
            text = self.evaluated(attributes["merge_strategy"])
            strategy = str(text.value) if type(text) is Known else ""
        if "expose" in attributes:
            flag = self.evaluated(attributes["expose"])
            expose = type(flag) is Known and flag.value is True
        name = block.labels[0] if block.labels else ""
        written = attributes.get("path")
        if written is None:
            missing = Unknown(f'include "{name}" has no path', self.span_of(block))
            return Include(name, None, missing, strategy, expose)
        value = self.evaluated(written)
        span = self.span_of(written.expression)
        if type(value) is not Known or not isinstance(value.value, str):
            reason = value.reason if type(value) is Unknown else "its path is no text"
            self._unread(name, span, "include", reason)
            return Include(name, None, Unknown(f'include "{name}" is not read: {reason}', span), strategy, expose)
        path = resolve(value.value, self.home)
        if path is None:
            reason = "its path leads out of the tree"
            self._unread(name, span, "outside-tree", reason)
            return Include(name, None, Unknown(f'include "{name}" is not read: {reason}', span), strategy, expose)
        target = self.session.scope(path, self.config_path)
        if isinstance(target, str):
            self._unread(name, span, "missing", target)
            return Include(name, path, Unknown(f'include "{name}" is not read: {target}', span), strategy, expose)
        return Include(name, path, target, strategy, expose)

    def _unread(self, name: str, span: Span, code: str, reason: str) -> None:
        message = f'include "{name}" is not read: {reason}'
        self.session.problems.append(Problem(span.location(), code, message, "warning"))

    # --- functions

    def locate(self, path: str) -> str | None:
        """Terraform's file functions read relative to the file that calls them."""
        return resolve(path, folder_of(self.path))

    def called(self, site: CallSite, args: list[Value]) -> Value | None:
        """See `Module.called`."""
        from sovlint.resolve.terragrunt.functions import call

        return call(self, site, args)

    # --- the whole

    def config(self) -> Config:
        """What the file says, with what it includes merged in.

        Raises:
            EvaluationError: it depends on itself.
        """
        from sovlint.resolve.terragrunt.config import merged

        if self._config is None:
            if "config" in self._busy:
                raise EvaluationError(f"{self.path} depends on itself")
            self._busy.add("config")
            try:
                self._config = merged(self)
            finally:
                self._busy.discard("config")
        return self._config


class ConfigObject(LazyObject):
    """A Terragrunt file as others see it: `include.root`, or what `read_terragrunt_config` gives."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def attribute(self, name: str, span: Span) -> Value:
        """See `LazyObject.attribute`."""
        scope = self._scope
        if name == "locals":
            if not scope.folder.locals:
                return scope.missing(f"locals of {scope.path}", span)
            # All at once, as Terragrunt does: two files that read each other would make a value without end.
            return Known(ObjectValue((key, scope.local(key, span)) for key in scope.folder.locals), span)
        if name in ("inputs", "terraform", "remote_state"):
            found = scope.config().as_value(name, span)
            return scope.missing(f"{name} of {scope.path}", span) if found is None else found
        return Unknown(f"{name} of {scope.path} is not determined", span)

    def __getitem__(self, key: str) -> Value:
        return self.attribute(key, Span(self._scope.source, 0, 0))

    def __iter__(self) -> Iterator[str]:
        return iter(("locals", "inputs"))

    def __len__(self) -> int:
        return 2
