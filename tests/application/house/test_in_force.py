"""Which file of several computers is followed, and that no change of the house is lost between its record and its wakes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.calendars.plan import CalendarPlan
from dealflow.adapters.clock import SystemClock
from dealflow.application.engine.follow import FollowHouse
from dealflow.application.house.in_force import HouseFilesDiffer, InForce
from dealflow.application.house.versions import Versions
from dealflow.application.ports.open_stalls import StalledDeal
from dealflow.bootstrap import CALENDARS, PEOPLE
from dealflow.domain.deal.events import HouseFollowed
from dealflow.domain.house.streams import FOLLOWED_STREAM, PEOPLE_STREAM
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.process.definition import ProcessRef
from tests.support.stores.memory_store import MemoryStore

NOBODY = Organisation(people={}, declared=False)
# Without the half a second for which a change may pass unnoticed.
AT_ONCE = replace(CALENDARS, stale_seconds=0.0)
REF = ProcessRef(name="small", version=1, digest="0" * 64)


def house(manager: str, *, users: tuple[str, ...] = ("root",)) -> Organisation:
    people = (
        Person(id="anna", name="Anna", manager=manager),
        Person(id="dora", name="Dora", role="director"),
        Person(id="rolf", name="Rolf", role="director"),
        Person(id="ops", name="Ops", role="operations", users=users),
    )
    return Organisation(people={one.id: one for one in people})


@dataclass
class EditedFile:
    """The file of one computer, as somebody has edited it."""

    says: Organisation = NOBODY
    path: Path = Path("people.yaml")

    def current(self) -> Organisation:
        return self.says

    known = checked = current


@dataclass
class Stalled:
    """The deals with an open stall."""

    deals: list[StalledDeal] = field(default_factory=list)

    def stalled_deals(self) -> Sequence[StalledDeal]:
        return self.deals


def host(store: MemoryStore, says: Organisation = NOBODY) -> tuple[EditedFile, InForce[Organisation]]:
    file = EditedFile(says)
    return file, InForce(file, Versions(PEOPLE, store, SystemClock()), is_own=False, writes=True)


def names(store: MemoryStore) -> list[str]:
    """Anna's manager by each version on record."""
    found = Versions(PEOPLE, store, SystemClock())
    return [str(found.numbered(n + 1).value.people["anna"].manager) for n in range(found.number())]


def test_the_file_of_the_host_that_leads_is_followed_while_it_is_what_counts() -> None:
    store = MemoryStore()
    (file, leads), (other_file, other) = host(store, house("dora")), host(store, house("dora"))
    other.follow_file(leads=False)
    assert names(store) == [] and other.current() == house("dora")
    leads.follow_file(leads=True)
    leads.follow_file(leads=True)
    other.follow_file(leads=False)
    assert names(store) == ["dora"]
    file.says = house("rolf")
    assert leads.current() == house("dora")
    leads.follow_file(leads=True)
    assert names(store) == ["dora", "rolf"] and other.current() == house("rolf")
    # The other host's file is the old one: it says so, is not started anew, and does not take the change back.
    other.follow_file(leads=False)
    other.follow_file(leads=True)
    differs = other.differs()
    assert names(store) == ["dora", "rolf"] and differs is not None and leads.differs() is None
    with pytest.raises(HouseFilesDiffer, match=differs.digest[:12]) as refused:
        other.must_agree("people load")
    assert differs.counts[:12] in str(refused.value) and "dealflow people load" in str(refused.value)
    # Once its file is what counts it is followed again.
    other_file.says = house("rolf")
    other.follow_file(leads=True)
    other_file.says = house("dora")
    other.follow_file(leads=True)
    assert names(store) == ["dora", "rolf", "dora"]


def test_people_who_leave_nobody_to_load_others_are_not_followed() -> None:
    store = MemoryStore()
    file, leads = host(store, house("dora", users=()))
    leads.follow_file(leads=True)
    assert names(store) == [] and leads.current() == file.says
    file.says = house("dora")
    leads.follow_file(leads=True)
    file.says = house("rolf", users=())
    leads.follow_file(leads=True)
    assert names(store) == ["dora"] and leads.current() == house("dora")


def test_a_home_puts_each_version_on_record_before_it_is_used_and_one_that_is_only_read_does_not() -> None:
    store, file = MemoryStore(), EditedFile()
    versions = Versions(PEOPLE, store, SystemClock())
    home = InForce(file, versions, is_own=True, writes=True)
    assert home.current() == NOBODY and store.head() == 0
    reads = InForce(file, Versions(PEOPLE, store, SystemClock()), is_own=True, writes=False)
    file.says = house("dora")
    assert reads.current() == file.says and store.head() == 0
    assert home.current() == file.says and home.current() == file.says and names(store) == ["dora"]
    [recorded] = store.load(PEOPLE_STREAM)
    assert recorded.stamp.actor == "dealflow" and recorded.stamp.cause.startswith("file:/")
    file.says = NOBODY
    assert home.current() == reads.current() == house("dora") and home.is_gone() and names(store) == ["dora"]


def follower(store: MemoryStore, people: InForce[Organisation], stalled: Stalled) -> FollowHouse:
    calendars = InForce(_NoCalendars(), Versions(AT_ONCE, store, SystemClock()), is_own=False, writes=True)
    return FollowHouse(store, SystemClock(), people, calendars, stalled, lambda _: "berlin")


class _NoCalendars:
    path = Path("calendars.yaml")

    def current(self) -> BusinessCalendars:
        return BusinessCalendars()

    known = checked = current


def done(store: MemoryStore) -> list[tuple[int, int]]:
    facts = [one.fact for one in store.load(FOLLOWED_STREAM)]
    return [(fact.people, fact.calendars) for fact in facts if isinstance(fact, HouseFollowed)]


def test_a_change_is_done_with_when_every_wake_was_sent_and_begun_again_by_whoever_comes_after_a_kill() -> None:
    store = MemoryStore()
    file, people = host(store, house("dora"))
    deals = [StalledDeal(f"d{n}", "anna", frozenset(), REF) for n in range(5)]
    deals.append(StalledDeal("other", "rolf", frozenset(), REF))
    first = follower(store, people, stalled := Stalled())
    first.read_files(leads=True)
    assert first.to_wake(10) == [] and done(store) == [(1, 0)]
    stalled.deals = deals
    file.says = house("rolf")
    first.read_files(leads=True)
    assert first.to_wake(3) == ["d0", "d1", "d2"]
    first.not_woken(["d1"])
    # Here it is killed: what it knew is gone, what is on record is not.
    second = follower(store, host(store, house("rolf"))[1], stalled)
    second.read_files(leads=True)
    assert second.to_wake(4) == ["d0", "d1", "d2", "d3"] and done(store) == [(1, 0)]
    second.not_woken(["d2"])
    assert second.to_wake(4) == ["d4", "d2"] and done(store) == [(1, 0)]
    assert second.to_wake(4) == [] and done(store) == [(1, 0), (2, 0)]
    # The one that lost the lease in the middle begins with what is on record.
    first.read_files(leads=False)
    first.read_files(leads=True)
    assert first.to_wake(4) == [] and done(store) == [(1, 0), (2, 0)]


def test_a_change_there_and_back_concerns_whom_it_concerned_in_between() -> None:
    store = MemoryStore()
    file, people = host(store, house("dora"))
    watching = follower(store, people, Stalled([StalledDeal("d", "anna", frozenset(), REF)]))
    watching.read_files(leads=True)
    assert watching.to_wake(9) == ["d"] and watching.to_wake(9) == []
    for manager in ("rolf", "dora"):
        file.says = house(manager)
        people.follow_file(leads=True)
    assert watching.to_wake(9) == ["d"]


def test_calendars_that_change_concern_what_they_measure() -> None:
    store = MemoryStore()
    _, people = host(store)
    watching = follower(store, people, Stalled([StalledDeal("d", "anna", frozenset(), REF)]))
    versions: Versions[BusinessCalendars] = Versions(AT_ONCE, store, SystemClock())
    for name, woken in (("munich", []), ("berlin", ["d"])):
        versions.read_from(Path("calendars.yaml"), BusinessCalendars(own=[CalendarPlan(name)]))
        assert watching.to_wake(9) == woken
        assert watching.to_wake(9) == []
