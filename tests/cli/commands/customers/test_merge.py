"""Two customers made one: deals, lists, inventory, unique values and imports follow, and the former id means the other."""

from typing import Any

import pytest

from tests.support.files.import_files import DEALS, HEADER, PRODUCTS, SMALL
from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, CommandLine, HomeOf

MERGE = ("customer", "merge", "C-2", "--into", "C-1", "--reason", "the same firm", "--yes")
PAID = ("--field", "amount=5000 CNY", "--field", "paid_on=2026-01-05", "--field", "receipt=R-1", "--field", "payer=Li")


def with_two_customers(cli: CommandLine) -> None:
    """Two customers with a deal each, the second known by an openid."""
    cli.open("d1", "anna", "--customer", "Hua Xin", "--customer-id", "C-1", "--amount", "10000 CNY")
    cli.open("d2", "anna", "--customer", "Hua Xin Ltd", "--customer-id", "C-2", "--amount", "10000 CNY")
    cli.done("customer", "link", "C-2", "--openid", "o-2", *FOR_ANNA)


@pytest.fixture
def two(home_of: HomeOf) -> CommandLine:
    return home_of(with_two_customers)


def test_all_deals_go_along_and_the_former_id_means_the_other(two: CommandLine) -> None:
    done = two.json(*MERGE)
    assert (done["customer"], done["into"], done["deals"]) == ("C-2", "C-1", ["d2"])
    assert two.json("deal", "show", "d2")["customer"]["id"] == "C-1"
    for given in ("C-2", "openid:o-2", "C-1"):
        shown = two.json("customer", "show", given)
        assert (shown["customer"], [deal["deal_id"] for deal in shown["deals"]]) == ("C-1", ["d1", "d2"])
        listed = two.json("deal", "list", "--customer", given)
        assert [deal["deal_id"] for deal in listed["deals"]] == ["d1", "d2"]
    assert two.json("inventory")["customers"] == 1
    assert [row["customer"] for row in two.json("customer", "list")["customers"]] == ["C-1"]
    assert "from C-2" in two.done("deal", "history", "d2")


def test_a_deal_that_is_opened_or_amended_with_the_former_id_is_the_others(two: CommandLine) -> None:
    two.done(*MERGE)
    two.open("d3", "anna", "--customer-id", "C-2")
    assert two.json("deal", "show", "d3")["customer"]["id"] == "C-1"
    two.open("d4")
    said = two.done("deal", "amend", "d4", "--customer-id", "C-2", "--reason", "theirs", *FOR_ANNA)
    assert "'C-2' goes on as 'C-1'" in said
    assert two.json("deal", "show", "d4")["customer"]["id"] == "C-1"


def test_a_value_that_is_then_twice_counts_once_the_earlier_recorded(two: CommandLine) -> None:
    two.done("evidence", "record", "d1", "payment", *PAID, "--id", "p1", *FOR_ANNA)
    two.done("evidence", "record", "d2", "payment", *PAID, "--id", "p2", *FOR_ANNA)
    said = two.json(*MERGE)["values_twice"]
    assert [(each["deal"], each["evidence"], each["counts"], each["first_deal"]) for each in said] == [
        ("d2", "p2", False, "d1")
    ]
    taken = two("evidence", "record", "d2", "payment", *PAID, "--id", "p3", *FOR_ANNA, "--json")
    assert taken.codes == ["value_taken"]
    two.done("evidence", "withdraw", "d1", "p1", "--reason", "bounced", *FOR_ANNA)
    evidence = two.json("deal", "show", "d2")["evidence"]
    assert [(each["id"], each.get("set_aside") or []) for each in evidence] == [("p2", [])]


def test_only_operations_merge_and_nobody_into_themselves_or_into_nobody(two: CommandLine) -> None:
    assert two(*MERGE, *FOR_ANNA, "--json").codes == ["not_permitted"]
    assert two("customer", "merge", "C-1", "--into", "C-1", "--reason", "same", "--json").codes == ["field_invalid"]
    assert two("customer", "merge", "C-1", "--into", "C-7", "--reason", "same", "--json").codes == ["unknown_customer"]
    two.done(*MERGE)
    assert two(*MERGE, "--json").codes == ["customer_merged"]
    assert two("customer", "merge", "C-1", "--into", "C-2", "--reason", "back", "--json").codes == ["field_invalid"]
    assert two("customer", "erase", "C-2", "--reason", "asked", "--json").codes == ["customer_merged"]


def test_the_same_merge_sent_again_has_its_effect_once(two: CommandLine) -> None:
    first = two.json(*MERGE, "--command-id", "m1")
    again = two.json(*MERGE, "--command-id", "m1")
    assert again == {**first, "repeated": True}


def test_who_is_merged_into_somebody_merged_goes_on_as_the_last(two: CommandLine) -> None:
    two.done(*MERGE)
    two.open("d3", "anna", "--customer-id", "C-3")
    two.done("customer", "merge", "C-1", "--into", "C-3", "--reason", "the group", "--yes")
    assert two.json("customer", "show", "C-2")["customer"] == "C-3"
    assert [deal["deal_id"] for deal in two.json("customer", "show", "C-2")["deals"]] == ["d1", "d2", "d3"]


def test_what_comes_together_is_shown_first_and_nothing_is_done(two: CommandLine) -> None:
    two.done("evidence", "record", "d1", "payment", *PAID, "--id", "p1", *FOR_ANNA)
    two.done("evidence", "record", "d2", "payment", *PAID, "--id", "p2", *FOR_ANNA)
    shown = two.json(*MERGE[:-1])
    assert shown["done"] is False
    names = [(row["customer"], row["name"], row["deals"]) for row in shown["preview"]["customers"]]
    assert names == [("C-2", "Hua Xin Ltd", 1), ("C-1", "Hua Xin", 1)]
    assert (shown["preview"]["deals"], shown["preview"]["values_twice"][0]["evidence"]) == (["d2"], "p2")
    said = two(*MERGE[:-1])
    assert "Hua Xin Ltd" in said.out and "1 deal went along: d2" not in said.out and "p2 counts no more" in said.out
    assert "C-2 would go on as C-1. A merge is not taken back. Nothing is done yet; add --yes." in said.err
    assert two.json("deal", "show", "d2")["customer"]["id"] == "C-2"
    assert two.json("customer", "history", "C-2")["histories"][0]["total"] == 2


def test_history_tells_who_did_what_and_why_of_all_who_are_one(two: CommandLine) -> None:
    two.done("customer", "link", "C-1", "--name", "Hua Xin Group", *FOR_ANNA)
    two.done(*MERGE)
    told = two.done("customer", "history", "C-2")
    assert [line for line in told.splitlines() if line.startswith("C-")] == ["C-1", "C-2"]
    assert "The customer's name is Hua Xin Group.  [me for anna]" in told
    assert "C-2 was merged into C-1. Reason: the same firm  [me]" in told and "C-2 goes on as C-1." in told
    assert "原因" in two.done("customer", "history", "C-1", "--lang", "zh")
    story = two.json("customer", "history", "C-1")
    for one in story["histories"]:
        digests = [entry["digest"] for entry in one["entries"]]
        assert all(digests) and [entry["previous"] for entry in one["entries"]] == ["", *digests[:-1]]
    assert two("customer", "history", "C-1", "--on-behalf-of", "ben", "--json").codes == ["unknown_customer"]


def test_the_rows_hold_after_a_merge(two: CommandLine) -> None:
    two.done("evidence", "record", "d2", "messenger_contact", *CONTACT, *FOR_ANNA)
    two.done(*MERGE)
    found = two("doctor", "--deep", "--json").json
    assert [each for each in found["deep"]["findings"] if each["check"] in ("chain", "command", "value", "state")] == []


def test_an_import_that_gives_the_former_id_changes_nothing_and_opens_for_the_other(cli: CommandLine) -> None:
    cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    folder = cli.home.with_name("tables")
    folder.mkdir()
    (folder / "mapping.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")

    def imported(*customers: str) -> Any:
        rows = [
            f"D{number},anna,GTX Pro,{customer},Engaging,2017-11-01,,," for number, customer in enumerate(customers, 1)
        ]
        (folder / DEALS).write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        return cli.json("import", "crm-csv", folder, "--mapping", folder / "mapping.yaml")

    imported("Acme", "Acme Ltd")
    cli.done("customer", "merge", "Acme Ltd", "--into", "Acme", "--reason", "one firm", "--yes")
    again = imported("Acme", "Acme Ltd")
    assert again["events"] == 0
    imported("Acme", "Acme Ltd", "Acme Ltd")
    assert {deal["customer_id"] for deal in cli.json("deal", "list")["deals"]} == {"Acme"}
    assert cli.json("inventory")["customers"] == 1
