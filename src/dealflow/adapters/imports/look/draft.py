"""A first mapping for files that nobody has mapped yet: with comments, to be looked through and tried with --dry-run."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dealflow.adapters.imports.look.columns import SeenColumn
from dealflow.adapters.imports.look.roles import FoundJoin, Meant, Role, Roles, meanings, ready_for
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.column.times import ISO
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import NOTHING, Phrase, counted, phrase

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_. ]*")
_WORDS_OF_YAML = ("true", "false", "null", "yes", "no", "on", "off", "else", "snapshot")


Say = Callable[[str], str]


class _Line(NamedTuple):
    """A line of the mapping, with what is said of it."""

    code: str = ""
    said: Phrase = NOTHING

    def written(self, say: Say) -> str:
        """The line in the language of whoever will look through it."""
        said = f"# {one_line(say(self.said))}" if self.said else ""
        return f"{self.code}          {said}" if self.code and said else f"{self.code}{said}"


def draft_of(roles: Roles, process: str | None, definition: ProcessDefinition | None, say: Say = str) -> str:
    """The text of a mapping; what nothing in the files says is said in a comment, which `say` puts into a language."""
    return "\n".join(line.written(say) for line in _lines(roles, process or "your-process", definition)) + "\n"


def _lines(roles: Roles, process: str, definition: ProcessDefinition | None) -> Iterator[_Line]:
    command = "log-csv" if roles.is_log else "crm-csv"
    files = " ".join(dict.fromkeys([roles.main.path.name, *(join.table.path.name for join in roles.joins)]))
    yield _Line(said=phrase("A first mapping, made from what the files hold. Look through every line, then try it:"))
    yield _Line(f"#   dealflow import {command} {files} --mapping THIS-FILE --dry-run")
    if ready := ready_for(roles.main):
        yield _Line(
            said=phrase("There is one ready for these columns: {command}", command=f"dealflow import mapping {ready}")
        )
    yield _Line(f"source: {_source(roles)}")
    yield _Line(f"process: {process}")
    yield _Line("zone: UTC", phrase("of times without an offset: write the zone in which they were taken"))
    yield from _dates(roles)
    yield _Line("tables:")
    for table in dict.fromkeys([roles.main.path, *(join.table.path for join in roles.joins)]):
        seen = next(each for each in (roles.main, *(join.table for join in roles.joins)) if each.path == table)
        yield _Line(f"  {_name(seen.path.stem)}: {_table(seen.table.file, seen.table.encoding, seen.table.delimiter)}")
    yield _Line(f"rows: {_name(roles.main.path.stem)}")
    if roles.joins:
        yield _Line("joins:")
        yield from (_Line(_join(join)) for join in roles.joins)
    yield _Line("deal:")
    yield from _deal(roles)
    yield _Line("facts:")
    yield from _facts(roles, definition)


def _join(join: FoundJoin) -> str:
    wrong = ", ".join(f"{_text(value)}: {_text(right)}" for value, right in join.wrong.items())
    to = _text(f"{_name(join.table.path.stem)}.{join.key}")
    values = f", values: {{{wrong}}}" if wrong else ""
    return f"  - {{column: {_text(join.column)}, to: {to}{values}, optional: true}}"


def _dates(roles: Roles) -> Iterator[_Line]:
    dated = [column for column in roles.main.columns.values() if column.type == "date"]
    forms = tuple(dict.fromkeys(form for column in dated for form in column.forms if not column.two_ways))
    for column in dated:
        if column.two_ways:
            said = phrase(
                "{column}: its cells can be read in two ways, {ways}: write under dates which one is meant",
                column=column.name,
                ways=column.forms[:3],
            )
            yield _Line(said=said)
    if forms and forms != (ISO,):
        yield _Line(
            f"dates: [{', '.join(form if form == ISO else json.dumps(form, ensure_ascii=False) for form in forms)}]"
        )


def _deal(roles: Roles) -> Iterator[_Line]:
    yield from _role(roles, "id", "id")
    title = roles.first("title")
    case = roles.first("id")
    named = f"  title: {_text(title)}" if title else f"  title: {_text(f'{{{case}}}')}" if case else "  title: '?'"
    yield _Line(named)
    if not roles.is_log:
        yield from _opened(roles)
    yield from _role(roles, "owner", "owner", needed=False)
    yield from _role(roles, "customer", "customer", needed=False)
    yield from _role(roles, "amount", "amount", needed=False)


def _opened(roles: Roles) -> Iterator[_Line]:
    opened = roles.first("opened")
    if opened is not None and (empty := roles.main.columns[opened].empty):
        said = counted("{n:,} row has no date", "{n:,} rows have no date", empty)
        yield _Line(f"  opened: [{_text(opened)}, snapshot]", said)
    else:
        yield from _role(roles, "opened", "opened")


def _role(roles: Roles, role: Role, key: str, *, needed: bool = True) -> Iterator[_Line]:
    found = roles.columns.get(role, ())
    if found:
        yield _Line(f"  {key}: {_text(found[0])}", _or(found[1:4]))
    elif needed:
        yield _Line(f"  {key}: '?'", phrase("no column looks like it"))


def _or(others: Sequence[str]) -> Phrase:
    return phrase("or: {others}", others=tuple(others)) if others else NOTHING


def _facts(roles: Roles, definition: ProcessDefinition | None) -> Iterator[_Line]:
    stage = roles.first("stage")
    if stage is None:
        yield _Line("  every: []", phrase("no column looks like a stage: say here what each row stands for"))
        return
    yield _Line(f"  by: {_text(stage)}", _or(roles.columns["stage"][1:4]))
    if roles.is_log:
        yield _Line(f"  at: {_text(roles.first('opened') or '?')}")
        if resource := roles.first("resource") or roles.first("owner"):
            yield _Line(f"  resource: {_text(resource)}")
    yield _Line("  values:")
    for meant in meanings(roles.main.columns[stage], definition, of_events=roles.is_log):
        rule, said = _rule(meant, roles, definition)
        yield _Line(f"    {_text(meant.value, key=True)}: {rule}", said)


def _rule(meant: Meant, roles: Roles, definition: ProcessDefinition | None) -> tuple[str, Phrase]:
    """What a value stands for, and why."""
    if not meant.kind:
        return "[]", counted(
            "{n:,} row: no word of the process is like it", "{n:,} rows: no word of the process is like it", meant.rows
        )
    is_first = definition is not None and meant.kind == "stage" and meant.name == definition.stages[0].id
    if is_first and not roles.is_log:
        return "[]", counted("{n:,} row: every deal begins there", "{n:,} rows: every deal begins there", meant.rows)
    opened, closed = roles.first("opened"), roles.first("closed")
    dated = closed or opened if meant.kind == "outcome" else opened
    parts = [f"{meant.kind}: {meant.name}"]
    parts += [] if roles.is_log else [f"at: {_text(dated or '?')}"]
    if meant.name == "won" and not roles.is_log and (amount := roles.first("amount")):
        parts.append(f"amount: {_text(amount)}")
    fields = _fields(meant, roles, definition)
    parts += [f"fields: {{{fields}}}"] if fields else []
    said = (
        counted("{n:,} row, by the word '{near}'", "{n:,} rows, by the word '{near}'", meant.rows, near=meant.near)
        if meant.near
        else counted("{n:,} row", "{n:,} rows", meant.rows)
    )
    return f"[{{{', '.join(parts)}}}]", said


def _fields(meant: Meant, roles: Roles, definition: ProcessDefinition | None) -> str:
    """The fields that are needed, each from the column of its name."""
    if definition is None or meant.kind not in ("evidence", "milestone"):
        return ""
    kind = definition.evidence[meant.name] if meant.kind == "evidence" else definition.milestones[meant.name][1]
    columns = {name.casefold(): name for name in roles.main.columns}
    needed = [name for name, field in kind.fields.items() if field.required]
    return ", ".join(f"{name}: {_text(columns.get(name.casefold(), '?'))}" for name in needed)


def _table(file: str, encoding: str, delimiter: str) -> str:
    more = [f"encoding: {encoding}"] if encoding != "utf-8-sig" else []
    more += [f"delimiter: {'tab' if delimiter == chr(9) else json.dumps(delimiter)}"] if delimiter != "," else []
    return f"{{file: {', '.join([_text(file), *more])}}}" if more else _text(file)


def _source(roles: Roles) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", roles.main.path.stem.lower()).strip("-")
    return name if name[:1].isalpha() else f"source-{name}".rstrip("-")


def _name(stem: str) -> str:
    return re.sub(r"\W+", "_", stem)


def _text(text: str, *, key: bool = False) -> str:
    is_plain = _PLAIN.fullmatch(text) and text == text.strip() and text.lower() not in _WORDS_OF_YAML
    return text if is_plain and not (key and "*" in text) else json.dumps(text, ensure_ascii=False)


def shown_type(column: SeenColumn) -> str:
    """The type of a column with the form that reads it."""
    if column.type != "date":
        return column.type
    forms = " | ".join(column.forms[:2])
    return f"date: {forms}?" if column.two_ways else f"date: {forms}"
