"""What the columns of files may be for: by their types, their values and their names. A person decides."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from dealflow.adapters.imports.look.columns import MAX_DISTINCT, SeenColumn, SeenTable
from dealflow.domain.process.definition import ProcessDefinition, Text
from dealflow.domain.values.suggest import Suggestions
from dealflow.domain.values.text.spelling import normal_name

Role = Literal["id", "stage", "opened", "closed", "owner", "amount", "customer", "title", "resource"]
_NAMES: Mapping[Role, str] = {
    "id": r"(^|[_ :])(id|key|no|number|case)$|编号|^(case:concept:name|.*(deal|opportunity|record|case)[_ ]?id)$",
    "stage": r"stage|status|state|phase|activity|^concept:name$|阶段|状态|活动",
    "opened": r"creat|open|engag|start|begin|^seen$|contact|entered|timestamp|^when$|time|创建|开始|日期|date",
    "closed": r"clos|won|end|finish|sign|decid|成交|结束|关闭",
    "owner": r"owner|agent|sales?.?(rep|person)|seller|负责人|销售",
    "amount": r"amount|value|worth|price|revenue|金额|总价",
    "customer": r"account|customer|client|company|organi[sz]ation|客户|公司",
    "title": r"title|subject|(deal|opportunity|property_deal)[_ ]?name|^name$|名称|标题",
    "resource": r"resource|^who$|user|performer|created_?by|source_id|操作人",
}
_OF_TYPES: Mapping[Role, tuple[str, ...]] = {
    "stage": ("text",),
    "opened": ("date",),
    "closed": ("date",),
    "amount": ("number",),
    "owner": ("text", "number"),
    "customer": ("text", "number"),
    "title": ("text",),
    "resource": ("text", "number"),
}
_OUTCOMES: Mapping[str, str] = {
    "won": r"\bwon\b|closed ?won|success|赢|成交",
    "lost": r"\blost\b|closed ?lost|declin|reject|输|丢单|流失",
    "cancelled": r"cancel|withdrawn|取消",
}
# Stage histories for which a mapping is ready: the columns of the id, the stage and the time, and what else is there.
_SHAPES: Mapping[str, tuple[str, ...]] = {
    "salesforce-fields": ("OpportunityId", "NewValue", "CreatedDate", "Field", "OldValue"),
    "salesforce": ("OpportunityId", "StageName", "CreatedDate"),
    "salesforce-fivetran": ("id", "stage_name", "_fivetran_start"),
    "hubspot": ("deal_id", "value", "timestamp", "name"),
    "hubspot-stages": ("deal_id", "value", "date_entered"),
}
_OF_SHAPES: tuple[Role, ...] = ("id", "stage", "opened")
_YES_OR_NO = frozenset(("true", "false", "yes", "no"))
_Word = tuple[Literal["stage", "evidence", "milestone"], str]
_MOST_STAGES = 60
_CONTAINED = 0.8


@dataclass(frozen=True)
class Meant:
    """What a value may stand for, if anything that is known; `near` is the word of the process that is like it."""

    value: str
    rows: int
    kind: Literal["stage", "outcome", "evidence", "milestone", ""] = ""
    name: str = ""
    near: str | None = None


@dataclass(frozen=True)
class FoundJoin:
    """A column whose values stand in a column of another table, each once there; `wrong` are those that almost do."""

    column: str
    table: SeenTable
    key: str
    wrong: Mapping[str, str]


@dataclass(frozen=True)
class Roles:
    """The main table, whether its rows are events, and the columns that may have each role."""

    main: SeenTable
    is_log: bool
    columns: Mapping[Role, tuple[str, ...]]
    joins: tuple[FoundJoin, ...]

    def first(self, role: Role) -> str | None:
        """The likeliest column."""
        return next(iter(self.columns.get(role, ())), None)


def roles_of(tables: Iterable[SeenTable]) -> Roles:
    """The likeliest roles: the main table is the one that the others are joined to, and with most rows."""
    listed = list(tables)
    main = max(listed, key=lambda table: (ready_for(table) is not None, _has_stage(table), table.rows))
    ids = _ids(main)
    repeated = [name for name in ids if main.columns[name].filled >= 2 * len(main.columns[name].values)]
    ready = ready_for(main)
    is_log = ready is not None or (bool(repeated) and any(column.type == "date" for column in main.columns.values()))
    found: dict[Role, tuple[str, ...]] = {"id": tuple(repeated or ids if is_log else ids)}
    for role, types in _OF_TYPES.items():
        fitting = [
            column for column in main.columns.values() if column.type in types and column.name not in found["id"][:1]
        ]
        named = [column.name for column in fitting if re.search(_NAMES[role], column.name.lower())]
        if role == "stage":
            few = [column.name for column in fitting if _is_choice(column)]
            named = [name for name in named if name in few] or few
        if role == "opened" and not named:
            named = [column.name for column in fitting]
        found[role] = tuple(named)
    found["opened"] = tuple(name for name in found["opened"] if name not in found["closed"]) or found["opened"]
    if ready is not None:
        for role, name in zip(_OF_SHAPES, _SHAPES[ready], strict=False):
            found[role] = (name, *(each for each in found[role] if each != name))
    joins = tuple(join for table in listed if table is not main for join in _joins(main, table))
    return Roles(main, is_log, found, joins)


def meanings(column: SeenColumn, process: ProcessDefinition | None, *, of_events: bool) -> list[Meant]:
    """What each value of the column may stand for, the most frequent first; that of an event is evidence before it is a stage."""
    words = _words(process, of_events=of_events) if process is not None else {}
    return [_meant(value, rows, words) for value, rows in column.values.most_common(_MOST_STAGES)]


def ready_for(table: SeenTable) -> str | None:
    """The ready mapping for a table with these columns."""
    return next((name for name, columns in _SHAPES.items() if table.columns.keys() >= set(columns)), None)


def _meant(value: str, rows: int, words: Mapping[str, _Word]) -> Meant:
    lower = value.casefold()
    for outcome, pattern in _OUTCOMES.items():
        if re.search(pattern, lower):
            return Meant(value, rows, "outcome", outcome)
    if lower in words:
        return Meant(value, rows, *words[lower])
    near = Suggestions().nearest(lower, words)
    return Meant(value, rows, *words[near], near) if near else Meant(value, rows)


def _words(process: ProcessDefinition, *, of_events: bool) -> dict[str, _Word]:
    """The ids and titles of what the process has; a word of a node is one of its stage."""
    stages: list[tuple[str, Text, _Word]] = []
    for stage in process.stages:
        stages.append((stage.id, stage.title, ("stage", stage.id)))
        stages += [(node.id, node.title, ("stage", stage.id)) for node in stage.nodes]
    facts: list[tuple[str, Text, _Word]] = [
        *((kind.id, kind.title, ("evidence", kind.id)) for kind in process.evidence.values()),
        *((one.id, one.title, ("milestone", one.id)) for _, one in process.milestones.values()),
    ]
    words: dict[str, _Word] = {}
    for name, title, meant in (*facts, *stages) if of_events else stages:
        for word in (name.replace("_", " "), name, *title.values()):
            words.setdefault(normal_name(word).casefold(), meant)
    return words


def _is_choice(column: SeenColumn) -> bool:
    """Whether its values are few, and more than yes and no."""
    return 1 < len(column.values) <= _MOST_STAGES and not _YES_OR_NO.issuperset(map(str.casefold, column.values))


def _has_stage(table: SeenTable) -> bool:
    named = re.compile(_NAMES["stage"])
    return any(_is_choice(column) and named.search(column.name.lower()) for column in table.columns.values())


def _ids(table: SeenTable) -> list[str]:
    """The columns that may name a deal, the likeliest first."""
    named = re.compile(_NAMES["id"])
    filled = [column for column in table.columns.values() if column.filled and not column.empty]
    by_name = [column for column in filled if named.search(column.name.lower())]
    of_deals = [column for column in by_name if re.search(r"deal|opportunity|case|record", column.name.lower())]
    unique = [column for column in filled if column.is_unique and column.type != "date"]
    return list(dict.fromkeys(column.name for column in (*of_deals, *by_name, *(() if by_name else unique))))


def _joins(main: SeenTable, other: SeenTable) -> Iterable[FoundJoin]:
    keys = [column for column in other.columns.values() if column.is_unique and len(column.values) < MAX_DISTINCT]
    for key in keys:
        for column in main.columns.values():
            if column.type == "date" or not column.values:
                continue
            known = key.values.keys()
            outside = [value for value in column.values if value not in known]
            if len(column.values) - len(outside) >= _CONTAINED * len(column.values) and _is_named(column, key, other):
                yield FoundJoin(column.name, other, key.name, _nearly(outside, known))
                return


def _is_named(column: SeenColumn, key: SeenColumn, other: SeenTable) -> bool:
    """Small numbers stand in any column of numbers: they must be called alike too."""
    alike = {_plain(column.name), _plain(column.name).removesuffix("id")} & {_plain(key.name), _plain(other.path.stem)}
    return column.type == "text" or bool(alike)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _nearly(outside: Iterable[str], known: Collection[str]) -> dict[str, str]:
    suggestions = Suggestions()
    return {value: near for value in outside if (near := suggestions.nearest(value, known)) is not None}
