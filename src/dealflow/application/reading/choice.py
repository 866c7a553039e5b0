"""Choosing one or many to act on: escalations and deals, by id or by what they have in common, refused as a whole."""

from collections.abc import Sequence

from dealflow.application.reading.as_of import ReadDeals
from dealflow.application.reading.board import Board, DealQuery, DealRow, in_form, kept_name
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.domain.clocks.stall import deal_of_stall
from dealflow.domain.decide import checks
from dealflow.domain.values.refusal import Code, CommandRefused, refuse


def one_escalation(deals: ReadDeals, board: Board, named: str) -> tuple[str, str]:
    """The deal and the escalation that an id names; a deal's id alone leaves the escalation empty: its only open one."""
    word = kept_name(deals, board, "escalation", checks.line(named, "escalation"))
    deal_id = deal_of_stall(word)
    names_stall = word != deal_id
    try:
        deals.read(deal_id)
    except CommandRefused as refused:
        near = refused.reasons[0].suggestion
        known = [row.stall_id for row in board.stalls(_escalated(StallQuery(deal_id=near)))] if near else []
        raise refuse(
            Code.UNKNOWN_ESCALATION, word, given=word, suggestion=(known[0] if known and names_stall else near)
        ) from refused
    return deal_id, word if names_stall else ""


def named_escalations(board: Board, named: Sequence[str]) -> list[StallRow]:
    """The open escalations of these ids, their own or their deals'; refused as a whole when one is not there."""
    rows = board.stalls(_escalated(StallQuery()))
    chosen = {row.stall_id: row for row in rows if row.stall_id in named or row.deal_id in named}
    found = {row.stall_id for row in chosen.values()} | {row.deal_id for row in chosen.values()}
    missing = [name for name in named if name not in found]
    if missing:
        known = [row.stall_id for row in rows]
        raise CommandRefused(
            *(reason for name in missing for reason in checks.unknown(Code.UNKNOWN_ESCALATION, name, known).reasons)
        )
    return list(chosen.values())


def matching_escalations(board: Board, names: KnownNames, wanted: StallQuery) -> list[StallRow]:
    """The open escalations that have this in common; refused where nothing matches because a name exists nowhere."""
    wanted, _ = in_form(board, names, wanted)
    rows = board.stalls(_escalated(wanted))
    if not rows:
        names.check(stage=wanted.stage, people=(wanted.owner, wanted.director))
    return rows


def deals_in_progress_of(board: Board, names: KnownNames, owner: str) -> list[DealRow]:
    """All deals in progress of this owner; refused where there is none because nobody has that name."""
    rows = board.deals(DealQuery(owner=owner, in_progress=True))
    if not rows:
        names.check(people=(owner,))
    return rows


def named_deals(deals: ReadDeals, named: Sequence[str]) -> list[str]:
    """These deals, once each; refused as a whole when one is not there."""
    return list(dict.fromkeys(deals.read(deal_id).deal.id for deal_id in named))


def _escalated(wanted: StallQuery) -> StallQuery:
    return wanted.model_copy(update={"escalated_only": True})
