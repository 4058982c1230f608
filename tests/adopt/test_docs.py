"""The documentation does what it says: commands run, options exist, configuration is read, no link is broken."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from adopt_documents import Block, blocks, inline_commands

from sovlint.cli.group import cli
from sovlint.config.read import read_config
from support import POLICIES, REPOSITORY, run_sovlint

BLOCKS = blocks()
SHELL = ("sh", "bash", "console", "shell")
"""Languages whose blocks are commands."""


def first_repository(folder: Path) -> None:
    """What the first page has its reader write, committed on `main`; then the files of the page itself."""
    lay_out(folder, "index.md")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "start")):
        identity = ("-c", "user.name=you", "-c", "user.email=you@example.eu")
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def lay_out(folder: Path, page: str) -> None:
    for block in BLOCKS:
        if block.page == page and block.mark.startswith("file: "):
            target = folder / block.mark.removeprefix("file: ")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")


PAGES_THAT_RUN = sorted({block.page for block in BLOCKS if block.mark.startswith("run")})


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_commands_run(tmp_path: Path, page: str) -> None:
    """Every line of every block marked `run`, in order, in the repository of the first page, exits as promised."""
    tree, home = tmp_path / "tree", tmp_path / "home"
    tree.mkdir()
    home.mkdir()
    first_repository(tree)
    lay_out(tree, page)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    for block in BLOCKS:
        if block.page != page or not block.mark.startswith("run"):
            continue
        promised = int(block.mark.partition("exit ")[2] or 0)
        for line in block.text.splitlines():
            done = subprocess.run(
                ["bash", "-euc", line],
                cwd=tree,
                env={"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            expected = promised if line.startswith("sovlint") else 0
            assert done.returncode == expected, f"{block.where}: {line}\n{done.stdout}{done.stderr}"
            assert not line.startswith("sovlint") or done.stdout or "-o" in line, (
                f"{block.where}: {line} printed nothing"
            )


def test_no_command_is_left_out() -> None:
    """A block of commands is run, or says why not."""
    silent = [
        block.where for block in BLOCKS if block.language in SHELL and not re.match(r"run\b|not run: \w", block.mark)
    ]
    assert silent == []


def commands_in(text: str) -> list[str]:
    """`sovlint <command> …` wherever it stands in a block, lines continued by a backslash joined."""
    joined = text.replace("\\\n", " ")
    return re.findall(
        r"(?<![\w/.@:-])sovlint (?:check|inventory|explain|init|policy|catalogue|completion|console)\b[^\n`]*", joined
    )


def unknown_options(command: str) -> list[str]:
    """Options of a command line that the command does not have."""
    words = re.sub(r"[|>&;#].*$", "", command).replace("…", "").split()[1:]
    known: click.Command | None = cli
    while isinstance(known, click.Group) and words:
        name = words.pop(0)
        known = known.get_command(click.Context(known), name)
        if known is None:
            return [name]
    assert known is not None
    options = {flag for option in known.params for flag in (*option.opts, *option.secondary_opts)} | {"-h", "--help"}
    return [word for word in words if re.match(r"-{1,2}[a-z]", word) and word.partition("=")[0] not in options]


def everything_documented() -> list[tuple[str, str]]:
    found = [(block.where, line) for block in BLOCKS for line in commands_in(block.text)]
    return found + [(page, line) for page, text in inline_commands() for line in commands_in(text)]


def test_options_exist() -> None:
    """In every block and in running text, those that are not run included."""
    documented = everything_documented()
    assert len(documented) > 30
    wrong = [(where, line, unknown) for where, line in documented if (unknown := unknown_options(line))]
    assert wrong == []


def test_an_option_that_does_not_exist_is_noticed() -> None:
    assert unknown_options("sovlint check --no-such --profile x -f text") == ["--no-such"]
    assert unknown_options("sovlint policy-of-nobody") == ["policy-of-nobody"]


def test_rules_that_are_named_exist() -> None:
    rules = {path.stem for path in (POLICIES / "rules").glob("SOV*.yaml")}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "docs").rglob("*.md"))
    assert set(re.findall(r"\bSOV\d{3}\b", text)) <= rules


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language in ("yaml", "yml")], ids=lambda b: b.where
)
def test_yaml_is_yaml(tmp_path: Path, block: Block) -> None:
    assert list(yaml.safe_load_all(block.text)), block.where
    if block.mark == "config":
        path = tmp_path / ".sovlint.yaml"
        path.write_text(block.text, encoding="utf-8")
        assert read_config(path)
        (tmp_path / "main.tf").write_text('provider "scaleway" {\n  region = "fr-par"\n}\n')
        done = run_sovlint(["check", "--fail-on", "never"], cwd=tmp_path)
        assert done.returncode == 0, done.stderr


def test_the_configuration_page_names_every_key() -> None:
    """The table of keys is complete."""
    from sovlint.config.read import ALLOWED

    text = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`.*?) \|", text, re.M))))
    # Policies of one's own have a page of their own.
    assert set(ALLOWED) - {"policies"} <= table


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `.ci/run` builds it."""
    target = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def test_the_site_has_no_broken_link(site: Path) -> None:
    """`--strict` refuses broken links between pages; this looks at the HTML: every local address and anchor exists."""
    broken = []
    for page in site.rglob("*.html"):
        if page.name == "404.html":
            continue
        text = page.read_text(encoding="utf-8")
        for address in re.findall(r'(?:href|src)="?([^"\s>]+)', text):
            if re.match(r"[a-z]+:|//", address):
                continue
            path, _, anchor = address.partition("#")
            target = (page.parent / path).resolve() if path else page
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                broken.append(f"{page.relative_to(site)}: {address}")
            elif anchor and target.suffix == ".html":
                ids = re.findall(r'\bid="?([^"\s>]+)', target.read_text(encoding="utf-8"))
                if anchor not in ids and not anchor.startswith("__"):
                    broken.append(f"{page.relative_to(site)}: {address}")
    assert broken == []


def test_every_rule_is_on_the_site(site: Path) -> None:
    """On the page of all rules, and at the address that reports point to."""
    whole = (site / "rules" / "index.html").read_text(encoding="utf-8")
    for path in (POLICIES / "rules").glob("SOV*.yaml"):
        assert f'id="{path.stem}"' in whole
        assert (site / "rules" / path.stem / "index.html").is_file()


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """A reader's browser talks to the site alone."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]*\bsrc="?(https?://[^"\s>]+)', text)
        loaded += re.findall(r'<link[^>]*rel="?(?:stylesheet|preconnect)"?[^>]*href="?(https?://[^"\s>]+)', text)
        assert loaded == [], page


def test_words_that_are_commands_are_shell(tmp_path: Path) -> None:
    """What is not run is at least shell."""
    for block in BLOCKS:
        if block.language in SHELL and block.mark.startswith("not run"):
            text = re.sub(r"<[a-z]+>", "X", block.text)
            done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block.where}: {done.stderr}"
            assert all(shlex.split(line) for line in text.splitlines())
