"""`dealflow milestone`: landmarks of the seller's own work."""

from typing import Annotated

import typer

from dealflow.cli.options import CommandId, DealId, Fields, FieldsJson, Home, Json, ObservedAt, OnBehalfOf, group

app = group("Record a landmark of the seller's own work.")
Milestone = Annotated[
    str, typer.Argument(metavar="MILESTONE", help="A milestone of the deal's process.", show_default=False)
]


@app.command(
    epilog="Example: dealflow milestone record d-7k2m9q4x quote_sent --field 'amount=50,000 CNY' --field on=2026-11-24"
)
def record(
    deal: DealId,
    milestone: Milestone,
    field: Fields = None,
    fields_json: FieldsJson = None,
    observed_at: ObservedAt = None,
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Record a milestone. It moves the seller's standing, never the customer's node."""
    from dealflow.cli.carry_out import carry_out
    from dealflow.cli.inputs.fields import fields
    from dealflow.cli.inputs.values import past
    from dealflow.cli.session import Session
    from dealflow.domain.deal.commands import RecordMilestone

    def made(session: Session) -> RecordMilestone:
        at = past(observed_at, session.zone, "observed-at", session.now)
        return RecordMilestone(milestone=milestone, fields=fields(field, fields_json), observed_at=at)

    return carry_out(home, json, command_id, on_behalf_of, deal, made)
