"""YAML read into a plain tree with places: hostile input ends in a clear problem, never in a crash."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.suggest import Suggestions
from dealflow.domain.values.text.visible import forbidden_character
from dealflow.wording.system_faults import system_reason

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 20_000
# The scanner's time grows with the square of a line's length for tags and open brackets (measured: 10 s for 900 kB).
MAX_LINE = 10_000
# A message with thousands of names, a thousand times, would be tens of megabytes.
MAX_NAMES = 20


class LocatedProblem(Frozen):
    """One fault of a file: where, which rule, what is wrong, what would be right."""

    severity: Literal["error", "warning"] = "error"
    file: str
    line: int
    column: int
    rule: str
    message: Phrase
    right: Phrase | None = None
    suggestion: str | None = None

    @property
    def said(self) -> Phrase:
        """The fault with its place, in one line."""
        return phrase(
            "{place}: {severity}: {wrong}{right}{near} [{rule}]",
            place=f"{self.file}:{self.line}:{self.column}",
            severity=phrase("error") if self.severity == "error" else phrase("warning"),
            wrong=self.message,
            right=phrase("; {right}", right=self.right) if self.right else "",
            near=phrase("; did you mean '{near}'?", near=self.suggestion) if self.suggestion else "",
            rule=self.rule,
        )

    def __str__(self) -> str:
        return str(self.said)


@dataclass(frozen=True)
class YamlScalar:
    line: int
    column: int
    text: str
    plain: bool

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null")


@dataclass(frozen=True)
class YamlSequence:
    line: int
    column: int
    items: "list[Tree]" = field(default_factory=list)


@dataclass(frozen=True)
class YamlMapping:
    line: int
    column: int
    entries: "dict[str, tuple[YamlScalar, Tree]]" = field(default_factory=dict)


Tree = YamlScalar | YamlSequence | YamlMapping


class Problems:
    """Collects the problems of one file, with the file's lines for places inside a text."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file = file
        self.lines = text.split("\n")
        self.found: list[LocatedProblem] = []
        self.suggestions = Suggestions()

    @property
    def failed(self) -> bool:
        return any(problem.severity == "error" for problem in self.found)

    def add(
        self,
        at: Tree | tuple[int, int],
        rule: str,
        message: str,
        right: str | None = None,
        *,
        near: tuple[str, Collection[str]] | None = None,
        suggestion: str | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Record a problem; `near` is a wrong word and the words that would have been right."""
        line, column = at if isinstance(at, tuple) else (at.line, at.column)
        if near is not None:
            suggestion = self.suggestions.nearest(*near)
        self.found.append(
            LocatedProblem(
                severity=severity,
                file=self.file,
                line=line,
                column=column,
                rule=rule,
                message=message,
                right=right,
                suggestion=suggestion,
            )
        )


def one_of(names: Collection[str]) -> Phrase:
    """What would have been right: the names, and of many the first twenty."""
    first = tuple(islice(names, MAX_NAMES))
    if more := len(names) - len(first):
        return phrase("one of {names} and {n} more", names=first, n=more)
    return phrase("one of {names}", names=first)


def _yaml_fault(said: str) -> Phrase:
    """What the parser found, which it says in English only; what is rare comes out as the parser says it."""
    begun, but, found = said.partition(", but ")
    found = found.removeprefix("found ").removeprefix("got ")
    match begun if but else said:
        case "expected the node content":
            return phrase("expected the node content, but found {found}", found=found)
        case "expected <block end>":
            return phrase("expected <block end>, but found {found}", found=found)
        case "expected ',' or ']'":
            return phrase("expected ',' or ']', but got {found}", found=found)
        case "expected ',' or '}'":
            return phrase("expected ',' or '}}', but got {found}", found=found)
        case "mapping values are not allowed here":
            return phrase("mapping values are not allowed here")
        case "could not find expected ':'":
            return phrase("could not find expected ':'")
        case "found unexpected end of stream":
            return phrase("found unexpected end of stream")
    if tab := re.fullmatch(r"found character (.*) that cannot start any token", said):
        return phrase("found character {character} that cannot start any token", character=tab[1])
    return Phrase(said, {}) if said else phrase("cannot be read")


class _Stop(Exception):
    """Reading cannot go on; the problem is already recorded."""


def read_tree(path: Path) -> tuple[Tree | None, Problems]:
    """The file's tree, or None with at least one problem; an unreadable file is a problem too."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        problems = Problems(str(path))
        problems.add((1, 1), "unreadable", phrase("the file cannot be read: {reason}", reason=system_reason(error)))
        return None, problems
    return tree_of(content, str(path))


def tree_of(content: bytes, file: str) -> tuple[Tree | None, Problems]:
    """The tree of a file's content; a byte order mark and any line ends are accepted."""
    try:
        text = _decoded(content, file)
    except _Refused as refused:
        return None, refused.problems
    problems = Problems(file, text)
    try:
        _check_characters(text, problems)
        return _Builder(problems).document(text), problems
    except _Stop:
        return None, problems
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        right = phrase("indent with spaces") if "'\\t'" in str(error.problem) else None
        problems.add(
            at, "yaml", phrase("not YAML: {wrong}", wrong=_yaml_fault(error.problem or error.context or "")), right
        )
    except (YAMLError, UnicodeError, ValueError, RecursionError) as error:
        problems.add(
            (1, 1),
            "yaml",
            phrase("not YAML: {wrong}", wrong=str(error).splitlines()[0] if str(error) else type(error).__name__),
        )
    return None, problems


class _Refused(Exception):
    def __init__(self, problems: Problems) -> None:
        self.problems = problems


def _decoded(content: bytes, file: str) -> str:
    problems = Problems(file)
    if len(content) > MAX_BYTES:
        problems.add(
            (1, 1),
            "too-large",
            phrase("more than {most:,} bytes", most=MAX_BYTES),
            phrase("a template has a few hundred lines"),
        )
        raise _Refused(problems)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add((1, 1), "encoding", phrase("the file is UTF-16"), phrase("save it as UTF-8"))
        raise _Refused(problems)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace")
        at = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(
            at,
            "encoding",
            phrase("byte 0x{byte} is not UTF-8", byte=format(content[error.start], "02x")),
            phrase("save the file as UTF-8"),
        )
        raise _Refused(problems) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_characters(text: str, problems: Problems) -> None:
    if len(problems.lines) > MAX_NODES:
        problems.add(
            (MAX_NODES, 1),
            "too-large",
            phrase("more than {most:,} lines", most=MAX_NODES),
            phrase("a template has a few hundred"),
        )
    for number, line in enumerate(problems.lines, start=1):
        if len(line) > MAX_LINE:
            problems.add(
                (number, 1),
                "too-large",
                phrase("a line of {n:,} characters", n=len(line)),
                phrase("at most {most:,}", most=MAX_LINE),
            )
    if not text.isprintable():
        for number, line in enumerate(problems.lines, start=1):
            if not line.isprintable() and (found := forbidden_character(line)):
                problems.add(
                    (number, found[0] + 1),
                    "character",
                    phrase("the character {character} is not allowed", character=found[1]),
                )
                break
    if problems.failed:
        raise _Stop


class _Builder:
    """Builds the tree from parser events, so that depth, size and aliases are refused before they cost anything."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.nodes = 0
        self.events: Iterator[Any] = iter(())

    def document(self, text: str) -> Tree | None:
        self.events = YAML(typ="safe", pure=True).parse(text)
        root: Tree | None = None
        for event in self.events:
            if isinstance(event, NodeEvent):
                root = self.node(event, 1)
            elif isinstance(event, DocumentStartEvent) and root is not None:
                self.stop(event, "documents", phrase("a second document begins here"), phrase("one template per file"))
        if root is None or (isinstance(root, YamlScalar) and root.is_null):
            self.problems.add(
                (1, 1), "empty", phrase("the file is empty"), phrase("a template begins with process: name")
            )
            return None
        return root

    def node(self, event: Any, depth: int) -> Tree:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop(
                event,
                "too-large",
                phrase("more than {most:,} values", most=MAX_NODES),
                phrase("a template has a few hundred"),
            )
        if depth > MAX_DEPTH:
            self.stop(event, "too-deep", phrase("nested more than {most} deep", most=MAX_DEPTH))
        if isinstance(event, AliasEvent):
            self.stop(
                event,
                "alias",
                phrase("the alias *{anchor} is not allowed", anchor=str(event.anchor)[:60]),
                phrase("write the value out"),
            )
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if event.ctag is not None:
            # A tag may ask a loader to build objects; nothing in a template needs one.
            self.problems.add(
                (line, column),
                "tag",
                phrase("the tag {tag} is not allowed", tag=str(event.tag)[:60]),
                phrase("remove it"),
            )
        if isinstance(event, ScalarEvent):
            if found := forbidden_character(event.value):
                self.problems.add(
                    (line, column), "character", phrase("the character {character} is not allowed", character=found[1])
                )
                # Other problems may repeat the text, and models take no half of a character.
                return YamlScalar(line, column, one_line(event.value, MAX_LINE), plain=not event.style)
            return YamlScalar(line, column, event.value, plain=not event.style)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(YamlSequence(line, column), depth)
        assert isinstance(event, MappingStartEvent)
        return self.mapping(YamlMapping(line, column), depth)

    def sequence(self, sequence: YamlSequence, depth: int) -> YamlSequence:
        for event in self.events:
            if not isinstance(event, NodeEvent):
                break
            sequence.items.append(self.node(event, depth + 1))
        return sequence

    def mapping(self, mapping: YamlMapping, depth: int) -> YamlMapping:
        for event in self.events:
            if not isinstance(event, NodeEvent):
                break
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if not isinstance(key, YamlScalar):
                self.problems.add(key, "key", phrase("a key must be a word"))
            elif key.plain and key.text == "<<":
                self.problems.add(key, "merge", phrase("merge keys are not allowed"), phrase("write the values out"))
            elif key.text in mapping.entries:
                first = mapping.entries[key.text][0]
                self.problems.add(
                    key,
                    "doubled-key",
                    phrase("'{key}' stands in line {line} already", key=key.text[:60], line=first.line),
                    phrase("keep one"),
                )
            else:
                mapping.entries[key.text] = (key, value)
        return mapping

    def stop(self, event: Any, rule: str, message: str, right: str | None = None) -> None:
        self.problems.add((event.start_mark.line + 1, event.start_mark.column + 1), rule, message, right)
        raise _Stop
