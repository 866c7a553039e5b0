"""`dealflow milestone`: landmarks of the seller's own work."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting
from dealflow.cli.options import DealId, Decimal, Fields, FieldsJson, ObservedAt, Reason, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Record a landmark of the seller's own work, and take it back.")
Milestone = Annotated[
    str, typer.Argument(metavar="MILESTONE", help="A milestone of the deal's process.", show_default=False)
]


@app.command(
    epilog="Example: dealflow milestone record d-7k2m9q4x quote_sent --field 'amount=50,000 CNY' --field on=2026-11-24"
)
@acting
def record(
    session: "Session",
    deal: DealId,
    milestone: Milestone,
    field: Fields = None,
    fields_json: FieldsJson = None,
    observed_at: ObservedAt = None,
    decimal: Decimal = None,
) -> int:
    """Record a milestone. It moves the seller's standing, never the customer's node."""
    from dealflow.domain.deal.commands import RecordMilestone

    act = RecordMilestone(
        milestone=milestone,
        **session.given(field, fields_json, observed_at, decimal),
    )
    return session.carry_out(deal, act)


@app.command(epilog="Example: dealflow milestone withdraw d-7k2m9q4x quote_sent --reason 'it was never sent'")
@acting
def withdraw(session: "Session", deal: DealId, milestone: Milestone, reason: Reason) -> int:
    """Take a milestone back, with every earlier record of it. Standing and gap follow; a stage that was left stays left."""
    from dealflow.domain.deal.commands import WithdrawMilestone

    return session.carry_out(deal, WithdrawMilestone(milestone=milestone, reason=reason))
