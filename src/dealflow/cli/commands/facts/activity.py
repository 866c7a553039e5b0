"""`dealflow activity`: acts of the seller that prove nothing of the customer."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting
from dealflow.cli.options import DealId, ObservedAt, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Record an act of the seller that proves nothing.")
What = Annotated[str, typer.Argument(metavar="WHAT", help="What was done, on one line.", show_default=False)]


@app.command(epilog="Example: dealflow activity record d-7k2m9q4x 'sent the brochure'")
@acting
def record(session: "Session", deal: DealId, what: What, observed_at: ObservedAt = None) -> int:
    """Record what the seller did. It moves nothing and stays in the history."""
    from dealflow.domain.deal.commands import RecordActivity

    at = session.writing.observed(observed_at, "observed-at")
    return session.carry_out(deal, RecordActivity(what=what, observed_at=at))
