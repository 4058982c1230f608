"""Terragrunt's own functions. None of them runs anything or reads outside the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sovlint.model.value import Known, Unknown, Value
from sovlint.resolve.terraform.functions.base import CallSite
from sovlint.resolve.terraform.values import EvaluationError, to_text, unknown_from
from sovlint.resolve.terragrunt.paths import DIFFERS, absolute, folder_of, is_marked, relative, resolve
from sovlint.resolve.terragrunt.scope import UNIT_FILE, ConfigObject, Include, Scope

_Function: TypeAlias = Callable[[Scope, CallSite, list[Value]], Value]

_CONCATENATING = frozenset({"format", "join", "concat", "basename", "dirname", "replace", "trimprefix", "trimsuffix"})
_PASSING = frozenset({"coalesce", "lookup", "tostring", "merge", "one", "sensitive", "nonsensitive"})
_READING = frozenset({"file", "fileexists", "filebase64", "fileset", "filemd5", "filesha256"})
_TEXT_SAFE = _CONCATENATING | _PASSING | _READING
"""Functions that give the right answer whatever an absolute path starts with."""

_LOOKING_INSIDE = frozenset({"jsonencode", "yamlencode", "sort", "formatlist", "sum"})
"""Functions that look into the texts of a composite."""

_UNKNOWN = {
    "run_cmd": "commands are never run",
    "sops_decrypt_file": "encrypted files are not decrypted",
    "get_aws_account_id": "the AWS account is only known when Terragrunt runs",
    "get_aws_account_alias": "the AWS account is only known when Terragrunt runs",
    "get_aws_caller_identity_arn": "the AWS account is only known when Terragrunt runs",
    "get_aws_caller_identity_user_id": "the AWS account is only known when Terragrunt runs",
    "get_platform": "it differs between machines",
    "get_terraform_command": "it is only known when Terragrunt runs",
    "get_terraform_cli_args": "it is only known when Terragrunt runs",
    "get_terragrunt_source_cli_flag": "it is only known when Terragrunt runs",
    "get_working_dir": "it differs between machines",
    "get_default_retryable_errors": "it depends on Terragrunt's version",
    "read_tfvars_file": "Terragrunt turns the file into JSON text",
    "mark_glob_as_read": "it lists files of the machine",
    "constraint_check": "it is not evaluated",
    "deep_merge": "it is not evaluated",
    "timecmp": "it is not evaluated",
}

_NEED_VARS = ("apply", "console", "destroy", "import", "plan", "push", "refresh")
_NEED_LOCKING = ("apply", "destroy", "import", "plan", "refresh", "taint", "untaint")
_NEED_INPUT = ("apply", "import", "init", "plan", "refresh")
_NEED_PARALLELISM = ("apply", "plan", "destroy")


def call(scope: Scope, site: CallSite, args: list[Value]) -> Value | None:
    """The value of a call in a Terragrunt file; None where Terraform's function of that name applies."""
    function = _FUNCTIONS.get(site.name)
    if function is not None:
        for arg in args:
            if type(arg) is Unknown and not (site.name in _WITH_DEFAULT and arg is args[-1] and len(args) > 1):
                return unknown_from(args, site.span)
        return function(scope, site, args)
    reason = _UNKNOWN.get(site.name)
    if reason is not None:
        return unknown_from(args, site.span, f"{site.name}(): {reason}")
    return Unknown(DIFFERS, site.span) if _looks_at_machine(site.name, args) else None


def _looks_at_machine(name: str, args: list[Value]) -> bool:
    """Whether a function would look at the part of an absolute path that differs between machines."""
    texts = [arg for arg in args if type(arg) is Known and isinstance(arg.value, str) and is_marked(arg)]
    if not texts:
        return name in _LOOKING_INSIDE and any(is_marked(arg) for arg in args)
    if name == "dirname":
        return texts[0].value == absolute("")
    if name == "replace" and len(args) > 1 and type(args[1]) is Known:
        pattern = str(args[1].value)
        return len(pattern) > 1 and pattern[0] == pattern[-1] == "/"  # A regular expression.
    return name not in _TEXT_SAFE


def _find_in_parent_folders(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    name = to_text(args[0]) if args else ""
    name = name or UNIT_FILE
    current = scope.home
    while current:
        current = folder_of(current)
        path = resolve(name, current)
        if path is not None and (scope.tree.exists(path) or scope.tree.is_folder(path)):
            return Known(absolute(path), site.span)
    if len(args) > 1:
        return args[1]
    raise EvaluationError(f"no parent folder in the tree has {name}")


def _selected(scope: Scope, args: list[Value]) -> Include | None:
    """The include that a function means: the only one, or the one it names."""
    includes = scope.includes()
    if len(includes) <= 1:
        return includes[0] if includes else None
    if len(args) != 1:
        raise EvaluationError("with several includes, the name of one is required")
    name = to_text(args[0])
    for include in includes:
        if include.name == name:
            return include
    raise EvaluationError(f"include {name!r} is not declared")


def _include_folder(scope: Scope, args: list[Value]) -> str | None:
    """The folder of the include that a function means; the file's own where there is none; None if not known."""
    if scope.included:
        return folder_of(scope.path)
    include = _selected(scope, args)
    if include is None:
        return scope.home
    return None if include.path is None else folder_of(include.path)


def _path_relative_to_include(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    folder = _include_folder(scope, args)
    if folder is None:
        return Unknown("the path of the include is not known", site.span)
    return Known(relative(scope.home, folder), site.span)


def _path_relative_from_include(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    folder = _include_folder(scope, args)
    if folder is None:
        return Unknown("the path of the include is not known", site.span)
    return Known(relative(folder, scope.home), site.span)


def _get_parent_terragrunt_dir(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    folder = _include_folder(scope, args)
    if folder is None:
        return Unknown("the path of the include is not known", site.span)
    return Known(absolute(folder), site.span)


def _get_terragrunt_dir(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    return Known(absolute(scope.home), site.span)


def _get_original_terragrunt_dir(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    return Known(absolute(scope.session.folder), site.span)


def _repository(scope: Scope) -> str:
    """The innermost folder with a `.git`, else the tree's root, which is where the repository starts."""
    current = scope.home
    while current:
        git = f"{current}/.git"
        if scope.tree.exists(git) or scope.tree.is_folder(git):
            break
        current = folder_of(current)
    return current


def _get_repo_root(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    return Known(absolute(_repository(scope)), site.span)


def _get_path_from_repo_root(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    return Known(relative(scope.home, _repository(scope)), site.span)


def _get_path_to_repo_root(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    return Known(relative(_repository(scope), scope.home), site.span)


def _get_env(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    if not args:
        raise EvaluationError("get_env() takes the name of an environment variable")
    value = Unknown(f"environment variable {to_text(args[0])} is only known when Terragrunt runs", site.span)
    if len(args) > 1:
        value.candidates = (args[1],)
    return value


def _read_terragrunt_config(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    if not args:
        raise EvaluationError("read_terragrunt_config() takes a path")
    text = to_text(args[0])
    path = resolve(text, scope.home)
    if path is None:
        return Unknown("the file lies outside the tree and is not read", site.span)
    if scope.tree.is_folder(path):
        path = f"{path}/{UNIT_FILE}" if path else UNIT_FILE
    if not scope.tree.exists(path):
        if len(args) > 1:
            return args[1]
        raise EvaluationError(f"there is no {path}")
    if path.endswith(("terragrunt.stack.hcl", "terragrunt.values.hcl", ".json")):
        return Unknown(f"{path} is of a kind that is not read", site.span)
    found = scope.session.scope(path, path)
    if isinstance(found, str):
        return Unknown(found, site.span)
    return Known(ConfigObject(found), site.span)


def _mark_as_read(scope: Scope, site: CallSite, args: list[Value]) -> Value:
    if len(args) != 1:
        raise EvaluationError("mark_as_read() takes a path")
    return args[0]


def _listing(names: tuple[str, ...]) -> _Function:
    def function(scope: Scope, site: CallSite, args: list[Value]) -> Value:
        return Known(tuple(Known(name, site.span) for name in names), site.span)

    return function


_WITH_DEFAULT = frozenset({"find_in_parent_folders", "get_env", "read_terragrunt_config"})
"""Functions whose last argument counts only where the others lead to nothing."""

_FUNCTIONS: dict[str, _Function] = {
    "find_in_parent_folders": _find_in_parent_folders,
    "path_relative_to_include": _path_relative_to_include,
    "path_relative_from_include": _path_relative_from_include,
    "get_parent_terragrunt_dir": _get_parent_terragrunt_dir,
    "get_terragrunt_dir": _get_terragrunt_dir,
    "get_original_terragrunt_dir": _get_original_terragrunt_dir,
    "get_repo_root": _get_repo_root,
    "get_path_from_repo_root": _get_path_from_repo_root,
    "get_path_to_repo_root": _get_path_to_repo_root,
    "get_env": _get_env,
    "read_terragrunt_config": _read_terragrunt_config,
    "mark_as_read": _mark_as_read,
    "get_terraform_commands_that_need_vars": _listing(_NEED_VARS),
    "get_terraform_commands_that_need_locking": _listing(_NEED_LOCKING),
    "get_terraform_commands_that_need_input": _listing(_NEED_INPUT),
    "get_terraform_commands_that_need_parallelism": _listing(_NEED_PARALLELISM),
}
