"""Reads policy files of the user's own: plain YAML within limits, with the place of every key.

Nothing is executed, no tag makes anything but text, numbers, lists and mappings, aliases are refused (they multiply),
and no link is followed out of the folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from sovlint.catalogue.read import Data, Loader
from sovlint.model.files import read_regular

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
MAX_FILES = 1_000

Keys = tuple["str | int", ...]

FOLDERS = {
    "rules": "rule",
    "profiles": "profile",
    "frameworks": "framework",
    "catalogue/regions": "regions",
    "catalogue/operators": "operators",
    "catalogue/hosts": "hosts",
    "catalogue/services": "services",
}
"""Folder of the user's → schema of its files; `catalogue` itself has the two files of `SINGLE`."""

SINGLE = ("countries", "alternatives")


class MistakeError(ValueError):
    """Something in a file that is not as it has to be; the message carries file, line and column."""


class PolicyFile:
    """One file of custom policies.

    Attributes:
        kind: name of its schema.
        shown: its path as messages name it.
        data: what it holds; empty until it was read.
    """

    def __init__(self, kind: str, path: Path) -> None:
        self.kind = kind
        self.path = path
        self.shown = shown(path)
        self.data: Data = {}
        self._node: yaml.Node | None = None

    def at(self, keys: Keys = (), *, key: bool = False) -> str:
        """`file:line:column` of a value (or, with `key`, of its key); of the nearest that is written."""
        current, mark = self._node, getattr(self._node, "start_mark", None)
        for i, wanted in enumerate(keys):
            last = i == len(keys) - 1
            if isinstance(current, yaml.SequenceNode) and isinstance(wanted, int) and wanted < len(current.value):
                current = current.value[wanted]
                mark = current.start_mark
            elif isinstance(current, yaml.MappingNode):
                pair = next((pair for pair in current.value if pair[0].value == str(wanted)), None)
                if pair is None:
                    break
                current = pair[1]
                mark = pair[0].start_mark if key and last else current.start_mark
            else:
                break
        return f"{self.shown}:{mark.line + 1}:{mark.column + 1}" if mark else self.shown

    def read(self) -> None:
        """Reads the file.

        Raises:
            MistakeError: it cannot be read, or is not YAML within the limits.
        """
        text = _text(self.path, self.shown)
        try:
            _limits(text, self.shown)
            loader = Loader(text)
            try:
                self._node = loader.get_single_node()
                self._no_duplicates()
                data = loader.construct_document(self._node) if self._node is not None else None
            finally:
                loader.dispose()
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            if isinstance(error, MistakeError):
                raise
            mark = getattr(error, "problem_mark", None)
            where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            raise MistakeError(f"{self.shown}{where}: {getattr(error, 'problem', None) or 'not valid YAML'}") from None
        if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
            raise MistakeError(f"{self.at()}: expected a mapping at the top")
        self.data = data

    def _no_duplicates(self) -> None:
        stack = [self._node]
        while stack:
            node = stack.pop()
            if isinstance(node, yaml.SequenceNode):
                stack.extend(node.value)
            if not isinstance(node, yaml.MappingNode):
                continue
            seen: set[str] = set()
            for name, value in node.value:
                at = f"{self.shown}:{name.start_mark.line + 1}:{name.start_mark.column + 1}"
                if not isinstance(name, yaml.ScalarNode):
                    raise MistakeError(f"{at}: a key is a text")
                if name.tag != "tag:yaml.org,2002:str":
                    raise MistakeError(f"{at}: a key is a text; write {name.value!r} in quotes")
                if name.value in seen:
                    raise MistakeError(f"{at}: the key {name.value!r} stands twice")
                seen.add(name.value)
                stack.append(value)


def shown(path: Path) -> str:
    """A path for messages: relative to the working directory where it lies in it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def files_in(folder: Path) -> Iterator[PolicyFile]:
    """The policy files of a folder, sorted, unread.

    Raises:
        MistakeError: the folder holds nothing of the kind, something in the wrong place, or a link out of it.
    """
    root = Path(os.path.realpath(folder))
    if not root.is_dir():
        raise MistakeError(f"{shown(folder)}: no such folder")
    found: list[PolicyFile] = []
    for name, kind in FOLDERS.items():
        found += [PolicyFile(kind, path) for path in _yaml_files(root, root / name)]
    for path in _yaml_files(root, root / "catalogue"):
        if path.stem not in SINGLE:
            allowed = ", ".join([f"{name}.yaml" for name in SINGLE] + [n for n in FOLDERS if "/" in n])
            raise MistakeError(f"{shown(path)}: not known here; allowed are {allowed}")
        found.append(PolicyFile(path.stem, path))
    for entry in sorted((root / "catalogue").iterdir()) if (root / "catalogue").is_dir() else ():
        if entry.is_dir() and f"catalogue/{entry.name}" not in FOLDERS:
            allowed = ", ".join(name for name in FOLDERS if "/" in name)
            raise MistakeError(f"{shown(entry)}: not known here; allowed are {allowed}")
    if not found:
        raise MistakeError(f"{shown(folder)}: no policies here; they lie in {', '.join((*FOLDERS, 'catalogue'))}")
    if len(found) > MAX_FILES:
        raise MistakeError(f"{shown(folder)}: more than {MAX_FILES} files")
    yield from found


def _yaml_files(root: Path, folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    _inside(root, folder)
    out = []
    for path in sorted(folder.iterdir()):
        if path.suffix in (".yml", ".json"):
            raise MistakeError(f"{shown(path)}: policy files end in .yaml")
        if path.suffix == ".yaml":
            _inside(root, path)
            out.append(path)
    return out


def _inside(root: Path, path: Path) -> None:
    if not Path(os.path.realpath(path)).is_relative_to(root):
        raise MistakeError(f"{shown(path)}: leads out of the folder of policies")


def _text(path: Path, name: str) -> str:
    try:
        data = read_regular(path, MAX_BYTES)
        if data is None:
            raise MistakeError(f"{name}: not a file of at most {MAX_BYTES} bytes")
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise MistakeError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _limits(text: str, name: str) -> None:
    """Depth and aliases, from the stream of events: before anything is built of them.

    Raises:
        MistakeError: nested too deeply, or an alias.
    """
    if re.search(r"[\[{]{200}", re.sub(r"\s+", "", text)):  # the scanner takes quadratic time for these
        raise MistakeError(f"{name}: nested too deeply; {MAX_DEPTH} levels are allowed")
    depth = documents = 0
    for event in yaml.parse(text, Loader=Loader):
        mark = event.start_mark
        at = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise MistakeError(f"{at}: one document a file")
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise MistakeError(f"{at}: anchors and aliases are not allowed here")
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise MistakeError(f"{at}: nested too deeply; {MAX_DEPTH} levels are allowed")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
