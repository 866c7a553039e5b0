"""Imports on a real SQLite store: the Maven numbers, twice, changed rows, rejects, strict, dry, interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.imports.csv.run import CsvImported, CsvRequest, import_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.plans import MostRejects
from dealflow.application.imports.progress import ImportWalk
from dealflow.application.imports.run import Imports
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal
from dealflow.domain.values.money import Money
from dealflow.settings import Settings
from dealflow.wording.sentences import all_said
from tests.support.files.import_files import DEALS, HEADER, MAVEN, PRODUCTS, SMALL
from tests.support.files.maven import STALLED_BY_DIRECTOR
from tests.support.paths import PROCESS_DEFS
from tests.support.stores.contested_store import ContestedStore, DyingOutbox
from tests.support.stores.raw_rows import run
from tests.support.workers.silent_waker import SilentWaker

NOW = datetime(2018, 1, 15, 9, tzinfo=UTC)
WHO = c.Who(actor="ops")
WON = "D1,Anna,GTXPro,Acme,Won,2017-03-01,2017-04-02,1054,"
SEVEN_HUNDRED = Money(minor=70_000, currency="USD")
OLD = "D2,Anna,MG Special,Acme,Engaging,2017-03-01,,,"
NEW = "D3,Bob,MG Special,,New,,,,"
TEAMS = "who,boss\nAnna,Zoe\nBob,Zoe\n"
PEOPLED = SMALL.replace("products: products.csv}", "products: products.csv, teams: teams.csv}") + (
    "people: {table: teams, person: who, manager: boss, manager_role: director}\n"
)


class Place:
    """A folder with a system and small files to import into it."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system, self.folder = system, folder

    def take_in(self, *rows: str, now: datetime = NOW, imports: Imports | None = None, **asked: Any) -> CsvImported:
        (self.folder / DEALS).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        asked = {"most_rejects": MostRejects(), "home": self.system.settings.home, **asked}
        request = CsvRequest(files=(self.folder,), mapping=self.folder / "mapping.yaml", who=WHO, **asked)
        return import_csv(request, imports or self.system.imports, self.system.processes, now)

    def imports(self, *, store: Any = None, outbox: Any = None, deals_per_append: int = 200) -> Imports:
        parts = self.system
        return Imports(
            store or parts.store,
            outbox or parts.outbox,
            parts.processes,
            parts.people.current,
            parts.reach_hint,
            all_said,
            deals_per_append=deals_per_append,
        )

    def deal(self, deal_id: str) -> Deal:
        return self.system.reading.read(deal_id).deal

    def topics(self, deal_id: str) -> list[str]:
        events = self.system.store.load(f"deal/{deal_id}")
        return [r.fact.topic.removeprefix("deal.").removesuffix(".v1") for r in events]

    def execute(self, deal_id: str, command: c.Command, who: c.Who = WHO) -> None:
        self.system.deals.handle(
            c.Envelope(command_id=f"{deal_id}-{command.act}", deal_id=deal_id, who=who, commands=(command,))
        )

    def declare(self) -> None:
        """From now on there are people, and Zoe stands above Anna."""
        people = (
            "people:\n  - {id: Anna, manager: Zoe}\n  - {id: Zoe, role: director}\n  - {id: ops, role: operations}\n"
        )
        (self.system.settings.home / "people.yaml").write_text(people, encoding="utf-8")


@contextmanager
def opened(folder: Path) -> Iterator[Place]:
    settings = Settings.load(folder / "home").model_copy(update={"zone": "UTC"})
    with open_system(settings, SilentWaker()) as system:
        definition, _ = load_process(PROCESS_DEFS / "maven-crm.yaml")
        assert definition is not None
        system.processes.publish(definition, who=WHO, command_id="publish")
        yield Place(system, folder)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text(TEAMS, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(PEOPLED, encoding="utf-8")
    with opened(tmp_path) as made:
        yield made


@pytest.mark.soak
def test_the_maven_set_gives_the_numbers_that_were_counted_and_again_nothing(tmp_path: Path) -> None:
    now = datetime(2017, 12, 31, 12, tzinfo=UTC)
    with opened(tmp_path) as place:
        request = CsvRequest(
            files=(MAVEN,),
            mapping=MAVEN / "mapping.yaml",
            who=WHO,
            home=place.system.settings.home,
            people=tmp_path / "home" / "people.yaml",
        )
        first = import_csv(request, place.system.imports, place.system.processes, now).report
        assert (first.deals, first.new, first.won, first.lost, first.open) == (8800, 8800, 4238, 2473, 2089)
        assert (first.won_amount, first.without_customer) == ({"USD": "10005534.00"}, 1425)
        assert (first.stalled, first.backlog, first.facts["deal.stall_recorded.v1"]) == (1291, 1291, 1291)
        told = {person: n for person, n in first.recipients.items() if n > 100}
        assert told == STALLED_BY_DIRECTOR
        assert not (first.rejected or first.unmatched or first.unknown_owners or first.claims_not_applied)
        assert place.system.outbox.counts()["held"] == 0
        head = place.system.store.head()
        again = import_csv(request, place.system.imports, place.system.processes, now + timedelta(days=1)).report
        assert (again.unchanged, again.events, place.system.store.head()) == (8800, 0, head)
        assert (again.won, again.stalled, again.won_amount) == (4238, 1291, first.won_amount)


def test_facts_keep_their_own_dates_and_are_recorded_at_the_import(place: Place) -> None:
    place.take_in(WON, OLD)
    events = place.system.store.load("deal/D2")
    assert [(r.fact.topic, r.fact.effective_at.date().isoformat()) for r in events] == [
        ("deal.opened.v1", "2017-03-01"),
        ("deal.stage_claimed.v1", "2017-03-01"),
        ("deal.clock_started.v1", "2017-03-01"),
        ("deal.stall_recorded.v1", "2017-07-18"),
        ("deal.escalation_raised.v1", "2018-01-15"),
        ("deal.rung_reached.v1", "2018-01-15"),
    ]
    assert {r.stamp.recorded_at for r in events} == {NOW}
    assert {r.stamp.cause for r in events} == {"import"}
    assert place.topics("D1") == ["opened", "stage_claimed", "clock_started", "won", "closed"]


def test_nothing_of_a_customers_decision_is_invented(place: Place) -> None:
    place.take_in(WON, OLD, NEW)
    assert all(not place.deal(deal_id).nodes for deal_id in ("D1", "D2", "D3"))
    won = next(r.fact for r in place.system.store.load("deal/D1") if isinstance(r.fact, e.DealWon))
    assert (won.basis, won.unproven) == ("claimed", ("need_confirmed", "order_signed"))


def test_the_backlog_waits_as_one_digest_for_each_recipient(place: Place) -> None:
    people = place.system.settings.people
    report = place.take_in(OLD, OLD.replace("D2", "D4"), people=people).report
    assert report.recipients == {"Anna": 2, "Zoe": 2}
    waiting = place.system.outbox.waiting("Zoe")
    assert [w.notice.mode for w in waiting] == ["digest", "digest"]
    assert {w.notice.batch for w in waiting} == {report.batch}


def test_the_same_file_again_changes_nothing(place: Place) -> None:
    place.take_in(WON, OLD, NEW)
    head = place.system.store.head()
    report = place.take_in(WON, OLD, NEW, now=NOW + timedelta(days=300)).report
    assert (report.new, report.changed, report.unchanged, report.events) == (0, 0, 3, 0)
    assert place.system.store.head() == head


def test_rows_in_another_order_change_nothing(place: Place) -> None:
    place.take_in(WON, OLD, NEW)
    assert place.take_in(NEW, WON, OLD).report.unchanged == 3


def test_a_stage_that_moved_on_brings_only_the_new_claims(place: Place) -> None:
    place.take_in(OLD, NEW)
    moved = ["D2,Anna,MG Special,Acme,Won,2017-03-01,2018-01-10,77,", "D3,Bob,MG Special,,Engaging,2018-01-05,,,"]
    report = place.take_in(*moved, now=NOW + timedelta(days=1)).report
    assert report.changed == 2
    assert place.topics("D2")[6:] == ["stall_ended", "won", "closed"]
    assert place.topics("D3") == ["opened", "stage_claimed", "clock_started"]
    assert str(place.deal("D2").amount) == "77.00 USD"
    assert place.take_in(*moved).report.unchanged == 2


def test_a_changed_row_brings_only_the_change(place: Place) -> None:
    place.take_in(OLD)
    changed = "D2,Bob,GTXPro,Acme,Engaging,2017-03-01,,,500"
    assert place.take_in(changed).report.changed == 1
    deal = place.deal("D2")
    assert place.topics("D2")[6:] == ["amended", "owner_changed"]
    assert (deal.owner, deal.title, str(deal.amount), deal.attributes) == (
        "Bob",
        "Acme: GTX Pro",
        "500.00 USD",
        {"series": "GTX"},
    )
    assert place.take_in(changed).report.unchanged == 1
    assert place.take_in(OLD).report.changed == 1, "what the source took back is a change as well"
    assert place.deal("D2").owner == "Anna"


def test_a_won_amount_that_was_mended_is_amended_once(place: Place) -> None:
    place.take_in(WON)
    mended = WON.replace("1054", "1055")
    place.take_in(mended)
    assert place.topics("D1")[5:] == ["amended"]
    assert str(place.deal("D1").amount) == "1,055.00 USD"
    assert place.take_in(mended).report.unchanged == 1


def test_an_amount_that_waits_and_that_the_source_says_too_is_confirmed_by_it(place: Place) -> None:
    place.take_in(OLD + "500")
    place.declare()
    place.execute("D2", c.AmendDeal(amount=SEVEN_HUNDRED, reason="they want more"), c.Who(actor="Anna"))
    assert place.deal("D2").amounts == (Money(minor=50_000, currency="USD"), SEVEN_HUNDRED)
    assert place.take_in(OLD + "500").report.kept_by_hand == {"amount": 1}, "the source says another"
    assert place.deal("D2").amounts == (Money(minor=50_000, currency="USD"), SEVEN_HUNDRED)
    said = OLD.replace("MG Special", "GTXPro") + "700"
    report = place.take_in(said).report
    assert (report.changed, report.facts["deal.amount_confirmed.v1"]) == (1, 1)
    assert (place.deal("D2").title, place.deal("D2").amounts) == ("Acme: GTX Pro", (SEVEN_HUNDRED,))
    assert place.take_in(said).report.unchanged == 1


def test_what_a_person_changed_stays_until_the_source_changes_it(place: Place) -> None:
    place.take_in(OLD)
    place.execute("D2", c.ReassignDeal(owner="Carol", reason="moved"))
    report = place.take_in(OLD).report
    assert (report.unchanged, report.kept_by_hand) == (1, {"owner": 1})
    assert place.deal("D2").owner == "Carol"
    place.take_in(OLD.replace("Anna", "Bob"))
    assert place.deal("D2").owner == "Bob"


def test_a_stage_that_the_source_took_back_and_says_again_has_its_own_date(place: Place) -> None:
    place.take_in(OLD)
    back = OLD.replace("Engaging", "New")
    assert place.take_in(back).report.changed == 1
    assert (place.deal("D2").stage, place.deal("D2").entered_at) == ("prospecting", NOW)
    assert place.take_in(back).report.events == 0
    place.take_in(OLD, now=NOW + timedelta(days=1))
    assert (place.deal("D2").stage, place.deal("D2").entered_at) == ("engaging", datetime(2017, 3, 1, tzinfo=UTC))


def test_a_deal_of_the_same_id_that_came_from_elsewhere_is_left_alone(place: Place) -> None:
    process = place.system.processes.get("maven-crm").ref
    place.execute("D2", c.OpenDeal(title="By hand", process=process))
    report = place.take_in(OLD, NEW).report
    assert (report.new, report.rejected) == (1, 1)
    assert report.rejects[0].deal_id == "D2" and report.rejects[0].row == 2
    assert place.deal("D2").title == "By hand"


def test_a_bad_row_goes_to_the_rejects_file_and_the_rest_goes_on(place: Place) -> None:
    done = place.take_in(WON, OLD.replace("Engaging", "Engagin"), NEW)
    assert (done.report.new, done.report.rejected) == (2, 1)
    assert done.report.rejects_by_reason == {"stage: the mapping does not know this value": 1}
    assert [(u.value, u.rows, u.suggestion) for u in done.report.unknown_values] == [("Engagin", 1, "Engaging")]
    assert done.rejects_file is not None
    assert done.rejects_file.parent == place.system.settings.home / "rejects"
    assert "deals.csv,3,stage,the mapping does not know this value,Engagin,Engaging," in done.rejects_file.read_text()


def test_strict_stops_before_anything_is_written(place: Place) -> None:
    people = place.system.settings.people
    head = place.system.store.head()
    done = place.take_in(WON, OLD.replace("2017-03-01", "soon"), strict=True, people=people, shift_to_today=True)
    assert (done.report.strict_stop, done.report.rejected) == (True, 1)
    assert place.system.store.head() == head
    assert not people.exists()
    assert not list((place.system.settings.home / "imports").glob("*.json"))
    assert place.take_in(WON, strict=True).report.new == 1


def test_a_dry_run_writes_nothing_and_says_the_same(place: Place) -> None:
    people = place.system.settings.people
    head, rows = place.system.store.head(), (WON, OLD, NEW.replace("New", "Nw"))
    before = sorted(place.folder.rglob("*"))
    dry = place.take_in(*rows, people=people, shift_to_today=True, dry_run=True).report
    assert place.system.store.head() == head
    assert [path for path in sorted(place.folder.rglob("*")) if path not in before and path.name != DEALS] == []
    wet = place.take_in(*rows, people=people, shift_to_today=True).report
    taken = {"seconds": wet.seconds, "seconds_looking": wet.seconds_looking}
    assert dry.model_copy(update={"dry_run": False, **taken}) == wet
    assert wet.seconds > wet.seconds_looking > 0


def test_shifted_dates_are_used_again(place: Place) -> None:
    first = place.take_in(WON, OLD, shift_to_today=True).report
    assert first.shift is not None and (first.shift.days, first.shift.stored) == (15, False)
    assert place.deal("D1").opened_at == datetime(2017, 3, 16, tzinfo=UTC)
    later = place.take_in(WON, OLD, now=NOW + timedelta(days=9)).report
    assert later.shift is not None and (later.shift.days, later.shift.stored) == (15, True)
    assert (later.unchanged, sum(one.facts for one in later.not_changed)) == (2, 0)


def test_dates_cannot_be_shifted_once_they_are_in(place: Place) -> None:
    place.take_in(WON)
    with pytest.raises(ImportInvalid, match="was imported with its own dates"):
        place.take_in(WON, shift_to_today=True)


def test_an_import_that_was_interrupted_goes_on(place: Place) -> None:
    people = place.system.settings.people

    def stop(walk: ImportWalk, done: int, total: int) -> None:
        if (walk, done) == (ImportWalk.TAKE_IN, 2):
            raise KeyboardInterrupt

    (place.folder / DEALS).write_text("\n".join([HEADER, OLD, WON, OLD.replace("D2", "D5")]) + "\n", encoding="utf-8")
    request = CsvRequest(
        files=(place.folder,),
        mapping=place.folder / "mapping.yaml",
        who=WHO,
        home=place.system.settings.home,
        people=people,
    )
    with pytest.raises(KeyboardInterrupt):
        import_csv(request, place.imports(deals_per_append=1), place.system.processes, NOW, stop)
    assert place.system.outbox.counts()["held"] == 2
    report = import_csv(request, place.system.imports, place.system.processes, NOW).report
    assert (report.new, report.unchanged) == (1, 2)
    assert place.system.outbox.counts()["held"] == 0
    assert len({w.notice.batch for w in place.system.outbox.waiting("Zoe")}) == 1


def test_what_another_file_left_unfinished_is_released(place: Place) -> None:
    people = place.system.settings.people
    with pytest.raises(KeyboardInterrupt):
        place.take_in(OLD, people=people, imports=place.imports(outbox=DyingOutbox(place.system.outbox)))
    assert place.system.outbox.counts()["held"] == 2
    place.take_in(WON, people=people)
    assert place.system.outbox.counts()["held"] == 0


def test_an_append_that_came_between_is_decided_again(place: Place) -> None:
    store = ContestedStore(place.system.store, conflicts=1)
    assert place.take_in(WON, OLD, imports=place.imports(store=store)).report.new == 2
    # With what is put on record of the import: that it begins, with the first deals, and its end.
    assert store.sizes == [3, 3, 1]


def test_a_deal_that_cannot_be_appended_holds_up_no_other(place: Place) -> None:
    store = ContestedStore(place.system.store, conflicts=10)
    report = place.take_in(WON, OLD, NEW, imports=place.imports(store=store)).report
    assert store.sizes == [4] * 5 + [2] * 6 + [1, 1]
    assert (report.new, report.rejected, report.rejects[0].deal_id) == (2, 1, "D1")


def test_a_deal_that_cannot_be_read_is_rejected_and_holds_up_no_other(place: Place) -> None:
    place.take_in(OLD, NEW)
    run(
        "",
        place.system.settings.home,
        "UPDATE stored_events SET state = CAST('x' AS BLOB) WHERE originator_id = 'deal/D2'",
    )
    report = place.take_in(WON, OLD, NEW).report
    assert (report.new, report.unchanged, report.rejected) == (1, 1, 1)
    assert report.rejects[0].deal_id == "D2"
    assert report.rejects[0].reason.startswith("event 1 of deal/D2 cannot be read: its bytes were altered")


def test_owners_who_are_nobody_in_the_people_file_are_counted(place: Place) -> None:
    report = place.take_in(WON, OLD, NEW, ",x,,,,,,,").report
    assert report.unknown_owners == {"Anna": 2, "Bob": 1}
    assert report.recipients == {}


def test_an_import_full_of_unknown_values_spends_one_budget_of_suggestions(place: Place) -> None:
    values = "".join(f"    Value number {n:04}: []\n" for n in range(5_000))
    (place.folder / "mapping.yaml").write_text(PEOPLED.replace("    New: []\n", f"    New: []\n{values}"))
    rows = [f"D{n},Anna,MG Special,Acme,Valu nmber {n:04},2017-03-01,,," for n in range(1_500)]
    report = place.take_in(*rows, dry_run=True).report
    assert report.rejected == 1_500
    found = {one.value: one.suggestion for one in report.unknown_values}
    assert found["Valu nmber 0000"] == "Value number 0000"
    assert len(found) == 1_500 and list(found.values()).count(None) > 100


def test_every_walk_through_the_rows_tells_how_far_it_is(place: Place) -> None:
    seen: list[tuple[ImportWalk, int, int]] = []
    (place.folder / DEALS).write_text(f"{HEADER}\n{WON}\n{OLD}\n{NEW}\n", encoding="utf-8")
    request = CsvRequest(
        files=(place.folder,), mapping=place.folder / "mapping.yaml", who=WHO, home=place.system.settings.home
    )
    import_csv(request, place.system.imports, place.system.processes, NOW, lambda *at: seen.append(at))
    assert list(dict.fromkeys(walk for walk, _, _ in seen)) == [ImportWalk.LOOK, ImportWalk.MAKE, ImportWalk.TAKE_IN]
    assert {total for _, _, total in seen} == {3} and seen[-1] == (ImportWalk.TAKE_IN, 3, 3)
