"""Prints the table `kinds` of a Crossplane provider that Upjet generated: `policies/catalogue/resources/upjet-*.yaml`.

    python tools/upjet_kinds.py CLONE scaleway_ scaleway

CLONE is a git clone of the provider, `scaleway_` the beginning of its Terraform types, `scaleway` the folder whose
kinds stand in the provider's own group. Printed are the kinds whose type is not the beginning, the group and the kind
in snake case; the types are those that `GetTerraformResourceType` of the generated sources returns.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from pathlib import Path

_TYPE = re.compile(r'func \(\w+ \*(\w+)\) GetTerraformResourceType\(\) string \{\s*return "(\w+)"')
_HUMPS = (re.compile(r"([A-Z]+)([A-Z][a-z])"), re.compile(r"([a-z0-9])([A-Z])"))


def snake(name: str) -> str:
    """A kind as Terraform writes it."""
    for humps in _HUMPS:
        name = humps.sub(r"\1_\2", name)
    return name.lower()


def exceptions(clone: Path, prefix: str, own: str) -> dict[str, dict[str, str]]:
    """Group → kind → type, where the type is not what the rule makes of them."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted((clone / "apis").rglob("*terraformed.go")):
        group = path.parent.parent.name
        if "namespaced" in path.parts:
            continue
        for kind, name in _TYPE.findall(path.read_text(encoding="utf-8")):
            middle = "" if group == own else f"{group}_"
            if name != f"{prefix}{middle}{snake(kind)}":
                found.setdefault("-" if group == own else group, {}).setdefault(kind, name)
    return found


def main() -> None:
    """Prints the table as YAML."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("prefix")
    parser.add_argument("own")
    arguments = parser.parse_args()
    print("kinds:")
    for group, kinds in sorted(exceptions(arguments.clone, arguments.prefix, arguments.own).items()):
        body = ", ".join(f"{kind}: {name}" for kind, name in sorted(kinds.items()))
        key = group if group[0].isalpha() else f'"{group}"'
        print(f"  {key}: {{")
        print(textwrap.indent("\n".join(textwrap.wrap(body, 114, break_long_words=False)), "    "))
        print("  }")


if __name__ == "__main__":
    main()
