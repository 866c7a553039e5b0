"""Who acts: the operating system's user, as `people.yaml` knows it."""

import getpass
import os

from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest


def os_user() -> str:
    """The user that this process runs as; not what LOGNAME says, which everybody may set."""
    try:
        import pwd
    except ImportError:  # Windows has no such table
        return getpass.getuser()
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run under a number without a name
        return str(number)


def who(organisation: Organisation, user: str, on_behalf_of: str | None = None) -> Who:
    """The person that the user is; without a `people.yaml` the user. CommandRefused for a user who is nobody in it."""
    if not organisation.declared:
        return Who(actor=user, on_behalf_of=on_behalf_of)
    person = organisation.by_user.get(user)
    if person is None:
        raise refuse(
            Code.UNKNOWN_PERSON,
            "people.yaml",
            given=user,
            known=sorted(organisation.by_user),
            advice=f"add users: [{user}] to your entry in people.yaml",
            suggestion=nearest(user, organisation.by_user),
        )
    return Who(actor=person, on_behalf_of=on_behalf_of)
