"""A deal that cannot be read or judged is named beside every list and in every count, and takes no other along."""

from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.views.board import BoardView
from dealflow.adapters.views.checkpoint import Checkpoint
from dealflow.adapters.views.engine import SCHEMA_NAME, open_views
from dealflow.adapters.views.tables import metadata
from dealflow.application.processes.registry import Processes
from dealflow.application.reading.as_of import NOW, AsOf
from dealflow.application.reading.board import DealQuery, deal_page, gap_page, stall_page
from dealflow.application.reading.inventory import take_inventory
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.reading.stalls import StallQuery
from dealflow.application.viewer import Viewer
from dealflow.domain.values.phrase import Phrase, phrase
from tests.adapters.views.conftest import Office
from tests.support.deals.told_deals import PEOPLE, day
from tests.support.stores.raw_rows import run

ALL = {"a", "b", "c"}
_STATE = "UPDATE stored_events SET state = ? WHERE originator_id = ? AND originator_version = ?"
Damage = Callable[[Office], None]


def damage(office: Office, statement: str, *values: object) -> None:
    run(office.database_url, office.home, statement, *values)


def state(data: bytes, version: int = 1, stream: str = "deal/b") -> Damage:
    return lambda office: damage(office, _STATE, data, stream, version)


def of_another_topic(office: Office) -> None:
    asked = "SELECT topic, state FROM stored_events WHERE originator_id = ? AND originator_version = 2"
    [(topic, known)] = run(office.database_url, office.home, asked, "deal/b")
    new = bytes(known).replace(topic.encode(), b"deal.unheard_of.v9")
    damage(
        office,
        "UPDATE stored_events SET topic = ?, state = ? WHERE originator_id = ? AND originator_version = 2",
        "deal.unheard_of.v9",
        new,
        "deal/b",
    )


def another_threshold(office: Office) -> None:
    asked = "SELECT state FROM stored_events WHERE originator_id = ?"
    [(known,)] = run(office.database_url, office.home, asked, "process/standard-sale")
    damage(office, _STATE, bytes(known).replace(b"10", b"11"), "process/standard-sale", 1)


DAMAGE: dict[str, tuple[Damage, set[str]]] = {
    "an opening that was altered": (state(b"{}"), {"b"}),
    "an opening that was emptied": (state(b""), {"b"}),
    "an event that is no JSON": (state(b"\x00\xff", 2), {"b"}),
    "a topic of another version": (of_another_topic, {"b"}),
    "a stream without its opening": (
        lambda office: damage(
            office, "DELETE FROM stored_events WHERE originator_id = ? AND originator_version = 1", "deal/b"
        ),
        {"b"},
    ),
    "a definition that is gone": (
        lambda office: damage(office, "DELETE FROM stored_events WHERE originator_id = ?", "process/standard-sale"),
        ALL,
    ),
    "a definition that was altered": (another_threshold, ALL),
    "a definition that cannot be read": (state(b"?", 1, "process/standard-sale"), ALL),
}


def new_board(office: Office, wrong: Phrase | None = None) -> BoardView:
    """As a new process has it, with nothing in memory."""
    processes = Processes(
        office.parts.store, office.clock, lambda: PEOPLE, rules_of=CelRules, calendar_of=BusinessCalendars().get
    )
    office.processes = processes
    views = open_views(office.home, office.database_url)
    wrong_of = (lambda _: wrong) if wrong else (lambda ref: processes.get(ref).calendar_fault)
    return BoardView(
        views,
        office.parts.store,
        lambda ref: processes.get(ref).definition,
        lambda: PEOPLE,
        office.clock,
        wrong_of=wrong_of,
    )


def told(office: Office) -> None:
    for deal_id in sorted(ALL):
        office.opens(deal_id, at=day(5))
    for deal_id in sorted(ALL):
        office.looks(deal_id, day(15))


def assert_all_are_there(office: Office, board: BoardView, hidden: set[str]) -> None:
    names, shown = KnownNames(office.reading), ALL - hidden
    page = deal_page(board, names, DealQuery())
    assert {row.deal_id for row in page.deals} == shown
    assert {each.deal_id for each in page.unreadable} == hidden
    assert page.total == len(ALL)
    assert all(each.says and each.do for each in page.unreadable)
    gaps = gap_page(board, names, DealQuery(ever=True))
    assert {each.deal_id for each in gaps.unreadable} == hidden
    for query in (StallQuery(), StallQuery(escalated_only=True)):
        stalls = stall_page(board, names, query)
        assert {row.deal_id for row in stalls.stalls} == shown
        assert {each.deal_id for each in stalls.unreadable} == hidden
    for asked in (NOW, AsOf(as_of=office.clock.now()), AsOf(as_known_at=office.clock.now())):
        past = take_inventory(
            office.parts.store, office.definition, Viewer(None, PEOPLE, office.clock.now()), asked=asked
        )
        assert past == board.board_inventory().model_copy(
            update={"as_of": past.as_of, "as_known_at": past.as_known_at, "unreadable": past.unreadable}
        )
        assert {each.deal_id for each in past.unreadable} == hidden
    counted = board.board_inventory()
    assert (counted.deals, counted.open) == (len(ALL), len(shown))


@pytest.mark.parametrize("damaged", DAMAGE)
def test_what_is_damaged_is_named_and_takes_nothing_along(office: Office, damaged: str) -> None:
    told(office)
    does, hidden = DAMAGE[damaged]
    does(office)
    with closing(new_board(office)) as board:
        assert_all_are_there(office, board, hidden)


@pytest.mark.parametrize("damaged", [name for name, (_, hidden) in DAMAGE.items() if hidden == ALL])
def test_a_definition_that_goes_after_the_board_has_its_deals_takes_none_out_of_it(
    office: Office, damaged: str
) -> None:
    told(office)
    office.board.catch_up()
    kept = run(
        office.database_url, office.home, "SELECT * FROM stored_events WHERE originator_id = 'process/standard-sale'"
    )
    DAMAGE[damaged][0](office)
    with closing(new_board(office)) as board:
        assert_all_are_there(office, board, ALL)
        assert {(each.title, each.owner) for each in board.unreadable()} == {(f"Desks {one}", "li") for one in ALL}
    damage(office, "DELETE FROM stored_events WHERE originator_id = 'process/standard-sale'")
    marks = ", ".join("?" * len(kept[0]))
    overriding = " OVERRIDING SYSTEM VALUE" if office.database_url else ""
    damage(office, f"INSERT INTO stored_events{overriding} VALUES ({marks})", *kept[0])
    with closing(new_board(office)) as board:
        assert_all_are_there(office, board, set())


def test_a_deal_whose_calendar_is_missing_stays_in_the_list_and_says_so(office: Office) -> None:
    told(office)
    with closing(new_board(office, phrase("no calendar"))) as board:
        rows = board.deals(DealQuery())
        assert [(row.deal_id, row.wrong) for row in rows] == [(deal_id, "no calendar") for deal_id in sorted(ALL)]
        assert_all_are_there(office, board, set())


# One value a column in `make test`: SQLite takes a text in every column, PostgreSQL nothing in some, a text in others.
@pytest.mark.parametrize("each_value", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["one value", "each"])
@pytest.mark.parametrize("table", [table.name for table in metadata.sorted_tables if table.name != "faults"])
def test_a_board_that_somebody_damaged_is_filled_anew(office: Office, table: str, each_value: bool) -> None:
    told(office)
    office.board.catch_up()
    columns = [column.name for column in metadata.tables[table].columns if column.name != "schema_version"]
    for column in columns:
        for value in (None, "'?'") if office.database_url or each_value else ("'?'",):
            with office.views.writing() as connection:
                place = f"{SCHEMA_NAME}.{table}" if office.database_url else table
                try:
                    with connection.begin_nested():
                        connection.execute(text(f"UPDATE {place} SET {column} = {value or 'NULL'}"))
                except Exception:  # noqa: BLE001  the database refuses that value
                    continue
            with closing(new_board(office)) as board:
                if table in ("tracking", "stalls") or value is None:
                    page = deal_page(board, KnownNames(office.reading), DealQuery())
                    assert page.total >= len(page.deals)
                board.stalls(StallQuery())
                board.gaps(DealQuery(ever=True))
                board.board_inventory()
            Checkpoint(office.views).remake()
            office.board.catch_up()
            if not each_value:
                break
