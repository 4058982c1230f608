"""Pages of the site that are made when it is built: the rules from `policies/`, the changelog from `CHANGELOG.md`.

mkdocs calls `on_files` (`hooks:` in mkdocs.yml). `rules/` has every rule on one page with an anchor per code, and a
page per code, since that is where reports point to.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parent.parent

FAMILIES = {
    "1": "Residency: where is it?",
    "2": "Jurisdiction: who can be compelled?",
    "3": "Keys, identity, access",
    "4": "Lock-in: how would we leave?",
    "5": "Supply chain",
    "6": "Operations",
    "7": "Network edge",
    "8": "AI",
    "9": "Governance",
}
"""First digit of a code → heading."""

_INTRO = """\
# Rules

Made from `policies/rules/` of this version: what a rule flags, why, what to do, when it is fine, how severe it is in
which profile, and which criteria it informs. `sovlint explain SOV101` prints the same.

"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def rule_text(code: str, level: int) -> str:
    """One rule in Markdown; headings start at `level`, the first carries the code as its anchor."""
    from sovlint.catalogue import open_catalogue
    from sovlint.explain.rules import rule_entry

    entry = rule_entry(code, open_catalogue())
    out = [f"{'#' * level} {entry.id} {{#{code}}}", f"**{entry.subtitle}**"]
    for section in entry.sections:
        if not section.rows:
            continue
        anchor = section.title.lower().replace(" ", "-").replace(":", "")
        out.append(f"{'#' * (level + 1)} {section.title} {{#{code}-{anchor}}}")
        if any(row.label for row in section.rows):
            rows = [f"| {_cell(row.label)} | {_cell(row.text)} |" for row in section.rows]
            out.append("\n".join(["| | |", "|---|---|", *rows]))
        else:
            out += [row.text.replace("<", "&lt;") for row in section.rows]
    return "\n\n".join(out) + "\n"


def rule_pages() -> dict[str, str]:
    """Path below `docs/` → Markdown, for the page of all rules and one per rule."""
    from sovlint.catalogue import open_catalogue

    rules = open_catalogue().rules
    whole, pages, family = [_INTRO], {}, ""
    whole.append("\n".join(["| Code | Name | Flags |", "|---|---|---|"]))
    whole[-1] += "".join(
        f"\n| [`{code}`](#{code}) | {rules[code]['name']} | {_cell(rules[code]['title'])} |" for code in sorted(rules)
    )
    for code in sorted(rules):
        if code[3] != family:
            family = code[3]
            whole.append(f"## {FAMILIES[family]}")
        whole.append(rule_text(code, 3))
        pages[f"rules/{code}.md"] = rule_text(code, 1)
    return {"rules/index.md": "\n\n".join(whole) + "\n", **pages}


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages."""
    from mkdocs.structure.files import File

    # The rules of this checkout, whatever else is installed.
    sys.path.insert(0, str(ROOT / "src"))
    made = {**rule_pages(), "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")}
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files
