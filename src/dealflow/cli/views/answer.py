"""The answer to a command as a person reads it: what happened, what is met, what is missing, what comes next."""

from collections.abc import Iterator
from typing import Any

from dealflow.application.commands.answers import Answer, Handled, NodeByAmount
from dealflow.application.customers.deals import Besides
from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.as_of import ReadDeals
from dealflow.application.reading.deal_parts.amount import amount_waits
from dealflow.application.reading.history import HistoryQuery, history
from dealflow.application.reading.next_move import next_move
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.views.deals.amount import amount_waits_line
from dealflow.cli.views.deals.customer import besides_line
from dealflow.cli.views.deals.next_move import print_needs
from dealflow.cli.views.look_alike import look_alike_line
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.track.turns import news_of
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase
from dealflow.wording.terms import term

_IDS = {"evidence_id": phrase("evidence"), "step_id": phrase("step")}
_OF_THE_COMMAND = ("command_id", "deal_id", "ids", "respelled", "read_as", "repeated")
_NOTES = {
    "kept_as_history": phrase("The deal is closed: this is kept as history and moves nothing."),
    "judged_though_closed": phrase(
        "The deal is closed and won: it stays in its stage and no clock runs, but its proofs are judged all the same."
    ),
    "waits_for_confirmation": phrase(
        "The change waits until somebody above the owner confirms it with --confirm: until then what the evidence said before "
        "counts as well, where that is worse for a node."
    ),
    "holds_former_value": phrase(
        "Until then the evidence holds its former unique value too, so that no other may have it."
    ),
    "recorded_before": phrase("This was on record already."),
    "claim_not_applied": phrase("The claim contradicts a closed deal: it is kept, without effect."),
    "already_so": phrase("It was so already."),
    "nothing_changed": phrase("Nothing has changed."),
    "customer_erased": phrase(
        "The customer was erased, and stays so until `dealflow customer add` puts them on record anew."
    ),
}


def print_answer(reading: ReadDeals, handled: Handled) -> int:
    """Print the answer to one command; the exit code."""
    if reader().json:
        print_json(answer_document(reading, handled))
        return 0
    for line in answer_lines(reading, handled):
        say(line)
    return 0


def print_opened(reading: ReadDeals, handled: Handled, besides: Besides | None = None) -> int:
    """Print the id of the deal that was opened, its stage, and what is needed next; `besides`: of a customer who has others."""
    answer = reading.told(handled)
    warning = besides_line(besides) if besides is not None and besides.are_any else None
    if reader().json:
        document = answer_document(reading, handled)
        if besides is not None and warning is not None:
            document["besides"] = {**besides.model_dump(mode="json"), "message": reader().t(warning)}
        print_json(document)
        return 0
    to, found = reader(), reading.after(handled)
    process = found.process
    for remark in answer.remarks:
        say(to.t(remark))
    stage = process.definition.stage(found.deal.stage)
    say(
        to.t("{deal} was opened before; nothing new has happened.", deal=answer.deal_id)
        if answer.repeated
        else to.t("{deal} is open", deal=answer.deal_id)
    )
    if warning is not None:
        say(warning)
    for line in _notes(answer):
        say(line)
    say(to.t("Stage: {stage}, process {process}", stage=to.title(stage.id, stage.title), process=str(process.ref)))
    print_needs(next_move(found.deal, process, found.organisation, at=found.at, recorded=found.recorded))
    return 0


def answer_document(reading: ReadDeals, handled: Handled) -> dict[str, Any]:
    """An answer as data; each reason, and each thing that is said beside it, with its sentence.

    Whoever does not see the deal reads what they gave, and nothing of the deal.
    """
    answer = reading.told(handled)
    if not reading.shows(handled):
        answer = answer.model_copy(update={"verdicts": (), "look_alikes": (), "values_twice": ()})
    document = answer.model_dump(mode="json")
    for verdict, shown in zip(answer.verdicts, document["verdicts"], strict=True):
        for reason, place in zip(verdict.reasons, shown["reasons"], strict=True):
            place["message"] = reader().reason(reason)
    for change, shown in zip(answer.respelled, document["respelled"], strict=True):
        shown["message"] = reader().t(change.said)
    for read, shown in zip(answer.read_as, document["read_as"], strict=True):
        shown["message"] = reader().t(read.said)
    for look, shown in zip(answer.look_alikes, document["look_alikes"], strict=True):
        shown["message"] = look_alike_line(look)
    for twice, shown in zip(answer.values_twice, document["values_twice"], strict=True):
        shown["message"] = reader().t(twice.said)
    return document if reading.shows(handled) else {name: document[name] for name in _OF_THE_COMMAND}


def answer_lines(reading: ReadDeals, handled: Handled) -> Iterator[str]:
    """The lines of one answer."""
    to, answer = reader(), reading.told(handled)
    if not reading.shows(handled):
        yield from (to.t(remark) for remark in answer.remarks)
        yield to.t("{deal}: recorded.", deal=answer.deal_id)
        yield from _ids(answer)
        return
    found = reading.after(handled)
    definition = found.process.definition
    if answer.repeated:
        yield to.t("This command was carried out before; nothing new has happened. It did:")
    known = answer.version - len(answer.facts)
    wanted = HistoryQuery(after=known, limit=len(answer.facts))
    yield from (to.t(remark) for remark in answer.remarks)
    story = history(found.recorded, to.teller(definition, found.organisation), wanted)
    facts = [one.fact for one in found.recorded[known : answer.version]]
    news = {id(fact) for fact in news_of(facts, fold(found.recorded[:known]))}
    told = (entry for entry, fact in zip(story.entries, facts, strict=True) if id(fact) in news)
    yield from (f"{answer.deal_id}: {entry.what}" for entry in told)
    yield from _ids(answer)
    yield from (look_alike_line(look) for look in answer.look_alikes)
    yield from _verdicts(answer, found.process)
    yield from _by_amount(answer, found.process)
    yield from _notes(answer)
    yield from (to.t(twice.said) for twice in answer.values_twice if twice.deal != answer.deal_id)
    if "amount_waits" in answer.notes and (waits := amount_waits(found.deal, found.organisation)):
        yield amount_waits_line(waits)
    yield from _outlook(answer, found.deal)


def _notes(answer: Answer) -> Iterator[str]:
    return (reader().t(_NOTES[note]) for note in answer.notes if note in _NOTES)


def _ids(answer: Answer) -> Iterator[str]:
    for name, value in answer.ids.items():
        yield reader().t("{name}: {value}", name=_IDS.get(name, name), value=value)


def _verdicts(answer: Answer, process: ProcessInForce) -> Iterator[str]:
    to = reader()
    for verdict in answer.verdicts:
        node = process.definition.nodes[verdict.node]
        name = to.title(node.id, node.title)
        yield to.t("met: {node}" if verdict.met else "not met: {node}", node=name)
        yield from (f"  - {to.reason_of(node.id, reason)}" for reason in verdict.reasons)


def _by_amount(answer: Answer, process: ProcessInForce) -> Iterator[str]:
    """By which amount the nodes that read it are judged now that something was said of it, and how they stand."""
    to = reader()
    if answer.by_amount == ():
        yield to.t("No node reads the amount.")
    alike: dict[tuple[Phrase, str], list[str]] = {}
    for each in answer.by_amount or ():
        title = to.title(each.node, process.definition.nodes[each.node].title)
        alike.setdefault((_amount_of(each), each.status), []).append(title)
    for (said, status), titles in alike.items():
        yield to.t("Judged by {amount}, {status}: {nodes}", amount=said, status=term("node", status), nodes=titles)


def _amount_of(node: NodeByAmount) -> Phrase:
    amounts = [str(amount) for amount in node.amounts]
    if not amounts:
        return phrase("no amount (0 proves nothing)")
    if node.largest is None:
        return phrase("no amount (these cannot be compared: {amounts})", amounts=amounts)
    if node.as_won:
        return phrase("{amount} as it was won", amount=str(node.largest))
    if node.fails_for not in (None, node.largest) and node.status == "open":
        return phrase("{amount}, for which the standard is not met", amount=str(node.fails_for))
    return (
        phrase("{amount}, the largest in force", amount=str(node.largest)) if len(amounts) > 1 else as_phrase(*amounts)
    )


def _outlook(answer: Answer, deal: Deal) -> Iterator[str]:
    """What follows by itself."""
    to = reader()
    if deal.version != answer.version or not deal.in_progress:
        return
    if answer.wake and deal.ready is not None and deal.ready.ready_at <= deal.recorded_at:
        yield to.t("The deal moves as soon as a worker looks.")
