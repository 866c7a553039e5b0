"""The keys of `people.yaml`: what may stand in it, what is left out, and what each key is for."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from dealflow.adapters.files.file_model import MAX_SHOWN, FileModel, FileText, file_fault
from dealflow.domain.people.organisation import Channel, Person, Role
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
    channels: tuple[ChannelEntry, ...] = Field((), description="Where notices go; the default channels when left out")

    @classmethod
    def called(cls, name: str | None) -> Phrase:
        return phrase("'{name}'", name=name) if name else phrase("a person")

    def person(self) -> Person:
        """The person of the domain."""
        channels = tuple(Channel(id=channel.id, url=channel.url) for channel in self.channels)
        # Not validated again: whether a manager exists is told of all people together.
        return Person.model_construct(**{**dict(self), "name": self.name or self.id, "channels": channels})


class PeopleDocument(FileModel):
    """The people file: everyone who works with deals."""

    people: tuple[PersonEntry, ...] = Field(description="One entry for each person")
