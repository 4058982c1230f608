"""Functions that read files, inside the tree only."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sovlint.discovery import TreeError
from sovlint.model.source import SourceFile, Span
from sovlint.model.value import Known, Unknown, Value
from sovlint.parse.decode import decode
from sovlint.parse.hcl import children, parse_template
from sovlint.parse.hcl import nodes as n
from sovlint.resolve.terraform.context import Context
from sovlint.resolve.terraform.convert import to_type
from sovlint.resolve.terraform.functions.base import (
    CallSite,
    Function,
    arguments,
    arity,
    mapping_of,
    not_null,
    reshape,
    typed,
)
from sovlint.resolve.terraform.functions.encoding import DIGESTS, to_base64
from sovlint.resolve.terraform.functions.jsontext import clean_text
from sovlint.resolve.terraform.types import BOOL, STRING, set_of
from sovlint.resolve.terraform.values import (
    EvaluationError,
    made,
    to_text,
    undetermined,
    unknown_from,
)

if TYPE_CHECKING:
    from sovlint.resolve.terraform.module import Module

MAX_FILES = 5_000
"""Files that one `fileset` looks at."""

MAX_TEMPLATE_DEPTH = 20

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")


def _module(site: CallSite) -> Module:
    module = site.context.module
    if module is None:
        raise EvaluationError("files cannot be read here")
    return module


def _locate(site: CallSite, path: str) -> str | None:
    """A path as Terraform reads it (relative to the root module) inside the tree; None if it leads out of it."""
    return _module(site).locate(path)


def _bytes(site: CallSite, arg: Value) -> bytes | Unknown:
    path = _locate(site, to_text(arg))
    if path is None:
        return Unknown("the file lies outside the tree and is not read", site.span)
    try:
        return _module(site).tree.read(path)
    except TreeError as error:
        failed = error.code == "missing"
        return Unknown(f"the file cannot be read ({error.code})", site.span, failed=failed)


def _source(site: CallSite, arg: Value) -> SourceFile | Unknown:
    data = _bytes(site, arg)
    if isinstance(data, Unknown):
        return data
    path = _locate(site, to_text(arg))
    assert path is not None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return Unknown("the file is not UTF-8 text", site.span, failed=True)
    source, _ = decode(path, data)
    if source is None:
        return Unknown("the file is not text", site.span)
    return source


def _path(site: CallSite, args: list[Value]) -> Value:
    (path,) = arguments(site, args, (STRING,))
    return path


def _file(site: CallSite, args: list[Value]) -> Value:
    path = _path(site, args)
    if type(path) is Unknown:
        return unknown_from(args, site.span, kind=STRING)
    source = _source(site, path)
    if isinstance(source, Unknown):
        return source
    text = clean_text(source.text)
    if text != source.text:
        return made(text, site.span, args)
    return Known(text, Span(source, 0, len(source.text)), sensitive=path.sensitive)


def _of_bytes(compute: Callable[[bytes], str]) -> Function:
    """A function of a file's bytes."""

    def function(site: CallSite, args: list[Value]) -> Value:
        path = _path(site, args)
        if type(path) is Unknown:
            return unknown_from(args, site.span, kind=STRING)
        data = _bytes(site, path)
        return data if isinstance(data, Unknown) else made(compute(data), site.span, args)

    return function


def _fileexists(site: CallSite, args: list[Value]) -> Value:
    value = _path(site, args)
    if type(value) is Unknown:
        return unknown_from(args, site.span, kind=BOOL)
    path = _locate(site, to_text(value))
    if path is None:
        return Unknown("the file lies outside the tree and is not looked for", site.span)
    tree = _module(site).tree
    if tree.is_folder(path):
        raise EvaluationError("fileexists(): this is a folder")
    return made(tree.exists(path), site.span, args)


# --- filesets


def _fileset(site: CallSite, args: list[Value]) -> Value:
    folder, pattern = arguments(site, args, (STRING, STRING))
    kind = set_of(STRING)
    if type(folder) is Unknown or type(pattern) is Unknown:
        return unknown_from(args, site.span, kind=kind)
    base = _locate(site, to_text(folder))
    wanted = to_text(pattern)
    if base is None or ".." in wanted.split("/") or wanted.startswith("/"):
        return Unknown("the files lie outside the tree and are not looked for", site.span)
    try:
        matcher = _glob(posixpath.normpath(wanted))
        names = [name for name in _files(site, base) if matcher.fullmatch(name)]
    except TreeError as error:
        if error.code == "missing":
            names = []
        else:
            return Unknown(f"the folder cannot be read ({error.code})", site.span)
    return made(typed(sorted(names), kind, site.span).value, site.span, args)


def _files(site: CallSite, base: str) -> list[str]:
    """All regular files below a folder, relative to it."""
    tree = _module(site).tree
    out: list[str] = []
    stack = [""]
    seen = 0
    while stack:
        current = stack.pop()
        for entry in tree.list("/".join(x for x in (base, current) if x)):
            seen += 1
            if seen > MAX_FILES:
                raise undetermined(f"fileset(): more than {MAX_FILES} files")
            path = f"{current}/{entry.name}" if current else entry.name
            if entry.link:
                raise undetermined("fileset(): symbolic links")
            if entry.folder:
                stack.append(path)
            elif not entry.special:
                out.append(path)
    return out


def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern of the Go package doublestar as a regular expression."""
    if pattern.count("*") > 10 or len(pattern) > 500:
        raise undetermined("fileset(): the pattern is too complex")
    out = ""
    at = depth = 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            out += "(?:[^/]+/)*"
            at += 3
            continue
        at += 1
        if character == "*":
            if pattern.startswith("*", at) and at + 1 == len(pattern) and (at == 1 or pattern[at - 2] == "/"):
                return re.compile(out + ".*")
            out += "[^/]*"
        elif character == "[" and (found := re.compile(r"[!^]?[\w-]+\]", re.ASCII).match(pattern, at)):
            out += "[" + found[0].replace("!", "^", 1)
            at = found.end()
        elif character == "?":
            out += "[^/]"
        elif character == "{":
            out += "(?:"
            depth += 1
        elif character == "}" and depth:
            out += ")"
            depth -= 1
        elif character == "," and depth:
            out += "|"
        elif character == "[" and "]" not in pattern[at:]:
            raise EvaluationError("fileset(): the pattern has a syntax error")
        elif character in "[]\\{}":
            raise undetermined("fileset(): character classes in the pattern")
        else:
            out += re.escape(character)
    if depth:
        raise EvaluationError("fileset(): the pattern has a syntax error")
    return re.compile(out)


# --- templates


def templatefile(site: CallSite) -> Value:
    """`templatefile(path, vars)`: the template is evaluated with these variables alone."""
    from sovlint.resolve.terraform.evaluate import evaluate

    args = [evaluate(arg, site.context) for arg in site.node.args]
    arity(site, args, 2, 2)
    path = to_type(not_null(site, args[0]), STRING)
    if type(path) is Unknown:
        return unknown_from(args, site.span)
    source = _source(site, path)
    if isinstance(source, Unknown):
        return source
    return _rendered(site, source, args[1])


def templatestring(site: CallSite) -> Value:
    """`templatestring(reference, vars)`: a template out of a value; it must be a plain reference."""
    from sovlint.resolve.terraform.evaluate import evaluate

    args = [evaluate(arg, site.context) for arg in site.node.args]
    arity(site, args, 2, 2)
    if not isinstance(site.node.args[0], n.Traversal):
        raise EvaluationError("templatestring() takes a reference to a template")
    text = to_type(not_null(site, args[0]), STRING)
    if type(text) is Unknown:
        return unknown_from(args, site.span)
    value = _rendered(site, SourceFile(site.span.file.path, to_text(text)), args[1])
    # Places inside the string mean nothing in the file.
    if type(value) is Known:
        return made(value.value, site.span, (*args, value))
    return unknown_from((value, *args), site.span)


def _rendered(site: CallSite, source: SourceFile, given: Value) -> Value:
    from sovlint.resolve.terraform.evaluate import entries_of, evaluate

    not_null(site, given)
    if type(given) is Unknown:
        return unknown_from((given,), site.span)
    mapping_of(given)
    expression, problems = parse_template(source)
    if expression is None or problems:
        raise EvaluationError(f"{site.name}(): the template has a syntax error")
    names = {to_text(key): value for key, value in entries_of(given)}
    if not all(_IDENTIFIER.fullmatch(name) for name in names):
        raise EvaluationError(f"{site.name}(): the name of a variable is not valid")
    depth = names_depth(site.context)
    if depth > MAX_TEMPLATE_DEPTH:
        raise undetermined("templates call each other too deeply")
    # A template sees its own variables and nothing of the module; but it reads files from the module's tree.
    inner = Context(site.context.module, source, {**names, DEPTH: Known(depth + 1, site.span)})
    if any(root not in names for root in _roots(expression)):
        raise EvaluationError(f"{site.name}(): the template refers to something it is not given")
    value = evaluate(expression, inner)
    return not_null(site, value)


def _roots(expression: n.Expression) -> set[str]:
    """Names that a template refers to and does not bring itself."""
    out: set[str] = set()
    stack: list[tuple[n.Expression, frozenset[str]]] = [(expression, frozenset())]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, n.Traversal) and node.root not in bound:
            out.add(node.root)
        if isinstance(node, (n.For, n.TemplateFor)):
            stack.append((node.collection, bound))
            bound = bound | {node.value_name} | ({node.key_name} if node.key_name else set())
            stack.extend((child, bound) for child in children(node) if child is not node.collection)
            continue
        stack.extend((child, bound) for child in children(node))
    return out


DEPTH = "\0templates"
"""Name under which a template knows how many templates it is in; no reference can have it."""


def names_depth(context: Context) -> int:
    """How many templates an expression is in."""
    found = context.names.get(DEPTH) if context.names else None
    return int(found.value) if type(found) is Known and isinstance(found.value, int) else 0


def _pathexpand(site: CallSite, args: list[Value]) -> Value:
    path = _path(site, args)
    if type(path) is Known and to_text(path).startswith("~"):
        return unknown_from(args, site.span, "home folders differ between machines", STRING)
    return path


def _abspath(site: CallSite, args: list[Value]) -> Value:
    path = _path(site, args)
    if type(path) is Known and to_text(path).startswith("/"):
        return made(_clean(to_text(path)), site.span, args)
    return unknown_from(args, site.span, "absolute paths differ between machines", STRING)


def _clean(path: str) -> str:
    """Go's `filepath.Clean`."""
    if not path:
        return "."
    cleaned = posixpath.normpath(path)
    return "/" + cleaned.lstrip("/") if path.startswith("/") else cleaned


def _basename(path: str) -> str:
    """Go's `filepath.Base`."""
    if not path:
        return "."
    path = path.rstrip("/")
    return posixpath.basename(path) or "/"


def _dirname(path: str) -> str:
    """Go's `filepath.Dir`."""
    return _clean(path[: path.rfind("/") + 1])


FUNCTIONS: dict[str, Function] = {
    "file": _file,
    "filebase64": _of_bytes(to_base64),
    **{f"file{name}": _of_bytes(compute) for name, compute in DIGESTS.items() if not name.startswith("base64")},
    **{f"file{name}": _of_bytes(compute) for name, compute in DIGESTS.items() if name.startswith("base64")},
    "fileexists": _fileexists,
    "fileset": _fileset,
    "abspath": _abspath,
    "pathexpand": _pathexpand,
    "basename": reshape((STRING,), _basename),
    "dirname": reshape((STRING,), _dirname),
}
