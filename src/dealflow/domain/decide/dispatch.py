"""Command + deal + context -> facts, or a refusal: every command to a deal passes here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.spelling import Spelling
from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.decide import claims, facts, moves
from dealflow.domain.decide.amend import amend, clear
from dealflow.domain.decide.effects import Effects, Note
from dealflow.domain.decide.escalation import decide_escalation
from dealflow.domain.decide.fields_read import fields_read
from dealflow.domain.decide.permission import must_be_permitted
from dealflow.domain.decide.progress import record_due
from dealflow.domain.escalation.proof_lost import follow_proofs
from dealflow.domain.track.gate import judge_gate
from dealflow.domain.track.judge import LikePiece, Met, Verdict, look_alikes, verdict
from dealflow.domain.track.position import Statuses, is_passed, statuses_of
from dealflow.domain.values.text.spelling import Respelled
from dealflow.domain.values.written.read_as import ReadAs

# These end a visit or the deal's life. What was due before is recorded first, so that no stall and no win is lost.
_ENDING = (c.DecideEscalation, c.MoveBack, c.WinDeal, c.LoseDeal, c.CancelDeal, c.CloseDeal)
# Claims do too, but a claim is judged together with the other facts of its instant, live as in an import.
_CLAIMS = (c.ClaimStage, c.ClaimOutcome, c.ClaimOpen)
# A closing is judged after all facts of its instant, whatever their order in the command.
_CLOSING = (c.WinDeal, c.LoseDeal, c.CancelDeal, c.CloseDeal, c.ClaimOutcome)


@dataclass(frozen=True, slots=True)
class Decision:
    """What happened and the deal after it; `verdicts` are those of the nodes that the commands bear on, for a live caller,
    `notes` what the caller should know. `commands` are those carried out, in whose ids and names `respelled` was changed,
    and in whose fields `read_as` was written in another form.
    """

    draft: Draft
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    notes: tuple[Note, ...] = ()
    commands: tuple[c.Command, ...] = ()
    respelled: tuple[Respelled, ...] = ()
    read_as: tuple[ReadAs, ...] = ()

    @property
    def facts(self) -> tuple[e.Fact, ...]:
        """All facts of the draft."""
        return tuple(self.draft.facts)

    @property
    def says_amount(self) -> bool:
        """Whether the deal's amount was amended or confirmed."""
        return any(
            isinstance(fact, e.AmountConfirmed) or (isinstance(fact, e.DealAmended) and fact.amount is not None)
            for fact in self.facts
        )

    @property
    def deal(self) -> Deal:
        """The deal with these facts."""
        return self.draft.deal

    @property
    def look_alikes(self) -> tuple[LikePiece, ...]:
        """The pieces recorded or corrected that look like another of the deal."""
        return look_alikes(self.deal, self.facts)


def decide(draft: Draft, commands: Sequence[c.Command], found: Sequence[e.Fact] = ()) -> Decision:
    """Judge commands that belong together as one; raise CommandRefused, and then nothing has happened.

    Facts come first, then one judgement, then what closes the deal. `found` are facts that nobody commands: what other deals
    have to do with it.
    """
    effects, is_live = Effects(), draft.context.mode is Mode.LIVE
    read_as: list[ReadAs] = []
    present = statuses_of(draft.deal) if draft.opened else {}
    spelling = Spelling(draft.deal if draft.opened else None, draft.context)
    commands = [spelling.of(command) for command in commands]
    if is_live and any(isinstance(command, _CLAIMS) for command in commands):
        record_due(draft)
    recording = [command for command in commands if not isinstance(command, _CLOSING)]
    closing = [command for command in commands if isinstance(command, _CLOSING)]
    for some in (recording, closing):
        besides = found if some is recording else ()
        if not some and not besides:
            continue
        if some is closing and any(isinstance(each, c.ClaimOutcome) and each.outcome == "won" for each in some):
            record_due(draft)  # where the facts of this instant meet the gate, it is the gate that wins
        judged = draft.deal if draft.opened else None
        for command in some:
            if is_live and isinstance(command, _ENDING):
                record_due(draft)
            for fact in _facts_of(draft, command):
                before = draft.deal if draft.opened else None
                draft.add(fact)
                effects.follow(draft, fact, before)
                if is_live:
                    read_as += fields_read(command, fact, draft.context.process)
            if some is closing:
                judge_gate(draft)  # a won deal may stay in its stage, which then closes after a while
        for fact in besides:
            before = draft.deal
            draft.add(fact)
            effects.follow(draft, fact, before)
        if draft.opened:
            effects.judge(draft)
            follow_proofs(judged, draft)
    effects.conclude(draft)
    verdicts = _verdicts(draft, [*effects.nodes, *_turned(present, draft)], effects.verdicts) if is_live else ()
    return Decision(draft, verdicts, tuple(effects.notes), tuple(commands), spelling.changed, tuple(read_as))


def _facts_of(draft: Draft, command: c.Command) -> Iterator[e.Fact]:
    """The facts of a command that this person may give; what they do alone because nobody else is left is marked so."""
    alone = draft.opened and must_be_permitted(draft.deal, command, draft.context) == "alone"
    for fact in _handled(draft, command):
        yield fact.model_copy(update={"alone": True}) if alone and isinstance(fact, e.PersonsAct) else fact


def _handled(draft: Draft, command: c.Command) -> Iterable[e.Fact]:  # noqa: C901  one case for each command
    """The facts of the command, by its handler, whose signature names them. What follows from them is added by `Effects`."""
    context = draft.context
    if isinstance(command, c.OpenDeal):
        opened = facts.open_deal(draft.deal if draft.opened else None, draft.deal_id, command, context)
        return (opened.model_copy(update={"run": draft.behind.runs + 1}),)
    deal = draft.deal
    match command:
        case c.AmendDeal():
            return amend(deal, command, context)
        case c.ClearFields():
            return clear(deal, command, context)
        case c.RecordEvidence():
            return (facts.record_evidence(deal, command, context),)
        case c.WithdrawEvidence():
            return (facts.withdraw_evidence(deal, command, context),)
        case c.DisputeEvidence():
            return (facts.dispute_evidence(deal, command, context),)
        case c.CorrectEvidence():
            return (facts.correct_evidence(deal, command, context),)
        case c.ConfirmEvidence():
            return (facts.confirm_evidence(deal, command, context),)
        case c.RecordMilestone():
            return (facts.record_milestone(deal, command, context),)
        case c.WithdrawMilestone():
            return (facts.withdraw_milestone(deal, command, context),)
        case c.PlanStep():
            return (facts.plan_step(deal, command, context),)
        case c.CompleteStep():
            return (facts.complete_step(deal, command, context),)
        case c.RecordActivity():
            return (facts.record_activity(command, context),)
        case c.ReassignDeal():
            return (moves.reassign(deal, command, context),)
        case c.WaiveNode():
            return (moves.waive(deal, command, context),)
        case c.OverrideGate():
            return (moves.override(deal, command, context),)
        case c.MoveBack():
            return moves.back(deal, command, context)
        case c.WinDeal():
            return moves.win_deal(deal, command, context)
        case c.LoseDeal():
            return moves.lose(deal, command, context)
        case c.CancelDeal():
            return moves.cancel(deal, command, context)
        case c.CloseDeal():
            return moves.close_deal(deal, command, context)
        case c.ReopenDeal():
            return (moves.reopen(deal, command, context),)
        case c.DecideEscalation():
            return decide_escalation(draft, command)
        case c.ClaimStage():
            return claims.claim_stage(deal, command, context)
        case c.ClaimOutcome():
            return claims.claim_outcome(draft, command)
        case c.ClaimOpen():
            return claims.claim_open(deal, command, context)
        case never:
            assert_never(never)


def _turned(before: Statuses, draft: Draft) -> list[str]:
    """The nodes that judgements have reached or opened again."""
    judged = dict.fromkeys(fact.node for fact in draft.facts if isinstance(fact, e.NodeReached | e.NodeReversed))
    return [node for node in judged if draft.deal.node(node).status is not before.get(node, NodeStatus.OPEN)]


def _verdicts(draft: Draft, nodes: Iterable[str], known: Mapping[str, Verdict]) -> tuple[tuple[str, Verdict], ...]:
    context, statuses = draft.context, statuses_of(draft.deal) if draft.opened else {}
    found = (
        (node, known.get(node) or verdict(context.process.nodes[node], draft.deal, context.process, context.rules))
        for node in dict.fromkeys(nodes)
        if node in context.process.nodes
    )
    # A node that a later one meets is passed, so nobody needs to know what its own standard lacks.
    return tuple(
        (node, each) for node, each in found if isinstance(each, Met) or not is_passed(node, context.process, statuses)
    )
