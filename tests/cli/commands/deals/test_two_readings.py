"""Numbers that can be read in two ways, wherever a command or a file gives one: refused with both, never taken for the larger."""

import json
from pathlib import Path

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine, HomeOf

ORDERS = """\
process: orders
title: {en: Orders}
languages: [en]
calendar: plain
currency: EUR
evidence:
  order:
    title: {en: Order}
    fields:
      amount: {type: money, required: false, title: {en: Amount}}
      seats: {type: integer, required: false, title: {en: Seats}}
      rate: {type: number, required: false, title: {en: Rate}}
stages:
  - id: sign
    title: {en: Sign}
    wins: true
    milestones: [{id: sent, title: {en: Sent}, fields: {amount: {type: money, title: {en: Amount}}}}]
    nodes: [{id: signed, title: {en: Signed}, standard: {evidence: order, where: amount > 0}}]
    clocks: {stage_age: 30 days}
lost_reasons: [{id: price, title: {en: Price}}]
"""
TABLE_MAPPING = """\
source: crm
process: orders
zone: UTC
dates: [iso]
tables: {deals: {file: deals.csv, delimiter: ';'}}
rows: deals
deal: {id: id, title: '{id}', opened: created, amount: amount}
facts:
  by: stage
  values:
    Ordered: [{evidence: order, at: created, fields: {amount: value, seats: seats, rate: rate}}]
    Won: [{outcome: won, at: created, amount: value}]
"""
LOG_MAPPING = """\
source: log
process: orders
zone: UTC
deal: {amount: 'case:amount'}
facts:
  values:
    Order: [{evidence: order, fields: {amount: value, seats: seats, rate: rate}}]
"""
# What may be given, and what it may be read as; the second reading is a hundred or a thousand times too much, or too little.
AMOUNTS = [
    ("1,5", "1.50 EUR", "15.00 EUR"),
    ("0,99", "0.99 EUR", "99.00 EUR"),
    ("1234,56", "1,234.56 EUR", "123,456.00 EUR"),
    ("12.500", "12.50 EUR", "12,500.00 EUR"),
    ("1.000 EUR", "1.00 EUR", "1,000.00 EUR"),
    ("7,5 EUR", "7.50 EUR", "75.00 EUR"),
    ("€1,50", "1.50 EUR", "150.00 EUR"),
]
ONE_OF_EACH = AMOUNTS[::3]
# A lone point before three digits fits both marks; a comma of which fewer follow can only be the decimal mark.
QUESTIONS = ("12.500", "1.000 EUR")


def with_a_deal(bare: CommandLine) -> None:
    """A deal of 5 euros of a process that takes amounts, whole numbers and numbers."""
    (bare.home.parent / "orders.yaml").write_text(ORDERS, encoding="utf-8")
    bare.done("process", "publish", bare.home.parent / "orders.yaml")
    opened = ("--process", "orders", "--owner", "anna", "--id", "d1", "--amount", "5 EUR")
    bare.done("deal", "open", "A sale", *opened, *FOR_ANNA)


@pytest.fixture
def deal(home_of: HomeOf) -> CommandLine:
    return home_of(with_a_deal)


@pytest.mark.parametrize(("written", "one", "other"), AMOUNTS)
def test_every_command_that_takes_an_amount_refuses_it_and_changes_nothing(
    deal: CommandLine, written: str, one: str, other: str
) -> None:
    before = deal.json("deal", "show", "d1")
    opened = ("--process", "orders", "--owner", "anna", "--id", "d2")
    for words in (
        ("deal", "open", "Another", *opened, "--amount", written, *FOR_ANNA),
        ("deal", "amend", "d1", "--amount", written, "--reason", "r", *FOR_BO),
        ("deal", "amend", "d1", "--amount", written, "--confirm", "--reason", "r", *FOR_BO),
        ("evidence", "record", "d1", "order", "--field", f"amount={written}", *FOR_ANNA),
        ("evidence", "record", "d1", "order", "--fields-json", json.dumps({"amount": written}), *FOR_ANNA),
        ("milestone", "record", "d1", "sent", "--field", f"amount={written}", *FOR_ANNA),
    ):
        refused = deal(*words, "--json")
        assert (refused.code, refused.codes) == (1, ["field_invalid"]), words
        assert f"as {one} or as {other}" in refused.json["refused"][0]["message"], words
    assert deal.json("deal", "show", "d1")["version"] == before["version"]
    assert len(deal.json("deal", "list")["deals"]) == 1


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("seats=1.500", "1.500", "1500"),
        ("seats=1,5", "1.5", "15"),
        ("rate=1,234", "1.234", "1234"),
        ("rate=0,5", "0.5", "5"),
    ],
)
def test_so_does_a_field_of_a_number(deal: CommandLine, field: str, one: str, other: str) -> None:
    refused = deal("evidence", "record", "d1", "order", "--field", field, "--json", *FOR_ANNA)
    assert refused.codes == ["field_invalid"]
    assert f"as {one} or as {other}" in refused.json["refused"][0]["message"]


def test_a_number_of_json_has_one_reading(deal: CommandLine) -> None:
    fields = '{"amount": 12.500, "seats": 1500, "rate": 1.234}'
    deal.done("evidence", "record", "d1", "order", "--fields-json", fields, *FOR_ANNA)
    [order] = deal.json("deal", "show", "d1")["evidence"]
    assert order["fields"] == {"amount": {"minor": 1_250, "currency": "EUR"}, "seats": 1_500, "rate": "1.234"}


@pytest.mark.parametrize(("written", "one"), [(written, one) for written, one, _ in AMOUNTS])
def test_a_column_of_a_table_is_read_by_the_mark_that_fits_it_and_is_a_question_where_two_do(
    deal: CommandLine, tmp_path: Path, written: str, one: str
) -> None:
    rows = (
        "id;created;stage;amount;value",
        f"A1;2026-10-01;Ordered;{written};5",
        f"A2;2026-10-01;Ordered;5;{written}",
    )
    table, mapping = tmp_path / "deals.csv", tmp_path / "map.yaml"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    without = TABLE_MAPPING.replace(", seats: seats, rate: rate", "")
    mapping.write_text(without, encoding="utf-8")
    words = ("import", "crm-csv", table, "--mapping", mapping)
    if written in QUESTIONS:
        refused = deal(*words, "--json")
        assert (refused.code, refused.codes) == (1, ["column-form", "column-form"])
        for reason, column in zip(refused.json["refused"], ("amount", "value"), strict=True):
            assert f"column '{column}'" in reason["message"] and f"'{written}'" in reason["message"]
        assert [row["deal_id"] for row in deal.json("deal", "list", "--all")["deals"]] == ["d1"]
        mapping.write_text(without + "decimal: point\n", encoding="utf-8")
    assert (deal.json(*words)["new"], deal.json(*words)["unchanged"]) == (2, 2)
    assert one in deal.done("deal", "show", "A1") and f"amount={one}" in deal.done("deal", "show", "A2")


@pytest.mark.parametrize(("written", "one"), [(written, one) for written, one, _ in ONE_OF_EACH])
def test_so_is_an_attribute_of_a_log(deal: CommandLine, tmp_path: Path, written: str, one: str) -> None:
    traces = "".join(
        f'<trace><string key="concept:name" value="T{number}"/><string key="amount" value="{amount}"/>'
        '<event><string key="concept:name" value="Order"/><date key="time:timestamp" value="2026-10-01T09:00:00Z"/>'
        f'<string key="value" value="{value}"/></event></trace>\n'
        for number, (amount, value) in enumerate([(written, "5"), ("5", written)], 1)
    )
    log, mapping = tmp_path / "log.xes", tmp_path / "map.yaml"
    log.write_text(f'<log xes.version="1.0">\n{traces}</log>\n', encoding="utf-8")
    mapping.write_text(LOG_MAPPING, encoding="utf-8")
    words = ("import", "xes", log, "--mapping", mapping)
    if written in QUESTIONS:
        refused = deal(*words, "--json")
        assert (refused.code, refused.codes) == (1, ["column-form", "column-form"])
        assert [row["deal_id"] for row in deal.json("deal", "list", "--all")["deals"]] == ["d1"]
        mapping.write_text(LOG_MAPPING + "decimal: point\n", encoding="utf-8")
    assert deal.json(*words)["new"] == 2
    assert one in deal.done("deal", "show", "T1") and f"amount={one}" in deal.done("deal", "show", "T2")
