"""Explains one thing that the catalogue knows: a rule, resource type, place, operator or host, with sources and dates.

Consumes the catalogue and the profiles; knows nothing of the files that are linted.
"""

from sovlint.explain.find import UnknownNameError, explain
from sovlint.explain.page import Entry, Screen, render
from sovlint.explain.whole import document

__all__ = ["Entry", "Screen", "UnknownNameError", "document", "explain", "render"]
