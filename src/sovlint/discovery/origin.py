"""Which repository a tree is, read from its configuration as text: no program is started for it."""

from __future__ import annotations

import os
import re

from sovlint.model.files import read_regular

_REMOTE = re.compile(r'\s*\[remote "origin"\]\s*')
_ADDRESS = re.compile(r"\s*url\s*=\s*(\S+)\s*")
_MAX_BYTES = 100_000


def origin_of(root: str) -> str:
    """The address of the remote `origin`; empty where there is none, or where `.git` is a file (a worktree).

    Args:
        root: the root of the tree.
    """
    path = os.path.join(os.path.realpath(root), ".git", "config")
    # `.git` or what is in it may be a link out of the tree.
    if os.path.realpath(path) != path:
        return ""
    try:
        data = read_regular(path, _MAX_BYTES)
    except OSError:
        return ""
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    within = False
    for line in lines:
        if line.lstrip().startswith("["):
            within = _REMOTE.fullmatch(line) is not None
        elif within and (found := _ADDRESS.fullmatch(line)):
            return found[1]
    return ""
