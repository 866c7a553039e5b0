"""`dealflow deal`, the acts of a person on a deal: win, lose, cancel, close, reassign, waive, override, back, reopen."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting
from dealflow.cli.options import AloneIsKnown, DealId, LooksFor, Reason, Yes

if TYPE_CHECKING:
    from dealflow.cli.session import Session

Node = Annotated[str, typer.Argument(metavar="NODE", help="The decision node's id.", show_default=False)]
Nodes = Annotated[
    list[str] | None,
    typer.Option("--node", metavar="NODE", help="A node that is open again, again for each; else all from there on."),
]
LostReason = Annotated[
    str, typer.Option("--reason", metavar="REASON", help="A reason of the template's list; `process show` has them.")
]
Stage = Annotated[str, typer.Option("--to", metavar="STAGE", help="An earlier stage.")]


@acting
def win(session: "Session", deal: DealId, reason: Reason) -> int:
    """Declare a deal won, its gate met or not. What is not proven stays listed. Only someone above the owner may."""
    from dealflow.domain.deal.commands import WinDeal

    return session.carry_out(deal, WinDeal(reason=reason))


@acting
def lose(
    session: "Session",
    deal: DealId,
    reason: LostReason,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="More about it.")] = "",
) -> int:
    """Give a deal up as lost, or a won one after all."""
    from dealflow.domain.deal.commands import LoseDeal

    return session.carry_out(deal, LoseDeal(reason=reason, note=note))


@acting
def cancel(session: "Session", deal: DealId, reason: LostReason) -> int:
    """End a deal that never was one: opened twice, or by mistake."""
    from dealflow.domain.deal.commands import CancelDeal

    return session.carry_out(deal, CancelDeal(reason=reason))


@acting
def close(session: "Session", deal: DealId, reason: Reason) -> int:
    """End the life of a won deal before its last stage."""
    from dealflow.domain.deal.commands import CloseDeal

    return session.carry_out(deal, CloseDeal(reason=reason))


@acting
def waive(session: "Session", deal: DealId, node: Node, reason: Reason) -> int:
    """Let a node count without evidence. Only someone above the owner may."""
    from dealflow.domain.deal.commands import WaiveNode

    return session.carry_out(deal, WaiveNode(node=node, reason=reason))


@acting
def override(session: "Session", deal: DealId, reason: Reason) -> int:
    """Let a deal leave its stage unproven. Only someone above the owner may."""
    from dealflow.domain.deal.commands import OverrideGate

    return session.carry_out(deal, OverrideGate(reason=reason))


@acting
def back(session: "Session", deal: DealId, to: Stage, reason: Reason, node: Nodes = None) -> int:
    """Move a deal back to an earlier stage. Its nodes ask for new evidence, or for `evidence confirm`."""
    from dealflow.domain.deal.commands import MoveBack

    return session.carry_out(deal, MoveBack(to=to, reason=reason, nodes=tuple(node) if node else None))


@acting
def reopen(
    session: "Session",
    deal: DealId,
    reason: Reason,
    to: Annotated[str | None, typer.Option("--to", metavar="STAGE", help="In this stage; else where it was.")] = None,
    node: Nodes = None,
) -> int:
    """Open a closed deal again, with all that is on record. Only someone above the owner may."""
    from dealflow.domain.deal.commands import ReopenDeal

    act = ReopenDeal(reason=reason, to=to, nodes=tuple(node) if node else None)
    return session.carry_out(deal, act)


@acting
def reassign(
    session: "Session",
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="The new owner.")],
    reason: Reason,
    deal: Annotated[list[str] | None, typer.Argument(metavar="DEAL", help="Deals by id.", show_default=False)] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="PERSON", help="All deals in progress of this owner."),
        LooksFor("owner"),
    ] = None,
    alone_is_known: AloneIsKnown = False,
    yes: Yes = False,
) -> int:
    """Give deals to another owner. Stage, clocks and evidence stay; many are shown first, and done with --yes.

    Refused without --alone-is-known where nobody but the new owner could then decide on the deal.
    """
    from dealflow.application.reading.choice import deals_in_progress_of, named_deals
    from dealflow.cli.errors import WrongUsage
    from dealflow.cli.views.bulk import print_each, print_ids, print_preview
    from dealflow.cli.views.deals.board import print_deals
    from dealflow.domain.deal.commands import ReassignDeal
    from dealflow.domain.values.phrase import phrase

    if bool(deal) == bool(from_):
        raise WrongUsage(phrase("name deals, or give --from with their owner (not both)"))
    act = ReassignDeal(owner=to, reason=reason, alone_is_known=alone_is_known)
    if deal and len(deal) == 1:
        return session.carry_out(deal[0], act)
    session.names.check_person(to)
    if from_:
        rows = deals_in_progress_of(session.board, session.names, from_)
        if not yes:
            return print_preview(rows, print_deals)
        return print_each(session.reading, session.execute_each((row.deal_id, act) for row in rows))
    chosen = named_deals(session.reading, [session.kept("deal", each) for each in deal or ()])
    if not yes:
        return print_ids(chosen)
    return print_each(session.reading, session.execute_each((deal_id, act) for deal_id in chosen))


_EXAMPLES: dict[Callable[..., int], str] = {
    win: "deal win d-7k2m9q4x --reason 'paid in cash, receipt to follow'",
    lose: "deal lose d-7k2m9q4x --reason price",
    cancel: "deal cancel d-7k2m9q4x --reason mistake",
    close: "deal close d-7k2m9q4x --reason 'nothing more to deliver'",
    waive: "deal waive d-7k2m9q4x non_decider_met --reason 'the owner decides alone'",
    override: "deal override d-7k2m9q4x --reason 'framework contract'",
    back: "deal back d-7k2m9q4x --to learn_need --reason 'the need has changed'",
    reopen: "deal reopen d-7k2m9q4x --reason 'they called again'",
    reassign: "deal reassign --from anna --to ben --reason 'anna is on leave' --yes",
}


def register(app: typer.Typer) -> None:
    """Add the acts to the group."""
    for command, example in _EXAMPLES.items():
        app.command(epilog=f"Example: dealflow {example}")(command)
