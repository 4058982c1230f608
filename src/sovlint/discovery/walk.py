"""Walks the paths given on the command line: what is there to lint, apart from what is ignored or excluded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from sovlint.discovery.tree import Entry, Tree, TreeError, join
from sovlint.model.problem import Problem
from sovlint.model.source import whole_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", ".venv"})
"""Never walked: version control, downloads, caches. What a module needs from them is read as context."""

SUFFIXES = (
    ".tf",
    ".tf.json",
    ".tofu",
    ".tofu.json",
    ".tfvars",
    ".tfvars.json",
    ".yaml",
    ".yml",
    ".yaml.gotmpl",
    ".yml.gotmpl",
    ".tpl",
    ".json",
    "terragrunt.hcl",
    "Kustomization",
)


class Found:
    """What a walk found.

    Attributes:
        files: paths of candidate files in the tree, sorted.
        named: those that were named as PATH themselves.
        folders: folders that were named as PATH.
        problems: what could not be walked.
    """

    __slots__ = ("_linted", "files", "folders", "named", "problems")

    def __init__(self) -> None:
        self.files: list[str] = []
        self.named: set[str] = set()
        self.folders: list[str] = []
        self.problems: list[Problem] = []
        self._linted: frozenset[str] | None = None

    def selects(self, path: str) -> bool:
        """Whether something at this path is to be reported.

        What lies below a folder that was named, but was left out there (ignored, excluded), is not. Files outside of
        those folders are context; they are reported unless some PATH was a file.
        """
        if path in self.named:
            return True
        if self._linted is None:
            self._linted = frozenset(self.files)
        if path in self._linted:
            return True
        return not path.endswith(SUFFIXES) if self.is_below(path) else not self.named

    def is_below(self, path: str) -> bool:
        """Whether a path, there or not, lies below a folder that was named."""
        return any(not folder or path.startswith(folder + "/") for folder in self.folders)


def walk(tree: Tree, paths: Sequence[str], exclude: Sequence[str] = ()) -> Found:
    """Candidate files below the paths.

    Args:
        tree: the tree.
        paths: files and folders in the tree; files are taken whatever git ignores or their suffix.
        exclude: globs (`**`, `*`, `?`) over paths in the tree.
    """
    found = Found()
    excluded = tuple(exclude)
    seen: set[str] = set()
    for path in paths:
        if tree.exists(path):
            if path not in seen:
                seen.add(path)
                found.files.append(path)
            found.named.add(path)
        elif not tree.is_folder(path):
            _not_a_file(tree, path, found)
        else:
            found.folders.append(path)
            for file in _walk_folder(tree, path, excluded, found):
                if file not in seen:
                    seen.add(file)
                    found.files.append(file)
    found.files.sort()
    return found


def _not_a_file(tree: Tree, path: str, found: Found) -> None:
    """Something named that is neither a file nor a folder: a device, a pipe, a link to nowhere or out of the tree."""
    try:
        tree.read(path)
    except TreeError as error:
        found.problems.append(Problem(whole_file(path), error.code, error.message.removeprefix(f"{path}: ")))


def _walk_folder(tree: Tree, top: str, excluded: tuple[str, ...], found: Found) -> Iterator[str]:
    stack: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(top, _ignores_above(tree, top))]
    while stack:
        folder, ignores = stack.pop()
        try:
            entries = tree.list(folder)
        except TreeError as error:
            found.problems.append(Problem(whole_file(folder or "."), error.code, error.message))
            continue
        if any(entry.name == ".gitignore" and not entry.folder for entry in entries) and folder != top:
            ignores = (*ignores, *_ignore_of(tree, folder))
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.folder:
                if entry.name in SKIPPED_FOLDERS or _skip(path + "/", ignores, excluded):
                    continue
                if entry.link:
                    _note_loop(tree, path, folder, found)
                    continue
                stack.append((path, ignores))
            elif entry.name.endswith(SUFFIXES) and not _skip(path, ignores, excluded):
                if _readable(tree, path, entry, found):
                    yield path
            elif entry.link and not tree.exists(path):
                _note_loop(tree, path, folder, found)


def _readable(tree: Tree, path: str, entry: Entry, found: Found) -> bool:
    """Links out of the tree are left alone with a warning; links to nowhere and loops are problems."""
    if entry.special:
        found.problems.append(Problem(whole_file(path), "unreadable", "not a regular file: skipped", level="warning"))
        return False
    if not entry.link or tree.exists(path):
        return True
    try:
        tree.read(path)
    except TreeError as error:
        level: Literal["error", "warning"] = "warning" if error.code == "outside-tree" else "error"
        text = {
            "missing": "symbolic link to a file that does not exist",
            "outside-tree": "symbolic link out of the tree: not followed",
        }
        found.problems.append(
            Problem(
                whole_file(path), error.code, text.get(error.code, error.message.removeprefix(f"{path}: ")), level=level
            )
        )
    return False


def _note_loop(tree: Tree, path: str, folder: str, found: Found) -> None:
    """A link to a folder is not walked (its target is, if it is in the tree); a link that goes round is said."""
    try:
        tree.list(path)
    except TreeError as error:
        if error.code == "unreadable":
            found.problems.append(Problem(whole_file(path), "link-loop", error.message.removeprefix(f"{path}: ")))


def _skip(path: str, ignores: tuple[tuple[str, GitIgnoreSpec], ...], excluded: tuple[str, ...]) -> bool:
    if excluded:
        from sovlint.model.globs import covers

        if covers(excluded, path.rstrip("/")):
            return True
    verdict = False
    for base, spec in ignores:
        result = spec.check_file(path[len(base) :]).include
        if result is not None:
            verdict = result
    return verdict


def _ignores_above(tree: Tree, folder: str) -> tuple[tuple[str, GitIgnoreSpec], ...]:
    """The ignore files from the tree's root down to the folder itself."""
    out: list[tuple[str, GitIgnoreSpec]] = []
    parts = folder.split("/") if folder else []
    for depth in range(len(parts) + 1):
        out.extend(_ignore_of(tree, "/".join(parts[:depth])))
    return tuple(out)


def _ignore_of(tree: Tree, folder: str) -> list[tuple[str, GitIgnoreSpec]]:
    path = join(folder, ".gitignore")
    if path is None or not tree.exists(path):
        return []
    try:
        lines = tree.read(path).decode("utf-8", "replace").splitlines()
    except TreeError:
        return []
    from sovlint.discovery.ignore import ignore_spec

    return [(folder + "/" if folder else "", ignore_spec(lines))]
