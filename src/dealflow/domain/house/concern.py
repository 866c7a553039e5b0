"""Which deals with open stalls a change of the house concerns: others answer for them than before, or another calendar measures."""

from collections.abc import Collection, Mapping
from typing import Any

from dealflow.domain.escalation.ladder import recipients
from dealflow.domain.people.answering import answering
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import Place

_PLACES: tuple[Place, ...] = ("owner", "director", "superior")


def is_concerned(owner: str | None, owned: Collection[str], before: Organisation | None, after: Organisation) -> bool:
    """Whether a deal of this owner is another's concern after the change; `owned` count as its owner as well.

    Where nothing is known of before, every deal is concerned.
    """
    return before is None or _concern(owner, owned, before) != _concern(owner, owned, after)


def _concern(owner: str | None, owned: Collection[str], organisation: Organisation) -> object:
    places = tuple(recipients((place,), owner, organisation, owned) for place in _PLACES)
    return places, answering(owner, owned, organisation)


def changed_calendars(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The names of the calendars that are new, gone, or other than before, by their kept contents."""
    was, now = ({entry["name"]: entry for entry in content.get("calendars", ())} for content in (before, after))
    return frozenset(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
