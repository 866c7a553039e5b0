"""The inventory counts what was so at an instant, by what is known now or was known then."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from dealflow.application.ports.store import Append
from dealflow.application.reading.as_of import AsOf
from dealflow.application.reading.inventory import Inventory, count, ever_reached, take_inventory
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer
from dealflow.domain.deal.state import NodeState, NodeStatus
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.told_deals import PEOPLE, ToldDeal, contact, day, meeting, payment, process_in_force
from tests.support.stores.memory_store import MemoryStore

STANDARD = process_in_force()
NOW = day(30)


def log_of(*stories: ToldDeal) -> MemoryStore:
    """A store in which these deals were recorded one after another."""
    store = MemoryStore()
    for told in stories:
        facts = tuple((one.fact, one.stamp) for one in told.recorded)
        store.append([Append(f"deal/{told.deal_id}", 0, facts, subject="acme")])
    return store


def process_of(_: ProcessRef) -> ProcessDefinition:
    return STANDARD.definition


def inventory(
    *stories: ToldDeal, as_of: datetime | None = None, as_known_at: datetime | None = None, now: datetime = NOW
) -> Inventory:
    return take_inventory(log_of(*stories), process_of, Viewer(None, PEOPLE, now), asked=AsOf(as_of, as_known_at))


def story(deal_id: str = "d1", **given: object) -> ToldDeal:
    return ToldDeal(deal_id, STANDARD, **given)  # type: ignore[arg-type]


def won(deal_id: str, amount: str, paid: datetime) -> ToldDeal:
    """A deal that another path brought to the win: the money came before everything else."""
    told = payment(story(deal_id), day(6), f"{deal_id}-p", amount)
    return told.does(paid, c.WinDeal(reason="signed at the fair"), who="chen")


def test_an_empty_store_counts_nothing() -> None:
    counted = inventory()
    assert (counted.deals, counted.by_stage, counted.as_of) == (0, {}, NOW)
    assert inventory(as_of=day(1)).deals == 0


def test_every_deal_is_counted_once_by_stage_position_owner_director_and_gap() -> None:
    first, second = contact(story("a"), day(6)).looks(day(6, 3)), story("b", owner="wang")
    third = story("c", owner=None, customer=None).does(
        day(7), c.RecordMilestone(milestone="quote_sent", fields={"amount": "5000", "on": "2026-01-07"})
    )
    counted = inventory(first, second, third, as_of=day(8))
    assert (counted.deals, counted.customers, counted.without_customer) == (3, 1, 1)
    assert (counted.open, counted.in_progress, counted.won, counted.lost, counted.cancelled) == (3, 3, 0, 0, 0)
    assert counted.by_stage == {"first_contact": 2, "meeting": 1}
    assert counted.by_position == {"none": 2, "contact_added": 1}
    assert counted.by_owner == {"li": 1, "none": 1, "wang": 1}
    assert counted.by_director == {"boss": 1, "chen": 1, "none": 1}
    assert counted.by_gap == {0: 2, 4: 1}
    assert counted.ever_reached == {"contact_added": 1}


def test_stages_and_nodes_keep_the_order_of_the_process() -> None:
    late = meeting(contact(story("a"), day(6)).looks(day(6, 3)), day(7), "m").looks(day(7, 3))
    counted = inventory(late, contact(story("b"), day(6)).looks(day(6, 3)), story("c"))
    assert list(counted.by_stage) == ["first_contact", "meeting", "learn_need"]
    assert list(counted.by_position) == ["none", "contact_added", "decider_met"]


def test_a_deal_is_absent_before_it_was_opened() -> None:
    late = story("late", opened=day(9))
    assert inventory(story(), late, as_of=day(8)).deals == 1
    assert inventory(story(), late, as_of=day(9)).deals == 2


def test_as_of_counts_what_was_observed_by_then_however_late_it_was_recorded() -> None:
    told = story()
    evidence = c.RecordEvidence(
        evidence_id="e1",
        kind="messenger_contact",
        fields={"channel": "wechat", "phone": "13800000000", "added_on": "2026-01-06"},
        observed_at=day(6),
    )
    told.does(day(6), evidence, recorded_at=day(9))
    assert inventory(told, as_of=day(7)).by_position == {"contact_added": 1}
    assert inventory(told, as_of=day(7), as_known_at=day(8)).by_position == {"none": 1}
    assert inventory(told, as_of=day(5, 3)).by_position == {"none": 1}


def test_a_withdrawal_changes_what_was_so_and_not_what_was_known() -> None:
    told = contact(story(), day(6)).does(day(9), c.WithdrawEvidence(evidence_id="e1", reason="another person"))
    assert inventory(told, as_of=day(7)).by_position == {"none": 1}
    assert inventory(told, as_of=day(7), as_known_at=day(8)).by_position == {"contact_added": 1}
    assert inventory(told, as_known_at=day(8)).by_position == {"contact_added": 1}
    assert inventory(told).ever_reached == {}


def test_won_amounts_are_exact_and_per_currency() -> None:
    yen = story("yen", amount=Money(minor=500, currency="JPY"))
    yen.does(day(7), c.WinDeal(reason="signed"), who="chen")
    counted = inventory(won("a", "9000", day(8)), won("b", "9000", day(8)), yen)
    assert counted.won == 3
    assert counted.won_amount == {"CNY": Decimal("20000.00"), "JPY": Decimal(500)}
    assert json.loads(counted.model_dump_json())["won_amount"] == {"CNY": 20000, "JPY": 500}


def test_a_won_deal_counts_for_what_it_was_won_at_and_what_was_amended_since_stands_apart() -> None:
    change_order = won("a", "9000", day(8)).does(day(9), amended(12_000_00), who="chen")
    in_dollars = won("b", "9000", day(8)).does(day(9), amended(3_000_00, "USD"), who="chen")
    found = inventory(change_order, in_dollars, won("c", "9000", day(8)))
    assert found.won_amount == {"CNY": 30_000}
    assert found.amended_since_won == {"CNY": 2_000 - 10_000, "USD": 3_000}
    assert inventory(change_order, as_of=day(8, 12)).amended_since_won == {}


def test_an_amount_that_was_wrong_at_the_win_is_the_won_amount() -> None:
    told = won("a", "9000", day(8)).does(day(9), amended(12_000_00, as_won=True), who="chen")
    assert (inventory(told).won_amount, inventory(told).amended_since_won) == ({"CNY": 12_000}, {})


def amended(minor: int, currency: str = "CNY", *, as_won: bool = False) -> c.AmendDeal:
    return c.AmendDeal(amount=Money(minor=minor, currency=currency), reason="a new order", as_won=as_won)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("10005534.00", "10005534"), ("10.50", "10.5"), ("999999999999999.99", '"999999999999999.99"')],
)
def test_an_amount_is_a_number_unless_a_float_would_not_be_exact(amount: str, shown: str) -> None:
    counted = inventory().model_copy(update={"won_amount": {"CNY": Decimal(amount)}})
    assert f'"won_amount":{{"CNY":{shown}}}' in counted.model_dump_json()


def test_a_win_counts_what_was_not_proven_only_while_it_is_a_win() -> None:
    told = won("a", "9000", day(8))
    assert inventory(told).won_unproven["need_confirmed"] == 1
    assert "deposit_paid" not in inventory(told).won_unproven
    told.does(day(9), c.LoseDeal(reason="refund"))
    assert (inventory(told).lost, inventory(told).won_unproven) == (1, {})


def test_a_stall_counts_from_its_deadline_on_until_it_ends() -> None:
    told = story().looks(day(20))
    assert inventory(told, as_of=day(12)).stalled == 1
    assert inventory(told, as_of=day(11)).stalled == 0
    assert inventory(told, as_of=day(20)).stalled_by_director == {"chen": 1}
    told.does(day(21), c.DecideEscalation(decision="extend", reason="they travel"), who="chen")
    assert inventory(told, as_of=day(22)).stalled == 0


def test_the_director_is_the_one_above_the_owner_of_that_day() -> None:
    told = story().does(day(9), c.ReassignDeal(owner="wang", reason="region"), who="chen")
    assert inventory(told, as_of=day(8)).by_director == {"chen": 1}
    assert inventory(told, as_of=day(9)).by_director == {"boss": 1}


def test_counting_takes_pairs_of_deals_and_processes() -> None:
    told = story()
    assert count([(told.deal, STANDARD.definition)], PEOPLE, as_of=NOW) == inventory(told)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"as_of": NOW + timedelta(seconds=1)}, Code.TIME_IN_FUTURE),
        ({"as_known_at": NOW + timedelta(seconds=1)}, Code.TIME_IN_FUTURE),
        ({"as_of": datetime(2026, 1, 6)}, Code.TIME_WITHOUT_ZONE),  # noqa: DTZ001  the point
        ({"as_of": day(4)}, Code.TIME_BEFORE_FIRST),
        ({"as_known_at": day(4)}, Code.TIME_BEFORE_FIRST),
    ],
)
def test_an_instant_that_cannot_be_asked_about_is_refused(asked: dict[str, datetime], code: Code) -> None:
    with pytest.raises(CommandRefused) as refused:
        inventory(story(), **asked)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert refused.value.reasons[0].place == next(iter(asked)).replace("_", "-")


def test_a_deal_of_a_customer_is_not_counted_twice_by_name() -> None:
    renamed = story("b", customer=Customer(id="acme", name="ACME Ltd"))
    assert inventory(story("a"), renamed).customers == 1


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ((), False),
        (((6, NodeStatus.REACHED),), True),
        (((6, NodeStatus.REACHED), (6, NodeStatus.OPEN)), False),
        (((6, NodeStatus.REACHED), (5, NodeStatus.OPEN)), False),
        (((6, NodeStatus.REACHED), (8, NodeStatus.OPEN)), True),
        (((6, NodeStatus.REACHED), (5, NodeStatus.OPEN), (7, NodeStatus.REACHED)), True),
        (((6, NodeStatus.WAIVED),), False),
    ],
)
def test_a_node_was_reached_if_the_judgement_held_for_a_while(
    changes: tuple[tuple[int, NodeStatus], ...], reached: bool
) -> None:
    state = NodeState(changes=tuple((day(number), status) for number, status in changes))
    assert ever_reached(state) is reached
