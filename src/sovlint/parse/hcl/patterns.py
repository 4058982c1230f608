r"""Regular expressions and tables of the HCL parser.

Every expression here is unambiguous: at each character only one branch can go on, and runs of single characters are
possessive (`*+`), so matching takes linear time whatever the input. Identifiers are ASCII here (the flag `re.ASCII`);
those with other letters take a slower way in `Reader.identifier_end`, because `\w` is not the set HCL uses.

What most files do not need is in `rare`: compiling an expression takes longer than reading a file with it.
"""

from __future__ import annotations

import re

IDENTIFIER = r"[A-Za-z_][\w-]*+"
"""An identifier. The caller must make sure that no letter outside ASCII follows."""

_NOT_LONGER = r"(?![^\x00-\x7f])"
_BLOCK_COMMENT = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*\*/"
_LINE_COMMENT = r"(?:#|//)[^\n]*+"
_INLINE = rf"[ \t]*+(?:{_BLOCK_COMMENT}[ \t]*+)*"
_ANYWHERE = rf"[ \t]*+(?:(?:\r?\n|{_LINE_COMMENT}\n?|{_BLOCK_COMMENT})[ \t]*+)*"
_LINE_END = rf"[ \t]*+(?:{_LINE_COMMENT})?(?:\r?\n|\Z)"
_PLAIN_STRING = r'"([^"\\$%\r\n]*+)"'
_REFERENCE = rf"{IDENTIFIER}(?:\.{IDENTIFIER})*+"


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


skip_inline = _pattern(_INLINE).match
"""Spaces, tabs and block comments."""

skip_anywhere = _pattern(_ANYWHERE).match
"""Spaces, newlines and every kind of comment."""

line_end = _pattern(rf"{_INLINE}(?:{_LINE_COMMENT})?(?:\r?\n|\Z)").match
"""The rest of a line on which nothing but comments follows, with its newline."""

identifier = _pattern(IDENTIFIER).match

VALUE_STRING, VALUE_NUMBER, VALUE_REFERENCE, VALUE_CALL, VALUE_EMPTY = 2, 3, 4, 5, 6
_VALUE = rf"(?:{_PLAIN_STRING}|([0-9]++(?:\.[0-9]++)?)|({_REFERENCE})(?:\(({_REFERENCE})\))?|(\[\]|\{{\}}))"
"""A simple value, taken whole: string, number, reference, call with one reference, `[]` or `{}`."""

_EMPTY_LINES = rf"[ \t]*+(?:(?:{_LINE_COMMENT})?\r?\n[ \t]*+)*+"

LINE_ARGUMENT, LINE_LABELS, LINE_HEADER, LINE_CLOSE = 1, (7, 8), 9, 10
line = _pattern(
    rf"{_EMPTY_LINES}(?:"
    rf"({IDENTIFIER})[ \t]*+(?:"
    rf"=(?![=>])[ \t]*+(?:{_VALUE}{_LINE_END}|)"
    rf"|(?:{_PLAIN_STRING}[ \t]*+(?:{_PLAIN_STRING}[ \t]*+)?)?(\{{)[ \t]*+(?:{_LINE_COMMENT})?\r?\n)"
    rf"|(\}}){_LINE_END})"
).match
"""The fast path: one common line of a body, with the empty and comment lines before it.

Groups: 1 name of argument or block; 2 to 6 the argument's value, or none of them if it follows; 7 and 8 labels and 9
opening brace of the block; 10 closing brace.
"""

ITEM_KEY, ITEM_CLOSE = 1, 7
item = _pattern(
    rf'{_EMPTY_LINES}(?:({IDENTIFIER}|"[^"\\$%\r\n]*+")[ \t]*+[=:](?![=:>])[ \t]*+(?:'
    rf"{_VALUE}[ \t]*+(?:,[ \t]*+(?:(?:{_LINE_COMMENT})?\r?\n|)|(?:{_LINE_COMMENT})?\r?\n|(?=\}}))|)|(\}}))"
).match
"""The same for objects: a common item with its separator, or the end.

Groups: 1 key; 2 to 6 its value, or none of them if it follows; 7 closing brace.
"""

TERM_STRING, TERM_REFERENCE, TERM_NUMBER, TERM_PREFIX, TERM_TEMPLATE, TERM_OPEN, TERM_OTHER = range(1, 8)
_TERM = (
    rf"(?:{_PLAIN_STRING}|({_REFERENCE}){_NOT_LONGER}|([0-9]++(?:\.[0-9]++)?+)(?![.eE])"
    r'|([-!(]|"(?=\$\{))|("|<<)|([\[{])|([A-Za-z_0-9]|[^\x00-\x7f]))'
)
term_inline = _pattern(_INLINE + _TERM).match
term_anywhere = _pattern(_ANYWHERE + _TERM).match
"""The start of an operand; a plain string, a dotted reference and a plain number are taken whole.

A prefix is what an operand may start with any number of times: a sign, a parenthesis, or a quote with an interpolation.
"""

STEP_DOT, STEP_BRACKET, OPERATOR_BINARY, OPERATOR_QUESTION = 1, 2, 3, 4
STEPS = frozenset({STEP_DOT, STEP_BRACKET})
_FOLLOWS = r"(?:(\.)(?!\.\.)|(\[)|(\|\||&&|==|!=|<=|>=|<|>|\+|-|\*|/(?![*/])|%)|(\?))"
follows_inline = _pattern(_INLINE + _FOLLOWS).match
follows_anywhere = _pattern(_ANYWHERE + _FOLLOWS).match
"""What may follow an operand: the start of a traversal step (an ellipsis is none), or an operator."""

QUOTED_TEXT, TEMPLATE_ESCAPE, TEMPLATE_INTERPOLATION, TEMPLATE_DIRECTIVE, QUOTED_END, QUOTED_SIGN = range(1, 7)
quoted_piece = _pattern(
    r'((?:[^"\\$%\r\n]++|\\[^\r\n])+)|(\$\$\{~?|%%\{~?)|(\$\{~?)|(%\{~?)|(")|([$%])',
).match
"""One piece of a quoted template."""

POWER = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
"""Binding power of the binary operators; all are left-associative."""

KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""White space as HCL (Go's `unicode.IsSpace`) has it, for trimming; Python's own set has four characters more."""

SKIPPED = frozenset(" \t\r\n#/")
"""Characters with which something that may be skipped starts."""

NOTHING_FOLLOWS_INLINE = frozenset(",)]}\n")
NOTHING_FOLLOWS_ANYWHERE = frozenset(",)]}")
"""Characters after an operand that end it for certain, so that no pattern has to be tried."""
