"""What must hold in a template as a whole: references, order, gates, ladder, rules; and a few warnings."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, one_of
from dealflow.adapters.processes.cel import RESERVED
from dealflow.adapters.processes.standard_checks import Path, StandardChecks
from dealflow.domain.process.definition import DecisionNode, Field, ProcessDefinition, Stage, Standard, Text
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.phrase import counted, phrase


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


class _Check(StandardChecks):
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
            for j, milestone in enumerate(stage.milestones):
                groups.append((("stages", i, "milestones", j, "fields"), milestone.fields))
                self.milestone_fields(("stages", i, "milestones", j, "fields"), milestone.fields)
        for path, fields in groups:
            for name in fields:
                if name in RESERVED:
                    wrong = phrase("the field name '{name}' is kept by the rule language", name=name)
                    self.problems.add(self.key(*path, name), "reserved-name", wrong, suggestion=f"{name}_given")

    def milestone_fields(self, path: Path, fields: dict[str, Field]) -> None:
        for name, field in fields.items():
            if field.unique:
                wrong = phrase("only fields of evidence can be unique, and '{name}' is one of a milestone", name=name)
                self.problems.add(self.at(*path, name, "unique"), "field", wrong, phrase("remove unique"))

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
        if required or stage.gate != "nodes":
            self.leaving(here, stage)
        if "proof_lost" in stage.clocks and not required:
            wrong = phrase(
                "clock '{name}' of stage '{id}' watches nothing: no node is required", name="proof_lost", id=stage.id
            )
            self.problems.add(self.at(*here, "clocks", "proof_lost"), "clock-without-nodes", wrong, phrase("remove it"))
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

    def leaving(self, here: Path, stage: Stage) -> None:
        for i, milestone in enumerate(stage.milestones):
            if milestone.leaves:
                wrong = phrase(
                    "'leaves' of milestone '{id}' decides nothing: the gate of its stage does", id=milestone.id
                )
                right = phrase("remove it; it is for stages without required nodes")
                self.problems.add(self.at(*here, "milestones", i, "leaves"), "no-effect", wrong, right)

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
            missing = [locale for locale in self.draft.languages if locale not in text]
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
            for i, option in enumerate(field.options):
                what = phrase("the title of option '{id}' of field '{name}'", id=option.id, name=name)
                yield what, self.option_place((*path, name), i), option.title, False

    def option_place(self, path: Path, index: int) -> Path:
        """Options stand under `one_of`, or under `options` of a field that is written out."""
        field = self.at(*path)
        key = next(
            (key for key in ("one_of", "options") if isinstance(field, YamlMapping) and key in field.entries), ""
        )
        short = self.at(*path, key)
        deeper = ("options",) if isinstance(short, YamlMapping) and "options" in short.entries else ()
        return (*path, key, *deeper, index, "title")


def _order(one: Duration, other: Duration) -> int | None:
    """-1, 0, 1 as `one` is shorter, equal or longer; None where only a calendar could tell."""
    if one.count == 0 or other.count == 0 or one.unit == other.unit:
        return (one.count > other.count) - (one.count < other.count)
    if one.unit.is_working or other.unit.is_working:
        return None
    return (one.elapsed > other.elapsed) - (one.elapsed < other.elapsed)
