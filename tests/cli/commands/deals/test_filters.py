"""What a list is asked for: a name that exists nowhere is refused, and where nothing fits, that is said."""

import pytest

from dealflow.application.reading.board import DealQuery, deal_page, gap_page, stall_page
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.reading.stalls import StallQuery
from dealflow.bootstrap import open_system
from dealflow.settings import Settings
from tests.support.running.typed_commands import FOR_BO, CommandLine, HomeOf

WRONG = [
    ("owner", "ana", "unknown_person", "anna"),
    ("director", "boo", "unknown_person", "bo"),
    ("stage", "sgn", "unknown_stage", "sign"),
    ("position", "deposit_payd", "unknown_node", "deposit_paid"),
    ("process", "standrd-sale", "unknown_process", "standard-sale"),
    ("customer", "ACMEE", "unknown_customer", "ACME"),
]
KNOWN = [("owner", "ben"), ("director", "anna"), ("stage", "sign"), ("position", "deposit_paid")]


def with_two_deals(cli: CommandLine) -> None:
    """Two deals in their first stage, each of a customer."""
    cli.open("d1", "anna", "--customer", "ACME")
    cli.open("d2", "anna", "--customer", "Beta")


@pytest.fixture
def deals(home_of: HomeOf) -> CommandLine:
    return home_of(with_two_deals)


@pytest.mark.parametrize(("name", "given", "code", "near"), WRONG)
@pytest.mark.parametrize("more", [(), ("--ever",)])
def test_a_deal_list_refuses_what_exists_nowhere(
    deals: CommandLine, name: str, given: str, code: str, near: str, more: tuple[str, ...]
) -> None:
    said = deals("deal", "list", f"--{name}", given, *more, "--json")
    assert (said.code, said.codes) == (1, [code])
    assert said.json["refused"][0]["suggestion"] == near
    assert f"是否指“{near}”？" in deals("deal", "list", f"--{name}", given, *more, "--lang", "zh").err


@pytest.mark.parametrize(("name", "given", "code", "near"), WRONG[:3])
@pytest.mark.parametrize("group", ["stall", "escalation"])
def test_a_stall_list_refuses_what_exists_nowhere(
    deals: CommandLine, group: str, name: str, given: str, code: str, near: str
) -> None:
    said = deals(group, "list", f"--{name}", given, "--json")
    assert (said.code, said.codes, said.json["refused"][0]["suggestion"]) == (1, [code], near)


@pytest.mark.parametrize(("name", "given"), KNOWN)
def test_a_deal_list_says_that_nothing_fits(deals: CommandLine, name: str, given: str) -> None:
    english, chinese = (deals.done("deal", "list", f"--{name}", given, "--lang", each) for each in ("en", "zh"))
    assert english == f"0 deals in progress fit: {name} {given}; --all lists closed ones too\n"
    assert chinese.startswith("0个进行中的商机符合：") and given in chinese
    assert deals.json("deal", "list", f"--{name}", given)["total"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deal", "list", "--closed"), "0 closed deals fit\n"),
        (("deal", "list", "--all", "--owner", "ben"), "0 deals fit: owner ben\n"),
        (("deal", "list", "--outcome", "won", "--owner", "anna"), "0 deals fit: owner anna, outcome won\n"),
        (("deal", "list", "--stalled", "--gap", "2"), "0 deals in progress fit: gap +2, stalled; --all lists closed"),
        (("deal", "list", "--proof-lost"), "0 deals fit: proof lost\n"),
        (("deal", "list", "--ever"), "0 deals fit\n"),
        (("stall", "list"), "0 open stalls fit; --all lists those that have ended too\n"),
        (("stall", "list", "--deal", "d1", "--all"), "0 stalls fit: deal d1\n"),
        (("escalation", "list", "--owner", "ben"), "0 open escalations fit: owner ben; --all"),
        (("escalation", "list", "--all", "--stage", "sign"), "0 escalations fit: stage sign\n"),
    ],
)
def test_so_does_every_list(deals: CommandLine, words: tuple[str, ...], said: str) -> None:
    assert deals.done(*words).startswith(said)


def test_a_customer_without_a_deal_in_progress_is_known(deals: CommandLine) -> None:
    deals.done("deal", "cancel", "d2", "--reason", "price", *FOR_BO)
    assert deals.done("deal", "list", "--customer", "Beta").startswith("0 deals in progress fit: customer Beta")


def test_names_are_put_in_form_for_every_edge(deals: CommandLine) -> None:
    with open_system(Settings.load(deals.home)) as system:
        board, names = system.board, KnownNames(system.reading)
        wanted = DealQuery(owner=" anna\u200b", customer=" ACME ", stage="first_contact ", after=" d0")
        with pytest.raises(Exception, match="d0"):
            deal_page(board, names, wanted)
        page = deal_page(board, names, wanted.model_copy(update={"after": None}))
        assert [row.deal_id for row in page.deals] == ["d1"]
        assert [(each.place, each.kept) for each in page.respelled] == [
            ("owner", "anna"),
            ("customer", "ACME"),
            ("stage", "first_contact"),
        ]
        assert [each.kept for each in gap_page(board, names, DealQuery(owner=" anna")).respelled] == ["anna"]
        stalls = stall_page(board, names, StallQuery(deal_id=" d1", director="bo "))
        assert [(each.place, each.kept) for each in stalls.respelled] == [("director", "bo"), ("deal", "d1")]
