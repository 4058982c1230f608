"""Messages for characters that people bring along from other languages."""

from __future__ import annotations

_UNUSUAL = {
    "'": 'Invalid character: single quotes are not valid. Use double quotes (") to enclose strings.',
    "`": 'Invalid character: the "`" character is not valid. For a string of several lines use a heredoc, like <<EOT.',
    ";": "Invalid character: semicolons are not valid. Separate arguments and blocks by newlines, items by commas.",
    "&": 'Unsupported operator: bitwise operators are not supported. Did you mean boolean AND ("&&")?',
    "|": 'Unsupported operator: bitwise operators are not supported. Did you mean boolean OR ("||")?',
    "^": "Unsupported operator: bitwise operators are not supported.",
    "\u201c": 'Invalid character: "curly quotes" are not valid here. Use the straight quote (").',
    "\u201d": 'Invalid character: "curly quotes" are not valid here. Use the straight quote (").',
    "\xa0": "Invalid character: this is a no-break space. Use an ordinary space.",
    "\ufeff": "Invalid character: a byte order mark may only stand at the very start of a file.",
    "\r": "Invalid character: a carriage return is only valid before a newline.",
    "/*": "Unterminated comment: there is no closing */ for this comment.",
    "**": 'Unsupported operator: "**" is not supported. Use the function pow.',
}


def unusual_character(text: str, position: int) -> str | None:
    """A message that explains the character at `position`, or `None` when it is one that HCL has."""
    pair = text[position : position + 2]
    if pair in {"&&", "||", "\r\n"}:
        return None
    return _UNUSUAL.get(pair) or _UNUSUAL.get(pair[:1])
