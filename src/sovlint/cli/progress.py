"""What a long run is doing, for a person who waits, and how long each stage took, for one who asks."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Final, TextIO

from sovlint.output.terminal import columns, visible

_PATIENCE: Final = 1.0
"""Seconds before anything is shown: most runs are over by then."""
_PAUSE: Final = 0.1
"""Seconds between two changes of the line; writing to a terminal is slow."""
_CLEAR: Final = "\r\x1b[K"


class Progress:
    """Is told stage and item by the run; shows one line that is gone at the end, and keeps the time.

    Args:
        show: write the line; only ever to a terminal.
        stream: where to; standard error unless a test says otherwise.
    """

    def __init__(self, show: bool, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._show = show
        self._started = self._since = time.perf_counter()
        self._written = 0.0
        self._stage = ""
        self._items = 0
        self._seconds: dict[str, float] = {}

    def __call__(self, stage: str, item: str = "") -> None:
        """The run begins with a stage, or with the next item of it."""
        now = time.perf_counter()
        if stage != self._stage:
            self._close(now)
            self._stage, self._items = stage, 0
        self._items += bool(item)
        if self._show and now - self._started >= _PATIENCE and now - self._written >= _PAUSE:
            self._written = now
            line = f"{stage} {self._items}: {visible(item)}" if item else stage
            self._stream.write(_CLEAR + _cut(line, shutil.get_terminal_size((80, 24)).columns - 1))
            self._stream.flush()

    def end(self) -> tuple[tuple[str, float], ...]:
        """Takes the line away; stages with their seconds, in the order in which they began."""
        self._close(time.perf_counter())
        self._stage = ""
        if self._written:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._written = 0.0
        return tuple(self._seconds.items())

    def _close(self, now: float) -> None:
        if self._stage:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._since = now


def say_timings(timings: tuple[tuple[str, float], ...], stream: TextIO | None = None) -> None:
    """One line on standard error: reports stay the same from run to run."""
    stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in timings)
    print(f"sovlint: {stages}; {sum(seconds for _, seconds in timings):.2f} s in all", file=stream or sys.stderr)


def _cut(text: str, width: int) -> str:
    """The beginning of a text, as much as fits on a line that must not wrap."""
    while columns(text) > width:
        text = text[: max(width - 1, 0)] if len(text) > width else text[:-1]
    return text
