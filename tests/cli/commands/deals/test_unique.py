"""One receipt for two deals of a customer, by the commands that a seller types, in both languages."""

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine


def paid(deal: str, receipt: str, *more: str) -> tuple[str, ...]:
    fields = ("--field", "amount=20000 CNY", "--field", f"receipt={receipt}", "--field", "paid_on=2026-11-20")
    return ("evidence", "record", deal, "payment", *fields, *more, *FOR_ANNA)


@pytest.fixture
def two(cli: CommandLine) -> CommandLine:
    """Two deals, the first of acme, the second of nobody yet, with one receipt each; it is the same."""
    cli.open("d-1", "anna", "--customer", "acme", "--amount", "50000 CNY")
    cli.open("d-2", "anna", "--amount", "50000 CNY")
    cli.done(*paid("d-1", "R-1", "--id", "first"))
    cli.done(*paid("d-2", "R-1", "--id", "second"))
    return cli


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "payment.receipt: r-1 is on record already, with evidence first of deal d-1."),
        ("zh", "payment.receipt：r-1已录入过，见商机d-1的凭证first。"),
    ],
)
def test_the_second_deal_is_refused_the_receipt_and_hears_where_it_is(
    cli: CommandLine, language: str, said: str
) -> None:
    for deal in ("d-1", "d-2"):
        cli.open(deal, "anna", "--customer", "acme")
    cli.done(*paid("d-1", "R-1", "--id", "first"))
    refused = cli(*paid("d-2", "r-1"), "--lang", language)
    assert (refused.code, refused.out, refused.err.strip()) == (1, "", said)
    assert cli.json("deal", "show", "d-2")["evidence"] == []
    (reason,) = cli(*paid("d-2", "R-1"), "--json").json["refused"]
    assert (reason["code"], reason["data"]["deal"]) == ("value_taken", "d-1")


def test_a_link_makes_it_two_and_the_later_piece_is_set_aside_until_the_first_is_withdrawn(two: CommandLine) -> None:
    amend = ("deal", "amend", "d-2", "--customer", "acme", "--reason", "the card was theirs")
    assert "is on record before it, with evidence first of deal d-1" in two.done(*amend, *FOR_ANNA)
    shown = two.json("deal", "show", "d-2")["evidence"][0]
    assert shown["counted_with"] == [{"field": "receipt", "deal": "d-1", "evidence": "first"}]
    assert "set aside: counts with first of d-1" in " ".join(two.done("deal", "show", "d-2").split())
    assert not reached(two, "d-2") and reached(two, "d-1")
    (open_node,) = (node for node in two.json("deal", "show", "d-2")["nodes"] if node["id"] == "deposit_paid")
    (said,) = open_node["reasons"][0]["data"]["pieces"]
    assert said.endswith(" of evidence second is on record before it, with evidence first of deal d-1")
    (row,) = two.json("deal", "list", "--set-aside")["deals"]
    assert (row["deal_id"], row["set_aside"]) == ("d-2", ["second"])
    withdrawn = two.done("evidence", "withdraw", "d-1", "first", "--reason", "it bounced", *FOR_BO)
    assert "d-2: evidence second is set aside no more" in withdrawn
    assert reached(two, "d-2") and not reached(two, "d-1")
    assert two.done("deal", "list", "--set-aside").startswith("0 deals fit: with evidence set aside")
    told = two.done("deal", "history", "d-2")
    assert "counts no more" in told and "set aside no more" in told


def reached(cli: CommandLine, deal: str) -> bool:
    nodes = {node["id"]: node for node in cli.json("deal", "show", deal)["nodes"]}
    return bool(nodes["deposit_paid"]["status"] == "reached")
