"""Which folders are root modules: those that no other module calls."""

from __future__ import annotations

from collections.abc import Iterable

from sovlint.discovery import Tree, TreeError, join
from sovlint.model.lazy import bytes_pattern

_HEADER = bytes_pattern(rb"(?m)^[ \t]*module[ \t]+\"?[\w.-]+\"?[ \t]*\{")
_SOURCE = bytes_pattern(rb"\bsource[ \t]*=[ \t]*\"(\.{1,2}(?:/[^\"\r\n]*)?)\"")
_JSON_SOURCE = bytes_pattern(rb"\"source\"\s*:\s*\"(\.{1,2}(?:/[^\"\r\n]*)?)\"")
_END = bytes_pattern(rb"(?m)^\}")


def local_calls(data: bytes) -> list[str]:
    """Relative sources of the module blocks in a file, read without parsing it: enough to tell roots from modules."""
    if data.lstrip()[:1] in (b"{", b"["):
        return [match.group(1).decode("utf-8", "replace") for match in _JSON_SOURCE.finditer(data)]
    out: list[str] = []
    for header in _HEADER.finditer(data):
        end = _END.search(data, header.end())
        match = _SOURCE.search(data, header.end(), end.start() if end else len(data))
        if match:
            out.append(match.group(1).decode("utf-8", "replace"))
    return out


def root_folders(tree: Tree, files: Iterable[str]) -> list[str]:
    """Root modules among the folders of the given Terraform files, sorted.

    Folders that call each other in a circle which nobody else enters are roots, each of them.
    """
    calls: dict[str, set[str]] = {}
    for path in files:
        folder = path.rpartition("/")[0]
        targets = calls.setdefault(folder, set())
        try:
            data = tree.read(path)
        except TreeError:
            continue
        if b"module" not in data:
            continue
        for source in local_calls(data):
            target = join(folder, source)
            if target is not None and target != folder:
                targets.add(target)
    called = {target for targets in calls.values() for target in targets}
    roots = [folder for folder in calls if folder not in called]
    reached: set[str] = set()
    _reach(roots, calls, reached)
    callers: dict[str, set[str]] = {}
    for folder, targets in calls.items():
        for target in targets:
            callers.setdefault(target, set()).add(folder)
    for folder in sorted(calls):
        if folder in reached:
            continue
        # Whoever reaches this folder and is reached from it is in its circle; it is entered from elsewhere or not.
        above: set[str] = set()
        _reach([folder], callers, above)
        below: set[str] = set()
        _reach([folder], calls, below)
        if above <= below:
            roots.extend(sorted(above & calls.keys()))
            reached |= below
    return sorted(roots)


def _reach(start: list[str], calls: dict[str, set[str]], reached: set[str]) -> None:
    stack = list(start)
    while stack:
        folder = stack.pop()
        if folder not in reached:
            reached.add(folder)
            stack.extend(calls.get(folder, ()))
