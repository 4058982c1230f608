"""Text: the report for people. What is wrong and where, why it matters to how many, what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sovlint.model.fact import Hop
from sovlint.model.finding import Alternative, Ceilings, Finding, Report
from sovlint.model.lazy import pattern
from sovlint.model.problem import Problem
from sovlint.output.snippet import marked
from sovlint.output.style import Style
from sovlint.output.terminal import columns, visible, wrap
from sovlint.output.words import affects_verb, citations, plural, shown, some, summary

_NARROWEST: Final = 40
_FEW: Final = 10
"""Findings up to which the report of an ordinary run needs no closing."""
_HOPS: Final = 4
_RELATED: Final = 2
_UNITS: Final = 3
_WAYS_OUT: Final = 2
_SHORT: Final = 60
"""Characters of ways out that are not worth a look at another place."""
_COLOR: Final = pattern("\x1b\\[[0-9;]*m")
_NUMBER: Final = pattern(r"((?:^|(?<=[ m]))\d+) ")
_LABEL_ROOM: Final = 30
"""Columns below which a message does not stand beside or below its carets, but from the gutter on."""


def render(report: Report, style: Style) -> str:
    """The report as blocks of text, one a finding, then problems, notes of the run and the summary."""
    style = style._replace(width=max(style.width, _NARROWEST))
    findings = shown(report, style)
    ways = _WaysOut(style)
    blocks = ["\n".join(_block(finding, report, ways, style)) for finding in findings]
    trailer = [line for problem in report.problems for line in _problem(problem, style)]
    for note in report.notes:
        trailer += _labelled("info", visible(note), style)
    if trailer:
        blocks.append("\n".join(trailer))
    if report.solved or style.statistics or (style.verbose and report.waivers) or len(findings) > _FEW:
        from sovlint.output.closing import closing

        blocks += closing(report, findings, style)
    blocks += _ceilings(report.ceilings, style)
    blocks.append("\n".join(_wrapped(summary(report, findings, style), style.width)))
    return "\n\n".join(blocks) + "\n"


class _WaysOut:
    """Writes ways out. A long list is written once; after that, where it stands: it is the same for a whole service."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._first: dict[tuple[Alternative, ...], str] = {}

    def of(self, finding: Finding) -> str:
        """The ways out of a finding, or the place of the finding that has the very same ones."""
        text = _instead(finding.alternatives, self._style)
        if len(text) <= _SHORT:
            return text
        where = visible(f"{finding.location.path}:{finding.location.line}")
        first = self._first.setdefault(finding.alternatives, where)
        # Of several on one line, all but the first would refer to themselves.
        return text if first == where else f"as for {first}"


def _ceilings(ceilings: Ceilings | None, style: Style) -> Iterator[str]:
    """What the findings still allow per objective: a line for each level and finding that sets it.

    Objectives without a ceiling are named for those who ask for everything: no limit does not say that a level is
    reached.
    """
    if ceilings is None or not (style.verbose or (ceilings.cited and ceilings.at_most is not None)):
        return
    name = f"{ceilings.label} {ceilings.version}"
    if ceilings.at_most is None:
        head = f"{name}: no finding limits the level; what configuration does not show may"
    else:
        head = (
            f"{name}: the findings allow at most SEAL-{ceilings.at_most}; what configuration does not show may lower it"
        )
    rows: dict[tuple[str, ...], list[str]] = {}
    for ceiling in ceilings.objectives:
        if ceiling.at_most is not None:
            sure = " (heuristic)" if ceiling.heuristic else ""
            level, why = f"at most SEAL-{ceiling.at_most}", f"{ceiling.rule} {ceiling.location}{sure}"
        elif style.verbose:
            level, why = ("not limited", "") if ceiling.visible else ("not visible in configuration", "")
        else:
            continue
        alone = (ceiling.objective,) if style.verbose else ()
        named = f"{ceiling.objective} {ceiling.title}" if style.verbose else ceiling.objective
        rows.setdefault((level, why, *alone), []).append(named)
    cells = [(visible(", ".join(names)), key[0], visible(key[1])) for key, names in rows.items()]
    first = max((columns(cell[0]) for cell in cells), default=0)
    lines = wrap(head, style.width, style.width - 2)
    for objectives, level, why in cells:
        gap = " " * (first - columns(objectives))
        lines.append(f"  {objectives}{gap}  {style.paint(level, 'strong')}  {why}".rstrip())
    yield "\n".join(lines)


def _block(finding: Finding, report: Report, ways: _WaysOut, style: Style) -> list[str]:
    """All lines of one finding."""
    margin = " " * len(str(finding.location.line))
    lines = [_headline(finding, style)]
    lines.append(f"{margin}{style.paint(' -->', 'frame')} {visible(str(finding.location))}")
    if finding.snippet:
        lines += _source(finding, margin, style)
    else:
        lines += _note(margin, "", visible(finding.message), style)
    lines += _details(finding, report, ways, margin, style)
    return lines


def _headline(finding: Finding, style: Style) -> str:
    """Severity, code and name; what limits them in brackets."""
    severity = style.paint(f"{finding.severity}:", finding.severity)
    code = style.paint(f"{visible(finding.rule)} {visible(finding.name)}", "strong")
    limits = []
    if finding.confidence == "heuristic":
        limits.append("heuristic")
    if finding.waiver is not None:
        limits.append("waived")
    suffix = style.paint(f" ({', '.join(limits)})", "faint") if limits else ""
    return f"{severity} {code}{suffix}"


def _source(finding: Finding, margin: str, style: Style) -> list[str]:
    """The source line between rules, carets under the span, the message beside them or below."""
    bar = style.paint("|", "frame")
    number = style.paint(str(finding.location.line), "frame")
    room = style.width - len(margin) - 4
    line = marked(finding, room)
    source = f"{line.before}{style.paint(line.span, 'strong')}{line.after}".rstrip()
    carets = style.paint("^" * line.carets, finding.severity)
    under = f" {margin} {bar} {' ' * line.indent}"
    message = visible(finding.message)
    lines = [f" {margin} {bar}", f" {number} {bar} {source}"]
    if line.indent + line.carets + 1 + columns(message) <= room:
        lines.append(f"{under}{carets} {style.paint(message, finding.severity)}")
        return lines
    lines.append(f"{under}{carets}")
    indent = line.indent if room - line.indent >= min(_LABEL_ROOM, columns(message)) else 0
    parts = wrap(message, room - indent, room - indent)
    return lines + [f" {margin} {bar} {' ' * indent}{style.paint(part, finding.severity)}" for part in parts]


def _details(finding: Finding, report: Report, ways: _WaysOut, margin: str, style: Style) -> list[str]:
    """The `=` lines: what it affects, how the value got there, what to do, where to read on."""
    lines = _note(margin, f"{affects_verb(finding.rule)} ", _affected(finding, margin, style), style)
    if finding.environments:
        lines += _note(margin, "only in ", visible(", ".join(finding.environments)), style)
    lines += _hops(margin, "through", finding.via, _HOPS, style)
    # Declarations of what is affected are named above already; in full only for those who ask for everything.
    affected = set(finding.affects)
    related = tuple(hop for hop in finding.related if style.verbose or hop.note not in affected)
    lines += _hops(margin, "see", related, _RELATED, style)
    if finding.inputs:
        names = [visible(name) for name in finding.inputs]
        lines += _note(margin, "give a value to ", some(names, len(names) if style.verbose else _HOPS), style)
    if finding.alternatives:
        lines += _note(margin, "instead: ", ways.of(finding), style)
    if finding.waiver is not None:
        waiver = finding.waiver
        where = visible(str(waiver.location))
        text = f"until {waiver.until} by {waiver.owner}: {waiver.reason}"
        lines += _note(margin, "waived ", f"{visible(text)} ({where})", style)
    explain = f"sovlint explain {visible(finding.rule)}"
    cited = citations(finding.informs, report.framework_labels)
    lines += _note(margin, "informs " if cited else "", f"{cited} · {explain}" if cited else explain, style)
    return lines


def _note(margin: str, label: str, text: str, style: Style) -> list[str]:
    """One `=` line, wrapped under its own text."""
    first = style.width - len(margin) - 4
    parts = wrap(f"{label}{text}", first, first - 2)
    sign = style.paint("=", "frame")
    lines = [f" {margin} {sign} {style.paint(label.rstrip(), 'faint')}{parts[0][len(label.rstrip()) :]}"]
    lines += [f" {margin}     {part}" for part in parts[1:]]
    return lines


def _affected(finding: Finding, margin: str, style: Style) -> str:
    """`14 resources: a, b, … 12 more`, as many as the line holds, but at least one; a single one by its name."""
    names = [visible(name) for name in finding.affects]
    units = [visible(unit) or "." for unit in finding.units]
    where = f" in {some(units, len(units) if style.verbose else _UNITS)}" if len(units) > 1 else ""
    total = max(finding.instances, len(names))
    if total <= 1:
        return "".join(names)
    head = f"{plural(total, 'resource')}{where}: "
    if style.verbose:
        return head + ", ".join(names)
    room = style.width - len(margin) - 4 - len(affects_verb(finding.rule)) - 1 - len(head)
    # Two names are never cut to one: what is left out must be worth the words that say so.
    number = 2 if len(names) == 2 else _fitting(names, room)
    more = f", … {len(names) - number} more" if number < len(names) else ""
    return f"{head}{', '.join(names[:number])}{more}"


def _fitting(names: Sequence[str], room: int) -> int:
    """How many of many names fit beside `… n more`, at least one."""
    tail = len(f", … {len(names)} more")
    used = 0
    fitting = 1
    for number, name in enumerate(names, start=1):
        used += columns(name) + (2 if number > 1 else 0)
        if used > room:
            return fitting
        if used + tail <= room:
            fitting = number
    return len(names)


def _hops(margin: str, label: str, hops: Sequence[Hop], limit: int, style: Style) -> list[str]:
    """A line for each place on the way; the middle of a long way is not worth a screen."""
    number = len(hops) if style.verbose or len(hops) == limit + 1 else limit
    lines: list[str] = []
    for hop in hops[:number]:
        note = f"  {visible(hop.note)}" if hop.note else ""
        lines += _note(margin, f"{label} ", f"{visible(str(hop.location))}{note}", style)
    if len(hops) > number:
        lines += _note(margin, f"{label} ", f"… {len(hops) - number} more", style)
    return lines


def _instead(alternatives: Sequence[Alternative], style: Style) -> str:
    """Ways out: what keeps the operator first, since it is less work, then what leaves it."""
    staying = [visible(way.title) for way in alternatives if way.kind == "region" and way.operator]
    unnamed = [visible(way.title) for way in alternatives if way.kind == "region" and not way.operator]
    leaving = [_way_out(way, style) for way in alternatives if way.kind != "region"]
    limit = len(alternatives) if style.verbose else _WAYS_OUT
    parts = list(unnamed)
    if staying:
        verb = "keeps" if len(staying) == 1 else "keep"
        parts.append(f"{some(staying, limit)} {verb} the operator")
    if leaving:
        number = len(leaving) if len(leaving) == limit + 1 else limit
        listed = " | ".join(leaving[:number])
        more = f" | … {len(leaving) - number} more" if len(leaving) > number else ""
        parts.append(f"{'to leave it: ' if staying else 'to leave: ' if unnamed else ''}{listed}{more}")
    return "; ".join(parts)


def _way_out(way: Alternative, style: Style) -> str:
    """`Scaleway Object Storage (FR), scaleway_object_bucket, S3 API, effort S, loses access points`."""
    where = f" ({way.country})" if way.country else " (self-hosted)" if way.kind == "self-hosted" else ""
    parts = [f"{way.title}{where}", *way.terraform_types[: None if style.verbose else 1]]
    parts += [part for part in (way.licence if way.kind == "self-hosted" else "", way.api) if part]
    if way.effort:
        parts.append(f"effort {way.effort}")
    if way.loses:
        parts.append(f"loses {way.loses}")
    head = f"{' and '.join(way.replaces)}: " if way.replaces else ""
    return visible(head + ", ".join(parts))


def _problem(problem: Problem, style: Style) -> list[str]:
    """A problem of the input: `error: path:line:column: message [code]`."""
    return _labelled(problem.level, visible(f"{problem.location}: {problem.message} [{problem.code}]"), style)


def _labelled(label: str, text: str, style: Style) -> list[str]:
    """A line that starts with a coloured word, wrapped under its text."""
    parts = wrap(f"{label}: {text}", style.width, style.width - 2)
    first = style.paint(f"{label}:", label) + parts[0][len(label) + 1 :]
    return [first, *(f"  {part}" for part in parts[1:])]


def _wrapped(text: str, width: int) -> list[str]:
    """A line that may hold colours, broken at spaces; a number stays with what it counts."""
    lines: list[str] = []
    current: list[str] = []
    used = 0
    for word in _NUMBER.sub("\\1\0", text).split(" "):
        size = columns(_COLOR.sub("", word.replace("\0", " ")))
        if current and used + 1 + size > width:
            lines.append(" ".join(current))
            current, used = [], 1
        used += size + (1 if current else 0)
        current.append(word)
    lines.append(" ".join(current))
    first, *rest = (line.replace("\0", " ") for line in lines)
    return [first, *(f"  {line}" for line in rest)]
