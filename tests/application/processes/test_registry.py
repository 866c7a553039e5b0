"""Published versions: immutable, numbered, found by name, and published once per content and per command."""

import threading
from typing import Any

import pytest

from dealflow.application.ports.store import Append, CommandRow, EventStore, EventUnreadable
from dealflow.application.processes.published import Published
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import ProcessPublished, Stamp
from dealflow.domain.process.canonical import content_of, digest_of_content
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.refusal import Code, CommandRefused, Reason
from tests.support.deals.house import StoppedClock, processes_on
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.shipped_process import standard_sale
from tests.support.deals.stories import PEOPLE, START
from tests.support.stores.contested_store import OutrunStore
from tests.support.stores.memory_store import MemoryStore

OPS = c.Who(actor="dora", on_behalf_of="ops")
LENT = {**PEOPLE.people, "dora": PEOPLE.people["dora"].model_copy(update={"acts_for": ("ops",)})}


def changed(days: int) -> ProcessDefinition:
    return variant(("limit: 30 days", f"limit: {days} days"))


class Desk:
    """Operations publish, on a store that others may write to as well."""

    def __init__(self, store: EventStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.clock = StoppedClock()
        self.processes = processes_on(self.store, self.clock, lambda: PEOPLE.model_copy(update={"people": LENT}))
        self._count = 0

    def publish(self, definition: ProcessDefinition, command_id: str | None = None) -> tuple[str, bool]:
        self._count += 1
        published = self.processes.publish(definition, who=OPS, command_id=command_id or f"p{self._count}")
        return f"{published.process}@{published.version}", published.new

    def has_on_record(self, content: dict[str, Any], digest: str | None = None, command_id: str | None = None) -> None:
        ref = ProcessRef(name="small", version=1, digest=digest or digest_of_content(content))
        fact = ProcessPublished(effective_at=START, process=ref, definition=content)
        stamp = Stamp(
            version=1, recorded_at=START, actor="ops", command_id="old", correlation_id="old", cause="command"
        )
        answer = Published(process="small", version=1, digest=ref.digest, new=True)
        row = CommandRow(command_id, ref.digest, answer.model_dump_json()) if command_id else None
        self.store.append([Append("process/small", 0, ((fact, stamp),), subject="process/small", command=row)])


def refusal(desk: Desk, reference: str) -> Reason:
    with pytest.raises(CommandRefused) as refused:
        desk.processes.get(reference)
    (reason,) = refused.value.reasons
    return reason


def test_publishing_makes_the_next_version() -> None:
    desk = Desk()
    assert [desk.publish(process_of()), desk.publish(changed(31))] == [("small@1", True), ("small@2", True)]


def test_publishing_the_same_content_again_does_nothing_and_says_so() -> None:
    desk = Desk()
    desk.publish(process_of())
    assert desk.publish(process_of()) == ("small@1", False)
    assert desk.store.head() == 1


def test_publishing_an_older_content_again_makes_a_new_version() -> None:
    desk = Desk()
    for definition in (process_of(), changed(31)):
        desk.publish(definition)
    assert desk.publish(process_of()) == ("small@3", True)


def test_content_that_was_published_in_the_first_form_is_not_published_again_in_the_second() -> None:
    desk = Desk()
    small = process_of()
    first_form = small.model_dump(mode="json", exclude_defaults=True)
    desk.has_on_record(first_form)
    assert desk.publish(small) == ("small@1", False)
    assert desk.publish(changed(31)) == ("small@2", True)
    assert desk.processes.get("small@1").definition == small


def test_a_command_that_published_the_first_form_has_its_answer_when_it_is_sent_again() -> None:
    desk = Desk()
    desk.has_on_record(process_of().model_dump(mode="json", exclude_defaults=True), command_id="old")
    desk.publish(changed(31))
    assert desk.publish(process_of(), "old") == ("small@1", True)
    with pytest.raises(CommandRefused):
        desk.publish(changed(32), "old")


def test_another_order_of_kinds_is_another_version() -> None:
    desk = Desk()
    kinds = process_of().evidence
    turned = process_of().model_copy(update={"evidence": dict(reversed(kinds.items()))})
    assert [desk.publish(process_of()), desk.publish(turned)] == [("small@1", True), ("small@2", True)]
    assert list(Desk(desk.store).processes.get("small").definition.evidence) == [*reversed(kinds)]


def test_a_definition_that_is_not_the_one_of_its_digest_is_not_read() -> None:
    desk = Desk()
    content = content_of(process_of())
    desk.has_on_record({**content, "currency": "USD"}, digest_of_content(content))
    with pytest.raises(EventUnreadable, match="small@1 is not the one of its digest"):
        desk.processes.get("small")


@pytest.mark.parametrize("with_its_digest", [True, False])
def test_a_deal_is_judged_by_the_content_of_its_digest_and_publishing_the_right_file_again_mends_it(
    with_its_digest: bool,
) -> None:
    right, softer = process_of(), changed(300)
    pinned = ProcessRef(name="small", version=1, digest=digest_of_content(content_of(right)))
    desk = Desk()
    # What stands under the number of the deal's version says something else: somebody has changed it in the store.
    desk.has_on_record(content_of(softer), None if with_its_digest else pinned.digest)
    with pytest.raises(EventUnreadable, match="small@1 is not the one of its digest; publish the right file again"):
        desk.processes.get(pinned)
    assert desk.publish(right) == ("small@2", True)
    assert desk.publish(right) == ("small@2", False)
    found = desk.processes.get(pinned)
    assert (found.definition, found.ref) == (right, pinned)


def test_a_deal_finds_its_own_version_where_a_later_one_says_the_same_again() -> None:
    desk = Desk()
    for definition in (process_of(), changed(31), process_of()):
        desk.publish(definition)
    digest = digest_of_content(content_of(process_of()))
    for version in (1, 3):
        ref = ProcessRef(name="small", version=version, digest=digest)
        assert desk.processes.get(ref).ref == ref


def test_a_definition_of_a_newer_form_is_said_to_be_newer() -> None:
    desk = Desk()
    desk.has_on_record({**content_of(process_of()), "form": 3})
    with pytest.raises(EventUnreadable, match="a newer one wrote it"):
        desk.processes.get("small")
    assert desk.publish(process_of()) == ("small@2", True)


def test_an_event_says_who_published_what_and_when() -> None:
    desk = Desk()
    desk.publish(process_of(), "p-7")
    (recorded,) = desk.processes.publications("small")
    assert isinstance(recorded.fact, ProcessPublished)
    stamp = recorded.stamp
    assert (stamp.actor, stamp.on_behalf_of, stamp.command_id, stamp.recorded_at) == ("dora", "ops", "p-7", START)
    assert len(recorded.fact.process.digest) == 64


def test_a_version_is_found_by_name_and_number_and_the_latest_by_name() -> None:
    desk = Desk()
    for definition in (process_of(), changed(31), standard_sale()):
        desk.publish(definition)
    assert str(desk.processes.get("small").ref) == "small@2"
    assert str(desk.processes.get("small@1").ref) == "small@1"
    assert desk.processes.get(desk.processes.get("small@1").ref).definition == process_of()
    assert [str(ref) for ref in desk.processes.published()] == ["small@1", "small@2", "standard-sale@1"]


def test_what_was_published_is_read_back_whole() -> None:
    desk = Desk()
    desk.publish(standard_sale())
    other = Desk(desk.store)
    assert other.processes.get("standard-sale").definition == standard_sale()


def test_a_version_is_compiled_once() -> None:
    desk = Desk()
    desk.publish(process_of())
    assert desk.processes.get("small") is desk.processes.get("small@1")


def test_another_process_sees_what_was_published_meanwhile() -> None:
    desk = Desk()
    other = Desk(desk.store)
    desk.publish(process_of())
    assert str(other.processes.get("small").ref) == "small@1"
    desk.publish(changed(31))
    assert str(other.processes.get("small").ref) == "small@2"


@pytest.mark.parametrize("reference", ["smal", "small@7", "small@0", "small@", "small@one", "small@-1", "@1", ""])
def test_a_reference_to_nothing_is_refused_with_what_there_is(reference: str) -> None:
    desk = Desk()
    desk.publish(process_of())
    reason = refusal(desk, reference)
    assert (reason.code, reason.data["known"]) == (Code.UNKNOWN_PROCESS, ["small@1"])


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    desk = Desk()
    desk.publish(process_of())
    assert refusal(desk, "smal").suggestion == "small"


def test_the_same_command_sent_again_publishes_nothing_although_others_have_published_since() -> None:
    desk = Desk()
    desk.publish(process_of(), "p-1")
    desk.publish(changed(31), "p-2")
    assert desk.publish(process_of(), "p-1") == ("small@1", True)
    assert [str(ref) for ref in desk.processes.published()] == ["small@1", "small@2"]


def test_the_same_command_with_other_content_is_refused() -> None:
    desk = Desk()
    desk.publish(process_of(), "p-1")
    with pytest.raises(CommandRefused) as refused:
        desk.publish(changed(31), "p-1")
    assert refused.value.reasons[0].code is Code.COMMAND_ID_REUSED


def test_two_who_publish_at_once_get_versions_of_their_own() -> None:
    desk = Desk()
    writers = [threading.Thread(target=desk.publish, args=(changed(days), f"p-{days}")) for days in range(40, 46)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [ref.version for ref in desk.processes.published()] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_version_published_between_two_readings_of_another_keeps_its_number(at: int) -> None:
    store = MemoryStore()
    Desk(store).publish(process_of(), "p-first")
    outrun = OutrunStore(store)
    outrun.at, outrun.act = at, lambda: Desk(store).publish(changed(31), "p-theirs")
    Desk(outrun).publish(changed(32), "p-ours")
    versions = [ref.version for ref in Desk(store).processes.published()]
    assert versions == list(range(1, store.head() + 1))


def test_recorded_time_never_runs_backward() -> None:
    desk = Desk()
    desk.publish(process_of())
    desk.clock.passes(days=-1)
    desk.publish(changed(31))
    assert [r.stamp.recorded_at for r in desk.processes.publications("small")] == [START, START]
