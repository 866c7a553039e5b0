"""The same proof twice at the command line: what is said of a piece that looks like another, by every way that records one."""

import json
from pathlib import Path

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine

INSTALMENTS = """\
process: instalments
title: {en: Instalments, zh: 分期}
calendar: plain
currency: EUR
evidence:
  payment:
    title: {en: Payment, zh: 付款}
    fields:
      amount: {type: money, title: {en: Amount, zh: 金额}}
      receipt: {type: text, required: false, title: {en: Receipt, zh: 收据}}
  refund:
    title: {en: Refund, zh: 退款}
    fields:
      amount: {type: money, title: {en: Amount, zh: 金额}}
      receipt: {type: text, required: false, title: {en: Receipt, zh: 收据}}
  visit: {title: {en: Visit, zh: 拜访}}
stages:
  - id: pay
    title: {en: Pay, zh: 付款}
    wins: true
    nodes:
      - id: paid
        title: {en: Paid in full, zh: 结清}
        standard:
          evidence: payment
          sum: {field: amount, at_least: deal.amount, subtract: [{evidence: refund, field: amount, names: receipt}]}
      - {id: seen, title: {en: Seen twice, zh: 两次见面}, standard: {evidence: visit, count: 2}}
    clocks: {stage_age: 30 days}
lost_reasons: [{id: price, title: {en: Price, zh: 价格}}]
"""
LOG = """\
<log xes.version="1.0"><trace><string key="concept:name" value="T1"/><float key="amount" value="1000"/>
%s</trace></log>
"""
EVENT = (
    '<event><string key="concept:name" value="Pay"/><date key="time:timestamp" value="2026-10-%02dT09:00:00Z"/>'
    '<float key="amount" value="%s"/><string key="receipt" value="%s"/></event>\n'
)
LOG_MAPPING = """\
source: bank
process: instalments
zone: UTC
deal: {amount: 'case:amount'}
facts:
  values:
    Pay: [{evidence: payment, fields: {amount: amount, receipt: receipt}}]
"""


@pytest.fixture
def deal(bare: CommandLine, tmp_path: Path) -> CommandLine:
    """A deal of 1,000 euros that is paid in instalments, with receipts that need not differ."""
    bare.write_people()
    template = tmp_path / "instalments.yaml"
    template.write_text(INSTALMENTS, encoding="utf-8")
    bare.done("process", "publish", template)
    named = ("--process", "instalments", "--owner", "anna", "--id", "d1", "--amount", "1,000 EUR")
    bare.done("deal", "open", "A sale", *named, *FOR_ANNA)
    return bare


def pay(evidence_id: str, amount: str, receipt: str, *more: str) -> tuple[str, ...]:
    fields = ("--field", f"amount={amount}", "--field", f"receipt={receipt}")
    return ("evidence", "record", "d1", "payment", "--id", evidence_id, *fields, *more, *FOR_ANNA)


def paid(cli: CommandLine, deal: str = "d1") -> object:
    return {node["id"]: node["status"] for node in cli.json("deal", "show", deal)["nodes"]}["paid"]


def test_the_second_piece_is_recorded_and_the_answer_says_which_it_looks_like(deal: CommandLine) -> None:
    first = deal.done(*pay("e-1", "500 EUR", "R-1", "--observed-at", "2026-10-01T09:00:00Z"))
    assert "looks like" not in first
    said = deal.done(*pay("e-2", "500.00", " r-1", "--observed-at", "2026-10-02T09:00:00Z"))
    assert (
        "e-2 looks like e-1: the same kind and fields, observed at another time, 2026-10-01 09:00+00:00, "
        "recorded by anna. Withdraw one if they are the same.\n"
    ) in said
    assert paid(deal) == "reached"
    deal.done("evidence", "withdraw", "d1", "e-2", "--reason", "the same", *FOR_ANNA)
    assert paid(deal) == "open"
    assert "looks like" in deal.done(*pay("e-3", "500 EUR", "R-1"))
    assert "looks like" not in deal.done(*pay("e-4", "500 EUR", "R-4"))


def test_programs_are_told_and_told_the_same_when_the_command_is_sent_again(deal: CommandLine) -> None:
    at = ("--observed-at", "2026-10-01T09:00:00Z")
    deal.done(*pay("e-1", "500 EUR", "R-1", *at))
    answer = deal.json(*pay("e-2", "500 EUR", "R-1", *at, "--command-id", "c-2"))
    [look] = answer["look_alikes"]
    assert "observed at the same time" in look["message"]
    assert {name: value for name, value in look.items() if name != "message"} == {
        "evidence": "e-2",
        "like": "e-1",
        "kind": "payment",
        "observed_at": "2026-10-01T09:00:00Z",
        "author": "anna",
        "status": "valid",
        "is_same_time": True,
        "has_fields": True,
    }
    again = deal.json(*pay("e-2", "500 EUR", "R-1", *at, "--command-id", "c-2"))
    assert again["repeated"] and again["look_alikes"] == answer["look_alikes"]


def test_it_is_said_in_chinese_and_a_disputed_piece_is_named_as_such(deal: CommandLine) -> None:
    deal.done(*pay("e-1", "500 EUR", "R-1"))
    deal.done("evidence", "dispute", "d1", "e-1", "--reason", "denied", *FOR_BO)
    said = deal.done(*pay("e-2", "500 EUR", "R-1"), "--lang", "zh")
    assert "e-2看起来与e-1（有争议）相同：种类和字段都一样，时间不同" in said and "录入人anna" in said


def test_a_correction_that_makes_two_pieces_the_same_says_so(deal: CommandLine) -> None:
    deal.done(*pay("e-1", "500 EUR", "R-1"))
    deal.done(*pay("e-2", "400 EUR", "R-1"))
    correct = ("evidence", "correct", "d1", "e-2", "--reason", "misread", *FOR_ANNA)
    assert "e-2 looks like e-1" in deal.done(*correct, "--field", "amount=500")
    assert "looks like" not in deal.done(*correct, "--field", "amount=300")


def test_a_kind_without_fields_is_the_same_only_within_half_a_day(deal: CommandLine) -> None:
    visit = ("evidence", "record", "d1", "visit", *FOR_ANNA, "--observed-at")
    deal.done(*visit, "2026-10-01T09:00:00Z", "--id", "v-1")
    assert "v-2 looks like v-1: the same kind, without fields" in deal.done(
        *visit, "2026-10-01T15:00:00Z", "--id", "v-2"
    )
    assert "looks like" not in deal.done(*visit, "2026-10-02T09:00:00Z", "--id", "v-3")


def test_a_refund_is_no_look_alike_of_its_payment_and_takes_back_once(deal: CommandLine) -> None:
    deal.done(*pay("e-1", "1,000 EUR", "R-1"))
    assert paid(deal) == "reached"
    assert deal(*pay("e-2", "-1,000 EUR", "R-1"), "--json").codes == ["field_invalid"]
    fields = ("--field", "amount=1,000 EUR", "--field", "receipt=R-1")
    said = deal.done("evidence", "record", "d1", "refund", *fields, *FOR_ANNA)
    assert "looks like" not in said and "not met: Paid in full" in said
    assert paid(deal) == "open"


def take_in(cli: CommandLine, folder: Path, *events: tuple[int, str, str], **options: str) -> str:
    (folder / "log.xes").write_text(LOG % "".join(EVENT % each for each in events), encoding="utf-8")
    (folder / "map.yaml").write_text(LOG_MAPPING, encoding="utf-8")
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return cli.done("import", "xes", folder / "log.xes", "--mapping", folder / "map.yaml", *words)


def test_an_import_counts_them_by_kind_and_shows_where_they_stand(deal: CommandLine, tmp_path: Path) -> None:
    said = take_in(deal, tmp_path, (1, "500", "R-1"), (1, "500", "R-1"), (9, "500", "r-1"), (9, "7", "R-2"))
    assert "Evidence that looks like another piece of its deal, recorded all the same" in said
    assert "payment        2" in said
    assert "log.xes:trace 1, event 2: " in said and "observed at the same time, 2026-10-01 09:00+00:00" in said
    assert "log.xes:trace 1, event 3: " in said and "observed at another time, 2026-10-01 09:00+00:00" in said
    assert len(deal.json("deal", "show", "T1")["evidence"]) == 4
    assert "looks like" not in take_in(deal, tmp_path, (1, "500", "R-1"), (1, "500", "R-1"), (9, "500", "r-1"))


def test_the_document_of_an_import_has_them_and_so_has_a_dry_run(deal: CommandLine, tmp_path: Path) -> None:
    take_in(deal, tmp_path, (1, "500", "R-1"))
    (tmp_path / "log.xes").write_text(LOG % (EVENT % (1, "500", "R-1") + EVENT % (4, "500", "R-1")), encoding="utf-8")
    words = ("import", "xes", tmp_path / "log.xes", "--mapping", tmp_path / "map.yaml", "--json")
    for more in (("--dry-run",), ()):
        [kind] = json.loads(deal.done(*words, *more))["look_alikes"]
        assert (kind["kind"], kind["pieces"]) == ("payment", 1)
        [first] = kind["first"]
        assert (first["deal_id"], first["row"]) == ("T1", "log.xes:trace 1, event 2")
        assert first["look"]["is_same_time"] is False


def test_an_import_is_compared_with_what_people_have_recorded(deal: CommandLine, tmp_path: Path) -> None:
    take_in(deal, tmp_path, (1, "500", "R-1"))
    fields = ("--field", "amount=300 EUR", "--field", "receipt=R-7")
    deal.done("evidence", "record", "T1", "payment", "--id", "e-1", *fields, *FOR_BO)
    assert "looks like e-1: the same kind and fields" in take_in(
        deal, tmp_path, (1, "500", "R-1"), (3, "300", "R-7"), lang="en"
    )
