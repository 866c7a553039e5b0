"""The traces of an event log with a mapping read into plans, one deal for each trace, in the order of the file."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from dealflow.adapters.imports.acts import ActReader, HasDeal, RecordFault, columns, named, none_before
from dealflow.adapters.imports.mapping.log import CASE
from dealflow.adapters.imports.mapping.model import FactRule, LogMapping, Template, When
from dealflow.adapters.imports.xes.file import MAX_EVENTS, Event, Stray, Trace, XesFile
from dealflow.adapters.imports.xes.survey import Survey, keys_of, wanted_of
from dealflow.application.imports.plans import Dated, DealPlan, Reject, Shift
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase
from dealflow.domain.values.text.spelling import normal_id
from dealflow.domain.values.text.visible import forbidden_character

UNKNOWN = "unknown"


class TraceReader(ActReader):
    """Applies the mapping of an event log to traces; a bad event is left out, a bad trace is a RecordFault."""

    def __init__(
        self, mapping: LogMapping, now: datetime, shift: Shift | None = None, has_deal: HasDeal = none_before
    ) -> None:
        super().__init__(mapping, now, shift, has_deal)
        self.log = mapping
        self.own_time = When((Template((mapping.at,)),))
        self._known: dict[tuple[str, str], tuple[FactRule, ...]] = {}

    def rejected(self, fault: RecordFault, file: str, line: int, place: str, deal_id: str | None) -> Reject:
        """The fault as it is reported: in this line of the file, at this place of the log."""
        return Reject(
            file=file,
            row=line,
            place=place,
            field=fault.field,
            reason=as_phrase(fault.reason),
            value=self.value_of(fault.field, fault.value),
            suggestion=fault.suggestion,
            unknown_value=fault.unknown_value,
            deal_id=deal_id,
        )

    def plan(self, trace: Trace, file: str, rejects: list[Reject]) -> DealPlan:
        """The plan of one trace; its events that cannot be used go to `rejects`."""
        self.respelled = {}
        case = {f"{CASE}{key}": value for key, value in trace.cells.items()}
        _must_be_plain(case)
        deal_id, place = self.deal_id(case), phrase("trace {number}", number=trace.number)
        if trace.events_left_out:
            found = trace.events_left_out + MAX_EVENTS
            raise RecordFault(
                "", phrase("the trace has {found:,} events, at most {most:,}", found=found, most=MAX_EVENTS)
            )
        opened = self.log.deal.opened
        opened_at = self.at(opened, case, "opened") if opened.choices else None
        acts: list[Dated] = []
        instants: list[datetime] = []
        same: Counter[str] = Counter()
        places: dict[str, Phrase] = {f"{file}:{place}": place}
        for event in trace.events:
            where = phrase("{place}, event {number}", place=place, number=event.number)
            row = f"{file}:{where}"
            places[row] = where
            try:
                at, new = self._acts(event, case, row, deal_id, opened_at, same)
            except RecordFault as fault:
                rejects.append(self.rejected(fault, file, event.line, where, deal_id))
                continue
            instants.append(at)
            acts += new
        if opened_at is None and not instants:
            raise RecordFault(
                "", phrase("no event of the trace can be used") if trace.events else phrase("the trace has no events")
            )
        opened_at = opened_at or min(instants)
        opening = self.opening(case, f"{file}:{place}", opened_at, f"open {self._written(opened_at)}")
        # The opening first; events of one instant stay as they stand in the file.
        acts = sorted([(opened_at, opening), *acts], key=lambda act: (act[0], act[1] is not opening))
        return DealPlan(deal_id, file, trace.line, tuple(acts), respelled=tuple(self.respelled), places=places)

    def _acts(
        self,
        event: Event,
        case: dict[str, str],
        place: str,
        deal_id: str,
        opened_at: datetime | None,
        same: Counter[str],
    ) -> tuple[datetime, list[Dated]]:
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
        acts: list[Dated] = []
        for rule in self._rules(self.facts_named(own.get(log.by.name, "")), own.get(log.transition.name, "")):
            when = self.at(rule.at, cells, rule.kind)
            if opened_at is not None and when < opened_at:
                before = phrase(
                    "{when} lies before the deal opened ({opened_at})",
                    when=format(when, "%Y-%m-%d %H:%M"),
                    opened_at=format(opened_at, "%Y-%m-%d %H:%M"),
                )
                raise RecordFault(columns(rule.at), before)
            # A fact is known by its instant: what a newer log has beside it changes nothing.
            what = f"{rule.kind}:{rule.name}@{self._written(when)}"
            same[what] += 1
            what += f"#{same[what]}" if same[what] > 1 else ""
            act = self.act(rule, cells, place=place, deal_id=deal_id, at=when, what=what, author=author)
            acts.append((when, act))
        return at, acts

    def _rules(self, name: str, transition: str) -> tuple[FactRule, ...]:
        rules = self._known.get((name, transition))
        if rules is None:
            key = next(keys_of(name, transition, self.log), None)
            if key is None:
                raise self.unknown(name)
            rules = self._known[name, transition] = self.log.facts[key]
        return rules

    def _written(self, at: datetime) -> str:
        """The instant as the log has it, in UTC, whatever shift was added."""
        return f"{at - self.days:%Y%m%dT%H%M%S.%f}"


class XesPlans:
    """Every trace as a plan or a reject; each time it is gone through the log is read anew."""

    def __init__(
        self,
        file: XesFile,
        found: Survey,
        mapping: LogMapping,
        now: datetime,
        shift: Shift | None,
        has_deal: HasDeal = none_before,
    ) -> None:
        self.file = file
        self.reader = TraceReader(mapping, now, shift, has_deal)
        self.source = mapping.source
        self.process = str(mapping.process.ref)
        whole = sha256(f"{mapping.digest}{mapping.process.ref}{found.digest}".encode()).hexdigest()
        self.batch, self.total = f"import/{mapping.source}/{whole[:16]}", found.traces
        self.of_trace, self.of_event = wanted_of(mapping)

    def __iter__(self) -> Iterator[DealPlan | Reject]:
        name = self.file.path.name
        # A number for each id: the one thing that grows with the file.
        seen: dict[str, int] = {}
        for trace in self.file.traces(self.of_trace, self.of_event):
            if isinstance(trace, Stray):
                yield Reject(file=name, row=trace.line, reason=phrase("the event belongs to no trace"))
                continue
            rejects: list[Reject] = []
            try:
                plan = self.reader.plan(trace, name, rejects)
                if (first := seen.setdefault(plan.deal_id, trace.number)) != trace.number:
                    raise RecordFault(
                        named(self.reader.log.deal.id),
                        phrase("the id is that of trace {first}", first=first),
                        plan.deal_id,
                    )
            except RecordFault as fault:
                where = phrase("trace {number}", number=trace.number)
                rejects.append(self.reader.rejected(fault, name, trace.line, where, None))
                yield from rejects
                continue
            yield from rejects
            yield plan


def latest_instant(file: XesFile, found: Survey, mapping: LogMapping, now: datetime) -> datetime | None:
    """The latest instant of all facts of the log; None when it has none."""
    plans = XesPlans(file, found, mapping, now, None)
    return max((plan.acts[-1][0] for plan in plans if isinstance(plan, DealPlan)), default=None)


def _must_be_plain(cells: dict[str, str]) -> None:
    for name, value in cells.items():
        if not (value.isascii() and value.isprintable()) and (found := forbidden_character(value)):
            raise RecordFault(
                name, phrase("character {place} is {character}", place=found[0] + 1, character=found[1]), value
            )
