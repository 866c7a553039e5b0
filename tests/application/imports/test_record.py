"""Imports on record: what was given, what came of it, in which batch; and nothing of those that bring nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.domain.deal.events import ImportBegun, ImportFinished
from dealflow.domain.imports.state import BatchState
from dealflow.domain.imports.stream import import_stream
from tests.application.imports.test_run import NEW, NOW, OLD, PEOPLED, TEAMS, WON, Place, opened
from tests.support.files.import_files import PRODUCTS
from tests.support.stores.contested_store import DyingOutbox

SOURCE = "small-crm"
AGAIN = NOW + timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text(TEAMS, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(PEOPLED, encoding="utf-8")
    with opened(tmp_path) as made:
        yield made


def states(place: Place) -> list[tuple[str, str]]:
    batches = place.system.imports.records.of(SOURCE).batches
    return [(name.rpartition("/")[2], batch.state.value) for name, batch in batches.items()]


def interrupted(place: Place, *rows: str) -> str:
    """An import that ends where its batch would be finished."""
    with pytest.raises(KeyboardInterrupt):
        place.take_in(*rows, imports=place.imports(outbox=DyingOutbox(place.system.outbox)))
    return next(reversed(place.system.imports.records.of(SOURCE).batches))


def test_what_was_given_and_what_came_of_it_is_on_record(place: Place) -> None:
    report = place.take_in(WON, OLD, ",x,,,,,,,").report
    begun, finished = place.system.store.load(import_stream(SOURCE))
    assert isinstance(begun.fact, ImportBegun) and isinstance(finished.fact, ImportFinished)
    assert begun.fact.batch == finished.fact.batch == report.batch
    assert (begun.stamp.actor, begun.stamp.recorded_at, begun.stamp.cause) == ("ops", NOW, "import")
    assert [(file.role, file.name) for file in begun.fact.files] == [
        ("deals", "deals.csv"), ("products", "products.csv"), ("teams", "teams.csv"),
    ]  # fmt: skip
    assert (begun.fact.process, begun.fact.command, begun.fact.mapping["source"]) == ("maven-crm@1", "crm-csv", SOURCE)
    done = finished.fact
    assert (done.new, done.changed, done.deals, done.events, done.rejects) == (2, 0, 2, report.events, 1)


def test_the_record_goes_before_the_first_deal(place: Place) -> None:
    place.take_in(WON)
    log = place.system.store.log(0, 100)
    streams = [logged.recorded.stream for logged in log]
    assert streams.index(import_stream(SOURCE)) == streams.index("deal/D1") - 1


def test_an_import_that_brings_nothing_leaves_no_trace(place: Place) -> None:
    place.take_in(",x,,,,,,,")
    assert place.system.store.load(import_stream(SOURCE)) == [] and place.system.outbox.batches() == {}
    place.take_in(WON, OLD)
    head, batches = place.system.store.head(), place.system.outbox.batches()
    assert place.take_in(WON, OLD, now=AGAIN).report.events == 0
    assert (place.system.store.head(), place.system.outbox.batches()) == (head, batches)


def test_a_dry_run_and_one_that_is_stopped_leave_none_either(place: Place) -> None:
    head = place.system.store.head()
    place.take_in(WON, dry_run=True)
    place.take_in(WON, ",x,,,,,,,", strict=True)
    assert place.system.store.head() == head and place.system.outbox.batches() == {}


def test_a_newer_file_is_a_batch_of_its_own_and_the_deals_of_each_are_known(place: Place) -> None:
    first = place.take_in(WON, OLD).report.batch
    second = place.take_in(WON, OLD.replace("Engaging,2017-03-01,", "Won,2017-03-01,2017-06-01"), NEW, now=AGAIN)
    records = place.system.imports.records
    newest, oldest = records.batches([])
    assert (newest.id, oldest.id) == (second.report.batch, first)
    assert [one.stream for one in records.brought(oldest)] == ["deal/D1", "deal/D2"]
    assert [(one.stream, one.opens) for one in records.brought(newest)] == [("deal/D2", False), ("deal/D3", True)]
    assert newest.finished is not None
    assert (newest.finished.new, newest.finished.changed) == (1, 1)
    assert newest.finished.events == sum(one.events for one in records.brought(newest)) == second.report.events


def test_an_import_that_was_interrupted_goes_on_in_its_batch_and_is_counted_as_a_whole(place: Place) -> None:
    batch = interrupted(place, WON, OLD)
    assert [state for _, state in states(place)] == ["unfinished"]
    report = place.take_in(WON, OLD, now=AGAIN).report
    assert (report.batch, report.events) == (batch, 0)
    found = place.system.imports.records.of(SOURCE).batches[batch]
    assert found.state is BatchState.FINISHED and found.finished is not None
    assert (found.finished.new, found.finished.deals) == (2, 2)
    head = place.system.store.head()
    place.take_in(WON, OLD, now=AGAIN)
    assert place.system.store.head() == head


def test_files_that_bring_something_again_are_a_batch_of_their_own(place: Place) -> None:
    place.take_in(OLD)
    won = OLD.replace("Engaging,2017-03-01,", "Won,2017-03-01,2017-06-01")
    place.take_in(won, now=AGAIN)
    place.take_in(OLD, now=AGAIN + timedelta(days=1))
    names = [name for name, _ in states(place)]
    assert names[2] == f"{names[0]}-2" and names[1] != names[0]


def test_a_comment_in_the_mapping_is_no_other_import(place: Place) -> None:
    batch = interrupted(place, WON)
    (place.folder / "mapping.yaml").write_text(f"# looked through\n{PEOPLED}", encoding="utf-8")
    assert place.take_in(WON, now=AGAIN).report.batch == batch


def test_a_batch_of_before_there_was_a_record_is_known_and_not_used_again(place: Place) -> None:
    batch = place.take_in(WON, dry_run=True).report.batch
    place.system.outbox.finish_batch(batch, NOW)
    assert place.system.imports.records.not_on_record([]) == {batch: NOW}
    assert place.take_in(WON).report.batch == f"{batch}-2"


def test_what_was_interrupted_before_there_was_a_record_goes_on(place: Place) -> None:
    batch = place.take_in(WON, dry_run=True).report.batch
    place.system.outbox.open_batch(batch)
    assert place.take_in(WON).report.batch == batch
    begun = place.system.store.load(import_stream(SOURCE))[0].fact
    # Its deals are sought in the whole log.
    assert isinstance(begun, ImportBegun) and begun.goes_on
    assert place.system.outbox.batches()[batch] is not None
