"""How evaluation stops: errors that Terraform would report, and what is not determined; and how much work it may be."""

from __future__ import annotations

import threading

from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Unknown

MAX_WORK = 1_000_000
"""Steps of one expression, a few seconds' worth; what it refers to counts by itself.

Without a limit a handful of nested loops, or of lists that are doubled again and again, would never end.
"""


class EvaluationError(Exception):
    """An expression that Terraform would reject; becomes Unknown with this reason (or makes `try` go on)."""


class NotKnown(Exception):  # noqa: N818 - control flow inside the evaluator, not an error
    """Raised where a value has an unknown inside; carries that unknown."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


_NOWHERE = Span(SourceFile("", ""), 0, 0)


def undetermined(reason: str) -> NotKnown:
    """To be raised where Terraform would have a value and we do not compute it."""
    return NotKnown(Unknown(reason, _NOWHERE))


class _Work(threading.local):
    """What the evaluation that is going on may still do; the outermost one starts with all of it."""

    depth = 0
    left = MAX_WORK


WORK = _Work()


def spend(steps: int) -> None:
    """Counts work of the expression that is being evaluated.

    Raises:
        NotKnown: it has become too much.
    """
    if not WORK.depth:
        return
    WORK.left -= steps
    if WORK.left < 0:
        raise undetermined("the expression takes too long to evaluate")
