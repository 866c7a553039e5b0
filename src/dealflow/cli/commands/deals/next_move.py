"""`dealflow deal next`: what is missing to move on."""

from dealflow.cli.options import DealId, Home, Json

EXAMPLE = "deal next d-7k2m9q4x"


def next_(deal: DealId, home: Home = None, json: Json = False) -> int:
    """Say what is missing to leave the stage. Also by when, and who hears of it if nothing comes."""
    from dealflow.application.reading.next_move import next_move
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.next_move import print_next_move

    with opened(home, json=json) as session:
        found = session.system.reading.read(deal)
        return print_next_move(
            next_move(found.deal, found.process, found.organisation, at=found.at, recorded=found.recorded)
        )
