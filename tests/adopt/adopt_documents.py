"""Blocks of code in the documentation, and what the comment in front of them promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from support import REPOSITORY

DOCS = REPOSITORY / "docs"

_BLOCK = re.compile(r"^(?:<!-- *(?P<mark>[^\n]*?) *-->\n)?```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.M | re.S)
_INLINE = re.compile(r"(?<!`)`(sovlint [^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: path below `docs/`.
        line: of its first line of code.
        mark: the comment in front of it: `run`, `run: exit 1`, `not run: <why>`, `file: <name>`, `config`,
            `pipeline: <which>`.
    """

    page: str
    line: int
    mark: str
    language: str
    text: str

    @property
    def where(self) -> str:
        """For messages of tests."""
        return f"docs/{self.page}:{self.line}"


def pages() -> list[Path]:
    """All pages that are written by hand."""
    return sorted(DOCS.rglob("*.md"))


def blocks() -> list[Block]:
    """All fenced blocks of all pages, in their order."""
    found = []
    for path in pages():
        text = path.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("text")) + 1
            mark = match["mark"] or ""
            found.append(Block(path.relative_to(DOCS).as_posix(), line, mark, match["language"], match["text"]))
    return found


def inline_commands() -> list[tuple[str, str]]:
    """Page and command for every `sovlint …` in running text."""
    return [
        (path.relative_to(DOCS).as_posix(), match)
        for path in pages()
        for match in _INLINE.findall(path.read_text(encoding="utf-8"))
    ]
