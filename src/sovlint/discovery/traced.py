"""A tree that notes what it is asked, so that somebody can tell later whether the answers would still be the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeAlias

from sovlint.discovery.tree import Entry, Tree, TreeError

Answer: TypeAlias = str
"""Stands for an answer: a hexadecimal digest of what was read or listed, a word, or an error's digest."""

CHANGED: Answer = "changed"
"""The same question had two answers while something was read: no later answer is this one."""


class Question(NamedTuple):
    """Something a tree was asked."""

    kind: Literal["read", "list", "exists", "is_folder"]
    path: str


Asked: TypeAlias = "dict[Question, Answer]"


class TracedTree:
    """A tree that notes questions and digests of their answers.

    Args:
        tree: answers.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.root: str = getattr(tree, "root", "")
        self._answers: Asked = {}
        self._notes: list[Asked] = []

    @contextmanager
    def asking(self) -> Iterator[Asked]:
        """Collects what is asked inside; what is asked inside of an inner one counts for both."""
        asked: Asked = {}
        self._notes.append(asked)
        try:
            yield asked
        finally:
            self._notes.pop()
            self.note(asked)

    def note(self, asked: Asked) -> None:
        """Counts questions as asked now: their answers are at hand."""
        if self._notes:
            notes = self._notes[-1]
            for question, answer in asked.items():
                notes[question] = answer if notes.get(question, answer) == answer else CHANGED

    def holds(self, question: Question, answer: Answer) -> bool:
        """Whether a question has this answer now."""
        known = self._answers.get(question)
        if known is None:
            # An error is an answer like others, and noted.
            with suppress(TreeError):
                getattr(self, question.kind)(question.path)
            known = self._answers[question]
        return known == answer

    def all_hold(self, asked: Iterable[tuple[Question, Answer]]) -> bool:
        """Whether all of these questions have these answers now."""
        return all(self.holds(question, answer) for question, answer in asked)

    def read(self, path: str) -> bytes:
        """See `Tree.read`."""
        question = Question("read", path)
        try:
            data = self._tree.read(path)
        except TreeError as error:
            self._note(question, _failed(error))
            raise
        self._note(question, _digest(data))
        return data

    def list(self, folder: str) -> tuple[Entry, ...]:
        """See `Tree.list`."""
        question = Question("list", folder)
        try:
            entries = self._tree.list(folder)
        except TreeError as error:
            self._note(question, _failed(error))
            raise
        self._note(question, _digest(repr([tuple(entry) for entry in entries]).encode("utf-8", "surrogatepass")))
        return entries

    def exists(self, path: str) -> bool:
        """See `Tree.exists`."""
        answer = self._tree.exists(path)
        self._note(Question("exists", path), "yes" if answer else "no")
        return answer

    def is_folder(self, path: str) -> bool:
        """See `Tree.is_folder`."""
        answer = self._tree.is_folder(path)
        self._note(Question("is_folder", path), "yes" if answer else "no")
        return answer

    def _note(self, question: Question, answer: Answer) -> None:
        self._answers[question] = answer
        self.note({question: answer})


def _digest(content: bytes) -> Answer:
    return blake2b(content, digest_size=16).hexdigest()


def _failed(error: TreeError) -> Answer:
    return "error " + _digest(f"{error.code} {error.message}".encode("utf-8", "surrogatepass"))
