"""Which files there are, and the only door to their bytes: `Tree`."""

from sovlint.discovery.tree import Entry, MemoryTree, Tree, TreeError, WorkingTree, join
from sovlint.discovery.walk import Found, walk

__all__ = ["Entry", "Found", "MemoryTree", "Tree", "TreeError", "WorkingTree", "join", "walk"]
