"""HCL native syntax: our own parser, because nothing else keeps exact spans, survives errors and is fast enough."""

from sovlint.parse.hcl.comments import comments
from sovlint.parse.hcl.parser import HclFile, parse_expression, parse_file, parse_template
from sovlint.parse.hcl.walk import children

__all__ = ["HclFile", "children", "comments", "parse_expression", "parse_file", "parse_template"]
