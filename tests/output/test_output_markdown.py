"""The comment for a pull request: short enough, the verdict first, and nothing of the input is Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reports import (
    COMPARED,
    EVERYTHING,
    HOSTILE,
    HOSTILE_COMPARED,
    PROBLEMS,
    REGISTER,
    UNDETERMINED,
    WAIVED,
    finding,
    location,
    many,
    minimal,
    report,
)

from sovlint.model.fact import Hop
from sovlint.model.finding import Ceiling, Ceilings, RegisteredWaiver, Report, Solved, Waiver
from sovlint.model.problem import Problem
from sovlint.output import FORMATS, Style
from sovlint.output.markdown_text import code, prose

EVIL = [
    HOSTILE,
    "a|b",
    "a\\|b",
    "\\",
    "`",
    "``x`",
    "` | `",
    "<img src=x onerror=alert(1)>",
    "</details><h1>",
    "@maintainers please @org/team",
    "https://evil.example/x http://evil.example www.evil.example a@evil.example",
    "[click](https://evil.example) ![x](//evil.example/x.png) <https://evil.example>",
    "#1 org/repo#2 GH-3 :tada:",
    "**b** _i_ ~~s~~ $x$ [ ] # h",
    "- item",
    "1. item",
    "&lt;b&gt; &#42;",
    "[x]: https://evil.example",
    "```\ncode",
    "|---|",
    "   ",
    "<!--",
]
TAGS = {"details", "summary", "br", "sub", "code"}
OURS = re.compile(r"https://sovlint\.dev/rules/SOV\d+")


def markdown(shown: Report, show_waived: bool = False) -> str:
    return FORMATS["markdown"](shown, Style(show_waived=show_waived))


def tokens(text: str) -> Iterator[Token]:
    """All tokens, those inside of lines included."""
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text):
        yield token
        yield from token.children or []


def text_of(text: str) -> str:
    """What a reader sees of one line."""
    return "".join(token.content for token in tokens(text) if token.type in {"text", "code_inline"})


def hostile(evil: str) -> Report:
    """Evil text wherever there can be text."""
    waiver = Waiver(location(evil, 1, 1, 2), (evil,), evil, evil, evil, evil, (evil,), (evil,))
    return report(
        minimal(
            message=evil,
            location=location(evil, 1, 1, 2),
            resource=evil,
            affects=(evil, f"{evil}2"),
            via=(Hop(location(evil, 1, 1, 2), evil),),
            inputs=(evil,),
            environments=(evil,),
            informs=(f"{evil}:{evil}",),
            waiver=waiver._replace(defect=""),
        ),
        profile=evil,
        inputs=(evil,),
        undetermined=1,
        notes=(evil,),
        problems=(Problem(location(evil, 1, 1, 1), evil, evil),),
        waivers=(RegisteredWaiver(waiver, "malformed"),),
        compared=evil,
        solved=(Solved("SOV101", evil, evil, 1, evil), Solved(evil, evil, evil, 1, evil)),
        change=(evil,),
        environments=(evil,),
    )


def test_verdict_first() -> None:
    shown = report(finding(), UNDETERMINED, undetermined=3, inputs=("var.region2",), waived=2)
    lines = markdown(shown).split("\n")
    assert lines[0] == "### sovlint: 🟣 1 critical, 1 note"
    assert lines[2] == (
        "48 resources in 12 files under profile `eu-baseline`; 2 waived; "
        "**3 could not be determined** (give a value to `var.region2`)."
    )
    assert lines[4:7] == [
        "| | What | Where | Rule |",
        "|---|---|---|---|",
        "| 🟣&nbsp;critical | United States: outside the EEA; places 14 resources | `envs/prod/terraform.tfvars:3` "
        "| [SOV101](https://sovlint.dev/rules/SOV101) |",
    ]


def test_long_paths_leave_room_for_the_message() -> None:
    for path, shown in (
        ("fixtures/projects/gemeente/infra/aws/envs/prod/terraform.tfvars", "…/aws/envs/prod/terraform.tfvars"),
        ("x" * 50 + ".tf", "…" + "x" * 33 + ".tf"),
        ("a/" + "x" * 50 + ".tf", "…" + "x" * 33 + ".tf"),
    ):
        output = markdown(report(finding(location=location(path, 3, 10, 21))))
        assert f" | `{shown}:3` | " in output
        assert f"`{path}:3:10`" in output


def test_nothing_found() -> None:
    assert markdown(report()).split("\n")[0] == "### sovlint: nothing found"
    assert markdown(report(problems=PROBLEMS)).split("\n")[0] == "### sovlint: nothing found, 1 input could not be read"
    assert "no Terraform, Kubernetes or Helm input" in markdown(report(files=0, resources=0)).split("\n")[0]


def test_compared() -> None:
    output = markdown(COMPARED)
    assert "\n**This change: +2 on Amazon Web Services, -1 on Google Cloud.**\n" in output
    assert "compared with baseline .sovlint-baseline.json: 12 known, 2 solved." in output
    assert "`aws_s3_bucket.old`, was `old.tf:3`: United States: outside the EEA" in output
    assert "only in prod, test" in output
    rows = [line for line in output.split("\n") if re.match(r"\| (malformed|expired|unused|in-force)", line)]
    assert [row.split(" |")[0] for row in rows] == [
        "| malformed: until is no date",
        "| expired",
        "| unused",
        "| in-force",
    ]
    assert "| cloud-platform | contract runs until mid 2027, exit plan ICT-4711 | `.sovlint.yaml:12` for " in output


def test_ceilings_of_the_framework_that_the_profile_cites() -> None:
    ceilings = Ceilings("csf", "CSF|", "1.2.1", True, (Ceiling("SOV-3", "Data", True, 1, "SOV101"),))
    line = "CSF&#124; 1.2.1: the findings allow at most SEAL-1; what configuration does not show may lower it."
    assert line in markdown(report(finding(), ceilings=ceilings)).split("\n")
    for other in (None, ceilings._replace(cited=False), ceilings._replace(objectives=())):
        assert "SEAL" not in markdown(report(finding(), ceilings=other))


def test_the_same_name_in_several_units_is_named_once() -> None:
    shared = finding(affects=("aws_kms_key.a",), units=("envs/prod", "envs/test"))._replace(instances=2)
    assert "  places `aws_kms_key.a`, 2 instances in 2 units<br>\n" in markdown(report(shared))
    two = shared._replace(affects=("aws_kms_key.a", "aws_kms_key.b"), instances=4)
    assert "places 4 resources in 2 units: `aws_kms_key.a`, `aws_kms_key.b`, … 2 more<br>" in markdown(report(two))


def test_waived() -> None:
    assert "waived" not in markdown(report(WAIVED))
    assert "; waived | `main.tf:9` | [SOV201]" in markdown(report(WAIVED), show_waived=True)


@pytest.mark.parametrize("evil", EVIL)
def test_text_is_text(evil: str) -> None:
    """What is seen is what was there, apart from escapes and the spaces without width that end mentions."""
    for written in (code(evil), prose(evil)):
        seen = [token for token in tokens(f"x {written} y") if token.type not in {"paragraph_open", "paragraph_close"}]
        assert {token.type for token in seen} <= {"inline", "text", "code_inline", "html_inline"}, written
        assert all(token.content in {"<code>", "</code>"} for token in seen if token.type == "html_inline")
    in_table = f"|a|b|\n|---|---|\n|{code(evil, table=True)}|{prose(evil)}|\n"
    assert sum(token.type == "td_open" for token in tokens(in_table)) == 2


def test_text_is_readable() -> None:
    for text in ("a|b\\|c`d``e", "**x** <b>&amp; [y](z) $1", "1. x", "- x", 'aws_s3_bucket.a["k"]'):
        assert text_of(f"x {prose(text)}") == f"x {text}"
        assert text_of(f"x {code(text)}") == f"x {text}"
        row = [token for token in tokens(f"|a|\n|---|\n|{code(text, table=True)}|\n") if token.type == "inline"][1]
        assert "".join(c.content for c in row.children or [] if c.type in {"text", "code_inline"}) == text


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_mentioned_or_linked(evil: str) -> None:
    output = markdown(hostile(evil), show_waived=True)
    for token in tokens(output):
        if token.type == "link_open":
            assert OURS.fullmatch(str(token.attrs["href"]))
        assert token.type not in {"image", "em_open", "s_open"}
        if token.type in {"html_block", "html_inline"}:
            names = set(re.findall(r"</?([a-z0-9]+)", token.content))
            assert names <= TAGS, token.content
        if token.type == "text":
            assert not re.search(r"@\w|#\d|://\w|\bwww\.|\bGH-\d|:tada:", token.content), token.content
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(output)
    assert rendered.count("<details>") == rendered.count("</details>")
    assert len(re.findall("<h3>", rendered)) == 1
    assert not re.search("<h[12456]|<hr|<blockquote|<pre", rendered)


def long(number: int, text: str) -> Report:
    """Long hostile text in everything, and thousands of it."""
    waiver = REGISTER[0].waiver._replace(reason=text, owner=text, paths=(text,) * 9)
    one = hostile(text).findings[0]
    return hostile(text)._replace(
        findings=tuple(one._replace(location=location(f"{n}{text}", n, 1, 2)) for n in range(1, number + 1)),
        problems=(Problem(location(text, 1, 1, 1), text, text),) * number,
        waivers=(RegisteredWaiver(waiver, "expired", 1),) * number,
        solved=(Solved(text, text, text, 1, text),) * number,
        change=(text,) * 50,
        notes=(text,) * 50,
        inputs=(text,) * 500,
        environments=(text,) * 50,
    )


@pytest.mark.parametrize("text", ["x" * 3000, "|" * 3000, "中" * 3000, "\x1b" * 3000, "<@`&" * 1000, "👩🏽‍🚀" * 500])
def test_never_too_long(text: str) -> None:
    output = markdown(long(5000, text), show_waived=True)
    assert len(output.encode()) <= 65_536
    assert "5000 resources" not in output
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(output)
    assert rendered.count("<details>") == rendered.count("</details>") == 5
    assert output.endswith("<!-- sovlint -->\n")


def test_what_is_cut_is_said() -> None:
    output = markdown(many(5000))
    assert 40_000 < len(output.encode()) <= 65_536
    shown = sum(line.startswith("- ") for line in output.split("\n"))
    assert 50 < shown < 5000
    assert f"… {5000 - shown} more, the least severe ones, do not fit into a comment" in output
    assert "<summary>All 5000 findings in detail</summary>" in output
    # Twenty rows, the worst ones, are seen without a click.
    assert sum(line.startswith("| 🟣&nbsp;critical") for line in output.split("\n")) == 20


def test_bytes() -> None:
    for shown in (EVERYTHING, HOSTILE_COMPARED):
        output = markdown(shown, show_waived=True)
        assert output == markdown(shown, show_waived=True)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", output)
        output.encode()
