"""The source of record is followed: what it says otherwise than last acts, what a person did in between stands till then."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Outcome
from tests.application.imports.test_run import NEW, NOW, OLD, PEOPLED, WHO, Place, opened
from tests.support.files.import_files import PRODUCTS

LOST = "D2,Anna,MG Special,Acme,Lost,2017-03-01,2017-04-01,,"
WON = "D2,Anna,MG Special,Acme,Won,2017-03-01,2017-05-01,77,"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "teams.csv").write_text("who,boss\nAnna,Zoe\n", encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(PEOPLED, encoding="utf-8")
    with opened(tmp_path) as made:
        yield made


def outcome(place: Place) -> str:
    return place.deal("D2").outcome.value


@pytest.mark.parametrize("rows", [(LOST, WON), (WON, OLD), (LOST, OLD), (OLD, LOST, WON, LOST, OLD, WON, OLD, LOST)])
def test_a_source_that_changes_its_mind_is_followed_and_settles(place: Place, rows: tuple[str, ...]) -> None:
    for number, row in enumerate(rows):
        at = NOW + timedelta(days=number)
        report = place.take_in(row, now=at).report
        said = {OLD: "open", LOST: "lost", WON: "won"}[row]
        assert (outcome(place), report.claims_not_applied, report.recipients) == (said, 0, {})
        assert place.take_in(row, now=at).report.events == 0


def test_what_was_lost_and_is_won_is_dated_as_the_source_says(place: Place) -> None:
    place.take_in(LOST)
    place.take_in(WON)
    win = place.deal("D2").win
    assert win is not None and win.at.date().isoformat() == "2017-05-01"


def test_a_persons_act_stands_until_the_source_says_something_else(place: Place) -> None:
    place.take_in(LOST)
    place.execute("D2", c.ReopenDeal(reason="they called again"))
    assert place.take_in(LOST, now=NOW + timedelta(days=400)).report.events == 0
    assert outcome(place) == "open"
    reopened_at = place.deal("D2").visits[-1].entered_at
    place.take_in(WON)
    win = place.deal("D2").win
    assert win is not None and win.at >= reopened_at, "never before the act that it overrides"


def test_a_person_who_closes_a_deal_is_not_overruled_by_what_the_source_said_before(place: Place) -> None:
    place.take_in(OLD)
    place.execute("D2", c.LoseDeal(reason="not_given"))
    assert place.take_in(OLD).report.events == 0
    assert outcome(place) == "lost"
    place.take_in(WON)
    assert outcome(place) == "won"


def test_an_older_export_that_is_read_late_changes_nothing(place: Place) -> None:
    def exported(day: str) -> None:
        mapping = f"{PEOPLED}exported_at: 2018-01-{day}T00:00:00Z\n"
        (place.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")

    exported("05")
    place.take_in(OLD, NEW)
    exported("10")
    place.take_in(WON, NEW)
    exported("07")
    report = place.take_in(LOST, NEW.replace("Bob", "Anna")).report
    assert (report.events, outcome(place)) == (0, "won")
    exported("12")
    place.take_in(LOST, NEW)
    assert outcome(place) == "lost"


LEADS = """\
source: shop
process: maven-crm
zone: UTC
tables: {leads: leads.csv}
rows: leads
deal: {id: id, opened: seen, title: 'Lead {id}'}
facts: {by: source, values: {web: [], call: [{stage: engaging, at: seen}]}}
"""
CLOSED = """\
source: shop
process: maven-crm
zone: UTC
tables: {closed: closed.csv}
rows: closed
deal: {id: id, opened: seen, title: 'Lead {id}'}
facts: {by: kind, values: {big: [{outcome: won, at: won}], small: [{stage: engaging, at: won}, {outcome: lost, at: won}]}}
"""


@pytest.mark.parametrize("turned", [False, True])
def test_two_exports_of_one_system_in_turn_settle(place: Place, *, turned: bool) -> None:
    from dealflow.adapters.imports.csv.run import CsvRequest, import_csv

    folder = place.folder / "shop"
    folder.mkdir()
    (folder / "leads.csv").write_text("id,seen,source\nL1,2017-01-01,web\nL2,2017-01-02,call\n")
    (folder / "closed.csv").write_text(
        "id,seen,won,kind\nL1,2017-01-01,2017-02-01,big\nL2,2017-01-02,2017-02-01,small\n"
    )
    (folder / "leads.yaml").write_text(LEADS)
    (folder / "closed.yaml").write_text(CLOSED)

    def take_in(name: str) -> int:
        request = CsvRequest(
            files=(folder / f"{name}.csv",),
            mapping=folder / f"{name}.yaml",
            who=WHO,
            home=place.system.settings.home,
        )
        return import_csv(request, place.system.imports, place.system.processes, NOW).report.events

    names = ("closed", "leads") if turned else ("leads", "closed")
    for name in names:
        take_in(name)
    assert [take_in(name) for name in names * 2] == [0, 0, 0, 0]
    if not turned:
        assert [place.deal(deal).outcome for deal in ("L1", "L2")] == [Outcome.WON, Outcome.LOST]


ORDER = "{evidence: signed_order, at: closed, fields: {amount: value, signed_on: closed}}"
PROVEN = PEOPLED.replace("[{stage: engaging, at: engaged}]", f"[{{stage: engaging, at: engaged}}, {ORDER}]")


def test_evidence_that_the_source_says_otherwise_is_corrected_and_settles(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(PROVEN, encoding="utf-8")
    row = "D2,Anna,MG Special,Acme,Engaging,2017-03-01,2017-04-01,500,"
    place.take_in(row)
    for changed, amount, day in (
        (row.replace("500", "700"), "700.00 USD", "2017-04-01"),
        (row.replace("2017-04-01", "2017-05-02"), "500.00 USD", "2017-05-02"),
        (row, "500.00 USD", "2017-04-01"),
    ):
        report = place.take_in(changed).report
        piece = next(iter(place.deal("D2").evidence.values()))
        assert (str(piece.fields["amount"]), piece.observed_at.date().isoformat()) == (amount, day)
        assert [(one.what, one.first) for one in report.followed] == [("evidence", ("D2",))]
        assert place.take_in(changed).report.events == 0


def test_what_a_person_corrected_stands_against_what_the_source_said_before(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(PROVEN, encoding="utf-8")
    row = "D2,Anna,MG Special,Acme,Engaging,2017-03-01,2017-04-01,500,"
    place.take_in(row)
    piece = next(iter(place.deal("D2").evidence))
    place.execute("D2", c.CorrectEvidence(evidence_id=piece, fields={"amount": "600"}, reason="misread"))
    assert place.take_in(row).report.events == 0
    assert str(place.deal("D2").evidence[piece].fields["amount"]) == "600.00 USD"


def test_what_the_source_has_emptied_is_told(place: Place) -> None:
    place.take_in(OLD + "500")
    emptied = place.take_in(OLD.replace("Anna", "")).report
    assert {(one.what, one.first) for one in emptied.not_changed} == {("owner", ("D2",)), ("amount", ("D2",))}


CLEARED = f"{PEOPLED}cleared: [owner, amount, customer]\n"


def test_what_the_source_has_emptied_is_emptied_where_the_mapping_says_so_and_comes_back(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(CLEARED, encoding="utf-8")
    full, emptied = OLD + "500", OLD.replace("Anna", "").replace("Acme", "")
    place.take_in(full)
    for row, owner in ((emptied, None), (full, "Anna"), (emptied, None)):
        report = place.take_in(row).report
        deal = place.deal("D2")
        assert (deal.owner, deal.amount is None, deal.customer is None) == (owner, owner is None, owner is None)
        assert {one.first for one in report.followed} == {("D2",)} and not report.not_changed
        assert place.take_in(row).report.events == 0


def test_what_a_person_gave_since_the_source_emptied_it_stays(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(CLEARED, encoding="utf-8")
    place.take_in(OLD)
    emptied = OLD.replace("Anna", "")
    place.take_in(emptied)
    place.execute("D2", c.ReassignDeal(owner="Bob", reason="she left"))
    assert place.take_in(emptied).report.events == 0
    assert place.deal("D2").owner == "Bob"


def test_a_win_whose_amount_the_source_empties_is_worth_nothing(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(CLEARED, encoding="utf-8")
    place.take_in(WON)
    assert place.take_in(WON.replace("77", "")).report.won_amount == {}
    assert place.take_in(WON).report.won_amount == {"USD": "77.00"}


def test_both_sides_of_what_a_person_changed_are_listed_by_deal(place: Place) -> None:
    place.take_in(OLD + "500")
    place.execute("D2", c.LoseDeal(reason="not_given"))
    place.execute("D2", c.ReassignDeal(owner="Bob", reason="she left"))
    report = place.take_in(OLD + "500").report
    said = {one.what: (one.deal_id, one.source_says, one.on_record) for one in report.kept}
    assert said == {"owner": ("D2", "Anna", "Bob"), "outcome": ("D2", "open", "lost")}
    assert report.kept_by_hand == {"owner": 1, "outcome": 1}


def test_evidence_whose_cell_is_emptied_is_withdrawn_where_the_mapping_says_so_and_comes_back(place: Place) -> None:
    only_filled = PROVEN.replace("at: closed, fields", "at: closed, filled: closed, fields")
    row = "D2,Anna,MG Special,Acme,Engaging,2017-03-01,2017-04-01,500,"
    emptied = row.replace("2017-04-01", "")
    (place.folder / "mapping.yaml").write_text(only_filled, encoding="utf-8")
    place.take_in(row)
    kept = place.take_in(emptied).report
    assert [(one.what, one.first) for one in kept.not_changed] == [("evidence_cleared", ("D2",))]
    assert kept.events == 0
    (place.folder / "mapping.yaml").write_text(f"{only_filled}cleared: all\n", encoding="utf-8")
    for changed, valid in ((emptied, 0), (row, 1), (emptied, 0), (row.replace("500", "700"), 1)):
        place.take_in(changed)
        pieces = place.deal("D2").evidence.values()
        assert sum(piece.stands for piece in pieces) == valid
        assert place.take_in(changed).report.events == 0


def test_evidence_that_a_person_has_withdrawn_does_not_come_back(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(f"{PROVEN}cleared: all\n", encoding="utf-8")
    row = "D2,Anna,MG Special,Acme,Engaging,2017-03-01,2017-04-01,500,"
    place.take_in(row)
    piece = next(iter(place.deal("D2").evidence))
    place.execute("D2", c.WithdrawEvidence(evidence_id=piece, reason="not theirs"))
    assert place.take_in(row).report.events == 0


def test_an_amount_in_a_fact_that_cannot_be_used_is_not_emptied(place: Place) -> None:
    (place.folder / "mapping.yaml").write_text(CLEARED, encoding="utf-8")
    place.take_in(WON)
    report = place.take_in(WON.replace("2017-05-01", "2016-05-01")).report
    assert (report.rejected, report.events, report.not_changed, report.won_amount) == (1, 0, (), {"USD": "77.00"})
