"""The streams that one correlation has events in are found without any event being read."""

from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.store import Append, Correlated, EventStore
from dealflow.domain.deal.events import ActivityRecorded, Fact
from tests.support.deals.facts import AT, stamp
from tests.support.stores.appends import owner

BATCH = "import/商机/0f0f"


def put(store: EventStore, deal: str, *facts: Fact, correlation: str = BATCH) -> None:
    stream = f"deal/{deal}"
    version = store.length(stream)
    stamps = (stamp(n).model_copy(update={"correlation_id": correlation}) for n in range(version + 1, version + 99))
    store.append([Append(stream, version, tuple(zip(facts, stamps, strict=False)), subject="c-1")])


def test_each_stream_is_told_with_the_first_of_its_events_and_their_number(store: EventStore) -> None:
    put(store, "b", owner("before"), correlation="cmd-7")
    put(store, "b", owner("one"), owner("two"))
    put(store, "a", owner("three"))
    put(store, "c", owner("four"), correlation=f"{BATCH}-2")
    assert store.correlated(BATCH) == [Correlated("deal/a", 1, 1), Correlated("deal/b", 2, 2)]
    assert store.correlated("nothing") == []


def test_only_the_log_between_two_events_is_gone_through(store: EventStore) -> None:
    for deal in ("a", "b", "c", "d"):
        put(store, deal, owner(deal))
    found = store.correlated(BATCH, ("deal/a", 1), ("deal/d", 1))
    assert [one.stream for one in found] == ["deal/b", "deal/c"]
    assert [one.stream for one in store.correlated(BATCH, behind=("deal/b", 1))] == ["deal/c", "deal/d"]


def test_what_a_fact_says_is_no_correlation(store: EventStore) -> None:
    said = f'"stamp":{{"actor":"x","correlation_id":"{BATCH}"'
    put(store, "a", ActivityRecorded(effective_at=AT, reported_at=AT, what=said), owner(said), correlation="cmd-1")
    fields = stamp(1).model_copy(update={"actor": said, "command_id": said, "correlation_id": "cmd-2"})
    store.append([Append("deal/b", 0, ((owner("x"), fields),), subject="c-1")])
    assert store.correlated(BATCH) == []
    odd = 'a "quoted"\\ id'
    put(store, "c", owner("y"), correlation=odd)
    assert store.correlated(odd) == [Correlated("deal/c", 1, 1)]


def test_batches_are_told_with_their_end(outbox: Outbox) -> None:
    outbox.open_batch("import/a/1")
    outbox.finish_batch("import/b/1", AT)
    assert outbox.batches() == {"import/a/1": None, "import/b/1": AT}
