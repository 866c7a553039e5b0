"""What commands and looks come to in metrics and traces: the facts that are counted, and what made a look due."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from dealflow.application.ports.store import Append
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import events as e
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import deal_of
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability import metrics as m
from dealflow.observability.traces import Cause, Span, span


def count_facts(facts: Iterable[e.Fact], process: str) -> None:
    """Count what was appended to a deal of this process."""
    for fact in facts:
        match fact:
            case e.StageAdvanced() | e.StageMovedBack():
                m.count(m.TRANSITIONS, process, fact.from_stage, fact.to_stage)
            case e.StallRecorded():
                m.count(m.STALLS, process, fact.stage, fact.clock)
            case e.RungReached():
                m.count(m.ESCALATIONS, process, str(fact.rung))


@dataclass(frozen=True, slots=True)
class Due:
    """Since when something was due, and the event that made it so; `by_deadline`: the last one before a deadline passed."""

    since: datetime
    by: e.Stamp
    by_deadline: bool = False


def due_of(recorded: Sequence[e.Recorded], deal: Deal) -> Due | None:
    """What a look at the deal of these events has to do; None when nothing is ever due."""
    since, last = next_due(deal), recorded[-1].stamp
    if since is None:
        return None
    if deal.ready is not None:
        met = next((each.stamp for each in reversed(recorded) if isinstance(each.fact, e.GateMet)), last)
        if deal.ready.ready_at <= met.recorded_at:
            return Due(met.recorded_at, met)
    # A withdrawal may compute a clock again whose deadline lies in the past: then the withdrawal made it due.
    return Due(last.recorded_at, last) if since <= last.recorded_at else Due(since, last, by_deadline=True)


@contextmanager
def commanded(envelope: Envelope) -> Iterator[Span]:
    """The step of a command; a refusal is counted, and is no failure."""
    began, refusal = monotonic(), None
    acts = "+".join(dict.fromkeys(command.act for command in envelope.commands))
    correlation_id = envelope.correlation_id or envelope.command_id
    with span(f"command {acts}", correlation_id=correlation_id) as step:
        step.note(deal=envelope.deal_id, command_id=envelope.command_id, correlation_id=correlation_id)
        try:
            yield step
        except CommandRefused as refused:
            refusal, codes = refused, tuple(reason.code.value for reason in refused.reasons)
            for code in codes:
                m.count(m.REFUSALS, code)
            step.note(outcome="refused", refused=codes)
    m.observe(m.COMMAND_SECONDS, monotonic() - began)
    if refusal is not None:
        raise refusal


def accepted(step: Span, envelope: Envelope, append: Append, process: str, since_ns: int) -> None:
    """Count a command that was carried out; whoever reads its events finds this step."""
    for command in envelope.commands:
        m.count(m.COMMANDS, command.act)
    count_facts((fact for fact, _ in append.facts), process)
    step.appended(Cause(envelope.correlation_id or envelope.command_id, envelope.command_id))
    step.note(outcome="accepted", version=append.version + len(append.facts))
    _note_append(append, since_ns)


@contextmanager
def looked(append: Append, process: str, due: Due | None, since_ns: int) -> Iterator[None]:
    """Count what a look has recorded; its step goes on from what made it due, or has a link to what was before the deadline."""
    facts, stamp = [fact for fact, _ in append.facts], append.facts[0][1]
    count_facts(facts, process)
    seconds = _time_look(due, facts, stamp.recorded_at) if due else 0.0
    before = cause_in(due.by) if due else None
    own = Cause(stamp.correlation_id, stamp.command_id)
    is_own = due is None or due.by_deadline
    after, links = (None, [before] if before else []) if is_own else (before, [])
    with span("progress", after=after, links=links, since_ns=since_ns) as step:
        step.appended(own)
        step.note(deal=deal_of(append.stream), correlation_id=own.correlation_id, command_id=own.command_id)
        step.note(due_for_seconds=seconds, by_deadline=is_own)
        _note_append(append, since_ns)
        yield


def _time_look(due: Due, facts: Iterable[e.Fact], at: datetime) -> float:
    seconds = (at - due.since).total_seconds()
    if due.by_deadline:
        m.observe(m.LATENESS, seconds)
    elif any(isinstance(fact, e.StageAdvanced) for fact in facts):
        m.observe(m.ADVANCE, seconds)
    return seconds


def _note_append(append: Append, since_ns: int) -> None:
    with span("append", since_ns=since_ns) as step:
        step.note(facts=tuple(fact.topic for fact, _ in append.facts), notices=len(append.notices))


def cause_in(stamp: e.Stamp) -> Cause:
    """The span of the command or look that appended the event of this stamp."""
    # A linked deal is opened by the append of another, under that one's command id with the node behind it.
    linked = stamp.cause.startswith("linked:")
    return Cause(stamp.correlation_id, stamp.command_id.rpartition("/")[0] if linked else stamp.command_id)


def causes_of(notices: Iterable[Notice]) -> list[Cause]:
    """The spans of the appends that these notices tell of, each once; notices of before have none."""
    found = (Cause(n.correlation_id, n.command_id) for n in notices if n.correlation_id and n.command_id)
    return list(dict.fromkeys(found))
