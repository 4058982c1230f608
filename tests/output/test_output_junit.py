"""JUnit XML: parsed by the standard library's parser, counts that add up, nothing that XML cannot hold."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from reports import (
    COMPARED,
    EVERYTHING,
    HOSTILE_COMPARED,
    PROBLEMS,
    RULES,
    UNDETERMINED,
    WAIVED,
    finding,
    many,
    minimal,
    report,
)

from sovlint.model.finding import Report
from sovlint.output import FORMATS, Style


def parse(shown: Report, show_waived: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(FORMATS["junit"](shown, Style(show_waived=show_waived)))


@pytest.mark.parametrize("shown", [EVERYTHING, COMPARED, HOSTILE_COMPARED, report(), many(200)])
@pytest.mark.parametrize("show_waived", [False, True])
def test_counts_are_those_of_the_cases(shown: Report, show_waived: bool) -> None:
    root = parse(shown, show_waived)
    for element in (root, *root.findall("testsuite")):
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[key]) == len(list(element.iter(tag)))
        assert int(element.attrib["tests"]) == len(list(element.iter("testcase"))) > 0
    findings = [one for one in shown.findings if show_waived or one.waiver is None]
    cases = [case for case in root.iter("testcase") if "file" in case.attrib]
    assert len(cases) == len(findings) + len(shown.problems)


def test_suites() -> None:
    root = parse(report(finding(), UNDETERMINED, WAIVED, problems=PROBLEMS), show_waived=True)
    suites = {suite.attrib["name"]: suite for suite in root}
    assert list(suites) == [*(f"{rule.code} {rule.name}" for rule in RULES), "input"]
    (case,) = suites["SOV101 region-outside-zone"]
    assert case.attrib["name"] == "envs/prod/terraform.tfvars:3:10: provider.aws"
    assert (case.attrib["file"], case.attrib["line"]) == ("envs/prod/terraform.tfvars", "3")
    (failure,) = case
    assert failure.attrib["message"] == "critical: United States: outside the EEA"
    assert "through envs/prod/main.tf:2:12 provider.aws.region = var.region" in (failure.text or "").split("\n")
    assert [[e.tag for e in case] for case in suites["SOV401 proprietary-service"]] == [[]]
    for suite, text in (
        ("SOV109 undetermined-location", "could not be determined: depends on var.region2"),
        ("SOV201 foreign-operator", "waived until 2027-03-31 by platform-team"),
    ):
        (skipped,) = suites[suite].iter("skipped")
        assert skipped.attrib["message"].startswith(text)
    assert [[e.tag for e in case] for case in suites["input"].iter("testcase")] == [["error"], ["skipped"]]


def test_what_the_run_was_like() -> None:
    values = {one.attrib["name"]: one.attrib["value"] for one in parse(COMPARED).iter("property")}
    assert values["profile"] == "eu-baseline"
    assert values["environments"] == "dev, test, prod"
    assert values["comparison"] == "compared with baseline .sovlint-baseline.json: 12 known, 2 solved"
    assert values["change"] == "this change: +2 on Amazon Web Services, -1 on Google Cloud"
    assert parse(HOSTILE_COMPARED).find(".//properties") is not None


def test_nothing_that_xml_cannot_hold() -> None:
    evil = "]]><x/>&amp;\"'\x00\x0b\ufffe\uffff\ud800\U0001fffe\n\t"
    shown = report(minimal(message=evil, rule=evil, name=evil, resource=evil, affects=(evil,)))
    (failure,) = parse(shown).iter("failure")
    assert failure.attrib["message"].startswith("high: ]]><x/>&amp;\"'\\x00\\x0b")
    output = FORMATS["junit"](HOSTILE_COMPARED, Style(show_waived=True))
    assert not any(char in output for char in "\x1b\x9b\u202e\udcff\x07")
    output.encode()
