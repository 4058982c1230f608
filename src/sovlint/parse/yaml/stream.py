"""Text to documents: recovery after errors, one document at a time."""

from __future__ import annotations

import re
from itertools import pairwise

import yaml

from sovlint.model.source import SourceFile
from sovlint.parse.yaml.composer import MAX_DEPTH, Composer, Problems, TooDeepError, event_source
from sovlint.parse.yaml.json_reader import read_json
from sovlint.parse.yaml.nodes import Node, YamlStream

# A line `---`, together with the directives above it. Such a line starts a document wherever it stands, even inside
# quotes or a block scalar (libyaml's scanner sees to that), so a text may be cut there without knowing the rest.
# The number of lines above is limited so that a file of `%` lines does not take quadratic time.
_BOUNDARY = re.compile(
    r"^(?:%(?:YAML|TAG)[ \t][^\n]*+\n(?:(?:[%#][^\n]*+|[ \t\r]*+)\n){0,20}+)?---(?=[ \t\r\n\x85\u2028\u2029]|\Z)",
    re.MULTILINE,
)

_PLAIN_WORDS = {
    "did not find expected <document start>": "text after the document's end; most often the indentation is wrong here",
}

_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse_stream(source: SourceFile) -> YamlStream:
    r"""Read all documents of a YAML (or JSON) text.

    A document with a syntax error is left out and reported; the others are read all the same.

    Args:
        source: the text. If its path ends in `.json` and it is not YAML, it is read as JSON: there tabs may stand
            anywhere, keys may be long, and characters may be written as `\ud83d\ude00`.

    Returns:
        The documents and the problems: `syntax` and `too-deep` (the document is left out), `unknown-anchor` and
        `alias-cycle` (the alias stands for nothing), and the warnings `duplicate-key` and `merge-key`. Never raises.
    """
    problems = Problems(source)
    reader = _Reader(source, problems)
    size = len(source.text)
    broken = reader.read(0, size, report=False)
    if broken is not None:
        # The error may lie in a later document that libyaml has only looked ahead to. So every document is read by
        # itself from here on; only the one that was being read is read twice.
        cuts = [broken, *(match.start() for match in _BOUNDARY.finditer(source.text, broken + 1)), size]
        for start, end in pairwise(cuts):
            reader.read(start, end, report=True)
    stream = YamlStream(source, reader.documents, reader.indices, problems.sorted())
    if source.path.endswith(".json") and any(problem.level == "error" for problem in stream.problems):
        return read_json(source) or stream
    return stream


def parse_part(source: SourceFile, start: int, end: int) -> YamlStream:
    """Read a part of a text as YAML of its own; all offsets are those of the whole text.

    Args:
        source: the text around.
        start: offset of the first character, at the start of a line: indentation counts.
        end: offset after the last character.
    """
    problems = Problems(source)
    reader = _Reader(source, problems)
    reader.read(start, end, report=True)
    return YamlStream(source, reader.documents, reader.indices, problems.sorted())


class _Reader:
    """Collects the documents of one source, read in one or several parts."""

    def __init__(self, source: SourceFile, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.documents: list[Node] = []
        self.indices: list[int] = []
        self.count = 0

    def read(self, start: int, end: int, *, report: bool) -> int | None:
        """Read one part of the text.

        Args:
            start: offset of its first character.
            end: offset after its last character.
            report: whether to report an error; if not, problems from the broken document on are dropped, too.

        Returns:
            None, or after an error the offset at which the broken document starts.
        """
        part = self.source.text[start:end]
        if part.startswith("\ufeff"):
            # libyaml takes the mark away and does not count it.
            start, part = start + 1, part[1:]
        composer = Composer(self.source, self.problems, start)
        try:
            composer.run(event_source(part))
        except (yaml.YAMLError, UnicodeError, TooDeepError) as error:
            broken = composer.abandon()
            if report:
                self._report(error, start, part)
            else:
                self.problems.drop_from(broken)
            self._take(composer)
            self.count += report
            return broken
        self._take(composer)
        return None

    def _take(self, composer: Composer) -> None:
        for root in composer.documents:
            if root is not None:
                self.documents.append(root)
                self.indices.append(self.count)
            self.count += 1

    def _report(self, error: Exception, start: int, part: str) -> None:
        if isinstance(error, TooDeepError):
            message = f"nesting is deeper than {MAX_DEPTH} levels; the document was not read"
            self.problems.add(error.offset, "too-deep", message)
            return
        if isinstance(error, yaml.MarkedYAMLError):
            mark = error.problem_mark or error.context_mark
            offset = start + (mark.index if mark is not None else 0)
            message = error.problem or "the document is not valid YAML"
            message = _PLAIN_WORDS.get(message, message)
            if error.context:
                message += f" {error.context}"
                if error.context_mark is not None:
                    message += f" that starts on line {self.source.position(start + error.context_mark.index)[0]}"
            self.problems.add(offset, "syntax", message)
            return
        match = _NOT_PRINTABLE.search(part)
        name = f" U+{ord(match[0]):04X}" if match else ""
        self.problems.add(start + (match.start() if match else 0), "syntax", f"character{name} is not allowed in YAML")
