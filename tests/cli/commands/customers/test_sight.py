"""Whoever does not see a customer changes nothing of them, by whichever command, and hears no more than that the id is taken."""

import pytest

from tests.support.running.typed_commands import FOR_ANNA, CommandLine, HomeOf, Story

NAME = "Wang Lei of Hua Xin"
FOR_BEN = ("--on-behalf-of", "ben")
OPEN = ("deal", "open", "Ten seats", "--process", "standard-sale", "--owner", "ben", *FOR_BEN)


def of_a_deal_alone(cli: CommandLine) -> None:
    """C-1 has a deal of Anna's, which Ben does not see, and Ben has one without customer."""
    cli.open("d1", "anna", "--customer", NAME, "--customer-id", "C-1")
    cli.open("d2", "ben")


def on_record(cli: CommandLine) -> None:
    """So it is, and C-1 is on record as well."""
    of_a_deal_alone(cli)
    cli.done("customer", "link", "C-1", "--wecom", "w-1", *FOR_ANNA)


@pytest.fixture(params=[on_record, of_a_deal_alone], ids=["on record", "of a deal alone"])
def hidden(request: pytest.FixtureRequest, home_of: HomeOf) -> CommandLine:
    story: Story = request.param
    return home_of(story)


def known(cli: CommandLine) -> tuple[str | None, int, list[str]]:
    """What is known of C-1: the name, how many ids of other systems, the deals."""
    shown = cli.json("customer", "show", "C-1")
    return shown["name"], len(shown["external_ids"]), [deal["deal_id"] for deal in shown["deals"]]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("customer", "add", "C-1", "--name", "Li"), "customer_hidden"),
        (("customer", "add", "C-1", "--wecom", "w-9"), "customer_hidden"),
        (("customer", "link", "C-1", "--name", "Li"), "unknown_customer"),
        (("customer", "link", "C-1", "--openid", "o-9"), "unknown_customer"),
        (("customer", "merge", "C-1", "--into", "C-1", "--reason", "mine"), "unknown_customer"),
        (("customer", "show", "C-1"), "unknown_customer"),
        (("evidence", "record", "reply", "--customer", "C-1", "--field", "text=yes"), "unknown_customer"),
        (("deal", "amend", "d2", "--customer-id", "C-1", "--customer", "Li", "--reason", "theirs"), "customer_hidden"),
        ((*OPEN[:-2], "--id", "d3", "--customer-id", "C-1", "--customer", "Li"), "customer_hidden"),
    ],
)
def test_a_command_that_says_something_of_a_hidden_customer_is_refused(
    hidden: CommandLine, words: tuple[str, ...], code: str
) -> None:
    before = known(hidden)
    refused = hidden(*words, *FOR_BEN, "--json")
    assert (refused.code, refused.codes) == (1, [code])
    assert NAME not in refused.out and "d1" not in refused.out
    assert known(hidden) == before


def test_a_deal_may_be_a_hidden_customers_by_the_id_alone_and_then_they_are_seen(hidden: CommandLine) -> None:
    before = known(hidden)
    said = hidden.done(*OPEN, "--id", "d3", "--customer-id", "C-1")
    assert "C-1 has deals in progress already, which you do not see" in said and NAME not in said
    hidden.done("deal", "amend", "d2", "--customer-id", "C-1", "--reason", "theirs", *FOR_BEN)
    assert known(hidden) == (*before[:2], ["d1", "d2", "d3"])
    assert hidden.json("customer", "show", "C-1", *FOR_BEN)["customer"] == "C-1"


def test_a_name_that_is_no_other_than_the_id_names_nobody_anew(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", NAME, "--customer-id", "Hua Xin")
    cli.done(*OPEN, "--id", "d3", "--customer", "Hua Xin")
    assert cli.json("customer", "show", "Hua Xin")["name"] == NAME


def test_who_holds_an_id_of_another_system_is_named_to_who_sees_them_only(hidden: CommandLine) -> None:
    hidden.done("customer", "link", "C-1", "--openid", "o-1", *FOR_ANNA)
    taken = hidden("customer", "add", "C-2", "--openid", "o-1", *FOR_BEN)
    assert "This id in openid is taken; operations can merge two that are one." in taken.err
    assert "taken by customer 'C-1';" in hidden("customer", "add", "C-2", "--openid", "o-1", *FOR_ANNA).err


def test_the_same_opening_sent_again_is_answered_though_the_customer_is_hidden_by_then(cli: CommandLine) -> None:
    opening = (*OPEN, "--id", "d3", "--customer-id", "C-1", "--customer", "Li", "--command-id", "k1")
    cli.done(*opening)
    cli.done("deal", "reassign", "d3", "--to", "anna", "--reason", "leave", "--on-behalf-of", "bo")
    assert cli.json(*opening)["repeated"]
