"""`dealflow step`: the next planned act of the seller."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting
from dealflow.cli.options import DealId, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Plan the next step and report it done.")
What = Annotated[str, typer.Argument(metavar="WHAT", help="What is to be done, on one line.", show_default=False)]
StepId = Annotated[str, typer.Argument(metavar="STEP", help="The step's id.", show_default=False)]


@app.command(epilog="Example: dealflow step plan d-7k2m9q4x 'call the decider' --by 2026-11-30 --node decider_met")
@acting
def plan(
    session: "Session",
    deal: DealId,
    what: What,
    by: Annotated[
        str, typer.Option("--by", metavar="TIME", help="Until when, such as 2026-11-30 or 2026-11-30T10:00:00+08:00.")
    ],
    node: Annotated[
        str | None, typer.Option("--node", metavar="NODE", help="The decision node that it is to move.")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", metavar="ID", help="The step's id; else a short new one.")] = None,
) -> int:
    """Plan a step: what, by when, which node it is to move."""
    from dealflow.application.commands.short_ids import short_id
    from dealflow.domain.deal.commands import PlanStep

    chosen = id_ if id_ is not None else short_id("s", session.named_after)
    act = PlanStep(step_id=chosen, what=what, by=session.writing.until(by, "by"), node=node)
    return session.carry_out(deal, act)


@app.command(epilog="Example: dealflow step done d-7k2m9q4x s-5d2h8j1k --note 'she will come on Friday'")
@acting
def done(
    session: "Session",
    deal: DealId,
    step: StepId,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What came of it.")] = "",
) -> int:
    """Report a planned step done."""
    from dealflow.domain.deal.commands import CompleteStep

    return session.carry_out(deal, CompleteStep(step_id=step, note=note))
