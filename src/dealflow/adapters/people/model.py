"""The keys of `people.yaml`: what may stand in it, what is left out, and what each key is for."""

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from dealflow.adapters.files.file_model import MAX_SHOWN, FileModel, FileText, file_fault
from dealflow.domain.people.organisation import Channel, Deputy, Person, Role
from dealflow.domain.people.rights import (
    DEAL_ACTS,
    STORE_ACTS,
    Holder,
    Rights,
    RightsAct,
    TwoPersonAct,
    holders_possible,
)
from dealflow.domain.values.ids import MAX_PERSON_ID, is_person_id, person_fault
from dealflow.domain.values.language import Language
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.spelling import normal_id, normal_name

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:")


def _id(given: str) -> str:
    kept = normal_id(given)
    if not is_person_id(kept):
        wrong = phrase("'{given}' is not an id", given=given[:MAX_SHOWN])
        raise file_fault("id", wrong, phrase("up to 80 characters on one line, without /"))
    if fault := person_fault(kept):
        raise file_fault(
            "id", lambda what: phrase("{what}: {wrong}", what=what, wrong=fault), phrase("choose another id")
        )
    return kept


def _address(given: str) -> str:
    if not _ADDRESS.match(given):
        # The address itself may hold a secret, so it is not repeated.
        right = phrase("'file:' or an Apprise address such as json://host/")
        raise file_fault("url", lambda what: phrase("{what} is not an address", what=what), right)
    return given


def _day(given: str) -> str:
    try:
        date.fromisoformat(given)
    except ValueError:
        wrong = phrase("'{given}' is not a day", given=given[:MAX_SHOWN])
        raise file_fault("date", wrong, phrase("a day such as 2026-12-24")) from None
    return given


def _some(act: RightsAct) -> Callable[[tuple[Holder, ...]], tuple[Holder, ...]]:
    """Checks that the act is not taken from everybody: nobody could give it back."""

    def checked(given: tuple[Holder, ...]) -> tuple[Holder, ...]:
        if not given:
            wrong = phrase("'{act}' has no holder: nobody could do it", act=act)
            raise file_fault(
                "empty", wrong, phrase("one of {known}, or leave the key out", known=holders_possible(act))
            )
        return given

    return checked


Day = Annotated[FileText, AfterValidator(_day)]
Id = Annotated[FileText, AfterValidator(_id), Field(json_schema_extra={"maxLength": MAX_PERSON_ID})]
IdOfAnother = Annotated[FileText, AfterValidator(normal_id)]
Name = Annotated[FileText, AfterValidator(normal_name)]
Address = Annotated[FileText, AfterValidator(_address)]


class ChannelEntry(FileModel):
    """A way to reach a person."""

    id: FileText = Field(description="Name of the channel, of which a person has only one")
    url: Address = Field(
        description="`file:` for a file in the outbox folder, or an Apprise address such as `json://host/`"
    )

    @classmethod
    def called(cls, name: str | None) -> Phrase:
        return phrase("channel '{name}'", name=name) if name else phrase("a channel")


class DeputyEntry(FileModel):
    """Who works on a person's deals beside them."""

    id: IdOfAnother = Field(description="The id of the deputy")
    since: Day | None = Field(None, description="The first day, such as `2026-12-24`, in UTC; at once when left out")
    until: Day | None = Field(None, description="The last day; without end when left out")

    @classmethod
    def called(cls, name: str | None) -> Phrase:
        return phrase("deputy '{name}'", name=name) if name else phrase("a deputy")

    def deputy(self) -> Deputy:
        """The deputy of the domain."""
        since, until = (date.fromisoformat(day) if day else None for day in (self.since, self.until))
        return Deputy.model_construct(id=self.id, since=since, until=until)


class PersonEntry(FileModel):
    """Someone who owns deals, directs others or is told of stalls."""

    id: Id = Field(
        description="What deals, commands and other people call this person: up to 80 characters without `/`"
    )
    name: Name = Field("", description="What messages and tables call this person; the id when left out")
    role: Role = Field("seller", description="What the person may do")
    manager: IdOfAnother | None = Field(None, description="The id of the next person up")
    region: FileText | None = Field(None, description="The part of the market that lists can be cut by")
    language: Language = Field("en", description="Language of notices and of the command line")
    users: tuple[IdOfAnother, ...] = Field((), description="Users of the operating system who are this person")
    acts_for: tuple[IdOfAnother, ...] = Field(
        (), description="Ids of people in whose name this person may act, or `'*'` for everyone"
    )
    deputies: tuple[DeputyEntry, ...] = Field((), description="Who records on this person's deals beside them")
    kinds: tuple[FileText, ...] = Field((), description="The kinds of evidence that an integrator records")
    channels: tuple[ChannelEntry, ...] = Field((), description="Where notices go; the default channels when left out")

    @classmethod
    def called(cls, name: str | None) -> Phrase:
        return phrase("'{name}'", name=name) if name else phrase("a person")

    def person(self) -> Person:
        """The person of the domain."""
        channels = tuple(Channel(id=channel.id, url=channel.url) for channel in self.channels)
        deputies = tuple(deputy.deputy() for deputy in self.deputies)
        # Not validated again: whether a manager exists is told of all people together.
        return Person.model_construct(
            **{**dict(self), "name": self.name or self.id, "deputies": deputies, "channels": channels}
        )


class RightsTable(FileModel):
    """Who may do what; an act that is left out is as shipped."""

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("the rights")

    def rights(self) -> Rights:
        """The rights of the domain."""
        return Rights(changed={act: holders for act, holders in dict(self).items() if holders is not None})


# What an act is where its name does not say it.
_WORDS: dict[RightsAct, str] = {
    "open": "open a deal, by its owner to be",
    "record_milestone": "record a milestone",
    "withdraw_milestone": "withdraw a milestone",
    "plan_step": "plan a step",
    "complete_step": "complete a step",
    "record_activity": "record an activity",
    "amend": "amend what is said of a deal; an amount of a won deal needs `confirm` as well",
    "back": "move a deal back",
    "close": "close a won deal",
    "lose": "lose a deal",
    "cancel": "cancel a deal",
    "reassign": "give a deal to another owner",
    "reopen": "reopen a deal",
    "waive": "waive a node",
    "override": "let a deal leave its stage unproven",
    "win": "declare a deal won",
    "confirm": "confirm an amount, evidence, or a change of evidence",
    "decide": "answer an escalation",
    "publish": "publish a process",
    "import": "import deals, and claim what another system says",
    "people": "load the people of the store, and add people by an import",
    "calendars": "load the calendars of the store",
    "notify": "send others a test message",
    "customer": "put a customer on record, and add to what is known of them",
    "merge": "make one customer of two",
    "erase": "erase a customer",
    "rekey": "give a customer whose key is missing a new one",
    "token": "make and revoke tokens of others; their own everybody does",
    "store": "look after the store as a whole: its seal, its index, its version",
    "audit": "read what was done as an exception, on every deal and to the store",
}


def _right(act: RightsAct) -> Any:
    shipped = ", ".join(f"`{holder}`" for holder in Rights().of(act))
    said = f"Who may {_WORDS.get(act, act.replace('_', ' '))}; as shipped {shipped}"
    # Only who can be named for this act, so that a wrong word is told with these alone.
    possible: Any = Literal[holders_possible(act)]
    listed = Annotated[tuple[possible, ...], AfterValidator(_some(act))]
    return listed | None, Field(None, title=act.replace("_", " ").capitalize(), description=said)


if TYPE_CHECKING:
    RightsEntry = RightsTable
else:
    # One key for each act of the table.
    _KEYS = {act: _right(act) for act in (*DEAL_ACTS, *STORE_ACTS)}
    RightsEntry = create_model("RightsEntry", __base__=RightsTable, __doc__=RightsTable.__doc__, **_KEYS)


_SECOND_PERSON = Field((), description="What one person proposes and a second one confirms: `publish`, `erase`")


class SecondPersonEntry(FileModel):
    """What the file asks a second person for."""

    second_person: tuple[TwoPersonAct, ...] = _SECOND_PERSON


class PeopleDocument(FileModel):
    """The people file: everyone who works with deals, and what they may do."""

    people: tuple[PersonEntry, ...] = Field(description="One entry for each person")
    rights: RightsEntry | None = Field(None, title="Rights", description="Who may do what, where it is not as shipped")
    second_person: tuple[TwoPersonAct, ...] = _SECOND_PERSON
