"""A real store with deals told by commands, and the board beside it, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import load_process
from dealflow.adapters.store import StoreParts, fingerprint_of, open_store
from dealflow.adapters.views.board import BoardView
from dealflow.adapters.views.engine import ViewDatabase, open_views
from dealflow.application.commands.handle import Deals
from dealflow.application.ports.store import EventStore
from dealflow.application.processes.registry import Processes
from dealflow.application.reading.as_of import ReadDeals
from dealflow.domain.deal import commands as c
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from tests.support.deals.told_deals import PEOPLE, day
from tests.support.paths import PROCESS_DEFS
from tests.support.workers.silent_waker import SilentWaker


@dataclass
class SetClock:
    """Stands where the test puts it."""

    at: datetime = field(default_factory=lambda: day(5))

    def now(self) -> datetime:
        return self.at


@dataclass
class Office:
    """The store with its command path, and the board; `database_url` is empty for SQLite."""

    home: Path
    database_url: str
    parts: StoreParts
    clock: SetClock
    processes: Processes
    deals: Deals
    views: ViewDatabase
    board: BoardView
    people: Organisation = PEOPLE
    _commands: int = 0

    def does(self, deal_id: str, *commands: c.Command, who: str = "li", at: datetime | None = None) -> None:
        """Somebody asks for this, a minute after the last one did."""
        self.clock.at = at or self.clock.at + timedelta(minutes=1)
        self._commands += 1
        envelope = c.Envelope(command_id=f"c{self._commands}", deal_id=deal_id, who=c.Who(actor=who), commands=commands)
        self.deals.handle(envelope)

    def opens(self, deal_id: str, owner: str = "li", at: datetime | None = None) -> None:
        """A deal of the standard sale."""
        process = self.processes.get("standard-sale").ref
        self.does(deal_id, c.OpenDeal(title=f"Desks {deal_id}", process=process, owner=owner), who=owner, at=at)

    def looks(self, deal_id: str, at: datetime) -> None:
        """The deal's workflow looks."""
        self.clock.at = at
        self.deals.progress(deal_id, self.reading.read(deal_id).deal.opening, at)

    def another_board(self, store: EventStore | None = None) -> BoardView:
        """As another process would have it, which may reach the log by another way."""
        views = open_views(self.home, self.database_url)
        return BoardView(views, store or self.parts.store, self.definition, lambda: self.people, self.clock)

    @property
    def reading(self) -> ReadDeals:
        """Deals as they are in the store, not as the board has them."""
        return ReadDeals(self.parts.store, self.processes, lambda: self.people, self.clock, None)

    def definition(self, ref: ProcessRef) -> ProcessDefinition:
        """The version that a deal is pinned to."""
        return self.processes.get(ref).definition


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Every test of the board runs on both databases."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with_parts = open_store(database_url, tmp_path, tmp_path / "keys.sqlite")
    clock = SetClock()
    calendars = BusinessCalendars()
    processes = Processes(with_parts.store, clock, lambda: PEOPLE, rules_of=CelRules, calendar_of=calendars.get)
    definition, problems = load_process(PROCESS_DEFS / "standard-sale.yaml")
    assert definition is not None, problems
    processes.publish(definition, who=c.Who(actor="ops"), command_id="publish")
    deals = Deals(with_parts.store, processes, lambda: PEOPLE, clock, SilentWaker, fingerprint_of(with_parts.keys))
    views = open_views(tmp_path, database_url)
    board = BoardView(views, with_parts.store, lambda ref: processes.get(ref).definition, lambda: PEOPLE, clock)
    yield Office(tmp_path, database_url, with_parts, clock, processes, deals, views, board)
    board.close()
    with_parts.close()
