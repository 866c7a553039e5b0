"""Amounts at the command line: what is said when one is amended or confirmed, and what `deal show` and `deal next` say of it."""

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine

AMEND = ("deal", "amend", "d1")


@pytest.fixture
def lowered(cli: CommandLine) -> CommandLine:
    """A payment that is a hundredth of the deal; then its owner lowers the deal to a tenth."""
    cli.open("d1")
    cli.done(*AMEND, "--amount", "100,000 CNY", "--reason", "as ordered", *FOR_BO)
    fields = ("amount=1,000 CNY", "paid_on=2026-03-01", "receipt=R-1")
    cli.done(
        "evidence", "record", "d1", "payment", *(word for field in fields for word in ("--field", field)), *FOR_ANNA
    )
    return cli


def deposit(cli: CommandLine) -> object:
    return {node["id"]: node["status"] for node in cli.json("deal", "show", "d1")["nodes"]}["deposit_paid"]


def test_a_seller_does_not_lower_a_deal_into_its_proof(lowered: CommandLine) -> None:
    said = lowered.done(*AMEND, "--amount", "10,000 CNY", "--reason", "less", *FOR_ANNA)
    assert "d1: Amended: amount from 100,000.00 CNY to 10,000.00 CNY. Reason: less\n" in said
    assert "every standard must hold for each of: 100,000.00 CNY, 10,000.00 CNY. Who may: bo" in said
    assert "not met" not in said and deposit(lowered) == "open"
    lowered.done(*AMEND, "--amount", "100,000 CNY", "--reason", "a slip", *FOR_ANNA)
    assert deposit(lowered) == "open"


def test_what_waits_is_shown_until_it_is_confirmed(lowered: CommandLine) -> None:
    lowered.done(*AMEND, "--amount", "10,000 CNY", "--reason", "less", *FOR_ANNA)
    shown = lowered.json("deal", "show", "d1")
    assert (shown["proven_amount"]["minor"], shown["amount_waits"]["amount"]["minor"]) == (10_000_000, 1_000_000)
    assert "bo" in [person["id"] for person in shown["amount_waits"]["who_may"]]
    assert "Until somebody above the owner confirms 10,000.00 CNY" in lowered.done("deal", "next", "d1")
    said = lowered.done(*AMEND, "--amount", "10,000 CNY", "--confirm", "--reason", "seen", *FOR_BO)
    assert "d1: The amount is confirmed: 10,000.00 CNY; no earlier one counts any more. Reason: seen\n" in said
    assert "met: Deposit" in said and deposit(lowered) == "reached"
    assert lowered.json("deal", "next", "d1")["amount_waits"] is None


def test_refusals_name_both_amounts_and_who_may(lowered: CommandLine) -> None:
    lowered.done(*AMEND, "--amount", "10,000 CNY", "--reason", "less", *FOR_ANNA)
    asked = (*AMEND, "--amount", "9,000 CNY", "--confirm", "--reason", "seen")
    refused = lowered(*asked, *FOR_BO, "--json").json["refused"][0]
    assert (refused["code"], refused["data"]) == (
        "amount_differs", {"given": "9,000.00 CNY", "in_force": "10,000.00 CNY"},
    )  # fmt: skip
    refused = lowered(*asked, *FOR_ANNA, "--json").json["refused"][0]
    assert refused["code"] == "own_deal" and "bo" in refused["data"]["who_may"]


def test_a_reason_is_asked_for(lowered: CommandLine) -> None:
    assert lowered(*AMEND, "--amount", "10,000 CNY", *FOR_ANNA).code == 2
    assert lowered(*AMEND, "--amount", "10,000 CNY", "--reason", " ", *FOR_ANNA, "--json").codes == ["reason_needed"]


def test_a_won_deal_keeps_what_it_was_won_at(lowered: CommandLine) -> None:
    lowered.done("deal", "win", "d1", "--reason", "signed at the fair", *FOR_BO)
    assert lowered(*AMEND, "--amount", "120,000", "--reason", "more", *FOR_ANNA, "--json").codes == ["own_deal"]
    lowered.done(*AMEND, "--amount", "120,000", "--reason", "more", *FOR_BO)
    found = lowered.json("inventory")
    assert (found["won_amount"], found["amended_since_won"]) == ({"CNY": 100_000}, {"CNY": 20_000})
    assert "Amended since the win" in lowered.done("inventory") and "+20,000" in lowered.done("inventory")
    assert "100,000.00 CNY" in lowered.done("deal", "show", "d1")
    said = lowered.done(*AMEND, "--amount", "120,000", "--as-won", "--reason", "was so", *FOR_BO)
    assert "as it was won" in said and lowered.json("inventory")["amended_since_won"] == {}


def test_the_answer_and_history_say_that_an_amount_as_won_ends_a_change_order(lowered: CommandLine) -> None:
    lowered.done("deal", "win", "d1", "--reason", "signed", *FOR_BO)
    lowered.done(*AMEND, "--amount", "120,000", "--reason", "more", *FOR_BO)
    said = lowered.done(*AMEND, "--amount", "95,000", "--as-won", "--reason", "was so", *FOR_BO)
    assert "the present amount from 120,000.00 CNY to 95,000.00 CNY" in said
    assert "现行金额从120,000.00 CNY改为95,000.00 CNY" in lowered.done("deal", "history", "d1", "--lang", "zh")


def test_the_answer_says_by_which_amount_each_node_is_judged(lowered: CommandLine) -> None:
    said = lowered.done(*AMEND, "--amount", "10,000 CNY", "--reason", "less", *FOR_ANNA)
    assert "Judged by 100,000.00 CNY, the largest in force, open: " in said and "(deposit_paid)" in said
    said = lowered.done(*AMEND, "--amount", "10,000 CNY", "--confirm", "--reason", "seen", *FOR_BO)
    assert "Judged by 10,000.00 CNY, reached: Deposit or first payment (deposit_paid)\n" in said
    answer = lowered.json(*AMEND, "--title", "Other", "--reason", "known now", *FOR_ANNA)
    assert answer["by_amount"] is None, "nothing was said of the amount"


def test_an_amount_of_nothing_is_said_to_prove_nothing(lowered: CommandLine) -> None:
    lowered.done(*AMEND, "--amount", "10,000 CNY", "--reason", "less", *FOR_BO)
    said = lowered.done(*AMEND, "--amount", "0", "--reason", "not known", *FOR_ANNA)
    assert "Judged by no amount (0 proves nothing), open: " in said
    assert "While 0.00 CNY is in force nothing is proven." in said
    chinese = lowered.done(*AMEND, "--amount", "1", "--reason", "known", *FOR_ANNA, "--lang", "zh")
    assert "按生效金额中最大的10,000.00 CNY判定，已达成：" in chinese


def test_after_the_win_the_answer_says_which_nodes_keep_the_amount_as_won(lowered: CommandLine) -> None:
    lowered.done("deal", "win", "d1", "--reason", "signed", *FOR_BO)
    answer = lowered.json(*AMEND, "--amount", "0", "--reason", "a gift", *FOR_BO)
    by_amount = {each["node"]: (each["as_won"], each["largest"]) for each in answer["by_amount"]}
    assert by_amount["deposit_paid"] == (True, {"minor": 10_000_000, "currency": "CNY"})
    assert by_amount["paid_in_full"] == (False, None)
