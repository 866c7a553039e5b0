"""One command for one deal: made of what was written, carried out, and its answer printed."""

from collections.abc import Callable
from pathlib import Path

from dealflow.cli.session import Session, opened
from dealflow.cli.views.answer import print_answer
from dealflow.domain.deal import commands as c

# An act, or what makes one of the session: its clock, its zone, its command id.
Made = c.Command | Callable[[Session], c.Command]


def carry_out(
    home: Path | None, json: bool, command_id: str | None, on_behalf_of: str | None, deal: str, made: Made
) -> int:
    """Carry out one command of one deal and print what came of it."""
    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of) as session:
        act = made(session) if callable(made) else made
        return print_answer(session.system.reading, session.system.deals.handle(session.envelope(deal, act)))
