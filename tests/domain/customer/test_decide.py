"""What a command to a customer comes to: on record, named, known to other systems, merged, erased, and back."""

from collections.abc import Iterable

import pytest

from dealflow.domain.customer import commands as c
from dealflow.domain.customer.decide import decide_customer, must_take_over
from dealflow.domain.customer.state import ExternalId, KnownCustomer, customer_after
from dealflow.domain.deal import events as e
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.facts import AT, LATER, stamp

ADD = c.AddCustomer(customer=e.Customer(id="c-1", name="Li"))
LINK = c.LinkExternalId(system="wecom", fields={"id": " w 1 "})
MERGE = c.MergeCustomer(into="c-2", reason="the same")
ERASE = c.EraseCustomer(reason="asked")


def given(*facts: e.Fact) -> KnownCustomer | None:
    """The customer after these facts."""
    return customer_after(e.Recorded("customer/c-1", stamp(n), fact) for n, fact in enumerate(facts, start=1))


def when(known: KnownCustomer | None, *commands: c.CustomerCommand) -> tuple[e.Fact, ...]:
    return decide_customer("c-1", known, commands, LATER)


def then(known: KnownCustomer | None, facts: Iterable[e.Fact]) -> KnownCustomer:
    version = known.version if known else 0
    after = customer_after(
        (e.Recorded("customer/c-1", stamp(n), fact) for n, fact in enumerate(facts, start=version + 1)), known
    )
    assert after is not None
    return after


def refusal(known: KnownCustomer | None, *commands: c.CustomerCommand) -> Code:
    with pytest.raises(CommandRefused) as refused:
        when(known, *commands)
    return refused.value.reasons[0].code


ADDED = e.CustomerAdded(effective_at=AT, customer=e.Customer(id="c-1", name="Li"))
LINKED = e.ExternalIdLinked(effective_at=AT, customer_id="c-1", system="wecom", fields={"id": "w 1"})
MERGED = e.CustomerMerged(effective_at=AT, customer_id="c-1", into="c-2", reason="the same")
ERASED = e.CustomerErased(effective_at=AT, customer_id="c-1", reason="asked")


def test_a_customer_is_added_with_what_other_systems_call_them() -> None:
    facts = when(None, ADD, LINK)
    assert [fact.topic for fact in facts] == ["customer.added.v1", "customer.external_id_linked.v1"]
    after = then(None, facts)
    assert (after.name, after.external_ids, after.version) == ("Li", (ExternalId("wecom", "w 1"),), 2)


def test_the_first_act_on_a_customer_without_a_stream_puts_them_on_record() -> None:
    assert [fact.topic for fact in when(None, LINK)] == ["customer.added.v1", "customer.external_id_linked.v1"]
    assert [fact.topic for fact in when(None, MERGE)] == ["customer.added.v1", "customer.merged.v1"]
    assert [fact.topic for fact in when(None, ERASE)] == ["customer.erased.v1"]


def test_who_is_on_record_is_not_added_again_and_nothing_is_said_twice() -> None:
    assert refusal(given(ADDED), ADD) is Code.CUSTOMER_EXISTS
    assert refusal(given(ADDED, LINKED), LINK) is Code.ALREADY_SO
    assert refusal(given(ADDED), c.RenameCustomer(customer=e.Customer(id="c-1", name=" Li "))) is Code.NOTHING_CHANGES


@pytest.mark.parametrize("command", [ADD, LINK, MERGE, ERASE])
def test_nothing_is_done_to_who_was_merged(command: c.CustomerCommand) -> None:
    assert refusal(given(ADDED, MERGED), command) is Code.CUSTOMER_MERGED


def test_an_erased_customer_is_not_merged_on_either_side_and_nothing_is_linked_to_them() -> None:
    erased = given(ADDED, LINKED, ERASED)
    assert refusal(erased, MERGE) is Code.CUSTOMER_ERASED
    assert refusal(erased, LINK) is Code.CUSTOMER_ERASED
    assert refusal(erased, c.RenameCustomer(customer=e.Customer(id="c-1", name="Li"))) is Code.CUSTOMER_ERASED
    with pytest.raises(CommandRefused) as refused:
        must_take_over("c-1", erased, "c-9", "the same", LATER)
    assert refused.value.reasons[0].code is Code.CUSTOMER_ERASED


def test_who_comes_back_has_nothing_of_before() -> None:
    erased = given(ADDED, LINKED, ERASED)
    assert erased is not None and (erased.name, erased.external_ids, erased.erased_at) == (None, (), AT)
    back = then(erased, when(erased, c.AddCustomer(customer=e.Customer(id="c-1")), LINK))
    assert (back.name, back.erased_at, back.since) == (None, None, LATER)
    assert back.external_ids == (ExternalId("wecom", "w 1"),)
    assert [fact.topic for fact in when(back, ERASE)] == ["customer.erased.v1"]


def test_who_takes_over_knows_whom_and_is_put_on_record_for_it() -> None:
    facts = must_take_over("c-2", None, "c-1", "the same", LATER)
    assert [fact.topic for fact in facts] == ["customer.added.v1", "customer.took_over.v1"]
    assert then(None, facts).merged == ("c-1",)
    with pytest.raises(CommandRefused):
        must_take_over("c-1", given(ADDED, MERGED), "c-9", "the same", LATER)


@pytest.mark.parametrize("taken", ["deal:d-1", "dealflow/external-ids", "wecom:w-1", "openid:o", "account:a", "none"])
def test_what_means_something_else_is_no_customers_id(taken: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        decide_customer(taken, None, (c.AddCustomer(customer=e.Customer(id=taken)),), AT)
    assert refused.value.reasons[0].code is Code.TEXT_INVALID


@pytest.mark.parametrize(
    ("value", "code"),
    [("", Code.FIELD_MISSING), (" ", Code.FIELD_MISSING), ("\u200b", Code.FIELD_MISSING), ("a\nb", Code.TEXT_INVALID)],
)
def test_an_id_of_another_system_is_a_visible_text_on_one_line(value: str, code: Code) -> None:
    assert refusal(None, c.LinkExternalId(system="account", fields={"id": value})) is code


@pytest.mark.parametrize("command", [c.MergeCustomer(into="c-2", reason=" "), c.EraseCustomer(reason="\u200b")])
def test_a_merge_and_an_erasure_have_a_reason(command: c.CustomerCommand) -> None:
    assert refusal(given(ADDED), command) is Code.REASON_NEEDED


def test_an_erasure_again_is_done_only_where_something_was_recorded_since() -> None:
    erased = given(ADDED, ERASED)
    assert [fact.topic for fact in when(erased, ERASE)] == ["customer.erased.v1"]
    for takes_two in (False, True):
        with pytest.raises(CommandRefused) as refused:
            decide_customer("c-1", erased, (ERASE,), LATER, takes_two=takes_two, nothing_since=True)
        assert refused.value.reasons[0].code is Code.ALREADY_SO
