"""Customers on record: added, found by what other systems call them, shown and listed."""

import sqlite3

from tests.support.running.typed_commands import FOR_ANNA, CommandLine

WECOM = "wmQ7-personal-id"
NAME = "张伟 Zhang Wei"


def test_a_customer_is_put_on_record_and_found_by_the_id_of_another_system(cli: CommandLine) -> None:
    added = cli.json("customer", "add", "C-17", "--name", NAME, "--wecom", WECOM, "--account", "A 1", *FOR_ANNA)
    assert added["customer_facts"] == [
        "customer.added.v1",
        "customer.external_id_linked.v1",
        "customer.external_id_linked.v1",
    ]
    shown = cli.json("customer", "show", f"wecom:{WECOM}")
    assert (shown["customer"], shown["name"], shown["on_record"]) == ("C-17", NAME, True)
    assert shown["external_ids"] == [{"system": "wecom", "id": WECOM}, {"system": "account", "id": "A 1"}]
    assert cli.json("customer", "show", "account:A  1")["customer"] == "C-17"


def test_no_customer_has_an_id_that_nobody_linked_and_no_message_repeats_it(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-17", "--openid", WECOM)
    refused = cli("customer", "show", "wecom:secret-one", "--json")
    assert (refused.code, refused.codes) == (1, ["unknown_external_id"])
    assert "secret-one" not in refused.out + refused.err


def test_an_id_of_another_system_is_one_customers(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-1", "--wecom", WECOM)
    taken = cli("customer", "add", "C-2", "--wecom", WECOM, "--json")
    assert (taken.code, taken.codes) == (1, ["external_id_taken"])
    assert "C-1" in taken.out and WECOM not in taken.out
    assert cli("customer", "show", "C-2").code == 1


def test_an_id_with_another_dash_is_the_same_id_and_stays_as_it_was_written(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-1", "--account", "A\u20131")
    for dash in ("-", "\u2011", "\u2212", "\uff0d"):
        assert cli("customer", "add", "C-2", "--account", f"A{dash}1", "--json").codes == ["external_id_taken"]
        assert cli.json("customer", "show", f"account:A{dash}1")["customer"] == "C-1"
    assert cli("customer", "link", "C-1", "--account", "A-1", "--json").codes == ["already_so"]
    assert cli.json("customer", "show", "C-1")["external_ids"] == [{"system": "account", "id": "A\u20131"}]


def test_the_store_holds_no_name_and_no_id_in_the_clear(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-17", "--name", NAME, "--wecom", WECOM, "--command-id", "k1")
    with sqlite3.connect(cli.home / "store.sqlite") as store:
        held = "\n".join(store.iterdump())
    assert WECOM not in held and "Zhang" not in held
    again = cli.json("customer", "add", "C-17", "--name", NAME, "--wecom", WECOM, "--command-id", "k1")
    assert again["repeated"]
    assert cli("customer", "add", "C-17", "--name", "Li", "--command-id", "k1", "--json").codes == ["command_id_reused"]


def test_a_customer_of_a_deal_is_listed_and_gets_a_stream_by_the_first_act_on_them(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", NAME, "--customer-id", "C-9")
    before = cli.json("customer", "list")
    assert before["customers"] == [
        {
            "customer": "C-9",
            "name": NAME,
            "on_record": False,
            "erased_at": None,
            "merged": [],
            "deals": 1,
            "in_progress": 1,
        }
    ]
    assert cli.json("customer", "link", "C-9", "--openid", "o1")["customer_facts"][0] == "customer.added.v1"
    after = cli.json("customer", "show", "C-9")
    assert (after["on_record"], after["name"], [deal["deal_id"] for deal in after["deals"]]) == (True, NAME, ["d1"])


def test_a_slip_of_the_pen_is_no_customer(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer-id", "C-9")
    for words in (("show", "C-8"), ("link", "C-8", "--name", "Li"), ("erase", "C-8", "--reason", "asked")):
        refused = cli("customer", *words, "--json")
        assert (refused.code, refused.codes) == (1, ["unknown_customer"])
        assert refused.json["refused"][0]["suggestion"] == "C-9"


def test_a_customer_is_added_once_and_named_anew_by_a_link(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-1", "--name", "Li")
    assert cli("customer", "add", "C-1", "--name", "Wang", "--json").codes == ["customer_exists"]
    cli.done("customer", "link", "C-1", "--name", "Wang")
    assert cli.json("customer", "show", "C-1")["name"] == "Wang"
    assert cli("customer", "link", "C-1", "--name", "Wang", "--json").codes == ["nothing_changes"]
    assert cli("customer", "link", "C-1").code == 2


def test_who_sees_no_deal_of_a_customer_does_not_see_the_customer(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", NAME, "--customer-id", "C-9")
    cli.done("customer", "link", "C-9", "--wecom", WECOM, *FOR_ANNA)
    for given in ("C-9", f"wecom:{WECOM}"):
        assert cli("customer", "show", given, "--on-behalf-of", "ben").code == 1
    assert cli.json("customer", "list", "--on-behalf-of", "ben")["customers"] == []
    assert cli.json("customer", "list", *FOR_ANNA)["total"] == 1


def test_the_inventory_by_customer_has_ids_and_names(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-1", "--name", NAME)
    cli.open("d1", "anna", "--customer-id", "C-1", "--amount", "100 CNY")
    cli.open("d2", "anna", "--customer", "Li", "--customer-id", "C-2")
    cli.open("d3")
    found = cli.json("inventory", "--by-customer")
    assert [
        (each["customer"], each["name"], [deal["deal_id"] for deal in each["deals"]]) for each in found["customers"]
    ] == [
        ("C-1", NAME, ["d1"]),
        ("C-2", "Li", ["d2"]),
        (None, None, ["d3"]),
    ]
    past = cli.json("inventory", "--by-customer", "--as-of", "today")
    assert past["customers"] == found["customers"]
    table = cli.done("inventory", "--by-customer")
    assert NAME in table and "without customer" in table
    assert cli.json("deal", "show", "d1")["customer"] == {"id": "C-1", "name": NAME}


def test_ids_of_other_systems_are_findable_again_after_their_key_was_lost(cli: CommandLine) -> None:
    cli.done("customer", "add", "C-1", "--name", NAME, "--wecom", WECOM)
    with sqlite3.connect(cli.home / "keys.sqlite") as keys:
        keys.execute("DELETE FROM keys WHERE subject = 'dealflow/external-ids'")
    assert cli("customer", "show", f"wecom:{WECOM}").code == 1
    assert cli.json("customer", "show", "C-1")["name"] == NAME
    cli.done("customer", "rekey", "dealflow/external-ids", "--reason", "lost")
    assert cli("customer", "show", f"wecom:{WECOM}", "--json").codes == ["unknown_external_id"]
    # The row of the old key goes, and one of the new key comes.
    assert cli.json("store", "reindex")["ids"] == 2
    assert cli.json("customer", "show", f"wecom:{WECOM}")["customer"] == "C-1"
    assert cli.json("store", "reindex")["ids"] == 0
