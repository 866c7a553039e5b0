"""Two people publish where the house asks for it: one proposes, a second one confirms, and the directors concerned are told."""

import threading

import pytest

from dealflow.application.ports.store import CommandRow, EventUnreadable
from dealflow.application.processes.published import Published
from dealflow.application.processes.publishing import Concern
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import ProcessPublished
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.people.rights import Rights
from dealflow.domain.process.canonical import content_of, digest_of_content
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.values.refusal import Code, CommandRefused, Reason
from tests.support.deals.house import StoppedClock, processes_on
from tests.support.deals.plain_process import process_of, variant
from tests.support.stores.contested_store import OutrunStore
from tests.support.stores.memory_store import MemoryStore

TWO = Rights(second_person=("publish",))
PEOPLE = (
    Person(id="ops", name="Ops", role="operations"),
    Person(id="opa", name="Opa", role="operations", acts_for=("ops", "dora")),
    Person(id="dora", name="Dora", role="director"),
    Person(id="lin", name="Lin", role="director", acts_for=("ops",)),
    Person(id="anna", name="Anna", manager="mei"),
    Person(id="mei", name="Mei", role="manager", manager="dora"),
)
SMALL, DIGEST = process_of(), digest_of_content(content_of(process_of()))


def of(actor: str, lent: str | None = None) -> c.Who:
    return c.Who(actor=actor, on_behalf_of=lent)


class Desk:
    """A house in which people publish; `owners` own the deals in progress."""

    def __init__(
        self,
        *people: Person,
        rights: Rights = TWO,
        store: MemoryStore | None = None,
        owners: tuple[str | None, ...] = (),
    ) -> None:
        self.store = store or MemoryStore()
        self.people = Organisation(people={each.id: each for each in people or PEOPLE}, rights=rights)
        self.woken: list[str] = []
        self.processes = self.opened(owners)
        self._count = 0

    def opened(self, owners: tuple[str | None, ...] = ()) -> Processes:
        concern = Concern(lambda _process: owners, self.woken.extend)
        return processes_on(self.store, StoppedClock(), lambda: self.people, concern)

    def propose(self, who: c.Who, definition: ProcessDefinition = SMALL, command_id: str = "") -> Published:
        self._count += 1
        return self.processes.publish(definition, who=who, command_id=command_id or f"c{self._count}")

    def confirm(self, who: c.Who, digest: str = DIGEST, command_id: str = "") -> Published:
        self._count += 1
        return self.processes.publishing.confirm(digest, who=who, command_id=command_id or f"c{self._count}")

    def reject(self, who: c.Who, digest: str = DIGEST) -> Published:
        self._count += 1
        return self.processes.publishing.reject(digest, "too strict", who=who, command_id=f"c{self._count}")

    @property
    def versions(self) -> list[str]:
        return [str(ref) for ref in self.processes.published()]

    @property
    def waiting(self) -> list[str]:
        return [each.fact.digest for each in self.processes.publishing.proposals()]


def refused(act: object) -> Reason:
    with pytest.raises(CommandRefused) as caught:
        act()  # type: ignore[operator]
    return caught.value.reasons[0]


def test_what_is_proposed_is_no_version_until_a_second_person_confirms() -> None:
    desk = Desk()
    proposed = desk.propose(of("ops"))
    assert (proposed.standing, proposed.digest, desk.versions, desk.waiting) == ("proposed", DIGEST, [], [DIGEST])
    assert refused(lambda: desk.processes.get("small")).code is Code.UNKNOWN_PROCESS
    confirmed = desk.confirm(of("dora"))
    assert (confirmed.version, desk.versions, desk.waiting) == (1, ["small@1"], [])
    assert desk.processes.get("small").definition == SMALL
    published = desk.processes.publications("small")[-1]
    assert isinstance(published.fact, ProcessPublished) and published.fact.proposal == 1
    assert published.stamp.actor == "dora"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (of("ops"), of("ops")),
        (of("ops"), of("opa", "ops")),
        (of("opa", "ops"), of("ops")),
        (of("opa", "ops"), of("opa")),
        (of("opa", "ops"), of("opa", "dora")),
        (of("opa", "ops"), of("lin", "ops")),
    ],
    ids=str,
)
def test_neither_actor_nor_whom_they_act_for_is_the_others(first: c.Who, second: c.Who) -> None:
    desk = Desk()
    desk.propose(first)
    reason = refused(lambda: desk.confirm(second))
    assert reason.code is Code.SECOND_PERSON and reason.data["by"] == first.person
    assert not {first.actor, first.person} & {*reason.data["who_may"]} and reason.data["who_may"]
    assert desk.versions == []


@pytest.mark.parametrize("who", [of("anna"), of("mei")])
def test_who_may_neither_propose_nor_confirm_is_told_who_may(who: c.Who) -> None:
    desk = Desk()
    desk.propose(of("ops"))
    for act in (lambda: desk.confirm(who), lambda: desk.reject(who)):
        reason = refused(act)
        assert reason.code is Code.NOT_PERMITTED and "dora" in reason.data["who_may"]
    assert refused(lambda: desk.propose(of("dora"))).code is Code.NOT_PERMITTED, "a director may be the second only"


def test_where_nobody_else_could_confirm_nothing_is_proposed() -> None:
    desk = Desk(PEOPLE[0], PEOPLE[4])
    reason = refused(lambda: desk.propose(of("ops")))
    assert (reason.code, reason.data["only"], desk.waiting) == (Code.SECOND_PERSON, ["ops"], [])


def test_nor_is_it_confirmed_where_one_alone_is_left() -> None:
    desk = Desk(PEOPLE[0], PEOPLE[2])
    desk.propose(of("ops"))
    desk.people = Organisation(people={"dora": PEOPLE[2]}, rights=TWO)
    reason = refused(lambda: desk.confirm(of("dora")))
    assert (reason.code, reason.data["only"]) == (Code.SECOND_PERSON, ["dora"])


def test_the_same_twice_is_proposed_once_and_what_is_published_is_said_to_be() -> None:
    desk = Desk()
    desk.propose(of("ops"))
    assert not desk.propose(of("opa")).new and desk.waiting == [DIGEST]
    desk.confirm(of("dora"))
    again = desk.confirm(of("lin"))
    assert (again.new, again.version, again.standing) == (False, 1, "published")
    assert desk.propose(of("ops")).standing == "published" and desk.waiting == []


def test_sent_again_each_has_its_first_answer_and_its_id_is_good_for_nothing_else() -> None:
    desk = Desk()
    proposed = desk.propose(of("ops"), command_id="p")
    confirmed = desk.confirm(of("dora"), command_id="q")
    desk.people = desk.people.model_copy(update={"rights": Rights()})
    assert desk.propose(of("ops"), command_id="p") == proposed
    assert desk.confirm(of("dora"), command_id="q") == confirmed
    assert (
        refused(lambda: desk.propose(of("ops"), variant(("limit: 30 days", "limit: 31 days")), "p")).code
        is Code.COMMAND_ID_REUSED
    )
    assert refused(lambda: desk.confirm(of("dora"), "0f" * 32, "q")).code is Code.COMMAND_ID_REUSED


@pytest.mark.parametrize("given", [DIGEST[:12], DIGEST[:-1] + ("0" if DIGEST[-1] != "0" else "1")])
def test_a_digest_that_is_short_or_mistyped_confirms_nothing_and_names_the_whole(given: str) -> None:
    desk = Desk()
    desk.propose(of("ops"))
    reason = refused(lambda: desk.confirm(of("dora"), given))
    assert (reason.code, reason.suggestion, desk.versions) == (Code.UNKNOWN_PROPOSAL, DIGEST, [])


def test_what_was_published_meanwhile_is_said() -> None:
    desk = Desk()
    desk.propose(of("ops"))
    other = variant(("limit: 30 days", "limit: 31 days"))
    desk.propose(of("opa"), other)
    assert desk.confirm(of("dora"), digest_of_content(content_of(other))).was is None
    late = desk.confirm(of("dora"))
    assert (late.version, late.was) == (2, 0)


@pytest.mark.parametrize("who", [of("ops"), of("dora")], ids=["taken back", "rejected"])
def test_what_is_rejected_waits_no_more_and_may_be_proposed_anew(who: c.Who) -> None:
    desk = Desk()
    desk.propose(of("ops"))
    assert desk.reject(who).standing == "rejected" and desk.waiting == []
    assert refused(lambda: desk.confirm(of("dora"))).code is Code.UNKNOWN_PROPOSAL
    assert desk.propose(of("ops")).new and desk.waiting == [DIGEST]


def test_two_who_confirm_at_once_make_one_version() -> None:
    desk = Desk()
    desk.propose(of("ops"))
    found: list[Published] = []
    both = threading.Barrier(2)

    def confirm(number: int, who: str) -> None:
        processes = desk.opened()
        both.wait()
        found.append(processes.publishing.confirm(DIGEST, who=of(who), command_id=f"at-once-{number}"))

    threads = [threading.Thread(target=confirm, args=each) for each in enumerate(("dora", "lin"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.versions == ["small@1"] and sorted(each.new for each in found) == [False, True]


def test_a_confirmation_that_was_outrun_by_a_rejection_is_refused() -> None:
    store = MemoryStore()
    Desk(store=store).propose(of("ops"), command_id="p")
    outrun = OutrunStore(store)
    desk = Desk(store=outrun)  # type: ignore[arg-type]
    outrun.at, outrun.act = (
        1,
        lambda: Desk(store=store).processes.publishing.reject(DIGEST, "r", who=of("lin"), command_id="theirs"),
    )
    assert refused(lambda: desk.confirm(of("dora"))).code is Code.UNKNOWN_PROPOSAL


def test_directors_above_owners_of_deals_in_progress_are_told_once() -> None:
    desk = Desk(rights=Rights(), owners=("anna",))
    assert desk.propose(of("ops")).told == ("dora", "lin"), "of a first version every director hears"
    second = desk.propose(of("ops"), variant(("limit: 30 days", "limit: 31 days")), "again")
    assert second.told == ("dora",) and desk.woken == ["dora", "lin", "dora"]
    assert desk.propose(of("ops"), variant(("limit: 30 days", "limit: 31 days")), "again") == second
    assert desk.woken == ["dora", "lin", "dora"]
    told = [each.notice.key for person in ("dora", "lin") for each in desk.store.outbox.waiting(person)]
    assert len(told) == len(set(told)) == 3


def test_who_publishes_is_not_told_and_of_what_concerns_nobody_every_director_is() -> None:
    desk = Desk(rights=Rights(changed={"publish": ("director",)}), owners=())
    assert desk.propose(of("dora")).told == ("lin",)
    assert desk.propose(of("lin"), variant(("limit: 30 days", "limit: 31 days"))).told == ("dora",)


def test_a_row_of_before_is_still_an_answer() -> None:
    row = CommandRow("c", DIGEST, '{"process":"small","version":1,"digest":"0f","new":true}')
    assert Published.model_validate_json(row.answer).standing == "published"


def test_what_somebody_altered_since_is_confirmed_by_nobody() -> None:
    desk = Desk()
    desk.propose(of("ops"))
    [event] = desk.store.load("process/small")
    event.fact.definition["currency"] = "USD"  # type: ignore[attr-defined]
    with pytest.raises(EventUnreadable, match="not what its digest says"):
        desk.confirm(of("dora"))
