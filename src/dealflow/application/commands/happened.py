"""What happens on the path of a command, for log, metrics and traces."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from dealflow.application.commands.answers import Answer, Progressed
from dealflow.application.commands.causes import Due, cause_in
from dealflow.application.commands.decide import DecidedAct
from dealflow.application.ports.store import Append
from dealflow.domain.deal import events as e
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability import happened as h
from dealflow.observability import metrics as m
from dealflow.observability.happened import happened
from dealflow.observability.logs import emit_facts
from dealflow.observability.traces import Cause, Span, span


@contextmanager
def handling(envelope: Envelope) -> Iterator[Span]:
    """The step of a command; a refusal is no failure of it."""
    began, refusal = monotonic(), None
    acts = "+".join(dict.fromkeys(command.act for command in envelope.commands))
    correlation_id = envelope.correlation_id or envelope.command_id
    with span(f"command {acts}", correlation_id=correlation_id) as step:
        step.note(deal=envelope.deal_id, command_id=envelope.command_id, correlation_id=correlation_id)
        try:
            yield step
        except CommandRefused as refused:
            refusal, codes = refused, tuple(reason.code.value for reason in refused.reasons)
            happened(
                h.COMMAND_REFUSED,
                *((code,) for code in codes),
                traced={"refused": codes},
                command=envelope.command_id,
                deal=envelope.deal_id,
                reasons=list(codes),
            )
    m.observe(m.COMMAND_SECONDS, monotonic() - began)
    if refusal is not None:
        raise refusal


def command_decided(step: Span, envelope: Envelope, decided: DecidedAct[Answer]) -> None:
    """A command was carried out, now or before; whoever reads its events finds this step."""
    answer, deal_id, command_id = decided.answer, decided.answer.deal_id, envelope.command_id
    traced = {"version": answer.version}
    if answer.repeated:
        happened(h.COMMAND_REPEATED, traced=traced, command=command_id, deal=deal_id)
        return
    step.appended(Cause(envelope.correlation_id or command_id, command_id))
    acts = ((command.act,) for command in envelope.commands)
    happened(h.COMMAND_ACCEPTED, *acts, traced=traced, command=command_id, deal=deal_id, facts=list(answer.facts))
    _appended(decided.appends[0], decided, step.started_ns)


@contextmanager
def progress_made(decided: DecidedAct[Progressed], since_ns: int) -> Iterator[None]:
    """The step of a workflow's progress: it goes on from what made it due, or has a link to what was before the deadline."""
    append, due = decided.appends[0], decided.due
    facts, stamp = [fact for fact, _ in append.facts], append.facts[0][1]
    seconds = _time_progress(due, facts, stamp.recorded_at) if due else 0.0
    before = cause_in(due.by) if due else None
    own = Cause(stamp.correlation_id, stamp.command_id)
    is_own = due is None or due.by_deadline
    after, links = (None, [before] if before else []) if is_own else (before, [])
    with span("progress", after=after, links=links, since_ns=since_ns) as step:
        step.appended(own)
        deal_id = decided.answer.deal_id
        step.note(deal=deal_id, correlation_id=own.correlation_id, command_id=own.command_id)
        step.note(due_for_seconds=seconds, by_deadline=is_own)
        happened(h.DEAL_PROGRESSED, deal=deal_id, facts=list(decided.answer.facts), stage=decided.stage)
        _appended(append, decided, since_ns)
        yield


def _appended(append: Append, decided: DecidedAct[Answer] | DecidedAct[Progressed], since_ns: int) -> None:
    """The facts of a deal that operators look for and count."""
    facts = [fact for fact, _ in append.facts]
    topics = tuple(fact.topic for fact in facts)
    emit_facts(topics, deal=decided.answer.deal_id, stage=decided.stage)
    _count_facts(facts, decided.process)
    with span("append", since_ns=since_ns) as step:
        step.note(facts=topics, notices=len(append.notices))


def _count_facts(facts: Iterable[e.Fact], process: str) -> None:
    for fact in facts:
        match fact:
            case e.StageAdvanced() | e.StageMovedBack():
                m.count(m.TRANSITIONS, process, fact.from_stage, fact.to_stage)
            case e.StallRecorded():
                m.count(m.STALLS, process, fact.stage, fact.clock)
            case e.RungReached():
                m.count(m.ESCALATIONS, process, str(fact.rung))


def _time_progress(due: Due, facts: Iterable[e.Fact], at: datetime) -> float:
    seconds = (at - due.since).total_seconds()
    if due.by_deadline:
        m.observe(m.LATENESS, seconds)
    elif any(isinstance(fact, e.StageAdvanced) for fact in facts):
        m.observe(m.ADVANCE, seconds)
    return seconds
