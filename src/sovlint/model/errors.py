"""The documented exception tree; the command line catches `SovlintError` once and exits with 2.

Input that cannot be read is *data* (a `Problem`), never one of these exceptions.
"""

from __future__ import annotations


class SovlintError(Exception):
    """Base of everything sovlint raises on purpose: the job as a whole could not be done.

    Attributes:
        lines: whether line ends in the message are ours; otherwise they come from the input and are shown as escapes.
    """

    lines = False


class UsageError(SovlintError):
    """The caller asked for something that does not exist: an option, a path, a format."""


class ConfigError(SovlintError):
    """The configuration is not usable; the message carries file, line and what is allowed."""


class PolicyError(SovlintError):
    """A file under `policies/` contradicts its schema or another file."""

    lines = True
