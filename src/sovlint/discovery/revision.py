"""What differs between the working directory and a git revision, read from git's objects without a checkout.

Only object commands are used (`ls-tree`, `cat-file`, `merge-base`): they run no hooks, filters or monitors that a
repository's configuration could name.
"""

from __future__ import annotations

import hashlib
import os
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from sovlint.model.errors import UsageError

if TYPE_CHECKING:
    from git import Repo

MAX_COMPARED = 20_000
"""Lines of a file that are compared one by one; of a longer one all between the first and the last change count."""


class Changes(NamedTuple):
    """The difference between a revision (older) and the working directory (newer).

    Attributes:
        revision: full hash of the commit compared with.
        head: full hash of the commit that is checked out, if the working directory does not differ from it.
        older: path → content at the revision of every file that differs; None where it did not exist.
        lines: path → 1-based lines of the newer text that the change added or altered; all of them for new files.
    """

    revision: str
    older: dict[str, bytes | None]
    lines: dict[str, frozenset[int]]
    head: str = ""


def changes_since(root: str, revision: str, size_limit: int) -> Changes:
    """Compares the working directory with the common ancestor of HEAD and a revision, as a pull request does.

    Args:
        root: the root of the repository.
        revision: a branch, tag or commit.
        size_limit: bytes above which a file is taken for unchanged: it is not read as input either.

    Raises:
        UsageError: no git, no repository, no such revision, or no common ancestor (a shallow clone).
    """
    repo = _repository(root)
    base = _base(repo, revision)
    listed = _listed(repo, base)
    older: dict[str, bytes | None] = {}
    for path, (mode, name) in listed.items():
        if not _is_same(root, path, mode, name, size_limit):
            older[path] = None if mode == "120000" else _blob(repo, name)
    for path in _untracked(repo, root, listed):
        older[path] = None
    lines = {path: changed_lines(data, _current(root, path, size_limit)) for path, data in older.items()}
    return Changes(base, older, lines, _head(repo, root, size_limit))


def changed_lines(older: bytes | None, newer: bytes | None) -> frozenset[int]:
    """1-based lines of the newer text that are not in the older one; both neighbours of a gap where lines went."""
    if newer is None:
        return frozenset()
    new = newer.decode("utf-8", "replace").split("\n")
    if older is None:
        return frozenset(range(1, len(new) + 1))
    old = older.decode("utf-8", "replace").split("\n")
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, middle = old[start : len(old) - end], new[start : len(new) - end]
    if len(old) + len(middle) > MAX_COMPARED:
        return frozenset(range(start + 1, start + len(middle) + 1))
    out: set[int] = set()
    for tag, _, _, first, last in SequenceMatcher(None, old, middle, autojunk=False).get_opcodes():
        if tag != "equal":
            out.update(range(start + first + 1, start + max(last, first) + 1))
    return frozenset(out)


def _head(repo: Repo, root: str, size_limit: int) -> str:
    listed = _listed(repo, "HEAD")
    if any(not _is_same(root, path, mode, name, size_limit) for path, (mode, name) in listed.items()):
        return ""
    return "" if _untracked(repo, root, listed) else str(repo.git.rev_parse("HEAD"))


def _listed(repo: Repo, revision: str) -> dict[str, tuple[str, str]]:
    """Path → mode and hash of every file of a revision."""
    out: dict[str, tuple[str, str]] = {}
    for row in repo.git.ls_tree("-r", "-z", "--full-tree", revision).split("\0"):
        head, _, path = row.partition("\t")
        if path:
            mode, kind, name = head.split()[:3]
            if kind == "blob":
                out[path] = (mode, name)
    return out


def _repository(root: str) -> Repo:
    try:
        from git import Repo
        from git.exc import GitError
    except ImportError as error:
        raise UsageError(f"--diff needs git and GitPython (pip install 'sovlint[diff]'): {error}") from None
    try:
        repo = Repo(root)
    except GitError:
        raise UsageError(f"--diff: {root} is not a git repository") from None
    # Reading the index would start the monitor that a repository's configuration names.
    repo.git.update_environment(
        GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="core.fsmonitor", GIT_CONFIG_VALUE_0="false", GIT_OPTIONAL_LOCKS="0"
    )
    return repo


def _base(repo: Repo, revision: str) -> str:
    from git.exc import GitCommandError

    if revision.startswith("-"):
        raise UsageError(f"--diff {revision}: not a revision")
    try:
        commit = repo.git.rev_parse("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitCommandError:
        hint = " (a shallow clone: fetch it, or clone with full history)" if _is_shallow(repo) else ""
        raise UsageError(f"--diff {revision}: there is no such revision{hint}") from None
    try:
        return str(repo.git.merge_base(commit, "HEAD")).split("\n", 1)[0]
    except GitCommandError:
        hint = "a shallow clone: fetch more history" if _is_shallow(repo) else "unrelated histories"
        raise UsageError(f"--diff {revision}: HEAD has no common ancestor with it ({hint})") from None


def _is_shallow(repo: Repo) -> bool:
    return os.path.exists(os.path.join(repo.common_dir, "shallow"))


def _blob(repo: Repo, name: str) -> bytes:
    data: bytes = repo.odb.stream(bytes.fromhex(name)).read()
    return data


def _is_same(root: str, path: str, mode: str, name: str, size_limit: int) -> bool:
    full = os.path.join(root, path)
    try:
        if mode == "120000":
            data = os.fsencode(os.readlink(full))
        elif os.path.islink(full):
            return False
        else:
            data = _read(full, size_limit)
    except OSError:
        return False
    except _TooLargeError:
        return True
    digest = hashlib.sha256 if len(name) == 64 else hashlib.sha1
    return digest(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == name


class _TooLargeError(Exception):
    pass


def _read(full: str, size_limit: int) -> bytes:
    if not os.path.isfile(full):
        raise OSError(full)
    if os.path.getsize(full) > size_limit:
        raise _TooLargeError
    with open(full, "rb") as file:
        return file.read()


def _current(root: str, path: str, size_limit: int) -> bytes | None:
    try:
        full = os.path.join(root, path)
        return None if os.path.islink(full) else _read(full, size_limit)
    except (OSError, _TooLargeError):
        return None


def _untracked(repo: Repo, root: str, listed: dict[str, tuple[str, str]]) -> list[str]:
    """Files that the revision does not have; what git ignores is an input of both sides."""
    tracked = repo.git.ls_files("-z", "--cached").split("\0")
    others = repo.git.ls_files("-z", "--others", "--exclude-standard").split("\0")
    return sorted(path for path in {*tracked, *others} if path and path not in listed)
