"""What must hold in a template as a whole: references, order, gates, ladder, rules; and a few warnings."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.files.file_model import place_of
from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar, one_of
from dealflow.adapters.processes.cel import MAX_EXPRESSION, RESERVED, CelRules, Expected
from dealflow.domain.process.definition import DecisionNode, Field, FieldType, ProcessDefinition, Stage, Standard, Text
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.language import LANGUAGES
from dealflow.domain.values.phrase import counted, phrase

Path = tuple[str | int, ...]
_SUMMED = (FieldType.MONEY, FieldType.INTEGER)
_ELAPSED_UNITS = ", ".join(unit.value for unit in Unit if not unit.is_working)


def check_process(
    draft: ProcessDefinition, tree: Tree, problems: Problems, calendars: BusinessCalendars, today: date | None = None
) -> None:
    """Add every fault of the draft to `problems`; the draft may itself be faulty and is never changed."""
    check = _Check(draft, tree, problems)
    check.ids()
    check.evidence()
    check.calendar(calendars, today)
    check.winning()
    for index, stage in enumerate(draft.stages):
        check.stage(index, stage)
    check.durations()
    check.translations()


class _Check:
    def __init__(self, draft: ProcessDefinition, tree: Tree, problems: Problems) -> None:
        self.draft = draft
        self.tree = tree
        self.problems = problems
        self.rules = CelRules(draft)
        self.node_order = [node.id for stage in draft.stages for node in stage.nodes]
        self.stage_order = [stage.id for stage in draft.stages]

    def at(self, *path: str | int) -> Tree:
        """The part of the file at a path, or the nearest part around it that exists."""
        return place_of(self.tree, path)

    def key(self, *path: str | int) -> Tree:
        """The key under which a part stands, for faults of the name itself."""
        around = self.at(*path[:-1])
        if isinstance(around, YamlMapping) and path[-1] in around.entries:
            return around.entries[str(path[-1])][0]
        return around

    def ids(self) -> None:
        nodes: list[tuple[str, Path]] = []
        stages: list[tuple[str, Path]] = []
        for i, stage in enumerate(self.draft.stages):
            stages.append((stage.id, ("stages", i)))
            nodes += [(item.id, ("stages", i, "milestones", j)) for j, item in enumerate(stage.milestones)]
            nodes += [(item.id, ("stages", i, "nodes", j)) for j, item in enumerate(stage.nodes)]
        reasons: list[tuple[str, Path]] = [(r.id, ("lost_reasons", i)) for i, r in enumerate(self.draft.lost_reasons)]
        for what, group in (
            (phrase("stage"), stages),
            (phrase("node or milestone"), nodes),
            (phrase("lost reason"), reasons),
        ):
            first: dict[str, int] = {}
            for name, path in group:
                place = self.at(*path, "id")
                if name and name in first:
                    wrong = phrase(
                        "{what} '{name}' stands in line {first} already", what=what, name=name, first=first[name]
                    )
                    self.problems.add(place, "duplicate-id", wrong, phrase("ids are unique over the whole process"))
                first.setdefault(name, place.line)

    def evidence(self) -> None:
        groups: list[tuple[Path, dict[str, Field]]] = [
            (("evidence", kind, "fields"), self.draft.evidence[kind].fields) for kind in self.draft.evidence
        ]
        for i, stage in enumerate(self.draft.stages):
            groups += [(("stages", i, "milestones", j, "fields"), m.fields) for j, m in enumerate(stage.milestones)]
        for path, fields in groups:
            for name in fields:
                if name in RESERVED:
                    wrong = phrase("the field name '{name}' is kept by the rule language", name=name)
                    self.problems.add(self.key(*path, name), "reserved-name", wrong, suggestion=f"{name}_given")

    def calendar(self, calendars: BusinessCalendars, today: date | None) -> None:
        name = self.draft.calendar
        if name not in calendars.names:
            known = sorted(calendars.names)
            wrong = phrase("unknown calendar '{name}'", name=name[:60])
            self.problems.add(self.at("calendar"), "unknown-calendar", wrong, one_of(known), near=(name, known))
        elif today is not None and calendars.get(name).is_provisional(today.year + 1):
            places = [
                self.at("stages", i, "clocks", clock)
                for i, stage in enumerate(self.draft.stages)
                for clock, limit in stage.clocks.items()
                if limit.limit.unit.is_working
            ]
            # One fault with one remedy, however many clocks it concerns.
            for place in places[:1]:
                wrong = phrase(
                    "calendar '{name}' has no plan for {year} yet; its deadlines are provisional",
                    name=name,
                    year=today.year + 1,
                )
                if len(places) > 1:
                    wrong = counted(
                        "{wrong} (as for {n} more clock in this file)",
                        "{wrong} (as for {n} more clocks in this file)",
                        len(places) - 1,
                        wrong=wrong,
                    )
                self.problems.add(place, "calendar-plan", wrong, severity="warning")

    def winning(self) -> None:
        winning = [i for i, stage in enumerate(self.draft.stages) if stage.wins]
        if not winning and self.draft.stages:
            self.problems.add(
                self.at("stages"), "no-win", phrase("no stage wins the deal"), phrase("write wins: true at one stage")
            )
        for i in winning[1:]:
            first = self.stage_order[winning[0]]
            wrong = phrase("stage '{stage}' wins too, as '{first}' does", stage=self.stage_order[i], first=first)
            self.problems.add(self.at("stages", i, "wins"), "two-wins", wrong, phrase("only one stage wins"))
        for i, stage in enumerate(self.draft.stages):
            if stage.closes_after is not None and winning and i <= winning[0]:
                wrong = phrase("stage '{id}' would close before the deal is won", id=stage.id)
                right = phrase("only after '{stage}'", stage=self.stage_order[winning[0]])
                self.problems.add(self.at("stages", i, "closes_after"), "closes-before-win", wrong, right)

    def stage(self, index: int, stage: Stage) -> None:
        here = ("stages", index)
        required = any(not node.optional for node in stage.nodes)
        if stage.gate in ("milestones", "both") and not stage.milestones:
            wrong = phrase("the gate of '{id}' waits for milestones, and it has none", id=stage.id)
            self.problems.add(
                self.at(*here, "gate"), "gate-without-milestones", wrong, phrase("add milestones or gate: nodes")
            )
        if stage.gate == "both" and not required:
            wrong = phrase("the gate of '{id}' waits for nodes too, and none is required", id=stage.id)
            self.problems.add(self.at(*here, "gate"), "gate-without-nodes", wrong, phrase("write gate: milestones"))
        leaves = any(milestone.leaves for milestone in stage.milestones)
        if stage.gate == "nodes" and not (stage.nodes or leaves or stage.closes_after is not None):
            wrong = phrase("stage '{id}' can never be left", id=stage.id)
            right = phrase("add a node, a milestone with leaves: true, or closes_after")
            self.problems.add(self.at(*here, "id"), "never-left", wrong, right)
        for i, back in enumerate(stage.back_to):
            earlier = self.stage_order[:index]
            if back not in earlier:
                right = one_of(earlier) if earlier else phrase("the first stage has no way back")
                kind = "back-not-earlier" if back in self.stage_order else "unknown-stage"
                wrong = (
                    phrase("'{stage}' is not an earlier stage", stage=back[:60])
                    if back in self.stage_order
                    else phrase("'{stage}' is no stage", stage=back[:60])
                )
                self.problems.add(self.at(*here, "back_to", i), kind, wrong, right, near=(back, earlier))
        for i, node in enumerate(stage.nodes):
            self.node((*here, "nodes", i), node)

    def node(self, path: Path, node: DecisionNode) -> None:
        if node.met_by is not None:
            position = self.node_order.index(node.id)
            later = [name for name in self.node_order[position + 1 :] if name != node.id]
            if node.met_by not in later:
                known = node.met_by in self.node_order
                wrong = (
                    phrase("'{node}' is not a later node", node=node.met_by[:60])
                    if known
                    else phrase("'{node}' is no node", node=node.met_by[:60])
                )
                rule = "met-by-not-later" if known else "unknown-node"
                right = one_of(later) if later else phrase("no node comes after this one")
                self.problems.add(self.at(*path, "met_by"), rule, wrong, right, near=(node.met_by, later))
        self.standard((*path, "standard"), node.standard)
        field = node.opens.customer_field if node.opens is not None else None
        if field is not None:
            kinds = [self.draft.evidence[kind] for kind in node.standard.kinds if kind in self.draft.evidence]
            names = sorted({name for kind in kinds for name in kind.fields})
            if field not in names:
                wrong = phrase("'{field}' is not a field of the evidence of node '{id}'", field=field[:60], id=node.id)
                place = self.at(*path, "opens", "customer_field")
                self.problems.add(place, "unknown-field", wrong, one_of(names), near=(field, names))

    def standard(self, path: Path, standard: Standard) -> None:
        for key, parts in (("all_of", standard.all_of), ("any_of", standard.any_of)):
            for i, part in enumerate(parts):
                self.standard((*path, key, i), part)
        if standard.not_older_than is not None and standard.not_older_than.unit.is_working:
            wrong = phrase("the age of evidence is counted in elapsed time")
            self.problems.add(
                self.at(*path, "not_older_than"), "unit", wrong, phrase("one of {units}", units=_ELAPSED_UNITS)
            )
        kind = standard.evidence
        if kind is None:
            return
        if kind not in self.draft.evidence:
            known = sorted(self.draft.evidence)
            right = one_of(known) if known else phrase("describe it under evidence:")
            wrong = phrase("unknown evidence kind '{kind}'", kind=kind[:60])
            self.problems.add(self.at(*path, "evidence"), "unknown-kind", wrong, right, near=(kind, known))
            return
        if standard.where:
            self.expression((*path, "where"), kind, standard.where, "bool")
        if standard.sum is not None:
            fields = self.draft.evidence[kind].fields
            name = standard.sum.field
            place = self.at(*path, "sum", "field")
            if name and name not in fields:
                self.problems.add(
                    place,
                    "unknown-field",
                    phrase("'{name}' is not a field of '{kind}'", name=name[:60], kind=kind),
                    near=(name, fields),
                )
            elif name and fields[name].type not in _SUMMED:
                wrong = phrase(
                    "'{name}' is of type {type} and cannot be added up", name=name, type=fields[name].type.value
                )
                self.problems.add(place, "sum-type", wrong, phrase("a field of type money or integer"))
            if standard.sum.at_least:
                self.expression((*path, "sum", "at_least"), kind, standard.sum.at_least, "int")

    def expression(self, path: Path, kind: str, text: str, expected: Expected) -> None:
        place = self.at(*path)
        for fault in self.rules.check_expression(kind, text, expected):
            where = (
                phrase("line {line}, column {column}", line=fault.line, column=fault.column)
                if fault.line > 1
                else phrase("column {column}", column=fault.column)
            )
            shown = phrase("{where} of the expression: {wrong}", where=where, wrong=fault.message)
            right = phrase("at most {most} characters", most=MAX_EXPRESSION) if len(text) > MAX_EXPRESSION else None
            at = self.inside(place, text, fault.column) if fault.line == 1 else (place.line, place.column)
            self.problems.add(at, "cel", shown, right, suggestion=fault.suggestion)

    def inside(self, place: Tree, text: str, column: int) -> tuple[int, int]:
        """The file's own column, where the expression stands in one line as it is."""
        line = self.problems.lines[place.line - 1] if place.line <= len(self.problems.lines) else ""
        offset = place.column - 1 + (0 if isinstance(place, YamlScalar) and place.plain else 1)
        return (place.line, offset + column) if line[offset:].startswith(text) else (place.line, place.column)

    def durations(self) -> None:
        for i, stage in enumerate(self.draft.stages):
            for name, clock in stage.clocks.items():
                if clock.warn is not None and _order(clock.warn, clock.limit) in (0, 1):
                    wrong = phrase(
                        "the warning after {warn} does not come before the limit of {limit}",
                        warn=clock.warn.said,
                        limit=clock.limit.said,
                    )
                    self.problems.add(self.at("stages", i, "clocks", name, "warn"), "warn-after-limit", wrong)
        rungs = self.draft.ladder.rungs
        for i, (before, rung) in enumerate(pairwise(rungs), start=1):
            if _order(before.after, rung.after) == 1:
                wrong = phrase(
                    "the rung after {late} stands behind the one after {early}",
                    late=rung.after.said,
                    early=before.after.said,
                )
                self.problems.add(
                    self.at("ladder", "rungs", i, "after"), "rung-order", wrong, phrase("order rungs by 'after'")
                )
        decisions = self.draft.decisions
        if _order(decisions.next_deadline, decisions.cap) == 1:
            wrong = phrase(
                "the next deadline of {next_deadline} is beyond the cap of {cap}",
                next_deadline=decisions.next_deadline.said,
                cap=decisions.cap.said,
            )
            self.problems.add(self.at("decisions"), "deadline-beyond-cap", wrong)

    def translations(self) -> None:
        for what, path, text, needed in self.texts():
            missing = [locale for locale in LANGUAGES if locale not in text]
            if missing and (text or needed):
                wrong = phrase("{what} has no wording in {missing}", what=what, missing=missing)
                self.problems.add(self.at(*path), "translation", wrong, severity="warning")

    def texts(self) -> Iterator[tuple[str, Path, Text, bool]]:
        """What it is, where it stands, its wordings, and whether it is missed when there is none at all."""
        draft = self.draft
        yield phrase("the title"), ("title",), draft.title, True
        for kind in draft.evidence.values():
            yield phrase("the title of '{id}'", id=kind.id), ("evidence", kind.id, "title"), kind.title, False
            yield from self.field_texts(("evidence", kind.id, "fields"), kind.fields.items())
        for i, stage in enumerate(draft.stages):
            yield phrase("the title of stage '{id}'", id=stage.id), ("stages", i, "title"), stage.title, True
            for j, milestone in enumerate(stage.milestones):
                path: Path = ("stages", i, "milestones", j)
                yield phrase("the title of milestone '{id}'", id=milestone.id), (*path, "title"), milestone.title, False
                yield from self.field_texts((*path, "fields"), milestone.fields.items())
            for j, node in enumerate(stage.nodes):
                path = ("stages", i, "nodes", j)
                yield phrase("the title of node '{id}'", id=node.id), (*path, "title"), node.title, True
                yield phrase("the playbook of node '{id}'", id=node.id), (*path, "playbook"), node.playbook, False
                yield from self.standard_texts((*path, "standard"), node.id, node.standard)
        for i, reason in enumerate(draft.lost_reasons):
            yield (
                phrase("the title of lost reason '{id}'", id=reason.id),
                ("lost_reasons", i, "title"),
                reason.title,
                False,
            )

    def standard_texts(self, path: Path, node: str, standard: Standard) -> Iterator[tuple[str, Path, Text, bool]]:
        yield phrase("'says' of node '{node}'", node=node), (*path, "says"), standard.says, False
        for key, parts in (("all_of", standard.all_of), ("any_of", standard.any_of)):
            for i, part in enumerate(parts):
                yield from self.standard_texts((*path, key, i), node, part)

    def field_texts(self, path: Path, fields: Iterable[tuple[str, Field]]) -> Iterator[tuple[str, Path, Text, bool]]:
        for name, field in fields:
            yield phrase("the title of field '{name}'", name=name), (*path, name), field.title, False


def _order(one: Duration, other: Duration) -> int | None:
    """-1, 0, 1 as `one` is shorter, equal or longer; None where only a calendar could tell."""
    if one.count == 0 or other.count == 0 or one.unit == other.unit:
        return (one.count > other.count) - (one.count < other.count)
    if one.unit.is_working or other.unit.is_working:
        return None
    return (one.elapsed > other.elapsed) - (one.elapsed < other.elapsed)
