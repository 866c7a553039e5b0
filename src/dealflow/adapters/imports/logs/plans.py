"""The traces of an event log with a mapping read into plans, one deal for each trace, in the order of the file."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from dealflow.adapters.imports.acts import ActReader, DatedAs, HasDeal, none_before
from dealflow.adapters.imports.cells import before_opening
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.faults import RecordFault, cost_of, named
from dealflow.adapters.imports.first_ones import FirstOnes
from dealflow.adapters.imports.logs.of_deal import OfDeal
from dealflow.adapters.imports.logs.survey import Survey, forms_of, wanted_of
from dealflow.adapters.imports.logs.trace import MAX_EVENTS, Event, EventLog, Stray, Trace
from dealflow.adapters.imports.mapping.log import CASE
from dealflow.adapters.imports.mapping.model import FactRule, LogMapping, Template, When
from dealflow.adapters.imports.pieces import Said, in_order, left_otherwise, parts_of
from dealflow.application.imports.keys import fact_key
from dealflow.application.imports.plans import Cost, DealPlan, EarlyDate, Reject, Shift
from dealflow.application.imports.progress import ImportWalk, OnProgress, nowhere
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Origin
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.spelling import normal_id
from dealflow.domain.values.text.visible import forbidden_character

UNKNOWN = "unknown"
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


class _Read(NamedTuple):
    """One event with its instant, its cells, and what it stands for."""

    event: Event
    at: datetime
    cells: dict[str, str]
    author: str
    rules: tuple[FactRule, ...]


class TraceReader(ActReader):
    """Applies the mapping of an event log to traces; a bad event is left out, a bad trace is a RecordFault."""

    def __init__(
        self,
        mapping: LogMapping,
        now: datetime,
        log: EventLog,
        forms: ColumnForms,
        shift: Shift | None = None,
        has_deal: HasDeal = none_before,
    ) -> None:
        super().__init__(mapping, now, forms, shift, has_deal)
        self.log, self.file = mapping, log
        self.own_time = When((Template((mapping.at,)),))
        self.of_deal = OfDeal(mapping)
        self.passed_over = 0  # events that the mapping does not take
        self._known: dict[tuple[str, str], tuple[FactRule, ...]] = {}
        self.known_id: str | None = None  # of the trace that is being read

    def plan(self, trace: Trace, file: str, rejects: list[Reject]) -> DealPlan | None:
        """The plan of one trace, None where the mapping takes none of its events; those that cannot be used go to `rejects`."""
        self.respelled, self.known_id = {}, None
        self.left_out.clear()
        own = self.columns.prepared({f"{CASE}{key}": value for key, value in trace.cells.items()})
        for event in trace.events:
            self.columns.prepared(event.cells)
        _must_be_plain(own)
        events = [event for event in trace.events if self.is_taken(event.cells)]
        self.passed_over += len(trace.events) - len(events)
        if trace.events and not events and not self.log.deal.opened.choices:
            return None
        place = self.file.place(trace)
        case = own
        if self.of_deal.is_asked(own):
            case = self.of_deal.cells(own, [event.cells for event in self._by_time(trace.events)])
        deal_id = self.known_id = self.deal_id(case)
        if trace.events_left_out:
            found = trace.events_left_out + MAX_EVENTS
            raise RecordFault(
                "", phrase("the trace has {found:,} events, at most {most:,}", found=found, most=MAX_EVENTS)
            )
        left_out: list[Reject] = []
        read = list(self._read_events(trace, events, case, deal_id, rejects, left_out))
        opened_at = self._opened_at(case, [one.at for one in read], trace)
        row = self.file.row(trace)
        opening = self.opening(case, row, opened_at, DatedAs(f"open {self._written(opened_at)}"))
        said = [Said((opened_at, opening), None), *self._until_first(read, opened_at, row)]
        early: list[EarlyDate] = []
        left_out += self._left_out(trace.line, place, deal_id)
        same: Counter[str] = Counter()
        refused = 0
        for one in read:
            try:
                said += self._said(one, trace, deal_id, opened_at, same, early)
            except RecordFault as fault:
                rejects.append(self._reject(fault, trace, one.event, deal_id))
                refused += 1
            left_out += self._left_out(one.event.line, self.file.place(trace, one.event), deal_id)
        acts, without = in_order(said, changes_only=self.log.changes_only)
        events_of = {one.event.number: one.event for one in read}
        for late, why in left_otherwise(said):
            event = events_of[late.number]
            self.left_out.append(self.doubt_of(late.rule, why, event.cells))
            left_out += self._left_out(event.line, self.file.place(trace, event), deal_id)
        rejects += [
            self._reject(RecordFault(self.by, missing.reason), trace, events_of[missing.said.number], deal_id)
            for missing in without
        ]
        places = {row: place} | {self.file.row(trace, one.event): self.file.place(trace, one.event) for one in read}
        return DealPlan(
            deal_id,
            file,
            trace.line,
            tuple(acts),
            findings=tuple(trace.findings),
            respelled=tuple(self.respelled),
            places=places,
            early=tuple(early),
            adds_to=self.mapping.adds_to,
            export=self.export,
            rejects=tuple(dict.fromkeys(left_out)),
            records=len(read) - refused,
        )

    def _left_out(self, line: int, place: Phrase, deal_id: str) -> list[Reject]:
        """The values of an event, or of its deal, that could not be read and are done without."""
        name, faults = self.file.path.name, tuple(self.left_out)
        self.left_out.clear()
        return [self.rejected(fault, name, line, place, deal_id, costs=cost_of(fault), records=0) for fault in faults]

    def _by_time(self, events: list[Event]) -> list[Event]:
        """The events in their order of time, those without one first."""

        def instant(event: Event) -> datetime:
            at, _ = self.columns.instant(self.own_time.choices[0].key, event.cells.get(self.log.at.name, ""))
            return at or _BEFORE_ALL

        return sorted(events, key=instant)

    def _read_events(
        self,
        trace: Trace,
        events: list[Event],
        case: dict[str, str],
        deal_id: str,
        rejects: list[Reject],
        left_out: list[Reject],
    ) -> Iterator[_Read]:
        for event in events:
            try:
                read = self._read_event(event, case)
            except RecordFault as fault:
                rejects.append(self._reject(fault, trace, event, deal_id))
                continue
            left_out += self._left_out(event.line, self.file.place(trace, event), deal_id)
            yield read

    def _read_event(self, event: Event, case: dict[str, str]) -> _Read:
        """The instant of an event and what it stands for."""
        own, log = event.cells, self.log
        _must_be_plain(own)
        if not own.get(log.at.name):
            raise RecordFault(log.at.name, phrase("the event has no time"))
        at = self.at(self.own_time, own, phrase("the event"))
        cells = {**case, **own}
        resource = own.get(log.resource.name, "")
        author = self.kept(log.resource.name, resource, normal_id(resource)) or UNKNOWN
        cells[log.resource.name] = author
        rules = self._rules(self.value_by(own), own.get(log.transition.name, ""))
        return _Read(event, at, cells, author, rules)

    def _opened_at(self, case: dict[str, str], instants: list[datetime], trace: Trace) -> datetime:
        """When the deal opened: as its mapping says, else its first event that can be."""
        if self.log.deal.opened.choices:
            return self.opened_at(case)
        if not instants:
            raise RecordFault(
                "", phrase("no event of the trace can be used") if trace.events else phrase("the trace has no events")
            )
        later = [at for at in instants if not self.opened_early(at)]
        if not later:
            raise RecordFault(self.log.at.name, self.too_early(max(instants)))
        return min(later)

    def _said(
        self,
        one: _Read,
        trace: Trace,
        deal_id: str,
        opened_at: datetime,
        same: Counter[str],
        early: list[EarlyDate],
    ) -> list[Said]:
        """What an event stands for."""
        said: list[Said] = []
        row = self.file.row(trace, one.event)
        for rule in one.rules:
            for part, suffix in parts_of(rule, one.cells):
                when = self.at(rule.at, one.cells, rule.kind)
                # A fact is known by its instant: what a newer log has beside it changes nothing.
                what = f"{rule.kind}:{rule.name}{suffix}@{self._written(when)}"
                if self.opened_early(when):
                    early.append(self._early(one, trace, deal_id, when, opened_at))
                elif when < opened_at and not self.is_of_the_opening_day(when, opened_at):
                    raise before_opening(rule.at, one.cells)
                when = self.claimed(rule, one.cells, when, opened_at, own_time=self.own_time)
                same[what] += 1
                what += f"#{same[what]}" if same[what] > 1 else ""
                act = self.act(rule, part, place=row, deal_id=deal_id, at=when, what=what, author=one.author)
                said.append(Said((when, act), rule, one.event.number, self.left_at(rule, part)))
        return said

    def _early(self, one: _Read, trace: Trace, deal_id: str, when: datetime, opened_at: datetime) -> EarlyDate:
        return EarlyDate(
            deal_id=deal_id,
            file=self.file.path.name,
            row=one.event.line,
            place=self.file.place(trace, one.event),
            what=self.value_by(one.cells),
            at=when,
            opened_at=opened_at,
        )

    def _until_first(self, read: list[_Read], opened_at: datetime, row: str) -> Iterator[Said]:
        """The stage in which the deal stood from its opening to its first event: no event says it, so it is inferred."""
        earliest = min(read, key=lambda one: one.at, default=None)
        if earliest is None or earliest.at <= opened_at:
            return
        stage = self.log.begins_in
        if self.log.previous is not None and (value := earliest.cells.get(self.log.previous.name)):
            rules = self._rules(value, "")
            stage = next((rule.name for rule in rules if rule.kind == "stage"), stage)
        if stage:
            key = fact_key(self.mapping.source, f"stage:{stage}@first")
            origin = Origin(source=self.mapping.source, row=row, key=key, inferred=True)
            claim = c.ClaimStage(stage=stage, observed_at=opened_at, origin=origin)
            yield Said((opened_at, claim), FactRule("stage", stage, self.own_time))

    def _rules(self, name: str, transition: str) -> tuple[FactRule, ...]:
        rules = self._known.get((name, transition))
        if rules is None:
            key = self.chosen.key_of(*forms_of(name, transition))
            if key is None:
                raise self.unknown(name)
            rules = self._known[name, transition] = (*self.log.every, *self.log.facts[key])
        return rules

    def called(self, field: str) -> str:
        """The field as the file calls it."""
        return self.file.called(field)

    def _reject(self, fault: RecordFault, trace: Trace, event: Event, deal_id: str) -> Reject:
        place = self.file.place(trace, event)
        return self.rejected(fault, self.file.path.name, event.line, place, deal_id, costs="fact")

    def _written(self, at: datetime) -> str:
        """The instant as the log has it, in UTC, whatever shift was added."""
        return f"{at - self.days:%Y%m%dT%H%M%S.%f}"


class LogPlans:
    """Every trace as a plan or a reject; each time it is gone through the log is read anew."""

    def __init__(
        self,
        file: EventLog,
        found: Survey,
        mapping: LogMapping,
        now: datetime,
        shift: Shift | None,
        has_deal: HasDeal = none_before,
    ) -> None:
        self.file = file
        self.reader = TraceReader(mapping, now, file, found.forms, shift, has_deal)
        self.source = mapping.source
        self.process = str(mapping.process.ref)
        whole = sha256(f"{mapping.digest}{mapping.process.ref}{found.digest}".encode()).hexdigest()
        self.batch, self.total = f"import/{mapping.source}/{whole[:16]}", found.traces
        self.wanted = wanted_of(mapping)

    def nearest(self, place: str, value: str) -> str | None:
        """The key of a joined table that is most like the value."""
        return self.file.nearest(place, value)

    def __iter__(self) -> Iterator[DealPlan | Reject]:
        name, reader = self.file.path.name, self.reader
        seen = FirstOnes()
        reader.passed_over = 0
        for trace in self.file.traces(self.wanted.of_trace, self.wanted.of_event_too):
            if isinstance(trace, Stray):
                fault = RecordFault(trace.field, trace.reason, trace.value)
                cost: Cost = "nothing" if trace.is_no_event else "fact"
                yield reader.rejected(fault, trace.file or name, trace.line, costs=cost, records=cost == "fact")
                continue
            rejects: list[Reject] = []
            try:
                plan = reader.plan(trace, name, rejects)
                if plan is None:
                    continue
                if (first := seen.of(plan.deal_id, trace.number)) != trace.number:
                    same = phrase("the id is that of trace {first}", first=first)
                    raise RecordFault(named(reader.log.deal.id), same, plan.deal_id)
            except RecordFault as fault:
                # Of a trace that is not taken in, what is wrong with its events says why, and counts with it.
                yield from (reject.model_copy(update={"records": 0}) for reject in rejects)
                place, events = self.file.place(trace), max(len(trace.events) + trace.events_left_out, 1)
                yield reader.rejected(fault, name, trace.line, place, reader.known_id, records=events)
                continue
            yield from rejects
            yield plan


def latest_instant(
    file: EventLog, found: Survey, mapping: LogMapping, now: datetime, progressed: OnProgress = nowhere
) -> datetime | None:
    """The latest instant of all facts of the log; None when it has none."""
    latest: datetime | None = None
    for number, plan in enumerate(LogPlans(file, found, mapping, now, None)):
        progressed(ImportWalk.DATES, number, max(found.traces, number))
        if isinstance(plan, DealPlan):
            latest = max(latest or plan.acts[-1][0], plan.acts[-1][0])
    return latest


def _must_be_plain(cells: dict[str, str]) -> None:
    for name, value in cells.items():
        if not (value.isascii() and value.isprintable()) and (found := forbidden_character(value)):
            raise RecordFault(
                name, phrase("character {place} is {character}", place=found[0] + 1, character=found[1]), value
            )
