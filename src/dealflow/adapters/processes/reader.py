"""A template file read into a process definition: every problem found, each with its place."""

from datetime import date
from pathlib import Path

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.files.located_yaml import LocatedProblem, Tree, YamlMapping, YamlScalar, one_of, read_tree
from dealflow.adapters.processes.checks import check_process
from dealflow.adapters.processes.standard_reader import StandardReader, draft
from dealflow.domain.clocks.kinds import KINDS
from dealflow.domain.process.definition import (
    OWNERS_ENDS,
    ClockLimit,
    DecisionNode,
    DecisionRules,
    EvidenceKind,
    Ladder,
    LostReason,
    Milestone,
    Opens,
    ProcessDefinition,
    Rung,
    Side,
    Stage,
    Standard,
)
from dealflow.domain.values.currencies import is_currency, nearest_currency
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.language import LANGUAGES
from dealflow.domain.values.phrase import phrase

_PROCESS = (
    "process", "title", "languages", "calendar", "currency", "evidence", "stages", "ladder", "decisions", "lost_reasons",
    "owner_may",
)  # fmt: skip
_STAGE = ("id", "title", "milestones", "nodes", "gate", "wins", "back_to", "clocks", "closes_after")
_NODE = ("id", "title", "optional", "met_by", "standard", "playbook", "opens")
_PLACES = ("owner", "director", "superior")
_GATES = ("nodes", "milestones", "both")
_CLOCKS = tuple(KINDS)
_SIDES = tuple(side.value for side in Side)


def _days(count: int, unit: str = "days") -> Duration:
    return Duration.model_validate(f"{count} {unit}")


DEFAULT_CURRENCY = "CNY"
# What people write for a language, beside its code.
_LANGUAGE_NAMES = {
    **dict.fromkeys(("en-us", "en-gb", "eng", "english"), "en"),
    **dict.fromkeys(("cn", "zh-cn", "zh-hans", "zho", "chi", "chinese"), "zh"),
}
DEFAULT_LADDER = Ladder(
    rungs=(
        Rung(after=_days(0), to=("owner", "director")),
        Rung(after=_days(2, "working days"), to=("director",)),
        Rung(after=_days(4, "working days"), to=("superior",), high_risk=True),
    )
)


def load_process(
    path: Path, *, calendars: BusinessCalendars | None = None, today: date | None = None
) -> tuple[ProcessDefinition | None, list[LocatedProblem]]:
    """The definition (None if there is any error) and every problem, in the file's order.

    `calendars` are those that the template may name (the shipped ones when absent); with `today`, a clock whose
    calendar has no plan for the coming year is warned of.
    """
    tree, problems = read_tree(path)
    if tree is None:
        return None, problems.found
    written = _Reader(problems).process(tree)
    check_process(written, tree, problems, calendars or BusinessCalendars(), today)
    ordered = sorted(problems.found, key=lambda problem: (problem.line, problem.column))
    if problems.failed:
        return None, ordered
    return ProcessDefinition.model_validate(written.model_dump()), ordered


class _Reader(StandardReader):
    def process(self, tree: Tree) -> ProcessDefinition:
        entries = self.mapping(tree, phrase("the template"), _PROCESS)
        for key in ("process", "evidence", "stages"):
            self.required(entries, key, tree, phrase("the template"))
        # What a text or an amount says depends on these two.
        languages = self.languages(entries.get("languages"))
        self.plain_language = languages[0] if languages else "en"
        currency = self.currency(entries.get("currency"))
        self.template_currency = currency if currency and is_currency(currency) else DEFAULT_CURRENCY
        self.kinds = self.evidence(entries.get("evidence"))
        stages = [self.stage(item) for item in self.items(entries.get("stages"), "'stages'")]
        if "stages" in entries and not stages:
            self.problems.add(
                entries["stages"], "missing", phrase("the template has no stages"), phrase("add at least one")
            )
        calendar = entries.get("calendar")
        reasons = self.items(entries.get("lost_reasons"), "'lost_reasons'")
        return draft(
            ProcessDefinition,
            name=self.name(entries.get("process"), phrase("the process name")),
            title=self.wording(entries.get("title"), phrase("the title")),
            currency=currency,
            languages=languages,
            calendar=self.word(calendar, "'calendar'") if calendar is not None else None,
            evidence=self.kinds,
            stages=tuple(stages),
            ladder=self.ladder(entries.get("ladder")),
            decisions=self.decisions(entries.get("decisions")),
            lost_reasons=tuple(self.lost_reason(item) for item in reasons),
            owner_may=self.owner_may(entries.get("owner_may")),
        )

    def owner_may(self, tree: Tree | None) -> tuple[str, ...] | None:
        """How the owner may end a deal; an empty list is left to those above alone."""
        if tree is None:
            return None
        named: list[str] = []
        for item in self.items(tree, "'owner_may'"):
            word = self.word(item, phrase("what the owner may"))
            if word and word not in OWNERS_ENDS:
                wrong = phrase("'{word}' is nothing that a template gives to the owner", word=word[:60])
                self.problems.add(item, "choice", wrong, one_of(OWNERS_ENDS), near=(word, OWNERS_ENDS))
            elif word in named:
                self.problems.add(item, "duplicate-id", phrase("'{word}' stands twice", word=word), phrase("keep one"))
            elif word:
                named.append(word)
        # In one order, so that the same rights have the same digest.
        return tuple(end for end in OWNERS_ENDS if end in named)

    def languages(self, tree: Tree | None) -> tuple[str, ...] | None:
        """The languages in which the template's words are asked for; several, or one alone."""
        if tree is None:
            return None
        items = [tree] if isinstance(tree, YamlScalar) else self.items(tree, "'languages'")
        named: list[str] = []
        for item in items:
            word = self.word(item, phrase("a language"))
            if word and word not in LANGUAGES:
                meant = _LANGUAGE_NAMES.get(word.strip().lower())
                wrong = phrase("'{word}' is not a language of dealflow", word=word[:60])
                self.problems.add(item, "language", wrong, one_of(LANGUAGES), suggestion=meant)
            elif word in named:
                self.problems.add(
                    item, "duplicate-id", phrase("the language '{word}' stands twice", word=word), phrase("keep one")
                )
            elif word:
                named.append(word)
        if not items:
            self.problems.add(tree, "language", phrase("no language is named"), one_of(LANGUAGES))
        return tuple(named) or None

    def currency(self, tree: Tree | None) -> str | None:
        if tree is None:
            return None
        word = self.word(tree, "'currency'")
        if word and not (len(word) == 3 and word.isascii() and word.isalpha() and word.isupper()):
            self.problems.add(
                tree,
                "currency",
                phrase("'{word}' is not a currency", word=word[:60]),
                phrase("three capital letters such as CNY"),
            )
        elif word and not is_currency(word):
            said = phrase("{word} is not a currency of ISO 4217", word=word)
            self.problems.add(tree, "currency", said, suggestion=nearest_currency(word))
        return word

    def evidence(self, tree: Tree | None) -> dict[str, EvidenceKind]:
        if tree is None or (isinstance(tree, YamlScalar) and tree.is_null):
            return {}
        if not isinstance(tree, YamlMapping):
            self.problems.add(
                tree, "type", phrase("'evidence' must be a mapping"), phrase("write payment: {fields: {amount: money}}")
            )
            return {}
        kinds = {}
        for key, value in tree.entries.values():
            kind = self.identifier(key, phrase("evidence kind"))
            entries = self.mapping(value, phrase("evidence '{kind}'", kind=kind), ("title", "side", "fields"))
            side = self.choice(
                entries.get("side"), phrase("the side of '{kind}'", kind=kind), _SIDES, Side.CUSTOMER.value
            )
            kinds[kind] = draft(
                EvidenceKind,
                id=kind,
                title=self.wording(entries.get("title"), phrase("the title of '{kind}'", kind=kind)),
                side=Side(side),
                fields=self.fields(entries.get("fields"), phrase("the fields of '{kind}'", kind=kind)),
            )
        return kinds

    def stage(self, tree: Tree) -> Stage:
        entries = self.mapping(tree, phrase("a stage"), _STAGE)
        stage_id = self.identifier(self.required(entries, "id", tree, phrase("a stage")), phrase("stage id"))
        what = phrase("stage '{stage_id}'", stage_id=stage_id)
        milestones = self.items(entries.get("milestones"), phrase("the milestones of {what}", what=what))
        back_to = self.items(entries.get("back_to"), phrase("'back_to' of {what}", what=what))
        return draft(
            Stage,
            id=stage_id,
            title=self.wording(entries.get("title"), phrase("the title of {what}", what=what)),
            milestones=tuple(self.milestone(item) for item in milestones),
            nodes=tuple(
                self.node(item) for item in self.items(entries.get("nodes"), phrase("the nodes of {what}", what=what))
            ),
            gate=self.choice(entries.get("gate"), phrase("the gate of {what}", what=what), _GATES, "nodes"),
            wins=self.boolean(entries.get("wins"), phrase("'wins' of {what}", what=what)),
            back_to=tuple(self.word(item, phrase("'back_to' of {what}", what=what)) for item in back_to),
            clocks=self.clocks(entries.get("clocks"), what),
            closes_after=self.duration(entries.get("closes_after"), phrase("'closes_after' of {what}", what=what)),
        )

    def milestone(self, tree: Tree) -> Milestone:
        if isinstance(tree, YamlScalar):
            return draft(Milestone, id=self.identifier(tree, phrase("milestone id")))
        entries = self.mapping(tree, phrase("a milestone"), ("id", "title", "fields", "leaves"))
        milestone = self.identifier(self.required(entries, "id", tree, phrase("a milestone")), phrase("milestone id"))
        return draft(
            Milestone,
            id=milestone,
            title=self.wording(
                entries.get("title"), phrase("the title of milestone '{milestone}'", milestone=milestone)
            ),
            fields=self.fields(
                entries.get("fields"), phrase("the fields of milestone '{milestone}'", milestone=milestone)
            ),
            leaves=self.boolean(
                entries.get("leaves"), phrase("'leaves' of milestone '{milestone}'", milestone=milestone)
            ),
        )

    def node(self, tree: Tree) -> DecisionNode:
        entries = self.mapping(tree, phrase("a node"), _NODE)
        node = self.identifier(self.required(entries, "id", tree, phrase("a node")), phrase("node id"))
        standard = self.required(entries, "standard", tree, phrase("node '{node}'", node=node))
        met_by = entries.get("met_by")
        return draft(
            DecisionNode,
            id=node,
            title=self.wording(entries.get("title"), phrase("the title of node '{node}'", node=node)),
            optional=self.boolean(entries.get("optional"), phrase("'optional' of node '{node}'", node=node)),
            met_by=self.word(met_by, phrase("'met_by' of node '{node}'", node=node)) if met_by is not None else None,
            standard=self.standard(standard, phrase("node '{node}'", node=node))
            if standard is not None
            else draft(Standard),
            playbook=self.wording(entries.get("playbook"), phrase("the playbook of node '{node}'", node=node)),
            opens=self.opens(entries.get("opens"), phrase("node '{node}'", node=node)),
        )

    def opens(self, tree: Tree | None, what: str) -> Opens | None:
        if tree is None:
            return None
        entries = self.mapping(tree, phrase("'opens' of {what}", what=what), ("deal", "process", "customer_field"))
        process, customer = entries.get("process"), entries.get("customer_field")
        return draft(
            Opens,
            deal=self.identifier(
                self.required(entries, "deal", tree, phrase("'opens' of {what}", what=what)),
                phrase("the linked deal's role"),
            ),
            process=self.name(process, phrase("the linked deal's process")) if process is not None else None,
            customer_field=self.word(customer, phrase("'customer_field' of {what}", what=what))
            if customer is not None
            else None,
        )

    def clocks(self, tree: Tree | None, what: str) -> dict[str, ClockLimit]:
        clocks = {}
        for name, written in self.mapping(tree, phrase("the clocks of {what}", what=what), _CLOCKS).items():
            value = written
            if isinstance(written, YamlScalar):
                value = YamlMapping(written.line, written.column, {"limit": (written, written)})
            entries = self.mapping(value, phrase("clock '{name}' of {what}", name=name, what=what), ("limit", "warn"))
            self.required(entries, "limit", value, phrase("clock '{name}' of {what}", name=name, what=what))
            limit = self.duration(entries.get("limit"), phrase("the limit of {what}", what=what))
            warn = self.duration(entries.get("warn"), phrase("the warning of {what}", what=what))
            if limit is not None:
                clocks[name] = draft(ClockLimit, limit=limit, warn=warn)
        return clocks

    def ladder(self, tree: Tree | None) -> Ladder:
        if tree is None:
            return DEFAULT_LADDER
        entries = self.mapping(tree, phrase("the ladder"), ("warning", "rungs"))
        rungs = []
        for item in self.items(self.required(entries, "rungs", tree, phrase("the ladder")), "'rungs'"):
            parts = self.mapping(item, phrase("a rung"), ("after", "to", "high_risk"))
            after = self.duration(
                self.required(parts, "after", item, phrase("a rung")), phrase("'after' of a rung"), least=0
            )
            to = self.places(self.required(parts, "to", item, phrase("a rung")), phrase("'to' of a rung"))
            high_risk = self.boolean(parts.get("high_risk"), phrase("'high_risk' of a rung"))
            rungs.append(draft(Rung, after=after or _days(0), to=to, high_risk=high_risk))
        if "rungs" in entries and not rungs:
            self.problems.add(
                entries["rungs"],
                "ladder",
                phrase("the ladder has no rungs"),
                phrase("add {after: 0 days, to: [owner]}"),
            )
        warning = entries.get("warning")
        told = self.places(warning, "'warning'", empty=True) if warning is not None else None
        return draft(Ladder, warning=told, rungs=tuple(rungs))

    def places(self, tree: Tree | None, what: str, *, empty: bool = False) -> tuple[str, ...]:
        items = [tree] if isinstance(tree, YamlScalar) else self.items(tree, what)
        if tree is not None and not items and not empty:
            self.problems.add(
                tree,
                "ladder",
                phrase("{what} names nobody", what=what),
                phrase("one or more of {places}", places=_PLACES),
            )
        return tuple(self.choice(item, what, _PLACES, "owner") for item in items)

    def decisions(self, tree: Tree | None) -> DecisionRules | None:
        if tree is None:
            return None
        entries = self.mapping(tree, "'decisions'", ("next_deadline", "cap"))
        next_deadline = self.duration(entries.get("next_deadline"), "'next_deadline'")
        return draft(DecisionRules, next_deadline=next_deadline, cap=self.duration(entries.get("cap"), "'cap'"))

    def lost_reason(self, tree: Tree) -> LostReason:
        if isinstance(tree, YamlScalar):
            return draft(LostReason, id=self.identifier(tree, phrase("a lost reason")))
        entries = self.mapping(tree, phrase("a lost reason"), ("id", "title"))
        reason = self.identifier(self.required(entries, "id", tree, phrase("a lost reason")), phrase("a lost reason"))
        return draft(
            LostReason,
            id=reason,
            title=self.wording(entries.get("title"), phrase("the title of '{reason}'", reason=reason)),
        )
