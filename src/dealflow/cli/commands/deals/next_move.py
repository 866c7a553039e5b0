"""`dealflow deal next`: what is missing to move on."""

from dealflow.cli.options import DealId, Home, Json, Language

EXAMPLE = "deal next d-7k2m9q4x"


def next_(deal: DealId, home: Home = None, json: Json = False, lang: Language = None) -> int:
    """Say what is missing to leave the stage. Also by when, and who hears of it if nothing comes."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.next_move import show_next

    with opened(home, json=json, lang=lang) as session:
        return show_next(session, deal)
