"""What every event store does: all or nothing, in order, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.schedule import Schedule
from dealflow.application.ports.store import Append, CommandRepeated, CommandRow, Conflict, EventStore
from dealflow.domain.deal.events import Recorded
from tests.support.deals.facts import AT, EXAMPLES, stamp
from tests.support.stores.appends import append, notice, owner, wants


def owners(recorded: list[Recorded]) -> list[str]:
    return [str(getattr(each.fact, "owner", "")) for each in recorded]


def test_every_fact_comes_back_as_it_was_appended(store: EventStore) -> None:
    facts = tuple((fact, stamp(n)) for n, fact in enumerate(EXAMPLES.values(), start=1))
    store.append([Append("deal/d-1", 0, facts, subject="c-1")])
    loaded = store.load("deal/d-1")
    assert [(each.fact, each.stamp, each.stream) for each in loaded] == [(*fact, "deal/d-1") for fact in facts]


def test_a_stream_that_nobody_wrote_is_empty(store: EventStore) -> None:
    assert store.load("deal/none") == []
    assert store.load_many(["deal/none"]) == {}
    assert store.log(0, 10) == []
    assert store.head() == 0


def test_several_streams_are_loaded_at_once(store: EventStore) -> None:
    deals = [f"d-{n}" for n in range(950)]
    store.append([append(deal, facts=2) for deal in deals])
    loaded = store.load_many([f"deal/{deal}" for deal in deals] + ["deal/none", "deal/d-0"])
    assert list(loaded) == sorted(f"deal/{deal}" for deal in deals)
    assert all(owners(loaded[f"deal/{deal}"]) == [f"{deal}-1", f"{deal}-2"] for deal in deals)


def test_a_second_writer_of_the_same_version_is_told(store: EventStore) -> None:
    store.append([append("d-1", facts=[owner("first")])])
    with pytest.raises(Conflict):
        store.append([append("d-1", facts=[owner("second")])])
    assert owners(store.load("deal/d-1")) == ["first"]


def test_a_version_that_does_not_exist_yet_cannot_be_followed(store: EventStore) -> None:
    store.append([append("d-1")])
    with pytest.raises(Conflict):
        store.append([append("d-1", 2)])
    with pytest.raises(Conflict):
        store.append([append("d-2", 1)])


def test_an_accepted_command_is_found_by_its_id(store: EventStore) -> None:
    store.append([append("d-1", command="cmd-1")])
    assert store.commands(["cmd-1"]) == [CommandRow("cmd-1", "content of cmd-1", '{"已":"recorded"}')]
    assert store.commands(["cmd-2"]) == []


def test_several_commands_are_found_at_once(store: EventStore) -> None:
    ids = [f"cmd-{n}" for n in range(950)]
    store.append([append(f"d-{n}", command=command_id) for n, command_id in enumerate(ids)])
    assert sorted(row.key for row in store.commands([*ids, "none"])) == sorted(ids)
    assert store.commands([]) == []


def test_a_command_is_accepted_once_whatever_deal_it_is_for(store: EventStore) -> None:
    store.append([append("d-1", command="cmd-1")])
    with pytest.raises(CommandRepeated) as refused:
        store.append([append("d-2", command="cmd-0"), append("d-3", command="cmd-1")])
    assert refused.value.key == "cmd-1"
    assert store.streams("deal/") == ["deal/d-1"]
    assert store.commands(["cmd-0"]) == []


def test_a_repeated_command_says_so_even_when_its_deal_moved_on(store: EventStore) -> None:
    store.append([append("d-1", command="cmd-1")])
    with pytest.raises(CommandRepeated):
        store.append([append("d-1", command="cmd-1")])


def test_a_command_twice_in_one_call_is_repeated(store: EventStore) -> None:
    with pytest.raises(CommandRepeated):
        store.append([append("d-1", command="cmd-1"), append("d-2", command="cmd-1")])
    assert store.head() == 0


def test_a_command_that_changed_nothing_is_remembered(store: EventStore) -> None:
    store.append([append("d-1", facts=0, command="cmd-1")])
    assert store.commands(["cmd-1"])
    assert store.load("deal/d-1") == []


def test_of_two_streams_neither_is_written_when_one_conflicts(
    store: EventStore, schedule: Schedule, outbox: Outbox
) -> None:
    store.append([append("d-2")])
    with pytest.raises(Conflict):
        store.append(
            [
                append("d-1", command="cmd-1", notices=[notice("n-1", batch="b-1")], schedule=wants()),
                append("d-2", command="cmd-2", notices=[notice("n-2")], schedule=wants()),
            ]
        )
    assert store.load("deal/d-1") == []
    assert store.commands(["cmd-1"]) == []
    assert schedule.get("d-1") is None
    assert set(outbox.counts().values()) == {0}
    assert store.head() == store.log(0, 10)[-1].position


def test_one_call_may_append_to_a_stream_twice(store: EventStore, schedule: Schedule) -> None:
    first = append("d-1", 0, 2, command="a", schedule=wants(due_hours=5))
    second = append("d-1", 2, 1, command="b", schedule=wants(wake=False, due_hours=9), at=AT + timedelta(hours=1))
    store.append([first, second])
    assert [each.stamp.version for each in store.load("deal/d-1")] == [1, 2, 3]
    row = schedule.get("d-1")
    assert row is not None
    assert (row.version, row.wake_version, row.wake_at, row.next_due) == (3, 2, AT, AT + timedelta(hours=9))


def test_an_append_that_its_caller_built_wrongly_is_a_mistake(store: EventStore) -> None:
    store.append([append("d-1", at=AT)])
    earlier = AT - timedelta(microseconds=1)
    with pytest.raises(ValueError, match="before its predecessor"):
        store.append([append("d-1", 1, at=earlier)])
    with pytest.raises(ValueError, match="do not follow"):
        store.append([Append("deal/d-1", 1, ((owner("x"), stamp(3)),), subject="c-1")])
    with pytest.raises(ValueError, match="before its predecessor"):
        store.append([Append("deal/d-2", 0, ((owner("x"), stamp(1)), (owner("y"), stamp(2, at=earlier))), subject="c")])
    with pytest.raises(ValueError, match="facts of a deal"):
        store.append([append("d-1", 1, facts=0, schedule=wants())])
    assert store.head() == 1


def test_the_log_gives_every_event_once_in_the_order_of_its_append(store: EventStore) -> None:
    store.append([append("d-1", facts=3), append("d-2", facts=2)])
    with pytest.raises(Conflict):
        store.append([append("d-3"), append("d-1")])
    store.append([append("d-1", 3, 2)])
    pages, after = [], 0
    while page := store.log(after, 3):
        pages.append(page)
        after = page[-1].position
    assert [len(page) for page in pages] == [3, 3, 1]
    logged = [each for page in pages for each in page]
    assert owners([each.recorded for each in logged]) == ["d-1-1", "d-1-2", "d-1-3", "d-2-1", "d-2-2", "d-1-4", "d-1-5"]
    positions = [each.position for each in logged]
    assert positions == sorted(set(positions))
    assert store.head() == positions[-1]


def test_streams_are_found_by_the_beginning_of_their_names(store: EventStore) -> None:
    odd = ["50%", "a_b", "中文", "aXb"]
    store.append([append(deal) for deal in odd])
    assert store.streams("deal/") == sorted(f"deal/{deal}" for deal in odd)
    assert store.streams("deal/a_") == ["deal/a_b"]
    assert store.streams("deal/中") == ["deal/中文"]
    assert store.streams("process/") == []


def test_threads_that_write_different_deals_lose_nothing(store: EventStore) -> None:
    def write(thread: int) -> None:
        for n in range(20):
            store.append([append(f"d-{thread}", n, command=f"{thread}/{n}")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert all(len(store.load(f"deal/d-{thread}")) == 20 for thread in range(8))
    assert len(store.log(0, 1000)) == 160


def test_threads_that_write_one_deal_lose_nothing(store: EventStore) -> None:
    def write(thread: int) -> int:
        lost = 0
        for n in range(10):
            while True:
                try:
                    version = len(store.load("deal/d-1"))
                    store.append([append("d-1", version, [owner(f"{thread}/{n}")], command=f"{thread}/{n}")])
                    break
                except Conflict:
                    lost += 1
                    assert lost < 1000
        return lost

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    loaded = store.load("deal/d-1")
    assert sorted(owners(loaded)) == sorted(f"{thread}/{n}" for thread in range(8) for n in range(10))
    assert [each.stamp.version for each in loaded] == list(range(1, 81))


def test_of_many_threads_with_one_command_one_is_accepted(store: EventStore) -> None:
    def send(thread: int) -> str:
        try:
            store.append([append(f"d-{thread}", command="cmd-1")])
        except CommandRepeated as repeated:
            return repeated.key
        return "accepted"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answers) == ["accepted"] + ["cmd-1"] * 7
    assert store.head() == store.log(0, 10)[0].position


def test_a_follower_misses_nothing_while_others_append(store: EventStore) -> None:
    def write(thread: int) -> None:
        for n in range(25):
            store.append([append(f"d-{thread}-{n}", facts=3)])

    seen: list[int] = []
    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, thread) for thread in range(6)]
        while not all(writer.done() for writer in writers):
            seen += [each.position for each in store.log(seen[-1] if seen else 0, 50)]
        for writer in writers:
            writer.result()
    while page := store.log(seen[-1] if seen else 0, 50):
        seen += [each.position for each in page]
    assert len(seen) == 6 * 25 * 3
    assert seen == sorted(set(seen))
