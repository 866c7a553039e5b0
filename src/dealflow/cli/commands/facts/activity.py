"""`dealflow activity`: acts of the seller that prove nothing of the customer."""

from typing import Annotated

import typer

from dealflow.cli.options import CommandId, DealId, Home, Json, ObservedAt, OnBehalfOf, group

app = group("Record an act of the seller that proves nothing.")
What = Annotated[str, typer.Argument(metavar="WHAT", help="What was done, on one line.", show_default=False)]


@app.command(epilog="Example: dealflow activity record d-7k2m9q4x 'sent the brochure'")
def record(
    deal: DealId,
    what: What,
    observed_at: ObservedAt = None,
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Record what the seller did. It moves nothing and stays in the history."""
    from dealflow.cli.carry_out import carry_out
    from dealflow.cli.inputs.values import past
    from dealflow.cli.session import Session
    from dealflow.domain.deal.commands import RecordActivity

    def made(session: Session) -> RecordActivity:
        return RecordActivity(what=what, observed_at=past(observed_at, session.zone, "observed-at", session.now))

    return carry_out(home, json, command_id, on_behalf_of, deal, made)
