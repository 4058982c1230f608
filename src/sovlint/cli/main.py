"""The entry point of `sovlint`: exit codes, and what an error looks like.

A commit hook says `sovlint check PATH…`. That form is read here, because a library for command lines takes as long to
import as the check itself; everything else goes through `sovlint.cli.group`.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

RECURSION_LIMIT = 12_000
"""Long chains of references are evaluated by recursion; Python's own default ends at a few dozen modules."""


def _is_plain(words: list[str]) -> bool:
    """Whether the command line is `check` with nothing but paths, at least one."""
    if len(words) < 2 or words[0] != "check" or "_SOVLINT_COMPLETE" in os.environ:
        return False
    return not any(word.startswith("-") for word in words)


def _printable(text: str) -> str:
    """Text of the input for standard error: control characters are shown as escapes, so that nothing forges a line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _say(text: str) -> None:
    """One line on standard error, whatever its encoding is."""
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(f"sovlint: {text}\n".encode(encoding, "backslashreplace").decode(encoding))


def _open_streams() -> None:
    """Gives streams that were closed by the caller (`>&-`) their numbers back, so that no other file gets them.

    What is written to standard output then is an error; what is written to standard error goes nowhere.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            mode = "r" if number == 0 else "w"
            stream = open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _run(words: list[str]) -> int:
    if _is_plain(words):
        from sovlint.cli.lint import lint

        return lint(tuple(words[1:]))
    from sovlint.cli.group import run

    return run()


def main() -> NoReturn:
    """Runs the command line: exit 0, 1 (findings), 2 (the job could not be done), 130 (interrupted).

    Raises:
        SystemExit: always.
    """
    from sovlint.model.errors import SovlintError

    _open_streams()
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away (`| head`); nothing more can be said to it.
        sys.stderr.close()
        sys.exit(2)
    except (SovlintError, OSError) as error:
        lines = str(error).split("\n") if getattr(error, "lines", False) else [str(error)]
        _say("\n".join(_printable(line) for line in lines))
        sys.exit(2)
    except Exception as error:  # exit 1 means findings: a mistake of ours must never look like one
        if "SOVLINT_DEBUG" in os.environ:
            raise
        text = _printable(f"{type(error).__name__}: {error}")[:500]
        _say(f"internal error: {text} (SOVLINT_DEBUG=1 shows where; please report it)")
        sys.exit(2)
    sys.exit(code)


def command() -> NoReturn:
    """The installed command: `main`, and then the process ends at once.

    Taking apart a million objects that the operating system frees anyway is a tenth of a commit hook's time. Nothing is
    left to be done at exit: files are closed where they are written, and the two streams are flushed here.
    """
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 2
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 2
    os._exit(code)
