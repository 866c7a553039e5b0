"""Who acts: whose token was given, else the operating system's user, as `people.yaml` knows it."""

from typing import TYPE_CHECKING

from dealflow.cli.user import os_user
from dealflow.domain.decide.checks import new_person
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_id

if TYPE_CHECKING:
    from dealflow.bootstrap import System


def who_acts(system: "System", on_behalf_of: str | None = None) -> Who:
    """The person who acts; CommandRefused for a token that is not good, which never makes the user of the system act instead."""
    from dealflow.cli.inputs.token import given_token  # whoever comes without one reads no file

    if given := given_token(system.settings):
        token = system.recognise_tokens.recognise(given.text, given.place)
        return Who(actor=token.person, on_behalf_of=on_behalf_of, by=token.used)
    return who(system.people.current(), os_user(), on_behalf_of)


def who(organisation: Organisation, user: str, on_behalf_of: str | None = None) -> Who:
    """The person that the user is; without a `people.yaml` the user. CommandRefused for a user who is nobody in it."""
    if not organisation.declared:
        return Who(actor=new_person(user, "actor"), on_behalf_of=on_behalf_of)
    person = organisation.by_user.get(normal_id(user))
    if person is None:
        raise refuse(
            Code.UNKNOWN_PERSON,
            "people.yaml",
            given=user,
            known=sorted(organisation.by_user),
            advice=phrase("add users: [{user}] to your entry in people.yaml", user=user),
            suggestion=nearest(user, organisation.by_user),
        )
    return Who(actor=person, on_behalf_of=on_behalf_of)
