"""Counts of an import while it runs, and the report they become; nothing in it grows with the number of deals."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from dealflow.application.commands.answers import ValueTwice, twice_in
from dealflow.application.imports.followed import FollowedCount
from dealflow.application.imports.following.changes import Outstanding, differs
from dealflow.application.imports.plans import (
    Cost,
    DealPlan,
    EarlyDate,
    ImportFinding,
    ImportReport,
    LikePieceKind,
    LikePieceRow,
    NotApplied,
    Plans,
    Reject,
    RejectReason,
    RespelledCell,
    RespelledColumn,
    Shift,
    Unmatched,
    most_first,
)
from dealflow.application.imports.progress import ImportWalk, OnProgress
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal, Outcome
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.people.answering import free_above
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.track.judge import look_alikes
from dealflow.domain.values.money import exponent
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.suggest import one_budget
from dealflow.domain.values.text.spelling import Respelled

SHOWN_REJECTS = 20
SHOWN_RESPELLED = SHOWN_LOOK_ALIKES = SHOWN_OF_A_REASON = 3
# A file of a million different wrong values must not fill the memory; the rows are counted all the same.
MAX_KINDS = 10_000
_OTHERS = phrase("(others)")


class RespelledCount:
    """The cells that are kept otherwise than they stand in a source, counted by column."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._first: dict[str, list[RespelledCell]] = {}

    def add(self, file: str, row: int, changes: Iterable[Respelled]) -> None:
        """What was changed in one row."""
        for change in changes:
            self._rows[change.place] += 1
            first = self._first.setdefault(change.place, [])
            if len(first) < SHOWN_RESPELLED:
                first.append(RespelledCell(file=file, row=row, change=change))

    def columns(self) -> tuple[RespelledColumn, ...]:
        """The columns, the one with the most rows first."""
        return tuple(
            RespelledColumn(place=place, rows=rows, first=tuple(self._first[place]))
            for place, rows in self._rows.most_common()
        )


class ReasonCount:
    """Rejects by what is wrong, each reason with its first ones."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Phrase, Cost]] = Counter()
        self._first: dict[tuple[str, Phrase, Cost], list[Reject]] = {}

    def add(self, reject: Reject) -> None:
        """One of them."""
        key = (reject.field, reject.reason, reject.costs)
        if key not in self._counts and len(self._counts) >= MAX_KINDS:
            key = ("", _OTHERS, reject.costs)
        self._counts[key] += 1
        first = self._first.setdefault(key, [])
        if len(first) < SHOWN_OF_A_REASON:
            first.append(reject)

    def reasons(self) -> tuple[RejectReason, ...]:
        """The reasons, the most frequent first."""
        return tuple(
            RejectReason(field=key[0], reason=key[1], costs=key[2], count=count, first=tuple(self._first[key]))
            for key, count in self._counts.most_common()
        )


class LikePieceCount:
    """The pieces of evidence that look like another of their deal, counted by kind."""

    def __init__(self) -> None:
        self._pieces: Counter[str] = Counter()
        self._first: dict[str, list[LikePieceRow]] = {}

    def add(self, deal: Deal, facts: Iterable[e.Fact]) -> None:
        """What these facts of an import have recorded in the deal."""
        facts = list(facts)
        found = look_alikes(deal, facts)
        if not found:
            return
        rows = {fact.evidence_id: fact.origin for fact in facts if isinstance(fact, e.EvidenceRecorded)}
        for look in found:
            self._pieces[look.kind] += 1
            first = self._first.setdefault(look.kind, [])
            if len(first) < SHOWN_LOOK_ALIKES:
                origin = rows.get(look.evidence)
                first.append(LikePieceRow(deal_id=deal.id, row=origin.row if origin else "", look=look))

    def kinds(self) -> tuple[LikePieceKind, ...]:
        """The kinds, the one with the most pieces first."""
        return tuple(
            LikePieceKind(kind=kind, pieces=pieces, first=tuple(self._first[kind]))
            for kind, pieces in self._pieces.most_common()
        )


class ReportBuilder:
    """What was done so far."""

    def __init__(self) -> None:
        self.rows = self.new = self.changed = self.unchanged = self.events = 0
        self.rejected_deals = self.rejected_facts = self.left_out = self.passed_over = 0
        self.records = self.rejected_records = 0
        self.without_owner = self.without_customer = self.not_applied = 0
        self.follows = FollowedCount()
        self.claims: list[NotApplied] = []
        self.stalled = self.backlog = self.dated_early = 0
        self.early_dates: list[EarlyDate] = []
        self.facts: Counter[str] = Counter()
        self.findings: Counter[ImportFinding] = Counter()
        self.unknown: Counter[ImportFinding] = Counter()
        self.rejects: list[Reject] = []
        self.reasons: Counter[str] = Counter()
        self.by_reason = ReasonCount()
        self.owners: Counter[str] = Counter()
        self.nobody_above: Counter[str] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.won_minor: Counter[str] = Counter()
        self.recipients: Counter[str] = Counter()
        self.respelled = RespelledCount()
        self.look_alikes = LikePieceCount()
        self.set_aside = 0
        self.values_twice: list[ValueTwice] = []

    def reject(self, reject: Reject, *, of_reading: bool = True) -> None:
        """What could not be used; `of_reading` where it could not be read or mapped, whatever the deal is."""
        if reject.costs == "deal":
            self.rows += 1
            self.rejected_deals += 1
        elif reject.costs == "fact":
            self.rejected_facts += 1
        elif reject.costs == "field":
            self.left_out += 1
        elif reject.costs == "nothing":
            self.passed_over += 1
        if reject.costs in ("deal", "fact"):
            _count(self.reasons, reject.named_reason)
            if of_reading:
                self.records += reject.records
                self.rejected_records += reject.records
        self.by_reason.add(reject)
        if reject.unknown_value:
            _find(self.unknown, ImportFinding(reject.field, reject.value, reject.suggestion))
        if len(self.rejects) < SHOWN_REJECTS:
            self.rejects.append(reject)

    def read(self, plan: DealPlan) -> None:
        """A plan as it was read, whatever comes of it: its records, of which some may be of no use."""
        at_fault = {(reject.row, reject.place) for reject in plan.rejects if reject.costs in ("fact", "field")}
        self.records += plan.records
        self.rejected_records += min(len(at_fault), plan.records)

    def deal(self, plan: DealPlan, before: Deal | None, after: Deal, organisation: Organisation) -> None:
        """A deal as it stands after its record was taken in."""
        if plan.is_gone:
            return  # no record of the source; it is told apart
        version = before.version if before else 0
        self.rows += 1
        if version == 0:
            self.new += 1
        elif after.version > version:
            self.changed += 1
        else:
            self.unchanged += 1
        self.outcomes[after.outcome] += 1
        if won := after.won_amount:
            self.won_minor[won.currency] += won.minor
        self.stalled += after.in_progress and bool(after.open_stalls)
        self.without_customer += after.customer is None
        if after.owner is None:
            self.without_owner += 1
        elif after.owner not in organisation.people:
            _count(self.owners, after.owner)
        elif not free_above(after.owner, (), organisation):
            _count(self.nobody_above, after.owner)
        self.respelled.add(plan.file, plan.row, plan.respelled)
        self.dated_early += len(plan.early)
        self.early_dates += plan.early[: SHOWN_REJECTS - len(self.early_dates)]
        for finding in plan.findings:
            _find(self.findings, finding)

    def followed(self, plan: DealPlan, after: Deal, new: Outstanding) -> None:
        """How far this deal follows what the source says of it now."""
        self.follows.follow(plan.deal_id, new.followed)
        self.follows.stay(plan.deal_id, new.stays)
        for found in (*new.kept, *differs(new.place, after)):
            self.follows.keep(plan.deal_id, f"{plan.file}:{plan.row}", found)

    def claimed(self, deal: Deal, facts: Iterable[e.Fact]) -> None:
        """What the source claims of a deal that contradicts it, both sides."""
        for fact in facts:
            if isinstance(fact, e.ClaimNotApplied) and len(self.claims) < SHOWN_REJECTS:
                row = fact.origin.row if fact.origin else ""
                one = NotApplied(
                    deal_id=deal.id, row=row, claim=fact.claim, stage=deal.stage, outcome=deal.outcome.value
                )
                self.claims.append(one)

    def appended(self, deal_id: str, facts: list[e.Fact], notices: tuple[Notice, ...]) -> None:
        """Facts that were decided for a deal."""
        for twice in twice_in(deal_id, facts):
            self.set_aside += not twice.counts
            if len(self.values_twice) < SHOWN_REJECTS:
                self.values_twice.append(twice)
        self.events += len(facts)
        for fact in facts:
            self.facts[fact.topic] += 1
            if isinstance(fact, e.ClaimNotApplied):
                self.not_applied += 1
            self.backlog += isinstance(fact, e.EscalationRaised) and fact.backlog
        for notice in notices:
            self.recipients[notice.recipient] += 1

    def report(
        self, plans: Plans, started_at: datetime, seconds: float, *, shift: Shift | None, dry_run: bool
    ) -> ImportReport:
        """The counts as they stand."""
        return ImportReport(
            source=plans.source,
            process=plans.process,
            batch=plans.batch,
            dry_run=dry_run,
            started_at=started_at,
            seconds=round(seconds, 3),
            rows=self.rows,
            new=self.new,
            changed=self.changed,
            unchanged=self.unchanged,
            rejected=self.rejected_deals + self.rejected_facts,
            rejected_deals=self.rejected_deals,
            rejected_facts=self.rejected_facts,
            left_out=self.left_out,
            passed_over=self.passed_over,
            records=self.records,
            rejected_records=self.rejected_records,
            events=self.events,
            facts=dict(sorted(self.facts.items())),
            rejects=tuple(self.rejects),
            rejects_by_reason=dict(self.reasons.most_common()),
            reasons=self.by_reason.reasons(),
            unmatched=_with_nearest(most_first(self.findings.items()), plans),
            unknown_values=most_first(self.unknown.items()),
            unknown_owners=dict(self.owners.most_common()),
            nobody_above=dict(self.nobody_above.most_common()),
            respelled=self.respelled.columns(),
            set_aside=self.set_aside,
            values_twice=tuple(self.values_twice),
            look_alikes=self.look_alikes.kinds(),
            without_owner=self.without_owner,
            without_customer=self.without_customer,
            claims_not_applied=self.not_applied,
            kept_by_hand=self.follows.kept_by_hand,
            kept=self.follows.kept,
            followed=self.follows.followed,
            not_changed=self.follows.not_changed,
            not_applied=tuple(self.claims),
            dated_early=self.dated_early,
            early_dates=tuple(self.early_dates),
            deals=self.outcomes.total(),
            open=self.outcomes[Outcome.OPEN],
            won=self.outcomes[Outcome.WON],
            lost=self.outcomes[Outcome.LOST],
            cancelled=self.outcomes[Outcome.CANCELLED],
            won_amount={code: _written(minor, code) for code, minor in sorted(self.won_minor.items())},
            stalled=self.stalled,
            backlog=self.backlog,
            recipients=dict(self.recipients.most_common()),
            shift=shift,
        )


def of_no_use(plans: Plans, progressed: OnProgress) -> tuple[int, int]:
    """How many records cannot be read or mapped, of how many."""
    tally = ReportBuilder()
    with one_budget():
        for number, item in enumerate(plans):
            progressed(ImportWalk.MAKE, number, max(plans.total, number))
            if isinstance(item, Reject):
                tally.reject(item)
            else:
                tally.read(item)
    return tally.rejected_records, tally.records


def _with_nearest(found: tuple[Unmatched, ...], plans: Plans) -> tuple[Unmatched, ...]:
    """The first of them with what is there instead: the rest is not shown."""
    shown = [
        each.model_copy(update={"suggestion": plans.nearest(each.place, each.value)}) for each in found[:SHOWN_REJECTS]
    ]
    return (*shown, *found[SHOWN_REJECTS:])


def _count(counter: Counter[str], name: str) -> None:
    counter[name if name in counter or len(counter) < MAX_KINDS else _OTHERS] += 1


def _find(counter: Counter[ImportFinding], finding: ImportFinding) -> None:
    known = finding in counter or len(counter) < MAX_KINDS
    counter[finding if known else ImportFinding(finding.place, _OTHERS)] += 1


def _written(minor: int, currency: str) -> str:
    digits = exponent(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"
