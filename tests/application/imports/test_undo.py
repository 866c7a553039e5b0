"""An import is taken back: what the right one then gives is what it gives in an empty store."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.imports.csv.run import CsvImported, CsvRequest, import_csv
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.plans import MostRejects
from dealflow.application.imports.run import Imports
from dealflow.application.imports.taking_back.take_back import TakeBack
from dealflow.application.imports.taking_back.undone import Undone
from dealflow.application.notices.concern import Superseded
from dealflow.application.ports.store import StoreUnreachable
from dealflow.application.reading.as_of import AsOf
from dealflow.application.reading.board import DealQuery
from dealflow.application.reading.stalls import StallQuery
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.values.refusal import Code, CommandRefused
from dealflow.settings import Settings
from dealflow.wording.sentences import all_said
from tests.support.files.import_files import DEALS, HEADER, PRODUCTS, SMALL
from tests.support.paths import PROCESS_DEFS
from tests.support.stores.contested_store import OvertakenStore
from tests.support.workers.silent_waker import SilentWaker

NOW = datetime(2018, 1, 15, 9, tzinfo=UTC)
NEXT_DAY = NOW + timedelta(days=1)
OPS, ZOE = c.Who(actor="ops"), c.Who(actor="Zoe")
PEOPLE = """\
people:
  - {id: Anna, manager: Zoe}
  - {id: Bob, manager: Zoe}
  - {id: Zoe, role: director}
  - {id: ops, role: operations}
"""
WRONG = ("D1,Anna,GTXPro,Acme,Won,2017-01-03,2017-02-04,1054,", "D2,Anna,MG Special,Acme,Engaging,2017-01-03,,,")
RIGHT = ("D1,Anna,GTXPro,Acme,Won,2017-03-01,2017-04-02,1054,", "D2,Anna,MG Special,Acme,Engaging,2017-03-01,,,")


_OF_NOW = {"version", "as_of", "recorded_at", "overdue_seconds"}


class House:
    """A store with the Maven process, and what is imported into it."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system, self.folder = system, folder

    def take_in(self, *rows: str, now: datetime = NOW, imports: Imports | None = None, **asked: Any) -> CsvImported:
        (self.folder / DEALS).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        asked = {"most_rejects": MostRejects(), "home": self.system.settings.home, **asked}
        request = CsvRequest(files=(self.folder,), mapping=self.folder / "mapping.yaml", who=OPS, **asked)
        return import_csv(request, imports or self.system.imports, self.system.processes, now)

    def undo(self, batch: str, store: Any = None) -> Undone:
        system, at = self.system, NOW + timedelta(minutes=1)
        parts = (store or system.store, system.outbox, system.processes, system.people.current, system.reach_hint)
        return TakeBack(*parts, at).take_back(batch, OPS, "swapped", lambda _done, _total: None)

    def deal(self, deal_id: str) -> Deal | None:
        return fold(self.system.store.load(f"deal/{deal_id}"))

    def outlook(self) -> list[dict[str, Any]]:
        """All deals, stalls and the inventory as lists show them, but for versions."""
        board = self.system.board
        rows = [*board.deals(DealQuery()), *board.stalls(StallQuery()), board.board_inventory()]
        return [row.model_dump(mode="json", exclude=_OF_NOW) for row in rows]

    def scheduled(self) -> dict[str, tuple[bool, datetime | None]]:
        return {row.deal_id: (row.in_progress, row.next_due) for row in self.system.schedule.in_progress()}


@contextmanager
def house(folder: Path) -> Iterator[House]:
    folder.mkdir(exist_ok=True)
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (folder / "mapping.yaml").write_text(SMALL, encoding="utf-8")
    settings = Settings.load(folder / "home").model_copy(update={"zone": "UTC"})
    with open_system(settings, SilentWaker()) as system:
        definition, _ = load_process(PROCESS_DEFS / "maven-crm.yaml")
        assert definition is not None
        system.processes.publish(definition, who=OPS, command_id="publish")
        (folder / "home" / "people.yaml").write_text(PEOPLE, encoding="utf-8")
        yield House(system, folder)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "place") as made:
        yield made


def test_undo_and_the_right_import_give_what_an_empty_store_gives(place: House, tmp_path: Path) -> None:
    wrong = place.take_in(*WRONG).report
    undone = place.undo(wrong.batch)
    assert (undone.done, undone.gone, undone.restored, undone.kept, undone.later) == (True, 2, 0, 0, ())
    assert (place.outlook()[:-1], place.scheduled()) == ([], {})
    right = place.take_in(*RIGHT, now=NEXT_DAY).report
    assert (right.new, right.rejected) == (2, 0)
    with house(tmp_path / "empty") as empty:
        first = empty.take_in(*RIGHT, now=NEXT_DAY).report
        assert place.outlook() == empty.outlook()
        assert place.scheduled() == empty.scheduled()
        assert (right.recipients, right.facts) == (first.recipients, first.facts)


def test_it_is_taken_back_again_and_the_next_run_counts_on(place: House) -> None:
    runs = []
    for rows in (WRONG, RIGHT, WRONG):
        batch = place.take_in(*rows).report.batch
        deal = place.deal("D2")
        assert deal is not None
        runs.append((deal.run, deal.opening))
        if rows is not WRONG or len(runs) == 1:
            assert place.undo(batch).gone == 2
    assert runs == [(1, 1), (2, 1), (3, 1)]


def test_a_second_time_nothing_is_left(place: House) -> None:
    batch = place.take_in(*WRONG).report.batch
    place.undo(batch)
    head = place.system.store.head()
    again = place.undo(batch)
    assert (again.done, again.taken_back, again.events) == (True, 0, 0)
    assert place.system.store.head() == head


def test_what_a_person_has_acted_on_is_kept_whole_and_listed(place: House) -> None:
    batch = place.take_in(*WRONG).report.batch
    before = place.deal("D2")
    command = c.ReassignDeal(owner="Bob", reason="Anna is away")
    place.system.deals.handle(c.Envelope(command_id="give", deal_id="D2", who=ZOE, commands=(command,)))
    undone = place.undo(batch)
    assert (undone.gone, undone.kept) == (1, 1)
    (kept,) = undone.kept_deals
    assert (kept.deal_id, kept.why, kept.actor, kept.what) == ("D2", "act", "Zoe", "deal.owner_changed.v1")
    deal = place.deal("D2")
    assert before is not None and deal is not None and (deal.owner, deal.visits) == ("Bob", before.visits)
    assert place.deal("D1") is None


def test_a_later_import_is_named_and_comes_first(place: House) -> None:
    first = place.take_in(*WRONG).report.batch
    won = place.deal("D1")
    later = place.take_in(WRONG[0].replace("1054", "2000"), *WRONG[1:], now=NEXT_DAY).report.batch
    head = place.system.store.head()
    blocked = place.undo(first)
    assert (blocked.done, blocked.later) == (False, (later,))
    assert place.system.store.head() == head
    back = place.undo(later)
    assert (back.gone, back.restored, back.first) == (0, 1, ("D1",))
    deal = place.deal("D1")
    assert won is not None and deal is not None
    assert (deal.amount, deal.win, deal.imported) == (won.amount, won.win, won.imported)
    assert place.undo(first).gone == 2


def test_every_instant_can_still_be_read(place: House) -> None:
    batch = place.take_in(*WRONG).report.batch
    imported = place.system.store.load("deal/D1")[-1].stamp.recorded_at
    place.undo(batch)
    with pytest.raises(CommandRefused) as refused:
        place.system.reading.read("D1")
    assert [reason.code for reason in refused.value.reasons] == [Code.DEAL_TAKEN_BACK]
    assert place.system.reading.read("D1", AsOf(as_known_at=imported)).deal.outcome == "won"
    assert place.system.reading.read("D1", also_taken_back=True).recorded[-1].fact.topic == "deal.import_undone.v1"


def test_somebody_may_open_the_deal_by_hand_instead(place: House) -> None:
    place.undo(place.take_in(*WRONG).report.batch)
    command = c.OpenDeal(title="By hand", process=place.system.processes.for_opening("maven-crm").ref, owner="Anna")
    place.system.deals.handle(c.Envelope(command_id="open", deal_id="D1", who=ZOE, commands=(command,)))
    deal = place.deal("D1")
    assert deal is not None and (deal.title, deal.run) == ("By hand", 2)


def test_what_was_to_be_told_is_told_no_more(place: House) -> None:
    report = place.take_in(*WRONG).report
    assert report.recipients
    place.undo(report.batch)
    place.take_in(*RIGHT)
    told = [one.notice for person in report.recipients for one in place.system.outbox.waiting(person)]
    concern = Superseded(place.system.store, place.system.processes)
    organisation = place.system.people.current()
    left = [notice.run for notice in told if concern(notice, organisation) is None]
    assert left and set(left) == {2} and {notice.run for notice in told} == {1, 2}


def test_an_import_that_was_interrupted_is_taken_back_and_goes_on_in_no_other(place: House) -> None:
    store = OvertakenStore(place.system.store)
    store.act, store.at = _away, 2
    parts = place.system
    imports = Imports(
        store, parts.outbox, parts.processes, parts.people.current, parts.reach_hint, all_said, deals_per_append=1
    )
    with pytest.raises(StoreUnreachable):
        place.take_in(*WRONG, imports=imports)
    [batch] = place.system.imports.records.batches([])
    assert batch.state == "unfinished" and place.deal("D1") is not None and place.deal("D2") is None
    assert place.undo(batch.id).gone == 1
    again = place.take_in(*WRONG).report
    assert (again.new, again.batch) == (2, f"{batch.id}-2")
    assert place.undo(again.batch).gone == 2


def test_who_acts_between_the_look_and_the_undo_keeps_the_deal(place: House) -> None:
    batch = place.take_in(*WRONG).report.batch
    store = OvertakenStore(place.system.store)
    command = c.ReassignDeal(owner="Bob", reason="Anna is away")
    envelope = c.Envelope(command_id="give", deal_id="D2", who=ZOE, commands=(command,))
    # The first append says that the undo begins.
    store.act, store.at = lambda: place.system.deals.handle(envelope), 2
    undone = place.undo(batch, store)
    assert (undone.gone, [kept.deal_id for kept in undone.kept_deals]) == (1, ["D2"])
    deal = place.deal("D2")
    assert deal is not None and deal.owner == "Bob"


def test_an_import_that_comes_while_it_is_taken_back_keeps_its_deals_and_is_named(place: House) -> None:
    batch = place.take_in(*WRONG).report.batch
    store = OvertakenStore(place.system.store)
    newer = (WRONG[0].replace("1054", "2000"), *WRONG[1:])
    store.act, store.at = lambda: place.take_in(*newer, imports=None, now=NEXT_DAY), 1
    undone = place.undo(batch, store)
    [kept] = undone.kept_deals
    assert (undone.gone, kept.deal_id, kept.why) == (1, "D1", "later")
    assert kept.what is not None and kept.what != batch


def _away() -> None:
    raise StoreUnreachable("away")


def test_an_import_that_corrected_dates_and_cleared_a_cell_is_taken_back_and_can_come_again(place: House) -> None:
    mapping = place.folder / "mapping.yaml"
    mapping.write_text(f"{mapping.read_text(encoding='utf-8')}cleared: all\n", encoding="utf-8")
    place.take_in(*WRONG)
    before = place.deal("D2")
    newer = (RIGHT[0], RIGHT[1].replace("Acme", ""))
    batch = place.take_in(*newer, now=NEXT_DAY).report.batch
    after = place.deal("D2")
    place.undo(batch)
    back = place.deal("D2")
    assert before is not None and back is not None and after is not None
    assert (back.visits, back.clocks, back.customer) == (before.visits, before.clocks, before.customer)
    place.take_in(*newer, now=NEXT_DAY)
    again = place.deal("D2")
    assert again is not None
    assert (again.visits, again.clocks, again.customer) == (after.visits, after.clocks, after.customer)
    assert place.take_in(*newer, now=NEXT_DAY).report.events == 0
