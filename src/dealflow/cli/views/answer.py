"""The answer to a command as a person reads it: what happened, what is met, what is missing, what comes next."""

from collections.abc import Iterator, Sequence
from typing import Any

from dealflow.application.commands.answers import Answer, Handled
from dealflow.application.commands.load import unknown_deal
from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.history import HistoryQuery, history
from dealflow.application.reading.next_move import next_move
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.session import Session
from dealflow.cli.views.deals.next_move import print_needs
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.phrase import phrase

_IDS = {"evidence_id": phrase("evidence"), "step_id": phrase("step")}
_NOTES = {
    "kept_as_history": phrase("The deal is closed: this is kept as history and moves nothing."),
    "recorded_before": phrase("This was on record already."),
    "claim_not_applied": phrase("The claim contradicts a closed deal: it is kept, without effect."),
    "already_so": phrase("It was so already."),
    "nothing_changed": phrase("Nothing has changed."),
}


def print_answer(session: Session, handled: Handled) -> int:
    """Print the answer to one command; the exit code."""
    if reader().json:
        print_json(answer_document(handled.answer))
        return 0
    for line in answer_lines(session, handled):
        say(line)
    return 0


def print_opened(session: Session, handled: Handled) -> int:
    """Print the id of the deal that was opened, its stage, and what is needed next."""
    answer = handled.answer
    if reader().json:
        print_json(answer_document(answer))
        return 0
    to = reader()
    deal, _ = _after(session, handled)
    process = session.system.processes.get(deal.process)
    stage = process.definition.stage(deal.stage)
    say(
        to.t("{deal} was opened before; nothing new has happened.", deal=answer.deal_id)
        if answer.repeated
        else to.t("{deal} is open", deal=answer.deal_id)
    )
    say(to.t("Stage: {stage}, process {process}", stage=to.title(stage.id, stage.title), process=str(process.ref)))
    organisation = session.system.people.current()
    print_needs(next_move(deal, process, organisation, at=session.now, recorded=()))
    return 0


def answer_document(answer: Answer) -> dict[str, Any]:
    """An answer as data; each reason with its sentence."""
    document = answer.model_dump(mode="json")
    for verdict, shown in zip(answer.verdicts, document["verdicts"], strict=True):
        for reason, place in zip(verdict.reasons, shown["reasons"], strict=True):
            place["message"] = reader().reason(reason)
    return document


def answer_lines(session: Session, handled: Handled) -> Iterator[str]:
    """The lines of one answer."""
    to, answer = reader(), handled.answer
    deal, recorded = _after(session, handled)
    process = session.system.processes.get(deal.process)
    if answer.repeated:
        yield to.t("This command was carried out before; nothing new has happened. It did:")
    wanted = HistoryQuery(after=answer.version - len(answer.facts), limit=len(answer.facts))
    story = history(recorded, to.teller(process.definition, session.system.people.current()), wanted)
    yield from (f"{answer.deal_id}: {entry.what}" for entry in story.entries)
    for name, value in answer.ids.items():
        yield to.t("{name}: {value}", name=_IDS.get(name, name), value=value)
    yield from _verdicts(answer, process)
    yield from (to.t(_NOTES[note]) for note in answer.notes)
    yield from _outlook(answer, deal)


def _after(session: Session, handled: Handled) -> tuple[Deal, Sequence[Recorded]]:
    """The deal with its stream after the command; read here where the command was carried out before."""
    if handled.after:
        return handled.after.deal, handled.after.stream
    stream = session.system.store.load(stream_of(handled.answer.deal_id))
    deal = fold(stream)
    if deal is None:
        raise unknown_deal(session.system.store, handled.answer.deal_id)
    return deal, stream


def _verdicts(answer: Answer, process: ProcessInForce) -> Iterator[str]:
    to = reader()
    for verdict in answer.verdicts:
        node = process.definition.nodes[verdict.node]
        name = to.title(node.id, node.title)
        yield to.t("met: {node}" if verdict.met else "not met: {node}", node=name)
        yield from (f"  - {to.reason_of(node.id, reason)}" for reason in verdict.reasons)


def _outlook(answer: Answer, deal: Deal) -> Iterator[str]:
    """What follows by itself."""
    to = reader()
    if deal.version != answer.version or not deal.in_progress:
        return
    if answer.wake and deal.ready is not None and deal.ready.ready_at <= deal.recorded_at:
        yield to.t("The deal moves as soon as a worker looks.")
