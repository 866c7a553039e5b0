"""Commands for many: which ones are meant, a preview, and the answers one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from dealflow.application.commands.answers import Answer
from dealflow.application.reading.board import DealQuery
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.cli.errors import DONE, REFUSED, WrongUsage, refused_document
from dealflow.cli.inputs.files import read_ids
from dealflow.cli.inputs.values import duration, instant
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.session import Session
from dealflow.cli.views.answer import answer_document, print_answer, told
from dealflow.cli.views.deals.board import must_be_known, print_deals
from dealflow.cli.views.deals.stalls import print_stalls
from dealflow.domain.deal import commands as c
from dealflow.domain.decide import checks
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.suggest import nearest

Word = Literal["extend", "reassign", "waive", "back", "lose"]


@dataclass(frozen=True, slots=True)
class AnswerToMany:
    """What is decided, as written."""

    word: str
    reason: str
    until: str | None
    lasting: str | None
    to: str | None
    node: str | None
    lost_reason: str | None

    def checked(self, session: Session) -> c.DecideEscalation:
        """The command, for the only open escalation of a deal until one is named."""
        if self.word not in get_args(Word):
            near = nearest(self.word, get_args(Word))
            raise WrongUsage(
                f"{self.word!r} is no decision: one of {', '.join(get_args(Word))}"
                + (f"; did you mean {near!r}?" if near else "")
            )
        if self.until is not None and self.lasting is not None:
            raise WrongUsage("give --until or --for, not both")
        return c.DecideEscalation(
            decision=cast("Word", self.word),
            reason=self.reason,
            until=instant(self.until, session.zone, "until"),
            lasting=duration(self.lasting, "for") if self.lasting is not None else None,
            to=self.to,
            node=self.node,
            lost_reason=self.lost_reason,
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which escalations are meant: by id, by a file of ids, or by what they have in common."""

    ids: tuple[str, ...]
    file: Path | None
    owner: str | None
    director: str | None
    stage: str | None
    older_than: str | None

    @property
    def by_filter(self) -> bool:
        return any((self.owner, self.director, self.stage, self.older_than))

    def named(self) -> list[str]:
        """The ids that were given, once each."""
        return list(dict.fromkeys([*self.ids, *(read_ids(self.file) if self.file else ())]))

    def wanted(self, session: Session) -> StallQuery:
        """The question to the board."""
        before = None
        if self.older_than is not None:
            length = duration(self.older_than, "older-than")
            if length.unit.is_working:
                raise WrongUsage("--older-than counts plain time: '7 days', '8 hours'")
            before = session.now - length.elapsed
        return StallQuery(owner=self.owner, director=self.director, stage=self.stage, due_before=before)


def decide_escalations(session: Session, chosen: Chosen, decision: AnswerToMany, *, yes: bool) -> int:
    """Answer one escalation, or show many and answer them when told to."""
    named = chosen.named()
    if bool(named) == chosen.by_filter:
        raise WrongUsage("name escalations, or choose them with --owner, --director, --stage, --older-than (not both)")
    act = decision.checked(session)
    if len(named) == 1:
        deal_id, escalation = _split(session, named[0])
        return print_answer(session, session.execute(deal_id, act.model_copy(update={"escalation": escalation})))
    rows = session.system.board.escalations(chosen.wanted(session) if chosen.by_filter else StallQuery())
    if named:
        rows = _those(rows, named)
    if not rows:
        must_be_known(session, stage=chosen.stage, people=(chosen.owner, chosen.director))
    wanted = [(row.deal_id, act.model_copy(update={"escalation": row.stall_id})) for row in rows]
    if not yes:
        documents = [row.model_dump(mode="json") for row in rows]
        return _preview(documents, lambda: print_stalls(rows))
    return _carry_out(session, wanted)


def reassign_deals(
    session: Session, deals: Sequence[str], from_: str | None, to: str, reason: str, *, yes: bool
) -> int:
    """Give one deal to another owner, or show many and do it when told to."""
    if bool(deals) == bool(from_):
        raise WrongUsage("name deals, or give --from with their owner (not both)")
    act = c.ReassignDeal(owner=to, reason=reason)
    if len(deals) == 1:
        return print_answer(session, session.execute(deals[0], act))
    organisation = session.system.people.current()
    if organisation.declared and to not in organisation.people:
        raise checks.unknown(Code.UNKNOWN_PERSON, to, organisation.people)
    if from_:
        owned = session.system.board.deals(DealQuery(owner=from_, in_progress=True))
        if not owned:
            must_be_known(session, people=(from_,))
        if not yes:
            return _preview([row.model_dump(mode="json") for row in owned], lambda: print_deals(owned))
        return _carry_out(session, [(row.deal_id, act) for row in owned])
    for deal in deals:
        session.system.deals.load(deal)  # an id that is not there stops all before anything is done
    if not yes:
        return _preview([{"deal_id": deal} for deal in deals], lambda: say("\n".join(deals)))
    return _carry_out(session, [(deal, act) for deal in dict.fromkeys(deals)])


def _split(session: Session, written: str) -> tuple[str, str]:
    """Deal and escalation; a deal's id alone means its only open one."""
    word = checks.line(written, "escalation")
    deal_id, slash, _ = word.partition("/")
    try:
        session.system.deals.load(deal_id)
    except CommandRefused as refused:
        near = refused.reasons[0].suggestion
        known = [row.stall_id for row in session.system.board.escalations(StallQuery(deal_id=near))] if near else []
        raise refuse(
            Code.UNKNOWN_ESCALATION, word, given=word, suggestion=(known[0] if known and slash else near)
        ) from refused
    return deal_id, word if slash else ""


def _those(rows: Sequence[StallRow], named: Sequence[str]) -> list[StallRow]:
    """The rows that are named by escalation or by deal; refused as a whole when one is not there."""
    chosen = {row.stall_id: row for row in rows if row.stall_id in named or row.deal_id in named}
    found = {row.stall_id for row in chosen.values()} | {row.deal_id for row in chosen.values()}
    missing = [name for name in named if name not in found]
    if missing:
        known = [row.stall_id for row in rows]
        raise CommandRefused(
            *(reason for name in missing for reason in checks.unknown(Code.UNKNOWN_ESCALATION, name, known).reasons)
        )
    return list(chosen.values())


def _preview(documents: list[dict[str, Any]], show: Callable[[], None]) -> int:
    if reader().json:
        print_json({"done": False, "preview": documents})
        return DONE
    if not documents:
        return _nothing()
    show()
    note(reader().t("{n} would be changed. Nothing is done yet; add --yes.").format(n=len(documents)))
    return DONE


def _nothing() -> int:
    note(reader().t("Nothing matches; there is nothing to do."))
    return DONE


def _carry_out(session: Session, wanted: Sequence[tuple[str, c.Command]]) -> int:
    """Each by itself: what is refused does not hold up the rest, and makes the exit code 1."""
    if not wanted and not reader().json:
        return _nothing()
    answers: list[Answer] = []
    refusals: list[tuple[str, CommandRefused]] = []
    to = reader()
    for deal_id, act in wanted:
        try:
            answer = session.execute(deal_id, act, part=deal_id)
        except CommandRefused as error:
            refusals.append((deal_id, error))
            continue
        answers.append(answer)
        if not to.json:
            for line in told(session, answer):
                say(line)
    refused = [{"deal_id": deal, **item} for deal, found in refusals for item in refused_document(found.reasons)]
    if to.json:
        print_json({"done": True, "answers": [answer_document(answer) for answer in answers], "refused": refused})
    else:
        for item in refused:
            note(f"{item['deal_id']}: {item['message']}")
        note(to.t("{done} done, {refused} refused").format(done=len(answers), refused=len(refusals)))
    return REFUSED if refusals else DONE
