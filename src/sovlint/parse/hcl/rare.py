"""Regular expressions that most files do not need; the functions that do import this module when they are called.

They follow the same rules as those in `patterns`.
"""

from __future__ import annotations

import re

from sovlint.parse.hcl.patterns import IDENTIFIER

number_token = re.compile(r"[0-9](?:\.*+(?:[0-9]|[eE][+-]?[0-9]))*", re.ASCII).match
"""What HCL's scanner takes for one number; it may still be malformed (`1.2.3`)."""

number_valid = re.compile(r"[0-9]++(?:\.[0-9]*+)?(?:[eE][+-]?[0-9]++)?", re.ASCII).fullmatch

unquoted_piece = re.compile(r"([^$%\n]++\n?|\n)|(\$\$\{~?\n?|%%\{~?\n?)|(\$\{~?)|(%\{~?)|([$%]\n?)", re.ASCII).match
"""One piece of a line of a heredoc or bare template; the newline belongs to the last.

Groups are those of `patterns.quoted_piece`.
"""

escape = re.compile(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))', re.ASCII)

RESUME_HEREDOC, RESUME_HEADER = 1, 2
resume = re.compile(
    rf"<<-?+({IDENTIFIER})\r?\n"
    rf"|^{IDENTIFIER}(?:[ \t]*+=(?![=>])|(?:[ \t]++(?:\"[^\"\r\n]*+\"|{IDENTIFIER}))*[ \t]*+(\{{))",
    re.ASCII | re.MULTILINE,
).search
"""Where reading may go on after an error: a header or argument in column 0.

Groups: 1 marker of a heredoc, which is to be stepped over; 2 brace of a header.
"""

in_code = re.compile(r'((?:#|//)[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*\*/)|<<-?([^\W\d][\w-]*+)\r?\n|(")|(\{)|(\})').search
in_string = re.compile(r'\\[^\r\n]|\$\$\{|%%\{|([$%]\{)|("|\n)').search
in_heredoc = re.compile(r"\$\$\{|%%\{|([$%]\{)|\n").search
"""What `comments` looks for: the next mark in code, in a string, in a heredoc."""
