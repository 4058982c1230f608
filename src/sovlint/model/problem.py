"""Problems: input that could not be read. They are data, reported apart from findings."""

from typing import Literal, NamedTuple

from sovlint.model.source import Location


class Problem(NamedTuple):
    """Something in the input that could not be used.

    Attributes:
        location: where; line 1, column 1 when only the file is known.
        code: stable word: `syntax`, `encoding`, `unreadable`, `binary`, `too-large`, `too-deep`, `outside-tree`, …
        message: one sentence for a person.
        level: `error` gives exit code 2, `warning` does not.
    """

    location: Location
    code: str
    message: str
    level: Literal["error", "warning"] = "error"
