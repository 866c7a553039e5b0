"""A command that is sent again: its id answers what it answered the first time, and is refused with other content."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from dealflow.application.ports.store import CommandRow, StoreReader
from dealflow.domain.customer.commands import CustomerEnvelope
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.events import Fact
from dealflow.domain.token.commands import TokenEnvelope
from dealflow.domain.values.refusal import Code, refuse

A = TypeVar("A", bound=BaseModel)
# The digest of a text under the key of this id; None where that key cannot be had.
KeyedDigest = Callable[[str, str], str | None]
# The key of whole commands in a version that digested them so.
KEY_OF_BEFORE = "dealflow/commands"
_OF_BEFORE = re.compile(r"[0-9a-f]{64}")
# What may differ when a command is sent again: the id may be used for this and nothing else. A token's successor is the same
# person.
_MAY_DIFFER: Any = {"command_id": True, "correlation_id": True, "cause": True, "read_as": True, "who": {"by": True}}
_ASIDE = "(personal)"


class Asked:
    """What a command asks for, told without its personal values, which are put aside."""

    def __init__(self, envelope: Envelope | CustomerEnvelope | TokenEnvelope) -> None:
        self._envelope = envelope

    def row(self, answer: str, facts: Iterable[Fact]) -> CommandRow:
        """The row of a command that came to these facts: they say which of its values are personal."""
        names = sorted({name for fact in facts for name in getattr(fact, "personal", ())})
        rest, personal = self._parted(names)
        content = json.dumps({"rest": rest, **({"personal": names} if names else {})})
        return CommandRow(self._envelope.command_id, content, answer, personal)

    def is_of(self, row: CommandRow, keyed: KeyedDigest) -> bool:
        """Whether the row is of a command that asked for the same.

        Personal values are compared as long as their key is there. Without it the rest decides: to refuse what was sent again
        would have it carried out twice, under another id.
        """
        if _OF_BEFORE.fullmatch(row.content):
            known = keyed(KEY_OF_BEFORE, self._envelope.model_dump_json(exclude=_MAY_DIFFER))
            return known in (None, row.content)
        try:
            kept = json.loads(row.content)
            rest, personal = self._parted(kept.get("personal", ()))
            if rest != kept["rest"]:
                return False
        except (ValueError, KeyError, TypeError, AttributeError):
            return False
        if row.personal or "digest" not in kept:
            return personal == row.personal
        return keyed(kept.get("key", ""), personal) in (None, kept["digest"])

    def _parted(self, names: Collection[str]) -> tuple[str, str]:
        """The digest of the rest, in which a mark stands for each personal value, and these values; "" where there is none."""
        # Without defaults: a field that a later version adds changes no digest. They name the kind of command, which is kept.
        document = self._envelope.model_dump(mode="json", exclude=_MAY_DIFFER, exclude_defaults=True)
        document["acts"] = [command.act for command in self._envelope.commands]
        values: list[list[Any]] = []
        for number, command in enumerate(document["commands"]):
            for holder, name in _personal_places(command, names):
                values.append([number, name, holder[name]])
                holder[name] = _ASIDE
        rest = hashlib.sha256(_canonical(document).encode()).hexdigest()
        return rest, _canonical(values) if values else ""


def with_digest(content: str, key_id: str, digest: str) -> str:
    """The content of a row whose personal part is told by a digest under this key."""
    return json.dumps({**json.loads(content), "key": key_id, "digest": digest})


def first_answer(
    store: StoreReader, command_id: str, is_same: Callable[[CommandRow], bool], answer: type[A]
) -> A | None:
    """The stored answer of the first time, None for a new command; CommandRefused when the id was used for something else."""
    row = store.command(command_id)
    if row is None:
        return None
    if not is_same(row):
        raise refuse(Code.COMMAND_ID_REUSED, command_id, given=command_id)
    return answer.model_validate_json(row.answer)


def _personal_places(command: dict[str, Any], names: Collection[str]) -> Iterator[tuple[dict[str, Any], str]]:
    fields, customer = command.get("fields"), command.get("customer")
    if isinstance(fields, dict):
        yield from ((fields, name) for name in names if name in fields)
    if isinstance(customer, dict) and customer.get("name") is not None:
        yield customer, "name"


def _canonical(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
