"""What must hold in a template as a whole: references, order, gates, ladder, rules; and a few warnings."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar, YamlSequence, one_of
from dealflow.adapters.processes.cel import MAX_EXPRESSION, RESERVED, CelRules, Expected
from dealflow.domain.process.definition import DecisionNode, Field, FieldType, ProcessDefinition, Stage, Standard, Text
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.language import LANGUAGES

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
        found = self.tree
        for step in path:
            if isinstance(found, YamlMapping) and step in found.entries:
                found = found.entries[str(step)][1]
            elif isinstance(found, YamlSequence) and isinstance(step, int) and step < len(found.items):
                found = found.items[step]
            else:
                break
        return found

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
        for what, group in (("stage", stages), ("node or milestone", nodes), ("lost reason", reasons)):
            first: dict[str, int] = {}
            for name, path in group:
                place = self.at(*path, "id")
                if name and name in first:
                    wrong = f"{what} '{name}' stands in line {first[name]} already"
                    self.problems.add(place, "duplicate-id", wrong, "ids are unique over the whole process")
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
                    wrong = f"the field name '{name}' is kept by the rule language"
                    self.problems.add(self.key(*path, name), "reserved-name", wrong, suggestion=f"{name}_given")

    def calendar(self, calendars: BusinessCalendars, today: date | None) -> None:
        name = self.draft.calendar
        if name not in calendars.names:
            known = sorted(calendars.names)
            wrong = f"unknown calendar '{name[:60]}'"
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
                more = f" (as for {len(places) - 1} more clocks in this file)" if len(places) > 1 else ""
                wrong = f"calendar '{name}' has no plan for {today.year + 1} yet; its deadlines are provisional{more}"
                self.problems.add(place, "calendar-plan", wrong, severity="warning")

    def winning(self) -> None:
        winning = [i for i, stage in enumerate(self.draft.stages) if stage.wins]
        if not winning and self.draft.stages:
            self.problems.add(self.at("stages"), "no-win", "no stage wins the deal", "write wins: true at one stage")
        for i in winning[1:]:
            first = self.stage_order[winning[0]]
            wrong = f"stage '{self.stage_order[i]}' wins too, as '{first}' does"
            self.problems.add(self.at("stages", i, "wins"), "two-wins", wrong, "only one stage wins")
        for i, stage in enumerate(self.draft.stages):
            if stage.closes_after is not None and winning and i <= winning[0]:
                wrong = f"stage '{stage.id}' would close before the deal is won"
                right = f"only after '{self.stage_order[winning[0]]}'"
                self.problems.add(self.at("stages", i, "closes_after"), "closes-before-win", wrong, right)

    def stage(self, index: int, stage: Stage) -> None:
        here = ("stages", index)
        required = any(not node.optional for node in stage.nodes)
        if stage.gate in ("milestones", "both") and not stage.milestones:
            wrong = f"the gate of '{stage.id}' waits for milestones, and it has none"
            self.problems.add(self.at(*here, "gate"), "gate-without-milestones", wrong, "add milestones or gate: nodes")
        if stage.gate == "both" and not required:
            wrong = f"the gate of '{stage.id}' waits for nodes too, and none is required"
            self.problems.add(self.at(*here, "gate"), "gate-without-nodes", wrong, "write gate: milestones")
        leaves = any(milestone.leaves for milestone in stage.milestones)
        if stage.gate == "nodes" and not (stage.nodes or leaves or stage.closes_after is not None):
            wrong = f"stage '{stage.id}' can never be left"
            right = "add a node, a milestone with leaves: true, or closes_after"
            self.problems.add(self.at(*here, "id"), "never-left", wrong, right)
        for i, back in enumerate(stage.back_to):
            earlier = self.stage_order[:index]
            if back not in earlier:
                right = one_of(earlier) if earlier else "the first stage has no way back"
                kind = "back-not-earlier" if back in self.stage_order else "unknown-stage"
                wrong = f"'{back[:60]}' is " + ("not an earlier stage" if back in self.stage_order else "no stage")
                self.problems.add(self.at(*here, "back_to", i), kind, wrong, right, near=(back, earlier))
        for i, node in enumerate(stage.nodes):
            self.node((*here, "nodes", i), node)

    def node(self, path: Path, node: DecisionNode) -> None:
        if node.met_by is not None:
            position = self.node_order.index(node.id)
            later = [name for name in self.node_order[position + 1 :] if name != node.id]
            if node.met_by not in later:
                known = node.met_by in self.node_order
                wrong = f"'{node.met_by[:60]}' is " + ("not a later node" if known else "no node")
                rule = "met-by-not-later" if known else "unknown-node"
                right = one_of(later) if later else "no node comes after this one"
                self.problems.add(self.at(*path, "met_by"), rule, wrong, right, near=(node.met_by, later))
        self.standard((*path, "standard"), node.standard)
        field = node.opens.customer_field if node.opens is not None else None
        if field is not None:
            kinds = [self.draft.evidence[kind] for kind in node.standard.kinds if kind in self.draft.evidence]
            names = sorted({name for kind in kinds for name in kind.fields})
            if field not in names:
                wrong = f"'{field[:60]}' is not a field of the evidence of node '{node.id}'"
                place = self.at(*path, "opens", "customer_field")
                self.problems.add(place, "unknown-field", wrong, one_of(names), near=(field, names))

    def standard(self, path: Path, standard: Standard) -> None:
        for key, parts in (("all_of", standard.all_of), ("any_of", standard.any_of)):
            for i, part in enumerate(parts):
                self.standard((*path, key, i), part)
        if standard.not_older_than is not None and standard.not_older_than.unit.is_working:
            wrong = "the age of evidence is counted in elapsed time"
            self.problems.add(self.at(*path, "not_older_than"), "unit", wrong, f"one of {_ELAPSED_UNITS}")
        kind = standard.evidence
        if kind is None:
            return
        if kind not in self.draft.evidence:
            known = sorted(self.draft.evidence)
            right = one_of(known) if known else "describe it under evidence:"
            wrong = f"unknown evidence kind '{kind[:60]}'"
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
                    place, "unknown-field", f"'{name[:60]}' is not a field of '{kind}'", near=(name, fields)
                )
            elif name and fields[name].type not in _SUMMED:
                wrong = f"'{name}' is of type {fields[name].type.value} and cannot be added up"
                self.problems.add(place, "sum-type", wrong, "a field of type money or integer")
            if standard.sum.at_least:
                self.expression((*path, "sum", "at_least"), kind, standard.sum.at_least, "int")

    def expression(self, path: Path, kind: str, text: str, expected: Expected) -> None:
        place = self.at(*path)
        for fault in self.rules.check_expression(kind, text, expected):
            where = f"line {fault.line}, column {fault.column}" if fault.line > 1 else f"column {fault.column}"
            shown = f"{where} of the expression: {fault.message}"
            right = f"at most {MAX_EXPRESSION} characters" if len(text) > MAX_EXPRESSION else None
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
                    wrong = f"the warning after {clock.warn} does not come before the limit of {clock.limit}"
                    self.problems.add(self.at("stages", i, "clocks", name, "warn"), "warn-after-limit", wrong)
        rungs = self.draft.ladder.rungs
        for i, (before, rung) in enumerate(pairwise(rungs), start=1):
            if _order(before.after, rung.after) == 1:
                wrong = f"the rung after {rung.after} stands behind the one after {before.after}"
                self.problems.add(self.at("ladder", "rungs", i, "after"), "rung-order", wrong, "order rungs by 'after'")
        decisions = self.draft.decisions
        if _order(decisions.next_deadline, decisions.cap) == 1:
            wrong = f"the next deadline of {decisions.next_deadline} is beyond the cap of {decisions.cap}"
            self.problems.add(self.at("decisions"), "deadline-beyond-cap", wrong)

    def translations(self) -> None:
        for what, path, text, needed in self.texts():
            missing = [locale for locale in LANGUAGES if locale not in text]
            if missing and (text or needed):
                wrong = f"{what} has no wording in {' and '.join(missing)}"
                self.problems.add(self.at(*path), "translation", wrong, severity="warning")

    def texts(self) -> Iterator[tuple[str, Path, Text, bool]]:
        """What it is, where it stands, its wordings, and whether it is missed when there is none at all."""
        draft = self.draft
        yield "the title", ("title",), draft.title, True
        for kind in draft.evidence.values():
            yield f"the title of '{kind.id}'", ("evidence", kind.id, "title"), kind.title, False
            yield from self.field_texts(("evidence", kind.id, "fields"), kind.fields.items())
        for i, stage in enumerate(draft.stages):
            yield f"the title of stage '{stage.id}'", ("stages", i, "title"), stage.title, True
            for j, milestone in enumerate(stage.milestones):
                path: Path = ("stages", i, "milestones", j)
                yield f"the title of milestone '{milestone.id}'", (*path, "title"), milestone.title, False
                yield from self.field_texts((*path, "fields"), milestone.fields.items())
            for j, node in enumerate(stage.nodes):
                path = ("stages", i, "nodes", j)
                yield f"the title of node '{node.id}'", (*path, "title"), node.title, True
                yield f"the playbook of node '{node.id}'", (*path, "playbook"), node.playbook, False
                yield from self.standard_texts((*path, "standard"), node.id, node.standard)
        for i, reason in enumerate(draft.lost_reasons):
            yield f"the title of lost reason '{reason.id}'", ("lost_reasons", i, "title"), reason.title, False

    def standard_texts(self, path: Path, node: str, standard: Standard) -> Iterator[tuple[str, Path, Text, bool]]:
        yield f"'says' of node '{node}'", (*path, "says"), standard.says, False
        for key, parts in (("all_of", standard.all_of), ("any_of", standard.any_of)):
            for i, part in enumerate(parts):
                yield from self.standard_texts((*path, key, i), node, part)

    def field_texts(self, path: Path, fields: Iterable[tuple[str, Field]]) -> Iterator[tuple[str, Path, Text, bool]]:
        for name, field in fields:
            yield f"the title of field '{name}'", (*path, name), field.title, False


def _order(one: Duration, other: Duration) -> int | None:
    """-1, 0, 1 as `one` is shorter, equal or longer; None where only a calendar could tell."""
    if one.count == 0 or other.count == 0 or one.unit == other.unit:
        return (one.count > other.count) - (one.count < other.count)
    if one.unit.is_working or other.unit.is_working:
        return None
    return (one.elapsed > other.elapsed) - (one.elapsed < other.elapsed)
