"""A proof rests on the deal's amount: whoever changes it, in either direction, what it proves is judged again and asked for."""

from pathlib import Path

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine, HomeOf

PIPE = """\
process: pipe
title: {en: Pipe}
languages: [en]
calendar: plain
currency: EUR
evidence:
  order: {title: {en: Order}, fields: {amount: {type: money, title: {en: Amount}}}}
  payment: {title: {en: Payment}, fields: {amount: {type: money, title: {en: Amount}}}}
stages:
  - id: pay
    title: {en: Pay}
    nodes:
      - {id: part, title: {en: Deposit}, standard: {evidence: payment, where: 'amount >= percent(deal.amount, 20)'}}
      - {id: whole, title: {en: Paid in full}, standard: {evidence: payment, sum: {field: amount, at_least: deal.amount}}}
      - id: either
        title: {en: Ordered or paid}
        standard:
          any_of:
            - {evidence: order, where: amount >= deal.amount}
            - {evidence: payment, where: amount >= deal.amount}
      - {id: small, title: {en: Small enough}, standard: {evidence: order, where: amount * 2 >= deal.amount}}
    clocks: {stage_age: 30 days}
  - id: sign
    title: {en: Sign}
    wins: true
    nodes: [{id: signed, title: {en: Signed}, standard: order}]
    back_to: [pay]
    clocks: {stage_age: 30 days}
lost_reasons: [{id: price, title: {en: Price}}]
"""
BY_AMOUNT = ("part", "whole", "either", "small")
AMEND = ("deal", "amend", "d1", "--reason", "r", "--amount")


def proven(cli: CommandLine, *words: str) -> set[str]:
    """The nodes that ask for the amount and are reached."""
    nodes = cli.json("deal", "show", "d1", *words)["nodes"]
    return {node["id"] for node in nodes if node["status"] == "reached" and node["id"] in BY_AMOUNT}


def with_an_order_and_a_payment(bare: CommandLine) -> None:
    """A deal of 1,000 euros with an order and a payment of 100, which prove none of the nodes."""
    (bare.home.parent / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    bare.done("process", "publish", bare.home.parent / "pipe.yaml")
    named = ("--process", "pipe", "--owner", "anna", "--id", "d1", "--amount", "1,000 EUR")
    bare.done("deal", "open", "A sale", *named, *FOR_ANNA)
    for kind in ("order", "payment"):
        bare.done("evidence", "record", "d1", kind, "--field", "amount=100 EUR", *FOR_ANNA)
    assert proven(bare) == set()


@pytest.fixture
def opened(home_of: HomeOf) -> CommandLine:
    return home_of(with_an_order_and_a_payment)


@pytest.mark.parametrize("steps", [("100 EUR", "1,000 EUR"), ("1 EUR",), ("0 EUR", "1 EUR"), ("10 USD", "100 EUR")])
def test_an_owner_amends_the_deal_into_no_proof_by_any_way(opened: CommandLine, steps: tuple[str, ...]) -> None:
    for amount in steps:
        said = opened.done(*AMEND, amount, *FOR_ANNA)
        assert "customer reached" not in said and proven(opened) == set(), amount


def test_whoever_is_above_lowers_it_and_every_standard_that_asks_for_it_is_met(opened: CommandLine) -> None:
    said = opened.done(*AMEND, "100 EUR", *FOR_BO)
    assert proven(opened) == set(BY_AMOUNT)
    assert "Amended: amount from 1,000.00 EUR to 100.00 EUR" in said
    assert all(f"met: {name}" in said for name in ("Deposit", "Paid in full", "Ordered or paid", "Small enough"))


@pytest.mark.parametrize("who", [FOR_ANNA, FOR_BO])
def test_a_customer_who_buys_more_has_to_pay_more_whoever_says_so(opened: CommandLine, who: tuple[str, str]) -> None:
    opened.done(*AMEND, "100 EUR", *FOR_BO)
    said = opened.done(*AMEND, "50,000 EUR", *who)
    assert proven(opened) == set()
    assert "not met: Paid in full" in said and "50,000.00 EUR needed, 100.00 EUR so far" in said
    missing = opened.done("deal", "next", "d1")
    assert all(name in missing for name in ("Deposit", "Paid in full", "Ordered or paid", "Small enough"))
    opened.done("evidence", "record", "d1", "payment", "--field", "amount=49,900 EUR", *FOR_ANNA)
    assert proven(opened) == {"part", "whole"}


def test_another_currency_proves_nothing_until_somebody_above_says_it(opened: CommandLine) -> None:
    opened.done(*AMEND, "100 EUR", *FOR_BO)
    opened.done(*AMEND, "100 USD", *FOR_ANNA)
    assert proven(opened) == set()
    opened.done("evidence", "record", "d1", "payment", "--field", "amount=100 USD", *FOR_ANNA)
    opened.done(*AMEND, "100 USD", "--confirm", *FOR_BO)
    assert "part" in proven(opened)


def test_a_reading_of_a_day_between_has_that_days_amount_and_proofs(opened: CommandLine) -> None:
    opened.done(*AMEND, "100 EUR", *FOR_BO)
    between = opened.json("deal", "history", "d1")["entries"][-1]["recorded_at"]
    opened.done(*AMEND, "50,000 EUR", *FOR_BO)
    then = opened.json("deal", "show", "d1", "--as-of", between)
    assert then["amount"] == {"minor": 10_000, "currency": "EUR"}
    assert proven(opened, "--as-of", between) == set(BY_AMOUNT) and proven(opened) == set()


BIG = """\
      - {id: big, title: {en: Big}, standard: {evidence: order, where: 'deal.amount >= money("1,000 EUR")'}}
"""


def test_the_answer_names_the_amount_for_which_a_node_fails(bare: CommandLine, tmp_path: Path) -> None:
    bare.write_people()
    (tmp_path / "pipe.yaml").write_text(PIPE.replace("    clocks:", BIG + "    clocks:", 1), encoding="utf-8")
    bare.done("process", "publish", tmp_path / "pipe.yaml")
    named = ("--process", "pipe", "--owner", "anna", "--id", "d1", "--amount", "90 EUR")
    bare.done("deal", "open", "A sale", *named, *FOR_ANNA)
    bare.done("evidence", "record", "d1", "order", "--field", "amount=1,500 EUR", *FOR_ANNA)
    said = bare.done(*AMEND, "1,500 EUR", *FOR_ANNA)
    assert "Judged by 90.00 EUR, for which the standard is not met, open: Big (big)\n" in said
    assert "Judged by 1,500.00 EUR, the largest in force, reached: " in said
    said = bare.done(*AMEND, "1,600 EUR", *FOR_ANNA, "--lang", "zh")
    assert "按未能满足标准的生效金额90.00 EUR判定，未达成：Big (big)\n" in said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("100 USD", "no amount (these cannot be compared: 1,000.00 EUR, 100.00 USD)"),
        ("0", "no amount (0 proves nothing)"),
    ],
)
def test_no_amount_is_called_proven_where_nothing_is(opened: CommandLine, amount: str, said: str) -> None:
    opened.done(*AMEND, amount, *FOR_ANNA)
    assert f"Proven amount {said}" in " ".join(opened.done("deal", "show", "d1").split())
    assert opened.json("deal", "show", "d1")["proven_amount"] is None
