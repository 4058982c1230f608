"""Values that a unit gives to its module: `inputs`, files of values, `extra_arguments`.

Source: `SetTerragruntInputsAsEnvVars` and `FilterTerraformExtraArgs` in Terragrunt's `internal/runner/run/run.go`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sovlint.discovery import Tree, TreeError
from sovlint.model.value import Known, Unknown, Value, passed
from sovlint.resolve.terraform.folder import ModuleFolder
from sovlint.resolve.terraform.inputs import Collected, Given, collect
from sovlint.resolve.terraform.values import reshaped, to_text
from sovlint.resolve.terragrunt.config import Arguments, Block, Config, Entries, texts_of, value_of
from sovlint.resolve.terragrunt.paths import is_marked, resolve, shown, unmarked


class UnitInputs:
    """Collects the values for one unit.

    Args:
        tree: the tree.
        unit: the unit's folder.
        given: what the caller gives to every root module.
    """

    def __init__(self, tree: Tree, unit: str, given: Given) -> None:
        self.tree = tree
        self.unit = unit
        self.given = given
        self._arguments: list[tuple[str, str]] = []
        self._environment = dict(given.environment)
        self._entries: Entries = {}
        self._flags: dict[str, Value] = {}
        self._unsure: Unknown | None = None

    def collect(self, config: Config, files: ModuleFolder) -> Collected:
        """Values of the module's variables: Terragrunt's are environment variables, weaker than those set already."""
        if config.inputs is not None:
            self._entries.update(config.inputs.entries)
        if files.path != self.unit:
            # Copied into the module's folder, so Terraform loads them by itself.
            self._arguments.extend(("var-file", path) for path in _automatic(self.tree, self.unit))
        for block in config.extra.values():
            self._extra(block, files.path)
        arguments = [*self._arguments, *self.given.arguments]
        given = self.given._replace(environment=self._environment, arguments=arguments)
        collected = collect(self.tree, files, given)
        self._complete(config, files, collected.inputs.values)
        return collected

    def _complete(self, config: Config, files: ModuleFolder, values: Entries) -> None:
        flagged = {text.partition("=")[0].strip() for kind, text in self.given.arguments if kind == "var"}
        for name, item in self._flags.items():
            found = values.get(name)
            if name in flagged or type(found) is not Known or not found.via:
                continue
            if found.via[-1].note == f"var.{name} is given by --var {name}":
                # As Terraform reads it, and where a person wrote it.
                span, via = item.span, item.via
                values[name] = unmarked(item) if is_marked(item) else Known(found.value, span, via, (), item.owner)
        for name, entry in self._entries.items():
            values.setdefault(name, _guessed(value_of(entry)) if config.unread is not None else entry)
        rest = config.inputs.rest if config.inputs is not None else None
        for name, declared in files.variables.items():
            if self._unsure is not None:
                reason = f"var.{name} may be set by what is not read: {self._unsure.reason}"
                values[name] = Unknown(reason, self._unsure.span)
            elif rest is not None and name not in values:
                values[name] = Unknown(rest.reason, rest.span, rest.via, rest.refs, f"var.{name}", (), rest.inputs)
            elif declared.attribute("type") is None and name in self._entries and values[name] is self._entries[name]:
                values[name] = _as_environment(value_of(self._entries[name]))

    # --- extra_arguments

    def _extra(self, block: Block, module: str) -> None:
        """What an `extra_arguments` block gives to `plan` and `apply`."""
        argument = Arguments(block)
        commands = argument.value("commands")
        names = texts_of(commands) if commands is not None else []
        if names is not None and not {"plan", "apply"} & {to_text(name) for name in names}:
            return
        self._uncertain(names is None, commands)
        given = argument.value("arguments")
        texts = texts_of(given) if given is not None else []
        self._uncertain(texts is None, given)
        pending = False
        for item in texts or []:
            text = to_text(item)
            option = text.lstrip("-") if text.startswith("-") else ""
            if pending:
                self._flag(text, item)
                pending = False
            elif option == "var":
                pending = True
            elif option.startswith("var="):
                self._flag(option[4:], item)
            elif option.startswith("var-file="):
                self._var_file(option[9:], item, module)
        for name in ("required_var_files", "optional_var_files"):
            value = argument.value(name)
            files = texts_of(value) if value is not None else []
            self._uncertain(files is None, value)
            for item in files or []:
                self._var_file(to_text(item), item, module, optional=name == "optional_var_files")
        self._variables(argument.value("env_vars"))

    def _flag(self, text: str, item: Value) -> None:
        self._arguments.append(("var", text))
        self._flags[text.partition("=")[0].strip()] = item

    def _variables(self, variables: Value | None) -> None:
        """`env_vars`: stronger than the environment, weaker than files."""
        if type(variables) is Known and isinstance(variables.value, Mapping):
            for key in variables.value:
                if key.startswith("TF_VAR_"):
                    self._environment.pop(key[7:], None)
                    self._entries[key[7:]] = _as_environment(unmarked(variables.value[key]))
        else:
            self._uncertain(variables is not None, variables)

    def _var_file(self, text: str, value: Value, module: str, *, optional: bool = False) -> None:
        candidates = [resolve(text, self.unit), resolve(text, module)]
        for path in candidates:
            if path is not None and self.tree.exists(path):
                self._arguments.append(("var-file", path))
                return
        if not optional or None in candidates:
            reason = f"{shown(text)} lies outside the tree" if None in candidates else f"there is no {candidates[0]}"
            self._uncertain(True, Unknown(reason, value.span))

    def _uncertain(self, condition: bool, value: Value | None) -> None:
        """Remembers why a variable may have another value than is known."""
        if condition and self._unsure is None and value is not None:
            reason = value.reason if type(value) is Unknown else "extra_arguments are not known"
            self._unsure = Unknown(reason, value.span)


def _automatic(tree: Tree, folder: str) -> list[str]:
    """Files of values that Terraform loads by itself, weakest first."""
    try:
        names = [entry.name for entry in tree.list(folder) if not entry.folder]
    except TreeError:
        return []
    first = [x for x in ("terraform.tfvars", "terraform.tfvars.json") if x in names]
    rest = sorted(x for x in names if x.endswith((".auto.tfvars", ".auto.tfvars.json")))
    return [f"{folder}/{x}" if folder else x for x in (*first, *rest)]


def _as_environment(value: Value) -> Value:
    """What a variable without a type gets from the environment: always a text."""
    if type(value) is Known and value.value is not None and not isinstance(value.value, (str, tuple, Mapping)):
        return reshaped(to_text(value), value)
    return value


def _guessed(value: Value) -> Value:
    """A value that something which cannot be read may replace."""
    out = passed(value, None)
    out.heuristic = True
    return out
