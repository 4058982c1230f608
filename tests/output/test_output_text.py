"""Text and concise: exact lines, colour, width."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from reports import (
    COMPARED,
    EVERYTHING,
    HOSTILE,
    HOSTILE_COMPARED,
    HOSTILE_FINDING,
    PROBLEMS,
    UNDETERMINED,
    WAIVED,
    WAYS_OUT,
    finding,
    location,
    minimal,
    report,
)

from sovlint.model.fact import Hop
from sovlint.model.finding import Report
from sovlint.output import FORMATS, Style
from sovlint.output.terminal import columns
from sovlint.output.words import ways_out

SGR = re.compile("\x1b\\[[0-9;]*m")


def text(shown: Report, width: int = 120, color: bool = False, **style: bool) -> str:
    return FORMATS["text"](shown, Style(color, width, **style))


def concise(shown: Report, **style: bool) -> str:
    return FORMATS["concise"](shown, Style(**style))


def test_example_of_interface() -> None:
    assert text(report(finding(), undetermined=3, inputs=("var.region2", "var.zone"))) == dedent("""\
        critical: SOV101 region-outside-zone
          --> envs/prod/terraform.tfvars:3:10
           |
         3 | region = "us-east-1"
           |          ^^^^^^^^^^^ United States: outside the EEA
           = places 14 resources: aws_s3_bucket.a, module.db.aws_db_instance.this, aws_sqs_queue.q[0], … 11 more
           = through envs/prod/main.tf:2:12  provider.aws.region = var.region
           = instead: eu-central-1 (Frankfurt) keeps the operator; to leave it: Scaleway Object Storage (FR),
               scaleway_object_bucket, S3 API, effort S, loses event notifications
           = informs CSF SOV-3, Gaia-X P5.1.2, GDPR 44 · sovlint explain SOV101

        48 resources in 12 files: 1 critical; 3 could not be determined (give a value to var.region2, var.zone)
        """)


def test_narrow() -> None:
    assert text(report(finding(location=location("a.tf", 104, 10, 21))), 60) == dedent("""\
        critical: SOV101 region-outside-zone
            --> a.tf:104:10
             |
         104 | region = "us-east-1"
             |          ^^^^^^^^^^^ United States: outside the EEA
             = places 14 resources: aws_s3_bucket.a, … 13 more
             = through envs/prod/main.tf:2:12  provider.aws.region =
                 var.region
             = instead: eu-central-1 (Frankfurt) keeps the operator;
                 to leave it: Scaleway Object Storage (FR),
                 scaleway_object_bucket, S3 API, effort S, loses
                 event notifications
             = informs CSF SOV-3, Gaia-X P5.1.2, GDPR 44 · sovlint
                 explain SOV101

        48 resources in 12 files: 1 critical
        """)


def test_least() -> None:
    assert text(report(minimal())) == dedent("""\
        high: SOV601 state-held-by-foreign-operator
          --> main.tf:1:1
           = state is kept by HashiCorp (US)
           = affects terraform.cloud
           = sovlint explain SOV601

        48 resources in 12 files: 1 high
        """)


def test_undetermined() -> None:
    assert text(report(UNDETERMINED, undetermined=1), 80) == dedent("""\
        note: SOV109 undetermined-location
          --> main.tf:7:12
           |
         7 |   region = var.region2
           |            ^^^^^^^^^^^
           |            depends on var.region2, which has no value in the scanned files
           = affects aws_instance.web
           = see main.tf:20:3  also var.region2
           = see main.tf:21:3  also var.region2
           = see … 2 more
           = give a value to var.region2
           = informs CSF SOV-3 · sovlint explain SOV109

        48 resources in 12 files: 1 note; 1 could not be determined
        """)


def test_colour_changes_nothing_but_colour() -> None:
    for width in (60, 120):
        for flag in (False, True):
            for shown in (EVERYTHING, HOSTILE_COMPARED, COMPARED):
                plain = text(shown, width, show_waived=flag, verbose=flag, statistics=flag)
                coloured = text(shown, width, color=True, show_waived=flag, verbose=flag, statistics=flag)
                assert SGR.sub("", coloured) == plain
                assert coloured != plain


def test_coloured_lines() -> None:
    lines = text(report(minimal(snippet="cloud {}")), color=True).splitlines()
    assert lines == [
        "\x1b[1;31mhigh:\x1b[0m \x1b[1mSOV601 state-held-by-foreign-operator\x1b[0m",
        " \x1b[34m -->\x1b[0m main.tf:1:1",
        "   \x1b[34m|\x1b[0m",
        " \x1b[34m1\x1b[0m \x1b[34m|\x1b[0m \x1b[1mcloud {\x1b[0m}",
        "   \x1b[34m|\x1b[0m \x1b[1;31m^^^^^^^\x1b[0m \x1b[1;31mstate is kept by HashiCorp (US)\x1b[0m",
        "   \x1b[34m=\x1b[0m \x1b[2maffects\x1b[0m terraform.cloud",
        "   \x1b[34m=\x1b[0m sovlint explain SOV601",
        "",
        "48 resources in 12 files: \x1b[1;31m1 high\x1b[0m",
    ]


def test_waived_only_when_asked() -> None:
    shown = report(WAIVED, waived=1)
    assert text(shown) == "48 resources in 12 files: nothing found under profile eu-baseline; 1 waived\n"
    lines = text(shown, show_waived=True).splitlines()
    assert lines[0] == "medium: SOV201 foreign-operator (waived)"
    assert (
        "   = waived until 2027-03-31 by platform-team: migration to Scaleway, ticket ICT-4711 (main.tf:8:1)" in lines
    )
    assert lines[-1] == "48 resources in 12 files: nothing found under profile eu-baseline; 1 waived"


def test_nothing_found_still_tells_what_stayed_open() -> None:
    assert text(report()) == "48 resources in 12 files: nothing found under profile eu-baseline\n"
    assert text(report(files=1, resources=1), color=True) == (
        "1 resource in 1 file: \x1b[32mnothing found under profile eu-baseline\x1b[0m\n"
    )
    open_ends = report(problems=PROBLEMS, undetermined=2, inputs=("var.a",), notes=("chart a was not rendered",))
    assert text(open_ends, 200) == dedent("""\
        error: broken.tf:4:2: expected an expression [syntax]
        warning: main.tf:30:12: module is not in the tree [module-missing]
        info: chart a was not rendered

        48 resources in 12 files: nothing found under profile eu-baseline; 2 could not be determined (give a value to \
var.a); 1 input could not be read; 1 warning
        """)
    # Green would promise more than was seen.
    assert "\x1b[32m" not in text(open_ends, color=True)


def test_nothing_to_read() -> None:
    expected = "0 resources in 0 files: no Terraform, Kubernetes or Helm input was found\n"
    assert text(report(files=0, resources=0)) == expected


def test_long_ways_are_cut_unless_verbose() -> None:
    way = tuple(Hop(location("m.tf", n, 1, 2), f"step {n}") for n in range(1, 8))
    lines = text(report(finding(via=way))).splitlines()
    assert [line for line in lines if "through" in line] == [
        *(f"   = through m.tf:{n}:1  step {n}" for n in range(1, 5)),
        "   = through … 3 more",
    ]
    assert text(report(finding(via=way)), verbose=True).count("= through m.tf") == 7
    # "… 1 more" would take the line that the one itself takes.
    assert text(report(finding(via=way[:5]))).count("= through m.tf") == 5


def test_ways_out() -> None:
    leaving = tuple(
        WAYS_OUT[1].__class__(f"Service {n}", "managed", "o", "FR", api="S3 API", loses="x") for n in range(5)
    )
    lines = text(report(finding(alternatives=leaving))).splitlines()
    assert "   = instead: Service 0 (FR), S3 API, loses x | Service 1 (FR), S3 API, loses x | … 3 more" in lines
    lines = text(report(finding(alternatives=WAYS_OUT[:1]))).splitlines()
    assert "   = instead: eu-central-1 (Frankfurt) keeps the operator" in lines
    unnamed = WAYS_OUT[0].__class__("a region inside the EEA", "region")
    lines = text(report(finding(alternatives=(unnamed,)))).splitlines()
    assert "   = instead: a region inside the EEA" in lines
    one = leaving[0]._replace(replaces=("Compute", "Storage"))
    lines = text(report(finding(alternatives=(one,)))).splitlines()
    assert "   = instead: Compute and Storage: Service 0 (FR), S3 API, loses x" in lines
    assert ways_out(finding(alternatives=(unnamed, one))) == (
        "instead: a region inside the EEA; Service 0 (FR) for Compute and Storage"
    )
    everything = text(report(finding(alternatives=leaving)), 1000, verbose=True)
    assert "Service 4 (FR), S3 API, loses x" in everything


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_lines_fit_unless_a_word_is_too_long(width: int) -> None:
    shown = report(finding(), UNDETERMINED, WAIVED, minimal(snippet="x" * 500))
    for line in text(shown, width, show_waived=True).splitlines():
        headline = line.startswith(("critical:", "high:", "medium:", "note:")) or "-->" in line
        assert columns(line) <= width or headline or columns(line.split()[-1]) > width - 10, line


def test_hostile_names_are_shown_not_obeyed() -> None:
    options = {"show_waived": True, "verbose": True, "statistics": True}
    for output in (text(HOSTILE_COMPARED, 100, **options), concise(HOSTILE_COMPARED, **options)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", output)
        assert "\\x1b[2J" in output
        output.encode()


def test_hostile_lines_forge_nothing() -> None:
    clean = text(report(HOSTILE_FINDING), 10_000, verbose=True).splitlines()
    assert len(clean) == 13
    assert len(concise(report(HOSTILE_FINDING)).splitlines()) == 2


def test_concise() -> None:
    shown = report(finding(), WAIVED, problems=PROBLEMS, waived=1)
    assert concise(shown) == dedent("""\
        envs/prod/terraform.tfvars:3:10: SOV101 critical United States: outside the EEA [affects 14]
        broken.tf:4:2: error expected an expression [syntax]
        main.tf:30:12: warning module is not in the tree [module-missing]
        48 resources in 12 files: 1 critical; 1 waived; 1 input could not be read; 1 warning
        """)
    assert "[affects 14] [waived until 2027-03-31]" in concise(shown, show_waived=True)
    assert SGR.sub("", concise(shown, color=True)) == concise(shown)
    assert concise(report()) == "48 resources in 12 files: nothing found under profile eu-baseline\n"


def test_a_long_summary_is_wrapped() -> None:
    shown = report(problems=PROBLEMS, undetermined=2, inputs=("var.a",))
    assert text(shown, 60).split("\n")[-4:] == [
        "48 resources in 12 files: nothing found under profile",
        "  eu-baseline; 2 could not be determined (give a value to",
        "  var.a); 1 input could not be read; 1 warning",
        "",
    ]
    several = report(*(minimal(severity=severity) for severity in ("critical", "high", "medium", "low")))
    for color in (False, True):
        lines = SGR.sub("", text(several, 60, color=color)).split("\n")
        assert lines[-3:] == ["48 resources in 12 files: 1 critical, 1 high, 1 medium,", "  1 low", ""]


def test_long_ways_out_are_written_once() -> None:
    shown = report(
        finding(),
        finding(location=location("b.tf", 9, 10, 21)),
        finding(location=location("c.tf", 9, 10, 21), alternatives=WAYS_OUT[:1]),
        finding(location=location("d.tf", 9, 10, 21), alternatives=WAYS_OUT[::-1]),
        finding(location=location("e.tf", 9, 10, 21)),
    )
    lines = [line for line in text(shown, 200).splitlines() if "= instead" in line]
    whole = (
        "   = instead: eu-central-1 (Frankfurt) keeps the operator; "
        "to leave it: Scaleway Object Storage (FR), scaleway_object_bucket, S3 API, effort S, loses event notifications"
    )
    assert lines == [
        whole,
        "   = instead: as for envs/prod/terraform.tfvars:3",
        "   = instead: eu-central-1 (Frankfurt) keeps the operator",
        whole,
        "   = instead: as for envs/prod/terraform.tfvars:3",
    ]


def test_critical_ones_are_listed_again_when_there_are_many() -> None:
    few = [minimal(location=location("a.tf", n, 1, 2)) for n in range(1, 10)]
    worst = [finding(location=location(f"envs/{n}.tf", n, 10, 21)) for n in range(1, 3)]
    assert "critical: 2 findings" in text(report(*few, *worst))
    assert "critical: 1 finding" not in text(report(*few, *worst[:1]))
    assert text(report(*few, *worst)).splitlines()[-5:] == [
        "critical: 2 findings",
        "  envs/1.tf:1 SOV101 United States: outside the EEA",
        "  envs/2.tf:2 SOV101 United States: outside the EEA",
        "",
        "48 resources in 12 files: 2 critical, 9 high",
    ]
    many_worst = report(*(finding(location=location("a.tf", n, 10, 21)) for n in range(1, 31)))
    assert text(many_worst).splitlines()[-3] == "  … 20 more"
    assert "\n  a.tf:30 SOV101" in text(many_worst, verbose=True)
    assert "\n  envs/1.tf:1 SOV101 United States: outs…\n" in text(report(*few, *worst), 41)
    long = report(*few, finding(location=location("x" * 30 + ".tf", 1, 1, 2)), *worst)
    assert f"\n  {'x' * 30}.tf:1 SOV101\n" in text(long, 50)


def test_environments() -> None:
    assert "   = only in prod, test" in text(COMPARED).splitlines()
    assert "[affects 14] [only in prod, test]" in concise(COMPARED)


def test_comparison() -> None:
    lines = text(COMPARED, 300).splitlines()
    at = lines.index("solved since baseline .sovlint-baseline.json: 2")
    assert lines[at + 1 :] == [
        "  SOV101 aws_s3_bucket.old (was old.tf:3): United States: outside the EEA",
        "  SOV201 module.x.aws_sqs_queue.q (was modules/x/main.tf:14): Amazon Web Services (US)",
        "",
        "48 resources in 12 files, environments dev, test, prod: 1 critical; "
        "compared with baseline .sovlint-baseline.json: 12 known, 2 solved; "
        "this change: +2 on Amazon Web Services, -1 on Google Cloud",
    ]
    assert concise(COMPARED).splitlines()[1:3] == [
        "solved: SOV101 aws_s3_bucket.old (was old.tf:3)",
        "solved: SOV201 module.x.aws_sqs_queue.q (was modules/x/main.tf:14)",
    ]


def test_register_of_waivers_for_those_who_ask() -> None:
    assert "waivers: 4" not in text(COMPARED)
    assert "waivers: 4" not in concise(COMPARED)
    assert "waivers: 4" in concise(COMPARED, verbose=True).splitlines()
    lines = text(COMPARED, 200, verbose=True).splitlines()
    at = lines.index("waivers: 4")
    assert lines[at + 1 : at + 5] == [
        "  in force, until 2027-03-31: SOV201 by platform-team: migration to Scaleway, ticket ICT-4711 (main.tf:8:1), "
        "covers 3",
        "  unused, until 2027-06-30: SOV201, SOV3 for legacy/**, module.old.* by cloud-platform: "
        "contract runs until mid 2027, exit plan ICT-4711 (.sovlint.yaml:12:5), covers 0",
        "  expired, until 2026-01-31: SOV201 by platform-team: migration to Scaleway, ticket ICT-4711 (a.tf:2:1), "
        "covers 0",
        "  malformed, until soon: no rules by nobody: no reason; until is no date (b.tf:3:1), covers 0",
    ]


def test_statistics() -> None:
    shown = report(finding(), finding(severity="high"), minimal(), UNDETERMINED)
    expected = dedent("""\
        findings  affected  worst     rule
               2        28  critical  SOV101 region-outside-zone
               1         1  note      SOV109 undetermined-location
               1         1  high      SOV601 state-held-by-foreign-operator
        """)
    assert f"\n\n{expected}\n48 resources" in text(shown, statistics=True)
    assert f"\n{expected}48 resources" in concise(shown, statistics=True)
    assert "affected" not in text(report(), statistics=True)


def test_words_we_do_not_use() -> None:
    reports = (EVERYTHING, report(), report(files=0, resources=0))
    for output in [text(one, verbose=True) for one in reports]:
        assert not re.search("illegal|compliant|certified", output.replace(HOSTILE, ""), re.IGNORECASE)


def test_the_summary_says_how_much_a_value_would_decide() -> None:
    open_ones = {"undetermined": 3, "inputs": ("var.region",)}
    assert "3 could not be determined (give a value to var.region)" in text(report(decidable=3, **open_ones), 200)
    assert "3 could not be determined (1 of them by a value for var.region)" in text(
        report(decidable=1, **open_ones), 200
    )
