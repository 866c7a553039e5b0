"""Deals that are gone from a full export: listed, cancelled where the mapping says so, never for half a file."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dealflow.application.imports.plans import ImportReport, MostRejects
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal
from tests.application.imports.test_run import NOW, PEOPLED, Place, opened
from tests.support.files.import_files import PRODUCTS

ROWS = {f"D{n}": f"D{n},Anna,MG Special,,Engaging,2017-12-01,,," for n in range(1, 9)}
CANCELS = f"{PEOPLED}full: true\ngone: cancelled\n"


class Source:
    """A source whose exports are full."""

    def __init__(self, place: Place) -> None:
        self.place, self.at = place, NOW

    def maps(self, mapping: str) -> None:
        (self.place.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")

    def exports(self, *deals: str, more: tuple[str, ...] = (), **asked: Any) -> ImportReport:
        self.at += timedelta(days=1)
        return self.place.take_in(*(ROWS[deal] for deal in deals), *more, now=self.at, **asked).report

    def deal(self, deal: str) -> Deal:
        return self.place.deal(deal)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text("who,boss\nAnna,Zoe\n", encoding="utf-8")
    with opened(tmp_path) as place:
        source = Source(place)
        source.maps(CANCELS)
        yield source


def test_what_is_gone_is_cancelled_settles_and_comes_back_as_it_was(source: Source) -> None:
    source.exports(*ROWS)
    before = source.deal("D3")
    report = source.exports(*(deal for deal in ROWS if deal != "D3"))
    assert (report.gone.open, report.gone.first, report.gone.cancelled) == (1, ("D3",), True)
    assert [(one.what, one.first) for one in report.followed] == [("gone", ("D3",))]
    assert (source.deal("D3").outcome, report.rows, report.unchanged) == ("cancelled", 7, 7)
    assert source.exports(*(deal for deal in ROWS if deal != "D3")).events == 0
    report = source.exports(*ROWS)
    assert [(one.what, one.first) for one in report.followed] == [("returned", ("D3",))]
    after = source.deal("D3")
    assert (after.outcome, after.stage, after.in_progress) == (before.outcome, before.stage, True)
    assert source.exports(*ROWS).events == 0


def test_without_a_word_of_the_mapping_it_is_only_listed(source: Source) -> None:
    source.maps(f"{PEOPLED}full: true\n")
    source.exports(*ROWS)
    report = source.exports("D1", "D2")
    assert (report.events, report.gone.open, report.gone.first[:2]) == (0, 6, ("D3", "D4"))
    source.maps(PEOPLED)
    assert source.exports("D1").gone.open == 0


def test_half_a_file_cancels_nothing_and_stops_before_it_writes(source: Source) -> None:
    source.exports(*ROWS)
    report = source.exports("D1", more=("D9,Anna,MG Special,,Engaging,2017-12-01,,,",))
    assert report.gone.too_many
    assert source.deal("D8").outcome == "open" and not source.place.system.store.load("deal/D9")
    report = source.exports("D1", most_gone=MostRejects(number=7))
    assert report.gone.open == 7 and source.deal("D8").outcome == "cancelled"


def test_records_without_an_id_may_be_what_is_gone(source: Source) -> None:
    source.exports(*ROWS)
    report = source.exports(
        "D1", "D2", "D3", "D4", "D5", "D6", "D7", more=(",Anna,MG Special,,Engaging,2017-12-01,,,",)
    )
    assert (report.gone.open, report.gone.unread, report.gone.cancelled) == (1, 1, False)
    assert source.deal("D8").outcome == "open"


def test_a_record_that_is_rejected_is_not_gone(source: Source) -> None:
    source.exports(*ROWS)
    bad = ROWS["D8"].replace("Engaging", "Nowhere")
    assert source.exports(*(deal for deal in ROWS if deal != "D8"), more=(bad,)).gone.open == 0


def test_an_older_export_says_nothing_of_what_came_since(source: Source) -> None:
    source.maps(f"{CANCELS}exported_at: 2018-01-10T00:00:00Z\n")
    source.exports(*ROWS)
    source.maps(f"{CANCELS}exported_at: 2018-01-05T00:00:00Z\n")
    report = source.exports("D1")
    assert (report.events, report.gone.open) == (0, 0)


def test_ended_deals_and_those_of_others_are_not_cancelled(source: Source) -> None:
    won = "D9,Anna,MG Special,,Won,2017-03-01,2017-05-01,77,"
    source.exports(*ROWS, more=(won,))
    process = source.place.system.processes.for_opening("maven-crm").ref
    source.place.execute("own", c.OpenDeal(title="own", process=process))
    report = source.exports(*ROWS)
    assert (report.gone.open, report.gone.ended, report.events) == (0, 1, 0)
    assert (source.deal("D9").outcome, source.deal("own").outcome) == ("won", "open")


def test_a_person_who_reopens_what_was_gone_is_not_overruled_again(source: Source) -> None:
    source.exports(*ROWS)
    rest = [deal for deal in ROWS if deal != "D3"]
    source.exports(*rest)
    source.place.execute("D3", c.ReopenDeal(reason="they called"))
    assert source.exports(*rest).events == 0
    assert source.deal("D3").outcome == "open"
