"""The same act on many deals: each a command of its own, whose refusal holds up no other."""

import hashlib
from collections.abc import Iterable, Iterator

from dealflow.application.commands.answers import Handled
from dealflow.application.commands.handle import Deals
from dealflow.domain.deal import commands as c
from dealflow.domain.values.ids import MAX_COMMAND_ID
from dealflow.domain.values.refusal import CommandRefused


def carry_out_each(
    deals: Deals, wanted: Iterable[tuple[str, c.Command]], *, who: c.Who, command_id: str
) -> Iterator[tuple[str, Handled | CommandRefused]]:
    """Carry out one command a deal, in turn, and give its answer or its refusal as soon as it is there.

    Sent again under the same id, what was carried out has its effect once.
    """
    for deal_id, command in wanted:
        envelope = c.Envelope(command_id=part_id(command_id, deal_id), deal_id=deal_id, who=who, commands=(command,))
        try:
            yield deal_id, deals.handle(envelope)
        except CommandRefused as refused:
            yield deal_id, refused


def part_id(command_id: str, part: str) -> str:
    """The id of one part of what a person asked for at once."""
    whole = f"{command_id}/{part}"
    return whole if len(whole) <= MAX_COMMAND_ID else hashlib.sha256(whole.encode()).hexdigest()
