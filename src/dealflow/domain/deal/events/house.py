"""Events of the house: its people and calendars, as decisions use them."""

from typing import Any, ClassVar

from dealflow.domain.deal.events.fact import Fact


class PeopleLoaded(Fact):
    """These people count from now on. Of a channel there is its id and kind, never its address."""

    topic: ClassVar[str] = "people.loaded.v1"
    digest: str
    content: dict[str, Any]


class CalendarsLoaded(Fact):
    """These calendars count from now on, beside those that are shipped."""

    topic: ClassVar[str] = "calendars.loaded.v1"
    digest: str
    content: dict[str, Any]


class HouseFollowed(Fact):
    """Every deal that the house concerns has been woken since it has these versions; 0: none yet."""

    topic: ClassVar[str] = "house.followed.v1"
    people: int = 0
    calendars: int = 0
