"""A first mapping for files that nobody has mapped yet: with comments, to be looked through and tried with --dry-run."""

import json
import re
from collections.abc import Iterator

from dealflow.adapters.imports.look.columns import SeenColumn
from dealflow.adapters.imports.look.roles import FoundJoin, Meant, Role, Roles, meanings, ready_for
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.column.times import ISO

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_. ]*")
_WORDS_OF_YAML = ("true", "false", "null", "yes", "no", "on", "off", "else", "snapshot")


def draft_of(roles: Roles, process: str | None, definition: ProcessDefinition | None) -> str:
    """The text of a mapping; what nothing in the files says is said in a comment."""
    return "\n".join(_lines(roles, process or "your-process", definition)) + "\n"


def _lines(roles: Roles, process: str, definition: ProcessDefinition | None) -> Iterator[str]:
    command = "log-csv" if roles.is_log else "crm-csv"
    files = " ".join(dict.fromkeys([roles.main.path.name, *(join.table.path.name for join in roles.joins)]))
    yield "# A first mapping, made from what the files hold. Look through every line, then try it:"
    yield f"#   dealflow import {command} {files} --mapping THIS-FILE --dry-run"
    if ready := ready_for(roles.main):
        yield f"# There is one ready for these columns: dealflow import mapping {ready}"
    yield f"source: {_source(roles)}"
    yield f"process: {process}"
    yield "zone: UTC                # of times without an offset: write the zone in which they were taken"
    yield from _dates(roles)
    yield "tables:"
    for table in dict.fromkeys([roles.main.path, *(join.table.path for join in roles.joins)]):
        seen = next(each for each in (roles.main, *(join.table for join in roles.joins)) if each.path == table)
        yield f"  {_name(seen.path.stem)}: {_table(seen.table.file, seen.table.encoding, seen.table.delimiter)}"
    yield f"rows: {_name(roles.main.path.stem)}"
    if roles.joins:
        yield "joins:"
        yield from map(_join, roles.joins)
    yield "deal:"
    yield from _deal(roles)
    yield "facts:"
    yield from _facts(roles, definition)


def _join(join: FoundJoin) -> str:
    wrong = ", ".join(f"{_text(value)}: {_text(right)}" for value, right in join.wrong.items())
    to = _text(f"{_name(join.table.path.stem)}.{join.key}")
    values = f", values: {{{wrong}}}" if wrong else ""
    return f"  - {{column: {_text(join.column)}, to: {to}{values}, optional: true}}"


def _dates(roles: Roles) -> Iterator[str]:
    dated = [column for column in roles.main.columns.values() if column.type == "date"]
    forms = tuple(dict.fromkeys(form for column in dated for form in column.forms if not column.two_ways))
    for column in dated:
        if column.two_ways:
            ways = " or ".join(column.forms[:3])
            yield f"# {column.name}: its cells can be read in two ways, {ways}: write under dates which one is meant"
    if forms and forms != (ISO,):
        yield f"dates: [{', '.join(form if form == ISO else json.dumps(form) for form in forms)}]"


def _deal(roles: Roles) -> Iterator[str]:
    yield from _role(roles, "id", "id")
    title = roles.first("title")
    case = roles.first("id")
    yield f"  title: {_text(title)}" if title else f"  title: {_text(f'{{{case}}}')}" if case else "  title: '?'"
    if not roles.is_log:
        yield from _opened(roles)
    yield from _role(roles, "owner", "owner", needed=False)
    yield from _role(roles, "customer", "customer", needed=False)
    yield from _role(roles, "amount", "amount", needed=False)


def _opened(roles: Roles) -> Iterator[str]:
    opened = roles.first("opened")
    if opened is not None and roles.main.columns[opened].empty:
        yield f"  opened: [{_text(opened)}, snapshot]          # {roles.main.columns[opened].empty:,} rows have no date"
    else:
        yield from _role(roles, "opened", "opened")


def _role(roles: Roles, role: Role, key: str, *, needed: bool = True) -> Iterator[str]:
    found = roles.columns.get(role, ())
    also = f"          # or: {', '.join(found[1:4])}" if len(found) > 1 else ""
    if found:
        yield f"  {key}: {_text(found[0])}{also}"
    elif needed:
        yield f"  {key}: '?'          # no column looks like it"


def _facts(roles: Roles, definition: ProcessDefinition | None) -> Iterator[str]:
    stage = roles.first("stage")
    if stage is None:
        yield "  every: []              # no column looks like a stage: say here what each row stands for"
        return
    also = roles.columns["stage"][1:4]
    yield f"  by: {_text(stage)}" + (f"          # or: {', '.join(also)}" if also else "")
    if roles.is_log:
        yield f"  at: {_text(roles.first('opened') or '?')}"
        if resource := roles.first("resource") or roles.first("owner"):
            yield f"  resource: {_text(resource)}"
    yield "  values:"
    for meant in meanings(roles.main.columns[stage], definition, of_events=roles.is_log):
        yield f"    {_text(meant.value, key=True)}: {_rule(meant, roles, definition)}"


def _rule(meant: Meant, roles: Roles, definition: ProcessDefinition | None) -> str:
    rows = f"  # {meant.rows:,} row{'s' if meant.rows != 1 else ''}" + (
        f", by the word '{meant.near}'" if meant.near else ""
    )
    if not meant.kind:
        return f"[]{rows}: no word of the process is like it"
    is_first = definition is not None and meant.kind == "stage" and meant.name == definition.stages[0].id
    if is_first and not roles.is_log:
        return f"[]{rows}: every deal begins there"
    opened, closed = roles.first("opened"), roles.first("closed")
    dated = closed or opened if meant.kind == "outcome" else opened
    parts = [f"{meant.kind}: {meant.name}"]
    parts += [] if roles.is_log else [f"at: {_text(dated or '?')}"]
    if meant.name == "won" and not roles.is_log and (amount := roles.first("amount")):
        parts.append(f"amount: {_text(amount)}")
    fields = _fields(meant, roles, definition)
    parts += [f"fields: {{{fields}}}"] if fields else []
    return f"[{{{', '.join(parts)}}}]{rows}"


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
