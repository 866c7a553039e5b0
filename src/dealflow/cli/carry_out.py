"""One command for one deal: carried out, and its answer printed."""

from dealflow.cli.session import Session
from dealflow.cli.views.answer import print_answer
from dealflow.domain.deal.commands import Command


def carry_out(session: Session, deal: str, act: Command) -> int:
    """Carry out one command of one deal and print what came of it."""
    return print_answer(session.system.reading, session.system.deals.handle(session.envelope(deal, act)))
