"""Ids and names of a command in the form in which they are kept, with what was changed of them."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.events import Customer
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.definition import Field, FieldType
from dealflow.domain.values.text.spelling import Respelled, known_or_normal, normal_id, normal_name, respelled

_FORMS: dict[str, tuple[str, Callable[[str], str]]] = {
    "title": ("title", normal_name),
    "owner": ("owner", normal_id),
    "author": ("author", normal_id),
}
_ON_RECORD = {"evidence_id": "evidence", "step_id": "step"}


@cache
def _named_by(kind: type[c.Act]) -> tuple[str, ...]:
    """The fields of a kind of command that hold ids and names."""
    return tuple(name for name in (*_FORMS, *_ON_RECORD, "customer") if name in kind.model_fields)


class Spelling:
    """Brings commands for one deal into form; `changed` is what was given otherwise, each once."""

    def __init__(self, deal: Deal | None, context: Context) -> None:
        self._deal, self._context = deal, context
        self._changed: dict[Respelled, None] = {}

    @property
    def changed(self) -> tuple[Respelled, ...]:
        """What was changed so far."""
        return tuple(self._changed)

    def of(self, command: c.Command) -> c.Command:
        """The command as it is kept; itself where nothing had to be changed."""
        new: dict[str, Any] = {}
        for name in _named_by(type(command)):
            given = getattr(command, name)
            if given is None:
                continue
            if isinstance(given, Customer):
                self._put_customer(new, given)
            elif name in _FORMS:
                self._put(new, name, *_FORMS[name], given)
            else:
                self._put(new, name, _ON_RECORD[name], self._as_on_record, given)
        if isinstance(command, c.DecideEscalation) and command.decision == "reassign":
            self._put(new, "to", "owner", normal_id, command.to or "")
        self._say_people_in_fields(command)
        return command.model_copy(update=new) if new else command

    def _put(self, new: dict[str, Any], name: str, place: str, form: Callable[[str], str], given: str) -> None:
        if (kept := form(given)) != given:
            new[name] = kept
            self._say(respelled(place, given, kept))

    def _as_on_record(self, given: str) -> str:
        """Evidence or a step under another spelling, from before there was one form, is found by that."""
        known = {*self._deal.evidence, *self._deal.steps} if self._deal and normal_id(given) != given else ()
        return known_or_normal(given, known)

    def _put_customer(self, new: dict[str, Any], customer: Customer) -> None:
        kept_id, kept_name = normal_id(customer.id), customer.name and normal_name(customer.name)
        if (kept_id, kept_name) == (customer.id, customer.name):
            return
        new["customer"] = customer.model_copy(update={"id": kept_id, "name": kept_name})
        self._say(respelled("customer", customer.id, kept_id))
        if customer.name and kept_name and customer.name != customer.id:
            self._say(respelled("customer's name", customer.name, kept_name, personal=True))

    def _say_people_in_fields(self, command: c.Command) -> None:
        """Fields are read by the template, which keeps the names of people in this form; here it is said."""
        if not isinstance(command, c.ActWithFields):
            return
        spec = self._spec(command)
        for name, given in command.fields.items():
            field = spec.get(name)
            if field is not None and field.type is FieldType.PERSON and isinstance(given, str):
                self._say(respelled(name, given, normal_name(given), personal=field.personal))

    def _spec(self, command: c.ActWithFields) -> Mapping[str, Field]:
        process = self._context.process
        if isinstance(command, c.RecordMilestone):
            found = process.milestones.get(command.milestone)
            return found[1].fields if found else {}
        on_record = self._deal.evidence.get(getattr(command, "evidence_id", "")) if self._deal else None
        kind = process.evidence.get(on_record.kind if on_record else getattr(command, "kind", ""))
        return kind.fields if kind else {}

    def _say(self, change: Respelled | None) -> None:
        if change is not None:
            self._changed[change] = None
