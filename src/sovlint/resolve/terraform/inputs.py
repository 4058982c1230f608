"""Values given to a root module: environment, tfvars files, command line, in Terraform's order of precedence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from sovlint.discovery import Tree, TreeError
from sovlint.model.problem import Problem
from sovlint.model.source import SourceFile, Span, whole_file
from sovlint.model.value import Known, Step, Unknown, Value
from sovlint.parse.decode import decode
from sovlint.parse.hcl import nodes as n
from sovlint.parse.hcl import parse_expression, parse_file
from sovlint.resolve.terraform.context import Context, Slot
from sovlint.resolve.terraform.folder import Declared, ModuleFolder
from sovlint.resolve.terraform.module import Inputs


class Given(NamedTuple):
    """What the caller of sovlint gives to every root module.

    Attributes:
        environment: `TF_VAR_name` values by name.
        arguments: `--var` and `--var-file` in the order of the command line: ("var", "NAME=VALUE") or ("var-file", path
            in the tree).
        workspace: name of the workspace.
        backend: `--backend-config` values in order: `KEY=VALUE`, or the path of a file in the tree.
    """

    environment: Mapping[str, str] = {}
    arguments: Sequence[tuple[str, str]] = ()
    workspace: str = "default"
    backend: Sequence[str] = ()


class Collected:
    """Inputs of a root module with the files they were read from."""

    __slots__ = ("inputs", "problems", "sources")

    def __init__(self, inputs: Inputs, sources: list[SourceFile], problems: list[Problem]) -> None:
        self.inputs = inputs
        self.sources = sources
        self.problems = problems


def collect(tree: Tree, folder: ModuleFolder, given: Given) -> Collected:
    """All values for the variables of a root module; later ones in the order below replace earlier ones."""
    loaded = {text for kind, text in given.arguments if kind == "var-file"}

    def unloaded() -> list[str]:
        return [path for path in other_tfvars(tree, folder.path) if path not in loaded]

    out = Collected(Inputs(workspace=given.workspace, unloaded=unloaded), [], [])
    for name, text in given.environment.items():
        _from_flag(out, folder, name, text, f"TF_VAR_{name}")
    for path in _automatic_files(tree, folder.path):
        _from_file(tree, folder, path, out)
    for kind, text in given.arguments:
        if kind == "var":
            name, _, value = text.partition("=")
            _from_flag(out, folder, name.strip(), value, f"--var {name.strip()}")
        else:
            _from_file(tree, folder, text, out)
    return out


def _automatic_files(tree: Tree, folder: str) -> list[str]:
    """terraform.tfvars, terraform.tfvars.json, then *.auto.tfvars[.json] in lexical order."""
    try:
        names = [entry.name for entry in tree.list(folder) if not entry.folder]
    except TreeError:
        return []
    first = [x for x in ("terraform.tfvars", "terraform.tfvars.json") if x in names]
    rest = sorted(x for x in names if x.endswith((".auto.tfvars", ".auto.tfvars.json")))
    return [f"{folder}/{x}" if folder else x for x in (*first, *rest)]


def _automatic(name: str) -> bool:
    """Whether Terraform loads a tfvars file of this name by itself."""
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def other_tfvars(tree: Tree, folder: str) -> list[str]:
    """Tfvars files below the root module that are not loaded by themselves; worth naming when a value is missing."""
    out: list[str] = []
    stack = [folder]
    while stack and len(out) < 20:
        current = stack.pop()
        try:
            entries = tree.list(current)
        except TreeError:
            continue
        for entry in entries:
            path = f"{current}/{entry.name}" if current else entry.name
            if entry.folder and not entry.link and not entry.name.startswith("."):
                if current.count("/") - folder.count("/") < 2:
                    stack.append(path)
            elif entry.name.endswith((".tfvars", ".tfvars.json")) and not (
                current == folder and _automatic(entry.name)
            ):
                out.append(path)
    return sorted(out)


def _from_flag(out: Collected, folder: ModuleFolder, name: str, text: str, flag: str) -> None:
    """A value from outside the files: it stands on the variable's declaration, and the way names the flag."""
    declared = folder.variables.get(name)
    if declared is None:
        return
    span = declared.label_span
    value = _flag_value(declared, text, span)
    if type(value) is Unknown:
        out.inputs.values[name] = value
        return
    step = Step(span, f"var.{name}", f"var.{name} is given by {flag}")
    out.inputs.values[name] = Known(value.value, span, (step,), (), f"var.{name}")  # type: ignore[union-attr]


def _flag_value(declared: Declared, text: str, span: Span) -> Value:
    """As Terraform reads it: an expression for complex types, the text itself for strings and untyped variables."""
    constraint = declared.attribute("type")
    kind = constraint[1].expression if constraint else None
    if kind is None or (type(kind) is n.Traversal and kind.root in ("string", "number", "bool")):
        return Known(text, span)
    source = SourceFile(span.file.path, text)
    expression, problems = parse_expression(source)
    if expression is None or problems:
        return Unknown("the given value has a syntax error", span, failed=True)
    from sovlint.resolve.terraform.evaluate import evaluate
    from sovlint.resolve.terraform.values import NotKnown, plain, wrap

    try:
        return wrap(plain(evaluate(expression, Context(None, source))), span)
    except NotKnown as error:
        return Unknown(error.unknown.reason, span, failed=True)


def _unread(out: Collected, folder: ModuleFolder, reason: str) -> None:
    """A file that cannot be read may set any variable: what earlier files and defaults say is not certain any more."""
    for name, declared in folder.variables.items():
        address = f"var.{name}"
        out.inputs.values[name] = Unknown(f"{address}: {reason}", declared.label_span, (), (), address)


def _broken(out: Collected, folder: ModuleFolder, problems: Sequence[Problem]) -> None:
    """Of a file with a syntax error, what was read counts; what was not may have been set in the part that is lost."""
    out.problems.extend(problems)
    for problem in problems[:1]:
        _unread(out, folder, f"{problem.location} has a syntax error")


def _from_file(tree: Tree, folder: ModuleFolder, path: str, out: Collected) -> None:
    try:
        data = tree.read(path)
    except TreeError as error:
        level: Literal["error", "warning"] = "warning" if error.code == "outside-tree" else "error"
        out.problems.append(Problem(whole_file(path), error.code, error.message.removeprefix(f"{path}: "), level))
        _unread(out, folder, f"{path} cannot be read ({error.code})")
        return
    source, problems = decode(path, data)
    out.problems.extend(problems)
    if source is None:
        _unread(out, folder, f"{path} is not text")
        return
    out.sources.append(source)
    if path.endswith(".json"):
        # The YAML room is imported only where it is needed: start-up counts in a commit hook.
        from sovlint.parse.yaml import parse_stream
        from sovlint.resolve.terraform.data_files import from_yaml, yaml_items

        stream = parse_stream(source)
        _broken(out, folder, [p for p in stream.problems if p.level == "error"])
        for document in stream.documents[:1]:
            for name, node in yaml_items(document):
                value = from_yaml(node, source, None)
                value.owner = f"var.{name}"
                out.inputs.values[name] = value
        return
    parsed = parse_file(source)
    _broken(out, folder, parsed.problems)
    context = Context(None, source)
    for name, attribute in parsed.body.attributes.items():
        address = f"var.{name}"
        out.inputs.values[name] = Slot(attribute.expression, context, address, address)
