"""Both canonical forms: what an event stores of a definition, its digest, and the author's order."""

import json
from typing import Any

import pytest

from dealflow.domain.process.canonical import content_of, definition_of, digest_of_content, form_of
from dealflow.domain.process.definition import ProcessDefinition
from tests.support.deals.plain_process import SMALL, digest_of, process_of, variant
from tests.support.paths import GOLDEN

FORM_1 = ("maven-crm-form-1", "standard-sale-form-1", "consumer-loan-form-1", "limits-form-1")


def golden(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((GOLDEN / "definitions" / f"{name}.json").read_text(encoding="utf-8"))
    return record


@pytest.mark.parametrize("name", FORM_1)
def test_a_definition_that_was_published_in_the_first_form_loads_and_has_its_digest(name: str) -> None:
    record = golden(name)
    assert form_of(record["definition"]) == 1
    assert digest_of_content(record["definition"]) == record["digest"]
    assert f"{definition_of(record['definition']).name}-form-1" == name


def test_bounds_of_the_first_form_are_minor_units_and_its_options_have_no_titles() -> None:
    fields = definition_of(golden("limits-form-1")["definition"]).evidence["payment"].fields
    assert (fields["amount"].at_least, fields["amount"].at_most) == (10_000, 5_000_000)
    assert [(option.id, option.title) for option in fields["method"].options] == [("wechat", {}), ("现金", {})]


def test_the_second_form_is_what_the_file_says() -> None:
    record = golden("small-form-2")
    assert content_of(process_of(WITH_TITLES)) == record["definition"]
    assert digest_of(process_of(WITH_TITLES)) == record["digest"]
    assert definition_of(record["definition"]) == process_of(WITH_TITLES)


WITH_TITLES = SMALL.replace(
    "{one_of: [helper, decider]}",
    "{one_of: [{id: helper, title: {zh: 助理, en: Helper}}, decider]}",
)


def order_of(definition: ProcessDefinition) -> list[str]:
    fields = [f"{kind.id}.{field}" for kind in definition.evidence.values() for field in kind.fields]
    return [*definition.evidence, *fields]


TALK = "  talk: {side: customer, fields: {whom: {one_of: [helper, decider]}}}\n"
ORDER = "  order: {side: customer}\n"
SWAPPED = variant((TALK, ""), (ORDER, ORDER + TALK))


@pytest.mark.parametrize("definition", [process_of(), SWAPPED])
def test_the_authors_order_outlives_a_store_that_sorts_keys(definition: ProcessDefinition) -> None:
    stored = json.loads(json.dumps(content_of(definition), sort_keys=True))
    assert order_of(definition_of(stored)) == order_of(definition)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{id: need_confirmed, standard: {evidence: need}}", "{standard: {evidence: need}, id: need_confirmed}"),
        ("clocks: {stage_age: {limit: 10 days, warn: 8 days}}", "clocks: {stage_age: {warn: 8 days, limit: 10 days}}"),
        ("calendar: plain\ncurrency: CNY", "currency: CNY\ncalendar: plain"),
        ("offer: {side: customer, fields: {amount: money}}", "offer: {fields: {amount: money}, side: customer}"),
    ],
)
def test_the_order_of_keys_is_no_difference(old: str, new: str) -> None:
    assert digest_of(variant((old, new))) == digest_of(process_of())


@pytest.mark.parametrize(
    "definition",
    [
        SWAPPED,
        variant(("[helper, decider]", "[decider, helper]")),
        variant(("lost_reasons: [price, rival, refund]", "lost_reasons: [rival, price, refund]")),
        variant(("milestones: [invited]", "milestones: [invited, called]")),
    ],
)
def test_the_authors_order_and_every_value_are_in_the_digest(definition: ProcessDefinition) -> None:
    assert digest_of(definition) != digest_of(process_of())


def test_what_equals_a_default_is_left_out() -> None:
    assert "languages" not in content_of(process_of()) and "calendar" not in content_of(process_of())


@pytest.mark.parametrize("form", [0, 3])
def test_a_form_that_is_not_known_is_not_guessed_at(form: int) -> None:
    with pytest.raises(ValueError, match="not known"):
        definition_of({**content_of(process_of()), "form": form})
