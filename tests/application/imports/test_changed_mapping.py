"""A mapping or a format that has changed: deals on record that would be read otherwise are told, and nothing is written."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.imports.csv.run import CsvImported, CsvRequest, import_csv
from dealflow.application.imports.mappings.counted import ReadOtherwise
from dealflow.application.imports.taking_back.take_back import TakeBack
from tests.application.imports.test_run import NOW, PEOPLED, TEAMS, WHO, Place, opened
from tests.support.files.import_files import DEALS, HEADER, PRODUCTS

DAY_FIRST = PEOPLED.replace("zone: UTC\n", "zone: UTC\ndates: ['%d/%m/%Y']\n")
MONTH_FIRST = DAY_FIRST.replace("%d/%m", "%m/%d")
ENGAGING = "D1,Anna,MG Special,Acme,Engaging,03/04/2017,,,"
WON = "D2,Anna,MG Special,Acme,Won,03/04/2017,05/06/2017,77,"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text(TEAMS, encoding="utf-8")
    with opened(tmp_path) as made:
        yield made


def take_in(place: Place, mapping: str, *rows: str, **asked: Any) -> CsvImported:
    (place.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    return place.take_in(*rows, **asked)


def told(done: CsvImported) -> ReadOtherwise:
    assert done.otherwise is not None
    return done.otherwise


def kinds(done: CsvImported) -> dict[tuple[str, str, str], int]:
    return {(one.what, one.name, one.part): one.deals for one in told(done).kinds}


def dates(place: Place, deal_id: str) -> list[str]:
    deal = place.deal(deal_id)
    found = [deal.opened_at, *(visit.entered_at for visit in deal.visits[1:]), *([deal.win.at] if deal.win else [])]
    return [f"{at:%m-%d}" for at in found]


def test_a_changed_format_stops_the_import_and_says_what_would_be_read_otherwise(place: Place) -> None:
    assert take_in(place, DAY_FIRST, ENGAGING, WON).otherwise is None
    head = place.system.store.head()
    done = take_in(place, MONTH_FIRST, ENGAGING, WON, now=LATER)
    assert done.is_stopped and place.system.store.head() == head
    assert (told(done).deals, told(done).first_deals) == (2, ("D1", "D2"))
    assert kinds(done) == {
        ("date", "opened", ""): 2, ("date", "stage engaging", ""): 2, ("date", "outcome won", ""): 1,
    }  # fmt: skip
    won = next(one for one in told(done).kinds if one.name == "outcome won")
    assert (won.first[0].was[:10], won.first[0].now[:10]) == ("2017-06-05", "2017-05-06")


def test_read_anew_the_dates_are_corrected_on_record_and_it_settles(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING, WON)
    assert dates(place, "D2") == ["04-03", "04-03", "06-05"]
    done = take_in(place, MONTH_FIRST, ENGAGING, WON, now=LATER, reread=True)
    assert (done.is_stopped, done.report.changed) == (False, 2)
    assert (dates(place, "D1"), dates(place, "D2")) == (["03-04", "03-04"], ["03-04", "03-04", "05-06"])
    last = place.system.imports.records.of("small-crm").last
    assert last is not None and last.begun.reread
    again = take_in(place, MONTH_FIRST, ENGAGING, WON, now=LATER)
    assert (again.otherwise, again.report.events) == (None, 0)


def test_a_dry_run_tells_the_same_and_stops_nothing(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING)
    done = take_in(place, MONTH_FIRST, ENGAGING, dry_run=True)
    assert (done.is_stopped, told(done).deals, done.report.dry_run) == (False, 1, True)


def test_the_form_that_a_column_is_found_to_have_is_noticed_without_a_changed_mapping(place: Place) -> None:
    take_in(place, PEOPLED, ENGAGING, "D3,Anna,MG Special,Acme,Engaging,14/04/2017,,,")
    done = take_in(place, PEOPLED, ENGAGING, "D4,Anna,MG Special,Acme,Engaging,04/15/2017,,,", now=LATER)
    assert done.is_stopped and told(done).first_deals == ("D1",)
    # The same with cells that decide in the same way is the same.
    more = take_in(place, PEOPLED, ENGAGING, "D4,Anna,MG Special,Acme,Engaging,16/04/2017,,,", now=LATER)
    assert (more.otherwise, more.report.new) == (None, 1)


def test_changed_cells_by_the_same_mapping_are_a_changed_source(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING)
    done = take_in(place, DAY_FIRST, ENGAGING.replace("03/04/2017", "05/04/2017"), now=LATER)
    assert (done.otherwise, done.report.changed) == (None, 1)


def test_changed_cells_beside_a_changed_mapping_are_told_apart(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING, WON)
    changed = f"# the same, and half a cent\n{DAY_FIRST}round: half_up\n"
    done = take_in(place, changed, ENGAGING.replace("03/04/2017", "05/04/2017"), WON, now=LATER)
    assert (done.otherwise, done.report.changed) == (None, 1)


def test_new_rows_and_values_that_the_mapping_knows_now_are_no_other_reading(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING, WON.replace("Won", "Signed"))
    known = DAY_FIRST.replace("    Lost:", "    Signed: [{outcome: won, at: closed, amount: value}]\n    Lost:")
    done = take_in(place, known, ENGAGING, WON.replace("Won", "Signed"), now=LATER)
    assert (done.otherwise, done.report.new) == (None, 1)


def test_other_facts_and_fields_of_known_rows_are_another_reading(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING, WON)
    lost = DAY_FIRST.replace("{outcome: won, at: closed, amount: value}", "{outcome: lost, at: closed}")
    assert kinds(take_in(place, lost, ENGAGING, WON, now=LATER)) == {
        ("fact_gone", "outcome won", ""): 1, ("fact_new", "outcome lost", ""): 1,
    }  # fmt: skip
    owner = DAY_FIRST.replace("  owner: owner\n", "  owner: {value: Bob}\n")
    assert owner != DAY_FIRST
    assert kinds(take_in(place, owner, ENGAGING, WON, now=LATER)) == {("owner", "", ""): 2}


def test_a_newer_snapshot_and_another_name_of_the_file_are_no_other_mapping(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING, WON)
    newer = DAY_FIRST.replace("snapshot: 2017-12-31", "snapshot: 2018-01-02")
    assert newer != DAY_FIRST and take_in(place, newer, ENGAGING, WON, now=LATER).otherwise is None


def test_files_that_the_mapping_of_before_does_not_fit_are_compared_by_what_would_change(place: Place) -> None:
    renamed_header = HEADER.replace("engaged", "began")

    def again(row: str) -> CsvImported:
        (place.folder / DEALS).write_text(f"{renamed_header}\n{row}\n", encoding="utf-8")
        home = place.system.settings.home
        request = CsvRequest(files=(place.folder,), mapping=place.folder / "mapping.yaml", who=WHO, home=home)
        return import_csv(request, place.system.imports, place.system.processes, LATER)

    take_in(place, DAY_FIRST, ENGAGING)
    (place.folder / "mapping.yaml").write_text(DAY_FIRST.replace("engaged", "began"), encoding="utf-8")
    assert again(ENGAGING).otherwise is None
    done = again(ENGAGING.replace("03/04", "05/04"))
    assert done.is_stopped and not told(done).compared and told(done).first_deals == ("D1",)


SIGNED = "{evidence: signed_order, at: engaged, fields: {amount: amount, signed_on: engaged}}"
ENGAGED = "    Engaging: [{stage: engaging, at: engaged}"
ORDERED = DAY_FIRST.replace(ENGAGED, f"{ENGAGED}, {SIGNED}")
WORTH = "D1,Anna,MG Special,Acme,Engaging,03/04/2017,,,1.234"


def amounts(place: Place, deal_id: str) -> list[tuple[str, str]]:
    pieces = place.deal(deal_id).evidence.values()
    return [(piece.status.value, str(piece.fields.get("amount"))) for piece in pieces]


def test_numbers_that_are_read_otherwise_are_corrected_where_they_are_read_anew(place: Place) -> None:
    take_in(place, ORDERED + "decimal: comma\n", WORTH)
    assert str(place.deal("D1").amount) == "1,234.00 USD"
    point = ORDERED + "decimal: point\nround: half_up\n"
    stopped = take_in(place, point, WORTH, now=LATER)
    assert stopped.is_stopped
    assert kinds(stopped) == {("amount", "", ""): 1, ("field", "evidence signed_order", "amount"): 1}
    take_in(place, point, WORTH, now=LATER, reread=True)
    assert str(place.deal("D1").amount) == "1.23 USD"
    assert take_in(place, point, WORTH, now=LATER).report.events == 0


def test_evidence_that_the_mapping_does_not_make_any_more_is_withdrawn_where_it_is_read_anew(place: Place) -> None:
    worth = WORTH.replace("1.234", "1234")
    take_in(place, ORDERED, worth)
    stopped = take_in(place, DAY_FIRST, worth, now=LATER)
    assert kinds(stopped) == {("fact_gone", "evidence signed_order", ""): 1}
    take_in(place, DAY_FIRST, worth, now=LATER, reread=True)
    assert [status for status, _ in amounts(place, "D1")] == ["withdrawn"]
    assert take_in(place, DAY_FIRST, worth, now=LATER).report.events == 0


def test_an_outcome_that_is_another_by_the_mapping_is_that_where_it_is_read_anew(place: Place) -> None:
    take_in(place, DAY_FIRST, WON)
    lost = DAY_FIRST.replace("{outcome: won, at: closed, amount: value}", "{outcome: lost, at: closed}")
    assert take_in(place, lost, WON, now=LATER, reread=True).report.changed == 1
    assert place.deal("D2").outcome.value == "lost"
    open_again = DAY_FIRST.replace(", {outcome: won, at: closed, amount: value}", "")
    assert take_in(place, open_again, WON, now=LATER + timedelta(days=1), reread=True).report.changed == 1
    assert place.deal("D2").outcome.value == "open"


def test_another_zone_moves_every_day_and_is_noticed(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING)
    done = take_in(place, DAY_FIRST.replace("zone: UTC", "zone: Asia/Shanghai"), ENGAGING, now=LATER)
    assert done.is_stopped and ("date", "opened", "") in kinds(done)


def test_of_imports_before_there_was_a_record_it_is_said_that_nobody_knows(place: Place) -> None:
    place.system.outbox.finish_batch("import/small-crm/ffff0000ffff0000", NOW)
    place.system.outbox.finish_batch("import/other/ffff0000ffff0000", NOW)
    assert take_in(place, DAY_FIRST, ENGAGING).before_record == 1
    assert take_in(place, DAY_FIRST, ENGAGING, WON, now=LATER).before_record == 0


def test_what_was_taken_back_is_not_read_otherwise_by_the_right_mapping(place: Place) -> None:
    take_in(place, DAY_FIRST, ENGAGING)
    wrong = take_in(place, DAY_FIRST, ENGAGING, WON, now=LATER).report.batch
    system = place.system
    parts = (system.store, system.outbox, system.processes, system.people.current, system.reach_hint)
    assert TakeBack(*parts, LATER).take_back(wrong, WHO, "swapped", lambda _done, _total: None).done
    done = take_in(place, MONTH_FIRST, ENGAGING, WON, now=LATER)
    assert told(done).first_deals == ("D1",)
