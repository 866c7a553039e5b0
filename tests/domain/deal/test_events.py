"""Every event's stored form is on file, and the file means the same fact for ever.

A golden file is never edited to please the code: an event whose form must change gets a new topic and an upcaster.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from dealflow.domain.deal.events import TOPICS, Customer, Fact, Stamp
from tests.support.deals.facts import EXAMPLES, stamp
from tests.support.paths import GOLDEN


def golden(topic: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((GOLDEN / f"{topic}.json").read_text(encoding="utf-8"))
    return record


def test_every_topic_has_its_file() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} >= set(TOPICS)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_the_file_decodes_to_the_same_fact(topic: str) -> None:
    record = golden(topic)
    assert record["topic"] == topic
    assert TOPICS[topic].model_validate(record["fact"]) == EXAMPLES[topic]
    assert Stamp.model_validate(record["stamp"]) == stamp(7)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_the_fact_is_written_as_the_file_says(topic: str) -> None:
    assert EXAMPLES[topic].model_dump(mode="json") == golden(topic)["fact"]


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_the_file_gives_every_field(topic: str) -> None:
    assert EXAMPLES[topic].model_fields_set >= set(TOPICS[topic].model_fields)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_fields_and_customers_stand_where_the_store_looks_for_personal_values(topic: str) -> None:
    assert _places_of_customers(TOPICS[topic]) <= {"customer"}
    assert ("personal" in TOPICS[topic].model_fields) == ("fields" in TOPICS[topic].model_fields)


def _places_of_customers(fact_type: type[Fact]) -> set[str]:
    return {name for name, field in fact_type.model_fields.items() if Customer.__name__ in str(field.annotation)}


EARLIER = sorted((GOLDEN / "earlier").glob("*.json"))


@pytest.mark.parametrize("file", EARLIER, ids=lambda file: file.stem)
def test_a_form_from_before_a_field_was_added_still_means_the_same(file: Path) -> None:
    record = json.loads(file.read_text(encoding="utf-8"))
    fact, known = record["fact"], EXAMPLES[record["topic"]]
    added = set(type(known).model_fields) - set(fact)
    assert added
    read = type(known).model_validate(fact)
    assert read.model_dump(mode="json", exclude=added) == fact
    assert not read.model_fields_set & added
