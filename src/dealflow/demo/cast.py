"""Who plays: a seller and a director, and the user of this computer, who may act for both."""

from pathlib import Path

from dealflow.adapters.files.private import private_folder
from dealflow.adapters.people.reader import load_people
from dealflow.adapters.people.write import write_people
from dealflow.domain.people.organisation import Channel, Person

SELLER, DIRECTOR, USER = "lin", "zhao", "you"


def write_cast(file: Path, os_user: str, webhook: str) -> Person:
    """Put the cast into people.yaml, beside whoever is there; who the user is in it.

    The director is told by the webhook first, and by a file where there is none or when that is gone for good.
    """
    before = load_people(file)
    people = dict(before.people)
    user = people.get(before.by_user.get(os_user, USER)) or Person(id=USER, name=f"You ({os_user})", role="operations")
    users = user.users if os_user in user.users else (*user.users, os_user)
    acts_for = tuple(dict.fromkeys([*user.acts_for, SELLER, DIRECTOR]))
    user = user.model_copy(update={"users": users, "acts_for": acts_for})
    channels = (*([Channel(id="webhook", url=webhook)] if webhook else []), Channel(id="file", url="file:"))
    director = Person(id=DIRECTOR, name="Zhao Min 赵敏", role="director", channels=channels)
    seller = Person(id=SELLER, name="Lin Xiaoyu 林晓雨", role="seller", manager=DIRECTOR)
    people |= {director.id: director, seller.id: seller, user.id: user}
    private_folder(file.parent)
    write_people(file, before.model_copy(update={"people": people, "declared": True}))
    return user
