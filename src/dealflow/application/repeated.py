"""A command that is sent again: its id answers what it answered the first time, and is refused with other content."""

from typing import TypeVar

from pydantic import BaseModel

from dealflow.application.ports.store import StoreReader
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.values.refusal import Code, refuse

A = TypeVar("A", bound=BaseModel)


def asked(envelope: Envelope) -> str:
    """What was asked, without what may differ when it is sent again: the id may be used for this and nothing else."""
    return envelope.model_dump_json(exclude={"command_id", "correlation_id", "cause", "read_as"})


def first_answer(store: StoreReader, command_id: str, content: str, answer: type[A]) -> A | None:
    """The stored answer of the first time, None for a new command; CommandRefused when the id was used for something else."""
    row = store.command(command_id)
    if row is None:
        return None
    if row.content != content:
        raise refuse(Code.COMMAND_ID_REUSED, command_id, given=command_id)
    return answer.model_validate_json(row.answer)
