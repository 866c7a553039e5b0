"""A command that is sent again: its id answers what it answered the first time, and is refused with other content."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from dealflow.application.ports.store import CommandRow, EventUnreadable, StoreReader, command_key
from dealflow.domain.customer.commands import CustomerEnvelope
from dealflow.domain.customer.stream import customer_stream
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.events import Fact
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.people.actor import Who
from dealflow.domain.seal.commands import SealEnvelope
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
# Made once: a call of `dumps` with these would make it each time.
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Asked:
    """What a command asks for, told without its personal values, which are put aside."""

    def __init__(self, envelope: Envelope | CustomerEnvelope | TokenEnvelope | SealEnvelope) -> None:
        self._envelope = envelope

    def row(self, answer: str, facts: Iterable[Fact]) -> CommandRow:
        """The row of a command that came to these facts: they say which of its values are personal."""
        names = sorted({name for fact in facts for name in getattr(fact, "personal", ())})
        rest, personal = self._parted(names)
        content = json.dumps({"rest": rest, **({"personal": names} if names else {})})
        return CommandRow(command_key(self._envelope.who.actor, self._envelope.command_id), content, answer, personal)

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


def keys_of(principal: str, command_id: str) -> tuple[str, str]:
    """By which rows of a command may stand: its own key, and the id alone, by which a version before kept it."""
    return command_key(principal, command_id), command_id


def row_of(store: StoreReader, principal: str, command_id: str) -> CommandRow | None:
    """The row of this person's command, None for one that is new; another's of the same id is none of theirs.

    A row of the version before says nobody's name: it is theirs whom the events of its stream name. Of a publication nobody is
    asked, since operations alone publish.
    """
    found = {row.key: row for row in store.commands(keys_of(principal, command_id))}
    own, before = (found.get(key) for key in keys_of(principal, command_id))
    if own is not None or before is None:
        return own
    return before if _principal_before(before, store) in (principal, None) else None


def names_follow_from(store: StoreReader, principal: str, command_id: str) -> str:
    """What the ids follow from that a command gives: two people who choose one command id name two things.

    A command of the version before goes on to name what it has named.
    """
    row = row_of(store, principal, command_id)
    return row.key if row is not None else command_key(principal, command_id)


def _principal_before(row: CommandRow, store: StoreReader) -> str | None:
    try:
        said = json.loads(row.answer)
        stream = stream_of(said["deal_id"]) if "deal_id" in said else customer_stream(said["customer"])
        return next((one.stamp.actor for one in store.load(stream) if one.stamp.command_id == row.key), None)
    except (EventUnreadable, ValueError, KeyError, TypeError):
        return None


def first_answer(
    store: StoreReader, who: Who, command_id: str, is_same: Callable[[CommandRow], bool], answer: type[A]
) -> A | None:
    """The stored answer of the first time, None for a new command; CommandRefused when the id was used for something else."""
    row = row_of(store, who.actor, command_id)
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
