"""Dates that a newer file corrects: told anew at the right instants, as an import into an empty store would tell them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dealflow.application.reading.as_of import AsOf, deals_as_of
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Closed, Deal
from tests.application.imports.test_run import NEW, NOW, OLD, PEOPLED, Place, opened
from tests.support.files.import_files import PRODUCTS

LATER = NOW + timedelta(days=3)
ENGAGING = "D2,Anna,MG Special,Acme,Engaging,{engaged},,,"
WON = "D2,Anna,MG Special,Acme,Won,{engaged},{closed},77,"
LOST = "D2,Anna,MG Special,Acme,Lost,{engaged},{closed},,"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with at(tmp_path) as made:
        yield made


def at(folder: Path) -> AbstractContextManager[Place]:
    folder.mkdir(exist_ok=True)
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (folder / "teams.csv").write_text("who,boss\nAnna,Zoe\n", encoding="utf-8")
    (folder / "mapping.yaml").write_text(PEOPLED, encoding="utf-8")
    return opened(folder)


def plain(deal: Deal) -> object:
    """The deal without versions, recorded instants and keys: what people read of it."""
    stalls = {key: (stall.due_at, stall.since, type(stall).__name__) for key, stall in deal.stalls.items()}
    life = deal.life.at if isinstance(deal.life, Closed) else None
    win = (deal.win.at, deal.win.amount, deal.win.unproven, deal.win.basis) if deal.win else None
    clocks = {key: (clock.due_at, clock.started_at, clock.episode) for key, clock in deal.clocks.items()}
    return (
        deal.opened_at,
        deal.stage,
        deal.outcome,
        life,
        win,
        deal.visits,
        clocks,
        stalls,
        deal.amount,
        [type(point).__name__ for point in deal.path],
    )


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (ENGAGING.format(engaged="2017-03-04"), ENGAGING.format(engaged="2017-03-05")),
        (ENGAGING.format(engaged="2017-03-04"), ENGAGING.format(engaged="2017-12-24")),
        (ENGAGING.format(engaged="2017-12-04"), ENGAGING.format(engaged="2017-03-05")),
        (WON.format(engaged="2017-03-04", closed="2017-05-06"), WON.format(engaged="2017-03-04", closed="2017-05-09")),
        (WON.format(engaged="2017-03-04", closed="2017-05-06"), WON.format(engaged="2017-04-03", closed="2017-12-05")),
        (
            LOST.format(engaged="2017-04-03", closed="2017-06-05"),
            LOST.format(engaged="2017-03-04", closed="2017-05-06"),
        ),
        (ENGAGING.format(engaged="2017-03-04"), WON.format(engaged="2017-03-05", closed="2017-05-09")),
        (ENGAGING.format(engaged="2017-03-04"), LOST.format(engaged="2017-02-05", closed="2017-12-09")),
    ],
)
def test_corrected_dates_give_what_an_empty_store_gives_and_settle(tmp_path: Path, was: str, now: str) -> None:
    with at(tmp_path / "one") as place:
        place.take_in(was, NEW)
        before = place.deal("D2")
        report = place.take_in(now, NEW, now=LATER).report
        after = place.deal("D2")
        assert {one.what: one.first for one in report.followed}["date"] == ("D2",)
        assert place.take_in(now, NEW, now=LATER + timedelta(days=1)).report.events == 0
        known = place.system.reading.read("D2", AsOf(as_known_at=NOW)).deal
        assert plain(known) == plain(before), "what was known then stays as it was known"
    with at(tmp_path / "other") as place:
        place.take_in(now, NEW, now=NOW)
        assert plain(after) == plain(place.deal("D2"))


def test_between_the_wrong_and_the_right_date_the_deal_stands_where_it_stood(place: Place) -> None:
    place.take_in(WON.format(engaged="2017-03-04", closed="2017-05-06"))
    place.take_in(WON.format(engaged="2017-03-04", closed="2017-05-09"), now=LATER)
    between = AsOf(as_of=datetime(2017, 5, 8, tzinfo=UTC))
    assert place.system.reading.read("D2", between).deal.outcome == "open"
    assert place.system.reading.read("D2", replace(between, as_known_at=NOW)).deal.outcome == "won"
    after = AsOf(as_of=datetime(2017, 5, 10, tzinfo=UTC))
    assert place.system.reading.read("D2", after).deal.outcome == "won"


def test_a_date_that_is_only_written_otherwise_is_no_correction(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(PEOPLED.replace("dates: [iso]", "dates: [iso, '%d.%m.%Y']"))
    place.take_in(ENGAGING.format(engaged="2017-03-24"))
    report = place.take_in(ENGAGING.format(engaged="24.03.2017")).report
    assert (report.events, report.followed, report.not_changed) == (0, (), ())


def test_nobody_hears_again_of_a_stall_that_was_told(place: Place) -> None:
    place.declare()
    assert place.take_in(ENGAGING.format(engaged="2017-03-04")).report.recipients == {"Anna": 1, "Zoe": 1}
    report = place.take_in(ENGAGING.format(engaged="2017-03-05"), now=LATER).report
    (stall,) = place.deal("D2").open_stalls
    assert (report.recipients, report.backlog, report.stalled) == ({}, 0, 1)
    assert stall.due_at.date().isoformat() == "2017-07-22"


def test_what_a_corrected_date_newly_stalls_is_backlog(place: Place) -> None:
    place.declare()
    assert place.take_in(ENGAGING.format(engaged="2017-12-04")).report.stalled == 0
    report = place.take_in(ENGAGING.format(engaged="2017-03-05"), now=LATER).report
    assert (report.recipients, report.backlog) == ({"Anna": 1, "Zoe": 1}, 1)


def test_a_stall_that_never_was_is_none_any_more(place: Place) -> None:
    place.take_in(ENGAGING.format(engaged="2017-03-04"))
    place.take_in(ENGAGING.format(engaged="2017-12-24"), now=LATER)
    deal = place.deal("D2")
    assert not deal.stalls
    assert [clock.started_at.date().isoformat() for clock in deal.clocks.values()] == ["2017-12-24"]


def test_what_a_person_recorded_stays_and_dates_are_followed_all_the_same(place: Place) -> None:
    place.take_in(ENGAGING.format(engaged="2017-03-04"))
    place.execute("D2", c.RecordActivity(what="called them"))
    place.execute("D2", c.AmendDeal(amount=None, title="Another title", reason="as they call it"))
    place.take_in(ENGAGING.format(engaged="2017-03-05"), now=LATER)
    deal = place.deal("D2")
    assert (deal.title, deal.entered_at.date().isoformat()) == ("Another title", "2017-03-05")


@pytest.mark.parametrize(
    "now", [ENGAGING.format(engaged="2017-04-05"), LOST.format(engaged="2017-03-04", closed="2017-09-09")]
)
def test_a_person_who_moved_the_deal_is_not_overruled_by_a_date(place: Place, now: str) -> None:
    was = now.replace("2017-04-05", "2017-03-04").replace("2017-09-09", "2017-05-06")
    place.take_in(was)
    act: c.Command = c.ReopenDeal(reason="they called") if "Lost" in was else c.LoseDeal(reason="not_given")
    place.execute("D2", act)
    before = place.deal("D2")
    for _ in range(2):
        report = place.take_in(now, now=LATER).report
        assert report.events == 0
        assert ("date", ("D2",)) in [(one.what, one.first) for one in report.not_changed]
    assert place.deal("D2") == before


def test_a_date_in_the_future_is_a_reject_and_moves_nothing(place: Place) -> None:
    place.take_in(ENGAGING.format(engaged="2017-03-04"))
    report = place.take_in(ENGAGING.format(engaged="2019-03-04")).report
    assert (report.events, report.rejected) == (0, 1)


def test_every_correction_is_a_fact_of_its_own(place: Place) -> None:
    place.take_in(OLD)
    place.take_in(OLD.replace("2017-03-01", "2017-03-02"), now=LATER)
    (fact,) = [one.fact for one in place.system.store.load("deal/D2") if isinstance(one.fact, e.DatesCorrected)]
    days = [(one.claim, one.was.day, one.now.day) for one in fact.dates]
    assert days == [("opened", 1, 2), ("stage engaging", 1, 2)]


def test_corrected_again_and_back_the_first_dates_count(tmp_path: Path) -> None:
    with at(tmp_path / "one") as place:
        for day in ("04", "09", "01", "04"):
            row = WON.format(engaged=f"2017-03-{day}", closed="2017-05-06")
            place.take_in(row, now=LATER)
            assert place.take_in(row, now=LATER).report.events == 0
        after = place.deal("D2")
    with at(tmp_path / "other") as place:
        place.take_in(row)
        assert plain(after) == plain(place.deal("D2"))


def test_lists_of_an_instant_before_the_right_opening_do_not_have_the_deal(place: Place) -> None:
    place.take_in(ENGAGING.format(engaged="2017-03-04"), NEW)
    place.take_in(ENGAGING.format(engaged="2017-05-04"), NEW, now=LATER)
    store = place.system.store
    at = datetime(2017, 4, 1, tzinfo=UTC)
    assert "deal/D2" not in deals_as_of(store, AsOf(as_of=at)).deals
    assert "deal/D2" in deals_as_of(store, AsOf(as_of=at, as_known_at=NOW)).deals
    assert place.system.reading.read("D2", AsOf(as_of=at, as_known_at=NOW)).deal.stage == "engaging"
