"""`dealflow deal next`: what is missing to move on."""

from typing import TYPE_CHECKING

from dealflow.cli.opening import reading
from dealflow.cli.options import DealId

if TYPE_CHECKING:
    from dealflow.cli.session import Session

EXAMPLE = "deal next d-7k2m9q4x"


@reading
def next_(session: "Session", deal: DealId) -> int:
    """Say what is missing to leave the stage. Also by when, and who hears of it if nothing comes."""
    from dealflow.application.reading.next_move import next_move
    from dealflow.cli.views.deals.next_move import print_next_move

    found = session.reading.read(deal)
    return print_next_move(
        next_move(found.deal, found.process, found.organisation, at=found.at, recorded=found.recorded)
    )
