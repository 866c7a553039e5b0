"""The life of two customers on each database: linked, merged, erased, back; two commands at once for one id of another system."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from dealflow.adapters.store import fingerprint_of
from dealflow.application.commands.handle import Deals
from dealflow.application.engine.held import held_differences
from dealflow.bootstrap import System, open_system
from dealflow.domain.customer import commands as c
from dealflow.domain.deal import commands as d
from dealflow.domain.deal.events import Customer
from dealflow.domain.people.actor import Who
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, CommandLine
from tests.support.stores.contested_store import OvertakenStore
from tests.support.stores.databases import on_each_database
from tests.support.stores.raw_rows import run

PAID = ("--field", "amount=5000 CNY", "--field", "paid_on=2026-01-05", "--field", "receipt=R-1", "--field", "payer=Li")


@on_each_database
def test_two_customers_are_linked_merged_erased_and_one_comes_back(home: CommandLine) -> None:
    home.open("d1", "anna", "--customer", "Wang", "--customer-id", "C-1", "--amount", "10000 CNY")
    home.open("d2", "anna", "--customer", "Wang Fang", "--customer-id", "C-2", "--amount", "10000 CNY")
    home.done("customer", "link", "C-1", "--wecom", "w-1", *FOR_ANNA)
    home.done("customer", "link", "C-2", "--openid", "o-2", *FOR_ANNA)
    home.done("evidence", "record", "d2", "messenger_contact", *CONTACT, *FOR_ANNA)
    for deal in ("d1", "d2"):
        home.done("evidence", "record", deal, "payment", *PAID, "--id", f"p-{deal}", *FOR_ANNA)
    merged = home.json("customer", "merge", "C-2", "--into", "C-1", "--reason", "the same", "--yes")
    assert [(each["evidence"], each["counts"]) for each in merged["values_twice"]] == [("p-d2", False)]
    assert home.json("customer", "show", "openid:o-2")["customer"] == "C-1"
    assert home("customer", "add", "C-3", "--openid", "o-2", "--json").codes == ["external_id_taken"]
    assert home.json("customer", "erase", "C-1", "--reason", "asked")["erased"] == ["C-1", "C-2"]
    assert "Wang" not in home.done("deal", "history", "d2") and "+86 138" not in home.done(
        "deal", "history", "d2", "--json"
    )
    home.done("customer", "add", "C-1", "--name", "Wang again", "--openid", "o-2")
    assert home.json("customer", "show", "openid:o-2")["name"] == "Wang again"
    settings = home.settings()
    assert run(settings.database_url, home.home, "SELECT COUNT(*) FROM external_ids") == [(1,)]
    found = home("doctor", "--deep", "--json").json["deep"]["findings"]
    assert [each for each in found if each["check"] not in ("workflow", "schedule")] == []


@contextmanager
def systems(home: CommandLine, many: int) -> Iterator[list[System]]:
    """Several systems on one store, as processes would have."""
    from contextlib import ExitStack

    with ExitStack() as kept:
        yield [kept.enter_context(open_system(home.settings())) for _ in range(many)]


@on_each_database
def test_of_two_commands_at_once_one_gets_the_id_of_the_other_system(home: CommandLine) -> None:
    home.done("customer", "add", "C-0", "--wecom", "w-0")
    barrier = Barrier(4)

    def link(system: System, number: int) -> str:
        customer = f"C-{number + 1}"
        commands = (
            c.AddCustomer(customer=Customer(id=customer)),
            c.LinkExternalId(system="openid", fields={"id": "o-9"}),
        )
        envelope = c.CustomerEnvelope(
            command_id=f"k-{number}", customer_id=customer, who=Who(actor="me"), commands=commands
        )
        barrier.wait()
        try:
            return system.customers.handle(envelope, lambda _: False).customer
        except CommandRefused as refused:
            return refused.reasons[0].code

    with systems(home, 4) as several, ThreadPoolExecutor(4) as pool:
        given = list(pool.map(link, several, range(4)))
    [winner] = [each for each in given if each != Code.EXTERNAL_ID_TAKEN]
    assert home.json("customer", "show", "openid:o-9")["customer"] == winner
    assert home.json("customer", "list")["total"] == 2


def _opening(system: System, deal: str, customer: str) -> d.Envelope:
    opened = d.OpenDeal(
        title="A sale", process=system.processes.published()[0], owner="anna", customer=Customer(id=customer)
    )
    return d.Envelope(command_id=f"open/{deal}", deal_id=deal, who=Who(actor="me"), commands=(opened,))


def _merge(customer: str, into: str) -> c.CustomerEnvelope:
    command = c.MergeCustomer(into=into, reason="the same")
    return c.CustomerEnvelope(
        command_id=f"merge/{customer}", customer_id=customer, who=Who(actor="me"), commands=(command,)
    )


def _agree(home: CommandLine, system: System, deals: list[str], customer: str) -> None:
    """All of these deals are the customer's, by their own word, by the lists and by the index of unique values."""
    for deal in deals:
        assert home.json("deal", "show", deal)["customer"]["id"] == customer
    assert [row["deal_id"] for row in home.json("customer", "show", customer)["deals"]] == deals
    assert held_differences(system.store, system.parts.held_values, system.processes) == []


@on_each_database
def test_an_opening_that_a_merge_overtakes_ends_with_the_surviving_customer(home: CommandLine) -> None:
    home.open("d1", "anna", "--customer-id", "C-1")
    home.open("d2", "anna", "--customer-id", "C-2")
    with systems(home, 2) as (one, other):
        held = OvertakenStore(one.store)
        held.at, held.act = 1, lambda: other.customers.handle(_merge("C-2", "C-1"), lambda _: False)
        Deals(
            held,
            one.processes,
            one.people.current,
            one.clock,
            one.reach_hint,
            fingerprint_of(one.parts.keys),
            take_along=one.customers.take_along,
        ).handle(_opening(one, "d3", "C-2"))
        _agree(home, one, ["d1", "d2", "d3"], "C-1")


@on_each_database
def test_a_merge_and_openings_at_once_leave_no_deal_with_the_former_customer(home: CommandLine) -> None:
    home.open("d1", "anna", "--customer-id", "C-1")
    home.open("d2", "anna", "--customer-id", "C-2")
    together = Barrier(4)

    def opens(system: System, deal: str) -> None:
        together.wait()
        system.deals.handle(_opening(system, deal, "C-2"))

    with systems(home, 4) as several, ThreadPoolExecutor(4) as pool:
        opening = [pool.submit(opens, system, f"d{n}") for n, system in enumerate(several[:3], start=3)]
        together.wait()
        several[3].customers.handle(_merge("C-2", "C-1"), lambda _: False)
        for each in opening:
            each.result()
        _agree(home, several[3], ["d1", "d2", "d3", "d4", "d5"], "C-1")
