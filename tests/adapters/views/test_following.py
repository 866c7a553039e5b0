"""The board takes in each event exactly once, whoever else follows, and one bad event holds up no other deal."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import insert, select, update

from dealflow.adapters.store import open_store
from dealflow.adapters.views import board as board_module
from dealflow.adapters.views.board import BoardView
from dealflow.adapters.views.checkpoint import Checkpoint
from dealflow.adapters.views.tables import deals, metadata, stalls, tracking
from dealflow.application.ports.store import (
    Append,
    CommandRow,
    Correlated,
    EventStore,
    EventUnreadable,
    HeldBy,
    Logged,
    StoreUnreachable,
    Stream,
)
from dealflow.application.reading.board import DealQuery, Lag
from dealflow.application.reading.stalls import StallQuery
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Recorded
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse
from tests.adapters.views.conftest import Office
from tests.support.deals.told_deals import PEOPLE, day
from tests.support.stores.contested_store import AwayStore
from tests.support.waiting import LONGEST_SECONDS, eventually


@dataclass
class BadInPlaces:
    """A real store of which some events cannot be read, as (stream, version), until they are mended."""

    store: EventStore
    bad: set[tuple[str, int]] = field(default_factory=set)
    reads: int = 0

    def _checked(self, events: list[Recorded]) -> list[Recorded]:
        for one in events:
            if (one.stream, one.stamp.version) in self.bad:
                raise EventUnreadable(one.stream, one.stamp.version, phrase("its bytes were altered"))
        return events

    def log(self, after: int, limit: int) -> list[Logged]:
        self.reads += 1
        events = self.store.log(after, limit)
        self._checked([event.recorded for event in events])
        return events

    def load(self, stream: str) -> Stream:
        return Stream(self._checked(self.store.load(stream)))

    def load_many(self, streams: Sequence[str]) -> dict[str, Stream]:
        return {stream: Stream(self._checked(events)) for stream, events in self.store.load_many(streams).items()}

    def correlated(
        self, correlation_id: str, behind: tuple[str, int] | None = None, before: tuple[str, int] | None = None
    ) -> list[Correlated]:
        return self.store.correlated(correlation_id, behind, before)

    def held(self, keys: Sequence[str]) -> dict[str, HeldBy]:
        return self.store.held(keys)

    def head(self) -> int:
        return self.store.head()

    def length(self, stream: str) -> int:
        return self.store.length(stream)

    def event(self, stream: str, version: int) -> Recorded | None:
        return self.store.event(stream, version)

    def append(self, appends: Sequence[Append]) -> None:
        self.store.append(appends)

    def commands(self, keys: Sequence[str]) -> list[CommandRow]:
        return self.store.commands(keys)

    def streams(self, prefix: str) -> list[str]:
        return self.store.streams(prefix)


def content(office: Office) -> list[tuple[object, ...]]:
    with office.views.reading() as connection:
        return [
            tuple(row)
            for table in metadata.sorted_tables
            if table.name != "faults"
            for row in connection.execute(select(table).order_by(*table.primary_key.columns))
        ]


def following(office: Office, store: EventStore) -> BoardView:
    return BoardView(office.views, store, office.definition, lambda: PEOPLE, office.clock)


def fill(office: Office, count: int = 6) -> None:
    for number in range(count):
        office.opens(f"d{number}", at=day(5))
    for number in range(count):
        office.looks(f"d{number}", day(15))


def refilled(office: Office) -> int:
    """Fill the board again from the start of the log; how many events."""
    checkpoint = Checkpoint(office.views)
    checkpoint.forget(checkpoint.place())
    return office.board.catch_up()


def test_lag_is_what_is_left_to_take_in(office: Office) -> None:
    office.opens("a")
    head = office.parts.store.head()
    assert office.board.lag() == Lag(position=0, head=head)
    assert office.board.catch_up() == head
    assert office.board.lag() == Lag(position=head, head=head)
    assert office.board.catch_up() == 0


def test_a_board_that_is_filled_anew_equals_the_one_that_followed(office: Office) -> None:
    for number in range(4):
        office.opens(f"d{number}")
        office.board.catch_up()
    office.looks("d1", day(15))
    office.board.catch_up()
    followed = content(office)
    assert refilled(office) == office.parts.store.head()
    assert content(office) == followed


def test_small_pages_give_the_same_board(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(office)
    office.board.catch_up()
    whole = content(office)
    monkeypatch.setattr(board_module, "PAGE", 2)
    refilled(office)
    assert content(office) == whole


def test_several_followers_do_no_harm(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "PAGE", 3)
    others = [office.another_board() for _ in range(3)]
    fill(office)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda board: board.catch_up(), [office.board, *others]))
    assert sum(taken) == office.parts.store.head()
    followed = content(office)
    refilled(office)
    assert content(office) == followed
    for other in others:
        other.close()


def test_a_deal_of_an_unknown_process_holds_up_no_other_and_is_well_when_mended(office: Office) -> None:
    lost = [True]

    def definition(ref: ProcessRef) -> ProcessDefinition:
        if lost[0]:
            raise refuse(Code.UNKNOWN_PROCESS, str(ref))
        return office.definition(ref)

    board = BoardView(office.views, office.parts.store, definition, lambda: PEOPLE, office.clock)
    office.opens("d1")
    board.catch_up()
    (fault,) = board.faults()
    assert (fault.deal_id, fault.title, fault.owner) == ("d1", "Desks d1", "li")
    assert fault.error == "its process standard-sale@1 is not in the store"
    assert (board.deals(DealQuery()), [each.deal_id for each in board.unreadable()]) == ([], ["d1"])
    lost[0] = False
    office.opens("d2")
    board.catch_up()
    assert (board.mend(), board.faults()) == (1, [])
    assert [row.deal_id for row in board.deals(DealQuery())] == ["d1", "d2"]
    assert board.mend() == 0


@pytest.mark.parametrize(("changed", "mended"), [("b", 1), ("a", 0)])
def test_a_board_that_moves_on_meanwhile_is_mended_as_it_is_then(office: Office, changed: str, mended: int) -> None:
    office.opens("a")
    office.opens("b")
    store = BadInPlaces(office.parts.store, {("deal/a", 1)})
    following(office, store).catch_up()
    store.bad.clear()
    other = office.another_board()
    happens = [lambda: office.does(changed, c.AmendDeal(title="Chairs", reason="it has changed")), other.catch_up]

    def definition(ref: ProcessRef) -> ProcessDefinition:
        while happens:
            happens.pop(0)()
        return office.definition(ref)

    board = BoardView(office.views, store, definition, lambda: PEOPLE, office.clock)
    # A deal that changed is well already: the other board has taken it in.
    assert (board.mend(), board.faults()) == (mended, [])
    titles = {row.deal_id: row.title for row in board.deals(DealQuery())}
    assert titles == {"a": "Desks a", "b": "Desks b"} | {changed: "Chairs"}
    other.close()


@pytest.mark.parametrize("version", [1, 2])
def test_an_event_that_cannot_be_read_holds_up_no_other_deal(office: Office, version: int) -> None:
    for deal_id in ("a", "b", "c"):
        office.opens(deal_id)
    store = BadInPlaces(office.parts.store, {("deal/b", version)})
    board = following(office, store)
    board.catch_up()
    (fault, *_) = board.faults()
    assert (fault.deal_id, fault.event) == ("b", f"deal/b {version}")
    assert board.lag() == Lag(position=store.head(), head=store.head())
    assert {row.deal_id for row in board.deals(DealQuery())} >= {"a", "c"}
    reads = store.reads
    board.catch_up()
    assert store.reads - reads <= 4, "it is not read again and again"
    store.bad.clear()
    board.mend()
    assert board.faults() == [] and len(board.deals(DealQuery())) == 3


def test_a_deal_is_noted_when_it_changes_while_an_old_event_of_it_cannot_be_read(office: Office) -> None:
    office.opens("a")
    office.opens("b")
    store = BadInPlaces(office.parts.store)
    board = following(office, store)
    board.catch_up()
    store.bad.add(("deal/a", 1))
    office.does("b", c.AmendDeal(title="Chairs", reason="it has changed"))
    assert [row.title for row in board.deals(DealQuery())] == ["Desks a", "Chairs"]
    assert board.faults() == []
    office.does("a", c.AmendDeal(title="Chairs", reason="it has changed"))
    board.catch_up()
    (fault,) = board.faults()
    assert (fault.deal_id, fault.title, fault.owner) == ("a", "Desks a", "li")
    assert [row.title for row in board.deals(DealQuery())] == ["Chairs"]
    assert [each.deal_id for each in board.unreadable()] == ["a"]


def test_a_store_that_was_replaced_fills_the_board_anew(office: Office) -> None:
    if office.database_url:
        pytest.skip("a PostgreSQL store is restored together with its views")
    fill(office)
    office.board.catch_up()
    again = open_store("", office.home / "restored", office.home / "keys.sqlite")
    office.parts.store.load("process/standard-sale")
    facts = office.parts.store.load("deal/d2")
    again.store.append([Append("deal/d2", 0, tuple((one.fact, one.stamp) for one in facts), subject="acme")])
    board = following(office, again.store)
    assert [row.deal_id for row in board.deals(DealQuery())] == ["d2"]
    assert len(board.stalls(StallQuery())) == 1
    again.close()


def test_tables_of_an_older_version_are_filled_anew(office: Office) -> None:
    office.opens("a")
    office.board.catch_up()
    with office.views.writing() as connection:
        connection.execute(update(tracking).values(schema_version=0))
        connection.execute(update(deals).values(title="stale"))
    other = office.another_board()
    assert [row.title for row in other.deals(DealQuery())] == ["Desks a"]
    other.close()


def test_tables_of_a_newer_version_stop_an_older_process(office: Office) -> None:
    office.board.catch_up()
    with office.views.writing() as connection:
        connection.execute(update(tracking).values(schema_version=99))
    other = office.another_board()
    with pytest.raises(StoreUnreachable, match=r"newer dealflow.*99"):
        other.deals(DealQuery())
    other.close()


def test_a_row_that_the_database_refuses_is_noted_with_its_deal(office: Office) -> None:
    fill(office, 2)
    office.board.catch_up()
    with office.views.writing() as connection:
        taken = connection.execute(select(stalls).where(stalls.c.deal_id == "d0")).mappings().one()
        connection.execute(update(stalls).where(stalls.c.deal_id == "d1").values(id="free"))
        connection.execute(insert(stalls), {**taken, "id": "d1/1/1/stage_age/1", "deal_id": "elsewhere"})
    for deal_id in ("d0", "d1"):
        office.does(deal_id, c.AmendDeal(title="Chairs", reason="it has changed"))
    office.board.catch_up()
    (fault,) = office.board.faults()
    assert (fault.deal_id, fault.error.split(":")[0]) == ("d1", "IntegrityError")
    assert [row.title for row in office.board.deals(DealQuery())] == ["Chairs"]
    assert [(each.deal_id, each.title) for each in office.board.unreadable()] == [("d1", "Chairs")]


def test_a_board_that_cannot_be_opened_says_where(office: Office) -> None:
    if office.database_url:
        pytest.skip("SQLite only")
    (office.home / "views.sqlite").write_bytes(b"this is not a database, it is a text of more than a hundred bytes" * 9)
    with pytest.raises(StoreUnreachable, match=r"views\.sqlite cannot be used"):
        office.board.deals(DealQuery())


def test_following_takes_in_what_comes_and_stops_when_told(office: Office) -> None:
    async def run() -> list[str]:
        stop = asyncio.Event()
        task = asyncio.create_task(office.board.follow(stop, poll_seconds=0.02))
        await asyncio.to_thread(office.opens, "a")
        await eventually(lambda: office.board.lag().position == office.board.lag().head)
        stop.set()
        await asyncio.wait_for(task, LONGEST_SECONDS)
        return [row.deal_id for row in office.board.deals(DealQuery())]

    assert asyncio.run(run()) == ["a"]


def test_a_follower_outlives_a_store_that_is_away(office: Office) -> None:
    store = AwayStore(office.parts.store)
    board = office.another_board(store)

    async def run() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(board.follow(stop, poll_seconds=0.01))
        await eventually(lambda: store.asked > 3)
        store.is_away = False
        await eventually(lambda: board.lag().position)
        stop.set()
        await asyncio.wait_for(task, LONGEST_SECONDS)

    office.opens("a")
    asyncio.run(run())
    assert board.lag().position == store.head()
